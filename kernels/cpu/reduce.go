package cpu

import "github.com/gwrun/gwrun/kernels/ir"

// costs holds what each instruction charges. After reduce it differs from ir.Cost: an instruction that stands for
// others carries their gas.
type costs map[*ir.Inst]uint32

const (
	maxReduce   = 20000 // instructions of a kernel; larger ones are translated as they are
	maxTurns    = 64    // of a loop that is unrolled
	maxUnrolled = 768   // instructions all its turns together may become
	maxSplit    = 64    // words of a private array that is split into variables
	maxSplits   = 256   // words of all of them together
)

// reduce makes a kernel that does the same with less: loops of few turns known beforehand are unrolled, private arrays
// that are then indexed by constants only become variables, values computed twice are computed once, and what nobody
// uses is left out. Its gas is the original's: see costs.
func reduce(k *ir.Kernel) (*ir.Kernel, costs) {
	n := 0
	k.Walk(func(*ir.Inst) { n++ })
	direct := func() costs {
		c := costs{}
		k.Walk(func(i *ir.Inst) { c[i] = ir.Cost(i) })
		return c
	}
	if n > maxReduce {
		return k, direct()
	}
	r := newReducer(k, n, ir.Cost)
	first, cost := r.run()
	if r.bad { // not a kernel that a front end makes: a value is used where it may not be there
		return k, direct()
	}
	arrays := splitArrays(first, cost)
	if vars := splitVars(first); !arrays && !vars {
		return first, cost
	}
	r = newReducer(first, first.NumInsts, func(i *ir.Inst) uint32 { return cost[i] })
	return r.run()
}

// reducer goes through a kernel in the order it stands and writes the reduced one.
type reducer struct {
	old     *ir.Kernel
	out     *ir.Kernel
	costOf  func(*ir.Inst) uint32
	cost    costs
	pending uint64 // gas of instructions left out, for the next one

	head   ir.Region // constants, inputs and lengths, in front of all
	region *ir.Region
	val    []*ir.Inst // the new value of an old one
	target []*ir.Inst // the new loop or block of an old one
	ids    int

	// holds is the value each private scalar is known to hold, nil where that is not known.
	holds []*ir.Inst
	// table finds a value that was computed before; undo takes back what leaves scope.
	table map[valueKey]*ir.Inst
	undo  []undoEntry
	// memory counts changes of storage and workgroup memory, private those of private arrays.
	memory, private int32

	depth   int // of regions really there
	unrolls []*unroll
	made    int // instructions made so far
	work    int // and made, thrown away or not
	limit   int // of work beyond which no unrolling is tried
	bad     bool
	vars    []*ir.Var           // the new variable of an old one
	most    map[*ir.Inst]uint32 // see bound
}

type valueKey struct {
	op      ir.Op
	t       ir.Type
	bits    uint32
	a, b, c int32
	v       *ir.Var
	when    int32
}

type undoEntry struct {
	key valueKey
	old *ir.Inst
}

// unroll is a loop whose turns are being written out.
type unroll struct {
	loop   *ir.Inst
	depth  int
	failed bool
}

// flow says how a region ends.
type flow struct {
	jumped bool     // not by its end
	loop   *ir.Inst // leaves or goes on with this loop, which is being unrolled
	again  bool
}

func newReducer(k *ir.Kernel, n int, costOf func(*ir.Inst) uint32) *reducer {
	r := &reducer{old: k, costOf: costOf, cost: costs{}, val: make([]*ir.Inst, n), target: make([]*ir.Inst, n),
		holds: make([]*ir.Inst, len(k.Vars)), table: map[valueKey]*ir.Inst{}, most: map[*ir.Inst]uint32{}, limit: 6*n + 16384}
	r.out = &ir.Kernel{Name: k.Name, WorkgroupSize: k.WorkgroupSize, Bindings: k.Bindings}
	for n, v := range k.Vars {
		c := *v
		r.vars = append(r.vars, &c)
		if isRegister(v) {
			r.holds[n] = r.constant(v.Type, 0)
		}
	}
	return r
}

