package discovery

import (
	"fmt"
	"math"
	"net/netip"
	"time"
)

// clockOff is how far a clock may be off before it is worth a word: deadlines are in seconds.
const clockOff = 2 * time.Second

// advise says what to do about what was found.
func (r *Report) advise() {
	say := func(format string, args ...any) { r.Advice = append(r.Advice, fmt.Sprintf(format, args...)) }
	if math.Abs(r.Skew) > float64(clockOff.Milliseconds()) {
		way := "behind"
		if r.Skew < 0 {
			way = "ahead of"
		}
		say("this machine's clock is %.1f s %s most peers': set it (timedatectl set-ntp true), or deadlines are missed", math.Abs(r.Skew)/1000, way)
	}
	if len(r.Peers) == 0 {
		say("nobody was asked: name peers with --peers, or --bootstrap a record")
		return
	}
	if r.UDP != "open" {
		say("no peer answered: are the addresses right, and is outgoing UDP let through? a firewall that blocks it has to let UDP out to the peers' ports")
		return
	}
	port := ""
	if at, err := netip.ParseAddrPort(r.Listen); err == nil {
		port = fmt.Sprint(at.Port())
	}
	switch {
	case r.Reach == ReachOpen && r.NAT == "none":
		say("nothing to do: others reach this machine at %s; think of being a relay for those that are not reached (--relay)", r.Seen)
	case r.Reach == ReachOpen:
		say("others reach this machine at %s: start the node with --announce %s", r.Seen, r.Seen)
	case r.ByMap == ReachOpen:
		say("start the node with --nat auto: the router opens the port, and others reach it at %s", r.Mapped)
	case r.NAT == "none":
		say("a firewall keeps out what was not asked for: let UDP port %s in", port)
	default:
		say("others do not reach this machine: forward UDP port %s to it in the router and start the node with --announce YOUR-ADDRESS:%s", port, port)
		if r.Mapped != "" {
			say("the router opened port %s, but nobody comes through: is there a second router or a firewall before it?", r.Mapped)
		}
	}
	if r.Reach == ReachOpen || r.ByMap == ReachOpen {
		return
	}
	switch {
	case r.Relay != "" && r.NAT == string(MappingVaries):
		say("or start it with --via %s: everything goes through that relay then, for this network gives each peer another port", r.Relay)
	case r.Relay != "":
		say("or start it with --via %s: others reach it there, and directly where both routers let them", r.Relay)
	default:
		say("or find a relay (--via): %s", r.NoRelay)
	}
}
