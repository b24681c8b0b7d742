package race

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"strings"
)

// A poly is a polynomial with integer coefficients in atoms, its terms sorted by monomial. What it means for an index is
// that the two are congruent modulo 2^32; where more is known the code says so.
type poly []term

type term struct {
	m mono
	c int64
}

// A mono is a product of atoms: their references as four bytes each, in ascending order. "" is the monomial 1.
type mono string

// ref is an atom as one of the two invocations of a pair sees it: its number << 1, plus 1 for the second invocation.
type ref uint32

func monoOf(r ref) mono { return mono(binary.BigEndian.AppendUint32(nil, uint32(r))) }

func (m mono) refs() []ref {
	rs := make([]ref, 0, len(m)/4)
	for i := 0; i < len(m); i += 4 {
		rs = append(rs, m.at(i))
	}
	return rs
}

func (m mono) at(i int) ref { return ref(binary.BigEndian.Uint32([]byte(m[i : i+4]))) }

func (m mono) degree() int { return len(m) / 4 }

func (m mono) times(n mono) mono {
	if m == "" {
		return n
	}
	if n == "" {
		return m
	}
	rs := append(m.refs(), n.refs()...)
	slices.Sort(rs)
	b := make([]byte, 0, 4*len(rs))
	for _, r := range rs {
		b = binary.BigEndian.AppendUint32(b, uint32(r))
	}
	return mono(b)
}

// over divides m by n.
func (m mono) over(n mono) (mono, bool) {
	if n == "" {
		return m, true
	}
	var b strings.Builder
	i, j := 0, 0
	for i < len(m) {
		if j < len(n) && m[i:i+4] == n[j:j+4] {
			i, j = i+4, j+4
			continue
		}
		b.WriteString(string(m[i : i+4]))
		i += 4
	}
	return mono(b.String()), j == len(n)
}

// Polynomials past these bounds are not worth their while: the value becomes an atom of its own.
const (
	maxTerms  = 96
	maxDegree = 6
)

// tooLarge is what polynomial arithmetic panics with past its bounds; opaque and the solver recover it.
type tooLarge struct{}

func constant(c int64) poly {
	if c == 0 {
		return nil
	}
	return poly{{"", c}}
}

func atomPoly(r ref) poly { return poly{{monoOf(r), 1}} }

func (p poly) isConst() (int64, bool) {
	switch {
	case len(p) == 0:
		return 0, true
	case len(p) == 1 && p[0].m == "":
		return p[0].c, true
	}
	return 0, false
}

func (p poly) equal(q poly) bool { return slices.Equal(p, q) }

// isZero says whether p is the zero polynomial.
func (p poly) isZero() bool { return len(p) == 0 }

func addCoef(a, b int64) int64 {
	s := a + b
	if a > 0 && b > 0 && s < 0 || a < 0 && b < 0 && s >= 0 {
		panic(tooLarge{})
	}
	return s
}

func mulCoef(a, b int64) int64 {
	if a == 0 || b == 0 {
		return 0
	}
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if hi != 0 || lo > math.MaxInt64 {
		panic(tooLarge{})
	}
	if (a < 0) != (b < 0) {
		return -int64(lo)
	}
	return int64(lo)
}

func magnitude(a int64) uint64 {
	if a < 0 {
		return -uint64(a)
	}
	return uint64(a)
}

// plus gives p + k*q.
func (p poly) plus(k int64, q poly) poly {
	if k == 0 || len(q) == 0 {
		return p
	}
	r := make(poly, 0, len(p)+len(q))
	i, j := 0, 0
	for i < len(p) || j < len(q) {
		switch {
		case j == len(q) || i < len(p) && p[i].m < q[j].m:
			r = append(r, p[i])
			i++
		case i == len(p) || q[j].m < p[i].m:
			r = append(r, term{q[j].m, mulCoef(k, q[j].c)})
			j++
		default:
			if c := addCoef(p[i].c, mulCoef(k, q[j].c)); c != 0 {
				r = append(r, term{p[i].m, c})
			}
			i, j = i+1, j+1
		}
	}
	if len(r) > maxTerms {
		panic(tooLarge{})
	}
	return r
}

func (p poly) add(q poly) poly     { return p.plus(1, q) }
func (p poly) sub(q poly) poly     { return p.plus(-1, q) }
func (p poly) addC(c int64) poly   { return p.plus(1, constant(c)) }
func (p poly) scale(k int64) poly  { return poly(nil).plus(k, p) }
func (p poly) timesM(m mono) poly  { return p.times(poly{{m, 1}}) }
func (p poly) constantTerm() int64 { return p.coef("") }

