package cpu

import (
	"github.com/gwrun/gwrun/kernels/ir"
)

// okOperand gives the ok operand of an access, nil where there is none or it is constantly true.
func okOperand(i *ir.Inst, n int) *ir.Inst {
	if len(i.Args) <= n {
		return nil
	}
	if ok := i.Args[n]; ok.Op != ir.OpConst || ok.Bits == 0 {
		return ok
	}
	return nil
}

// address leaves the address of an access on the stack, less the constant offset it returns.
func (g *gen) address(i *ir.Inst) uint32 {
	base, off, shift := g.place(i)
	idx := i.Args[0]
	if idx.Op == ir.OpConst && uint64(idx.Bits)<<shift+uint64(off) < 1<<31 {
		g.get(base)
		return off + idx.Bits<<shift
	}
	g.push(idx)
	g.i32(shift)
	g.op(wI32Shl)
	g.get(base)
	g.op(wI32Add)
	return off
}

// place gives the local that holds the start of what an access goes to, a constant offset to add, and log2 of the
// distance of neighbouring elements.
func (g *gen) place(i *ir.Inst) (base, off, shift uint32) {
	switch {
	case i.Var == nil:
		return g.bases[i.Binding], 0, 2
	case i.Var.Space == ir.Workgroup:
		return g.scratch, g.lay.vars[i.Var.ID], 2
	case g.p.split || g.lay.n > 1:
		return g.arrays[i.Var.ID], 0, 4
	}
	return g.scratch, g.lay.vars[i.Var.ID], 2
}

// load emits an OpLoad or an atomic load. Where ok is false it reads the zeros at the start of the heap instead.
func (g *gen) load(i *ir.Inst) {
	if isRegister(i.Var) {
		if ok := okOperand(i, 1); ok != nil {
			g.get(g.regs[i.Var.ID])
			if i.Type == ir.F32 {
				g.op(wI32Reinterp)
			}
			g.i32(0)
			g.push(ok)
			g.op(wSelect)
			g.fromWord(i.Type)
			return
		}
		g.get(g.regs[i.Var.ID])
		return
	}
	if s, ok := g.fast[i]; ok {
		g.get(s.pointer)
		if i.Type == ir.F32 {
			g.mem(wF32Load, 2, s.offset)
		} else {
			g.mem(wI32Load, 2, s.offset)
		}
		return
	}
	off := g.address(i)
	if ok := okOperand(i, 1); ok != nil {
		g.addOffset(off)
		off = 0
		g.i32(zeroAddr)
		g.push(ok)
		g.op(wSelect)
	}
	if i.Op == ir.OpAtomic && i.Var == nil {
		g.addOffset(off)
		g.atomic(wAtomicLoad)
		return
	}
	if i.Type == ir.F32 {
		g.mem(wF32Load, 2, off)
	} else {
		g.mem(wI32Load, 2, off)
	}
}

func (g *gen) addOffset(off uint32) {
	if off != 0 {
		g.i32(off)
		g.op(wI32Add)
	}
}

func (g *gen) zero(t byte) {
	if t == tF32 {
		g.f32(0)
	} else {
		g.i32(0)
	}
}

func (g *gen) store(i *ir.Inst) {
	ok := okOperand(i, 2)
	v := i.Args[1]
	if isRegister(i.Var) {
		if ok != nil {
			g.pushWord(v, g.p.varNaN[i.Var.ID])
			g.get(g.regs[i.Var.ID])
			if v.Type == ir.F32 {
				g.op(wI32Reinterp)
			}
			g.push(ok)
			g.op(wSelect)
			g.fromWord(v.Type)
		} else {
			g.pushAs(v, g.p.varNaN[i.Var.ID])
		}
		g.set(g.regs[i.Var.ID])
		return
	}
	s, fast := g.fast[i]
	if fast {
		ok = nil
	}
	if ok != nil {
		g.push(ok)
		g.ifThen()
	}
	off := s.offset
	if fast {
		g.get(s.pointer)
	} else {
		off = g.address(i)
	}
	g.pushBits(v)
	if v.Type == ir.F32 {
		g.mem(wF32Store, 2, off)
	} else {
		g.mem(wI32Store, 2, off)
	}
	if ok != nil {
		g.end()
	}
}

