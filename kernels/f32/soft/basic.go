package soft

const (
	nan  = 0x7fc00000
	inf  = 0x7f800000
	sign = 0x80000000
	one  = 0x3f800000
)

// pack joins sign bit s, biased exponent e and significand m (leading one at bit 31), to nearest even, with
// overflow to infinity and gradual underflow.
func pack(s uint32, e int32, m uint32) uint32 {
	if e >= 255 {
		return s | inf
	}
	if e <= 0 {
		n := uint32(1 - e)
		v := sel(n > 31, 1, (m>>(n&31))|sel((m<<((32-n)&31)) != 0, 1, 0))
		r := v >> 8
		low := v & 255
		return s | (r + sel(low > 128 || (low == 128 && (r&1) != 0), 1, 0))
	}
	r := m >> 8
	low := m & 255
	return s | ((uint32(e-1) << 23) + r + sel(low > 128 || (low == 128 && (r&1) != 0), 1, 0))
}

// expOf is the biased exponent of a finite value not zero, as if subnormals were normalised.
func expOf(a uint32) int32 {
	e := (a >> 23) & 255
	if e == 0 {
		return int32(9 - clz(a&0x7fffff))
	}
	return int32(e)
}

// sigOf is the significand of a finite value not zero, leading one at bit 23.
func sigOf(a uint32) uint32 {
	m := a & 0x7fffff
	if (a & inf) == 0 {
		return m << ((clz(m) - 8) & 31)
	}
	return m | 0x800000
}

// Add returns a+b.
func Add(a, b uint32) uint32 {
	x := a
	y := b
	if (x & 0x7fffffff) < (y & 0x7fffffff) {
		x = b
		y = a
	}
	// x has the greater size, and is the NaN if there is one.
	xm := x & 0x7fffffff
	ym := y & 0x7fffffff
	if xm >= inf {
		if xm > inf || (ym == inf && x != y) {
			return nan
		}
		return x
	}
	if ym == 0 {
		if xm == 0 {
			return x & y
		}
		return x
	}
	ex := xm >> 23
	ey := ym >> 23
	sx := xm & 0x7fffff
	sy := ym & 0x7fffff
	if ex == 0 {
		ex = 1
	} else {
		sx |= 0x800000
	}
	if ey == 0 {
		ey = 1
	} else {
		sy |= 0x800000
	}
	sx <<= 7
	sy <<= 7
	d := ex - ey
	if d > 31 {
		sy = 1
	} else if d != 0 {
		sy = (sy >> (d & 31)) | sel((sy<<((32-d)&31)) != 0, 1, 0)
	}
	m := sx + sy
	if ((x ^ y) & sign) != 0 {
		m = sx - sy
	}
	if m == 0 {
		return 0
	}
	n := clz(m)
	return pack(x&sign, int32(ex+1-n), m<<(n&31))
}

// Sub returns a-b.
func Sub(a, b uint32) uint32 {
	return Add(a, b^sign)
}

// Mul returns a*b.
func Mul(a, b uint32) uint32 {
	s := (a ^ b) & sign
	x := a & 0x7fffffff
	y := b & 0x7fffffff
	if x >= inf || y >= inf {
		if x > inf || y > inf || x == 0 || y == 0 {
			return nan
		}
		return s | inf
	}
	if x == 0 || y == 0 {
		return s
	}
	e := expOf(x) + expOf(y) - 126
	p := mulWide(sigOf(x)<<8, sigOf(y)<<8)
	m := p.hi | sel(p.lo != 0, 1, 0)
	if m < sign {
		// The product's low word ends in 16 zeros, so the bit that comes in is its own.
		m = (p.hi << 1) | (p.lo >> 31) | sel((p.lo<<1) != 0, 1, 0)
		e--
	}
	return pack(s, e, m)
}

