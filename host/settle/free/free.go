// Package free is settlement without a chain, for a team that pools its own machines. No money moves. What a job leaves
// behind is its outcome and, over many jobs, a reputation for each provider: how many of its results in a row were found
// valid. Records are kept in a journal, so that a node that is killed goes on where it was.
package free

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Settlement implements settle.Settlement over two journals.
type Settlement struct {
	mu         sync.Mutex
	jobs       store.Journal
	reputation store.Journal
	now        func() time.Time
}

var _ settle.Settlement = (*Settlement)(nil)

// New keeps its records in s.
func New(s store.Store) *Settlement {
	return &Settlement{jobs: s.Journal("settle/jobs"), reputation: s.Journal("settle/reputation"), now: time.Now}
}

type record struct {
	Spec     identity.Signed   `cbor:"1,keyasint"`
	Provider msg.Account       `cbor:"2,keyasint"`
	Receipt  *identity.Signed  `cbor:"3,keyasint,omitempty"`
	Secret   *msg.Hash         `cbor:"4,keyasint,omitempty"`
	Verdicts []identity.Signed `cbor:"5,keyasint"`
	Revealed int64             `cbor:"6,keyasint"` // Unix seconds
	Settled  bool              `cbor:"7,keyasint"`
	Rulings  []settle.Ruling   `cbor:"8,keyasint"`
}

func (s *Settlement) load(job msg.Hash) (*record, *msg.JobSpec, error) {
	var r record
	if err := s.jobs.Get(job, &r); err != nil {
		if errors.Is(err, store.ErrNotFound) {
			return nil, nil, fmt.Errorf("job %s: %w", job, settle.ErrUnknown)
		}
		return nil, nil, err
	}
	var spec msg.JobSpec
	if err := msg.Decode(r.Spec.Body, &spec); err != nil {
		return nil, nil, err
	}
	return &r, &spec, nil
}

