package devnet

import (
	"context"
	"fmt"

	"github.com/gwrun/gwrun/proto/msg"
)

// Balance is what somebody has of the token, wherever it is: in its wallet, deposited, earned or at stake.
type Balance struct {
	Name   string     `json:"name"`
	Sum    msg.Amount `json:"sum"`
	Staked msg.Amount `json:"staked"`
	Jailed bool       `json:"jailed"`
}

// Balances are all that there is: those of the nodes first, then of who has deployed, of the treasury, and what contracts hold that is nobody's
// yet, such as bonds of quarrels that are not over. They come to supply.
func (l *Ledger) Balances(ctx context.Context, n *Network) (list []Balance, supply msg.Amount, err error) {
	at := l.At(n.Consumer)
	// The market and the staking contract hold what is accounted for with the nodes.
	held := map[string]msg.Amount{}
	for _, name := range []string{"market", "staking", "committee", "disputes", "bisection", "timelock"} {
		a, err := at.Account(ctx, l.Addresses.Contract[name].Address)
		if err != nil {
			return nil, supply, err
		}
		held[name] = a.Tokens
	}
	add := func(name string, who msg.Account) error {
		a, err := at.Account(ctx, who)
		if err != nil {
			return err
		}
		purse := a.Deposit.Add(a.Earned)
		if held["market"].Cmp(purse) < 0 || held["staking"].Cmp(a.Staked) < 0 {
			return fmt.Errorf("devnet: the contracts hold less than %s has in them", name)
		}
		held["market"], held["staking"] = held["market"].Sub(purse), held["staking"].Sub(a.Staked)
		list = append(list, Balance{Name: name, Sum: a.Tokens.Add(purse).Add(a.Staked), Staked: a.Staked, Jailed: a.JailedUntil > 0})
		return nil
	}
	for _, x := range n.nodes {
		name := "consumer"
		if x != n.Consumer {
			name = n.Name(n.Addr(x))
		}
		if err := add(name, x.Account()); err != nil {
			return nil, supply, err
		}
	}
	if err := add("deployer", l.Deployer.Account()); err != nil {
		return nil, supply, err
	}
	list = append(list, Balance{Name: "treasury", Sum: held["timelock"]})
	rest := msg.Amount{}
	for name, a := range held {
		if name != "timelock" {
			rest = rest.Add(a)
		}
	}
	list = append(list, Balance{Name: "held by contracts", Sum: rest})
	supply, err = at.Supply(ctx)
	return list, supply, err
}

// Draw has everybody turn what it is owed into tokens of its own.
func (l *Ledger) Draw(ctx context.Context, n *Network) error {
	for _, x := range n.nodes {
		if x.Payee == nil {
			continue
		}
		if err := x.Payee.Redeem(ctx); err != nil {
			return err
		}
		a, err := l.At(x).Account(ctx, x.Account())
		if err == nil && !a.Earned.IsZero() {
			_, err = l.At(x).Collect(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
