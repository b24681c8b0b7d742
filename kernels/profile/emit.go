package profile

import (
	"fmt"
	"math"
	"sort"
	"strconv"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/profile/syntax"
)

const (
	maxPrivateBytes = ir.MaxPrivateWords * 4
	maxInvocations  = ir.MaxInvocations
	// maxWork bounds the expressions and statements that one emission walks through, counting each inlined copy.
	maxWork = ir.MaxInsts
)

// emitter turns one entry point into IR.
type emitter struct {
	b    *builder
	k    *ir.Kernel
	pos  ir.Pos
	work int

	given        map[string]float64
	overrides    map[*variable]*value
	bindings     map[*variable]int
	vars         map[*variable]*storage
	vals         map[*variable][]*ir.Inst
	ptrs         map[*variable]place
	tables       map[*value]*storage // constant arrays that are indexed dynamically
	tableInit    ir.Region
	pool         map[poolKey][]*ir.Var
	privateWords uint64
	scopes       [][]*storage

	frame *frame
	loops []*loopFrame
}

// frame is a function being inlined, or the entry point.
type frame struct {
	fn     *function
	block  *ir.Inst // what a return leaves; nil in the entry point
	exits  int
	result []*ir.Var
	single bool       // the only return is the last statement
	direct []*ir.Inst // the result, if single
}

// loopFrame is a loop or switch that break and continue refer to.
type loopFrame struct {
	inst      *ir.Inst
	isSwitch  bool
	exits     int
	continues int
}

// Emit makes the kernel of an entry point. Overrides are given by name, or by number where the source has @id. The
// error, if any, is of type Errors.
func (mod *Module) Emit(entry string, overrides map[string]float64) (k *ir.Kernel, err error) {
	var f *function
	names := ""
	for _, e := range mod.entries {
		if e.name == entry {
			f = e
		}
		names += " " + e.name
	}
	if f == nil {
		return nil, Errors{{Line: 1, Col: 1, Msg: fmt.Sprintf("no entry point %q; the module has:%s", entry, names)}}
	}
	m := &emitter{given: overrides, overrides: map[*variable]*value{}, bindings: map[*variable]int{},
		vars: map[*variable]*storage{}, vals: map[*variable][]*ir.Inst{}, ptrs: map[*variable]place{},
		tables: map[*value]*storage{}, pool: map[poolKey][]*ir.Var{}}
	var errs Errors
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(bail); !ok {
				panic(r)
			}
			k, err = nil, errs
		}
	}()
	fail := func(at ir.Pos, format string, a ...any) {
		errs = append(errs, syntax.Errorf(syntax.Pos{Line: max(1, at.Line), Col: max(1, at.Col)}, format, a...))
		panic(bail{})
	}
	m.k = &ir.Kernel{Name: entry}
	m.b = &builder{k: m.k, consts: map[constKey]*ir.Inst{}, pshared: map[shareKey]*ir.Inst{}, fail: fail}
	m.giveOverrides(mod)
	m.entry(f)
	m.k.Body = append(append(m.b.prologue, m.tableInit...), m.k.Body...)
	clean(m.k)
	hoist(m.k)
	share(m.k)
	m.k.Renumber()
	if err := m.k.Verify(); err != nil {
		fail(irPos(f.pos), "the compiler made a faulty kernel, which is a bug in it: %v", err)
	}
	return m.k, nil
}

func (m *emitter) fail(at ir.Pos, format string, a ...any) { m.b.fail(at, format, a...) }

func (m *emitter) at(p syntax.Pos) {
	m.pos = irPos(p)
	m.b.pos = m.pos
	if m.work++; m.work > maxWork {
		m.fail(m.pos, "the kernel is too large after inlining")
	}
}

