package shards_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/devnet/devnettest"
	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/host/shards"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
	"github.com/gwrun/gwrun/runtime"
)

// waiting is a device that takes its time, so that jobs of a second do not all want the test's processor.
type waiting struct{ kernels.Device }

func (w waiting) Dispatch(ctx context.Context, list ...*kernels.Dispatch) (uint64, error) {
	time.Sleep(time.Duration(len(list)) * time.Millisecond)
	return w.Device.Dispatch(ctx, list...)
}

func openWaiting(ctx context.Context) (kernels.Device, error) {
	d, err := openCPU(ctx)
	return waiting{d}, err
}

func network(t testing.TB, cfg devnet.Config) *devnet.Network {
	t.Helper()
	cfg.Transport = transport.Config{IdleTimeout: 3 * time.Second, KeepAlive: time.Second,
		MaxConnsPerPeer: 1000} // the connections of a consumer that was killed are missed only when they are idle
	return devnettest.Network(t, cfg)
}

func checkedWhole(peers []string) consumer.Request {
	return consumer.Request{Peers: peers, Validators: -1, Deadline: time.Now().Add(time.Hour), Policy: msg.Policy{SamplePPM: 1_000_000, Window: 60}}
}

// equal wants of a plan at providers what it is on this machine, task by task.
func equal(t *testing.T, s *shards.Scheduler, got *shards.Result, want []shards.Done, out shards.Outputs) {
	t.Helper()
	if len(got.Done) != len(want) || len(got.Outputs) != len(out) {
		t.Fatalf("%d tasks and %d outputs, want %d and %d", len(got.Done), len(got.Outputs), len(want), len(out))
	}
	for i, d := range got.Done {
		w := want[i]
		if d.Task != w.Task || d.Program != w.Program || d.Receipt.Trace != w.Receipt.Trace || d.Receipt.State != w.Receipt.State ||
			d.Receipt.Gas != w.Receipt.Gas || d.Receipt.GPUGas != w.Receipt.GPUGas {
			t.Errorf("%s: trace %v, on this machine %v", d.Task, d.Receipt.Trace, w.Receipt.Trace)
		}
	}
	for i, o := range got.Outputs {
		f, err := s.Open(o.Blob)
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, o.Blob.Size)
		if _, err := f.Read(b); err != nil || o.Name != out[i].Name || string(b) != string(out[i].Data) {
			t.Errorf("output %s differs from that of a run on this machine (%v)", o.Name, err)
		}
		f.Close()
	}
}

// The same bits from one provider and from four as from this machine.
func TestNetworks(t *testing.T) {
	p := fold(t, 4, 2, "work=20")
	want, out, err := shards.Run(context.Background(), p, shards.RunOptions{OpenDevice: openCPU})
	if err != nil {
		t.Fatal(err)
	}
	for _, providers := range []int{1, 4} {
		n := network(t, devnet.Config{Providers: providers, Validators: 1})
		got, err := n.Consumer.Shards.Submit(context.Background(), p, checkedWhole(n.Peers()), nil)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, n.Consumer.Shards, got, want, out)
		by := map[string]bool{}
		for _, d := range got.Done {
			by[d.Addr] = true
		}
		if len(by) != providers {
			t.Errorf("%d of %d providers did something", len(by), providers)
		}
	}
}

