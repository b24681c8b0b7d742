package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/trace"
)

// gwrun is this program as another process: the test binary started under its name, see TestMain.
func gwrun(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "gwrun")
	if err := os.Symlink(self, name); err != nil {
		t.Skipf("skipped: no symbolic links: %v", err)
	}
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	return cmd
}

// waitFor waits until path is there or the command has ended; ended is closed then.
func waitFor(t *testing.T, path string, ended <-chan error) {
	t.Helper()
	for {
		if _, err := os.Stat(path); err == nil {
			return
		}
		select {
		case err := <-ended:
			t.Fatalf("the run ended before it made %s: %v", filepath.Base(path), err)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// A run that is killed goes on from its checkpoint and comes to the same roots.
func TestCheckpointSurvivesKill(t *testing.T) {
	dir := t.TempDir()
	args := []string{"run", "../../examples/fashion-mnist", "--json", "--arg", "epochs=1", "--arg", "hidden=16", "--interval", "5"}
	want, err := gwrun(t, args...).Output()
	if err != nil {
		t.Fatal(err)
	}

	args = append(args, "--checkpoint", dir, "--checkpoint-every", "0s")
	first := gwrun(t, args...)
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- first.Wait() }()
	waitFor(t, filepath.Join(dir, jobfile.CheckpointFile), ended)
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended

	second := gwrun(t, args...)
	var stderr bytes.Buffer
	second.Stderr = &stderr
	got, err := second.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	if !bytes.Equal(got, want) {
		t.Errorf("resumed:\n%s\nin one go:\n%s", got, want)
	}
	if !strings.Contains(stderr.String(), "going on after step ") {
		t.Errorf("it did not resume: %s", stderr.Bytes())
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		if f.Name() == jobfile.CheckpointFile {
			t.Error("the checkpoint of a finished run is still there")
		}
	}
}

// A checkpoint of another job, or a damaged one, is refused and left alone.
func TestCheckpointOfAnotherJob(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, jobfile.CheckpointFile)
	if err := os.WriteFile(path, []byte("gwrun checkpoint 2\nrubbish"), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run([]string{"run", "../../examples/saxpy", "--checkpoint", dir}, &out, &errs); code != exitFailure {
		t.Errorf("exit status %d, want %d\n%s", code, exitFailure, &errs)
	}
	if !strings.Contains(errs.String(), "remove it to begin anew") {
		t.Errorf("no hint: %s", &errs)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

// Ctrl-C ends a run in the middle with its own status.
func TestInterrupt(t *testing.T) {
	dir := t.TempDir()
	cmd := gwrun(t, "run", "../../examples/fashion-mnist", "--arg", "epochs=100", "--interval", "1", "--checkpoint", dir, "--checkpoint-every", "0s")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	waitFor(t, filepath.Join(dir, jobfile.CheckpointFile), ended)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := <-ended; !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Errorf("%v, want exit status %d\n%s", err, exitInterrupted, &stderr)
	}
	if !strings.HasSuffix(stderr.String(), "gwrun: interrupted\n") {
		t.Errorf("stderr: %s", &stderr)
	}
}

func TestExitCode(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, exitOK},
		{errors.New("x"), exitFailure},
		{usagef("x"), exitUsage},
		{&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, exitDiskFull},
		{errors.Join(errors.New("x"), usagef("x")), exitUsage},
	} {
		if got := exitCode(c.err); got != c.want {
			t.Errorf("exitCode(%v) = %d, want %d", c.err, got, c.want)
		}
	}
}

// A receipt whose records are right but whose own words are not is found out.
func TestReplayOfAForgedReceipt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r")
	var out, errs bytes.Buffer
	if code := run([]string{"run", "-q", "../../examples/saxpy", "--receipt", path}, &out, &errs); code != exitOK {
		t.Fatalf("exit status %d\n%s", code, &errs)
	}
	for name, c := range map[string]struct {
		forge func(*jobfile.Receipt)
		code  int
		want  string
	}{
		"nothing":      {func(*jobfile.Receipt) {}, exitOK, "valid"},
		"output":       {func(r *jobfile.Receipt) { r.Receipt.Outputs[0].Blob.Size++ }, exitInvalid, "output differs"},
		"output added": {func(r *jobfile.Receipt) { r.Receipt.Outputs = append(r.Receipt.Outputs, msg.Output{Name: "z"}) }, exitInvalid, "output differs"},
		"output gone":  {func(r *jobfile.Receipt) { r.Receipt.Outputs = nil }, exitInvalid, "output differs"},
		"gas":          {func(r *jobfile.Receipt) { r.Receipt.Gas++ }, exitInvalid, "record differs"},
		"steps":        {func(r *jobfile.Receipt) { r.Receipt.Steps++ }, exitInvalid, "record differs"},
		"state":        {func(r *jobfile.Receipt) { r.Receipt.State[0]++ }, exitInvalid, "state differs"},
		"status":       {func(r *jobfile.Receipt) { r.Receipt.Status = msg.Failed }, exitInvalid, "record differs"},
		"failure":      {func(r *jobfile.Receipt) { r.Receipt.Failure = "trap" }, exitInvalid, "record differs"},
		"record": {func(r *jobfile.Receipt) {
			r.Intervals[0].GPUGas++
			r.Receipt.Trace = trace.Root(r.Intervals)
		}, exitInvalid, "differs"},
		"no records": {func(r *jobfile.Receipt) { r.Intervals = nil; r.Receipt.Trace = trace.Root(nil) }, exitInvalid, "record differs"},
		"semantics": {func(r *jobfile.Receipt) {
			r.Program.Semantics = "gw2"
			r.Receipt.Program = msg.HashOf(r.Program)
		}, exitVersion, `semantics "gw2"`},
		"program": {func(r *jobfile.Receipt) {
			r.Program.Module.Size++
			r.Receipt.Program = msg.HashOf(r.Program)
		}, exitFailure, "another job: its module is"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := jobfile.OpenReceipt(path)
			if err != nil {
				t.Fatal(err)
			}
			c.forge(r)
			forged := filepath.Join(t.TempDir(), "forged")
			if err := jobfile.WriteReceipt(forged, r); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if code := run([]string{"replay", forged, "--job", "../../examples/saxpy"}, &out, &out); code != c.code || !strings.Contains(out.String(), c.want) {
				t.Errorf("exit status %d, want %d and %q:\n%s", code, c.code, c.want, &out)
			}
		})
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) {
	return 0, &os.PathError{Op: "write", Path: "out", Err: syscall.ENOSPC}
}

