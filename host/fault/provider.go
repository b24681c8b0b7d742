package fault

import (
	"context"
	"crypto/rand"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/trace"
)

// told is where a forged record is stood by: in everything that is asked about it, or in the record alone.
var told = []string{"all", "record"}

var providers = []Strategy{
	{Name: "flip", Text: "one bit is flipped in what the first dispatch of a step wrote", Keys: []string{"step"},
		play: computes(flipped)},
	{Name: "skip-step", Text: "a step's dispatches are not run", Keys: []string{"step"},
		play: computes(func(p *Play) *runtime.Fault { return onDevice(p, skip) })},
	{Name: "stale", Text: "a step's results are what the same kernels had given before, in this job or in another", Keys: []string{"step"},
		play: computes(func(p *Play) *runtime.Fault { return onDevice(p, new(memory).stale) })},
	{Name: "wrong-input", Text: "one byte is another in the job's first input, or in what a step writes to the device where it has none", Keys: []string{"step"},
		play: wrongInput},
	{Name: "swapped-kernel", Text: "in a step another kernel runs than the job's", Keys: []string{"step"},
		play: computes(func(p *Play) *runtime.Fault { return onDevice(p, swap) })},
	{Name: "early-stop", Text: "the job is said to be over behind an interval", Keys: []string{"interval"}, play: earlyStop},
	{Name: "late-stop", Text: "the job is said to have gone on for an interval behind its end", play: lateStop},
	{Name: "wrong-gas", Text: "more gas is claimed from a step on than the guest used", Keys: []string{"step", "at"}, At: told,
		play: forges(func(s *trace.StepPoint) { s.Gas += 1000 })},
	{Name: "wrong-gpu-gas", Text: "more kernel gas is claimed from a step on than the kernels used", Keys: []string{"step", "at"}, At: told,
		play: forges(moreGPUGas)},
	{Name: "forged-state-root", Text: "the roots of states from a step on are made up", Keys: []string{"step", "at"}, At: told,
		play: forges(func(s *trace.StepPoint) { s.State[5] ^= 1 })},
	{Name: "forged-transcript", Text: "the transcripts from a step on are made up", Keys: []string{"step", "at"}, At: told,
		play: forges(func(s *trace.StepPoint) { s.Transcript[5] ^= 1 })},
	{Name: "forged-output", Text: "the receipt promises another output than the last state holds", play: forgedOutput},
	{Name: "forged-status", Text: "the receipt says that a job failed that did not", play: forgedStatus},
	{Name: "equivocate-interval", Text: "an interval's record is told the consumer otherwise than it stands in the receipt (at=watch), or others otherwise than the consumer (at=records)",
		Keys: []string{"interval", "at"}, At: []string{"watch", "records"}, play: equivocateInterval},
	{Name: "equivocate-receipt", Text: "whoever asks for the receipt gets another one: the consumer each time that it asks (at=watch), or others than the consumer (at=records)",
		Keys: []string{"at"}, At: []string{"watch", "records"}, play: equivocateReceipt},
	{Name: "withhold-page", Text: "one page of a state is not given out", play: func(p *Play, c *node.Config) error {
		p.withhold(c, new(once).is, nil)
		return nil
	}},
	{Name: "withhold-state", Text: "no page of any state is given out", play: func(p *Play, c *node.Config) error {
		p.withhold(c, func(msg.Hash) bool { return true }, nil)
		return nil
	}},
	{Name: "withhold-manifest", Text: "what pages a state has is not told", play: func(p *Play, c *node.Config) error {
		answers(c, rpc.MethodManifest, func(context.Context, transport.Exchange) (any, error) {
			p.act()
			return nil, transport.Errorf(transport.NotFound, "no such state here")
		})
		return nil
	}},
	{Name: "withhold-output", Text: "the outputs are not given out", play: withholdOutput},
	{Name: "lie", Text: "after a flipped bit, something else is said at a level of the dispute than was computed, and stood by", Keys: []string{"step", "level"},
		Levels: []Level{"steps", "points", "buffers", "pages", "writer", "gas", proving}, play: lie},
	{Name: "garble", Text: "after a flipped bit (wrong kernel gas for the levels of gas), what is said at a level of the dispute does not fit what was said before", Keys: []string{"step", "level"},
		Levels: Levels[1:], play: func(p *Play, c *node.Config) error {
			disputed(p, c)
			atLevel(c, p.Level, p.garble(c.Identity))
			return nil
		}},
	{Name: "mute", Text: "after a flipped bit (wrong kernel gas for the levels of gas), nothing is said from a level of the dispute on", Keys: []string{"step", "level"},
		Levels: Levels[1:], play: func(p *Play, c *node.Config) error {
			disputed(p, c)
			atLevel(c, p.Level, p.silence)
			return nil
		}},
	{Name: "silent", Text: "nothing is answered at one step of the protocol", Keys: []string{"at"},
		At: []string{"offer", "start", "watch", "reveal", "records", "manifest", "detail", "buffer"}, play: func(p *Play, c *node.Config) error {
			answers(c, methods[p.When], p.silence)
			return nil
		}},
	{Name: "slow", Text: "each answer comes late", Keys: []string{"delay", "at"},
		At: []string{"all", "offer", "start", "watch", "reveal", "records", "manifest", "detail", "buffer", "move", "proof"}, play: slow},
}

