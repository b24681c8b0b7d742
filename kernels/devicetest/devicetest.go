// Package devicetest is what every kernels.Device must pass: the CPU device and the GPU device run the same suite.
//
// Run covers the interface (buffers, bounds, bindings, errors), every operator of package ir on operands that are
// hard to get right, control flow, memory, barriers, atomics and gas. Random runs generated kernels. What is right is
// said by ir.Eval and kernels/ir/interp, bit for bit.
package devicetest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/interp"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
)

// Opener opens a fresh device for a test, or skips the test if there is none.
type Opener func(t *testing.T) kernels.Device

// Run runs the suite.
func Run(t *testing.T, open Opener) {
	t.Run("Buffers", func(t *testing.T) { testBuffers(t, device(t, open)) })
	t.Run("BufferErrors", func(t *testing.T) { testBufferErrors(t, device(t, open)) })
	t.Run("Freed", func(t *testing.T) { testFreed(t, device(t, open), device(t, open)) })
	t.Run("Closed", func(t *testing.T) { testClosed(t, open(t)) })
	t.Run("DispatchErrors", func(t *testing.T) { testDispatchErrors(t, device(t, open)) })
	t.Run("PipelineErrors", func(t *testing.T) { testPipelineErrors(t, device(t, open)) })
	t.Run("NoWorkgroups", func(t *testing.T) { testNoWorkgroups(t, device(t, open)) })
	t.Run("Bindings", func(t *testing.T) { testBindings(t, device(t, open)) })
	t.Run("Windows", func(t *testing.T) { testWindows(t, device(t, open)) })
	t.Run("Inputs", func(t *testing.T) { testInputs(t, device(t, open)) })
	t.Run("Operators", func(t *testing.T) { testOperators(t, device(t, open)) })
	t.Run("Constants", func(t *testing.T) { testConstants(t, device(t, open)) })
	t.Run("NaNs", func(t *testing.T) { testNaNs(t, device(t, open)) })
	t.Run("Rounding", func(t *testing.T) { testRounding(t, device(t, open)) })
	t.Run("Control", func(t *testing.T) { testControl(t, device(t, open)) })
	t.Run("Edges", func(t *testing.T) { testEdges(t, device(t, open)) })
	t.Run("ZeroOrder", func(t *testing.T) { testZeroOrder(t, device(t, open)) })
	t.Run("Private", func(t *testing.T) { testPrivate(t, device(t, open)) })
	t.Run("OutOfBounds", func(t *testing.T) { testOutOfBounds(t, device(t, open)) })
	t.Run("Workgroup", func(t *testing.T) { testWorkgroup(t, device(t, open)) })
	t.Run("Barriers", func(t *testing.T) { testBarriers(t, device(t, open)) })
	t.Run("Atomics", func(t *testing.T) { testAtomics(t, device(t, open)) })
	t.Run("Gas", func(t *testing.T) { testGas(t, device(t, open)) })
	t.Run("Endless", func(t *testing.T) { testEndless(t, device(t, open)) })
	t.Run("Cancel", func(t *testing.T) { testCancel(t, device(t, open)) })
	t.Run("Batch", func(t *testing.T) { testBatch(t, device(t, open)) })
	t.Run("Interleaved", func(t *testing.T) { testInterleaved(t, device(t, open)) })
}

// Random runs count generated kernels from seed on.
func Random(t *testing.T, open Opener, seed uint64, count int, o irgen.Options) {
	d := device(t, open)
	for n := range uint64(count) {
		o := o
		if o.Size == 0 {
			o.Size = 10 + int((seed+n)%60)
		}
		c := irgen.New(seed+n, o)
		if n%8 == 7 { // too little, maybe
			c.GasLimit = 40 + uint32(seed+n)%500
		}
		if err := Check(d, c); err != nil {
			t.Fatalf("seed %d: %v", seed+n, err)
		}
	}
}

// device opens a device and closes it with the test.
func device(t *testing.T, open Opener) kernels.Device {
	t.Helper()
	d := open(t)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return d
}

// Check runs a case on a device and on the interpreter, and says where they differ.
func Check(d kernels.Device, c *irgen.Case) error {
	s, err := Solve(c)
	if err != nil {
		return err
	}
	return s.Compare(Dispatch(d, c))
}

// Solved is a case and what must come out of it.
type Solved struct {
	*irgen.Case
	Want  [][]uint32 // what each buffer holds then
	Gas   uint64
	NoGas bool // an invocation passes the limit: then the rest does not matter
}

// Solve runs a case on the interpreter.
func Solve(c *irgen.Case) (*Solved, error) {
	if err := c.Kernel.Verify(); err != nil {
		return nil, err
	}
	s := &Solved{Case: c}
	for _, b := range c.Buffers {
		s.Want = append(s.Want, append([]uint32(nil), b...))
	}
	in := &interp.Dispatch{Kernel: c.Kernel, Buffers: s.Want, Workgroups: c.Workgroups, GasLimit: c.GasLimit}
	var err error
	if s.Gas, err = in.Run(context.Background()); errors.Is(err, interp.ErrGas) {
		s.NoGas, err = true, nil
	}
	return s, err
}

