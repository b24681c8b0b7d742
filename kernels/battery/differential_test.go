package battery

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/kernels/devicetest"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
	"github.com/gwrun/gwrun/kernels/lower"
	"github.com/gwrun/gwrun/kernels/wgslgen"
)

var (
	duration = flag.Duration("for", 0, "how long TestDifferential goes on, such as 1h; 0 is a few kernels")
	against  = flag.String("against", "SwiftShader/native+guard", "the stack that TestDifferential compares with the cpu and the interpreter")
	saveTo   = flag.String("save", "differences", "the folder where TestDifferential leaves what differs")
)

// sample is a generated kernel: make gives it anew each time, since reducing it takes it apart.
type sample struct {
	name   string
	source string // of WGSL, "" for one made as IR
	make   func() *irgen.Case
}

// sampleOf makes the kernel of a seed: every third one comes from WGSL text.
func sampleOf(seed uint64) (*sample, error) {
	if seed%3 != 0 {
		return &sample{fmt.Sprintf("ir-%d", seed), "", func() *irgen.Case { return randomCase(seed) }}, nil
	}
	source, _, err := wgslCase(seed)
	if err != nil {
		return nil, fmt.Errorf("wgsl-%d is refused: %w\n%s", seed, err, source)
	}
	return &sample{fmt.Sprintf("wgsl-%d", seed), source, func() *irgen.Case {
		_, c, _ := wgslCase(seed)
		return c
	}}, nil
}

// wgslCase makes a program of WGSL for a seed.
func wgslCase(seed uint64) (string, *irgen.Case, error) {
	return wgslgen.Case(seed, wgslgen.Options{Transcendental: seed%15 == 0, Size: 4 + int(seed%24)})
}

// twin runs cases on the CPU device and on another stack.
type twin struct {
	cpu   kernels.Device
	other runner
	stack stack
}

func openTwin(s stack) (*twin, error) {
	w := &twin{stack: s}
	var err error
	if w.cpu, err = cpu.Open(cpu.Options{Workers: 1}); err != nil {
		return nil, err
	}
	w.other, err = s.open()
	return w, err
}

func (w *twin) close() {
	w.cpu.Close()
	if w.other != nil {
		w.other.close()
	}
}

// differs says where a case comes out differently, or gives nil. After an error of the other stack a fresh one is opened.
func (w *twin) differs(ctx context.Context, c *irgen.Case) error {
	s, err := devicetest.Solve(c)
	if err != nil {
		return nil // not a kernel: reducing went too far
	}
	if err := s.Compare(devicetest.Dispatch(w.cpu, c)); err != nil {
		return fmt.Errorf("cpu: %w", err)
	}
	if err := w.other.run(ctx, s); err != nil {
		w.other.close()
		var again error
		if w.other, again = w.stack.open(); again != nil {
			w.other = nil
			return fmt.Errorf("%s cannot be opened again: %w", w.stack.name, again)
		}
		return fmt.Errorf("%s: %w", w.stack.name, err)
	}
	return nil
}

// without takes the instructions of the given numbers out of a kernel, and then all whose values nobody uses.
func without(k *ir.Kernel, drop map[int]bool) {
	var filter func(r ir.Region, keep func(*ir.Inst) bool) ir.Region
	filter = func(r ir.Region, keep func(*ir.Inst) bool) ir.Region {
		var out ir.Region
		for _, i := range r {
			if keep(i) {
				i.Then, i.Else = filter(i.Then, keep), filter(i.Else, keep)
				out = append(out, i)
			}
		}
		return out
	}
	k.Body = filter(k.Body, func(i *ir.Inst) bool { return !drop[i.ID] })
	for again := true; again; {
		used := map[*ir.Inst]bool{}
		k.Walk(func(i *ir.Inst) {
			for _, a := range i.Args {
				used[a] = true
			}
			if i.BreakIf != nil {
				used[i.BreakIf] = true
			}
		})
		again = false
		k.Body = filter(k.Body, func(i *ir.Inst) bool {
			keep := used[i] || i.Type == ir.Void
			again = again || !keep
			return keep
		})
	}
}

