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
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/proto/msg"
)

// A market on a chain of another make, in processes of their own (make test-anvil):
//
//	go test ./cmd/gwrun -run TestAnvil -anvil $PWD/contracts/node_modules/.bin/anvil -v
var anvilPath = flag.String("anvil", "", "the program anvil, on which TestAnvil has its market")

// anvil is a chain that makes a block every second, and keeps what it has when it is stopped.
type anvil struct {
	t     *testing.T
	port  string
	state string // the file
	cmd   *exec.Cmd
	out   *bytes.Buffer
	c     *rpc.Client
}

func newAnvil(t *testing.T) *anvil {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a := &anvil{t: t, state: filepath.Join(t.TempDir(), "state.json"), out: new(bytes.Buffer)}
	_, a.port, _ = net.SplitHostPort(l.Addr().String())
	l.Close()
	if a.c, err = rpc.Dial(a.url("http")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		a.c.Close()
		a.end(syscall.SIGKILL)
		if t.Failed() {
			t.Logf("anvil: %s", a.out)
		}
	})
	return a
}

func (a *anvil) url(scheme string) string { return scheme + "://127.0.0.1:" + a.port }

// up starts it, with what it had.
func (a *anvil) up() {
	a.t.Helper()
	path, err := filepath.Abs(*anvilPath)
	if err != nil {
		a.t.Fatal(err)
	}
	a.cmd = exec.Command(path, "--host", "127.0.0.1", "--port", a.port, "--chain-id", "31337", "--block-time", "1", "--silent",
		"--state", a.state, "--preserve-historical-states")
	a.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // npm's is a script that starts the program
	a.cmd.Stdout, a.cmd.Stderr = a.out, a.out
	if err := a.cmd.Start(); err != nil {
		a.t.Fatal(err)
	}
	within(a.t, "anvil does not answer", func() bool {
		var n string
		return a.c.CallContext(a.t.Context(), &n, "eth_blockNumber") == nil
	})
}

func (a *anvil) end(s syscall.Signal) {
	if a.cmd != nil {
		syscall.Kill(-a.cmd.Process.Pid, s)
		a.cmd.Wait() // until both the script and the program have closed their output
		a.cmd = nil
	}
}

// down stops it. What was in no block is lost, as it is with any chain's server.
func (a *anvil) down() {
	a.t.Helper()
	a.end(syscall.SIGINT)
	if info, err := os.Stat(a.state); err != nil || info.Size() == 0 {
		a.t.Fatalf("anvil kept nothing (%v)", err)
	}
}

func (a *anvil) call(out any, method string, args ...any) {
	a.t.Helper()
	if err := a.c.CallContext(a.t.Context(), out, method, args...); err != nil {
		a.t.Fatalf("%s: %v", method, err)
	}
}

