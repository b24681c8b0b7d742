// Package kmeans_test checks the k-means example: one program in several languages, with the same bytes as outputs, which
// are what a plain program finds.
package kmeans_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// language is a folder of this one: build.sh FILE makes its module, job.toml says the rest.
type language struct {
	folder string
	// missing says what building it lacks on this machine, "" where it lacks nothing.
	missing func(t *testing.T) string
	// committed says that the folder has the module in it, so that running wants no compiler. It is what its source gives where
	// version, run here, says the version that made finds in the module.
	committed bool
	version   []string
	made      *regexp.Regexp
}

var languages = []language{
	{folder: "c", missing: lacks("clang", "clang", "wasm-ld", "lld"), committed: true,
		version: []string{"clang", "--version"}, made: regexp.MustCompile(`(?s)clang.{0,8}?(\d+\.\d+\.\d+)`)},
	{folder: "rust", missing: lacksRust, committed: true,
		version: []string{"../../sdk/rust/gwcargo", "-V"}, made: regexp.MustCompile(`(?s)rustc.{0,8}?(\d+\.\d+\.\d+)`)},
	{folder: "go", missing: lacks("go", "golang")},
	{folder: "as", missing: lacksAssemblyScript, committed: true},
}

// lacksAssemblyScript asks the SDK's script, which wants one version of the compiler.
func lacksAssemblyScript(*testing.T) string {
	if err := exec.Command("../../sdk/as/gwasc", "--which").Run(); err != nil {
		return "AssemblyScript compiler (npm package assemblyscript)"
	}
	return ""
}

// lacks looks for programs, each followed by the Debian package that has it.
func lacks(programs ...string) func(t *testing.T) string {
	return func(t *testing.T) string {
		for i := 0; i < len(programs); i += 2 {
			if _, err := exec.LookPath(programs[i]); err != nil {
				return programs[i] + " (Debian package " + programs[i+1] + ")"
			}
		}
		return ""
	}
}

func lacksRust(*testing.T) string {
	if exec.Command("../../sdk/rust/gwcargo", "-V").Run() != nil {
		return "Rust toolchain with wasm32-unknown-unknown (Debian packages rustc, cargo, libstd-rust-dev-wasm32)"
	}
	return ""
}

// runs are the arguments that each language is run with; outputs.sha256 has their names in front of the outputs'.
var runs = []struct {
	name string
	args []string
}{
	{"default", nil}, // those of job.toml
	{"small", []string{"points=333", "k=100", "iterations=3"}},
}

func TestLanguages(t *testing.T) {
	want := sums(t)
	for _, l := range languages {
		t.Run(l.folder, func(t *testing.T) {
			module := l.module(t)
			for _, r := range runs {
				out := run(t, l.folder, module, r.args)
				for name, data := range out {
					name = r.name + "/" + name
					if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != want[name] {
						t.Errorf("%s: sha256 %x, want %s", name, sum, want[name])
					}
				}
				if len(out) != len(want)/len(runs) {
					t.Errorf("%s: %d outputs, want %d", r.name, len(out), len(want)/len(runs))
				}
			}
		})
	}
}

// sums reads outputs.sha256: lines of a sum, two blanks, a run and an output's name.
func sums(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("outputs.sha256")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for line := range strings.Lines(string(text)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		out[name] = sum
	}
	if len(out) != 3*len(runs) {
		t.Fatalf("outputs.sha256 has %d lines, want 3 for each of %d runs", len(out), len(runs))
	}
	return out
}

// module is the path of the language's module: built here, and compared with the one committed, or else that one.
func (l *language) module(t *testing.T) string {
	t.Helper()
	committed := filepath.Join(l.folder, "kmeans.wasm")
	if missing := l.missing(t); missing != "" {
		if !l.committed {
			t.Skipf("skipped: no %s", missing)
		}
		t.Logf("not built: no %s", missing)
		return committed
	}
	built := filepath.Join(t.TempDir(), "kmeans.wasm")
	if out, err := exec.Command(filepath.Join(l.folder, "build.sh"), built).CombinedOutput(); err != nil {
		t.Fatalf("build.sh: %v\n%s", err, out)
	}
	if !l.committed {
		return built
	}
	want, err := os.ReadFile(committed)
	if err != nil {
		t.Fatal(err)
	}
	if l.made != nil {
		made := l.made.FindSubmatch(want)
		if made == nil {
			t.Fatal("the module does not say which compiler made it")
		}
		version, err := exec.Command(l.version[0], l.version[1:]...).Output()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(version, made[1]) {
			t.Logf("not compared: the module was made by another compiler, %s", made[1])
			return built
		}
	}
	if got, err := os.ReadFile(built); err != nil || !bytes.Equal(got, want) {
		t.Errorf("kmeans.wasm is not what its source gives: run build.sh (%v)", err)
	}
	return built
}

