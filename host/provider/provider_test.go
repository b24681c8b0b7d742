package provider

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

func openCPU(context.Context) (kernels.Device, error) { return cpu.Open(cpu.Options{}) }

// world is a store, the keys of both sides and a signed job of 12 steps in 6 intervals.
type world struct {
	t          *testing.T
	store      store.Store
	provider   *identity.Identity
	consumer   *identity.Identity
	module     []byte
	spec       msg.JobSpec
	signed     identity.Signed
	job        msg.Hash
	secret     msg.Hash
	openDevice func(context.Context) (kernels.Device, error)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, secret: msg.Hash{1, 2, 3}, openDevice: openCPU}
	var err error
	if w.store, err = store.Open(t.TempDir(), store.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	for _, id := range []**identity.Identity{&w.provider, &w.consumer} {
		if *id, err = identity.New(); err != nil {
			t.Fatal(err)
		}
	}
	if w.module, err = os.ReadFile("../../runtime/testdata/waves.wasm"); err != nil {
		t.Fatal(err)
	}
	j, err := runtime.NewJob(w.module, nil, runtime.Spec{Interval: 2})
	if err != nil {
		t.Fatal(err)
	}
	w.spec = msg.JobSpec{Version: 1, Program: j.Program, Consumer: w.consumer.Account(), Deadline: time.Now().Add(time.Hour).Unix(),
		Policy: msg.Policy{Window: 60}, Commitment: settle.Commitment(w.secret)}
	w.sign()
	return w
}

func (w *world) sign() {
	var err error
	if w.signed, err = w.consumer.Sign(w.spec); err != nil {
		w.t.Fatal(err)
	}
	w.job = msg.HashOf(w.spec)
}

// offer asks for an open bid.
func (w *world) offer(p *Provider, gas, gpu uint64) rpc.Offer {
	w.t.Helper()
	t, err := market.Call(w.consumer, w.job, gas, gpu, []msg.Account{w.provider.Account()}, 0, p.cfg.now())
	if err != nil {
		w.t.Fatal(err)
	}
	return rpc.Offer{Spec: w.signed, Tender: t.Signed}
}

