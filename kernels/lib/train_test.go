package lib_test

import (
	"context"
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/lib"
	"github.com/gwrun/gwrun/kernels/lib/libtest"
)

// The transformer that TestTrain trains: one block with attention whose two heads share a key head, over sequences of a length.
const (
	trainBatch, trainLength, trainVocab = 2, 12, 16
	trainDim, trainHead, trainHidden    = 32, 16, 64
	trainTokens                         = trainBatch * trainLength
	trainSteps                          = 12
)

// weights are the parts of the model, one behind the other in a buffer.
var weights = []struct {
	name       string
	rows, cols uint32
}{
	{"embedding", trainVocab, trainDim}, {"gain1", 1, trainDim}, {"query", trainDim, 2 * trainHead}, {"key", trainDim, trainHead},
	{"value", trainDim, trainHead}, {"out", 2 * trainHead, trainDim}, {"gain2", 1, trainDim}, {"up", trainDim, trainHidden},
	{"down", trainHidden, trainDim}, {"logits", trainDim, trainVocab},
}

// trainer runs kernels of the library by name over named buffers.
type trainer struct {
	t         *testing.T
	d         kernels.Device
	tile      int // of each kernel's, or the last
	buffers   map[string]kernels.Buffer
	pipelines map[[32]byte]kernels.Pipeline
	total     uint32
}

func newTrainer(t *testing.T, d kernels.Device, tile int) *trainer {
	return &trainer{t: t, d: d, tile: tile, buffers: map[string]kernels.Buffer{}, pipelines: map[[32]byte]kernels.Pipeline{}}
}

func (r *trainer) free() {
	for _, b := range r.buffers {
		b.Free()
	}
	for _, p := range r.pipelines {
		p.Free()
	}
}

type vars = map[string]uint32
type variant = map[string]float64

// bound gives a buffer, or the part of w or dw that is named "w query" or "dw query", and makes those that are new.
func (r *trainer) bound(name string, words uint32) kernels.Bound {
	var off uint32
	for _, w := range weights {
		for _, all := range []string{"w", "dw"} {
			if name == all+" "+w.name {
				return kernels.Bound{Buffer: r.buffers[all], Offset: uint64(4 * off), Size: uint64(4 * w.rows * w.cols)}
			}
		}
		off += w.rows * w.cols
	}
	b := r.buffers[name]
	if b == nil {
		var err error
		if b, err = r.d.NewBuffer(uint64(4 * words)); err != nil {
			r.t.Fatal(err)
		}
		r.buffers[name] = b
	}
	return kernels.Bound{Buffer: b, Size: b.Size()}
}

func (r *trainer) write(name string, words []uint32) {
	data := make([]byte, 4*len(words))
	for i, w := range words {
		binary.LittleEndian.PutUint32(data[4*i:], w)
	}
	if err := r.d.Write(r.bound(name, uint32(len(words))).Buffer, 0, data); err != nil {
		r.t.Fatal(err)
	}
}

func (r *trainer) read(name string) []uint32 {
	b := r.buffers[name]
	data := make([]byte, b.Size())
	if err := r.d.Read(b, 0, data); err != nil {
		r.t.Fatal(err)
	}
	out := make([]uint32, len(data)/4)
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	return out
}

// call runs a kernel on buffers in the order of its bindings; new ones get as many words as any here may need.
func (r *trainer) call(name string, p vars, o variant, bindings ...string) {
	r.t.Helper()
	op, err := lib.Get(name)
	if err != nil {
		r.t.Fatal(err)
	}
	tile := op.Tiles[min(r.tile, len(op.Tiles)-1)]
	k, err := op.Kernel(tile, o)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx := context.Background()
	if r.pipelines[k.Hash] == nil {
		if r.pipelines[k.Hash], err = r.d.NewPipeline(ctx, k); err != nil {
			r.t.Fatal(err)
		}
	}
	words, err := op.Words(p)
	if err != nil {
		r.t.Fatal(err)
	}
	grid, err := op.Workgroups(p, tile)
	if err != nil {
		r.t.Fatal(err)
	}
	params := "params of " + string(rune('0'+len(words)))
	r.write(params, words)
	x := &kernels.Dispatch{Pipeline: r.pipelines[k.Hash], Workgroups: grid, GasLimit: 1 << 30, Bindings: []kernels.Bound{r.bound(params, 0)}}
	for _, b := range bindings {
		x.Bindings = append(x.Bindings, r.bound(b, trainTokens*trainHidden))
	}
	if _, err := r.d.Dispatch(ctx, x); err != nil {
		r.t.Fatal(name, ": ", err)
	}
}

// times is z = x W, and timesBack its gradients, that of x added to what is there if more.
func (r *trainer) times(z, x, w string) {
	k, n := r.shape(w)
	r.call("matmul_f32", vars{"m": trainTokens, "n": n, "k": k, "batch": 1, "a_step": 0, "b_step": 0}, nil, x, "w "+w, "unused", z)
}

