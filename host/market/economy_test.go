package market

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

var economies = flag.Int("economies", 5, "how many economies TestEconomy simulates")

// An economy of 20 providers with different costs and devices, and the jobs of 200 consumers: first few, then many, then few again. It is made
// of the package's own parts (policies, ranks, claims, the index, sealed bids for every fortieth job); only work and time are imagined. Each
// provider runs one job at a time and takes no other meanwhile.
type economy struct {
	clock   *clock
	r       *rand.Rand
	index   *Index
	truth   *Truth
	sellers []*seller
	jobs    []work
}

// work is a consumer's job: how much of both gases, when it comes, and what its result is worth to it, in tokens.
type work struct {
	at       time.Duration
	gas, gpu float64
	worth    float64
	spec     *msg.JobSpec
}

// seller is a provider: what a second of its device costs it, what it can do, what it says, and how it bids.
type seller struct {
	id          *identity.Identity
	cost        float64 // tokens a second
	speed, gpu  float64 // gas a second
	boast       float64 // what it multiplies its speeds by when it speaks of them
	broken      float64 // share of its results that are no good
	markup      float64 // what it multiplies its costs by
	posted      float64 // tokens a second, where prices are posted
	busy        time.Duration
	good, bad   float64 // results, as consumers see them
	won, earned float64
}

func (s *seller) seconds(w *work) float64 { return w.gas/s.speed + w.gpu/s.gpu }

// chance is as the consumer counts it.
func (s *seller) chance() float64 { return (s.good + 1) / (s.good + s.bad + 2) }

func newEconomy(t *testing.T, seed uint64) *economy {
	e := &economy{clock: &clock{noon}, r: rand.New(rand.NewPCG(seed, 11)), truth: OpenTruth(inMemory(t))}
	var err error
	if e.index, err = OpenIndex(inMemory(t), e.clock.now); err != nil {
		t.Fatal(err)
	}
	scatter := func(mean, sigma float64) float64 { return mean * math.Exp(sigma*e.r.NormFloat64()) }
	for range 20 {
		e.sellers = append(e.sellers, &seller{id: someone(t), cost: scatter(0.001, 0.6), speed: scatter(5e9, 0.3), gpu: scatter(2e11, 0.8), boast: 1, markup: 1.2})
	}
	at := time.Duration(0)
	for n := range 200 {
		gap := 30.0 // seconds between jobs: about a third of the providers are busy
		if n >= 60 && n < 140 {
			gap = 3 // most of them are
		}
		at += time.Duration(e.r.ExpFloat64() * gap * float64(time.Second))
		w := work{at: at, gas: scatter(4e10, 1), gpu: scatter(8e12, 1), spec: job(1<<60, 1<<60)}
		w.spec.Program.Seed = uint64(n)
		w.worth = scatter(0.004*(w.gas/5e9+w.gpu/2e11), 0.5)
		e.jobs = append(e.jobs, w)
	}
	return e
}

func amountOf(tokens float64) msg.Amount {
	n, _ := new(big.Float).Mul(big.NewFloat(tokens), new(big.Float).SetInt(token)).Int(nil)
	return amount(n)
}

// tokens is an amount as a number to compare.
func tokens(a msg.Amount) float64 {
	f, _ := new(big.Rat).SetFrac(a.Big(), token).Float64()
	return f
}

// outcome is what an economy came to.
type outcome struct {
	gained, best float64 // by trade: what results were worth beyond what they cost; and the most that could be
	jobs         int
	price        map[int]float64 // tokens for 10^9 gas by phase: few, many, few
	belowCost    int
	unsold       int
}

func (o *outcome) efficiency() float64 { return o.gained / o.best }

