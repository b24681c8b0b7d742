package discovery

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/p2p/enr"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/relay"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// member is a node, as far as finding each other goes.
type member struct {
	*Discovery
	id *identity.Identity
	ep *transport.Endpoint
}

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !f(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not so after a minute: %s", what)
		}
	}
}

// join starts a node that has a role; fill in the rest of its configuration.
func join(t testing.TB, s store.Store, roles uint64, fill func(*Config)) (m *member, leave func()) {
	t.Helper()
	if s == nil {
		s = store.NewMemory(store.Options{})
	}
	m = &member{id: newID(t)}
	mux := transport.NewMux()
	Serve(mux, m.id)
	transport.Handle(mux, rpc.MethodInfo, func(context.Context, msg.Account, rpc.NodeInfoRequest) (rpc.NodeInfo, error) {
		now := time.Now()
		signed, err := m.id.Sign(rpc.Announcement{Version: 1, Account: m.id.Account(), Addrs: []string{m.ep.Addr().String()}, Since: now.Unix(), Until: now.Add(time.Hour).Unix()})
		return rpc.NodeInfo{Roles: RoleNames(roles), Devices: []rpc.DeviceInfo{{Kind: "cpu"}}, Announcement: signed}, err
	})
	var err error
	if m.ep, err = transport.Listen("127.0.0.1:0", m.id, mux, transport.Config{HandshakeTimeout: time.Second}); err != nil {
		t.Fatal(err)
	}
	cfg := Config{Identity: m.id, Store: s, Endpoint: m.ep, Mux: mux, Roles: roles, Device: "cpu"}
	fill(&cfg)
	if m.Discovery, err = Start(cfg); err != nil {
		t.Fatal(err)
	}
	var left atomic.Bool
	leave = func() {
		if !left.Swap(true) {
			m.Close()
			if err := m.ep.Close(within(t, 5*time.Second)); err != nil {
				t.Error(err)
			}
		}
	}
	t.Cleanup(leave)
	return m, leave
}

func (m *member) record(t testing.TB) string {
	t.Helper()
	eventually(t, "it has a record", func() bool { return m.Record() != "" })
	return m.Record()
}

func (m *member) knows(other *member, role uint64) bool {
	return slices.ContainsFunc(m.Peers(role), func(p Peer) bool {
		return p.Account == other.id.Account() && slices.Contains(p.Addrs, other.ep.Addr().String())
	})
}

// Nodes that begin with one find each other, and know what each is, by asking it.
func TestFind(t *testing.T) {
	first, _ := join(t, nil, RoleRelay, func(c *Config) { c.Find = true })
	from := first.record(t)
	s := store.NewMemory(store.Options{})
	provider, _ := join(t, nil, RoleProvider, func(c *Config) { c.Find, c.Bootstrap = true, []string{from} })
	judge, stop := join(t, s, RoleValidator, func(c *Config) { c.Find, c.Bootstrap = true, []string{from} })
	for _, x := range []struct {
		who, whom *member
		role      uint64
	}{{provider, judge, RoleValidator}, {judge, provider, RoleProvider}, {first, provider, RoleProvider}, {first, judge, RoleValidator}, {judge, first, RoleRelay}} {
		eventually(t, "they find each other", func() bool { return x.who.knows(x.whom, x.role) })
	}
	for _, p := range judge.Peers(RoleProvider) {
		n, err := ParseRecord(p.Record)
		if err != nil || p.Source != FromDHT || p.Device != "cpu" {
			t.Errorf("%+v, %v", p, err)
			continue
		}
		if a, err := accountOf(n); err != nil || a != provider.id.Account() {
			t.Errorf("the record is of %s, %v; who answered is %s", a, err, provider.id.Account())
		}
	}
	if at, _ := judge.Seen(); at.String() != judge.ep.Addr().String() {
		t.Errorf("it is seen at %s, and is at %s", at, judge.ep.Addr())
	}
	found := judge.Find(within(t, time.Minute), func(good []Peer) bool { return len(good) >= 2 })
	if len(found) < 2 {
		t.Errorf("found %d", len(found))
	}
	// Who was there before finds back without being told of anybody.
	stop()
	again, _ := join(t, s, RoleValidator, func(c *Config) { c.Find = true })
	eventually(t, "it finds back", func() bool { return again.knows(provider, RoleProvider) && again.knows(first, RoleRelay) })
	eventually(t, "and the others hear of it", func() bool { return first.knows(again, RoleValidator) })
}

