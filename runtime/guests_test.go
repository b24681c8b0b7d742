package runtime

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwrun/gwrun/kernels/lower"
	"github.com/gwrun/gwrun/kernels/webgpu"
)

var golden = flag.Bool("golden", false, "write testdata/guests/*.log anew")

// Programs as people write them in several languages, in testdata/guests, built by the test where the language's compiler is.
// What they log and put out is the same on both engines and every device, and is what the file NAME.log says.

var guestInputs = []Input{
	{"data/words.txt", []byte("red blue\nred green\n")},
	{"signal.txt", []byte("1\n2\n4\n8\n16\n-3.5\n0.125\n")},
}

// command runs a compiler.
func command(t *testing.T, env []string, name string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = "testdata/guests"
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

// buildGuest builds a guest and gives its bytes.
func buildGuest(t *testing.T, source string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "guest.wasm")
	needs := func(file, pkg string) {
		t.Helper()
		if m, _ := filepath.Glob(file); len(m) == 0 {
			t.Skipf("skipped: no %s (Debian package %s)", file, pkg)
		}
	}
	// So that go test knows what the compiler will read.
	if _, err := os.ReadFile(filepath.Join("testdata/guests", source)); err != nil {
		t.Fatal(err)
	}
	switch filepath.Ext(source) {
	case ".c", ".cc":
		if _, err := exec.LookPath("clang"); err != nil {
			t.Skip("skipped: no clang (Debian packages clang and lld)")
		}
		needs("/usr/include/wasm32-wasi/stdio.h", "wasi-libc")
		needs("/usr/lib/llvm-*/lib/clang/*/lib/wasi/libclang_rt.builtins-wasm32.a", "libclang-rt-14-dev-wasm32")
		if filepath.Ext(source) == ".cc" {
			needs("/usr/lib/wasm32-wasi/libc++.a", "libc++-14-dev-wasm32")
			needs("/usr/lib/wasm32-wasi/libc++abi.a", "libc++abi-14-dev-wasm32")
		}
		for _, f := range []string{"gwcc", "start.c", "include/webgpu.h"} {
			if _, err := os.ReadFile("../sdk/c/" + f); err != nil {
				t.Fatal(err)
			}
		}
		command(t, nil, "../../../sdk/c/gwcc", "-o", out, source)
	case ".go":
		args := []string{"build", "-trimpath", "-o", out}
		if strings.HasPrefix(source, "goreactor") {
			args = append(args, "-buildmode=c-shared")
		}
		command(t, []string{"GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0"}, "go", append(args, source)...)
	case ".rs":
		rustc := ""
		for _, r := range []string{"rustc", "/usr/bin/rustc"} {
			dir, err := exec.Command(r, "--print", "target-libdir", "--target", "wasm32-wasi").Output()
			if m, _ := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "libstd-*")); err == nil && len(m) > 0 {
				rustc = r
			}
		}
		if rustc == "" {
			t.Skip("skipped: no rustc with wasm32-wasi (Debian packages rustc and libstd-rust-dev-wasm32)")
		}
		command(t, nil, rustc, "--target", "wasm32-wasi", "-O", "-o", out, source)
	}
	wasm, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return wasm
}

// account is all that a person sees of a run.
func account(r *Result) string {
	var b bytes.Buffer
	b.Write(r.Log)
	for _, o := range r.Outputs {
		fmt.Fprintf(&b, "-- output %s of %d bytes\n%s\n", o.Name, len(o.Data), o.Data[:min(len(o.Data), 200)])
	}
	fmt.Fprintf(&b, "-- %s %s\n", r.Receipt.Status, r.Receipt.Failure)
	return b.String()
}

