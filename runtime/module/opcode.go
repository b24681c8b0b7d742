package module

import (
	"fmt"
	"strconv"
	"strings"
)

// Opcode is an instruction: its byte, or for the prefixed ones 0xfc00 or 0xfd00 plus the number behind the prefix.
type Opcode uint16

const (
	opUnreachable       Opcode = 0x00
	opNop               Opcode = 0x01
	opBlock             Opcode = 0x02
	opLoop              Opcode = 0x03
	opIf                Opcode = 0x04
	opElse              Opcode = 0x05
	opEnd               Opcode = 0x0b
	opBr                Opcode = 0x0c
	opBrIf              Opcode = 0x0d
	opBrTable           Opcode = 0x0e
	opReturn            Opcode = 0x0f
	opCall              Opcode = 0x10
	opCallIndirect      Opcode = 0x11
	opDrop              Opcode = 0x1a
	opSelect            Opcode = 0x1b
	opSelectT           Opcode = 0x1c
	opLocalGet          Opcode = 0x20
	opLocalSet          Opcode = 0x21
	opLocalTee          Opcode = 0x22
	opGlobalGet         Opcode = 0x23
	opGlobalSet         Opcode = 0x24
	opTableGet          Opcode = 0x25
	opTableSet          Opcode = 0x26
	opMemorySize        Opcode = 0x3f
	opMemoryGrow        Opcode = 0x40
	opI32Const          Opcode = 0x41
	opI64Const          Opcode = 0x42
	opF32Const          Opcode = 0x43
	opF64Const          Opcode = 0x44
	opI32Ne             Opcode = 0x47
	opI64LtS            Opcode = 0x53
	opI64GtS            Opcode = 0x55
	opI64GeS            Opcode = 0x59
	opI32LeU            Opcode = 0x4d
	opF32Ge             Opcode = 0x60
	opF64Ge             Opcode = 0x66
	opI32Sub            Opcode = 0x6b
	opI32Mul            Opcode = 0x6c
	opI32DivU           Opcode = 0x6e
	opI32RemU           Opcode = 0x70
	opI64Add            Opcode = 0x7c
	opI64Sub            Opcode = 0x7d
	opI64Mul            Opcode = 0x7e
	opI64Or             Opcode = 0x84
	opI64ShrU           Opcode = 0x88
	opI64ExtendU        Opcode = 0xad
	opI32ReinterpretF32 Opcode = 0xbc
	opI64ReinterpretF64 Opcode = 0xbd
	opF32ReinterpretI32 Opcode = 0xbe
	opF64ReinterpretI64 Opcode = 0xbf
	opRefNull           Opcode = 0xd0
	opRefIsNull         Opcode = 0xd1
	opRefFunc           Opcode = 0xd2
	opMemoryInit        Opcode = 0xfc08
	opDataDrop          Opcode = 0xfc09
	opMemoryCopy        Opcode = 0xfc0a
	opMemoryFill        Opcode = 0xfc0b
	opTableInit         Opcode = 0xfc0c
	opElemDrop          Opcode = 0xfc0d
	opTableCopy         Opcode = 0xfc0e
	opTableGrow         Opcode = 0xfc0f
	opTableSize         Opcode = 0xfc10
	opTableFill         Opcode = 0xfc11
	opV128Const         Opcode = 0xfd0c
	opShuffle           Opcode = 0xfd0d
	opI32x4Splat        Opcode = 0xfd11
	opF32x4Eq           Opcode = 0xfd41
	opF64x2Eq           Opcode = 0xfd47
	opBitselect         Opcode = 0xfd52
)

// immKind says how a plain instruction's immediates are laid out.
type immKind uint8

const (
	immNone    immKind = iota
	immMem             // memory argument
	immMemLane         // memory argument, then a lane
	immLane            // a lane
	imm16              // sixteen bytes
	immShuffle         // sixteen lanes below 32
)

// opInfo is what is known of an instruction without context.
type opInfo struct {
	name            string
	params, results []ValType
	imm             immKind
	align           uint8 // log2 of the natural alignment
	lanes           uint8
	gas             uint8
	float           floatClass
	plain           bool // typed by params and results
}

var (
	ops1  [256]opInfo // one-byte opcodes
	opsFC [18]opInfo
	opsFD [256]opInfo
)

func (op Opcode) info() *opInfo {
	switch op >> 8 {
	case 0:
		return &ops1[op&0xff]
	case 0xfc:
		if n := int(op & 0xff); n < len(opsFC) {
			return &opsFC[n]
		}
	case 0xfd:
		return &opsFD[op&0xff]
	}
	return &opInfo{}
}

