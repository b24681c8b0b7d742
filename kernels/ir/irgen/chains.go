package irgen

import "github.com/gwrun/gwrun/kernels/ir"

// Chains are short pieces of what real kernels do, and of what printers and driver compilers are tempted to bend: sums
// of exact products, flushed operands, identities that do not hold for floats, results near the subnormal range, loops
// whose length the data decide, ladders of cases, reductions.

func (g *gen) chain() {
	switch g.r.IntN(9) {
	case 0:
		g.products()
	case 1, 2:
		g.identity()
	case 3:
		g.tiny()
	case 4:
		g.nested()
	case 5:
		g.ladder()
	case 6:
		g.table()
	case 7:
		g.integers()
	default:
		g.reduce()
	}
}

func (g *gen) f(bits uint32) *ir.Inst { return g.Const(ir.F32, bits) }

// word loads a word of the input at an index that is always inside.
func (g *gen) word(index *ir.Inst) *ir.Inst {
	return g.Load(inBuffer, ir.I32, g.Do(ir.OpURem, index, g.Words(inBuffer)), nil)
}

// times makes a loop whose number of rounds may depend on the data; body is given the round.
func (g *gen) times(rounds *ir.Inst, body func(loop, n *ir.Inst)) {
	count := g.Var("n", ir.Private, ir.I32, 1)
	g.Set(count, nil, g.Int(0), nil)
	g.Loop(func(l *ir.Inst) {
		n := g.Get(count, nil, nil)
		g.If(g.Do(ir.OpULe, rounds, n), func() { g.Exit(l) }, nil)
		body(l, n)
	}, func() *ir.Inst {
		g.Set(count, nil, g.Do(ir.OpIAdd, g.Get(count, nil, nil), g.Int(1)), nil)
		return nil
	})
}

// flush is what library products do to their operands: zero below 2^-51 (2^-55 for bfloat16).
func (g *gen) flush(x *ir.Inst, least uint32) *ir.Inst {
	if g.r.IntN(2) == 0 {
		return g.Do(ir.OpSelect, g.Do(ir.OpFLt, g.Do(ir.OpFAbs, x), g.f(least)), g.f(0), x)
	}
	bits := g.Do(ir.OpBitcast, x)
	small := g.Do(ir.OpULt, g.Do(ir.OpAnd, bits, g.Int(0x7fffffff)), g.Int(least))
	return g.Do(ir.OpBitcast, g.Do(ir.OpSelect, small, g.Int(0), bits))
}

// products sums products of operands of which something is known: bfloat16, small integers, nothing below 2^-51.
func (g *gen) products() {
	sum := g.Var("sum", ir.Private, ir.F32, 1)
	whole := g.Var("whole", ir.Private, ir.I32, 1)
	kind, first := g.r.IntN(5), g.pick(ir.I32).i
	decode := func(w *ir.Inst) *ir.Inst {
		switch kind {
		case 0: // the low or the high bfloat16 of the word
			if g.r.IntN(2) == 0 {
				return g.Do(ir.OpBitcast, g.Do(ir.OpShl, w, g.Int(16)))
			}
			return g.Do(ir.OpBitcast, g.Do(ir.OpAnd, w, g.Int(0xffff0000)))
		case 1:
			return g.flush(g.Do(ir.OpBitcast, g.Do(ir.OpShl, w, g.Int(16))), 0x24000000)
		case 2: // a signed byte
			at := g.Int(uint32(8 * g.r.IntN(4)))
			return g.Do(ir.OpSToF, g.Do(ir.OpShrS, g.Do(ir.OpShl, w, at), g.Int(24)))
		case 3: // an unsigned byte less a zero point
			b := g.Do(ir.OpAnd, g.Do(ir.OpShrU, w, g.Int(uint32(8*g.r.IntN(4)))), g.Int(255))
			return g.Do(ir.OpFSub, g.Do(ir.OpUToF, b), g.f(0x43000000))
		}
		return g.flush(g.Do(ir.OpBitcast, w), 0x26000000)
	}
	step := g.Int(1 + uint32(g.r.IntN(5)))
	g.times(g.Int(1+uint32(g.r.IntN(9))), func(_, n *ir.Inst) {
		at := g.Do(ir.OpIAdd, first, n)
		p := g.Do(ir.OpFMul, decode(g.word(at)), decode(g.word(g.Do(ir.OpIMul, at, step))))
		s := g.Get(sum, nil, nil)
		if kind == 2 && g.r.IntN(2) == 0 {
			s = g.Do(ir.OpFFma, decode(g.word(at)), decode(g.word(g.Do(ir.OpIAdd, at, step))), s)
		} else {
			s = g.Do(ir.OpFAdd, s, p)
		}
		g.Set(sum, nil, s, nil)
		if kind == 2 {
			g.Set(whole, nil, g.Do(ir.OpIAdd, g.Get(whole, nil, nil), g.Do(ir.OpFToS, s)), nil)
		}
	})
	v := g.Get(sum, nil, nil)
	g.put(v, false)
	g.put(g.Get(whole, nil, nil), false)
	if g.r.IntN(2) == 0 { // scaled, as quantised weights are
		g.put(g.Do(ir.OpFMul, v, g.pick(ir.F32).i), false)
	}
}

