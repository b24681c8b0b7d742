package devnet

import (
	"context"
	"fmt"

	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/proto/msg"
)

// Balance is what somebody has of the token, wherever it is: in its wallet, deposited, earned or at stake.
type Balance struct {
	Name   string     `json:"name"`
	Sum    msg.Amount `json:"sum"`
	Staked msg.Amount `json:"staked"`
	Jailed bool       `json:"jailed"`
}

// Holder is somebody who has tokens.
type Holder struct {
	Name    string
	Account msg.Account
}

// Count says what each holder has, then what the treasury has, and at last what contracts hold that is no holder's, such as bonds of quarrels that
// are not over. With all holders named they come to supply.
func Count(ctx context.Context, at *evm.Contracts, who []Holder) (list []Balance, supply msg.Amount, err error) {
	// The market and the staking contract hold what is accounted for with the holders.
	held := map[string]msg.Amount{}
	for _, name := range []string{"market", "staking", "committee", "disputes", "bisection", "timelock"} {
		a, err := at.Account(ctx, at.Addresses().Contract[name].Address)
		if err != nil {
			return nil, supply, err
		}
		held[name] = a.Tokens
	}
	for _, x := range who {
		a, err := at.Account(ctx, x.Account)
		if err != nil {
			return nil, supply, err
		}
		purse := a.Deposit.Add(a.Earned)
		if held["market"].Cmp(purse) < 0 || held["staking"].Cmp(a.Staked) < 0 {
			return nil, supply, fmt.Errorf("devnet: the contracts hold less than %s has in them", x.Name)
		}
		held["market"], held["staking"] = held["market"].Sub(purse), held["staking"].Sub(a.Staked)
		list = append(list, Balance{Name: x.Name, Sum: a.Tokens.Add(purse).Add(a.Staked), Staked: a.Staked, Jailed: a.JailedUntil > 0})
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

// Balances are all that there is: those of the nodes first, then of who has deployed, then as Count has them.
func (l *Ledger) Balances(ctx context.Context, n *Network) (list []Balance, supply msg.Amount, err error) {
	var who []Holder
	for _, x := range n.nodes {
		name := "consumer"
		if x != n.Consumer {
			name = n.Name(n.Addr(x))
		}
		who = append(who, Holder{name, x.Account()})
	}
	return Count(ctx, l.At(n.Consumer), append(who, Holder{"deployer", l.Deployer.Account()}))
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