func (r *trainer) timesBack(dx, dz, x, w string, more bool) {
	k, n := r.shape(w)
	r.call("matmul_f32", vars{"m": k, "n": n, "k": trainTokens, "batch": 1, "a_step": 0, "b_step": 0}, variant{"transpose_a": 1}, x, dz, "unused", "dw "+w)
	o := variant{"transpose_b": 1}
	if more {
		o["accumulate"] = 1
	}
	r.call("matmul_f32", vars{"m": trainTokens, "n": k, "k": n, "batch": 1, "a_step": 0, "b_step": 0}, o, dz, "w "+w, "unused", dx)
}

func (r *trainer) shape(name string) (rows, cols uint32) {
	for _, w := range weights {
		if w.name == name {
			return w.rows, w.cols
		}
	}
	r.t.Fatal("no weight ", name)
	return 0, 0
}

func bitsOf(x float64) uint32 { return math.Float32bits(float32(x)) }

// step is one step of training; it gives the loss before it.
func (r *trainer) step(t int) float32 {
	const n, d = uint32(trainTokens), uint32(trainDim)
	rms := variant{"centred": 0}
	rows := vars{"rows": n, "n": d}
	normal := vars{"rows": n, "n": d, "epsilon": bitsOf(1e-5)}
	line := func(each uint32) vars { return vars{"n": n * each} }
	turn := func(heads uint32) vars {
		return vars{"tokens": n, "heads": heads, "dim": trainHead, "n": trainHead / 2, "rows": trainLength}
	}
	attention := vars{"batch": trainBatch, "n": trainLength, "capacity": trainLength, "heads": 2, "kv_heads": 1, "scale": bitsOf(0.25)}
	causal := func(more ...string) variant {
		o := variant{"dim": trainHead, "causal": 1}
		for _, m := range more {
			o[m] = 1
		}
		return o
	}

	r.call("embedding", vars{"n": n, "vocab": trainVocab, "dim": d}, nil, "ids", "w embedding", "x")
	r.call("norm", normal, rms, "x", "w gain1", "unused", "h1", "stats1")
	r.times("q", "h1", "query")
	r.times("k", "h1", "key")
	r.times("v", "h1", "value")
	r.call("rotary", turn(2), nil, "positions", "cosine", "sine", "q", "qr")
	r.call("rotary", turn(1), nil, "positions", "cosine", "sine", "k", "kr")
	r.call("attention", attention, causal(), "lengths", "qr", "kr", "v", "a", "most", "sum")
	r.times("o", "a", "out")
	r.call("add", line(d), nil, "x", "o", "x2")
	r.call("norm", normal, rms, "x2", "w gain2", "unused", "h2", "stats2")
	r.times("u", "h2", "up")
	r.call("activate", line(trainHidden), variant{"activation": 2}, "u", "z")
	r.times("f", "z", "down")
	r.call("add", line(d), nil, "x2", "f", "x3")
	r.times("scores", "x3", "logits")
	r.call("cross_entropy", vars{"rows": n, "n": trainVocab, "ignored": 99}, nil, "scores", "labels", "losses", "softmax")
	r.call("reduce_rows", vars{"rows": 1, "n": n, "total": n, "divide": bitsOf(trainTokens)}, nil, "losses", "loss")

	r.call("cross_entropy_grad", vars{"rows": n, "n": trainVocab, "ignored": 99, "factor": bitsOf(1. / trainTokens)}, nil, "scores", "labels", "softmax", "dscores")
	r.timesBack("dx3", "dscores", "x3", "logits", false)
	r.timesBack("dz", "dx3", "z", "down", false)
	r.call("activate_grad", line(trainHidden), variant{"activation": 2}, "u", "dz", "du")
	r.timesBack("dh2", "du", "h2", "up", false)
	r.call("norm_grad", rows, rms, "x2", "w gain2", "stats2", "dh2", "dn2")
	r.call("norm_grad_gain", rows, rms, "x2", "stats2", "dh2", "dw gain2")
	r.call("add", line(d), nil, "dx3", "dn2", "dx2")
	r.timesBack("da", "dx2", "a", "out", false)
	r.call("attention_delta", vars{"rows": 2 * n, "dim": trainHead}, nil, "a", "da", "most", "sum", "saved")
	saved := []string{"lengths", "qr", "kr", "v", "da", "saved"}
	r.call("attention_dq", attention, causal(), append(slices.Clone(saved), "dqr")...)
	r.call("attention_dkv", attention, causal(), append(slices.Clone(saved), "dkr")...)
	r.call("attention_dkv", attention, causal("values"), append(slices.Clone(saved), "dv")...)
	r.call("rotary", turn(2), variant{"inverse": 1}, "positions", "cosine", "sine", "dqr", "dq")
	r.call("rotary", turn(1), variant{"inverse": 1}, "positions", "cosine", "sine", "dkr", "dk")
	r.timesBack("dh1", "dq", "h1", "query", false)
	r.timesBack("dh1", "dk", "h1", "key", true)
	r.timesBack("dh1", "dv", "h1", "value", true)
	r.call("norm_grad", rows, rms, "x", "w gain1", "stats1", "dh1", "dn1")
	r.call("norm_grad_gain", rows, rms, "x", "stats1", "dh1", "dw gain1")
	r.call("add", line(d), nil, "dx2", "dn1", "dx")
	r.call("embedding_backward", vars{"n": n, "vocab": trainVocab, "dim": d}, nil, "head", "next", "dx", "dw embedding")

	parts := (r.total + 4095) / 4096
	r.call("reduce_rows", vars{"rows": parts, "n": 4096, "total": r.total, "divide": bitsOf(1)}, variant{"kind": 1}, "dw", "squares of parts")
	r.call("reduce_rows", vars{"rows": 1, "n": parts, "total": parts, "divide": bitsOf(1)}, nil, "squares of parts", "squares")
	r.call("clip", vars{"n": r.total, "limit": bitsOf(1)}, nil, "squares", "dw")
	r.call("adamw", vars{"n": r.total, "rate": bitsOf(0.01), "beta1": bitsOf(0.9), "beta2": bitsOf(0.99), "epsilon": bitsOf(1e-8), "decay": bitsOf(0.01),
		"correct1": bitsOf(1 / (1 - math.Pow(0.9, float64(t+1)))), "correct2": bitsOf(1 / (1 - math.Pow(0.99, float64(t+1))))}, nil, "w", "dw", "first", "second")
	return number(r.read("loss")[0])
}

