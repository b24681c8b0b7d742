package lib

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/sdk/jobtest"
)

// Every kernel is what kernels/lib says: the words of its parameters, its grid, bindings, overrides and tile.
func TestKernels(t *testing.T) {
	constants := map[string][]jobtest.Constant{}
	for _, k := range all {
		for _, c := range k.Constants() {
			constants[k.Op().Name] = append(constants[k.Op().Name], jobtest.Constant(c))
		}
	}
	want := jobtest.Kernels(t, constants)
	if len(all) != len(want) {
		t.Fatalf("%d kernels, want %d", len(all), len(want))
	}
	text := func(list []Constant) string {
		s := ""
		for _, c := range list {
			s += fmt.Sprintf(" %s=%v", c.Name, c.Value)
		}
		return s
	}
	for i, k := range all {
		op := k.Op()
		tile := make([]uint32, len(op.Tile))
		values := map[string]float64{}
		for i, c := range op.Tile {
			tile[i] = uint32(c.Value)
			values[c.Name] = c.Value
		}
		for _, c := range k.Constants() {
			values[c.Name] = c.Value
		}
		var bindings []string
		written := 0
		for i, b := range op.Bindings {
			bindings = append(bindings, b.Name)
			if b.Writable {
				written |= 1 << i
			}
		}
		groups := op.Grid(k.Words(), tile)
		got := fmt.Sprintf("%s words %s grid %s bindings %s written %d constants%s tile%s", op.Name, strings.Trim(fmt.Sprint(k.Words()), "[]"),
			strings.Trim(fmt.Sprint(groups), "[]"), strings.Join(bindings, " "), written, text(k.Constants()), text(op.Tile))
		if got != want[i] {
			t.Errorf("%s\nwant %s", got, want[i])
		}
		m, err := kernels.Compile(op.Source)
		if err == nil {
			_, err = m.Kernel(op.Name, values)
		}
		if err != nil {
			t.Errorf("%s: %v", op.Name, err)
		}
	}
}
