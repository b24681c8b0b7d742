package probe

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/lower"
	"github.com/gwrun/gwrun/kernels/webgpu"
)

func TestMain(m *testing.M) {
	webgpu.RunChildIfAsked()
	os.Exit(m.Run())
}

var manifests = map[string]string{
	"lavapipe":    "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json",
	"SwiftShader": "/usr/lib/chromium/vk_swiftshader_icd.json",
}

func on(t testing.TB, driver string, m lower.Mode) webgpu.Options {
	t.Helper()
	if _, err := os.Stat(manifests[driver]); err != nil {
		t.Skipf("skipped: no Vulkan driver (%s)", driver)
	}
	o := webgpu.Options{Lowering: m, Env: []string{"VK_ICD_FILENAMES=" + manifests[driver], "VK_DRIVER_FILES=" + manifests[driver]}}
	if list, err := webgpu.List(t.Context(), o); err == nil && len(list) == 0 {
		t.Skip("skipped: built without cgo")
	}
	return o
}

// TestBattery holds each lowering on each driver against what it is known to be worth there. That the one without
// barriers fails shows that the battery is alive. (SwiftShader's guarded one is run by TestChoose.)
func TestBattery(t *testing.T) {
	for _, c := range []struct {
		driver string
		mode   lower.Mode
		passes bool
	}{
		{"lavapipe", lower.ModeNative, true},
		{"lavapipe", lower.ModeSoft, true},
		{"lavapipe", lower.ModePlain, false},
		{"SwiftShader", lower.ModeSoft, true},
		{"SwiftShader", lower.ModeNative, false},
	} {
		t.Run(c.driver+"/"+c.mode.String(), func(t *testing.T) {
			d, err := webgpu.Open(on(t, c.driver, c.mode))
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			r, err := Run(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			if r.Passed != c.passes {
				t.Errorf("passed: %v, want %v: %s", r.Passed, c.passes, r.FirstDifference)
			}
			if !r.Passed && r.FirstDifference == "" {
				t.Error("failed without a difference")
			}
			t.Logf("%d cases, digest %.16s, %s", r.Cases, r.Digest, r.FirstDifference)
		})
	}
}

func TestChoose(t *testing.T) {
	for driver, want := range map[string]string{"lavapipe": "native", "SwiftShader": "native+guard"} {
		t.Run(driver, func(t *testing.T) {
			o := on(t, driver, 0)
			list, err := webgpu.List(t.Context(), o)
			if err != nil || len(list) == 0 {
				t.Fatalf("adapters %v: %v", list, err)
			}
			opened := 0
			open := func(lowering string) (kernels.Device, error) {
				opened++
				m, err := lower.ParseMode(lowering)
				if err != nil {
					return nil, err
				}
				o := o
				o.Lowering = m
				return webgpu.Open(o)
			}
			path := filepath.Join(t.TempDir(), "sub", "probe.json")
			v, err := Choose(t.Context(), list[0], open, Options{Cache: path})
			if err != nil {
				t.Fatal(err)
			}
			if !v.Passed || v.Lowering != want {
				t.Errorf("verdict %+v, want %s", v, want)
			}
			n := opened
			again, err := Choose(t.Context(), list[0], open, Options{Cache: path})
			if err != nil || *again != *v || opened != n {
				t.Errorf("from the cache %+v, %v after %d openings, want %+v after %d", again, err, opened, v, n)
			}
			if driver != "lavapipe" { // the rest is about the cache, so the faster one will do
				return
			}
			other := list[0]
			other.Driver += " (new)"
			if _, err := Choose(t.Context(), other, open, Options{Cache: path}); err != nil || opened == n {
				t.Errorf("a new driver was not probed: %v", err)
			}
			if err := os.WriteFile(path, []byte(`{"x":`), 0o600); err != nil {
				t.Fatal(err)
			}
			n = opened
			if _, err := Choose(t.Context(), list[0], open, Options{Cache: path}); err != nil || opened == n {
				t.Errorf("a broken cache was believed: %v", err)
			}
		})
	}
}

// wrong is a device that runs kernels on another one and then spoils a word.
type wrong struct{ kernels.Device }

func (w wrong) Read(b kernels.Buffer, off uint64, p []byte) error {
	err := w.Device.Read(b, off, p)
	p[len(p)-4] ^= 1
	return err
}

func TestRefusal(t *testing.T) {
	o := on(t, "lavapipe", lower.ModeNative)
	path := filepath.Join(t.TempDir(), "probe.json")
	v, err := Choose(t.Context(), kernels.Info{Name: "x"}, func(string) (kernels.Device, error) {
		d, err := webgpu.Open(o)
		return wrong{d}, err
	}, Options{Cache: path})
	if err != nil {
		t.Fatal(err)
	}
	if v.Passed || v.Lowering != "" || !strings.Contains(v.Reason, "native: kernel") || !strings.Contains(v.Reason, "soft: kernel") {
		t.Errorf("verdict %+v", v)
	}
	if len(load(path)) != 1 {
		t.Error("the refusal was not kept")
	}
}

func TestLostIsNotKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "probe.json")
	v, err := Choose(t.Context(), kernels.Info{Name: "x"}, func(string) (kernels.Device, error) {
		return nil, &kernels.LostError{Device: "gpu0", Reason: "fell over"}
	}, Options{Cache: path})
	if err != nil || v.Passed || !strings.Contains(v.Reason, "fell over") {
		t.Errorf("verdict %+v, %v", v, err)
	}
	if len(load(path)) != 0 {
		t.Error("a refusal of a lost device was kept")
	}
}

func TestBatteryIsTheSameEachTime(t *testing.T) {
	tests, err := battery()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range tests {
		if err := c.kernel.IR.Verify(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	a, err := fingerprint(lower.ModeNative)
	if err != nil {
		t.Fatal(err)
	}
	b, err := fingerprint(lower.ModeNative)
	if err != nil || a != b {
		t.Errorf("fingerprints %s and %s: %v", a, b, err)
	}
}

func TestDone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := on(t, "lavapipe", lower.ModeNative)
	d, err := webgpu.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := Run(ctx, d); err == nil {
		t.Error("no error from a done context")
	}
}

func FuzzCache(f *testing.F) {
	f.Add([]byte(`{"k":{"lowering":"native","passed":true,"cases":5,"digest":"00","reason":"","when":"2026-01-02T03:04:05Z"}}`))
	f.Add([]byte(`{"k":null}`))
	f.Add([]byte(`{"k":{"lowering":"plain","passed":true}}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for k, e := range parse(b) {
			if _, err := lower.ParseMode(e.Lowering); e.Passed && err != nil {
				t.Errorf("entry %q passed in %q", k, e.Lowering)
			}
		}
	})
}
