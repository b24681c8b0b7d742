package profile

import (
	"github.com/gwrun/gwrun/kernels/profile/syntax"
)

// Uniformity analysis: a barrier must be reached by all invocations of a workgroup or by none (WGSL section 15.2).
//
// The specification builds a graph for each function and asks what is reachable. Here each value, each variable's
// content and the control flow itself carry the set of what they depend on (deps), which is the same answer: walking
// forward, joining where paths meet, and going round loops until nothing changes. A function is summed up once by what
// it asks of its callers and how its result depends on its arguments, so that each is walked once, callees first.

// deps is what something depends on, for being the same in all invocations of the workgroup.
type deps struct {
	non *why // something that differs between invocations, if any
	set [9]uint64
}

// why names the source of a difference, or a place that needs uniformity.
type why struct {
	pos  syntax.Pos
	what string
}

const (
	depFlow     = 0   // the control flow of the call
	depParam    = 1   // + n: the value of parameter n
	depContents = 257 // + n: what pointer parameter n points to
)

func bit(n int) deps {
	var d deps
	d.set[n/64] = 1 << (n % 64)
	return d
}

func (d deps) has(n int) bool { return d.set[n/64]>>(n%64)&1 != 0 }

func (d deps) join(e deps) deps {
	if d.non == nil {
		d.non = e.non
	}
	for i := range d.set {
		d.set[i] |= e.set[i]
	}
	return d
}

// within reports whether e adds nothing to d.
func (e deps) within(d deps) bool {
	for i := range d.set {
		if e.set[i]&^d.set[i] != 0 {
			return false
		}
	}
	return e.non == nil || d.non != nil
}

// summary is what a caller needs to know of a function.
type summary struct {
	flow     *why // set if it must be called in uniform control flow
	params   map[int]*why
	contents map[int]*why
	result   deps
	out      map[int]deps // contents of pointer parameters afterwards
}

// flowState is what is known at a point of the function: of the control flow and of the function's variables.
type flowState struct {
	cf   deps
	vars map[*variable]deps
}

func (u *uniformity) copy(s *flowState) *flowState {
	u.spend(len(s.vars))
	c := &flowState{s.cf, make(map[*variable]deps, len(s.vars))}
	for v, d := range s.vars {
		c.vars[v] = d
	}
	return c
}

// joinVars adds the variables of o and reports whether that changed anything.
func (s *flowState) joinVars(o *flowState) bool {
	changed := false
	for v, d := range o.vars {
		if old, ok := s.vars[v]; !ok || !d.within(old) {
			s.vars[v] = old.join(d)
			changed = true
		}
	}
	return changed
}

type uniformity struct {
	c     *checker
	f     *function
	sum   *summary
	vals  map[*variable]deps // lets and parameters
	loops []*uniformLoop
	kept  map[stmt]*flowState // entry of each loop, over all visits
	exits map[stmt]behavior
	cur   *flowState // nil where control does not come
	bad   map[syntax.Pos]bool
}

type uniformLoop struct {
	isSwitch  bool
	breaks    *flowState
	continues *flowState
}

// maxUniformSteps bounds the walk; nested loops go round again each time something outside them changes.
const maxUniformSteps = 5_000_000

// uniformity analyses a function whose callees have been analysed.
func (c *checker) uniformity(f *function) {
	if f.sum != nil || !c.barriers {
		return
	}
	for _, s := range f.calls {
		c.uniformity(s.fn)
	}
	u := &uniformity{c: c, f: f, vals: map[*variable]deps{}, kept: map[stmt]*flowState{}, exits: map[stmt]behavior{},
		bad: map[syntax.Pos]bool{}}
	u.sum = &summary{params: map[int]*why{}, contents: map[int]*why{}, out: map[int]deps{}}
	f.sum = u.sum
	u.cur = &flowState{vars: map[*variable]deps{}}
	if !f.entry {
		u.cur.cf = bit(depFlow)
	}
	for i, p := range f.params {
		switch {
		case f.entry:
			u.vals[p] = inputDeps(p.t, p.io, p)
		default:
			u.vals[p] = bit(depParam + i)
			if p.t.kind == kPtr {
				u.cur.vars[p] = bit(depContents + i)
			}
		}
	}
	u.list(f.body)
	u.leaveFunction()
}

