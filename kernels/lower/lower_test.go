package lower

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
	"github.com/gwrun/gwrun/kernels/lower/libm"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample has a bit of everything whose text is worth reading: fences, NaNs, guards, a loop with continue, an early
// return from inside it, a barrier under an if.
func sample() *ir.Kernel {
	b := ir.NewBuilder("sample", 8, 1, 1)
	in := b.Bind("in", ir.Read, false)
	out := b.Bind("out", ir.ReadWrite, false)
	at := b.Input(ir.GlobalX)
	shared := b.Var("shared", ir.Workgroup, ir.F32, 8)
	acc := b.Var("acc", ir.Private, ir.F32, 1)
	n := b.Var("n", ir.Private, ir.I32, 1)
	b.If(b.Do(ir.OpULt, b.Int(3), b.Words(out)), func() {
		b.Set(shared, b.Input(ir.LocalX), b.Do(ir.OpFNeg, b.Const(ir.F32, 0x40000000)), nil)
		b.Barrier()
	}, nil)
	b.Loop(func(l *ir.Inst) {
		i := b.Get(n, nil, nil)
		b.If(b.Do(ir.OpULe, b.Int(10), i), func() { b.Exit(l) }, nil)
		x := b.Load(in, ir.F32, i, b.Do(ir.OpULt, i, b.Words(in)))
		b.If(b.Do(ir.OpFLt, x, b.Const(ir.F32, 0)), func() { b.Continue(l) }, nil)
		b.If(b.Do(ir.OpFEq, x, b.Const(ir.F32, 0x3f800000)), func() { b.Return() }, nil)
		p := b.Do(ir.OpFMul, x, b.Const(ir.F32, 0x3dcccccd))
		b.Set(acc, nil, b.Do(ir.OpFAdd, b.Get(acc, nil, nil), p), nil)
	}, func() *ir.Inst {
		b.Set(n, nil, b.Do(ir.OpIAdd, b.Get(n, nil, nil), b.Int(1)), nil)
		return nil
	})
	d := b.Do(ir.OpFSub, b.Get(acc, nil, nil), b.Get(shared, b.Int(0), nil))
	b.Store(out, at, b.Do(ir.OpFDiv, d, b.Do(ir.OpFSqrt, d)), b.Do(ir.OpULt, at, b.Words(out)))
	return b.Kernel()
}

// body is the text of a shader from its entry point on.
func body(s *Shader) string { return s.WGSL[strings.Index(s.WGSL, "@compute"):] }

