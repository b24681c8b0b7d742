// Package irgen makes random kernels for differential tests of devices: valid, terminating, and free of races, so that
// every correct device computes the same bits from them.
//
// An invocation writes only its own words of the output buffer. Workgroup memory goes through phases: each invocation
// writes its own words, all wait, each reads anyone's, all wait. Every atomic word is updated by one kind of operation
// only, so that the order of updates cannot be told.
package irgen

import (
	"math/rand/v2"

	"github.com/gwrun/gwrun/kernels/ir"
)

// Options says what a kernel may contain.
type Options struct {
	// Transcendental allows exp, log, sin and their like.
	Transcendental bool
	// Size is about how many statements there are; 0 means 30.
	Size int
}

// Case is a kernel and a dispatch of it.
type Case struct {
	Kernel     *ir.Kernel
	Buffers    [][]uint32 // what each binding holds at the start
	Workgroups [3]uint32
	GasLimit   uint32 // enough
}

// The bindings of a generated kernel.
const (
	inBuffer      = iota // read
	uniformBuffer        // uniform
	outBuffer            // read_write, ownWords for each invocation
	atomicBuffer         // read_write, atomic
	ownAtomic            // read_write, atomic, one word for each invocation
	numBuffers
)

const (
	ownWords    = 4  // words of the output buffer, and of workgroup memory, that belong to an invocation
	atomicWords = 16 // word n of atomic memory is updated by atomicKinds[n % len] only
)

var atomicKinds = [][]ir.AtomicOp{{ir.AtomicAdd, ir.AtomicSub}, {ir.AtomicAnd}, {ir.AtomicOr}, {ir.AtomicXor},
	{ir.AtomicSMin}, {ir.AtomicSMax}, {ir.AtomicUMin}, {ir.AtomicUMax}}

// Special are words whose bits are hard in one way or another, as integers or as floats.
var Special = []uint32{0, 1, 2, 3, 7, 31, 32, 33, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 0x80000001,
	0x3f800000, 0xbf800000, 0x40000000, 0x3f000000, 0x40490fdb, 0x4f000000, 0xcf000000, 0x4f800000, 0x4effffff,
	0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7fc12345, 0x7f800001, 0xff812345, 0x7f7fffff, 0xff7fffff,
	0x00800000, 0x80800000, 0x007fffff, 0x807fffff, 0x00000005, 0x4b000000, 0x4b800000, 0x4b000001, 0x3f7fffff,
	0x3f800001, 0x3effffff, 0x3fc00000, 0x40200000, 0x5f000000, 0x1f800000, 0x33800000, 0x0c800000}

// Word gives a random word: special, small, an ordinary float, or anything.
func Word(r *rand.Rand) uint32 {
	switch r.IntN(4) {
	case 0:
		return Special[r.IntN(len(Special))]
	case 1:
		return uint32(r.IntN(64))
	case 2:
		return r.Uint32()&0x807fffff | uint32(100+r.IntN(56))<<23
	}
	return r.Uint32()
}

type gen struct {
	*ir.Builder
	r     *rand.Rand
	o     Options
	pool  [ir.F32 + 1][]value // values in scope, by type
	left  int                 // statements still to make
	invs  uint32
	words uint32 // of the input buffer
	own   *ir.Inst
	local *ir.Inst

	vars   []*ir.Var // private scalars
	arrays []*ir.Var // private arrays, power of two long
	shared *ir.Var   // ownWords words an invocation
	tally  *ir.Var   // atomic workgroup memory
	// phase says what may be done with workgroup memory now.
	phase   phase
	uniform bool // control flow is uniform here
	depth   int
	loops   []*loop
}

type loop struct {
	inst      *ir.Inst
	uniform   bool // divergent exits are not allowed
	continued bool
	phase     phase
}

type value struct {
	i       *ir.Inst
	uniform bool
}

type phase uint8

const (
	writing phase = iota // own words only
	reading              // anyone's words
)

