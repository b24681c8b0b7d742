package battery

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/devicetest"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
	"github.com/gwrun/gwrun/kernels/lower"
	"github.com/gwrun/gwrun/kernels/profile"
	"github.com/gwrun/gwrun/kernels/wgslgen"
)

const rows = 1024 // of operands for each program

// operandRows makes rows of words: pairs of hard ones first, then rows of random words of every kind, among them equal
// and opposite neighbours, floats whose sums cancel, whose products are subnormal, and halves of a unit.
func operandRows(width int, seed uint64) []uint32 {
	r := rand.New(rand.NewPCG(seed, 77))
	out := make([]uint32, 0, rows*width)
	special := irgen.Special
	exponent := func(low, high int) uint32 { return r.Uint32()&0x807fffff | uint32(low+r.IntN(high-low))<<23 }
	for row := range rows {
		first := len(out)
		for n := range width {
			var w uint32
			switch {
			case row < 2*len(special): // each hard word in the first place once by itself and once everywhere
				w = special[row%len(special)]
				if n > 0 && row < len(special) {
					w = special[r.IntN(len(special))]
				}
			case row%8 == 0:
				w = exponent(120, 132)
			case row%8 == 1 && n > 0:
				w = out[first] ^ uint32(r.IntN(3)) ^ uint32(r.IntN(2))<<31
			case row%8 == 2:
				w = exponent(60, 68)
			case row%8 == 3:
				w = r.Uint32() & 0x81ffffff
			case row%8 == 4:
				w = uint32(r.IntN(41))
			case row%8 == 5: // integers and halves as floats
				w = uint32(0x3f000000) + uint32(r.IntN(0x0c000000))&0xfff00000 | uint32(r.IntN(2))<<31
			case row%8 == 6:
				w = special[r.IntN(len(special))]
			default:
				w = irgen.Word(r)
			}
			out = append(out, w)
		}
	}
	return out
}

// builtinCase is a program of forms, compiled and solved.
type builtinCase struct {
	name   string
	source string
	list   []form
	in     int
	out    int
	*devicetest.Solved
}

// builtinCases makes the programs: a few forms each, so that a driver compiles them in reasonable time.
func builtinCases(t *testing.T) []*builtinCase {
	all := forms()
	var cases []*builtinCase
	compile := func(name, source string) *ir.Kernel {
		m, err := kernels.Compile(source)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, source)
		}
		k, err := m.Kernel("main", nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return k.IR
	}
	solve := func(c *builtinCase, k *ir.Kernel, buffers ...[]uint32) {
		var err error
		c.Solved, err = devicetest.Solve(&irgen.Case{Kernel: k, Buffers: buffers, Workgroups: [3]uint32{rows / 64, 1, 1}, GasLimit: 1 << 24})
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		cases = append(cases, c)
	}
	for n, name := range slices.Sorted(maps.Keys(all)) {
		for list := range slices.Chunk(all[name], 4) {
			c := &builtinCase{name: name, list: list}
			c.source, c.in, c.out = program(list)
			solve(c, compile(name, c.source), operandRows(c.in, uint64(n)), make([]uint32, rows*c.out))
		}
	}
	for _, p := range whole {
		c := &builtinCase{name: p.covers, source: p.source, in: 1}
		words := operandRows(1, 5)
		buffers := [][]uint32{append(words, 1, 2), make([]uint32, rows), slices.Clone(words), slices.Clone(words)}
		solve(c, compile(p.covers, p.source), buffers...)
	}
	return cases
}

// TestBuiltins runs every builtin function, operator and conversion of WGSL over hard operands on every stack.
func TestBuiltins(t *testing.T) {
	cases := builtinCases(t)
	words := 0
	for _, c := range cases {
		words += len(c.Want[1])
	}
	eachStack(t, func(t *testing.T, s stack) {
		cases := cases
		if !*full && s.name != "cpu" {
			if s.mode == lower.ModeSoft {
				t.Log("with -battery only; kernels/probe tries the operators")
				return
			}
			// What takes a driver seconds to compile kernels/probe tries, and TestFunctions.
			n := 0
			cases = slices.DeleteFunc(slices.Clone(cases), func(c *builtinCase) bool {
				n++
				return c.long() || s.device == nil && n%10 != 0 || s.mode == lower.ModeGuard && n%5 != 0
			})
		}
		if s.device == nil {
			cases = slices.DeleteFunc(slices.Clone(cases), func(c *builtinCase) bool { return c.name == boundFromMemory && c.in == 1 && c.list == nil })
		}
		start := time.Now()
		wrong := runAll(t, s, len(cases), func(n int) (*devicetest.Solved, string) { return cases[n].Solved, cases[n].name })
		figures(t, "%d programs of %d builtins and operators, %d words, %d wrong, %s", len(cases), len(forms()), words, wrong,
			time.Since(start).Round(time.Second/10))
	})
}

// long reports whether the program is, or has functions, each of which is hundreds of lines to a driver.
func (c *builtinCase) long() bool {
	long := c.Kernel.NumInsts > 500
	c.Kernel.Walk(func(i *ir.Inst) { long = long || i.Op >= ir.OpFExp && i.Op <= ir.OpFInvSqrt })
	return long
}

