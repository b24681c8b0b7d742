package cpu

import (
	"fmt"

	"github.com/gwrun/gwrun/kernels/cpu/inplace"
	"github.com/gwrun/gwrun/kernels/ir"
)

// gasSlice is how much gas an invocation may use between two looks at the abort flag.
const gasSlice = 1 << 20

// The parameters of the exported function: addresses of the dispatch's parameters and of the worker's scratch area,
// the first workgroup, and how many to run in index order.
const (
	argParams = iota
	argScratch
	argGroupX
	argGroupY
	argGroupZ
	argCount
	numArgs
)

// program is a translated kernel.
type program struct {
	wasm    []byte
	scratch uint32                   // bytes of scratch memory a worker needs
	libm    bool                     // imports functions of libm
	large   bool                     // not for the compiler
	scalar  func() (*program, error) // the same without vector code; nil if this is it
}

// gen emits the code of one kernel.
type gen struct {
	*fn
	p   *plan
	k   *ir.Kernel
	lay *layout

	scratch uint32
	bases   []uint32 // locals with each binding's address
	words   []uint32 // and length
	inputs  [ir.NumInputs]uint32
	used    [ir.NumInputs]bool

	limit, left, reserve, total uint32 // gas, i64
	index                       uint32 // the invocation's index in its workgroup
	loops                       bool   // the segment has loops, so left holds a slice and reserve the rest
	active                      uint32 // invocations of the workgroup that have not left
	code                        uint32 // what the invocation leaves for (its state)
	turn                        uint32 // turns of loops with barriers since the last yield, 0 where there are none

	val     []uint32 // local of each value, where it has one
	holds   []bool
	held    []int32  // values that have had a local since dropAll
	regs    []uint32 // locals of private scalars, by variable ID
	arrays  []uint32 // locals with the address of private arrays, by variable ID
	targets map[*ir.Inst]target
	states  map[*ir.Inst]int32 // first of a control instruction's three state codes

	outOfGas, aborted label
	done              label // end of the invocation within the segment

	libm map[ir.Op]uint32 // function index; in a kernel with vector code the one after it does four lanes
	fma  uint32           // function index; the one after it does four lanes

	// Vector code.
	v          *classes
	vec        bool                 // emitting it now
	cold       bool                 // emitting what vector code falls back to
	vinputs    [ir.NumInputs]uint32 // see linearIDs
	q          int                  // the quad of the span that is emitted now
	vval       [][maxQuads]uint32
	vregs      [][maxQuads]uint32 // locals of private scalars that differ between invocations
	splats     map[int32]uint32   // vector locals of uniform values
	fast       map[*ir.Inst]spot  // accesses for which a loop has a pointer
	masks      []maskEntry
	budgets    int // gas budgets in use: one for all of the quad, or one each
	budget     [quad]uint32
	slice      uint32   // what left was when the budgets were last settled
	skipped    uint32   // gas charged to those who were not there
	wordsLess  []uint32 // locals with each binding's length less the span but one, at least 0
	bounds     map[*ir.Inst]bounds
	scalarCode label // where vector code gives up
	mayLeave   bool  // states are in use
	laneOf     map[*ir.Inst]uint32
	laneN      int
}

// target is where the jumps to a loop or block go. In vector code masks counts the masks that were there before its
// own, and waiting holds those who go on at the continuing region.
type target struct {
	exit, cont label
	masks      int
	waiting    uint32
}

// vectors says when to make vector code; all give the same results.
type vectors uint8

const (
	vectorsWorth vectors = iota // where it should be faster
	vectorsNever
	vectorsAlways // where possible
)

// wazero's compiler takes time that grows with the square of a function's basic blocks: about 0.6 s for 4,000 on the
// machine this was measured on. Vector code has more of them than scalar code; what is too large even as scalar code is
// interpreted.
const (
	maxVectorBlocks   = 2500
	maxCompilerBlocks = 8000
)

