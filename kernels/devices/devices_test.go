package devices

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels/webgpu"
)

func TestMain(m *testing.M) {
	webgpu.RunChildIfAsked()
	os.Exit(m.Run())
}

const lavapipe = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json"

func onLavapipe(t *testing.T) Options {
	t.Helper()
	if _, err := os.Stat(lavapipe); err != nil {
		t.Skip("skipped: no Vulkan driver (lavapipe)")
	}
	o := Options{GPU: webgpu.Options{Env: []string{"VK_ICD_FILENAMES=" + lavapipe, "VK_DRIVER_FILES=" + lavapipe}}}
	o.Probe.Cache = filepath.Join(t.TempDir(), "probe.json")
	if list, err := webgpu.List(t.Context(), o.GPU); err == nil && len(list) == 0 {
		t.Skip("skipped: built without cgo")
	}
	return o
}

func TestListAndOpen(t *testing.T) {
	o := onLavapipe(t)
	list, err := List(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 2 || list[0].ID != "cpu" || !list[0].Usable() {
		t.Fatalf("devices %+v, want cpu and gpu0", list)
	}
	g := list[1]
	if g.ID != "gpu0" || g.Kind != "software" || g.Backend != "vulkan" || g.Lowering != "native" || !g.Usable() || g.Name == "" ||
		g.Driver == "" || g.Probe.Cases < 1000 || g.Probe.Digest == "" {
		t.Errorf("gpu0 is %+v", g)
	}
	d, err := Open(t.Context(), "gpu0", o)
	if err != nil {
		t.Fatal(err)
	}
	if i := d.Info(); i.ID != "gpu0" || i.Lowering != "native" || i.Name != g.Name {
		t.Errorf("opened %+v", i)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	// A software rasteriser is not what auto means.
	for _, id := range []string{"cpu", "auto", ""} {
		d, err := Open(t.Context(), id, o)
		if err != nil {
			t.Fatal(err)
		}
		if i := d.Info(); i.Kind != "cpu" {
			t.Errorf("%q opened %+v", id, i)
		}
		d.Close()
	}
	if _, err := Open(t.Context(), "gpu7", o); err == nil || !strings.Contains(err.Error(), "no device gpu7") {
		t.Errorf("gpu7: %v", err)
	}
}

func TestForcedLoweringMustPass(t *testing.T) {
	o := onLavapipe(t)
	o.Lowering = "plain"
	if _, err := Open(t.Context(), "gpu0", o); !errors.Is(err, ErrRefused) {
		t.Errorf("plain: %v", err)
	}
	o.Unproven = true
	if d, err := Open(t.Context(), "gpu0", o); err != nil {
		t.Errorf("plain, unproven: %v", err)
	} else if err := d.Close(); err != nil {
		t.Error(err)
	}
	o.Lowering = "sideways"
	if _, err := Open(t.Context(), "gpu0", o); err == nil || !strings.Contains(err.Error(), "unknown lowering") {
		t.Errorf("sideways: %v", err)
	}
}

func TestNames(t *testing.T) {
	for _, id := range []string{"gpu", "gpu01", "gpu-1", "gpu+1", "gpu99999", "GPU0", "cpu0", "gpu0 "} {
		if n, err := number(id); err == nil {
			t.Errorf("%q is gpu%d", id, n)
		}
	}
	if n, err := number("gpu12"); n != 12 || err != nil {
		t.Errorf("gpu12: %d, %v", n, err)
	}
}

func TestNoGPU(t *testing.T) {
	o := Options{NoGPU: true}
	list, err := List(t.Context(), o)
	if err != nil || len(list) != 1 || list[0].ID != "cpu" {
		t.Errorf("devices %+v, %v", list, err)
	}
	if _, err := Open(t.Context(), "gpu0", o); err == nil {
		t.Error("gpu0 opened")
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := List(done, o); err == nil {
		t.Error("no error from a done context")
	}
}
