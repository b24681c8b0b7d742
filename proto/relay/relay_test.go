package relay

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
)

type ask struct {
	N uint64 `cbor:"1,keyasint"`
}

func newID(t testing.TB) *identity.Identity {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func listen(t testing.TB, mux *transport.Mux, cfg transport.Config) *transport.Endpoint {
	t.Helper()
	ep, err := transport.Listen("127.0.0.1:0", newID(t), mux, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ep.Close(within(t, 10*time.Second)); err != nil {
			t.Error(err)
		}
	})
	return ep
}

// mux answers "double" and "echo", and "who" with the account that asks.
func mux() *transport.Mux {
	m := transport.NewMux()
	transport.Handle(m, "double", func(_ context.Context, _ msg.Account, a ask) (ask, error) { return ask{2 * a.N}, nil })
	transport.Handle(m, "who", func(_ context.Context, who msg.Account, _ ask) (msg.Account, error) { return who, nil })
	m.HandleStream("echo", func(_ context.Context, _ msg.Account, s *transport.Stream) error {
		_, err := io.Copy(s, s)
		return err
	})
	return m
}

func relayAt(t testing.TB, cfg ServerConfig) (*Server, string, *transport.Endpoint) {
	t.Helper()
	m := transport.NewMux()
	s := Serve(m, cfg)
	ep := listen(t, m, transport.Config{})
	return s, ep.Addr().String(), ep
}

func client(t testing.TB, m *transport.Mux, never bool) (*Client, *transport.Endpoint) {
	t.Helper()
	ep := listen(t, m, transport.Config{HandshakeTimeout: 2 * time.Second})
	c := NewClient(ep, nil)
	c.never.Store(never)
	return c, ep
}

// registered registers a client, and waits until it is.
func registerAt(t testing.TB, c *Client, relay string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	changed := make(chan struct{}, 16)
	var work sync.WaitGroup
	work.Go(func() { c.Register(ctx, relay, nil, func() { changed <- struct{}{} }) })
	stop = func() { cancel(); work.Wait() }
	t.Cleanup(stop)
	for len(c.Via()) == 0 {
		select {
		case <-changed:
		case <-within(t, 20*time.Second).Done():
			t.Fatal("not registered")
		}
	}
	return stop
}

func double(t testing.TB, c *transport.Conn) {
	t.Helper()
	if r, err := transport.Call[ask, ask](within(t, 20*time.Second), c, "double", ask{21}); err != nil || r.N != 42 {
		t.Fatalf("double: %v, %v", r, err)
	}
}

// Two nodes meet at a relay; the connection is between the two, whichever way it takes.
func TestRelay(t *testing.T) {
	for _, never := range []bool{true, false} {
		s, relay, rep := relayAt(t, ServerConfig{})
		node, nep := client(t, mux(), never)
		registerAt(t, node, relay)
		caller, cep := client(t, nil, never)
		_ = caller
		addr := Addr(relay, nep.Account())
		want := nep.Account()
		conn, err := cep.To(within(t, 20*time.Second), addr, &want)
		if err != nil {
			t.Fatal(err)
		}
		if conn.Peer() != nep.Account() || conn.Direct() == never {
			t.Errorf("connected to %s, directly %v; wanted %s, %v", conn.Peer(), conn.Direct(), nep.Account(), !never)
		}
		double(t, conn)
		who, err := transport.Call[ask, msg.Account](within(t, 20*time.Second), conn, "who", ask{})
		if err != nil || who != cep.Account() {
			t.Errorf("the node takes the caller for %s (%v), it is %s", who, err, cep.Account())
		}
		again, err := cep.To(within(t, 20*time.Second), addr, &want)
		if err != nil || again != conn {
			t.Errorf("a second connection, %v", err)
		}
		at := node.Via()
		if len(at) != 1 || at[addr] != transport.UDPAddrPort(nep.Addr()) {
			t.Errorf("registered as %v, wanted %s at %s", at, addr, nep.Addr())
		}
		if st := s.Stats(); st.Nodes != 1 || st.Bytes == 0 {
			t.Errorf("relay: %+v", st)
		}
		// Whom a relay claims to reach is not believed.
		other := rep.Account()
		if _, err := cep.To(within(t, 20*time.Second), addr, &other); !errors.Is(err, transport.ErrWrongKey) {
			t.Errorf("for another account: %v", err)
		}
		if _, err := cep.To(within(t, 20*time.Second), Addr(relay, cep.Account()), nil); !errors.Is(err, transport.ErrUnreachable) {
			t.Errorf("one that is not registered: %v", err)
		}
		if _, err := cep.To(within(t, 20*time.Second), Addr(nep.Addr().String(), nep.Account()), nil); !errors.Is(err, transport.ErrUnreachable) {
			t.Errorf("a node that is no relay: %v", err)
		}
	}
}

