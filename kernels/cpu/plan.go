package cpu

import (
	"github.com/gwrun/gwrun/kernels/ir"
)

// plan is what the translator works out about a kernel before it emits code. Slices are indexed by instruction ID.
type plan struct {
	k     *ir.Kernel
	cost  costs
	insts []*ir.Inst

	parent  []int32 // enclosing instruction, or -1
	pos     []int32 // place within the parent's regions, counted through Then and Else
	home    []int32 // parent of the place where the value is computed (differs from parent where it is hoisted)
	at      []int32 // pos of that place
	inLoop  []int32 // innermost enclosing loop within the segment, or -1
	level   []int32 // deepest loop the value depends on, or -1
	hoist   []int32 // loop before which the value is computed, or -1
	ahead   map[int32][]*ir.Inst
	counted map[int32]*counter // by the loop's ID
	kept    map[int32][]int32  // values that a counted loop's pointers may ask for

	uses []int32 // number of uses; a use as a tail condition counts twice, so that it is never sunk
	user []int32 // the last user seen
	sunk []bool  // emitted as an operand of its one user
	die  map[int32][]int32

	nan    []nanKind
	varNaN []nanKind

	escapes []bool // control may not go on after it within its region

	// Segments: the parts between barriers. A kernel without barriers is one segment.
	sync    []bool // contains a barrier
	seg     []int32
	segs    []*segment
	slot    []int32 // where a value that lives across segments is kept, or -1
	varSlot []int32
	slots   int32
	split   bool // has barriers
	tree    []*node
}

// nanKind says what is known of an F32 value, should it be a NaN. Where several values may flow to one place, its kind
// is the greatest of theirs.
type nanKind uint8

const (
	nanNever nanKind = iota // it is none
	nanLoose                // it means 0x7fc00000, but its bits are the processor's choice until canon is applied
	nanExact                // its bits are what they should be
)

// segment is a run of instructions with no barrier in it, done for every invocation before the next begins.
type segment struct {
	id    int32
	insts []*ir.Inst
	gas   uint32 // charged at the start besides the instructions'
	tail  uint32 // and at the end, by invocations that get there
	// split, if set, is the OpIf that follows: invocations whose condition is false go to its Else region.
	split *ir.Inst
	// test, if set, is the OpLoop whose BreakIf is asked at the end of this segment.
	test    *ir.Inst
	escapes bool
	liveIn  []*ir.Inst
	vars    []*ir.Var // private scalars it touches
	stored  map[*ir.Var]bool
	inLoop  bool // stands in a loop that contains barriers
}

// node is a segment or a control instruction that contains barriers.
type node struct {
	seg        *segment
	sync       *ir.Inst
	then, elsa []*node
}

func newPlan(k *ir.Kernel, cost costs) *plan {
	n := 0
	k.Walk(func(*ir.Inst) { n++ })
	p := &plan{k: k, cost: cost, insts: make([]*ir.Inst, n), ahead: map[int32][]*ir.Inst{}, die: map[int32][]int32{},
		varNaN: make([]nanKind, len(k.Vars)), varSlot: make([]int32, len(k.Vars))}
	ints := make([]int32, 10*n)
	cut := func() []int32 { s := ints[:n:n]; ints = ints[n:]; return s }
	p.parent, p.pos, p.home, p.at, p.inLoop = cut(), cut(), cut(), cut(), cut()
	p.level, p.hoist, p.uses, p.user, p.seg = cut(), cut(), cut(), cut(), cut()
	p.slot = make([]int32, n)
	p.sunk, p.escapes, p.sync, p.nan = make([]bool, n), make([]bool, n), make([]bool, n), make([]nanKind, n)
	for i := range p.slot {
		p.slot[i], p.hoist[i], p.level[i], p.user[i], p.seg[i] = -1, -1, -1, -1, -1
	}
	p.place(k.Body, -1, 0)
	p.split = k.HasBarrier()
	p.tree = p.cut(k.Body, false, 0)
	p.loops(k.Body, -1)
	p.findNaNs()
	p.findHoists()
	p.findCounted()
	p.findKept()
	p.countUses()
	p.findSunk()
	p.findSlots()
	p.findDeaths()
	return p
}

// place fills in insts, parent, pos, sync and escapes.
func (p *plan) place(r ir.Region, parent, pos int32) int32 {
	for _, i := range r {
		id := int32(i.ID)
		p.insts[id] = i
		p.parent[id], p.pos[id], p.home[id], p.at[id] = parent, pos, parent, pos
		pos++
		n := p.place(i.Then, id, 0)
		p.place(i.Else, id, n)
		if i.Op == ir.OpBarrier {
			p.sync[id] = true
		}
		if p.sync[id] && parent >= 0 {
			p.sync[parent] = true
		}
		switch i.Op {
		case ir.OpReturn:
			p.mark(id, -1)
		case ir.OpExit, ir.OpContinue:
			p.mark(id, int32(i.Target.ID))
		}
	}
	return pos
}

