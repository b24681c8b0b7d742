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

// Purse reads what a provider or a validator needs to have on a chain, for Balances.Watch: coins for gas, and its stake.
func Purse(m *evm.Contracts, who msg.Account) func(ctx context.Context) ([]Balance, error) {
	return func(ctx context.Context) ([]Balance, error) {
		h, err := m.Chain().Head(ctx)
		if err != nil {
			return nil, err
		}
		a, err := m.Account(ctx, who)
		if err != nil {
			return nil, err
		}
		least, err := m.LeastStake(ctx)
		if err != nil {
			return nil, err
		}
		return purse(a, h.BaseFee, least), nil
	}
}

// spareStake is how much more than the least stake an account should have, as a part of that: with less it is out of the market at once, and a
// juror that was late once has less than before.
const spareStake = 10

func purse(a *evm.Account, price *big.Int, stake msg.Amount) []Balance {
	spare, _ := msg.AmountOfBig(new(big.Int).Div(stake.Big(), big.NewInt(spareStake))) // less than an amount is one
	return []Balance{
		{Account: a.Account, Unit: "native", For: "gas", Have: most(a.Ether), Least: most(doctor.LeastCoins(price)), Remedy: "send coins to this account"},
		{Account: a.Account, Unit: "token", For: "stake", Have: a.Staked.Sub(a.Unbonding), Least: stake.Add(spare), Remedy: "gwrun stake add"},
	}
}

// most is a number as an amount, or the largest there is: nobody has more coins than that.
func most(n *big.Int) msg.Amount {
	if a, err := msg.AmountOfBig(n); err == nil {
		return a
	}
	return msg.AmountOf(1 << 63).Times(1 << 63).Times(4)
}
