package soft_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gwrun/gwrun/kernels/f32/soft"
	"github.com/gwrun/gwrun/kernels/ir"
)

// edges are bit patterns around which arithmetic changes its ways.
var edges = func() []uint32 {
	var out []uint32
	for _, v := range []uint32{0, 1, 2, 3, 0x7fffff, 0x800000, 0x800001, 0x1000000, 0x33800000, 0x34000000, 0x3effffff,
		0x3f000000, 0x3f000001, 0x3f7fffff, 0x3f800000, 0x3f800001, 0x3fc00000, 0x40000000, 0x40200000, 0x40490fdb,
		0x4a7fffff, 0x4b000000, 0x4b000001, 0x4b7fffff, 0x4b800000, 0x4effffff, 0x4f000000, 0x4f7fffff, 0x4f800000,
		0x5f3759df, 0x7e800000, 0x7f000000, 0x7f7ffffe, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fc00000, 0x7fffffff} {
		out = append(out, v, v|1<<31)
	}
	return out
}()

// operand draws a bit pattern: all bits, an edge, or one near another so that sums cancel.
func operand(r *rand.Rand, near uint32) uint32 {
	switch r.IntN(8) {
	case 0:
		return edges[r.IntN(len(edges))]
	case 1:
		return near ^ r.Uint32()>>(8+r.IntN(24)) ^ r.Uint32()&(1<<31)
	case 2:
		return near + uint32(r.IntN(64)-32)<<23 ^ r.Uint32()&(1<<31)
	case 3: // few significant bits: ties and exact results
		return r.Uint32() & (0xffffffff << (r.IntN(16) + 7))
	case 4:
		return r.Uint32() & 0x807fffff
	}
	return r.Uint32()
}

func TestBasicAgainstDefinition(t *testing.T) {
	unary := func(f func(uint32) uint32) func(a, b, c uint32) uint32 {
		return func(a, _, _ uint32) uint32 { return f(a) }
	}
	binary := func(f func(a, b uint32) uint32) func(a, b, c uint32) uint32 {
		return func(a, b, _ uint32) uint32 { return f(a, b) }
	}
	for _, c := range []struct {
		op    ir.Op
		arity int
		f     func(a, b, c uint32) uint32
	}{
		{ir.OpFAdd, 2, binary(soft.Add)}, {ir.OpFSub, 2, binary(soft.Sub)}, {ir.OpFMul, 2, binary(soft.Mul)}, {ir.OpFDiv, 2, binary(soft.Div)},
		{ir.OpFSqrt, 1, unary(soft.Sqrt)}, {ir.OpFFma, 3, soft.Fma},
		{ir.OpSToF, 1, unary(soft.SToF)}, {ir.OpUToF, 1, unary(soft.UToF)}, {ir.OpFToS, 1, unary(soft.FToS)}, {ir.OpFToU, 1, unary(soft.FToU)},
		{ir.OpFFloor, 1, unary(soft.Floor)}, {ir.OpFCeil, 1, unary(soft.Ceil)}, {ir.OpFTrunc, 1, unary(soft.Trunc)}, {ir.OpFRound, 1, unary(soft.Round)},
		{ir.OpFEq, 2, binary(soft.FEq)}, {ir.OpFLt, 2, binary(soft.FLt)}, {ir.OpFLe, 2, binary(soft.FLe)},
		{ir.OpFMin, 2, binary(soft.Min)}, {ir.OpFMax, 2, binary(soft.Max)},
	} {
		r := rand.New(rand.NewPCG(1, uint64(c.op)))
		bad := 0
		check := func(a, b, d uint32) {
			got, want := c.f(a, b, d), ir.Eval(c.op, a, b, d)
			if got != want {
				if bad++; bad <= 5 {
					t.Errorf("%v(%#x, %#x, %#x) = %#x, want %#x", c.op, a, b, d, got, want)
				}
			}
		}
		for _, a := range edges {
			for _, b := range edges {
				if c.arity == 3 {
					for _, d := range edges {
						check(a, b, d)
					}
				} else {
					check(a, b, 0)
				}
			}
		}
		for range 1_000_000 {
			a := operand(r, 0x3f800000)
			b := operand(r, a)
			d := operand(r, 0)
			if c.arity == 3 && r.IntN(2) == 0 { // an addend near minus the product
				d = ir.Eval(ir.OpFMul, a, b, 0) ^ 1<<31 ^ r.Uint32()>>(8+r.IntN(24))
			}
			check(a, b, d)
		}
		if bad > 0 {
			t.Errorf("%v: %d wrong", c.op, bad)
		}
	}
}
