package race

import (
	"maps"
	"math"
	"slices"

	"github.com/gwrun/gwrun/kernels/ir"
)

// maxWords is an upper bound of a binding's length: kernels.CheckDispatch refuses longer ones.
const maxWords = 1 << 30

// site is an access to tracked memory, with what is known wherever it is done.
type site struct {
	inst   *ir.Inst
	object int
	family family
	index  poly
	value  symbol // of an atomicStore
	facts  []poly
	eqs    []poly
}

// state is what is known at a point of the kernel.
type state struct {
	env   map[*ir.Var]symbol // private variables of one word
	facts []poly             // never negative
	eqs   []poly             // zero
	dead  bool               // control does not come here
}

func (s *state) clone() state {
	t := *s
	t.env = maps.Clone(s.env)
	return t
}

// walker goes through a kernel as one invocation would, with atoms for what it cannot know.
type walker struct {
	atoms
	k        *ir.Kernel
	dispatch *Given
	assume   bool // that no arithmetic wraps around, where it would have to be shown
	st       state
	vals     []symbol
	ids      [6]poly // workgroup id, then local id
	sites    []*site
	dry      int // sites are not recorded: a loop is looked at to learn what it changes
	open     []*ir.Inst
	test     *counting // the loop whose test is looked at
	ctl      []symbol  // conditions that decided to come here
	targets  map[*ir.Inst]*target
	barriers map[*ir.Inst]bool // loops with a barrier inside
	steps    int
}

// target is a loop or block that is being walked through.
type target struct {
	depth       int // of ctl outside it
	exits       []state
	continues   []state
	exit, again symbol // who shares the way out, or on to the continuing region
}

// counting is a loop and the outcome of its test that goes on.
type counting struct {
	inst    *ir.Inst
	counter ref
	on      bool
}

// maxSteps bounds the work on one kernel: loops in loops are walked through several times.
const maxSteps = 400_000

// tooLong is what the walk panics with past it.
type tooLong struct{}

func newWalker(k *ir.Kernel, given *Given, assume bool) *walker {
	w := &walker{atoms: atoms{keys: map[atomKey]ref{}}, k: k, dispatch: given, assume: assume, vals: make([]symbol, k.NumInsts),
		targets: map[*ir.Inst]*target{}, barriers: map[*ir.Inst]bool{}, st: state{env: map[*ir.Var]symbol{}}}
	for n := range 3 {
		groups := span{1, maxGroups}
		if given != nil {
			groups = span{int64(given.Workgroups[n]), int64(given.Workgroups[n])}
		}
		var count poly
		if groups.lo == groups.hi {
			count = constant(groups.lo)
		} else {
			count = atomPoly(w.make(atomKey{text: "groups", role: n}, atom{span: groups}))
		}
		w.vals = append(w.vals, w.integer(count)) // after the instructions: NumGroups
		if groups.hi > 1 {
			r := w.make(atomKey{text: "group", role: n}, atom{})
			*w.atom(r) = atom{span: span{0, groups.hi - 1}, level: byGroup, known: []poly{count.sub(atomPoly(r)).addC(-1)}}
			w.ids[n] = atomPoly(r)
		}
		if size := int64(k.WorkgroupSize[n]); size > 1 {
			w.ids[3+n] = atomPoly(w.make(atomKey{text: "local", role: n}, atom{span: span{0, size - 1}, level: byInvocation}))
		}
	}
	return w
}

func (w *walker) input(in ir.Input) symbol {
	size := w.k.WorkgroupSize
	switch {
	case in <= ir.LocalZ:
		return w.integer(w.ids[3+in-ir.LocalX])
	case in == ir.LocalIndex:
		return w.integer(w.ids[3].plus(int64(size[0]), w.ids[4]).plus(int64(size[0])*int64(size[1]), w.ids[5]))
	case in <= ir.GlobalZ:
		n := in - ir.GlobalX
		return w.integer(w.ids[3+n].plus(int64(size[n]), w.ids[n]))
	case in <= ir.GroupZ:
		return w.integer(w.ids[in-ir.GroupX])
	}
	return w.vals[w.k.NumInsts+int(in-ir.NumGroupsX)]
}