// New makes the case of a seed.
func New(seed uint64, o Options) *Case {
	r := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	if o.Size == 0 {
		o.Size = 30
	}
	sizes := [][3]uint32{{1, 1, 1}, {4, 1, 1}, {8, 1, 1}, {3, 1, 1}, {4, 2, 1}, {2, 2, 2}, {16, 1, 1}, {5, 3, 1}, {8, 4, 1}, {4, 4, 2}}
	size := sizes[r.IntN(len(sizes))]
	c := &Case{Workgroups: [3]uint32{1 + uint32(r.IntN(3)), 1 + uint32(r.IntN(2)), 1 + uint32(r.IntN(2))}, GasLimit: 1 << 30}
	g := &gen{Builder: ir.NewBuilder("random", size[0], size[1], size[2]), r: r, o: o, left: o.Size,
		invs: size[0] * size[1] * size[2], words: 1 + uint32(r.IntN(80)), uniform: true}
	g.Bind("in", ir.Read, false)
	g.Bind("params", ir.Uniform, false)
	g.Bind("out", ir.ReadWrite, false)
	g.Bind("sums", ir.ReadWrite, true)
	g.Bind("marks", ir.ReadWrite, true)
	all := g.invs * c.Workgroups[0] * c.Workgroups[1] * c.Workgroups[2]
	for _, n := range []uint32{g.words, 8, all * ownWords, atomicWords, all} {
		b := make([]uint32, n)
		for i := range b {
			b[i] = Word(r)
		}
		c.Buffers = append(c.Buffers, b)
	}
	g.declare()
	g.start(size)
	if g.r.IntN(3) == 0 && g.shared == nil { // the usual first line: too many invocations
		limit := g.Int(uint32(g.r.IntN(int(all) + 1)))
		if g.r.IntN(2) == 0 {
			limit = g.Load(uniformBuffer, ir.I32, g.Int(0), nil)
		}
		g.If(g.Do(ir.OpULe, limit, g.own), func() { g.Return() }, nil)
	}
	for g.left > 0 {
		g.statement()
	}
	g.results()
	c.Kernel = g.Kernel()
	return c
}

func (g *gen) declare() {
	for n := range 1 + g.r.IntN(4) {
		g.vars = append(g.vars, g.Var("v", ir.Private, []ir.Type{ir.I32, ir.F32, ir.F32, ir.Bool}[(n+g.r.IntN(2))%4], 1))
	}
	for range g.r.IntN(3) {
		g.arrays = append(g.arrays, g.Var("a", ir.Private, []ir.Type{ir.I32, ir.F32}[g.r.IntN(2)], 2<<g.r.IntN(4)))
	}
	if g.r.IntN(2) == 0 {
		g.shared = g.Var("w", ir.Workgroup, []ir.Type{ir.I32, ir.F32}[g.r.IntN(2)], g.invs*ownWords)
	}
	if g.r.IntN(3) == 0 {
		g.tally = g.Var("t", ir.Workgroup, ir.I32, atomicWords)
	}
}

// start computes the number of the invocation in the dispatch, and puts the inputs in the pool.
func (g *gen) start(size [3]uint32) {
	for in := ir.Input(0); in < ir.NumInputs; in++ {
		g.put(g.Input(in), in >= ir.GroupX)
	}
	for range 6 {
		t := []ir.Type{ir.Bool, ir.I32, ir.F32, ir.F32}[g.r.IntN(4)]
		bits := Word(g.r)
		if t == ir.Bool {
			bits &= 1
		}
		g.put(g.Const(t, bits), true)
	}
	g.local = g.Input(ir.LocalIndex)
	group := g.Do(ir.OpIMul, g.Input(ir.GroupZ), g.Input(ir.NumGroupsY))
	group = g.Do(ir.OpIAdd, group, g.Input(ir.GroupY))
	group = g.Do(ir.OpIMul, group, g.Input(ir.NumGroupsX))
	group = g.Do(ir.OpIAdd, group, g.Input(ir.GroupX))
	g.own = g.Do(ir.OpIAdd, g.Do(ir.OpIMul, group, g.Int(g.invs)), g.local)
	// Conditions that differ between neighbours, by their place and by the data.
	g.put(g.Do(ir.OpINe, g.Do(ir.OpAnd, g.local, g.Int(1+uint32(g.r.IntN(7)))), g.Int(0)), false)
	x := g.Load(inBuffer, ir.I32, g.Do(ir.OpURem, g.own, g.Words(inBuffer)), nil)
	g.put(x, false)
	g.put(g.Do(ir.OpSLt, x, g.Int(uint32(g.r.IntN(16)))), false)
}

