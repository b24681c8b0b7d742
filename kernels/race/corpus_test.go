package race_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir/interp"
	"github.com/gwrun/gwrun/kernels/race"
)

var header = regexp.MustCompile(`(?m)^// (proof|dispatch|order): (.*)$`)

// TestCorpus: every kernel of testdata/wgsl/race says what is proven of it, and marks with "// race" the lines that
// races of a dispatch of it lie on. Its first lines are
//
//	// proof: VERDICT GRID
//	// dispatch: X,Y,Z  words: N for each binding, or N=VALUE of all its words
//	// order: matters    where workgroups in another order change the result
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("../../testdata/wgsl/race/*.wgsl")
	if err != nil || len(files) < 25 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".wgsl"), func(t *testing.T) { tryFile(t, file) })
	}
}

func tryFile(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m, err := kernels.Compile(string(text))
	if err != nil {
		t.Fatal(err)
	}
	k, err := m.Kernel("main", nil)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, h := range header.FindAllStringSubmatch(string(text), -1) {
		said[h[1]] = h[2]
	}
	p := race.Prove(k.IR, nil)
	proof := string(p.Verdict)
	if p.Verdict != race.Unproven {
		proof += " " + p.Grid()
	}
	if proof != said["proof"] {
		t.Errorf("proof %q, want %q; %v", proof, said["proof"], p.Pairs)
	}

	grid, sizes, _ := strings.Cut(said["dispatch"], "  words: ")
	d := &race.Dispatch{GasLimit: 1 << 20}
	if _, err := fmt.Sscanf(grid, "%d,%d,%d", &d.Workgroups[0], &d.Workgroups[1], &d.Workgroups[2]); err != nil {
		t.Fatal(err)
	}
	var content [][]uint32
	for _, s := range strings.Fields(sizes) {
		count, value, _ := strings.Cut(s, "=")
		n, _ := strconv.Atoi(count)
		v, _ := strconv.Atoi(value)
		content = append(content, slices.Repeat([]uint32{uint32(v)}, n))
		d.Words = append(d.Words, uint32(n))
	}
	d.Content = func(b int) ([]uint32, error) { return slices.Clone(content[b]), nil }
	res, err := race.NewChecker(k.IR).Run(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []int
	for n, line := range strings.Split(string(text), "\n") {
		if strings.HasSuffix(line, "// race") {
			want = append(want, n+1)
		}
	}
	for _, r := range res.Races {
		got = append(got, r.First.Pos.Line, r.Second.Pos.Line)
		if r.First.Local == r.Second.Local && r.First.Group == r.Second.Group {
			t.Errorf("an invocation races with itself: %s", r.String())
		}
	}
	slices.Sort(got)
	if got = slices.Compact(got); !slices.Equal(got, want) {
		t.Errorf("races on lines %v, want %v: %v", got, want, res.Races)
	}
	given := &race.Given{Workgroups: d.Workgroups, Words: d.Words, Word: func(b int, n uint32) (uint32, bool) { return content[b][n], true }}
	if once := race.Prove(k.IR, given); once.Verdict == race.Proven && len(want) > 0 || p.Verdict == race.Conditional && len(want) == 0 && once.Verdict != race.Proven {
		t.Errorf("of this dispatch: %s", once.Verdict)
	}
	if said["order"] == "matters" && slices.EqualFunc(inOrder(t, k, d, content, false), inOrder(t, k, d, content, true), slices.Equal) {
		t.Error("the order of workgroups does not matter")
	}
	if len(want) == 0 && !slices.EqualFunc(inOrder(t, k, d, content, false), inOrder(t, k, d, content, true), slices.Equal) {
		t.Error("the order of workgroups matters")
	}
}

// inOrder runs a dispatch a workgroup at a time, the last one first if that is wanted.
func inOrder(t *testing.T, k *kernels.Kernel, d *race.Dispatch, content [][]uint32, backward bool) [][]uint32 {
	t.Helper()
	var bufs [][]uint32
	for _, c := range content {
		bufs = append(bufs, slices.Clone(c))
	}
	run := interp.Dispatch{Kernel: k.IR, Buffers: bufs, Workgroups: d.Workgroups, GasLimit: d.GasLimit}
	n := d.Workgroups[0] * d.Workgroups[1] * d.Workgroups[2]
	for g := range n {
		if backward {
			g = n - 1 - g
		}
		at := [3]uint32{g % d.Workgroups[0], g / d.Workgroups[0] % d.Workgroups[1], g / d.Workgroups[0] / d.Workgroups[1]}
		if _, err := run.RunGroup(context.Background(), at); err != nil {
			t.Fatal(err)
		}
	}
	return bufs
}
