//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/discovery"
)

// The tests here run gwrun in network namespaces of Linux: a public network, and homes behind routers that translate addresses. They need
// root, iproute2 and nftables.

// internet is a public network, 11.0.0.0/24, with a machine on it; homes are joined to it.
type internet struct {
	t    *testing.T
	name string
	n    int
}

// do runs a command, and must not fail.
func do(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// newInternet makes the network, or skips the test where that is not permitted.
func newInternet(t *testing.T) *internet {
	t.Helper()
	skip := func(why string) { t.Helper(); t.Skip("skipped: no network namespaces: " + why) }
	if os.Getuid() != 0 {
		skip("they need root")
	}
	for _, tool := range []string{"ip", "nft"} {
		if _, err := exec.LookPath(tool); err != nil {
			skip(tool + " is not installed (iproute2, nftables)")
		}
	}
	name := fmt.Sprintf("gw%d-%d", os.Getpid(), time.Now().UnixNano()%1e6)
	if out, err := exec.Command("ip", "netns", "add", name).CombinedOutput(); err != nil {
		skip(strings.TrimSpace(string(out)))
	}
	t.Cleanup(func() { exec.Command("ip", "netns", "del", name).Run() })
	if out, err := exec.Command("ip", "netns", "exec", name, "nft", "add table ip gw { chain p { type nat hook postrouting priority 100; }; }").CombinedOutput(); err != nil {
		skip("this kernel translates no addresses: " + strings.TrimSpace(string(out)))
	}
	w := &internet{t: t, name: name, n: 1}
	do(t, "ip", "-n", name, "link", "set", "lo", "up")
	do(t, "ip", "-n", name, "link", "add", "br0", "type", "bridge")
	do(t, "ip", "-n", name, "addr", "add", "11.0.0.1/24", "dev", "br0")
	do(t, "ip", "-n", name, "link", "set", "br0", "up")
	return w
}

// addr gives the public machine another address.
func (w *internet) addr(ip string) string {
	do(w.t, "ip", "-n", w.name, "addr", "add", ip+"/24", "dev", "br0")
	return ip
}

// home makes a machine behind a router, which lets in nothing that was not asked for, and gives the machine's namespace. masquerade says how
// the router translates: "" keeps the port where it can, "fully-random" takes another one for each address that is spoken to.
func (w *internet) home(masquerade string) string {
	t := w.t
	w.n++
	router, inside := fmt.Sprintf("%s-r%d", w.name, w.n), fmt.Sprintf("%s-h%d", w.name, w.n)
	for _, ns := range []string{router, inside} {
		do(t, "ip", "netns", "add", ns)
		t.Cleanup(func() { exec.Command("ip", "netns", "del", ns).Run() })
		do(t, "ip", "-n", ns, "link", "set", "lo", "up")
	}
	port := fmt.Sprintf("p%d", w.n)
	do(t, "ip", "-n", w.name, "link", "add", port, "type", "veth", "peer", "name", "wan", "netns", router)
	do(t, "ip", "-n", w.name, "link", "set", port, "master", "br0", "up")
	do(t, "ip", "-n", router, "addr", "add", fmt.Sprintf("11.0.0.%d/24", w.n), "dev", "wan")
	do(t, "ip", "-n", router, "link", "set", "wan", "up")
	do(t, "ip", "-n", router, "link", "add", "lan", "type", "bridge")
	do(t, "ip", "-n", router, "link", "add", "lan2", "type", "veth", "peer", "name", "eth0", "netns", inside)
	do(t, "ip", "-n", router, "link", "set", "lan2", "master", "lan", "up")
	do(t, "ip", "-n", router, "addr", "add", fmt.Sprintf("192.168.%d.1/24", w.n), "dev", "lan")
	do(t, "ip", "-n", router, "link", "set", "lan", "up")
	do(t, "ip", "-n", inside, "addr", "add", fmt.Sprintf("192.168.%d.2/24", w.n), "dev", "eth0")
	do(t, "ip", "-n", inside, "link", "set", "eth0", "up")
	do(t, "ip", "-n", inside, "route", "add", "default", "via", fmt.Sprintf("192.168.%d.1", w.n))
	do(t, "ip", "netns", "exec", router, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
	do(t, "ip", "netns", "exec", router, "nft", `table ip home {
	chain out { type nat hook postrouting priority 100; oifname "wan" masquerade `+masquerade+`; }
	chain forward { type filter hook forward priority 0; policy drop; iifname "lan" accept; ct state established,related accept; }
	chain input { type filter hook input priority 0; policy drop; iifname "lan" accept; ct state established,related accept; }
}`)
	return inside
}

// beside puts another machine into the home made last.
func (w *internet) beside() string {
	t := w.t
	router, inside := fmt.Sprintf("%s-r%d", w.name, w.n), fmt.Sprintf("%s-i%d", w.name, w.n)
	do(t, "ip", "netns", "add", inside)
	t.Cleanup(func() { exec.Command("ip", "netns", "del", inside).Run() })
	do(t, "ip", "-n", inside, "link", "set", "lo", "up")
	do(t, "ip", "-n", router, "link", "add", "lan3", "type", "veth", "peer", "name", "eth0", "netns", inside)
	do(t, "ip", "-n", router, "link", "set", "lan3", "master", "lan", "up")
	do(t, "ip", "-n", inside, "addr", "add", fmt.Sprintf("192.168.%d.3/24", w.n), "dev", "eth0")
	do(t, "ip", "-n", inside, "link", "set", "eth0", "up")
	do(t, "ip", "-n", inside, "route", "add", "default", "via", fmt.Sprintf("192.168.%d.1", w.n))
	return inside
}

// router has the router of the home made last do something, in nftables' language.
func (w *internet) router(commands ...string) {
	w.t.Helper()
	do(w.t, "ip", "netns", "exec", fmt.Sprintf("%s-r%d", w.name, w.n), "nft", strings.Join(commands, "\n"))
}

// said waits until a process has written something to its log.
func (p *process) said(text string) {
	p.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		b, err := os.ReadFile(p.log)
		if err != nil {
			p.t.Fatal(err)
		}
		if strings.Contains(string(b), text) {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("%q was not said in a minute", text)
		}
	}
}

// Two nodes in homes of their own find each other by nothing but the record of a third one on the public network, and complete a job: directly
// where both routers keep the port, through the third one where they do not.
func TestNamespaces(t *testing.T) {
	const beside = "in the provider's home" // whose router does not send back what comes from inside
	for name, x := range map[string]struct{ provider, consumer, path string }{
		"ports kept":      {"", "", "direct"},
		"ports by chance": {"fully-random", "fully-random", "relayed"},
		"one home":        {"fully-random", beside, "direct"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newInternet(t)
			one := w.home(x.provider)
			another := func() string { return w.home(x.consumer) }
			if x.consumer == beside {
				another = w.beside
			}
			two := another()
			home := t.TempDir()
			third := serve(t, home, "@"+w.name, "validate", "--listen", "11.0.0.1:4433", "--discover", "--relay", "--nat", "none", "--device", "cpu")
			if third.Record == "" {
				t.Fatal("the public node has no record")
			}
			provider := serve(t, home, "@"+one, "host", "--listen", ":4433", "--bootstrap", third.Record, "--nat", "none", "--device", "cpu")
			provider.said("reached through a relay")
			var r submitResult
			out := filepath.Join(home, "out")
			submit := start(t, home, "@"+two, "submit", "../../examples/saxpy", "--bootstrap", third.Record, "--nat", "none", "--out", out, "--json")
			if code := submit.wait(); code != exitOK {
				t.Fatalf("submit: exit status %d", code)
			}
			if err := json.Unmarshal(submit.out.Bytes(), &r); err != nil {
				t.Fatal(err)
			}
			t.Logf("the job went from %s to %s: %s", two, r.Address, r.Path)
			if !r.Accepted || r.Path != x.path || !strings.HasPrefix(r.Address, "relay:11.0.0.1:4433/") {
				t.Errorf("accepted %v, at %s, %s; wanted %s", r.Accepted, r.Address, r.Path, x.path)
			}
			// One who never heard of discovery, and knows the address alone, gets there on the same way.
			var s submitResult
			if x.consumer != beside {
				two = another()
			}
			late := start(t, home, "@"+two, "submit", "../../examples/saxpy", "--data", filepath.Join(home, "late"), "--peers", r.Address+",11.0.0.1:4433", "--json")
			if code := late.wait(); code != exitOK {
				t.Fatalf("submit to an address: exit status %d", code)
			}
			if err := json.Unmarshal(late.out.Bytes(), &s); err != nil {
				t.Fatal(err)
			}
			if s.Path != x.path || !s.Accepted || s.TraceRoot != r.TraceRoot {
				t.Errorf("by its address: accepted %v, %s, trace root %s; wanted %s, %s", s.Accepted, s.Path, s.TraceRoot, x.path, r.TraceRoot)
			}
			if files, err := os.ReadDir(out); err != nil || len(files) == 0 {
				t.Errorf("no output: %v", err)
			}
		})
	}
}

