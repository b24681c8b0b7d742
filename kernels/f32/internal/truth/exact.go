package truth

import (
	"math"
	"math/bits"
)

// The operations that integer arithmetic gives exactly, on bit patterns. None of them uses a conversion or a rounding of
// the processor, which is what they judge.
var OnBits = map[string]func(uint32) uint32{
	"sqrt": squareRoot, "floor": toIntegral(down), "ceil": toIntegral(up), "trunc": toIntegral(cut), "round": toIntegral(even),
	"stof": fromSigned, "utof": fromUnsigned, "ftos": toSigned, "ftou": toUnsigned, "quantizeToF16": quantize,
}

const (
	quietNaN = 0x7fc00000
	infinity = 0x7f800000
)

// squareRoot finds the integer root of the significand scaled by an even power of two, and rounds by the remainder.
func squareRoot(u uint32) uint32 {
	switch {
	case u&0x7fffffff > infinity || u>>31 != 0 && u<<1 != 0:
		return quietNaN
	case u<<1 == 0 || u == infinity:
		return u
	}
	m, e := uint64(u&0x7fffff), int(u>>23)
	if e == 0 {
		e = 1
	} else {
		m |= 1 << 23
	}
	e -= 150 // the value is m * 2^e
	n := bits.LeadingZeros64(m) - 14
	m, e = m<<n, e-n // 50 bits or 49, so 25 in the root: 24 and one to round by
	if e&1 != 0 {
		m, e = m>>1, e+1 // nothing is lost: at least 24 zeros stand below
	}
	r := uint64(math.Sqrt(float64(m))) // a guess, made exact next
	for r*r > m {
		r--
	}
	for (r+1)*(r+1) <= m {
		r++
	}
	return assemble(0, r, e/2, r*r != m)
}

// assemble rounds m * 2^e (and a little more, if some) to nearest even. The result is in the normal range, or too large.
func assemble(sign uint32, m uint64, e int, some bool) uint32 {
	if m == 0 {
		return sign
	}
	for m >= 1<<24 {
		low := m & 1
		m, e = m>>1, e+1
		if m < 1<<24 {
			if low == 1 && (some || m&1 == 1) {
				m++
			}
			if m == 1<<24 {
				m, e = m>>1, e+1
			}
			break
		}
		some = some || low == 1
	}
	for m < 1<<23 {
		m, e = m<<1, e-1
	}
	return sign | uint32(e+150)<<23 | uint32(m)&0x7fffff
}

func down(whole uint64, frac int, neg bool) uint64 { return step(whole, frac != exactly && neg) }
func up(whole uint64, frac int, neg bool) uint64   { return step(whole, frac != exactly && !neg) }
func cut(whole uint64, _ int, _ bool) uint64       { return whole }
func even(whole uint64, frac int, _ bool) uint64 {
	return step(whole, frac > half || frac == half && whole&1 == 1)
}

func step(whole uint64, more bool) uint64 {
	if more {
		whole++
	}
	return whole
}

// How the fraction of a number compares with a half.
const (
	exactly = iota // no fraction
	below
	half
	above
)

// split gives the whole part of a finite number below 2^63 in size, and what is left.
func split(u uint32) (whole uint64, frac int) {
	m, e := uint64(u&0x7fffff), int(u>>23&255)
	if e == 0 {
		e = 1
	} else {
		m |= 1 << 23
	}
	switch e -= 150; {
	case e >= 0:
		return m << e, exactly
	case m == 0:
		return 0, exactly
	case e < -25:
		return 0, below
	}
	whole = m >> -e
	rest, middle := m&(1<<-e-1), uint64(1)<<(-e-1)
	switch {
	case rest == 0:
		return whole, exactly
	case rest < middle:
		return whole, below
	case rest == middle:
		return whole, half
	}
	return whole, above
}

func toIntegral(choose func(whole uint64, frac int, neg bool) uint64) func(uint32) uint32 {
	return func(u uint32) uint32 {
		switch a := u & 0x7fffffff; {
		case a > infinity:
			return quietNaN
		case a >= 0x4b000000: // 2^23: no fraction
			return u
		}
		whole, frac := split(u)
		return assemble(u&(1<<31), choose(whole, frac, u>>31 != 0), 0, false)
	}
}

func fromUnsigned(u uint32) uint32 { return assemble(0, uint64(u), 0, false) }

func fromSigned(u uint32) uint32 {
	if u>>31 != 0 {
		return assemble(1<<31, uint64(-u), 0, false)
	}
	return assemble(0, uint64(u), 0, false)
}

func toSigned(u uint32) uint32 {
	a, neg := u&0x7fffffff, u>>31 != 0
	switch {
	case a > infinity:
		return 0
	case a >= 0x4f000000 && neg: // 2^31
		return 1 << 31
	case a >= 0x4f000000:
		return 1<<31 - 1
	}
	w, _ := split(u)
	if neg {
		return -uint32(w)
	}
	return uint32(w)
}

func toUnsigned(u uint32) uint32 {
	switch a := u & 0x7fffffff; {
	case a > infinity || u>>31 != 0:
		return 0
	case a >= 0x4f800000: // 2^32
		return math.MaxUint32
	}
	w, _ := split(u)
	return uint32(w)
}

// quantize rounds to the nearest binary16, ties to even; from 65520 on to an infinity.
func quantize(u uint32) uint32 {
	sign, a := u&(1<<31), u&0x7fffffff
	switch {
	case a > infinity:
		return quietNaN
	case a >= 0x477ff000:
		return sign | infinity
	case a < 0x33000000: // below half the least one
		return sign
	}
	// The unit of the last place of binary16 there, at least 2^-24.
	unit := max(int(a>>23)-127-10, -24)
	scaled := a - uint32(unit)<<23 // times 2^-unit: from a half to 2^11, so it stays normal
	whole, frac := split(scaled)
	return assemble(sign, even(whole, frac, false), unit, false)
}
