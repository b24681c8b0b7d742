package soak

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	goruntime "runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/devnet/devnettest"
	"github.com/gwrun/gwrun/host/faultnet"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
	"github.com/gwrun/gwrun/runtime"
)

// An hour of jobs through a bad network:
//
//	go test ./host/soak -run 'TestSoak$' -soak -for 1h -jobs 1000 -timeout 0 -v
var (
	long     = flag.Bool("soak", false, "TestSoak runs for as long as -for says and fails where something grows, instead of a few jobs")
	duration = flag.Duration("for", time.Hour, "with -soak: how long, at least")
	minJobs  = flag.Int("jobs", 1000, "with -soak: how many jobs, at least; they are spread over the time")
	heapTo   = flag.String("heap", "", "with -soak: a file for a heap profile, taken before the network is closed")
	seed     = flag.Uint64("seed", 1, "what the faults of TestSoak and the moments of TestKills are drawn from")
)

const (
	parallel   = 3                // jobs under way at once
	roundJobs  = 20               // jobs between two measurements
	jobTime    = 4 * time.Minute  // which is its deadline too
	slowJob    = 30 * time.Second // whose course is printed
	shortRound = 6
)

// weather changes the faults of all links of a network, each on its own, all the time.
type weather struct {
	rand  *rand.Rand
	links []*faultnet.Proxy
}

func newWeather(n *devnet.Network, seed uint64) *weather {
	w := &weather{rand: rand.New(rand.NewPCG(seed, 1))}
	for _, x := range append(append([]*node.Node{}, n.Providers...), n.Validators...) {
		w.links = append(w.links, n.Link(x))
	}
	return w
}

// way draws the faults of one direction.
func (w *weather) way() faultnet.Faults {
	var f faultnet.Faults
	some := func(p, most float64) float64 {
		if w.rand.Float64() >= p {
			return 0
		}
		return w.rand.Float64() * most
	}
	f.Loss, f.Duplicate, f.Reorder, f.Corrupt = some(0.6, 0.12), some(0.4, 0.2), some(0.4, 0.3), some(0.3, 0.05)
	f.Delay, f.Jitter = time.Duration(some(0.5, 30e6)), time.Duration(some(0.5, 20e6))
	if w.rand.Float64() < 0.1 {
		f.Rate = 30_000 + w.rand.Int64N(500_000) // a slow peer
	}
	return f
}

// blow changes the weather until ctx ends, then clears it.
func (w *weather) blow(ctx context.Context) {
	for ctx.Err() == nil {
		for _, l := range w.links {
			in, out := w.way(), w.way()
			switch w.rand.IntN(40) { // partitions, whole and one-way
			case 0:
				in.Cut, out.Cut = true, true
			case 1:
				in.Cut = true
			case 2:
				out.Cut = true
			}
			l.Set(in, out)
		}
		// Some partitions outlive the connections, which live 4 s without a word.
		w.wait(ctx, time.Second+time.Duration(w.rand.Int64N(int64(6*time.Second))))
	}
	for _, l := range w.links {
		l.Set(faultnet.Faults{}, faultnet.Faults{})
	}
}

func (w *weather) wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// total sums what all links did to datagrams.
func (w *weather) total() (all faultnet.Stats) {
	for _, l := range w.links {
		in, out := l.Stats()
		for _, s := range []faultnet.Stats{in, out} {
			all.Came, all.Lost, all.Duplicated, all.Reordered = all.Came+s.Came, all.Lost+s.Lost, all.Duplicated+s.Duplicated, all.Reordered+s.Reordered
			all.Corrupted, all.Cut, all.Overflow, all.Left = all.Corrupted+s.Corrupted, all.Cut+s.Cut, all.Overflow+s.Overflow, all.Left+s.Left
		}
	}
	return all
}

// soaker runs jobs and counts.
type soaker struct {
	net    *devnet.Network
	wasm   []byte
	honest []string // peers of honest jobs
	lying  []string // peers of jobs that the cheat gets
	cheat  msg.Account

	mu    sync.Mutex
	times []time.Duration // that jobs took, from the first submission to the settlement

	next             atomic.Uint64
	tries, back      atomic.Int64
	accepted, caught atomic.Int64
}

