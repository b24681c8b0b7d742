package probe

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/interp"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
)

// test is one kernel of the battery, a dispatch of it and what must come out.
type test struct {
	name   string
	kernel *kernels.Kernel
	in     [][]uint32 // by binding
	groups [3]uint32
	out    [][]uint32 // by binding, nil for those that are only read
	gas    uint64
	cases  int
	// long marks the test of a very long loop, which a device may also give up with a LostError: some drivers have a
	// bound of their own, and all that matters is that the device notices. It is the last one.
	long bool
	// what names a word of the last binding for the report of a difference; nil if its number says enough.
	what func(word int) string
}

const (
	group   = 64
	groups  = 96
	samples = group * groups // operand tuples for each operator
	gasMax  = 1 << 24
)

// battery makes the tests once for the process. Those that adapters most often fail come first.
var battery = sync.OnceValues(func() ([]*test, error) {
	var b maker
	b.operands()
	b.hazards()
	b.loops()
	b.operators()
	b.random()
	b.long()
	for _, t := range b.tests {
		if err := t.solve(); err != nil {
			return nil, err
		}
	}
	return b.tests, nil
})

// solve finds what must come out.
func (t *test) solve() error {
	d := interp.Dispatch{Kernel: t.kernel.IR, Workgroups: t.groups, GasLimit: gasMax}
	for _, w := range t.in {
		d.Buffers = append(d.Buffers, append([]uint32(nil), w...))
	}
	var err error
	if t.gas, err = d.Run(context.Background()); err != nil {
		return fmt.Errorf("probe: kernel %s: %w", t.name, err)
	}
	t.out = make([][]uint32, len(t.in))
	for i, b := range t.kernel.IR.Bindings {
		if b.Access == ir.ReadWrite {
			t.out[i] = d.Buffers[i]
			t.cases += len(d.Buffers[i])
		}
	}
	return nil
}

type maker struct {
	tests   []*test
	r       *rand.Rand
	a, b, c []uint32
}

func (m *maker) add(t *test, k *ir.Kernel) {
	t.kernel = kernels.NewKernel(t.name, "", nil, k)
	m.tests = append(m.tests, t)
}

// operands fills the operand tables: all pairs of the hard values, then random words, then floats whose sums cancel and
// whose products and quotients come out near the ends of the range.
func (m *maker) operands() {
	m.r = rand.New(rand.NewPCG(1, 2))
	s := irgen.Special
	float := func(low, high int) uint32 {
		return m.r.Uint32()&0x807fffff | uint32(low+m.r.IntN(high-low))<<23
	}
	for i := range samples {
		a, b, c := irgen.Word(m.r), irgen.Word(m.r), irgen.Word(m.r)
		switch {
		case i < len(s)*len(s):
			a, b = s[i/len(s)], s[i%len(s)]
		case i%8 == 0: // a+b cancels nearly or wholly
			a = float(1, 255)
			b = a ^ 0x80000000 ^ uint32(m.r.IntN(4))
			c = float(1, 255)
		case i%8 == 1: // a*b near the least normal number
			a = float(1, 126)
			b = m.r.Uint32()&0x807fffff | (127-a>>23&255+uint32(m.r.IntN(3)))<<23
			c = float(1, 4)
		case i%8 == 2: // a/b likewise
			a = float(1, 100)
			b = m.r.Uint32()&0x807fffff | (a>>23&255+125+uint32(m.r.IntN(4)))<<23
			c = a ^ 0x80000000
		case i%8 == 3: // where the functions have their interesting values
			a, b, c = float(96, 135), float(96, 135), float(96, 135)
		case i%8 == 4: // half-way sums
			a = float(60, 190)
			b = (a>>23&255 - uint32(23+m.r.IntN(3))) << 23
			c = b ^ 0x80000000
		case i%8 == 5: // subnormals
			a = m.r.Uint32() & 0x80ffffff
			b = m.r.Uint32() & 0x80ffffff
			c = m.r.Uint32() & 0x80ffffff
		}
		m.a, m.b, m.c = append(m.a, a), append(m.b, b), append(m.c, c)
	}
}

