package relay

import (
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/gwrun/gwrun/proto/transport"
)

// maxLocal is how many addresses of its own network a node names.
const maxLocal = 4

// interfaces are the networks that this machine is in, each with its address there.
func interfaces() []netip.Prefix {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil // then there is no way but from outside
	}
	var out []netip.Prefix
	for _, a := range all {
		n, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		ip, _ := netip.AddrFromSlice(n.IP)
		ip = ip.Unmap()
		if bits, of := n.Mask.Size(); ip.IsValid() && of > 0 {
			out = append(out, netip.PrefixFrom(ip, bits-(of-ip.BitLen())))
		}
	}
	return out
}

// local are the addresses that a node which listens at an address has in networks of its own (RFC 1918, RFC 4193).
func local(at net.Addr, have []netip.Prefix) []string {
	here := transport.UDPAddrPort(at)
	var out []string
	for _, p := range have {
		ip := p.Addr()
		if ip.IsPrivate() && (here.Addr().IsUnspecified() || here.Addr() == ip) && len(out) < maxLocal {
			out = append(out, netip.AddrPortFrom(ip, here.Port()).String())
		}
	}
	return out
}

// checkLocal says what is wrong with addresses that somebody names.
func checkLocal(list []string) error {
	if len(list) > maxLocal {
		return fmt.Errorf("%d addresses of a network of its own, at most %d", len(list), maxLocal)
	}
	for _, text := range list {
		if at, err := netip.ParseAddrPort(text); err != nil || at.Port() == 0 || !at.Addr().IsPrivate() || len(text) > 64 {
			return fmt.Errorf("address %.64q: want IP:PORT of a private network", text)
		}
	}
	return nil
}

// near are those of them that are in a network that this machine is in: whoever names others has this node send packets to strangers.
func near(list []string, have []netip.Prefix) []netip.AddrPort {
	var out []netip.AddrPort
	for _, text := range list {
		at, err := netip.ParseAddrPort(text)
		if err == nil && at.Port() != 0 && at.Addr().IsPrivate() && !slices.Contains(out, at) && len(out) < maxLocal &&
			slices.ContainsFunc(have, func(p netip.Prefix) bool { return p.Contains(at.Addr()) }) {
			out = append(out, at)
		}
	}
	return out
}
