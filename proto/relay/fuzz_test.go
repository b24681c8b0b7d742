package relay

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/proto/msg"
)

func FuzzAddr(f *testing.F) {
	var a msg.Account
	a[3] = 7
	f.Add(Addr("192.0.2.7:4433", a))
	f.Add(Addr("[2001:db8::1]:4433", a))
	f.Add(Addr("relay.example:1", a))
	f.Add("relay:/0x")
	f.Add("relay:host:70000/" + a.String())
	f.Add(Addr("a/b:1", a))
	f.Add("relay:a@b:1/" + a.String())
	f.Fuzz(func(t *testing.T, text string) {
		hostport, account, err := ParseAddr(text)
		if err != nil {
			if len(err.Error()) > 5*maxAddr {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		back, again, err := ParseAddr(Addr(hostport, account))
		if err != nil || back != hostport || again != account {
			t.Errorf("%q is read as %q and %s; that as %q and %s, %v", text, hostport, account, back, again, err)
		}
		if strings.ContainsAny(hostport, "/@, \n") || CheckHostPort(hostport) != nil {
			t.Errorf("%q is at %q", text, hostport)
		}
	})
}

func FuzzPacket(f *testing.F) {
	f.Add(appendPacket(nil, 1, []byte("x")))
	f.Add(appendPacket(nil, 1<<63, bytes.Repeat([]byte{1}, MaxPacket)))
	f.Add(appendPacket(nil, 0, []byte("x")))
	f.Add(appendPacket(nil, 5, nil))
	f.Add([]byte{1, 2, 3})
	tu := newTunnel(nil)
	f.Fuzz(func(t *testing.T, b []byte) {
		channel, p, err := splitPacket(b)
		if err == nil && (channel == 0 || len(p) == 0 || len(p) > MaxPacket || !bytes.Equal(appendPacket(nil, channel, p), b)) {
			t.Errorf("% x is %d bytes in channel %d", b, len(p), channel)
		}
		// Whatever it is, a tunnel takes it for nothing that it was not told of.
		before := tu.alien.Load()
		tu.take(nil, b)
		if len(tu.in) != 0 || tu.alien.Load() == before {
			t.Errorf("a packet of a channel that is not there was taken")
		}
	})
}

func FuzzEvent(f *testing.F) {
	f.Add(msg.Encode(Event{Welcome: &Welcome{Seen: "192.0.2.1:5"}}))
	f.Add(msg.Encode(Event{Opened: &Opened{Channel: 1, Seen: "[::1]:5"}}))
	f.Add(msg.Encode(Event{Gone: 7}))
	f.Add(msg.Encode(Event{Opened: &Opened{Channel: 1, Seen: "192.0.2.1:5", Local: []string{"192.168.1.2:5", "x"}}}))
	f.Add(msg.Encode(Register{Local: []string{"[fd00::1]:5"}}))
	f.Add(msg.Encode(Connect{}))
	f.Fuzz(func(t *testing.T, b []byte) {
		var e Event
		if msg.Decode(b, &e) == nil && !bytes.Equal(msg.Encode(e), b) {
			t.Errorf("% x and % x are the same event", b, msg.Encode(e))
		}
		var r Register
		if msg.Decode(b, &r) == nil && !bytes.Equal(msg.Encode(r), b) {
			t.Errorf("% x and % x are the same request", b, msg.Encode(r))
		}
		if e.Opened != nil {
			r.Local = append(r.Local, e.Opened.Local...)
		}
		home := netip.MustParsePrefix("192.168.1.0/24")
		for _, at := range near(r.Local, []netip.Prefix{home}) {
			if !home.Contains(at.Addr()) || at.Port() == 0 {
				t.Errorf("%s is taken to be in %s", at, home)
			}
		}
		var c Connect
		if msg.Decode(b, &c) == nil && !bytes.Equal(msg.Encode(c), b) {
			t.Errorf("% x and % x are the same request", b, msg.Encode(c))
		}
	})
}
