package evm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Config says how a settlement works. Contracts, Identity and Store are needed.
type Config struct {
	Contracts *Contracts
	Identity  *identity.Identity
	Store     store.Store
	// Host does what the chain drew this node for. Without one it is drawn in vain, and slashed for its silence: a node that is no validator.
	Host Host
	// Log default: none.
	Log *slog.Logger
}

// Host is the node behind a settlement. Its calls may take long; each duty's is made once at a time, and again after a restart.
type Host interface {
	// Judge replays what a juror drew.
	Judge(ctx context.Context, d Duty) (Judgement, error)
	// Vote judges evidence as a member of a committee.
	Vote(ctx context.Context, q Question) (Ballot, error)
	// Paid is told of everything that the chain did about this account and its jobs, in order, when it is lasting. After a restart the last may come
	// again: Payment.Event tells them apart.
	Paid(p Payment)
}

// Duty is a seat on the jury of an opened job.
type Duty struct {
	ID       msg.Hash    `json:"id"` // of the terms
	Terms    msg.Terms   `json:"terms"`
	Receipt  msg.Hash    `json:"receipt"` // its name, as the chain has it (msg.HashOf)
	Seed     msg.Hash    `json:"seed"`
	Provider msg.Account `json:"provider"`
	Seat     uint64      `json:"seat"`
	Until    time.Time   `json:"until"` // when a promise is late
}

// Judgement is a juror's.
type Judgement struct {
	Value    msg.Value `cbor:"1,keyasint"`
	Interval uint64    `cbor:"2,keyasint"` // the first that was invalid or could not be checked
	// Evidence is what proves Invalid: a blob in this node's store, pinned until the accusation is over. Without it the verdict is given as
	// unavailable: an invalid one that nobody proves is punished. Agreement is what both parties signed, Spec the job: the accusation shows them.
	Evidence  msg.Blob        `cbor:"3,keyasint"`
	Agreement rpc.Agreement   `cbor:"4,keyasint"`
	Spec      identity.Signed `cbor:"5,keyasint"`
}

// Question is asked of a committee: does the evidence prove that the accused lied?
type Question struct {
	ID       uint64      `json:"id"`
	Round    uint8       `json:"round"`
	Subject  msg.Hash    `json:"subject"`         // the terms' id
	Job      msg.Hash    `json:"job"`             // of the terms; zero where the question is not an accusation's
	Terms    *msg.Terms  `json:"terms,omitempty"` // nil where the transaction does not show them
	Evidence msg.Blob    `json:"evidence"`
	Accuser  msg.Account `json:"accuser"` // who serves the evidence
	Accused  msg.Account `json:"accused"`
	Consumer msg.Account `json:"consumer"`
	Provider msg.Account `json:"provider"`
	Until    time.Time   `json:"until"` // when a promise is late
}

// Ballot is a vote of a committee's member.
type Ballot uint8

// The ballots.
const (
	Guilty      Ballot = 1
	Innocent    Ballot = 2
	Unavailable Ballot = 3 // the accuser did not bring the evidence, or it could not be gone through
)

// Payment is something that the chain did about this account.
type Payment struct {
	Event    string      `cbor:"1,keyasint" json:"event"` // its place: block, transaction and number
	Kind     string      `cbor:"2,keyasint" json:"kind"`  // redeemed, accepted, settled, released, expired, abandoned, convicted, slashed
	Job      msg.Hash    `cbor:"3,keyasint" json:"job"`
	ID       msg.Hash    `cbor:"4,keyasint" json:"id"`
	Consumer msg.Account `cbor:"5,keyasint" json:"consumer"`
	Payee    msg.Account `cbor:"6,keyasint" json:"payee"`
	Amount   msg.Amount  `cbor:"7,keyasint" json:"amount"`
	Block    uint64      `cbor:"8,keyasint" json:"block"`
}

// Settlement implements settle.Settlement by the book that it embeds, and settle.Purse; Run is the agent that has the chain follow.
type Settlement struct {
	*free.Settlement
	*Contracts
	cfg Config
	me  msg.Account

	pursuits store.Journal // of pursuit, by Terms.ID
	duties   store.Journal // of duty, by seat or committee
	twice    store.Journal // of double
	kept     store.Journal // of one record: the cursor

	mu   sync.Mutex
	live map[msg.Hash]*pursuit
	duty map[msg.Hash]*duty
	// doubles are those who contradicted themselves.
	doubles map[msg.Hash]*double
	over    map[msg.Hash]uint64 // since which block things seem to be over
	wake    chan struct{}
	tried   map[msg.Hash]*trial
}

var (
	_ settle.Settlement = (*Settlement)(nil)
	_ settle.Purse      = (*Settlement)(nil)
)