// formula is a value worked out from three operands in a row of the tables.
type formula struct {
	name string
	eval func(b *ir.Builder, f, i [3]*ir.Inst) *ir.Inst // operands as F32 and as I32
}

// formulas makes kernels that each work out a few formulas for every row.
func (m *maker) formulas(name string, list []formula, each int) {
	for n := 0; n < len(list); n += each {
		part := list[n:min(n+each, len(list))]
		b := ir.NewBuilder(fmt.Sprintf("%s%d", name, n), group, 1, 1)
		b.Bind("a", ir.Read, false)
		b.Bind("b", ir.Read, false)
		b.Bind("c", ir.Read, false)
		out := b.Bind("out", ir.ReadWrite, false)
		at := b.Input(ir.GlobalX)
		var f, i [3]*ir.Inst
		for x := range f {
			f[x], i[x] = b.Load(x, ir.F32, at, nil), b.Load(x, ir.I32, at, nil)
		}
		first := b.Do(ir.OpIMul, at, b.Int(uint32(len(part))))
		for j, p := range part {
			v := p.eval(b, f, i)
			if v.Type == ir.Bool {
				v = b.Do(ir.OpBToI, v)
			}
			b.Store(out, b.Do(ir.OpIAdd, first, b.Int(uint32(j))), v, nil)
		}
		m.add(&test{name: fmt.Sprintf("%s %d", name, n), groups: [3]uint32{groups, 1, 1},
			in: [][]uint32{m.a, m.b, m.c, make([]uint32, samples*len(part))},
			what: func(word int) string {
				row := word / len(part)
				return fmt.Sprintf("%s for a=%#08x b=%#08x c=%#08x", part[word%len(part)].name, m.a[row], m.b[row], m.c[row])
			}}, b.Kernel())
	}
}

// operators tests each pure operator by itself.
func (m *maker) operators() {
	var cheap, dear []formula
	for op := ir.OpInvalid; op < ir.NumOps; op++ {
		if !ir.IsPure(op) {
			continue
		}
		types := [][]ir.Type{ir.OperandTypes(op)}
		switch op {
		case ir.OpIEq, ir.OpINe:
			types = [][]ir.Type{{ir.I32, ir.I32}, {ir.Bool, ir.Bool}}
		case ir.OpBitcast:
			types = [][]ir.Type{{ir.I32}, {ir.F32}}
		case ir.OpSelect:
			types = [][]ir.Type{{ir.Bool, ir.I32, ir.I32}, {ir.Bool, ir.F32, ir.F32}, {ir.Bool, ir.Bool, ir.Bool}}
		}
		for _, ts := range types {
			f := formula{op.String(), func(b *ir.Builder, f, i [3]*ir.Inst) *ir.Inst {
				var args []*ir.Inst
				for n, t := range ts {
					switch t {
					case ir.F32:
						args = append(args, f[n])
					case ir.I32:
						args = append(args, i[n])
					default: // some bit of the operand
						bit := b.Do(ir.OpAnd, i[n], b.Int(1<<(n*7)))
						args = append(args, b.Do(ir.OpINe, bit, b.Int(0)))
					}
				}
				return b.Do(op, args...)
			}}
			if op >= ir.OpFExp && op <= ir.OpFInvSqrt || op == ir.OpFFma {
				dear = append(dear, f)
			} else {
				cheap = append(cheap, f)
			}
		}
	}
	m.formulas("operators", cheap, 12)
	m.formulas("functions", dear, 1)
}

