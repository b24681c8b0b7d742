package provider

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// clock is a clock that only its test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// nothing never brings anything.
func nothing(context.Context, msg.Account, string, []msg.Blob) error {
	return errors.New("nobody is connected")
}

func (w *world) config() Config {
	return Config{Identity: w.provider, Store: w.store, OpenDevice: w.openDevice, MaxJobs: 1, MaxQueue: 8, Device: rpc.DeviceInfo{ID: "cpu", Kind: "cpu"},
		Fetch: func(ctx context.Context, _ msg.Account, owner string, _ []msg.Blob) error {
			_, err := w.store.Put(ctx, owner, bytes.NewReader(w.module))
			return err
		}}
}

func (w *world) opened(cfg Config) *Provider {
	w.t.Helper()
	p, err := New(cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// Each part of a job's time ends it, with the part's name, and a restart gives nobody more of it.
func TestTimes(t *testing.T) {
	for part, tc := range map[string]struct {
		times  msg.Times
		stuck  bool // the job itself
		before bool // another job is in the way
		fetch  func(context.Context, msg.Account, string, []msg.Blob) error
		at     rpc.JobState // where it is when its time is up
	}{
		"setup time": {times: msg.Times{Setup: 100}, fetch: nothing, at: rpc.StateWaiting},
		"queue time": {times: msg.Times{Queue: 100}, before: true, at: rpc.StateQueued},
		"run time":   {times: msg.Times{Run: 100}, stuck: true, at: rpc.StateRunning},
	} {
		t.Run(part, func(t *testing.T) {
			w := newWorld(t)
			if tc.stuck || tc.before {
				w.openDevice = openStuck
			}
			c := &clock{at: time.Unix(1_700_000_000, 0)}
			w.spec.Deadline = c.at.Add(time.Hour).Unix()
			cfg := w.config()
			cfg.now = c.now
			if tc.fetch != nil {
				cfg.Fetch = tc.fetch
			}
			p := w.opened(cfg)
			if tc.before {
				w.sign()
				if _, err := p.Start(context.Background(), w.signed); err != nil {
					t.Fatal(err)
				}
				w.until(p, rpc.StateRunning)
			}
			w.spec.Times, w.spec.Nonce = tc.times, 5
			w.sign()
			if _, err := p.Start(context.Background(), w.signed); err != nil {
				t.Fatal(err)
			}
			w.until(p, tc.at)
			c.add(60 * time.Second)
			p.Close()
			c.add(30 * time.Second)
			p = w.opened(cfg)
			defer func() { p.Close() }()
			w.until(p, tc.at)
			p.mu.Lock()
			j := p.jobs[w.job]
			p.mu.Unlock()
			p.up(j)
			if st, _ := p.Status(w.job); st.State != tc.at {
				t.Fatalf("after 90 of 100 seconds the job is %s (%s), want %s", st.State, st.Error, tc.at)
			}
			c.add(11 * time.Second)
			p.up(j) // what its timer calls
			st, _ := w.end(p, w.job)
			if st.State != rpc.StateBroken || !strings.HasPrefix(st.Error, "past its "+part) {
				t.Errorf("the job is %s: %q, want broken for its %s", st.State, st.Error, part)
			}
			p.Close()
			p = w.opened(cfg)
			if st, _ := p.Status(w.job); st.State != rpc.StateBroken {
				t.Errorf("after a restart the job is %s", st.State)
			}
		})
	}
}

// The timers are set: a job whose time is short ends by itself.
func TestTimeIsUp(t *testing.T) {
	w := newWorld(t)
	w.openDevice = openStuck
	w.spec.Times.Run = 1
	w.sign()
	p := w.opened(w.config())
	defer p.Close()
	if _, err := p.Start(context.Background(), w.signed); err != nil {
		t.Fatal(err)
	}
	if st, _ := w.end(p, w.job); st.State != rpc.StateBroken || !strings.HasPrefix(st.Error, "past its run time") {
		t.Errorf("the job is %s: %q", st.State, st.Error)
	}
}

// A provider measures itself, remembers it, says so in its bids, and does not promise what it does not expect to keep.
func TestSpeed(t *testing.T) {
	w := newWorld(t)
	cfg := w.config()
	p := w.opened(cfg)
	bid := func(gas, gpu uint64) (b rpc.Bid) {
		t.Helper()
		signed, err := p.Offer(context.Background(), w.offer(p, gas, gpu))
		if err != nil || signed.OpenFrom(&b, w.provider.Account()) != nil {
			t.Fatal(err)
		}
		return b
	}
	if b := bid(1<<40, 0); b.Speed != 0 || b.GPUSpeed != 0 || !b.Accept {
		t.Errorf("a bid of somebody who has done nothing: %+v", b)
	}
	if _, err := p.Start(context.Background(), w.signed); err != nil {
		t.Fatal(err)
	}
	w.receipt(p)
	p.Close()
	p = w.opened(cfg)
	defer p.Close()
	w.spec.Nonce, w.spec.Times = 7, msg.Times{Queue: 1000, Setup: 1000, Run: 1000}
	w.sign()
	b := bid(1000, 1000)
	if b.Speed == 0 || b.GPUSpeed == 0 || !b.Accept {
		t.Fatalf("bid %+v after a job, want that both speeds are known", b)
	}
	b = bid(2000*b.Speed, 0)
	if b.Accept || len(b.Fails) != 1 || b.Rule != "run_time" || b.Fails[0].Have != 2000 || b.Fails[0].Want != 1000 {
		t.Errorf("bid %+v for a job that would take 2000 s and may take 1000", b)
	}
	p.mu.Lock()
	p.speed.Bytes, p.speed.Fetches = 1, 1 // a byte a second
	p.speed.Jobs, p.speed.Runs = 1, 5000
	p.running = 1
	p.mu.Unlock()
	rules := map[string]uint64{}
	b = bid(0, 0)
	for _, f := range b.Fails {
		rules[f.Rule] = f.Have
	}
	if size := uint64(len(w.module)); rules["setup_time"] != size || rules["queue_time"] < size || b.Accept {
		t.Errorf("bid %+v, want that fetching %d bytes and waiting so long are refused", b, size)
	}
	p.mu.Lock()
	p.running = 0
	p.mu.Unlock()
}

// However many jobs one consumer sends, others find a place, and a turn.
func TestFlood(t *testing.T) {
	w := newWorld(t)
	w.openDevice = openStuck
	flooder, other := w.consumer, newIdentity(t)
	cfg := w.config()
	cfg.MaxQueue = 8
	p := w.opened(cfg)
	defer p.Close()
	give := func(who *identity.Identity, n uint64) (msg.Hash, error) {
		spec := w.spec
		spec.Consumer, spec.Nonce = who.Account(), n
		signed, err := who.Sign(spec)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Start(context.Background(), signed)
		return msg.HashOf(spec), err
	}
	first, err := give(flooder, 1)
	if err != nil {
		t.Fatal(err)
	}
	w.job = first
	w.until(p, rpc.StateRunning)
	for _, want := range []int{4, 2, 1} { // half of what is free, for each who floods it
		taken := 0
		for n := range uint64(50) {
			if _, err := give(flooder, 2+n); err == nil {
				taken++
			} else if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "share") {
				t.Fatal(err)
			}
		}
		if taken != want {
			t.Errorf("%d jobs of one consumer wait, want %d of the places that were left of 8", taken, want)
		}
		flooder = newIdentity(t)
	}
	if _, err := give(other, 1); err != nil {
		t.Errorf("three consumers keep a fourth out: %v", err)
	}
	if _, err := give(other, 2); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "queue") {
		t.Errorf("a job too many: %v", err)
	}
}

