package profile

import (
	"fmt"
	"math"

	"github.com/gwrun/gwrun/kernels/ir"
)

// Sums of products go from left to right: ((a0*b0 + a1*b1) + a2*b2) + a3*b3.
func emitDot(b *builder, x, y []*ir.Inst, mul, add ir.Op) *ir.Inst {
	sum := b.op(mul, x[0], y[0])
	for i := 1; i < len(x); i++ {
		sum = b.op(add, sum, b.op(mul, x[i], y[i]))
	}
	return sum
}

func floatDot(b *builder, x, y []*ir.Inst) *ir.Inst { return emitDot(b, x, y, ir.OpFMul, ir.OpFAdd) }

// emitLength is sqrt(dot(x, x)), and |x| for a scalar.
func emitLength(b *builder, x []*ir.Inst) *ir.Inst {
	if len(x) == 1 {
		return b.op(ir.OpFAbs, x[0])
	}
	return b.op(ir.OpFSqrt, floatDot(b, x, x))
}

func zip(b *builder, op ir.Op, x, y []*ir.Inst) []*ir.Inst {
	out := make([]*ir.Inst, max(len(x), len(y)))
	for i := range out {
		out[i] = b.op(op, x[min(i, len(x)-1)], y[min(i, len(y)-1)])
	}
	return out
}

// vectors types a builtin on float vectors of one type, or also on scalars.
func vectors(scalarToo bool, result func(*typ) *typ) func(*checker, *expr) {
	return func(c *checker, e *expr) {
		want := "vectors of f32, all of one size"
		t := c.same(e, len(e.args), isFloat, want)
		if t.kind != kVec && !scalarToo {
			c.badArgs(e, want)
		}
		e.finish(result(t))
	}
}

func itself(t *typ) *typ    { return t }
func component(t *typ) *typ { return t.scalar() }

