package main

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/lib"
)

// TestCommitted compares the files that are committed with what the library gives.
func TestCommitted(t *testing.T) {
	files, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join("..", name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("sdk/%s is not what the library gives (%v): run \"go run ./sdk/gen\" in the root", name, err)
		}
	}
}

var token = regexp.MustCompile(`//.*|[\w.]+|\S`)

// tokens are the words of a text without its comments.
func tokens(text string) []string {
	var out []string
	for _, w := range token.FindAllString(text, -1) {
		if w[0] != '/' || len(w) == 1 {
			out = append(out, w)
		}
	}
	return out
}

// TestStripped is about the texts that guests embed: the same words as the library's, and a kernel in the default tile.
func TestStripped(t *testing.T) {
	ops, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range lib.Ops() {
		op := ops[i]
		source, err := o.Source()
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(tokens(tiled(source, o.Tiles[0])), tokens(op.Source)) {
			t.Errorf("%s: the text without comments has other words", op.Name)
		}
		if len(op.Source) > len(source)*9/10 {
			t.Errorf("%s: %d bytes of %d are left", op.Name, len(op.Source), len(source))
		}
		m, err := kernels.Compile(op.Source)
		if err != nil {
			t.Errorf("%s: %v", op.Name, err)
			continue
		}
		all := map[string]float64{}
		for _, v := range slices.Concat(op.Overrides, op.Tile) {
			all[v.Name] = v.Default
		}
		want, err := o.Kernel(nil, all)
		if err != nil {
			t.Fatalf("%s with its defaults %v: %v", op.Name, all, err)
		}
		got, err := m.Kernel(op.Name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if g, w := got.IR.WorkgroupSize, want.IR.WorkgroupSize; g != w || got.IR.NumInsts != want.IR.NumInsts {
			t.Errorf("%s by itself: workgroups of %v and %d instructions, with its defaults said %v and %d", op.Name, g, got.IR.NumInsts, w, want.IR.NumInsts)
		}
	}
}

// TestBindings is about WebGPU's default limit, which is a job's: 8 storage buffers for a kernel.
func TestBindings(t *testing.T) {
	ops, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range ops {
		if len(op.Bindings) > 8 {
			t.Errorf("%s has %d storage buffers, a job may have 8", op.Name, len(op.Bindings))
		}
	}
}

func TestModel(t *testing.T) {
	ops, err := load()
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]Op{}
	for _, op := range ops {
		byName[op.Name] = op
	}
	op := byName["softmax"]
	if want := []Param{{"rows", false}, {"n", false}, {"scale", true}, {"period", false}, {"offset", false}}; !reflect.DeepEqual(op.Params, want) {
		t.Errorf("params %v, want %v", op.Params, want)
	}
	if want := []Override{{"logarithm", "bool", 0}, {"mask", "u32", 0}}; !reflect.DeepEqual(op.Overrides, want) {
		t.Errorf("overrides %v, want %v", op.Overrides, want)
	}
	if want := []Override{{"rows", "u32", 2}, {"width", "u32", 32}}; !reflect.DeepEqual(op.Tile, want) {
		t.Errorf("tile %v, want %v", op.Tile, want)
	}
	if want := "min(ceil(rows / tile.rows), 65535)"; op.Grid[0].String() != want {
		t.Errorf("grid %s, want %s", op.Grid[0], want)
	}
	op = byName["argmax"]
	if want := []Binding{{1, "x", false, "u32"}, {2, "index", true, "u32"}}; !reflect.DeepEqual(op.Bindings, want) {
		t.Errorf("bindings %v, want %v", op.Bindings, want)
	}
	if want := "The column of"; len(op.Summary) < 20 || op.Summary[1:len(want)] != want[1:] {
		t.Errorf("summary %q, want %q", op.Summary, want)
	}
}