func uniformInput(name string) bool {
	return name == "workgroup_id" || name == "num_workgroups" || name == "workgroup_index"
}

func inputDeps(t *typ, io ioAttr, v *variable) deps {
	if t.kind == kStruct {
		var d deps
		for _, m := range t.members {
			d = d.join(inputDeps(m.t, m.io, v))
		}
		return d
	}
	if uniformInput(io.builtin) {
		return deps{}
	}
	return deps{non: &why{v.pos, io.builtin}}
}

// leaveFunction notes what pointer parameters hold where control leaves the function.
func (u *uniformity) leaveFunction() {
	if u.cur == nil {
		return
	}
	for i, p := range u.f.params {
		if p.t.kind == kPtr {
			u.sum.out[i] = u.sum.out[i].join(u.cur.vars[p])
		}
	}
}

// need asks that d be uniform.
func (u *uniformity) need(d deps, pos syntax.Pos, what string) {
	if d.non != nil {
		if !u.bad[pos] {
			u.bad[pos] = true
			u.c.note(pos, "%s, but it depends on %s (%s), which differs between invocations", what, d.non.what, d.non.pos)
		}
		return
	}
	w := &why{pos, what}
	if d.has(depFlow) && u.sum.flow == nil {
		u.sum.flow = w
	}
	for i := range u.f.params {
		if d.has(depParam+i) && u.sum.params[i] == nil {
			u.sum.params[i] = w
		}
		if d.has(depContents+i) && u.sum.contents[i] == nil {
			u.sum.contents[i] = w
		}
	}
}

// escapes tells which of break, continue and return leave a statement.
func (u *uniformity) escapes(s stmt) behavior {
	if b, ok := u.exits[s]; ok {
		return b
	}
	var b behavior
	all := func(list []stmt) {
		for _, s := range list {
			b |= u.escapes(s)
		}
	}
	switch s := s.(type) {
	case *sBreak:
		b = bBreak
	case *sContinue:
		b = bContinue
	case *sReturn:
		b = bReturn
	case *sBlock:
		all(s.list)
	case *sIf:
		all(s.then)
		all(s.els)
	case *sSwitch:
		for _, c := range s.cases {
			all(c.body)
		}
		b &^= bBreak
	case *sLoop:
		all(s.body)
		b &^= bBreak | bContinue
	}
	u.exits[s] = b
	return b
}

func (u *uniformity) list(list []stmt) {
	for _, s := range list {
		if u.cur == nil {
			return
		}
		u.stmt(s)
	}
}

func (u *uniformity) spend(n int) {
	if u.c.uniformSteps += n; u.c.uniformSteps > maxUniformSteps {
		u.c.fault(u.f.pos, "function %q is too complex for the uniformity analysis", u.f.name)
	}
}

