// Package free is settlement without a chain, for a team that pools its own machines. No money moves. What a job leaves
// behind is its outcome and, over many jobs, a reputation of everybody this node had to do with. Records are kept in journals, so
// that a node that is killed goes on where it was.
package free

import (
	"context"
	"crypto/sha256"
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

// Settlement implements settle.Settlement over journals.
type Settlement struct {
	mu       sync.Mutex
	jobs     store.Journal // of record, by job
	opened   store.Journal // of rpc.Opened, by job and validator: those that are long
	own      store.Journal // of marks, by job: what this node found out by itself
	past     store.Journal // of past, one record: what is left of jobs that were forgotten
	standing standings
	now      func() time.Time
}

var (
	_ settle.Settlement = (*Settlement)(nil)
	_ settle.Settlement = (*together)(nil)
)

// New keeps its records in s.
func New(s store.Store) *Settlement {
	return &Settlement{jobs: s.Journal("settle/jobs"), opened: s.Journal("settle/opened"), own: s.Journal("settle/own"), past: s.Journal("settle/past"), now: time.Now}
}

// record is what the journal has of a job.
type record struct {
	Spec     identity.Signed   `cbor:"1,keyasint"`
	Provider msg.Account       `cbor:"2,keyasint"`
	Receipt  *identity.Signed  `cbor:"3,keyasint,omitempty"`
	Secret   *msg.Hash         `cbor:"4,keyasint,omitempty"`
	Promises []identity.Signed `cbor:"5,keyasint"`
	Opened   []opened          `cbor:"6,keyasint"`
	Rulings  []settle.Ruling   `cbor:"7,keyasint"`
	Earned   []mark            `cbor:"8,keyasint"` // what was counted of it (reputation.go)
	// Agreement is nil of jobs that were recorded before there were markets.
	Agreement *rpc.Agreement `cbor:"9,keyasint,omitempty"`
}

// opened are a validator's verdicts. Long ones are in a record of their own.
type opened struct {
	By   msg.Account `cbor:"1,keyasint"`
	Said *rpc.Opened `cbor:"2,keyasint,omitempty"`
	// Short says what the verdicts lack, though they are what was promised.
	Short string `cbor:"3,keyasint,omitempty"`
}

// short is how long verdicts may be that are kept in the job's own record.
const short = 32 << 10

func (t *together) read(g *game, o *opened) (*rpc.Opened, error) {
	if o.Said != nil {
		return o.Said, nil
	}
	said := new(rpc.Opened)
	return said, t.s.opened.Get(openedKey(g.job, o.By), said)
}

// Case gives the moves that were made about a job.
func (t *together) Case(_ context.Context, job msg.Hash) (*settle.Case, error) {
	g, err := t.load(job)
	if err != nil {
		return nil, err
	}
	c := &settle.Case{Spec: g.Spec, Provider: g.Provider, Agreement: g.agreed(), Receipt: g.Receipt, Promises: g.Promises, Rulings: g.Rulings}
	for i := range g.Opened {
		o, err := t.read(g, &g.Opened[i])
		if err != nil {
			return nil, err
		}
		c.Opened = append(c.Opened, *o)
	}
	return c, nil
}

// game is a job with its messages opened.
type game struct {
	record
	job      msg.Hash
	spec     msg.JobSpec
	receipt  *msg.Receipt
	promises []rpc.VerdictCommit // in the order of record.Promises
}

func (t *together) load(job msg.Hash) (*game, error) {
	g := &game{job: job}
	if r, ok := t.changed[job]; ok {
		g.record = r
	} else if err := t.s.jobs.Get(job, &g.record); err != nil {
		if errors.Is(err, store.ErrNotFound) {
			return nil, fmt.Errorf("job %s: %w", job, settle.ErrUnknown)
		}
		return nil, err
	}
	if err := msg.Decode(g.Spec.Body, &g.spec); err != nil {
		return nil, err
	}
	if g.Receipt != nil {
		g.receipt = new(msg.Receipt)
		if err := msg.Decode(g.Receipt.Body, g.receipt); err != nil {
			return nil, err
		}
	}
	for _, signed := range g.Promises {
		var p rpc.VerdictCommit
		if err := msg.Decode(signed.Body, &p); err != nil {
			return nil, err
		}
		g.promises = append(g.promises, p)
	}
	return g, nil
}

// agreed is what consumer and provider agreed on.
func (g *game) agreed() rpc.Agreement {
	if g.Agreement == nil {
		return rpc.Unpaid(&g.spec, g.Provider)
	}
	return *g.Agreement
}

// seed is the beacon; nil before both shares are known.
func (g *game) seed() *msg.Hash {
	if g.receipt == nil || g.Secret == nil {
		return nil
	}
	h := settle.Beacon(g.job, *g.Secret, g.receipt.Nonce, g.receipt.Trace)
	return &h
}

func (g *game) promise(validator msg.Account) *rpc.VerdictCommit {
	for i := range g.promises {
		if g.promises[i].Validator == validator {
			return &g.promises[i]
		}
	}
	return nil
}

// Open records a signed job and what its consumer and the provider that took it agreed on.
func (t *together) Open(_ context.Context, signed identity.Signed, agreement rpc.Agreement) error {
	var spec msg.JobSpec
	who, err := signed.Open(&spec)
	if err != nil {
		return err
	}
	if who != spec.Consumer {
		return fmt.Errorf("job for consumer %s is signed by %s: %w", spec.Consumer, who, settle.ErrMismatch)
	}
	if err := settle.CheckPolicy(&spec.Policy); err != nil {
		return fmt.Errorf("policy: %w: %w", err, settle.ErrMismatch)
	}
	job, terms := msg.HashOf(spec), agreement.Terms
	if terms.Job != job || terms.Consumer != spec.Consumer {
		return fmt.Errorf("terms of job %s for consumer %s, wanted those of job %s for %s: %w", terms.Job, terms.Consumer, job, spec.Consumer, settle.ErrMismatch)
	}
	old, err := t.load(job)
	switch {
	case errors.Is(err, settle.ErrUnknown):
		fresh := &game{job: job, spec: spec}
		if end := fresh.ends(); t.s.now().After(end) { // it may be one that was forgotten (Prune)
			return fmt.Errorf("job %s, at %s: %w", job, end.UTC().Format(time.RFC3339), settle.ErrLate)
		}
		return t.put(&game{job: job, record: record{Spec: signed, Provider: terms.Provider, Agreement: &agreement}})
	case err != nil:
		return err
	case old.Provider != terms.Provider:
		return fmt.Errorf("job %s is taken by %s, not %s: %w", job, old.Provider, terms.Provider, settle.ErrConflict)
	case old.agreed() != agreement:
		return fmt.Errorf("job %s was agreed on with %s at other terms: %w", job, terms.Provider, settle.ErrConflict)
	}
	return nil
}

// ahead is how far a provider's clock may be before this node's.
const ahead = time.Hour

// Commit records the provider's signed receipt.
func (t *together) Commit(_ context.Context, signed identity.Signed) error {
	var receipt msg.Receipt
	who, err := signed.Open(&receipt)
	if err != nil {
		return err
	}
	g, err := t.load(receipt.Job)
	if err != nil {
		return err
	}
	switch {
	case who != g.Provider || who != receipt.Provider:
		return fmt.Errorf("receipt of job %s is signed by %s, its provider is %s: %w", receipt.Job, who, g.Provider, settle.ErrMismatch)
	case receipt.Program != msg.HashOf(g.spec.Program):
		return fmt.Errorf("receipt of job %s is for program %s: %w", receipt.Job, receipt.Program, settle.ErrMismatch)
	case g.Receipt != nil && string(g.Receipt.Body) != string(signed.Body):
		return fmt.Errorf("job %s has another receipt: %w", receipt.Job, settle.ErrConflict)
	case g.Receipt != nil:
		return nil
	case time.Unix(receipt.Ended, 0).After(t.s.now().Add(ahead)):
		return fmt.Errorf("receipt of job %s is signed at %s, more than %s from now: %w", receipt.Job, time.Unix(receipt.Ended, 0).UTC().Format(time.RFC3339), ahead, settle.ErrMismatch)
	}
	g.Receipt = &signed
	return t.put(g)
}

// Reveal opens the consumer's share of the beacon.
func (t *together) Reveal(_ context.Context, signed identity.Signed) error {
	var share rpc.Reveal
	who, err := signed.Open(&share)
	if err != nil {
		return err
	}
	g, err := t.load(share.Job)
	if err != nil {
		return err
	}
	switch {
	case who != g.spec.Consumer:
		return fmt.Errorf("the share of the beacon of job %s is signed by %s, its consumer is %s: %w", share.Job, who, g.spec.Consumer, settle.ErrMismatch)
	case settle.Commitment(share.Secret) != g.spec.Commitment:
		return fmt.Errorf("secret of job %s does not open its commitment: %w", share.Job, settle.ErrMismatch)
	case g.receipt == nil:
		return fmt.Errorf("job %s has no receipt; revealing now would let the provider steer the sample: %w", share.Job, settle.ErrNotYet)
	case g.Secret != nil:
		return nil
	}
	g.Secret = &share.Secret
	return t.put(g)
}

// Seed gives the beacon of a job.
func (t *together) Seed(_ context.Context, job msg.Hash) (msg.Hash, error) {
	g, err := t.load(job)
	if err != nil {
		return msg.Hash{}, err
	}
	seed := g.seed()
	if seed == nil {
		return msg.Hash{}, fmt.Errorf("beacon of job %s: %w", job, settle.ErrNotYet)
	}
	return *seed, nil
}

// judging checks that a validator may speak about a receipt now.
func (t *together) judging(g *game, who, validator msg.Account, receipt msg.Hash) error {
	switch {
	case who != validator:
		return fmt.Errorf("what %s says is signed by %s: %w", validator, who, settle.ErrMismatch)
	case g.seed() == nil:
		return fmt.Errorf("job %s has no beacon: nobody is drawn: %w", g.job, settle.ErrNotYet)
	case msg.HashOf(*g.receipt) != receipt:
		return fmt.Errorf("it is about receipt %s, job %s has %s: %w", receipt, g.job, msg.HashOf(*g.receipt), settle.ErrMismatch)
	case who == g.spec.Consumer || who == g.Provider:
		return fmt.Errorf("%s is a party of job %s and cannot judge it: %w", who, g.job, settle.ErrMismatch)
	case !slices.ContainsFunc(g.spec.Policy.Candidates, func(c msg.Candidate) bool { return c.Account == who }):
		return fmt.Errorf("%s is no candidate of job %s: %w", who, g.job, settle.ErrMismatch)
	}
	return nil
}

// late refuses what comes after the window.
func (t *together) late(g *game) error {
	if end := settle.Closes(&g.spec, g.receipt); t.s.now().After(end) {
		return fmt.Errorf("job %s, at %s: %w", g.job, end.UTC().Format(time.RFC3339), settle.ErrLate)
	}
	return nil
}

// Promise records a validator's commitment to its verdicts.
func (t *together) Promise(_ context.Context, signed identity.Signed) error {
	var p rpc.VerdictCommit
	who, err := signed.Open(&p)
	if err != nil {
		return err
	}
	g, err := t.load(p.Job)
	if err != nil {
		return err
	}
	if err := t.judging(g, who, p.Validator, p.Receipt); err != nil {
		return err
	}
	if p.Version != 1 {
		return fmt.Errorf("commitment of version %d, wanted 1: %w", p.Version, settle.ErrMismatch)
	}
	if old := g.promise(who); old != nil {
		if *old != p {
			return fmt.Errorf("%s has committed itself to other verdicts on job %s: %w", who, p.Job, settle.ErrConflict)
		}
		return nil
	}
	if err := t.late(g); err != nil {
		return err
	}
	g.Promises = append(g.Promises, signed)
	return t.put(g)
}

func openedKey(job msg.Hash, validator msg.Account) msg.Hash {
	return sha256.Sum256(append(append([]byte("gwrun opened\x00"), job[:]...), validator[:]...))
}

// Opened records the verdicts that a validator had committed itself to.
func (t *together) Opened(_ context.Context, o rpc.Opened) error {
	var said rpc.Opening
	who, err := o.Opening.Open(&said)
	if err != nil {
		return err
	}
	g, err := t.load(said.Job)
	if err != nil {
		return err
	}
	if err := t.judging(g, who, said.Validator, said.Receipt); err != nil {
		return err
	}
	p := g.promise(who)
	switch {
	case p == nil:
		return fmt.Errorf("verdicts of %s on job %s without a commitment before: %w", who, g.job, settle.ErrNotYet)
	case said.Version != 1 || msg.HashOf(said) != p.Hash:
		return fmt.Errorf("%s opens something else than it had committed itself to on job %s: %w", who, g.job, settle.ErrMismatch)
	}
	lacks, err := g.verdicts(&said, o.Verdicts)
	if err != nil {
		return fmt.Errorf("verdicts of %s on job %s: %w: %w", who, g.job, err, settle.ErrMismatch)
	}
	if slices.ContainsFunc(g.Opened, func(x opened) bool { return x.By == who }) {
		return nil // the same: its hash says so
	}
	if err := t.late(g); err != nil {
		return err
	}
	kept := opened{By: who, Said: &o, Short: lacks}
	if len(msg.Encode(o)) > short {
		kept.Said = nil
		if err := t.s.opened.Put(openedKey(g.job, who), o); err != nil {
			return err
		}
	}
	g.Opened = append(g.Opened, kept)
	return t.put(g)
}

// verdicts checks that these are what an opening names. Where what it names is not a verdict on each interval that its validator drew,
// lacks says so.
func (g *game) verdicts(said *rpc.Opening, signed []identity.Signed) (lacks string, _ error) {
	if len(signed) != len(said.Verdicts) {
		return "", fmt.Errorf("%d of them, the opening names %d", len(signed), len(said.Verdicts))
	}
	judged := map[uint64]bool{}
	last := uint64(0)
	for i, x := range signed {
		var v msg.Verdict
		by, err := x.Open(&v)
		switch {
		case err != nil:
			return "", err
		case msg.HashOf(v) != said.Verdicts[i]:
			return "", fmt.Errorf("that on interval %d is not the one that the opening names", v.Interval)
		case v.Validator != said.Validator:
			lacks = fmt.Sprintf("the verdict on interval %d is %s's", v.Interval, v.Validator)
			continue
		case by != said.Validator:
			return "", fmt.Errorf("that on interval %d is signed by %s", v.Interval, by)
		case v.Version != 1 || v.Job != g.job || v.Receipt != said.Receipt:
			lacks = fmt.Sprintf("the verdict on interval %d is about another receipt", v.Interval)
		case v.Value != msg.Valid && v.Value != msg.Invalid && v.Value != msg.Unavailable:
			lacks = fmt.Sprintf("the verdict on interval %d is %.20q", v.Interval, v.Value)
		case i > 0 && v.Interval <= last || v.Interval >= g.receipt.Intervals:
			lacks = fmt.Sprintf("a verdict on interval %d of %d behind that on interval %d", v.Interval, g.receipt.Intervals, last)
		}
		last, judged[v.Interval] = v.Interval, true
	}
	for _, i := range settle.Sample(*g.seed(), said.Validator, g.receipt.Intervals, g.spec.Policy.SamplePPM) {
		if !judged[i] {
			lacks = fmt.Sprintf("there is no verdict on interval %d, which it drew", i)
		}
	}
	return lacks, nil
}

// Rule records what was proven. In free mode a node rules on what it has verified itself; the evidence is for everybody else.
func (t *together) Rule(_ context.Context, ruling settle.Ruling) error {
	g, err := t.load(ruling.Job)
	if err != nil {
		return err
	}
	if ruling.Evidence == (msg.Blob{}) || ruling.Kind == "" {
		return fmt.Errorf("a ruling on job %s of kind %q that names no evidence: %w", ruling.Job, ruling.Kind, settle.ErrMismatch)
	}
	if ruling.Guilty == nil {
		ruling.Guilty = []msg.Account{}
	}
	for i := range g.Rulings {
		if old := &g.Rulings[i]; old.Evidence == ruling.Evidence {
			if old.Kind != ruling.Kind || old.Interval != ruling.Interval || old.Void != ruling.Void || !slices.Equal(old.Guilty, ruling.Guilty) {
				return fmt.Errorf("there is another ruling on job %s by evidence %s: %w", ruling.Job, ruling.Evidence.Root, settle.ErrConflict)
			}
			return nil
		}
	}
	if g.receipt != nil {
		if end := settle.Closes(&g.spec, g.receipt).Add(settle.Grace); t.s.now().After(end) {
			return fmt.Errorf("job %s, at %s: %w", g.job, end.UTC().Format(time.RFC3339), settle.ErrLate)
		}
	}
	g.Rulings = append(g.Rulings, ruling)
	return t.put(g)
}
