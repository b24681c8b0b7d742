package race

import (
	"math"
	"math/bits"
	"slices"

	"github.com/gwrun/gwrun/kernels/ir"
)

// symbol is what is known of a value: a polynomial for an I32, a condition for a Bool, and for an F32 only who shares it.
type symbol struct {
	p     poly
	c     *condition
	level level
	loops []*ir.Inst
}

// condition is a Bool: a comparison of polynomials, or an operator on conditions, or (OpInvalid) unknown.
type condition struct {
	op    ir.Op // OpConst, a comparison, OpBAnd, OpBOr, OpBNot or OpInvalid
	bits  uint32
	p, q  poly
	a, b  *condition
	level level
	loops []*ir.Inst
}

func (w *walker) boolean(c *condition) symbol { return symbol{c: c, level: c.level, loops: c.loops} }

func (w *walker) integer(p poly) symbol {
	l, loops := w.levelOf(p)
	return symbol{p: p, level: l, loops: loops}
}

// opaque makes an atom for a value of which only the span is known; it depends on args and so is shared as they are.
func (w *walker) opaque(k atomKey, s span, known []poly, def poly, args ...symbol) symbol {
	a := atom{span: s, known: known, def: def}
	for _, x := range args {
		a.level, a.loops = max(a.level, x.level), union(a.loops, x.loops)
	}
	return w.integer(atomPoly(w.make(k, a)))
}

// proves says whether p is never negative here.
func (w *walker) proves(p poly) bool {
	if w.spanOf(p).lo >= 0 {
		return true
	}
	budget := 300
	facts, _ := w.closure(w.st.facts, p)
	return w.nonneg(p, facts, 3, &budget)
}

// unsigned gives the polynomial that is the value as an unsigned number, not only modulo 2^32. Where that cannot be
// shown it is assumed, if that is allowed at all.
func (w *walker) unsigned(p poly) (poly, bool) {
	s := w.spanOf(p)
	if s.within(0, math.MaxUint32) {
		return p, true
	}
	if c, ok := p.isConst(); ok {
		return constant(int64(uint32(uint64(c)))), true
	}
	if s.within(-twoTo32, -1) {
		return p.addC(twoTo32), true
	}
	if w.assume || w.proves(p) && w.proves(p.scale(-1).addC(math.MaxUint32)) {
		return p, true
	}
	return nil, false
}

// signed likewise as a signed number.
func (w *walker) signed(p poly) (poly, bool) {
	if w.spanOf(p).within(math.MinInt32, math.MaxInt32) {
		return p, true
	}
	if c, ok := p.isConst(); ok {
		return constant(int64(int32(uint32(uint64(c))))), true
	}
	if w.assume || w.proves(p.addC(-math.MinInt32)) && w.proves(p.scale(-1).addC(math.MaxInt32)) {
		return p, true
	}
	return nil, false
}

