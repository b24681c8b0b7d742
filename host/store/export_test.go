package store

import (
	"testing"
	"time"
)

// SetPackMax makes packs small for a test.
func SetPackMax(t testing.TB, n int64) {
	old := packMax
	packMax = n
	t.Cleanup(func() { packMax = old })
}

// ShrinkPacks is SetPackMax for good.
func ShrinkPacks(n int64) { packMax = n }

// WithClock gives a store another clock.
func WithClock(o Options, now func() time.Time) Options {
	o.now = now
	return o
}
