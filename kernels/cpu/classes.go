package cpu

import "github.com/gwrun/gwrun/kernels/ir"

// class says how a value differs between neighbouring invocations that are run together (a span: one quad or several):
// what decides whether it is held in a scalar or in the lanes of vectors.
type class uint8

const (
	uniform     class = iota // the same in all of them
	consecutive              // x, x+1, x+2, ...: held as the scalar x
	varying
)

const (
	quad     = 4 // invocations side by side in a vector
	maxQuads = 4 // vectors that code works on side by side
)

// classes is the analysis of a kernel for vector code. Like plan's, its slices are indexed by instruction ID.
type classes struct {
	p        *plan
	quads    int    // vectors side by side
	span     uint32 // invocations side by side, 4*quads
	linear   bool   // they follow each other by index, and may be in different rows of the workgroup
	of       []class
	fours    []bool // the scalar (the first lane's value) is a multiple of span
	vars     []class
	diverges []bool // loop or block that some invocations may leave, or go on with, before others
	tainted  []bool // likewise one that contains barriers
	masked   []bool // only some of the quad may be at this instruction, and the others come back
	changed  bool
	accesses [][]*ir.Inst     // of private scalars, by variable ID
	company  map[*ir.Var]bool // see together

	// A guard is an OpIf at which vector code gives up if the quad does not agree: nothing was written yet, so scalar
	// code can do the quad from the start. early marks those that may be one, apart from their condition.
	early   []bool
	byPlace []bool // value that follows from the invocation's place and uniform values: quads agree but at edges

	spread []bool // uniform value that is held as a vector too
	vector []bool // segment is to be vector code
	alive  []bool // segment has some of a quad return
	guards []bool // segment has guards
}

// classify finds classes by going through the kernel, at first taking all for uniform, until nothing changes.
func classify(p *plan, force bool, quads int) *classes {
	n := len(p.insts)
	c := &classes{p: p, quads: quads, span: uint32(quad * quads), of: make([]class, n), fours: make([]bool, n), vars: make([]class, len(p.k.Vars)),
		diverges: make([]bool, n), tainted: make([]bool, n), masked: make([]bool, n), early: make([]bool, n),
		byPlace: make([]bool, n), spread: make([]bool, n), vector: make([]bool, len(p.segs)), alive: make([]bool, len(p.segs)),
		guards: make([]bool, len(p.segs))}
	if p.k.WorkgroupSize[0]%c.span != 0 {
		// Quads in the order of the index, across rows; there is no scalar code to give up to then.
		c.linear = quads == 1 && p.k.Invocations()%quad == 0
		for _, s := range p.segs {
			c.linear = c.linear && !(p.split && s.escapes)
		}
		if !c.linear {
			return c
		}
	}
	for n := range c.byPlace {
		c.byPlace[n] = true
	}
	c.accesses, c.company = make([][]*ir.Inst, len(p.k.Vars)), map[*ir.Var]bool{}
	for _, i := range p.insts {
		if isRegister(i.Var) {
			c.accesses[i.Var.ID] = append(c.accesses[i.Var.ID], i)
		}
	}
	for _, s := range p.segs {
		c.findEarly(s.insts, false)
	}
	for c.changed = true; c.changed; {
		c.changed = false
		clear(c.company)
		c.region(p.k.Body, false)
	}
	for _, s := range p.segs {
		c.vector[s.id] = c.canVector(s) && (force || c.worth(s))
	}
	if quads == 1 {
		c.widen()
	}
	c.findSpread()
	return c
}

