package profile

import (
	"fmt"
	"math"

	"github.com/gwrun/gwrun/kernels/ir"
)

// The numeric builtins. Each is one fixed sequence of gw1 operations, written here as code; that code is the
// definition. Where WGSL leaves a choice (the order of a sum, the formula of mix, the value at an edge) the choice
// made here never changes while the semantics id is gw1.

// each applies f to the components, one operand list a component.
func each(f func(b *builder, k *call, a []*ir.Inst) *ir.Inst) func(*builder, *call) []*ir.Inst {
	return func(b *builder, k *call) []*ir.Inst {
		out := make([]*ir.Inst, k.e.t.width())
		for i := range out {
			a := make([]*ir.Inst, len(k.a))
			for n := range a {
				a[n] = k.a[n][min(i, len(k.a[n])-1)]
			}
			out[i] = f(b, k, a)
		}
		return out
	}
}

func componentOp(op ir.Op) func(*builder, *call) []*ir.Inst {
	return each(func(b *builder, _ *call, a []*ir.Inst) *ir.Inst { return b.op(op, a...) })
}

// sameTypes types a builtin whose operands and result all have one type.
func sameTypes(ok func(*typ) bool, want string) func(*checker, *expr) {
	return func(c *checker, e *expr) { e.finish(c.same(e, len(e.args), ok, want)) }
}

const (
	wantFloats  = "f32 or vectors of f32, all of one size"
	wantNumbers = "i32, u32, f32 or vectors of them, all of one type"
	wantInts    = "i32, u32 or vectors of them, all of one type"
)

// pick chooses the operator for the component type of the operands.
func pick(k *call, signed, unsigned, float ir.Op) ir.Op {
	switch k.at[0].scalar().kind {
	case kF32, kAFloat:
		return float
	case kU32:
		return unsigned
	}
	return signed
}

