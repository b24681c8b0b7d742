package lib_test

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/gwrun/gwrun/kernels/f32"
	"github.com/gwrun/gwrun/kernels/lib/libtest"
)

// chains brings n elements to one number in the order of include/chains.wgsl.
func chains(n int, first float32, f func(i int) float32, join func(a, b float32) float32) float32 {
	var c [128]float32
	for k := range c {
		c[k] = first
	}
	for i := range n {
		c[i%128] = join(c[i%128], f(i))
	}
	for h := 64; h > 0; h /= 2 {
		for k := range h {
			c[k] = join(c[k], c[k+h])
		}
	}
	return c[0]
}

// atLeast is a number, or 0 if it is smaller in magnitude than least.
func atLeast(least, x float32) float32 {
	if x < least && x > -least {
		return 0
	}
	return x
}

// The domains of factors, of terms, and of the powers of softmax.
func domain(x float32) float32 { return atLeast(0x1p-51, x) }
func addend(x float32) float32 { return atLeast(0x1p-102, x) }
func weight(x float32) float32 { return atLeast(0x1p-94, x) }

func sumOf(n int, f func(i int) float32) float32 {
	return chains(n, 0, f, func(a, b float32) float32 { return a + b })
}

var minusInf = float32(math.Inf(-1))

// maxOf is the greatest element that is a number.
func maxOf(n int, f func(i int) float32) float32 {
	return chains(n, minusInf, f, func(a, b float32) float32 {
		if a != a || b > a {
			return b
		}
		return a
	})
}

// gradient is the gradient of f at x by central differences, each weighed by what follows: the sum of weight times f.
func gradient(x []float64, f func(x []float64) float64) []float64 {
	out := make([]float64, len(x))
	y := slices.Clone(x)
	for i, v := range x {
		h := 1e-5 * max(1, math.Abs(v))
		y[i] = v + h
		up := f(y)
		y[i] = v - h
		out[i] = (up - f(y)) / (2 * h)
		y[i] = v
	}
	return out
}

func dot(a, b []float64) float64 {
	s := 0.
	for i := range a {
		s += a[i] * b[i]
	}
	return s
}

func largest(v []float64) float64 {
	m := 0.
	for _, x := range v {
		m = max(m, math.Abs(x))
	}
	return m
}

// softmaxRow is softmax of the first kept of a row, in float64.
func softmaxRow(x []float64, kept int, scale float64, logarithm bool) []float64 {
	m, s := math.Inf(-1), 0.
	for _, v := range x[:kept] {
		m = math.Max(m, scale*v)
	}
	y := make([]float64, len(x))
	if m == math.Inf(-1) {
		m = 0
	}
	for _, v := range x[:kept] {
		s += math.Exp(scale*v - m)
	}
	for i, v := range x {
		switch {
		case logarithm && (i >= kept || s == 0):
			y[i] = math.Inf(-1)
		case logarithm:
			y[i] = scale*v - m - math.Log(s)
		case i < kept && s != 0:
			y[i] = math.Exp(scale*v-m) / s
		}
	}
	return y
}

// edgeRows are rows of n that softmax and others may go wrong at, in front of ordinary ones.
func edgeRows(rows, n int, seed uint64) []uint32 {
	x := libtest.Normal(rows*n, seed, 2)
	at := func(r, c int) *uint32 { return &x[r*n+c%n] }
	for c := range n {
		*at(0, c) = word(1.5)      // all equal
		*at(1, c) = word(minusInf) // nothing left
		if c%3 > 0 {
			*at(2, c) = word(minusInf)
		}
	}
	*at(3, 7) = word(3e38)
	*at(4, 5) = word(-3e38)
	*at(5, 9) = word(float32(math.NaN()))
	*at(6, 11) = word(float32(math.Inf(1)))
	*at(7, 0) = word(1e-45)
	*at(7, 2) = word(100)
	for c := range n {
		// Down past every domain, and on both sides of each.
		*at(8, c) = word(float32(math.Ldexp(1.37*float64(1-c%2*2), -c%140)))
		near := 0.6 + float64(c%7)/7
		if rows > 12 {
			*at(9, c) = word(float32(near * 0x1p-51))
			*at(10, c) = word(float32(near * 0x1p-102))
			*at(11, c) = word(float32(-65.5*float64(min(c, 1)) + near)) // powers near 2^-94
			*at(12, c) = word(float32((-65.5*float64(min(c, 1)) + near) / 0.37))
		}
	}
	return x
}

