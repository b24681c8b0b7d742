package known

import (
	"math"
	"math/bits"

	"github.com/gwrun/gwrun/kernels/ir"
)

// Int says that an integer lies between Lo and Hi without a sign, between Min and Max with one, and that no bit of Zeros
// is set in it.
type Int struct {
	Lo, Hi   uint32
	Min, Max int32
	Zeros    uint32
}

var anyInt = Int{0, math.MaxUint32, math.MinInt32, math.MaxInt32, 0}

func intOf(v uint32) Int { return Int{v, v, int32(v), int32(v), ^v} }

// tidy lets each part learn from the others.
func (a Int) tidy() Int {
	a.Hi = min(a.Hi, ^a.Zeros)
	a.Zeros |= ^uint32(0) << bits.Len32(a.Hi)
	if bits.Len32(a.Hi) == 32 && a.Zeros == math.MaxUint32 {
		a.Zeros = 0
	}
	if a.Lo > a.Hi { // nothing is possible: the place is never reached
		a.Lo = a.Hi
	}
	if a.Hi <= math.MaxInt32 {
		a.Min, a.Max = max(a.Min, int32(a.Lo)), min(a.Max, int32(a.Hi))
	}
	if a.Min >= 0 {
		a.Lo, a.Hi = max(a.Lo, uint32(a.Min)), min(a.Hi, uint32(max(a.Max, 0)))
	}
	if a.Min > a.Max {
		a.Min = a.Max
	}
	if a.Lo > a.Hi {
		a.Lo = a.Hi
	}
	return a
}

func (a Int) join(b Int) Int {
	return Int{min(a.Lo, b.Lo), max(a.Hi, b.Hi), min(a.Min, b.Min), max(a.Max, b.Max), a.Zeros & b.Zeros}
}

func (a Int) meet(b Int) Int {
	return Int{max(a.Lo, b.Lo), min(a.Hi, b.Hi), max(a.Min, b.Min), min(a.Max, b.Max), a.Zeros | b.Zeros}.tidy()
}

// widen gives up the parts of b that have grown since a.
func (b Int) widen(a Int) Int {
	if b.Lo < a.Lo {
		b.Lo = 0
	}
	if b.Hi > a.Hi {
		b.Hi, b.Zeros = math.MaxUint32, 0
	}
	if b.Min < a.Min {
		b.Min = math.MinInt32
	}
	if b.Max > a.Max {
		b.Max = math.MaxInt32
	}
	return b
}

func unsigned(lo, hi uint32) Int {
	a := anyInt
	a.Lo, a.Hi = lo, hi
	return a.tidy()
}

func signed(lo, hi int64) Int {
	a := anyInt
	if lo >= math.MinInt32 && hi <= math.MaxInt32 {
		a.Min, a.Max = int32(lo), int32(hi)
	}
	return a.tidy()
}

// integer is the fact of an operator with an I32 result and I32 operands.
func integer(op ir.Op, a, b Int) Int {
	switch op {
	case ir.OpIAdd:
		r := signed(int64(a.Min)+int64(b.Min), int64(a.Max)+int64(b.Max))
		if uint64(a.Hi)+uint64(b.Hi) <= math.MaxUint32 {
			r = r.meet(unsigned(a.Lo+b.Lo, a.Hi+b.Hi))
		}
		return r
	case ir.OpISub:
		r := signed(int64(a.Min)-int64(b.Max), int64(a.Max)-int64(b.Min))
		if a.Lo >= b.Hi {
			r = r.meet(unsigned(a.Lo-b.Hi, a.Hi-b.Lo))
		}
		return r
	case ir.OpIMul:
		p := []int64{int64(a.Min) * int64(b.Min), int64(a.Min) * int64(b.Max), int64(a.Max) * int64(b.Min), int64(a.Max) * int64(b.Max)}
		r := signed(min(p[0], p[1], p[2], p[3]), max(p[0], p[1], p[2], p[3]))
		if uint64(a.Hi)*uint64(b.Hi) <= math.MaxUint32 {
			r = r.meet(unsigned(a.Lo*b.Lo, a.Hi*b.Hi))
		}
		return r
	case ir.OpAnd:
		r := anyInt
		r.Zeros = a.Zeros | b.Zeros
		r.Hi = min(a.Hi, b.Hi)
		return r.tidy()
	case ir.OpOr, ir.OpXor:
		r := anyInt
		r.Zeros = a.Zeros & b.Zeros
		return r.tidy()
	case ir.OpShl, ir.OpShrU, ir.OpShrS:
		if b.Lo != b.Hi {
			return anyInt
		}
		return shift(op, a, b.Lo&31)
	case ir.OpUDiv:
		if b.Lo > 0 {
			return unsigned(a.Lo/b.Hi, a.Hi/b.Lo)
		}
		return unsigned(0, a.Hi)
	case ir.OpURem:
		if b.Lo > 0 {
			return unsigned(0, min(a.Hi, b.Hi-1))
		}
		return unsigned(0, a.Hi)
	case ir.OpUMin:
		return unsigned(min(a.Lo, b.Lo), min(a.Hi, b.Hi))
	case ir.OpUMax:
		return unsigned(max(a.Lo, b.Lo), max(a.Hi, b.Hi))
	case ir.OpSMin:
		return signed(int64(min(a.Min, b.Min)), int64(min(a.Max, b.Max)))
	case ir.OpSMax:
		return signed(int64(max(a.Min, b.Min)), int64(max(a.Max, b.Max)))
	case ir.OpClz, ir.OpCtz, ir.OpPopcnt:
		return unsigned(0, 32)
	case ir.OpBToI:
		return unsigned(0, 1)
	}
	return anyInt
}

func shift(op ir.Op, a Int, n uint32) Int {
	switch op {
	case ir.OpShl:
		r := anyInt
		r.Zeros = a.Zeros<<n | (1<<n - 1)
		if uint64(a.Hi)<<n <= math.MaxUint32 {
			r.Lo, r.Hi = a.Lo<<n, a.Hi<<n
		}
		return r.tidy().meet(signed(int64(a.Min)<<n, int64(a.Max)<<n))
	case ir.OpShrU:
		r := anyInt
		r.Zeros = a.Zeros>>n | ^(^uint32(0) >> n)
		r.Lo, r.Hi = a.Lo>>n, a.Hi>>n
		return r.tidy()
	}
	r := anyInt
	r.Min, r.Max = a.Min>>n, a.Max>>n
	return r.tidy()
}
