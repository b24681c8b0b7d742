package runtime

import (
	"context"
	"fmt"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/state"
)

// FalseRecord says that a record is not what its interval comes to.
type FalseRecord struct {
	Interval uint64
	First    *msg.Difference
}

func (e *FalseRecord) Error() string {
	return fmt.Sprintf("the record of interval %d is not what the interval comes to: %s", e.Interval, e.First.What)
}

// Reach runs the intervals from first to the last of records, from the state before first (nil if it is 0), and gives the state after
// them: one that nobody has any more. Every record has to come out as it stands there. On a *FalseRecord it gives the state before the
// record that does not.
func Reach(ctx context.Context, job *Job, from *state.Snapshot, records []msg.Interval, first uint64, opts Options) (*state.Snapshot, error) {
	for n := first; n < uint64(len(records)); n++ {
		said := Claim{Record: records[n]}
		if n > 0 {
			said.Prev = &records[n-1]
		}
		v, err := Replay(ctx, job, from, said, opts)
		switch {
		case err != nil:
			return nil, err
		case v.Value == msg.Invalid:
			return from, &FalseRecord{Interval: n, First: v.First}
		case v.Value != msg.Valid:
			return nil, fmt.Errorf("runtime: interval %d could not be run: %s", n, v.Missing)
		}
		from = v.State
	}
	return from, nil
}
