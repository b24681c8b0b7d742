package webgpu

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir/interp"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
	"github.com/gwrun/gwrun/kernels/lower"
)

// right are the lowerings that each driver runs right.
var right = map[string][]lower.Mode{
	"lavapipe":    {lower.ModeNative, lower.ModeSoft},
	"SwiftShader": {lower.ModeGuard, lower.ModeSoft},
}

func eachRight(t *testing.T, f func(t *testing.T, o Options)) {
	for driver, modes := range right {
		for _, m := range modes {
			t.Run(driver+"/"+m.String(), func(t *testing.T) {
				o := onDriver(t, driver)
				o.Lowering = m
				f(t, o)
			})
		}
	}
}

// TestRandomKernels compares random kernels with the interpreter, buffers and gas.
func TestRandomKernels(t *testing.T) {
	eachRight(t, func(t *testing.T, o Options) {
		d, err := Open(o)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		for seed := range uint64(150) {
			c := irgen.New(seed, irgen.Options{})
			if err := compare(d, c); err != nil {
				t.Errorf("seed %d: %v", seed, err)
			}
		}
	})
}

func bytesOf(w []uint32) []byte {
	var b []byte
	for _, x := range w {
		b = binary.LittleEndian.AppendUint32(b, x)
	}
	return b
}

func compare(d kernels.Device, c *irgen.Case) error {
	ctx := context.Background()
	p, err := d.NewPipeline(ctx, kernels.NewKernel(c.Kernel.Name, "", nil, c.Kernel))
	if err != nil {
		return err
	}
	defer p.Free()
	r := &kernels.Dispatch{Pipeline: p, Workgroups: c.Workgroups, GasLimit: c.GasLimit}
	for _, w := range c.Buffers {
		b, err := d.NewBuffer(uint64(4 * len(w)))
		if err != nil {
			return err
		}
		defer b.Free()
		if err := d.Write(b, 0, bytesOf(w)); err != nil {
			return err
		}
		r.Bindings = append(r.Bindings, kernels.Bound{Buffer: b, Size: b.Size()})
	}
	gas, err := d.Dispatch(ctx, r)
	if err != nil {
		return err
	}
	want := &interp.Dispatch{Kernel: c.Kernel, Workgroups: c.Workgroups, GasLimit: c.GasLimit}
	for _, w := range c.Buffers {
		want.Buffers = append(want.Buffers, append([]uint32(nil), w...))
	}
	wantGas, err := want.Run(ctx)
	if err != nil {
		return err
	}
	if gas != wantGas {
		return fmt.Errorf("gas %d, want %d", gas, wantGas)
	}
	for i, w := range want.Buffers {
		got := make([]byte, 4*len(w))
		if err := d.Read(r.Bindings[i].Buffer, 0, got); err != nil {
			return err
		}
		for j, x := range w {
			if g := binary.LittleEndian.Uint32(got[4*j:]); g != x {
				return fmt.Errorf("buffer %d word %d: %#x, want %#x", i, j, g, x)
			}
		}
	}
	return nil
}