func TestGuests(t *testing.T) {
	built := map[string][]byte{}
	for _, g := range []struct {
		name, source string
		args         []string
		gpu          bool
		until        string // the rest is the compiler's to say
	}{
		{name: "compute", source: "compute.c", args: []string{"smoothly"}, gpu: true},
		{name: "c", source: "wasi.c", args: []string{"4"}},
		{name: "cc", source: "program.cc", gpu: true},
		{name: "assert", source: "abort.c", args: []string{"assert"}},
		{name: "abort", source: "abort.c", args: []string{"abort"}},
		{name: "go", source: "gomain/main.go", args: []string{"exit", "5"}},
		{name: "go-panic", source: "gomain/main.go", args: []string{"panic"}, until: "panic: assignment to entry in nil map"},
		{name: "goreactor", source: "goreactor/main.go"},
		{name: "rust", source: "wasi.rs", args: []string{"exit", "6"}},
		{name: "rust-panic", source: "wasi.rs", args: []string{"panic"}},
	} {
		t.Run(g.name, func(t *testing.T) {
			if built[g.source] == nil {
				built[g.source] = buildGuest(t, g.source)
			}
			j, err := NewJob(built[g.source], guestInputs, Spec{Seed: 7, Args: g.args, Interval: 1})
			if err != nil {
				t.Fatal(err)
			}
			r, checkpoints := record(t, j, Options{Device: device(t)})
			got := account(r)
			if g.until != "" {
				before, _, ok := strings.Cut(got, g.until)
				if !ok {
					t.Errorf("the log has no %q:\n%s", g.until, got)
				}
				got = before + g.until + "\n"
			}
			file := "testdata/guests/" + g.name + ".log"
			if *golden {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("%s:\n%s", file, d)
			}
			i := run(t, j, Options{Device: device(t), Interpreter: true})
			if d := cmp.Diff(r.Receipt, i.Receipt); d != "" {
				t.Errorf("compiler and interpreter differ:\n%s", d)
			}
			resumes(t, j, r, checkpoints)
			if (g.name == "goreactor") != (len(checkpoints) > 0) {
				t.Errorf("%d checkpoints", len(checkpoints))
			}
			if !g.gpu {
				return
			}
			const manifest = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json"
			if _, err := os.Stat(manifest); err != nil {
				t.Skip("skipped: no Vulkan driver lavapipe (Debian package mesa-vulkan-drivers)")
			}
			gpu, err := webgpu.Open(webgpu.Options{Lowering: lower.ModeNative, Env: []string{"VK_ICD_FILENAMES=" + manifest, "VK_DRIVER_FILES=" + manifest}})
			if err != nil {
				t.Skipf("skipped: %v", err)
			}
			defer gpu.Close()
			d := run(t, j, Options{Device: gpu})
			if diff := cmp.Diff(r.Receipt, d.Receipt); diff != "" {
				t.Errorf("cpu and lavapipe differ:\n%s", diff)
			}
		})
	}
}

// Calling what is not part of the compute subset of webgpu.h is an error that names the function and says so: of gwcc, and of
// a module that another linker made.
func TestGuestOutsideTheSubset(t *testing.T) {
	if _, err := exec.LookPath("clang"); err != nil {
		t.Skip("skipped: no clang (Debian packages clang and lld)")
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "render.wasm")
	const why = "not part of the compute subset of webgpu.h"
	cmd := exec.Command("../sdk/c/gwcc", "-o", out, "testdata/guests/render.c")
	if text, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(text), "undefined symbol: wgpuDeviceCreateTexture") || !strings.Contains(string(text), why) {
		t.Errorf("gwcc: %v\n%s", err, text)
	}
	command(t, nil, "clang", "--target=wasm32", "-nostdlib", "-O2", "-DSTART", "-Wl,--allow-undefined,--export=_start", "-o", out, "render.c")
	wasm, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	_, err = NewJob(wasm, nil, Spec{})
	if err == nil || !strings.Contains(err.Error(), `"env"."wgpuDeviceCreateTexture"`) || !strings.Contains(err.Error(), why) {
		t.Errorf("the module: %v", err)
	}
}
