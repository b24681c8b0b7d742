package cpu

import (
	"math"
	"math/bits"

	"github.com/gwrun/gwrun/kernels/ir"
)

// bound gives the greatest value, as an unsigned number, that an I32 can have, given those of its operands.
func (r *reducer) bound(i *ir.Inst) uint32 {
	if m, ok := r.most[i]; ok {
		return m
	}
	return math.MaxUint32
}

// setBound works out the bound of a new value.
func (r *reducer) setBound(i *ir.Inst) {
	all := uint32(math.MaxUint32)
	m := all
	var a, b uint32
	if len(i.Args) > 0 && i.Args[0].Type == ir.I32 {
		a = r.bound(i.Args[0])
	}
	if len(i.Args) > 1 && i.Args[1].Type == ir.I32 {
		b = r.bound(i.Args[1])
	}
	size := r.old.WorkgroupSize
	switch i.Op {
	case ir.OpConst:
		m = i.Bits
	case ir.OpInput:
		switch {
		case i.Input <= ir.LocalZ:
			m = size[i.Input-ir.LocalX] - 1
		case i.Input == ir.LocalIndex:
			m = uint32(r.old.Invocations()) - 1
		case i.Input >= ir.GroupX && i.Input <= ir.GroupZ:
			m = 1<<16 - 2 // see kernels.MaxWorkgroups
		case i.Input >= ir.NumGroupsX:
			m = 1<<16 - 1
		}
	case ir.OpIAdd:
		if s := uint64(a) + uint64(b); s < 1<<32 {
			m = uint32(s)
		}
	case ir.OpIMul:
		if s := uint64(a) * uint64(b); s < 1<<32 {
			m = uint32(s)
		}
	case ir.OpAnd, ir.OpUMin:
		m = min(a, b)
	case ir.OpOr, ir.OpXor:
		m = 1<<bits.Len32(max(a, b)) - 1
	case ir.OpUMax:
		m = max(a, b)
	case ir.OpShl:
		if c := i.Args[1]; isConst(c) && uint64(a)<<(c.Bits&31) < 1<<32 {
			m = a << (c.Bits & 31)
		}
	case ir.OpShrU:
		m = a
		if c := i.Args[1]; isConst(c) {
			m = a >> (c.Bits & 31)
		}
	case ir.OpUDiv:
		m = a
		if c := i.Args[1]; isConst(c) && c.Bits > 1 {
			m = a / c.Bits
		}
	case ir.OpURem:
		m = a
		if c := i.Args[1]; isConst(c) && c.Bits > 0 {
			m = min(a, c.Bits-1)
		}
	case ir.OpBToI:
		m = 1
	case ir.OpClz, ir.OpCtz, ir.OpPopcnt:
		m = 32
	case ir.OpSelect:
		if i.Type == ir.I32 {
			m = max(b, r.bound(i.Args[2]))
		}
	}
	if m != all {
		r.most[i] = m
	}
}

// known gives the value of an operator where the bounds of its operands decide it, or nil.
func (r *reducer) known(op ir.Op, a []*ir.Inst) *ir.Inst {
	if len(a) != 2 || a[0].Type != ir.I32 {
		return nil
	}
	x, y := r.bound(a[0]), r.bound(a[1])
	c, isC := a[1].Bits, isConst(a[1])
	switch op {
	case ir.OpAnd:
		if isC && c&(c+1) == 0 && x <= c {
			return a[0]
		}
	case ir.OpShrU:
		if isC && x>>(c&31) == 0 {
			return r.constant(ir.I32, 0)
		}
		if isC && c&31 == 0 {
			return a[0]
		}
	case ir.OpURem:
		if isC && x < c {
			return a[0]
		}
	case ir.OpUDiv:
		if isC && x < c {
			return r.constant(ir.I32, 0)
		}
	case ir.OpULt:
		if isC && x < c {
			return r.constant(ir.Bool, 1)
		}
		if isConst(a[0]) && y <= a[0].Bits {
			return r.constant(ir.Bool, 0)
		}
	case ir.OpULe:
		if isC && x <= c {
			return r.constant(ir.Bool, 1)
		}
		if isConst(a[0]) && y < a[0].Bits {
			return r.constant(ir.Bool, 0)
		}
	case ir.OpUMin:
		if isC && x <= c {
			return a[0]
		}
	}
	return nil
}
