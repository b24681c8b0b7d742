package cpu

import (
	"testing"

	"github.com/gwrun/gwrun/kernels/devicetest"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
)

// TestMatmul: the benchmark's kernels give the interpreter's bits for all sorts of sizes.
func TestMatmul(t *testing.T) {
	for _, v := range []vectors{vectorsWorth, vectorsNever, vectorsAlways} {
		d := opener(Options{vectors: v})(t)
		for _, n := range []uint32{1, 2, 3, 4, 5, 7, 8, 16, 17, 20} {
			m := func(scale uint32) []uint32 {
				w := make([]uint32, n*n)
				for i := range w {
					w[i] = 0x3f800000 + uint32(i)*scale*12345 ^ uint32(i&1)<<31
				}
				return w
			}
			for _, k := range []*ir.Kernel{naiveMatmul(16, 16), naiveMatmul(64, 1), naiveMatmul(3, 5), tiledMatmul()} {
				s := k.WorkgroupSize
				c := &irgen.Case{Kernel: k, Workgroups: [3]uint32{(n + s[0] - 1) / s[0], (n + s[1] - 1) / s[1], 1}, GasLimit: 1 << 20,
					Buffers: [][]uint32{{n, 0, 0, 0}, m(1), m(3), make([]uint32, n*n)}}
				if k.Name == "tiled" && n%16 != 0 {
					continue
				}
				if err := devicetest.Check(d, c); err != nil {
					t.Errorf("vectors %d, %s, n=%d: %.300v", v, k.Name, n, err)
				}
			}
		}
		d.Close()
	}
}

// naiveMatmul is c = a * b for square matrices, an invocation for each output, every access checked: what a front end
// makes of the WGSL one writes first.
func naiveMatmul(x, y uint32) *ir.Kernel {
	b := ir.NewBuilder("matmul", x, y, 1)
	p := b.Bind("p", ir.Uniform, false)
	ma, mb := b.Bind("a", ir.Read, false), b.Bind("b", ir.Read, false)
	mc := b.Bind("c", ir.ReadWrite, false)
	acc, k := b.Var("acc", ir.Private, ir.F32, 1), b.Var("k", ir.Private, ir.I32, 1)
	n := b.Load(p, ir.I32, b.Int(0), nil)
	row, col := b.Input(ir.GlobalY), b.Input(ir.GlobalX)
	b.If(b.Do(ir.OpBOr, b.Do(ir.OpULe, n, row), b.Do(ir.OpULe, n, col)), func() { b.Return() }, nil)
	load := func(m int, i *ir.Inst) *ir.Inst { return b.Load(m, ir.F32, i, b.Do(ir.OpULt, i, b.Words(m))) }
	b.Loop(func(l *ir.Inst) {
		kv := b.Get(k, nil, nil)
		b.If(b.Do(ir.OpULt, kv, n), nil, func() { b.Exit(l) })
		av := load(ma, b.Do(ir.OpIAdd, b.Do(ir.OpIMul, row, n), kv))
		bv := load(mb, b.Do(ir.OpIAdd, b.Do(ir.OpIMul, kv, n), col))
		b.Set(acc, nil, b.Do(ir.OpFAdd, b.Get(acc, nil, nil), b.Do(ir.OpFMul, av, bv)), nil)
	}, func() *ir.Inst {
		b.Set(k, nil, b.Do(ir.OpIAdd, b.Get(k, nil, nil), b.Int(1)), nil)
		return nil
	})
	i := b.Do(ir.OpIAdd, b.Do(ir.OpIMul, row, n), col)
	b.Store(mc, i, b.Get(acc, nil, nil), b.Do(ir.OpULt, i, b.Words(mc)))
	return b.Kernel()
}

// tiledMatmul has each workgroup of 16x16 bring tiles of both matrices into workgroup memory.
func tiledMatmul() *ir.Kernel {
	const t = 16
	b := ir.NewBuilder("tiled", t, t, 1)
	p := b.Bind("p", ir.Uniform, false)
	ma, mb := b.Bind("a", ir.Read, false), b.Bind("b", ir.Read, false)
	mc := b.Bind("c", ir.ReadWrite, false)
	ta, tb := b.Var("ta", ir.Workgroup, ir.F32, t*t), b.Var("tb", ir.Workgroup, ir.F32, t*t)
	acc, k0, k := b.Var("acc", ir.Private, ir.F32, 1), b.Var("k0", ir.Private, ir.I32, 1), b.Var("k", ir.Private, ir.I32, 1)
	n := b.Load(p, ir.I32, b.Int(0), nil)
	row, col := b.Input(ir.GlobalY), b.Input(ir.GlobalX)
	lr, lc, li := b.Input(ir.LocalY), b.Input(ir.LocalX), b.Input(ir.LocalIndex)
	b.Loop(func(l *ir.Inst) {
		kv := b.Get(k0, nil, nil)
		b.If(b.Do(ir.OpULt, kv, n), nil, func() { b.Exit(l) })
		i := b.Do(ir.OpIAdd, b.Do(ir.OpIMul, row, n), b.Do(ir.OpIAdd, kv, lc))
		b.Set(ta, li, b.Load(ma, ir.F32, i, b.Do(ir.OpULt, i, b.Words(ma))), nil)
		j := b.Do(ir.OpIAdd, b.Do(ir.OpIMul, b.Do(ir.OpIAdd, kv, lr), n), col)
		b.Set(tb, li, b.Load(mb, ir.F32, j, b.Do(ir.OpULt, j, b.Words(mb))), nil)
		b.Barrier()
		b.Zero(k)
		b.Loop(func(in *ir.Inst) {
			kk := b.Get(k, nil, nil)
			b.If(b.Do(ir.OpULt, kk, b.Int(t)), nil, func() { b.Exit(in) })
			av := b.Get(ta, b.Do(ir.OpIAdd, b.Do(ir.OpIMul, lr, b.Int(t)), kk), nil)
			bv := b.Get(tb, b.Do(ir.OpIAdd, b.Do(ir.OpIMul, kk, b.Int(t)), lc), nil)
			b.Set(acc, nil, b.Do(ir.OpFAdd, b.Get(acc, nil, nil), b.Do(ir.OpFMul, av, bv)), nil)
		}, func() *ir.Inst {
			b.Set(k, nil, b.Do(ir.OpIAdd, b.Get(k, nil, nil), b.Int(1)), nil)
			return nil
		})
		b.Barrier()
	}, func() *ir.Inst {
		b.Set(k0, nil, b.Do(ir.OpIAdd, b.Get(k0, nil, nil), b.Int(t)), nil)
		return nil
	})
	i := b.Do(ir.OpIAdd, b.Do(ir.OpIMul, row, n), col)
	b.Store(mc, i, b.Get(acc, nil, nil), b.Do(ir.OpULt, i, b.Words(mc)))
	return b.Kernel()
}
