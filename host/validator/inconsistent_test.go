package validator

import (
	"context"
	"errors"
	"testing"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime/trace"
)

// What a validator finds in records that contradict each other is not what it will be bound to: of the same receipt there may be others that
// do not, and to call an interval of those invalid would be a lie.
func TestContradictingRecordsAreNotKept(t *testing.T) {
	var ids [3]*identity.Identity
	for i := range ids {
		var err error
		if ids[i], err = identity.New(); err != nil {
			t.Fatal(err)
		}
	}
	sign := func(id *identity.Identity, v msg.Hashed) identity.Signed {
		t.Helper()
		s, err := id.Sign(v)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	spec := msg.JobSpec{Version: 1, Program: msg.Program{Interval: 2}, Consumer: ids[0].Account()}
	job := msg.HashOf(spec)
	rec := msg.Interval{LastStep: 2, State: msg.Hash{1}}
	receipt := msg.Receipt{Version: 1, Job: job, Program: msg.HashOf(spec.Program), Provider: ids[1].Account(), Intervals: 1, Steps: 2, State: rec.State,
		Trace: trace.Root([]msg.Interval{rec})}
	// It gave out another record for the interval than the receipt is over.
	other := rec
	other.State = msg.Hash{2}
	records := rpc.JobRecords{Spec: sign(ids[0], spec), Receipt: sign(ids[1], receipt), Intervals: []identity.Signed{sign(ids[1], rpc.IntervalCommit{Job: job, Record: other})}}
	v, err := New(Config{Identity: ids[2], Store: store.NewMemory(store.Options{}), OpenDevice: func(context.Context) (kernels.Device, error) { return nil, errors.New("none") }})
	if err != nil {
		t.Fatal(err)
	}
	f, err := v.Check(context.Background(), nil, records, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if found := f.Opened(); len(found) != 1 || found[0].Value != msg.Invalid {
		t.Errorf("found %+v, want that it is invalid", found)
	}
	if all, err := v.all(job); err != nil || len(all) != 0 {
		t.Errorf("kept are %+v, %v", all, err)
	}
}
