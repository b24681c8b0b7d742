package devicetest

import (
	"math/rand/v2"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
)

// signatures gives the operand types under which an operator is tested.
func signatures(op ir.Op) [][]ir.Type {
	switch op {
	case ir.OpIEq, ir.OpINe:
		return [][]ir.Type{{ir.I32, ir.I32}, {ir.Bool, ir.Bool}}
	case ir.OpBitcast:
		return [][]ir.Type{{ir.I32}, {ir.F32}}
	case ir.OpSelect:
		return [][]ir.Type{{ir.Bool, ir.I32, ir.I32}, {ir.Bool, ir.F32, ir.F32}, {ir.Bool, ir.Bool, ir.Bool}}
	}
	return [][]ir.Type{ir.OperandTypes(op)}
}

// asType makes a value of type t from a loaded word, asBits a word from a value.
func asType(b *ir.Builder, t ir.Type, buffer int, i *ir.Inst) *ir.Inst {
	if t == ir.Bool {
		return b.Do(ir.OpINe, b.Load(buffer, ir.I32, i, nil), b.Int(0))
	}
	return b.Load(buffer, t, i, nil)
}

func asBits(b *ir.Builder, v *ir.Inst) *ir.Inst {
	if v.Type == ir.Bool {
		return b.Do(ir.OpBToI, v)
	}
	return v
}

const perGroup = 64

// opKernel applies an operator to in[n*i..] for every invocation i: binding 0 has the operands side by side, binding 1
// takes the results.
func opKernel(op ir.Op, types []ir.Type) *ir.Kernel {
	b := ir.NewBuilder(op.String(), perGroup, 1, 1)
	in, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	i := b.Input(ir.GlobalX)
	args := make([]*ir.Inst, len(types))
	for n, t := range types {
		at := b.Do(ir.OpIAdd, b.Do(ir.OpIMul, i, b.Int(uint32(len(types)))), b.Int(uint32(n)))
		args[n] = asType(b, t, in, at)
	}
	b.Store(out, i, asBits(b, b.Do(op, args...)), nil)
	return b.Kernel()
}

// operands gives tuples of n words, a multiple of perGroup of them: all pairs of special words, and random ones.
func operands(n int, seed uint64) []uint32 {
	r := rand.New(rand.NewPCG(seed, 1))
	var words []uint32
	add := func(w ...uint32) { words = append(words, w...) }
	switch n {
	case 1:
		for _, a := range irgen.Special {
			add(a, a^1<<31, a+1, a-1)
		}
	case 2:
		for _, a := range irgen.Special {
			for _, b := range irgen.Special {
				add(a, b)
			}
		}
	}
	for len(words)/n < 2400 || len(words)/n%perGroup != 0 {
		first := irgen.Word(r)
		add(first)
		for range n - 1 {
			if r.IntN(4) == 0 { // equal operands, or nearly so
				add(first ^ uint32(r.IntN(2)) ^ uint32(r.IntN(2))<<31)
			} else {
				add(irgen.Word(r))
			}
		}
	}
	return words
}

func testOperators(t *testing.T, d kernels.Device) {
	for op := ir.OpIAdd; op <= ir.OpSelect; op++ {
		if !ir.IsPure(op) {
			continue
		}
		t.Run(op.String(), func(t *testing.T) {
			for n, types := range signatures(op) {
				in := operands(len(types), uint64(op)*4+uint64(n))
				for i, t := range types {
					if t == ir.Bool {
						for j := i; j < len(in); j += len(types) {
							in[j] &= 1
						}
					}
				}
				tuples := len(in) / len(types)
				c := &irgen.Case{Kernel: opKernel(op, types), Workgroups: [3]uint32{uint32(tuples / perGroup), 1, 1},
					Buffers: [][]uint32{in, make([]uint32, tuples)}, GasLimit: plenty}
				got, _, err := Dispatch(d, c)
				if err != nil {
					t.Fatal(err)
				}
				wrong := 0
				for j := range tuples {
					var a [3]uint32
					copy(a[:], in[j*len(types):(j+1)*len(types)])
					want := ir.Eval(op, a[0], a[1], a[2])
					if got[1][j] != want {
						if wrong++; wrong <= 5 {
							t.Errorf("%s%v of %#08x is %#08x, want %#08x", op, types, a[:len(types)], got[1][j], want)
						}
					}
				}
				if wrong > 5 {
					t.Errorf("%s%v: %d of %d wrong", op, types, wrong, tuples)
				}
			}
		})
	}
}

