package f32

import (
	"math"

	"github.com/gwrun/gwrun/kernels/f32/soft"
)

// Exp returns e to the power x.
func Exp(x float32) float32 {
	u := math.Float32bits(x)
	a := u & 0x7fffffff
	if u >= 0xc2d20000 && u <= 0xff800000 { // -105 and less
		return 0
	}
	if a < 0x42b00000 {
		y := exp(float64(x))
		if settled(y) {
			return float32(y)
		}
	}
	return math.Float32frombits(soft.Exp(u))
}

// Exp2 returns 2 to the power x.
func Exp2(x float32) float32 {
	u := math.Float32bits(x)
	a := u & 0x7fffffff
	if u >= 0xc3170000 && u <= 0xff800000 { // -151 and less
		return 0
	}
	if a < 0x42fc0000 {
		y := exp2(float64(x))
		if settled(y) {
			return float32(y)
		}
	}
	return math.Float32frombits(soft.Exp2(u))
}

// Log returns the natural logarithm of x.
func Log(x float32) float32 {
	u := math.Float32bits(x)
	if u-0x800000 < 0x7f000000 {
		l := logSplit(u)
		y := l.e*0.6931471805599453 + l.f
		if settled(y) {
			return float32(y)
		}
	}
	return math.Float32frombits(soft.Log(u))
}

// Log2 returns the logarithm of x to base 2.
func Log2(x float32) float32 {
	u := math.Float32bits(x)
	if u-0x800000 < 0x7f000000 {
		l := logSplit(u)
		y := l.e + l.f*1.4426950408889634
		if settled(y) {
			return float32(y)
		}
	}
	return math.Float32frombits(soft.Log2(u))
}

// Sin returns the sine of x radians.
func Sin(x float32) float32 {
	u := math.Float32bits(x)
	a := u & 0x7fffffff
	if a < 0x39000000 { // below 2^-13 the cubic term is less than half a place
		return x
	}
	if a < 0x7f800000 {
		y := sinTurned(reduce(a), 0)
		if u != a {
			y = -y
		}
		if settled(y) {
			return float32(y)
		}
	}
	return math.Float32frombits(soft.Sin(u))
}

// Cos returns the cosine of x radians.
func Cos(x float32) float32 {
	u := math.Float32bits(x)
	a := u & 0x7fffffff
	if a < 0x39000000 {
		return 1
	}
	if a < 0x7f800000 {
		y := sinTurned(reduce(a), 1)
		if settled(y) {
			return float32(y)
		}
	}
	return math.Float32frombits(soft.Cos(u))
}

// Tan returns the tangent of x radians.
func Tan(x float32) float32 {
	u := math.Float32bits(x)
	a := u & 0x7fffffff
	if a < 0x39000000 { // below 2^-13 the cubic term is less than half a place
		return x
	}
	if a < 0x7f800000 {
		r := reduce(a)
		y := sinTail(r.r) / cosTail(r.r)
		if r.q&1 != 0 {
			y = -1 / y
		}
		if u != a {
			y = -y
		}
		if r.ok && settled(y) {
			return float32(y)
		}
	}
	return math.Float32frombits(soft.Tan(u))
}

// Tanh returns the hyperbolic tangent of x.
func Tanh(x float32) float32 {
	u := math.Float32bits(x)
	a := u & 0x7fffffff
	if a < 0x39000000 { // below 2^-13 the cubic term is less than half a place
		return x
	}
	if a < 0x41180000 {
		v := math.Abs(float64(x))
		y := float64(0)
		if v < 0.25 {
			z := v * v
			y = v + v*z*(-0.3333333333333331+z*(0.1333333333329479+z*(-0.053968253869450214+z*(0.02186947902594781+
				z*(-0.008862798753789404+z*(0.003581791786990957+z*-0.0013334287579797762))))))
		} else {
			y = 1 - 2/(exp(2*v)+1)
		}
		if u != a {
			y = -y
		}
		if settled(y) {
			return float32(y)
		}
	} else if a <= 0x7f800000 { // from 9.5 on the result is 1 rounded
		return math.Float32frombits((u & 0x80000000) | 0x3f800000)
	}
	return math.Float32frombits(soft.Tanh(u))
}