func (r *reducer) run() (*ir.Kernel, costs) {
	var body ir.Region
	r.region = &body
	r.list(r.old.Body)
	r.flush()
	r.out.Body = append(r.head, body...)
	r.out.Renumber()
	r.sweep()
	r.out.Renumber()
	return r.out, r.cost
}

// add puts a new instruction at the end of the region.
func (r *reducer) add(i *ir.Inst, cost uint64) *ir.Inst {
	r.ids++
	r.made++
	i.ID = r.ids
	r.cost[i] = uint32(cost + r.pending)
	r.pending = 0
	*r.region = append(*r.region, i)
	return i
}

// flush leaves pending gas at the end of the region: a constant that nobody uses carries it.
func (r *reducer) flush() {
	if r.pending > 0 {
		r.add(&ir.Inst{Op: ir.OpConst, Type: ir.I32, Binding: -1}, 0)
	}
}

func (r *reducer) constant(t ir.Type, bits uint32) *ir.Inst {
	return r.first(&ir.Inst{Op: ir.OpConst, Type: t, Bits: bits, Binding: -1}, valueKey{op: ir.OpConst, t: t, bits: bits})
}

// first gives the one instruction of a kind that stands in front of all.
func (r *reducer) first(i *ir.Inst, key valueKey) *ir.Inst {
	if have := r.table[key]; have != nil {
		return have
	}
	r.ids++
	i.ID = r.ids
	r.head = append(r.head, i)
	r.setBound(i)
	r.table[key] = i // stays in scope
	return i
}

func (r *reducer) remember(key valueKey, i *ir.Inst) {
	r.undo = append(r.undo, undoEntry{key, r.table[key]})
	r.table[key] = i
}

func (r *reducer) forget(to int) {
	for n := len(r.undo) - 1; n >= to; n-- {
		if e := r.undo[n]; e.old == nil {
			delete(r.table, e.key)
		} else {
			r.table[e.key] = e.old
		}
	}
	r.undo = r.undo[:to]
}

// list goes through the instructions of a region, into the present new region.
func (r *reducer) list(old ir.Region) flow {
	for _, i := range old {
		if r.failed() {
			return flow{jumped: true}
		}
		if f := r.inst(i); f.jumped {
			return f
		}
	}
	return flow{}
}

func (r *reducer) failed() bool { return len(r.unrolls) > 0 && r.unrolls[len(r.unrolls)-1].failed }

// below goes through a region that stays one, and gives it.
func (r *reducer) below(old ir.Region) (ir.Region, flow) {
	var list ir.Region
	up, mark := r.region, len(r.undo)
	r.region = &list
	r.depth++
	f := r.list(old)
	r.flush()
	r.depth--
	r.region = up
	r.forget(mark)
	return list, f
}

func (r *reducer) args(i *ir.Inst) []*ir.Inst {
	a := make([]*ir.Inst, len(i.Args))
	for n, x := range i.Args {
		if a[n] = r.val[x.ID]; a[n] == nil {
			r.bad = true
			a[n] = r.constant(x.Type, 0)
		}
	}
	return a
}

func (r *reducer) variable(i *ir.Inst) *ir.Var {
	if i.Var == nil {
		return nil
	}
	return r.vars[i.Var.ID]
}

func isConst(i *ir.Inst) bool { return i != nil && i.Op == ir.OpConst }

