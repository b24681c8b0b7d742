package lower_test

import (
	"flag"
	"os"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/devicetest"
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
