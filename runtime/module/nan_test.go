package module

import (
	"bytes"
	"context"
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

// floatOps are all instructions that take or give a float, a vector with float lanes, or move such bits.
func floatOps() []Opcode {
	var ops []Opcode
	all := make([]Opcode, 0, 512)
	for i := range 256 {
		all = append(all, Opcode(i))
	}
	for i := range 18 {
		all = append(all, Opcode(0xfc00+i))
	}
	for i := range 256 {
		all = append(all, Opcode(0xfd00+i))
	}
	for _, op := range all {
		in := op.info()
		if !in.plain || in.imm != immNone {
			continue
		}
		name := in.name
		if slices.Contains(in.params, F32) || slices.Contains(in.params, F64) || slices.Contains(in.results, F32) || slices.Contains(in.results, F64) ||
			strings.Contains(name, "f32x4") || strings.Contains(name, "f64x2") || op == opBitselect {
			ops = append(ops, op)
		}
	}
	return ops
}

var storeOf = map[ValType]string{I32: "i32.store", I64: "i64.store", F32: "f32.store", F64: "f64.store", V128: "v128.store"}
var loadOf = map[ValType]string{I32: "i32.load", I64: "i64.load", F32: "f32.load", F64: "f64.load", V128: "v128.load"}

// matrixModule exports a function for each operation in each of three surroundings: its result is stored at once; it
// goes through a local first, twice; it goes through a block and a select. Operands are loaded from 0, 16, 32 and the
// result is stored at 64.
func matrixModule(ops []Opcode) string {
	var b strings.Builder
	b.WriteString("(module (memory (export \"memory\") 1 1)\n")
	for _, op := range ops {
		in := op.info()
		var args strings.Builder
		for i, t := range in.params {
			fmt.Fprintf(&args, " (%s (i32.const %d))", loadOf[t], 16*i)
		}
		r := in.results[0]
		expr := fmt.Sprintf("(%s%s)", in.name, args.String())
		fmt.Fprintf(&b, "(func (export \"%s/0\") (%s (i32.const 64) %s))\n", in.name, storeOf[r], expr)
		fmt.Fprintf(&b, "(func (export \"%s/1\") (local $a %v) (local $b %v) (local.set $a %s) (local.set $b (local.get $a)) (%s (i32.const 64) (local.get $b)))\n", in.name, r, r, expr, storeOf[r])
		fmt.Fprintf(&b, "(func (export \"%s/2\") (%s (i32.const 64) (select (block (result %v) %s) %s (i32.const 1))))\n", in.name, storeOf[r], r, expr, expr)
	}
	b.WriteString(")")
	return b.String()
}

// matrixInputs are the operand bytes for every tuple of inputs.
func matrixInputs(op Opcode) [][]byte {
	in := op.info()
	row := func(t ValType, k int) []byte {
		var b []byte
		switch t {
		case I32:
			b = binary.LittleEndian.AppendUint32(b, nan32[k])
		case F32:
			b = binary.LittleEndian.AppendUint32(b, nan32[k])
		case I64, F64:
			b = binary.LittleEndian.AppendUint64(b, nan64[k])
		case V128:
			if strings.Contains(in.name, "f64x2") {
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
		if len(in.params) == 1 {
			out = append(out, append(row(in.params[0], i), make([]byte, 32)...))
			continue
		}
		for j := range nan32 {
			third := make([]byte, 16)
			if len(in.params) == 3 {
				third = row(in.params[2], (i+j)%len(nan32))
			}
			out = append(out, slices.Concat(row(in.params[0], i), row(in.params[1], j), third))
		}
	}
	return out
}

// TestNaNMatrix runs every float instruction over NaN inputs, instrumented, on both engines: the results equal the
// golden file byte for byte, and no arithmetic result is a NaN other than the canonical one.
func TestNaNMatrix(t *testing.T) {
	ops := floatOps()
	wasm := instrument(t, wat(t, matrixModule(ops)), Config{Gas: 1 << 60}).Wasm
	golden := filepath.Join("testdata", "nan-matrix.golden")
	var first string
	for _, e := range engines {
		in := e.start(t, wasm, nil)
		mem := in.mod.Memory()
		var b strings.Builder
		for _, op := range ops {
			info := op.info()
			var plain []byte
			for form := range 3 {
				name := fmt.Sprintf("%s/%d", info.name, form)
				f := in.mod.ExportedFunction(name)
				var rows [][]byte
				for _, input := range matrixInputs(op) {
					mem.Write(0, input)
					mem.Write(64, make([]byte, 16))
					if _, err := f.Call(context.Background()); err != nil {
						rows = append(rows, []byte("trap"))
						continue
					}
					out, _ := mem.Read(64, 16)
					rows = append(rows, bytes.Clone(out[:size(info.results[0])]))
					if s := info.float.result; s != shapeNone && s != shapeClean && !canonicalBytes(s, out) {
						t.Fatalf("%s: %s of % x gives % x, want canonical NaNs only", e.name, name, input, out)
					}
				}
				if form > 0 {
					// The surroundings do not change a result.
					if !bytes.Equal(bytes.Join(rows, nil), plain) {
						t.Errorf("%s: %s differs from the plain form", e.name, name)
					}
					continue
				}
				plain = bytes.Join(rows, nil)
				fmt.Fprintf(&b, "%s %d\n", info.name, len(rows))
				for _, r := range rows {
					if string(r) == "trap" {
						b.WriteString("trap\n")
					} else {
						fmt.Fprintf(&b, "%x\n", r)
					}
				}
			}
		}
		if first == "" {
			first = b.String()
		} else if first != b.String() {
			t.Errorf("compiler and interpreter differ")
		}
	}
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
