package jobtest

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/lib"
)

// Constant is the value of an override, as a guest's library has it.
type Constant struct {
	Name  string
	Value float64
}

// Kernels says of every kernel of the library, in a line each, what running it takes if parameter i is 1000 + 7 i, or i + 0.5
// where it is a float. constants are those that choose the variant, as the guest's library has them for its defaults: they have to
// be ones that the kernel knows, and to make the kernel that it is without them.
func Kernels(t *testing.T, constants map[string][]Constant) []string {
	t.Helper()
	var lines []string
	for _, op := range lib.Ops() {
		params := map[string]uint32{}
		for i, p := range op.Params {
			name, kind, _ := strings.Cut(p, ":")
			params[name] = uint32(1000 + 7*i)
			if kind == "f32" {
				params[name] = math.Float32bits(float32(i) + 0.5)
			}
		}
		words, err := op.Words(params)
		if err != nil {
			t.Fatal(err)
		}
		grid, err := op.Dimensions()
		if err != nil {
			t.Fatal(err)
		}
		tile := op.Tiles[0]
		var groups [3]uint64
		for i, e := range grid {
			if groups[i], err = e.Eval(params, tile); err != nil {
				t.Fatal(err)
			}
		}
		m, err := op.Module()
		if err != nil {
			t.Fatal(err)
		}
		var bindings []string
		written := 0
		for i, b := range m.Entries()[0].Bindings[1:] {
			bindings = append(bindings, b.Name)
			if b.Access == ir.ReadWrite {
				written |= 1 << i
			}
		}
		given := map[string]float64{}
		chosen := ""
		for _, c := range constants[op.Name] {
			given[c.Name] = c.Value
			chosen += fmt.Sprintf(" %s=%v", c.Name, c.Value)
		}
		plain, err := op.Kernel(nil, tile)
		if err != nil {
			t.Fatal(err)
		}
		if k, err := op.Kernel(tile, given); err != nil || !reflect.DeepEqual(k.IR, plain.IR) {
			t.Errorf("%s with%s: %v, want the kernel that it is without", op.Name, chosen, err)
		}
		tiles := ""
		for _, name := range slices.Sorted(maps.Keys(tile)) {
			tiles += fmt.Sprintf(" %s=%v", name, tile[name])
		}
		lines = append(lines, fmt.Sprintf("%s words %s grid %s bindings %s written %d constants%s tile%s", op.Name, blanks(words), blanks(groups[:]),
			strings.Join(bindings, " "), written, chosen, tiles))
	}
	return lines
}

func blanks[T any](v []T) string { return strings.Trim(fmt.Sprint(v), "[]") }