// mark says that control leaves i for the target, or for good.
func (p *plan) mark(i, target int32) {
	for ; i >= 0 && i != target; i = p.parent[i] {
		p.escapes[i] = true
	}
}

// cut divides a region that contains barriers, or the body, into segments and control instructions.
func (p *plan) cut(r ir.Region, inLoop bool, gas uint32) []*node {
	var nodes []*node
	var s *segment
	begin := func() {
		s = &segment{id: int32(len(p.segs)), gas: gas, inLoop: inLoop, stored: map[*ir.Var]bool{}}
		gas = 0
		p.segs = append(p.segs, s)
		nodes = append(nodes, &node{seg: s})
	}
	begin()
	for _, i := range r {
		if !p.sync[i.ID] {
			s.insts = append(s.insts, i)
			s.escapes = s.escapes || p.escapes[i.ID]
			p.assign(i, s.id)
			continue
		}
		switch i.Op {
		case ir.OpBarrier:
			s.tail += p.cost[i]
			begin()
			continue
		case ir.OpIf:
			s.tail += p.cost[i]
			s.split = i
			s.escapes = true
			nodes = append(nodes, &node{sync: i, then: p.cut(i.Then, inLoop, 0), elsa: p.cut(i.Else, inLoop, 0)})
		case ir.OpBlock:
			s.tail += p.cost[i]
			nodes = append(nodes, &node{sync: i, then: p.cut(i.Then, inLoop, 0)})
		case ir.OpLoop:
			// Its cost comes again with every iteration: the body's first segment charges it.
			n := &node{sync: i, then: p.cut(i.Then, true, p.cost[i]), elsa: p.cut(i.Else, true, 0)}
			if i.BreakIf != nil {
				last := n.elsa[len(n.elsa)-1]
				last.seg.test = i
				last.seg.escapes = true
			}
			nodes = append(nodes, n)
		}
		begin()
	}
	return nodes
}

func (p *plan) assign(i *ir.Inst, seg int32) {
	p.seg[i.ID] = seg
	for _, j := range i.Then {
		p.assign(j, seg)
	}
	for _, j := range i.Else {
		p.assign(j, seg)
	}
}

// loops fills in inLoop.
func (p *plan) loops(r ir.Region, loop int32) {
	for _, i := range r {
		p.inLoop[i.ID] = loop
		inner := loop
		if i.Op == ir.OpLoop && !p.sync[i.ID] {
			inner = int32(i.ID)
		}
		p.loops(i.Then, inner)
		p.loops(i.Else, inner)
	}
}

// makesNaN reports whether an operator's result may be a NaN whose bits the processor chose.
func makesNaN(op ir.Op) bool {
	switch op {
	case ir.OpFNeg, ir.OpFAbs:
		return false
	}
	return op >= ir.OpFAdd && op <= ir.OpFInvSqrt
}

func (p *plan) findNaNs() {
	for round := 0; ; round++ {
		changed := false
		for id, i := range p.insts {
			kind := nanExact
			switch {
			case makesNaN(i.Op):
				kind = nanLoose
			case i.Op == ir.OpSToF || i.Op == ir.OpUToF || i.Op == ir.OpConst && i.Bits&0x7fffffff <= 0x7f800000:
				kind = nanNever
			case i.Op == ir.OpSelect && i.Type == ir.F32:
				kind = max(p.nan[i.Args[1].ID], p.nan[i.Args[2].ID])
			case i.Op == ir.OpLoad && isRegister(i.Var):
				kind = p.varNaN[i.Var.ID]
			case i.Op == ir.OpStore && isRegister(i.Var) && i.Var.Type == ir.F32:
				k := p.nan[i.Args[1].ID]
				if round > 3 { // a long chain of copies: the safe answer
					k = nanExact
				}
				if k > p.varNaN[i.Var.ID] {
					p.varNaN[i.Var.ID], changed = k, true
				}
			}
			p.nan[id] = kind
		}
		if !changed {
			return
		}
	}
}

// isRegister reports whether a variable is held in a local: a private one of a single word.
func isRegister(v *ir.Var) bool { return v != nil && v.Space == ir.Private && v.Len == 1 }

// isInline reports whether a value costs nothing to give again and so needs no local of its own.
func isInline(i *ir.Inst) bool {
	return i.Op == ir.OpConst || i.Op == ir.OpInput || i.Op == ir.OpBufferWords
}

