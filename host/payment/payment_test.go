package payment_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/payment"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/settletest"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

var gwr = func(n uint64) msg.Amount { return msg.AmountOf(1_000_000_000_000_000_000).Times(n) }

// world is a consumer, two providers and two validators that have stake, with a bank.
type world struct {
	t     testing.TB
	bank  *settletest.Bank
	who   []*identity.Identity // the consumer, two providers, two validators
	disks []store.Store
	payer *payment.Payer
	payee []*payment.Payee // nil of the consumer
	stop  func()

	mu   sync.Mutex
	lose func() bool     // whether a message is lost
	life [5]sync.RWMutex // held for reading while a payee answers: one that is started again does nothing any more
}

func newWorld(t testing.TB, credit msg.Amount) *world {
	w := &world{t: t, bank: settletest.NewBank(), payee: make([]*payment.Payee, 5), lose: func() bool { return false }}
	for i := range 5 {
		id, err := identity.New()
		if err != nil {
			t.Fatal(err)
		}
		w.who = append(w.who, id)
		w.disks = append(w.disks, store.NewMemory(store.Options{}))
		if i > 0 {
			w.bank.SetStake(id.Account(), settle.Stake{Active: gwr(1000)})
			w.startPayee(i, credit)
		}
	}
	w.bank.Give(w.who[0].Account(), gwr(1000))
	w.startPayer()
	t.Cleanup(func() { w.stop() })
	return w
}

func (w *world) startPayee(i int, credit msg.Amount) {
	w.life[i].Lock()
	defer w.life[i].Unlock()
	var p *payment.Payee
	var err error
	p, err = payment.NewPayee(payment.PayeeConfig{Identity: w.who[i], Store: w.disks[i], Credit: credit,
		Purse: w.bank.Purse(func(job msg.Hash) (rpc.Agreement, bool) { return p.Agreed(job) })})
	if err != nil {
		w.t.Fatal(err)
	}
	w.payee[i] = p
}

func (w *world) startPayer() {
	w.t.Helper()
	var err error
	w.payer, err = payment.NewPayer(payment.PayerConfig{Identity: w.who[0], Store: w.disks[0], Purse: w.bank.Purse(nil),
		Reach: func(_ string, a msg.Account) payment.Receiver { return &wire{w, a} }})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); w.payer.Run(ctx) }()
	w.stop = func() { cancel(); <-done }
}

// wire is a payee over a network that may lose what is asked, or what is answered.
type wire struct {
	w  *world
	to msg.Account
}

var errLost = errors.New("lost on the way")

func carry[T any](x *wire, f func(p *payment.Payee) (T, error)) (out T, err error) {
	var p *payment.Payee
	for i, id := range x.w.who {
		if id.Account() == x.to {
			x.w.life[i].RLock()
			defer x.w.life[i].RUnlock()
			p = x.w.payee[i]
		}
	}
	x.w.mu.Lock()
	lost, after := x.w.lose(), x.w.lose()
	x.w.mu.Unlock()
	if lost {
		return out, errLost
	}
	if out, err = f(p); after {
		err = errLost
	}
	return out, err
}

func (x *wire) Release(ctx context.Context, r rpc.ReleaseRequest) (rpc.Released, error) {
	return carry(x, func(p *payment.Payee) (rpc.Released, error) { return p.Release(ctx, x.w.who[0].Account(), r) })
}

func (x *wire) Pay(ctx context.Context, r rpc.Payment) error {
	_, err := carry(x, func(p *payment.Payee) (rpc.Paid, error) { return rpc.Paid{}, p.Take(ctx, x.w.who[0].Account(), r) })
	return err
}

func (x *wire) Fee(ctx context.Context, r rpc.Payment) error { return x.Pay(ctx, r) }

