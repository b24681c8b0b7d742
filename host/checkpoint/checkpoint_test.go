package checkpoint_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/gwrun/gwrun/host/checkpoint"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/runtime/state"
)

func fill(r *rand.Rand, b []byte) {
	for i := range b {
		b[i] = byte(r.Uint32())
	}
}

// run makes states one after another, as a job would: two sections, of which a few pages change, and a log that grows.
type run struct {
	r        *rand.Rand
	c        *state.Committer
	sections map[string][]byte
}

func newRun(bytes int) *run {
	r := rand.New(rand.NewPCG(1, 2))
	m, b := make([]byte, bytes/2), make([]byte, bytes-bytes/2)
	fill(r, m)
	fill(r, b)
	return &run{r, state.NewCommitter(), map[string][]byte{"memory": m, "buffer/00000007": b, "log": nil}}
}

// step changes so many pages of each section and gives the state.
func (x *run) step(pages int) *state.Snapshot {
	for _, n := range []string{"memory", "buffer/00000007"} {
		b := x.sections[n]
		for range pages {
			at := x.r.IntN(len(b)/state.PageSize) * state.PageSize
			fill(x.r, b[at:at+64])
		}
	}
	x.sections["log"] = append(x.sections["log"], "a line\n"...)
	x.c.Begin()
	for n, b := range x.sections {
		x.c.Set(n, b)
	}
	x.c.Commit()
	return x.c.Snapshot()
}

func open(t testing.TB, dir string) *store.Disk {
	t.Helper()
	s, err := store.Open(dir, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func used(t testing.TB, s store.Store) uint64 {
	t.Helper()
	u, err := s.Usage()
	if err != nil {
		t.Fatal(err)
	}
	return u.Bytes
}

func packed(t testing.TB, dir string) (n int64) {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join(dir, "packs/*"))
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		n += info.Size()
	}
	return n
}

// Every state comes back, from another process too, and costs no more than what changed in it; dropped ones are collected.
func TestKeep(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	x := newRun(8 << 20)
	keep := &checkpoint.Keeper{Pages: s, Owner: "a job"}
	var states []*state.Snapshot
	var refs []checkpoint.Ref
	const changed = 5
	for i := range 12 {
		before := used(t, s)
		snap := x.step(changed)
		ref, err := keep.Keep(snap)
		if err != nil {
			t.Fatal(err)
		}
		// Pages that changed, a page of log, and a piece of the manifest for each page in the worst case.
		if grew := used(t, s) - before; i > 0 && grew > (2*changed+2)*2*state.PageSize {
			t.Errorf("state %d takes %d bytes for %d changed pages", i, grew, 2*changed+1)
		}
		states, refs = append(states, snap), append(refs, ref)
		if i == 6 { // another process goes on
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, dir)
			keep = &checkpoint.Keeper{Pages: s, Owner: "a job"}
		}
	}
	for i, ref := range refs {
		got, err := checkpoint.Load(s, ref)
		if err != nil {
			t.Fatal(err)
		}
		if got.Root() != states[i].Root() || !bytes.Equal(got.Encode(), states[i].Encode()) {
			t.Errorf("state %d came back as another", i)
		}
		m, err := checkpoint.Manifest(s, ref)
		if err != nil || !bytes.Equal(m, states[i].Manifest()) {
			t.Errorf("the manifest of state %d came back as another: %v", i, err)
		}
	}
	if freed, err := s.GC(0); err != nil || freed != 0 {
		t.Errorf("%d bytes of kept states were collected, %v", freed, err)
	}
	wrong := refs[3]
	wrong.Root = refs[4].Root
	if _, err := checkpoint.Load(s, wrong); !errors.Is(err, state.ErrState) {
		t.Errorf("a state under another's root: %v", err)
	}
	if err := s.Release("a job"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.GC(0); err != nil {
		t.Fatal(err)
	}
	if n, left := used(t, s), packed(t, dir); n != 0 || left != 0 {
		t.Errorf("after the job was dropped %d bytes are left, %d in packs", n, left)
	}
	if _, err := checkpoint.Load(s, refs[0]); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a dropped state: %v", err)
	}
}

// BenchmarkKeep is what a checkpoint costs: of 32 MiB, of which so many pages changed.
func BenchmarkKeep(b *testing.B) {
	for _, pages := range []int{0, 50, 1000} {
		b.Run(fmt.Sprint(2*pages, "-pages"), func(b *testing.B) {
			s := open(b, b.TempDir())
			x := newRun(32 << 20)
			keep := &checkpoint.Keeper{Pages: s, Owner: "a job"}
			if _, err := keep.Keep(x.step(0)); err != nil {
				b.Fatal(err)
			}
			begun := used(b, s)
			n := 0
			for b.Loop() {
				b.StopTimer()
				snap := x.step(pages)
				b.StartTimer()
				if _, err := keep.Keep(snap); err != nil {
					b.Fatal(err)
				}
				n++
			}
			b.ReportMetric(float64(used(b, s)-begun)/float64(n)/1024, "KiB/checkpoint")
		})
	}
}

// BenchmarkLoad reads a state of 64 MiB from the disk, verified.
func BenchmarkLoad(b *testing.B) {
	s := open(b, b.TempDir())
	keep := &checkpoint.Keeper{Pages: s, Owner: "a job"}
	ref, err := keep.Keep(newRun(64 << 20).step(0))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := checkpoint.Load(s, ref); err != nil {
			b.Fatal(err)
		}
	}
}
