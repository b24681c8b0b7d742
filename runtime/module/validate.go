package module

// value is one entry of the operand stack: its type, and for the passes where it came from.
type value struct {
	t    ValType
	node int32
	from origin
}

// frame is one open block of the validation algorithm.
type frame struct {
	op              Opcode
	params, results []ValType
	height          int   // operand stack height at entry
	unreachable     bool  // the rest of the block cannot be reached
	dead            bool  // the whole block stands in unreachable code
	reach           int   // outermost frame a live branch in it goes to
	writes          int   // analysis: writes to locals in it
	entry           int32 // analysis: the segment that enters it
	then            int32 // analysis: the segment of an if's first arm, or of a loop's top
	busy            bool  // analysis: a loop or a call stands in it
	block           int32 // analysis: its number in analysis.entries
}

// validator checks function bodies by the algorithm of the core specification's appendix "Validation Algorithm".
// With an analysis set it also records what the passes need; see analysis.
type validator struct {
	m       *Module
	r       *reader
	in      instr
	vals    []value
	frames  []frame
	locals  []ValType // types of the first locals
	params  int
	runs    []Locals
	nlocals uint32
	budget  int // values that blocks, branches and calls may still move
	work    measure
	an      *analysis
}

func newValidator(m *Module, r *reader) *validator {
	r.section = "code"
	return &validator{m: m, r: r, budget: 1<<20 + 32*len(r.b)}
}

// spend keeps validation linear: a branch of two bytes may carry a thousand values.
func (v *validator) spend(n int) {
	if v.budget -= n; v.budget < 0 {
		v.r.fail(Limit, v.in.at, "found blocks, branches and calls that carry more than %d values in all, want at most 2^20 and 32 a byte of the module", 1<<20+32*len(v.r.b))
	}
}

// single holds one-element type lists for inline block types.
var single = map[ValType][]ValType{I32: {I32}, I64: {I64}, F32: {F32}, F64: {F64}, V128: {V128}, FuncRef: {FuncRef}, ExternRef: {ExternRef}}

// function validates the body of the i-th function the module defines, which stands at r.b[at:].
func (v *validator) function(i, at int) {
	m, r := v.m, v.r
	c := &m.Code[i]
	t := m.Types[m.Funcs[i]]
	r.fn, r.section = m.importFuncs+i, "code"
	r.p, r.end = at, at+len(c.Body)
	v.setLocals(t.Params, c)
	v.vals, v.frames = v.vals[:0], v.frames[:0]
	if v.an != nil {
		v.an.begin(at, t.Params, c.Locals)
	}
	v.frames = append(v.frames, frame{op: opCall, results: t.Results})
	v.work.begin(len(c.Body))
	budget := v.budget
	for len(v.frames) > 0 && r.err == nil {
		r.instr(&v.in)
		if r.err != nil {
			return
		}
		v.work.step(v)
		v.step()
	}
	if v.an == nil {
		v.work.w.Moved = uint64(budget - v.budget)
		m.works = append(m.works, v.work.w)
	}
	if r.err == nil && r.left() > 0 {
		r.fail(Malformed, r.p, "found %d bytes after the function's end, want none", r.left())
	}
	r.fn = -1
}

// setLocals keeps the types of the first locals flat, as many as the body's size warrants: a body of a few bytes may
// declare 50,000 locals, and a module may hold a million such bodies.
func (v *validator) setLocals(params []ValType, c *Code) {
	v.locals = append(v.locals[:0], params...)
	v.params, v.runs = len(params), c.Locals
	v.nlocals = uint32(len(params))
	room := 4*len(c.Body) + 256
	for _, l := range c.Locals {
		v.nlocals += l.Count
		for range min(int(l.Count), max(room-len(v.locals), 0)) {
			v.locals = append(v.locals, l.Type)
		}
	}
}

func (v *validator) localType(i uint32) ValType {
	if uint64(i) < uint64(len(v.locals)) {
		return v.locals[i]
	}
	if i >= v.nlocals {
		v.fail("found local %d, want one of the function's %d", i, v.nlocals)
		return unknown
	}
	n := uint32(v.params)
	for _, l := range v.runs {
		if n += l.Count; i < n {
			return l.Type
		}
	}
	return unknown
}

func (v *validator) fail(format string, args ...any) {
	v.r.fail(Invalid, v.in.at, format, args...)
}

