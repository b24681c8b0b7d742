package race

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/gwrun/gwrun/kernels/ir"
)

const maxGroups = 65535 // in one dimension: kernels.MaxWorkgroups

// Given is what is known of the dispatches a proof is about.
type Given struct {
	Workgroups [3]uint32
	Words      []uint32 // length of each binding
	// Word gives a word of a binding the kernel cannot write, and false if it is not known. It may be nil.
	Word func(binding int, word uint32) (uint32, bool)
}

func (g *Given) word(binding int, n uint32) (uint32, bool) {
	if g.Word == nil || uint64(n) >= uint64(g.Words[binding]) {
		return 0, false
	}
	return g.Word(binding, n)
}

// Verdict is how much is proven.
type Verdict string

const (
	// Proven: no dispatch has a race, if it is flat in the dimensions that Proof.Flat names.
	Proven Verdict = "proven"
	// Conditional: likewise as long as no index or comparison of the dispatch wraps around, that is, passes 2^32.
	Conditional Verdict = "conditional"
	// Unproven: some pairs of accesses may meet.
	Unproven Verdict = "unproven"
)

// Pair is two places in the text of which it is not shown that no two invocations meet there.
type Pair struct {
	Object        string
	First, Second ir.Pos
	Kinds         [2]string
}

// Proof is what Prove shows of a kernel.
type Proof struct {
	Verdict Verdict
	// Flat are the dimensions in which the grid must have one workgroup: the kernel does not look at its id there.
	Flat [3]bool
	// Pairs are the places that stand in the way, at most maxPairs, if the verdict is Unproven.
	Pairs []Pair
	// TooLarge says that the proof was given up for its size: then Pairs is empty.
	TooLarge bool
}

// Grid describes the workgroups the proof is about, such as "X,Y,1".
func (p *Proof) Grid() string {
	names := []string{"X", "Y", "Z"}
	for n, flat := range p.Flat {
		if flat {
			names[n] = "1"
		}
	}
	return strings.Join(names, ",")
}

const maxPairs = 8

// Prove tries to show that dispatches of a kernel have no race: all of them, or with given those that it describes.
func Prove(k *ir.Kernel, given *Given) (proof *Proof) {
	if k.NumInsts == 0 {
		k.Renumber()
	}
	if given != nil && slices.Contains(given.Workgroups[:], 0) {
		return &Proof{Verdict: Proven} // nothing runs
	}
	proof = attempt(k, given, false)
	if proof.Verdict == Unproven && given == nil && !proof.TooLarge {
		if p := attempt(k, nil, true); p.Verdict == Proven {
			p.Verdict = Conditional
			return p
		}
	}
	return proof
}

func attempt(k *ir.Kernel, given *Given, assume bool) (proof *Proof) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case tooLong, tooLarge:
			proof = &Proof{Verdict: Unproven, TooLarge: true}
		default:
			panic(e)
		}
	}()
	p := &prover{walker: newWalker(k, given, assume), proof: &Proof{Verdict: Proven}, budget: proofBudget}
	p.walk()
	p.byInst = map[*ir.Inst]*site{}
	for _, s := range p.sites {
		p.byInst[s.inst] = s
	}
	p.all()
	slices.SortFunc(p.proof.Pairs, func(a, b Pair) int {
		return cmp.Or(comparePos(a.First, b.First), comparePos(a.Second, b.Second))
	})
	return p.proof
}

// proofBudget bounds the work on all pairs together.
const proofBudget = 3_000_000

type prover struct {
	*walker
	proof  *Proof
	byInst map[*ir.Inst]*site
	budget int
}

// all looks at every two accesses that conflict.
func (p *prover) all() {
	barriers := p.k.HasBarrier()
	for n, a := range p.sites {
		for _, b := range p.sites[n:] {
			if a.object != b.object || !p.conflicting(a, b) {
				continue
			}
			if a.inst.Var != nil && barriers {
				continue // within a workgroup only
			}
			if a.inst.Var != nil {
				p.pair(a, b, []int{3, 4, 5}, byGroup, nil)
			} else if barriers {
				p.pair(a, b, []int{0, 1, 2}, byDispatch, nil)
			} else {
				p.pair(a, b, []int{0, 1, 2, 3, 4, 5}, byDispatch, nil)
			}
			if p.full() {
				return
			}
		}
	}
	if !barriers {
		return
	}
	stretches, ok := newFlow(p.k).stretches()
	if !ok {
		panic(tooLong{})
	}
	done := map[string]bool{}
	for _, places := range stretches {
		for n := range places {
			for m := n; m < len(places); m++ {
				x, y := &places[n], &places[m]
				a, b := p.byInst[x.inst], p.byInst[y.inst]
				if a == nil || b == nil || a.object != b.object || !p.conflicting(a, b) {
					continue // one is never reached
				}
				rs := relations(x, y)
				key := fmt.Sprint(x.inst.ID, " ", y.inst.ID)
				for _, r := range rs {
					key += fmt.Sprint(" ", r.loop.ID, ":", r.next)
				}
				if done[key] {
					continue
				}
				done[key] = true
				p.pair(a, b, []int{3, 4, 5}, byGroup, rs)
				if p.full() {
					return
				}
			}
		}
	}
}

func (p *prover) full() bool { return p.budget <= 0 || len(p.proof.Pairs) >= maxPairs }

