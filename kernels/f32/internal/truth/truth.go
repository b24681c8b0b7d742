// Package truth is the measure of the binary32 functions in tests: the mathematical value rounded once, found without
// any code of the functions it judges.
//
// A value is computed in binary64 with Go's math package and taken if an error of 2^-42 of its size could not change
// its rounding to binary32 (math's own errors are near 2^-52, the steps around it add a few units). Otherwise, about
// once in 2^17 inputs, the value is computed with math/big at 640 bits. Angles are reduced in integers.
package truth

import (
	"math"
	"math/big"
	"math/bits"
)

// Functions has every function by its name.
var Functions = map[string]func(float32) float32{
	"exp": Exp, "exp2": Exp2, "log": Log, "log2": Log2, "sin": Sin, "cos": Cos, "tan": Tan, "tanh": Tanh,
	"asin": Asin, "acos": Acos, "atan": Atan, "sinh": Sinh, "cosh": Cosh, "asinh": Asinh, "acosh": Acosh,
	"atanh": Atanh, "invsqrt": InvSqrt,
}

var nan = math.Float32frombits(0x7fc00000)

// exact has the functions in math/big, for operands that the callers of finish leave over.
var exact = map[string]func(*big.Float) *big.Float{
	"exp": bigExp, "exp2": func(v *big.Float) *big.Float { return bigExp(mul(v, ln2)) },
	"log": bigLog, "log2": func(v *big.Float) *big.Float { return quo(bigLog(v), ln2) },
	"sin": bigSin, "cos": bigCos, "tan": bigTan, "tanh": bigTanh, "asin": bigAsin, "acos": bigAcos, "atan": bigAtan,
	"sinh": bigSinh, "cosh": bigCosh, "asinh": bigAsinh, "acosh": bigAcosh, "atanh": bigAtanh,
	"invsqrt": func(v *big.Float) *big.Float { return quo(num(1), sqrt(v)) },
}

// finish rounds y, the estimate of the named function of x, or where that could go wrong the exact value.
func finish(name string, x float32, y float64) float32 {
	if y != y {
		return nan
	}
	if measure != nil {
		measure(x, y, exact[name](num(float64(x))))
	}
	d := math.Abs(y)*0x1p-42 + 0x1p-1000
	lo, hi := float32(y-d), float32(y+d)
	if math.Float32bits(lo) == math.Float32bits(hi) {
		return lo
	}
	v := exact[name](num(float64(x)))
	r, _ := v.Float32()
	if Observe != nil {
		Observe(name, x, distance(v, r))
	}
	return r
}

// measure, if not nil, is given every binary64 value and the one of math/big.
var measure func(x float32, y float64, v *big.Float)

// Observe, if not nil, is called for every value that needed math/big, with the function, the operand and the value's
// distance from the middle between two binary32 neighbours, relative to the value. Set it before the first use.
var Observe func(name string, x float32, d float64)

func distance(v *big.Float, r float32) float64 {
	u := math.Float32bits(r)
	least := 1.0
	for _, n := range []uint32{u - 1, u + 1} {
		mid := (float64(r) + float64(math.Float32frombits(n))) / 2
		d, _ := quo(sub(v, num(mid)), v).Float64()
		least = min(least, math.Abs(d))
	}
	return least
}

// Exp returns e to the power x.
func Exp(x float32) float32 {
	switch {
	case x != x:
		return nan
	case x > 89:
		return float32(math.Inf(1))
	case x < -110:
		return 0
	case math.Abs(float64(x)) < 0x1p-30:
		return 1
	}
	return finish("exp", x, math.Exp(float64(x)))
}

// Exp2 returns 2 to the power x.
func Exp2(x float32) float32 {
	switch {
	case x != x:
		return nan
	case x >= 128:
		return float32(math.Inf(1))
	case x < -151:
		return 0
	case math.Abs(float64(x)) < 0x1p-30:
		return 1
	case x == float32(math.Trunc(float64(x))):
		return float32(math.Ldexp(1, int(x)))
	}
	return finish("exp2", x, math.Exp2(float64(x)))
}

// Log returns the natural logarithm of x.
func Log(x float32) float32 {
	switch {
	case x != x || x < 0:
		return nan
	case x == 0:
		return float32(math.Inf(-1))
	case x == 1:
		return 0
	case x > math.MaxFloat32:
		return x
	}
	return finish("log", x, math.Log(float64(x)))
}

// Log2 returns the logarithm of x to base 2.
func Log2(x float32) float32 {
	switch {
	case x != x || x < 0:
		return nan
	case x == 0:
		return float32(math.Inf(-1))
	case x == 1:
		return 0
	case x > math.MaxFloat32:
		return x
	}
	if f, e := math.Frexp(float64(x)); f == 0.5 {
		return float32(e - 1)
	}
	return finish("log2", x, math.Log(float64(x))/math.Ln2)
}

// twoOverPi[e] is 2/pi * 2^(e-150), for the biased exponent e of an operand, modulo 4: two bits before the point and
// 128 after it.
var twoOverPi = func() (t [256]struct{ whole, hi, lo uint64 }) {
	for e := 110; e < 255; e++ {
		v := floorInt(shift(quo(num(1), halfPi), e-150+128))
		word := func(n uint) uint64 {
			return new(big.Int).And(new(big.Int).Rsh(v, n), new(big.Int).SetUint64(math.MaxUint64)).Uint64()
		}
		t[e].whole, t[e].hi, t[e].lo = word(128), word(64), word(0)
	}
	return t
}()

