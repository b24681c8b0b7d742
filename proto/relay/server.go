// Package relay lets a node that nobody can reach be reached: it keeps a connection to a node with a public address, which passes packets
// between it and whoever asks for it.
//
// The packets are those of a QUIC connection between the two, from account to account like any other: the relay sees who talks to whom, when
// and how much, and can drop packets; it can neither read nor change nor make up any. They travel in QUIC datagrams (RFC 9221) of both sides'
// connections to the relay, so none is sent twice by the two layers. As soon as two nodes meet at a relay they try the direct way, each at the
// address at which the relay sees the other, both at a time, which opens many a translator of addresses (Ford, Srisuresh and Kegel,
// "Peer-to-peer communication across network address translators", USENIX 2005); where that works the relay is done.
package relay

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
)

// ServerConfig holds a relay's limits. The zero value is the default of each.
type ServerConfig struct {
	// MaxNodes is how many nodes may be registered at once. Default 64.
	MaxNodes int
	// MaxNodesPerAddr is how many of them may come from one address: an IPv4 address, or a /64 of IPv6. Default 8.
	MaxNodesPerAddr int
	// MaxChannels is how many channels there may be to one of them. Default 64.
	MaxChannels int
	// MaxCalls is how many channels one account may have opened. Default 32.
	MaxCalls int
	// Rate is how many bytes a second go through the channels of one registered node, both ways together; what is more is dropped.
	// Default 4 MB/s.
	Rate int64
	// Total is the same for all of them. Default 16 MB/s.
	Total int64
	// OpenRate is how many channels a second may be opened to one node, after as many at once as ten seconds bring. Default 5.
	OpenRate float64
	// Idle ends a channel that carries nothing for so long. Default 2 min.
	Idle time.Duration
	Log  *slog.Logger

	now  func() time.Time                         // tests
	send func(to *transport.Conn, b []byte) error // tests: what a relay does that is not to be trusted
}

func (c ServerConfig) withDefaults() ServerConfig {
	orDefault(&c.MaxNodes, 64)
	orDefault(&c.MaxNodesPerAddr, 8)
	orDefault(&c.MaxChannels, 64)
	orDefault(&c.MaxCalls, 32)
	orDefault(&c.Rate, 4_000_000)
	orDefault(&c.Total, 16_000_000)
	orDefault(&c.OpenRate, 5)
	orDefault(&c.Idle, 2*time.Minute)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.send == nil {
		c.send = (*transport.Conn).SendPacket
	}
	return c
}

func orDefault[T int | int64 | float64 | time.Duration](v *T, standard T) {
	if *v <= 0 {
		*v = standard
	}
}

// Server passes packets for nodes that register.
type Server struct {
	cfg     ServerConfig
	total   bucket
	passed  atomic.Uint64 // bytes
	dropped atomic.Uint64 // packets

	mu       sync.RWMutex
	nodes    map[msg.Account]*registered
	channels map[uint64]*channel
	calls    map[msg.Account]int // channels by who opened them
}

// registered is a node that is to be reached here.
type registered struct {
	local  []string // of its own network
	conn   *transport.Conn
	from   netip.Prefix
	tell   chan Event
	over   context.Context
	cancel context.CancelFunc
	bytes  bucket
	opens  bucket
	n      int // channels; under the server's mu
}

// channel is between two connections.
type channel struct {
	caller *transport.Conn
	node   *registered
	used   atomic.Int64 // Unix nanoseconds
}

// Serve makes a relay of the endpoint that answers with mux.
func Serve(mux *transport.Mux, cfg ServerConfig) *Server {
	s := &Server{cfg: cfg.withDefaults(), nodes: map[msg.Account]*registered{}, channels: map[uint64]*channel{}, calls: map[msg.Account]int{}}
	s.total.init(float64(s.cfg.Total), burst(s.cfg.Total), s.cfg.now)
	mux.HandleStream(MethodRegister, s.register)
	mux.HandleStream(MethodConnect, s.connect)
	return s
}

