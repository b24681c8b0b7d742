package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
)

// Client is a node's part in relaying: it dials nodes through relays, and has itself reached through them.
type Client struct {
	ep      *transport.Endpoint
	once    sync.Once
	over    *transport.Overlay // made when it is needed first
	fault   error
	tunnel  *tunnel
	log     *slog.Logger
	punches bucket
	never   atomic.Bool   // tests: there is no direct way
	again   time.Duration // how long after a connection through a relay the direct way is tried again

	mu   sync.Mutex
	seen map[string]netip.AddrPort // relays it is registered at, and where they see this node
}

// What there is of each at most: a relay can have a node send this many tiny packets to places it names, and no more.
const (
	punchRate  = 10 // channels a second that the direct way is tried for
	punchBurst = 40
)

// punchAt are the moments at which packets go to where the other is to be: the first before its first can be there, the later ones in case
// that one was lost or the ways differ.
var punchAt = [...]time.Duration{0, 100 * time.Millisecond, 300 * time.Millisecond, 700 * time.Millisecond}

// NewClient makes the endpoint understand the addresses of relayed nodes. It ends with the endpoint.
func NewClient(ep *transport.Endpoint, log *slog.Logger) *Client {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	c := &Client{ep: ep, log: log, tunnel: newTunnel(ep.Addr()), again: againFirst, seen: map[string]netip.AddrPort{}}
	c.punches.init(punchRate, punchBurst, time.Now)
	ep.DialWith(Scheme, c.dial)
	return c
}

// overlay makes the network of channels known to the endpoint, once.
func (c *Client) overlay() (*transport.Overlay, error) {
	c.once.Do(func() { c.over, c.fault = c.ep.Overlay(c.tunnel) })
	return c.over, c.fault
}

// Via are the addresses at which this node can be reached through relays now, and where those see it.
func (c *Client) Via() map[string]netip.AddrPort {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]netip.AddrPort{}
	for relay, at := range c.seen {
		out[Addr(relay, c.ep.Account())] = at
	}
	return out
}

// Register has this node be reached through a relay until ctx ends. changed, if not nil, is called whenever that begins or ends to be so. It
// tries again for as long as it takes.
func (c *Client) Register(ctx context.Context, hostport string, want *msg.Account, changed func()) {
	set := func(at netip.AddrPort) {
		c.mu.Lock()
		if at.IsValid() {
			c.seen[hostport] = at
		} else {
			delete(c.seen, hostport)
		}
		c.mu.Unlock()
		if changed != nil {
			changed()
		}
	}
	wait := time.Second
	for ctx.Err() == nil {
		was, err := c.register(ctx, hostport, want, set)
		if was {
			set(netip.AddrPort{})
			wait = time.Second
		}
		if ctx.Err() != nil {
			return
		}
		c.log.Warn("not registered at the relay", "relay", hostport, "err", err, "again in", wait)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, time.Minute)
	}
}

func (c *Client) register(ctx context.Context, hostport string, want *msg.Account, set func(netip.AddrPort)) (was bool, err error) {
	if _, err := c.overlay(); err != nil {
		return false, err
	}
	conn, err := c.ep.To(ctx, hostport, want)
	if err != nil {
		return false, err
	}
	teller := transport.UDPAddrPort(conn.RemoteAddr()).Addr()
	conn.OnPacket(func(p []byte) { c.tunnel.take(conn, p) })
	opened := map[uint64]*end{}
	defer func() {
		for _, e := range opened {
			c.gone(e)
		}
	}()
	err = transport.Subscribe(ctx, conn, MethodRegister, Register{Local: local(c.ep.Addr(), interfaces())}, func(e Event) error {
		switch {
		case e.Welcome != nil:
			at, err := netip.ParseAddrPort(e.Welcome.Seen)
			if err != nil {
				return fmt.Errorf("%w: seen at %.100q", transport.ErrProtocol, e.Welcome.Seen)
			}
			was = true
			c.log.Info("reached through a relay", "relay", hostport, "seen at", at)
			set(at)
		case e.Opened != nil:
			o := e.Opened
			e := c.end(conn, hostport, o)
			if o.Channel == 0 || !c.tunnel.open(e) {
				return fmt.Errorf("%w: a channel too many", transport.ErrProtocol)
			}
			opened[o.Channel] = e
			if at, err := netip.ParseAddrPort(o.Seen); err == nil && at.Port() != 0 && transport.Credible(teller, at.Addr()) == nil && c.punches.take(1) {
				go c.punch(net.UDPAddrFromAddrPort(at))
			}
		case opened[e.Gone] != nil:
			c.gone(opened[e.Gone])
			delete(opened, e.Gone)
		}
		return nil
	})
	if err == nil {
		err = errors.New("the relay wants no more")
	}
	return was, err
}