// Div returns a/b: the quotient of the significands in base 256, three digits after the point, and a sticky bit.
func Div(a, b uint32) uint32 {
	s := (a ^ b) & sign
	x := a & 0x7fffffff
	y := b & 0x7fffffff
	if x > inf || y > inf || (x == inf && y == inf) || (x == 0 && y == 0) {
		return nan
	}
	if x == inf || y == 0 {
		return s | inf
	}
	if y == inf || x == 0 {
		return s
	}
	e := expOf(x) - expOf(y) + 127
	r := sigOf(x)
	d := sigOf(y)
	if r < d {
		r <<= 1
		e--
	}
	q := uint32(1)
	r = (r - d) << 8
	for i := 0; i < 3; i++ {
		t := r / d
		q = (q << 8) | t
		r = (r - t*d) << 8
	}
	return pack(s, e, (q<<7)|sel(r != 0, 1, 0))
}

// Sqrt returns the square root: 26 bits of the significand's root, one by one, each subtracted from the remainder if it fits.
func Sqrt(a uint32) uint32 {
	if (a & 0x7fffffff) == 0 {
		return a
	}
	if a == inf {
		return a
	}
	if a > inf {
		return nan
	}
	e := expOf(a) - 127
	m := sigOf(a)
	if (e & 1) != 0 {
		m <<= 1
	}
	// The root of m*2^27 has 26 bits, m below 2^25: value bits enter the remainder in pairs from the top.
	r := uint32(0)
	q := uint32(0)
	v := m << 7
	for i := 0; i < 26; i++ {
		r = (r << 2) | (v >> 30)
		v <<= 2
		t := (q << 2) | 1
		q <<= 1
		if r >= t {
			r -= t
			q |= 1
		}
	}
	return pack(0, (e>>1)+127, (q<<6)|sel(r != 0, 1, 0))
}

// Fma returns a*b+c rounded once. Product and addend stand in 64 bits with their leading ones at bit 62 or 61, so that
// what the smaller one loses is below 2^-13 of the last bit kept, unless nothing can cancel.
func Fma(a, b, c uint32) uint32 {
	sp := (a ^ b) & sign
	x := a & 0x7fffffff
	y := b & 0x7fffffff
	z := c & 0x7fffffff
	if x > inf || y > inf || z > inf {
		return nan
	}
	if x == inf || y == inf {
		if x == 0 || y == 0 || (z == inf && (c&sign) != sp) {
			return nan
		}
		return sp | inf
	}
	if z == inf {
		return c
	}
	if x == 0 || y == 0 {
		if z == 0 {
			return c & (sp | 0x7fffffff)
		}
		return c
	}
	// p = 2^(ep-127) * pm/2^62, pm's leading one at bit 62 or 61.
	pm := mulWide(sigOf(x)<<8, sigOf(y)<<7)
	ep := expOf(x) + expOf(y) - 126
	cm := u64{0, 0}
	ec := ep
	if z != 0 {
		cm = u64{sigOf(z) << 7, 0}
		ec = expOf(z)
	}
	e := ep
	if ec > ep {
		e = ec
		pm = shrSticky64(pm, uint32(ec-ep))
	} else {
		cm = shrSticky64(cm, uint32(ep-ec))
	}
	s := sp
	m := add64(pm, cm)
	if (c & sign) != sp {
		m = sub64(pm, cm)
		if m.hi >= sign {
			m = sub64(cm, pm)
			s = c & sign
		}
	}
	if (m.hi | m.lo) == 0 {
		return 0
	}
	n := clz(m.hi)
	if n == 32 {
		n += clz(m.lo)
	}
	m = shl64(m, n)
	return pack(s, e+1-int32(n), m.hi|sel(m.lo != 0, 1, 0))
}

// UToF converts an unsigned integer.
func UToF(a uint32) uint32 {
	if a == 0 {
		return 0
	}
	n := clz(a)
	return pack(0, int32(158-n), a<<(n&31))
}

// SToF converts a signed integer.
func SToF(a uint32) uint32 {
	if a >= sign {
		return UToF(0-a) | sign
	}
	return UToF(a)
}

// FToU truncates to unsigned; it saturates, and gives 0 for a NaN.
func FToU(a uint32) uint32 {
	if a > inf || a < one {
		return 0
	}
	e := a >> 23
	if e >= 159 {
		return 0xffffffff
	}
	return (((a & 0x7fffff) | 0x800000) << 8) >> ((158 - e) & 31)
}

