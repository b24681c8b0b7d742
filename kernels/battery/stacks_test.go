package battery

import (
	"context"
	"os"
	"regexp"
	"sync"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/kernels/devicetest"
	"github.com/gwrun/gwrun/kernels/lower"
	"github.com/gwrun/gwrun/kernels/webgpu"
)

// stack is one way to run a kernel: a device with a lowering, or Dawn.
type stack struct {
	name string
	mode lower.Mode // of all but the cpu
	// missing, if set, is why the stack cannot be had here.
	missing string
	// device opens a device; nil for Dawn.
	device func() (kernels.Device, error)
}

var manifests = map[string]string{
	"lavapipe":    "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json",
	"SwiftShader": "/usr/lib/chromium/vk_swiftshader_icd.json",
}

// right are the lowerings under which each driver is right.
var right = map[string][]lower.Mode{
	"lavapipe":    {lower.ModeNative, lower.ModeSoft},
	"SwiftShader": {lower.ModeGuard, lower.ModeSoft},
}

func driverOptions(driver string) webgpu.Options {
	return webgpu.Options{Env: []string{"VK_ICD_FILENAMES=" + manifests[driver], "VK_DRIVER_FILES=" + manifests[driver]}}
}

func onDriver(driver string, m lower.Mode) stack {
	s := stack{name: driver + "/" + m.String(), mode: m}
	o := driverOptions(driver)
	o.Lowering = m
	s.device = func() (kernels.Device, error) { return webgpu.Open(o) }
	if _, err := os.Stat(manifests[driver]); err != nil {
		s.missing = "no Vulkan driver (" + driver + ")"
	} else if !withGPU() {
		s.missing = "built without cgo"
	}
	return s
}

// withGPU reports whether this program was built with GPU support.
var withGPU = sync.OnceValue(func() bool {
	_, err := webgpu.Open(webgpu.Options{Executable: os.DevNull})
	return err == nil || !isNoGPU(err)
})

// hardware finds the adapters of this machine.
var hardware = sync.OnceValues(func() ([]kernels.Info, error) { return webgpu.List(context.Background(), webgpu.Options{}) })

// stacks gives all stacks that -stacks names.
func stacks(t testing.TB) []stack {
	t.Helper()
	list := []stack{{name: "cpu", device: func() (kernels.Device, error) { return cpu.Open(cpu.Options{Workers: 1}) }}}
	for _, driver := range []string{"lavapipe", "SwiftShader"} {
		for _, m := range right[driver] {
			list = append(list, onDriver(driver, m))
		}
	}
	for _, m := range right["SwiftShader"] {
		list = append(list, onDawn(m))
	}
	if *gpu {
		found, err := hardware()
		if err != nil || len(found) == 0 {
			t.Fatalf("-gpu: adapters %v: %v", found, err)
		}
		for n, i := range found {
			for _, m := range []lower.Mode{lower.ModeNative, lower.ModeGuard, lower.ModeSoft} {
				list = append(list, stack{name: i.ID + "/" + m.String(), mode: m, device: func() (kernels.Device, error) {
					return webgpu.Open(webgpu.Options{Adapter: n, Name: i.Name, Lowering: m})
				}})
			}
		}
	}
	want, err := regexp.Compile(*only)
	if err != nil {
		t.Fatalf("-stacks: %v", err)
	}
	var out []stack
	for _, s := range list {
		if want.MatchString(s.name) {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		t.Fatalf("-stacks %q names none of the stacks", *only)
	}
	return out
}

// eachStack runs f as a subtest for every stack.
func eachStack(t *testing.T, f func(t *testing.T, s stack)) {
	for _, s := range stacks(t) {
		t.Run(s.name, func(t *testing.T) {
			if s.missing != "" {
				t.Skipf("skipped: %s", s.missing)
			}
			f(t, s)
		})
	}
}

// runner runs cases on an open stack.
type runner interface {
	run(ctx context.Context, c *devicetest.Solved) error
	close()
}

func (s stack) open() (runner, error) {
	if s.device == nil {
		return openDawn(s.mode)
	}
	d, err := s.device()
	if err != nil {
		return nil, err
	}
	return &onDevice{d}, nil
}

type onDevice struct{ d kernels.Device }

func (r *onDevice) run(_ context.Context, c *devicetest.Solved) error {
	return c.Compare(devicetest.Dispatch(r.d, c.Case))
}

func (r *onDevice) close() { r.d.Close() }
