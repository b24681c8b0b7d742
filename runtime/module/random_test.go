package module

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Random modules of the profile, rich in what engines disagree about: NaNs with payloads that travel through locals, memory,
// globals, selects, calls and blocks of several values; i32 values with dirty upper halves as addresses, indices and
// arguments of imports; traps of every kind; more live values than a processor has registers, around calls and in loops;
// loops that permute what they carry; memory that grows, is copied, filled and initialised while it is read.
//
// A module is a function of its seed alone. With canon set, the same module makes each NaN canonical in its own code, right
// behind the instruction that made it: run plainly, it must show exactly what the other one shows instrumented.

// kinds are the value types, in the order of a function's locals.
var kinds = [...]ValType{I32, I64, F32, F64, V128}

const (
	localsEach = 5 // locals of each kind beside the parameters
	pointers   = 2 // locals that always hold addresses below pointerEnd
	pointerEnd = 0x4000
	fuelGlobal = 0
	fuelExport = "fuel"
	fuelOfCall = 150 // function entries and turns of loops that a call may take
)

// hostFuncs are what random modules import from "host". What they return follows from their arguments, again calls back.
var hostFuncs = []struct {
	name string
	typ  FuncType
}{
	{"log", FuncType{Params: []ValType{I32, I64, F32, F64}}},
	{"note", FuncType{Params: []ValType{I32}, Results: []ValType{I32}}},
	{"single", FuncType{Params: []ValType{F32}, Results: []ValType{F32}}},
	{"double", FuncType{Params: []ValType{F64, I32, F32}, Results: []ValType{F64}}},
	{"wide", FuncType{Params: []ValType{I64, I64}, Results: []ValType{I64}}},
	{"vector", FuncType{Params: []ValType{V128, I32}, Results: []ValType{V128}}},
	{"many", FuncType{Params: []ValType{I32, F32, I64, F64, I32, F32, I64, F64, I32, I32, F64, V128, F64}, Results: []ValType{F64, I32, I64, F32}}},
	{"again", FuncType{Params: []ValType{I32}, Results: []ValType{I32}}},
}

// generator writes one random module.
type generator struct {
	rng   *rand.Rand
	canon bool
	m     *Module
	sigs  []FuncType // of all functions, imports first
	slots []int      // function in each slot of the table, -1 for none

	plain, memory map[ValType][]Opcode // what to choose from

	// of the function at hand
	b      []byte
	params int
	types  []ValType // of its parameters and locals
	labels []label
	room   int  // expressions and statements it may still have
	quiet  bool // without calls and inner loops
}

// label is an open block: what a branch to it carries.
type label struct {
	types []ValType
	loop  bool
}

// randomModule makes the module of a seed.
func randomModule(seed uint64, canon bool) *Module {
	g := &generator{rng: rand.New(rand.NewPCG(seed, 20)), canon: canon}
	g.plain, g.memory = opcodes()
	g.m = &Module{
		Memory:  &Memory{Size: Limit32{Min: 1, Max: 3, HasMax: true}},
		Exports: []Export{{Name: MemoryExport, Kind: ExternMemory}, {Name: fuelExport, Kind: ExternGlobal, Index: fuelGlobal}},
	}
	for _, h := range hostFuncs {
		g.m.Imports = append(g.m.Imports, Import{Module: "host", Name: h.name, Func: g.typeIndex(h.typ)})
		g.sigs = append(g.sigs, h.typ)
	}
	g.globals()
	for i := range 3 + g.n(5) {
		t := FuncType{Params: []ValType{I32}, Results: []ValType{I32}} // the first is what again calls
		if i > 0 {
			t = FuncType{Params: g.someKinds(g.n(4) * g.n(5)), Results: g.someKinds(g.n(5))}
		}
		g.sigs = append(g.sigs, t)
	}
	g.table()
	for i := len(hostFuncs); i < len(g.sigs); i++ {
		g.m.Funcs = append(g.m.Funcs, g.typeIndex(g.sigs[i]))
		g.m.Exports = append(g.m.Exports, Export{Name: fmt.Sprint("f", i-len(hostFuncs)), Kind: ExternFunc, Index: uint32(i)})
		g.m.Code = append(g.m.Code, g.function(g.sigs[i]))
		if !g.m.HasStart && len(g.sigs[i].Params)+len(g.sigs[i].Results) == 0 && g.one(3) {
			g.m.HasStart, g.m.Start = true, uint32(i)
		}
	}
	g.data()
	return g.m
}