func newIdentity(t *testing.T) *identity.Identity {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Whoever has fewer jobs running is next, however many others wait before.
func TestTurns(t *testing.T) {
	w := newWorld(t)
	g := make(chan struct{})
	w.openDevice = func(ctx context.Context) (kernels.Device, error) {
		select {
		case <-g:
		case <-ctx.Done():
		}
		return openCPU(ctx)
	}
	other := newIdentity(t)
	cfg := w.config()
	cfg.MaxJobs, cfg.MaxQueue = 2, 16
	p := w.opened(cfg)
	defer p.Close()
	var jobs []msg.Hash
	for n, who := range []*identity.Identity{w.consumer, w.consumer, w.consumer, w.consumer, other} {
		spec := w.spec
		spec.Consumer, spec.Nonce = who.Account(), uint64(n)
		signed, err := who.Sign(spec)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Start(context.Background(), signed); err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, msg.HashOf(spec))
		w.job = jobs[n]
		if n < 2 {
			w.until(p, rpc.StateRunning)
		} else {
			w.until(p, rpc.StateQueued)
		}
	}
	g <- struct{}{}
	w.job = jobs[4]
	w.until(p, rpc.StateRunning)
	if st, _ := p.Status(jobs[2]); st.State != rpc.StateQueued {
		t.Errorf("the flooder's third job is %s before the other's first", st.State)
	}
	close(g)
	for _, job := range jobs {
		if st, _ := w.end(p, job); st.State != rpc.StateDone {
			t.Errorf("a job is %s: %s", st.State, st.Error)
		}
	}
}

