package soft

// twoOverPi is 2/pi in words, after one word of zeros.
var twoOverPi = [9]uint32{0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561}

// angle is q*pi/2 + f*pi/2, or q*pi/2 - f*pi/2 where neg holds; f is at most 1/2.
type angle struct {
	q   uint32
	neg bool
	f   wide
}

// joined is the 32 bits of two words from bit k below 32 on.
func joined(a, b, k uint32) uint32 {
	if k == 0 {
		return a
	}
	return (a << (k & 31)) | (b >> ((32 - k) & 31))
}

// reduce divides a positive finite operand by pi/2. From pi/4 on (Payne and Hanek) only those bits of 2/pi are
// multiplied that weigh 2 in the product or less, 128 of them; the product's error is below 2^-102, and no binary32 number is
// nearer than 2^-31 to a multiple of pi/2, so that more than 64 bits of the remainder are right.
func reduce(x uint32) angle {
	if x < 0x3f490fdb {
		return angle{0, false, wmul(wideOf(x), wide{0, u64{0xa2f9836e, 0x4e44152a}})}
	}
	m := (x & 0x7fffff) | 0x800000
	at := (x >> 23) - 120
	i := at >> 5
	k := at & 31
	w4 := twoOverPi[i]
	w3 := twoOverPi[i+1]
	w2 := twoOverPi[i+2]
	w1 := twoOverPi[i+3]
	w0 := twoOverPi[i+4]
	p3 := mulWide(m, joined(w4, w3, k))
	p2 := mulWide(m, joined(w3, w2, k))
	p1 := mulWide(m, joined(w2, w1, k))
	p0 := mulWide(m, joined(w1, w0, k))
	s := add96(u96{p3.lo, p2.lo, p1.lo}, u96{p2.hi, p1.hi, p0.hi})
	v := shl128(u128{s.hi, s.mid, s.lo, p0.lo}, 2)
	q := s.hi >> 30
	neg := v.w3 >= sign
	if neg {
		v = neg128(v)
		q++
	}
	return angle{q & 3, neg, norm128(v, 0)}
}

// square is f*f as a 64-bit fraction for f at most 1/2.
func square(f wide) u64 {
	n := uint32(0 - f.e)
	s := shr96(u96{f.m.hi, f.m.lo, 0}, n)
	return mul64(u64{s.hi, s.mid}, u64{s.hi, s.mid})
}

// sinPi2 is sin(f*pi/2) for f up to 1/2: f times a polynomial in f*f (degree 7, error below 2^-68).
func sinPi2(f wide) wide {
	z := square(f)
	q := sub64(u64{0x0000007a, 0x3bb44bb8}, mul64(z, u64{0x00000001, 0x6c5b875d}))
	q = sub64(u64{0x00001e30, 0x74b4ff30}, mul64(z, q))
	q = sub64(u64{0x000541e0, 0xd2172f61}, mul64(z, q))
	q = sub64(u64{0x00996966, 0x73156112}, mul64(z, q))
	q = sub64(u64{0x0a335e33, 0xbad56c90}, mul64(z, q))
	q = sub64(u64{0x52aef398, 0x96f94aed}, mul64(z, q))
	q = sub64(u64{0xc90fdaa2, 0x2168c235}, mul64(z, q))
	return wmul(f, wide{1, q})
}

// cosPi2 is cos(f*pi/2) for f up to 1/2, a polynomial in f*f (degree 8, error below 2^-75).
func cosPi2(f wide) wide {
	z := square(f)
	q := sub64(u64{0x0000000d, 0xb6eb67d1}, mul64(z, u64{0x00000000, 0x23c54d3f}))
	q = sub64(u64{0x000003f3, 0xa70a9025}, mul64(z, q))
	q = sub64(u64{0x0000d368, 0xf94f8e40}, mul64(z, q))
	q = sub64(u64{0x001e1f50, 0x68919a8a}, mul64(z, q))
	q = sub64(u64{0x02aba78f, 0xc797fdaf}, mul64(z, q))
	q = sub64(u64{0x20783e10, 0x36b5875d}, mul64(z, q))
	q = sub64(u64{0x9de9e64d, 0xf22ef2d2}, mul64(z, q))
	q = sub64(u64{0x80000000, 0x00000000}, mul64(z, q))
	return norm(q, 1)
}

// sinTurned is the sine of the angle plus turns*pi/2, rounded, with the sign bit s flipped.
func sinTurned(a angle, turns, s uint32) uint32 {
	q := a.q + turns
	t := s ^ ((q & 2) << 30)
	if (q & 1) != 0 {
		return packWide(t, cosPi2(a.f))
	}
	return packWide(t^sel(a.neg, sign, 0), sinPi2(a.f))
}

// Sin returns the sine of an angle in radians.
func Sin(a uint32) uint32 {
	x := a & 0x7fffffff
	if x >= inf {
		return nan
	}
	if x < 0x39000000 { // below 2^-13 the cubic term is less than half a place
		return a
	}
	return sinTurned(reduce(x), 0, a&sign)
}

// Cos returns the cosine of an angle in radians.
func Cos(a uint32) uint32 {
	x := a & 0x7fffffff
	if x >= inf {
		return nan
	}
	if x < 0x39000000 {
		return one
	}
	return sinTurned(reduce(x), 1, 0)
}

// Tan returns the tangent of an angle in radians.
func Tan(a uint32) uint32 {
	x := a & 0x7fffffff
	if x >= inf {
		return nan
	}
	if x < 0x39000000 {
		return a
	}
	r := reduce(x)
	s := sinPi2(r.f)
	c := cosPi2(r.f)
	t := (a & sign) ^ sel(r.neg, sign, 0)
	if (r.q & 1) != 0 {
		return packWide(t^sign, wdiv(c, s))
	}
	return packWide(t, wdiv(s, c))
}