// A result that could not be printed is no success.
func TestOutputIsWritten(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"version", "--json"}} {
		var errs bytes.Buffer
		if code := run(args, fullDisk{}, &errs); code != exitDiskFull {
			t.Errorf("%v: exit status %d, want %d: %s", args, code, exitDiskFull, &errs)
		}
	}
}

func TestFileName(t *testing.T) {
	for name, want := range map[string]string{
		"weights":        "weights",
		"metrics.json":   "metrics.json",
		"..":             "%2E.",
		"../etc/passwd":  "%2E.%2Fetc%2Fpasswd",
		`a\b`:            "a%5Cb",
		"a b\n":          "a%20b%0A",
		"/":              "%2F",
		".hidden":        "%2Ehidden",
		"CON:\x00stream": "CON%3A%00stream",
	} {
		if got := fileName(name); got != want {
			t.Errorf("fileName(%q) = %q, want %q", name, got, want)
		}
	}
	if e := evidenceName(msg.Hash{1}); e != "evidence@0100000000000000.gwe" || fileName(e) == e {
		t.Errorf("evidence is written to %q, and so is an output of that name", e)
	}
	long := fileName(strings.Repeat("a", 255))
	if len(long) > 200 || long == fileName(strings.Repeat("a", 254)) {
		t.Errorf("a long name becomes %q", long)
	}
}

func TestParseFault(t *testing.T) {
	got, err := parseFault("step=3,call=5,binding=0.1,offset=8,bit=7")
	if want := (runtime.Fault{Step: 3, Call: 5, Binding: "0.1", Offset: 8, Bit: 7}); err != nil || *got != want {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err = parseFault("step=3"); err != nil || !got.Any {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range []string{"step", "step=x", "tea=1", "bit=32", "step=-1"} {
		if _, err := parseFault(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// What --json prints has the fields that programs rely on.
func TestRunResultFields(t *testing.T) {
	b, err := json.Marshal(runResult{Outputs: map[string]outputHash{}})
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"job", "device", "outputs", "trace_root", "state_root", "gas", "gpu_gas", "steps"} {
		if _, ok := m[f]; !ok {
			t.Errorf("no field %s", f)
		}
	}
}
