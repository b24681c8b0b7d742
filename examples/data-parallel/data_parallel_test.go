// Package dataparallel_test checks the data-parallel example: that the modules are what their sources give, that its shards train
// and its reduce averages as plain programs do, and that the whole comes to the bytes it came to before.
package dataparallel_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/host/shards"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
)

// The committed modules are what build.sh makes of the sources, where the compiler that made them is installed.
func TestModulesMatchSources(t *testing.T) {
	version, err := exec.Command("clang", "--version").Output()
	if err != nil {
		t.Skip("skipped: no clang")
	}
	if _, err := exec.LookPath("wasm-ld"); err != nil {
		t.Skip("skipped: no wasm-ld")
	}
	folder := t.TempDir()
	if out, err := exec.Command("./build.sh", folder).CombinedOutput(); err != nil {
		t.Fatalf("build.sh: %v\n%s", err, out)
	}
	for _, module := range []string{"shard.wasm", "reduce.wasm"} {
		want, err := os.ReadFile(module)
		if err != nil {
			t.Fatal(err)
		}
		// The compiler names itself in the producers section.
		made := regexp.MustCompile(`(?s)clang.{0,8}?(\d+\.\d+\.\d+)`).FindSubmatch(want)
		if made == nil {
			t.Fatalf("%s does not say which clang made it", module)
		}
		if !bytes.Contains(version, made[1]) {
			t.Skipf("skipped: the modules were made by clang %s", made[1])
		}
		if got, err := os.ReadFile(filepath.Join(folder, module)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what its source gives: run build.sh (%v)", module, err)
		}
	}
}

const data = "../../testdata/fashion-mnist/"

func read(t *testing.T, name string, head int) []byte {
	t.Helper()
	b, err := os.ReadFile(data + name)
	if err != nil {
		t.Fatal(err)
	}
	return b[head:]
}

// run runs the plan of this folder on the cpu device, changed.
func run(t *testing.T, change func(*jobfile.Job)) map[string][]byte {
	t.Helper()
	job, err := jobfile.Open(".")
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(job)
	}
	p, err := shards.NewPlan(job)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	_, out, err := shards.Run(context.Background(), p, shards.RunOptions{
		OpenDevice: func(context.Context) (kernels.Device, error) { return cpu.Open(cpu.Options{}) },
		OnLog:      func(t shards.Task, _ string, b []byte) { fmt.Fprintf(&log, "%s: %s", t, b) }})
	if err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	all := map[string][]byte{}
	for _, o := range out {
		all[o.Name] = o.Data
	}
	return all
}

// The plan as it stands in job.toml learns, its metrics are what its predictions say, and its bytes are those of outputs.sha256.
func TestOutputs(t *testing.T) {
	out := run(t, nil)
	sums, err := os.ReadFile("outputs.sha256")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(sums)) {
		want, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if sum := sha256.Sum256(out[name]); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s: sha256 %x, want %s", name, sum, want)
		}
		n++
	}
	if n != 3 || len(out) != 3 {
		t.Errorf("%d outputs, %d sums, want 3", len(out), n)
	}
	var m struct {
		Round, Shards, Correct int
		Accuracy               float64
		TestImages             int `json:"test_images"`
	}
	if err := json.Unmarshal(out["metrics.json"], &m); err != nil {
		t.Fatalf("%v in %q", err, out["metrics.json"])
	}
	labels := read(t, "test-labels.idx", 8)
	correct := 0
	for i, p := range out["predictions"] {
		if p == labels[i] {
			correct++
		}
	}
	if len(out["predictions"]) != len(labels) || m.TestImages != len(labels) || correct != m.Correct || math.Abs(m.Accuracy-float64(correct)/float64(len(labels))) > 1e-4 {
		t.Errorf("%d of %d predictions are right, metrics.json says %+v", correct, len(labels), m)
	}
	if m.Round != 3 || m.Shards != 4 {
		t.Errorf("metrics of round %d with %d shards, want 3 and 4", m.Round, m.Shards)
	}
	if correct*100 < 75*len(labels) {
		t.Errorf("%d of %d test images are classified right, want 75%%", correct, len(labels))
	}
	t.Logf("%s", out["metrics.json"])
}

