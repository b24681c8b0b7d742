package devnet_test

import (
	"context"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/faultnet"
	"github.com/gwrun/gwrun/proto/transport"
)

// everywhere sets the same faults, both ways, before every node.
func everywhere(n *devnet.Network, f faultnet.Faults) {
	for _, p := range n.Providers {
		n.Link(p).Set(f, f)
	}
	for _, v := range n.Validators {
		n.Link(v).Set(f, f)
	}
}

// bad counts what the links have done to datagrams, in all.
func bad(n *devnet.Network) (all faultnet.Stats) {
	for _, x := range append(n.Providers, n.Validators...) {
		in, out := n.Link(x).Stats()
		for _, s := range []faultnet.Stats{in, out} {
			all.Came, all.Lost, all.Duplicated = all.Came+s.Came, all.Lost+s.Lost, all.Duplicated+s.Duplicated
			all.Reordered, all.Corrupted, all.Cut = all.Reordered+s.Reordered, all.Corrupted+s.Corrupted, all.Cut+s.Cut
			all.Overflow, all.Left = all.Overflow+s.Overflow, all.Left+s.Left
		}
	}
	return all
}

// rightRoots holds the results against a local run.
func rightRoots(t *testing.T, req consumer.Request, got []*consumer.Result, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	want := locally(t, req.Job)
	for _, r := range got {
		if r.Receipt.Trace != want.Receipt.Trace || r.Receipt.State != want.Receipt.State || r.Outcome == nil || !r.Outcome.Accepted {
			t.Errorf("trace %v, state %v, outcome %+v; a local run has %v, %v", r.Receipt.Trace, r.Receipt.State, r.Outcome, want.Receipt.Trace, want.Receipt.State)
		}
	}
}

func TestBadNetworks(t *testing.T) {
	n := network(t, devnet.Config{Providers: 1, Validators: 2, Net: &faultnet.Faults{}, NetSeed: 5})
	for _, tc := range []struct {
		name   string
		faults faultnet.Faults
		seen   func(s faultnet.Stats) uint64 // that it did happen
	}{
		{"loss", faultnet.Faults{Loss: 0.1}, func(s faultnet.Stats) uint64 { return s.Lost }},
		{"duplicate", faultnet.Faults{Duplicate: 0.3}, func(s faultnet.Stats) uint64 { return s.Duplicated }},
		{"reorder", faultnet.Faults{Reorder: 0.3}, func(s faultnet.Stats) uint64 { return s.Reordered }},
		{"corrupt", faultnet.Faults{Corrupt: 0.1}, func(s faultnet.Stats) uint64 { return s.Corrupted }},
		{"delay", faultnet.Faults{Delay: 20 * time.Millisecond, Jitter: 20 * time.Millisecond}, func(s faultnet.Stats) uint64 { return s.Came }},
		{"slow", faultnet.Faults{Rate: 100_000}, func(s faultnet.Stats) uint64 { return s.Came }},
		{"mix", faultnet.Faults{Loss: 0.05, Duplicate: 0.1, Reorder: 0.1, Corrupt: 0.02, Delay: 5 * time.Millisecond, Jitter: 10 * time.Millisecond, Rate: 1_000_000},
			func(s faultnet.Stats) uint64 {
				return min(s.Lost, s.Duplicated, s.Reordered, s.Corrupted)
			}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			before := tc.seen(bad(n))
			everywhere(n, tc.faults)
			req := request(t, n)
			got, err := n.Consumer.Consumer.Submit(context.Background(), req, nil)
			rightRoots(t, req, got, err)
			if tc.seen(bad(n)) == before {
				t.Errorf("the network was as good as ever: %+v", bad(n))
			}
		})
	}
}

func TestOneSlowPeer(t *testing.T) {
	n := network(t, devnet.Config{Providers: 1, Validators: 2, Net: &faultnet.Faults{}})
	slow := faultnet.Faults{Rate: 20_000, Delay: 100 * time.Millisecond}
	n.Link(n.Validators[1]).Set(slow, slow)
	req := request(t, n)
	req.Validators = 2
	got, err := n.Consumer.Consumer.Submit(context.Background(), req, nil)
	rightRoots(t, req, got, err)
}

// A partition ends when the datagrams it ate have shown that it was there: the nodes' connections live through it.
func TestShortPartition(t *testing.T) {
	n := network(t, devnet.Config{Providers: 1, Validators: 2, Net: &faultnet.Faults{}})
	cut := faultnet.Faults{Cut: true}
	for name, tc := range map[string]struct {
		at      string // the kind of event after which it begins
		link    *faultnet.Proxy
		in, out faultnet.Faults
	}{
		"provider":            {"chosen", n.Link(n.Providers[0]), cut, cut},
		"provider is deaf":    {"chosen", n.Link(n.Providers[0]), cut, faultnet.Faults{}},
		"provider is mute":    {"chosen", n.Link(n.Providers[0]), faultnet.Faults{}, cut},
		"validator":           {"receipt", n.Link(n.Validators[0]), cut, cut},
		"validator is mute":   {"receipt", n.Link(n.Validators[1]), faultnet.Faults{}, cut},
		"provider, validated": {"sample", n.Link(n.Providers[0]), cut, cut},
	} {
		t.Run(name, func(t *testing.T) {
			in, out := tc.link.Stats()
			before := in.Cut + out.Cut
			req := request(t, n)
			done := make(chan struct{})
			began := false
			got, err := n.Consumer.Consumer.Submit(context.Background(), req, func(e consumer.Event) {
				if e.Kind != tc.at || began {
					return
				}
				began = true
				tc.link.Set(tc.in, tc.out)
				go func() {
					defer close(done)
					for eaten := uint64(0); eaten < 3; {
						in, out := tc.link.Stats()
						eaten = in.Cut + out.Cut - before
						time.Sleep(5 * time.Millisecond)
					}
					tc.link.Set(faultnet.Faults{}, faultnet.Faults{})
				}()
			})
			rightRoots(t, req, got, err)
			if !began {
				t.Fatalf("no event %q", tc.at)
			}
			<-done
		})
	}
}

// A partition that outlives the connections heals too: the consumer finds its provider again, which has gone on meanwhile.
func TestLongPartition(t *testing.T) {
	n := network(t, devnet.Config{Providers: 1, Validators: 1, Net: &faultnet.Faults{},
		Transport: transport.Config{IdleTimeout: time.Second, KeepAlive: 300 * time.Millisecond, HandshakeTimeout: time.Second}})
	link := n.Link(n.Providers[0])
	req := request(t, n)
	lost, back := 0, 0
	got, err := n.Consumer.Consumer.Submit(context.Background(), req, func(e consumer.Event) {
		switch e.Kind {
		case "chosen":
			link.Set(faultnet.Faults{Cut: true}, faultnet.Faults{Cut: true})
		case "lost":
			lost++
			link.Set(faultnet.Faults{}, faultnet.Faults{})
		case "back":
			back++
		}
	})
	rightRoots(t, req, got, err)
	if lost != 1 || back != 1 || got[0].Reconnect != 1 {
		t.Errorf("lost %d times, back %d times, %d reconnects, want 1 of each", lost, back, got[0].Reconnect)
	}
}