func (g *generator) n(n int) int      { return g.rng.IntN(n) }
func (g *generator) one(n int) bool   { return g.rng.IntN(n) == 0 }
func (g *generator) emit(b ...byte)   { g.b = append(g.b, b...) }
func (g *generator) kind() ValType    { return kinds[g.n(len(kinds))] }
func (g *generator) get(local uint32) { g.opIdx(opLocalGet, local) }

func (g *generator) op(op Opcode) {
	if op > 0xff {
		g.b = appendU32(append(g.b, byte(op>>8)), uint32(op&0xff))
		return
	}
	g.b = append(g.b, byte(op))
}

func (g *generator) opIdx(op Opcode, idx uint32) {
	g.op(op)
	g.b = appendU32(g.b, idx)
}

func (g *generator) i32(v int32) { g.b = appendSigned(append(g.b, byte(opI32Const)), int64(v)) }
func (g *generator) i64(v int64) { g.b = appendSigned(append(g.b, byte(opI64Const)), v) }

func (g *generator) someKinds(n int) []ValType {
	ts := make([]ValType, n)
	for i := range ts {
		ts[i] = g.kind()
	}
	return ts
}

// typeIndex is the index of a type. Some types stand in the module twice: call_indirect compares what they say.
func (g *generator) typeIndex(t FuncType) uint32 {
	for i, u := range g.m.Types {
		if u.Equal(t) && !g.one(8) {
			return uint32(i)
		}
	}
	g.m.Types = append(g.m.Types, t)
	return uint32(len(g.m.Types) - 1)
}

func (g *generator) globals() {
	for _, t := range []ValType{I32, I32, I64, F32, F64, F32, F64} {
		c := g.bits(t)
		g.m.Globals = append(g.m.Globals, Global{GlobalType: GlobalType{t, true}, Init: ConstExpr{Op: constOf[t], Type: t, Lo: c[0]}})
	}
	c := g.bits(V128)
	g.m.Globals = append(g.m.Globals, Global{GlobalType: GlobalType{Type: V128}, Init: ConstExpr{Op: opV128Const, Type: V128, Lo: c[0], Hi: c[1]}})
	for i, x := range g.m.Globals {
		if x.Mutable && i != fuelGlobal {
			g.m.Exports = append(g.m.Exports, Export{Name: fmt.Sprint("g", i), Kind: ExternGlobal, Index: uint32(i)})
		}
	}
}

// table makes two tables, the second with null elements in it.
func (g *generator) table() {
	g.slots = make([]int, 12)
	elem := Elem{Type: FuncRef, Exprs: true, Table: 1, Offset: ConstExpr{Op: opI32Const, Type: I32}}
	for i := range g.slots {
		g.slots[i] = g.n(len(g.sigs)+2) - 2
		f := NullFunc
		if g.slots[i] >= 0 {
			f = uint32(g.slots[i])
		} else {
			g.slots[i] = -1
		}
		elem.Funcs = append(elem.Funcs, f)
	}
	g.m.Tables = []Table{{Type: FuncRef, Size: Limit32{Min: 1}}, {Type: FuncRef, Size: Limit32{Min: uint32(len(g.slots) + 2)}}}
	g.m.Elems = []Elem{elem}
}

func (g *generator) data() {
	floats := make([]byte, 0, 1024)
	for len(floats) < 1000 {
		t := g.kind()
		c := g.bits(t)
		for _, w := range c[:(size(t)+7)/8] {
			floats = binary.LittleEndian.AppendUint64(floats, w)[:len(floats)+min(size(t), 8)]
		}
	}
	g.m.Data = []Data{
		{Mode: Active, Offset: ConstExpr{Op: opI32Const, Type: I32, Lo: uint64(g.n(64))}, Bytes: floats},
		{Mode: Active, Offset: ConstExpr{Op: opI32Const, Type: I32, Lo: 65536 - 64}, Bytes: floats[8:72]},
		{Mode: Passive, Bytes: floats[:300]}, {Mode: Passive, Bytes: floats[300:340]},
	}
	g.m.HasCount, g.m.DataCount = true, uint32(len(g.m.Data))
}

