package consumer

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// taken is which providers a submission's replicas have been given to, and how each gets on.
type taken struct {
	mu   sync.Mutex
	by   map[msg.Account]bool
	live []*attempt
}

func (t *taken) taken(a msg.Account) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.by[a]
}

func (t *taken) take(a msg.Account) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.by[a] {
		return false
	}
	t.by[a] = true
	return true
}

func (t *taken) watch(a *attempt) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.by[a.s.Provider] = true
	t.live = append(t.live, a)
}

// others gives what the other attempts at the same job do, as that of rivals that have yet to begin: the same program on other machines.
func (t *taken) others(not *attempt, now time.Time) (out []rival) {
	t.mu.Lock()
	all := slices.Clone(t.live)
	t.mu.Unlock()
	for _, a := range all {
		if a == not {
			continue
		}
		a.mu.Lock()
		p := a.pace
		a.mu.Unlock()
		if s := p.elapsed(now); s > 0 && grown(p.gas) > 0 {
			// All its time is put down to the gas of the module: the same program has the same share of each everywhere.
			out = append(out, rival{speed: grown(p.gas) / s, gpu: 1 << 62, wait: p.waited.Seconds()})
		}
	}
	return out
}

// offered is a bid and who made it. In b claims of speed are corrected, in said they are as they were made.
type offered struct {
	n    *node
	b    rpc.Bid
	said rpc.Bid
}

func (o offered) rival() rival {
	return rival{speed: float64(o.b.Speed), gpu: float64(o.b.GPUSpeed), wait: float64(o.b.Wait)}
}

// choose asks the providers for bids, all at once, and takes the best of those that better, if given, finds better.
func (r *replica) choose(a *attempt, better func(rival) bool) (*node, error) {
	var bids []offered
	why := &NoBid{Peers: len(r.nodes)}
	work := r.c.expected(&a.spec.Program)
	var among []*node
	for _, n := range r.nodes {
		switch {
		case !n.has("provider"):
		case r.given.taken(n.account):
			why.Providers++
			why.add("taken", n.Addr, rpc.Fail{Reason: "it has been given the job already"})
		case r.barred(why, n):
			why.Providers++
		default:
			why.Providers++
			among = append(among, n)
		}
	}
	answers, err := r.bids(a, among, work)
	if err != nil {
		return nil, err
	}
	for _, x := range answers {
		n := x.n
		switch {
		case x.err != nil:
			if r.ctx.Err() != nil {
				return nil, r.ctx.Err()
			}
			why.add("unreachable", n.Addr, rpc.Fail{Reason: x.err.Error()})
			r.event(Event{Job: a.job, Provider: n.Addr, Kind: "refusal", Text: x.err.Error()})
		case !x.b.Accept:
			fails := x.b.Fails
			if len(fails) == 0 {
				fails = []rpc.Fail{{Rule: x.b.Rule, Reason: x.b.Reason}}
			}
			for _, f := range fails[:min(len(fails), 16)] {
				why.add(f.Rule, n.Addr, f)
			}
			r.event(Event{Job: a.job, Provider: n.Addr, Kind: "refusal", Text: x.b.Rule + ": " + x.b.Reason})
		case r.barred(why, n): // found out while it was asked
		case x.b.Price.Cmp(a.spec.PriceCap) > 0 && !a.spec.PriceCap.IsZero():
			why.add("price", n.Addr, rpc.Fail{Reason: fmt.Sprintf("it wants %s, the job gives %s", x.b.Price, a.spec.PriceCap)})
		default:
			o := offered{n, r.c.corrected(x.b), x.b}
			if fails := r.c.short(&a.spec.Require, &o.b); len(fails) > 0 {
				for _, f := range fails {
					why.add(f.Rule, n.Addr, f)
				}
				continue
			}
			if err := r.c.terms(r.ctx, a.spec, &o.said); err != nil {
				why.add("terms", n.Addr, rpc.Fail{Reason: err.Error()})
				r.event(Event{Job: a.job, Provider: n.Addr, Kind: "refusal", Text: "its terms: " + err.Error()})
				continue
			}
			if better != nil && !better(o.rival()) {
				why.add("speed", n.Addr, rpc.Fail{Reason: "it would not be done sooner"})
				continue
			}
			bids = append(bids, o)
			text := fmt.Sprintf("%s, %d jobs before it", x.b.Device, x.b.Start)
			if !x.b.Price.IsZero() {
				text = fmt.Sprintf("%s for %s, %d jobs before it", x.b.Device, x.b.Price, x.b.Start)
			}
			r.event(Event{Job: a.job, Provider: n.Addr, Kind: "bid", Text: text})
		}
	}
	if len(bids) == 0 {
		return nil, why
	}
	r.c.rank(bids, work, r.req.Prefer)
	for i, b := range bids {
		if r.given.take(b.n.account) {
			for k, o := range bids {
				if k != i {
					a.bids = append(a.bids, o.rival())
				}
			}
			a.s.Bid = &b.said
			return b.n, nil
		}
	}
	a.bids = nil
	return r.choose(a, better) // other replicas were quicker
}

