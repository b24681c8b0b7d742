package known

import (
	"math"

	"github.com/gwrun/gwrun/kernels/ir"
)

// state is what is known at a place of the kernel.
type state struct {
	vars  []fact     // by variable ID: what a private scalar holds
	holds []*ir.Inst // by variable ID: the value that was last stored in it or loaded from it, nil if that is not known
	said  *said
	brief bool // it is for one select, whose operands it is asked about and nothing else
}

// cast is a word shifted left by so many bits, which then become a float.
type cast struct {
	word *ir.Inst
	up   uint32
}

// said is what conditions have said of a value, newest first.
type said struct {
	value *ir.Inst
	fact  fact
	older *said
}

type analysis struct {
	k      *ir.Kernel
	steps  int
	ints   []Int
	floats []Float
	args   [][2]Float
	exact  []bool
	casts  map[cast][]*ir.Inst // the bitcasts to floats
	arrays []fact              // by variable ID: what any word of an array or of workgroup memory may hold
	grown  bool                // an array's fact has changed in this run
	turn   int
	caps   map[*ir.Inst]float64 // sums that are known to be no larger

	leaves map[*ir.Inst]*state // where an Exit or Continue of the target, or its end, has been reached with what
	nexts  map[*ir.Inst]*state
	loops  map[*ir.Inst]*state // what held before each loop
	heads  map[*ir.Inst]*state // and at the start of its turns
}

func (a *analysis) run(turn int) (stable, ok bool) {
	n := a.k.NumInsts
	a.ints, a.floats, a.args, a.exact = make([]Int, n), make([]Float, n), make([][2]Float, n), make([]bool, n)
	for i := range n { // what is never reached keeps this
		a.ints[i], a.floats[i], a.args[i] = anyInt, anyFloat, [2]Float{anyFloat, anyFloat}
	}
	a.leaves, a.nexts, a.heads = map[*ir.Inst]*state{}, map[*ir.Inst]*state{}, map[*ir.Inst]*state{}
	a.grown, a.turn = false, turn
	s := &state{vars: make([]fact, len(a.k.Vars)), holds: make([]*ir.Inst, len(a.k.Vars))}
	for _, v := range a.k.Vars {
		s.vars[v.ID] = constant(v.Type, 0)
	}
	a.region(a.k.Body, s)
	return !a.grown, a.steps < maxSteps
}

func (a *analysis) copy(s *state) *state {
	if s == nil {
		return nil
	}
	a.steps += 1 + len(s.vars)/8
	return &state{vars: append([]fact(nil), s.vars...), holds: append([]*ir.Inst(nil), s.holds...), said: s.said}
}

// merge joins two states, either of which may be nil: never reached.
func (a *analysis) merge(s, t *state) *state {
	if s == nil || t == nil {
		if s == nil {
			s = t
		}
		return a.copy(s)
	}
	r := a.copy(s)
	for v := range r.vars {
		r.vars[v] = join(a.k.Vars[v].Type, s.vars[v], t.vars[v])
		if s.holds[v] != t.holds[v] {
			r.holds[v] = nil
		}
	}
	// What both know: the common tail.
	depth := func(x *said) (n int) {
		for ; x != nil; x = x.older {
			n++
		}
		return n
	}
	p, q := s.said, t.said
	m, n := depth(p), depth(q)
	a.steps += m + n
	for ; m > n; m-- {
		p = p.older
	}
	for ; n > m; n-- {
		q = q.older
	}
	for p != q {
		p, q = p.older, q.older
	}
	r.said = p
	return r
}

// region runs a region from a state and gives the one at its end, nil if the end is never reached.
func (a *analysis) region(r ir.Region, s *state) *state {
	for _, i := range r {
		if a.steps++; s == nil || a.steps > maxSteps {
			return nil
		}
		switch i.Op {
		case ir.OpIf:
			then, els := a.copy(s), s
			a.assume(then, i.Args[0], true)
			a.assume(els, i.Args[0], false)
			t := a.region(i.Then, then)
			e := a.region(i.Else, els)
			s = a.merge(t, e)
		case ir.OpBlock:
			delete(a.leaves, i)
			s = a.merge(a.region(i.Then, s), a.leaves[i])
		case ir.OpLoop:
			s = a.loop(i, s)
		case ir.OpExit:
			a.leaves[i.Target] = a.merge(a.leaves[i.Target], s)
			return nil
		case ir.OpContinue:
			a.nexts[i.Target] = a.merge(a.nexts[i.Target], s)
			return nil
		case ir.OpReturn:
			return nil
		default:
			a.inst(i, s)
		}
	}
	return s
}

