package soft

// logRow is a factor r/256 that brings a significand near 1, and minus the logarithm of that factor (of twice it for
// significands above 1.40625) as a signed 96-bit fraction.
type logRow struct{ r, hi, mid, lo uint32 }

// logTable is indexed by the first five bits after the point of the significand.
var logTable = [32]logRow{
	{256, 0x00000000, 0x00000000, 0x00000000},
	{245, 0x0b3e4a79, 0x6a5dac20, 0x827cca0c},
	{237, 0x13bdf5a7, 0xd1ee642f, 0x52eda76b},
	{231, 0x1a4e7640, 0xb1bc37a9, 0x28d77f07},
	{224, 0x222f1d04, 0x4fc8f7bc, 0x671683f9},
	{218, 0x29227b06, 0x676ac1bc, 0xaa7edb3c},
	{213, 0x2f131b0a, 0x8898e67b, 0xe3dbaf3f},
	{207, 0x3663b0ae, 0xb79c794e, 0x562a63cb},
	{202, 0x3ca61dff, 0xce202424, 0x4ec083e8},
	{197, 0x4310b59d, 0x858b8c45, 0x8b1e7574},
	{193, 0x485115b4, 0x3ae350fb, 0xd748d75d},
	{188, 0x4f0949dc, 0xccc60ed5, 0x2d81af57},
	{184, 0x548ab81c, 0xe28f5f38, 0x40b263ad},
	{180, 0xa8b90902, 0x9fd8d6bd, 0xc9c7c238},
	{176, 0xae79d0f7, 0x8e84f60b, 0xd2132133},
	{172, 0xb45c7514, 0x7b8b3d8f, 0x4cdb95ec},
	{169, 0xb8dd9cfa, 0x59981410, 0xe5c62aff},
	{165, 0xbeff69ad, 0x2cbefc94, 0x7610bd28},
	{162, 0xc3b1f123, 0xaa1a342c, 0x2af0003c},
	{159, 0xc87af317, 0xa4e653ac, 0x0c62ede4},
	{156, 0xcd5b4ac6, 0x17529713, 0x7d9f158f},
	{153, 0xd253e031, 0xcc5bc6e5, 0x57134767},
	{150, 0xd765a926, 0x6905c330, 0x584d5e0f},
	{148, 0xdad55a0f, 0xc015b967, 0xf4471dfc},
	{145, 0xe0136ece, 0x24154555, 0xd1ae6607},
	{142, 0xe56d92c5, 0xb52a9c9a, 0xf42dd564},
	{140, 0xe90f2d75, 0x1a94b464, 0x1b664613},
	{138, 0xecbe2869, 0xe42e2f6d, 0x667c89f0},
	{135, 0xf25e9147, 0x7347209e, 0xb9759c13},
	{133, 0xf630bc23, 0x00a1502b, 0x7f526feb},
	{131, 0xfa11b93e, 0x0a93b955, 0xb602ace4},
	{128, 0x00000000, 0x00000000, 0x00000000},
}

// log1pPoly gives log(1+t)/t with 63 bits after the point for v = |t| as a fraction of 64 bits, t from -0.0164 to 1/32.
// The polynomial's error is below 2^-66 (degree 9).
func log1pPoly(v u64, neg bool) u64 {
	n := sel(neg, 0, 0xffffffff) // the terms alternate where t is positive
	h := mulHi(v.hi, 0x0bfaa6ac)
	h = mulHi(v.hi, 0x0e35f97a+(h^n))
	h = 0x10001967 + (h ^ n)
	q := mul64(v, u64{h, 0})
	q = add64(u64{0x1249252c, 0xf919838a}, u64{q.hi ^ n, q.lo ^ n})
	q = mul64(v, q)
	q = add64(u64{0x15555554, 0x807fce2f}, u64{q.hi ^ n, q.lo ^ n})
	q = mul64(v, q)
	q = add64(u64{0x19999999, 0x918527ad}, u64{q.hi ^ n, q.lo ^ n})
	q = mul64(v, q)
	q = add64(u64{0x20000000, 0x000149f1}, u64{q.hi ^ n, q.lo ^ n})
	q = mul64(v, q)
	q = add64(u64{0x2aaaaaaa, 0xaaaacce0}, u64{q.hi ^ n, q.lo ^ n})
	q = mul64(v, q)
	q = add64(u64{0x40000000, 0x00000002}, u64{q.hi ^ n, q.lo ^ n})
	q = mul64(v, q)
	q = add64(u64{0x80000000, 0x00000000}, u64{q.hi ^ n, q.lo ^ n})
	return q
}

