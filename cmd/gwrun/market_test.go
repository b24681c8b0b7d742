package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Two providers have prices, one by a program of its own. The cheaper one gets the job, a price that may not be passed rules both out, one
// requirement after the other is said, and what was paid is in the book.
func TestMarket(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "price")
	text := "#!/bin/sh\nread job\ncase \"$job\" in *\\\"device\\\":\\\"cpu\\\"*) echo '{\"price\": \"0.75\"}';; *) echo '{\"refuse\": \"what is this?\"}';; esac\n"
	if err := os.WriteFile(script, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	dear := serve(t, filepath.Join(dir, "a"), "host", "--listen", "127.0.0.1:0", "--device", "cpu", "--price", "program:"+script, "--price-timeout", "10s", "--region", "eu")
	cheap := serve(t, filepath.Join(dir, "b"), "host", "--listen", "127.0.0.1:0", "--device", "cpu", "--price", "fixed:0.25", "--region", "us")
	cheap.has("nobody pays what --price asks")
	home := filepath.Join(dir, "c")
	peers := []string{"--peers", dear.Address + "," + cheap.Address, "--validators", "0"}
	run := func(status int, args ...string) string {
		t.Helper()
		p := start(t, home, args...)
		if got := p.wait(); got != status {
			log, _ := os.ReadFile(p.log)
			t.Fatalf("gwrun %v ends with %d, want %d: %s", args, got, status, log)
		}
		return p.out.String()
	}
	submit := func(status int, more ...string) (r submitResult, out string) {
		t.Helper()
		out = run(status, append(append([]string{"submit", "../../examples/saxpy", "--json"}, peers...), more...)...)
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatal(err)
		}
		return r, out
	}
	if r, _ := submit(0, "--max-price", "1"); r.Provider != cheap.Account {
		t.Errorf("the job went to %s, want the cheaper %s", r.Provider, cheap.Account)
	}
	if r, _ := submit(0, "--max-price", "1", "--region", "eu"); r.Provider != dear.Account {
		t.Errorf("the job went to %s, want %s of the region", r.Provider, dear.Account)
	}
	_, out := submit(exitUnavailable, "--max-price", "0.5", "--region", "eu", "--min-stake", "3", "--min-speed", "1000000000000000")
	for _, want := range []string{"2 of 2: stake", "2 of 2: module_speed", "1 of 2: region"} {
		if !strings.Contains(out, want) {
			t.Errorf("%s\nwant %q", out, want)
		}
	}
	if _, out := submit(exitUnavailable, "--max-price", "0.1"); !strings.Contains(out, "2 of 2: price, it wants 0.") {
		t.Errorf("%s\nwant both prices", out)
	}
	var m marketResult
	if err := json.Unmarshal([]byte(run(0, "market", "--json", peers[0], peers[1])), &m); err != nil {
		t.Fatal(err)
	}
	if len(m.Listings) != 2 || m.Position.Bought != 2 || m.Position.Spent.String() != "1" || len(m.Prices) != 1 || m.Prices[0].Jobs != 2 || m.Prices[0].Device != "cpu" || len(m.Tenders) < 4 {
		t.Errorf("market %+v", m)
	}
	for _, l := range m.Listings {
		if want := map[bool]string{true: "program", false: "fixed"}[l.Provider == dear.Account]; l.Price.Kind != want {
			t.Errorf("listing %+v, want a price of kind %q", l, want)
		}
	}
	if text := run(0, "market", peers[0], peers[1]); !strings.Contains(text, "0.25 a job") || !strings.Contains(text, "by its own program") {
		t.Error(text)
	}
}