func (u *uniformity) stmt(s stmt) {
	u.spend(1)
	switch s := s.(type) {
	case *sBlock:
		u.list(s.list)
	case *sVar:
		var d deps
		if s.v.init != nil {
			d = u.expr(s.v.init)
		}
		if s.v.kind == syntax.KindVar {
			u.cur.vars[s.v] = d.join(u.cur.cf)
		} else {
			u.vals[s.v] = d.join(u.cur.cf)
		}
	case *sAssign:
		at := u.expr(s.x)
		d := u.expr(s.y)
		if s.op != "" {
			d = d.join(u.read(s.x, at))
		}
		u.write(s.x, at, d)
	case *sEval:
		u.expr(s.x)
	case *sIf:
		before := u.cur.cf
		c := u.expr(s.cond)
		els := u.copy(u.cur)
		u.cur.cf = u.cur.cf.join(c)
		els.cf = u.cur.cf
		u.list(s.then)
		then := u.cur
		u.cur = els
		u.list(s.els)
		u.meet(then, before, u.escapes(s) == 0)
	case *sSwitch:
		before := u.cur.cf
		u.cur.cf = u.cur.cf.join(u.expr(s.sel))
		start := u.cur
		l := &uniformLoop{isSwitch: true}
		u.loops = append(u.loops, l)
		var end *flowState
		for _, c := range s.cases {
			u.cur = u.copy(start)
			u.list(c.body)
			end = u.join(end, u.cur)
		}
		u.loops = u.loops[:len(u.loops)-1]
		u.cur = end
		u.meet(l.breaks, before, u.escapes(s) == 0)
	case *sLoop:
		u.loop(s)
	case *sBreak:
		l := u.loops[len(u.loops)-1]
		l.breaks = u.join(l.breaks, u.cur)
		u.cur = nil
	case *sContinue:
		for i := len(u.loops) - 1; ; i-- {
			if l := u.loops[i]; !l.isSwitch {
				l.continues = u.join(l.continues, u.cur)
				break
			}
		}
		u.cur = nil
	case *sReturn:
		if s.x != nil {
			u.sum.result = u.sum.result.join(u.expr(s.x)).join(u.cur.cf)
		}
		u.leaveFunction()
		u.cur = nil
	}
}

func (u *uniformity) join(a, b *flowState) *flowState {
	switch {
	case a == nil && b == nil:
		return nil
	case a == nil:
		return u.copy(b)
	case b == nil:
		return a
	}
	u.spend(len(b.vars))
	a.joinVars(b)
	a.cf = a.cf.join(b.cf)
	return a
}

// meet joins the current state with another at the end of a statement. Where nothing left it early, control flow is
// again what it was before.
func (u *uniformity) meet(o *flowState, before deps, whole bool) {
	u.cur = u.join(u.cur, o)
	if u.cur != nil && whole {
		u.cur.cf = before
	}
}

func (u *uniformity) loop(s *sLoop) {
	u.list(s.init)
	before := u.cur.cf
	entry := u.kept[s]
	if entry == nil {
		entry = u.copy(u.cur)
		u.kept[s] = entry
	} else {
		entry.joinVars(u.cur)
		entry.cf = entry.cf.join(u.cur.cf)
	}
	var after *flowState
	for {
		u.cur = u.copy(entry)
		l := &uniformLoop{}
		u.loops = append(u.loops, l)
		if s.cond != nil {
			c := u.expr(s.cond)
			u.cur.cf = u.cur.cf.join(c)
			l.breaks = u.join(l.breaks, u.cur)
		}
		u.list(s.body)
		u.cur = u.join(u.cur, l.continues)
		if u.cur != nil {
			u.list(s.cont)
			if s.breakIf != nil && u.cur != nil {
				u.cur.cf = u.cur.cf.join(u.expr(s.breakIf))
				l.breaks = u.join(l.breaks, u.cur)
			}
		}
		u.loops = u.loops[:len(u.loops)-1]
		after = l.breaks
		if u.cur == nil {
			break
		}
		changed := entry.joinVars(u.cur)
		if !u.cur.cf.within(entry.cf) {
			entry.cf = entry.cf.join(u.cur.cf)
			changed = true
		}
		if !changed {
			break
		}
	}
	u.cur = after
	if u.cur != nil && u.escapes(s) == 0 {
		u.cur.cf = before
	}
}

// read is what the content of a reference depends on; at is what its address does.
func (u *uniformity) read(x *expr, at deps) deps {
	switch {
	case x.space == spUniform, x.space == spStorage && x.access == acRead:
		return at
	case x.root != nil && (x.root.space == spFunction || x.root.param):
		return at.join(u.cur.vars[x.root])
	}
	what := "memory in address space " + string(x.space)
	if x.root != nil {
		what = "the variable " + x.root.name + " in address space " + string(x.space)
	}
	return at.join(deps{non: &why{x.pos, what}})
}