func (p poly) coef(m mono) int64 {
	for _, t := range p {
		if t.m == m {
			return t.c
		}
	}
	return 0
}

func (p poly) times(q poly) poly {
	if len(p)*len(q) > 4*maxTerms {
		panic(tooLarge{})
	}
	var r poly
	for _, t := range p {
		part := make(poly, 0, len(q))
		for _, u := range q {
			m := t.m.times(u.m)
			if m.degree() > maxDegree {
				panic(tooLarge{})
			}
			part = append(part, term{m, mulCoef(t.c, u.c)})
		}
		slices.SortFunc(part, func(a, b term) int { return strings.Compare(string(a.m), string(b.m)) })
		r = r.add(part)
	}
	return r
}

// wrapped brings every coefficient into the range of an int32, which changes nothing modulo 2^32.
func (p poly) wrapped() poly {
	var r poly
	for _, t := range p {
		if c := t.c; c < math.MinInt32 || c > math.MaxUint32 {
			t.c = int64(int32(uint32(uint64(c))))
		}
		if t.c != 0 {
			r = append(r, t)
		}
	}
	return r
}

// replace puts q in the place of an atom.
func (p poly) replace(a ref, q poly) poly {
	var r poly
	changed := false
	at := monoOf(a)
	for _, t := range p {
		n, rest := 0, t.m
		for {
			less, ok := rest.over(at)
			if !ok {
				break
			}
			n, rest = n+1, less
		}
		if n == 0 {
			r = r.add(poly{t})
			continue
		}
		changed = true
		x := poly{{rest, t.c}}
		for range n {
			x = x.times(q)
		}
		r = r.add(x)
	}
	if !changed {
		return p
	}
	return r
}

// rename maps every atom of p.
func (p poly) rename(f func(ref) ref) poly {
	r := make(poly, 0, len(p))
	for _, t := range p {
		rs := t.m.refs()
		for i := range rs {
			rs[i] = f(rs[i])
		}
		slices.Sort(rs)
		b := make([]byte, 0, 4*len(rs))
		for _, x := range rs {
			b = binary.BigEndian.AppendUint32(b, uint32(x))
		}
		r = append(r, term{mono(b), t.c})
	}
	slices.SortFunc(r, func(a, b term) int { return strings.Compare(string(a.m), string(b.m)) })
	return r
}

// gcd of the coefficients, 0 for the zero polynomial; without the constant term if that is wanted.
func (p poly) gcd(withConst bool) int64 {
	g := uint64(0)
	for _, t := range p {
		if t.m != "" || withConst {
			for a, b := g, magnitude(t.c); ; a, b = b, a%b {
				if b == 0 {
					g = a
					break
				}
			}
		}
	}
	return int64(g)
}

// divide divides every coefficient by g, which divides them.
func (p poly) divide(g int64) poly {
	r := make(poly, len(p))
	for i, t := range p {
		r[i] = term{t.m, t.c / g}
	}
	return r
}

// span is a range of integers. Its ends are exact up to unbounded, which stands for anything beyond.
type span struct{ lo, hi int64 }

const unbounded = int64(1) << 61

func clampSpan(v int64) int64 { return max(-unbounded, min(unbounded, v)) }

func mulSpan(a, b int64) int64 {
	if a == 0 || b == 0 {
		return 0
	}
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	r := unbounded
	if hi == 0 && lo < uint64(unbounded) {
		r = int64(lo)
	}
	if (a < 0) != (b < 0) {
		return -r
	}
	return r
}

func (s span) times(t span) span {
	a, b, c, d := mulSpan(s.lo, t.lo), mulSpan(s.lo, t.hi), mulSpan(s.hi, t.lo), mulSpan(s.hi, t.hi)
	return span{min(a, b, c, d), max(a, b, c, d)}
}

// plus adds, keeping an unbounded end unbounded.
func (s span) plus(t span) span {
	r := span{clampSpan(s.lo + t.lo), clampSpan(s.hi + t.hi)}
	if s.lo == -unbounded || t.lo == -unbounded {
		r.lo = -unbounded
	}
	if s.hi == unbounded || t.hi == unbounded {
		r.hi = unbounded
	}
	return r
}

func (s span) within(lo, hi int64) bool { return s.lo >= lo && s.hi <= hi }

// sort puts the terms in order, after they were made out of it. No monomial occurs twice.
func (p poly) sort() {
	slices.SortFunc(p, func(a, b term) int { return strings.Compare(string(a.m), string(b.m)) })
}
