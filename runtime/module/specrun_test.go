package module

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// specKinds are the suite's commands, in the order of the table.
var specKinds = []string{"module", "register", "action", "assert_return", "assert_trap", "assert_exhaustion", "assert_invalid",
	"assert_malformed", "assert_unlinkable", "assert_uninstantiable"}

// leftOut are the suite's commands that do not run, or cannot hold, and why. The golden file lists each by name.
var leftOut = []struct {
	reason string
	is     func(file string, c specCommand) bool
}{
	{"text format: the codec reads the binary format only", func(_ string, c specCommand) bool {
		return c.ModuleType == "text"
	}},
	{"an element segment of an imported global: Check refuses imports of anything but functions, and Decode knows no global.get there", func(file string, c specCommand) bool {
		return file == "elem" && (c.Type == "module" && c.Line == 682 || c.Type == "assert_return" && c.Line == 692)
	}},
}

// TestSpecSuite: Decode accepts and refuses what the suite says, and instrumented modules give what it says on both engines,
// with the same gas. All files of the suite run, also those about what Check refuses. The golden file has, for each file, how
// much of what passed and what was left out by name, so that nothing is passed over silently.
func TestSpecSuite(t *testing.T) {
	dir := specDir(t)
	spectest := read(t, dir, "testdata", "spectest.wasm")
	files, err := filepath.Glob(filepath.Join(dir, "v2", "testdata", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d files of the suite (%v), want some", len(files), err)
	}
	raiseInterpreterCeiling(t)
	tables := make([]string, len(files))
	totals := make([]map[string]int, len(files))
	t.Run("file", func(t *testing.T) {
		for i, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".json")
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				tables[i], totals[i] = specFile(t, name, file, spectest)
			})
		}
	})
	sum := map[string]int{}
	for _, m := range totals {
		for k, n := range m {
			sum[k] += n
		}
	}
	text := "The WebAssembly 2.0 test suite through the passes, the same on both of wazero's engines: what passed, and what is left out.\n\n" +
		strings.Join(tables, "") + "\n" + specLine(fmt.Sprintf("all %d files", len(files)), sum)
	t.Logf("\n%s", text)
	golden := filepath.Join("testdata", "spec.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want := strings.Split(string(read(t, golden)), "\n")
	for i, line := range strings.Split(text, "\n") {
		if i >= len(want) || line != want[i] {
			t.Fatalf("%s, line %d: want %q, got %q", golden, i+1, want[min(i, len(want)-1)], line)
		}
	}
}

// specFile runs one file of the suite, and returns its part of the table.
func specFile(t *testing.T, name, file string, spectest []byte) (string, map[string]int) {
	var suite struct{ Commands []specCommand }
	if err := json.Unmarshal(read(t, file), &suite); err != nil {
		t.Fatal(err)
	}
	sum := map[string]int{}
	lines := make([]string, len(leftOut))
	var gas [2][]int64
	for k, e := range engines {
		r := newSpecRun(t, e, filepath.Dir(file), spectest)
	commands:
		for _, c := range suite.Commands {
			for i, out := range leftOut {
				if out.is(name, c) {
					if k == 0 {
						lines[i] += fmt.Sprintf(" %d", c.Line)
						sum["left out"]++
					}
					continue commands
				}
			}
			failed := r.failed
			if r.command(c); r.failed == failed && k == 0 {
				sum[c.Type]++
			}
		}
		gas[k] = r.gas
		r.rt.Close(context.Background())
	}
	if !slices.Equal(gas[0], gas[1]) {
		t.Errorf("gas differs between the engines")
	}
	text := specLine(name, sum)
	for i, l := range lines {
		if l != "" {
			text += fmt.Sprintf("  left out, %s: lines%s\n", leftOut[i].reason, l)
		}
	}
	return text, sum
}

func specLine(name string, sum map[string]int) string {
	line, total := "", 0
	for _, k := range append(slices.Clone(specKinds), "left out") {
		if n := sum[k]; n > 0 {
			line += fmt.Sprintf(", %s %d", k, n)
			if strings.HasPrefix(k, "assert") {
				total += n
			}
		}
	}
	return fmt.Sprintf("%s: %d assertions passed (%s)\n", name, total, strings.TrimPrefix(line, ", "))
}

// specRun runs the commands of one file on one engine.
type specRun struct {
	t          *testing.T
	e          engine
	dir        string
	ctx        context.Context // finds registered modules by name
	rt         wazero.Runtime
	last       api.Module
	named      map[string]api.Module
	registered map[string]api.Module
	gas        []int64
	failed     int
}

func newSpecRun(t *testing.T, e engine, dir string, spectest []byte) *specRun {
	r := &specRun{t: t, e: e, dir: dir, named: map[string]api.Module{}, registered: map[string]api.Module{}}
	r.ctx = experimental.WithImportResolver(context.Background(), func(name string) api.Module {
		if m, ok := r.registered[name]; ok {
			return m
		}
		return nil
	})
	r.rt = wazero.NewRuntimeWithConfig(r.ctx, e.cfg().WithCoreFeatures(api.CoreFeaturesV2))
	if _, err := r.rt.InstantiateWithConfig(r.ctx, spectest, wazero.NewModuleConfig()); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *specRun) errorf(c specCommand, format string, args ...any) {
	r.failed++
	r.t.Errorf("%s, line %d, %s %s: %s", r.e.name, c.Line, c.Type, c.Action.Field, fmt.Sprintf(format, args...))
}