func TestGolden(t *testing.T) {
	for m := range numModes {
		s, err := Print(sample(), m, Options{})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", strings.ReplaceAll(m.String(), "+", "_")+".wgsl")
		if *update {
			if err := os.WriteFile(path, []byte(body(s)), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := body(s); got != string(want) {
			t.Errorf("%s: the shader differs from %s; if it should, run the test with -update:\n%s", m, path, got)
		}
	}
}

var (
	arithmetic = regexp.MustCompile(`bitcast<f32>\(.*?\) [-+*/] bitcast<f32>`)
	fencedSum  = regexp.MustCompile(`= bitcast<u32>\(bitcast<f32>\(.*\) [-+*/] bitcast<f32>\(.*\)\) \^ z;$`)
	floatType  = regexp.MustCompile(`\bf32\b`)
	bareConst  = regexp.MustCompile(`bitcast<f32>\(0x`)
	defined    = regexp.MustCompile(`^ *(?:let )?[vh](\d+) = `)
)

// rules checks what must hold of any shader of a mode.
func rules(k *ir.Kernel, s *Shader) error {
	main := body(s)
	f := gather(k, s.Mode).fences
	insts := make([]*ir.Inst, k.NumInsts)
	k.Walk(func(i *ir.Inst) { insts[i.ID] = i })
	for _, l := range strings.Split(main, "\n") {
		float := floatType.MatchString(l)
		free, fused, unguarded := false, false, false // what is known of the value defined here
		if m := defined.FindStringSubmatch(l); m != nil {
			id, _ := strconv.Atoi(m[1])
			free, fused = f.free[id] || insts[id].Op == ir.OpFToS, f.fused[id]
			if op := insts[id].Op; op == ir.OpFAdd || op == ir.OpFSub || op == ir.OpFMul {
				unguarded = f.unguarded(insts[id])
			}
		}
		switch {
		case s.Mode == ModeSoft && float:
			return fmt.Errorf("a float in the soft lowering: %s", l)
		case s.Mode == ModeGuard && float && !free && !unguarded:
			return fmt.Errorf("a float outside the guarded functions: %s", l)
		case (s.Mode == ModeNative || s.Mode == ModeGuard) && arithmetic.MatchString(l) && !free && !fused && !fencedSum.MatchString(l):
			return fmt.Errorf("arithmetic without a fence: %s", l)
		case (s.Mode == ModeNative || s.Mode == ModeGuard) && bareConst.MatchString(l):
			return fmt.Errorf("a float constant without a fence: %s", l)
		case s.Mode == ModePlain && strings.Contains(l, "^ z"):
			return fmt.Errorf("a fence in the plain lowering: %s", l)
		}
	}
	if s.Mode == ModeSoft && floatType.MatchString(s.WGSL) {
		return errors.New("a float in the functions of the soft lowering")
	}
	if n := strings.Count(s.WGSL, "{") - strings.Count(s.WGSL, "}"); n != 0 {
		return fmt.Errorf("%d more blocks opened than closed", n)
	}
	if strings.Count(main, "loop {") > strings.Count(main, "break;") {
		return errors.New("a loop without a way out")
	}
	return nil
}

func TestRules(t *testing.T) {
	for seed := range uint64(200) {
		for m := range numModes {
			c := irgen.New(seed, irgen.Options{Transcendental: seed%2 == 0})
			s, err := Print(c.Kernel, m, Options{AllWritable: seed%3 == 0, CountLoops: seed%5 == 0})
			if err != nil {
				t.Fatalf("seed %d %s: %v", seed, m, err)
			}
			if err := rules(c.Kernel, s); err != nil {
				t.Errorf("seed %d %s: %v", seed, m, err)
			}
		}
	}
}

// TestEveryOperator sees that each pure operator has a text and each function it calls exists.
func TestEveryOperator(t *testing.T) {
	for op := ir.OpIAdd; op <= ir.OpSelect; op++ {
		types := ir.OperandTypes(op)
		switch op {
		case ir.OpIEq, ir.OpINe:
			types = []ir.Type{ir.I32, ir.I32}
		case ir.OpBitcast:
			types = []ir.Type{ir.I32}
		case ir.OpSelect:
			types = []ir.Type{ir.Bool, ir.F32, ir.F32}
		}
		b := ir.NewBuilder("op", 1, 1, 1)
		in, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
		zero := b.Int(0)
		var args []*ir.Inst
		for _, ty := range types {
			if ty == ir.Bool {
				args = append(args, b.Do(ir.OpINe, b.Load(in, ir.I32, zero, nil), zero))
			} else {
				args = append(args, b.Load(in, ty, zero, nil))
			}
		}
		v := b.Do(op, args...)
		if v.Type == ir.Bool {
			v = b.Do(ir.OpBToI, v)
		}
		b.Store(out, zero, v, nil)
		for m := range numModes {
			if _, err := Print(b.Kernel(), m, Options{}); err != nil {
				t.Errorf("%s in %s: %v", op, m, err)
			}
		}
	}
	for op, name := range calls {
		if strings.HasPrefix(name, "gw_") && !slices.Contains(libm.Names(), name) {
			t.Errorf("%s calls %s, which the library lacks", op, name)
		}
		if strings.HasPrefix(name, "gl_") && functions[name] == "" {
			t.Errorf("%s calls %s, which does not exist", op, name)
		}
	}
}

// TestConstantsAreFolded sees that no operator reaches the shader compiler with constants alone: it refuses some, such as
// a division by zero.
func TestConstantsAreFolded(t *testing.T) {
	b := ir.NewBuilder("constants", 1, 1, 1)
	out := b.Bind("out", ir.ReadWrite, false)
	b.Store(out, b.Int(0), b.Do(ir.OpSDiv, b.Int(7), b.Int(0)), nil)
	b.Store(out, b.Int(1), b.Do(ir.OpFDiv, b.Const(ir.F32, 0x3f800000), b.Const(ir.F32, 0)), nil)
	s, err := Print(b.Kernel(), ModeNative, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"b0[o0 + 0x0u] = 0x7u;", "b0[o0 + 0x1u] = (0x7f800000u ^ z);"} {
		if !strings.Contains(s.WGSL, want) {
			t.Errorf("no %q in\n%s", want, s.WGSL)
		}
	}
}

// TestRelatedOperands sees that a sum of operands that a compiler might know to be related has the second fence, and that
// an accumulation does not pay for it.
func TestRelatedOperands(t *testing.T) {
	s, err := Print(sample(), ModeNative, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(body(s), "^ z2"); n != 1 { // acc - shared[0]
		t.Errorf("%d second fences, want 1:\n%s", n, body(s))
	}
}

func TestRefusals(t *testing.T) {
	if _, err := Print(&ir.Kernel{Name: "k"}, ModeNative, Options{}); err == nil {
		t.Error("a kernel without invocations was printed")
	}
	if _, err := Print(sample(), numModes, Options{}); err == nil {
		t.Error("an unknown mode was printed")
	}
	b := ir.NewBuilder("deep", 1, 1, 1)
	out := b.Bind("out", ir.ReadWrite, false)
	zero := b.Int(0)
	var deep func(n int)
	deep = func(n int) {
		if n > 0 {
			b.If(b.Do(ir.OpIEq, b.Load(out, ir.I32, zero, nil), zero), func() { deep(n - 1) }, nil)
		}
	}
	deep(MaxDepth + 1)
	if _, err := Print(b.Kernel(), ModeNative, Options{}); err == nil || !strings.Contains(err.Error(), "nested deeper") {
		t.Errorf("deep: %v", err)
	}
	b = ir.NewBuilder("wide", 1, 1, 1)
	out = b.Bind("out", ir.ReadWrite, false)
	x := b.Load(out, ir.F32, b.Int(0), nil)
	for range 100_000 {
		x = b.Do(ir.OpFAdd, x, x)
	}
	b.Store(out, b.Int(0), x, nil)
	if _, err := Print(b.Kernel(), ModeNative, Options{}); err == nil || !strings.Contains(err.Error(), "bytes") {
		t.Errorf("wide: %v", err)
	}
}

// TestSharedKernel prints one kernel from several goroutines, which the race detector watches if asked to, and one whose
// numbers are wrong.
func TestSharedKernel(t *testing.T) {
	k := sample()
	var texts [4]string
	var wait sync.WaitGroup
	for n := range texts {
		wait.Go(func() {
			if s, err := Print(k, ModeGuard, Options{}); err == nil {
				texts[n] = s.WGSL
			}
		})
	}
	wait.Wait()
	k.Body[3].ID = 0
	s, err := Print(k, ModeGuard, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		if text != s.WGSL {
			t.Error("the same kernel has been printed in two ways")
		}
	}
}

func TestModes(t *testing.T) {
	for m := range numModes {
		if got, err := ParseMode(m.String()); got != m || err != nil {
			t.Errorf("%s parsed as %s, %v", m, got, err)
		}
	}
	if _, err := ParseMode("fast"); err == nil {
		t.Error("fast is a mode")
	}
}

func TestGasCells(t *testing.T) {
	cells := make([]byte, GasBytes)
	cells[0], cells[8*3+4] = 7, 1 // slot 0 low, slot 3 high
	if gas, trapped, err := Gas(cells); gas != 7+1<<32 || trapped || err != nil {
		t.Errorf("gas %d %v %v", gas, trapped, err)
	}
	cells[8*GasSlots] = 1
	if _, trapped, err := Gas(cells); !trapped || err != nil {
		t.Errorf("trapped %v %v", trapped, err)
	}
	cells[8*GasSlots+4] = 1
	if _, _, err := Gas(cells); !errors.Is(err, ErrLoopCut) {
		t.Errorf("cut: %v", err)
	}
	if _, _, err := Gas(cells[:5]); err == nil {
		t.Error("short cells were read")
	}
	if m := Meta(^uint32(0), [3]uint32{1, 2, 3}, [3]uint32{4, 5, 6}, []Range{{7, 8}}); len(m) != 64 || m[11] != 0xf0 || m[48] != 7 {
		t.Errorf("meta %x", m)
	}
}

// FuzzPrint prints random kernels: every one that Verify accepts gets a shader that keeps the rules.
func FuzzPrint(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed, uint8(20+10*seed), uint8(seed))
	}
	f.Fuzz(func(t *testing.T, seed uint64, size, mode uint8) {
		c := irgen.New(seed, irgen.Options{Size: int(size), Transcendental: seed%2 == 0})
		m := Mode(mode % uint8(numModes))
		s, err := Print(c.Kernel, m, Options{CountLoops: mode > 127, AllWritable: mode&64 != 0})
		if err != nil {
			if strings.Contains(err.Error(), "nested deeper") || strings.Contains(err.Error(), "bytes") {
				return
			}
			t.Fatal(err)
		}
		if err := rules(c.Kernel, s); err != nil {
			t.Error(err)
		}
	})
}
