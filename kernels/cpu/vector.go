package cpu

import "github.com/gwrun/gwrun/kernels/ir"

// Vector code runs a span of neighbouring invocations at once: a quad, or several side by side where no masks are
// needed. Bools are lane masks (all ones or all zeros) where they differ between invocations. Where only some of a quad
// are at a place, the innermost of gen.masks says which.

// vlocals gives a vector local for each quad of the span.
func (g *gen) vlocals() (ls [maxQuads]uint32) {
	for q := range g.v.quads {
		ls[q] = g.local(tV128)
	}
	return ls
}

func (g *gen) vrelease(ls [maxQuads]uint32) { g.release(ls[:g.v.quads]...) }

// eachQuad emits body for each quad of the span.
func (g *gen) eachQuad(body func(q int)) {
	for g.q = range g.v.quads {
		body(g.q)
	}
	g.q = 0
}

// native maps operators to the vector instruction that does the same in every lane.
var native = map[ir.Op]uint32{
	ir.OpIAdd: vI32Add, ir.OpISub: vI32Sub, ir.OpIMul: vI32Mul, ir.OpAnd: vAnd, ir.OpOr: vOr, ir.OpXor: vXor,
	ir.OpNot: vNot, ir.OpSMin: vI32MinS, ir.OpSMax: vI32MaxS, ir.OpUMin: vI32MinU, ir.OpUMax: vI32MaxU,
	ir.OpIEq: vI32Eq, ir.OpINe: vI32Ne, ir.OpSLt: vI32LtS, ir.OpSLe: vI32LeS,
	ir.OpBAnd: vAnd, ir.OpBOr: vOr, ir.OpBNot: vNot,
	ir.OpFAdd: vF32Add, ir.OpFSub: vF32Sub, ir.OpFMul: vF32Mul, ir.OpFDiv: vF32Div, ir.OpFSqrt: vF32Sqrt,
	ir.OpFFloor: vF32Floor, ir.OpFCeil: vF32Ceil, ir.OpFTrunc: vF32Trunc, ir.OpFRound: vF32Nearest,
	ir.OpFEq: vF32Eq, ir.OpFNe: vF32Ne, ir.OpFLt: vF32Lt, ir.OpFLe: vF32Le,
	ir.OpSToF: vConvS, ir.OpUToF: vConvU, ir.OpFToS: vTruncSatS, ir.OpFToU: vTruncSatU,
}

// wide are the operators that cost the same in a vector as in a scalar.
var wide = map[ir.Op]bool{ir.OpIAdd: true, ir.OpISub: true, ir.OpAnd: true, ir.OpOr: true, ir.OpXor: true, ir.OpIEq: true,
	ir.OpSLt: true, ir.OpULt: true, ir.OpULe: true, ir.OpFAdd: true, ir.OpFSub: true, ir.OpFMul: true, ir.OpFEq: true,
	ir.OpFNe: true, ir.OpFLt: true, ir.OpFLe: true, ir.OpBAnd: true, ir.OpBOr: true}

var shifts = map[ir.Op]uint32{ir.OpShl: vI32Shl, ir.OpShrS: vI32ShrS, ir.OpShrU: vI32ShrU}

// bounds is how an ok operand x < n is held where x is consecutive and n uniform: whether it holds for all of the quad
// can then be told without a vector.
type bounds struct{ first, n, all uint32 }

// isBound reports whether v is such a comparison.
func (c *classes) isBound(v *ir.Inst) bool {
	return v.Op == ir.OpULt && c.of[v.ID] == varying && c.of[v.Args[0].ID] == consecutive && c.of[v.Args[1].ID] == uniform
}

// takeBounds evaluates a comparison into locals.
func (g *gen) takeBounds(v *ir.Inst) bounds {
	n := v.Args[1]
	g.push(v.Args[0])
	b := bounds{first: g.keep(tI32)}
	g.push(n)
	b.n = g.keep(tI32)
	// All of a span of four are below n if the first is below n-3 and n is at least 3. Buffers have that ready.
	g.get(b.first)
	if n.Op == ir.OpBufferWords {
		g.get(g.wordsLess[n.Binding])
	} else {
		g.lessSpan(b.n)
	}
	g.op(wI32LtU)
	b.all = g.keep(tI32)
	return b
}

