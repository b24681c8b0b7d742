package devnet_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/devnet/devnettest"
	"github.com/gwrun/gwrun/host/fault"
	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/payment"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/settletest"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

func gwr(text string) msg.Amount {
	a, err := msg.ParseAmount(text)
	if err != nil {
		panic(err)
	}
	return a
}

// paid starts a network whose nodes pay each other at a bank.
func paid(t *testing.T, credit string, cfg devnet.Config) (*devnet.Network, *settletest.Bank) {
	t.Helper()
	bank := settletest.NewBank()
	cfg.Money = func(name string) node.Money {
		return node.Money{Credit: gwr(credit), Purse: func(n *node.Node) (settle.Purse, error) {
			if name == "consumer" {
				bank.Give(n.Account(), gwr("100"))
			} else {
				bank.SetStake(n.Account(), settle.Stake{Active: gwr("500")})
			}
			return bank.Purse(func(job msg.Hash) (rpc.Agreement, bool) {
				c, err := n.Settlement.Case(context.Background(), job)
				if err != nil {
					return rpc.Agreement{}, false
				}
				return c.Agreement, true
			}), nil
		}}
	}
	return devnettest.Network(t, cfg), bank
}

func fixed(prices ...string) map[int]market.Policy {
	out := map[int]market.Policy{}
	for i, p := range prices {
		policy := market.Policy{}
		policy.Kind, policy.Fixed = market.Fixed, gwr(p)
		out[i] = policy
	}
	return out
}

func buy(t *testing.T, n *devnet.Network) ([]*consumer.Result, error) {
	t.Helper()
	return n.Consumer.Consumer.Submit(t.Context(), consumer.Request{Job: devnettest.Waves(t), Peers: n.Peers(), Validators: 2, Deadline: time.Now().Add(time.Hour),
		Policy: msg.Policy{SamplePPM: 500_000, Window: 30, Clock: 3}, Prefer: market.ByPrice},
		func(e consumer.Event) {
			if e.Status == nil {
				t.Log(e.Kind, n.Name(e.Provider), e.Text)
			}
		})
}

// settled waits until nothing is to be done about what a node is owed, and gives it.
func settled(t *testing.T, n *node.Node) (out []payment.Due) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		open := 0
		out = n.Payee.Dues()
		for _, d := range out {
			if d.State != payment.Paid && d.State != payment.Nothing {
				open++
			}
		}
		if open == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("%s is owed %+v", n.Account(), out)
		}
	}
	if err := n.Payee.Redeem(t.Context()); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWorkIsPaid(t *testing.T) {
	for _, credit := range []string{"100", "0"} {
		t.Run("credit "+credit, func(t *testing.T) {
			n, bank := paid(t, credit, devnet.Config{Providers: 2, Validators: 3, Prices: fixed("4", "3")})
			r, err := buy(t, n)
			if err != nil {
				t.Fatal(err)
			}
			if r[0].Provider != n.Providers[1].Account() {
				t.Errorf("the job went to %s, want the one that is cheaper", n.Name(r[0].Addr))
			}
			by := "voucher"
			if credit == "0" {
				by = "escrow"
			}
			if d := settled(t, n.Providers[1]); len(d) != 1 || d[0].State != payment.Paid || d[0].By != by {
				t.Errorf("the provider is paid by %+v", d)
			}
			if got := bank.Earned(r[0].Provider); got != gwr("3") {
				t.Errorf("the provider has %s, want 3", got)
			}
			if got := bank.Earned(n.Providers[0].Account()); !got.IsZero() {
				t.Errorf("the other provider has %s", got)
			}
			sold, bought := n.Providers[1].Market.Position(r[0].Provider), n.Consumer.Market.Position(n.Consumer.Account())
			if sold.Sold != 1 || sold.Earned != gwr("3") || bought.Bought != 1 || bought.Spent != gwr("3") {
				t.Errorf("the books of the market have %+v and %+v", sold, bought)
			}
			fees := msg.Amount{}
			for _, v := range n.Validators {
				want := msg.Amount{}
				for _, d := range settled(t, v) {
					if d.State != payment.Paid {
						t.Errorf("a juror's fee is %+v", d)
					}
					want = want.Add(d.Amount)
				}
				if got := bank.Earned(v.Account()); got != want {
					t.Errorf("a validator has %s, it was owed %s", got, want)
				}
				fees = fees.Add(want)
			}
			if fees.Cmp(gwr("3")) < 0 { // half of the intervals each
				t.Errorf("the jurors have %s in all", fees)
			}
			left, err := bank.Purse(nil).Deposit(t.Context(), n.Consumer.Account())
			if sum := left.Add(fees).Add(gwr("3")); err != nil || sum != gwr("100") {
				t.Errorf("%s of 100 are accounted for, %v", sum, err)
			}
		})
	}
}

// Who cheats is not paid, and those who found it are.
func TestCheatIsNotPaid(t *testing.T) {
	n, bank := paid(t, "100", devnet.Config{Providers: 1, Validators: 3, Prices: fixed("3"), Faults: map[int]*runtime.Fault{0: {Step: 5, Any: true, Bit: 3}}})
	if r, err := buy(t, n); err == nil {
		t.Fatalf("accepted: %+v", r[0].Outcome)
	}
	for _, d := range n.Providers[0].Payee.Dues() {
		if d.State == payment.Paid {
			t.Errorf("the cheat is paid: %+v", d)
		}
	}
	if got := bank.Earned(n.Providers[0].Account()); !got.IsZero() {
		t.Errorf("the cheat has %s", got)
	}
	got := 0
	for _, v := range n.Validators {
		settled(t, v)
		if !bank.Earned(v.Account()).IsZero() {
			got++
		}
	}
	if got != 2 {
		t.Errorf("%d validators are paid, want the two jurors", got)
	}
	// Nor does it get another job from whom it cheated, whatever it asks for it.
	if _, err := buy(t, n); !errors.Is(err, consumer.ErrNoBid) || !strings.Contains(err.Error(), "1 of 1: reputation") {
		t.Errorf("the next job: %v, want that its reputation rules it out", err)
	}
	if d := n.Providers[0].Payee.Dues(); len(d) != 1 {
		t.Errorf("the cheat took %d jobs, want the one", len(d))
	}
}

// A juror that did all that it was asked is paid though another keeps the job from its end: nobody knows whether the consumer ever resumes it.
func TestJurorOfAnOpenJobIsPaid(t *testing.T) {
	lazy, err := fault.Parse(fault.Validator, "always-unavailable")
	if err != nil {
		t.Fatal(err)
	}
	n, bank := paid(t, "100", devnet.Config{Providers: 1, Validators: 2, Prices: fixed("3"), Plays: map[string]*fault.Play{"validator-1": lazy}})
	if _, err := buy(t, n); err == nil || !strings.Contains(err.Error(), "may be resumed") {
		t.Fatalf("error %v, want that the job is not over", err)
	}
	settled(t, n.Validators[1])
	for i, want := range []bool{false, true} {
		if got := bank.Earned(n.Validators[i].Account()); got.IsZero() == want {
			t.Errorf("validator-%d has %s", i+1, got)
		}
	}
	if got := bank.Earned(n.Providers[0].Account()); !got.IsZero() {
		t.Errorf("the provider has %s before anybody decided", got)
	}
}

// Where terms cannot be agreed on, the consumer hears which requirement it was.
func TestNoDealIsExplained(t *testing.T) {
	n, _ := paid(t, "100", devnet.Config{Providers: 1, Validators: 3, Prices: fixed("90")})
	_, err := buy(t, n)
	if want := "1 of 1: credit"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want %q", err, want)
	}
}
