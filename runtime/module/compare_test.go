package module

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
)

var compared = flag.Int("compared", 12, "number of random modules for TestRandomComparisons")

// comparisons are functions of two i32 parameters that branch on a comparison, and whether it must be hidden from engines.
var comparisons = []struct {
	name, body string
	hidden     int
}{
	{"stack", `(i32.lt_u (i32.const 0) (i32.and (local.get 0) (local.get 1)))`, 1},
	{"signed", `(i32.ge_s (i32.const 0) (i32.and (local.get 0) (local.get 1)))`, 1},
	{"signed right", `(i32.gt_s (i32.and (local.get 0) (local.get 1)) (i32.const 0))`, 0},
	{"unsigned right", `(i32.gt_u (i32.and (local.get 0) (local.get 1)) (i32.const 0))`, 1},
	{"unsigned right, parameter", `(i32.le_u (i32.and (local.get 0) (i32.const 15)) (local.get 1))`, 1},
	{"i64", `(i64.lt_u (i64.const 0) (i64.and (i64.extend_i32_s (local.get 0)) (i64.const 0xffff000000ff)))`, 1},
	{"i64 signed", `(i64.gt_s (i64.const 0) (i64.and (i64.extend_i32_s (local.get 0)) (i64.const -256)))`, 1},
	{"i64 right", `(i64.gt_u (i64.and (i64.extend_i32_s (local.get 0)) (i64.const -256)) (i64.const 0))`, 1},
	{"unwritten local", `(i32.lt_u (local.get 2) (i32.and (local.get 0) (local.get 1)))`, 1},
	{"and in a local", `(local.set 3 (i32.and (local.get 0) (local.get 1))) (i32.lt_u (local.get 2) (local.get 3))`, 1},
	{"and in a copy", `(local.set 3 (i32.and (local.get 0) (local.get 1))) (local.set 4 (local.get 3)) (i32.lt_u (i32.const 0) (local.get 4))`, 1},
	{"and in a tee", `(i32.const 0) (local.tee 3 (i32.and (local.get 0) (local.get 1))) (i32.lt_u)`, 1},
	{"and shifted by 0", `(i32.lt_u (i32.const 0) (i32.shl (i32.and (local.get 0) (local.get 1)) (i32.const 32)))`, 1},
	{"0 shifted by 0", `(i32.lt_u (i32.shr_s (i32.const 0) (i32.const 0)) (i32.and (local.get 0) (local.get 1)))`, 1},
	{"i64 shifted by 0", `(i64.lt_u (i64.shr_u (i64.const 0) (i64.const 64)) (i64.shr_s (i64.and (i64.extend_i32_u (local.get 0)) (i64.const 255)) (i64.const 0)))`, 1},
	{"0 of a block", `(i32.lt_u (block (result i32) (i32.const 0)) (i32.and (local.get 0) (local.get 1)))`, 1},
	{"0 of an if", `(i32.lt_u (if (result i32) (local.get 0) (then (local.get 2)) (else (local.get 2))) (i32.and (local.get 0) (local.get 1)))`, 1},
	{"0 of a branch", `(i32.lt_u (block (result i32) (drop (br_if 0 (local.get 2) (local.get 0))) (local.get 2)) (i32.and (local.get 0) (local.get 1)))`, 1},
	{"0 of a global", `(global.set 0 (i32.const 0)) (i32.lt_u (global.get 0) (i32.and (local.get 0) (local.get 1)))`, 1},
	{"0 through a loop", `(loop (local.set 2 (local.get 2)) (br_if 0 (i32.const 0))) (i32.lt_u (local.get 2) (i32.and (local.get 0) (local.get 1)))`, 1},
	{"parameter of a block", `(i32.const 0) (i32.and (local.get 0) (local.get 1)) (block (param i32 i32) (result i32) (i32.lt_u) (if (result i32) (then (i32.const 1)) (else (i32.const 0))))`, 1},
	{"overwritten", `(local.set 3 (i32.and (local.get 0) (local.get 1))) (local.set 3 (i32.const 0)) (i32.lt_u (i32.const 0) (local.get 3))`, 0},
	{"equal", `(i32.eq (i32.const 0) (i32.and (local.get 0) (local.get 1)))`, 0},
	{"not equal", `(i32.ne (i32.and (local.get 0) (local.get 1)) (local.get 2))`, 0},
	{"with a constant", `(i32.lt_u (i32.const 3) (i32.and (local.get 0) (local.get 1)))`, 0},
	{"with a constant on the right", `(i32.lt_u (i32.and (local.get 0) (local.get 1)) (i32.const 3))`, 0},
	{"with a load", `(i32.lt_u (i32.load (i32.const 8)) (i32.and (local.get 0) (local.get 1)))`, 0},
	{"with a sum in a local", `(local.set 2 (i32.add (local.get 2) (i32.const 1))) (i32.lt_u (local.get 2) (i32.and (local.get 0) (local.get 1)))`, 0},
	{"sum of an and", `(i32.lt_u (i32.const 0) (i32.add (i32.and (local.get 0) (local.get 1)) (i32.const 1)))`, 0},
	{"loop without an and", `(i32.lt_u (local.tee 2 (i32.add (local.get 2) (i32.const 4))) (local.get 0))`, 0},
	{"and before a branch", `(local.set 3 (i32.and (local.get 0) (local.get 1))) (block (br_if 0 (local.get 0))) (i32.lt_u (i32.const 0) (local.get 3))`, 0},
	{"and before an end", `(block (local.set 3 (i32.and (local.get 0) (local.get 1)))) (i32.lt_u (i32.const 0) (local.get 3))`, 0},
	{"and before a call", `(local.set 3 (i32.and (local.get 0) (local.get 1))) (call $f) (i32.lt_u (i32.const 0) (local.get 3))`, 0},
}

