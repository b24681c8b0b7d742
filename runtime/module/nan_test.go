package module

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Inputs of the NaN matrix: NaNs of both signs, quiet and signalling, with payloads, among numbers that make NaNs.
var (
	nan32 = []uint32{
		0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7fc12345, 0xffd55555, 0x7fbfffff, 0xffffffff,
		0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x00000001, 0x80000001, 0x7f7fffff, 0x4b000001,
	}
	nan64 = []uint64{
		0x7ff8000000000000, 0xfff8000000000000, 0x7ff0000000000001, 0xfff0000000000001, 0x7ff8000012345678, 0xfffaaaaaaaaaaaaa,
		0x7ff7ffffffffffff, 0xffffffffffffffff, 0, 1 << 63, 0x3ff0000000000000, 0xbff0000000000000, 0x7ff0000000000000,
		0xfff0000000000000, 1, 1<<63 | 1, 0x7fefffffffffffff, 0x4330000000000001,
	}
)

// matrixCase is an instruction of the matrix, or a way a float takes.
type matrixCase struct {
	name   string
	params []ValType
	result ValType
	made   shape            // of the NaNs it may make
	write  func(*generator) // takes the operands from the stack
}

// touchesFloats tells whether an instruction takes or gives a float, a vector with float lanes, or chooses between such bits.
func touchesFloats(op Opcode) bool {
	in := op.info()
	for _, t := range append(slices.Clone(in.params), in.results...) {
		if t == F32 || t == F64 {
			return true
		}
	}
	return strings.Contains(in.name, "f32x4") || strings.Contains(in.name, "f64x2") || op == opBitselect
}

// matrixCases are all instructions that touch floats, each lane instruction with its first and last lane, and what moves
// floats without looking at them.
func matrixCases() []matrixCase {
	var cases []matrixCase
	for _, op := range allOpcodes() {
		in := op.info()
		if !in.plain || !touchesFloats(op) {
			continue
		}
		c := matrixCase{name: in.name, params: in.params, made: makesNaN[in.name], write: func(g *generator) { g.op(op) }}
		if len(in.results) > 0 {
			c.result = in.results[0]
		}
		switch in.imm {
		case immLane:
			for _, lane := range []byte{0, in.lanes - 1} {
				l := c
				l.name = fmt.Sprintf("%s_%d", c.name, lane)
				l.write = func(g *generator) { g.op(op); g.emit(lane) }
				cases = append(cases, l)
			}
			continue
		case immMem: // a float goes to memory at 128, or comes from there
			t := c.result
			if t == 0 {
				t = in.params[1]
			}
			load, store := loadOf[t], storeOf[t]
			c.params, c.result = []ValType{t}, t
			c.write = func(g *generator) {
				g.opIdx(opLocalSet, matrixScratch(t))
				g.i32(128)
				g.get(matrixScratch(t))
				g.op(store)
				g.emit(0, 0)
				g.i32(128)
				g.op(load)
				g.emit(0, 0)
			}
		}
		cases = append(cases, c)
	}
	for _, t := range []ValType{F32, F64, V128} {
		move := func(name string, params int, write func(*generator)) {
			cases = append(cases, matrixCase{name: fmt.Sprintf("%v.%s", t, name), params: slices.Repeat([]ValType{t}, params), result: t, write: write})
		}
		for i, op := range []Opcode{opSelect, opSelectT} {
			move(fmt.Sprint(op, i), 2, func(g *generator) {
				g.i32(0)
				if op == opSelect {
					g.op(op)
				} else {
					g.op(op)
					g.emit(1, byte(t))
				}
			})
		}
		move("call", 1, func(g *generator) { g.opIdx(opCall, matrixMover(t)) })
		move("call_indirect", 1, func(g *generator) {
			g.i32(int32(matrixMover(t)))
			g.opIdx(opCallIndirect, matrixMover(t))
			g.emit(0)
		})
		move("br_table", 1, func(g *generator) {
			g.opIdx(opLocalSet, matrixScratch(t))
			g.emit(byte(opBlock), byte(t), byte(opBlock), byte(t))
			g.get(matrixScratch(t))
			g.i32(1)
			g.emit(byte(opBrTable), 2, 0, 1, 0, byte(opEnd), byte(opEnd))
		})
		if t != V128 {
			move("global", 1, func(g *generator) {
				i := map[ValType]uint32{F32: 0, F64: 1}[t]
				g.opIdx(opGlobalSet, i)
				g.opIdx(opGlobalGet, i)
			})
		}
	}
	return cases
}

