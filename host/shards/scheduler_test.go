package shards_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/host/shards"
)

// sum reads the one output of a plan of fold that a scheduler ran.
func sum(t testing.TB, s *shards.Scheduler, r *shards.Result) uint64 {
	t.Helper()
	if len(r.Outputs) != 1 || r.Outputs[0].Name != "sum" {
		t.Fatalf("outputs %v, want one called sum", r.Outputs)
	}
	f, err := s.Open(r.Outputs[0].Blob)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil || len(b) != 8 {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
	return binary.LittleEndian.Uint64(b)
}

// told collects events by kind.
type told map[string][]shards.Event

func (m told) event(e shards.Event) { m[e.Kind] = append(m[e.Kind], e) }

// However the tasks are placed, by the speed of who there is or by chance, the bits are those of a run on this machine, task by task.
func TestPlacementChangesNothing(t *testing.T) {
	p := fold(t, 5, 3, "work=20")
	want, out, err := shards.Run(context.Background(), p, shards.RunOptions{OpenDevice: openCPU})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	placements := map[string]bool{}
	for n, pauses := range [][]time.Duration{{0}, {1, 1, 1, 1}, {1, 100, 3, 400}, {0, 0, 0, 0, 0, 0, 0}, nil, nil} {
		w := newTown(t, 4)
		if pauses != nil {
			w = newTown(t, len(pauses))
		}
		for i, x := range w.providers {
			if pauses != nil {
				x.pause = pauses[i] * time.Millisecond
			} else {
				x.act = func(x *worker, nth int) behaviour { // by chance
					x.pause = time.Duration(r.IntN(40)) * time.Millisecond
					return honest
				}
			}
		}
		s := w.scheduler()
		got, err := s.Submit(context.Background(), p, w.request(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if sum(t, s, got) != summed(t, out) {
			t.Errorf("%d providers: another sum", len(w.providers))
		}
		if len(got.Done) != len(want) || len(got.Rejected) != 0 || len(got.Dropped) != 0 {
			t.Fatalf("%d tasks are done, want %d; rejected %v, dropped %v", len(got.Done), len(want), got.Rejected, got.Dropped)
		}
		for i, d := range got.Done {
			if d.Task != want[i].Task || d.Program != want[i].Program || d.Receipt.Trace != want[i].Receipt.Trace || d.Receipt.State != want[i].Receipt.State {
				t.Errorf("%s: program %v, trace %v; on this machine %v, %v", d.Task, d.Program, d.Receipt.Trace, want[i].Program, want[i].Receipt.Trace)
			}
		}
		slices.Sort(w.given)
		placements[strings.Join(w.given, "\n")] = true
		// Once it is known how slow it is, the slowest gets nothing that others will have done before.
		if slow := w.providers[len(w.providers)-1]; n == 2 && slow.given > 2 {
			t.Errorf("the provider that needs 400 ms was given %d tasks, want 1", slow.given)
		}
	}
	if len(placements) < 4 {
		t.Errorf("all was placed in %d ways, want at least 4", len(placements))
	}
}

func TestStragglerIsIssuedAgain(t *testing.T) {
	w := newTown(t, 4)
	w.providers[2].act = func(_ *worker, nth int) behaviour { return hangs }
	s, heard := w.scheduler(), told{}
	p := fold(t, 4, 2)
	got, err := s.Submit(context.Background(), p, w.request(), heard.event)
	if err != nil {
		t.Fatal(err)
	}
	if sum(t, s, got) != folding(4, 2, 5, 1, nil) {
		t.Error("another sum")
	}
	if len(heard["again"]) == 0 || len(got.Dropped) != 0 {
		t.Errorf("issued again: %v; dropped %v", heard["again"], got.Dropped)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for job, sub := range w.subs {
		if sub.Addr == address(2) != w.cancelled[job] {
			t.Errorf("the job at %s is cancelled: %v", sub.Addr, w.cancelled[job])
		}
	}
}

// A provider that dies when it has given its receipt keeps its validators waiting; the task does not wait with them.
func TestChecksThatDoNotEnd(t *testing.T) {
	w := newTown(t, 3)
	w.providers[1].act = func(*worker, int) behaviour { return dumb }
	s, heard := w.scheduler(), told{}
	got, err := s.Submit(context.Background(), fold(t, 3, 1), w.request(), heard.event)
	if err != nil {
		t.Fatal(err)
	}
	if sum(t, s, got) != folding(3, 1, 5, 1, nil) || len(got.Rejected) != 0 || len(got.Dropped) != 0 {
		t.Errorf("sum %x, rejected %v, dropped %v", sum(t, s, got), got.Rejected, got.Dropped)
	}
	if len(heard["again"]) == 0 || !strings.HasPrefix(heard["again"][0].Text, "the checks of what 10.0.0.1:1 did take long") {
		t.Errorf("issued again: %v", heard["again"])
	}
}

// One that is still at the last task when that is done is told to stop, too.
func TestLastStragglerIsToldToStop(t *testing.T) {
	w := newTown(t, 3)
	w.providers[1].act = func(*worker, int) behaviour { return hangs }
	job := folded(3, 1)
	job.Shards = &jobfile.Shards{Count: 3, Rounds: 1}
	p, err := shards.NewPlan(job)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.scheduler().Submit(context.Background(), p, w.request(), nil); err != nil {
		t.Fatal(err)
	}
	if len(w.cancelled) != 1 {
		t.Errorf("%d jobs were called off, want 1", len(w.cancelled))
	}
}

// The first result that is accepted counts; who is slower is told to stop.
func TestSlowOneFinishesToo(t *testing.T) {
	w := newTown(t, 2)
	w.providers[1].act = func(x *worker, nth int) behaviour {
		if x.pause = 0; nth == 1 {
			x.pause = 7 * time.Second
		}
		return honest
	}
	s, heard := w.scheduler(), told{}
	got, err := s.Submit(context.Background(), fold(t, 3, 1), w.request(), heard.event)
	if err != nil {
		t.Fatal(err)
	}
	if sum(t, s, got) != folding(3, 1, 5, 1, nil) || len(heard["again"]) != 1 {
		t.Errorf("sum %x, issued again %v", sum(t, s, got), heard["again"])
	}
}

func TestWhoIsGoneGetsNothingMore(t *testing.T) {
	for name, b := range map[string]behaviour{"away": away, "moves": moves} {
		t.Run(name, func(t *testing.T) {
			w := newTown(t, 3)
			w.providers[1].act = func(_ *worker, nth int) behaviour {
				if nth > 1 {
					t.Errorf("it is given a task after it was gone")
				}
				return b
			}
			s, heard := w.scheduler(), told{}
			got, err := s.Submit(context.Background(), fold(t, 3, 4), w.request(), heard.event)
			if err != nil {
				t.Fatal(err)
			}
			if sum(t, s, got) != folding(3, 4, 5, 1, nil) {
				t.Error("another sum")
			}
			// Who is out of reach is asked for a while before it is given up; the plan does not wait for that.
			dropped := len(got.Dropped) == 1 && got.Dropped[0].Provider == account(1) && !got.Dropped[0].Wrong
			if dropped != (b == moves) || len(got.Rejected) != 0 {
				t.Errorf("dropped %+v, rejected %+v", got.Dropped, got.Rejected)
			}
		})
	}
}

// Out of reach is not yet gone, but nobody waits for it.
func TestLostTaskGoesElsewhereAtOnce(t *testing.T) {
	w := newTown(t, 2)
	w.providers[0].act = func(_ *worker, nth int) behaviour { return silent }
	s, heard := w.scheduler(), told{}
	got, err := s.Submit(context.Background(), fold(t, 2, 1), w.request(), heard.event)
	if err != nil {
		t.Fatal(err)
	}
	if sum(t, s, got) != folding(2, 1, 5, 1, nil) || len(heard["again"]) == 0 || !strings.Contains(heard["again"][0].Text, "out of reach") {
		t.Errorf("sum %x, issued again %v", sum(t, s, got), heard["again"])
	}
}

// Who comes back is given tasks again.
func TestWhoIsBackHelps(t *testing.T) {
	w := newTown(t, 1)
	w.providers[0].act = func(x *worker, nth int) behaviour {
		if nth > 1 {
			return honest
		}
		time.AfterFunc(500*time.Millisecond, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			x.gone = false
		})
		return away
	}
	s := w.scheduler()
	got, err := s.Submit(context.Background(), fold(t, 2, 1), w.request(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if sum(t, s, got) != folding(2, 1, 5, 1, nil) || len(got.Dropped) != 0 {
		t.Errorf("sum %x, dropped %+v", sum(t, s, got), got.Dropped)
	}
}

func TestWhoRefusesIsAskedLater(t *testing.T) {
	w := newTown(t, 1)
	w.providers[0].act = func(_ *worker, nth int) behaviour {
		if nth == 1 {
			return refuses
		}
		return honest
	}
	s, heard := w.scheduler(), told{}
	got, err := s.Submit(context.Background(), fold(t, 2, 1), w.request(), heard.event)
	if err != nil {
		t.Fatal(err)
	}
	if sum(t, s, got) != folding(2, 1, 5, 1, nil) || len(heard["refused"]) != 1 {
		t.Errorf("sum %x, refused %v", sum(t, s, got), heard["refused"])
	}
}

func TestCheatIsDropped(t *testing.T) {
	w := newTown(t, 3)
	w.providers[1].act = func(_ *worker, nth int) behaviour {
		if nth > 1 {
			t.Error("the cheat is given something again")
		}
		return lies
	}
	s := w.scheduler()
	got, err := s.Submit(context.Background(), fold(t, 3, 3), w.request(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if sum(t, s, got) != folding(3, 3, 5, 1, nil) {
		t.Error("another sum")
	}
	if len(got.Rejected) != 1 || got.Rejected[0].Provider != account(1) || len(got.Dropped) != 1 || got.Dropped[0].Provider != account(1) || !got.Dropped[0].Wrong {
		t.Errorf("rejected %+v, dropped %+v; want provider 1 alone", got.Rejected, got.Dropped)
	}
}

// What nobody could check is nobody's fault the first time, and is done elsewhere.
func TestUncheckedIsDoneAgain(t *testing.T) {
	w := newTown(t, 2)
	w.providers[0].pause, w.providers[1].pause = 20*time.Millisecond, 20*time.Millisecond
	w.providers[0].act = func(_ *worker, nth int) behaviour { return blind }
	s := w.scheduler()
	got, err := s.Submit(context.Background(), fold(t, 4, 2), w.request(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if sum(t, s, got) != folding(4, 2, 5, 1, nil) || len(got.Rejected) != 0 {
		t.Errorf("sum %x, rejected %v", sum(t, s, got), got.Rejected)
	}
	// A third may be given to it while nobody knows of the second yet that it cannot be checked.
	if n := w.providers[0].given; n < 2 || n > 3 || len(got.Dropped) != 1 || got.Dropped[0].Wrong {
		t.Errorf("it was given %d tasks, want 2 or 3; dropped %+v", n, got.Dropped)
	}
}

// A lie that no sample met is found where an honest provider did the same task: their receipts differ.
func TestReceiptsOfOneTaskAreCompared(t *testing.T) {
	for _, validators := range []int{2, 0} {
		t.Run(fmt.Sprint(validators, " validators"), func(t *testing.T) {
			w := newTown(t, 3)
			w.sampled = true
			// Providers 0 and 2 are quick; 1 has the reduce's time and more, lies, and comes with its receipt while the copy is being checked.
			w.providers[1].act = func(x *worker, nth int) behaviour {
				x.pause = 6 * time.Second
				return lies
			}
			slow := &checking{town: w, until: make(chan struct{})}
			s, err := shards.New(shards.Config{Consumer: slow, Store: w.store, Info: w.info})
			if err != nil {
				t.Fatal(err)
			}
			heard := told{}
			req := w.request()
			req.Validators = validators
			got, err := s.Submit(context.Background(), fold(t, 3, 1), req, heard.event)
			if err != nil {
				t.Fatal(err)
			}
			if sum(t, s, got) != folding(3, 1, 5, 1, nil) {
				t.Error("the lie came through")
			}
			if len(heard["differ"]) != 1 || validators > 0 && w.whole == 0 {
				t.Errorf("differ %v, %d checked whole", heard["differ"], w.whole)
			}
			if len(got.Dropped) != 1 || got.Dropped[0].Provider != account(1) {
				t.Errorf("dropped %+v, want provider 1", got.Dropped)
			}
		})
	}
}

// checking holds back what is said of a task's copy until the receipt of the provider it was taken from is there too.
type checking struct {
	*town
	until chan struct{}
}

func (c *checking) Submit(ctx context.Context, req consumer.Request, event func(consumer.Event)) ([]*consumer.Result, error) {
	liar := strings.HasSuffix(req.Peers[0], address(1))
	copied := false
	c.mu.Lock()
	for _, g := range c.given { // the liar has it already
		copied = copied || g == strings.Join(req.Job.Program.Args, " ")+" to 1"
	}
	c.mu.Unlock()
	res, err := c.town.Submit(ctx, req, func(e consumer.Event) {
		event(e)
		if liar && e.Kind == "receipt" {
			close(c.until)
		}
	})
	if copied && !liar && err == nil {
		select {
		case <-c.until:
		case <-ctx.Done():
		}
	}
	return res, err
}

func TestNobodyIsLeft(t *testing.T) {
	w := newTown(t, 2)
	w.providers[0].act = func(*worker, int) behaviour { return lies }
	w.providers[1].act = func(*worker, int) behaviour { return moves }
	s := w.scheduler()
	p := fold(t, 4, 2)
	_, err := s.Submit(context.Background(), p, w.request(), nil)
	if !errors.Is(err, shards.ErrNoProvider) || !strings.Contains(err.Error(), "proven wrong") || !strings.Contains(err.Error(), "gave the job up") {
		t.Fatalf("error %v, want that no provider is left, and why", err)
	}
	// Later there is another, and who had given up is back. The cheat is remembered.
	w.providers = append(w.providers, &worker{number: 2})
	w.providers[1].act = nil
	before := w.providers[0].given
	got, err := s.Resume(context.Background(), p.Hash, w.request(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if sum(t, s, got) != folding(4, 2, 5, 1, nil) || w.providers[0].given != before || w.providers[1].given < 2 {
		t.Errorf("sum %x; the cheat was given %d tasks more, the other %d in all", sum(t, s, got), w.providers[0].given-before, w.providers[1].given)
	}
}

func TestPlanFails(t *testing.T) {
	w := newTown(t, 2)
	s := w.scheduler()
	p := fold(t, 3, 2, "fail=1")
	_, err := s.Submit(context.Background(), p, w.request(), nil)
	var failed *shards.FailedError
	if !errors.As(err, &failed) || failed.Task != (shards.Task{Round: 0, Shard: 1}) {
		t.Fatalf("error %v, want that round 0, shard 1 failed", err)
	}
	if _, err := s.Resume(context.Background(), p.Hash, w.request(), nil); !errors.Is(err, shards.ErrOver) {
		t.Errorf("error %v, want that it is over", err)
	}
	req := w.request()
	req.Peers = req.Peers[:2]
	if _, err := s.Submit(context.Background(), p, req, nil); !errors.Is(err, consumer.ErrNoBid) {
		t.Errorf("error %v, want that there is no provider", err)
	}
	req.Peers = []string{"10.9.9.9:1"}
	if _, err := s.Submit(context.Background(), p, req, nil); !errors.Is(err, consumer.ErrNoPeer) {
		t.Errorf("error %v, want that nobody is there", err)
	}
}

// An interrupted plan goes on: what is done stays done, what was running is followed again, and the result is the same.
func TestInterruptedPlanGoesOn(t *testing.T) {
	p := fold(t, 4, 3, "work=5")
	want := folding(4, 3, 5, 5, nil)
	followed := 0
	for stop := 1; stop <= 14; stop += 3 {
		w := newTown(t, 3)
		w.providers[1].pause = 40 * time.Millisecond // it is in the middle of something when the others are done
		s := w.scheduler()
		ctx, cancel := context.WithCancel(context.Background())
		done := 0
		_, err := s.Submit(ctx, p, w.request(), func(e shards.Event) {
			if e.Kind == "done" {
				if done++; done == stop {
					cancel()
				}
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("interrupted after %d: %v", stop, err)
		}
		// Nothing but the plan keeps what was done.
		if err := w.store.Release("town"); err != nil {
			t.Fatal(err)
		}
		if _, err := w.store.GC(0); err != nil {
			t.Fatal(err)
		}
		heard := told{}
		var got *shards.Result
		if stop%2 == 1 {
			got, err = s.Resume(context.Background(), p.Hash, consumer.Request{Deadline: time.Now().Add(time.Hour)}, heard.event)
		} else { // to submit it again is the same
			got, err = s.Submit(context.Background(), p, w.request(), heard.event)
		}
		if err != nil {
			t.Fatal(err)
		}
		if sum(t, s, got) != want || len(got.Done) != 15 {
			t.Errorf("interrupted after %d: sum %x, want %x; %d tasks", stop, sum(t, s, got), want, len(got.Done))
		}
		for _, e := range heard["issued"] {
			if e.Text == "goes on" {
				followed++
			}
		}
		before := 0
		for _, e := range heard["done"] {
			if e.Text == "before" {
				before++
			}
		}
		if before != stop {
			t.Errorf("%d tasks were done before, want %d", before, stop)
		}
		// Over, it gives the same again without asking anybody.
		again, err := s.Resume(context.Background(), p.Hash, consumer.Request{}, nil)
		if err != nil || sum(t, s, again) != want || len(again.Done) != 15 {
			t.Errorf("resumed when it was over: %v", err)
		}
	}
	if followed == 0 {
		t.Error("no job that was running was followed again")
	}
}

// A plan that is submitted again when it is over, or under other conditions, is done anew.
func TestSubmittedAnew(t *testing.T) {
	w := newTown(t, 2)
	s := w.scheduler()
	p := fold(t, 2, 1)
	for i, sample := range []uint32{250_000, 250_000, 500_000} {
		req := w.request()
		req.Policy.SamplePPM = sample
		heard := told{}
		if _, err := s.Submit(context.Background(), p, req, heard.event); err != nil {
			t.Fatal(err)
		}
		if len(heard["issued"]) != 3 {
			t.Errorf("time %d: %d tasks issued, want 3", i, len(heard["issued"]))
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err := s.Submit(ctx, p, w.request(), func(e shards.Event) {
		if e.Kind == "done" {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	req := w.request()
	req.Policy.SamplePPM = 1_000_000
	heard := told{}
	if _, err := s.Submit(context.Background(), p, req, heard.event); err != nil || len(heard["issued"]) != 3 {
		t.Errorf("what was accepted by a smaller sample was taken over: %d tasks issued, want 3 (%v)", len(heard["issued"]), err)
	}
}
