package truth

import (
	"math"
	"math/big"
	"strings"
	"testing"
)

// TestConstants compares with digits from tables.
func TestConstants(t *testing.T) {
	for _, c := range []struct {
		name, digits string
		v            *big.Float
	}{
		{"pi", "3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798214808651", pi},
		{"ln 2", "0.69314718055994530941723212145817656807550013436025525412068000949339362196969471560586332699641868754200148102", ln2},
		{"e", "2.71828182845904523536028747135266249775724709369995957496696762772407663035354759457138217852516642742746639193", bigExp(num(1))},
		{"sin 1", "0.84147098480789650665250232163029899962256306079837106567275170999191040439123966894863974354305269585434903790", bigSin(num(1))},
		{"atan 2", "1.107148717794090503017065460178537040070047645401432646676539207433710338977362794", bigAtan(num(2))},
		{"ln 10", "2.30258509299404568401799145468436420760110148862877297603332790096757260967735248023599720508959829834196778404", bigLog(num(10))},
	} {
		if got := c.v.Text('f', len(c.digits)); !strings.HasPrefix(got, c.digits[:len(c.digits)-1]) {
			t.Errorf("%s = %s, want %s", c.name, got, c.digits)
		}
	}
}

// TestEstimates checks that the binary64 values are much nearer to those of math/big than the margin taken for them: their
// error is below 2^-48 of the value where the margin is 2^-42.
func TestEstimates(t *testing.T) {
	defer func() { measure = nil }()
	for name, f := range Functions {
		worst, at := 0.0, float32(0)
		measure = func(x float32, y float64, v *big.Float) {
			d, _ := quo(sub(num(y), v), v).Float64()
			if d = math.Abs(d); d > worst && math.Abs(y) > 0x1p-160 && math.Abs(y) < 0x1p130 {
				worst, at = d, x
			}
		}
		n := 0
		Sample(300, func(u uint32) {
			if n++; n%3 == 0 {
				of(f, u)
			}
		})
		if worst > 0x1p-48 {
			t.Errorf("%s(%g): the binary64 value errs by 2^%.1f of the value, want below 2^-48", name, at, math.Log2(worst))
		}
	}
}

// TestIdentities relates the math/big functions to each other at 600 bits.
func TestIdentities(t *testing.T) {
	near := func(name string, a, b *big.Float) {
		d := sub(a, b)
		if d.Sign() != 0 && d.MantExp(nil) > b.MantExp(nil)-560 {
			t.Errorf("%s: %s and %s", name, a.Text('g', 40), b.Text('g', 40))
		}
	}
	for _, v := range []float64{0.3, 0.9, 1.5, 40.25} {
		x := num(v)
		near("log exp", bigLog(bigExp(x)), x)
		near("cosh^2 - sinh^2", sub(mul(bigCosh(x), bigCosh(x)), mul(bigSinh(x), bigSinh(x))), num(1))
		near("asinh sinh", bigAsinh(bigSinh(x)), x)
		near("acosh cosh", bigAcosh(bigCosh(x)), x)
		near("sin^2 + cos^2", add(mul(bigSin(x), bigSin(x)), mul(bigCos(x), bigCos(x))), num(1))
		near("tan atan", bigTan(bigAtan(x)), x)
		near("tanh", bigTanh(x), quo(bigSinh(x), bigCosh(x)))
		if v < 1 {
			near("sin asin", bigSin(bigAsin(x)), x)
			near("cos acos", bigCos(bigAcos(x)), x)
			near("tanh atanh", bigTanh(bigAtanh(x)), x)
		}
	}
}
