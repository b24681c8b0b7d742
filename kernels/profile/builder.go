package profile

import (
	"math"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/profile/syntax"
)

// builder makes IR. It folds operators on constants with ir.Eval, shares equal pure operators, and knows what scalar
// variables hold where that is plain. All of it is deterministic: gas is counted on what comes out.
type builder struct {
	// folding says that nothing is emitted: every operand is a constant.
	folding bool
	// wide, if not nil, holds the binary64 values of abstract floats, and float operators work on those.
	wide map[*ir.Inst]float64

	k        *ir.Kernel
	consts   map[constKey]*ir.Inst
	prologue ir.Region // constants, inputs and what follows from them: in scope everywhere
	pshared  map[shareKey]*ir.Inst
	levels   []*level
	pos      ir.Pos
	n        int
	fail     func(at ir.Pos, format string, a ...any)
}

type constKey struct {
	t    ir.Type
	bits uint32
}

type shareKey struct {
	op      ir.Op
	t       ir.Type
	a, b, c *ir.Inst
	extra   int
}

// level is a region being filled.
type level struct {
	out    ir.Region
	shared map[shareKey]*ir.Inst
	known  map[*ir.Var]*ir.Inst // what a scalar variable holds; nil for unknown
	stored map[*ir.Var]bool
	facts  map[shareKey]*ir.Inst // comparisons whose outcome is known wherever this region goes on
	opaque bool                  // a loop's region: what was known before it does not hold in it
	dead   bool                  // control does not reach the end
}

func (b *builder) top() *level { return b.levels[len(b.levels)-1] }

func (b *builder) push(opaque bool) *level {
	if len(b.levels) > ir.MaxDepth-8 {
		b.fail(b.pos, "control flow is nested deeper than %d after inlining", ir.MaxDepth-8)
	}
	l := &level{shared: map[shareKey]*ir.Inst{}, known: map[*ir.Var]*ir.Inst{}, stored: map[*ir.Var]bool{}, opaque: opaque}
	b.levels = append(b.levels, l)
	return l
}

// pop ends the innermost region. What it stored is no longer known in the one around it.
func (b *builder) pop() *level {
	l := b.top()
	b.levels = b.levels[:len(b.levels)-1]
	if len(b.levels) > 0 {
		up := b.top()
		for v := range l.stored {
			up.known[v] = nil
			up.stored[v] = true
		}
	}
	return l
}

func (b *builder) region(opaque bool, f func()) *level {
	b.push(opaque)
	f()
	return b.pop()
}

func (b *builder) count() {
	if b.n++; b.n > ir.MaxInsts {
		b.fail(b.pos, "the kernel has more than %d instructions after inlining", ir.MaxInsts)
	}
}

// add appends an instruction to the current region.
func (b *builder) add(i *ir.Inst) *ir.Inst {
	b.count()
	i.Pos = b.pos
	l := b.top()
	l.out = append(l.out, i)
	return i
}

func (b *builder) constant(t ir.Type, bits uint32) *ir.Inst {
	if b.folding {
		return &ir.Inst{Op: ir.OpConst, Type: t, Bits: bits, Binding: -1}
	}
	k := constKey{t, bits}
	c := b.consts[k]
	if c == nil {
		b.count()
		c = &ir.Inst{Op: ir.OpConst, Type: t, Bits: bits, Binding: -1, Pos: b.pos}
		b.consts[k] = c
		b.prologue = append(b.prologue, c)
	}
	return c
}

func (b *builder) wideConst(f float64) *ir.Inst {
	i := &ir.Inst{Op: ir.OpConst, Type: ir.F32, Binding: -1}
	b.wide[i] = f
	return i
}

func (b *builder) int(v uint32) *ir.Inst   { return b.constant(ir.I32, v) }
func (b *builder) signed(v int32) *ir.Inst { return b.constant(ir.I32, uint32(v)) }

func (b *builder) bool(v bool) *ir.Inst {
	if v {
		return b.constant(ir.Bool, 1)
	}
	return b.constant(ir.Bool, 0)
}

// float is v rounded to binary32, or v itself among abstract floats.
func (b *builder) float(v float64) *ir.Inst {
	if b.wide != nil {
		return b.wideConst(v)
	}
	return b.constant(ir.F32, math.Float32bits(float32(v)))
}

func (b *builder) bitsF(v uint32) *ir.Inst { return b.constant(ir.F32, v) }

// castF and cast reinterpret bits.
func (b *builder) castF(x *ir.Inst) *ir.Inst { return b.cast(x, ir.F32) }

func (b *builder) cast(x *ir.Inst, t ir.Type) *ir.Inst {
	if x.Type == t {
		return x
	}
	if x.Op == ir.OpConst {
		return b.constant(t, x.Bits)
	}
	if x.Op == ir.OpBitcast && x.Args[0].Type == t {
		return x.Args[0]
	}
	return b.shareOp(ir.OpBitcast, t, x)
}

