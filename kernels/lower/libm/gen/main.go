package main

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run is started in kernels/lower/libm by go generate.
func run() error {
	fns, err := translate(os.DirFS("../../f32/soft"))
	if err != nil {
		return err
	}
	out, err := render(fns)
	if err != nil {
		return err
	}
	return os.WriteFile("wgsl_gen.go", out, 0o644)
}

func render(fns []function) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("// Code generated from kernels/f32/soft by go generate; DO NOT EDIT.\n\npackage libm\n\n")
	b.WriteString("var declarations = []declaration{\n")
	for _, f := range fns {
		fmt.Fprintf(&b, "{%q, %#v, `%s`},\n", f.name, f.deps, f.text)
	}
	b.WriteString("}\n")
	return format.Source(b.Bytes())
}
