package soft

// Exp returns e to the power of its operand: 2 to the power of operand * log2(e).
func Exp(a uint32) uint32 {
	x := a & 0x7fffffff
	if x > inf {
		return nan
	}
	if x >= 0x43000000 { // 128 and more
		return sel(a >= sign, 0, inf)
	}
	if x < 0x32800000 { // below 2^-26
		return one
	}
	return exp2Fixed(fixed(timesLog2e(x), a >= sign))
}

// Exp2 returns 2 to the power of its operand.
func Exp2(a uint32) uint32 {
	x := a & 0x7fffffff
	if x > inf {
		return nan
	}
	if x >= 0x43800000 { // 256 and more
		return sel(a >= sign, 0, inf)
	}
	if x < 0x32800000 {
		return one
	}
	if a == 0xc3160000 {
		return 0 // 2^-150 is the middle between 0 and the least subnormal
	}
	return exp2Fixed(fixed(shr96(u96{sigOf(x) << 8, 0, 0}, 158-(x>>23)), a >= sign))
}

// timesLog2e gives x*log2(e), for x from 2^-26 to below 256, with 64 bits after the point.
func timesLog2e(x uint32) u96 {
	m := sigOf(x) << 8
	p := mulWide(m, 0xb8aa3b29)
	q := mulWide(m, 0x5c17f0bb)
	s := add64(p, u64{0, q.hi})
	t := q.lo + mulHi(m, 0xbe87fed0)
	// log2(e) has one bit before its point and m stands for x*2^(158-e), so s:t is the product times 2^(189-e+64-96).
	return shr96(add96(u96{s.hi, s.lo, t}, u96{0, sel(t < q.lo, 1, 0), 0}), 157-(x>>23))
}

// fixed negates a where neg holds.
func fixed(a u96, neg bool) u96 {
	if neg {
		return sub96(u96{0, 0, 0}, a)
	}
	return a
}

// exp2Fixed gives 2 to the power of a, a signed integer with 64 bits after the point, packed.
func exp2Fixed(a u96) uint32 {
	m := exp2Frac(u64{a.mid, a.lo})
	return pack(0, int32(a.hi)+127, m.hi|sel(m.lo != 0, 1, 0))
}

// exp2Poly gives Q(v), 63 bits after the point: 2^g = 1 + u*Q(v) with u = 4g and v = g/8 for g below 1/4. Its error is
// below 2^-71 (degree 9); the two highest terms are below 2^-40 and need a single word.
func exp2Poly(u u64) u64 {
	v := u64{u.hi >> 5, (u.hi << 27) | (u.lo >> 5)}
	h := 0x58b19eeb + mulHi(v.hi, 0x3679c436+mulHi(v.hi, 0x20ca10d5))
	q := add64(u64{0x7ff2f605, 0xf78960dd}, mul64(v, u64{h, 0}))
	q = add64(u64{0xa184899c, 0x316d51fd}, mul64(v, q))
	q = add64(u64{0xaec3ff3c, 0x0e94d070}, mul64(v, q))
	q = add64(u64{0x9d955b7d, 0xd2c84ccc}, mul64(v, q))
	q = add64(u64{0x71ac235c, 0x1282c947}, mul64(v, q))
	q = add64(u64{0x3d7f7bff, 0x058b1d5e}, mul64(v, q))
	q = add64(u64{0x162e42fe, 0xfa39ef35}, mul64(v, q))
	return q
}

// exp2Frac gives 2^f with 63 bits after the point for a fraction f of 64 bits: a quarter power times 2^g.
func exp2Frac(f u64) u64 {
	u := u64{(f.hi << 2) | (f.lo >> 30), f.lo << 2}
	w := mul64(u, exp2Poly(u))
	i := f.hi >> 30
	t := u64{0x80000000, 0x00000000}
	if i == 1 {
		t = u64{0x9837f051, 0x8db8a96f}
	} else if i == 2 {
		t = u64{0xb504f333, 0xf9de6484}
	} else if i == 3 {
		t = u64{0xd744fcca, 0xd69d6af4}
	}
	// q has 63 bits after the point, so w has one fewer than a fraction.
	return add64(t, mul64(shl64(w, 1), t))
}

// expm1 is e^x - 1 for an operand from 2^-13 to below 128. Below 0.17 x*log2(e) is below 1/4 and the polynomial's
// product keeps the relative precision; above that a few bits are lost to the subtraction.
func expm1(x uint32) wide {
	if x < 0x3e2e147b {
		y := wmul(wideOf(x), wide{1, u64{0xb8aa3b29, 0x5c17f0bc}})
		g := shr96(u96{y.m.hi, y.m.lo, 0}, uint32(0-y.e))
		return wmul(y, norm(exp2Poly(u64{(g.hi << 2) | (g.mid >> 30), (g.mid << 2) | (g.lo >> 30)}), 3))
	}
	a := timesLog2e(x)
	return wsub(wide{int32(a.hi) + 1, exp2Frac(u64{a.mid, a.lo})}, wideInt(1))
}

// Tanh returns the hyperbolic tangent: with m = e^2x - 1, m/(m+2).
func Tanh(a uint32) uint32 {
	x := a & 0x7fffffff
	if x > inf {
		return nan
	}
	if x < 0x39000000 { // below 2^-13 the cubic term is less than half a place
		return a
	}
	if x >= 0x41180000 { // from 9.5 on the result is 1 rounded
		return (a & sign) | one
	}
	m := expm1(x + 0x800000)
	return packWide(a&sign, wdiv(m, wadd(m, wideInt(2))))
}

// Sinh returns the hyperbolic sine: with m = e^x - 1, (m + m/(m+1))/2.
func Sinh(a uint32) uint32 {
	x := a & 0x7fffffff
	if x > inf {
		return nan
	}
	if x < 0x39000000 {
		return a
	}
	if x >= 0x43000000 {
		return (a & sign) | inf
	}
	m := expm1(x)
	return packWide(a&sign, twice(wadd(m, wdiv(m, wadd(m, wideInt(1)))), false))
}

// Cosh returns the hyperbolic cosine: (e^x + 1/e^x)/2.
func Cosh(a uint32) uint32 {
	x := a & 0x7fffffff
	if x > inf {
		return nan
	}
	if x < 0x39000000 {
		return one
	}
	if x >= 0x43000000 {
		return inf
	}
	y := timesLog2e(x)
	e := wide{int32(y.hi) + 1, exp2Frac(u64{y.mid, y.lo})}
	return packWide(0, twice(wadd(e, wdiv(wideInt(1), e)), false))
}