// testConstants has operators meet constants, where a compiler may fold or choose another instruction.
func testConstants(t *testing.T, d kernels.Device) {
	consts := []uint32{0, 1, 2, 3, 5, 10, 31, 32, 0x7fffffff, 1 << 31, 0xffffffff, 0x3f800000, 0x40400000, 0xbf800000,
		0x7f800000, 0x00000001, 0x80000000, 0x7fc00000, 0x3dcccccd, 0x40a00000}
	for op := ir.OpIAdd; op <= ir.OpSelect; op++ {
		types := ir.OperandTypes(op)
		if len(types) != 2 || types[0] == ir.Bool {
			continue
		}
		b := ir.NewBuilder(op.String()+" consts", perGroup, 1, 1)
		in, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
		i := b.Input(ir.GlobalX)
		x := b.Load(in, types[0], i, nil)
		stride := uint32(2*len(consts) + 1)
		at := b.Do(ir.OpIMul, i, b.Int(stride))
		put := func(n int, v *ir.Inst) {
			b.Store(out, b.Do(ir.OpIAdd, at, b.Int(uint32(n))), asBits(b, v), nil)
		}
		for n, c := range consts {
			put(2*n, b.Do(op, x, b.Const(types[1], c)))
			put(2*n+1, b.Do(op, b.Const(types[0], c), x))
		}
		put(2*len(consts), b.Do(op, b.Const(types[0], consts[int(op)%len(consts)]), b.Const(types[1], consts[11])))
		words := operands(1, 99)[:2*perGroup]
		t.Run(op.String(), func(t *testing.T) {
			check(t, d, b.Kernel(), [3]uint32{2, 1, 1}, words, make([]uint32, 2*perGroup*stride))
		})
	}
}

// testNaNs follows a NaN that arithmetic made to every place where its bits can be seen, and NaNs that were loaded,
// whose bits must stay.
func testNaNs(t *testing.T, d kernels.Device) {
	nans := []uint32{0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7fffffff, 0xffffffff, 0x7fa55555, 0x3f800000}
	b := ir.NewBuilder("nans", 8, 1, 1)
	in, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	v := b.Var("v", ir.Private, ir.F32, 1)
	a := b.Var("a", ir.Private, ir.F32, 4)
	w := b.Var("w", ir.Workgroup, ir.F32, 8)
	i := b.Input(ir.LocalIndex)
	x := b.Load(in, ir.F32, i, nil)
	minus := b.Do(ir.OpFNeg, x)
	inf := b.Const(ir.F32, 0x7f800000)
	made := []*ir.Inst{
		b.Do(ir.OpFAdd, x, inf), b.Do(ir.OpFAdd, inf, x), b.Do(ir.OpFMul, x, x), b.Do(ir.OpFSub, inf, inf),
		b.Do(ir.OpFDiv, x, minus), b.Do(ir.OpFSqrt, b.Do(ir.OpFSub, b.Const(ir.F32, 0), b.Do(ir.OpFAbs, x))),
		b.Do(ir.OpFMin, x, x), b.Do(ir.OpFMax, minus, x), b.Do(ir.OpFFloor, x), b.Do(ir.OpFRound, minus), b.Do(ir.OpFFma, x, x, x),
		b.Do(ir.OpFAdd, b.Do(ir.OpFMul, x, x), minus),
	}
	n := uint32(0)
	put := func(v *ir.Inst) {
		b.Store(out, b.Do(ir.OpIAdd, b.Do(ir.OpIMul, b.Int(n), b.Int(8)), i), v, nil)
		n++
	}
	odd := b.Do(ir.OpIEq, b.Do(ir.OpAnd, i, b.Int(1)), b.Int(1))
	put(x)
	put(minus)
	for _, m := range made {
		put(m)
		put(b.Do(ir.OpBitcast, m))
		put(b.Do(ir.OpFNeg, m))
		put(b.Do(ir.OpFAbs, b.Do(ir.OpFNeg, m)))
		put(b.Do(ir.OpFAdd, b.Do(ir.OpFNeg, m), inf))
		put(b.Do(ir.OpSelect, odd, m, x))
		put(b.Do(ir.OpSelect, odd, minus, m))
		put(b.Do(ir.OpSelect, odd, m, b.Do(ir.OpFAdd, m, m)))
		b.Set(v, nil, m, nil)
		put(b.Get(v, nil, nil))
		b.Set(v, nil, minus, odd)
		put(b.Get(v, nil, nil))
		b.Set(a, b.Int(2), m, nil)
		put(b.Get(a, b.Do(ir.OpIAdd, b.Int(1), b.Int(1)), nil))
		b.Set(w, i, m, nil)
		put(b.Get(w, i, nil))
		put(b.Do(ir.OpBToI, b.Do(ir.OpFEq, m, m)))
		put(b.Do(ir.OpFToS, m))
	}
	// Across a barrier.
	b.Set(w, i, made[0], nil)
	b.Barrier()
	put(made[1])
	put(b.Do(ir.OpBitcast, made[2]))
	put(b.Get(v, nil, nil))
	put(b.Get(w, b.Do(ir.OpXor, i, b.Int(1)), nil))
	k := b.Kernel()
	check(t, d, k, [3]uint32{1, 1, 1}, nans, make([]uint32, 8*n))
}

