package cpu

import (
	"fmt"
	"math/bits"
	"sort"

	"github.com/gwrun/gwrun/kernels/ir"
)

// counter describes a counted loop: one that runs while its variable is below a bound that does not change, and that is
// left in no other way. How many turns there will be is known at the start of each, so gas is paid, and indices are
// checked, for many turns at once.
type counter struct {
	loop      *ir.Inst
	v         *ir.Var
	test      int // place of the OpIf that leaves, in the loop's body
	bound     *ir.Inst
	inclusive bool // while v <= bound
	signed    bool
	store     int32 // place of the store that counts up
	step      uint32
	turn      uint64 // gas of a full turn, branches inside not counted
	last      uint64 // gas of the turn that only finds it is over
	most      uint64 // gas of a turn in which every branch goes both ways
	insts     int    // instructions of the loop
	inner     bool   // it has loops inside
}

const maxStep = 4096

// findCounted finds the counted loops.
func (p *plan) findCounted() {
	p.counted = map[int32]*counter{}
	for id, i := range p.insts {
		if i.Op == ir.OpLoop && !p.sync[id] {
			if c := p.countedLoop(i); c != nil {
				p.counted[int32(id)] = c
			}
		}
	}
}

func (p *plan) countedLoop(l *ir.Inst) *counter {
	if l.BreakIf != nil {
		return nil
	}
	c := &counter{loop: l, test: -1, turn: uint64(p.cost[l])}
	for n, i := range l.Then {
		switch {
		case p.escapes[i.ID] && c.test >= 0: // another way out
			return nil
		case p.escapes[i.ID]:
			c.test = n
			if i.Op != ir.OpIf || !p.findTest(c, i) {
				return nil
			}
		case c.test < 0 && !isInline(i) && !ir.IsPure(i.Op) && i.Op != ir.OpLoad:
			return nil
		}
		if i.Op != ir.OpLoop {
			c.turn += uint64(p.cost[i])
		}
	}
	if c.test < 0 {
		return nil
	}
	for _, i := range l.Else {
		if i.Op != ir.OpLoop {
			c.turn += uint64(p.cost[i])
		}
	}
	c.last += uint64(p.cost[l])
	for _, i := range l.Then[:c.test+1] {
		c.last += uint64(p.cost[i])
	}
	stores := 0
	var whole func(r ir.Region)
	whole = func(r ir.Region) {
		for _, i := range r {
			c.insts++
			c.most += uint64(p.cost[i])
			c.inner = c.inner || i.Op == ir.OpLoop
			if i.Var == c.v && i.Op != ir.OpLoad {
				stores++
				if !p.countsUp(c, i) {
					stores++ // not ours
				}
			}
			whole(i.Then)
			whole(i.Else)
		}
	}
	whole(l.Then)
	whole(l.Else)
	if c.most += uint64(p.cost[l]); stores != 1 {
		return nil
	}
	return c
}

// findTest looks whether a branch leaves the loop when its variable has reached the bound.
func (p *plan) findTest(c *counter, i *ir.Inst) bool {
	leave, stay := i.Then, i.Else
	onTrue := len(leave) > 0 && leave[len(leave)-1].Op == ir.OpExit
	if !onTrue {
		leave, stay = stay, leave
	}
	if len(leave) == 0 || leave[len(leave)-1].Op != ir.OpExit || leave[len(leave)-1].Target != c.loop {
		return false
	}
	for _, j := range leave {
		if j.Op != ir.OpConst && j.Op != ir.OpExit {
			return false
		}
		c.last += uint64(p.cost[j])
	}
	for _, j := range stay {
		if j.Op != ir.OpConst {
			return false
		}
		c.turn += uint64(p.cost[j])
	}
	cond := i.Args[0]
	switch cond.Op {
	case ir.OpULt, ir.OpULe:
	case ir.OpSLt, ir.OpSLe:
		c.signed = true
	default:
		return false
	}
	// On true: bound <= v, or bound < v where inclusive. On false: v < bound, or v <= bound.
	now, bound := cond.Args[0], cond.Args[1]
	less := cond.Op == ir.OpULt || cond.Op == ir.OpSLt
	c.inclusive = !less
	if onTrue {
		now, bound = bound, now
		c.inclusive = less
	}
	if now.Op != ir.OpLoad || !isRegister(now.Var) || len(now.Args) != 1 || !p.within(now, c.loop) || p.within(bound, c.loop) {
		return false
	}
	c.v, c.bound = now.Var, bound
	return true
}

