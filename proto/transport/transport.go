// Package transport carries gwrun's messages over QUIC.
//
// An Endpoint is one UDP socket that takes connections and makes them. A connection is to an account, not to an address: both
// sides show certificates that their accounts have signed (package identity). Each request is a stream of its own, whichever
// side opened the connection, so a node behind a NAT that dialed out can be asked too. Every wait has a limit, every message a
// longest length, and every peer a number of connections, streams and requests a second.
package transport

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/quic-go/quic-go"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// Version is the protocol's version. Nodes of different versions do not talk to each other.
const Version = 1

// What a peer may send ahead of what has been read, at most: on one stream, and on all of a connection together.
const (
	StreamWindow = 4 << 20
	ConnWindow   = 16 << 20
)

func alpn(version uint) string { return fmt.Sprintf("gwrun/%d", version) }

// anyVersion is offered beside the real name. Where it is all that two sides share, they connect just to tell each other
// their versions: TLS alone would only say that it failed.
const anyVersion = "gwrun"

// Endpoint sends and receives on one UDP socket.
type Endpoint struct {
	cfg      Config
	id       *identity.Identity
	mux      *Mux
	quic     *quic.Transport
	listener *quic.Listener
	ctx      context.Context // ends when the endpoint is closed for good
	cancel   context.CancelFunc
	loops    sync.WaitGroup // accept loops and connections
	requests sync.WaitGroup // handlers
	limits   limiter
	up, down gate
	certs    certificates

	mu       sync.Mutex
	closing  bool
	over     []*Overlay
	dialers  map[string]Dialer
	conns    map[*Conn]struct{}
	live     map[*Conn]struct{} // those and others that are being closed
	past     Traffic            // of connections that are gone
	admitted int                // incoming connections, handshakes under way included
	pool     map[target]*pooled
}

