package runtime

import (
	"context"
	"errors"
	"fmt"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/binding"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// Replay does the interval of a claim again, from the state before it (nil for the first interval), and compares.
//
// A difference is narrowed as far as the claim's Detail allows: to a step, a host call, a dispatch, and within it to the
// word and the workgroup that should have written it. The errors of Replay are the replayer's own: a lost device, a
// cancelled context, or a device that disagrees with the definition of the kernel it was caught by.
func Replay(ctx context.Context, job *Job, from *state.Snapshot, claim Claim, opts Options) (*Verdict, error) {
	rec := claim.Record
	if missing := lacks(from, claim); missing != "" {
		return &Verdict{Value: msg.Unavailable, Missing: missing}, nil
	}
	opts.Detail, opts.From, opts.StopAfter = nil, nil, 0
	invalid := func(v *Verdict, d *msg.Difference) (*Verdict, error) {
		d.Interval = &rec.Index
		v.Value, v.First = msg.Invalid, d
		return v, nil
	}
	s, err := newSession(ctx, job, from, opts)
	if errors.Is(err, binding.ErrState) {
		return invalid(&Verdict{Before: true}, &msg.Difference{What: "state", Computed: err.Error()})
	}
	if err != nil {
		return nil, err
	}
	defer s.close()
	first := s.step + 1
	if p := claim.Prev; p != nil {
		if claimed, computed := summary(p.LastStep, p.Gas, p.GPUGas), summary(s.step, s.gasUsed(), s.gpuGasUsed()); claimed != computed {
			// The record before this interval and the state it commits to contradict each other.
			return invalid(&Verdict{Before: true}, &msg.Difference{What: "record", Claimed: claimed, Computed: computed})
		}
	}
	mine, err := s.interval(ctx, rec.Index)
	if errors.Is(err, binding.ErrState) {
		return invalid(&Verdict{Before: true}, &msg.Difference{What: "state", Computed: err.Error()})
	}
	var broken *hostError
	if errors.As(err, &broken) && from != nil {
		// Perhaps the state is forged so that it trips this version of the host. Then the interval before is a lie, and whoever
		// replays that one can prove it; here nothing is proven.
		return &Verdict{Value: msg.Unavailable, Missing: fmt.Sprintf("a state that can be run from: %v", err)}, nil
	}
	if err != nil {
		return nil, err
	}
	v := &Verdict{Record: mine}
	if v.State, err = s.snapshot(); err != nil {
		return nil, err
	}
	s.close()
	if mine == rec {
		v.Value = msg.Valid
		return v, nil
	}
	if claim.Detail == nil {
		return invalid(v, compareRecords(rec, mine))
	}
	if err := claim.Detail.Matches(rec, first); err != nil {
		return invalid(v, &msg.Difference{What: "record", Claimed: err.Error()})
	}
	d, err := narrow(ctx, job, from, claim, opts)
	if err != nil {
		return nil, err
	}
	if d == nil {
		d = compareRecords(rec, mine)
	}
	return invalid(v, d)
}

// lacks says what keeps a claim from being checked at all.
func lacks(from *state.Snapshot, claim Claim) string {
	rec, prev := claim.Record, claim.Prev
	switch {
	case rec.Index == 0 && from == nil && prev == nil:
		return ""
	case rec.Index == 0:
		return "interval 0 begins in the initial state; another one was given"
	case prev == nil:
		return fmt.Sprintf("the record of interval %d, before the claimed one", rec.Index-1)
	case from == nil:
		return fmt.Sprintf("the state after interval %d, %v", prev.Index, prev.State)
	case prev.Index+1 != rec.Index:
		return fmt.Sprintf("the record of interval %d; that of %d was given", rec.Index-1, prev.Index)
	case from.Root() != prev.State:
		return fmt.Sprintf("the state after interval %d, %v; %v was given", prev.Index, prev.State, from.Root())
	}
	return ""
}

func summary(step, gas, gpuGas uint64) string {
	return fmt.Sprintf("step %d, gas %d, gpu gas %d", step, gas, gpuGas)
}

// DetailOf runs the interval after a state (nil: the first one, index 0) again and gives its detail.
func DetailOf(ctx context.Context, job *Job, from *state.Snapshot, index uint64, opts Options) (*trace.Detail, error) {
	opts.Detail = new(trace.Recorder)
	s, err := newSession(ctx, job, from, opts)
	if err != nil {
		return nil, err
	}
	defer s.close()
	if _, err := s.interval(ctx, index); err != nil {
		return nil, err
	}
	return opts.Detail.Interval(index), nil
}

// narrow replays the interval with its detail and finds the first difference from the claim's; nil if there is none.
func narrow(ctx context.Context, job *Job, from *state.Snapshot, claim Claim, opts Options) (*msg.Difference, error) {
	mine, err := DetailOf(ctx, job, from, claim.Record.Index, opts)
	if err != nil {
		return nil, err
	}
	d, w := compareDetails(claim.Detail, mine, true)
	if w == nil {
		return d, nil
	}
	return d, locate(ctx, job, from, claim, opts, d, w.dispatch, w.binding, w.claimed)
}

// errStop ends a run at the dispatch it was made to look at.
var errStop = errors.New("stopped at a dispatch")

// runTo runs an interval until dispatch index of a host call has been done, calling before and after around it.
func runTo(ctx context.Context, job *Job, from *state.Snapshot, opts Options, step, call uint64, index int,
	before, after func(*binding.DispatchEvent) error) error {
	here := func(at uint64, e *binding.DispatchEvent) bool {
		return at == step && e.Call == call && e.Index == index
	}
	opts.before = func(at uint64, e *binding.DispatchEvent) error {
		if before == nil || !here(at, e) {
			return nil
		}
		return before(e)
	}
	opts.after = func(at uint64, e *binding.DispatchEvent) error {
		if !here(at, e) {
			return nil
		}
		if err := after(e); err != nil {
			return err
		}
		return errStop
	}
	opts.Detail, opts.OnLog, opts.OnProgress = nil, nil, nil
	s, err := newSession(ctx, job, from, opts)
	if err != nil {
		return err
	}
	defer s.close()
	for s.status == "" && s.step < step {
		if err := s.advance(ctx); err != nil {
			if errors.Is(err, errStop) {
				return nil
			}
			return err
		}
	}
	return fmt.Errorf("runtime: step %d has no dispatch %d in host call %d", step, index, call)
}

// BufferAfter gives the bytes of a written binding (named by trace.BindingName) as they stood after a dispatch of one
// host call, by replaying from a state before that step (nil: from the beginning).
func BufferAfter(ctx context.Context, job *Job, from *state.Snapshot, step, call uint64, name string, opts Options) ([]byte, error) {
	var out []byte
	index, err := trace.DispatchIndex(name)
	if err != nil {
		return nil, err
	}
	err = runTo(ctx, job, from, opts, step, call, index, nil, func(e *binding.DispatchEvent) error {
		for i := range e.Kernel.IR.Bindings {
			if e.Binding(i) != name {
				continue
			}
			data, err := binding.Bytes(e.Device, e.Dispatch.Bindings[i])
			out = append([]byte{}, data...)
			return err
		}
		return fmt.Errorf("runtime: step %d, host call %d: the dispatch has no binding %q", step, call, name)
	})
	return out, err
}
