package lower

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/interp"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
	"github.com/gwrun/gwrun/kernels/ir/known"
)

// flushed is a sum or product on an adapter that takes subnormal operands for zeros and gives zeros for subnormal results.
func flushed(op ir.Op, a, b uint32) uint32 {
	flush := func(x uint32) uint32 {
		if x&0x7f800000 == 0 {
			return x & 0x80000000
		}
		return x
	}
	return flush(ir.Eval(op, flush(a), flush(b), 0))
}

// unfenced runs a case and finds a place where what is left out would have been missed.
func unfenced(c *irgen.Case, counts map[string]int) error {
	f := findFences(c.Kernel, known.Of(c.Kernel))
	var fault error
	in := &interp.Dispatch{Kernel: c.Kernel, Buffers: c.Buffers, Workgroups: c.Workgroups, GasLimit: c.GasLimit,
		OnValue: func(_ int, i *ir.Inst, o []uint32, v uint32) {
			wrong := func(what string) {
				if fault == nil {
					fault = fmt.Errorf("%%%d: %#x from %#x %s\n%s", i.ID, v, o, what, c.Kernel)
				}
			}
			float := i.Op == ir.OpFAdd || i.Op == ir.OpFSub || i.Op == ir.OpFMul
			if float && !f.free[i.ID] && f.unguarded(i) {
				counts["unguarded"]++
				if flushed(i.Op, o[0], o[1]) != v {
					wrong("is not guarded")
				}
			}
			if x, y := bits64(o, 0), bits64(o, 1); f.fused[i.ID] {
				counts["fused"]++
				if p := x * y; p == p && !math.IsInf(p, 0) && p != float64(math.Float32frombits(v)) {
					wrong("may be fused and is not exact")
				}
			}
			for n, a := range i.Args {
				if a.Type == ir.F32 && f.free[a.ID] && !f.free[i.ID] && !blind(i) {
					counts["seen"]++
					if o[n] == 0x80000000 {
						wrong("sees the minus of a zero that is not kept")
					}
				}
			}
		}}
	if _, err := in.Run(context.Background()); err != nil && err != interp.ErrGas {
		return err
	}
	return fault
}

func bits64(o []uint32, n int) float64 {
	if n >= len(o) {
		return 0
	}
	return float64(math.Float32frombits(o[n]))
}

// TestUnfenced holds what is left out against the values of tame kernels.
func TestUnfenced(t *testing.T) {
	counts := map[string]int{}
	for seed := range uint64(600) {
		if err := unfenced(irgen.NewTame(seed), counts); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
	for _, what := range []string{"unguarded", "fused", "seen"} {
		if counts[what] < 500 {
			t.Errorf("only %d times %s: the test sees nothing", counts[what], what)
		}
	}
	t.Log(counts)
}

// TestNormalOperandsAreNotEnough has a difference of two normal numbers that is subnormal.
func TestNormalOperandsAreNotEnough(t *testing.T) {
	b := ir.NewBuilder("difference", 1, 1, 1)
	in, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	normal := func(n uint32) *ir.Inst {
		w := b.Load(in, ir.I32, b.Int(n), nil)
		return b.Do(ir.OpSelect, b.Do(ir.OpULe, b.Int(0x00800000), b.Do(ir.OpAnd, w, b.Int(0x7fffffff))), b.Do(ir.OpBitcast, w), b.Const(ir.F32, 0))
	}
	x, y := normal(0), normal(1)
	for n, op := range []ir.Op{ir.OpFSub, ir.OpFAdd} {
		b.Store(out, b.Int(uint32(n)), b.Do(op, x, y), nil)
	}
	c := &irgen.Case{Kernel: b.Kernel(), Workgroups: [3]uint32{1, 1, 1}, GasLimit: 1 << 10,
		Buffers: [][]uint32{{0x00800003, 0x00800001}, make([]uint32, 2)}}
	if f := known.Of(c.Kernel); !f.Float(x).Normal() || !f.Float(y).Normal() {
		t.Error("the operands are not known to be normal")
	}
	if err := unfenced(c, map[string]int{}); err != nil {
		t.Error(err)
	}
}