// lessSpan leaves n less the span but one on the stack, at least 0.
func (g *gen) lessSpan(n uint32) {
	less := g.v.span - 1
	g.get(n)
	g.i32(less)
	g.op(wI32Sub)
	g.i32(0)
	g.get(n)
	g.i32(less)
	g.op(wI32GtU, wSelect)
}

func (g *gen) releaseBounds(b bounds) { g.release(b.first, b.n, b.all) }

// pushBounds leaves the lane mask of a comparison on the stack.
func (g *gen) pushBounds(b bounds) {
	g.get(b.first)
	g.simd(vI32Splat)
	g.ramp()
	g.simd(vI32Add)
	g.get(b.n)
	g.simd(vI32Splat)
	g.simd(vI32LtU)
}

// ramp leaves what each lane of the quad adds to a consecutive value.
func (g *gen) ramp() {
	n := uint32(quad * g.q)
	g.words4(n, n+1, n+2, n+3)
}

// vpush leaves v on the stack as a vector, for a place of the given kind.
func (g *gen) vpush(v *ir.Inst, kind nanKind) {
	if b, ok := g.bounds[v]; ok {
		g.pushBounds(b)
		return
	}
	switch g.v.of[v.ID] {
	case uniform:
		if v.Op == ir.OpConst {
			b := v.Bits
			if v.Type == ir.Bool {
				b = -b
			}
			g.words4(b, b, b, b)
			return
		}
		if l, ok := g.splats[int32(v.ID)]; ok {
			g.get(l)
			if v.Type == ir.F32 && kind == nanExact && g.p.nan[v.ID] == nanLoose {
				g.vcanon()
			}
			return
		}
		if v.Type == ir.Bool {
			g.i32(0)
			g.push(v)
			g.op(wI32Sub)
		} else {
			g.pushAs(v, kind)
		}
		g.splat(v.Type)
	case consecutive:
		g.push(v)
		g.splat(ir.I32)
		g.ramp()
		g.simd(vI32Add)
	default:
		if v.Op == ir.OpInput {
			g.get(g.vinputs[v.Input])
		} else if g.p.sunk[v.ID] {
			g.veval(v)
		} else {
			g.get(g.vval[v.ID][g.q])
		}
		if v.Type == ir.F32 && kind == nanExact && g.p.nan[v.ID] == nanLoose {
			g.vcanon()
		}
	}
}

func (g *gen) splat(t ir.Type) {
	if t == ir.F32 {
		g.simd(vF32Splat)
	} else {
		g.simd(vI32Splat)
	}
}

func (g *gen) vcanon() {
	x := g.keep(tV128)
	g.get(x)
	g.words4(ir.NaN, ir.NaN, ir.NaN, ir.NaN)
	g.get(x)
	g.get(x)
	g.simd(vF32Eq)
	g.simd(vBitselect)
	g.release(x)
}