// conflicting says whether two accesses depend on their order if they meet.
func (p *prover) conflicting(a, b *site) bool {
	if a.family == stores && b.family == stores {
		// Two atomicStores of one value commute.
		return !(a.value.level == byDispatch && len(a.value.loops) == 0 && a.value.p.equal(b.value.p))
	}
	return conflict(a.family, b.family)
}

// pair shows that a and b, done by two invocations, are never at the same word unless the ids named in goals are the
// same; if it cannot, it notes the pair. Atoms up to level shared are the same for both.
func (p *prover) pair(a, b *site, goals []int, upTo level, rs []relation) {
	if p.budget <= 0 {
		panic(tooLong{})
	}
	failed := p.apart(a, b, goals, upTo, rs)
	if failed == nil {
		return
	}
	flat := [3]bool{}
	for _, g := range failed {
		// An id that the kernel looks at on its way there is no dimension it may be asked to leave flat.
		if g >= 3 || p.dispatch != nil || p.mentions(a, p.ids[g]) || p.mentions(b, p.ids[g]) {
			p.unproven(a, b)
			return
		}
		flat[g] = true
	}
	for n := range flat {
		p.proof.Flat[n] = p.proof.Flat[n] || flat[n]
	}
}

// mentions says whether an id is part of a site's index or facts, or of what quotients and remainders in them are of.
func (p *prover) mentions(s *site, id poly) bool {
	seen := map[ref]bool{}
	var visit func(q poly) bool
	visit = func(q poly) bool {
		for _, t := range q {
			if contains(t.m, id[0].m) {
				return true
			}
			for _, r := range t.m.refs() {
				if !seen[r] {
					seen[r] = true
					if visit(p.atom(r).def) {
						return true
					}
				}
			}
		}
		return false
	}
	return visit(s.index) || slices.ContainsFunc(s.facts, visit)
}

func (p *prover) unproven(a, b *site) {
	p.proof.Verdict = Unproven
	x := Pair{objectName(p.k, a.inst), a.inst.Pos, b.inst.Pos, [2]string{kindOf(a.inst), kindOf(b.inst)}}
	if !slices.Contains(p.proof.Pairs, x) {
		p.proof.Pairs = append(p.proof.Pairs, x)
	}
}

// apart gives the goals that are not reached, nil if all are or the two never meet.
func (p *prover) apart(a, b *site, goals []int, upTo level, rs []relation) (failed []int) {
	defer func() {
		if e := recover(); e != nil {
			if _, ok := e.(tooLarge); !ok {
				panic(e)
			}
			failed = goals
		}
	}()
	same := map[*ir.Inst]bool{}
	for _, r := range rs {
		same[r.loop] = r.next == 0
	}
	shared := func(r ref) bool {
		x := p.atom(r)
		if x.level > upTo {
			return false
		}
		for _, l := range x.loops {
			if !same[l] {
				return false
			}
		}
		return true
	}
	second := func(q poly) poly {
		return q.rename(func(r ref) ref {
			if shared(r) {
				return r
			}
			return r | 1
		})
	}
	s := &solver{atoms: &p.atoms, shared: func(r ref) bool { return r&1 == 0 && shared(r) }, subst: map[ref]poly{}, budget: min(pairBudget, p.budget)}
	defer func() { p.budget -= min(pairBudget, p.budget) - max(0, s.budget) + 10 }()

	d := second(b.index).sub(a.index)
	if !p.assume {
		// The indices are equal modulo 2^32: they differ by a multiple of it.
		s.eqs = append(s.eqs, d.plus(-twoTo32, atomPoly(p.make(atomKey{text: "wrapped"}, atom{span: span{-unbounded, unbounded}, level: byInvocation}))))
	} else {
		s.eqs = append(s.eqs, d)
	}
	ids := make([]poly, 0, len(p.ids))
	for _, id := range p.ids {
		ids = append(ids, id)
	}
	factsA, defsA := p.closure(a.facts, append(ids, append(a.eqs, a.index)...)...)
	factsB, defsB := p.closure(b.facts, append(ids, append(b.eqs, b.index)...)...)
	s.facts = append(s.facts, factsA...)
	for _, f := range factsB {
		s.facts = append(s.facts, second(f))
	}
	s.eqs = append(s.eqs, a.eqs...)
	for _, e := range b.eqs {
		s.eqs = append(s.eqs, second(e))
	}
	// A quotient and remainder by the same divisor in both: the difference of their definitions is zero.
	for _, e := range defsA {
		if slices.ContainsFunc(defsB, e.equal) {
			s.eqs = append(s.eqs, second(e).sub(e))
		}
	}
	for _, r := range rs {
		if t, ok := p.keys[atomKey{inst: r.loop, role: 1}]; ok && r.next != 0 {
			s.eqs = append(s.eqs, atomPoly(t|1).sub(atomPoly(t)).addC(-r.next))
		}
	}
	for n, f := range s.facts {
		s.facts[n] = s.tight(f)
	}
	var open []int
	s.solve(func() bool {
		open = nil
		for _, g := range goals {
			id := p.ids[g]
			if id == nil {
				continue // one value only
			}
			r := id[0].m.at(0)
			if !s.value(r).equal(s.value(r | 1)) {
				open = append(open, g)
			}
		}
		return len(open) == 0
	})
	if s.no {
		return nil
	}
	return open
}
