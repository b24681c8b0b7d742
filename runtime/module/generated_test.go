package module

import (
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

var generated = flag.Int("generated", 60, "number of modules binaryen generates for TestGenerated")

// TestGenerated lets binaryen make random modules and runs every export on both engines: results, traps, host calls,
// gas, memory and globals must be equal. Every other module is made free of NaNs (--denan); there the plain module
// must give the same as the instrumented one.
func TestGenerated(t *testing.T) {
	tool, err := exec.LookPath("wasm-opt")
	if err != nil {
		t.Skip("skipped: no wasm-opt (Debian package binaryen) to generate modules")
	}
	raiseInterpreterCeiling(t)
	dir := t.TempDir()
	ran := 0
	for seed := range *generated {
		denan := seed%2 == 1
		wasm := generate(t, tool, dir, uint64(seed), denan)
		m, err := Decode(wasm)
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			continue
		}
		ins, err := m.Instrument(Config{Gas: 1 << 30})
		if err != nil {
			t.Errorf("seed %d: %v", seed, err)
			continue
		}
		var want []string
		for k, e := range engines {
			got := behaviour(t, e, m, ins.Wasm, ins.Start)
			if k == 0 {
				want = got
				ran += len(got)
			} else if i := firstDifference(want, got); i >= 0 || len(want) != len(got) {
				t.Errorf("seed %d: engines differ, %d and %d observations, from number %d:\n%s\n%s", seed, len(want), len(got), i, want[max(i, 0)], got[max(i, 0)])
			}
		}
		if denan {
			plain := behaviour(t, engines[0], m, wasm, "")
			same := instrumentedAsPlain(want)
			if i := firstDifference(instrumentedAsPlain(plain), same); i >= 0 {
				t.Errorf("seed %d: instrumented and plain differ:\n%s\n%s", seed, plain[i], want[i])
			}
		}
	}
	t.Logf("%d modules, %d observations on each engine", *generated, ran)
}

// generate has binaryen translate random bytes into a module.
func generate(t *testing.T, tool, dir string, seed uint64, denan bool) []byte {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	bytes := make([]byte, 500+rng.IntN(8000))
	for i := range bytes {
		bytes[i] = byte(rng.Uint32())
	}
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out.wasm")
	if err := os.WriteFile(in, bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{in, "-ttf", "--disable-threads", "--disable-exception-handling", "--disable-gc", "--disable-tail-call",
		"--disable-relaxed-simd", "--disable-memory64", "--disable-extended-const", "--disable-reference-types", "--disable-typed-function-references",
		"--enable-simd", "--enable-bulk-memory", "--enable-sign-ext", "--enable-nontrapping-float-to-int", "--enable-multivalue", "-o", out}
	if denan {
		args = append(args, "--denan")
	}
	if b, err := exec.Command(tool, args...).CombinedOutput(); err != nil {
		t.Fatalf("wasm-opt: %v\n%s", err, b)
	}
	return read(t, out)
}

// observation lines start with the part a plain module shows too, followed by a tab and the counters.
func behaviour(t *testing.T, e engine, m *Module, wasm []byte, start string) []string {
	ctx := context.Background()
	rt := wazero.NewRuntimeWithConfig(ctx, e.cfg().WithCoreFeatures(api.CoreFeaturesV2))
	defer rt.Close(ctx)
	var lines []string
	host := rt.NewHostModuleBuilder("fuzzing-support")
	for _, im := range m.Imports {
		typ := m.Types[im.Func]
		params, masks := make([]api.ValueType, 0, len(typ.Params)), []uint64{}
		for _, p := range typ.Params {
			params = append(params, api.ValueType(p))
			masks = append(masks, wordMasks(p)...)
		}
		name := im.Name
		host.NewFunctionBuilder().WithGoFunction(api.GoFunc(func(_ context.Context, stack []uint64) {
			line := name
			for i, mask := range masks {
				line += fmt.Sprintf(" %x", stack[i]&mask)
			}
			lines = append(lines, line)
		}), params, nil).Export(name)
	}
	if _, err := host.Instantiate(ctx); err != nil {
		t.Fatal(err)
	}
	mod, err := rt.InstantiateWithConfig(ctx, wasm, wazero.NewModuleConfig().WithStartFunctions())
	if err != nil {
		return append(lines, "instantiate: "+err.Error())
	}
	in := &instance{t: t, rt: rt, mod: mod}
	if g, ok := mod.ExportedGlobal(GasExport).(api.MutableGlobal); ok {
		in.gas, in.stack = g, mod.ExportedGlobal(StackExport).(api.MutableGlobal)
	}
	names := []string{}
	for _, x := range m.Exports {
		if x.Kind == ExternFunc {
			names = append(names, x.Name)
		}
	}
	if start != "" {
		names = slices.Insert(names, 0, start)
	}
	for _, name := range names {
		var args []uint64
		f := mod.ExportedFunction(name).Definition()
		for i, p := range f.ParamTypes() {
			args = append(args, uint64(i)*0x9e3779b97f4a7c15)
			if ValType(p) == V128 {
				args = append(args, 0x7fc000017f800001)
			} else {
				args[len(args)-1] &= wordMasks(ValType(p))[0]
			}
		}
		r := in.callWith(5_000_000, DefaultStack/8, name, args...)
		// The upper halves of 32-bit results are whatever the engine left there.
		i := 0
		for _, p := range f.ResultTypes() {
			for _, mask := range wordMasks(ValType(p)) {
				if i < len(r.values) {
					r.values[i] &= mask
				}
				i++
			}
		}
		if r.trap == "unreachable" {
			r.trap = TrapGuest.String()
		}
		line := fmt.Sprintf("%s%x: %x %q", name, args, r.values, r.trap)
		if mem := mod.Memory(); mem != nil {
			h := fnv.New64a()
			b, _ := mem.Read(0, mem.Size())
			h.Write(b)
			line += fmt.Sprintf(" memory %d %x", mem.Size(), h.Sum64())
		}
		line += fmt.Sprintf("\tgas %d stack %d", r.gas, r.stack)
		for i := range m.globals {
			if g := mod.ExportedGlobal(fmt.Sprintf("gw:g%d", i)); g != nil {
				line += fmt.Sprintf(" %x", g.Get())
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// instrumentedAsPlain cuts observations down to what plain modules show, up to the first stop by a counter.
func instrumentedAsPlain(lines []string) []string {
	var out []string
	for _, l := range lines {
		line, _, _ := strings.Cut(l, "\t")
		if strings.Contains(line, TrapOutOfGas.String()) || strings.Contains(line, TrapStackOverflow.String()) {
			break
		}
		out = append(out, line)
	}
	return out
}

func wordMasks(t ValType) []uint64 {
	switch t {
	case I32, F32:
		return []uint64{0xffffffff}
	case V128:
		return []uint64{^uint64(0), ^uint64(0)}
	}
	return []uint64{^uint64(0)}
}

// firstDifference is -1 where one list is the beginning of the other.
func firstDifference(a, b []string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return -1
}