// spec is a job of the world's consumer.
func (w *world) spec(nonce uint64) *msg.JobSpec {
	s := &msg.JobSpec{Version: 1, Consumer: w.who[0].Account(), Nonce: nonce, Deadline: time.Now().Add(time.Hour).Unix(), Market: &w.bank.At,
		Program: msg.Program{Version: 1, Inputs: []msg.Input{}, Args: []string{}}, Policy: msg.Policy{SamplePPM: 500_000, Validators: 2, Window: 60, Clock: 5}}
	for _, id := range w.who[3:] {
		s.Policy.Candidates = append(s.Policy.Candidates, msg.Candidate{Account: id.Account(), Weight: 1000})
	}
	if a, b := s.Policy.Candidates[0], s.Policy.Candidates[1]; string(a.Account[:]) > string(b.Account[:]) {
		s.Policy.Candidates[0], s.Policy.Candidates[1] = b, a
	}
	return s
}

// agree has the consumer and a provider agree on a job.
func (w *world) agree(i int, spec *msg.JobSpec, price msg.Amount) *rpc.Agreement {
	w.t.Helper()
	b, err := w.bid(i, spec, price)
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := w.payer.Agree(b)
	if err == nil {
		err = w.payee[i].Agree(context.Background(), spec, a)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func (w *world) bid(i int, spec *msg.JobSpec, price msg.Amount) (*rpc.Bid, error) {
	t, sig, fails, err := w.payee[i].Bid(context.Background(), spec, price)
	if err != nil {
		return nil, err
	}
	if len(fails) > 0 {
		return nil, fmt.Errorf("%s: %s", fails[0].Rule, fails[0].Reason)
	}
	b := &rpc.Bid{Job: msg.HashOf(*spec), Provider: w.who[i].Account(), Accept: true, Price: price, Terms: t, Sig: sig}
	return b, w.payer.Check(context.Background(), spec, b)
}

func (w *world) owe(a *rpc.Agreement, i int, amount msg.Amount) {
	w.t.Helper()
	if err := w.payer.Owe(&a.Terms, msg.Hash{1}, w.who[i].Account(), amount, "there"); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) flush() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	if err := w.payer.Flush(ctx); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) redeemed(i int) msg.Amount {
	w.t.Helper()
	if err := w.payee[i].Redeem(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	return w.bank.Earned(w.who[i].Account())
}

// Many jobs over a network that loses every second message, with everybody killed again and again: each is paid once, whatever was repeated,
// and what is redeemed is the sum.
func TestEachJobIsPaidOnce(t *testing.T) {
	w := newWorld(t, gwr(1000))
	random, loss := rand.New(rand.NewPCG(3, 4)), rand.New(rand.NewPCG(5, 6))
	want := make([]msg.Amount, 5)
	var again []func()
	owe := func(a *rpc.Agreement, i int, amount msg.Amount) {
		w.owe(a, i, amount)
		again = append(again, func() { w.owe(a, i, amount) }) // as a submission that is resumed does
		want[i] = want[i].Add(amount)
	}
	for n := range uint64(24) {
		i := 1 + random.IntN(2)
		price := msg.AmountOf(1_000_000 + random.Uint64N(1_000_000))
		a := w.agree(i, w.spec(n), price)
		w.mu.Lock()
		w.lose = func() bool { return loss.IntN(4) == 0 }
		w.mu.Unlock()
		owe(a, i, price)
		for v := 3; v < 5; v++ {
			if err := w.payee[v].Judged(a, 1, 4); err != nil {
				t.Fatal(err)
			}
			owe(a, v, payment.Earned(&a.Terms, 1, 4))
		}
		if random.IntN(3) == 0 {
			w.stop()
			w.startPayer()
		}
		w.mu.Lock()
		w.lose = func() bool { return false }
		w.mu.Unlock()
		if k := 1 + random.IntN(4); random.IntN(3) == 0 {
			w.startPayee(k, gwr(1000))
		}
	}
	again[random.IntN(len(again))]()
	w.flush()
	for _, f := range again {
		f()
	}
	w.stop() // and once more without the pauses of who was out of reach
	w.startPayer()
	w.flush()
	for i := 1; i < 5; i++ {
		if got := w.redeemed(i); got != want[i] {
			t.Errorf("payee %d redeems %s, want %s", i, got, want[i])
		}
		for _, d := range w.payee[i].Dues() {
			if d.State != payment.Paid || d.By != "voucher" {
				t.Errorf("payee %d: job %s is %q by %q", i, d.Agreement.Terms.Job, d.State, d.By)
			}
		}
	}
	if again := w.redeemed(1); again != want[1] {
		t.Errorf("redeeming again brings %s", again)
	}
}

func TestTermsAreChecked(t *testing.T) {
	w := newWorld(t, gwr(1000))
	ctx := context.Background()
	spec := w.spec(1)
	good, err := w.bid(1, spec, gwr(1))
	if err != nil {
		t.Fatal(err)
	}
	sign := func(b rpc.Bid, id *identity.Identity) *rpc.Bid {
		b.Sig, _ = id.SignTyped(w.bank.At, *b.Terms)
		return &b
	}
	for name, change := range map[string]func(t *msg.Terms){
		"another job": func(t *msg.Terms) { t.Job[0]++ }, "a lower bond": func(t *msg.Terms) { t.Bond = t.Bond.Sub(msg.AmountOf(1)) },
		"a higher price": func(t *msg.Terms) { t.Price = t.Price.Add(msg.AmountOf(1)) }, "a higher fee": func(t *msg.Terms) { t.Fee = t.Fee.Add(msg.AmountOf(1)) },
		"other candidates": func(t *msg.Terms) { t.Candidates[0]++ }, "a later deadline": func(t *msg.Terms) { t.Deadline++ }, "a smaller saving": func(t *msg.Terms) { t.Saving = msg.Amount{} },
		"longer to open": func(t *msg.Terms) { t.Opens++ }, "another provider": func(t *msg.Terms) { t.Provider = w.who[2].Account() },
	} {
		b := *good
		terms := *good.Terms
		b.Terms = &terms
		change(b.Terms)
		if err := w.payer.Check(ctx, spec, sign(b, w.who[1])); err == nil {
			t.Errorf("%s: the consumer agrees", name)
		}
		a := &rpc.Agreement{Terms: terms}
		a.ConsumerSig, _ = w.who[0].SignTyped(w.bank.At, terms)
		a.ProviderSig, _ = w.who[1].SignTyped(w.bank.At, terms)
		if err := w.payee[1].Agree(ctx, spec, a); !errors.Is(err, payment.ErrRefused) {
			t.Errorf("%s: the provider agrees: %v", name, err)
		}
	}
	if err := w.payer.Check(ctx, spec, sign(*good, w.who[2])); err == nil {
		t.Error("terms that another signed are agreed to")
	}
	more := *good
	terms := *good.Terms
	terms.Bond, more.Terms = terms.Bond.Add(gwr(1)), &terms
	if err := w.payer.Check(ctx, spec, sign(more, w.who[1])); err != nil {
		t.Errorf("more bond than is needed: %v", err)
	}
	a, _ := w.payer.Agree(good)
	forged := *a
	forged.ConsumerSig = forged.ProviderSig
	if err := w.payee[1].Agree(ctx, spec, &forged); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("terms that the consumer did not sign are agreed to: %v", err)
	}
	if err := w.payee[1].Agree(ctx, spec, a); err != nil {
		t.Error(err)
	}
}

// What a provider does not take, and by which rule.
func TestRefusals(t *testing.T) {
	for _, tc := range []struct {
		name, rule string
		spec       func(w *world, s *msg.JobSpec)
		world      func(w *world)
		price      msg.Amount
	}{
		{"", "", nil, nil, gwr(1)},
		{"no market", "market", func(_ *world, s *msg.JobSpec) { s.Market = nil }, nil, gwr(1)},
		{"another market", "market", func(_ *world, s *msg.JobSpec) { s.Market = &msg.TypedDomain{ChainID: 1} }, nil, gwr(1)},
		{"no validators", "terms", func(_ *world, s *msg.JobSpec) { s.Policy.Validators = 0 }, nil, gwr(1)},
		{"too long a window", "terms", func(_ *world, s *msg.JobSpec) { s.Policy.Window = 1 << 20 }, nil, gwr(1)},
		{"a sample of nothing", "terms", func(_ *world, s *msg.JobSpec) { s.Policy.SamplePPM = 0 }, nil, gwr(1)},
		{"a candidate that weighs too much", "candidates", func(_ *world, s *msg.JobSpec) { s.Policy.Candidates[0].Weight++ }, nil, gwr(1)},
		{"a candidate in jail", "candidates", nil, func(w *world) { w.bank.SetStake(w.who[3].Account(), settle.Stake{Active: gwr(1000), Barred: true}) }, gwr(1)},
		{"a stake that others hold", "stake", nil, func(w *world) {
			w.bank.SetStake(w.who[1].Account(), settle.Stake{Active: gwr(1000), Locked: gwr(1000)})
		}, gwr(100)},
		{"a price beyond the deposit", "credit", nil, func(w *world) { w.bank.SetStake(w.who[1].Account(), settle.Stake{Active: gwr(100_000)}) }, gwr(2000)},
	} {
		w := newWorld(t, gwr(1000))
		spec := w.spec(1)
		if tc.spec != nil {
			tc.spec(w, spec)
		}
		if tc.world != nil {
			tc.world(w)
		}
		_, _, fails, err := w.payee[1].Bid(context.Background(), spec, tc.price)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		if tc.rule == "" && len(fails) > 0 || tc.rule != "" && (len(fails) != 1 || fails[0].Rule != tc.rule) {
			t.Errorf("%s: refused by %+v, want rule %q", tc.name, fails, tc.rule)
		}
	}
}

// What a consumer owes counts against its deposit, until it is paid.
func TestDepositIsNotPromisedTwice(t *testing.T) {
	w := newWorld(t, gwr(10_000))
	w.bank.SetStake(w.who[1].Account(), settle.Stake{Active: gwr(100_000)})
	a := w.agree(1, w.spec(1), gwr(400)) // with two fees of half of it, 800 of the deposit
	if _, err := w.bid(1, w.spec(2), gwr(150)); err == nil {
		t.Error("900 of 1000 are owed, and a job for 300 is taken")
	}
	if err := w.payee[1].Accepted(a.Terms.Job); err != nil {
		t.Fatal(err)
	}
	w.owe(a, 1, gwr(400))
	w.flush()
	if _, err := w.bid(1, w.spec(3), gwr(150)); err != nil {
		t.Errorf("600 are left: %v", err)
	}
	if _, err := w.bid(1, w.spec(4), gwr(400)); err == nil {
		t.Error("600 are left, and a job for 800 is taken")
	}
	w.redeemed(1)
	if _, err := w.bid(1, w.spec(5), gwr(400)); err == nil {
		t.Error("redeeming has made the deposit larger")
	}
}

// Beyond the credit the escrow is opened when a job begins, and paid out by an acceptance.
func TestBeyondCredit(t *testing.T) {
	w := newWorld(t, gwr(15))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); w.payee[1].Run(ctx) }()
	defer func() { cancel(); <-done }()
	a, b := w.agree(1, w.spec(1), gwr(10)), w.agree(1, w.spec(2), gwr(10))
	w.escrow(a, settle.NoEscrow)
	w.escrow(b, settle.EscrowOpen)
	w.owe(b, 1, gwr(10))
	w.owe(a, 1, gwr(10))
	w.flush()
	w.escrow(b, settle.EscrowPaid)
	w.paid(1, a, "voucher")
	w.paid(1, b, "escrow")
	if got := w.redeemed(1); got != gwr(20) {
		t.Errorf("the provider has %s, want 20", got)
	}
}