// instrument takes a module of the suite through the codec and the passes.
func (r *specRun) instrument(file string) (*Module, *Instrumented, error) {
	m, err := Decode(read(r.t, r.dir, file))
	if err != nil {
		return nil, nil, err
	}
	ins, err := m.Instrument(Config{Gas: math.MaxInt64 / 2})
	return m, ins, err
}

func (r *specRun) instantiate(ins *Instrumented) (api.Module, error) {
	mod, err := r.rt.InstantiateWithConfig(r.ctx, ins.Wasm, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err == nil && ins.Start != "" {
		_, err = mod.ExportedFunction(ins.Start).Call(r.ctx)
	}
	return mod, err
}

func (r *specRun) command(c specCommand) {
	switch c.Type {
	case "module":
		_, ins, err := r.instrument(c.Filename)
		if err == nil {
			r.last, err = r.instantiate(ins)
		}
		if err != nil {
			r.errorf(c, "%s: %v", c.Filename, err)
			return
		}
		if c.Name != "" {
			r.named[c.Name] = r.last
		}
	case "register":
		r.registered[c.As] = r.pick(c.Name)
	case "action", "assert_return", "assert_trap", "assert_exhaustion":
		r.act(c)
	case "assert_invalid", "assert_malformed":
		_, err := Decode(read(r.t, r.dir, c.Filename))
		var e *Error
		if !errors.As(err, &e) {
			r.errorf(c, "%s: %v, want an error: %s", c.Filename, err, c.Text)
		}
	case "assert_unlinkable", "assert_uninstantiable":
		r.fails(c)
	default:
		r.errorf(c, "unknown command")
	}
}

func (r *specRun) pick(name string) api.Module {
	if name == "" {
		return r.last
	}
	return r.named[name]
}

// fails wants that a valid module cannot be linked, or traps while it is instantiated.
func (r *specRun) fails(c specCommand) {
	m, ins, err := r.instrument(c.Filename)
	if err != nil {
		r.errorf(c, "%s: %v, want a valid module", c.Filename, err)
		return
	}
	_, err = r.instantiate(ins)
	if err == nil && c.Text == "out of bounds table access" {
		// wazero does not look at where element segments go. Check does, for the tables a module defines, and it refuses all
		// others.
		err = m.checkSegments()
		if len(m.tables) > len(m.Tables) {
			err = m.checkImports(nil)
		}
	} else if err != nil && c.Type == "assert_uninstantiable" && !strings.Contains(err.Error(), c.Text) {
		r.errorf(c, "%s: %v, want a trap: %s", c.Filename, err, c.Text)
	}
	if err == nil {
		r.errorf(c, "%s instantiates, want an error: %s", c.Filename, c.Text)
	}
}

func (r *specRun) act(c specCommand) {
	mod := r.pick(c.Action.Module)
	if mod == nil {
		r.errorf(c, "no module")
		return
	}
	if c.Action.Type == "get" {
		g := mod.ExportedGlobal(c.Action.Field)
		if len(c.Expected) == 1 && !c.Expected[0].matches([]uint64{g.Get(), 0}) {
			r.errorf(c, "found global %x, want %s", g.Get(), c.Expected[0].Value)
		}
		return
	}
	f := mod.ExportedFunction(c.Action.Field)
	if f == nil {
		r.errorf(c, "no function")
		return
	}
	var args []uint64
	for _, a := range c.Action.Args {
		args = append(args, a.bits()...)
	}
	gas, hasGas := mod.ExportedGlobal(GasExport).(api.MutableGlobal)
	if !hasGas { // the suite's own spectest module
		r.errorf(c, "a module that did not go through the passes")
		return
	}
	stack := mod.ExportedGlobal(StackExport).(api.MutableGlobal)
	gas.Set(math.MaxInt64 / 2)
	stack.Set(DefaultStack)
	got, err := f.Call(r.ctx, args...)
	r.gas = append(r.gas, int64(gas.Get()))
	if err == nil && stack.Get() != DefaultStack {
		r.errorf(c, "left the stack counter at %d, want %d", int64(stack.Get()), DefaultStack)
	}
	r.check(c, got, err, ReasonOf(int64(gas.Get()), int64(stack.Get())))
}

// specTraps are wazero's words for the suite's.
var specTraps = map[string]string{
	"integer divide by zero":        "integer divide by zero",
	"integer overflow":              "integer overflow",
	"invalid conversion to integer": "invalid conversion to integer",
	"out of bounds memory access":   "out of bounds memory access",
	"out of bounds table access":    "table access",
	"indirect call type mismatch":   "indirect call type mismatch",
	"undefined element":             "invalid table access",
	"uninitialized element":         "invalid table access",
	"unreachable":                   "unreachable",
}

func (r *specRun) check(c specCommand, got []uint64, err error, reason TrapReason) {
	switch c.Type {
	case "assert_trap":
		want := c.Text
		for text, words := range specTraps {
			if strings.HasPrefix(c.Text, text) {
				want = words
			}
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			r.errorf(c, "got %x, %v, want trap %q", got, err, c.Text)
		}
		return
	case "assert_exhaustion":
		if err == nil || reason != TrapStackOverflow {
			r.errorf(c, "got %v (%v), want a stack overflow", err, reason)
		}
		return
	}
	if err != nil {
		r.errorf(c, "%v", err)
		return
	}
	for _, want := range c.Expected {
		n := 1
		if want.Type == "v128" {
			n = 2
		}
		if len(got) < n || !want.matches(got[:n]) {
			r.errorf(c, "got %x, want %s", got, want.Value)
			return
		}
		got = got[n:]
	}
}
