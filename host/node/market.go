package node

import (
	"context"
	"time"

	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// room is what an account weighs in this node's books of the market: by all that it did well here, whatever it was.
func (n *Node) room(a msg.Account) uint64 {
	var good uint64
	for _, role := range []free.Role{free.Consumer, free.Provider, free.Validator} {
		r := n.reputation(role, a)
		good += r.Good
	}
	return market.Room(good, n.staked(a))
}

// openMarket takes up what this node knows of the market; of a provider also its own prices, and what it measured of itself.
func (n *Node) openMarket() (seller *market.Seller, err error) {
	if n.Market, err = market.Open(n.cfg.Store, n.room, nil, n.cfg.Log); err != nil || !n.cfg.Provider {
		return nil, err
	}
	if n.benchmark, err = market.LoadBenchmark(n.cfg.Store, n.Account()); err != nil {
		n.cfg.Log.Warn("the benchmark of before is left out", "err", err)
	}
	if p := n.cfg.Price; p.Kind == market.DeviceSecond && n.benchmark == nil {
		n.cfg.Log.Warn("prices go by this node's speed, which it does not know before it has done a job: gwrun bench measures it")
	}
	return market.NewSeller(n.cfg.Identity, n.cfg.Price, n.room, time.Now)
}

// called notes what a consumer asks for.
func (n *Node) called(t *market.Tender) {
	if err := n.Market.Called(t); err != nil {
		n.cfg.Log.Debug("a tender is not noted", "consumer", t.Consumer, "err", err)
	}
}

// sold notes what a job of this provider that was accepted was agreed to cost.
func (n *Node) sold(job msg.Hash) {
	a, ok := n.Payee.Agreed(job)
	if !ok || a.Terms.Price.IsZero() {
		return
	}
	made, err := n.Settlement.Case(context.Background(), job)
	if err == nil && made.Receipt != nil {
		var r msg.Receipt
		if err = msg.Decode(made.Receipt.Body, &r); err == nil {
			err = n.Market.Add(market.Trade{Job: job, Consumer: a.Terms.Consumer, Provider: n.Account(), Device: r.Device, Gas: r.Gas, GPUGas: r.GPUGas, Price: a.Terms.Price, At: r.Ended})
		}
	}
	if err != nil {
		n.cfg.Log.Error("noting what was paid", "job", job, "err", err)
	}
}

// staked is what an account has at stake on the market's chain: nothing without one, or where it may take no jobs.
func (n *Node) staked(a msg.Account) msg.Amount {
	if n.purse == nil {
		return msg.Amount{}
	}
	s, err := n.purse.Stake(context.Background(), a)
	if err != nil {
		n.cfg.Log.Warn("what an account has staked", "account", a, "err", err)
		return msg.Amount{}
	}
	if s.Barred {
		return msg.Amount{}
	}
	return s.Active
}

// listed is how long a listing holds. It is made anew when a quarter of that is over: what it says of speed changes.
const listed = time.Hour

// listing is what this provider sells, signed; nil of others.
func (n *Node) listing() *identity.Signed {
	if n.Provider == nil {
		return nil
	}
	n.listings.Lock()
	defer n.listings.Unlock()
	now := time.Now()
	if now.Before(n.listings.until.Add(-listed * 3 / 4)) {
		return n.listings.signed
	}
	l := rpc.Listing{Version: 1, Provider: n.Account(), Device: n.cfg.Device.Kind, Name: n.cfg.Device.Name, Probe: n.cfg.Device.Probe, Memory: n.Provider.MaxMemory(), Region: n.cfg.Region,
		Price: n.cfg.Price.Public(), Since: now.Unix(), Until: now.Add(listed).Unix()}
	l.Speed, l.GPUSpeed = n.Provider.Speed()
	if n.benchmark != nil {
		l.Benchmark = &n.benchmark.Signed
	}
	signed, err := n.cfg.Identity.Sign(l)
	if err == nil {
		err = n.Market.Listed(signed)
	}
	if err != nil {
		n.cfg.Log.Error("listing what this node sells", "err", err)
		return nil
	}
	n.listings.signed, n.listings.until = &signed, now.Add(listed)
	return &signed
}
