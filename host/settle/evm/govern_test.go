package evm_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/proto/msg"
)

// A vote changes a number, within its bounds and after the delay.
func TestVote(t *testing.T) {
	w, ctx := newWorld(t, 2), context.Background()
	m := w.market(w.people[0])
	ok := func(_ *evm.Done, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(m.Delegate(ctx, w.people[0].Account()))
	if a, err := m.Account(ctx, w.people[0].Account()); err != nil || a.Votes != gwr("100000") {
		t.Errorf("votes %s (%v)", a.Votes, err)
	}
	w.still()
	w.Commit()
	w.mine()
	for _, set := range []map[string]uint64{{"MinSteak": 5}, {"MaxValidators": 17}, {}} {
		if _, _, err := m.Propose(ctx, set, "x"); err == nil {
			t.Errorf("%v can be proposed", set)
		}
	}
	_, id, err := m.Propose(ctx, map[string]uint64{"MinStake": 7e9, "MaxValidators": 4}, "less of both")
	if err != nil {
		t.Fatal(err)
	}
	one := func() *evm.Proposal {
		t.Helper()
		p, err := m.Proposal(ctx, id[:9])
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := one(); p.Text != "less of both" || p.Proposer != w.people[0].Account() || len(p.Calls) != 1 || p.Calls[0] != "set MaxValidators=4 MinStake=7000000000" {
		t.Errorf("proposal %+v", p)
	}
	if _, err := m.Proposal(ctx, "1x"); err == nil || !strings.Contains(err.Error(), "no proposal") {
		t.Errorf("another proposal: %v", err)
	}
	w.until("active", func() bool { return one().State == "active" })
	ok(m.Vote(ctx, one(), 1, "why not"))
	if p := one(); p.For != gwr("100000") {
		t.Errorf("proposal %+v", p)
	}
	w.until("succeeded", func() bool { return one().State == "succeeded" })
	ok(m.Carry(ctx, one()))
	w.until("ready", func() bool {
		p := one()
		_, now := w.Head()
		return p.State == "queued" && p.Ready != nil && now.After(p.Ready.Add(time.Second))
	})
	ok(m.Carry(ctx, one()))
	if p := one(); p.State != "executed" {
		t.Errorf("proposal %+v", p)
	}
	if n, err := m.Numbers(ctx); err != nil || n["MinStake"].Value != 7e9 || n["MaxValidators"].Value != 4 {
		t.Errorf("numbers %v (%v)", n, err)
	}
	if _, err := m.Carry(ctx, one()); err == nil {
		t.Error("carried out twice")
	}
}

func TestIncome(t *testing.T) {
	w, ctx := newWorld(t, 2), context.Background()
	a, b := w.market(w.people[0]), w.market(w.people[1])
	if _, err := b.Fund(ctx, gwr("100")); err != nil {
		t.Fatal(err)
	}
	for _, total := range []string{"3", "7.5"} {
		v := msg.Voucher{Consumer: w.people[1].Account(), Payee: w.people[0].Account(), Total: gwr(total)}
		sig, err := w.people[1].SignTyped(a.Market(), v)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Redeem(ctx, []settle.Cheque{{Voucher: v, Sig: sig}}); err != nil {
			t.Fatal(err)
		}
		if total == "3" {
			if _, err := a.Collect(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	i, err := a.Income(ctx, w.people[0].Account())
	if err != nil || i.Earned != gwr("4.5") || i.Collected != gwr("3") || i.Vouchers != gwr("7.5") || !i.Escrows.IsZero() || len(i.From) != 1 || i.From[0].Amount != gwr("7.5") {
		t.Errorf("income %+v (%v)", i, err)
	}
}
