package node

import (
	"context"
	"time"

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
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(every)
		defer tick.Stop()
		store.Tend(ctx, n.cfg.Store, keep, tick.C, n.cfg.Log)
	}()
	return func() {
		cancel()
		<-ended
	}
}
