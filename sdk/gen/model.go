package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/lib"
)

// Op is a kernel of the library as a guest sees it. Binding 0.0 is its parameters.
type Op struct {
	Name      string // of the kernel and of its entry point: matmul_f32
	Summary   string // the first sentence of the header, without the name
	Doc       string // the paragraphs of the header, a line each as in the text
	Source    string // the complete WGSL text without comments and needless blanks; its overrides have the default tile
	Params    []Param
	Bindings  []Binding
	Overrides []Override // those that choose a variant
	Tile      []Override // the values of the default tile
	Grid      [3]*lib.Expr
}

// Param is a word of binding 0.0.
type Param struct {
	Name  string
	Float bool // the word is the bits of an f32; otherwise it is a u32
}

// Binding is a storage buffer of group 0.
type Binding struct {
	Index    int // 1, 2 ...
	Name     string
	Writable bool
	Elem     string // type of its elements: "f32", "u32", "i32", "vec2<u32>"
}

// Override is a constant of the pipeline.
type Override struct {
	Name    string
	Type    string // "bool", "u32", "i32" or "f32"
	Default float64
}

// load reads the library.
func load() ([]Op, error) {
	var ops []Op
	for _, o := range lib.Ops() {
		op, err := modelOf(o)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.Name, err)
		}
		ops = append(ops, op)
	}
	return ops, nil
}

// An override whose default is a literal is a choice; one that is worked out from others is not.
var overrideLiteral = regexp.MustCompile(`(?m)^override (\w+): (\w+) = (true|false|\d+);`)

var storage = regexp.MustCompile(`(?m)^@group\(0\) @binding\((\d+)\) var<storage, read(?:_write)?> (\w+): (?:array<(.+)>|(\w+));`)

func modelOf(o *lib.Op) (Op, error) {
	op := Op{Name: o.Name}
	source, err := o.Source()
	if err != nil {
		return op, err
	}
	module, err := o.Module()
	if err != nil {
		return op, err
	}
	if op.Grid, err = o.Dimensions(); err != nil {
		return op, err
	}
	if op.Summary, op.Doc, err = preface(source); err != nil {
		return op, err
	}
	tile := o.Tiles[0]
	if op.Source, err = strip(tiled(source, tile)); err != nil {
		return op, err
	}
	for _, p := range o.Params {
		name, kind, _ := strings.Cut(p, ":")
		op.Params = append(op.Params, Param{name, kind == "f32"})
	}
	elems := map[string]string{}
	for _, m := range storage.FindAllStringSubmatch(source, -1) {
		elem := m[3] + m[4]
		if inner, ok := strings.CutPrefix(elem, "atomic<"); ok {
			elem = strings.TrimSuffix(inner, ">")
		}
		elems[m[2]] = elem
	}
	bindings := module.Entries()[0].Bindings
	if len(bindings) == 0 || bindings[0].Access != ir.Uniform || bindings[0].Binding != 0 {
		return op, fmt.Errorf("found %v, want the parameters as binding 0.0", bindings)
	}
	for i, b := range bindings[1:] {
		elem, ok := elems[b.Name]
		if !ok || b.Group != 0 || b.Binding != uint32(i+1) || b.Access == ir.Uniform {
			return op, fmt.Errorf("binding %d.%d, %s %q of %q: want storage buffers, from 0.1 on", b.Group, b.Binding, b.Access, b.Name, elem)
		}
		op.Bindings = append(op.Bindings, Binding{i + 1, b.Name, b.Access == ir.ReadWrite, elem})
	}
	for _, m := range overrideLiteral.FindAllStringSubmatch(source, -1) {
		v := Override{Name: m[1], Type: m[2]}
		switch m[3] {
		case "true":
			v.Default = 1
		case "false":
		default:
			if v.Default, err = strconv.ParseFloat(m[3], 64); err != nil {
				return op, err
			}
		}
		if value, ok := tile[v.Name]; ok {
			v.Default = value
			op.Tile = append(op.Tile, v)
		} else {
			op.Overrides = append(op.Overrides, v)
		}
	}
	if len(op.Tile) != len(tile) {
		return op, fmt.Errorf("found %d overrides of the tile %s in the text", len(op.Tile), tile)
	}
	byName := func(a, b Override) int { return strings.Compare(a.Name, b.Name) }
	slices.SortFunc(op.Tile, byName)
	slices.SortFunc(op.Overrides, byName)
	return op, nil
}

// preface is the comment that a text begins with, up to the line of its grid, and its first sentence.
func preface(source string) (summary, doc string, err error) {
	var lines []string
	for line := range strings.Lines(source) {
		text, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "// ")
		if !ok {
			break
		}
		lines = append(lines, text)
		if strings.HasPrefix(text, "Grid: ") {
			break
		}
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[len(lines)-1], "Grid: ") {
		return "", "", fmt.Errorf("its header does not end with a line of its grid")
	}
	end := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "Shapes: ") })
	if end < 1 {
		return "", "", fmt.Errorf("its header has no paragraph Shapes")
	}
	_, first, _ := strings.Cut(strings.Join(lines[:end], " "), ": ")
	first, _, _ = strings.Cut(first, ". ")
	return strings.TrimSuffix(first, ".") + ".", strings.Join(lines, "\n"), nil
}

// tiled is the text with the values of a tile as the defaults of its overrides, so that a job gives those only that it
// changes.
func tiled(source string, t lib.Tile) string {
	return overrideLiteral.ReplaceAllStringFunc(source, func(line string) string {
		m := overrideLiteral.FindStringSubmatch(line)
		if v, ok := t[m[1]]; ok {
			return fmt.Sprintf("override %s: %s = %v;", m[1], m[2], v)
		}
		return line
	})
}

var (
	comment = regexp.MustCompile(`//.*`)
	blanks  = regexp.MustCompile(` +`)
	around  = regexp.MustCompile(` ?([][(){},;:]) ?`)
)

// strip leaves out comments, indentation, empty lines, and blanks where a bracket, comma, colon or semicolon parts the words.
func strip(source string) (string, error) {
	if strings.Contains(source, "/*") {
		return "", fmt.Errorf("found a comment in /* */, want //")
	}
	var b strings.Builder
	for line := range strings.Lines(comment.ReplaceAllString(source, "")) {
		line = strings.TrimSpace(blanks.ReplaceAllString(line, " "))
		if line != "" {
			b.WriteString(around.ReplaceAllString(line, "$1") + "\n")
		}
	}
	return b.String(), nil
}