func (c *Client) end(conn *transport.Conn, hostport string, o *Opened) *end {
	return &end{conn: conn, channel: o.Channel, peer: o.Account, text: fmt.Sprintf("%s#%016x", Addr(hostport, o.Account), o.Channel)}
}

// gone ends what goes over a channel that the relay has closed: nothing would ever come.
func (c *Client) gone(e *end) {
	for _, conn := range c.ep.Conns() {
		if conn.RemoteAddr() == net.Addr(e) {
			conn.Close()
		}
	}
	c.tunnel.close(e.conn, e.channel)
}

// punch opens the way for what is about to come from an address.
func (c *Client) punch(to *net.UDPAddr) {
	begun := time.Now()
	for _, at := range punchAt {
		select {
		case <-c.ep.Context().Done():
			return
		case <-time.After(time.Until(begun.Add(at))):
		}
		if c.ep.Punch(to) != nil {
			return
		}
	}
}

// dial connects to an address of a relayed node: through the relay, and then directly, if that works. Of two connections the direct one is
// kept.
func (c *Client) dial(ctx context.Context, addr string, want *msg.Account) (*transport.Conn, error) {
	hostport, account, err := ParseAddr(addr)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", transport.ErrUnreachable, err)
	}
	if want != nil && *want != account {
		return nil, fmt.Errorf("%w: the address is of %v, wanted %v", transport.ErrWrongKey, account, *want)
	}
	overlay, err := c.overlay()
	if err != nil {
		return nil, err
	}
	relay, err := c.ep.To(ctx, hostport, nil)
	if err != nil {
		return nil, fmt.Errorf("relay: %w", err)
	}
	relay.OnPacket(func(p []byte) { c.tunnel.take(relay, p) })
	life, end := context.WithCancel(c.ep.Context())
	stream, err := relay.Open(life, MethodConnect)
	if err != nil {
		end()
		return nil, err
	}
	closing := func() { stream.Close(); end() }
	opened, err := c.ask(ctx, stream, account)
	if err != nil {
		closing()
		return nil, err
	}
	to := c.end(relay, hostport, opened)
	if !c.tunnel.open(to) {
		closing()
		return nil, fmt.Errorf("%w: %s: no room for another channel", transport.ErrRefused, hostport)
	}
	over := func() { c.tunnel.close(relay, opened.Channel); closing() }
	relayed, err := overlay.Dial(ctx, to, addr, &account)
	direct := c.direct(ctx, transport.UDPAddrPort(relay.RemoteAddr()).Addr(), opened, account, relayed)
	switch {
	case direct != nil:
		if relayed != nil {
			relayed.Close()
		}
		time.AfterFunc(lastWords, over)
		c.log.Info("connected directly, with the help of a relay", "peer", account, "at", direct.RemoteAddr(), "relay", hostport)
		return direct, nil
	case err != nil:
		over()
		return nil, err
	}
	context.AfterFunc(relayed.Context(), func() { time.AfterFunc(lastWords, over) })
	stream.SetStall(0)
	go func() { // the relay says nothing more on it; when it ends, so does what goes over the channel
		stream.Recv(new(Event))
		relayed.Close()
	}()
	c.log.Info("connected through a relay", "peer", account, "relay", hostport)
	go c.improve(hostport, account, relayed)
	return relayed, nil
}

// When the direct way is tried again: the first packets may have been lost, and routers are changed. Each time takes twice as long to come.
const (
	againFirst = 10 * time.Second
	againMost  = 10 * time.Minute
)

