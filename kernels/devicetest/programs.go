package devicetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
)

var one = [3]uint32{1, 1, 1}

func testInputs(t *testing.T, d kernels.Device) {
	for _, size := range [][3]uint32{{1, 1, 1}, {4, 3, 2}, {8, 2, 1}, {3, 5, 1}, {1, 4, 4}, {16, 16, 1}} {
		for _, groups := range [][3]uint32{{1, 1, 1}, {3, 2, 2}, {1, 1, 5}} {
			b := ir.NewBuilder("inputs", size[0], size[1], size[2])
			out := b.Bind("out", ir.ReadWrite, false)
			at := func(x, y, z, nx, ny *ir.Inst) *ir.Inst {
				return b.Do(ir.OpIAdd, b.Do(ir.OpIMul, b.Do(ir.OpIAdd, b.Do(ir.OpIMul, z, ny), y), nx), x)
			}
			g := at(b.Input(ir.GroupX), b.Input(ir.GroupY), b.Input(ir.GroupZ), b.Input(ir.NumGroupsX), b.Input(ir.NumGroupsY))
			n := size[0] * size[1] * size[2]
			i := b.Do(ir.OpIAdd, b.Do(ir.OpIMul, g, b.Int(n)), b.Input(ir.LocalIndex))
			for in := ir.Input(0); in < ir.NumInputs; in++ {
				b.Store(out, b.Do(ir.OpIAdd, b.Do(ir.OpIMul, i, b.Int(uint32(ir.NumInputs))), b.Int(uint32(in))), b.Input(in), nil)
			}
			check(t, d, b.Kernel(), groups, make([]uint32, n*groups[0]*groups[1]*groups[2]*uint32(ir.NumInputs)))
		}
	}
}

// collatz counts the steps from every in[i] to 1, at most 200: a loop that ends at another time for each invocation.
func collatz() *ir.Kernel {
	b := ir.NewBuilder("collatz", 16, 1, 1)
	in, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	i := b.Input(ir.GlobalX)
	x, n := b.Var("x", ir.Private, ir.I32, 1), b.Var("n", ir.Private, ir.I32, 1)
	b.Set(x, nil, b.Load(in, ir.I32, i, b.Do(ir.OpULt, i, b.Words(in))), nil)
	b.Loop(func(l *ir.Inst) {
		v := b.Get(x, nil, nil)
		b.If(b.Do(ir.OpULe, v, b.Int(1)), func() { b.Exit(l) }, nil)
		b.If(b.Do(ir.OpIEq, b.Do(ir.OpAnd, v, b.Int(1)), b.Int(0)), func() {
			b.Set(x, nil, b.Do(ir.OpShrU, v, b.Int(1)), nil)
			b.Continue(l)
		}, nil)
		b.Set(x, nil, b.Do(ir.OpIAdd, b.Do(ir.OpIMul, v, b.Int(3)), b.Int(1)), nil)
	}, func() *ir.Inst {
		next := b.Do(ir.OpIAdd, b.Get(n, nil, nil), b.Int(1))
		b.Set(n, nil, next, nil)
		return b.Do(ir.OpIEq, next, b.Int(200))
	})
	b.Store(out, i, b.Get(n, nil, nil), b.Do(ir.OpULt, i, b.Words(out)))
	return b.Kernel()
}