// hazards are the expressions that compilers and hardware are known to bend.
func (m *maker) hazards() {
	type v = *ir.Inst
	do := func(op ir.Op) func(b *ir.Builder, x ...v) v {
		return func(b *ir.Builder, x ...v) v { return b.Do(op, x...) }
	}
	add, sub, mul, div := do(ir.OpFAdd), do(ir.OpFSub), do(ir.OpFMul), do(ir.OpFDiv)
	sqrt, neg, abs := do(ir.OpFSqrt), do(ir.OpFNeg), do(ir.OpFAbs)
	lit := func(b *ir.Builder, x float32) v { return b.Const(ir.F32, math.Float32bits(x)) }
	var list []formula
	h := func(name string, eval func(b *ir.Builder, x [3]v) v) {
		list = append(list, formula{name, func(b *ir.Builder, f, _ [3]v) v { return eval(b, f) }})
	}
	h("(a+b)-a", func(b *ir.Builder, x [3]v) v { return sub(b, add(b, x[0], x[1]), x[0]) })
	h("(a-b)+b", func(b *ir.Builder, x [3]v) v { return add(b, sub(b, x[0], x[1]), x[1]) })
	h("a*b+c", func(b *ir.Builder, x [3]v) v { return add(b, mul(b, x[0], x[1]), x[2]) })
	h("a*b-c", func(b *ir.Builder, x [3]v) v { return sub(b, mul(b, x[0], x[1]), x[2]) })
	h("c-a*b", func(b *ir.Builder, x [3]v) v { return sub(b, x[2], mul(b, x[0], x[1])) })
	h("a*b+a*c", func(b *ir.Builder, x [3]v) v { return add(b, mul(b, x[0], x[1]), mul(b, x[0], x[2])) })
	h("(a*3)*5", func(b *ir.Builder, x [3]v) v { return mul(b, mul(b, x[0], lit(b, 3)), lit(b, 5)) })
	h("(a+.1)+.3", func(b *ir.Builder, x [3]v) v { return add(b, add(b, x[0], lit(b, .1)), lit(b, .3)) })
	h("a-a", func(b *ir.Builder, x [3]v) v { return sub(b, x[0], x[0]) })
	h("a+(-a)", func(b *ir.Builder, x [3]v) v { return add(b, x[0], neg(b, x[0])) })
	h("a*b-a*b", func(b *ir.Builder, x [3]v) v { return sub(b, mul(b, x[0], x[1]), mul(b, x[0], x[1])) })
	h("a/a", func(b *ir.Builder, x [3]v) v { return div(b, x[0], x[0]) })
	h("a/b*b", func(b *ir.Builder, x [3]v) v { return mul(b, div(b, x[0], x[1]), x[1]) })
	h("1/(1/a)", func(b *ir.Builder, x [3]v) v { return div(b, lit(b, 1), div(b, lit(b, 1), x[0])) })
	h("sqrt(a)*sqrt(a)", func(b *ir.Builder, x [3]v) v { return mul(b, sqrt(b, x[0]), sqrt(b, x[0])) })
	h("sqrt(a*a)", func(b *ir.Builder, x [3]v) v { return sqrt(b, mul(b, x[0], x[0])) })
	h("1/sqrt(a)", func(b *ir.Builder, x [3]v) v { return div(b, lit(b, 1), sqrt(b, x[0])) })
	h("-(a-b)", func(b *ir.Builder, x [3]v) v { return neg(b, sub(b, x[0], x[1])) })
	h("-(a*b)+c", func(b *ir.Builder, x [3]v) v { return add(b, neg(b, mul(b, x[0], x[1])), x[2]) })
	h("-(a*b)", func(b *ir.Builder, x [3]v) v { return neg(b, mul(b, x[0], x[1])) })
	h("-(a+b)", func(b *ir.Builder, x [3]v) v { return neg(b, add(b, x[0], x[1])) })
	h("-a*b", func(b *ir.Builder, x [3]v) v { return mul(b, neg(b, x[0]), x[1]) })
	h("-a*-b", func(b *ir.Builder, x [3]v) v { return mul(b, neg(b, x[0]), neg(b, x[1])) })
	h("-a+b", func(b *ir.Builder, x [3]v) v { return add(b, neg(b, x[0]), x[1]) })
	h("a--b", func(b *ir.Builder, x [3]v) v { return sub(b, x[0], neg(b, x[1])) })
	h("-a/b", func(b *ir.Builder, x [3]v) v { return div(b, neg(b, x[0]), x[1]) })
	h("abs(a)*b", func(b *ir.Builder, x [3]v) v { return mul(b, abs(b, x[0]), x[1]) })
	h("-abs(a)+b", func(b *ir.Builder, x [3]v) v { return add(b, neg(b, abs(b, x[0])), x[1]) })
	h("abs(a*b)", func(b *ir.Builder, x [3]v) v { return abs(b, mul(b, x[0], x[1])) })
	h("a+b+c", func(b *ir.Builder, x [3]v) v { return add(b, add(b, x[0], x[1]), x[2]) })
	h("a+(b+c)", func(b *ir.Builder, x [3]v) v { return add(b, x[0], add(b, x[1], x[2])) })
	h("a*b*c", func(b *ir.Builder, x [3]v) v { return mul(b, mul(b, x[0], x[1]), x[2]) })
	h("a*(b*c)", func(b *ir.Builder, x [3]v) v { return mul(b, x[0], mul(b, x[1], x[2])) })
	h("a*b/c", func(b *ir.Builder, x [3]v) v { return div(b, mul(b, x[0], x[1]), x[2]) })
	h("(a*2)*.5", func(b *ir.Builder, x [3]v) v { return mul(b, mul(b, x[0], lit(b, 2)), lit(b, .5)) })
	h("!(a<b)", func(b *ir.Builder, x [3]v) v { return b.Do(ir.OpBNot, b.Do(ir.OpFLt, x[0], x[1])) })
	h("a+b<a", func(b *ir.Builder, x [3]v) v { return b.Do(ir.OpFLt, add(b, x[0], x[1]), x[0]) })
	h("a<b?a:b", func(b *ir.Builder, x [3]v) v { return b.Do(ir.OpSelect, b.Do(ir.OpFLt, x[0], x[1]), x[0], x[1]) })
	h("min(max(a+b,0),1)", func(b *ir.Builder, x [3]v) v {
		return b.Do(ir.OpFMin, b.Do(ir.OpFMax, add(b, x[0], x[1]), lit(b, 0)), lit(b, 1))
	})
	h("floor(a+.5)", func(b *ir.Builder, x [3]v) v { return b.Do(ir.OpFFloor, add(b, x[0], lit(b, .5))) })
	h("f32(i32(a*b))", func(b *ir.Builder, x [3]v) v { return b.Do(ir.OpSToF, b.Do(ir.OpFToS, mul(b, x[0], x[1]))) })
	for _, c := range [][2]float32{{-1, 0}, {1, float32(math.Copysign(0, -1))}, {1, 0}} {
		bits := [2]uint32{math.Float32bits(c[0]), math.Float32bits(c[1])}
		h(fmt.Sprintf("a<b?%v:%v", c[0], c[1]), func(b *ir.Builder, x [3]v) v {
			return b.Do(ir.OpSelect, b.Do(ir.OpFLt, x[0], x[1]), lit(b, c[0]), lit(b, c[1]))
		})
		h(fmt.Sprintf("a<b?%#x:%#x", bits[0], bits[1]), func(b *ir.Builder, x [3]v) v {
			return b.Do(ir.OpSelect, b.Do(ir.OpFLt, x[0], x[1]), b.Int(bits[0]), b.Int(bits[1]))
		})
		h(fmt.Sprintf("if a<b %#x else %#x", bits[0], bits[1]), func(b *ir.Builder, x [3]v) v {
			to := b.Var("to", ir.Private, ir.I32, 1)
			b.If(b.Do(ir.OpFLt, x[0], x[1]), func() { b.Set(to, nil, b.Int(bits[0]), nil) },
				func() { b.Set(to, nil, b.Int(bits[1]), nil) })
			return b.Get(to, nil, nil)
		})
	}
	h("f32(a<b)*c", func(b *ir.Builder, x [3]v) v {
		return mul(b, b.Do(ir.OpSelect, b.Do(ir.OpFLt, x[0], x[1]), lit(b, 1), lit(b, 0)), x[2])
	})
	for _, c := range []float32{0, float32(math.Copysign(0, -1)), 1, -1, .5, 2, 3, .1, 1e-40, float32(math.Inf(1))} {
		h(fmt.Sprintf("a+%v", c), func(b *ir.Builder, x [3]v) v { return add(b, x[0], lit(b, c)) })
		h(fmt.Sprintf("%v-a", c), func(b *ir.Builder, x [3]v) v { return sub(b, lit(b, c), x[0]) })
		h(fmt.Sprintf("a*%v", c), func(b *ir.Builder, x [3]v) v { return mul(b, x[0], lit(b, c)) })
		h(fmt.Sprintf("a/%v", c), func(b *ir.Builder, x [3]v) v { return div(b, x[0], lit(b, c)) })
		h(fmt.Sprintf("%v/a", c), func(b *ir.Builder, x [3]v) v { return div(b, lit(b, c), x[0]) })
	}
	// The products of bfloat16 and of small integers, as library kernels do them.
	list = append(list, formula{"bf16 product", func(b *ir.Builder, _, i [3]v) v {
		up := func(x v) v { return b.Do(ir.OpBitcast, b.Do(ir.OpShl, x, b.Int(16))) }
		return add(b, mul(b, up(i[0]), up(i[1])), up(i[2]))
	}})
	// An integer, exact in whatever a driver makes of it, or a product that may be -0, in one variable.
	list = append(list, formula{"n or n*-.3", func(b *ir.Builder, f, i [3]v) v {
		n := b.Do(ir.OpSToF, b.Do(ir.OpAnd, i[0], b.Int(3)))
		to := b.Var("to", ir.Private, ir.F32, 1)
		b.If(b.Do(ir.OpFLt, f[1], f[2]), func() { b.Set(to, nil, n, nil) }, func() { b.Set(to, nil, mul(b, n, lit(b, -.3)), nil) })
		return b.Get(to, nil, nil)
	}}, formula{"b<c?n:n*-.3", func(b *ir.Builder, f, i [3]v) v {
		n := b.Do(ir.OpSToF, b.Do(ir.OpAnd, i[0], b.Int(3)))
		return b.Do(ir.OpSelect, b.Do(ir.OpFLt, f[1], f[2]), n, mul(b, n, lit(b, -.3)))
	}})
	m.formulas("hazards", list, 12)
}