// improve tries the direct way again now and then while a connection goes through a relay. Once there is one, what is asked goes there.
func (c *Client) improve(hostport string, account msg.Account, relayed *transport.Conn) {
	for wait := c.again; ; wait = min(2*wait, againMost) {
		select {
		case <-relayed.Context().Done():
			return
		case <-time.After(wait):
		}
		direct, err := c.retry(hostport, account, relayed)
		if err != nil {
			c.log.Debug("asking the relay to help once more", "peer", account, "relay", hostport, "err", err)
		}
		if direct == nil {
			continue
		}
		if c.ep.Instead(relayed, direct) {
			c.log.Info("connected directly, and through a relay no longer", "peer", account, "at", direct.RemoteAddr(), "relay", hostport)
		} else {
			direct.Close()
		}
		return
	}
}

// retry tries the direct way once more. A channel has the other side open it from there; nothing goes over it.
func (c *Client) retry(hostport string, account msg.Account, relayed *transport.Conn) (*transport.Conn, error) {
	ctx, cancel := context.WithTimeout(relayed.Context(), 2*directAtMost)
	defer cancel()
	relay, err := c.ep.To(ctx, hostport, nil)
	if err != nil {
		return nil, err
	}
	stream, err := relay.Open(ctx, MethodConnect)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	opened, err := c.ask(ctx, stream, account)
	if err != nil {
		return nil, err
	}
	return c.direct(ctx, transport.UDPAddrPort(relay.RemoteAddr()).Addr(), opened, account, relayed), nil
}

// lastWords is how long a channel stays open when the connection over it is closed, for the other side to hear of it.
const lastWords = time.Second

// ask asks for a channel to an account.
func (c *Client) ask(ctx context.Context, s *transport.Stream, account msg.Account) (*Opened, error) {
	stop := context.AfterFunc(ctx, func() { s.Close() })
	defer stop()
	var e Event
	err := s.Send(Connect{Account: account})
	if err == nil {
		err = s.Recv(&e)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, fmt.Errorf("%w: asking the relay for a channel", transport.ErrTimeout)
	case transport.HasCode(err, transport.NotFound), transport.HasCode(err, transport.UnknownMethod):
		return nil, fmt.Errorf("%w: %w", transport.ErrUnreachable, err)
	case err != nil:
		return nil, err
	case e.Opened == nil || e.Opened.Channel == 0 || e.Opened.Account != account || checkLocal(e.Opened.Local) != nil:
		return nil, fmt.Errorf("%w: the relay opened another channel than was asked for", transport.ErrProtocol)
	}
	return e.Opened, nil
}

// direct tries to reach a node where the relay sees it, and where it is in this node's own network. With a relayed connection it does not take
// longer than it should; the node has sent its own packets by then.
func (c *Client) direct(ctx context.Context, teller netip.Addr, o *Opened, account msg.Account, relayed *transport.Conn) *transport.Conn {
	places := near(o.Local, interfaces())
	if at, err := netip.ParseAddrPort(o.Seen); err == nil && at.Port() != 0 && transport.Credible(teller, at.Addr()) == nil {
		places = append(places, at)
	}
	if c.never.Load() || len(places) == 0 {
		return nil
	}
	limit := directAtMost
	if relayed != nil {
		limit = min(limit, directAtLeast+4*relayed.RTT())
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	found := make(chan *transport.Conn)
	for _, at := range places {
		go func() {
			conn, err := c.ep.Dial(ctx, at.String(), &account)
			if err != nil {
				c.log.Debug("no direct way", "peer", account, "at", at, "err", err)
			}
			found <- conn
		}()
	}
	var first *transport.Conn
	for range places {
		switch conn := <-found; {
		case conn != nil && first == nil:
			first = conn
			cancel() // the others are late
		case conn != nil:
			conn.Close()
		}
	}
	return first
}

// How long the direct way is tried: beside four round trips, long enough for a first packet that is lost to be repeated.
const (
	directAtLeast = 700 * time.Millisecond
	directAtMost  = 5 * time.Second
)