// Netcheck tells what is between a machine and the others.
func TestNetcheckNamespaces(t *testing.T) {
	w := newInternet(t)
	home := t.TempDir()
	peers := make([]string, 3)
	for i := range peers {
		ip := "11.0.0.1"
		if i > 0 {
			ip = w.addr(fmt.Sprintf("11.0.0.25%d", i))
		}
		args := []string{"@" + w.name, "validate", "--listen", ip + ":4433", "--device", "cpu", "--data", filepath.Join(home, fmt.Sprint(i))}
		if i == 1 {
			args = append(args, "--relay")
		}
		peers[i] = serve(t, home, args...).Address
	}
	type want struct {
		code             int
		udp, nat         string
		reach            discovery.Reach
		strict           bool
		relay, seen, say string
	}
	for name, x := range map[string]struct {
		in    func() string
		peers []string
		want
	}{
		"public":          {func() string { return w.name }, peers, want{exitOK, "open", "none", discovery.ReachOpen, true, peers[1], "11.0.0.1:4434", "nothing to do"}},
		"ports kept":      {func() string { return w.home("") }, peers, want{exitOK, "open", "independent", discovery.ReachClosed, true, peers[1], ":4434", "--via " + peers[1] + ": others reach it there, and directly"}},
		"ports by chance": {func() string { return w.home("fully-random") }, peers, want{exitOK, "open", "dependent", discovery.ReachClosed, true, peers[1], "", "another port"}},
		"no relay":        {func() string { return w.home("") }, []string{peers[0], peers[2]}, want{exitUnavailable, "open", "independent", discovery.ReachClosed, false, "", ":4434", "forward UDP port 4434"}},
		"forwarded": {func() string {
			ns := w.home("")
			w.router("add chain ip home in { type nat hook prerouting priority -100; }", fmt.Sprintf(`add rule ip home in iifname "wan" udp dport 4434 dnat to 192.168.%d.2`, w.n), `insert rule ip home forward udp dport 4434 accept`)
			return ns
		}, peers, want{exitOK, "open", "independent", discovery.ReachOpen, true, peers[1], ":4434", "--announce 11.0.0."}},
		"no udp": {func() string {
			ns := w.home("")
			w.router(`insert rule ip home forward meta l4proto udp drop`)
			return ns
		}, peers, want{exitPeer, "blocked", "unknown", discovery.ReachUnknown, false, "", "", "outgoing UDP"}},
	} {
		t.Run(name, func(t *testing.T) {
			ns := x.in()
			if x.reach == discovery.ReachClosed { // these wait for what never comes; there are no more than peers dial back to at a time
				t.Parallel()
			}
			p := start(t, home, "@"+ns, "netcheck", "--peers", strings.Join(x.peers, ","), "--listen", ":4434", "--nat", "none", "--json")
			if code := p.wait(); code != x.code {
				t.Errorf("exit status %d, wanted %d", code, x.code)
			}
			var r discovery.Report
			if err := json.Unmarshal(p.out.Bytes(), &r); err != nil {
				t.Fatalf("%v\n%s", err, p.out)
			}
			got := want{p.cmd.ProcessState.ExitCode(), r.UDP, r.NAT, r.Reach, r.Strict, r.Relay, r.Seen, strings.Join(r.Advice, "\n")}
			if !strings.HasSuffix(got.seen, x.seen) || !strings.Contains(got.say, x.say) {
				t.Errorf("seen at %q, advice %q; wanted %q and %q", got.seen, got.say, x.seen, x.say)
			}
			if got.seen, got.say = x.seen, x.say; got != x.want {
				t.Errorf("found %+v, wanted %+v\n%s", got, x.want, p.out)
			}
		})
	}
}
