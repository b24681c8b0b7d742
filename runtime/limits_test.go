package runtime

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/binding"
)

// Every way a job can fail is a result, in fixed words, with the same record on both engines.
func TestFailures(t *testing.T) {
	dev := device(t)
	for _, tc := range []struct {
		mode   string
		limits msg.Limits
		want   string // failure, "" if it finishes
	}{
		{"finish", msg.Limits{}, ""},
		{"return", msg.Limits{}, "gw_step returned 5, wanted 0 or 1"},
		{"again", msg.Limits{Steps: 7}, "limit steps: the job is not done after 7"},
		{"loop", msg.Limits{Gas: 1 << 20}, "limit gas: the job used all its gas"},
		{"recurse", msg.Limits{StackDepth: 100}, "limit stack_depth: the job's calls are nested too deep"},
		{"unreachable", msg.Limits{}, "trap: unreachable executed"},
		{"divide", msg.Limits{}, "trap: integer divide by zero"},
		{"outside", msg.Limits{}, "trap: out of bounds memory access"},
		{"call", msg.Limits{}, "trap: indirect call type mismatch"},
		{"pointer", msg.Limits{}, "log: 64 bytes at address 0xfffffff0 lie outside the memory of 1114112 bytes"},
		{"input", msg.Limits{}, "input_len: input 9, the job has 0"},
		{"output", msg.Limits{OutputBytes: 100}, "limit output_bytes: output_write needs 128, the job may have 100"},
		{"log", msg.Limits{LogBytes: 10}, "limit log_bytes: log needs 12, the job may have 10"},
		{"grow", msg.Limits{MemoryPages: 30}, ""},
		{"unknown", msg.Limits{}, "gw_step returned 6, wanted 0 or 1"},
	} {
		j := newJob(t, "modes", nil, Spec{Args: []string{tc.mode}, Limits: tc.limits, Interval: 2})
		r := run(t, j, Options{Device: dev})
		want := msg.Failed
		if tc.want == "" {
			want = msg.Finished
		}
		if r.Receipt.Status != want || r.Receipt.Failure != tc.want {
			t.Errorf("%s: %s, %q, want %q", tc.mode, r.Receipt.Status, r.Receipt.Failure, tc.want)
		}
		i := run(t, j, Options{Device: dev, Interpreter: true})
		if d := cmp.Diff(r.Receipt, i.Receipt); d != "" {
			t.Errorf("%s: compiler and interpreter differ:\n%s", tc.mode, d)
		}
		// The last interval, in which it failed, can be replayed like any other.
		r, cs := record(t, j, Options{Device: dev})
		last := uint64(len(r.Intervals) - 1)
		from, prev := before(r, cs, last)
		if v := replay(t, j, from, Claim{Record: r.Intervals[last], Prev: prev}); v.Value != msg.Valid {
			t.Errorf("%s: replay says %v", tc.mode, v.Value)
		}
	}
}

// A limit on memory is no failure: memory.grow says no.
func TestMemoryLimit(t *testing.T) {
	j := newJob(t, "modes", nil, Spec{Args: []string{"grow"}, Limits: msg.Limits{MemoryPages: 30}})
	r := run(t, j, Options{Device: device(t)})
	if n := r.Outputs[0].Data[0]; n != 1+30-17 {
		t.Errorf("memory grew by %d pages, want 13", n-1)
	}
	if _, err := NewJob(guest(t, "modes"), nil, Spec{Limits: msg.Limits{MemoryPages: 1}}); err == nil || !strings.Contains(err.Error(), "at most 1") {
		t.Errorf("a module that begins with more memory than it may have: %v", err)
	}
}

// The interpreter's own stack is smaller than a job's may be. That is no failure of the job.
func TestEngineStack(t *testing.T) {
	j := newJob(t, "modes", nil, Spec{Args: []string{"deep"}, Limits: msg.Limits{StackDepth: 1 << 14}})
	r := run(t, j, Options{Device: device(t)})
	if r.Receipt.Status != msg.Finished {
		t.Errorf("compiler: %s, %q", r.Receipt.Status, r.Receipt.Failure)
	}
	if r, err := Run(context.Background(), j, Options{Device: device(t), Interpreter: true}); err == nil {
		if d := cmp.Diff(r.Receipt.Trace, r.Receipt.Trace); d != "" {
			t.Error(d)
		}
	} else if !strings.Contains(err.Error(), "engine's stack") {
		t.Errorf("interpreter: %v", err)
	}
}

