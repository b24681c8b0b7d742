package battery

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/kernels/f32/hard"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/lower"
)

var (
	exhaustive = flag.Bool("exhaustive", false, "run TestFunctions on all inputs, or on those -stride apart")
	stride     = flag.Uint64("stride", 1, "with -exhaustive: try only every input that many bit patterns apart (an odd number)")
	functions  = flag.String("functions", "", "with -exhaustive: the operations to run, separated by commas (all if empty)")
	outFile    = flag.String("out", "", "with -exhaustive: the file that gets a line for each finished operation; what stands there already is not run again")
)

// unary has every operation of one operand by the name that truth and hard operands have it under.
var unary = []struct {
	name string
	op   ir.Op
}{
	{"exp", ir.OpFExp}, {"exp2", ir.OpFExp2}, {"log", ir.OpFLog}, {"log2", ir.OpFLog2}, {"sin", ir.OpFSin}, {"cos", ir.OpFCos},
	{"tan", ir.OpFTan}, {"tanh", ir.OpFTanh}, {"asin", ir.OpFAsin}, {"acos", ir.OpFAcos}, {"atan", ir.OpFAtan},
	{"sinh", ir.OpFSinh}, {"cosh", ir.OpFCosh}, {"asinh", ir.OpFAsinh}, {"acosh", ir.OpFAcosh}, {"atanh", ir.OpFAtanh},
	{"invsqrt", ir.OpFInvSqrt}, {"sqrt", ir.OpFSqrt}, {"floor", ir.OpFFloor}, {"ceil", ir.OpFCeil}, {"trunc", ir.OpFTrunc},
	{"round", ir.OpFRound}, {"stof", ir.OpSToF}, {"utof", ir.OpUToF}, {"ftos", ir.OpFToS}, {"ftou", ir.OpFToU},
}

const (
	block     = 256 // inputs one invocation folds into one word
	foldGroup = 64  // invocations of a workgroup
)

// foldGroups is the number of workgroups of a dispatch, perFold that of its blocks.
func foldGroups() uint32 {
	if *exhaustive {
		return 256
	}
	return 8
}

func perFold() int { return foldGroup * int(foldGroups()) }

// quick are the operations that every run tries in blocks, without -exhaustive; kernels/probe tries all on operands.
var quick = map[string]bool{"exp2": true, "cos": true, "tanh": true, "invsqrt": true, "sqrt": true, "round": true, "ftos": true}