// loops are kernels with control flow: sums and products along the tables, Horner's rule, a reduction in workgroup
// memory.
func (m *maker) loops() {
	type v = *ir.Inst
	b := ir.NewBuilder("loops", group, 1, 1)
	b.Bind("a", ir.Read, false)
	b.Bind("b", ir.Read, false)
	out := b.Bind("out", ir.ReadWrite, false)
	at := b.Input(ir.GlobalX)
	const outs = 5
	first := b.Do(ir.OpIMul, at, b.Int(outs))
	count := b.Var("n", ir.Private, ir.I32, 1)
	loop := func(n uint32, body func(j v)) {
		b.Set(count, nil, b.Int(0), nil)
		b.Loop(func(l v) {
			b.If(b.Do(ir.OpULe, b.Int(n), b.Get(count, nil, nil)), func() { b.Exit(l) }, nil)
			body(b.Get(count, nil, nil))
		}, func() v {
			b.Set(count, nil, b.Do(ir.OpIAdd, b.Get(count, nil, nil), b.Int(1)), nil)
			return nil
		})
	}
	table := func(binding int, j v) v {
		return b.Load(binding, ir.F32, b.Do(ir.OpURem, b.Do(ir.OpIAdd, at, j), b.Int(samples)), nil)
	}
	put := func(n uint32, x v) { b.Store(out, b.Do(ir.OpIAdd, first, b.Int(n)), x, nil) }
	sum := b.Var("sum", ir.Private, ir.F32, 1)
	loop(9, func(j v) { b.Set(sum, nil, b.Do(ir.OpFAdd, b.Get(sum, nil, nil), table(0, j)), nil) })
	put(0, b.Get(sum, nil, nil))
	dot := b.Var("dot", ir.Private, ir.F32, 1)
	loop(3, func(j v) {
		p := b.Do(ir.OpFMul, table(0, j), table(1, j))
		b.Set(dot, nil, b.Do(ir.OpFAdd, b.Get(dot, nil, nil), p), nil)
	})
	put(1, b.Get(dot, nil, nil))
	horner := b.Var("horner", ir.Private, ir.F32, 1)
	x := b.Do(ir.OpFMin, b.Do(ir.OpFAbs, table(0, b.Int(0))), b.Const(ir.F32, math.Float32bits(1.5)))
	loop(7, func(j v) {
		p := b.Do(ir.OpFMul, b.Get(horner, nil, nil), x)
		b.Set(horner, nil, b.Do(ir.OpFAdd, p, b.Const(ir.F32, math.Float32bits(.3))), nil)
	})
	put(2, b.Get(horner, nil, nil))
	// Until the difference between two steps of a root by Newton's rule is no more than the last bit.
	root := b.Var("root", ir.Private, ir.F32, 1)
	b.Set(root, nil, b.Const(ir.F32, math.Float32bits(1)), nil)
	y := b.Do(ir.OpFAdd, x, b.Const(ir.F32, math.Float32bits(.5)))
	loop(20, func(j v) {
		r := b.Get(root, nil, nil)
		next := b.Do(ir.OpFMul, b.Do(ir.OpFAdd, r, b.Do(ir.OpFDiv, y, r)), b.Const(ir.F32, math.Float32bits(.5)))
		b.Set(root, nil, next, nil)
		b.If(b.Do(ir.OpFEq, next, r), func() { b.Set(count, nil, b.Int(100), nil) }, nil)
	})
	put(3, b.Get(root, nil, nil))
	// Each workgroup sums its part of the table as a tree.
	shared := b.Var("shared", ir.Workgroup, ir.F32, group)
	local := b.Input(ir.LocalX)
	before := b.Get(shared, local, nil) // zero, whatever ran on the device before
	b.Barrier()
	b.Set(shared, local, b.Do(ir.OpFAdd, table(1, b.Int(0)), before), nil)
	b.Barrier()
	half := b.Var("half", ir.Private, ir.I32, 1)
	b.Set(half, nil, b.Int(group/2), nil)
	b.Loop(func(l v) {
		n := b.Get(half, nil, nil)
		b.If(b.Do(ir.OpIEq, n, b.Int(0)), func() { b.Exit(l) }, nil)
		b.If(b.Do(ir.OpULt, local, n), func() {
			s := b.Do(ir.OpFAdd, b.Get(shared, local, nil), b.Get(shared, b.Do(ir.OpIAdd, local, n), nil))
			b.Set(shared, local, s, nil)
		}, nil)
		b.Barrier()
		b.Set(half, nil, b.Do(ir.OpShrU, n, b.Int(1)), nil)
	}, nil)
	put(4, b.Get(shared, b.Int(0), nil))
	names := [outs]string{"sum in a loop", "dot product", "Horner's rule", "Newton's rule", "workgroup reduction"}
	m.add(&test{name: "loops", groups: [3]uint32{groups, 1, 1}, in: [][]uint32{m.a, m.b, make([]uint32, samples*outs)},
		what: func(word int) string { return fmt.Sprintf("%s, row %d", names[word%outs], word/outs) }}, b.Kernel())
}