// veval leaves the result of a pure operator that differs between invocations on the stack.
func (g *gen) veval(i *ir.Inst) {
	if op, ok := native[i.Op]; ok {
		for _, a := range i.Args {
			g.vpush(a, nanLoose)
		}
		g.simd(op)
		return
	}
	switch i.Op {
	case ir.OpFNeg:
		g.vpush(i.Args[0], nanExact)
		g.words4(1<<31, 1<<31, 1<<31, 1<<31)
		g.simd(vXor)
	case ir.OpFAbs:
		g.vpush(i.Args[0], nanExact)
		g.words4(1<<31-1, 1<<31-1, 1<<31-1, 1<<31-1)
		g.simd(vAnd)
	case ir.OpFMin, ir.OpFMax:
		g.vpush(i.Args[0], nanLoose)
		a := g.keep(tV128)
		g.vpush(i.Args[1], nanLoose)
		b := g.keep(tV128)
		g.get(b)
		g.get(a)
		g.get(a)
		g.get(b)
		if i.Op == ir.OpFMin {
			g.simd(vF32Min)
		} else {
			g.simd(vF32Max)
		}
		for _, x := range []uint32{b, a} {
			g.get(x)
			g.get(x)
			g.simd(vF32Ne)
			g.simd(vBitselect)
		}
		g.release(a, b)
	case ir.OpFFma:
		for _, a := range i.Args {
			g.vpush(a, nanLoose)
		}
		g.op(wCall)
		g.u32(g.fma + 1)
	case ir.OpBToI:
		g.vpush(i.Args[0], nanExact)
		g.words4(1, 1, 1, 1)
		g.simd(vAnd)
	case ir.OpBitcast:
		g.vpush(i.Args[0], nanExact)
	case ir.OpULt, ir.OpULe:
		// Where both are below 2^31 the comparison with a sign, which is one instruction.
		a, b := i.Args[0], i.Args[1]
		switch {
		case i.Op == ir.OpULe && a.Op == ir.OpConst && a.Bits-1 < 1<<31 && low(b):
			c := a.Bits - 1
			g.vpush(b, nanLoose)
			g.words4(c, c, c, c)
			g.simd(vI32GtS)
		case i.Op == ir.OpULt && low(a) && low(b):
			g.vpush(b, nanLoose)
			g.vpush(a, nanLoose)
			g.simd(vI32GtS)
		default:
			g.vpush(a, nanLoose)
			g.vpush(b, nanLoose)
			g.simd(map[ir.Op]uint32{ir.OpULt: vI32LtU, ir.OpULe: vI32LeU}[i.Op])
		}
	case ir.OpSelect:
		for n := 1; n <= 2; n++ {
			if z := i.Args[n]; z.Op == ir.OpConst && z.Bits == 0 {
				g.vpush(i.Args[3-n], g.p.nan[i.ID])
				g.vpush(i.Args[0], nanExact)
				g.simd([...]uint32{0, vAndNot, vAnd}[n])
				return
			}
		}
		g.vpush(i.Args[1], g.p.nan[i.ID])
		g.vpush(i.Args[2], g.p.nan[i.ID])
		g.vpush(i.Args[0], nanExact)
		g.simd(vBitselect)
	case ir.OpSDiv, ir.OpUDiv, ir.OpSRem, ir.OpURem:
		g.vdivide(i)
	case ir.OpClz, ir.OpCtz, ir.OpPopcnt, ir.OpReverseBits:
		g.vcount(i)
	case ir.OpShl, ir.OpShrS, ir.OpShrU:
		if op := shifts[i.Op]; g.v.of[i.Args[1].ID] == uniform {
			g.vpush(i.Args[0], nanExact)
			g.push(i.Args[1])
			g.simd(op)
			return
		}
		g.vshift(i)
	default: // transcendental
		g.vpush(i.Args[0], nanLoose)
		g.op(wCall)
		g.u32(g.libm[i.Op] + 1)
	}
}

// low reports whether an I32 is plainly below 2^31.
func low(i *ir.Inst) bool {
	return i.Op == ir.OpConst && i.Bits < 1<<31 || i.Op == ir.OpAnd && (low(i.Args[0]) || low(i.Args[1])) ||
		i.Op == ir.OpShrU && i.Args[1].Op == ir.OpConst && i.Args[1].Bits&31 > 0
}

// pushLane leaves the current lane of a vector on the stack.
func (g *gen) pushLane(l uint32, t ir.Type) {
	g.get(l)
	if t == ir.F32 {
		g.lane(vF32Extract, g.laneN)
		return
	}
	g.lane(vI32Extract, g.laneN)
	if t == ir.Bool {
		g.i32(1)
		g.op(wI32And)
	}
}

// mask gives the local of the innermost mask, and whether there is one.
func (g *gen) mask() (uint32, bool) {
	if len(g.masks) == 0 {
		return 0, false
	}
	return g.masks[len(g.masks)-1].local, true
}

// blend is mask for assignments to variables: an invocation that has returned needs none of its variables.
func (g *gen) blend() (uint32, bool) {
	m, ok := g.mask()
	return m, ok && g.masks[len(g.masks)-1].owner != nil
}