// Listen opens an endpoint on a UDP address such as ":7070" or "127.0.0.1:0". It answers requests with mux; with a nil mux it
// takes no connections, and the peers it dials can ask it nothing.
func Listen(addr string, id *identity.Identity, mux *Mux, cfg Config) (*Endpoint, error) {
	cfg = cfg.withDefaults()
	quietBuffers(cfg.Log)
	udp, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", addr, err)
	}
	socket, err := net.ListenUDP("udp", udp)
	if err != nil {
		if errors.Is(err, os.ErrPermission) {
			return nil, fmt.Errorf("listening on %s: %w (ports below 1024 need rights; take another)", addr, err)
		}
		return nil, fmt.Errorf("listening on %s: %w", addr, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	e := &Endpoint{cfg: cfg, id: id, mux: mux, ctx: ctx, cancel: cancel, conns: map[*Conn]struct{}{}, live: map[*Conn]struct{}{}, pool: map[target]*pooled{}}
	e.limits.init(cfg.Rate, cfg.Burst, cfg.now)
	e.up.init(cfg.MaxUp, cfg.now, cfg.pause)
	e.down.init(cfg.MaxDown, cfg.now, cfg.pause)
	e.certs = certificates{id: id, now: cfg.now}
	// With the same key after a restart as before, this node can tell peers at once that their connections are gone.
	reset := quic.StatelessResetKey(id.Secret("stateless reset"))
	receiving, err := receiver(socket)
	if err != nil {
		socket.Close()
		return nil, fmt.Errorf("listening on %s: %w", addr, err)
	}
	e.quic = &quic.Transport{Conn: receiving, ConnContext: e.admit, VerifySourceAddress: e.suspicious, StatelessResetKey: &reset}
	if _, err := e.certs.get(); err != nil {
		socket.Close()
		return nil, err
	}
	if mux != nil {
		e.listener, err = e.quic.Listen(e.tlsConfig(nil), e.quicConfig())
		if err != nil {
			socket.Close()
			return nil, fmt.Errorf("listening on %s: %w", addr, err)
		}
		e.loops.Go(func() { e.accept(e.listener) })
	}
	return e, nil
}

// quietBuffers tells the operator once that the system allows small UDP buffers only, with the remedy, in the log rather than
// on standard error where quic-go would say so in the middle of a command's output.
var quietBuffers = func() func(*slog.Logger) {
	var once sync.Once
	return func(log *slog.Logger) {
		once.Do(func() {
			const name, wanted = "QUIC_GO_DISABLE_RECEIVE_BUFFER_WARNING", 7 << 20
			if os.Getenv(name) == "" {
				os.Setenv(name, "true")
			}
			b, err := os.ReadFile("/proc/sys/net/core/rmem_max")
			if err != nil {
				return // not Linux
			}
			if n, err := strconv.Atoi(strings.TrimSpace(string(b))); err == nil && n < wanted {
				log.Info("UDP receive buffers are small, transfers may be slow", "bytes", n, "remedy", fmt.Sprintf("sysctl -w net.core.rmem_max=%d", wanted))
			}
		})
	}
}()

// Dial connects from a socket of its own, which closes with the connection. The peer can ask nothing.
func Dial(ctx context.Context, addr string, id *identity.Identity, cfg Config, want *msg.Account) (*Conn, error) {
	e, err := Listen(":0", id, nil, cfg)
	if err != nil {
		return nil, err
	}
	c, err := e.Dial(ctx, addr, want)
	if err != nil {
		e.Close(ctx)
		return nil, err
	}
	c.own = true
	return c, nil
}

// Addr is the socket's address.
func (e *Endpoint) Addr() net.Addr { return e.quic.Conn.LocalAddr() }

// Account is whom this endpoint speaks for.
func (e *Endpoint) Account() msg.Account { return e.id.Account() }

func (e *Endpoint) quicConfig() *quic.Config {
	streams := e.cfg.MaxStreams
	if e.mux == nil {
		streams = -1
	}
	return &quic.Config{
		// Each request is a stream of its own, and would have to earn its window anew. What a peer may really send is bounded by the
		// connection's, which grows as it is read.
		InitialStreamReceiveWindow: StreamWindow,
		HandshakeIdleTimeout:       e.cfg.HandshakeTimeout,
		MaxIdleTimeout:             e.cfg.IdleTimeout,
		KeepAlivePeriod:            e.cfg.KeepAlive,
		EnableDatagrams:            true,
		MaxIncomingStreams:         streams,
		MaxIncomingUniStreams:      -1,
		MaxStreamReceiveWindow:     StreamWindow,
		MaxConnectionReceiveWindow: ConnWindow,
		DisablePathMTUDiscovery:    e.cfg.small,
	}
}

// certificateError carries our own verdict on a peer's certificate through the TLS and QUIC stacks.
type certificateError struct{ err error }

func (e *certificateError) Error() string { return e.err.Error() }
func (e *certificateError) Unwrap() error { return e.err }

func (e *Endpoint) tlsConfig(want *msg.Account) *tls.Config {
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		NextProtos:             []string{alpn(e.cfg.version), anyVersion},
		ClientAuth:             tls.RequireAnyClientCert,
		SessionTicketsDisabled: true,
		// Names and authorities mean nothing here; VerifyConnection checks the account instead, on both sides.
		InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			a, err := identity.PeerAccount(s.PeerCertificates, e.cfg.now())
			switch {
			case err != nil:
			case want != nil && a != *want:
				err = fmt.Errorf("%w: peer is %v, wanted %v", ErrWrongKey, a, *want)
			default:
				return nil
			}
			return &certificateError{err}
		},
		GetCertificate:       func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return e.certs.get() },
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return e.certs.get() },
	}
}

// certificates makes a new certificate when half the life of the last one is over.
type certificates struct {
	id   *identity.Identity
	now  func() time.Time
	mu   sync.Mutex
	last *tls.Certificate
}

func (c *certificates) get() (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if c.last != nil && now.After(c.last.Leaf.NotBefore) && now.Before(c.last.Leaf.NotAfter.Add(-identity.CertificateLife/2)) {
		return c.last, nil
	}
	cert, err := c.id.Certificate(now)
	if err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	c.last = cert
	return cert, nil
}

