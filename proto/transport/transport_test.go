package transport

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

type ask struct {
	N uint64 `cbor:"1,keyasint"`
	B []byte `cbor:"2,keyasint"`
}

type told struct {
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

func listen(t testing.TB, mux *Mux, cfg Config) *Endpoint {
	t.Helper()
	e, err := Listen("127.0.0.1:0", newID(t), mux, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(within(t, 10*time.Second)); err != nil {
			t.Error(err)
		}
	})
	return e
}

func dial(t testing.TB, from, to *Endpoint) *Conn {
	t.Helper()
	want := to.Account()
	c, err := from.Dial(within(t, 10*time.Second), to.Addr().String(), &want)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func testMux() *Mux {
	m := NewMux()
	Handle(m, "double", func(_ context.Context, _ msg.Account, a ask) (told, error) { return told{2 * a.N}, nil })
	Handle(m, "whoami", func(_ context.Context, peer msg.Account, _ ask) (msg.Account, error) { return peer, nil })
	Handle(m, "missing", func(context.Context, msg.Account, ask) (told, error) {
		return told{}, fmt.Errorf("looking: %w", Errorf(NotFound, "no such\x1b[31m thing"))
	})
	Handle(m, "secret", func(context.Context, msg.Account, ask) (told, error) {
		return told{}, errors.New("open /home/alice/key: denied")
	})
	Handle(m, "panic", func(context.Context, msg.Account, ask) (told, error) { panic("boom") })
	Handle(m, "wait", func(ctx context.Context, _ msg.Account, _ ask) (told, error) { <-ctx.Done(); return told{}, ctx.Err() })
	HandleServer(m, "count", func(_ context.Context, _ msg.Account, a ask, send func(told) error) error {
		for i := range a.N {
			if err := send(told{i}); err != nil {
				return err
			}
		}
		return nil
	})
	m.HandleStream("echo", func(_ context.Context, _ msg.Account, s *Stream) error {
		var a ask
		if err := s.Recv(&a); err != nil {
			return err
		}
		if _, err := io.Copy(s, s); err != nil {
			return err
		}
		return s.Send(told{a.N})
	})
	return m
}

func TestCall(t *testing.T) {
	server, client := listen(t, testMux(), Config{}), listen(t, nil, Config{})
	c := dial(t, client, server)
	ctx := within(t, 20*time.Second)
	if r, err := Call[ask, told](ctx, c, "double", ask{N: 21}); err != nil || r.N != 42 {
		t.Errorf("double: %v, %v", r, err)
	}
	if r, err := Call[ask, msg.Account](ctx, c, "whoami", ask{}); err != nil || r != client.Account() {
		t.Errorf("whoami: %v, %v", r, err)
	}
	if c.Peer() != server.Account() {
		t.Errorf("peer %v", c.Peer())
	}
	for _, f := range []struct {
		method string
		code   Code
		text   string
	}{
		{"missing", NotFound, "no such [31m thing (not_found)"},
		{"secret", Internal, "internal error"},
		{"panic", Internal, "internal error"},
		{"nothing", UnknownMethod, `no method "nothing" here`},
	} {
		_, err := Call[ask, told](ctx, c, f.method, ask{})
		if !HasCode(err, f.code) || !strings.Contains(err.Error(), f.text) || strings.Contains(err.Error(), "alice") {
			t.Errorf("%s: %v", f.method, err)
		}
	}
	// A request of another shape, or none, is the caller's fault.
	if _, err := Call[told, told](ctx, c, "double", told{1}); !HasCode(err, BadRequest) {
		t.Errorf("wrong shape: %v", err)
	}
	s, err := c.Open(ctx, "double")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.CloseSend()
	if err := s.Recv(&told{}); !HasCode(err, BadRequest) {
		t.Errorf("no request: %v", err)
	}
}

func TestManyAtOnce(t *testing.T) {
	server, client := listen(t, testMux(), Config{MaxStreams: 4, Rate: 1e6, Burst: 1e6}), listen(t, nil, Config{})
	c := dial(t, client, server)
	ctx := within(t, 30*time.Second)
	var wg sync.WaitGroup
	for i := range uint64(200) {
		wg.Go(func() {
			if r, err := Call[ask, told](ctx, c, "double", ask{N: i, B: make([]byte, 10000)}); err != nil || r.N != 2*i {
				t.Errorf("%d: %v, %v", i, r, err)
			}
		})
	}
	wg.Wait()
}

func TestSubscribe(t *testing.T) {
	server, client := listen(t, testMux(), Config{}), listen(t, nil, Config{})
	c := dial(t, client, server)
	ctx := within(t, 20*time.Second)
	var n uint64
	err := Subscribe(ctx, c, "count", ask{N: 1000}, func(e told) error {
		if e.N != n {
			return fmt.Errorf("event %d, want %d", e.N, n)
		}
		n++
		return nil
	})
	if err != nil || n != 1000 {
		t.Errorf("%d events, %v", n, err)
	}
	stop := errors.New("enough")
	if err := Subscribe(ctx, c, "count", ask{N: 1 << 40}, func(told) error { return stop }); err != stop {
		t.Errorf("stopped with %v", err)
	}
}

// The dialing side answers too, on the connection it made.
func TestCallBack(t *testing.T) {
	server, client := listen(t, testMux(), Config{}), listen(t, testMux(), Config{})
	c := dial(t, client, server)
	ctx := within(t, 20*time.Second)
	if _, err := Call[ask, told](ctx, c, "double", ask{}); err != nil {
		t.Fatal(err)
	}
	for _, back := range server.Conns() {
		if r, err := Call[ask, told](ctx, back, "double", ask{N: 4}); err != nil || r.N != 8 {
			t.Errorf("%v, %v", r, err)
		}
	}
}

func TestData(t *testing.T) {
	server, client := listen(t, testMux(), Config{}), listen(t, nil, Config{})
	c := dial(t, client, server)
	s, err := c.Open(within(t, 30*time.Second), "echo")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want := make([]byte, 3<<20+5)
	rand.Read(want)
	if err := s.Send(ask{N: 5}); err != nil {
		t.Fatal(err)
	}
	go func() {
		if _, err := s.Write(want); err != nil {
			t.Error(err)
		}
		s.CloseSend()
	}()
	got, err := io.ReadAll(s)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%d bytes back, %v", len(got), err)
	}
	var r told
	if err := s.Recv(&r); err != nil || r.N != 5 {
		t.Errorf("after the data: %v, %v", r, err)
	}
	if err := s.Recv(&r); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	// A message where data is, is refused and breaks the stream.
	s2, err := c.Open(within(t, 10*time.Second), "echo")
	if err != nil {
		t.Fatal(err)
	}
	defer s2.Close()
	s2.Send(ask{})
	s2.Write([]byte("x"))
	if err := s2.Recv(&r); !errors.Is(err, ErrProtocol) {
		t.Errorf("data as a message: %v", err)
	}
	if err := s2.Recv(&r); !errors.Is(err, ErrProtocol) {
		t.Errorf("after that: %v", err)
	}
}