// eventually tries for a while.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if f() {
			return
		}
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

func (w *world) escrow(a *rpc.Agreement, want settle.Escrow) {
	w.t.Helper()
	eventually(w.t, fmt.Sprintf("the escrow of job %s is not %d", a.Terms.Job, want), func() bool {
		e, err := w.bank.Purse(nil).Escrow(context.Background(), &a.Terms)
		return err == nil && e == want
	})
}

func (w *world) paid(i int, a *rpc.Agreement, by string) {
	w.t.Helper()
	eventually(w.t, "job "+a.Terms.Job.String()+" is not paid by "+by, func() bool {
		for _, d := range w.payee[i].Dues() {
			if d.Agreement == *a {
				return d.State == payment.Paid && d.By == by
			}
		}
		return false
	})
}

// Who is not paid in time opens the escrow, and can be paid from it only.
func TestUnpaid(t *testing.T) {
	w := newWorld(t, gwr(1000))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); w.payee[1].Run(ctx) }()
	defer func() { cancel(); <-done }()
	spec := w.spec(1)
	spec.Policy.Clock = 1
	a := w.agree(1, spec, gwr(10))
	if err := w.payee[1].Accepted(a.Terms.Job); err != nil {
		t.Fatal(err)
	}
	w.escrow(a, settle.EscrowOpen)
	w.owe(a, 1, gwr(10)) // late
	w.flush()
	w.paid(1, a, "escrow")
	if got := w.redeemed(1); got != gwr(10) {
		t.Errorf("the provider has %s, want 10", got)
	}
}

