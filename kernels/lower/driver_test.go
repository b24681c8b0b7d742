package lower_test

import (
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/devicetest"
	"github.com/gwrun/gwrun/kernels/f32"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
	"github.com/gwrun/gwrun/kernels/webgpu"
)

var (
	tameFrom  = flag.Uint64("tame-from", 0, "TestTame: the first seed")
	tameCount = flag.Uint64("tame", 40, "TestTame: how many kernels on each driver")
)

// onDriver opens a software driver with the lowering that it runs right, or skips the test.
func onDriver(t *testing.T, n int) kernels.Device {
	d := rated[n]
	if _, err := os.Stat(d.icd); err != nil {
		t.Skipf("skipped: no Vulkan driver (%s)", d.driver)
	}
	o := webgpu.Options{Lowering: d.modes[0], Env: []string{"VK_ICD_FILENAMES=" + d.icd, "VK_DRIVER_FILES=" + d.icd}}
	if list, err := webgpu.List(t.Context(), o); err == nil && len(list) == 0 {
		t.Skip("skipped: built without cgo")
	}
	dev, err := webgpu.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dev.Close() })
	return dev
}

// TestTame runs kernels in which fences and guards are left out in many places.
func TestTame(t *testing.T) {
	for n, d := range rated {
		t.Run(d.driver, func(t *testing.T) {
			dev := onDriver(t, n)
			for seed := *tameFrom; seed < *tameFrom+*tameCount; seed++ {
				if err := devicetest.Check(dev, irgen.NewTame(seed)); err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
		})
	}
}

// TestExpOnDrivers runs exp on operands of every size, half of them where its result is neither 0, 1 nor infinite.
func TestExpOnDrivers(t *testing.T) {
	for n, d := range rated {
		t.Run(d.driver, func(t *testing.T) {
			dev := onDriver(t, n)
			b := ir.NewBuilder("exp", 64, 1, 1)
			in, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
			at := b.Input(ir.GlobalX)
			b.Store(out, at, b.Do(ir.OpFExp, b.Load(in, ir.F32, at, nil)), nil)
			const count = 1 << 16
			c := &irgen.Case{Kernel: b.Kernel(), Workgroups: [3]uint32{count / 64, 1, 1}, GasLimit: 1 << 10,
				Buffers: [][]uint32{make([]uint32, count), make([]uint32, count)}}
			r := rand.New(rand.NewPCG(3, 4))
			for i := range c.Buffers[0] {
				x := irgen.Word(r)
				if i%2 == 0 {
					x = r.Uint32()&0x80000000 | 0x32700000 + r.Uint32N(0x42d80000-0x32700000)
				}
				c.Buffers[0][i] = x
			}
			got, _, err := devicetest.Dispatch(dev, c)
			if err != nil {
				t.Fatal(err)
			}
			for i, x := range c.Buffers[0] {
				if want := math.Float32bits(f32.Exp(math.Float32frombits(x))); got[1][i] != want {
					t.Fatalf("exp(%#x) = %#x, want %#x", x, got[1][i], want)
				}
			}
		})
	}
}
