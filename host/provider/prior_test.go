package provider

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// inherited is a job of which somebody else has done the first intervals, and what that one left.
type inherited struct {
	*world
	before  *identity.Identity
	first   msg.JobSpec
	start   rpc.Start
	states  []*state.Snapshot
	records []msg.Interval
	content store.Store // what the consumer and other sources have
	asked   []string    // the sources that were named
}

func inherit(t *testing.T, n int) *inherited {
	t.Helper()
	h := &inherited{world: newWorld(t), content: store.NewMemory(store.Options{})}
	t.Cleanup(func() { h.content.Close() })
	var err error
	if h.before, err = identity.New(); err != nil {
		t.Fatal(err)
	}
	h.first = h.spec
	j, err := runtime.NewJob(h.module, nil, runtime.Spec{Interval: 2})
	if err != nil {
		t.Fatal(err)
	}
	d, err := openCPU(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	_, err = runtime.Run(context.Background(), j, runtime.Options{Device: d, OnInterval: func(rec msg.Interval, take func() (*state.Snapshot, error)) error {
		s, err := take()
		h.states, h.records = append(h.states, s), append(h.records, rec)
		return err
	}})
	if err != nil {
		t.Fatal(err)
	}
	h.goOn(n)
	return h
}

func (h *inherited) signs(who *identity.Identity, v msg.Hashed) identity.Signed {
	h.t.Helper()
	s, err := who.Sign(v)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// goOn makes the job one that goes on from n intervals.
func (h *inherited) goOn(n int) {
	earlier := msg.HashOf(h.first)
	h.start = rpc.Start{Earlier: []identity.Signed{h.signs(h.consumer, h.first)}, Sources: []string{"127.0.0.1:1"}}
	for _, rec := range h.records[:n] {
		h.start.Prior = append(h.start.Prior, h.signs(h.before, rpc.IntervalCommit{Job: earlier, Record: rec}))
	}
	h.spec.Nonce, h.spec.Prior = 1, &msg.Prior{Job: earlier, Intervals: uint64(n), Trace: trace.Root(h.records[:n])}
	h.offer(h.states[n-1])
	h.seal()
}

// offer has the consumer offer a state to go on from.
func (h *inherited) offer(s *state.Snapshot) {
	manifest := s.Manifest()
	m, err := h.content.Put(context.Background(), "test", bytes.NewReader(manifest))
	if err != nil {
		h.t.Fatal(err)
	}
	h.start.State = &m
	for _, hash := range s.Since(nil) {
		page, _ := s.Page(hash)
		if _, err := h.content.PutPages("test", [][]byte{page}); err != nil {
			h.t.Fatal(err)
		}
	}
}

func (h *inherited) seal() {
	h.sign()
	h.start.Spec = h.signed
}

func (h *inherited) config() Config {
	return Config{Identity: h.provider, Store: h.store, OpenDevice: h.openDevice, MaxQueue: 4, Device: rpc.DeviceInfo{ID: "cpu", Kind: "cpu"},
		Fetch: func(ctx context.Context, _ msg.Account, owner string, want []msg.Blob) error {
			for _, b := range want {
				data := h.module
				if b != merkle.BlobOf(h.module) {
					var err error
					if data, err = store.ReadAll(h.content, b, b.Size); err != nil {
						return err
					}
				}
				if _, err := h.store.Put(ctx, owner, bytes.NewReader(data)); err != nil {
					return err
				}
			}
			return nil
		},
		FetchPages: func(_ context.Context, _ msg.Account, sources []string, owner string, pages []msg.Hash) error {
			h.asked = sources
			all, err := h.content.GetPages(pages)
			if err == nil {
				_, err = h.store.PutPages(owner, all)
			}
			return err
		}}
}

func (h *inherited) opened(cfg Config) *Provider {
	h.t.Helper()
	p, err := New(cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// stuck is a device that never comes to an end of anything.
type stuck struct{ kernels.Device }

func (stuck) Dispatch(ctx context.Context, _ ...*kernels.Dispatch) (uint64, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

func openStuck(ctx context.Context) (kernels.Device, error) {
	d, err := openCPU(ctx)
	return stuck{d}, err
}

// until waits for the job to be in a state.
func (w *world) until(p *Provider, want rpc.JobState) {
	w.t.Helper()
	errThere := errors.New("there")
	err := p.Watch(context.Background(), rpc.Watch{Job: w.job, From: 1 << 40}, func(e rpc.JobEvent) error {
		if e.Status != nil && e.Status.State == want {
			return errThere
		}
		return nil
	})
	if err != errThere {
		w.t.Fatalf("the job never is %s: %v", want, err)
	}
}

// A job goes on from another provider's work, over restarts too, and its records say who did what.
func TestPriorGoesOn(t *testing.T) {
	h := inherit(t, 3)
	h.openDevice = openStuck
	p := h.opened(h.config())
	if _, err := p.Take(context.Background(), h.start); err != nil {
		t.Fatal(err)
	}
	// It is killed when it has taken over and before it has committed to anything of its own.
	h.until(p, rpc.StateRunning)
	p.Close()
	h.openDevice = openCPU
	if !slices.Equal(h.asked, h.start.Sources) {
		t.Errorf("pages were asked of %v, want %v", h.asked, h.start.Sources)
	}
	p = h.opened(h.config())
	defer p.Close()
	status, receipt := h.end(p, h.job)
	want := h.want()
	if receipt.Trace != want.Trace || receipt.State != want.State || receipt.Gas != want.Gas || status.State != rpc.StateDone {
		t.Fatalf("status %+v, receipt %+v; want the roots and gas of %+v", status, receipt, want)
	}
	r, err := p.Records(h.job)
	if err != nil {
		t.Fatal(err)
	}
	c, err := claim.Read(&r)
	if err != nil {
		t.Fatal(err)
	}
	if c.Prior() != 3 || c.By[2] != h.before.Account() || c.By[3] != h.provider.Account() || c.Under[2] != msg.HashOf(h.first) {
		t.Errorf("signed by %v for %v", c.By, c.Under)
	}
	// It has the state that it began with, and none before; and nothing to say about what it did not compute.
	for i, want := range []error{ErrUnknown, ErrUnknown, nil, nil} {
		m, err := p.Manifest(rpc.StateRef{Job: h.job, Interval: uint64(i)})
		if !errors.Is(err, want) || err == nil && !bytes.Equal(m.Body, h.states[i].Manifest()) {
			t.Errorf("manifest of the state after interval %d: %v, want %v", i, err, want)
		}
	}
	if _, err := p.Detail(context.Background(), rpc.StateRef{Job: h.job, Interval: 1}); !errors.Is(err, ErrUnknown) {
		t.Errorf("an account of an interval that another computed: %v", err)
	}
	if _, err := p.Detail(context.Background(), rpc.StateRef{Job: h.job, Interval: 3}); err != nil {
		t.Errorf("an account of its own interval: %v", err)
	}
}

// What cannot be gone on from is refused with the reason, at once where the records show it, else when the state is here.
func TestHostilePrior(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*inherited)
		text   string
	}{
		"wrong trace": {func(h *inherited) { h.spec.Prior.Trace[0] ^= 1; h.seal() }, "trace root"},
		"records of another program": {func(h *inherited) {
			h.first.Program.Seed = 77
			h.goOn(3)
		}, "is of program"},
		"records of another run": {func(h *inherited) {
			h.first.Prior = &msg.Prior{Job: msg.Hash{1}, Intervals: 1, Trace: msg.Hash{2}}
			h.goOn(3)
		}, "goes on from 1 intervals, its records from 0"},
		"records of another job":    {func(h *inherited) { h.spec.Prior.Job = msg.Hash{9}; h.seal() }, "the job goes on from job 09"},
		"too many records":          {func(h *inherited) { h.start.Prior = append(h.start.Prior, h.start.Prior[0]) }, "4 interval records"},
		"too few records":           {func(h *inherited) { h.start.Prior = h.start.Prior[:2] }, "2 interval records"},
		"a damaged record":          {func(h *inherited) { h.start.Prior[1].Sig[7] ^= 1 }, "interval"},
		"more intervals than fit":   {func(h *inherited) { h.spec.Prior.Intervals = 1 << 40; h.seal() }, "this provider takes 1 to"},
		"no interval":               {func(h *inherited) { h.spec.Prior.Intervals, h.start.Prior = 0, nil; h.seal() }, "goes on from 0 intervals"},
		"too many sources":          {func(h *inherited) { h.start.Sources = make([]string, 5) }, "5 sources"},
		"no state":                  {func(h *inherited) { h.start.State = nil }, "manifest of the state is not named"},
		"a huge state":              {func(h *inherited) { h.start.State = &msg.Blob{Size: 1 << 50} }, "table of pages has"},
		"a state beyond its memory": {func(h *inherited) { h.start.State = &msg.Blob{Size: 15 << 20} }, "at most 1600 MiB"},
		"records without a prior":   {func(h *inherited) { h.spec.Prior = nil; h.seal() }, "begins at its beginning"},
		"another state":             {func(h *inherited) { h.offer(h.states[1]) }, "the manifest's root is"},
		"what is no manifest": {func(h *inherited) {
			b, err := h.content.Put(context.Background(), "test", strings.NewReader("nothing"))
			if err != nil {
				h.t.Fatal(err)
			}
			h.start.State = &b
		}, "manifest"},
		"a state in which it is over":      {func(h *inherited) { h.records[5].LastStep = 12; h.goOn(6) }, "the job is finished in it"},
		"a state that says something else": {func(h *inherited) { h.records[2].Gas++; h.goOn(3) }, "last record is of step 6 with gas"},
	} {
		t.Run(name, func(t *testing.T) {
			h := inherit(t, 3)
			tc.change(h)
			cfg := h.config()
			cfg.MaxMemory = 1600 << 20
			p := h.opened(cfg)
			defer p.Close()
			_, err := p.Take(context.Background(), h.start)
			if err != nil {
				if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), tc.text) {
					t.Fatalf("error %v, want a refusal with %q", err, tc.text)
				}
				if _, err := p.Status(h.job); !errors.Is(err, ErrUnknown) {
					t.Errorf("what was refused is known: %v", err)
				}
				return
			}
			if st, _ := h.end(p, h.job); st.State != rpc.StateBroken || !strings.Contains(st.Error, tc.text) {
				t.Errorf("the job is %s: %q, want broken with %q", st.State, st.Error, tc.text)
			}
		})
	}
}