func moreGPUGas(s *trace.StepPoint) { s.GPUGas += 1000 }

// flipped is a bit of what a step's first dispatch wrote.
func flipped(p *Play) *runtime.Fault {
	return onDevice(p, flip)
}

func computes(f func(*Play) *runtime.Fault) func(*Play, *node.Config) error {
	return func(p *Play, c *node.Config) error {
		c.Fault = f(p)
		return nil
	}
}

func wrongInput(p *Play, c *node.Config) error {
	c.Fault = onDevice(p, wrongWrite)
	c.Lies.Provider.Load = func(j *runtime.Job) {
		if len(j.Inputs) == 0 || len(j.Inputs[0].Data) == 0 {
			return
		}
		p.act()
		in := append([]runtime.Input(nil), j.Inputs...)
		in[0].Data = append([]byte(nil), in[0].Data...)
		in[0].Data[min(int(p.Step), len(in[0].Data)-1)] ^= 1
		j.Inputs = in
	}
	return nil
}

func earlyStop(p *Play, c *node.Config) error {
	c.Lies.Provider.Run = func(o *runtime.Options) { o.StopAfter = p.Interval + 1 }
	c.Lies.Provider.Result = func(r *runtime.Result) {
		if r.Receipt.Status == "" {
			p.act()
			r.Receipt.Status = msg.Finished
		}
	}
	return nil
}

func lateStop(p *Play, c *node.Config) error {
	c.Lies.Provider.Result = func(r *runtime.Result) {
		p.act()
		more := r.Intervals[len(r.Intervals)-1]
		more.Index++
		more.LastStep++
		more.Gas += 1000
		r.Intervals = append(r.Intervals, more)
	}
	return nil
}

// forges makes up part of what holds behind every step from one on: in the records, and in what is said of them later.
func forges(change func(*trace.StepPoint)) func(*Play, *node.Config) error {
	return func(p *Play, c *node.Config) error {
		forged(p, c, change)
		if p.When == "record" {
			c.Lies.Provider.Account = nil
		}
		return nil
	}
}

func forged(p *Play, c *node.Config, change func(*trace.StepPoint)) {
	c.Lies.Provider.Record = func(rec *msg.Interval) {
		if rec.LastStep < p.Step {
			return
		}
		p.act()
		s := trace.End(rec)
		change(&s)
		rec.State, rec.Transcript, rec.Gas, rec.GPUGas = s.State, s.Transcript, s.Gas, s.GPUGas
	}
	c.Lies.Provider.Account = func(_ *dispute.Challenge, a dispute.Prover) dispute.Prover {
		return &forger{Prover: a, p: p, commands: true, change: change}
	}
}

func forgedOutput(p *Play, c *node.Config) error {
	c.Lies.Provider.Result = func(r *runtime.Result) {
		if len(r.Outputs) == 0 {
			return
		}
		p.act()
		data := append([]byte(nil), r.Outputs[0].Data...)
		if len(data) == 0 {
			data = []byte{0}
		}
		data[0] ^= 1
		r.Outputs[0].Data = data
		r.Receipt.Outputs[0].Blob = merkle.BlobOf(data)
	}
	return nil
}

func forgedStatus(p *Play, c *node.Config) error {
	c.Lies.Provider.Result = func(r *runtime.Result) {
		p.act()
		r.Receipt.Status, r.Receipt.Failure = msg.Failed, "unreachable"
	}
	return nil
}