func defineGeometry() {
	geometry := func(name string, args int, scalarToo bool, result func(*typ) *typ, emit func(b *builder, a [][]*ir.Inst) []*ir.Inst) {
		define(&builtin{name: name, args: args, must: true, exact: true, types: vectors(scalarToo, result),
			emit: func(b *builder, k *call) []*ir.Inst { return emit(b, k.a) }})
	}
	geometry("length", 1, true, component, func(b *builder, a [][]*ir.Inst) []*ir.Inst {
		return []*ir.Inst{emitLength(b, a[0])}
	})
	// distance(x, y) = length(x - y)
	geometry("distance", 2, true, component, func(b *builder, a [][]*ir.Inst) []*ir.Inst {
		return []*ir.Inst{emitLength(b, zip(b, ir.OpFSub, a[0], a[1]))}
	})
	// normalize(x) = x / length(x)
	geometry("normalize", 1, false, itself, func(b *builder, a [][]*ir.Inst) []*ir.Inst {
		return zip(b, ir.OpFDiv, a[0], []*ir.Inst{emitLength(b, a[0])})
	})
	// faceForward(x, i, n) = select(-x, x, dot(i, n) < 0)
	geometry("faceForward", 3, false, itself, func(b *builder, a [][]*ir.Inst) []*ir.Inst {
		c := b.op(ir.OpFLt, floatDot(b, a[1], a[2]), b.float(0))
		var out []*ir.Inst
		for _, x := range a[0] {
			out = append(out, b.op(ir.OpSelect, c, x, b.op(ir.OpFNeg, x)))
		}
		return out
	})
	// reflect(x, n) = x - (2 * dot(n, x)) * n
	geometry("reflect", 2, false, itself, func(b *builder, a [][]*ir.Inst) []*ir.Inst {
		d := b.op(ir.OpFMul, b.float(2), floatDot(b, a[1], a[0]))
		return zip(b, ir.OpFSub, a[0], zip(b, ir.OpFMul, []*ir.Inst{d}, a[1]))
	})
	define(&builtin{name: "cross", args: 2, must: true, exact: true,
		types: func(c *checker, e *expr) {
			want := "two vec3<f32>"
			t := c.same(e, 2, isFloat, want)
			if !t.isVecOf(3) {
				c.badArgs(e, want)
			}
			e.finish(t)
		},
		emit: func(b *builder, k *call) []*ir.Inst {
			x, y := k.a[0], k.a[1]
			part := func(i, j int) *ir.Inst {
				return b.op(ir.OpFSub, b.op(ir.OpFMul, x[i], y[j]), b.op(ir.OpFMul, x[j], y[i]))
			}
			return []*ir.Inst{part(1, 2), part(2, 0), part(0, 1)}
		}})
	define(&builtin{name: "dot", args: 2, must: true, exact: true,
		types: func(c *checker, e *expr) {
			want := "two numeric vectors of one type"
			t := c.same(e, 2, isNumeric, want)
			if t.kind != kVec {
				c.badArgs(e, want)
			}
			e.finish(t.elem)
		},
		emit: func(b *builder, k *call) []*ir.Inst {
			return []*ir.Inst{emitDot(b, k.a[0], k.a[1], pick(k, ir.OpIMul, ir.OpIMul, ir.OpFMul), pick(k, ir.OpIAdd, ir.OpIAdd, ir.OpFAdd))}
		}})
	// refract(x, n, r): d = dot(n, x); k = 1 - (r * r) * (1 - d * d); 0 where k < 0, else r * x - (r * d + sqrt(k)) * n
	define(&builtin{name: "refract", args: 3, must: true, exact: true,
		types: func(c *checker, e *expr) {
			want := "two vectors of f32 and one f32"
			r := e.args[2]
			if !r.t.isNumeric() || conversionRank(r.t, tF32) < 0 {
				c.badArgs(e, want)
			}
			t := c.same(e, 2, isFloat, want)
			if r.t == tF32 && t.isAbstract() {
				t = t.withScalar(tF32)
				e.args[0], e.args[1] = c.convert(e.args[0], t, "this argument"), c.convert(e.args[1], t, "this argument")
			}
			if t.kind != kVec {
				c.badArgs(e, want)
			}
			e.args[2] = c.convert(r, t.elem, "the ratio")
			e.finish(t)
		},
		emit: func(b *builder, k *call) []*ir.Inst {
			x, n, r := k.a[0], k.a[1], k.a[2][0]
			d := floatDot(b, n, x)
			one := b.float(1)
			q := b.op(ir.OpFSub, one, b.op(ir.OpFMul, b.op(ir.OpFMul, r, r), b.op(ir.OpFSub, one, b.op(ir.OpFMul, d, d))))
			neg := b.op(ir.OpFLt, q, b.float(0))
			// The root of a negative number is not used, but must not be a fault in a constant expression.
			s := b.op(ir.OpFAdd, b.op(ir.OpFMul, r, d), b.op(ir.OpFSqrt, b.op(ir.OpSelect, neg, b.float(0), q)))
			out := zip(b, ir.OpFSub, zip(b, ir.OpFMul, []*ir.Inst{r}, x), zip(b, ir.OpFMul, []*ir.Inst{s}, n))
			for i := range out {
				out[i] = b.op(ir.OpSelect, neg, b.float(0), out[i])
			}
			return out
		}})
	defineMatrices()
	defineLogic()
	definePacking()
}

func defineMatrices() {
	matrix := func(c *checker, e *expr) *typ {
		t := e.args[0].t
		if t.kind != kMat {
			c.badArgs(e, "a matrix")
		}
		return t
	}
	define(&builtin{name: "transpose", args: 1, must: true, exact: true,
		types: func(c *checker, e *expr) { t := matrix(c, e); e.finish(matOf(t.elem, t.rows, t.n)) },
		emit: func(b *builder, k *call) []*ir.Inst {
			t := k.at[0]
			var out []*ir.Inst
			for r := range t.rows {
				for col := range t.n {
					out = append(out, k.a[0][col*t.rows+r])
				}
			}
			return out
		}})
	// determinant: by the first row, m00*minor - m10*minor + ..., from left to right.
	define(&builtin{name: "determinant", args: 1, must: true, exact: true,
		types: func(c *checker, e *expr) {
			t := matrix(c, e)
			if t.n != t.rows {
				c.badArgs(e, "a square matrix")
			}
			e.finish(t.elem)
		},
		emit: func(b *builder, k *call) []*ir.Inst {
			n := k.at[0].n
			cols := make([]int, n)
			for i := range cols {
				cols[i] = i
			}
			return []*ir.Inst{emitDeterminant(b, k.a[0], n, 0, cols)}
		}})
}