// A record is worth what its key can answer for: one that leads to another's address finds nobody.
func TestImpostor(t *testing.T) {
	honest, _ := join(t, nil, RoleProvider, func(*Config) {})
	at := transport.UDPAddrPort(honest.ep.Addr())
	liar := newID(t)
	false1 := recordOf(t, liar, enr.IPv4(at.Addr().AsSlice()), enr.UDP(at.Port()), entryOf()).String()
	m, _ := join(t, nil, RoleValidator, func(c *Config) { c.Find, c.Bootstrap = true, []string{false1} })
	eventually(t, "it is tried", func() bool {
		return slices.ContainsFunc(m.Known(), func(p Peer) bool { return p.Account == liar.Account() && p.Fails > 0 })
	})
	if good := m.Peers(0); len(good) != 0 {
		t.Errorf("believed: %+v", good)
	}
}

// What peers know is passed on, with its owners' signatures; nothing else is needed to find each other.
func TestPeersTell(t *testing.T) {
	a, _ := join(t, nil, RoleProvider, func(*Config) {})
	b, _ := join(t, nil, RoleValidator, func(*Config) {})
	pin := func(m *member) string { return m.id.Account().String() + "@" + m.ep.Addr().String() }
	middle, _ := join(t, nil, 0, func(c *Config) { c.Static = []string{pin(a), pin(b)} })
	eventually(t, "the one in the middle knows both", func() bool { return middle.knows(a, RoleProvider) && middle.knows(b, RoleValidator) })
	late, _ := join(t, nil, 0, func(c *Config) { c.Static = []string{pin(middle)} })
	eventually(t, "the late one learns of both", func() bool { return late.knows(a, RoleProvider) && late.knows(b, RoleValidator) })
	for _, p := range late.Known() {
		if want := map[bool]Source{true: FromStatic, false: FromPeers}[p.Account == middle.id.Account()]; p.Source != want {
			t.Errorf("%s is from %s, wanted %s", p.Account, p.Source, want)
		}
	}
	// What is signed by nobody, or by another, or not for today, is passed over.
	x := newID(t)
	now := time.Now()
	good := rpc.Announcement{Version: 1, Account: x.Account(), Addrs: []string{"198.51.100.9:5"}, Until: now.Add(time.Hour).Unix()}
	for name, change := range map[string]func(*rpc.Announcement, *identity.Signed){
		"good":        func(*rpc.Announcement, *identity.Signed) {},
		"another's":   func(a *rpc.Announcement, _ *identity.Signed) { a.Account = newID(t).Account() },
		"old":         func(a *rpc.Announcement, _ *identity.Signed) { a.Until = now.Add(-time.Minute).Unix() },
		"version":     func(a *rpc.Announcement, _ *identity.Signed) { a.Version = 2 },
		"nowhere":     func(a *rpc.Announcement, _ *identity.Signed) { a.Addrs = []string{} },
		"everywhere":  func(a *rpc.Announcement, _ *identity.Signed) { a.Addrs = slices.Repeat(a.Addrs, 9) },
		"my network":  func(a *rpc.Announcement, _ *identity.Signed) { a.Addrs = []string{"10.0.0.1:5", "127.0.0.1:5"} },
		"a name":      func(a *rpc.Announcement, _ *identity.Signed) { a.Addrs = []string{"router.local:5"} },
		"not signed":  func(_ *rpc.Announcement, s *identity.Signed) { s.Sig = identity.Signature{} },
		"not a thing": func(_ *rpc.Announcement, s *identity.Signed) { s.Body = []byte{1} },
	} {
		m, _ := join(t, nil, 0, func(*Config) {})
		a := good
		a.Addrs = slices.Clone(good.Addrs)
		change(&a, new(identity.Signed))
		s, err := x.Sign(a)
		if err != nil {
			t.Fatal(err)
		}
		change(new(rpc.Announcement), &s)
		m.takePeers(netip.MustParseAddr("192.0.2.1"), PeerList{Announcements: []identity.Signed{s}})
		if got := len(m.Known()); got != map[bool]int{true: 1, false: 0}[name == "good"] {
			t.Errorf("%s: %d peers are known", name, got)
		}
	}
	many := PeerList{}
	for range 10 * maxGiven {
		y := newID(t)
		s, err := y.Sign(rpc.Announcement{Version: 1, Account: y.Account(), Addrs: []string{far(len(many.Announcements))}, Until: good.Until})
		if err != nil {
			t.Fatal(err)
		}
		many.Announcements = append(many.Announcements, s)
	}
	m, _ := join(t, nil, 0, func(*Config) {})
	m.takePeers(netip.MustParseAddr("10.0.0.1"), many)
	if n := len(m.Known()); n != maxGiven {
		t.Errorf("%d of %d peers in one answer were taken, wanted %d", n, len(many.Announcements), maxGiven)
	}
}

