package faultnet

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// Config says where a proxy stands.
type Config struct {
	// Target is the UDP address it stands in front of. Until there is one (see Point), what comes is lost.
	Target string
	// Listen is its own. Default "127.0.0.1:0".
	Listen string
	// Seed is what it draws from: the same datagrams have the same fate.
	Seed uint64
	// MaxClients is how many addresses it talks to at once; one more takes the place of the one that was silent longest. Default 256.
	MaxClients int
	// Idle is how long a client may be silent, both ways, before it is forgotten. Default 1 minute.
	Idle time.Duration
}

// Proxy passes datagrams between a target and any number of clients. The target sees each client under an address of its own, as behind
// a NAT.
type Proxy struct {
	cfg   Config
	front *net.UDPConn
	in    *link // to the target
	out   *link // from it
	queue *queue
	loops sync.WaitGroup

	mu      sync.Mutex
	target  *net.UDPAddr
	closed  bool
	clients map[netip.AddrPort]*client
}

// client is an address that talks to the target.
type client struct {
	addr netip.AddrPort
	back *net.UDPConn // the target sees this one
	used time.Time    // Proxy.mu
}

// Listen starts a proxy without faults.
func Listen(cfg Config) (*Proxy, error) {
	if cfg.Listen == "" {
		cfg.Listen = "127.0.0.1:0"
	}
	if cfg.MaxClients <= 0 {
		cfg.MaxClients = 256
	}
	if cfg.Idle <= 0 {
		cfg.Idle = time.Minute
	}
	listen, err := net.ResolveUDPAddr("udp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("proxy on %s: %w", cfg.Listen, err)
	}
	front, err := net.ListenUDP("udp", listen)
	if err != nil {
		return nil, fmt.Errorf("proxy on %s: %w", cfg.Listen, err)
	}
	p := &Proxy{cfg: cfg, front: front, in: newLink(cfg.Seed, 0), out: newLink(cfg.Seed, 1), queue: newQueue(),
		clients: map[netip.AddrPort]*client{}}
	roomy(front)
	p.loops.Go(p.serve)
	if cfg.Target != "" {
		if err := p.Point(cfg.Target); err != nil {
			p.Close()
			return nil, err
		}
	}
	return p, nil
}

// Point makes an address the target of the clients that come from now on: a node may have to know where others reach it before it listens.
func (p *Proxy) Point(target string) error {
	to, err := net.ResolveUDPAddr("udp", target)
	if err != nil {
		return fmt.Errorf("proxy to %s: %w", target, err)
	}
	p.mu.Lock()
	p.target = to
	p.mu.Unlock()
	return nil
}

// roomy asks for buffers that lose nothing by themselves; the system may give less.
func roomy(c *net.UDPConn) {
	c.SetReadBuffer(4 << 20)
	c.SetWriteBuffer(4 << 20)
}

// Addr is what clients dial.
func (p *Proxy) Addr() string { return p.front.LocalAddr().String() }

// Set changes the faults: in of what goes to the target, out of what comes from it.
func (p *Proxy) Set(in, out Faults) {
	p.in.set(in)
	p.out.set(out)
}

// Stats count what went to the target and what came from it.
func (p *Proxy) Stats() (in, out Stats) { return p.in.snapshot(), p.out.snapshot() }

// Clients is how many addresses it talks to.
func (p *Proxy) Clients() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.clients)
}

// Close drops what is on its way and everything else.
func (p *Proxy) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	for _, c := range p.clients {
		c.back.Close()
	}
	p.mu.Unlock()
	err := p.front.Close()
	p.loops.Wait()
	p.queue.close()
	return err
}

// serve takes what clients send.
func (p *Proxy) serve() {
	b := make([]byte, 64<<10)
	for {
		n, from, err := p.front.ReadFromUDPAddrPort(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(time.Millisecond) // an ICMP message about something sent before, or no memory for a moment
			continue
		}
		if c := p.client(from); c != nil {
			p.pass(p.in, b[:n], func(b []byte) { c.back.Write(b) })
		}
	}
}

// client finds or makes a client's entry; nil where the system has no socket for it.
func (p *Proxy) client(addr netip.AddrPort) *client {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.target == nil {
		return nil
	}
	c := p.clients[addr]
	if c == nil {
		if len(p.clients) >= p.cfg.MaxClients {
			p.evict()
		}
		back, err := net.DialUDP("udp", nil, p.target)
		if err != nil {
			return nil
		}
		roomy(back)
		c = &client{addr: addr, back: back}
		p.clients[addr] = c
		p.loops.Go(func() { p.answer(c) })
	}
	c.used = time.Now()
	return c
}

// evict forgets the client that was silent longest. p.mu is held.
func (p *Proxy) evict() {
	var oldest *client
	for _, c := range p.clients {
		if oldest == nil || c.used.Before(oldest.used) {
			oldest = c
		}
	}
	delete(p.clients, oldest.addr)
	oldest.back.Close()
}

// answer takes what the target sends to one client, until that is forgotten.
func (p *Proxy) answer(c *client) {
	b := make([]byte, 64<<10)
	for {
		p.mu.Lock()
		end := c.used.Add(p.cfg.Idle)
		if !time.Now().Before(end) && p.clients[c.addr] == c {
			delete(p.clients, c.addr)
			c.back.Close()
		}
		p.mu.Unlock()
		c.back.SetReadDeadline(end)
		n, err := c.back.Read(b)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case errors.Is(err, os.ErrDeadlineExceeded):
			continue
		case err != nil:
			time.Sleep(time.Millisecond) // nobody listens at the target just now
			continue
		}
		p.mu.Lock()
		c.used = time.Now()
		p.mu.Unlock()
		p.pass(p.out, b[:n], func(b []byte) { p.front.WriteToUDPAddrPort(b, c.addr) })
	}
}

// pass lets a datagram meet its fate. What waits is copied.
func (p *Proxy) pass(l *link, b []byte, send func([]byte)) {
	now := time.Now()
	for _, due := range l.fate(b, now) {
		if !due.After(now) {
			send(b)
			l.left()
			continue
		}
		kept := bytes.Clone(b)
		if !p.queue.add(due, len(kept), func() { send(kept); l.left() }) {
			l.overflow()
		}
	}
}
