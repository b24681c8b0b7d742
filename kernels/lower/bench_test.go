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

// work is a kernel of testdata/bench with its operands: the size is that of its side or row.
type work struct {
	name    string
	buffers func(n int) [][]uint32
	groups  func(n int) [3]uint32
	size    int // on software drivers
	large   int // on hardware
}

var works = []work{
	{"matmul_int8", matrices(1), tiles, 256, 2048}, {"matmul_bf16", matrices(2), tiles, 192, 2048},
	{"matmul_f32", matrices(4), tiles, 192, 2048}, {"matmul_domain", matrices(4), tiles, 192, 2048},
	{"softmax", rows, eachRow, 512, 4096}, {"layernorm", rows, eachRow, 512, 4096}, {"gelu", elements, eachElement, 768, 2000},
}

func tiles(n int) [3]uint32       { return [3]uint32{uint32(n+31) / 32, uint32(n+31) / 32, 1} }
func eachRow(n int) [3]uint32     { return [3]uint32{uint32(n+63) / 64, 1, 1} }
func eachElement(n int) [3]uint32 { return [3]uint32{uint32(n*n+63) / 64, 1, 1} }

// floats are n ordinary numbers, as bits.
func floats(n int) []uint32 {
	r := rand.New(rand.NewPCG(1, 2))
	w := make([]uint32, n)
	for i := range w {
		w[i] = math.Float32bits(float32(r.NormFloat64()))
	}
	return w
}

// matrices are two square ones with elements of so many bytes, and room for their product.
func matrices(bytes int) func(n int) [][]uint32 {
	return func(n int) [][]uint32 {
		word := func() []uint32 {
			w := floats(n * n * bytes / 4)
			for i, x := range w {
				switch bytes {
				case 1:
					w[i] = x * 0x9e3779b1
				case 2:
					w[i] = x&0xffff0000 | 0x3f000000&x>>16 | x&0xff
				}
			}
			return w
		}
		return [][]uint32{{uint32(n), uint32(n), uint32(n), 0}, word(), word(), make([]uint32, n*n)}
	}
}

func rows(n int) [][]uint32 {
	shape := []uint32{uint32(n), uint32(n), math.Float32bits(1e-5), 0}
	return [][]uint32{shape, floats(n * n), floats(2 * n), make([]uint32, n*n)}
}

func elements(n int) [][]uint32 { return [][]uint32{floats(n * n), make([]uint32, n*n)} }

// TestRatios prints how long each kernel takes over the same kernel printed without fences or guards: the median of five
// ratios, each of two timings side by side.
func TestRatios(t *testing.T) {
	if *ratios == "" {
		t.Skip("skipped: timings need -ratios")
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
			if *ratios != "all" && !slices.Contains(strings.Split(*ratios, ","), w.name) {
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
				fmt.Printf("  %-14s %-13s %7.2f ms  %5.2f   built in %.0f ms\n", w.name, m, slices.Min(took[i]).Seconds()*1e3, over[2],
					build[i].Seconds()*1e3)
			}
		}
	}
}

// prepare loads a kernel and its operands. What it returns dispatches it and waits.
func prepare(t *testing.T, d kernels.Device, w *work) (run func() time.Duration, build time.Duration) {
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
	began := time.Now()
	p, err := d.NewPipeline(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	build = time.Since(began)
	n := w.size
	if *hardware {
		n = w.large
	}
	r := &kernels.Dispatch{Pipeline: p, GasLimit: lower.MaxGasLimit, Workgroups: w.groups(n)}
	buffers := w.buffers(n)
	if len(k.IR.Bindings) < len(buffers) { // softmax has no gain
		buffers = append(buffers[:2:2], buffers[3])
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