// identity is an expression that would be simpler if floats were numbers.
func (g *gen) identity() {
	va, vb := g.pick(ir.F32), g.pick(ir.F32)
	a, b, uniform := va.i, vb.i, va.uniform && vb.uniform
	do := g.Do
	var v *ir.Inst
	consts := []uint32{0, 1 << 31, 0x3f800000, 0xbf800000, 0x40400000, 0x7f800000, 0xff800000, 0x7fc00000, 0x00800000, 1, 0x7f7fffff}
	c := g.f(consts[g.r.IntN(len(consts))])
	switch g.r.IntN(24) {
	case 0:
		v = do(ir.OpFSub, a, a)
	case 1:
		v = do(ir.OpFMul, a, g.f(uint32(g.r.IntN(2))<<31))
	case 2:
		v = do(ir.OpFDiv, a, a)
	case 3:
		v = do(ir.OpFSub, do(ir.OpFMul, a, b), do(ir.OpFMul, a, b))
	case 4:
		v = do(ir.OpFSub, do(ir.OpFAdd, a, b), a)
	case 5:
		v = do(ir.OpFAdd, do(ir.OpFSub, a, b), b)
	case 6:
		v = do(ir.OpFAdd, do(ir.OpFMul, a, b), do(ir.OpFMul, a, c))
	case 7:
		v = do(ir.OpFMul, a, do(ir.OpFAdd, b, c))
	case 8:
		v = do(ir.OpFSub, g.f(0), do(ir.OpFSub, a, b))
	case 9:
		v = do(ir.OpFMin, a, c)
	case 10:
		v = do(ir.OpFMax, c, a)
	case 11:
		v = do(ir.OpFMin, do(ir.OpFMax, a, g.f(1<<31)), g.f(0))
	case 12:
		v = do(ir.OpFNeg, do(ir.OpFAdd, do(ir.OpFNeg, a), b))
	case 13:
		v = do(ir.OpFSqrt, do(ir.OpFMul, a, a))
	case 14:
		v = do(ir.OpFDiv, do(ir.OpFMul, a, c), c)
	case 15:
		v = do(ir.OpFMul, do(ir.OpFDiv, g.f(0x3f800000), a), b)
	case 16:
		v = do(ir.OpFAdd, do(ir.OpFAdd, a, c), g.f(consts[g.r.IntN(len(consts))]))
	case 17:
		v = do(ir.OpFMul, do(ir.OpFMul, a, c), g.f(consts[g.r.IntN(len(consts))]))
	case 18:
		v = do(ir.OpSelect, do(ir.OpFLt, a, b), a, b)
	case 19:
		v = do(ir.OpSelect, do(ir.OpBNot, do(ir.OpFLe, a, b)), b, a)
	case 20: // sound only if nothing is a NaN
		v = do(ir.OpSelect, do(ir.OpFEq, a, a), b, c)
	case 21:
		v = do(ir.OpSToF, do(ir.OpFToS, a))
	case 22:
		v = do(ir.OpFSub, a, do(ir.OpFFloor, a))
	default:
		v = do(ir.OpFSub, a, do(ir.OpFMul, b, do(ir.OpFTrunc, do(ir.OpFDiv, a, b))))
	}
	g.put(v, uniform)
	if g.r.IntN(3) == 0 {
		g.put(g.Do(ir.OpBitcast, v), uniform)
	}
}