// giveOverrides takes the values that the caller gives.
func (m *emitter) giveOverrides(mod *Module) {
	known := map[string]*variable{}
	for _, v := range mod.overrides {
		known[v.key()] = v
	}
	names := make([]string, 0, len(m.given))
	for n := range m.given {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		v := known[n]
		if v == nil {
			for _, o := range mod.overrides {
				if o.name == n && o.id >= 0 {
					m.fail(ir.Pos{}, "override %q has @id(%d) and is given by that number, not by its name", n, o.id)
				}
			}
			m.fail(ir.Pos{}, "the module has no override %q", n)
		}
		m.overrides[v] = m.overrideValue(v, m.given[n])
	}
}

// key is the name by which the caller gives an override.
func (v *variable) key() string {
	if v.id >= 0 {
		return strconv.Itoa(v.id)
	}
	return v.name
}

func (m *emitter) overrideValue(v *variable, x float64) *value {
	bad := func(why string) {
		m.fail(irPos(v.pos), "override %q of type %s is given %v, which is %s", v.name, v.t, x, why)
	}
	if math.IsNaN(x) || math.IsInf(x, 0) {
		bad("not finite")
	}
	switch v.t.kind {
	case kBool:
		return boolValue(x != 0)
	case kF32:
		f := float64(float32(x))
		if math.IsInf(f, 0) {
			bad("out of range")
		}
		return floatValue(tF32, f)
	}
	lo, hi := float64(math.MinInt32), float64(math.MaxInt32)
	if v.t.kind == kU32 {
		lo, hi = 0, math.MaxUint32
	}
	if x != math.Trunc(x) {
		bad("not an integer")
	}
	if x < lo || x > hi {
		bad("out of range")
	}
	return intValue(v.t, int64(x))
}

// override gives the value of an override: the one given, or that of its initialiser.
func (m *emitter) override(v *variable) *value {
	if x := m.overrides[v]; x != nil {
		return x
	}
	if v.init == nil {
		name := v.name
		if v.id >= 0 {
			name = fmt.Sprintf("%s, @id(%d)", v.name, v.id)
		}
		m.fail(irPos(v.pos), "override %q has no default and is not given a value", name)
	}
	x := m.eval(v.init)
	m.overrides[v] = x
	return x
}

// eval evaluates an override-expression.
func (m *emitter) eval(e *expr) *value {
	m.needOverrides(e)
	v, err := evalExpr(e, m.overrides)
	if err != nil {
		at := e.pos
		if x, ok := err.(syntax.Error); ok {
			at = syntax.Pos{Line: x.Line, Col: x.Col}
			m.fail(irPos(at), "%s", x.Msg)
		}
		m.fail(irPos(at), "%s", err)
	}
	return v
}

func (m *emitter) needOverrides(e *expr) {
	if e.stage != stOverride {
		return
	}
	if e.op == opVar {
		m.override(e.decl)
	}
	for _, a := range e.args {
		m.needOverrides(a)
	}
}

func (m *emitter) overrideLen(e *expr) uint64 {
	n := m.eval(e).i
	if n <= 0 {
		m.fail(irPos(e.pos), "the length of an array is at least 1, not %d", n)
	}
	return uint64(n)
}

func sortedVars(set map[*variable]bool) []*variable {
	var out []*variable
	for v := range set {
		out = append(out, v)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if a.pos.Line != b.pos.Line {
			return a.pos.Line < b.pos.Line
		}
		return a.pos.Col < b.pos.Col
	})
	return out
}

// resources lists the buffers an entry point uses, by group and binding.
func (f *function) resources() []*variable {
	var out []*variable
	for _, v := range sortedVars(f.all) {
		if v.space == spUniform || v.space == spStorage {
			out = append(out, v)
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		return a.group < b.group || a.group == b.group && a.binding < b.binding
	})
	return out
}

func (v *variable) irBinding() ir.Binding {
	d := ir.Binding{Group: v.group, Binding: v.binding, Name: v.name, MinBytes: roundUp(v.t.size(nil), 4), Atomic: v.t.hasAtomic()}
	switch {
	case v.space == spUniform:
		d.Access = ir.Uniform
	case v.access == acRead:
		d.Access = ir.Read
	default:
		d.Access = ir.ReadWrite
	}
	return d
}

