package market

import (
	"context"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Seller is a provider's side of the market: its prices, and the bids it has sealed.
type Seller struct {
	*Seals
	policy Policy
	quotes *Quotes
}

// NewSeller makes one. Room is what an account weighs in its books (Room); nil is the same for all.
func NewSeller(by *identity.Identity, p Policy, room func(msg.Account) uint64, now func() time.Time) (*Seller, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	return &Seller{NewSeals(by, room, now), p, NewQuotes(room, now)}, nil
}

// Public is what others are told of its prices.
func (s *Seller) Public() rpc.PricePolicy { return s.policy.Public() }

// Price is what it bids for a job.
func (s *Seller) Price(ctx context.Context, a Ask) (msg.Amount, error) {
	if !s.policy.Paid() {
		return msg.Amount{}, nil
	}
	made, err := s.policy.Price(ctx, a)
	if err != nil {
		return msg.Amount{}, err
	}
	return s.quotes.Hold(a.Spec, made)
}
