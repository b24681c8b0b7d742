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
	if !bytes.Equal(got, Wasm) {
		t.Errorf("libm.wasm has %d bytes, clang makes %d others from its source: run go generate ./kernels/cpu/libm", len(Wasm), len(got))
	}
}

func BenchmarkExp(b *testing.B) {
	f := instance(b).ExportedFunction("exp")
	stack := []uint64{0x3f000000}
	ctx := context.Background()
	for b.Loop() {
		stack[0] = 0x3f000000
		if err := f.CallWithStack(ctx, stack); err != nil {
			b.Fatal(err)
		}
	}
}
