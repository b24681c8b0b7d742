// Package checks_test checks what the SDK for C says about mistakes, and how long its tensors live.
package checks_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// build compiles files.
func build(t *testing.T, files ...string) string {
	t.Helper()
	for tool, pkg := range map[string]string{"clang": "clang", "wasm-ld": "lld"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("skipped: no %s (Debian package %s)", tool, pkg)
		}
	}
	module := filepath.Join(t.TempDir(), "job.wasm")
	if out, err := exec.Command("../gwcc", append([]string{"-o", module}, files...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return module
}

// run gives the job's end, its log and its outputs.
func run(t *testing.T, module string, inputs map[string]string, limits msg.Limits, args ...string) (msg.Status, string, map[string][]byte) {
	t.Helper()
	described, err := jobfile.Open(module)
	if err != nil {
		t.Fatal(err)
	}
	described.Args = args
	described.Limits = limits
	described.Inputs = inputs
	job, err := described.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	device, err := cpu.Open(cpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	res, err := runtime.Run(context.Background(), job, runtime.Options{Device: device})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, o := range res.Outputs {
		out[o.Name] = o.Data
	}
	return res.Receipt.Status, string(res.Log), out
}

// numbers are inputs of 1,024 numbers.
var numbers = map[string]string{"x": "../template/x.f32", "y": "../template/x.f32"}

// The lines that the mistakes of testdata/mistakes.c end with.
var mistakes = []string{
	"matmul: b is f32 [3, 4], want f32 [5, any], as a is f32 [2, 5]",
	"matmul: a is f32 [5], want f32 [any, any]",
	"matmul: b is f32 [3, 4], want f32 [any, 2], as a, transposed, is f32 [2, 5]",
	"matmul: bias is f32 [2], want f32 [3], as b is f32 [5, 3]",
	"matmul: into is f32 [3, 2], want f32 [2, 3]",
	"matmul: b is f32 [3, 5, 1], want f32 [2, 5, any], as a is f32 [2, 2, 5]",
	"add: y is f32 [3, 4], want f32 [2, 5], as x is f32 [2, 5]",
	"add: x is u32 [2], want f32 [any]",
	"bias_add: b is f32 [4], want f32 [6], as x is f32 [4, 6]",
	"activate: activation 9, want 1 (relu) to 5 (sigmoid)",
	"scatter: index is f32 [4], want u32 [4], as v is f32 [4]",
	"broadcast_rows: v is f32 [1, 1, 1, 4], want at most 3 dimensions",
	"cross_entropy: label is u32 [3], want u32 [4], as x is f32 [4, 6]",
	"embedding: ids is f32 [4], want u32 [any]",
	"conv2d: weight is f32 [2, 4, 3, 3], want f32 [any, 3, any, any], as image is f32 [1, 3, 4, 4]",
	"conv2d: the filter's height is 5 with its dilation, want at most 4, the image's with its padding",
	"attention: 4 heads of q and 3 of k, want a multiple",
	"adam: step 0, want 1 for the first",
	"dropout: probability 1.000000, want 0 up to but not 1",
	"from_bf16: words is u32 [2], want u32 [3], as the result is f32 [5]",
	"scale: x, f32 [3], has been released",
	"scale: x, f32 [3], has been released",
	"scale: x, f32 [3], has been released",
	"scale: x is no tensor",
	"zeros: a tensor of rank 2, [70000, 70000], want rank 1 to 4 and 1 to 33554432 elements",
	"zeros: a tensor of rank 2, [3, 0], want rank 1 to 4 and 1 to 33554432 elements",
	"reshape: the tensor is f32 [4, 6], which has not as many elements as [5, 5]",
	"rows: from 3 to 5 of f32 [4, 6], want at least one and at most 4",
	"rows: from 2 to 2 of f32 [4, 6], want at least one and at most 4",
	"read_u32: the tensor is f32 [4, 6], want u32",
	"gwt_end: there is no gwt_begin before it",
	"add: 2 tensors, want 3: x, y, z",
	"add: z is no tensor",
	"WebGPU error: ", // names the override in its own words
	"add: the override size is 2.500000, want a whole number",
	"sgd: w is written and starts at byte 24 of its buffer, want a multiple of 256",
	"conv2d: 70000 workgroups in dimension 2, at most 65535: cut the work or take a larger tile",
	"no memory for 1073741824 bytes: the module may have no more pages (gwcc -p)",
	"", // 4 bytes from the second on are there
	"input z is missing",
	`argument case is "40", want a number from -1.5 to 1`,
	"text 4294967295 -5 -2147483648 18446744073709551615 0.500000 -1.00 %",
	"-2.500000 0.125000 0.250000",
	`argument d is "-", want a number from -0.25 to 1000000015047466400000000000000`,
}

func TestMistakes(t *testing.T) {
	module := build(t, "testdata/mistakes.c")
	for i, want := range mistakes {
		status, log, _ := run(t, module, numbers, msg.Limits{}, fmt.Sprintf("case=%d", i), "a=-2.5", "b=.125", "d=-")
		if (status == msg.Finished) != (want == "") {
			t.Errorf("case %d: the job %s\n%s", i, status, log)
		}
		if !strings.Contains(log, want) {
			t.Errorf("case %d: %q, want %q", i, log, want)
		}
	}
}

// TestLifetime has tensors made far more often than there is room for.
func TestLifetime(t *testing.T) {
	status, log, _ := run(t, build(t, "testdata/lifetime.c"), nil, msg.Limits{BufferBytes: 4 << 20})
	if status != msg.Finished {
		t.Errorf("the job %s\n%s", status, log)
	}
}

// listing is the nth piece of code of a language in README.md.
func listing(t *testing.T, language string, n int) string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	pieces := strings.Split(string(text), "```"+language+"\n")
	if len(pieces) <= n+1 {
		t.Fatalf("README.md has %d pieces of %s, want %d", len(pieces)-1, language, n+1)
	}
	code, _, _ := strings.Cut(pieces[n+1], "```")
	return code
}

// TestReadme runs the job that README.md has in full, and another with the kernel that it has.
func TestReadme(t *testing.T) {
	folder := t.TempDir()
	put := func(name, text string) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	// The template's numbers are 0 to 255.75, too large for the rate that the job has by itself; y is x.
	status, log, out := run(t, build(t, put("fit.c", listing(t, "c", 0))), numbers, msg.Limits{}, "rate=0.00001")
	if status != msg.Finished || len(out["slope"]) != 4 {
		t.Fatalf("the job %s with outputs %v\n%s", status, out, log)
	}
	if slope := math.Float32frombits(binary.LittleEndian.Uint32(out["slope"])); math.Abs(float64(slope)-1) > 1e-4 {
		t.Errorf("the slope is %v, want 1", slope)
	}

	squares := put("squares.c", listing(t, "c", 2)+`
GW_EXPORT(gw_step) int32_t gw_step(void) {
    gwjob_open();
    gw_tensor y = square(gwt_from_f32(GWT_SHAPE(3), (float[]){1, -2, 3}));
    gwt_flush();
    float out[3];
    gwjob_read(gwt_buffer(y), y.offset, out, sizeof out);
    gwjob_failf("%f %f %f", (double)out[0], (double)out[1], (double)out[2]);
}
`)
	_, log, _ = run(t, build(t, squares, put("square.wgsl", listing(t, "wgsl", 0))), nil, msg.Limits{})
	if want := "1.000000 4.000000 9.000000"; !strings.Contains(log, want) {
		t.Errorf("squares %q, want %q", log, want)
	}
}

// TestPrograms is about programs with main: tensors beside a C library.
func TestPrograms(t *testing.T) {
	for file, want := range map[string]string{"program.c": "2 arguments, hello", "program.cc": "11 25"} {
		t.Run(file, func(t *testing.T) {
			builtins, err := exec.Command("clang", "--target=wasm32-wasi", "--rtlib=compiler-rt", "-print-libgcc-file-name").Output()
			if err != nil {
				t.Skip("skipped: no clang (Debian package clang)")
			}
			needs := map[string]string{"/usr/include/wasm32-wasi/stdio.h": "wasi-libc", strings.TrimSpace(string(builtins)): "libclang-rt-14-dev-wasm32"}
			if filepath.Ext(file) == ".cc" {
				needs["/usr/include/wasm32-wasi/c++"] = "libc++-14-dev-wasm32"
			}
			for path, pkg := range needs {
				if _, err := os.Stat(path); err != nil {
					t.Skipf("skipped: no %s (Debian package %s)", path, pkg)
				}
			}
			status, log, _ := run(t, build(t, filepath.Join("testdata", file)), nil, msg.Limits{}, "hello")
			if status != msg.Finished || !strings.Contains(log, want) {
				t.Errorf("the job %s, want the log %q\n%s", status, want, log)
			}
		})
	}
}
