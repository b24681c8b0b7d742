package jobfile_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/trace"
)

func receipt() *jobfile.Receipt {
	p := msg.Program{Version: 1, Semantics: "gw1", Args: []string{"a=1"}, Inputs: []msg.Input{{Name: "x"}}, Interval: 2, Limits: msg.DefaultLimits()}
	records := []msg.Interval{{Index: 0, LastStep: 2, Gas: 5}, {Index: 1, LastStep: 3, Gas: 9}}
	return &jobfile.Receipt{
		Program:   p,
		Receipt:   msg.Receipt{Version: 1, Program: msg.HashOf(p), Status: msg.Finished, Trace: trace.Root(records), Outputs: []msg.Output{}, Steps: 3},
		Intervals: records,
		Details: map[uint64]*trace.Detail{1: {Version: 1, Interval: 1, Steps: []trace.Step{{Step: 3, How: "done", Calls: []trace.Call{
			{Function: "wgpuQueueSubmit", Dispatches: []trace.Dispatch{{Entry: "k", Writes: []trace.Write{{Binding: "0.0", Size: 4, Sums: make([]byte, 12)}}}}},
		}}}}},
	}
}

func encoded(t testing.TB, r *jobfile.Receipt) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReceiptFile(t *testing.T) {
	want := receipt()
	path := filepath.Join(t.TempDir(), "r")
	if err := jobfile.WriteReceipt(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := jobfile.OpenReceipt(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if _, err := jobfile.OpenReceipt(filepath.Dir(path)); err == nil {
		t.Error("a folder was read as a receipt")
	}
}

func TestReceiptRefuses(t *testing.T) {
	good := encoded(t, receipt())
	// Wherever it is cut, it is refused, but at the end of an item: there details are missing, which may be.
	whole := 0
	for n := range good {
		if _, err := jobfile.ReadReceipt(bytes.NewReader(good[:n])); err == nil {
			whole++
		} else if !errors.Is(err, jobfile.ErrFormat) {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
	if whole != 1 {
		t.Errorf("%d cuts were taken, want the one before the detail", whole)
	}
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 0x55
		r, err := jobfile.ReadReceipt(bytes.NewReader(bad))
		if err == nil && cmp.Equal(r, receipt()) {
			t.Errorf("byte %d is not looked at", i)
		}
	}

	for name, change := range map[string]func(*jobfile.Receipt){
		"another program": func(r *jobfile.Receipt) { r.Program.Seed++ },
		"trace root":      func(r *jobfile.Receipt) { r.Intervals[1].Gas++ },
		"of interval 5":   func(r *jobfile.Receipt) { r.Intervals[1].Index = 5; r.Receipt.Trace = trace.Root(r.Intervals) },
	} {
		r := receipt()
		change(r)
		if _, err := jobfile.ReadReceipt(bytes.NewReader(encoded(t, r))); !errors.Is(err, jobfile.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := jobfile.ReadReceipt(strings.NewReader("gwrun receipt 1\n\xff\xff\xff\xff\xff\xff\xff\xff")); !errors.Is(err, jobfile.ErrFormat) {
		t.Errorf("a huge item: %v", err)
	}
}

func TestWriteFileIsWholeOrNothing(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "f")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := jobfile.WriteFile(path, func(w io.Writer) error {
		io.WriteString(w, strings.Repeat("new", 100000))
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "old" {
		t.Errorf("the file holds %.20q", b)
	}
	if all, _ := os.ReadDir(folder); len(all) != 1 {
		t.Errorf("%d files are left", len(all))
	}
	if err := jobfile.WriteFile(filepath.Join(folder, "none", "f"), func(io.Writer) error { return nil }); err == nil || strings.Contains(err.Error(), ".gwrun-") {
		t.Errorf("a missing folder: %v", err)
	}
}

func TestWriteFileThroughDevice(t *testing.T) {
	const full = "/dev/full"
	if info, err := os.Stat(full); err != nil || info.Mode().IsRegular() {
		t.Skip("skipped: no /dev/full")
	}
	err := jobfile.WriteFile(full, func(w io.Writer) error { _, err := io.WriteString(w, "x"); return err })
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v, want %v", err, syscall.ENOSPC)
	}
	if info, err := os.Stat(full); err != nil || info.Mode().IsRegular() {
		t.Errorf("the device was replaced: %v, %v", info, err)
	}
}

func FuzzReadReceipt(f *testing.F) {
	f.Add(encoded(f, receipt()))
	f.Add([]byte("gwrun receipt 1\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := jobfile.ReadReceipt(bytes.NewReader(b))
		if err != nil {
			return
		}
		if again := encoded(t, r); !bytes.Equal(again, b) {
			t.Errorf("read and written again it has %d bytes, it had %d", len(again), len(b))
		}
	})
}