// allowed is which lanes may do an access: the mask and the ok operand together.
type allowed struct {
	all   bool // no question about it
	mask  bool
	local uint32
	bound bool
	b     bounds
	own   bool
}

// allow finds who may do an access with the given ok operand. The caller releases it by allowEnd.
func (g *gen) allow(ok *ir.Inst) allowed {
	m, masked := g.mask()
	switch {
	case ok != nil && !masked && g.v.isBound(ok):
		if b, held := g.bounds[ok]; held {
			return allowed{bound: true, b: b}
		}
		if g.p.sunk[ok.ID] {
			return allowed{bound: true, b: g.takeBounds(ok), own: true}
		}
		fallthrough
	case ok != nil:
		g.vpush(ok, nanExact)
		if masked {
			g.get(m)
			g.simd(vAnd)
		}
		return allowed{mask: true, local: g.keep(tV128), own: true}
	case masked:
		return allowed{mask: true, local: m}
	}
	return allowed{all: true}
}

func (g *gen) allowEnd(a allowed) {
	switch {
	case !a.own:
	case a.bound:
		g.releaseBounds(a.b)
	default:
		g.release(a.local)
	}
}

// pushAll leaves on the stack whether all four may.
func (g *gen) pushAll(a allowed) {
	if a.bound {
		g.get(a.b.all)
		return
	}
	g.get(a.local)
	g.simd(vI32AllTrue)
}

// lanesOf gives a local with the lane mask, which the caller releases if fresh.
func (g *gen) lanesOf(a allowed) (l uint32, fresh bool) {
	if a.bound {
		g.pushBounds(a.b)
		return g.keep(tV128), true
	}
	return a.local, false
}

// inRow reports whether the four words of an access stand side by side in lane order.
func (g *gen) inRow(i *ir.Inst) bool {
	k := g.v.of[i.Args[0].ID]
	if i.Var != nil && i.Var.Space == ir.Private {
		return k == uniform
	}
	return k == consecutive
}

// vaddress leaves the four addresses of an access on the stack.
func (g *gen) vaddress(i *ir.Inst) {
	base, off, shift := g.place(i)
	g.vpush(i.Args[0], nanExact)
	g.i32(shift)
	g.simd(vI32Shl)
	g.get(base)
	g.addOffset(off)
	g.simd(vI32Splat)
	g.simd(vI32Add)
	if i.Var != nil && i.Var.Space == ir.Private {
		n := 16 * i.Var.Len * uint32(g.q)
		g.words4(n, n+4, n+8, n+12)
		g.simd(vI32Add)
	}
}

// quadOffset is how far the current quad's words of an access in a row are from the first quad's.
func (g *gen) quadOffset(i *ir.Inst) uint32 {
	if i.Var != nil && i.Var.Space == ir.Private {
		return 16 * i.Var.Len * uint32(g.q)
	}
	return 16 * uint32(g.q)
}

// gather loads from four addresses on the stack.
func (g *gen) gather() {
	at := g.keep(tV128)
	for n := quad - 1; n >= 0; n-- {
		g.get(at)
		g.lane(vI32Extract, n)
	}
	g.simdMem(vLoad32Zero, 2, 0, -1)
	for n := 1; n < quad; n++ {
		g.simdMem(vLoad32Lane, 2, 0, n)
	}
	g.release(at)
}

// row loads the words of a row into locals, one for each quad.
func (g *gen) row(i *ir.Inst, to [maxQuads]uint32) {
	if s, ok := g.fast[i]; ok {
		g.eachQuad(func(q int) {
			g.get(s.pointer)
			g.simdMem(vLoad, 2, s.offset+16*uint32(q), -1)
			g.set(to[q])
		})
		return
	}
	off := g.address(i)
	at := g.keep(tI32)
	g.eachQuad(func(q int) {
		g.get(at)
		g.simdMem(vLoad, 2, off+g.quadOffset(i), -1)
		g.set(to[q])
	})
	g.release(at)
}

