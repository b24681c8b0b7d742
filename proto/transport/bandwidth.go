package transport

import (
	"context"
	"math"
	"sync"
	"time"
)

// gate is a token bucket for the bytes of all connections of an endpoint in one direction. Stretches of data wait for their
// turn, first come first served, in slices small enough that many streams share it evenly. Messages go at once, so that a
// transfer never holds up what has a deadline; the bytes they take are missing to the data that follows. What QUIC adds, some
// four in a hundred, is not counted.
type gate struct {
	rate, burst float64 // bytes a second, bytes; a rate of 0 lets everything through
	slice       int     // the most that goes through at once
	now         func() time.Time
	pause       func(context.Context, time.Duration) error

	mu     sync.Mutex
	tokens float64 // below 0: promised to those that wait
	at     time.Time
}

const (
	sliceLeast = 4 << 10
	sliceMost  = 64 << 10
)

func (g *gate) init(rate int64, now func() time.Time, pause func(context.Context, time.Duration) error) {
	g.now, g.pause = now, pause
	if rate <= 0 {
		return
	}
	g.rate = float64(rate)
	g.slice = int(min(max(rate/16, sliceLeast), sliceMost))
	g.burst = max(g.rate/4, float64(g.slice))
	g.tokens, g.at = g.burst, now()
}

// most is how much may be asked to pass at once.
func (g *gate) most() int {
	if g.rate == 0 {
		return math.MaxInt
	}
	return g.slice
}

// reserve takes n tokens, and says how long to wait until they are there.
func (g *gate) reserve(n int) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fill()
	g.tokens -= float64(n)
	if g.tokens >= 0 {
		return 0
	}
	return time.Duration(-g.tokens / g.rate * float64(time.Second))
}

// fill adds what has come since the last time. g.mu is held.
func (g *gate) fill() {
	now := g.now()
	if d := now.Sub(g.at); d > 0 { // a clock set back gives nothing
		g.tokens = min(g.burst, g.tokens+d.Seconds()*g.rate)
	}
	g.at = now
}

// pass waits until n bytes may go through.
func (g *gate) pass(ctx context.Context, n int) error {
	if g.rate == 0 {
		return nil
	}
	d := g.reserve(n)
	if d == 0 {
		return nil
	}
	err := g.pause(ctx, d)
	if err != nil {
		g.mu.Lock()
		g.tokens += float64(n) // others may have them
		g.mu.Unlock()
	}
	return err
}

// take counts n bytes that go through at once. They hold data up for a few seconds at most, whatever a peer sends.
func (g *gate) take(n int) {
	if g.rate == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.fill()
	g.tokens = max(g.tokens-float64(n), min(g.tokens, -4*g.rate))
}

// pause waits for d, or for the end of ctx.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
