package f32_test

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gwrun/gwrun/kernels/f32/internal/truth"
)

var (
	exhaustive = flag.Bool("exhaustive", false, "run TestExhaustive over all 2^32 inputs of every operation of one operand")
	only       = flag.String("functions", "", "with -exhaustive: the operations to run, separated by commas (all if empty)")
	of         = flag.String("of", "f32,soft,cpu,libm", "with -exhaustive: what to judge: f32 (the interpreter), soft (integers), cpu (the device), libm (its functions, one lane)")
	stride     = flag.Uint64("stride", 1, "with -exhaustive: try only every input that many bit patterns apart")
	softStride = flag.Uint64("softstride", 1, "with -exhaustive: likewise for soft, in chunks of a million inputs")
	workers    = flag.Int("workers", 0, "with -exhaustive: how many chunks of inputs to work on at once (one a processor if 0)")
	outFile    = flag.String("out", "", "with -exhaustive: the file that gets a line for each finished operation; what stands there already is not run again")
	hardDir    = flag.String("hard", "", "with -exhaustive: the folder that gets the inputs hardest to round")
)

const chunk = 1 << 20 // inputs

// tally is what is known of one operation.
type tally struct {
	name   string
	judges []*count
	left   atomic.Int64 // chunks
	inputs int64
	truth  atomic.Int64 // nanoseconds

	mu      sync.Mutex
	hardest []hardInput
}

type hardInput struct {
	u uint32
	d float64
}

type count struct {
	name                 string
	inputs, wrong, spent atomic.Int64
}

// TestExhaustive is for make exhaustive. It works in chunks that all processors take from one queue; for each the truth
// is found once and every implementation is held against it.
func TestExhaustive(t *testing.T) {
	if !*exhaustive {
		t.Skip("skipped: needs -exhaustive (hours of one processor)")
	}
	x := newExhaustion(t)
	byName := map[string]*tally{}
	for _, f := range x.list {
		byName[f.name] = f
	}
	truth.Observe = func(name string, v float32, d float64) {
		f := byName[name]
		f.mu.Lock()
		f.hardest = append(f.hardest, hardInput{math.Float32bits(v), d})
		f.mu.Unlock()
	}
	n := *workers
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	finished := make(chan struct{})
	go x.report(finished)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			w := &worker{ctx: t.Context()}
			defer w.close()
			for {
				n := x.next.Add(1) - 1
				if n >= x.total || t.Failed() && x.broken.Load() {
					return
				}
				f := x.list[n/x.chunks]
				if err := x.work(w, f, uint64(n%x.chunks)); err != nil {
					x.broken.Store(true)
					t.Errorf("%s: %v", f.name, err)
					return
				}
				x.done.Add(1)
				if f.left.Add(-1) == 0 {
					x.finish(f)
				}
			}
		})
	}
	wg.Wait()
	close(finished)
}

type exhaustion struct {
	t      *testing.T
	list   []*tally
	chunks int64 // of one operation
	total  int64
	next   atomic.Int64
	done   atomic.Int64
	wrong  atomic.Int64
	broken atomic.Bool
	start  time.Time
	mu     sync.Mutex // of the output
}

func newExhaustion(t *testing.T) *exhaustion {
	inputs := (uint64(1)<<32 + *stride - 1) / *stride
	x := &exhaustion{t: t, chunks: int64((inputs + chunk - 1) / chunk), start: time.Now()}
	had := finishedBefore(t, int64(inputs))
	names := []string{}
	for _, f := range unary {
		names = append(names, f.name)
	}
	names = append(names, "quantizeToF16")
	if *only != "" {
		for _, n := range strings.Split(*only, ",") {
			if !slices.Contains(names, n) {
				t.Fatalf("no operation %q, want some of %s", n, strings.Join(names, ","))
			}
		}
		names = strings.Split(*only, ",")
	}
	for _, n := range names {
		f := &tally{name: n, inputs: int64(inputs)}
		for _, j := range strings.Split(*of, ",") {
			if !judges(j, n) {
				continue
			}
			if had[n+" "+j] {
				fmt.Printf("%s %s stands in %s already\n", n, j, *outFile)
				continue
			}
			f.judges = append(f.judges, &count{name: j})
		}
		if len(f.judges) > 0 {
			f.left.Store(x.chunks)
			x.list = append(x.list, f)
		}
	}
	x.total = x.chunks * int64(len(x.list))
	return x
}

