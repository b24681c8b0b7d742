package trace

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

func sample() (*Detail, msg.Interval) {
	r := new(Recorder)
	r.Begin(2)
	var t Transcript
	t.Reset()
	for step := uint64(9); step <= 11; step++ {
		r.BeginStep(step)
		for i := range 3 {
			c := Call{Function: "env.wgpuQueueSubmit", Hash: msg.Hash{byte(step), byte(i)}, Gas: step * 100}
			if i == 1 {
				c.Dispatches = []Dispatch{{Kernel: msg.Hash{7}, Entry: "main", Workgroups: [3]uint32{1, 2, 3},
					Writes: []Write{{Binding: "0.1", Buffer: "out", Size: 8, Root: msg.Hash{9}, Sums: Sums(make([]byte, 8))}}}}
			}
			r.Call(c)
			t.Add(c.Hash)
		}
		r.EndStep("again", msg.Hash{byte(step)}, step*100, step)
		t.EndStep(step, "again")
	}
	if err := r.End(); err != nil {
		panic(err)
	}
	return r.Interval(2), msg.Interval{Index: 2, LastStep: 11, State: msg.Hash{11}, Transcript: t.Sum(), Gas: 1100, GPUGas: 11}
}

func TestDetail(t *testing.T) {
	d, rec := sample()
	if err := d.Matches(rec, 9); err != nil {
		t.Fatal(err)
	}
	again, err := Decode(d.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, d) {
		t.Errorf("came back as %+v, was %+v", again, d)
	}
	for name, change := range map[string]func(*Detail, *msg.Interval){
		"index":      func(d *Detail, r *msg.Interval) { r.Index++ },
		"last step":  func(d *Detail, r *msg.Interval) { r.LastStep++ },
		"first step": func(d *Detail, r *msg.Interval) { d.Steps = d.Steps[1:] },
		"state":      func(d *Detail, r *msg.Interval) { r.State[0]++ },
		"gas":        func(d *Detail, r *msg.Interval) { r.Gas++ },
		"gpu gas":    func(d *Detail, r *msg.Interval) { r.GPUGas++ },
		"call":       func(d *Detail, r *msg.Interval) { d.Steps[1].Calls[1].Hash[5]++ },
		"call's end": func(d *Detail, r *msg.Interval) { d.Steps[1].Calls[1].Hash[31]++ },
		"no entry":   func(d *Detail, r *msg.Interval) { d.Steps[1].Calls[1].Hash[0] = 0x7f },
		"call gone":  func(d *Detail, r *msg.Interval) { d.Steps[1].Calls = d.Steps[1].Calls[1:] },
		"how":        func(d *Detail, r *msg.Interval) { d.Steps[1].How = "done" },
		"no steps":   func(d *Detail, r *msg.Interval) { d.Steps = nil },
	} {
		d, rec := sample()
		change(d, &rec)
		if d.Matches(rec, 9) == nil {
			t.Errorf("%s: nobody saw it", name)
		}
	}
}

func TestDecodeBounds(t *testing.T) {
	for name, change := range map[string]func(*Detail){
		"version":  func(d *Detail) { d.Version = 2 },
		"order":    func(d *Detail) { d.Steps[1].Step = 30 },
		"sums":     func(d *Detail) { d.Steps[0].Calls[1].Dispatches[0].Writes[0].Sums = make([]byte, 24) },
		"function": func(d *Detail) { d.Steps[0].Calls[0].Function = string(make([]byte, 300)) },
	} {
		d, _ := sample()
		change(d)
		if _, err := Decode(d.Encode()); !errors.Is(err, msg.ErrDecode) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A detail stays small enough to send, however many calls there were.
func TestRecorderIsBounded(t *testing.T) {
	r := new(Recorder)
	r.Begin(0)
	for s := uint64(1); s <= 3; s++ {
		r.BeginStep(s)
		for i := range 40_000 {
			c := Call{Function: "wasi_snapshot_preview1.clock_time_get", Hash: msg.Hash{byte(i)}}
			if i%100 == 0 {
				c.Dispatches = []Dispatch{{Entry: "main", Writes: []Write{{Binding: "0.0", Size: 40960, Sums: make([]byte, 120)}}}}
			}
			r.Call(c)
		}
		r.EndStep("again", msg.Hash{}, 0, 0)
	}
	if err := r.End(); err != nil {
		t.Fatal(err)
	}
	d := r.Interval(0)
	if !d.Steps[1].Cut || len(d.Steps[1].Calls) == 0 || len(d.Steps) != 3 {
		t.Errorf("%d steps, the second with %d calls, cut %t", len(d.Steps), len(d.Steps[1].Calls), d.Steps[1].Cut)
	}
	if b := d.Encode(); len(b) > msg.MaxEncoded {
		t.Errorf("%d bytes, at most %d", len(b), msg.MaxEncoded)
	} else if _, err := Decode(b); err != nil {
		t.Error(err)
	}
}

func TestLocate(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	page := make([]byte, PageSize)
	for range 2000 {
		n := 4 * (1 + r.IntN(PageSize/4))
		p := page[:n]
		for i := range p {
			p[i] = byte(r.Uint32())
		}
		theirs := append([]byte(nil), p...)
		at := 4 * r.IntN(n/4)
		w := binary.LittleEndian.Uint32(p[at:]) ^ 1<<r.IntN(32)
		if r.IntN(2) == 0 {
			w = r.Uint32()
		}
		binary.LittleEndian.PutUint32(theirs[at:], w)
		got, word, ok := Locate(p, Sums(theirs))
		if same := string(p) == string(theirs); ok == same || ok && (got != at || word != w) {
			t.Fatalf("a page of %d bytes: found %d with %08x (%t), want %d with %08x", n, got, word, ok, at, w)
		}
	}
	if _, _, ok := Locate(page, nil); ok {
		t.Error("located without a locator")
	}
}

func TestBindingName(t *testing.T) {
	for _, tc := range []struct {
		n    int
		want string
	}{{0, "1.2"}, {1, "1.2#1"}, {12, "1.2#12"}} {
		got := BindingName(tc.n, 1, 2)
		if i, err := DispatchIndex(got); got != tc.want || i != tc.n || err != nil {
			t.Errorf("%d: %q, back %d, %v", tc.n, got, i, err)
		}
	}
	for _, bad := range []string{"1.2#", "1.2#0", "1.2#-1", "1.2#01", "1.2#x", "1.2#1#2"} {
		if _, err := DispatchIndex(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestRoot(t *testing.T) {
	_, rec := sample()
	records := []msg.Interval{{Index: 0}, {Index: 1}, rec}
	root := Root(records)
	for i := range records {
		proof, err := Prove(records, i)
		if err != nil {
			t.Fatal(err)
		}
		if err := merkle.Verify(root, 3, uint64(i), RecordLeaf(records[i]), proof); err != nil {
			t.Errorf("record %d: %v", i, err)
		}
	}
	if Root(nil) != merkle.Empty {
		t.Error("the root of no records is not the empty root")
	}
}

func FuzzDecode(f *testing.F) {
	d, rec := sample()
	f.Add(d.Encode())
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Decode(b)
		if err != nil {
			return
		}
		if string(d.Encode()) != string(b) {
			t.Error("encoding again gives other bytes")
		}
		_ = d.Matches(rec, 9)
	})
}
