package evm_test

import (
	"context"
	"flag"
	"math/big"
	"path/filepath"
	"testing"

	"github.com/ethereum/go-ethereum/rlp"

	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/proto/identity"
)

var elsewhere = flag.String("rpc", "", "URL of a chain of another make, such as anvil, on which the key of TestElsewhere has coins")

// anvilKey is the first account of anvil and hardhat, which everybody knows.
const anvilKey = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"

// A chain of another make: its headers hash to what it says, contracts are deployed and verified, transactions arrive, refusals are told in words.
func TestElsewhere(t *testing.T) {
	if *elsewhere == "" {
		t.Skip("no chain of another make is given with -rpc")
	}
	b, _ := new(big.Int).SetString(anvilKey, 16)
	id, err := identity.FromBytes(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	c, err := chain.Dial(ctx, chain.Config{URL: *elsewhere, Key: id, Errors: evm.ABIs()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	head, err := c.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := rlp.EncodeToBytes(head)
	if err != nil || len(raw) < 500 {
		t.Errorf("header of %d bytes (%v)", len(raw), err)
	}
	p, err := evm.Preset("devnet")
	if err != nil {
		t.Fatal(err)
	}
	p.Genesis[id.Account()] = gwr("100000")
	a, err := evm.Deploy(ctx, c, p, filepath.Join(t.TempDir(), "addresses.json"), func(s string) { t.Log(s) })
	if err != nil {
		t.Fatal(err)
	}
	m, err := evm.Connect(ctx, c, a, id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.AddStake(ctx, gwr("500")); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Fund(ctx, gwr("10")); err != nil {
		t.Fatal(err)
	}
	_, err = m.WithdrawStake(ctx)
	if r := chain.Reverted(err); r == nil || r.Name != "NothingGiven" {
		t.Errorf("withdrawn: %v", err)
	}
	if i, err := m.Income(ctx, id.Account()); err != nil || !i.Earned.IsZero() {
		t.Errorf("income %+v (%v)", i, err)
	}
}
