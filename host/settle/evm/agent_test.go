package evm_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// party is somebody with a settlement whose agent runs.
type party struct {
	*evm.Settlement
	w     *world
	id    *identity.Identity
	store store.Store

	mu    sync.Mutex
	judge func(evm.Duty) (evm.Judgement, error)
	vote  func(evm.Question) (evm.Ballot, error)
	paid  []evm.Payment
	stop  func()
	line  *line // to the chain; nil: directly
}

func (p *party) Judge(_ context.Context, d evm.Duty) (evm.Judgement, error) {
	if p.judge == nil {
		return evm.Judgement{Value: msg.Valid}, nil
	}
	return p.judge(d)
}

func (p *party) Vote(_ context.Context, q evm.Question) (evm.Ballot, error) {
	if p.vote == nil {
		return evm.Guilty, nil
	}
	return p.vote(q)
}

func (p *party) Paid(x evm.Payment) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.ContainsFunc(p.paid, func(y evm.Payment) bool { return y.Event == x.Event }) {
		p.paid = append(p.paid, x)
	}
}

func (p *party) was(kind string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.paid, func(y evm.Payment) bool { return y.Kind == kind })
}

// begin starts its agent, as a process that is started does.
func (p *party) begin() {
	p.w.t.Helper()
	c := p.w.dial(p.id, p.store.Journal("settle/evm/sent"))
	if p.line != nil {
		c = p.line.dial(p)
	}
	m, err := evm.Connect(context.Background(), c, p.w.at, p.id)
	if err != nil {
		p.w.t.Fatal(err)
	}
	if p.Settlement, err = evm.New(evm.Config{Contracts: m, Identity: p.id, Store: p.store, Host: p}); err != nil {
		p.w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := p.Run(ctx); err != nil {
			p.w.t.Error(err)
		}
	}()
	p.stop = func() { cancel(); <-done; c.Close() }
}

// party puts somebody into the network, with stake if it is a number of tokens.
func (w *world) party(i int, stake, deposit string, roles uint8, seats uint64) *party {
	w.t.Helper()
	p := &party{w: w, id: w.people[i], store: store.NewMemory(store.Options{})}
	ctx, m := context.Background(), w.market(w.people[i])
	ok := func(_ *evm.Done, err error) {
		w.t.Helper()
		if err != nil {
			w.t.Fatal(err)
		}
	}
	if stake != "" {
		ok(m.AddStake(ctx, gwr(stake)))
		ok(m.Register(ctx, roles, "cpu", fmt.Sprintf("192.0.2.%d:1", i)))
	}
	if seats > 0 {
		ok(m.Enlist(ctx, seats))
	}
	if deposit != "" {
		ok(m.Fund(ctx, gwr(deposit)))
	}
	p.begin()
	w.t.Cleanup(func() { p.stop() })
	return p
}

// deal is a job with signed terms.
type deal struct {
	spec      msg.JobSpec
	signed    identity.Signed
	agreement rpc.Agreement
	receipt   identity.Signed
	hash      msg.Hash
}

