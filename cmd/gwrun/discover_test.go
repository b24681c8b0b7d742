package main

import (
	"path/filepath"
	"testing"
)

// A consumer that knows one record finds whom it needs; the next time it needs not even that.
func TestDiscover(t *testing.T) {
	home := t.TempDir()
	net := serve(t, home, "devnet", "--providers", "2", "--validators", "2", "--discover", "--device", "cpu")
	if net.Record == "" {
		t.Fatal("devnet --discover printed no record")
	}
	roots := map[string]bool{}
	for _, how := range [][]string{{"--bootstrap", net.Record}, {"--discover"}} {
		var r submitResult
		finish(t, home, exitOK, &r, append([]string{"submit", "../../examples/saxpy", "--listen", "127.0.0.1:0", "--validators", "2"}, how...)...)
		if !r.Accepted || len(r.Verdicts) < 2 {
			t.Errorf("%v: accepted %v with %d verdicts", how, r.Accepted, len(r.Verdicts))
		}
		roots[r.TraceRoot.String()] = true
	}
	if len(roots) != 1 {
		t.Errorf("the same job came to %v", roots)
	}
	wrong := func(args ...string) {
		t.Helper()
		if code := start(t, home, args...).wait(); code != exitUsage {
			t.Errorf("gwrun %v: exit status %d, want %d", args, code, exitUsage)
		}
	}
	for _, x := range [][]string{
		{"--bootstrap", "enr:AAAA"}, {"--bootstrap", "peer.example:4433"}, {"--nat", "ftp"}, {"--nat", "extip:router"}, {"--via", "relay.example"}, {"--via", "relay.example:0"},
		{"--announce", "relay:1.2.3.4:5/0x00"}, {"--announce", "nowhere"}, {"--relay", "--relay-rate", "0"},
	} {
		wrong(append([]string{"host", "--device", "cpu", "--data", filepath.Join(home, "wrong")}, x...)...)
	}
	for _, x := range [][]string{{}, {"--peers", "x"}, {"--bootstrap", net.Record[:40]}, {"--peers", "a.example:1", "--nat", "stun"}} {
		wrong(append([]string{"netcheck"}, x...)...)
	}
	wrong("devnet", "--discover", "--net", "loss=0.1")
}