// A provider that has its voucher and opens the escrow all the same is paid once.
func TestPaidIsReleased(t *testing.T) {
	w := newWorld(t, gwr(1000))
	a := w.agree(1, w.spec(1), gwr(10))
	w.owe(a, 1, gwr(10))
	w.flush()
	cheat := w.bank.Purse(func(msg.Hash) (rpc.Agreement, bool) { return *a, true })
	if err := cheat.Enforce(context.Background(), a.Terms.Job); err != nil {
		t.Fatal(err)
	}
	w.escrow(a, settle.EscrowEnded)
	if got := w.redeemed(1); got != gwr(10) {
		t.Errorf("the provider has %s, want 10", got)
	}
}

// A voucher whose consumer has nothing left is redeemed as far as that goes, and not again and again for nothing; what comes later is drawn at once.
func TestEmptyDeposit(t *testing.T) {
	w := newWorld(t, gwr(1000))
	a := w.agree(1, w.spec(1), gwr(15))
	w.owe(a, 1, gwr(15))
	w.flush()
	w.bank.Withdraw(w.who[0].Account(), gwr(990))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); w.payee[1].Run(ctx) }()
	defer func() { cancel(); <-done }()
	earned := func(n uint64) {
		t.Helper()
		eventually(t, fmt.Sprintf("the provider does not get %d", n), func() bool { return w.bank.Earned(w.who[1].Account()) == gwr(n) })
	}
	earned(10)
	eventually(t, "what is left is not tried once more", func() bool { return w.bank.Batches() == 2 })
	time.Sleep(3 * time.Second) // looks of the payee
	if n := w.bank.Batches(); n != 2 {
		t.Errorf("%d redemptions, want the one that brought 10, and one that was in vain", n)
	}
	w.bank.Give(w.who[0].Account(), gwr(100))
	earned(15)
}