// note records for Check that the profile leaves out what stands at hand.
func (v *validator) note(what string) {
	if v.an == nil {
		v.m.note(v.r, v.in.at, what)
	}
}

func (v *validator) top() *frame { return &v.frames[len(v.frames)-1] }

// live reports whether the instruction at hand can be reached, as far as validation knows.
func (v *validator) live() bool {
	f := v.top()
	return !f.unreachable && !f.dead
}

func (v *validator) push(t ValType) { v.vals = append(v.vals, value{t: t}) }

// pushConst pushes the integer constant at hand.
func (v *validator) pushConst(t ValType) {
	x := value{t: t}
	if v.an != nil {
		x.from = v.an.stretch.constant(v.in.lo)
	}
	v.vals = append(v.vals, x)
}

func (v *validator) pushAll(ts []ValType) {
	v.spend(len(ts))
	for _, t := range ts {
		v.vals = append(v.vals, value{t: t})
	}
}

// take pops a value of type want (any if unknown) without saying what becomes of its bits.
func (v *validator) take(want ValType) value {
	f := v.top()
	if len(v.vals) == f.height {
		if !f.unreachable {
			v.underflow(want)
		}
		return value{t: want}
	}
	x := v.vals[len(v.vals)-1]
	v.vals = v.vals[:len(v.vals)-1]
	if x.t != want && x.t != unknown && want != unknown {
		v.fail("%v found %v on the operand stack, want %v", v.in.op, x.t, want)
	}
	return x
}

func (v *validator) underflow(want ValType) {
	if want == unknown {
		v.fail("%v found an empty operand stack, want a value", v.in.op)
	} else {
		v.fail("%v found an empty operand stack, want %v", v.in.op, want)
	}
}

// pop takes a value whose bits may be seen from then on.
func (v *validator) pop(want ValType) value {
	x := v.take(want)
	if x.node > 0 {
		v.an.escape(x.node)
		x.node = 0
	}
	return x
}

func (v *validator) popAll(ts []ValType) {
	v.spend(len(ts))
	for i := len(ts) - 1; i >= 0; i-- {
		v.pop(ts[i])
	}
}

func (v *validator) blockType() (params, results []ValType) {
	b := v.in.block
	switch {
	case b == blockEmpty:
		return nil, nil
	case b < 0:
		t := ValType(b & 0x7f)
		if t.isRef() {
			v.note("a value of reference type " + t.String())
		}
		return nil, single[t]
	case b >= int64(len(v.m.Types)):
		v.fail("found block type %d, want one of the %d types", b, len(v.m.Types))
		return nil, nil
	}
	t := v.m.Types[b]
	return t.Params, t.Results
}

func (v *validator) enter(op Opcode, params, results []ValType) {
	dead := !v.live()
	if len(v.frames) >= maxNesting {
		v.r.fail(Limit, v.in.at, "found blocks nested %d deep, want at most %d", len(v.frames), maxNesting)
		return
	}
	v.frames = append(v.frames, frame{op: op, params: params, results: results, height: len(v.vals), dead: dead, reach: len(v.frames)})
	v.pushAll(params)
	if v.an == nil || dead {
		return
	}
	f := v.top()
	f.entry = v.an.current
	f.block = v.an.open()
	switch op {
	case opLoop:
		v.an.enter(f.block)
		f.then = v.an.segment(v.r.p, -1)
	case opIf:
		f.then = v.an.segment(v.r.p, f.entry)
	}
}

// leave closes the innermost frame's operand stack: exactly its results must be there.
func (v *validator) leave() {
	f := v.top()
	v.popAll(f.results)
	if len(v.vals) != f.height && v.r.err == nil {
		v.fail("%v found %d more values on the operand stack than the block's results %s", v.in.op, len(v.vals)-f.height, typeList(f.results))
	}
}

// cut marks the rest of the innermost block as unreachable.
func (v *validator) cut() {
	f := v.top()
	if v.an != nil && v.live() {
		v.an.deadFrom(v.r.p)
	}
	v.vals = v.vals[:f.height]
	f.unreachable = true
}

// revive ends the unreachable rest of block f at the else or end at hand.
func (v *validator) revive(f *frame) {
	if v.an != nil && f.unreachable && !f.dead {
		v.an.liveFrom(v.in.at)
	}
}