// widen has what is made of a uniform float in a loop, and used by vector operators only, computed in vectors from the
// start: no dearer, and the way between the two kinds of registers is gone once.
func (c *classes) widen() {
	in := make([]bool, len(c.p.insts))
	bad := make([]bool, len(c.p.insts))
	members := 0
	for id, i := range c.p.insts {
		if c.of[id] != uniform || c.p.hoist[id] >= 0 || c.p.inLoop[id] < 0 || c.p.slot[id] >= 0 || c.p.seg[id] < 0 || !c.vector[c.p.seg[id]] {
			continue
		}
		switch {
		case i.Op == ir.OpLoad && i.Type == ir.F32 && c.p.memoryOf(i) != "":
			in[id] = true
		case i.Op == ir.OpSelect || i.Op == ir.OpBitcast || i.Op == ir.OpFNeg || i.Op == ir.OpFAbs || wide[i.Op]:
			for _, a := range i.Args {
				in[id] = in[id] || in[a.ID]
			}
		}
		if in[id] && i.Op != ir.OpLoad {
			members++
		}
	}
	if members == 0 {
		return
	}
	for again := true; again; {
		again = false
		for id := len(c.p.insts) - 1; id >= 0; id-- {
			i := c.p.insts[id]
			if i.BreakIf != nil {
				bad[i.BreakIf.ID] = true
			}
			_, shift := shifts[i.Op]
			for n, a := range i.Args {
				inVector := ir.IsPure(i.Op) && (c.of[id] == varying && !(shift && n == 1) || in[id] && i.Op != ir.OpLoad)
				if !inVector {
					bad[a.ID] = true
				}
			}
			keep := in[id] && !bad[id]
			if keep && i.Op != ir.OpLoad {
				keep = false
				for _, a := range i.Args {
					keep = keep || in[a.ID]
				}
			}
			if in[id] && !keep {
				in[id], again = false, true
			}
		}
	}
	for id, yes := range in {
		if yes {
			c.of[id] = varying
		}
	}
}

// chooseClasses takes as many quads side by side as do any good.
func chooseClasses(p *plan, force bool) *classes {
	for quads := maxQuads; quads > 1; quads /= 2 {
		if !p.split && p.k.WorkgroupSize[0]%uint32(quad*quads) == 0 {
			if c := classify(p, force, quads); c.vector[0] && !c.alive[0] && !c.needsMasks(p.segs[0]) && c.room(p.segs[0]) {
				return c
			}
		}
	}
	return classify(p, force, 1)
}

// Vector code for several quads at once is that many times as long, and wants as many registers. A processor has 16.
const (
	maxWideInsts = 400 // vector instructions
	maxWideLive  = 8   // variables that live through a loop
)

// room reports whether a segment is small enough for several quads at once.
func (c *classes) room(s *segment) bool {
	insts, stored, dear := 0, map[*ir.Var]bool{}, false
	for _, i := range s.insts {
		c.each(i, func(j *ir.Inst) {
			switch {
			case j.Op == ir.OpStore && isRegister(j.Var):
				if c.vars[j.Var.ID] == varying && c.p.inLoop[j.ID] >= 0 {
					stored[j.Var] = true
				}
			case j.Op == ir.OpLoad && isRegister(j.Var):
			case j.Op == ir.OpAtomic && j.Atomic != ir.AtomicLoad, j.Op == ir.OpStore, c.of[j.ID] == varying:
				insts++
				_, cheap := native[j.Op]
				if k := j.Op; (k == ir.OpLoad || k == ir.OpStore || k == ir.OpAtomic) && c.of[j.Args[0].ID] == varying ||
					isExpensive(k) && !cheap {
					dear = true // as dear for several quads as one after the other
				}
			}
		})
	}
	return insts*c.quads <= maxWideInsts && len(stored)*c.quads <= maxWideLive && !dear
}

// needsMasks reports whether only some of a span may be somewhere in a segment.
func (c *classes) needsMasks(s *segment) bool {
	found := false
	for _, i := range s.insts {
		c.each(i, func(j *ir.Inst) { found = found || j.Op == ir.OpIf && c.splits(j) || c.diverges[j.ID] })
	}
	return found
}

// findSpread finds the uniform values that vector operators ask for more than once, or from within a loop.
func (c *classes) findSpread() {
	uses := make([]int, len(c.p.insts))
	for id, i := range c.p.insts {
		if c.of[id] != varying || !ir.IsPure(i.Op) {
			continue
		}
		for n, a := range i.Args {
			if _, shift := shifts[i.Op]; shift && n == 1 || c.of[a.ID] != uniform || isInline(a) || a.Type == ir.Bool || c.p.sunk[a.ID] {
				continue
			}
			uses[a.ID]++
			if c.p.inLoop[id] >= 0 && c.p.hoist[id] < 0 && (c.p.inLoop[a.ID] != c.p.inLoop[id] || c.p.hoist[a.ID] >= 0) {
				uses[a.ID]++
			}
			if c.quads > 1 {
				uses[a.ID]++
			}
		}
	}
	for id, n := range uses {
		c.spread[id] = n > 1
	}
}

// any reports whether some segment is vector code.
func (c *classes) any() bool {
	for _, v := range c.vector {
		if v {
			return true
		}
	}
	return false
}