var (
	storeOf = map[ValType]Opcode{I32: 0x36, I64: 0x37, F32: 0x38, F64: 0x39, V128: 0xfd0b}
	loadOf  = map[ValType]Opcode{I32: 0x28, I64: 0x29, F32: 0x2a, F64: 0x2b, V128: 0xfd00}
)

// The matrix's functions have two locals of each kind, in the order of kinds, and then for the form with spilled registers
// many of the kinds of its operands. The first functions of the module, one for each kind, return their argument.
func matrixScratch(t ValType) uint32 { return uint32(2 * slices.Index(kinds[:], t)) }
func matrixMover(t ValType) uint32   { return uint32(slices.Index(kinds[:], t)) }

const (
	matrixSpilled = 40 // locals of each operand's kind, more than registers
	formMemory    = 0  // operands from memory, the result to memory at once
	formLocals    = 1  // operands and results go through locals
	formBlocks    = 2  // the result goes through a block and a select
	formConstants = 3  // operands are constants: one function does a result for each input
	formSpilled   = 4  // operands wait in a loop with a call in it, with many others
	matrixForms   = 5
)

// matrixModule exports a function for each case in each of the forms. Operands stand at 0, 16, 32, the result at 64; results
// of constants from 1024, 16 bytes apart.
func matrixModule(cases []matrixCase) []byte {
	g := &generator{m: &Module{
		Memory:  &Memory{Size: Limit32{Min: 1, Max: 1, HasMax: true}},
		Exports: []Export{{Name: MemoryExport, Kind: ExternMemory}},
		Globals: []Global{
			{GlobalType: GlobalType{F32, true}, Init: ConstExpr{Op: opF32Const, Type: F32}},
			{GlobalType: GlobalType{F64, true}, Init: ConstExpr{Op: opF64Const, Type: F64}},
		},
		Tables: []Table{{Type: FuncRef, Size: Limit32{Min: uint32(len(kinds))}}},
		Elems:  []Elem{{Type: FuncRef, Offset: ConstExpr{Op: opI32Const, Type: I32}, Funcs: []uint32{0, 1, 2, 3, 4}}},
	}}
	for i, t := range kinds {
		g.m.Types = append(g.m.Types, FuncType{Params: []ValType{t}, Results: []ValType{t}})
		g.m.Funcs = append(g.m.Funcs, uint32(i))
		g.m.Code = append(g.m.Code, Code{Body: []byte{byte(opLocalGet), 0, byte(opEnd)}})
	}
	g.m.Types = append(g.m.Types, FuncType{})
	for _, c := range cases {
		for form := range matrixForms {
			var runs []Locals
			for _, t := range kinds {
				runs = append(runs, Locals{2, t})
			}
			if form == formSpilled {
				for _, t := range c.params {
					runs = append(runs, Locals{matrixSpilled, t})
				}
			}
			g.b = nil
			g.matrixFunction(c, form)
			g.emit(byte(opEnd))
			g.m.Exports = append(g.m.Exports, Export{Name: fmt.Sprintf("%s/%d", c.name, form), Kind: ExternFunc, Index: uint32(len(g.m.Funcs))})
			g.m.Funcs = append(g.m.Funcs, uint32(len(kinds)))
			g.m.Code = append(g.m.Code, Code{Locals: runs, Body: g.b})
		}
	}
	return Encode(g.m)
}

