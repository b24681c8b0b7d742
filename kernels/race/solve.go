package race

import (
	"slices"
	"strings"

	"github.com/gwrun/gwrun/kernels/ir"
)

// solver asks whether two invocations can come to the same word. It holds equations that are true if they do, and
// facts, and draws conclusions until the invocations are one, or the equations contradict each other.
type solver struct {
	*atoms
	eqs    []poly
	facts  []poly
	shared func(ref) bool // both invocations have the same value of an atom
	subst  map[ref]poly
	budget int
	no     bool // the equations cannot hold
}

const (
	depth       = 5
	pairBudget  = 6000
	maxRounds   = 24
	twoTo32     = int64(1) << 32
	maxEquation = 64
)

// solve works on the equations until nothing new comes out or done says that it is enough.
func (s *solver) solve(done func() bool) {
	for range maxRounds {
		if s.no || done() {
			return
		}
		if !s.round() {
			break
		}
	}
	for _, f := range s.facts {
		if !s.no { // two facts may contradict each other
			s.no = s.spanOf(f).hi < 0 || s.nonneg(f.scale(-1).addC(-1), s.facts, 2, &s.budget)
		}
	}
	for _, e := range s.eqs {
		if !s.no {
			s.no = s.nonneg(e.addC(-1), s.facts, depth, &s.budget) || s.nonneg(e.scale(-1).addC(-1), s.facts, depth, &s.budget)
		}
	}
}

// round takes one step: it simplifies, splits or uses one equation.
func (s *solver) round() bool {
	for n, e := range s.eqs {
		if e.isZero() {
			s.eqs = slices.Delete(s.eqs, n, n+1)
			return true
		}
		g := e.gcd(false)
		if c, ok := e.isConst(); ok && c != 0 || !ok && e.constantTerm()%g != 0 {
			s.no = true
			return true
		}
		if g > 1 {
			s.eqs[n] = e.divide(g)
			return true
		}
		if s.use(e) {
			s.eqs = slices.Delete(s.eqs, n, n+1)
			return true
		}
	}
	for n, e := range s.eqs {
		if a, b, ok := s.split(e); ok {
			s.eqs[n] = a
			if !b.isZero() && len(s.eqs) < maxEquation {
				s.eqs = append(s.eqs, b)
			}
			return true
		}
	}
	return s.still()
}

// still finds a loop counter that is zero wherever it occurs in the equations.
func (s *solver) still() bool {
	for _, e := range s.eqs {
		for _, t := range e {
			if t.m.degree() != 1 {
				continue
			}
			r := t.m.at(0)
			if a := s.atom(r); a.iter != nil && s.nonneg(atomPoly(r).scale(-1), s.facts, depth, &s.budget) {
				s.eqs = append(s.eqs, atomPoly(r))
				return true
			}
		}
	}
	return false
}

// use turns an equation that says what an atom is into a substitution: a = constant, or a = ±b + constant.
func (s *solver) use(e poly) bool {
	var linear []term
	for _, t := range e {
		switch t.m.degree() {
		case 0:
		case 1:
			linear = append(linear, t)
		default:
			return false
		}
	}
	c := e.constantTerm()
	switch {
	case len(linear) == 1 && linear[0].c == 1:
		s.replace(linear[0].m.at(0), constant(-c))
	case len(linear) == 1 && linear[0].c == -1:
		s.replace(linear[0].m.at(0), constant(c))
	case len(linear) == 2 && linear[0].c*linear[1].c == -1:
		// The younger atom goes: what is known of ids stays.
		x, y := linear[1], linear[0]
		s.replace(x.m.at(0), poly{{y.m, 1}}.addC(-c*x.c))
	default:
		return false
	}
	return true
}

// replace puts p for an atom everywhere. What its span says of p becomes a fact.
func (s *solver) replace(a ref, p poly) {
	old := s.atom(a).span
	for n, e := range s.eqs {
		s.eqs[n] = e.replace(a, p)
	}
	for n, f := range s.facts {
		s.facts[n] = f.replace(a, p)
	}
	for r, q := range s.subst {
		s.subst[r] = q.replace(a, p)
	}
	s.subst[a] = p
	now := s.spanOf(p)
	if old.lo > -unbounded && now.lo < old.lo {
		s.facts = append(s.facts, p.addC(-old.lo))
	}
	if old.hi < unbounded && now.hi > old.hi {
		s.facts = append(s.facts, p.scale(-1).addC(old.hi))
	}
}

