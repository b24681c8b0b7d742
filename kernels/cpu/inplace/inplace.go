// Package inplace writes WebAssembly modules otherwise that wazero v1.12.0 may compile wrongly.
//
// Its amd64 compiler makes some instructions of several steps that change a register in place, which its register allocator
// does not take for a definition. Where an operand comes back from the stack between two steps, it may take the very register,
// and what is read there later is the value from before, or, where the register is defined twice, no value. So
//
//   - v128.bitselect, f64x2.replace_lane (on arm64 f32x4.replace_lane), and select of f32, f64 or v128 are written with
//     instructions of one step each;
//   - the operands of f32x4 and f64x2 min and max, i64x2.mul, i8x16.popcnt, f64x2.convert_low_i32x4_u, the conversions of
//     unsigned i64 to floats, and of clz and ctz (several steps on processors without LZCNT and BMI1) are renewed by an or
//     that changes nothing: then they are in registers, and in none that something else is to come to.
//
// runtime/module does the same to the modules of jobs; this is for those of the CPU device. Modules are taken for valid:
// of the types only as much is followed as tells what a select picks.
package inplace

import "fmt"

// Opcodes; those behind a prefix have it in the upper byte.
const (
	opUnreachable = 0x00
	opBlock       = 0x02
	opLoop        = 0x03
	opIf          = 0x04
	opElse        = 0x05
	opEnd         = 0x0b
	opBr          = 0x0c
	opBrIf        = 0x0d
	opBrTable     = 0x0e
	opReturn      = 0x0f
	opCall        = 0x10
	opIndirect    = 0x11
	opDrop        = 0x1a
	opSelect      = 0x1b
	opLocalGet    = 0x20
	opLocalSet    = 0x21
	opLocalTee    = 0x22
	opGlobalGet   = 0x23
	opGlobalSet   = 0x24
	opI32Const    = 0x41
	opI64Const    = 0x42
	opF32Const    = 0x43
	opF64Const    = 0x44
	opI32Ne       = 0x47
	opI32Clz      = 0x67
	opI32Ctz      = 0x68
	opI32Sub      = 0x6b
	opI32Or       = 0x72
	opI64Clz      = 0x79
	opI64Ctz      = 0x7a
	opI64Or       = 0x84
	opF32Copysign = 0x98
	opF64Copysign = 0xa6
	opF32FromU64  = 0xb5
	opF64FromU64  = 0xba
	opBitsF32     = 0xbc // i32.reinterpret_f32
	opBitsF64     = 0xbd
	opFromBits64  = 0xbf

	opShuffle      = 0xfd0d
	opI32x4Splat   = 0xfd11
	opF32x4Splat   = 0xfd13
	opReplaceI64x2 = 0xfd1e
	opReplaceF32x4 = 0xfd20
	opReplaceF64x2 = 0xfd22
	opAnd          = 0xfd4e
	opAndNot       = 0xfd4f
	opOr           = 0xfd50
	opBitselect    = 0xfd52
	opPopcnt       = 0xfd62
	opI64x2Mul     = 0xfdd5
	opF32x4Min     = 0xfde8
	opF32x4Max     = 0xfde9
	opF64x2Min     = 0xfdf4
	opF64x2Max     = 0xfdf5
	opF64x2FromU   = 0xfdff
)

// Find counts what Rewrite would write otherwise, by name.
func Find(wasm []byte) (map[string]int, error) {
	found := map[string]int{}
	_, err := walk(wasm, func(f *function, in *instr) {
		if name := f.affected(in); name != "" {
			found[name]++
		}
	})
	return found, err
}

// Rewrite gives a module that computes the same.
func Rewrite(wasm []byte) ([]byte, error) {
	m, err := walk(wasm, func(f *function, in *instr) {
		if f.affected(in) != "" {
			f.changed = true
			if f.rewrite(in) {
				return
			}
		}
		f.out = append(f.out, in.code...)
	})
	if err != nil {
		return nil, err
	}
	return m.encode(), nil
}

