package cpu

import "math"

// Value types of the WebAssembly binary format (core specification 5.3.1).
const (
	tI32  = 0x7f
	tI64  = 0x7e
	tF32  = 0x7d
	tF64  = 0x7c
	tV128 = 0x7b
)

// Instruction opcodes (core specification 5.4), those the translator emits.
const (
	wBlock       = 0x02
	wLoop        = 0x03
	wIf          = 0x04
	wElse        = 0x05
	wEnd         = 0x0b
	wBr          = 0x0c
	wBrIf        = 0x0d
	wReturn      = 0x0f
	wCall        = 0x10
	wDrop        = 0x1a
	wSelect      = 0x1b
	wLocalGet    = 0x20
	wLocalSet    = 0x21
	wLocalTee    = 0x22
	wI32Load     = 0x28
	wI64Load     = 0x29
	wF32Load     = 0x2a
	wI32Store    = 0x36
	wI64Store    = 0x37
	wF32Store    = 0x38
	wMemoryGrow  = 0x40
	wI32Const    = 0x41
	wI64Const    = 0x42
	wF32Const    = 0x43
	wF64Const    = 0x44
	wI32Eqz      = 0x45
	wI32Eq       = 0x46
	wI32Ne       = 0x47
	wI32LtS      = 0x48
	wI32LtU      = 0x49
	wI32GtS      = 0x4a
	wI32GtU      = 0x4b
	wI32LeS      = 0x4c
	wI32LeU      = 0x4d
	wI32GeS      = 0x4e
	wI64Eqz      = 0x50
	wI64LtS      = 0x53
	wI64LtU      = 0x54
	wI64GtS      = 0x55
	wF32Eq       = 0x5b
	wF32Ne       = 0x5c
	wF32Lt       = 0x5d
	wF32Le       = 0x5f
	wF64Eq       = 0x61
	wF64Ne       = 0x62
	wF64Gt       = 0x64
	wI32Clz      = 0x67
	wI32Ctz      = 0x68
	wI32Popcnt   = 0x69
	wI32Add      = 0x6a
	wI32Sub      = 0x6b
	wI32Mul      = 0x6c
	wI32DivS     = 0x6d
	wI32DivU     = 0x6e
	wI32And      = 0x71
	wI32Or       = 0x72
	wI32Xor      = 0x73
	wI32Shl      = 0x74
	wI32ShrS     = 0x75
	wI32ShrU     = 0x76
	wI32Rotl     = 0x77
	wI64Add      = 0x7c
	wI64Sub      = 0x7d
	wI64Mul      = 0x7e
	wI64DivU     = 0x80
	wI64And      = 0x83
	wI64ShrU     = 0x88
	wI32Wrap     = 0xa7
	wF32Abs      = 0x8b
	wF32Neg      = 0x8c
	wF32Ceil     = 0x8d
	wF32Floor    = 0x8e
	wF32Trunc    = 0x8f
	wF32Nearest  = 0x90
	wF32Sqrt     = 0x91
	wF32Add      = 0x92
	wF32Sub      = 0x93
	wF32Mul      = 0x94
	wF32Div      = 0x95
	wF32Min      = 0x96
	wF32Max      = 0x97
	wF64Add      = 0xa0
	wF64Sub      = 0xa1
	wF64Mul      = 0xa2
	wI64ExtendS  = 0xac
	wI64ExtendU  = 0xad
	wF32ConvS    = 0xb2
	wF32ConvU    = 0xb3
	wF32Demote   = 0xb6
	wF64Promote  = 0xbb
	wI32Reinterp = 0xbc
	wI64Reinterp = 0xbd
	wF32Reinterp = 0xbe
	wF64Reinterp = 0xbf

	// After the 0xfc prefix.
	wTruncSatS  = 0x00
	wTruncSatU  = 0x01
	wMemoryFill = 0x0b

	// After the 0xfe prefix (threads proposal).
	wAtomicLoad   = 0x10
	wAtomicStore  = 0x17
	wAtomicAdd    = 0x1e
	wAtomicSub    = 0x25
	wAtomicAnd    = 0x2c
	wAtomicOr     = 0x33
	wAtomicXor    = 0x3a
	wAtomicCmpxch = 0x48
)

