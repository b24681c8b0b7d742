package doctor

import (
	"context"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/discovery"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// one wants a single finding with a state and a text in what it says or advises.
func one(t *testing.T, l Look, want State, text string) {
	t.Helper()
	f := l(t.Context())
	if len(f) != 1 || f[0].State != want || !strings.Contains(f[0].Text+" | "+f[0].Remedy, text) || (f[0].State == Bad) != (f[0].Remedy != "") {
		t.Errorf("%+v, want %s with %q", f, want, text)
	}
}

func TestDisk(t *testing.T) {
	dir := t.TempDir()
	one(t, Disk(filepath.Join(dir, "not", "yet", "there"), 0), OK, dir+" takes writes")
	one(t, Disk(dir, 1e6), OK, "quota 0.0 GB")
	one(t, Disk(dir, 1<<62), Bad, "is more than there is")
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	one(t, Disk(filepath.Join(file, "x"), 0), Bad, "--data DIR")
	one(t, Disk("/proc/self", 0), Bad, "right to write") // not even root writes there
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("it left %v behind (%v)", left, err)
	}
}

func TestMemory(t *testing.T) {
	const gb = 1e9
	for _, c := range []struct {
		jobs      int
		each, all uint64
		want      State
	}{{2, 4 * gb, 24 * gb, OK}, {2, 12 * gb, 24 * gb, OK}, {3, 12 * gb, 24 * gb, Bad}, {1, 25 * gb, 24 * gb, Bad}, {1, 1 << 63, 24 * gb, Bad}, {1 << 40, 1 << 30, 24 * gb, Bad}, {1, 0, 24 * gb, OK}} {
		if f := enough(c.jobs, c.each, c.all, c.all/2); f.State != c.want || (f.State == Bad) != strings.Contains(f.Remedy, "--memory") {
			t.Errorf("%d jobs of %d in %d: %+v, want %s", c.jobs, c.each, c.all, f, c.want)
		}
	}
	one(t, Memory(1, 1<<20), OK, "1 jobs of at most")
}

func TestKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.json")
	asked := 0
	pass := func(p string, err error) func() (string, error) {
		return func() (string, error) { asked++; return p, err }
	}
	one(t, Key(path, true, pass("", nil)), OK, "makes one when it first starts")
	one(t, Key(path, false, pass("", nil)), Bad, "gwrun wallet new")
	id, err := identity.Create(path, "x", identity.Light)
	if err != nil {
		t.Fatal(err)
	}
	if asked != 0 {
		t.Error("a passphrase was asked for and there is no key")
	}
	one(t, Key(path, true, pass("x", nil)), OK, id.Account().String())
	one(t, Key(path, true, pass("y", nil)), Bad, "wrong passphrase")
	one(t, Key(path, true, pass("", errors.New("no terminal"))), Bad, "no terminal")
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	one(t, Key(path, true, pass("x", nil)), Bad, "chmod 600 "+path)
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	one(t, Key(path, true, pass("x", nil)), Bad, "gwrun wallet restore")
	open := filepath.Join(t.TempDir(), "open.json")
	if _, err := identity.Create(open, "", identity.None); err != nil {
		t.Fatal(err)
	}
	asked = 0
	one(t, Key(open, true, pass("z", nil)), OK, "no passphrase")
	if asked != 0 {
		t.Error("a passphrase was asked for that there is not")
	}
}

// A port is free, or has this very node on it; whoever else has it is said.
func TestPort(t *testing.T) {
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	n, err := node.Start(node.Config{Identity: id, Store: store.NewMemory(store.Options{})})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close(context.Background())
	own := id.Account()
	one(t, Port("127.0.0.1:0", &own), OK, "can be listened on")
	one(t, Port(n.Addr(), &own), OK, "this node runs")
	one(t, Port(n.Addr(), new(msg.Account)), Bad, "another node listens")
	one(t, Port(n.Addr(), nil), Bad, "another node listens on UDP "+n.Addr()+": "+own.String())
	mute, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	one(t, Port(mute.LocalAddr().String(), &own), Bad, "no node answers there")
	one(t, Port("192.0.2.1:4433", nil), Bad, "an address of this machine") // TEST-NET-1 is nobody's
	one(t, Port("nonsense", nil), Bad, "--listen :4433")
}

func TestPeers(t *testing.T) {
	no := false
	answered, silent := discovery.PeerCheck{Addr: "a:1", DialBack: &no}, discovery.PeerCheck{Addr: "b:2", Error: "timeout"}
	for _, c := range []struct {
		r           discovery.Report
		clock, port State
		text        string
	}{
		{discovery.Report{Peers: []discovery.PeerCheck{answered, silent}, Skew: -1500, Reach: discovery.ReachOpen, Advice: []string{"nothing to do"}}, OK, OK, "within 1.5s of most of 1 peers'"},
		{discovery.Report{Peers: []discovery.PeerCheck{answered}, Skew: 2500, Reach: discovery.ReachOpen}, Bad, OK, "ahead by 2.5s"},
		{discovery.Report{Peers: []discovery.PeerCheck{answered}, Skew: -2500, Relay: "r:1"}, Bad, OK, "ahead by -2.5s"},
		{discovery.Report{Peers: []discovery.PeerCheck{silent}, Advice: []string{"let UDP out", "find a relay"}}, Bad, Bad, "let UDP out; find a relay"},
	} {
		f := fromPeers(&c.r)
		text := f[0].Text + " | " + f[1].Remedy
		if len(f) != 2 || f[0].State != c.clock || f[1].State != c.port || !strings.Contains(text, c.text) {
			t.Errorf("%+v, want %s, %s with %q", f, c.clock, c.port, c.text)
		}
	}
}