// Dial connects to addr ("host:port", or what DialWith knows). With want, nobody but that account is talked to.
func (e *Endpoint) Dial(ctx context.Context, addr string, want *msg.Account) (*Conn, error) {
	var c *Conn
	var err error
	if d, ok := e.dialer(addr); ok {
		c, err = d(ctx, addr, want)
	} else {
		c, err = e.dial(ctx, addr, want)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", addr, err)
	}
	return c, nil
}

func (e *Endpoint) dial(ctx context.Context, addr string, want *msg.Account) (*Conn, error) {
	// QUIC allows twice the idle time for a handshake that goes on slowly; nothing goes on for longer than that.
	ctx, cancel := context.WithTimeoutCause(ctx, 2*e.cfg.HandshakeTimeout, fmt.Errorf("%w: no answer", ErrUnreachable))
	defer cancel()
	udp, err := resolve(ctx, addr)
	if err != nil {
		return nil, err
	}
	return e.connect(ctx, e.quic, udp, addr, want, e.quicConfig())
}

// connect makes a connection to an address of a QUIC transport. name is what it was dialed as.
func (e *Endpoint) connect(ctx context.Context, over *quic.Transport, to net.Addr, name string, want *msg.Account, cfg *quic.Config) (*Conn, error) {
	q, err := over.Dial(ctx, to, e.tlsConfig(want), cfg)
	if err != nil {
		if cause := context.Cause(ctx); errors.Is(cause, ErrUnreachable) {
			return nil, cause
		}
		if idle := (*quic.IdleTimeoutError)(nil); errors.As(err, &idle) {
			return nil, fmt.Errorf("%w: no answer", ErrUnreachable)
		}
		return nil, classify(err, e.cfg.version)
	}
	if q.ConnectionState().TLS.NegotiatedProtocol == anyVersion {
		return nil, e.versions(ctx, q)
	}
	c, err := e.add(q, name)
	if err != nil {
		q.CloseWithError(closeNormal, "")
		return nil, err
	}
	return c, nil
}

func resolve(ctx context.Context, addr string) (*net.UDPAddr, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("%w: address wanted as host:port: %v", ErrUnreachable, err)
	}
	p, err := net.DefaultResolver.LookupPort(ctx, "udp", port)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	ips, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil {
		if ctx.Err() != nil {
			return nil, classify(ctx.Err(), Version)
		}
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	// The first is the resolver's choice (RFC 6724); an IPv4 one is likelier to be routed everywhere.
	best := ips[0]
	for _, ip := range ips {
		if ip.IP.To4() != nil {
			best = ip
			break
		}
	}
	return &net.UDPAddr{IP: best.IP, Port: p, Zone: best.Zone}, nil
}

// versions waits for the peer to say which version it speaks, and says ours.
func (e *Endpoint) versions(ctx context.Context, q *quic.Conn) error {
	defer q.CloseWithError(closeVersion, alpn(e.cfg.version))
	select {
	case <-q.Context().Done():
		return classify(context.Cause(q.Context()), e.cfg.version)
	case <-ctx.Done():
		return fmt.Errorf("%w: peer speaks another than %s", ErrWrongVersion, alpn(e.cfg.version))
	}
}

// admit bounds the incoming connections and handshakes.
func (e *Endpoint) admit(ctx context.Context, info *quic.ClientInfo) (context.Context, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closing || e.admitted >= e.cfg.MaxConns && !e.makeRoom() {
		return nil, errors.New("no more connections")
	}
	e.admitted++
	context.AfterFunc(ctx, func() { // the connection is closed, or its handshake failed
		e.mu.Lock()
		e.admitted--
		e.mu.Unlock()
	})
	return ctx, nil
}