func (g *generator) function(t FuncType) Code {
	g.b, g.labels, g.quiet = nil, []label{{types: t.Results}}, false
	g.room = 60 + g.n(200)
	g.params = len(t.Params)
	g.types = slices.Clone(t.Params)
	var runs []Locals
	for _, k := range kinds {
		n := localsEach
		if k == I32 {
			n += pointers
		}
		if k != I64 {
			n++ // the last of a float kind is the scratch of canonicalise, that of i32 counts turns
		}
		runs = append(runs, Locals{uint32(n), k})
		for range n {
			g.types = append(g.types, k)
		}
	}
	g.spendFuel()
	g.i32(0)
	g.op(opI32LeS)
	g.emit(byte(opIf), 0x40)
	for _, r := range t.Results {
		g.constant(r, [2]uint64{})
	}
	g.emit(byte(opReturn), byte(opEnd))
	g.i32(int32(10 + g.n(40)))
	g.opIdx(opLocalSet, g.turns())
	for _, k := range kinds {
		for i := range uint32(localsEach) {
			if !g.one(3) {
				g.constant(k, g.bits(k))
				g.opIdx(opLocalSet, g.first(k)+i)
			}
		}
	}
	for range pointers {
		g.point()
	}
	for g.room > 0 {
		g.statement(3)
	}
	// What locals hold in the end is seen in memory.
	for j, k := range kinds {
		for i := range uint32(localsEach) {
			g.get(g.turns())
			g.i32(1)
			g.op(opI32And)
			g.get(g.first(k) + i)
			g.op(map[ValType]Opcode{I32: 0x36, I64: 0x37, F32: 0x38, F64: 0x39, V128: 0xfd0b}[k])
			g.b = appendU32(appendU32(g.b, 0), 48000+uint32(16*(localsEach*(len(kinds)*g.n(8)+j)+int(i))))
		}
	}
	for _, r := range t.Results {
		g.room = 12
		g.expr(r, 2)
	}
	g.op(opEnd)
	return Code{Locals: runs, Body: g.b}
}

// Locals in their order: parameters, then of each kind those at the generator's choice, and the ones with a purpose.
func (g *generator) first(t ValType) uint32 {
	at := g.params
	for i, k := range kinds {
		if k == t {
			return uint32(at)
		}
		at += localsEach
		if i == 0 {
			at += pointers
		}
		if k != I64 {
			at++
		}
	}
	panic("no local of type " + t.String())
}

func (g *generator) pointer() uint32          { return g.first(I32) + localsEach + uint32(g.n(pointers)) }
func (g *generator) turns() uint32            { return g.first(I32) + localsEach + pointers }
func (g *generator) scratch(t ValType) uint32 { return g.first(t) + localsEach }

// local is any local of the type, a parameter now and then.
func (g *generator) local(t ValType) uint32 {
	if g.params > 0 && g.one(3) {
		if i := uint32(g.n(g.params)); g.types[i] == t {
			return i
		}
	}
	return g.first(t) + uint32(g.n(localsEach))
}

// global is a mutable global of the type that is not the fuel; there is none of v128.
func (g *generator) global(t ValType) uint32 {
	var is []uint32
	for i, x := range g.m.Globals {
		if x.Type == t && x.Mutable && i != fuelGlobal {
			is = append(is, uint32(i))
		}
	}
	return is[g.n(len(is))]
}

// spendFuel takes one from the fuel and leaves what is left.
func (g *generator) spendFuel() {
	g.opIdx(opGlobalGet, fuelGlobal)
	g.i32(1)
	g.op(opI32Sub)
	g.opIdx(opGlobalSet, fuelGlobal)
	g.opIdx(opGlobalGet, fuelGlobal)
}

var constOf = map[ValType]Opcode{I32: opI32Const, I64: opI64Const, F32: opF32Const, F64: opF64Const, V128: opV128Const}

