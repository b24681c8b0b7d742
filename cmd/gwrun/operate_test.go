package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// get asks a node over HTTP.
func (s *serving) get(path string) (int, string) {
	s.t.Helper()
	resp, err := http.Get("http://" + s.HTTP + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// has waits until a node's log has a text.
func (p *process) has(text string) {
	p.t.Helper()
	for range 600 {
		if b, err := os.ReadFile(p.log); err == nil && bytes.Contains(b, []byte(text)) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.t.Fatalf("%v does not say %q", p.cmd.Args, text)
}

// Interrupted, a provider takes no more jobs, is not ready, answers all the same, ends when its job does, and says so with status 0.
func TestDrain(t *testing.T) {
	home := t.TempDir()
	host := serve(t, home, "host", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--drain-timeout", "10m")
	if code, text := host.get("/readyz"); code != http.StatusOK || text != "listening: ok\ndraining: ok\nstore: ok\ndevice: ok\n" {
		t.Fatalf("readyz: %d %q", code, text)
	}
	sub := start(t, home, append([]string{"submit", "--json", "--peers", host.Address}, training...)...)
	untilIntervals(t, home, host.Address, 1)
	if _, text := host.get("/metrics"); !strings.Contains(text, "\ngwrun_jobs{state=\"running\"} 1\n") || !strings.Contains(text, "\ngwrun_jobs_taken_total 1\n") ||
		strings.Contains(text, "\ngwrun_gpu_gas_total 0\n") || strings.Contains(text, "\ngwrun_sent_bytes_total 0\n") || strings.Contains(text, "\ngwrun_device_busy_seconds_total 0\n") {
		t.Errorf("the metrics of a provider that runs a job:\n%s", text)
	}
	host.signal(syscall.SIGTERM)
	host.has("interrupt again to stop at once")
	if code, text := host.get("/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(text, "draining: this node is about to stop") {
		t.Errorf("readyz of a node that drains: %d %q", code, text)
	}
	if code, _ := host.get("/livez"); code != http.StatusOK {
		t.Errorf("livez of a node that drains: %d", code)
	}
	other := start(t, filepath.Join(home, "other"), "submit", "../../examples/saxpy", "--peers", host.Address)
	if code := other.wait(); code != exitUnavailable {
		t.Errorf("a job for a provider that drains: exit status %d, want %d", code, exitUnavailable)
	}
	other.has("draining: this provider takes no more jobs")
	if code := sub.wait(); code != exitOK {
		t.Errorf("the job that ran: exit status %d", code)
	}
	if code := host.wait(); code != exitOK {
		t.Errorf("exit status %d after the drain", code)
	}
}

// Past its time a job is stopped at a checkpoint; and interrupted twice a node stops at once. Either way nothing is lost.
func TestDrainInAHurry(t *testing.T) {
	home := t.TempDir()
	training := []string{"../../examples/fashion-mnist", "--arg", "epochs=40"} // so long that no machine is done within a second
	var want runResult
	finish(t, home, exitOK, &want, append([]string{"run"}, training...)...)
	host := serve(t, home, "host", "--listen", "127.0.0.1:0", "--drain-timeout", "1s")
	sub := start(t, home, append([]string{"submit", "--json", "--peers", host.Address}, training...)...)
	untilIntervals(t, home, host.Address, 1)
	host.signal(syscall.SIGTERM)
	if code := host.wait(); code != exitOK {
		t.Fatalf("exit status %d", code)
	}
	host.has("job stopped at a checkpoint, it goes on at the next start")

	host = serve(t, home, "host", "--listen", host.Address, "--drain-timeout", "10m")
	host.has("going on from a checkpoint")
	host.signal(os.Interrupt)
	host.has("interrupt again to stop at once")
	host.signal(os.Interrupt)
	if code := host.wait(); code != exitOK {
		t.Fatalf("exit status %d after it was interrupted twice", code)
	}
	host.has("1 jobs still run: context canceled; what is left goes on at the next start")

	host = serve(t, home, "host", "--listen", host.Address)
	if code := sub.wait(); code != exitOK {
		t.Fatalf("submit: exit status %d", code)
	}
	var got submitResult
	if err := json.Unmarshal(sub.out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.TraceRoot != want.TraceRoot || got.Restarts != 2 {
		t.Errorf("trace %v after %d restarts, want %v after 2", got.TraceRoot, got.Restarts, want.TraceRoot)
	}
	host.signal(os.Interrupt)
	if code := host.wait(); code != exitOK {
		t.Errorf("exit status %d", code)
	}
}

// With --log json each line on stderr is an object; and systemd is told how the node is.
func TestJSONLogAndNotify(t *testing.T) {
	home := t.TempDir()
	path := filepath.Join(home, "notify")
	l, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	t.Setenv("NOTIFY_SOCKET", path)
	said := func() string {
		b := make([]byte, 100)
		l.SetReadDeadline(time.Now().Add(time.Minute))
		n, err := l.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	host := serve(t, home, "host", "--listen", "127.0.0.1:0", "--log", "json", "--log-level", "debug", "--http", "127.0.0.1:0")
	if got := said(); got != "READY=1" {
		t.Errorf("systemd was told %q", got)
	}
	// Two cannot have one port, and the error is a line of the log, too.
	twice := start(t, home, "host", "--listen", "127.0.0.1:0", "--log", "json", "--data", filepath.Join(home, "2"), "--http", host.HTTP)
	if code := twice.wait(); code != exitFailure {
		t.Errorf("exit status %d where the port is taken", code)
	}
	host.signal(syscall.SIGTERM)
	if got := said(); got != "STOPPING=1" {
		t.Errorf("systemd was told %q", got)
	}
	if code := host.wait(); code != exitOK {
		t.Errorf("exit status %d", code)
	}
	for p, want := range map[*process]string{host.process: "made a key for this node", twice: "address already in use"} {
		f, err := os.Open(p.log)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines, found := 0, false
		for s := bufio.NewScanner(f); s.Scan(); lines++ {
			var line struct{ Time, Level, Msg string }
			if err := json.Unmarshal(s.Bytes(), &line); err != nil || line.Time == "" || line.Level == "" || line.Msg == "" {
				t.Errorf("%q is no line of a JSON log (%v)", s.Text(), err)
			}
			found = found || strings.Contains(line.Msg, want)
		}
		if lines == 0 || !found {
			t.Errorf("%d lines, none with %q", lines, want)
		}
	}
}
