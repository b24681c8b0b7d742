// Package libtest runs kernels of the library on every device there is, in every tile, and compares: all must give the bits
// that the CPU device gives in the first tile, and those must lie within the stated error of a result in float64.
package libtest

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	gwdevices "github.com/gwrun/gwrun/kernels/devices"
	"github.com/gwrun/gwrun/kernels/lib"
	"github.com/gwrun/gwrun/kernels/lower"
	"github.com/gwrun/gwrun/kernels/webgpu"
)

// Case is one run of a kernel.
type Case struct {
	Name      string
	Op        string
	Overrides map[string]float64
	Params    map[string]uint32
	// Buffers are the words of bindings 0.1, 0.2 ... before the run.
	Buffers [][]uint32
	// Want is what buffers hold afterwards, in float64, by their index in Buffers; Error is how far each element may be
	// from it. Buffers that are not in Want must stay as they were unless Bits has them.
	Want map[int][]float64
	// Error gives the greatest difference allowed at an element of a buffer of Want; nil means none.
	Error func(buffer, i int) float64
	// Bits is what buffers hold afterwards, where that is known exactly.
	Bits map[int][]uint32
	// FewTiles has the drivers, which compile slowly, run the first tile only.
	FewTiles bool
	// DriverTiles, if set, are what the drivers run in place of the kernel's tiles: small ones, where theirs compile long.
	DriverTiles []lib.Tile
	// MoreTiles are run on the cpu device besides the kernel's own: odd ones, that nobody should want.
	MoreTiles []lib.Tile
	// OnlyTiles, if set, take the place of the kernel's, where a variant wants special ones.
	OnlyTiles []lib.Tile
}

var (
	gpu      = flag.Bool("gpu", false, "run on the first adapter that the Vulkan loader finds by itself too, in every tile")
	lowering = flag.String("lowering", "", "with -gpu: the lowering (default the fastest that passes the probe)")
)

// stack is a device with a lowering, and the pipelines it has made so far.
type stack struct {
	name      string
	dev       kernels.Device
	slow      bool // at compiling
	pipelines map[[32]byte]kernels.Pipeline
}

func newStack(name string, d kernels.Device, slow bool) stack {
	return stack{name, d, slow, map[[32]byte]kernels.Pipeline{}}
}

func (s *stack) pipeline(ctx context.Context, k *kernels.Kernel) (kernels.Pipeline, error) {
	if p, ok := s.pipelines[k.Hash]; ok {
		return p, nil
	}
	p, err := s.dev.NewPipeline(ctx, k)
	if err == nil {
		s.pipelines[k.Hash] = p
	}
	return p, err
}

var (
	once   sync.Once
	mu     sync.Mutex
	stacks []stack
	broken error
)

// drivers are the software Vulkan drivers, with the fastest lowering that each runs right.
var drivers = []struct {
	name, manifest string
	mode           lower.Mode
}{
	{"lavapipe", "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json", lower.ModeNative},
	{"SwiftShader", "/usr/lib/chromium/vk_swiftshader_icd.json", lower.ModeGuard},
}

// devices opens every stack once for the test binary; Main closes them.
func devices(t testing.TB) []stack {
	once.Do(func() {
		d, err := cpu.Open(cpu.Options{})
		if err != nil {
			broken = err
			return
		}
		stacks = append(stacks, newStack("cpu", d, false))
		for _, v := range drivers {
			if _, err := os.Stat(v.manifest); err != nil {
				continue
			}
			d, err := webgpu.Open(webgpu.Options{Lowering: v.mode, Env: []string{"VK_ICD_FILENAMES=" + v.manifest, "VK_DRIVER_FILES=" + v.manifest}})
			if err != nil {
				broken = fmt.Errorf("%s: %w", v.name, err)
				return
			}
			stacks = append(stacks, newStack(v.name, d, true))
		}
		if *gpu {
			d, err := gwdevices.Open(context.Background(), "gpu0", gwdevices.Options{Lowering: *lowering})
			if err != nil {
				broken = err
				return
			}
			stacks = append(stacks, newStack("gpu0", d, false))
		}
	})
	if broken != nil {
		t.Fatal(broken)
	}
	return stacks
}

// Device is a device that tests may use. They leave it open.
type Device struct {
	Name string
	kernels.Device
}

// Devices gives what Run runs cases on, the CPU device first.
func Devices(t testing.TB) []Device {
	var out []Device
	for _, s := range devices(t) {
		out = append(out, Device{s.name, s.dev})
	}
	return out
}

// Main is the TestMain of a package that uses Run: it is the device process where it has to be, and closes the devices.
func Main(m *testing.M) {
	webgpu.RunChildIfAsked()
	code := m.Run()
	for _, s := range stacks {
		s.dev.Close()
	}
	os.Exit(code)
}