// foldKernel applies f to block inputs for every invocation, step apart, from params[0] + step*block*invocation on, and
// gives one word that depends on every result: h = rotate((h ^ f(x)) * odd, 11), which is one to one in each result.
func foldKernel(name string, op ir.Op) *kernels.Kernel {
	b := ir.NewBuilder("fold_"+name, foldGroup, 1, 1)
	params, out := b.Bind("params", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	i := b.Input(ir.GlobalX)
	base, step := b.Load(params, ir.I32, b.Int(0), nil), b.Load(params, ir.I32, b.Int(1), nil)
	x, h, n := b.Var("x", ir.Private, ir.I32, 1), b.Var("h", ir.Private, ir.I32, 1), b.Var("n", ir.Private, ir.I32, 1)
	b.Set(x, nil, b.Do(ir.OpIAdd, base, b.Do(ir.OpIMul, step, b.Do(ir.OpIMul, i, b.Int(block)))), nil)
	b.Loop(func(l *ir.Inst) {
		b.If(b.Do(ir.OpULe, b.Int(block), b.Get(n, nil, nil)), func() { b.Exit(l) }, nil)
		v := b.Get(x, nil, nil)
		r := apply(b, op, v)
		k := b.Do(ir.OpIMul, b.Do(ir.OpXor, b.Get(h, nil, nil), r), b.Int(0x9e3779b1))
		b.Set(h, nil, b.Do(ir.OpOr, b.Do(ir.OpShl, k, b.Int(11)), b.Do(ir.OpShrU, k, b.Int(21))), nil)
		b.Set(x, nil, b.Do(ir.OpIAdd, v, step), nil)
	}, func() *ir.Inst {
		b.Set(n, nil, b.Do(ir.OpIAdd, b.Get(n, nil, nil), b.Int(1)), nil)
		return nil
	})
	b.Store(out, i, b.Get(h, nil, nil), nil)
	return kernels.NewKernel("fold_"+name, "", nil, b.Kernel())
}

// eachKernel is out[i] = f(in[i]).
func eachKernel(name string, op ir.Op) *kernels.Kernel {
	b := ir.NewBuilder("each_"+name, foldGroup, 1, 1)
	in, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	i := b.Input(ir.GlobalX)
	ok := b.Do(ir.OpULt, i, b.Words(in))
	b.Store(out, i, apply(b, op, b.Load(in, ir.I32, i, ok)), ok)
	return kernels.NewKernel("each_"+name, "", nil, b.Kernel())
}

// apply works on bits: an integer operand or result goes as it is.
func apply(b *ir.Builder, op ir.Op, x *ir.Inst) *ir.Inst {
	if ir.OperandTypes(op)[0] == ir.F32 {
		x = b.Do(ir.OpBitcast, x)
	}
	r := b.Do(op, x)
	if r.Type == ir.F32 {
		r = b.Do(ir.OpBitcast, r)
	}
	return r
}

// evaluator runs both kernels of an operation on a device.
type evaluator struct {
	d           kernels.Device
	fold, each  kernels.Pipeline
	params, out kernels.Buffer
}

func newEvaluator(ctx context.Context, d kernels.Device, name string, op ir.Op) (*evaluator, error) {
	e := &evaluator{d: d}
	var err error
	if e.fold, err = d.NewPipeline(ctx, foldKernel(name, op)); err != nil {
		return nil, err
	}
	if e.each, err = d.NewPipeline(ctx, eachKernel(name, op)); err != nil {
		return nil, err
	}
	if e.params, err = d.NewBuffer(8); err != nil {
		return nil, err
	}
	e.out, err = d.NewBuffer(uint64(4 * perFold()))
	return e, err
}

func (e *evaluator) free() {
	e.fold.Free()
	e.each.Free()
	e.params.Free()
	e.out.Free()
}

// blocks gives a word for each block of a dispatch.
func (e *evaluator) blocks(ctx context.Context, base, step uint32) ([]byte, error) {
	var p [8]byte
	binary.LittleEndian.PutUint32(p[:], base)
	binary.LittleEndian.PutUint32(p[4:], step)
	if err := e.d.Write(e.params, 0, p[:]); err != nil {
		return nil, err
	}
	if _, err := e.d.Dispatch(ctx, &kernels.Dispatch{Pipeline: e.fold, Workgroups: [3]uint32{foldGroups(), 1, 1}, GasLimit: 1 << 24,
		Bindings: []kernels.Bound{{Buffer: e.params, Size: 8}, {Buffer: e.out, Size: e.out.Size()}}}); err != nil {
		return nil, err
	}
	got := make([]byte, 4*perFold())
	return got, e.d.Read(e.out, 0, got)
}

// values applies the operation to each word.
func (e *evaluator) values(ctx context.Context, in []uint32) ([]uint32, error) {
	from, err := e.d.NewBuffer(uint64(4 * len(in)))
	if err != nil {
		return nil, err
	}
	defer from.Free()
	to, err := e.d.NewBuffer(uint64(4 * len(in)))
	if err != nil {
		return nil, err
	}
	defer to.Free()
	if err := e.d.Write(from, 0, bytesOf(in)); err != nil {
		return nil, err
	}
	groups := uint32(len(in)+foldGroup-1) / foldGroup
	if _, err := e.d.Dispatch(ctx, &kernels.Dispatch{Pipeline: e.each, Workgroups: [3]uint32{groups, 1, 1}, GasLimit: 1 << 24,
		Bindings: []kernels.Bound{{Buffer: from, Size: from.Size()}, {Buffer: to, Size: to.Size()}}}); err != nil {
		return nil, err
	}
	p := make([]byte, 4*len(in))
	if err := e.d.Read(to, 0, p); err != nil {
		return nil, err
	}
	return wordsOf(p), nil
}

// edges are the operands of an operation that a sample must not miss.
func edges(name string) []uint32 {
	in := append([]uint32(nil), hard.Inputs(name)...)
	for e := range uint32(512) {
		for d := range uint32(9) {
			in = append(in, e<<23+d-4, e<<23+0x400000+d-4)
		}
	}
	return in
}

// TestFunctions compares the operations of one operand on every stack that is a device with the CPU device, which
// kernels/f32 judges by the truth: the hard operands, and in blocks that are folded on the device a few million inputs
// more, with -exhaustive all 2^32 or those -stride apart.
func TestFunctions(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		if s.name == "cpu" || s.device == nil {
			return // kernels/f32 judges the one; the other keeps no buffers from dispatch to dispatch
		}
		gpu, err := s.device()
		if err != nil {
			t.Fatal(err)
		}
		defer gpu.Close()
		reference, err := cpu.Open(cpu.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer reference.Close()
		had := readFinished(t)
		for _, f := range unary {
			if *functions != "" && !strings.Contains(","+*functions+",", ","+f.name+",") {
				continue
			}
			if !*exhaustive && (!quick[f.name] || s.mode == lower.ModeSoft && f.name != "exp2") {
				continue
			}
			key := fmt.Sprintf("%s\t%s\t%d", s.name, f.name, *stride)
			if *exhaustive && had[key] {
				fmt.Printf("%s stands in %s already\n", key, *outFile)
				continue
			}
			inputs, wrong := compareFunction(t, reference, gpu, f.name, f.op)
			if *exhaustive && *outFile != "" && wrong >= 0 {
				appendLine(t, fmt.Sprintf("%s\t%d\t%d\n", key, inputs, wrong))
			}
		}
	})
}

