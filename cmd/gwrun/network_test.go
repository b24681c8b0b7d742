package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
)

// The tests here run gwrun as its users do, a process each, on loopback.

// training is the example, lengthened: seconds of work, so that it can be interrupted in the middle on any machine.
var training = []string{"../../examples/fashion-mnist", "--arg", "epochs=8"}

// process is a gwrun that goes on in the background.
type process struct {
	t      *testing.T
	cmd    *exec.Cmd
	out    *bytes.Buffer // stdout, when it has ended
	log    string        // path of its stderr
	ended  chan error
	waited bool
}

// command makes a gwrun; after an argument @NAMESPACE it runs in that network namespace.
func command(t *testing.T, home string, args ...string) *exec.Cmd {
	cmd := exec.Command("gwrun", args...)
	if ns, ok := strings.CutPrefix(args[0], "@"); ok {
		cmd = exec.Command("ip", append([]string{"netns", "exec", ns, "gwrun"}, args[1:]...)...)
	}
	cmd.Env = append(os.Environ(), "GWRUN_HOME="+home, "GWRUN_PASSPHRASE=")
	return cmd
}

// start starts a gwrun; it is killed at the end of the test at the latest.
func start(t *testing.T, home string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: command(t, home, args...), out: new(bytes.Buffer), ended: make(chan error, 1)}
	log, err := os.CreateTemp(t.TempDir(), args[0]+"-*.log")
	if err != nil {
		t.Fatal(err)
	}
	p.log = log.Name()
	p.cmd.Stdout, p.cmd.Stderr = p.out, log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	log.Close()
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() {
		if !p.waited {
			p.cmd.Process.Kill()
			<-p.ended
		}
		if t.Failed() {
			b, _ := os.ReadFile(p.log)
			t.Logf("gwrun %s\n%s", strings.Join(args, " "), b)
		}
	})
	return p
}

// wait gives the exit status.
func (p *process) wait() int {
	p.t.Helper()
	select {
	case err := <-p.ended:
		p.waited = true
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return exit.ExitCode()
		}
		if err != nil {
			p.t.Fatal(err)
		}
		return 0
	case <-time.After(5 * time.Minute):
		p.t.Fatalf("%v does not end", p.cmd.Args)
		return -1
	}
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// serving is a node that has said where it listens.
type serving struct {
	*process
	nodeResult
}

// serve starts a node and reads the JSON object it prints when it is ready.
func serve(t *testing.T, home string, args ...string) *serving {
	t.Helper()
	s := &serving{process: &process{t: t, cmd: command(t, home, append(args, "--json")...), out: new(bytes.Buffer), ended: make(chan error, 1)}}
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.CreateTemp(t.TempDir(), args[0]+"-*.log")
	if err != nil {
		t.Fatal(err)
	}
	s.log = log.Name()
	s.cmd.Stderr = log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	log.Close()
	t.Cleanup(func() {
		if !s.waited {
			s.cmd.Process.Kill()
			<-s.ended
		}
		if t.Failed() {
			b, _ := os.ReadFile(s.log)
			t.Logf("gwrun %s\n%s", strings.Join(args, " "), b)
		}
	})
	err = json.NewDecoder(stdout).Decode(&s.nodeResult)
	go func() {
		io.Copy(io.Discard, stdout)
		s.ended <- s.cmd.Wait()
	}()
	if err != nil {
		b, _ := os.ReadFile(s.log)
		t.Fatalf("gwrun %v: %v\n%s", args, err, b)
	}
	return s
}

// finish runs a gwrun to its end, wants an exit status and decodes what it prints into v.
func finish(t *testing.T, home string, want int, v any, args ...string) {
	t.Helper()
	p := start(t, home, append(args, "--json")...)
	got := p.wait()
	if got != want {
		b, _ := os.ReadFile(p.log)
		t.Fatalf("gwrun %s: exit status %d, want %d\n%s", strings.Join(args, " "), got, want, b)
	}
	if err := json.Unmarshal(p.out.Bytes(), v); err != nil {
		t.Fatalf("gwrun %s: %v in %q", strings.Join(args, " "), err, p.out)
	}
}

