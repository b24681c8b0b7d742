package cpu

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir/interp"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
)

func TestSmoke(t *testing.T) {
	d, err := Open(Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for seed := range uint64(3000) {
		if err := one(d, seed); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

func one(d kernels.Device, seed uint64) error {
	c := irgen.New(seed, irgen.Options{Size: 10 + int(seed%60)})
	if err := c.Kernel.Verify(); err != nil {
		return err
	}
	ctx := context.Background()
	p, err := d.NewPipeline(ctx, kernels.NewKernel("r", fmt.Sprint(seed), nil, c.Kernel))
	if err != nil {
		return fmt.Errorf("%w\n%s", err, c.Kernel)
	}
	defer p.Free()
	x := &kernels.Dispatch{Pipeline: p, Workgroups: c.Workgroups, GasLimit: c.GasLimit}
	for _, words := range c.Buffers {
		data := make([]byte, 4*len(words))
		for n, w := range words {
			binary.LittleEndian.PutUint32(data[4*n:], w)
		}
		b, err := d.NewBuffer(uint64(len(data)))
		if err != nil {
			return err
		}
		defer b.Free()
		if err := d.Write(b, 0, data); err != nil {
			return err
		}
		x.Bindings = append(x.Bindings, kernels.Bound{Buffer: b, Size: b.Size()})
	}
	gas, err := d.Dispatch(ctx, x)
	if err != nil {
		return err
	}
	in := &interp.Dispatch{Kernel: c.Kernel, Buffers: c.Buffers, Workgroups: c.Workgroups, GasLimit: c.GasLimit}
	want, err := in.Run(ctx)
	if err != nil {
		return err
	}
	for n, words := range c.Buffers {
		data := make([]byte, 4*len(words))
		if err := d.Read(x.Bindings[n].Buffer, 0, data); err != nil {
			return err
		}
		for i, w := range words {
			if got := binary.LittleEndian.Uint32(data[4*i:]); got != w {
				return fmt.Errorf("binding %d word %d: got %#x want %#x\n%s", n, i, got, w, c.Kernel)
			}
		}
	}
	if gas != want {
		return fmt.Errorf("gas %d want %d\n%s", gas, want, c.Kernel)
	}
	return nil
}
