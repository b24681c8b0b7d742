package profile

import (
	"fmt"

	"github.com/gwrun/gwrun/kernels/ir"
)

// maxGuards bounds how deep a row of `if (...) { return; }` nests what follows each; later ones leave by an exit.
const maxGuards = 32

// scope runs f and then frees the variables it declared.
func (m *emitter) scope(f func()) {
	m.scopes = append(m.scopes, nil)
	f()
	last := len(m.scopes) - 1
	for _, st := range m.scopes[last] {
		m.release(st)
	}
	m.scopes = m.scopes[:last]
}

func (m *emitter) block(list []stmt, tail bool) {
	m.scope(func() { m.statements(list, tail) })
}

// statements emits a list. tail says that nothing of the function follows it, so that a return need not jump.
func (m *emitter) statements(list []stmt, tail bool) {
	for i, s := range list {
		if m.b.top().dead {
			return
		}
		last := i == len(list)-1
		if g, ok := s.(*sIf); ok && tail && !last && len(g.els) == 0 && endsInReturn(g.then) && len(m.b.levels) < maxGuards {
			m.at(g.pos)
			m.branch(m.scalar(g.cond), func() { m.block(g.then, true) }, func() { m.statements(list[i+1:], true) })
			return
		}
		m.statement(s, tail && last)
	}
}

func endsInReturn(list []stmt) bool {
	if len(list) == 0 {
		return false
	}
	_, ok := list[len(list)-1].(*sReturn)
	return ok
}

func (m *emitter) statement(s stmt, tail bool) {
	switch s := s.(type) {
	case *sBlock:
		m.block(s.list, tail)
	case *sVar:
		m.declare(s.v)
	case *sAssign:
		m.assign(s)
	case *sEval:
		if s.x.t.kind == kPtr {
			m.place(s.x)
		} else {
			m.expr(s.x)
		}
	case *sIf:
		m.at(s.pos)
		c := m.scalar(s.cond)
		m.at(s.pos)
		m.branch(c, func() { m.block(s.then, tail) }, func() { m.block(s.els, tail) })
	case *sSwitch:
		m.switchStmt(s, tail)
	case *sLoop:
		m.scope(func() { m.loop(s) })
	case *sBreak:
		m.at(s.pos)
		l := m.loops[len(m.loops)-1]
		l.exits++
		m.b.leave(&ir.Inst{Op: ir.OpExit, Target: l.inst, Binding: -1})
	case *sContinue:
		m.at(s.pos)
		for i := len(m.loops) - 1; ; i-- {
			if l := m.loops[i]; !l.isSwitch {
				l.continues++
				m.b.leave(&ir.Inst{Op: ir.OpContinue, Target: l.inst, Binding: -1})
				return
			}
		}
	case *sReturn:
		m.returnStmt(s, tail)
	default:
		panic(fmt.Sprintf("profile: cannot emit statement %T", s))
	}
}

func (m *emitter) declare(v *variable) {
	m.at(v.pos)
	if v.space != spFunction {
		if v.t.kind == kPtr {
			m.ptrs[v] = m.place(v.init)
		} else {
			m.vals[v] = m.expr(v.init)
		}
		return
	}
	var init []*ir.Inst
	if v.init != nil {
		init = m.expr(v.init)
		m.at(v.pos)
	}
	st := m.newStorage(v.t, ir.Private, v.name, v.dyn, 1)
	m.vars[v] = st
	top := len(m.scopes) - 1
	if top >= 0 {
		m.scopes[top] = append(m.scopes[top], st)
	}
	if v.init != nil {
		m.store(place{t: v.t, st: st, binding: -1}, init)
	} else {
		m.zero(st)
	}
}

func (m *emitter) assign(s *sAssign) {
	m.at(s.pos)
	places := m.places(s.x)
	m.at(s.pos)
	var old []*ir.Inst
	if s.op != "" {
		for _, p := range places {
			old = m.load(p, old)
		}
	}
	y := m.expr(s.y)
	m.at(s.pos)
	if s.op != "" {
		y = m.binary(s.op, s.x.t, s.y.t, s.t, old, y)
	}
	for _, p := range places {
		y = m.store(p, y)
	}
}

// places is what an assignment writes: one place, or the components of a swizzle.
func (m *emitter) places(x *expr) []place {
	if x.op != opSwizzle || len(x.swz) == 1 {
		return []place{m.place(x)}
	}
	p := m.place(x.args[0])
	var out []place
	for _, k := range x.swz {
		out = append(out, m.member(p, k))
	}
	return out
}