// Sinh returns the hyperbolic sine of x.
func Sinh(x float32) float32 {
	u := math.Float32bits(x)
	a := u & 0x7fffffff
	if a < 0x39000000 { // below 2^-13 the cubic term is less than half a place
		return x
	}
	if a < 0x42b00000 {
		v := math.Abs(float64(x))
		y := float64(0)
		if v < 0.5 {
			z := v * v
			y = v + v*z*(0.16666666666666696+z*(0.008333333333271891+z*(0.00019841270037858157+z*(2.7557099105878018e-06+
				z*2.5152671816138696e-08))))
		} else {
			e := exp(v)
			y = (e - 1/e) * 0.5
		}
		if u != a {
			y = -y
		}
		if settled(y) {
			return float32(y)
		}
	}
	return math.Float32frombits(soft.Sinh(u))
}

// Cosh returns the hyperbolic cosine of x.
func Cosh(x float32) float32 {
	u := math.Float32bits(x)
	a := u & 0x7fffffff
	if a < 0x42b00000 {
		e := exp(float64(x))
		y := (e + 1/e) * 0.5
		if settled(y) {
			return float32(y)
		}
	}
	return math.Float32frombits(soft.Cosh(u))
}

// Asin returns the arc sine of x in radians.
func Asin(x float32) float32 {
	u := math.Float32bits(x)
	a := u & 0x7fffffff
	if a < 0x39000000 { // below 2^-13 the cubic term is less than half a place
		return x
	}
	if a < 0x3f800000 {
		v := math.Abs(float64(x))
		y := atanRatio(v, math.Sqrt((1-v)*(1+v)))
		if u != a {
			y = -y
		}
		if settled(y) {
			return float32(y)
		}
	}
	return math.Float32frombits(soft.Asin(u))
}

// Acos returns the arc cosine of x in radians.
func Acos(x float32) float32 {
	u := math.Float32bits(x)
	a := u & 0x7fffffff
	if a >= 0x32800000 && a < 0x3f800000 {
		v := math.Abs(float64(x))
		y := atanRatio(math.Sqrt((1-v)*(1+v)), v)
		if u != a {
			y = 3.141592653589793 - y
		}
		if settled(y) {
			return float32(y)
		}
	}
	return math.Float32frombits(soft.Acos(u))
}

// Atan returns the arc tangent of x in radians.
func Atan(x float32) float32 {
	u := math.Float32bits(x)
	a := u & 0x7fffffff
	if a < 0x39000000 { // below 2^-13 the cubic term is less than half a place
		return x
	}
	if a < 0x4c800000 {
		y := atanRatio(math.Abs(float64(x)), 1)
		if u != a {
			y = -y
		}
		if settled(y) {
			return float32(y)
		}
	}
	return math.Float32frombits(soft.Atan(u))
}

// Asinh returns the inverse hyperbolic sine of x.
func Asinh(x float32) float32 {
	u := math.Float32bits(x)
	a := u & 0x7fffffff
	if a < 0x39000000 { // below 2^-13 the cubic term is less than half a place
		return x
	}
	if a < 0x7f800000 {
		v := math.Abs(float64(x))
		z := v * v
		y := log1p(v + z/(1+math.Sqrt(1+z)))
		if u != a {
			y = -y
		}
		if settled(y) {
			return float32(y)
		}
	}
	return math.Float32frombits(soft.Asinh(u))
}

// Acosh returns the inverse hyperbolic cosine of x.
func Acosh(x float32) float32 {
	u := math.Float32bits(x)
	if u > 0x3f800000 && u < 0x7f800000 {
		t := float64(x) - 1
		y := log1p(t + math.Sqrt(t*(t+2)))
		if settled(y) {
			return float32(y)
		}
	}
	return math.Float32frombits(soft.Acosh(u))
}

// Atanh returns the inverse hyperbolic tangent of x.
func Atanh(x float32) float32 {
	u := math.Float32bits(x)
	a := u & 0x7fffffff
	if a < 0x39000000 { // below 2^-13 the cubic term is less than half a place
		return x
	}
	if a < 0x3f800000 {
		v := math.Abs(float64(x))
		y := 0.5 * log1p(2*v/(1-v))
		if u != a {
			y = -y
		}
		if settled(y) {
			return float32(y)
		}
	}
	return math.Float32frombits(soft.Atanh(u))
}

// InvSqrt returns 1/sqrt(x), an infinity of its sign for a zero.
func InvSqrt(x float32) float32 {
	u := math.Float32bits(x)
	if u-1 < 0x7f7fffff {
		y := 1 / math.Sqrt(float64(x))
		if settled(y) {
			return float32(y)
		}
	}
	return math.Float32frombits(soft.InvSqrt(u))
}
