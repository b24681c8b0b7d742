package dispute

import (
	"context"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// WasOver is the account of an interval that there was none of, since the job was over in the state before it.
type WasOver struct {
	Prover // asked for nothing else
	State  *state.Snapshot
	Last   msg.Interval // whose state it is
}

// Step is the interval's beginning, behind which there is nothing.
func (e WasOver) Step(_ context.Context, n uint64) (*trace.StepPoint, error) {
	if n > 0 {
		return nil, nil
	}
	p := trace.Begin(&e.Last)
	return &p, nil
}

// Prove gives the part of the state that says so.
func (e WasOver) Prove(_ context.Context, q *trace.Question) (*runtime.Proof, error) {
	return runtime.ProveState(e.State, q), nil
}

// Record is what a challenge says of such an interval: no step.
func (e WasOver) Record(context.Context) (msg.Interval, error) {
	p := trace.Begin(&e.Last)
	return msg.Interval{Index: e.Last.Index + 1, LastStep: p.Step, State: p.State, Transcript: p.Transcript, Gas: p.Gas, GPUGas: p.GPUGas}, nil
}
