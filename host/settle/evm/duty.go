package evm

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/core/types"

	"github.com/gwrun/gwrun/proto/msg"
)

// duty is a seat that this account was drawn to: on a jury, or in a committee.
type duty struct {
	Terms    msg.Hash   `cbor:"1,keyasint"` // of a jury
	Seat     uint64     `cbor:"2,keyasint"`
	Question uint64     `cbor:"3,keyasint"` // of a committee; 0: a jury
	Round    uint8      `cbor:"4,keyasint"`
	Judged   *Judgement `cbor:"5,keyasint,omitempty"` // what it found, on disk before it is promised
	Ballot   Ballot     `cbor:"6,keyasint"`
	Over     bool       `cbor:"7,keyasint"`
}

func (d *duty) key() msg.Hash {
	return sha256.Sum256(fmt.Appendf(nil, "gwrun duty\x00%s %d %d %d", d.Terms, d.Seat, d.Question, d.Round))
}

// take remembers a duty.
func (s *Settlement) take(d *duty) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := d.key()
	if old := s.duty[k]; old != nil && !old.Over {
		return nil
	}
	if old := s.duty[k]; old != nil {
		again := *old // a reorg may have brought it back
		again.Over = false
		d = &again
	}
	if err := s.duties.Put(k, d); err != nil {
		return err
	}
	s.duty[k] = d
	return nil
}

// drawn takes a seat on a jury.
func (s *Settlement) drawn(_ context.Context, id msg.Hash, seat uint64) error {
	return s.take(&duty{Terms: id, Seat: seat})
}

// called takes a seat in a committee.
func (s *Settlement) called(_ context.Context, question uint64, round uint8) error {
	return s.take(&duty{Question: question, Round: round})
}

// mark changes a duty and keeps it.
func (s *Settlement) mark(key msg.Hash, f func(*duty)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := *s.duty[key]
	f(&d)
	if err := s.duties.Put(key, &d); err != nil {
		return err
	}
	s.duty[key] = &d
	s.poke()
	return nil
}

// serve takes the next step of a duty.
func (s *Settlement) serve(ctx context.Context, key msg.Hash, head *types.Header) error {
	s.mu.Lock()
	d := *s.duty[key]
	s.mu.Unlock()
	if d.Question != 0 {
		return s.vote(ctx, key, &d, head)
	}
	return s.judge(ctx, key, &d, head)
}

// judge takes the next step of a juror.
func (s *Settlement) judge(ctx context.Context, key msg.Hash, d *duty, head *types.Header) error {
	j, err := ask[jobOf](ctx, s.Contracts, "market", "jobs", [32]byte(d.Terms))
	if err != nil {
		return err
	}
	seat, err := s.seat(ctx, d.Terms, d.Seat)
	if err != nil {
		return err
	}
	if j.State != jobSealed || msg.Account(seat.Juror) != s.me {
		return s.leave(key, head) // the job is over, or a reorg drew others
	}
	s.remember(key)
	name := fmt.Sprintf("seat %d of terms %s", d.Seat, short(d.Terms))
	secret := salt(s.cfg.Identity, "verdict", d.Terms, d.Seat)
	switch seat.State {
	case seatSeated:
		if head.Time > seat.Until.Uint64() {
			return errWait // too late: it will be replaced
		}
		if d.Judged == nil {
			return s.find(ctx, key, d, &j, &seat, head)
		}
		return s.do(ctx, name, "market", "commitVerdict", [32]byte(d.Terms), new(big.Int).SetUint64(d.Seat),
			[32]byte(verdictHash(d.Terms, s.me, values[d.Judged.Value], d.Judged.Interval, secret)))
	case seatPromised:
		if d.Judged == nil {
			return s.leave(key, head) // promised with a store that is lost
		}
		if j.Waiting > 0 && head.Time <= j.Promises.Uint64() {
			return errWait
		}
		return s.do(ctx, name, "market", "openVerdict", [32]byte(d.Terms), new(big.Int).SetUint64(d.Seat), values[d.Judged.Value], d.Judged.Interval, [32]byte(secret))
	case seatInvalid, seatAccusing:
		return errWait // the accusation is under way (find)
	case seatValid:
		return errWait // until it has ended
	}
	return s.leave(key, head)
}

// until is a time of the chain by this machine's clock, or earlier: the chain's may be ahead of it.
func until(end *big.Int, head *types.Header) time.Time {
	at := unix(end)
	if left := time.Now().Add(time.Duration(at.Unix()-int64(head.Time)) * time.Second); left.Before(at) {
		return left
	}
	return at
}

// leave forgets a duty that is over, when no reorg can bring it back.
func (s *Settlement) leave(key msg.Hash, head *types.Header) error {
	if !s.forgotten(key, head) {
		return errWait
	}
	return s.mark(key, func(d *duty) { d.Over = true })
}

