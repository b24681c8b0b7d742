// Package discovery finds other nodes without asking anybody for permission, and finds out where this one can be reached.
//
// Nodes hear of each other from several sources, of which each is enough: go-ethereum's discv5 (a distributed table of node records, EIP-778,
// signed by the nodes' own keys), what known peers tell of theirs, a registry such as a contract's, and a list that the operator gives. All of
// it is hearsay: a peer counts when it has answered over QUIC, which proves that it has the account. Those that did are kept in the store, so
// that a node that was in the network once finds back without anybody's help.
package discovery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enode"

	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/relay"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// Registry is a list of nodes that somebody keeps, such as a contract with their stakes. What it says of where they are is their own word.
type Registry interface {
	Providers(ctx context.Context) ([]Registered, error)
	Validators(ctx context.Context) ([]Registered, error)
}

// Registered is a node as a registry has it.
type Registered struct {
	Account msg.Account
	Addrs   []string
}

// ViaAuto as a relay has the node use those that it finds, once others say that they cannot reach it.
const ViaAuto = "auto"

// Config says how a node is found and finds others. Identity, Store, Endpoint and Mux are needed.
type Config struct {
	Identity *identity.Identity
	Store    store.Store
	Endpoint *transport.Endpoint
	Mux      *transport.Mux
	// Relay is this node's part in relaying; nil for none.
	Relay *relay.Client
	// Find is whether discv5 is spoken. Without it the node knows of the other sources only.
	Find bool
	// Bootstrap are records ("enr:...") of nodes to begin with.
	Bootstrap []string
	// Static are peers that are never forgotten, ACCOUNT@HOST:PORT.
	Static []string
	// Registry is another source; nil for none.
	Registry Registry
	// Roles and Device are what the node says of itself.
	Roles  uint64
	Device string
	// Fixed are the node's addresses for others where its operator knows them.
	Fixed []string
	// NAT says how a port is opened at the router (ParseNAT). Default "none".
	NAT string
	// Via are relays that the node is to be reached through, HOST:PORT, or ViaAuto.
	Via []string
	// Changed is called when the node's addresses for others do.
	Changed func()
	Log     *slog.Logger

	now func() time.Time // tests
}

// Discovery is a running search.
type Discovery struct {
	cfg    Config
	log    *slog.Logger
	table  *table
	seen   *seen
	mapper *mapper // nil for none
	kick   chan struct{}

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	router sync.WaitGroup // the mapper: a router may take its time

	mu    sync.Mutex
	self  *enode.LocalNode // nil while discv5 is not spoken
	reach Reach
	via   map[string]bool // relays that are used
}

// Reach is whether others can reach this node at its own address.
type Reach string

// What others say of that.
const (
	ReachUnknown Reach = "unknown" // nobody was asked yet
	ReachOpen    Reach = "open"
	ReachClosed  Reach = "closed"
)

// How much is asked of others, and how often.
const (
	probes       = 4 // peers asked at a time
	probeTimeout = 10 * time.Second
	askTimeout   = 5 * time.Second
	registryOld  = 5 * time.Minute
	registryLost = 5 * time.Second // until it is asked again where it gave no answer
	reachOld     = 10 * time.Minute
	viaMost      = 2
	viaTried     = 8 // of which some may be gone
)