// tiny makes floats near the subnormal range and goes on with them.
func (g *gen) tiny() {
	raise := func() *ir.Inst { // any word as a float with an exponent of 0 to 3
		w := g.pick(ir.I32).i
		return g.Do(ir.OpBitcast, g.Do(ir.OpAnd, w, g.Int(0x81ffffff)))
	}
	near := func(low, span uint32) *ir.Inst { // and with one from low on
		w := g.pick(ir.I32).i
		e := g.Do(ir.OpShl, g.Do(ir.OpIAdd, g.Int(low), g.Do(ir.OpURem, w, g.Int(span))), g.Int(23))
		return g.Do(ir.OpBitcast, g.Do(ir.OpOr, e, g.Do(ir.OpAnd, w, g.Int(0x807fffff))))
	}
	var v *ir.Inst
	switch g.r.IntN(8) {
	case 0:
		v = g.Do(ir.OpFAdd, raise(), raise())
	case 1:
		v = g.Do(ir.OpFSub, raise(), raise())
	case 2:
		v = g.Do(ir.OpFMul, raise(), near(120, 12))
	case 3:
		v = g.Do(ir.OpFMul, near(60, 5), near(63, 5))
	case 4:
		v = g.Do(ir.OpFDiv, near(1, 8), near(124, 30))
	case 5:
		v = g.Do(ir.OpFFma, near(60, 5), near(63, 5), raise())
	case 6:
		v = g.Do(ir.OpFAdd, g.Do(ir.OpFMul, near(60, 5), near(63, 5)), raise())
	default: // cancels to something tiny
		x := near(20, 8)
		v = g.Do(ir.OpFSub, x, g.Do(ir.OpBitcast, g.Do(ir.OpXor, g.Do(ir.OpBitcast, x), g.Int(uint32(g.r.IntN(8))))))
	}
	g.put(v, false)
	switch g.r.IntN(4) {
	case 0:
		g.put(g.Do(ir.OpFLt, v, g.f(0)), false)
	case 1:
		g.put(g.Do(ir.OpFEq, v, g.f(1<<31)), false)
	case 2:
		g.put(g.Do(ir.OpFMul, v, g.f(0x5f000000)), false) // what was flushed shows
	}
}

// nested is a sum over two loops of which the data say how long they are and when they end.
func (g *gen) nested() {
	acc, steps := g.Var("acc", ir.Private, ir.F32, 1), g.Var("steps", ir.Private, ir.I32, 1)
	x, scale, start := g.pick(ir.I32).i, g.pick(ir.F32).i, g.pick(ir.F32).i
	g.Set(acc, nil, start, nil)
	mask := g.Int(3)
	early := g.r.IntN(3)
	op := []ir.Op{ir.OpFAdd, ir.OpFSub, ir.OpFMul, ir.OpFMin, ir.OpFMax}[g.r.IntN(5)]
	g.times(g.Do(ir.OpAnd, x, mask), func(outer, n *ir.Inst) {
		w := g.word(g.Do(ir.OpIAdd, x, n))
		g.times(g.Do(ir.OpAnd, w, mask), func(inner, m *ir.Inst) {
			v := g.Do(ir.OpBitcast, g.word(g.Do(ir.OpIAdd, w, m)))
			a := g.Get(acc, nil, nil)
			switch early {
			case 0:
				g.If(g.Do(ir.OpFLt, v, a), func() { g.Exit(inner) }, nil)
			case 1:
				g.If(g.Do(ir.OpFLt, a, v), func() { g.Continue(inner) }, nil)
			}
			g.Set(acc, nil, g.Do(op, g.Do(ir.OpFMul, a, scale), v), nil)
			g.Set(steps, nil, g.Do(ir.OpIAdd, g.Get(steps, nil, nil), g.Int(1)), nil)
		})
		if early == 2 {
			g.If(g.Do(ir.OpULt, g.Int(3), g.Get(steps, nil, nil)), func() { g.Exit(outer) }, nil)
		}
	})
	g.put(g.Get(acc, nil, nil), false)
	g.put(g.Get(steps, nil, nil), false)
}

// ladder is a switch as the front end prints it: a block that every case leaves, some falling to the last one.
func (g *gen) ladder() {
	v := g.Var("to", ir.Private, []ir.Type{ir.I32, ir.F32}[g.r.IntN(2)], 1)
	sel := g.Do(ir.OpAnd, g.pick(ir.I32).i, g.Int(7))
	g.Block(func(b *ir.Inst) {
		g.scoped(func() {
			for n := range uint32(2 + g.r.IntN(5)) {
				c := g.Do(ir.OpIEq, sel, g.Int(n))
				if g.r.IntN(3) == 0 {
					c = g.Do(ir.OpBOr, c, g.Do(ir.OpIEq, sel, g.Int(7-n)))
				}
				g.If(c, func() {
					g.scoped(func() {
						g.operator()
						g.Set(v, nil, g.pick(v.Type).i, nil)
					})
					g.Exit(b)
				}, nil)
			}
			g.Set(v, nil, g.pick(v.Type).i, nil)
		})
	})
	g.put(g.Get(v, nil, nil), false)
}

