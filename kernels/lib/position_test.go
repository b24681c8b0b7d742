package lib_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gwrun/gwrun/kernels/f32"
	"github.com/gwrun/gwrun/kernels/lib/libtest"
)

func number(w uint32) float32 { return math.Float32frombits(w) }

// word is the bits of the result of an operator.
func word(f float32) uint32 {
	if f != f {
		return 0x7fc00000
	}
	return math.Float32bits(f)
}

func TestEmbedding(t *testing.T) {
	const vocab, dim = 11, 37
	ids := []uint32{3, 0, 10, 3, 3, 11, 7, 0xffffffff, 10, 3, 5}
	n := len(ids)
	p := map[string]uint32{"n": uint32(n), "vocab": vocab, "dim": dim}
	table := libtest.Normal(vocab*dim, 1, 1)
	table[3*dim+5] = 0xffc12345 // kept as it is
	y := libtest.Zeros(n * dim)
	for i, id := range ids {
		if id < vocab {
			copy(y[i*dim:][:dim], table[id*dim:])
		}
	}
	libtest.Run(t, libtest.Case{Name: "forward", Op: "embedding", Params: p,
		Buffers: [][]uint32{ids, table, libtest.Garbage(n * dim)}, Bits: map[int][]uint32{2: y}})

	head, next := libtest.Zeros(vocab), libtest.Zeros(n)
	for i, id := range ids {
		next[i] = uint32(n)
		if id >= vocab {
			continue
		}
		if head[id] == 0 {
			head[id] = uint32(n - i)
		}
		if j := slices.Index(ids[i+1:], id); j >= 0 {
			next[i] = uint32(i + 1 + j)
		}
	}
	libtest.Run(t, libtest.Case{Name: "index", Op: "embedding_index", Params: map[string]uint32{"n": uint32(n), "vocab": vocab},
		Buffers: [][]uint32{ids, libtest.Zeros(vocab), libtest.Garbage(n)}, Bits: map[int][]uint32{1: head, 2: next}})

	dy := libtest.Normal(n*dim, 2, 1)
	old := libtest.Normal(vocab*dim, 3, 1)
	for _, accumulate := range []bool{false, true} {
		given, overrides := libtest.Garbage(vocab*dim), map[string]float64(nil)
		bits, want, size := libtest.Zeros(vocab*dim), make([]float64, vocab*dim), make([]float64, vocab*dim)
		if accumulate {
			given, overrides = old, map[string]float64{"accumulate": 1}
			copy(bits, old)
			for i, v := range libtest.Floats(old) {
				want[i], size[i] = v, math.Abs(v)
			}
		}
		for i, id := range ids {
			for c := range dim {
				if id < vocab {
					g, at := dy[i*dim+c], int(id)*dim+c
					bits[at] = word(number(bits[at]) + number(g))
					want[at] += float64(number(g))
					size[at] += math.Abs(float64(number(g)))
				}
			}
		}
		libtest.Run(t, libtest.Case{Name: "backward", Op: "embedding_backward", Params: p, Overrides: overrides,
			Buffers: [][]uint32{head, next, dy, given}, Want: map[int][]float64{3: want}, Bits: map[int][]uint32{3: bits},
			Error: func(_, i int) float64 { return 5 * 0x1p-24 * size[i] * (1 + 0x1p-20) }})
	}
}

// TestEmbeddingNone: no tokens at all.
func TestEmbeddingNone(t *testing.T) {
	libtest.Run(t, libtest.Case{Name: "forward", Op: "embedding", Params: map[string]uint32{"n": 0, "vocab": 2, "dim": 3},
		Buffers: [][]uint32{{0}, libtest.Zeros(6), {9}}, FewTiles: true})
	libtest.Run(t, libtest.Case{Name: "backward", Op: "embedding_backward", Params: map[string]uint32{"n": 0, "vocab": 2, "dim": 3},
		Buffers: [][]uint32{{0, 0}, {0}, {0}, libtest.Garbage(6)}, Bits: map[int][]uint32{3: libtest.Zeros(6)}, FewTiles: true})
}

