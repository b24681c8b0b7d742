package validator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

// Challenge disputes what this validator found invalid, with the record that it computes, before the consumer as the referee. It has to be
// shown such a verdict, so that nobody learns it here before it was opened.
//
// A validator disputes a receipt once, about the first interval that is the provider's to defend, and gives the same challenge whoever asks
// and whichever verdict is shown: a provider answers no second one.
func (v *Validator) Challenge(ctx context.Context, r rpc.ChallengeRequest) (identity.Signed, error) {
	var said msg.Verdict
	if err := r.Verdict.OpenFrom(&said, v.cfg.Identity.Account()); err != nil {
		return identity.Signed{}, fmt.Errorf("%w: %w", ErrNothing, err)
	}
	if said.Value != msg.Invalid {
		return identity.Signed{}, fmt.Errorf("%w: interval %d of job %s was found %s", ErrNothing, said.Interval, said.Job, said.Value)
	}
	f, err := v.FoundOf(said.Job, said.Receipt)
	if err != nil {
		return identity.Signed{}, fmt.Errorf("%w: %w", ErrNothing, err)
	}
	c, err := claim.Read(&f.Records)
	if err != nil {
		return identity.Signed{}, err // the provider's own records speak against it: see claim.Inconsistent
	}
	if r.Clock != c.Spec.Policy.Clock || r.Referee != c.Spec.Consumer {
		return identity.Signed{}, fmt.Errorf("%w: disputes about job %s have a clock of %d seconds and %s as the referee", ErrNothing, c.Job, c.Spec.Policy.Clock, c.Spec.Consumer)
	}
	var kept challenged
	if err := v.challenges.Get(msg.HashOf(c.Receipt), &kept); !errors.Is(err, store.ErrNotFound) {
		return kept.Challenge, err
	}
	interval := said.Interval
	for _, x := range f.Opened() {
		if x.Value == msg.Invalid && x.Interval >= c.Prior() {
			interval = x.Interval
			break
		}
	}
	a, err := v.account(f, c, interval)
	if err != nil {
		return identity.Signed{}, err
	}
	rec, err := a.Record(ctx)
	if err != nil {
		return identity.Signed{}, err
	}
	if v.cfg.Lies.Record != nil {
		v.cfg.Lies.Record(&rec)
	}
	v.challenging.Lock()
	defer v.challenging.Unlock()
	if err := v.challenges.Get(msg.HashOf(c.Receipt), &kept); !errors.Is(err, store.ErrNotFound) {
		return kept.Challenge, err // somebody else asked meanwhile
	}
	signed, err := v.cfg.Identity.Sign(dispute.Challenge{Version: 1, Job: c.Job, Receipt: msg.HashOf(c.Receipt), Provider: c.Receipt.Provider,
		Challenger: v.cfg.Identity.Account(), Record: rec, Clock: r.Clock, Referee: r.Referee})
	if err != nil {
		return identity.Signed{}, err
	}
	return signed, v.challenges.Put(msg.HashOf(c.Receipt), challenged{signed, f.Until})
}

// challenged is the one dispute about a receipt that this validator began.
type challenged struct {
	Challenge identity.Signed `cbor:"1,keyasint"`
	Until     int64           `cbor:"2,keyasint"` // as that of its findings
}

// Disputed gives this validator's own account of an interval that it challenged.
func (v *Validator) Disputed(_ context.Context, c *dispute.Challenge) (dispute.Prover, error) {
	f, err := v.FoundOf(c.Job, c.Receipt)
	if err != nil {
		return nil, fmt.Errorf("%w: job %s: %w", dispute.ErrNotHere, c.Job, err)
	}
	said, err := claim.Read(&f.Records)
	if err != nil {
		return nil, err
	}
	a, err := v.account(f, said, c.Record.Index)
	if err != nil || v.cfg.Lies.Account == nil {
		return a, err
	}
	return v.cfg.Lies.Account(c, a), nil
}

// account makes this validator's account of an interval from what it fetched to check it.
func (v *Validator) account(f *Findings, c *claim.Claims, interval uint64) (account, error) {
	job, err := runtime.LoadJob(&c.Spec.Program, v.blob)
	if err != nil {
		return nil, err
	}
	var from *state.Snapshot
	var prev *msg.Interval
	if interval > 0 {
		b, ok := f.States[interval-1]
		if !ok {
			return nil, fmt.Errorf("%w: the state after interval %d was not kept", ErrNothing, interval-1)
		}
		manifest, err := v.blob(b)
		if err != nil {
			return nil, err
		}
		prev = &c.Intervals[interval-1]
		if from, err = state.Assemble(manifest, prev.State, v.cfg.Store.GetPage); err != nil {
			return nil, err
		}
	}
	if from != nil {
		if _, over := runtime.Ended(from); over {
			return dispute.WasOver{State: from, Last: *prev}, nil
		}
	}
	return runtime.NewAccount(job, from, prev, interval, runtime.Options{OpenDevice: v.cfg.OpenDevice})
}

// account is a validator's own account of an interval, with the record that it comes to.
type account interface {
	dispute.Prover
	Record(context.Context) (msg.Interval, error)
}

// blob reads one that is here.
func (v *Validator) blob(b msg.Blob) ([]byte, error) {
	return store.ReadAll(v.cfg.Store, b, b.Size)
}

// Evidence proves by itself that an interval that was found invalid is: it is run again on the CPU, which costs what the interval costs, in
// at most maxEvidence.
func (v *Validator) Evidence(ctx context.Context, job msg.Hash, interval uint64) (*dispute.Evidence, error) {
	f, err := v.doubted(job, interval)
	if err != nil {
		return nil, err
	}
	c, err := claim.Read(&f.Records)
	var lie *claim.Inconsistent
	if errors.As(err, &lie) {
		return dispute.Inconsistent(f.Records)
	}
	if err != nil {
		return nil, err
	}
	loaded, err := runtime.LoadJob(&c.Spec.Program, v.blob)
	if err != nil {
		return nil, err
	}
	var manifest []byte
	if interval > 0 {
		b, ok := f.States[interval-1]
		if !ok {
			return nil, fmt.Errorf("%w: the state after interval %d was not kept", ErrNothing, interval-1)
		}
		if manifest, err = v.blob(b); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, maxEvidence)
	defer cancel()
	return dispute.Replayed(ctx, f.Records, interval, nil, loaded, manifest, v.cfg.Store.GetPage)
}

// doubted gives the findings of which an interval was found invalid.
func (v *Validator) doubted(job msg.Hash, interval uint64) (*Findings, error) {
	all, err := v.all(job)
	if err != nil {
		return nil, err
	}
	for _, f := range all {
		if slices.ContainsFunc(f.Opened(), func(x msg.Verdict) bool { return x.Interval == interval && x.Value == msg.Invalid }) {
			return f, nil
		}
	}
	return nil, fmt.Errorf("%w: interval %d of job %s was not found invalid here", ErrNothing, interval, job)
}

// maxEvidence is how long a validator takes to make evidence.
const maxEvidence = 5 * time.Minute
