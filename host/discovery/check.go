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

	"github.com/ethereum/go-ethereum/p2p/nat"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/relay"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// Target is a peer to check the network with.
type Target struct {
	Addr    string       // HOST:PORT
	Account *msg.Account // nil takes anybody
}

// CheckConfig says what to check, and with whom.
type CheckConfig struct {
	Identity *identity.Identity
	Listen   string // the address that a node here would listen on
	Targets  []Target
	NAT      string // ParseNAT; "none" asks no router
	// Timeout bounds each question. Default 5 s.
	Timeout time.Duration
	Log     *slog.Logger
}

// PeerCheck is what one peer told.
type PeerCheck struct {
	Addr     string       `json:"address"`
	Account  *msg.Account `json:"account,omitempty"`
	Error    string       `json:"error,omitempty"` // why it told nothing
	Seen     string       `json:"seen,omitempty"`  // where it sees this machine
	RTT      float64      `json:"rtt_ms,omitempty"`
	Skew     float64      `json:"skew_ms"` // how far its clock is ahead of this one
	Relay    bool         `json:"relay"`
	DialBack *bool        `json:"dial_back,omitempty"` // whether it reached this machine; nil if it was not asked
	Reason   string       `json:"reason,omitempty"`    // why it did not

	back bool
	rtt  time.Duration
	at   netip.AddrPort
}

// Report is what a check found.
type Report struct {
	Listen  string      `json:"listen"`
	UDP     string      `json:"udp"`  // "open", or "blocked": no peer answered; "unknown" if all refused
	Seen    string      `json:"seen"` // where most peers see this machine, "" if they don't agree
	NAT     string      `json:"nat"`  // "none", "independent", "dependent" (Mapping), or "unknown"
	Reach   Reach       `json:"reach"`
	Strict  bool        `json:"strict"` // who tried to reach this machine had never been spoken to from that port
	Mapped  string      `json:"mapped,omitempty"`
	NoMap   string      `json:"no_mapping,omitempty"` // why the router opened no port
	ByMap   Reach       `json:"reach_mapped"`         // whether the port that it opened was reached
	IPv6    bool        `json:"ipv6"`                 // this machine has an address of the IPv6 internet
	Skew    float64     `json:"skew_ms"`              // how far most others' clocks are ahead of this one
	Relay   string      `json:"relay,omitempty"`      // one that works
	NoRelay string      `json:"no_relay,omitempty"`   // why none does
	Peers   []PeerCheck `json:"peers"`
	// Advice is what to do, if anything, in the order of what matters.
	Advice []string `json:"advice"`
}

// OK says whether a node here would be of use to others: they reach it, on whatever way.
func (r *Report) OK() bool { return r.Reach == ReachOpen || r.ByMap == ReachOpen || r.Relay != "" }

// maxTargets is how many peers are asked.
const maxTargets = 8

// Check finds out how a node here would get on. Nothing is left behind, but what the router may keep of a port until its time is over.
func Check(ctx context.Context, cfg CheckConfig) (*Report, error) {
	if cfg.Timeout <= 0 {
		cfg.Timeout = 5 * time.Second
	}
	router, err := ParseNAT(cfg.NAT)
	if err != nil {
		return nil, err
	}
	t := transport.Config{HandshakeTimeout: cfg.Timeout / 2, Log: cfg.Log}
	mux := transport.NewMux()
	Serve(mux, cfg.Identity)
	node, err := transport.Listen(cfg.Listen, cfg.Identity, mux, t) // where a node would be
	if err != nil {
		return nil, err
	}
	defer closeIn(node, time.Second)
	asker, err := transport.Listen(":0", cfg.Identity, nil, t) // asks about it, from elsewhere
	if err != nil {
		return nil, err
	}
	defer closeIn(asker, time.Second)

	r := &Report{Listen: node.Addr().String(), UDP: "unknown", NAT: string(MappingUnknown), Reach: ReachUnknown, ByMap: ReachUnknown, Peers: []PeerCheck{}, Advice: []string{}}
	targets := cfg.Targets[:min(len(cfg.Targets), maxTargets)]
	r.Peers = make([]PeerCheck, len(targets))
	var work sync.WaitGroup
	conns := make([]*transport.Conn, len(targets))
	for i, x := range targets {
		work.Go(func() { r.Peers[i], conns[i] = meet(ctx, cfg, asker, x) })
	}
	work.Wait()
	var here []int
	for i := range r.Peers {
		if conns[i] != nil {
			here = append(here, i)
		}
	}
	r.udp(here)
	r.IPv6 = hasIPv6()
	if len(here) > 0 {
		r.skew(here)
		at := r.place(ctx, cfg, node, here)
		r.dialBack(ctx, cfg, conns, here, at)
		r.mapping(ctx, cfg, node, router, conns, here)
		r.relays(ctx, cfg, node, asker, here)
	}
	r.advise()
	return r, ctx.Err()
}

