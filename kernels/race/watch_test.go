package race_test

import (
	"context"
	"encoding/binary"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/kernels/race"
)

const watchedSource = `
@group(0) @binding(0) var<uniform> step: u32;
@group(0) @binding(1) var<storage, read_write> to: array<u32>;
@compute @workgroup_size(8) fn fill(@builtin(global_invocation_id) id: vec3u) { to[id.x] = id.x * step; }

@group(0) @binding(2) var<storage, read> at: array<u32>;
@group(0) @binding(3) var<storage, read_write> a: array<u32>;
@compute @workgroup_size(8) fn scatter(@builtin(global_invocation_id) id: vec3u) { a[at[id.x]] = id.x; }
`

// A Watch sees each dispatch with what is in the buffers then, also where several come in one call, looks at equal ones
// once, and changes nothing of what the device does.
func TestWatch(t *testing.T) {
	ctx := context.Background()
	device, err := cpu.Open(cpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := race.NewWatch(device)
	w.Every = 4
	defer w.Close()
	m, err := kernels.Compile(watchedSource)
	if err != nil {
		t.Fatal(err)
	}
	pipeline := func(entry string) kernels.Pipeline {
		k, err := m.Kernel(entry, nil)
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.NewPipeline(ctx, k)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	buffer := func(bytes uint64) kernels.Buffer {
		b, err := w.NewBuffer(bytes)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	whole := func(b kernels.Buffer) kernels.Bound { return kernels.Bound{Buffer: b, Size: b.Size()} }
	step, index, out := buffer(4), buffer(64), buffer(1<<12)
	fill := &kernels.Dispatch{Pipeline: pipeline("fill"), Bindings: []kernels.Bound{whole(step), whole(index)},
		Workgroups: [3]uint32{2, 1, 1}, GasLimit: 1000}
	scatter := &kernels.Dispatch{Pipeline: pipeline("scatter"), Bindings: []kernels.Bound{whole(index), whole(out)},
		Workgroups: [3]uint32{2, 1, 1}, GasLimit: 1000}
	set := func(v uint32) {
		if err := w.Write(step, 0, binary.LittleEndian.AppendUint32(nil, v)); err != nil {
			t.Fatal(err)
		}
	}
	run := func(list ...*kernels.Dispatch) {
		if _, err := w.Dispatch(ctx, list...); err != nil {
			t.Fatal(err)
		}
	}
	of := func(entry string) race.Report {
		for _, r := range w.Reports() {
			if r.Entry == entry {
				return r
			}
		}
		t.Fatalf("no report of %s", entry)
		return race.Report{}
	}
	set(1)
	run(fill, scatter, scatter) // without the first, all indices are zero
	if f, s := of("fill"), of("scatter"); f.Proven != 1 || f.Dispatches != 1 || s.Checked != 2 || len(s.Races) != 0 {
		t.Errorf("fill %+v, scatter %+v", f, s)
	}
	got := make([]byte, 64)
	if err := w.Read(out, 0, got); err != nil || binary.LittleEndian.Uint32(got[40:]) != 10 {
		t.Errorf("word 10 is %v, %v", got[40:44], err)
	}
	set(1 << 28)
	run(fill, scatter)
	if s := of("scatter"); s.Checked != 3 || len(s.Races) != 0 { // past the end of a nobody meets
		t.Errorf("scatter %+v", s)
	}
	set(0)
	run(fill, scatter)
	if s := of("scatter"); s.Checked != 4 || len(s.Races) != 1 || s.Races[0].First.Pos.Line != 8 || s.Races[0].Count != 15 {
		t.Errorf("scatter %+v", s)
	}
	// Of many that are all different, one in four.
	for n := range uint32(21) {
		set(2 + n)
		run(fill, scatter)
	}
	if s := of("scatter"); s.Checked != 4+5+4 || s.Unchecked != 21-9 || s.Dispatches != 25 {
		t.Errorf("scatter %+v", s)
	}
	w.MaxSteps = 20
	set(100)
	for range 4 {
		run(fill, scatter)
	}
	if s := of("scatter"); s.Partly == 0 || s.Cut == "" {
		t.Errorf("scatter %+v", s)
	}
}
