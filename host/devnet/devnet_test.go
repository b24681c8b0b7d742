package devnet_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/devnet/devnettest"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
	"github.com/gwrun/gwrun/runtime"
)

var (
	openCPU = devnettest.OpenCPU
	cpuInfo = devnettest.CPU
	waves   = devnettest.Waves
	locally = devnettest.Locally
	network = devnettest.Network
)

func request(t testing.TB, n *devnet.Network) consumer.Request {
	return consumer.Request{Job: waves(t), Peers: n.Peers(), Validators: -1, Deadline: time.Now().Add(time.Hour),
		Policy: msg.Policy{SamplePPM: 1_000_000, Window: 60}}
}

func TestHonestWorkIsAccepted(t *testing.T) {
	n := network(t, devnet.Config{Providers: 2, Validators: 2})
	req := request(t, n)
	req.Replicas = 2
	got, err := n.Consumer.Consumer.Submit(context.Background(), req, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := locally(t, req.Job)
	if len(got) != 2 || got[0].Provider == got[1].Provider {
		t.Fatalf("%d results, want 2 of different providers", len(got))
	}
	for _, r := range got {
		if r.Receipt.Trace != want.Receipt.Trace || r.Receipt.State != want.Receipt.State || r.Receipt.Gas != want.Receipt.Gas || r.Receipt.GPUGas != want.Receipt.GPUGas {
			t.Errorf("a stranger's roots %v %v, a local run's %v %v", r.Receipt.Trace, r.Receipt.State, want.Receipt.Trace, want.Receipt.State)
		}
		if !r.Outcome.Accepted || len(r.Outcome.Verdicts) != 12 {
			t.Errorf("accepted %v with %d verdicts, want 12: 2 validators, 6 intervals (%s)", r.Outcome.Accepted, len(r.Outcome.Verdicts), r.Outcome.Reason)
		}
		for i, o := range r.Receipt.Outputs {
			f, err := n.Consumer.Consumer.Output(o)
			if err != nil {
				t.Fatal(err)
			}
			b := make([]byte, o.Blob.Size)
			if _, err := f.Read(b); err != nil || string(b) != string(want.Outputs[i].Data) {
				t.Errorf("output %s differs from a local run's (%v)", o.Name, err)
			}
			f.Close()
		}
	}
}

func TestFlippedBitIsFound(t *testing.T) {
	// The provider flips bit 5 of word 200 in what the dispatch of step 7 wrote: invocation 200, workgroup 3 of 64 each.
	fault := &runtime.Fault{Step: 7, Any: true, Offset: 800, Bit: 5}
	n := network(t, devnet.Config{Providers: 3, Validators: 1, Faults: map[int]*runtime.Fault{1: fault}})
	req := request(t, n)
	// The sample may miss it: it is the replicas' disagreement that leads to the right interval.
	req.Replicas, req.Policy.SamplePPM = 3, 400_000
	got, err := n.Consumer.Consumer.Submit(context.Background(), req, func(e consumer.Event) {
		if e.Kind == "verdict" && e.Verdict == nil {
			t.Errorf("a validator fails: %s", e.Text)
		}
	})
	if !errors.Is(err, consumer.ErrRejected) {
		t.Fatalf("error %v, want a rejected result", err)
	}
	rejected := 0
	for _, r := range got {
		guilty := r.Addr == n.Providers[1].Addr()
		if r.Outcome.Accepted == guilty {
			t.Errorf("%s accepted: %v (%s)", n.Name(r.Addr), r.Outcome.Accepted, r.Outcome.Reason)
		}
		if !guilty {
			continue
		}
		for _, v := range r.Outcome.Verdicts {
			if v.Value != msg.Invalid {
				continue
			}
			rejected++
			d := v.First
			if d == nil || d.Step == nil || *d.Step != 7 || d.Call == nil || d.Kernel != "wave" || d.Workgroup == nil || *d.Workgroup != [3]uint32{3, 0, 0} ||
				d.Offset == nil || *d.Offset != 800 || *d.Interval != 3 {
				t.Errorf("first difference %+v, want interval 3, step 7, kernel wave, workgroup 3,0,0, byte 800", d)
			}
		}
	}
	if rejected != 1 {
		t.Errorf("%d invalid verdicts, want 1", rejected)
	}
	// The dispute that follows proves it, to whoever has the evidence.
	for _, r := range got {
		if r.Addr != n.Providers[1].Addr() {
			if len(r.Disputes) != 0 {
				t.Errorf("an honest provider is disputed: %+v", r.Disputes[0].Outcome)
			}
			continue
		}
		if len(r.Disputes) != 1 || len(r.Outcome.Rulings) != 1 || !r.Outcome.Rulings[0].Against(r.Provider) {
			t.Fatalf("%d disputes, rulings %+v", len(r.Disputes), r.Outcome.Rulings)
		}
		out := devnettest.Proven(t, n.Consumer.Consumer.Open, r.Disputes[0].Blob)
		if len(out.Guilty) != 1 || out.Guilty[0] != r.Provider || out.Question == nil || out.Question.Kind != dispute.Word ||
			out.Question.Page*4096+out.Question.Offset != 800 || out.Question.Start.Step != 6 || *out.Question.Groups[0] != [3]uint32{3, 0, 0} {
			t.Errorf("the evidence says %+v", out)
		}
	}
}

func TestNoBidSaysWhy(t *testing.T) {
	n := network(t, devnet.Config{Providers: 2})
	req := request(t, n)
	req.Require.DeviceKind = "gpu"
	_, err := n.Consumer.Consumer.Submit(context.Background(), req, nil)
	if !errors.Is(err, consumer.ErrNoBid) || !strings.Contains(err.Error(), "2 of 2: device_kind, job wants a gpu device, this provider has cpu") {
		t.Errorf("error %v, want no bid, with the requirement that ruled out each provider", err)
	}
	req.Peers = []string{"127.0.0.1:9"} // nobody there
	if _, err := n.Consumer.Consumer.Submit(context.Background(), req, nil); !errors.Is(err, consumer.ErrNoPeer) {
		t.Errorf("error %v, want that no peer was reached", err)
	}
}

// slow is a device whose dispatches take a while, so that a test can interrupt a job.
type slow struct{ kernels.Device }

func (s slow) Dispatch(ctx context.Context, list ...*kernels.Dispatch) (uint64, error) {
	time.Sleep(time.Duration(len(list)) * 20 * time.Millisecond)
	return s.Device.Dispatch(ctx, list...)
}

func openSlow(ctx context.Context) (kernels.Device, error) {
	d, err := openCPU(ctx)
	return slow{d}, err
}

func TestProviderRestartsInTheMiddle(t *testing.T) {
	dir := t.TempDir()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	start := func(listen string) (*node.Node, func()) {
		s, err := store.Open(filepath.Join(dir, "provider"), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		n, err := node.Start(node.Config{Identity: id, Store: s, Listen: listen, Provider: true, OpenDevice: openSlow, Device: cpuInfo})
		if err != nil {
			t.Fatal(err)
		}
		return n, func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			n.Close(ctx)
			s.Close()
		}
	}
	p, stop := start("127.0.0.1:0")
	addr := p.Addr()
	c := network(t, devnet.Config{Validators: 1})

	req := request(t, c)
	req.Peers = append(c.Peers(), addr)
	events := make(chan consumer.Event, 10000)
	done := make(chan struct{})
	var got []*consumer.Result
	go func() {
		defer close(done)
		got, err = c.Consumer.Consumer.Submit(context.Background(), req, func(e consumer.Event) { events <- e })
	}()
	for e := range events {
		if e.Status != nil && e.Status.Intervals >= 2 {
			break
		}
	}
	stop()
	_, stop = start(addr)
	defer stop()
	<-done
	if err != nil {
		t.Fatal(err)
	}
	want := locally(t, req.Job)
	if r := got[0]; r.Receipt.Trace != want.Receipt.Trace || !r.Outcome.Accepted || r.Restarts != 1 || r.Reconnect != 1 {
		t.Errorf("trace %v (want %v), accepted %v, %d restarts, %d reconnects, want 1 and 1", r.Receipt.Trace, want.Receipt.Trace, r.Outcome.Accepted, r.Restarts, r.Reconnect)
	}
}

func TestCancel(t *testing.T) {
	n := network(t, devnet.Config{Providers: 0, Validators: 0})
	s, err := store.Open(t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	p, err := node.Start(node.Config{Identity: id, Store: s, Provider: true, OpenDevice: openSlow, Device: cpuInfo})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close(context.Background())
	req := request(t, n)
	req.Peers = []string{p.Addr()}
	stranger := network(t, devnet.Config{})
	cancelled := false
	_, err = n.Consumer.Consumer.Submit(context.Background(), req, func(e consumer.Event) {
		if e.Status != nil && e.Status.State == rpc.StateRunning && !cancelled {
			cancelled = true
			if _, err := stranger.Consumer.Peer(p.Addr(), nil).Cancel(context.Background(), e.Job); !transport.HasCode(err, transport.Forbidden) {
				t.Errorf("a stranger cancels the job: %v, want that it is refused", err)
			}
			if st, err := n.Consumer.Consumer.Cancel(context.Background(), e.Job); err != nil || st.State != rpc.StateCancelled {
				t.Errorf("cancel: %v, %v", st.State, err)
			}
		}
	})
	if !errors.Is(err, consumer.ErrRejected) || !strings.Contains(err.Error(), "cancelled by") {
		t.Errorf("error %v, want that it was cancelled", err)
	}
}

func TestWithheldStateIsUnavailable(t *testing.T) {
	n := network(t, devnet.Config{Providers: 1, Validators: 1})
	req := request(t, n)
	req.Validators = 0
	got, err := n.Consumer.Consumer.Submit(context.Background(), req, nil)
	if err != nil {
		t.Fatal(err)
	}
	// Ask the validator to check with records that are right, at a provider that has nothing: the validator's own peer.
	other := network(t, devnet.Config{Providers: 1})
	p := n.Validators[0].Peer(other.Providers[0].Addr(), nil)
	if _, _, err := p.Info(context.Background()); err != nil {
		t.Fatal(err)
	}
	f, err := n.Validators[0].Check(context.Background(), p, got[0].Records, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range f.Opened() {
		if v.Value != msg.Unavailable || v.Missing == "" {
			t.Errorf("verdict %s (%q), want unavailable and what is missing", v.Value, v.Missing)
		}
	}
	if len(f.Verdicts) == 0 {
		t.Error("no verdict")
	}
}