const maxLocals = 40000 // wazero has no stated limit; engines agree on 50000

// translate makes the module of a kernel that Verify accepts.
func translate(k *ir.Kernel, use vectors) (*program, error) {
	k, cost := reduce(k)
	return emit(k, cost, use)
}

func emit(k *ir.Kernel, cost costs, use vectors) (*program, error) {
	p := newPlan(k, cost)
	v := &classes{vector: make([]bool, len(p.segs)), quads: 1, span: quad}
	if use != vectorsNever {
		v = chooseClasses(p, use == vectorsAlways)
	}
	lanes := uint32(1)
	if v.any() {
		lanes = v.span
	}
	lay, err := newLayout(p, lanes)
	if err != nil {
		return nil, err
	}
	g := &gen{fn: &fn{params: numArgs}, p: p, k: k, lay: lay, val: make([]uint32, len(p.insts)),
		holds: make([]bool, len(p.insts)), regs: make([]uint32, len(k.Vars)), arrays: make([]uint32, len(k.Vars)),
		targets: map[*ir.Inst]target{}, states: map[*ir.Inst]int32{}, libm: map[ir.Op]uint32{}, v: v,
		bounds: map[*ir.Inst]bounds{}, vregs: make([][maxQuads]uint32, len(k.Vars)),
		vval: make([][maxQuads]uint32, len(p.insts)), splats: map[int32]uint32{}, fast: map[*ir.Inst]spot{}}
	for _, s := range p.segs {
		g.mayLeave = g.mayLeave || s.escapes
	}
	m := &module{}
	fma := false
	for _, i := range p.insts {
		switch {
		case i.Op == ir.OpFFma:
			fma = true
		case i.Op == ir.OpInput:
			g.used[i.Input] = true
		case i.Op >= ir.OpFExp && i.Op <= ir.OpFInvSqrt:
			if _, ok := g.libm[i.Op]; !ok {
				name, ok := libmNames[i.Op]
				if !ok {
					return nil, fmt.Errorf("cpu: kernel %s uses %s, which libm lacks", k.Name, i.Op)
				}
				g.libm[i.Op] = uint32(len(m.imports))
				m.imports = append(m.imports, imported{name, false})
				if v.any() {
					m.imports = append(m.imports, imported{name + "4", true})
				}
			}
		}
	}
	g.fma = uint32(len(m.imports)) + 1
	g.run()
	if g.blocks > maxVectorBlocks && v.any() && use == vectorsWorth {
		return emit(k, cost, vectorsNever)
	}
	if len(g.locals) > maxLocals {
		return nil, fmt.Errorf("cpu: kernel %s needs %d locals, at most %d", k.Name, len(g.locals), maxLocals)
	}
	m.types, m.bodies = [][]byte{typeRun}, [][]byte{g.body()}
	if fma {
		m.types, m.bodies = append(m.types, typeFma, typeFma4), append(m.bodies, fmaBody(), fma4Body())
	}
	wasm, err := inplace.Rewrite(m.encode())
	if err != nil {
		return nil, fmt.Errorf("cpu: %w", err)
	}
	prog := &program{wasm: wasm, scratch: lay.size, libm: len(m.imports) > 0, large: g.blocks > maxCompilerBlocks}
	if v.any() {
		prog.scalar = func() (*program, error) { return emit(k, cost, vectorsNever) }
	}
	return prog, nil
}