func testControl(t *testing.T, d kernels.Device) {
	in := count(64)
	in[60], in[61] = 27, 97
	got := run(t, d, collatz(), [3]uint32{4, 1, 1}, in, make([]uint32, 64))
	expect(t, got[:10], 0, 0, 1, 7, 2, 5, 8, 16, 3, 19)
	expect(t, got[60:62], 111, 118)

	// Nested loops, breaks out of the outer one, a block as a switch, returns.
	b := ir.NewBuilder("nest", 8, 1, 1)
	out := b.Bind("out", ir.ReadWrite, false)
	i := b.Input(ir.GlobalX)
	sum, p, q := b.Var("sum", ir.Private, ir.I32, 1), b.Var("p", ir.Private, ir.I32, 1), b.Var("q", ir.Private, ir.I32, 1)
	add := func(v *ir.Inst) { b.Set(sum, nil, b.Do(ir.OpIAdd, b.Get(sum, nil, nil), v), nil) }
	b.Loop(func(outer *ir.Inst) {
		b.Zero(q)
		b.Loop(func(inner *ir.Inst) {
			pv, qv := b.Get(p, nil, nil), b.Get(q, nil, nil)
			b.Block(func(sw *ir.Inst) {
				b.If(b.Do(ir.OpIEq, qv, b.Int(2)), func() { b.Continue(inner) }, nil)
				b.If(b.Do(ir.OpIEq, b.Do(ir.OpIAdd, pv, qv), i), func() { add(b.Int(100)); b.Exit(sw) }, nil)
				b.If(b.Do(ir.OpULt, b.Int(7), b.Do(ir.OpIMul, pv, qv)), func() { b.Exit(inner) }, nil)
				b.If(b.Do(ir.OpULt, b.Do(ir.OpIAdd, i, b.Int(9)), b.Do(ir.OpIAdd, pv, qv)), func() { b.Exit(outer) }, nil)
				add(b.Int(1))
			})
			add(b.Int(10000))
		}, func() *ir.Inst {
			n := b.Do(ir.OpIAdd, b.Get(q, nil, nil), b.Int(1))
			b.Set(q, nil, n, nil)
			return b.Do(ir.OpULt, b.Int(6), n)
		})
		b.If(b.Do(ir.OpIEq, b.Do(ir.OpIAdd, b.Get(p, nil, nil), b.Int(1)), i), func() {
			b.Store(out, i, b.Do(ir.OpNot, b.Get(sum, nil, nil)), nil)
			b.If(b.Do(ir.OpIEq, i, b.Int(5)), func() { b.Return() }, nil)
		}, func() { add(b.Int(1000000)) })
	}, func() *ir.Inst {
		n := b.Do(ir.OpIAdd, b.Get(p, nil, nil), b.Int(1))
		b.Set(p, nil, n, nil)
		return b.Do(ir.OpULt, b.Int(5), n)
	})
	b.Store(out, i, b.Get(sum, nil, nil), nil)
	check(t, d, b.Kernel(), [3]uint32{3, 1, 1}, make([]uint32, 24))
}

func testPrivate(t *testing.T, d kernels.Device) {
	// Variables start at zero in every invocation, also where another has just used the place.
	b := ir.NewBuilder("private", 8, 2, 1)
	out := b.Bind("out", ir.ReadWrite, false)
	i := b.Input(ir.GlobalX)
	i = b.Do(ir.OpIAdd, b.Do(ir.OpIMul, b.Input(ir.GlobalY), b.Int(16)), i)
	s, f, ok := b.Var("s", ir.Private, ir.I32, 1), b.Var("f", ir.Private, ir.F32, 5), b.Var("ok", ir.Private, ir.Bool, 1)
	a := b.Var("a", ir.Private, ir.I32, 7)
	put := func(n uint32, v *ir.Inst) {
		b.Store(out, b.Do(ir.OpIAdd, b.Do(ir.OpIMul, i, b.Int(8)), b.Int(n)), v, nil)
	}
	put(0, b.Get(s, nil, nil))
	put(1, b.Get(f, b.Do(ir.OpURem, i, b.Int(5)), nil))
	put(2, b.Get(a, b.Do(ir.OpURem, i, b.Int(7)), nil))
	put(3, b.Do(ir.OpBToI, b.Get(ok, nil, nil)))
	b.Set(s, nil, i, nil)
	b.Set(ok, nil, b.Const(ir.Bool, 1), nil)
	for n := range uint32(7) {
		b.Set(a, b.Int(n), b.Do(ir.OpIAdd, i, b.Int(n)), nil)
		b.Set(f, b.Int(n%5), b.Do(ir.OpSToF, b.Do(ir.OpIAdd, i, b.Int(n))), nil)
	}
	b.Set(a, b.Do(ir.OpURem, i, b.Int(7)), b.Int(1000), b.Do(ir.OpINe, i, b.Int(3)))
	put(4, b.Get(a, b.Do(ir.OpURem, b.Do(ir.OpIMul, i, b.Int(3)), b.Int(7)), nil))
	put(5, b.Get(f, b.Do(ir.OpURem, b.Do(ir.OpIMul, i, b.Int(3)), b.Int(5)), nil))
	b.If(b.Do(ir.OpULt, i, b.Int(20)), func() { b.Zero(a); b.Zero(f); b.Zero(ok) }, nil)
	put(6, b.Do(ir.OpIAdd, b.Get(a, b.Int(3), nil), b.Do(ir.OpFToS, b.Get(f, b.Int(2), nil))))
	put(7, b.Do(ir.OpIAdd, b.Get(s, nil, nil), b.Do(ir.OpBToI, b.Get(ok, nil, nil))))
	check(t, d, b.Kernel(), [3]uint32{2, 2, 1}, make([]uint32, 64*8))
}

