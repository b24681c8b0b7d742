package module

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var (
	generated = flag.Int("generated", 60, "number of modules binaryen generates for TestGenerated")
	modules   = flag.String("modules", "", "folder that TestGenerated keeps its modules in, and takes them from where they are there")
)

const (
	generatedGas   = 5_000_000
	generatedStack = DefaultStack / 8
)

// TestGenerated lets binaryen make random modules and runs every export on both engines: results, traps, host calls,
// gas, memory and globals must be equal, also with bounded gas and stack. Every other module is made free of NaNs (--denan);
// there the plain module must give the same as the instrumented one.
func TestGenerated(t *testing.T) {
	tool, err := exec.LookPath("wasm-opt")
	if err != nil && *modules == "" {
		t.Skip("skipped: no wasm-opt (Debian package binaryen) to generate modules")
	}
	raiseInterpreterCeiling(t)
	dir := *modules
	if dir == "" {
		dir = t.TempDir()
	}
	stats := map[string]int{}
	digest(t, "generated", 0, *generated, func(seed uint64) []string {
		return generatedLines(t, seed, generate(t, tool, dir, seed), stats)
	})
	t.Logf("%d modules, %d calls, %d of them trapped, %d observations on each engine, %d calls with bounded gas, %d with bounded stack; traps: %s",
		*generated, stats["calls"], stats["trapped"], stats["lines"], stats["gas"], stats["stack"], traps(stats))
}

// denan tells whether binaryen takes the NaNs out of a seed's module.
func denan(seed uint64) bool { return seed%2 == 1 }

// generate has binaryen translate random bytes into a module.
func generate(t *testing.T, tool, dir string, seed uint64) []byte {
	t.Helper()
	out := filepath.Join(dir, fmt.Sprintf("%d.wasm", seed))
	if b, err := os.ReadFile(out); err == nil {
		return b
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	bytes := make([]byte, 500+rng.IntN(8000))
	for i := range bytes {
		bytes[i] = byte(rng.Uint32())
	}
	in := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(in, bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{in, "-ttf", "--disable-threads", "--disable-exception-handling", "--disable-gc", "--disable-tail-call",
		"--disable-relaxed-simd", "--disable-memory64", "--disable-extended-const", "--disable-reference-types", "--disable-typed-function-references",
		"--enable-simd", "--enable-bulk-memory", "--enable-sign-ext", "--enable-nontrapping-float-to-int", "--enable-multivalue", "-o", out}
	if denan(seed) {
		args = append(args, "--denan")
	}
	if b, err := exec.Command(tool, args...).CombinedOutput(); err != nil {
		t.Fatalf("wasm-opt: %v\n%s", err, b)
	}
	return read(t, out)
}

// generatedLines is all that a generated module shows.
func generatedLines(t *testing.T, seed uint64, wasm []byte, stats map[string]int) []string {
	name := fmt.Sprintf("seed %d", seed)
	m, err := Decode(wasm)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	ins, err := m.Instrument(Config{Gas: generatedGas})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var calls []call
	if ins.Start != "" {
		calls = append(calls, call{name: ins.Start})
	}
	for _, e := range m.Exports {
		if e.Kind != ExternFunc {
			continue
		}
		typ, _ := m.FuncType(e.Index)
		c := call{name: e.Name, typ: typ}
		for i, p := range typ.Params {
			c.args = append(c.args, uint64(i)*0x9e3779b97f4a7c15&wordMasks(p)[0])
			if p == V128 {
				c.args = append(c.args, 0x7fc000017f800001)
			}
		}
		calls = append(calls, c)
	}
	var both []*machine
	for _, e := range engines {
		x := newMachine(t, e, m, ins.Wasm, ins.Globals...)
		defer x.close()
		both = append(both, x)
		x.fresh()
		for _, c := range calls {
			o := x.run(c, generatedGas, generatedStack)
			if len(both) == 1 {
				stats["calls"]++
				if o.trap != "" {
					stats["trapped"]++
					stats["trap "+o.trap]++
				}
			}
		}
	}
	lines := both[0].lines
	stats["lines"] += len(lines)
	if differ(t, name+", compiler and interpreter", lines, both[1].lines) {
		return lines
	}
	if denan(seed) {
		plain := newMachine(t, engines[1], m, startless(m))
		defer plain.close()
		plain.fresh()
		for _, c := range calls {
			plain.run(c, 0, 0)
		}
		want, got := withoutCounters(plain.lines), withoutCounters(lines)
		// A plain module is stopped by nothing, so they are the same up to the first stop by a counter.
		stopped := func(l string) bool {
			return strings.Contains(l, TrapOutOfGas.String()) || strings.Contains(l, TrapStackOverflow.String())
		}
		if i := slices.IndexFunc(got, stopped); i >= 0 {
			want, got = want[:min(i, len(want))], got[:i]
		}
		differ(t, name+", plain and instrumented", want, got)
	}
	if seed%10 > 1 {
		return lines
	}
	rng := rand.New(rand.NewPCG(seed, 23))
	for _, c := range calls[:min(len(calls), 8)] {
		lines = append(lines, boundaries(t, name, both, c, generatedGas, rng, stats)...)
	}
	return lines
}

// wordMasks are the bits of a value's words that mean something: the upper halves of 32-bit ones are what the engine left there.
func wordMasks(t ValType) []uint64 {
	switch t {
	case I32, F32:
		return []uint64{0xffffffff}
	case V128:
		return []uint64{^uint64(0), ^uint64(0)}
	}
	return []uint64{^uint64(0)}
}