func init() {
	floats := func(name string, args int, exact bool, f func(b *builder, a []*ir.Inst) *ir.Inst) {
		define(&builtin{name: name, args: args, must: true, exact: exact, types: sameTypes(isFloat, wantFloats),
			emit: each(func(b *builder, _ *call, a []*ir.Inst) *ir.Inst { return f(b, a) })})
	}
	for name, op := range map[string]ir.Op{"exp": ir.OpFExp, "exp2": ir.OpFExp2, "log": ir.OpFLog, "log2": ir.OpFLog2,
		"sin": ir.OpFSin, "cos": ir.OpFCos, "tan": ir.OpFTan, "tanh": ir.OpFTanh, "asin": ir.OpFAsin, "acos": ir.OpFAcos,
		"atan": ir.OpFAtan, "sinh": ir.OpFSinh, "cosh": ir.OpFCosh, "asinh": ir.OpFAsinh, "acosh": ir.OpFAcosh,
		"atanh": ir.OpFAtanh, "inverseSqrt": ir.OpFInvSqrt} {
		floats(name, 1, false, func(b *builder, a []*ir.Inst) *ir.Inst { return b.op(op, a[0]) })
	}
	for name, op := range map[string]ir.Op{"sqrt": ir.OpFSqrt, "floor": ir.OpFFloor, "ceil": ir.OpFCeil,
		"trunc": ir.OpFTrunc, "round": ir.OpFRound} {
		floats(name, 1, true, func(b *builder, a []*ir.Inst) *ir.Inst { return b.op(op, a[0]) })
	}
	floats("fma", 3, false, func(b *builder, a []*ir.Inst) *ir.Inst { return b.op(ir.OpFFma, a...) })
	// degrees(x) = x * (180/pi) and radians(x) = x * (pi/180), the factors rounded to f32.
	floats("degrees", 1, true, func(b *builder, a []*ir.Inst) *ir.Inst { return b.op(ir.OpFMul, a[0], b.float(180/math.Pi)) })
	floats("radians", 1, true, func(b *builder, a []*ir.Inst) *ir.Inst { return b.op(ir.OpFMul, a[0], b.float(math.Pi/180)) })
	// fract(x) = x - floor(x)
	floats("fract", 1, true, func(b *builder, a []*ir.Inst) *ir.Inst {
		return b.op(ir.OpFSub, a[0], b.op(ir.OpFFloor, a[0]))
	})
	// saturate(x) = min(max(x, 0), 1)
	floats("saturate", 1, true, func(b *builder, a []*ir.Inst) *ir.Inst { return clampFloat(b, a[0], b.float(0), b.float(1)) })
	// step(edge, x) = select(0, 1, edge <= x)
	floats("step", 2, true, func(b *builder, a []*ir.Inst) *ir.Inst {
		return b.op(ir.OpSelect, b.op(ir.OpFLe, a[0], a[1]), b.float(1), b.float(0))
	})
	// smoothstep(lo, hi, x): t = saturate((x - lo) / (hi - lo)); (t * t) * (3 - 2 * t)
	floats("smoothstep", 3, true, func(b *builder, a []*ir.Inst) *ir.Inst {
		t := b.op(ir.OpFDiv, b.op(ir.OpFSub, a[2], a[0]), b.op(ir.OpFSub, a[1], a[0]))
		t = clampFloat(b, t, b.float(0), b.float(1))
		return b.op(ir.OpFMul, b.op(ir.OpFMul, t, t), b.op(ir.OpFSub, b.float(3), b.op(ir.OpFMul, b.float(2), t)))
	})
	floats("pow", 2, false, func(b *builder, a []*ir.Inst) *ir.Inst { return emitPow(b, a[0], a[1]) })
	floats("atan2", 2, false, func(b *builder, a []*ir.Inst) *ir.Inst { return emitAtan2(b, a[0], a[1]) })
	define(&builtin{name: "quantizeToF16", args: 1, must: true, types: sameTypes(isF32, wantFloats),
		emit: each(func(b *builder, _ *call, a []*ir.Inst) *ir.Inst { return halfToFloat(b, floatToHalf(b, a[0])) })})

	numbers := func(name string, args int, ok func(*typ) bool, f func(b *builder, k *call, a []*ir.Inst) *ir.Inst) {
		define(&builtin{name: name, args: args, must: true, exact: true, types: sameTypes(ok, wantNumbers), emit: each(f)})
	}
	// abs of the least i32 is itself.
	numbers("abs", 1, isNumeric, func(b *builder, k *call, a []*ir.Inst) *ir.Inst {
		switch k.at[0].scalar().kind {
		case kU32:
			return a[0]
		case kI32:
			return b.op(ir.OpSMax, a[0], b.op(ir.OpISub, b.int(0), a[0]))
		}
		return b.op(ir.OpFAbs, a[0])
	})
	numbers("min", 2, isNumeric, func(b *builder, k *call, a []*ir.Inst) *ir.Inst {
		return b.op(pick(k, ir.OpSMin, ir.OpUMin, ir.OpFMin), a...)
	})
	numbers("max", 2, isNumeric, func(b *builder, k *call, a []*ir.Inst) *ir.Inst {
		return b.op(pick(k, ir.OpSMax, ir.OpUMax, ir.OpFMax), a...)
	})
	// clamp(x, lo, hi) = min(max(x, lo), hi)
	numbers("clamp", 3, isNumeric, func(b *builder, k *call, a []*ir.Inst) *ir.Inst {
		x := b.op(pick(k, ir.OpSMax, ir.OpUMax, ir.OpFMax), a[0], a[1])
		return b.op(pick(k, ir.OpSMin, ir.OpUMin, ir.OpFMin), x, a[2])
	})
	builtins["smoothstep"].limits = func(a []*value) error {
		if a[0] == nil || a[1] == nil {
			return nil
		}
		lo, hi := a[0].flatten(nil), a[1].flatten(nil)
		for i := range lo {
			if lo[i].f == hi[i].f {
				return fmt.Errorf("smoothstep from %s to %s: the bounds are equal", lo[i], hi[i])
			}
		}
		return nil
	}
	builtins["clamp"].limits = func(a []*value) error {
		if a[1] == nil || a[2] == nil {
			return nil
		}
		lo, hi := a[1].flatten(nil), a[2].flatten(nil)
		for i := range lo {
			if lo[i].i > hi[i].i || lo[i].f > hi[i].f {
				return fmt.Errorf("clamp from %s to %s: the bounds are the wrong way round", lo[i], hi[i])
			}
		}
		return nil
	}
	// sign: 1 if x > 0, -1 if x < 0, else 0 (also for -0 and a NaN).
	numbers("sign", 1, isSigned, func(b *builder, k *call, a []*ir.Inst) *ir.Inst {
		if k.at[0].scalar().isFloat() {
			neg := b.op(ir.OpSelect, b.op(ir.OpFLt, a[0], b.float(0)), b.float(-1), b.float(0))
			return b.op(ir.OpSelect, b.op(ir.OpFLt, b.float(0), a[0]), b.float(1), neg)
		}
		return b.op(ir.OpSMin, b.op(ir.OpSMax, a[0], b.int(^uint32(0))), b.int(1))
	})
	ints := func(name string, op ir.Op) {
		define(&builtin{name: name, args: 1, must: true, types: sameTypes(isConcInt, wantInts), emit: componentOp(op)})
	}
	ints("countLeadingZeros", ir.OpClz)
	ints("countTrailingZeros", ir.OpCtz)
	ints("countOneBits", ir.OpPopcnt)
	ints("reverseBits", ir.OpReverseBits)
	define(&builtin{name: "firstLeadingBit", args: 1, must: true, types: sameTypes(isConcInt, wantInts),
		emit: each(func(b *builder, k *call, a []*ir.Inst) *ir.Inst {
			x := a[0]
			if k.at[0].scalar().kind == kI32 { // the first bit that differs from the sign
				x = b.op(ir.OpXor, x, b.op(ir.OpShrS, x, b.int(31)))
			}
			return b.op(ir.OpISub, b.int(31), b.op(ir.OpClz, x)) // -1 for none
		})})
	define(&builtin{name: "firstTrailingBit", args: 1, must: true, types: sameTypes(isConcInt, wantInts),
		emit: each(func(b *builder, _ *call, a []*ir.Inst) *ir.Inst {
			return b.op(ir.OpSelect, b.op(ir.OpIEq, a[0], b.int(0)), b.int(^uint32(0)), b.op(ir.OpCtz, a[0]))
		})})
	defineBitFields()
	defineMix()
	defineFrexp()
	defineGeometry()
}

