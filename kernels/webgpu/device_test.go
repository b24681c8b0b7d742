package webgpu

import (
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

func TestDevice(t *testing.T) {
	eachRight(t, func(t *testing.T, open devicetest.Opener) { devicetest.Run(t, open) })
}

func TestRandomKernels(t *testing.T) {
	eachRight(t, func(t *testing.T, open devicetest.Opener) { devicetest.Random(t, open, 1000, 60, irgen.Options{}) })
}