// A consumer that does not bring what its job is made of loses the place.
func TestWaitingJobsExpire(t *testing.T) {
	w := newWorld(t)
	c := &clock{at: time.Unix(1_700_000_000, 0)}
	w.spec.Deadline = c.at.Add(10 * time.Hour).Unix()
	w.sign()
	cfg := w.config()
	cfg.Fetch, cfg.now = nothing, c.now
	p := w.opened(cfg)
	defer p.Close()
	if _, err := p.Start(context.Background(), w.signed); err != nil {
		t.Fatal(err)
	}
	c.add(10*time.Minute + time.Second)
	p.mu.Lock()
	j := p.jobs[w.job]
	p.mu.Unlock()
	p.up(j) // or, if it is just being asked again, when that is over
	if st, _ := w.end(p, w.job); st.State != rpc.StateBroken || !strings.Contains(st.Error, "did not bring its blobs") {
		t.Errorf("the job is %s: %q", st.State, st.Error)
	}
}

// smallDisk is a store that is full when its test says so.
type smallDisk struct {
	store.Store
	mu   sync.Mutex
	full bool
}

func (s *smallDisk) set(full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = full
}

func (s *smallDisk) PutPages(owner string, pages [][]byte) ([]msg.Hash, error) {
	s.mu.Lock()
	full := s.full
	s.mu.Unlock()
	if full {
		return nil, fmt.Errorf("test: %w", store.ErrFull)
	}
	return s.Store.PutPages(owner, pages)
}

// A provider whose disk is full gives its job back and takes none until there is room.
func TestFullDisk(t *testing.T) {
	w := newWorld(t)
	disk := &smallDisk{Store: w.store}
	c := &clock{at: time.Unix(1_700_000_000, 0)}
	w.spec.Deadline = c.at.Add(10 * time.Hour).Unix()
	w.sign()
	cfg := w.config()
	cfg.Store, cfg.now = disk, c.now
	p := w.opened(cfg)
	defer p.Close()
	disk.set(true)
	if _, err := p.Start(context.Background(), w.signed); err != nil {
		t.Fatal(err)
	}
	if st, _ := w.end(p, w.job); st.State != rpc.StateBroken || !strings.Contains(st.Error, store.ErrFull.Error()) {
		t.Fatalf("the job is %s: %q", st.State, st.Error)
	}
	w.spec.Nonce = 9
	w.sign()
	for _, full := range []bool{true, false} {
		disk.set(full)
		c.add(time.Minute)
		signed, err := p.Offer(context.Background(), w.offer(p, 0, 0))
		var b rpc.Bid
		if err != nil || signed.OpenFrom(&b, w.provider.Account()) != nil || b.Accept == full || full && b.Rule != "disk" {
			t.Errorf("disk full %v: bid %+v, %v", full, b, err)
		}
	}
	if _, err := p.Start(context.Background(), w.signed); err != nil {
		t.Fatal(err)
	}
	if st, _ := w.end(p, w.job); st.State != rpc.StateDone {
		t.Errorf("with room again the job is %s: %q", st.State, st.Error)
	}
}