func closeIn(e *transport.Endpoint, d time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	e.Close(ctx)
}

// meet asks a peer what it is, where it sees this machine and what time it is.
func meet(ctx context.Context, cfg CheckConfig, from *transport.Endpoint, x Target) (PeerCheck, *transport.Conn) {
	p := PeerCheck{Addr: x.Addr, Account: x.Account}
	ctx, cancel := context.WithTimeout(ctx, cfg.Timeout)
	defer cancel()
	fail := func(err error) (PeerCheck, *transport.Conn) {
		p.Error = err.Error()
		p.back = errors.Is(err, transport.ErrWrongKey) || errors.Is(err, transport.ErrRefused) || errors.Is(err, transport.ErrWrongVersion)
		return p, nil
	}
	c, err := from.Dial(ctx, x.Addr, x.Account)
	if err != nil {
		return fail(err)
	}
	account := c.Peer()
	p.Account, p.back = &account, true
	begun := time.Now()
	seen, err := transport.Call[SeenRequest, Seen](ctx, c, MethodSeen, SeenRequest{})
	if err != nil {
		c.Close()
		return fail(err)
	}
	p.rtt = time.Since(begun)
	p.RTT = float64(p.rtt.Microseconds()) / 1000
	p.Skew = float64(seen.Now - begun.Add(p.rtt/2).UnixMilli())
	if info, err := transport.Call[rpc.NodeInfoRequest, rpc.NodeInfo](ctx, c, rpc.MethodInfo, rpc.NodeInfoRequest{}); err == nil {
		p.Relay = slices.Contains(info.Roles, "relay")
	}
	if p.at, err = netip.ParseAddrPort(seen.At); err != nil {
		c.Close()
		return fail(fmt.Errorf("it says that it sees this machine at %.60q", seen.At))
	}
	return p, c
}

func (r *Report) udp(here []int) {
	answered := len(here) > 0
	for _, p := range r.Peers {
		answered = answered || p.back
	}
	switch {
	case answered:
		r.UDP = "open"
	case len(r.Peers) > 0:
		r.UDP = "blocked"
	}
}

func hasIPv6() bool {
	all, _ := net.InterfaceAddrs()
	return slices.ContainsFunc(all, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		if !ok {
			return false
		}
		ip, _ := netip.AddrFromSlice(n.IP)
		ip = ip.Unmap()
		return ip.Is6() && ip.IsGlobalUnicast() && !ip.IsPrivate()
	})
}

// skew is the median of what the peers' clocks say: most of them would have to be wrong together.
func (r *Report) skew(here []int) {
	var all []float64
	for _, i := range here {
		all = append(all, r.Peers[i].Skew)
	}
	slices.Sort(all)
	r.Skew = all[len(all)/2]
}

// place finds out where others see the node's port, and what that says of the translation. Where there are three peers or more the last one is
// left out, so that it can try to reach a port that it was never spoken to from.
func (r *Report) place(ctx context.Context, cfg CheckConfig, node *transport.Endpoint, here []int) netip.AddrPort {
	votes := newSeen(time.Now)
	asked := here
	if len(here) >= 3 {
		asked = here[:len(here)-1]
	}
	var mu sync.Mutex
	var work sync.WaitGroup
	for n, i := range asked {
		p := &r.Peers[i]
		work.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, cfg.Timeout)
			defer cancel()
			c, err := node.Dial(ctx, p.Addr, p.Account)
			if err != nil {
				return
			}
			defer c.Close()
			seen, err := transport.Call[SeenRequest, Seen](ctx, c, MethodSeen, SeenRequest{})
			if err != nil {
				return
			}
			at, err := netip.ParseAddrPort(seen.At)
			if err != nil || transport.Credible(transport.UDPAddrPort(c.RemoteAddr()).Addr(), at.Addr()) != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			p.Seen = at.String()
			// Here the operator chose the peers: each has a vote, whatever network it is in.
			votes.votes[netip.PrefixFrom(netip.AddrFrom4([4]byte{0, 0, 0, byte(n)}), 32)] = vote{at, time.Now()}
		})
	}
	work.Wait()
	at, kind := votes.at()
	if !at.IsValid() {
		for _, v := range votes.votes { // each sees another: any will do to be tried
			at = v.at
		}
	} else {
		r.Seen = at.String()
	}
	r.NAT = string(kind)
	if own, _ := net.InterfaceAddrs(); at.IsValid() && at.Port() == transport.UDPAddrPort(node.Addr()).Port() && slices.ContainsFunc(own, func(a net.Addr) bool {
		n, ok := a.(*net.IPNet)
		return ok && n.IP.Equal(net.IP(at.Addr().AsSlice()))
	}) {
		r.NAT = "none"
	}
	return at
}

