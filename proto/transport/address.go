package transport

import (
	"fmt"
	"net"
	"net/netip"
)

// reach says how far an address means the same place to everybody.
func reach(a netip.Addr) (int, error) {
	a = a.Unmap()
	switch {
	case !a.IsValid() || a.IsUnspecified() || a.IsMulticast() || a.IsLinkLocalUnicast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return 0, fmt.Errorf("%s is no address of a node", a)
	case a.IsLoopback():
		return 0, nil
	case a.IsPrivate() || shared.Contains(a):
		return 1, nil
	}
	return 2, nil
}

// shared are the addresses between a provider's translator and its customers' (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// Credible says whether one node's word on where another is can be right for this node: who is on the internet says nothing about a local
// network, and nobody but this machine itself about its loopback. So no stranger can have a node send packets to what is behind its own
// firewall.
func Credible(teller, told netip.Addr) error {
	from, err := reach(teller)
	if err != nil {
		return err
	}
	to, err := reach(told)
	if err == nil && to < from {
		err = fmt.Errorf("%s says that a node is at %s, which it cannot know", teller.Unmap(), told.Unmap())
	}
	return err
}

// UDPAddrPort gives the IP address and port of a UDP address; not valid where it is another kind.
func UDPAddrPort(a net.Addr) netip.AddrPort {
	u, ok := a.(*net.UDPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	at := u.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}
