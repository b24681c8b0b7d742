package libm

import (
	"bytes"
	"context"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/gwrun/gwrun/kernels/cpu/inplace"
	"github.com/gwrun/gwrun/kernels/f32"
	"github.com/gwrun/gwrun/kernels/f32/hard"
)

var functions = map[string]func(float32) float32{
	"exp": f32.Exp, "exp2": f32.Exp2, "log": f32.Log, "log2": f32.Log2, "sin": f32.Sin, "cos": f32.Cos, "tan": f32.Tan,
	"tanh": f32.Tanh, "asin": f32.Asin, "acos": f32.Acos, "atan": f32.Atan, "sinh": f32.Sinh, "cosh": f32.Cosh,
	"asinh": f32.Asinh, "acosh": f32.Acosh, "atanh": f32.Atanh, "invsqrt": f32.InvSqrt,
}

func instance(t testing.TB) api.Module {
	t.Helper()
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	t.Cleanup(func() { r.Close(ctx) })
	m, err := r.Instantiate(ctx, Wasm)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// bits is a result as gw1 has it: one NaN.
func bits(x float32) uint32 {
	if x != x {
		return 0x7fc00000
	}
	return math.Float32bits(x)
}

func TestAgainstGo(t *testing.T) {
	m := instance(t)
	ctx := context.Background()
	for _, name := range Names {
		f, want := m.ExportedFunction(name), functions[name]
		bad := 0
		stack := make([]uint64, 1)
		check := func(u uint32) {
			stack[0] = uint64(u)
			if err := f.CallWithStack(ctx, stack); err != nil {
				t.Fatalf("%s(%#x): %v", name, u, err)
			}
			if got, w := uint32(stack[0]), bits(want(math.Float32frombits(u))); got != w {
				if bad++; bad <= 5 {
					t.Errorf("%s(%#x) = %#x, want %#x", name, u, got, w)
				}
			}
		}
		for _, u := range hard.Inputs(name) {
			check(u)
		}
		for u := uint64(0); u < 1<<32; u += 20011 {
			check(uint32(u))
		}
		for e := range uint32(512) {
			for d := range uint32(7) {
				check(e<<23 + d - 3)
			}
		}
		if bad > 0 {
			t.Errorf("%s: %d wrong", name, bad)
		}
	}
}

func TestFma(t *testing.T) {
	m := instance(t)
	ctx := context.Background()
	f := m.ExportedFunction("fma")
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 300_000 {
		a, b, c := r.Uint32(), r.Uint32(), r.Uint32()
		if i&1 == 0 { // an addend near minus the product
			p := math.Float32frombits(a) * math.Float32frombits(b)
			c = math.Float32bits(p) ^ 1<<31 ^ r.Uint32()>>(8+r.IntN(24))
		}
		got, err := f.Call(ctx, uint64(a), uint64(b), uint64(c))
		if err != nil {
			t.Fatal(err)
		}
		want := bits(f32.Fma(math.Float32frombits(a), math.Float32frombits(b), math.Float32frombits(c)))
		if uint32(got[0]) != want {
			t.Fatalf("fma(%#x, %#x, %#x) = %#x, want %#x", a, b, c, got[0], want)
		}
	}
}

// inVectors is a module that imports the named function from v128 to v128 and applies it in place to the vectors of its
// memory from byte 0 to the byte count that run is given (not 0).
func inVectors(name string) []byte {
	section := func(id byte, body ...byte) []byte { return append([]byte{id, byte(len(body))}, body...) }
	imp := append([]byte{1, 4, 'l', 'i', 'b', 'm', byte(len(name))}, name...)
	code := []byte{1, 1, 0x7f, // one i32 local: the address
		0x03, 0x40, // loop
		0x20, 1, 0x20, 1, 0xfd, 0, 4, 0, // address, v128.load address
		0x10, 0, 0xfd, 11, 4, 0, // call, v128.store
		0x20, 1, 0x41, 16, 0x6a, 0x22, 1, 0x20, 0, 0x49, 0x0d, 0, // address += 16; if it is below the count go on
		0x0b, 0x0b}
	var out []byte
	out = append(out, 0, 'a', 's', 'm', 1, 0, 0, 0)
	out = append(out, section(1, 2, 0x60, 1, 0x7b, 1, 0x7b, 0x60, 1, 0x7f, 0)...)
	out = append(out, section(2, append(imp, 0, 0)...)...)
	out = append(out, section(3, 1, 1)...)
	out = append(out, section(5, 1, 0, 64)...)
	out = append(out, section(7, 2, 3, 'r', 'u', 'n', 0, 1, 3, 'm', 'e', 'm', 2, 0)...)
	return append(out, section(10, append([]byte{1, byte(len(code))}, code...)...)...)
}

// vectors makes run and its memory for name4.
func vectors(t testing.TB, name string) (func(n int), api.Memory) {
	t.Helper()
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	t.Cleanup(func() { r.Close(ctx) })
	if _, err := r.InstantiateWithConfig(ctx, Wasm, wazero.NewModuleConfig().WithName("libm")); err != nil {
		t.Fatal(err)
	}
	m, err := r.InstantiateWithConfig(ctx, inVectors(name), wazero.NewModuleConfig().WithName(name))
	if err != nil {
		t.Fatal(err)
	}
	run := m.ExportedFunction("run")
	return func(n int) {
		if _, err := run.Call(ctx, uint64(n)); err != nil {
			t.Fatal(err)
		}
	}, m.Memory()
}

// TestFourLanes compares name4 with kernels/f32 on vectors of common operands, hard ones, and mixtures with all others.
func TestFourLanes(t *testing.T) {
	const n = 1 << 18
	for _, name := range Names {
		run, mem := vectors(t, name+"4")
		r := rand.New(rand.NewPCG(5, 6))
		in := make([]uint32, 0, n)
		in = append(in, hard.Inputs(name)...)
		for len(in) < n {
			u := r.Uint32()
			switch r.IntN(16) {
			case 0:
			case 1:
				u = r.Uint32N(512)<<23 + r.Uint32N(7) - 3
			default:
				u = u&0x807fffff | (114+r.Uint32N(24))<<23
			}
			if name == "log" || name == "log2" || name == "invsqrt" {
				u &^= 1 << 31 &^ (u << 28) // mostly positive
			}
			in = append(in, u)
		}
		for i, u := range in {
			mem.WriteUint32Le(uint32(4*i), u)
		}
		run(4 * len(in) &^ 15)
		bad := 0
		for i, u := range in[:len(in)&^3] {
			got, _ := mem.ReadUint32Le(uint32(4 * i))
			if want := bits(functions[name](math.Float32frombits(u))); got != want {
				if bad++; bad <= 5 {
					t.Errorf("%s4: lane %d, %s(%#x) = %#x, want %#x", name, i&3, name, u, got, want)
				}
			}
		}
		if bad > 0 {
			t.Errorf("%s4: %d wrong", name, bad)
		}
	}
}

// TestImportsNothing keeps the module what the device takes it for.
func TestImportsNothing(t *testing.T) {
	m := instance(t)
	r := wazero.NewRuntime(context.Background())
	defer r.Close(context.Background())
	c, err := r.CompileModule(context.Background(), Wasm)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(c.ImportedFunctions()) + len(c.ImportedMemories()); n != 0 {
		t.Errorf("the module imports %d things, want none", n)
	}
	if n := m.Memory().Size(); n != 65536 {
		t.Errorf("the module's memory has %d bytes, want 65536", n)
	}
}

// TestInPlace: the module holds nothing that wazero may compile wrongly.
func TestInPlace(t *testing.T) {
	if found, err := inplace.Find(Wasm); err != nil || len(found) > 0 {
		t.Errorf("found %v, error %v: run go generate ./kernels/cpu/libm", found, err)
	}
}

func TestBuild(t *testing.T) {
	for _, tool := range []string{"clang", "wasm-ld"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("skipped: no %s", tool)
		}
	}
	version, err := exec.Command("clang", "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(version, []byte("clang version 14.")) {
		t.Skipf("skipped: libm.wasm was built by clang 14, here is %s", bytes.SplitN(version, []byte("\n"), 2)[0])
	}
	out := filepath.Join(t.TempDir(), "libm.wasm")
	if text, err := exec.Command("src/build.sh", out).CombinedOutput(); err != nil {
		t.Fatalf("build.sh: %v\n%s", err, text)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if got, err = inplace.Rewrite(got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, Wasm) {
		t.Errorf("libm.wasm has %d bytes, clang makes %d others from its source: run go generate ./kernels/cpu/libm", len(Wasm), len(got))
	}
}

// BenchmarkFourLanes gives the time for 65,536 operands between 0.1 and 0.9, sixteen thousand calls.
func BenchmarkFourLanes(b *testing.B) {
	for _, name := range Names {
		b.Run(name, func(b *testing.B) {
			run, mem := vectors(b, name+"4")
			for b.Loop() {
				for i := range uint32(65536) {
					mem.WriteFloat32Le(4*i, 0.1+float32(i)*(0.8/65536))
				}
				run(4 * 65536)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/65536, "ns/operand")
		})
	}
}