// A release is worth nothing without the voucher, and no second one is given for the same money.
func TestReleasesAddUp(t *testing.T) {
	w := newWorld(t, gwr(1000))
	ctx, me := context.Background(), w.who[0].Account()
	a, b := w.agree(1, w.spec(1), gwr(10)), w.agree(1, w.spec(2), gwr(10))
	if _, err := w.payee[1].Release(ctx, me, rpc.ReleaseRequest{Job: a.Terms.Job, Total: gwr(9)}); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("a job for 10 is released for 9: %v", err)
	}
	if _, err := w.payee[1].Release(ctx, me, rpc.ReleaseRequest{Job: a.Terms.Job, Total: gwr(10)}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.payee[1].Release(ctx, me, rpc.ReleaseRequest{Job: b.Terms.Job, Total: gwr(10)}); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("two jobs for 10 each are released for 10: %v", err)
	}
	if _, err := w.payee[1].Release(ctx, w.who[2].Account(), rpc.ReleaseRequest{Job: a.Terms.Job, Total: gwr(10)}); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("a stranger has a release: %v", err)
	}
	w.startPayee(1, gwr(1000))
	if _, err := w.payee[1].Release(ctx, me, rpc.ReleaseRequest{Job: b.Terms.Job, Total: gwr(10)}); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("started again, two jobs for 10 each are released for 10: %v", err)
	}
	if _, err := w.payee[1].Release(ctx, me, rpc.ReleaseRequest{Job: b.Terms.Job, Total: gwr(20)}); err != nil {
		t.Error(err)
	}
}