// Channels end with the connections over them, and a node that closes is not registered any more.
func TestEnds(t *testing.T) {
	s, relay, _ := relayAt(t, ServerConfig{})
	node, nep := client(t, mux(), true)
	stop := registerAt(t, node, relay)
	_, cep := client(t, nil, true)
	conn, err := cep.Dial(within(t, 20*time.Second), Addr(relay, nep.Account()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.Stats().Channels != 1 {
		t.Errorf("%+v", s.Stats())
	}
	conn.Close()
	eventually(t, "the channel ends", func() bool { return s.Stats().Channels == 0 })
	eventually(t, "both ends forget it", func() bool {
		node.tunnel.mu.Lock()
		defer node.tunnel.mu.Unlock()
		return len(node.tunnel.ends) == 0
	})
	if _, err = cep.Dial(within(t, 20*time.Second), Addr(relay, nep.Account()), nil); err != nil {
		t.Fatal(err)
	}
	stop()
	eventually(t, "it is not registered", func() bool { return s.Stats() == Stats{Bytes: s.Stats().Bytes, Dropped: s.Stats().Dropped} })
	if len(node.Via()) != 0 {
		t.Errorf("still says it is at %v", node.Via())
	}
}

func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not so after 30 s: %s", what)
		}
	}
}

// A relay that drops, repeats, alters and exchanges packets harms nobody but by the loss: what arrives is what was sent.
func TestHostileRelay(t *testing.T) {
	var mu sync.Mutex
	r := rand.New(rand.NewPCG(7, 7))
	var old [][]byte
	done := map[string]int{}
	hostile := func(to *transport.Conn, b []byte) error {
		mu.Lock()
		defer mu.Unlock()
		old = append(old, bytes.Clone(b))
		switch r.IntN(25) {
		case 0:
			done["dropped"]++
			return nil
		case 1:
			done["altered"]++
			b = bytes.Clone(b)
			b[head+r.IntN(len(b)-head)] ^= 1 << r.IntN(8)
		case 2: // an old one, of either direction and any connection of this relay
			done["replayed"]++
			to.SendPacket(old[r.IntN(len(old))])
		case 3:
			done["cut"]++
			b = b[:head+1+r.IntN(len(b)-head-1)]
		case 4:
			done["made up"]++
			p := bytes.Clone(b)
			for i := head; i < len(p); i++ {
				p[i] = byte(r.Uint32())
			}
			to.SendPacket(p)
		}
		return to.SendPacket(b)
	}
	_, relay, _ := relayAt(t, ServerConfig{send: hostile, Rate: 1 << 40, Total: 1 << 40})
	node, nep := client(t, mux(), true)
	registerAt(t, node, relay)
	_, cep := client(t, nil, true)
	ctx := within(t, 60*time.Second)
	var conn *transport.Conn
	for conn == nil { // the handshake has to come through too
		var err error
		if conn, err = cep.Dial(ctx, Addr(relay, nep.Account()), nil); err != nil && ctx.Err() != nil {
			t.Fatal(err)
		}
	}
	data := make([]byte, 1<<20)
	for i := range data {
		data[i] = byte(rand.Uint32())
	}
	s, err := conn.Open(ctx, "echo")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	go func() {
		s.Write(data)
		s.CloseSend()
	}()
	back, err := io.ReadAll(s)
	if err != nil || !bytes.Equal(back, data) {
		t.Errorf("%d bytes came back, %v; %d were sent", len(back), err, len(data))
	}
	mu.Lock()
	defer mu.Unlock()
	for _, what := range []string{"dropped", "altered", "replayed", "cut", "made up"} {
		if done[what] == 0 {
			t.Errorf("no packet was %s", what)
		}
	}
}

