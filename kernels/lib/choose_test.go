package lib_test

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"testing"

	"github.com/gwrun/gwrun/kernels/f32"
	"github.com/gwrun/gwrun/kernels/lib"
	"github.com/gwrun/gwrun/kernels/lib/libtest"
)

// philox is Philox4x32-10 as its paper gives it.
func philox(c [4]uint32, k [2]uint32) [4]uint32 {
	for range 10 {
		h0, l0 := bits.Mul32(0xd2511f53, c[0])
		h1, l1 := bits.Mul32(0xcd9e8d57, c[2])
		c = [4]uint32{h1 ^ c[1] ^ k[0], l1, h0 ^ c[3] ^ k[1], l0}
		k[0] += 0x9e3779b9
		k[1] += 0xbb67ae85
	}
	return c
}

// TestPhilox holds it against the known answers that Random123 (the paper's software) is tested with.
func TestPhilox(t *testing.T) {
	for _, v := range []struct {
		c    [4]uint32
		k    [2]uint32
		want [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, [2]uint32{0xffffffff, 0xffffffff}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0}, [4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := philox(v.c, v.k); got != v.want {
			t.Errorf("%08x under %08x gives %08x, want %08x", v.c, v.k, got, v.want)
		}
	}
}

// wordOf is the word of an element of a stream.
func wordOf(i, stream, purpose, step uint32, seed [2]uint32) uint32 {
	return philox([4]uint32{i/256*64 + i%64, stream, purpose, step}, seed)[i/64%4]
}

var seed = [2]uint32{0xdeadbeef, 77}

func TestRandom(t *testing.T) {
	const n, stream, a, b = 5003, 9, float32(0.5), float32(2)
	params := map[string]uint32{"n": n, "stream": stream, "seed_low": seed[0], "seed_high": seed[1], "a": word(a), "b": word(b)}
	for distribution, name := range []string{"uniform", "normal"} {
		got, want := make([]uint32, n), make([]float64, n)
		mean, square := 0., 0.
		for i := range uint32(n) {
			w := wordOf(i, stream, 0, 0, seed)
			v := float32(w>>8) * 0x1p-24
			want[i] = float64(w>>8) * 0x1p-24
			if distribution == 1 {
				j := i/64%4 ^ 1 // the other of the pair
				o := philox([4]uint32{i/256*64 + i%64, stream, 0, 0}, seed)[j]
				first, second := w, o
				if j == 0 || j == 2 {
					first, second = o, w
				}
				r := float32(math.Sqrt(float64(-2 * f32.Log(float32(float32(first)*0x1p-32)+0x1p-33))))
				angle := float32(float32(float32(second)*0x1p-32) * 6.2831855)
				er, ea := math.Sqrt(-2*math.Log((float64(first)+0.5)*0x1p-32)), float64(second)*0x1p-31*math.Pi
				if first == w {
					v, want[i] = float32(r*f32.Cos(angle)), er*math.Cos(ea)
				} else {
					v, want[i] = float32(r*f32.Sin(angle)), er*math.Sin(ea)
				}
			}
			mean += want[i] / n
			square += want[i] * want[i] / n
			got[i], want[i] = word(a+float32(b*v)), float64(a)+float64(b)*want[i]
		}
		// 5,003 numbers: both are within four standard errors.
		if m, s := [2]float64{0.5, 0}[distribution], [2]float64{1. / 3, 1}[distribution]; math.Abs(mean-m) > 4/math.Sqrt(n) || math.Abs(square-s) > 4*math.Sqrt2/math.Sqrt(n) {
			t.Errorf("%s: mean %v and mean square %v, want about %v and %v", name, mean, square, m, s)
		}
		libtest.Run(t, libtest.Case{Name: name, Op: "random", Overrides: map[string]float64{"distribution": float64(distribution)}, Params: params,
			Buffers: [][]uint32{libtest.Garbage(n)}, Bits: map[int][]uint32{0: got}, Want: map[int][]float64{0: want},
			Error: func(_, _ int) float64 { return 0x1p-24 * float64(a+[2]float32{2, 48}[distribution]*b) }, FewTiles: true})
	}
}

func TestDropout(t *testing.T) {
	const n, below = 2500, 0x4ccccccc
	rate := float64(below) / 0x1p32
	factor := float32(1 / (1 - rate))
	x, want, dropped := libtest.Normal(n, 1, 1), make([]uint32, n), 0
	for i := range uint32(n) {
		if wordOf(i, 4, 1, 0, seed) < below {
			dropped++
		} else {
			want[i] = word(factor * number(x[i]))
		}
	}
	if math.Abs(float64(dropped)-rate*n) > 4*math.Sqrt(n*rate*(1-rate)) {
		t.Errorf("%d of %d dropped at a rate of %v", dropped, n, rate)
	}
	libtest.Run(t, libtest.Case{Name: "dropout", Op: "dropout", Buffers: [][]uint32{x, libtest.Garbage(n)}, Bits: map[int][]uint32{1: want},
		Params: map[string]uint32{"n": n, "stream": 4, "seed_low": seed[0], "seed_high": seed[1], "below": below, "factor": word(factor)}})
}

// before is the order of top_k: the greater first, NaN after everything else, equal ones by column.
func before(v []float32, a, b uint32) int {
	x, y := v[a], v[b]
	switch {
	case x != x && y != y || x == y:
		return cmp.Compare(a, b)
	case x != x || x < y:
		return 1
	}
	return -1
}

func ranked(v []float32) []uint32 {
	at := make([]uint32, len(v))
	for i := range at {
		at[i] = uint32(i)
	}
	slices.SortFunc(at, func(a, b uint32) int { return before(v, a, b) })
	return at
}

// ties gives rows with many equal elements, zeros of both signs, infinities and NaNs.
func ties(rows, n int) []uint32 {
	x := edgeRows(rows, n, 4)
	for r := 9; r < rows; r++ {
		for c := range n {
			x[r*n+c] = word(float32(math.Round(float64(number(x[r*n+c])))) * 0.5)
		}
	}
	for c := range n {
		x[c] = word(float32(math.Copysign(0, float64(c%2)-1))) // -0 and 0
	}
	for c := range n {
		if c != n/2 {
			x[(rows-1)*n+c] = word(float32(math.NaN()))
		}
		x[(rows-2)*n+c] = word(float32(math.NaN()))
	}
	x[(rows-1)*n+n/2] = word(minusInf)
	return x
}

func TestArgmax(t *testing.T) {
	for _, n := range []int{300, 1, 37} {
		for least := range 2 {
			const rows = 14
			x, want := ties(rows, n), make([]uint32, rows)
			for r := range rows {
				v := numbers(x[r*n:][:n])
				if least == 1 {
					for i := range v {
						v[i] = -v[i]
					}
				}
				want[r] = ranked(v)[0]
			}
			libtest.Run(t, libtest.Case{Name: fmt.Sprintf("%d least=%d", n, least), Op: "argmax", Overrides: map[string]float64{"least": float64(least)},
				Params: map[string]uint32{"rows": rows, "n": uint32(n)}, Buffers: [][]uint32{x, libtest.Garbage(rows)}, Bits: map[int][]uint32{1: want}, FewTiles: true})
		}
	}
	libtest.Run(t, libtest.Case{Name: "0", Op: "argmax", Params: map[string]uint32{"rows": 2, "n": 0}, Buffers: [][]uint32{{1}, libtest.Garbage(2)},
		Bits: map[int][]uint32{1: {0, 0}}, FewTiles: true})
}

// topOf is top_k of a row.
func topOf(row []uint32, k int) (values, index []uint32) {
	at := ranked(numbers(row))
	for i := range k {
		if i < len(at) {
			values, index = append(values, row[at[i]]), append(index, at[i])
		} else {
			values, index = append(values, word(minusInf)), append(index, 0xffffffff)
		}
	}
	return values, index
}

func TestTopK(t *testing.T) {
	const rows = 14
	for _, v := range []struct{ n, k, most int }{{300, 17, 64}, {300, 64, 64}, {5, 8, 64}, {1, 1, 64}, {700, 500, 1024}, {40, 0, 64}} {
		x := ties(rows, v.n)
		var values, index []uint32
		for r := range rows {
			a, b := topOf(x[r*v.n:][:v.n], v.k)
			values, index = append(values, a...), append(index, b...)
		}
		overrides := map[string]float64{}
		if v.most != 64 {
			overrides["most"] = float64(v.most)
		}
		libtest.Run(t, libtest.Case{Name: fmt.Sprintf("%d of %d", v.k, v.n), Op: "top_k", Overrides: overrides, FewTiles: true,
			Params:  map[string]uint32{"rows": rows, "n": uint32(v.n), "k": uint32(v.k)},
			Buffers: [][]uint32{x, libtest.Garbage(rows*v.k + 1), libtest.Garbage(rows*v.k + 1)},
			Bits:    map[int][]uint32{1: append(values, 0xffc0dead), 2: append(index, 0xffc0dead)}})
	}
}

func TestSample(t *testing.T) {
	for _, s := range []struct {
		rows, n int
		inverse float32
	}{{14, 300, 0.7}, {14, 1, 1}, {2000, 3, 1.5}} {
		x := ties(s.rows, s.n)
		even := s.rows == 2000
		if even { // all rows alike, to count what comes
			for i := range x {
				x[i] = word([]float32{0.5, -0.2, 0.9}[i%3])
			}
		}
		want, count := make([]uint32, s.rows), [3]float64{}
		for r := range s.rows {
			best, at := float32(math.NaN()), uint32(0)
			for i := range uint32(s.n) {
				u := (float32(wordOf(i, uint32(r), 2, 6, seed)>>9) + 0.5) * 0x1p-23
				v := number(x[r*s.n+int(i)])
				if score := float32(v*s.inverse) - f32.Log(-f32.Log(u)); v != minusInf && score == score && !(score <= best) {
					best, at = score, i
				}
			}
			want[r] = at
			if even {
				count[at]++
			}
		}
		if even {
			p := softmaxRow([]float64{0.5, float64(float32(-0.2)), float64(float32(0.9))}, 3, float64(s.inverse), false)
			for i, c := range count {
				if n := float64(s.rows); math.Abs(c-n*p[i]) > 4*math.Sqrt(n*p[i]*(1-p[i])) {
					t.Errorf("column %d was drawn %v times of %v, its probability is %v", i, c, n, p[i])
				}
			}
		}
		libtest.Run(t, libtest.Case{Name: fmt.Sprintf("%dx%d", s.rows, s.n), Op: "sample", FewTiles: true,
			Params:  map[string]uint32{"rows": uint32(s.rows), "n": uint32(s.n), "inverse_temperature": word(s.inverse), "seed_low": seed[0], "seed_high": seed[1], "step": 6},
			Buffers: [][]uint32{x, libtest.Garbage(s.rows)}, Bits: map[int][]uint32{1: want}})
	}
}

func TestSampleTop(t *testing.T) {
	const inverse, step = float32(1.3), 5
	for _, s := range []struct {
		rows, k int
		top     float32
	}{{14, 20, 0.8}, {14, 20, 1}, {3000, 4, 0.9}, {9, 1, 0}, {14, 8, 0}} {
		x := ties(s.rows+14, 30)[:s.rows*30]
		even := s.rows == 3000
		if even {
			x = slices.Repeat(libtest.Normal(30, 7, 1), s.rows)
		}
		var values, index []uint32
		want, count := make([]uint32, s.rows), map[uint32]float64{}
		kept := 0
		for r := range s.rows {
			a, b := topOf(x[r*30:][:30], s.k)
			values, index = append(values, a...), append(index, b...)
			v := numbers(a)
			sums, sum := make([]float32, s.k), float32(0)
			for j := range v {
				sum += f32.Exp(float32((v[j] - v[0]) * inverse))
				sums[j] = sum
			}
			last := slices.IndexFunc(sums, func(x float32) bool { return x >= float32(s.top*sum) })
			if last < 0 {
				last = 0 // a NaN
			}
			line := float32(float32(philox([4]uint32{uint32(r), 0, 3, step}, seed)[0]>>8)*0x1p-24) * sums[last]
			at := slices.IndexFunc(sums[:last], func(x float32) bool { return x > line })
			if at < 0 {
				at = last
			}
			want[r], kept = b[at], last+1
			count[b[at]]++
		}
		if even {
			best, at := topOf(x[:30], kept)
			for i, p := range softmaxRow(floats(numbers(best)), kept, float64(inverse), false) {
				if n := float64(s.rows); math.Abs(count[at[i]]-n*p) > 4*math.Sqrt(n*p*(1-p)) {
					t.Errorf("column %d was drawn %v times of %v, its probability is %v", at[i], count[at[i]], n, p)
				}
			}
		}
		libtest.Run(t, libtest.Case{Name: fmt.Sprintf("%dx%d p=%v", s.rows, s.k, s.top), Op: "sample_top", FewTiles: true,
			Params: map[string]uint32{"rows": uint32(s.rows), "k": uint32(s.k), "inverse_temperature": word(inverse), "top_p": word(s.top),
				"seed_low": seed[0], "seed_high": seed[1], "step": step},
			Buffers: [][]uint32{values, index, libtest.Garbage(s.rows)}, Bits: map[int][]uint32{2: want}})
	}
}

// TestGridsHold is about more workgroups than one dimension has.
func TestGridsHold(t *testing.T) {
	o, err := lib.Get("random")
	if err != nil {
		t.Fatal(err)
	}
	g, err := o.Workgroups(map[string]uint32{"n": 1 << 31}, lib.Tile{"size": 64})
	if err != nil || uint64(g[0])*uint64(g[1])*256 < 1<<31 {
		t.Errorf("2^31 elements have the grid %v: %v", g, err)
	}
}