// String is the instruction's name in the text format.
func (op Opcode) String() string {
	if i := op.info(); i.name != "" {
		return i.name
	}
	return fmt.Sprintf("opcode 0x%x", uint16(op))
}

// contextOps are the instructions typed by their context, with their gas of table gt2.
const contextOps = `
0000 unreachable 1
0001 nop 0
0002 block 0
0003 loop 0
0004 if 1
0005 else 0
000b end 0
000c br 1
000d br_if 1
000e br_table 3
000f return 1
0010 call 4
0011 call_indirect 8
001a drop 1
001b select 1
001c select 1
0020 local.get 1
0021 local.set 1
0022 local.tee 1
0023 global.get 2
0024 global.set 2
0025 table.get 3
0026 table.set 3
003f memory.size 2
0040 memory.grow 64
0041 i32.const 1
0042 i64.const 1
0043 f32.const 1
0044 f64.const 1
00d0 ref.null 1
00d1 ref.is_null 1
00d2 ref.func 2
fc08 memory.init 16
fc09 data.drop 4
fc0a memory.copy 16
fc0b memory.fill 16
fc0c table.init 16
fc0d elem.drop 4
fc0e table.copy 16
fc0f table.grow 64
fc10 table.size 2
fc11 table.fill 16
`

func init() {
	types := map[byte]ValType{'i': I32, 'I': I64, 'f': F32, 'F': F64, 'v': V128}
	number := func(s string, base int) int {
		n, err := strconv.ParseUint(s, base, 16)
		if err != nil {
			panic("module: bad opcode table: " + err.Error())
		}
		return int(n)
	}
	for _, line := range strings.Split(strings.TrimSpace(contextOps), "\n") {
		f := strings.Fields(line)
		*Opcode(number(f[0], 16)).info() = opInfo{name: f[1], gas: uint8(number(f[2], 10))}
	}
	for _, line := range strings.Split(strings.TrimSpace(plainOps), "\n") {
		f := strings.Fields(line)
		op := Opcode(number(f[0], 16))
		in := opInfo{name: f[1], gas: uint8(number(f[4], 10)), plain: true}
		params, results, _ := strings.Cut(f[2], ":")
		for i := range params {
			in.params = append(in.params, types[params[i]])
		}
		for i := range results {
			in.results = append(in.results, types[results[i]])
		}
		imm := f[3]
		mem, lane, hasLane := strings.Cut(imm, "l")
		switch {
		case imm == "-":
		case imm == "16":
			in.imm = imm16
		case imm == "sh":
			in.imm = immShuffle
		case mem != "" && hasLane:
			in.imm, in.align, in.lanes = immMemLane, uint8(number(mem[1:], 10)), uint8(number(lane, 10))
		case hasLane:
			in.imm, in.lanes = immLane, uint8(number(lane, 10))
		default:
			in.imm, in.align = immMem, uint8(number(mem[1:], 10))
		}
		in.float = classifyFloat(in.name)
		*op.info() = in
	}
}

// unknownOpcode says which proposal an opcode outside WebAssembly 2.0 belongs to, so that a refusal names it.
func unknownOpcode(b byte, sub uint32) string {
	switch {
	case b == 0x06, b == 0x07, b == 0x08, b == 0x09, b == 0x0a, b == 0x18, b == 0x19, b == 0x1f:
		return fmt.Sprintf("opcode 0x%02x of the exception handling proposal", b)
	case b == 0x12, b == 0x13:
		return fmt.Sprintf("opcode 0x%02x of the tail call proposal", b)
	case b == 0x14, b == 0x15, b >= 0xd4 && b <= 0xd6:
		return fmt.Sprintf("opcode 0x%02x of the typed function references proposal", b)
	case b == 0xd3, b == 0xfb:
		return fmt.Sprintf("opcode 0x%02x of the garbage collection proposal", b)
	case b == 0xfe:
		return fmt.Sprintf("opcode 0xfe 0x%02x of the threads (atomics) proposal", sub)
	case b == 0xfd && sub >= 0x100 && sub <= 0x12f:
		return fmt.Sprintf("opcode 0xfd 0x%x of the relaxed SIMD proposal", sub)
	case b == 0xfc && sub >= 0x13 && sub <= 0x16:
		return fmt.Sprintf("opcode 0xfc 0x%02x of the wide arithmetic proposal", sub)
	case b == 0xfc, b == 0xfd:
		return fmt.Sprintf("opcode 0x%02x 0x%x, which is unknown", b, sub)
	}
	return fmt.Sprintf("opcode 0x%02x, which is unknown", b)
}
