package known

import (
	"math"

	"github.com/gwrun/gwrun/kernels/ir"
)

// bounds finds sums that a loop of few turns adds up, and how large they can become. What a turn adds is known from the
// run before; if it all together stays exact, so does every sum on the way.
func (a *analysis) bounds() {
	a.k.Walk(func(loop *ir.Inst) {
		if loop.Op != ir.OpLoop || a.loops[loop] == nil {
			return
		}
		turns, from := a.turns(loop)
		if turns == 0 {
			return
		}
		stores, inner := map[*ir.Var][]*ir.Inst{}, map[*ir.Var]bool{}
		collect(loop.Then, false, stores, inner)
		collect(loop.Else, false, stores, inner)
		for v, list := range stores {
			if scalar(v) && v.Type == ir.F32 && !inner[v] {
				a.bound(loop, v, list, turns, from)
			}
		}
	})
}

// collect gathers the stores to variables in a region, and the variables stored to in loops inside of it.
func collect(r ir.Region, deep bool, stores map[*ir.Var][]*ir.Inst, inner map[*ir.Var]bool) {
	for _, i := range r {
		if i.Var != nil && (i.Op == ir.OpStore || i.Op == ir.OpZero) {
			stores[i.Var] = append(stores[i.Var], i)
			inner[i.Var] = inner[i.Var] || deep
		}
		collect(i.Then, deep || i.Op == ir.OpLoop, stores, inner)
		collect(i.Else, deep || i.Op == ir.OpLoop, stores, inner)
	}
}

// bound bounds the sums in v, if every store to it adds something to what it held.
func (a *analysis) bound(loop *ir.Inst, v *ir.Var, stores []*ir.Inst, turns float64, from int) {
	start := a.loops[loop].vars[v.ID].f
	if !start.Finite() {
		return
	}
	total, grain := 0.0, start.Grain
	var sums []*ir.Inst
	c := &chain{v: v, loop: loop.ID}
	for _, st := range stores {
		if st.Op != ir.OpStore || len(st.Args) > 2 || st.ID < from {
			return
		}
		at := len(sums)
		c.looks = 0
		more, ok := c.find(st.Args[1], nil)
		if !ok {
			return
		}
		sums = append(sums, more...)
		for _, s := range sums[at:] {
			term := a.args[s.ID][1]
			if _, ok := c.find(s.Args[0], nil); !ok {
				term = a.args[s.ID][0]
			}
			if !term.Finite() {
				return
			}
			total += term.Max
			grain = min(grain, term.Grain)
		}
	}
	total = start.Max + total*turns
	if grain < finest || total > math.Ldexp(1, 24+min(grain, 100)) {
		return
	}
	for _, s := range sums {
		a.caps[s] = total
	}
}

// chain looks for sums that lead from a load of v in the loop to a value.
type chain struct {
	v     *ir.Var
	loop  int
	looks int
}

// find adds the sums that lead to i to those found; ok is false if i is anything but such a sum.
func (c *chain) find(i *ir.Inst, found []*ir.Inst) (sums []*ir.Inst, ok bool) {
	if c.looks++; c.looks > 1000 {
		return nil, false
	}
	if i.Op == ir.OpLoad && i.Var == c.v && len(i.Args) == 1 && i.ID > c.loop {
		return found, true
	}
	if i.Op != ir.OpFAdd && i.Op != ir.OpFSub {
		return nil, false
	}
	found = append(found, i)
	if sums, ok = c.find(i.Args[0], found); ok || i.Op == ir.OpFSub {
		return sums, ok
	}
	return c.find(i.Args[1], found)
}

// turns bounds how many turns of a loop go past its test, 0 if it is not known, and gives the ID of the test. The loop
// counts a variable up by a constant at the end of each turn and leaves, first thing, when that has reached some value.
func (a *analysis) turns(loop *ir.Inst) (turns float64, test int) {
	for _, i := range loop.Then {
		switch i.Op {
		case ir.OpLoop, ir.OpBlock, ir.OpStore, ir.OpZero:
			return 0, 0
		case ir.OpIf:
			c, stay := i.Args[0], false
			switch {
			case leaves(i.Then, loop) && len(i.Else) == 0:
			case leaves(i.Else, loop) && len(i.Then) == 0:
				stay = true
			default:
				return 0, 0
			}
			return a.counted(loop, c, stay), i.ID
		}
	}
	return 0, 0
}

func leaves(r ir.Region, loop *ir.Inst) bool {
	return len(r) == 1 && r[0].Op == ir.OpExit && r[0].Target == loop
}

// counted bounds the turns of a loop that goes on while c is stay.
func (a *analysis) counted(loop, c *ir.Inst, stay bool) float64 {
	if c.Op != ir.OpULt && c.Op != ir.OpULe && c.Op != ir.OpSLt && c.Op != ir.OpSLe {
		return 0
	}
	x, y := c.Args[0], c.Args[1] // goes on while x < y or x <= y
	strict := c.Op == ir.OpULt || c.Op == ir.OpSLt
	if !stay {
		x, y, strict = y, x, !strict
	}
	if x.Op != ir.OpLoad || x.Var == nil || !scalar(x.Var) || x.ID < loop.ID {
		return 0
	}
	step := a.step(loop, x.Var)
	if step == 0 {
		return 0
	}
	start, end := a.loops[loop].vars[x.Var.ID].i, a.ints[y.ID]
	first, last, most := float64(start.Lo), float64(end.Hi), float64(math.MaxUint32)
	if c.Op == ir.OpSLt || c.Op == ir.OpSLe {
		first, last, most = float64(start.Min), float64(end.Max), math.MaxInt32
	}
	if !strict {
		last++
	}
	if last+float64(step) > most {
		return 0
	}
	return max(1, math.Ceil((last-first)/float64(step)))
}

// step is the constant by which a variable grows in each turn of a loop, 0 if it is not so simple.
func (a *analysis) step(loop *ir.Inst, v *ir.Var) uint32 {
	stores, inner := map[*ir.Var][]*ir.Inst{}, map[*ir.Var]bool{}
	collect(loop.Then, false, stores, inner)
	collect(loop.Else, false, stores, inner)
	if len(stores[v]) != 1 || inner[v] {
		return 0
	}
	st := stores[v][0]
	at := false
	for _, i := range loop.Else {
		at = at || i == st
	}
	if !at || st.Op != ir.OpStore || len(st.Args) > 2 || st.Args[1].Op != ir.OpIAdd {
		return 0
	}
	x, c := st.Args[1].Args[0], st.Args[1].Args[1]
	if x.Op == ir.OpConst {
		x, c = c, x
	}
	if x.Op != ir.OpLoad || x.Var != v || x.ID < loop.ID || c.Op != ir.OpConst || c.Bits >= 1<<31 {
		return 0
	}
	return c.Bits
}
