package runtime

import (
	"context"
	"os"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwrun/gwrun/kernels/lower"
	"github.com/gwrun/gwrun/kernels/webgpu"
	"github.com/gwrun/gwrun/proto/msg"
)

func TestMain(m *testing.M) {
	RunChildIfAsked()
	webgpu.RunChildIfAsked()
	runLegIfAsked()
	os.Exit(m.Run())
}

// A job on a GPU commits to the same states as on the CPU; each checks the other, and finds the other's lie.
func TestDrivers(t *testing.T) {
	for _, d := range []struct {
		name, manifest string
		mode           lower.Mode
	}{
		{"lavapipe", "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json", lower.ModeNative},
		{"SwiftShader", "/usr/lib/chromium/vk_swiftshader_icd.json", lower.ModeGuard},
	} {
		t.Run(d.name, func(t *testing.T) {
			if _, err := os.Stat(d.manifest); err != nil {
				t.Skipf("skipped: no Vulkan driver (%s)", d.name)
			}
			gpu, err := webgpu.Open(webgpu.Options{Lowering: d.mode, Env: []string{"VK_ICD_FILENAMES=" + d.manifest, "VK_DRIVER_FILES=" + d.manifest}})
			if err != nil {
				t.Skipf("skipped: %v", err)
			}
			defer gpu.Close()
			j := newJob(t, "waves", nil, Spec{Interval: 4})
			a, checkpoints := record(t, j, Options{Device: gpu})
			b := run(t, j, Options{Device: device(t)})
			if d := cmp.Diff(b.Receipt, a.Receipt); d != "" {
				t.Fatalf("cpu and gpu differ:\n%s", d)
			}
			if !reflect.DeepEqual(a.Intervals, b.Intervals) {
				t.Fatal("cpu and gpu commit to different states")
			}
			resumes(t, j, a, checkpoints) // on the cpu
			fault := Fault{Step: 6, Any: true, Offset: 400, Bit: 22}
			lie := run(t, j, Options{Device: device(t), Fault: &fault})
			detail, err := DetailOf(context.Background(), j, checkpoints[0].State, 1, Options{Device: device(t), Fault: &fault})
			if err != nil {
				t.Fatal(err)
			}
			v, err := Replay(context.Background(), j, checkpoints[0].State, Claim{Record: lie.Intervals[1], Prev: &lie.Intervals[0], Detail: detail}, Options{Device: gpu})
			if err != nil {
				t.Fatal(err)
			}
			if v.Value != msg.Invalid || v.First.Step == nil || *v.First.Step != 6 || v.First.Workgroup == nil || *v.First.Workgroup != [3]uint32{1, 0, 0} {
				t.Errorf("%v, %s", v.Value, show(v.First))
			}
		})
	}
}

// A commit that hashes buffers on the device, to read back only the pages that changed, has the root it always has.
func TestHashingOnTheDevice(t *testing.T) {
	for _, name := range []string{"lavapipe", "SwiftShader"} {
		t.Run(name, func(t *testing.T) {
			gpu, err := openTestDevice(name)
			if err != nil {
				t.Skipf("skipped: %v (Debian packages mesa-vulkan-drivers, chromium)", err)
			}
			defer gpu.Close()
			guests := []string{"lasting", "waves"}
			if name == "SwiftShader" {
				guests = guests[:1] // it takes seconds to compile the kernel
			}
			for _, guest := range guests {
				j := newJob(t, guest, nil, Spec{Seed: 9, Interval: 1, Args: []string{"14", "100", "1", "2"}})
				want := run(t, j, Options{Device: device(t)})
				got, checkpoints := record(t, j, Options{Device: gpu, siftFrom: 4096})
				same(t, want, got)
				resumes(t, j, got, checkpoints[len(checkpoints)-1:])
			}
		})
	}
}
