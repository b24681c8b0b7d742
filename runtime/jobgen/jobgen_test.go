package jobgen_test

import (
	"reflect"
	"testing"

	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/jobgen"
)

// Every job can be made and run; some come to a good end, some do not, and with too little gas none does.
func TestJobs(t *testing.T) {
	loader := &runtime.Loader{Recent: runtime.NewRecent(1 << 20)}
	dev, err := cpu.Open(cpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	run := func(j *jobgen.Job) *runtime.Result {
		t.Helper()
		var inputs []runtime.Input
		for _, in := range j.Inputs {
			inputs = append(inputs, runtime.Input(in))
		}
		job, err := loader.NewJob(j.Module, inputs, runtime.Spec{Args: j.Args, Seed: j.Seed, Interval: j.Interval, Limits: j.Limits})
		if err != nil {
			t.Fatalf("%s, seed %d: %v", j.Kind, j.Seed, err)
		}
		r, err := runtime.Run(t.Context(), job, runtime.Options{Device: dev})
		if err != nil {
			t.Fatalf("%s, seed %d: %v", j.Kind, j.Seed, err)
		}
		return r
	}
	ends, kinds := map[msg.Status]int{}, map[string]int{}
	for seed := range uint64(30) {
		j, err := jobgen.New(seed, "../..")
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := jobgen.New(seed, "../.."); !reflect.DeepEqual(j, again) {
			t.Errorf("seed %d makes another job the second time", seed)
		}
		r := run(j)
		ends[r.Receipt.Status]++
		kinds[j.Kind]++
		if seed%4 == 0 {
			j.Starve(r.Receipt.Gas, r.Receipt.GPUGas)
			if s := run(j); s.Receipt.Status != msg.Failed || s.Receipt.Gas > r.Receipt.Gas {
				t.Errorf("%s: %s with %d gas, with enough it is %s with %d", j.Kind, s.Receipt.Status, s.Receipt.Gas, r.Receipt.Status, r.Receipt.Gas)
			}
		}
	}
	t.Log(ends, kinds)
	if ends[msg.Finished] < 8 || ends[msg.Failed] < 4 || len(kinds) != 8 {
		t.Errorf("30 jobs of kinds %v ended %v", kinds, ends)
	}
}
