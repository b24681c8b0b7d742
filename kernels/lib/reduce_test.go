package lib_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gwrun/gwrun/kernels/lib/libtest"
)

// kinds are what reduce_rows and reduce_columns make of elements, by the number of the override.
var kinds = []struct {
	name  string
	first float64
	each  func(v float32) float32
	join  func(a, b float32) float32
	exact func(a, v float64) float64
}{
	{"sum", 0, addend, func(a, b float32) float32 { return a + b }, func(a, v float64) float64 { return a + v }},
	{"squares", 0, func(v float32) float32 { return domain(v) * domain(v) }, func(a, b float32) float32 { return a + b }, func(a, v float64) float64 { return a + v*v }},
	{"max", math.Inf(-1), func(v float32) float32 { return v }, greater, func(a, v float64) float64 { return passing(math.Max, a, v) }},
	{"min", math.Inf(1), func(v float32) float32 { return v }, func(a, b float32) float32 { return -greater(-a, -b) },
		func(a, v float64) float64 { return passing(math.Min, a, v) }},
}

// greater is the greater of two numbers: one is passed over if it is a NaN, and -0 is less than 0.
func greater(a, b float32) float32 { return float32(passing(math.Max, float64(a), float64(b))) }

func passing(f func(a, b float64) float64, a, b float64) float64 {
	switch {
	case a != a:
		return b
	case b != b:
		return a
	}
	return f(a, b)
}

// reduced is one number of a reduction and what it may be wrong by.
func reduced(kind int, order func(n int, first float32, f func(int) float32, join func(a, b float32) float32) float32, v []float32, divide float32) (got uint32, want, limit float64) {
	k := kinds[kind]
	one := order(len(v), float32(k.first), func(i int) float32 { return k.each(v[i]) }, k.join)
	want = k.first
	for _, x := range v {
		want = k.exact(want, float64(x))
		limit += math.Abs(float64(k.each(x)))
	}
	if kind >= 2 {
		return word(one), want, 0
	}
	return word(one / divide), want / float64(divide), (0x1p-24*limit + 0x1p-102*float64(len(v))) / float64(divide)
}

func inLine(n int, first float32, f func(i int) float32, join func(a, b float32) float32) float32 {
	for i := range n {
		first = join(first, f(i))
	}
	return first
}

func TestReduceRows(t *testing.T) {
	for kind, k := range kinds {
		for _, s := range [][2]int{{13, 300}, {12, 1}, {3, 0}, {10, 129}} {
			rows, n := s[0], s[1]
			total := max(0, rows*n-n/3)
			divide := float32(max(1, n))
			var x []uint32
			if n > 0 {
				x = edgeRows(rows, n, 3)
				x[3*n+7%n], x[8*n+2%n] = word(float32(math.Copysign(0, -1))), word(-7)
			}
			got, want, limit := make([]uint32, rows), make([]float64, rows), make([]float64, rows)
			for r := range rows {
				got[r], want[r], limit[r] = reduced(kind, chains, numbers(x[r*n:min(r*n+n, total)]), divide)
				limit[r] *= 10 + float64(n)/128
				if math.Abs(want[r]) > math.MaxFloat32 {
					want[r] = float64(number(got[r]))
				}
			}
			libtest.Run(t, libtest.Case{Name: fmt.Sprintf("%s %dx%d", k.name, rows, n), Op: "reduce_rows", Overrides: map[string]float64{"kind": float64(kind)},
				Params:  map[string]uint32{"rows": uint32(rows), "n": uint32(n), "total": uint32(total), "divide": word(divide)},
				Buffers: [][]uint32{append(x, 0), libtest.Garbage(rows)}, Bits: map[int][]uint32{1: got}, Want: map[int][]float64{1: want},
				Error: func(_, i int) float64 { return limit[i] }, FewTiles: true})
		}
	}
}