// run has every job done. ask gives a provider's price for a job, after says who won what for how much.
func (e *economy) run(t *testing.T, prefer Preference, ask func(*seller, *work) msg.Amount, after func(winner *seller, free []*seller, price float64)) *outcome {
	o := &outcome{price: map[int]float64{}}
	counts := map[int]float64{}
	for n := range e.jobs {
		w := &e.jobs[n]
		e.clock.at = noon.Add(w.at)
		var free []*seller
		var quotes []Quote
		best := 0.0
		for _, s := range e.sellers {
			if s.busy > w.at {
				continue
			}
			price := ask(s, w)
			best = max(best, w.worth-s.seconds(w)*s.cost)
			if price.Cmp(amountOf(w.worth)) > 0 { // the job's price cap
				continue
			}
			f := e.truth.Factor(s.id.Account())
			free = append(free, s)
			quotes = append(quotes, Quote{price, 1 + w.gas/(s.speed*s.boast*f) + w.gpu/(s.gpu*s.boast*f), s.chance()})
		}
		o.best += best
		if len(free) == 0 {
			o.unsold++
			continue
		}
		if n%40 == 0 {
			quotes = e.sealed(t, w, free, quotes)
		}
		k := Rank(quotes, prefer)[0]
		s, price := free[k], tokens(quotes[k].Price)
		took := s.seconds(w)
		s.busy = w.at + time.Duration(took*float64(time.Second))
		if err := e.truth.Observe(s.id.Account(), took/s.boast, took); err != nil {
			t.Fatal(err)
		}
		s.won++
		if e.r.Float64() < s.broken { // a bad result is found out and not paid; the device worked for nothing
			s.bad++
			o.gained -= took * s.cost
			continue
		}
		s.good++
		s.earned += price - took*s.cost
		o.jobs++
		o.gained += w.worth - took*s.cost
		if price < took*s.cost*0.999999 {
			o.belowCost++
		}
		phase := min(n/60, 1)
		if n >= 140 {
			phase = 2
		}
		o.price[phase] += price / (w.gas + w.gpu) * 1e9
		counts[phase]++
		if err := e.index.Add(Trade{Job: key(uint64(n + 1)), Provider: s.id.Account(), Device: fmt.Sprint("phase ", phase), Gas: uint64(w.gas), GPUGas: uint64(w.gpu), Price: quotes[k].Price,
			At: e.clock.at.Unix()}); err != nil {
			t.Fatal(err)
		}
		after(s, free, price)
	}
	for p := range o.price {
		o.price[p] /= counts[p]
	}
	return o
}

