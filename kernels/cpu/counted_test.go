package cpu

import (
	"testing"

	"github.com/gwrun/gwrun/kernels/devicetest"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
)

// countKernel sums in[i*stride + x + 2] and in[i*stride + x] for i from start while less(i, bound), all as the uniforms say.
func countKernel(less ir.Op, step uint32, onTrue bool) *ir.Kernel {
	b := ir.NewBuilder("count", 16, 1, 1)
	p, in, out := b.Bind("p", ir.Uniform, false), b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	start, bound, stride := b.Load(p, ir.I32, b.Int(0), nil), b.Load(p, ir.I32, b.Int(1), nil), b.Load(p, ir.I32, b.Int(2), nil)
	i, sum := b.Var("i", ir.Private, ir.I32, 1), b.Var("sum", ir.Private, ir.I32, 1)
	x := b.Input(ir.GlobalX)
	b.Set(i, nil, start, nil)
	b.Loop(func(l *ir.Inst) {
		now := b.Get(i, nil, nil)
		leave := func() { b.Exit(l) }
		if onTrue { // leaves where bound <= i, or bound < i
			b.If(b.Do(less, bound, now), leave, nil)
		} else {
			b.If(b.Do(less, now, bound), nil, leave)
		}
		for _, c := range []uint32{2, 0} {
			at := b.Do(ir.OpIAdd, b.Do(ir.OpIAdd, b.Do(ir.OpIMul, now, stride), x), b.Int(c))
			v := b.Load(in, ir.I32, at, b.Do(ir.OpULt, at, b.Words(in)))
			b.Set(sum, nil, b.Do(ir.OpIAdd, b.Do(ir.OpIMul, b.Get(sum, nil, nil), b.Int(3)), v), nil)
		}
	}, func() *ir.Inst {
		b.Set(i, nil, b.Do(ir.OpIAdd, b.Get(i, nil, nil), b.Int(step)), nil)
		return nil
	})
	b.Store(out, x, b.Get(sum, nil, nil), nil)
	return b.Kernel()
}

// TestCounted: counted loops at the edges of what they may count and index: none, one and many turns, bounds and indices
// that pass 2^32 or 2^31, buffers that end before the loop does, and gas that ends in the middle.
func TestCounted(t *testing.T) {
	for _, v := range []vectors{vectorsNever, vectorsAlways} {
		d := opener(Options{vectors: v, Workers: 1})(t)
		fast, traps := 0, 0
		for n, less := range []ir.Op{ir.OpULt, ir.OpULe, ir.OpSLt, ir.OpSLe} {
			k := countKernel(less, []uint32{1, 3, 4, 1}[n], n%2 == 1)
			if r, cost := reduce(k); len(newPlan(r, cost).counted) != 1 {
				t.Fatalf("the loop with %s is not a counted one", less)
			}
			for _, start := range []uint32{0, 1, 6, 0xfffffff5, 0x7ffffff8, 0x80000000} {
				for _, bound := range []uint32{0, 1, 7, 25, 0xfffffffa, 0xffffffff, 0x7fffffff, 0x80000003} {
					for _, stride := range []uint32{1, 0, 5, 0xffffffff, 0x40000000} {
						words := []uint32{1, 18, 30, 200}[(start+bound+stride)%4]
						c := &irgen.Case{Kernel: k, Workgroups: [3]uint32{1, 1, 1}, GasLimit: 100 + 400*(bound%3),
							Buffers: [][]uint32{{start, bound, stride, 0}, make([]uint32, words), make([]uint32, 16)}}
						for i := range c.Buffers[1] {
							c.Buffers[1][i] = uint32(i*i + 1)
						}
						if err := devicetest.Check(d, c); err != nil {
							t.Fatalf("vectors %d, %s, start %#x, bound %#x, stride %#x, %d words: %.200v", v, less, start, bound, stride, words, err)
						}
						if _, _, err := devicetest.Dispatch(d, c); err != nil {
							traps++
						} else {
							fast++
						}
					}
				}
			}
		}
		if fast < 100 || traps < 100 {
			t.Errorf("vectors %d: %d cases ran to their end and %d out of gas, want many of both", v, fast, traps)
		}
		d.Close()
	}
}
