package evm

import (
	"context"
	"errors"
	"math/big"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/core/types"

	"github.com/gwrun/gwrun/proto/msg"
)

// Reached says whether a job on the chain is past a step, for tests.
func (m *Contracts) Reached(ctx context.Context, id msg.Hash, step string) (bool, error) {
	j, err := ask[jobOf](ctx, m, "market", "jobs", [32]byte(id))
	if err != nil {
		return false, err
	}
	switch step {
	case "open":
		return j.State >= jobOpened, nil
	case "commit":
		return j.State >= jobCommitted, nil
	case "seal":
		return j.State >= jobSealed, nil
	case "promise":
		return j.State > jobSealed || j.State == jobSealed && j.Waiting < j.Seats, nil
	case "verdict":
		return j.State > jobSealed || j.Valid > 0, nil
	case "no seat left":
		for i := range uint64(j.Seats) {
			seat, err := m.seat(ctx, id, i)
			if err != nil || seat.State != seatOut {
				return false, err
			}
		}
		return j.State == jobSealed && j.Seats == 4, nil
	}
	return j.State == jobDone, nil
}

// Idle says that no job is left to be led to its end.
func (s *Settlement) Idle() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.live {
		if !p.Over {
			return false
		}
	}
	return true
}

// Number has the accusation of somebody about a job follow a number on the chain, whosever that is.
func (s *Settlement) Number(id msg.Hash, accused msg.Account, n uint64) error {
	i := slices.IndexFunc(s.live[id].Charges, func(c charge) bool { return c.Accused == accused })
	return s.charged(id, i, func(c *charge) { c.Number = n })
}

// Seats is how many this account has on a job's jury.
func (s *Settlement) Seats(ctx context.Context, id msg.Hash) (n int, err error) {
	j, err := ask[jobOf](ctx, s.Contracts, "market", "jobs", [32]byte(id))
	for i := range uint64(j.Seats) {
		seat, fault := s.seat(ctx, id, i)
		if err = errors.Join(err, fault); msg.Account(seat.Juror) == s.me && seat.State != seatOut {
			n++
		}
	}
	return n, err
}

// Trouble is why something failed last that is tried again.
func (s *Settlement) Trouble() (said string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.tried {
		said += t.said
	}
	return said
}

// Until is a time of a chain, whose newest block is of a time, by this machine's clock.
func Until(end, head time.Time) time.Time {
	return until(big.NewInt(end.Unix()), &types.Header{Time: uint64(head.Unix())})
}

// ChainTime is the time of the newest block.
func (m *Contracts) ChainTime(ctx context.Context) (time.Time, error) { return m.now(ctx) }

// CheckTerms asks the market whether it would take terms.
func (m *Contracts) CheckTerms(ctx context.Context, t *msg.Terms) error {
	data, err := artifacts["market"].abi.Pack("check", terms(t))
	if err == nil {
		_, err = m.chain.Call(ctx, "market.check", m.at.at("market"), data, nil)
	}
	return err
}