func TestRotary(t *testing.T) {
	const n, dim, table, heads, tokens = 9, 21, 50, 3, 7
	const base = 10000
	frequency, exact := make([]uint32, n), make([]float64, n)
	for i := range n {
		frequency[i] = word(f32.Exp2(-float32(float32(float32(i)/n) * f32.Log2(base))))
		exact[i] = math.Pow(base, -float64(i)/n)
	}
	libtest.Run(t, libtest.Case{Name: "frequencies", Op: "rotary_frequencies", Params: map[string]uint32{"n": n, "base": math.Float32bits(base)},
		Buffers: [][]uint32{libtest.Garbage(n)}, Bits: map[int][]uint32{0: frequency}, Want: map[int][]float64{0: exact}, FewTiles: true,
		Error: func(_, i int) float64 {
			return exact[i] * (1 + 2.2*float64(i)/n*math.Log2(base)) * 0x1p-24
		}})

	const first = 99_990
	cosine, sine := make([]uint32, table*n), make([]uint32, table*n)
	cosines, sines, angles := make([]float64, table*n), make([]float64, table*n), make([]float64, table*n)
	for r := range table {
		for i := range n {
			a, at := float32(first+r)*number(frequency[i]), r*n+i
			cosine[at], sine[at] = word(f32.Cos(a)), word(f32.Sin(a))
			angles[at] = float64(first+r) * float64(number(frequency[i]))
			cosines[at], sines[at] = math.Cos(angles[at]), math.Sin(angles[at])
		}
	}
	libtest.Run(t, libtest.Case{Name: "table", Op: "rotary_table", Params: map[string]uint32{"rows": table, "n": n, "first": first}, FewTiles: true,
		Buffers: [][]uint32{frequency, libtest.Garbage(table * n), libtest.Garbage(table * n)}, Bits: map[int][]uint32{1: cosine, 2: sine},
		Want: map[int][]float64{1: cosines, 2: sines}, Error: func(_, i int) float64 { return angles[i]*0x1p-24 + 0x1p-24 }})

	positions := []uint32{0, 49, 7, 7, 50, 21, 0xffffffff}
	x := libtest.Normal(tokens*heads*dim, 4, 1)
	for _, v := range []struct {
		name                string
		inverse, neighbours bool
	}{{"halves", false, false}, {"halves back", true, false}, {"neighbours", false, true}, {"neighbours back", true, true}} {
		y, want, size := slices.Clone(x), libtest.Floats(x), make([]float64, len(x))
		for row := range tokens * heads {
			for i := range n {
				a, b := row*dim+i, row*dim+n+i
				if v.neighbours {
					a, b = row*dim+2*i, row*dim+2*i+1
				}
				var c, s float32
				if at := positions[row/heads]; at < table {
					c, s = number(cosine[int(at)*n+i]), number(sine[int(at)*n+i])
				}
				if v.inverse {
					s = -s
				}
				xa, xb := number(x[a]), number(x[b])
				y[a] = word(float32(xa*c) - float32(xb*s))
				y[b] = word(float32(xb*c) + float32(xa*s))
				want[a] = float64(xa)*float64(c) - float64(xb)*float64(s)
				want[b] = float64(xb)*float64(c) + float64(xa)*float64(s)
				size[a] = math.Abs(float64(xa)) + math.Abs(float64(xb))
				size[b] = size[a]
			}
		}
		overrides := map[string]float64{}
		if v.inverse {
			overrides["inverse"] = 1
		}
		if v.neighbours {
			overrides["neighbours"] = 1
		}
		libtest.Run(t, libtest.Case{Name: v.name, Op: "rotary", Overrides: overrides, FewTiles: true,
			Params:  map[string]uint32{"tokens": tokens, "heads": heads, "dim": dim, "n": n, "rows": table},
			Buffers: [][]uint32{positions, cosine, sine, x, libtest.Garbage(len(x))}, Bits: map[int][]uint32{4: y}, Want: map[int][]float64{4: want},
			Error: func(_, i int) float64 { return 0x1p-23 * size[i] }})
	}
}

func TestCacheAppend(t *testing.T) {
	const batch, n, capacity, width = 4, 3, 5, 33
	start := []uint32{0, 2, 4, 0xffffffff}
	x, cache := libtest.Normal(batch*n*width, 1, 1), libtest.Normal(batch*capacity*width, 2, 1)
	want := slices.Clone(cache)
	for b, s := range start {
		for i := range uint64(n) {
			if at := uint64(s) + i; at < capacity {
				copy(want[(b*capacity+int(at))*width:][:width], x[(b*n+int(i))*width:])
			}
		}
	}
	libtest.Run(t, libtest.Case{Name: "cache", Op: "cache_append", Params: map[string]uint32{"batch": batch, "n": n, "capacity": capacity, "width": width},
		Buffers: [][]uint32{start, x, cache}, Bits: map[int][]uint32{2: want}})
}
