package wgslgen

import (
	"context"
	"testing"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/interp"
)

// TestValid compiles programs and runs them on the interpreter: none is refused, none traps.
func TestValid(t *testing.T) {
	ops := map[ir.Op]bool{}
	for seed := range uint64(300) {
		o := Options{Transcendental: seed%4 == 0, Integers: seed%4 == 1, Size: 5 + int(seed%30)}
		source, c, err := Case(seed, o)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, source)
		}
		if New(seed, o) != source {
			t.Fatalf("seed %d makes another program the second time", seed)
		}
		if err := c.Kernel.Verify(); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, source)
		}
		c.Kernel.Walk(func(i *ir.Inst) { ops[i.Op] = true })
		d := interp.Dispatch{Kernel: c.Kernel, Buffers: c.Buffers, Workgroups: c.Workgroups, GasLimit: c.GasLimit}
		if _, err := d.Run(context.Background()); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, source)
		}
	}
	if len(ops) < int(ir.NumOps)*3/4 {
		t.Errorf("300 programs come to %d of %d instructions", len(ops), ir.NumOps-1)
	}
}
