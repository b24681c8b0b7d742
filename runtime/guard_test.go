package runtime

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/lower"
	"github.com/gwrun/gwrun/kernels/webgpu"
	"github.com/gwrun/gwrun/proto/msg"
)

var update = flag.Bool("update", false, "write testdata that tests make")

// Debian's software Vulkan drivers.
const (
	lavapipe    = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json"
	swiftShader = "/usr/lib/chromium/vk_swiftshader_icd.json"
)

func openVulkan(t testing.TB, manifest string) kernels.Device {
	t.Helper()
	mode, from := lower.ModeNative, "mesa-vulkan-drivers"
	if manifest == swiftShader {
		mode, from = lower.ModeGuard, "chromium"
	}
	if _, err := os.Stat(manifest); err != nil {
		t.Skipf("skipped: no Vulkan driver (Debian package %s)", from)
	}
	d, err := webgpu.Open(webgpu.Options{Lowering: mode, Env: []string{"VK_ICD_FILENAMES=" + manifest, "VK_DRIVER_FILES=" + manifest}})
	if err != nil {
		t.Skipf("skipped: no device: %v", err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// endless is a module whose one kernel never ends.
func endless(t testing.TB) []byte {
	return gpu(func(g *gpuGuest) []byte {
		return g.dispatch("var<private> x: u32;"+
			"@compute @workgroup_size(1) fn main() { loop { x = x * 3u + 1u; if x == 0xffffffffu { x = 0u; } if x == 0xfffffffeu { break; } } }", 1, 1, 1)
	})(t)
}

// An endless kernel ends at the gas limit of an invocation, which is what is left of the job's, on every device; or the device
// is lost, where the driver ends loops by itself.
func TestEndlessKernelEndsByGas(t *testing.T) {
	j, err := NewJob(endless(t), nil, Spec{Limits: msg.Limits{GPUGas: 1 << 24}})
	if err != nil {
		t.Fatal(err)
	}
	want := run(t, j, Options{Device: device(t)})
	if want.Receipt.Failure != "limit gpu_gas: the job used all its kernel gas" {
		t.Fatalf("%s, %q", want.Receipt.Status, want.Receipt.Failure)
	}
	for _, manifest := range []string{lavapipe, swiftShader} {
		t.Run(manifest, func(t *testing.T) {
			r, err := Run(context.Background(), j, Options{Device: openVulkan(t, manifest)})
			var lost *kernels.LostError
			if manifest == lavapipe && errors.As(err, &lost) && strings.Contains(err.Error(), "cut a long loop short") {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want.Receipt, r.Receipt); d != "" {
				t.Errorf("another result than the cpu's:\n%s", d)
			}
		})
	}
}

// A dispatch of which each invocation keeps to its limit, but all together are a thousand times beyond the job's, ends soon
// after the job's gas does: this one would take minutes.
func TestDispatchEndsByTotalGas(t *testing.T) {
	wasm := gpu(func(g *gpuGuest) []byte {
		return g.dispatch("var<private> x: u32; @compute @workgroup_size(64) fn main() { for (var i = 0u; i < 1000000u; i = i + 1u) { x = x * 3u + i; } }", 65535, 1, 1)
	})(t)
	j, err := NewJob(wasm, nil, Spec{Limits: msg.Limits{GPUGas: 1 << 28}})
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, j, Options{Device: device(t), MaxStep: time.Minute})
	if r.Receipt.Failure != "limit gpu_gas: the job used all its kernel gas" {
		t.Errorf("%s, %q", r.Receipt.Status, r.Receipt.Failure)
	}
}

// Tests of other packages run it too.
func TestEndlessKernel(t *testing.T) {
	wasm := endless(t)
	const file = "testdata/endless.wasm"
	if *update {
		if err := os.WriteFile(file, wasm, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(file); err != nil || !bytes.Equal(have, wasm) {
		t.Errorf("%s is another one (%v): go test ./runtime -run EndlessKernel -update", file, err)
	}
}

// A step that takes too long for whoever runs it is no failure of the job, whatever it is busy with; on both devices.
func TestMaxStep(t *testing.T) {
	spec := func(mode string) Spec {
		return Spec{Args: []string{mode}, Limits: msg.Limits{Gas: 1 << 40, GPUGas: 1 << 50, LogBytes: 1 << 26}}
	}
	// No invocation comes to its gas limit, as the endless kernel's does where a machine is fast or its clock late: they are short, and
	// hours of them.
	kernel := func(t *testing.T) *Job {
		wasm := gpu(func(g *gpuGuest) []byte {
			return g.dispatch("var<private> x: u32; @compute @workgroup_size(64) fn main() { for (var i = 0u; i < 10000000u; i = i + 1u) { x = x * 3u + i; } }", 65535, 16, 1)
		})(t)
		j, err := NewJob(wasm, nil, Spec{Limits: msg.Limits{GPUGas: 1 << 60}})
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	for name, tc := range map[string]struct {
		job    func(t *testing.T) *Job
		device func(t *testing.T) kernels.Device
		opts   Options
		want   string
	}{
		"no calls":    {func(t *testing.T) *Job { return newJob(t, "modes", nil, spec("loop")) }, nil, Options{MaxStep: 200 * time.Millisecond}, "step 1 took longer than the 200ms"},
		"functions":   {func(t *testing.T) *Job { return newJob(t, "modes", nil, spec("busy")) }, nil, Options{MaxStep: 200 * time.Millisecond}, "step 1 took longer"},
		"interpreter": {func(t *testing.T) *Job { return newJob(t, "modes", nil, spec("loop")) }, nil, Options{MaxStep: 200 * time.Millisecond, Interpreter: true}, "step 1 took longer"},
		"host calls": {func(t *testing.T) *Job {
			return crafty(t, forever([][2]string{{"gw", "step_index"}}, []byte{iCall, 0, iDrop}))
		}, nil, Options{MaxStep: 200 * time.Millisecond}, "step 1 took longer"},
		"steps":      {func(t *testing.T) *Job { return newJob(t, "modes", nil, spec("again")) }, nil, Options{MaxTime: 300 * time.Millisecond}, "not done after the 300ms"},
		"many steps": {func(t *testing.T) *Job { return newJob(t, "modes", nil, spec("again")) }, nil, Options{MaxStep: time.Hour, MaxTime: 300 * time.Millisecond}, "not done after the 300ms"},
		"a kernel":   {kernel, nil, Options{MaxStep: 300 * time.Millisecond}, "step 1 took longer"},
		// lavapipe ends long loops by itself, wrongly, which is found out: see TestEndlessKernel.
		"a GPU kernel": {kernel, func(t *testing.T) kernels.Device { return openVulkan(t, swiftShader) }, Options{MaxStep: 300 * time.Millisecond}, "step 1 took longer"},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.device == nil {
				tc.opts.Device = device(t)
			} else {
				tc.opts.Device = tc.device(t)
			}
			_, err := Run(context.Background(), tc.job(t), tc.opts)
			var u *UnavailableError
			if !errors.As(err, &u) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%v, wanted that it is unavailable: %s", err, tc.want)
			}
		})
	}
	// Bounds that are not passed change nothing.
	j := newJob(t, "waves", nil, Spec{Interval: 4})
	a := run(t, j, Options{Device: device(t)})
	b := run(t, j, Options{Device: device(t), MaxStep: time.Hour, MaxTime: time.Hour})
	if d := cmp.Diff(a.Receipt, b.Receipt); d != "" {
		t.Errorf("bounds change the result:\n%s", d)
	}
	_, cs := record(t, j, Options{Device: device(t)})
	if _, err := Replay(context.Background(), j, cs[0].State, Claim{Record: a.Intervals[1], Prev: &a.Intervals[0]}, Options{Device: device(t), MaxTime: 1}); err == nil {
		t.Error("a replay in a nanosecond")
	} else if u := new(UnavailableError); !errors.As(err, &u) {
		t.Errorf("a replay that takes too long: %v", err)
	}
}

func crafty(t *testing.T, mod func(testing.TB) []byte) *Job {
	j, err := NewJob(mod(t), nil, Spec{Limits: msg.Limits{Gas: 1 << 50}})
	if err != nil {
		t.Fatal(err)
	}
	return j
}