func (g *gen) put(i *ir.Inst, uniform bool) {
	g.pool[i.Type] = append(g.pool[i.Type], value{i, uniform})
}

// pick chooses a value of a type, a recent one more likely than an old one.
func (g *gen) pick(t ir.Type) value {
	p := g.pool[t]
	if len(p) == 0 || g.r.IntN(12) == 0 {
		bits := Word(g.r)
		if t == ir.Bool {
			bits &= 1
		}
		v := value{g.Const(t, bits), true}
		g.pool[t] = append(g.pool[t], v)
		return v
	}
	if len(p) > 6 && g.r.IntN(3) > 0 {
		p = p[len(p)-6:]
	}
	return p[g.r.IntN(len(p))]
}

// pickUniform chooses a value that is the same for the whole workgroup.
func (g *gen) pickUniform(t ir.Type) value {
	for range 8 {
		if v := g.pick(t); v.uniform {
			return v
		}
	}
	if t == ir.Bool {
		a, b := g.pickUniform(ir.I32), g.Int(uint32(g.r.IntN(3)))
		v := value{g.Do(ir.OpIEq, a.i, b), true}
		g.pool[t] = append(g.pool[t], v)
		return v
	}
	v := value{g.Const(t, Word(g.r)), true}
	g.pool[t] = append(g.pool[t], v)
	return v
}

// scoped runs f and forgets the values it made.
func (g *gen) scoped(f func()) {
	old := g.pool
	for t := range g.pool {
		g.pool[t] = g.pool[t][:len(g.pool[t]):len(g.pool[t])]
	}
	g.depth++
	f()
	g.depth--
	g.pool = old
}

func (g *gen) statement() {
	g.left--
	switch n := g.r.IntN(52); {
	case n >= 42:
		g.chain()
	case n < 17:
		g.operator()
	case n < 21:
		g.load()
	case n < 24:
		g.storeOwn()
	case n < 28:
		g.variable()
	case n < 30:
		g.array()
	case n < 32:
		g.atomics()
	case n < 34:
		g.workgroup()
	case n < 36 && g.depth < 4:
		g.block()
	case n < 38 && g.depth < 4:
		g.branch()
	case n < 39 && g.depth < 3:
		g.repeat()
	case n < 40 && g.depth < 3:
		g.stride()
	default:
		if g.uniform && g.shared != nil {
			g.swap()
		}
	}
}

var pure = func() []ir.Op {
	var ops []ir.Op
	for op := ir.OpIAdd; op <= ir.OpSelect; op++ {
		if ir.IsPure(op) {
			ops = append(ops, op)
		}
	}
	return ops
}()

func (g *gen) operator() {
	op := pure[g.r.IntN(len(pure))]
	if g.r.IntN(3) == 0 { // what real kernels consist of
		op = []ir.Op{ir.OpFAdd, ir.OpFMul, ir.OpFSub, ir.OpIAdd, ir.OpIMul, ir.OpFFma, ir.OpFDiv}[g.r.IntN(7)]
	}
	if op >= ir.OpFExp && op <= ir.OpFInvSqrt && !g.o.Transcendental {
		op = ir.OpFSub
	}
	types := ir.OperandTypes(op)
	any3 := []ir.Type{ir.Bool, ir.I32, ir.F32}[g.r.IntN(3)]
	switch op {
	case ir.OpIEq, ir.OpINe:
		types = []ir.Type{any3 % ir.F32, any3 % ir.F32}
		if any3 == ir.F32 {
			types = []ir.Type{ir.I32, ir.I32}
		}
	case ir.OpBitcast:
		types = []ir.Type{[]ir.Type{ir.I32, ir.F32}[g.r.IntN(2)]}
	case ir.OpSelect:
		types = []ir.Type{ir.Bool, any3, any3}
	}
	uniform := true
	args := make([]*ir.Inst, len(types))
	for n, t := range types {
		v := g.pick(t)
		args[n], uniform = v.i, uniform && v.uniform
	}
	g.put(g.Do(op, args...), uniform)
}

func (g *gen) storable() ir.Type { return []ir.Type{ir.I32, ir.F32}[g.r.IntN(2)] }

