package dispute

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/trace"
)

// further is an account of a step behind a job's end, which stands by it.
type further struct {
	WasOver
	end trace.StepPoint
}

func (f further) Step(ctx context.Context, n uint64) (*trace.StepPoint, error) {
	if n == 1 {
		return &f.end, nil
	}
	return f.WasOver.Step(ctx, n)
}

// TestWasOver disputes records of intervals before which, says the challenger, the job was over already: once it was, once it was not.
func TestWasOver(t *testing.T) {
	ctx := context.Background()
	job := waves(t)
	truth := run(t, job, nil)
	n := len(truth.res.Intervals)
	last := truth.res.Intervals[n-1]
	more := msg.Interval{Index: uint64(n), LastStep: last.LastStep + 1, State: msg.Hash{1}, Transcript: msg.Hash{2}, Gas: last.Gas + 5, GPUGas: last.GPUGas}
	var ids [2]*identity.Identity
	for i := range ids {
		var err error
		if ids[i], err = identity.New(); err != nil {
			t.Fatal(err)
		}
	}
	receipt := truth.res.Receipt
	receipt.Provider = ids[provider].Account()
	challenge := func(rec msg.Interval) identity.Signed {
		return sign(t, ids[challenger], Challenge{Version: 1, Job: receipt.Job, Receipt: msg.HashOf(receipt), Provider: ids[provider].Account(),
			Challenger: ids[challenger].Account(), Record: rec, Clock: 60})
	}
	for name, tc := range map[string]struct {
		records []msg.Interval
		index   int
		said    Prover // by the provider
		wrong   party
	}{
		"it was":     {append(slices.Clone(truth.res.Intervals), more), n, further{WasOver{State: truth.states[n-1], Last: last}, trace.End(&more)}, provider},
		"it was not": {truth.res.Intervals, 2, account(t, job, truth, 2, nil), challenger},
	} {
		over := WasOver{State: truth.states[tc.index-1], Last: tc.records[tc.index-1]}
		rec, err := over.Record(ctx)
		if err != nil {
			t.Fatal(err)
		}
		g, err := Begin(&receipt, tc.records, job.Program.Interval, challenge(rec))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		accounts := [2]Prover{tc.said, over}
		for g.Turn() != nil {
			who := provider
			if g.Turn().Who == ids[challenger].Account() {
				who = challenger
			}
			m, err := g.Answer(ctx, ids[who], accounts[who])
			if err == nil {
				err = g.Play(m)
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		proof, err := accounts[1-tc.wrong].Prove(ctx, g.Question())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		r, err := runtime.Judge(ctx, job, g.Question(), proof)
		if err != nil || g.Question().Kind != Ended || !r.Wrong[tc.wrong] || r.Wrong[1-tc.wrong] {
			t.Errorf("%s: %s: wrong are %+v, %v; want %d alone", name, g.Question().Kind, r, err, tc.wrong)
		}
		// A record without a step says nothing else, and nothing of the first interval.
		for _, change := range []func(*msg.Interval){func(r *msg.Interval) { r.Gas++ }, func(r *msg.Interval) { r.State[0] ^= 1 }, func(r *msg.Interval) { r.Transcript[0] ^= 1 },
			func(r *msg.Interval) { *r = msg.Interval{Transcript: trace.Start} }} {
			other := rec
			change(&other)
			if _, err := Begin(&receipt, tc.records, job.Program.Interval, challenge(other)); !errors.Is(err, ErrMove) {
				t.Errorf("%s: a challenge with %+v is taken: %v", name, other, err)
			}
		}
	}
}
