package module

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

var update = flag.Bool("update", false, "write testdata: compiled text modules (needs wat2wasm) and golden files")

// wat compiles a module in text form. The binaries are committed under testdata/wat by the hash of their text, so that
// the tests run without wabt; -update compiles what is missing.
func wat(t testing.TB, src string) []byte {
	t.Helper()
	sum := sha256.Sum256([]byte(src))
	file := filepath.Join("testdata", "wat", hex.EncodeToString(sum[:8])+".wasm")
	if b, err := os.ReadFile(file); err == nil {
		return b
	}
	tool, err := exec.LookPath("wat2wasm")
	if err != nil {
		t.Fatalf("found no %s and no wat2wasm to make it: install wabt and run go test -update", file)
	}
	dir := t.TempDir()
	in, out := filepath.Join(dir, "m.wat"), filepath.Join(dir, "m.wasm")
	if err := os.WriteFile(in, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--no-check", "--enable-threads", "--enable-exceptions", "--enable-tail-call", "--enable-multi-memory", "--enable-memory64", "--enable-relaxed-simd", "--enable-extended-const", "-o", out, in}
	if b, err := exec.Command(tool, args...).CombinedOutput(); err != nil {
		t.Fatalf("wat2wasm: %v\n%s\n%s", err, b, src)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func decode(t testing.TB, wasm []byte) *Module {
	t.Helper()
	m, err := Decode(wasm)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func instrument(t testing.TB, wasm []byte, cfg Config) *Instrumented {
	t.Helper()
	in, err := decode(t, wasm).Instrument(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// engine is one of wazero's two ways to run a module.
type engine struct {
	name string
	cfg  func() wazero.RuntimeConfig
}

var engines = []engine{
	{"compiler", wazero.NewRuntimeConfigCompiler},
	{"interpreter", wazero.NewRuntimeConfigInterpreter},
}

// instance is a running module; counters are -1 for a plain one.
type instance struct {
	t          testing.TB
	rt         wazero.Runtime
	mod        api.Module
	gas, stack api.MutableGlobal
}

// start instantiates a module whose imports, if any, are functions of module "host" that do nothing or call back.
func (e engine) start(t testing.TB, wasm []byte, host func(wazero.HostModuleBuilder)) *instance {
	t.Helper()
	ctx := context.Background()
	rt := wazero.NewRuntimeWithConfig(ctx, e.cfg().WithCoreFeatures(api.CoreFeaturesV2))
	t.Cleanup(func() { rt.Close(ctx) })
	if host != nil {
		b := rt.NewHostModuleBuilder("host")
		host(b)
		if _, err := b.Instantiate(ctx); err != nil {
			t.Fatal(err)
		}
	}
	mod, err := rt.InstantiateWithConfig(ctx, wasm, wazero.NewModuleConfig().WithStartFunctions())
	if err != nil {
		t.Fatalf("%s: %v", e.name, err)
	}
	in := &instance{t: t, rt: rt, mod: mod}
	if g, ok := mod.ExportedGlobal(GasExport).(api.MutableGlobal); ok {
		in.gas, in.stack = g, mod.ExportedGlobal(StackExport).(api.MutableGlobal)
	}
	return in
}

// result is everything a call shows.
type result struct {
	values []uint64
	trap   string
	gas    int64 // left
	stack  int64
}

// call runs an export with fresh counters.
func (in *instance) call(name string, args ...uint64) result {
	in.t.Helper()
	return in.callWith(math.MaxInt64/2, DefaultStack, name, args...)
}

func (in *instance) callWith(gas, stack int64, name string, args ...uint64) result {
	in.t.Helper()
	f := in.mod.ExportedFunction(name)
	if f == nil {
		in.t.Fatalf("no function %q", name)
	}
	if in.gas != nil {
		in.gas.Set(uint64(gas))
		in.stack.Set(uint64(stack))
	}
	values, err := f.Call(context.Background(), args...)
	r := result{values: values, gas: -1, stack: -1}
	if in.gas != nil {
		r.gas, r.stack = int64(in.gas.Get()), int64(in.stack.Get())
	}
	if err != nil {
		r.trap, _, _ = strings.Cut(err.Error(), "\n")
		r.trap = strings.TrimPrefix(r.trap, "wasm error: ")
		if r.trap == "unreachable" && in.gas != nil {
			r.trap = ReasonOf(r.gas, r.stack).String()
		}
	}
	return r
}

// elapsed is the time f takes in nanoseconds.
func elapsed(f func()) float64 {
	t := time.Now()
	f()
	return float64(time.Since(t).Nanoseconds())
}
