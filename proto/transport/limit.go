package transport

import (
	"sync"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
)

// limiter holds a token bucket for each account that has been heard of lately.
type limiter struct {
	rate, burst float64
	now         func() time.Time

	mu      sync.Mutex
	buckets map[msg.Account]bucket
	sweep   time.Time // when full buckets were last forgotten
}

type bucket struct {
	tokens float64
	at     time.Time
}

func (l *limiter) init(rate float64, burst int, now func() time.Time) {
	l.rate, l.burst, l.now = rate, float64(burst), now
	l.buckets = map[msg.Account]bucket{}
	l.sweep = now()
}

func (l *limiter) fill(b bucket, now time.Time) bucket {
	if d := now.Sub(b.at); d > 0 { // a clock set back gives nothing
		b.tokens = min(l.burst, b.tokens+d.Seconds()*l.rate)
	}
	b.at = now
	return b
}

// allow takes a token from the account's bucket, if there is one.
func (l *limiter) allow(a msg.Account) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	if now.Sub(l.sweep) > time.Minute {
		l.sweep = now
		for k, b := range l.buckets {
			if l.fill(b, now).tokens >= l.burst {
				delete(l.buckets, k)
			}
		}
	}
	b, ok := l.buckets[a]
	if !ok {
		b = bucket{tokens: l.burst, at: now}
	}
	b = l.fill(b, now)
	ok = b.tokens >= 1
	if ok {
		b.tokens--
	}
	l.buckets[a] = b
	return ok
}
