package lower

import (
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/known"
)

// fences says which float operators of a kernel need no fence, and which no guard.
//
// Sums and products of integers held in floats, as long as all of them stay below 2^24, are exact in any order and
// however they are grouped, so a driver may do with them as it likes; only a zero's sign may come out wrong. Such a
// value is called free. Where a free value meets anything but its like, it is fenced, and its zeros lose their sign: no
// free value may be -0 if its sign can be seen.
//
// A product that is exact, of two bfloat16 numbers say, may be fused with the one sum it goes into: nothing changes.
type fences struct {
	known   *known.Facts
	free    []bool // by instruction ID
	freeVar []bool // by variable ID: it may hold a free value
	fused   []bool // by instruction ID: a product that goes without a fence
}

func findFences(k *ir.Kernel, facts *known.Facts) *fences {
	f := &fences{known: facts, free: make([]bool, k.NumInsts), freeVar: make([]bool, len(k.Vars)), fused: make([]bool, k.NumInsts)}
	exact := make([]bool, k.NumInsts)
	stores := make([][]*ir.Inst, len(k.Vars))
	users := make([][]*ir.Inst, k.NumInsts)
	k.Walk(func(i *ir.Inst) {
		exact[i.ID] = f.whole(i)
		if i.Op == ir.OpStore && i.Var != nil {
			stores[i.Var.ID] = append(stores[i.Var.ID], i)
		}
		for n, a := range i.Args {
			if n == 0 || a != i.Args[0] {
				users[a.ID] = append(users[a.ID], i)
			}
		}
	})
	f.spread(k, exact)
	// A free value whose zeros may have a minus that is seen: what computes it is fenced after all.
	// What joins it with a value that is not free keeps that one's minus only if it is not free either (mixed).
	var demote func(i *ir.Inst, mixed bool)
	demoted := make([]bool, k.NumInsts)
	demote = func(i *ir.Inst, mixed bool) {
		if demoted[i.ID] || !f.free[i.ID] || !mixed && !facts.Float(i).MinusZero {
			return
		}
		demoted[i.ID] = true
		switch {
		case i.Op == ir.OpSelect:
			demote(i.Args[1], true)
			demote(i.Args[2], true)
		case i.Op == ir.OpLoad:
			for _, st := range stores[i.Var.ID] {
				demote(st.Args[1], true)
			}
		default:
			exact[i.ID] = false
			for _, a := range i.Args {
				demote(a, false)
			}
		}
	}
	k.Walk(func(i *ir.Inst) {
		if exact[i.ID] || blind(i) {
			return
		}
		for _, a := range i.Args {
			demote(a, false)
		}
	})
	f.spread(k, exact)
	k.Walk(func(i *ir.Inst) {
		if i.Op == ir.OpFMul && !f.free[i.ID] && facts.Exact(i) {
			f.fused[i.ID] = f.fusible(i, users[i.ID])
		}
	})
	return f
}

// whole reports whether an operator only ever makes integers that are exact in any order.
func (f *fences) whole(i *ir.Inst) bool {
	switch i.Op {
	case ir.OpFAdd, ir.OpFSub, ir.OpFMul:
		return f.known.Exact(i) && f.known.Float(i).Whole() && f.known.Operand(i, 0).Whole() && f.known.Operand(i, 1).Whole()
	case ir.OpSToF, ir.OpUToF:
		return f.known.Exact(i) && f.known.Float(i).Whole()
	}
	return false
}

// blind reports whether an instruction does not see the sign of a zero, or only passes it on.
func blind(i *ir.Inst) bool {
	switch i.Op {
	case ir.OpFToS, ir.OpFToU, ir.OpFEq, ir.OpFNe, ir.OpFLt, ir.OpFLe, ir.OpSelect:
		return true
	case ir.OpStore:
		return passes(i)
	}
	return false
}

// passes reports whether a store keeps its value for the printer to follow.
func passes(i *ir.Inst) bool {
	return i.Var != nil && i.Var.Space == ir.Private && i.Var.Len == 1
}

// spread follows free values through selects and variables.
func (f *fences) spread(k *ir.Kernel, exact []bool) {
	clear(f.free)
	clear(f.freeVar)
	for changed := true; changed; {
		changed = false
		k.Walk(func(i *ir.Inst) {
			free := exact[i.ID]
			switch {
			case i.Type == ir.F32 && i.Op == ir.OpSelect:
				free = f.free[i.Args[1].ID] || f.free[i.Args[2].ID]
			case i.Type == ir.F32 && i.Op == ir.OpLoad && i.Var != nil && passes(i):
				free = f.freeVar[i.Var.ID]
			case i.Op == ir.OpStore && passes(i) && f.free[i.Args[1].ID] && !f.freeVar[i.Var.ID]:
				f.freeVar[i.Var.ID], changed = true, true
			}
			if free && !f.free[i.ID] {
				f.free[i.ID], changed = true, true
			}
		})
	}
}

// fusible reports whether all that is done with an exact product is to add it to something fenced.
func (f *fences) fusible(i *ir.Inst, users []*ir.Inst) bool {
	for _, u := range users {
		if u.Op != ir.OpFAdd && u.Op != ir.OpFSub || f.free[u.ID] || u.Args[0] == u.Args[1] {
			return false
		}
		other := u.Args[0]
		if other == i {
			other = u.Args[1]
		}
		if f.fused[other.ID] {
			return false
		}
	}
	return true
}

// unguarded reports whether a sum or product is right on an adapter that takes subnormal operands for zeros and gives
// zeros for subnormal results.
func (f *fences) unguarded(i *ir.Inst) bool {
	if f.free[i.ID] {
		return true
	}
	a, b := f.known.Operand(i, 0), f.known.Operand(i, 1)
	if i.Op == ir.OpFMul {
		return a.Normal() && b.Normal() && a.Least+b.Least >= -126
	}
	// Next to a number of at least 2^-100 a subnormal one changes nothing, and no sum of such a number is subnormal.
	if !a.Zero && a.Least >= -100 || !b.Zero && b.Least >= -100 {
		return true
	}
	return a.Normal() && b.Normal() && min(a.Grain, b.Grain) >= -126
}
