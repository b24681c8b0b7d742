package cpu

import (
	"github.com/gwrun/gwrun/kernels/ir"
)

// direct maps operators that are one instruction to it.
var direct = map[ir.Op]byte{
	ir.OpIAdd: wI32Add, ir.OpISub: wI32Sub, ir.OpIMul: wI32Mul, ir.OpAnd: wI32And, ir.OpOr: wI32Or, ir.OpXor: wI32Xor,
	ir.OpShl: wI32Shl, ir.OpShrU: wI32ShrU, ir.OpShrS: wI32ShrS, ir.OpClz: wI32Clz, ir.OpCtz: wI32Ctz,
	ir.OpPopcnt: wI32Popcnt, ir.OpIEq: wI32Eq, ir.OpINe: wI32Ne, ir.OpSLt: wI32LtS, ir.OpSLe: wI32LeS,
	ir.OpULt: wI32LtU, ir.OpULe: wI32LeU, ir.OpBAnd: wI32And, ir.OpBOr: wI32Or, ir.OpBNot: wI32Eqz,
	ir.OpFAdd: wF32Add, ir.OpFSub: wF32Sub, ir.OpFMul: wF32Mul, ir.OpFDiv: wF32Div, ir.OpFSqrt: wF32Sqrt,
	ir.OpFFloor: wF32Floor, ir.OpFCeil: wF32Ceil, ir.OpFTrunc: wF32Trunc, ir.OpFRound: wF32Nearest,
	ir.OpFEq: wF32Eq, ir.OpFNe: wF32Ne, ir.OpFLt: wF32Lt, ir.OpFLe: wF32Le,
	ir.OpSToF: wF32ConvS, ir.OpUToF: wF32ConvU,
}

// wasmType is how a value of type t is held.
func wasmType(t ir.Type) byte {
	if t == ir.F32 {
		return tF32
	}
	return tI32
}

// push leaves v on the stack. Of a NaN it may have the wrong bits where its kind is nanLoose.
func (g *gen) push(v *ir.Inst) {
	if l, ok := g.laneOf[v]; ok {
		g.pushLane(l, v.Type)
		return
	}
	switch {
	case v.Op == ir.OpConst && v.Type == ir.F32:
		g.f32(v.Bits)
	case v.Op == ir.OpConst:
		g.i32(v.Bits)
	case v.Op == ir.OpInput:
		g.get(g.inputs[v.Input])
	case v.Op == ir.OpBufferWords:
		g.get(g.words[v.Binding])
	case g.p.sunk[v.ID]:
		g.eval(v)
	default:
		g.get(g.val[v.ID])
	}
}

// pushBits leaves v on the stack with exactly the bits it has by definition.
func (g *gen) pushBits(v *ir.Inst) { g.pushAs(v, nanExact) }

// pushAs leaves v on the stack for a place of the given kind.
func (g *gen) pushAs(v *ir.Inst, kind nanKind) {
	g.push(v)
	if v.Type == ir.F32 && kind == nanExact && g.p.nan[v.ID] == nanLoose {
		g.canon()
	}
}

// canon replaces any NaN on the stack by the one NaN. It branches, as NaNs are rare, and because select must not be
// used on floats and vectors: wazero 1.12.0's amd64 register allocator takes the second operand of the conditional
// move that select becomes for dead (useKindOp1 where the instruction also reads op2), and may load the first over it.
func (g *gen) canon() {
	t := g.local(tF32)
	g.set(t)
	g.get(t)
	g.get(t)
	g.op(wF32Ne)
	g.ifThen()
	g.f32(ir.NaN)
	g.set(t)
	g.end()
	g.get(t)
	g.release(t)
}

// pushWord is pushAs with an F32's bits as an i32.
func (g *gen) pushWord(v *ir.Inst, kind nanKind) {
	g.pushAs(v, kind)
	if v.Type == ir.F32 {
		g.op(wI32Reinterp)
	}
}

// fromWord makes an F32 of its bits on the stack.
func (g *gen) fromWord(t ir.Type) {
	if t == ir.F32 {
		g.op(wF32Reinterp)
	}
}

// keep takes the value on the stack into a local and returns it.
func (g *gen) keep(t byte) uint32 {
	l := g.local(t)
	g.set(l)
	return l
}