// burst is how many bytes may come at once where so many a second are allowed: a window of QUIC, or a quarter of a second.
func burst(rate int64) float64 { return max(float64(rate)/4, 64<<10) }

// Stats is what a relay has done.
type Stats struct {
	Nodes, Channels int
	Bytes           uint64 // passed
	Dropped         uint64 // packets, for want of room or by the limits
}

// Stats says what the relay has done.
func (s *Server) Stats() Stats {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return Stats{len(s.nodes), len(s.channels), s.passed.Load(), s.dropped.Load()}
}

// incoming refuses those that ask over a connection which this node made: its packets are the relay's own as a relay's client.
func incoming(conn *transport.Conn) (netip.AddrPort, error) {
	at := transport.UDPAddrPort(conn.RemoteAddr())
	if conn.Dialed() || !at.IsValid() {
		return at, transport.Errorf(transport.BadRequest, "a relay is asked over a connection made to it, directly")
	}
	return at, nil
}

// network is what one customer of an internet provider has, most likely.
func network(a netip.Addr) netip.Prefix {
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, _ := a.WithZone("").Prefix(bits)
	return p
}

func (s *Server) register(ctx context.Context, who msg.Account, stream *transport.Stream) error {
	var r Register
	if err := stream.Recv(&r); err != nil {
		return err
	}
	conn := stream.Conn()
	at, err := incoming(conn)
	if err != nil {
		return err
	}
	stream.SetStall(0)
	if err := checkLocal(r.Local); err != nil {
		return transport.Errorf(transport.BadRequest, "%v", err)
	}
	n := &registered{conn: conn, local: r.Local, from: network(at.Addr()), tell: make(chan Event, 64)}
	n.over, n.cancel = context.WithCancel(ctx)
	defer n.cancel()
	n.bytes.init(float64(s.cfg.Rate), burst(s.cfg.Rate), s.cfg.now)
	n.opens.init(s.cfg.OpenRate, 10*s.cfg.OpenRate, s.cfg.now)
	if err := s.enter(who, n); err != nil {
		return err
	}
	defer s.leave(who, n)
	conn.OnPacket(func(p []byte) { s.pass(conn, p) })
	s.cfg.Log.Info("relaying for a node", "account", who, "at", at)
	if err := stream.Send(Event{Welcome: &Welcome{Seen: at.String()}}); err != nil {
		return err
	}
	for {
		select {
		case e := <-n.tell:
			if err := stream.Send(e); err != nil {
				return err
			}
		case <-n.over.Done():
			return nil
		}
	}
}

func (s *Server) enter(who msg.Account, n *registered) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.nodes[who]
	here := 0
	for a, other := range s.nodes {
		if a != who && other.from == n.from {
			here++
		}
	}
	switch {
	case old == nil && len(s.nodes) >= s.cfg.MaxNodes:
		return transport.Errorf(transport.Busy, "this relay has %d nodes, and takes no more", len(s.nodes))
	case here >= s.cfg.MaxNodesPerAddr:
		return transport.Errorf(transport.Busy, "this relay has %d nodes at %s, and takes no more from there", here, n.from)
	case old != nil: // it has come back, and its old connection is not known to be gone yet
		old.cancel()
	}
	s.nodes[who] = n
	return nil
}

func (s *Server) leave(who msg.Account, n *registered) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.nodes[who] == n {
		delete(s.nodes, who)
	}
}

