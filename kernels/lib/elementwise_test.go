package lib_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/gwrun/gwrun/kernels/f32"
	"github.com/gwrun/gwrun/kernels/lib/libtest"
)

// special puts the numbers that functions go wrong at in place of the first ones.
func special(w []uint32) []uint32 {
	for i, v := range []float64{0, math.Copysign(0, -1), math.Inf(1), math.Inf(-1), math.NaN(), 1e-45, -1e-45, 1e-38, -1e-38, 3e38, -3e38,
		1, -1, 9, -9, 17, -17, 60, -60, 88, -88, 104, -104, 1e19, -1e19, 2e-20} {
		w[i] = word(float32(v))
	}
	return w
}

// numbers gives the numbers whose bits are given.
func numbers(w []uint32) []float32 {
	v := make([]float32, len(w))
	for i, u := range w {
		v[i] = number(u)
	}
	return v
}

func floats(v []float32) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}

// gate computes include/activation.wgsl's, operation by operation.
func gate(t uint32, far bool) (e, r float32) {
	g := float32(int32(t&0x7fffff) - 0x400000)
	p := g * -0x1.eca6f0p-126
	for _, c := range []float32{0x1.c0921ap-100, -0x1.418820p-74, 0x1.5be054p-49, -0x1.f5e45ap-25} {
		p = g * float32(c+p)
	}
	e = float32(0x1.6a09e8p-1+p) * number(0x3f800000-t&0x1f800000)
	if far {
		e = 0
	}
	bits := min(max(word(1+e), 0x3f800000), 0x40000000)
	d := number(bits)
	r = number(0x7ef31000 - bits)
	r *= 2 - float32(d*r)
	r *= 2 - float32(d*r)
	r += float32(r * (1 - float32(d*r)))
	return e, number(min(max(word(r), 0x3f000000), 0x3f800000))
}

func sigmoidGate(x float32) (e, r float32) {
	size := word(x) & 0x7fffffff
	m := uint32(number(min(max(size, 0x32800000), 0x42313333)) * 0x1p24)
	high, low := m>>15, m&0x7fff
	return gate(high*23637+(high*7573+low*47274+0x8000)>>16, size >= 0x42313333)
}

func geluGate(x float32) (e, r float32) {
	size := word(x) & 0x7fffffff
	a := number(min(max(size, 0x32800000), 0x40f40000))
	return gate(uint32(a*float32(19312322+float32(863550.5*float32(a*a)))), size >= 0x40f40000)
}

func gated(e, r, x float32) float32 {
	if math.Signbit(float64(x)) {
		return e * r
	}
	return r
}

func sigmoid(x float32) float32 {
	if x != x {
		return x
	}
	e, r := sigmoidGate(x)
	return gated(e, r, x)
}

func sigmoidSlope(x float32) float32 {
	if x != x {
		return x
	}
	e, r := sigmoidGate(x)
	return float32(e*r) * r
}

func gatedSlope(e, r, x, dz float32) float32 {
	t := float32(0)
	if e > 0 || x != x {
		t = float32(domain(domain(x)*float32(float32(e*r)*r)) * domain(dz))
	}
	return gated(e, r, x) + t
}

func positive(x, y float32) float32 {
	if x > 0 {
		return y
	}
	return 0
}

// activations are the functions of the override activation in the order of their numbers: as their texts write them, their
// slopes, and in float64 with the units in the last place that they may be wrong by.
var activations = []struct {
	name     string
	f, slope func(x float32) float32
	exact    func(x float64) float64
	units    func(x float64) float64
}{
	{"none", func(x float32) float32 { return x }, func(float32) float32 { return 1 }, func(x float64) float64 { return x }, func(float64) float64 { return 0 }},
	{"relu", func(x float32) float32 { return positive(x, x) }, func(x float32) float32 { return positive(x, 1) },
		func(x float64) float64 {
			if x > 0 {
				return x
			}
			return 0
		}, func(float64) float64 { return 0 }},
	{"gelu", func(x float32) float32 {
		e, r := geluGate(x)
		return domain(x) * gated(e, r, x)
	},
		func(x float32) float32 {
			e, r := geluGate(x)
			v := domain(x)
			return gatedSlope(e, r, x, 1.5957691216057308+float32(0.21406444884775338*domain(v*v)))
		},
		func(x float64) float64 { return x / (1 + math.Exp(-2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))) },
		func(x float64) float64 { return 4 + 2*math.Abs(1.6*x+0.072*x*x*x) }},
	{"silu", func(x float32) float32 {
		e, r := sigmoidGate(x)
		return domain(x) * gated(e, r, x)
	},
		func(x float32) float32 {
			e, r := sigmoidGate(x)
			return gatedSlope(e, r, x, 1)
		},
		func(x float64) float64 { return x / (1 + math.Exp(-x)) }, func(float64) float64 { return 4 }},
	{"tanh", f32.Tanh, func(x float32) float32 { return 4 * sigmoidSlope(2*domain(x)) }, math.Tanh, func(float64) float64 { return 0.5 }},
	{"sigmoid", sigmoid, sigmoidSlope, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, func(float64) float64 { return 3 }},
}

