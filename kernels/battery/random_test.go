package battery

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gwrun/gwrun/kernels/devicetest"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
)

// generated are the random kernels of a run, solved once for all stacks.
func generated(t *testing.T, count int) []*devicetest.Solved {
	out := make([]*devicetest.Solved, count)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range max(*jobs, 1) {
		wg.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= count {
					return
				}
				s, err := devicetest.Solve(randomCase(*seed + uint64(n)))
				if err != nil {
					t.Errorf("seed %d: %v", *seed+uint64(n), err)
				}
				out[n] = s
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return out
}

// randomCase makes the kernel of a seed: mostly small ones, whose faults are easy to read, some with functions, some
// with too little gas.
func randomCase(seed uint64) *irgen.Case {
	o := irgen.Options{Size: 10 + int(seed%60), Transcendental: seed%16 == 5}
	if o.Transcendental { // each of those is a lot of text for a driver
		o.Size = 10 + int(seed%20)
	}
	c := irgen.New(seed, o)
	if seed%32 == 7 {
		c.GasLimit = 40 + uint32(seed%500)
	}
	return c
}

// TestRandomSource runs random WGSL programs on every stack.
func TestRandomSource(t *testing.T) {
	count := 3
	if *full {
		count = 400
	}
	if *kernelN > 0 {
		count = *kernelN
	}
	var cases []*devicetest.Solved
	for n := range uint64(count) {
		source, c, err := wgslCase(*seed + n)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", *seed+n, err, source)
		}
		s, err := devicetest.Solve(c)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", *seed+n, err, source)
		}
		cases = append(cases, s)
	}
	eachStack(t, func(t *testing.T, s stack) {
		start := time.Now()
		wrong := runAll(t, s, len(cases), func(n int) (*devicetest.Solved, string) {
			return cases[n], fmt.Sprintf("seed %d", *seed+uint64(n))
		})
		figures(t, "%d random programs, %d wrong, %s", len(cases), wrong, time.Since(start).Round(time.Second/10))
	})
}

// TestRandom runs random kernels on every stack.
func TestRandom(t *testing.T) {
	count := 16
	if *full {
		count = 2000
	}
	if *kernelN > 0 {
		count = *kernelN
	}
	cases := generated(t, count)
	words := 0
	for _, c := range cases {
		for _, w := range c.Want {
			words += len(w)
		}
	}
	eachStack(t, func(t *testing.T, s stack) {
		start := time.Now()
		wrong := runAll(t, s, len(cases), func(n int) (*devicetest.Solved, string) {
			return cases[n], fmt.Sprintf("seed %d", *seed+uint64(n))
		})
		figures(t, "%d random kernels, %d words, %d wrong, %s", len(cases), words, wrong, time.Since(start).Round(time.Second/10))
	})
}

// figures prints what a run of the whole battery is to be quoted for.
func figures(t *testing.T, format string, a ...any) {
	text := fmt.Sprintf(format, a...)
	if *full || *exhaustive {
		fmt.Printf("%s: %s\n", t.Name(), text)
		return
	}
	t.Log(text)
}

// runAll runs cases on -jobs devices of a stack, reports up to five differences and gives their number.
func runAll(t *testing.T, s stack, count int, get func(n int) (*devicetest.Solved, string)) int {
	t.Helper()
	var next, wrong atomic.Int64
	var wg sync.WaitGroup
	for range min(max(*jobs, 1), count) {
		wg.Go(func() {
			r, err := s.open()
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			defer func() { r.close() }()
			for {
				n := int(next.Add(1)) - 1
				if n >= count || t.Context().Err() != nil {
					return
				}
				c, name := get(n)
				began := time.Now()
				err := r.run(t.Context(), c)
				if took := time.Since(began); took > 10*time.Second {
					t.Logf("%s took %s", name, took.Round(time.Second))
				}
				if err != nil {
					if wrong.Add(1) > 5 {
						continue
					}
					t.Errorf("%s: %v", name, err)
					r.close() // it may be lost
					if r, err = s.open(); err != nil {
						t.Errorf("open: %v", err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	return int(wrong.Load())
}
