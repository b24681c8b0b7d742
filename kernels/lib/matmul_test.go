package lib_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels/lib"
	"github.com/gwrun/gwrun/kernels/lib/libtest"
)

// product is one case of a product of matrices. Elements are numbered as in a matrix that is not transposed.
type product struct {
	m, n, k, batch                                       int
	transposeA, transposeB, shareB, accumulate, withBias bool
	activation                                           int
}

func (p *product) name() string {
	return fmt.Sprintf("%dx%dx%d by %d, transposed %v %v, accumulate %v, bias %v, %s", p.m, p.n, p.k, p.batch, p.transposeA, p.transposeB,
		p.accumulate, p.withBias, activations[p.activation].name)
}

func (p *product) overrides() map[string]float64 {
	o := map[string]float64{}
	for name, v := range map[string]bool{"transpose_a": p.transposeA, "transpose_b": p.transposeB, "accumulate": p.accumulate, "with_bias": p.withBias} {
		if v {
			o[name] = 1
		}
	}
	if p.activation != 0 {
		o["activation"] = float64(p.activation)
	}
	return o
}

// layout is how a matrix lies in memory, per elements to a word.
type layout struct{ rows, across, per int }

func (l layout) words() int { return l.rows * ((l.across + l.per - 1) / l.per) }

// at is the word of an element, and its place in it.
func (l layout) at(outer, inner int) (int, int) {
	return outer*((l.across+l.per-1)/l.per) + inner/l.per, inner % l.per
}

func (p *product) layouts(per int) (a, b layout) {
	a, b = layout{p.m, p.k, per}, layout{p.k, p.n, per}
	if p.transposeA {
		a = layout{p.k, p.m, per}
	}
	if p.transposeB {
		b = layout{p.n, p.k, per}
	}
	return a, b
}

// elements gives the word and place of a[z][i, k] and b[z][k, j].
func (p *product) elements(per int) (a, b func(z, x, y int) (int, int)) {
	la, lb := p.layouts(per)
	pick := func(l layout, step int, swap bool) func(z, x, y int) (int, int) {
		return func(z, x, y int) (int, int) {
			if swap {
				x, y = y, x
			}
			w, e := l.at(x, y)
			return z*step + w, e
		}
	}
	stepB := lb.words()
	if p.shareB {
		stepB = 0
	}
	return pick(la, la.words(), p.transposeA), pick(lb, stepB, p.transposeB)
}

func (p *product) params(per int) map[string]uint32 {
	a, b := p.layouts(per)
	out := map[string]uint32{"m": uint32(p.m), "n": uint32(p.n), "k": uint32(p.k), "batch": uint32(p.batch), "a_step": uint32(a.words()), "b_step": uint32(b.words())}
	if p.shareB {
		out["b_step"] = 0
	}
	return out
}

// operands are random matrices with edges among them: what a product must keep, what the domain leaves out, what overflows.
func (p *product) operands(per int) (a, b []uint32) {
	la, lb := p.layouts(per)
	nb := p.batch
	if p.shareB {
		nb = 1
	}
	a, b = libtest.Normal(p.batch*la.words(), 1, 1), libtest.Normal(nb*lb.words(), 2, 1)
	if per == 2 {
		for i := range a {
			a[i] = a[i]&0xffff0000 | libtest.Normal(len(a), 3, 1)[i]>>16
		}
		more := libtest.Normal(len(b), 4, 1)
		for i := range b {
			b[i] = b[i]&0xffff0000 | more[i]>>16
		}
	}
	return a, b
}

// inDomain is what an operand counts as.
func inDomain(x float32, least float64) float32 {
	if math.Abs(float64(x)) < least {
		return 0
	}
	return x
}

