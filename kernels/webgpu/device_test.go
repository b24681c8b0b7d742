package webgpu

import (
	"flag"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/devicetest"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
	"github.com/gwrun/gwrun/kernels/lower"
)

// right are the lowerings that each driver runs right.
var right = []struct {
	driver string
	mode   lower.Mode
}{
	{"lavapipe", lower.ModeNative},
	{"lavapipe", lower.ModeSoft},
	{"SwiftShader", lower.ModeGuard},
	{"SwiftShader", lower.ModeSoft},
}

func eachRight(t *testing.T, f func(t *testing.T, open devicetest.Opener)) {
	for _, r := range right {
		t.Run(r.driver+"/"+r.mode.String(), func(t *testing.T) {
			o := onDriver(t, r.driver)
			o.Lowering = r.mode
			f(t, func(t *testing.T) kernels.Device {
				t.Helper()
				d, err := Open(o)
				if err != nil {
					t.Fatal(err)
				}
				return d
			})
		})
	}
}

var exhaustive = flag.Bool("exhaustive", false, "run the whole device suite in the soft lowering too, which takes minutes")

func TestDevice(t *testing.T) {
	eachRight(t, func(t *testing.T, open devicetest.Opener) {
		if strings.HasSuffix(t.Name(), lower.ModeSoft.String()) && !*exhaustive {
			t.Skip("skipped: the soft lowering without -exhaustive; the probe's tests cover its operators")
		}
		devicetest.Run(t, open)
	})
}

func TestRandomKernels(t *testing.T) {
	eachRight(t, func(t *testing.T, open devicetest.Opener) { devicetest.Random(t, open, 1000, 30, irgen.Options{}) })
}