// Vector instructions, after the 0xfd prefix.
const (
	vLoad        = 0
	vStore       = 11
	vConst       = 12
	vI32Splat    = 17
	vF32Splat    = 19
	vI32Extract  = 27
	vI32Replace  = 28
	vF32Extract  = 31
	vF32Replace  = 32
	vI32Eq       = 55
	vI32Ne       = 56
	vI32LtS      = 57
	vI32LtU      = 58
	vI32GtS      = 59
	vI32LeS      = 61
	vI32LeU      = 62
	vF32Eq       = 65
	vF32Ne       = 66
	vF32Lt       = 67
	vF32Le       = 69
	vNot         = 77
	vAnd         = 78
	vAndNot      = 79
	vOr          = 80
	vXor         = 81
	vBitselect   = 82
	vAnyTrue     = 83
	vLoad32Lane  = 86
	vStore32Lane = 90
	vLoad32Splat = 9
	vLoad32Zero  = 92
	vF32Ceil     = 103
	vF32Floor    = 104
	vF32Trunc    = 105
	vF32Nearest  = 106
	vI32AllTrue  = 163
	vI32Shl      = 171
	vI32ShrS     = 172
	vI32ShrU     = 173
	vI32Add      = 174
	vI32Sub      = 177
	vI32Mul      = 181
	vI32MinS     = 182
	vI32MinU     = 183
	vI32MaxS     = 184
	vI32MaxU     = 185
	vF32Sqrt     = 227
	vF32Add      = 228
	vF32Sub      = 229
	vF32Mul      = 230
	vF32Div      = 231
	vF32Min      = 232
	vF32Max      = 233
	vTruncSatS   = 248
	vTruncSatU   = 249
	vConvS       = 250
	vConvU       = 251

	vShuffle     = 13
	vSwizzle     = 14
	vPopcnt8     = 98
	vI8Sub       = 113
	vPairs8      = 125 // sums of neighbouring bytes
	vPairs16     = 127
	vI64ShrU     = 205
	vExtmulLowU  = 222
	vExtmulHighU = 223
	vF64Div      = 243
	vTruncF64S   = 252
	vTruncF64U   = 253
	vF64FromLowS = 254
	vF64FromLowU = 255
	vF64Eq       = 71
	vF64Ne       = 72
	vF64Gt       = 74
	vDemote      = 94 // to the two low lanes, the others 0
	vPromote     = 95 // of the two low lanes
	vI64Add      = 206
	vI64Eq       = 214
	vF64Add      = 240
	vF64Sub      = 241
	vF64Mul      = 242
)

const blockEmpty = 0x40

// label is the nesting depth at which a block was opened; fn.br turns it into the relative index of the format.
type label int

// fn builds the body of one function.
type fn struct {
	code   []byte
	params int
	locals []byte // types, parameters excluded
	free   [5][]uint32
	depth  int
	blocks int // about how many basic blocks a compiler will see
}

func localClass(t byte) int { return int(tI32 - t) }

// local gives an unused local of type t; its contents are undefined.
func (f *fn) local(t byte) uint32 {
	if l := f.free[localClass(t)]; len(l) > 0 {
		f.free[localClass(t)] = l[:len(l)-1]
		return l[len(l)-1]
	}
	f.locals = append(f.locals, t)
	return uint32(f.params + len(f.locals) - 1)
}

// release hands locals back for reuse.
func (f *fn) release(ls ...uint32) {
	for _, l := range ls {
		c := localClass(f.locals[int(l)-f.params])
		f.free[c] = append(f.free[c], l)
	}
}

func (f *fn) op(b ...byte) { f.code = append(f.code, b...) }

func (f *fn) u32(v uint32) { f.code = appendU(f.code, uint64(v)) }

func (f *fn) get(l uint32) { f.op(wLocalGet); f.u32(l) }
func (f *fn) set(l uint32) { f.op(wLocalSet); f.u32(l) }
func (f *fn) tee(l uint32) { f.op(wLocalTee); f.u32(l) }

func (f *fn) i32(v uint32) { f.op(wI32Const); f.code = appendS(f.code, int64(int32(v))) }
func (f *fn) i64(v int64)  { f.op(wI64Const); f.code = appendS(f.code, v) }

func (f *fn) f32(bits uint32) {
	f.op(wF32Const, byte(bits), byte(bits>>8), byte(bits>>16), byte(bits>>24))
}

func (f *fn) f64(v float64) {
	b := math.Float64bits(v)
	f.op(wF64Const)
	for n := 0; n < 64; n += 8 {
		f.op(byte(b >> n))
	}
}

// mem emits a load or store with its natural alignment (log2) and a constant offset.
func (f *fn) mem(op byte, align, offset uint32) {
	f.op(op)
	f.u32(align)
	f.u32(offset)
}

// atomic emits an atomic access to an aligned word.
func (f *fn) atomic(op byte) { f.op(0xfe, op, 2, 0) }

// simd emits a vector instruction without immediates.
func (f *fn) simd(op uint32) {
	f.op(0xfd)
	f.u32(op)
}

// simdMem emits a vector load or store; lane is for those that have one, else negative.
func (f *fn) simdMem(op, align, offset uint32, lane int) {
	f.simd(op)
	f.u32(align)
	f.u32(offset)
	if lane >= 0 {
		f.op(byte(lane))
	}
}

// lane emits an instruction that takes or puts a lane.
func (f *fn) lane(op uint32, n int) {
	f.simd(op)
	f.op(byte(n))
}

// shuffle emits a shuffle of 32-bit lanes: 0 to 3 are those of the first operand, 4 to 7 those of the second.
func (f *fn) shuffle(lanes ...byte) {
	f.simd(vShuffle)
	for _, l := range lanes {
		f.op(4*l, 4*l+1, 4*l+2, 4*l+3)
	}
}

// words4 emits a vector constant.
func (f *fn) words4(a, b, c, d uint32) {
	f.simd(vConst)
	for _, w := range []uint32{a, b, c, d} {
		f.op(byte(w), byte(w>>8), byte(w>>16), byte(w>>24))
	}
}

