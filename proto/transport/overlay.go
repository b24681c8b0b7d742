package transport

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/quic-go/quic-go"

	"github.com/gwrun/gwrun/proto/msg"
)

// Dialer connects to an address of a form of its own. It gets the whole of it.
type Dialer func(ctx context.Context, addr string, want *msg.Account) (*Conn, error)

// DialWith has addresses that begin with "SCHEME:" and have a slash in them dialed by d. An ordinary one, HOST:PORT, has no slash.
func (e *Endpoint) DialWith(scheme string, d Dialer) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.dialers == nil {
		e.dialers = map[string]Dialer{}
	}
	e.dialers[scheme] = d
}

func (e *Endpoint) dialer(addr string) (Dialer, bool) {
	scheme, rest, ok := strings.Cut(addr, ":")
	if !ok || !strings.Contains(rest, "/") {
		return nil, false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	d, ok := e.dialers[scheme]
	return d, ok
}

// OverlayPacket is the size of the packets of an overlay's connections: the least that QUIC allows (RFC 9000, section 14).
const OverlayPacket = 1200

// Overlay is a second network below an endpoint, beside its socket: packets that something else carries. Connections over it are the
// endpoint's like any other, with the same limits and the same proof of who the peer is.
type Overlay struct {
	e        *Endpoint
	quic     *quic.Transport
	listener *quic.Listener
}

// Overlay has the endpoint make connections over pc too and, if it takes connections at all, take them. Its packets have OverlayPacket bytes
// at most. The endpoint closes pc.
func (e *Endpoint) Overlay(pc net.PacketConn) (*Overlay, error) {
	reset := quic.StatelessResetKey(e.id.Secret("stateless reset"))
	o := &Overlay{e: e, quic: &quic.Transport{Conn: pc, ConnContext: e.admit, VerifySourceAddress: e.suspicious, StatelessResetKey: &reset}}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closing {
		return nil, ErrClosed
	}
	if e.mux != nil {
		var err error
		if o.listener, err = o.quic.Listen(e.tlsConfig(nil), o.config()); err != nil {
			return nil, fmt.Errorf("listening over %s: %w", pc.LocalAddr(), err)
		}
		e.loops.Go(func() { e.accept(o.listener) })
	}
	e.over = append(e.over, o)
	return o, nil
}

func (o *Overlay) config() *quic.Config {
	cfg := o.e.quicConfig()
	cfg.InitialPacketSize, cfg.DisablePathMTUDiscovery = OverlayPacket, true
	return cfg
}

// Dial connects to an address of the overlay. name is what the connection was dialed as.
func (o *Overlay) Dial(ctx context.Context, to net.Addr, name string, want *msg.Account) (*Conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, 2*o.e.cfg.HandshakeTimeout, fmt.Errorf("%w: no answer", ErrUnreachable))
	defer cancel()
	return o.e.connect(ctx, o.quic, to, name, want, o.config())
}

// stop takes no more connections.
func (o *Overlay) stop() {
	if o.listener != nil {
		o.listener.Close()
	}
}

func (e *Endpoint) overlays() []*Overlay {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.over
}

// closeOverlays ends the connections of overlays, and gives their last words a moment to go out over what carries them.
func (e *Endpoint) closeOverlays() {
	said := false
	for _, c := range e.Conns() {
		if !c.Direct() {
			c.q.CloseWithError(closeNormal, "")
			said = true
		}
	}
	if said {
		time.Sleep(20 * time.Millisecond)
	}
	for _, o := range e.overlays() {
		o.quic.Close()
		o.quic.Conn.Close()
	}
}

// Context ends when the endpoint is closed for good.
func (e *Endpoint) Context() context.Context { return e.ctx }

// Punch sends one empty packet to an address, for a translator or a firewall on the way to let through what comes from there. It is of one
// byte and no QUIC: whoever gets it drops it.
func (e *Endpoint) Punch(to *net.UDPAddr) error {
	_, err := e.quic.WriteTo([]byte{sideByte}, to)
	return err
}

// Direct says whether a connection goes from this endpoint's socket to the peer's address, and not over an overlay.
func (c *Conn) Direct() bool {
	_, direct := c.q.RemoteAddr().(*net.UDPAddr)
	return direct
}
