package lib_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gwrun/gwrun/kernels/lib/libtest"
)

// edges puts numbers at the edges of f32 at the beginning of w, the same at places apart in different buffers.
func edges(w []uint32, apart int) []uint32 {
	e := []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 1e-45, -1e-45, 1e-38, 3e38, -3e38, 1, -1}
	i := 0
	for _, v := range e {
		for range apart {
			w[i] = math.Float32bits(float32(v))
			i++
		}
	}
	for len(e)*len(e) > i {
		w[i] = math.Float32bits(float32(e[i%len(e)]))
		i++
	}
	return w
}

func TestSGD(t *testing.T) {
	const n = 301
	w, g, v := edges(libtest.Normal(n, 1, 1), 12), edges(libtest.Normal(n, 2, 1), 1), edges(libtest.Normal(n, 3, 1), 5)
	const rate, momentum, decay = float32(0.1), float32(0.9), float32(0.01)
	for _, nesterov := range []bool{false, true} {
		w2, v2, want, size := make([]uint32, n), make([]uint32, n), make([]float64, n), make([]float64, n)
		for i := range n {
			w, g, v := number(w[i]), number(g[i]), number(v[i])
			d := g + float32(decay*w)
			next := float32(momentum*v) + d
			step := next
			dd := float64(g) + float64(decay)*float64(w)
			nn := float64(momentum)*float64(v) + dd
			ss := nn
			if nesterov {
				step = d + float32(momentum*next)
				ss = dd + float64(momentum)*nn
			}
			v2[i] = word(next)
			w2[i] = word(w - float32(rate*step))
			want[i] = float64(w) - float64(rate)*ss
			size[i] = math.Abs(float64(w)) + float64(rate)*(1+float64(momentum))*(math.Abs(float64(g))+float64(decay)*math.Abs(float64(w))+float64(momentum)*math.Abs(float64(v)))
			if u := math.Abs(float64(number(w2[i]))); u > 1e38 || u != u { // overflows are not in the stated error
				want[i] = float64(number(w2[i]))
			}
		}
		overrides := map[string]float64{}
		if nesterov {
			overrides["nesterov"] = 1
		}
		libtest.Run(t, libtest.Case{Name: fmt.Sprintf("nesterov=%v", nesterov), Op: "sgd", Overrides: overrides, FewTiles: true,
			Params:  map[string]uint32{"n": n, "rate": math.Float32bits(rate), "momentum": math.Float32bits(momentum), "decay": math.Float32bits(decay)},
			Buffers: [][]uint32{w, g, v}, Bits: map[int][]uint32{0: w2, 2: v2}, Want: map[int][]float64{0: want},
			Error: func(_, i int) float64 { return 0x1p-22*size[i] + 0x1p-148 }})
	}
}

func TestAdam(t *testing.T) {
	const n = 301
	const rate, beta1, beta2, epsilon, decay = float32(0.001), float32(0.9), float32(0.999), float32(1e-8), float32(0.1)
	step := 3.
	correct1, correct2 := float32(1/(1-math.Pow(float64(beta1), step))), float32(1/(1-math.Pow(float64(beta2), step)))
	w, g, m := edges(libtest.Normal(n, 1, 1), 12), edges(libtest.Normal(n, 2, 1), 1), edges(libtest.Normal(n, 3, 1), 5)
	v := libtest.Normal(n, 4, 1)
	for i := range v {
		v[i] &^= 1 << 31
	}
	for _, op := range []string{"adam", "adamw"} {
		w2, m2, v2, want, limit := make([]uint32, n), make([]uint32, n), make([]uint32, n), make([]float64, n), make([]float64, n)
		for i := range n {
			w, g, m, v := number(w[i]), number(g[i]), number(m[i]), number(v[i])
			d, from := g, float32(w*float32(1-float32(rate*decay)))
			dd, ff := float64(g), float64(w)*(1-float64(rate)*float64(decay))
			if op == "adam" {
				d, from = g+float32(decay*w), w
				dd, ff = float64(g)+float64(decay)*float64(w), float64(w)
			}
			first := float32(beta1*m) + float32(float32(1-beta1)*d)
			second := float32(beta2*v) + float32(float32(float32(1-beta2)*d)*d)
			root := float32(math.Sqrt(float64(float32(second * correct2))))
			m2[i], v2[i] = word(first), word(second)
			w2[i] = word(from - float32(rate*float32(float32(first*correct1)/float32(root+epsilon))))
			bottom := math.Sqrt((float64(beta2)*float64(v)+(1-float64(beta2))*dd*dd)*float64(correct2)) + float64(epsilon)
			want[i] = ff - float64(rate)*float64(correct1)*(float64(beta1)*float64(m)+(1-float64(beta1))*dd)/bottom
			r := (math.Abs(float64(beta1)*float64(m)) + (1-float64(beta1))*math.Abs(dd)) * float64(correct1) / bottom
			limit[i] = 0x1p-21*(math.Abs(float64(w))+float64(rate)*r) + 0x1p-148
			if math.Abs(dd) > 1e18 || dd != dd || math.Abs(float64(m)) > 1e37 { // overflows are not in the stated error
				want[i] = float64(number(w2[i]))
			}
		}
		libtest.Run(t, libtest.Case{Name: op, Op: op, FewTiles: true, Params: map[string]uint32{"n": n, "rate": math.Float32bits(rate),
			"beta1": math.Float32bits(beta1), "beta2": math.Float32bits(beta2), "epsilon": math.Float32bits(epsilon),
			"decay": math.Float32bits(decay), "correct1": math.Float32bits(correct1), "correct2": math.Float32bits(correct2)},
			Buffers: [][]uint32{w, g, m, v}, Bits: map[int][]uint32{0: w2, 2: m2, 3: v2}, Want: map[int][]float64{0: want},
			Error: func(_, i int) float64 { return limit[i] }})
	}
}

func TestClip(t *testing.T) {
	const n, limit = 301, float32(0.75)
	g := edges(libtest.Normal(n, 1, 1), 1)
	for _, squares := range []float64{4, 0.5625, 0, math.Inf(1), math.NaN()} {
		s := float32(squares)
		got, want := slices.Clone(g), libtest.Floats(g)
		if norm := float32(math.Sqrt(float64(s))); norm > limit {
			factor := limit / norm
			for i := range g {
				got[i] = word(number(g[i]) * factor)
				want[i] *= float64(limit) / math.Sqrt(squares)
			}
		}
		libtest.Run(t, libtest.Case{Name: fmt.Sprint(squares), Op: "clip", FewTiles: true, Params: map[string]uint32{"n": n, "limit": math.Float32bits(limit)},
			Buffers: [][]uint32{{word(s)}, g}, Bits: map[int][]uint32{1: got}, Want: map[int][]float64{1: want},
			Error: func(_, i int) float64 { return 0x1p-22*math.Abs(want[i]) + 0x1p-149 }})
	}
}
