package irgen

import (
	"math/rand/v2"

	"github.com/gwrun/gwrun/kernels/ir"
)

// tame makes kernels of the kind that library code consists of, about whose values much is certain: integers held in
// floats, numbers of few bits, numbers that are zero if they are small, and their sums and products in loops of few turns.
// An analysis that claims a little too much is wrong on one of them.
type tame struct {
	*ir.Builder
	r      *rand.Rand
	ints   []*ir.Inst
	floats []*ir.Inst
	sums   []*ir.Var
	tile   *ir.Var // private
	shared *ir.Var // a word for each invocation
	at     *ir.Inst
	depth  int
}

// NewTame makes the case of a seed. Its first binding is read, its last written.
func NewTame(seed uint64) *Case {
	r := rand.New(rand.NewPCG(seed, 0xb5297a4d3f84d5b5))
	g := &tame{Builder: ir.NewBuilder("tame", 8, 1, 1), r: r}
	in, out := g.Bind("in", ir.Read, false), g.Bind("out", ir.ReadWrite, false)
	const inputs, results = 64, 6
	c := &Case{Workgroups: [3]uint32{4, 1, 1}, GasLimit: 1 << 20, Buffers: [][]uint32{make([]uint32, inputs), make([]uint32, 32*results)}}
	for i := range c.Buffers[0] {
		switch w := Word(r); r.IntN(7) {
		case 0:
			c.Buffers[0][i] = w&0x807fffff | uint32(20+r.IntN(90))<<23 // small, or a product of two is
		case 1:
			c.Buffers[0][i] = w & 0x80ffffff
		case 2:
			c.Buffers[0][i] = w&0x807fffff | uint32(54+r.IntN(40))<<23 // around the bounds of the domain rule
		case 3:
			c.Buffers[0][i] = w & 0x80ff80ff
		case 4:
			c.Buffers[0][i] = w&0x807fffff | uint32(1+r.IntN(4))<<23 // normal, but hardly
		default:
			c.Buffers[0][i] = w
		}
	}
	for range 2 {
		g.sums = append(g.sums, g.Var("sum", ir.Private, ir.F32, 1))
	}
	g.tile = g.Var("tile", ir.Private, ir.F32, 4)
	g.at = g.Input(ir.GlobalX)
	load := func(n uint32) *ir.Inst {
		return g.Load(in, ir.I32, g.Do(ir.OpAnd, g.Do(ir.OpIAdd, g.Do(ir.OpIMul, g.at, g.Int(5)), g.Int(n)), g.Int(inputs-1)), nil)
	}
	for n := range uint32(4) {
		g.ints = append(g.ints, load(n))
	}
	for range 3 + r.IntN(4) {
		g.leaf()
	}
	for range 4 + r.IntN(8) {
		g.step()
	}
	if r.IntN(2) == 0 {
		g.shared = g.Var("shared", ir.Workgroup, ir.F32, 8)
		g.Set(g.shared, g.Input(ir.LocalX), g.float(), nil)
		g.Barrier()
		g.floats = append(g.floats, g.Get(g.shared, g.Do(ir.OpAnd, g.at, g.Int(7)), nil))
		g.step()
	}
	for n := range uint32(results) {
		v := g.float()
		switch r.IntN(6) {
		case 0:
			v = g.Do(ir.OpFToS, v)
		case 1:
			v = g.Get(g.sums[r.IntN(2)], nil, nil)
		case 2:
			v = g.Do(ir.OpBToI, g.Do(ir.OpFLe, v, g.float()))
		}
		g.Store(out, g.Do(ir.OpIAdd, g.Do(ir.OpIMul, g.at, g.Int(results)), g.Int(n)), v, nil)
	}
	c.Kernel = g.Kernel()
	return c
}

func (g *tame) float() *ir.Inst {
	if n := len(g.floats); n > 5 && g.r.IntN(3) > 0 {
		return g.floats[n-1-g.r.IntN(5)]
	}
	return g.floats[g.r.IntN(len(g.floats))]
}

func (g *tame) put(v *ir.Inst) { g.floats = append(g.floats, v) }

