package devicetest

import (
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
)

// testEdges has grids that are larger than the work, by every remainder: invocations that have nothing to do return
// early, pass by, or share out what there is; a device that runs several at once must keep them apart.
func testEdges(t *testing.T, d kernels.Device) {
	early, inside, shared := earlyReturn(), insideOnly(), sharedOut()
	for n := range uint32(21) {
		in := operands(1, 3)[:48]
		check(t, d, early, [3]uint32{3, 1, 1}, []uint32{n, 3, 0, 0}, in, make([]uint32, 24))
		check(t, d, inside, [3]uint32{2, 3, 1}, []uint32{n % 13, n % 5, 0, 0}, in, make([]uint32, 16*6))
		check(t, d, shared, [3]uint32{2, 1, 1}, []uint32{n, 0, 0, 0}, in, make([]uint32, 2+8*2))
	}
}

// earlyReturn returns past the end, then where the data says so, then out of a loop.
func earlyReturn() *ir.Kernel {
	b := ir.NewBuilder("early", 8, 1, 1)
	p, in, out := b.Bind("p", ir.Uniform, false), b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	i := b.Input(ir.GlobalX)
	n, most := b.Load(p, ir.I32, b.Int(0), nil), b.Load(p, ir.I32, b.Int(1), nil)
	k := b.Var("k", ir.Private, ir.I32, 1)
	b.If(b.Do(ir.OpULe, n, i), func() { b.Return() }, nil)
	x := b.Load(in, ir.I32, i, nil)
	b.If(b.Do(ir.OpIEq, b.Do(ir.OpAnd, x, b.Int(7)), b.Int(5)), func() { b.Return() }, nil)
	b.Store(out, i, b.Int(1), nil)
	b.If(b.Do(ir.OpSLt, x, b.Int(0)), func() {
		b.Store(out, i, b.Int(2), nil)
		b.If(b.Do(ir.OpIEq, b.Do(ir.OpAnd, x, b.Int(1)), b.Int(1)), func() { b.Return() }, nil)
		b.Store(out, i, b.Int(3), nil)
	}, nil)
	b.Loop(func(l *ir.Inst) {
		kv := b.Get(k, nil, nil)
		b.If(b.Do(ir.OpULe, most, kv), func() { b.Exit(l) }, nil)
		b.If(b.Do(ir.OpIEq, b.Do(ir.OpAnd, i, b.Int(3)), kv), func() {
			b.Store(out, i, b.Do(ir.OpIAdd, b.Load(out, ir.I32, i, nil), b.Int(10)), nil)
			b.If(b.Do(ir.OpULt, b.Int(6), i), func() { b.Return() }, nil)
		}, nil)
	}, func() *ir.Inst {
		b.Set(k, nil, b.Do(ir.OpIAdd, b.Get(k, nil, nil), b.Int(1)), nil)
		return nil
	})
	b.Store(out, i, b.Do(ir.OpIAdd, b.Load(out, ir.I32, i, nil), b.Int(100)), nil)
	return b.Kernel()
}

// insideOnly works within a rectangle, at its edges in another way.
func insideOnly() *ir.Kernel {
	b := ir.NewBuilder("inside", 8, 2, 1)
	p, in, out := b.Bind("p", ir.Uniform, false), b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	x, y := b.Input(ir.GlobalX), b.Input(ir.GlobalY)
	w, h := b.Load(p, ir.I32, b.Int(0), nil), b.Load(p, ir.I32, b.Int(1), nil)
	acc := b.Var("acc", ir.Private, ir.F32, 1)
	tile := b.Var("tile", ir.Workgroup, ir.F32, 16)
	l := b.Input(ir.LocalIndex)
	load := func(i *ir.Inst) *ir.Inst { return b.Load(in, ir.F32, i, b.Do(ir.OpULt, i, b.Words(in))) }
	b.If(b.Do(ir.OpULt, x, w), func() {
		b.If(b.Do(ir.OpULt, y, h), func() {
			b.Set(acc, nil, load(b.Do(ir.OpIAdd, b.Do(ir.OpIMul, y, w), x)), nil)
		}, func() { b.Set(acc, nil, b.Const(ir.F32, 0x3f800000), nil) })
		b.Set(tile, l, b.Get(acc, nil, nil), nil)
	}, func() {
		b.If(b.Do(ir.OpIEq, x, w), func() { b.Set(acc, nil, b.Const(ir.F32, 0x40000000), nil) }, nil)
	})
	b.Barrier()
	b.If(b.Do(ir.OpULt, b.Do(ir.OpIAdd, x, b.Int(1)), w), func() {
		b.Set(acc, nil, b.Do(ir.OpFAdd, b.Get(acc, nil, nil), b.Get(tile, b.Do(ir.OpAnd, b.Do(ir.OpIAdd, l, b.Int(1)), b.Int(15)), nil)), nil)
	}, nil)
	at := b.Do(ir.OpIAdd, b.Do(ir.OpIMul, y, b.Int(16)), x)
	b.Store(out, at, b.Get(acc, nil, nil), b.Do(ir.OpULt, at, b.Words(out)))
	return b.Kernel()
}

