package truth

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gwrun/gwrun/kernels/f32/hard"
)

// Sample calls f on edges, on every power of two with its neighbours, and on n random bit patterns of which half lie
// between 2^-30 and 2^30 in size.
func Sample(n int, f func(uint32)) {
	for e := range uint32(256) {
		for d := range uint32(5) {
			f(e<<23 + d - 2)
			f((e<<23 + d - 2) ^ 1<<31)
		}
		f(e<<23 | 0x400000)
		f(e<<23 | 0x400000 | 1<<31)
	}
	r := rand.New(rand.NewPCG(32, 24))
	for i := range n {
		u := r.Uint32()
		if i&1 == 0 {
			u = u&0x807fffff | (97+uint32(r.IntN(60)))<<23
		}
		f(u)
	}
}

// Check compares f with the truth about the named function on a sample of n inputs.
func Check(t *testing.T, name string, n int, f func(uint32) uint32) {
	t.Helper()
	c := checker{t: t, name: name, f: f}
	want := Of(name)
	check := func(u uint32) { c.compare(u, want(u)) }
	Sample(n, check)
	for _, u := range hard.Inputs(name) {
		check(u)
	}
	c.done()
}

// Of gives the truth about the named operation, on bit patterns.
func Of(name string) func(uint32) uint32 {
	if f := OnBits[name]; f != nil {
		return f
	}
	f := Functions[name]
	return func(u uint32) uint32 { return of(f, u) }
}

func of(f func(float32) float32, u uint32) uint32 {
	if w := f(math.Float32frombits(u)); w == w {
		return math.Float32bits(w)
	}
	return 0x7fc00000
}

type checker struct {
	t    *testing.T
	name string
	f    func(uint32) uint32
	bad  int
}

func (c *checker) compare(u, want uint32) {
	if got := c.f(u); got != want {
		if c.bad++; c.bad <= 10 {
			c.t.Errorf("%s(%#08x = %g) = %#08x (%g), want %#08x (%g)", c.name, u, math.Float32frombits(u), got, math.Float32frombits(got), want, math.Float32frombits(want))
		}
	}
}

func (c *checker) done() {
	c.t.Helper()
	if c.bad > 0 {
		c.t.Errorf("%s: %d wrong", c.name, c.bad)
	}
}
