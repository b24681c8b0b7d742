package cpu

import "github.com/gwrun/gwrun/kernels/ir"

// maskEntry is a mask of the invocations of a quad that are at work. Its owner is the instruction that made it, nil for
// the mask of those that have not returned. Whoever leaves is taken out of every mask down to that of its target, so
// an inner mask is always part of an outer one.
type maskEntry struct {
	local uint32
	owner *ir.Inst
}

func (g *gen) pushMask(l uint32, owner *ir.Inst) { g.masks = append(g.masks, maskEntry{l, owner}) }
func (g *gen) popMask()                          { g.masks = g.masks[:len(g.masks)-1] }

// vregion emits a region. It is never run without anyone at work: addresses are then not checked.
func (g *gen) vregion(r ir.Region) {
	n, cost := g.stretch(r)
	g.vcharge(cost)
	for _, i := range r[:n] {
		g.inst(i)
	}
	if n == len(r) {
		return
	}
	// Some may have left. A branch to the end of the region would need a block opened at its start; the rest in an if
	// is the same.
	if m, ok := g.mask(); ok {
		g.get(m)
		g.simd(vAnyTrue)
		g.ifThen()
		defer g.end()
	}
	g.vregion(r[n:])
}

// vcharge charges all four, and notes what those who are not there are charged too much.
func (g *gen) vcharge(cost uint64) {
	if cost == 0 {
		return
	}
	g.charge(cost)
	g.skip(cost)
}

func (g *gen) skip(cost uint64) {
	if m, ok := g.mask(); ok {
		g.get(g.skipped)
		c := uint32(cost) // at most maxInsts times the dearest instruction
		g.words4(c, c, c, c)
		g.get(m)
		g.simd(vAndNot)
		g.simd(vI32Add)
		g.set(g.skipped)
	}
}

// fold settles the gas of the quad's invocations: each one's budget less what all were charged since the last time,
// plus what it skipped. It leaves the smallest budget in left; nothing is below zero or the kernel is out of gas.
func (g *gen) fold() {
	used := g.local(tI64)
	g.get(g.slice)
	g.get(g.left)
	g.op(wI64Sub)
	g.set(used)
	for n := range g.budgets {
		b := g.budget[n]
		g.get(b)
		g.get(used)
		g.op(wI64Sub)
		if g.budgets == quad {
			g.get(g.skipped)
			g.lane(vI32Extract, n)
			g.op(wI64ExtendU, wI64Add)
		}
		g.set(b)
	}
	g.release(used)
	g.smallest()
	g.get(g.left)
	g.i64(0)
	g.op(wI64LtS)
	g.brIf(g.outOfGas)
	if g.budgets == quad {
		g.words4(0, 0, 0, 0)
		g.set(g.skipped)
	}
}

// smallest leaves the least of the budgets in left.
func (g *gen) smallest() {
	g.get(g.budget[0])
	g.set(g.left)
	for n := 1; n < g.budgets; n++ {
		g.get(g.left)
		g.get(g.budget[n])
		g.get(g.left)
		g.get(g.budget[n])
		g.op(wI64LtS, wSelect)
		g.set(g.left)
	}
}

// cutSlice makes left at most a slice, where there are loops.
func (g *gen) cutSlice() {
	if g.loops {
		g.get(g.left)
		g.i64(gasSlice)
		g.get(g.left)
		g.i64(gasSlice)
		g.op(wI64LtS, wSelect)
		g.set(g.left)
	}
	g.get(g.left)
	g.set(g.slice)
}