func (c *classes) region(r ir.Region, masked bool) {
	for _, i := range r {
		id := i.ID
		c.masked[id] = masked
		switch i.Op {
		case ir.OpIf:
			m := masked || c.parts(i)
			c.region(i.Then, m)
			c.region(i.Else, m)
		case ir.OpLoop, ir.OpBlock:
			if i.BreakIf != nil && c.of[i.BreakIf.ID] != uniform {
				c.diverge(i)
			}
			m := masked || c.diverges[id] || c.tainted[id]
			c.region(i.Then, m)
			c.region(i.Else, m)
		case ir.OpExit, ir.OpContinue:
			if c.apart(i, i.Target, c.parts) {
				c.diverge(i.Target)
			}
		case ir.OpStore:
			if isRegister(i.Var) {
				c.store(i, masked && !c.together(i.Var) || c.of[i.Args[1].ID] != uniform || len(i.Args) > 2 && c.of[i.Args[2].ID] != uniform)
			}
		case ir.OpZero:
			if isRegister(i.Var) {
				c.store(i, masked && !c.together(i.Var))
			}
		default:
			if i.Type != ir.Void {
				c.value(i)
			}
		}
	}
}

func (c *classes) store(i *ir.Inst, differs bool) {
	if differs && c.vars[i.Var.ID] == uniform {
		c.vars[i.Var.ID], c.changed = varying, true
	}
}

// together reports whether a variable belongs to a region that only some of a quad may be in: it is given a value first
// thing there, by all who are, and written by all of them alike. Then nobody else ever asks for it.
func (c *classes) together(v *ir.Var) bool {
	if yes, ok := c.company[v]; ok {
		return yes
	}
	first := c.accesses[v.ID][0]
	owner, side := c.parting(first)
	yes := owner >= 0 && !c.p.sync[owner] && c.p.parent[first.ID] == owner &&
		(first.Op == ir.OpStore && len(first.Args) == 2 || first.Op == ir.OpZero)
	for _, i := range c.accesses[v.ID] {
		if !yes {
			break
		}
		if i.Op != ir.OpLoad {
			o, s := c.parting(i)
			yes = o == owner && s == side
			continue
		}
		at := int32(i.ID)
		for at >= 0 && c.p.parent[at] != owner {
			at = c.p.parent[at]
		}
		yes = at >= 0 && c.side(at) == side
	}
	c.company[v] = yes
	return yes
}

// side tells in which region of its parent an instruction stands.
func (c *classes) side(id int32) int {
	if int(c.p.pos[id]) < len(c.p.insts[c.p.parent[id]].Then) {
		return 0
	}
	return 1
}

// parting gives the innermost instruction around i that parts a quad, and in which of its regions i is; -1 if none does.
func (c *classes) parting(i *ir.Inst) (int32, int) {
	for at, up := int32(i.ID), c.p.parent[i.ID]; up >= 0; at, up = up, c.p.parent[up] {
		if u := c.p.insts[up]; u.Op == ir.OpIf && c.parts(u) || c.diverges[up] || c.tainted[up] {
			return up, c.side(at)
		}
	}
	return -1, 0
}

func (c *classes) diverge(i *ir.Inst) {
	d := c.diverges
	if c.p.sync[i.ID] {
		d = c.tainted
	}
	if !d[i.ID] {
		d[i.ID], c.changed = true, true
	}
}

// apart reports whether only some of a quad's invocations may be at i while others that came with them to the target
// (nil for the kernel's body) are not, given which branches send a quad both ways.
func (c *classes) apart(i, target *ir.Inst, both func(*ir.Inst) bool) bool {
	for up := c.p.parent[i.ID]; up >= 0; up = c.p.parent[up] {
		u := c.p.insts[up]
		if u == target {
			return false
		}
		if u.Op == ir.OpIf && both(u) || c.diverges[up] || c.tainted[up] {
			return true
		}
	}
	return false
}

// findEarly marks the branches of a segment before which nothing was written, and that are not in a loop or block.
func (c *classes) findEarly(r ir.Region, wrote bool) bool {
	for _, i := range r {
		if i.Op == ir.OpIf && !wrote {
			c.early[i.ID] = true
			a, b := c.findEarly(i.Then, wrote), c.findEarly(i.Else, wrote)
			wrote = a || b
			continue
		}
		c.each(i, func(j *ir.Inst) { wrote = wrote || c.write(j) })
	}
	return wrote
}