// Run runs a case as a subtest. Where a driver is missing it says so.
func Run(t *testing.T, c Case) {
	t.Run(c.Name, func(t *testing.T) {
		mu.Lock()
		defer mu.Unlock()
		op, err := lib.Get(c.Op)
		if err != nil {
			t.Fatal(err)
		}
		var want [][]uint32
		for n, s := range devices(t) {
			tiles := op.Tiles
			if c.OnlyTiles != nil {
				tiles = c.OnlyTiles
			}
			if c.FewTiles && s.slow {
				tiles = tiles[:1]
			}
			if n == 0 {
				tiles = slices.Concat(tiles, c.MoreTiles)
			} else if s.slow && c.DriverTiles != nil {
				tiles = c.DriverTiles
			}
			for _, tile := range tiles {
				got, err := run(&s, op, tile, &c)
				if err != nil {
					t.Fatalf("%s, tile %s: %v", s.name, tile, err)
				}
				if want == nil {
					want = got
					c.judge(t, got)
					continue
				}
				for b := range got {
					for i := range got[b] {
						if got[b][i] != want[b][i] {
							t.Fatalf("%s, tile %q: buffer %d word %d is %#08x, want %#08x as on the cpu in tile %q", s.name, tile, b, i, got[b][i], want[b][i], op.Tiles[0])
						}
					}
				}
			}
		}
		for _, v := range drivers {
			if !slices.ContainsFunc(stacks, func(s stack) bool { return s.name == v.name }) {
				t.Skipf("skipped: no Vulkan driver (%s); compared on the others", v.name)
			}
		}
	})
}

// judge holds the reference run against what the case says must come out.
func (c *Case) judge(t *testing.T, got [][]uint32) {
	t.Helper()
	worst := 0.
	for b, words := range got {
		wanted, near := c.Want[b]
		bits, exact := c.Bits[b]
		if !near && !exact {
			bits, exact = c.Buffers[b], true
		}
		if exact && !slices.Equal(words, bits) {
			i := 0
			for i < len(words) && i < len(bits) && words[i] == bits[i] {
				i++
			}
			t.Errorf("buffer %d (%d words, want %d): word %d is %#08x, want %#08x", b, len(words), len(bits), i, at(words, i), at(bits, i))
		}
		if !near {
			continue
		}
		if len(wanted) != len(words) {
			t.Fatalf("buffer %d has %d words, the wanted values are %d", b, len(words), len(wanted))
		}
		for i, w := range wanted {
			g := float64(math.Float32frombits(words[i]))
			limit := 0.
			if c.Error != nil {
				limit = c.Error(b, i)
			}
			if math.IsNaN(w) && math.IsNaN(g) || g == w {
				continue
			}
			d := math.Abs(g - w)
			if !(d <= limit) {
				t.Fatalf("buffer %d element %d is %v, want %v within %v", b, i, g, w, limit)
			}
			worst = max(worst, d/limit)
		}
	}
	if len(c.Want) > 0 {
		t.Logf("largest error is %.3f of what is allowed", worst)
	}
}

func at(w []uint32, i int) uint32 {
	if i < len(w) {
		return w[i]
	}
	return 0
}

func run(s *stack, op *lib.Op, tile lib.Tile, c *Case) ([][]uint32, error) {
	ctx := context.Background()
	k, err := op.Kernel(tile, c.Overrides)
	if err != nil {
		return nil, err
	}
	params, err := op.Words(c.Params)
	if err != nil {
		return nil, err
	}
	grid, err := op.Workgroups(c.Params, tile)
	if err != nil {
		return nil, err
	}
	p, err := s.pipeline(ctx, k)
	if err != nil {
		return nil, err
	}
	given := append([][]uint32{params}, c.Buffers...)
	if len(k.IR.Bindings) != len(given) {
		return nil, fmt.Errorf("%d bindings in the kernel, %d buffers in the case and the parameters", len(k.IR.Bindings), len(given)-1)
	}
	x := &kernels.Dispatch{Pipeline: p, Workgroups: grid, GasLimit: 1 << 30}
	for _, words := range given {
		b, err := s.dev.NewBuffer(uint64(4 * len(words)))
		if err != nil {
			return nil, err
		}
		defer b.Free()
		data := make([]byte, 0, 4*len(words))
		for _, w := range words {
			data = binary.LittleEndian.AppendUint32(data, w)
		}
		if err := s.dev.Write(b, 0, data); err != nil {
			return nil, err
		}
		x.Bindings = append(x.Bindings, kernels.Bound{Buffer: b, Size: b.Size()})
	}
	if _, err := s.dev.Dispatch(ctx, x); err != nil {
		return nil, err
	}
	var out [][]uint32
	for i, words := range c.Buffers {
		data := make([]byte, 4*len(words))
		if err := s.dev.Read(x.Bindings[i+1].Buffer, 0, data); err != nil {
			return nil, err
		}
		got := make([]uint32, len(words))
		for j := range got {
			got[j] = binary.LittleEndian.Uint32(data[4*j:])
		}
		out = append(out, got)
	}
	return out, nil
}

// Normal gives n numbers from a normal distribution, the same for the same seed, as bits.
func Normal(n int, seed uint64, scale float64) []uint32 {
	r := rand.New(rand.NewPCG(seed, 1))
	w := make([]uint32, n)
	for i := range w {
		w[i] = math.Float32bits(float32(r.NormFloat64() * scale))
	}
	return w
}

// Zeros gives n zero words, for an output.
func Zeros(n int) []uint32 { return make([]uint32, n) }

// Garbage gives n words that an output must not keep: NaNs.
func Garbage(n int) []uint32 { return slices.Repeat([]uint32{0xffc0dead}, n) }

// Floats is the numbers whose bits are given.
func Floats(w []uint32) []float64 {
	out := make([]float64, len(w))
	for i, u := range w {
		out[i] = float64(math.Float32frombits(u))
	}
	return out
}
