package consumer

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

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

// offered is a bid and who made it.
type offered struct {
	n *node
	b rpc.Bid
}

func (o offered) rival() rival {
	return rival{speed: float64(o.b.Speed), gpu: float64(o.b.GPUSpeed), wait: float64(o.b.Wait)}
}

// choose asks the providers for bids, all at once, and takes the best of those that better, if given, finds better.
func (r *replica) choose(a *attempt, better func(rival) bool) (*node, error) {
	var bids []offered
	why := &NoBid{Peers: len(r.nodes)}
	work := r.c.expected(&a.spec.Program)
	ask := func(n *node) (rpc.Bid, error) {
		ctx, cancel := context.WithTimeout(r.ctx, 20*time.Second)
		defer cancel()
		return n.Offer(ctx, rpc.Offer{Spec: a.s.Spec, Gas: work.Gas, GPUGas: work.GPUGas}, a.job)
	}
	type answer struct {
		b   rpc.Bid
		err error
	}
	answers := make([]chan answer, len(r.nodes))
	for i, n := range r.nodes {
		if n.has("provider") && !r.given.taken(n.account) {
			answers[i] = make(chan answer, 1)
			go func() {
				b, err := ask(n)
				answers[i] <- answer{b, err}
			}()
		}
	}
	for i, n := range r.nodes {
		if !n.has("provider") {
			continue
		}
		why.Providers++
		if answers[i] == nil {
			why.add("taken", n.Addr, rpc.Fail{Reason: "it has been given the job already"})
			continue
		}
		x := <-answers[i]
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
		case x.b.Price.Cmp(a.spec.PriceCap) > 0 && !a.spec.PriceCap.IsZero():
			why.add("price", n.Addr, rpc.Fail{Reason: fmt.Sprintf("it wants %s, the job gives %s", x.b.Price, a.spec.PriceCap)})
		case better != nil && !better(offered{n, x.b}.rival()):
			why.add("speed", n.Addr, rpc.Fail{Reason: "it would not be done sooner"})
		default:
			bids = append(bids, offered{n, x.b})
			r.event(Event{Job: a.job, Provider: n.Addr, Kind: "bid", Text: fmt.Sprintf("%s, %d jobs before it", x.b.Device, x.b.Start)})
		}
	}
	if len(bids) == 0 {
		return nil, why
	}
	r.c.rank(bids, work)
	for i, b := range bids {
		if r.given.take(b.n.account) {
			for k, o := range bids {
				if k != i {
					a.bids = append(a.bids, o.rival())
				}
			}
			return b.n, nil
		}
	}
	a.bids = nil
	return r.choose(a, better) // other replicas were quicker
}

// rank sorts bids: the cheapest first; of equal ones that which is expected to give a good result soonest. A result that has to be done
// again costs its time again, so the expected time is that of one run through the chance that it is good.
func (c *Consumer) rank(bids []offered, work used) {
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
	cost := map[msg.Account]float64{}
	for _, o := range bids {
		run := rival{speed: or(o.b.Speed, speed), gpu: or(o.b.GPUSpeed, gpu)}.takes(gas, kernels)
		cost[o.n.account] = (1 + float64(o.b.Wait) + run) / c.chance(o.n.account)
	}
	sort.SliceStable(bids, func(i, j int) bool {
		a, b := bids[i], bids[j]
		if c := a.b.Price.Cmp(b.b.Price); c != 0 {
			return c < 0
		}
		if x, y := cost[a.n.account], cost[b.n.account]; x != y {
			return x < y
		}
		return a.b.Start < b.b.Start
	})
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
