package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"
)

// A plan over processes: the consumer is killed when the first task is done, and another goes on with the plan by its hash.
func TestShardsAndAKill(t *testing.T) {
	home := t.TempDir()
	job := []string{"../../examples/data-parallel", "--rounds", "2", "--arg", "steps=8"}
	var want planResult
	finish(t, home, exitOK, &want, append([]string{"run"}, job...)...)

	peers := ""
	for _, dir := range []string{"a", "b"} {
		peers += serve(t, filepath.Join(home, dir), "host", "--listen", "127.0.0.1:0").Address + ","
	}
	peers += serve(t, filepath.Join(home, "c"), "validate", "--listen", "127.0.0.1:0").Address
	sub := start(t, home, append([]string{"submit", "--peers", peers, "--json"}, job...)...)
	var plan string
	for range 1200 {
		b, err := os.ReadFile(sub.log)
		if err != nil {
			t.Fatal(err)
		}
		if m := regexp.MustCompile(`plan ([0-9a-f]{64}) begun`).FindSubmatch(b); m != nil && bytes.Contains(b, []byte(" is done by ")) {
			plan = string(m[1])
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	sub.signal(syscall.SIGKILL)
	<-sub.ended
	sub.waited = true
	if plan != want.Plan.String() {
		t.Fatalf("plan %s, gwrun run has %s", plan, want.Plan)
	}

	out := filepath.Join(home, "out")
	again := start(t, home, "submit", "--resume", plan, "--out", out, "--json")
	if code := again.wait(); code != exitOK {
		t.Fatalf("exit status %d", code)
	}
	var got planResult
	if err := json.Unmarshal(again.out.Bytes(), &got); err != nil {
		t.Fatalf("%v in %q", err, again.out)
	}
	if b, err := os.ReadFile(again.log); err != nil || !bytes.Contains(b, []byte(" goes on from ")) || !bytes.Contains(b, []byte(", before")) {
		t.Errorf("it does not say what was done before (%v):\n%s", err, b)
	}
	if len(got.Tasks) != len(want.Tasks) || len(got.Rejected) != 0 {
		t.Fatalf("%d tasks, want %d; rejected %v", len(got.Tasks), len(want.Tasks), got.Rejected)
	}
	for i, x := range got.Tasks {
		if w := want.Tasks[i]; x.Program != w.Program || x.TraceRoot != w.TraceRoot || x.StateRoot != w.StateRoot || x.Gas != w.Gas {
			t.Errorf("round %d, shard %d: trace root %v, gwrun run gives %v", x.Round, x.Shard, x.TraceRoot, w.TraceRoot)
		}
	}
	for name, o := range want.Outputs {
		if got.Outputs[name] != o {
			t.Errorf("output %s is %v, gwrun run gives %v", name, got.Outputs[name], o)
		}
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() != int64(o.Bytes) {
			t.Errorf("output file %s: %v", name, err)
		}
	}
}
