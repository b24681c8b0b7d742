package race

import (
	"math"
	"slices"

	"github.com/gwrun/gwrun/kernels/ir"
)

// level says who has the same value.
type level uint8

const (
	byDispatch   level = iota // every invocation of the dispatch
	byGroup                   // every invocation of a workgroup
	byInvocation              // nobody else, as far as is known
)

// atom is an unknown integer: an input, a loop's iteration, a word that is read, a result that is no polynomial.
type atom struct {
	span  span
	level level
	// loops are those in whose iterations it may have different values: two invocations have the same one only when both
	// are in the same iteration.
	loops []*ir.Inst
	iter  *ir.Inst // the loop whose iterations it counts from 0
	known []poly   // polynomials in it and other atoms that are never negative
	def   poly     // one that is zero, if not nil
}

var word = span{0, math.MaxUint32}

// atoms is the table of all atoms of one proof.
type atoms struct {
	list []atom
	keys map[atomKey]ref
}

// atomKey names an atom, so that looking at an instruction again finds it again.
type atomKey struct {
	inst *ir.Inst
	role int
	v    *ir.Var
	text string
}

func (t *atoms) atom(r ref) *atom { return &t.list[r>>1] }

// make gives the atom of a key, with new properties.
func (t *atoms) make(k atomKey, a atom) ref {
	r, ok := t.keys[k]
	if !ok {
		r = ref(len(t.list) << 1)
		t.list = append(t.list, atom{})
		t.keys[k] = r
	}
	*t.atom(r) = a
	return r
}

// span bounds a polynomial by the spans of its atoms alone.
func (t *atoms) spanOf(p poly) span {
	var s span
	for _, x := range p {
		s = s.plus(t.spanOfTerm(x))
	}
	return s
}

func (t *atoms) spanOfTerm(x term) span {
	s := span{x.c, x.c}
	for i := 0; i < len(x.m); i += 4 {
		s = s.times(t.atom(x.m.at(i)).span)
	}
	return s
}

// levelOf is who shares a polynomial, and in which loops' iterations it differs.
func (t *atoms) levelOf(p poly) (level, []*ir.Inst) {
	l, loops := byDispatch, []*ir.Inst(nil)
	for _, x := range p {
		for i := 0; i < len(x.m); i += 4 {
			a := t.atom(x.m.at(i))
			l = max(l, a.level)
			loops = union(loops, a.loops)
		}
	}
	return l, loops
}

func union(a, b []*ir.Inst) []*ir.Inst {
	for _, x := range b {
		if !slices.Contains(a, x) {
			a = append(a[:len(a):len(a)], x)
		}
	}
	return a
}

// closure adds to facts what is known of every atom that occurs in them or in ps, and gives the definitions met.
func (t *atoms) closure(facts []poly, ps ...poly) (all, defs []poly) {
	seen := map[ref]bool{}
	var visit func(p poly)
	visit = func(p poly) {
		for _, x := range p {
			for i := 0; i < len(x.m); i += 4 {
				r := x.m.at(i)
				if seen[r] {
					continue
				}
				seen[r] = true
				a := t.atom(r)
				for _, f := range a.known {
					all = append(all, f)
					visit(f)
				}
				if a.def != nil {
					defs = append(defs, a.def)
					visit(a.def)
				}
			}
		}
	}
	all = append(all, facts...)
	for _, f := range facts {
		visit(f)
	}
	for _, p := range ps {
		visit(p)
	}
	return all, defs
}

// nonneg tries to show that p is never negative, given that no fact is: it takes multiples of facts off p, each time to
// cancel the term that pulls p down most, until the spans of what is left suffice. budget bounds the work.
func (t *atoms) nonneg(p poly, facts []poly, depth int, budget *int) bool {
	if *budget--; *budget < 0 {
		return false
	}
	total := span{}
	worst := make([]int, 0, 2)
	var lows [maxTerms + 1]int64
	for n, x := range p {
		s := t.spanOfTerm(x)
		total = total.plus(s)
		lows[n] = s.lo
		if s.lo < 0 && x.m != "" {
			switch {
			case len(worst) == 0 || s.lo < lows[worst[0]]:
				worst = append([]int{n}, worst...)
			default:
				worst = append(worst, n)
			}
		}
	}
	if total.lo >= 0 {
		return true
	}
	if depth == 0 {
		return false
	}
	for tried, n := range worst {
		if tried == 2 {
			break
		}
		x := p[n]
		for _, f := range facts {
			for _, y := range f {
				if y.m == "" || (y.c < 0) != (x.c < 0) {
					continue
				}
				u, ok := x.m.over(y.m)
				if !ok || !t.positive(u) {
					continue
				}
				a, b := magnitude(x.c), magnitude(y.c)
				g := a
				for r := b; r != 0; g, r = r, g%r {
				}
				if t.nonneg(p.scale(int64(b/g)).plus(-int64(a/g), f.timesM(u)), facts, depth-1, budget) {
					return true
				}
			}
		}
	}
	return false
}

// positive says whether a product of atoms cannot be negative.
func (t *atoms) positive(m mono) bool {
	for i := 0; i < len(m); i += 4 {
		if t.atom(m.at(i)).span.lo < 0 {
			return false
		}
	}
	return true
}
