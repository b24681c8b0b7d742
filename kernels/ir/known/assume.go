package known

import (
	"math"

	"github.com/gwrun/gwrun/kernels/ir"
)

// assume adds to a state what follows from a condition being true, or false.
func (a *analysis) assume(s *state, c *ir.Inst, truth bool) {
	switch c.Op {
	case ir.OpBNot:
		a.assume(s, c.Args[0], !truth)
	case ir.OpBAnd, ir.OpBOr:
		if truth == (c.Op == ir.OpBAnd) {
			a.assume(s, c.Args[0], truth)
			a.assume(s, c.Args[1], truth)
		}
	case ir.OpULt, ir.OpULe, ir.OpSLt, ir.OpSLe:
		x, y := c.Args[0], c.Args[1]
		strict := c.Op == ir.OpULt || c.Op == ir.OpSLt
		if !truth { // x < y is false: y <= x
			x, y, strict = y, x, !strict
		}
		a.less(s, x, y, strict, c.Op == ir.OpSLt || c.Op == ir.OpSLe)
	case ir.OpIEq, ir.OpINe:
		if truth == (c.Op == ir.OpIEq) && c.Args[0].Type == ir.I32 {
			x, y := a.of(s, c.Args[0]).i, a.of(s, c.Args[1]).i
			a.say(s, c.Args[0], fact{i: y})
			a.say(s, c.Args[1], fact{i: x})
			if y.Lo == y.Hi {
				a.magnitude(s, c.Args[0], y)
			}
		}
	case ir.OpFLt, ir.OpFLe:
		x, y := c.Args[0], c.Args[1]
		// A comparison with a NaN is false, so that the opposite follows only where there is none.
		nans := a.of(s, x).f.NaN || a.of(s, y).f.NaN
		if !truth {
			x, y = y, x
		}
		a.lessFloat(s, x, y, truth, nans)
	}
}

// say notes a fact of a value, and of the variables that hold it.
func (a *analysis) say(s *state, i *ir.Inst, f fact) {
	if i.Op == ir.OpConst {
		return
	}
	s.said = &said{i, f, s.said}
	if s.brief {
		return
	}
	for v, h := range s.holds {
		if h == i {
			s.vars[v] = meet(i.Type, s.vars[v], f)
		}
	}
	a.steps += 1 + len(s.holds)/8
}

// less notes x < y, or x <= y, of integers.
func (a *analysis) less(s *state, x, y *ir.Inst, strict, withSign bool) {
	fx, fy := a.of(s, x).i, a.of(s, y).i
	lo, hi := anyInt, anyInt // of y and x
	if withSign {
		lo.Min, hi.Max = fx.Min, fy.Max
		if strict {
			lo.Min, hi.Max = min(lo.Min, math.MaxInt32-1)+1, max(hi.Max, math.MinInt32+1)-1
		}
	} else {
		lo.Lo, hi.Hi = fx.Lo, fy.Hi
		if strict {
			lo.Lo, hi.Hi = min(lo.Lo, math.MaxUint32-1)+1, max(hi.Hi, 1)-1
		}
	}
	a.say(s, x, fact{i: hi.tidy()})
	a.say(s, y, fact{i: lo.tidy()})
	if !withSign {
		a.magnitude(s, x, hi.tidy())
		a.magnitude(s, y, lo.tidy())
	}
}

// magnitude notes what a range of m says of a float of which m has the bits without the sign, or the upper of these.
func (a *analysis) magnitude(s *state, m *ir.Inst, r Int) {
	if m.Op != ir.OpAnd {
		return
	}
	word, mask := m.Args[0], m.Args[1]
	if word.Op == ir.OpConst {
		word, mask = mask, word
	}
	if mask.Op != ir.OpConst {
		return
	}
	up := uint32(0)
	switch mask.Bits {
	case 0x7fffffff:
	case 0x7fff:
		up = 16
		if r.Hi > 0x7fff {
			r.Hi = 0x7fff
		}
	default:
		return
	}
	f := anyFloat
	lo, hi := r.Lo<<up, r.Hi<<up|(1<<up-1)
	if r.Lo > 0x7fffffff>>up {
		return
	}
	f.Zero = lo == 0
	f.NaN = hi > 0x7f800000
	f.Inf = hi >= 0x7f800000 && lo <= 0x7f800000
	if hi < 0x7f800000 {
		f.Max = float64(math.Float32frombits(hi))
	}
	if lo > 0 && lo < 0x7f800000 {
		f.Least = exponent(float64(math.Float32frombits(lo)))
	}
	f = f.tidy()
	if up == 0 && word.Op == ir.OpBitcast && word.Args[0].Type == ir.F32 {
		a.size(s, word.Args[0], f)
		return
	}
	// The word may be made a float elsewhere.
	a.sayBits(s, word, up, f)
}

// sayBits notes a fact of the float whose bits are word << up.
func (a *analysis) sayBits(s *state, word *ir.Inst, up uint32, f Float) {
	for _, i := range a.casts[cast{word, up}] {
		a.say(s, i, fact{f: f})
	}
}

// size notes a fact of the size of a float, whatever its sign.
func (a *analysis) size(s *state, x *ir.Inst, f Float) {
	a.say(s, x, fact{f: f})
	for x.Op == ir.OpFAbs || x.Op == ir.OpFNeg {
		x = x.Args[0]
		f.MinusZero = f.Zero
		a.say(s, x, fact{f: f})
	}
}

// lessFloat notes x < y, or x <= y, of floats. If that is not what was found true, but its opposite found false (ordered is
// false), a NaN may be the reason.
func (a *analysis) lessFloat(s *state, x, y *ir.Inst, ordered, nans bool) {
	if !ordered && nans {
		return
	}
	// Only a positive constant bound says something of a size.
	if c := constOf(x); c > 0 && !math.IsInf(c, 0) {
		f := anyFloat
		f.NaN, f.Zero, f.MinusZero = false, false, false
		if y.Op == ir.OpFAbs {
			f.Least = exponent(c)
			a.size(s, y, f.tidy())
		} else {
			f.Least = exponent(c)
			a.say(s, y, fact{f: f.tidy()})
		}
	}
	if c := constOf(y); c > 0 && !math.IsInf(c, 0) && x.Op == ir.OpFAbs {
		f := anyFloat
		f.NaN, f.Inf = false, false
		f.Max = c
		f.MinusZero = true
		a.size(s, x, f.tidy())
	}
}

// constOf is the value of a float constant, NaN of anything else.
func constOf(i *ir.Inst) float64 {
	if i.Op != ir.OpConst || i.Type != ir.F32 {
		return math.NaN()
	}
	return float64(math.Float32frombits(i.Bits))
}