func (m *emitter) entry(f *function) {
	m.at(f.pos)
	n := uint64(1)
	for i := range m.k.WorkgroupSize {
		size := int64(1)
		if f.size[i] != nil {
			size = m.eval(f.size[i]).i
			if size <= 0 {
				m.fail(irPos(f.size[i].pos), "@workgroup_size wants at least 1, found %d", size)
			}
			if size > workgroupLimits[i] {
				m.fail(irPos(f.size[i].pos), "@workgroup_size is at most %v, found %d", workgroupLimits, size)
			}
		}
		n = min(n*uint64(size), 1<<40)
		m.k.WorkgroupSize[i] = uint32(size)
	}
	if n > maxInvocations {
		m.fail(m.pos, "a workgroup of %d invocations is too large, at most %d are allowed", n, maxInvocations)
	}
	for _, v := range f.resources() {
		m.bindings[v] = len(m.k.Bindings)
		m.k.Bindings = append(m.k.Bindings, v.irBinding())
	}
	body := m.b.push(false)
	var shared uint64
	for _, v := range sortedVars(f.all) {
		m.at(v.pos)
		switch v.space {
		case spWorkgroup:
			shared += roundUp(v.t.size(m.overrideLen), 16)
			if shared > ir.MaxWorkgroupWords*4 {
				m.fail(m.pos, "the kernel needs more than %d bytes of workgroup memory", ir.MaxWorkgroupWords*4)
			}
			m.vars[v] = m.newStorage(v.t, ir.Workgroup, v.name, v.dyn|dynArr, 1)
		case spPrivate:
			st := m.newStorage(v.t, ir.Private, v.name, v.dyn, 1)
			m.vars[v] = st
			if v.init != nil {
				m.store(place{t: v.t, st: st}, m.constants(m.eval(v.init)))
			}
		}
	}
	for _, p := range f.params {
		m.vals[p] = m.inputs(p.t, p.io, nil)
	}
	m.frame = &frame{fn: f}
	m.statements(f.body, true)
	m.b.pop()
	m.k.Body = body.out
}

// inputs gives the scalars of an entry point's parameter.
func (m *emitter) inputs(t *typ, io ioAttr, out []*ir.Inst) []*ir.Inst {
	if t.kind == kStruct {
		for _, mem := range t.members {
			out = m.inputs(mem.t, mem.io, out)
		}
		return out
	}
	size := m.k.WorkgroupSize
	switch io.builtin {
	case "workgroup_index":
		return append(out, m.linear(ir.GroupX, [3]uint32{1, 1, 1}))
	case "global_invocation_index":
		return append(out, m.linear(ir.GlobalX, size))
	}
	first := map[string]ir.Input{"local_invocation_id": ir.LocalX, "local_invocation_index": ir.LocalIndex,
		"global_invocation_id": ir.GlobalX, "workgroup_id": ir.GroupX, "num_workgroups": ir.NumGroupsX}[io.builtin]
	for i := range t.width() {
		out = append(out, m.b.input(first+ir.Input(i)))
	}
	return out
}

// linear is the place of a point of the grid in a row of all of them, x first; size is that of a workgroup.
func (m *emitter) linear(first ir.Input, size [3]uint32) *ir.Inst {
	row := m.b.op(ir.OpIMul, m.b.input(ir.NumGroupsX), m.b.int(size[0]))
	plane := m.b.op(ir.OpIMul, row, m.b.op(ir.OpIMul, m.b.input(ir.NumGroupsX+1), m.b.int(size[1])))
	at := m.b.op(ir.OpIAdd, m.b.input(first), m.b.op(ir.OpIMul, m.b.input(first+1), row))
	return m.b.op(ir.OpIAdd, at, m.b.op(ir.OpIMul, m.b.input(first+2), plane))
}

// constants gives the scalars of a constant.
func (m *emitter) constants(v *value) []*ir.Inst {
	var out []*ir.Inst
	for _, s := range v.flatten(nil) {
		m.at(syntax.Pos{Line: m.pos.Line, Col: m.pos.Col})
		out = append(out, m.b.constant(irType(s.t), s.bits()))
	}
	return out
}

