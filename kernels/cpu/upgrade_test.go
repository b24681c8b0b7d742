package cpu

import (
	"context"
	"testing"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
)

// TestUpgrade: a long kernel starts as scalar code, goes over to vector code, and nothing is to be seen of it.
func TestUpgrade(t *testing.T) {
	b := ir.NewBuilder("long", 64, 1, 1)
	in, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	i := b.Input(ir.GlobalX)
	x := b.Load(in, ir.F32, i, b.Do(ir.OpULt, i, b.Words(in)))
	for n := range uint32(2000) {
		x = b.Do(ir.OpFFma, x, b.Const(ir.F32, 0x3f000000+n<<9), b.Const(ir.F32, 0x3e000000+n<<10))
	}
	b.Store(out, i, x, b.Do(ir.OpULt, i, b.Words(out)))
	d := opener(Options{Workers: 2})(t)
	defer d.Close()
	ctx := context.Background()
	p, err := d.NewPipeline(ctx, kernels.NewKernel("long", "", nil, b.Kernel()))
	if err != nil {
		t.Fatal(err)
	}
	own := p.(*pipeline)
	if own.better == nil {
		t.Fatal("a kernel of 2000 fused products is not long: its vector code was compiled at once")
	}
	x1 := &kernels.Dispatch{Pipeline: p, Workgroups: [3]uint32{2, 1, 1}, GasLimit: 1 << 20}
	for range 2 {
		buf, err := d.NewBuffer(4 * 100)
		if err != nil {
			t.Fatal(err)
		}
		x1.Bindings = append(x1.Bindings, kernels.Bound{Buffer: buf, Size: 400})
	}
	words := make([]byte, 400)
	for n := range words {
		words[n] = byte(n * 37)
	}
	if err := d.Write(x1.Bindings[0].Buffer, 0, words); err != nil {
		t.Fatal(err)
	}
	var bits [2]string
	var gas [2]uint64
	for n := range 2 {
		if n == 1 {
			for own.better != nil {
				own.take()
				time.Sleep(time.Millisecond)
			}
			if own.prog.scalar == nil {
				t.Fatal("the code is still scalar")
			}
		}
		if gas[n], err = d.Dispatch(ctx, x1); err != nil {
			t.Fatal(err)
		}
		if err := d.Read(x1.Bindings[1].Buffer, 0, words); err != nil {
			t.Fatal(err)
		}
		bits[n] = string(words)
	}
	if bits[0] != bits[1] || gas[0] != gas[1] {
		t.Errorf("the results differ, or the gas: %d and %d", gas[0], gas[1])
	}
	q, err := d.NewPipeline(ctx, kernels.NewKernel("long", "", nil, b.Kernel()))
	if err != nil {
		t.Fatal(err)
	}
	q.Free() // maybe before its vector code is there
	p.Free()
}