// run emits the exported function: the loop over workgroups.
func (g *gen) run() {
	g.scratch = argScratch
	for n := range g.k.Bindings {
		base, words := g.local(tI32), g.local(tI32)
		for w, l := range []uint32{base, words} {
			g.get(argParams)
			g.mem(wI32Load, 2, paramBounds+8*uint32(n)+4*uint32(w))
			g.set(l)
		}
		g.bases, g.words = append(g.bases, base), append(g.words, words)
		if g.v.any() {
			g.lessSpan(words)
			g.wordsLess = append(g.wordsLess, g.keep(tI32))
		}
	}
	for a := range uint32(3) {
		l := g.local(tI32)
		g.inputs[ir.NumGroupsX+ir.Input(a)] = l
		g.get(argParams)
		g.mem(wI32Load, 2, paramGroups+4*a)
		g.set(l)
		g.inputs[ir.GroupX+ir.Input(a)] = argGroupX + a
	}
	g.limit, g.left, g.reserve, g.total = g.local(tI64), g.local(tI64), g.local(tI64), g.local(tI64)
	g.get(argParams)
	g.mem(wI64Load, 3, paramGas)
	g.set(g.limit)
	g.slice = g.local(tI64)
	g.active, g.code = g.local(tI32), g.local(tI32)
	for i := ir.LocalX; i <= ir.GlobalZ; i++ {
		g.inputs[i] = g.local(tI32)
	}
	g.index = g.inputs[ir.LocalIndex]
	for _, v := range g.k.Vars {
		if isRegister(v) {
			g.regs[v.ID] = g.local(wasmType(v.Type))
			if g.v.any() && g.v.vars[v.ID] == varying {
				g.vregs[v.ID] = g.vlocals()
			}
		} else if v.Space == ir.Private {
			g.arrays[v.ID] = g.local(tI32)
		}
	}

	g.aborted = g.block()
	g.outOfGas = g.block()
	groups := g.loop()
	g.checkAbort()
	g.fill(0, g.lay.groupZero)
	if g.p.split {
		g.i32(uint32(g.k.Invocations()))
		g.set(g.active)
		g.startGas()
	}
	end := g.block()
	g.nodes(g.p.tree, end)
	g.end()
	// The next workgroup, x fastest.
	g.next(argGroupX, g.inputs[ir.NumGroupsX], func() {
		g.next(argGroupY, g.inputs[ir.NumGroupsY], func() {
			g.step(argGroupZ, 1)
			g.set(argGroupZ)
		})
	})
	g.step(argCount, ^uint32(0))
	g.tee(argCount)
	g.brIf(groups)
	g.end()
	g.get(g.total)
	g.op(wReturn)
	g.end()
	g.i64(resultOutOfGas)
	g.op(wReturn)
	g.end()
	g.i64(resultAborted)
}

// step leaves a local plus n on the stack.
func (g *gen) step(l, n uint32) {
	g.get(l)
	g.i32(n)
	g.op(wI32Add)
}

// next counts l up; at the limit it starts at zero again and carries.
func (g *gen) next(l, limit uint32, carry func()) {
	g.step(l, 1)
	g.tee(l)
	g.get(limit)
	g.op(wI32Eq)
	g.ifThen()
	g.i32(0)
	g.set(l)
	carry()
	g.end()
}

func (g *gen) checkAbort() {
	g.i32(abortAddr)
	g.mem(wI32Load, 2, 0)
	g.brIf(g.aborted)
}

// eachInvocation emits a loop over the invocations' indices.
func (g *gen) eachInvocation(body func()) {
	g.i32(0)
	g.set(g.index)
	top := g.loop()
	body()
	g.step(g.index, 1)
	g.tee(g.index)
	g.i32(uint32(g.k.Invocations()))
	g.op(wI32Ne)
	g.brIf(top)
	g.end()
}

// stateAddr leaves the address of the invocation's entry in a table of entries of size bytes, less its start.
func (g *gen) stateAddr(size uint32) {
	g.get(g.index)
	g.i32(size)
	g.op(wI32Mul)
	g.get(g.scratch)
	g.op(wI32Add)
}

// region emits instructions in order. Gas is charged ahead for everything that is certain to run.
func (g *gen) region(r ir.Region) {
	for len(r) > 0 {
		n, cost := g.stretch(r)
		g.charge(cost)
		for _, i := range r[:n] {
			g.inst(i)
		}
		r = r[n:]
	}
}

