package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gwrun/gwrun/proto/identity"
)

// A copy that cannot be restored, or is another key's, is no backup.
func TestVerifyCopy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "copy.json")
	id, err := identity.Create(path, "x", identity.Light)
	if err != nil {
		t.Fatal(err)
	}
	other, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	if err := verifyCopy(path, "x", id.Account()); err != nil {
		t.Error(err)
	}
	if err := verifyCopy(path, "x", other.Account()); exitCode(err) != exitKey {
		t.Errorf("another key's copy: %v", err)
	}
	if err := verifyCopy(path, "y", id.Account()); exitCode(err) != exitKey {
		t.Errorf("another passphrase: %v", err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b[:len(b)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := verifyCopy(path, "x", id.Account()); exitCode(err) != exitKey {
		t.Errorf("a copy cut short: %v", err)
	}
}