func (g *generator) matrixFunction(c matrixCase, form int) {
	load := func(t ValType, at int) {
		g.i32(int32(at))
		g.op(loadOf[t])
		g.emit(0, 0)
	}
	loads := func() {
		for i, t := range c.params {
			load(t, 16*i)
		}
	}
	store := func(t ValType) {
		g.op(storeOf[t])
		g.emit(0, 0)
	}
	first := matrixScratch(c.result)
	switch form {
	case formMemory:
		g.i32(64)
		loads()
		c.write(g)
		store(c.result)
	case formLocals:
		loads()
		c.write(g)
		g.opIdx(opLocalSet, first)
		g.get(first)
		g.opIdx(opLocalSet, first+1)
		g.i32(64)
		g.get(first + 1)
		store(c.result)
	case formBlocks:
		g.i32(64)
		g.emit(byte(opBlock), byte(c.result))
		loads()
		c.write(g)
		g.op(opEnd)
		loads()
		c.write(g)
		g.i32(1)
		g.op(opSelect)
		store(c.result)
	case formConstants:
		inputs := matrixInputs(c)
		for k, row := range matrixConstants(c) {
			g.i32(int32(1024 + 16*k))
			for i, t := range c.params {
				in := inputs[row][16*i:]
				g.constant(t, [2]uint64{binary.LittleEndian.Uint64(in), binary.LittleEndian.Uint64(in[8:])})
			}
			c.write(g)
			store(c.result)
		}
	case formSpilled:
		many := uint32(2 * len(kinds))
		for i, t := range c.params {
			for k := range uint32(matrixSpilled) {
				load(t, 16*i)
				g.opIdx(opLocalSet, many+uint32(i*matrixSpilled)+k)
			}
		}
		turns := matrixScratch(I32) + 1
		g.emit(byte(opI32Const), 3, byte(opLocalSet), byte(turns), byte(opLoop), 0x40)
		for i, t := range c.params { // a call in each turn, which gives one of the many values
			x := many + uint32(i*matrixSpilled) + 7
			g.get(x)
			g.opIdx(opCall, matrixMover(t))
			g.opIdx(opLocalSet, x)
		}
		for i := range c.params {
			g.get(many + uint32(i*matrixSpilled) + 3)
		}
		c.write(g)
		g.opIdx(opLocalSet, matrixScratch(c.result))
		g.emit(byte(opLocalGet), byte(turns), byte(opI32Const), 1, byte(opI32Sub), byte(opLocalTee), byte(turns), byte(opBrIf), 0, byte(opEnd))
		g.i32(64)
		g.get(matrixScratch(c.result))
		store(c.result)
		for i, t := range c.params { // all are in use to the end
			for k := range uint32(matrixSpilled) {
				g.i32(int32(2048 + 16*k))
				g.get(many + uint32(i*matrixSpilled) + k)
				store(t)
			}
		}
	}
}

// matrixConstants are the rows of inputs that are tried as constants.
func matrixConstants(c matrixCase) []int {
	var rows []int
	for k := range nan32 {
		if len(c.params) > 1 {
			k = k*len(nan32) + (5*k+3)%len(nan32)
		}
		rows = append(rows, k)
	}
	return rows
}

// matrixInputs are the operand bytes for every tuple of inputs.
func matrixInputs(c matrixCase) [][]byte {
	row := func(t ValType, k int) []byte {
		var b []byte
		switch t {
		case I32, F32:
			b = binary.LittleEndian.AppendUint32(b, nan32[k])
		case I64, F64:
			b = binary.LittleEndian.AppendUint64(b, nan64[k])
		case V128:
			if strings.Contains(c.name, "f64x2") {
				b = binary.LittleEndian.AppendUint64(b, nan64[k])
				b = binary.LittleEndian.AppendUint64(b, nan64[(k+7)%len(nan64)])
			} else {
				for j := range 4 {
					b = binary.LittleEndian.AppendUint32(b, nan32[(k+5*j)%len(nan32)])
				}
			}
		}
		return append(b, make([]byte, 16-len(b))...)
	}
	var out [][]byte
	for i := range nan32 {
		if len(c.params) == 1 {
			out = append(out, append(row(c.params[0], i), make([]byte, 32)...))
			continue
		}
		for j := range nan32 {
			third := make([]byte, 16)
			if len(c.params) == 3 {
				third = row(c.params[2], (i+j)%len(nan32))
			}
			out = append(out, slices.Concat(row(c.params[0], i), row(c.params[1], j), third))
		}
	}
	return out
}

