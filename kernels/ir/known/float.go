package known

import (
	"math"
	"math/bits"
)

// Float says what a float can be. Max, Least, Grain and Bits are about its finite values.
type Float struct {
	NaN, Inf  bool    // it may be one
	Zero      bool    // it may be 0 or -0
	MinusZero bool    // it may be -0
	Max       float64 // it is at most so large, of either sign
	Least     int     // it is zero or at least 2^Least in size
	Grain     int     // it is a multiple of 2^Grain
	Bits      int     // it is a multiple of 2^k with a factor below 2^Bits, for some k
}

const (
	finest   = -149 // the exponent of the least subnormal number
	endless  = 1000 // the grain of zero
	maxFloat = math.MaxFloat32
)

var anyFloat = Float{true, true, true, true, maxFloat, finest, finest, 24}

func floatOf(b uint32) Float {
	v := math.Float32frombits(b)
	switch {
	case v != v:
		return Float{NaN: true, Least: endless, Grain: endless}
	case math.IsInf(float64(v), 0):
		return Float{Inf: true, Least: endless, Grain: endless}
	case v == 0:
		return Float{Zero: true, MinusZero: b != 0, Least: endless, Grain: endless}
	}
	x := math.Abs(float64(v))
	e := exponent(x)
	g := e
	for math.Mod(x, math.Ldexp(1, g)) != 0 {
		g--
	}
	return Float{Max: x, Least: e, Grain: g, Bits: e - g + 1}
}

// tidy lets each part learn from the others.
func (a Float) tidy() Float {
	a.Max = min(a.Max, maxFloat)
	if a.Max == 0 {
		a.Least, a.Grain, a.Bits = endless, endless, 0
		return a
	}
	a.Least = max(a.Least, finest)
	a.Grain = max(a.Grain, finest, a.Least-a.Bits+1)
	a.Least = max(a.Least, a.Grain)
	if a.Grain < endless {
		a.Bits = max(0, min(a.Bits, exponent(a.Max)+1-a.Grain))
	}
	a.MinusZero = a.MinusZero && a.Zero
	return a
}

func (a Float) join(b Float) Float {
	return Float{a.NaN || b.NaN, a.Inf || b.Inf, a.Zero || b.Zero, a.MinusZero || b.MinusZero, max(a.Max, b.Max),
		min(a.Least, b.Least), min(a.Grain, b.Grain), max(a.Bits, b.Bits)}
}

func (a Float) meet(b Float) Float {
	return Float{a.NaN && b.NaN, a.Inf && b.Inf, a.Zero && b.Zero, a.MinusZero && b.MinusZero, min(a.Max, b.Max),
		max(a.Least, b.Least), max(a.Grain, b.Grain), min(a.Bits, b.Bits)}.tidy()
}

// widen gives up the parts of b that have grown since a.
func (b Float) widen(a Float) Float {
	if b.Max > a.Max {
		b.Max, b.Inf, b.NaN = maxFloat, true, true
	}
	if b.Grain < a.Grain {
		// One step is left in between: the domain rule makes sums multiples of 2^-125.
		if b.Grain > -125 {
			b.Grain = -125
		} else {
			b.Grain = finest
		}
	}
	if b.Least < a.Least {
		b.Least = b.Grain
	}
	if b.Bits > a.Bits {
		b.Bits = 24
	}
	return b
}

// Finite reports that it is never an infinity or a NaN.
func (a Float) Finite() bool { return !a.NaN && !a.Inf }

// Normal reports that it is never subnormal.
func (a Float) Normal() bool { return a.Least >= -126 }

// Whole reports that it is an integer of at most 2^24 in size.
func (a Float) Whole() bool { return a.Finite() && a.Grain >= 0 && a.Max <= 1<<24 }

// up is the least binary32 number that is not below x, as an upper bound of a rounded value of at most x.
func up(x float64) float64 {
	v := float32(x)
	if float64(v) < x {
		v = math.Nextafter32(v, math.MaxFloat32)
	}
	return float64(v)
}