func (s *Server) connect(ctx context.Context, who msg.Account, stream *transport.Stream) error {
	var r Connect
	if err := stream.Recv(&r); err != nil {
		return err
	}
	conn := stream.Conn()
	at, err := incoming(conn)
	if err != nil {
		return err
	}
	stream.SetStall(0)
	id, c, err := s.open(who, conn, r.Account)
	if err != nil {
		return err
	}
	defer s.end(who, id, c)
	conn.OnPacket(func(p []byte) { s.pass(conn, p) })
	// The node hears of it first: it has to be ready when the first packet comes.
	select {
	case c.node.tell <- Event{Opened: &Opened{Channel: id, Account: who, Seen: at.String()}}:
	default:
		return transport.Errorf(transport.Busy, "%s is slow to take what it is told", r.Account)
	}
	there := transport.UDPAddrPort(c.node.conn.RemoteAddr())
	opened := &Opened{Channel: id, Account: r.Account, Seen: there.String()}
	if there.Addr() == at.Addr() || at.Addr().Is6() && network(there.Addr()) == network(at.Addr()) {
		opened.Local = c.node.local
	}
	if err := stream.Send(Event{Opened: opened}); err != nil {
		return err
	}
	tick := time.NewTicker(s.cfg.Idle / 2)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-c.node.over.Done():
			return transport.Errorf(transport.NotFound, "%s is gone", r.Account)
		case <-tick.C:
			if time.Since(time.Unix(0, c.used.Load())) > s.cfg.Idle {
				return transport.Errorf(transport.Busy, "channel unused for %s", s.cfg.Idle)
			}
		}
	}
}

func (s *Server) open(who msg.Account, conn *transport.Conn, to msg.Account) (uint64, *channel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.nodes[to]
	switch {
	case n == nil || n.over.Err() != nil:
		return 0, nil, transport.Errorf(transport.NotFound, "%s is not registered here", to)
	case n.n >= s.cfg.MaxChannels:
		return 0, nil, transport.Errorf(transport.Busy, "%s has %d channels here, and gets no more", to, n.n)
	case s.calls[who] >= s.cfg.MaxCalls:
		return 0, nil, transport.Errorf(transport.Busy, "%s has %d channels here, and gets no more", who, s.calls[who])
	case !n.opens.take(1):
		return 0, nil, transport.Errorf(transport.RateLimited, "more than %g channels a second to %s", s.cfg.OpenRate, to)
	}
	c := &channel{caller: conn, node: n}
	c.used.Store(time.Now().UnixNano())
	id := uint64(0)
	for id == 0 || s.channels[id] != nil {
		var b [8]byte
		rand.Read(b[:])
		id = binary.BigEndian.Uint64(b[:])
	}
	s.channels[id] = c
	s.calls[who]++
	n.n++
	return id, c, nil
}

func (s *Server) end(who msg.Account, id uint64, c *channel) {
	s.mu.Lock()
	delete(s.channels, id)
	c.node.n--
	if s.calls[who]--; s.calls[who] == 0 {
		delete(s.calls, who)
	}
	s.mu.Unlock()
	select {
	case c.node.tell <- Event{Gone: id}:
	default: // it finds out when the connection over it falls silent
	}
}

// pass sends a packet on to the other end of its channel.
func (s *Server) pass(from *transport.Conn, b []byte) {
	id, p, err := splitPacket(b)
	if err != nil {
		s.dropped.Add(1)
		return
	}
	s.mu.RLock()
	c := s.channels[id]
	s.mu.RUnlock()
	var to *transport.Conn
	switch {
	case c == nil:
	case c.caller == from:
		to = c.node.conn
	case c.node.conn == from:
		to = c.caller
	}
	// Whose limit it is does not depend on who sends: the one that registered wanted to be reached.
	if to == nil || !c.node.bytes.take(float64(len(p))) || !s.total.take(float64(len(p))) || s.cfg.send(to, b) != nil {
		s.dropped.Add(1)
		return
	}
	c.used.Store(time.Now().UnixNano())
	s.passed.Add(uint64(len(p)))
}

// bucket lets through rate a second, and as much at once as it holds.
type bucket struct {
	rate, size float64
	now        func() time.Time
	mu         sync.Mutex
	left       float64
	at         time.Time
}

func (b *bucket) init(rate, size float64, now func() time.Time) {
	b.rate, b.size, b.now, b.left, b.at = rate, size, now, size, now()
}

func (b *bucket) take(n float64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if d := now.Sub(b.at); d > 0 { // a clock set back gives nothing
		b.left = min(b.size, b.left+d.Seconds()*b.rate)
	}
	b.at = now
	if b.left < n {
		return false
	}
	b.left -= n
	return true
}