// countsUp reports whether a store of the loop's variable adds a constant to it at the end of every turn.
func (p *plan) countsUp(c *counter, i *ir.Inst) bool {
	if i.Op != ir.OpStore || len(i.Args) != 2 || p.parent[i.ID] != int32(c.loop.ID) || int(p.pos[i.ID]) <= c.test {
		return false
	}
	sum := i.Args[1]
	c.store = p.pos[i.ID]
	if sum.Op != ir.OpIAdd || sum.Args[1].Op != ir.OpConst || !p.reads(sum.Args[0], c) {
		return false
	}
	c.step = sum.Args[1].Bits
	return c.step > 0 && c.step < maxStep
}

// reads reports whether a value is the loop's variable, as it is before the end of the turn.
func (p *plan) reads(i *ir.Inst, c *counter) bool {
	if i.Op != ir.OpLoad || i.Var != c.v || len(i.Args) != 1 {
		return false
	}
	up := int32(i.ID)
	for up >= 0 && p.parent[up] != int32(c.loop.ID) {
		up = p.parent[up]
	}
	return up >= 0 && p.pos[up] < c.store
}

// within reports whether a value is computed inside a loop, each turn anew.
func (p *plan) within(i, loop *ir.Inst) bool {
	if isInline(i) {
		return false
	}
	for up := p.home[i.ID]; up >= 0; up = p.parent[up] {
		if up == int32(loop.ID) {
			return true
		}
	}
	return false
}

// spot is where an access finds its word in a fast loop: a local that points there, and an offset.
type spot struct{ pointer, offset uint32 }

// group is the accesses of a loop whose indices differ by constants.
type group struct {
	key      string
	binding  int
	v        *ir.Var
	terms    []*ir.Inst // their sum, plus a constant, is the index
	accesses []*ir.Inst
	consts   []int32
	least    int32
	greatest int32
	lanes    uint32 // words beside the first that the access touches
	pointer  uint32
	first    uint32 // local: the least index of the first turn
	stride   uint32 // local: what it grows by in a turn
}

const (
	maxGroups = 12
	maxTerms  = 8
	maxApart  = 1 << 14 // words between accesses of a group
	maxFast   = 600     // instructions of a loop that is emitted twice
)

// groups finds the accesses that a fast loop reaches by pointers.
func (g *gen) groups(c *counter) []*group {
	var list []*group
	find := map[string]*group{}
	var region func(r ir.Region)
	region = func(r ir.Region) {
		for _, i := range r {
			if i.Op == ir.OpLoad || i.Op == ir.OpStore {
				g.addAccess(c, i, &list, find)
			}
			region(i.Then)
			region(i.Else)
		}
	}
	region(c.loop.Then)
	region(c.loop.Else)
	return list
}

