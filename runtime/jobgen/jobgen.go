// Package jobgen makes random jobs for tests of those who run, replay and judge them: small ones of many kinds, most with kernels, some of
// which trap, fail or write more than they may. Every correct device and engine comes to the same end of each.
package jobgen

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"

	"github.com/gwrun/gwrun/kernels/ir/irgen"
	"github.com/gwrun/gwrun/kernels/wgslgen"
	"github.com/gwrun/gwrun/proto/msg"
)

// Job is what a job is made of.
type Job struct {
	Kind     string
	Module   []byte
	Inputs   []Input
	Args     []string
	Seed     uint64
	Interval uint64
	Limits   msg.Limits // those that matter; the others are the default
}

// Input is a named input.
type Input struct {
	Name string
	Data []byte
}

// kinds are taken in turn. Jobs around generated kernels are most of them: each is another text for the drivers' compilers.
var kinds = []string{"generated", "lasting", "generated", "saxpy", "generated", "modes", "generated", "kmeans", "generated", "counter", "generated",
	"fashion-mnist", "generated", "waves", "generated"}

// New makes the job of a seed. root is where this repository is: modules and data are read from there.
func New(seed uint64, root string) (*Job, error) {
	r := rand.New(rand.NewPCG(seed, 11))
	j := &Job{Kind: kinds[seed%uint64(len(kinds))], Seed: r.Uint64(), Interval: 1 + r.Uint64N(4)}
	f := files{root: root}
	guest := func() { j.Module = f.read("runtime/testdata/" + j.Kind + ".wasm") }
	input := func(name string, data []byte) { j.Inputs = append(j.Inputs, Input{name, data}) }
	arg := func(format string, a ...any) { j.Args = append(j.Args, fmt.Sprintf(format, a...)) }
	switch j.Kind {
	case "generated":
		guest()
		o := wgslgen.Options{Transcendental: r.IntN(12) == 0, Size: 3 + r.IntN(16)}
		source, c, err := wgslgen.Case(seed, o)
		if err != nil {
			return nil, fmt.Errorf("the kernel of seed %d: %w", seed, err)
		}
		uses := ""
		for _, b := range c.Kernel.Bindings {
			uses += strconv.Itoa(int(b.Binding))
		}
		input("kernel", []byte(source))
		input("src", hard(r, 64))
		input("params", hard(r, 8))
		arg("%d", 3+r.IntN(12))
		arg("%s", uses)
		arg("%s", []string{"done", "done", "done", "trap", "fail", "log", "error"}[r.IntN(7)])
		j.Limits.LogBytes = 1 << 16
	case "lasting":
		guest()
		for _, n := range []int{4 + r.IntN(14), r.IntN(2000), r.IntN(2), r.IntN(2)} {
			arg("%d", n)
		}
	case "counter":
		guest()
		input("b", hard(r, 1+r.IntN(4)))
		input("a", hard(r, 3+r.IntN(2000)))
	case "modes":
		guest()
		arg("%s", []string{"finish", "return", "busy", "recurse", "deep", "unreachable", "divide", "outside", "call", "pointer", "input", "output", "log",
			"grow", "again"}[r.IntN(15)])
		j.Limits = msg.Limits{Gas: 1_000_000 + r.Uint64N(1_000_000), OutputBytes: 1 << 16, LogBytes: 1 << 12, MemoryPages: 40}
	case "waves":
		guest()
	case "saxpy":
		j.Module = f.read("examples/saxpy/saxpy.wasm")
		n := 1 + r.IntN(20_000)
		input("x", hard(r, n))
		input("y", hard(r, n))
		arg("a=%g", float32(r.IntN(1000))/16)
	case "kmeans":
		j.Module = f.read("examples/kmeans/" + []string{"c", "rust", "as"}[r.IntN(3)] + "/kmeans.wasm")
		first, n := r.IntN(700), 40+r.IntN(200)
		input("images", f.idx("train-images", first, n))
		input("labels", f.idx("train-labels", first, n))
		arg("points=%d", n)
		arg("k=%d", 2+r.IntN(8))
		arg("iterations=%d", 2+r.IntN(6))
	case "fashion-mnist":
		j.Module = f.read("examples/fashion-mnist/fashion-mnist.wasm")
		first, n := r.IntN(700), 60+r.IntN(100)
		for _, name := range []string{"train-images", "train-labels", "test-images", "test-labels"} {
			input(name, f.idx(name, first, n))
		}
		arg("epochs=%d", 1+r.IntN(2))
		arg("hidden=%d", 8*(1+r.IntN(3)))
		arg("batch=%d", 10+r.IntN(20))
		arg("lr=%g", 0.01*float64(1+r.IntN(30)))
	}
	return j, f.err
}

// Starve gives it less gas than it takes, somewhere: gas and gpuGas are what a run with enough of both used.
func (j *Job) Starve(gas, gpuGas uint64) {
	r := rand.New(rand.NewPCG(j.Seed, 12))
	j.Kind += ", too little gas"
	if gpuGas > 0 && r.IntN(2) == 0 {
		j.Limits.GPUGas = 1 + r.Uint64N(gpuGas)
	} else {
		j.Limits.Gas = 1 + r.Uint64N(gas)
	}
}

// files reads of the repository, up to the first error.
type files struct {
	root string
	err  error
}

func (f *files) read(path string) []byte {
	b, err := os.ReadFile(filepath.Join(f.root, filepath.FromSlash(path)))
	if f.err == nil {
		f.err = err
	}
	return b
}

// idx cuts images or labels out of a file of them; there are 1,000 in the smallest.
func (f *files) idx(name string, first, n int) []byte {
	b := f.read("testdata/fashion-mnist/" + name + ".idx")
	if len(b) < 16 {
		return nil
	}
	header, size := 8, 1
	if b[3] == 3 { // dimensions
		header, size = 16, int(binary.BigEndian.Uint32(b[8:])*binary.BigEndian.Uint32(b[12:]))
	}
	out := bytes.Clone(b[:header])
	binary.BigEndian.PutUint32(out[4:], uint32(n))
	return append(out, b[header+first*size:header+(first+n)*size]...)
}

// hard are words that operators are hard for.
func hard(r *rand.Rand, n int) []byte {
	var b []byte
	for range n {
		b = binary.LittleEndian.AppendUint32(b, irgen.Word(r))
	}
	return b
}
