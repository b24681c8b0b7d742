package discovery

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/p2p/enode"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/relay"
	"github.com/gwrun/gwrun/proto/transport"
)

// maxRecord is the longest text of a node record: 300 bytes in base64, and what stands before it.
const maxRecord = 4 + (300+2)/3*4

// ParseRecord reads a node record as text, "enr:...", and checks its signature.
func ParseRecord(text string) (*enode.Node, error) {
	if len(text) > maxRecord || !strings.HasPrefix(text, "enr:") {
		return nil, fmt.Errorf("node record %.20q of %d bytes: want enr: and at most %d in all", text, len(text), maxRecord)
	}
	n, err := enode.Parse(enode.ValidSchemes, text)
	if err != nil {
		return nil, fmt.Errorf("node record %.20q: %w", text, err)
	}
	if n.Pubkey() == nil {
		return nil, fmt.Errorf("node record %.20q: no key in it", text)
	}
	return n, nil
}

// accountOf is whose record it is: the account of the key that signed it.
func accountOf(n *enode.Node) (msg.Account, error) {
	pub := n.Pubkey()
	if pub == nil {
		return msg.Account{}, errors.New("node record: no key in it")
	}
	return msg.Account(crypto.PubkeyToAddress(*pub)), nil
}

// endpointOf is where a record says that its node is.
func endpointOf(n *enode.Node) netip.AddrPort {
	at, ok := n.UDPEndpoint()
	if !ok || at.Port() == 0 {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// fromRecord makes a peer of a record. Where it is no gwrun node or nowhere to be found, it says so.
func fromRecord(n *enode.Node) (Peer, error) {
	account, err := accountOf(n)
	if err != nil {
		return Peer{}, err
	}
	e, err := readEntry(n.Record())
	if err != nil {
		return Peer{}, fmt.Errorf("node record of %s: %w", account, err)
	}
	p := Peer{Account: account, Roles: e.Roles, Device: e.Device, Record: n.String(), Seq: n.Seq(), Source: FromDHT}
	at := endpointOf(n)
	// Those that have a relay say by it that they cannot be reached otherwise.
	for _, r := range e.Relays {
		if to := r.addrPort(); !at.IsValid() || transport.Credible(at.Addr(), to.Addr()) == nil {
			p.Addrs = append(p.Addrs, relay.Addr(to.String(), account))
		}
	}
	if at.IsValid() {
		p.Addrs = append(p.Addrs, at.String())
	}
	if len(p.Addrs) == 0 {
		return Peer{}, fmt.Errorf("node record of %s: it says nowhere that the node is", account)
	}
	return p, nil
}

// RecordTarget is where a record says that its node is.
func RecordTarget(text string) (Target, error) {
	n, err := ParseRecord(text)
	if err != nil {
		return Target{}, err
	}
	account, err := accountOf(n)
	if err != nil {
		return Target{}, err
	}
	at := endpointOf(n)
	if !at.IsValid() {
		return Target{}, fmt.Errorf("node record of %s: no address in it", account)
	}
	return Target{Addr: at.String(), Account: &account}, nil
}
