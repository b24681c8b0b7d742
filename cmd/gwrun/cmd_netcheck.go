package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/discovery"
	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/proto/identity"
)

func newNetcheckCmd(g *globals) *cobra.Command {
	var peers, bootstrap []string
	var listen, router string
	cmd := &cobra.Command{
		Use:   "netcheck",
		Short: "say whether a node here can be reached, and what to do if not",
		Long: `Netcheck asks other nodes where they see this machine and to connect to it, from ports that it never spoke to, and says what
that means: whether UDP goes through, whether a translator of addresses is between and of what kind, whether others reach a node on
--listen, whether the router opens a port for it, whether a relay among the peers helps, and how far the clock is off.

It takes the place of the node for a few seconds: stop a node that listens on the same port first. Two peers tell the kind of
translation, three whether strangers are let in. A peer only ever connects to the address that asks it.

Exit status 0 says that others reach a node here, directly or through a relay.`,
		Annotations: exitStatus(exitUnavailable, exitPeer),
		Example: `  gwrun netcheck --peers a.example:4433,b.example:4433,c.example:4434
  gwrun netcheck --bootstrap enr:-Iu4Q... --listen :4433 --json`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, args []string) error {
			targets, err := netcheckTargets(peers, bootstrap)
			if err != nil {
				return err
			}
			if _, err := discovery.ParseNAT(router); err != nil {
				return usagef("--nat %v", err)
			}
			id, err := identity.New() // whose machine it is, is nobody's business
			if err != nil {
				return err
			}
			r, err := discovery.Check(cmd.Context(), discovery.CheckConfig{Identity: id, Listen: listen, Targets: targets, NAT: router})
			if errors.Is(err, syscall.EADDRINUSE) {
				return &exitError{code: exitFailure, err: err, hint: "stop the node that listens there, or check another port with --listen :0"}
			}
			if err != nil {
				return err
			}
			if err := g.print(r, func(w io.Writer) { netcheckText(w, r) }); err != nil {
				return err
			}
			switch {
			case r.UDP != "open":
				return &exitError{code: exitPeer, quiet: true, err: errors.New("no peer answered")}
			case !r.OK():
				return &exitError{code: exitUnavailable, quiet: true, err: errors.New("others do not reach this machine")}
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&peers, "peers", nil, "nodes to ask, `HOST:PORT,...`; ACCOUNT@HOST:PORT takes nobody else there")
	f.StringSliceVar(&bootstrap, "bootstrap", nil, "records of nodes to ask, `enr:...,...`")
	f.StringVar(&listen, "listen", ":4433", "UDP `ADDRESS` that a node would listen on")
	f.StringVar(&router, "nat", "auto", "how to ask the router for a port: `auto`, none, upnp, pmp or pmp:IP")
	return cmd
}

func netcheckTargets(peers, bootstrap []string) (out []discovery.Target, err error) {
	list, err := peerAddrs(peers)
	if err != nil {
		return nil, err
	}
	for _, text := range list {
		addr, account, err := peer.Parse(text)
		if err != nil {
			return nil, usagef("--peers: %v", err)
		}
		out = append(out, discovery.Target{Addr: addr, Account: account})
	}
	for _, text := range bootstrap {
		t, err := discovery.RecordTarget(text)
		if err != nil {
			return nil, usagef("--bootstrap: %v", err)
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		return nil, usagef("--peers is missing: nodes to ask, two or three; or --bootstrap")
	}
	return out, nil
}

func netcheckText(w io.Writer, r *discovery.Report) {
	yes := func(b bool) string {
		if b {
			return "yes"
		}
		return "no"
	}
	fmt.Fprintf(w, "udp        %s\n", r.UDP)
	if r.UDP == "open" {
		seen := r.Seen
		if seen == "" {
			seen = "each peer sees another port"
		}
		fmt.Fprintf(w, "seen at    %s\n", seen)
		fmt.Fprintf(w, "nat        %s\n", map[string]string{"none": "none", string(discovery.MappingSame): "endpoint-independent: the same port for everybody",
			string(discovery.MappingVaries): "endpoint-dependent: another port for each peer", string(discovery.MappingUnknown): "there is one; name a second peer to tell its kind"}[r.NAT])
		by := ""
		if !r.Strict {
			by = " (by peers that it spoke to; three of them tell about strangers)"
		}
		fmt.Fprintf(w, "reached    %s%s\n", r.Reach, by)
		if r.Mapped != "" {
			fmt.Fprintf(w, "router     opens %s, reached there: %s\n", r.Mapped, r.ByMap)
		} else {
			fmt.Fprintf(w, "router     opens no port: %s\n", printable(r.NoMap))
		}
		if r.Relay != "" {
			fmt.Fprintf(w, "relay      %s works\n", printable(r.Relay))
		} else {
			fmt.Fprintf(w, "relay      %s\n", printable(r.NoRelay))
		}
		fmt.Fprintf(w, "clock      %+.0f ms to most peers'\n", r.Skew)
	}
	fmt.Fprintf(w, "ipv6       %s\n", yes(r.IPv6))
	for _, p := range r.Peers {
		line := []string{printable(p.Addr)}
		if p.Error != "" {
			line = append(line, "no answer: "+printable(p.Error))
		} else {
			line = append(line, fmt.Sprintf("%.1f ms", p.RTT))
			if p.Seen != "" {
				line = append(line, "sees "+p.Seen)
			}
			if p.DialBack != nil {
				line = append(line, "reached it: "+yes(*p.DialBack))
			}
			if p.Reason != "" {
				line = append(line, printable(p.Reason))
			}
		}
		fmt.Fprintf(w, "peer       %s\n", strings.Join(line, ", "))
	}
	for _, a := range r.Advice {
		fmt.Fprintf(w, "advice     %s\n", printable(a))
	}
}