// logParts is a logarithm in two parts: e*ln2 + f, f a signed 96-bit fraction.
type logParts struct {
	e int32
	f u96
}

// logSplit takes apart the logarithm of a positive finite value. f's relative error is below 2^-61, and f is zero
// for a power of two.
func logSplit(a uint32) logParts {
	e := expOf(a) - 127
	m := sigOf(a)
	i := (m >> 18) & 31
	row := logTable[i]
	if i >= 13 {
		e++
	}
	t := m*row.r - sign // exact, 31 bits after the point
	neg := t >= sign
	v := sel(neg, 0-t, t)
	q := log1pPoly(u64{v << 1, 0}, neg)
	// v*q has 94 bits after the point.
	p := mulWide(v, q.hi)
	r := mulWide(v, q.lo)
	s := add64(p, u64{0, r.hi})
	f := u96{(s.hi << 2) | (s.lo >> 30), (s.lo << 2) | (r.lo >> 30), r.lo << 2}
	return logParts{e, add96(u96{row.hi, row.mid, row.lo}, fixed(f, neg))}
}

// lnSum is e*ln2 + f with 96 bits after the point and a word before it, signed.
func lnSum(l logParts) u128 {
	neg := l.e < 0
	n := uint32(l.e)
	if neg {
		n = 0 - n
	}
	p0 := mulWide(n, 0xc9e3b398)
	p1 := mulWide(n, 0xd1cf79ab)
	p2 := mulWide(n, 0xb17217f7)
	s := add96(u96{p2.hi, p2.lo, p1.lo}, u96{0, p1.hi, p0.hi})
	r := u128{s.hi, s.mid, s.lo, p0.lo}
	if neg {
		r = neg128(r)
	}
	return add128(r, u128{0 - (l.f.hi >> 31), l.f.hi, l.f.mid, l.f.lo})
}

// Log returns the natural logarithm.
func Log(a uint32) uint32 {
	if (a & 0x7fffffff) == 0 {
		return inf | sign
	}
	if a >= inf {
		return sel(a == inf, inf, nan)
	}
	return pack128(lnSum(logSplit(a)))
}

// Log2 returns the logarithm to base 2.
func Log2(a uint32) uint32 {
	if (a & 0x7fffffff) == 0 {
		return inf | sign
	}
	if a >= inf {
		return sel(a == inf, inf, nan)
	}
	l := logSplit(a)
	// f*log2(e): f's leading zeros are taken off first so that a small product keeps its bits.
	neg := l.f.hi >= sign
	f := fixed(l.f, neg)
	n := uint32(0)
	if f.hi == 0 {
		n = 32
		f = u96{f.mid, f.lo, 0}
	}
	k := clz(f.hi)
	g := shl64(u64{f.hi, f.mid}, k)
	if k != 0 && k != 32 {
		g.lo |= f.lo >> ((32 - k) & 31)
	}
	p := mul64(g, u64{0xb8aa3b29, 0x5c17f0bc})
	// p is f*log2(e) times 2^(95+n+k-32).
	h := shr96(u96{p.hi, p.lo, 0}, n+k)
	d := shl128(u128{0, h.hi, h.mid, h.lo}, 1)
	if neg {
		d = neg128(d)
	}
	return pack128(add128(d, u128{uint32(l.e), 0, 0, 0}))
}

// pack128 packs a signed number with 96 bits after the point; zero gives +0.
func pack128(a u128) uint32 {
	s := a.w3 & sign
	v := a
	if s != 0 {
		v = neg128(a)
	}
	e := int32(127 + 31)
	for i := 0; i < 3; i++ {
		if v.w3 == 0 {
			v = u128{v.w2, v.w1, v.w0, 0}
			e -= 32
		}
	}
	if v.w3 == 0 {
		return 0
	}
	n := clz(v.w3)
	m := shl64(u64{v.w3, v.w2}, n)
	return pack(s, e-int32(n), m.hi|sel((m.lo|v.w1|v.w0) != 0, 1, 0))
}