// long is a loop of more iterations than fit 16 bits.
func (m *maker) long() {
	b := ir.NewBuilder("long", 1, 1, 1)
	out := b.Bind("out", ir.ReadWrite, false)
	at := b.Input(ir.GlobalX)
	n := b.Var("n", ir.Private, ir.I32, 1)
	sum := b.Var("sum", ir.Private, ir.I32, 1)
	limit := b.Do(ir.OpIAdd, at, b.Int(70000))
	b.Loop(func(l *ir.Inst) {
		i := b.Get(n, nil, nil)
		b.If(b.Do(ir.OpULe, limit, i), func() { b.Exit(l) }, nil)
		b.Set(sum, nil, b.Do(ir.OpXor, b.Do(ir.OpIMul, b.Get(sum, nil, nil), b.Int(3)), i), nil)
	}, func() *ir.Inst {
		b.Set(n, nil, b.Do(ir.OpIAdd, b.Get(n, nil, nil), b.Int(1)), nil)
		return nil
	})
	b.Store(out, at, b.Get(sum, nil, nil), nil)
	m.add(&test{name: "long loop", groups: [3]uint32{1, 1, 1}, in: [][]uint32{make([]uint32, 1)}, long: true}, b.Kernel())
}

// random adds kernels from the generator that device tests use.
func (m *maker) random() {
	for seed := range uint64(12) {
		c := irgen.New(seed, irgen.Options{})
		m.add(&test{name: fmt.Sprintf("random %d", seed), groups: c.Workgroups, in: c.Buffers}, c.Kernel)
	}
}