// fallOut notes that the end of block f, or of an if's first arm, is reached without a branch, if it is.
func (v *validator) fallOut(f *frame) {
	if v.an != nil && f.op != opLoop && !f.unreachable && !f.dead {
		v.an.enter(f.block)
	}
}

// label returns the types a branch to label l carries, and marks its target.
func (v *validator) label(l uint32) []ValType {
	if uint64(l) >= uint64(len(v.frames)) {
		v.fail("found label %d, want one of the %d open blocks", l, len(v.frames))
		return nil
	}
	to := len(v.frames) - 1 - int(l)
	if t := v.top(); v.live() {
		t.reach = min(t.reach, to)
		if v.an != nil {
			v.an.enter(v.frames[to].block)
		}
	}
	if f := &v.frames[to]; f.op == opLoop {
		return f.params
	}
	return v.frames[to].results
}

func (v *validator) charge(extra int) {
	if v.an != nil && v.live() {
		v.an.charge(uint64(v.in.op.info().gas) + uint64(extra))
	}
}

// segment starts a new metered segment behind the instruction at hand; see gas.go.
func (v *validator) segment(parent int32) {
	if v.an != nil && v.live() {
		v.an.segment(v.r.p, parent)
	}
}

func (v *validator) step() {
	in := &v.in
	info := in.op.info()
	if info.plain {
		v.plain(info)
		return
	}
	if v.an != nil {
		switch in.op {
		case opLoop, opIf, opElse, opEnd, opBrIf, opCall, opCallIndirect:
			v.an.stretch.now++
		}
	}
	switch in.op {
	case opNop:
		v.charge(0)
	case opUnreachable:
		v.charge(0)
		v.cut()
	case opBlock, opLoop, opIf:
		v.charge(0)
		params, results := v.blockType()
		if in.op == opIf {
			v.pop(I32)
		}
		keep := in.op == opBlock && v.an != nil && v.live()
		if keep {
			v.an.stretch.keep(v.vals, len(params))
		}
		v.popAll(params)
		v.enter(in.op, params, results)
		if keep && v.r.err == nil {
			v.an.stretch.give(v.vals)
		}
	case opElse:
		v.elseArm()
	case opEnd:
		v.end()
	case opBr:
		ts := v.label(in.idx)
		v.charge(len(ts))
		v.popAll(ts)
		v.cut()
	case opBrIf:
		v.pop(I32)
		ts := v.label(in.idx)
		v.charge(len(ts))
		v.popAll(ts)
		v.pushAll(ts)
		if v.an != nil {
			v.segment(v.an.current)
		}
	case opBrTable:
		v.brTable()
	case opReturn:
		ts := v.label(uint32(len(v.frames) - 1))
		v.charge(len(ts))
		v.popAll(ts)
		v.cut()
	case opCall:
		t, ok := v.m.FuncType(in.idx)
		if !ok {
			v.fail("found call of function %d, want one of the %d functions", in.idx, len(v.m.funcTypes))
			return
		}
		v.call(t)
	case opCallIndirect:
		if uint64(in.idx) >= uint64(len(v.m.Types)) {
			v.fail("found call_indirect of type %d, want one of the %d types", in.idx, len(v.m.Types))
			return
		}
		if v.table(in.idx2) != FuncRef && v.r.err == nil {
			v.fail("found call_indirect on a table of externref, want funcref")
			return
		}
		v.pop(I32)
		v.call(v.m.Types[in.idx])
	case opDrop:
		v.charge(0)
		v.take(unknown)
	case opSelect, opSelectT:
		v.selectOp()
	case opLocalGet, opLocalSet, opLocalTee:
		v.localOp()
	case opGlobalGet, opGlobalSet:
		v.globalOp()
	case opI32Const:
		v.charge(0)
		v.pushConst(I32)
	case opI64Const:
		v.charge(0)
		v.pushConst(I64)
	case opF32Const:
		v.charge(0)
		v.vals = append(v.vals, value{t: F32, node: v.constNode(cleanF32(in.lo))})
	case opF64Const:
		v.charge(0)
		v.vals = append(v.vals, value{t: F64, node: v.constNode(cleanF64(in.lo))})
	case opMemorySize, opMemoryGrow, opMemoryInit, opDataDrop, opMemoryCopy, opMemoryFill:
		v.memoryOp()
	default:
		v.referenceOp()
	}
}