// What a job needs is pinned without an end while it is not over, and until its challenge window has closed and some longer after that.
func TestKeptForTheWindow(t *testing.T) {
	w := newWorld(t)
	w.spec.Policy.Window = 5000
	w.openDevice = openStuck
	w.sign()
	cfg := w.config()
	cfg.Keep = 100 * time.Second
	p := w.opened(cfg)
	if _, err := p.Start(context.Background(), w.signed); err != nil {
		t.Fatal(err)
	}
	w.until(p, rpc.StateRunning)
	end := func() time.Time {
		t.Helper()
		all, err := w.store.Holdings()
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range all {
			if h.Owner == owner(w.job) {
				return h.Until
			}
		}
		t.Fatal("nothing is pinned")
		return time.Time{}
	}
	if at := end(); !at.IsZero() {
		t.Errorf("what a job that runs needs ends at %v", at)
	}
	p.Close()
	cfg.OpenDevice = openCPU
	p = w.opened(cfg)
	r := w.receipt(p)
	p.Close()
	if at := end(); at.Unix() != r.Ended+5100 {
		t.Errorf("what the job needs ends %d s after its receipt, want its window of 5000 s and 100 more", at.Unix()-r.Ended)
	}
	// A kill may come between the journal's record and the store's.
	if err := w.store.Expire(owner(w.job), time.Time{}); err != nil {
		t.Fatal(err)
	}
	w.opened(cfg).Close()
	if at := end(); at.Unix() != r.Ended+5100 {
		t.Errorf("after a kill between the two records the end is %v", at)
	}
	w.spec.Policy.Window = 1 << 31
	w.sign()
	p = w.opened(cfg)
	defer p.Close()
	if _, err := p.Start(context.Background(), w.signed); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "window") {
		t.Errorf("a challenge window of 68 years: %v", err)
	}
}

// A job is not forgotten while it could be started again: its second receipt, of another time, would be a proof against an honest provider.
func TestNoSecondReceipt(t *testing.T) {
	w := newWorld(t)
	c := &clock{at: time.Now()}
	w.spec.Deadline = c.now().Add(24 * time.Hour).Unix()
	w.sign()
	cfg := w.config()
	cfg.Keep, cfg.now = 100*time.Second, c.now
	p := w.opened(cfg)
	defer p.Close()
	if _, err := p.Start(context.Background(), w.signed); err != nil {
		t.Fatal(err)
	}
	first := w.receipt(p)
	for _, later := range []time.Duration{time.Hour, 22 * time.Hour} {
		c.add(later)
		p.sweep()
		st, err := p.Start(context.Background(), w.signed)
		if err != nil || st.State != rpc.StateDone {
			t.Fatalf("after %v the job is %s (%v)", later, st.State, err)
		}
		if again := w.receipt(p); msg.HashOf(again) != msg.HashOf(first) {
			t.Fatalf("after %v there is a second receipt: %+v", later, again)
		}
	}
	c.add(2 * time.Hour)
	p.sweep()
	if _, err := p.Status(w.job); !errors.Is(err, ErrUnknown) {
		t.Errorf("behind its deadline the job is still known: %v", err)
	}
	if _, err := p.Start(context.Background(), w.signed); !errors.Is(err, ErrRefused) {
		t.Errorf("behind its deadline the job is taken: %v", err)
	}
}
