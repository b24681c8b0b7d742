package runtime

import (
	"context"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/state"
)

func guest(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".wasm")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func device(t testing.TB) kernels.Device {
	t.Helper()
	d, err := cpu.Open(cpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func newJob(t testing.TB, name string, inputs []Input, spec Spec) *Job {
	t.Helper()
	j, err := NewJob(guest(t, name), inputs, spec)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func run(t testing.TB, j *Job, opts Options) *Result {
	t.Helper()
	r, err := Run(context.Background(), j, opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var counterInputs = []Input{{"b", []byte("second")}, {"a", []byte("the first input, longer than eight bytes")}}

func TestRun(t *testing.T) {
	j := newJob(t, "counter", counterInputs, Spec{Seed: 7, Interval: 3})
	var progress []Progress
	r := run(t, j, Options{Device: device(t), OnProgress: func(p Progress) { progress = append(progress, p) }})
	if r.Receipt.Status != msg.Finished {
		t.Fatalf("status %q, failure %q", r.Receipt.Status, r.Receipt.Failure)
	}
	if r.Receipt.Steps != 10 || len(r.Intervals) != 4 || r.Intervals[3].LastStep != 10 {
		t.Errorf("%d steps in %d intervals, want 10 in 4", r.Receipt.Steps, len(r.Intervals))
	}
	if got, want := string(r.Log), "step\nstep\nstep\nstep\nstep\nstep\nstep\nstep\nstep\nstep\n"; got != want {
		t.Errorf("log %q, want %q", got, want)
	}
	if len(r.Outputs) != 2 || r.Outputs[0].Name != "echo" || string(r.Outputs[0].Data[:8]) != "he first" || len(r.Outputs[1].Data) != 40 {
		t.Errorf("outputs %q", r.Outputs)
	}
	if n := len(progress); n != 20 || progress[n-1].Fraction != 1 || progress[n-1].Message != "counting" {
		t.Errorf("%d reports of progress, the last %+v", n, progress[n-1])
	}
}

// The engine, the number of steps between commits, and recording detail must not show in the result.
func TestSameOnBothEngines(t *testing.T) {
	j := newJob(t, "counter", counterInputs, Spec{Seed: 7, Interval: 3})
	a := run(t, j, Options{Device: device(t)})
	b := run(t, j, Options{Device: device(t), Interpreter: true})
	if d := cmp.Diff(a.Receipt, b.Receipt); d != "" {
		t.Errorf("compiler and interpreter differ:\n%s", d)
	}
	if d := cmp.Diff(a.Intervals, b.Intervals); d != "" {
		t.Errorf("compiler and interpreter differ:\n%s", d)
	}
}

// resumes checks that a run resumed at any interval, from a state that went through its encoding, gives the same records.
func resumes(t *testing.T, j *Job, whole *Result, checkpoints []Checkpoint) {
	t.Helper()
	for i, c := range checkpoints {
		dec, err := state.Decode(c.State.Encode(), c.State.Root())
		if err != nil {
			t.Fatal(err)
		}
		r := run(t, j, Options{Device: device(t), From: &Checkpoint{State: dec, Intervals: c.Intervals}})
		if d := cmp.Diff(whole.Receipt, r.Receipt); d != "" {
			t.Errorf("resumed after interval %d:\n%s", i, d)
		}
		if d := cmp.Diff(whole.Intervals, r.Intervals); d != "" {
			t.Errorf("resumed after interval %d:\n%s", i, d)
		}
		if d := cmp.Diff(whole.Outputs, r.Outputs); d != "" {
			t.Errorf("resumed after interval %d:\n%s", i, d)
		}
		if string(whole.Log) != string(r.Log) {
			t.Errorf("resumed after interval %d: log %q, want %q", i, r.Log, whole.Log)
		}
	}
}

// record runs a job and keeps a checkpoint after every interval but the last.
func record(t testing.TB, j *Job, opts Options) (*Result, []Checkpoint) {
	t.Helper()
	var cs []Checkpoint
	var recs []msg.Interval
	opts.OnInterval = func(rec msg.Interval, take func() (*state.Snapshot, error)) error {
		recs = append(recs, rec)
		s, err := take()
		if err != nil {
			return err
		}
		if s.Root() != rec.State {
			t.Errorf("interval %d: the state has root %v, its record %v", rec.Index, s.Root(), rec.State)
		}
		cs = append(cs, Checkpoint{State: s, Intervals: append([]msg.Interval(nil), recs...)})
		return nil
	}
	r := run(t, j, opts)
	return r, cs[:len(cs)-1]
}

func TestResume(t *testing.T) {
	j := newJob(t, "counter", counterInputs, Spec{Seed: 7, Interval: 1})
	r, cs := record(t, j, Options{Device: device(t)})
	if len(cs) != 9 {
		t.Fatalf("%d checkpoints, want 9", len(cs))
	}
	resumes(t, j, r, cs)
}