// table fills a private array in one order and sums it in another.
func (g *gen) table() {
	size := uint32(2 << g.r.IntN(4))
	a := g.Var("table", ir.Private, ir.F32, size)
	mul, x := g.Int(uint32(2*g.r.IntN(8)+1)), g.pick(ir.I32).i
	g.times(g.Int(size), func(_, n *ir.Inst) {
		at := g.Do(ir.OpAnd, g.Do(ir.OpIMul, n, mul), g.Int(size-1))
		g.Set(a, at, g.Do(ir.OpBitcast, g.word(g.Do(ir.OpIAdd, x, n))), nil)
	})
	sum := g.Var("sum", ir.Private, ir.F32, 1)
	g.times(g.Int(size), func(_, n *ir.Inst) {
		at := g.Do(ir.OpIAdd, n, x)
		ok := g.Do(ir.OpULt, at, g.Int(size))
		if g.r.IntN(2) == 0 {
			at, ok = g.Do(ir.OpAnd, at, g.Int(size-1)), nil
		}
		g.Set(sum, nil, g.Do(ir.OpFAdd, g.Get(sum, nil, nil), g.Get(a, at, ok)), nil)
	})
	g.put(g.Get(sum, nil, nil), false)
	g.put(g.Get(a, g.Do(ir.OpURem, x, g.Int(size)), nil), false)
}

// integers is arithmetic at the edges of 32 bits.
func (g *gen) integers() {
	x, y := g.pick(ir.I32), g.pick(ir.I32)
	uniform := x.uniform && y.uniform
	edges := []uint32{0, 1, 2, 31, 32, 33, 63, 1 << 31, 1<<31 - 1, ^uint32(0), 0xffff, 0x10000}
	c := g.Int(edges[g.r.IntN(len(edges))])
	do, a, b := g.Do, x.i, y.i
	var v *ir.Inst
	switch g.r.IntN(13) {
	case 0:
		v = do(ir.OpSDiv, a, c)
	case 1:
		v = do(ir.OpSRem, c, a)
	case 2:
		v = do(ir.OpISub, a, do(ir.OpIMul, do(ir.OpSDiv, a, b), b))
	case 3:
		v = do(ir.OpISub, a, do(ir.OpIMul, do(ir.OpUDiv, a, b), b))
	case 4:
		v = do(ir.OpSDiv, do(ir.OpIMul, a, b), b)
	case 5:
		v = do(ir.OpShrS, do(ir.OpShl, a, b), b)
	case 6:
		v = do(ir.OpOr, do(ir.OpShl, a, c), do(ir.OpShrU, a, do(ir.OpISub, g.Int(32), c)))
	case 7:
		v = do(ir.OpSMax, a, do(ir.OpISub, g.Int(0), a))
	case 8:
		v = do(ir.OpBToI, do(ir.OpSLt, do(ir.OpIAdd, a, g.Int(1)), a))
	case 9:
		v = do(ir.OpBToI, do(ir.OpULt, do(ir.OpIAdd, a, b), a))
	case 10:
		v = do(ir.OpSToF, do(ir.OpIAdd, a, c))
	case 11:
		v = do(ir.OpURem, do(ir.OpIMul, a, c), do(ir.OpOr, b, g.Int(1)))
	default:
		v = do(ir.OpShrU, a, do(ir.OpIAdd, b, g.Int(32)))
	}
	g.put(v, uniform)
}

// reduce has every invocation add up what the others hold in workgroup memory, in rounds with barriers.
func (g *gen) reduce() {
	if g.shared == nil || !g.uniform || g.phase != writing {
		return
	}
	acc := g.Var("acc", ir.Private, g.shared.Type, 1)
	g.Set(acc, nil, g.pick(g.shared.Type).i, nil)
	op := []ir.Op{ir.OpIAdd, ir.OpXor, ir.OpSMax}[g.r.IntN(3)]
	if g.shared.Type == ir.F32 {
		op = []ir.Op{ir.OpFAdd, ir.OpFMax, ir.OpFMul}[g.r.IntN(3)]
	}
	slot := g.Int(uint32(g.r.IntN(ownWords)))
	at := func(who *ir.Inst) *ir.Inst { return g.Do(ir.OpIAdd, g.Do(ir.OpIMul, who, g.Int(ownWords)), slot) }
	g.times(g.Int(1+uint32(g.r.IntN(4))), func(_, n *ir.Inst) {
		g.Set(g.shared, at(g.local), g.Get(acc, nil, nil), nil)
		g.Barrier()
		other := g.Do(ir.OpURem, g.Do(ir.OpIAdd, g.local, g.Do(ir.OpShl, g.Int(1), n)), g.Int(g.invs))
		g.Set(acc, nil, g.Do(op, g.Get(acc, nil, nil), g.Get(g.shared, at(other), nil)), nil)
		g.Barrier()
	})
	g.put(g.Get(acc, nil, nil), false)
}
