package inplace

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/tetratelabs/wazero"
)

func section(id byte, b []byte) []byte {
	return append(appendU([]byte{id}, uint64(len(b))), b...)
}

// module1 is a module with one memory and one function, run, of nothing, with the given body behind its locals.
func module1(locals, body []byte) []byte {
	out := []byte{0, 'a', 's', 'm', 1, 0, 0, 0}
	out = append(out, section(1, []byte{1, 0x60, 0, 0})...)
	out = append(out, section(3, []byte{1, 0})...)
	out = append(out, section(5, []byte{1, 0, 1})...)
	out = append(out, section(7, []byte{2, 3, 'r', 'u', 'n', 0, 0, 3, 'm', 'e', 'm', 2, 0})...)
	code := append(append([]byte(nil), locals...), body...)
	return append(out, section(10, append(appendU([]byte{1}, uint64(len(code))), code...))...)
}

// affectedCases are the instructions with operands from memory: a load and a store of each type.
var affectedCases = []struct {
	name     string
	op       []byte // with its immediates
	operands string
	result   byte
}{
	{"select of f32", []byte{0x1b}, "ffi", 'f'},
	{"select of f64", []byte{0x1b}, "FFi", 'F'},
	{"select of v128", []byte{0x1b}, "vvi", 'v'},
	{"v128.bitselect", []byte{0xfd, 0x52}, "vvv", 'v'},
	{"f32x4.replace_lane", []byte{0xfd, 0x20, 2}, "vf", 'v'},
	{"f64x2.replace_lane", []byte{0xfd, 0x22, 1}, "vF", 'v'},
	{"i64x2.mul", []byte{0xfd, 0xd5, 1}, "vv", 'v'},
	{"f32x4.min", []byte{0xfd, 0xe8, 1}, "vv", 'v'},
	{"f32x4.max", []byte{0xfd, 0xe9, 1}, "vv", 'v'},
	{"f64x2.min", []byte{0xfd, 0xf4, 1}, "vv", 'v'},
	{"f64x2.max", []byte{0xfd, 0xf5, 1}, "vv", 'v'},
	{"i8x16.popcnt", []byte{0xfd, 0x62}, "v", 'v'},
	{"f64x2.convert_low_i32x4_u", []byte{0xfd, 0xff, 1}, "v", 'v'},
	{"i32.clz", []byte{0x67}, "i", 'i'},
	{"i32.ctz", []byte{0x68}, "i", 'i'},
	{"i64.clz", []byte{0x79}, "I", 'I'},
	{"i64.ctz", []byte{0x7a}, "I", 'I'},
	{"f32.convert_i64_u", []byte{0xb5}, "I", 'f'},
	{"f64.convert_i64_u", []byte{0xba}, "I", 'F'},
}

var loads = map[byte][]byte{'i': {0x28, 2}, 'I': {0x29, 3}, 'f': {0x2a, 2}, 'F': {0x2b, 3}, 'v': {0xfd, 0, 4}}

var stores = map[byte][]byte{'i': {0x36, 2}, 'I': {0x37, 3}, 'f': {0x38, 2}, 'F': {0x39, 3}, 'v': {0xfd, 11, 4}}

// affectedModule does the instruction n times on what lies at 16, 32 ..., to 0: in a block of a loop, behind code that is not
// reached, with a table of branches, so that the walk has something to follow.
func affectedModule(n int) []byte {
	c := affectedCases[n]
	body := []byte{0x02, 0x40, 0x03, 0x7f, 0x41, 0, 0x0e, 1, 1, 1, 0x1b, 0x0b, 0x1a, 0x0b} // block loop (i32) br_table, select, end, drop, end
	body = append(body, 0x41, 0)
	for i, t := range []byte(c.operands) {
		body = append(append(append(body, 0x41, byte(16+16*i)), loads[t]...), 0)
	}
	body = append(body, c.op...)
	body = append(append(body, stores[c.result]...), 0)
	return module1([]byte{1, 2, 0x7c}, append(body, 0x0b)) // two locals of f64, for numbers that are not 0
}

func run(t *testing.T, r wazero.Runtime, wasm, in []byte) []byte {
	t.Helper()
	m, err := r.InstantiateWithConfig(t.Context(), wasm, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close(t.Context())
	m.Memory().Write(16, in)
	if _, err := m.ExportedFunction("run").Call(t.Context()); err != nil {
		t.Fatal(err)
	}
	out, _ := m.Memory().Read(0, 16)
	return bytes.Clone(out)
}

// TestRewrite: every affected instruction is found, and what is written for it computes the same and is found no more.
func TestRewrite(t *testing.T) {
	rt := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfigInterpreter())
	defer rt.Close(context.Background())
	r := rand.New(rand.NewPCG(1, 2))
	for n, c := range affectedCases {
		plain := affectedModule(n)
		if found, err := Find(plain); err != nil || fmt.Sprint(found) != fmt.Sprint(map[string]int{c.name: 1}) {
			t.Errorf("%s: found %v, error %v", c.name, found, err)
			continue
		}
		other, err := Rewrite(plain)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if found, err := Find(other); err != nil || len(found) > 0 {
			t.Errorf("%s: found %v in what is written for it, error %v", c.name, found, err)
		}
		if again, err := Rewrite(other); err != nil || !bytes.Equal(again, other) {
			t.Errorf("%s: what is written for it is written otherwise again, error %v", c.name, err)
		}
		for range 30 {
			in := make([]byte, 48)
			for i := range in {
				in[i] = byte(r.Uint32())
			}
			for i := 0; i < len(in); i += 4 { // no NaNs, whose bits may differ; now and then a 0 for a condition
				in[i+3] &= 0xbf
				if r.IntN(4) == 0 {
					copy(in[i:i+4], make([]byte, 4))
				}
			}
			if x, y := run(t, rt, plain, in), run(t, rt, other, in); !bytes.Equal(x, y) {
				t.Errorf("%s of %x: %x, want %x", c.name, in, y, x)
			}
		}
	}
}

// TestRewriteNothing: what holds nothing affected stays as it is.
func TestRewriteNothing(t *testing.T) {
	plain := module1([]byte{0}, []byte{0x41, 0, 0x41, 0, 0x41, 1, 0x1b, 0x1a, 0x0b}) // a select of i32
	if out, err := Rewrite(plain); err != nil || !bytes.Equal(out, plain) {
		t.Errorf("%x, want %x, error %v", out, plain, err)
	}
}

// TestBroken: what is no module is an error.
func TestBroken(t *testing.T) {
	whole := affectedModule(3)
	for n := 1; n < len(whole); n++ {
		if n == 8 || n == 14 || n == 18 || n == 23 || n == 38 { // between sections
			continue
		}
		if _, err := Rewrite(whole[:n]); err == nil {
			t.Errorf("the first %d bytes of %d: no error", n, len(whole))
		}
	}
	for _, body := range [][]byte{{0x1a, 0x0b}, {0x20, 9, 0x0b}, {0x10, 7, 0x0b}, {0x06, 0x0b}, {0xfd, 0xff, 0x7f, 0x0b}, {0x0b, 0x0b},
		{0x43, 0, 0, 0, 0, 0x43, 0, 0, 0, 0, 0x98, 0x1a, 0x0b}} { // the last is a copysign
		if _, err := Rewrite(module1([]byte{0}, body)); err == nil {
			t.Errorf("body %x: no error", body)
		}
	}
}

func FuzzRewrite(f *testing.F) {
	for n := range affectedCases {
		f.Add(affectedModule(n))
	}
	f.Fuzz(func(_ *testing.T, wasm []byte) { _, _ = Rewrite(wasm) })
}
