package evm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"reflect"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"

	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/proto/msg"
)

// ABIs are of the market's contracts: with them a client tells their errors in words.
func ABIs() []*abi.ABI {
	var out []*abi.ABI
	for _, name := range contractNames {
		out = append(out, artifacts[name].abi)
	}
	return out
}

// Deploy puts the market's contracts on a chain and writes where they are to a file. Where the file is there, it goes on from it: after a kill
// at any point the same call ends what was begun. What it does is told, a line each.
func Deploy(ctx context.Context, c *chain.Client, p Params, path string, tell func(string)) (*Addresses, error) {
	a, err := readAddresses(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if a, err = plan(ctx, c, p); err != nil {
			return nil, err
		}
		if err := a.write(path); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	case a.ChainID != c.ChainID():
		return nil, fmt.Errorf("%s is of chain %d, this is %d: give another file, or remove it", path, a.ChainID, c.ChainID())
	case a.Complete:
		tell("the contracts of " + path + " are there already")
		return a, a.Verify(ctx, c)
	case a.Deployer != c.Account():
		return nil, fmt.Errorf("%s was begun by %s, the key given is of %s", path, a.Deployer, c.Account())
	default:
		tell("going on with what " + path + " began")
	}
	for i, name := range contractNames {
		if err := a.deploy(ctx, c, uint64(i), name, path, tell); err != nil {
			return nil, err
		}
	}
	a.Complete = true
	if err := a.Verify(ctx, c); err != nil {
		return nil, err
	}
	return a, a.write(path)
}

// plan fixes all addresses before there is any contract: each of them knows the others'.
func plan(ctx context.Context, c *chain.Client, p Params) (*Addresses, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	head, err := c.Head(ctx)
	if err != nil {
		return nil, err
	}
	nonce, err := c.Nonce(ctx)
	if err != nil {
		return nil, err
	}
	a := &Addresses{ChainID: c.ChainID(), Deployer: c.Account(), Nonce: nonce, Block: head.Number.Uint64(), Params: p, Contract: map[string]Contract{}}
	for i, name := range contractNames {
		a.Contract[name] = Contract{Address: msg.Account(crypto.CreateAddress(common.Address(a.Deployer), nonce+uint64(i)))}
	}
	return a, nil
}

func (a *Addresses) at(name string) common.Address { return common.Address(a.Contract[name].Address) }

// creation is what makes a contract: its code, and what its constructor is given.
func (a *Addresses) creation(name string) ([]byte, error) {
	p := &a.Params
	var holders []msg.Account
	for h := range p.Genesis {
		holders = append(holders, h)
	}
	slices.SortFunc(holders, func(x, y msg.Account) int { return bytes.Compare(x[:], y[:]) })
	accounts, sums := []common.Address{}, []*big.Int{}
	for _, h := range holders {
		accounts, sums = append(accounts, common.Address(h)), append(sums, p.Genesis[h].Big())
	}
	var value, least, most [64]uint64
	for i, n := range parameterNames {
		value[i], least[i], most[i] = p.Numbers[n].Value, p.Numbers[n].Min, p.Numbers[n].Max
	}
	n := len(parameterNames)
	big64 := func(n uint64) *big.Int { return new(big.Int).SetUint64(n) }
	at := a.at
	args := map[string][]any{
		"token":      {at("timelock"), p.Cap.Big(), accounts, sums},
		"timelock":   {at("governor"), big64(p.TimelockDelay), big64(p.TimelockMin), big64(p.TimelockMax)},
		"governor":   {at("token"), at("timelock"), big64(p.VotingDelay), uint32(p.VotingPeriod), p.Threshold.Big(), big64(p.Quorum)},
		"parameters": {at("timelock"), fixed(value[:n]), fixed(least[:n]), fixed(most[:n])},
		"staking":    {at("token"), at("parameters"), at("market"), at("disputes"), at("committee"), at("bisection"), at("timelock")},
		"lottery":    {at("staking")},
		"market":     {at("token"), at("parameters"), at("staking"), at("lottery"), at("disputes")},
		"committee":  {at("token"), at("staking"), at("parameters"), at("timelock")},
		"disputes":   {at("token"), at("staking"), at("market"), at("parameters"), at("committee"), at("bisection")},
		"bisection":  {at("token"), at("market"), at("parameters"), at("disputes"), at("committee")},
	}[name]
	packed, err := artifacts[name].abi.Pack("", args...)
	if err != nil {
		return nil, fmt.Errorf("contract %s: %w", name, err)
	}
	return append(bytes.Clone(artifacts[name].code), packed...), nil
}