// walk goes through the whole kernel and gives its sites.
func (w *walker) walk() []*site {
	w.markBarriers(w.k.Body, nil)
	w.region(w.k.Body)
	return w.sites
}

func (w *walker) markBarriers(r ir.Region, loops []*ir.Inst) {
	for _, i := range r {
		inner := loops
		switch i.Op {
		case ir.OpBarrier:
			for _, l := range loops {
				w.barriers[l] = true
			}
		case ir.OpLoop:
			inner = append(loops[:len(loops):len(loops)], i)
		}
		w.markBarriers(i.Then, inner)
		w.markBarriers(i.Else, inner)
	}
}

func (w *walker) region(r ir.Region) {
	for _, i := range r {
		if w.st.dead {
			return
		}
		if w.steps++; w.steps > maxSteps || len(w.list) > 1<<20 {
			panic(tooLong{})
		}
		w.inst(i)
	}
}

func (w *walker) inst(i *ir.Inst) {
	switch i.Op {
	case ir.OpIf:
		w.branch(i)
	case ir.OpBlock:
		t := &target{depth: len(w.ctl)}
		w.targets[i] = t
		w.region(i.Then)
		if !w.st.dead {
			t.exits = append(t.exits, w.st)
		}
		w.st = w.joinAll(i, 0, t.exits, t.exit)
	case ir.OpLoop:
		w.loop(i)
	case ir.OpExit:
		t := w.targets[i.Target]
		t.exits = append(t.exits, w.st)
		t.exit = w.decided(t.exit, t.depth)
		w.st = state{dead: true}
	case ir.OpContinue:
		t := w.targets[i.Target]
		t.continues = append(t.continues, w.st)
		t.again = w.decided(t.again, t.depth)
		w.st = state{dead: true}
	case ir.OpReturn:
		w.st = state{dead: true}
	case ir.OpLoad, ir.OpStore, ir.OpAtomic:
		w.access(i)
	case ir.OpZero, ir.OpBarrier:
	default:
		w.vals[i.ID] = w.value(i)
	}
}

// decided adds to s who shares the conditions decided since depth.
func (w *walker) decided(s symbol, depth int) symbol {
	for _, c := range w.ctl[depth:] {
		s.level, s.loops = max(s.level, c.level), union(s.loops, c.loops)
	}
	return s
}

func (w *walker) value(i *ir.Inst) symbol {
	x := make([]symbol, len(i.Args))
	for n, a := range i.Args {
		x[n] = w.vals[a.ID]
	}
	switch i.Op {
	case ir.OpConst:
		switch i.Type {
		case ir.I32:
			return w.integer(constant(int64(int32(i.Bits))))
		case ir.Bool:
			return w.boolean(&condition{op: ir.OpConst, bits: i.Bits})
		}
		return symbol{}
	case ir.OpInput:
		return w.input(i.Input)
	case ir.OpBufferWords:
		if w.dispatch != nil {
			return w.integer(constant(int64(w.dispatch.Words[i.Binding])))
		}
		return w.opaque(atomKey{text: "words", role: i.Binding}, span{int64(w.k.Bindings[i.Binding].MinBytes / 4), maxWords}, nil, nil)
	case ir.OpBNot:
		return w.boolean(negate(x[0].c))
	case ir.OpBAnd, ir.OpBOr:
		return w.boolean(combine(i.Op, x[0].c, x[1].c))
	case ir.OpIEq, ir.OpINe, ir.OpULt, ir.OpULe, ir.OpSLt, ir.OpSLe:
		return w.compare(i.Op, x[0], x[1])
	case ir.OpSelect:
		return w.join(atomKey{inst: i}, x[1], x[2], x[0], i.Type)
	case ir.OpBToI:
		return w.opaque(atomKey{inst: i}, span{0, 1}, nil, nil, x...)
	}
	switch i.Type {
	case ir.I32:
		if len(x) > 0 && i.Args[0].Type != ir.F32 {
			return w.pure(i, x)
		}
		return w.opaque(atomKey{inst: i}, word, nil, nil, x...)
	case ir.Bool:
		s := w.decided(symbol{}, len(w.ctl))
		for _, a := range x {
			s.level, s.loops = max(s.level, a.level), union(s.loops, a.loops)
		}
		return w.boolean(&condition{op: ir.OpInvalid, level: s.level, loops: s.loops})
	}
	var s symbol
	for _, a := range x {
		s.level, s.loops = max(s.level, a.level), union(s.loops, a.loops)
	}
	return s
}

