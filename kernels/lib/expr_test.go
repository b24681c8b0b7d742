package lib

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

// evaluated is a grid's three numbers, or its error.
func evaluated(text string, p map[string]uint32, t Tile) ([3]uint64, error) {
	var names []string
	for name := range p {
		names = append(names, name)
	}
	var out [3]uint64
	dims, err := parseGrid(text, names, t)
	for i := 0; i < 3 && err == nil; i++ {
		out[i], err = dims[i].Eval(p, t)
	}
	return out, err
}

func TestGridValues(t *testing.T) {
	p := map[string]uint32{"n": 70001, "rows": 7, "most": math.MaxUint32, "none": 0}
	tile := Tile{"size": 64, "rows": 2}
	const all = math.MaxUint64
	for text, want := range map[string][3]uint64{
		"n":                                 {70001, 1, 1},
		"ceil(n / tile.size), rows, 3":      {1094, 7, 3},
		"n / tile.size":                     {1093, 1, 1},
		"fold(n)":                           {65535, 2, 1},
		"fold(65535 * 3)":                   {65535, 3, 1},
		"fold(none)":                        {0, 1, 1},
		"2, fold(n)":                        {2, 65535, 2},
		"rows / tile.rows * tile.rows":      {6, 1, 1},
		"rows - 2 - 3, rows - (2 - 3)":      {2, 7, 1},
		"2 + rows * 3, (2 + rows) * 3":      {23, 27, 1},
		"min(n, 65535), max(rows, none), 1": {65535, 7, 1},
		"ceil(rows * rows / 2)":             {25, 1, 1},
		"most * most * most, most + most":   {all, 2 * math.MaxUint32, 1},
		"most * most * most + most":         {all, 1, 1},
		"ceil(rows/tile.rows),none-rows":    {4, 0, 1},
	} {
		if got, err := evaluated(text, p, tile); err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"":                  `found "", want a number, a parameter or a value of the tile`,
		"size":              `found "size", want a number`,
		"tile.n":            `found "tile.n", want a number`,
		"n n":               `found "n", want a comma or the end`,
		"n, n, n, n":        "4 dimensions, want at most 3",
		"n, fold(n), fold(": `found "", want a number`,
		"n, n, fold(n)":     "4 dimensions",
		"ceil(n)":           "found ceil(n), want ceil(a / b)",
		"ceil(n / 2":        `found "", want ")"`,
		"min(n)":            `found ")", want ","`,
		"fold(n) * 2":       `found "*", want a comma`,
		"N":                 `found "N", want a number`,
		"99999999999":       `found "99999999999"`,
		"n / none":          "none is 0 in n / none",
		"ceil(n / (2 - 2))": "2 - 2 is 0 in ceil(n / (2 - 2))",
	} {
		if got, err := evaluated(text, p, tile); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v, want %q", text, got, err, want)
		}
	}
	for _, v := range []float64{-1, 0.5, math.NaN(), math.Inf(1), 1 << 32} {
		if got, err := evaluated("tile.size", nil, Tile{"size": v}); err == nil {
			t.Errorf("a tile's size of %v gives %v", v, got)
		}
	}
}

// TestGridTexts is about the grids of the library: each is what its text, printed, says again.
func TestGridTexts(t *testing.T) {
	for _, o := range Ops() {
		dims, err := o.Dimensions()
		if err != nil {
			t.Error(err)
			continue
		}
		var texts []string
		for _, d := range dims {
			texts = append(texts, d.String())
		}
		again, err := parseGrid(strings.Join(texts, ", "), o.Params, o.Tiles[0])
		if err != nil || !reflect.DeepEqual(dims, again) {
			t.Errorf("%s: %s, printed %s: %v", o.Name, o.Grid, texts, err)
		}
	}
}
