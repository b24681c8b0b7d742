package faultnet

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Stats count the datagrams of one direction.
type Stats struct {
	Came, Lost, Duplicated, Reordered, Corrupted, Cut uint64
	Overflow                                          uint64 // more than the rate or the queue lets pass
	Left                                              uint64 // handed on, duplicates included
}

// link decides the fate of the datagrams of one direction.
type link struct {
	mu     sync.Mutex
	faults Faults
	rand   *rand.Rand
	stats  Stats
	last   time.Time // when the last one in order leaves
	free   time.Time // when the line has passed all it was given
}

func newLink(seed, direction uint64) *link {
	return &link{rand: rand.New(rand.NewPCG(seed, direction))}
}

// fate says when a datagram that comes now leaves, and each of its copies; never is an empty answer. It may damage b.
func (l *link) fate(b []byte, now time.Time) []time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := &l.faults
	l.stats.Came++
	// Every datagram draws as many numbers, so that what happens to one does not change what happens to those after it.
	lost, twice, later, damaged := l.rand.Float64(), l.rand.Float64(), l.rand.Float64(), l.rand.Float64()
	jitter, extra, again, bit := l.rand.Float64(), l.rand.Float64(), l.rand.Float64(), l.rand.Uint64()
	switch {
	case f.Cut:
		l.stats.Cut++
		return nil
	case lost < f.Loss:
		l.stats.Lost++
		return nil
	}
	due := now
	if f.Rate > 0 {
		if l.free.Before(now) {
			l.free = now
		}
		seconds := func(n int64) time.Duration { return time.Duration(n * int64(time.Second) / f.Rate) }
		if l.free.Sub(now) > max(time.Second/4, seconds(64<<10)) {
			l.stats.Overflow++
			return nil
		}
		l.free = l.free.Add(seconds(int64(len(b))))
		due = l.free
	}
	due = due.Add(f.Delay + time.Duration(jitter*float64(f.Jitter)))
	if later < f.Reorder {
		l.stats.Reordered++
		due = due.Add(time.Duration(extra * float64(reorderBy)))
	} else {
		if due.Before(l.last) {
			due = l.last
		}
		l.last = due
	}
	if damaged < f.Corrupt && len(b) > 0 {
		l.stats.Corrupted++
		bit %= uint64(len(b)) * 8
		b[bit/8] ^= 1 << (bit % 8)
	}
	if twice < f.Duplicate {
		l.stats.Duplicated++
		return []time.Time{due, due.Add(time.Duration(again * float64(reorderBy)))}
	}
	return []time.Time{due}
}

func (l *link) set(f Faults) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = f
	l.last, l.free = time.Time{}, time.Time{} // what waits, waits; what comes does not wait for it
}

// overflow counts a datagram that was to leave and could not be kept until then.
func (l *link) overflow() {
	l.mu.Lock()
	l.stats.Overflow++
	l.mu.Unlock()
}

func (l *link) left() {
	l.mu.Lock()
	l.stats.Left++
	l.mu.Unlock()
}

func (l *link) snapshot() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stats
}
