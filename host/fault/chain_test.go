package fault_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/devnet/devnettest"
	"github.com/gwrun/gwrun/host/fault"
	"github.com/gwrun/gwrun/host/faultnet"
	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/payment"
	"github.com/gwrun/gwrun/host/settle"
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

const (
	// begin is what everybody has in the beginning, price what a provider asks, in tokens.
	begin = 5000
	price = 3
	// moneyClock is the clock of jobs that are paid, in seconds: many blocks. Whoever stands still for as long on a busy machine is late on a chain,
	// honest or not.
	moneyClock = 20
	// networks is how many of them are there at a time. Nearly all of their time they wait for blocks and clocks.
	networks = 10
)

// paid are the cases that are played on a chain.
func paid(all bool) (list []playing) {
	for _, p := range byProvider() {
		p.plays, p.who, p.window = map[string]string{"provider-1": p.who}, "provider-1", 60
		list = append(list, p)
	}
	list = append(list, others()...)
	for _, x := range []string{"loss=0.1", "duplicate=0.3", "reorder=0.3", "corrupt=0.1", "delay=20ms,jitter=20ms", "rate=100000"} {
		list = append(list, playing{net: x, window: 60}, playing{net: x, plays: map[string]string{"provider-1": "flip,step=7"}, who: "provider-1", window: 60})
	}
	// What comes of chance is not known. Nobody else loses by it.
	for _, who := range []string{"provider-1", "validator-1", "consumer"} {
		for _, seed := range []string{"100", "200"} {
			list = append(list, playing{plays: map[string]string{who: "scramble,seed=" + seed}, who: who, window: 60})
		}
	}
	return slices.DeleteFunc(list, func(p playing) bool { return !all && (p.net != "" || !slices.Contains(onChain, p.plays[p.who])) })
}

// name is what a case is called.
func (p *playing) name() string {
	var all []string
	if p.net != "" {
		all = append(all, "network "+p.net)
	}
	if p.who != "" {
		role, _, _ := strings.Cut(p.who, "-")
		all = append(all, role+" "+p.plays[p.who])
	}
	for _, who := range slices.Sorted(maps.Keys(p.plays)) {
		if who != p.who {
			role, _, _ := strings.Cut(who, "-")
			all = append(all, role+" "+p.plays[who])
		}
	}
	if p.job != "" && p.job != "waves" {
		all = append(all, p.job)
	}
	return strings.Join(all, " with ")
}

// Every strategy that there is is played on a chain.
func TestMoneyOfAll(t *testing.T) {
	played, names := map[string]bool{}, map[string]bool{}
	for _, p := range paid(true) {
		for who, text := range p.plays {
			role, _, _ := strings.Cut(who, "-")
			played[role+" "+play(t, fault.Role(role), text).Name] = true
		}
		if names[p.name()] {
			t.Errorf("%s is there twice", p.name())
		}
		names[p.name()] = true
	}
	for _, s := range fault.Strategies("") {
		if !played[string(s.Role)+" "+s.Name] {
			t.Errorf("%s %s is not played on a chain", s.Role, s.Name)
		}
	}
	if few := len(paid(false)); few != len(onChain) {
		t.Errorf("%d cases are played without -all, want %d", few, len(onChain))
	}
	t.Logf("%d cases, of %d strategies", len(names), len(played))
}

// TestMoney plays strategies where work is paid on a chain. Whatever happens, who is honest loses nothing but what it agreed to pay and its gas,
// who was proven guilty loses what the rules say, who did its work is paid, and the sum of all that everybody has is the supply.
func TestMoney(t *testing.T) {
	atATime(networks, paid(*all), func(_ int, tc playing) {
		t.Run(tc.name(), func(t *testing.T) {
			done := false
			for i := range 12 { // until it is drawn
				if done || t.Failed() {
					return
				}
				t.Run(fmt.Sprint(i+1), func(t *testing.T) { done = playMoney(t, tc, uint64(i)) })
			}
			if !done {
				t.Error("it never misbehaved")
			}
		})
	})
}

