package main

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/discovery"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/relay"
	"github.com/gwrun/gwrun/proto/rpc"
)

// networkFlags say how a node finds others and is found.
type networkFlags struct {
	find      bool
	bootstrap []string
	nat       string
	relay     bool
	relayRate rateFlag
	via       []string
	// registered has the market's registry looked through for nodes, also without --discover.
	registered bool
}

func (f *networkFlags) add(cmd *cobra.Command, role string) {
	fl := cmd.Flags()
	fl.BoolVar(&f.find, "discover", false, "find nodes, and be found, by the records that nodes pass on among each other (discv5); --bootstrap implies it")
	fl.StringSliceVar(&f.bootstrap, "bootstrap", nil, "records of nodes to begin with, `enr:...,...`; a node that has been in the network before needs none")
	fl.StringSliceVar(&f.via, "via", nil, "relays to be reached through, `HOST:PORT,...`; auto uses those that are found, if nobody can reach this node; none is none")
	fl.StringVar(&f.nat, "nat", "", "how to open a port at the router: `auto`, none, upnp, pmp, pmp:IP, or extip:IP where one is forwarded by hand")
	if role == "submit" {
		return // it goes as soon as it has its result: nobody could rely on it, and nobody has to reach it
	}
	fl.BoolVar(&f.relay, "relay", false, "pass packets for nodes that nobody can reach; they are encrypted between the two, and this node cannot read them")
	f.relayRate = 16e6
	fl.Var(&f.relayRate, "relay-rate", "most `RATE` to pass packets at, such as 16MB/s, over all of them; one node gets a quarter of it")
}

// network checks the flags and gives what they say.
func (f *networkFlags) network(role string) (w node.Network, err error) {
	w.Find = f.find || len(f.bootstrap) > 0
	for _, r := range f.bootstrap {
		if _, err := discovery.ParseRecord(r); err != nil {
			return w, usagef("--bootstrap: %v", err)
		}
		w.Bootstrap = append(w.Bootstrap, r)
	}
	found := w.Find && role != "submit"
	if w.NAT = f.nat; w.NAT == "" && found {
		w.NAT = "auto"
	} else if w.NAT == "" {
		w.NAT = "none"
	}
	if _, err := discovery.ParseNAT(w.NAT); err != nil {
		return w, usagef("--nat %v", err)
	}
	w.Via = f.via
	if len(f.via) == 0 && found && !f.relay {
		w.Via = []string{discovery.ViaAuto}
	}
	w.Via = slices.DeleteFunc(slices.Clone(w.Via), func(s string) bool { return s == "none" })
	for _, v := range w.Via {
		if err := relay.CheckHostPort(v); v != discovery.ViaAuto && err != nil {
			return w, usagef("--via %q: %v, want HOST:PORT, auto or none", v, err)
		}
	}
	if f.relay {
		if f.relayRate <= 0 {
			return w, usagef("--relay-rate wants more than 0")
		}
		w.Relay = &relay.ServerConfig{Total: int64(f.relayRate), Rate: max(1, int64(f.relayRate)/4)}
	}
	return w, nil
}

// checkAnnounced checks --announce: HOST:PORT, or the address of a relayed node.
func checkAnnounced(addrs []string) error {
	if len(addrs) > rpc.MaxAddrs {
		return usagef("--announce: %d addresses, at most %d", len(addrs), rpc.MaxAddrs)
	}
	for _, a := range addrs {
		if err := checkReached("announce", a); err != nil {
			return err
		}
	}
	return nil
}

// checkReached checks where a node says that others reach it: HOST:PORT, or the address of a relayed node.
func checkReached(flag, addr string) error {
	hostport := addr
	var err error
	if strings.HasPrefix(addr, relay.Scheme+":") && strings.Contains(addr, "/") {
		hostport, _, err = relay.ParseAddr(addr)
	}
	if err == nil {
		err = relay.CheckHostPort(hostport)
	}
	if at, bad := netip.ParseAddrPort(hostport); err == nil && bad == nil && at.Addr().IsUnspecified() {
		err = errors.New("that is every address of a machine, and no place where others reach it")
	}
	if err != nil {
		return usagef("--%s %q: %v; want HOST:PORT", flag, addr, err)
	}
	return nil
}

// record waits until the node has told others where it is, and gives what they begin with to find it; "" if it tells nobody.
func record(ctx context.Context, n *node.Node, w node.Network) string {
	if n.Discovery == nil || !w.Find {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, 8*time.Second)
	defer cancel()
	return n.Discovery.WaitRecord(ctx)
}

// How long submit looks for nodes: until it has enough, or for so long if it was given some.
const (
	findFor  = 30 * time.Second
	findMore = 3 * time.Second
)

// findPeers gives the nodes found, as --peers has them, beside those given.
func findPeers(ctx context.Context, g *globals, n *node.Node, given []string, validators int) []string {
	limit := findFor
	if len(given) > 0 {
		limit = findMore
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	g.logf("looking for providers and validators")
	var full time.Time // since when there are enough
	found := n.Discovery.Find(ctx, func(good []discovery.Peer) bool {
		providers, judges := 0, 0
		for _, p := range good {
			if p.Roles&discovery.RoleProvider != 0 {
				providers++
			}
			if p.Roles&discovery.RoleValidator != 0 {
				judges++
			}
		}
		if providers == 0 || judges < max(1, validators) {
			return false
		}
		if full.IsZero() {
			full = time.Now()
			time.AfterFunc(time.Second, cancel) // those that are found with them have a chance too
		}
		return false
	})
	out := slices.Clone(given)
	for _, p := range found {
		if p.Roles&(discovery.RoleProvider|discovery.RoleValidator) == 0 || len(out) >= 64 {
			continue
		}
		g.logf("found %s (%s) at %s", shorten(p.Account), strings.Join(discovery.RoleNames(p.Roles), ", "), p.Addrs[0])
		out = append(out, p.Pinned())
	}
	return out
}

// path says how a provider that is reached through a relay was reached in the end; "" of one that is not.
func path(n *node.Node, r *consumer.Result) string {
	if _, _, err := relay.ParseAddr(r.Addr); err != nil {
		return ""
	}
	for _, c := range n.Endpoint.Conns() {
		if c.Peer() == r.Provider && c.Dialed() && c.Direct() {
			return "direct"
		}
	}
	return "relayed"
}