// load reads the input or the uniforms anywhere, also past the end, where ok is false.
func (g *gen) load() {
	b, words := inBuffer, g.Words(inBuffer)
	if g.r.IntN(3) == 0 {
		b, words = uniformBuffer, g.Words(uniformBuffer)
	}
	idx := g.pick(ir.I32)
	if g.r.IntN(2) == 0 {
		idx.i = g.Do(ir.OpURem, idx.i, g.Int(g.words+2))
	}
	ok := g.Do(ir.OpULt, idx.i, words)
	if g.r.IntN(2) == 0 { // in bounds for certain
		idx.i, ok = g.Do(ir.OpURem, idx.i, words), nil
	} else if g.r.IntN(3) == 0 {
		// Neighbouring invocations, neighbouring words.
		idx.i = g.Do(ir.OpIAdd, idx.i, g.local)
		idx.uniform = false
		ok = g.Do(ir.OpULt, idx.i, words)
	}
	g.put(g.Load(b, g.storable(), idx.i, ok), idx.uniform)
}

// ownIndex gives the index of one of the invocation's own words, given which is the invocation.
func (g *gen) ownIndex(who *ir.Inst) *ir.Inst {
	n := g.Int(uint32(g.r.IntN(ownWords)))
	if g.r.IntN(2) == 0 {
		n = g.Do(ir.OpAnd, g.pick(ir.I32).i, g.Int(ownWords-1))
	}
	return g.Do(ir.OpIAdd, g.Do(ir.OpIMul, who, g.Int(ownWords)), n)
}

func (g *gen) maybeOK() *ir.Inst {
	switch g.r.IntN(4) {
	case 0:
		return g.pick(ir.Bool).i
	case 1:
		return g.Const(ir.Bool, uint32(g.r.IntN(2)))
	}
	return nil
}

func (g *gen) storeOwn() {
	idx := g.ownIndex(g.own)
	if g.r.IntN(3) == 0 {
		g.put(g.Load(outBuffer, g.storable(), idx, g.maybeOK()), false)
		return
	}
	g.Store(outBuffer, idx, g.pick(g.storable()).i, g.maybeOK())
}

func (g *gen) variable() {
	v := g.vars[g.r.IntN(len(g.vars))]
	switch g.r.IntN(5) {
	case 0, 1:
		g.put(g.Get(v, nil, nil), false)
	case 2, 3:
		x := g.pick(v.Type)
		if g.r.IntN(2) == 0 {
			x = g.pickUniform(v.Type)
		}
		g.Set(v, nil, x.i, g.maybeOK())
	default:
		if g.r.IntN(4) == 0 {
			g.Zero(v)
		}
	}
}

func (g *gen) array() {
	if len(g.arrays) == 0 {
		return
	}
	v := g.arrays[g.r.IntN(len(g.arrays))]
	idx := g.pick(ir.I32).i
	var ok *ir.Inst
	switch g.r.IntN(3) {
	case 0:
		ok = g.Do(ir.OpULt, idx, g.Int(v.Len))
	case 1:
		idx = g.Int(uint32(g.r.IntN(int(v.Len))))
	default:
		idx = g.Do(ir.OpAnd, idx, g.Int(v.Len-1))
	}
	switch g.r.IntN(8) {
	case 0, 1, 2:
		g.put(g.Get(v, idx, ok), false)
	case 3:
		g.Zero(v)
	default:
		g.Set(v, idx, g.pick(v.Type).i, ok)
	}
}

func (g *gen) atomics() {
	word := uint32(g.r.IntN(atomicWords))
	kinds := atomicKinds[word%uint32(len(atomicKinds))]
	kind := kinds[g.r.IntN(len(kinds))]
	idx := g.Int(word)
	if g.r.IntN(2) == 0 { // which word depends on the invocation, but not its kind
		n := g.Do(ir.OpAnd, g.pick(ir.I32).i, g.Int(1))
		idx = g.Do(ir.OpIAdd, g.Do(ir.OpIMul, n, g.Int(8)), g.Int(word%8))
	}
	v := g.pick(ir.I32).i
	switch {
	case g.tally != nil && g.phase == writing && g.r.IntN(2) == 0:
		g.Atomic(kind, -1, g.tally, idx, v, g.maybeOK())
	case g.r.IntN(3) == 0:
		if g.r.IntN(2) == 0 {
			g.put(g.Atomic(ir.AtomicLoad, ownAtomic, nil, g.own, nil, g.maybeOK()), false)
		} else {
			op := ir.AtomicOp(g.r.IntN(int(ir.AtomicLoad)))
			g.Atomic(op, ownAtomic, nil, g.own, v, g.maybeOK())
		}
	default:
		g.Atomic(kind, atomicBuffer, nil, idx, v, g.maybeOK())
	}
}

