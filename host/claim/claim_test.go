package claim_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime/trace"
)

// books is what a provider signs for a job of 5 steps in intervals of 2, before it is signed.
type books struct {
	consumer, provider *identity.Identity
	spec               msg.JobSpec
	receipt            msg.Receipt
	commits            []rpc.IntervalCommit
}

func newBooks(t testing.TB) *books {
	t.Helper()
	b := &books{}
	for _, id := range []**identity.Identity{&b.consumer, &b.provider} {
		var err error
		if *id, err = identity.New(); err != nil {
			t.Fatal(err)
		}
	}
	b.spec = msg.JobSpec{Version: 1, Consumer: b.consumer.Account(), Program: msg.Program{Version: 1, Inputs: []msg.Input{}, Args: []string{}, Interval: 2, Semantics: "gw1"}}
	job := msg.HashOf(b.spec)
	for i, last := range []uint64{2, 4, 5} {
		b.commits = append(b.commits, rpc.IntervalCommit{Job: job, Record: msg.Interval{Index: uint64(i), LastStep: last, State: msg.Hash{byte(i)}, Gas: 10 * last}})
	}
	b.receipt = msg.Receipt{Version: 1, Job: job, Program: msg.HashOf(b.spec.Program), Semantics: "gw1", Status: msg.Finished, State: msg.Hash{2},
		Outputs: []msg.Output{}, Gas: 50, Steps: 5, Provider: b.provider.Account()}
	return b
}

