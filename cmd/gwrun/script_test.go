package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/gwrun/gwrun/kernels/webgpu"
)

func TestMain(m *testing.M) {
	webgpu.RunChildIfAsked()
	testscript.Main(m, map[string]func(){"gwrun": main})
}

// The scripts read like a session at a terminal. Besides testscript's own commands there is
//
//	exits STATUS gwrun ...
//
// which runs a command and wants exactly that exit status. $ROOT is the root of the repository.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("ROOT", root)
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("GWRUN_PASSPHRASE", "")
			for _, name := range []string{"VK_ICD_FILENAMES", "XDG_RUNTIME_DIR"} {
				if v := os.Getenv(name); v != "" {
					e.Setenv(name, v)
				}
			}
			module, err := os.ReadFile(filepath.Join(root, "examples/saxpy/saxpy.wasm"))
			if err != nil {
				return err
			}
			fold, err := os.ReadFile(filepath.Join(root, "host/shards/testdata/fold.wasm"))
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(e.WorkDir, "fold.wasm"), fold, 0o644); err != nil {
				return err
			}
			racy := bytes.Replace(module, []byte("+ y[id.x];"), []byte("+ y[id.y];"), 1)
			if err := os.WriteFile(filepath.Join(e.WorkDir, "racy.wasm"), racy, 0o644); err != nil {
				return err
			}
			module[8] ^= 0xff // the first section's number
			return os.WriteFile(filepath.Join(e.WorkDir, "corrupt.wasm"), module, 0o644)
		},
		Condition: func(cond string) (bool, error) {
			path, ok := strings.CutPrefix(cond, "device:")
			if !ok {
				return false, fmt.Errorf("unknown condition %q", cond)
			}
			info, err := os.Stat(path)
			return err == nil && info.Mode()&os.ModeDevice != 0, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND ...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}