// A relay cannot put itself in the place of the node, nor can another that registers.
func TestImpostor(t *testing.T) {
	impostor := listen(t, mux(), transport.Config{})
	// This relay opens every channel to itself: it is both the relay and the node.
	m := mux()
	var self *Client
	m.HandleStream(MethodConnect, func(ctx context.Context, who msg.Account, s *transport.Stream) error {
		var r Connect
		if err := s.Recv(&r); err != nil {
			return err
		}
		conn := s.Conn()
		self.tunnel.open(&end{conn: conn, channel: 9, peer: who, text: "victim"})
		conn.OnPacket(func(p []byte) { self.tunnel.take(conn, p) })
		s.Send(Event{Opened: &Opened{Channel: 9, Account: r.Account, Seen: impostor.Addr().String()}})
		<-ctx.Done()
		return nil
	})
	ep := listen(t, m, transport.Config{})
	self = NewClient(ep, nil)
	if _, err := self.overlay(); err != nil {
		t.Fatal(err)
	}
	_, cep := client(t, nil, false)
	victim := newID(t).Account()
	conn, err := cep.Dial(within(t, 30*time.Second), Addr(ep.Addr().String(), victim), nil)
	if !errors.Is(err, transport.ErrWrongKey) {
		t.Errorf("connected to %v, %v; wanted %v", conn, err, transport.ErrWrongKey)
	}
}

// Whoever asks too much of a relay is told so, and the others go on.
func TestLimits(t *testing.T) {
	now := time.Now()
	var mu sync.Mutex
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	s, relay, _ := relayAt(t, ServerConfig{MaxNodes: 3, MaxNodesPerAddr: 2, MaxCalls: 2, MaxChannels: 3, OpenRate: 0.5, now: clock})
	a, aep := client(t, mux(), true)
	b, _ := client(t, mux(), true)
	registerAt(t, a, relay)
	registerAt(t, b, relay)
	c, _ := client(t, mux(), true)
	was, err := c.register(within(t, 10*time.Second), relay, nil, nil)
	if was || !transport.HasCode(err, transport.Busy) || !strings.Contains(err.Error(), "127.0.0.1/32") {
		t.Errorf("a third node of one address: %v, %v", was, err)
	}
	// As if those were elsewhere.
	s.mu.Lock()
	for _, n := range s.nodes {
		n.from = netip.MustParsePrefix("192.0.2.1/32")
	}
	s.mu.Unlock()
	registerAt(t, c, relay)
	d, _ := client(t, mux(), true)
	if _, err = d.register(within(t, 10*time.Second), relay, nil, nil); !transport.HasCode(err, transport.Busy) || !strings.Contains(err.Error(), "3 nodes") {
		t.Errorf("a fourth node: %v", err)
	}
	// One that comes again takes the place that it had.
	registerAt(t, a, relay)
	if st := s.Stats(); st.Nodes != 3 {
		t.Errorf("%+v after a node came again", st)
	}
	at := Addr(relay, aep.Account())
	dial := func(ep *transport.Endpoint, wanted string) {
		t.Helper()
		_, err := ep.Dial(within(t, 20*time.Second), at, nil)
		if err == nil && wanted != "" || err != nil && (wanted == "" || !strings.Contains(err.Error(), wanted)) {
			t.Errorf("dialing: %v, wanted %q", err, wanted)
		}
	}
	_, one := client(t, nil, true)
	_, two := client(t, nil, true)
	dial(one, "")
	dial(one, "")
	dial(one, "2 channels")
	dial(two, "")
	dial(two, "3 channels")
	s.mu.Lock()
	s.cfg.MaxChannels, s.cfg.MaxCalls = 100, 100
	s.mu.Unlock()
	dial(two, "") // the fourth and the fifth: so many may be opened at once
	dial(two, "")
	dial(two, "a second")
	mu.Lock()
	now = now.Add(2 * time.Second)
	mu.Unlock()
	dial(two, "")
	dial(two, "a second")
}

// More bytes than a node may have are dropped, and QUIC goes as fast as there is room for.
func TestRate(t *testing.T) {
	now := time.Unix(0, 0)
	var b bucket
	b.init(1000, 5000, func() time.Time { return now })
	n := 0
	for range 100 {
		for b.take(100) {
			n += 100
		}
		now = now.Add(100 * time.Millisecond)
	}
	if n != 5000+99*100 {
		t.Errorf("%d bytes in ten seconds of 1,000 bytes a second after 5,000 at once", n)
	}
	now = now.Add(-time.Hour)
	if b.take(101) {
		t.Error("a clock set back gives bytes")
	}
	now = now.Add(time.Hour + time.Minute)
	if b.take(5001) || !b.take(5000) {
		t.Error("a minute without packets saves up something else than the most at once")
	}
	s, relay, _ := relayAt(t, ServerConfig{Rate: 400_000})
	node, nep := client(t, mux(), true)
	registerAt(t, node, relay)
	_, cep := client(t, nil, true)
	conn, err := cep.Dial(within(t, 20*time.Second), Addr(relay, nep.Account()), nil)
	if err != nil {
		t.Fatal(err)
	}
	st, err := conn.Open(within(t, 30*time.Second), "echo")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	data := bytes.Repeat([]byte("0123456789abcdef"), 20_000)
	go func() { st.Write(data); st.CloseSend() }()
	back, err := io.ReadAll(st)
	if err != nil || !bytes.Equal(back, data) {
		t.Errorf("%d bytes came back, %v", len(back), err)
	}
	if s.Stats().Dropped == 0 {
		t.Error("the limit was never met")
	}
}