// sum is the fact of a+b and a-b, which is at most cap in size if that is not infinite. exact says that no sum rounds.
func sum(a, b Float, sub bool, limit float64) (r Float, exact bool) {
	if math.IsInf(limit, 0) { // otherwise it is known to be finite
		r.NaN = a.NaN || b.NaN || a.Inf && b.Inf
		r.Inf = a.Inf || b.Inf
	}
	r.Zero = true
	// A sum is -0 only if both terms are zeros with a minus.
	r.MinusZero = a.MinusZero && (b.MinusZero && !sub || b.Zero && sub)
	m := min(a.Max+b.Max, limit)
	r.Grain = min(a.Grain, b.Grain)
	r.Least, r.Bits = r.Grain, 24
	if m == 0 {
		r.Max = 0
		return r.tidy(), true
	}
	if a.Max == 0 {
		r.Zero = a.Zero && b.Zero || b.Zero
	} else if b.Max == 0 {
		r.Zero = a.Zero
	}
	// Of a term that is always the larger one something is left.
	for _, t := range [][2]Float{{a, b}, {b, a}} {
		if left := math.Ldexp(1, t[0].Least) - t[1].Max; !t[0].Zero && t[0].Max > 0 && left > 0 {
			r.Zero, r.Least = false, max(r.Least, exponent(left))
		}
	}
	if r.Grain >= finest && m <= math.Ldexp(1, 24+r.Grain) {
		exact = true
		r.Max = m
	} else {
		r.Max = up(m)
	}
	if r.Max > maxFloat || math.IsInf(r.Max, 0) {
		r.Max, r.Inf = maxFloat, true
		exact = false
	}
	return r.tidy(), exact
}

// product is the fact of a*b; exact says that it never rounds, overflows or underflows.
func product(a, b Float) (r Float, exact bool) {
	r.NaN = a.NaN || b.NaN || a.Inf && b.Zero || b.Inf && a.Zero
	r.Inf = a.Inf || b.Inf
	r.Zero = a.Zero || b.Zero
	r.MinusZero = true
	m := a.Max * b.Max
	if m == 0 {
		return r.tidy(), true
	}
	r.Max = up(m)
	r.Bits = 24
	least := max(a.Least+b.Least, finest)
	exact = a.Bits+b.Bits <= 24 && a.Grain+b.Grain >= finest
	switch {
	case exact:
		r.Bits = a.Bits + b.Bits
		r.Least, r.Grain = least, a.Grain+b.Grain
	case a.Least+b.Least >= -126: // rounded to 24 bits
		r.Least, r.Grain = least, max(least-23, a.Grain+b.Grain)
	default: // it may underflow
		r.Grain = max(finest, a.Grain+b.Grain)
		r.Least, r.Zero = r.Grain, true
	}
	if r.Max > maxFloat {
		r.Max, r.Inf, exact = maxFloat, true, false
	}
	return r.tidy(), exact
}

// fromBits is the fact of the float whose bits an integer is.
func fromBits(a Int) Float {
	r := anyFloat
	if tz := bits.TrailingZeros32(^a.Zeros); tz > 0 {
		tz = min(tz, 23)
		r.Bits = 24 - tz
		r.Grain = finest + tz
	}
	if a.Hi <= 0x7fffffff { // no sign: the order of the bits is that of the floats
		r.MinusZero = false
		r.Zero = a.Lo == 0
		r.NaN = a.Hi > 0x7f800000
		r.Inf = a.Hi >= 0x7f800000 && a.Lo <= 0x7f800000
		if a.Hi < 0x7f800000 {
			r.Max = float64(math.Float32frombits(a.Hi))
		}
		if a.Lo > 0 && a.Lo < 0x7f800000 {
			r.Least = exponent(float64(math.Float32frombits(a.Lo)))
		}
	}
	return r.tidy()
}

// fromInt is the fact of a converted integer between lo and hi; exact says that no conversion rounds.
func fromInt(lo, hi float64, zeros uint32) (r Float, exact bool) {
	m := max(math.Abs(lo), math.Abs(hi))
	r = Float{Zero: lo <= 0 && hi >= 0, Max: up(m), Grain: 0, Least: 0, Bits: 24}
	if g := bits.TrailingZeros32(^zeros); g < 32 {
		r.Grain, r.Least = g, g
	}
	if lo > 0 {
		r.Least = max(r.Least, exponent(lo))
	}
	return r.tidy(), m <= math.Ldexp(1, 24+r.Grain)
}
