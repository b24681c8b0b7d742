package runtime

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/kernels/lower"
	"github.com/gwrun/gwrun/kernels/webgpu"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/state"
)

// lastingJobs are the guests of this folder that take several steps and come to a good end.
var lastingJobs = []struct {
	name   string
	inputs []Input
	spec   Spec
}{
	{"counter", counterInputs, Spec{Seed: 7}},
	{"waves", nil, Spec{}},
	{"lasting", nil, Spec{Seed: 3}},
	{"modes", nil, Spec{Args: []string{"finish"}}},
	{"passive", nil, Spec{}},
}

// Whatever a step leaves half done, a job that is put into a fresh sandbox after every step goes on as if nothing had been.
func TestFreshSandboxAfterEveryStep(t *testing.T) {
	for _, g := range lastingJobs {
		t.Run(g.name, func(t *testing.T) {
			g.spec.Interval = 1
			j := newJob(t, g.name, g.inputs, g.spec)
			whole := run(t, j, Options{Device: device(t)})
			if g.name != "passive" && whole.Receipt.Status != msg.Finished {
				t.Fatalf("status %q, failure %q, log:\n%s", whole.Receipt.Status, whole.Receipt.Failure, whole.Log)
			}
			var last *Result
			var at *Checkpoint
			for range whole.Intervals {
				var snap *state.Snapshot
				last = run(t, j, Options{Device: device(t), From: at, StopAfter: 1, Interpreter: at != nil && len(at.Intervals)%3 == 1,
					OnInterval: func(_ msg.Interval, take func() (*state.Snapshot, error)) (err error) {
						snap, err = take()
						return err
					}})
				moved, err := state.Decode(snap.Encode(), snap.Root())
				if err != nil {
					t.Fatal(err)
				}
				at = &Checkpoint{State: moved, Intervals: last.Intervals}
			}
			same(t, whole, last)
		})
	}
}

// same checks that two runs came to the same end, the same way.
func same(t *testing.T, want, got *Result) {
	t.Helper()
	for i := range want.Intervals {
		if i < len(got.Intervals) && got.Intervals[i] != want.Intervals[i] {
			t.Fatalf("interval %d is %+v, want %+v", i, got.Intervals[i], want.Intervals[i])
		}
	}
	if d := cmp.Diff(want.Receipt, got.Receipt); d != "" {
		t.Errorf("the receipts differ:\n%s", d)
	}
	if d := cmp.Diff(want.Outputs, got.Outputs); d != "" {
		t.Errorf("the outputs differ:\n%s", d)
	}
	if string(want.Log) != string(got.Log) {
		t.Errorf("log %q, want %q", got.Log, want.Log)
	}
}

// leg is what one process does of a job that moves from process to process.
type leg struct {
	Module, Device string
	Inputs         []Input
	Spec           Spec
	Folder         string // where the checkpoint is, and the result goes
	StopAfter      uint64
}

const legEnv = "GWRUN_RUNTIME_TEST_LEG"

// openTestDevice opens a device by the name these tests have for it.
func openTestDevice(name string) (kernels.Device, error) {
	mode := lower.ModeNative
	manifest := "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json"
	switch name {
	case "cpu", "interpreter":
		return cpu.Open(cpu.Options{})
	case "SwiftShader":
		mode, manifest = lower.ModeGuard, "/usr/lib/chromium/vk_swiftshader_icd.json"
	}
	if _, err := os.Stat(manifest); err != nil {
		return nil, fmt.Errorf("no Vulkan driver (%s): %w", name, err)
	}
	return webgpu.Open(webgpu.Options{Lowering: mode, Env: []string{"VK_ICD_FILENAMES=" + manifest, "VK_DRIVER_FILES=" + manifest}})
}

