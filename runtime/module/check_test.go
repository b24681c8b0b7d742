package module

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// one builds a module with one function [] -> [] of the given body, a memory of 1 to 2 pages and a table.
func one(body ...byte) []byte {
	b := []byte("\x00asm\x01\x00\x00\x00" +
		"\x01\x04\x01\x60\x00\x00" + // type [] -> []
		"\x03\x02\x01\x00" + // one function
		"\x04\x04\x01\x70\x00\x01" + // table
		"\x05\x04\x01\x01\x01\x02" + // memory
		"\x07\x0a\x01\x06memory\x02\x00")
	body = append([]byte{0}, append(body, 0x0b)...)
	b = append(b, 10, byte(len(body)+2), 1, byte(len(body)))
	return append(b, body...)
}

func allow(names ...string) func(module, name string) (FuncType, bool) {
	return func(module, name string) (FuncType, bool) {
		for _, n := range names {
			if module+"."+name == n {
				return FuncType{Params: []ValType{I32}}, true
			}
		}
		return FuncType{}, false
	}
}

// TestRefusals names what is refused, and wants the error to name it too, with its section and offset.
func TestRefusals(t *testing.T) {
	const mem = `(memory (export "memory") 1 2)`
	for _, c := range []struct {
		name string
		wat  string
		wasm []byte
		lim  Limits
		kind Kind
		want string
	}{
		{name: "empty", wasm: []byte{}, kind: Malformed, want: "header section, offset 0x0: found 0 bytes left, want 4 of the magic number"},
		{name: "magic", wasm: []byte("\x7fELF\x01\x00\x00\x00"), kind: Malformed, want: "want the magic number"},
		{name: "version", wasm: []byte("\x00asm\x02\x00\x00\x00"), kind: Malformed, want: "found version 2, want version 1"},
		{name: "component", wasm: []byte("\x00asm\x0d\x00\x01\x00"), kind: Malformed, want: "found a component, want a core module"},
		{name: "section size", wasm: []byte("\x00asm\x01\x00\x00\x00\x01\x7f"), kind: Malformed, want: "found a section of 127 bytes with 0 bytes left"},
		{name: "section id", wasm: []byte("\x00asm\x01\x00\x00\x00\x20\x00"), kind: Malformed, want: "found section id 32, which is unknown"},
		{name: "tag section", wasm: []byte("\x00asm\x01\x00\x00\x00\x0d\x00"), kind: Malformed, want: "exception handling"},
		{name: "order", wasm: []byte("\x00asm\x01\x00\x00\x00\x03\x01\x00\x01\x01\x00"), kind: Malformed, want: "found the type section after the function section"},
		{name: "type bomb", wasm: []byte("\x00asm\x01\x00\x00\x00\x01\x05\xff\xff\xff\xff\x0f"), kind: Limit, want: "found 4294967295 types, want at most"},
		{name: "type count", wasm: []byte("\x00asm\x01\x00\x00\x00\x01\x03\xc0\x84\x3d"), kind: Malformed, want: "types in 0 bytes"},

		{name: "atomics", wasm: one(0xfe, 0x03, 0x00), kind: Refused, want: "code section, offset 0x2f, function 0: found opcode 0xfe 0x03 of the threads (atomics) proposal"},
		{name: "shared memory", wat: `(module (memory (export "memory") 1 2 shared))`, kind: Refused, want: "found a shared memory (the threads proposal)"},
		{name: "relaxed simd", wasm: one(0xfd, 0x80, 0x02), kind: Refused, want: "opcode 0xfd 0x100 of the relaxed SIMD proposal"},
		{name: "unknown simd", wasm: one(0xfd, 0x9a, 0x01), kind: Refused, want: "opcode 0xfd 0x9a, which is unknown"},
		{name: "try", wasm: one(0x06, 0x40, 0x0b), kind: Refused, want: "opcode 0x06 of the exception handling proposal"},
		{name: "throw", wasm: one(0x08, 0x00), kind: Refused, want: "exception handling"},
		{name: "try_table", wasm: one(0x1f, 0x40), kind: Refused, want: "exception handling"},
		{name: "tail call", wat: `(module ` + mem + ` (func $f (return_call $f)))`, kind: Refused, want: "opcode 0x12 of the tail call proposal"},
		{name: "call_ref", wasm: one(0x14, 0x00), kind: Refused, want: "typed function references"},
		{name: "struct.new", wasm: one(0xfb, 0x00, 0x00), kind: Refused, want: "garbage collection"},
		{name: "ref.eq", wasm: one(0xd3), kind: Refused, want: "garbage collection"},
		{name: "struct type", wasm: []byte("\x00asm\x01\x00\x00\x00\x01\x04\x01\x5f\x00\x00"), kind: Refused, want: "garbage collection"},
		{name: "two memories", wat: `(module (memory 1 2) (memory (export "memory") 1 2))`, kind: Refused, want: "found a second memory (the multi-memory proposal)"},
		{name: "memory index", wasm: one(0x3f, 0x01, 0x1a), kind: Refused, want: "multi-memory"},
		{name: "memarg index", wasm: one(0x41, 0x00, 0x28, 0x42, 0x00, 0x00, 0x1a), kind: Refused, want: "multi-memory"},
		{name: "memory64", wat: `(module (memory (export "memory") i64 1 2))`, kind: Refused, want: "memory64"},
		{name: "extended const", wat: `(module ` + mem + ` (global i32 (i32.add (i32.const 1) (i32.const 2))))`, kind: Invalid, want: "extended constant expressions"},

		{name: "table.grow", wasm: one(0xd0, 0x70, 0x41, 0x00, 0xfc, 0x0f, 0x00, 0x1a), kind: Refused, want: "found ref.null, which the profile gw-det-1 leaves out"},
		{name: "table.set", wasm: one(0x41, 0x00, 0x41, 0x00, 0x25, 0x00, 0x26, 0x00), kind: Refused, want: "found table.get, which the profile"},
		{name: "table.copy", wasm: one(0x41, 0x00, 0x41, 0x00, 0x41, 0x00, 0xfc, 0x0e, 0x00, 0x00), kind: Refused, want: "found table.copy, which the profile"},
		{name: "externref", wat: `(module ` + mem + ` (func (param externref)))`, kind: Refused, want: "type section, offset 0xd: found a value of reference type externref"},
		{name: "elem.drop", wat: `(module ` + mem + ` (elem func) (func (elem.drop 0)))`, kind: Refused, want: "found elem.drop, which the profile"},

		{name: "no memory", wat: `(module (func))`, kind: Refused, want: `found no memory, want one, exported as "memory"`},
		{name: "hidden memory", wat: `(module (memory 1 2))`, kind: Refused, want: `found no export "memory"`},
		{name: "no maximum", wat: `(module (memory (export "memory") 1))`, kind: Refused, want: "found a memory without a maximum, want one of at most 16384 pages (wasm-ld: --max-memory=1073741824)"},
		{name: "large maximum", wat: `(module (memory (export "memory") 1 3))`, lim: Limits{MemoryPages: 2}, kind: Limit, want: "found a memory of up to 3 pages, want at most 2"},
		{name: "large minimum", wat: `(module (memory (export "memory") 3))`, lim: Limits{MemoryPages: 2, ImplyMemoryMax: true}, kind: Limit, want: "found a memory of at least 3 pages, want at most 2"},
		{name: "memory above 2 GiB", wat: `(module (memory (export "memory") 1 32769))`, lim: Limits{MemoryPages: 65536}, kind: Limit, want: "found a memory of up to 32769 pages, want at most 32768"},
		{name: "memory func", wat: `(module (memory 1 2) (func (export "memory")))`, kind: Refused, want: `found an export "memory" of a function, want the memory`},
		{name: "imported memory", wat: `(module (import "env" "memory" (memory 1 2)) (export "memory" (memory 0)))`, kind: Refused, want: `found an imported memory "env"."memory", want imports of functions only`},
		{name: "imported global", wat: `(module (import "env" "g" (global i32)) ` + mem + `)`, kind: Refused, want: `found an imported global "env"."g"`},
		{name: "unknown import", wat: `(module (import "env" "nope" (func (param i32))) ` + mem + `)`, kind: Refused, want: `found an import "env"."nope", which this host does not offer`},
		{name: "import type", wat: `(module (import "env" "ok" (func (param i64))) ` + mem + `)`, kind: Refused, want: `found an import "env"."ok" of type [i64] -> [], want [i32] -> []`},
		{name: "reserved", wat: `(module ` + mem + ` (func (export "gw:gas")))`, kind: Refused, want: `found an export "gw:gas", want no name that starts with "gw:"`},
		{name: "v128 global", wat: `(module ` + mem + ` (global (mut v128) (v128.const i32x4 0 0 0 0)))`, kind: Refused, want: "mutable and of type v128"},
		{name: "element outside", wat: `(module ` + mem + ` (table 2 funcref) (func $f) (elem (i32.const 1) $f $f))`, kind: Refused, want: "found element segment 0 at 1 with 2 elements, want it within the 2 of table 0"},
		{name: "data outside", wat: `(module ` + mem + ` (data (i32.const 65535) "ab"))`, kind: Refused, want: "found data segment 0 at 65535 with 2 bytes, want it within the 65536"},

		{name: "locals bomb", wasm: bomb(0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f), kind: Limit, want: "found 4294967295 parameters and locals, want at most 50000"},
		{name: "many locals", wasm: bomb(0xd0, 0x86, 0x03, 0x7f), kind: Limit, want: "want at most"},
		{name: "limit locals", wat: `(module ` + mem + ` (func (local i32 i32 i32)))`, lim: Limits{Locals: 2}, kind: Limit, want: "function 0: found 3 parameters and locals, want at most 2"},
		{name: "limit locals total", wat: `(module ` + mem + ` (func (local i32 i32)) (func $b (local i32 i32)))`, lim: Limits{LocalsTotal: 3}, kind: Limit, want: "found 4 parameters and locals of all functions"},
		{name: "limit functions", wat: `(module ` + mem + ` (func) (func))`, lim: Limits{Functions: 1}, kind: Limit, want: "found 2 functions, want at most 1"},
		{name: "limit body", wat: `(module ` + mem + ` (func nop nop nop nop))`, lim: Limits{FunctionBytes: 4}, kind: Limit, want: "found 5 bytes of function body, want at most 4"},
		{name: "limit params", wat: `(module ` + mem + ` (func (param i32 i32 i32)))`, lim: Limits{Params: 2}, kind: Limit, want: "found type 0 with 3 parameters and 0 results, want at most 2 and"},
		{name: "limit table", wat: `(module ` + mem + ` (table 11 funcref))`, lim: Limits{TableElems: 10}, kind: Limit, want: "found 11 table elements, want at most 10"},
		{name: "limit module", wat: `(module ` + mem + `)`, lim: Limits{ModuleBytes: 10}, kind: Limit, want: "bytes of module, want at most 10"},
		{name: "br_table bomb", wasm: one(0x0e, 0xff, 0xff, 0xff, 0xff, 0x0f), kind: Limit, want: "found 4294967295 labels of a br_table, want at most 65520"},
		{name: "table bomb", wasm: []byte("\x00asm\x01\x00\x00\x00\x04\x08\x01\x70\x00\xff\xff\xff\xff\x0f"), kind: Limit, want: "found a table of 4294967295 elements"},

		{name: "operand type", wat: `(module ` + mem + ` (func $add (drop (i32.add (i64.const 1) (i32.const 2)))))`, kind: Invalid, want: `i32.add found i64 on the operand stack, want i32`},
		{name: "underflow", wasm: one(0x6a), kind: Invalid, want: "i32.add found an empty operand stack, want i32"},
		{name: "left over", wasm: one(0x41, 0x01), kind: Invalid, want: "end found 1 more values on the operand stack"},
		{name: "label", wasm: one(0x0c, 0x05), kind: Invalid, want: "found label 5, want one of the 1 open blocks"},
		{name: "alignment", wasm: one(0x41, 0x00, 0x28, 0x03, 0x00, 0x1a), kind: Invalid, want: "found alignment 2^3 of i32.load, want at most 2^2"},
		{name: "lane", wasm: one(0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x15, 0x10, 0x1a), kind: Invalid, want: "found lane 16 of i8x16.extract_lane_s, want a lane below 16"},
		{name: "data count", wasm: one(0xfc, 0x09, 0x00), kind: Malformed, want: "found data.drop in a module without a data count section"},
		{name: "unfinished", wasm: one(0x02, 0x40), kind: Malformed, want: "found the end of the bytes, want an instruction"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wasm := c.wasm
			if c.wat != "" {
				wasm = wat(t, c.wat)
			}
			m, err := Decode(wasm)
			if err == nil {
				err = m.Check(allow("env.ok"), c.lim)
			}
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("found error %v, want an *Error with %q", err, c.want)
			}
			if e.Kind != c.kind || !strings.Contains(err.Error(), c.want) {
				t.Errorf("found %v\nwant %v: %q", err, c.kind, c.want)
			}
			if e.Offset > len(wasm) {
				t.Errorf("offset 0x%x is outside the module of %d bytes", e.Offset, len(wasm))
			}
		})
	}
}