// FToS truncates to signed; it saturates, and gives 0 for a NaN.
func FToS(a uint32) uint32 {
	x := a & 0x7fffffff
	if x > inf {
		return 0
	}
	if x >= 0x4f000000 {
		return sel(a >= sign, sign, 0x7fffffff)
	}
	m := FToU(x)
	return sel(a >= sign, 0-m, m)
}

// Trunc rounds towards zero.
func Trunc(a uint32) uint32 {
	x := a & 0x7fffffff
	if x > inf {
		return nan
	}
	if x < one {
		return a & sign
	}
	e := x >> 23
	if e >= 150 {
		return a
	}
	return a & (0xffffffff << ((150 - e) & 31))
}

// Floor rounds towards minus infinity.
func Floor(a uint32) uint32 {
	t := Trunc(a)
	if a < sign || t == a || t == nan {
		return t
	}
	// Below -1 the size grows by one in the last integer place; a carry into the exponent is right.
	if (t & 0x7fffffff) == 0 {
		return one | sign
	}
	return t + (1 << ((150 - (t >> 23 & 255)) & 31))
}

// Ceil rounds towards plus infinity.
func Ceil(a uint32) uint32 {
	if (a & 0x7fffffff) > inf {
		return nan
	}
	return Floor(a^sign) ^ sign
}

// Round rounds to the nearest integer, ties to even.
func Round(a uint32) uint32 {
	x := a & 0x7fffffff
	if x > inf {
		return nan
	}
	e := x >> 23
	if e >= 150 {
		return a
	}
	if e < 126 || x == 0x3f000000 {
		return a & sign
	}
	if e == 126 {
		return (a & sign) | one
	}
	half := uint32(1) << ((149 - e) & 31)
	// Adding half less one, and one more if the integer is odd, carries exactly when rounding goes up.
	odd := (x >> ((150 - e) & 31)) & 1
	if e == 127 {
		odd = 1 // the unit bit of values from 1 to 2 is the implicit one
	}
	r := x + half - 1 + odd
	return (a & sign) | (r & (0xffffffff << ((150 - e) & 31)))
}

// order maps the bits of two values not NaN so that unsigned comparison orders them, -0 below +0.
func order(a uint32) uint32 {
	return sel(a >= sign, ^a, a|sign)
}

// FEq is 1 if a equals b, else 0.
func FEq(a, b uint32) uint32 {
	if (a&0x7fffffff) > inf || (b&0x7fffffff) > inf {
		return 0
	}
	return sel(a == b || ((a|b)&0x7fffffff) == 0, 1, 0)
}

// FLt is 1 if a is less than b, else 0.
func FLt(a, b uint32) uint32 {
	if (a&0x7fffffff) > inf || (b&0x7fffffff) > inf {
		return 0
	}
	return sel(order(a) < order(b) && ((a|b)&0x7fffffff) != 0, 1, 0)
}

// FLe is 1 if a is less than or equal to b, else 0.
func FLe(a, b uint32) uint32 {
	if (a&0x7fffffff) > inf || (b&0x7fffffff) > inf {
		return 0
	}
	return sel(order(a) <= order(b) || ((a|b)&0x7fffffff) == 0, 1, 0)
}

// Min returns the lesser, the other one if one is a NaN; -0 is less than +0.
func Min(a, b uint32) uint32 {
	if (a & 0x7fffffff) > inf {
		return sel((b&0x7fffffff) > inf, nan, b)
	}
	if (b & 0x7fffffff) > inf {
		return a
	}
	return sel(order(a) < order(b), a, b)
}

// Max returns the greater, the other one if one is a NaN; -0 is less than +0.
func Max(a, b uint32) uint32 {
	if (a & 0x7fffffff) > inf {
		return sel((b&0x7fffffff) > inf, nan, b)
	}
	if (b & 0x7fffffff) > inf {
		return a
	}
	return sel(order(a) < order(b), b, a)
}