type list struct {
	providers, validators []Registered
	fails                 int // so often
}

func (l *list) Providers(context.Context) ([]Registered, error) {
	if l.fails > 0 {
		l.fails--
		return nil, errors.New("the chain is gone")
	}
	return l.providers, nil
}
func (l *list) Validators(context.Context) ([]Registered, error) { return l.validators, nil }

// A registry is one more source, believed as little as the others.
func TestRegistry(t *testing.T) {
	a, _ := join(t, nil, RoleProvider, func(*Config) {})
	b, _ := join(t, nil, RoleValidator, func(*Config) {})
	entry := func(m *member) Registered { return Registered{m.id.Account(), []string{m.ep.Addr().String()}} }
	wrong := Registered{account(5), []string{a.ep.Addr().String()}}
	broken := Registered{account(6), []string{"nowhere"}}
	none := Registered{account(7), nil}
	for _, fails := range []int{0, 1, 1000} {
		m, _ := join(t, nil, 0, func(c *Config) {
			c.Registry = &list{[]Registered{entry(a), wrong, broken, none}, []Registered{entry(b)}, fails}
		})
		eventually(t, "what is so is known", func() bool { return m.knows(b, RoleValidator) && m.knows(a, RoleProvider) == (fails < 1000) })
		for _, p := range m.Peers(0) {
			if p.Account != a.id.Account() && p.Account != b.id.Account() {
				t.Errorf("believed: %+v", p)
			}
		}
	}
}

// Nothing is left running.
func TestLeak(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 2 {
		a, leaveA := join(t, nil, RoleProvider, func(c *Config) { c.Find = true })
		b, leaveB := join(t, nil, 0, func(c *Config) { c.Find, c.Bootstrap = true, []string{a.record(t)} })
		eventually(t, "found", func() bool { return b.knows(a, RoleProvider) })
		leaveB()
		leaveA()
	}
	eventually(t, "goroutines end", func() bool { return runtime.NumGoroutine() <= before+1 })
}

