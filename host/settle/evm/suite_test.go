package evm_test

import (
	"context"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/settletest"
	"github.com/gwrun/gwrun/host/store"
)

// The suite that every settlement passes, over a chain with the market's contracts, an agent beside each book and the chain's clock.
func TestSuite(t *testing.T) {
	w := newWorld(t, 1)
	settletest.Run(t, func(t *testing.T) *settletest.Bench {
		dir := t.TempDir()
		var s *evm.Settlement
		var close func()
		clock := func() time.Time { _, now := w.Head(); return now }
		open := func() settle.Settlement {
			disk, err := store.Open(dir, store.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if s, err = evm.New(evm.Config{Contracts: w.market(w.people[0]), Identity: w.people[0], Store: disk}); err != nil {
				t.Fatal(err)
			}
			s.SetClock(clock)
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan struct{})
			go func() {
				defer func() { done <- struct{}{} }()
				if err := s.Run(ctx); err != nil {
					t.Error(err)
				}
			}()
			close = func() {
				cancel()
				<-done
				if err := disk.Close(); err != nil {
					t.Error(err)
				}
			}
			return s
		}
		w.still() // the suite moves the clock itself
		first := open()
		t.Cleanup(func() { close() })
		return &settletest.Bench{Settlement: first, Now: clock,
			Reopen: func() settle.Settlement { close(); return open() },
			Advance: func(d time.Duration) {
				if err := w.AdvanceTo(clock().Add(d)); err != nil {
					t.Fatal(err)
				}
			}}
	})
}
