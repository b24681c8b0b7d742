package lib_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gwrun/gwrun/kernels/lib/libtest"
)

// nearest is the code, of those with the given exponent and fraction bits, whose value is nearest to x, even in a tie: by search over
// the values, which are in the order of their codes.
func nearest(x float64, fraction, exponent int) uint32 {
	inf := uint32(1)<<exponent - 1<<0
	inf <<= fraction
	var sign uint32
	if math.Signbit(x) {
		sign = 1 << (fraction + exponent)
	}
	if x != x {
		return inf | 1<<(fraction-1)
	}
	x = math.Abs(x)
	low, high := uint32(0), inf // value(low) <= x, x < value(high) unless infinite
	for high-low > 1 {
		if mid := (low + high) / 2; smallFloat(mid, fraction, exponent) <= x {
			low = mid
		} else {
			high = mid
		}
	}
	a := smallFloat(low, fraction, exponent)
	b := a + (a - smallFloat(low-1, fraction, exponent)) // what comes next, were there no Inf
	if low == 0 || low>>fraction == (low+1)>>fraction || high != inf {
		b = smallFloat(low+1, fraction, exponent)
	}
	if math.IsInf(b, 1) {
		b = 2 * math.Ldexp(1, int(low>>fraction)-(1<<(exponent-1)-1))
	}
	if x-a > b-x || x-a == b-x && low&1 == 1 {
		low++
	}
	return sign | low
}

// smallFloat is the value of a positive code.
func smallFloat(code uint32, fraction, exponent int) float64 {
	e, m := int(code>>fraction), float64(code&(1<<fraction-1))
	bias := 1<<(exponent-1) - 1
	switch e {
	case 0:
		return math.Ldexp(m, 1-bias-fraction)
	case 1<<exponent - 1:
		if m != 0 {
			return math.NaN()
		}
		return math.Inf(1)
	}
	return math.Ldexp(m+float64(int(1)<<fraction), e-bias-fraction)
}

// f16 and bf16 with their numbers of bits.
var small = []struct {
	name               string
	fraction, exponent int
}{{"bf16", 7, 8}, {"f16", 10, 5}}

func TestConvert(t *testing.T) {
	for _, f := range small {
		y := make([]uint32, 1<<16)
		for i := range y {
			code := uint32(i)
			y[i] = word(float32(smallFloat(code&0x7fff, f.fraction, f.exponent)))
			if code>>15 != 0 && y[i] != 0x7fc00000 {
				y[i] |= 1 << 31
			}
		}
		x := make([]uint32, 1<<15)
		for i := range x {
			x[i] = uint32(2*i) | uint32(2*i+1)<<16
		}
		libtest.Run(t, libtest.Case{Name: f.name + " to f32", Op: f.name + "_to_f32", Params: map[string]uint32{"n": 1 << 16}, FewTiles: true,
			Buffers: [][]uint32{x, libtest.Garbage(1 << 16)}, Bits: map[int][]uint32{1: y}})

		// Every number of the format, those halfway to the next, and their neighbours.
		var from []uint32
		for code := uint32(0); code <= 1<<15; code += 1 + code%7 {
			a, b := y[code&0x7fff], y[(code+1)&0x7fff]
			half := word(float32((float64(number(a)) + float64(number(b))) / 2))
			from = append(from, a, half, half-1, half+1, half|1<<31)
		}
		r := rand.New(rand.NewPCG(7, 7))
		for range 3000 {
			from = append(from, r.Uint32())
		}
		from = append(from, 0x7f800000, 0xff800000, 0x7f800001, 0xffffffff, 0x7f7fffff, 0xff7fffff, 0x477fefff, 0x477ff000, 0x477fffff, 0x33000000, 0x33000001, 0x32ffffff, 1)
		if len(from)%2 == 0 {
			from = from[1:]
		}
		to := make([]uint32, (len(from)+1)/2)
		for i, w := range from {
			to[i/2] |= nearest(float64(number(w)), f.fraction, f.exponent) << (16 * (i & 1))
		}
		libtest.Run(t, libtest.Case{Name: "f32 to " + f.name, Op: "f32_to_" + f.name, Params: map[string]uint32{"n": uint32(len(from))}, FewTiles: true,
			Buffers: [][]uint32{from, libtest.Garbage(len(to))}, Bits: map[int][]uint32{1: to}})
	}
}

