package doctor

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/proto/msg"
)

const (
	// OldBlock is how old a chain's newest block may be before its server is taken to have stopped following it.
	OldBlock = 5 * time.Minute
	// sparePayments is how many moves an account should be able to pay for, of spareGas each, at twice what gas costs now.
	sparePayments = 20
	spareGas      = 300_000
)

// Chain looks whether a chain is there and goes on, and whether an account has what a node needs on it: coins for gas, and a stake that
// nobody bars, and whether the registry says where it is, in its role. who is nil where there is no key yet.
func Chain(open func(ctx context.Context) (*evm.Contracts, func(), error), who *msg.Account, role string) Look {
	const name = "chain"
	return func(ctx context.Context) []Finding {
		m, done, err := open(ctx)
		if err != nil {
			return []Finding{bad(name, "is --rpc right and its server running, and --contracts the file of that chain?", "%v", err)}
		}
		defer done()
		h, err := m.Chain().Head(ctx)
		if err != nil {
			return []Finding{bad(name, "try another server with --rpc", "%v", err)}
		}
		found := []Finding{fresh(m.Chain().ChainID(), h.Number.Uint64(), time.Since(time.Unix(int64(h.Time), 0)))}
		if who == nil {
			return append(found, unchecked("gas", "there is no key yet"), unchecked("stake", "there is no key yet"), unchecked("registry", "there is no key yet"))
		}
		a, err := m.Account(ctx, *who)
		if err != nil {
			return append(found, bad("gas", "try another server with --rpc", "%v", err))
		}
		found = append(found, gas(a, h.BaseFee))
		s, err := m.Stake(ctx, *who)
		if err != nil {
			return append(found, bad("stake", "try another server with --rpc", "%v", err))
		}
		found = append(found, stake(*who, a.JailedUntil, &s, role, time.Now()))
		all, err := m.Nodes(ctx)
		if err != nil {
			return append(found, bad("registry", "try another server with --rpc", "%v", err))
		}
		return append(found, registry(*who, all, role))
	}
}

// NoChain is the look at a chain that nobody has named: a node can do without.
func NoChain(context.Context) []Finding {
	return []Finding{unchecked("chain", "none was named (--rpc): a node without one works for nothing")}
}

func fresh(id, number uint64, age time.Duration) Finding {
	text := fmt.Sprintf("chain %d is at block %d, %s old", id, number, max(0, age.Round(time.Second)))
	switch {
	case age > OldBlock:
		return bad("chain", "its server does not follow the chain: wait until it has caught up, or try another with --rpc; or this machine's clock is ahead", "%s", text)
	case age < -time.Minute:
		return bad("chain", "set this machine's clock (timedatectl set-ntp true)", "chain %d is at block %d, which is %s ahead of this machine's clock", id, number, -age.Round(time.Second))
	}
	return ok("chain", "%s", text)
}

// LeastCoins is what an account should have for gas at a price, in wei.
func LeastCoins(price *big.Int) *big.Int {
	least := big.NewInt(1)
	if price != nil && price.Sign() > 0 {
		least.Mul(price, big.NewInt(2*sparePayments*spareGas))
	}
	return least
}

// gas looks whether an account can pay for moves.
func gas(a *evm.Account, price *big.Int) Finding {
	least := LeastCoins(price)
	if a.Ether.Cmp(least) < 0 {
		return bad("gas", fmt.Sprintf("send %s coins to %s", chain.Ether(new(big.Int).Sub(least, a.Ether)), a.Account), "%s coins; %s pay for %d moves at twice what gas costs now", chain.Ether(a.Ether), chain.Ether(least), sparePayments)
	}
	return ok("gas", "%s coins, more than %d moves take", chain.Ether(a.Ether), sparePayments)
}

// stake looks whether others can hold an account to its word.
func stake(who msg.Account, jailed int64, s *settle.Stake, role string, now time.Time) Finding {
	switch {
	case jailed > now.Unix():
		return bad("stake", "wait, and look why: gwrun stake status --role "+role, "%s is in jail until %s", who, time.Unix(jailed, 0).UTC().Format(time.RFC3339))
	case s.Barred:
		return bad("stake", "gwrun stake add AMOUNT --role "+role, "%s tokens are less than the market wants", s.Active)
	}
	return ok("stake", "%s tokens, %s of them not held by jobs", s.Active, s.Free())
}

// registry looks whether others find an account, as what it is.
func registry(who msg.Account, all []evm.Node, role string) Finding {
	is, bit := "provider", uint8(evm.RoleProvider)
	if role == "validate" {
		is, bit = "validator", evm.RoleValidator
	}
	remedy := fmt.Sprintf("gwrun stake add 0 --role %s --roles %s --endpoint HOST:PORT, where others reach this node; AMOUNT instead of 0 stakes more", role, is)
	for _, n := range all {
		switch {
		case n.Account != who:
		case n.Roles&bit == 0:
			return bad("registry", remedy, "%s is in the registry, but not as a %s", who, is)
		case n.Endpoint == "":
			return bad("registry", remedy, "the registry does not say where %s is: nobody finds it", who)
		default:
			return ok("registry", "others find this %s at %s", is, n.Endpoint)
		}
	}
	return bad("registry", remedy, "%s is not in the registry: nobody finds it", who)
}