// TestCoverage fails if the battery leaves out a builtin function of the profile, or an instruction, input or atomic
// operation of package ir.
func TestCoverage(t *testing.T) {
	covered := map[string]bool{}
	for name := range forms() {
		covered[name] = true
	}
	for _, p := range whole {
		for _, n := range strings.Fields(p.covers) {
			covered[n] = true
			if !strings.Contains(p.source, n+"(") {
				t.Errorf("a program is said to cover %s and does not call it", n)
			}
		}
	}
	for _, name := range profile.Builtins() {
		if !covered[name] {
			t.Errorf("the battery has nothing about the builtin function %s", name)
		}
	}
	for name, list := range forms() {
		if strings.ContainsAny(name[:1], "abcdefghijklmnopqrstuvwxyz") && slices.Contains(profile.Builtins(), name) {
			for _, f := range list {
				if !strings.HasPrefix(f.expr, name) {
					t.Errorf("%q is said to be about %s", f.expr, name)
				}
			}
		}
	}
	ops, inputs, atomics := map[ir.Op]bool{}, map[ir.Input]bool{}, map[ir.AtomicOp]bool{}
	note := func(k *ir.Kernel) {
		k.Walk(func(i *ir.Inst) {
			ops[i.Op] = true
			switch i.Op {
			case ir.OpInput:
				inputs[i.Input] = true
			case ir.OpAtomic:
				atomics[i.Atomic] = true
			}
		})
	}
	for n := range uint64(400) {
		note(randomCase(1 + n).Kernel)
	}
	fromSource := map[ir.Op]bool{}
	for _, c := range builtinCases(t) {
		note(c.Kernel)
		c.Kernel.Walk(func(i *ir.Inst) { fromSource[i.Op] = true })
	}
	for op := ir.OpInvalid + 1; op < ir.NumOps; op++ {
		if !ops[op] {
			t.Errorf("the battery has nothing about the instruction %s", op)
		}
		if ir.IsPure(op) && !fromSource[op] {
			t.Errorf("no program of WGSL in the battery comes to the instruction %s", op)
		}
	}
	for in := range ir.NumInputs {
		if !inputs[in] {
			t.Errorf("the battery has nothing about the input %d", in)
		}
	}
	for op := range ir.NumAtomicOps {
		if !atomics[op] {
			t.Errorf("the battery has nothing about the atomic operation %d", op)
		}
	}
}

// TestSource hands the programs about integers to Dawn as they are: Tint and SwiftShader know nothing of our front end,
// and WGSL leaves them no choice about integers.
func TestSource(t *testing.T) {
	s := onDawn(0)
	if s.missing != "" {
		t.Skipf("skipped: %s", s.missing)
	}
	d, err := openDawn(0)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	tried := 0
	for name, all := range forms() {
		var list []form
		for _, f := range all {
			integral := true
			for _, ty := range append([]string{f.result}, f.args...) {
				_, _, scalar := shape(ty)
				integral = integral && scalar != "f32"
			}
			if integral {
				list = append(list, f)
			}
		}
		if len(list) == 0 {
			continue
		}
		tried += len(list)
		source, in, out := program(list)
		words := operandRows(in, 99)
		m, err := kernels.Compile(source)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		k, err := m.Kernel("main", nil)
		if err != nil {
			t.Fatal(err)
		}
		c, err := devicetest.Solve(&irgen.Case{Kernel: k.IR, Buffers: [][]uint32{words, make([]uint32, rows*out)}, Workgroups: [3]uint32{rows / 64, 1, 1}, GasLimit: 1 << 24})
		if err != nil {
			t.Fatal(err)
		}
		data, err := d.dispatch(source, "main", c.Workgroups, []dawnBinding{{"read-only-storage", bytesOf(words)}, {"storage", make([]byte, 4*rows*out)}})
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, source)
			continue
		}
		wrong := 0
		for i, g := range wordsOf(data[1]) {
			if g != c.Want[1][i] {
				if wrong++; wrong <= 3 {
					t.Errorf("%s: %s is %#08x in Dawn, here %#08x", name, whatFails(list, words, in, out, i), g, c.Want[1][i])
				}
			}
		}
	}
	if tried < 150 {
		t.Errorf("%d forms about integers, fewer than there are", tried)
	}
	t.Logf("%d forms", tried)
}

// TestSourcePrograms does so with random programs: our front end and the interpreter against Tint and SwiftShader, with
// nothing in common.
func TestSourcePrograms(t *testing.T) {
	s := onDawn(0)
	if s.missing != "" {
		t.Skipf("skipped: %s", s.missing)
	}
	d, err := openDawn(0)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	count := 40
	if *full {
		count = 1000
	}
	wrong := 0
	for n := range uint64(count) {
		seed := *seed + n
		source, c, err := wgslgen.Case(seed, wgslgen.Options{Integers: true, Size: 5 + int(n%30)})
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, source)
		}
		want, err := devicetest.Solve(c)
		if err != nil {
			t.Fatal(err)
		}
		bindings := make([]dawnBinding, 4)
		for i, kind := range []string{"read-only-storage", "uniform", "storage", "storage"} {
			bindings[i] = dawnBinding{kind, make([]byte, 64)}
		}
		for i, b := range c.Kernel.Bindings {
			bindings[b.Binding].Data = bytesOf(c.Buffers[i])
		}
		data, err := d.dispatch(source, "main", c.Workgroups, bindings)
		if err != nil {
			t.Errorf("seed %d: %v\n%s", seed, err, source)
			wrong++
			continue
		}
		for i, b := range c.Kernel.Bindings {
			if b.Access == ir.ReadWrite && !slices.Equal(wordsOf(data[b.Binding]), want.Want[i]) {
				t.Errorf("seed %d: binding %d is %#x in Dawn, here %#x\n%s", seed, b.Binding, wordsOf(data[b.Binding]), want.Want[i], source)
				wrong++
				break
			}
		}
		if wrong >= 5 {
			t.Fatal("and so on")
		}
	}
	figures(t, "%d random programs about integers, %d wrong", count, wrong)
}