func emitDeterminant(b *builder, m []*ir.Inst, n, row int, cols []int) *ir.Inst {
	at := func(col int) *ir.Inst { return m[col*n+row] }
	if len(cols) == 1 {
		return at(cols[0])
	}
	var sum *ir.Inst
	for i, c := range cols {
		rest := append(append([]int(nil), cols[:i]...), cols[i+1:]...)
		p := b.op(ir.OpFMul, at(c), emitDeterminant(b, m, n, row+1, rest))
		switch {
		case sum == nil:
			sum = p
		case i%2 == 1:
			sum = b.op(ir.OpFSub, sum, p)
		default:
			sum = b.op(ir.OpFAdd, sum, p)
		}
	}
	return sum
}

func defineLogic() {
	reduce := func(name string, op ir.Op) {
		define(&builtin{name: name, args: 1, must: true,
			types: func(c *checker, e *expr) { c.same(e, 1, isBoolType, "a bool or a vector of bool"); e.finish(tBool) },
			emit: func(b *builder, k *call) []*ir.Inst {
				r := k.a[0][0]
				for _, x := range k.a[0][1:] {
					r = b.op(op, r, x)
				}
				return []*ir.Inst{r}
			}})
	}
	reduce("all", ir.OpBAnd)
	reduce("any", ir.OpBOr)
	define(&builtin{name: "select", args: 3, must: true, exact: true,
		types: func(c *checker, e *expr) {
			want := "two scalars or vectors of one type, and a bool or a vector of bool of that size"
			t := c.same(e, 2, isAny, want)
			if k := e.args[2].t; k != tBool && !(t.kind == kVec && k == vecOf(tBool, t.n)) {
				c.badArgs(e, want)
			}
			e.finish(t)
		},
		emit: each(func(b *builder, _ *call, a []*ir.Inst) *ir.Inst { return b.op(ir.OpSelect, a[2], a[1], a[0]) })})
	define(&builtin{name: "bitcast", args: 1, must: true,
		types: func(c *checker, e *expr) {
			x := e.args[0]
			s := x.t.scalar()
			if s == nil || !s.isNumeric() || x.t.kind == kMat || !e.t.isNumeric() && !(e.t.kind == kVec && e.t.elem.isNumeric()) ||
				x.t.width() != e.t.width() {
				c.fault(e.pos, "bitcast<%s> cannot take %s", e.t, x.t)
			}
			to := c.concreteType(x.t)
			if s == tAInt {
				// An i32 if every component is one, else a u32.
				for _, v := range x.val.flatten(nil) {
					if v.i > math.MaxInt32 {
						to = x.t.withScalar(tU32)
					}
				}
			}
			e.args[0] = c.convert(x, to, "this argument")
			e.finish(e.t)
		},
		emit: each(func(b *builder, k *call, a []*ir.Inst) *ir.Inst {
			if want := irType(k.e.t.scalar()); a[0].Type != want {
				return b.cast(a[0], want)
			}
			return a[0]
		})})
}