func clampFloat(b *builder, x, lo, hi *ir.Inst) *ir.Inst {
	return b.op(ir.OpFMin, b.op(ir.OpFMax, x, lo), hi)
}

// emitPow is pow(x, y) = exp2(y * log2(x)), and 1 where y is 0, for every x. So it is a NaN for x < 0 as WGSL's
// accuracy table implies.
func emitPow(b *builder, x, y *ir.Inst) *ir.Inst {
	r := b.op(ir.OpFExp2, b.op(ir.OpFMul, y, b.op(ir.OpFLog2, x)))
	return b.op(ir.OpSelect, b.op(ir.OpFEq, y, b.float(0)), b.float(1), r)
}

// emitAtan2 is atan2(y, x): the angle of the octant, a = atan(min(|x|, |y|) / max(|x|, |y|)) with the quotient 0 where
// both are 0 and 1 where both are infinite, then pi/2 - a if |y| > |x|, then pi - a if x has its sign bit set, then
// the sign bit of y. A NaN operand gives a NaN.
func emitAtan2(b *builder, y, x *ir.Inst) *ir.Inst {
	ax, ay := b.op(ir.OpFAbs, x), b.op(ir.OpFAbs, y)
	lo, hi := b.op(ir.OpFMin, ax, ay), b.op(ir.OpFMax, ax, ay)
	q := b.op(ir.OpFDiv, lo, hi)
	q = b.op(ir.OpSelect, b.op(ir.OpFEq, hi, b.float(0)), b.float(0), q)
	q = b.op(ir.OpSelect, b.op(ir.OpFEq, lo, b.bitsF(0x7f800000)), b.float(1), q)
	a := b.op(ir.OpFAtan, q)
	a = b.op(ir.OpSelect, b.op(ir.OpFLt, ax, ay), b.op(ir.OpFSub, b.float(math.Pi/2), a), a)
	xNeg := b.op(ir.OpSLt, b.op(ir.OpBitcast, x), b.int(0))
	a = b.op(ir.OpSelect, xNeg, b.op(ir.OpFSub, b.float(math.Pi), a), a)
	sign := b.op(ir.OpAnd, b.op(ir.OpBitcast, y), b.int(1<<31))
	a = b.castF(b.op(ir.OpOr, b.op(ir.OpBitcast, a), sign))
	nan := b.op(ir.OpBOr, b.op(ir.OpFNe, x, x), b.op(ir.OpFNe, y, y))
	return b.op(ir.OpSelect, nan, b.bitsF(ir.NaN), a)
}

