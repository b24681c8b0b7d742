// Package as_test builds jobs with the AssemblyScript SDK and runs them. The tensor functions are in sdk/tour.
package as_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/sdk/jobtest"
)

// build compiles testdata/NAME.ts to a module, with flags of the compiler.
func build(t *testing.T, name string, flags ...string) []byte {
	t.Helper()
	if err := exec.Command("./gwasc", "--which").Run(); err != nil {
		t.Skip("skipped: no AssemblyScript compiler (npm package assemblyscript)")
	}
	out := filepath.Join(t.TempDir(), name+".wasm")
	if text, err := exec.Command("./gwasc", append([]string{"-o", out, filepath.Join("testdata", name+".ts")}, flags...)...).CombinedOutput(); err != nil {
		t.Fatalf("gwasc: %v\n%s", err, text)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Random numbers, the order of a map's keys, the garbage collector.
func TestDeterminism(t *testing.T) { jobtest.Deterministic(t, build(t, "steps"), 20) }

func TestJob(t *testing.T) {
	module := build(t, "errors")
	t.Run("use", func(t *testing.T) { jobtest.Use(t, module) })
	t.Run("mistakes", func(t *testing.T) {
		mistakes := maps.Clone(jobtest.Mistakes)
		mistakes["throw"] = "abort: thrown at errors.ts:"
		mistakes["index"] = "abort: Index out of range at ~lib/staticarray.ts:"
		mistakes["null"] = "abort: Unexpected 'null' (not assigned or failed cast) at errors.ts:"
		mistakes["memory"] = "" // the runtime traps without a word
		jobtest.Fails(t, module, mistakes, "trap: unreachable executed")
	})
}

// Every kernel is what kernels/lib says: the words of its parameters, its grid, bindings, overrides and tile.
func TestKernels(t *testing.T) {
	r := jobtest.Run(t, jobtest.Job(t, build(t, "kernels", "--optimizeLevel", "0"), runtime.Spec{}), runtime.Options{})
	if r.Receipt.Status != msg.Finished {
		t.Fatalf("%s %s\n%s", r.Receipt.Status, r.Receipt.Failure, r.Log)
	}
	// AssemblyScript writes the number 1 as 1.0.
	got := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(jobtest.Output(t, r, "kernels")), ".0", "")), "\n")
	constants := map[string][]jobtest.Constant{}
	for _, line := range got {
		name, _, _ := strings.Cut(line, " ")
		_, list, _ := strings.Cut(line, " constants")
		list, _, _ = strings.Cut(list, " tile")
		for _, c := range strings.Fields(list) {
			key, value, _ := strings.Cut(c, "=")
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			constants[name] = append(constants[name], jobtest.Constant{Name: key, Value: v})
		}
	}
	if diff := cmp.Diff(jobtest.Kernels(t, constants), got); diff != "" {
		t.Error(diff)
	}
}