// testRounding has the shapes that compilers like to "improve": none may be fused, reassociated or folded.
func testRounding(t *testing.T, d kernels.Device) {
	type f func(b *ir.Builder, x, y *ir.Inst) *ir.Inst
	c := func(b *ir.Builder, bits uint32) *ir.Inst { return b.Const(ir.F32, bits) }
	shapes := map[string]f{
		"(x+y)-x": func(b *ir.Builder, x, y *ir.Inst) *ir.Inst { return b.Do(ir.OpFSub, b.Do(ir.OpFAdd, x, y), x) },
		"x*y+x":   func(b *ir.Builder, x, y *ir.Inst) *ir.Inst { return b.Do(ir.OpFAdd, b.Do(ir.OpFMul, x, y), x) },
		"x-x*y":   func(b *ir.Builder, x, y *ir.Inst) *ir.Inst { return b.Do(ir.OpFSub, x, b.Do(ir.OpFMul, x, y)) },
		"(x*3)*5": func(b *ir.Builder, x, _ *ir.Inst) *ir.Inst {
			return b.Do(ir.OpFMul, b.Do(ir.OpFMul, x, c(b, 0x40400000)), c(b, 0x40a00000))
		},
		"(x+.1)+.3": func(b *ir.Builder, x, _ *ir.Inst) *ir.Inst {
			return b.Do(ir.OpFAdd, b.Do(ir.OpFAdd, x, c(b, 0x3dcccccd)), c(b, 0x3e99999a))
		},
		"x/3":   func(b *ir.Builder, x, _ *ir.Inst) *ir.Inst { return b.Do(ir.OpFDiv, x, c(b, 0x40400000)) },
		"x/y*y": func(b *ir.Builder, x, y *ir.Inst) *ir.Inst { return b.Do(ir.OpFMul, b.Do(ir.OpFDiv, x, y), y) },
		"x*y+x*y": func(b *ir.Builder, x, y *ir.Inst) *ir.Inst {
			return b.Do(ir.OpFAdd, b.Do(ir.OpFMul, x, y), b.Do(ir.OpFMul, x, y))
		},
		"x*x-y*y": func(b *ir.Builder, x, y *ir.Inst) *ir.Inst {
			return b.Do(ir.OpFSub, b.Do(ir.OpFMul, x, x), b.Do(ir.OpFMul, y, y))
		},
		"x-x":       func(b *ir.Builder, x, _ *ir.Inst) *ir.Inst { return b.Do(ir.OpFSub, x, x) },
		"x/x":       func(b *ir.Builder, x, _ *ir.Inst) *ir.Inst { return b.Do(ir.OpFDiv, x, x) },
		"x*0":       func(b *ir.Builder, x, _ *ir.Inst) *ir.Inst { return b.Do(ir.OpFMul, x, c(b, 0)) },
		"0+x":       func(b *ir.Builder, x, _ *ir.Inst) *ir.Inst { return b.Do(ir.OpFAdd, c(b, 0), x) },
		"x+-0":      func(b *ir.Builder, x, _ *ir.Inst) *ir.Inst { return b.Do(ir.OpFAdd, x, c(b, 1<<31)) },
		"0-x":       func(b *ir.Builder, x, _ *ir.Inst) *ir.Inst { return b.Do(ir.OpFSub, c(b, 0), x) },
		"x*1":       func(b *ir.Builder, x, _ *ir.Inst) *ir.Inst { return b.Do(ir.OpFMul, x, c(b, 0x3f800000)) },
		"x*-1":      func(b *ir.Builder, x, _ *ir.Inst) *ir.Inst { return b.Do(ir.OpFMul, x, c(b, 0xbf800000)) },
		"sqrt(x)^2": func(b *ir.Builder, x, _ *ir.Inst) *ir.Inst { s := b.Do(ir.OpFSqrt, x); return b.Do(ir.OpFMul, s, s) },
		"sqrt(x)/x": func(b *ir.Builder, x, _ *ir.Inst) *ir.Inst { return b.Do(ir.OpFDiv, b.Do(ir.OpFSqrt, x), x) },
		"1/sqrt(x)": func(b *ir.Builder, x, _ *ir.Inst) *ir.Inst {
			return b.Do(ir.OpFDiv, c(b, 0x3f800000), b.Do(ir.OpFSqrt, x))
		},
		"1/(1/x)": func(b *ir.Builder, x, _ *ir.Inst) *ir.Inst {
			o := c(b, 0x3f800000)
			return b.Do(ir.OpFDiv, o, b.Do(ir.OpFDiv, o, x))
		},
		"f(s(x))":    func(b *ir.Builder, x, _ *ir.Inst) *ir.Inst { return b.Do(ir.OpSToF, b.Do(ir.OpFToS, x)) },
		"x-floor(x)": func(b *ir.Builder, x, _ *ir.Inst) *ir.Inst { return b.Do(ir.OpFSub, x, b.Do(ir.OpFFloor, x)) },
		"max(x,y)+0": func(b *ir.Builder, x, y *ir.Inst) *ir.Inst { return b.Do(ir.OpFAdd, b.Do(ir.OpFMax, x, y), c(b, 0)) },
		"fma(x,y,-xy)": func(b *ir.Builder, x, y *ir.Inst) *ir.Inst {
			return b.Do(ir.OpFFma, x, y, b.Do(ir.OpFNeg, b.Do(ir.OpFMul, x, y)))
		},
	}
	in := operands(2, 5)
	tuples := len(in) / 2
	for name, shape := range shapes {
		b := ir.NewBuilder("shape", perGroup, 1, 1)
		src, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
		i := b.Input(ir.GlobalX)
		at := b.Do(ir.OpIMul, i, b.Int(2))
		x := b.Load(src, ir.F32, at, nil)
		y := b.Load(src, ir.F32, b.Do(ir.OpIAdd, at, b.Int(1)), nil)
		b.Store(out, i, shape(b, x, y), nil)
		t.Run(name, func(t *testing.T) {
			check(t, d, b.Kernel(), [3]uint32{uint32(tuples / perGroup), 1, 1}, in, make([]uint32, tuples))
		})
	}
	// A long chain, through a variable in a loop.
	b := ir.NewBuilder("chain", perGroup, 1, 1)
	src, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	i := b.Input(ir.GlobalX)
	acc, k := b.Var("acc", ir.Private, ir.F32, 1), b.Var("k", ir.Private, ir.I32, 1)
	b.Loop(func(l *ir.Inst) {
		n := b.Get(k, nil, nil)
		b.If(b.Do(ir.OpULt, n, b.Int(97)), nil, func() { b.Exit(l) })
		x := b.Load(src, ir.F32, b.Do(ir.OpURem, b.Do(ir.OpIAdd, b.Do(ir.OpIMul, i, b.Int(31)), n), b.Words(src)), nil)
		x = b.Do(ir.OpBitcast, b.Do(ir.OpOr, b.Do(ir.OpAnd, b.Do(ir.OpBitcast, x), b.Int(0x80ffffff)), b.Int(0x3f000000)))
		b.Set(acc, nil, b.Do(ir.OpFAdd, b.Get(acc, nil, nil), b.Do(ir.OpFMul, x, x)), nil)
		b.Set(acc, nil, b.Do(ir.OpFMul, b.Get(acc, nil, nil), b.Const(ir.F32, 0x3f7ffffe)), nil)
	}, func() *ir.Inst {
		b.Set(k, nil, b.Do(ir.OpIAdd, b.Get(k, nil, nil), b.Int(1)), nil)
		return nil
	})
	b.Store(out, i, b.Get(acc, nil, nil), nil)
	t.Run("chain", func(t *testing.T) {
		check(t, d, b.Kernel(), [3]uint32{8, 1, 1}, in, make([]uint32, 8*perGroup))
	})
	if t.Failed() {
		t.Logf("device %+v", d.Info())
	}
}
