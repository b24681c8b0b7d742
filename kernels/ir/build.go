package ir

// Builder appends instructions to a kernel, for those who write IR by hand: tests, generators, library code.
type Builder struct {
	k  *Kernel
	at *Region
}

// NewBuilder starts a kernel.
func NewBuilder(name string, x, y, z uint32) *Builder {
	k := &Kernel{Name: name, WorkgroupSize: [3]uint32{x, y, z}}
	return &Builder{k: k, at: &k.Body}
}

// Kernel gives the finished kernel, numbered but not verified.
func (b *Builder) Kernel() *Kernel {
	b.k.Renumber()
	return b.k
}

// Bind adds the next binding of group 0 and returns its index.
func (b *Builder) Bind(name string, access Access, atomic bool) int {
	n := len(b.k.Bindings)
	b.k.Bindings = append(b.k.Bindings, Binding{Binding: uint32(n), Name: name, Access: access, Atomic: atomic, MinBytes: 4})
	return n
}

// Var adds a variable.
func (b *Builder) Var(name string, space Space, t Type, n uint32) *Var {
	v := &Var{Name: name, Space: space, Type: t, Len: n, ID: len(b.k.Vars)}
	b.k.Vars = append(b.k.Vars, v)
	return v
}

func (b *Builder) add(i *Inst) *Inst {
	*b.at = append(*b.at, i)
	return i
}

// Const makes a constant from its bits.
func (b *Builder) Const(t Type, bits uint32) *Inst {
	return b.add(&Inst{Op: OpConst, Type: t, Bits: bits, Binding: -1})
}

// Int makes an I32 constant.
func (b *Builder) Int(v uint32) *Inst { return b.Const(I32, v) }

// Input reads a built-in input.
func (b *Builder) Input(in Input) *Inst {
	return b.add(&Inst{Op: OpInput, Type: I32, Input: in, Binding: -1})
}

// Words gives the length of a binding.
func (b *Builder) Words(binding int) *Inst {
	return b.add(&Inst{Op: OpBufferWords, Type: I32, Binding: binding})
}

// ResultType gives the type of an operator's result for operands of the given types.
func ResultType(op Op, args ...Type) Type {
	switch op {
	case OpIEq, OpINe:
		return Bool
	case OpBitcast:
		if args[0] == I32 {
			return F32
		}
		return I32
	case OpSelect:
		return args[1]
	}
	return sigs[op].result
}

// OperandTypes gives the operand types of a pure operator; the irregular ones (IEq, INe, Bitcast, Select) have none.
func OperandTypes(op Op) []Type {
	if !IsPure(op) || sigs[op].irr {
		return nil
	}
	var ts []Type
	for _, c := range sigs[op].args {
		ts = append(ts, map[rune]Type{'b': Bool, 'i': I32, 'f': F32}[c])
	}
	return ts
}

// Do adds a pure operator.
func (b *Builder) Do(op Op, args ...*Inst) *Inst {
	ts := make([]Type, len(args))
	for n, a := range args {
		ts[n] = a.Type
	}
	return b.add(&Inst{Op: op, Type: ResultType(op, ts...), Args: args, Binding: -1})
}

func access(args []*Inst, ok *Inst) []*Inst {
	if ok != nil {
		return append(args, ok)
	}
	return args
}

// Load reads a word of a binding as type t. ok may be nil.
func (b *Builder) Load(binding int, t Type, index, ok *Inst) *Inst {
	return b.add(&Inst{Op: OpLoad, Type: t, Args: access([]*Inst{index}, ok), Binding: binding})
}

// Store writes a word of a binding. ok may be nil.
func (b *Builder) Store(binding int, index, value, ok *Inst) {
	b.add(&Inst{Op: OpStore, Args: access([]*Inst{index, value}, ok), Binding: binding})
}

// Get reads a word of a variable. index is nil for a variable of one word, ok may be nil.
func (b *Builder) Get(v *Var, index, ok *Inst) *Inst {
	if index == nil {
		index = b.Int(0)
	}
	return b.add(&Inst{Op: OpLoad, Type: v.Type, Args: access([]*Inst{index}, ok), Var: v, Binding: -1})
}

// Set writes a word of a variable, as Get reads it.
func (b *Builder) Set(v *Var, index, value, ok *Inst) {
	if index == nil {
		index = b.Int(0)
	}
	b.add(&Inst{Op: OpStore, Args: access([]*Inst{index, value}, ok), Var: v, Binding: -1})
}

// Zero clears a private variable.
func (b *Builder) Zero(v *Var) { b.add(&Inst{Op: OpZero, Var: v, Binding: -1}) }

// Atomic applies an atomic operation to a word of a binding, or of v if that is not nil. value is nil for AtomicLoad,
// the only one with a result.
func (b *Builder) Atomic(op AtomicOp, binding int, v *Var, index, value, ok *Inst) *Inst {
	i := &Inst{Op: OpAtomic, Atomic: op, Var: v, Binding: binding}
	if v != nil {
		i.Binding = -1
	}
	if op == AtomicLoad {
		i.Type, i.Args = I32, access([]*Inst{index}, ok)
	} else {
		i.Args = access([]*Inst{index, value}, ok)
	}
	return b.add(i)
}

// Barrier adds a barrier.
func (b *Builder) Barrier() { b.add(&Inst{Op: OpBarrier, Binding: -1}) }

func (b *Builder) in(r *Region, f func()) {
	if f == nil {
		return
	}
	old := b.at
	b.at = r
	f()
	b.at = old
}

// If adds an OpIf whose regions the two functions fill; els may be nil.
func (b *Builder) If(cond *Inst, then, els func()) {
	i := b.add(&Inst{Op: OpIf, Args: []*Inst{cond}, Binding: -1})
	b.in(&i.Then, then)
	b.in(&i.Else, els)
}

// Block adds an OpBlock.
func (b *Builder) Block(body func(block *Inst)) {
	i := b.add(&Inst{Op: OpBlock, Binding: -1})
	b.in(&i.Then, func() { body(i) })
}

// Loop adds an OpLoop. continuing may be nil; what it returns, if anything, is the loop's BreakIf.
func (b *Builder) Loop(body func(loop *Inst), continuing func() *Inst) {
	i := b.add(&Inst{Op: OpLoop, Binding: -1})
	b.in(&i.Then, func() { body(i) })
	if continuing != nil {
		b.in(&i.Else, func() { i.BreakIf = continuing() })
	}
}

// Exit leaves an enclosing loop or block.
func (b *Builder) Exit(target *Inst) { b.add(&Inst{Op: OpExit, Target: target, Binding: -1}) }

// Continue goes to the continuing region of an enclosing loop.
func (b *Builder) Continue(target *Inst) { b.add(&Inst{Op: OpContinue, Target: target, Binding: -1}) }

// Return ends the invocation.
func (b *Builder) Return() { b.add(&Inst{Op: OpReturn, Binding: -1}) }
