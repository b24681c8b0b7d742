//go:build unix

package market

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// script writes a program.
func script(t *testing.T, text string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "price")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755); err != nil {
		t.Fatal(err)
	}
	return []string{path}
}

func TestProgram(t *testing.T) {
	t.Setenv("GWRUN_PASSPHRASE", "secret")
	long := strings.Repeat("x", 2*maxAnswer)
	for name, tc := range map[string]struct{ script, price, refused, err string }{
		"a price":                {`echo '{"price": "0.125"}'`, "0.125", "", ""},
		"a refusal":              {`echo '{"refuse": "not today"}'`, "", "not today", ""},
		"it reads the job":       {`grep -q '"gas":77' && echo '{"price": "1"}'`, "1", "", ""},
		"it does not read it":    {`exec echo '{"price": "1"}'`, "1", "", ""},
		"no more of the secrets": {`test -z "$GWRUN_PASSPHRASE" && echo '{"price": "2"}'`, "2", "", ""},
		"the floor":              {`echo '{"price": "0.000001"}'`, "0.001", "", ""},
		"the ceiling":            {`echo '{"price": "1000000"}'`, "1000", "", ""},
		"nothing":                {`true`, "", "", "its answer"},
		"both":                   {`echo '{"price": "1", "refuse": "no"}'`, "", "", "not one of price and refuse"},
		"neither":                {`echo '{}'`, "", "", "not one of price and refuse"},
		"another key":            {`echo '{"price": "1", "tip": "2"}'`, "", "", "unknown field"},
		"a number":               {`echo '{"price": 1}'`, "", "", "its answer"},
		"a float":                {`echo '{"price": "1e3"}'`, "", "", "amount refused"},
		"negative":               {`echo '{"price": "-1"}'`, "", "", "amount refused"},
		"more behind it":         {`echo '{"price": "1"} {"price": "2"}'`, "", "", "goes on behind"},
		"it fails":               {"echo broken >&2\nexit 3", "", "", "exit status 3: broken"},
		"too much":               {"cat >/dev/null\necho " + long, "", "", "bytes of output"},
		"for ever too much":      {"while :; do echo " + long + " || exit 0; done", "", "", "bytes of output"},
	} {
		p := policy(t, "program:x", "0.001", "1000")
		p.Program, p.Timeout = script(t, tc.script+"\n"), 10*time.Second
		got, err := p.Price(t.Context(), Ask{Spec: job(1e12, 1e12), Gas: 77})
		var no *Refusal
		switch {
		case tc.refused != "":
			if !errors.As(err, &no) || !strings.Contains(no.Reason, tc.refused) {
				t.Errorf("%s: %s, %v", name, got, err)
			}
		case tc.err != "":
			if err == nil || errors.As(err, &no) || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("%s: %s, %v; want %q", name, got, err, tc.err)
			}
		case err != nil || got.String() != tc.price:
			t.Errorf("%s: %s, %v; want %s", name, got, err, tc.price)
		}
	}
	p := policy(t, "program:/nonexistent/price", "0", "0")
	if got, err := p.Price(t.Context(), Ask{Spec: job(1, 1)}); err == nil {
		t.Errorf("a program that is not there: %s", got)
	}
	// There is no shell: what looks like one's syntax is an argument.
	p = policy(t, "program:/bin/echo ;rm $HOME", "0", "0")
	if _, err := p.Price(t.Context(), Ask{Spec: job(1, 1)}); err == nil || !strings.Contains(err.Error(), "invalid character ';'") {
		t.Errorf("%v", err)
	}
}

// A program that does not end is killed, with all that it started.
func TestProgramIsKilled(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want string
	}{
		"one that sleeps":             {"sleep 1000 & echo $! >PID\nwait", "not done after"},
		"one that leaves others back": {"sleep 1000 >/dev/null 2>&1 & echo $! >PID\necho '{\"price\": \"1\"}'", ""},
	} {
		dir := t.TempDir()
		pid := filepath.Join(dir, "pid")
		p := policy(t, "program:x", "0", "0")
		p.Program = script(t, strings.ReplaceAll(tc.text, "PID", pid)+"\n")
		p.Timeout = 2 * time.Second
		_, err := p.Price(t.Context(), Ask{Spec: job(1, 1)})
		if tc.want == "" && err != nil || tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%s: %v", name, err)
		}
		text, err := os.ReadFile(pid)
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		for try := 0; syscall.Kill(n, 0) == nil && !zombie(n); try++ {
			if try > 1000 {
				syscall.Kill(n, syscall.SIGKILL)
				t.Fatalf("%s: process %d still runs", name, n)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// zombie says whether a process is dead and nobody has looked.
func zombie(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, after, _ := strings.Cut(string(b), ") ")
	return err == nil && strings.HasPrefix(after, "Z")
}

// The question has all that a price can be made by, in the form that is documented.
func TestQuestion(t *testing.T) {
	dir := t.TempDir()
	p := policy(t, "program:x", "0", "0")
	p.Program, p.Timeout = script(t, "cat >"+filepath.Join(dir, "q")+"\necho '{\"price\": \"1\"}'\n"), 10*time.Second
	spec := job(5, 6)
	spec.PriceCap = tokensOf(t, "2.5")
	spec.Require.Region = "eu"
	if _, err := p.Price(t.Context(), Ask{Spec: spec, Gas: 1, GPUGas: 2, Speed: 3, GPUSpeed: 4, Wait: 5, Device: "cpu"}); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "q"))
	if err != nil {
		t.Fatal(err)
	}
	var q map[string]any
	if err := json.Unmarshal(b, &q); err != nil {
		t.Fatal(err)
	}
	for k, want := range map[string]any{"gas": 1.0, "gpu_gas": 2.0, "speed": 3.0, "gpu_speed": 4.0, "wait": 5.0, "device": "cpu", "price_cap": "2.5", "floor": "0"} {
		if q[k] != want {
			t.Errorf("%s is %v, want %v", k, q[k], want)
		}
	}
}
