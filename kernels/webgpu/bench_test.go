package webgpu

import (
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/lower"
)

// BenchmarkDispatch is the smallest dispatch there is: what a round trip to the device process costs.
func BenchmarkDispatch(b *testing.B) {
	d, err := Open(onDriver(b, "lavapipe"))
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	k := ir.NewBuilder("tiny", 1, 1, 1)
	out := k.Bind("out", ir.ReadWrite, false)
	k.Store(out, k.Int(0), k.Int(1), nil)
	run := ready(b, d, k.Kernel(), 4)
	for b.Loop() {
		run(1)
	}
}

// BenchmarkDot is a dot product of 256 terms in each of 4096 invocations, by lowering.
func BenchmarkDot(b *testing.B) {
	for _, m := range []lower.Mode{lower.ModePlain, lower.ModeNative, lower.ModeGuard, lower.ModeSoft} {
		b.Run(m.String(), func(b *testing.B) {
			o := onDriver(b, "lavapipe")
			o.Lowering = m
			d, err := Open(o)
			if err != nil {
				b.Fatal(err)
			}
			defer d.Close()
			k := ir.NewBuilder("dot", 64, 1, 1)
			in, out := k.Bind("in", ir.Read, false), k.Bind("out", ir.ReadWrite, false)
			at := k.Input(ir.GlobalX)
			acc, n := k.Var("acc", ir.Private, ir.F32, 1), k.Var("n", ir.Private, ir.I32, 1)
			k.Loop(func(l *ir.Inst) {
				i := k.Get(n, nil, nil)
				k.If(k.Do(ir.OpULe, k.Int(256), i), func() { k.Exit(l) }, nil)
				x := k.Load(in, ir.F32, i, nil)
				y := k.Load(in, ir.F32, k.Do(ir.OpAnd, k.Do(ir.OpIAdd, i, at), k.Int(4095)), nil)
				k.Set(acc, nil, k.Do(ir.OpFAdd, k.Get(acc, nil, nil), k.Do(ir.OpFMul, x, y)), nil)
				k.Set(n, nil, k.Do(ir.OpIAdd, i, k.Int(1)), nil)
			}, nil)
			k.Store(out, at, k.Get(acc, nil, nil), nil)
			run := ready(b, d, k.Kernel(), 4*4096, 4*4096)
			for b.Loop() {
				run(64)
			}
		})
	}
}

func ready(b *testing.B, d kernels.Device, k *ir.Kernel, sizes ...uint64) (run func(groups uint32)) {
	p, err := d.NewPipeline(b.Context(), kernels.NewKernel(k.Name, "", nil, k))
	if err != nil {
		b.Fatal(err)
	}
	r := &kernels.Dispatch{Pipeline: p, GasLimit: 1 << 30}
	for i, n := range sizes {
		buf, err := d.NewBuffer(n)
		if err != nil {
			b.Fatal(err)
		}
		data := make([]byte, n)
		for j := range data {
			data[j] = byte(j*7+i) & 0x3f
		}
		if err := d.Write(buf, 0, data); err != nil {
			b.Fatal(err)
		}
		r.Bindings = append(r.Bindings, kernels.Bound{Buffer: buf, Size: n})
	}
	return func(groups uint32) {
		r.Workgroups = [3]uint32{groups, 1, 1}
		if _, err := d.Dispatch(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}