func isExpensive(op ir.Op) bool {
	switch op {
	case ir.OpSDiv, ir.OpUDiv, ir.OpSRem, ir.OpURem, ir.OpFDiv, ir.OpFSqrt, ir.OpFFma:
		return true
	}
	return op >= ir.OpFExp && op <= ir.OpFInvSqrt
}

// findHoists moves pure operators out of the loops they do not depend on. Gas is charged where they stand.
func (p *plan) findHoists() {
	type key struct{ loop, v int32 }
	stored := map[key]bool{}
	type place struct {
		loop   int32
		memory string
	}
	wrote := map[place]bool{}
	for id, i := range p.insts {
		if (i.Op == ir.OpStore || i.Op == ir.OpZero) && isRegister(i.Var) {
			for l := p.inLoop[id]; l >= 0; l = p.inLoop[l] {
				stored[key{l, int32(i.Var.ID)}] = true
			}
		}
		if w := p.memoryOf(i); w != "" && (i.Op == ir.OpStore || i.Op == ir.OpAtomic) {
			for l := p.inLoop[id]; l >= 0; l = p.inLoop[l] {
				wrote[place{l, w}] = true
			}
		}
	}
	for id, i := range p.insts {
		inner := p.inLoop[id]
		if isInline(i) || inner < 0 {
			continue
		}
		level := int32(-1)
		switch {
		case ir.IsPure(i.Op):
			for _, a := range i.Args {
				// Both enclose i, so the deeper one has the greater ID.
				level = max(level, p.level[a.ID])
			}
			if isExpensive(i.Op) {
				for up := p.parent[id]; up >= 0 && up != level; up = p.parent[up] {
					if p.insts[up].Op != ir.OpLoop {
						level = inner
						break
					}
				}
			}
		case i.Op == ir.OpLoad && isRegister(i.Var) && len(i.Args) == 1:
			for l := inner; l >= 0; l = p.inLoop[l] {
				if stored[key{l, int32(i.Var.ID)}] {
					level = l
					break
				}
			}
		case i.Op == ir.OpLoad && p.memoryOf(i) != "":
			for _, a := range i.Args {
				level = max(level, p.level[a.ID])
			}
			at := int32(id)
			for l := inner; l > level; l = p.inLoop[l] {
				if wrote[place{l, p.memoryOf(i)}] || !p.safe(i) && !p.first(at, l) {
					level = l
				}
				at = l
			}
		default:
			level = inner
		}
		p.level[id] = level
		if level == inner {
			continue
		}
		l := inner
		for p.inLoop[l] != level {
			l = p.inLoop[l]
		}
		p.hoist[id] = l
		p.home[id], p.at[id] = p.parent[l], p.pos[l]
		p.ahead[l] = append(p.ahead[l], i)
	}
}

// memoryOf says which memory an access goes to: what is written there may be read by others. It is "" for private
// memory, and "fixed" for what a dispatch does not write: kernels.CheckDispatch refuses a buffer that is also bound for
// writing.
func (p *plan) memoryOf(i *ir.Inst) string {
	switch {
	case i.Var == nil && i.Binding >= 0 && p.k.Bindings[i.Binding].Access == ir.ReadWrite:
		return "storage"
	case i.Var == nil && i.Binding >= 0:
		return "fixed"
	case i.Var != nil && i.Var.Space == ir.Workgroup:
		return "workgroup"
	}
	return ""
}

// safe reports whether a load may be done where the kernel would not do it: it is checked, or never out of bounds.
func (p *plan) safe(i *ir.Inst) bool {
	idx := i.Args[0]
	return len(i.Args) > 1 || idx.Op == ir.OpConst && (i.Var != nil && idx.Bits < i.Var.Len ||
		i.Var == nil && uint64(idx.Bits) < p.k.Bindings[i.Binding].MinBytes/4)
}

// first reports whether an instruction is run whenever the loop is.
func (p *plan) first(id, loop int32) bool {
	if p.parent[id] != loop {
		return false
	}
	for _, i := range p.insts[loop].Then {
		if int32(i.ID) == id {
			return true
		}
		if p.escapes[i.ID] {
			return false
		}
	}
	return false
}

func (p *plan) countUses() {
	for _, vs := range p.kept {
		for _, v := range vs {
			p.uses[v] += 2
		}
	}
	for id, i := range p.insts {
		for _, a := range i.Args {
			p.uses[a.ID]++
			p.user[a.ID] = int32(id)
		}
		if i.BreakIf != nil {
			p.uses[i.BreakIf.ID] += 2
		}
		if i.Op == ir.OpIf && p.sync[id] {
			p.uses[i.Args[0].ID] += 2
		}
	}
}