func equivocateInterval(p *Play, c *node.Config) error {
	other := func(r *rpc.IntervalCommit) {
		if r.Record.Index == p.Interval {
			p.act()
			r.Record.Transcript[9] ^= 1
		}
	}
	id := c.Identity
	if p.When == "watch" {
		answers(c, rpc.MethodWatch, func(_ context.Context, m transport.Exchange) (any, error) {
			e, ok := m.Message.(rpc.JobEvent)
			if !ok || e.Interval == nil {
				return m.Message, nil
			}
			var err error
			e.Interval, err = resign(id, e.Interval, other)
			return e, err
		})
		return nil
	}
	answers(c, rpc.MethodRecords, func(_ context.Context, m transport.Exchange) (any, error) {
		r, ok := m.Message.(rpc.JobRecords)
		if !ok {
			return m.Message, nil
		}
		for i := range r.Intervals {
			s, err := resign(id, &r.Intervals[i], other)
			if err != nil {
				return nil, err
			}
			r.Intervals[i] = *s
		}
		return r, nil
	})
	return nil
}

func equivocateReceipt(p *Play, c *node.Config) error {
	other := func(r *msg.Receipt) {
		p.act()
		rand.Read(r.Nonce[:]) // it never fails
	}
	id := c.Identity
	if p.When == "records" {
		answers(c, rpc.MethodRecords, func(_ context.Context, m transport.Exchange) (any, error) {
			r, ok := m.Message.(rpc.JobRecords)
			if !ok {
				return m.Message, nil
			}
			s, err := resign(id, &r.Receipt, other)
			if err == nil {
				r.Receipt = *s
			}
			return r, err
		})
		return nil
	}
	answers(c, rpc.MethodWatch, func(_ context.Context, m transport.Exchange) (any, error) {
		e, ok := m.Message.(rpc.JobEvent)
		if !ok || e.Receipt == nil {
			return m.Message, nil
		}
		var err error
		e.Receipt, err = resign(id, e.Receipt, other)
		return e, err
	})
	return nil
}

func withholdOutput(p *Play, c *node.Config) error {
	outputs := new(set)
	c.Lies.Provider.Result = func(r *runtime.Result) {
		for _, o := range r.Receipt.Outputs {
			outputs.add(o.Blob)
		}
	}
	p.withhold(c, nil, outputs.has)
	return nil
}

// disputed does what leads a dispute to the level of a strategy.
func disputed(p *Play, c *node.Config) {
	if p.Level == level(dispute.Gas) || p.Level == level(dispute.OpenGas) {
		forged(p, c, moreGPUGas)
		return
	}
	c.Fault = flipped(p)
}

// lie stands by what is said at a level as far as it can be stood by.
func lie(p *Play, c *node.Config) error {
	c.Fault = flipped(p)
	c.Lies.Provider.Account = func(_ *dispute.Challenge, a dispute.Prover) dispute.Prover {
		f := &forger{Prover: a, p: p, commands: p.Level == "gas"}
		switch p.Level {
		case "steps":
			return &midway{a, p}
		case "points":
			f.inside = func(s *trace.Point) { s.Gas++ }
		case "buffers":
			f.more = true
		case "pages":
			f.word = true
		case "writer":
			f.group = true
		case "gas":
			f.inside = func(s *trace.Point) { s.GPUGas++ }
		case proving:
			f.unproven = true
		}
		return f
	}
	return nil
}

// midway says of every step but the interval's last that it left another state.
type midway struct {
	dispute.Prover
	p *Play
}

func (m *midway) Step(ctx context.Context, n uint64) (*trace.StepPoint, error) {
	s, err := m.Prover.Step(ctx, n)
	if s == nil || err != nil || n == 0 {
		return s, err
	}
	next, err := m.Prover.Step(ctx, n+1)
	if next != nil {
		m.p.act()
		s.State[5] ^= 1
	}
	return s, err
}

func slow(p *Play, c *node.Config) error {
	if p.When != "all" {
		answers(c, methods[p.When], p.late)
		return nil
	}
	tamper(c, func(ctx context.Context, m transport.Exchange) (any, error) {
		if m.Request == nil {
			return m.Message, nil
		}
		return p.late(ctx, m)
	})
	return nil
}