// compareFunction runs one operation on both devices and gives the number of inputs and of differing results.
func compareFunction(t *testing.T, reference, other kernels.Device, name string, op ir.Op) (inputs, wrong int64) {
	ctx := t.Context()
	want, err := newEvaluator(ctx, reference, name, op)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer want.free()
	began := time.Now()
	got, err := newEvaluator(ctx, other, name, op)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer got.free()
	compiled := time.Since(began)
	wrong = compareValues(t, want, got, name, edges(name))
	inputs = int64(len(edges(name)))
	per := uint64(block * perFold())
	step, dispatches := uint32(1021), uint64(1)
	if *exhaustive {
		step = uint32(*stride)
		dispatches = (uint64(1)<<32/uint64(step) + per - 1) / per
	}
	began = time.Now()
	type result struct {
		base uint32
		b    []byte
	}
	ahead := make(chan result, 2) // the reference works on while the other device does
	stop := make(chan struct{})
	defer func() {
		close(stop)
		for range ahead { // so that nobody uses the device after
		}
	}()
	go func() {
		defer close(ahead)
		for n := range dispatches {
			base := uint32(n * per * uint64(step))
			b, err := want.blocks(ctx, base, step)
			if err != nil {
				t.Errorf("%s on the cpu: %v", name, err)
				return
			}
			select {
			case ahead <- result{base, b}:
			case <-stop:
				return
			}
		}
	}()
	told := time.Now()
	for w := range ahead {
		g, err := got.blocks(ctx, w.base, step)
		if err != nil {
			t.Fatalf("%s from %#08x: %v", name, w.base, err)
		}
		for n := range perFold() {
			if binary.LittleEndian.Uint32(g[4*n:]) == binary.LittleEndian.Uint32(w.b[4*n:]) {
				continue
			}
			in := make([]uint32, block)
			for i := range in {
				in[i] = w.base + step*uint32(n*block+i)
			}
			if wrong < 1000 { // enough to see what it is
				found := compareValues(t, want, got, name, in)
				if found == 0 {
					t.Errorf("%s: the block from %#08x came out differently, its inputs one by one do not", name, in[0])
					found = 1
				}
				wrong += found
			} else {
				wrong++
			}
		}
		inputs += int64(per)
		if *exhaustive && time.Since(told) > 10*time.Second {
			told = time.Now()
			fmt.Fprintf(os.Stderr, "%s %s: %d of %d million inputs, %d wrong, %s\n", t.Name(), name, inputs>>20, dispatches*per>>20, wrong, time.Since(began).Round(time.Second))
		}
	}
	if wrong > 0 {
		t.Errorf("%s: %d results differ", name, wrong)
	}
	figures(t, "%s: %d inputs, %d wrong, %s and %s to compile", name, inputs, wrong, time.Since(began).Round(time.Second/100), compiled.Round(time.Second/100))
	return inputs, wrong
}

// compareValues compares one by one and reports the first few that differ.
func compareValues(t *testing.T, want, got *evaluator, name string, in []uint32) (wrong int64) {
	w, err := want.values(t.Context(), in)
	if err != nil {
		t.Fatalf("%s on the cpu: %v", name, err)
	}
	g, err := got.values(t.Context(), in)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for i := range in {
		if w[i] != g[i] {
			if wrong++; wrong <= 5 {
				t.Errorf("%s(%#08x) is %#08x, want %#08x", name, in[i], g[i], w[i])
			}
		}
	}
	return wrong
}

// readFinished gives the operations that -out has without a fault.
func readFinished(t *testing.T) map[string]bool {
	had := map[string]bool{}
	if *outFile == "" {
		return had
	}
	text, err := os.ReadFile(filepath.Clean(*outFile))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(strings.TrimSpace(line), "\t"); len(f) == 5 && f[4] == "0" {
			had[strings.Join(f[:3], "\t")] = true
		}
	}
	return had
}

func appendLine(t *testing.T, line string) {
	f, err := os.OpenFile(*outFile, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(line); err != nil {
		t.Fatal(err)
	}
}
