package peer_test

import (
	"context"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/faultnet"
	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// A node that restarts without a farewell is asked over a new connection, by callers that still have one to what it was before.
func TestRestartedPeerIsAskedAgain(t *testing.T) {
	newID := func() *identity.Identity {
		id, err := identity.New()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	id := newID()
	start := func(listen, name string) *transport.Endpoint {
		mux := transport.NewMux()
		transport.Handle(mux, rpc.MethodInfo, func(context.Context, msg.Account, rpc.NodeInfoRequest) (rpc.NodeInfo, error) {
			return rpc.NodeInfo{Name: name, Roles: []string{}, Devices: []rpc.DeviceInfo{}}, nil
		})
		e, err := transport.Listen(listen, id, mux, transport.Config{})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	before := start("127.0.0.1:0", "before")
	link, err := faultnet.Listen(faultnet.Config{Target: before.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	own, err := transport.Listen("127.0.0.1:0", newID(), nil, transport.Config{KeepAlive: time.Hour, IdleTimeout: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close(context.Background())
	p := peer.New(own, link.Addr(), nil)
	said := func() string {
		t.Helper()
		info, _, err := p.Info(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return info.Name
	}
	for range 2 { // the second time it is known who it is, and a connection to that account is kept
		if name := said(); name != "before" {
			t.Fatalf("%q answers", name)
		}
	}
	cut := faultnet.Faults{Cut: true}
	link.Set(cut, cut)
	addr := before.Addr().String()
	before.Close(context.Background())
	after := start(addr, "after")
	defer after.Close(context.Background())
	link.Set(faultnet.Faults{}, faultnet.Faults{})
	if name := said(); name != "after" {
		t.Errorf("%q answers", name)
	}
}