// affected names an instruction that is to be written otherwise, or whose operands are to be renewed and are not.
func (f *function) affected(in *instr) string {
	switch in.op {
	case opSelect:
		switch in.picks {
		case tF32:
			return "select of f32"
		case tF64:
			return "select of f64"
		case tV128:
			return "select of v128"
		}
	case opBitselect:
		return "v128.bitselect"
	case opF32Copysign:
		return "f32.copysign"
	case opF64Copysign:
		return "f64.copysign"
	case opReplaceF32x4:
		return "f32x4.replace_lane"
	case opReplaceF64x2:
		return "f64x2.replace_lane"
	case opI64x2Mul, opF32x4Min, opF32x4Max, opF64x2Min, opF64x2Max:
		if f.before != [5]uint32{opOr, opLocalGet, opLocalTee, opLocalGet, opOr} {
			return map[uint32]string{opI64x2Mul: "i64x2.mul", opF32x4Min: "f32x4.min", opF32x4Max: "f32x4.max",
				opF64x2Min: "f64x2.min", opF64x2Max: "f64x2.max"}[in.op]
		}
	case opPopcnt, opF64x2FromU:
		if f.before[4] != opOr {
			return map[uint32]string{opPopcnt: "i8x16.popcnt", opF64x2FromU: "f64x2.convert_low_i32x4_u"}[in.op]
		}
	case opI32Clz, opI32Ctz:
		if f.before[4] != opI32Or {
			return map[uint32]string{opI32Clz: "i32.clz", opI32Ctz: "i32.ctz"}[in.op]
		}
	case opI64Clz, opI64Ctz, opF32FromU64, opF64FromU64:
		if f.before[4] != opI64Or {
			return map[uint32]string{opI64Clz: "i64.clz", opI64Ctz: "i64.ctz", opF32FromU64: "f32.convert_i64_u",
				opF64FromU64: "f64.convert_i64_u"}[in.op]
		}
	}
	return ""
}

// rewrite writes an affected instruction; false if it is to be written itself behind what was.
func (f *function) rewrite(in *instr) bool {
	switch in.op {
	case opSelect:
		f.pick(in.picks)
	case opBitselect:
		f.bitselect()
	case opReplaceF32x4:
		// Not through an integer, as the next: the functions of libm of four lanes took half as long again.
		f.op(opF32x4Splat, opShuffle)
		for i := range byte(16) {
			if i/4 == in.code[len(in.code)-1] {
				i += 16
			}
			f.out = append(f.out, i)
		}
	case opReplaceF64x2:
		f.op(opBitsF64, opReplaceI64x2)
		f.out = append(f.out, in.code[len(in.code)-1])
	case opPopcnt, opF64x2FromU:
		f.renew(f.scratch(slotVector))
		return false
	case opI32Clz, opI32Ctz:
		f.op(opI32Const)
		f.out = append(f.out, 0)
		f.op(opI32Or)
		return false
	case opI64Clz, opI64Ctz, opF32FromU64, opF64FromU64:
		f.op(opI64Const)
		f.out = append(f.out, 0)
		f.op(opI64Or)
		return false
	case opF32Copysign, opF64Copysign:
		f.fail(fmt.Errorf("found a copysign, which nothing here writes otherwise"))
	default:
		y := f.scratch(slotMask)
		f.local(opLocalSet, y)
		f.renew(f.scratch(slotVector))
		f.local(opLocalGet, y)
		f.renew(y)
		return false
	}
	return true
}

// renew makes another value of the same bits of the vector on the stack.
func (f *function) renew(t uint32) {
	f.local(opLocalTee, t)
	f.local(opLocalGet, t)
	f.op(opOr)
}

// bitselect takes the mask, and takes bits of the operand below where it has none.
func (f *function) bitselect() {
	mask, t := f.scratch(slotMask), f.scratch(slotVector)
	f.local(opLocalTee, mask)
	f.op(opAndNot)
	f.local(opLocalSet, t)
	f.local(opLocalGet, mask)
	f.op(opAnd)
	f.local(opLocalGet, t)
	f.op(opOr)
}

// pick is a select. One of f32 is a branch: what there is of those puts in the one NaN, which is rare. One of f64
// picks the bits, as a branch on a sign would often be guessed wrong; one of vectors goes by a mask.
func (f *function) pick(t byte) {
	if t == tF32 {
		cond, x, y := f.scratch(slotCond), f.scratch(slotF32), f.scratch(slotF32Other)
		f.local(opLocalSet, cond)
		f.local(opLocalSet, y)
		f.local(opLocalSet, x)
		f.local(opLocalGet, cond)
		f.op(opIf)
		f.out = append(f.out, blockEmpty)
		f.op(opElse)
		f.local(opLocalGet, y)
		f.local(opLocalSet, x)
		f.op(opEnd)
		f.local(opLocalGet, x)
		return
	}
	cond := f.scratch(slotCond)
	f.local(opLocalSet, cond)
	if t == tV128 {
		f.op(opI32Const)
		f.out = append(f.out, 0)
		f.local(opLocalGet, cond)
		f.op(opI32Const)
		f.out = append(f.out, 0)
		f.op(opI32Ne, opI32Sub, opI32x4Splat)
		f.bitselect()
		return
	}
	y := f.scratch(slotWide)
	f.op(opBitsF64)
	f.local(opLocalSet, y)
	f.op(opBitsF64)
	f.local(opLocalGet, y)
	f.local(opLocalGet, cond)
	f.op(opSelect, opFromBits64)
}
