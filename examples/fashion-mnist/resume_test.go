package fashionmnist_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

// Training that is put into a fresh sandbox after every mini-batch gives the weights it gives in one go.
func TestFreshSandboxAfterEveryStep(t *testing.T) {
	described, err := jobfile.Open(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []string{"epochs=2", "batch=500", "steps=5", "hidden=20"} {
		described.SetArg(a)
	}
	described.Interval = 1
	job, err := described.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	run := func(opts runtime.Options) *runtime.Result {
		t.Helper()
		if opts.Device, err = cpu.Open(cpu.Options{}); err != nil {
			t.Fatal(err)
		}
		defer opts.Device.Close()
		res, err := runtime.Run(context.Background(), job, opts)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	whole := run(runtime.Options{})
	if whole.Receipt.Status != msg.Finished {
		t.Fatalf("the job %s: %s\n%s", whole.Receipt.Status, whole.Receipt.Failure, whole.Log)
	}
	var last *runtime.Result
	var at *runtime.Checkpoint
	for range whole.Intervals {
		var snap *state.Snapshot
		last = run(runtime.Options{From: at, StopAfter: 1, OnInterval: func(_ msg.Interval, take func() (*state.Snapshot, error)) (err error) {
			snap, err = take()
			return err
		}})
		moved, err := state.Decode(snap.Encode(), snap.Root())
		if err != nil {
			t.Fatal(err)
		}
		at = &runtime.Checkpoint{State: moved, Intervals: last.Intervals}
	}
	if !slices.Equal(whole.Intervals, last.Intervals) || whole.Receipt.State != last.Receipt.State || whole.Receipt.Trace != last.Receipt.Trace {
		t.Errorf("step by step: %v, in one go: %v", last.Receipt, whole.Receipt)
	}
	for i, o := range whole.Outputs {
		if last.Outputs[i].Name != o.Name || !bytes.Equal(last.Outputs[i].Data, o.Data) {
			t.Errorf("output %q is another", o.Name)
		}
	}
	if string(last.Log) != string(whole.Log) {
		t.Errorf("log %q, want %q", last.Log, whole.Log)
	}
}