// starting bounds how many networks are set up at once: it is the part that takes a processor.
var starting = make(chan struct{}, 2)

// playMoney plays a case in a network of its own. It reports whether the strategy had occasion to be played.
func playMoney(t *testing.T, tc playing, try uint64) bool {
	policy := market.Policy{}
	policy.Kind, policy.Fixed = market.Fixed, gwr(price)
	cfg := devnet.Config{Providers: 1, Validators: 6, Plays: map[string]*fault.Play{}, Prices: map[int]market.Policy{0: policy}, Chain: &devnet.Money{Tokens: gwr(begin)},
		Patience: moneyClock * time.Second}
	for who, text := range tc.plays {
		role, _, _ := strings.Cut(who, "-")
		cfg.Plays[who] = play(t, fault.Role(role), text)
		cfg.Plays[who].Seed += try
	}
	if tc.net != "" {
		cfg.Net = &faultnet.Faults{}
	}
	starting <- struct{}{}
	n := network(t, cfg)
	<-starting
	if tc.net != "" {
		f, err := faultnet.Parse(tc.net)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range slices.Concat(n.Providers, n.Validators) {
			n.Link(x).Set(f, f)
		}
	}
	job := tc.job
	if job == "" {
		job = "waves"
	}
	c := submitBy(t, n, job, n.Providers[0], msg.Policy{Validators: 4, Window: 3 * tc.window, Clock: moneyClock})
	defer c.show(t)
	if tc.who != "" && cfg.Plays[tc.who].Acted() == 0 {
		return false
	}
	e := &ending{n: n, c: c, bad: func(name string) bool { return cfg.Plays[name] != nil }}
	for end := time.Now().Add(10 * time.Minute); !e.over(t); time.Sleep(500 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("after ten minutes: %s", e.what)
			return true
		}
	}
	e.check(t)
	t.Log(table(e.list, e.told, n))
	return true
}

// ending is what there is when everything about a job is done.
type ending struct {
	n   *devnet.Network
	c   *course
	bad func(name string) bool

	what   string // is not done yet
	list   []devnet.Balance
	supply msg.Amount
	told   *statement
	guilty []string
}

func (e *ending) of(name string) devnet.Balance {
	return e.list[slices.IndexFunc(e.list, func(b devnet.Balance) bool { return b.Name == name })]
}

// over reports whether nothing is under way any more, and reads what everybody has then.
func (e *ending) over(t *testing.T) bool {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	no := func(format string, a ...any) bool { e.what = fmt.Sprintf(format, a...); return false }
	n := e.n
	nodes := slices.Concat(n.Providers, n.Validators, []*node.Node{n.Consumer})
	// Before the balances are read: what is paid while they are is not in them.
	var blamed []string
	e.guilty, blamed = e.c.guilty(t, n)
	var terms []msg.Terms
	for _, x := range nodes {
		who := name(n, x.Account())
		if x.Payee != nil {
			for _, d := range x.Payee.Dues() {
				if !slices.Contains(terms, d.Agreement.Terms) {
					terms = append(terms, d.Agreement.Terms)
				}
				if !e.bad(who) && !slices.Contains(blamed, who) && !e.bad("consumer") && d.State != payment.Paid && d.State != payment.Nothing {
					return no("%s is still owed %s, %q", who, d.Amount, d.State)
				}
			}
		}
		open, err := x.Accusations(t.Context())
		must(err)
		for _, a := range open {
			if !a.Ruled && !e.bad(who) {
				return no("%s still accuses %s: %s", who, name(n, a.Accused), a.Trouble)
			}
		}
	}
	must(n.Ledger.Draw(t.Context(), n))
	var err error
	e.list, e.supply, err = n.Ledger.Balances(t.Context(), n)
	must(err)
	e.told = tell(t, n, terms)
	for _, name := range e.guilty {
		if b := e.of(name); !b.Jailed || b.Sum.Cmp(gwr(begin)) >= 0 || b.Staked.Cmp(gwr(1000)) >= 0 {
			return no("%s, which was proven guilty, has %s of %d, of that %s at stake, jailed %v", name, b.Sum, begin, b.Staked, b.Jailed)
		}
	}
	if b := e.of("held by contracts"); !b.Sum.IsZero() {
		return no("%s is held by contracts", b.Sum)
	}
	sum := msg.Amount{}
	for _, b := range e.list {
		sum = sum.Add(b.Sum)
	}
	if sum != e.supply {
		return no("all balances come to %s, the supply is %s", sum, e.supply)
	}
	treasury, burnt := e.told.went()
	if got := e.of("treasury").Sum; got != treasury || e.supply.Add(burnt) != genesis(n) {
		return no("of stake that was taken %s went to the treasury and %s was burnt; the treasury has %s, the supply is %s", treasury, burnt, got, e.supply)
	}
	if p := e.of("provider-1"); !e.bad("provider-1") && e.worked(t) && p.Sum.Cmp(gwr(begin+price)) < 0 {
		return no("the provider has %s, and did its work", p.Sum)
	}
	return true
}