func testOutOfBounds(t *testing.T, d kernels.Device) {
	b := ir.NewBuilder("bounds", 8, 1, 1)
	in, u, out := b.Bind("in", ir.Read, false), b.Bind("u", ir.Uniform, false), b.Bind("out", ir.ReadWrite, false)
	marks := b.Bind("marks", ir.ReadWrite, true)
	w, a := b.Var("w", ir.Workgroup, ir.I32, 4), b.Var("a", ir.Private, ir.I32, 3)
	i := b.Input(ir.LocalIndex)
	far := b.Load(in, ir.I32, i, nil)
	inside := func(x, n *ir.Inst) *ir.Inst { return b.Do(ir.OpULt, x, n) }
	b.Set(a, b.Int(0), b.Int(11), nil)
	b.Set(a, far, b.Int(13), inside(far, b.Int(3)))
	b.Set(w, far, b.Int(17), b.Do(ir.OpBAnd, inside(far, b.Int(4)), b.Do(ir.OpIEq, i, b.Int(2))))
	sum := b.Load(in, ir.I32, far, inside(far, b.Words(in)))
	sum = b.Do(ir.OpIAdd, sum, b.Load(u, ir.I32, far, inside(far, b.Words(u))))
	sum = b.Do(ir.OpIAdd, sum, b.Get(a, far, inside(far, b.Int(3))))
	sum = b.Do(ir.OpIAdd, sum, b.Load(in, ir.I32, far, b.Const(ir.Bool, 0)))
	b.Atomic(ir.AtomicAdd, marks, nil, far, b.Int(5), inside(far, b.Words(marks)))
	b.Barrier()
	sum = b.Do(ir.OpIAdd, sum, b.Get(w, far, inside(far, b.Int(4))))
	b.Store(out, i, sum, nil)
	b.Store(out, b.Do(ir.OpIAdd, far, b.Int(8)), b.Int(99), b.Do(ir.OpBAnd, inside(far, b.Words(out)), inside(b.Do(ir.OpIAdd, far, b.Int(8)), b.Words(out))))
	check(t, d, b.Kernel(), one, []uint32{0, 1, 2, 3, 1 << 30, 0xffffffff, 1 << 31, 9}, []uint32{5, 6, 7, 8},
		make([]uint32, 12), make([]uint32, 3))
}

