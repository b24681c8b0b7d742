// Package saxpy_test checks the smallest example.
package saxpy_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/runtime"
)

func TestSaxpy(t *testing.T) {
	described, err := jobfile.Open(".")
	if err != nil {
		t.Fatal(err)
	}
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
	if len(res.Outputs) != 1 || res.Outputs[0].Name != "y" {
		t.Fatalf("status %s %s, outputs %v\n%s", res.Receipt.Status, res.Receipt.Failure, res.Outputs, res.Log)
	}
	x, y, got := floats(t, "x.f32"), floats(t, "y.f32"), res.Outputs[0].Data
	if len(got) != 4*len(x) {
		t.Fatalf("%d bytes, want %d", len(got), 4*len(x))
	}
	for i := range x {
		want := float32(2.5*x[i]) + y[i]
		if g := math.Float32frombits(binary.LittleEndian.Uint32(got[4*i:])); g != want {
			t.Fatalf("y[%d] = %v, want %v", i, g, want)
		}
	}
}

func floats(t *testing.T, path string) []float32 {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f := make([]float32, len(b)/4)
	for i := range f {
		f[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return f
}

// The committed module is what build.sh makes of the source, where the compiler that made it is installed.
func TestModuleMatchesSource(t *testing.T) {
	want, err := os.ReadFile("saxpy.wasm")
	if err != nil {
		t.Fatal(err)
	}
	made := regexp.MustCompile(`(?s)clang.{0,8}?(\d+\.\d+\.\d+)`).FindSubmatch(want)
	if made == nil {
		t.Fatal("the module does not say which clang made it")
	}
	for _, tool := range []string{"clang", "wasm-ld"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("skipped: no %s", tool)
		}
	}
	version, err := exec.Command("clang", "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(version, made[1]) {
		t.Skipf("skipped: no clang %s, which made the module", made[1])
	}
	built := filepath.Join(t.TempDir(), "saxpy.wasm")
	if out, err := exec.Command("./build.sh", built).CombinedOutput(); err != nil {
		t.Fatalf("build.sh: %v\n%s", err, out)
	}
	if got, err := os.ReadFile(built); err != nil || !bytes.Equal(got, want) {
		t.Errorf("saxpy.wasm is not what its source gives: run build.sh (%v)", err)
	}
}
