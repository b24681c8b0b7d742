package lib_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gwrun/gwrun/kernels/f32"
	"github.com/gwrun/gwrun/kernels/lib/libtest"
)

func TestCrossEntropy(t *testing.T) {
	const rows, ignored, factor = 14, 0xffffffff, float32(1. / 12)
	for _, n := range []int{300, 1, 10} {
		x := edgeRows(rows, n, 3)
		label := make([]uint32, rows)
		for r := range rows {
			label[r] = uint32(r * 7 % n)
		}
		label[9], label[10] = ignored, uint32(n)
		loss, stats, dx := make([]uint32, rows), make([]uint32, 2*rows), make([]uint32, rows*n)
		exact, slope := make([]float64, rows), make([]float64, rows*n)
		limit, slack := make([]float64, rows), make([]float64, rows*n)
		for r := range rows {
			row, l := numbers(x[r*n:][:n]), int(label[r])
			v := func(i int) float32 { return addend(row[i]) }
			m := maxOf(n, v)
			s := sumOf(n, func(i int) float32 { return weight(f32.Exp(v(i) - m)) })
			inv := 1 / s
			stats[2*r], stats[2*r+1] = word(m), word(inv)
			switch {
			case label[r] == ignored:
			case l >= n:
				loss[r], exact[r] = word(float32(math.NaN())), math.NaN()
			default:
				loss[r] = word(f32.Log(s) - (v(l) - m))
				exact[r] = -softmaxRow(floats(row), n, 1, true)[l]
			}
			top := largest(floats(row))
			limit[r] = 0x1p-24 * (12 + float64(n)/128 + 4*top)
			if !(top < 1e30) {
				exact[r] = float64(number(loss[r])) // bits say what comes of infinities
			}
			for i := range n {
				at := r*n + i
				q := weight(f32.Exp(v(i)-m)) * inv
				if i == l {
					q--
				}
				switch {
				case label[r] == ignored:
				case l >= n:
					dx[at], slope[at] = word(float32(math.NaN())), math.NaN()
				default:
					dx[at] = word(factor * domain(q))
				}
			}
			if label[r] == ignored || l >= n {
				continue
			}
			d := gradient(floats(row), func(x []float64) float64 { return -softmaxRow(x, n, 1, true)[l] })
			for i := range n {
				at := r*n + i
				slope[at], slack[at] = d[i]*float64(factor), (0x1p-24*(14+float64(n)/128+4*top)+1e-8)*float64(factor)+0x1p-51*(1+float64(factor))
				if !(top < 1e30) {
					slope[at] = float64(number(dx[at]))
				}
			}
		}
		size := map[string]uint32{"rows": rows, "n": uint32(n), "ignored": ignored}
		libtest.Run(t, libtest.Case{Name: fmt.Sprint(n), Op: "cross_entropy", Params: size, Buffers: [][]uint32{x, label, libtest.Garbage(rows), libtest.Garbage(2 * rows)},
			Bits: map[int][]uint32{2: loss, 3: stats}, Want: map[int][]float64{2: exact}, Error: func(_, i int) float64 { return limit[i] }, FewTiles: true})
		libtest.Run(t, libtest.Case{Name: fmt.Sprintf("gradient %d", n), Op: "cross_entropy_grad",
			Params:  map[string]uint32{"rows": rows, "n": uint32(n), "ignored": ignored, "factor": word(factor)},
			Buffers: [][]uint32{x, label, stats, libtest.Garbage(rows * n)}, Bits: map[int][]uint32{3: dx}, Want: map[int][]float64{3: slope},
			Error: func(_, i int) float64 { return slack[i] }, FewTiles: true})
	}
}

func TestMSE(t *testing.T) {
	for _, total := range []int{9000, 4096, 3, 1} {
		blocks := (total + 4095) / 4096
		x, y := libtest.Normal(total, 1, 1), libtest.Normal(total, 2, 1)
		if total == 3 {
			x, y = []uint32{word(0x1.8p-52), word(0x1.4p-51), 0}, libtest.Zeros(3)
		}
		sums, exact, limit := make([]uint32, blocks), make([]float64, blocks), make([]float64, blocks)
		dx, slope := make([]uint32, total), make([]float64, total)
		factor := float32(2 / float64(total))
		for b := range blocks {
			v, w := numbers(x[b*4096:min(total, b*4096+4096)]), numbers(y[b*4096:])
			sums[b] = word(sumOf(len(v), func(i int) float32 { return domain(addend(v[i])-addend(w[i])) * domain(addend(v[i])-addend(w[i])) }))
			for i := range v {
				d, s := float64(v[i])-float64(w[i]), math.Abs(float64(v[i]))+math.Abs(float64(w[i]))
				exact[b] += d * d
				limit[b] += 0x1p-24*44*s*s + 0x1p-102
				dx[b*4096+i] = word(domain(factor) * domain(addend(v[i])-addend(w[i])))
				slope[b*4096+i] = float64(factor) * d
			}
		}
		libtest.Run(t, libtest.Case{Name: fmt.Sprint(total), Op: "mse", Params: map[string]uint32{"blocks": uint32(blocks), "total": uint32(total)},
			Buffers: [][]uint32{x, y, libtest.Garbage(blocks)}, Bits: map[int][]uint32{2: sums}, Want: map[int][]float64{2: exact},
			Error: func(_, i int) float64 { return limit[i] }, FewTiles: true})
		libtest.Run(t, libtest.Case{Name: fmt.Sprintf("gradient %d", total), Op: "mse_grad", Params: map[string]uint32{"n": uint32(total), "factor": word(factor)},
			Buffers: [][]uint32{x, y, libtest.Garbage(total)}, Bits: map[int][]uint32{2: dx}, Want: map[int][]float64{2: slope},
			Error: func(_, i int) float64 { return 0x1p-23*math.Abs(slope[i]) + 0x1p-51*(1+float64(factor))*8 }, FewTiles: true})
	}
}