func half(x float32) uint32 { return nearest(float64(x), 10, 5) }

func fromHalf(h uint32) float32 {
	f := float32(smallFloat(h&0x7fff, 10, 5))
	if h>>15 != 0 {
		f = -f
	}
	return f
}

func inverse(d float32) float32 {
	if d == 0 {
		return 0
	}
	return 1 / d
}

func steps(x, r float32, low, high float64) int32 {
	v := math.RoundToEven(float64(x * r))
	if v != v {
		v = 0
	}
	return int32(min(max(v, low), high))
}

func greatest(x []uint32) uint32 {
	var m uint32
	for _, w := range x {
		if w&0x7fffffff > m&0x7fffffff {
			m = w
		}
	}
	return m
}

// blocks quantises as the texts say, in 4 or 8 bits, and gives the numbers meant too.
func blocks(x []uint32, bits int) (quants, scales []uint32, values []float32) {
	n := (len(x) + 31) / 32
	quants, scales, values = make([]uint32, n*bits), make([]uint32, (n+1)/2), make([]float32, 32*n)
	for b := range n {
		block := make([]uint32, 32)
		copy(block, x[32*b:])
		m := greatest(block)
		d := number(m&0x7fffffff) / 127
		if bits == 4 {
			d = number(m) / -8
		}
		scale := half(d)
		broken := scale&0x7fff >= 0x7c00
		if broken {
			scale = 0x7e00
		}
		scales[b/2] |= scale << (16 * (b & 1))
		s := fromHalf(scale)
		for i, w := range block {
			var q int32
			switch {
			case broken:
			case bits == 4:
				q = steps(number(w), inverse(s), -8, 7)
			default:
				q = steps(number(w), inverse(s), -127, 127)
			}
			values[32*b+i] = float32(q) * s
			if bits == 8 {
				quants[8*b+i/4] |= uint32(q) & 255 << (8 * (i % 4))
			} else {
				quants[4*b+i%16/4] |= uint32(q+8) << (8*(i%4) + i/16*4)
			}
		}
	}
	return quants, scales, values
}

func TestQuantiseBlocks(t *testing.T) {
	const n = 32*19 + 5
	x := libtest.Normal(n, 1, 1)
	set := func(b int, v ...float64) {
		for i := range 32 {
			x[32*b+i] = math.Float32bits(float32(v[i%len(v)]))
		}
	}
	set(1, 0)
	set(2, 1, math.NaN())
	set(3, 1, math.Inf(-1))
	set(4, 1e7, -1, 5)
	set(5, 1e-7, -1e-7, 3e-8)
	set(6, 1e-30)
	set(7, -127, 126.5, 0.5, 1.5, -2.5)
	set(8, 8, -8, 0.5, 7.5)
	set(9, -8, 8, 1.5, 2.5)
	set(10, 3.4e38, 1e38)
	for _, bits := range []int{8, 4} {
		quants, scales, values := blocks(x, bits)
		format := fmt.Sprintf("q%d", bits)
		libtest.Run(t, libtest.Case{Name: format, Op: "quantise_" + format, Params: map[string]uint32{"n": n}, FewTiles: true,
			Buffers: [][]uint32{x, libtest.Garbage(len(quants)), libtest.Garbage(len(scales))}, Bits: map[int][]uint32{1: quants, 2: scales}})
		y := make([]uint32, n)
		for i := range y {
			y[i] = word(values[i])
			d := math.Abs(float64(fromHalf(scales[i/64] >> (i / 32 & 1 * 16) & 0xffff)))
			limit := 0.501*d + 0x1p-18
			if bits == 4 {
				limit = 1.01*d + 0x1p-22
			}
			if off := math.Abs(float64(values[i]) - float64(number(x[i]))); off > limit {
				t.Errorf("%s: element %d is %v for %v, further than %v", format, i, values[i], number(x[i]), limit)
			}
		}
		libtest.Run(t, libtest.Case{Name: "from " + format, Op: "dequantise_" + format, Params: map[string]uint32{"n": n}, FewTiles: true,
			Buffers: [][]uint32{quants, scales, libtest.Garbage(n)}, Bits: map[int][]uint32{2: y}})
	}
}

