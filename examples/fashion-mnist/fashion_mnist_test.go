// Package fashionmnist_test checks the Fashion-MNIST example: that the module is what its source gives, that the data is
// what it says it is, and that training does, bit for bit, what a plain program does.
package fashionmnist_test

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
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/kernels/f32"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// The committed module is what build.sh makes of the source, where the compiler that made it is installed.
func TestModuleMatchesSource(t *testing.T) {
	const module = "fashion-mnist.wasm"
	want, err := os.ReadFile(module)
	if err != nil {
		t.Fatal(err)
	}
	// The compiler names itself in the producers section.
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
		first, _, _ := strings.Cut(string(version), "\n")
		t.Skipf("skipped: the module was made by clang %s, here is %s", made[1], first)
	}
	built := filepath.Join(t.TempDir(), module)
	if out, err := exec.Command("./build.sh", built).CombinedOutput(); err != nil {
		t.Fatalf("build.sh: %v\n%s", err, out)
	}
	got, err := os.ReadFile(built)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what its source gives: run build.sh (%d bytes, %d built)", module, len(want), len(got))
	}
}

const dataFolder = "../../testdata/fashion-mnist"

func TestData(t *testing.T) {
	sums, err := os.ReadFile(filepath.Join(dataFolder, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	check := func(t *testing.T, folder string) {
		for line := range strings.Lines(string(sums)) {
			want, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
			b, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != want {
				t.Errorf("%s: sha256 %x, want %s", name, sum, want)
			}
		}
	}
	check(t, dataFolder)
	t.Run("from the full set", func(t *testing.T) {
		const full = "/usr/share/datasets/fashion-mnist"
		if _, err := os.Stat(full); err != nil {
			t.Skip("skipped: no package dataset-fashion-mnist")
		}
		folder := t.TempDir()
		if out, err := exec.Command("go", "run", "../../testdata/fashion-mnist", "-from", full, "-to", folder).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		check(t, folder)
	})
}

func TestKernelsCompile(t *testing.T) {
	files, err := filepath.Glob("kernels/*.wgsl")
	if err != nil || len(files) != 7 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := kernels.Compile(string(source))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		for _, entry := range m.Entries() {
			if _, err := m.Kernel(entry.Name, nil); err != nil {
				t.Errorf("%s: %s: %v", file, entry.Name, err)
			}
		}
	}
}

// runJob runs the job of this folder on the cpu device, with args in place of those in job.toml.
func runJob(t *testing.T, args ...string) (*jobfile.Job, map[string][]byte) {
	t.Helper()
	described, err := jobfile.Open(".")
	if err != nil {
		t.Fatal(err)
	}
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
	return described, out
}

type metrics struct {
	Accuracy      float64   `json:"accuracy"`
	Correct       int       `json:"correct"`
	TestImages    int       `json:"test_images"`
	TrainingSteps int       `json:"training_steps"`
	EpochLoss     []float64 `json:"epoch_loss"`
}

// The job as it stands in job.toml learns: at least 80% of the test images, and that is what its predictions say.
func TestAccuracy(t *testing.T) {
	_, out := runJob(t)
	var m metrics
	if err := json.Unmarshal(out["metrics.json"], &m); err != nil {
		t.Fatalf("metrics.json: %v\n%s", err, out["metrics.json"])
	}
	labels := read(t, "test-labels.idx")[8:]
	if len(out["predictions"]) != len(labels) || m.TestImages != len(labels) {
		t.Fatalf("%d predictions for %d test images", len(out["predictions"]), len(labels))
	}
	correct := 0
	for i, p := range out["predictions"] {
		if p == labels[i] {
			correct++
		}
	}
	if correct != m.Correct || math.Abs(m.Accuracy-float64(correct)/float64(len(labels))) > 1e-4 {
		t.Errorf("%d predictions are right, metrics.json says %d and %v", correct, m.Correct, m.Accuracy)
	}
	if correct*100 < 80*len(labels) {
		t.Errorf("%d of %d test images are classified right, want 80%%", correct, len(labels))
	}
	for i := 1; i < len(m.EpochLoss); i++ {
		if m.EpochLoss[i] >= m.EpochLoss[i-1] {
			t.Errorf("the loss does not fall: %v", m.EpochLoss)
		}
	}
	t.Logf("accuracy %.1f%%, loss %v", 100*m.Accuracy, m.EpochLoss)
}

// A few mini-batches over two epochs give the weights that the plain program below gives, bit for bit.
func TestWeightsAreExact(t *testing.T) {
	job, out := runJob(t, "epochs=2", "batch=200", "steps=30", "hidden=20", "lr=0.3")
	want := reference(t, job.Seed, 2, 200, 30, 20, 0.3)
	got := out["weights"]
	if len(got) != 4*len(want) {
		t.Fatalf("%d bytes of weights, want %d", len(got), 4*len(want))
	}
	for i, w := range want {
		if g := binary.LittleEndian.Uint32(got[4*i:]); g != math.Float32bits(w) {
			t.Fatalf("weight %d is %x, want %x (%v)", i, g, math.Float32bits(w), w)
		}
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dataFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// reference trains the network of train.c without kernels and gives its parameters. The conversions float32(x*y) are
// there so that no compiler fuses a product into a sum.
func reference(t *testing.T, seed uint64, epochs, batch, steps, hidden int, rate float32) []float32 {
	const pixels, classes = 784, 10
	images, labels := read(t, "train-images.idx")[16:], read(t, "train-labels.idx")[8:]
	perEpoch := len(labels) / batch

	w1, b1 := heUniform(seed, 1, pixels, hidden), make([]float32, hidden)
	w2, b2 := heUniform(seed, 2, hidden, classes), make([]float32, classes)
	order := make([]int, len(labels))
	for i := range order {
		order[i] = i
	}
	for step := range steps {
		if step%perEpoch == 0 {
			shuffle(order, seed, step/perEpoch)
		}
		rows := order[step%perEpoch*batch:][:batch]

		x := make([]float32, batch*pixels)
		for r, image := range rows {
			for i := range pixels {
				x[r*pixels+i] = (float32(images[image*pixels+i]) - 72.94) * 0.01111
			}
		}
		h := dense(x, w1, b1, batch, pixels, hidden)
		for i := range h {
			h[i] = max(h[i], 0)
		}
		d := dense(h, w2, b2, batch, hidden, classes)
		for r, image := range rows {
			softmaxGradient(d[r*classes:][:classes], int(labels[image]), 1/float32(batch))
		}
		dh := make([]float32, batch*hidden)
		for r := range batch {
			for j := range hidden {
				var sum float32
				if h[r*hidden+j] > 0 {
					for c := range classes {
						sum += float32(d[r*classes+c] * w2[j*classes+c])
					}
				}
				dh[r*hidden+j] = sum
			}
		}
		now := rate * (1 - float32(step)/float32(epochs*perEpoch))
		descend(w2, weightGradient(h, d, batch, hidden, classes), now)
		descend(b2, biasGradient(d, batch, classes), now)
		descend(w1, weightGradient(x, dh, batch, pixels, hidden), now)
		descend(b1, biasGradient(dh, batch, hidden), now)
	}
	return append(append(append(append([]float32{}, w1...), b1...), w2...), b2...)
}

func heUniform(seed uint64, stream uint32, inputs, outputs int) []float32 {
	bound := float32(math.Sqrt(float64(6 / float32(inputs))))
	w := make([]float32, inputs*outputs)
	for i := range w {
		unit := float32(philox([4]uint32{uint32(i), stream}, [2]uint32{uint32(seed), uint32(seed >> 32)})>>8)*0x1p-23 - 1
		w[i] = unit * bound
	}
	return w
}

// philox is the first word of Philox 4x32-10.
func philox(c [4]uint32, k [2]uint32) uint32 {
	for range 10 {
		p0, p1 := uint64(c[0])*0xD2511F53, uint64(c[2])*0xCD9E8D57
		c = [4]uint32{uint32(p1>>32) ^ c[1] ^ k[0], uint32(p1), uint32(p0>>32) ^ c[3] ^ k[1], uint32(p0)}
		k[0] += 0x9E3779B9
		k[1] += 0xBB67AE85
	}
	return c[0]
}

// The known answers of the generator's authors (Random123, kat_vectors: philox4x32 10).
func TestPhilox(t *testing.T) {
	ones := uint32(math.MaxUint32)
	for _, c := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    uint32
	}{
		{[4]uint32{}, [2]uint32{}, 0x6627e8d5},
		{[4]uint32{ones, ones, ones, ones}, [2]uint32{ones, ones}, 0x408f276d},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0}, 0xd16cfe09},
	} {
		if got := philox(c.counter, c.key); got != c.want {
			t.Errorf("philox(%x, %x) = %x, want %x", c.counter, c.key, got, c.want)
		}
	}
}

