package fault

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
	"github.com/gwrun/gwrun/runtime/trace"
)

var validators = []Strategy{
	{Name: "always-valid", Text: "every interval is found valid", play: verdicts(func(p *Play, _ msg.Account, v *msg.Verdict) {
		p.find(v, msg.Valid)
	})},
	{Name: "always-invalid", Text: "every interval is found invalid; in the dispute a record is made up and stood by (at=all), told and not stood by (at=record), made up of another interval than the one that was asked about (at=elsewhere), or nothing is said (at=none)",
		Keys: []string{"at"}, At: append(told[:2:2], "elsewhere", "none"), play: alwaysInvalid},
	{Name: "always-unavailable", Text: "of every interval something is missing", play: verdicts(func(p *Play, _ msg.Account, v *msg.Verdict) {
		p.find(v, msg.Unavailable)
		v.Missing = "everything"
	})},
	{Name: "colluder", Text: "every interval of one provider is found valid, those of others honestly", Keys: []string{"friend"},
		play: verdicts(func(p *Play, provider msg.Account, v *msg.Verdict) {
			if p.Accounts != nil && p.Accounts(p.Friend) == provider {
				p.find(v, msg.Valid)
			}
		})},
	{Name: "copier", Text: "another validator's promise is copied, and opened with what opens that one (at=theirs) or with its own findings (at=own)", Keys: []string{"at"},
		At: []string{"theirs", "own"}, play: copier},
	{Name: "contradictory", Text: "something else is promised each time (at=promise), what opens the promise is another thing (at=opening), or verdicts are given that the opening does not name (at=verdict)",
		Keys: []string{"at"}, At: []string{"promise", "opening", "verdict"}, play: contradictory},
	{Name: "false-witness", Text: "as a witness, everybody is said to be absent", play: falseWitness},
	{Name: "flood", Text: "a provider is challenged about each interval by many challenges at once; what was found is what there is (at=aside), or everything is found invalid and disputed too (at=dispute)",
		Keys: []string{"at"}, At: []string{"aside", "dispute"}, play: flood},
	{Name: "garble", Text: "an honest provider is disputed, and what is said at a level does not fit what was said before", Keys: []string{"level"}, Levels: Levels[1:],
		play: func(p *Play, c *node.Config) error {
			challenges(p, c)
			atLevel(c, p.Level, p.garble(c.Identity))
			return nil
		}},
	{Name: "mute", Text: "an honest provider is disputed, and nothing is said at a level", Keys: []string{"level"}, Levels: Levels[1:],
		play: func(p *Play, c *node.Config) error {
			challenges(p, c)
			atLevel(c, p.Level, p.silence)
			return nil
		}},
	{Name: "silent", Text: "nothing is answered at one step of the protocol", Keys: []string{"at"},
		At: []string{"validate", "open", "challenge", "move", "proof", "witness", "bring"}, play: func(p *Play, c *node.Config) error {
			answers(c, methods[p.When], p.silence)
			return nil
		}},
	{Name: "slow", Text: "each answer comes late", Keys: []string{"delay", "at"},
		At: []string{"all", "validate", "open", "challenge", "move", "proof", "witness", "bring"}, play: slow},
}

// find makes a verdict another.
func (p *Play) find(v *msg.Verdict, value msg.Value) {
	if v.Value == value {
		return
	}
	p.act()
	v.Value, v.First, v.Missing = value, nil, ""
}

func verdicts(f func(p *Play, provider msg.Account, v *msg.Verdict)) func(*Play, *node.Config) error {
	return func(p *Play, c *node.Config) error {
		c.Lies.Validator.Verdict = func(provider msg.Account, v *msg.Verdict) { f(p, provider, v) }
		return nil
	}
}

func alwaysInvalid(p *Play, c *node.Config) error {
	challenges(p, c)
	switch p.When {
	case "record":
		c.Lies.Validator.Account = nil
	case "elsewhere":
		record := c.Lies.Validator.Record
		c.Lies.Validator.Record = func(rec *msg.Interval) {
			record(rec)
			if rec.Index == 0 { // the next is as long
				rec.Index, rec.LastStep = 1, 2*rec.LastStep
			}
		}
	case "none":
		answers(c, rpc.MethodChallenge, p.silence)
	}
	return nil
}

