// Package libm is a library of binary32 arithmetic and functions in WGSL, on bit patterns (u32), in unsigned integer
// arithmetic only: nothing in it depends on what a driver does with floats. Every function is the gw1 operator of the
// same name: correctly rounded to nearest even, subnormals and -0 kept, every NaN it makes is 0x7fc00000.
//
// The text is printed from the Go package kernels/f32/soft, which is tested on all inputs in its place. It keeps to WGSL
// that the oldest supported shader compiler takes: no pointers, no overrides, no constant functions, no f16.
package libm

import (
	"fmt"
	"strings"
)

//go:generate sh -c "cd ../../f32 && go generate"

// declaration is a function or struct of the library. Declarations stand after what they use.
type declaration struct {
	name string
	deps []string
	text string
}

// Source returns WGSL text that declares the named functions and all they use, each once and before its users. It
// panics on a name that the library lacks: names come from a compiler's own tables, see Names.
//
// Functions of one operand: gw_sqrt gw_floor gw_ceil gw_trunc gw_round gw_stof gw_utof gw_ftos gw_ftou and the
// transcendental ones; of two: gw_add gw_sub gw_mul gw_div gw_min gw_max, and gw_feq gw_flt gw_fle, which give 1 or 0;
// of three: gw_fma. All operands and results are u32.
func Source(names ...string) string {
	need := map[string]bool{}
	for _, n := range names {
		need[n] = true
	}
	// Users stand after what they use, so one pass from the end finds all.
	picked := make([]bool, len(declarations))
	for i := len(declarations) - 1; i >= 0; i-- {
		d := declarations[i]
		if need[d.name] {
			picked[i] = true
			delete(need, d.name)
			for _, dep := range d.deps {
				need[dep] = true
			}
		}
	}
	for n := range need {
		panic(fmt.Sprintf("libm: no WGSL function %q", n))
	}
	var b strings.Builder
	for i, d := range declarations {
		if picked[i] {
			b.WriteString(d.text)
		}
	}
	return b.String()
}

// Names lists the functions and structs of the library, each after what it uses.
func Names() []string {
	var out []string
	for _, d := range declarations {
		out = append(out, d.name)
	}
	return out
}