// train trains on a device with kernels in tiles and gives the losses and the weights.
func train(t *testing.T, d kernels.Device, tile int) (losses []float32, w []uint32) {
	r := newTrainer(t, d, tile)
	defer r.free()
	var start []uint32
	for i, part := range weights {
		n := int(part.rows * part.cols)
		if part.rows == 1 {
			start = append(start, slices.Repeat([]uint32{bitsOf(1)}, n)...)
		} else {
			start = append(start, libtest.Normal(n, uint64(i), 1/math.Sqrt(float64(part.rows)))...)
		}
	}
	r.total = uint32(len(start))
	r.write("w", start)
	for _, b := range []string{"dw", "first", "second"} {
		r.write(b, libtest.Zeros(len(start)))
	}
	ids, labels, positions := make([]uint32, trainTokens), make([]uint32, trainTokens), make([]uint32, trainTokens)
	for i := range ids { // the next number is the sum of the last two
		at := i % trainLength
		positions[i] = uint32(at)
		switch at {
		case 0, 1:
			ids[i] = uint32(3+4*i/3) % trainVocab
		default:
			ids[i] = (ids[i-1] + ids[i-2]) % trainVocab
		}
	}
	for i := range labels {
		labels[i] = 99
		if positions[i] != trainLength-1 {
			labels[i] = ids[i+1]
		}
	}
	r.write("ids", ids)
	r.write("labels", labels)
	r.write("positions", positions)
	r.write("lengths", []uint32{0, trainLength, 0, trainLength})
	r.write("head", libtest.Zeros(trainVocab))
	r.call("embedding_index", vars{"n": trainTokens, "vocab": trainVocab}, nil, "ids", "head", "next")
	r.call("rotary_frequencies", vars{"n": trainHead / 2, "base": bitsOf(10000)}, nil, "frequency")
	r.call("rotary_table", vars{"rows": trainLength, "n": trainHead / 2, "first": 0}, nil, "frequency", "cosine", "sine")
	for s := range trainSteps {
		losses = append(losses, r.step(s))
	}
	return losses, r.read("w")
}

// TestTrain trains a block of a transformer by kernels of the library alone: the loss falls, and every device comes to the same
// weights in every tile.
func TestTrain(t *testing.T) {
	devices := libtest.Devices(t)
	losses, want := train(t, devices[0].Device, 0)
	t.Logf("losses %v", losses)
	if first, last := losses[0], losses[len(losses)-1]; !(last < first/2) {
		t.Errorf("the loss went from %v to %v, want less than half", first, last)
	}
	same := func(name string, d kernels.Device, tile int) {
		_, got := train(t, d, tile)
		differ := 0
		for i := range got {
			if got[i] != want[i] {
				differ++
			}
		}
		if differ > 0 {
			t.Errorf("%s, tile %d: %d of %d weights differ", name, tile, differ, len(want))
		}
	}
	same("cpu", devices[0].Device, 1)
	if len(devices) > 1 {
		same(devices[1].Name, devices[1].Device, 0)
	}
}
