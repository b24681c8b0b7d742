package sdk_test

import (
	"strings"
	"testing"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

var inputs = []runtime.Input{{Name: "x", Data: []byte("hello")}, {Name: "y", Data: []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}}}

// What the packages are for, as far as it is not the tour's.
func TestUse(t *testing.T) {
	spec := runtime.Spec{Args: []string{"which=none", "k=7", "rate=0.25", "name=a=b"}, Seed: 1<<40 + 3}
	var progress runtime.Progress
	r := run(t, job(t, build(t, "errors", false), spec, inputs...), runtime.Options{OnProgress: func(p runtime.Progress) {
		if p.Message != "" {
			progress = p
		}
	}})
	if r.Receipt.Status != msg.Finished {
		t.Fatalf("%s %s\n%s", r.Receipt.Status, r.Receipt.Failure, r.Log)
	}
	for name, want := range map[string]string{"which": "none", "text": "12 words", "empty": "", "numbers": "\x00\x00\xc0\x3f"} {
		if got := string(output(t, r, name)); got != want {
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

// Every mistake ends the job with a line in its log that says what was found.
func TestMistakes(t *testing.T) {
	// On the interpreter, which has a module of this size ready soonest.
	one := job(t, build(t, "errors", false), runtime.Spec{}, inputs...)
	dev := device(t)
	for which, want := range map[string]string{
		"usage":    `WebGPU error: wgpuDeviceCreateBuffer: buffer "weights"`,
		"shader":   "WebGPU error: wgpuDeviceCreateShaderModule: ",
		"submit":   `buffer "gone", which is destroyed`,
		"read":     `buffer "short"`,
		"input":    "input picture is missing",
		"range":    "input x has 5 bytes, wanted 4 from byte 3 on",
		"number":   `argument k is "70", want a number from 1 to 10`,
		"shape":    "matmul: b is [3, 4], want 5 rows, as a is [2, 5]",
		"type":     "scale: x is of u32, want f32",
		"released": "scale: a tensor of [3] was released before",
		"alias":    "WebGPU error: ",
		"panic":    "panic: runtime error: index out of range [5] with length 0",
		"nil":      "panic: runtime error: invalid memory address or nil pointer dereference",
		"deadlock": "fatal error: all goroutines are asleep - deadlock!",
	} {
		j := *one
		j.Program.Args = []string{"which=" + which, "k=70"}
		r := run(t, &j, runtime.Options{Device: dev, Interpreter: true})
		if r.Receipt.Status != msg.Failed || !strings.HasPrefix(r.Receipt.Failure, "the job exited with status ") {
			t.Errorf("%s: %s %s", which, r.Receipt.Status, r.Receipt.Failure)
		}
		if !strings.Contains(string(r.Log), want) {
			t.Errorf("%s: the log says %q, want %q", which, r.Log, want)
		}
	}
}
