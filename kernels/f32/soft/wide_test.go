package soft

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

const prec = 300

func fraction(m u64) *big.Float {
	v := new(big.Float).SetPrec(prec).SetUint64(uint64(m.hi)<<32 | uint64(m.lo))
	return v.SetMantExp(v, -64)
}

func value(a wide) *big.Float { v := fraction(a.m); return v.SetMantExp(v, int(a.e)) }

// random draws a wide from 2^-9 to 2^8 whose significand is often near a power of two.
func random(r *rand.Rand) wide {
	m := r.Uint64() | 1<<63
	switch r.IntN(6) {
	case 0:
		m = 1<<63 + r.Uint64()>>(8+r.IntN(56))
	case 1:
		m = ^(r.Uint64() >> (8 + r.IntN(56)))
	}
	return wide{int32(r.IntN(17) - 8), u64{uint32(m >> 32), uint32(m)}}
}

// TestWide holds every step to the error its comment states.
func TestWide(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	bin := func(f func(z, x, y *big.Float) *big.Float) func(x, y *big.Float) *big.Float {
		return func(x, y *big.Float) *big.Float { return f(new(big.Float).SetPrec(prec), x, y) }
	}
	sqrt := func(x, _ *big.Float) *big.Float { return new(big.Float).SetPrec(prec).Sqrt(x) }
	for _, c := range []struct {
		name  string
		bound float64 // log2 of the relative error
		got   func(a, b wide) wide
		want  func(x, y *big.Float) *big.Float
	}{
		{"wmul", -60, wmul, bin((*big.Float).Mul)},
		{"wadd", -62, wadd, bin((*big.Float).Add)},
		{"wdiv", -58, wdiv, bin((*big.Float).Quo)},
		{"wsqrt", -58, func(a, _ wide) wide { return wsqrt(a) }, sqrt},
		{"recip64", -59, func(a, _ wide) wide { return wide{2 - a.e, recip64(a.m)} }, func(x, _ *big.Float) *big.Float {
			return new(big.Float).SetPrec(prec).Quo(big.NewFloat(2), x)
		}},
		{"rsqrt64", -58, func(a, _ wide) wide { x := evenExp(a); return wide{-x.e / 2, rsqrt64(x.m)} }, func(x, _ *big.Float) *big.Float {
			return new(big.Float).SetPrec(prec).Quo(big.NewFloat(0.5), sqrt(x, nil))
		}},
	} {
		worst := 0.0
		for range 30_000 {
			a, b := random(r), random(r)
			want := c.want(value(a), value(b))
			d := new(big.Float).Sub(value(c.got(a, b)), want)
			e, _ := d.Quo(d, want).Float64()
			worst = max(worst, math.Abs(e))
		}
		if math.Log2(worst) > c.bound {
			t.Errorf("%s errs by 2^%.2f, want below 2^%v", c.name, math.Log2(worst), c.bound)
		}
	}
}