// fixed makes an array of a slice, as package abi wants it for uint64[n].
func fixed(s []uint64) any {
	v := reflect.New(reflect.ArrayOf(len(s), reflect.TypeFor[uint64]())).Elem()
	reflect.Copy(v, reflect.ValueOf(s))
	return v.Interface()
}

// deploy sees to it that one of them is there.
func (a *Addresses) deploy(ctx context.Context, c *chain.Client, i uint64, name, path string, tell func(string)) error {
	code, err := c.Code(ctx, a.at(name))
	if err != nil {
		return err
	}
	entry := a.Contract[name]
	nonce := a.Nonce + i
	switch {
	case len(code) == 0:
		used, err := c.Mined(ctx)
		if err != nil {
			return err
		}
		if used > nonce {
			return fmt.Errorf("contract %s: nonce %d of %s, with which it was to be made, was used for something else: remove %s and begin anew", name, nonce, a.Deployer, path)
		}
		data, err := a.creation(name)
		if err != nil {
			return err
		}
		r, err := c.Send(ctx, chain.Move{What: "deploying " + name, Data: data, Nonce: &nonce})
		if err != nil {
			return err
		}
		entry.Tx = msg.Hash(r.TxHash)
		// A server may know of the transaction a moment before its newest state has what that made.
		for range 40 {
			if code, err = c.Code(ctx, a.at(name)); err != nil {
				return err
			}
			if len(code) > 0 {
				break
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(250 * time.Millisecond):
			}
		}
	case entry.Tx == (msg.Hash{}):
		// It was made, and the kill came before that was written.
		tx, err := c.Sent(ctx, a.Deployer, nonce, a.Block)
		if err != nil {
			return fmt.Errorf("contract %s is there, the transaction that made it is not found: %w", name, err)
		}
		entry.Tx = msg.Hash(tx.Hash())
	}
	if len(code) == 0 {
		return fmt.Errorf("contract %s: there is nothing at %s, where it was to be", name, entry.Address)
	}
	entry.Code = msg.Hash(crypto.Keccak256Hash(code))
	a.Contract[name] = entry
	tell(fmt.Sprintf("%-10s  %s", name, entry.Address))
	return a.write(path)
}

// Verify checks that the contracts of the file are on the chain, and are those that this program's sources say: each was made, at its address,
// by a transaction with just this code and these numbers.
func (a *Addresses) Verify(ctx context.Context, c *chain.Client) error {
	if a.ChainID != c.ChainID() {
		return fmt.Errorf("the contracts are on chain %d, this is %d: %w", a.ChainID, c.ChainID(), chain.ErrWrongChain)
	}
	var errs []error
	for i, name := range contractNames {
		if err := a.verify(ctx, c, uint64(i), name); err != nil {
			errs = append(errs, fmt.Errorf("contract %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

func (a *Addresses) verify(ctx context.Context, c *chain.Client, i uint64, name string) error {
	k := a.Contract[name]
	if at := crypto.CreateAddress(common.Address(a.Deployer), a.Nonce+i); at != common.Address(k.Address) {
		return fmt.Errorf("its address is %s, nonce %d of %s gives %s", k.Address, a.Nonce+i, a.Deployer, at)
	}
	code, err := c.Code(ctx, common.Address(k.Address))
	if err != nil {
		return err
	}
	if h := msg.Hash(crypto.Keccak256Hash(code)); h != k.Code || len(code) == 0 {
		return fmt.Errorf("the code at %s has hash %s (%d bytes), wanted %s", k.Address, h, len(code), k.Code)
	}
	want, err := a.creation(name)
	if err != nil {
		return err
	}
	tx, err := c.Transaction(ctx, common.Hash(k.Tx))
	if err != nil {
		return err
	}
	from, err := types.Sender(types.LatestSignerForChainID(tx.ChainId()), tx)
	switch {
	case err != nil:
		return err
	case from != common.Address(a.Deployer) || tx.Nonce() != a.Nonce+i || tx.To() != nil:
		return fmt.Errorf("transaction %s is not the one with nonce %d of %s that creates it", k.Tx, a.Nonce+i, a.Deployer)
	case !bytes.Equal(tx.Data(), want):
		return fmt.Errorf("transaction %s made it of other code or numbers than this program has: it is of another version, or not the market's", k.Tx)
	}
	return nil
}
