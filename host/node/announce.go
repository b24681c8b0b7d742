package node

import (
	"net"
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
	if len(n.cfg.Announce) > 0 {
		return n.cfg.Announce
	}
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
	out := append(global, local...)
	return out[:min(len(out), rpc.MaxAddrs)]
}