func TestQuantiseRows(t *testing.T) {
	const rows, cols = 5, 76
	x := libtest.Normal(rows*cols, 1, 0.02)
	clear(x[2*cols : 3*cols])
	x[3*cols+70] = 0xff800000
	quants, scales, y := make([]uint32, rows*cols/4), make([]uint32, rows), make([]uint32, rows*cols)
	for r := range rows {
		row := x[r*cols:][:cols]
		m := greatest(row) & 0x7fffffff
		d := number(m) / 127
		broken := m >= 0x7f800000
		if broken {
			d = float32(math.NaN())
		}
		scales[r] = word(d)
		for c, w := range row {
			var q int32
			if !broken {
				q = steps(number(w), inverse(d), -127, 127)
			}
			quants[(r*cols+c)/4] |= uint32(q) & 255 << (8 * (c % 4))
			v := float32(q) * d
			y[r*cols+c] = word(v)
			if off := math.Abs(float64(v) - float64(number(w))); off > 0.501*float64(d)+0x1p-142 {
				t.Errorf("row %d column %d is %v for %v", r, c, v, number(w))
			}
		}
	}
	p := map[string]uint32{"rows": rows, "cols": cols}
	libtest.Run(t, libtest.Case{Name: "rows", Op: "quantise_rows", Params: p, FewTiles: true,
		Buffers: [][]uint32{x, libtest.Garbage(len(quants)), libtest.Garbage(rows)}, Bits: map[int][]uint32{1: quants, 2: scales}})
	libtest.Run(t, libtest.Case{Name: "from rows", Op: "dequantise_rows", Params: p, FewTiles: true,
		Buffers: [][]uint32{quants, scales, libtest.Garbage(rows * cols)}, Bits: map[int][]uint32{2: y}})

	c, b, want, bits := make([]uint32, rows*cols), libtest.Normal(cols, 2, 1), make([]float64, rows*cols), make([]uint32, rows*cols)
	scales[3] = word(3e-39)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range c {
		c[i] = uint32(int32(r.Uint32()) >> r.IntN(32))
		f := float32(int32(c[i]))
		bits[i] = word(f * float32(number(scales[i/cols])*number(b[i%cols])))
		want[i] = float64(int32(c[i])) * float64(number(scales[i/cols])) * float64(number(b[i%cols]))
	}
	libtest.Run(t, libtest.Case{Name: "product", Op: "dequantise_product", Params: p, FewTiles: true,
		Buffers: [][]uint32{c, scales, b, libtest.Garbage(rows * cols)}, Bits: map[int][]uint32{3: bits}, Want: map[int][]float64{3: want},
		Error: func(_, i int) float64 {
			return 0x1p-22*math.Abs(want[i]) + 0x1p-117*math.Abs(float64(int32(c[i])))
		}})
}

