package soft

// wide is the positive number m/2^64 * 2^e, m's leading one at the top: 64 significant bits.
type wide struct {
	e int32
	m u64
}

// wideOf widens a positive finite operand.
func wideOf(a uint32) wide {
	return wide{expOf(a) - 126, u64{sigOf(a) << 8, 0}}
}

// wideInt is a positive integer.
func wideInt(n uint32) wide {
	k := clz(n)
	return wide{int32(32 - k), u64{n << (k & 31), 0}}
}

// packWide rounds to binary32 with sign bit s.
func packWide(s uint32, a wide) uint32 {
	return pack(s, a.e+126, a.m.hi|sel(a.m.lo != 0, 1, 0))
}

// twice is 2a if up holds, else a/2.
func twice(a wide, up bool) wide {
	if up {
		return wide{a.e + 1, a.m}
	}
	return wide{a.e - 1, a.m}
}

// norm makes a wide of m/2^64 * 2^e for any m; zero becomes the least wide, far below anything that counts.
func norm(m u64, e int32) wide {
	n := clz(m.hi)
	if n == 32 {
		n += clz(m.lo)
	}
	if n == 64 {
		return wide{-4096, u64{sign, 0}}
	}
	return wide{e - int32(n), shl64(m, n)}
}

// wmul is a*b with a relative error below 2^-60.
func wmul(a, b wide) wide {
	return norm(mul64(a.m, b.m), a.e+b.e)
}

// wadd is a+b with a relative error below 2^-62.
func wadd(a, b wide) wide {
	x := a
	y := b
	if a.e < b.e {
		x = b
		y = a
	}
	s := shr96(u96{y.m.hi, y.m.lo, 0}, uint32(x.e-y.e))
	m := add64(x.m, u64{s.hi, s.mid})
	if m.hi < x.m.hi || (m.hi == x.m.hi && m.lo < x.m.lo) {
		return wide{x.e + 1, u64{(m.hi >> 1) | sign, (m.lo >> 1) | (m.hi << 31)}}
	}
	return wide{x.e, m}
}

// wsub is a-b for a >= b with an error below 2^-64 of a, exact where b's last bit is not below a's.
func wsub(a, b wide) wide {
	s := shr96(u96{b.m.hi, b.m.lo, 0}, uint32(a.e-b.e))
	return norm(sub64(a.m, u64{s.hi, s.mid}), a.e)
}

// recip64 is 1/(2b), below 1, for b from 1/2 to below 1, all 64-bit fractions: Newton's iteration r' = 2r(1-br) from a
// 16-bit quotient, once in one word and twice in two. What is taken off 1-br keeps truncation from passing the limit.
// The relative error is below 2^-59.
func recip64(b u64) u64 {
	r := (0xffffffff / ((b.hi >> 16) + 1)) << 15
	r = mulHi(r, 0-mulHi(b.hi, r)-3) << 1
	y := u64{r, 0}
	for i := 0; i < 2; i++ {
		y = shl64(mul64(y, sub64(u64{0xffffffff, 0xfffffff8}, mul64(b, y))), 1)
	}
	return y
}

// wdiv is a/b with a relative error below 2^-58.
func wdiv(a, b wide) wide {
	return norm(mul64(a.m, recip64(b.m)), a.e-b.e+1)
}

// rsqrt64 is 1/(2*sqrt(a)), below 1, for a from 1/4 to below 1, all 64-bit fractions: a quadratic (error below 0.04),
// then Newton's iteration h' = 2h(3/4 - a*h*h), twice in one word and twice in two. The relative error is below 2^-58.
func rsqrt64(a u64) u64 {
	h := (0x541de486 - mulHi(a.hi, 0x64497d2b-mulHi(a.hi, 0x30bdecbc))) << 2
	for i := 0; i < 2; i++ {
		h = mulHi(h, 0xbffffffc-mulHi(a.hi, mulHi(h, h))) << 1
	}
	y := u64{h, 0}
	for i := 0; i < 2; i++ {
		y = shl64(mul64(y, sub64(u64{0xbfffffff, 0xfffffff4}, mul64(a, mul64(y, y)))), 1)
	}
	return y
}

// evenExp writes a as m * 4^(e/2), m from 1/4 to below 1 and e even.
func evenExp(a wide) wide {
	if (a.e & 1) != 0 {
		return wide{a.e + 1, u64{a.m.hi >> 1, (a.m.lo >> 1) | (a.m.hi << 31)}}
	}
	return a
}

// wsqrt is the square root with a relative error below 2^-58.
func wsqrt(a wide) wide {
	x := evenExp(a)
	return norm(mul64(x.m, rsqrt64(x.m)), (x.e>>1)+1)
}

// norm128 makes a wide of v/2^128 * 2^e; v is not zero.
func norm128(v u128, e int32) wide {
	w := v
	k := e
	for i := 0; i < 3; i++ {
		if w.w3 == 0 {
			w = u128{w.w2, w.w1, w.w0, 0}
			k -= 32
		}
	}
	n := clz(w.w3)
	m := shl64(u64{w.w3, w.w2}, n)
	if n != 0 {
		m.lo |= w.w1 >> ((32 - n) & 31)
	}
	return wide{k - int32(n), m}
}

// InvSqrt returns 1/sqrt.
func InvSqrt(a uint32) uint32 {
	if (a & 0x7fffffff) == 0 {
		return a | inf
	}
	if a >= inf {
		return sel(a == inf, 0, nan)
	}
	x := evenExp(wideOf(a))
	return packWide(0, norm(rsqrt64(x.m), 1-(x.e>>1)))
}
