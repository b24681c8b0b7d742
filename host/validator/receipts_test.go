package validator

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/trace"
)

// A provider that signs two receipts is proven a liar by them; until then a validator answers for each as it found it: what it found invalid in
// the second it disputes, though it found the first valid.
func TestTwoReceipts(t *testing.T) {
	ctx := context.Background()
	w := newClaimed(t, 16)
	v, err := New(Config{Identity: w.ids[2], Store: store.NewMemory(store.Options{}), Whole: func(msg.Account) bool { return true },
		OpenDevice: func(context.Context) (kernels.Device, error) { return cpu.Open(cpu.Options{}) }})
	if err != nil {
		t.Fatal(err)
	}
	for i, fault := range []*runtime.Fault{nil, {Step: 3, Any: true, Offset: 8, Bit: 1}} {
		records := w.sign(w.run(runtime.Options{Fault: fault}))
		f, err := v.Check(ctx, &module{wasm: w.job.Module, detail: new(trace.Detail)}, records, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		if found := f.Opened(); len(found) != 1 || found[0].Value != []msg.Value{msg.Valid, msg.Invalid}[i] {
			t.Fatalf("receipt %d: %+v", i, found)
		}
		ask := rpc.ChallengeRequest{Verdict: f.Verdicts[0], Clock: w.spec().Policy.Clock, Referee: w.spec().Consumer}
		signed, err := v.Challenge(ctx, ask)
		if i == 0 {
			if !errors.Is(err, ErrNothing) {
				t.Errorf("a valid interval is disputed: %v", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		var c dispute.Challenge
		if err := signed.OpenFrom(&c, w.ids[2].Account()); err != nil || c.Receipt != f.receipt() {
			t.Errorf("receipt %s is disputed, wanted %s (%v)", c.Receipt, f.receipt(), err)
		}
		forged, err := w.ids[1].Sign(f.Opened()[0])
		if err != nil {
			t.Fatal(err)
		}
		for what, change := range map[string]func(*rpc.ChallengeRequest){
			"by a verdict that it did not sign, and so says what its own is": func(r *rpc.ChallengeRequest) { r.Verdict = forged },
			"with another clock":     func(r *rpc.ChallengeRequest) { r.Clock++ },
			"before another referee": func(r *rpc.ChallengeRequest) { r.Referee = w.ids[1].Account() },
		} {
			other := ask
			change(&other)
			if _, err := v.Challenge(ctx, other); !errors.Is(err, ErrNothing) {
				t.Errorf("it disputes %s: %v", what, err)
			}
		}
		if a, err := v.Disputed(ctx, &c); err != nil || a == nil {
			t.Errorf("it has no account of what it disputes: %v", err)
		}
		c.Receipt[0]++
		if _, err := v.Disputed(ctx, &c); !errors.Is(err, dispute.ErrNotHere) {
			t.Errorf("an account of a receipt that it never saw: %v", err)
		}
	}
}

// TestOneChallenge: a validator that found two intervals invalid disputes the first of them, and gives the same challenge whichever verdict it
// is shown, whoever asks at the same time, and after a restart, though it may then compute something else.
func TestOneChallenge(t *testing.T) {
	ctx := context.Background()
	w := newClaimed(t, 4)
	var computed atomic.Uint64 // a broken machine comes to another record each time
	cfg := Config{Identity: w.ids[2], Store: store.NewMemory(store.Options{}), Whole: func(msg.Account) bool { return true },
		Lies:       Lies{Record: func(r *msg.Interval) { r.GPUGas += computed.Add(1) }},
		OpenDevice: func(context.Context) (kernels.Device, error) { return cpu.Open(cpu.Options{}) }}
	v, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	records := w.sign(w.run(runtime.Options{Fault: &runtime.Fault{Step: 3, Any: true, Offset: 8, Bit: 1}}))
	f, err := v.Check(ctx, &module{wasm: w.job.Module, detail: new(trace.Detail), states: w.states}, records, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	found := f.Opened()
	if len(found) < 2 || found[0].Value != msg.Invalid {
		t.Fatalf("%+v", found)
	}
	last := len(found) - 1
	found[last].Value = msg.Invalid // it finds what is not so, too
	if f.Verdicts[last], err = w.ids[2].Sign(found[last]); err != nil {
		t.Fatal(err)
	}
	if err := v.verdicts.Put(key(found[0].Job, 0), *f); err != nil {
		t.Fatal(err)
	}
	ask := func(v *Validator, i int) (identity.Signed, error) {
		return v.Challenge(ctx, rpc.ChallengeRequest{Verdict: f.Verdicts[i], Clock: w.spec().Policy.Clock, Referee: w.spec().Consumer})
	}
	type answer struct {
		identity.Signed
		error
	}
	answers := make(chan answer, 4)
	for i := range cap(answers) {
		go func() {
			s, err := ask(v, i%2*last)
			answers <- answer{s, err}
		}()
	}
	first := <-answers
	var c dispute.Challenge
	if err := errors.Join(first.error, first.OpenFrom(&c, w.ids[2].Account())); err != nil || c.Record.Index != found[0].Interval {
		t.Fatalf("interval %d is disputed, wanted %d (%v)", c.Record.Index, found[0].Interval, err)
	}
	for range cap(answers) - 1 {
		if got := <-answers; got.error != nil || got.Sig != first.Sig {
			t.Errorf("another challenge: %v", got.error)
		}
	}
	if v, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, last} {
		if got, err := ask(v, i); err != nil || got.Sig != first.Sig {
			t.Errorf("another challenge after a restart: %v", err)
		}
	}
}