func leafCount(t *typ) int { return int(t.leaves()) }

func (m *emitter) expr(e *expr) []*ir.Inst {
	m.at(e.pos)
	if e.val != nil {
		return m.constants(e.val)
	}
	if e.stage == stOverride {
		return m.constants(m.eval(e))
	}
	switch e.op {
	case opVar:
		return m.vals[e.decl]
	case opLoad:
		p := m.place(e.args[0])
		m.at(e.pos)
		return m.load(p, nil)
	case opMember:
		x := m.expr(e.args[0])
		t := e.args[0].t
		skip := 0
		for i := range e.n {
			skip += leafCount(t.child(i))
		}
		return x[skip : skip+leafCount(e.t)]
	case opIndex:
		return m.indexValue(e)
	case opSwizzle:
		x := m.expr(e.args[0])
		out := make([]*ir.Inst, len(e.swz))
		for i, s := range e.swz {
			out[i] = x[s]
		}
		return out
	case opUnary:
		return m.unary(e)
	case opBinary:
		if e.name == "&&" || e.name == "||" {
			return []*ir.Inst{m.shortCircuit(e)}
		}
		x := m.expr(e.args[0])
		y := m.expr(e.args[1])
		m.at(e.pos)
		return m.binary(e.name, e.args[0].t, e.args[1].t, e.t, x, y)
	case opCall:
		return m.inline(e)
	case opBuiltin:
		return m.builtin(e)
	case opConstruct:
		return m.construct(e)
	}
	panic(fmt.Sprintf("profile: cannot emit expression %d at %s", e.op, e.pos))
}

// scalar emits an expression of one scalar.
func (m *emitter) scalar(e *expr) *ir.Inst { return m.expr(e)[0] }

// place emits a reference or pointer.
func (m *emitter) place(e *expr) place {
	m.at(e.pos)
	switch e.op {
	case opVar:
		v := e.decl
		if p, ok := m.ptrs[v]; ok && v.t.kind == kPtr {
			return p
		}
		if st := m.vars[v]; st != nil {
			return place{t: v.t, st: st, binding: -1}
		}
		return place{t: v.t, binding: m.bindings[v]}
	case opDeref, opAddr:
		return m.place(e.args[0])
	case opMember:
		return m.member(m.place(e.args[0]), e.n)
	case opSwizzle:
		return m.member(m.place(e.args[0]), e.swz[0])
	case opIndex:
		p := m.place(e.args[0])
		i := m.scalar(e.args[1])
		m.knownIndex(e.args[1], i, p.t)
		m.at(e.pos)
		return m.element(p, i)
	}
	panic(fmt.Sprintf("profile: expression %d at %s is no place", e.op, e.pos))
}

// knownIndex refuses an index that overrides put out of bounds (WGSL section 8.5); one that is only known here because
// its operands happened to be is as at run time.
func (m *emitter) knownIndex(e *expr, i *ir.Inst, t *typ) {
	if e.stage == stRuntime {
		return
	}
	n := int64(t.n)
	if t.count != nil {
		n = int64(m.overrideLen(t.count))
	}
	at := int64(i.Bits)
	if e.t.kind != kU32 {
		at = int64(int32(i.Bits))
	}
	if at < 0 || n > 0 && at >= n {
		m.fail(irPos(e.pos), "index %d is out of bounds of %s", at, t)
	}
}