// chain is the order of a product's sums, written down a second time: the chain, and in float64 the sum, that of magnitudes
// and the error allowed.
func chain(k int, term func(k int) (a, b float32), least float64) (got float32, want, limit float64) {
	var magnitude, outside float64
	for first := 0; first < k; first += 256 {
		var block float32
		for i := first; i < min(first+256, k); i++ {
			x, y := term(i)
			want += float64(x) * float64(y)
			magnitude += math.Abs(float64(x) * float64(y))
			if min(math.Abs(float64(x)), math.Abs(float64(y))) < least {
				outside += least * (math.Abs(float64(x)) + math.Abs(float64(y)))
			}
			product := inDomain(x, least) * inDomain(y, least)
			block += product
		}
		got += block
	}
	if magnitude > math.MaxFloat32 { // it may overflow on the way
		return got, want, math.Inf(1)
	}
	return got, want, float64(min(k, 256)+(k+255)/256)*0x1p-24*magnitude + outside
}

// check runs a case of a kernel of numbers: decode reads a term out of its word.
func (p *product) check(t *testing.T, op string, per int, least float64, decode func(word uint32, e int) float32, a, b []uint32, c libtest.Case) {
	elementA, elementB := p.elements(per)
	bias, old := libtest.Normal(p.n, 5, 1), libtest.Garbage(p.batch*p.m*p.n)
	if p.accumulate {
		old = libtest.Normal(p.batch*p.m*p.n, 6, 1)
	}
	out := make([]uint32, len(old))
	want, limit := make([]float64, len(out)), make([]float64, len(out))
	act := activations[p.activation]
	for z := range p.batch {
		for i := range p.m {
			for j := range p.n {
				at := (z*p.m+i)*p.n + j
				v, exact, l := chain(p.k, func(k int) (float32, float32) {
					wa, ea := elementA(z, i, k)
					wb, eb := elementB(z, k, j)
					return decode(a[wa], ea), decode(b[wb], eb)
				}, least)
				if p.accumulate {
					v, exact = number(old[at])+v, exact+float64(number(old[at]))
					l += 0x1p-24 * math.Abs(exact)
				}
				if p.withBias {
					v, exact = v+number(bias[j]), exact+float64(number(bias[j]))
					l += 0x1p-24 * math.Abs(exact)
				}
				v = act.f(v)
				out[at] = word(v)
				// No activation here is steeper than 1.13; a factor out of the domain may be left out.
				want[at], limit[at] = act.exact(exact), 1.2*l+act.units(exact)*0x1p-23*math.Abs(act.exact(exact))+0x1p-50*(1+math.Abs(exact))
				if p.activation == 0 {
					limit[at] = l
				}
				if math.Abs(exact) > math.MaxFloat32 || want[at] != want[at] || limit[at] != limit[at] || math.IsInf(limit[at], 0) {
					want[at], limit[at] = float64(v), 0 // overflow: the bits say what comes out
				}
			}
		}
	}
	c.Name, c.Op, c.Overrides, c.Params = p.name(), op, p.overrides(), p.params(per)
	c.Buffers = [][]uint32{a, b, bias, old}
	c.Bits, c.Want = map[int][]uint32{3: out}, map[int][]float64{3: want}
	c.Error = func(_, i int) float64 { return limit[i] }
	libtest.Run(t, c)
}

// smallBlocks are the tiles for drivers, that take long over large ones.
var smallBlocks = []lib.Tile{
	{"x": 8, "y": 4, "rows": 2, "cols": 2, "depth": 0},
	{"x": 4, "y": 4, "rows": 1, "cols": 2, "depth": 8},
}

// oddTiles have columns whose words are shared by invocations, and workgroups larger and smaller than what they stage.
var oddTiles = []lib.Tile{
	{"x": 4, "y": 4, "rows": 1, "cols": 1, "depth": 0},
	{"x": 4, "y": 1, "rows": 8, "cols": 3, "depth": 128},
	{"x": 12, "y": 4, "rows": 3, "cols": 3, "depth": 4},
	{"x": 8, "y": 8, "rows": 1, "cols": 1, "depth": 4},
}

// oneBlock is one of them.
var oneBlock = []lib.Tile{{"x": 8, "y": 4, "rows": 2, "cols": 1, "depth": 0}}

// noBlock leaves a case to the cpu device.
var noBlock = []lib.Tile{}

