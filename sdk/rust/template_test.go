package rust_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/sdk"
)

// TestTemplate builds and runs what gwrun new lays down.
func TestTemplate(t *testing.T) {
	toolchain(t, freestanding)
	dir := filepath.Join(t.TempDir(), "a folder")
	rust, err := sdk.Get("rust")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rust.New("mine", dir); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("./build.sh")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CARGO_NET_OFFLINE=true")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build.sh: %v\n%s", err, out)
	}
	mod, err := os.ReadFile(filepath.Join(dir, "mine.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	x, err := os.ReadFile("template/x.f32")
	if err != nil {
		t.Fatal(err)
	}
	res := finished(t, mod, []runtime.Input{{Name: "x", Data: x}}, runtime.Spec{Args: []string{"factor=3"}})
	if len(res.Outputs) != 1 || len(res.Outputs[0].Data) != len(x) || res.Receipt.Steps != 2 {
		t.Fatalf("%d outputs, %d steps\n%s", len(res.Outputs), res.Receipt.Steps, res.Log)
	}
	for i := 0; i < len(x); i += 4 {
		v := math.Float32frombits(binary.LittleEndian.Uint32(x[i:]))
		if got := math.Float32frombits(binary.LittleEndian.Uint32(res.Outputs[0].Data[i:])); got != 3*v {
			t.Fatalf("y[%d] is %v, want %v", i/4, got, 3*v)
		}
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