func (g *gen) addAccess(c *counter, i *ir.Inst, list *[]*group, find map[string]*group) {
	if g.p.hoist[i.ID] >= 0 || i.Var != nil && i.Var.Space == ir.Private {
		return
	}
	idx, lanes := i.Args[0], uint32(0)
	if g.vec {
		switch k := g.v.of[idx.ID]; {
		case k == consecutive:
			lanes = g.v.span - 1
		case k == varying || i.Op == ir.OpStore || g.differs(i):
			return
		}
	}
	nOK := 1
	if i.Op == ir.OpStore {
		nOK = 2
	}
	if ok := okOperand(i, nOK); ok != nil {
		if ok.Op != ir.OpULt || ok.Args[0] != idx {
			return
		}
		n := ok.Args[1]
		whole := n.Op == ir.OpBufferWords && i.Var == nil && n.Binding == i.Binding ||
			n.Op == ir.OpConst && i.Var != nil && n.Bits == i.Var.Len
		if !whole {
			return
		}
	}
	var terms []*ir.Inst
	sum := uint32(0)
	if !g.flatten(c, idx, &terms, &sum, 0) || len(terms) > maxTerms {
		return
	}
	sort.Slice(terms, func(a, b int) bool { return terms[a].ID < terms[b].ID })
	key := fmt.Sprint(i.Binding, lanes)
	if i.Var != nil {
		key = fmt.Sprint("v", i.Var.ID, lanes)
	}
	for _, t := range terms {
		key += fmt.Sprint(" ", t.ID)
	}
	n, at := find[key], int32(sum)
	if n == nil {
		if len(*list) == maxGroups {
			return
		}
		n = &group{key: key, binding: i.Binding, v: i.Var, terms: terms, lanes: lanes, least: at, greatest: at}
		find[key] = n
		*list = append(*list, n)
	}
	least, greatest := min(n.least, at), max(n.greatest, at)
	if int64(greatest)-int64(least) > maxApart {
		return
	}
	n.least, n.greatest = least, greatest
	n.accesses, n.consts = append(n.accesses, i), append(n.consts, at)
}

// flatten takes an index apart into terms that can be computed before the loop and whose growth is known.
func (g *gen) flatten(c *counter, i *ir.Inst, terms *[]*ir.Inst, sum *uint32, depth int) bool {
	if depth > maxTerms {
		return false
	}
	switch {
	case i.Op == ir.OpConst:
		*sum += i.Bits
		return true
	case g.p.peels(i, c.loop):
		return g.flatten(c, i.Args[0], terms, sum, depth+1) && g.flatten(c, i.Args[1], terms, sum, depth+1)
	case !g.linear(c, i, 0):
		return false
	}
	*terms = append(*terms, i)
	return true
}

// peels reports whether an index is taken apart at i: at sums inside the loop, and where a constant was added before it.
func (p *plan) peels(i, loop *ir.Inst) bool {
	return i.Op == ir.OpIAdd && (p.within(i, loop) || i.Args[1].Op == ir.OpConst)
}

// findKept finds what flatten may take from before a loop, so that it is still there.
func (p *plan) findKept() {
	p.kept = map[int32][]int32{}
	for id, i := range p.insts {
		if i.Op != ir.OpLoad && i.Op != ir.OpStore || p.counted[p.inLoop[id]] == nil {
			continue
		}
		c := p.counted[p.inLoop[id]]
		if c.inner || c.insts > maxFast {
			continue
		}
		var walk func(i *ir.Inst, depth int)
		walk = func(i *ir.Inst, depth int) {
			if depth > maxTerms || !p.peels(i, c.loop) {
				return
			}
			for _, a := range i.Args {
				if !p.within(i, c.loop) && !isInline(a) {
					p.kept[p.inLoop[id]] = append(p.kept[p.inLoop[id]], int32(a.ID))
				}
				walk(a, depth+1)
			}
		}
		walk(i.Args[0], 0)
	}
}

// linear reports whether a value grows by the same in each turn.
func (g *gen) linear(c *counter, i *ir.Inst, depth int) bool {
	switch {
	case g.vec && g.v.of[i.ID] == varying || depth > maxTerms:
		return false
	case !g.p.within(i, c.loop), g.p.reads(i, c):
		return true
	case i.Op == ir.OpIAdd || i.Op == ir.OpISub:
		return g.linear(c, i.Args[0], depth+1) && g.linear(c, i.Args[1], depth+1)
	case i.Op == ir.OpIMul:
		a, b := i.Args[0], i.Args[1]
		return g.linear(c, a, depth+1) && !g.p.within(b, c.loop) || g.linear(c, b, depth+1) && !g.p.within(a, c.loop)
	case i.Op == ir.OpShl:
		return i.Args[1].Op == ir.OpConst && g.linear(c, i.Args[0], depth+1)
	}
	return false
}

