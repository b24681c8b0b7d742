package module

// instr is one decoded instruction. Which fields count follows from op.
type instr struct {
	op      Opcode
	at      int      // byte offset
	idx     uint32   // first index: local, global, function, type, table, memory, segment, label
	idx2    uint32   // second index: the table of call_indirect and table.init, the source of table.copy
	align   uint32   // log2 of a memory argument's alignment
	lane    byte     // lane of a lane instruction
	block   int64    // block type: a type index, or a negative value type, or blockEmpty
	typ     ValType  // type of select t, ref.null
	lo, hi  uint64   // bits of a constant
	targets []uint32 // labels of br_table, the default last; reused by the next instruction
	lanes   []byte   // of i8x16.shuffle
}

const blockEmpty = -0x40

// instr reads one instruction with its immediates.
func (r *reader) instr(in *instr) {
	in.at = r.p
	b := r.byte("an instruction")
	op := Opcode(b)
	switch b {
	case 0xfc, 0xfd:
		sub := r.u32("an instruction's number")
		if r.err == nil && (sub > 0xff || Opcode(uint32(b)<<8|sub).info().name == "") {
			r.unknown(in.at, b, sub)
		}
		op = Opcode(uint32(b)<<8 | sub&0xff)
	case 0xfe:
		r.unknown(in.at, b, r.u32("an instruction's number"))
	}
	in.op = op
	if r.err != nil {
		return
	}
	info := op.info()
	if info.plain {
		r.plainImm(in, info)
		return
	}
	switch op {
	case opUnreachable, opNop, opElse, opEnd, opReturn, opDrop, opSelect, opRefIsNull:
	case opBlock, opLoop, opIf:
		r.blockType(in)
	case opBr, opBrIf:
		in.idx = r.u32("a label")
	case opBrTable:
		n := r.count(maxBrTable, 1, "labels of a br_table")
		in.targets = in.targets[:0]
		for range n + 1 {
			if r.err != nil {
				return
			}
			in.targets = append(in.targets, r.u32("a label"))
		}
	case opCall, opRefFunc:
		in.idx = r.u32("a function index")
	case opCallIndirect:
		in.idx, in.idx2 = r.u32("a type index"), r.u32("a table index")
	case opSelectT:
		at := r.p
		if n := r.u32("the number of types of a select"); r.err == nil && n != 1 {
			r.fail(Invalid, at, "found a select with %d types, want 1", n)
		}
		at = r.p
		if in.typ = ValType(r.byte("the type of a select")); r.err == nil && !in.typ.valid() {
			r.fail(Malformed, at, "found 0x%02x, want a value type", byte(in.typ))
		}
	case opLocalGet, opLocalSet, opLocalTee:
		in.idx = r.u32("a local's index")
	case opGlobalGet, opGlobalSet:
		in.idx = r.u32("a global's index")
	case opTableGet, opTableSet, opTableGrow, opTableSize, opTableFill:
		in.idx = r.u32("a table index")
	case opMemorySize, opMemoryGrow, opMemoryFill:
		r.memoryIndex(op)
	case opI32Const:
		in.lo = uint64(uint32(r.signed(32, "an i32 constant")))
	case opI64Const:
		in.lo = uint64(r.signed(64, "an i64 constant"))
	case opF32Const:
		in.lo = uint64(r.fixed32("an f32 constant"))
	case opF64Const:
		in.lo = r.fixed64("an f64 constant")
	case opRefNull:
		at := r.p
		if in.typ = ValType(r.byte("a reference type")); r.err == nil && !in.typ.isRef() {
			r.fail(Malformed, at, "found type 0x%02x, want funcref or externref", byte(in.typ))
		}
	case opMemoryInit:
		in.idx = r.u32("a data segment's index")
		r.memoryIndex(op)
	case opMemoryCopy:
		r.memoryIndex(op)
		r.memoryIndex(op)
	case opDataDrop, opElemDrop:
		in.idx = r.u32("a segment's index")
	case opTableInit, opTableCopy:
		in.idx, in.idx2 = r.u32("an index"), r.u32("a table index")
	default:
		r.unknown(in.at, b, 0)
	}
}

func (r *reader) unknown(at int, b byte, sub uint32) {
	if r.err == nil {
		r.fail(Refused, at, "found %s, want an instruction of the profile gw-det-1", unknownOpcode(b, sub))
	}
}

// memoryIndex reads the index of an instruction's memory, which is 0: a single byte until multi-memory.
func (r *reader) memoryIndex(op Opcode) {
	at := r.p
	if b := r.byte("a memory index"); r.err == nil && b != 0 {
		r.fail(Refused, at, "found memory index 0x%02x of %v (the multi-memory proposal), want 0x00", b, op)
	}
}

func (r *reader) blockType(in *instr) {
	at := r.p
	in.block = r.signed(33, "a block type")
	if r.err == nil && in.block < 0 && in.block != blockEmpty && (in.block < -64 || !ValType(in.block&0x7f).valid()) {
		r.fail(Malformed, at, "found block type %d, want a type index, a value type or 0x40", in.block)
	}
}

func (r *reader) plainImm(in *instr, info *opInfo) {
	switch info.imm {
	case immNone:
		return
	case imm16:
		in.lo, in.hi = r.fixed64("a v128 constant"), r.fixed64("a v128 constant")
		return
	case immShuffle:
		at := r.p
		in.lanes = r.bytes(16, "the lanes of a shuffle")
		for i, l := range in.lanes {
			if l >= 32 {
				r.fail(Invalid, at+i, "found lane %d of %v, want a lane below 32", l, in.op)
				return
			}
		}
		return
	case immMem, immMemLane:
		at := r.p
		in.align = r.u32("a memory argument's alignment")
		if r.err == nil && in.align > uint32(info.align) {
			if in.align >= 64 && in.align < 128 {
				r.fail(Refused, at, "found a memory index in %v (the multi-memory proposal), want memory 0 only", in.op)
			}
			r.fail(Invalid, at, "found alignment 2^%d of %v, want at most 2^%d", in.align, in.op, info.align)
		}
		r.u32("a memory argument's offset")
	}
	if info.imm == immLane || info.imm == immMemLane {
		at := r.p
		in.lane = r.byte("a lane")
		if r.err == nil && in.lane >= info.lanes {
			r.fail(Invalid, at, "found lane %d of %v, want a lane below %d", in.lane, in.op, info.lanes)
		}
	}
}
