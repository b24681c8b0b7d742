package discovery

import (
	"context"
	"crypto/rand"
	"net"
	"net/netip"
	"reflect"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/p2p/discover"
	"github.com/ethereum/go-ethereum/p2p/enode"

	"github.com/gwrun/gwrun/proto/transport"
)

// protocol names this network among those that speak discv5. Its packets share QUIC's port, each behind a byte of its own (transport.Side),
// so no other network could take part anyway.
var protocol = [6]byte{'g', 'w', 'r', 'u', 'n', '1'}

// maxSeeds is how many peers of earlier days are asked beside the bootstrap nodes.
const maxSeeds = 32

// find speaks discv5, anew whenever what the node says of itself changes: those that it then greets again take note at once. Who was told of
// an address that nobody could be reached at would else never ask again, and others only now and then.
func (d *Discovery) find(bootstrap []*enode.Node) {
	db, err := enode.OpenDB("") // in memory: what is worth keeping is in the table
	if err != nil {
		d.log.Error("discv5", "err", err)
		return
	}
	defer db.Close()
	seeds := bootstrap
	for _, p := range d.table.all() {
		if n, err := ParseRecord(p.Record); err == nil && len(seeds) < len(bootstrap)+maxSeeds {
			seeds = append(seeds, n)
		}
	}
	for _, n := range bootstrap {
		if p, err := fromRecord(n); err == nil {
			p.Source = FromStatic
			d.table.add(p)
		}
	}
	d.askSeeds(seeds)
	for d.ctx.Err() == nil {
		if err := d.speak(db, d.outer(), d.entry(), seeds); err != nil && d.ctx.Err() == nil {
			d.log.Warn("discv5", "err", err)
			select {
			case <-d.ctx.Done():
			case <-time.After(10 * time.Second):
			}
		}
	}
}

// askSeeds asks where this node is seen, over QUIC, before it tells anybody where it is.
func (d *Discovery) askSeeds(seeds []*enode.Node) {
	ctx, cancel := context.WithTimeout(d.ctx, askTimeout)
	defer cancel()
	var work sync.WaitGroup
	for _, n := range seeds {
		account, err := accountOf(n)
		at := endpointOf(n)
		if err != nil || !at.IsValid() {
			continue
		}
		work.Go(func() {
			c, err := d.cfg.Endpoint.Dial(ctx, at.String(), &account)
			if err != nil {
				d.log.Info("a node to begin with does not answer", "account", account, "at", at, "err", err)
				return
			}
			defer c.Close()
			if seen, err := transport.Call[SeenRequest, Seen](ctx, c, MethodSeen, SeenRequest{}); err == nil {
				if here, err := netip.ParseAddrPort(seen.At); err == nil {
					d.said(at.Addr(), here)
				}
			}
		})
	}
	work.Wait()
}

// outer is where others find this node's port.
func (d *Discovery) outer() netip.AddrPort {
	for _, text := range d.cfg.Fixed {
		if at, err := netip.ParseAddrPort(text); err == nil {
			return at
		}
	}
	if d.mapper != nil {
		if at, _ := d.mapper.where(); at.IsValid() {
			return at
		}
	}
	if at, _ := d.seen.at(); at.IsValid() {
		return at
	}
	here := transport.UDPAddrPort(d.cfg.Endpoint.Addr())
	if !here.Addr().IsUnspecified() {
		return here
	}
	all, _ := net.InterfaceAddrs()
	for _, x := range all {
		if n, ok := x.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
			ip, _ := netip.AddrFromSlice(n.IP)
			return netip.AddrPortFrom(ip.Unmap(), here.Port())
		}
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), here.Port())
}

// speak takes part in the table until the node's address or its entry is another.
func (d *Discovery) speak(db *enode.DB, at netip.AddrPort, entry Entry, seeds []*enode.Node) error {
	self := enode.NewLocalNode(db, d.cfg.Identity.ECDSA())
	self.SetStaticIP(net.IP(at.Addr().AsSlice()))
	self.SetFallbackUDP(int(at.Port()))
	self.Set(entry)
	d.mu.Lock()
	d.self = self
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		d.self = nil
		d.mu.Unlock()
	}()
	udp, err := discover.ListenV5(d.cfg.Endpoint.Side(), self, discover.Config{PrivateKey: d.cfg.Identity.ECDSA(), Bootnodes: seeds, V5ProtocolID: &protocol})
	if err != nil {
		return err
	}
	stop := context.AfterFunc(d.ctx, udp.Close)
	defer stop()
	defer udp.Close()
	d.log.Info("looking for nodes", "at", at, "record", self.Node().String())
	for n := 0; d.ctx.Err() == nil && d.outer() == at && reflect.DeepEqual(d.entry(), entry); n++ {
		var target enode.ID
		rand.Read(target[:])
		found := udp.Lookup(target)
		if n%8 == 0 {
			found = append(found, udp.AllNodes()...)
		}
		for _, x := range found {
			if p, err := fromRecord(x); err == nil {
				d.table.add(p)
			}
		}
		wait := time.Second // while the table fills
		if n > 60 {
			wait = time.Minute
		} else if n > 10 {
			wait = 5 * time.Second
		}
		select {
		case <-d.ctx.Done():
		case <-d.kick:
			select { // nobody is asked without a pause, whoever is in a hurry
			case <-d.ctx.Done():
			case <-time.After(500 * time.Millisecond):
			}
		case <-time.After(wait):
		}
	}
	return nil
}

// WaitRecord waits until the node tells others where it is, or ctx ends, and gives its Record.
func (d *Discovery) WaitRecord(ctx context.Context) string {
	for d.cfg.Find {
		if r := d.Record(); r != "" {
			return r
		}
		select {
		case <-ctx.Done():
			return ""
		case <-d.ctx.Done():
			return ""
		case <-time.After(10 * time.Millisecond):
		}
	}
	return ""
}

// Record is what others begin with to find this node ("enr:..."); empty while discv5 is not spoken.
func (d *Discovery) Record() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.self == nil {
		return ""
	}
	return d.self.Node().String()
}