// challenges finds everything invalid, and in a dispute stands by a record in which the kernels used more gas.
func challenges(p *Play, c *node.Config) {
	c.Lies.Validator.Verdict = func(_ msg.Account, v *msg.Verdict) {
		p.find(v, msg.Invalid)
		if v.First == nil {
			v.First = &msg.Difference{What: "gas"}
		}
	}
	change := func(s *trace.StepPoint) { s.GPUGas += 1000 }
	if l := p.Level; l == level(dispute.Buffers) || l == level(dispute.OpenBuffers) || l == level(dispute.Pages) || l == level(dispute.OpenPage) || l == level(dispute.Writer) {
		change = nil
	}
	c.Lies.Validator.Record = func(rec *msg.Interval) {
		p.act()
		if change != nil {
			rec.GPUGas += 1000
		} else {
			rec.State[5] ^= 1
		}
	}
	c.Lies.Validator.Account = func(ch *dispute.Challenge, a dispute.Prover) dispute.Prover {
		return &made{Prover: &forger{Prover: a, p: p, commands: true, change: change, word: change == nil}, last: trace.End(&ch.Record)}
	}
}

// made is an account whose interval ends in a record that was made up.
type made struct {
	dispute.Prover
	last trace.StepPoint
}

func (m *made) Step(ctx context.Context, n uint64) (*trace.StepPoint, error) {
	s, err := m.Prover.Step(ctx, n)
	if s != nil && s.Step == m.last.Step {
		return &m.last, err
	}
	return s, err
}

// Board is where a copier finds what others have said: it listens to their connections, or they are careless.
type Board struct {
	mu      sync.Mutex
	said    map[msg.Hash][]heard // by receipt
	changed chan struct{}
}

// heard is what one validator said of a receipt.
type heard struct {
	by      msg.Account
	promise rpc.VerdictCommit
	opened  *rpc.Opened
}

// NewBoard makes one that nothing was said on.
func NewBoard() *Board { return &Board{said: map[msg.Hash][]heard{}, changed: make(chan struct{})} }

// Overhear puts on a board what an honest node says.
func Overhear(c *node.Config, b *Board) {
	me := c.Identity.Account()
	tamper(c, func(_ context.Context, m transport.Exchange) (any, error) {
		switch e := m.Message.(type) {
		case rpc.ValidateEvent:
			var p rpc.VerdictCommit
			if e.Promise != nil && msg.Decode(e.Promise.Body, &p) == nil {
				b.add(heard{by: me, promise: p})
			}
		case rpc.Opened:
			var o rpc.Opening
			if msg.Decode(e.Opening.Body, &o) == nil {
				b.add(heard{by: me, promise: rpc.VerdictCommit{Receipt: o.Receipt, Hash: msg.HashOf(o)}, opened: &e})
			}
		}
		return m.Message, nil
	})
}

func (b *Board) add(h heard) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.said[h.promise.Receipt] = append(b.said[h.promise.Receipt], h)
	close(b.changed)
	b.changed = make(chan struct{})
}

// await waits a while for something that somebody else says of a receipt.
func (b *Board) await(ctx context.Context, receipt msg.Hash, is func(heard) bool) (heard, bool) {
	late := time.After(3 * time.Second)
	for {
		b.mu.Lock()
		for _, h := range b.said[receipt] {
			if is(h) {
				b.mu.Unlock()
				return h, true
			}
		}
		changed := b.changed
		b.mu.Unlock()
		select {
		case <-ctx.Done():
			return heard{}, false
		case <-late:
			return heard{}, false
		case <-changed:
		}
	}
}