// testWorkgroup reverses and sums by way of workgroup memory, which starts at zero in every workgroup.
func testWorkgroup(t *testing.T, d kernels.Device) {
	for _, n := range []uint32{1, 4, 6, 32} {
		b := ir.NewBuilder("reverse", n, 1, 1)
		in, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
		w, z := b.Var("w", ir.Workgroup, ir.F32, n), b.Var("z", ir.Workgroup, ir.I32, n)
		l, i := b.Input(ir.LocalIndex), b.Input(ir.GlobalX)
		zero := b.Get(z, l, nil)
		b.Set(z, l, b.Int(1), nil)
		x := b.Load(in, ir.F32, i, nil)
		b.Set(w, l, x, nil)
		b.Barrier()
		y := b.Get(w, b.Do(ir.OpISub, b.Int(n-1), l), nil)
		b.Store(out, i, b.Do(ir.OpFAdd, b.Do(ir.OpFAdd, y, x), b.Do(ir.OpUToF, zero)), nil)
		in0 := make([]uint32, 5*n)
		for j := range in0 {
			in0[j] = 0x3f800000 + uint32(j)<<18
		}
		check(t, d, b.Kernel(), [3]uint32{5, 1, 1}, in0, make([]uint32, 5*n))
	}
}

func testBarriers(t *testing.T, d kernels.Device) {
	// A tree sum: barriers in a loop whose end is the same for all, work that is not.
	const n = 32
	b := ir.NewBuilder("tree", n, 1, 1)
	in, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	w, s := b.Var("w", ir.Workgroup, ir.I32, n), b.Var("s", ir.Private, ir.I32, 1)
	l := b.Input(ir.LocalIndex)
	b.Set(w, l, b.Load(in, ir.I32, b.Input(ir.GlobalX), nil), nil)
	b.Barrier()
	b.Set(s, nil, b.Int(n/2), nil)
	b.Loop(func(loop *ir.Inst) {
		h := b.Get(s, nil, nil)
		b.If(b.Do(ir.OpIEq, h, b.Int(0)), func() { b.Exit(loop) }, nil)
		b.If(b.Do(ir.OpULt, l, h), func() {
			b.Set(w, l, b.Do(ir.OpIAdd, b.Get(w, l, nil), b.Get(w, b.Do(ir.OpIAdd, l, h), nil)), nil)
		}, nil)
		b.Barrier()
	}, func() *ir.Inst {
		b.Set(s, nil, b.Do(ir.OpShrU, b.Get(s, nil, nil), b.Int(1)), nil)
		return nil
	})
	b.If(b.Do(ir.OpIEq, l, b.Int(0)), func() { b.Store(out, b.Input(ir.GroupX), b.Get(w, b.Int(0), nil), nil) }, nil)
	expect(t, run(t, d, b.Kernel(), [3]uint32{3, 1, 1}, count(3*n), make([]uint32, 3)), 496, 1520, 2544)

	// Barriers under conditions and loops, with values that live across them, early ends after the last barrier.
	b = ir.NewBuilder("shift", 8, 1, 1)
	p, out := b.Bind("p", ir.Uniform, false), b.Bind("out", ir.ReadWrite, false)
	w = b.Var("w", ir.Workgroup, ir.I32, 8)
	acc, k := b.Var("acc", ir.Private, ir.I32, 1), b.Var("k", ir.Private, ir.I32, 1)
	arr := b.Var("arr", ir.Private, ir.F32, 3)
	l, i := b.Input(ir.LocalIndex), b.Input(ir.GlobalX)
	kept := b.Do(ir.OpIMul, b.Do(ir.OpIAdd, i, b.Int(3)), b.Int(7))
	flag := b.Do(ir.OpULt, b.Int(2), l)
	b.Set(acc, nil, i, nil)
	b.Loop(func(loop *ir.Inst) {
		n := b.Get(k, nil, nil)
		b.If(b.Do(ir.OpIEq, n, b.Load(p, ir.I32, b.Int(0), nil)), func() { b.Exit(loop) }, nil)
		b.Set(w, l, b.Get(acc, nil, nil), nil)
		b.Barrier()
		other := b.Get(w, b.Do(ir.OpAnd, b.Do(ir.OpIAdd, l, n), b.Int(7)), nil)
		b.Barrier()
		b.If(b.Do(ir.OpIEq, b.Do(ir.OpAnd, n, b.Int(1)), b.Int(0)), func() {
			b.Set(w, l, b.Do(ir.OpIAdd, other, kept), nil)
			b.Barrier()
			b.Set(acc, nil, b.Do(ir.OpIAdd, b.Get(acc, nil, nil), b.Get(w, b.Do(ir.OpXor, l, b.Int(1)), nil)), nil)
			b.Barrier()
			b.If(b.Do(ir.OpIEq, n, b.Int(4)), func() { b.Continue(loop) }, nil)
		}, func() {
			b.If(flag, func() { b.Set(acc, nil, b.Do(ir.OpIMul, b.Get(acc, nil, nil), b.Int(3)), nil) }, nil)
		})
		b.Set(arr, b.Do(ir.OpURem, n, b.Int(3)), b.Do(ir.OpUToF, b.Do(ir.OpIAdd, other, n)), nil)
	}, func() *ir.Inst {
		next := b.Do(ir.OpIAdd, b.Get(k, nil, nil), b.Int(1))
		b.Set(k, nil, next, nil)
		return b.Do(ir.OpIEq, next, b.Int(6))
	})
	b.Block(func(blk *ir.Inst) {
		b.Set(w, l, b.Get(acc, nil, nil), nil)
		b.Barrier()
		b.If(flag, func() { b.Exit(blk) }, nil)
		b.Set(acc, nil, b.Get(w, b.Int(7), nil), nil)
	})
	b.Barrier()
	b.If(b.Do(ir.OpIEq, l, b.Int(5)), func() { b.Return() }, nil)
	b.Store(out, b.Do(ir.OpIMul, i, b.Int(2)), b.Do(ir.OpIAdd, b.Get(acc, nil, nil), kept), nil)
	b.Store(out, b.Do(ir.OpIAdd, b.Do(ir.OpIMul, i, b.Int(2)), b.Int(1)), b.Get(arr, b.Int(1), nil), nil)
	kernel := b.Kernel()
	for turns := range uint32(8) {
		check(t, d, kernel, [3]uint32{2, 1, 1}, []uint32{turns, 0, 0, 0}, make([]uint32, 32))
	}
}