// eval leaves the result of a pure operator on the stack.
func (g *gen) eval(i *ir.Inst) {
	switch i.Op {
	case ir.OpULt, ir.OpULe, ir.OpSLt, ir.OpSLe:
		g.order(i)
		return
	}
	if op, ok := direct[i.Op]; ok {
		for _, a := range i.Args {
			g.push(a)
		}
		g.op(op)
		return
	}
	switch i.Op {
	case ir.OpSDiv, ir.OpUDiv, ir.OpSRem, ir.OpURem:
		g.divide(i)
	case ir.OpNot:
		g.push(i.Args[0])
		g.i32(0xffffffff)
		g.op(wI32Xor)
	case ir.OpSMin, ir.OpSMax, ir.OpUMin, ir.OpUMax:
		g.push(i.Args[0])
		a := g.keep(tI32)
		g.push(i.Args[1])
		b := g.keep(tI32)
		g.get(a)
		g.get(b)
		g.get(a)
		g.get(b)
		g.op(map[ir.Op]byte{ir.OpSMin: wI32LtS, ir.OpSMax: wI32GtS, ir.OpUMin: wI32LtU, ir.OpUMax: wI32GtU}[i.Op], wSelect)
		g.release(a, b)
	case ir.OpReverseBits:
		g.push(i.Args[0])
		g.reverseBits()
	case ir.OpFNeg, ir.OpFAbs:
		g.pushBits(i.Args[0])
		g.op(map[ir.Op]byte{ir.OpFNeg: wF32Neg, ir.OpFAbs: wF32Abs}[i.Op])
	case ir.OpFMin, ir.OpFMax:
		g.minmax(i)
	case ir.OpFFma:
		for _, a := range i.Args {
			g.push(a)
		}
		g.op(wCall)
		g.u32(g.fma)
	case ir.OpFToS:
		g.push(i.Args[0])
		g.op(0xfc, wTruncSatS)
	case ir.OpFToU:
		g.push(i.Args[0])
		g.op(0xfc, wTruncSatU)
	case ir.OpBToI:
		g.push(i.Args[0])
	case ir.OpBitcast:
		g.pushBits(i.Args[0])
		if i.Type == ir.F32 {
			g.op(wF32Reinterp)
		} else {
			g.op(wI32Reinterp)
		}
	case ir.OpSelect:
		g.pushWord(i.Args[1], g.p.nan[i.ID])
		g.pushWord(i.Args[2], g.p.nan[i.ID])
		g.push(i.Args[0])
		g.op(wSelect)
		g.fromWord(i.Type)
	default: // transcendental
		g.push(i.Args[0])
		g.op(wCall)
		g.u32(g.libm[i.Op])
	}
}

// order emits a comparison of the order of two integers. wazero 1.12.0 on amd64 gets one wrong that decides a branch, has
// the constant 0 on its left and the result of an and on its right: it emits a test of the latter, with the condition of
// operands in the other order (tryLowerBandToFlag). On arm64 it does the same, and gets every unsigned order of an and with
// the constant 0 wrong, on either side. What it takes for a constant, or for an and, may have come there through
// variables, and through shifts by 0.
func (g *gen) order(i *ir.Inst) {
	a, b := i.Args[0], i.Args[1]
	if a.Op == ir.OpConst && a.Bits == 0 {
		if i.Op == ir.OpULe {
			g.i32(1)
			return
		}
		g.push(b)
		g.i32(0)
		g.op(map[ir.Op]byte{ir.OpULt: wI32Ne, ir.OpSLt: wI32GtS, ir.OpSLe: wI32GeS}[i.Op])
		return
	}
	unsigned := i.Op == ir.OpULt || i.Op == ir.OpULe
	if unsigned && b.Op == ir.OpConst && b.Bits == 0 {
		if i.Op == ir.OpULt {
			g.i32(0)
			return
		}
		g.push(a)
		g.op(wI32Eqz)
		return
	}
	g.push(a)
	g.push(b)
	if mayBeAnd(b) && !fromMemory(a) || unsigned && mayBeAnd(a) && mayBeZero(b) {
		g.i32(0)
		g.op(wI32Or)
	}
	g.op(direct[i.Op])
}

// mayBeAnd reports that code for v may end in an and.
func mayBeAnd(v *ir.Inst) bool {
	switch v.Op {
	case ir.OpConst, ir.OpBufferWords, ir.OpIAdd, ir.OpISub, ir.OpIMul, ir.OpOr, ir.OpXor:
		return false
	case ir.OpShl, ir.OpShrU, ir.OpShrS: // a shift by 0 is its operand
		return v.Args[1].Op != ir.OpConst || v.Args[1].Bits%32 == 0
	}
	return !fromMemory(v)
}