// TestComparisonsWithZero looks at which comparisons the pass hides from engines, and runs each as the condition of an if,
// of a br_if and of a select.
func TestComparisonsWithZero(t *testing.T) {
	src := "(module (memory (export \"memory\") 1 1) (global (mut i32) (i32.const 5)) (func $f)\n"
	for i, c := range comparisons {
		locals := "(param i32 i32) (result i32) (local i32 i32 i32)"
		src += fmt.Sprintf("(func (export \"%d if\") %s %s (if (result i32) (then (i32.const 1)) (else (i32.const 0))))\n", i, locals, c.body)
		src += fmt.Sprintf("(func (export \"%d br_if\") %s (block %s (br_if 0) (return (i32.const 0))) (i32.const 1))\n", i, locals, c.body)
		src += fmt.Sprintf("(func (export \"%d select\") %s (local.set 4 %s) (select (i32.const 1) (i32.const 0) (local.get 4)))\n", i, locals, c.body)
	}
	plain := wat(t, src+")")
	ins := instrument(t, plain, Config{})
	out := decode(t, ins.Wasm)
	for i, c := range comparisons {
		for k := range 3 {
			body := out.Code[1+3*i+k].Body
			got := bytes.Count(body, []byte{byte(opI32Const), 0, byte(opI32Or)}) + bytes.Count(body, []byte{byte(opI64Const), 0, byte(opI64Or)})
			if got != c.hidden {
				t.Errorf("%s: found %d comparisons hidden, want %d:\n%s", c.name, got, c.hidden, c.body)
			}
		}
	}
	want := engines[1].start(t, plain, nil)
	for _, e := range engines {
		in := e.start(t, ins.Wasm, nil)
		for i, c := range comparisons {
			for _, form := range []string{"if", "br_if", "select"} {
				name := fmt.Sprintf("%d %s", i, form)
				for _, x := range []uint64{0, 1, 3, 0x80, 0xffffffff, 0x80000000} {
					for _, m := range []uint64{0, 1, 0x80000000, 0xffffffff, 0x7f} {
						a, b := want.call(name, x, m), in.call(name, x, m)
						if a.values[0] != b.values[0] {
							t.Errorf("%s: %s as %s of %#x, %#x: got %d, want %d", e.name, c.name, form, x, m, b.values[0], a.values[0])
						}
					}
				}
			}
		}
	}
}

