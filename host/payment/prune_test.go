package payment_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/payment"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

func records(t testing.TB, s store.Store, journal string) int {
	t.Helper()
	keys, err := s.Journal(journal).Keys()
	if err != nil {
		t.Fatal(err)
	}
	return len(keys)
}

// later is when all windows are past.
func later() time.Time { return time.Now().Add(10 * time.Hour) }

// Ledgers forget what is over, on disk and in memory, and nothing of what the next job comes to: started again, everybody is paid as much as before.
func TestLedgersForget(t *testing.T) {
	w := newWorld(t, gwr(1000))
	nonce, price, fees := uint64(0), gwr(2), msg.Amount{}
	job := func() *rpc.Agreement {
		t.Helper()
		nonce++
		a := w.agree(1, w.spec(nonce), price)
		fee := payment.Earned(&a.Terms, 1, 4)
		w.owe(a, 1, price)
		if err := w.payee[3].Judged(a, 1, 4); err != nil {
			t.Fatal(err)
		}
		w.owe(a, 3, fee)
		w.flush()
		fees = fees.Add(fee)
		return a
	}
	again := func() {
		t.Helper()
		w.stop()
		w.startPayer()
		w.startPayee(1, gwr(1000))
		w.startPayee(3, gwr(1000))
	}
	prune := func(when time.Time) (n int) {
		t.Helper()
		for _, f := range []func(time.Time) (int, error){w.payer.Prune, w.payee[1].Prune, w.payee[3].Prune} {
			k, err := f(when)
			if err != nil {
				t.Fatal(err)
			}
			n += k
		}
		return n
	}
	for range 5 {
		job()
	}
	if n := prune(time.Now()); n != 0 {
		t.Errorf("%d jobs are forgotten whose windows are open", n)
	}
	for round := range 3 {
		if n := prune(later()); n == 0 {
			t.Fatal("nothing is forgotten")
		}
		for i, journal := range []string{"payment/made", "payment/due", "", "payment/due"} {
			want := 1
			if i == 0 {
				want = 2 // of two payees
			}
			if journal == "" {
				continue
			}
			if n := records(t, w.disks[i], journal); n != want {
				t.Errorf("node %d remembers %d jobs on disk, want %d", i, n, want)
			}
			if i > 0 && len(w.payee[i].Dues()) != want {
				t.Errorf("node %d remembers %d jobs, want %d", i, len(w.payee[i].Dues()), want)
			}
		}
		if round > 0 {
			again()
		}
		// The same sum as before is no payment for another job.
		a := w.agree(1, w.spec(1000+nonce), price)
		old := msg.Voucher{Consumer: w.who[0].Account(), Payee: w.who[1].Account(), Total: price.Times(nonce)}
		sig, err := w.who[0].SignTyped(w.bank.At, old)
		if err != nil {
			t.Fatal(err)
		}
		ctx, me := context.Background(), w.who[0].Account()
		if err := w.payee[1].Take(ctx, me, rpc.Payment{Job: a.Terms.Job, Voucher: &old, Sig: sig}); !errors.Is(err, payment.ErrRefused) {
			t.Errorf("paid with a voucher that had paid for others: %v", err)
		}
		if _, err := w.payee[1].Release(ctx, me, rpc.ReleaseRequest{Job: a.Terms.Job, Total: old.Total}); !errors.Is(err, payment.ErrRefused) {
			t.Errorf("released for a sum for which others were: %v", err)
		}
		if err := w.payee[1].Over(a.Terms.Job); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			w.paid(1, job(), "voucher")
		}
		if got := w.redeemed(1); got != price.Times(nonce) {
			t.Errorf("the provider has %s for %d jobs", got, nonce)
		}
		if got := w.redeemed(3); got != fees {
			t.Errorf("the juror has %s, its fees are %s", got, fees)
		}
	}
}

