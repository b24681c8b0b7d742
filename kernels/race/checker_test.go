package race

import (
	"context"
	"slices"
	"testing"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/interp"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
)

// dispatchOf makes the Checker's view of a generated case: Buffers are changed in place.
func dispatchOf(c *irgen.Case) *Dispatch {
	d := &Dispatch{Workgroups: c.Workgroups, Content: func(b int) ([]uint32, error) { return c.Buffers[b], nil }}
	for _, b := range c.Buffers {
		d.Words = append(d.Words, uint32(len(b)))
	}
	return d
}

// The executor computes what the interpreter does, and finds no race in kernels that have none by construction.
func TestExecutor(t *testing.T) {
	for seed := range uint64(150) {
		c := irgen.New(seed, irgen.Options{Size: 10 + int(seed%50)})
		want := make([][]uint32, len(c.Buffers))
		for n, b := range c.Buffers {
			want[n] = slices.Clone(b)
		}
		in := &interp.Dispatch{Kernel: c.Kernel, Buffers: want, Workgroups: c.Workgroups, GasLimit: c.GasLimit}
		if _, err := in.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		sliced := &irgen.Case{Kernel: c.Kernel, Workgroups: c.Workgroups}
		for _, b := range c.Buffers {
			sliced.Buffers = append(sliced.Buffers, slices.Clone(b))
		}
		res, err := newChecker(c.Kernel, true).Run(context.Background(), dispatchOf(c))
		if err != nil || len(res.Races) > 0 {
			t.Fatalf("seed %d: %v %v", seed, res.Races, err)
		}
		for n := range want {
			if k := c.Kernel.Bindings[n]; k.Access == ir.ReadWrite && !slices.Equal(c.Buffers[n], want[n]) {
				t.Fatalf("seed %d: binding %d differs", seed, n)
			}
		}
		if res, err := NewChecker(c.Kernel).Run(context.Background(), dispatchOf(sliced)); err != nil || len(res.Races) > 0 {
			t.Fatalf("seed %d, sliced: %v %v", seed, res.Races, err)
		}
	}
}