func (g *gen) workgroup() {
	if g.shared == nil {
		return
	}
	if g.phase == writing {
		idx := g.ownIndex(g.local)
		if g.r.IntN(3) == 0 {
			g.put(g.Get(g.shared, idx, g.maybeOK()), false)
		} else {
			g.Set(g.shared, idx, g.pick(g.shared.Type).i, g.maybeOK())
		}
		return
	}
	idx := g.pick(ir.I32)
	idx.i = g.Do(ir.OpURem, idx.i, g.Int(g.shared.Len))
	g.put(g.Get(g.shared, idx.i, g.maybeOK()), false)
	if g.tally != nil && g.r.IntN(2) == 0 {
		at := g.Do(ir.OpAnd, idx.i, g.Int(atomicWords-1))
		g.put(g.Atomic(ir.AtomicLoad, -1, g.tally, at, nil, nil), false)
	}
}

// swap waits, and goes to the other phase.
func (g *gen) swap() {
	g.Barrier()
	g.phase ^= reading
}

// cond chooses a condition, uniform or not; barriers are allowed below only in the first case.
func (g *gen) cond() value {
	if g.uniform && g.r.IntN(2) == 0 {
		return g.pickUniform(ir.Bool)
	}
	return g.differs()
}

// differs chooses a condition, one that may differ between invocations if there is one among the first tried.
func (g *gen) differs() value {
	p := g.pool[ir.Bool]
	for range 4 {
		if v := p[g.r.IntN(len(p))]; !v.uniform {
			return v
		}
	}
	return g.pick(ir.Bool)
}

// below makes statements in a nested region. The phase is the same at its end as at its start.
func (g *gen) below(uniform bool, most int) {
	oldU, oldP := g.uniform, g.phase
	g.uniform = g.uniform && uniform
	for n := 1 + g.r.IntN(most); n > 0 && g.left > 0; n-- {
		g.statement()
	}
	if g.phase != oldP {
		g.swap()
	}
	g.uniform = oldU
}

// leave makes, sometimes, an end of the region: only where control does not come back to a barrier without all.
func (g *gen) leave() {
	if g.r.IntN(3) > 0 {
		return
	}
	if g.shared == nil && g.r.IntN(4) == 0 { // nobody waits for it
		g.Return()
		return
	}
	if len(g.loops) == 0 {
		return
	}
	l := g.loops[len(g.loops)-1]
	if l.uniform && !g.uniform || l.phase != g.phase {
		return
	}
	if g.r.IntN(2) == 0 {
		g.Exit(l.inst)
	} else {
		l.continued = true
		g.Continue(l.inst)
	}
}

// some chooses a variable, or makes one that few others will touch.
func (g *gen) some() *ir.Var {
	if g.r.IntN(2) == 0 {
		return g.vars[g.r.IntN(len(g.vars))]
	}
	return g.Var("few", ir.Private, []ir.Type{ir.I32, ir.F32, ir.Bool}[g.r.IntN(3)], 1)
}

func (g *gen) branch() {
	c := g.cond()
	var els func()
	if g.r.IntN(2) == 0 {
		els = func() { g.scoped(func() { g.below(c.uniform, 5) }) }
	}
	v := g.some() // what the branch may do to it is seen after
	defer func() { g.put(g.Get(v, nil, nil), false) }()
	g.If(c.i, func() {
		g.scoped(func() {
			switch g.r.IntN(4) {
			case 0:
				g.Set(v, nil, g.pickUniform(v.Type).i, nil)
			case 1:
				g.Zero(v)
			}
			g.below(c.uniform, 6)
			old := g.uniform
			g.uniform = g.uniform && c.uniform
			g.leave()
			g.uniform = old
		})
	}, els)
}