// runLegIfAsked makes this process one that runs a leg, and does not return then.
func runLegIfAsked() {
	text := os.Getenv(legEnv)
	if text == "" {
		return
	}
	os.Unsetenv(legEnv)
	var l leg
	err := json.Unmarshal([]byte(text), &l)
	if err == nil {
		err = l.run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (l *leg) run() error {
	mod, err := os.ReadFile(l.Module)
	if err != nil {
		return err
	}
	j, err := NewJob(mod, l.Inputs, l.Spec)
	if err != nil {
		return err
	}
	dev, err := openTestDevice(l.Device)
	if err != nil {
		return err
	}
	defer dev.Close()
	opts := Options{Device: dev, Interpreter: l.Device == "interpreter", StopAfter: l.StopAfter}
	if b, err := os.ReadFile(filepath.Join(l.Folder, "records")); err == nil {
		opts.From = &Checkpoint{}
		if err := msg.Decode(b, &opts.From.Intervals); err != nil {
			return err
		}
		b, err := os.ReadFile(filepath.Join(l.Folder, "state"))
		if err != nil {
			return err
		}
		if opts.From.State, err = state.Decode(b, opts.From.Intervals[len(opts.From.Intervals)-1].State); err != nil {
			return err
		}
	}
	var last *state.Snapshot
	opts.OnInterval = func(_ msg.Interval, take func() (*state.Snapshot, error)) (err error) {
		last, err = take()
		return err
	}
	res, err := Run(context.Background(), j, opts)
	if err != nil {
		return err
	}
	result, err := json.Marshal(res)
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(filepath.Join(l.Folder, "records"), msg.Encode(res.Intervals), 0o600),
		os.WriteFile(filepath.Join(l.Folder, "state"), last.Encode(), 0o600),
		os.WriteFile(filepath.Join(l.Folder, "result"), result, 0o600))
}

// A job that moves from process to process and from device to device comes to what it comes to in one.
func TestMigration(t *testing.T) {
	for _, m := range []struct {
		name   string
		module func(*testing.T) string
	}{
		{"lasting", func(*testing.T) string { return "testdata/lasting.wasm" }},
		{"waves", func(*testing.T) string { return "testdata/waves.wasm" }},
		{"Go", buildGo},
	} {
		t.Run(m.name, func(t *testing.T) {
			l := leg{Module: m.module(t), Spec: Spec{Seed: 5, Interval: 2}, Folder: t.TempDir(), StopAfter: 1}
			mod, err := os.ReadFile(l.Module)
			if err != nil {
				t.Fatal(err)
			}
			j, err := NewJob(mod, nil, l.Spec)
			if err != nil {
				t.Fatal(err)
			}
			whole := run(t, j, Options{Device: device(t)})
			if whole.Receipt.Status != msg.Finished || len(whole.Intervals) < 5 {
				t.Fatalf("status %q, failure %q after %d intervals", whole.Receipt.Status, whole.Receipt.Failure, len(whole.Intervals))
			}
			route := []string{"cpu", "lavapipe", "SwiftShader", "interpreter", "lavapipe"}
			for i, name := range route {
				if dev, err := openTestDevice(name); err != nil {
					t.Logf("%s is left out: %v (Debian packages mesa-vulkan-drivers, chromium)", name, err)
					continue
				} else if err := dev.Close(); err != nil {
					t.Fatal(err)
				}
				if i == len(route)-1 {
					l.StopAfter = 0
				}
				l.Device = name
				ask, err := json.Marshal(l)
				if err != nil {
					t.Fatal(err)
				}
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), legEnv+"="+string(ask))
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("on %s: %v\n%s", name, err, out)
				}
			}
			if l.StopAfter != 0 { // the last device was left out
				t.Skip("skipped: no Vulkan driver (Debian package mesa-vulkan-drivers)")
			}
			b, err := os.ReadFile(filepath.Join(l.Folder, "result"))
			if err != nil {
				t.Fatal(err)
			}
			var got Result
			if err := json.Unmarshal(b, &got); err != nil {
				t.Fatal(err)
			}
			same(t, whole, &got)
		})
	}
}

// buildGo builds the stepped job in Go.
func buildGo(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "gostep.wasm")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-buildmode=c-shared", "-o", out, "main.go")
	cmd.Dir = "testdata/gostep"
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0", "GOFLAGS=")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return out
}