func definePacking() {
	fixed := func(name string, from []*typ, to *typ, emit func(b *builder, a [][]*ir.Inst) []*ir.Inst) *builtin {
		bi := &builtin{name: name, args: len(from), must: true,
			types: func(c *checker, e *expr) {
				for i, t := range from {
					if conversionRank(e.args[i].t, t) < 0 {
						c.badArgs(e, fmt.Sprint(t))
					}
					e.args[i] = c.convert(e.args[i], t, "this argument")
				}
				e.finish(to)
			},
			emit: func(b *builder, k *call) []*ir.Inst { return emit(b, k.a) }}
		define(bi)
		return bi
	}
	v4f, v2f, v4i, v4u := vecOf(tF32, 4), vecOf(tF32, 2), vecOf(tI32, 4), vecOf(tU32, 4)
	join := func(b *builder, parts []*ir.Inst, width uint32) []*ir.Inst {
		mask := uint32(1)<<width - 1
		var r *ir.Inst
		for i, p := range parts {
			p = b.op(ir.OpShl, b.op(ir.OpAnd, p, b.int(mask)), b.int(uint32(i)*width))
			if r == nil {
				r = p
			} else {
				r = b.op(ir.OpOr, r, p)
			}
		}
		return []*ir.Inst{r}
	}
	split := func(b *builder, x *ir.Inst, width uint32, signed bool) []*ir.Inst {
		var out []*ir.Inst
		for at := uint32(0); at < 32; at += width {
			shr := ir.OpShrU
			if signed {
				shr = ir.OpShrS
			}
			out = append(out, b.op(shr, b.op(ir.OpShl, x, b.int(32-width-at)), b.int(32-width)))
		}
		return out
	}
	// packNorm: floor(0.5 + s * clamp(x, lo, 1)) in each part; a NaN counts as lo.
	norm := func(name string, from *typ, width uint32, scale, lo float64) {
		fixed("pack"+name, []*typ{from}, tU32, func(b *builder, a [][]*ir.Inst) []*ir.Inst {
			var parts []*ir.Inst
			for _, x := range a[0] {
				x = clampFloat(b, x, b.float(lo), b.float(1))
				x = b.op(ir.OpFFloor, b.op(ir.OpFAdd, b.float(0.5), b.op(ir.OpFMul, b.float(scale), x)))
				parts = append(parts, b.op(ir.OpFToS, x))
			}
			return join(b, parts, width)
		})
		// unpackNorm: max(part / scale, lo)
		fixed("unpack"+name, []*typ{tU32}, from, func(b *builder, a [][]*ir.Inst) []*ir.Inst {
			out := split(b, a[0][0], width, lo < 0)
			for i, p := range out {
				op := ir.OpUToF
				if lo < 0 {
					op = ir.OpSToF
				}
				p = b.op(ir.OpFDiv, b.op(op, p), b.float(scale))
				if lo < 0 {
					p = b.op(ir.OpFMax, p, b.float(lo))
				}
				out[i] = p
			}
			return out
		})
	}
	norm("4x8snorm", v4f, 8, 127, -1)
	norm("4x8unorm", v4f, 8, 255, 0)
	norm("2x16snorm", v2f, 16, 32767, -1)
	norm("2x16unorm", v2f, 16, 65535, 0)
	half := fixed("pack2x16float", []*typ{v2f}, tU32, func(b *builder, a [][]*ir.Inst) []*ir.Inst {
		return join(b, []*ir.Inst{floatToHalf(b, a[0][0]), floatToHalf(b, a[0][1])}, 16)
	})
	half.limits = func(a []*value) error {
		if a[0] == nil {
			return nil
		}
		for _, x := range a[0].e {
			if math.Abs(x.f) >= 65520 {
				return fmt.Errorf("value %s does not fit in f16", x)
			}
		}
		return nil
	}
	fixed("unpack2x16float", []*typ{tU32}, v2f, func(b *builder, a [][]*ir.Inst) []*ir.Inst {
		p := split(b, a[0][0], 16, false)
		return []*ir.Inst{halfToFloat(b, p[0]), halfToFloat(b, p[1])}
	})
	for _, k := range []struct {
		s      string
		t      *typ
		signed bool
		lo, hi uint32
	}{{"I8", v4i, true, ^uint32(127), 127}, {"U8", v4u, false, 0, 255}} {
		fixed("pack4x"+k.s, []*typ{k.t}, tU32, func(b *builder, a [][]*ir.Inst) []*ir.Inst { return join(b, a[0], 8) })
		fixed("pack4x"+k.s+"Clamp", []*typ{k.t}, tU32, func(b *builder, a [][]*ir.Inst) []*ir.Inst {
			var parts []*ir.Inst
			for _, x := range a[0] {
				if k.signed {
					x = b.op(ir.OpSMin, b.op(ir.OpSMax, x, b.int(k.lo)), b.int(k.hi))
				} else {
					x = b.op(ir.OpUMin, x, b.int(k.hi))
				}
				parts = append(parts, x)
			}
			return join(b, parts, 8)
		})
		fixed("unpack4x"+k.s, []*typ{tU32}, k.t, func(b *builder, a [][]*ir.Inst) []*ir.Inst { return split(b, a[0][0], 8, k.signed) })
		to := k.t.elem
		fixed("dot4"+k.s+"Packed", []*typ{tU32, tU32}, to, func(b *builder, a [][]*ir.Inst) []*ir.Inst {
			x, y := split(b, a[0][0], 8, k.signed), split(b, a[1][0], 8, k.signed)
			return []*ir.Inst{emitDot(b, x, y, ir.OpIMul, ir.OpIAdd)}
		})
	}
}