// A node connects back to who asks, at no other address than the one that it asks from, and not often.
func TestDialBack(t *testing.T) {
	helper, _ := join(t, nil, 0, func(*Config) {})
	asker, _ := join(t, nil, 0, func(*Config) {})
	ask := func(port int) (DialedBack, error) {
		t.Helper()
		c, err := asker.ep.To(within(t, 10*time.Second), helper.ep.Addr().String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return transport.Call[DialBackRequest, DialedBack](within(t, 20*time.Second), c, MethodDialBack, DialBackRequest{Port: uint16(port)})
	}
	here := transport.UDPAddrPort(asker.ep.Addr())
	if r, err := ask(int(here.Port())); err != nil || !r.Reached || r.At != here.String() {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := ask(int(here.Port())); !transport.HasCode(err, transport.RateLimited) {
		t.Errorf("at once again: %v", err)
	}
	if _, err := ask(0); !transport.HasCode(err, transport.BadRequest) {
		t.Errorf("port 0: %v", err)
	}
	// Somebody else's port: what is there is not the one that asks.
	c := &clock{time.Now()}
	d := &dialer{id: helper.id, now: c.now, last: map[netip.Prefix]time.Time{}}
	other := transport.UDPAddrPort(helper.ep.Addr())
	if r, err := d.dial(within(t, 20*time.Second), asker.id.Account(), other); err != nil || r.Reached || !strings.Contains(r.Reason, "wrong key") {
		t.Errorf("%+v, %v", r, err)
	}
	silent, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if _, err := d.dial(within(t, 20*time.Second), asker.id.Account(), transport.UDPAddrPort(silent.LocalAddr())); !transport.HasCode(err, transport.RateLimited) {
		t.Errorf("another port of the same address: %v", err)
	}
	c.pass(dialBackEvery)
	if r, err := d.dial(within(t, 20*time.Second), asker.id.Account(), transport.UDPAddrPort(silent.LocalAddr())); err != nil || r.Reached {
		t.Errorf("nobody is there: %+v, %v", r, err)
	}
	for n := range dialBacks {
		if err := d.begin(netip.AddrFrom4([4]byte{192, 0, 2, byte(n)})); err != nil {
			t.Error(err)
		}
	}
	if err := d.begin(netip.MustParseAddr("198.51.100.1")); !transport.HasCode(err, transport.Busy) {
		t.Errorf("one too many at a time: %v", err)
	}
	if customer(netip.MustParseAddr("2001:db8::1:2:3:4")) != netip.MustParsePrefix("2001:db8::/64") {
		t.Error("an IPv6 customer has more addresses than one")
	}
}

// gateway answers as a router with NAT-PMP does (RFC 6886): the port that it gives is another one than was asked for.
func gateway(t testing.TB, ip string, outer netip.Addr, port uint16) (open func() int) {
	t.Helper()
	s, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(ip), Port: 5351})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var held atomic.Int64
	go func() {
		b := make([]byte, 100)
		for {
			n, from, err := s.ReadFromUDP(b)
			if err != nil {
				return
			}
			switch {
			case n == 2 && b[0] == 0 && b[1] == 0: // the external address
				a := outer.As4()
				s.WriteToUDP(append([]byte{0, 128, 0, 0, 0, 0, 0, 1}, a[:]...), from)
			case n == 12 && b[0] == 0 && b[1] == 1: // map UDP
				out := append([]byte{0, 129, 0, 0, 0, 0, 0, 1}, b[4:6]...)
				out = binary.BigEndian.AppendUint16(out, port)
				if life := binary.BigEndian.Uint32(b[8:12]); life > 0 {
					held.Store(int64(binary.BigEndian.Uint16(b[4:6])))
				} else {
					held.Store(0)
				}
				s.WriteToUDP(append(out, b[8:12]...), from)
			}
		}
	}()
	return func() int { return int(held.Load()) }
}