// vchargeLoop charges at the start of an iteration, and settles when the slice is used up.
func (g *gen) vchargeLoop(cost uint64) {
	g.skip(cost)
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

// vemit is emit for vector code.
func (g *gen) vemit(i *ir.Inst) {
	switch i.Op {
	case ir.OpStore:
		g.vstore(i)
	case ir.OpZero:
		g.vzero(i.Var)
	case ir.OpIf:
		g.vif(i)
	case ir.OpBlock:
		g.vblock(i)
	case ir.OpLoop:
		g.vloop(i)
	case ir.OpExit, ir.OpContinue, ir.OpReturn:
		g.vjump(i)
	case ir.OpAtomic:
		if i.Atomic != ir.AtomicLoad {
			g.vupdate(i)
			return
		}
		fallthrough
	case ir.OpLoad:
		if g.v.of[i.ID] == uniform {
			g.load(i)
			g.sdefine(i)
		} else {
			g.vdefine(i, g.vload(i))
		}
	default:
		if g.v.isBound(i) && g.p.slot[i.ID] < 0 {
			g.bounds[i] = g.takeBounds(i)
			g.held = append(g.held, int32(i.ID))
			return
		}
		if g.v.of[i.ID] != varying {
			g.eval(i) // of a consecutive value, its first lane
			g.sdefine(i)
			return
		}
		ls := g.vlocals()
		g.eachQuad(func(q int) {
			g.veval(i)
			g.set(ls[q])
		})
		g.vdefine(i, ls)
	}
}

// vdefine takes what is in locals as i's.
func (g *gen) vdefine(i *ir.Inst, ls [maxQuads]uint32) {
	g.vhold(i, ls)
	g.vslot(i)
}

func (g *gen) vhold(i *ir.Inst, ls [maxQuads]uint32) {
	g.vval[i.ID], g.holds[i.ID] = ls, true
	g.held = append(g.held, int32(i.ID))
}

// sdefine takes the scalar on the stack as i's.
func (g *gen) sdefine(i *ir.Inst) {
	g.hold(i, g.keep(wasmType(i.Type)))
	if g.v.spread[i.ID] {
		l := g.local(tV128)
		g.vpush(i, nanLoose)
		g.set(l)
		g.splats[int32(i.ID)] = l
	}
	g.vslot(i)
}

func (g *gen) vslot(i *ir.Inst) {
	if s := g.p.slot[i.ID]; s >= 0 {
		g.eachQuad(func(q int) {
			g.stateAddr(4)
			g.vpush(i, nanLoose)
			g.storeSlot(s, i.Type)
		})
	}
}

// storeSlot stores a vector to the address on the stack; in memory a Bool is 0 or 1.
func (g *gen) storeSlot(slot int32, t ir.Type) {
	if t == ir.Bool {
		g.words4(1, 1, 1, 1)
		g.simd(vAnd)
	}
	g.simdMem(vStore, 2, g.lay.slot(slot)+16*uint32(g.q), -1)
}

// loadSlot leaves what is in a slot on the stack.
func (g *gen) loadSlot(slot int32, t ir.Type, k class) {
	g.stateAddr(4)
	switch {
	case k == varying:
		g.simdMem(vLoad, 2, g.lay.slot(slot)+16*uint32(g.q), -1)
		if t == ir.Bool {
			g.words4(0, 0, 0, 0)
			g.simd(vI32Ne)
		}
	case t == ir.F32:
		g.mem(wF32Load, 2, g.lay.slot(slot))
	default:
		g.mem(wI32Load, 2, g.lay.slot(slot))
	}
}

func (g *gen) vif(i *ir.Inst) {
	cond := i.Args[0]
	if g.v.of[cond.ID] == uniform {
		if len(g.masks) == 0 && g.jumpIf(i) {
			return
		}
		g.push(cond)
		g.ifThen()
		g.vregion(i.Then)
		if len(i.Else) > 0 {
			g.els()
			g.vregion(i.Else)
		}
		g.end()
		return
	}
	if g.v.guard(i) {
		g.vguard(i)
		return
	}
	m, masked := g.mask()
	g.vpush(cond, nanExact)
	c := g.keep(tV128)
	then, els := g.local(tV128), g.local(tV128)
	g.get(c)
	if masked {
		g.get(m)
		g.simd(vAnd)
	}
	g.set(then)
	if len(i.Else) > 0 {
		if masked {
			g.get(m)
			g.get(c)
			g.simd(vAndNot)
		} else {
			g.get(c)
			g.simd(vNot)
		}
		g.set(els)
	}
	g.release(c)
	for n, r := range []ir.Region{i.Then, i.Else} {
		if len(r) == 0 {
			continue
		}
		l := []uint32{then, els}[n]
		g.get(l)
		g.simd(vAnyTrue)
		g.ifThen()
		g.pushMask(l, i)
		g.vregion(r)
		g.popMask()
		g.end()
	}
	g.release(then, els)
}

// vguard goes on where the quad agrees, and gives up where it does not.
func (g *gen) vguard(i *ir.Inst) {
	cond := i.Args[0]
	any, all := g.local(tI32), g.local(tI32)
	some, every := g.local(tV128), g.local(tV128)
	g.eachQuad(func(q int) {
		g.vpush(cond, nanExact)
		if q == 0 {
			g.tee(some)
			g.set(every)
			return
		}
		c := g.keep(tV128)
		g.get(some)
		g.get(c)
		g.simd(vOr)
		g.set(some)
		g.get(every)
		g.get(c)
		g.simd(vAnd)
		g.set(every)
		g.release(c)
	})
	g.get(some)
	g.simd(vAnyTrue)
	g.set(any)
	g.get(every)
	g.simd(vI32AllTrue)
	g.set(all)
	g.release(some, every)
	g.get(any)
	g.get(all)
	g.op(wI32Ne)
	g.brIf(g.scalarCode)
	g.get(all)
	g.release(any, all)
	g.ifThen()
	g.vregion(i.Then)
	if len(i.Else) > 0 {
		g.els()
		g.vregion(i.Else)
	}
	g.end()
}

// ownMask starts a mask that begins as the present one.
func (g *gen) ownMask(owner *ir.Inst) uint32 {
	l := g.local(tV128)
	if m, ok := g.mask(); ok {
		g.get(m)
	} else {
		g.words4(^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0))
	}
	g.set(l)
	g.pushMask(l, owner)
	return l
}

