package evm_test

import (
	"context"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/proto/msg"
)

func TestMoney(t *testing.T) {
	w, ctx := newWorld(t, 3), context.Background()
	a, b := w.market(w.people[1]), w.market(w.people[2])
	me, other := w.people[1].Account(), w.people[2].Account()
	ok := func(d *evm.Done, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if d.Gas == 0 || d.Fee.Sign() <= 0 || d.Block == 0 {
			t.Errorf("done: %+v", d)
		}
	}
	of := func(who msg.Account) *evm.Account {
		t.Helper()
		x, err := a.Account(ctx, who)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	ok(a.AddStake(ctx, gwr("500")))
	ok(a.Register(ctx, evm.RoleProvider|evm.RoleValidator, "cpu", "192.0.2.1:4242"))
	ok(a.Enlist(ctx, 2))
	ok(a.Unbond(ctx, gwr("100.5")))
	s, err := a.Stake(ctx, me)
	if err != nil || s.Active != gwr("399.5") || s.Barred || s.Weight() != 399 {
		t.Errorf("stake %+v (%v), want 399.5", s, err)
	}
	if s, err := a.Stake(ctx, other); err != nil || !s.Barred || s.Weight() != 0 {
		t.Errorf("stake of somebody without one: %+v (%v)", s, err)
	}
	x := of(me)
	if x.Staked != gwr("500") || x.Unbonding != gwr("100.5") || x.UnbondsAt == 0 || x.Seats != 2 || !x.MayJudge || x.Tokens != gwr("99500") {
		t.Errorf("account %+v", x)
	}
	_, err = a.WithdrawStake(ctx)
	if r := chain.Reverted(err); r == nil || r.Name != "TooEarly" || !strings.Contains(err.Error(), "staking.withdraw") {
		t.Errorf("withdrawn before its time: %v", err)
	}
	ok(a.CancelUnbond(ctx))
	nodes, err := b.Nodes(ctx)
	if err != nil || len(nodes) != 1 || nodes[0] != (evm.Node{Account: me, Roles: 3, Device: "cpu", Endpoint: "192.0.2.1:4242", Active: gwr("500")}) {
		t.Errorf("registry %+v (%v)", nodes, err)
	}
	ok(a.Unregister(ctx))
	if nodes, err := b.Nodes(ctx); err != nil || len(nodes) != 0 {
		t.Errorf("registry %+v (%v)", nodes, err)
	}

	// Deposits and vouchers.
	ok(b.Fund(ctx, gwr("1000")))
	ok(b.RequestRefund(ctx, gwr("300")))
	if d, err := a.Deposit(ctx, other); err != nil || d != gwr("700") {
		t.Errorf("deposit %s (%v), want 700", d, err)
	}
	cheque := func(payee msg.Account, total string) settle.Cheque {
		v := msg.Voucher{Consumer: other, Payee: payee, Total: gwr(total)}
		sig, err := w.people[2].SignTyped(a.Market(), v)
		if err != nil {
			t.Fatal(err)
		}
		return settle.Cheque{Voucher: v, Sig: sig}
	}
	var many []settle.Cheque
	for i := range 120 {
		many = append(many, cheque(msg.Account{1, byte(i + 1)}, "0.25"))
	}
	if err := a.Redeem(ctx, append(many, cheque(me, "10"))); err != nil {
		t.Fatal(err)
	}
	if err := a.Redeem(ctx, []settle.Cheque{cheque(me, "12.5")}); err != nil {
		t.Fatal(err)
	}
	if d, err := a.Drawn(ctx, other, me); err != nil || d != gwr("12.5") {
		t.Errorf("drawn %s (%v), want 12.5", d, err)
	}
	if y := of(other); y.Deposit != gwr("957.5") || y.Leaving != gwr("300") {
		t.Errorf("consumer %+v", y)
	}
	ok(a.Collect(ctx))
	if x := of(me); x.Tokens != gwr("99512.5") || !x.Earned.IsZero() {
		t.Errorf("provider %+v", x)
	}
	forged := cheque(me, "50")
	forged.Voucher.Total = gwr("500")
	if err := a.Redeem(ctx, []settle.Cheque{forged}); chain.Reverted(err) == nil {
		t.Errorf("a forged voucher: %v", err)
	}
	if _, err := b.Fund(ctx, gwr("1000000")); !errors.Is(err, evm.ErrTokens) {
		t.Errorf("more than there is: %v", err)
	}
	ok(a.SendTokens(ctx, msg.Account{9}, gwr("1.5")))
	ok(a.SendEther(ctx, msg.Account{9}, big.NewInt(7)))
	if z := of(msg.Account{9}); z.Tokens != gwr("1.5") || z.Ether.Int64() != 7 {
		t.Errorf("paid %+v", z)
	}
	w.still()
	if err := w.Advance(4 * time.Hour); err != nil {
		t.Fatal(err)
	}
	w.mine()
	ok(b.Refund(ctx))
	if y := of(other); y.Deposit != gwr("657.5") || !y.Leaving.IsZero() || y.Tokens != gwr("99300") {
		t.Errorf("consumer %+v", y)
	}
}

func TestNumbers(t *testing.T) {
	w, ctx := newWorld(t, 1), context.Background()
	m := w.market(w.people[0])
	numbers, err := m.Numbers(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range w.at.Params.Numbers {
		if numbers[name] != want {
			t.Errorf("%s is %+v, want %+v", name, numbers[name], want)
		}
	}
	r, err := m.Rules(ctx)
	n := w.at.Params.Numbers
	want := settle.Rules{CollusionPPM: uint32(n["CollusionPPM"].Value), SavingPPM: uint32(n["SavingPPM"].Value), MinWindow: time.Second, MaxWindow: time.Hour,
		MinClock: 2 * time.Second, MaxClock: time.Hour, MaxDuration: 2 * time.Hour, MaxValidators: 8, Notice: 3 * time.Hour,
		MaxLate: time.Duration(n["VerdictBound"].Value+n["DisputeBound"].Value) * time.Second}
	if err != nil || r != want {
		t.Errorf("rules %+v (%v), want %+v", r, err, want)
	}
}

func TestConnect(t *testing.T) {
	w, ctx := newWorld(t, 1), context.Background()
	other := *w.at
	other.ChainID++
	if _, err := evm.Connect(ctx, w.dial(w.people[0], nil), &other, nil); !errors.Is(err, chain.ErrWrongChain) {
		t.Errorf("another chain: %v", err)
	}
	other = *w.at
	other.Contract = map[string]evm.Contract{}
	for name, c := range w.at.Contract {
		other.Contract[name] = c
	}
	c := other.Contract["market"]
	c.Address[0]++
	other.Contract["market"] = c
	if _, err := evm.Connect(ctx, w.dial(w.people[0], nil), &other, nil); err == nil || !strings.Contains(err.Error(), "contract market") {
		t.Errorf("no market there: %v", err)
	}
}