// Any interval of a run can be replayed from the state before it, on any device; from a state with one bit changed it can't.
func TestReplayFromEveryCheckpoint(t *testing.T) {
	for _, name := range []string{"lasting", "waves", "counter"} {
		t.Run(name, func(t *testing.T) {
			j := newJob(t, name, counterInputs, Spec{Seed: 7, Interval: 1})
			r, cs := record(t, j, Options{Device: device(t)})
			for i := range r.Intervals {
				from, prev := before(r, cs, uint64(i))
				claim := Claim{Record: r.Intervals[i], Prev: prev}
				if v := replay(t, j, from, claim); v.Value != msg.Valid || v.State.Root() != r.Intervals[i].State {
					t.Fatalf("interval %d: %+v", i, v)
				}
				if from == nil {
					continue
				}
				// A bit of each section in turn, as the intervals go by.
				names := from.Names()
				section := names[i%len(names)]
				bent := bend(t, from, section)
				if _, err := state.Decode(bent.Encode(), from.Root()); !errors.Is(err, state.ErrState) {
					t.Errorf("interval %d: a state with a bit of %q changed was read as another: %v", i, section, err)
				}
				if v := replay(t, j, bent, claim); v.Value != msg.Unavailable || v.Missing == "" {
					t.Errorf("interval %d: from a state with a bit of %q changed: %+v", i, section, v)
				}
				// A provider who commits to the changed state is found out, at the latest by that interval.
				forged := *prev
				forged.State = bent.Root()
				earlier, first := before(r, cs, uint64(i-1))
				if v := replay(t, j, earlier, Claim{Record: forged, Prev: first}); v.Value != msg.Invalid {
					t.Errorf("interval %d with a state in which a bit of %q is changed: %+v", i-1, section, v)
				}
				claim.Prev = &forged
				if v := replay(t, j, bent, claim); v.Value == msg.Unavailable {
					t.Errorf("interval %d: from a committed state with a bit of %q changed: %+v", i, section, v)
				}
			}
		})
	}
}

// What a provider commits to may be anything that hashes right. Whoever replays from it finds the provider's fault, not one of their own.
func TestReplayFromForgedStates(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"lasting", "waves"} {
		j := newJob(t, name, nil, Spec{Seed: 7, Interval: 1})
		run, cs := record(t, j, Options{Device: device(t)})
		dev := device(t)
		verdicts := map[msg.Value]int{}
		for range *forged {
			i := 1 + r.IntN(len(cs)-1)
			from, prev := before(run, cs, uint64(i))
			names := []string{secHost, secHost, secHost, secRun, secGlobals, from.Names()[r.IntN(len(from.Names()))]}
			bent := alter(from, names[r.IntN(len(names))], func(b []byte) { b[r.IntN(len(b))] ^= 1 << r.IntN(8) })
			first := *prev
			first.State = bent.Root()
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			v, err := Replay(ctx, j, bent, Claim{Record: run.Intervals[i], Prev: &first}, Options{Device: dev})
			cancel()
			if err != nil {
				t.Fatalf("%s, interval %d: %v", name, i, err)
			}
			verdicts[v.Value]++
		}
		t.Logf("%s: %v", name, verdicts)
	}
}

var forged = flag.Int("forged", 100, "how many forged states of a job are replayed from")

// bend gives a state with one bit of a section changed.
func bend(t *testing.T, s *state.Snapshot, section string) *state.Snapshot {
	t.Helper()
	return alter(s, section, func(b []byte) { b[len(b)/2] ^= 4 })
}

// alter gives a state with a section changed by f; an empty one gets a byte first.
func alter(s *state.Snapshot, section string, f func([]byte)) *state.Snapshot {
	c := state.NewCommitter()
	c.Begin()
	for _, n := range s.Names() {
		b, _ := s.Section(n)
		if n == section {
			if b = bytes.Clone(b); len(b) == 0 {
				b = []byte{0}
			}
			f(b)
		}
		c.Set(n, b)
	}
	c.Commit()
	return c.Snapshot()
}
