package relay

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/transport"
)

func TestLocal(t *testing.T) {
	have := []netip.Prefix{netip.MustParsePrefix("127.0.0.1/8"), netip.MustParsePrefix("192.168.3.4/24"), netip.MustParsePrefix("203.0.113.5/24"), netip.MustParsePrefix("fd00::4/64"),
		netip.MustParsePrefix("fe80::1/64"), netip.MustParsePrefix("10.0.0.1/30")}
	at := func(text string) net.Addr { return net.UDPAddrFromAddrPort(netip.MustParseAddrPort(text)) }
	for text, want := range map[string][]string{
		"0.0.0.0:4433":     {"192.168.3.4:4433", "[fd00::4]:4433", "10.0.0.1:4433"},
		"[::]:4433":        {"192.168.3.4:4433", "[fd00::4]:4433", "10.0.0.1:4433"},
		"192.168.3.4:99":   {"192.168.3.4:99"},
		"127.0.0.1:4433":   nil,
		"203.0.113.5:4433": nil,
	} {
		if got := local(at(text), have); !slices.Equal(got, want) {
			t.Errorf("who listens at %s is at %v, wanted %v", text, got, want)
		}
		if err := checkLocal(local(at(text), have)); err != nil {
			t.Error(err)
		}
	}
	if got := local(at("0.0.0.0:1"), slices.Repeat(have, 3)); len(got) != maxLocal {
		t.Errorf("%d addresses, wanted %d", len(got), maxLocal)
	}
	// Only what is in a network of this machine's is tried.
	list := []string{"192.168.3.77:1", "192.168.4.77:1", "10.0.0.2:5", "10.0.0.9:5", "203.0.113.6:1", "127.0.0.1:1", "[fd00::5]:1", "nonsense", "192.168.3.77:1"}
	want := []netip.AddrPort{netip.MustParseAddrPort("192.168.3.77:1"), netip.MustParseAddrPort("10.0.0.2:5"), netip.MustParseAddrPort("[fd00::5]:1")}
	if got := near(list, have); !slices.Equal(got, want) {
		t.Errorf("near are %v, wanted %v", got, want)
	}
	for _, bad := range [][]string{{"192.0.2.1:5"}, {"127.0.0.1:5"}, {"192.168.1.1:0"}, {"192.168.1.1"}, {"home:5"}, {"[fd00::1%" + strings.Repeat("z", 80) + "]:5"}, slices.Repeat([]string{"10.0.0.1:5"}, maxLocal+1)} {
		if checkLocal(bad) == nil {
			t.Errorf("%v is taken", bad)
		}
	}
	for _, p := range interfaces() {
		if !p.IsValid() || p.Addr().Is4In6() {
			t.Errorf("network %v", p)
		}
	}
}

// Where a node is in its own network, those hear that the relay sees at the same address, and nobody else.
func TestLocalIsForNeighbours(t *testing.T) {
	_, relay, _ := relayAt(t, ServerConfig{})
	local := []string{"192.168.7.7:5"}
	node := listen(t, nil, transport.Config{})
	dial := func(ep *transport.Endpoint) *transport.Conn {
		t.Helper()
		c, err := ep.To(within(t, 10*time.Second), relay, nil)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	ctx, cancel := context.WithCancel(context.Background())
	welcome, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- transport.Subscribe(ctx, dial(node), MethodRegister, Register{Local: local}, func(e Event) error {
			if e.Welcome != nil {
				close(welcome)
			}
			return nil
		})
	}()
	select {
	case <-welcome:
	case err := <-ended:
		t.Fatal(err)
	}
	defer func() { cancel(); <-ended }()
	for i, want := range [][]string{local, nil} {
		caller, err := transport.Listen(fmt.Sprintf("127.0.0.%d:0", 1+i), newID(t), nil, transport.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer caller.Close(ctx)
		s, err := dial(caller).Open(within(t, 10*time.Second), MethodConnect)
		if err != nil {
			t.Fatal(err)
		}
		var e Event
		if err = s.Send(Connect{Account: node.Account()}); err == nil {
			err = s.Recv(&e)
		}
		if err != nil || e.Opened == nil || !slices.Equal(e.Opened.Local, want) {
			t.Errorf("a caller at %s is told %+v (%v), wanted %v", caller.Addr(), e.Opened, err, want)
		}
		s.Close()
	}
	// What is no address of a network of its own is not passed on.
	other := listen(t, nil, transport.Config{})
	err := transport.Subscribe(within(t, 10*time.Second), dial(other), MethodRegister, Register{Local: []string{"192.0.2.1:53"}}, func(Event) error { return nil })
	if !transport.HasCode(err, transport.BadRequest) {
		t.Errorf("an address of somebody else: %v", err)
	}
}
