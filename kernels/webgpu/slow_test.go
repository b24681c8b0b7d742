package webgpu

import (
	"testing"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/lower"
)

// TestSlow has a submission take longer than the five seconds after which the library would call it done.
func TestSlow(t *testing.T) {
	o := onDriver(t, "SwiftShader")
	d, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	b := ir.NewBuilder("slow", 1, 1, 1)
	out := b.Bind("out", ir.ReadWrite, false)
	n, x := b.Var("n", ir.Private, ir.I32, 1), b.Var("x", ir.Private, ir.F32, 1)
	limit := b.Load(out, ir.I32, b.Int(0), nil)
	b.Loop(func(l *ir.Inst) {
		i := b.Get(n, nil, nil)
		b.If(b.Do(ir.OpULe, limit, i), func() { b.Exit(l) }, nil)
		// Few units of gas for much time.
		b.Set(x, nil, b.Do(ir.OpFSin, b.Do(ir.OpBitcast, b.Do(ir.OpXor, b.Do(ir.OpBitcast, b.Get(x, nil, nil)), i))), nil)
		b.Set(n, nil, b.Do(ir.OpIAdd, i, b.Int(1)), nil)
	}, nil)
	b.Store(out, b.Int(1), b.Get(n, nil, nil), nil)
	b.Store(out, b.Int(2), b.Get(x, nil, nil), nil)
	p, err := d.NewPipeline(t.Context(), kernels.NewKernel("slow", "", nil, b.Kernel()))
	if err != nil {
		t.Fatal(err)
	}
	buf, err := d.NewBuffer(12)
	if err != nil {
		t.Fatal(err)
	}
	for turns := uint32(1 << 22); ; turns *= 2 {
		if err := d.Write(buf, 0, []byte{byte(turns), byte(turns >> 8), byte(turns >> 16), byte(turns >> 24)}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		gas, err := d.Dispatch(t.Context(), &kernels.Dispatch{Pipeline: p, Workgroups: [3]uint32{1, 1, 1}, GasLimit: lower.MaxGasLimit,
			Bindings: []kernels.Bound{{Buffer: buf, Size: 12}}})
		if err != nil {
			t.Fatal(err)
		}
		if w := words(t, d, buf); w[1] != turns || gas < uint64(turns) {
			t.Fatalf("%d turns taken of %d, gas %d, after %v", w[1], turns, gas, time.Since(began))
		}
		if time.Since(began) > 5500*time.Millisecond || turns >= 1<<27 {
			return
		}
	}
}