// sign closes the books: the trace root is made to fit the records unless it was set.
func (b *books) sign(t testing.TB) *rpc.JobRecords {
	t.Helper()
	must := func(s identity.Signed, err error) identity.Signed {
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	r := &rpc.JobRecords{Spec: must(b.consumer.Sign(b.spec))}
	var records []msg.Interval
	for _, c := range b.commits {
		records = append(records, c.Record)
		r.Intervals = append(r.Intervals, must(b.provider.Sign(c)))
	}
	if b.receipt.Trace == (msg.Hash{}) {
		b.receipt.Trace = trace.Root(records)
	}
	if b.receipt.Intervals == 0 {
		b.receipt.Intervals = uint64(len(records))
	}
	r.Receipt = must(b.provider.Sign(b.receipt))
	return r
}

func TestRead(t *testing.T) {
	b := newBooks(t)
	c, err := claim.Read(b.sign(t))
	if err != nil {
		t.Fatal(err)
	}
	if c.Job != msg.HashOf(b.spec) || len(c.Intervals) != 3 || c.Receipt.Steps != 5 {
		t.Errorf("claims %+v", c)
	}
}

// A fault in what the provider itself signed is proof against it; anything that somebody else could have made is not.
func TestFaults(t *testing.T) {
	for name, f := range map[string]struct {
		change func(*books, *testing.T)
		after  func(*books, *rpc.JobRecords, *testing.T)
		proof  bool
		text   string
	}{
		"gas falls":               {change: func(b *books, _ *testing.T) { b.commits[1].Record.Gas = 1 }, proof: true, text: "gas falls"},
		"index skipped":           {change: func(b *books, _ *testing.T) { b.commits[1].Record.Index = 2 }, proof: true, text: "record 1 is of interval 2"},
		"interval too short":      {change: func(b *books, _ *testing.T) { b.commits[0].Record.LastStep = 1 }, proof: true, text: "ends at step 1"},
		"last step too far":       {change: func(b *books, _ *testing.T) { b.commits[2].Record.LastStep = 9 }, proof: true, text: "ends at step 9"},
		"interval without a step": {change: func(b *books, _ *testing.T) { b.commits[2].Record.LastStep = b.commits[1].Record.LastStep }, proof: true, text: "record 2 is of interval 2 and ends at step"},
		"another end":             {change: func(b *books, _ *testing.T) { b.receipt.State = msg.Hash{77} }, proof: true, text: "last interval record differ"},
		"another gas":             {change: func(b *books, _ *testing.T) { b.receipt.Gas = 49 }, proof: true, text: "last interval record differ"},
		"another program":         {change: func(b *books, _ *testing.T) { b.receipt.Program = msg.Hash{77} }, proof: true, text: "for program"},
		"other semantics":         {change: func(b *books, _ *testing.T) { b.receipt.Semantics = "gw0" }, proof: true, text: "semantics"},
		"nothing done":            {change: func(b *books, _ *testing.T) { b.commits = nil }, proof: true, text: "without any interval"},
		"record left out":         {after: func(_ *books, r *rpc.JobRecords, _ *testing.T) { r.Intervals = r.Intervals[:2] }, text: "2 interval records"},
		"record too many":         {after: func(_ *books, r *rpc.JobRecords, _ *testing.T) { r.Intervals = append(r.Intervals, r.Intervals[2]) }, text: "4 interval records"},
		"turned round": {after: func(_ *books, r *rpc.JobRecords, _ *testing.T) {
			r.Intervals[0], r.Intervals[1] = r.Intervals[1], r.Intervals[0]
		}, text: "stands where"},
		"one given twice":     {after: func(_ *books, r *rpc.JobRecords, _ *testing.T) { r.Intervals[1] = r.Intervals[0] }, text: "stands where"},
		"other records":       {change: func(b *books, _ *testing.T) { b.receipt.Trace = msg.Hash{77} }, proof: true, text: "have trace root"},
		"record of a third":   {after: func(b *books, r *rpc.JobRecords, t *testing.T) { r.Intervals[1], _ = b.consumer.Sign(b.commits[1]) }, text: "interval 1"},
		"record of other job": {change: func(b *books, _ *testing.T) { b.commits[1].Job = msg.Hash{5} }, text: "for job 05"},
		"receipt of a third":  {after: func(b *books, r *rpc.JobRecords, t *testing.T) { r.Receipt, _ = b.consumer.Sign(b.receipt) }, text: "signed by"},
		"receipt of another":  {change: func(b *books, _ *testing.T) { b.receipt.Job = msg.Hash{5} }, text: "receipt of job"},
		"job of a third":      {after: func(b *books, r *rpc.JobRecords, t *testing.T) { r.Spec, _ = b.provider.Sign(b.spec) }, text: "signed by"},
		"a damaged signature": {after: func(_ *books, r *rpc.JobRecords, _ *testing.T) { r.Receipt.Sig[40] ^= 1 }, text: ""},
		"a damaged body":      {after: func(_ *books, r *rpc.JobRecords, _ *testing.T) { r.Receipt.Body = r.Receipt.Body[1:] }, text: "receipt"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBooks(t)
			if f.change != nil {
				f.change(b, t)
			}
			r := b.sign(t)
			if f.after != nil {
				f.after(b, r, t)
			}
			_, err := claim.Read(r)
			var lie *claim.Inconsistent
			if err == nil || errors.As(err, &lie) != f.proof || !strings.Contains(err.Error(), f.text) {
				t.Errorf("error %v; want one with %q, a proof: %v", err, f.text, f.proof)
			}
		})
	}
}

func TestReveal(t *testing.T) {
	b := newBooks(t)
	secret := msg.Hash{4}
	b.spec.Commitment = settle.Commitment(secret)
	b.receipt.Job = msg.HashOf(b.spec)
	for i := range b.commits {
		b.commits[i].Job = b.receipt.Job
	}
	r := b.sign(t)
	reveal := func(by *identity.Identity, job, secret msg.Hash) error {
		s, err := by.Sign(rpc.Reveal{Job: job, Secret: secret})
		if err != nil {
			t.Fatal(err)
		}
		r.Reveal = &s
		c, err := claim.Read(r)
		if err == nil && (c.Secret == nil || *c.Secret != secret) {
			t.Error("the share is not what was revealed")
		}
		return err
	}
	var lie *claim.FalseReveal
	if err := reveal(b.consumer, b.receipt.Job, secret); err != nil {
		t.Error(err)
	}
	if err := reveal(b.consumer, b.receipt.Job, msg.Hash{5}); !errors.As(err, &lie) {
		t.Errorf("a false share: %v", err)
	}
	if err := reveal(b.provider, b.receipt.Job, msg.Hash{5}); err == nil || errors.As(err, &lie) {
		t.Errorf("a share that another signed: %v", err)
	}
	if err := reveal(b.consumer, msg.Hash{1}, msg.Hash{5}); err == nil || errors.As(err, &lie) {
		t.Errorf("a share of another job: %v", err)
	}
}
