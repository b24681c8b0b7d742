// Package tour_test runs the tour of tensor functions in every language that is there: C's results are those of a plain
// program in float64, within the error that each kernel's header states, and the others' are the same bytes.
package tour_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/kernels/lower"
	"github.com/gwrun/gwrun/kernels/webgpu"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// seed is that of the job.
const seed = 7

// languages are folders of this one with a build.sh that takes the module's path; lacks says what building wants and this
// machine does not have.
var languages = []struct {
	folder string
	lacks  func() string
}{
	{"c", programs("clang", "clang", "wasm-ld", "lld")},
	{"go", programs("go", "golang")},
	{"rust", func() string {
		if err := exec.Command("../rust/gwcargo", "-V").Run(); err != nil {
			return "Rust toolchain with wasm32-unknown-unknown (Debian packages rustc, cargo, libstd-rust-dev-wasm32)"
		}
		return ""
	}},
	{"as", func() string {
		if err := exec.Command("../as/gwasc", "--which").Run(); err != nil {
			return "AssemblyScript compiler (npm package assemblyscript)"
		}
		return ""
	}},
}

// programs looks for programs, each followed by the Debian package that has it.
func programs(names ...string) func() string {
	return func() string {
		for i := 0; i < len(names); i += 2 {
			if _, err := exec.LookPath(names[i]); err != nil {
				return names[i] + " (Debian package " + names[i+1] + ")"
			}
		}
		return ""
	}
}

func TestMain(m *testing.M) {
	webgpu.RunChildIfAsked()
	os.Exit(m.Run())
}

// sums reads outputs.sha256.
func sums(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("outputs.sha256")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for line := range strings.Lines(string(text)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		want[name] = sum
	}
	if names := slices.Sorted(maps.Keys(want)); !slices.Equal(names, slices.Sorted(maps.Keys(expected))) {
		t.Fatalf("outputs.sha256 has %v", names)
	}
	return want
}

// build makes the module of a language.
func build(t *testing.T, folder string, lacks func() string) string {
	t.Helper()
	if lacks := lacks(); lacks != "" {
		t.Skipf("skipped: no %s", lacks)
	}
	module := filepath.Join(t.TempDir(), "tour.wasm")
	if out, err := exec.Command(filepath.Join(folder, "build.sh"), module).CombinedOutput(); err != nil {
		t.Fatalf("build.sh: %v\n%s", err, out)
	}
	return module
}

// compare compares outputs with their sums, and those that differ, or all, with the plain program.
func compare(t *testing.T, out map[string][]byte, want map[string]string, all bool) {
	t.Helper()
	for name, sum := range want {
		data, ok := out[name]
		if !ok {
			t.Errorf("there is no output %s", name)
			continue
		}
		got := sha256.Sum256(data)
		same := hex.EncodeToString(got[:]) == sum
		if !same {
			t.Errorf("%s: sha256 %x, want %s", name, got, sum)
		}
		if !same || all {
			expected[name].compare(t, name, data)
		}
	}
	for name := range out {
		if _, ok := want[name]; !ok {
			t.Errorf("there is an output %s that nobody wants", name)
		}
	}
}

// TestLanguages runs each language on the cpu device.
func TestLanguages(t *testing.T) {
	want := sums(t)
	for _, l := range languages {
		t.Run(l.folder, func(t *testing.T) {
			device, err := cpu.Open(cpu.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer device.Close()
			compare(t, run(t, build(t, l.folder, l.lacks), device), want, l.folder == "c")
		})
	}
}

// TestDriver runs C's module on a Vulkan driver. One is enough: the library's own tests run every kernel on two.
func TestDriver(t *testing.T) {
	const manifest = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json"
	if _, err := os.Stat(manifest); err != nil {
		t.Skip("skipped: no lavapipe (Debian package mesa-vulkan-drivers)")
	}
	module := build(t, languages[0].folder, languages[0].lacks)
	device, err := webgpu.Open(webgpu.Options{Lowering: lower.ModeNative, Env: []string{"VK_ICD_FILENAMES=" + manifest, "VK_DRIVER_FILES=" + manifest}})
	if err != nil {
		t.Skipf("skipped: no WebGPU on lavapipe: %v", err)
	}
	defer device.Close()
	compare(t, run(t, module, device), sums(t), false)
}

func run(t *testing.T, module string, device kernels.Device) map[string][]byte {
	t.Helper()
	described, err := jobfile.Open(module)
	if err != nil {
		t.Fatal(err)
	}
	described.Seed = seed
	job, err := described.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	res, err := runtime.Run(context.Background(), job, runtime.Options{Device: device})
	if err != nil {
		t.Fatal(err)
	}
	if res.Receipt.Status != msg.Finished {
		t.Fatalf("the job %s: %s\n%s", res.Receipt.Status, res.Receipt.Failure, res.Log)
	}
	out := map[string][]byte{}
	for _, o := range res.Outputs {
		out[o.Name] = o.Data
	}
	return out
}

// want is an output: numbers in float64 and how far each may be away, or whole words.
type want struct {
	values []float64
	off    func(i int) float64 // nil: not at all
	words  []uint32
}

func (w want) compare(t *testing.T, name string, data []byte) {
	t.Helper()
	got := make([]uint32, len(data)/4)
	for i := range got {
		got[i] = uint32(data[4*i]) | uint32(data[4*i+1])<<8 | uint32(data[4*i+2])<<16 | uint32(data[4*i+3])<<24
	}
	if len(data) != 4*(len(w.values)+len(w.words)) {
		t.Errorf("%s: %d bytes, want %d elements", name, len(data), len(w.values)+len(w.words))
		return
	}
	if w.words != nil && !slices.Equal(got, w.words) {
		t.Errorf("%s: %v, want %v", name, got, w.words)
	}
	for i, v := range w.values {
		off := 0.
		if w.off != nil {
			off = w.off(i)
		}
		if g := float64(math.Float32frombits(got[i])); !(math.Abs(g-v) <= off) {
			t.Errorf("%s: element %d is %v, want %v within %v", name, i, g, v, off)
			return
		}
	}
}
