package consumer_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet/devnettest"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// gate is a device that waits, before each dispatch, for its test to let it through.
type gate struct {
	mu   sync.Mutex
	left int           // dispatches that may pass; negative is all
	more chan struct{} // closed when left changes
	seen int
}

func newGate(n int) *gate { return &gate{left: n, more: make(chan struct{})} }

// pass lets n more dispatches through; negative lets all.
func (g *gate) pass(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.left += n; n < 0 {
		g.left = -1
	}
	close(g.more)
	g.more = make(chan struct{})
}

func (g *gate) open(context.Context) (kernels.Device, error) {
	d, err := cpu.Open(cpu.Options{})
	return gated{d, g}, err
}

type gated struct {
	kernels.Device
	g *gate
}

func (d gated) Dispatch(ctx context.Context, list ...*kernels.Dispatch) (uint64, error) {
	for range list {
		for {
			d.g.mu.Lock()
			if d.g.left != 0 {
				d.g.left -= min(1, max(d.g.left, 0))
				d.g.seen++
				d.g.mu.Unlock()
				break
			}
			more := d.g.more
			d.g.mu.Unlock()
			select {
			case <-more:
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
	}
	return d.Device.Dispatch(ctx, list...)
}

// member is a node of a test.
type member struct {
	*node.Node
	stop func()
}

var (
	cpuInfo = devnettest.CPU
	waves   = devnettest.Waves
	locally = devnettest.Locally
)

func start(t testing.TB, dir string, cfg node.Config) *member {
	t.Helper()
	var err error
	if cfg.Identity == nil {
		if cfg.Identity, err = identity.New(); err != nil {
			t.Fatal(err)
		}
	}
	if cfg.Store, err = store.Open(dir, store.Options{}); err != nil {
		t.Fatal(err)
	}
	cfg.Device, cfg.Transport.HandshakeTimeout = cpuInfo, time.Second // nothing answers where a node was stopped
	if cfg.OpenDevice == nil {
		cfg.OpenDevice = newGate(-1).open
	}
	n, err := node.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	m := &member{Node: n}
	m.stop = sync.OnceFunc(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		n.Close(ctx)
		cfg.Store.Close()
	})
	t.Cleanup(m.stop)
	return m
}

func providerWith(t testing.TB, g *gate, fault *runtime.Fault) *member {
	return start(t, t.TempDir(), node.Config{Provider: true, OpenDevice: g.open, Fault: fault})
}

func request(t testing.TB, peers ...*member) consumer.Request {
	r := consumer.Request{Job: waves(t), Validators: -1, Deadline: time.Now().Add(time.Hour), KeepState: time.Millisecond, Reissue: -1,
		Policy: msg.Policy{SamplePPM: 1_000_000, Window: 60}}
	for _, p := range peers {
		r.Peers = append(r.Peers, p.Addr())
	}
	return r
}

// submission is a Submit that is under way.
type submission struct {
	t      testing.TB
	c      *member
	events chan consumer.Event
	done   chan struct{}
	got    []*consumer.Result
	err    error
	all    []consumer.Event
	cancel context.CancelFunc
}

func submit(t testing.TB, c *member, req consumer.Request) *submission {
	ctx, cancel := context.WithCancel(context.Background())
	s := &submission{t: t, c: c, events: make(chan consumer.Event, 100_000), done: make(chan struct{}), cancel: cancel}
	go func() {
		defer close(s.done)
		s.got, s.err = c.Consumer.Submit(ctx, req, func(e consumer.Event) { s.events <- e })
	}()
	t.Cleanup(func() { cancel(); <-s.done })
	return s
}

// until waits for an event.
func (s *submission) until(what string, is func(consumer.Event) bool) consumer.Event {
	s.t.Helper()
	for {
		select {
		case e := <-s.events:
			s.all = append(s.all, e)
			if is(e) {
				return e
			}
		case <-s.done:
			s.t.Fatalf("the submission ended before %s: %v", what, s.err)
		case <-time.After(time.Minute):
			s.t.Fatalf("no %s within a minute", what)
		}
	}
}

func (s *submission) chosen(m *member) consumer.Event {
	s.t.Helper()
	return s.until("choice of "+m.Addr(), func(e consumer.Event) bool { return e.Kind == "chosen" && e.Provider == m.Addr() })
}

// kept waits until the consumer has the state behind an interval.
func (s *submission) kept(job msg.Hash, interval uint64) {
	s.t.Helper()
	for range 6000 {
		if sub, _, err := s.c.Consumer.Find(job); err == nil {
			if _, ok := sub.Kept[interval]; ok {
				return
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatalf("the state behind interval %d is not kept", interval)
}

func (s *submission) wait() []*consumer.Result {
	s.t.Helper()
	select {
	case <-s.done:
	case <-time.After(2 * time.Minute):
		s.t.Fatal("the submission does not end")
	}
	return s.got
}

// sameAsAlone checks that a result has the roots and outputs of a local run, and gives what it claims.
func sameAsAlone(t testing.TB, c *member, r *consumer.Result, j *runtime.Job) *claim.Claims {
	t.Helper()
	want := locally(t, j)
	if r.Receipt.Trace != want.Receipt.Trace || r.Receipt.State != want.Receipt.State || r.Receipt.Gas != want.Receipt.Gas || r.Receipt.GPUGas != want.Receipt.GPUGas {
		t.Errorf("receipt %+v, want the roots and gas of %+v", r.Receipt, want.Receipt)
	}
	for i, o := range r.Receipt.Outputs {
		f, err := c.Consumer.Output(o)
		if err != nil {
			t.Fatal(err)
		}
		b := make([]byte, o.Blob.Size)
		if _, err := f.Read(b); err != nil || !slices.Equal(b, want.Outputs[i].Data) {
			t.Errorf("output %s differs from a local run's (%v)", o.Name, err)
		}
		f.Close()
	}
	if r.Outcome == nil || !r.Outcome.Accepted {
		t.Errorf("outcome %+v, want that the result is accepted", r.Outcome)
	}
	said, err := claim.Read(&r.Records)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// Each step of the job has two dispatches, each interval two steps.
const perInterval = 4

// A provider that dies in the middle costs what it did since the last state that its consumer fetched, no more; so does the next.
func TestMovedTwice(t *testing.T) {
	g1, g2, g3 := newGate(3*perInterval), newGate(2*perInterval), newGate(-1)
	p1, p2, p3 := providerWith(t, g1, nil), providerWith(t, g2, nil), providerWith(t, g3, nil)
	v := start(t, t.TempDir(), node.Config{Validator: true})
	c := start(t, t.TempDir(), node.Config{Patience: 100 * time.Millisecond})
	s := submit(t, c, request(t, p1, p2, p3, v))
	first := s.chosen(p1)
	s.kept(first.Job, 2)
	p1.stop()
	second := s.chosen(p2)
	if second.From != 3 {
		t.Errorf("the second provider begins with interval %d, want 3", second.From)
	}
	s.kept(second.Job, 4)
	p2.stop()
	third := s.chosen(p3)
	got := s.wait()
	if s.err != nil {
		t.Fatal(s.err)
	}
	said := sameAsAlone(t, c, got[0], waves(t))
	a, b, d := p1.Account(), p2.Account(), p3.Account()
	if want := []msg.Account{a, a, a, b, b, d}; !slices.Equal(said.By, want) || third.From != 5 || len(said.Earlier) != 2 {
		t.Errorf("intervals signed by %v, from interval %d, after %d jobs; want %v, 5, 2", said.By, third.From, len(said.Earlier), want)
	}
	if g3.seen != perInterval {
		t.Errorf("the third provider computed %d dispatches, want the %d of the last interval", g3.seen, perInterval)
	}
	if sub, _, err := c.Consumer.Find(first.Job); err != nil || sub.Over != "moved" {
		t.Errorf("the first job is %q (%v), want moved", sub.Over, err)
	}
}

// Without states the work begins again.
func TestMovedWithoutState(t *testing.T) {
	g1, g2 := newGate(3*perInterval), newGate(-1)
	p1, p2 := providerWith(t, g1, nil), providerWith(t, g2, nil)
	c := start(t, t.TempDir(), node.Config{Patience: 100 * time.Millisecond})
	req := request(t, p1, p2)
	req.KeepState = -1
	s := submit(t, c, req)
	s.until("third interval", func(e consumer.Event) bool { return e.Status != nil && e.Status.Intervals == 3 })
	p1.stop()
	if e := s.chosen(p2); e.From != 0 {
		t.Errorf("the second provider begins with interval %d, want 0", e.From)
	}
	got := s.wait()
	if s.err != nil {
		t.Fatal(s.err)
	}
	sameAsAlone(t, c, got[0], waves(t))
	if g2.seen != 6*perInterval {
		t.Errorf("the second provider computed %d dispatches, want %d", g2.seen, 6*perInterval)
	}
}

// A provider that cancels a job by itself, or gives it up, is left at once, and what it has is taken along.
func TestGivenUpIsMoved(t *testing.T) {
	g1, g2 := newGate(3*perInterval), newGate(-1)
	p1, p2 := providerWith(t, g1, nil), providerWith(t, g2, nil)
	c := start(t, t.TempDir(), node.Config{Patience: time.Hour})
	req := request(t, p1, p2)
	req.KeepState = time.Hour // the last state is fetched when it is given up
	s := submit(t, c, req)
	job := s.chosen(p1).Job
	s.until("third interval", func(e consumer.Event) bool { return e.Status != nil && e.Status.Intervals == 3 })
	if _, err := p1.Provider.Cancel(p1.Account(), job); err != nil {
		t.Fatal(err)
	}
	if e := s.chosen(p2); e.From != 3 {
		t.Errorf("the second provider begins with interval %d, want 3", e.From)
	}
	got := s.wait()
	if s.err != nil {
		t.Fatal(s.err)
	}
	sameAsAlone(t, c, got[0], waves(t))
}

// A consumer killed after a provider was lost goes on where it was: with the next provider, from the state that it has.
func TestResumeGoesOnMoving(t *testing.T) {
	g1, g2 := newGate(3*perInterval), newGate(-1)
	p1, p2 := providerWith(t, g1, nil), providerWith(t, g2, nil)
	dir := t.TempDir()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	c := start(t, dir, node.Config{Patience: 100 * time.Millisecond, Identity: id})
	s := submit(t, c, request(t, p1, p2))
	job := s.chosen(p1).Job
	s.kept(job, 2)
	s.cancel()
	s.wait()
	if !errors.Is(s.err, context.Canceled) {
		t.Fatalf("error %v, want that it was interrupted", s.err)
	}
	c.stop()
	p1.stop()
	c = start(t, dir, node.Config{Patience: 100 * time.Millisecond, Identity: id})
	r, err := c.Consumer.Resume(context.Background(), job, nil)
	if err != nil {
		t.Fatal(err)
	}
	if said := sameAsAlone(t, c, r, waves(t)); said.Prior() != 3 || said.By[2] != p1.Account() || said.By[3] != p2.Account() {
		t.Errorf("%d intervals of the first provider, signed by %v", said.Prior(), said.By)
	}
	if _, err := c.Consumer.Resume(context.Background(), job, nil); err == nil {
		t.Error("a submission that is over is resumed")
	}
}

// The first provider flips a bit and dies; the second goes on from that in good faith. The validators find it, the first is named by a
// proof, the second is not blamed, and the job ends well elsewhere, from before the lie.
func TestFalsePrior(t *testing.T) {
	t.Run("every state is kept", func(t *testing.T) { falsePrior(t, true, 2) })
	// Where only the last was kept the validators have to make the others, and nothing that is good is left to go on from.
	t.Run("one state is kept", func(t *testing.T) { falsePrior(t, false, 0) })
}

func falsePrior(t *testing.T, every bool, from uint64) {
	g1, g2, g3 := newGate(perInterval), newGate(-1), newGate(-1)
	// Step 5 is of interval 2.
	p1 := providerWith(t, g1, &runtime.Fault{Step: 5, Any: true, Offset: 800, Bit: 5})
	p2, p3 := providerWith(t, g2, nil), providerWith(t, g3, nil)
	v := start(t, t.TempDir(), node.Config{Validator: true})
	c := start(t, t.TempDir(), node.Config{Patience: 100 * time.Millisecond})
	req := request(t, p1, p2, p3, v)
	if !every {
		req.KeepState = time.Hour
	}
	s := submit(t, c, req)
	job := s.chosen(p1).Job
	for i := range uint64(4) { // no interval begins before the state of the one before is kept
		if every {
			s.kept(job, i)
		} else {
			s.until("interval", func(e consumer.Event) bool { return e.Status != nil && e.Status.Intervals == i+1 })
		}
		if i < 3 {
			g1.pass(perInterval)
		}
	}
	if every {
		p1.stop()
	} else if _, err := p1.Provider.Cancel(p1.Account(), job); err != nil { // with which its last state is fetched
		t.Fatal(err)
	}
	if e := s.chosen(p2); e.From != 4 {
		t.Errorf("the second provider begins with interval %d, want 4", e.From)
	}
	p1.stop()
	if e := s.chosen(p3); e.From != from {
		t.Errorf("the third provider begins with interval %d, want %d: the last before the lie", e.From, from)
	}
	got := s.wait()
	if s.err != nil {
		t.Fatal(s.err)
	}
	r := got[0]
	if said := sameAsAlone(t, c, r, waves(t)); said.Prior() != from || said.By[from] != p3.Account() {
		t.Errorf("intervals signed by %v", said.By)
	}
	if len(r.Rejected) != 1 {
		t.Fatalf("%d results were rejected, want 1", len(r.Rejected))
	}
	out := r.Rejected[0].Outcome
	if out.Guilty == nil || *out.Guilty != p1.Account() {
		t.Errorf("guilty is %v, want the first provider, %s: %s", out.Guilty, p1.Account(), out.Reason)
	}
	if len(r.Rejected[0].Disputes) == 0 {
		t.Error("nothing is proven")
	}
	for _, d := range r.Rejected[0].Disputes {
		var b bytes.Buffer
		if err := d.Evidence.Write(&b); err != nil {
			t.Fatal(err)
		}
		e, err := dispute.ReadEvidence(&b)
		if err != nil {
			t.Fatal(err)
		}
		again, err := e.Verify(context.Background(), nil)
		if err != nil || !slices.Equal(again.Guilty, []msg.Account{p1.Account()}) {
			t.Errorf("the evidence names %v (%v), want the first provider alone", again, err)
		}
	}
	for _, x := range s.all {
		if x.Kind == "ruling" && strings.Contains(x.Text, p2.Account().String()) {
			t.Errorf("the second provider is blamed: %s", x.Text)
		}
	}
}