// sealed takes the bids through their seals, as they travel.
func (e *economy) sealed(t *testing.T, w *work, free []*seller, quotes []Quote) []Quote {
	consumer := someone(t)
	ids := make([]*identity.Identity, len(free))
	for i, s := range free {
		ids[i] = s.id
	}
	tender, err := Call(consumer, msg.HashOf(*w.spec), uint64(w.gas), uint64(w.gpu), accounts(ids...), time.Second, e.clock.now())
	if err != nil {
		t.Fatal(err)
	}
	seals, commits := make([]*Seals, len(free)), make([]identity.Signed, len(free))
	for i := range free {
		seals[i] = NewSeals(ids[i], nil, e.clock.now)
		commits[i], err = seals[i].Seal(t.Context(), tender, func() (identity.Signed, error) {
			return ids[i].Sign(rpc.Bid{Job: tender.Job, Provider: ids[i].Account(), Accept: true, Price: quotes[i].Price})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	show := slices.Clone(commits)
	opened := map[msg.Account]*rpc.BidCommit{}
	for _, c := range commits {
		x, err := OpenCommit(c, tender, nil)
		if err != nil {
			t.Fatal(err)
		}
		opened[x.Provider] = x
	}
	slices.SortFunc(show, func(a, b identity.Signed) int {
		var x, y rpc.BidCommit
		_, _ = a.Open(&x)
		_, _ = b.Open(&y)
		return compare(x.Provider, y.Provider)
	})
	out := slices.Clone(quotes)
	for i := range free {
		u, err := seals[i].Unseal(t.Context(), consumer.Account(), rpc.Unseal{Tender: tender.Hash, Commits: show})
		if err != nil {
			t.Fatal(err)
		}
		b, err := OpenBid(tender, opened[ids[i].Account()], &u)
		if err != nil {
			t.Fatal(err)
		}
		out[i].Price = b.Price
	}
	return out
}

// bid is a sealed bid at first price: a provider's cost of that very job, times a markup.
func (e *economy) bid(s *seller, w *work) msg.Amount {
	p := Policy{}
	p.Kind, p.Second = DeviceSecond, amountOf(s.cost*s.markup)
	a, err := p.Price(context.Background(), Ask{Spec: w.spec, Gas: uint64(w.gas), GPUGas: uint64(w.gpu), Speed: uint64(s.speed), GPUSpeed: uint64(s.gpu)})
	if err != nil {
		panic(err)
	}
	return a
}

// learn has who won ask for a bit more the next time, and who lost for a bit less, never below its costs.
func learn(winner *seller, free []*seller, _ float64) {
	for _, s := range free {
		if s == winner {
			s.markup = min(s.markup*1.04, 4)
		} else {
			s.markup = max(s.markup*0.985, 1.02)
		}
	}
}

// posted is a price for 10^9 gas of each kind that a provider has posted, and holds to for everybody until it thinks again.
func (e *economy) posted(s *seller, w *work) msg.Amount {
	if s.posted == 0 {
		s.posted = s.cost * s.markup
	}
	// It is made for a machine in the middle: what a job of another mix costs on this device it does not say.
	p := Policy{}
	p.Kind, p.Module, p.Kernel = ByGas, amountOf(s.posted*1e9/5e9), amountOf(s.posted*1e9/2e11)
	a, err := p.Price(context.Background(), Ask{Spec: w.spec, Gas: uint64(w.gas), GPUGas: uint64(w.gpu)})
	if err != nil {
		panic(err)
	}
	return a
}

// Sealed bids at first price find the providers for which a job costs least, and prices follow supply and demand.
func TestEconomy(t *testing.T) {
	var bids, posts, rise, fall []float64
	for seed := range uint64(*economies) {
		e := newEconomy(t, seed)
		o := e.run(t, ByPrice, e.bid, learn)
		e2 := newEconomy(t, seed)
		n := 0
		p := e2.run(t, ByPrice, e2.posted, func(w *seller, free []*seller, price float64) {
			learn(w, free, price)
			if n++; n%20 == 0 { // everybody thinks again
				for _, s := range e2.sellers {
					s.posted = s.cost * s.markup
				}
			}
		})
		t.Logf("economy %d: sealed bids %.1f%% of what the best idle provider of each job would have gained, %d jobs, %d at no price that was worth it; posted prices %.1f%%, %d jobs, %d below cost; 10^9 gas for %.3g, %.3g, %.3g tokens as demand rose and fell",
			seed, 100*o.efficiency(), o.jobs, o.unsold, 100*p.efficiency(), p.jobs, p.belowCost, o.price[0], o.price[1], o.price[2])
		bids, posts = append(bids, o.efficiency()), append(posts, p.efficiency())
		if o.belowCost > 0 {
			t.Errorf("economy %d: %d jobs were sold below their cost", seed, o.belowCost)
		}
		if o.jobs+o.unsold != len(e.jobs) {
			t.Errorf("economy %d: %d jobs done and %d not of %d", seed, o.jobs, o.unsold, len(e.jobs))
		}
		medians := map[string]float64{}
		for _, x := range e.index.Prices() {
			medians[x.Device] = tokens(x.Median)
		}
		rise, fall = append(rise, medians["phase 1"]/medians["phase 0"]), append(fall, medians["phase 2"]/medians["phase 1"])
	}
	mean := func(x []float64) (m float64) {
		for _, v := range x {
			m += v / float64(len(x))
		}
		return m
	}
	t.Logf("mean of %d economies: sealed bids %.1f%%, posted prices %.1f%%; the median price rose to %.2f times with demand and fell to %.2f", len(bids), 100*mean(bids), 100*mean(posts), mean(rise), mean(fall))
	if mean(bids) < 0.9 || mean(bids) < mean(posts)+0.02 {
		t.Errorf("sealed bids came to %.3f of what could be gained, posted prices to %.3f", mean(bids), mean(posts))
	}
	if mean(rise) < 1.1 || mean(fall) > 0.95 {
		t.Errorf("the price rose to %.2f times when demand did, and fell to %.2f when that fell", mean(rise), mean(fall))
	}
}

// Who bids next to nothing and gives no good results, and who says that it is fast and is not, get a few jobs and then none; the others go on
// trading.
func TestHostileBidders(t *testing.T) {
	for _, tc := range []struct {
		name   string
		prefer Preference
		spoil  func(*seller)
		most   float64 // of 200 jobs
	}{
		{"one that gives nothing good for next to nothing", ByPrice, func(s *seller) { s.markup, s.broken = 1e-6, 1 }, 15},
		{"one whose results are good by half", ByReputation, func(s *seller) { s.markup, s.broken = 0.9, 0.5 }, 30},
		{"one that boasts", BySpeed, func(s *seller) { s.boast, s.speed, s.gpu = 30, 1e9, 2e10 }, 15},
	} {
		e := newEconomy(t, 3)
		bad := e.sellers[0]
		tc.spoil(bad)
		o := e.run(t, tc.prefer, e.bid, func(winner *seller, free []*seller, price float64) {
			kept := bad.markup
			learn(winner, free, price)
			bad.markup = kept
		})
		t.Logf("%s won %.0f of %d jobs; %.1f%% of what the best idle provider of each job would have gained", tc.name, bad.won, len(e.jobs), 100*o.efficiency())
		if bad.won == 0 || bad.won > tc.most {
			t.Errorf("%s won %.0f jobs, want a few and at most %.0f", tc.name, bad.won, tc.most)
		}
		if o.jobs < 120 {
			t.Errorf("%s: only %d jobs were done", tc.name, o.jobs)
		}
	}
}
