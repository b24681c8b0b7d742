package truth

import (
	"cmp"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/kernels/f32/hard"
)

var (
	exhaustive = flag.Bool("exhaustive", false, "run the Exhaustive tests over all 2^32 inputs")
	only       = flag.String("functions", "", "with -exhaustive, the functions to run, separated by commas (all if empty)")
	stride     = flag.Uint64("stride", 1, "with -exhaustive, try only every input that many bit patterns apart")
	onlyOf     = flag.String("of", "", "with -exhaustive, the one implementation to run (f32 or soft; both if empty)")
	hardDir    = flag.String("hard", "", "with -exhaustive, the folder that gets the inputs hardest to round")
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
	check := func(u uint32) { c.compare(u, of(Functions[name], u)) }
	Sample(n, check)
	for _, u := range hard.Inputs(name) {
		check(u)
	}
	c.done()
}

// CheckAll compares every f with the truth on all 2^32 inputs if the test runs with -exhaustive, and prints the
// figures. With -hard it also writes the inputs that are hardest to round to a file of that folder, the hardest first.
func CheckAll(t *testing.T, name string, fs map[string]func(uint32) uint32) {
	t.Helper()
	if !*exhaustive || *only != "" && !slices.Contains(strings.Split(*only, ","), name) {
		t.Skip("skipped: needs -exhaustive (minutes for each function)")
	}
	type input struct {
		u uint32
		d float64
	}
	var hardest []input
	Observe = func(x float32, d float64) { hardest = append(hardest, input{math.Float32bits(x), d}) }
	defer func() { Observe = nil }()
	var cs []*checker
	for who, f := range fs {
		if *onlyOf != "" && *onlyOf != who {
			continue
		}
		cs = append(cs, &checker{t: t, name: who + " " + name, f: f})
	}
	start := time.Now()
	inputs := 0
	for u := uint64(0); u < 1<<32; u += max(*stride, 1) {
		inputs++
		want := of(Functions[name], uint32(u))
		for _, c := range cs {
			c.compare(uint32(u), want)
		}
	}
	slices.SortFunc(hardest, func(a, b input) int { return cmp.Compare(a.d, b.d) })
	least := 0.0
	if len(hardest) > 0 {
		least = math.Log2(hardest[0].d)
	}
	for _, c := range cs {
		fmt.Printf("exhaustive %-13s %d inputs, %d wrong, hardest 2^%.1f, %.0f s\n", c.name, inputs, c.bad, least, time.Since(start).Seconds())
		c.done()
	}
	if *hardDir == "" {
		return
	}
	var out strings.Builder
	for _, h := range hardest[:min(len(hardest), 200)] {
		fmt.Fprintf(&out, "%08x\n", h.u)
	}
	if err := os.WriteFile(filepath.Join(*hardDir, name+".txt"), []byte(out.String()), 0o644); err != nil {
		t.Error(err)
	}
}

// of is the truth about one bit pattern.
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