func testAtomics(t *testing.T, d kernels.Device) {
	b := ir.NewBuilder("atomics", 32, 1, 1)
	in, sums := b.Bind("in", ir.Read, false), b.Bind("sums", ir.ReadWrite, true)
	out := b.Bind("out", ir.ReadWrite, false)
	w := b.Var("w", ir.Workgroup, ir.I32, 16)
	l := b.Input(ir.LocalIndex)
	x := b.Load(in, ir.I32, b.Input(ir.GlobalX), nil)
	some := b.Do(ir.OpULt, b.Int(1), b.Do(ir.OpURem, l, b.Int(5)))
	for op := ir.AtomicAdd; op < ir.AtomicStore; op++ {
		b.Atomic(op, sums, nil, b.Int(uint32(op)), x, nil)
		b.Atomic(op, sums, nil, b.Int(uint32(op)+16), x, some)
		b.Atomic(op, -1, w, b.Int(uint32(op)), x, some)
	}
	b.Atomic(ir.AtomicStore, sums, nil, b.Int(40), b.Int(77), nil)
	b.Barrier()
	b.If(b.Do(ir.OpIEq, l, b.Int(0)), func() {
		for op := ir.AtomicAdd; op < ir.AtomicStore; op++ {
			v := b.Atomic(ir.AtomicLoad, -1, w, b.Int(uint32(op)), nil, nil)
			b.Store(out, b.Do(ir.OpIAdd, b.Do(ir.OpIMul, b.Input(ir.GroupX), b.Int(16)), b.Int(uint32(op))), v, nil)
		}
	}, nil)
	in0, sums0 := operands(1, 7)[:32*20], make([]uint32, 48)
	for n := range sums0 {
		sums0[n] = irgen.Special[n%len(irgen.Special)]
	}
	check(t, d, b.Kernel(), [3]uint32{20, 1, 1}, in0, sums0, make([]uint32, 16*20))
}