func resultOf(op ir.Op, args []*ir.Inst) ir.Type {
	switch {
	case op == ir.OpSelect:
		return args[1].Type
	case op >= ir.OpIEq && op <= ir.OpBNot, op >= ir.OpFEq && op <= ir.OpFLe:
		return ir.Bool
	case op == ir.OpFToS || op == ir.OpFToU || op == ir.OpBToI:
		return ir.I32
	case op >= ir.OpFAdd && op <= ir.OpFInvSqrt, op == ir.OpSToF, op == ir.OpUToF:
		return ir.F32
	}
	return ir.I32
}

// op gives the value of a pure operator. A Bitcast turns a float into an integer or the reverse.
func (b *builder) op(op ir.Op, args ...*ir.Inst) *ir.Inst {
	if op == ir.OpBitcast {
		t := ir.I32
		if args[0].Type == ir.I32 {
			t = ir.F32
		}
		return b.cast(args[0], t)
	}
	if b.wide != nil {
		if r := b.wideOp(op, args); r != nil {
			return r
		}
	}
	known := true
	var v [3]uint32
	for i, a := range args {
		known = known && a.Op == ir.OpConst
		v[i] = a.Bits
	}
	t := resultOf(op, args)
	if known {
		return b.constant(t, ir.Eval(op, v[0], v[1], v[2]))
	}
	if r := b.simplify(op, args); r != nil {
		return r
	}
	return b.shareOp(op, t, args...)
}

func isConst(i *ir.Inst, bits uint32) bool { return i.Op == ir.OpConst && i.Bits == bits }

// simplify applies identities that hold for every value. None of them touches a float operator.
func (b *builder) simplify(op ir.Op, a []*ir.Inst) *ir.Inst {
	switch op {
	case ir.OpIAdd:
		x, y := a[0], a[1]
		if x.Op == ir.OpConst {
			x, y = y, x
		}
		if isConst(y, 0) {
			return x
		}
		if y.Op == ir.OpConst && x.Op == ir.OpIAdd && x.Args[1].Op == ir.OpConst {
			return b.op(ir.OpIAdd, x.Args[0], b.int(x.Args[1].Bits+y.Bits))
		}
		if x != a[0] {
			return b.shareOp(ir.OpIAdd, ir.I32, x, y)
		}
	case ir.OpISub, ir.OpShl, ir.OpShrU, ir.OpShrS:
		if isConst(a[1], 0) {
			return a[0]
		}
	case ir.OpIMul:
		for i := range 2 {
			if isConst(a[i], 1) {
				return a[1-i]
			}
			if isConst(a[i], 0) {
				return a[i]
			}
		}
	case ir.OpUDiv, ir.OpSDiv:
		if isConst(a[1], 1) {
			return a[0]
		}
		if op == ir.OpUDiv && a[1].Op == ir.OpConst && a[1].Bits != 0 && a[1].Bits&(a[1].Bits-1) == 0 {
			n := uint32(0)
			for a[1].Bits>>n != 1 {
				n++
			}
			return b.op(ir.OpShrU, a[0], b.int(n))
		}
	case ir.OpURem:
		if m := a[1]; m.Op == ir.OpConst && m.Bits != 0 && m.Bits&(m.Bits-1) == 0 {
			return b.op(ir.OpAnd, a[0], b.int(m.Bits-1))
		}
	case ir.OpBAnd, ir.OpBOr:
		for i := range 2 {
			if a[i].Op == ir.OpConst {
				if (a[i].Bits == 1) == (op == ir.OpBAnd) {
					return a[1-i]
				}
				return a[i]
			}
		}
		if a[0] == a[1] {
			return a[0]
		}
	case ir.OpULt:
		if a[0].Op != ir.OpConst && a[1].Op == ir.OpConst && b.most(a[0], 0) < a[1].Bits {
			return b.bool(true)
		}
	case ir.OpULe:
		if a[0].Op == ir.OpConst && b.most(a[1], 0) < a[0].Bits {
			return b.bool(false)
		}
	case ir.OpBNot:
		if a[0].Op == ir.OpBNot {
			return a[0].Args[0]
		}
	case ir.OpSelect:
		if a[0].Op == ir.OpConst {
			return a[2-a[0].Bits]
		}
		if a[1] == a[2] {
			return a[1]
		}
	}
	return nil
}