func TestActivate(t *testing.T) {
	const n = 4003
	x := special(libtest.Normal(n, 1, 3))
	for k, a := range activations {
		got, want, limit := make([]uint32, n), make([]float64, n), make([]float64, n)
		for i := range n {
			v := number(x[i])
			got[i], want[i] = word(a.f(v)), a.exact(float64(v))
			limit[i] = a.units(float64(v)) * (math.Abs(want[i])*0x1p-23 + (1+math.Abs(float64(v)))*0x1p-149)
			switch a.name {
			case "gelu", "silu":
				limit[i] += 0x1p-51
			case "sigmoid":
				limit[i] += 0x1p-63
			}
			if want[i] != want[i] || limit[i] != limit[i] {
				want[i], limit[i] = float64(number(got[i])), 0 // what infinities and NaN give stands in bits
			}
		}
		libtest.Run(t, libtest.Case{Name: a.name, Op: "activate", Overrides: map[string]float64{"activation": float64(k)}, Params: map[string]uint32{"n": n},
			Buffers: [][]uint32{x, libtest.Garbage(n)}, Bits: map[int][]uint32{1: got}, Want: map[int][]float64{1: want},
			Error: func(_, i int) float64 { return limit[i] }, FewTiles: k != 2})
	}
}

func TestActivateGrad(t *testing.T) {
	const n = 4003
	x, dy := special(libtest.Normal(n, 1, 3)), libtest.Normal(n, 2, 2)
	dy[100] = word(float32(math.Inf(1)))
	for k, a := range activations {
		got, want, limit := make([]uint32, n), make([]float64, n), make([]float64, n)
		for i := range n {
			v, d := number(x[i]), number(dy[i])
			got[i] = word(domain(a.slope(v)) * domain(d))
			const h = 1e-5
			want[i] = (a.exact(float64(v)+h) - a.exact(float64(v)-h)) / (2 * h) * float64(d)
			limit[i] = 0x1p-20 * (1 + math.Abs(float64(d)))
			if a.name == "relu" && math.Abs(float64(v)) < h || math.Abs(float64(v)) > 64 || want[i] != want[i] || math.IsInf(want[i], 0) {
				want[i], limit[i] = float64(number(got[i])), 0 // a difference says nothing here: bits do
			}
		}
		libtest.Run(t, libtest.Case{Name: a.name, Op: "activate_grad", Overrides: map[string]float64{"activation": float64(k)}, Params: map[string]uint32{"n": n},
			Buffers: [][]uint32{x, dy, libtest.Garbage(n)}, Bits: map[int][]uint32{2: got}, Want: map[int][]float64{2: want},
			Error: func(_, i int) float64 { return limit[i] }, FewTiles: true})
	}
}

// TestGate measures what gates are made of, against float64, for every fraction that the exponent may have, and the gates
// themselves where they end.
func TestGate(t *testing.T) {
	exponential, reciprocal := 0., 0.
	for f := range uint32(1 << 23) {
		whole := f % 64
		e, r := gate(whole<<23+f, false)
		exponential = max(exponential, math.Abs(float64(e)*math.Exp2(float64(whole)+float64(f)*0x1p-23)-1))
		reciprocal = max(reciprocal, math.Abs(float64(r)*(1+float64(e))-1))
	}
	if t.Logf("errors 2^%.2f and 2^%.2f", math.Log2(exponential), math.Log2(reciprocal)); exponential > 1.7*0x1p-23 || reciprocal > 1.1*0x1p-23 {
		t.Error("want at most 1.7 and 1.1 times 2^-23")
	}
	inf := float32(math.Inf(1))
	for _, c := range []struct{ x, sigmoid, silu, gelu float32 }{
		{0, 0.5, 0, 0}, {1e-40, 0.5, 0, 0}, {0x1p-30, 0.5, 0x1p-31, 0x1p-31}, {-0x1p-30, 0.5, -0x1p-31, -0x1p-31},
		{45, 1, 45, 45}, {-45, 0, 0, 0}, {3e38, 1, 3e38, 3e38}, {-3e38, 0, 0, 0}, {inf, 1, inf, inf}, {-inf, 0, number(0x7fc00000), number(0x7fc00000)},
	} {
		for n, want := range []float32{c.gelu, c.silu, 0, c.sigmoid} {
			a := activations[n+2]
			if got := a.f(c.x); a.name != "tanh" && got != want && (got == got || want == want) {
				t.Errorf("%s(%v) is %v, want %v", a.name, c.x, got, want)
			}
		}
	}
}