// reduce finds a smaller kernel that still differs: it leaves out instructions, most at once first, and never a
// barrier, without which there might be a race.
func reduce(make func() *irgen.Case, differs func(*irgen.Case) error) *irgen.Case {
	drop := map[int]bool{}
	apply := func(extra []int) *irgen.Case {
		c := make()
		c.Kernel.Renumber()
		d := map[int]bool{}
		for n := range drop {
			d[n] = true
		}
		for _, n := range extra {
			d[n] = true
		}
		without(c.Kernel, d)
		c.Kernel.Renumber()
		c.GasLimit = min(c.GasLimit, 1<<16) // a loop may have lost its end
		return c
	}
	stillDiffers := func(c *irgen.Case) bool {
		s, err := devicetest.Solve(c)
		return err == nil && !s.NoGas && differs(c) != nil
	}
	var candidates []int
	k := make().Kernel
	k.Renumber()
	k.Walk(func(i *ir.Inst) {
		barrier := false
		(&ir.Kernel{Body: ir.Region{i}}).Walk(func(i *ir.Inst) { barrier = barrier || i.Op == ir.OpBarrier })
		if i.Type == ir.Void && !barrier {
			candidates = append(candidates, i.ID)
		}
	})
	slices.Reverse(candidates) // the last results first
	for size := len(candidates) / 2; size > 0; size /= 2 {
		for part := range slices.Chunk(slices.Clone(candidates), size) {
			if c := apply(part); stillDiffers(c) {
				for _, n := range part {
					drop[n] = true
				}
			}
		}
		candidates = slices.DeleteFunc(candidates, func(n int) bool { return drop[n] })
	}
	return apply(nil)
}

// save writes what is needed to look into a difference.
func save(s *sample, why error, reduced *irgen.Case, mode lower.Mode) (string, error) {
	dir := filepath.Join(*saveTo, s.name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return dir, err
	}
	files := map[string]string{"difference.txt": why.Error(), "kernel.ir": s.make().Kernel.String(), "reduced.ir": reduced.Kernel.String()}
	if s.source != "" {
		files["source.wgsl"] = s.source
	}
	if p, err := lower.Print(reduced.Kernel, mode, lower.Options{}); err == nil {
		files["reduced.wgsl"] = p.WGSL
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return dir, err
		}
	}
	return dir, nil
}

