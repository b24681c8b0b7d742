package evm_test

import (
	"context"
	"testing"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

func (p *party) sign(v msg.Hashed) identity.Signed {
	p.w.t.Helper()
	s, err := p.id.Sign(v)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return s
}

func (p *party) shows(guilty *party, a, b identity.Signed, want bool) {
	p.w.t.Helper()
	ok, err := p.Contradicted(context.Background(), guilty.id.Account(), a, b)
	if err != nil || ok != want {
		p.w.t.Errorf("shown to the chain: %v (%v), want %v", ok, err, want)
	}
}

// records are two of an interval of a job.
func records(p *party, job msg.Hash) (a, b identity.Signed) {
	return p.sign(rpc.IntervalCommit{Job: job, Record: msg.Interval{Index: 1, Gas: 5}}), p.sign(rpc.IntervalCommit{Job: job, Record: msg.Interval{Index: 1, Gas: 6}})
}

// Whoever holds two words of somebody who has stake shows them, whatever the job: half of the stake is gone, half of that is the first one's who
// showed it. A kill in between changes nothing, nor does another who shows the same.
func TestTwoWords(t *testing.T) {
	w := newWorld(t, 7)
	_, provider, validators := w.jury()
	first, second := validators[0], validators[1]
	a, b := records(provider, msg.Hash{7})
	before := first.has().Tokens.Add(second.has().Tokens)
	first.shows(provider, a, b, true)
	first.stop()
	first.begin()
	second.shows(provider, b, a, true)
	second.shows(provider, a, b, true)
	w.until("shown", func() bool { return provider.has().JailedUntil > 0 })
	if !first.Accuses() {
		t.Error("it is over before it lies deep")
	}
	w.until("over", func() bool { return !first.Accuses() && !second.Accuses() })
	if p := provider.has(); p.Staked != gwr("500") {
		t.Errorf("the provider has %s at stake, want half of 1000", p.Staked)
	}
	if got := first.has().Tokens.Add(second.has().Tokens); got != before.Add(gwr("250")) {
		t.Errorf("those who showed it had %s and have %s, want 250 more", before, got)
	}
	for _, v := range []*party{first, second} {
		if _, err := v.Prune(context.Background(), 0); err != nil {
			t.Fatal(err)
		}
		if keys, err := v.store.Journal("settle/evm/doubles").Keys(); err != nil || len(keys) != 0 {
			t.Errorf("%d are remembered (%v) when all is over", len(keys), err)
		}
	}
}

// Where the job is open its provider loses the bond too, and the consumer has its money back.
func TestTwoWordsOfAnOpenJob(t *testing.T) {
	w := newWorld(t, 7)
	consumer, provider, validators := w.jury()
	d := w.opens(consumer, provider, validators)
	w.escrow(provider, d, settle.EscrowOpen)
	tokens := consumer.has().Tokens
	a, b := records(provider, d.hash)
	consumer.shows(provider, a, b, true)
	w.escrow(consumer, d, settle.EscrowEnded)
	w.until("the bond is lost", func() bool { return provider.has().Staked == gwr("450") })
	if p, c := provider.has(), consumer.has(); !p.Locked.IsZero() || c.Deposit != gwr("1000") || c.Tokens != tokens.Add(gwr("275")) {
		t.Errorf("the provider has %s locked, the consumer a deposit of %s and %s more", p.Locked, c.Deposit, c.Tokens.Sub(tokens))
	}
	w.until("over", func() bool { return !consumer.Accuses() && provider.Idle() })
}

// A juror loses its seat as well, and another takes it: the provider is paid.
func TestTwoWordsOfAJuror(t *testing.T) {
	w, ctx := newWorld(t, 7), context.Background()
	consumer, provider, validators := w.jury()
	d := w.agree(consumer, provider, validators, nil)
	provider.book(d, true)
	consumer.book(d, true)
	wait := make(chan struct{})
	for _, v := range validators {
		v.judge = func(evm.Duty) (evm.Judgement, error) { <-wait; return evm.Judgement{Value: msg.Valid}, nil }
	}
	if err := provider.Enforce(ctx, d.hash); err != nil {
		t.Fatal(err)
	}
	w.until("sealed", func() bool { return w.reached(d, "seal") })
	id := d.agreement.Terms.ID(provider.Market())
	var juror *party
	for _, v := range validators {
		if seats, err := v.Seats(ctx, id); err != nil {
			t.Fatal(err)
		} else if seats > 0 {
			juror = v
		}
	}
	var r msg.Receipt
	if err := msg.Decode(d.receipt.Body, &r); err != nil {
		t.Fatal(err)
	}
	word := func(n byte) identity.Signed {
		return juror.sign(rpc.VerdictCommit{Version: 1, Job: d.hash, Receipt: msg.HashOf(r), Validator: juror.id.Account(), Hash: msg.Hash{n}})
	}
	consumer.shows(juror, word(1), word(2), true)
	w.until("unseated", func() bool { n, err := juror.Seats(ctx, id); return err == nil && n == 0 })
	close(wait)
	w.escrow(provider, d, settle.EscrowPaid)
	if p, v := provider.has(), juror.has(); p.Earned != gwr("10") || v.Staked != gwr("250") || !v.Earned.IsZero() {
		t.Errorf("the provider earned %s, the juror has %s at stake and earned %s", p.Earned, v.Staked, v.Earned)
	}
}

// What contracts cannot judge is not shown to them.
func TestNotTwoWords(t *testing.T) {
	w := newWorld(t, 5)
	consumer, provider, validators := w.jury()
	a, b := records(provider, msg.Hash{7})
	other, _ := records(provider, msg.Hash{8})
	stranger, _ := records(validators[0], msg.Hash{7})
	next := provider.sign(rpc.IntervalCommit{Job: msg.Hash{7}, Record: msg.Interval{Index: 2}})
	me := validators[0].id.Account()
	word := func(p *party, by msg.Account, n byte) identity.Signed {
		return p.sign(rpc.VerdictCommit{Version: 1, Job: msg.Hash{7}, Validator: by, Hash: msg.Hash{n}})
	}
	open := func(n byte) identity.Signed {
		return validators[0].sign(rpc.Opening{Job: msg.Hash{7}, Validator: me, Salt: msg.Hash{n}})
	}
	consumer.shows(provider, a, a, false)
	consumer.shows(provider, a, other, false)
	consumer.shows(provider, a, next, false)
	consumer.shows(provider, a, stranger, false)
	consumer.shows(validators[0], a, b, false)
	consumer.shows(validators[0], open(1), open(2), false)
	consumer.shows(provider, word(provider, me, 1), word(provider, me, 2), false) // in another's name
	consumer.shows(validators[0], word(validators[0], me, 1), word(validators[0], me, 1), false)
	consumer.shows(provider, a, word(provider, provider.id.Account(), 1), false)
	if consumer.Accuses() {
		t.Error("somebody is accused")
	}
}
