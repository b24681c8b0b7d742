package payment_test

import (
	"context"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/payment"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// What one consumer owes is counted together, what others owe is not, and what was paid does not count any more.
func TestCreditIsEachConsumers(t *testing.T) {
	w, ctx := newWorld(t, gwr(2)), context.Background()
	other, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	w.bank.Give(other.Account(), gwr(1000))
	opens := func(job msg.Hash) bool {
		t.Helper()
		for _, d := range w.payee[1].Dues() {
			if d.Agreement.Terms.Job == job {
				return d.Opens
			}
		}
		t.Fatalf("job %s is not among the dues", job)
		return false
	}
	take := func(id *identity.Identity, nonce uint64, want bool) *rpc.Agreement {
		t.Helper()
		spec := w.spec(nonce)
		spec.Consumer = id.Account()
		terms, sig, fails, err := w.payee[1].Bid(ctx, spec, gwr(1))
		if err != nil || len(fails) > 0 {
			t.Fatal(err, fails)
		}
		a := &rpc.Agreement{Terms: *terms, ProviderSig: sig}
		if a.ConsumerSig, err = id.SignTyped(w.bank.At, *terms); err != nil {
			t.Fatal(err)
		}
		if err := w.payee[1].Agree(ctx, spec, a); err != nil {
			t.Fatal(err)
		}
		if got := opens(terms.Job); got != want {
			t.Errorf("job %d: the escrow is opened: %v, want %v", nonce, got, want)
		}
		return a
	}
	me := w.who[0]
	first := take(me, 1, false)
	take(me, 2, false)
	take(other, 3, false)
	take(me, 4, true)
	take(other, 5, false)
	take(other, 6, true)
	if err := w.payee[1].Accepted(first.Terms.Job); err != nil {
		t.Fatal(err)
	}
	w.owe(first, 1, gwr(1))
	w.flush()
	for _, d := range w.payee[1].Dues() {
		if d.Agreement.Terms.Job == first.Terms.Job && d.State != payment.Paid {
			t.Fatalf("the first job is %q", d.State)
		}
	}
	take(me, 7, false)
	take(me, 8, true)
}

// Work on a signature alone is for jobs whose escrow can be opened before the consumer can have its deposit back. Whoever buys asks for no longer
// ones by itself.
func TestCreditLastsAsLongAsTheDeposit(t *testing.T) {
	w, now := newWorld(t, gwr(100)), time.Now()
	r := &w.bank.Limit
	opens := func(nonce uint64, longest time.Duration) bool {
		t.Helper()
		spec := w.spec(nonce)
		spec.Deadline = now.Add(longest).Unix()
		a := w.agree(1, spec, gwr(1))
		for _, d := range w.payee[1].Dues() {
			if d.Agreement.Terms.Job == a.Terms.Job {
				return d.Opens
			}
		}
		t.Fatalf("job %s is not among the dues", a.Terms.Job)
		return false
	}
	policy := w.spec(0).Policy
	for i, c := range []struct{ notice, most time.Duration }{{49 * time.Hour, 48 * time.Hour}, {30 * time.Hour, 0}, {10 * time.Hour, 48 * time.Hour}} {
		r.Notice = c.notice
		most := payment.Longest(&policy, r)
		if c.most != 0 && most != c.most || c.most == 0 && (most >= c.notice || most < c.notice-time.Hour) {
			t.Errorf("with a notice of %s a job may take %s", c.notice, most)
		}
		short, long := min(most, c.notice-time.Hour)-time.Minute, c.notice
		if opens(uint64(2*i+1), short) {
			t.Errorf("with a notice of %s a job of %s has its escrow opened at once", c.notice, short)
		}
		if long < r.MaxDuration && !opens(uint64(2*i+2), long) {
			t.Errorf("with a notice of %s a job of %s is done on a signature", c.notice, long)
		}
	}
}
