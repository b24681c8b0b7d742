package cpu

import (
	"context"
	"encoding/binary"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
)

// TestShared: a buffer bound both for reading and for writing is read as it is at that moment. Here each turn of a loop
// adds what the word before holds by then.
func TestShared(t *testing.T) {
	b := ir.NewBuilder("shared", 4, 1, 1)
	in, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	i := b.Var("i", ir.Private, ir.I32, 1)
	b.Loop(func(l *ir.Inst) {
		n := b.Get(i, nil, nil)
		b.If(b.Do(ir.OpULe, b.Int(5), n), func() { b.Exit(l) }, nil)
		at := b.Do(ir.OpIMul, b.Input(ir.GlobalX), b.Int(4))
		x := b.Load(in, ir.I32, at, b.Do(ir.OpULt, at, b.Words(in)))
		b.Store(out, at, b.Do(ir.OpIAdd, x, b.Int(7)), nil)
	}, func() *ir.Inst {
		b.Set(i, nil, b.Do(ir.OpIAdd, b.Get(i, nil, nil), b.Int(1)), nil)
		return nil
	})
	k := b.Kernel()
	d := opener(Options{Workers: 1})(t)
	defer d.Close()
	ctx := context.Background()
	p, err := d.NewPipeline(ctx, kernels.NewKernel("shared", "", nil, k))
	if err != nil {
		t.Fatal(err)
	}
	both, err := d.NewBuffer(64)
	if err != nil {
		t.Fatal(err)
	}
	other, err := d.NewBuffer(64)
	if err != nil {
		t.Fatal(err)
	}
	for n, c := range []struct {
		in   kernels.Bound
		want uint32
	}{{kernels.Bound{Buffer: other, Size: 64}, 7}, {kernels.Bound{Buffer: both, Size: 64}, 42}, {kernels.Bound{Buffer: other, Size: 64}, 7}} {
		if _, err := d.Dispatch(ctx, &kernels.Dispatch{Pipeline: p, Bindings: []kernels.Bound{c.in, {Buffer: both, Size: 64}},
			Workgroups: [3]uint32{1, 1, 1}, GasLimit: 1 << 20}); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 64)
		if err := d.Read(both, 0, got); err != nil {
			t.Fatal(err)
		}
		if w := binary.LittleEndian.Uint32(got[16:]); w != c.want {
			t.Errorf("dispatch %d: %d, want %d", n, w, c.want)
		}
	}
	p.Free()
}
