package discovery

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/p2p/nat"

	"github.com/gwrun/gwrun/proto/transport"
)

// ParseNAT reads how a router is asked for a port: "none", "auto" (UPnP or NAT-PMP, whichever answers), "upnp", "pmp", "pmp:IP" of the
// router, or "extip:IP" where a port is forwarded by hand.
func ParseNAT(spec string) (nat.Interface, error) {
	what, _, _ := strings.Cut(spec, ":")
	switch what {
	case "none", "auto", "upnp", "pmp", "extip":
	default:
		return nil, fmt.Errorf("%.50q: want auto, none, upnp, pmp, pmp:IP or extip:IP", spec)
	}
	m, err := nat.Parse(spec)
	if err != nil {
		return nil, fmt.Errorf("%.50q: %w", spec, err)
	}
	return m, nil
}

// How long a router keeps a port open for, and how often it is asked again.
const (
	mapFor   = 20 * time.Minute
	mapEvery = 8 * time.Minute
)

// mapper keeps a port open at a router.
type mapper struct {
	m    nat.Interface
	port int
	log  *slog.Logger

	mu     sync.Mutex
	at     netip.AddrPort
	reason error
}

// where is the address that the router gave, not valid if it gave none.
func (m *mapper) where() (netip.AddrPort, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at, m.reason
}

// ask asks the router once.
func (m *mapper) ask() (netip.AddrPort, error) {
	outer, err := m.m.AddMapping("UDP", m.port, m.port, "gwrun", mapFor)
	if err != nil {
		return netip.AddrPort{}, err
	}
	ip, err := m.m.ExternalIP()
	if err != nil {
		return netip.AddrPort{}, err
	}
	a, ok := netip.AddrFromSlice(ip)
	a = a.Unmap()
	// A router behind another one gives an address that is of no use further out.
	if !ok || outer == 0 || transport.Credible(netip.AddrFrom4([4]byte{8, 8, 8, 8}), a) != nil && !strings.HasPrefix(m.m.String(), "ExtIP") {
		return netip.AddrPort{}, fmt.Errorf("%s gave %v, port %d: no address on the internet (is it behind another router?)", m.m, ip, outer)
	}
	return netip.AddrPortFrom(a, outer), nil
}

// keep asks until ctx ends, then gives the port back. changed is called when the answer is another one.
func (m *mapper) keep(ctx context.Context, changed func()) {
	for {
		at, err := m.ask()
		m.mu.Lock()
		news := at != m.at
		m.at, m.reason = at, err
		m.mu.Unlock()
		switch {
		case news && at.IsValid():
			m.log.Info("port opened at the router", "at", at, "by", m.m)
		case err != nil:
			m.log.Debug("no port opened at the router", "by", m.m, "err", err)
		}
		if news {
			changed()
		}
		select {
		case <-ctx.Done():
			if at.IsValid() {
				m.m.DeleteMapping("UDP", int(at.Port()), m.port)
			}
			return
		case <-time.After(mapEvery):
		}
	}
}
