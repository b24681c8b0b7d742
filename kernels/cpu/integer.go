package cpu

import (
	"math/bits"

	"github.com/gwrun/gwrun/kernels/ir"
)

// Integer operators in vectors for which WebAssembly has no instruction.

// vdivide leaves a quotient or a remainder. A quotient of two 32-bit integers is exact after binary64 division and
// truncation: the true quotient is a multiple of 1/d, so it is at least 2^-32 away from the next integer it is not, and
// the rounding error is below 2^-53 of it.
func (g *gen) vdivide(i *ir.Inst) {
	signed := i.Op == ir.OpSDiv || i.Op == ir.OpSRem
	rem := i.Op == ir.OpSRem || i.Op == ir.OpURem
	by := i.Args[1]
	if !signed && by.Op == ir.OpConst && bits.OnesCount32(by.Bits) == 1 {
		g.vpush(i.Args[0], nanExact)
		if n := by.Bits - 1; rem {
			g.words4(n, n, n, n)
			g.simd(vAnd)
		} else {
			g.i32(uint32(bits.TrailingZeros32(by.Bits)))
			g.simd(vI32ShrU)
		}
		return
	}
	g.vpush(i.Args[0], nanExact)
	a := g.keep(tV128)
	g.vpush(by, nanExact)
	b := g.keep(tV128)
	if by.Op != ir.OpConst || by.Bits == 0 || signed && by.Bits == ^uint32(0) {
		// By 1 instead where the quotient must be the dividend.
		one := func() { g.words4(1, 1, 1, 1) }
		one()
		g.get(b)
		g.get(b)
		g.words4(0, 0, 0, 0)
		g.simd(vI32Eq)
		if signed {
			g.get(a)
			g.words4(1<<31, 1<<31, 1<<31, 1<<31)
			g.simd(vI32Eq)
			g.get(b)
			g.words4(^uint32(0), ^uint32(0), ^uint32(0), ^uint32(0))
			g.simd(vI32Eq)
			g.simd(vAnd)
			g.simd(vOr)
		}
		g.simd(vBitselect)
		g.set(b)
	}
	convert, trunc := uint32(vF64FromLowU), uint32(vTruncF64U)
	if signed {
		convert, trunc = vF64FromLowS, vTruncF64S
	}
	for half := range 2 {
		for _, l := range []uint32{a, b} {
			g.get(l)
			if half == 1 {
				g.get(l)
				g.shuffle(2, 3, 2, 3)
			}
			g.simd(convert)
		}
		g.simd(vF64Div)
		g.simd(trunc)
	}
	g.shuffle(0, 1, 4, 5)
	if rem {
		g.get(b)
		g.simd(vI32Mul)
		q := g.keep(tV128)
		g.get(a)
		g.get(q)
		g.simd(vI32Sub)
		g.release(q)
	}
	g.release(a, b)
}

// bytes leaves a constant of 16 bytes.
func (g *gen) bytes(b [16]byte) {
	g.simd(vConst)
	g.op(b[:]...)
}

// power takes counts modulo 32, xor flip, off the stack and leaves 2 to their power: a table gives the byte that is not 0.
func (g *gen) power(flip uint32) {
	g.words4(31, 31, 31, 31)
	g.simd(vAnd)
	if flip != 0 {
		g.words4(flip, flip, flip, flip)
		g.simd(vXor)
	}
	n := g.keep(tV128)
	g.bytes([16]byte{1, 2, 4, 8, 16, 32, 64, 128})
	g.get(n)
	g.get(n)
	g.simd(vShuffle)
	g.op(0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12)
	g.words4(0x18100800, 0x18100800, 0x18100800, 0x18100800)
	g.simd(vI8Sub)
	g.simd(vSwizzle)
	g.release(n)
}

// vshift leaves a value shifted by counts that differ: multiplied by a power of 2, in 64 bits where to the right.
func (g *gen) vshift(i *ir.Inst) {
	g.vpush(i.Args[0], nanExact)
	if i.Op == ir.OpShl {
		g.vpush(i.Args[1], nanExact)
		g.power(0)
		g.simd(vI32Mul)
		return
	}
	x := g.keep(tV128)
	sign := g.local(tV128)
	if i.Op == ir.OpShrS { // of the complement, where negative
		g.get(x)
		g.i32(31)
		g.simd(vI32ShrS)
		g.tee(sign)
		g.get(x)
		g.simd(vXor)
		g.set(x)
	}
	g.vpush(i.Args[1], nanExact)
	g.power(31) // 2^(31-n)
	m := g.keep(tV128)
	for _, op := range []uint32{vExtmulLowU, vExtmulHighU} {
		g.get(x)
		g.get(m)
		g.simd(op)
		g.i32(31)
		g.simd(vI64ShrU)
	}
	g.shuffle(0, 2, 4, 6)
	if i.Op == ir.OpShrS {
		g.get(sign)
		g.simd(vXor)
	}
	g.release(x, sign, m)
}

// exponent takes integers off the stack and leaves the exponent fields of the floats nearest to them.
func (g *gen) exponent() {
	g.simd(vConvS)
	g.i32(23)
	g.simd(vI32ShrU)
	g.words4(255, 255, 255, 255)
	g.simd(vAnd)
}

// vcount leaves one of the operators that count bits, or turns them round.
func (g *gen) vcount(i *ir.Inst) {
	g.vpush(i.Args[0], nanExact)
	x := g.keep(tV128)
	switch i.Op {
	case ir.OpClz:
		// The bit below the highest one cleared, so that no rounding reaches the next power of 2.
		g.words4(158, 158, 158, 158)
		g.get(x)
		g.get(x)
		g.i32(1)
		g.simd(vI32ShrU)
		g.simd(vAndNot)
		g.exponent()
		g.simd(vI32Sub)
		g.words4(32, 32, 32, 32)
		g.simd(vI32MinU)
		g.get(x) // none where negative
		g.i32(31)
		g.simd(vI32ShrS)
		g.simd(vAndNot)
	case ir.OpCtz:
		g.words4(0, 0, 0, 0)
		g.get(x)
		g.simd(vI32Sub)
		g.get(x)
		g.simd(vAnd) // the lowest one
		g.exponent()
		g.words4(127, 127, 127, 127)
		g.simd(vI32Sub)
		g.words4(32, 32, 32, 32)
		g.simd(vI32MinU)
	case ir.OpPopcnt:
		g.get(x)
		g.simd(vPopcnt8)
		g.simd(vPairs8)
		g.simd(vPairs16)
	default: // OpReverseBits
		g.get(x)
		g.get(x)
		g.simd(vShuffle)
		g.op(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)
		g.set(x)
		var low, high [16]byte // what a half of a byte becomes
		for n := range 16 {
			low[n], high[n] = bits.Reverse8(uint8(n)), bits.Reverse8(uint8(n)<<4)
		}
		const half = 0x0f0f0f0f
		g.bytes(low)
		g.get(x)
		g.words4(half, half, half, half)
		g.simd(vAnd)
		g.simd(vSwizzle)
		g.bytes(high)
		g.get(x)
		g.i32(4)
		g.simd(vI32ShrU)
		g.words4(half, half, half, half)
		g.simd(vAnd)
		g.simd(vSwizzle)
		g.simd(vOr)
	}
	g.release(x)
}
