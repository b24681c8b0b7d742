// Package lib is the kernel library: WGSL kernels for training and inference that give the same bits on every device.
//
// An Op is one kernel: a complete WGSL text that a job embeds as it stands, with overrides that choose among its
// variants and tiles. Every element it writes is defined as one fixed chain of operations on its inputs, written down in
// the header of its text; how many elements an invocation computes, and how large workgroups are, changes speed only.
//
// The texts are this folder's .wgsl files. A line "// include: NAME" in one stands for the functions in
// include/NAME.wgsl. Package tune finds the fastest tile for a device. The header of each says, one paragraph each:
//
//	// NAME: what it computes.
//	// Shapes: the parameters and what each binding holds.
//	// Order: the exact operations an element is made of.
//	// Error: the greatest difference from the result in float64, and relative to what.
//	// Grid: workgroups in x, y and z.
//
// Shapes has the name of every buffer followed by its dimensions in brackets, made of parameters, overrides and numbers:
// Op.Sizes reads it.
package lib

import (
	"embed"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/gwrun/gwrun/kernels"
)

//go:embed *.wgsl include/*.wgsl
var texts embed.FS

// Tile is a choice of override values that changes the speed of a kernel and none of its results.
type Tile map[string]float64

// String gives the values in the order of their names: "cols=4 rows=2".
func (t Tile) String() string {
	var b strings.Builder
	for _, n := range slices.Sorted(maps.Keys(t)) {
		fmt.Fprintf(&b, " %s=%v", n, t[n])
	}
	return strings.TrimPrefix(b.String(), " ")
}

// Op is a kernel of the library. Binding 0.0 of every kernel is its parameters: the words of Params, in that order, as
// u32 or, where the name ends in ":f32", as the bits of a number.
type Op struct {
	Name string // of the kernel, its text's file and its entry point
	// Params names the words of the parameters.
	Params []string
	// Defaults are the parameters that need not be given where a kernel is timed.
	Defaults map[string]uint32
	// Flops, if set, is how many floating-point operations (for integers, their like) the parameters make.
	Flops func(p map[string]uint32) float64
	// Tiles are the shapes worth trying, the default first. A kernel without a choice has one, empty.
	Tiles []Tile
	// Grid is the workgroups in x, y and z over the parameters and the values of the tile, such as
	// "ceil(n / tile.size), fold(ceil(rows / 256))": Op.Dimensions has it parsed.
	Grid string

	once   sync.Once
	source string
	module *kernels.Module
	err    error

	gridOnce sync.Once
	grid     [3]*Expr
	gridErr  error
}

// The parts of the library, each in the file of its family, in the order in which they are listed.
var families = [][]*Op{
	matmul,
	conv,
	elementwise,
	norm,
	reduce,
	choose,
	loss,
	attention,
	position,
	optimise,
	quantise,
}

// Ops lists the library.
func Ops() []*Op { return slices.Concat(families...) }

// Get finds a kernel by its name.
func Get(name string) (*Op, error) {
	for _, o := range Ops() {
		if o.Name == name {
			return o, nil
		}
	}
	return nil, fmt.Errorf("no kernel %q in the library", name)
}

var include = regexp.MustCompile(`(?m)^// include: ([a-z0-9_]+)\n`)

func (o *Op) load() {
	o.once.Do(func() {
		b, err := texts.ReadFile(o.Name + ".wgsl")
		if err != nil {
			o.err = err
			return
		}
		o.source = include.ReplaceAllStringFunc(string(b), func(line string) string {
			part, err := texts.ReadFile(path.Join("include", include.FindStringSubmatch(line)[1]+".wgsl"))
			if err != nil {
				o.err = fmt.Errorf("%s.wgsl: %w", o.Name, err)
			}
			return string(part)
		})
		if o.err == nil {
			o.module, o.err = kernels.Compile(o.source)
		}
		if o.err != nil {
			o.err = fmt.Errorf("%s.wgsl: %w", o.Name, o.err)
		}
	})
}

// Source is the complete WGSL text.
func (o *Op) Source() (string, error) {
	o.load()
	return o.source, o.err
}

// Module is the text, checked.
func (o *Op) Module() (*kernels.Module, error) {
	o.load()
	return o.module, o.err
}

// Kernel makes the kernel with a tile and the overrides that choose a variant.
func (o *Op) Kernel(t Tile, overrides map[string]float64) (*kernels.Kernel, error) {
	m, err := o.Module()
	if err != nil {
		return nil, err
	}
	all := maps.Clone(map[string]float64(t))
	if all == nil {
		all = map[string]float64{}
	}
	maps.Copy(all, overrides)
	return m.Kernel(o.Name, all)
}

// Words checks that the parameters are those of the kernel and gives them as the words of binding 0.0.
func (o *Op) Words(p map[string]uint32) ([]uint32, error) {
	var w []uint32
	for _, name := range o.Params {
		name, _, _ = strings.Cut(name, ":")
		v, ok := p[name]
		if !ok {
			return nil, fmt.Errorf("%s: parameter %s is missing", o.Name, name)
		}
		w = append(w, v)
	}
	if len(p) != len(o.Params) {
		return nil, fmt.Errorf("%s: %d parameters given, want %s", o.Name, len(p), strings.Join(o.Params, ", "))
	}
	return w, nil
}

// Dimensions is the grid in x, y and z. Tiles of one kernel have the same names, so that it is the same for all.
func (o *Op) Dimensions() ([3]*Expr, error) {
	o.gridOnce.Do(func() {
		o.grid, o.gridErr = parseGrid(o.Grid, o.Params, o.Tiles[0])
		if o.gridErr != nil {
			o.gridErr = fmt.Errorf("%s: %w", o.Name, o.gridErr)
		}
	})
	return o.grid, o.gridErr
}

// Workgroups is the grid of the dispatch that computes everything.
func (o *Op) Workgroups(p map[string]uint32, t Tile) ([3]uint32, error) {
	var out [3]uint32
	dims, err := o.Dimensions()
	if err != nil {
		return out, err
	}
	for i, d := range dims {
		n, err := d.Eval(p, t)
		if err != nil {
			return out, fmt.Errorf("%s: workgroups: %w", o.Name, err)
		}
		if n > kernels.MaxWorkgroups {
			return out, fmt.Errorf("%s: %d workgroups in dimension %d, at most %d: cut the work or take a larger tile", o.Name, n, i, kernels.MaxWorkgroups)
		}
		out[i] = uint32(n)
	}
	return out, nil
}