// mayBeZero reports that code for v may end in the constant 0, as far as wazero knows.
func mayBeZero(v *ir.Inst) bool {
	switch v.Op {
	case ir.OpConst:
		return v.Bits == 0
	case ir.OpBufferWords, ir.OpIAdd, ir.OpISub, ir.OpIMul, ir.OpOr, ir.OpXor, ir.OpAnd:
		return false
	}
	return !fromMemory(v)
}

// fromMemory reports that v is read from a buffer or from workgroup memory.
func fromMemory(v *ir.Inst) bool {
	return v.Op == ir.OpLoad && (v.Var == nil || v.Var.Space == ir.Workgroup)
}

// divide emits the four integer divisions with a divisor that cannot trap: 1 where the quotient must be the dividend
// (or the remainder 0). Remainders are made from quotients, because wazero 1.12.0 miscompiles i32.rem_u on arm64.
func (g *gen) divide(i *ir.Inst) {
	signed := i.Op == ir.OpSDiv || i.Op == ir.OpSRem
	g.push(i.Args[0])
	a := g.keep(tI32)
	b := g.local(tI32)
	safe := i.Args[1].Op == ir.OpConst && i.Args[1].Bits != 0 && !(signed && i.Args[1].Bits == 0xffffffff)
	if safe {
		g.push(i.Args[1])
		g.set(b)
	} else {
		g.i32(1)
		g.push(i.Args[1])
		g.tee(b)
		g.get(b)
		g.op(wI32Eqz)
		switch i.Op {
		case ir.OpSDiv:
			g.get(a)
			g.i32(1 << 31)
			g.op(wI32Eq)
			g.get(b)
			g.i32(0xffffffff)
			g.op(wI32Eq, wI32And, wI32Or)
		case ir.OpSRem:
			g.get(b)
			g.i32(0xffffffff)
			g.op(wI32Eq, wI32Or)
		}
		g.op(wSelect)
		g.set(b)
	}
	div := byte(wI32DivU)
	if signed {
		div = wI32DivS
	}
	if i.Op == ir.OpSRem || i.Op == ir.OpURem {
		g.get(a)
	}
	g.get(a)
	g.get(b)
	g.op(div)
	if i.Op == ir.OpSRem || i.Op == ir.OpURem {
		g.get(b)
		g.op(wI32Mul, wI32Sub)
	}
	g.release(a, b)
}

// minmax: where one operand is a NaN the other one, else WebAssembly's, which orders the zeros as we do.
func (g *gen) minmax(i *ir.Inst) {
	g.push(i.Args[0])
	a := g.keep(tF32)
	g.push(i.Args[1])
	b := g.keep(tF32)
	r := g.local(tF32)
	g.get(a)
	g.get(b)
	if i.Op == ir.OpFMin {
		g.op(wF32Min)
	} else {
		g.op(wF32Max)
	}
	g.set(r)
	for _, xy := range [][2]uint32{{b, a}, {a, b}} {
		g.get(xy[0])
		g.get(xy[0])
		g.op(wF32Ne)
		g.ifThen()
		g.get(xy[1])
		g.set(r)
		g.end()
	}
	g.get(r)
	g.release(r)
	g.release(a, b)
}

func (g *gen) reverseBits() {
	x := g.keep(tI32)
	for _, s := range []struct{ mask, shift uint32 }{{0x55555555, 1}, {0x33333333, 2}, {0x0f0f0f0f, 4}} {
		g.get(x)
		g.i32(s.shift)
		g.op(wI32ShrU)
		g.i32(s.mask)
		g.op(wI32And)
		g.get(x)
		g.i32(s.mask)
		g.op(wI32And)
		g.i32(s.shift)
		g.op(wI32Shl, wI32Or)
		g.set(x)
	}
	// The bytes: rotate one pair left, the other right.
	g.get(x)
	g.i32(0x00ff00ff)
	g.op(wI32And)
	g.i32(24)
	g.op(wI32Rotl)
	g.get(x)
	g.i32(0xff00ff00)
	g.op(wI32And)
	g.i32(8)
	g.op(wI32Rotl, wI32Or)
	g.release(x)
}
