package validator

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/trace"
)

// However many receipts a provider signs for one job, a juror has a promise for each and what opens it, the same after a restart: none of
// them makes it absent.
func TestManyReceipts(t *testing.T) {
	ctx := context.Background()
	w := newClaimed(t, 16)
	cfg := Config{Identity: w.ids[2], Store: store.NewMemory(store.Options{}), OpenDevice: func(context.Context) (kernels.Device, error) { return cpu.Open(cpu.Options{}) }}
	secret := msg.Hash{8}
	spec := w.spec()
	spec.Commitment = settle.Commitment(secret)
	spec.Policy = msg.Policy{SamplePPM: 1e6, Validators: 1, Window: 600, Clock: 5, Candidates: []msg.Candidate{{Account: w.ids[2].Account(), Weight: 1}}}
	sign := func(id *identity.Identity, v msg.Hashed) identity.Signed {
		s, err := id.Sign(v)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	res, ended := w.run(runtime.Options{}), time.Now().Unix()
	judge := func(v *Validator, nonce byte) identity.Signed {
		t.Helper()
		receipt := res.Receipt
		receipt.Job, receipt.Provider, receipt.Nonce, receipt.Ended = msg.HashOf(spec), w.ids[1].Account(), msg.Hash{nonce}, ended
		reveal := sign(w.ids[0], rpc.Reveal{Job: receipt.Job, Secret: secret})
		records := rpc.JobRecords{Spec: sign(w.ids[0], spec), Receipt: sign(w.ids[1], receipt), Reveal: &reveal}
		for _, r := range res.Intervals {
			records.Intervals = append(records.Intervals, sign(w.ids[1], rpc.IntervalCommit{Job: receipt.Job, Record: r}))
		}
		var promise *identity.Signed
		err := v.Judge(ctx, rpc.ValidateRequest{Records: records}, []Source{&module{wasm: w.job.Module, detail: new(trace.Detail)}}, func(e Event) {
			if e.Promise != nil {
				promise = e.Promise
			}
		})
		if err != nil || promise == nil {
			t.Fatalf("receipt %d: promise %v, %v", nonce, promise, err)
		}
		var p rpc.VerdictCommit
		if err := promise.OpenFrom(&p, w.ids[2].Account()); err != nil || p.Receipt != msg.HashOf(receipt) {
			t.Fatalf("receipt %d: it promises about another (%v)", nonce, err)
		}
		o, err := v.Open(rpc.OpenRequest{Job: receipt.Job, Promises: []identity.Signed{*promise}})
		if err != nil {
			t.Fatalf("receipt %d: %v", nonce, err)
		}
		var opening rpc.Opening
		if err := o.Opening.OpenFrom(&opening, w.ids[2].Account()); err != nil || msg.HashOf(opening) != p.Hash || len(o.Verdicts) != len(opening.Verdicts) {
			t.Errorf("receipt %d: what it opens with is not what it promised (%v)", nonce, err)
		}
		if kept := int(nonce) < maxReceipts; kept != (len(o.Verdicts) == len(res.Intervals)) {
			t.Errorf("receipt %d: %d verdicts on %d intervals", nonce, len(o.Verdicts), len(res.Intervals))
		}
		return *promise
	}
	var first []identity.Signed
	for range 2 { // the second time after a restart
		v, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		for nonce := range byte(maxReceipts + 2) {
			p := judge(v, nonce)
			if int(nonce) == len(first) {
				first = append(first, p)
			} else if !bytes.Equal(first[nonce].Body, p.Body) {
				t.Errorf("receipt %d: another promise after a restart", nonce)
			}
		}
	}
}