// run runs a module as the job.toml of the folder says, with args in place of some of its own, on the cpu device.
func run(t *testing.T, folder, module string, args []string) map[string][]byte {
	t.Helper()
	described, err := jobfile.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	described.Module = module
	for _, a := range args {
		described.SetArg(a)
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
	if res.Receipt.Status != msg.Finished {
		t.Fatalf("the job %s: %s\n%s", res.Receipt.Status, res.Receipt.Failure, res.Log)
	}
	out := map[string][]byte{}
	for _, o := range res.Outputs {
		out[o.Name] = o.Data
	}
	return out
}

// TestClusters compares what the job of the first language finds with a plain program: sums are made in another order, so a
// few points between two centres may fall to the other side.
func TestClusters(t *testing.T) {
	const n, k, iterations, pixels = 2000, 10, 20, 28 * 28
	data := func(name string, head int) []byte {
		b, err := os.ReadFile("../../testdata/fashion-mnist/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return b[head:]
	}
	labels := data("train-labels.idx", 8)
	points := make([]float32, n*pixels)
	for i, b := range data("train-images.idx", 16)[:n*pixels] {
		points[i] = float32(b) / 255
	}
	want, inertia, steps := lloyd(points, n, k, iterations, pixels)

	out := run(t, languages[0].folder, filepath.Join(languages[0].folder, "kmeans.wasm"), nil)
	got := out["clusters"]
	if len(got) != n || len(out["centres"]) != 4*k*pixels {
		t.Fatalf("%d clusters of points and %d bytes of centres, want %d and %d", len(got), len(out["centres"]), n, 4*k*pixels)
	}
	same := 0
	frequency := make([][10]int, k)
	sum := make([][pixels]float64, k)
	size := make([]float64, k)
	for i, c := range got {
		if int(c) == want[i] {
			same++
		}
		frequency[c][labels[i]]++
		size[c]++
		for x := range pixels {
			sum[c][x] += float64(points[i*pixels+x])
		}
	}
	if same*100 < 99*n {
		t.Errorf("%d of %d points are in the cluster that a plain program finds, want 99%%", same, n)
	}
	agree := 0
	for c := range k {
		most := 0
		for _, f := range frequency[c] {
			most = max(most, f)
		}
		agree += most
		for x := range pixels {
			g := math.Float32frombits(binary.LittleEndian.Uint32(out["centres"][4*(c*pixels+x):]))
			if math.Abs(float64(g)-sum[c][x]/size[c]) > 1e-5 {
				t.Fatalf("centre %d, pixel %d is %v, the mean of its points %v", c, x, g, sum[c][x]/size[c])
			}
		}
	}
	var m struct{ Points, K, Iterations, Moved, Inertia, Agree int }
	if err := json.Unmarshal(out["metrics.json"], &m); err != nil {
		t.Fatal(err)
	}
	if m.Points != n || m.K != k || m.Agree != agree || m.Moved != 0 || m.Iterations > iterations {
		t.Errorf("metrics %+v, want %d points, %d clusters, %d that agree, and none that moved", m, n, k, agree)
	}
	if math.Abs(float64(m.Inertia)-inertia) > 0.001*inertia {
		t.Errorf("inertia %d, a plain program %v", m.Inertia, inertia)
	}
	if agree*100 < 50*n {
		t.Errorf("%d of %d points have the label of most in their cluster, want half", agree, n)
	}
	t.Logf("%d of %d points as in a plain program, inertia %d and %.0f, %d and %d iterations; %d agree", same, n, m.Inertia, inertia, m.Iterations, steps, agree)
}

// lloyd is k-means as anybody would write it.
func lloyd(points []float32, n, k, iterations, d int) (cluster []int, inertia float64, steps int) {
	centres := make([]float32, k*d)
	for j := range k {
		copy(centres[j*d:(j+1)*d], points[j*(n/k)*d:])
	}
	cluster = make([]int, n)
	for steps < iterations {
		steps++
		moved := steps == 1
		inertia = 0
		for i := range n {
			best, at := math.Inf(1), 0
			for j := range k {
				var distance float32
				for x := range d {
					difference := points[i*d+x] - centres[j*d+x]
					distance += difference * difference
				}
				if float64(distance) < best {
					best, at = float64(distance), j
				}
			}
			moved = moved || cluster[i] != at
			cluster[i] = at
			inertia += best
		}
		sum, size := make([]float64, k*d), make([]float64, k)
		for i, c := range cluster {
			size[c]++
			for x := range d {
				sum[c*d+x] += float64(points[i*d+x])
			}
		}
		for j := range k {
			for x := 0; x < d && size[j] > 0; x++ {
				centres[j*d+x] = float32(sum[j*d+x] / size[j])
			}
		}
		if !moved {
			break
		}
	}
	return cluster, inertia, steps
}