// shareOp gives the value of a pure operator, taking one that stands already if it is in scope.
func (b *builder) shareOp(op ir.Op, t ir.Type, args ...*ir.Inst) *ir.Inst {
	k := shareKey{op: op, t: t}
	for i, a := range args {
		switch i {
		case 0:
			k.a = a
		case 1:
			k.b = a
		case 2:
			k.c = a
		}
	}
	return b.shareKeyed(k, func() *ir.Inst {
		return &ir.Inst{Op: op, Type: t, Args: append([]*ir.Inst(nil), args...), Binding: -1}
	})
}

func (b *builder) shareKeyed(k shareKey, make func() *ir.Inst) *ir.Inst {
	if k.t == ir.Bool {
		for i := len(b.levels) - 1; i >= 0; i-- {
			if r := b.levels[i].facts[k]; r != nil {
				return r
			}
		}
	}
	for i := len(b.levels) - 1; i >= 0; i-- {
		if r := b.levels[i].shared[k]; r != nil {
			return r
		}
	}
	if r := b.pshared[k]; r != nil {
		return r
	}
	r := b.add(make())
	b.top().shared[k] = r
	return r
}

// assume notes that a condition has the given outcome from here to the end of the current region.
func (b *builder) assume(c *ir.Inst, outcome bool) {
	switch {
	case c.Op == ir.OpBNot:
		b.assume(c.Args[0], !outcome)
		return
	case c.Op == ir.OpBAnd && outcome, c.Op == ir.OpBOr && !outcome:
		b.assume(c.Args[0], outcome)
		b.assume(c.Args[1], outcome)
	}
	if !ir.IsPure(c.Op) || len(c.Args) > 2 {
		return
	}
	l := b.top()
	if l.facts == nil {
		l.facts = map[shareKey]*ir.Inst{}
	}
	note := func(op ir.Op, x, y *ir.Inst, outcome bool) {
		l.facts[shareKey{op: op, t: ir.Bool, a: x, b: y}] = b.bool(outcome)
	}
	x, y := c.Args[0], (*ir.Inst)(nil)
	if len(c.Args) > 1 {
		y = c.Args[1]
	}
	note(c.Op, x, y, outcome)
	// The opposite comparison of integers has the opposite outcome.
	switch c.Op {
	case ir.OpIEq:
		note(ir.OpINe, x, y, !outcome)
	case ir.OpINe:
		note(ir.OpIEq, x, y, !outcome)
	case ir.OpULt:
		note(ir.OpULe, y, x, !outcome)
	case ir.OpULe:
		note(ir.OpULt, y, x, !outcome)
	case ir.OpSLt:
		note(ir.OpSLe, y, x, !outcome)
	case ir.OpSLe:
		note(ir.OpSLt, y, x, !outcome)
	}
}

// most is an upper bound of an I32 value taken as unsigned.
func (b *builder) most(i *ir.Inst, depth int) uint32 {
	const all = math.MaxUint32
	if i.Op == ir.OpConst {
		return i.Bits
	}
	if depth > 6 {
		return all
	}
	arg := func(n int) uint64 { return uint64(b.most(i.Args[n], depth+1)) }
	cut := func(n uint64) uint32 {
		if n > all {
			return all
		}
		return uint32(n)
	}
	switch i.Op {
	case ir.OpInput:
		size := b.k.WorkgroupSize
		switch i.Input {
		case ir.LocalX, ir.LocalY, ir.LocalZ:
			return size[i.Input-ir.LocalX] - 1
		case ir.LocalIndex:
			return uint32(b.k.Invocations()) - 1
		}
	case ir.OpAnd, ir.OpUMin:
		return uint32(min(arg(0), arg(1)))
	case ir.OpURem:
		if m := i.Args[1]; m.Op == ir.OpConst && m.Bits > 0 {
			return uint32(min(arg(0), uint64(m.Bits)-1))
		}
	case ir.OpUDiv:
		if m := i.Args[1]; m.Op == ir.OpConst && m.Bits > 0 {
			return uint32(arg(0) / uint64(m.Bits))
		}
	case ir.OpShrU:
		if m := i.Args[1]; m.Op == ir.OpConst {
			return uint32(arg(0) >> (m.Bits & 31))
		}
	case ir.OpIAdd:
		return cut(arg(0) + arg(1))
	case ir.OpIMul:
		return cut(arg(0) * arg(1))
	case ir.OpShl:
		if m := i.Args[1]; m.Op == ir.OpConst {
			return cut(arg(0) << (m.Bits & 31))
		}
	case ir.OpSelect:
		return uint32(max(uint64(b.most(i.Args[1], depth+1)), uint64(b.most(i.Args[2], depth+1))))
	case ir.OpBToI:
		return 1
	case ir.OpClz, ir.OpCtz, ir.OpPopcnt:
		return 32
	}
	return all
}