// New opens the settlement of a node's store.
func New(cfg Config) (*Settlement, error) {
	if cfg.Contracts == nil || cfg.Identity == nil || cfg.Store == nil {
		return nil, errors.New("evm: needs contracts, an identity and a store")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Settlement{Settlement: free.New(cfg.Store), Contracts: cfg.Contracts, cfg: cfg, me: cfg.Identity.Account(),
		pursuits: cfg.Store.Journal("settle/evm/jobs"), duties: cfg.Store.Journal("settle/evm/duties"), twice: cfg.Store.Journal("settle/evm/doubles"), kept: cfg.Store.Journal("settle/evm/cursor"),
		live: map[msg.Hash]*pursuit{}, duty: map[msg.Hash]*duty{}, doubles: map[msg.Hash]*double{}, over: map[msg.Hash]uint64{}, wake: make(chan struct{}, 1), tried: map[msg.Hash]*trial{}}
	if err := all(s.pursuits, s.live); err != nil {
		return nil, err
	}
	if err := all(s.twice, s.doubles); err != nil {
		return nil, err
	}
	return s, all(s.duties, s.duty)
}

// all reads a journal into memory.
func all[T any](j store.Journal, into map[msg.Hash]*T) error {
	keys, err := j.Keys()
	if err != nil {
		return err
	}
	for _, k := range keys {
		v := new(T)
		if err := j.Get(k, v); err != nil {
			return err
		}
		into[k] = v
	}
	return nil
}

// pursuit is a job that the chain is to be led to its end for, or an accusation about one.
type pursuit struct {
	Job       msg.Hash      `cbor:"1,keyasint"`
	Agreement rpc.Agreement `cbor:"2,keyasint"`
	Packed    []byte        `cbor:"3,keyasint"` // candidates
	Enforce   bool          `cbor:"4,keyasint"`
	Accept    *accepting    `cbor:"5,keyasint,omitempty"`
	Release   *releasing    `cbor:"6,keyasint,omitempty"`
	Charges   []charge      `cbor:"7,keyasint"`
	// Receipt is the provider's, as soon as the book has it: the book may forget a job before the chain is done with it.
	Receipt *identity.Signed `cbor:"9,keyasint,omitempty"`
	// Over says that nothing more can come of it.
	Over bool `cbor:"8,keyasint"`
}

type accepting struct {
	Acceptance msg.Acceptance     `cbor:"1,keyasint"`
	Sig        identity.Signature `cbor:"2,keyasint"`
}

type releasing struct {
	Release msg.Release        `cbor:"1,keyasint"`
	Sig     identity.Signature `cbor:"2,keyasint"`
	Voucher msg.Voucher        `cbor:"3,keyasint"`
	Consent identity.Signature `cbor:"4,keyasint"` // the voucher's
}

// charge is an accusation of this node's.
type charge struct {
	Accused  msg.Account `cbor:"1,keyasint"`
	Evidence msg.Blob    `cbor:"2,keyasint"`
	Number   uint64      `cbor:"3,keyasint"` // on the chain; 0 before it is there
	Over     bool        `cbor:"4,keyasint"`
}

// ErrUnsigned is wrapped where the chain is to follow a job whose terms not both have signed.
var ErrUnsigned = errors.New("the terms are not signed by both")

// of is a job's pursuit, made of what both signed where there is none. Called with mu held.
func (s *Settlement) of(signed identity.Signed, a *rpc.Agreement) (msg.Hash, *pursuit, error) {
	t := &a.Terms
	id := t.ID(s.Market())
	if p := s.live[id]; p != nil {
		copied := *p
		copied.Charges = append([]charge{}, p.Charges...)
		return id, &copied, nil
	}
	for who, sig := range map[msg.Account]identity.Signature{t.Consumer: a.ConsumerSig, t.Provider: a.ProviderSig} {
		if by, err := identity.RecoverTyped(s.Market(), t, sig); err != nil || by != who {
			return id, nil, fmt.Errorf("job %s: the terms are signed by %s, wanted %s: %w", t.Job, by, who, ErrUnsigned)
		}
	}
	var spec msg.JobSpec
	if err := msg.Decode(signed.Body, &spec); err != nil {
		return id, nil, err
	}
	packed := msg.Pack(spec.Policy.Candidates)
	if msg.HashOf(spec) != t.Job || packed.Hash() != t.Candidates {
		return id, nil, fmt.Errorf("job %s with candidates %s: the terms are of job %s with candidates %s: %w", msg.HashOf(spec), packed.Hash(), t.Job, t.Candidates, settle.ErrMismatch)
	}
	return id, &pursuit{Job: t.Job, Agreement: *a, Packed: packed, Charges: []charge{}}, nil
}

// change makes a change to a job's pursuit, and has the agent look.
func (s *Settlement) change(ctx context.Context, job msg.Hash, f func(p *pursuit) error) error {
	c, err := s.Settlement.Case(ctx, job)
	if err != nil {
		return err
	}
	return s.alter(c.Spec, &c.Agreement, func(p *pursuit) error {
		if p.Receipt == nil {
			p.Receipt = c.Receipt
		}
		return f(p)
	})
}

func (s *Settlement) alter(spec identity.Signed, a *rpc.Agreement, f func(p *pursuit) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, p, err := s.of(spec, a)
	if err != nil {
		return err
	}
	if err := f(p); err != nil {
		return err
	}
	return s.put(id, p)
}

// put keeps a pursuit. Called with mu held.
func (s *Settlement) put(id msg.Hash, p *pursuit) error {
	if err := s.pursuits.Put(id, p); err != nil {
		return err
	}
	s.live[id] = p
	s.poke()
	return nil
}

func (s *Settlement) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Enforce has the chain follow this node's book of a job from now on.
func (s *Settlement) Enforce(ctx context.Context, job msg.Hash) error {
	return s.change(ctx, job, func(p *pursuit) error {
		if !p.Enforce {
			p.Enforce, p.Over = true, false
		}
		return nil
	})
}

// Accept has an escrow paid out as its consumer says.
func (s *Settlement) Accept(ctx context.Context, job msg.Hash, a msg.Acceptance, consumer identity.Signature) error {
	return s.change(ctx, job, func(p *pursuit) error {
		if id := p.Agreement.Terms.ID(s.Market()); a.Terms != id {
			return fmt.Errorf("job %s: the acceptance is of terms %s, these are %s: %w", job, a.Terms, id, settle.ErrMismatch)
		}
		if by, err := identity.RecoverTyped(s.Market(), a, consumer); err != nil || by != p.Agreement.Terms.Consumer {
			return fmt.Errorf("job %s: the acceptance is signed by %s, wanted its consumer: %w", job, by, settle.ErrMismatch)
		}
		if p.Accept == nil {
			p.Accept = &accepting{a, consumer}
		}
		return nil
	})
}

// Release shows that an escrow is paid for by a voucher.
func (s *Settlement) Release(ctx context.Context, job msg.Hash, r msg.Release, provider identity.Signature, c settle.Cheque) error {
	return s.change(ctx, job, func(p *pursuit) error {
		t := &p.Agreement.Terms
		if id := t.ID(s.Market()); r.Terms != id {
			return fmt.Errorf("job %s: the release is of terms %s, these are %s: %w", job, r.Terms, id, settle.ErrMismatch)
		}
		if by, err := identity.RecoverTyped(s.Market(), r, provider); err != nil || by != t.Provider {
			return fmt.Errorf("job %s: the release is signed by %s, wanted its provider: %w", job, by, settle.ErrMismatch)
		}
		if p.Release == nil || r.Total.Cmp(p.Release.Release.Total) > 0 {
			p.Release = &releasing{r, provider, c.Voucher, c.Sig}
		}
		return nil
	})
}

// Accuse has the chain judge what evidence proves against the provider or a candidate of a job. The blob is to be kept and served until
// the accusation is over (Accusing).
func (s *Settlement) Accuse(ctx context.Context, job msg.Hash, accused msg.Account, evidence msg.Blob) error {
	return s.change(ctx, job, func(p *pursuit) error { return p.accuse(accused, evidence) })
}

// maxCharges is how many accusations one node makes about one job.
const maxCharges = 64

func (p *pursuit) accuse(accused msg.Account, evidence msg.Blob) error {
	for i := range p.Charges {
		if p.Charges[i].Accused == accused {
			return nil // who is guilty is so once
		}
	}
	if len(p.Charges) >= maxCharges {
		return fmt.Errorf("%d accusations about job %s, at most %d wanted", len(p.Charges), p.Job, maxCharges)
	}
	p.Charges, p.Over = append(p.Charges, charge{Accused: accused, Evidence: evidence}), false
	return nil
}

// Accusing are the blobs of accusations that are not over: they have to be served.
func (s *Settlement) Accusing() []msg.Blob {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []msg.Blob
	for _, p := range s.live {
		for _, c := range p.Charges {
			if !c.Over {
				out = append(out, c.Evidence)
			}
		}
	}
	return out
}

// Escrow says how it stands with the escrow of a job. One that its provider, who asks, was convicted of before it was opened has ended.
func (m *Contracts) Escrow(ctx context.Context, t *msg.Terms) (settle.Escrow, error) {
	id := t.ID(m.Market())
	j, err := ask[jobOf](ctx, m, "market", "jobs", [32]byte(id))
	if err != nil {
		return settle.NoEscrow, err
	}
	switch j.State {
	case jobNone:
		if m.key != nil && m.key.Account() == t.Provider {
			convicted, err := m.convicted(ctx, id, t.Provider)
			if err == nil && !convicted {
				convicted, err = m.equivocated(ctx, t.Job, t.Provider)
			}
			if err != nil || convicted {
				return settle.EscrowEnded, err
			}
		}
		return settle.NoEscrow, nil
	case jobDone:
		how, err := m.ended(ctx, t)
		if err != nil {
			return settle.NoEscrow, err
		}
		if how == endAccepted || how == endSettled {
			return settle.EscrowPaid, nil
		}
		return settle.EscrowEnded, nil
	}
	return settle.EscrowOpen, nil
}
