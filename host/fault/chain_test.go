package fault_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/fault"
	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/payment"
	"github.com/gwrun/gwrun/proto/msg"
)

// gwr is so many tokens.
func gwr(n uint64) msg.Amount { return msg.AmountOf(1_000_000_000_000_000_000).Times(n) }

// onChain are the cases that are played on a chain without -all: one of each way in which a quarrel about money can end.
var onChain = []string{
	"flip,step=7",         // the provider is convicted by a dispute
	"equivocate-interval", // and by what it signed itself
	"withhold-page",       // and by witnesses of what it did not give
	"always-invalid",      // a juror is convicted, and the provider is paid
	"silent,at=open",      // a juror that owes what opens its promise
	"no-reveal",           // the consumer does not want to know: the chain draws a jury of its own, and pays
}

// course on a chain: everybody begins with as much.
const begin = 5000

// TestMoney plays strategies where work is paid on a chain. Whatever happens, who is honest does not lose anything but what it agreed to pay,
// who was proven guilty loses stake, work that is accepted is paid, and the sum of all that everybody has is the supply.
func TestMoney(t *testing.T) {
	var list []playing
	for _, p := range byProvider() {
		p.plays, p.who, p.window = map[string]string{"provider-1": p.who}, "provider-1", 60
		list = append(list, p)
	}
	list = append(list, others()...)
	list = slices.DeleteFunc(list, func(p playing) bool { return !*all && !slices.Contains(onChain, p.plays[p.who]) })
	together(t, list, func(_ int, tc playing) {
		name := tc.plays[tc.who]
		for who, text := range tc.plays {
			if who != tc.who {
				name += " with " + text
			}
		}
		t.Run(name, func(t *testing.T) {
			for range 12 { // until it is drawn
				if playMoney(t, tc) {
					return
				}
			}
			t.Error("it never misbehaved")
		})
	})
}

// playMoney plays a case in a network of its own. It reports whether the strategy had occasion to be played.
func playMoney(t *testing.T, tc playing) bool {
	price := market.Policy{}
	price.Kind, price.Fixed = market.Fixed, gwr(3)
	cfg := devnet.Config{Providers: 1, Validators: 6, Plays: map[string]*fault.Play{}, Prices: map[int]market.Policy{0: price}, Chain: &devnet.Money{Tokens: gwr(begin)}}
	for who, text := range tc.plays {
		role, _, _ := strings.Cut(who, "-")
		cfg.Plays[who] = play(t, fault.Role(role), text)
	}
	n := network(t, cfg)
	job := tc.job
	if job == "" {
		job = "waves"
	}
	_, supply, err := n.Ledger.Balances(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	c := submit(t, n, job, n.Providers[0], 4, tc.window)
	defer c.show(t)
	if cfg.Plays[tc.who].Acted() == 0 {
		return false
	}
	guilty, blamed := c.guilty(t, n)
	bad := func(name string) bool { return cfg.Plays[name] != nil }
	var list []devnet.Balance
	after := func(name string) devnet.Balance {
		return list[slices.IndexFunc(list, func(b devnet.Balance) bool { return b.Name == name })]
	}
	what := ""
	over := func() bool {
		// Before the balances are read: what is paid while they are is not in them.
		for _, x := range slices.Concat(n.Providers, n.Validators) {
			for _, d := range x.Payee.Dues() {
				if !bad(n.Name(x.Addr())) && !slices.Contains(blamed, n.Name(x.Addr())) && !bad("consumer") && d.State != payment.Paid && d.State != payment.Nothing {
					what = fmt.Sprintf("%s is still owed %s, %q", n.Name(x.Addr()), d.Amount, d.State)
					return false
				}
			}
		}
		if err := n.Ledger.Draw(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		if list, supply, err = n.Ledger.Balances(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		for _, name := range guilty {
			// Nothing that it did to others came back to it: nobody found it innocent, and nobody earns by a juror's silence.
			if b := after(name); !b.Jailed || b.Staked.Cmp(gwr(1000)) >= 0 || b.Sum.Cmp(gwr(begin)) >= 0 {
				what = fmt.Sprintf("%s, which was proven guilty, has %s of %d, of that %s at stake, jailed %v", name, b.Sum, begin, b.Staked, b.Jailed)
				return false
			}
		}
		if b := after("held by contracts"); !b.Sum.IsZero() {
			what = fmt.Sprintf("%s is held by contracts", b.Sum)
			return false
		}
		if p := after("provider-1"); bad("consumer") && !bad("provider-1") && p.Sum.Cmp(gwr(begin+3)) < 0 {
			what = fmt.Sprintf("the provider has %s, and did its work", p.Sum)
			return false
		}
		return true
	}
	before := supply
	for end := time.Now().Add(5 * time.Minute); !over(); time.Sleep(500 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("after five minutes: %s", what)
			return true
		}
	}
	sum := msg.Amount{}
	for _, b := range list {
		sum = sum.Add(b.Sum)
		if strings.Contains(b.Name, "-") && !bad(b.Name) && b.Sum.Cmp(gwr(begin)) < 0 {
			t.Errorf("%s is honest and has %s of %d", b.Name, b.Sum, begin)
		}
	}
	if sum != supply || supply.Cmp(before) > 0 {
		t.Errorf("all balances come to %s, the supply is %s and was %s", sum, supply, before)
	}
	if c.accepted() && !bad("provider-1") && after("provider-1").Sum.Cmp(gwr(begin+3)) < 0 {
		t.Errorf("the provider's work was accepted, and it has %s", after("provider-1").Sum)
	}
	paid, err := n.Consumer.Payer.Payments()
	if err != nil {
		t.Fatal(err)
	}
	cost := msg.Amount{}
	for _, p := range paid {
		cost = cost.Add(p.Amount)
	}
	if got := after("consumer").Sum; !bad("consumer") && got.Add(cost).Cmp(gwr(begin)) < 0 {
		t.Errorf("the consumer is honest, and has %s of %d, though it agreed to pay no more than %s", got, begin, cost)
	}
	return true
}

// guilty are the nodes that the consumer can prove guilty and that lose stake for it, and all that it can blame: a juror that was silent loses its
// fee only.
func (c *course) guilty(t testing.TB, n *devnet.Network) (out, blamed []string) {
	t.Helper()
	for _, job := range c.jobs {
		made, err := n.Consumer.Settlement.Case(t.Context(), job)
		if err != nil {
			continue
		}
		for _, r := range made.Rulings {
			by := proven(t, n.Consumer, r.Evidence)
			for _, x := range slices.Concat(n.Providers, n.Validators) {
				name := n.Name(x.Addr())
				if by == nil || !r.Against(x.Account()) {
					continue
				}
				blamed = append(blamed, name)
				if (x.Provider != nil || len(by.Witnesses) == 0) && !slices.Contains(out, name) {
					out = append(out, name)
				}
			}
		}
	}
	return out, blamed
}