// A long job can be stopped, and that says nothing about it. Its gas is bounded here in case the garbage collector wants
// to stop the world while the guest's code, which it cannot, runs.
func TestCancel(t *testing.T) {
	for _, tc := range []struct {
		mode        string
		interpreter bool
	}{{"again", false}, {"again", true}, {"busy", false}} {
		j := newJob(t, "modes", nil, Spec{Args: []string{tc.mode}, Limits: msg.Limits{Gas: 1 << 33, LogBytes: 1 << 26}})
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		_, err := Run(ctx, j, Options{Device: device(t), Interpreter: tc.interpreter})
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s, interpreter %t: error %v", tc.mode, tc.interpreter, err)
		}
	}
}

// Dropped segments, start functions and globals of every type survive a move.
func TestGlobalsAndSegments(t *testing.T) {
	j := newJob(t, "passive", nil, Spec{Interval: 1})
	r, cs := record(t, j, Options{Device: device(t)})
	if r.Receipt.Status != msg.Failed || r.Receipt.Failure != "trap: out of bounds memory access" || r.Receipt.Steps != 4 {
		t.Fatalf("%s in step %d: %q", r.Receipt.Status, r.Receipt.Steps, r.Receipt.Failure)
	}
	if got := string(r.Outputs[0].Data[64:72]); got != "aaaabbbb" {
		t.Errorf("memory holds %q", got)
	}
	resumes(t, j, r, cs)
}

func TestNewJobRefuses(t *testing.T) {
	ok := guest(t, "counter")
	for name, tc := range map[string]struct {
		module []byte
		inputs []Input
		spec   Spec
		want   string
	}{
		"no module":       {nil, nil, Spec{}, "module"},
		"garbage":         {[]byte("\x00asm\x01\x00\x00\x00garbage"), nil, Spec{}, "module"},
		"nothing to run":  {[]byte("\x00asm\x01\x00\x00\x00\x05\x03\x01\x00\x01\x07\x0a\x01\x06memory\x02\x00"), nil, Spec{}, "neither gw_step nor _start"},
		"twice":           {ok, []Input{{"a", nil}, {"a", nil}}, Spec{}, `two inputs are called "a"`},
		"nameless":        {ok, []Input{{"", nil}}, Spec{}, "name"},
		"zero in an arg":  {ok, nil, Spec{Args: []string{"a\x00"}}, "argument 0"},
		"long args":       {ok, nil, Spec{Args: []string{strings.Repeat("x", 1<<17)}}, "more than 65536 bytes"},
		"interval":        {ok, nil, Spec{Interval: 1 << 40}, "interval"},
		"memory":          {ok, nil, Spec{Limits: msg.Limits{MemoryPages: 65536}}, "memory_pages"},
		"too much state":  {ok, nil, Spec{Limits: msg.Limits{BufferBytes: 1 << 40}}, "state of more than"},
		"too much gas":    {ok, nil, Spec{Limits: msg.Limits{Gas: 1 << 63}}, "gas"},
		"too many frames": {ok, nil, Spec{Limits: msg.Limits{StackDepth: 1 << 20}}, "stack_depth"},
	} {
		if _, err := NewJob(tc.module, tc.inputs, tc.spec); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, tc.want)
		}
	}
}

func TestProgramHash(t *testing.T) {
	a := newJob(t, "counter", counterInputs, Spec{Seed: 1})
	b := newJob(t, "counter", []Input{counterInputs[1], counterInputs[0]}, Spec{Seed: 1, Limits: msg.DefaultLimits(), Interval: 16})
	if a.Hash != b.Hash {
		t.Error("the order of inputs, or defaults written out, changed the program")
	}
	if c := newJob(t, "counter", counterInputs, Spec{Seed: 2}); c.Hash == a.Hash {
		t.Error("another seed is the same program")
	}
	if err := msg.Decode(msg.Encode(a.Program), new(msg.Program)); err != nil {
		t.Error(err)
	}
}

