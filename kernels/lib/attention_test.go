package lib_test

import (
	"math"
	"slices"
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

func (a *heads) run(t *testing.T, op, name string, near bool) {
	t.Helper()
	y, most, sum := a.forward()
	c := libtest.Case{Name: name, Op: op, Params: a.params(), Overrides: a.overrides(), FewTiles: true,
		Buffers: [][]uint32{a.lengths, a.q, a.k, a.v, libtest.Garbage(len(y)), libtest.Garbage(len(most)), libtest.Garbage(len(sum))},
		Bits:    map[int][]uint32{4: y, 5: most, 6: sum}}
	if near {
		want, limit := a.forward64()
		c.Want, c.Error = map[int][]float64{4: want}, func(_, i int) float64 { return limit[i] }
	}
	libtest.Run(t, c)
}

func TestAttention(t *testing.T)    { testForward(t, "attention") }
func TestAttentionRow(t *testing.T) { testForward(t, "attention_row") }

func testForward(t *testing.T, op string) {
	newHeads(2, 37, 80, 4, 2, 40, true, 30, 67, 0, 37).run(t, op, "causal", true)
	newHeads(1, 5, 70, 3, 3, 64, false, 0, 70).run(t, op, "all", true)
	newHeads(3, 1, 66, 6, 2, 40, true, 64, 65, 0, 0, 3, 1000).run(t, op, "one query", true)

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
	odd.run(t, op, "odd numbers", false)
}

// gradients follows the Order of the backward texts. y, most and sum are what forward gave.
func (a *heads) gradients(dy, y, most, sum []uint32) (saved, dq, dk, dv []uint32) {
	saved, dq = make([]uint32, 3*len(most)), make([]uint32, len(a.q))
	dk, dv = make([]uint32, len(a.k)), make([]uint32, len(a.v))
	add := func(to *float32, w float32, x uint32) {
		if w != 0 {
			*to += w * attentionDomain(number(x))
		}
	}
	sums := [2][]float32{make([]float32, len(dk)), make([]float32, len(dv))}
	a.each(func(b, _, h, row, sees int) {
		delta, inverse := rowProduct(dy, y, row, row, a.dim), 1/number(sum[row])
		copy(saved[3*row:], []uint32{most[row], word(inverse), word(delta)})
		o := make([]float32, a.dim)
		for j := range sees {
			key := a.key(b, h, j)
			s := a.scale * rowProduct(a.q, a.k, row, key, a.dim)
			w := attentionDomain(f32.Exp(s-number(most[row]))) * inverse
			d := attentionDomain(w * (rowProduct(dy, a.v, row, key, a.dim) - delta))
			for c := range a.dim {
				add(&o[c], d, a.k[key*a.dim+c])
				add(&sums[0][key*a.dim+c], d, a.q[row*a.dim+c])
				add(&sums[1][key*a.dim+c], attentionDomain(w), dy[row*a.dim+c])
			}
		}
		for c, v := range o {
			dq[row*a.dim+c] = word(v * a.scale)
		}
	})
	for i := range dk {
		dk[i], dv[i] = word(sums[0][i]*a.scale), word(sums[1][i])
	}
	return saved, dq, dk, dv
}

// gradients64 is the same in float64 from the formulas, with the errors that the texts state.
func (a *heads) gradients64(dy []uint32) (want, limit [3][]float64) {
	n := [3]int{len(a.q), len(a.k), len(a.v)}
	for i := range n {
		want[i], limit[i] = make([]float64, n[i]), make([]float64, n[i])
	}
	scale := float64(a.scale)
	a.each(func(b, _, h, row, sees int) {
		p, _ := a.exact(b, h, row, sees)
		s, total, size := 0., 0., make([]float64, sees)
		g := make([]float64, sees)
		for j, w := range p {
			_, sj := rowProduct64(a.q, a.k, row, a.key(b, h, j), a.dim)
			s = max(s, math.Abs(scale)*sj)
			g[j], size[j] = rowProduct64(dy, a.v, row, a.key(b, h, j), a.dim)
			total += w * g[j]
		}
		ofY := 0.
		for c := range a.dim {
			y := 0.
			for j, w := range p {
				y += w * float64(number(a.v[a.key(b, h, j)*a.dim+c]))
			}
			ofY += math.Abs(y * float64(number(dy[row*a.dim+c])))
		}
		rows := float64(a.n * a.heads / a.kv)
		rel := 4 * (float64(a.dim)*s + float64(a.dim) + float64(sees) + 8) * 0x1p-24
		relKeys := rel + 4*rows*0x1p-24
		for j, w := range p {
			key := a.key(b, h, j)
			for c := range a.dim {
				k, q, d := float64(number(a.k[key*a.dim+c])), float64(number(a.q[row*a.dim+c])), float64(number(dy[row*a.dim+c]))
				slope, around := w*(g[j]-total), size[j]+ofY
				want[0][row*a.dim+c] += slope * k * scale
				limit[0][row*a.dim+c] += (rel*w*around + 0x1p-49*(1+around)) * math.Abs(k*scale)
				want[1][key*a.dim+c] += slope * q * scale
				limit[1][key*a.dim+c] += (relKeys*w*around + 0x1p-49*(1+around)) * math.Abs(q*scale)
				want[2][key*a.dim+c] += w * d
				limit[2][key*a.dim+c] += (relKeys*w + 0x1p-49) * math.Abs(d)
			}
		}
	})
	return want, limit
}

func (a *heads) runBackward(t *testing.T, name string, near bool) {
	t.Helper()
	y, most, sum := a.forward()
	dy := libtest.Normal(len(y), 9, 1)
	saved, dq, dk, dv := a.gradients(dy, y, most, sum)
	want, limit := a.gradients64(dy)
	libtest.Run(t, libtest.Case{Name: name + " delta", Op: "attention_delta", Params: map[string]uint32{"rows": uint32(len(most)), "dim": uint32(a.dim)}, FewTiles: true,
		Buffers: [][]uint32{y, dy, most, sum, libtest.Garbage(len(saved))}, Bits: map[int][]uint32{4: saved}})
	for i, bits := range [][]uint32{dq, dk, dv} {
		c := libtest.Case{Name: name + []string{" dq", " dk", " dv"}[i], Op: []string{"attention_dq", "attention_dkv", "attention_dkv"}[i],
			Params: a.params(), Overrides: a.overrides(), FewTiles: true,
			Buffers: [][]uint32{a.lengths, a.q, a.k, a.v, dy, saved, libtest.Garbage(len(bits))}, Bits: map[int][]uint32{6: bits}}
		if i == 2 {
			c.Overrides["values"] = 1
		}
		if near {
			c.Want, c.Error = map[int][]float64{6: want[i]}, func(_, e int) float64 { return limit[i][e] }
		}
		libtest.Run(t, c)
	}
}

func TestAttentionBackward(t *testing.T) {
	newHeads(2, 37, 40, 4, 2, 40, true, 3, 40, 0, 37).runBackward(t, "causal", true)
	newHeads(3, 1, 66, 6, 2, 40, true, 64, 65, 0, 0, 3, 1000).runBackward(t, "one query", true)
	odd := newHeads(1, 33, 40, 1, 1, 40, true, 7, 40)
	odd.q[3*40] = math.Float32bits(float32(math.Inf(1)))
	odd.k[20*40+1] = 0x7fc00000
	odd.v[35*40+2] = 0xff800000
	odd.runBackward(t, "odd numbers", false)
}

// TestAttentionSizes takes heads of other sizes, on the CPU device.
func TestAttentionSizes(t *testing.T) {
	d := libtest.Devices(t)[0].Device
	for _, dim := range []int{1, 33, 80, 96, 128, 256} {
		a := newHeads(1, 9, 40, 2, 1, dim, true, 31, 40)
		y, most, sum := a.forward()
		dy := libtest.Normal(len(y), 9, 1)
		saved, dq, dk, dv := a.gradients(dy, y, most, sum)
		r := newTrainer(t, d, 0)
		for name, words := range map[string][]uint32{"lengths": a.lengths, "q": a.q, "k": a.k, "v": a.v, "dy": dy, "y": libtest.Garbage(len(y)),
			"most": libtest.Garbage(len(most)), "sum": libtest.Garbage(len(sum)), "saved": saved, "dq": libtest.Garbage(len(dq)),
			"dk": libtest.Garbage(len(dk)), "dv": libtest.Garbage(len(dv))} {
			r.write(name, words)
		}
		r.call("attention", a.params(), a.overrides(), "lengths", "q", "k", "v", "y", "most", "sum")
		values := a.overrides()
		values["values"] = 1
		r.call("attention_dq", a.params(), a.overrides(), "lengths", "q", "k", "v", "dy", "saved", "dq")
		r.call("attention_dkv", a.params(), a.overrides(), "lengths", "q", "k", "v", "dy", "saved", "dk")
		r.call("attention_dkv", a.params(), values, "lengths", "q", "k", "v", "dy", "saved", "dv")
		for name, want := range map[string][]uint32{"y": y, "most": most, "sum": sum, "dq": dq, "dk": dk, "dv": dv} {
			if !slices.Equal(r.read(name), want) {
				t.Errorf("heads of %d: %s is not what the order says", dim, name)
			}
		}
		r.free()
	}
}
