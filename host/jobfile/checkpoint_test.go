package jobfile_test

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/state"
)

// states gives states one after another, of which each changes eight pages of a megabyte.
func states() func() *state.Snapshot {
	c := state.NewCommitter()
	data := make([]byte, 1<<20)
	rand.NewChaCha8([32]byte{}).Read(data) // pages that are alike would be kept once
	n := uint64(0)
	return func() *state.Snapshot {
		n++
		for k := range uint64(8) {
			binary.LittleEndian.PutUint64(data[(8*n+k)%256*4096:], n)
		}
		c.Begin()
		c.Set("memory", data)
		c.Commit()
		return c.Snapshot()
	}
}

func openCheckpoints(t *testing.T, dir string) *jobfile.Checkpoints {
	t.Helper()
	c, err := jobfile.OpenCheckpoints(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCheckpoints writes many, opens the folder anew in between, and wants the last one back and the folder small.
func TestCheckpoints(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	c := openCheckpoints(t, dir)
	if _, err := c.Last(); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("nothing there: %v", err)
	}
	if _, err := jobfile.OpenCheckpoints(dir); !errors.Is(err, store.ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	next := states()
	want := &jobfile.Checkpoint{Program: msg.Hash{1}}
	for i := range 200 {
		want.State = next()
		want.Intervals = append(want.Intervals, msg.Interval{Index: uint64(i), LastStep: uint64(4 * i), State: want.State.Root()})
		if err := c.Write(want); err != nil {
			t.Fatal(err)
		}
		if i%70 != 3 {
			continue
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		c = openCheckpoints(t, dir)
		got, err := c.Last()
		if err != nil {
			t.Fatal(err)
		}
		if got.Program != want.Program || !cmp.Equal(got.Intervals, want.Intervals) || string(got.State.Encode()) != string(want.State.Encode()) {
			t.Fatalf("checkpoint %d came back as another", i)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(filepath.Join(dir, "pages"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	u, err := s.Usage()
	s.Close()
	// The state, and what at most 64 checkpoints changed in pages and in the table of pages; all 200 would have 8 MiB.
	if err != nil || u.Bytes > 5<<20 {
		t.Errorf("200 checkpoints of a megabyte, eight pages changed in each, take %d bytes (%v)", u.Bytes, err)
	}
	c = openCheckpoints(t, dir)
	if err := c.Remove(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestCheckpointsRefuse a file that is damaged anywhere, and a state of which a page is gone.
func TestCheckpointsRefuse(t *testing.T) {
	dir := t.TempDir()
	c := openCheckpoints(t, dir)
	s := states()()
	if err := c.Write(&jobfile.Checkpoint{Program: msg.Hash{1}, Intervals: []msg.Interval{{State: s.Root()}}, State: s}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, jobfile.CheckpointFile)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 5, 30, 100, len(file) - 1} {
		if err := os.WriteFile(path, file[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Last(); err == nil {
			t.Errorf("cut at %d: it was taken", n)
		}
	}
	changed := append([]byte{}, file...)
	changed[len(changed)-40] ^= 1
	if err := os.WriteFile(path, changed, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Last(); err == nil {
		t.Error("a changed file was taken")
	}
	if err := os.WriteFile(path, file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Last(); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "pages")); err != nil {
		t.Fatal(err)
	}
	c = openCheckpoints(t, dir)
	defer c.Close()
	if _, err := c.Last(); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("without its pages: %v", err)
	}
}

// FuzzCheckpoint reads arbitrary bytes as a checkpoint file.
func FuzzCheckpoint(f *testing.F) {
	dir := f.TempDir()
	c, err := jobfile.OpenCheckpoints(dir)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { c.Close() })
	s := states()()
	if err := c.Write(&jobfile.Checkpoint{Program: msg.Hash{1}, Intervals: []msg.Interval{{State: s.Root()}}, State: s}); err != nil {
		f.Fatal(err)
	}
	path := filepath.Join(dir, jobfile.CheckpointFile)
	file, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add([]byte("gwrun checkpoint 2\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := c.Last(); err == nil && got.State.Root() != s.Root() {
			t.Fatalf("a state that was never kept: %v", got.State.Root())
		}
	})
}