// guard reports whether i is a guard: where quads should agree most of the time, or where those who do not agree leave.
func (c *classes) guard(i *ir.Inst) bool {
	cond := i.Args[0].ID
	if c.p.split || c.linear || !c.early[i.ID] || c.of[cond] == uniform || !c.byPlace[cond] && c.leaves(i.Then) == c.leaves(i.Else) {
		return false
	}
	up := c.p.parent[i.ID]
	if up < 0 || c.p.sync[up] {
		return true
	}
	u := c.p.insts[up] // an early OpIf
	return c.of[u.Args[0].ID] == uniform || c.guard(u)
}

// parts reports whether a variable may differ between the invocations of a quad for what an OpIf did. At a guard they
// are parted by scalar code, which matters only where vector code comes again, after a barrier.
func (c *classes) parts(i *ir.Inst) bool {
	return c.of[i.Args[0].ID] != uniform && (c.p.split || !c.guard(i))
}

// splits reports whether vector code has to follow an OpIf both ways.
func (c *classes) splits(i *ir.Inst) bool { return c.of[i.Args[0].ID] != uniform && !c.guard(i) }

func (c *classes) set(i *ir.Inst, k class, fours bool) {
	place := k != varying || ir.IsPure(i.Op)
	for _, a := range i.Args {
		place = place && c.byPlace[a.ID]
	}
	if k == uniform {
		place = true
	}
	if c.byPlace[i.ID] && !place {
		c.byPlace[i.ID], c.changed = false, true
	}
	if k > c.of[i.ID] {
		c.of[i.ID], c.changed = k, true
	}
	c.fours[i.ID] = fours
}

// input gives the class of an input; consecutive ones start at a multiple of the span.
func (c *classes) input(in ir.Input) class {
	size := c.p.k.WorkgroupSize
	switch {
	case in == ir.LocalIndex:
		return consecutive
	case in >= ir.GroupX:
		return uniform
	case !c.linear:
		if in == ir.LocalX || in == ir.GlobalX {
			return consecutive
		}
		return uniform
	}
	a := in % 3 // LocalX and LocalY are 0 and 1
	if in >= ir.GlobalX {
		a = in - ir.GlobalX
	}
	switch {
	case size[a] == 1:
		return uniform
	case a == 1 && size[0] == 1 && size[1]%quad == 0:
		return consecutive
	}
	return varying
}

func (c *classes) value(i *ir.Inst) {
	switch i.Op {
	case ir.OpConst:
		c.set(i, uniform, i.Bits%c.span == 0)
	case ir.OpInput:
		k := c.input(i.Input)
		c.set(i, k, k == consecutive)
	case ir.OpBufferWords:
		c.set(i, uniform, false)
	case ir.OpLoad, ir.OpAtomic:
		k := uniform
		for _, a := range i.Args {
			if c.of[a.ID] != uniform {
				k = varying
			}
		}
		if isRegister(i.Var) {
			k = c.vars[i.Var.ID]
			if len(i.Args) > 1 && c.of[i.Args[1].ID] != uniform {
				k = varying
			}
		} else if i.Var != nil && i.Var.Space == ir.Private {
			k = varying
		}
		c.set(i, k, false)
	default:
		c.operator(i)
	}
}

func (c *classes) operator(i *ir.Inst) {
	k := uniform
	for _, a := range i.Args {
		if c.of[a.ID] != uniform {
			k = varying
		}
	}
	if i.Type == ir.F32 || len(i.Args) != 2 {
		c.set(i, k, false)
		return
	}
	a, b := i.Args[0], i.Args[1]
	ca, cb, fa, fb := c.of[a.ID], c.of[b.ID], c.fours[a.ID], c.fours[b.ID]
	by, isConst := b.Bits, b.Op == ir.OpConst
	fours := false
	switch i.Op {
	case ir.OpIAdd:
		if ca+cb == consecutive {
			k = consecutive
		}
		fours = fa && fb
	case ir.OpISub:
		if ca == consecutive && cb == uniform {
			k = consecutive
		}
		fours = fa && fb
	case ir.OpIMul:
		fours = k == uniform && (fa || fb)
	case ir.OpShl:
		fours = k == uniform && isConst && 1<<(by&31) >= c.span
	case ir.OpShrU: // an aligned quad divides as one
		if ca == consecutive && fa && isConst && 1<<(by&31) >= c.span {
			k = uniform
		}
	case ir.OpUDiv:
		if ca == consecutive && fa && isConst && by != 0 && by%c.span == 0 {
			k = uniform
		}
	case ir.OpURem:
		if ca == consecutive && fa && isConst && by != 0 && by%c.span == 0 {
			k = consecutive
		}
		fours = fa && fb && isConst && by != 0
	case ir.OpAnd:
		if ca == consecutive && fa && isConst && by%c.span == c.span-1 {
			k = consecutive
		}
		fours = fa || fb && k == uniform
		if ca == consecutive && fa && isConst && by%c.span == 0 {
			k, fours = uniform, true
		}
	case ir.OpULt, ir.OpSLt: // the bound does not fall into an aligned quad
		if ca == consecutive && fa && cb == uniform && fb {
			k = uniform
		}
	}
	c.set(i, k, fours)
}

