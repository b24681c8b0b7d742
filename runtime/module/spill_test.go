package module

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
)

var spilled = flag.Int("spilled", 2, "number of random modules for each instruction in TestSpilledOperands")

const spillerFuncs = 12

// spiller makes a module of random functions full of one instruction, in which more values live than a processor has
// registers, and which pass them on to calls and loops: what an instruction takes then often comes from the stack, and
// goes to a register that is in use.
func spiller(op Opcode, seed uint64) *Module {
	in := op.info()
	g := &generator{rng: rand.New(rand.NewPCG(seed, uint64(op)))}
	g.plain, g.memory = opcodes()
	main := in.params[len(in.params)-1] // the kind there is most of
	sum := FuncType{Params: []ValType{main, main, main, main, main, main, main, main}, Results: []ValType{main}}
	g.m = &Module{
		Memory:  &Memory{Size: Limit32{Min: 1, Max: 1, HasMax: true}},
		Exports: []Export{{Name: MemoryExport, Kind: ExternMemory}},
		Types:   []FuncType{sum, {Params: []ValType{I32}}},
	}
	// The function that is called picks one of its arguments.
	g.emit(byte(opLocalGet), byte(3+g.n(5)), byte(opEnd))
	g.m.Funcs, g.m.Code = []uint32{0}, []Code{{Body: g.b}}
	const each = 40 // arm64 has 32 registers for vectors
	kinds := map[ValType]uint32{}
	for f := range spillerFuncs {
		g.b = nil
		var runs []Locals
		clear(kinds)
		next := uint32(1)
		for _, t := range append([]ValType{in.results[0]}, in.params...) {
			if _, ok := kinds[t]; !ok {
				kinds[t] = next
				runs = append(runs, Locals{each, t})
				for i := range uint32(each) {
					g.constant(t, g.bits(t))
					g.opIdx(opLocalSet, next+i)
				}
				next += each
			}
		}
		// What was taken is often taken again right away: engines have it in a register then.
		recent := map[ValType]uint32{}
		local := func(t ValType) uint32 {
			if i, ok := recent[t]; ok && g.one(2) {
				return i
			}
			recent[t] = kinds[t] + uint32(g.n(each))
			return recent[t]
		}
		g.emit(byte(opLoop), 0x40)
		for range 10 + g.n(30) {
			if g.one(4) {
				for _, t := range sum.Params {
					g.get(local(t))
				}
				g.emit(byte(opCall), 0)
				g.opIdx(opLocalSet, kinds[main]+uint32(g.n(each)))
				continue
			}
			for _, t := range in.params {
				g.get(local(t))
			}
			g.op(op)
			if in.imm == immShuffle {
				for range 16 {
					g.emit(byte(g.n(32)))
				}
			} else if in.imm == immLane {
				g.emit(byte(g.n(int(in.lanes))))
			}
			g.opIdx(opLocalSet, kinds[in.results[0]]+uint32(g.n(each)))
		}
		// Three turns, then everything to memory.
		g.emit(byte(opLocalGet), 0, byte(opI32Const), 1, byte(opI32Sub), byte(opLocalTee), 0, byte(opBrIf), 0, byte(opEnd))
		for _, r := range runs {
			for i := range uint32(each) {
				g.i32(int32(16 * (kinds[r.Type] + i)))
				g.get(kinds[r.Type] + i)
				g.op(map[ValType]Opcode{I32: 0x36, I64: 0x37, F32: 0x38, F64: 0x39, V128: 0xfd0b}[r.Type])
				g.emit(0, 0)
			}
		}
		g.emit(byte(opEnd))
		g.m.Exports = append(g.m.Exports, Export{Name: fmt.Sprint("f", f), Kind: ExternFunc, Index: uint32(f + 1)})
		g.m.Funcs = append(g.m.Funcs, 1)
		g.m.Code = append(g.m.Code, Code{Locals: runs, Body: g.b})
	}
	return g.m
}

// TestSpilledOperands runs every instruction where its operands are spilled: instrumented, both engines give the same. The
// plain modules of those that are written otherwise must show why.
func TestSpilledOperands(t *testing.T) {
	n := 0
	inPlace := map[Opcode]int{opF32Copysign: 0, opF64Copysign: 0, opF64x2ReplaceLane: 0}
	for _, op := range allOpcodes() {
		in := op.info()
		if !in.plain || len(in.params) == 0 || len(in.results) == 0 || in.imm == immMem || in.imm == immMemLane {
			continue
		}
		n++
		_, known := inPlace[op]
		for seed := range uint64(*spilled) {
			plain := Encode(spiller(op, seed))
			if bad := spilledWrong(t, instrument(t, plain, Config{}).Wasm); bad > 0 {
				t.Errorf("%v, seed %d: the engines differ in %d of %d functions", op, seed, bad, spillerFuncs)
			}
			if known {
				inPlace[op] += spilledWrong(t, plain)
			}
		}
	}
	t.Logf("%d instructions, %d functions of each; plain, the compiler gets wrong f32.copysign %d times, f64.copysign %d, f64x2.replace_lane %d",
		n, *spilled*spillerFuncs, inPlace[opF32Copysign], inPlace[opF64Copysign], inPlace[opF64x2ReplaceLane])
	if sum := inPlace[opF32Copysign] + inPlace[opF64Copysign] + inPlace[opF64x2ReplaceLane]; sum == 0 && runtime.GOARCH == "amd64" {
		t.Error("the compiler gets every plain module right: is inplace.go still needed?")
	}
}

// spilledWrong is the number of functions on which the engines disagree.
func spilledWrong(t *testing.T, wasm []byte) int {
	a, b := engines[0].start(t, wasm, nil), engines[1].start(t, wasm, nil)
	defer a.rt.Close(t.Context())
	defer b.rt.Close(t.Context())
	bad := 0
	for f := range spillerFuncs {
		name := fmt.Sprint("f", f)
		x, y := a.call(name, 3), b.call(name, 3)
		if x.trap != y.trap || memoryHash(a.mod.Memory()) != memoryHash(b.mod.Memory()) {
			bad++
		}
	}
	return bad
}