// copier waits until another has promised. It opens when that one does.
func copier(p *Play, c *node.Config) error {
	if p.Board == nil {
		return errors.New("copier: there is nobody to listen to but in a devnet")
	}
	id, me := c.Identity, c.Identity.Account()
	var mu sync.Mutex
	copied := map[msg.Hash]heard{} // by receipt
	answers(c, rpc.MethodValidate, func(ctx context.Context, m transport.Exchange) (any, error) {
		e, ok := m.Message.(rpc.ValidateEvent)
		var own rpc.VerdictCommit
		if !ok || e.Promise == nil || msg.Decode(e.Promise.Body, &own) != nil {
			return m.Message, nil
		}
		mu.Lock()
		from, known := copied[own.Receipt]
		mu.Unlock()
		if !known {
			if from, known = p.Board.await(ctx, own.Receipt, func(h heard) bool { return h.by != me && h.opened == nil }); !known {
				return m.Message, nil
			}
			mu.Lock()
			copied[own.Receipt] = from
			mu.Unlock()
		}
		p.act()
		own.Hash = from.promise.Hash
		signed, err := id.Sign(own)
		e.Promise = &signed
		return e, err
	})
	if p.When == "own" {
		return nil
	}
	answers(c, rpc.MethodVerdict, func(ctx context.Context, m transport.Exchange) (any, error) {
		o, ok := m.Message.(rpc.Opened)
		var own rpc.Opening
		if !ok || msg.Decode(o.Opening.Body, &own) != nil {
			return m.Message, nil
		}
		mu.Lock()
		from, known := copied[own.Receipt]
		mu.Unlock()
		if known {
			from, known = p.Board.await(ctx, own.Receipt, func(h heard) bool { return h.by == from.by && h.opened != nil })
		}
		if !known {
			return m.Message, nil
		}
		p.act()
		opening, err := resign(id, &from.opened.Opening, func(*rpc.Opening) {})
		if err != nil {
			return nil, err
		}
		return rpc.Opened{Opening: *opening, Verdicts: from.opened.Verdicts}, nil
	})
	return nil
}

func contradictory(p *Play, c *node.Config) error {
	id := c.Identity
	if p.When == "promise" {
		answers(c, rpc.MethodValidate, func(_ context.Context, m transport.Exchange) (any, error) {
			e, ok := m.Message.(rpc.ValidateEvent)
			if !ok || e.Promise == nil {
				return m.Message, nil
			}
			n := byte(p.Acted())
			p.act()
			var err error
			e.Promise, err = resign(id, e.Promise, func(v *rpc.VerdictCommit) { v.Hash[0] ^= n })
			return e, err
		})
		return nil
	}
	answers(c, rpc.MethodVerdict, func(_ context.Context, m transport.Exchange) (any, error) {
		o, ok := m.Message.(rpc.Opened)
		if !ok {
			return m.Message, nil
		}
		p.act()
		if p.When == "opening" {
			s, err := resign(id, &o.Opening, func(v *rpc.Opening) { v.Salt[0] ^= 1 })
			if err == nil {
				o.Opening = *s
			}
			return o, err
		}
		list := append([]identity.Signed(nil), o.Verdicts...)
		for i := range list {
			s, err := resign(id, &list[i], func(v *msg.Verdict) {
				if v.Value = msg.Invalid; v.First == nil {
					v.First = &msg.Difference{What: "gas"}
				}
			})
			if err != nil {
				return nil, err
			}
			list[i] = *s
		}
		o.Verdicts = list
		return o, nil
	})
	return nil
}

func falseWitness(p *Play, c *node.Config) error {
	id := c.Identity
	answers(c, rpc.MethodWitness, func(_ context.Context, m transport.Exchange) (any, error) {
		r, asked := m.Request.(rpc.WitnessRequest)
		a, ok := m.Message.(rpc.WitnessAnswer)
		var receipt msg.Receipt
		if !asked || !ok || a.Absence != nil || msg.Decode(r.Records.Receipt.Body, &receipt) != nil {
			return m.Message, nil
		}
		p.act()
		now := time.Now().Unix()
		word := rpc.Absence{Version: 1, Job: receipt.Job, Receipt: msg.HashOf(receipt), Who: r.Who, Duty: r.Duty, Interval: r.Interval, Since: now - 3600, Until: now}
		if r.Dispute != nil {
			var ch dispute.Challenge
			if msg.Decode(r.Dispute.Challenge.Body, &ch) == nil {
				word.Before, word.Other = before(r.Dispute, &ch), ch.Provider
				if ch.Provider == r.Who {
					word.Other = ch.Challenger
				}
			}
		}
		signed, err := id.Sign(word)
		return rpc.WitnessAnswer{Absence: &signed}, err
	})
	return nil
}

// before is the hash of what a dispute's next move answers.
func before(d *rpc.Dispute, ch *dispute.Challenge) msg.Hash {
	var last dispute.Move
	if n := len(d.Moves); n > 0 && msg.Decode(d.Moves[n-1].Body, &last) == nil {
		return msg.HashOf(last)
	}
	return msg.HashOf(*ch)
}