// loop goes round a loop until what holds at its start does not change. Parts that go on growing are given up; one more
// round then takes back what was given up for no reason.
func (a *analysis) loop(i *ir.Inst, before *state) *state {
	a.loops[i] = a.copy(before)
	// The values computed in an earlier turn of the loop are not those of this one.
	// What has been found of it before, from less, is a good start.
	head := a.fresh(i, a.merge(before, a.heads[i]))
	const patience = 3
	for turn := 0; ; turn++ {
		end, left := a.turnOf(i, a.copy(head))
		next := a.fresh(i, a.merge(before, end))
		if a.steps > maxSteps {
			return nil
		}
		grown := false
		for v := range next.vars {
			t := a.k.Vars[v].Type
			j := join(t, head.vars[v], next.vars[v])
			if same(t, j, head.vars[v]) {
				continue
			}
			grown = true
			if turn >= patience {
				if t == ir.F32 {
					j.f = j.f.widen(head.vars[v].f)
				} else {
					j.i = j.i.widen(head.vars[v].i)
				}
			}
			head.vars[v] = j
		}
		for v := range head.holds {
			if head.holds[v] != next.holds[v] {
				head.holds[v] = nil
			}
		}
		if grown {
			continue
		}
		if turn >= patience {
			next.said, next.holds = head.said, head.holds
			head = next
			_, left = a.turnOf(i, a.copy(head))
		}
		a.heads[i] = head
		return left
	}
}

// fresh is a state at the start of a turn of a loop: no variable is known to hold a value of an earlier turn.
func (a *analysis) fresh(loop *ir.Inst, s *state) *state {
	s = a.copy(s)
	first := loop.ID
	for v, h := range s.holds {
		if h != nil && h.ID > first {
			s.holds[v] = nil
		}
	}
	return s
}

func (a *analysis) turnOf(i *ir.Inst, s *state) (end, left *state) {
	delete(a.leaves, i)
	delete(a.nexts, i)
	end = a.merge(a.region(i.Then, s), a.nexts[i])
	if end != nil {
		end = a.region(i.Else, end)
	}
	if i.BreakIf != nil && end != nil {
		out := a.copy(end)
		a.assume(out, i.BreakIf, true)
		a.assume(end, i.BreakIf, false)
		a.leaves[i] = a.merge(a.leaves[i], out)
	}
	return end, a.leaves[i]
}

// of is what is known of a value here.
func (a *analysis) of(s *state, i *ir.Inst) fact {
	f := fact{i: anyInt, f: anyFloat}
	if i.Type == ir.F32 {
		f.f = a.floats[i.ID]
	} else {
		f.i = a.ints[i.ID]
	}
	for x := s.said; x != nil; x = x.older {
		a.steps++
		if x.value == i {
			f = meet(i.Type, f, x.fact)
		}
	}
	return f
}

func (a *analysis) set(s *state, i *ir.Inst, f fact) {
	if i.Type == ir.F32 {
		a.floats[i.ID] = f.f
	} else {
		a.ints[i.ID] = f.i
	}
}

func (a *analysis) inst(i *ir.Inst, s *state) {
	arg := func(n int) fact { return a.of(s, i.Args[n]) }
	switch i.Op {
	case ir.OpConst:
		a.set(s, i, constant(i.Type, i.Bits))
	case ir.OpInput:
		a.set(s, i, fact{i: a.input(i.Input)})
	case ir.OpLoad:
		a.load(i, s)
	case ir.OpStore:
		if v := i.Var; v != nil && scalar(v) {
			if len(i.Args) == 2 && isZero(i.Args[0]) {
				s.vars[v.ID], s.holds[v.ID] = arg(1), i.Args[1]
			} else { // it may not be done
				s.vars[v.ID], s.holds[v.ID] = join(v.Type, s.vars[v.ID], arg(1)), nil
			}
		} else if v != nil {
			old := a.arrays[v.ID]
			f := join(v.Type, old, arg(1))
			if !same(v.Type, f, old) {
				if a.turn > 2 {
					f = top(v.Type)
				}
				a.arrays[v.ID], a.grown = f, true
			}
		}
	case ir.OpZero:
		s.vars[i.Var.ID], s.holds[i.Var.ID] = constant(i.Var.Type, 0), nil
	case ir.OpAtomic:
		if i.Var != nil && a.arrays[i.Var.ID] != top(ir.I32) {
			a.arrays[i.Var.ID], a.grown = top(ir.I32), true
		}
		if i.Type != ir.Void {
			a.set(s, i, top(i.Type))
		}
	case ir.OpSelect:
		c, x, y := i.Args[0], *s, *s
		x.brief, y.brief = true, true
		a.assume(&x, c, true)
		a.assume(&y, c, false)
		a.set(s, i, join(i.Type, a.of(&x, i.Args[1]), a.of(&y, i.Args[2])))
	default:
		if i.Type == ir.Void {
			return
		}
		a.set(s, i, a.operator(i, s, arg))
	}
}

// scalar reports whether a variable is followed through the kernel.
func scalar(v *ir.Var) bool { return v.Space == ir.Private && v.Len == 1 }

func (a *analysis) input(in ir.Input) Int {
	size := a.k.WorkgroupSize
	switch in {
	case ir.LocalX, ir.LocalY, ir.LocalZ:
		return unsigned(0, size[in-ir.LocalX]-1)
	case ir.LocalIndex:
		return unsigned(0, uint32(a.k.Invocations())-1)
	}
	return anyInt
}