// canVector reports whether a segment's control flow can be followed by vector code, and looks for guards.
func (c *classes) canVector(s *segment) bool {
	if s.split != nil && c.of[s.split.Args[0].ID] != uniform || s.test != nil && c.of[s.test.BreakIf.ID] != uniform {
		return false
	}
	ok := true
	for _, i := range s.insts {
		c.each(i, func(j *ir.Inst) {
			if j.Op == ir.OpIf && c.guard(j) {
				c.guards[s.id] = true
			}
			if !c.leavesSegment(j) || !c.apart(j, j.Target, c.splits) {
				return
			}
			if c.p.split {
				ok = false // it would have to put down states for some of the quad
			} else {
				c.alive[s.id] = true
			}
		})
	}
	return ok
}

func (c *classes) each(i *ir.Inst, f func(*ir.Inst)) {
	f(i)
	for _, j := range i.Then {
		c.each(j, f)
	}
	for _, j := range i.Else {
		c.each(j, f)
	}
}

// leavesSegment reports whether i is a jump to a place outside the segment it stands in.
func (c *classes) leavesSegment(i *ir.Inst) bool {
	switch i.Op {
	case ir.OpReturn:
		return true
	case ir.OpExit, ir.OpContinue:
		return c.p.sync[i.Target.ID]
	}
	return false
}

func (c *classes) leaves(r ir.Region) bool {
	found := false
	for _, i := range r {
		c.each(i, func(j *ir.Inst) { found = found || c.leavesSegment(j) })
	}
	return found
}

// write reports whether running i twice could be told from running it once.
func (c *classes) write(i *ir.Inst) bool {
	switch i.Op {
	case ir.OpStore, ir.OpZero:
		return !isRegister(i.Var) && (i.Var == nil || i.Var.Space == ir.Workgroup || c.p.split)
	case ir.OpAtomic:
		return i.Atomic != ir.AtomicLoad
	}
	return false
}

// worth weighs vector code against scalar code by a rough count of machine instructions.
func (c *classes) worth(s *segment) bool {
	var scalar, vector float64
	for _, i := range s.insts {
		c.each(i, func(j *ir.Inst) {
			if isInline(j) {
				return
			}
			w := 1.0
			for l := c.p.inLoop[j.ID]; l >= 0; l = c.p.inLoop[l] {
				w *= 8
			}
			each, all := 1.0, 1.0 // for one invocation, for four together
			switch {
			case j.Op == ir.OpIf || j.Op == ir.OpLoop:
				each, all = 2, 2
				if j.Op == ir.OpIf && c.splits(j) || c.diverges[j.ID] {
					all = 8
				}
			case j.Op == ir.OpLoad || j.Op == ir.OpStore || j.Op == ir.OpAtomic:
				if isRegister(j.Var) {
					each, all = 0, 0
					break
				}
				each, all = 4, 5
				switch k := c.of[j.Args[0].ID]; {
				case k == varying || j.Op == ir.OpAtomic || k == uniform && j.Op == ir.OpStore:
					all = 18
				case c.masked[j.ID] || len(j.Args) > 2 || j.Op == ir.OpLoad && len(j.Args) > 1:
					all = 9
				}
			case isExpensive(j.Op):
				each, all = 8, 8
				if j.Op == ir.OpFFma && c.of[j.ID] == varying {
					all = 16
				}
				if _, ok := native[j.Op]; !ok && c.of[j.ID] == varying {
					all = 20
				}
			case c.of[j.ID] == varying && j.Op >= ir.OpClz && j.Op <= ir.OpReverseBits:
				all = 6
			}
			scalar += 4 * each * w
			vector += all * w
		})
	}
	return vector < scalar
}