func TestBadCheckpoint(t *testing.T) {
	j := newJob(t, "counter", nil, Spec{Interval: 2})
	r, cs := record(t, j, Options{Device: device(t)})
	whole, _ := cs[1].State, 0
	for name, c := range map[string]*Checkpoint{
		"empty":         {},
		"no records":    {State: whole},
		"other records": {State: whole, Intervals: r.Intervals[:1]},
		"order":         {State: whole, Intervals: []msg.Interval{r.Intervals[1], r.Intervals[1]}},
	} {
		if _, err := Run(context.Background(), j, Options{Device: device(t), From: c}); err == nil {
			t.Errorf("%s: the checkpoint was taken", name)
		}
	}
	// The state of another program.
	other := newJob(t, "modes", nil, Spec{Args: []string{"again"}, Interval: 2, Limits: msg.Limits{Steps: 8}})
	if _, err := Run(context.Background(), other, Options{Device: device(t), From: &cs[1]}); !errors.Is(err, binding.ErrState) {
		t.Errorf("another job's state: %v", err)
	}
	v, err := Replay(context.Background(), other, cs[1].State, Claim{Record: r.Intervals[2], Prev: &r.Intervals[1]}, Options{Device: device(t)})
	if err != nil || v.Value != msg.Invalid || v.First.What != "state" {
		t.Errorf("replay from another job's state: %+v, %v", v, err)
	}
}

func TestStopAfter(t *testing.T) {
	j := newJob(t, "counter", counterInputs, Spec{Interval: 2})
	whole := run(t, j, Options{Device: device(t)})
	part := run(t, j, Options{Device: device(t), StopAfter: 2})
	if part.Receipt.Status != "" || len(part.Intervals) != 2 || part.Intervals[1] != whole.Intervals[1] {
		t.Errorf("status %q after %d intervals", part.Receipt.Status, len(part.Intervals))
	}
}

const hello = `package main

import (
	"fmt"
	"math/rand"
	"os"
	"time"
)

func main() {
	m := map[string]int{"a": 1, "b": 2, "c": 3}
	for k, v := range m {
		fmt.Println(k, v)
	}
	fmt.Println("hello", os.Args[1:], len(os.Environ()), rand.Int63())
	start := time.Now()
	time.Sleep(time.Second)
	fmt.Fprintln(os.Stderr, "slept", time.Since(start) >= time.Second)
	if _, err := os.Open("/etc/passwd"); err != nil {
		fmt.Println("no files")
	}
	done := make(chan int)
	go func() { done <- 7 }()
	fmt.Println(<-done)
	if len(os.Args) > 2 {
		os.Exit(4)
	}
}
`

// Go's own runtime starts, and its random map order, clock and seeds are the same every time.
func TestGoProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: builds a Go program for wasip1")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(hello), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "hello.wasm")
	cmd := exec.Command("go", "build", "-o", out, filepath.Join(dir, "main.go"))
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("skipped: the go tool cannot build for wasip1: %v\n%s", err, b)
	}
	wasm, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"x"}, {"x", "y"}} {
		j, err := NewJob(wasm, nil, Spec{Args: args, Seed: 5})
		if err != nil {
			t.Fatal(err)
		}
		a := run(t, j, Options{Device: device(t)})
		want, failure := msg.Finished, ""
		if len(args) > 1 {
			want, failure = msg.Failed, "the job exited with status 4"
		}
		if a.Receipt.Status != want || a.Receipt.Failure != failure {
			t.Errorf("%s, %q, log:\n%s", a.Receipt.Status, a.Receipt.Failure, a.Log)
		}
		for _, line := range []string{"hello [" + strings.Join(args, " ") + "] 0 ", "slept true", "no files", "\n7\n", "b 2"} {
			if !strings.Contains(string(a.Log), line) {
				t.Errorf("the log has no %q:\n%s", line, a.Log)
			}
		}
		b := run(t, j, Options{Device: device(t)})
		if d := cmp.Diff(a.Receipt, b.Receipt); d != "" {
			t.Errorf("two runs differ:\n%s", d)
		}
	}
}