// indexValue picks an element of a value that is not in memory.
func (m *emitter) indexValue(e *expr) []*ir.Inst {
	base := e.args[0]
	t := base.t
	n := leafCount(e.t)
	if base.val != nil && t.kind == kArray {
		if i := e.args[1]; i.stage == stRuntime {
			st := m.table(base.val)
			at := m.scalar(i)
			return m.load(m.element(place{t: t, st: st, binding: -1}, at), nil)
		}
	}
	x := m.expr(base)
	i := m.scalar(e.args[1])
	m.knownIndex(e.args[1], i, t)
	m.at(e.pos)
	if i.Op == ir.OpConst {
		if int(i.Bits) < t.n && i.Bits < 1<<31 {
			return x[int(i.Bits)*n : (int(i.Bits)+1)*n]
		}
		return m.zeros(e.t)
	}
	if t.kind != kArray || t.n <= 4 {
		// A chain of selects, which ends in zero for an index that is out of bounds.
		out := m.zeros(e.t)
		for k := t.n - 1; k >= 0; k-- {
			is := m.b.op(ir.OpIEq, i, m.b.int(uint32(k)))
			for j := range out {
				out[j] = m.b.op(ir.OpSelect, is, x[k*n+j], out[j])
			}
		}
		return out
	}
	st := m.newStorage(t, ir.Private, "tmp", dynArr, 1)
	p := place{t: t, st: st, binding: -1}
	m.store(p, x)
	out := m.load(m.element(p, i), nil)
	m.release(st)
	return out
}

func (m *emitter) zeros(t *typ) []*ir.Inst {
	var out []*ir.Inst
	for _, l := range leafTypes(t, nil) {
		out = append(out, m.b.constant(irType(l), 0))
	}
	return out
}

// table is a constant array in private memory, filled at the start of the kernel.
func (m *emitter) table(v *value) *storage {
	st := m.tables[v]
	if st == nil {
		st = m.newStorage(v.t, ir.Private, "table", dynArr, 1)
		m.tables[v] = st
		levels := m.b.levels
		m.b.levels = nil
		l := m.b.push(true)
		m.store(place{t: v.t, st: st, binding: -1}, m.constants(v))
		m.b.levels = levels
		m.tableInit = append(m.tableInit, l.out...)
	}
	return st
}

func (m *emitter) unary(e *expr) []*ir.Inst {
	x := m.expr(e.args[0])
	m.at(e.pos)
	out := make([]*ir.Inst, len(x))
	for i, a := range x {
		switch {
		case e.name == "!":
			out[i] = m.b.op(ir.OpBNot, a)
		case e.name == "~":
			out[i] = m.b.op(ir.OpNot, a)
		case a.Type == ir.F32:
			out[i] = m.b.op(ir.OpFNeg, a)
		default:
			out[i] = m.b.op(ir.OpISub, m.b.int(0), a)
		}
	}
	return out
}

// shortCircuit emits && and ||. A right operand that is short and without effects is simply evaluated.
func (m *emitter) shortCircuit(e *expr) *ir.Inst {
	and := e.name == "&&"
	x := m.scalar(e.args[0])
	if x.Op == ir.OpConst {
		if (x.Bits == 1) == and {
			return m.scalar(e.args[1])
		}
		return x
	}
	l := m.b.push(false)
	m.b.assume(x, and)
	y := m.scalar(e.args[1])
	m.b.levels = m.b.levels[:len(m.b.levels)-1]
	m.at(e.pos)
	op := ir.OpBOr
	if and {
		op = ir.OpBAnd
	}
	if m.plain(l.out) {
		m.splice(l)
		return m.b.op(op, x, y)
	}
	r := m.newVar(ir.Private, ir.Bool, 1, "cond")
	up := m.b.top()
	m.b.storeScalar(r, x)
	i := &ir.Inst{Op: ir.OpIf, Args: []*ir.Inst{x}, Binding: -1}
	m.b.levels = append(m.b.levels, l)
	m.b.storeScalar(r, y)
	m.b.pop()
	if and {
		i.Then = l.out
	} else {
		i.Else = l.out
	}
	m.b.add(i)
	v := m.b.loadScalar(r)
	up.known[r] = nil
	m.pool[poolKey{ir.Bool, 1}] = append(m.pool[poolKey{ir.Bool, 1}], r)
	return v
}

// plain reports whether instructions are few, cheap and without effects.
func (m *emitter) plain(r ir.Region) bool {
	cost := uint32(0)
	for _, i := range r {
		if !ir.IsPure(i.Op) && i.Op != ir.OpBitcast && !alwaysThere(m.k, i) {
			return false
		}
		cost += ir.Cost(i)
	}
	return cost <= 8
}