func (v *validator) plain(info *opInfo) {
	v.charge(0)
	if (info.imm == immMem || info.imm == immMemLane) && len(v.m.memories) == 0 {
		v.fail("found %v in a module without memory", v.in.op)
		return
	}
	if v.an == nil {
		for i := len(info.params) - 1; i >= 0; i-- {
			v.take(info.params[i])
		}
		for _, t := range info.results {
			v.push(t)
		}
		return
	}
	var x, y origin // of the last two operands
	for i := len(info.params) - 1; i >= 0; i-- {
		operand := v.take(info.params[i])
		if operand.node > 0 {
			v.an.consume(operand.node, info.float.use)
		}
		x, y = operand.from, x
	}
	s := &v.an.stretch
	if v.live() && s.joins(v.in.op, x, y) {
		v.an.joined = append(v.an.joined, v.in.at)
		v.an.define(info.params[1])
	}
	for _, t := range info.results {
		n := int32(0)
		v.an.define(t)
		switch {
		case !v.live():
		case info.float.result == shapeClean:
			n = nodeClean
		case info.float.result != shapeNone:
			n = v.an.produce(v.r.p, info.float.result)
		case v.in.op == opV128Const:
			n = v.constNode(cleanV128(v.in.lo, v.in.hi))
		}
		v.vals = append(v.vals, value{t, n, s.result(v.in.op, x)})
	}
}

func (v *validator) constNode(clean bool) int32 {
	if clean && v.an != nil {
		return nodeClean
	}
	return 0
}

func (v *validator) elseArm() {
	f := v.top()
	if f.op != opIf {
		v.fail("found else without an if")
		return
	}
	v.revive(f)
	v.leave()
	v.fallOut(f)
	f.op, f.unreachable = opElse, false
	v.vals = v.vals[:f.height]
	v.pushAll(f.params)
	if v.an != nil && !f.dead {
		other := v.an.segment(v.r.p, f.entry)
		v.an.segments[f.then].other = other
		v.an.segments[other].arm = true
	}
}

func (v *validator) end() {
	f := *v.top()
	if f.op == opIf && string(valBytes(f.params)) != string(valBytes(f.results)) {
		v.fail("found an if without else of type %s -> %s, want the same types on both sides", typeList(f.params), typeList(f.results))
		return
	}
	v.revive(&f)
	v.leave()
	v.fallOut(&f)
	if f.op == opIf && v.an != nil && !f.dead {
		v.an.enter(f.block) // past the missing else
	}
	v.frames = v.frames[:len(v.frames)-1]
	if len(v.frames) == 0 {
		return
	}
	v.pushAll(f.results)
	t := v.top()
	t.reach = min(t.reach, f.reach)
	t.writes += f.writes
	if v.an != nil {
		// Where control flow joins, a compiler merges each local written inside, and each result.
		writes := min(f.writes, int(v.nlocals))
		v.an.merge(writes, f.results)
		if f.op == opLoop && !f.dead {
			if !f.busy {
				v.an.tight(f.then, writes, f.params)
			}
			f.busy = true
		}
		t.busy = t.busy || f.busy
	}
	switch {
	case v.an == nil || f.dead:
	case f.reach < len(v.frames):
		v.an.segment(v.r.p, f.entry)
	default:
		v.an.current = f.entry
	}
}

func (v *validator) brTable() {
	v.pop(I32)
	targets := v.in.targets
	last := targets[len(targets)-1]
	want := v.label(last)
	if v.r.err != nil {
		return
	}
	v.charge(len(want))
	// The same few labels repeat in a long table, and every one of them may carry a thousand values: a label seen
	// once need not be checked again.
	seen := make(map[uint32]bool)
	for _, l := range targets[:len(targets)-1] {
		if seen[l] {
			continue
		}
		seen[l] = true
		ts := v.label(l)
		if v.r.err != nil {
			return
		}
		if len(ts) != len(want) {
			v.fail("br_table found label %d with types %s and its default with %s, want as many", l, typeList(ts), typeList(want))
			return
		}
		v.peek(ts)
		if v.r.err != nil {
			return
		}
	}
	v.popAll(want)
	v.cut()
}

// peek checks that the stack ends with values of types ts and leaves it as it is.
func (v *validator) peek(ts []ValType) {
	v.spend(len(ts))
	f := v.top()
	for i := range ts {
		want := ts[len(ts)-1-i]
		at := len(v.vals) - 1 - i
		if at < f.height {
			if !f.unreachable {
				v.underflow(want)
			}
			return
		}
		if got := v.vals[at].t; got != want && got != unknown {
			v.fail("%v found %v on the operand stack, want %v", v.in.op, got, want)
			return
		}
	}
}