const maxSink = 24 // operands nested deeper than this get a local

func (p *plan) findSunk() {
	height := make([]int8, len(p.insts))
	for id, i := range p.insts {
		if !ir.IsPure(i.Op) {
			continue
		}
		h := int8(0)
		for _, a := range i.Args {
			if p.sunk[a.ID] {
				h = max(h, height[a.ID]+1)
			}
		}
		height[id] = h
		u := p.user[id]
		p.sunk[id] = p.uses[id] == 1 && h < maxSink && p.seg[u] == p.seg[id] && p.home[u] == p.home[id] &&
			p.hoist[u] == p.hoist[id]
	}
}

// findSlots finds what lives across segments.
func (p *plan) findSlots() {
	if !p.split {
		for v := range p.varSlot {
			p.varSlot[v] = -1
		}
		return
	}
	live := make([]map[*ir.Inst]bool, len(p.segs))
	for n := range live {
		live[n] = map[*ir.Inst]bool{}
	}
	use := func(v *ir.Inst, seg int32) {
		if isInline(v) || p.seg[v.ID] == seg || live[seg][v] {
			return
		}
		live[seg][v] = true
		p.segs[seg].liveIn = append(p.segs[seg].liveIn, v)
		if p.slot[v.ID] < 0 {
			p.slot[v.ID] = p.slots
			p.slots++
		}
	}
	touched := make([]int32, len(p.k.Vars)) // segment+1 that touches it; -1 several
	seen := make([]map[*ir.Var]bool, len(p.segs))
	for n := range seen {
		seen[n] = map[*ir.Var]bool{}
	}
	for id, i := range p.insts {
		seg := p.seg[id]
		if seg < 0 {
			continue
		}
		for _, a := range i.Args {
			use(a, seg)
		}
		for _, v := range p.kept[int32(id)] {
			use(p.insts[v], seg)
		}
		if i.BreakIf != nil {
			use(i.BreakIf, seg)
		}
		if isRegister(i.Var) {
			s := p.segs[seg]
			if !seen[seg][i.Var] {
				seen[seg][i.Var] = true
				s.vars = append(s.vars, i.Var)
			}
			if i.Op != ir.OpLoad {
				s.stored[i.Var] = true
			}
			if t := touched[i.Var.ID]; t == 0 && !s.inLoop {
				touched[i.Var.ID] = seg + 1
			} else if t != seg+1 {
				touched[i.Var.ID] = -1
			}
		}
	}
	for _, s := range p.segs {
		if s.split != nil {
			use(s.split.Args[0], s.id)
		}
		if s.test != nil {
			use(s.test.BreakIf, s.id)
		}
	}
	for v := range p.varSlot {
		p.varSlot[v] = -1
		if touched[v] < 0 {
			p.varSlot[v] = p.slots
			p.slots++
		}
	}
}

// findDeaths finds after which instruction of its home a value's local may be used again.
func (p *plan) findDeaths() {
	last := make([]int32, len(p.insts)) // instruction of the value's home that uses it last
	root := make([]int32, len(p.insts)) // the instruction at which a sunk one is emitted
	for id := range p.insts {
		last[id], root[id] = -1, int32(id)
	}
	use := func(v, u int32) {
		if p.hoist[v] >= 0 { // lives until the loop it was taken out of ends
			last[v] = p.hoist[v]
			return
		}
		u = root[u]
		if p.hoist[u] >= 0 && p.home[u] == p.home[v] {
			u = p.hoist[u]
		}
		for u >= 0 && p.parent[u] != p.home[v] {
			u = p.parent[u]
		}
		if u >= 0 && (last[v] < 0 || p.pos[u] > p.pos[last[v]]) {
			last[v] = u
		}
	}
	for id := len(p.insts) - 1; id >= 0; id-- {
		i := p.insts[id]
		if p.sunk[id] {
			root[id] = root[p.user[id]]
		}
		for _, a := range i.Args {
			use(int32(a.ID), int32(id))
		}
		for _, v := range p.kept[int32(id)] {
			use(v, int32(id))
		}
		if i.BreakIf != nil {
			// Asked at the end of the loop: a value of the loop's own regions lives until then.
			if v := int32(i.BreakIf.ID); p.home[v] == int32(id) && p.hoist[v] < 0 {
				last[v] = int32(id)
			} else {
				use(v, int32(id))
			}
		}
	}
	for id, i := range p.insts {
		if i.Type == ir.Void || isInline(i) || p.sunk[id] {
			continue
		}
		l := last[id]
		if l < 0 {
			l = int32(id)
			if p.hoist[id] >= 0 {
				l = p.hoist[id]
			}
		}
		p.die[l] = append(p.die[l], int32(id))
	}
}
