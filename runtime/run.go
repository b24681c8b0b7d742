package runtime

import (
	"context"
	"errors"

	"github.com/gwrun/gwrun/runtime/state"
)

type prepared struct{}

var errUnready = errors.New("runtime: this build has no engine")

// NewJob checks and instruments a module and fixes the program it is part of.
func NewJob(module []byte, inputs []Input, spec Spec) (*Job, error) { return nil, errUnready }

// Run steps a job to its end.
func Run(ctx context.Context, job *Job, opts Options) (*Result, error) { return nil, errUnready }

// Replay does the interval of a claim again, from the state before it (nil for the first interval), and compares.
func Replay(ctx context.Context, job *Job, from *state.Snapshot, claim Claim, opts Options) (*Verdict, error) {
	return nil, errUnready
}

// BufferAfter gives the bytes of a written binding (named by trace.BindingName) as they stood after the dispatches of
// one host call, by replaying the interval from the state before it (nil for the first).
func BufferAfter(ctx context.Context, job *Job, from *Checkpoint, step, call uint64, binding string, opts Options) ([]byte, error) {
	return nil, errUnready
}
