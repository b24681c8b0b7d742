// Package known finds out what is certain of the values of a kernel before it runs: ranges of integers, and of floats how
// large, how small and how fine they can be. A printer that knows that a product is exact, or that no sum comes near the
// subnormal range, can leave out what would only be there for the other cases.
//
// The analysis is an abstract interpretation: it runs the kernel on sets of values instead of values, goes round loops
// until nothing changes, and takes what a condition says into the branches behind it. What it says of an instruction
// holds whenever that instruction is executed, on any input. It trusts nothing but the definition of the operators in
// package ir.
package known

import (
	"math"

	"github.com/gwrun/gwrun/kernels/ir"
)

// Limits of what is analysed: a kernel past them is one about which nothing is known.
const (
	maxInsts = 200_000
	maxSteps = 8_000_000
)

// Facts are what is known of a kernel's values.
type Facts struct {
	ints   []Int      // by instruction ID, of I32 values
	floats []Float    // by instruction ID, of F32 values
	args   [][2]Float // by instruction ID, of the operands of float operators where they are used
	exact  []bool     // by instruction ID: a sum, product or conversion that never rounds
	known  bool
}

// Int gives the fact of an I32 value.
func (f *Facts) Int(i *ir.Inst) Int {
	if !f.known {
		return anyInt
	}
	return f.ints[i.ID]
}

// Float gives the fact of an F32 value.
func (f *Facts) Float(i *ir.Inst) Float {
	if !f.known {
		return anyFloat
	}
	return f.floats[i.ID]
}

// Operand gives what is known of operand n of a float operator of one or two operands where that is executed, which may
// be more than holds of it everywhere.
func (f *Facts) Operand(i *ir.Inst, n int) Float {
	if !f.known {
		return anyFloat
	}
	return f.args[i.ID][n]
}

// Exact reports that a sum, difference, product or conversion from an integer never rounds, overflows or underflows.
func (f *Facts) Exact(i *ir.Inst) bool { return f.known && f.exact[i.ID] }

// Of analyses a kernel, which must be valid and numbered.
func Of(k *ir.Kernel) *Facts {
	f := &Facts{}
	if k.NumInsts > maxInsts {
		return f
	}
	a := &analysis{k: k, caps: map[*ir.Inst]float64{}, casts: map[cast][]*ir.Inst{}, arrays: make([]fact, len(k.Vars)), loops: map[*ir.Inst]*state{}}
	k.Walk(func(i *ir.Inst) {
		if i.Op == ir.OpBitcast && i.Type == ir.F32 {
			from := i.Args[0]
			a.casts[cast{from, 0}] = append(a.casts[cast{from, 0}], i)
			if from.Op == ir.OpShl && from.Args[1].Op == ir.OpConst && from.Args[1].Bits > 0 {
				c := cast{from.Args[0], from.Args[1].Bits}
				a.casts[c] = append(a.casts[c], i)
			}
		}
	})
	for _, v := range k.Vars {
		a.arrays[v.ID] = constant(v.Type, 0)
	}
	// What arrays hold is one fact for each, whatever the order of accesses: run until it is stable. Then once more with
	// the bounds of sums that the first facts allow.
	for turn := 0; ; turn++ {
		stable, ok := a.run(turn)
		if !ok {
			return f
		}
		if stable {
			break
		}
	}
	a.bounds()
	if len(a.caps) > 0 {
		if _, ok := a.run(0); !ok {
			return f
		}
	}
	f.ints, f.floats, f.args, f.exact, f.known = a.ints, a.floats, a.args, a.exact, true
	return f
}

// fact is what is known of a value of any type; the part of the other types is not used.
type fact struct {
	i Int
	f Float
}

func constant(t ir.Type, bits uint32) fact {
	if t == ir.F32 {
		return fact{f: floatOf(bits)}
	}
	return fact{i: intOf(bits)}
}

func top(t ir.Type) fact { return fact{i: anyInt, f: anyFloat} }

func join(t ir.Type, a, b fact) fact {
	if t == ir.F32 {
		return fact{f: a.f.join(b.f)}
	}
	return fact{i: a.i.join(b.i)}
}

func meet(t ir.Type, a, b fact) fact {
	if t == ir.F32 {
		return fact{f: a.f.meet(b.f)}
	}
	return fact{i: a.i.meet(b.i)}
}

// same compares the part that a type uses.
func same(t ir.Type, a, b fact) bool {
	if t == ir.F32 {
		return a.f == b.f
	}
	return a.i == b.i
}

// exponent is the e with 2^e <= x < 2^(e+1), for x > 0.
func exponent(x float64) int {
	_, e := math.Frexp(x)
	return e - 1
}
