package main

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	gotoken "go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The places of fields that AssemblyScript is given are clang's.
func TestLayoutIsClangs(t *testing.T) {
	if _, err := exec.LookPath("clang"); err != nil {
		t.Skip("skipped: no clang (Debian package clang)")
	}
	h, err := readHeaders()
	if err != nil {
		t.Fatal(err)
	}
	var c strings.Builder
	c.WriteString("#include <stddef.h>\n#include \"webgpu.h\"\n#include \"gw.h\"\n")
	for _, s := range h.structs {
		fmt.Fprintf(&c, "_Static_assert(sizeof(%s) == %d, \"size of %s\");\n", s.name, h.layout(s.name).size, s.name)
		for _, f := range h.places(s.name) {
			fmt.Fprintf(&c, "_Static_assert(offsetof(%s, %s) == %d, \"place of %s in %s\");\n", s.name, f.name, f.offset, f.name, s.name)
		}
	}
	file := filepath.Join(t.TempDir(), "layout.c")
	if err := os.WriteFile(file, []byte(c.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("clang", "--target=wasm32", "-ffreestanding", "-fsyntax-only", "-std=c11", "-I../c/include", file).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// places are the fields of a structure as C has them, where layout puts them.
func (h *header) places(name string) []laidOut {
	var out []laidOut
	flat := h.layout(name).fields
	for _, f := range h.isStruct(name).fields {
		out = append(out, laidOut{name: f.name, offset: flat[0].offset})
		n := 1
		if h.isStruct(f.typ) != nil && f.typ != "WGPUFuture" {
			n = len(h.layout(f.typ).fields)
		}
		flat = flat[n:]
	}
	return out
}

// Go lays out the structures of sdk/go/raw in the same way.
func TestLayoutIsGos(t *testing.T) {
	h, err := readHeaders()
	if err != nil {
		t.Fatal(err)
	}
	set := gotoken.NewFileSet()
	var files []*ast.File
	for _, name := range []string{"webgpu.go", "pointer.go"} {
		f, err := parser.ParseFile(set, filepath.Join("..", "go", "raw", name), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	sizes := types.SizesFor("gc", "wasm")
	conf := types.Config{Importer: importer.ForCompiler(set, "source", nil), Sizes: sizes}
	raw, err := conf.Check("raw", set, files, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range h.structs {
		o := raw.Scope().Lookup(goName(s.name))
		if o == nil {
			t.Errorf("sdk/go/raw has no %s", goName(s.name))
			continue
		}
		st, ok := o.Type().Underlying().(*types.Struct)
		if !ok {
			continue // WGPUFuture, whose one field it stands for
		}
		var fields []*types.Var
		for i := range st.NumFields() {
			fields = append(fields, st.Field(i))
		}
		if size := sizes.Sizeof(st); size != int64(h.layout(s.name).size) {
			t.Errorf("%s has %d bytes, want %d", o.Name(), size, h.layout(s.name).size)
		}
		offsets := sizes.Offsetsof(fields)
		for i, p := range h.places(s.name) {
			// Field 0 is structs.HostLayout.
			if f := fields[i+1]; f.Name() != goName(p.name) || offsets[i+1] != int64(p.offset) {
				t.Errorf("%s.%s is at %d, want %s at %d", o.Name(), f.Name(), offsets[i+1], goName(p.name), p.offset)
			}
		}
	}
}
