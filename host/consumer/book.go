package consumer

import (
	"errors"
	"time"

	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/proto/msg"
)

// used is what a program used up in the last run of it that was accepted.
type used struct {
	Gas    uint64 `cbor:"1,keyasint"`
	GPUGas uint64 `cbor:"2,keyasint"`
}

// expected is what a job is expected to use, zero if its module never ran for this consumer: the same module with other inputs or
// arguments is taken for the same.
func (c *Consumer) expected(p *msg.Program) (u used) {
	if c.cfg.Store.Journal("consumer/work").Get(p.Module.Root, &u) != nil {
		return used{}
	}
	return u
}

// history is how a provider kept to its jobs here; whether its results were right is the settlement's book.
type history struct {
	Lost uint32 `cbor:"1,keyasint"` // gone, given up, or so slow that another was first
}

func historyKey(a msg.Account) (h msg.Hash) {
	copy(h[:], a[:])
	return h
}

// remember notes that a provider did not keep to a job.
func (c *Consumer) remember(provider msg.Account) {
	c.books.Lock()
	defer c.books.Unlock()
	j := c.cfg.Store.Journal("consumer/providers")
	var h history
	_ = j.Get(historyKey(provider), &h) // what cannot be read begins anew
	h.Lost++
	if err := j.Put(historyKey(provider), h); err != nil {
		c.cfg.Log.Error("writing the journal", "err", err)
	}
}

// chance is how likely a provider is to give a good result, by what is known of it: the rule of succession, an even bet for somebody new.
func (c *Consumer) chance(provider msg.Account) float64 {
	var h history
	_ = c.cfg.Store.Journal("consumer/providers").Get(historyKey(provider), &h)
	var valid, invalid uint64
	if c.cfg.Reputation != nil {
		valid, invalid = c.cfg.Reputation(provider)
	}
	return float64(valid+1) / float64(valid+invalid+uint64(h.Lost)+2) * c.cfg.Market.Truth.Word(provider)
}

// learn notes what an accepted run used, what was paid for it, and how far its provider's claim of speed was true.
func (c *Consumer) learn(x *run) {
	c.noteMarket(x)
	u := used{x.said.Receipt.Gas, x.said.Receipt.GPUGas}
	if c.expected(&x.spec.Program) == u {
		return
	}
	if err := c.cfg.Store.Journal("consumer/work").Put(x.spec.Program.Module.Root, u); err != nil {
		c.cfg.Log.Error("writing the journal", "err", err)
	}
}

func (c *Consumer) noteMarket(x *run) {
	r, b := &x.said.Receipt, x.s.Bid
	if b == nil {
		return
	}
	claimed := rival{speed: float64(b.Speed), gpu: float64(b.GPUSpeed)}.takes(max(0, x.gas), max(0, x.gpu))
	err := errors.Join(c.cfg.Market.Truth.Observe(r.Provider, claimed, x.took),
		c.cfg.Market.Add(market.Trade{Job: r.Job, Consumer: x.spec.Consumer, Provider: r.Provider, Device: r.Device, Gas: r.Gas, GPUGas: r.GPUGas, Price: b.Price, At: time.Now().Unix()}))
	if err != nil {
		c.cfg.Log.Error("writing the journal", "err", err)
	}
}
