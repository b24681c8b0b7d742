// Package jobtest is what the tests of the SDKs for Go and AssemblyScript do alike with a module.
package jobtest

import (
	"bytes"
	"context"
	"reflect"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

// Device is the cpu device.
func Device(t testing.TB) kernels.Device {
	d, err := cpu.Open(cpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// Job makes a module ready.
func Job(t testing.TB, module []byte, spec runtime.Spec, inputs ...runtime.Input) *runtime.Job {
	t.Helper()
	j, err := runtime.NewJob(module, inputs, spec)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// Run runs a job, on the cpu device if the options name none.
func Run(t testing.TB, j *runtime.Job, o runtime.Options) *runtime.Result {
	t.Helper()
	if o.Device == nil {
		o.Device = Device(t)
	}
	r, err := runtime.Run(context.Background(), j, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Output gives an output that must be there.
func Output(t testing.TB, r *runtime.Result, name string) []byte {
	t.Helper()
	for _, o := range r.Outputs {
		if o.Name == name {
			return o.Data
		}
	}
	t.Fatalf("there is no output %s: the job %s %s\n%s", name, r.Receipt.Status, r.Receipt.Failure, r.Log)
	return nil
}

// Deterministic runs a job of so many steps, whose output "digests" depends on the seed: two runs, and two engines, are the
// same in every byte of memory, and so is a run that goes on from the middle. It gives the first.
func Deterministic(t *testing.T, module []byte, steps uint64) *runtime.Result {
	t.Helper()
	spec := runtime.Spec{Interval: steps / 5, Seed: 7}
	j := Job(t, module, spec)
	var middle *runtime.Checkpoint
	var all []msg.Interval
	first := Run(t, j, runtime.Options{OnInterval: func(rec msg.Interval, snapshot func() (*state.Snapshot, error)) error {
		all = append(all, rec)
		if len(all) == 3 {
			s, err := snapshot()
			if err != nil {
				return err
			}
			middle = &runtime.Checkpoint{State: s, Intervals: append([]msg.Interval{}, all...)}
		}
		return nil
	}})
	if first.Receipt.Status != msg.Finished || first.Receipt.Steps != steps || len(Output(t, first, "digests")) == 0 {
		t.Fatalf("%s %s after %d steps\n%s", first.Receipt.Status, first.Receipt.Failure, first.Receipt.Steps, first.Log)
	}
	for name, r := range map[string]*runtime.Result{
		"second":           Run(t, j, runtime.Options{}),
		"interpreter":      Run(t, j, runtime.Options{Interpreter: true}),
		"from the middle":  Run(t, j, runtime.Options{From: middle}),
		"the other engine": Run(t, j, runtime.Options{From: middle, Interpreter: true}),
	} {
		if !reflect.DeepEqual(r.Receipt, first.Receipt) || !reflect.DeepEqual(r.Intervals, first.Intervals) {
			t.Errorf("%s: the receipts differ:\n%+v\n%+v", name, r.Receipt, first.Receipt)
		}
	}
	// What is random follows the seed.
	spec.Seed = 8
	other := Run(t, Job(t, module, spec), runtime.Options{Interpreter: true})
	if bytes.Equal(Output(t, other, "digests"), Output(t, first, "digests")) {
		t.Error("another seed gives the same random numbers")
	}
	return first
}

// Inputs are what the job "errors" wants, and Args its arguments where it shall make no mistake.
var (
	Inputs = []runtime.Input{{Name: "x", Data: []byte("hello")}, {Name: "y", Data: []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}}}
	Args   = []string{"which=none", "k=7", "rate=0.25", "name=a=b"}
)

// Use runs the job "errors" as it does without a mistake.
func Use(t *testing.T, module []byte) {
	t.Helper()
	var progress runtime.Progress
	r := Run(t, Job(t, module, runtime.Spec{Args: Args, Seed: 1<<40 + 3}, Inputs...), runtime.Options{OnProgress: func(p runtime.Progress) {
		if p.Message != "" {
			progress = p
		}
	}})
	if r.Receipt.Status != msg.Finished {
		t.Fatalf("%s %s\n%s", r.Receipt.Status, r.Receipt.Failure, r.Log)
	}
	for name, want := range map[string]string{"which": "none", "text": "12 words", "empty": "", "numbers": "\x00\x00\xc0\x3f"} {
		if got := string(Output(t, r, name)); got != want {
			t.Errorf("output %s is %q, want %q", name, got, want)
		}
	}
	if progress.Fraction != 0.5 || progress.Message != "half" {
		t.Errorf("progress %+v", progress)
	}
	log := string(r.Log)
	if !strings.HasPrefix(log, "caught: ") || !strings.Contains(log, `buffer "weights"`) || !strings.HasSuffix(log, "\n1 lines\n") {
		t.Errorf("the log says %q", log)
	}
}

// Mistakes are those that the job "errors" makes in both languages, and a part of what the log says then.
var Mistakes = map[string]string{
	"usage":    `WebGPU error: wgpuDeviceCreateBuffer: buffer "weights"`,
	"shader":   "WebGPU error: wgpuDeviceCreateShaderModule: ",
	"submit":   `buffer "gone", which is destroyed`,
	"read":     `buffer "short"`,
	"input":    "input picture is missing",
	"range":    "input x has 5 bytes, wanted 4 from byte 3 on",
	"uneven":   "input x has 5 bytes, wanted a multiple of 4",
	"number":   `argument k is "70", want a number from 1 to 10`,
	"shape":    "matmul: b is [3, 4], want 5 rows, as a is [2, 5]",
	"type":     "scale: x is of u32, want f32",
	"released": "scale: a tensor of [3] was released before",
	"bindings": "scale: 1 tensors, want 2: x, y",
}

// Fails makes mistakes one by one: each ends the job, and its log says why.
func Fails(t *testing.T, module []byte, mistakes map[string]string, failure string) {
	t.Helper()
	// On the interpreter, which has a large module ready soonest.
	one := Job(t, module, runtime.Spec{}, Inputs...)
	dev := Device(t)
	for which, want := range mistakes {
		j := *one
		j.Program.Args = []string{"which=" + which, "k=70"}
		r := Run(t, &j, runtime.Options{Device: dev, Interpreter: true})
		if r.Receipt.Status != msg.Failed || !strings.HasPrefix(r.Receipt.Failure, failure) {
			t.Errorf("%s: %s %s", which, r.Receipt.Status, r.Receipt.Failure)
		}
		if !strings.Contains(string(r.Log), want) {
			t.Errorf("%s: the log says %q, want %q", which, r.Log, want)
		}
	}
}