// genesis is how many tokens there were in the beginning.
func genesis(n *devnet.Network) (sum msg.Amount) {
	for _, a := range n.Ledger.Addresses.Params.Genesis {
		sum = sum.Add(a)
	}
	return sum
}

// worked reports whether the provider has the receipt of a job that it took for money.
func (e *ending) worked(t *testing.T) bool {
	t.Helper()
	p := e.n.Providers[0]
	for _, d := range p.Payee.Dues() {
		made, err := p.Settlement.Case(t.Context(), d.Agreement.Terms.Job)
		if err != nil && !errors.Is(err, settle.ErrUnknown) {
			t.Fatal(err)
		}
		if err == nil && made.Receipt != nil {
			return true
		}
	}
	return false
}

// check holds what everybody has against what it is due.
func (e *ending) check(t *testing.T) {
	t.Helper()
	n := e.n
	for _, x := range e.told.faults {
		t.Error(x)
	}
	for _, x := range slices.Concat(n.Providers, n.Validators) {
		who := name(n, x.Account())
		b, due := e.of(who), gwr(begin).Add(e.told.earned[x.Account()])
		for _, d := range x.Payee.Dues() {
			if d.State == payment.Paid {
				due = due.Add(d.Amount)
			}
		}
		switch {
		case slices.Contains(e.guilty, who):
			if !e.told.lost(x.Account(), convicted) && !e.told.lost(x.Account(), twoWords) {
				t.Errorf("%s was proven guilty, and lost %+v", who, e.told.slashed)
			}
		case e.bad(who):
		case b.Sum.Cmp(due) < 0 || b.Staked != gwr(1000) || b.Jailed || e.told.lost(x.Account(), ""):
			t.Errorf("%s is honest and has %s, due are %s; %s of it at stake, jailed %v", who, b.Sum, due, b.Staked, b.Jailed)
		}
	}
	if e.c.accepted() && !e.bad("provider-1") && e.of("provider-1").Sum.Cmp(gwr(begin+price)) < 0 {
		t.Errorf("the provider's work was accepted, and it has %s", e.of("provider-1").Sum)
	}
	if e.bad("consumer") {
		return
	}
	paid, err := n.Consumer.Payer.Payments()
	if err != nil {
		t.Fatal(err)
	}
	cost := e.told.escrows
	for _, p := range paid {
		if !p.Accept { // else the escrow has paid it
			cost = cost.Add(p.Amount)
		}
	}
	if got := e.of("consumer").Sum; got.Add(cost).Cmp(gwr(begin)) < 0 {
		t.Errorf("the consumer is honest, and has %s of %d, though it agreed to pay no more than %s", got, begin, cost)
	}
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
			by := devnettest.Proven(t, n.Consumer.Consumer.Open, r.Evidence)
			for _, x := range slices.Concat(n.Providers, n.Validators) {
				if !r.Against(x.Account()) {
					continue
				}
				who := name(n, x.Account())
				blamed = append(blamed, who)
				if (x.Provider != nil || len(by.Witnesses) == 0) && !slices.Contains(out, who) {
					out = append(out, who)
				}
			}
		}
	}
	return out, blamed
}
