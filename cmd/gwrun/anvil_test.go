//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/proto/msg"
)

// A market on a chain of another make, in processes of their own (make test-anvil):
//
//	go test ./cmd/gwrun -run TestAnvil -anvil $PWD/contracts/node_modules/.bin/anvil -v
var anvilPath = flag.String("anvil", "", "the program anvil, on which TestAnvil has its market")

// anvil starts a chain that makes a block every second, and gives its URL.
func anvil(t *testing.T) (string, *rpc.Client) {
	t.Helper()
	path, err := filepath.Abs(*anvilPath)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	cmd := exec.Command(path, "--host", "127.0.0.1", "--port", port, "--chain-id", "31337", "--block-time", "1", "--silent")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // npm's is a script that starts the program
	out := new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
		if t.Failed() {
			t.Logf("anvil: %s", out)
		}
	})
	url := "http://127.0.0.1:" + port
	c, err := rpc.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	within(t, time.Minute, "anvil does not answer", func() bool {
		var n string
		return c.CallContext(t.Context(), &n, "eth_blockNumber") == nil
	})
	return url, c
}

// within tries until something is so.
func within(t *testing.T, limit time.Duration, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !f(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

// trader is an account of the market, and the process that acts for it.
type trader struct {
	name, role, home, addr string
	account                msg.Account
	args                   []string
	*serving
}

// bazaar is a market of processes.
type bazaar struct {
	t         *testing.T
	flags     []string // where the chain is
	m         *evm.Contracts
	addresses *evm.Addresses
	all       []*trader
	deployer  *trader
}

func (b *bazaar) join(name, role string, args ...string) *trader {
	b.t.Helper()
	x := &trader{name: name, role: role, home: filepath.Join(b.t.TempDir(), name), args: args}
	if role == "host" || role == "validate" {
		l, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			b.t.Fatal(err)
		}
		x.addr = l.LocalAddr().String()
		l.Close()
	}
	var k keyResult
	finish(b.t, x.home, exitOK, &k, "wallet", "new", "--role", role)
	x.account = k.Account
	b.all = append(b.all, x)
	return x
}

// verb runs a verb at the market for an account.
func (b *bazaar) verb(x *trader, args ...string) {
	b.t.Helper()
	var done json.RawMessage
	finish(b.t, x.home, exitOK, &done, append(append(args, "--role", x.role), b.flags...)...)
}

// up starts the process of a node, at the address that the registry has.
func (b *bazaar) up(x *trader) {
	b.t.Helper()
	args := slices.Concat([]string{x.role, "--listen", x.addr, "--device", "cpu", "--redeem-every", "1s"}, x.args, b.flags)
	x.serving = serve(b.t, x.home, args...)
	if x.Account != x.account {
		b.t.Fatalf("%s is %s, its key says %s", x.name, x.Account, x.account)
	}
}

func (p *process) kill() {
	p.t.Helper()
	p.signal(syscall.SIGKILL)
	<-p.ended
	p.waited = true
}

func (b *bazaar) has(x *trader) *evm.Account {
	b.t.Helper()
	a, err := b.m.Account(b.t.Context(), x.account)
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

// owned is what an account has of the token, wherever it is.
func owned(a *evm.Account) msg.Amount { return a.Tokens.Add(a.Deposit).Add(a.Earned).Add(a.Staked) }

// count gives what everybody has, what contracts hold that is nobody's, and the supply.
func (b *bazaar) count() (of map[string]msg.Amount, held, supply msg.Amount) {
	b.t.Helper()
	in := map[string]msg.Amount{}
	for _, name := range []string{"market", "staking", "committee", "disputes", "bisection", "timelock"} {
		a, err := b.m.Account(b.t.Context(), b.addresses.Contract[name].Address)
		if err != nil {
			b.t.Fatal(err)
		}
		in[name] = a.Tokens
	}
	of = map[string]msg.Amount{"treasury": in["timelock"]}
	for _, x := range append(slices.Clone(b.all), b.deployer) {
		a := b.has(x)
		of[x.name] = owned(a)
		in["market"], in["staking"] = in["market"].Sub(a.Deposit).Sub(a.Earned), in["staking"].Sub(a.Staked)
	}
	for _, name := range []string{"market", "staking", "committee", "disputes", "bisection"} {
		held = held.Add(in[name])
	}
	supply, err := b.m.Supply(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return of, held, supply
}

// newBazaar puts the contracts on a chain, and gives everybody what it starts with.
func newBazaar(t *testing.T, url string, c *rpc.Client) *bazaar {
	t.Helper()
	file := filepath.Join(t.TempDir(), "contracts.json")
	b := &bazaar{t: t, flags: []string{"--rpc", url, "--contracts", file}}
	b.deployer = b.join("deployer", "submit")
	b.all = nil
	if err := c.CallContext(t.Context(), nil, "anvil_setBalance", b.deployer.account.String(), "0x3635c9adc5dea00000"); err != nil { // 1000
		t.Fatal(err)
	}
	b.verb(b.deployer, "contracts", "deploy", "--preset", "devnet")
	b.join("cheat", "host", "--price", "fixed:2", "--credit", "100", "--fault", "flip,step=25")
	b.join("provider-2", "host", "--price", "fixed:3", "--credit", "100")
	b.join("provider-3", "host", "--price", "fixed:4", "--credit", "100")
	b.join("lazy", "validate", "--fault", "always-valid")
	b.join("validator-2", "validate")
	b.join("validator-3", "validate")
	b.join("consumer", "submit")
	b.join("consumer-2", "submit")
	for _, x := range b.all {
		b.verb(b.deployer, "wallet", "send", "--yes", "--coins", x.account.String(), "10")
		b.verb(b.deployer, "wallet", "send", "--yes", x.account.String(), "5000")
	}
	for _, x := range b.all {
		switch x.role {
		case "host":
			b.verb(x, "stake", "add", "1000", "--roles", "provider", "--device", "cpu", "--endpoint", x.addr, "--seats", "1")
		case "validate":
			b.verb(x, "stake", "add", "1000", "--roles", "validator", "--device", "cpu", "--endpoint", x.addr, "--seats", "1")
		default:
			b.verb(x, "job", "fund", "1000")
		}
	}
	var err error
	if b.addresses, err = evm.ReadAddresses(file); err != nil {
		t.Fatal(err)
	}
	eye, err := chain.Dial(t.Context(), chain.Config{URL: url, ChainID: b.addresses.ChainID, Errors: evm.ABIs()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(eye.Close)
	if b.m, err = evm.Connect(t.Context(), eye, b.addresses, nil); err != nil {
		t.Fatal(err)
	}
	return b
}

// submit is a gwrun submit of a consumer's.
func (b *bazaar) submit(x *trader, args ...string) *process {
	b.t.Helper()
	return start(b.t, x.home, slices.Concat([]string{"submit", "--json", "--log-level", "info"}, args, b.flags)...)
}

func addrs(of ...*trader) string {
	var out []string
	for _, x := range of {
		out = append(out, x.addr)
	}
	return strings.Join(out, ",")
}

// accusations counts them in the chain that is.
func (b *bazaar) accusations(c *rpc.Client) int {
	b.t.Helper()
	var logs []types.Log
	err := c.CallContext(b.t.Context(), &logs, "eth_getLogs", map[string]any{"fromBlock": "0x0", "address": common.Address(b.addresses.Contract["disputes"].Address),
		"topics": []any{evm.ABIs()[slices.Index(evm.ContractNames(), "disputes")].Events["Accused"].ID}})
	if err != nil {
		b.t.Fatal(err)
	}
	return len(logs)
}

// reorg replaces the last three blocks by others that have nothing in them.
func reorg(t *testing.T, c *rpc.Client) {
	t.Helper()
	e := ethclient.NewClient(c)
	head, err := e.HeaderByNumber(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CallContext(t.Context(), nil, "anvil_reorg", 3, []any{}); err != nil {
		t.Fatal(err)
	}
	now, err := e.HeaderByNumber(t.Context(), head.Number)
	if err != nil {
		t.Fatal(err)
	}
	if now.Hash() == head.Hash() {
		t.Fatalf("block %d is what it was before the reorg", head.Number)
	}
}

// The course of gwrun demo-market in processes, on anvil, with a reorg of three blocks that takes an accusation away and a kill -9 of everybody
// while it is judged: the cheat and the lazy validator are slashed, the others paid, no token is lost.
func TestAnvil(t *testing.T) {
	if *anvilPath == "" {
		t.Skip("not asked for: make test-anvil")
	}
	url, c := anvil(t)
	b := newBazaar(t, url, c)
	nodes, consumer, other := b.all[:6], b.all[6], b.all[7]
	cheat, lazy := nodes[0], nodes[3]
	for _, x := range nodes {
		b.up(x)
	}
	before, held, supply := b.count()
	if !held.IsZero() {
		t.Fatalf("contracts hold %s that is nobody's before there is a job", held)
	}
	t.Logf("%d processes are up", len(nodes))

	// The cheapest provider is the cheat. Of three validators that have to agree one is found to be lazy: nobody is left to judge another's work.
	job := func(epochs int, peers ...*trader) []string {
		return []string{"../../examples/fashion-mnist", "--arg", fmt.Sprintf("epochs=%d", epochs), "--peers", addrs(peers...), "--max-price", "10", "--window", "60s", "--clock", "20s"}
	}
	first := b.submit(consumer, append(job(1, nodes...), "--validators", "3", "--sample", "1")...)
	within(t, 3*time.Minute, "nobody is accused", func() bool { return b.accusations(c) > 0 })
	reorg(t, c)
	if n := b.accusations(c); n != 0 {
		t.Fatalf("%d accusations are left after the reorg", n)
	}
	// Another consumer's job is under way when everybody is killed.
	second := b.submit(other, append(job(20, nodes[1], nodes[4], nodes[5]), "--validators", "2")...)
	long := untilIntervals(t, other.home, nodes[1].addr, 1)
	for _, p := range []*process{first, second} {
		p.kill()
	}
	for _, x := range nodes {
		x.kill()
	}
	t.Log("three blocks with an accusation are gone, and everybody is killed")
	for _, x := range nodes {
		b.up(x)
	}
	var known struct{ Jobs []*jobResult }
	finish(t, consumer.home, exitOK, &known, "job", "list")
	if len(known.Jobs) != 1 {
		t.Fatalf("the consumer knows of %d jobs, want the cheat's", len(known.Jobs))
	}
	first = b.submit(consumer, "--resume", known.Jobs[0].Job.String())
	var r submitResult
	second = b.submit(other, "--resume", long.String())
	if code := second.wait(); code != exitOK {
		t.Fatalf("the job that was under way: exit status %d", code)
	}
	if err := json.Unmarshal(second.out.Bytes(), &r); err != nil || !r.Accepted || r.Provider != nodes[1].account {
		t.Errorf("the job that was under way is accepted: %v (%v), done by %s: %s", r.Accepted, err, r.Provider, r.Reason)
	}
	if code := first.wait(); code != exitOK {
		t.Errorf("seeing to the accusations: exit status %d", code)
	}
	for _, x := range nodes {
		if jailed := b.has(x).JailedUntil > 0; jailed != (x == cheat || x == lazy) {
			t.Errorf("%s is in jail: %v", x.name, jailed)
		}
	}

	price := map[string]uint64{nodes[1].addr: 3, nodes[2].addr: 4}
	earned := map[msg.Account]uint64{nodes[1].account: 3} // tokens, at least
	third := b.submit(consumer, append(job(1, nodes...), "--validators", "2", "--replicas", "2", "--sample", "0.2")...)
	if code := third.wait(); code != exitOK {
		t.Fatalf("the last submit: exit status %d", code)
	}
	r = submitResult{}
	if err := json.Unmarshal(third.out.Bytes(), &r); err != nil || len(r.Replicas) != 2 {
		t.Fatalf("%d replicas (%v), want 2", len(r.Replicas), err)
	}
	for _, x := range r.Replicas {
		if !x.Accepted || price[x.Address] == 0 {
			t.Errorf("the job of %s: accepted is %v: %s", x.Address, x.Accepted, x.Reason)
		}
		earned[x.Provider] += price[x.Address]
	}

	tokens := func(n uint64) msg.Amount { return msg.AmountOf(1_000_000_000_000_000_000).Times(n) }
	var after map[string]msg.Amount
	missing := ""
	for end := time.Now().Add(3 * time.Minute); ; time.Sleep(time.Second) {
		var now msg.Amount
		missing = ""
		if after, held, now = b.count(); !held.IsZero() {
			missing += fmt.Sprintf("; contracts hold %s that is nobody's", held)
		}
		sum := held
		for _, a := range after {
			sum = sum.Add(a)
		}
		if sum != now || now.Cmp(supply) >= 0 {
			missing += fmt.Sprintf("; the balances come to %s, the supply was %s and is %s", sum, supply, now)
		}
		for _, x := range nodes {
			a, was := after[x.name], before[x.name]
			switch x {
			case cheat, lazy:
				if a.Cmp(was) >= 0 {
					missing += fmt.Sprintf("; %s had %s and has %s", x.name, was, a)
				}
			default:
				if a.Cmp(was.Add(tokens(earned[x.account]))) < 0 || a == was {
					missing += fmt.Sprintf("; %s had %s and has %s, having earned %d", x.name, was, a, earned[x.account])
				}
			}
		}
		if missing == "" || time.Now().After(end) {
			break
		}
	}
	if missing != "" {
		t.Error(strings.TrimPrefix(missing, "; "))
	}
	for _, x := range nodes {
		x.signal(os.Interrupt)
	}
	for _, x := range nodes {
		if code := x.wait(); code != exitOK {
			t.Errorf("%s: exit status %d after Ctrl-C", x.name, code)
		}
		if !b.has(x).Earned.IsZero() {
			b.verb(x, "earnings", "--collect")
		}
		a := b.has(x)
		if !a.Earned.IsZero() || x != cheat && x != lazy && a.Tokens.Cmp(tokens(4000)) <= 0 {
			t.Errorf("%s has %s tokens and %s to collect", x.name, a.Tokens, a.Earned)
		}
		t.Logf("%-12s had %s, has %s", x.name, before[x.name], owned(a))
	}
	end, held, now := b.count()
	sum := held
	for _, a := range end {
		sum = sum.Add(a)
	}
	if sum != now {
		t.Errorf("the balances come to %s, the supply is %s", sum, now)
	}
	t.Logf("supply %s, of which %s was burnt; %s is held by contracts", supply, supply.Sub(now), held)
}
