package cpu

import (
	"flag"
	"math/rand/v2"
	"testing"

	"github.com/gwrun/gwrun/kernels/devicetest"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/irgen"
)

var spilled = flag.Int("spilled", 4, "number of kernels for each operator in TestSpilled")

// spilledOps are operators of several instructions, or of one that wazero makes of several; OpStore stands for a store to a
// private variable that only some invocations do.
var spilledOps = []ir.Op{ir.OpSelect, ir.OpStore, ir.OpFMin, ir.OpFMax, ir.OpPopcnt, ir.OpUDiv, ir.OpURem, ir.OpSDiv, ir.OpClz, ir.OpCtz, ir.OpShl,
	ir.OpShrS, ir.OpShrU, ir.OpUMin, ir.OpFFma, ir.OpFToU, ir.OpFToS, ir.OpUToF}

// spiller makes a kernel in which a loop full of one operator has calls, behind which everything comes back from the stack: some
// values that stay what they were before the loop, which a compiler wants in the registers they had there, and some variables.
func spiller(op ir.Op, seed uint64) *irgen.Case {
	const groups, words = 2, 64 // words of an invocation
	r := rand.New(rand.NewPCG(seed, uint64(op)))
	b := ir.NewBuilder("spiller", 4, 1, 1)
	in, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
	at := b.Do(ir.OpIMul, b.Input(ir.GlobalX), b.Int(words))
	address := func(n int) *ir.Inst { return b.Do(ir.OpIAdd, at, b.Int(uint32(n))) }
	typ := ir.F32
	switch op {
	case ir.OpPopcnt, ir.OpUDiv, ir.OpURem, ir.OpSDiv, ir.OpClz, ir.OpCtz, ir.OpShl, ir.OpShrS, ir.OpShrU, ir.OpUMin, ir.OpUToF:
		typ = ir.I32
	}
	var fixed []*ir.Inst
	for n := range 2 + r.IntN(20) {
		fixed = append(fixed, b.Load(in, typ, address(n), nil))
	}
	var vars []*ir.Var
	for n := range 2 + r.IntN(20) {
		v := b.Var("v", ir.Private, typ, 1)
		b.Set(v, nil, b.Load(in, typ, address(32+n), nil), nil)
		vars = append(vars, v)
	}
	rounds := b.Do(ir.OpAnd, b.Load(in, ir.I32, b.Int(words-1), nil), b.Int(3)) // a constant would be unrolled
	count := b.Var("n", ir.Private, ir.I32, 1)
	b.Set(count, nil, b.Int(0), nil)
	get := func() *ir.Inst {
		if r.IntN(2) == 0 {
			return fixed[r.IntN(len(fixed))]
		}
		return b.Get(vars[r.IntN(len(vars))], nil, nil)
	}
	less := func() *ir.Inst {
		if typ == ir.I32 {
			return b.Do(ir.OpSLt, get(), get())
		}
		return b.Do(ir.OpFLt, get(), get())
	}
	as := func(t ir.Type, x *ir.Inst) *ir.Inst {
		if x.Type != t {
			return b.Do(ir.OpBitcast, x)
		}
		return x
	}
	statement := func() (x, ok *ir.Inst) {
		switch n := r.IntN(6); {
		case n == 0:
			return b.Do(ir.OpFExp, as(ir.F32, get())), nil
		case n == 1 || op == ir.OpStore:
			return get(), less()
		}
		switch op {
		case ir.OpSelect:
			return b.Do(op, less(), get(), get()), nil
		case ir.OpPopcnt, ir.OpClz, ir.OpCtz, ir.OpUToF, ir.OpFToS, ir.OpFToU:
			return b.Do(op, get()), nil
		case ir.OpFFma:
			return b.Do(op, get(), get(), get()), nil
		}
		return b.Do(op, get(), get()), nil
	}
	some := func() {
		for range r.IntN(20) {
			x, ok := statement()
			b.Set(vars[r.IntN(len(vars))], nil, as(typ, x), ok)
		}
	}
	// The last block of a loop and the arms of an if: what comes next is known to the compiler when it gets there.
	b.Loop(func(l *ir.Inst) {
		b.If(b.Do(ir.OpIEq, b.Get(count, nil, nil), rounds), func() { b.Exit(l) }, nil)
		b.If(b.Do(ir.OpIEq, rounds, b.Int(uint32(r.IntN(4)))), some, some)
		b.If(less(), some, nil)
	}, func() *ir.Inst {
		some()
		b.Set(count, nil, b.Do(ir.OpIAdd, b.Get(count, nil, nil), b.Int(1)), nil)
		return nil
	})
	for n, v := range vars {
		b.Store(out, address(n), b.Get(v, nil, nil), nil)
	}
	buffer := make([]uint32, 4*groups*words)
	for i := range buffer {
		buffer[i] = irgen.Word(r)
	}
	buffer[words-1] = 3
	return &irgen.Case{Kernel: b.Kernel(), Workgroups: [3]uint32{groups, 1, 1}, GasLimit: 1 << 20,
		Buffers: [][]uint32{buffer, make([]uint32, len(buffer))}}
}

// once are kernels of which wazero v1.12.0 made wrong code on amd64 before inplace.Rewrite: without it 8 of 2,160 went wrong.
var once = map[ir.Op]uint64{ir.OpSelect: 33, ir.OpPopcnt: 58, ir.OpUDiv: 22, ir.OpURem: 16, ir.OpClz: 7, ir.OpShrU: 10}

// TestSpilled runs operators whose operands are spilled.
func TestSpilled(t *testing.T) {
	for _, v := range []vectors{vectorsNever, vectorsAlways} {
		d := opener(Options{Workers: 1, vectors: v})(t)
		defer d.Close()
		for _, op := range spilledOps {
			var seeds []uint64
			if seed, ok := once[op]; ok {
				seeds = append(seeds, seed)
			}
			for seed := range uint64(*spilled) {
				seeds = append(seeds, seed)
			}
			for _, seed := range seeds {
				if err := devicetest.Check(d, spiller(op, seed)); err != nil {
					t.Errorf("%v, seed %d, vectors %d: %.300v", op, seed, v, err)
				}
			}
		}
	}
}