// block runs statements that some invocations leave early; after it all are together again.
func (g *gen) block() {
	oldLoops := g.loops
	g.loops = nil
	v := g.some()
	defer func() { g.put(g.Get(v, nil, nil), false) }()
	g.Block(func(b *ir.Inst) {
		g.scoped(func() {
			g.below(true, 4)
			if g.uniform && g.shared != nil && g.r.IntN(2) == 0 {
				g.swap()
				g.swap()
			}
			g.Set(v, nil, g.pickUniform(v.Type).i, nil)
			c := g.differs()
			g.If(c.i, func() { g.Exit(b) }, nil)
			old := g.uniform
			g.uniform = g.uniform && c.uniform
			g.Set(v, nil, g.pickUniform(v.Type).i, nil)
			g.below(c.uniform, 4)
			g.uniform = old
		})
	})
	g.loops = oldLoops
}

// repeat makes a loop of a few turns.
func (g *gen) repeat() {
	uniform := g.uniform && g.r.IntN(2) == 0
	trips := value{g.Int(uint32(1 + g.r.IntN(5))), true}
	if g.r.IntN(2) == 0 {
		v := g.pick(ir.I32)
		if uniform {
			v = g.pickUniform(ir.I32)
		}
		trips = value{g.Do(ir.OpAnd, v.i, g.Int(7)), v.uniform}
	}
	count := g.Var("i", ir.Private, ir.I32, 1)
	g.Zero(count)
	v := g.some()
	defer func() { g.put(g.Get(v, nil, nil), false) }()
	test := g.r.IntN(2) == 0 // at the start, as for and while loops have it; else by BreakIf
	l := &loop{uniform: uniform, phase: g.phase}
	g.scoped(func() {
		var now *ir.Inst
		g.Loop(func(inst *ir.Inst) {
			l.inst = inst
			g.loops = append(g.loops, l)
			now = g.Get(count, nil, nil)
			g.put(now, uniform)
			if g.r.IntN(2) == 0 && v.Type == ir.I32 {
				g.Set(v, nil, now, nil)
			}
			if test {
				c := g.Do(ir.OpULt, now, trips.i)
				g.If(c, func() {}, func() { g.Exit(inst) })
			}
			g.below(uniform, 7)
			g.loops = g.loops[:len(g.loops)-1]
		}, func() *ir.Inst {
			if l.continued { // what the body made may not be there
				now = g.Get(count, nil, nil)
			}
			next := g.Do(ir.OpIAdd, now, g.Int(1))
			g.Set(count, nil, next, nil)
			if test && g.r.IntN(2) == 0 {
				return nil
			}
			return g.Do(ir.OpULe, trips.i, next)
		})
	})
}

// stride makes a loop in which the invocations of a workgroup share the words of the input.
func (g *gen) stride() {
	i := g.Var("s", ir.Private, ir.I32, 1)
	g.Set(i, nil, g.local, nil)
	end := g.Do(ir.OpUMin, g.Words(inBuffer), g.Int(1+uint32(g.r.IntN(3*int(g.invs)))))
	l := &loop{phase: g.phase}
	g.scoped(func() {
		g.Loop(func(inst *ir.Inst) {
			l.inst = inst
			g.loops = append(g.loops, l)
			now := g.Get(i, nil, nil)
			g.If(g.Do(ir.OpULt, now, end), nil, func() { g.Exit(inst) })
			g.put(now, false)
			g.put(g.Load(inBuffer, g.storable(), now, g.Do(ir.OpULt, now, g.Words(inBuffer))), false)
			g.below(false, 5)
			g.loops = g.loops[:len(g.loops)-1]
		}, func() *ir.Inst {
			g.Set(i, nil, g.Do(ir.OpIAdd, g.Get(i, nil, nil), g.Int(g.invs)), nil)
			return nil
		})
	})
}

// results stores what is at hand, so that it is seen.
func (g *gen) results() {
	if g.r.IntN(4) == 0 {
		g.If(g.pick(ir.Bool).i, func() { g.Return() }, nil)
	}
	for n := range uint32(ownWords) {
		idx := g.Do(ir.OpIAdd, g.Do(ir.OpIMul, g.own, g.Int(ownWords)), g.Int(n))
		v := g.pick(g.storable()).i
		if n < uint32(len(g.vars)) && g.vars[n].Type != ir.Bool {
			v = g.Get(g.vars[n], nil, nil)
		}
		if g.r.IntN(2) == 0 {
			g.Store(outBuffer, idx, v, nil)
		}
	}
}
