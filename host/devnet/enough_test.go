package devnet_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/fault"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
)

// A job is not begun before as many validators can be drawn as have to agree.
func TestTooFewValidators(t *testing.T) {
	n := network(t, devnet.Config{Providers: 1, Validators: 1})
	req := request(t, n)
	req.Validators = 2
	_, err := n.Consumer.Consumer.Submit(context.Background(), req, nil)
	if !errors.Is(err, consumer.ErrFewValidators) || !strings.Contains(err.Error(), "2 have to agree, of the 2 peers that answered 1 can be drawn") {
		t.Errorf("error %v, want that there are too few validators", err)
	}
	if l := n.Providers[0].Provider.List(false); len(l.Jobs) != 0 {
		t.Errorf("the provider has %d jobs that could not be accepted", len(l.Jobs))
	}
}

func TestValidatorComesLater(t *testing.T) {
	n := network(t, devnet.Config{Providers: 1, Validators: 1})
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	start := func(at string) *node.Node {
		v, err := node.Start(node.Config{Identity: id, Store: store.NewMemory(store.Options{}), Listen: at, Validator: true, OpenDevice: openCPU, Device: cpuInfo})
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	late := start("127.0.0.1:0")
	at := late.Addr()
	late.Close(context.Background())
	req := request(t, n)
	req.Validators, req.Peers = 2, append(req.Peers, at)
	var once sync.Once
	got, err := n.Consumer.Consumer.Submit(context.Background(), req, func(e consumer.Event) {
		if strings.Contains(e.Text, "asking the 1 silent peers again") {
			once.Do(func() { late = start(at) })
		}
	})
	defer late.Close(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if out := got[0].Outcome; !out.Accepted || len(out.Jury) != 2 {
		t.Errorf("outcome %+v, want that both judged", out)
	}
}

// Nor is it moved where those that are left are too few: one of two validators is proven wrong together with the provider.
func TestTooFewValidatorsAreLeft(t *testing.T) {
	cheats := plays(t, fault.Provider, "flip,step=7", "provider-1", "provider-2")
	cheats["validator-1"] = plays(t, fault.Validator, "always-valid", "validator-1")["validator-1"]
	n := network(t, devnet.Config{Providers: 2, Validators: 2, Plays: cheats})
	req := request(t, n)
	req.Validators = 2
	_, err := n.Consumer.Consumer.Submit(context.Background(), req, nil)
	if !errors.Is(err, consumer.ErrRejected) || !strings.Contains(err.Error(), "2 have to agree, 1 that were not found wrong are left") {
		t.Errorf("error %v, want that too few validators are left", err)
	}
	jobs := len(n.Providers[0].Provider.List(false).Jobs) + len(n.Providers[1].Provider.List(false).Jobs)
	if jobs != 1 {
		t.Errorf("%d jobs were begun, want the one", jobs)
	}
}