// edgeOperands puts what goes wrong easily into single rows of A and columns of B.
func edgeOperands(a, b []uint32, k, n int) {
	inf := float32(math.Inf(1))
	for row, v := range [][]float32{
		{inf}, {-inf, inf}, {float32(math.NaN())}, {1e-45, -1e-40, 0x1p-52, -0x1p-51}, {float32(math.Copysign(0, -1))},
		{0x1p127, 0x1p127, 0x1p127}, {0x1p127, -0x1p127}, {0x1p-51, 0x1.8p-51, 0x1.fffffep-52},
	} {
		for i, x := range v {
			a[row*k+7*i+1] = word(x)
		}
	}
	for i := range k {
		a[9*k+i], a[10*k+i] = word(1e-44), word(float32(math.Copysign(0, -1))) // rows of nothing
	}
	for col, v := range [][]float32{{0}, {inf}, {0x1p-51, 0x1p-50}, {0x1p127, 0x1p127, 0x1p127}, {1e-42, 1e-42}} {
		for i, x := range v {
			b[(7*i+1)*n+col] = word(x)
		}
	}
}

func float(w uint32, _ int) float32 { return number(w) }

func TestMatmulF32(t *testing.T) {
	const least = 0x1p-51
	plain := &product{m: 37, n: 45, k: 300, batch: 1}
	a, b := plain.operands(1)
	edgeOperands(a, b, plain.k, plain.n)
	a[20*plain.k] = 0x7f800001 // a NaN of another kind
	plain.check(t, "matmul_f32", 1, least, float, a, b, libtest.Case{DriverTiles: smallBlocks, MoreTiles: oddTiles})
	for _, p := range []*product{
		{m: 18, n: 21, k: 33, batch: 3, transposeB: true, withBias: true, activation: 1},
		{m: 19, n: 9, k: 20, batch: 2, transposeA: true, shareB: true, accumulate: true},
		{m: 5, n: 6, k: 7, batch: 2, transposeA: true, transposeB: true, accumulate: true, withBias: true, activation: 2},
		{m: 1, n: 70, k: 513, batch: 1},
		{m: 70, n: 1, k: 1, batch: 1, withBias: true, activation: 3},
	} {
		a, b := p.operands(1)
		tiles := oneBlock
		if p.m == 1 || p.n == 1 {
			tiles = noBlock
		}
		p.check(t, "matmul_f32", 1, least, float, a, b, libtest.Case{DriverTiles: tiles, MoreTiles: oddTiles})
	}
}

func bf16(w uint32, e int) float32 { return number(w >> (16 * e) << 16) }

func TestMatmulBF16(t *testing.T) {
	const least = 0x1p-55
	for i, p := range []*product{
		{m: 37, n: 45, k: 301, batch: 1},
		{m: 18, n: 21, k: 33, batch: 2, transposeB: true, withBias: true, activation: 2},
		{m: 19, n: 9, k: 21, batch: 2, transposeA: true, shareB: true, accumulate: true},
		{m: 7, n: 5, k: 9, batch: 1, transposeA: true, transposeB: true, activation: 1},
	} {
		a, b := p.operands(2)
		c := libtest.Case{DriverTiles: oneBlock, MoreTiles: oddTiles}
		if i == 0 {
			c.DriverTiles = smallBlocks
			across := (p.k + 1) / 2
			for row, v := range []uint32{0x7f80, 0xff80, 0x7fc1, 0x0001, 0x8000, 0x23ff, 0x2400, 0x7f7f} {
				a[row*across+3] = a[row*across+3]&0xffff | v<<16
				b[2*row*((p.n+1)/2)] = b[2*row*((p.n+1)/2)]&0xffff0000 | v
			}
			for i := range across { // rows of one term, at the edge of the domain and just below
				a[10*across+i], a[11*across+i] = 0, 0
			}
			a[10*across+4], a[11*across+4] = 0x2400, 0x23ff
		}
		p.check(t, "matmul_bf16", 2, least, bf16, a, b, c)
	}
}