// wrong computes everything but gives other bytes now and then.
type wrong struct{ kernels.Device }

func (w wrong) Read(b kernels.Buffer, off uint64, p []byte) error {
	err := w.Device.Read(b, off, p)
	if len(p) > 0 {
		p[0] ^= 1
	}
	return err
}

func TestDevice(t *testing.T) {
	open := func(context.Context) (kernels.Device, error) { return cpu.Open(cpu.Options{}) }
	one(t, Device("cpu", open), OK, "is exact")
	one(t, Device("gpu7", func(context.Context) (kernels.Device, error) { return nil, errors.New("there is no gpu7") }), Bad, "there is no gpu7")
	one(t, Device("cpu", func(ctx context.Context) (kernels.Device, error) {
		d, err := open(ctx)
		return wrong{d}, err
	}), Bad, "is not exact")
}

func TestExamine(t *testing.T) {
	give := func(s State) Look { return func(context.Context) []Finding { return []Finding{{Name: "x", State: s}} } }
	for _, c := range []struct {
		states []State
		well   bool
	}{{[]State{OK, Unchecked}, true}, {[]State{OK, Bad, OK}, false}, {nil, true}} {
		var parts []Part
		for _, s := range c.states {
			parts = append(parts, Part{"x", give(s)})
		}
		told := 0
		all, well := Examine(t.Context(), parts, func(Finding) { told++ })
		if well != c.well || len(all) != len(c.states) || told != len(all) {
			t.Errorf("%v: well %v, %d findings, %d told", c.states, well, len(all), told)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	stuck := Part{"driver", func(context.Context) []Finding { cancel(); select {} }}
	all, well := Examine(ctx, []Part{stuck, {"x", give(OK)}}, func(Finding) {})
	if well || len(all) != 1 || all[0].State != Bad || all[0].Name != "driver" {
		t.Errorf("%+v of a look that hangs", all)
	}
}

func TestChain(t *testing.T) {
	now := time.Unix(2e9, 0)
	nodes := []evm.Node{{Account: msg.Account{1}, Roles: evm.RoleProvider, Endpoint: "192.0.2.1:4433"}, {Account: msg.Account{2}, Roles: evm.RoleValidator}}
	for _, c := range []struct {
		f    Finding
		want State
		text string
	}{
		{fresh(5, 7, 12*time.Second), OK, "chain 5 is at block 7, 12s old"},
		{fresh(5, 7, 6*time.Minute), Bad, "does not follow the chain"},
		{fresh(5, 7, -19*time.Second), OK, "chain 5 is at block 7, 0s old"},
		{fresh(5, 7, -2*time.Minute), Bad, "timedatectl"},
		{fresh(5, 7, -2*time.Minute), Bad, "2m0s ahead of this machine's clock"},
		{gas(&evm.Account{Ether: big.NewInt(12e15)}, big.NewInt(1e9)), OK, "0.012 coins"},
		{gas(&evm.Account{Ether: big.NewInt(2e15)}, big.NewInt(1e9)), Bad, "send 0.01 coins to 0x"},
		{gas(&evm.Account{Ether: new(big.Int)}, new(big.Int)), Bad, "send "},
		{stake(msg.Account{}, 0, &settle.Stake{Active: msg.AmountOf(3e18), Locked: msg.AmountOf(1e18)}, "host", now), OK, "3 tokens, 2 of them"},
		{stake(msg.Account{}, 0, &settle.Stake{Barred: true}, "host", now), Bad, "gwrun stake add AMOUNT --role host"},
		{stake(msg.Account{}, 2e9+1, &settle.Stake{Barred: true}, "host", now), Bad, "in jail until"},
		{stake(msg.Account{}, 2e9, &settle.Stake{}, "host", now), OK, "0 tokens"},
		{registry(msg.Account{1}, nodes, "host"), OK, "others find this provider at 192.0.2.1:4433"},
		{registry(msg.Account{1}, nodes, "validate"), Bad, "--role validate --roles validator --endpoint HOST:PORT"},
		{registry(msg.Account{2}, nodes, "validate"), Bad, "does not say where"},
		{registry(msg.Account{3}, nodes, "host"), Bad, "not in the registry"},
	} {
		if c.f.State != c.want || !strings.Contains(c.f.Text+" | "+c.f.Remedy, c.text) || (c.f.State == Bad) != (c.f.Remedy != "") {
			t.Errorf("%+v, want %s with %q", c.f, c.want, c.text)
		}
	}
	one(t, Chain(func(context.Context) (*evm.Contracts, func(), error) { return nil, nil, errors.New("nobody there") }, nil, "host"), Bad, "nobody there")
	one(t, NoChain, Unchecked, "--rpc")
}