// Compare says where what a device made of the case differs from what must come out. A buffer that is nil is not
// looked at.
func (s *Solved) Compare(got [][]uint32, gas uint64, err error) error {
	if s.NoGas {
		if !errors.Is(err, kernels.ErrGas) {
			return fmt.Errorf("error %v, want %v\n%s", err, kernels.ErrGas, s.Kernel)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("error %w, want none\n%s", err, s.Kernel)
	}
	for n := range s.Want {
		for i, w := range s.Want[n] {
			if got[n] != nil && got[n][i] != w {
				return fmt.Errorf("binding %d word %d is %#08x, want %#08x\n%s", n, i, got[n][i], w, s.Kernel)
			}
		}
	}
	if gas != s.Gas {
		return fmt.Errorf("gas %d, want %d\n%s", gas, s.Gas, s.Kernel)
	}
	return nil
}

// Dispatch runs a case on a device and gives what its buffers hold then.
func Dispatch(d kernels.Device, c *irgen.Case) ([][]uint32, uint64, error) {
	ctx := context.Background()
	p, err := d.NewPipeline(ctx, kernels.NewKernel(c.Kernel.Name, c.Kernel.String(), nil, c.Kernel))
	if err != nil {
		return nil, 0, err
	}
	defer p.Free()
	x := &kernels.Dispatch{Pipeline: p, Workgroups: c.Workgroups, GasLimit: c.GasLimit}
	for _, words := range c.Buffers {
		b, err := d.NewBuffer(uint64(4 * len(words)))
		if err != nil {
			return nil, 0, err
		}
		defer b.Free()
		if err := d.Write(b, 0, bytesOf(words)); err != nil {
			return nil, 0, err
		}
		x.Bindings = append(x.Bindings, kernels.Bound{Buffer: b, Size: b.Size()})
	}
	gas, err := d.Dispatch(ctx, x)
	if err != nil {
		return nil, 0, err
	}
	got := make([][]uint32, len(c.Buffers))
	for n, words := range c.Buffers {
		p := make([]byte, 4*len(words))
		if err := d.Read(x.Bindings[n].Buffer, 0, p); err != nil {
			return nil, 0, err
		}
		got[n] = wordsOf(p)
	}
	return got, gas, nil
}

func bytesOf(words []uint32) []byte {
	p := make([]byte, 4*len(words))
	for n, w := range words {
		binary.LittleEndian.PutUint32(p[4*n:], w)
	}
	return p
}

func wordsOf(p []byte) []uint32 {
	w := make([]uint32, len(p)/4)
	for n := range w {
		w[n] = binary.LittleEndian.Uint32(p[4*n:])
	}
	return w
}

const plenty = 1 << 24 // gas for any kernel of the suite

// check compares a kernel on buffers with the interpreter.
func check(t *testing.T, d kernels.Device, k *ir.Kernel, groups [3]uint32, buffers ...[]uint32) {
	t.Helper()
	if err := Check(d, &irgen.Case{Kernel: k, Buffers: buffers, Workgroups: groups, GasLimit: plenty}); err != nil {
		t.Error(err)
	}
}

// run runs a kernel and gives what the last buffer holds then.
func run(t *testing.T, d kernels.Device, k *ir.Kernel, groups [3]uint32, buffers ...[]uint32) []uint32 {
	t.Helper()
	check(t, d, k, groups, buffers...)
	got, _, err := Dispatch(d, &irgen.Case{Kernel: k, Buffers: buffers, Workgroups: groups, GasLimit: plenty})
	if err != nil {
		t.Fatal(err)
	}
	return got[len(got)-1]
}

func expect(t *testing.T, got []uint32, want ...uint32) {
	t.Helper()
	for n, w := range want {
		if n >= len(got) || got[n] != w {
			t.Errorf("got %#x, want %#x", got, want)
			return
		}
	}
}

// count gives n words 0, 1, 2, ...
func count(n int) []uint32 {
	w := make([]uint32, n)
	for i := range w {
		w[i] = uint32(i)
	}
	return w
}

// copyKernel is out[i] = in[i] + 1 for every invocation i that is inside both.
func copyKernel() *ir.Kernel {
	b := ir.NewBuilder("copy", 4, 1, 1)
	in, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	i := b.Input(ir.GlobalX)
	ok := b.Do(ir.OpBAnd, b.Do(ir.OpULt, i, b.Words(in)), b.Do(ir.OpULt, i, b.Words(out)))
	b.Store(out, i, b.Do(ir.OpIAdd, b.Load(in, ir.I32, i, ok), b.Int(1)), ok)
	return b.Kernel()
}