// sharedOut has the invocations of a workgroup go through the input in strides and sums what they found.
func sharedOut() *ir.Kernel {
	b := ir.NewBuilder("shared", 8, 1, 1)
	p, in, out := b.Bind("p", ir.Uniform, false), b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	n := b.Load(p, ir.I32, b.Int(0), nil)
	l, g := b.Input(ir.LocalIndex), b.Input(ir.GroupX)
	i, sum := b.Var("i", ir.Private, ir.I32, 1), b.Var("sum", ir.Private, ir.F32, 1)
	w := b.Var("w", ir.Workgroup, ir.F32, 8)
	b.Set(i, nil, l, nil)
	b.Loop(func(loop *ir.Inst) {
		iv := b.Get(i, nil, nil)
		b.If(b.Do(ir.OpULe, n, iv), func() { b.Exit(loop) }, nil)
		x := b.Load(in, ir.F32, iv, nil)
		b.If(b.Do(ir.OpFLt, x, b.Const(ir.F32, 0)), func() { b.Continue(loop) }, nil)
		b.Set(sum, nil, b.Do(ir.OpFAdd, b.Get(sum, nil, nil), b.Do(ir.OpFMul, x, x)), nil)
	}, func() *ir.Inst {
		b.Set(i, nil, b.Do(ir.OpIAdd, b.Get(i, nil, nil), b.Int(8)), nil)
		return nil
	})
	b.Set(w, l, b.Get(sum, nil, nil), nil)
	for s := uint32(4); s > 0; s /= 2 {
		b.Barrier()
		b.If(b.Do(ir.OpULt, l, b.Int(s)), func() {
			b.Set(w, l, b.Do(ir.OpFAdd, b.Get(w, l, nil), b.Get(w, b.Do(ir.OpIAdd, l, b.Int(s)), nil)), nil)
		}, nil)
	}
	b.Store(out, b.Do(ir.OpIAdd, b.Do(ir.OpIAdd, b.Do(ir.OpIMul, g, b.Int(8)), l), b.Int(2)), b.Get(i, nil, nil), nil)
	b.If(b.Do(ir.OpIEq, l, b.Int(0)), func() { b.Store(out, g, b.Get(w, b.Int(0), nil), nil) }, nil)
	return b.Kernel()
}

// testZeroOrder branches on how zeros, constant or in variables, compare with masked values, which a code generator may
// decide by a test of the mask.
func testZeroOrder(t *testing.T, d kernels.Device) {
	in := []uint32{0, 1, 4, 0x41000000, 0x80000000, 0xc1000000, 0xffffffff, 3}
	for _, op := range []ir.Op{ir.OpULt, ir.OpULe, ir.OpSLt, ir.OpSLe} {
		for _, group := range []uint32{4, 1} {
			b := ir.NewBuilder("zero order", group, 1, 1)
			src, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
			i := b.Input(ir.GlobalX)
			x := b.Load(src, ir.I32, i, b.Do(ir.OpULt, i, b.Words(src)))
			zero, never, masked := b.Var("zero", ir.Private, ir.I32, 1), b.Var("never", ir.Private, ir.I32, 1), b.Var("masked", ir.Private, ir.I32, 1)
			b.Set(zero, nil, b.Int(0), nil)
			lefts := []func() *ir.Inst{func() *ir.Inst { return b.Int(0) }, func() *ir.Inst { return b.Get(zero, nil, nil) },
				func() *ir.Inst { return b.Get(never, nil, nil) }}
			n := uint32(0)
			// Each mask is another, so that each comparison has one to itself.
			mask := func() *ir.Inst { return b.Do(ir.OpAnd, x, b.Int(0xfffffffe-n<<8)) }
			rights := []func() *ir.Inst{mask,
				func() *ir.Inst { b.Set(masked, nil, mask(), nil); return b.Get(masked, nil, nil) },
				func() *ir.Inst {
					return b.Do(ir.OpBToI, b.Do(ir.OpBAnd, b.Do(ir.OpULt, b.Int(3+n), x), b.Do(ir.OpULt, x, b.Int(0xf0000000))))
				}}
			for _, left := range lefts {
				for _, right := range rights {
					for _, swap := range []bool{false, true} {
						l, r := left(), right()
						if swap {
							l, r = r, l
						}
						at := b.Do(ir.OpIAdd, b.Do(ir.OpIMul, i, b.Int(18)), b.Int(n))
						b.If(b.Do(op, l, r), func() { b.Store(out, at, x, b.Do(ir.OpULt, at, b.Words(out))) }, nil)
						n++
					}
				}
			}
			check(t, d, b.Kernel(), [3]uint32{8 / group, 1, 1}, in, make([]uint32, 8*18))
		}
	}
}