func (u *uniformity) write(x *expr, at, d deps) {
	v := x.root
	if v == nil || v.space != spFunction && !v.param {
		return
	}
	d = d.join(at).join(u.cur.cf)
	if !(x.op == opVar || x.op == opDeref && x.args[0].op == opVar && x.args[0].decl == v) {
		d = d.join(u.cur.vars[v]) // a part of it
	}
	u.cur.vars[v] = d
}

// expr gives what a value depends on; of a reference or pointer, what its address does.
func (u *uniformity) expr(e *expr) deps {
	if e.stage != stRuntime {
		return deps{}
	}
	u.spend(1)
	switch e.op {
	case opVar:
		return u.vals[e.decl] // nothing for a var: its address is always the same
	case opLoad:
		return u.read(e.args[0], u.expr(e.args[0]))
	case opMember:
		if x := e.args[0]; x.op == opVar && x.decl.param && u.f.entry {
			return inputDeps(e.t, x.t.members[e.n].io, x.decl)
		}
	case opBinary:
		if e.name == "&&" || e.name == "||" {
			x := u.expr(e.args[0])
			before := u.cur.cf
			u.cur.cf = before.join(x)
			y := u.expr(e.args[1])
			u.cur.cf = before
			return x.join(y)
		}
	case opCall:
		return u.call(e)
	case opBuiltin:
		return u.builtin(e)
	}
	var d deps
	for _, a := range e.args {
		d = d.join(u.expr(a))
	}
	return d
}

func (u *uniformity) builtin(e *expr) deps {
	var d deps
	for _, a := range e.args {
		d = d.join(u.expr(a))
	}
	switch e.name {
	case "workgroupBarrier", "storageBarrier":
		u.need(u.cur.cf, e.pos, e.name+" must be in uniform control flow")
		return deps{}
	case "workgroupUniformLoad":
		u.need(u.cur.cf, e.pos, "workgroupUniformLoad must be in uniform control flow")
		u.need(d, e.pos, "the pointer given to workgroupUniformLoad must be uniform")
		return deps{}
	case "arrayLength":
		return deps{}
	}
	if _, ok := atomicOps[e.name]; ok {
		return deps{non: &why{e.pos, "the value of " + e.name}}
	}
	return d
}

func (u *uniformity) call(e *expr) deps {
	f := e.fn
	args := make([]deps, len(e.args))
	inner := make([]deps, len(e.args))
	for i, a := range e.args {
		args[i] = u.expr(a)
		if a.t.kind == kPtr {
			inner[i] = u.read(&expr{pos: a.pos, space: a.t.space, access: a.t.access, root: a.root}, deps{})
		}
	}
	s := f.sum
	if s.flow != nil {
		u.need(u.cur.cf, e.pos, "the call of "+f.name+" must be in uniform control flow (for "+s.flow.pos.String()+")")
	}
	for i := range f.params {
		if w := s.params[i]; w != nil {
			u.need(args[i], e.args[i].pos, "the argument "+f.params[i].name+" of "+f.name+" must be uniform (for "+w.pos.String()+")")
		}
		if w := s.contents[i]; w != nil {
			u.need(inner[i], e.args[i].pos, "what the argument "+f.params[i].name+" of "+f.name+" points to must be uniform (for "+w.pos.String()+")")
		}
	}
	apply := func(d deps) deps {
		r := deps{non: d.non}
		if d.has(depFlow) {
			r = r.join(u.cur.cf)
		}
		for i := range f.params {
			if d.has(depParam + i) {
				r = r.join(args[i])
			}
			if d.has(depContents + i) {
				r = r.join(inner[i])
			}
		}
		return r
	}
	result := apply(s.result)
	for i, a := range e.args {
		if a.t.kind != kPtr || a.root == nil || a.root.space != spFunction && !a.root.param {
			continue
		}
		d := apply(s.out[i])
		if !(a.op == opAddr && a.args[0].op == opVar) {
			d = d.join(u.cur.vars[a.root])
		}
		u.cur.vars[a.root] = d
	}
	return result
}