func (g *gen) vblock(i *ir.Inst) {
	exit := g.block()
	g.targets[i] = target{exit: exit, masks: len(g.masks)}
	if g.v.diverges[i.ID] {
		l := g.ownMask(i)
		g.vregion(i.Then)
		g.popMask()
		g.release(l)
	} else {
		g.vregion(i.Then)
	}
	g.end()
}

func (g *gen) vloop(i *ir.Inst) {
	for _, h := range g.p.ahead[int32(i.ID)] {
		if !g.p.sunk[h.ID] {
			g.vemit(h)
		}
	}
	diverges := g.v.diverges[i.ID]
	if c := g.p.counted[int32(i.ID)]; c != nil && !diverges && g.v.vars[c.v.ID] == uniform && g.v.of[c.bound.ID] == uniform {
		g.countedLoop(c)
		return
	}
	t := target{masks: len(g.masks)}
	var own uint32
	if diverges {
		own = g.ownMask(i)
		t.waiting = g.local(tV128)
	}
	t.exit = g.block()
	top := g.loop()
	if diverges {
		g.words4(0, 0, 0, 0)
		g.set(t.waiting)
	}
	cost := uint64(g.p.cost[i])
	n, first := g.stretch(i.Then)
	g.vchargeLoop(cost + first)
	t.cont = g.block()
	g.targets[i] = t
	for _, j := range i.Then[:n] {
		g.inst(j)
	}
	if n < len(i.Then) {
		if len(g.masks) > 0 {
			g.get(g.masks[len(g.masks)-1].local)
			g.simd(vAnyTrue)
			g.op(wI32Eqz)
			g.brIf(t.cont)
		}
		g.vregion(i.Then[n:])
	}
	g.end()
	if diverges {
		g.get(own)
		g.get(t.waiting)
		g.simd(vOr)
		g.set(own)
	}
	if len(g.masks) > 0 {
		g.get(g.masks[len(g.masks)-1].local)
		g.simd(vAnyTrue)
		g.op(wI32Eqz)
		g.brIf(t.exit)
	}
	g.vregion(i.Else)
	switch {
	case i.BreakIf == nil && len(g.masks) == 0:
		g.br(top)
	case diverges:
		g.get(own)
		if i.BreakIf != nil {
			g.vpush(i.BreakIf, nanExact)
			g.simd(vAndNot)
			g.tee(own)
		}
		g.simd(vAnyTrue)
		g.brIf(top)
	default:
		if i.BreakIf != nil {
			g.push(i.BreakIf)
			g.brIf(t.exit)
		}
		if m, ok := g.mask(); ok {
			g.get(m)
			g.simd(vAnyTrue)
			g.brIf(top)
		} else {
			g.br(top)
		}
	}
	g.end()
	g.end()
	if diverges {
		g.popMask()
		g.release(own, t.waiting)
	}
}

