package module

// Comparisons of an and with zero.
//
// Where a branch depends on an integer comparison of `and` with the constant 0, wazero v1.12.0 emits one instruction that
// sets the flags from the bits in common, and branches on the comparison's condition:
//
//   - on amd64, with the constant on the left as with the constant on the right, so `0 < (x & m)` asks for (x & m) < 0;
//   - on arm64 the same, and the instruction also clears the carry flag, where a comparison with 0 sets it. So every unsigned
//     order is wrong, on either side: (x & m) > 0 is never true there.
//
// Equality is right either way. The interpreter is right throughout. So the pass looks for orders of an and with
// what may be 0, and puts `i32.const 0, i32.or` behind the right operand: then the engine sees neither an and nor a
// constant there, and compares. It folds no constants.
//
// The engine looks through locals and results of blocks, since it works on values, not on their places. But it joins an and
// only to a branch of the same group of its instructions, and a group ends with every branch and call. So it is enough
// to follow an and to the next of these. A constant has no such limit: a local may hold 0 without being written, or from far
// away, and a global too, from the last global.set of it.

// origin says where an integer came from, as far as comparisons are concerned: from an and in the stretch of code that
// it numbers, or if negative, in that stretch, from an instruction that is neither an and nor a constant 0. Zero is anything
// else, and may be the constant 0, but no and of this stretch.
type origin int32

const (
	opI32LtS = Opcode(0x48) // the first of the i32 orders, signed and unsigned in turns
	opI32GeU = Opcode(0x4f) // the last
	opI64GeU = Opcode(0x5a) // the last of i64, which begin with opI64LtS
	opI32And = Opcode(0x71)
	opI32Or  = Opcode(0x72)
	opI32Shl = Opcode(0x74) // then shr_s, shr_u
	opI64And = Opcode(0x83)
	opI64Shl = Opcode(0x86) // then shr_s, opI64ShrU
)

// stretches numbers stretches of code without a branch or a call, and knows which locals were written in the one at hand.
type stretches struct {
	now    origin
	locals map[uint32]origin
	kept   []origin
}

func (s *stretches) begin() {
	s.now = 1
	clear(s.locals)
	if s.locals == nil {
		s.locals = make(map[uint32]origin)
	}
}

// isFresh tells whether a value came from an and of this stretch.
func (s *stretches) isFresh(o origin) bool { return o == s.now }

// constant is the origin of an integer constant.
func (s *stretches) constant(bits uint64) origin {
	if bits == 0 {
		return 0
	}
	return -s.now
}

// result is the origin of what an instruction makes from operands of the given origins.
func (s *stretches) result(op Opcode, x origin) origin {
	switch op {
	case opI32And, opI64And:
		return s.now
	case opI32Shl, opI32Shl + 1, opI32Shl + 2, opI64Shl, opI64Shl + 1, opI64Shl + 2:
		return x // the engine takes a shift by the constant 0 for its operand
	}
	return -s.now
}

// write notes the origin of what is written to a local.
func (s *stretches) write(local uint32, o origin) {
	switch {
	case o == 0:
		delete(s.locals, local)
	case s.isFresh(o):
		s.locals[local] = o
	default:
		s.locals[local] = -s.now
	}
}

// read is the origin of a local's value.
func (s *stretches) read(local uint32) origin {
	if o := s.locals[local]; o == s.now || o == -s.now {
		return o
	}
	return 0
}

// keep remembers the origins of the last n values, which a block without a branch at its top takes as parameters; give
// returns them to the block's copies.
func (s *stretches) keep(vals []value, n int) {
	s.kept = s.kept[:0]
	for _, x := range vals[len(vals)-n:] {
		s.kept = append(s.kept, x.from)
	}
}

func (s *stretches) give(vals []value) {
	for i, o := range s.kept {
		vals[len(vals)-len(s.kept)+i].from = o
	}
}

// joins tells whether an engine may join the comparison x op y to a branch in the wrong way.
func (s *stretches) joins(op Opcode, x, y origin) bool {
	var unsigned bool
	switch {
	case op >= opI32LtS && op <= opI32GeU:
		unsigned = (op-opI32LtS)&1 == 1
	case op >= opI64LtS && op <= opI64GeU:
		unsigned = (op-opI64LtS)&1 == 1
	default:
		return false
	}
	return x == 0 && s.isFresh(y) || unsigned && s.isFresh(x) && y == 0
}

// unjoin hides the right operand of the comparison op from the engine.
func (w *rewriter) unjoin(op Opcode) {
	if op <= opI32GeU {
		w.byte(byte(opI32Const), 0, byte(opI32Or))
	} else {
		w.byte(byte(opI64Const), 0, byte(opI64Or))
	}
}
