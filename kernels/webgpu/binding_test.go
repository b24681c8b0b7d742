package webgpu

import (
	"encoding/binary"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
)

func words(t *testing.T, d kernels.Device, b kernels.Buffer) []uint32 {
	t.Helper()
	p := make([]byte, b.Size())
	if err := d.Read(b, 0, p); err != nil {
		t.Fatal(err)
	}
	w := make([]uint32, len(p)/4)
	for i := range w {
		w[i] = binary.LittleEndian.Uint32(p[4*i:])
	}
	return w
}

// TestSharedBuffer binds parts of one buffer at any multiple of 4, for reading twice and for writing.
func TestSharedBuffer(t *testing.T) {
	d, err := Open(onDriver(t, "lavapipe"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	k := ir.NewBuilder("add", 1, 1, 1)
	x, y, out := k.Bind("x", ir.Read, false), k.Bind("y", ir.Uniform, false), k.Bind("out", ir.ReadWrite, false)
	i := k.Input(ir.GlobalX)
	ok := k.Do(ir.OpULt, i, k.Words(x))
	sum := k.Do(ir.OpIAdd, k.Load(x, ir.I32, i, ok), k.Load(y, ir.I32, i, k.Do(ir.OpULt, i, k.Words(y))))
	k.Store(out, i, sum, nil)
	kernel := k.Kernel()
	for n := range kernel.Bindings {
		kernel.Bindings[n].MinBytes = 0
	}
	p, err := d.NewPipeline(t.Context(), kernels.NewKernel("add", "", nil, kernel))
	if err != nil {
		t.Fatal(err)
	}
	b, err := d.NewBuffer(4 * 300)
	if err != nil {
		t.Fatal(err)
	}
	other, err := d.NewBuffer(40)
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, 4*300)
	for j := range 300 {
		binary.LittleEndian.PutUint32(data[4*j:], uint32(j))
	}
	run := func(x, y, out kernels.Bound) {
		t.Helper()
		if err := d.Write(b, 0, data); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Dispatch(t.Context(), &kernels.Dispatch{Pipeline: p, Workgroups: [3]uint32{10, 1, 1}, GasLimit: 1000,
			Bindings: []kernels.Bound{x, y, out}}); err != nil {
			t.Fatal(err)
		}
	}
	whole := kernels.Bound{Buffer: other, Size: 40}
	for _, at := range []uint64{0, 3, 63, 64, 65, 200} {
		run(kernels.Bound{Buffer: b, Offset: 4 * at, Size: 40}, kernels.Bound{Buffer: b, Offset: 4 * (at + 7), Size: 40}, whole)
		for j, g := range words(t, d, other) {
			if want := uint32(2*at) + 7 + 2*uint32(j); g != want {
				t.Errorf("read twice at %d: word %d is %d, want %d", at, j, g, want)
			}
		}
		// Read and written in one dispatch, next to each other.
		run(kernels.Bound{Buffer: b, Offset: 4 * at, Size: 40}, kernels.Bound{Buffer: b, Offset: 4 * at, Size: 40},
			kernels.Bound{Buffer: b, Offset: 4 * (at + 10), Size: 40})
		for j, g := range words(t, d, b) {
			want := uint32(j)
			if u := uint64(j); u >= at+10 && u < at+20 {
				want = 2 * uint32(u-10)
			}
			if g != want {
				t.Errorf("read and written at %d: word %d is %d, want %d", at, j, g, want)
			}
		}
	}
	// No words at all, also at the very end of a buffer.
	for _, at := range []uint64{0, 1, 64, 300} {
		run(kernels.Bound{Buffer: b, Offset: 4 * at}, kernels.Bound{Buffer: b, Offset: 4 * at}, whole)
		for j, g := range words(t, d, other) {
			if g != 0 {
				t.Errorf("nothing bound at %d: word %d is %d, want 0", at, j, g)
			}
		}
	}
	// A copy inside one buffer.
	if err := d.Write(b, 0, data); err != nil {
		t.Fatal(err)
	}
	if err := d.Copy(b, 4, b, 400, 40); err != nil {
		t.Fatal(err)
	}
	if g := words(t, d, b); g[0] != 0 || g[1] != 100 || g[10] != 109 || g[11] != 11 {
		t.Errorf("after a copy inside a buffer: %v", g[:12])
	}
	if err := d.Copy(b, 4, b, 8, 40); err == nil {
		t.Error("an overlapping copy was made")
	}
}

// TestSlices cuts a dispatch into many submissions, which the kernel must not notice.
func TestSlices(t *testing.T) {
	d, err := Open(onDriver(t, "lavapipe"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	k := ir.NewBuilder("ids", 2, 1, 1)
	out := k.Bind("out", ir.ReadWrite, false)
	at := k.Input(ir.GlobalX)
	for _, in := range [][2]ir.Input{{ir.GlobalY, ir.NumGroupsX}, {ir.GlobalZ, ir.NumGroupsY}} {
		row := k.Do(ir.OpIMul, k.Do(ir.OpIMul, k.Input(in[1]), k.Input(in[0])), k.Int(2))
		if in[0] == ir.GlobalZ {
			row = k.Do(ir.OpIMul, row, k.Input(ir.NumGroupsX))
		}
		at = k.Do(ir.OpIAdd, at, row)
	}
	id := k.Do(ir.OpIAdd, k.Input(ir.GroupX), k.Do(ir.OpIMul, k.Int(100), k.Input(ir.GroupY)))
	k.Store(out, at, k.Do(ir.OpIAdd, id, k.Do(ir.OpIMul, k.Int(10000), k.Input(ir.GroupZ))), nil)
	p, err := d.NewPipeline(t.Context(), kernels.NewKernel("ids", "", nil, k.Kernel()))
	if err != nil {
		t.Fatal(err)
	}
	grid := [3]uint32{5, 4, 3}
	var first uint64
	for _, slice := range []uint64{1000, 1, 3, 5, 11, 20, 45} {
		b, err := d.NewBuffer(4 * 2 * 60)
		if err != nil {
			t.Fatal(err)
		}
		p.(*pipeline).slice = slice
		gas, err := d.Dispatch(t.Context(), &kernels.Dispatch{Pipeline: p, Workgroups: grid, GasLimit: 1000,
			Bindings: []kernels.Bound{{Buffer: b, Size: b.Size()}}})
		if err != nil {
			t.Fatal(err)
		}
		if first == 0 {
			first = gas
		}
		if gas != first || gas == 0 {
			t.Errorf("slices of %d: gas %d, want %d", slice, gas, first)
		}
		for i, g := range words(t, d, b) {
			n := uint32(i / 2)
			if want := n%5 + 100*(n/5%4) + 10000*(n/20); g != want {
				t.Errorf("slices of %d: word %d is %d, want %d", slice, i, g, want)
			}
		}
	}
}