// stretch gives the number of instructions that run if the first one does, and their cost.
func (g *gen) stretch(r ir.Region) (n int, cost uint64) {
	for _, i := range r {
		n++
		if i.Op != ir.OpLoop { // charged at the start of every iteration
			cost += uint64(g.p.cost[i])
		}
		if g.p.escapes[i.ID] {
			break
		}
	}
	return n, cost
}

func (g *gen) charge(cost uint64) {
	if cost == 0 {
		return
	}
	g.get(g.left)
	g.i64(int64(cost))
	g.op(wI64Sub)
	g.set(g.left)
}

// chargeLoop charges at the start of an iteration and looks whether there is gas left.
func (g *gen) chargeLoop(cost uint64) {
	g.get(g.left)
	g.i64(int64(cost))
	g.op(wI64Sub)
	g.tee(g.left)
	g.i64(0)
	g.op(wI64LtS)
	g.ifThen()
	g.refill()
	g.end()
}

// yield gives Go the processor for a moment. Go cannot interrupt compiled code: a garbage collection, and with it every timer and
// connection of the process, would wait for the end of a workgroup, minutes at worst. Growing the memory by nothing leaves the compiled code.
func (g *gen) yield() {
	g.i32(0)
	g.op(wMemoryGrow, 0, wDrop)
}

// refill gives way to others, looks at the abort flag and takes the next slice of gas.
func (g *gen) refill() {
	g.yield()
	g.checkAbort()
	if g.vec {
		g.fold()
		g.cutSlice()
		return
	}
	// Take the next slice out of the reserve.
	g.get(g.reserve)
	g.i64(gasSlice)
	g.get(g.reserve)
	g.i64(gasSlice)
	g.op(wI64LtS, wSelect)
	n := g.local(tI64)
	g.tee(n)
	g.get(g.left)
	g.op(wI64Add)
	g.set(g.left)
	g.get(g.reserve)
	g.get(n)
	g.op(wI64Sub)
	g.set(g.reserve)
	g.release(n)
	g.get(g.left)
	g.i64(0)
	g.op(wI64LtS)
	g.get(g.reserve)
	g.op(wI64Eqz, wI32And)
	g.brIf(g.outOfGas)
}

// inst emits one instruction where it stands.
func (g *gen) inst(i *ir.Inst) {
	id := int32(i.ID)
	switch {
	case isInline(i) || g.p.sunk[id]:
		return
	case g.p.hoist[id] >= 0: // already computed
	case g.vec:
		g.vemit(i)
	default:
		g.emit(i)
	}
	for _, v := range g.p.die[id] {
		g.drop(v)
	}
}

func (g *gen) emit(i *ir.Inst) {
	switch i.Op {
	case ir.OpLoad:
		g.load(i)
		g.define(i)
	case ir.OpStore:
		g.store(i)
	case ir.OpZero:
		g.zeroVar(i.Var)
	case ir.OpAtomic:
		if i.Atomic == ir.AtomicLoad {
			g.load(i)
			g.define(i)
		} else {
			g.update(i)
		}
	case ir.OpIf:
		if g.jumpIf(i) {
			return
		}
		g.push(i.Args[0])
		g.ifThen()
		g.region(i.Then)
		if len(i.Else) > 0 {
			g.els()
			g.region(i.Else)
		}
		g.end()
	case ir.OpBlock:
		exit := g.block()
		g.targets[i] = target{exit: exit}
		g.region(i.Then)
		g.end()
	case ir.OpLoop:
		g.loopInst(i)
	case ir.OpExit, ir.OpContinue:
		if t, ok := g.targets[i.Target]; ok {
			if i.Op == ir.OpExit {
				g.br(t.exit)
			} else {
				g.br(t.cont)
			}
			return
		}
		c := stateExit
		if i.Op == ir.OpContinue {
			c = stateCont
		}
		g.leave(g.states[i.Target] + c)
	case ir.OpReturn:
		if g.p.split {
			g.leave(stateReturned)
		} else {
			g.br(g.done)
		}
	default:
		g.eval(i)
		g.define(i)
	}
}

