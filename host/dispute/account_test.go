package dispute

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// example is the Fashion-MNIST job, shortened, with intervals of 5 steps.
func example(t testing.TB, args ...string) *runtime.Job { return exampleOf(t, 5, args...) }

func exampleOf(t testing.TB, interval uint64, args ...string) *runtime.Job {
	t.Helper()
	described, err := jobfile.Open("../../examples/fashion-mnist")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range args {
		described.SetArg(a)
	}
	described.Interval = interval
	job, err := described.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	return job
}

func cpuDevice(t testing.TB) kernels.Device {
	t.Helper()
	d, err := cpu.Open(cpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// ran is a run with the state after each interval.
type ran struct {
	res    *runtime.Result
	states []*state.Snapshot
}

func run(t testing.TB, job *runtime.Job, fault *runtime.Fault) *ran {
	t.Helper()
	r := &ran{}
	res, err := runtime.Run(context.Background(), job, runtime.Options{Device: cpuDevice(t), Fault: fault,
		OnInterval: func(_ msg.Interval, take func() (*state.Snapshot, error)) error {
			s, err := take()
			r.states = append(r.states, s)
			return err
		}})
	if err != nil {
		t.Fatal(err)
	}
	r.res = res
	return r
}

// account is a party's account of interval i, from the states of the run whose records both sides agree on before it.
func account(t testing.TB, job *runtime.Job, r *ran, i uint64, fault *runtime.Fault) *runtime.Account {
	t.Helper()
	var from *state.Snapshot
	var prev *msg.Interval
	if i > 0 {
		from, prev = r.states[i-1], &r.res.Intervals[i-1]
	}
	a, err := runtime.NewAccount(job, from, prev, i, runtime.Options{Device: cpuDevice(t), Fault: fault})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// game plays a dispute about interval 1 of a run, of which the provider has the account theirs and the challenger ours.
func game(t testing.TB, job *runtime.Job, lying *ran, theirs, ours *runtime.Account) (*Question, *Game) {
	return gameOf(t, job, lying, 1, theirs, ours)
}

func gameOf(t testing.TB, job *runtime.Job, lying *ran, index uint64, theirs, ours *runtime.Account) (*Question, *Game) {
	t.Helper()
	ctx := context.Background()
	p, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	c, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	receipt := lying.res.Receipt
	receipt.Provider = p.Account()
	said, err := theirs.Record(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if said != lying.res.Intervals[index] {
		t.Fatalf("the liar's account gives %+v, its run gave %+v", said, lying.res.Intervals[index])
	}
	computed, err := ours.Record(ctx)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := c.Sign(Challenge{Version: 1, Job: receipt.Job, Receipt: msg.HashOf(receipt), Provider: p.Account(), Challenger: c.Account(), Record: computed, Clock: 60})
	if err != nil {
		t.Fatal(err)
	}
	g, err := Begin(&receipt, lying.res.Intervals, job.Program.Interval, signed)
	if err != nil {
		t.Fatal(err)
	}
	for g.Turn() != nil {
		id, a := p, theirs
		if g.Turn().Who == c.Account() {
			id, a = c, ours
		}
		m, err := g.Answer(ctx, id, a)
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Play(m); err != nil {
			t.Fatal(err)
		}
	}
	return g.Question(), g
}

func question(t testing.TB, job *runtime.Job, lying *ran, theirs, ours *runtime.Account) *Question {
	q, _ := game(t, job, lying, theirs, ours)
	return q
}

// TestFlippedBit narrows a flipped bit in one word of one dispatch of a training job down to that word and its workgroup.
func TestFlippedBit(t *testing.T) {
	ctx := context.Background()
	job := example(t, "epochs=1", "steps=12")
	fault := runtime.Fault{Step: 8, Any: true, Skip: 2, Offset: 404, Bit: 5}
	told := fault
	lying := run(t, job, &told)
	theirs, ours := account(t, job, lying, 1, &fault), account(t, job, lying, 1, nil)
	q, g := game(t, job, lying, theirs, ours)
	if q.Kind != Word || q.Start.Step != 7 || q.Offset+q.Page*trace.PageSize != 404 {
		t.Fatalf("the question is %+v", q)
	}
	if q.Words[0][0]^q.Words[1][0] != 1<<5 {
		t.Errorf("the words are %x and %x", q.Words[0], q.Words[1])
	}
	if q.Groups[0] == nil || q.Groups[1] == nil || *q.Groups[0] != *q.Groups[1] {
		t.Errorf("the writers are %v and %v", q.Groups[0], q.Groups[1])
	}
	t.Logf("%d rounds, %d bytes", g.Rounds, g.Bytes)
	for name, a := range map[string]*runtime.Account{"provider": theirs, "challenger": ours} {
		proof, err := a.Prove(ctx, q)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		begin := time.Now()
		r, err := runtime.Judge(ctx, job, q, proof)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !r.Wrong[provider] || r.Wrong[challenger] {
			t.Errorf("by the %s's proof: %+v", name, r)
		}
		t.Logf("by the %s's proof of %d bytes, in %v: %s", name, len(msg.Encode(proof)), time.Since(begin), r.Reason)
	}
}

// TestReceipts disputes receipts whose outputs or status are not those of their last state, and one with nothing wrong about it.
func TestReceipts(t *testing.T) {
	ctx := context.Background()
	job := example(t, "epochs=1", "steps=3")
	truth := run(t, job, nil)
	n := uint64(len(truth.res.Intervals)) - 1
	honest := account(t, job, truth, n, nil)
	for name, change := range map[string]func(*msg.Receipt){
		"nothing wrong":  func(*msg.Receipt) {},
		"another output": func(r *msg.Receipt) { r.Outputs = slices.Clone(r.Outputs); r.Outputs[1].Blob.Root[0]++ },
		"no output":      func(r *msg.Receipt) { r.Outputs = nil },
		"another status": func(r *msg.Receipt) { r.Status = msg.Failed; r.Failure = "limit gas: the job used all its gas" },
		"a failure":      func(r *msg.Receipt) { r.Failure = "none" },
	} {
		p, err := identity.New()
		if err != nil {
			t.Fatal(err)
		}
		c, err := identity.New()
		if err != nil {
			t.Fatal(err)
		}
		receipt := truth.res.Receipt
		receipt.Provider = p.Account()
		change(&receipt)
		signed, err := c.Sign(Challenge{Version: 1, Job: receipt.Job, Receipt: msg.HashOf(receipt), Provider: p.Account(), Challenger: c.Account(), Record: truth.res.Intervals[n], Clock: 60})
		if err != nil {
			t.Fatal(err)
		}
		g, err := Begin(&receipt, truth.res.Intervals, job.Program.Interval, signed)
		if err != nil {
			t.Fatal(err)
		}
		q := g.Question()
		proof, err := honest.Prove(ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		r, err := runtime.Judge(ctx, job, q, proof)
		if err != nil {
			t.Fatal(err)
		}
		if lied := name != "nothing wrong"; r.Wrong != [2]bool{lied, !lied} {
			t.Errorf("%s: wrong are %v: %s", name, r.Wrong, r.Reason)
		}
	}
}

// TestProofsAreChecked changes every part of a proof: what is judged by is what was agreed on, or nothing.
func TestProofsAreChecked(t *testing.T) {
	ctx := context.Background()
	job := example(t, "epochs=1", "steps=12")
	fault := runtime.Fault{Step: 8, Any: true, Skip: 2, Offset: 404, Bit: 5}
	told := fault
	lying := run(t, job, &told)
	ours := account(t, job, lying, 1, nil)
	q := question(t, job, lying, account(t, job, lying, 1, &fault), ours)
	proof, err := ours.Prove(ctx, q)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := runtime.Judge(ctx, job, q, proof); err != nil || r.Wrong != [2]bool{true, false} {
		t.Fatalf("%+v, %v", r, err)
	}
	for name, change := range map[string]func(*runtime.Proof){
		"a page of memory": func(p *runtime.Proof) {
			p.Pages = slices.Clone(p.Pages)
			p.Pages[3] = append([]byte{1}, p.Pages[3][1:]...)
		},
		"a page less":           func(p *runtime.Proof) { p.Pages = p.Pages[1:] },
		"the manifest":          func(p *runtime.Proof) { p.Manifest = p.Manifest[:len(p.Manifest)-1] },
		"no manifest":           func(p *runtime.Proof) { p.Manifest = nil },
		"the gas of a dispatch": func(p *runtime.Proof) { p.Gas = slices.Clone(p.Gas); p.Gas[0]++ },
		"a dispatch less":       func(p *runtime.Proof) { p.Gas = p.Gas[1:] },
		"a head":                func(p *runtime.Proof) { p.Heads = slices.Clone(p.Heads); p.Heads[2].Size += 4 },
		"heads the other way":   func(p *runtime.Proof) { p.Heads = slices.Clone(p.Heads); slices.Reverse(p.Heads) },
		"a head less":           func(p *runtime.Proof) { p.Heads = p.Heads[1:] },
		"a page of a buffer": func(p *runtime.Proof) {
			p.Buffers = slices.Clone(p.Buffers)
			p.Buffers[0].Data = append([]byte{^p.Buffers[0].Data[0]}, p.Buffers[0].Data[1:]...)
		},
		"a page elsewhere":     func(p *runtime.Proof) { p.Buffers = slices.Clone(p.Buffers); p.Buffers[0].Page++ },
		"a page that was read": func(p *runtime.Proof) { p.Buffers = p.Buffers[1:] },
		"no pages of buffers":  func(p *runtime.Proof) { p.Buffers = nil },
	} {
		bad := *proof
		change(&bad)
		if r, err := runtime.Judge(ctx, job, q, &bad); !errors.Is(err, runtime.ErrProof) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	} // What was agreed on is held against the run, too.
	for name, change := range map[string]func(*Question){
		"the transcript at the point":    func(q *Question) { at := *q.At; at.Transcript[0]++; q.At = &at },
		"the gas at the point":           func(q *Question) { at := *q.At; at.Gas++; q.At = &at },
		"the kernel gas at the point":    func(q *Question) { at := *q.At; at.GPUGas++; q.At = &at },
		"the buffers at the point":       func(q *Question) { at := *q.At; at.Buffers[0]++; q.At = &at },
		"a point that is never come to":  func(q *Question) { at := *q.At; at.Call += 1000; q.At = &at },
		"the state before the step":      func(q *Question) { q.Start.State[0]++ },
		"the transcript before the step": func(q *Question) { q.Start.Transcript[0]++ },
		"the gas before the step":        func(q *Question) { q.Start.Gas++ },
	} {
		bad := *q
		change(&bad)
		if r, err := runtime.Judge(ctx, job, &bad, proof); !errors.Is(err, runtime.ErrProof) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
}
