package rust_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

// probe is the module of testdata/probe, which does what its argument mode says.
func probe(t *testing.T) []byte { return build(t, "probe", probeFlags...) }

var probeFlags = []string{"-p", "512"}

func mode(mode string, spec runtime.Spec) runtime.Spec {
	spec.Args = append([]string{"mode=" + mode}, spec.Args...)
	return spec
}

// good runs a mode that must finish.
func good(t *testing.T, m string, spec runtime.Spec, inputs ...runtime.Input) map[string][]byte {
	t.Helper()
	res := run(t, probe(t), inputs, mode(m, spec))
	if res.Receipt.Status != msg.Finished {
		t.Fatalf("%s: status %s: %s\n%s", m, res.Receipt.Status, res.Receipt.Failure, res.Log)
	}
	out := map[string][]byte{"log": res.Log}
	for _, o := range res.Outputs {
		out[o.Name] = o.Data
	}
	return out
}

func floats(b []byte) []float32 {
	var f []float32
	for ; len(b) >= 4; b = b[4:] {
		f = append(f, math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	return f
}

var twoInputs = []runtime.Input{{Name: "b", Data: []byte{0, 0, 128, 63, 4, 5}}, {Name: "a", Data: []byte("seven b")}}

func TestHost(t *testing.T) {
	toolchain(t, freestanding)
	out := good(t, "host", runtime.Spec{Seed: 1 << 40, Args: []string{"x=0.25", "n=4294967295", "xy=3", "x=9"}}, twoInputs...)
	want := `input a of 7 bytes: [115, 101, 118, 101, 110, 32, 98]
input b of 6 bytes: [0, 0, 128, 63, 4, 5]
2 [4, 5, 9, 9]
0 [4, 5, 9, 9]
[16256, 1284] [1.0]
["mode=host", "x=0.25", "n=4294967295", "xy=3", "x=9"]
Some("0.25") None
4294967295 5
0.25 1.5
seed 1099511627776 step 1
1.3 -0.045 2 1.00 nan -inf 10000000000000000000000 123.000000000 `
	if string(out["host"]) != want {
		t.Errorf("host gives\n%swant\n%s", out["host"], want)
	}
	if got, want := fmt.Sprintf("%x", out["numbers"]), "0100000002000000ffffffffffffffff0000003f"; got != want {
		t.Errorf("numbers %s, want %s", got, want)
	}
	if b, ok := out["empty"]; !ok || len(b) != 0 {
		t.Errorf("output empty is %v, %t", b, ok)
	}
	if got := string(out["log"]); got != "a line\nanother line\n" {
		t.Errorf("log %q", got)
	}
}

func TestSteps(t *testing.T) {
	toolchain(t, freestanding)
	res := run(t, probe(t), nil, mode("steps", runtime.Spec{Interval: 2}))
	if res.Receipt.Steps != 5 || res.Receipt.Status != msg.Finished {
		t.Errorf("%d steps, %s, want 5, finished\n%s", res.Receipt.Steps, res.Receipt.Status, res.Log)
	}
	var want []byte
	for i := range uint64(5) {
		want = binary.LittleEndian.AppendUint64(want, i+1)
	}
	if got := res.Outputs[0].Data; !slices.Equal(got, want) {
		t.Errorf("history %x, want %x", got, want)
	}
	if got := res.Outputs[1].Data; !slices.Equal(got, make([]byte, 8)) {
		t.Errorf("made in step %x, want 0", got)
	}
}

// TestResume goes on from every step in a new instance, on the other engine, to the same records.
func TestResume(t *testing.T) {
	toolchain(t, freestanding)
	job, err := runtime.NewJob(probe(t), nil, mode("growing", runtime.Spec{Interval: 1}))
	if err != nil {
		t.Fatal(err)
	}
	var checkpoints []runtime.Checkpoint
	var records []msg.Interval
	whole, err := runtime.Run(context.Background(), job, runtime.Options{Device: device(t),
		OnInterval: func(rec msg.Interval, take func() (*state.Snapshot, error)) error {
			s, err := take()
			records = append(records, rec)
			checkpoints = append(checkpoints, runtime.Checkpoint{State: s, Intervals: slices.Clone(records)})
			return err
		}})
	if err != nil {
		t.Fatal(err)
	}
	if len(checkpoints) != 6 || len(whole.Outputs) != 1 || !slices.Equal(floats(whole.Outputs[0].Data), []float32{63, 63, 63}) {
		t.Fatalf("%d checkpoints, outputs %v\n%s", len(checkpoints), whole.Outputs, whole.Log)
	}
	for i := 1; i < len(records); i++ {
		if records[i].GPUGas <= records[i-1].GPUGas {
			t.Errorf("step %d used no kernel gas: what it asked for was not run in it", i+1)
		}
	}
	for i, c := range checkpoints[:5] {
		res, err := runtime.Run(context.Background(), job, runtime.Options{Device: device(t), From: &c, Interpreter: true})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(whole.Receipt, res.Receipt); d != "" {
			t.Errorf("resumed after step %d:\n%s", i+1, d)
		}
	}
}

// TestEnds is about the ways a job ends before its time: each with a line in the log that says why.
func TestEnds(t *testing.T) {
	toolchain(t, freestanding)
	for i, c := range []struct {
		mode, args string
		log        string
	}{
		{"panic", "", "panic at src/end.rs:3:5: the answer is 42\n"},
		{"panic in new", "", "panic at src/end.rs:11:5: in new\n"},
		{"index", "", "panic at src/end.rs:7:23: index out of bounds: the len is 3 but the index is 3\n"},
		{"fail", "", "a reason\n"},
		{"recursion", "", ""},
		{"memory", "", "memory is full: 1048576 bytes asked for, "},
		{"missing", "", "input nothing is missing\n"},
		{"short", "", "input a has 7 bytes, want 12 from byte 4 on\n"},
		{"uneven", "", "input a has 7 bytes, want a multiple of 4\n"},
		{"number", "n=11", "argument n is \"11\", want a number from 1 to 10\n"},
		{"number", "n=+5", "argument n is \"+5\", want a number from 1 to 10\n"},
		{"number", "n=", "argument n is \"\", want a number from 1 to 10\n"},
		{"number", "n=99999999999999999999", "argument n is \"99999999999999999999\", want a number from 1 to 10\n"},
		{"decimal", "x=2.5", "argument x is \"2.5\", want a number from 0 to 2.125\n"},
		{"decimal", "x=1e0", "argument x is \"1e0\", want a number from 0 to 2.125\n"},
		{"decimal", "x=.", "argument x is \".\", want a number from 0 to 2.125\n"},
		{"decimal", "x=12345678901234567", "argument x is \"12345678901234567\", want a number from 0 to 2.125\n"},
		{"decimal", "x=1.0.0", "argument x is \"1.0.0\", want a number from 0 to 2.125\n"},
		{"shader", "", "WebGPU error: wgpuDeviceCreateShaderModule: "},
		{"usage", "", "WebGPU error: wgpuDeviceCreateBuffer: "},
		{"bind", "", "WebGPU error: wgpuDeviceCreateBindGroup: "},
		{"command", "", "WebGPU error: wgpuCommandEncoderFinish: "},

		{"zeros", "", "zeros: shape [3, 0], want 1 to 4 dimensions and 1 to 2^26 elements\n"},
		{"dimensions", "", "zeros: shape [1, 1, 1, 1, 1], want 1 to 4 dimensions and 1 to 2^26 elements\n"},
		{"from_f32", "", "from_f32: 1 numbers for shape [2, 2], want 4\n"},
		{"read_f32", "", "read_f32: the tensor is u32 [2], want f32\n"},
		{"write_u32", "", "write_u32: 1 numbers for u32 [2], want 2\n"},
		{"reshape", "", "reshape: f32 [2, 3] to [4], want 6 elements\n"},
		{"rows", "", "rows: 1 to 3 of f32 [2, 3], want some of its 2 rows\n"},
		{"matmul", "", "matmul: a is f32 [2, 3] and b f32 [2, 3], want [m, k] and [k, n] of one k and one batch\n"},
		{"matmul batch", "", "matmul: a is f32 [2, 2, 3] and b f32 [3, 3, 2], want [m, k] and [k, n] of one k and one batch\n"},
		{"matmul bias", "", "matmul: bias is f32 [3], want f32 [2]\n"},
		{"matmul u32", "", "matmul: a is f32 [2, 3] and b u32 [3, 2], want f32 matrices, or a batch of them as a\n"},
		{"add", "", "add: y is f32 [3, 2], want f32 [2, 3]\n"},
		{"bias_add", "", "bias_add: b is f32 [2], want f32 [3]\n"},
		{"scatter", "", "scatter: index is f32 [2], want u32 [2]\n"},
		{"argmax", "", "argmax: x is u32 [2], want f32\n"},
		{"conv2d", "", "conv2d: image f32 [1, 1, 2, 2], weight f32 [1, 1, 3, 3], stride [1, 1], pad [0, 0], dilation [1, 1]: want strides and dilations from 1 on and a filter within the padded image\n"},
		{"conv2d groups", "", "conv2d: image f32 [1, 3, 2, 2], weight f32 [1, 3, 1, 1], 2 groups: want groups that divide channels and filters, and filters of 1 channels\n"},
		{"attention", "", "attention: the keys is f32 [1, 2, 1, 3], want f32 [1, 2, 1, 4]\n"},
		{"embedding", "", "embedding: ids is f32 [2], want u32 [2]\n"},
		{"from_bf16", "", "from_bf16: the words is u32 [2], want u32 [4]\n"},
		{"adam", "", "adam: step 0, want 1 for the first\n"},
		{"dropout", "", "dropout: probability 1, want 0 up to 1\n"},
		{"op tensors", "", "add: 1 tensors, want x y z (3)\n"},
		{"op params", "", "scale: 1 parameters, want n a (2)\n"},
		{"op kind", "", "scale: parameter a is a u32, want an f32\n"},
		{"op override", "", "add: it has no override speed\n"},
		{"op tile", "", "add: override size is no whole number from 1 on\n"},
		{"op grid", "", "matmul_f32: 70000 workgroups in a dimension, want at most 65535: cut the work\n"},
	} {
		engines := []bool{false, true}
		if i >= 5 {
			engines = engines[:1] // they end in the same way
		}
		res := runOn(t, probe(t), twoInputs, mode(c.mode, runtime.Spec{Args: strings.Fields(c.args)}), engines...)
		if res.Receipt.Status != msg.Failed {
			t.Errorf("%s %s: status %s, want failed\n%s", c.mode, c.args, res.Receipt.Status, res.Log)
		}
		if got := string(res.Log); got != c.log && (strings.HasSuffix(c.log, "\n") || !strings.HasPrefix(got, c.log)) {
			t.Errorf("%s %s: log\n%swant\n%s", c.mode, c.args, got, c.log)
		}
	}
}

func TestHeap(t *testing.T) {
	toolchain(t, freestanding)
	good(t, "heap", runtime.Spec{})
	for seed := range uint64(4) {
		res := runOn(t, probe(t), nil, mode("heap", runtime.Spec{Seed: 1 + seed}), false)
		if res.Receipt.Status != msg.Finished {
			t.Errorf("seed %d: status %s: %s\n%s", 1+seed, res.Receipt.Status, res.Receipt.Failure, res.Log)
		}
	}
}

// TestDevice is WebGPU through the safe layer; most of it checks itself.
func TestDevice(t *testing.T) {
	toolchain(t, freestanding)
	for _, mode := range []string{"odd", "order", "many", "temporaries", "views"} {
		good(t, mode, runtime.Spec{})
	}
	out := good(t, "kernel", runtime.Spec{})
	for name, want := range map[string][]float32{
		"x": {0, 1, 2, 3, 4, 0, 3, 6, 9, 12},
		"y": {0, 3, 6, 9, 12, 15, 18, 21, 24, 0},
		"z": {0, 0, 0, 3, 6, 9},
	} {
		if got := floats(out[name]); !slices.Equal(got, want) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	log := strings.Split(string(good(t, "scope", runtime.Spec{})["log"]), "\n")
	if len(log) != 3 || !strings.HasPrefix(log[0], "wgpuDeviceCreateBuffer: ") || !strings.HasPrefix(log[1], "wgpuDeviceCreateShaderModule: ") {
		t.Errorf("errors taken by scopes: %q", log)
	}
}

// TestReadme runs the job in README.md.
func TestReadme(t *testing.T) {
	toolchain(t, freestanding)
	var x, y []byte
	for i := range 100 {
		v := float32(i) / 100
		x = binary.LittleEndian.AppendUint32(x, math.Float32bits(v))
		y = binary.LittleEndian.AppendUint32(y, math.Float32bits(3*v))
	}
	out := good(t, "line", runtime.Spec{}, runtime.Input{Name: "x", Data: x}, runtime.Input{Name: "y", Data: y})
	if slope := floats(out["slope"]); len(slope) != 1 || math.Abs(float64(slope[0])-3) > 0.001 || string(out["log"]) != "the slope is 3.0000\n" {
		t.Errorf("the slope is %v, want 3; log %q", slope, out["log"])
	}
}

// TestDrops gives a job few handles: it runs out of them if it loses one a round.
func TestDrops(t *testing.T) {
	toolchain(t, freestanding)
	for _, mode := range []string{"drops", "own devices"} {
		good(t, mode, runtime.Spec{Limits: msg.Limits{Handles: 24, ShaderBytes: 20000}})
	}
}

// TestLayout compares the structures of raw with those of the C header, and links every import.
func TestLayout(t *testing.T) {
	toolchain(t, freestanding)
	for _, tool := range []string{"clang", "wasm-ld"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("skipped: no %s (Debian packages clang, lld)", tool)
		}
	}
	module := filepath.Join(t.TempDir(), "layout.wasm")
	if out, err := exec.Command("../c/gwcc", "-o", module, "testdata/layout/layout.c").CombinedOutput(); err != nil {
		t.Fatalf("gwcc: %v\n%s", err, out)
	}
	mod, err := os.ReadFile(module)
	if err != nil {
		t.Fatal(err)
	}
	want := finished(t, mod, nil, runtime.Spec{}).Outputs[0].Data
	out := good(t, "layout", runtime.Spec{})
	names := strings.Split(strings.TrimSpace(string(out["names"])), "\n")
	got := out["layout"]
	if len(got) != len(want) || len(got) != 4*len(names) || len(names) < 200 {
		t.Fatalf("%d numbers from Rust, %d from C, %d names", len(got)/4, len(want)/4, len(names))
	}
	for i, name := range names {
		g, w := binary.LittleEndian.Uint32(got[4*i:]), binary.LittleEndian.Uint32(want[4*i:])
		if g != w {
			t.Errorf("%s: %d in Rust, %d in C", name, g, w)
		}
	}
	if n := binary.LittleEndian.Uint32(out["imports"]); n < 100 {
		t.Errorf("%d imports", n)
	}
}

// TestProgram is about programs with a main function and std.
func TestProgram(t *testing.T) {
	toolchain(t, wasi)
	mod := build(t, "program", "-t", wasi)
	spec := runtime.Spec{Seed: 3, Args: []string{"one", "two", "one", "three", "four", "five"}}
	res := finished(t, mod, nil, spec)
	if len(res.Outputs) != 2 || !slices.Equal(floats(res.Outputs[1].Data), []float32{2, 4, 6, 8}) {
		t.Errorf("outputs %v", res.Outputs)
	}
	words := strings.Split(string(res.Outputs[0].Data), "\n")
	slices.Sort(words)
	if want := []string{"", "five 1", "four 1", "one 2", "three 1", "two 1"}; !slices.Equal(words, want) {
		t.Errorf("words %q, want %q", words, want)
	}
	if got := string(res.Log); got != "5 words\n" {
		t.Errorf("log %q", got)
	}
	for arg, want := range map[string]string{"fail=1": "add: y is f32 [3], want f32 [2]\n", "webgpu=1": "WebGPU error: wgpuDeviceCreateBuffer: ", "panic=1": "thread 'main' panicked at "} {
		res := run(t, mod, nil, runtime.Spec{Args: []string{arg}})
		if res.Receipt.Status != msg.Failed || !strings.Contains(string(res.Log), want) {
			t.Errorf("%s: status %s, log %q, want %q", arg, res.Receipt.Status, res.Log, want)
		}
	}
}

// TestNoStd builds the crate without std.
func TestNoStd(t *testing.T) {
	rustc := toolchain(t, freestanding)
	cmd := exec.Command(rustc, "--edition", "2021", "--crate-type", "rlib", "--crate-name", "gwrun", "--target", freestanding,
		"-Dwarnings", "--emit", "metadata", "-o", filepath.Join(t.TempDir(), "gwrun.rmeta"), "src/lib.rs")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %v\n%s", cmd.Args, err, out)
	}
}

// TestFolders builds a job in two folders, one of which has a blank in its name: the same bytes come out.
func TestFolders(t *testing.T) {
	toolchain(t, freestanding)
	first := probe(t)
	dir := filepath.Join(t.TempDir(), "a folder")
	if err := copySDK(filepath.Join(dir, "other")); err != nil {
		t.Fatal(err)
	}
	second := buildIn(t, filepath.Join(dir, "other"), filepath.Join(dir, "target"), "testdata/probe", probeFlags...)
	if !bytes.Equal(first, second) {
		t.Errorf("modules of %d and %d bytes from two folders differ", len(first), len(second))
	}
	if temp := []byte(os.TempDir() + "/"); bytes.Contains(first, temp) {
		t.Errorf("the module names the folder it was built in: %q", first[bytes.Index(first, temp):][:80])
	}
}