// job runs the next one. One in sixteen goes to the cheat, and through a dispute.
func (s *soaker) job(ctx context.Context, log func(string, ...any)) error {
	i := s.next.Add(1)
	j, err := waves(s.wasm, i)
	if err != nil {
		return err
	}
	want, err := locally(ctx, j)
	if err != nil {
		return err
	}
	peers, cheated := s.honest, i%16 == 5
	if cheated {
		peers = s.lying
	}
	ctx, cancel := context.WithTimeout(ctx, jobTime)
	defer cancel()
	began := time.Now()
	var course strings.Builder // what happened when
	end, err := through(ctx, s.net.Consumer, request(j, peers), func(e consumer.Event) {
		if e.Kind == "back" {
			s.back.Add(1)
		}
		if e.Kind != "status" {
			fmt.Fprintf(&course, "%8s %s %s %s\n", time.Since(began).Round(time.Millisecond), e.Kind, s.net.Name(e.Provider), e.Text)
		}
	})
	if err != nil {
		return fmt.Errorf("job %d: %w\n%s", i, err, &course)
	}
	took := time.Since(began)
	s.mu.Lock()
	s.times = append(s.times, took)
	s.mu.Unlock()
	if took > slowJob {
		log("job %d took %s in %d tries (%q):\n%s", i, took.Round(time.Millisecond), end.Tries, end.Faults, &course)
	}
	if wrong := end.check(want, cheated, s.cheat); wrong != "" {
		return fmt.Errorf("job %d: %s\n%s", i, wrong, &course)
	}
	s.tries.Add(int64(end.Tries))
	if cheated {
		s.caught.Add(1)
	} else {
		s.accepted.Add(1)
	}
	return nil
}