func TestSoftmax(t *testing.T) {
	const scale, period, offset = float32(0.37), 5, 3
	type variant struct {
		rows, n   int
		mask      int
		logarithm bool
	}
	for _, v := range []variant{{13, 300, 0, false}, {13, 300, 0, true}, {13, 7, 1, false}, {13, 131, 2, true}, {11, 1, 0, false}, {10, 128, 2, true}} {
		x := edgeRows(v.rows, v.n, 3)
		lengths := []uint32{uint32(v.n), 1, 0}
		got, want, limit := make([]uint32, v.rows*v.n), make([]float64, v.rows*v.n), make([]float64, v.rows*v.n)
		for r := range v.rows {
			kept := v.n
			switch v.mask {
			case 1:
				kept = min(v.n, r%period+offset+1)
			case 2:
				kept = min(v.n, int(lengths[r/period]))
			}
			row := numbers(x[r*v.n:][:v.n])
			scaled := func(i int) float32 { return scale * domain(row[i]) }
			m := maxOf(kept, scaled)
			if m == minusInf {
				m = 0
			}
			e := func(i int) float32 { return weight(f32.Exp(scaled(i) - m)) }
			s := sumOf(kept, e)
			part, l := 1/s, f32.Log(s)
			if s == 0 {
				part, l = 0, 0
			}
			exact := softmaxRow(floats(row), kept, float64(scale), v.logarithm)
			for i := range v.n {
				y := float32(0)
				switch {
				case v.logarithm && i >= kept:
					y = minusInf
				case v.logarithm:
					y = scaled(i) - m - l
				case i < kept:
					y = e(i) * part
				}
				at := r*v.n + i
				got[at], want[at] = word(y), exact[i]
				top := float64(scale) * largest(floats(row))
				if limit[at] = 0x1p-24*(12+float64(v.n)/128+3*top)*exact[i] + 0x1p-94; v.logarithm {
					limit[at] = 0x1p-24 * (12 + float64(v.n)/128 + 4*top)
				}
				if math.IsInf(top, 0) || math.IsInf(want[at], 0) {
					limit[at] = 0x1p-20 // of rows with infinities: the finite ones are of moderate size
				}
			}
		}
		overrides := map[string]float64{"mask": float64(v.mask)}
		if v.logarithm {
			overrides["logarithm"] = 1
		}
		libtest.Run(t, libtest.Case{Name: fmt.Sprintf("%dx%d mask=%d log=%v", v.rows, v.n, v.mask, v.logarithm), Op: "softmax", Overrides: overrides,
			Params:  map[string]uint32{"rows": uint32(v.rows), "n": uint32(v.n), "scale": word(scale), "period": period, "offset": offset},
			Buffers: [][]uint32{x, lengths, libtest.Garbage(v.rows * v.n)}, Bits: map[int][]uint32{2: got}, Want: map[int][]float64{2: want},
			Error: func(_, i int) float64 { return limit[i] }, FewTiles: v.n != 300 || v.logarithm})
	}
}