// TestRandomComparisons runs random functions full of comparisons, zeros and masks: instrumented, both engines give what the
// interpreter gives for the plain module. The plain module must show the compiler's error, or the test would test nothing.
func TestRandomComparisons(t *testing.T) {
	raiseInterpreterCeiling(t)
	wrong, calls := 0, 0
	for seed := range *compared {
		m := comparing(uint64(seed))
		plain := Encode(m)
		ins := instrument(t, plain, Config{})
		oracle, compiled := engines[1].start(t, plain, nil), engines[0].start(t, plain, nil)
		a, b := engines[0].start(t, ins.Wasm, nil), engines[1].start(t, ins.Wasm, nil)
		rng := rand.New(rand.NewPCG(uint64(seed), 2))
		for _, x := range m.Exports {
			if x.Kind != ExternFunc {
				continue
			}
			for k := range 4 {
				args := []uint64{uint64(rng.Uint32()), uint64(rng.Uint32()) >> (8 * k), rng.Uint64(), rng.Uint64() >> (16 * k)}
				if k == 0 {
					clear(args)
				}
				want, p := oracle.call(x.Name, args...), compiled.call(x.Name, args...)
				if want.trap != "" {
					t.Fatalf("seed %d, %s%x: %s, want a result", seed, x.Name, args, want.trap)
				}
				calls++
				if p.values[0] != want.values[0] {
					wrong++
				}
				c, i := a.call(x.Name, args...), b.call(x.Name, args...)
				if c.trap != "" || i.trap != "" || c.values[0] != want.values[0] || i.values[0] != want.values[0] || c.gas != i.gas {
					t.Errorf("seed %d, %s%x: compiler %v, interpreter %v, want %x", seed, x.Name, args, c, i, want.values)
				}
			}
		}
	}
	t.Logf("of %d calls the compiler gets %d wrong without the pass", calls, wrong)
	if wrong == 0 {
		t.Errorf("the compiler on %s gets every plain module right: is compare.go still needed?", runtime.GOARCH)
	}
}

const (
	comparingFuncs = 20
	localAcc       = 12 // what comparisons gave so far
	localFuel      = 13 // turns left to all loops
	zeroAddress    = 64 // behind it the memory is zero
)

// comparing makes a module of random functions.
func comparing(seed uint64) *Module {
	m := &Module{
		Types:   []FuncType{{Params: []ValType{I32, I32, I64, I64}, Results: []ValType{I32}}},
		Memory:  &Memory{Size: Limit32{Min: 1, Max: 1, HasMax: true}},
		Exports: []Export{{Name: "memory", Kind: ExternMemory}},
	}
	for i, t := range []ValType{I32, I64} {
		m.Globals = append(m.Globals, Global{GlobalType: GlobalType{t, true}, Init: ConstExpr{Op: [...]Opcode{opI32Const, opI64Const}[i], Type: t, Lo: 3}})
	}
	for i := range comparingFuncs {
		c := comparer{rng: rand.New(rand.NewPCG(seed, uint64(100+i)))}
		c.emit(byte(opI32Const), 40, byte(opLocalSet), localFuel)
		for range 6 {
			c.statement(3)
		}
		c.emit(byte(opLocalGet), localAcc, byte(opEnd))
		m.Funcs = append(m.Funcs, 0)
		m.Code = append(m.Code, Code{Locals: []Locals{{4, I32}, {4, I64}, {2, I32}}, Body: c.b})
		m.Exports = append(m.Exports, Export{Name: fmt.Sprint("f", i), Kind: ExternFunc, Index: uint32(i)})
	}
	return m
}

// comparer writes code in which zeros, masks and comparisons meet in many ways.
type comparer struct {
	b   []byte
	rng *rand.Rand
}

func (c *comparer) emit(b ...byte)    { c.b = append(c.b, b...) }
func (c *comparer) one(n int) bool    { return c.rng.IntN(n) == 0 }
func (c *comparer) wide() bool        { return c.one(2) }
func (c *comparer) pick(n int) byte   { return byte(c.rng.IntN(n)) }
func blockOf(wide bool) byte          { return map[bool]byte{false: byte(I32), true: byte(I64)}[wide] }
func either(wide bool, a, b int) byte { return byte(map[bool]int{false: a, true: b}[wide]) }

// local is any local of the type, one of four unwritten ones or two parameters.
func (c *comparer) local(wide bool) byte {
	if c.one(3) {
		return either(wide, 0, 2) + c.pick(2)
	}
	return either(wide, 4, 8) + c.pick(4)
}

func (c *comparer) constant(wide bool, v int64) {
	c.b = appendSigned(append(c.b, either(wide, int(opI32Const), int(opI64Const))), v)
}

