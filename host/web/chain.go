package web

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/gwrun/gwrun/host/doctor"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/proto/msg"
)

// InSync is the check that a chain's server follows it.
func InSync(c *chain.Client) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		h, err := c.Head(ctx)
		if err != nil {
			return err
		}
		return following(h.Number.Uint64(), time.Since(time.Unix(int64(h.Time), 0)))
	}
}

func following(block uint64, age time.Duration) error {
	if age > doctor.OldBlock {
		return fmt.Errorf("block %d, the newest that the chain's server has, is %s old", block, age.Round(time.Second))
	}
	return nil
}

// Purse reads what an account needs to have on a chain, for Balances.Watch: coins for gas, and whatever a role wants besides, by its stake and
// deposit. Amounts of 0 want nothing.
func Purse(m *evm.Contracts, who msg.Account, stake, deposit msg.Amount) func(ctx context.Context) ([]Balance, error) {
	return func(ctx context.Context) ([]Balance, error) {
		h, err := m.Chain().Head(ctx)
		if err != nil {
			return nil, err
		}
		a, err := m.Account(ctx, who)
		if err != nil {
			return nil, err
		}
		return purse(a, h.BaseFee, stake, deposit), nil
	}
}

func purse(a *evm.Account, price *big.Int, stake, deposit msg.Amount) []Balance {
	out := []Balance{{Account: a.Account, Unit: "native", For: "gas", Have: most(a.Ether), Least: most(doctor.LeastCoins(price)), Remedy: "send coins to this account"}}
	if !stake.IsZero() {
		out = append(out, Balance{Account: a.Account, Unit: "token", For: "stake", Have: a.Staked.Sub(a.Unbonding), Least: stake, Remedy: "gwrun stake add"})
	}
	if !deposit.IsZero() {
		out = append(out, Balance{Account: a.Account, Unit: "token", For: "deposit", Have: a.Deposit.Sub(a.Leaving), Least: deposit, Remedy: "gwrun job fund"})
	}
	return out
}

// most is a number as an amount, or the largest there is: nobody has more coins than that.
func most(n *big.Int) msg.Amount {
	if a, err := msg.AmountOfBig(n); err == nil {
		return a
	}
	return msg.AmountOf(1 << 63).Times(1 << 63).Times(4)
}