// finishedBefore reads which operations an earlier run finished without a fault, by name and judge.
func finishedBefore(t *testing.T, inputs int64) map[string]bool {
	had := map[string]bool{}
	if *outFile == "" {
		return had
	}
	file, err := os.Open(*outFile)
	if os.IsNotExist(err) {
		return had
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for s := bufio.NewScanner(file); s.Scan(); {
		var name, judge string
		var n, wrong int64
		if _, err := fmt.Sscan(s.Text(), &name, &judge, &n, &wrong); err == nil && wrong == 0 && (n >= inputs || judge == "soft") {
			had[name+" "+judge] = true
		}
	}
	return had
}

// work judges one chunk.
func (x *exhaustion) work(w *worker, f *tally, number uint64) error {
	first := number * chunk * *stride
	last := min(first+chunk**stride, 1<<32)
	n := int((last - first + *stride - 1) / *stride)
	in, want, got := w.words(0, n), w.words(1, n), w.words(2, n)
	began := time.Now()
	right := truth.Of(f.name)
	for i := range in {
		in[i] = uint32(first + uint64(i)**stride)
		want[i] = right(in[i])
	}
	f.truth.Add(int64(time.Since(began)))
	for _, j := range f.judges {
		if j.name == "soft" && number%*softStride != 0 {
			continue
		}
		began := time.Now()
		if err := w.evaluate(j.name, f.name, in, got); err != nil {
			return err
		}
		for i, g := range got {
			if g == want[i] {
				continue
			}
			x.wrong.Add(1)
			if j.wrong.Add(1) <= 5 {
				x.t.Errorf("%s of %s(%#08x = %g) is %#08x, want %#08x", j.name, f.name, in[i], math.Float32frombits(in[i]), g, want[i])
			}
		}
		j.inputs.Add(int64(n))
		j.spent.Add(int64(time.Since(began)))
	}
	return nil
}

// finish prints and keeps the figures of an operation.
func (x *exhaustion) finish(f *tally) {
	x.mu.Lock()
	defer x.mu.Unlock()
	slices.SortFunc(f.hardest, func(a, b hardInput) int { return cmp.Or(cmp.Compare(a.d, b.d), cmp.Compare(a.u, b.u)) })
	least := 0.0
	if len(f.hardest) > 0 {
		least = math.Log2(f.hardest[0].d)
	}
	var lines strings.Builder
	for _, j := range f.judges {
		fmt.Printf("exhaustive %-4s %-13s %d inputs, %d wrong, hardest 2^%.1f, %.1f s (and %.1f s for the truth)\n", j.name, f.name,
			j.inputs.Load(), j.wrong.Load(), least, float64(j.spent.Load())/1e9, float64(f.truth.Load())/1e9)
		fmt.Fprintf(&lines, "%s\t%s\t%d\t%d\t%.1f\t%.1f\t%.1f\n", f.name, j.name, j.inputs.Load(), j.wrong.Load(), least,
			float64(j.spent.Load())/1e9, float64(f.truth.Load())/1e9)
		if j.wrong.Load() > 0 {
			x.t.Errorf("%s %s: %d wrong", j.name, f.name, j.wrong.Load())
		}
	}
	if *outFile != "" {
		file, err := os.OpenFile(*outFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err == nil {
			_, err = file.WriteString(lines.String())
			err = cmp.Or(err, file.Close())
		}
		if err != nil {
			x.t.Error(err)
		}
	}
	if *hardDir != "" && len(f.hardest) > 0 {
		var out strings.Builder
		for _, h := range f.hardest[:min(len(f.hardest), 200)] {
			fmt.Fprintf(&out, "%08x\n", h.u)
		}
		if err := os.WriteFile(filepath.Join(*hardDir, f.name+".txt"), []byte(out.String()), 0o644); err != nil {
			x.t.Error(err)
		}
	}
	f.hardest = nil
}

// report says on standard error how far the run is.
func (x *exhaustion) report(finished chan struct{}) {
	for {
		select {
		case <-finished:
			return
		case <-time.After(10 * time.Second):
		}
		done := x.done.Load()
		if done == 0 {
			continue
		}
		spent := time.Since(x.start)
		left := time.Duration(float64(spent) / float64(done) * float64(x.total-done))
		fmt.Fprintf(os.Stderr, "%s: %d of %d chunks (%.1f%%), at %s, %d wrong, about %s left\n", spent.Round(time.Second), done, x.total,
			100*float64(done)/float64(x.total), x.list[min(x.next.Load(), x.total-1)/x.chunks].name, x.wrong.Load(), left.Round(time.Second))
	}
}

// worker is what one goroutine evaluates with.
type worker struct {
	ctx    context.Context
	device *onDevice
	loop   *inLibm
	buf    [3][]uint32
	bytes  []byte
}

func (w *worker) words(which, n int) []uint32 {
	if w.buf[which] == nil {
		w.buf[which] = make([]uint32, chunk)
	}
	return w.buf[which][:n]
}

func (w *worker) raw(in []uint32) []byte {
	w.bytes = w.bytes[:0]
	for _, u := range in {
		w.bytes = binary.LittleEndian.AppendUint32(w.bytes, u)
	}
	return w.bytes
}