func TestSoftmaxGrad(t *testing.T) {
	const rows, scale = 5, float32(0.37)
	for _, logarithm := range []bool{false, true} {
		for _, n := range []int{1, 6, 130} {
			x, dy := libtest.Normal(rows*n, 5, 2), libtest.Normal(rows*n, 6, 3)
			y, got, want, limit := make([]uint32, rows*n), make([]uint32, rows*n), make([]float64, rows*n), make([]float64, rows*n)
			for r := range rows {
				row, d := floats(numbers(x[r*n:][:n])), numbers(dy[r*n:][:n])
				kept := n
				if r == 1 {
					kept = n/2 + 1
				}
				if r == 2 {
					kept = 0
				}
				exact := softmaxRow(row, kept, float64(scale), logarithm)
				ys := make([]float32, n)
				for i := range n {
					ys[i] = float32(exact[i])
					y[r*n+i] = word(ys[i])
				}
				s := sumOf(n, func(i int) float32 {
					if logarithm && ys[i] == minusInf {
						return 0
					} else if logarithm {
						return addend(d[i])
					}
					return domain(ys[i]) * domain(d[i])
				})
				weight, size := floats(d), 0.
				for i := range n {
					if !logarithm {
						size += math.Abs(weight[i] * exact[i])
					} else {
						size += math.Abs(weight[i])
					}
					if i >= kept {
						weight[i] = 0
					}
				}
				slope := gradient(row, func(x []float64) float64 {
					sum := 0.
					for i, v := range softmaxRow(x, kept, float64(scale), logarithm)[:kept] {
						sum += weight[i] * v
					}
					return sum
				})
				for i := range n {
					at := r*n + i
					want[at] = slope[i]
					limit[at] = 0x1p-24*(6+float64(n)/128)*float64(scale)*(largest(floats(d))+size) + 1e-9*size + 0x1p-50*(1+float64(scale))*(1+largest(floats(d)))
					switch {
					case !logarithm:
						got[at] = word(scale * domain(domain(ys[i])*domain(addend(d[i])-s)))
					case ys[i] != minusInf:
						got[at] = word(scale * domain(addend(d[i])-float32(domain(f32.Exp(ys[i]))*domain(s))))
					}
				}
			}
			overrides := map[string]float64{}
			if logarithm {
				overrides["logarithm"] = 1
			}
			libtest.Run(t, libtest.Case{Name: fmt.Sprintf("%d log=%v", n, logarithm), Op: "softmax_grad", Overrides: overrides, FewTiles: true,
				Params:  map[string]uint32{"rows": rows, "n": uint32(n), "scale": word(scale)},
				Buffers: [][]uint32{y, dy, libtest.Garbage(rows * n)}, Bits: map[int][]uint32{2: got}, Want: map[int][]float64{2: want},
				Error: func(_, i int) float64 { return limit[i] }})
		}
	}
}

// normRow is norm of a row in float64.
func normRow(x, gain, shift []float64, epsilon float64, centred bool) (y []float64, mean, r float64) {
	n := float64(len(x))
	if centred {
		for _, v := range x {
			mean += v / n
		}
	}
	q := 0.
	for _, v := range x {
		q += (v - mean) * (v - mean) / n
	}
	r = 1 / math.Sqrt(q+epsilon)
	y = make([]float64, len(x))
	for i, v := range x {
		y[i] = (v - mean) * r * gain[i]
		if centred {
			y[i] += shift[i]
		}
	}
	return y, mean, r
}

// fromMean is an element less the mean.
func fromMean(x, mean float32, centred bool) float32 {
	if centred {
		return domain(addend(x) - addend(mean))
	}
	return domain(x)
}

// normStats is the mean and 1 / sqrt(...) of a row in the order that norm writes down.
func normStats(x []float32, epsilon float32, centred bool) (mean, r float32) {
	n := len(x)
	if centred {
		mean = sumOf(n, func(i int) float32 { return addend(x[i]) }) / float32(n)
	}
	q := sumOf(n, func(i int) float32 { return fromMean(x[i], mean, centred) * fromMean(x[i], mean, centred) }) / float32(n)
	return mean, f32.InvSqrt(q + epsilon)
}

