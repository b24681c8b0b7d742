// Package f32 has the correctly rounded binary32 functions in plain Go: for every finite or infinite operand the result
// is the mathematical value rounded once to nearest even. The interpreter and the compiler's constant folding use it;
// the CPU and GPU devices have their own code for the same functions, tested against this one.
//
// Go may fuse x*y+z on some processors; every product here that meets a sum stands inside an explicit conversion,
// which the language specification says prevents that.
package f32

//go:generate go run ./gen

import "math"

// Fma returns a*b+c rounded once.
func Fma(a, b, c float32) float32 {
	p := float64(a) * float64(b) // exact: 48 bits
	x := float64(c)
	s := p + x
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