// pure computes a pure operator on I32 operands with an I32 result.
func (w *walker) pure(i *ir.Inst, x []symbol) (r symbol) {
	defer func() {
		if e := recover(); e != nil {
			if _, ok := e.(tooLarge); !ok {
				panic(e)
			}
			r = w.opaque(atomKey{inst: i}, word, nil, nil, x...)
		}
	}()
	switch i.Op {
	case ir.OpIAdd:
		return w.integer(x[0].p.add(x[1].p).wrapped())
	case ir.OpISub:
		return w.integer(x[0].p.sub(x[1].p).wrapped())
	case ir.OpIMul:
		return w.integer(x[0].p.times(x[1].p).wrapped())
	case ir.OpNot: // -x - 1
		return w.integer(x[0].p.scale(-1).addC(-1).wrapped())
	case ir.OpShl:
		if n, ok := x[1].p.isConst(); ok {
			return w.integer(x[0].p.scale(1 << (n & 31)).wrapped())
		}
		// A power of two times x, if the shift is one of less than 32.
		if s := w.spanOf(x[1].p); s.within(0, 31) {
			power := w.opaque(atomKey{inst: i, role: 3}, span{1 << s.lo, 1 << s.hi}, nil, nil, x[1])
			return w.integer(x[0].p.times(power.p).wrapped())
		}
	case ir.OpShrU, ir.OpShrS:
		if n, ok := x[1].p.isConst(); ok && (i.Op == ir.OpShrU || w.spanOf(x[0].p).within(0, math.MaxInt32)) {
			return w.divide(i, x[0], constant(1<<(n&31)), true)
		}
	case ir.OpUDiv, ir.OpURem:
		return w.divide(i, x[0], x[1].p, i.Op == ir.OpUDiv)
	case ir.OpSDiv, ir.OpSRem:
		a, okA := w.signed(x[0].p)
		b, okB := w.signed(x[1].p)
		if okA && okB && w.proves(a) && w.proves(b) {
			return w.divide(i, w.integer(a), b, i.Op == ir.OpSDiv)
		}
	case ir.OpAnd:
		for n := range 2 {
			if m, ok := x[n].p.isConst(); ok {
				mask := uint32(uint64(m))
				if mask&(mask+1) == 0 && mask != math.MaxUint32 {
					return w.divide(i, x[1-n], constant(int64(mask)+1), false)
				}
				if low := ^mask; low&(low+1) == 0 && low != math.MaxUint32 { // the low bits are cut off
					return w.integer(x[1-n].p.sub(w.divide(i, x[1-n], constant(int64(low)+1), false).p).wrapped())
				}
			}
		}
		return w.opaque(atomKey{inst: i}, span{0, min(w.most(x[0].p), w.most(x[1].p))}, nil, nil, x...)
	case ir.OpOr, ir.OpXor:
		for n := range 2 {
			a, b := x[n].p, x[1-n].p
			s := w.spanOf(b)
			if g := lowBits(a); s.lo >= 0 && s.hi < g {
				return w.integer(a.add(b).wrapped()) // no bit is in both
			}
		}
		most := w.most(x[0].p) | w.most(x[1].p)
		return w.opaque(atomKey{inst: i}, span{0, 1<<bits.Len64(uint64(most)) - 1}, nil, nil, x...)
	case ir.OpUMin, ir.OpUMax:
		return w.extreme(i, x, i.Op == ir.OpUMin, w.unsigned)
	case ir.OpSMin, ir.OpSMax:
		return w.extreme(i, x, i.Op == ir.OpSMin, w.signed)
	case ir.OpClz, ir.OpCtz, ir.OpPopcnt:
		return w.opaque(atomKey{inst: i}, span{0, 32}, nil, nil, x...)
	}
	return w.opaque(atomKey{inst: i}, word, nil, nil, x...)
}

// lowBits is the largest power of two, at most 2^32, that divides every coefficient.
func lowBits(p poly) int64 {
	g := p.gcd(true)
	if g == 0 {
		return twoTo32
	}
	return min(g&-g, twoTo32)
}

// most is an upper bound of a value as an unsigned number.
func (w *walker) most(p poly) int64 {
	if s := w.spanOf(p); s.within(0, math.MaxUint32) {
		return s.hi
	}
	if c, ok := p.isConst(); ok {
		return int64(uint32(uint64(c)))
	}
	return math.MaxUint32
}

// divide gives quotient or remainder: new atoms q and r with x = n*q + r, r < n.
func (w *walker) divide(i *ir.Inst, x symbol, n poly, quotient bool) symbol {
	fallback := func() symbol {
		s := word
		if c, ok := n.isConst(); ok && c > 0 {
			if quotient {
				s.hi = math.MaxUint32 / c
			} else {
				s.hi = c - 1
			}
		}
		return w.opaque(atomKey{inst: i}, s, nil, nil, x, w.integer(n))
	}
	p, ok := w.unsigned(x.p)
	if !ok {
		return fallback()
	}
	if n, ok = w.unsigned(n); !ok || !w.proves(n.addC(-1)) && !w.assume {
		return fallback()
	}
	if c, ok := n.isConst(); ok && c == 1 {
		if quotient {
			return w.integer(p)
		}
		return w.integer(nil)
	}
	if w.spanOf(n.sub(p).addC(-1)).lo >= 0 { // x < n
		if quotient {
			return w.integer(nil)
		}
		return w.integer(p)
	}
	if high, low := multiples(p, n); len(high) > 0 && w.proves(low) && w.proves(n.sub(low).addC(-1)) {
		// x = n*high + low already.
		if quotient {
			return w.integer(high)
		}
		return w.integer(low)
	}
	// The same x and n have the same q and r, so that x/n and x%n fit together.
	key := atomKey{text: "div " + p.key() + " by " + n.key()}
	top := w.spanOf(p).hi
	least := max(1, w.spanOf(n).lo)
	most := max(0, min(w.spanOf(n).hi-1, top))
	args := []symbol{x, w.integer(n)}
	key.role = 1
	qr := w.make(key, atom{}) // made twice: the facts are about both
	key.role = 2
	rr := w.make(key, atom{})
	q, r := atomPoly(qr), atomPoly(rr)
	known := []poly{n.addC(-1), n.sub(r).addC(-1)}
	def := p.sub(n.times(q)).sub(r)
	key.role = 1
	qs := w.opaque(key, span{0, top / least}, []poly{p.sub(n.times(q))}, def, args...)
	key.role = 2
	rs := w.opaque(key, span{0, most}, known, def, args...)
	if quotient {
		return qs
	}
	return rs
}

