package module

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

var (
	randoms = flag.Int("randoms", 0, "number of random modules for TestRandomModules; by default those of the golden file")
	from    = flag.Int("from", 0, "seed of the first of -randoms")
	digests = flag.String("digests", "", "file that TestRandomModules and TestGenerated append the digests of what they observe to")
)

const (
	seedsADigest  = 20
	defaultRandom = 4 * seedsADigest // random modules in the golden file
	callsOfExport = 2
	allGas        = 1 << 40
)

// foundWrong are seeds of modules that wazero's amd64 compiler got wrong before inplace.go was there.
var foundWrong = []uint64{1821, 2529, 3070, 3761}

// machine runs one module, again and again from its beginning, and writes down all it shows.
type machine struct {
	t        testing.TB
	e        engine
	rt       wazero.Runtime
	code     wazero.CompiledModule
	mod      api.Module
	lines    []string
	nested   int
	counters bool     // whether the module has them: the plain one has not
	globals  []string // exported by the guest
	hidden   []string // exported by the passes
}

// newMachine compiles wasm, which is m or what the passes made of it.
func newMachine(t testing.TB, e engine, m *Module, wasm []byte, hidden ...GlobalRef) *machine {
	t.Helper()
	ctx := context.Background()
	x := &machine{t: t, e: e, rt: wazero.NewRuntimeWithConfig(ctx, e.cfg().WithCoreFeatures(api.CoreFeaturesV2))}
	hosts := map[string]wazero.HostModuleBuilder{}
	for _, im := range m.Imports {
		typ := m.Types[im.Func]
		f := func(ctx context.Context, mod api.Module, stack []uint64) { x.host(ctx, mod, im.Name, typ, stack) }
		if hosts[im.Module] == nil {
			hosts[im.Module] = x.rt.NewHostModuleBuilder(im.Module)
		}
		hosts[im.Module].NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(f), apiTypes(typ.Params), apiTypes(typ.Results)).Export(im.Name)
	}
	for _, b := range hosts {
		if _, err := b.Instantiate(ctx); err != nil {
			t.Fatal(err)
		}
	}
	for _, g := range m.Exports {
		if g.Kind == ExternGlobal && g.Name != fuelExport {
			x.globals = append(x.globals, g.Name)
		}
	}
	for _, g := range hidden {
		x.hidden = append(x.hidden, g.Export)
	}
	var err error
	if x.code, err = x.rt.CompileModule(ctx, wasm); err != nil {
		t.Fatalf("%s: %v", e.name, err)
	}
	return x
}

func apiTypes(ts []ValType) []api.ValueType {
	out := make([]api.ValueType, len(ts))
	for i, t := range ts {
		out[i] = api.ValueType(t)
	}
	return out
}

// fresh puts the module back to its beginning.
func (x *machine) fresh() {
	ctx := context.Background()
	if x.mod != nil {
		x.mod.Close(ctx)
	}
	var err error
	if x.mod, err = x.rt.InstantiateModule(ctx, x.code, wazero.NewModuleConfig().WithName("").WithStartFunctions()); err != nil {
		x.t.Fatalf("%s: %v", x.e.name, err)
	}
	x.counters = x.mod.ExportedGlobal(GasExport) != nil
	x.lines = nil
}

func (x *machine) close() { x.rt.Close(context.Background()) }

// set and read a counter; a plain module has none.
func (x *machine) set(counter string, v int64) {
	if x.counters {
		x.mod.ExportedGlobal(counter).(api.MutableGlobal).Set(uint64(v))
	}
}

func (x *machine) counter(name string) int64 {
	if !x.counters {
		return 0
	}
	return int64(x.mod.ExportedGlobal(name).Get())
}

// masked are the words of values of the given types, as a host may look at them.
func masked(ts []ValType, stack []uint64) []uint64 {
	var out []uint64
	for _, t := range ts {
		for _, m := range wordMasks(t) {
			out = append(out, stack[len(out)]&m)
		}
	}
	return out
}