func defineMix() {
	// mix(x, y, a) = x * (1 - a) + y * a
	define(&builtin{name: "mix", args: 3, must: true, exact: true,
		types: func(c *checker, e *expr) {
			a := e.args
			if a[0].t.kind == kVec && a[2].t.isScalar() {
				// The last operand may be a scalar for a vector: it is spread over the components.
				u := unifyScalars(a[0].t.elem, a[2].t)
				if s := a[1].t.scalar(); u != nil && s != nil {
					u = unifyScalars(u, s)
				}
				if u == tAInt {
					u = tAFloat
				}
				if u == nil || !u.isFloat() || a[1].t.width() != a[0].t.n {
					c.badArgs(e, wantFloats)
				}
				for _, x := range a {
					if x.stage != stConst {
						u = tF32
					}
				}
				for i := range a {
					a[i] = c.convert(a[i], a[i].t.withScalar(u), "this argument")
				}
				e.finish(a[0].t)
				return
			}
			e.finish(c.same(e, 3, isFloat, wantFloats))
		},
		emit: each(func(b *builder, _ *call, a []*ir.Inst) *ir.Inst {
			return b.op(ir.OpFAdd, b.op(ir.OpFMul, a[0], b.op(ir.OpFSub, b.float(1), a[2])), b.op(ir.OpFMul, a[1], a[2]))
		})})
}

// bitField gives the offset and count of extractBits and insertBits, limited to 32 bits, and whether count is not 0.
func bitField(b *builder, offset, count *ir.Inst) (o, n, some *ir.Inst) {
	o = b.op(ir.OpUMin, offset, b.int(32))
	n = b.op(ir.OpUMin, count, b.op(ir.OpISub, b.int(32), o))
	return o, n, b.op(ir.OpINe, n, b.int(0))
}

func defineBitFields() {
	limits := func(a []*value) error {
		o, n := a[len(a)-2], a[len(a)-1]
		if o != nil && n != nil && o.i+n.i > 32 {
			return fmt.Errorf("bit field of %d bits at %d does not fit in 32 bits", n.i, o.i)
		}
		return nil
	}
	types := func(fields int) func(c *checker, e *expr) {
		return func(c *checker, e *expr) {
			for i := fields; i < fields+2; i++ {
				if conversionRank(e.args[i].t, tU32) < 0 {
					c.badArgs(e, "integers, and u32 for the offset and the count")
				}
				e.args[i] = c.convert(e.args[i], tU32, "this argument")
			}
			e.finish(c.same(e, fields, isConcInt, wantInts))
		}
	}
	define(&builtin{name: "extractBits", args: 3, must: true, limits: limits, types: types(1),
		emit: each(func(b *builder, k *call, a []*ir.Inst) *ir.Inst {
			o, n, some := bitField(b, a[1], a[2])
			shr := ir.OpShrU
			if k.at[0].scalar().kind == kI32 {
				shr = ir.OpShrS
			}
			x := b.op(ir.OpShl, a[0], b.op(ir.OpISub, b.op(ir.OpISub, b.int(32), o), n))
			x = b.op(shr, x, b.op(ir.OpISub, b.int(32), n))
			return b.op(ir.OpSelect, some, x, b.int(0))
		})})
	define(&builtin{name: "insertBits", args: 4, must: true, limits: limits, types: types(2),
		emit: each(func(b *builder, _ *call, a []*ir.Inst) *ir.Inst {
			o, n, some := bitField(b, a[2], a[3])
			mask := b.op(ir.OpShl, b.op(ir.OpShrU, b.int(^uint32(0)), b.op(ir.OpISub, b.int(32), n)), o)
			mask = b.op(ir.OpSelect, some, mask, b.int(0))
			keep := b.op(ir.OpAnd, a[0], b.op(ir.OpNot, mask))
			return b.op(ir.OpOr, keep, b.op(ir.OpAnd, b.op(ir.OpShl, a[1], o), mask))
		})})
}

