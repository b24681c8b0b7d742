package race

import (
	"math"
	"slices"

	"github.com/gwrun/gwrun/kernels/ir"
)

// guess is what is believed of a variable at the start of every iteration of a loop, until a look at the loop's body
// shows that it holds or that less must be believed.
type guess struct {
	step  poly // start + step * iteration; nil if it is not that
	count bool // step holds
	span  span
	level level
	loops []*ir.Inst
}

// loop walks through a loop. First its body is looked at with nothing known of the variables it changes: one that comes
// out as itself plus something fixed counts up. Of the others it is guessed that they stay within the span and as
// shared as they were before the loop, and looked at again until that holds. Then the accesses are noted.
func (w *walker) loop(i *ir.Inst) {
	before := w.st
	vars := modified(i)
	guesses := map[*ir.Var]*guess{}
	for _, v := range vars {
		guesses[v] = &guess{span: word, level: byInvocation}
	}
	w.dry++
	end := w.iteration(i, before, vars, guesses)
	for _, v := range vars {
		g, start := guesses[v], w.get(&before, v)
		if v.Type == ir.I32 && !end.dead {
			if step, ok := w.fixedStep(i, v, w.get(&end, v).p); ok {
				g.step, g.count = step, true
				continue
			}
		}
		g.level, g.loops = start.level, start.loops
		if v.Type == ir.I32 {
			if g.span = w.spanOf(start.p); !g.span.within(0, math.MaxUint32) {
				g.span = word
			}
		}
	}
	for stable := false; !stable; {
		stable = true
		end = w.iteration(i, before, vars, guesses)
		if end.dead {
			break
		}
		for _, v := range vars {
			g := guesses[v]
			if g.count {
				continue
			}
			x := w.get(&end, v)
			lvl := max(g.level, x.level, w.targets[i].again.level)
			// What comes out of one iteration goes into the next: that it differs by iteration is said by this loop.
			more := union(g.loops, without(union(x.loops, w.targets[i].again.loops), i))
			if lvl != g.level || len(more) != len(g.loops) {
				g.level, g.loops, stable = lvl, more, false
			}
			if v.Type == ir.I32 {
				if s := w.spanOf(x.p); !s.within(g.span.lo, g.span.hi) && g.span != word {
					g.span, stable = widened(g.span, s), false
				}
			}
		}
	}
	w.dry--
	w.iteration(i, before, vars, guesses)
	t := w.targets[i]
	// Outside, what differed from iteration to iteration is what it was in the last one.
	out := w.joinAll(i, 0, t.exits, t.exit)
	if !out.dead {
		w.forget(i, &out, vars, t.exit)
	}
	w.st = out
}

// widened is a span that holds both: where an end has moved, it goes all the way, so that this comes to an end.
func widened(a, b span) span {
	if b.lo < a.lo {
		a.lo = 0
	}
	if b.hi > a.hi {
		a.hi = math.MaxUint32
	}
	if b.lo < 0 || b.hi > math.MaxUint32 {
		return word
	}
	return a
}

func without(loops []*ir.Inst, i *ir.Inst) []*ir.Inst {
	return slices.DeleteFunc(slices.Clone(loops), func(l *ir.Inst) bool { return l == i })
}

// iteration walks through a loop once, starting from the guesses, and gives the state at its end.
func (w *walker) iteration(i *ir.Inst, before state, vars []*ir.Var, guesses map[*ir.Var]*guess) state {
	t := &target{depth: len(w.ctl)}
	w.targets[i] = t
	w.open = append(w.open, i)
	w.st = before.clone()
	lvl := byInvocation
	if w.barriers[i] {
		lvl = byGroup // all come to the barrier equally often
	}
	counter := w.make(atomKey{inst: i, role: 1}, atom{span: word, level: lvl, loops: []*ir.Inst{i}, iter: i})
	for _, v := range vars {
		g, start := guesses[v], w.get(&before, v)
		switch {
		case g.count:
			w.st.env[v] = w.counted(i, v, start, g.step, counter)
		case v.Type == ir.I32:
			a := atom{span: g.span, level: g.level, loops: union(g.loops, w.open)}
			w.st.env[v] = w.integer(atomPoly(w.make(atomKey{inst: i, role: 2, v: v}, a)))
		default:
			x := symbol{level: g.level, loops: union(g.loops, w.open)}
			if v.Type == ir.Bool {
				x.c = &condition{op: ir.OpInvalid, level: x.level, loops: x.loops}
			}
			w.st.env[v] = x
		}
	}
	w.body(i, counter)
	if !w.st.dead {
		t.continues = append(t.continues, w.st)
	}
	w.st = w.joinAll(i, 1000, t.continues, t.again)
	if !w.st.dead {
		w.region(i.Else)
	}
	if !w.st.dead && i.BreakIf != nil {
		c := w.vals[i.BreakIf.ID]
		end := w.st
		w.st = end.clone()
		w.suppose(c.c, true)
		if !w.st.dead {
			w.ctl = append(w.ctl, c)
			t.exits = append(t.exits, w.st)
			t.exit = w.decided(t.exit, t.depth)
			w.ctl = w.ctl[:len(w.ctl)-1]
		}
		w.st = end
		w.suppose(c.c, false)
	}
	w.open = w.open[:len(w.open)-1]
	return w.st
}