// floatToHalf codes a float as binary16 in the low bits, rounding to nearest even; too large ones become infinite and
// any NaN 0x7e00.
func floatToHalf(b *builder, x *ir.Inst) *ir.Inst {
	u := b.op(ir.OpBitcast, x)
	sign := b.op(ir.OpAnd, b.op(ir.OpShrU, u, b.int(16)), b.int(0x8000))
	a := b.op(ir.OpAnd, u, b.int(0x7fffffff))
	// Normal: rebias the exponent and round away 13 bits.
	odd := b.op(ir.OpAnd, b.op(ir.OpShrU, a, b.int(13)), b.int(1))
	r := b.op(ir.OpIAdd, b.op(ir.OpIAdd, a, b.int(0xc8000fff)), odd) // -0x38000000 + 0xfff
	r = b.op(ir.OpShrU, r, b.int(13))
	// Subnormal: the number of 2^-24 steps, to the nearest even; the product is exact.
	s := b.op(ir.OpFToU, b.op(ir.OpFRound, b.op(ir.OpFMul, b.castF(a), b.float(1<<24))))
	r = b.op(ir.OpSelect, b.op(ir.OpULt, a, b.int(0x38800000)), s, r)
	r = b.op(ir.OpSelect, b.op(ir.OpULe, b.int(0x477ff000), a), b.int(0x7c00), r)
	r = b.op(ir.OpSelect, b.op(ir.OpULt, b.int(0x7f800000), a), b.int(0x7e00), r)
	return b.op(ir.OpOr, r, sign)
}

// halfToFloat decodes a binary16 in the low bits; a NaN becomes 0x7fc00000.
func halfToFloat(b *builder, h *ir.Inst) *ir.Inst {
	a := b.op(ir.OpAnd, h, b.int(0x7fff))
	n := b.castF(b.op(ir.OpIAdd, b.op(ir.OpShl, a, b.int(13)), b.int(0x38000000)))
	sub := b.op(ir.OpFMul, b.op(ir.OpUToF, a), b.float(0x1p-24))
	r := b.op(ir.OpSelect, b.op(ir.OpULt, a, b.int(0x400)), sub, n)
	r = b.op(ir.OpSelect, b.op(ir.OpULe, b.int(0x7c00), a), b.bitsF(0x7f800000), r)
	sign := b.op(ir.OpShl, b.op(ir.OpAnd, h, b.int(0x8000)), b.int(16))
	r = b.castF(b.op(ir.OpOr, b.op(ir.OpBitcast, r), sign))
	return b.op(ir.OpSelect, b.op(ir.OpULt, b.int(0x7c00), a), b.bitsF(ir.NaN), r)
}