// Start begins. The endpoint and the store stay the caller's: close them after this.
func Start(cfg Config) (*Discovery, error) {
	if cfg.Identity == nil || cfg.Store == nil || cfg.Endpoint == nil || cfg.Mux == nil {
		return nil, errors.New("discovery: needs an identity, a store, an endpoint and its mux")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.now == nil {
		cfg.now = time.Now
	}
	if cfg.NAT == "" {
		cfg.NAT = "none"
	}
	if cfg.Changed == nil {
		cfg.Changed = func() {}
	}
	if len(cfg.Device) > maxDevice {
		return nil, fmt.Errorf("discovery: device kind %q of more than %d bytes", cfg.Device, maxDevice)
	}
	d := &Discovery{cfg: cfg, log: cfg.Log, seen: newSeen(cfg.now), kick: make(chan struct{}, 1), reach: ReachUnknown, via: map[string]bool{}}
	var bootstrap []*enode.Node
	for _, text := range cfg.Bootstrap {
		n, err := ParseRecord(text)
		if err != nil {
			return nil, err
		}
		bootstrap = append(bootstrap, n)
	}
	var err error
	if d.table, err = newTable(cfg.Identity.Account(), cfg.Store.Journal("discovery/peers"), cfg.now); err != nil {
		return nil, err
	}
	for _, text := range cfg.Static {
		addr, account, err := peer.Parse(text)
		if err == nil && account == nil {
			err = fmt.Errorf("peer %q: its account is not known, want ACCOUNT@HOST:PORT", text)
		}
		if err != nil {
			return nil, err
		}
		d.table.add(Peer{Account: *account, Addrs: []string{addr}, Source: FromStatic})
	}
	router, err := ParseNAT(cfg.NAT)
	if err != nil {
		return nil, err
	}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	cfg.Mux.HandleStream(MethodPeers, d.givePeers)
	if at, ok := cfg.Endpoint.Addr().(*net.UDPAddr); ok && router != nil && !at.IP.IsLoopback() {
		d.mapper = &mapper{m: router, port: at.Port, log: cfg.Log}
		d.router.Go(func() { d.mapper.keep(d.ctx, d.changed) })
	}
	for _, hostport := range cfg.Via {
		if hostport != ViaAuto {
			d.use(hostport, nil)
		}
	}
	for range probes {
		d.work.Go(d.probeAll)
	}
	if cfg.Find {
		d.work.Go(func() { d.find(bootstrap) })
	}
	if cfg.Registry != nil {
		d.work.Go(d.readRegistry)
	}
	d.work.Go(d.testReach)
	return d, nil
}

// Close ends the search.
func (d *Discovery) Close() {
	d.mu.Lock()
	d.cancel()
	d.mu.Unlock()
	d.work.Wait()
	done := make(chan struct{})
	go func() { d.router.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(2 * time.Second): // the port is closed when its time is over
	}
}

// use has the node be reached through a relay.
func (d *Discovery) use(hostport string, account *msg.Account) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cfg.Relay == nil || d.via[hostport] || d.ctx.Err() != nil {
		return
	}
	d.via[hostport] = true
	d.work.Go(func() {
		d.cfg.Relay.Register(d.ctx, hostport, account, func() {
			for _, at := range d.cfg.Relay.Via() {
				if teller, err := netip.ParseAddrPort(hostport); err == nil {
					d.seen.said(teller.Addr(), at)
				}
			}
			d.changed()
		})
	})
}

// changed has what the node says of itself renewed.
func (d *Discovery) changed() {
	d.cfg.Changed()
	d.hurry()
}

// entry is what the node's record says.
func (d *Discovery) entry() Entry {
	e := Entry{Version: entryVersion, Roles: d.cfg.Roles, Device: d.cfg.Device, Relays: []At{}}
	for _, addr := range d.Relays() {
		hostport, _, err := relay.ParseAddr(addr)
		if err != nil {
			continue
		}
		if at, ok := relayAt(hostport); ok && len(e.Relays) < maxRelays {
			e.Relays = append(e.Relays, at)
		}
	}
	return e
}

// Relays are the addresses at which the node is reached through relays now.
func (d *Discovery) Relays() []string {
	out := []string{}
	if d.cfg.Relay != nil {
		for addr := range d.cfg.Relay.Via() {
			out = append(out, addr)
		}
	}
	slices.Sort(out)
	return out
}

// Addrs are the addresses of this node that others can use, the best first, beside those that the machine itself has.
func (d *Discovery) Addrs() (out []string) {
	if len(d.cfg.Fixed) > 0 {
		return merged(d.cfg.Fixed, d.Relays())
	}
	if d.mapper != nil {
		if at, _ := d.mapper.where(); at.IsValid() {
			out = append(out, at.String())
		}
	}
	at, _ := d.seen.at()
	if at.IsValid() && d.Reach() == ReachOpen {
		out = append(out, at.String())
	}
	return merged(out, d.Relays())
}

// Seen is where others see this node, and what kind of translation is between.
func (d *Discovery) Seen() (netip.AddrPort, Mapping) { return d.seen.at() }

// Reach is whether others reach it there.
func (d *Discovery) Reach() Reach {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.reach
}

// Peers lists the peers with a role that answered when they were last asked; 0 is any role.
func (d *Discovery) Peers(role uint64) []Peer { return d.table.good(role) }

// Known lists all that was heard of.
func (d *Discovery) Known() []Peer { return d.table.all() }

// Find waits until the peers that have answered are enough, or ctx ends, and gives them.
func (d *Discovery) Find(ctx context.Context, enough func([]Peer) bool) []Peer {
	for {
		news := d.table.wait()
		if good := d.table.good(0); enough(good) || ctx.Err() != nil {
			return good
		}
		d.hurry()
		select {
		case <-news:
		case <-ctx.Done():
		case <-d.ctx.Done():
			return d.table.good(0)
		}
	}
}

