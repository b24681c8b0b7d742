package dispute

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/trace"
)

// forger changes a true account from one place on: it ran the job and says something else.
type forger struct {
	Account
	kind        string
	step, point uint64 // the step behind place step, and the first point of it that is forged
	steps       uint64 // of the true account
	handle      uint32
}

var forgeries = []string{"state root", "gas", "transcript", "kernel gas", "a word", "a buffer more", "a buffer larger", "a point more", "a point less",
	"an early end", "a step more", "another order"}

func (f *forger) past(step, n uint64) bool { return step > f.step || step == f.step && n >= f.point }

func (f *forger) change(p *trace.Point) {
	switch f.kind {
	case "gas":
		p.Gas++
	case "transcript":
		p.Transcript[3] ^= 1
	case "kernel gas":
		p.GPUGas++
	}
}

func (f *forger) Step(ctx context.Context, n uint64) (*trace.StepPoint, error) {
	if f.kind == "an early end" && n > f.step {
		return nil, nil
	}
	if f.kind == "a step more" && n == f.steps+1 {
		s, err := f.Account.Step(ctx, f.steps)
		if err == nil {
			s.Step++
			s.Transcript[0] ^= 1
		}
		return s, err
	}
	s, err := f.Account.Step(ctx, n)
	if s == nil || err != nil || n <= f.step {
		return s, err
	}
	p := trace.Point{Transcript: s.Transcript, Gas: s.Gas, GPUGas: s.GPUGas}
	f.change(&p)
	s.Transcript, s.Gas, s.GPUGas = p.Transcript, p.Gas, p.GPUGas
	if f.kind != "an early end" && f.kind != "a step more" {
		s.State[1] ^= 1 // a lie about what is in a step shows in the state behind it
	}
	return s, nil
}

func (f *forger) Points(ctx context.Context, step uint64) (uint64, error) {
	n, err := f.Account.Points(ctx, min(step, f.steps-1))
	switch {
	case err != nil || step != f.step:
	case f.kind == "a point more":
		n++
	case f.kind == "a point less":
		n--
	}
	return n, err
}

func (f *forger) Point(ctx context.Context, step, n uint64) (*trace.Point, error) {
	m, err := f.Account.Points(ctx, step)
	if err != nil {
		return nil, err
	}
	at := n
	if f.kind == "another order" && step == f.step && n == f.point && n+1 < m {
		at++
	}
	p, err := f.Account.Point(ctx, step, min(at, m-1))
	if err != nil || p == nil || !f.past(step, n) {
		return p, err
	}
	f.change(p)
	if f.kind == "a word" || f.kind == "a buffer more" || f.kind == "a buffer larger" {
		heads, err := f.Buffers(ctx, step, n)
		if err != nil {
			return nil, err
		}
		leaves := make([]msg.Hash, len(heads))
		for i := range heads {
			leaves[i] = heads[i].Leaf()
		}
		p.Buffers = trace.BuffersRoot(uint64(len(heads)), merkle.Root(leaves))
	}
	return p, nil
}

func (f *forger) Buffers(ctx context.Context, step, n uint64) ([]trace.BufferHead, error) {
	heads, err := f.Account.Buffers(ctx, step, n)
	if err != nil || !f.past(step, n) {
		return heads, err
	}
	heads = slices.Clone(heads)
	switch f.kind {
	case "a word":
		for i := range heads {
			if heads[i].Handle == f.handle {
				data, err := f.Buffer(ctx, step, n, f.handle)
				if err != nil {
					return nil, err
				}
				heads[i].Root = merkle.PageRoot(data, trace.PageSize)
			}
		}
	case "a buffer more":
		heads = append(heads, trace.BufferHead{Handle: 1 << 30, Size: 64, Root: merkle.PageRoot(make([]byte, 64), trace.PageSize)})
	case "a buffer larger":
		heads[1].Size += 4
	}
	return heads, nil
}

func (f *forger) Buffer(ctx context.Context, step, n uint64, handle uint32) ([]byte, error) {
	data, err := f.Account.Buffer(ctx, step, n, handle)
	if err == nil && f.kind == "a word" && handle == f.handle && f.past(step, n) {
		data = slices.Clone(data)
		data[len(data)-3] ^= 0x10
	}
	return data, err
}

func (f *forger) Gas(ctx context.Context, step, n uint64) ([]uint64, error) {
	gas, err := f.Account.Gas(ctx, step, n)
	if err == nil && f.kind == "kernel gas" && f.past(step, n) {
		gas = slices.Clone(gas)
		for i := len(gas) / 2; i < len(gas); i++ {
			gas[i]++
		}
	}
	return gas, err
}