// zeroVar emits an OpZero.
func (g *gen) zeroVar(v *ir.Var) {
	if isRegister(v) {
		g.zero(wasmType(v.Type))
		g.set(g.regs[v.ID])
		return
	}
	if g.p.split || g.lay.n > 1 {
		// The elements are 16 bytes apart.
		end := g.local(tI32)
		at := g.local(tI32)
		g.get(g.arrays[v.ID])
		g.tee(at)
		g.i32(16 * v.Len)
		g.op(wI32Add)
		g.set(end)
		top := g.loop()
		g.get(at)
		g.i32(0)
		g.mem(wI32Store, 2, 0)
		g.get(at)
		g.i32(16)
		g.op(wI32Add)
		g.tee(at)
		g.get(end)
		g.op(wI32Ne)
		g.brIf(top)
		g.end()
		g.release(end, at)
		return
	}
	g.fill(g.lay.vars[v.ID], 4*v.Len)
}

// fill zeroes bytes of the scratch area.
func (g *gen) fill(off, n uint32) {
	if n == 0 {
		return
	}
	g.get(g.scratch)
	g.addOffset(off)
	g.i32(0)
	g.i32(n)
	g.op(0xfc, wMemoryFill, 0)
}

// update emits an atomic other than a load.
func (g *gen) update(i *ir.Inst) {
	if ok := okOperand(i, 2); ok != nil {
		g.push(ok)
		g.ifThen()
		defer g.end()
	}
	g.atomicAt(i, func() { g.addOffset(g.address(i)) }, func() { g.push(i.Args[1]) })
}

// atomicAt updates the word at an address. A workgroup belongs to one worker, so on its variables plain accesses do; on
// a buffer other workers may be at the same word.
func (g *gen) atomicAt(i *ir.Inst, addr, value func()) {
	if i.Var != nil {
		addr()
		at := g.local(tI32)
		g.tee(at)
		if i.Atomic == ir.AtomicStore {
			value()
		} else {
			g.get(at)
			g.mem(wI32Load, 2, 0)
			value()
			g.combine(i.Atomic)
		}
		g.mem(wI32Store, 2, 0)
		g.release(at)
		return
	}
	addr()
	switch i.Atomic {
	case ir.AtomicAdd, ir.AtomicSub, ir.AtomicAnd, ir.AtomicOr, ir.AtomicXor:
		value()
		g.atomic(map[ir.AtomicOp]byte{ir.AtomicAdd: wAtomicAdd, ir.AtomicSub: wAtomicSub, ir.AtomicAnd: wAtomicAnd,
			ir.AtomicOr: wAtomicOr, ir.AtomicXor: wAtomicXor}[i.Atomic])
		g.op(wDrop)
	case ir.AtomicStore:
		value()
		g.atomic(wAtomicStore)
	default:
		at := g.keep(tI32)
		value()
		val := g.keep(tI32)
		old, seen := g.local(tI32), g.local(tI32)
		g.get(at)
		g.atomic(wAtomicLoad)
		g.set(old)
		done := g.block()
		top := g.loop()
		g.get(at)
		g.get(old)
		g.get(old)
		g.get(val)
		g.combine(i.Atomic)
		g.atomic(wAtomicCmpxch)
		g.tee(seen)
		g.get(old)
		g.op(wI32Eq)
		g.brIf(done)
		g.get(seen)
		g.set(old)
		g.br(top)
		g.end()
		g.end()
		g.release(at, val, old, seen)
	}
}

// combine applies an atomic's operation to the two words on the stack.
func (g *gen) combine(op ir.AtomicOp) {
	if b, ok := map[ir.AtomicOp]byte{ir.AtomicAdd: wI32Add, ir.AtomicSub: wI32Sub, ir.AtomicAnd: wI32And,
		ir.AtomicOr: wI32Or, ir.AtomicXor: wI32Xor}[op]; ok {
		g.op(b)
		return
	}
	b := g.keep(tI32)
	a := g.keep(tI32)
	g.get(a)
	g.get(b)
	g.get(a)
	g.get(b)
	g.op(map[ir.AtomicOp]byte{ir.AtomicSMin: wI32LtS, ir.AtomicSMax: wI32GtS, ir.AtomicUMin: wI32LtU,
		ir.AtomicUMax: wI32GtU}[op], wSelect)
	g.release(a, b)
}
