package soft

// u64, u96 and u128 are unsigned numbers, or signed ones in two's complement, of several words.
type u64 struct{ hi, lo uint32 }

type u96 struct{ hi, mid, lo uint32 }

type u128 struct{ w3, w2, w1, w0 uint32 }

// sel gives a where c holds, else b; it is WGSL's select with the operands the other way round.
func sel(c bool, a, b uint32) uint32 {
	if c {
		return a
	}
	return b
}

// clz counts leading zeros, 32 for zero. WGSL has it built in, and kernels/probe tests that.
func clz(x uint32) uint32 {
	v := x
	n := sel(v == 0, 1, 0)
	if v < 0x10000 {
		n += 16
		v <<= 16
	}
	if v < 0x1000000 {
		n += 8
		v <<= 8
	}
	if v < 0x10000000 {
		n += 4
		v <<= 4
	}
	if v < 0x40000000 {
		n += 2
		v <<= 2
	}
	if v < 0x80000000 {
		n++
	}
	return n
}

// mulWide is the whole product of two words.
func mulWide(a, b uint32) u64 {
	al := a & 0xffff
	ah := a >> 16
	bl := b & 0xffff
	bh := b >> 16
	p := al * bl
	m := ah*bl + (p >> 16)
	n := al*bh + (m & 0xffff)
	return u64{ah*bh + (m >> 16) + (n >> 16), (n << 16) | (p & 0xffff)}
}

// shl64 shifts left by n < 64.
func shl64(a u64, n uint32) u64 {
	if n >= 32 {
		return u64{a.lo << ((n - 32) & 31), 0}
	}
	if n == 0 {
		return a
	}
	return u64{(a.hi << (n & 31)) | (a.lo >> ((32 - n) & 31)), a.lo << (n & 31)}
}

// shrSticky64 shifts right by any n and keeps in bit 0 whether ones were lost.
func shrSticky64(a u64, n uint32) u64 {
	if n == 0 {
		return a
	}
	if n >= 64 {
		return u64{0, sel((a.hi|a.lo) != 0, 1, 0)}
	}
	if n >= 32 {
		m := n - 32
		lost := a.lo
		if m != 0 {
			lost |= a.hi << ((32 - m) & 31)
		}
		return u64{0, (a.hi >> (m & 31)) | sel(lost != 0, 1, 0)}
	}
	lost := a.lo << ((32 - n) & 31)
	return u64{a.hi >> (n & 31), (a.hi << ((32 - n) & 31)) | (a.lo >> (n & 31)) | sel(lost != 0, 1, 0)}
}

// add64 adds modulo 2^64.
func add64(a, b u64) u64 {
	lo := a.lo + b.lo
	return u64{a.hi + b.hi + sel(lo < a.lo, 1, 0), lo}
}

// sub64 subtracts modulo 2^64.
func sub64(a, b u64) u64 {
	return u64{a.hi - b.hi - sel(a.lo < b.lo, 1, 0), a.lo - b.lo}
}

// mulHi is the high word of a product.
func mulHi(a, b uint32) uint32 {
	return mulWide(a, b).hi
}

// mul64 is the upper half of the product of two 64-bit numbers, less than 3 units too small.
func mul64(a, b u64) u64 {
	p := mulWide(a.hi, b.hi)
	x := mulHi(a.hi, b.lo)
	y := p.lo + x
	z := y + mulHi(a.lo, b.hi)
	return u64{p.hi + sel(y < x, 1, 0) + sel(z < y, 1, 0), z}
}

// add96 adds modulo 2^96.
func add96(a, b u96) u96 {
	l := add64(u64{a.mid, a.lo}, u64{b.mid, b.lo})
	c := sel(l.hi < a.mid || (l.hi == a.mid && l.lo < a.lo), 1, 0)
	return u96{a.hi + b.hi + c, l.hi, l.lo}
}

// sub96 subtracts modulo 2^96.
func sub96(a, b u96) u96 {
	l := sub64(u64{a.mid, a.lo}, u64{b.mid, b.lo})
	c := sel(a.mid < b.mid || (a.mid == b.mid && a.lo < b.lo), 1, 0)
	return u96{a.hi - b.hi - c, l.hi, l.lo}
}

// shr96 shifts right by n; from 96 on it gives zero.
func shr96(a u96, n uint32) u96 {
	v := a
	k := n
	for i := 0; i < 3; i++ {
		if k >= 32 {
			v = u96{0, v.hi, v.mid}
			k -= 32
		}
	}
	if k == 0 {
		return v
	}
	if k >= 32 {
		return u96{0, 0, 0}
	}
	return u96{v.hi >> (k & 31), (v.mid >> (k & 31)) | (v.hi << ((32 - k) & 31)), (v.lo >> (k & 31)) | (v.mid << ((32 - k) & 31))}
}

// add128 adds modulo 2^128.
func add128(a, b u128) u128 {
	l := add96(u96{a.w2, a.w1, a.w0}, u96{b.w2, b.w1, b.w0})
	c := l.hi < a.w2
	if l.hi == a.w2 {
		c = l.mid < a.w1 || (l.mid == a.w1 && l.lo < a.w0)
	}
	return u128{a.w3 + b.w3 + sel(c, 1, 0), l.hi, l.mid, l.lo}
}

// neg128 negates modulo 2^128.
func neg128(a u128) u128 {
	return add128(u128{^a.w3, ^a.w2, ^a.w1, ^a.w0}, u128{0, 0, 0, 1})
}

// shl128 shifts left by n from 1 to 31.
func shl128(a u128, n uint32) u128 {
	return u128{(a.w3 << (n & 31)) | (a.w2 >> ((32 - n) & 31)), (a.w2 << (n & 31)) | (a.w1 >> ((32 - n) & 31)),
		(a.w1 << (n & 31)) | (a.w0 >> ((32 - n) & 31)), a.w0 << (n & 31)}
}