func floats(t *testing.T, b []byte) []float32 {
	t.Helper()
	f := make([]float32, len(b)/4)
	for i := range f {
		f[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return f
}

// The reduce's weights are the sum of the shards' in their order, times a quarter, each operation rounded to f32.
func TestAverageIsExact(t *testing.T) {
	short := func(j *jobfile.Job) {
		j.SetArg("steps=3")
		if err := j.Split(0, 1); err != nil {
			t.Fatal(err)
		}
	}
	got := floats(t, run(t, short)["weights"])
	each := run(t, func(j *jobfile.Job) {
		short(j)
		j.Shards = &jobfile.Shards{Count: j.Shards.Count, Rounds: 1}
	})
	var want []float32
	for i := range 4 {
		w := floats(t, each[fmt.Sprintf("shard-%03d/weights", i)])
		if i == 0 {
			want = make([]float32, len(w))
		}
		for k := range w {
			want[k] += w[k]
		}
	}
	if len(got) != len(want) || len(got) != 784*32+32+320+10 {
		t.Fatalf("%d and %d weights", len(got), len(want))
	}
	differ := 0
	for k := range want {
		if want[k] *= 0.25; math.Float32bits(got[k]) != math.Float32bits(want[k]) {
			differ++
		}
	}
	if differ > 0 {
		t.Errorf("%d of %d weights are not the average", differ, len(want))
	}
}

// A shard trains as a plain program in double precision does, from weights given to it, on every third image.
func TestShardTrains(t *testing.T) {
	const hidden, batch, steps, shard, count = 12, 20, 4, 1, 3
	r := rand.New(rand.NewPCG(3, 4))
	start := make([]float64, 784*hidden+hidden+hidden*10+10)
	var file []byte
	for i := range start {
		w := float32(r.Float64()-0.5) / 6
		start[i] = float64(w)
		file = binary.LittleEndian.AppendUint32(file, math.Float32bits(w))
	}
	path := filepath.Join(t.TempDir(), "weights")
	if err := os.WriteFile(path, file, 0o644); err != nil {
		t.Fatal(err)
	}
	out := run(t, func(j *jobfile.Job) {
		j.Args = []string{fmt.Sprintf("hidden=%d", hidden), fmt.Sprintf("batch=%d", batch), fmt.Sprintf("steps=%d", steps), "lr=0.1", "momentum=0.5"}
		j.Shards = &jobfile.Shards{Count: count, Rounds: 1}
		if err := j.SetInput("weights", path); err != nil {
			t.Fatal(err)
		}
	})
	got := floats(t, out[fmt.Sprintf("shard-%03d/weights", shard)])
	loss := plain(t, start, hidden, batch, steps, shard, count, 0.1, 0.5)
	worst := 0.0
	for i := range start {
		worst = max(worst, math.Abs(start[i]-float64(got[i])))
	}
	if len(got) != len(start) || worst > 1e-5 {
		t.Errorf("%d weights, want %d; the largest difference is %g, want at most 1e-5", len(got), len(start), worst)
	}
	said := math.Float64frombits(binary.LittleEndian.Uint64(out[fmt.Sprintf("shard-%03d/loss", shard)]))
	if math.Abs(said-loss) > 1e-5 {
		t.Errorf("mean loss %v, want %v", said, loss)
	}
	t.Logf("largest difference %g, mean loss %v and %v", worst, said, loss)
}

// plain trains p as src/shard.c does in its first round and gives the mean loss.
func plain(t *testing.T, p []float64, hidden, batch, steps, shard, count int, rate, momentum float64) float64 {
	images, labels := read(t, "train-images.idx", 16), read(t, "train-labels.idx", 8)
	var order []int
	for i := shard; i < len(labels); i += count {
		order = append(order, i)
	}
	state := uint64(1) + uint64(shard)<<48 // of the job's seed; the steps stay within the first turn
	for i := len(order) - 1; i > 0; i-- {
		state += 0x9E3779B97F4A7C15
		z := state
		z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		z ^= z >> 31
		k := int((z >> 32) * uint64(i+1) >> 32)
		order[i], order[k] = order[k], order[i]
	}
	w1, b1 := p[:784*hidden], p[784*hidden:][:hidden]
	w2, b2 := p[785*hidden:][:hidden*10], p[795*hidden:]
	velocity := make([]float64, len(p))
	total := 0.0
	for step := range steps {
		g := make([]float64, len(p))
		gw1, gb1, gw2, gb2 := g[:784*hidden], g[784*hidden:][:hidden], g[785*hidden:][:hidden*10], g[795*hidden:]
		for _, image := range order[step*batch:][:batch] {
			x := make([]float64, 784)
			for i := range x {
				x[i] = (float64(images[image*784+i]) - 72.94) * 0.01111
			}
			h, logits := append([]float64{}, b1...), append([]float64{}, b2...)
			for i, v := range x {
				for k := range h {
					h[k] += v * w1[i*hidden+k]
				}
			}
			for k := range h {
				h[k] = max(h[k], 0)
				for c := range logits {
					logits[c] += h[k] * w2[k*10+c]
				}
			}
			sum := 0.0
			for _, l := range logits {
				sum += math.Exp(l)
			}
			label := int(labels[image])
			total += math.Log(sum) - logits[label]
			dh := make([]float64, hidden)
			for c, l := range logits {
				d := math.Exp(l) / sum
				if c == label {
					d--
				}
				d /= float64(batch)
				gb2[c] += d
				for k := range h {
					gw2[k*10+c] += h[k] * d
					if h[k] > 0 {
						dh[k] += d * w2[k*10+c]
					}
				}
			}
			for k, d := range dh {
				gb1[k] += d
				for i, v := range x {
					gw1[i*hidden+k] += v * d
				}
			}
		}
		for i := range p {
			velocity[i] = momentum*velocity[i] + g[i]
			p[i] -= rate * velocity[i]
		}
	}
	return total / float64(steps*batch)
}