// value gives what is known of an atom.
func (s *solver) value(r ref) poly {
	if p, ok := s.subst[r]; ok {
		return p
	}
	return atomPoly(r)
}

// split finds a modulus m such that the equation is m*high + low = 0 with |low| < m: then high and low are both zero, as
// the digits of a number are. A modulus is a number, or a number times shared unknowns.
func (s *solver) split(e poly) (high, low poly, ok bool) {
	type modulus struct {
		u mono
		c int64
	}
	var tried []modulus
	try := func(u mono, c int64) bool {
		m := modulus{u, c}
		if slices.Contains(tried, m) {
			return false
		}
		tried = append(tried, m)
		high, low = nil, nil
		for _, t := range e {
			if rest, in := t.m.over(u); in && t.m != "" && t.c%c == 0 {
				high = append(high, term{rest, t.c})
			} else {
				low = append(low, t)
			}
		}
		if len(high) == 0 || len(low) == 0 && u == "" {
			return false
		}
		slices.SortFunc(high, func(a, b term) int { return strings.Compare(string(a.m), string(b.m)) })
		g := high.gcd(true)
		at := poly{{u, g}}
		room := at.addC(-1) // >= |low| is wanted
		if s.nonneg(room.sub(low), s.facts, depth, &s.budget) && s.nonneg(room.add(low), s.facts, depth, &s.budget) {
			high = high.divide(g)
			return true
		}
		return false
	}
	// Products of shared unknowns first, the largest last, since its low part is the easiest to bound only when the
	// smaller ones are gone; then numbers, ascending.
	var us []mono
	for _, t := range e {
		u := s.sharedPart(t.m)
		if u != "" && !slices.Contains(us, u) {
			us = append(us, u)
		}
	}
	slices.SortFunc(us, func(a, b mono) int {
		if a.degree() != b.degree() {
			return a.degree() - b.degree()
		}
		return strings.Compare(string(a), string(b))
	})
	for _, u := range us {
		var cs []int64
		for _, t := range e {
			if _, in := t.m.over(u); in {
				cs = append(cs, int64(magnitude(t.c)))
			}
		}
		slices.Sort(cs)
		for _, c := range slices.Compact(cs) {
			if try(u, c) {
				return high, low, true
			}
		}
	}
	var cs []int64
	for _, t := range e {
		if t.m != "" {
			cs = append(cs, int64(magnitude(t.c)))
		}
	}
	slices.Sort(cs)
	for _, c := range slices.Compact(cs) {
		if c > 1 && try("", c) {
			return high, low, true
		}
	}
	return nil, nil, false
}

// sharedPart is the product of the atoms of m that both invocations share.
func (s *solver) sharedPart(m mono) mono {
	var u mono
	for _, r := range m.refs() {
		if s.shared(r) {
			u = u.times(monoOf(r))
		}
	}
	return u
}

// tight is a fact divided by what its coefficients share, which rounds its constant down. If it leaves an atom one value
// only, that becomes an equation.
func (s *solver) tight(f poly) poly {
	g := f.gcd(false)
	if g == 0 {
		return f
	}
	c := f.constantTerm()
	low := c % g
	if low < 0 {
		low += g
	}
	f = f.addC(-low).divide(g)
	var linear []term
	for _, t := range f {
		if t.m != "" {
			linear = append(linear, t)
		}
	}
	if len(linear) == 1 && linear[0].m.degree() == 1 {
		a, c := s.atom(linear[0].m.at(0)).span, f.constantTerm()
		if linear[0].c == -1 && a.lo == c || linear[0].c == 1 && a.hi == -c {
			s.eqs = append(s.eqs, f)
		}
	}
	return f
}

// relation is how far apart in a loop two invocations may be while no barrier is between them.
type relation struct {
	loop *ir.Inst
	next int64 // the second is so many iterations further than the first
}
