package discovery

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/p2p/enode"
	"github.com/ethereum/go-ethereum/p2p/enr"
	"github.com/ethereum/go-ethereum/rlp"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/relay"
)

func newID(t testing.TB) *identity.Identity {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// recordOf makes a record as somebody may who has a key.
func recordOf(t testing.TB, id *identity.Identity, entries ...enr.Entry) *enode.Node {
	t.Helper()
	var r enr.Record
	for _, e := range entries {
		r.Set(e)
	}
	r.SetSeq(7)
	if err := enode.SignV4(&r, id.ECDSA()); err != nil {
		t.Fatal(err)
	}
	n, err := enode.New(enode.ValidSchemes, &r)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func entryOf(relays ...At) Entry {
	return Entry{Version: entryVersion, Roles: RoleProvider | RoleRelay, Device: "vulkan", Relays: relays}
}

// A record says whose it is by its signature alone, and where that one is to be found.
func TestRecord(t *testing.T) {
	id := newID(t)
	v4, v6 := At{[]byte{192, 0, 2, 9}, 99}, At{net.ParseIP("2001:db8::5"), 7}
	full := recordOf(t, id, enr.IPv4{203, 0, 113, 5}, enr.UDP(4433), enr.IPv6(net.ParseIP("2001:db8::9")), enr.UDP6(4434), entryOf(v6, v6))
	if len(full.String()) > maxRecord {
		t.Errorf("the largest record has %d characters, more than %d", len(full.String()), maxRecord)
	}
	n, err := ParseRecord(recordOf(t, id, enr.IPv4{203, 0, 113, 5}, enr.UDP(4433), entryOf(v4, v6)).String())
	if err != nil {
		t.Fatal(err)
	}
	p, err := fromRecord(n)
	want := []string{relay.Addr("192.0.2.9:99", id.Account()), relay.Addr("[2001:db8::5]:7", id.Account()), "203.0.113.5:4433"}
	if err != nil || p.Account != id.Account() || p.Roles != RoleProvider|RoleRelay || p.Device != "vulkan" || p.Seq != 7 || !slices.Equal(p.Addrs, want) {
		t.Errorf("read %+v, %v; wanted addresses %v", p, err, want)
	}
	if err := p.valid(); err != nil {
		t.Error(err)
	}
	if x, err := RecordTarget(p.Record); err != nil || x.Addr != "203.0.113.5:4433" || *x.Account != id.Account() {
		t.Errorf("%+v, %v", x, err)
	}
	// One without an address is reached through its relay, and not where it says that a relay is in the reader's own network.
	if p, err := fromRecord(recordOf(t, id, entryOf(v4))); err != nil || len(p.Addrs) != 1 {
		t.Errorf("relay only: %+v, %v", p, err)
	}
	local := At{[]byte{10, 0, 0, 1}, 53}
	if p, err := fromRecord(recordOf(t, id, enr.IPv4{203, 0, 113, 5}, enr.UDP(4433), entryOf(local))); err != nil || len(p.Addrs) != 1 || p.Addrs[0] != "203.0.113.5:4433" {
		t.Errorf("relay in a local network: %+v, %v", p, err)
	}
	later := struct {
		Version, Roles uint64
		Device         string
		Relays         []At
		More           uint64
	}{entryVersion, RoleValidator, "", []At{}, 5}
	if p, err := fromRecord(recordOf(t, id, enr.IPv4{203, 0, 113, 5}, enr.UDP(4433), enr.WithEntry("gwrun", later))); err != nil || p.Roles != RoleValidator {
		t.Errorf("an entry with more in it: %+v, %v", p, err)
	}
	for name, n := range map[string]*enode.Node{
		"no gwrun node":   recordOf(t, id, enr.IPv4{203, 0, 113, 5}, enr.UDP(4433)),
		"nowhere":         recordOf(t, id, entryOf()),
		"another version": recordOf(t, id, enr.IPv4{203, 0, 113, 5}, enr.UDP(4433), Entry{Version: 2, Relays: []At{}}),
		"a device":        recordOf(t, id, enr.IPv4{203, 0, 113, 5}, enr.UDP(4433), Entry{Version: 1, Device: "a b", Relays: []At{}}),
		"many relays":     recordOf(t, id, enr.IPv4{203, 0, 113, 5}, enr.UDP(4433), entryOf(v4, v4, v4)),
		"a relay of 5":    recordOf(t, id, enr.IPv4{203, 0, 113, 5}, enr.UDP(4433), entryOf(At{[]byte{1, 2, 3, 4, 5}, 1})),
		"a relay at 0":    recordOf(t, id, enr.IPv4{203, 0, 113, 5}, enr.UDP(4433), entryOf(At{[]byte{1, 2, 3, 4}, 0})),
		"something else":  recordOf(t, id, enr.IPv4{203, 0, 113, 5}, enr.UDP(4433), enr.WithEntry("gwrun", "hello")),
	} {
		if p, err := fromRecord(n); err == nil {
			t.Errorf("%s: read as %+v", name, p)
		}
	}
	text := full.String()
	flipped := []byte(text)
	flipped[40] ^= 1
	for _, bad := range []string{"", "enr:", "enr:AAAA", text[4:], string(flipped), text + strings.Repeat("A", maxRecord)} {
		if n, err := ParseRecord(bad); err == nil {
			t.Errorf("%.50q is read as the record of %v", bad, n.ID())
		}
	}
}

func FuzzRecord(f *testing.F) {
	id := newID(f)
	f.Add(recordOf(f, id, enr.IPv4{203, 0, 113, 5}, enr.UDP(4433), entryOf(At{[]byte{192, 0, 2, 9}, 99})).String())
	f.Add(recordOf(f, id, entryOf()).String())
	f.Add("enr:-AAA")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseRecord(text)
		if err != nil {
			return
		}
		if p, err := fromRecord(n); err == nil {
			if err := p.valid(); err != nil {
				t.Errorf("%q is read as %+v: %v", text, p, err)
			}
		}
		RecordTarget(text)
	})
}

