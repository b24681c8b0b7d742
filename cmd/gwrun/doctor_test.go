package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/host/doctor"
)

// Where a node would do well, and there is another to ask, all is well; and where the node itself runs, its port is no fault.
func TestDoctor(t *testing.T) {
	home := t.TempDir()
	host := serve(t, home, "host", "--listen", "127.0.0.1:0")
	config := filepath.Join(home, "node.toml")
	if err := os.WriteFile(config, []byte("jobs = 3\nmemory = 1000000\ndata = '"+filepath.Join(home, "node")+"'\nprice = 'fixed:1'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var r doctorResult
	finish(t, home, exitOK, &r, "doctor", "--listen", "127.0.0.1:0", "--config", config, "--peers", host.Address)
	if !r.Well || len(r.Findings) != 7 {
		t.Errorf("%+v", r)
	}
	for i, f := range r.Findings {
		want := doctor.OK
		if f.Name == "chain" {
			want = doctor.Unchecked
		}
		if f.State != want || f.Name != []string{"device", "memory", "disk", "key", "chain", "clock", "port"}[i] {
			t.Errorf("%+v", f)
		}
	}
	if _, err := os.Stat(filepath.Join(home, "node")); !os.IsNotExist(err) {
		t.Errorf("it made the node's folder (%v)", err)
	}
	// Whatever the machine's clock is like: the port.
	p := start(t, home, "doctor", "--json", "--listen", host.Address)
	p.wait()
	if !strings.Contains(p.out.String(), "this node runs and answers on UDP "+host.Address) {
		t.Errorf("%s", p.out)
	}
}