func (v *validator) call(t FuncType) {
	v.charge(len(t.Params) + len(t.Results))
	if v.an != nil && v.live() {
		v.an.calls, v.top().busy = true, true
		v.an.define(t.Results...)
	}
	v.popAll(t.Params)
	v.pushAll(t.Results)
}

func (v *validator) selectOp() {
	v.charge(0)
	v.pop(I32)
	if v.in.op == opSelectT {
		if v.in.typ.isRef() {
			v.note("a select of " + v.in.typ.String())
		}
		v.pop(v.in.typ)
		v.pop(v.in.typ)
		v.picked(v.in.typ)
		v.push(v.in.typ)
		return
	}
	a := v.pop(unknown)
	b := v.pop(unknown)
	if v.an != nil {
		v.an.define(V128)
	}
	switch {
	case a.t.isRef() || b.t.isRef():
		v.fail("select without a type found %v and %v, want numbers or vectors", b.t, a.t)
	case a.t != b.t && a.t != unknown && b.t != unknown:
		v.fail("select found %v and %v, want two of one type", b.t, a.t)
	}
	if a.t == unknown {
		a.t = b.t
	}
	v.picked(a.t)
	v.push(a.t)
}

// picked notes a select of floats or vectors, which is written otherwise; see rewriter.pick.
func (v *validator) picked(t ValType) {
	if v.an != nil && v.live() && (t == F32 || t == F64 || t == V128) {
		v.an.picks = append(v.an.picks, pick{v.in.at, t})
		v.an.define(V128, V128)
	}
}

func (v *validator) localOp() {
	v.charge(0)
	i := v.in.idx
	t := v.localType(i)
	if v.r.err != nil {
		return
	}
	track := v.an != nil && v.live() && i >= uint32(v.params) && (t == F32 || t == F64 || t == V128)
	if v.in.op != opLocalGet {
		x := v.take(t)
		if v.an != nil {
			v.an.stretch.write(i, x.from)
		}
		switch {
		case track:
			v.an.flow(x.node, i)
		case x.node > 0:
			v.an.escape(x.node)
		}
		v.top().writes++
		if v.in.op == opLocalSet {
			return
		}
	}
	n := int32(0)
	if track {
		n = v.an.read(v.r.p, i)
	}
	x := value{t: t, node: n}
	if v.an != nil {
		x.from = v.an.stretch.read(i)
	}
	v.vals = append(v.vals, x)
}

func (v *validator) globalOp() {
	v.charge(0)
	i := v.in.idx
	if uint64(i) >= uint64(len(v.m.globals)) {
		v.fail("found global %d, want one of the %d globals", i, len(v.m.globals))
		return
	}
	g := v.m.globals[i]
	if v.in.op == opGlobalGet {
		if v.an != nil {
			v.an.define(g.Type)
		}
		v.push(g.Type)
		return
	}
	if !g.Mutable {
		v.fail("found global.set of global %d, which is immutable", i)
	}
	v.pop(g.Type)
}

func (v *validator) memoryOp() {
	v.charge(0)
	if op := v.in.op; len(v.m.memories) == 0 && op != opDataDrop {
		v.fail("found %v in a module without memory", op)
		return
	}
	switch v.in.op {
	case opMemorySize, opMemoryGrow:
		if v.in.op == opMemoryGrow {
			v.pop(I32)
		}
		if v.an != nil {
			v.an.define(I32)
		}
		v.push(I32)
	case opMemoryInit, opDataDrop:
		if !v.m.HasCount {
			v.r.fail(Malformed, v.in.at, "found %v in a module without a data count section", v.in.op)
			return
		}
		if v.in.idx >= v.m.DataCount {
			v.fail("found data segment %d, want one of the %d segments", v.in.idx, v.m.DataCount)
			return
		}
		if v.in.op == opDataDrop {
			if v.an == nil {
				v.m.dataDrops[v.in.idx] = true
			}
			return
		}
		v.pop3()
	default: // memory.copy, memory.fill
		v.pop3()
	}
}

func (v *validator) pop3() {
	v.pop(I32)
	v.pop(I32)
	v.pop(I32)
}