// Nothing is left running of endpoints that had relayed connections.
func TestLeak(t *testing.T) {
	before := runtime.NumGoroutine()
	run := func() {
		m := transport.NewMux()
		Serve(m, ServerConfig{})
		var eps []*transport.Endpoint
		open := func(m *transport.Mux) *transport.Endpoint {
			ep, err := transport.Listen("127.0.0.1:0", newID(t), m, transport.Config{})
			if err != nil {
				t.Fatal(err)
			}
			eps = append(eps, ep)
			return ep
		}
		relay, nep, cep := open(m), open(mux()), open(mux())
		node := NewClient(nep, nil)
		node.never.Store(true)
		caller := NewClient(cep, nil)
		caller.never.Store(true)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		go node.Register(ctx, relay.Addr().String(), nil, nil)
		eventually(t, "registered", func() bool { return len(node.Via()) == 1 })
		conn, err := cep.To(within(t, 20*time.Second), Addr(relay.Addr().String(), nep.Account()), nil)
		if err != nil {
			t.Fatal(err)
		}
		double(t, conn)
		for _, ep := range []*transport.Endpoint{cep, nep, relay} {
			if err := ep.Close(within(t, 10*time.Second)); err != nil {
				t.Error(err)
			}
		}
	}
	for range 3 {
		run()
	}
	eventually(t, "goroutines end", func() bool { return runtime.NumGoroutine() <= before+2 })
}

