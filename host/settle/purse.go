package settle

import (
	"context"
	"math"
	"math/big"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// Purse is the money of a market as a node sees it, at the head of the chain that it follows. Reads wait for no transaction. In free mode there
// is none.
type Purse interface {
	// Market is where terms, vouchers and acceptances count.
	Market() msg.TypedDomain
	// Rules are the governed numbers as they are now.
	Rules(ctx context.Context) (Rules, error)
	// Stake is what an account has at stake.
	Stake(ctx context.Context, a msg.Account) (Stake, error)
	// Deposit is what vouchers and openings can draw on, without what is under notice of withdrawal.
	Deposit(ctx context.Context, consumer msg.Account) (msg.Amount, error)
	// Drawn is what a payee has redeemed of a consumer's deposit in all.
	Drawn(ctx context.Context, consumer, payee msg.Account) (msg.Amount, error)
	// Escrow says how it stands with a job's escrow.
	Escrow(ctx context.Context, terms *msg.Terms) (Escrow, error)
	// Redeem draws on vouchers, in one transaction. It returns when that is in the chain.
	Redeem(ctx context.Context, cheques []Cheque) error
	// Enforce has the chain follow this node's book of a job from now on: its escrow is opened if it is not, and all else that it takes until
	// it is paid. It is remembered and returns at once; repeating it changes nothing.
	Enforce(ctx context.Context, job msg.Hash) error
	// Accept has an escrow paid out as its consumer says. It is remembered and returns at once; repeating it changes nothing.
	Accept(ctx context.Context, job msg.Hash, a msg.Acceptance, consumer identity.Signature) error
	// Release shows that an escrow is paid for by a voucher.
	Release(ctx context.Context, job msg.Hash, r msg.Release, provider identity.Signature, c Cheque) error
}

// Cheque is a signed voucher.
type Cheque struct {
	Voucher msg.Voucher
	Sig     identity.Signature
}

// Escrow is how it stands with the escrow of a job.
type Escrow int

// The states of an escrow.
const (
	NoEscrow    Escrow = iota
	EscrowOpen         // the money is held
	EscrowPaid         // to the provider
	EscrowEnded        // back to the consumer
)

// Stake is what an account has at stake.
type Stake struct {
	Active msg.Amount // not leaving
	Locked msg.Amount // of Active: held by bonds of jobs
	// Barred says that the account may not be drawn or take jobs: its stake is too small, or it is in jail.
	Barred bool
}

// Free is what new bonds can hold.
func (s *Stake) Free() msg.Amount { return s.Active.Sub(s.Locked) }

var token = new(big.Int).Exp(big.NewInt(10), big.NewInt(msg.TokenDecimals), nil)

// Weight is what an account weighs in draws: its whole tokens, and nothing if it is barred.
func (s *Stake) Weight() uint32 {
	if s.Barred || s.Active.IsZero() {
		return 0
	}
	n := new(big.Int).Div(s.Active.Big(), token)
	if !n.IsUint64() || n.Uint64() > math.MaxUint32 {
		return math.MaxUint32
	}
	return max(1, uint32(n.Uint64()))
}

// Rules are a market's governed numbers that terms have to keep to. Shares are in millionths.
type Rules struct {
	CollusionPPM, SavingPPM uint32
	MinWindow, MaxWindow    time.Duration
	MinClock, MaxClock      time.Duration
	// MaxLate is how long after a job's deadline and window its escrow may still be opened.
	MaxLate     time.Duration
	MaxDuration time.Duration // from now to the deadline
	// Notice is how long a deposit stays after its consumer has asked for it.
	Notice        time.Duration
	MaxValidators uint32
}
