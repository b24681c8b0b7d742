package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/host/doctor"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/host/settle/evm/devchain"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// Tokens and coins go where they are sent, to the last unit, and nowhere else.
func TestWalletMoney(t *testing.T) {
	home := t.TempDir()
	path := filepath.Join(home, "key.json")
	me, err := identity.Create(path, "", identity.None)
	if err != nil {
		t.Fatal(err)
	}
	other, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := msg.ParseAmount("1000")
	if err != nil {
		t.Fatal(err)
	}
	p, err := evm.Preset("devnet")
	if err != nil {
		t.Fatal(err)
	}
	p.Genesis[me.Account()] = tokens
	dev, err := devchain.Start(devchain.Config{OnDemand: true, Alloc: map[msg.Account]*big.Int{me.Account(): big.NewInt(9e18)}})
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	contracts := filepath.Join(home, "contracts.json")
	c, err := chain.Dial(t.Context(), chain.Config{URL: dev.URL(), Key: me, Errors: evm.ABIs()})
	if err != nil {
		t.Fatal(err)
	}
	at, err := evm.Deploy(t.Context(), c, p, contracts, func(string) {})
	c.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(rpcVar, dev.URL())

	const part = "0.000000000000000001"
	var sent sendResult
	finish(t, home, exitOK, &sent, "wallet", "send", "--yes", other.Account().String(), "999."+strings.Repeat("9", 18))
	if sent.Unit != "tokens" || sent.Amount.String() != "999.999999999999999999" || sent.Done == nil || sent.Block == 0 {
		t.Errorf("sent %+v", sent)
	}
	finish(t, home, exitOK, &sent, "wallet", "send", "--yes", "--coins", other.Account().String(), "0.25")
	var mine, theirs balanceResult
	finish(t, home, exitOK, &mine, "wallet", "balance")
	finish(t, home, exitOK, &theirs, "wallet", "balance", other.Account().String())
	if mine.Account != me.Account() || mine.Tokens.String() != part || theirs.Tokens.String() != "999.999999999999999999" || theirs.Coins != "0.25" || mine.Chain != at.ChainID {
		t.Errorf("balances %+v and %+v", mine, theirs)
	}
	var r doctorResult
	p2 := start(t, home, "doctor", "--json", "--listen", "127.0.0.1:0", "--key", path)
	p2.wait()
	if err := json.Unmarshal(p2.out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	states := map[string]doctor.State{}
	for _, f := range r.Findings {
		states[f.Name] = f.State
	}
	if states["gas"] != doctor.OK || states["stake"] != doctor.Bad || states["key"] != doctor.OK || states["chain"] == doctor.Unchecked {
		t.Errorf("the doctor says %+v", r.Findings)
	}

	// A node whose account has neither coins nor stake says so as soon as it is there, and works on.
	host := serve(t, home, "host", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0")
	host.has("a balance is low: what it is needed for will stop\" account=" + host.Account.String() + " unit=native for=gas")
	host.has("unit=token for=stake have=0 least=110 remedy=\"gwrun stake add\"")
	if code, text := host.get("/readyz"); code != http.StatusOK || !strings.Contains(text, "\nchain: ok\n") {
		t.Errorf("readyz: %d %q", code, text)
	}
	if _, text := host.get("/metrics"); !strings.Contains(text, `gwrun_balance{for="gas",unit="native"} 0`) || !strings.Contains(text, `gwrun_balance_least{for="stake",unit="token"} 110`) {
		t.Errorf("the metrics of an account without anything:\n%s", text)
	}
	host.signal(os.Interrupt)
	if code := host.wait(); code != exitOK {
		t.Errorf("host: exit status %d", code)
	}

	for _, c := range []struct {
		want int
		text string
		args []string
	}{
		{exitFailure, "has 0.000000000000000001 tokens, wanted 0.000000000000000002", []string{"--yes", other.Account().String(), "0.000000000000000002"}},
		{exitFailure, "coins, wanted 9 and gas", []string{"--yes", "--coins", other.Account().String(), "9"}},
		{exitUsage, "standard input is not a terminal", []string{other.Account().String(), part}},
		{exitUsage, "is the market's token contract", []string{"--yes", at.Contract["token"].Address.String(), part}},
		{exitUsage, "is nobody's account", []string{"--yes", "0x" + strings.Repeat("0", 40), part}},
		{exitUsage, "that it would come from", []string{"--yes", me.Account().String(), part}},
		{exitUsage, "nothing to send", []string{"--yes", other.Account().String(), "0"}},
		{exitUsage, "amount refused", []string{"--yes", other.Account().String(), "1e3"}},
		{exitPeer, "is the URL right", []string{"--yes", "--rpc", "http://127.0.0.1:9", other.Account().String(), part}},
		{exitFailure, "whoever deployed the market has it", []string{"--yes", "--contracts", filepath.Join(home, "none.json"), other.Account().String(), part}},
	} {
		p := start(t, home, append([]string{"wallet", "send"}, c.args...)...)
		got := p.wait()
		if b, err := os.ReadFile(p.log); err != nil || got != c.want || !strings.Contains(string(b), c.text) {
			t.Errorf("wallet send %q: exit status %d, want %d and %q (%v):\n%s", c.args, got, c.want, c.text, err, b)
		}
	}
	finish(t, home, exitOK, &mine, "wallet", "balance")
	if mine.Tokens.String() != part {
		t.Errorf("%s tokens after what was refused, want %s", mine.Tokens, part)
	}
}

func TestPayee(t *testing.T) {
	// The examples of EIP-55.
	for _, good := range []string{"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", "0x52908400098527886E0F7030069857D2E4169EE7",
		"0xde709f2102306220921060314715629080e2fb77", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED"} {
		if a, err := parsePayee(good); err != nil || a.String() != strings.ToLower(good) {
			t.Errorf("%s is read as %s, %v", good, a, err)
		}
	}
	for _, wrong := range []string{"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "", "0x"} {
		if a, err := parsePayee(wrong); exitCode(err) != exitUsage {
			t.Errorf("%s is read as %s, %v", wrong, a, err)
		}
	}
}

func TestChainErrors(t *testing.T) {
	for err, want := range map[error]int{chain.ErrUnreachable: exitPeer, chain.ErrServer: exitPeer, chain.ErrBehind: exitPeer, chain.ErrWrongChain: exitFailure, chain.ErrNoGas: exitFailure,
		context.Canceled: exitFailure, errors.New("else"): exitFailure} {
		if got := exitCode(chainError(fmt.Errorf("somewhere: %w", err))); got != want {
			t.Errorf("%v: exit status %d, want %d", err, got, want)
		}
	}
	if err := chainError(nil); err != nil {
		t.Error(err)
	}
}
