package webgpu

import (
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/lower"
)

// nested is a kernel of n loops, each in the one before.
func nested(n int) *ir.Kernel {
	b := ir.NewBuilder("nested", 1, 1, 1)
	out := b.Bind("out", ir.ReadWrite, false)
	zero := b.Int(0)
	var level func(n int)
	level = func(n int) {
		if n == 0 {
			b.Store(out, zero, b.Do(ir.OpIAdd, b.Load(out, ir.I32, zero, nil), b.Int(1)), nil)
			return
		}
		if n%2 == 0 {
			b.If(b.Do(ir.OpULt, b.Load(out, ir.I32, zero, nil), b.Int(uint32(n)*1000)), func() { level(n - 1) }, nil)
			return
		}
		b.Loop(func(l *ir.Inst) {
			level(n - 1)
			b.Exit(l)
		}, nil)
	}
	level(n)
	return b.Kernel()
}

// TestDeepest has the shader compiler take a kernel nested as deep as package lower lets through: it recurses over
// statements, and must not run out of stack.
func TestDeepest(t *testing.T) {
	deepest := 0
	for n := 1; n <= ir.MaxDepth-1; n++ {
		if _, err := lower.Print(nested(n), lower.ModeNative, lower.Options{}); err != nil {
			break
		}
		deepest = n
	}
	if deepest < lower.MaxDepth/2 {
		t.Fatalf("only %d regions can be nested", deepest)
	}
	d, err := Open(onDriver(t, "lavapipe"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	p, err := d.NewPipeline(t.Context(), kernels.NewKernel("nested", "", nil, nested(deepest)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := d.NewBuffer(4)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Dispatch(t.Context(), &kernels.Dispatch{Pipeline: p, Workgroups: [3]uint32{1, 1, 1}, GasLimit: 1 << 20,
		Bindings: []kernels.Bound{{Buffer: b, Size: 4}}}); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 4)
	if err := d.Read(b, 0, got); err != nil || got[0] != 1 {
		t.Errorf("%d deep: %v, %v", deepest, got, err)
	}
	if _, err := d.NewPipeline(t.Context(), kernels.NewKernel("nested", "", nil, nested(deepest+1))); err == nil {
		t.Error("a deeper kernel was taken")
	}
}