func TestReduceColumns(t *testing.T) {
	for kind, k := range kinds {
		for _, s := range [][2]int{{519, 70}, {12, 1}, {0, 3}, {256, 17}} {
			rows, n := s[0], s[1]
			height, divide := (rows+255)/256, float32(max(1, rows))
			x := libtest.Normal(rows*n, 3, 2)
			if rows > 256 {
				special(x)
				for r := range rows { // a column of NaN, two on both sides of a domain
					x[r*n+30] = word(float32(math.NaN()))
					near := 0.6 + float64(r%7)/7
					x[r*n+31], x[r*n+32] = word(float32(near*0x1p-51)), word(float32(near*0x1p-102))
				}
			}
			got, want, limit := libtest.Garbage(height*n+1), make([]float64, height*n+1), make([]float64, height*n+1) // a word too many stays
			want[height*n] = math.NaN()
			for b := range height {
				for c := range n {
					var v []float32
					for r := 256 * b; r < min(rows, 256*b+256); r++ {
						v = append(v, number(x[r*n+c]))
					}
					at := b*n + c
					got[at], want[at], limit[at] = reduced(kind, inLine, v, divide)
					limit[at] *= float64(len(v) + 2)
					if math.Abs(want[at]) > math.MaxFloat32 {
						want[at] = float64(number(got[at]))
					}
				}
			}
			libtest.Run(t, libtest.Case{Name: fmt.Sprintf("%s %dx%d", k.name, rows, n), Op: "reduce_columns", Overrides: map[string]float64{"kind": float64(kind)},
				Params:  map[string]uint32{"rows": uint32(rows), "n": uint32(n), "divide": word(divide)},
				Buffers: [][]uint32{append(x, 0), libtest.Garbage(height*n + 1)}, Bits: map[int][]uint32{1: got}, Want: map[int][]float64{1: want},
				Error: func(_, i int) float64 { return limit[i] }, FewTiles: true})
		}
	}
}

// TestReduceAll: a sum of squares over everything, in two stages, is the chain of chains that reduce_rows says.
func TestReduceAll(t *testing.T) {
	const total, block = 20000, 4096
	const parts = (total + block - 1) / block
	x := libtest.Normal(total, 8, 1)
	sums, want := make([]uint32, parts), 0.
	for r := range parts {
		v := numbers(x[r*block : min(total, r*block+block)])
		sums[r] = word(sumOf(len(v), func(i int) float32 { return float32(domain(v[i]) * domain(v[i])) }))
	}
	for _, v := range libtest.Floats(x) {
		want += v * v
	}
	params := func(rows, n, total int) map[string]uint32 {
		return map[string]uint32{"rows": uint32(rows), "n": uint32(n), "total": uint32(total), "divide": word(1)}
	}
	libtest.Run(t, libtest.Case{Name: "first", Op: "reduce_rows", Overrides: map[string]float64{"kind": 1}, Params: params(parts, block, total),
		Buffers: [][]uint32{x, libtest.Garbage(parts)}, Bits: map[int][]uint32{1: sums}, FewTiles: true})
	whole := sumOf(parts, func(i int) float32 { return addend(number(sums[i])) })
	libtest.Run(t, libtest.Case{Name: "second", Op: "reduce_rows", Overrides: map[string]float64{"kind": 0}, Params: params(1, block, parts),
		Buffers: [][]uint32{sums, libtest.Garbage(1)}, Bits: map[int][]uint32{1: {word(whole)}}, Want: map[int][]float64{1: {want}},
		Error: func(_, _ int) float64 { return 0x1p-24 * (52 + 11) * want }, FewTiles: true})
}

func TestScatter(t *testing.T) {
	const rows, n = 21, 70
	v, index, want := libtest.Normal(rows, 1, 1), make([]uint32, rows), make([]uint32, rows*n)
	for r := range rows {
		index[r] = uint32(r * 31 % n)
		want[r*n+int(index[r])] = v[r]
	}
	index[4] = n // no column
	want[4*n+4*31%n] = 0
	libtest.Run(t, libtest.Case{Name: "scatter", Op: "scatter", Params: map[string]uint32{"rows": rows, "n": n},
		Buffers: [][]uint32{v, index, libtest.Garbage(rows * n)}, Bits: map[int][]uint32{2: want}})
}
