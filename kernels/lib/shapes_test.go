package lib_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels/lib"
)

// TestSizes reads every header: kernels can be timed only where it says how large their buffers are.
func TestSizes(t *testing.T) {
	for _, o := range lib.Ops() {
		p := map[string]uint32{}
		for _, name := range o.Params {
			name, _, _ = strings.Cut(name, ":")
			p[name] = 8
		}
		if _, err := o.Sizes(p, nil); err != nil {
			t.Error(err)
		}
	}
	for _, c := range []struct {
		op        string
		p         map[string]uint32
		overrides map[string]float64
		want      []uint64
	}{
		{"matmul_f32", map[string]uint32{"m": 3, "n": 5, "k": 7, "batch": 2}, nil, []uint64{2 * 21, 2 * 35, 10, 30}},
		{"f32_to_bf16", map[string]uint32{"n": 7}, nil, []uint64{7, 4}},
		{"top_k", map[string]uint32{"rows": 4, "n": 9, "k": 2}, nil, []uint64{36, 8, 8}},
	} {
		o, err := lib.Get(c.op)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := o.Sizes(c.p, c.overrides); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v, want %v", c.op, got, err, c.want)
		}
	}
}
