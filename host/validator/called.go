package validator

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Called checks a job that this validator was drawn for elsewhere, by that seed: the consumer's share of the beacon is not needed. The findings
// are not kept, whoever called keeps what it needs of them.
func (v *Validator) Called(ctx context.Context, src Source, records rpc.JobRecords, seed msg.Hash) (*Findings, error) {
	c, err := claim.Read(&records)
	f := &Findings{Records: records, Verdicts: []identity.Signed{}, States: map[uint64]msg.Blob{}}
	k := &check{v: v, c: c, f: f, final: true, passing: true}
	var lie *claim.Inconsistent
	if errors.As(err, &lie) {
		return f, k.conclude(msg.Verdict{Value: msg.Invalid, First: &msg.Difference{What: "record", Claimed: lie.Text}})
	}
	if err != nil {
		return nil, err
	}
	leave, err := v.enter(ctx, c.Job)
	if err != nil {
		return nil, err
	}
	defer leave()
	k.sources = []Source{patiently(src, &c.Spec.Policy)}
	f.Sample = settle.Sample(seed, v.cfg.Identity.Account(), uint64(len(c.Intervals)), c.Spec.Policy.SamplePPM)
	return f, k.run(ctx)
}

// Prove makes evidence against whoever signed the first interval that was found invalid: it runs the interval again. The state before it is here.
func (v *Validator) Prove(ctx context.Context, f *Findings) (*dispute.Evidence, uint64, error) {
	c, err := claim.Read(&f.Records)
	var lie *claim.Inconsistent
	if errors.As(err, &lie) {
		e, err := dispute.Inconsistent(f.Records)
		return e, 0, err
	}
	if err != nil {
		return nil, 0, err
	}
	found := f.Opened()
	i := slices.IndexFunc(found, func(x msg.Verdict) bool { return x.Value == msg.Invalid })
	if i < 0 {
		return nil, 0, fmt.Errorf("%w: job %s: nothing was found invalid", ErrNothing, c.Job)
	}
	at := found[i].Interval
	k := &check{v: v, c: c, f: f}
	job, err := v.load(ctx, k) // all of it is here
	if err != nil {
		return nil, at, err
	}
	var manifest []byte
	if at > 0 {
		b, ok := f.States[at-1]
		if !ok {
			return nil, at, fmt.Errorf("%w: job %s: the state before interval %d is not here", ErrNothing, c.Job, at)
		}
		if manifest, err = store.ReadAll(v.cfg.Store, b, b.Size); err != nil {
			return nil, at, err
		}
	}
	e, err := dispute.Replayed(ctx, f.Records, at, nil, job, manifest, v.cfg.Store.GetPage)
	return e, at, err
}
