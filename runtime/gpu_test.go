package runtime

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwrun/gwrun/proto/msg"
)

func TestKernels(t *testing.T) {
	j := newJob(t, "waves", nil, Spec{Interval: 4})
	r, cs := record(t, j, Options{Device: device(t)})
	if r.Receipt.Status != msg.Finished {
		t.Fatalf("status %q, failure %q, log:\n%s", r.Receipt.Status, r.Receipt.Failure, r.Log)
	}
	if len(r.Outputs) != 1 || len(r.Outputs[0].Data) != 48 {
		t.Errorf("outputs %q", r.Outputs)
	}
	if r.Receipt.GPUGas == 0 || r.Timing.Dispatches != 24 {
		t.Errorf("%d kernel gas in %d dispatches", r.Receipt.GPUGas, r.Timing.Dispatches)
	}
	resumes(t, j, r, cs)
	i := run(t, j, Options{Device: device(t), Interpreter: true})
	if d := cmp.Diff(r.Receipt, i.Receipt); d != "" {
		t.Errorf("compiler and interpreter differ:\n%s", d)
	}
}