// host writes a call down, with the counters a host sees in it, and returns what follows from the arguments.
func (x *machine) host(ctx context.Context, mod api.Module, name string, typ FuncType, stack []uint64) {
	args := masked(typ.Params, stack)
	x.lines = append(x.lines, fmt.Sprintf("  %s%x\t%d %d", name, args, x.counter(GasExport), x.counter(StackExport)))
	seed := uint64(len(name))
	for _, a := range args {
		seed = bits.RotateLeft64(seed^a, 23) * 0x9e3779b97f4a7c15
	}
	switch name {
	case "note": // what the host writes is there for the guest
		mod.Memory().WriteUint64Le(uint32(args[0])&0xfff, seed)
	case "again":
		if x.nested < 3 {
			x.nested++
			stackLeft := x.counter(StackExport)
			got, err := mod.ExportedFunction("f0").Call(ctx, args[0])
			x.nested--
			if err != nil {
				x.lines = append(x.lines, "  again: "+x.trap(err))
				x.set(StackExport, stackLeft)
			} else {
				seed += uint64(uint32(got[0]))
			}
		}
	}
	g := &generator{rng: rand.New(rand.NewPCG(seed, 3))}
	at := 0
	for _, t := range typ.Results {
		c := g.bits(t)
		at += copy(stack[at:], c[:len(wordMasks(t))])
	}
}

func (x *machine) trap(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	text = strings.TrimPrefix(text, "wasm error: ")
	if text == "unreachable" {
		text = ReasonOf(x.counter(GasExport), x.counter(StackExport)).String()
	}
	return text
}

// call is one call of a guest from outside.
type call struct {
	name string
	typ  FuncType
	args []uint64
}

// outcome is how a call ended.
type outcome struct {
	trap       string
	gas, stack int64
}

// run makes a call, and writes down its host calls, its results or trap, and the state it leaves.
func (x *machine) run(c call, gas, stack int64) outcome {
	x.set(GasExport, gas)
	x.set(StackExport, stack)
	if fuel, ok := x.mod.ExportedGlobal(fuelExport).(api.MutableGlobal); ok {
		fuel.Set(fuelOfCall)
	}
	x.lines = append(x.lines, fmt.Sprintf("%s%x", c.name, c.args))
	values, err := x.mod.ExportedFunction(c.name).Call(context.Background(), c.args...)
	o := outcome{gas: x.counter(GasExport), stack: x.counter(StackExport)}
	if err != nil {
		o.trap = x.trap(err)
	} else {
		values = masked(c.typ.Results, values)
	}
	line := fmt.Sprintf("  gives %x %q memory %s globals%s\t%d %d%s", values, o.trap, memoryHash(x.mod.Memory()), x.values(x.globals), o.gas, o.stack, x.values(x.hidden))
	x.lines = append(x.lines, line)
	return o
}

func (x *machine) values(globals []string) string {
	var s strings.Builder
	for _, name := range globals {
		g := x.mod.ExportedGlobal(name)
		fmt.Fprintf(&s, " %x", g.Get()&wordMasks(ValType(g.Type()))[0])
	}
	return s.String()
}

// memoryHash need not resist anybody: it is taken many thousand times.
func memoryHash(mem api.Memory) string {
	if mem == nil {
		return "none"
	}
	b, _ := mem.Read(0, mem.Size())
	h := uint64(len(b))
	for ; len(b) > 0; b = b[8:] {
		h = bits.RotateLeft64(h^binary.LittleEndian.Uint64(b), 29) * 0x9e3779b97f4a7c15
	}
	return fmt.Sprintf("%x", h)
}

// calls of every export, with arguments of all sorts, the start function first.
func callsOf(m *Module, start string, seed uint64) []call {
	g := &generator{rng: rand.New(rand.NewPCG(seed, 21))}
	var calls []call
	if m.HasStart {
		calls = append(calls, call{name: start})
	}
	for range callsOfExport {
		for _, e := range m.Exports {
			if e.Kind != ExternFunc {
				continue
			}
			c := call{name: e.Name, typ: m.Types[m.Funcs[int(e.Index)-len(m.Imports)]]}
			for _, t := range c.typ.Params {
				b := g.bits(t)
				c.args = append(c.args, b[:len(wordMasks(t))]...)
			}
			calls = append(calls, c)
		}
	}
	return calls
}

// startless encodes a module whose start function is called from outside, as that of an instrumented one.
func startless(m *Module) []byte {
	if !m.HasStart {
		return Encode(m)
	}
	out := *m
	out.HasStart = false
	out.Exports = append(slices.Clone(m.Exports), Export{Name: StartExport, Kind: ExternFunc, Index: m.Start})
	return Encode(&out)
}

