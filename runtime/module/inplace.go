package module

// Instructions that are computed in place.
//
// wazero v1.12.0's amd64 compiler makes some instructions of several steps that change a register in place. Its register
// allocator knows such a register's first definition only. Where an operand must come back from the stack between two
// steps, and wants the very register, the allocator takes it for the operand and later reads the old value again. So
// v128.bitselect takes its second operand after it has changed a copy of the first, copysign the magnitude after the sign,
// and f64x2.replace_lane of lane 0 moves into half of a register that it declares to be overwritten. Found by random
// modules: 3 of 3,000 gave another result, and of 120 random functions full of one of these with operands spilled 4 to 10.
//
// The passes write them with instructions that take one step each.

const (
	opI64x2ReplaceLane = Opcode(0xfd1e)
	opF64x2ReplaceLane = Opcode(0xfd22)
	opV128And          = Opcode(0xfd4e)
	opV128AndNot       = Opcode(0xfd4f)
	opV128Or           = Opcode(0xfd50)
	opF32Copysign      = Opcode(0x98)
	opF64Copysign      = Opcode(0xa6)
)

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

// replaceLane writes f64x2.replace_lane.
func (w *rewriter) replaceLane(lane byte) {
	w.op(opI64ReinterpretF64)
	w.op(opI64x2ReplaceLane)
	w.byte(lane)
}

func (w *rewriter) i32(v int32) {
	w.op(opI32Const)
	w.body = appendSigned(w.body, int64(v))
}