func (a *analysis) load(i *ir.Inst, s *state) {
	v := i.Var
	switch {
	case v == nil:
		a.set(s, i, top(i.Type))
	case scalar(v):
		f := s.vars[v.ID]
		if len(i.Args) > 1 || !isZero(i.Args[0]) {
			f = join(i.Type, f, constant(i.Type, 0))
		}
		a.set(s, i, f)
		if len(i.Args) == 1 && isZero(i.Args[0]) {
			s.holds[v.ID] = i
		}
	default:
		a.set(s, i, a.arrays[v.ID])
	}
}

func isZero(i *ir.Inst) bool { return i.Op == ir.OpConst && i.Bits == 0 }

func (a *analysis) operator(i *ir.Inst, s *state, arg func(int) fact) fact {
	switch i.Op {
	case ir.OpFAdd, ir.OpFSub, ir.OpFMul:
		x, y := arg(0).f, arg(1).f
		a.args[i.ID] = [2]Float{x, y}
		if i.Op == ir.OpFMul {
			r, exact := product(x, y)
			a.exact[i.ID] = exact
			if i.Args[0] == i.Args[1] {
				r.MinusZero = false
			}
			return fact{f: r}
		}
		limit := math.Inf(1)
		if c, ok := a.caps[i]; ok {
			limit = c
		}
		r, exact := sum(x, y, i.Op == ir.OpFSub, limit)
		a.exact[i.ID] = exact
		return fact{f: r}
	case ir.OpFNeg, ir.OpFAbs:
		x := arg(0).f
		a.args[i.ID] = [2]Float{x, x}
		if i.Op == ir.OpFNeg {
			x.MinusZero = x.Zero
		} else {
			x.MinusZero = false
		}
		return fact{f: x}
	case ir.OpFMin, ir.OpFMax:
		x, y := arg(0).f, arg(1).f
		a.args[i.ID] = [2]Float{x, y}
		r := x.join(y)
		r.NaN = x.NaN && y.NaN
		return fact{f: r}
	case ir.OpSToF, ir.OpUToF:
		n := arg(0).i
		lo, hi := float64(n.Min), float64(n.Max)
		if i.Op == ir.OpUToF {
			lo, hi = float64(n.Lo), float64(n.Hi)
		}
		r, exact := fromInt(lo, hi, n.Zeros)
		a.exact[i.ID] = exact
		return fact{f: r}
	case ir.OpFFloor, ir.OpFCeil, ir.OpFTrunc, ir.OpFRound:
		x := arg(0).f
		a.args[i.ID] = [2]Float{x, x}
		x.Max = up(math.Ceil(x.Max))
		x.Grain, x.Least, x.Bits = max(x.Grain, 0), max(x.Least, 0), 24
		x.MinusZero, x.Zero = true, true
		return fact{f: x.tidy()}
	case ir.OpFSqrt, ir.OpFDiv, ir.OpFFma, ir.OpFInvSqrt:
		return fact{f: anyFloat}
	case ir.OpFExp, ir.OpFExp2:
		return fact{f: Float{NaN: arg(0).f.NaN, Inf: true, Zero: true, Max: maxFloat, Least: finest, Grain: finest, Bits: 24}}
	case ir.OpFTanh, ir.OpFSin, ir.OpFCos:
		return fact{f: Float{NaN: arg(0).f.NaN || arg(0).f.Inf, Zero: true, MinusZero: true, Max: 1, Least: finest, Grain: finest, Bits: 24}}
	case ir.OpFLog, ir.OpFLog2:
		return fact{f: Float{NaN: true, Inf: true, Zero: true, MinusZero: true, Max: 150, Least: -25, Grain: -48, Bits: 24}}
	case ir.OpFToS, ir.OpFToU:
		return fact{i: a.whole(i, arg(0).f)}
	case ir.OpBitcast:
		if i.Type == ir.F32 {
			return fact{f: fromBits(arg(0).i)}
		}
		return fact{i: anyInt}
	case ir.OpIEq, ir.OpINe:
		return fact{i: unsigned(0, 1)}
	}
	switch {
	case i.Type == ir.Bool:
		return fact{i: unsigned(0, 1)}
	case i.Type == ir.F32:
		return fact{f: anyFloat}
	case len(i.Args) == 2 && i.Args[0].Type == ir.I32:
		return fact{i: integer(i.Op, arg(0).i, arg(1).i)}
	case len(i.Args) == 1 && i.Args[0].Type != ir.F32:
		return fact{i: integer(i.Op, arg(0).i, Int{})}
	}
	return fact{i: anyInt}
}

// whole is the fact of a float converted to an integer: truncated, saturated, 0 for a NaN.
func (a *analysis) whole(i *ir.Inst, x Float) Int {
	if x.Inf || x.Max >= 1<<31 {
		return anyInt
	}
	n := int64(x.Max)
	if i.Op == ir.OpFToU {
		return unsigned(0, uint32(n))
	}
	return signed(-n, n)
}
