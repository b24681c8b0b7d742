package devicetest

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
)

func newBuffer(t *testing.T, d kernels.Device, words ...uint32) kernels.Buffer {
	t.Helper()
	b, err := d.NewBuffer(uint64(4 * len(words)))
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Write(b, 0, bytesOf(words)); err != nil {
		t.Fatal(err)
	}
	return b
}

func newPipeline(t *testing.T, d kernels.Device, k *ir.Kernel) kernels.Pipeline {
	t.Helper()
	p, err := d.NewPipeline(context.Background(), kernels.NewKernel(k.Name, k.String(), nil, k))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func read(t *testing.T, d kernels.Device, b kernels.Buffer) []uint32 {
	t.Helper()
	p := make([]byte, b.Size())
	if err := d.Read(b, 0, p); err != nil {
		t.Fatal(err)
	}
	return wordsOf(p)
}

func testBuffers(t *testing.T, d kernels.Device) {
	// Contents start as zeros, also where memory was in use before.
	for round := range 3 {
		var all []kernels.Buffer
		for _, size := range []uint64{0, 4, 8, 60, 64, 68, 4096, 65536, 1 << 20} {
			b, err := d.NewBuffer(size)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, b)
			if b.Size() != size {
				t.Fatalf("size %d, want %d", b.Size(), size)
			}
			p := bytes.Repeat([]byte{7}, int(size))
			if err := d.Read(b, 0, p); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(p, make([]byte, size)) {
				t.Fatalf("round %d: a new buffer of %d bytes is not zero", round, size)
			}
			if err := d.Write(b, 0, bytes.Repeat([]byte{byte(9 + round)}, int(size))); err != nil {
				t.Fatal(err)
			}
		}
		for n := range all { // not in the order of making
			all[(n*4+round)%len(all)].Free()
		}
	}
	a, b := newBuffer(t, d, count(16)...), newBuffer(t, d, make([]uint32, 8)...)
	if err := d.Write(a, 8, bytesOf([]uint32{100, 101})); err != nil {
		t.Fatal(err)
	}
	if err := d.Copy(b, 4, a, 4, 20); err != nil {
		t.Fatal(err)
	}
	expect(t, read(t, d, b), 0, 1, 100, 101, 4, 5, 0, 0)
	p := make([]byte, 8)
	if err := d.Read(b, 8, p); err != nil {
		t.Fatal(err)
	}
	expect(t, wordsOf(p), 100, 101)
	// Within one buffer, and nothing at all.
	if err := d.Copy(a, 32, a, 0, 16); err != nil {
		t.Fatal(err)
	}
	expect(t, read(t, d, a)[8:12], 0, 1, 100, 101)
	for _, err := range []error{d.Copy(a, 64, b, 32, 0), d.Write(a, 64, nil), d.Read(a, 64, nil)} {
		if err != nil {
			t.Errorf("nothing at the very end: %v", err)
		}
	}
}