// TestActivateEdges holds slopes at the edges against what they tend to.
func TestActivateEdges(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, a := range activations[2:] {
		far, rising := float32(0), float32(0) // tanh and sigmoid are flat on both sides
		if a.name == "gelu" || a.name == "silu" {
			rising = 1
		}
		for _, x := range []float32{200, 1e19, 3e38, inf} {
			if s := a.slope(x); s != rising {
				t.Errorf("%s: the slope at %v is %v, want %v", a.name, x, s, rising)
			}
			if s := a.slope(-x); s != far {
				t.Errorf("%s: the slope at %v is %v, want %v", a.name, -x, s, far)
			}
		}
	}
}

func TestArithmetic(t *testing.T) {
	const n, a = 1003, float32(-1.7)
	x, y := special(libtest.Normal(n, 1, 2)), libtest.Normal(n, 2, 2)
	y[2], y[3] = word(float32(math.Inf(-1))), word(float32(math.Inf(-1)))
	one := map[string]uint32{"n": n}
	scaled := map[string]uint32{"n": n, "a": word(a)}
	for _, c := range []struct {
		op     string
		params map[string]uint32
		unary  bool
		f      func(x, y float32) float32
		exact  func(x, y float64) float64
	}{
		{"add", one, false, func(x, y float32) float32 { return x + y }, func(x, y float64) float64 { return x + y }},
		{"mul", one, false, func(x, y float32) float32 { return x * y }, func(x, y float64) float64 { return x * y }},
		{"scale", scaled, true, func(x, _ float32) float32 { return a * x }, func(x, _ float64) float64 { return float64(a) * x }},
		{"axpy", scaled, false, func(x, y float32) float32 { return float32(a*x) + y }, func(x, y float64) float64 { return float64(a)*x + y }},
	} {
		got, want, limit := make([]uint32, n), make([]float64, n), make([]float64, n)
		for i := range n {
			v, w := number(x[i]), number(y[i])
			got[i], want[i] = word(c.f(v, w)), c.exact(float64(v), float64(w))
			if limit[i] = 0x1p-24*math.Abs(want[i]) + 0x1p-149; c.op == "axpy" {
				limit[i] += 0x1p-24 * math.Abs(float64(a)*float64(v))
			}
			if math.Abs(want[i]) > math.MaxFloat32 {
				want[i] = math.Copysign(math.Inf(1), want[i])
			}
		}
		buffers := [][]uint32{x, y, libtest.Garbage(n)}
		if c.unary {
			buffers = [][]uint32{x, libtest.Garbage(n)}
		}
		out := len(buffers) - 1
		libtest.Run(t, libtest.Case{Name: c.op, Op: c.op, Params: c.params, Buffers: buffers, Bits: map[int][]uint32{out: got},
			Want: map[int][]float64{out: want}, Error: func(_, i int) float64 { return limit[i] }, FewTiles: true})
	}
}

func TestBias(t *testing.T) {
	for _, s := range [][2]int{{37, 71}, {1, 1}, {300, 3}, {2, 200}, {0, 5}} {
		rows, n := s[0], s[1]
		x, b := libtest.Normal(rows*n+1, 1, 2), libtest.Normal(n, 2, 1)
		sum, byRow, byColumn := libtest.Garbage(rows*n+1), libtest.Garbage(rows*n+1), libtest.Garbage(rows*n+1)
		for i := range rows * n {
			sum[i] = word(number(x[i]) + number(b[i%n]))
			byRow[i] = word(number(x[i/n]) * 3)
			byColumn[i] = word(number(b[i%n]) * 3)
		}
		shape := map[string]uint32{"rows": uint32(rows), "n": uint32(n)}
		wide := map[string]uint32{"rows": uint32(rows), "n": uint32(n), "factor": word(3)}
		size := fmt.Sprintf("%dx%d", rows, n)
		out := libtest.Garbage(rows*n + 1)
		libtest.Run(t, libtest.Case{Name: "bias " + size, Op: "bias_add", Params: shape, Buffers: [][]uint32{x, b, out}, Bits: map[int][]uint32{2: sum}})
		libtest.Run(t, libtest.Case{Name: "rows " + size, Op: "broadcast", Params: wide, Buffers: [][]uint32{x, out}, Bits: map[int][]uint32{1: byRow}})
		libtest.Run(t, libtest.Case{Name: "columns " + size, Op: "broadcast", Params: wide, Overrides: map[string]float64{"columns": 1}, Buffers: [][]uint32{b, out},
			Bits: map[int][]uint32{1: byColumn}})
	}
}