// barred says of a provider that it gets no job, since something is proven against it, and notes why.
func (r *replica) barred(why *NoBid, n *node) bool {
	if r.c.cfg.Barred == nil {
		return false
	}
	until := r.c.cfg.Barred(n.account)
	if until.IsZero() {
		return false
	}
	why.add("reputation", n.Addr, rpc.Fail{Reason: fmt.Sprintf("%s was proven wrong, or did not give what it owed; it gets jobs again at %s", n.account, until.UTC().Format(time.RFC3339))})
	return true
}

// corrected is a bid with its claims of speed as far as they have turned out to be true.
func (c *Consumer) corrected(b rpc.Bid) rpc.Bid {
	f := c.cfg.Market.Truth.Factor(b.Provider)
	worth := func(claim uint64) uint64 { return uint64(min(float64(claim)*f, 1<<62)) }
	b.Speed, b.GPUSpeed = worth(b.Speed), worth(b.GPUSpeed)
	return b
}

// short says which requirements a provider does not meet by what this node knows of it, whatever it says itself.
func (c *Consumer) short(q *msg.Requirements, b *rpc.Bid) (out []rpc.Fail) {
	if b.Speed < q.Speed {
		out = append(out, rpc.Fail{Rule: "module_speed", Have: b.Speed, Want: q.Speed,
			Reason: fmt.Sprintf("by what became of its claims it does %d gas a second, the job wants %d", b.Speed, q.Speed)})
	}
	if b.GPUSpeed < q.GPUSpeed {
		out = append(out, rpc.Fail{Rule: "kernel_speed", Have: b.GPUSpeed, Want: q.GPUSpeed,
			Reason: fmt.Sprintf("by what became of its claims its kernels do %d gas a second, the job wants %d", b.GPUSpeed, q.GPUSpeed)})
	}
	if !q.Stake.IsZero() {
		var stake msg.Amount
		if c.cfg.Stake != nil {
			stake = c.cfg.Stake(b.Provider)
		}
		if stake.Cmp(q.Stake) < 0 {
			out = append(out, rpc.Fail{Rule: "stake", Reason: fmt.Sprintf("it has %s staked, the job wants %s", stake, q.Stake)})
		}
	}
	return out
}