func TestStraightThrough(t *testing.T) {
	const n = 301
	x, dy := edges(libtest.Normal(n, 1, 1), 1), libtest.Normal(n, 2, 1)
	dx := make([]uint32, n)
	for i, w := range x {
		if v := number(w); v >= -0.5 && v <= 1 {
			dx[i] = dy[i]
		}
	}
	libtest.Run(t, libtest.Case{Name: "gradient", Op: "straight_through", FewTiles: true,
		Params:  map[string]uint32{"n": n, "low": math.Float32bits(-0.5), "high": math.Float32bits(1)},
		Buffers: [][]uint32{x, dy, libtest.Garbage(n)}, Bits: map[int][]uint32{2: dx}})
}

func TestMatvec(t *testing.T) {
	for _, bits := range []int{8, 4} {
		format := fmt.Sprintf("q%d", bits)
		for _, size := range [][3]int{{37, 19, 2}, {3, 1, 1}, {1, 8, 3}, {5, 0, 1}} {
			rows, n, vectors := size[0], size[1], size[2]
			wq, ws, wv := blocks(libtest.Normal(rows*n*32, 1, 0.05), bits)
			xq, xs, xv := blocks(libtest.Normal(vectors*n*32, 2, 3), 8)
			y, want, limit := make([]uint32, vectors*rows), make([]float64, vectors*rows), make([]float64, vectors*rows)
			scale := func(s []uint32, b int) float32 { return fromHalf(s[b/2] >> (b & 1 * 16) & 0xffff) }
			for v := range vectors {
				for r := range rows {
					var sum, part float32
					at := v*rows + r
					for b := range n {
						var dot, exact float64 // of integers, and of numbers
						for i := range 32 {
							w, x := wv[(r*n+b)*32+i], xv[(v*n+b)*32+i]
							exact += float64(w) * float64(x)
							dot += math.Round(float64(w)/float64(scale(ws, r*n+b))) * math.Round(float64(x)/float64(scale(xs, v*n+b)))
						}
						part += float32(dot) * (scale(ws, r*n+b) * scale(xs, v*n+b))
						if b%8 == 7 || b == n-1 {
							sum, part = sum+part, 0
						}
						want[at] += exact
						limit[at] += math.Abs(exact) * float64(min(n, 8)+(n+7)/8+1) * 0x1p-24
					}
					y[at] = word(sum)
				}
			}
			for _, b := range []*[]uint32{&wq, &ws, &xq, &xs} {
				*b = append(*b, 0) // a binding has at least a word
			}
			libtest.Run(t, libtest.Case{Name: fmt.Sprint(format, size), Op: "matvec_" + format, FewTiles: n != 19,
				Params:  map[string]uint32{"rows": uint32(rows), "blocks": uint32(n), "vectors": uint32(vectors)},
				Buffers: [][]uint32{wq, ws, xq, xs, libtest.Garbage(vectors * rows)}, Bits: map[int][]uint32{4: y}, Want: map[int][]float64{4: want},
				Error: func(_, i int) float64 { return limit[i] }})
		}
	}
}

// TestMatvecBroken: a block that could not be quantised makes NaN of the results it is in, and of no others.
func TestMatvecBroken(t *testing.T) {
	x := libtest.Normal(64, 1, 1)
	x[40] = 0x7fc00000
	wq, ws, _ := blocks(slices.Concat(libtest.Normal(64, 2, 1), x), 4)
	xq, xs, xv := blocks(libtest.Normal(64, 3, 1), 8)
	_, _, wv := blocks(libtest.Normal(64, 2, 1), 4)
	var sum float32
	for b := range 2 {
		var dot float64
		for i := range 32 {
			dot += float64(wv[32*b+i]) * float64(xv[32*b+i])
		}
		sum += float32(dot)
	}
	libtest.Run(t, libtest.Case{Name: "q4", Op: "matvec_q4", FewTiles: true, Params: map[string]uint32{"rows": 2, "blocks": 2, "vectors": 1},
		Buffers: [][]uint32{wq, ws, xq, xs, libtest.Garbage(2)}, Want: map[int][]float64{4: {float64(sum), math.NaN()}},
		Error: func(_, i int) float64 { return 1e-4 }})
}
