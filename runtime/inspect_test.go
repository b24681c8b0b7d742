package runtime

import (
	"encoding/binary"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/module"
)

const (
	kernelOne = "struct P { n: u32 }\n@group(0) @binding(0) var<uniform> p: P;\n@group(0) @binding(1) var<storage, read_write> y: array<f32>;\n" +
		"fn twice(x: f32) -> f32 { return x * 2; }\n@compute @workgroup_size(8, 2)\nfn one(@builtin(global_invocation_id) id: vec3<u32>) { if (id.x < p.n) { y[id.x] = twice(y[id.x]); } }\n"
	kernelTwo = "override k: u32 = 3;\n@group(0) @binding(0) var<storage, read_write> z: array<u32>;\n@compute @workgroup_size(1)\nfn two() { z[0] = later(k); }\nfn later(x: u32) -> u32 { return x + 1u; }"
)

// TestFindKernels lays texts as compilers of several languages do.
func TestFindKernels(t *testing.T) {
	wide := func(s string) []byte {
		var b []byte
		for _, u := range utf16.Encode([]rune(s)) {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
		return b
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"C":              {[]byte("x\x00" + kernelOne + "\x00hello\x00" + kernelTwo + "\x00"), "one two"},
		"Rust, Go":       {[]byte("panicked at src/lib.rs" + kernelOne + "index out of bounds" + kernelTwo + "fatal error: { unbalanced @compute"), "one two"},
		"AssemblyScript": {append(wide("abort: ~lib/rt"), append([]byte{0, 0, 12, 0, 0, 0}, wide(kernelOne)...)...), "one"},
		"none":           {[]byte("@compute is what a kernel has; fn main() { } @compute @workgroup_size(1) fn broken() { return 1; }"), ""},
	} {
		var names []string
		for _, k := range new(kernelSearch).find(c.data) {
			names = append(names, k.Entry)
			if k.Entry == "one" && (k.WorkgroupSize != [3]uint32{8, 2, 1} || k.Bindings != 2) {
				t.Errorf("%s: found %+v", name, k)
			}
			if k.Entry == "two" && !slices.Equal(k.Overrides, []string{"k"}) {
				t.Errorf("%s: found %+v", name, k)
			}
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s: found %q, want %q", name, got, c.want)
		}
	}
}

// TestFindKernelsIsBounded gives it what it would have to search for ever.
func TestFindKernelsIsBounded(t *testing.T) {
	data := []byte(strings.Repeat("fn a() { let x = 1; } struct S { a: u32 } @compute @workgroup_size(1) fn b() { c(); } ", 20_000))
	s := new(kernelSearch)
	if found := s.find(data); len(found) > 0 {
		t.Errorf("found %v", found)
	}
	if s.tried > maxTried+maxKernelText {
		t.Errorf("%d bytes were tried, want at most about %d", s.tried, maxTried)
	}
}

// TestInspect looks at modules of this repository: straight-line gas is the sum of what instructions cost.
func TestInspect(t *testing.T) {
	wasm, err := os.ReadFile("testdata/counter.wasm")
	if err != nil {
		t.Fatal(err)
	}
	in, err := Inspect(wasm, msg.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if in.Problem != "" || !in.Stepped || len(in.Functions) == 0 || in.MaxPages == 0 {
		t.Errorf("found %+v", in)
	}
	for _, i := range in.Imports {
		if !i.Offered {
			t.Errorf("%s.%s is not offered", i.Module, i.Name)
		}
	}
	// (module (memory (export "memory") 1 1) (func (export "_start") (local i32) loop i32.const 1 i32.const 2 i32.add drop end))
	small := []byte("\x00asm\x01\x00\x00\x00\x01\x04\x01\x60\x00\x00\x03\x02\x01\x00\x05\x04\x01\x01\x01\x01\x07\x13\x02\x06memory\x02\x00\x06_start\x00\x00" +
		"\x0a\x0f\x01\x0d\x01\x01\x7f\x03\x40\x41\x01\x41\x02\x6a\x1a\x0b\x0b")
	if in, err = Inspect(small, msg.Limits{}); err != nil {
		t.Fatal(err)
	}
	want := module.GasEntry + module.GasCost(0x03) + 2*module.GasCost(0x41) + module.GasCost(0x6a) + module.GasCost(0x1a)
	if f := in.Functions[0]; f.Gas != want || f.Loops != 1 || f.Locals != 1 || in.Problem != "" || in.Stepped {
		t.Errorf("found %+v of %+v, want gas %d", f, in, want)
	}
	if _, err := Inspect(small[:len(small)-3], msg.Limits{}); err == nil {
		t.Error("a module cut short was inspected")
	}
}