// makeRoom closes the incoming connection that has been without a request for longest, if that is long. Identities cost
// nothing, so without it anybody could take all connections and sit on them. e.mu is held.
func (e *Endpoint) makeRoom() bool {
	var oldest *Conn
	for c := range e.conns {
		if c.dialed == "" && c.active.Load() == 0 && (oldest == nil || c.used.Load() < oldest.used.Load()) {
			oldest = c
		}
	}
	if oldest == nil || time.Since(time.Unix(0, oldest.used.Load())) < e.cfg.unused {
		return false
	}
	delete(e.conns, oldest)
	go oldest.q.CloseWithError(closeBusy, "connection unused, and others are waiting")
	return true
}

// suspicious makes a caller prove that it has the address it sends from, once there are many callers.
func (e *Endpoint) suspicious(net.Addr) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.admitted > e.cfg.MaxConns/2
}

func (e *Endpoint) accept(l *quic.Listener) {
	for {
		q, err := l.Accept(e.ctx)
		if err != nil {
			return
		}
		if q.ConnectionState().TLS.NegotiatedProtocol == anyVersion {
			e.cfg.Log.Info("peer of another version turned away", "addr", q.RemoteAddr())
			q.CloseWithError(closeVersion, alpn(e.cfg.version))
			continue
		}
		if _, err := e.add(q, ""); err != nil {
			e.cfg.Log.Info("connection refused", "addr", q.RemoteAddr(), "reason", err)
			q.CloseWithError(closeBusy, err.Error())
		}
	}
}

// add begins to serve a connection. dialed is the address asked for, or empty for an incoming one.
func (e *Endpoint) add(q *quic.Conn, dialed string) (*Conn, error) {
	peer, err := identity.PeerAccount(q.ConnectionState().TLS.PeerCertificates, e.cfg.now())
	if err != nil {
		return nil, err
	}
	c := &Conn{ep: e, q: q, peer: peer, dialed: dialed}
	c.used.Store(time.Now().UnixNano())
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closing {
		return nil, ErrClosed
	}
	if dialed == "" {
		n := 0
		for other := range e.conns {
			if other.peer == peer && other.dialed == "" {
				n++
			}
		}
		if n >= e.cfg.MaxConnsPerPeer {
			return nil, fmt.Errorf("%d connections from one account, at most %d allowed", n+1, e.cfg.MaxConnsPerPeer)
		}
	}
	e.conns[c], e.live[c] = struct{}{}, struct{}{}
	e.loops.Go(c.alive)
	e.loops.Go(c.hear)
	e.loops.Go(func() {
		c.serve()
		<-q.Context().Done()
		e.mu.Lock()
		delete(e.conns, c)
		e.ended(c)
		e.mu.Unlock()
	})
	return c, nil
}

// target is what the pool knows a connection by.
type target struct {
	addr string
	want msg.Account // zero: anybody
}

type pooled struct {
	turn chan struct{} // holds one token: whoever has it may look and dial
	conn *Conn
	uses int // callers that hold or wait for the token
}

// To returns a connection to addr, and with want to that account, dialing only where none is open. Many may share it, so
// nobody closes it; it ends with the endpoint, or when it breaks, and then the next call dials again.
func (e *Endpoint) To(ctx context.Context, addr string, want *msg.Account) (*Conn, error) {
	k := target{addr: addr}
	if want != nil {
		k.want = *want
	}
	e.mu.Lock()
	p := e.pool[k]
	if p == nil {
		e.forgetBroken()
		p = &pooled{turn: make(chan struct{}, 1)}
		p.turn <- struct{}{}
		e.pool[k] = p
	}
	p.uses++
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		p.uses--
		e.mu.Unlock()
	}()
	select {
	case <-p.turn:
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: dialing: %w", addr, classify(ctx.Err(), e.cfg.version))
	}
	defer func() { p.turn <- struct{}{} }()
	e.mu.Lock()
	c := p.conn // another may have taken its place
	e.mu.Unlock()
	if c != nil && c.q.Context().Err() == nil {
		return c, nil
	}
	c = e.open(addr, want)
	if c == nil {
		var err error
		if c, err = e.Dial(ctx, addr, want); err != nil {
			return nil, err
		}
	}
	e.mu.Lock()
	p.conn = c
	e.mu.Unlock()
	return c, nil
}

