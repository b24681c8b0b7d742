package soft

// atanTable is the arc tangents of 0, 1/8 ... 1 as 64-bit fractions.
var atanTable = [9]u64{
	{0x00000000, 0x00000000},
	{0x1fd5ba9a, 0xac2f6dc6},
	{0x3eb6ebf2, 0x5901bac5},
	{0x5bd86507, 0x937bc23a},
	{0x76b19c15, 0x86ed3da3},
	{0x8f005d5e, 0xf7f59f9b},
	{0xa4bc7d19, 0x34f70924},
	{0xb8053e2b, 0xc2319e74},
	{0xc90fdaa2, 0x2168c235},
}

// atanSmall is the arc tangent of u up to a little over 1/16: u times a polynomial in u*u (degree 6, error below 2^-72).
func atanSmall(u wide) wide {
	z := square(u)
	q := sub64(u64{0x0ba2be6c, 0x08c1b67e}, mul64(z, u64{0x09ba60ab, 0xa43646b3}))
	q = sub64(u64{0x0e38e370, 0xd5cb5372}, mul64(z, q))
	q = sub64(u64{0x12492492, 0x3ea88e8f}, mul64(z, q))
	q = sub64(u64{0x19999999, 0x9997d17c}, mul64(z, q))
	q = sub64(u64{0x2aaaaaaa, 0xaaaaaa8e}, mul64(z, q))
	q = sub64(u64{0x80000000, 0x00000000}, mul64(z, q))
	return wmul(u, norm(q, 1))
}

// less reports a < b.
func less(a, b wide) bool {
	return a.e < b.e || (a.e == b.e && (a.m.hi < b.m.hi || (a.m.hi == b.m.hi && a.m.lo < b.m.lo)))
}

// atanBelow is atan(a/b) for a <= b: with c = i/8 near a/b, atan c + atan((a-cb)/(b+ca)).
func atanBelow(a, b wide) wide {
	t := wdiv(a, b)
	// i is 8t to the nearest integer, from 16t downwards.
	i := uint32(0)
	if t.e >= -3 {
		i = ((t.m.hi >> (uint32(28-t.e) & 31)) + 1) >> 1
		if t.e > 0 {
			i = 8
		}
	}
	if i == 0 {
		return atanSmall(t)
	}
	n := wideInt(i)
	x := twice(twice(twice(a, true), true), true)
	y := wmul(b, n)
	d := wadd(twice(twice(twice(b, true), true), true), wmul(a, n))
	neg := less(x, y)
	u := wsub(x, y)
	if neg {
		u = wsub(y, x)
	}
	s := atanSmall(wdiv(u, d))
	if neg {
		return wsub(norm(atanTable[i], 0), s)
	}
	return wadd(norm(atanTable[i], 0), s)
}

// atanRatio is atan(a/b), from 0 to pi/2.
func atanRatio(a, b wide) wide {
	if less(b, a) {
		return wsub(wide{1, u64{0xc90fdaa2, 0x2168c235}}, atanBelow(b, a))
	}
	return atanBelow(a, b)
}

// cosOfAsin is sqrt(1-x*x) for x below 1; both factors are exact.
func cosOfAsin(x wide) wide {
	u := wideInt(1)
	return wsqrt(wmul(wsub(u, x), wadd(u, x)))
}

// Atan returns the arc tangent in radians.
func Atan(a uint32) uint32 {
	x := a & 0x7fffffff
	if x > inf {
		return nan
	}
	if x < 0x39000000 {
		return a
	}
	if x >= 0x4c800000 { // from 2^26 on the result is pi/2 rounded
		return (a & sign) | 0x3fc90fdb
	}
	return packWide(a&sign, atanRatio(wideOf(x), wideInt(1)))
}

// Asin returns the arc sine in radians.
func Asin(a uint32) uint32 {
	x := a & 0x7fffffff
	if x > one {
		return nan
	}
	if x < 0x39000000 {
		return a
	}
	if x == one {
		return (a & sign) | 0x3fc90fdb
	}
	return packWide(a&sign, atanRatio(wideOf(x), cosOfAsin(wideOf(x))))
}

// Acos returns the arc cosine in radians.
func Acos(a uint32) uint32 {
	x := a & 0x7fffffff
	if x > one {
		return nan
	}
	if x == one {
		return sel(a == one, 0, 0x40490fdb)
	}
	if x < 0x32800000 { // below 2^-26
		return 0x3fc90fdb
	}
	r := atanRatio(cosOfAsin(wideOf(x)), wideOf(x))
	if a >= sign {
		r = wsub(wide{2, u64{0xc90fdaa2, 0x2168c235}}, r)
	}
	return packWide(0, r)
}

// log1p is log(1+v). Up to 1/32 it is v times the polynomial of log, above that the logarithm of the sum.
func log1p(v wide) wide {
	if v.e <= -5 {
		s := shr96(u96{v.m.hi, v.m.lo, 0}, uint32(0-v.e))
		return wmul(v, norm(log1pPoly(u64{s.hi, s.mid}, false), 1))
	}
	a := wadd(wideInt(1), v)
	i := (a.m.hi >> 26) & 31
	row := logTable[i]
	e := a.e - 1
	if i >= 13 {
		e++
	}
	// t = m*r/256 - 1 for the significand m from 1 to 2, 63 bits after the point.
	p := mulWide(a.m.hi, row.r)
	s := add64(p, u64{0, mulHi(a.m.lo, row.r)})
	t := u64{((s.hi << 24) | (s.lo >> 8)) ^ sign, (s.lo << 24) | ((a.m.lo * row.r) >> 8)}
	neg := t.hi >= sign
	if neg {
		t = sub64(u64{0, 0}, t)
	}
	q := mul64(shl64(t, 1), log1pPoly(shl64(t, 1), neg))
	f := u96{(q.hi << 1) | (q.lo >> 31), q.lo << 1, 0}
	return norm128(lnSum(logParts{e, add96(u96{row.hi, row.mid, row.lo}, fixed(f, neg))}), 32)
}

// Asinh returns the inverse hyperbolic sine: log1p(x + x*x/(1+sqrt(1+x*x))).
func Asinh(a uint32) uint32 {
	x := a & 0x7fffffff
	if x > inf {
		return nan
	}
	if x < 0x39000000 || x == inf {
		return a
	}
	v := wideOf(x)
	s := wmul(v, v)
	r := wsqrt(wadd(wideInt(1), s))
	return packWide(a&sign, log1p(wadd(v, wdiv(s, wadd(wideInt(1), r)))))
}

// Acosh returns the inverse hyperbolic cosine: with t = x-1, log1p(t + sqrt(t*(t+2))).
func Acosh(a uint32) uint32 {
	if a < one || a > inf {
		return nan
	}
	if a == one {
		return 0
	}
	if a == inf {
		return inf
	}
	t := wsub(wideOf(a), wideInt(1))
	return packWide(0, log1p(wadd(t, wsqrt(wmul(t, wadd(t, wideInt(2)))))))
}

// Atanh returns the inverse hyperbolic tangent: log1p(2x/(1-x))/2.
func Atanh(a uint32) uint32 {
	x := a & 0x7fffffff
	if x > one {
		return nan
	}
	if x < 0x39000000 {
		return a
	}
	if x == one {
		return (a & sign) | inf
	}
	v := wideOf(x)
	return packWide(a&sign, twice(log1p(wdiv(twice(v, true), wsub(wideInt(1), v))), false))
}