// narrow is an integer of few bits.
func (g *tame) narrow() *ir.Inst {
	w := g.ints[g.r.IntN(len(g.ints))]
	switch g.r.IntN(4) {
	case 0:
		return g.Do(ir.OpAnd, w, g.Int(1<<(1+g.r.IntN(16))-1))
	case 1:
		return g.Do(ir.OpShrU, w, g.Int(uint32(8+g.r.IntN(23))))
	case 2:
		return g.Do(ir.OpUMin, w, g.Int(uint32(1+g.r.IntN(1<<13))))
	}
	n := uint32(8 * g.r.IntN(4))
	return g.Do(ir.OpShrS, g.Do(ir.OpShl, w, g.Int(n)), g.Int(uint32(16+g.r.IntN(10))))
}

// leaf makes a float about which something is known.
func (g *tame) leaf() {
	w := g.ints[g.r.IntN(len(g.ints))]
	switch g.r.IntN(7) {
	case 0, 1:
		g.put(g.Do([]ir.Op{ir.OpSToF, ir.OpUToF}[g.r.IntN(2)], g.narrow()))
	case 2:
		bits := g.Do(ir.OpShl, w, g.Int([]uint32{16, 8, 13}[g.r.IntN(3)]))
		if g.r.IntN(2) == 0 {
			bits = g.Do(ir.OpAnd, w, g.Int([]uint32{0xffff0000, 0xffffe000, 0xfffff000}[g.r.IntN(3)]))
		}
		g.put(g.flushed(g.Do(ir.OpBitcast, bits), bits))
	case 3:
		c := []uint32{0, 0x80000000, 0x3f800000, 0x3f000000, 0xc0000000, 0x40490fdb, 0x26000000, 0x4b000000, 0x00000001}
		g.put(g.Const(ir.F32, c[g.r.IntN(len(c))]))
	default:
		g.put(g.flushed(g.Do(ir.OpBitcast, w), w))
	}
}

// flushed takes small numbers for zero, in one of the ways in which that is written, or does not.
func (g *tame) flushed(x, bits *ir.Inst) *ir.Inst {
	bound := []uint32{0x26000000, 0x24000000, 0x00800000, 0x20000000, 0x25ffffff, 0x0d800000}[g.r.IntN(6)]
	zero := g.Const(ir.F32, 0)
	size := func() *ir.Inst { return g.Do(ir.OpAnd, bits, g.Int(0x7fffffff)) }
	switch g.r.IntN(8) {
	case 0:
		return g.Do(ir.OpSelect, g.Do(ir.OpFLe, g.Const(ir.F32, bound), g.Do(ir.OpFAbs, x)), x, zero)
	case 1:
		return g.Do(ir.OpSelect, g.Do(ir.OpFLt, g.Do(ir.OpFAbs, x), g.Const(ir.F32, bound)), zero, x)
	case 2:
		return g.Do(ir.OpSelect, g.Do(ir.OpULe, g.Int(bound), size()), x, zero)
	case 3:
		return g.Do(ir.OpSelect, g.Do(ir.OpBNot, g.Do(ir.OpULt, size(), g.Int(bound))), x, zero)
	case 4:
		v := g.Var("x", ir.Private, ir.F32, 1)
		g.Set(v, nil, x, nil)
		g.If(g.Do(ir.OpFLt, g.Do(ir.OpFAbs, g.Get(v, nil, nil)), g.Const(ir.F32, bound)), func() { g.Set(v, nil, zero, nil) }, nil)
		return g.Get(v, nil, nil)
	case 5: // neither too small nor too large, nor a NaN
		s := size()
		ok := g.Do(ir.OpBAnd, g.Do(ir.OpULe, g.Int(bound), s), g.Do(ir.OpULt, s, g.Int(0x5a000000)))
		return g.Do(ir.OpSelect, ok, x, zero)
	case 6: // only a half word is looked at
		h := g.Do(ir.OpAnd, bits, g.Int(0x7fff))
		y := g.Do(ir.OpBitcast, g.Do(ir.OpShl, bits, g.Int(16)))
		return g.Do(ir.OpSelect, g.Do(ir.OpULe, g.Int(bound>>16), h), y, zero)
	}
	return x
}