// vjump emits an exit, a continue or a return.
func (g *gen) vjump(i *ir.Inst) {
	to := 0 // masks to take the invocations out of, from this one on
	if i.Op != ir.OpReturn {
		t, here := g.targets[i.Target]
		switch {
		case !here || g.p.sync[i.Target.ID]: // all of the quad: see classes.canVector
			g.emit(i)
			return
		case !g.v.diverges[i.Target.ID]: // all that are at work, and nobody waits
			g.emit(i)
			return
		}
		to = t.masks
		if i.Op == ir.OpContinue {
			m, _ := g.mask()
			g.get(t.waiting)
			g.get(m)
			g.simd(vOr)
			g.set(t.waiting)
		}
	} else if len(g.masks) == 0 {
		g.emit(i)
		return
	}
	m, _ := g.mask()
	for _, e := range g.masks[to:] { // m itself is the last
		g.get(e.local)
		g.get(m)
		g.simd(vAndNot)
		g.set(e.local)
	}
}

// vsegment emits the loop that runs a segment quad by quad.
func (g *gen) vsegment(s *segment) {
	fallback := g.p.split && g.mayLeave || g.v.guards[s.id]
	if g.p.split && s.escapes {
		g.i32(0)
		g.set(g.active)
	}
	g.startIDs()
	g.i32(0)
	g.set(g.index)
	top := g.loop()
	var after [3]uint32
	if g.v.linear {
		after = g.linearIDs()
	}
	g.globals()
	next := g.block()
	if fallback {
		g.scalarCode = g.block()
		if g.p.split {
			for q := range uint32(g.v.quads) {
				g.stateAddr(4)
				g.simdMem(vLoad, 2, g.lay.states+16*q, -1)
				g.simd(vAnyTrue)
				g.brIf(g.scalarCode)
			}
		}
	}
	g.vquad(s)
	g.br(next)
	if fallback {
		g.end()
		end := g.local(tI32)
		g.step(g.index, g.v.span)
		g.set(end)
		one := g.loop()
		g.globals()
		g.cold = true
		g.invocation(s)
		g.cold = false
		g.step(g.inputs[ir.LocalX], 1)
		g.set(g.inputs[ir.LocalX])
		g.step(g.index, 1)
		g.tee(g.index)
		g.get(end)
		g.op(wI32Ne)
		g.brIf(one)
		g.end()
		for _, l := range []uint32{g.index, g.inputs[ir.LocalX]} {
			g.step(l, -g.v.span)
			g.set(l)
		}
		g.release(end)
	}
	g.end()
	if g.v.linear {
		for a, l := range after {
			g.get(l)
			g.set(g.inputs[ir.LocalX+ir.Input(a)])
			g.release(l, g.vinputs[ir.LocalX+ir.Input(a)], g.vinputs[ir.GlobalX+ir.Input(a)])
		}
	} else {
		g.nextID(g.v.span)
	}
	g.step(g.index, g.v.span)
	g.tee(g.index)
	g.i32(uint32(g.k.Invocations()))
	g.op(wI32Ne)
	g.brIf(top)
	g.end()
	g.dropAll()
}

// linearIDs makes vectors of the ids of a quad that may lie across rows, and gives the ids of the invocation after it.
func (g *gen) linearIDs() (after [3]uint32) {
	var first [3]uint32
	for a := range ir.Input(3) {
		first[a], after[a] = g.local(tI32), g.local(tI32)
		g.vinputs[ir.LocalX+a], g.vinputs[ir.GlobalX+a] = g.local(tV128), g.local(tV128)
		g.get(g.inputs[ir.LocalX+a])
		g.set(first[a])
	}
	for n := range quad {
		for a := range ir.Input(3) {
			g.get(g.vinputs[ir.LocalX+a])
			g.get(g.inputs[ir.LocalX+a])
			g.lane(vI32Replace, n)
			g.set(g.vinputs[ir.LocalX+a])
		}
		g.nextID(1)
	}
	for a := range ir.Input(3) {
		g.get(g.inputs[ir.GroupX+a])
		g.i32(g.k.WorkgroupSize[a])
		g.op(wI32Mul)
		g.simd(vI32Splat)
		g.get(g.vinputs[ir.LocalX+a])
		g.simd(vI32Add)
		g.set(g.vinputs[ir.GlobalX+a])
		g.get(g.inputs[ir.LocalX+a])
		g.set(after[a])
		g.get(first[a])
		g.set(g.inputs[ir.LocalX+a])
		g.release(first[a])
	}
	return after
}