// bomb is a module whose function declares one run of locals.
func bomb(run ...byte) []byte {
	b := []byte("\x00asm\x01\x00\x00\x00\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00")
	body := append(append([]byte{1}, run...), 0x0b)
	b = append(b, 10, byte(len(body)+2), 1, byte(len(body)))
	return append(b, body...)
}

// TestAccepts: what compilers emit passes.
func TestAccepts(t *testing.T) {
	for _, c := range []struct {
		name, wat string
		lim       Limits
	}{
		{"two tables", `(module (memory (export "memory") 1 2) (table $a 1 funcref) (table $b 1 2 funcref) (elem (table $b) (i32.const 0) func $f) (type $t (func))
			(func $f (call_indirect $b (type $t) (i32.const 0))) (func (call_indirect $a (type $t) (i32.const 0))))`, Limits{}},
		{"imply maximum", `(module (memory (export "memory") 1) (func (drop (memory.grow (i32.const 1)))))`, Limits{ImplyMemoryMax: true, MemoryPages: 7}},
		{"imply 2 GiB", `(module (memory (export "memory") 1) (func (drop (memory.grow (i32.const 2)))))`, Limits{ImplyMemoryMax: true, MemoryPages: 1 << 16}},
		{"import", `(module (import "env" "ok" (func (param i32))) (memory (export "memory") 1 2))`, Limits{}},
		{"v128 constant global", `(module (memory (export "memory") 1 2) (global v128 (v128.const i32x4 1 2 3 4)) (func (drop (global.get 0))))`, Limits{}},
		{"wat of this package", mixed, Limits{}}, {"benchmarks", benchModule, Limits{}},
	} {
		m := decode(t, wat(t, c.wat))
		if err := m.Check(allow("env.ok"), c.lim); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		in, err := m.Instrument(Config{MemoryMax: c.lim.MemoryPages})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		again := decode(t, in.Wasm)
		if again.Memory == nil || !again.Memory.Size.HasMax {
			t.Errorf("%s: the instrumented module's memory has no maximum", c.name)
		} else if c.lim.ImplyMemoryMax && again.Memory.Size.Max != min(c.lim.MemoryPages, safePages) {
			t.Errorf("%s: found a memory of up to %d pages, want %d", c.name, again.Memory.Size.Max, min(c.lim.MemoryPages, safePages))
		}
	}
}

