package web

import (
	"context"
	"log/slog"
	"math"
	"math/big"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/gwrun/gwrun/proto/msg"
)

// Balance is what an account has of something it needs.
type Balance struct {
	Account msg.Account
	// Unit is what is counted, and For what it is needed for, each in a word that stands in the code: ("native", "gas"), ("token", "stake").
	Unit, For string
	Have      msg.Amount
	// Least is below which work will stop, so that whoever reads the log has time to do something about it.
	Least msg.Amount
	// Remedy says what to do.
	Remedy string
}

// Balances watches balances, so that nobody learns of one that ran out from the work that stopped.
type Balances struct {
	log *slog.Logger
	now func() time.Time

	mu     sync.Mutex
	seen   []Balance
	warned map[[2]string]time.Time // by unit and what for
	failed bool
}

const (
	// warnAgain is how often a low balance is said while nothing is done about it.
	warnAgain = time.Hour
	// maxBalances bounds how many a node has.
	maxBalances = 32
)

// NewBalances makes a watch that tells m and log.
func NewBalances(m *Metrics, log *slog.Logger) *Balances {
	b := &Balances{log: log, now: time.Now, warned: map[[2]string]time.Time{}}
	m.registry.MustRegister(b)
	return b
}

// Watch reads the balances now and then until ctx ends.
func (b *Balances) Watch(ctx context.Context, every time.Duration, read func(ctx context.Context) ([]Balance, error)) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		list, err := read(ctx)
		if ctx.Err() != nil {
			return
		}
		b.take(list, err)
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// take takes in what was read.
func (b *Balances) take(list []Balance, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		if !b.failed {
			b.log.Warn("balances cannot be read", "err", err)
		}
		b.failed = true
		return
	}
	if b.failed {
		b.log.Info("balances can be read again")
	}
	b.failed = false
	seen := map[[2]string]bool{}
	b.seen = nil
	for _, x := range list[:min(len(list), maxBalances)] {
		key := [2]string{x.Unit, x.For}
		if seen[key] {
			b.log.Error("two balances of one kind", "unit", x.Unit, "for", x.For)
			continue
		}
		seen[key] = true
		b.seen = append(b.seen, x)
		at, low := b.warned[key]
		switch {
		case x.Have.Cmp(x.Least) >= 0:
			if low {
				b.log.Info("a balance is high enough again", "account", x.Account, "unit", x.Unit, "for", x.For, "have", x.Have)
			}
			delete(b.warned, key)
		case !low || b.now().Sub(at) >= warnAgain:
			b.log.Warn("a balance is low: what it is needed for will stop", "account", x.Account, "unit", x.Unit, "for", x.For, "have", x.Have, "least", x.Least, "remedy", x.Remedy)
			b.warned[key] = b.now()
		}
	}
}

var (
	balanceDesc = prometheus.NewDesc("gwrun_balance", "What this node's account has, in whole coins or tokens, by unit and what it is needed for.", []string{"unit", "for"}, nil)
	leastDesc   = prometheus.NewDesc("gwrun_balance_least", "Below which the node warns.", []string{"unit", "for"}, nil)
)

// Describe implements prometheus.Collector.
func (b *Balances) Describe(to chan<- *prometheus.Desc) {
	to <- balanceDesc
	to <- leastDesc
}

// Collect implements prometheus.Collector.
func (b *Balances) Collect(to chan<- prometheus.Metric) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, x := range b.seen {
		to <- prometheus.MustNewConstMetric(balanceDesc, prometheus.GaugeValue, Whole(x.Have), x.Unit, x.For)
		to <- prometheus.MustNewConstMetric(leastDesc, prometheus.GaugeValue, Whole(x.Least), x.Unit, x.For)
	}
}

// Whole is an amount as a number of whole tokens, for a metric: the nearest that a float64 has.
func Whole(a msg.Amount) float64 {
	f, _ := new(big.Float).Quo(new(big.Float).SetInt(a.Big()), big.NewFloat(math.Pow10(msg.TokenDecimals))).Float64()
	return f
}