// open gives a connection that was dialed to an address for somebody else who wanted the same account or anybody, nil if none is open.
func (e *Endpoint) open(addr string, want *msg.Account) *Conn {
	e.mu.Lock()
	defer e.mu.Unlock()
	for k, p := range e.pool {
		if k.addr == addr && p.conn != nil && (want == nil || p.conn.peer == *want) && p.conn.q.Context().Err() == nil {
			return p.conn
		}
	}
	return nil
}

// Instead has To give a better connection to the same account in the place of one that it gave. What goes on over the old one goes on there: it is
// closed when nothing has for a while. It gives false where To gives the old one to nobody: whoever has it relies on it.
func (e *Endpoint) Instead(old, better *Conn) bool {
	took := false
	e.mu.Lock()
	for _, p := range e.pool {
		if p.conn == old && old.peer == better.peer {
			p.conn, took = better, true
		}
	}
	e.mu.Unlock()
	if !took {
		return false
	}
	go func() {
		for old.active.Load() > 0 || time.Since(time.Unix(0, old.used.Load())) < retired {
			select {
			case <-old.q.Context().Done():
				return
			case <-time.After(retired / 2):
			}
		}
		old.Close()
	}()
	return true
}

// retired is how long a connection that another has taken the place of is kept after its last stream.
const retired = 5 * time.Second

// forgetBroken drops pool entries nobody uses whose connection is gone. e.mu is held.
func (e *Endpoint) forgetBroken() {
	for k, p := range e.pool {
		if p.uses == 0 && (p.conn == nil || p.conn.q.Context().Err() != nil) {
			delete(e.pool, k)
		}
	}
}

// Conns lists the connections that are open now, those first on which something was asked or answered last.
func (e *Endpoint) Conns() []*Conn {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := make([]*Conn, 0, len(e.conns))
	used := make(map[*Conn]int64, len(e.conns)) // it goes on changing
	for c := range e.conns {
		all, used[c] = append(all, c), c.used.Load()
	}
	slices.SortFunc(all, func(a, b *Conn) int { return cmp.Compare(used[b], used[a]) })
	return all
}

// Close takes no more connections and requests, lets the requests being answered finish until ctx ends, then closes
// everything. It returns when nothing of the endpoint runs any more; a handler that ignores its context holds it up.
func (e *Endpoint) Close(ctx context.Context) error {
	e.mu.Lock()
	already := e.closing
	e.closing = true
	e.mu.Unlock()
	if !already {
		if e.listener != nil {
			e.listener.Close()
		}
		for _, o := range e.overlays() {
			o.stop()
		}
		finished := make(chan struct{})
		go func() {
			e.requests.Wait()
			close(finished)
		}()
		select {
		case <-finished:
			e.linger(ctx)
		case <-ctx.Done():
		}
		e.cancel()
		e.closeOverlays() // while what is below them still carries their last packets
		for _, c := range e.Conns() {
			c.q.CloseWithError(closeNormal, "")
		}
		<-finished // handlers' contexts are cancelled, and no stream blocks any more
	}
	e.loops.Wait()
	err := e.quic.Close()
	return errors.Join(err, ignoreClosed(e.quic.Conn.Close()))
}

// linger gives the last answers time to arrive: closing a QUIC connection drops what is under way, and nothing tells when a
// stream has been acknowledged. Three round trips allow for one loss.
func (e *Endpoint) linger(ctx context.Context) {
	var longest time.Duration
	for _, c := range e.Conns() {
		if c.served.Load() {
			longest = max(longest, 20*time.Millisecond+3*c.q.ConnectionStats().SmoothedRTT)
		}
	}
	timer := time.NewTimer(min(longest, 2*time.Second))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// peerName is for messages: who and where.
func peerName(a msg.Account, addr net.Addr) string {
	return fmt.Sprintf("%s at %s", a.String()[:10], strings.TrimPrefix(addr.String(), "[::ffff:"))
}
