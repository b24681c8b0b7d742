// Package sdk_test builds jobs with the Go SDK and runs them.
package sdk_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

// built are the modules made so far, by the guest's name.
var built sync.Map

// build compiles testdata/NAME to a module, with steps or as a plain program.
func build(t *testing.T, name string, stepped bool) []byte {
	t.Helper()
	if b, ok := built.Load(name); ok {
		return b.([]byte)
	}
	out := filepath.Join(t.TempDir(), name+".wasm")
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out}
	if stepped {
		args = append(args, "-buildmode=c-shared")
	}
	cmd := exec.Command("go", append(args, "./testdata/"+name)...)
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, text)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	built.Store(name, b)
	return b
}

func device(t *testing.T) kernels.Device {
	d, err := cpu.Open(cpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func job(t *testing.T, module []byte, spec runtime.Spec, inputs ...runtime.Input) *runtime.Job {
	t.Helper()
	j, err := runtime.NewJob(module, inputs, spec)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func run(t *testing.T, j *runtime.Job, o runtime.Options) *runtime.Result {
	t.Helper()
	if o.Device == nil {
		o.Device = device(t)
	}
	r, err := runtime.Run(context.Background(), j, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func output(t *testing.T, r *runtime.Result, name string) []byte {
	t.Helper()
	for _, o := range r.Outputs {
		if o.Name == name {
			return o.Data
		}
	}
	t.Fatalf("there is no output %s: the job %s %s\n%s", name, r.Receipt.Status, r.Receipt.Failure, r.Log)
	return nil
}

// The order of maps, goroutines, select, random numbers, clock and garbage collector: two runs, and two engines, are the
// same in every byte of memory, and so is one that goes on from the middle.
func TestDeterminism(t *testing.T) {
	module := build(t, "steps", true)
	spec := runtime.Spec{Interval: 4, Seed: 7}
	j := job(t, module, spec)
	var middle *runtime.Checkpoint
	var all []msg.Interval
	first := run(t, j, runtime.Options{OnInterval: func(rec msg.Interval, snapshot func() (*state.Snapshot, error)) error {
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
	if first.Receipt.Status != msg.Finished || first.Receipt.Steps != 20 || len(output(t, first, "digests")) != 20*32 {
		t.Fatalf("%s %s after %d steps\n%s", first.Receipt.Status, first.Receipt.Failure, first.Receipt.Steps, first.Log)
	}
	if n := output(t, first, "collections")[0]; n < 2 {
		t.Errorf("the garbage collector ran %d times, wanted some", n)
	}
	for name, r := range map[string]*runtime.Result{
		"second":           run(t, j, runtime.Options{}),
		"interpreter":      run(t, j, runtime.Options{Interpreter: true}),
		"from the middle":  run(t, j, runtime.Options{From: middle}),
		"the other engine": run(t, j, runtime.Options{From: middle, Interpreter: true}),
	} {
		if !reflect.DeepEqual(r.Receipt, first.Receipt) || !reflect.DeepEqual(r.Intervals, first.Intervals) {
			t.Errorf("%s: the receipts differ:\n%+v\n%+v", name, r.Receipt, first.Receipt)
		}
	}
	// What is random follows the seed.
	spec.Seed = 8
	other := run(t, job(t, module, spec), runtime.Options{})
	if bytes.Equal(output(t, other, "digests"), output(t, first, "digests")) {
		t.Error("another seed gives the same random numbers")
	}
}