// rank sorts bids by price, time and reputation, with the weights of what the consumer prefers (market.Weights). Of equal price it is that
// first which is expected to give a good result soonest. A result that has to be done again costs its time again, so the expected time is
// that of one run through the chance that it is good.
func (c *Consumer) rank(bids []offered, work used, prefer market.Preference) {
	median := func(of func(rpc.Bid) uint64) float64 {
		var known []uint64
		for _, o := range bids {
			if v := of(o.b); v > 0 {
				known = append(known, v)
			}
		}
		if len(known) == 0 {
			return 0
		}
		slices.Sort(known)
		return float64(known[len(known)/2])
	}
	speed, gpu := median(func(b rpc.Bid) uint64 { return b.Speed }), median(func(b rpc.Bid) uint64 { return b.GPUSpeed })
	gas, kernels := float64(work.Gas), float64(work.GPUGas)
	if gas == 0 && kernels == 0 { // not known: half a minute of each on the machine in the middle
		gas, kernels = 30*speed, 30*gpu
	}
	or := func(v uint64, otherwise float64) float64 {
		if v == 0 {
			return otherwise // a new provider has no figures yet
		}
		return float64(v)
	}
	sort.SliceStable(bids, func(i, j int) bool { return bids[i].b.Start < bids[j].b.Start })
	quotes := make([]market.Quote, len(bids))
	for i, o := range bids {
		run := rival{speed: or(o.b.Speed, speed), gpu: or(o.b.GPUSpeed, gpu)}.takes(gas, kernels)
		quotes[i] = market.Quote{Price: o.b.Price, Seconds: 1 + float64(o.b.Wait) + run, Chance: c.chance(o.n.account)}
	}
	given := slices.Clone(bids)
	for i, k := range market.Rank(quotes, prefer) {
		bids[i] = given[k]
	}
}

// NoBid says why no provider took a job: requirement by requirement, how many it ruled out.
type NoBid struct {
	Peers     int        `json:"peers"`     // that answered
	Providers int        `json:"providers"` // among them
	Rules     []RuledOut `json:"rules"`     // that which ruled out most first
}

// RuledOut is a requirement and whom it ruled out. One provider may fail several.
type RuledOut struct {
	Rule      string   `json:"rule"`
	Providers int      `json:"providers"`
	Have      uint64   `json:"have,omitempty"` // the nearest miss, where it is a number
	Want      uint64   `json:"want,omitempty"`
	Nearest   string   `json:"nearest"` // in words
	Who       []string `json:"who"`     // addresses
	reasons   []string
}

func (e *NoBid) add(rule, addr string, f rpc.Fail) {
	i := slices.IndexFunc(e.Rules, func(x RuledOut) bool { return x.Rule == rule })
	if i < 0 {
		i = len(e.Rules)
		e.Rules = append(e.Rules, RuledOut{Rule: rule, Have: f.Have, Want: f.Want, Nearest: f.Reason})
	}
	x := &e.Rules[i]
	x.Providers++
	x.Who = append(x.Who, addr)
	nearer := f.Have > x.Have
	if f.Have > f.Want { // the less the better: a time
		nearer = f.Have < x.Have
	}
	if nearer {
		x.Have, x.Want, x.Nearest = f.Have, f.Want, f.Reason
	}
	if !slices.Contains(x.reasons, f.Reason) {
		x.reasons = append(x.reasons, f.Reason)
	}
}

func (x *RuledOut) text() string {
	switch {
	case x.Rule == "memory" || x.Rule == "limits" || x.Rule == "content":
		return fmt.Sprintf("the most any has is %d MiB, the job wants %d", x.Have>>20, x.Want>>20)
	case x.Want > 0:
		return x.Nearest
	}
	const some = 3
	if len(x.reasons) > some {
		return strings.Join(x.reasons[:some], "; ") + fmt.Sprintf("; and %d more", len(x.reasons)-some)
	}
	return strings.Join(x.reasons, "; ")
}

func (e *NoBid) Error() string {
	if e.Providers == 0 {
		return fmt.Sprintf("%v: none of the %d peers that answered is a provider", ErrNoBid, e.Peers)
	}
	sort.SliceStable(e.Rules, func(i, j int) bool { return e.Rules[i].Providers > e.Rules[j].Providers })
	var lines []string
	for i := range e.Rules {
		x := &e.Rules[i]
		lines = append(lines, fmt.Sprintf("%d of %d: %s, %s", x.Providers, e.Providers, x.Rule, x.text()))
	}
	return ErrNoBid.Error() + ": " + strings.Join(lines, "; ")
}

// Unwrap gives ErrNoBid.
func (e *NoBid) Unwrap() error { return ErrNoBid }