// round runs n jobs.
func (s *soaker) round(t *testing.T, n int) {
	var left atomic.Int64
	left.Store(int64(n))
	var wg sync.WaitGroup
	for range parallel {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := s.job(t.Context(), t.Logf); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func startSoak(t *testing.T, dir string) *soaker {
	t.Helper()
	n, err := devnet.Start(devnet.Config{Providers: 3, Validators: 3, Dir: dir, OpenDevice: devnettest.OpenCPU, Device: devnettest.CPU, MaxJobs: 2, Keep: 10 * time.Second, Forgives: true,
		Faults: map[int]*runtime.Fault{2: flip()}, Net: &faultnet.Faults{}, NetSeed: *seed,
		Transport: transport.Config{IdleTimeout: 4 * time.Second, KeepAlive: time.Second, HandshakeTimeout: 3 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	s := &soaker{net: n, wasm: wavesWASM(t), cheat: n.Providers[2].Account()}
	for i, p := range n.Providers {
		if i == 2 {
			s.lying = append(s.lying, n.Addr(p))
		} else {
			s.honest = append(s.honest, n.Addr(p))
		}
	}
	for _, v := range n.Validators {
		s.honest, s.lying = append(s.honest, n.Addr(v)), append(s.lying, n.Addr(v))
	}
	return s
}

// TestSoak runs jobs through a network of three providers, one of them a cheat, and three validators, whose links lose, repeat, reorder,
// damage, delay, choke and cut in ever new mixes. Every job must end as it does in a good network. With -soak it goes on for long, and
// nothing may grow meanwhile.
func TestSoak(t *testing.T) {
	dir := t.TempDir()
	s := startSoak(t, dir)
	w := newWeather(s.net, *seed)
	t.Logf("seed %d, %s", *seed, goruntime.Version())
	if !*long {
		ctx, clear := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); w.blow(ctx) }()
		s.round(t, shortRound)
		clear()
		<-done
		t.Logf("%d accepted, %d caught, %d tries; datagrams %+v", s.accepted.Load(), s.caught.Load(), s.tries.Load(), w.total())
		return
	}
	m := newMeter(t, dir, s)
	rounds := (*minJobs + roundJobs - 1) / roundJobs
	pace := *duration / time.Duration(rounds)
	began := time.Now()
	for r := 0; r < rounds || time.Since(began) < *duration; r++ {
		ctx, clear := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); w.blow(ctx) }()
		s.round(t, roundJobs)
		clear()
		<-done
		w.wait(t.Context(), time.Until(began.Add(pace*time.Duration(r+1))))
		m.measure(t, began)
	}
	t.Logf("%d jobs in %s: %d accepted, %d of the cheat's proven wrong; %d submissions and resumptions, %d times a lost provider was found again",
		s.next.Load(), time.Since(began).Round(time.Second), s.accepted.Load(), s.caught.Load(), s.tries.Load(), s.back.Load())
	t.Logf("datagrams: %+v", w.total())
	slices.Sort(s.times)
	at := func(share float64) time.Duration {
		return s.times[int(share*float64(len(s.times)-1))].Round(time.Millisecond)
	}
	t.Logf("a job took %s in the median, %s at the 90th and %s at the 99th percentile, %s at most", at(0.5), at(0.9), at(0.99), at(1))
	if *heapTo != "" {
		m.profile(t)
	}
	m.judge(t)
}

// profile writes what holds the heap while the network still runs.
func (m *meter) profile(t *testing.T) {
	t.Helper()
	f, err := os.Create(*heapTo)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := pprof.Lookup("heap").WriteTo(f, 0); err != nil {
		t.Fatal(err)
	}
}

// meter takes the figures that must not grow.
type meter struct {
	dir    string
	soaker *soaker
	series []*Series
}

func newMeter(t *testing.T, dir string, s *soaker) *meter {
	t.Helper()
	m := &meter{dir: dir, soaker: s}
	// A connection takes ten on each side, and how many of the possible ones are open at a moment is chance. A leak of one in fifteen jobs is
	// more than that after a thousand.
	m.add("goroutines", "", 60)
	m.add("live heap", "MiB", 4)
	m.add("resident", "MiB", 48)
	m.add("open files", "", 6)
	m.add("stored files", "", 12)
	m.add("stored content", "MiB", 4)
	m.add("pinned", "MiB", 4)
	m.add("owners", "", 60)
	m.add("index", "MiB", 4)
	m.add("journals", "KiB/job", math.Inf(1)) // a consumer and a validator keep a record of each job
	return m
}

func (m *meter) add(name, unit string, allowance float64) {
	m.series = append(m.series, &Series{Name: name, Unit: unit, Allowance: allowance})
}

// measure waits until the network is at rest and takes one sample of everything.
func (m *meter) measure(t *testing.T, began time.Time) {
	t.Helper()
	rest()
	u, err := Measure()
	if err != nil {
		t.Fatal(err)
	}
	var pinned, evidence uint64
	owners := 0
	for _, s := range m.soaker.net.Stores() {
		// What nobody pins is a cache, up to the quota; here it goes at once.
		if _, err := s.GC(0); err != nil {
			t.Fatal(err)
		}
		all, err := s.Holdings()
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range all {
			if strings.HasPrefix(h.Owner, "evidence/") { // that stays, for good
				evidence += h.Bytes
			} else {
				owners++
				pinned += h.Bytes
			}
		}
	}
	d, err := Disk(m.dir)
	if err != nil {
		t.Fatal(err)
	}
	const mib = 1 << 20
	values := []float64{float64(u.Goroutines), float64(u.Heap) / mib, float64(u.Resident) / mib, float64(u.Open), float64(d.Files), float64(d.Content-evidence) / mib,
		float64(pinned) / mib, float64(owners), float64(d.Index) / mib, float64(d.Journals) / 1024 / float64(m.soaker.next.Load())}
	at := time.Since(began)
	var line strings.Builder
	for i, s := range m.series {
		s.At, s.Values = append(s.At, at), append(s.Values, values[i])
		fmt.Fprintf(&line, " %s %.4g", strings.ReplaceAll(s.Name, " ", "-"), values[i])
	}
	t.Logf("%6s %5d jobs:%s", at.Round(time.Second), m.soaker.next.Load(), line.String())
}

// rest waits until no goroutine ends any more: connections that a partition has broken are given up after their idle time.
func rest() {
	least, quiet := goruntime.NumGoroutine(), 0
	for range 100 {
		time.Sleep(100 * time.Millisecond)
		if n := goruntime.NumGoroutine(); n < least {
			least, quiet = n, 0
		} else if quiet++; quiet == 50 {
			return
		}
	}
}

// judge prints the figures and fails where something grows.
func (m *meter) judge(t *testing.T) {
	t.Helper()
	t.Logf("| figure | first quarter | last quarter | peak | slope an hour | its error | allowed |")
	t.Logf("|---|---|---|---|---|---|---|")
	for _, s := range m.series {
		g, err := s.Grow()
		if err != nil {
			t.Error(err)
			continue
		}
		name := s.Name
		if s.Unit != "" {
			name += ", " + s.Unit
		}
		t.Logf("| %s | %.4g | %.4g | %.4g | %+.3g | %.2g | %.4g |", name, g.First, g.Last, g.Peak, g.Slope, g.Error, s.Allowance)
		if why := s.Leak(g); why != "" {
			t.Errorf("leak: %s", why)
		}
	}
}