// dialBack has up to three peers try to reach the node, who was never spoken to from there first.
func (r *Report) dialBack(ctx context.Context, cfg CheckConfig, conns []*transport.Conn, here []int, at netip.AddrPort) {
	if !at.IsValid() {
		return
	}
	asked := slices.Clone(here)
	slices.Reverse(asked)
	r.Reach = r.ask(ctx, cfg, conns, asked[:min(len(asked), 3)], at)
	r.Strict = len(here) >= 3 && r.Peers[here[len(here)-1]].DialBack != nil
}

// ask asks peers to dial back until one of them reaches an address.
func (r *Report) ask(ctx context.Context, cfg CheckConfig, conns []*transport.Conn, asked []int, at netip.AddrPort) Reach {
	found := ReachUnknown
	for _, i := range asked {
		p := &r.Peers[i]
		if p.at.Addr() != at.Addr() {
			p.Reason = fmt.Sprintf("it sees this machine at %s, others at %s", p.at.Addr(), at.Addr())
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, cfg.Timeout+dialBackTimeout)
		back, err := transport.Call[DialBackRequest, DialedBack](ctx, conns[i], MethodDialBack, DialBackRequest{Port: at.Port()})
		cancel()
		if err != nil {
			p.Reason = err.Error()
			continue
		}
		p.DialBack, p.Reason = &back.Reached, fmt.Sprintf("%.200s", back.Reason)
		if back.Reached {
			return ReachOpen
		}
		found = ReachClosed
	}
	return found
}

// mapping asks the router for a port, and a peer to try it.
func (r *Report) mapping(ctx context.Context, cfg CheckConfig, node *transport.Endpoint, m nat.Interface, conns []*transport.Conn, here []int) {
	if m == nil {
		r.NoMap = "no router was asked"
		return
	}
	port := int(transport.UDPAddrPort(node.Addr()).Port())
	type answer struct {
		at  netip.AddrPort
		err error
	}
	done := make(chan answer, 1)
	go func() {
		at, err := (&mapper{m: m, port: port, log: slog.New(slog.DiscardHandler)}).ask()
		done <- answer{at, err}
	}()
	var a answer
	select {
	case a = <-done:
	case <-ctx.Done():
		a.err = ctx.Err()
	case <-time.After(3 * cfg.Timeout):
		a.err = errors.New("the router does not answer")
	}
	if a.err != nil {
		r.NoMap = a.err.Error()
		return
	}
	defer m.DeleteMapping("UDP", int(a.at.Port()), port)
	r.Mapped = a.at.String()
	if r.Reach == ReachOpen {
		return
	}
	select { // a peer dials back to one network now and then only
	case <-ctx.Done():
	case <-time.After(dialBackEvery):
	}
	r.ByMap = r.ask(ctx, cfg, conns, here[:1], a.at)
}

// relays looks for a relay that the node can be reached through.
func (r *Report) relays(ctx context.Context, cfg CheckConfig, node, asker *transport.Endpoint, here []int) {
	r.NoRelay = "none of the peers is a relay"
	for _, i := range here {
		p := &r.Peers[i]
		if !p.Relay {
			continue
		}
		if err := throughRelay(ctx, cfg, node, asker, p); err != nil {
			r.NoRelay = fmt.Sprintf("%s: %v", p.Addr, err)
			continue
		}
		r.Relay, r.NoRelay = p.Addr, ""
		return
	}
}

func throughRelay(ctx context.Context, cfg CheckConfig, node, asker *transport.Endpoint, p *PeerCheck) error {
	ctx, cancel := context.WithTimeout(ctx, 2*cfg.Timeout)
	defer cancel()
	in := relay.NewClient(node, cfg.Log)
	relay.NewClient(asker, cfg.Log) // so that it understands such addresses
	registered := make(chan struct{}, 8)
	var work sync.WaitGroup
	defer work.Wait()
	life, end := context.WithCancel(ctx)
	defer end()
	work.Go(func() { in.Register(life, p.Addr, p.Account, func() { registered <- struct{}{} }) })
	select {
	case <-registered:
	case <-ctx.Done():
		return errors.New("it did not register this node")
	}
	conn, err := asker.Dial(ctx, relay.Addr(p.Addr, node.Account()), nil)
	if err != nil {
		return err
	}
	return conn.Close()
}