// withoutCounters are lines without what only an instrumented module shows.
func withoutCounters(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i], _, _ = strings.Cut(l, "\t")
	}
	return out
}

// differ reports the first difference between two lists, and whether there is one.
func differ(t *testing.T, what string, a, b []string) bool {
	t.Helper()
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	if i == len(a) && i == len(b) {
		return false
	}
	at := func(l []string) string {
		if i < len(l) {
			return l[i]
		}
		return "(nothing more)"
	}
	context := ""
	for k := i - 1; k >= 0; k-- {
		if !strings.HasPrefix(a[k], " ") {
			context = " of " + a[k]
			break
		}
	}
	t.Errorf("%s: observations differ at number %d%s\n%s\n%s", what, i, context, at(a), at(b))
	return true
}

// TestRandomModules runs random modules in three ways, which must show the same: instrumented on either engine, and plain
// on the interpreter, with NaNs made canonical by the module itself. Then it gives each call just its gas, one less and
// less, and just its stack and one unit less: on both engines the same happens, and it ends out of gas or of stack. A
// golden file has digests of all that is observed, so another processor must show the same.
func TestRandomModules(t *testing.T) {
	raiseInterpreterCeiling(t)
	n := *randoms
	if n == 0 {
		n = defaultRandom
	}
	stats := map[string]int{}
	got := digest(t, "random", *from, n, func(seed uint64) []string { return randomModuleLines(t, seed, stats) })
	t.Logf("%d modules, %d calls, %d of them trapped, %d host calls, %d calls with bounded gas, %d with bounded stack; traps: %s",
		n, stats["calls"], stats["trapped"], stats["host"], stats["gas"], stats["stack"], traps(stats))
	if *randoms > 0 || t.Failed() {
		return
	}
	for _, seed := range foundWrong {
		randomModuleLines(t, seed, stats)
	}
	golden := filepath.Join("testdata", "random.golden")
	text := strings.Join(got, "\n") + "\n"
	if *update {
		if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := string(read(t, golden)); want != text {
		t.Errorf("%s: on %s found\n%swant\n%s", golden, runtime.GOARCH, text, want)
	}
	for _, want := range []string{"integer divide by zero", "integer overflow", "invalid conversion to integer", "out of bounds memory access",
		"indirect call type mismatch", "invalid table access", TrapGuest.String(), TrapOutOfGas.String(), TrapStackOverflow.String()} {
		if stats["trap "+want] == 0 {
			t.Errorf("no call ended with %q, want at least one", want)
		}
	}
}

func traps(stats map[string]int) string {
	var out []string
	for k, n := range stats {
		if name, ok := strings.CutPrefix(k, "trap "); ok {
			out = append(out, fmt.Sprintf("%s %d", name, n))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// digest observes n modules and sums up what is seen, seedsADigest modules a line. The lines go to the file of -digests too.
func digest(t *testing.T, name string, from, n int, observe func(seed uint64) []string) []string {
	t.Helper()
	var out []string
	sum := sha256.New()
	first := from
	for seed := from; seed < from+n; seed++ {
		for _, l := range observe(uint64(seed)) {
			fmt.Fprintln(sum, l)
		}
		if seed+1-first == seedsADigest || seed == from+n-1 {
			out = append(out, fmt.Sprintf("%s %d-%d %x", name, first, seed, sum.Sum(nil)[:8]))
			sum.Reset()
			first = seed + 1
		}
	}
	if *digests == "" {
		return out
	}
	f, err := os.OpenFile(*digests, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(strings.Join(out, "\n") + "\n"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

// randomModuleLines is all that the module of a seed shows.
func randomModuleLines(t *testing.T, seed uint64, stats map[string]int) []string {
	m := decode(t, Encode(randomModule(seed, false)))
	ins, err := m.Instrument(Config{Gas: allGas})
	if err != nil {
		t.Fatalf("seed %d: %v", seed, err)
	}
	calls := callsOf(m, ins.Start, seed)

	c, i := newMachine(t, engines[0], m, ins.Wasm), newMachine(t, engines[1], m, ins.Wasm)
	defer c.close()
	defer i.close()
	both := []*machine{c, i}
	for _, x := range both {
		x.fresh()
		for _, c := range calls {
			o := x.run(c, allGas, DefaultStack)
			if x.e.name == engines[0].name {
				stats["calls"]++
				if o.trap != "" {
					stats["trapped"]++
					stats["trap "+o.trap]++
				} else if o.stack != DefaultStack {
					t.Errorf("seed %d: %s leaves the stack counter at %d, want %d", seed, c.name, o.stack, DefaultStack)
				}
			}
		}
	}
	name := fmt.Sprintf("seed %d", seed)
	lines := c.lines
	for _, l := range lines {
		if strings.HasPrefix(l, "  ") {
			stats["host"]++
		}
	}
	if differ(t, name+", compiler and interpreter", lines, i.lines) {
		return lines
	}
	p := newMachine(t, engines[1], m, startless(randomModule(seed, true)))
	defer p.close()
	p.fresh()
	for _, c := range calls {
		p.run(c, 0, 0)
	}
	if differ(t, name+", instrumented and plain", withoutCounters(lines), withoutCounters(p.lines)) {
		return lines
	}
	if seed%4 != 0 {
		return lines
	}
	rng := rand.New(rand.NewPCG(seed, 22))
	for _, c := range calls {
		lines = append(lines, boundaries(t, name, both, c, allGas, rng, stats)...)
	}
	return lines
}

// boundaries runs a call from the module's beginning with all kinds of bounds on gas and stack.
func boundaries(t *testing.T, name string, both []*machine, c call, most int64, rng *rand.Rand, stats map[string]int) []string {
	run := func(gas, stack int64) (lines []string, o outcome) {
		what := fmt.Sprintf("%s, %s%x with gas %d, stack %d", name, c.name, c.args, gas, stack)
		for k, x := range both {
			x.fresh()
			p := x.run(c, gas, stack)
			if k == 0 {
				lines, o = x.lines, p
			} else {
				differ(t, what, lines, x.lines)
			}
		}
		return lines, o
	}
	full, o := run(most, DefaultStack)
	all := slices.Clone(full)
	if o.gas < 0 {
		return all
	}
	used := most - o.gas
	budgets := []int64{used}
	if used > 0 { // a trap may come before anything is written to the counter
		budgets = append(budgets, used-1, used/2, 0)
		for range 4 {
			budgets = append(budgets, rng.Int64N(used))
		}
	}
	if used < 120 {
		for gas := range used {
			budgets = append(budgets, gas)
		}
	}
	for _, gas := range budgets {
		lines, p := run(gas, DefaultStack)
		stats["gas"]++
		all = append(all, lines...)
		switch {
		case gas == used:
			if p.trap != o.trap || p.gas != 0 || p.stack != o.stack {
				t.Errorf("%s, %s with exactly its gas %d: %v, want %q and none left", name, c.name, gas, p, o.trap)
			}
			continue
		case p.gas >= 0:
			t.Errorf("%s, %s with %d of %d gas: %v, want out of gas", name, c.name, gas, used, p)
		case p.trap != "":
			stats["trap "+p.trap]++
		}
		// What the host saw is the beginning of what it sees with enough gas.
		for k := 1; k < len(lines)-1; k++ {
			saw, _, _ := strings.Cut(lines[k], "\t")
			if strings.HasPrefix(saw, "  again: ") {
				break // the host lived through a trap inside, and all that follows may differ
			}
			if want, _, _ := strings.Cut(full[min(k, len(full)-1)], "\t"); saw != want {
				t.Errorf("%s, %s with %d of %d gas: the host sees %s, want %s", name, c.name, gas, used, saw, want)
				break
			}
		}
	}
	// The least stack that changes nothing.
	same := func(stack int64) bool {
		x := both[0]
		x.fresh()
		x.run(c, most, stack)
		return slices.Equal(withoutCounters(x.lines), withoutCounters(full))
	}
	low, high := int64(-1), int64(DefaultStack)
	for high-low > 1 {
		if mid := (low + high) / 2; same(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	for _, stack := range []int64{high, high - 1, rng.Int64N(high + 1)} {
		if stack < 0 {
			continue
		}
		lines, p := run(most, stack)
		stats["stack"]++
		all = append(all, lines...)
		if p.trap == TrapStackOverflow.String() {
			stats["trap "+p.trap]++
		}
		if stack == high && (p.trap != o.trap || p.gas != o.gas) {
			t.Errorf("%s, %s with just its stack %d: %v, want %q", name, c.name, stack, p, o.trap)
		}
	}
	return all
}
