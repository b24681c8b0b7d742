// Package as_test builds jobs with the AssemblyScript SDK and runs them. The tensor functions are in sdk/tour.
package as_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gwrun/gwrun/sdk/jobtest"
)

// build compiles testdata/NAME.ts to a module.
func build(t *testing.T, name string) []byte {
	t.Helper()
	if err := exec.Command("./gwasc", "--which").Run(); err != nil {
		t.Skip("skipped: no AssemblyScript compiler (npm package assemblyscript)")
	}
	out := filepath.Join(t.TempDir(), name+".wasm")
	if text, err := exec.Command("./gwasc", "-o", out, filepath.Join("testdata", name+".ts")).CombinedOutput(); err != nil {
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