// pushNow leaves a linear value on the stack as it is in the turn to come.
func (g *gen) pushNow(c *counter, i *ir.Inst) {
	switch {
	case !g.p.within(i, c.loop):
		g.push(i)
	case g.p.reads(i, c):
		g.get(g.regs[c.v.ID])
	default:
		g.pushNow(c, i.Args[0])
		g.pushNow(c, i.Args[1])
		g.op(map[ir.Op]byte{ir.OpIAdd: wI32Add, ir.OpISub: wI32Sub, ir.OpIMul: wI32Mul, ir.OpShl: wI32Shl}[i.Op])
	}
}

// pushGrowth leaves on the stack by how much a linear value grows when the variable does by one.
func (g *gen) pushGrowth(c *counter, i *ir.Inst) {
	switch {
	case !g.p.within(i, c.loop):
		g.i32(0)
	case g.p.reads(i, c):
		g.i32(1)
	case i.Op == ir.OpIMul:
		a, b := i.Args[0], i.Args[1]
		if !g.linear(c, a, 0) || g.p.within(b, c.loop) {
			a, b = b, a
		}
		g.pushGrowth(c, a)
		g.push(b)
		g.op(wI32Mul)
	case i.Op == ir.OpShl:
		g.pushGrowth(c, i.Args[0])
		g.push(i.Args[1])
		g.op(wI32Shl)
	default:
		g.pushGrowth(c, i.Args[0])
		g.pushGrowth(c, i.Args[1])
		g.op(map[ir.Op]byte{ir.OpIAdd: wI32Add, ir.OpISub: wI32Sub}[i.Op])
	}
}

// countedLoop emits a counted loop: an outer loop pays for as many turns as a slice of gas allows, and if all accesses
// of the groups are then in bounds, the inner loop is one without checks.
func (g *gen) countedLoop(c *counter) {
	exit := g.block()
	if g.vec {
		g.vcharge(c.last)
	} else {
		g.charge(c.last)
	}
	strip := g.loop()
	turns := g.local(tI64)
	extend := byte(wI64ExtendU)
	if c.signed {
		extend = wI64ExtendS
	}
	g.push(c.bound)
	g.op(extend)
	if c.inclusive {
		g.i64(1)
		g.op(wI64Add)
	}
	g.get(g.regs[c.v.ID])
	g.op(extend, wI64Sub)
	g.tee(turns)
	g.i64(1)
	g.op(wI64LtS)
	g.brIf(exit)
	if c.step > 1 {
		g.get(turns)
		g.i64(int64(c.step - 1))
		g.op(wI64Add)
		if bits.OnesCount32(c.step) == 1 {
			g.i64(int64(bits.TrailingZeros32(c.step)))
			g.op(wI64ShrU)
		} else {
			g.i64(int64(c.step))
			g.op(wI64DivU)
		}
		g.set(turns)
	}
	most := max(1, gasSlice/int64(c.most))
	g.get(turns)
	g.i64(most)
	g.get(turns)
	g.i64(most)
	g.op(wI64LtS, wSelect)
	g.set(turns)
	g.payTurns(c.turn, turns)
	end := g.local(tI32)
	g.get(turns)
	g.op(wI32Wrap)
	g.i32(c.step)
	g.op(wI32Mul)
	g.get(g.regs[c.v.ID])
	g.op(wI32Add)
	g.set(end)
	var groups []*group
	if !g.cold && !c.inner && c.insts <= maxFast {
		groups = g.groups(c)
	}
	if len(groups) == 0 {
		g.turns(c, end, nil)
	} else {
		g.pointers(c, groups, turns)
		g.ifThen()
		for _, x := range groups {
			for n, i := range x.accesses {
				g.fast[i] = spot{x.pointer, 4 * uint32(x.consts[n]-x.least)}
			}
		}
		g.turns(c, end, groups)
		clear(g.fast)
		g.els()
		g.turns(c, end, nil)
		g.end()
		for _, x := range groups {
			g.release(x.pointer, x.first, x.stride)
		}
	}
	g.release(turns, end)
	g.br(strip)
	g.end()
	g.end()
}

