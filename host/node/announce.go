package node

import (
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/rpc"
)

// announced is how long an announcement holds. Half of it is left at least when it is given out.
const announced = 2 * time.Hour

// announcement is this node's own word on where it can be reached: witnesses ask it there, wherever else anybody says that it is.
func (n *Node) announcement() identity.Signed {
	n.announce.Lock()
	defer n.announce.Unlock()
	now := time.Now()
	if now.Before(n.announce.until.Add(-announced / 2)) {
		return n.announce.signed
	}
	a := rpc.Announcement{Version: 1, Account: n.Account(), Addrs: n.addrs(), Since: now.Unix(), Until: now.Add(announced).Unix()}
	if n.Provider != nil || n.Validator != nil {
		a.Device = n.cfg.Device.Kind
	}
	signed, err := n.cfg.Identity.Sign(a)
	if err != nil {
		n.cfg.Log.Error("signing the announcement", "err", err)
		return identity.Signed{}
	}
	n.announce.signed, n.announce.until = signed, now.Add(announced)
	return signed
}

// addrs are where this node can be reached.
func (n *Node) addrs() []string {
	var out []string
	if n.Discovery != nil {
		out = n.Discovery.Addrs()
	}
	if len(n.cfg.Announce) > 0 {
		return some(n.cfg.Announce, out)
	}
	return some(out, n.local())
}

// some are the addresses of both, each once, as many as an announcement holds.
func some(a, b []string) []string {
	var out []string
	for _, x := range slices.Concat(a, b) {
		if !slices.Contains(out, x) && len(out) < rpc.MaxAddrs {
			out = append(out, x)
		}
	}
	return out
}

// local are the addresses that this machine has.
func (n *Node) local() []string {
	at, ok := n.Endpoint.Addr().(*net.UDPAddr)
	if !ok || !at.IP.IsUnspecified() {
		return []string{n.Endpoint.Addr().String()}
	}
	port := strconv.Itoa(at.Port)
	var global, local []string
	all, err := net.InterfaceAddrs()
	if err != nil {
		n.cfg.Log.Warn("this machine's addresses", "err", err)
	}
	for _, x := range all {
		ip, ok := x.(*net.IPNet)
		switch {
		case !ok || ip.IP.IsLinkLocalUnicast():
		case ip.IP.IsLoopback():
			local = append(local, net.JoinHostPort(ip.IP.String(), port))
		default:
			global = append(global, net.JoinHostPort(ip.IP.String(), port))
		}
	}
	return append(global, local...)
}