func testBufferErrors(t *testing.T, d kernels.Device) {
	a, b := newBuffer(t, d, 1, 2, 3, 4), newBuffer(t, d, 5, 6)
	four, many := make([]byte, 4), make([]byte, 20)
	_, odd := d.NewBuffer(6)
	_, huge := d.NewBuffer(1 << 50)
	for name, err := range map[string]error{
		"odd size": odd, "huge size": huge,
		"write past the end":  d.Write(a, 16, four),
		"write too much":      d.Write(a, 0, many),
		"write far away":      d.Write(a, 1<<63, four),
		"write at odd offset": d.Write(a, 2, four),
		"write odd size":      d.Write(a, 0, four[:3]),
		"read past the end":   d.Read(a, 16, four),
		"read too much":       d.Read(a, 0, many),
		"read at the top":     d.Read(a, ^uint64(3), four),
		"read at odd offset":  d.Read(a, 1, four),
		"read odd size":       d.Read(a, 0, four[:2]),
		"copy from past":      d.Copy(b, 0, a, 12, 8),
		"copy to past":        d.Copy(b, 4, a, 0, 8),
		"copy odd":            d.Copy(b, 0, a, 0, 3),
		"copy overflow":       d.Copy(b, 0, a, 4, ^uint64(3)),
		"copy overlapping":    d.Copy(a, 4, a, 0, 8),
		"write no buffer":     d.Write(nil, 0, four),
		"read no buffer":      d.Read(nil, 0, four),
		"copy no buffer":      d.Copy(nil, 0, a, 0, 4),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	expect(t, read(t, d, a), 1, 2, 3, 4)
	expect(t, read(t, d, b), 5, 6)
}

func bound(b kernels.Buffer) kernels.Bound { return kernels.Bound{Buffer: b, Size: b.Size()} }

func testFreed(t *testing.T, d, other kernels.Device) {
	ctx := context.Background()
	in, out := newBuffer(t, d, 1, 2, 3, 4), newBuffer(t, d, 0, 0, 0, 0)
	gone, strange := newBuffer(t, d, 1, 2, 3, 4), newBuffer(t, other, 1, 2, 3, 4)
	gone.Free()
	gone.Free() // once more is nothing
	p, freed := newPipeline(t, d, copyKernel()), newPipeline(t, d, copyKernel())
	freed.Free()
	freed.Free()
	dispatch := func(p kernels.Pipeline, a, b kernels.Buffer) error {
		_, err := d.Dispatch(ctx, &kernels.Dispatch{Pipeline: p, Workgroups: [3]uint32{1, 1, 1}, GasLimit: plenty,
			Bindings: []kernels.Bound{bound(a), bound(b)}})
		return err
	}
	four := make([]byte, 4)
	for name, err := range map[string]error{
		"write freed": d.Write(gone, 0, four), "read freed": d.Read(gone, 0, four),
		"copy freed": d.Copy(gone, 0, in, 0, 4), "copy from freed": d.Copy(in, 0, gone, 0, 4),
		"write strange": d.Write(strange, 0, four), "read strange": d.Read(strange, 0, four),
		"copy strange": d.Copy(in, 0, strange, 0, 4), "dispatch freed buffer": dispatch(p, gone, out),
		"dispatch strange buffer": dispatch(p, in, strange), "dispatch freed pipeline": dispatch(freed, in, out),
		"dispatch strange pipeline": dispatch(newPipeline(t, other, copyKernel()), in, out),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := dispatch(p, in, out); err != nil {
		t.Fatal(err)
	}
	expect(t, read(t, d, out), 2, 3, 4, 5)
}

func testClosed(t *testing.T, d kernels.Device) {
	ctx := context.Background()
	b, p := newBuffer(t, d, 1, 2), newPipeline(t, d, copyKernel())
	for range 2 {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, newB := d.NewBuffer(4)
	_, newP := d.NewPipeline(ctx, kernels.NewKernel("copy", "", nil, copyKernel()))
	_, disp := d.Dispatch(ctx, &kernels.Dispatch{Pipeline: p, Workgroups: [3]uint32{1, 1, 1}, GasLimit: plenty,
		Bindings: []kernels.Bound{bound(b), bound(b)}})
	for name, err := range map[string]error{"NewBuffer": newB, "NewPipeline": newP, "Dispatch": disp,
		"Write": d.Write(b, 0, make([]byte, 4)), "Read": d.Read(b, 0, make([]byte, 4)), "Copy": d.Copy(b, 0, b, 4, 4)} {
		if err == nil {
			t.Errorf("%s on a closed device: no error", name)
		}
	}
	b.Free()
	p.Free()
}

func testDispatchErrors(t *testing.T, d kernels.Device) {
	ctx := context.Background()
	in, out := newBuffer(t, d, 1, 2, 3, 4), newBuffer(t, d, 0, 0, 0, 0)
	k := copyKernel()
	k.Bindings[0].MinBytes = 12
	p := newPipeline(t, d, k)
	good := kernels.Dispatch{Pipeline: p, Workgroups: [3]uint32{1, 1, 1}, GasLimit: plenty,
		Bindings: []kernels.Bound{bound(in), bound(out)}}
	for name, change := range map[string]func(x *kernels.Dispatch){
		"no bindings":         func(x *kernels.Dispatch) { x.Bindings = nil },
		"too many bindings":   func(x *kernels.Dispatch) { x.Bindings = append(x.Bindings, bound(in)) },
		"no buffer":           func(x *kernels.Dispatch) { x.Bindings[0].Buffer = nil },
		"odd offset":          func(x *kernels.Dispatch) { x.Bindings[1].Offset = 2 },
		"odd size":            func(x *kernels.Dispatch) { x.Bindings[1].Size = 6 },
		"past the end":        func(x *kernels.Dispatch) { x.Bindings[1].Offset = 8; x.Bindings[1].Size = 12 },
		"far past the end":    func(x *kernels.Dispatch) { x.Bindings[1].Offset = ^uint64(3) },
		"less than needed":    func(x *kernels.Dispatch) { x.Bindings[0].Size = 8 },
		"too many workgroups": func(x *kernels.Dispatch) { x.Workgroups[1] = kernels.MaxWorkgroups + 1 },
		"gas limit too high":  func(x *kernels.Dispatch) { x.GasLimit = kernels.MaxGasLimit + 1 },
		"written and read":    func(x *kernels.Dispatch) { x.Bindings[0] = x.Bindings[1] },
		"no pipeline":         func(x *kernels.Dispatch) { x.Pipeline = nil },
	} {
		x := good
		x.Bindings = append([]kernels.Bound(nil), good.Bindings...)
		change(&x)
		if _, err := d.Dispatch(ctx, &x); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := d.Dispatch(ended, &good); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
	if _, err := d.Dispatch(ctx, &good); err != nil {
		t.Fatal(err)
	}
	expect(t, read(t, d, out), 2, 3, 4, 5)
}

func testPipelineErrors(t *testing.T, d kernels.Device) {
	ctx := context.Background()
	big := copyKernel()
	big.WorkgroupSize = [3]uint32{ir.MaxInvocations + 1, 1, 1}
	scope := copyKernel()
	scope.Body[0], scope.Body[2] = scope.Body[2], scope.Body[0]
	for name, k := range map[string]*kernels.Kernel{"nil": nil, "no IR": {Entry: "x"},
		"workgroup too big": kernels.NewKernel("x", "big", nil, big), "bad scope": kernels.NewKernel("x", "scope", nil, scope)} {
		if _, err := d.NewPipeline(ctx, k); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func testNoWorkgroups(t *testing.T, d kernels.Device) {
	in, out := newBuffer(t, d, 1, 2, 3, 4), newBuffer(t, d, 9, 9, 9, 9)
	p := newPipeline(t, d, copyKernel())
	for _, groups := range [][3]uint32{{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {5, 5, 0}} {
		gas, err := d.Dispatch(context.Background(), &kernels.Dispatch{Pipeline: p, Workgroups: groups, GasLimit: 1,
			Bindings: []kernels.Bound{bound(in), bound(out)}})
		if gas != 0 || err != nil {
			t.Errorf("%v workgroups: gas %d, error %v", groups, gas, err)
		}
	}
	expect(t, read(t, d, out), 9, 9, 9, 9)
}

func testBindings(t *testing.T, d kernels.Device) {
	ctx := context.Background()
	k := ir.NewBuilder("bindings", 1, 1, 1)
	u, r, w := k.Bind("u", ir.Uniform, false), k.Bind("r", ir.Read, false), k.Bind("w", ir.ReadWrite, false)
	for n, v := range []*ir.Inst{k.Words(u), k.Words(r), k.Words(w), k.Load(u, ir.I32, k.Int(0), nil),
		k.Load(r, ir.I32, k.Int(1), nil), k.Load(w, ir.I32, k.Int(6), nil)} {
		k.Store(w, k.Int(uint32(n)), v, nil)
	}
	p := newPipeline(t, d, k.Kernel())
	all := newBuffer(t, d, count(256)...)
	out := newBuffer(t, d, make([]uint32, 160)...)
	if err := d.Write(out, 256+24, bytesOf([]uint32{777})); err != nil {
		t.Fatal(err)
	}
	// Offsets are multiples of 256, which every adapter allows; sizes are any multiple of 4.
	if _, err := d.Dispatch(ctx, &kernels.Dispatch{Pipeline: p, Workgroups: [3]uint32{1, 1, 1}, GasLimit: plenty,
		Bindings: []kernels.Bound{{Buffer: all, Offset: 256, Size: 16}, {Buffer: all, Offset: 512, Size: 500},
			{Buffer: out, Offset: 256, Size: 28}}}); err != nil {
		t.Fatal(err)
	}
	got := read(t, d, out)
	expect(t, got[64:], 4, 125, 7, 64, 129, 777, 777, 0)
	expect(t, got[:64], make([]uint32, 64)...)
}

// testWindows binds parts of buffers, of every length: nothing outside them is read or written.
func testWindows(t *testing.T, d kernels.Device) {
	const start, marker = 64, 0xabababab // words; offsets are multiples of 256 bytes
	b := ir.NewBuilder("window", 8, 1, 1)
	u, in, out := b.Bind("u", ir.Uniform, false), b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	// out[i+s] += in[i+s] + 1, where there is one.
	at := b.Do(ir.OpIAdd, b.Input(ir.GlobalX), b.Load(u, ir.I32, b.Int(0), nil))
	x := b.Load(in, ir.I32, at, b.Do(ir.OpULt, at, b.Words(in)))
	y := b.Load(out, ir.I32, at, b.Do(ir.OpULt, at, b.Words(out)))
	b.Store(out, at, b.Do(ir.OpIAdd, x, b.Do(ir.OpIAdd, y, b.Int(1))), b.Do(ir.OpULt, at, b.Words(out)))
	p := newPipeline(t, d, b.Kernel())
	for n := uint32(1); n < 15; n++ {
		for s := range uint32(4) {
			words := make([]uint32, start+n+8)
			for j := range words {
				words[j] = marker
			}
			inWords := n/2 + 1
			shift := newBuffer(t, d, s, 0, 0, 0)
			src, dst := newBuffer(t, d, words[:start+inWords+7]...), newBuffer(t, d, words...)
			if _, err := d.Dispatch(context.Background(), &kernels.Dispatch{Pipeline: p, Workgroups: [3]uint32{3, 1, 1},
				GasLimit: plenty, Bindings: []kernels.Bound{bound(shift),
					{Buffer: src, Offset: 4 * start, Size: 4 * uint64(inWords)},
					{Buffer: dst, Offset: 4 * start, Size: 4 * uint64(n)}}}); err != nil {
				t.Fatal(err)
			}
			for j, w := range read(t, d, dst) {
				want := uint32(marker)
				if at := uint32(j) - start; j >= start && at >= s && at < n {
					want++
					if at < inWords {
						want += marker
					}
				}
				if w != want {
					t.Fatalf("window of %d words, shift %d: word %d is %#x, want %#x", n, s, j-start, w, want)
				}
			}
			shift.Free()
			src.Free()
			dst.Free()
		}
	}
}

func testInterleaved(t *testing.T, d kernels.Device) {
	ctx := context.Background()
	inc := newPipeline(t, d, copyKernel())
	m := ir.NewBuilder("triple", 2, 1, 1)
	in, out := m.Bind("in", ir.Read, false), m.Bind("out", ir.ReadWrite, false)
	i := m.Input(ir.GlobalX)
	m.Store(out, i, m.Do(ir.OpIMul, m.Load(in, ir.I32, i, nil), m.Int(3)), nil)
	triple := newPipeline(t, d, m.Kernel())
	a, b := newBuffer(t, d, 1, 2, 3, 4, 5, 6), newBuffer(t, d, make([]uint32, 6)...)
	want := []uint32{1, 2, 3, 4, 5, 6}
	for round := range 10 {
		p, groups := inc, uint32(2)
		if round%3 == 1 {
			p, groups = triple, 3
		}
		if _, err := d.Dispatch(ctx, &kernels.Dispatch{Pipeline: p, Workgroups: [3]uint32{groups, 1, 1}, GasLimit: plenty,
			Bindings: []kernels.Bound{bound(a), bound(b)}}); err != nil {
			t.Fatal(err)
		}
		for n := range want {
			if p == inc {
				want[n]++
			} else {
				want[n] *= 3
			}
		}
		a, b = b, a
		if round == 5 { // grow the memory in between
			newBuffer(t, d, make([]uint32, 1<<20)...).Free()
		}
	}
	expect(t, read(t, d, a), want...)
}

// testBatch gives many dispatches in one call, each reading what the one before wrote: their order, their gas in sum, and
// what goes wrong in one of them must come out as if each had been a call of its own.
func testBatch(t *testing.T, d kernels.Device) {
	ctx := context.Background()
	inc := newPipeline(t, d, copyKernel())
	a, b := newBuffer(t, d, 0, 10, 20, 30), newBuffer(t, d, 0, 0, 0, 0)
	one := func(from, to kernels.Buffer, gas uint32) *kernels.Dispatch {
		return &kernels.Dispatch{Pipeline: inc, Workgroups: [3]uint32{1, 1, 1}, GasLimit: gas, Bindings: []kernels.Bound{bound(from), bound(to)}}
	}
	each, err := d.Dispatch(ctx, one(a, b, plenty))
	if err != nil {
		t.Fatal(err)
	}
	const n = 150 // more than any device sends at once
	var list []*kernels.Dispatch
	from, to := b, a
	for range n {
		list = append(list, one(from, to, plenty))
		from, to = to, from
	}
	gas, err := d.Dispatch(ctx, list...)
	if err != nil || gas != n*each {
		t.Errorf("gas %d, error %v, want %d", gas, err, n*each)
	}
	expect(t, read(t, d, from), n+1, n+11, n+21, n+31)

	// Large ones, which no device takes all at once: the gas of all of them is counted.
	large := func(p kernels.Pipeline) *kernels.Dispatch {
		x := one(a, b, plenty)
		x.Pipeline, x.Workgroups = p, [3]uint32{10000, 1, 1}
		return x
	}
	alone, err := d.Dispatch(ctx, large(newPipeline(t, d, copyKernel())))
	if err != nil {
		t.Fatal(err)
	}
	fresh := newPipeline(t, d, copyKernel())
	if gas, err := d.Dispatch(ctx, large(fresh), large(fresh), large(fresh)); err != nil || gas != 3*alone {
		t.Errorf("three large ones: gas %d, error %v, want %d", gas, err, 3*alone)
	}

	if gas, err := d.Dispatch(ctx); gas != 0 || err != nil {
		t.Errorf("no dispatches: gas %d, error %v", gas, err)
	}
	if _, err := d.Dispatch(ctx, one(a, b, plenty), one(b, a, 1), one(a, b, plenty)); !errors.Is(err, kernels.ErrGas) {
		t.Errorf("one that runs out of gas among others: %v, want %v", err, kernels.ErrGas)
	}
	bad := one(a, b, plenty)
	bad.Bindings = bad.Bindings[:1]
	if _, err := d.Dispatch(ctx, one(a, b, 1), bad); !errors.Is(err, kernels.ErrGas) {
		t.Errorf("one that runs out of gas before a wrong one: %v, want %v", err, kernels.ErrGas)
	}
	if _, err := d.Dispatch(ctx, one(a, b, plenty), bad); err == nil || errors.Is(err, kernels.ErrGas) {
		t.Errorf("a wrong one among others: %v", err)
	}
	// The device is as good as before.
	if gas, err := d.Dispatch(ctx, one(a, b, plenty)); err != nil || gas != each {
		t.Errorf("after errors: gas %d, error %v, want %d", gas, err, each)
	}
}