// TestValueBudget: branches that carry many values are stopped in linear time.
func TestValueBudget(t *testing.T) {
	var b bytes.Buffer
	results := strings.Repeat(" i32", 1000)
	fmt.Fprintf(&b, `(module (memory (export "memory") 1 2) (func (result%s) `, results)
	b.WriteString(strings.Repeat("i32.const 0 ", 1000))
	b.WriteString(strings.Repeat("i32.const 0 br_if 0 ", 3000))
	b.WriteString("))")
	_, err := Decode(wat(t, b.String()))
	if err == nil || !strings.Contains(err.Error(), "blocks, branches and calls that carry more than") {
		t.Errorf("found %v, want the limit on carried values", err)
	}
}

// TestMergeBomb: nested loops over many locals make a compiler merge each local in each loop.
func TestMergeBomb(t *testing.T) {
	const loops, locals = 2000, 9000
	var b bytes.Buffer
	b.WriteString(`(module (memory (export "memory") 1 2) (func (export "f")`)
	b.WriteString(strings.Repeat("(local i32)", locals))
	b.WriteString(strings.Repeat("(loop ", loops))
	for i := range locals {
		fmt.Fprintf(&b, "(local.set %d (i32.add (local.get %d) (i32.const 1)))", i, i)
	}
	b.WriteString(strings.Repeat("(br_if 0 (local.get 0)))", loops))
	b.WriteString("))")
	m := decode(t, wat(t, b.String()))
	if err := m.Check(nil, Limits{}); err != nil {
		t.Fatal(err)
	}
	_, err := m.Instrument(Config{})
	if err == nil || !strings.Contains(err.Error(), "locals to merge where control flow joins") {
		t.Errorf("found %v, want the limit on merged values", err)
	}
}