// vload emits a load whose result differs between invocations, into locals.
func (g *gen) vload(i *ir.Inst) (to [maxQuads]uint32) {
	ok := okOperand(i, 1)
	to = g.vlocals()
	if isRegister(i.Var) {
		g.eachQuad(func(q int) {
			if g.v.vars[i.Var.ID] == uniform {
				if i.Type == ir.Bool {
					g.i32(0)
					g.get(g.regs[i.Var.ID])
					g.op(wI32Sub)
				} else {
					g.get(g.regs[i.Var.ID])
				}
				g.splat(i.Type)
			} else {
				g.get(g.vregs[i.Var.ID][q])
			}
			if ok != nil {
				g.vpush(ok, nanExact)
				g.simd(vAnd)
			}
			g.set(to[q])
		})
		return to
	}
	if !g.differs(i) {
		g.load(i)
		g.splat(i.Type)
		g.set(to[0])
		return to
	}
	row := g.inRow(i)
	private := i.Var != nil && i.Var.Space == ir.Private
	if _, fast := g.fast[i]; fast || row && ok == nil && (private || len(g.masks) == 0) {
		// The whole quad's words of a private array are there, whoever asks, and so are those found by a pointer.
		g.row(i, to)
		return to
	}
	if row && g.rowBounds(ok) {
		m := g.allow(ok)
		g.get(m.b.all)
		g.ifThen()
		g.row(i, to)
		g.els()
		g.eachQuad(func(q int) {
			g.vaddress(i)
			g.pushBounds(m.b)
			g.simd(vAnd) // to the zeros at address 0
			g.gather()
			g.set(to[q])
		})
		g.end()
		g.allowEnd(m)
		return to
	}
	g.eachQuad(func(q int) {
		m := g.allow(ok)
		defer g.allowEnd(m)
		if m.all {
			g.vaddress(i)
			g.gather()
			g.set(to[q])
			return
		}
		if row {
			g.pushAll(m)
			g.ifThen()
			off := g.address(i)
			g.simdMem(vLoad, 2, off+g.quadOffset(i), -1)
			g.set(to[q])
			g.els()
		}
		g.vaddress(i)
		lanes, fresh := g.lanesOf(m)
		g.get(lanes)
		g.simd(vAnd) // to the zeros at address 0
		g.gather()
		g.set(to[q])
		if row {
			g.end()
		}
		if fresh {
			g.release(lanes)
		}
	})
	return to
}

// differs reports whether a load may give different words to the invocations of a quad; see classes.widen.
func (g *gen) differs(i *ir.Inst) bool {
	if i.Op != ir.OpLoad || i.Var != nil && i.Var.Space == ir.Private {
		return true
	}
	for _, a := range i.Args {
		if g.v.of[a.ID] != uniform {
			return true
		}
	}
	return false
}

// rowBounds reports whether an ok operand is one comparison for the whole span, and nothing else is asked.
func (g *gen) rowBounds(ok *ir.Inst) bool {
	if ok == nil || len(g.masks) > 0 || !g.v.isBound(ok) {
		return false
	}
	_, held := g.bounds[ok]
	return held || g.p.sunk[ok.ID]
}