// TestDifferential compares generated kernels on the interpreter, the CPU device and a driver. With -for it goes on
// for so long, says each minute how far it is, and on a difference leaves the kernel and a reduced one in -save.
func TestDifferential(t *testing.T) {
	var s stack
	for _, c := range stacks(t) {
		if c.name == *against {
			s = c
		}
	}
	if s.name == "" {
		t.Fatalf("-against %s is none of the stacks that -stacks leaves", *against)
	}
	if s.missing != "" {
		t.Skipf("skipped: %s", s.missing)
	}
	var next, done, text, wrong atomic.Int64
	start := time.Now()
	enough := func(n int64) bool {
		if *duration > 0 {
			return time.Since(start) > *duration
		}
		return n >= 24
	}
	finished := make(chan struct{})
	defer close(finished)
	go func() {
		for {
			select {
			case <-finished:
				return
			case <-time.After(time.Minute):
				took := time.Since(start)
				fmt.Fprintf(os.Stderr, "%s: %d kernels (%d of WGSL), %d differ, %.0f an hour\n", took.Round(time.Second), done.Load(), text.Load(),
					wrong.Load(), float64(done.Load())/took.Hours())
			}
		}
	}()
	var wg sync.WaitGroup
	for range max(*jobs, 1) {
		wg.Go(func() {
			w, err := openTwin(s)
			if err != nil {
				t.Error(err)
				return
			}
			defer w.close()
			for {
				n := next.Add(1) - 1
				if enough(n) || wrong.Load() >= 20 || w.other == nil {
					return
				}
				c, err := sampleOf(*seed<<32 + uint64(n))
				if err != nil {
					wrong.Add(1)
					t.Error(err)
					continue
				}
				if c.source != "" {
					text.Add(1)
				}
				if why := w.differs(t.Context(), c.make()); why != nil {
					if t.Context().Err() != nil {
						return
					}
					wrong.Add(1)
					small := reduce(c.make, func(k *irgen.Case) error { return w.differs(t.Context(), k) })
					dir, err := save(c, why, small, s.mode)
					t.Errorf("%s: %v\nreduced, in %s (%v):\n%s", c.name, firstLine(why), dir, err, small.Kernel)
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	line := fmt.Sprintf("%d kernels (%d of WGSL) on the interpreter, the cpu and %s in %s (%.0f an hour), %d differ", done.Load(), text.Load(), s.name,
		took.Round(time.Second), float64(done.Load())/took.Hours(), wrong.Load())
	if *duration > 0 {
		fmt.Println(line)
	} else {
		t.Log(line)
	}
}

func firstLine(err error) string {
	text := err.Error()
	for i, c := range text {
		if c == '\n' {
			return text[:i]
		}
	}
	return text
}

// bent is a runner whose every product is a sum.
type bent struct{ onDevice }

func (r *bent) run(ctx context.Context, c *devicetest.Solved) error {
	wrong := *c
	wrong.Case = &irgen.Case{Kernel: c.Kernel, Buffers: c.Buffers, Workgroups: c.Workgroups, GasLimit: c.GasLimit}
	bend := func(from, to ir.Op) {
		c.Kernel.Walk(func(i *ir.Inst) {
			if i.Op == from {
				i.Op = to
			}
		})
	}
	var sums []*ir.Inst
	c.Kernel.Walk(func(i *ir.Inst) {
		if i.Op == ir.OpFAdd {
			sums = append(sums, i)
		}
	})
	bend(ir.OpFMul, ir.OpFAdd)
	err := r.onDevice.run(ctx, &wrong)
	c.Kernel.Walk(func(i *ir.Inst) {
		if i.Op == ir.OpFAdd && !slices.Contains(sums, i) {
			i.Op = ir.OpFMul
		}
	})
	return err
}

// TestReduce checks that a difference is noticed, and brought down to what it is about.
func TestReduce(t *testing.T) {
	found := 0
	for seed := uint64(1); found < 5 && seed < 200; seed++ {
		s, err := sampleOf(seed)
		if err != nil {
			t.Fatal(err)
		}
		w, err := openTwin(stack{name: "bent", device: func() (kernels.Device, error) { return cpu.Open(cpu.Options{Workers: 1}) }})
		if err != nil {
			t.Fatal(err)
		}
		straight := w.other.(*onDevice)
		differs := func(c *irgen.Case) error {
			k, err := devicetest.Solve(c)
			if err != nil {
				return nil
			}
			return (&bent{*straight}).run(t.Context(), k)
		}
		if err := differs(s.make()); err != nil && !errors.Is(err, kernels.ErrGas) {
			found++
			small := reduce(s.make, differs)
			products, all := 0, 0
			small.Kernel.Walk(func(i *ir.Inst) {
				all++
				if i.Op == ir.OpFMul {
					products++
				}
			})
			if before := s.make().Kernel; products == 0 || all > 60 && all > before.NumInsts/2 {
				t.Errorf("%s: %d instructions reduced to %d with %d products:\n%s", s.name, before.NumInsts, all, products, small.Kernel)
			}
		}
		w.close()
	}
	if found < 5 {
		t.Errorf("the bent device differs in %d kernels only", found)
	}
}