// vquad emits a segment for the quad that starts at index.
func (g *gen) vquad(s *segment) {
	g.vec = true
	defer func() { g.vec = false; g.masks = nil }()
	masked := g.v.alive[s.id]
	masked = masked || g.v.needsMasks(s)
	g.budgets = 1
	if masked {
		g.budgets = quad
	}
	var mine []uint32
	for n := range g.budgets {
		g.budget[n] = g.local(tI64)
		mine = append(mine, g.budget[n])
	}
	g.takeGas()
	g.smallest()
	g.cutSlice()
	if g.budgets == quad {
		g.skipped = g.local(tV128)
		mine = append(mine, g.skipped)
		g.words4(0, 0, 0, 0)
		g.set(g.skipped)
	}
	g.charge(uint64(s.gas))
	g.arrayAddrs()
	if !g.p.split {
		g.fill(g.lay.arrays, g.lay.arraysEnd-g.lay.arrays)
		for _, v := range g.k.Vars {
			if isRegister(v) {
				g.vzero(v)
			}
		}
	}
	for _, v := range s.liveIn {
		if k := g.v.of[v.ID]; k != varying {
			g.loadSlot(g.p.slot[v.ID], v.Type, k)
			g.hold(v, g.keep(wasmType(v.Type)))
			continue
		}
		ls := g.vlocals()
		g.eachQuad(func(q int) {
			g.loadSlot(g.p.slot[v.ID], v.Type, varying)
			g.set(ls[q])
		})
		g.vhold(v, ls)
	}
	if g.p.split {
		for _, v := range s.vars {
			if slot := g.p.varSlot[v.ID]; slot < 0 {
				g.vzero(v)
			} else if k := g.v.vars[v.ID]; k == varying {
				g.eachQuad(func(q int) {
					g.loadSlot(slot, v.Type, k)
					g.set(g.vregs[v.ID][q])
				})
			} else {
				g.loadSlot(slot, v.Type, k)
				g.set(g.regs[v.ID])
			}
		}
		g.i32(uint32(stateActive))
		g.set(g.code)
	}
	if g.v.alive[s.id] {
		mine = append(mine, g.ownMask(nil))
	}
	g.done = g.block()
	g.vregion(s.insts)
	g.vcharge(uint64(s.tail))
	if i := s.split; i != nil {
		g.push(i.Args[0])
		g.op(wI32Eqz)
		g.ifThen()
		g.leave(g.states[i] + stateCont)
		g.end()
	}
	if i := s.test; i != nil {
		g.push(i.BreakIf)
		g.ifThen()
		g.leave(g.states[i] + stateExit)
		g.end()
	}
	g.end()
	g.masks = nil
	g.vexit(s)
	g.dropAll()
	g.release(mine...)
}

// vexit is exit for a quad.
func (g *gen) vexit(s *segment) {
	g.fold()
	g.giveGas()
	if !g.p.split {
		return
	}
	if s.escapes {
		g.stateAddr(4)
		g.get(g.code)
		g.simd(vI32Splat)
		g.simdMem(vStore, 2, g.lay.states, -1)
		g.get(g.active)
		g.get(g.code)
		g.op(wI32Eqz)
		g.i32(2)
		g.op(wI32Shl, wI32Add)
		g.set(g.active)
	}
	for _, v := range s.vars {
		slot := g.p.varSlot[v.ID]
		if slot < 0 || !s.stored[v] {
			continue
		}
		g.eachQuad(func(q int) {
			g.stateAddr(4)
			if g.v.vars[v.ID] == varying {
				g.get(g.vregs[v.ID][q])
			} else {
				if v.Type == ir.Bool {
					g.i32(0)
					g.get(g.regs[v.ID])
					g.op(wI32Sub)
				} else {
					g.get(g.regs[v.ID])
				}
				g.splat(v.Type)
			}
			g.storeSlot(slot, v.Type)
		})
	}
}
