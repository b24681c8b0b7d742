package battery

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels/lower"
	"github.com/gwrun/gwrun/kernels/probe"
	"github.com/gwrun/gwrun/kernels/webgpu"
)

// Lowerings known to be wrong. Each must be found out by the probe's part of the battery: if one passed, the battery
// would not see such a fault in the real lowering either.
var mutants = []struct {
	name, driver string
	mode         lower.Mode
	// old and new are texts of one length: what the shader says and what it is made to say. Empty for a mode that is
	// wrong by itself.
	old, new string
}{
	{"no fences", "lavapipe", lower.ModePlain, "", ""},
	{"no fences", "SwiftShader", lower.ModePlain, "", ""},
	{"no guard where subnormals are flushed", "SwiftShader", lower.ModeNative, "", ""},
	{"a fence that is a constant", "lavapipe", lower.ModeNative, "let z = gw_meta[0].x;", "let z = 0u          ;"},
	{"both fences one", "lavapipe", lower.ModeNative, "let z2 = gw_meta[0].y;", "let z2 = gw_meta[0].x;"},
}

func TestControls(t *testing.T) {
	for _, m := range mutants {
		t.Run(m.driver+"/"+m.mode.String()+" with "+m.name, func(t *testing.T) {
			if s := onDriver(m.driver, m.mode); s.missing != "" {
				t.Skipf("skipped: %s", s.missing)
			}
			if len(m.old) != len(m.new) {
				t.Fatal("the texts differ in length")
			}
			o := driverOptions(m.driver)
			o.Lowering = m.mode
			seen := filepath.Join(t.TempDir(), "seen")
			if m.old != "" {
				o.Env = append(o.Env, proxyVar+"="+strings.Join([]string{seen, m.old, m.new}, "\n"))
			}
			d, err := webgpu.Open(o)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			r, err := probe.Run(t.Context(), d)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(seen); m.old != "" && err != nil {
				t.Fatalf("no shader has %q", m.old)
			}
			if r.Passed || !strings.Contains(r.FirstDifference, ", want 0x") {
				t.Errorf("passed: %v, first difference %q, want a wrong value", r.Passed, r.FirstDifference)
			}
			t.Log(r.FirstDifference)
		})
	}
}

const proxyVar = "GWRUN_BATTERY_PROXY"

// proxyIfAsked turns this process into one that stands between a device and its device process and changes what it is
// sent: proxyVar has the file to make when that happens, the old text and the new one, of equal length, which is why
// nothing of the protocol need be known.
func proxyIfAsked() {
	v := strings.Split(os.Getenv(proxyVar), "\n")
	if len(v) != 3 {
		return
	}
	os.Unsetenv(proxyVar)
	self, err := os.Executable()
	if err == nil {
		err = proxy(exec.Command(self, os.Args[1:]...), v[0], []byte(v[1]), []byte(v[2]))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "proxy:", err)
		os.Exit(2)
	}
	os.Exit(0)
}

func proxy(child *exec.Cmd, seen string, old, new []byte) error {
	child.Stdout, child.Stderr = os.Stdout, os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		return err
	}
	if err := child.Start(); err != nil {
		return err
	}
	var held []byte // the end of what came, which may be the start of old
	chunks := make(chan []byte)
	go func() {
		defer close(chunks)
		for {
			p := make([]byte, 64<<10)
			n, err := os.Stdin.Read(p)
			if n > 0 {
				chunks <- p[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range chunks {
		held = append(held, p...)
		if bytes.Contains(held, old) {
			held = bytes.ReplaceAll(held, old, new)
			if err := os.WriteFile(seen, nil, 0o600); err != nil {
				return err
			}
		}
		keep := 0
		for n := min(len(old)-1, len(held)); n > 0; n-- {
			if bytes.HasSuffix(held, old[:n]) {
				keep = n
				break
			}
		}
		if _, err := in.Write(held[:len(held)-keep]); err != nil && err != io.ErrClosedPipe {
			return err
		}
		held = append([]byte(nil), held[len(held)-keep:]...)
	}
	in.Write(held)
	in.Close()
	return child.Wait()
}