func (f *forger) record(t testing.TB, index uint64) msg.Interval {
	t.Helper()
	var e *trace.StepPoint
	for n := f.steps + 1; e == nil; n-- {
		var err error
		if e, err = f.Step(context.Background(), n); err != nil {
			t.Fatal(err)
		}
	}
	return msg.Interval{Index: index, LastStep: e.Step, State: e.State, Transcript: e.Transcript, Gas: e.Gas, GPUGas: e.GPUGas}
}

// TestForgers lets forgers of every kind, as providers and as challengers, dispute an interval of a training job with a party that did
// it. The judge finds the forger wrong and nobody else, by the honest party's proof.
func TestForgers(t *testing.T) {
	ctx := context.Background()
	job := example(t, "epochs=1", "steps=9")
	truth := run(t, job, nil)
	var slowest time.Duration
	kinds := map[Kind]int{}
	most := 0
	for _, kind := range forgeries {
		index := uint64(1)
		if kind == "a step more" {
			index = uint64(len(truth.res.Intervals)) - 1 // where an interval has fewer than it might
		}
		honest := account(t, job, truth, index, nil)
		real := truth.res.Intervals[index]
		steps := real.LastStep - truth.res.Intervals[index-1].LastStep
		for liar := range 2 {
			f := &forger{Account: account(t, job, truth, index, nil), kind: kind, step: 1, steps: steps, point: 30}
			if kind == "a word" || kind == "kernel gas" || kind == "another order" {
				f.point, f.handle = firstCommand(t, honest, f.step, 7)
			}
			if kind == "an early end" || kind == "a step more" {
				f.point = 1
			}
			said := [2]msg.Interval{real, real}
			said[liar] = f.record(t, index)
			accounts := [2]Account{honest, honest}
			accounts[liar] = f
			var ids [2]*identity.Identity
			for i := range ids {
				var err error
				if ids[i], err = identity.New(); err != nil {
					t.Fatal(err)
				}
			}
			records := append(slices.Clone(truth.res.Intervals[:index]), said[provider])
			receipt := truth.res.Receipt
			receipt.Provider = ids[0].Account()
			signed, err := ids[1].Sign(Challenge{Version: 1, Job: receipt.Job, Receipt: msg.HashOf(receipt), Provider: ids[0].Account(), Challenger: ids[1].Account(),
				Record: said[challenger], Clock: 60})
			if err != nil {
				t.Fatal(err)
			}
			g, err := Begin(&receipt, records, job.Program.Interval, signed)
			if err != nil {
				t.Fatalf("%s by %d: %v", kind, liar, err)
			}
			for g.Turn() != nil {
				who := 0
				if g.Turn().Who == ids[1].Account() {
					who = 1
				}
				m, err := g.Answer(ctx, ids[who], accounts[who])
				if err == nil {
					err = g.Play(m)
				}
				if err != nil {
					t.Fatalf("%s by %d: move of %d: %v", kind, liar, who, err)
				}
			}
			q := g.Question()
			kinds[q.Kind]++
			most = max(most, g.Rounds)
			proof, err := honest.Prove(ctx, q)
			if err != nil {
				t.Fatalf("%s by %d: %+v: %v", kind, liar, *q, err)
			}
			begin := time.Now()
			r, err := runtime.Judge(ctx, job, q, proof)
			if err != nil {
				t.Fatalf("%s by %d: %+v: %v", kind, liar, *q, err)
			}
			slowest = max(slowest, time.Since(begin))
			if !r.Wrong[liar] || r.Wrong[1-liar] {
				t.Errorf("%s by %d: %s: wrong are %v: %s", kind, liar, q.Kind, r.Wrong, r.Reason)
			}
		}
	}
	t.Logf("questions %v, at most %d rounds, the slowest ruling took %v", kinds, most, slowest)
}

// firstCommand gives the first point from n on that is behind a dispatch, and a buffer it wrote.
func firstCommand(t testing.TB, a *runtime.Account, step, n uint64) (place uint64, handle uint32) {
	t.Helper()
	ctx := context.Background()
	for ; ; n++ {
		p, err := a.Point(ctx, step, n)
		if err != nil || p == nil {
			t.Fatalf("no dispatch: %v", err)
		}
		if p.Command == 0 {
			continue
		}
		before, err := a.Buffers(ctx, step, n-1)
		if err != nil {
			t.Fatal(err)
		}
		after, err := a.Buffers(ctx, step, n)
		if err != nil {
			t.Fatal(err)
		}
		for i := range after {
			if i < len(before) && after[i] != before[i] {
				return n, after[i].Handle
			}
		}
	}
}
