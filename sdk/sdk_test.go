package sdk

import (
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/runtime"
)

// missing says why a language cannot be built here, empty if it can.
func missing(lang string) string {
	look := func(tools ...string) bool {
		for _, t := range tools {
			if _, err := exec.LookPath(t); err == nil {
				return true
			}
		}
		return false
	}
	switch lang {
	case "c":
		if !look("clang") || !look("wasm-ld", "wasm-ld-14") {
			return "no clang or no wasm-ld (Debian packages clang, lld)"
		}
	case "rust":
		for _, c := range []string{"rustc", "/usr/bin/rustc"} {
			out, err := exec.Command(c, "--print", "target-libdir", "--target", "wasm32-unknown-unknown").Output()
			if err != nil {
				continue
			}
			if _, err := os.Stat(strings.TrimSpace(string(out))); err == nil {
				return ""
			}
		}
		return "no Rust toolchain with wasm32-unknown-unknown (Debian packages rustc, cargo, libstd-rust-dev-wasm32)"
	case "as":
		version, err := files.ReadFile("as/ASC_VERSION")
		if err != nil {
			return err.Error()
		}
		cache, err := os.UserCacheDir()
		if err != nil {
			return err.Error()
		}
		if _, err := os.Stat(filepath.Join(cache, "gwrun/asc", strings.TrimSpace(string(version)), "node_modules/assemblyscript")); err != nil && !look("asc") {
			return "no AssemblyScript compiler (npm package assemblyscript)"
		}
	}
	return ""
}

// TestNew begins a job in each language away from this repository, builds it with its one command, runs it and looks at what it wrote.
func TestNew(t *testing.T) {
	for _, l := range Languages {
		t.Run(l.Name, func(t *testing.T) {
			if why := missing(l.Name); why != "" {
				t.Skip("skipped: " + why)
			}
			dir := filepath.Join(t.TempDir(), "here", "doubler")
			own, err := l.New("doubler", dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range own {
				text, err := os.ReadFile(filepath.Join(dir, f))
				if err != nil || strings.Contains(string(text), placeholder) || strings.Contains(f, placeholder) {
					t.Errorf("%s: %v, or the placeholder is still in it", f, err)
				}
			}
			if out, err := exec.Command(filepath.Join(dir, "build.sh")).CombinedOutput(); err != nil {
				t.Fatalf("build.sh: %v\n%s", err, out)
			}
			job, err := jobfile.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			ready, err := job.Prepare()
			if err != nil {
				t.Fatal(err)
			}
			dev, err := cpu.Open(cpu.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer dev.Close()
			res, err := runtime.Run(context.Background(), ready, runtime.Options{Device: dev})
			if err != nil {
				t.Fatal(err)
			}
			if res.Receipt.Status != "finished" || len(res.Outputs) != 1 || res.Receipt.Steps < 2 {
				t.Fatalf("%+v, log:\n%s", res.Receipt, res.Log)
			}
			x, err := os.ReadFile(filepath.Join(dir, "x.f32"))
			if err != nil || len(x) < 4 || len(x) != len(res.Outputs[0].Data) {
				t.Fatalf("input of %d bytes, output of %d, %v", len(x), len(res.Outputs[0].Data), err)
			}
			for i := 0; i < len(x); i += 4 {
				in, out := math.Float32frombits(binary.LittleEndian.Uint32(x[i:])), math.Float32frombits(binary.LittleEndian.Uint32(res.Outputs[0].Data[i:]))
				if out != 2*in {
					t.Fatalf("element %d: %v, want %v", i/4, out, 2*in)
				}
			}
		})
	}
}

// TestNewRefuses leaves alone what is there.
func TestNewRefuses(t *testing.T) {
	dir := t.TempDir()
	l, err := Get("c")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "Job", "a-b", "../x", "1a", strings.Repeat("a", 41)} {
		if _, err := l.New(name, filepath.Join(dir, "x")); !errors.Is(err, ErrName) {
			t.Errorf("name %q: %v", name, err)
		}
	}
	if _, err := l.New("a", dir); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a folder that is there: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := Get("cobol"); err == nil || !strings.Contains(err.Error(), "there are c, ") {
		t.Errorf("an unknown language: %v", err)
	}
}