// TestNaNMatrix runs every float instruction over NaN inputs, instrumented, on both engines: the results equal the golden file
// byte for byte, whether operands come from memory, constants or spilled registers and results go through locals, blocks or
// selects, and no arithmetic result is a NaN other than the canonical one.
func TestNaNMatrix(t *testing.T) {
	cases := matrixCases()
	wasm := instrument(t, matrixModule(cases), Config{Gas: 1 << 60}).Wasm
	golden := filepath.Join("testdata", "nan-matrix.golden")
	var first string
	rowsRun := 0
	for _, e := range engines {
		in := e.start(t, wasm, nil)
		var b strings.Builder
		for _, c := range cases {
			plain := runMatrix(t, in, e.name, c, formMemory)
			fmt.Fprintf(&b, "%s %d\n%s\n", c.name, len(plain), strings.Join(plain, "\n"))
			for form := formLocals; form < matrixForms; form++ {
				rows, want := runMatrix(t, in, e.name, c, form), plain
				rowsRun += len(rows)
				if form == formConstants {
					want = nil
					for _, k := range matrixConstants(c) {
						want = append(want, plain[k])
					}
					if slices.Contains(want, "trap") {
						continue // one function has them all, so it stops at the first
					}
				}
				if !slices.Equal(rows, want) {
					t.Errorf("%s: %s/%d differs from the plain form", e.name, c.name, form)
				}
			}
			rowsRun += len(plain)
		}
		if first == "" {
			first = b.String()
		} else if first != b.String() {
			t.Errorf("compiler and interpreter differ")
		}
	}
	t.Logf("%d instructions and moves, %d results", len(cases), rowsRun)
	if *update {
		if err := os.WriteFile(golden, []byte(first), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := string(read(t, golden))
	if want != first {
		a, b := strings.Split(first, "\n"), strings.Split(want, "\n")
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Fatalf("%s, line %d: got %s, want %s", golden, i+1, a[i], b[i])
			}
		}
		t.Fatalf("%s has %d lines, got %d", golden, len(b), len(a))
	}
}

// runMatrix gives the results of a case in a form, in hexadecimal, "trap" where there is none.
func runMatrix(t *testing.T, in *instance, engine string, c matrixCase, form int) []string {
	name := fmt.Sprintf("%s/%d", c.name, form)
	f := in.mod.ExportedFunction(name)
	mem := in.mod.Memory()
	var rows []string
	result := func(at uint32) {
		out, _ := mem.Read(at, 16)
		if c.made != shapeNone && !canonicalBytes(c.made, out) {
			t.Fatalf("%s: %s gives % x, want canonical NaNs only", engine, name, out)
		}
		rows = append(rows, fmt.Sprintf("%x", out[:size(c.result)]))
	}
	if form == formConstants {
		if _, err := f.Call(t.Context()); err != nil {
			return nil
		}
		for k := range matrixConstants(c) {
			result(uint32(1024 + 16*k))
		}
		return rows
	}
	for _, input := range matrixInputs(c) {
		mem.Write(0, input)
		mem.Write(64, make([]byte, 16))
		if _, err := f.Call(t.Context()); err != nil {
			rows = append(rows, "trap")
			continue
		}
		result(64)
	}
	return rows
}

// TestNaNMatrixIsWhole: each instruction of the profile is in the matrix, or touches no float. The count is that of the core
// specification 2.0: 74 scalar ones and 58 of vectors.
func TestNaNMatrixIsWhole(t *testing.T) {
	in := map[string]bool{}
	for _, c := range matrixCases() {
		name, _, _ := strings.Cut(c.name, "_lane_")
		in[name] = true
	}
	n := 0
	for _, op := range allOpcodes() {
		info := op.info()
		if !info.plain || !strings.Contains(info.name, "f32") && !strings.Contains(info.name, "f64") {
			continue
		}
		n++
		name, _, _ := strings.Cut(info.name, "_lane")
		if !in[info.name] && !in[name] {
			t.Errorf("%s is not in the matrix", info.name)
		}
	}
	if n != 132 {
		t.Errorf("found %d instructions with floats in their names, want 132", n)
	}
}

func size(t ValType) int {
	switch t {
	case I32, F32:
		return 4
	case V128:
		return 16
	}
	return 8
}

func canonicalBytes(s shape, b []byte) bool {
	switch s {
	case shapeF32:
		return cleanF32(uint64(binary.LittleEndian.Uint32(b)))
	case shapeF64:
		return cleanF64(binary.LittleEndian.Uint64(b))
	case shapeF32x4:
		for i := 0; i < 16; i += 4 {
			if !cleanF32(uint64(binary.LittleEndian.Uint32(b[i:]))) {
				return false
			}
		}
		return true
	}
	return cleanF64(binary.LittleEndian.Uint64(b)) && cleanF64(binary.LittleEndian.Uint64(b[8:]))
}
