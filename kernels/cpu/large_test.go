package cpu

import (
	"testing"

	"github.com/gwrun/gwrun/kernels/devicetest"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
)

// largeKernel has n branches in a row.
func largeKernel(n int) *ir.Kernel {
	b := ir.NewBuilder("large", 4, 1, 1)
	in, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	i := b.Input(ir.GlobalX)
	x := b.Do(ir.OpFExp, b.Load(in, ir.F32, i, nil))
	v := b.Var("v", ir.Private, ir.F32, 1)
	for k := range n {
		b.If(b.Do(ir.OpFLt, x, b.Const(ir.F32, uint32(k)<<13)), func() { b.Set(v, nil, x, nil) }, nil)
		x = b.Do(ir.OpFAdd, b.Do(ir.OpFMul, x, b.Const(ir.F32, 0x3f400000)), b.Get(v, nil, nil))
	}
	b.Store(out, i, x, nil)
	return b.Kernel()
}

// TestLarge: kernels too large for vector code, and for the compiler.
func TestLarge(t *testing.T) {
	d := opener(Options{Workers: 2})(t)
	defer d.Close()
	for _, n := range []int{10, 1200, 20000} {
		c := &irgen.Case{Kernel: largeKernel(n), Workgroups: [3]uint32{2, 1, 1}, GasLimit: 1 << 20,
			Buffers: [][]uint32{{0, 0x3f800000, 0xbf800000, 0x3e000000, 0x7fc00001, 0x7f800000, 0, 1}, make([]uint32, 8)}}
		if err := devicetest.Check(d, c); err != nil {
			t.Errorf("%d branches: %.200v", n, err)
		}
		p, err := translate(c.Kernel, vectorsWorth)
		if err != nil || p.large != (n == 20000) {
			t.Errorf("%d branches: large %v, error %v", n, p.large, err)
		}
	}
}

// TestDeep: control flow nested as deep as there may be.
func TestDeep(t *testing.T) {
	for _, o := range []Options{{vectors: vectorsNever}, {vectors: vectorsAlways}, {Interpreter: true}} {
		d := opener(o)(t)
		b := ir.NewBuilder("deep", 4, 1, 1)
		out := b.Bind("out", ir.ReadWrite, false)
		i := b.Input(ir.GlobalX)
		v := b.Var("v", ir.Private, ir.I32, 1)
		var nest func(n uint32)
		nest = func(n uint32) {
			if n == 0 {
				return
			}
			b.If(b.Do(ir.OpULt, b.Do(ir.OpIMul, i, b.Int(9)), b.Int(n)), func() {
				b.Set(v, nil, b.Do(ir.OpIAdd, b.Get(v, nil, nil), b.Int(n)), nil)
				nest(n - 1)
			}, nil)
		}
		nest(150)
		b.Store(out, i, b.Get(v, nil, nil), nil)
		c := &irgen.Case{Kernel: b.Kernel(), Workgroups: [3]uint32{5, 1, 1}, GasLimit: 1 << 20, Buffers: [][]uint32{make([]uint32, 20)}}
		if err := devicetest.Check(d, c); err != nil {
			t.Errorf("%.300v", err)
		}
		d.Close()
	}
}