// splice appends a finished level to the region around it, as if it had been emitted there.
func (m *emitter) splice(l *level) {
	up := m.b.top()
	up.out = append(up.out, l.out...)
	for k, v := range l.shared {
		up.shared[k] = v
	}
	for v, x := range l.known {
		up.known[v] = x
	}
	for v := range l.stored {
		up.stored[v] = true
	}
	up.dead = up.dead || l.dead
}

func (m *emitter) binary(op string, tx, ty, t *typ, x, y []*ir.Inst) []*ir.Inst {
	b := m.b
	if op == "*" && (tx.kind == kMat || ty.kind == kMat) && !tx.isScalar() && !ty.isScalar() {
		return m.matrixProduct(tx, ty, x, y)
	}
	s := tx.scalar()
	out := make([]*ir.Inst, max(len(x), len(y)))
	for i := range out {
		out[i] = b.binary(op, s, x[min(i, len(x)-1)], y[min(i, len(y)-1)])
	}
	return out
}

// binary emits a scalar operator on operands of type s.
func (b *builder) binary(op string, s *typ, x, y *ir.Inst) *ir.Inst {
	float, unsigned := s.kind == kF32, s.kind == kU32
	choose := func(f, u, i ir.Op) ir.Op {
		switch {
		case float:
			return f
		case unsigned:
			return u
		}
		return i
	}
	eq, ne := ir.OpIEq, ir.OpINe
	if float {
		eq, ne = ir.OpFEq, ir.OpFNe
	}
	switch op {
	case "+":
		return b.op(choose(ir.OpFAdd, ir.OpIAdd, ir.OpIAdd), x, y)
	case "-":
		return b.op(choose(ir.OpFSub, ir.OpISub, ir.OpISub), x, y)
	case "*":
		return b.op(choose(ir.OpFMul, ir.OpIMul, ir.OpIMul), x, y)
	case "/":
		return b.op(choose(ir.OpFDiv, ir.OpUDiv, ir.OpSDiv), x, y)
	case "%":
		if float { // x - y * trunc(x / y), each step rounded
			return b.op(ir.OpFSub, x, b.op(ir.OpFMul, y, b.op(ir.OpFTrunc, b.op(ir.OpFDiv, x, y))))
		}
		return b.op(choose(0, ir.OpURem, ir.OpSRem), x, y)
	case "&":
		return b.op(boolOr(s, ir.OpBAnd, ir.OpAnd), x, y)
	case "|":
		return b.op(boolOr(s, ir.OpBOr, ir.OpOr), x, y)
	case "^":
		return b.op(ir.OpXor, x, y)
	case "<<":
		return b.op(ir.OpShl, x, y)
	case ">>":
		return b.op(choose(0, ir.OpShrU, ir.OpShrS), x, y)
	case "==":
		return b.op(eq, x, y)
	case "!=":
		return b.op(ne, x, y)
	case "<":
		return b.op(choose(ir.OpFLt, ir.OpULt, ir.OpSLt), x, y)
	case "<=":
		return b.op(choose(ir.OpFLe, ir.OpULe, ir.OpSLe), x, y)
	case ">":
		return b.op(choose(ir.OpFLt, ir.OpULt, ir.OpSLt), y, x)
	case ">=":
		return b.op(choose(ir.OpFLe, ir.OpULe, ir.OpSLe), y, x)
	}
	panic("profile: unknown operator " + op)
}

func boolOr(s *typ, b, i ir.Op) ir.Op {
	if s.kind == kBool {
		return b
	}
	return i
}