// fixed puts a value into the prologue, once.
func (b *builder) fixed(k shareKey, make func() *ir.Inst) *ir.Inst {
	r := b.pshared[k]
	if r == nil {
		b.count()
		r = make()
		r.Pos = b.pos
		b.pshared[k] = r
		b.prologue = append(b.prologue, r)
	}
	return r
}

func (b *builder) input(in ir.Input) *ir.Inst {
	return b.fixed(shareKey{op: ir.OpInput, extra: int(in)}, func() *ir.Inst {
		return &ir.Inst{Op: ir.OpInput, Type: ir.I32, Input: in, Binding: -1}
	})
}

// words is the length of a buffer after its first skip words, in elements of stride words.
func (b *builder) words(binding int, skip, stride uint32) *ir.Inst {
	n := b.fixed(shareKey{op: ir.OpBufferWords, extra: binding}, func() *ir.Inst {
		return &ir.Inst{Op: ir.OpBufferWords, Type: ir.I32, Binding: binding}
	})
	do := func(op ir.Op, x *ir.Inst, by uint32) *ir.Inst {
		c := b.int(by)
		return b.fixed(shareKey{op: op, t: ir.I32, a: x, b: c}, func() *ir.Inst {
			return &ir.Inst{Op: op, Type: ir.I32, Args: []*ir.Inst{x, c}, Binding: -1}
		})
	}
	if skip > 0 {
		n = do(ir.OpISub, n, skip)
	}
	switch {
	case stride == 1:
		return n
	case stride&(stride-1) == 0:
		shift := uint32(0)
		for stride>>shift != 1 {
			shift++
		}
		return do(ir.OpShrU, n, shift)
	}
	return do(ir.OpUDiv, n, stride)
}

// loadScalar and storeScalar access a private variable of one word.
func (b *builder) loadScalar(v *ir.Var) *ir.Inst {
	for i := len(b.levels) - 1; i >= 0; i-- {
		l := b.levels[i]
		if x, ok := l.known[v]; ok {
			if x != nil {
				return x
			}
			break
		}
		if l.opaque {
			break
		}
	}
	x := b.add(&ir.Inst{Op: ir.OpLoad, Type: v.Type, Args: []*ir.Inst{b.int(0)}, Var: v, Binding: -1})
	b.top().known[v] = x
	return x
}

func (b *builder) storeScalar(v *ir.Var, x *ir.Inst) {
	b.add(&ir.Inst{Op: ir.OpStore, Args: []*ir.Inst{b.int(0), x}, Var: v, Binding: -1})
	l := b.top()
	l.known[v] = x
	l.stored[v] = true
}

// forget says that a variable may hold anything now.
func (b *builder) forget(v *ir.Var) {
	b.top().known[v] = nil
	b.top().stored[v] = true
}

// leave ends the region with an exit, a continue or a return.
func (b *builder) leave(i *ir.Inst) {
	b.add(i)
	b.top().dead = true
}

func irPos(p syntax.Pos) ir.Pos { return ir.Pos{Line: p.Line, Col: p.Col} }

// wideOp evaluates a float operator on abstract floats; nil if the operator is none.
func (b *builder) wideOp(op ir.Op, a []*ir.Inst) *ir.Inst {
	f := func(i int) float64 { return b.wide[a[i]] }
	switch op {
	case ir.OpSelect:
		if a[1].Type == ir.F32 {
			return a[2-a[0].Bits]
		}
		return nil
	case ir.OpFEq:
		return b.bool(f(0) == f(1))
	case ir.OpFNe:
		return b.bool(f(0) != f(1))
	case ir.OpFLt:
		return b.bool(f(0) < f(1))
	case ir.OpFLe:
		return b.bool(f(0) <= f(1))
	case ir.OpFAdd:
		return b.wideConst(f(0) + f(1))
	case ir.OpFSub:
		return b.wideConst(f(0) - f(1))
	case ir.OpFMul:
		return b.wideConst(f(0) * f(1))
	case ir.OpFDiv:
		return b.wideConst(f(0) / f(1))
	case ir.OpFSqrt:
		return b.wideConst(math.Sqrt(f(0)))
	case ir.OpFNeg:
		return b.wideConst(-f(0))
	case ir.OpFAbs:
		return b.wideConst(math.Abs(f(0)))
	case ir.OpFMin:
		return b.wideConst(math.Min(f(0), f(1)))
	case ir.OpFMax:
		return b.wideConst(math.Max(f(0), f(1)))
	case ir.OpFFloor:
		return b.wideConst(math.Floor(f(0)))
	case ir.OpFCeil:
		return b.wideConst(math.Ceil(f(0)))
	case ir.OpFTrunc:
		return b.wideConst(math.Trunc(f(0)))
	case ir.OpFRound:
		return b.wideConst(math.RoundToEven(f(0)))
	}
	return nil
}