// join is one of two values, chosen by something that how says who shares; how.c is the condition if there is just one.
func (w *walker) join(k atomKey, a, b symbol, how symbol, t ir.Type) symbol {
	if how.c != nil && how.c.op == ir.OpConst {
		return [2]symbol{b, a}[how.c.bits]
	}
	switch t {
	case ir.I32:
		if a.p.equal(b.p) {
			return a
		}
		sa, sb := w.spanOf(a.p), w.spanOf(b.p)
		s := span{min(sa.lo, sb.lo), max(sa.hi, sb.hi)}
		if !s.within(0, math.MaxUint32) {
			return w.opaque(k, word, nil, nil, a, b, how)
		}
		// It lies between the two, where it is known which is the larger.
		var known []poly
		if r := atomPoly(w.make(k, atom{})); w.proves(b.p.sub(a.p)) {
			known = []poly{b.p.sub(r), r.sub(a.p)}
		} else if w.proves(a.p.sub(b.p)) {
			known = []poly{a.p.sub(r), r.sub(b.p)}
		}
		return w.opaque(k, s, known, nil, a, b, how)
	case ir.Bool:
		if a.c == b.c {
			return a
		}
		if c := how.c; c != nil {
			switch { // short circuits first: they say more
			case a.c == c: // true where it is chosen
				return w.boolean(combine(ir.OpBOr, c, b.c))
			case b.c == c: // false where it is
				return w.boolean(combine(ir.OpBAnd, c, a.c))
			case a.c.op == ir.OpConst && a.c.bits == 1:
				return w.boolean(combine(ir.OpBOr, c, b.c))
			case b.c.op == ir.OpConst && b.c.bits == 1:
				return w.boolean(combine(ir.OpBOr, negate(c), a.c))
			}
			return w.boolean(combine(ir.OpBOr, combine(ir.OpBAnd, c, a.c), combine(ir.OpBAnd, negate(c), b.c)))
		}
	}
	var s symbol
	for _, x := range []symbol{a, b, how} {
		s.level, s.loops = max(s.level, x.level), union(s.loops, x.loops)
	}
	if t == ir.Bool {
		s.c = &condition{op: ir.OpInvalid, level: s.level, loops: s.loops}
	}
	return s
}

func (w *walker) branch(i *ir.Inst) {
	cond := w.vals[i.Args[0].ID]
	before := w.st
	w.ctl = append(w.ctl, cond)
	test := w.test
	side := func(outcome bool, r ir.Region) state {
		w.st = before.clone()
		if w.test = nil; test != nil && test.on == outcome {
			w.test = test
		}
		w.suppose(cond.c, outcome)
		w.test = nil
		w.region(r)
		return w.st
	}
	then := side(true, i.Then)
	els := side(false, i.Else)
	w.ctl = w.ctl[:len(w.ctl)-1]
	switch {
	case then.dead:
		w.st = els
	case els.dead:
		w.st = then
	default:
		w.st = w.joinStates(i, 0, then, els, cond)
	}
}

// joinStates is where two ways come together.
func (w *walker) joinStates(at *ir.Inst, role int, a, b state, how symbol) state {
	n := 0
	for n < len(a.facts) && n < len(b.facts) && &a.facts[n][0] == &b.facts[n][0] {
		n++
	}
	e := 0
	for e < len(a.eqs) && e < len(b.eqs) && a.eqs[e].equal(b.eqs[e]) {
		e++
	}
	w.steps += len(w.k.Vars) / 16
	r := state{env: map[*ir.Var]symbol{}, facts: a.facts[:n:n], eqs: a.eqs[:e:e]}
	for _, v := range w.k.Vars {
		if v.Space != ir.Private || v.Len != 1 {
			continue
		}
		x, y := w.get(&a, v), w.get(&b, v)
		r.env[v] = w.join(atomKey{inst: at, role: 16 + role, v: v}, x, y, how, v.Type)
	}
	return r
}