func (g *tame) operation() *ir.Inst {
	x, y := g.float(), g.float()
	switch g.r.IntN(12) {
	case 0:
		return g.Do(ir.OpFNeg, x)
	case 1:
		return g.Do(ir.OpFAbs, x)
	case 2:
		return g.Do(ir.OpSelect, g.Do(ir.OpFLt, x, y), x, g.float())
	case 3:
		return g.Do([]ir.Op{ir.OpFMin, ir.OpFMax}[g.r.IntN(2)], x, y)
	case 4, 5, 6:
		return g.Do(ir.OpFAdd, x, y)
	case 7:
		return g.Do(ir.OpFSub, x, y)
	}
	return g.Do(ir.OpFMul, x, y)
}

// maybe gives a variable one of two values and then asks about one of them: what the answer says of the variable depends
// on the way that was taken.
func (g *tame) maybe() {
	v, x := g.sums[g.r.IntN(2)], g.float()
	g.If(g.Do(ir.OpFLt, g.float(), g.float()), func() { g.Set(v, nil, x, nil) }, nil)
	g.If(g.Do(ir.OpFLt, g.Do(ir.OpFAbs, x), g.Const(ir.F32, 0x3f800000)), func() {
		g.Set(v, nil, g.Do(ir.OpFMul, g.Get(v, nil, nil), g.Const(ir.F32, 0x3f000000)), nil)
	}, func() {
		g.Set(v, nil, g.Do(ir.OpFAdd, g.Get(v, nil, nil), g.Const(ir.F32, 0x3f800000)), nil)
	})
	g.put(g.Get(v, nil, nil))
}

func (g *tame) step() {
	switch n := g.r.IntN(11); {
	case n < 2:
		g.leaf()
	case n == 10:
		g.maybe()
	case n < 3:
		g.Set(g.tile, g.Do(ir.OpAnd, g.at, g.Int(3)), g.float(), nil)
		g.put(g.Get(g.tile, g.Int(uint32(g.r.IntN(4))), nil))
	case n < 4 && g.depth < 2:
		g.depth++
		v := g.sums[g.r.IntN(2)]
		old := len(g.floats)
		g.If(g.Do(ir.OpFLt, g.float(), g.float()), func() {
			g.step()
			g.Set(v, nil, g.float(), nil)
		}, nil)
		g.floats = g.floats[:old]
		g.put(g.Get(v, nil, nil))
		g.depth--
	case n < 7 && g.depth < 2:
		g.depth++
		g.loop()
		g.depth--
	default:
		g.put(g.operation())
	}
}

// loop adds up products, or anything, in a few turns or a few more.
func (g *tame) loop() {
	v := g.sums[g.r.IntN(2)]
	if g.r.IntN(2) == 0 {
		g.Set(v, nil, g.Const(ir.F32, 0), nil)
	}
	n := g.Var("n", ir.Private, ir.I32, 1)
	g.Set(n, nil, g.Int(uint32(g.r.IntN(3))), nil)
	end := g.Int(uint32(1 + g.r.IntN(9)))
	switch {
	case g.r.IntN(2) == 0:
		end = g.Do(ir.OpUMin, g.Int(uint32(1+g.r.IntN(9))), g.narrow())
	case g.r.IntN(3) == 0:
		end = g.Int(24)
	}
	old := len(g.floats)
	g.Loop(func(l *ir.Inst) {
		i := g.Get(n, nil, nil)
		g.If(g.Do(ir.OpULe, end, i), func() { g.Exit(l) }, nil)
		if g.r.IntN(3) == 0 {
			g.put(g.Do(ir.OpUToF, i))
		}
		if g.r.IntN(4) == 0 {
			g.step()
		}
		for range 1 + g.r.IntN(2) {
			term := g.Do(ir.OpFMul, g.float(), g.float())
			if g.r.IntN(3) == 0 {
				term = g.Do(ir.OpFAdd, term, g.Do(ir.OpFMul, g.float(), g.float()))
			}
			sum := g.Do([]ir.Op{ir.OpFAdd, ir.OpFAdd, ir.OpFSub}[g.r.IntN(3)], g.Get(v, nil, nil), term)
			g.Set(v, nil, sum, nil)
		}
	}, func() *ir.Inst {
		g.Set(n, nil, g.Do(ir.OpIAdd, g.Get(n, nil, nil), g.Int(uint32(1+g.r.IntN(2)))), nil)
		return nil
	})
	g.floats = g.floats[:old]
	g.put(g.Get(v, nil, nil))
}
