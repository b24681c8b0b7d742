// Package f32 has the correctly rounded binary32 functions in plain Go: for every finite or infinite operand the result
// is the mathematical value rounded once to nearest even, and a NaN result is 0x7fc00000. The interpreter and the
// compiler's constant folding use it. The CPU device runs the same text, printed as C and compiled to WebAssembly; GPUs
// run that of package soft, printed as WGSL.
package f32

//go:generate go run ./gen

import "math"

// Fma returns a*b+c rounded once.
func Fma(a, b, c float32) float32 {
	p := float64(a) * float64(b) // exact: 48 bits
	x := float64(c)
	s := p + x
	if s != s {
		return math.Float32frombits(0x7fc00000)
	}
	if s-s != 0 {
		return float32(s)
	}
	// Round p+x to odd before rounding to binary32: then the second rounding cannot go wrong (Boldo, Melquiond 2008).
	bb := s - p
	e := (p - (s - bb)) + (x - bb) // exact error of the sum (Knuth's TwoSum)
	u := math.Float64bits(s)
	if e != 0 && u&1 == 0 {
		if (e > 0) == (s > 0) {
			u++
		} else {
			u--
		}
	}
	return float32(math.Float64frombits(u))
}