// joinAll is where several ways come together.
func (w *walker) joinAll(at *ir.Inst, role int, states []state, how symbol) state {
	if len(states) == 0 {
		return state{dead: true}
	}
	r := states[0]
	for n, s := range states[1:] {
		r = w.joinStates(at, role+n, r, s, symbol{level: how.level, loops: how.loops})
	}
	return r
}

// get is what a variable holds; at first it is zero.
func (w *walker) get(s *state, v *ir.Var) symbol {
	x, ok := s.env[v]
	if !ok && v.Type == ir.Bool {
		return w.boolean(&condition{op: ir.OpConst})
	}
	return x
}

// access reads or writes memory.
func (w *walker) access(i *ir.Inst) {
	index := w.vals[i.Args[0].ID]
	nOK := 1
	if i.Op == ir.OpStore || i.Op == ir.OpAtomic && i.Atomic != ir.AtomicLoad {
		nOK = 2
	}
	var ok symbol
	if len(i.Args) > nOK {
		ok = w.vals[i.Args[nOK].ID]
	}
	if v := i.Var; v != nil && v.Space == ir.Private && v.Len == 1 {
		switch {
		case i.Op == ir.OpLoad:
			w.vals[i.ID] = w.get(&w.st, v)
			if ok.c != nil { // out of bounds, perhaps
				w.vals[i.ID] = w.read(i, symbol{level: byInvocation}, ok)
			}
		case ok.c == nil:
			w.st.env[v] = w.vals[i.Args[1].ID]
		default:
			w.st.env[v] = w.join(atomKey{inst: i, v: v}, w.vals[i.Args[1].ID], w.get(&w.st, v), ok, v.Type)
		}
		return
	}
	if tracked(w.k, i) && w.dry == 0 {
		w.site(i, index.p, ok.c, nOK)
	}
	if i.Type != ir.Void {
		w.vals[i.ID] = w.read(i, index, ok)
	}
}

func (w *walker) site(i *ir.Inst, index poly, ok *condition, nOK int) {
	before := w.st
	if ok != nil {
		w.st = w.st.clone()
		w.suppose(ok, true)
	}
	if !w.st.dead {
		s := &site{inst: i, object: objectOf(w.k, i), family: familyOf(i), index: index, facts: w.st.facts, eqs: w.st.eqs}
		if nOK == 2 {
			s.value = w.vals[i.Args[1].ID]
		}
		w.sites = append(w.sites, s)
	}
	w.st = before
}

// read is the value of a load. A word that no race touches is the same for all that read it at once, so a load is shared
// as its index is: where that were wrong, the pair of accesses that makes it so would not be proven.
func (w *walker) read(i *ir.Inst, index, ok symbol) symbol {
	k := atomKey{inst: i}
	var own []*ir.Inst
	l := index
	if i.Var != nil || w.k.Bindings[i.Binding].Access == ir.ReadWrite {
		own = w.open // it may change from iteration to iteration
		if i.Var != nil && i.Var.Space == ir.Private {
			l.level = byInvocation
		} else if i.Var != nil {
			l.level = max(l.level, byGroup)
		}
	} else {
		if n, known := index.p.isConst(); known && ok.c == nil && w.dispatch != nil {
			if v, known := w.dispatch.word(i.Binding, uint32(uint64(n))); known && i.Type == ir.I32 {
				return w.integer(constant(int64(v)))
			}
		}
		if ok.c == nil {
			k = atomKey{text: "word " + index.p.key(), role: i.Binding}
		}
	}
	l.loops = union(l.loops, own)
	if i.Type != ir.I32 {
		l.level, l.loops = max(l.level, ok.level), union(l.loops, ok.loops)
		return symbol{level: l.level, loops: l.loops}
	}
	return w.opaque(k, word, nil, nil, l, ok)
}

// modified lists the private scalars that a loop stores to.
func modified(i *ir.Inst) []*ir.Var {
	var vs []*ir.Var
	var visit func(r ir.Region)
	visit = func(r ir.Region) {
		for _, x := range r {
			if x.Op == ir.OpStore && x.Var != nil && x.Var.Space == ir.Private && x.Var.Len == 1 && !slices.Contains(vs, x.Var) {
				vs = append(vs, x.Var)
			}
			visit(x.Then)
			visit(x.Else)
		}
	}
	visit(i.Then)
	visit(i.Else)
	return vs
}