// matrixProduct sums from left to right, over the columns of the left operand.
func (m *emitter) matrixProduct(tx, ty *typ, x, y []*ir.Inst) []*ir.Inst {
	rows, inner, cols := 1, 0, 1
	if tx.kind == kMat {
		rows, inner = tx.rows, tx.n
	} else {
		inner = tx.n
	}
	if ty.kind == kMat {
		cols = ty.n
	}
	var out []*ir.Inst
	for c := range cols {
		for r := range rows {
			var sum *ir.Inst
			for k := range inner {
				a := x[k*rows+r]
				p := m.b.op(ir.OpFMul, a, y[c*inner+k])
				if sum != nil {
					p = m.b.op(ir.OpFAdd, sum, p)
				}
				sum = p
			}
			out = append(out, sum)
		}
	}
	return out
}

func (m *emitter) construct(e *expr) []*ir.Inst {
	if len(e.args) == 0 {
		return m.zeros(e.t)
	}
	var out []*ir.Inst
	var from []*typ
	for _, a := range e.args {
		out = append(out, m.expr(a)...)
		from = leafTypes(a.t, from)
	}
	m.at(e.pos)
	if s := e.t.scalar(); s != nil {
		for i := range out {
			out[i] = m.b.convert(from[i], s, out[i])
		}
		for len(out) < leafCount(e.t) { // one scalar for all components
			out = append(out, out[0])
		}
	}
	return out
}

// convert is an explicit conversion between scalar types.
func (b *builder) convert(from, to *typ, x *ir.Inst) *ir.Inst {
	if from == to {
		return x
	}
	switch {
	case to.kind == kBool && from.kind == kF32:
		return b.op(ir.OpFNe, x, b.float(0))
	case to.kind == kBool:
		return b.op(ir.OpINe, x, b.int(0))
	case to.kind == kF32 && from.kind == kBool:
		return b.op(ir.OpSelect, x, b.float(1), b.float(0))
	case from.kind == kBool:
		return b.op(ir.OpBToI, x)
	case to.kind == kF32 && from.kind == kU32:
		return b.op(ir.OpUToF, x)
	case to.kind == kF32:
		return b.op(ir.OpSToF, x)
	case from.kind == kF32 && to.kind == kU32:
		return b.op(ir.OpFToU, x)
	case from.kind == kF32:
		return b.op(ir.OpFToS, x)
	}
	return x
}

func (m *emitter) builtin(e *expr) []*ir.Inst {
	switch e.name {
	case "arrayLength":
		p := m.place(e.args[0])
		return []*ir.Inst{m.b.words(p.binding, p.off, uint32(stepWords(p.t)))}
	case "workgroupBarrier", "storageBarrier":
		m.b.add(&ir.Inst{Op: ir.OpBarrier, Binding: -1})
		return nil
	case "workgroupUniformLoad":
		p := m.place(e.args[0])
		m.b.add(&ir.Inst{Op: ir.OpBarrier, Binding: -1})
		x := m.load(p, nil)
		m.b.add(&ir.Inst{Op: ir.OpBarrier, Binding: -1})
		return x
	}
	if op, ok := atomicOps[e.name]; ok {
		return m.atomic(e, op)
	}
	k := &call{e: e}
	for _, a := range e.args {
		k.at = append(k.at, a.t)
		k.a = append(k.a, m.expr(a))
	}
	m.at(e.pos)
	return e.bi.emit(m.b, k)
}

func (m *emitter) atomic(e *expr, ops [2]ir.AtomicOp) []*ir.Inst {
	p := m.place(e.args[0])
	op := ops[0]
	if p.t.elem == tU32 {
		op = ops[1]
	}
	i := &ir.Inst{Op: ir.OpAtomic, Atomic: op, Args: []*ir.Inst{nil}, Binding: p.binding}
	if len(e.args) > 1 {
		i.Args = append(i.Args, m.scalar(e.args[1]))
	}
	m.at(e.pos)
	if p.st != nil {
		i.Var, i.Binding = p.st.v, -1
	}
	i.Args[0] = m.word(p)
	i.Args = withOK(i.Args, p.ok)
	if op == ir.AtomicLoad {
		i.Type = ir.I32
	}
	m.b.add(i)
	if op == ir.AtomicLoad {
		return []*ir.Inst{i}
	}
	return nil
}