// branch emits an if, or only the side that is taken where the condition is a constant.
func (m *emitter) branch(c *ir.Inst, then, els func()) {
	if c.Op == ir.OpConst {
		if c.Bits != 0 {
			then()
		} else {
			els()
		}
		return
	}
	i := &ir.Inst{Op: ir.OpIf, Args: []*ir.Inst{c}, Binding: -1, Pos: m.b.pos}
	a := m.b.region(false, func() { m.b.assume(c, true); then() })
	b := m.b.region(false, func() { m.b.assume(c, false); els() })
	i.Then, i.Else = a.out, b.out
	if len(i.Then) == 0 && len(i.Else) == 0 {
		return
	}
	pos := i.Pos
	m.b.add(i)
	i.Pos = pos
	switch {
	case a.dead && b.dead:
		m.b.top().dead = true
	case a.dead:
		m.b.assume(c, false)
	case b.dead:
		m.b.assume(c, true)
	}
}

// not is the negation of a bool.
func (b *builder) not(c *ir.Inst) *ir.Inst {
	switch c.Op {
	case ir.OpIEq:
		return b.op(ir.OpINe, c.Args...)
	case ir.OpINe:
		return b.op(ir.OpIEq, c.Args...)
	case ir.OpULt:
		return b.op(ir.OpULe, c.Args[1], c.Args[0])
	case ir.OpULe:
		return b.op(ir.OpULt, c.Args[1], c.Args[0])
	case ir.OpSLt:
		return b.op(ir.OpSLe, c.Args[1], c.Args[0])
	case ir.OpSLe:
		return b.op(ir.OpSLt, c.Args[1], c.Args[0])
	}
	return b.op(ir.OpBNot, c)
}

func (m *emitter) loop(s *sLoop) {
	m.statements(s.init, false)
	m.at(s.pos)
	pos := m.pos
	l := &loopFrame{inst: &ir.Inst{Op: ir.OpLoop, Binding: -1}}
	m.loops = append(m.loops, l)
	m.scope(func() {
		body := m.b.push(true)
		if s.cond != nil {
			c := m.scalar(s.cond)
			m.at(s.pos)
			exit := func() {
				l.exits++
				m.b.leave(&ir.Inst{Op: ir.OpExit, Target: l.inst, Binding: -1})
			}
			m.branch(m.b.not(c), exit, func() {})
		}
		m.statements(s.body, false)
		m.b.pop()
		l.inst.Then = body.out
		if body.dead && l.continues == 0 {
			return // control never comes to the continuing block, which may use names that were never reached
		}
		cont := m.b.push(true)
		m.statements(s.cont, false)
		if s.breakIf != nil {
			if c := m.scalar(s.breakIf); !isConst(c, 0) {
				l.inst.BreakIf = c
				l.exits++
			}
		}
		m.b.pop()
		l.inst.Else = cont.out
	})
	m.loops = m.loops[:len(m.loops)-1]
	m.b.pos = pos
	m.b.add(l.inst)
	if l.exits == 0 {
		m.b.top().dead = true
	}
}

// maxNestedCases is the longest switch that becomes a chain of else branches; longer ones stand in a row.
const maxNestedCases = 16

func (m *emitter) switchStmt(s *sSwitch, tail bool) {
	m.at(s.pos)
	pos := m.pos
	sel := m.scalar(s.sel)
	l := &loopFrame{inst: &ir.Inst{Op: ir.OpBlock, Binding: -1}, isSwitch: true}
	m.loops = append(m.loops, l)
	level := m.b.push(false)
	var def *sCase
	var rest []*sCase
	for i := range s.cases {
		if s.cases[i].def {
			def = &s.cases[i]
		} else {
			rest = append(rest, &s.cases[i])
		}
	}
	nested := len(rest) <= maxNestedCases
	body := func(c *sCase) {
		list := c.body
		if n := len(list); n > 0 {
			if _, ok := list[n-1].(*sBreak); ok {
				list = list[:n-1] // to the end of the switch, where it goes anyway
			}
		}
		m.block(list, tail && nested)
	}
	chosen := func(c *sCase) *ir.Inst {
		m.b.pos = pos
		is := m.b.bool(false)
		for _, v := range c.vals {
			is = m.b.op(ir.OpBOr, is, m.b.op(ir.OpIEq, sel, m.b.int(v.val.bits())))
		}
		return is
	}
	if nested {
		var from func(i int)
		from = func(i int) {
			if i == len(rest) {
				body(def)
				return
			}
			m.branch(chosen(rest[i]), func() { body(rest[i]) }, func() { from(i + 1) })
		}
		from(0)
	} else {
		for _, c := range rest {
			if level.dead {
				break
			}
			m.branch(chosen(c), func() {
				body(c)
				if !m.b.top().dead {
					l.exits++
					m.b.leave(&ir.Inst{Op: ir.OpExit, Target: l.inst, Binding: -1})
				}
			}, func() {})
		}
		if !level.dead {
			body(def)
		}
	}
	m.b.pop()
	m.loops = m.loops[:len(m.loops)-1]
	m.endBlock(l.inst, level, l.exits, pos)
}

