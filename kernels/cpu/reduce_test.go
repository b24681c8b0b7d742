package cpu

import (
	"testing"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
)

// TestReduceVerifies: what reduce makes of random kernels is well formed. That it computes the same with the same gas is
// seen by every other test.
func TestReduceVerifies(t *testing.T) {
	unrolled := 0
	for seed := range uint64(400) {
		c := irgen.New(seed, irgen.Options{Size: 10 + int(seed%90)})
		loops := func(k *ir.Kernel) (n int) {
			k.Walk(func(i *ir.Inst) {
				if i.Op == ir.OpLoop {
					n++
				}
			})
			return n
		}
		k, cost := reduce(c.Kernel)
		if err := k.Verify(); err != nil {
			t.Fatalf("seed %d: %v\n%s\nof\n%s", seed, err, k, c.Kernel)
		}
		k.Walk(func(i *ir.Inst) {
			if _, ok := cost[i]; !ok && i.Op != ir.OpConst && i.Op != ir.OpInput && i.Op != ir.OpBufferWords && i.Op != ir.OpZero {
				t.Fatalf("seed %d: %s has no cost", seed, i.Op)
			}
		})
		if loops(k) < loops(c.Kernel) {
			unrolled++
		}
		if err := c.Kernel.Verify(); err != nil {
			t.Fatalf("seed %d: the original is changed: %v", seed, err)
		}
	}
	if unrolled < 20 {
		t.Errorf("of 400 kernels %d had loops unrolled", unrolled)
	}
}
