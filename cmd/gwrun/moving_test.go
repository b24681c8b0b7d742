package main

import (
	"encoding/json"
	"strings"
	"syscall"
	"testing"

	"github.com/gwrun/gwrun/host/consumer"
)

// A host that is killed for good costs what it did since its last state was fetched: another goes on behind that, to the same result.
func TestHostKilledForGood(t *testing.T) {
	home := t.TempDir()
	var want runResult
	finish(t, home, exitOK, &want, append([]string{"run"}, training...)...)
	first := serve(t, home, "host", "--listen", "127.0.0.1:0", "--data", home+"/first")
	second := serve(t, home, "host", "--listen", "127.0.0.1:0", "--data", home+"/second")
	validator := serve(t, home, "validate", "--listen", "127.0.0.1:0")
	args := append([]string{"submit", "--json", "--patience", "1s", "--keep-state", "50ms", "--peers", first.Address + "," + second.Address + "," + validator.Address}, training...)
	sub := start(t, home, args...)
	untilIntervals(t, home, first.Address, 15) // some states are fetched by then
	first.signal(syscall.SIGKILL)
	<-first.ended
	first.waited = true
	if code := sub.wait(); code != exitOK {
		t.Fatalf("submit: exit status %d", code)
	}
	var got submitResult
	if err := json.Unmarshal(sub.out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.TraceRoot != want.TraceRoot || got.StateRoot != want.StateRoot || !got.Accepted || got.Provider != second.Account {
		t.Errorf("trace %s (want %s), accepted %v (%s), by %s", got.TraceRoot, want.TraceRoot, got.Accepted, got.Reason, got.Provider)
	}
	if got.Prior == 0 || len(got.Before) != 1 || got.Before[0] != first.Account {
		t.Errorf("%d intervals are the work of %v, want some of %s", got.Prior, got.Before, first.Account)
	}
}

// Nobody takes the job: the command says how many providers each requirement ruled out and what came nearest.
func TestNobodyTakesIt(t *testing.T) {
	home := t.TempDir()
	var peers []string
	for _, memory := range []string{"33554432", "41943040", "33554432"} {
		peers = append(peers, serve(t, home, "host", "--listen", "127.0.0.1:0", "--memory", memory, "--data", t.TempDir()).Address)
	}
	var got struct {
		Error string
		Exit  int
		NoBid consumer.NoBid `json:"no_bid"`
	}
	finish(t, home, exitUnavailable, &got, append([]string{"submit", "--peers", strings.Join(peers, ",")}, training...)...)
	if len(got.NoBid.Rules) != 1 {
		t.Fatalf("%+v", got)
	}
	if r := got.NoBid.Rules[0]; got.NoBid.Providers != 3 || r.Rule != "limits" || r.Providers != 3 || r.Have != 40<<20 || r.Want <= r.Have {
		t.Errorf("%+v, want that 3 of 3 do not give enough memory, the nearest 40 MiB", got.NoBid)
	}
	if want := "3 of 3: limits, the most any has is 40 MiB, the job wants "; !strings.Contains(got.Error, want) {
		t.Errorf("error %q, want %q", got.Error, want)
	}
}
