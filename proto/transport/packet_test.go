package transport

import (
	"bytes"
	"net"
	"net/netip"
	"testing"
	"time"
)

// The largest packet fits into the first datagrams of a connection, before any larger ones were tried.
func TestLargestPacket(t *testing.T) {
	a, b := listen(t, testMux(), Config{small: true}), listen(t, nil, Config{small: true})
	c := dial(t, b, a)
	if err := c.SendPacket(make([]byte, MaxPacket+1)); err == nil {
		t.Error("a packet too large was taken")
	}
	var there *Conn
	for there == nil {
		for _, x := range a.Conns() {
			there = x
		}
	}
	got := make(chan []byte, 1000)
	there.OnPacket(func(p []byte) { got <- p })
	want := bytes.Repeat([]byte{7}, MaxPacket)
	for end := time.Now().Add(20 * time.Second); ; {
		if err := c.SendPacket(want); err != nil {
			t.Fatal(err)
		}
		select {
		case p := <-got:
			if !bytes.Equal(p, want) {
				t.Errorf("%d bytes arrived, %d were sent", len(p), len(want))
			}
			return
		case <-time.After(100 * time.Millisecond):
			if time.Now().After(end) {
				t.Fatal("it never arrived")
			}
		}
	}
}

// Packets that are not taken fast enough are dropped, and nobody waits.
func TestPacketsDropped(t *testing.T) {
	a, b := listen(t, testMux(), Config{}), listen(t, nil, Config{})
	c := dial(t, b, a)
	dropped := 0
	for range 100 * packetsQueued {
		if c.SendPacket(make([]byte, MaxPacket)) != nil {
			dropped++
		}
	}
	if dropped == 0 {
		t.Error("25,600 packets found room at once")
	}
	c.Close()
	for range 2 * packetsQueued {
		c.SendPacket([]byte{1})
	}
	if c.SendPacket([]byte{1}) == nil {
		t.Error("a closed connection takes packets without end")
	}
}

// A second protocol shares the socket: it hears neither QUIC's packets nor punches, and QUIC is not disturbed by it.
func TestSide(t *testing.T) {
	a, b := listen(t, testMux(), Config{}), listen(t, testMux(), Config{})
	sa, sb := a.Side(), b.Side()
	type packet struct {
		from netip.AddrPort
		text string
	}
	got := make(chan packet, 100)
	ended := make(chan error, 1)
	go func() {
		buf := make([]byte, 100)
		for {
			n, from, err := sa.ReadFromUDPAddrPort(buf)
			if err != nil {
				ended <- err
				return
			}
			got <- packet{from, string(buf[:n])}
		}
	}()
	to := UDPAddrPort(a.Addr())
	for end := time.Now().Add(20 * time.Second); ; { // what comes before anybody reads is lost
		dial(t, b, a).Close()
		if err := b.Punch(net.UDPAddrFromAddrPort(to)); err != nil {
			t.Fatal(err)
		}
		if n, err := sb.WriteToUDPAddrPort([]byte("hello"), to); n != 5 || err != nil {
			t.Fatal(n, err)
		}
		select {
		case p := <-got:
			if p.text != "hello" || p.from != UDPAddrPort(b.Addr()) {
				t.Errorf("heard %q from %s", p.text, p.from)
			}
		case <-time.After(50 * time.Millisecond):
			if time.Now().Before(end) {
				continue
			}
			t.Fatal("heard nothing")
		}
		break
	}
	sa.Close()
	if err := <-ended; err != net.ErrClosed {
		t.Error(err)
	}
	sb.Close()
	if _, err := sb.WriteToUDPAddrPort([]byte("x"), to); err != net.ErrClosed {
		t.Error(err)
	}
	dial(t, b, a).Close()
}

// What a node says of where others are is believed only where it can know.
func TestCredible(t *testing.T) {
	const no = "no"
	for _, x := range [][3]string{
		{"192.0.2.1", "198.51.100.1", ""}, {"192.0.2.1", "2001:db8::5", ""}, {"10.0.0.1", "192.0.2.1", ""}, {"10.0.0.1", "192.168.1.1", ""},
		{"127.0.0.1", "10.0.0.1", ""}, {"127.0.0.1", "127.0.0.1", ""}, {"::ffff:10.0.0.1", "::ffff:10.0.0.2", ""}, {"fd00::1", "fd00::2", ""},
		{"192.0.2.1", "100.64.0.1", no}, {"10.0.0.1", "100.127.0.1", ""}, {"192.0.2.1", "100.128.0.1", ""}, {"192.0.2.1", "10.0.0.1", no}, {"192.0.2.1", "::ffff:10.0.0.1", no}, {"192.0.2.1", "127.0.0.1", no}, {"10.0.0.1", "127.0.0.1", no},
		{"2001:db8::1", "fd00::1", no}, {"192.0.2.1", "224.0.0.1", no}, {"192.0.2.1", "255.255.255.255", no}, {"192.0.2.1", "0.0.0.0", no},
		{"192.0.2.1", "169.254.1.1", no}, {"127.0.0.1", "fe80::1", no}, {"0.0.0.0", "192.0.2.1", no},
	} {
		if err := Credible(netip.MustParseAddr(x[0]), netip.MustParseAddr(x[1])); (err == nil) != (x[2] == "") {
			t.Errorf("%s says %s: %v", x[0], x[1], err)
		}
	}
	if Credible(netip.Addr{}, netip.MustParseAddr("192.0.2.1")) == nil || Credible(netip.MustParseAddr("192.0.2.1"), netip.Addr{}) == nil {
		t.Error("no address at all is credible")
	}
}