func (r *reducer) inst(i *ir.Inst) flow {
	r.work++
	if i.Op != ir.OpLoop {
		r.pending += uint64(r.costOf(i))
	}
	switch i.Op {
	case ir.OpConst:
		r.val[i.ID] = r.constant(i.Type, i.Bits)
	case ir.OpInput:
		r.val[i.ID] = r.first(&ir.Inst{Op: i.Op, Type: i.Type, Input: i.Input, Binding: -1},
			valueKey{op: i.Op, bits: uint32(i.Input)})
	case ir.OpBufferWords:
		r.val[i.ID] = r.first(&ir.Inst{Op: i.Op, Type: i.Type, Binding: i.Binding}, valueKey{op: i.Op, bits: uint32(i.Binding)})
	case ir.OpLoad:
		r.load(i)
	case ir.OpStore:
		r.store(i)
	case ir.OpZero:
		r.add(&ir.Inst{Op: i.Op, Var: r.variable(i), Binding: -1, Pos: i.Pos}, 0)
		if isRegister(i.Var) {
			r.holds[i.Var.ID] = r.constant(i.Var.Type, 0)
		} else {
			r.private++
		}
	case ir.OpAtomic:
		n := &ir.Inst{Op: i.Op, Type: i.Type, Args: r.args(i), Atomic: i.Atomic, Var: r.variable(i), Binding: i.Binding, Pos: i.Pos}
		r.val[i.ID] = r.add(n, 0)
		r.memory++
	case ir.OpBarrier:
		r.add(&ir.Inst{Op: i.Op, Binding: -1, Pos: i.Pos}, 0)
		r.memory++
	case ir.OpIf:
		return r.branch(i)
	case ir.OpLoop:
		return r.loop(i)
	case ir.OpBlock:
		return r.block(i)
	case ir.OpExit, ir.OpContinue:
		for _, u := range r.unrolls {
			if u.loop == i.Target {
				u = r.unrolls[len(r.unrolls)-1]
				if u.loop != i.Target || u.depth != r.depth {
					u.failed = true // not the only way on, or past a loop between
				}
				return flow{jumped: true, loop: i.Target, again: i.Op == ir.OpContinue}
			}
		}
		r.add(&ir.Inst{Op: i.Op, Target: r.target[i.Target.ID], Binding: -1, Pos: i.Pos}, 0)
		return flow{jumped: true}
	case ir.OpReturn:
		r.add(&ir.Inst{Op: i.Op, Binding: -1, Pos: i.Pos}, 0)
		return flow{jumped: true}
	default:
		r.val[i.ID] = r.pure(i.Op, i.Type, i.Pos, r.args(i)...)
	}
	return flow{}
}

// pure gives the value of an operator: folded, found, or made.
func (r *reducer) pure(op ir.Op, t ir.Type, pos ir.Pos, a ...*ir.Inst) *ir.Inst {
	all := true
	for _, x := range a {
		all = all && isConst(x)
	}
	if all {
		var b [3]uint32
		for n, x := range a {
			b[n] = x.Bits
		}
		return r.constant(t, ir.Eval(op, b[0], b[1], b[2]))
	}
	switch op {
	case ir.OpIAdd, ir.OpIMul, ir.OpBAnd, ir.OpBOr:
		if isConst(a[0]) {
			a[0], a[1] = a[1], a[0]
		}
		c := isConst(a[1])
		switch {
		case c && op == ir.OpIAdd && a[1].Bits == 0, c && op == ir.OpIMul && a[1].Bits == 1,
			c && op == ir.OpBAnd && a[1].Bits == 1, c && op == ir.OpBOr && a[1].Bits == 0:
			return a[0]
		case c && (op == ir.OpIMul || op == ir.OpBAnd) && a[1].Bits == 0, c && op == ir.OpBOr && a[1].Bits == 1:
			return a[1]
		case c && op == ir.OpIAdd && a[0].Op == ir.OpIAdd && isConst(a[0].Args[1]):
			return r.pure(op, t, pos, a[0].Args[0], r.constant(ir.I32, a[0].Args[1].Bits+a[1].Bits))
		}
	case ir.OpSelect:
		if isConst(a[0]) {
			return a[2-a[0].Bits]
		}
	}
	if have := r.known(op, a); have != nil {
		return have
	}
	key := valueKey{op: op, t: t, a: int32(a[0].ID), b: -1, c: -1}
	if len(a) > 1 {
		key.b = int32(a[1].ID)
	}
	if len(a) > 2 {
		key.c = int32(a[2].ID)
	}
	if have := r.table[key]; have != nil {
		return have
	}
	n := r.add(&ir.Inst{Op: op, Type: t, Args: a, Binding: -1, Pos: pos}, 0)
	r.remember(key, n)
	r.setBound(n)
	return n
}