// hurry has the search go on now.
func (d *Discovery) hurry() {
	select {
	case d.kick <- struct{}{}:
	default:
	}
}

// probeAll asks one peer after the other that is due.
func (d *Discovery) probeAll() {
	for {
		p, ok := d.table.due()
		if !ok {
			select {
			case <-d.ctx.Done():
				return
			case <-time.After(250 * time.Millisecond):
			}
			continue
		}
		err := d.probe(p)
		if d.ctx.Err() != nil {
			return
		}
		if err != nil {
			d.log.Debug("peer does not answer", "account", p.Account, "at", p.Addrs, "err", err)
			err = d.table.failed(p)
		}
		if err != nil {
			d.log.Warn("the table of peers", "err", err)
		}
	}
}

// probe asks a peer what it is, where it sees this node, and whom it knows.
func (d *Discovery) probe(p Peer) error {
	var faults []error
	for _, addr := range p.Addrs {
		err := d.probeAt(p, addr)
		if err == nil || d.ctx.Err() != nil {
			return err
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

func (d *Discovery) probeAt(p Peer, addr string) error {
	ctx, cancel := context.WithTimeout(d.ctx, probeTimeout)
	defer cancel()
	// Nobody but who has the account's key answers: a record of somebody else's is found out here.
	c, err := d.cfg.Endpoint.Dial(ctx, addr, &p.Account)
	if err != nil {
		return err
	}
	defer c.Close()
	info, err := transport.Call[rpc.NodeInfoRequest, rpc.NodeInfo](ctx, c, rpc.MethodInfo, rpc.NodeInfoRequest{})
	if err != nil {
		return err
	}
	teller := transport.UDPAddrPort(c.RemoteAddr()).Addr()
	p.Roles = roleBits(info.Roles)
	p.Device = ""
	if len(info.Devices) > 0 && len(info.Devices[0].Kind) <= maxDevice {
		p.Device = info.Devices[0].Kind
	}
	p.Addrs = []string{addr}
	if a, err := readAnnouncement(info.Announcement, d.cfg.now()); err == nil && a.Account == p.Account {
		p.announcement = info.Announcement
		named := credible(teller, a.Addrs)
		if slices.ContainsFunc(named, relayed) {
			p.Addrs = merged(named, p.Addrs) // others may not reach it where this node happens to
		} else {
			p.Addrs = merged(p.Addrs, named)
		}
	}
	if teller.IsValid() {
		if seen, err := transport.Call[SeenRequest, Seen](ctx, c, MethodSeen, SeenRequest{}); err == nil {
			if at, err := netip.ParseAddrPort(seen.At); err == nil {
				d.said(teller, at)
			}
		}
	}
	if err := d.table.answered(p); err != nil {
		return err
	}
	if more, err := transport.Call[PeersRequest, PeerList](ctx, c, MethodPeers, PeersRequest{}); err == nil {
		d.takePeers(teller, more)
	}
	return nil
}

// said takes where a peer sees this node.
func (d *Discovery) said(teller netip.Addr, at netip.AddrPort) {
	before, _ := d.seen.at()
	d.seen.said(teller, at)
	if after, _ := d.seen.at(); after != before {
		d.changed()
	}
}

// readAnnouncement reads a node's own word on where it is.
func readAnnouncement(s identity.Signed, now time.Time) (*rpc.Announcement, error) {
	var a rpc.Announcement
	who, err := s.Open(&a)
	if err != nil {
		return nil, err
	}
	if a.Version != 1 || a.Account != who || len(a.Addrs) == 0 || len(a.Addrs) > rpc.MaxAddrs || a.Until < now.Unix() {
		return nil, fmt.Errorf("announcement of %s by %s with %d addresses, valid until %d", a.Account, who, len(a.Addrs), a.Until)
	}
	return &a, nil
}

// credible are the addresses that a node at teller may name: IP addresses that mean the same there and here, or relays at such.
func credible(teller netip.Addr, addrs []string) []string {
	var out []string
	for _, text := range addrs {
		hostport := text
		if at, _, err := relay.ParseAddr(text); err == nil {
			hostport = at
		}
		at, err := netip.ParseAddrPort(hostport)
		if err == nil && (!teller.IsValid() && transport.Credible(netip.AddrFrom4([4]byte{8, 8, 8, 8}), at.Addr()) == nil ||
			teller.IsValid() && transport.Credible(teller, at.Addr()) == nil) {
			out = append(out, text)
		}
	}
	return out
}

func (d *Discovery) givePeers(_ context.Context, who msg.Account, s *transport.Stream) error {
	var r PeersRequest
	if err := s.Recv(&r); err != nil {
		return err
	}
	l := PeerList{Announcements: []identity.Signed{}}
	for _, p := range d.table.good(0) {
		if _, err := readAnnouncement(p.announcement, d.cfg.now()); err == nil && p.Account != who && len(l.Announcements) < maxGiven {
			l.Announcements = append(l.Announcements, p.announcement)
		}
	}
	return s.Send(l)
}

func (d *Discovery) takePeers(teller netip.Addr, l PeerList) {
	for _, s := range l.Announcements[:min(len(l.Announcements), maxGiven)] {
		a, err := readAnnouncement(s, d.cfg.now())
		if err != nil {
			continue
		}
		if addrs := credible(teller, a.Addrs); len(addrs) > 0 {
			d.table.add(Peer{Account: a.Account, Addrs: addrs, Source: FromPeers})
		}
	}
}

// readRegistry asks the registry now and then.
func (d *Discovery) readRegistry() {
	failed := false // one word about it is enough
	for {
		wait := registryOld
		ctx, cancel := context.WithTimeout(d.ctx, time.Minute)
		for _, list := range []struct {
			role uint64
			read func(context.Context) ([]Registered, error)
		}{{RoleProvider, d.cfg.Registry.Providers}, {RoleValidator, d.cfg.Registry.Validators}} {
			nodes, err := list.read(ctx)
			if err != nil && d.ctx.Err() == nil {
				if wait = registryLost; !failed {
					d.log.Warn("the registry cannot be read", "err", err)
				}
			}
			for _, n := range nodes[:min(len(nodes), maxPeers/2)] { // else there were no room for the other list
				d.table.add(Peer{Account: n.Account, Addrs: n.Addrs[:min(len(n.Addrs), rpc.MaxAddrs)], Roles: list.role, Source: FromRegistry})
			}
		}
		cancel()
		failed = wait == registryLost
		select {
		case <-d.ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// testReach asks others to connect to this node where they see it, and where they cannot and the operator left it to the node, has it be
// reached through relays.
func (d *Discovery) testReach() {
	auto := slices.Contains(d.cfg.Via, ViaAuto)
	for wait := 500 * time.Millisecond; ; {
		select {
		case <-d.ctx.Done():
			return
		case <-time.After(wait):
		}
		if len(d.cfg.Fixed) == 0 {
			if reach := d.askReach(); reach != ReachUnknown {
				d.mu.Lock()
				news := d.reach != reach
				d.reach = reach
				d.mu.Unlock()
				if news {
					d.log.Info("can be reached from outside", "reach", reach)
					d.changed()
				}
				wait = reachOld
			}
		}
		if auto && d.Reach() == ReachClosed {
			wait = d.findRelays()
		}
	}
}

// findRelays uses relays among the peers, and says when to look again.
func (d *Discovery) findRelays() time.Duration {
	for _, p := range d.table.good(RoleRelay) {
		d.mu.Lock()
		tried := len(d.via)
		d.mu.Unlock()
		if len(d.Relays()) >= viaMost || tried >= viaTried {
			return reachOld
		}
		for _, addr := range p.Addrs {
			if _, err := netip.ParseAddrPort(addr); err == nil {
				d.use(addr, &p.Account)
				break
			}
		}
	}
	return 5 * time.Second
}

// askReach has two peers dial back.
func (d *Discovery) askReach() Reach {
	at, _ := d.seen.at()
	if !at.IsValid() || at.Addr().IsLoopback() {
		return ReachUnknown
	}
	asked := 0
	for _, p := range d.table.good(0) {
		if asked >= 2 || relayed(p.Addrs[0]) {
			continue
		}
		ctx, cancel := context.WithTimeout(d.ctx, dialBackTimeout+askTimeout)
		c, err := d.cfg.Endpoint.Dial(ctx, p.Addrs[0], &p.Account)
		if err == nil {
			var r DialedBack
			r, err = transport.Call[DialBackRequest, DialedBack](ctx, c, MethodDialBack, DialBackRequest{Port: at.Port()})
			c.Close()
			if err == nil && r.Reached {
				cancel()
				return ReachOpen
			}
		}
		cancel()
		if err == nil {
			asked++
		}
	}
	if asked == 0 {
		return ReachUnknown
	}
	return ReachClosed
}