// agree makes a job of a consumer and a provider with everybody else as candidates.
func (w *world) agree(consumer, provider *party, candidates []*party, change func(*msg.Terms)) *deal {
	w.t.Helper()
	_, now := w.Head()
	d := &deal{}
	d.spec = msg.JobSpec{Version: 1, Consumer: consumer.id.Account(), Deadline: now.Add(time.Hour).Unix(),
		Program: msg.Program{Version: 1, Inputs: []msg.Input{}, Args: []string{fmt.Sprint(now, len(w.people))}, Interval: 1},
		Policy:  msg.Policy{SamplePPM: 500_000, Validators: 2, Window: 20, Clock: 3000}, Commitment: settle.Commitment(msg.Hash{1})}
	for _, c := range candidates {
		d.spec.Policy.Candidates = append(d.spec.Policy.Candidates, msg.Candidate{Account: c.id.Account(), Weight: 1, Device: "cpu"})
	}
	slices.SortFunc(d.spec.Policy.Candidates, func(a, b msg.Candidate) int { return slices.Compare(a.Account[:], b.Account[:]) })
	var err error
	if d.signed, err = consumer.id.Sign(d.spec); err != nil {
		w.t.Fatal(err)
	}
	d.hash = msg.HashOf(d.spec)
	t := msg.Terms{Job: d.hash, Consumer: d.spec.Consumer, Provider: provider.id.Account(), Price: gwr("10"), Fee: gwr("1"), Bond: gwr("50"), Saving: gwr("10"),
		Opens: uint64(now.Add(3 * time.Hour).Unix()), Deadline: uint64(d.spec.Deadline), Window: 20, Clock: 3000, SamplePPM: 500_000, Validators: 2,
		Candidates: msg.Pack(d.spec.Policy.Candidates).Hash()}
	if change != nil {
		change(&t)
	}
	at := msg.TypedDomain{ChainID: w.at.ChainID, Contract: w.at.Contract["market"].Address}
	d.agreement.Terms = t
	if d.agreement.ConsumerSig, err = consumer.id.SignTyped(at, t); err != nil {
		w.t.Fatal(err)
	}
	if d.agreement.ProviderSig, err = provider.id.SignTyped(at, t); err != nil {
		w.t.Fatal(err)
	}
	d.receipt, err = provider.id.Sign(msg.Receipt{Version: 1, Job: d.hash, Program: msg.HashOf(d.spec.Program), Status: msg.Finished, Trace: msg.Hash{1},
		Outputs: []msg.Output{}, Provider: t.Provider, Device: "cpu", Nonce: msg.Hash{2}, Intervals: 4, Ended: now.Unix()})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// book tells a party of a job, with its receipt.
func (p *party) book(d *deal, receipt bool) {
	p.w.t.Helper()
	ctx := context.Background()
	if err := p.Settlement.Open(ctx, d.signed, d.agreement); err != nil {
		p.w.t.Fatal(err)
	}
	if receipt {
		if err := p.Commit(ctx, d.receipt); err != nil {
			p.w.t.Fatal(err)
		}
	}
}

// until waits until something is so.
func (w *world) until(what string, f func() bool) {
	w.t.Helper()
	for end := time.Now().Add(2 * time.Minute); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("never: %s", what)
		}
	}
}

func (w *world) escrow(p *party, d *deal, want settle.Escrow) {
	w.t.Helper()
	w.until(fmt.Sprintf("escrow %d", want), func() bool {
		e, err := p.Escrow(context.Background(), &d.agreement.Terms)
		return err == nil && e == want
	})
}

func (p *party) has() *evm.Account {
	p.w.t.Helper()
	a, err := p.Account(context.Background(), p.id.Account())
	if err != nil {
		p.w.t.Fatal(err)
	}
	return a
}

// jury is the usual cast: a consumer, a provider, and validators.
func (w *world) jury() (consumer, provider *party, validators []*party) {
	consumer = w.party(1, "", "1000", 0, 0)
	provider = w.party(2, "1000", "", evm.RoleProvider, 0)
	for i := range len(w.people) - 3 {
		validators = append(validators, w.party(3+i, "500", "", evm.RoleValidator, 2))
	}
	return consumer, provider, validators
}

// opens has a provider open a job's escrow, of which it has brought nothing yet.
func (w *world) opens(consumer, provider *party, validators []*party) *deal {
	w.t.Helper()
	d := w.agree(consumer, provider, validators, nil)
	provider.book(d, false)
	consumer.book(d, false)
	if err := provider.Enforce(context.Background(), d.hash); err != nil {
		w.t.Fatal(err)
	}
	return d
}

