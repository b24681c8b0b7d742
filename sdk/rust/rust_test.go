// Package rust_test builds jobs with the Rust SDK and runs them.
package rust_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

const (
	freestanding = "wasm32-unknown-unknown"
	wasi         = "wasm32-wasi"
)

// toolchain skips a test where no Rust compiler has the target, and gives the path of the one that does.
func toolchain(t testing.TB, target string) string {
	t.Helper()
	found, err := exec.Command("./gwcargo", "-V", "-t", target).Output()
	if err != nil {
		t.Skipf("skipped: no Rust toolchain with %s (Debian packages rustc, cargo, libstd-rust-dev-wasm32)", target)
	}
	_, path, _ := strings.Cut(strings.TrimSpace(string(found)), "\n")
	return path
}

// work is a copy of the SDK, so that cargo leaves nothing behind here, for all tests of this process.
var work = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "gwrun-rust-")
	if err != nil {
		return "", err
	}
	return dir, copySDK(filepath.Join(dir, "sdk"))
})

func copySDK(to string) error {
	if err := os.CopyFS(to, os.DirFS(".")); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, "testdata/probe/src/line.rs"), []byte(line()), 0o644)
}

// line is the job in README.md, to be built with the probe, which is a job already.
func line() string {
	text, _ := os.ReadFile("README.md")
	_, text, _ = bytes.Cut(text, []byte("```rust\n"))
	text, _, _ = bytes.Cut(text, []byte("```\n"))
	return strings.NewReplacer("gwrun::job!(Line);\n", "", "struct Line", "pub struct Line").Replace(string(text))
}

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := work(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

var built = map[string][]byte{}

// build makes a module of a crate under testdata, once.
func build(t testing.TB, crate string, flags ...string) []byte {
	t.Helper()
	dir, err := work()
	if err != nil {
		t.Fatal(err)
	}
	if built[crate] == nil {
		built[crate] = buildIn(t, filepath.Join(dir, "sdk"), filepath.Join(dir, "target"), filepath.Join("testdata", crate), flags...)
	}
	return built[crate]
}

// buildIn does so in a copy of the SDK.
func buildIn(t testing.TB, sdk, target, crate string, flags ...string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "job.wasm")
	cmd := exec.Command("./gwcargo", append(append([]string{"-o", out}, flags...), crate)...)
	cmd.Dir = sdk
	cmd.Env = append(os.Environ(), "CARGO_TARGET_DIR="+target, "CARGO_NET_OFFLINE=true")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("gwcargo %s: %v\n%s", crate, err, text)
	} else if bytes.Contains(text, []byte("warning")) {
		t.Errorf("gwcargo %s:\n%s", crate, text)
	}
	mod, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return mod
}

func device(t testing.TB) kernels.Device {
	t.Helper()
	d, err := cpu.Open(cpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// run runs a module on both engines, which must agree on everything.
func run(t testing.TB, mod []byte, inputs []runtime.Input, spec runtime.Spec) *runtime.Result {
	t.Helper()
	return runOn(t, mod, inputs, spec, false, true)
}

// runOn runs it on the interpreter where that is said, else on the compiler.
func runOn(t testing.TB, mod []byte, inputs []runtime.Input, spec runtime.Spec, engines ...bool) *runtime.Result {
	t.Helper()
	job, err := runtime.NewJob(mod, inputs, spec)
	if err != nil {
		t.Fatal(err)
	}
	var first *runtime.Result
	for _, interpreter := range engines {
		res, err := runtime.Run(context.Background(), job, runtime.Options{Device: device(t), Interpreter: interpreter})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = res
			continue
		}
		if d := cmp.Diff(first.Receipt, res.Receipt); d != "" {
			t.Errorf("compiler and interpreter differ:\n%s", d)
		}
	}
	return first
}

// finished is run for a job that must finish.
func finished(t testing.TB, mod []byte, inputs []runtime.Input, spec runtime.Spec) *runtime.Result {
	t.Helper()
	res := run(t, mod, inputs, spec)
	if res.Receipt.Status != msg.Finished {
		t.Fatalf("status %s: %s\n%s", res.Receipt.Status, res.Receipt.Failure, res.Log)
	}
	return res
}