func (f *fn) block() label { return f.open(wBlock) }
func (f *fn) loop() label  { return f.open(wLoop) }
func (f *fn) ifThen() label {
	return f.open(wIf)
}

func (f *fn) open(op byte) label {
	f.op(op, blockEmpty)
	f.depth++
	f.blocks++
	return label(f.depth)
}

func (f *fn) els() {
	f.op(wElse)
	f.blocks++
}

func (f *fn) end() {
	f.op(wEnd)
	f.depth--
}

func (f *fn) br(l label) { f.op(wBr); f.u32(uint32(f.depth - int(l))) }
func (f *fn) brIf(l label) {
	f.op(wBrIf)
	f.u32(uint32(f.depth - int(l)))
	f.blocks++
}

// body gives the function as the code section holds it.
func (f *fn) body() []byte {
	var runs []byte
	n := uint64(0)
	for i := 0; i < len(f.locals); {
		j := i
		for j < len(f.locals) && f.locals[j] == f.locals[i] {
			j++
		}
		runs = append(appendU(runs, uint64(j-i)), f.locals[i])
		n++
		i = j
	}
	b := append(appendU(nil, n), runs...)
	b = append(append(b, f.code...), wEnd)
	return append(appendU(nil, uint64(len(b))), b...)
}

func appendU(b []byte, v uint64) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

func appendS(b []byte, v int64) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if v == 0 && c&0x40 == 0 || v == -1 && c&0x40 != 0 {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}

func appendName(b []byte, s string) []byte { return append(appendU(b, uint64(len(s))), s...) }

// module assembles a binary module: one exported function "run" of type (i32 x6) -> i64 and maybe helper
// functions, over an imported memory and imported functions of one f32 or of four in a v128.
type module struct {
	imports []imported // of libm, function indices 0 and on
	types   [][]byte   // of the defined functions
	bodies  [][]byte
	export  int // index among the defined functions
}

// imported is a function of libm: of four lanes if its name ends in a 4.
type imported struct {
	name string
	four bool
}

var (
	typeRun   = []byte{0x60, 6, tI32, tI32, tI32, tI32, tI32, tI32, 1, tI64}
	typeUnary = []byte{0x60, 1, tF32, 1, tF32}
	typeFour  = []byte{0x60, 1, tV128, 1, tV128}
	typeFma   = []byte{0x60, 3, tF32, tF32, tF32, 1, tF32}
	typeFma4  = []byte{0x60, 3, tV128, tV128, tV128, 1, tV128}
)

const (
	heapModule = "heap"
	libmModule = "libm"
	memoryName = "memory"
	runName    = "run"
)

// maxPages is the largest heap: one page less than 4 GiB, so that the size in bytes fits 32 bits.
const maxPages = 65535

func (m *module) encode() []byte {
	out := []byte{0, 'a', 's', 'm', 1, 0, 0, 0}
	section := func(id byte, count int, content []byte) {
		body := append(appendU(nil, uint64(count)), content...)
		out = append(out, id)
		out = append(appendU(out, uint64(len(body))), body...)
	}
	// Types 0 and 1 are those of the imports, type 2+n that of the n-th defined function.
	types := append(append([]byte(nil), typeUnary...), typeFour...)
	for _, t := range m.types {
		types = append(types, t...)
	}
	section(1, 2+len(m.types), types)
	imp := appendName(appendName(nil, heapModule), memoryName)
	imp = append(imp, 2, 1)
	imp = appendU(appendU(imp, 1), maxPages)
	for _, f := range m.imports {
		imp = appendName(appendName(imp, libmModule), f.name)
		if f.four {
			imp = append(imp, 0, 1)
		} else {
			imp = append(imp, 0, 0)
		}
	}
	section(2, 1+len(m.imports), imp)
	var fns []byte
	for n := range m.types {
		fns = appendU(fns, uint64(2+n))
	}
	section(3, len(m.types), fns)
	section(7, 1, appendU(append(appendName(nil, runName), 0), uint64(len(m.imports)+m.export)))
	var code []byte
	for _, b := range m.bodies {
		code = append(code, b...)
	}
	section(10, len(m.bodies), code)
	return out
}

// heapWasm is a module that does nothing but own the memory of one Device.
func heapWasm(pages uint32) []byte {
	out := []byte{0, 'a', 's', 'm', 1, 0, 0, 0}
	mem := append([]byte{1, 1}, appendU(appendU(nil, uint64(1)), uint64(pages))...)
	out = append(append(out, 5, byte(len(mem))), mem...)
	exp := append(appendName([]byte{1}, memoryName), 2, 0)
	return append(append(out, 7, byte(len(exp))), exp...)
}

// userWasm is a module that imports a heap and does nothing.
func userWasm() []byte {
	imp := append(appendName(appendName([]byte{1}, heapModule), memoryName), 2, 1)
	imp = appendU(appendU(imp, 1), maxPages)
	return append([]byte{0, 'a', 's', 'm', 1, 0, 0, 0, 2, byte(len(imp))}, imp...)
}
