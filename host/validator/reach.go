package validator

import (
	"context"

	"github.com/gwrun/gwrun/host/checkpoint"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

// reach makes the state after an interval before the provider's own, where its signer is gone and the consumer has not kept it: from the
// nearest before it that somebody has, or from the beginning.
func (k *check) reach(ctx context.Context, job *runtime.Job, interval uint64) (*state.Snapshot, []byte, error) {
	var from *state.Snapshot
	first := interval + 1
	for ; first > 0; first-- {
		if _, ok := k.states[first-1]; !ok {
			continue
		}
		var err error
		if from, _, err = k.state(ctx, first-1); err == nil {
			break
		}
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
	}
	dev, err := k.v.cfg.OpenDevice(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer dev.Close()
	snap, err := runtime.Reach(ctx, job, from, k.c.Intervals[:interval+1], first, runtime.Options{Device: dev, MaxTime: k.v.cfg.MaxTime})
	if err != nil {
		return nil, nil, err
	}
	keep := checkpoint.Keeper{Pages: k.v.cfg.Store, Owner: owner(k.c.Job)}
	if _, err := keep.Keep(snap); err != nil {
		return nil, nil, err
	}
	return snap, snap.Manifest(), nil
}
