package runtime

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// A small builder of modules (core specification, section 5), for those that no compiler makes.

func leb(v uint64) []byte { return binary.AppendUvarint(nil, v) }

func sleb(v int64) (out []byte) {
	for {
		b := byte(v & 0x7f)
		v >>= 7
		if v == 0 && b&0x40 == 0 || v == -1 && b&0x40 != 0 {
			return append(out, b)
		}
		out = append(out, b|0x80)
	}
}

func cat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func vec(items ...[]byte) []byte { return cat(leb(uint64(len(items))), cat(items...)) }

func str(s string) []byte { return cat(leb(uint64(len(s))), []byte(s)) }

func times(n int, b ...byte) []byte { return bytes.Repeat(b, n) }

func each(n int, f func(i int) []byte) []byte {
	parts := make([][]byte, n)
	for i := range parts {
		parts[i] = f(i)
	}
	return cat(parts...)
}

// Value types and what instructions the bombs are made of.
const (
	tI32, tI64, tF64, tV128 = 0x7f, 0x7e, 0x7c, 0x7b

	iBlock, iLoop, iIf, iElse, iEnd, iBr, iBrIf, iBrTable = 0x02, 0x03, 0x04, 0x05, 0x0b, 0x0c, 0x0d, 0x0e
	iCall, iDrop, iGet, iSet, iConst, iLoad, iStore, iAdd = 0x10, 0x1a, 0x20, 0x21, 0x41, 0x28, 0x36, 0x6a
	iGrow                                                 = 0x40
	empty                                                 = 0x40 // block type
)

func i32(v int64) []byte { return cat([]byte{iConst}, sleb(v)) }

// fn is a function of a crafted module: its type's index, locals as (count, type), and its body without the final end.
type fn struct {
	typ    uint64
	locals [][2]uint64
	body   []byte
}

// crafted is a module to be encoded. The first types are []->[], []->[i32] and those of the imports; functions stand
// behind the imports; gw_step is the first of them.
type crafted struct {
	types    [][]byte
	imports  [][2]string
	pages    [2]uint64 // of memory, minimum and maximum
	table    []byte
	globals  [][]byte
	exports  [][]byte
	elems    [][]byte
	funcs    []fn
	data     [][]byte
	trailing []byte // sections of the test's own
}

func sect(id byte, body []byte) []byte {
	return cat([]byte{id}, leb(uint64(len(body))), body)
}

func typeOf(params, results []byte) []byte {
	return cat([]byte{0x60}, leb(uint64(len(params))), params, leb(uint64(len(results))), results)
}

func (m *crafted) encode(t testing.TB) []byte {
	types := [][]byte{typeOf(nil, nil), typeOf(nil, []byte{tI32})}
	var imports, funcs, code [][]byte
	for _, im := range m.imports {
		f, ok := allowed(im[0], im[1])
		if !ok {
			t.Fatalf("no import %v", im)
		}
		var p, r []byte
		for _, v := range f.Params {
			p = append(p, byte(v))
		}
		for _, v := range f.Results {
			r = append(r, byte(v))
		}
		imports = append(imports, cat(str(im[0]), str(im[1]), []byte{0}, leb(uint64(len(types)))))
		types = append(types, typeOf(p, r))
	}
	types = append(types, m.types...)
	for _, f := range m.funcs {
		funcs = append(funcs, leb(f.typ))
		var locals [][]byte
		for _, l := range f.locals {
			locals = append(locals, cat(leb(l[0]), []byte{byte(l[1])}))
		}
		b := cat(vec(locals...), f.body, []byte{iEnd})
		code = append(code, cat(leb(uint64(len(b))), b))
	}
	pages := m.pages
	if pages == [2]uint64{} {
		pages = [2]uint64{1, 16}
	}
	exports := append([][]byte{cat(str("memory"), []byte{2, 0}), cat(str("gw_step"), []byte{0}, leb(uint64(len(m.imports))))}, m.exports...)
	out := cat([]byte("\x00asm\x01\x00\x00\x00"), sect(1, vec(types...)), sect(2, vec(imports...)), sect(3, vec(funcs...)))
	if m.table != nil {
		out = append(out, sect(4, m.table)...)
	}
	out = append(out, sect(5, cat([]byte{1, 1}, leb(pages[0]), leb(pages[1])))...)
	if m.globals != nil {
		out = append(out, sect(6, vec(m.globals...))...)
	}
	out = append(out, sect(7, vec(exports...))...)
	if m.elems != nil {
		out = append(out, sect(9, vec(m.elems...))...)
	}
	out = append(out, sect(10, vec(code...))...)
	if m.data != nil {
		out = append(out, sect(11, vec(m.data...))...)
	}
	return append(out, m.trailing...)
}

// step is a module whose gw_step has a body that leaves an i32, calling imports in their order from 0.
func step(imports [][2]string, locals [][2]uint64, body ...[]byte) *crafted {
	return &crafted{imports: imports, funcs: []fn{{typ: 1, locals: locals, body: cat(body...)}}}
}

// long is a module that does nothing in a lot of code: enough for a process of its own, though soon compiled.
func long(t testing.TB) []byte {
	m := step(nil, nil, i32(0))
	for range 4 {
		m.funcs = append(m.funcs, fn{locals: [][2]uint64{{1, tI32}}, body: times(50_000, iGet, 0, iConst, 1, iAdd, iSet, 0)})
	}
	return m.encode(t)
}