// vstore emits a store in vector code.
func (g *gen) vstore(i *ir.Inst) {
	ok := okOperand(i, 2)
	if isRegister(i.Var) {
		id := i.Var.ID
		if g.v.vars[id] == uniform {
			g.store(i)
			return
		}
		b, blend := g.blend()
		g.eachQuad(func(q int) {
			g.vpush(i.Args[1], g.p.varNaN[id])
			if ok != nil || blend {
				g.get(g.vregs[id][q])
				if ok != nil {
					g.vpush(ok, nanExact)
				}
				if blend {
					g.get(b)
				}
				if ok != nil && blend {
					g.simd(vAnd)
				}
				g.simd(vBitselect)
			}
			g.set(g.vregs[id][q])
		})
		return
	}
	if ok != nil && g.v.of[ok.ID] == uniform {
		g.push(ok)
		g.ifThen()
		defer g.end()
		ok = nil
	}
	vals := g.vlocals()
	defer func() { g.vrelease(vals) }()
	g.eachQuad(func(q int) {
		g.vpush(i.Args[1], nanExact)
		g.set(vals[q])
	})
	row := g.inRow(i)
	_, fast := g.fast[i]
	if row && (g.rowBounds(ok) || len(g.masks) == 0 && (ok == nil || fast)) {
		if fast {
			ok = nil
		}
		m := g.allow(ok)
		if !m.all {
			g.pushAll(m)
			g.ifThen()
		}
		if fast {
			g.eachQuad(func(q int) {
				g.get(g.fast[i].pointer)
				g.get(vals[q])
				g.simdMem(vStore, 2, g.fast[i].offset+16*uint32(q), -1)
			})
		} else {
			off := g.address(i)
			at := g.keep(tI32)
			g.eachQuad(func(q int) {
				g.get(at)
				g.get(vals[q])
				g.simdMem(vStore, 2, off+g.quadOffset(i), -1)
			})
			g.release(at)
		}
		if !m.all {
			g.els()
			g.eachQuad(func(q int) { g.scatter(i, m, vals[q]) })
			g.end()
		}
		g.allowEnd(m)
		return
	}
	g.eachQuad(func(q int) {
		m := g.allow(ok)
		defer g.allowEnd(m)
		if row {
			g.pushAll(m)
			g.ifThen()
			off := g.address(i)
			g.get(vals[q])
			g.simdMem(vStore, 2, off+g.quadOffset(i), -1)
			g.els()
		}
		g.scatter(i, m, vals[q])
		if row {
			g.end()
		}
	})
}

// scatter stores a vector lane by lane.
func (g *gen) scatter(i *ir.Inst, m allowed, val uint32) {
	g.vaddress(i)
	at := g.keep(tV128)
	g.eachLane(m, func(n int) {
		g.get(at)
		g.lane(vI32Extract, n)
		g.get(val)
		g.simdMem(vStore32Lane, 2, 0, n)
	})
	g.release(at)
}

// eachLane emits body for each lane that may, in order.
func (g *gen) eachLane(m allowed, body func(n int)) {
	var lanes uint32
	var fresh bool
	if !m.all {
		lanes, fresh = g.lanesOf(m)
	}
	for n := range quad {
		if !m.all {
			g.get(lanes)
			g.lane(vI32Extract, n)
			g.ifThen()
		}
		body(n)
		if !m.all {
			g.end()
		}
	}
	if fresh {
		g.release(lanes)
	}
}

// vzero emits an OpZero in vector code.
func (g *gen) vzero(v *ir.Var) {
	b, blend := g.blend()
	if isRegister(v) {
		if g.v.vars[v.ID] == uniform {
			g.zeroVar(v)
			return
		}
		for q := range g.v.quads {
			if blend {
				g.get(g.vregs[v.ID][q])
				g.get(b)
				g.simd(vAndNot)
			} else {
				g.words4(0, 0, 0, 0)
			}
			g.set(g.vregs[v.ID][q])
		}
		return
	}
	at, end := g.local(tI32), g.local(tI32)
	g.get(g.arrays[v.ID])
	g.tee(at)
	g.i32(16 * v.Len * uint32(g.v.quads))
	g.op(wI32Add)
	g.set(end)
	top := g.loop()
	g.get(at)
	if blend {
		g.get(at)
		g.simdMem(vLoad, 2, 0, -1)
		g.get(b)
		g.simd(vAndNot)
	} else {
		g.words4(0, 0, 0, 0)
	}
	g.simdMem(vStore, 2, 0, -1)
	g.get(at)
	g.i32(16)
	g.op(wI32Add)
	g.tee(at)
	g.get(end)
	g.op(wI32Ne)
	g.brIf(top)
	g.end()
	g.release(at, end)
}

// vupdate emits an atomic update: lane by lane.
func (g *gen) vupdate(i *ir.Inst) {
	g.eachQuad(func(int) {
		g.vaddress(i)
		at := g.keep(tV128)
		g.vpush(i.Args[1], nanExact)
		val := g.keep(tV128)
		m := g.allow(okOperand(i, 2))
		old := g.laneN
		g.eachLane(m, func(n int) {
			g.laneN = n
			g.atomicAt(i, func() { g.pushLane(at, ir.I32) }, func() { g.pushLane(val, ir.I32) })
		})
		g.laneN = old
		g.release(at, val)
		g.allowEnd(m)
	})
}
