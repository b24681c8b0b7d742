package consumer

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/gwrun/gwrun/host/checkpoint"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

// rebuild makes the state after an interval before the provider's own, of which its signer is gone and that was not kept: from the nearest
// before it that was. A record on the way that is false is a *runtime.FalseRecord; then the state before it is here.
func (j *judging) rebuild(ctx context.Context, interval uint64) (manifest []byte, _ error) {
	ctx, cancel := context.WithTimeoutCause(ctx, j.c.cfg.MaxReplay, fmt.Errorf("making the state after interval %d again takes more than %s", interval, j.c.cfg.MaxReplay))
	defer cancel()
	job, err := j.c.load(&j.r.spec.Program)
	if err != nil {
		return nil, err
	}
	var from *state.Snapshot
	first := interval + 1
	for ; first > 0 && from == nil; first-- {
		if from, err = j.kept(first - 1); err != nil {
			return nil, err
		}
		if from != nil {
			break
		}
	}
	dev, err := cpu.Open(cpu.Options{})
	if err != nil {
		return nil, err
	}
	defer dev.Close()
	snap, err := runtime.Reach(ctx, job, from, j.r.said.Intervals[:interval+1], first, runtime.Options{Device: dev})
	var lie *runtime.FalseRecord
	if err != nil && !errors.As(err, &lie) {
		return nil, errors.Join(err, context.Cause(ctx))
	}
	if snap == nil {
		return nil, err // the first is false: it begins in no state
	}
	at := interval
	if lie != nil {
		at = lie.Interval - 1
	}
	keep := checkpoint.Keeper{Pages: j.c.cfg.Store, Owner: owner(j.r.res.Job)}
	if _, err := keep.Keep(snap); err != nil {
		return nil, err
	}
	manifest = snap.Manifest()
	b, stored := j.c.cfg.Store.Put(ctx, owner(j.r.res.Job), bytes.NewReader(manifest))
	if stored != nil {
		return nil, stored
	}
	j.found(at, b, "")
	return manifest, err
}

// kept gives a state that is here, nil if it is not.
func (j *judging) kept(interval uint64) (*state.Snapshot, error) {
	j.mu.Lock()
	b, ok := j.states[interval]
	j.mu.Unlock()
	if !ok {
		return nil, nil
	}
	manifest, err := store.ReadAll(j.c.cfg.Store, b, b.Size)
	if err != nil {
		return nil, nil // a witness has it, perhaps
	}
	s, err := state.AssembleAll(manifest, j.r.said.Intervals[interval].State, j.c.cfg.Store.GetPages)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return s, err
}

// recoverPrior brings the state that an interval of somebody who is gone begins in, for those who check it. If a record before it turns
// out false on the way, its signer is proven guilty instead.
func (j *judging) recoverPrior(ctx context.Context, i uint64) (found, guilty bool, _ error) {
	_, err := j.rebuild(ctx, i-1)
	if ctx.Err() != nil {
		return false, false, ctx.Err()
	}
	var lie *runtime.FalseRecord
	switch {
	case err == nil:
		return true, false, nil
	case errors.As(err, &lie):
		d, err := j.replay(ctx, lie.Interval, nil)
		if err == nil {
			return false, true, j.rule(ctx, d, lie.Interval)
		}
		j.c.cfg.Log.Warn("a record that is false could not be proven so", "job", j.r.res.Job, "interval", lie.Interval, "err", err)
	default:
		j.c.cfg.Log.Warn("the state that an interval begins in cannot be had", "job", j.r.res.Job, "interval", i, "err", err)
	}
	return false, false, nil
}