func (c *comparer) value(wide bool, depth int) {
	if depth == 0 {
		if c.one(2) {
			c.emit(byte(opLocalGet), c.local(wide))
		} else {
			c.constant(wide, []int64{0, 0, 1, -1, 255, -1 << 31, int64(c.rng.Int32())}[c.pick(7)])
		}
		return
	}
	switch c.pick(12) {
	case 0, 1:
		c.mask(wide, depth)
	case 2:
		c.zero(wide)
	case 3:
		c.value(wide, depth-1)
		c.value(wide, depth-1)
		c.emit(either(wide, 0x6a, 0x7c) + c.pick(3)) // add, sub, mul
	case 4:
		c.value(wide, depth-1)
		c.constant(wide, []int64{0, 32, 64, 1, 31}[c.pick(5)])
		c.emit(either(wide, int(opI32Shl), int(opI64Shl)) + c.pick(3))
	case 5:
		c.constant(false, zeroAddress-4+int64(c.pick(5)))
		c.emit(either(wide, 0x28, 0x29), 0, 0)
	case 6:
		c.value(wide, depth-1)
		c.emit(byte(opLocalTee), c.local(wide))
	case 7:
		c.emit(byte(opBlock), blockOf(wide))
		c.value(wide, depth-1)
		if c.one(2) {
			c.compare(depth - 1)
			c.emit(byte(opBrIf), 0)
		}
		c.emit(byte(opEnd))
	case 8:
		c.compare(depth - 1)
		c.emit(byte(opIf), blockOf(wide))
		c.value(wide, depth-1)
		c.emit(byte(opElse))
		c.value(wide, depth-1)
		c.emit(byte(opEnd))
	case 9:
		c.value(wide, depth-1)
		c.value(wide, depth-1)
		c.compare(depth - 1)
		c.emit(byte(opSelect))
	case 10:
		c.emit(byte(opGlobalGet), either(wide, 0, 1))
	default:
		c.value(!wide, depth-1)
		c.emit(either(wide, 0xa7, 0xac)) // wrap, extend_s
	}
}

// mask is an and, or what an engine takes for one.
func (c *comparer) mask(wide bool, depth int) {
	c.value(wide, max(depth-1, 0))
	c.value(wide, 0)
	c.emit(either(wide, int(opI32And), int(opI64And)))
	switch c.pick(6) {
	case 0:
		c.constant(wide, 64)
		c.emit(either(wide, int(opI32Shl), int(opI64Shl)) + c.pick(3))
	case 1:
		l := c.local(wide)
		c.emit(byte(opLocalSet), l, byte(opLocalGet), l)
	case 2:
		c.emit(byte(opLocalTee), c.local(wide))
	}
}

// zero is often a constant 0.
func (c *comparer) zero(wide bool) {
	switch c.pick(6) {
	case 0:
		c.emit(byte(opLocalGet), c.local(wide))
	case 1:
		c.emit(byte(opBlock), blockOf(wide))
		c.constant(wide, 0)
		c.emit(byte(opEnd))
	case 2:
		c.constant(wide, 0)
		c.emit(byte(opGlobalSet), either(wide, 0, 1), byte(opGlobalGet), either(wide, 0, 1))
	default:
		c.constant(wide, 0)
	}
}

// compare leaves a condition.
func (c *comparer) compare(depth int) {
	depth = max(depth, 0)
	wide := c.wide()
	switch c.pick(5) {
	case 0, 1:
		c.zero(wide)
		c.mask(wide, depth)
	case 2, 3:
		c.mask(wide, depth)
		c.zero(wide)
	default:
		c.value(wide, depth)
		c.value(wide, depth)
	}
	c.emit(either(wide, 0x46, 0x51) + c.pick(10)) // eq to ge_u
	if c.one(6) {
		c.emit(0x45) // eqz
	}
}

func (c *comparer) statement(depth int) {
	wide := c.wide()
	switch c.pick(8) {
	case 0:
		c.value(wide, 2)
		c.emit(byte(opLocalSet), c.local(wide))
	case 1:
		c.constant(false, 0)
		c.value(wide, 2)
		c.emit(either(wide, 0x36, 0x37), 0, 0)
	case 2:
		if depth == 0 {
			return
		}
		c.emit(byte(opLoop), 0x40)
		c.statement(depth - 1)
		c.emit(byte(opLocalGet), localFuel, byte(opI32Const), 1, byte(opI32Sub), byte(opLocalTee), localFuel, byte(opI32Const), 0, 0x4a)
		c.compare(1)
		c.emit(byte(opI32And), byte(opBrIf), 0, byte(opEnd))
	case 3:
		if depth == 0 {
			return
		}
		c.emit(byte(opBlock), 0x40)
		c.statement(depth - 1)
		c.compare(2)
		c.emit(byte(opBrIf), 0)
		c.statement(depth - 1)
		c.emit(byte(opEnd))
	default:
		// The accumulator takes in which way a comparison went.
		c.compare(2)
		c.emit(byte(opIf), 0x40)
		c.take(1)
		c.emit(byte(opElse))
		c.take(2)
		if depth > 0 {
			c.statement(depth - 1)
		}
		c.emit(byte(opEnd))
	}
}

func (c *comparer) take(n byte) {
	c.emit(byte(opLocalGet), localAcc, byte(opI32Const), 31, byte(opI32Mul), byte(opI32Const), n, 0x6a, byte(opLocalSet), localAcc)
}