// untilIntervals waits until the provider's only job has committed n intervals.
func untilIntervals(t *testing.T, home, addr string, n uint64) msg.Hash {
	t.Helper()
	for range 600 {
		var l struct{ Jobs []*jobResult }
		finish(t, home, exitOK, &l, "job", "list", "--peer", addr, "--data", filepath.Join(home, "asking"))
		if len(l.Jobs) > 0 && l.Jobs[0].Status.Intervals >= n {
			if l.Jobs[0].Status.State.Over() {
				t.Fatalf("the job is over before it could be interrupted: %s", l.Jobs[0].state())
			}
			return l.Jobs[0].Job
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the provider commits to nothing")
	return msg.Hash{}
}

func TestThreeProcessesAndAKill(t *testing.T) {
	home := t.TempDir()
	var want runResult
	finish(t, home, exitOK, &want, append([]string{"run"}, training...)...)
	host := serve(t, home, "host", "--listen", "127.0.0.1:0")
	validator := serve(t, home, "validate", "--listen", "127.0.0.1:0")

	out := filepath.Join(t.TempDir(), "out")
	args := append([]string{"submit", "--json", "--out", out, "--peers", host.Address + "," + validator.Address}, training...)
	sub := start(t, home, args...)
	untilIntervals(t, home, host.Address, 2)
	host.signal(syscall.SIGKILL)
	<-host.ended
	host.waited = true
	host = serve(t, home, "host", "--listen", host.Address)

	if code := sub.wait(); code != exitOK {
		t.Fatalf("submit: exit status %d", code)
	}
	var got submitResult
	if err := json.Unmarshal(sub.out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.TraceRoot != want.TraceRoot || got.StateRoot != want.StateRoot || got.Gas != want.Gas || got.GPUGas != want.GPUGas {
		t.Errorf("roots %v %v, gas %d %d; gwrun run gives %v %v, %d %d", got.TraceRoot, got.StateRoot, got.Gas, got.GPUGas,
			want.TraceRoot, want.StateRoot, want.Gas, want.GPUGas)
	}
	for name, o := range want.Outputs {
		if got.Outputs[name] != o {
			t.Errorf("output %s is %v, gwrun run gives %v", name, got.Outputs[name], o)
		}
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() != int64(o.Bytes) {
			t.Errorf("output file %s: %v", name, err)
		}
	}
	if !got.Accepted || len(got.Verdicts) == 0 || got.Restarts != 1 || got.Reconnects != 1 {
		t.Errorf("accepted %v by %d verdicts, %d restarts, %d reconnects; want 1 of each", got.Accepted, len(got.Verdicts), got.Restarts, got.Reconnects)
	}
	if b, err := os.ReadFile(sub.log); err != nil || !bytes.Contains(b, []byte("is out of reach, waiting for it")) || !bytes.Contains(b, []byte("is back; the job goes on")) {
		t.Errorf("submit does not say what happened (%v):\n%s", err, b)
	}
	for _, n := range []*serving{host, validator} {
		n.signal(os.Interrupt)
		// For a node Ctrl-C is the way to end.
		if code := n.wait(); code != exitOK {
			t.Errorf("%s: exit status %d after Ctrl-C, want %d", n.cmd.Args[1], code, exitOK)
		}
	}
}

func TestFaultIsReportedByValidate(t *testing.T) {
	home := t.TempDir()
	job := []string{"../../examples/fashion-mnist", "--arg", "steps=40", "--arg", "epochs=1"}
	// Step 25, its first dispatch: bit 3 of the word at byte 4096 of what the kernel writes first.
	host := serve(t, home, "host", "--listen", "127.0.0.1:0", "--fault", "step=25,offset=4096,bit=3")
	var sub submitResult
	finish(t, home, exitOK, &sub, append([]string{"submit", "--peers", host.Address}, job...)...)
	var want runResult
	finish(t, home, exitOK, &want, append([]string{"run"}, job...)...)
	if sub.TraceRoot == want.TraceRoot {
		t.Fatal("the fault changed nothing")
	}
	var got validateResult
	finish(t, home, exitInvalid, &got, "validate", "--peers", host.Address, "--once")
	bad := 0
	for _, v := range got.Verdicts {
		if v.Value != msg.Invalid {
			continue
		}
		bad++
		d := v.First
		if d == nil || d.Step == nil || *d.Step != 25 || d.Call == nil || d.Kernel == "" || d.Workgroup == nil || d.Offset == nil || *d.Offset != 4096 {
			t.Errorf("first difference %+v, want step 25, a kernel, a workgroup, byte 4096", d)
		}
	}
	if bad != 1 || got.Verdict != msg.Invalid {
		t.Errorf("verdict %s with %d invalid intervals, want one", got.Verdict, bad)
	}
	// An honest provider under the same eyes.
	honest := serve(t, filepath.Join(home, "2"), "host", "--listen", "127.0.0.1:0")
	finish(t, home, exitOK, &sub, append([]string{"submit", "--peers", honest.Address}, job...)...)
	finish(t, home, exitOK, &got, "validate", "--peers", honest.Address, "--once")
}

// A cheat is proven wrong over the network, and the evidence proves it again to whoever has the file.
func TestDisputeAndEvidence(t *testing.T) {
	home := t.TempDir()
	job := []string{"../../examples/fashion-mnist", "--arg", "steps=40", "--arg", "epochs=1"}
	host := serve(t, home, "host", "--listen", "127.0.0.1:0", "--fault", "step=25,offset=4096,bit=3")
	proofs := filepath.Join(home, "proofs")
	judge := serve(t, filepath.Join(home, "2"), "validate", "--listen", "127.0.0.1:0", "--evidence", proofs)
	out := filepath.Join(home, "out")
	var sub submitResult
	p := start(t, home, append([]string{"submit", "--peers", host.Address + "," + judge.Address, "--sample", "1", "--out", out, "--json"}, job...)...)
	if got := p.wait(); got != exitInvalid {
		t.Fatalf("exit status %d, want %d", got, exitInvalid)
	}
	if err := json.Unmarshal(p.out.Bytes(), &sub); err != nil {
		t.Fatalf("%v in %q", err, p.out)
	}
	if sub.Accepted || len(sub.Rulings) != 1 || sub.Rulings[0].against() != "the provider is wrong" || !strings.Contains(sub.Reason, "proven wrong") {
		t.Fatalf("accepted %v (%s), rulings %+v", sub.Accepted, sub.Reason, sub.Rulings)
	}
	var again dispute.Outcome
	finish(t, home, exitOK, &again, "dispute", "verify", sub.Rulings[0].Evidence)
	if len(again.Guilty) != 1 || again.Guilty[0] != sub.Provider || again.Question == nil || again.Question.Kind != dispute.Word || again.Question.Start.Step != 24 {
		t.Errorf("the evidence says %+v", again)
	}
	// The validator has a proof of its own, and the consumer's book who it is against.
	var own []string
	for range 300 {
		if own, _ = filepath.Glob(filepath.Join(proofs, "*.gwe")); len(own) > 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if len(own) != 1 {
		t.Fatalf("the validator wrote evidence %v, want one file", own)
	}
	again = dispute.Outcome{}
	finish(t, home, exitOK, &again, "dispute", "verify", own[0])
	if again.Kind != dispute.ByReplay || len(again.Guilty) != 1 || again.Guilty[0] != sub.Provider {
		t.Errorf("the validator's evidence says %+v", again)
	}
	var book reputationResult
	finish(t, home, exitOK, &book, "reputation")
	if !slices.ContainsFunc(book.Book, func(r free.Reputation) bool {
		return r.Role == free.Provider && r.Account == sub.Provider && r.Wrong == 1
	}) {
		t.Errorf("the consumer's book has %+v, want that the provider was wrong", book.Book)
	}
}

func TestCanaries(t *testing.T) {
	home := t.TempDir()
	validator := serve(t, home, "validate", "--listen", "127.0.0.1:0")
	var got canaryResult
	finish(t, home, exitOK, &got, "canary", "../../examples/saxpy", "--peers", validator.Address, "--count", "2", "--clock", "20s")
	if len(got.Canaries) != 2 || got.Wrong != 0 || got.Canaries[0].Lie == nil || got.Canaries[1].Lie != nil {
		t.Fatalf("canaries %+v, want one with a lie and one without, and no wrong verdict", got)
	}
	for i, c := range got.Canaries {
		if want := []msg.Value{msg.Invalid, msg.Valid}[i]; len(c.Verdicts) != 1 || c.Verdicts[0].Value != want || c.Verdicts[0].Validator != validator.Account {
			t.Errorf("canary %d: verdicts %+v, want %s", i, c.Verdicts, want)
		}
	}
}

func TestInterruptedSubmitIsResumed(t *testing.T) {
	home := t.TempDir()
	host := serve(t, home, "host", "--listen", "127.0.0.1:0")
	sub := start(t, home, append([]string{"submit", "--peers", host.Address}, training...)...)
	job := untilIntervals(t, home, host.Address, 1)
	sub.signal(os.Interrupt)
	if code := sub.wait(); code != exitInterrupted {
		t.Errorf("exit status %d after Ctrl-C, want %d", code, exitInterrupted)
	}
	if b, err := os.ReadFile(sub.log); err != nil || !bytes.Contains(b, []byte("gwrun submit --resume "+job.String())) {
		t.Errorf("it does not say how to go on (%v):\n%s", err, b)
	}
	var shown jobResult
	finish(t, home, exitOK, &shown, "job", "show", job.String())
	if shown.Over != "" || shown.Status == nil {
		t.Errorf("job show after Ctrl-C: %+v, want a job that goes on", shown)
	}
	var got submitResult
	finish(t, home, exitOK, &got, "submit", "--resume", job.String())
	if !got.Accepted || got.Job != job {
		t.Errorf("resumed job %v, accepted %v", got.Job, got.Accepted)
	}
	finish(t, home, exitOK, &shown, "job", "show", job.String())
	if shown.Over != "accepted" {
		t.Errorf("job show at the end: %q, want accepted", shown.Over)
	}
}

// What can be wrong with a peer or a node has one clear line and an exit status of its own.
func TestNetworkErrors(t *testing.T) {
	home := t.TempDir()
	host := serve(t, home, "host", "--listen", "127.0.0.1:0")
	saxpy := "../../examples/saxpy"
	for _, c := range []struct {
		want int
		text string
		args []string
	}{
		{exitPeer, "unreachable", []string{"submit", saxpy, "--peers", "127.0.0.1:9"}},
		{exitKey, "wrong key", []string{"submit", saxpy, "--peers", "0x" + strings.Repeat("00", 20) + "@" + host.Address}},
		{exitFailure, "give another --listen", []string{"validate", "--listen", host.Address}},
		{exitUsage, "no host or no port", []string{"submit", saxpy, "--peers", "example"}},
		{exitUsage, "--peers is missing", []string{"submit", saxpy}},
		{exitUnavailable, "none of the 1 peers that answered is a provider", []string{"submit", saxpy, "--peers", serve(t, home, "validate", "--listen", "127.0.0.1:0").Address}},
		{exitUnavailable, "limits: ", []string{"submit", saxpy, "--peers", serve(t, filepath.Join(home, "small"), "host", "--listen", "127.0.0.1:0", "--memory", "65536").Address}},
		{exitFailure, "in use by another process", []string{"submit", saxpy, "--peers", host.Address, "--data", host.Data}},
		{exitPeer, "unreachable", []string{"validate", "--once", "--peers", "127.0.0.1:9"}},
		{exitUsage, "--peers is missing", []string{"validate", "--once"}},
		{exitUsage, "hexadecimal digits", []string{"job", "show", "abc"}},
		{exitFailure, "not found", []string{"job", "show", strings.Repeat("00", 32)}},
		{exitFailure, "unknown job", []string{"job", "show", strings.Repeat("00", 32), "--peer", host.Address}},
	} {
		p := start(t, filepath.Join(t.TempDir(), "other"), c.args...)
		got := p.wait()
		b, err := os.ReadFile(p.log)
		if err != nil || got != c.want || !bytes.Contains(b, []byte(c.text)) {
			t.Errorf("gwrun %s: exit status %d, want %d and %q (%v):\n%s", strings.Join(c.args, " "), got, c.want, c.text, err, b)
		}
	}
}

func TestDemo(t *testing.T) {
	for _, seed := range []string{"1", "2"} {
		var r demoResult
		finish(t, t.TempDir(), exitOK, &r, "demo", "--job", "../../examples/fashion-mnist", "--seed", seed)
		if r.Accuracy < 0.8 || r.Test != 1000 || len(r.Providers) != 3 || !r.Cheat.Caught || r.Cheat.Proven == "" {
			t.Fatalf("accuracy %v on %d images, %d providers, caught: %v", r.Accuracy, r.Test, len(r.Providers), r.Cheat.Caught)
		}
		d := r.Cheat.Found
		if *d.Step != r.Cheat.Step || d.Kernel == "" || d.Workgroup == nil || d.Call == nil || d.Function != "env.wgpuQueueSubmit" {
			t.Errorf("planted in step %d, found %+v", r.Cheat.Step, d)
		}
		for _, p := range r.Providers {
			if len(p.Sampled) != 2 || p.Accepted == (p.Name == r.Cheat.Provider) {
				t.Errorf("%s: accepted %v, sampled by %d validators", p.Name, p.Accepted, len(p.Sampled))
			}
		}
	}
}

func TestNetErrorStatuses(t *testing.T) {
	for err, want := range map[error]int{
		transport.ErrWrongVersion: exitVersion, transport.ErrWrongKey: exitKey, transport.ErrUnreachable: exitPeer,
		transport.ErrTimeout: exitPeer, consumer.ErrNoPeer: exitPeer, consumer.ErrGone: exitPeer, consumer.ErrNoBid: exitUnavailable,
		consumer.ErrBroken: exitUnavailable, consumer.ErrRejected: exitInvalid, store.ErrFull: exitDiskFull, errors.New("else"): exitFailure,
	} {
		if got := exitCode(netError(fmt.Errorf("somewhere: %w", err))); got != want {
			t.Errorf("%v: exit status %d, want %d", err, got, want)
		}
	}
	// The reason wins over what it led to.
	err := fmt.Errorf("%w: %w", consumer.ErrNoPeer, fmt.Errorf("a: %w", transport.ErrWrongVersion))
	if got := exitCode(netError(err)); got != exitVersion {
		t.Errorf("%v: exit status %d, want %d", err, got, exitVersion)
	}
}
