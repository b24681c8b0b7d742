package consumer

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// answerTime is how long a provider may take over an open bid, or over opening a sealed one once the bidding is over.
const answerTime = 20 * time.Second

// answer is a provider's to an offer: a bid, or why there is none.
type answer struct {
	n   *node
	b   rpc.Bid
	err error
}

// bids calls for bids on an attempt's job among some providers, all at once. Each has its answer; of those beyond rpc.MaxInvited there is none.
func (r *replica) bids(a *attempt, among []*node, work used) ([]answer, error) {
	among = among[:min(len(among), rpc.MaxInvited)]
	invited := make([]msg.Account, len(among))
	for i, n := range among {
		invited[i] = n.account
	}
	t, err := market.Call(r.c.cfg.Identity, a.job, work.Gas, work.GPUGas, invited, r.bidding(a, len(among)), time.Now())
	if err != nil {
		return nil, err
	}
	offer := rpc.Offer{Spec: a.s.Spec, Tender: t.Signed}
	if t.Sealed() {
		return r.sealed(t, offer, among), nil
	}
	return ask(among, func(n *node) (b rpc.Bid, err error) {
		ctx, cancel := context.WithTimeout(r.ctx, answerTime)
		defer cancel()
		return n.Offer(ctx, offer, a.job)
	}), nil
}

// ask asks nodes, all at once.
func ask(among []*node, what func(*node) (rpc.Bid, error)) []answer {
	answers := make([]chan answer, len(among))
	for i, n := range among {
		answers[i] = make(chan answer, 1)
		go func() {
			b, err := what(n)
			answers[i] <- answer{n, b, err}
		}()
	}
	out := make([]answer, len(among))
	for i := range out {
		out[i] = <-answers[i]
	}
	return out
}

// biddingTime is how long a sealed bidding lasts at most. It is over as soon as everybody who is asked has committed itself, so only who is
// slow or silent makes it last.
const biddingTime = 3 * time.Second

// bidding is how long the bidding on a job lasts, 0 for open bids. Bids are sealed where there is a price to be beaten: the job is paid, or has
// a price that it may not pass, and more than one provider is asked. Elsewhere nothing is there to be hidden, and an open bid saves a round
// trip.
func (r *replica) bidding(a *attempt, asked int) time.Duration {
	switch {
	case r.req.Bidding < 0:
		return 0
	case r.req.Bidding > 0:
		return r.req.Bidding
	case asked > 1 && (a.spec.Market != nil || !a.spec.PriceCap.IsZero()):
		return biddingTime
	}
	return 0
}

// sealed has the providers commit themselves to bids, and opens these when all have or the bidding is over.
func (r *replica) sealed(t *market.Tender, offer rpc.Offer, among []*node) []answer {
	bidding, over := context.WithTimeout(r.ctx, t.Bidding())
	defer over()
	type bound struct {
		signed *identity.Signed
		commit *rpc.BidCommit
	}
	commits := make([]bound, len(among))
	refusals := make([]*identity.Signed, len(among))
	index := map[*node]int{}
	for i, n := range among {
		index[n] = i
	}
	out := ask(among, func(n *node) (b rpc.Bid, err error) {
		said, refusal, err := n.Seal(bidding, offer, t)
		switch {
		case err != nil:
			return b, err
		case refusal != nil:
			refusals[index[n]] = said.Refusal
			return *refusal, nil
		}
		commit, err := market.OpenCommit(*said.Commit, t, &n.account)
		commits[index[n]] = bound{said.Commit, commit}
		return b, err
	})
	var made []bound
	var binding []*node
	for i, c := range commits {
		if out[i].err == nil && c.signed != nil {
			made, binding = append(made, c), append(binding, among[i])
		}
	}
	// Providers hold their bids back until the bidding is over or all have committed themselves or refused.
	slices.SortFunc(made, func(x, y bound) int { return slices.Compare(x.commit.Provider[:], y.commit.Provider[:]) })
	show := rpc.Unseal{Tender: t.Hash}
	for _, c := range made {
		show.Commits = append(show.Commits, *c.signed)
	}
	order := slices.SortedFunc(maps.Keys(index), func(x, y *node) int { return slices.Compare(x.account[:], y.account[:]) })
	for _, n := range order {
		if signed := refusals[index[n]]; signed != nil {
			show.Refusals = append(show.Refusals, *signed)
		}
	}
	for _, x := range ask(binding, func(n *node) (rpc.Bid, error) { return r.unseal(t, n, commits[index[n]].commit, show) }) {
		out[index[x.n]] = x
	}
	return out
}

// unseal opens one provider's bid, and notes whether it kept to it.
func (r *replica) unseal(t *market.Tender, n *node, commit *rpc.BidCommit, show rpc.Unseal) (rpc.Bid, error) {
	ctx, cancel := context.WithTimeout(r.ctx, t.Bidding()+answerTime)
	defer cancel()
	u, err := n.Unseal(ctx, show)
	deed := market.Kept
	var bid *rpc.Bid
	switch {
	case err != nil && (r.ctx.Err() != nil || !transport.HasCode(err, transport.Forbidden)):
		return rpc.Bid{}, err // it is out of reach, or this side gave up: that may happen to anybody
	case err != nil:
		deed = market.Shut
	default:
		if bid, err = market.OpenBid(t, commit, &u); err != nil {
			deed = market.Broken
		}
	}
	if e := r.c.cfg.Market.Truth.Sealed(n.account, deed); e != nil {
		err = errors.Join(err, e)
	}
	if err != nil {
		return rpc.Bid{}, err
	}
	return *bid, nil
}