// find has the host judge, and keeps what it found.
func (s *Settlement) find(ctx context.Context, key msg.Hash, d *duty, j *jobOf, seat *seatOf, head *types.Header) error {
	if s.cfg.Host == nil {
		return errors.New("drawn as juror, and this node judges nothing")
	}
	t, err := s.opened(ctx, d.Terms)
	if err != nil {
		return err
	}
	hash, err := s.committed(ctx, d.Terms, t.Job)
	if err != nil {
		return err
	}
	found, err := s.cfg.Host.Judge(ctx, Duty{ID: d.Terms, Terms: *t, Receipt: hash, Seed: j.Seed, Provider: t.Provider, Seat: d.Seat, Until: until(seat.Until, head)})
	if err != nil {
		return fmt.Errorf("judging job %s: %w", t.Job, err)
	}
	if found.Value == msg.Invalid && found.Evidence == (msg.Blob{}) || values[found.Value] == 0 {
		found.Value = msg.Unavailable
	}
	if found.Value == msg.Invalid {
		// The accusation has to be claimed before anybody can know of the verdict.
		err := fmt.Errorf("the terms given are %s, the seat is of %s", found.Agreement.Terms.ID(s.Market()), d.Terms)
		if found.Agreement.Terms == *t {
			err = s.alter(found.Spec, &found.Agreement, func(p *pursuit) error { return p.accuse(t.Provider, found.Evidence) })
		}
		if err != nil {
			s.cfg.Log.Warn("chain: a result is invalid and cannot be accused", "job", t.Job, "err", err)
			found.Value = msg.Unavailable
		}
	}
	return s.mark(key, func(d *duty) { d.Judged = &found })
}

// ballotOf are a committee's Member.
type ballotOf struct {
	Promised [32]byte
	Seats    uint16
	Ballot   uint8
}

type questionOf struct {
	Subject, Evidence                    [32]byte
	Size                                 uint64
	Accuser, Accused, Consumer, Provider [20]byte
}

// vote takes the next step of a committee's member.
func (s *Settlement) vote(ctx context.Context, key msg.Hash, d *duty, head *types.Header) error {
	id := new(big.Int).SetUint64(d.Question)
	c, err := ask[caseOf](ctx, s.Contracts, "committee", "caseOf", id)
	if err != nil {
		return err
	}
	m, err := ask[ballotOf](ctx, s.Contracts, "committee", "memberOf", id, d.Round, [20]byte(s.me))
	if err != nil {
		return err
	}
	if c.Round != d.Round || m.Seats == 0 || m.Ballot != 0 || c.Stage != caseVoting {
		return s.leave(key, head)
	}
	s.remember(key)
	name := fmt.Sprintf("question %d round %d", d.Question, d.Round)
	secret := salt(s.cfg.Identity, "ballot", s.at.ChainID, s.at.Contract["committee"].Address, d.Question, d.Round)
	if m.Promised == [32]byte{} {
		if head.Time > c.End.Uint64() {
			return errWait
		}
		if d.Ballot == 0 {
			return s.weigh(ctx, key, d, id, &c, head)
		}
		return s.do(ctx, name, "committee", "commit", id,
			[32]byte(ballotHash(s.at.ChainID, s.at.Contract["committee"].Address, d.Question, d.Round, s.me, d.Ballot, secret)))
	}
	if head.Time <= c.End.Uint64() {
		return errWait
	}
	return s.do(ctx, name, "committee", "vote", id, uint8(d.Ballot), [32]byte(secret))
}

// weigh has the host look at the evidence, and keeps what it says.
func (s *Settlement) weigh(ctx context.Context, key msg.Hash, d *duty, id *big.Int, c *caseOf, head *types.Header) error {
	if s.cfg.Host == nil {
		return errors.New("drawn into a committee, and this node judges nothing")
	}
	q, err := ask[questionOf](ctx, s.Contracts, "committee", "questionOf", id)
	if err != nil {
		return err
	}
	about := Question{ID: d.Question, Round: d.Round, Subject: q.Subject, Evidence: msg.Blob{Root: q.Evidence, Size: q.Size},
		Accuser: q.Accuser, Accused: q.Accused, Consumer: q.Consumer, Provider: q.Provider, Until: until(c.End, head)}
	if err := s.about(ctx, &about); err != nil {
		return err
	}
	b, err := s.cfg.Host.Vote(ctx, about)
	if err != nil {
		return fmt.Errorf("judging question %d: %w", d.Question, err)
	}
	if b != Guilty && b != Innocent {
		b = Unavailable
	}
	return s.mark(key, func(d *duty) { d.Ballot = b })
}