func testGas(t *testing.T, d kernels.Device) {
	// The limit is for one invocation, to the unit: find the least that does, and see that one less does not.
	in := count(64)
	in[37] = 27
	c := &irgen.Case{Kernel: collatz(), Buffers: [][]uint32{in, make([]uint32, 64)}, Workgroups: [3]uint32{4, 1, 1}}
	lo, hi := uint32(0), uint32(plenty)
	for lo+1 < hi {
		c.GasLimit = (lo + hi) / 2
		switch _, _, err := Dispatch(d, c); {
		case err == nil:
			hi = c.GasLimit
		case errors.Is(err, kernels.ErrGas):
			lo = c.GasLimit
		default:
			t.Fatal(err)
		}
	}
	for _, c.GasLimit = range []uint32{hi, lo, 0} {
		if err := Check(d, c); err != nil {
			t.Errorf("limit %d: %v", c.GasLimit, err)
		}
	}
	// The largest limit there is.
	c.GasLimit = kernels.MaxGasLimit
	if _, _, err := Dispatch(d, c); err != nil {
		t.Errorf("limit %d: %v", c.GasLimit, err)
	}
}

// endless never ends in the invocations i for which in[i] is not zero; with barrier, all wait in every turn.
func endless(barrier bool) *ir.Kernel {
	b := ir.NewBuilder("endless", 8, 1, 1)
	in, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	i := b.Input(ir.GlobalX)
	b.Loop(func(l *ir.Inst) {
		at := i
		if barrier {
			at = b.Int(0)
		}
		b.If(b.Do(ir.OpIEq, b.Load(in, ir.I32, at, nil), b.Int(0)), func() { b.Exit(l) }, nil)
		if barrier {
			b.Barrier()
		}
	}, nil)
	b.Store(out, i, b.Int(1), nil)
	return b.Kernel()
}

func testEndless(t *testing.T, d kernels.Device) {
	for _, barrier := range []bool{false, true} {
		k := endless(barrier)
		in := make([]uint32, 64)
		for range 2 { // the device goes on after it
			c := &irgen.Case{Kernel: k, Buffers: [][]uint32{in, make([]uint32, 64)}, Workgroups: [3]uint32{8, 1, 1}, GasLimit: 20000}
			if err := Check(d, c); err != nil {
				t.Error(err)
			}
			in[0], in[45] = 1, 1
			if _, _, err := Dispatch(d, c); !errors.Is(err, kernels.ErrGas) {
				t.Errorf("error %v, want %v", err, kernels.ErrGas)
			}
			in[0], in[45] = 0, 0
		}
	}
}

// testCancel ends a dispatch that would otherwise go on for a long time. A device may also bring it to its end.
func testCancel(t *testing.T, d kernels.Device) {
	for _, barrier := range []bool{false, true} {
		k := endless(barrier)
		p := newPipeline(t, d, k)
		in, out := newBuffer(t, d, make([]uint32, 64)...), newBuffer(t, d, make([]uint32, 64)...)
		if err := d.Write(in, 0, bytesOf([]uint32{1})); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		_, err := d.Dispatch(ctx, &kernels.Dispatch{Pipeline: p, Workgroups: [3]uint32{8, 1, 1}, GasLimit: 1 << 28,
			Bindings: []kernels.Bound{bound(in), bound(out)}})
		cancel()
		var lost *kernels.LostError
		if errors.As(err, &lost) {
			return // a driver with a bound of its own on loops: nothing was passed off as a result
		}
		if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, kernels.ErrGas) {
			t.Errorf("error %v, want %v", err, context.DeadlineExceeded)
		}
		expect(t, run(t, d, copyKernel(), one, []uint32{1, 2}, []uint32{0, 0}), 2, 3)
	}
}