// Open records a signed job and the provider that took it.
func (s *Settlement) Open(_ context.Context, signed identity.Signed, provider msg.Account) error {
	var spec msg.JobSpec
	who, err := signed.Open(&spec)
	if err != nil {
		return err
	}
	if who != spec.Consumer {
		return fmt.Errorf("job for consumer %s is signed by %s: %w", spec.Consumer, who, settle.ErrMismatch)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	job := msg.HashOf(spec)
	old, _, err := s.load(job)
	switch {
	case errors.Is(err, settle.ErrUnknown):
		return s.jobs.Put(job, record{Spec: signed, Provider: provider})
	case err != nil:
		return err
	case old.Provider != provider:
		return fmt.Errorf("job %s is taken by %s, not %s: %w", job, old.Provider, provider, settle.ErrConflict)
	}
	return nil
}

// Commit records the provider's signed receipt.
func (s *Settlement) Commit(_ context.Context, signed identity.Signed) error {
	var receipt msg.Receipt
	who, err := signed.Open(&receipt)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, spec, err := s.load(receipt.Job)
	if err != nil {
		return err
	}
	switch {
	case who != r.Provider || who != receipt.Provider:
		return fmt.Errorf("receipt of job %s is signed by %s, its provider is %s: %w", receipt.Job, who, r.Provider, settle.ErrMismatch)
	case receipt.Program != msg.HashOf(spec.Program):
		return fmt.Errorf("receipt of job %s is for program %s: %w", receipt.Job, receipt.Program, settle.ErrMismatch)
	case r.Receipt != nil && string(r.Receipt.Body) != string(signed.Body):
		return fmt.Errorf("job %s has another receipt: %w", receipt.Job, settle.ErrConflict)
	case r.Receipt != nil:
		return nil
	}
	r.Receipt = &signed
	return s.jobs.Put(receipt.Job, *r)
}

// Reveal opens the consumer's share of the beacon.
func (s *Settlement) Reveal(_ context.Context, signed identity.Signed) error {
	var share rpc.Reveal
	who, err := signed.Open(&share)
	if err != nil {
		return err
	}
	job, secret := share.Job, share.Secret
	s.mu.Lock()
	defer s.mu.Unlock()
	r, spec, err := s.load(job)
	if err != nil {
		return err
	}
	switch {
	case who != spec.Consumer:
		return fmt.Errorf("the share of the beacon of job %s is signed by %s, its consumer is %s: %w", job, who, spec.Consumer, settle.ErrMismatch)
	case settle.Commitment(secret) != spec.Commitment:
		return fmt.Errorf("secret of job %s does not open its commitment: %w", job, settle.ErrMismatch)
	case r.Receipt == nil:
		return fmt.Errorf("job %s has no receipt; revealing now would let the provider steer the sample: %w", job, settle.ErrNotYet)
	case r.Secret != nil:
		return nil
	}
	r.Secret, r.Revealed = &secret, s.now().Unix()
	return s.jobs.Put(job, *r)
}

// Seed gives the beacon of a job.
func (s *Settlement) Seed(_ context.Context, job msg.Hash) (msg.Hash, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, _, err := s.load(job)
	if err != nil {
		return msg.Hash{}, err
	}
	if r.Receipt == nil || r.Secret == nil {
		return msg.Hash{}, fmt.Errorf("beacon of job %s: %w", job, settle.ErrNotYet)
	}
	var receipt msg.Receipt
	if err := msg.Decode(r.Receipt.Body, &receipt); err != nil {
		return msg.Hash{}, err
	}
	return settle.Beacon(job, *r.Secret, receipt.Nonce, receipt.Trace), nil
}

// Verdict records a validator's verdict. The same validator's second verdict on an interval is refused if it differs.
func (s *Settlement) Verdict(_ context.Context, signed identity.Signed) error {
	var v msg.Verdict
	who, err := signed.Open(&v)
	if err != nil {
		return err
	}
	if who != v.Validator {
		return fmt.Errorf("verdict of %s is signed by %s: %w", v.Validator, who, settle.ErrMismatch)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, spec, err := s.load(v.Job)
	if err != nil {
		return err
	}
	if r.Receipt == nil {
		return fmt.Errorf("verdict on job %s, which has no receipt: %w", v.Job, settle.ErrNotYet)
	}
	var receipt msg.Receipt
	if err := msg.Decode(r.Receipt.Body, &receipt); err != nil {
		return err
	}
	switch {
	case msg.HashOf(receipt) != v.Receipt:
		return fmt.Errorf("verdict is on receipt %s, job %s has %s: %w", v.Receipt, v.Job, msg.HashOf(receipt), settle.ErrMismatch)
	case who == spec.Consumer || who == r.Provider:
		return fmt.Errorf("%s is a party of job %s and cannot judge it: %w", who, v.Job, settle.ErrMismatch)
	}
	for _, old := range r.Verdicts {
		var o msg.Verdict
		if err := msg.Decode(old.Body, &o); err != nil {
			return err
		}
		if o.Validator == who && o.Interval == v.Interval {
			if string(old.Body) != string(signed.Body) {
				return fmt.Errorf("%s has judged interval %d of job %s already: %w", who, v.Interval, v.Job, settle.ErrConflict)
			}
			return nil
		}
	}
	r.Verdicts = append(r.Verdicts, signed)
	return s.jobs.Put(v.Job, *r)
}

// Rule records how a dispute ended. In free mode the node that refereed it is the one that settles, so its word needs no proof here; the
// evidence is for everybody else.
func (s *Settlement) Rule(_ context.Context, ruling settle.Ruling) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, _, err := s.load(ruling.Job)
	if err != nil {
		return err
	}
	disputed := false
	for _, signed := range r.Verdicts {
		var v msg.Verdict
		if err := msg.Decode(signed.Body, &v); err != nil {
			return err
		}
		disputed = disputed || v.Validator == ruling.Challenger && v.Interval == ruling.Interval && v.Value == msg.Invalid
	}
	if !disputed || ruling.Provider != r.Provider {
		return fmt.Errorf("ruling on interval %d of job %s between %s and %s, of which there is no such verdict: %w", ruling.Interval, ruling.Job,
			ruling.Provider, ruling.Challenger, settle.ErrMismatch)
	}
	for i := range r.Rulings {
		old := &r.Rulings[i]
		if old.Interval == ruling.Interval && old.Challenger == ruling.Challenger {
			if !slices.Equal(old.Guilty, ruling.Guilty) {
				return fmt.Errorf("the dispute about interval %d of job %s has another ruling: %w", ruling.Interval, ruling.Job, settle.ErrConflict)
			}
			return nil
		}
	}
	r.Rulings = append(r.Rulings, ruling)
	return s.jobs.Put(ruling.Job, *r)
}

// overruled reports whether a verdict was disputed and its validator found wrong.
func (r *record) overruled(v *msg.Verdict) bool {
	return slices.ContainsFunc(r.Rulings, func(x settle.Ruling) bool {
		return x.Interval == v.Interval && x.Challenger == v.Validator && x.Against(v.Validator)
	})
}

// Settle ends a job: it is accepted if as many validators as its policy asks for found every interval they drew valid.
func (s *Settlement) Settle(_ context.Context, job msg.Hash) (*settle.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, spec, err := s.load(job)
	if err != nil {
		return nil, err
	}
	if r.Receipt == nil || r.Secret == nil {
		return nil, fmt.Errorf("job %s has no receipt or no beacon: %w", job, settle.ErrNotYet)
	}
	out := &settle.Outcome{Job: job, Provider: r.Provider, Accepted: true}
	found := map[msg.Account]msg.Value{}
	for _, signed := range r.Verdicts {
		var v msg.Verdict
		if err := msg.Decode(signed.Body, &v); err != nil {
			return nil, err
		}
		out.Verdicts = append(out.Verdicts, v)
		if r.overruled(&v) {
			continue
		}
		if old, ok := found[v.Validator]; !ok || old == msg.Valid || v.Value == msg.Invalid {
			found[v.Validator] = v.Value
		}
	}
	count := map[msg.Value]uint32{}
	for _, v := range found {
		count[v]++
	}
	out.Rulings = r.Rulings
	proven := slices.IndexFunc(r.Rulings, func(x settle.Ruling) bool { return x.Against(r.Provider) })
	switch {
	case proven >= 0:
		out.Accepted, out.Guilty = false, &r.Provider
		out.Reason = "proven wrong: " + r.Rulings[proven].Reason
	case count[msg.Invalid] > 0:
		out.Accepted, out.Guilty = false, &r.Provider
		out.Reason = fmt.Sprintf("%d of %d validators found the result invalid", count[msg.Invalid], len(found))
	case spec.Policy.Validators == 0 && len(found) == 0:
		out.Reason = "unchecked: the job asks for no validator"
	case count[msg.Valid] >= spec.Policy.Validators:
		out.Reason = fmt.Sprintf("%d validators found every interval they drew valid", count[msg.Valid])
	case s.now().Unix() < r.Revealed+int64(spec.Policy.Window):
		return nil, fmt.Errorf("job %s has %d of %d verdicts: %w", job, count[msg.Valid], spec.Policy.Validators, settle.ErrNotYet)
	default:
		out.Accepted = false
		out.Reason = fmt.Sprintf("the window closed with %d valid and %d unavailable verdicts, %d wanted", count[msg.Valid], count[msg.Unavailable], spec.Policy.Validators)
	}
	if !r.Settled {
		if err := s.earn(r.Provider, out); err != nil {
			return nil, err
		}
		for _, x := range r.Rulings {
			if x.Against(x.Challenger) {
				if err := s.judge(x.Challenger, job, msg.Invalid); err != nil {
					return nil, err
				}
			}
		}
		r.Settled = true
		if err := s.jobs.Put(job, *r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Reputation is what a provider has earned with this node.
type Reputation struct {
	Provider msg.Account `cbor:"1,keyasint" json:"provider"`
	Streak   uint64      `cbor:"2,keyasint" json:"streak"` // valid results in a row
	Valid    uint64      `cbor:"3,keyasint" json:"valid"`
	Invalid  uint64      `cbor:"4,keyasint" json:"invalid"`
	LastJob  msg.Hash    `cbor:"5,keyasint" json:"last_job"`
}

// TrustedStreak is how many valid results in a row let a provider's checks fall to the job's sampling rate (the idea of
// BOINC's adaptive replication).
const TrustedStreak = 10

// Trusted reports whether the provider's results may be sampled instead of checked whole.
func (r Reputation) Trusted() bool { return r.Streak >= TrustedStreak }

func reputationKey(a msg.Account) (h msg.Hash) {
	copy(h[:], a[:])
	return h
}

// Reputation gives what is known of a provider; nothing is a zero Reputation.
func (s *Settlement) Reputation(provider msg.Account) (Reputation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.earned(provider)
}

func (s *Settlement) earned(provider msg.Account) (Reputation, error) {
	r := Reputation{Provider: provider}
	err := s.reputation.Get(reputationKey(provider), &r)
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	return r, err
}

// Judge records what a check found about a provider, once a job.
func (s *Settlement) Judge(provider msg.Account, job msg.Hash, value msg.Value) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.judge(provider, job, value)
}

func (s *Settlement) judge(provider msg.Account, job msg.Hash, value msg.Value) error {
	r, err := s.earned(provider)
	if err != nil || r.LastJob == job {
		return err
	}
	r.LastJob = job
	switch value {
	case msg.Valid:
		r.Streak++
		r.Valid++
	case msg.Invalid:
		r.Streak = 0
		r.Invalid++
	}
	return s.reputation.Put(reputationKey(provider), r)
}

// earn is called before the job is marked settled: a kill between the two records repeats it, and judge counts a job once.
func (s *Settlement) earn(provider msg.Account, out *settle.Outcome) error {
	switch {
	case out.Accepted && len(out.Verdicts) > 0:
		return s.judge(provider, out.Job, msg.Valid)
	case out.Guilty != nil:
		return s.judge(provider, out.Job, msg.Invalid)
	}
	return nil
}