// A job that its consumer does not pay for is led to its end on the chain: opened, committed, sealed, judged, settled.
func TestUnpaid(t *testing.T) {
	w := newWorld(t, 6)
	consumer, provider, validators := w.jury()
	d := w.agree(consumer, provider, validators, nil)
	provider.book(d, true)
	for range 2 {
		if err := provider.Enforce(context.Background(), d.hash); err != nil {
			t.Fatal(err)
		}
	}
	w.escrow(provider, d, settle.EscrowOpen)
	w.escrow(provider, d, settle.EscrowPaid)
	if p := provider.has(); p.Earned != gwr("10") || !p.Locked.IsZero() {
		t.Errorf("provider %+v", p)
	}
	fees := msg.Amount{}
	for _, v := range validators {
		fees = fees.Add(v.has().Earned)
	}
	if c := consumer.has(); fees != gwr("2") || c.Deposit != gwr("988") {
		t.Errorf("fees %s, consumer %+v", fees, c)
	}
	w.until("told", func() bool { return provider.was("settled") && consumer.was("settled") && consumer.was("opened") })

	// The book may forget a job as soon as the agent has its receipt; what is done with is forgotten too.
	known := func(p *party) int {
		t.Helper()
		keys, err := p.store.Journal("settle/evm/jobs").Keys()
		if err != nil {
			t.Fatal(err)
		}
		return len(keys)
	}
	if _, err := provider.Prune(context.Background(), 0); err != nil || known(provider) != 1 {
		t.Errorf("%d jobs are known (%v) before it is over for good, want 1", known(provider), err)
	}
	w.until("over for good", func() bool { return provider.Idle() })
	w.still()
	if err := w.Advance(5 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Prune(context.Background(), 0); err != nil || known(provider) != 0 {
		t.Errorf("%d jobs are known (%v) when it is over for good, want none", known(provider), err)
	}
}

// The consumer pays an opened job by its word, or by a voucher against the provider's; both say so to their agents, and either may be first.
func TestAcceptAndRelease(t *testing.T) {
	w, ctx := newWorld(t, 5), context.Background()
	consumer, provider, validators := w.jury()
	at := provider.Market()
	d := w.opens(consumer, provider, validators)
	w.escrow(provider, d, settle.EscrowOpen)
	a := msg.Acceptance{Terms: d.agreement.Terms.ID(at), Jurors: []msg.Account{validators[0].id.Account()}}
	sig, err := consumer.id.SignTyped(at, a)
	if err != nil {
		t.Fatal(err)
	}
	forged := a
	forged.Jurors = nil
	if err := provider.Accept(ctx, d.hash, forged, sig); err == nil {
		t.Error("a forged acceptance is taken")
	}
	if err := provider.Accept(ctx, d.hash, a, sig); err != nil {
		t.Fatal(err)
	}
	w.escrow(provider, d, settle.EscrowPaid)
	if p, v, c := provider.has(), validators[0].has(), consumer.has(); p.Earned != gwr("10") || v.Earned != gwr("1") || c.Deposit != gwr("989") {
		t.Errorf("earned %s and %s, deposit %s", p.Earned, v.Earned, c.Deposit)
	}

	d = w.agree(consumer, provider, validators, func(t *msg.Terms) { t.Saving = gwr("11") })
	provider.book(d, false)
	consumer.book(d, false)
	if err := provider.Enforce(ctx, d.hash); err != nil {
		t.Fatal(err)
	}
	w.escrow(consumer, d, settle.EscrowOpen)
	r := msg.Release{Terms: d.agreement.Terms.ID(at), Total: gwr("12")}
	rs, err := provider.id.SignTyped(at, r)
	if err != nil {
		t.Fatal(err)
	}
	v := msg.Voucher{Consumer: consumer.id.Account(), Payee: provider.id.Account(), Total: gwr("12")}
	vs, err := consumer.id.SignTyped(at, v)
	if err != nil {
		t.Fatal(err)
	}
	if err := consumer.Release(ctx, d.hash, r, vs, settle.Cheque{Voucher: v, Sig: vs}); err == nil {
		t.Error("a forged release is taken")
	}
	if err := consumer.Release(ctx, d.hash, r, rs, settle.Cheque{Voucher: v, Sig: vs}); err != nil {
		t.Fatal(err)
	}
	w.escrow(consumer, d, settle.EscrowEnded)
	if p, c := provider.has(), consumer.has(); p.Earned != gwr("22") || c.Deposit != gwr("977") || !p.Locked.IsZero() {
		t.Errorf("provider earned %s, consumer's deposit %s", p.Earned, c.Deposit)
	}
}

// A provider that opens and brings nothing loses a share of its bond, and the consumer has its money back.
func TestExpired(t *testing.T) {
	w, ctx := newWorld(t, 5), context.Background()
	consumer, provider, validators := w.jury()
	d := w.opens(consumer, provider, validators)
	if err := consumer.Enforce(ctx, d.hash); err != nil {
		t.Fatal(err)
	}
	w.escrow(consumer, d, settle.EscrowOpen)
	w.still()
	if err := w.Advance(3 * time.Hour); err != nil {
		t.Fatal(err)
	}
	w.mine()
	w.escrow(consumer, d, settle.EscrowEnded)
	if p, c := provider.has(), consumer.has(); p.Staked != gwr("995") || c.Deposit != gwr("1000") || !p.Locked.IsZero() {
		t.Errorf("provider has %s at stake, consumer a deposit of %s; want 995 and 1000", p.Staked, c.Deposit)
	}
	w.until("told", func() bool { return provider.was("slashed") && consumer.was("expired") })
}

// Jurors that say nothing are slashed, and others take their place.
func TestSilentJurors(t *testing.T) {
	w, ctx := newWorld(t, 7), context.Background()
	consumer, provider, validators := w.jury()
	for _, v := range validators[:2] {
		v.stop() // they are gone
		v.stop = func() {}
	}
	w.still()
	w.pace = 50 * time.Millisecond
	w.mine()
	d := w.agree(consumer, provider, validators, func(t *msg.Terms) { t.Clock = 100 })
	provider.book(d, true)
	if err := provider.Enforce(ctx, d.hash); err != nil {
		t.Fatal(err)
	}
	w.escrow(provider, d, settle.EscrowPaid)
	m := w.market(w.people[0])
	silent, paid := 0, 0
	for i, v := range validators {
		a, err := m.Account(ctx, v.id.Account())
		if err != nil {
			t.Fatal(err)
		}
		if a.Staked != gwr("500") {
			silent++
		}
		if a.Earned == gwr("1") {
			paid++
		}
		if (a.Staked != gwr("500")) && i > 1 || a.Staked != gwr("500") && !a.Earned.IsZero() {
			t.Errorf("validator %d, who spoke, has %s at stake and earned %s", i, a.Staked, a.Earned)
		}
	}
	if paid != 2 || silent > 2 {
		t.Errorf("%d were paid and %d slashed", paid, silent)
	}
}

// A juror that finds the result invalid proves it: the committee convicts the provider, the consumer has its money back.
func TestConvicted(t *testing.T) {
	w, ctx := newWorld(t, 9), context.Background()
	consumer, provider, validators := w.jury()
	d := w.agree(consumer, provider, validators[:3], nil)
	var mu sync.Mutex
	asked := 0
	for _, v := range validators {
		v.judge = func(evm.Duty) (evm.Judgement, error) {
			return evm.Judgement{Value: msg.Invalid, Interval: 1, Evidence: msg.Blob{Root: msg.Hash{5}, Size: 100}, Agreement: d.agreement, Spec: d.signed}, nil
		}
		v.vote = func(q evm.Question) (evm.Ballot, error) {
			mu.Lock()
			defer mu.Unlock()
			asked++
			if q.Evidence != (msg.Blob{Root: msg.Hash{5}, Size: 100}) || q.Accused != provider.id.Account() || q.Subject != d.agreement.Terms.ID(provider.Market()) ||
				q.Job != d.hash || q.Terms == nil || *q.Terms != d.agreement.Terms {
				t.Errorf("question %+v", q)
			}
			return evm.Guilty, nil
		}
	}
	provider.book(d, true)
	if err := provider.Enforce(ctx, d.hash); err != nil {
		t.Fatal(err)
	}
	w.escrow(provider, d, settle.EscrowEnded)
	w.until("told", func() bool { return provider.was("convicted") && provider.was("slashed") && consumer.was("convicted") })
	if p, c := provider.has(), consumer.has(); p.Staked.Cmp(gwr("950")) > 0 || p.JailedUntil == 0 || c.Deposit != gwr("1000") {
		t.Errorf("provider has %s at stake and is jailed until %d, consumer a deposit of %s", p.Staked, p.JailedUntil, c.Deposit)
	}
	w.until("no blob has to be served", func() bool {
		return !slices.ContainsFunc(validators, func(v *party) bool { return len(v.Accusing()) > 0 })
	})
	mu.Lock()
	defer mu.Unlock()
	if asked == 0 {
		t.Error("nobody was asked")
	}
	for i, v := range validators {
		if a := v.has(); a.Staked != gwr("500") {
			t.Errorf("validator %d has %s at stake", i, a.Staked)
		}
	}
}

// Whoever has a ruling accuses about a job that was never opened; a committee that finds nothing gives the accuser's bond to the accused.
func TestAccused(t *testing.T) {
	for _, c := range []struct {
		ballot evm.Ballot
		guilty bool
	}{{evm.Guilty, true}, {evm.Innocent, false}, {evm.Unavailable, false}} {
		w, ctx := newWorld(t, 8), context.Background()
		consumer, provider, validators := w.jury()
		for _, v := range validators {
			v.vote = func(evm.Question) (evm.Ballot, error) { return c.ballot, nil }
		}
		d := w.agree(consumer, provider, validators, nil)
		consumer.book(d, true)
		before, tokens := consumer.has().Tokens, provider.has().Tokens
		for range 2 {
			if err := consumer.Accuse(ctx, d.hash, provider.id.Account(), msg.Blob{Root: msg.Hash{6}, Size: 9}); err != nil {
				t.Fatal(err)
			}
		}
		w.until("judged", func() bool { return len(consumer.Accusing()) == 0 })
		p, after := provider.has(), consumer.has().Tokens
		if got := p.Staked != gwr("1000"); got != c.guilty {
			t.Errorf("ballot %d: the provider has %s at stake", c.ballot, p.Staked)
		}
		if c.guilty != (after.Cmp(before) > 0) {
			t.Errorf("ballot %d: the accuser had %s and has %s", c.ballot, before, after)
		}
		if got := p.Tokens.Cmp(tokens) > 0; got != (c.ballot == evm.Innocent) {
			t.Errorf("ballot %d: the accused had %s and has %s", c.ballot, tokens, p.Tokens)
		}
		w.still()
	}
}

// reached says whether a job is past a step.
func (w *world) reached(d *deal, step string) bool {
	if w.reader == nil {
		w.reader = w.market(w.people[0])
	}
	ok, err := w.reader.Reached(context.Background(), d.agreement.Terms.ID(w.reader.Market()), step)
	return err == nil && ok
}

// Jurors that cannot check, or prove nothing of what they say is invalid, cost nobody anything: the job is given up when its time is over.
func TestUnproven(t *testing.T) {
	w, ctx := newWorld(t, 7), context.Background()
	consumer, provider, validators := w.jury()
	d := w.agree(consumer, provider, validators, nil)
	for i, v := range validators {
		v.judge = func(evm.Duty) (evm.Judgement, error) {
			return evm.Judgement{Value: []msg.Value{msg.Invalid, msg.Unavailable, "nonsense"}[i%3], Agreement: d.agreement, Spec: d.signed}, nil
		}
	}
	provider.book(d, true)
	if err := provider.Enforce(ctx, d.hash); err != nil {
		t.Fatal(err)
	}
	w.until("four seats are out", func() bool { return w.reached(d, "no seat left") })
	w.still()
	if err := w.Advance(4 * time.Hour); err != nil {
		t.Fatal(err)
	}
	w.mine()
	w.escrow(provider, d, settle.EscrowEnded)
	if p, c := provider.has(), consumer.has(); p.Staked != gwr("1000") || !p.Locked.IsZero() || !p.Earned.IsZero() || c.Deposit != gwr("1000") {
		t.Errorf("provider %+v, consumer %+v", p, c)
	}
	for i, v := range validators {
		if a := v.has(); a.Staked != gwr("500") || len(v.Accusing()) > 0 {
			t.Errorf("validator %d has %s at stake and accuses with %v", i, a.Staked, v.Accusing())
		}
	}
	w.until("told", func() bool { return provider.was("abandoned") })
}

// A provider that was convicted before it opened its job does not try to open it: nothing is to be expected of that any more.
func TestConvictedBeforeOpening(t *testing.T) {
	w, ctx := newWorld(t, 8), context.Background()
	consumer, provider, validators := w.jury()
	d := w.agree(consumer, provider, validators, nil)
	consumer.book(d, true)
	provider.book(d, true)
	e, err := provider.Escrow(ctx, &d.agreement.Terms)
	if err != nil || e != settle.NoEscrow {
		t.Errorf("escrow %d (%v) before anything was said", e, err)
	}
	if err := consumer.Accuse(ctx, d.hash, provider.id.Account(), msg.Blob{Root: msg.Hash{6}, Size: 9}); err != nil {
		t.Fatal(err)
	}
	w.until("convicted", func() bool { return provider.has().JailedUntil > 0 })
	if err := provider.Enforce(ctx, d.hash); err != nil {
		t.Fatal(err)
	}
	w.escrow(provider, d, settle.EscrowEnded)
	w.until("over for good", provider.Idle)
	if trouble := provider.Trouble(); trouble != "" {
		t.Errorf("its agent has tried: %s", trouble)
	}
}

// A ruling that a reorg takes away is made again, and is over only when that one lies deep.
func TestRulingLost(t *testing.T) {
	w, ctx := newWorld(t, 8), context.Background()
	consumer, provider, validators := w.jury()
	consumer.stop()
	consumer.line = newLine(w)
	consumer.begin()
	d := w.agree(consumer, provider, validators, nil)
	consumer.book(d, true)
	w.still()
	jailed := int64(0) // until when, which is by the block of the ruling
	convicted := func() uint64 {
		t.Helper()
		for range 10_000 {
			if until := provider.has().JailedUntil; until > 0 && until != jailed {
				jailed = until
				n, _ := w.Head()
				return n
			}
			w.Commit()
			time.Sleep(5 * time.Millisecond)
		}
		t.Fatal("it is not convicted")
		return 0
	}
	commit := func(n int) {
		t.Helper()
		for range n {
			w.Commit()
			time.Sleep(10 * time.Millisecond) // for the agent to see it
		}
	}
	if err := consumer.Accuse(ctx, d.hash, provider.id.Account(), msg.Blob{Root: msg.Hash{6}, Size: 9}); err != nil {
		t.Fatal(err)
	}
	first := convicted()
	commit(10)
	consumer.line.silence(true)
	if err := w.Reorg(11, true); err != nil {
		t.Fatal(err)
	}
	w.until("it would rule again", consumer.line.tried)
	commit(20)
	consumer.line.silence(false)
	second := convicted()
	for n, _ := w.Head(); n < first+100; n, _ = w.Head() {
		commit(1)
		if n > second+90 {
			t.Fatalf("ruled in block %d and again in %d: too far apart for this test", first, second)
		}
	}
	if len(consumer.Accusing()) == 0 {
		t.Error("it is over by the ruling that is not there any more")
	}
	for n, _ := w.Head(); n < second+100; n, _ = w.Head() {
		commit(1)
	}
	w.until("over", func() bool { return len(consumer.Accusing()) == 0 })
}

// After a reorg two accusations of one account about one job may have changed their numbers: each finds its own again.
func TestNumbersChange(t *testing.T) {
	w, ctx := newWorld(t, 8), context.Background()
	consumer, provider, validators := w.jury()
	d := w.agree(consumer, provider, validators, nil)
	consumer.book(d, true)
	accuse := func(p *party) {
		t.Helper()
		if err := consumer.Accuse(ctx, d.hash, p.id.Account(), msg.Blob{Root: msg.Hash{6}, Size: 9}); err != nil {
			t.Fatal(err)
		}
	}
	accuse(provider)
	number := uint64(0)
	w.until("accused", func() bool {
		all, err := consumer.Accusations(ctx)
		if err == nil && len(all) == 1 {
			number = all[0].Number
		}
		return number > 0
	})
	consumer.stop()
	accuse(validators[0])
	if err := consumer.Number(d.agreement.Terms.ID(consumer.Market()), validators[0].id.Account(), number); err != nil {
		t.Fatal(err)
	}
	consumer.begin()
	w.until("both are convicted", func() bool { return provider.has().JailedUntil > 0 && validators[0].has().JailedUntil > 0 })
}

// A time of the chain is not later by a machine's clock for the chain's being ahead.
func TestUntil(t *testing.T) {
	now := time.Now()
	for _, c := range []struct{ ahead, left, want time.Duration }{{0, time.Minute, time.Minute}, {time.Hour, time.Minute, time.Minute}, {-time.Hour, 2 * time.Hour, time.Hour}} {
		head := now.Add(c.ahead)
		got := evm.Until(head.Add(c.left), head).Sub(now)
		if got < c.want-time.Second || got > c.want+5*time.Second {
			t.Errorf("%s left on a chain that is %s ahead: %s, want %s", c.left, c.ahead, got, c.want)
		}
	}
}
