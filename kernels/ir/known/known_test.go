package known

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/interp"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
)

// holds says whether a value is one of those that a fact allows.
func (a Int) holds(v uint32) bool {
	return v >= a.Lo && v <= a.Hi && int32(v) >= a.Min && int32(v) <= a.Max && v&a.Zeros == 0
}

func (a Float) holds(b uint32) bool {
	v := float64(math.Float32frombits(b))
	switch {
	case v != v:
		return a.NaN
	case math.IsInf(v, 0):
		return a.Inf
	case v == 0:
		return a.Zero && (b == 0 || a.MinusZero)
	}
	one := floatOf(b)
	return one.Max <= a.Max && one.Least >= a.Least && one.Grain >= a.Grain && one.Bits <= a.Bits
}

// check runs a case and compares every value with what is said of it. It counts the operators of which something is known.
func check(c *irgen.Case, exact, fine *int) error {
	f := Of(c.Kernel)
	var fault error
	in := &interp.Dispatch{Kernel: c.Kernel, Buffers: c.Buffers, Workgroups: c.Workgroups, GasLimit: c.GasLimit,
		OnValue: func(_ int, i *ir.Inst, operands []uint32, v uint32) {
			if fault != nil {
				return
			}
			wrong := func(what string, fact any) {
				fault = fmt.Errorf("%%%d: %s is %#x of %#x, its fact %+v\n%s", i.ID, what, v, operands, fact, c.Kernel)
			}
			switch i.Type {
			case ir.I32:
				if !f.Int(i).holds(v) {
					wrong("the integer", f.Int(i))
				}
			case ir.F32:
				if !f.Float(i).holds(v) {
					wrong("the float", f.Float(i))
				}
			}
			if i.Op != ir.OpFAdd && i.Op != ir.OpFSub && i.Op != ir.OpFMul {
				return
			}
			for n, o := range operands {
				if !f.Operand(i, n).holds(o) {
					wrong(fmt.Sprintf("operand %d", n), f.Operand(i, n))
				}
			}
			if f.Exact(i) && !isExact(i.Op, operands, v) {
				wrong("a sum or product called exact", f.Float(i))
			}
		}}
	_, err := in.Run(context.Background())
	if err != nil && err != interp.ErrGas {
		return err
	}
	c.Kernel.Walk(func(i *ir.Inst) {
		if i.Op == ir.OpFAdd || i.Op == ir.OpFSub || i.Op == ir.OpFMul {
			if f.Exact(i) {
				*exact++
			}
			if f.Float(i).Grain > finest {
				*fine++
			}
		}
	})
	return fault
}

// isExact computes in binary64: products are exact there, and a sum's error is what is left of it.
func isExact(op ir.Op, o []uint32, v uint32) bool {
	x, y, r := float64(math.Float32frombits(o[0])), float64(math.Float32frombits(o[1])), float64(math.Float32frombits(v))
	switch {
	case r != r || math.IsInf(x, 0) || math.IsInf(y, 0):
		return true
	case op == ir.OpFMul:
		return x*y == r
	case op == ir.OpFSub:
		y = -y
	}
	s := x + y
	t := s - x
	return s == r && (x-(s-t))+(y-t) == 0
}

func TestAgainstInterpreter(t *testing.T) {
	var exact, fine int
	for seed := range uint64(500) {
		if err := check(irgen.NewTame(seed), &exact, &fine); err != nil {
			t.Fatalf("tame, seed %d: %v", seed, err)
		}
	}
	if exact < 500 || fine < 1500 {
		t.Errorf("only %d exact and %d fine operators among the tame: the test sees nothing", exact, fine)
	}
	t.Logf("%d exact, %d fine", exact, fine)
	for seed := range uint64(120) {
		if err := check(irgen.New(seed, irgen.Options{Transcendental: seed%2 == 0}), &exact, &fine); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}
