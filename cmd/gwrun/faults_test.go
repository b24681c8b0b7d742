package main

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/proto/msg"
)

// What was proven about a submission is left as a file that dispute verify takes, also where there is no result.
func TestEvidenceIsKept(t *testing.T) {
	home := t.TempDir()
	liar := serve(t, home, "host", "--listen", "127.0.0.1:0", "--fault", "equivocate-interval")
	var none struct{}
	finish(t, home, exitInvalid, &none, "submit", "../../runtime/testdata/waves.wasm", "--interval", "2", "--peers", liar.Address, "--validators", "0")
	files, err := filepath.Glob(filepath.Join(home, "submit", "evidence", "*.gwe"))
	if err != nil || len(files) != 1 {
		t.Fatalf("evidence %v, %v; want one file", files, err)
	}
	var out dispute.Outcome
	finish(t, home, exitOK, &out, "dispute", "verify", files[0])
	if out.Kind != dispute.ByContradiction || !slices.Equal(out.Guilty, []msg.Account{liar.Account}) {
		t.Errorf("guilty is %v by %s, want %v by %s", out.Guilty, out.Kind, liar.Account, dispute.ByContradiction)
	}
}