// A router that opens a port is asked to, what it says is announced, and the port is given back.
func TestMapping(t *testing.T) {
	held := gateway(t, "127.0.0.77", netip.MustParseAddr("203.0.113.77"), 6161)
	gateway(t, "127.0.0.78", netip.MustParseAddr("10.9.8.7"), 6161)
	for spec, want := range map[string]string{"pmp:127.0.0.77": "203.0.113.77:6161", "pmp:127.0.0.78": "", "extip:198.51.100.4": "198.51.100.4:"} {
		id := newID(t)
		mux := transport.NewMux()
		ep, err := transport.Listen("0.0.0.0:0", id, mux, transport.Config{})
		if err != nil {
			t.Fatal(err)
		}
		changed := make(chan struct{}, 10)
		d, err := Start(Config{Identity: id, Store: store.NewMemory(store.Options{}), Endpoint: ep, Mux: mux, NAT: spec, Changed: func() { changed <- struct{}{} }})
		if err != nil {
			t.Fatal(err)
		}
		port := ep.Addr().(*net.UDPAddr).Port
		if want == "" {
			eventually(t, "the router's answer is there", func() bool { _, err := d.mapper.where(); return err != nil })
			if _, err := d.mapper.where(); !strings.Contains(err.Error(), "another router") || len(d.Addrs()) != 0 {
				t.Errorf("%s: %v, announced %v", spec, err, d.Addrs())
			}
		} else {
			<-changed
			if got := d.Addrs(); len(got) != 1 || !strings.HasPrefix(got[0], want) || d.outer().String() != got[0] {
				t.Errorf("%s: announced %v, in the record %s; wanted %s", spec, got, d.outer(), want)
			}
		}
		if strings.HasSuffix(spec, "77") && held() != port {
			t.Errorf("the router holds port %d, wanted %d", held(), port)
		}
		d.Close()
		if held() != 0 {
			t.Errorf("%s: the router still holds port %d", spec, held())
		}
		if err := ep.Close(within(t, 5*time.Second)); err != nil {
			t.Error(err)
		}
	}
	for _, bad := range []string{"", "stun", "stun:1.2.3.4:5", "pmp:x", "extip", "extip:", "any", "upnp:", "x"} {
		if m, err := ParseNAT(bad); err == nil && m != nil {
			t.Errorf("%q is read as %v", bad, m)
		}
	}
}

// A node that nobody reaches finds relays among its peers, and tells others of them.
func TestFindRelays(t *testing.T) {
	m1 := transport.NewMux()
	rid := newID(t)
	rep, err := transport.Listen("127.0.0.1:0", rid, m1, transport.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer rep.Close(within(t, 5*time.Second))
	relay.Serve(m1, relay.ServerConfig{})
	Serve(m1, rid)
	transport.Handle(m1, rpc.MethodInfo, func(context.Context, msg.Account, rpc.NodeInfoRequest) (rpc.NodeInfo, error) {
		return rpc.NodeInfo{Roles: []string{"relay"}, Devices: []rpc.DeviceInfo{}}, nil
	})
	m, _ := join(t, nil, RoleProvider, func(c *Config) {
		c.Find, c.Static, c.Via = true, []string{rid.Account().String() + "@" + rep.Addr().String()}, []string{ViaAuto}
		c.Relay = relay.NewClient(c.Endpoint, nil)
	})
	before := m.record(t)
	eventually(t, "the relay is a peer", func() bool { return len(m.Peers(RoleRelay)) == 1 })
	time.Sleep(2 * time.Second) // it looks twice a second
	if got := m.Addrs(); len(got) != 0 {
		t.Errorf("it uses a relay before it needs one: %v", got)
	}
	m.mu.Lock()
	m.reach = ReachClosed
	m.mu.Unlock()
	want := relay.Addr(rep.Addr().String(), m.id.Account())
	eventually(t, "it is reached through the relay", func() bool { return slices.Contains(m.Addrs(), want) })
	eventually(t, "and its record says so", func() bool {
		r := m.Record()
		if r == "" || r == before {
			return false
		}
		n, err := ParseRecord(r)
		if err != nil {
			t.Fatal(err)
		}
		p, err := fromRecord(n)
		return err == nil && p.Addrs[0] == want
	})
}
