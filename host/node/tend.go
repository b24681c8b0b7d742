package node

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
)

const (
	cacheDefault = 10 << 30
	tendEvery    = 10 * time.Minute
)

// tend keeps the store from growing for ever, until the function it gives back is called.
func (n *Node) tend() (stop func()) {
	keep := uint64(cacheDefault)
	if n.cfg.Cache != 0 {
		keep = uint64(max(n.cfg.Cache, 0))
	}
	every := tendEvery
	if n.cfg.Tend > 0 {
		every = n.cfg.Tend
	}
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		store.Tend(ctx, n.cfg.Store, keep, tick.C, n.cfg.Log)
	})
	work.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for ctx.Err() == nil {
			n.forget(ctx)
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
	})
	return func() {
		cancel()
		work.Wait()
	}
}

// pruner is a settlement that keeps its own records of jobs.
type pruner interface {
	Prune(ctx context.Context, keep time.Duration) (forgotten int, _ error)
}

// forget drops the records of jobs that nobody can ask about any more. Nodes that live for one command do so too: they may be all there are.
func (n *Node) forget(ctx context.Context) {
	keep := n.cfg.Keep
	if keep == 0 {
		keep = settle.Grace
	}
	_, err := n.Consumer.Prune(ctx)
	err = errors.Join(err, n.seat.Prune())
	book := any(n.Settlement)
	if n.chain != nil {
		book = n.chain // and what its agent remembers
	}
	if p, ok := book.(pruner); ok {
		_, more := p.Prune(ctx, keep)
		err = errors.Join(err, more)
	}
	if before := time.Now().Add(-keep); n.Payer != nil {
		_, more := n.Payer.Prune(before)
		err = errors.Join(err, more)
		if n.Payee != nil {
			_, more = n.Payee.Prune(before)
			err = errors.Join(err, more)
		}
	}
	if err != nil && ctx.Err() == nil {
		n.cfg.Log.Error("forgetting jobs that are over for long", "err", err)
	}
}
