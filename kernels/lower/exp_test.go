package lower

import (
	"flag"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/gwrun/gwrun/kernels/f32"
)

var exhaustive = flag.Bool("exhaustive", false, "TestExp: every operand (two minutes)")

var expHigh = [16]uint32{0x3f800000, 0x3f85b000, 0x3f8b9000, 0x3f91c000, 0x3f983000, 0x3f9ef000, 0x3fa60000, 0x3fad6000,
	0x3fb50000, 0x3fbd1000, 0x3fc56000, 0x3fce2000, 0x3fd74000, 0x3fe0d000, 0x3feac000, 0x3ff52000}

var expLow = [16]uint32{0, 0xb9279306, 0x39383c7d, 0x38f4dceb, 0x397e0a32, 0x39264c12, 0xb814ab27, 0xb97822b8,
	0x391e667f, 0xb96b8c15, 0x3965422b, 0x391182a4, 0x391f995b, 0xb8c844f5, 0x37c6e7dd, 0x392fa2a5}

// expStep is the first step of gl_exp, operation by operation, for operands from 2^-26 on whose result is normal. The
// conversions keep Go from fusing.
func expStep(a uint32) (y uint32, settled bool, k int32) {
	const magic, grid = float32(12582912), float32(3072)
	x := math.Float32frombits(a)
	t := float32(x*2.308312e+01) + magic
	k = int32(math.Float32bits(t)) - 0x4b400000
	n := float32(t - magic)
	r := float32(float32(x-float32(n*4.3319702e-02)) - float32(n*1.9967556e-06))
	c := float32(float32(r+grid) - grid)
	d := float32(float32(r-c) - float32(n*-1.1904089e-10))
	v := float32(c + d)
	p := float32(float32(v*8.333334e-03) + 4.1666668e-02)
	p = float32(float32(v*p) + 1.6666667e-01)
	p = float32(float32(v*p) + 0.5)
	p = float32(float32(v*v) * p)
	h, l := math.Float32frombits(expHigh[k&15]), math.Float32frombits(expLow[k&15])
	u := float32(h * c)
	s := float32(h + u)
	e := float32(u - float32(s-h))
	low := float32(e + float32(float32(h*float32(p+d))+float32(l+float32(l*float32(v+p)))))
	y0, y1 := float32(s+float32(low-2.0e-10)), float32(s+float32(low+2.0e-10))
	return math.Float32bits(y0) + uint32(k>>4)<<23, y0 == y1, k
}

// expLoop is the second step.
func expLoop(a uint32, k int32) uint32 {
	g := uint64(a&0x7fffff|0x800000) << (a>>23&255 - 86)
	if a>>31 != 0 {
		g = -g
	}
	kk := (k - 1) >> 4
	g -= uint64(int64(kk)) * 0xb17217f7d1cf79ac
	sum := uint64(1) << 62
	for n := uint64(18); n > 0; n-- {
		f, _ := bits.Mul64(g, sum)
		sum = 1<<62 + f/n
	}
	v := sum >> 10
	if sum&0x3ff != 0 {
		v |= 1
	}
	return math.Float32bits(float32(math.Ldexp(float64(v), int(kk)-52)))
}

// TestExp holds both steps against the library of the CPU device.
func TestExp(t *testing.T) {
	var steps, loops int
	check := func(a uint32) {
		want := math.Float32bits(f32.Exp(math.Float32frombits(a)))
		y, settled, k := expStep(a)
		if a > 0xc2aea000 {
			settled = false
		}
		if settled {
			steps++
			if y != want {
				t.Fatalf("exp(%#x) = %#x in the first step, want %#x", a, y, want)
			}
		} else {
			loops++
			if y := expLoop(a, k); y != want {
				t.Fatalf("exp(%#x) = %#x in the loop, want %#x", a, y, want)
			}
		}
	}
	if *exhaustive {
		for a := uint32(0x32800000); a <= 0x42b17217; a++ {
			check(a)
		}
		for a := uint32(0xb2800000); a <= 0xc2d00000; a++ {
			check(a)
		}
		t.Logf("%d operands, %d of them in the loop", steps+loops, loops)
		return
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 1 << 20 {
		check(0x32800000 + r.Uint32N(0x42b17218-0x32800000))
		check(0xb2800000 + r.Uint32N(0xc2d00001-0xb2800000))
	}
	check(0xbcb23d61) // with a narrower test, one that came out wrong
	if share := float64(loops) / float64(steps+loops); share < 0.001 || share > 0.03 {
		t.Errorf("%v of the operands went through the loop", share)
	}
}
