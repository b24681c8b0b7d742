package consumer

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// A peer is asked once for many jobs that come together, and again later; those that did not answer are asked each time.
func TestInfoIsKept(t *testing.T) {
	var asked atomic.Int32
	listen := func(mux *transport.Mux) *transport.Endpoint {
		id, err := identity.New()
		if err != nil {
			t.Fatal(err)
		}
		e, err := transport.Listen("127.0.0.1:0", id, mux, transport.Config{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { e.Close(context.Background()) })
		return e
	}
	mux := transport.NewMux()
	transport.Handle(mux, rpc.MethodInfo, func(context.Context, msg.Account, rpc.NodeInfoRequest) (rpc.NodeInfo, error) {
		if asked.Add(1) == 1 {
			return rpc.NodeInfo{}, transport.Errorf(transport.Busy, "not yet")
		}
		return rpc.NodeInfo{Roles: []string{"provider"}, Devices: []rpc.DeviceInfo{}}, nil
	})
	server := listen(mux)
	addr := server.Addr().String()
	c := &Consumer{cfg: Config{Endpoint: listen(nil)}}
	ask := func() error {
		t.Helper()
		p := peer.New(c.cfg.Endpoint, addr, nil)
		info, account, err := c.info(t.Context(), addr, p)
		if err == nil && (account != server.Account() || p.Account == nil || *p.Account != account || len(info.Roles) != 1) {
			t.Errorf("it is %v with roles %q, wanted %v", account, info.Roles, server.Account())
		}
		return err
	}
	if ask() == nil {
		t.Error("it said nothing, and something is known of it")
	}
	began := time.Now()
	for range 20 {
		if err := ask(); err != nil {
			t.Fatal(err)
		}
	}
	if n := asked.Load(); n != 2 && time.Since(began) < KnownFor {
		t.Errorf("asked %d times, wanted 2", n)
	}
	before := asked.Load()
	k := c.peers.known[addr]
	k.at = k.at.Add(-KnownFor)
	c.peers.known[addr], c.peers.known["gone"] = k, known{}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	if n := asked.Load() - before; n != 1 || len(c.peers.known) != 1 {
		t.Errorf("later it is asked %d times, %d peers are known", n, len(c.peers.known))
	}
}