func (r *reducer) load(i *ir.Inst) {
	a := r.args(i)
	if len(a) > 1 && isConst(a[1]) {
		if a[1].Bits == 0 {
			r.val[i.ID] = r.constant(i.Type, 0)
			return
		}
		a = a[:1]
	}
	n := &ir.Inst{Op: i.Op, Type: i.Type, Args: a, Var: r.variable(i), Binding: i.Binding, Pos: i.Pos}
	if isRegister(i.Var) {
		have := r.holds[i.Var.ID]
		switch {
		case len(a) > 1:
			have = r.add(n, 0)
		case have == nil:
			have = r.add(n, 0)
			r.holds[i.Var.ID] = have
		}
		r.val[i.ID] = have
		return
	}
	key := valueKey{op: i.Op, t: i.Type, bits: uint32(i.Binding), v: i.Var, a: int32(a[0].ID), b: -1, when: r.memory}
	switch {
	case i.Var != nil && i.Var.Space == ir.Private:
		key.when = r.private
	case i.Var == nil && r.old.Bindings[i.Binding].Access != ir.ReadWrite: // see plan.memoryOf
		key.when = 0
	}
	if len(a) > 1 {
		key.b = int32(a[1].ID)
	}
	if have := r.table[key]; have != nil {
		r.val[i.ID] = have
		return
	}
	r.val[i.ID] = r.add(n, 0)
	r.remember(key, n)
}

func (r *reducer) store(i *ir.Inst) {
	a := r.args(i)
	if len(a) > 2 && isConst(a[2]) {
		if a[2].Bits == 0 {
			return
		}
		a = a[:2]
	}
	n := &ir.Inst{Op: i.Op, Args: a, Var: r.variable(i), Binding: i.Binding, Pos: i.Pos}
	switch {
	case isRegister(i.Var):
		if len(a) > 2 {
			r.holds[i.Var.ID] = nil
		} else {
			r.holds[i.Var.ID] = a[1]
		}
	case i.Var != nil && i.Var.Space == ir.Private:
		r.private++
	default:
		r.memory++
	}
	r.add(n, 0)
}

// changes takes note that the old instruction i, or part of it, may have run: what it stores is not known any more.
func (r *reducer) changes(list ir.Region) {
	for _, i := range list {
		switch i.Op {
		case ir.OpStore, ir.OpZero:
			switch {
			case isRegister(i.Var):
				r.holds[i.Var.ID] = nil
			case i.Var != nil && i.Var.Space == ir.Private:
				r.private++
			default:
				r.memory++
			}
		case ir.OpAtomic, ir.OpBarrier:
			r.memory++
		default:
			r.changes(i.Then)
			r.changes(i.Else)
		}
	}
}

func (r *reducer) branch(i *ir.Inst) flow {
	cond := r.args(i)[0]
	if isConst(cond) {
		if cond.Bits != 0 {
			return r.list(i.Then)
		}
		return r.list(i.Else)
	}
	n := &ir.Inst{Op: i.Op, Args: []*ir.Inst{cond}, Binding: -1, Pos: i.Pos}
	r.add(n, 0)
	before := append([]*ir.Inst(nil), r.holds...)
	var then, els flow
	n.Then, then = r.below(i.Then)
	copy(r.holds, before)
	if r.failed() {
		return flow{jumped: true}
	}
	n.Else, els = r.below(i.Else)
	copy(r.holds, before)
	if !then.jumped {
		r.changes(i.Then)
	}
	if !els.jumped {
		r.changes(i.Else)
	}
	return flow{jumped: then.jumped && els.jumped}
}