// body walks through the body. A test that stands in it before anything goes on to the next iteration, and that leaves
// the loop when it fails, was passed in every iteration before.
func (w *walker) body(i *ir.Inst, counter ref) {
	for _, x := range i.Then {
		if w.st.dead {
			return
		}
		w.test = nil
		if x.Op == ir.OpIf && len(w.targets[i].continues) == 0 {
			if leaves(x.Then, i) {
				w.test = &counting{i, counter, false}
			} else if leaves(x.Else, i) {
				w.test = &counting{i, counter, true}
			}
		}
		w.region(ir.Region{x})
	}
	w.test = nil
}

// leaves says whether a region does nothing but leave a loop.
func leaves(r ir.Region, loop *ir.Inst) bool {
	return len(r) == 1 && (r[0].Op == ir.OpReturn || r[0].Op == ir.OpExit && r[0].Target == loop)
}

// counted is the value of a variable that starts at start and grows by step in each iteration.
func (w *walker) counted(i *ir.Inst, v *ir.Var, start symbol, step poly, counter ref) (r symbol) {
	defer func() {
		if e := recover(); e != nil {
			if _, ok := e.(tooLarge); !ok {
				panic(e)
			}
			r = w.opaque(atomKey{inst: i, role: 2, v: v}, word, nil, nil, symbol{level: byInvocation, loops: w.open})
		}
	}()
	return w.integer(start.p.add(step.timesM(monoOf(counter))).wrapped())
}

// fixedStep says by how much a variable grew in an iteration, if that is the same in each.
func (w *walker) fixedStep(i *ir.Inst, v *ir.Var, end poly) (step poly, ok bool) {
	defer func() {
		if e := recover(); e != nil {
			if _, large := e.(tooLarge); !large {
				panic(e)
			}
			ok = false
		}
	}()
	step = end.sub(atomPoly(w.make(atomKey{inst: i, role: 2, v: v}, *w.atom(w.keys[atomKey{inst: i, role: 2, v: v}])))).wrapped()
	_, loops := w.levelOf(step)
	return step, !slices.Contains(loops, i)
}

// forget replaces, after a loop, what depends on its iteration.
func (w *walker) forget(i *ir.Inst, s *state, vars []*ir.Var, how symbol) {
	how.loops = without(how.loops, i)
	inside := func(p poly) bool {
		_, loops := w.levelOf(p)
		return slices.Contains(loops, i)
	}
	for _, v := range vars {
		x := w.get(s, v)
		if !slices.Contains(x.loops, i) {
			continue
		}
		x.level, x.loops = max(x.level, how.level), union(without(x.loops, i), how.loops)
		switch v.Type {
		case ir.I32:
			sp := w.spanOf(x.p)
			if !sp.within(0, math.MaxUint32) {
				sp = word
			}
			s.env[v] = w.opaque(atomKey{inst: i, role: 3, v: v}, sp, nil, nil, symbol{level: x.level, loops: union(x.loops, w.open)})
		case ir.Bool:
			s.env[v] = w.boolean(&condition{op: ir.OpInvalid, level: x.level, loops: x.loops})
		default:
			s.env[v] = x
		}
	}
	s.facts = slices.DeleteFunc(slices.Clone(s.facts), inside)
	s.eqs = slices.DeleteFunc(slices.Clone(s.eqs), inside)
}
