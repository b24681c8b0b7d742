package profile

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// The oracle: Tint, the WGSL compiler of Dawn. What it says of every program of the corpus stands in tint.txt, so that
// the comparison with our verdicts needs no Node; TestTint checks that tint.txt is true where Dawn is at hand.

// judged is Tint's verdict on one program.
type judged struct {
	Name    string
	Accept  bool
	Stage   string // "module" or "pipeline", of a refusal
	Line    int
	Col     int
	Message string
	sum     string // of the source it judged
}

func (j judged) String() string {
	if j.Accept {
		return fmt.Sprintf("%s %s accept", j.sum, j.Name)
	}
	msg, _, _ := strings.Cut(j.Message, "\n")
	return fmt.Sprintf("%s %s refuse %s %d:%d %s", j.sum, j.Name, j.Stage, j.Line, j.Col, msg)
}

// sourceSum is a short digest of a program, so that a verdict is known to be of this text.
func sourceSum(src string) string {
	h := sha256.Sum256([]byte(src))
	return fmt.Sprintf("%x", h[:4])
}

// wholeCorpus gives all programs by their path under testdata/wgsl, and the paths in order.
func wholeCorpus(t testing.TB) (map[string]string, []string) {
	texts := map[string]string{}
	var names []string
	for _, dir := range []string{"valid", "invalid"} {
		for name, src := range readCorpus(t, dir) {
			name = dir + "/" + name
			texts[name] = src
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return texts, names
}

// dawnFolder is the folder whose node_modules has Dawn, or "".
func dawnFolder() string {
	dir := os.Getenv("GWRUN_DAWN")
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(cache, "gwrun", "dawn")
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "webgpu", "index.js")); err != nil {
		return ""
	}
	return dir
}

// askTint runs the oracle over programs.
func askTint(t testing.TB, dir, node string, texts map[string]string, names []string) map[string]judged {
	t.Helper()
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, n := range names {
		enc.Encode(map[string]any{"name": n, "source": texts[n], "overrides": parsePlan(t, texts[n]).overrides})
	}
	cmd := exec.CommandContext(t.Context(), node, filepath.Join(corpus, "oracle", "tint.mjs"))
	cmd.Env = append(os.Environ(), "GWRUN_DAWN="+dir)
	cmd.Stdin = &in
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("the oracle: %v\n%s", err, stderr.Bytes())
	}
	said := map[string]judged{}
	for _, line := range bytes.Split(bytes.TrimSpace(out), []byte("\n")) {
		if !bytes.HasPrefix(line, []byte(`{"name":`)) {
			continue // a warning, which Dawn prints by itself
		}
		var j judged
		if err := json.Unmarshal(line, &j); err != nil {
			t.Fatalf("the oracle says %q: %v", line, err)
		}
		j.sum = sourceSum(texts[j.Name])
		said[j.Name] = j
	}
	if len(said) != len(names) {
		t.Fatalf("the oracle judged %d of %d programs\n%s", len(said), len(names), stderr.Bytes())
	}
	return said
}

// TestTint checks that tint.txt holds what Tint says; -update writes it.
func TestTint(t *testing.T) {
	dir := dawnFolder()
	node, err := exec.LookPath("node")
	if dir == "" || err != nil {
		t.Skip("skipped: no Dawn (make deps installs it)")
	}
	texts, names := wholeCorpus(t)
	said := askTint(t, dir, node, texts, names)
	var b strings.Builder
	for _, n := range names {
		fmt.Fprintln(&b, said[n])
	}
	file := filepath.Join(corpus, "tint.txt")
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	held, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(string(held), "\n")
	for i, line := range strings.Split(b.String(), "\n") {
		if i >= len(want) || line != want[i] {
			t.Fatalf("line %d of tint.txt is not what Tint says (go test -run TestTint -update writes it anew):\n%s", i+1, line)
		}
	}
}

// readTint reads tint.txt.
func readTint(t testing.TB) map[string]judged {
	t.Helper()
	f, err := os.Open(filepath.Join(corpus, "tint.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := map[string]judged{}
	for s := bufio.NewScanner(f); s.Scan(); {
		w := strings.SplitN(s.Text(), " ", 6)
		if len(w) < 3 {
			t.Fatalf("tint.txt: %q", s.Text())
		}
		j := judged{sum: w[0], Name: w[1], Accept: w[2] == "accept"}
		if len(w) == 6 {
			j.Stage, j.Message = w[3], w[5]
			line, col, _ := strings.Cut(w[4], ":")
			j.Line, _ = strconv.Atoi(line)
			j.Col, _ = strconv.Atoi(col)
		}
		out[j.Name] = j
	}
	return out
}

// difference is one line of differences.txt: programs on which we and Tint do not agree, and why.
type difference struct {
	pattern, ours string
	used          bool
}

// readDifferences reads differences.txt: blocks of a reason, in lines that start with #, and the programs it is about,
// a pattern a line with our verdict: "invalid/06-types/texture.wgsl refuse".
func readDifferences(t testing.TB) []*difference {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(corpus, "differences.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var out []*difference
	reason := false
	for n, line := range strings.Split(string(b), "\n") {
		switch w := strings.Fields(line); {
		case len(w) == 0:
			reason = false
		case w[0] == "#":
			reason = true
		case len(w) != 2 || w[1] != "accept" && w[1] != "refuse":
			t.Fatalf("differences.txt:%d: %q is not a path and our verdict", n+1, line)
		case !reason:
			t.Fatalf("differences.txt:%d: no reason stands before %q", n+1, line)
		default:
			out = append(out, &difference{pattern: w[0], ours: w[1]})
		}
	}
	return out
}

// TestAgreesWithTint compares our verdict on every program with Tint's. They are the same but for the listed differences,
// each of which must be one.
func TestAgreesWithTint(t *testing.T) {
	texts, names := wholeCorpus(t)
	tint, differences := readTint(t), readDifferences(t)
	if len(tint) != len(names) {
		t.Errorf("tint.txt has %d programs, the corpus %d", len(tint), len(names))
	}
	agreed := 0
	for _, n := range names {
		j, ok := tint[n]
		if !ok || j.sum != sourceSum(texts[n]) {
			t.Errorf("%s: tint.txt has no verdict on this text (go test -run TestTint -update, with Dawn)", n)
			continue
		}
		ours := "refuse"
		if strings.HasPrefix(n, "valid/") { // TestValid and TestInvalid hold us to the folder
			ours = "accept"
		}
		if (ours == "accept") == j.Accept {
			agreed++
			continue
		}
		listed := false
		for _, d := range differences {
			if ok, _ := filepath.Match(d.pattern, n); ok && d.ours == ours {
				d.used, listed = true, true
			}
		}
		if !listed {
			t.Errorf("%s: we %s it, Tint does not: %s", n, ours, j)
		}
	}
	for _, d := range differences {
		if !d.used {
			t.Errorf("differences.txt lists %q, on which we and Tint agree", d.pattern)
		}
	}
	if agreed < 1000 {
		t.Errorf("only %d programs judged alike", agreed)
	}
}