// What is owed is not forgotten by a provider as long as the chain may still pay it, and not for ever after that.
func TestOwedIsRemembered(t *testing.T) {
	w := newWorld(t, gwr(1000))
	ctx := context.Background()
	working := w.agree(1, w.spec(1), gwr(1))
	owed := w.agree(1, w.spec(2), gwr(1))
	if err := w.payee[1].Accepted(owed.Terms.Job); err != nil {
		t.Fatal(err)
	}
	if err := w.payee[3].Judged(owed, 1, 4); err != nil {
		t.Fatal(err)
	}
	if n, err := w.payee[1].Prune(later()); n != 0 || err != nil {
		t.Errorf("%d jobs are forgotten (%v) that the provider is not paid for", n, err)
	}
	// Nobody paid the juror, and nobody will.
	if n, err := w.payee[3].Prune(time.Now()); n != 0 || err != nil {
		t.Errorf("%d fees are forgotten (%v) that can be paid", n, err)
	}
	if n, err := w.payee[3].Prune(later()); n != 1 || err != nil {
		t.Errorf("%d fees are forgotten (%v), want the one", n, err)
	}
	w.bank.Give(w.who[0].Account(), gwr(1000))
	w.payee[1].At(time.Unix(int64(working.Terms.Opens), 0).Add(16 * time.Minute))
	if err := w.payee[1].Look(ctx); err != nil {
		t.Fatal(err)
	}
	for _, d := range w.payee[1].Dues() {
		want := payment.Nothing
		if d.Agreement == *owed {
			want = payment.Courts // the bank opens escrows at any time
		}
		if d.State != want {
			t.Errorf("a job whose escrow cannot be opened any more is %q", d.State)
		}
	}
}

// A sum that a job was released for is for no other job, whatever became of that one.
func TestReleasedIsRemembered(t *testing.T) {
	w, ctx := newWorld(t, gwr(1000)), context.Background()
	me := w.who[0].Account()
	a, b := w.agree(1, w.spec(1), gwr(10)), w.agree(1, w.spec(2), gwr(10))
	for i, x := range []struct {
		total msg.Amount
		job   *rpc.Agreement
		want  error
	}{{gwr(10), a, nil}, {gwr(10), b, payment.ErrRefused}, {gwr(20), b, nil}} {
		if i == 1 {
			if err := w.payee[1].Over(a.Terms.Job); err != nil {
				t.Fatal(err)
			}
			if _, err := w.payee[1].Prune(later()); err != nil {
				t.Fatal(err)
			}
			w.startPayee(1, gwr(1000))
		}
		if _, err := w.payee[1].Release(ctx, me, rpc.ReleaseRequest{Job: x.job.Terms.Job, Total: x.total}); !errors.Is(err, x.want) {
			t.Errorf("release %d for %s: %v", i, x.total, err)
		}
	}
}

// A payee that is gone is not looked for for ever, and one whose voucher may have arrived is not promised less than before.
func TestLostPayees(t *testing.T) {
	w := newWorld(t, gwr(1000))
	w.mu.Lock()
	w.lose = func() bool { return true }
	w.mu.Unlock()
	for n := range uint64(3) {
		spec := w.spec(n)
		b, err := w.bid(1, spec, gwr(1))
		if err != nil {
			t.Fatal(err)
		}
		w.owe(&rpc.Agreement{Terms: *b.Terms}, 3, gwr(1))
	}
	if n, err := w.payer.Prune(later()); n != 0 || err != nil {
		t.Errorf("%d payments are forgotten (%v) of ten hours ago", n, err)
	}
	if n, err := w.payer.Prune(time.Now().Add(40 * 24 * time.Hour)); n != 2 || err != nil {
		t.Errorf("%d payments are forgotten (%v) of forty days ago, want two of three", n, err)
	}
	w.stop()
	w.startPayer()
	w.mu.Lock()
	w.lose = func() bool { return false }
	w.mu.Unlock()
	b, err := w.bid(1, w.spec(9), gwr(1))
	if err != nil {
		t.Fatal(err)
	}
	w.owe(&rpc.Agreement{Terms: *b.Terms}, 3, gwr(1))
	w.flush()
	if got := w.redeemed(3); got != gwr(4) {
		t.Errorf("the juror has %s, want 4: three that were promised before", got)
	}
}