func defineFrexp() {
	// modf(x): whole = trunc(x), fract = x - whole.
	define(&builtin{name: "modf", args: 1, must: true, exact: true,
		types: func(c *checker, e *expr) { e.finish(resultType("__modf", c.same(e, 1, isFloat, wantFloats))) },
		emit: func(b *builder, k *call) []*ir.Inst {
			var fract, whole []*ir.Inst
			for _, x := range k.a[0] {
				w := b.op(ir.OpFTrunc, x)
				fract, whole = append(fract, b.op(ir.OpFSub, x, w)), append(whole, w)
			}
			return append(fract, whole...)
		}})
	// frexp(x): fract in [0.5, 1) with x's sign and exp so that x = fract * 2^exp; x itself and 0 for zeros,
	// infinities and NaNs.
	define(&builtin{name: "frexp", args: 1, must: true,
		types: func(c *checker, e *expr) { e.finish(resultType("__frexp", c.same(e, 1, isFloat, wantFloats))) },
		emit: func(b *builder, k *call) []*ir.Inst {
			var fract, exp []*ir.Inst
			for _, x := range k.a[0] {
				abs := b.op(ir.OpAnd, b.op(ir.OpBitcast, x), b.int(0x7fffffff))
				tiny := b.op(ir.OpULt, abs, b.int(0x00800000))
				scaled := b.op(ir.OpSelect, tiny, b.op(ir.OpFMul, x, b.float(1<<24)), x)
				bits := b.op(ir.OpBitcast, scaled)
				e := b.op(ir.OpAnd, b.op(ir.OpShrU, bits, b.int(23)), b.int(255))
				e = b.op(ir.OpISub, e, b.op(ir.OpSelect, tiny, b.int(126+24), b.int(126)))
				f := b.castF(b.op(ir.OpOr, b.op(ir.OpAnd, bits, b.int(0x807fffff)), b.int(0x3f000000)))
				odd := b.op(ir.OpBOr, b.op(ir.OpIEq, abs, b.int(0)), b.op(ir.OpULe, b.int(0x7f800000), abs))
				fract = append(fract, b.op(ir.OpSelect, odd, x, f))
				exp = append(exp, b.op(ir.OpSelect, odd, b.int(0), e))
			}
			return append(fract, exp...)
		}})
	// ldexp(x, e) = x * 2^e, rounded once: two steps of 2^127 up or 2^-102 down, which lose nothing, and a last one.
	define(&builtin{name: "ldexp", args: 2, must: true,
		types: func(c *checker, e *expr) {
			want := "a float and an i32, or vectors of them of one size"
			x, n := e.args[0], e.args[1]
			if n.t.scalar() == nil || conversionRank(n.t.scalar(), tI32) < 0 || n.t.kind == kMat || n.t.width() != x.t.width() {
				c.badArgs(e, want)
			}
			t := c.same(e, 1, isFloat, want)
			e.args[1] = c.convert(n, n.t.withScalar(tI32), "the exponent")
			e.finish(t)
		},
		limits: func(a []*value) error {
			if a[1] == nil {
				return nil
			}
			most := int64(128)
			if a[0] != nil && a[0].t.isAbstract() {
				most = 1024
			}
			for _, n := range a[1].flatten(nil) {
				if n.i > most {
					return fmt.Errorf("exponent %d of ldexp is greater than %d", n.i, most)
				}
			}
			return nil
		},
		emit: each(func(b *builder, _ *call, a []*ir.Inst) *ir.Inst {
			x, n := a[0], a[1]
			for range 2 {
				up := b.op(ir.OpSLt, b.int(127), n)
				x = b.op(ir.OpFMul, x, b.op(ir.OpSelect, up, b.float(0x1p127), b.float(1)))
				n = b.op(ir.OpSelect, up, b.op(ir.OpISub, n, b.int(127)), n)
				down := b.op(ir.OpSLt, n, b.signed(-126))
				x = b.op(ir.OpFMul, x, b.op(ir.OpSelect, down, b.float(0x1p-102), b.float(1)))
				n = b.op(ir.OpSelect, down, b.op(ir.OpIAdd, n, b.int(102)), n)
			}
			n = b.op(ir.OpSMin, b.op(ir.OpSMax, n, b.signed(-126)), b.int(127))
			return b.op(ir.OpFMul, x, b.castF(b.op(ir.OpShl, b.op(ir.OpIAdd, n, b.int(127)), b.int(23))))
		})})
}
