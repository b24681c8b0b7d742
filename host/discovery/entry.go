package discovery

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/ethereum/go-ethereum/p2p/enr"
	"github.com/ethereum/go-ethereum/rlp"
)

// Roles of a node, as bits.
const (
	RoleProvider  = 1 << 0
	RoleValidator = 1 << 1
	RoleRelay     = 1 << 2
)

// roleNames are the roles as rpc.NodeInfo has them.
var roleNames = []struct {
	bit  uint64
	name string
}{{RoleProvider, "provider"}, {RoleValidator, "validator"}, {RoleRelay, "relay"}}

// RoleNames gives the names of roles.
func RoleNames(roles uint64) []string {
	out := []string{}
	for _, r := range roleNames {
		if roles&r.bit != 0 {
			out = append(out, r.name)
		}
	}
	return out
}

func roleBits(names []string) (roles uint64) {
	for _, r := range roleNames {
		for _, n := range names {
			if n == r.name {
				roles |= r.bit
			}
		}
	}
	return roles
}

// entryVersion is of the protocol that nodes speak with each other (transport.Version).
const entryVersion = 1

// What an entry may hold. A node record has 300 bytes at most (EIP-778), of which 150 are left for it.
const (
	maxDevice = 32
	maxRelays = 2
)

// Entry is what a node record (EIP-778) says about a gwrun node, under the key "gwrun". Where the node is, the record's own ip and udp say:
// QUIC and discovery share one port.
type Entry struct {
	Version uint64
	Roles   uint64
	Device  string // the kind of device it computes on, "" for none
	Relays  []At   // where it is to be reached if not at its own address
	// Rest is for what later versions add.
	Rest []rlp.RawValue `rlp:"tail"`
}

// At is an address of a relay.
type At struct {
	IP   []byte // 4 or 16
	Port uint16
}

// ENRKey is the entry's name in a record.
func (Entry) ENRKey() string { return "gwrun" }

func (a At) addrPort() netip.AddrPort {
	ip, _ := netip.AddrFromSlice(a.IP)
	return netip.AddrPortFrom(ip.Unmap(), a.Port)
}

// check says what is wrong with an entry that was received.
func (e *Entry) check() error {
	switch {
	case e.Version != entryVersion:
		return fmt.Errorf("entry of version %d, want %d", e.Version, entryVersion)
	case len(e.Device) > maxDevice || strings.ContainsFunc(e.Device, func(r rune) bool { return r <= ' ' || r > '~' }):
		return fmt.Errorf("device kind %.40q", e.Device)
	case len(e.Relays) > maxRelays:
		return fmt.Errorf("%d relays, at most %d", len(e.Relays), maxRelays)
	}
	for _, r := range e.Relays {
		if len(r.IP) != 4 && len(r.IP) != 16 || r.Port == 0 {
			return fmt.Errorf("relay at %x, port %d", r.IP, r.Port)
		}
	}
	return nil
}

// readEntry reads a record's entry.
func readEntry(r *enr.Record) (Entry, error) {
	var e Entry
	if err := r.Load(&e); err != nil {
		return e, err
	}
	return e, e.check()
}

// relayAt makes an At of HOST:PORT, if the host is an IP address: a record has no room for names.
func relayAt(hostport string) (At, bool) {
	at, err := netip.ParseAddrPort(hostport)
	if err != nil || at.Port() == 0 {
		return At{}, false
	}
	return At{at.Addr().Unmap().AsSlice(), at.Port()}, true
}