// endBlock puts a finished level where it stood: by itself if something leaves it early, else as part of the region.
func (m *emitter) endBlock(i *ir.Inst, l *level, exits int, pos ir.Pos) {
	if exits == 0 {
		m.splice(l)
		for k, v := range l.facts {
			up := m.b.top()
			if up.facts == nil {
				up.facts = map[shareKey]*ir.Inst{}
			}
			up.facts[k] = v
		}
		return
	}
	i.Then = l.out
	m.b.pos = pos
	m.b.add(i)
}

func (m *emitter) returnStmt(s *sReturn, tail bool) {
	m.at(s.pos)
	f := m.frame
	var x []*ir.Inst
	if s.x != nil {
		x = m.expr(s.x)
		m.at(s.pos)
	}
	if f.single {
		f.direct = x
		return
	}
	for i, v := range f.result {
		m.b.storeScalar(v, x[i])
	}
	switch {
	case tail:
	case f.block == nil:
		m.b.leave(&ir.Inst{Op: ir.OpReturn, Binding: -1})
	default:
		f.exits++
		m.b.leave(&ir.Inst{Op: ir.OpExit, Target: f.block, Binding: -1})
	}
}

// countReturns counts return statements.
func countReturns(list []stmt) int {
	n := 0
	for _, s := range list {
		switch s := s.(type) {
		case *sReturn:
			n++
		case *sBlock:
			n += countReturns(s.list)
		case *sIf:
			n += countReturns(s.then) + countReturns(s.els)
		case *sSwitch:
			for _, c := range s.cases {
				n += countReturns(c.body)
			}
		case *sLoop:
			n += countReturns(s.body)
		}
	}
	return n
}

// inline emits a call by emitting the function's body here.
func (m *emitter) inline(e *expr) []*ir.Inst {
	fn := e.fn
	args := make([][]*ir.Inst, len(e.args))
	ptrs := make([]place, len(e.args))
	for i, a := range e.args {
		if a.t.kind == kPtr {
			ptrs[i] = m.place(a)
		} else {
			args[i] = m.expr(a)
		}
	}
	m.at(e.pos)
	pos := m.pos
	for i, p := range fn.params {
		if p.t.kind == kPtr {
			m.ptrs[p] = ptrs[i]
		} else {
			m.vals[p] = args[i]
		}
	}
	outer, loops := m.frame, m.loops
	f := &frame{fn: fn, block: &ir.Inst{Op: ir.OpBlock, Binding: -1}}
	f.single = endsInReturn(fn.body) && fn.returns == 1
	m.frame, m.loops = f, nil
	defer func() { m.frame, m.loops = outer, loops }()
	if f.single {
		m.block(fn.body, true)
		if f.direct == nil && fn.result != tVoid {
			return m.zeros(fn.result) // the return is never reached: a loop before it does not end
		}
		return f.direct
	}
	if fn.result != tVoid {
		for _, t := range leafTypes(fn.result, nil) {
			f.result = append(f.result, m.newVar(ir.Private, irType(t), 1, fn.name))
		}
	}
	level := m.b.push(false)
	m.block(fn.body, true)
	m.b.pop()
	m.endBlock(f.block, level, f.exits, pos)
	out := make([]*ir.Inst, len(f.result))
	for i, v := range f.result {
		out[i] = m.b.loadScalar(v)
	}
	for _, v := range f.result {
		k := poolKey{v.Type, 1}
		m.pool[k] = append(m.pool[k], v)
	}
	return out
}