// payTurns charges for a number of turns.
func (g *gen) payTurns(cost uint64, turns uint32) {
	pay := func() {
		g.get(turns)
		g.i64(int64(cost))
		g.op(wI64Mul)
	}
	if m, ok := g.mask(); ok && g.vec {
		g.get(g.skipped)
		pay()
		g.op(wI32Wrap) // not more than a slice, or than a turn
		g.simd(vI32Splat)
		g.get(m)
		g.simd(vAndNot)
		g.simd(vI32Add)
		g.set(g.skipped)
	}
	g.get(g.left)
	pay()
	g.op(wI64Sub)
	g.tee(g.left)
	g.i64(0)
	g.op(wI64LtS)
	g.ifThen()
	g.refill()
	g.end()
}

// pointers computes the groups' pointers, and leaves on the stack whether all accesses of the turns to come are in bounds.
// The first turn's index is taken as it is, and so is its growth, both modulo 2^32: where their plain sum over all turns
// stays below the length there was no overflow, so each index is what the sum says.
func (g *gen) pointers(c *counter, groups []*group, turns uint32) {
	for n, x := range groups {
		x.first, x.stride, x.pointer = g.local(tI32), g.local(tI32), g.local(tI32)
		g.i32(uint32(x.least))
		for _, t := range x.terms {
			g.pushNow(c, t)
			g.op(wI32Add)
		}
		g.set(x.first)
		g.i32(0)
		for _, t := range x.terms {
			if g.p.within(t, c.loop) {
				g.pushGrowth(c, t)
				g.op(wI32Add)
			}
		}
		g.i32(c.step)
		g.op(wI32Mul)
		g.set(x.stride)
		g.get(x.first)
		g.op(wI64ExtendU)
		g.get(turns)
		g.i64(1)
		g.op(wI64Sub)
		g.get(x.stride)
		g.op(wI64ExtendU, wI64Mul, wI64Add)
		g.i64(int64(x.greatest) - int64(x.least) + int64(x.lanes))
		g.op(wI64Add)
		if x.v == nil {
			g.get(g.words[x.binding])
			g.op(wI64ExtendU)
		} else {
			g.i64(int64(x.v.Len))
		}
		g.op(wI64LtU)
		if n > 0 {
			g.op(wI32And)
		}
		base, off, _ := g.place(x.accesses[0])
		g.get(x.first)
		g.i32(2)
		g.op(wI32Shl)
		g.get(base)
		g.op(wI32Add)
		g.addOffset(off)
		g.set(x.pointer)
		g.get(x.stride)
		g.i32(2)
		g.op(wI32Shl)
		g.set(x.stride)
	}
}

// turns emits the inner loop: turns until the variable is at end.
func (g *gen) turns(c *counter, end uint32, groups []*group) {
	top := g.loop()
	for _, x := range groups {
		// wazero checks an address against the memory's size once for the greatest offset it has seen. The loads go, the
		// checks stay.
		far := 4 * uint32(x.greatest-x.least)
		switch g.get(x.pointer); {
		case x.lanes > 0:
			g.simdMem(vLoad, 2, far+4*(x.lanes+1)-16, -1)
		default:
			g.mem(wI32Load, 2, far)
		}
		g.op(wDrop)
	}
	for n, j := range c.loop.Then {
		if n != c.test {
			g.inst(j)
			continue
		}
		for _, v := range g.p.die[int32(j.ID)] {
			g.drop(v)
		}
	}
	for _, j := range c.loop.Else {
		g.inst(j)
	}
	for _, x := range groups {
		g.get(x.pointer)
		g.get(x.stride)
		g.op(wI32Add)
		g.set(x.pointer)
	}
	g.get(g.regs[c.v.ID])
	g.get(end)
	g.op(wI32Ne)
	g.brIf(top)
	g.end()
}
