package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/gwrun/gwrun/host/checkpoint"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

// maxSources bounds the addresses that a consumer can have this provider dial.
const maxSources = 4

const pageSize = state.PageSize

// prior is what the journal has of the work of others that a job goes on from.
type prior struct {
	Commits  []identity.Signed `cbor:"1,keyasint"` // of rpc.IntervalCommit
	Earlier  []identity.Signed `cbor:"2,keyasint"` // of msg.JobSpec: what they were signed for
	Sources  []string          `cbor:"3,keyasint"`
	Manifest msg.Blob          `cbor:"4,keyasint"` // of the state behind them
	Root     msg.Hash          `cbor:"5,keyasint"` // of that state
	State    *checkpoint.Ref   `cbor:"6,keyasint"` // nil until it is here, whole
}

// errFalse is wrapped where what the consumer named is no state to go on from. It is the consumer's doing, or of whom it trusted before.
var errFalse = errors.New("what the job is to go on from cannot be used")

// first is the first interval that is this provider's own to compute.
func (j *job) first() uint64 {
	if j.prior == nil {
		return 0
	}
	return uint64(len(j.prior.Commits))
}

// priorOf reads what a job from the journal goes on from.
func (p *Provider) priorOf(j *job) (*prior, error) {
	if j.spec.Prior == nil {
		return nil, nil
	}
	pr := new(prior)
	return pr, p.priors.Get(j.hash, pr)
}

// dropOrphans removes records of what jobs were to go on from, of jobs that were never taken: a kill came between the two writes.
func (p *Provider) dropOrphans() error {
	keys, err := p.priors.Keys()
	for _, k := range keys {
		if p.jobs[k] == nil {
			err = errors.Join(err, p.priors.Delete(k))
		}
	}
	return err
}

// signed gives the signed record of an interval, whoever signed it.
func (p *Provider) signed(j *job, i uint64) (identity.Signed, error) {
	if i < j.first() {
		return j.prior.Commits[i], nil
	}
	var r intervalRecord
	err := p.intervals.Get(intervalKey(j.hash, i), &r)
	return r.Commit, err
}

// ref says where the state after an interval is.
func (p *Provider) ref(j *job, i uint64) (checkpoint.Ref, error) {
	switch first := j.first(); {
	case i+1 < first || i+1 == first && j.prior.State == nil:
		return checkpoint.Ref{}, fmt.Errorf("%w state: the job goes on from another provider's interval %d, what was before that is not here", ErrUnknown, first-1)
	case i+1 == first:
		return *j.prior.State, nil
	}
	var r intervalRecord
	err := p.intervals.Get(intervalKey(j.hash, i), &r)
	return r.State, err
}

// checkpoint gives the state after the first n intervals of a job and their records; nil if n is 0.
func (p *Provider) checkpoint(j *job, n uint64) (*runtime.Checkpoint, error) {
	if n == 0 {
		if j.prior != nil {
			return nil, fmt.Errorf("%w state: the job goes on from another provider's interval %d", ErrUnknown, j.first()-1)
		}
		return nil, nil
	}
	c := &runtime.Checkpoint{}
	for i := range n {
		signed, err := p.signed(j, i)
		if err != nil {
			return nil, fmt.Errorf("interval %d: %w", i, err)
		}
		var commit rpc.IntervalCommit
		if err := msg.Decode(signed.Body, &commit); err != nil {
			return nil, fmt.Errorf("interval %d: %w", i, err)
		}
		c.Intervals = append(c.Intervals, commit.Record)
	}
	at, err := p.ref(j, n-1)
	if err != nil {
		return nil, err
	}
	if c.State, err = checkpoint.Load(p.cfg.Store, at); err != nil {
		return nil, fmt.Errorf("state after interval %d: %w", n-1, err)
	}
	if got, want := c.State.Root(), c.Intervals[n-1].State; got != want {
		return nil, fmt.Errorf("state after interval %d: its root is %v, committed was %v", n-1, got, want)
	}
	return c, nil
}

// bringState fetches the state that a job goes on from: its manifest from the consumer, its pages from wherever they are. Everything is
// checked against the root in the last of the signed records, and pinned for the job.
func (p *Provider) bringState(ctx context.Context, j *job) error {
	p.mu.Lock()
	pr := *j.prior
	p.mu.Unlock()
	if pr.State != nil {
		return nil
	}
	own := owner(j.hash)
	if err := p.cfg.Fetch(ctx, j.spec.Consumer, own, []msg.Blob{pr.Manifest}); err != nil {
		return fmt.Errorf("the manifest of the state to go on from: %w", err)
	}
	manifest, err := p.read(pr.Manifest)
	if err != nil {
		return err
	}
	pages, _, err := state.Pages(manifest, pr.Root)
	if err != nil {
		return fmt.Errorf("%w: %w", errFalse, err)
	}
	if err := p.cfg.FetchPages(ctx, j.spec.Consumer, pr.Sources, own, pages); err != nil {
		return fmt.Errorf("the state to go on from: %w", err)
	}
	snap, err := state.AssembleAll(manifest, pr.Root, p.cfg.Store.GetPages)
	switch {
	case errors.Is(err, state.ErrState):
		return fmt.Errorf("%w: %w", errFalse, err)
	case err != nil:
		return err
	}
	if status, over := runtime.Ended(snap); over {
		return fmt.Errorf("%w: the job is %s in it", errFalse, status)
	}
	keep := checkpoint.Keeper{Pages: p.cfg.Store, Owner: own}
	ref, err := keep.Keep(snap)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if j.rec.State != rpc.StateWaiting {
		return nil
	}
	pr.State = &ref
	if err := p.priors.Put(j.hash, pr); err != nil {
		return err
	}
	j.prior = &pr
	return nil
}
