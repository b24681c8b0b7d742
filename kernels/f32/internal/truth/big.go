package truth

import "math/big"

const prec = 640

func num(x float64) *big.Float       { return new(big.Float).SetPrec(prec).SetFloat64(x) }
func add(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(prec).Add(a, b) }
func sub(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(prec).Sub(a, b) }
func mul(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(prec).Mul(a, b) }
func quo(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(prec).Quo(a, b) }
func sqrt(a *big.Float) *big.Float   { return new(big.Float).SetPrec(prec).Sqrt(a) }
func shift(a *big.Float, n int) *big.Float {
	return new(big.Float).SetPrec(prec).SetMantExp(a, n)
}

var (
	// ln 2 = 2*atanh(1/3); pi = 16*atan(1/5) - 4*atan(1/239) (Machin).
	ln2    = shift(arcSeries(quo(num(1), num(3)), false), 1)
	pi     = sub(shift(arcSeries(quo(num(1), num(5)), true), 4), shift(arcSeries(quo(num(1), num(239)), true), 2))
	halfPi = shift(pi, -1)
)

// arcSeries sums x + x^3/3 + x^5/5 + ... (atanh x), with alternating signs atan x.
func arcSeries(x *big.Float, alternate bool) *big.Float {
	sum, p, x2 := num(0), x, mul(x, x)
	if alternate {
		x2.Neg(x2)
	}
	for n := 1.0; p.Sign() != 0 && p.MantExp(nil) > x.MantExp(nil)-prec-8; n += 2 {
		sum = add(sum, quo(p, num(n)))
		p = mul(p, x2)
	}
	return sum
}

func floorInt(x *big.Float) *big.Int {
	i, acc := x.Int(nil)
	if acc == big.Above {
		i.Sub(i, big.NewInt(1))
	}
	return i
}

// bigExp: r = x - k*ln2, then the power series at r/2^32, squared 32 times.
func bigExp(x *big.Float) *big.Float {
	k := floorInt(add(quo(x, ln2), num(0.5)))
	r := shift(sub(x, mul(new(big.Float).SetPrec(prec).SetInt(k), ln2)), -32)
	sum, p := num(1), num(1)
	for n := 1.0; n < 24; n++ {
		p = quo(mul(p, r), num(n))
		sum = add(sum, p)
	}
	for i := 0; i < 32; i++ {
		sum = mul(sum, sum)
	}
	return shift(sum, int(k.Int64()))
}

// bigLog: x = 2^e * m with m in [1/2, 1); log m = 2*atanh((m-1)/(m+1)) after square roots bring m near 1.
func bigLog(x *big.Float) *big.Float {
	m := new(big.Float).SetPrec(prec)
	e := x.MantExp(m)
	if f, _ := m.Float64(); f < 0.70710678 {
		m, e = shift(m, 1), e-1
	}
	const roots = 6
	for i := 0; i < roots; i++ {
		m = sqrt(m)
	}
	t := arcSeries(quo(sub(m, num(1)), add(m, num(1))), false)
	return add(shift(t, roots+1), mul(num(float64(e)), ln2))
}

// bigReduce gives x less q times pi/2, at most pi/4 in size, and q modulo 4.
func bigReduce(x *big.Float) (*big.Float, int) {
	k := floorInt(add(quo(x, halfPi), num(0.5)))
	r := sub(x, mul(new(big.Float).SetPrec(prec).SetInt(k), halfPi))
	return r, int(new(big.Int).And(k, big.NewInt(3)).Int64())
}

func sinSeries(r *big.Float, first float64, p *big.Float) *big.Float {
	sum, r2 := p, mul(r, r)
	for n := first; n < 150 && p.Sign() != 0; n += 2 {
		p = quo(mul(p, r2), num(-n*(n+1)))
		sum = add(sum, p)
	}
	return sum
}

func bigSinCos(x *big.Float) (s, c *big.Float) {
	r, q := bigReduce(x)
	s, c = sinSeries(r, 2, r), sinSeries(r, 1, num(1))
	if q&1 != 0 {
		s, c = c, s.Neg(s)
	}
	if q&2 != 0 {
		s.Neg(s)
		c.Neg(c)
	}
	return s, c
}

func bigSin(x *big.Float) *big.Float { s, _ := bigSinCos(x); return s }
func bigCos(x *big.Float) *big.Float { _, c := bigSinCos(x); return c }
func bigTan(x *big.Float) *big.Float { s, c := bigSinCos(x); return quo(s, c) }

func bigTanh(x *big.Float) *big.Float {
	e := bigExp(shift(x, 1))
	return quo(sub(e, num(1)), add(e, num(1)))
}

func bigSinh(x *big.Float) *big.Float {
	e := bigExp(x)
	return shift(sub(e, quo(num(1), e)), -1)
}

func bigCosh(x *big.Float) *big.Float {
	e := bigExp(x)
	return shift(add(e, quo(num(1), e)), -1)
}

// bigAtan halves the angle eight times, then sums the series.
func bigAtan(x *big.Float) *big.Float {
	const halvings = 8
	for i := 0; i < halvings; i++ {
		x = quo(x, add(num(1), sqrt(add(num(1), mul(x, x)))))
	}
	return shift(arcSeries(x, true), halvings)
}

func bigAsin(x *big.Float) *big.Float {
	c := sub(num(1), mul(x, x))
	if c.Sign() == 0 {
		if x.Sign() < 0 {
			return new(big.Float).Neg(halfPi)
		}
		return halfPi
	}
	return bigAtan(quo(x, sqrt(c)))
}

func bigAcos(x *big.Float) *big.Float { return sub(halfPi, bigAsin(x)) }

func bigAsinh(x *big.Float) *big.Float {
	if x.Sign() < 0 {
		y := bigAsinh(new(big.Float).Neg(x))
		return y.Neg(y)
	}
	return bigLog(add(x, sqrt(add(num(1), mul(x, x)))))
}

func bigAcosh(x *big.Float) *big.Float { return bigLog(add(x, sqrt(sub(mul(x, x), num(1))))) }

func bigAtanh(x *big.Float) *big.Float {
	return shift(bigLog(quo(add(num(1), x), sub(num(1), x))), -1)
}
