package evm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// double is two messages of one signer of which contracts see themselves that they exclude each other: no committee is asked, and no bond is at risk.
type double struct {
	Job    msg.Hash    `cbor:"1,keyasint"`
	Guilty msg.Account `cbor:"2,keyasint"`
	Kind   uint8       `cbor:"3,keyasint"`
	A      statement   `cbor:"4,keyasint"`
	B      statement   `cbor:"5,keyasint"`
	// Terms are those of the job, where they are known: it may be open on the chain.
	Terms *msg.Terms `cbor:"6,keyasint,omitempty"`
	Over  bool       `cbor:"7,keyasint"`
}

// statement is contracts' Statement.
type statement struct {
	Message   []byte `cbor:"1,keyasint"`
	Signature []byte `cbor:"2,keyasint"`
}

// kinds are of messages, as contracts number them: which of their fields say what they are about, which says what, and which, if any, by whom.
var kinds = []struct {
	message     func() msg.Typed
	about       []int
	says, names int
}{
	{func() msg.Typed { return new(msg.Receipt) }, []int{0, 5}, 1, 5},
	{func() msg.Typed { return new(rpc.IntervalCommit) }, []int{0, 1}, 2, -1},
	{func() msg.Typed { return new(rpc.VerdictCommit) }, []int{0, 1, 2}, 3, 2},
}

// read reads a message as one of a kind, by its signer.
func read(message func() msg.Typed, signed *identity.Signed, by msg.Account) (fields []msg.Word, s statement, err error) {
	m := message()
	if err := signed.OpenFrom(m, by); err != nil {
		return nil, s, err
	}
	data, err := m.TypedData()
	if err != nil {
		return nil, s, err
	}
	for _, f := range data.Fields {
		s.Message = append(s.Message, f[:]...)
	}
	s.Signature = signed.Sig[:]
	return data.Fields, s, nil
}

// doubled finds what two messages of one signer are to contracts; nil where those cannot see that they exclude each other.
func doubled(guilty msg.Account, a, b *identity.Signed) *double {
kind:
	for n, k := range kinds {
		x, first, err := read(k.message, a, guilty)
		if err != nil {
			continue
		}
		y, second, err := read(k.message, b, guilty)
		if err != nil || x[k.says] == y[k.says] || k.names >= 0 && x[k.names] != right(guilty) {
			continue
		}
		for _, i := range k.about {
			if x[i] != y[i] {
				continue kind
			}
		}
		return &double{Job: msg.Hash(x[0]), Guilty: guilty, Kind: uint8(n), A: first, B: second}
	}
	return nil
}

func (d *double) key() msg.Hash { return keccak(msg.Word(d.Job), right(d.Guilty)) }

// claim is what is claimed before it is shown.
func (d *double) claim(by msg.Account, salt msg.Hash) msg.Hash {
	subject := keccak(word(uint64(d.Kind)), crypto.Keccak256Hash(d.A.Message), crypto.Keccak256Hash(d.B.Message))
	return keccak(right(by), msg.Word(subject), msg.Word(salt))
}

// Contradicted has the chain punish whoever signed two messages that exclude each other. ok is false, and nothing is done, where no contract can
// judge them: they are evidence for a committee then. It is remembered and returns at once; repeating it changes nothing.
func (s *Settlement) Contradicted(ctx context.Context, guilty msg.Account, a, b identity.Signed) (ok bool, err error) {
	d := doubled(guilty, &a, &b)
	if d == nil {
		return false, nil
	}
	c, err := s.Settlement.Case(ctx, d.Job)
	switch {
	case err == nil && c.Agreement.ProviderSig != (identity.Signature{}):
		d.Terms = &c.Agreement.Terms
	case err != nil && !errors.Is(err, settle.ErrUnknown):
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.doubles[d.key()]; old != nil && (old.Terms != nil || d.Terms == nil) {
		return true, nil
	}
	return true, s.keep(d)
}

// keep remembers a double. Called with mu held.
func (s *Settlement) keep(d *double) error {
	if err := s.twice.Put(d.key(), d); err != nil {
		return err
	}
	s.doubles[d.key()] = d
	s.poke()
	return nil
}

// punish takes the next step about a double: claim it, show it, and take its consequence for a job that is open.
func (s *Settlement) punish(ctx context.Context, key msg.Hash, head *types.Header) error {
	s.mu.Lock()
	d := *s.doubles[key]
	s.mu.Unlock()
	name := fmt.Sprintf("two words of %s about job %s", d.Guilty, short(d.Job))
	shown, err := s.equivocated(ctx, d.Job, d.Guilty)
	if err != nil {
		return err
	}
	if !shown {
		had, err := ask[*big.Int](ctx, s.Contracts, "staking", "slashableOf", [20]byte(d.Guilty))
		if err != nil {
			return err
		}
		if had.Sign() == 0 {
			return s.done(key, head) // it has nothing to lose
		}
		s.remember(key)
		secret := salt(s.cfg.Identity, "double", d.Job, d.Guilty)
		claim := d.claim(s.me, secret)
		made, err := ask[*big.Int](ctx, s.Contracts, "disputes", "claims", [32]byte(claim))
		if err != nil {
			return err
		}
		if made.Sign() == 0 {
			return s.do(ctx, name, "disputes", "claim", [32]byte(claim))
		}
		words, err := s.Numbers(ctx)
		if err != nil {
			return err
		}
		if head.Number.Uint64() < made.Uint64()+words["ClaimBlocks"].Value {
			return errWait
		}
		return s.do(ctx, name, "disputes", "equivocation", d.Kind, d.A, d.B, [32]byte(secret))
	}
	if d.Terms != nil {
		open, err := s.concerned(ctx, d.Terms, d.Guilty)
		if err != nil {
			return err
		}
		if open {
			s.remember(key)
			return s.do(ctx, name, "disputes", "annul", terms(d.Terms), common.Address(d.Guilty))
		}
	}
	return s.done(key, head)
}

// equivocated says whether somebody was shown to have contradicted itself about a job.
func (m *Contracts) equivocated(ctx context.Context, job msg.Hash, who msg.Account) (bool, error) {
	by, err := ask[common.Address](ctx, m, "disputes", "equivocated", [32]byte(job), [20]byte(who))
	return by != common.Address{}, err
}

// concerned says whether somebody is the provider of an open job, and was not convicted of it, or sits on its jury.
func (s *Settlement) concerned(ctx context.Context, t *msg.Terms, who msg.Account) (bool, error) {
	id := t.ID(s.Market())
	j, err := ask[jobOf](ctx, s.Contracts, "market", "jobs", [32]byte(id))
	if err != nil || j.State == jobNone || j.State == jobDone {
		return false, err
	}
	if who == t.Provider {
		convicted, err := s.convicted(ctx, id, who)
		return !convicted, err
	}
	for i := range uint64(j.Seats) {
		seat, err := s.seat(ctx, id, i)
		if err != nil {
			return false, err
		}
		if bytes.Equal(seat.Juror[:], who[:]) && seat.State != seatOut {
			return true, nil
		}
	}
	return false, nil
}

// done forgets a double when no reorg can bring it back.
func (s *Settlement) done(key msg.Hash, head *types.Header) error {
	if !s.forgotten(key, head) {
		return errWait
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d := *s.doubles[key]
	d.Over = true
	return s.keep(&d)
}
