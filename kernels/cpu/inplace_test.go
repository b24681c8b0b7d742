package cpu

import (
	"testing"

	"github.com/gwrun/gwrun/kernels/cpu/inplace"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
	"github.com/gwrun/gwrun/kernels/lib"
)

// TestInPlace: no kernel's module holds what wazero may compile wrongly; without inplace.Rewrite most would.
func TestInPlace(t *testing.T) {
	modules := 0
	check := func(name string, k *ir.Kernel) {
		for _, v := range []vectors{vectorsNever, vectorsAlways} {
			p, err := translate(k, v)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			modules++
			if found, err := inplace.Find(p.wasm); err != nil || len(found) > 0 {
				t.Errorf("%s: found %v, error %v", name, found, err)
			}
		}
	}
	for _, op := range lib.Ops() {
		k, err := op.Kernel(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		check(op.Name, k.IR)
	}
	for seed := range uint64(100) {
		check("a random kernel", irgen.New(seed, irgen.Options{Transcendental: true, Size: 40}).Kernel)
	}
	for _, op := range spilledOps {
		check(op.String(), spiller(op, 1).Kernel)
	}
	t.Logf("%d modules", modules)
}