// Vouchers that are not worth what they should be, or are not this node's.
func TestFalseVouchers(t *testing.T) {
	w := newWorld(t, gwr(1000))
	ctx, me := context.Background(), w.who[0].Account()
	a := w.agree(1, w.spec(1), gwr(10))
	good := msg.Voucher{Consumer: me, Payee: w.who[1].Account(), Total: gwr(10)}
	for name, tc := range map[string]struct {
		v  msg.Voucher
		by int
		at msg.TypedDomain
	}{
		"too little":     {msg.Voucher{Consumer: me, Payee: good.Payee, Total: gwr(9)}, 0, w.bank.At},
		"for another":    {msg.Voucher{Consumer: me, Payee: w.who[2].Account(), Total: gwr(10)}, 0, w.bank.At},
		"of another":     {msg.Voucher{Consumer: w.who[2].Account(), Payee: good.Payee, Total: gwr(10)}, 2, w.bank.At},
		"forged":         {good, 2, w.bank.At},
		"another market": {good, 0, msg.TypedDomain{ChainID: 2}},
	} {
		sig, err := w.who[tc.by].SignTyped(tc.at, tc.v)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.payee[1].Take(ctx, me, rpc.Payment{Job: a.Terms.Job, Voucher: &tc.v, Sig: sig}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if d := w.payee[1].Dues(); d[0].State == payment.Paid {
		t.Error("the job is paid")
	}
	if err := w.payee[1].Take(ctx, me, rpc.Payment{Job: a.Terms.Job}); !errors.Is(err, payment.ErrRefused) {
		t.Errorf("an empty payment: %v", err)
	}
	sig, _ := w.who[0].SignTyped(w.bank.At, good)
	if err := w.payee[1].Take(ctx, me, rpc.Payment{Job: a.Terms.Job, Voucher: &good, Sig: sig}); err != nil {
		t.Error(err)
	}
	low := msg.Voucher{Consumer: me, Payee: good.Payee, Total: gwr(1)}
	sig, _ = w.who[0].SignTyped(w.bank.At, low)
	if err := w.payee[1].Take(ctx, me, rpc.Payment{Job: a.Terms.Job, Voucher: &low, Sig: sig}); err != nil {
		t.Error(err) // an old one that comes late
	}
	if got := w.redeemed(1); got != gwr(10) {
		t.Errorf("%s are redeemed, want 10: a total never goes down", got)
	}
}

// A market with short bounds would not open what nodes agreed on: nobody would be paid.
func TestEscrowsOpenAsLongAsTheMarketLets(t *testing.T) {
	w := newWorld(t, gwr(1000))
	spec := w.spec(1)
	rules := w.bank.Limit
	for _, late := range []time.Duration{time.Second, 5 * time.Minute, 100 * time.Hour} {
		rules.MaxLate = late
		terms, err := payment.Terms(spec, w.who[1].Account(), gwr(1), &rules)
		if err != nil {
			t.Fatal(err)
		}
		if err := payment.Allowed(&terms, &rules, time.Now()); err != nil {
			t.Errorf("at most %s late: %v", late, err)
		}
		terms.Opens = terms.Deadline + uint64(terms.Window) + uint64(late/time.Second) + 1
		if err := payment.Allowed(&terms, &rules, time.Now()); err == nil {
			t.Errorf("more than %s late is allowed", late)
		}
	}
}