// multiples splits p into n*high + low, where n has one term; high has all of p's terms that are multiples of it.
func multiples(p, n poly) (high, low poly) {
	if len(n) != 1 {
		return nil, p
	}
	for _, t := range p {
		c := n[0].c
		if t.m == "" && n[0].m == "" && c > 0 && t.c > 0 && t.c%c != 0 && t.c > c {
			high = append(high, term{"", t.c / c})
			low = append(low, term{"", t.c % c})
		} else if m, ok := t.m.over(n[0].m); ok && t.c%c == 0 {
			high = append(high, term{m, t.c / c})
		} else {
			low = append(low, t)
		}
	}
	high.sort()
	return high, low
}

// key is a text that only this polynomial has.
func (p poly) key() string {
	var b []byte
	for _, t := range p {
		b = append(b, t.m...)
		b = append(b, '*')
		for n := range 8 {
			b = append(b, byte(t.c>>(8*n)))
		}
		b = append(b, '+')
	}
	return string(b)
}

// extreme is min or max.
func (w *walker) extreme(i *ir.Inst, x []symbol, isMin bool, read func(poly) (poly, bool)) symbol {
	a, okA := read(x[0].p)
	b, okB := read(x[1].p)
	if !okA || !okB {
		return w.opaque(atomKey{inst: i}, word, nil, nil, x...)
	}
	sa, sb := w.spanOf(a), w.spanOf(b)
	r := atomPoly(w.make(atomKey{inst: i}, atom{}))
	if isMin {
		return w.opaque(atomKey{inst: i}, span{min(sa.lo, sb.lo), min(sa.hi, sb.hi)}, []poly{a.sub(r), b.sub(r)}, nil, x...)
	}
	return w.opaque(atomKey{inst: i}, span{max(sa.lo, sb.lo), max(sa.hi, sb.hi)}, []poly{r.sub(a), r.sub(b)}, nil, x...)
}

// compare makes a condition of two operands.
func (w *walker) compare(op ir.Op, x, y symbol) symbol {
	c := &condition{op: op, p: x.p, q: y.p, level: max(x.level, y.level), loops: union(x.loops, y.loops)}
	if x.c != nil { // IEq and INe of Bools
		a, b := x.c, y.c
		same := &condition{op: ir.OpBOr, level: c.level, loops: c.loops,
			a: &condition{op: ir.OpBAnd, a: a, b: b, level: c.level, loops: c.loops},
			b: &condition{op: ir.OpBAnd, a: negate(a), b: negate(b), level: c.level, loops: c.loops}}
		if op == ir.OpINe {
			same = negate(same)
		}
		return w.boolean(same)
	}
	if a, ok := x.p.isConst(); ok {
		if b, ok := y.p.isConst(); ok {
			return w.boolean(&condition{op: ir.OpConst, bits: ir.Eval(op, uint32(uint64(a)), uint32(uint64(b)), 0)})
		}
	}
	return w.boolean(c)
}

func negate(c *condition) *condition {
	switch c.op {
	case ir.OpConst:
		return &condition{op: ir.OpConst, bits: 1 - c.bits}
	case ir.OpBNot:
		return c.a
	}
	return &condition{op: ir.OpBNot, a: c, level: c.level, loops: c.loops}
}

