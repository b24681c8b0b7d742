package lib_test

import (
	"math"
	"testing"

	"github.com/gwrun/gwrun/kernels/f32"
	"github.com/gwrun/gwrun/kernels/lib/libtest"
)

// heads is a problem of attention, with what the kernels must give for it.
type heads struct {
	batch, n, capacity, heads, kv, dim int
	causal                             bool
	scale                              float32
	lengths                            []uint32
	q, k, v                            []uint32
}

func newHeads(batch, n, capacity, h, kv, dim int, causal bool, lengths ...uint32) *heads {
	return &heads{batch: batch, n: n, capacity: capacity, heads: h, kv: kv, dim: dim, causal: causal, lengths: lengths,
		scale: float32(1 / math.Sqrt(float64(dim))), q: libtest.Normal(batch*n*h*dim, 1, 1.5), k: libtest.Normal(batch*capacity*kv*dim, 2, 1.5),
		v: libtest.Normal(batch*capacity*kv*dim, 3, 1)}
}

func (a *heads) params() map[string]uint32 {
	return map[string]uint32{"batch": uint32(a.batch), "n": uint32(a.n), "capacity": uint32(a.capacity), "heads": uint32(a.heads),
		"kv_heads": uint32(a.kv), "scale": math.Float32bits(a.scale)}
}

func (a *heads) overrides() map[string]float64 {
	o := map[string]float64{"dim": float64(a.dim)}
	if a.causal {
		o["causal"] = 1
	}
	return o
}

// each goes through the queries: of head h at i of part b, whose row of q is at row, and which sees so many keys.
func (a *heads) each(f func(b, i, h, row, sees int)) {
	for b := range a.batch {
		for i := range a.n {
			sees := min(int(a.lengths[2*b+1]), a.capacity)
			if a.causal {
				sees = min(sees, int(a.lengths[2*b])+i+1)
			}
			for h := range a.heads {
				f(b, i, h, (b*a.n+i)*a.heads+h, sees)
			}
		}
	}
}

// key is the row of a key for a query's head.
func (a *heads) key(b, h, j int) int { return (b*a.capacity+j)*a.kv + h/(a.heads/a.kv) }

func attentionDomain(x float32) float32 {
	if math.Abs(float64(x)) < 0x1p-51 {
		return 0
	}
	return x
}

// rowProduct is one chain over two rows.
func rowProduct(x, y []uint32, i, j, dim int) float32 {
	var s float32
	for c := range dim {
		s += attentionDomain(number(x[i*dim+c])) * attentionDomain(number(y[j*dim+c]))
	}
	return s
}

func rowProduct64(x, y []uint32, i, j, dim int) (sum, size float64) {
	for c := range dim {
		t := float64(number(x[i*dim+c])) * float64(number(y[j*dim+c]))
		sum, size = sum+t, size+math.Abs(t)
	}
	return sum, size
}

// forward follows the Order of the text.
func (a *heads) forward() (y, most, sum []uint32) {
	y, most, sum = make([]uint32, a.batch*a.n*a.heads*a.dim), make([]uint32, a.batch*a.n*a.heads), make([]uint32, a.batch*a.n*a.heads)
	a.each(func(b, _, h, row, sees int) {
		m, l, o := float32(math.Inf(-1)), float32(0), make([]float32, a.dim)
		for first := 0; first < sees; first += 32 {
			var s [32]float32
			count := min(32, sees-first)
			old := m
			for j := range count {
				s[j] = a.scale * rowProduct(a.q, a.k, row, a.key(b, h, first+j), a.dim)
				if s[j] > m {
					m = s[j]
				}
			}
			if m != old {
				f := attentionDomain(f32.Exp(old - m))
				if f32.Exp(old-m) != 1 {
					l = attentionDomain(l) * f
					for c := range o {
						o[c] = attentionDomain(o[c]) * f
					}
				}
			}
			for j := range count {
				w := attentionDomain(f32.Exp(s[j] - m))
				if w == 0 {
					continue
				}
				l += w
				for c := range o {
					o[c] += w * attentionDomain(number(a.v[a.key(b, h, first+j)*a.dim+c]))
				}
			}
		}
		most[row], sum[row] = word(m), word(l)
		for c, v := range o {
			if l != 0 {
				y[row*a.dim+c] = word(v / l)
			}
		}
	})
	return y, most, sum
}

// exact is the softmax of a query in float64, and the error that the text states for it.
func (a *heads) exact(b, h, row, sees int) (p []float64, limit float64) {
	p = make([]float64, sees)
	s, top := 0., math.Inf(-1)
	for j := range p {
		v, size := rowProduct64(a.q, a.k, row, a.key(b, h, j), a.dim)
		p[j] = v * float64(a.scale)
		top, s = max(top, p[j]), max(s, size*math.Abs(float64(a.scale)))
	}
	total := 0.
	for j := range p {
		p[j] = math.Exp(p[j] - top)
		total += p[j]
	}
	for j := range p {
		p[j] /= total
	}
	t := float64(sees)
	return p, 2 * ((float64(a.dim)+6)*s + t + t/8 + 8) * 0x1p-24
}

func (a *heads) forward64() (y, limit []float64) {
	y, limit = make([]float64, a.batch*a.n*a.heads*a.dim), make([]float64, a.batch*a.n*a.heads*a.dim)
	a.each(func(b, _, h, row, sees int) {
		p, rel := a.exact(b, h, row, sees)
		most := 0.
		for c := range a.dim {
			for j, w := range p {
				v := float64(number(a.v[a.key(b, h, j)*a.dim+c]))
				y[row*a.dim+c] += w * v
				most = max(most, math.Abs(v))
			}
		}
		for c := range a.dim {
			limit[row*a.dim+c] = rel * most
		}
	})
	return y, limit
}

func (a *heads) run(t *testing.T, name string, near bool) {
	t.Helper()
	y, most, sum := a.forward()
	c := libtest.Case{Name: name, Op: "attention", Params: a.params(), Overrides: a.overrides(), FewTiles: true,
		Buffers: [][]uint32{a.lengths, a.q, a.k, a.v, libtest.Garbage(len(y)), libtest.Garbage(len(most)), libtest.Garbage(len(sum))},
		Bits:    map[int][]uint32{4: y, 5: most, 6: sum}}
	if near {
		want, limit := a.forward64()
		c.Want, c.Error = map[int][]float64{4: want}, func(_, i int) float64 { return limit[i] }
	}
	libtest.Run(t, c)
}

func TestAttention(t *testing.T) {
	newHeads(2, 37, 80, 4, 2, 40, true, 30, 67, 0, 37).run(t, "causal", true)
	newHeads(1, 5, 70, 3, 3, 64, false, 0, 70).run(t, "all", true)
	newHeads(3, 1, 66, 6, 2, 40, true, 64, 65, 0, 0, 3, 1000).run(t, "one query", true)

	odd := newHeads(1, 40, 40, 1, 1, 40, true, 0, 40)
	for i, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 3e38, -3e38, 1e-40, 0} {
		odd.q[(2+i)*40] = math.Float32bits(float32(v))
		odd.k[(12+i)*40+1] = math.Float32bits(float32(v))
		odd.v[(22+i)*40+2] = math.Float32bits(float32(v))
	}
	for c := range 40 { // scores far apart, and one row whose keys all have the same
		odd.q[30*40+c] = math.Float32bits(1e4)
		odd.q[31*40+c] = 0
	}
	odd.run(t, "odd numbers", false)
}