// The entry is what a node writes itself, so everything in it may be anything.
func FuzzEntry(f *testing.F) {
	for _, e := range []Entry{entryOf(), entryOf(At{[]byte{192, 0, 2, 9}, 99}, At{net.ParseIP("2001:db8::5"), 7}), {Version: 2, Relays: []At{}}} {
		b, err := rlp.EncodeToBytes(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{0xc1, 0x80})
	id := newID(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 150 || rlp.DecodeBytes(b, new(rlp.RawValue)) != nil {
			return // no record has room for it, or it is none at all
		}
		n := recordOf(t, id, enr.IPv4{203, 0, 113, 5}, enr.UDP(4433), enr.WithEntry("gwrun", rlp.RawValue(b)))
		p, err := fromRecord(n)
		if err != nil {
			return
		}
		if err := p.valid(); err != nil {
			t.Errorf("%x is read as %+v: %v", b, p, err)
		}
	})
}

func FuzzAddrs(f *testing.F) {
	a := account(1)
	f.Add("203.0.113.5:4433", "192.0.2.1")
	f.Add("10.0.0.1:53", "192.0.2.1")
	f.Add("localhost:53", "192.0.2.1")
	f.Add("[fe80::1%eth0]:53", "::1")
	f.Add(relay.Addr("10.0.0.1:4433", a), "192.0.2.1")
	f.Add(relay.Addr("192.0.2.1:4433", a), "10.0.0.1")
	f.Fuzz(func(t *testing.T, text, from string) {
		teller, _ := netip.ParseAddr(from)
		if checkAddr(text, a) == nil {
			neighbourhood(text)
		}
		for _, addr := range credible(teller, []string{text}) {
			hostport := addr
			if at, _, err := relay.ParseAddr(addr); err == nil {
				hostport = at
			}
			at := netip.MustParseAddrPort(hostport)
			if ip := at.Addr().Unmap(); ip.IsMulticast() || ip.IsUnspecified() || ip.IsLoopback() && !teller.Unmap().IsLoopback() {
				t.Errorf("%s may say %s", teller, text)
			}
		}
	})
}
