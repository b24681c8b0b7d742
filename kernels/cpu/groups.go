package cpu

import (
	"github.com/gwrun/gwrun/kernels/ir"
)

// With barriers, an invocation that leaves a control instruction which contains a barrier cannot simply branch: the
// others are still to come. It leaves a state instead, and is passed over until control reaches the place it left for.
const (
	stateActive   int32 = 0
	stateReturned int32 = 1
	stateFirst    int32 = 2

	// Offsets from a control instruction's first state code.
	stateExit int32 = 0 // goes on after it
	stateCont int32 = 1 // goes on at the loop's continuing region, or in the Else region
	stateCode int32 = 2 // codes a control instruction uses
)

// leave ends the invocation's part of this segment with a state.
func (g *gen) leave(state int32) {
	g.i32(uint32(state))
	g.set(g.code)
	g.br(g.done)
}

// nodes emits segments and the control between them. end is the label to go to when no invocation is left.
func (g *gen) nodes(list []*node, end label) {
	for _, n := range list {
		if n.seg != nil {
			s := n.seg
			if len(s.insts) == 0 && s.gas+s.tail == 0 && s.split == nil && s.test == nil {
				continue
			}
			if s.split != nil {
				g.assignStates(s.split)
			}
			g.segment(s)
			if s.escapes && g.p.split && s.split == nil && s.test == nil {
				g.get(g.active)
				g.op(wI32Eqz)
				g.brIf(end)
			}
			continue
		}
		switch n.sync.Op {
		case ir.OpBlock:
			g.assignStates(n.sync)
			b := g.block()
			g.nodes(n.then, b)
			g.end()
			g.wake(n.sync, stateExit)
		case ir.OpIf:
			g.syncIf(n)
		case ir.OpLoop:
			g.syncLoop(n)
		}
		g.get(g.active)
		g.op(wI32Eqz)
		g.brIf(end)
	}
}

func (g *gen) assignStates(i *ir.Inst) {
	if _, ok := g.states[i]; !ok {
		g.states[i] = stateFirst + stateCode*int32(len(g.states))
	}
}

// syncIf: the segment before has given those whose condition is false the state stateCont.
func (g *gen) syncIf(n *node) {
	for r, list := range [][]*node{n.then, n.elsa} {
		b := g.block()
		g.get(g.active)
		g.op(wI32Eqz)
		g.brIf(b)
		g.nodes(list, b)
		g.end()
		if r == 0 {
			// Those who took Then wait for the end.
			g.eachState(func() {
				g.get(g.code)
				g.op(wI32Eqz)
				g.ifThen()
				g.setState(g.states[n.sync] + stateExit)
				g.end()
			})
			g.wake(n.sync, stateCont)
		}
	}
	g.wake(n.sync, stateExit)
}

// turnsPerYield is how many turns of a loop with a barrier all invocations together take between two yields.
const turnsPerYield = 1 << 14

// yieldLoop yields now and then at the top of a loop with a barrier in it, where no invocation may use up its slice of gas for long.
func (g *gen) yieldLoop() {
	if g.turn == 0 {
		g.turn = g.local(tI32)
	}
	g.i32(turnsPerYield)
	g.step(g.turn, uint32(g.k.Invocations()))
	g.tee(g.turn)
	g.op(wI32LtU)
	g.ifThen()
	g.i32(0)
	g.set(g.turn)
	g.yield()
	g.end()
}

func (g *gen) syncLoop(n *node) {
	g.assignStates(n.sync)
	exit := g.block()
	top := g.loop()
	g.checkAbort()
	g.yieldLoop()
	body := g.block()
	g.nodes(n.then, body)
	g.end()
	g.wake(n.sync, stateCont)
	g.get(g.active)
	g.op(wI32Eqz)
	g.brIf(exit)
	cont := g.block()
	g.nodes(n.elsa, cont)
	g.end()
	g.get(g.active)
	g.brIf(top)
	g.end()
	g.end()
	g.wake(n.sync, stateExit)
}

// eachState runs body for every invocation with its state in the local code.
func (g *gen) eachState(body func()) {
	g.eachInvocation(func() {
		g.stateAddr(4)
		g.mem(wI32Load, 2, g.lay.states)
		g.set(g.code)
		body()
	})
}

// setState stores a state for the invocation and leaves it in the local code too.
func (g *gen) setState(state int32) {
	g.stateAddr(4)
	g.i32(uint32(state))
	g.tee(g.code)
	g.mem(wI32Store, 2, g.lay.states)
}

// wake makes the invocations active that left for this place, and counts the active ones.
func (g *gen) wake(i *ir.Inst, which int32) {
	g.i32(0)
	g.set(g.active)
	g.eachState(func() {
		g.get(g.code)
		g.i32(uint32(g.states[i] + which))
		g.op(wI32Eq)
		g.ifThen()
		g.setState(stateActive)
		g.end()
		g.countActive()
	})
}

func (g *gen) countActive() {
	g.get(g.active)
	g.get(g.code)
	g.op(wI32Eqz, wI32Add)
	g.set(g.active)
}

// segment emits the loop that runs a segment for every invocation of the workgroup.
func (g *gen) segment(s *segment) {
	g.loops = hasLoop(s.insts)
	if g.v.vector[s.id] {
		g.vsegment(s)
		return
	}
	if g.p.split && s.escapes {
		g.i32(0)
		g.set(g.active)
	}
	g.startIDs()
	g.eachInvocation(func() {
		g.globals()
		g.invocation(s)
		g.nextID(1)
	})
}