// A network is trained in four shards over four providers. One of them flips a bit in whatever it computes, another dies in the middle of
// a round. The bits are those of one machine; the cheat is proven wrong, and nobody else is blamed.
func TestOneKilledAndOneCheating(t *testing.T) {
	described, err := jobfile.Open("../../examples/data-parallel")
	if err != nil {
		t.Fatal(err)
	}
	if err := described.Split(4, 3); err != nil {
		t.Fatal(err)
	}
	p, err := shards.NewPlan(described)
	if err != nil {
		t.Fatal(err)
	}
	want, out, err := shards.Run(context.Background(), p, shards.RunOptions{OpenDevice: openCPU})
	if err != nil {
		t.Fatal(err)
	}
	const killed, cheat = 1, 2
	n := network(t, devnet.Config{Providers: 4, Validators: 2, OpenDevice: openWaiting,
		Faults: map[int]*runtime.Fault{cheat: {Step: 7, Any: true, Skip: 8, Offset: 800, Bit: 5}}})
	heard := told{}
	var dead sync.WaitGroup
	dying := false
	got, err := n.Consumer.Shards.Submit(context.Background(), p, checkedWhole(n.Peers()), func(e shards.Event) {
		heard.event(e)
		if e.Kind != "status" {
			t.Logf("%s %s %s %.150s", e.Task, n.Name(e.Provider), e.Kind, e.Text)
		}
		if e.Kind == "status" && e.Provider == n.Providers[killed].Addr() && e.Task.Round == 1 && e.Status.Intervals >= 1 && !dying {
			dying = true
			dead.Go(func() { // as by kill -9: it says nothing to anybody
				ctx, cancel := context.WithCancel(context.Background())
				cancel()
				n.Providers[killed].Close(ctx)
			})
		}
	})
	dead.Wait()
	if err != nil {
		t.Fatal(err)
	}
	equal(t, n.Consumer.Shards, got, want, out)
	if !dying {
		t.Error("the provider was not killed: it had nothing to do in round 1")
	}

	liar := n.Providers[cheat].Account()
	caught := 0
	for _, r := range got.Rejected {
		if r.Wrong != (r.Provider == liar) {
			t.Errorf("%s of %s is rejected: %s", r.Task, n.Name(r.Addr), r.Reason)
		}
		if !r.Wrong {
			continue
		}
		caught++
		if len(r.Disputes) != 1 {
			t.Fatalf("%s was disputed %d times, want once", r.Task, len(r.Disputes))
		}
		if ruled := devnettest.Proven(t, n.Consumer.Shards.Open, r.Disputes[0].Blob); len(ruled.Guilty) != 1 || ruled.Guilty[0] != liar {
			t.Errorf("the evidence speaks against %v, want %v", ruled, liar)
		}
	}
	if caught == 0 {
		t.Error("the cheat was not rejected")
	}
	for _, d := range got.Dropped {
		if d.Wrong != (d.Provider == liar) {
			t.Errorf("%s is dropped as wrong %v: %s", n.Name(d.Addr), d.Wrong, d.Reason)
		}
	}
	for role, nodes := range map[free.Role][]*node.Node{free.Provider: n.Providers, free.Validator: n.Validators} {
		for _, x := range nodes {
			rep, err := n.Consumer.Settlement.Reputation(role, x.Account())
			if err != nil || (rep.Wrong > 0) != (x.Account() == liar) {
				t.Errorf("%s was found wrong %d times (%v)", n.Name(x.Addr()), rep.Wrong, err)
			}
		}
	}
	for _, e := range heard["issued"] {
		if e.Provider == n.Providers[cheat].Addr() && e.Task.Round > 0 {
			t.Errorf("the cheat is given %s", e.Task)
		}
	}
}

// BenchmarkProviders times the example with a device that takes a millisecond a dispatch, so that providers that share one machine do
// not share one processor: seconds of a whole plan, two validators replaying a quarter of all.
func BenchmarkProviders(b *testing.B) {
	described, err := jobfile.Open("../../examples/data-parallel")
	if err != nil {
		b.Fatal(err)
	}
	p, err := shards.NewPlan(described)
	if err != nil {
		b.Fatal(err)
	}
	for _, providers := range []int{1, 2, 4} {
		b.Run(fmt.Sprint(providers), func(b *testing.B) {
			n := network(b, devnet.Config{Providers: providers, Validators: 2, OpenDevice: openWaiting})
			req := checkedWhole(n.Peers())
			req.Policy.SamplePPM = 250_000
			for b.Loop() {
				if _, err := n.Consumer.Shards.Submit(context.Background(), p, req, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