func TestNorm(t *testing.T) {
	const epsilon = float32(1e-5)
	for _, centred := range []bool{true, false} {
		for _, s := range [][2]int{{13, 300}, {10, 1}, {10, 129}} {
			rows, n := s[0], s[1]
			x, gain, shift := edgeRows(rows, n, 3), libtest.Normal(n, 4, 1), libtest.Normal(n, 5, 1)
			shift[7%n] = 0 // so that little differences show
			got, stats := make([]uint32, rows*n), make([]uint32, 2*rows)
			want, limit := make([]float64, rows*n), make([]float64, rows*n)
			for r := range rows {
				row := numbers(x[r*n:][:n])
				mean, inv := normStats(row, epsilon, centred)
				stats[2*r], stats[2*r+1] = word(mean), word(inv)
				exact, _, einv := normRow(floats(row), floats(numbers(gain)), floats(numbers(shift)), float64(epsilon), centred)
				top := largest(floats(row))
				for i := range n {
					g, b := number(gain[i]), number(shift[i])
					y := float32(domain(fromMean(row[i], mean, centred)*domain(inv)) * domain(g))
					if centred {
						y += addend(b)
					}
					at := r*n + i
					got[at], want[at] = word(y), exact[i]
					limit[at] = 0x1p-24*(20+float64(n)/64)*(math.Abs(float64(g))*top*einv+math.Abs(float64(b))) + 0x1p-50*(1+einv)*(1+math.Abs(float64(g)))
					if !(top < 1e18) { // the square overflows, or it is no number: bits say what comes out
						want[at] = float64(number(got[at]))
					}
				}
			}
			libtest.Run(t, libtest.Case{Name: fmt.Sprintf("%dx%d centred=%v", rows, n, centred), Op: "norm", FewTiles: n != 300 || !centred,
				Overrides: map[string]float64{"centred": float64(btoi(centred))}, Params: map[string]uint32{"rows": uint32(rows), "n": uint32(n), "epsilon": word(epsilon)},
				Buffers: [][]uint32{x, gain, shift, libtest.Garbage(rows * n), libtest.Garbage(2 * rows)}, Bits: map[int][]uint32{3: got, 4: stats},
				Want: map[int][]float64{3: want}, Error: func(_, i int) float64 { return limit[i] }})
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestNormGrad(t *testing.T) {
	const epsilon, rows = float32(1e-3), 4
	for _, centred := range []bool{true, false} {
		for _, n := range []int{1, 9, 140} {
			x, gain, dy := libtest.Normal(rows*n, 3, 2), libtest.Normal(n, 4, 1), libtest.Normal(rows*n, 5, 1)
			for i := range n {
				x[i] = word(2) // all equal
				dy[3*n+i] = word(number(dy[3*n+i]) * 0x1p-49)
			}
			stats, got := make([]uint32, 2*rows), make([]uint32, rows*n)
			want, limit := make([]float64, rows*n), make([]float64, rows*n)
			g := numbers(gain)
			for r := range rows {
				row, d := numbers(x[r*n:][:n]), numbers(dy[r*n:][:n])
				mean, inv := normStats(row, epsilon, centred)
				stats[2*r], stats[2*r+1] = word(mean), word(inv)
				h := func(i int) float32 { return domain(fromMean(row[i], mean, centred) * domain(inv)) }
				product := func(i int) float32 { return domain(d[i]) * domain(g[i]) }
				a := float32(0)
				if centred {
					a = sumOf(n, product) / float32(n)
				}
				b := sumOf(n, func(i int) float32 { return domain(product(i)) * h(i) }) / float32(n)
				slope := gradient(floats(row), func(x []float64) float64 {
					y, _, _ := normRow(x, floats(g), make([]float64, n), float64(epsilon), centred)
					return dot(y, floats(d))
				})
				top := 0.
				for i := range n {
					top = max(top, math.Abs(float64(g[i])*float64(d[i])))
				}
				for i := range n {
					at := r*n + i
					got[at] = word(domain(inv) * domain(float32(product(i)-addend(a))-float32(h(i)*domain(b))))
					want[at] = slope[i]
					e := math.Abs(float64(h(i)))
					// 1e-7 is for the differences, 8 units of 2^-24 for stats.
					limit[at] = (0x1p-24*(24+float64(n)/64)+1e-7)*float64(inv)*top*(2+e*e+e) + 0x1p-50*(1+float64(inv))*(1+top)*(1+e)
				}
			}
			libtest.Run(t, libtest.Case{Name: fmt.Sprintf("%d centred=%v", n, centred), Op: "norm_grad", FewTiles: true,
				Overrides: map[string]float64{"centred": float64(btoi(centred))}, Params: map[string]uint32{"rows": rows, "n": uint32(n)},
				Buffers: [][]uint32{x, gain, stats, dy, libtest.Garbage(rows * n)}, Bits: map[int][]uint32{4: got},
				Want: map[int][]float64{4: want}, Error: func(_, i int) float64 { return limit[i] }})
		}
	}
}

func TestNormGradGain(t *testing.T) {
	for _, centred := range []bool{true, false} {
		for _, s := range [][2]int{{519, 5}, {256, 70}, {1, 1}, {3, 17}} {
			rows, n := s[0], s[1]
			x, dy := libtest.Normal(rows*n, 3, 2), libtest.Normal(rows*n, 5, 1)
			stats := make([]uint32, 2*rows)
			height, halves := (rows+255)/256, 1+btoi(centred)
			got, want, limit := make([]uint32, height*halves*n), make([]float64, height*halves*n), make([]float64, height*halves*n)
			sums := make([]float32, len(got))
			for r := range rows {
				mean, inv := normStats(numbers(x[r*n:][:n]), 1e-3, centred)
				stats[2*r], stats[2*r+1] = word(mean), word(inv)
				for c := range n {
					d, h := number(dy[r*n+c]), domain(fromMean(number(x[r*n+c]), mean, centred)*domain(inv))
					at := r/256*halves*n + c
					sums[at] += float32(domain(d) * h)
					want[at] += float64(d) * (float64(number(x[r*n+c])) - float64(mean)) * float64(inv)
					limit[at] += 0x1p-24 * float64(min(rows, 256)+3) * math.Abs(float64(d)) * (math.Abs(float64(h)) + largest(floats(numbers(x[r*n:][:n])))*float64(inv))
					limit[at] += 0x1p-50 * (1 + float64(inv)) * (1 + math.Abs(float64(d))) * (1 + math.Abs(float64(h)))
					if centred {
						sums[at+n] += addend(d)
						want[at+n] += float64(d)
						limit[at+n] += 0x1p-24 * float64(min(rows, 256)+3) * math.Abs(float64(d))
					}
				}
			}
			for i, v := range sums {
				got[i] = word(v)
			}
			libtest.Run(t, libtest.Case{Name: fmt.Sprintf("%dx%d centred=%v", rows, n, centred), Op: "norm_grad_gain", FewTiles: true,
				Overrides: map[string]float64{"centred": float64(btoi(centred))}, Params: map[string]uint32{"rows": uint32(rows), "n": uint32(n)},
				Buffers: [][]uint32{x, stats, dy, libtest.Garbage(len(got))}, Bits: map[int][]uint32{3: got},
				Want: map[int][]float64{3: want}, Error: func(_, i int) float64 { return limit[i] }})
		}
	}
}

// TestEmpty: kernels by rows leave everything alone where there are no rows, and where rows have no elements say so in what
// they give for a row.
func TestEmpty(t *testing.T) {
	nan, inf := word(float32(math.NaN())), word(float32(math.Inf(1)))
	stale := libtest.Garbage(1)[0]
	one := word(1)
	for _, c := range []struct {
		op, by string // and an override as other tests give it, for its pipeline to be there
		value  float64
		params map[string]uint32
		in     int
		out    [][]uint32 // with two rows of nothing
	}{
		{"softmax", "mask", 0, map[string]uint32{"scale": one, "period": 0, "offset": 0}, 2, [][]uint32{{stale}}},
		{"softmax_grad", "", 0, map[string]uint32{"scale": one}, 2, [][]uint32{{stale}}},
		{"norm", "centred", 1, map[string]uint32{"epsilon": one}, 3, [][]uint32{{stale}, {nan, nan, nan, nan, stale}}},
		{"norm_grad", "centred", 1, map[string]uint32{}, 4, [][]uint32{{stale}}},
		{"norm_grad_gain", "centred", 1, map[string]uint32{}, 3, [][]uint32{{stale}}},
		{"reduce_rows", "kind", 0, map[string]uint32{"total": 0, "divide": one}, 1, [][]uint32{{0, 0, stale}}},
		{"reduce_columns", "kind", 0, map[string]uint32{"divide": one}, 1, [][]uint32{{stale}}},
		{"argmax", "least", 0, map[string]uint32{}, 1, [][]uint32{{0, 0, stale}}},
		{"top_k", "", 0, map[string]uint32{"k": 1}, 1, [][]uint32{{word(minusInf), word(minusInf), stale}, {0xffffffff, 0xffffffff, stale}}},
		{"sample", "", 0, map[string]uint32{"inverse_temperature": one, "seed_low": 1, "seed_high": 2, "step": 3}, 1, [][]uint32{{0, 0, stale}}},
		{"cross_entropy", "", 0, map[string]uint32{"ignored": 5}, 2, [][]uint32{{nan, nan, stale}, {word(minusInf), inf, word(minusInf), inf, stale}}},
		{"cross_entropy_grad", "", 0, map[string]uint32{"ignored": 5, "factor": one}, 3, [][]uint32{{stale}}},
	} {
		for _, rows := range []uint32{2, 0} {
			p := maps.Clone(c.params)
			p["rows"], p["n"] = rows, uint32(3*btoi(rows == 0))
			var buffers [][]uint32
			for range c.in {
				buffers = append(buffers, []uint32{1, 1, 1, 1})
			}
			overrides := map[string]float64{}
			if c.by != "" {
				overrides[c.by] = c.value
			}
			want := map[int][]uint32{}
			for i, w := range c.out {
				buffers = append(buffers, libtest.Garbage(len(w)))
				if rows == 2 {
					want[c.in+i] = w
				}
			}
			libtest.Run(t, libtest.Case{Name: fmt.Sprintf("%s of %d rows", c.op, rows), Op: c.op, Overrides: overrides, Params: p, Buffers: buffers, Bits: want, FewTiles: true})
		}
	}
}