func combine(op ir.Op, a, b *condition) *condition {
	for n, x := range []*condition{a, b} {
		if x.op == ir.OpConst {
			if (x.bits == 1) == (op == ir.OpBAnd) {
				return []*condition{b, a}[n]
			}
			return x
		}
	}
	return &condition{op: op, a: a, b: b, level: max(a.level, b.level), loops: union(a.loops, b.loops)}
}

// suppose adds to the current state what follows from a condition having an outcome.
func (w *walker) suppose(c *condition, outcome bool) {
	switch c.op {
	case ir.OpConst:
		if (c.bits == 1) != outcome {
			w.st.dead = true
		}
	case ir.OpBNot:
		w.suppose(c.a, !outcome)
	case ir.OpBAnd, ir.OpBOr:
		if outcome == (c.op == ir.OpBAnd) {
			w.suppose(c.a, outcome)
			w.suppose(c.b, outcome)
		}
	case ir.OpULt, ir.OpULe, ir.OpSLt, ir.OpSLe:
		w.supposeLess(c, outcome)
	case ir.OpIEq, ir.OpINe:
		p, okP := w.unsigned(c.p)
		q, okQ := w.unsigned(c.q)
		if !okP || !okQ {
			return
		}
		d := p.sub(q)
		if outcome == (c.op == ir.OpIEq) {
			w.fact(d)
			w.fact(d.scale(-1))
			w.st.eqs = append(w.st.eqs[:len(w.st.eqs):len(w.st.eqs)], d)
			return
		}
		// At the edge of its span a value that is not the edge lies beside it.
		if w.proves(d) {
			w.fact(d.addC(-1))
		} else if w.proves(d.scale(-1)) {
			w.fact(d.scale(-1).addC(-1))
		}
	}
}

func (w *walker) fact(p poly) {
	if w.spanOf(p).lo < 0 {
		w.st.facts = append(w.st.facts[:len(w.st.facts):len(w.st.facts)], p)
	}
}

func (w *walker) supposeLess(c *condition, outcome bool) {
	x, y, strict := c.p, c.q, int64(0)
	isSigned := c.op == ir.OpSLt || c.op == ir.OpSLe
	if c.op == ir.OpULt || c.op == ir.OpSLt {
		strict = 1
	}
	if !outcome { // x < y is false: y <= x
		x, y, strict = y, x, 1-strict
	}
	// Now x + strict <= y.
	read := w.unsigned
	if isSigned {
		read = w.signed
	}
	p, okX := read(x)
	q, okY := read(y)
	if isSigned && !okY && okX && w.proves(p) {
		// A signed y above some x >= 0 is positive, so it is the same number unsigned.
		q, okY = w.unsigned(y)
	}
	if !okX && okY {
		p, okX = w.steady(x, q, strict, isSigned)
	}
	if okX && okY {
		w.fact(q.sub(p).addC(-strict))
	}
}

// steady shows that x does not wrap around where it is what a loop counts up, this is the loop's test, and the bound
// does not change: it was below the bound one step before, and a step from there does not wrap.
func (w *walker) steady(x, bound poly, strict int64, isSigned bool) (poly, bool) {
	l := w.test
	if l == nil {
		return nil, false
	}
	t := monoOf(l.counter)
	var start, step poly
	for _, y := range x {
		switch rest, in := y.m.over(t); {
		case !in:
			start = append(start, y)
		case contains(rest, t):
			return nil, false
		default:
			step = append(step, term{rest, y.c})
		}
	}
	step.sort()
	for _, p := range []poly{start, step, bound} {
		if _, loops := w.levelOf(p); slices.Contains(loops, l.inst) {
			return nil, false
		}
	}
	top := int64(math.MaxUint32)
	first, ok := w.unsigned(start)
	if isSigned {
		top = math.MaxInt32
		first, ok = w.signed(start)
	}
	if !ok || !first.equal(start) || len(step) == 0 || w.spanOf(step).lo < 0 {
		return nil, false
	}
	if min(w.spanOf(bound).hi, top)-strict+w.spanOf(step).hi > top {
		return nil, false
	}
	return x, true
}

// contains says whether m contains the one-atom monomial t.
func contains(m, t mono) bool { _, in := m.over(t); return in }
