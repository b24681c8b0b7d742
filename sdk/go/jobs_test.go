// Package sdk_test builds jobs with the Go SDK and runs them. The tensor functions are in sdk/tour.
package sdk_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gwrun/gwrun/sdk/jobtest"
)

// built are the modules made so far, by the guest's name.
var built sync.Map

// build compiles testdata/NAME to a module, with steps or as a plain program.
func build(t *testing.T, name string, stepped bool) []byte {
	t.Helper()
	if b, ok := built.Load(name); ok {
		return b.([]byte)
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("skipped: no go (Debian package golang)")
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

// The order of maps, goroutines, select, random numbers, clock and garbage collector.
func TestDeterminism(t *testing.T) {
	r := jobtest.Deterministic(t, build(t, "steps", true), 20)
	if n := jobtest.Output(t, r, "collections")[0]; n < 2 {
		t.Errorf("the garbage collector ran %d times, wanted some", n)
	}
}

func TestUse(t *testing.T) { jobtest.Use(t, build(t, "errors", false)) }

func TestMistakes(t *testing.T) {
	mistakes := maps.Clone(jobtest.Mistakes)
	mistakes["panic"] = "panic: runtime error: index out of range [5] with length 0"
	mistakes["nil"] = "panic: runtime error: invalid memory address or nil pointer dereference"
	mistakes["deadlock"] = "fatal error: all goroutines are asleep - deadlock!"
	jobtest.Fails(t, build(t, "errors", false), mistakes, "the job exited with status ")
}