// A node does not lend its own way to a relay for another relay's packets.
func TestNotOverItsOwn(t *testing.T) {
	_, relay, rep := relayAt(t, ServerConfig{})
	m := transport.NewMux()
	Serve(m, ServerConfig{})
	ep := listen(t, m, transport.Config{})
	if _, err := ep.To(within(t, 10*time.Second), relay, nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the relay has the connection", func() bool { return len(rep.Conns()) == 1 })
	err := transport.Subscribe(within(t, 10*time.Second), rep.Conns()[0], MethodRegister, Register{}, func(Event) error { return errors.New("registered") })
	if !transport.HasCode(err, transport.BadRequest) {
		t.Errorf("registering over the connection that the relay made: %v", err)
	}
}

// Only the two ends of a channel send into it, whoever else learns its number.
func TestStranger(t *testing.T) {
	s, relay, _ := relayAt(t, ServerConfig{})
	node, nep := client(t, mux(), true)
	registerAt(t, node, relay)
	_, cep := client(t, nil, true)
	conn, err := cep.Dial(within(t, 20*time.Second), Addr(relay, nep.Account()), nil)
	if err != nil {
		t.Fatal(err)
	}
	double(t, conn)
	var channel uint64
	s.mu.RLock()
	for id := range s.channels {
		channel = id
	}
	s.mu.RUnlock()
	// The stranger has a channel of its own, so that the relay hears its packets at all.
	_, sep := client(t, nil, true)
	if _, err := sep.Dial(within(t, 20*time.Second), Addr(relay, nep.Account()), nil); err != nil {
		t.Fatal(err)
	}
	out, err := sep.To(within(t, 20*time.Second), relay, nil)
	if err != nil {
		t.Fatal(err)
	}
	came := make(chan bool, 1000)
	for _, c := range nep.Conns() {
		if c.Direct() {
			c.OnPacket(func(p []byte) {
				if id, p, err := splitPacket(p); err == nil && id == channel && string(p) == "strange" {
					came <- true
				}
				node.tunnel.take(c, p)
			})
		}
	}
	before := s.Stats().Dropped
	for s.Stats().Dropped < before+100 {
		if err := out.SendPacket(appendPacket(nil, channel, []byte("strange"))); err != nil {
			time.Sleep(time.Millisecond)
		}
		if len(came) > 0 {
			t.Fatal("a stranger's packet went through")
		}
	}
	double(t, conn)
}

// What goes over a channel ends when the channel does, and not only when it has been silent for long.
func TestGone(t *testing.T) {
	_, relay, _ := relayAt(t, ServerConfig{})
	node, nep := client(t, mux(), true)
	registerAt(t, node, relay)
	_, cep := client(t, nil, true)
	conn, err := cep.Dial(within(t, 20*time.Second), Addr(relay, nep.Account()), nil)
	if err != nil {
		t.Fatal(err)
	}
	double(t, conn)
	over := func() (n int) {
		for _, c := range nep.Conns() {
			if !c.Direct() {
				n++
			}
		}
		return n
	}
	if over() != 1 {
		t.Fatalf("%d relayed connections", over())
	}
	var there *transport.Conn
	for _, c := range nep.Conns() {
		if !c.Direct() {
			there = c
		}
	}
	for _, c := range cep.Conns() {
		if c.Direct() {
			c.Close() // the way to the relay is gone
		}
	}
	eventually(t, "the node's side has ended", func() bool { return over() == 0 })
	if why := context.Cause(there.Context()); why == nil || strings.Contains(why.Error(), "timeout") {
		t.Errorf("it ended by its silence: %v", why)
	}
}

// A node whose relay goes and comes back is reached there again.
func TestRelayRestarts(t *testing.T) {
	id := newID(t)
	run := func(at string) *transport.Endpoint {
		m := transport.NewMux()
		Serve(m, ServerConfig{})
		ep, err := transport.Listen(at, id, m, transport.Config{})
		if err != nil {
			t.Fatal(err)
		}
		return ep
	}
	first := run("127.0.0.1:0")
	at := first.Addr().String()
	node, nep := client(t, mux(), true)
	registerAt(t, node, at)
	_, cep := client(t, nil, true)
	want := Addr(at, nep.Account())
	conn, err := cep.To(within(t, 20*time.Second), want, nil)
	if err != nil {
		t.Fatal(err)
	}
	double(t, conn)
	if err := first.Close(within(t, 5*time.Second)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the node knows that it is not reached", func() bool { return len(node.Via()) == 0 })
	second := run(at)
	defer second.Close(within(t, 5*time.Second))
	eventually(t, "it is again", func() bool { return len(node.Via()) == 1 })
	eventually(t, "and answers", func() bool {
		conn, err := cep.To(within(t, 20*time.Second), want, nil)
		if err != nil {
			return false
		}
		r, err := transport.Call[ask, ask](within(t, 2*time.Second), conn, "double", ask{21})
		return err == nil && r.N == 42
	})
}

// A connection through a relay is left for a direct one when that becomes possible; what goes on over it goes on.
func TestBecomesDirect(t *testing.T) {
	t.Parallel() // it waits for the most part
	s, relay, _ := relayAt(t, ServerConfig{})
	node, nep := client(t, mux(), true)
	registerAt(t, node, relay)
	caller, cep := client(t, nil, true)
	caller.again = 50 * time.Millisecond
	addr, want := Addr(relay, nep.Account()), nep.Account()
	to := func(want *msg.Account) *transport.Conn {
		t.Helper()
		c, err := cep.To(within(t, 20*time.Second), addr, want)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	own, err := cep.Dial(within(t, 20*time.Second), addr, &want) // this one belongs to who dialed it
	if err != nil {
		t.Fatal(err)
	}
	old := to(&want)
	if old.Direct() || own.Direct() || to(nil) != old {
		t.Fatal("not through the relay")
	}
	echo, err := old.Open(within(t, time.Minute), "echo")
	if err != nil {
		t.Fatal(err)
	}
	say := func(text string) {
		t.Helper()
		if _, err := echo.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, len(text))
		if _, err := io.ReadFull(echo, b); err != nil || string(b) != text {
			t.Fatalf("%q is %q, %v", text, b, err)
		}
	}
	say("before")
	time.Sleep(4 * caller.again)
	if to(&want) != old {
		t.Error("another connection, where there is no other way")
	}
	caller.never.Store(false)
	eventually(t, "direct", func() bool { return to(&want).Direct() })
	double(t, to(&want))
	if to(nil) != to(&want) {
		t.Error("who names no account still goes through the relay")
	}
	time.Sleep(6 * time.Second) // longer than a connection without streams would be kept
	say("after")
	if err := echo.Close(); err != nil {
		t.Error(err)
	}
	eventually(t, "the relayed connection ends", func() bool { return old.Context().Err() != nil })
	double(t, own)
	eventually(t, "one channel is left", func() bool { return s.Stats().Channels == 1 })
	if !to(&want).Direct() || own.Direct() {
		t.Error("the direct connection is not kept, or the other not left alone")
	}
}
