package market

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Trade is a settled job and what was paid for it.
type Trade struct {
	Job      msg.Hash    `cbor:"1,keyasint" json:"job"`
	Consumer msg.Account `cbor:"2,keyasint" json:"consumer"`
	Provider msg.Account `cbor:"3,keyasint" json:"provider"`
	Device   string      `cbor:"4,keyasint" json:"device"` // its kind
	Gas      uint64      `cbor:"5,keyasint" json:"gas"`
	GPUGas   uint64      `cbor:"6,keyasint" json:"gpu_gas"`
	Price    msg.Amount  `cbor:"7,keyasint" json:"price"`
	At       int64       `cbor:"8,keyasint" json:"at"` // Unix seconds
}

// Settled is a source of trades besides this node's own jobs: the events of a chain. It calls each with what was settled since a place, in
// order, and says where to go on from.
type Settled interface {
	Settled(ctx context.Context, from uint64, each func(Trade) error) (next uint64, err error)
}

// What an index looks at: so many trades of each class, and none that is older.
const (
	window    = 1000
	windowAge = 7 * 24 * time.Hour
	maxKinds  = 32 // kinds of devices; trades of others are left out
)

// Index is what was paid of late. It is kept in a journal, so that a node that is restarted knows it.
type Index struct {
	journal store.Journal // of Trade, by job
	now     func() time.Time

	mu     sync.Mutex
	trades map[msg.Hash]Trade
}

// OpenIndex keeps the trades in s.
func OpenIndex(s store.Store, now func() time.Time) (*Index, error) {
	x := &Index{journal: s.Journal("market/trades"), now: now, trades: map[msg.Hash]Trade{}}
	keys, err := x.journal.Keys()
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		var t Trade
		if err := x.journal.Get(k, &t); err != nil {
			return nil, fmt.Errorf("market: trade of job %s: %w", k, err)
		}
		x.trades[k] = t
	}
	return x, nil
}

// class is what prices are compared within: a kind of device, and which of the two gases there was more of. 10^9 gas of one is not 10^9 of
// the other, and no job says what each of them cost it.
type class struct{ device, work string }

func (t *Trade) class() class {
	if t.GPUGas > t.Gas {
		return class{t.Device, "kernels"}
	}
	return class{t.Device, "module"}
}

// unit is the price of 10^9 gas of both kinds together, rounded up.
func (t *Trade) unit() *big.Int {
	gas := new(big.Int).Add(number(t.Gas), number(t.GPUGas))
	if gas.Sign() == 0 {
		return new(big.Int)
	}
	return ceil(new(big.Int).Mul(t.Price.Big(), billion), gas)
}

// Add takes in a trade. One that is known changes nothing; work for nothing is no trade.
func (x *Index) Add(t Trade) error {
	if t.Price.IsZero() || t.Gas == 0 && t.GPUGas == 0 || len(t.Device) > maxLabel {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, ok := x.trades[t.Job]; ok || time.Unix(t.At, 0).Before(x.now().Add(-windowAge)) {
		return nil
	}
	kinds := map[string]bool{t.Device: true}
	for _, o := range x.trades {
		kinds[o.Device] = true
	}
	if len(kinds) > maxKinds {
		return nil
	}
	if err := x.journal.Put(t.Job, t); err != nil {
		return err
	}
	x.trades[t.Job] = t
	return x.prune(t.class())
}

// prune drops what the index does not look at any more. Called with mu held.
func (x *Index) prune(c class) error {
	var same []Trade
	var errs []error
	drop := func(t Trade) {
		delete(x.trades, t.Job)
		errs = append(errs, x.journal.Delete(t.Job))
	}
	old := x.now().Add(-windowAge)
	for _, t := range x.trades {
		switch {
		case time.Unix(t.At, 0).Before(old):
			drop(t)
		case t.class() == c:
			same = append(same, t)
		}
	}
	slices.SortFunc(same, byTime)
	for _, t := range same[:max(0, len(same)-window)] {
		drop(t)
	}
	return errors.Join(errs...)
}

func byTime(a, b Trade) int {
	if a.At != b.At {
		return int(min(max(a.At-b.At, -1), 1))
	}
	return slices.Compare(a.Job[:], b.Job[:])
}

// Prices sums up what was paid of late, class by class.
func (x *Index) Prices() []rpc.PriceSummary {
	old := x.now().Add(-windowAge)
	x.mu.Lock()
	by := map[class][]Trade{}
	for _, t := range x.trades {
		if !time.Unix(t.At, 0).Before(old) {
			by[t.class()] = append(by[t.class()], t)
		}
	}
	x.mu.Unlock()
	out := []rpc.PriceSummary{}
	for c, trades := range by {
		slices.SortFunc(trades, byTime)
		units := make([]*big.Int, len(trades))
		for i := range trades {
			units[i] = trades[i].unit()
		}
		last := units[len(units)-1]
		slices.SortFunc(units, (*big.Int).Cmp)
		// The nearest rank: the least price that so large a share is not above.
		at := func(percent int) msg.Amount { return amount(units[max(0, (percent*len(units)+99)/100-1)]) }
		out = append(out, rpc.PriceSummary{Device: c.device, Work: c.work, Jobs: uint32(len(trades)), Since: trades[0].At, Until: trades[len(trades)-1].At,
			Low: at(10), Lower: at(25), Median: at(50), Upper: at(75), High: at(90), Last: amount(last)})
	}
	slices.SortFunc(out, func(a, b rpc.PriceSummary) int {
		if c := strings.Compare(a.Device, b.Device); c != 0 {
			return c
		}
		return strings.Compare(a.Work, b.Work)
	})
	return out
}

// amount is a number of the smallest unit, the largest amount where that is too much.
func amount(n *big.Int) msg.Amount {
	a, err := msg.AmountOfBig(n)
	if err != nil {
		for i := range a {
			a[i] = 0xff
		}
	}
	return a
}

// Position is what an account did in the trades that the index has.
type Position struct {
	Sold   int        `json:"jobs_sold"`
	Earned msg.Amount `json:"earned"`
	Bought int        `json:"jobs_bought"`
	Spent  msg.Amount `json:"spent"`
}

// Position sums up an account's trades.
func (x *Index) Position(a msg.Account) (p Position) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, t := range x.trades {
		if t.Provider == a {
			p.Sold++
			p.Earned = p.Earned.Add(t.Price)
		}
		if t.Consumer == a {
			p.Bought++
			p.Spent = p.Spent.Add(t.Price)
		}
	}
	return p
}