// within tries until something is so.
func within(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Minute); !f(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

// trader is an account of the market, and the process that acts for it.
type trader struct {
	name, role, home, addr string
	account                msg.Account
	workers                int
	args                   []string
	*serving
}

// bazaar is a market of processes.
type bazaar struct {
	*anvil
	file     string // where the contracts are
	m        *evm.Contracts
	all      []*trader
	deployer *trader
}

func (b *bazaar) join(name, role string, workers int, args ...string) *trader {
	b.t.Helper()
	x := &trader{name: name, role: role, home: filepath.Join(b.t.TempDir(), name), workers: workers, args: args}
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
	b.call(nil, "anvil_setBalance", x.account.String(), "0x3635c9adc5dea00000") // 1000
	return x
}

// flags say where the chain is. Some use one way to it, some the other.
func (b *bazaar) flags(x *trader) []string {
	scheme := "http"
	if x.role == "validate" || x.workers > 1 {
		scheme = "ws"
	}
	return []string{"--rpc", b.url(scheme), "--contracts", b.file}
}

// verb runs a verb at the market for an account.
func (b *bazaar) verb(x *trader, out any, args ...string) {
	b.t.Helper()
	finish(b.t, x.home, exitOK, out, slices.Concat(args, []string{"--role", x.role}, b.flags(x))...)
}

// start starts the process of a node, at the address that the registry has. The device has as many workers as the process has processors.
func (b *bazaar) start(x *trader) {
	b.t.Helper()
	const processors = "GOMAXPROCS"
	old, set := os.LookupEnv(processors)
	os.Setenv(processors, fmt.Sprint(x.workers))
	x.serving = serve(b.t, x.home, slices.Concat([]string{x.role, "--listen", x.addr, "--device", "cpu", "--redeem-every", "1s"}, x.args, b.flags(x))...)
	if os.Unsetenv(processors); set {
		os.Setenv(processors, old)
	}
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

// count gives what everybody has.
func (b *bazaar) count() (list []devnet.Balance, supply msg.Amount) {
	b.t.Helper()
	var who []devnet.Holder
	for _, x := range append(slices.Clone(b.all), b.deployer) {
		who = append(who, devnet.Holder{Name: x.name, Account: x.account})
	}
	list, supply, err := devnet.Count(b.t.Context(), b.m, who)
	if err != nil {
		b.t.Fatal(err)
	}
	return list, supply
}

// newBazaar puts the contracts on a chain, and gives everybody what it starts with.
func newBazaar(t *testing.T) *bazaar {
	t.Helper()
	b := &bazaar{anvil: newAnvil(t), file: filepath.Join(t.TempDir(), "contracts.json")}
	b.up()
	b.call(nil, "evm_setAutomine", true) // blocks as they are needed, until all is ready
	b.deployer = b.join("deployer", "submit", 1)
	// The first two and the last know nobody's signature for money, and open an escrow for each training; the third takes vouchers.
	credit := []string{"0", "0", "100", "1"}
	for i, price := range demoPrices {
		args := []string{"--price", fmt.Sprintf("fixed:%d", price), "--credit", credit[i]}
		if i == 0 {
			args = append(args, "--fault", "flip,step=25")
		}
		b.all = append(b.all, b.join(fmt.Sprintf("provider-%d", i+1), "host", demoWorkers[i], args...))
	}
	b.all = append(b.all, b.join(demoLazyNode, "validate", 1, "--fault", "always-valid"), b.join("validator-2", "validate", 1), b.join("validator-3", "validate", 1),
		b.join("consumer-1", "submit", 1), b.join("consumer-2", "submit", 1))

	// The clocks of committees are longer than those of the preset: a machine on which everything is started anew may stand still for a while.
	p, err := evm.Preset("devnet")
	if err != nil {
		t.Fatal(err)
	}
	numbers, genesis := map[string]evm.Number{}, map[string]string{b.deployer.account.String(): "1000000"}
	for _, name := range []string{"CommitteeCommit", "CommitteeReveal"} {
		n := p.Numbers[name]
		n.Value = 60
		numbers[name] = n
	}
	for _, x := range b.all {
		genesis[x.account.String()] = "5000"
	}
	params, err := json.Marshal(map[string]any{"numbers": numbers, "genesis": genesis})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "params.json")
	if err := os.WriteFile(path, params, 0o644); err != nil {
		t.Fatal(err)
	}
	var done json.RawMessage
	b.verb(b.deployer, &done, "contracts", "deploy", "--preset", "devnet", "--params", path)
	for _, x := range b.all {
		switch x.role {
		case "host":
			b.verb(x, &done, "stake", "add", "1000", "--roles", "provider", "--device", "cpu", "--endpoint", x.addr, "--seats", "1")
		case "validate":
			b.verb(x, &done, "stake", "add", "1000", "--roles", "validator", "--device", "cpu", "--endpoint", x.addr, "--seats", "1")
		default:
			b.verb(x, &done, "job", "fund", "1000")
		}
	}
	// No reorg is to take away what it began with: nobody would do that again.
	b.call(nil, "anvil_mine", "0x10")
	b.call(nil, "evm_setIntervalMining", 1)
	at, err := evm.ReadAddresses(b.file)
	if err != nil {
		t.Fatal(err)
	}
	eye, err := chain.Dial(t.Context(), chain.Config{URL: b.url("http"), ChainID: at.ChainID, Errors: evm.ABIs()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(eye.Close)
	if b.m, err = evm.Connect(t.Context(), eye, at, nil); err != nil {
		t.Fatal(err)
	}
	return b
}

// submit is a gwrun submit of a consumer's.
func (b *bazaar) submit(x *trader, args ...string) *process {
	b.t.Helper()
	return start(b.t, x.home, slices.Concat([]string{"submit", "--json", "--log-level", "info", "--patience", "10m"}, args, b.flags(x))...)
}

// jobs are those that a node knows of, newest last: a provider's, or a consumer's.
func (b *bazaar) jobs(x *trader) []*jobResult {
	b.t.Helper()
	home, args := x.home, []string{"job", "list"}
	if x.role == "host" {
		home = b.deployer.home
		args = append(args, "--peer", x.addr)
	}
	var l struct{ Jobs []*jobResult }
	finish(b.t, home, exitOK, &l, args...)
	slices.SortFunc(l.Jobs, func(a, b *jobResult) int { return strings.Compare(a.Created, b.Created) })
	return l.Jobs
}

func addrs(of ...*trader) string {
	var out []string
	for _, x := range of {
		out = append(out, x.addr)
	}
	return strings.Join(out, ",")
}

// events are those of a kind in the chain that is.
func (b *bazaar) events(contract, name string) []types.Log {
	b.t.Helper()
	abi := evm.ABIs()[slices.Index(evm.ContractNames(), contract)]
	var logs []types.Log
	b.call(&logs, "eth_getLogs", map[string]any{"fromBlock": "0x0", "address": common.Address(b.m.Addresses().Contract[contract].Address), "topics": []any{abi.Events[name].ID}})
	return logs
}

func (b *bazaar) head() uint64 {
	b.t.Helper()
	h, err := b.m.Chain().Head(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return h.Number.Uint64()
}

// reorg waits for an event, and replaces the last three blocks by others that have nothing in them; more only where this process was too slow to see
// the event in three.
func (b *bazaar) reorg(contract, name string) {
	b.t.Helper()
	var was []types.Log
	within(b.t, "no event "+name, func() bool { was = b.events(contract, name); return len(was) > 0 })
	last := was[len(was)-1]
	depth := max(3, b.head()+2-last.BlockNumber)
	b.call(nil, "anvil_reorg", depth, []any{})
	if slices.ContainsFunc(b.events(contract, name), func(l types.Log) bool { return l.BlockHash == last.BlockHash }) {
		b.t.Fatalf("event %s of block %d is there after the reorg", name, last.BlockNumber)
	}
	b.t.Logf("event %s was in block %d; the last %d blocks are gone", name, last.BlockNumber, depth)
}

// The course of gwrun demo-market in processes, on anvil: four providers, of which the cheapest is a cheat, three validators, of which one is lazy.
// A reorg of three blocks takes an escrow away for which a provider works, another one an accusation. Then every process ends, by kill -9, and the
// chain. Later the chain alone is gone for a while, when three providers work. It ends as it does without all that: the cheat and the lazy validator
// are slashed, the others paid, by vouchers and by escrows, and no token is lost.
func TestAnvil(t *testing.T) {
	if *anvilPath == "" {
		t.Skip("not asked for: make test-anvil")
	}
	b := newBazaar(t)
	nodes, providers, consumer, other := b.all[:7], b.all[:4], b.all[7], b.all[8]
	for _, x := range nodes {
		b.start(x)
	}
	before, supply := b.count()
	t.Logf("%d processes are up", len(nodes))
	job := func(epochs int, peers ...*trader) []string {
		return []string{"../../examples/fashion-mnist", "--arg", fmt.Sprintf("epochs=%d", epochs), "--peers", addrs(peers...), "--max-price", "10", "--window", "60s", "--clock", "60s"}
	}

	// A provider opens an escrow, begins, and loses the escrow to a reorg. It is killed in the middle of its work.
	second := b.submit(other, append(job(20, providers[1], nodes[5], nodes[6]), "--validators", "2")...)
	untilIntervals(t, other.home, providers[1].addr, 1)
	b.reorg("market", "Opened")
	providers[1].kill()

	// The cheapest provider is the cheat. Of three validators that have to agree one is found to be lazy: nobody is left to judge another's work.
	first := b.submit(consumer, append(job(1, nodes...), "--validators", "3", "--sample", "1")...)
	b.reorg("disputes", "Accused")
	b.down()
	for _, p := range []*process{first, second} {
		p.kill()
	}
	for _, x := range nodes {
		if x != providers[1] {
			x.kill()
		}
	}
	t.Log("every process has ended")
	b.anvil.up()
	known := map[*trader][]*jobResult{}
	for _, x := range []*trader{consumer, other} {
		if known[x] = b.jobs(x); len(known[x]) != 1 {
			t.Fatalf("%s knows of %d jobs, want 1", x.name, len(known[x]))
		}
	}
	// The consumer accuses again, and the committee is drawn while its members are away: they find that out when they are back.
	first = b.submit(consumer, "--resume", known[consumer][0].Job.String())
	within(t, "no committee is drawn", func() bool {
		drawn := b.events("committee", "Drawn")
		return len(drawn) > 0 && b.head() > drawn[0].BlockNumber+1
	})
	for _, x := range nodes {
		b.start(x)
	}
	second = b.submit(other, "--resume", known[other][0].Job.String())
	if code := second.wait(); code != exitOK {
		t.Fatalf("the job that was under way: exit status %d", code)
	}
	if code := first.wait(); code != exitOK {
		t.Errorf("seeing to the accusations: exit status %d", code)
	}

	// The chain is gone while three providers work.
	third := b.submit(consumer, append(job(1, nodes...), "--validators", "2", "--replicas", "3", "--sample", "0.2")...)
	for _, x := range providers[1:] {
		within(t, x.name+" does not begin", func() bool {
			list := b.jobs(x)
			return len(list) > 0 && list[len(list)-1].Job != known[other][0].Job && list[len(list)-1].Status.Intervals > 0
		})
	}
	b.down()
	t.Log("the chain is gone")
	time.Sleep(5 * time.Second)
	b.anvil.up()
	if code := third.wait(); code != exitOK {
		t.Errorf("three at once: exit status %d", code)
	}
	fourth := b.submit(consumer, append(job(1, nodes...), "--validators", "2", "--sample", "0.2", "--prefer", "speed")...)
	if code := fourth.wait(); code != exitOK {
		t.Errorf("the fastest: exit status %d", code)
	}

	r := marketOutcome{Cheat: demoCheatNode, Lazy: demoLazyNode}
	escrows, vouchers := map[*trader]msg.Amount{}, map[*trader]msg.Amount{}
	for _, x := range []*trader{consumer, other} {
		for _, j := range b.jobs(x) {
			i := slices.IndexFunc(providers, func(p *trader) bool { return p.addr == j.Provider })
			if i < 0 {
				t.Fatalf("job %s is with %q: %s", j.Job, j.Provider, j.Reason)
			}
			price := msg.AmountOf(1_000_000_000_000_000_000).Times(demoPrices[i])
			r.Jobs = append(r.Jobs, demoJob{Provider: providers[i].name, Price: price, Accepted: j.Over == "accepted", Reason: j.Reason})
			switch {
			case j.Over != "accepted":
			case i == 2:
				vouchers[providers[i]] = vouchers[providers[i]].Add(price)
			default:
				escrows[providers[i]] = escrows[providers[i]].Add(price)
			}
		}
	}
	var missing error
	for end := time.Now().Add(3 * time.Minute); time.Now().Before(end); time.Sleep(time.Second) {
		after, now := b.count()
		r.take(before, after, supply, now)
		if missing = r.judge(5); missing == nil {
			break
		}
	}
	for _, x := range nodes {
		x.signal(os.Interrupt)
	}
	for _, x := range nodes {
		if code := x.wait(); code != exitOK {
			t.Errorf("%s: exit status %d after Ctrl-C", x.name, code)
		}
	}
	for _, x := range nodes {
		var e earningsResult
		if b.verb(x, &e, "earnings"); !e.Earned.IsZero() {
			b.verb(x, &e, "earnings", "--collect")
		}
		if !e.Earned.IsZero() || x.role == "host" && (e.Escrows != escrows[x] || e.Vouchers != vouchers[x]) {
			t.Errorf("%s was paid %s by escrows and %s by vouchers, and has %s to collect; want %s, %s and nothing", x.name, e.Escrows, e.Vouchers, e.Earned, escrows[x], vouchers[x])
		}
	}
	after, now := b.count()
	r.take(before, after, supply, now)
	if missing == nil {
		missing = r.judge(5)
	}
	if missing != nil {
		t.Error(missing)
	}
	text := new(strings.Builder)
	r.text(text)
	t.Log(text)
}