func (w *world) reveal(secret msg.Hash) identity.Signed {
	s, err := w.consumer.Sign(rpc.Reveal{Job: w.job, Secret: secret})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) open(s store.Store) *Provider {
	w.t.Helper()
	p, err := New(Config{Identity: w.provider, Store: s, OpenDevice: w.openDevice, MaxQueue: 2,
		Device: rpc.DeviceInfo{ID: "cpu", Kind: "cpu"},
		Fetch: func(ctx context.Context, who msg.Account, owner string, want []msg.Blob) error {
			_, err := s.Put(ctx, owner, bytes.NewReader(w.module))
			return err
		}})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// receipt waits for the end of the job.
func (w *world) receipt(p *Provider) msg.Receipt {
	w.t.Helper()
	var r msg.Receipt
	next := uint64(0)
	err := p.Watch(context.Background(), rpc.Watch{Job: w.job}, func(e rpc.JobEvent) error {
		switch {
		case e.Interval != nil:
			var ic rpc.IntervalCommit
			if err := e.Interval.OpenFrom(&ic, w.provider.Account()); err != nil || ic.Record.Index != next || ic.Job != w.job {
				w.t.Errorf("interval %d: %+v, %v", next, ic, err)
			}
			next++
		case e.Receipt != nil:
			return e.Receipt.OpenFrom(&r, w.provider.Account())
		case e.Status.State == rpc.StateBroken:
			w.t.Errorf("broken: %s", e.Status.Error)
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if r.Job != w.job {
		w.t.Fatalf("no receipt of job %s", w.job)
	}
	return r
}

func (w *world) want() msg.Receipt {
	w.t.Helper()
	j, err := runtime.NewJob(w.module, nil, runtime.Spec{Interval: 2})
	if err != nil {
		w.t.Fatal(err)
	}
	d, err := openCPU(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	defer d.Close()
	r, err := runtime.Run(context.Background(), j, runtime.Options{Device: d})
	if err != nil {
		w.t.Fatal(err)
	}
	return r.Receipt
}

func TestJob(t *testing.T) {
	w := newWorld(t)
	p := w.open(w.store)
	defer p.Close()
	signed, err := p.Offer(context.Background(), w.offer(p, 0, 0))
	var bid rpc.Bid
	if err != nil || signed.OpenFrom(&bid, w.provider.Account()) != nil || !bid.Accept || bid.Job != w.job {
		t.Fatalf("bid %+v, %v", bid, err)
	}
	if _, err := p.Reveal(w.reveal(w.secret)); !errors.Is(err, ErrUnknown) {
		t.Errorf("reveal of an unknown job: %v", err)
	}
	for range 3 { // repeating it changes nothing
		if _, err := p.Start(context.Background(), w.signed); err != nil {
			t.Fatal(err)
		}
	}
	got, want := w.receipt(p), w.want()
	if got.Trace != want.Trace || got.State != want.State || got.Gas != want.Gas || got.GPUGas != want.GPUGas {
		t.Errorf("receipt %+v, want the roots and gas of %+v", got, want)
	}
	if l := p.List(true); len(l.Jobs) != 0 {
		t.Error("a job is offered to validators before its beacon is open")
	}
	if _, err := p.Reveal(w.reveal(msg.Hash{9})); !errors.Is(err, ErrRefused) {
		t.Errorf("a wrong secret: %v", err)
	}
	if _, err := p.Reveal(w.reveal(w.secret)); err != nil {
		t.Error(err)
	}
	if l := p.List(true); len(l.Jobs) != 1 {
		t.Errorf("%d jobs can be checked, want 1", len(l.Jobs))
	}
	for _, ref := range []rpc.StateRef{{Job: w.job, Interval: 6}, {Job: msg.Hash{1}}} {
		if _, err := p.Manifest(ref); err == nil {
			t.Errorf("a manifest for %v", ref)
		}
		if _, err := p.Detail(context.Background(), ref); err == nil {
			t.Errorf("a detail for %v", ref)
		}
	}
}

func TestRefusals(t *testing.T) {
	w := newWorld(t)
	p := w.open(w.store)
	defer p.Close()
	honest := w.spec
	for rule, change := range map[string]func(*msg.JobSpec){
		"deadline":    func(s *msg.JobSpec) { s.Deadline = 1 },
		"device_kind": func(s *msg.JobSpec) { s.Require.DeviceKind = "discrete" },
		"memory":      func(s *msg.JobSpec) { s.Require.Memory = 1 << 40 },
		"limits":      func(s *msg.JobSpec) { s.Program.Limits.BufferBytes = 1 << 40 },
		"content":     func(s *msg.JobSpec) { s.Program.Inputs = []msg.Input{{Name: "x", Blob: msg.Blob{Size: 1 << 60}}} },
		"limits  ":    func(s *msg.JobSpec) { s.Program.Limits.OutputBytes = 1 << 40 },
		"limits   ": func(s *msg.JobSpec) { // which wraps around to nothing
			s.Program.Limits.BufferBytes, s.Program.Limits.MemoryPages = 1<<64-1<<16, 1
		},
		"content ": func(s *msg.JobSpec) {
			for i := range 16 {
				s.Program.Inputs = append(s.Program.Inputs, msg.Input{Name: string(rune('a' + i)), Blob: msg.Blob{Root: msg.Hash{byte(i)}, Size: 1 << 60}})
			}
		},
		"policy":  func(s *msg.JobSpec) { s.Policy.Candidates = []msg.Candidate{{Account: msg.Account{1}}} }, // of weight 0
		"probe":   func(s *msg.JobSpec) { s.Require.Probe = "another" },
		"version": func(s *msg.JobSpec) { s.Program.Semantics = "gw2" },
	} {
		w.spec = honest
		change(&w.spec)
		w.sign()
		signed, err := p.Offer(context.Background(), w.offer(p, 0, 0))
		var bid rpc.Bid
		if err != nil || signed.OpenFrom(&bid, w.provider.Account()) != nil || bid.Accept || bid.Rule != strings.TrimSpace(rule) || bid.Reason == "" {
			t.Errorf("%s: bid %+v, %v", rule, bid, err)
		}
		if _, err := p.Start(context.Background(), w.signed); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), strings.TrimSpace(rule)) {
			t.Errorf("%s: start: %v, want a refusal that names it", rule, err)
		}
	}
	// A job signed by somebody else than its consumer.
	w.spec = honest
	w.spec.Consumer = w.provider.Account()
	w.sign()
	if _, err := p.Start(context.Background(), w.signed); !errors.Is(err, ErrRefused) {
		t.Errorf("a job of another consumer: %v, want that it is refused", err)
	}
}

// interrupted is a store whose provider dies at the last moment: when it writes the log of the finished job, after the
// last interval and before the receipt.
type interrupted struct {
	store.Store
	reached, dead chan struct{}
}

func (s *interrupted) Journal(name string) store.Journal {
	if name == "provider/logs" {
		return &interruptedJournal{s.Store.Journal(name), s}
	}
	return s.Store.Journal(name)
}

type interruptedJournal struct {
	store.Journal
	s *interrupted
}

func (j *interruptedJournal) Put(msg.Hash, any) error {
	close(j.s.reached)
	<-j.s.dead
	return errors.New("killed")
}

func TestDeathBetweenTheLastIntervalAndTheReceipt(t *testing.T) {
	w := newWorld(t)
	s := &interrupted{w.store, make(chan struct{}), make(chan struct{})}
	p := w.open(s)
	if _, err := p.Start(context.Background(), w.signed); err != nil {
		t.Fatal(err)
	}
	<-s.reached
	p.stop() // as dead as it can be made within a test: it does nothing more
	close(s.dead)
	p.Close()

	p = w.open(w.store)
	defer p.Close()
	if got, want := w.receipt(p), w.want(); got.Trace != want.Trace || got.State != want.State {
		t.Errorf("trace %v, want %v", got.Trace, want.Trace)
	}
}

// failing is a device that is lost after some dispatches.
type failing struct {
	kernels.Device
	left *int
}

func (d failing) Dispatch(ctx context.Context, list ...*kernels.Dispatch) (uint64, error) {
	before := *d.left
	*d.left -= len(list)
	if before > 0 && *d.left <= 0 {
		return 0, &kernels.LostError{Device: "cpu", Reason: "test"}
	}
	return d.Device.Dispatch(ctx, list...)
}

func TestLostDeviceGoesOnFromTheCheckpoint(t *testing.T) {
	w := newWorld(t)
	left := 15
	w.openDevice = func(ctx context.Context) (kernels.Device, error) {
		d, err := openCPU(ctx)
		return failing{d, &left}, err
	}
	p := w.open(w.store)
	defer p.Close()
	if _, err := p.Start(context.Background(), w.signed); err != nil {
		t.Fatal(err)
	}
	if got, want := w.receipt(p), w.want(); got.Trace != want.Trace || left >= 0 {
		t.Errorf("trace %v, want %v; %d dispatches were left before the loss", got.Trace, want.Trace, left)
	}
	if st, err := p.Status(w.job); err != nil || st.Restarts != 1 {
		t.Errorf("%d restarts (%v), want 1", st.Restarts, err)
	}
}
