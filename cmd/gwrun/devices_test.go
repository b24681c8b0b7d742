package main

import (
	"bytes"
	"encoding/json"
	"github.com/gwrun/gwrun/host/jobfile"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The examples come out the same on the cpu device and on every Vulkan driver of this machine: outputs, roots and gas.
func TestSameOnEveryDevice(t *testing.T) {
	jobs := map[string][]string{
		"saxpy":         {"run", "-q", "../../examples/saxpy", "--json"},
		"fashion-mnist": {"run", "-q", "../../examples/fashion-mnist", "--json", "--arg", "epochs=1", "--arg", "hidden=8", "--arg", "batch=250", "--arg", "steps=2"},
	}
	result := func(t *testing.T, cmd *exec.Cmd) runResult {
		t.Helper()
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		var r runResult
		if err := json.Unmarshal(out, &r); err != nil {
			t.Fatal(err)
		}
		return r
	}
	want := map[string]runResult{}
	for name, args := range jobs {
		want[name] = result(t, gwrun(t, args...))
	}
	cache := t.TempDir() // one probe a driver
	for _, driver := range []struct{ name, icd string }{
		{"lavapipe", "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json"},
		{"SwiftShader", "/usr/lib/chromium/vk_swiftshader_icd.json"},
	} {
		t.Run(driver.name, func(t *testing.T) {
			if _, err := os.Stat(driver.icd); err != nil {
				t.Skipf("skipped: no Vulkan driver %s", driver.name)
			}
			env := []string{"VK_ICD_FILENAMES=" + driver.icd, "XDG_CACHE_HOME=" + cache, "XDG_RUNTIME_DIR=" + cache}
			probing := gwrun(t, "devices", "--json")
			probing.Env = append(probing.Env, env...)
			probing.Stderr = os.Stderr
			out, err := probing.Output()
			if err != nil {
				t.Fatal(err)
			}
			var devices []deviceResult
			if err := json.Unmarshal(out, &devices); err != nil {
				t.Fatal(err)
			}
			if len(devices) < 2 {
				t.Skipf("skipped: no Vulkan driver %s in a program built without cgo", driver.name)
			}
			for _, d := range devices[:2] {
				if !d.Probe.Passed || d.Probe.Digest != devices[0].Probe.Digest {
					t.Errorf("%+v", d)
				}
			}
			for name, args := range jobs {
				cmd := gwrun(t, append(args, "--device", "gpu0")...)
				cmd.Env = append(cmd.Env, env...)
				got := result(t, cmd)
				if got.Device != "gpu0" {
					t.Errorf("%s ran on %s", name, got.Device)
				}
				got.Device = "cpu"
				if d := cmp.Diff(want[name], got); d != "" {
					t.Errorf("%s (-cpu +%s):\n%s", name, driver.name, d)
				}
			}
		})
	}
}

// However a run on a GPU ends, its device process ends with it.
func TestNoDeviceProcessIsLeft(t *testing.T) {
	const icd = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json"
	if _, err := os.Stat(icd); err != nil {
		t.Skip("skipped: no Vulkan driver lavapipe")
	}
	if _, err := os.Stat("/proc/self/environ"); err != nil {
		t.Skip("skipped: no /proc to look for processes in")
	}
	looking := gwrun(t, "run", "-q", "../../examples/saxpy", "--device", "gpu99")
	looking.Env = append(looking.Env, "VK_ICD_FILENAMES="+icd, "XDG_RUNTIME_DIR="+t.TempDir())
	if out, _ := looking.CombinedOutput(); strings.Contains(string(out), "built without cgo") {
		t.Skip("skipped: no Vulkan driver lavapipe in a program built without cgo")
	}
	for name, sig := range map[string]os.Signal{"interrupt": os.Interrupt, "kill": os.Kill} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			cmd := gwrun(t, "run", "../../examples/fashion-mnist", "--arg", "epochs=100", "--interval", "1",
				"--checkpoint", dir, "--checkpoint-every", "0s", "--device", "gpu0", "--lowering", "native")
			mark := "GWRUN_TEST_MARK=" + dir
			cmd.Env = append(cmd.Env, "VK_ICD_FILENAMES="+icd, "XDG_RUNTIME_DIR="+dir, mark)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			waitFor(t, filepath.Join(dir, jobfile.CheckpointFile), ended)
			if n := marked(t, mark); n != 2 {
				t.Errorf("%d processes while it runs, want 2", n)
			}
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			<-ended
			// The kernel takes a moment to end a process whose parent was killed.
			for try := 0; marked(t, mark) > 0; try++ {
				if try == 1000 {
					t.Fatalf("%d processes are left", marked(t, mark))
				}
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
}

// marked counts the running processes that have mark in their environment.
func marked(t *testing.T, mark string) int {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, path := range all {
		// A process that is gone by now, or another user's, is not ours. A zombie's environment is empty.
		if env, err := os.ReadFile(path); err == nil && bytes.Contains(env, []byte(mark)) {
			n++
		}
	}
	return n
}

// The list says why a device is refused, and why it does not run in a faster lowering.
func TestPrintDevices(t *testing.T) {
	var b bytes.Buffer
	printDevices(&b, []deviceResult{
		{ID: "cpu", Kind: "cpu", Backend: "wazero", Name: "a processor", Probe: probeResult{Passed: true, Cases: 7, Digest: "abc"}},
		{ID: "gpu0", Kind: "discrete", Backend: "vulkan", Name: "a GPU", Lowering: "native+guard",
			Probe: probeResult{Passed: true, Cases: 7, Digest: "abc", Reason: "native: kernel \"sums\": a+b is 0, want 1"}},
		{ID: "gpu1", Kind: "discrete", Backend: "vulkan", Name: "another", Probe: probeResult{Reason: "soft: kernel \"sums\" hung"}},
	})
	want := `cpu   cpu       wazero  -             a processor  exact (7 cases, digest abc)
gpu0  discrete  vulkan  native+guard  a GPU        exact (7 cases, digest abc)
gpu1  discrete  vulkan  -             another      refused: soft: kernel "sums" hung
gpu0: not faster, since: native: kernel "sums": a+b is 0, want 1
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}
