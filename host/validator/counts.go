package validator

import (
	"maps"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
)

// Counts are what a validator has done since it was made. They only grow.
type Counts struct {
	Verdicts map[msg.Value]uint64 // of intervals
	Replays  uint64
	Busy     time.Duration // that devices were open for replays, each counting
}

// Counts says what was done so far. A replay counts when it is over.
func (v *Validator) Counts() Counts {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := v.counts
	c.Verdicts = maps.Clone(c.Verdicts)
	return c
}

// Checking is how many jobs are being checked.
func (v *Validator) Checking() int { return len(v.slots) }

func (v *Validator) concluded(value msg.Value) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.counts.Verdicts == nil {
		v.counts.Verdicts = map[msg.Value]uint64{}
	}
	v.counts.Verdicts[value]++
}

// busy counts a replay, and the time from now until the function it gives is called.
func (v *Validator) busy() (end func()) {
	began := time.Now()
	return func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.counts.Replays++
		v.counts.Busy += time.Since(began)
	}
}
