package cpu

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
)

// TestHeap allocates and releases at random: ranges never touch, are zero when new, and are used again.
func TestHeap(t *testing.T) {
	e, err := openEngine(false)
	if err != nil {
		t.Fatal(err)
	}
	const limit = 4 << 20
	h, err := newHeap(context.Background(), e, limit)
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	r := rand.New(rand.NewPCG(1, 2))
	var live []span
	failed := 0
	for range 3000 {
		if len(live) > 0 && r.IntN(5) < 2 {
			n := r.IntN(len(live))
			h.release(live[n])
			live = append(live[:n], live[n+1:]...)
			continue
		}
		size := uint64(r.IntN(1 << (3 + r.IntN(16))))
		s, err := h.alloc(size)
		if err != nil {
			var full *MemoryError
			if !errors.As(err, &full) || full.Wanted != size {
				t.Fatal(err)
			}
			failed++
			for _, s := range live[len(live)/2:] {
				h.release(s)
			}
			live = live[:len(live)/2]
			continue
		}
		if s.size < size || s.off%spanAlign != 0 || s.off < heapStart || s.off+s.size > limit {
			t.Fatalf("alloc(%d) gave %+v", size, s)
		}
		for _, o := range live {
			if s.off < o.off+o.size && o.off < s.off+s.size {
				t.Fatalf("%+v overlaps %+v", s, o)
			}
		}
		for i, b := range h.bytes(s) {
			if b != 0 {
				t.Fatalf("byte %d of a new range is %d", i, b)
			}
		}
		for i := range h.bytes(s) {
			h.bytes(s)[i] = 0xee
		}
		live = append(live, s)
	}
	if failed == 0 {
		t.Error("the heap never filled up")
	}
	for _, s := range live {
		h.release(s)
	}
	if len(h.free) != 1 || h.free[0].off != heapStart {
		t.Errorf("free ranges after releasing all: %+v", h.free)
	}
}

func TestOutOfMemory(t *testing.T) {
	d := opener(Options{HeapBytes: 2 << 20, Workers: 2})(t)
	defer d.Close()
	var full *MemoryError
	if _, err := d.NewBuffer(3 << 20); !errors.As(err, &full) {
		t.Errorf("error %v, want a MemoryError", err)
	}
	b, err := d.NewBuffer(2<<20 - 4096)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.NewBuffer(8192); !errors.As(err, &full) {
		t.Errorf("error %v, want a MemoryError", err)
	}
	// No room for the scratch area of a kernel with workgroup memory.
	k := ir.NewBuilder("scratch", 4, 1, 1)
	out := k.Bind("out", ir.ReadWrite, false)
	w := k.Var("w", ir.Workgroup, ir.I32, 4096)
	i := k.Input(ir.LocalIndex)
	k.Set(w, i, i, nil)
	k.Barrier()
	k.Store(out, i, k.Get(w, k.Do(ir.OpXor, i, k.Int(1)), nil), nil)
	p, err := d.NewPipeline(context.Background(), kernels.NewKernel("scratch", "", nil, k.Kernel()))
	if err != nil {
		t.Fatal(err)
	}
	x := &kernels.Dispatch{Pipeline: p, Workgroups: [3]uint32{1, 1, 1}, GasLimit: 1 << 20, Bindings: []kernels.Bound{{Buffer: b, Size: 16}}}
	if _, err := d.Dispatch(context.Background(), x); !errors.As(err, &full) {
		t.Errorf("error %v, want a MemoryError", err)
	}
	b.Free()
	if b, err = d.NewBuffer(16); err != nil {
		t.Fatal(err)
	}
	x.Bindings[0].Buffer = b
	if _, err := d.Dispatch(context.Background(), x); err != nil {
		t.Fatal(err)
	}
	view, err := d.(Viewer).View(b)
	if err != nil || len(view) != 16 || view[0] != 1 || view[4] != 0 || view[8] != 3 || view[12] != 2 {
		t.Errorf("view %v, error %v", view, err)
	}
	b.Free()
	if _, err := d.(Viewer).View(b); err == nil {
		t.Error("a view of a freed buffer")
	}
}

// TestPrograms: kernels are compiled once in the process, and not too many that nobody uses are kept.
func TestPrograms(t *testing.T) {
	ctx := context.Background()
	a, b := opener(Options{})(t).(*Device), opener(Options{})(t).(*Device)
	defer a.Close()
	defer b.Close()
	kernel := func(n uint32) *kernels.Kernel {
		k := ir.NewBuilder("store", 1, 1, 1)
		k.Store(k.Bind("out", ir.ReadWrite, false), k.Int(0), k.Int(n+1000), nil)
		return kernels.NewKernel("store", "", nil, k.Kernel())
	}
	pa, err := a.NewPipeline(ctx, kernel(0))
	if err != nil {
		t.Fatal(err)
	}
	pb, err := b.NewPipeline(ctx, kernel(0))
	if err != nil {
		t.Fatal(err)
	}
	if pa.(*pipeline).code != pb.(*pipeline).code {
		t.Error("one kernel was compiled twice")
	}
	pa.Free()
	for n := range uint32(2 * maxIdle) {
		p, err := a.NewPipeline(ctx, kernel(1+n))
		if err != nil {
			t.Fatal(err)
		}
		p.Free()
	}
	e := a.engine
	e.mu.Lock()
	idle, all := len(e.idle), len(e.programs)
	e.mu.Unlock()
	if idle > maxIdle || all < idle {
		t.Errorf("%d compiled kernels idle of %d, at most %d", idle, all, maxIdle)
	}
	// The one still in use is not touched by that.
	buf, err := b.NewBuffer(4)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		runtime.GC()
		if _, err := b.Dispatch(ctx, &kernels.Dispatch{Pipeline: pb, Workgroups: [3]uint32{1, 1, 1}, GasLimit: 100,
			Bindings: []kernels.Bound{{Buffer: buf, Size: 4}}}); err != nil {
			t.Fatal(err)
		}
	}
	if v, err := b.View(buf); err != nil || v[0] != 1000&255 {
		t.Errorf("view %v, error %v", v, err)
	}
}

func TestCloseWhileHeld(t *testing.T) {
	d := opener(Options{})(t)
	b, err := d.NewBuffer(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	b.Free()
	if err := d.Write(b, 0, make([]byte, 4)); err == nil {
		t.Error("a write to a closed device")
	}
}
