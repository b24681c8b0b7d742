package main

import (
	"bytes"
	"fmt"
	"go/format"
	"go/importer"
	"go/types"
	"os"
	"path/filepath"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run is started in kernels/f32 by go generate.
func run() error {
	outs, err := outputs(".")
	if err != nil {
		return err
	}
	for path, text := range outs {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// outputs gives the generated files by path; dir is kernels/f32.
func outputs(dir string) (map[string][]byte, error) {
	asWGSL, _, err := translate(wgsl{}, "soft", os.DirFS(filepath.Join(dir, "soft")), nil)
	if err != nil {
		return nil, err
	}
	embedded, err := embed(asWGSL)
	if err != nil {
		return nil, err
	}
	softC, soft, err := translate(c{}, "soft", os.DirFS(filepath.Join(dir, "soft")), nil)
	if err != nil {
		return nil, err
	}
	f32C, _, err := translate(c{}, "f32", os.DirFS(dir), oneOf{soft, importer.Default()})
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	text.WriteString("// Code generated from kernels/f32 by go generate; DO NOT EDIT. libm.c includes it.\n\n")
	for _, f := range append(softC, f32C...) {
		text.WriteString(f.text)
	}
	return map[string][]byte{
		filepath.Join(dir, "..", "lower", "libm", "wgsl_gen.go"):     embedded,
		filepath.Join(dir, "..", "cpu", "libm", "src", "libm_gen.c"): text.Bytes(),
	}, nil
}

// oneOf imports one package that is at hand and others elsewhere.
type oneOf struct {
	pkg  *types.Package
	rest types.Importer
}

func (o oneOf) Import(path string) (*types.Package, error) {
	if filepath.Base(path) == o.pkg.Name() {
		return o.pkg, nil
	}
	return o.rest.Import(path)
}

func embed(fns []function) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("// Code generated from kernels/f32/soft by go generate; DO NOT EDIT.\n\npackage libm\n\n")
	b.WriteString("var declarations = []declaration{\n")
	for _, f := range fns {
		fmt.Fprintf(&b, "{%q, %#v, `%s`},\n", f.name, f.deps, f.text)
	}
	b.WriteString("}\n")
	return format.Source(b.Bytes())
}
