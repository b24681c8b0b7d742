package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const contracts = ".."

// Without Node: what is committed was made of these sources, and the bindings of what is committed. contracts/check.sh compiles again.
func TestCommittedFitsSources(t *testing.T) {
	want, err := sources(contracts)
	if err != nil {
		t.Fatal(err)
	}
	found, err := os.ReadFile(filepath.Join(contracts, "artifacts", "sources.sum"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(found, want) {
		t.Errorf("the sources changed behind the artifacts: run contracts/build.sh. Differing:\n%s", differing(string(found), string(want)))
	}
	code, err := bindings(contracts)
	if err != nil {
		t.Fatal(err)
	}
	found, err = os.ReadFile(filepath.Join(contracts, "bindings.go"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(found, code) {
		t.Error("contracts/bindings.go is not what the artifacts give: run contracts/build.sh")
	}
}

func differing(found, want string) string {
	var out []string
	for _, line := range strings.Split(want, "\n") {
		if !strings.Contains(found, line) {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

// The check can fail: one byte of a source is another sum, one of an artifact other bindings.
func TestChangesAreSeen(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "src"), os.DirFS(filepath.Join(contracts, "src"))); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(dir, "artifacts"), os.DirFS(filepath.Join(contracts, "artifacts"))); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"foundry.toml", "package.json", "package-lock.json", "solc.js"} {
		edit(t, filepath.Join(contracts, f), filepath.Join(dir, f), func(b []byte) []byte { return b })
	}
	before, err := sources(dir)
	if err != nil {
		t.Fatal(err)
	}
	market := filepath.Join(dir, "src", "Market.sol")
	edit(t, market, market, func(b []byte) []byte { return append(b, ' ') })
	if after, err := sources(dir); err != nil || bytes.Equal(before, after) {
		t.Errorf("a changed source has the same sums (%v)", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "src", "New.sol"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if after, err := sources(dir); err != nil || !strings.Contains(string(after), "src/New.sol") {
		t.Errorf("a new source is not in the sums (%v)", err)
	}
	first, err := bindings(dir)
	if err != nil {
		t.Fatal(err)
	}
	token := artifactFile(dir, "Token")
	edit(t, token, token, func(b []byte) []byte {
		return bytes.Replace(b, []byte(`"bytecode": "0x`), []byte(`"bytecode": "0xfe`), 1)
	})
	if second, err := bindings(dir); err != nil || bytes.Equal(first, second) {
		t.Errorf("other bytecode gives the same bindings (%v)", err)
	}
}

func edit(t *testing.T, from, to string, change func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, change(b), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What forge wrote is refused where a chain would refuse it.
func TestCompiledRefuses(t *testing.T) {
	for name, c := range map[string]struct{ creation, code, want string }{
		"fits":     {"0x60", "0x60", ""},
		"empty":    {"0x", "0x", "creation code of 0 bytes"},
		"too long": {"0x60", "0x" + strings.Repeat("60", maxCode+1), "code of 24577 bytes"},
		"unlinked": {"0x60__$abc$__", "0x60", "library"},
	} {
		file := filepath.Join(t.TempDir(), "C.json")
		b, err := json.Marshal(map[string]any{"abi": []any{}, "bytecode": map[string]string{"object": c.creation}, "deployedBytecode": map[string]string{"object": c.code}})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := compiled(file); c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
