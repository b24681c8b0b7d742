package module

// Instructions that are computed in place.
//
// wazero v1.12.0's amd64 compiler makes some instructions of several steps that change a register in place. Its register
// allocator does not take that for a definition. When an operand must come back from the stack between two steps, it may take
// the very register, and what is read there later is the value from before, or, where a register is defined twice, no value.
// Random modules found it (4 of 6,000 gave another result); of 120 random functions full of one instruction with operands
// spilled up to 10 were wrong. Reading the compiler's lowerings gave which instructions take an operand behind such a step:
//
//   - v128.bitselect, copysign, and f64x2.replace_lane, whose move into a half of a register is declared to overwrite it all
//     (on arm64 f32x4.replace_lane too): they are written with instructions of one step each;
//   - i64x2.mul, f32x4 and f64x2 min and max, i8x16.popcnt, f64x2.convert_low_i32x4_u, and the conversions of unsigned i64
//     to floats, which branch inside, as clz and ctz do on processors without LZCNT and BMI1: their operands are renewed by
//     an or that changes nothing, so that they are in registers and not in use elsewhere.

const (
	opI32Clz           = Opcode(0x67)
	opI32Ctz           = Opcode(0x68)
	opI64Clz           = Opcode(0x79)
	opI64Ctz           = Opcode(0x7a)
	opF32ConvertI64U   = Opcode(0xb5)
	opF64ConvertI64U   = Opcode(0xba)
	opF32Copysign      = Opcode(0x98)
	opF64Copysign      = Opcode(0xa6)
	opI32x4ReplaceLane = Opcode(0xfd1c)
	opI64x2ReplaceLane = Opcode(0xfd1e)
	opF32x4ReplaceLane = Opcode(0xfd20)
	opF64x2ReplaceLane = Opcode(0xfd22)
	opV128And          = Opcode(0xfd4e)
	opV128AndNot       = Opcode(0xfd4f)
	opV128Or           = Opcode(0xfd50)
	opI8x16Popcnt      = Opcode(0xfd62)
	opI64x2Mul         = Opcode(0xfdd5)
	opF32x4Min         = Opcode(0xfde8)
	opF32x4Max         = Opcode(0xfde9)
	opF64x2Min         = Opcode(0xfdf4)
	opF64x2Max         = Opcode(0xfdf5)
	opF64x2ConvertLowU = Opcode(0xfdff)
)

// inPlace writes an instruction the passes write otherwise, or what goes before it, and tells whether it is done.
func (w *rewriter) inPlace(in *instr) bool {
	switch in.op {
	case opBitselect:
		w.bitselect()
	case opF32Copysign, opF64Copysign:
		w.copysign(in.op)
	case opF32x4ReplaceLane:
		w.op(opI32ReinterpretF32)
		w.op(opI32x4ReplaceLane)
		w.byte(in.lane)
	case opF64x2ReplaceLane:
		w.op(opI64ReinterpretF64)
		w.op(opI64x2ReplaceLane)
		w.byte(in.lane)
	case opI64x2Mul, opF32x4Min, opF32x4Max, opF64x2Min, opF64x2Max:
		y := w.slot(slotMask)
		w.opIdx(opLocalSet, y)
		w.renew(w.slot(slotV128))
		w.opIdx(opLocalGet, y)
		w.renew(y)
		return false
	case opI8x16Popcnt, opF64x2ConvertLowU:
		w.renew(w.slot(slotV128))
		return false
	case opI32Clz, opI32Ctz:
		w.i32(0)
		w.op(opI32Or)
		return false
	case opI64Clz, opI64Ctz, opF32ConvertI64U, opF64ConvertI64U:
		w.i64(0)
		w.op(opI64Or)
		return false
	default:
		return false
	}
	return true
}

// renew makes another value of the same bits of the vector on top of the stack.
func (w *rewriter) renew(t uint32) {
	w.opIdx(opLocalTee, t)
	w.opIdx(opLocalGet, t)
	w.op(opV128Or)
}

// bitselect takes the mask, and takes bits of the operand below where it has none.
func (w *rewriter) bitselect() {
	mask, t := w.slot(slotMask), w.slot(slotV128)
	w.opIdx(opLocalTee, mask)
	w.op(opV128AndNot)
	w.opIdx(opLocalSet, t)
	w.opIdx(opLocalGet, mask)
	w.op(opV128And)
	w.opIdx(opLocalGet, t)
	w.op(opV128Or)
}

// copysign puts the sign of the operand on top on the other.
func (w *rewriter) copysign(op Opcode) {
	if op == opF32Copysign {
		sign := w.slot(slotB)
		w.op(opI32ReinterpretF32)
		w.i32(-1 << 31)
		w.op(opI32And)
		w.opIdx(opLocalSet, sign)
		w.op(opI32ReinterpretF32)
		w.i32(1<<31 - 1)
		w.op(opI32And)
		w.opIdx(opLocalGet, sign)
		w.op(opI32Or)
		w.op(opF32ReinterpretI32)
		return
	}
	sign := w.slot(slotWide)
	w.op(opI64ReinterpretF64)
	w.i64(-1 << 63)
	w.op(opI64And)
	w.opIdx(opLocalSet, sign)
	w.op(opI64ReinterpretF64)
	w.i64(1<<63 - 1)
	w.op(opI64And)
	w.opIdx(opLocalGet, sign)
	w.op(opI64Or)
	w.op(opF64ReinterpretI64)
}

func (w *rewriter) i32(v int32) {
	w.op(opI32Const)
	w.body = appendSigned(w.body, int64(v))
}