// TestMatmulToBF16 holds the variant that gives bf16 against matmul_bf16 and a rounding.
func TestMatmulToBF16(t *testing.T) {
	for i, p := range []*product{
		{m: 11, n: 45, k: 33, batch: 2},
		{m: 5, n: 34, k: 8, batch: 1, transposeB: true, accumulate: true, withBias: true, activation: 1},
	} {
		a, b := p.operands(2)
		a[2], b[5] = 0x7f807fc1, 0xff7f0001
		elementA, elementB := p.elements(2)
		c := layout{p.batch * p.m, p.n, 2}
		bias, old, out := libtest.Normal(p.n, 5, 1), libtest.Garbage(c.words()), make([]uint32, c.words())
		if p.accumulate {
			old = libtest.Normal(c.words(), 6, 1)
		}
		for z := range p.batch {
			for i := range p.m {
				for j := range p.n {
					v, _, _ := chain(p.k, func(k int) (float32, float32) {
						wa, ea := elementA(z, i, k)
						wb, eb := elementB(z, k, j)
						return bf16(a[wa], ea), bf16(b[wb], eb)
					}, 0x1p-55)
					w, e := c.at(z*p.m+i, j)
					if p.accumulate {
						v = bf16(old[w], e) + v
					}
					if p.withBias {
						v += number(bias[j])
					}
					v = activations[p.activation].f(v)
					half := nearest(float64(v), 7, 8)
					if v != v {
						half = 0x7fc0
					}
					out[w] |= half << (16 * e)
				}
			}
		}
		o := p.overrides()
		o["to_bf16"] = 1
		libtest.Run(t, libtest.Case{Name: p.name(), Op: "matmul_bf16", Overrides: o, Params: p.params(2), Buffers: [][]uint32{a, b, bias, old},
			Bits: map[int][]uint32{3: out}, OnlyTiles: pairTiles, DriverTiles: pairTiles[i : i+1]})
	}
	op, err := lib.Get("matmul_bf16")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := op.Kernel(lib.Tile{"cols": 3}, map[string]float64{"to_bf16": 1}); err == nil {
		t.Error("three columns in an invocation give bf16, want a division by zero")
	}
}

// pairTiles have an even number of columns.
var pairTiles = []lib.Tile{
	{"x": 8, "y": 4, "rows": 2, "cols": 2, "depth": 0},
	{"x": 4, "y": 2, "rows": 1, "cols": 4, "depth": 8},
	{"x": 16, "y": 4, "rows": 4, "cols": 4, "depth": 32},
}

func TestMatmulI8(t *testing.T) {
	for i, p := range []*product{
		{m: 37, n: 45, k: 301, batch: 1},
		{m: 18, n: 21, k: 33, batch: 2, transposeB: true, withBias: true, activation: 1},
		{m: 19, n: 9, k: 21, batch: 2, transposeA: true, shareB: true, accumulate: true},
		{m: 6, n: 5, k: 600, batch: 1, transposeA: true, transposeB: true},
	} {
		a, b := p.operands(4)
		for i := range a { // all bytes come up
			a[i] *= 0x9e3779b1
		}
		for i := range b {
			b[i] *= 0x9e3779b1
		}
		if i == 3 {
			for i := range a {
				a[i] = 0x80808080
			}
			for i := range b {
				b[i] = 0x80808080
			}
		}
		elementA, elementB := p.elements(4)
		n := p.batch * p.m * p.n
		old, rows, cols, bias := libtest.Normal(n, 6, 1), libtest.Normal(p.batch*p.m, 7, 0.01), libtest.Normal(p.n, 8, 0.01), libtest.Normal(p.n, 9, 1)
		sums, scaled := make([]uint32, n), make([]uint32, n)
		want, limit := make([]float64, n), make([]float64, n)
		for z := range p.batch {
			for i := range p.m {
				for j := range p.n {
					sum := int32(0)
					for k := range p.k {
						wa, ea := elementA(z, i, k)
						wb, eb := elementB(z, k, j)
						sum += int32(int8(a[wa]>>(8*ea))) * int32(int8(b[wb]>>(8*eb)))
					}
					at := (z*p.m+i)*p.n + j
					sums[at] = uint32(sum)
					if p.accumulate {
						sums[at] += old[at]
					}
					r, c := number(rows[z*p.m+i]), number(cols[j])
					v := float32(float32(sum) * r)
					v *= c
					exact := float64(sum) * float64(r) * float64(c)
					limit[at] = 3 * 0x1p-24 * math.Abs(exact)
					if p.withBias {
						v += number(bias[j])
						exact += float64(number(bias[j]))
						limit[at] += 0x1p-24 * math.Abs(exact)
					}
					scaled[at], want[at] = word(activations[p.activation].f(v)), activations[p.activation].exact(exact)
				}
			}
		}
		tiles := oneBlock
		if i == 0 {
			tiles = smallBlocks
		}
		exact := *p
		exact.withBias, exact.activation = false, 0
		libtest.Run(t, libtest.Case{Name: exact.name(), Op: "matmul_i8", Overrides: exact.overrides(), Params: p.params(4), Buffers: [][]uint32{a, b, old},
			Bits: map[int][]uint32{2: sums}, DriverTiles: tiles, MoreTiles: oddTiles})
		p.accumulate = false
		libtest.Run(t, libtest.Case{Name: p.name() + ", scaled", Op: "matmul_i8_scaled", Overrides: p.overrides(), Params: p.params(4),
			Buffers: [][]uint32{a, b, rows, cols, bias, libtest.Garbage(n)}, Bits: map[int][]uint32{5: scaled}, Want: map[int][]float64{5: want},
			Error: func(_, i int) float64 { return limit[i] }, DriverTiles: [][]lib.Tile{noBlock, oneBlock}[i%2]})
	}
}