// jumpIf emits an OpIf that does nothing but leave a loop or block as a conditional branch.
func (g *gen) jumpIf(i *ir.Inst) bool {
	r, els := i.Then, i.Else
	if len(r) == 0 {
		r, els = els, r
	}
	if len(r) != 1 || len(els) != 0 || r[0].Op != ir.OpExit && r[0].Op != ir.OpContinue {
		return false
	}
	t, ok := g.targets[r[0].Target]
	if !ok || g.p.cost[r[0]] > 0 || g.p.sync[r[0].Target.ID] || g.vec && g.v.diverges[r[0].Target.ID] {
		return false
	}
	g.push(i.Args[0])
	if len(i.Then) == 0 {
		g.op(wI32Eqz)
	}
	if r[0].Op == ir.OpExit {
		g.brIf(t.exit)
	} else {
		g.brIf(t.cont)
	}
	return true
}

func (g *gen) loopInst(i *ir.Inst) {
	for _, h := range g.p.ahead[int32(i.ID)] {
		if !g.p.sunk[h.ID] {
			g.emit(h)
		}
	}
	if c := g.p.counted[int32(i.ID)]; c != nil && !g.cold {
		g.countedLoop(c)
		return
	}
	exit := g.block()
	top := g.loop()
	cost := uint64(g.p.cost[i])
	n, first := g.stretch(i.Then)
	g.chargeLoop(cost + first)
	cont := g.block()
	g.targets[i] = target{exit: exit, cont: cont}
	for _, j := range i.Then[:n] {
		g.inst(j)
	}
	g.region(i.Then[n:])
	g.end()
	g.region(i.Else)
	if i.BreakIf != nil {
		g.push(i.BreakIf)
		g.op(wI32Eqz)
		g.brIf(top)
	} else {
		g.br(top)
	}
	g.end()
	g.end()
}

// define takes the value on the stack as i's.
func (g *gen) define(i *ir.Inst) {
	t := wasmType(i.Type)
	l := g.local(t)
	g.hold(i, l)
	g.set(l)
	if s := g.p.slot[i.ID]; s >= 0 {
		g.toSlot(s, l, t)
	}
}

// hold makes l the local of a value.
func (g *gen) hold(i *ir.Inst, l uint32) {
	g.val[i.ID], g.holds[i.ID] = l, true
	g.held = append(g.held, int32(i.ID))
}

// drop releases the local of a value.
func (g *gen) drop(id int32) {
	if i := g.p.insts[id]; g.vec {
		if b, ok := g.bounds[i]; ok {
			g.releaseBounds(b)
			delete(g.bounds, i)
		}
	}
	if l, ok := g.splats[id]; ok {
		g.release(l)
		delete(g.splats, id)
	}
	if g.holds[id] {
		g.holds[id] = false
		if g.vec && g.v.of[id] == varying {
			g.vrelease(g.vval[id])
		} else {
			g.release(g.val[id])
		}
	}
}

func (g *gen) toSlot(slot int32, l uint32, t byte) {
	g.stateAddr(4)
	g.get(l)
	if t == tF32 {
		g.mem(wF32Store, 2, g.lay.slot(slot))
	} else {
		g.mem(wI32Store, 2, g.lay.slot(slot))
	}
}

func (g *gen) fromSlot(slot int32, l uint32, t byte) {
	g.stateAddr(4)
	if t == tF32 {
		g.mem(wF32Load, 2, g.lay.slot(slot))
	} else {
		g.mem(wI32Load, 2, g.lay.slot(slot))
	}
	g.set(l)
}
