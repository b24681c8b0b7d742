package profile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels/ir/interp"
)

const corpus = "../../testdata/wgsl"

// readCorpus gives the texts under a folder of the corpus, by their path in it.
func readCorpus(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	root := filepath.Join(corpus, dir)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".wgsl") {
			return err
		}
		b, err := os.ReadFile(path)
		rel, _ := filepath.Rel(root, path)
		out[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// directives reads the comments at the start of a valid program that say how to run it:
//
//	// groups: X Y Z          the grid, 1 1 1 by default
//	// override: NAME=VALUE   any number of times
//	// in G.B: WORDS          what a buffer holds before; a number with a point is an f32
//	// expect G.B: WORDS      what it holds afterwards; its size unless "in" gives one
type runPlan struct {
	groups    [3]uint32
	overrides map[string]float64
	in, want  map[string][]uint32
}

func parsePlan(t testing.TB, src string) runPlan {
	t.Helper()
	p := runPlan{[3]uint32{1, 1, 1}, map[string]float64{}, map[string][]uint32{}, map[string][]uint32{}}
	for _, line := range strings.Split(src, "\n") {
		key, val, ok := strings.Cut(strings.TrimPrefix(line, "// "), ":")
		if !ok || !strings.HasPrefix(line, "// ") {
			continue
		}
		words := strings.Fields(val)
		switch f := strings.Fields(key); {
		case len(f) == 1 && f[0] == "groups":
			for i, w := range words {
				n, err := strconv.ParseUint(w, 0, 32)
				if err != nil {
					t.Fatal(err)
				}
				p.groups[i] = uint32(n)
			}
		case len(f) == 1 && f[0] == "override":
			name, v, _ := strings.Cut(words[0], "=")
			x, err := strconv.ParseFloat(v, 64)
			if err != nil {
				t.Fatal(err)
			}
			p.overrides[name] = x
		case len(f) == 2 && (f[0] == "in" || f[0] == "expect"):
			for _, w := range words {
				n, err := parseWord(w)
				if err != nil {
					t.Fatalf("%q: %v", line, err)
				}
				if f[0] == "in" {
					p.in[f[1]] = append(p.in[f[1]], n)
				} else {
					p.want[f[1]] = append(p.want[f[1]], n)
				}
			}
		}
	}
	return p
}

func parseWord(w string) (uint32, error) {
	if n, err := strconv.ParseInt(w, 0, 64); err == nil {
		return uint32(n), nil
	}
	f, err := strconv.ParseFloat(w, 32)
	if math.IsNaN(f) {
		return 0x7fc00000, nil
	}
	return math.Float32bits(float32(f)), err
}

func TestValid(t *testing.T) {
	texts := readCorpus(t, "valid")
	if len(texts) < 400 {
		t.Errorf("the corpus has %d valid programs, want at least 400", len(texts))
	}
	for name, src := range texts {
		t.Run(name, func(t *testing.T) {
			m, err := Check(src)
			if err != nil {
				t.Fatal(err)
			}
			plan := parsePlan(t, src)
			entries := m.Entries()
			if len(entries) == 0 {
				return
			}
			for n, e := range entries {
				k, err := m.Emit(e.Name, plan.overrides)
				if err != nil {
					t.Fatal(err)
				}
				if n > 0 {
					continue
				}
				bufs := make([][]uint32, len(k.Bindings))
				for i, b := range k.Bindings {
					at := fmt.Sprintf("%d.%d", b.Group, b.Binding)
					size := max(len(plan.in[at]), len(plan.want[at]), int(b.MinBytes/4))
					bufs[i] = make([]uint32, size)
					copy(bufs[i], plan.in[at])
				}
				d := interp.Dispatch{Kernel: k, Buffers: bufs, Workgroups: plan.groups, GasLimit: 1 << 24}
				if _, err := d.Run(context.Background()); err != nil {
					t.Fatalf("%v\n%s", err, k)
				}
				for i, b := range k.Bindings {
					at := fmt.Sprintf("%d.%d", b.Group, b.Binding)
					for j, w := range plan.want[at] {
						if got := bufs[i][j]; got != w {
							t.Errorf("%s word %d (%s) is 0x%08x (%d, %v), want 0x%08x (%d, %v)", at, j, b.Name, got, int32(got),
								math.Float32frombits(got), w, int32(w), math.Float32frombits(w))
						}
					}
				}
				if t.Failed() {
					t.Log(k)
				}
			}
		})
	}
}

// TestInvalid holds the programs that must be refused. Each says where and how, in comments anywhere in the text:
//
//	// error LINE:COL part of the message
//	// kernel-error LINE:COL part of the message     found by Emit, with the overrides given
func TestInvalid(t *testing.T) {
	texts := readCorpus(t, "invalid")
	if len(texts) < 300 {
		t.Errorf("the corpus has %d invalid programs, want at least 300", len(texts))
	}
	for name, src := range texts {
		t.Run(name, func(t *testing.T) {
			m, err := Check(src)
			var got Errors
			if err != nil && !errors.As(err, &got) {
				t.Fatalf("an error of type %T", err)
			}
			late := strings.Contains(src, "// kernel-error ")
			if late {
				if err != nil {
					t.Fatalf("refused by Check: %v", err)
				}
				_, err := m.Emit(m.Entries()[0].Name, parsePlan(t, src).overrides)
				if err == nil {
					t.Fatal("accepted")
				}
				got = err.(Errors)
			}
			wanted := 0
			for _, line := range strings.Split(src, "\n") {
				_, rest, ok := strings.Cut(line, "// error ")
				if !ok {
					if _, rest, ok = strings.Cut(line, "// kernel-error "); !ok {
						continue
					}
				}
				wanted++
				at, msg, _ := strings.Cut(rest, " ")
				found := false
				for _, e := range got {
					found = found || fmt.Sprintf("%d:%d", e.Line, e.Col) == at && strings.Contains(e.Msg, msg)
				}
				if !found {
					t.Errorf("no error %s %s; found:\n%v", at, msg, got)
				}
			}
			if wanted == 0 {
				t.Errorf("the program does not say its error; found:\n%v", got)
			}
			if len(got) != wanted {
				t.Errorf("%d errors, want %d; found:\n%v", len(got), wanted, got)
			}
		})
	}
}
