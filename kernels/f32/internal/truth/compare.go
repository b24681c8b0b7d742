package truth

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

var (
	exhaustive = flag.Bool("exhaustive", false, "run the Exhaustive tests over all 2^32 inputs")
	only       = flag.String("function", "", "with -exhaustive, the one function to run")
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
	c := checker{t: t, name: name, f: f, want: Functions[name]}
	Sample(n, c.check)
	c.done()
}

// CheckAll compares f with the truth on all 2^32 inputs if the test runs with -exhaustive, and prints the figures.
func CheckAll(t *testing.T, name string, f func(uint32) uint32) {
	t.Helper()
	if !*exhaustive || *only != "" && *only != name {
		t.Skip("skipped: needs -exhaustive (minutes for each function)")
	}
	c := checker{t: t, name: name, f: f, want: Functions[name]}
	start := time.Now()
	for u := range uint64(1 << 32) {
		c.check(uint32(u))
	}
	fmt.Printf("exhaustive %-8s %d inputs, %d wrong, %.0f s\n", name, uint64(1<<32), c.bad, time.Since(start).Seconds())
	c.done()
}

type checker struct {
	t    *testing.T
	name string
	f    func(uint32) uint32
	want func(float32) float32
	bad  int
}

func (c *checker) check(u uint32) {
	x := math.Float32frombits(u)
	want := uint32(0x7fc00000)
	if w := c.want(x); w == w {
		want = math.Float32bits(w)
	}
	if got := c.f(u); got != want {
		if c.bad++; c.bad <= 10 {
			c.t.Errorf("%s(%#08x = %g) = %#08x (%g), want %#08x (%g)", c.name, u, x, got, math.Float32frombits(got), want, math.Float32frombits(want))
		}
	}
}

func (c *checker) done() {
	c.t.Helper()
	if c.bad > 0 {
		c.t.Errorf("%s: %d wrong", c.name, c.bad)
	}
}