// reduce gives x less the nearest multiple of pi/2, and which multiple modulo 4.
func reduce(x float32) (float64, int) {
	u := math.Float32bits(x)
	t := twoOverPi[u>>23&255]
	m := uint64(u&0x7fffff | 0x800000)
	c, lo := bits.Mul64(m, t.lo)
	q, hi := bits.Mul64(m, t.hi)
	hi, carry := bits.Add64(hi, c, 0)
	q += carry + m*t.whole
	s := 1.0
	if hi >= 1<<63 {
		lo, carry = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, carry)
		q++
		s = -1
	}
	r := s * (float64(hi)*0x1p-64 + float64(lo)*0x1p-128) * (math.Pi / 2)
	if u>>31 != 0 {
		r, q = -r, -q
	}
	return r, int(q & 3)
}

// trig evaluates a function of an angle from what reduce makes of it.
func trig(name string, x float32, f func(r float64, q int) float64) float32 {
	if x-x != 0 {
		return nan
	}
	if math.Abs(float64(x)) < 0.78 {
		return finish(name, x, f(float64(x), 0))
	}
	r, q := reduce(x)
	return finish(name, x, f(r, q))
}

// Sin returns the sine of x radians.
func Sin(x float32) float32 {
	if math.Abs(float64(x)) < 0x1p-100 {
		return x
	}
	return trig("sin", x, func(r float64, q int) float64 {
		switch q & 3 {
		case 0:
			return math.Sin(r)
		case 1:
			return math.Cos(r)
		case 2:
			return -math.Sin(r)
		}
		return -math.Cos(r)
	})
}

// Cos returns the cosine of x radians.
func Cos(x float32) float32 {
	if math.Abs(float64(x)) < 0x1p-30 {
		return 1
	}
	return trig("cos", x, func(r float64, q int) float64 {
		switch q & 3 {
		case 0:
			return math.Cos(r)
		case 1:
			return -math.Sin(r)
		case 2:
			return -math.Cos(r)
		}
		return math.Sin(r)
	})
}

// Tan returns the tangent of x radians.
func Tan(x float32) float32 {
	if math.Abs(float64(x)) < 0x1p-100 {
		return x
	}
	return trig("tan", x, func(r float64, q int) float64 {
		if q&1 == 0 {
			return math.Tan(r)
		}
		return -1 / math.Tan(r)
	})
}

// Tanh returns the hyperbolic tangent of x.
func Tanh(x float32) float32 {
	switch a := math.Abs(float64(x)); {
	case x != x:
		return nan
	case a < 0x1p-40:
		return x
	case a > 20:
		return float32(math.Copysign(1, float64(x)))
	}
	return finish("tanh", x, math.Tanh(float64(x)))
}

// Sinh returns the hyperbolic sine of x.
func Sinh(x float32) float32 {
	switch a := math.Abs(float64(x)); {
	case x != x:
		return nan
	case a < 0x1p-40:
		return x
	case a > 100:
		return float32(math.Inf(int(math.Copysign(1, float64(x)))))
	}
	return finish("sinh", x, math.Sinh(float64(x)))
}

// Cosh returns the hyperbolic cosine of x.
func Cosh(x float32) float32 {
	switch a := math.Abs(float64(x)); {
	case x != x:
		return nan
	case a < 0x1p-40:
		return 1
	case a > 100:
		return float32(math.Inf(1))
	}
	return finish("cosh", x, math.Cosh(float64(x)))
}

// Asin returns the arc sine of x in radians.
func Asin(x float32) float32 {
	a := math.Abs(float64(x))
	switch {
	case !(a <= 1):
		return nan
	case a < 0x1p-40:
		return x
	}
	return finish("asin", x, math.Asin(float64(x)))
}

// Acos returns the arc cosine of x in radians.
func Acos(x float32) float32 {
	v := float64(x)
	switch {
	case !(math.Abs(v) <= 1):
		return nan
	case x == 1:
		return 0
	}
	y := math.Pi/2 - math.Asin(v)
	if v > 0.5 {
		y = 2 * math.Asin(math.Sqrt((1-v)/2))
	}
	return finish("acos", x, y)
}

// Atan returns the arc tangent of x in radians.
func Atan(x float32) float32 {
	a := math.Abs(float64(x))
	switch {
	case x != x:
		return nan
	case a < 0x1p-40:
		return x
	case a > 0x1p60:
		return float32(math.Copysign(math.Pi/2, float64(x)))
	}
	return finish("atan", x, math.Atan(float64(x)))
}

// Asinh returns the inverse hyperbolic sine of x.
func Asinh(x float32) float32 {
	if math.Abs(float64(x)) < 0x1p-40 || x-x != 0 {
		if x != x {
			return nan
		}
		return x
	}
	return finish("asinh", x, math.Asinh(float64(x)))
}

// Acosh returns the inverse hyperbolic cosine of x.
func Acosh(x float32) float32 {
	switch {
	case !(x >= 1):
		return nan
	case x == 1:
		return 0
	case x > math.MaxFloat32:
		return x
	}
	return finish("acosh", x, math.Acosh(float64(x)))
}

// Atanh returns the inverse hyperbolic tangent of x.
func Atanh(x float32) float32 {
	a := math.Abs(float64(x))
	switch {
	case !(a <= 1):
		return nan
	case a == 1:
		return float32(math.Inf(int(x)))
	case a < 0x1p-40:
		return x
	}
	return finish("atanh", x, math.Atanh(float64(x)))
}

// InvSqrt returns 1/sqrt(x), +Inf for +0, -Inf for -0 and 0 for +Inf.
func InvSqrt(x float32) float32 {
	switch {
	case x == 0:
		return 1 / x
	case !(x > 0):
		return nan
	case x > math.MaxFloat32:
		return 0
	}
	return finish("invsqrt", x, 1/math.Sqrt(float64(x)))
}