// TestTilesThatDoNotFit: a tile that a text has not the room for is an error, never another result.
func TestTilesThatDoNotFit(t *testing.T) {
	for name, tiles := range map[string][]lib.Tile{
		"matmul_f32":         {{"rows": 9}, {"cols": 5}, {"depth": 24}, {"depth": 512}},
		"matmul_bf16":        {{"x": 3, "cols": 1}, {"y": 3, "rows": 1}, {"depth": 1}},
		"matmul_i8":          {{"x": 2, "cols": 1}, {"y": 1, "rows": 2}, {"depth": 2}},
		"conv2d":             {{"rows": 5}, {"cols": 5}},
		"conv2d_grad_input":  {{"rows": 5}},
		"conv2d_grad_weight": {{"rows": 5}, {"cols": 5}},
	} {
		op, err := lib.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, tile := range tiles {
			if _, err := op.Kernel(tile, nil); err == nil || !strings.Contains(err.Error(), "division by zero") {
				t.Errorf("%s, tile %s: %v, want a division by zero", name, tile, err)
			}
		}
	}
}

// TestMatmulGradient takes the gradients of C = A B from products, as the doc of the family says, and holds them against
// differences in float64.
func TestMatmulGradient(t *testing.T) {
	const m, n, k, least = 6, 7, 9, 0x1p-51
	forward := &product{m: m, n: n, k: k, batch: 1}
	a, b := forward.operands(1)
	g := libtest.Normal(m*n, 3, 1)
	// The loss is the sum of g C, so that the gradient of an element is its difference.
	loss := func(a, b []float64) float64 {
		sum := 0.
		for i := range m {
			for j := range n {
				for l := range k {
					sum += float64(number(g[i*n+j])) * a[i*k+l] * b[l*n+j]
				}
			}
		}
		return sum
	}
	check := func(name string, p *product, x, y []uint32, want []float64) {
		libtest.Run(t, libtest.Case{Name: name, Op: "matmul_f32", Overrides: p.overrides(), Params: p.params(1),
			Buffers: [][]uint32{x, y, libtest.Zeros(1), libtest.Garbage(p.m * p.n)}, Want: map[int][]float64{3: want},
			Error: func(_, i int) float64 { return 1e-5 }, DriverTiles: noBlock})
	}
	da := gradient(libtest.Floats(a), func(a []float64) float64 { return loss(a, libtest.Floats(b)) })
	check("of A", &product{m: m, n: k, k: n, batch: 1, transposeB: true}, g, b, da)
	db := gradient(libtest.Floats(b), func(b []float64) float64 { return loss(libtest.Floats(a), b) })
	check("of B", &product{m: k, n: n, k: m, batch: 1, transposeA: true}, a, g, db)
}
