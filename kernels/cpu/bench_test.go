package cpu

import (
	"context"
	"fmt"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
)

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

func BenchmarkMatmul(b *testing.B) {
	const n = 256
	for name, k := range map[string]*ir.Kernel{"naive16x16": naiveMatmul(16, 16), "naive64x1": naiveMatmul(64, 1), "tiled": tiledMatmul()} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/workers=%d", name, workers), func(b *testing.B) {
				d, err := Open(Options{Workers: workers})
				if err != nil {
					b.Fatal(err)
				}
				defer d.Close()
				ctx := context.Background()
				p, err := d.NewPipeline(ctx, kernels.NewKernel(k.Name, "", nil, k))
				if err != nil {
					b.Fatal(err)
				}
				x := &kernels.Dispatch{Pipeline: p, Workgroups: [3]uint32{n / k.WorkgroupSize[0], n / k.WorkgroupSize[1], 1}, GasLimit: 1 << 30}
				for _, size := range []uint64{16, 4 * n * n, 4 * n * n, 4 * n * n} {
					buf, err := d.NewBuffer(size)
					if err != nil {
						b.Fatal(err)
					}
					x.Bindings = append(x.Bindings, kernels.Bound{Buffer: buf, Size: size})
				}
				if err := d.Write(x.Bindings[0].Buffer, 0, []byte{n & 255, n >> 8, 0, 0}); err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					if _, err := d.Dispatch(ctx, x); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(2*n*n*n*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