func (r *reducer) block(i *ir.Inst) flow {
	n := &ir.Inst{Op: i.Op, Binding: -1, Pos: i.Pos}
	r.add(n, 0)
	r.target[i.ID] = n
	before := append([]*ir.Inst(nil), r.holds...)
	n.Then, _ = r.below(i.Then)
	copy(r.holds, before)
	r.changes(i.Then)
	return flow{}
}

func (r *reducer) loop(i *ir.Inst) flow {
	if f, ok := r.unroll(i); ok || r.failed() {
		return f
	}
	r.flush()
	n := &ir.Inst{Op: i.Op, Binding: -1, Pos: i.Pos}
	r.add(n, uint64(r.costOf(i)))
	r.target[i.ID] = n
	r.changes(i.Then)
	r.changes(i.Else)
	before := append([]*ir.Inst(nil), r.holds...)
	mark := len(r.undo)
	// The values of the body stay in scope for the continuing region, but those behind a continue may not be there.
	var list ir.Region
	up := r.region
	r.region = &list
	r.depth++
	r.list(i.Then)
	r.flush()
	n.Then = list
	if continues(i.Then, i) {
		r.forget(mark)
		copy(r.holds, before)
	}
	list = nil
	r.list(i.Else)
	r.flush()
	n.Else = list
	if i.BreakIf != nil {
		n.BreakIf = r.breakIf(i)
	}
	r.depth--
	r.region = up
	r.forget(mark)
	copy(r.holds, before)
	return flow{}
}

func (r *reducer) breakIf(i *ir.Inst) *ir.Inst {
	b := r.val[i.BreakIf.ID]
	if b == nil {
		r.bad = true
		return r.constant(ir.Bool, 0)
	}
	return b
}

func continues(list ir.Region, loop *ir.Inst) bool {
	for _, i := range list {
		if i.Op == ir.OpContinue && i.Target == loop || continues(i.Then, loop) || continues(i.Else, loop) {
			return true
		}
	}
	return false
}

// unroll writes a loop out turn by turn if each turn's end is known beforehand; if not, nothing has happened.
func (r *reducer) unroll(i *ir.Inst) (flow, bool) {
	if r.work > r.limit || i.BreakIf == nil && !tests(i) {
		return flow{}, false
	}
	u := &unroll{loop: i, depth: r.depth}
	r.unrolls = append(r.unrolls, u)
	defer func() { r.unrolls = r.unrolls[:len(r.unrolls)-1] }()
	length, made, pending, mark := len(*r.region), r.made, r.pending, len(r.undo)
	memory, private := r.memory, r.private
	holds := append([]*ir.Inst(nil), r.holds...)
	give := func() (flow, bool) {
		*r.region = (*r.region)[:length]
		r.made, r.pending = made, pending
		r.memory, r.private = memory+1, private+1
		copy(r.holds, holds)
		r.forget(mark)
		return flow{}, false
	}
	for turn := 0; ; turn++ {
		if turn == maxTurns || r.made-made > maxUnrolled || r.work > r.limit {
			return give()
		}
		r.pending += uint64(r.costOf(i))
		f := r.list(i.Then)
		switch {
		case u.failed:
			return give()
		case f.jumped && f.loop != i: // a return, or a jump further out
			return f, true
		case f.jumped && !f.again:
			return flow{}, true
		}
		if r.list(i.Else); u.failed {
			return give()
		}
		if i.BreakIf != nil {
			b := r.breakIf(i)
			if !isConst(b) {
				return give()
			}
			if b.Bits != 0 {
				return flow{}, true
			}
		}
	}
}

// tests reports whether some branch of a loop's body itself leaves the loop: what unrolling needs.
func tests(loop *ir.Inst) bool {
	for _, i := range loop.Then {
		if i.Op != ir.OpIf {
			continue
		}
		for _, r := range []ir.Region{i.Then, i.Else} {
			if len(r) > 0 && r[len(r)-1].Op == ir.OpExit && r[len(r)-1].Target == loop {
				return true
			}
		}
	}
	return false
}