func TestDialErrors(t *testing.T) {
	ctx := within(t, 30*time.Second)
	fast := Config{HandshakeTimeout: 200 * time.Millisecond}
	client := listen(t, nil, fast)
	server := listen(t, testMux(), Config{})

	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	other := newID(t).Account()
	late := listen(t, nil, Config{now: func() time.Time { return time.Now().Add(48 * time.Hour) }})
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	for _, c := range []struct {
		name string
		from *Endpoint
		ctx  context.Context
		addr string
		want *msg.Account
		err  error
		text string
	}{
		{"nobody", client, ctx, silent.LocalAddr().String(), nil, ErrUnreachable, "no answer"},
		{"deadline", client, short, silent.LocalAddr().String(), nil, ErrTimeout, "timed out"},
		{"no port", client, ctx, "127.0.0.1", nil, ErrUnreachable, "host:port"},
		{"other key", client, ctx, server.Addr().String(), &other, ErrWrongKey, "wanted " + other.String()},
		{"clock", late, ctx, server.Addr().String(), nil, ErrWrongKey, "is a clock wrong?"},
	} {
		_, err := c.from.Dial(c.ctx, c.addr, c.want)
		if !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestVersions(t *testing.T) {
	old := listen(t, testMux(), Config{})
	young := listen(t, testMux(), Config{version: 2})
	ctx := within(t, 20*time.Second)
	_, err := old.Dial(ctx, young.Addr().String(), nil)
	if !errors.Is(err, ErrWrongVersion) || !strings.Contains(err.Error(), "peer speaks gwrun/2, this is gwrun/1") {
		t.Errorf("old to young: %v", err)
	}
	_, err = young.Dial(ctx, old.Addr().String(), nil)
	if !errors.Is(err, ErrWrongVersion) || !strings.Contains(err.Error(), "peer speaks gwrun/1, this is gwrun/2") {
		t.Errorf("young to old: %v", err)
	}
}

func TestRateLimit(t *testing.T) {
	var clock atomic.Int64
	start := time.Now()
	server := listen(t, testMux(), Config{Rate: 1, Burst: 5, now: func() time.Time { return start.Add(time.Duration(clock.Load())) }})
	client := listen(t, nil, Config{})
	c := dial(t, client, server)
	ctx := within(t, 20*time.Second)
	try := func() error { _, err := Call[ask, told](ctx, c, "double", ask{}); return err }
	for i := range 5 {
		if err := try(); err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
	}
	if err := try(); !HasCode(err, RateLimited) {
		t.Errorf("one too many: %v", err)
	}
	// A second connection of the same account shares the limit; another account does not.
	c2, err := Dial(ctx, server.Addr().String(), client.id, Config{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c2.Close()
	if _, err := Call[ask, told](ctx, c2, "double", ask{}); !HasCode(err, RateLimited) {
		t.Errorf("on a second connection: %v", err)
	}
	if _, err := Call[ask, told](ctx, dial(t, listen(t, nil, Config{}), server), "double", ask{}); err != nil {
		t.Errorf("another account: %v", err)
	}
	clock.Add(int64(2 * time.Minute))
	if err := try(); err != nil {
		t.Errorf("later: %v", err)
	}
}

func TestConnectionLimits(t *testing.T) {
	server := listen(t, testMux(), Config{MaxConnsPerPeer: 2, MaxConns: 4})
	client := listen(t, nil, Config{HandshakeTimeout: time.Second})
	ctx := within(t, 30*time.Second)
	for range 2 {
		if _, err := Call[ask, told](ctx, dial(t, client, server), "double", ask{}); err != nil {
			t.Fatal(err)
		}
	}
	c, err := client.Dial(ctx, server.Addr().String(), nil)
	if err == nil {
		_, err = Call[ask, told](ctx, c, "double", ask{})
	}
	if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "3 connections from one account, at most 2") {
		t.Errorf("third connection: %v", err)
	}
	for range 2 {
		other := listen(t, nil, Config{})
		if _, err := Call[ask, told](ctx, dial(t, other, server), "double", ask{}); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := listen(t, nil, Config{HandshakeTimeout: time.Second}).Dial(ctx, server.Addr().String(), nil); !errors.Is(err, ErrRefused) {
		if err == nil {
			_, err = Call[ask, told](ctx, c, "double", ask{})
		}
		t.Errorf("fifth connection: %v", err)
	}
}

// Peers that sit on connections without asking anything make room for others; those that ask do not.
func TestUnusedConnections(t *testing.T) {
	server := listen(t, testMux(), Config{MaxConns: 2, unused: 50 * time.Millisecond})
	ctx := within(t, 20*time.Second)
	busy, idle, third := listen(t, nil, Config{}), listen(t, nil, Config{}), listen(t, nil, Config{HandshakeTimeout: time.Second})
	working, stop := context.WithCancel(ctx)
	done := make(chan error)
	c := dial(t, busy, server)
	go func() {
		_, err := Call[ask, told](working, c, "wait", ask{})
		done <- err
	}()
	c2 := dial(t, idle, server)
	if _, err := Call[ask, told](ctx, c2, "double", ask{}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(100 * time.Millisecond)
	if _, err := Call[ask, told](ctx, dial(t, third, server), "double", ask{}); err != nil {
		t.Errorf("third connection: %v", err)
	}
	<-c2.Context().Done()
	if _, err := Call[ask, told](ctx, c2, "double", ask{}); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "unused") {
		t.Errorf("on the unused connection: %v", err)
	}
	stop()
	if err := <-done; !errors.Is(err, ErrCancelled) {
		t.Errorf("on the busy connection: %v", err)
	}
}

func TestDeadlines(t *testing.T) {
	handlerGone := make(chan error, 1)
	m := testMux()
	m.HandleStream("slowread", func(ctx context.Context, _ msg.Account, s *Stream) error {
		s.SetStall(100 * time.Millisecond)
		err := s.Recv(&ask{})
		handlerGone <- err
		return err
	})
	server, client := listen(t, m, Config{}), listen(t, nil, Config{})
	c := dial(t, client, server)
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if _, err := Call[ask, told](ctx, c, "wait", ask{}); !errors.Is(err, ErrTimeout) {
		t.Errorf("call past its deadline: %v", err)
	}
	ctx2, cancel2 := context.WithCancel(context.Background())
	time.AfterFunc(100*time.Millisecond, cancel2)
	if _, err := Call[ask, told](ctx2, c, "wait", ask{}); !errors.Is(err, ErrCancelled) {
		t.Errorf("cancelled call: %v", err)
	}
	// The peer that sends half a request does not hold a handler for ever.
	s, err := c.Open(within(t, 10*time.Second), "slowread")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.q.Write(append(s.out, byte(kindMessage), 0, 0))
	if err := <-handlerGone; !errors.Is(err, ErrTimeout) {
		t.Errorf("handler of half a request: %v", err)
	}
}

func TestMessageLimits(t *testing.T) {
	server, client := listen(t, testMux(), Config{MaxMessage: 1000}), listen(t, nil, Config{})
	c := dial(t, client, server)
	ctx := within(t, 20*time.Second)
	if _, err := Call[ask, told](ctx, c, "double", ask{B: make([]byte, 900)}); err != nil {
		t.Errorf("900 bytes: %v", err)
	}
	if _, err := Call[ask, told](ctx, c, "double", ask{B: make([]byte, 1<<20)}); err == nil {
		t.Error("1 MiB taken")
	}
	c2 := dial(t, listen(t, nil, Config{MaxMessage: 500}), server)
	if _, err := Call[ask, told](ctx, c2, "double", ask{B: make([]byte, 900)}); err == nil || !strings.Contains(err.Error(), "at most 500") {
		t.Errorf("sending beyond the limit: %v", err)
	}
}

// Who wants a certain account at an address and who wants whoever is there share a connection; who wants another one does not.
func TestSharedConnection(t *testing.T) {
	server, client := listen(t, testMux(), Config{}), listen(t, nil, Config{})
	ctx, addr, account := within(t, 20*time.Second), server.Addr().String(), server.Account()
	for _, order := range [][2]*msg.Account{{nil, &account}, {&account, nil}} {
		first, err := client.To(ctx, addr, order[0])
		if err != nil {
			t.Fatal(err)
		}
		if second, err := client.To(ctx, addr, order[1]); err != nil || second != first {
			t.Errorf("%v, then %v: another connection (%v)", order[0], order[1], err)
		}
		other := msg.Account{1}
		if _, err := client.To(ctx, addr, &other); !errors.Is(err, ErrWrongKey) {
			t.Errorf("%v is at the address of %v: %v", other, account, err)
		}
		first.Close()
		<-first.Context().Done()
	}
	if n := len(client.pool); n > 3 {
		t.Errorf("%d addresses are known, wanted 3", n)
	}
}

// The connections that were used last come first.
func TestConnsInOrder(t *testing.T) {
	server := listen(t, testMux(), Config{})
	var conns []*Conn
	for range 5 {
		conns = append(conns, dial(t, listen(t, nil, Config{}), server))
	}
	for len(server.Conns()) < len(conns) { // a dial is over before the other side has taken it
		time.Sleep(time.Millisecond)
	}
	ctx := within(t, 20*time.Second)
	for _, i := range []int{3, 0, 4, 1, 2, 4, 3} {
		if _, err := Call[ask, told](ctx, conns[i], "double", ask{}); err != nil {
			t.Fatal(err)
		}
		all := server.Conns()
		for _, c := range all {
			for c.active.Load() > 0 { // it has answered, and is about to know that
				time.Sleep(time.Millisecond)
			}
		}
		if all = server.Conns(); len(all) != len(conns) || all[0].peer != conns[i].ep.Account() {
			t.Errorf("of %d connections %v is the first, wanted %v", len(all), all[0].peer, conns[i].ep.Account())
		}
	}
}

func TestBreaks(t *testing.T) {
	server, client := listen(t, testMux(), Config{}), listen(t, nil, Config{})
	want := server.Account()
	ctx := within(t, 20*time.Second)
	c, err := client.To(ctx, server.Addr().String(), &want)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := client.To(ctx, server.Addr().String(), &want); err != nil || again != c {
		t.Errorf("second To dialed again: %v", err)
	}
	done := make(chan error)
	go func() {
		_, err := Call[ask, told](ctx, c, "wait", ask{})
		done <- err
	}()
	if _, err := Call[ask, told](ctx, c, "double", ask{}); err != nil {
		t.Fatal(err)
	}
	for _, sc := range server.Conns() {
		sc.Close()
	}
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Errorf("call on a closed connection: %v", err)
	}
	<-c.Context().Done() // the streams hear of it first
	c2, err := client.To(ctx, server.Addr().String(), &want)
	if err != nil || c2 == c {
		t.Fatalf("To after a break: %v", err)
	}
	if _, err := Call[ask, told](ctx, c2, "double", ask{}); err != nil {
		t.Error(err)
	}
}

// A peer that was killed and started again says at once that it knows nothing of the old connection.
func TestRestart(t *testing.T) {
	id := newID(t)
	server, err := Listen("127.0.0.1:0", id, testMux(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	addr := server.Addr().String()
	client := listen(t, nil, Config{IdleTimeout: time.Hour})
	c := dial(t, client, server)
	ctx := within(t, 20*time.Second)
	if _, err := Call[ask, told](ctx, c, "double", ask{}); err != nil {
		t.Fatal(err)
	}
	server.quic.Conn.Close() // no farewell can be sent
	server.Close(within(t, time.Second))
	again, err := Listen(addr, id, testMux(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close(within(t, 5*time.Second))
	if _, err := Call[ask, told](ctx, c, "double", ask{}); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "restarted") {
		t.Errorf("on the old connection: %v", err)
	}
	if _, err := Call[ask, told](ctx, dial(t, client, again), "double", ask{}); err != nil {
		t.Error(err)
	}
}

// A peer that restarts is missed by those who only wait for its word, long before the connection is given up as silent.
func TestRestartIsNoticed(t *testing.T) {
	id := newID(t)
	server, err := Listen("127.0.0.1:0", id, testMux(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	addr := server.Addr().String()
	client := listen(t, nil, Config{IdleTimeout: time.Hour, KeepAlive: 50 * time.Millisecond})
	s, err := dial(t, client, server).Open(within(t, 20*time.Second), "wait")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := request(s.ctx, s, ask{}); err != nil {
		t.Fatal(err)
	}
	for s.conn.q.ConnectionStats().PacketsReceived < 10 { // nothing is under way any more but signs of life
		time.Sleep(10 * time.Millisecond)
	}
	server.quic.Conn.Close() // no farewell can be sent
	server.Close(within(t, time.Second))
	again, err := Listen(addr, id, testMux(), Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close(within(t, 5*time.Second))
	if err := s.Recv(&told{}); !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "restarted") {
		t.Errorf("waiting: %v, want that the peer has restarted", err)
	}
}

func TestGracefulClose(t *testing.T) {
	started, finish := make(chan struct{}), make(chan struct{})
	m := NewMux()
	Handle(m, "slow", func(context.Context, msg.Account, ask) (told, error) {
		close(started)
		<-finish
		return told{7}, nil
	})
	server, client := listen(t, m, Config{}), listen(t, nil, Config{})
	c := dial(t, client, server)
	got := make(chan error)
	go func() {
		r, err := Call[ask, told](context.Background(), c, "slow", ask{})
		if err == nil && r.N != 7 {
			err = fmt.Errorf("answer %v", r)
		}
		got <- err
	}()
	<-started
	closed := make(chan error)
	go func() { closed <- server.Close(within(t, 10*time.Second)) }()
	for { // until new requests are turned away
		if _, err := Call[ask, told](within(t, 5*time.Second), c, "slow2", ask{}); !HasCode(err, UnknownMethod) {
			break
		}
	}
	close(finish)
	if err := <-got; err != nil {
		t.Errorf("request under way when the server closed: %v", err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
}

func TestNoGoroutineLeft(t *testing.T) {
	ours := func() string {
		b := make([]byte, 1<<20)
		b = b[:runtime.Stack(b, true)]
		var left []string
		for _, g := range strings.Split(string(b), "\n\n") {
			if strings.Contains(g, "quic-go") || strings.Contains(g, "proto/transport.(*") {
				left = append(left, g)
			}
		}
		return strings.Join(left, "\n\n")
	}
	for range 3 {
		server, err := Listen("127.0.0.1:0", newID(t), testMux(), Config{})
		if err != nil {
			t.Fatal(err)
		}
		c, err := Dial(within(t, 10*time.Second), server.Addr().String(), newID(t), Config{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() { Call[ask, told](ctx, c, "wait", ask{}) })
			wg.Go(func() { Call[ask, told](ctx, c, "double", ask{}) })
		}
		if _, err := Call[ask, told](ctx, c, "double", ask{}); err != nil {
			t.Error(err)
		}
		cancel()
		wg.Wait()
		c.Close()
		if err := server.Close(within(t, 10*time.Second)); err != nil {
			t.Error(err)
		}
	}
	for i := 0; ours() != ""; i++ {
		if i == 500 {
			t.Fatalf("still running:\n%s", ours())
		}
		time.Sleep(10 * time.Millisecond)
	}
}
