package main

import (
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/evm/devchain"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// A market from nothing, by the verbs alone.
func TestMarketVerbs(t *testing.T) {
	home := t.TempDir()
	me, err := identity.Create(filepath.Join(home, "key.json"), "", identity.None)
	if err != nil {
		t.Fatal(err)
	}
	dev, err := devchain.Start(devchain.Config{OnDemand: true, Alloc: map[msg.Account]*big.Int{me.Account(): big.NewInt(9e18)}})
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	t.Setenv(rpcVar, dev.URL())

	var a evm.Addresses
	finish(t, home, exitOK, &a, "contracts", "deploy", "--preset", "devnet")
	if a.ChainID != devchain.ChainID || !a.Complete || a.Params.Genesis[me.Account()].String() != deployGenesis {
		t.Errorf("deployed %+v", a)
	}
	finish(t, home, exitOK, &a, "contracts", "deploy", "--preset", "devnet") // again: nothing is done twice
	var valid struct{ Valid bool }
	finish(t, home, exitOK, &valid, "contracts", "verify")
	if !valid.Valid {
		t.Error("the contracts are not valid")
	}
	path := filepath.Join(home, "contracts.json")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(home, "other.json")
	if err := os.WriteFile(other, []byte(strings.Replace(string(b), `"quorum_percent": 4`, `"quorum_percent": 9`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}

	var done doneResult
	finish(t, home, exitOK, &done, "stake", "add", "500", "--roles", "provider,validator", "--device", "cpu", "--endpoint", "192.0.2.1:4242", "--seats", "1")
	if done.Done == nil || done.Gas == 0 || !strings.Contains(done.What, "registered as provider,validator, 1 seats taken") {
		t.Errorf("staked: %+v", done)
	}
	finish(t, home, exitOK, &done, "stake", "add", "0", "--roles", "provider,validator", "--endpoint", "node.example:4433")
	if !strings.Contains(done.What, "nothing staked of "+me.Account().String()+", registered as provider,validator") {
		t.Errorf("registered: %+v", done)
	}
	finish(t, home, exitOK, &done, "stake", "remove", "100.5")
	var s evm.Account
	finish(t, home, exitOK, &s, "stake", "status")
	if s.Staked.String() != "500" || s.Unbonding.String() != "100.5" || !s.MayJudge || s.Seats != 1 {
		t.Errorf("stake %+v", s)
	}
	finish(t, home, exitOK, &done, "stake", "remove", "--cancel")
	finish(t, home, exitOK, &done, "job", "fund", "20")
	finish(t, home, exitOK, &done, "job", "refund", "5")
	finish(t, home, exitOK, &s, "stake", "status", me.Account().String())
	if s.Deposit.String() != "20" || s.Leaving.String() != "5" || !s.Unbonding.IsZero() {
		t.Errorf("account %+v", s)
	}
	var e earningsResult
	finish(t, home, exitOK, &e, "earnings")
	if e.Account != me.Account() || e.Income == nil || !e.Earned.IsZero() {
		t.Errorf("earnings %+v", e)
	}

	finish(t, home, exitOK, &done, "gov", "delegate")
	dev.Commit()
	dev.Commit()
	finish(t, home, exitOK, &done, "gov", "propose", "--set", "MinWindow=2", "--text", "a longer window")
	id := strings.Fields(done.What)[4]
	if err := dev.Advance(3 * time.Second); err != nil {
		t.Fatal(err)
	}
	finish(t, home, exitOK, &done, "gov", "vote", id, "for", "--reason", "yes")
	if err := dev.Advance(25 * time.Second); err != nil {
		t.Fatal(err)
	}
	finish(t, home, exitOK, &done, "gov", "execute", id)
	if err := dev.Advance(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	finish(t, home, exitOK, &done, "gov", "execute", id)
	var all struct{ Proposals []evm.Proposal }
	finish(t, home, exitOK, &all, "gov", "status")
	if len(all.Proposals) != 1 || all.Proposals[0].State != "executed" || all.Proposals[0].Calls[0] != "set MinWindow=2" {
		t.Errorf("proposals %+v", all)
	}

	for _, c := range []struct {
		want int
		text string
		args []string
	}{
		{exitInvalid, "contract governor", []string{"contracts", "verify", "--contracts", other}},
		{exitUsage, "wanted devnet or mainnet", []string{"contracts", "deploy", "--preset", "moon"}},
		{exitUsage, "nobody has any tokens", []string{"contracts", "deploy", "--preset", "mainnet", "--contracts", filepath.Join(home, "new.json")}},
		{exitFailure, "whoever deployed the market has it", []string{"contracts", "show", "--contracts", filepath.Join(home, "none.json")}},
		{exitUsage, "TOKENS is missing", []string{"stake", "add"}},
		{exitUsage, "an amount of 0", []string{"stake", "add", "0"}},
		{exitUsage, "want provider, validator or both", []string{"stake", "add", "1", "--roles", "king"}},
		{exitUsage, "an amount of 0", []string{"stake", "add", "0", "--seats", "1"}},
		{exitUsage, "--endpoint \"nowhere\"", []string{"stake", "add", "0", "--roles", "provider", "--endpoint", "nowhere"}},
		{exitUsage, "every address of a machine", []string{"stake", "add", "0", "--roles", "provider", "--endpoint", "[::]:4433"}},
		{exitUsage, "give --roles too", []string{"stake", "add", "1", "--device", "cpu"}},
		{exitFailure, "not enough tokens", []string{"stake", "add", "999999999"}},
		{exitFailure, "bonds of open jobs", []string{"stake", "remove", "501"}},
		{exitFailure, "staking.withdraw: trying it: refused by the contract: NothingGiven", []string{"stake", "remove"}},
		{exitFailure, "TooEarly", []string{"job", "refund"}},
		{exitFailure, "redeems the vouchers", []string{"earnings", "--collect"}},
		{exitUsage, "pays out to the key's account", []string{"earnings", "--collect", "0x00000000000000000000000000000000000000aa"}},
		{exitUsage, "want NAME=NUMBER", []string{"gov", "propose", "--set", "MinSteak=2", "--text", "x"}},
		{exitUsage, "--set and --text are needed", []string{"gov", "propose"}},
		{exitFailure, "its bounds", []string{"gov", "propose", "--set", "MaxValidators=99", "--text", "x"}},
		{exitFailure, "wanted active", []string{"gov", "vote", id, "for"}},
		{exitUsage, "want for, against or abstain", []string{"gov", "vote", id, "perhaps"}},
		{exitFailure, "there is no proposal", []string{"gov", "vote", "000", "for"}},
		{exitPeer, "is the URL right", []string{"stake", "status", "--rpc", "http://127.0.0.1:9"}},
		{exitKey, "no key file", []string{"stake", "status", "--role", "host"}},
	} {
		p := start(t, home, c.args...)
		got := p.wait()
		if b, err := os.ReadFile(p.log); err != nil || got != c.want || !strings.Contains(string(b), c.text) {
			t.Errorf("%q: exit status %d, want %d and %q (%v):\n%s", c.args, got, c.want, c.text, err, b)
		}
	}
}