// startIDs starts local_invocation_id at zero.
func (g *gen) startIDs() {
	for a := range ir.Input(3) {
		g.i32(0)
		g.set(g.inputs[ir.LocalX+a])
	}
}

// nextID counts local_invocation_id on by n, which divides the workgroup's first dimension.
func (g *gen) nextID(n uint32) {
	x, y, z := g.inputs[ir.LocalX], g.inputs[ir.LocalY], g.inputs[ir.LocalZ]
	size := g.k.WorkgroupSize
	g.step(x, n)
	g.tee(x)
	g.i32(size[0])
	g.op(wI32Eq)
	g.ifThen()
	g.i32(0)
	g.set(x)
	g.step(y, 1)
	g.tee(y)
	g.i32(size[1])
	g.op(wI32Eq)
	g.ifThen()
	g.i32(0)
	g.set(y)
	g.step(z, 1)
	g.set(z)
	g.end()
	g.end()
}

// invocation emits a segment for the one invocation at index, if it is active.
func (g *gen) invocation(s *segment) {
	if g.p.split && g.mayLeave {
		g.stateAddr(4)
		g.mem(wI32Load, 2, g.lay.states)
		g.tee(g.code)
		g.op(wI32Eqz)
		g.ifThen()
	}
	g.enter(s)
	g.done = g.block()
	g.region(s.insts)
	g.charge(uint64(s.tail))
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
	g.exit(s)
	if g.p.split && g.mayLeave {
		g.end()
		if s.escapes {
			g.countActive()
		}
	}
	g.dropAll()
}

// dropAll releases the locals of all values.
func (g *gen) dropAll() {
	for _, id := range g.held {
		g.drop(id)
	}
	g.held = g.held[:0]
}

func hasLoop(r ir.Region) bool {
	for _, i := range r {
		if i.Op == ir.OpLoop || hasLoop(i.Then) || hasLoop(i.Else) {
			return true
		}
	}
	return false
}

// globals computes global_invocation_id, as far as it is used.
func (g *gen) globals() {
	for a := range ir.Input(3) {
		if !g.used[ir.GlobalX+a] {
			continue
		}
		g.get(g.inputs[ir.GroupX+a])
		g.i32(g.k.WorkgroupSize[a])
		g.op(wI32Mul)
		g.get(g.inputs[ir.LocalX+a])
		g.op(wI32Add)
		g.set(g.inputs[ir.GlobalX+a])
	}
}

// enter brings in what the segment needs of the invocation.
func (g *gen) enter(s *segment) {
	g.pushGas()
	g.set(g.left)
	if g.loops {
		g.i64(0)
		g.set(g.reserve)
		g.get(g.left)
		g.i64(gasSlice)
		g.op(wI64GtS)
		g.ifThen()
		g.get(g.left)
		g.i64(gasSlice)
		g.op(wI64Sub)
		g.set(g.reserve)
		g.i64(gasSlice)
		g.set(g.left)
		g.end()
	}
	g.charge(uint64(s.gas))
	g.arrayAddrs()
	if !g.p.split {
		if n := g.lay.arraysEnd - g.lay.arrays; n > 0 {
			g.fill(g.lay.arrays, n)
		}
		for _, v := range g.k.Vars {
			if isRegister(v) {
				g.zeroVar(v)
			}
		}
		return
	}
	for _, v := range s.liveIn {
		t := wasmType(v.Type)
		l := g.local(t)
		g.fromSlot(g.p.slot[v.ID], l, t)
		g.hold(v, l)
	}
	for _, v := range s.vars {
		if slot := g.p.varSlot[v.ID]; slot >= 0 {
			g.fromSlot(slot, g.regs[v.ID], wasmType(v.Type))
		} else {
			g.zeroVar(v)
		}
	}
}

// arrayAddrs computes where the invocation's private arrays are: those of four neighbours are interleaved.
func (g *gen) arrayAddrs() {
	if !g.p.split && g.lay.n == 1 {
		return
	}
	for _, v := range g.k.Vars {
		if v.Space != ir.Private || v.Len == 1 {
			continue
		}
		g.get(g.index)
		g.i32(quad - 1)
		g.op(wI32And)
		g.i32(2)
		g.op(wI32Shl)
		if g.p.split {
			g.get(g.index)
			g.i32(2)
			g.op(wI32ShrU)
			g.i32(16 * v.Len)
			g.op(wI32Mul, wI32Add)
		}
		g.get(g.scratch)
		g.op(wI32Add)
		g.addOffset(g.lay.vars[v.ID])
		g.set(g.arrays[v.ID])
	}
}

// exit puts away what the invocation needs later and settles its gas.
func (g *gen) exit(s *segment) {
	if g.loops {
		g.get(g.left)
		g.get(g.reserve)
		g.op(wI64Add)
		g.set(g.left)
	}
	g.get(g.left)
	g.i64(0)
	g.op(wI64LtS)
	g.brIf(g.outOfGas)
	// Gas used here: what there was at the start less what is left.
	g.pushGas()
	g.get(g.left)
	g.op(wI64Sub)
	g.get(g.total)
	g.op(wI64Add)
	g.set(g.total)
	if !g.p.split {
		return
	}
	g.putGas()
	if s.escapes {
		g.stateAddr(4)
		g.get(g.code)
		g.mem(wI32Store, 2, g.lay.states)
	}
	for _, v := range s.vars {
		if slot := g.p.varSlot[v.ID]; slot >= 0 && s.stored[v] {
			g.toSlot(slot, g.regs[v.ID], wasmType(v.Type))
		}
	}
}
