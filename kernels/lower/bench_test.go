package lower_test

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/lib"
	"github.com/gwrun/gwrun/kernels/lower"
	"github.com/gwrun/gwrun/kernels/webgpu"
)

func TestMain(m *testing.M) {
	webgpu.RunChildIfAsked()
	os.Exit(m.Run())
}

var (
	hardware = flag.Bool("hardware", false, "TestRatios: time the first adapter of the machine, not the software drivers, with larger operands")
	ratios   = flag.String("ratios", "", "TestRatios: the kernels to time, separated by commas, or all")
)

// rated are the lowerings to time on each driver: that which it runs right, and the one that it is compared with.
var rated = []struct {
	driver, icd string
	modes       []lower.Mode
}{
	{"lavapipe", "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json", []lower.Mode{lower.ModeNative, lower.ModePlain}},
	{"SwiftShader", "/usr/lib/chromium/vk_swiftshader_icd.json", []lower.Mode{lower.ModeGuard, lower.ModePlain}},
}

// work is a kernel of the library, or where it has none of that name one of testdata/bench, over matrices of n * n elements
// of so many bytes.
type work struct {
	title, name string
	overrides   map[string]float64
	bytes       int
	size        int // n on software drivers
	large       int // n on hardware
}

var works = []work{
	{"int8", "matmul_i8", nil, 1, 384, 2048}, {"bf16", "matmul_bf16", nil, 2, 384, 2048}, {"f32", "matmul_f32", nil, 4, 384, 2048},
	{"f32, no domain", "matmul_plain", nil, 4, 192, 2048}, {"softmax", "softmax", nil, 4, 512, 4096}, {"layernorm", "norm", nil, 4, 512, 4096},
	{"gelu", "activate", map[string]float64{"activation": 2}, 4, 512, 1500},
}

// data are n words of ordinary numbers of so many bytes.
func data(n, bytes int) []uint32 {
	r := rand.New(rand.NewPCG(1, 2))
	w := make([]uint32, n)
	for i := range w {
		x := math.Float32bits(float32(r.NormFloat64()))
		switch bytes {
		case 1:
			x *= 0x9e3779b1
		case 2:
			x = x&0xffff0000 | math.Float32bits(float32(r.NormFloat64()))>>16
		}
		w[i] = x
	}
	return w
}

// load gives the kernel of a work for side n, its grid and its parameters.
func (w *work) load(t *testing.T, n int) (*kernels.Kernel, [3]uint32, []uint32) {
	side := uint32(n)
	if op, err := lib.Get(w.name); err == nil {
		all := map[string]uint32{"m": side, "n": side, "k": side, "rows": side, "batch": 1, "a_step": 0, "b_step": 0, "scale": 0x3f800000,
			"period": side, "offset": 0, "epsilon": 0x3727c5ac}
		if w.name == "activate" {
			all["n"] = side * side
		}
		p := map[string]uint32{}
		for _, name := range op.Params {
			name, _, _ = strings.Cut(name, ":")
			p[name] = all[name]
		}
		words, err := op.Words(p)
		if err != nil {
			t.Fatal(err)
		}
		k, err := op.Kernel(op.Tiles[0], w.overrides)
		if err != nil {
			t.Fatal(err)
		}
		groups, err := op.Workgroups(p, op.Tiles[0])
		if err != nil {
			t.Fatal(err)
		}
		return k, groups, words
	}
	src, err := os.ReadFile(filepath.Join("testdata", "bench", w.name+".wgsl"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := kernels.Compile(string(src))
	if err != nil {
		t.Fatal(err)
	}
	k, err := mod.Kernel("main", nil)
	if err != nil {
		t.Fatal(err)
	}
	tiles := (side + 31) / 32
	return k, [3]uint32{tiles, tiles, 1}, []uint32{side, side, side}
}

// TestRatios prints how long each kernel takes over the same kernel printed without fences or guards: the median of five
// ratios, each of two timings side by side, and the ratio of the least times, which a busy machine disturbs less.
func TestRatios(t *testing.T) {
	if *ratios == "" {
		t.Skip("timings are taken with -ratios")
	}
	drivers := rated
	if *hardware {
		drivers = drivers[:1]
		drivers[0].driver, drivers[0].icd = "hardware", ""
		drivers[0].modes = []lower.Mode{lower.ModeGuard, lower.ModeNative, lower.ModePlain}
	}
	for _, d := range drivers {
		o := webgpu.Options{}
		if d.icd != "" {
			if _, err := os.Stat(d.icd); err != nil {
				t.Logf("no driver %s", d.icd)
				continue
			}
			o.Env = []string{"VK_ICD_FILENAMES=" + d.icd, "VK_DRIVER_FILES=" + d.icd}
		}
		devices := make([]kernels.Device, len(d.modes))
		for i, m := range d.modes {
			o.Lowering = m
			dev, err := webgpu.Open(o)
			if err != nil {
				t.Fatal(err)
			}
			defer dev.Close()
			devices[i] = dev
		}
		fmt.Printf("%s (%s)\n", d.driver, devices[0].Info().Name)
		for _, w := range works {
			if *ratios != "all" && !slices.Contains(strings.Split(*ratios, ","), w.title) {
				continue
			}
			run := make([]func() time.Duration, len(devices))
			build := make([]time.Duration, len(devices))
			for i, dev := range devices {
				run[i], build[i] = prepare(t, dev, &w)
				run[i]()
			}
			took := make([][]time.Duration, len(devices))
			for range 5 {
				for i := range devices {
					took[i] = append(took[i], run[i]())
				}
			}
			last := len(devices) - 1
			for i, m := range d.modes {
				var over []float64
				for n := range took[i] {
					over = append(over, float64(took[i][n])/float64(took[last][n]))
				}
				slices.Sort(over)
				least := slices.Min(took[i]).Seconds()
				fmt.Printf("  %-14s %-13s %7.2f ms  %5.2f  of the least %5.2f   built in %.0f ms\n", w.title, m, least*1e3, over[2],
					least/slices.Min(took[last]).Seconds(), build[i].Seconds()*1e3)
			}
		}
	}
}

// prepare loads a kernel and its operands. What it returns dispatches it and waits.
func prepare(t *testing.T, d kernels.Device, w *work) (run func() time.Duration, build time.Duration) {
	n := w.size
	if *hardware {
		n = w.large
	}
	k, groups, params := w.load(t, n)
	began := time.Now()
	p, err := d.NewPipeline(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	build = time.Since(began)
	r := &kernels.Dispatch{Pipeline: p, GasLimit: lower.MaxGasLimit, Workgroups: groups}
	buffers := [][]uint32{append(params, make([]uint32, 8-len(params))...)}
	for range k.IR.Bindings[1:] {
		buffers = append(buffers, data(n*n*w.bytes/4, w.bytes))
	}
	if w.bytes < 4 {
		buffers[len(buffers)-1] = make([]uint32, n*n)
	}
	for _, words := range buffers {
		bytes := make([]byte, 4*len(words))
		for i, x := range words {
			binary.LittleEndian.PutUint32(bytes[4*i:], x)
		}
		b, err := d.NewBuffer(uint64(len(bytes)))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Write(b, 0, bytes); err != nil {
			t.Fatal(err)
		}
		r.Bindings = append(r.Bindings, kernels.Bound{Buffer: b, Size: b.Size()})
	}
	return func() time.Duration {
		began := time.Now()
		if _, err := d.Dispatch(context.Background(), r); err != nil {
			t.Fatal(err)
		}
		return time.Since(began)
	}, build
}