func shuffle(order []int, seed uint64, epoch int) {
	state := seed + uint64(epoch)<<32
	for i := len(order) - 1; i > 0; i-- {
		state += 0x9E3779B97F4A7C15
		z := state
		z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		z ^= z >> 31
		j := int((z >> 32) * uint64(i+1) >> 32)
		order[i], order[j] = order[j], order[i]
	}
}

func dense(in, w, bias []float32, rows, inputs, outputs int) []float32 {
	out := make([]float32, rows*outputs)
	for r := range rows {
		copy(out[r*outputs:], bias)
		for k := range inputs {
			for c := range outputs {
				out[r*outputs+c] += float32(in[r*inputs+k] * w[k*outputs+c])
			}
		}
	}
	return out
}

// softmaxGradient turns logits into the gradient of their cross-entropy with the label, times mean.
func softmaxGradient(logits []float32, label int, mean float32) {
	largest := logits[0]
	for _, l := range logits {
		largest = max(largest, l)
	}
	var sum float32
	for _, l := range logits {
		sum += f32.Exp(l - largest)
	}
	share := 1 / sum
	for c, l := range logits {
		var wanted float32
		if c == label {
			wanted = 1
		}
		logits[c] = (float32(f32.Exp(l-largest)*share) - wanted) * mean
	}
}

func weightGradient(in, upstream []float32, rows, inputs, outputs int) []float32 {
	g := make([]float32, inputs*outputs)
	for r := range rows {
		for i := range inputs {
			for o := range outputs {
				g[i*outputs+o] += float32(in[r*inputs+i] * upstream[r*outputs+o])
			}
		}
	}
	return g
}

func biasGradient(upstream []float32, rows, outputs int) []float32 {
	g := make([]float32, outputs)
	for r := range rows {
		for o := range outputs {
			g[o] += upstream[r*outputs+o]
		}
	}
	return g
}

func descend(p, g []float32, rate float32) {
	for i := range p {
		p[i] -= float32(rate * g[i])
	}
}