// sweep turns what comes to nothing into constants that only carry its gas: values that neither memory nor control flow
// depends on, and writes to private variables that only such values are made from.
func (r *reducer) sweep() {
	insts := make([]*ir.Inst, 0, r.out.NumInsts)
	writes := map[*ir.Var][]*ir.Inst{}
	r.out.Walk(func(i *ir.Inst) {
		insts = append(insts, i)
		if i.Var != nil && i.Var.Space == ir.Private && i.Op != ir.OpLoad {
			writes[i.Var] = append(writes[i.Var], i)
		}
	})
	live := make([]bool, len(insts))
	var work []*ir.Inst
	mark := func(i *ir.Inst) {
		if !live[i.ID] {
			live[i.ID] = true
			work = append(work, i)
		}
	}
	for _, i := range insts {
		switch {
		case i.Op == ir.OpStore && i.Var != nil && i.Var.Space == ir.Private, i.Op == ir.OpZero, i.Op == ir.OpLoad, ir.IsPure(i.Op):
		default:
			mark(i)
		}
	}
	kept := map[*ir.Var]bool{}
	for len(work) > 0 {
		i := work[len(work)-1]
		work = work[:len(work)-1]
		for _, a := range i.Args {
			mark(a)
		}
		if i.BreakIf != nil {
			mark(i.BreakIf)
		}
		if i.Var != nil && !kept[i.Var] {
			kept[i.Var] = true
			for _, w := range writes[i.Var] {
				mark(w)
			}
		}
	}
	for _, i := range insts {
		if !live[i.ID] {
			*i = ir.Inst{Op: ir.OpConst, Type: ir.I32, Binding: -1, ID: i.ID}
		}
	}
	for _, v := range r.vars {
		if kept[v] {
			r.out.Vars = append(r.out.Vars, v)
		}
	}
}

// splitArrays makes variables of the words of private arrays that are indexed by constants only. The kernel is ours.
func splitArrays(k *ir.Kernel, cost costs) bool {
	whole := map[*ir.Var]bool{}
	used := map[*ir.Var]bool{}
	k.Walk(func(i *ir.Inst) {
		if (i.Op == ir.OpLoad || i.Op == ir.OpStore) && i.Var != nil {
			nOK := 1
			if i.Op == ir.OpStore {
				nOK = 2
			}
			used[i.Var] = true
			if !isConst(i.Args[0]) || i.Args[0].Bits >= i.Var.Len || len(i.Args) > nOK {
				whole[i.Var] = true
			}
		}
	})
	parts := map[*ir.Var][]*ir.Var{}
	vars := []*ir.Var{}
	words := uint32(0)
	for _, v := range k.Vars {
		if v.Space != ir.Private || v.Len == 1 || v.Len > maxSplit || whole[v] || !used[v] || words+v.Len > maxSplits {
			vars = append(vars, v)
			continue
		}
		words += v.Len
		for range v.Len {
			p := &ir.Var{Name: v.Name, Space: v.Space, Type: v.Type, Len: 1}
			parts[v] = append(parts[v], p)
			vars = append(vars, p)
		}
	}
	if len(parts) == 0 {
		return false
	}
	zero := &ir.Inst{Op: ir.OpConst, Type: ir.I32, Binding: -1}
	var region func(ir.Region) ir.Region
	region = func(list ir.Region) ir.Region {
		var out ir.Region
		for _, i := range list {
			i.Then, i.Else = region(i.Then), region(i.Else)
			p := parts[i.Var]
			switch {
			case p == nil:
				out = append(out, i)
			case i.Op == ir.OpZero:
				for n, v := range p {
					z := &ir.Inst{Op: ir.OpZero, Var: v, Binding: -1, Pos: i.Pos}
					if n == 0 {
						cost[z] = cost[i]
					}
					out = append(out, z)
				}
			default:
				i.Var = p[i.Args[0].Bits]
				i.Args[0] = zero
				out = append(out, i)
			}
		}
		return out
	}
	k.Body = append(ir.Region{zero}, region(k.Body)...)
	k.Vars = vars
	k.Renumber()
	return true
}