// Operands at which instructions turn: ends of ranges, powers of two, halves, NaNs of all sorts.
var (
	turn32 = []uint32{0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 63, 64, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff, 0xffff8000, 0xffffff80}
	turn64 = []uint64{0, 1, 2, 31, 32, 63, 64, 65, 255, 0x7fffffff, 0x80000000, 0xffffffff, 1 << 32, 1<<32 | 5, 0xdeadbeef00000000, 1 << 53, 1<<53 + 1, 1<<63 - 1, 1 << 63, 1<<63 | 1, 1<<64 - 1, 1<<64 - 2, 0xffffffff80000000, 0xffffffff7fffffff, 0x7fffff4000000001, 0xfffffc0000000001}
	more32 = []uint32{0x3f000000, 0xbf000000, 0x3fc00000, 0x40200000, 0x4effffff, 0x4f000000, 0xcf000000, 0xcf000001, 0x4f7fffff, 0x4f800000, 0xbf7fffff, 0x5effffff, 0x5f000000, 0xdf000000, 0x5f7fffff, 0x5f800000, 0x00800000, 0x007fffff, 0x4b800000, 0x33800000, 0x7f000000}
	more64 = []uint64{0x3fe0000000000000, 0xbfe0000000000000, 0x3ff8000000000000, 0x4004000000000000, 0x41dfffffffc00000, 0x41e0000000000000, 0xc1e0000000000000, 0xc1e0000000200000, 0x41efffffffe00000, 0x41f0000000000000, 0xbfefffffffffffff, 0x43dfffffffffffff, 0x43e0000000000000, 0xc3e0000000000000, 0x43efffffffffffff, 0x43f0000000000000, 0x0010000000000000, 0x47efffffe0000000, 0x47efffffefffffff, 0x47effffff0000000, 0x36a0000000000000, 0x3690000000000000, 0x3690000000000001}
)

// bits are the bits of a constant of type t.
func (g *generator) bits(t ValType) [2]uint64 {
	switch t {
	case I32:
		if g.one(4) {
			return [2]uint64{uint64(g.rng.Uint32())}
		}
		return [2]uint64{uint64(turn32[g.n(len(turn32))])}
	case I64:
		if g.one(4) {
			return [2]uint64{g.rng.Uint64()}
		}
		return [2]uint64{turn64[g.n(len(turn64))]}
	case F32:
		switch g.n(8) {
		case 0:
			return [2]uint64{uint64(g.rng.Uint32())}
		case 1, 2:
			return [2]uint64{uint64(more32[g.n(len(more32))])}
		case 3, 4:
			return [2]uint64{uint64(nan32[g.n(len(nan32))])}
		}
		return [2]uint64{uint64(math.Float32bits(float32(g.n(4000)-2000) / 4))}
	case F64:
		switch g.n(8) {
		case 0:
			return [2]uint64{g.rng.Uint64()}
		case 1, 2:
			return [2]uint64{more64[g.n(len(more64))]}
		case 3, 4:
			return [2]uint64{nan64[g.n(len(nan64))]}
		}
		return [2]uint64{math.Float64bits(float64(g.n(4000)-2000) / 4)}
	}
	half := func() uint64 {
		switch g.n(4) {
		case 0:
			return g.bits(F64)[0]
		case 1:
			return g.bits(I64)[0]
		case 2:
			return g.bits(I32)[0] | g.bits(I32)[0]<<32
		}
		return g.bits(F32)[0] | g.bits(F32)[0]<<32
	}
	if g.one(4) {
		h := half()
		return [2]uint64{h, h}
	}
	return [2]uint64{half(), half()}
}

func (g *generator) constant(t ValType, c [2]uint64) {
	switch t {
	case I32:
		g.i32(int32(c[0]))
	case I64:
		g.i64(int64(c[0]))
	case F32:
		g.b = binary.LittleEndian.AppendUint32(append(g.b, byte(opF32Const)), uint32(c[0]))
	case F64:
		g.b = binary.LittleEndian.AppendUint64(append(g.b, byte(opF64Const)), c[0])
	default:
		g.op(opV128Const)
		g.b = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(g.b, c[0]), c[1])
	}
}
