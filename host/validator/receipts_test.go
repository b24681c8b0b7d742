package validator

import (
	"context"
	"errors"
	"testing"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
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
		signed, err := v.Challenge(ctx, rpc.ChallengeRequest{Verdict: f.Verdicts[0], Clock: 60})
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
		if _, err := v.Challenge(ctx, rpc.ChallengeRequest{Verdict: forged, Clock: 60}); !errors.Is(err, ErrNothing) {
			t.Errorf("it disputes by a verdict that it did not sign, and so says what its own is: %v", err)
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
