package lower

import (
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/known"
)

// nanKind says which NaNs a float value may hold.
type nanKind uint8

const (
	// canonical values are never a NaN other than the gw1 NaN.
	canonical nanKind = iota
	// loose values may hold any NaN, each standing for the gw1 NaN: what a native operator gives. Their bits are made
	// canonical where something can see them.
	loose
	// exact values may hold any NaN and their bits count.
	exact
)

// roots is the set of kinds of computation that a float value may be the result of, seen through operators that only
// move it or change its sign. Two values whose sets are disjoint cannot be known to a compiler as the same value.
type roots uint64

const (
	rootUnknown roots = 1 << iota
	rootSum
	rootProduct
	rootOther
	rootConst
	rootLoad // shifted left by the number of a read-only binding
)

func (r roots) mayEqual(s roots) bool {
	return (r|s)&rootUnknown != 0 || r&s != 0
}

// facts are what the printer knows about a kernel's float values before it prints.
type facts struct {
	nan     []nanKind // by instruction ID
	root    []roots
	varNaN  []nanKind // by variable ID
	varRoot []roots
	barrier []bool // by instruction ID: an If, Loop or Block with a barrier inside
	escapes []bool // by instruction ID: an If, Loop or Block with a jump inside that leaves it
	exits   []bool // by instruction ID: an OpLoop or OpBlock that some Exit names
	conts   []bool // by instruction ID: an OpLoop that some Continue names
	fences  *fences
	atomic  []bool // by variable ID
	// By binding, then variable: which signedness of minimum and maximum the atomics use.
	bindSigned, bindUnsigned, varSigned, varUnsigned []bool
}

func gather(k *ir.Kernel, mode Mode) *facts {
	n := k.NumInsts
	f := &facts{nan: make([]nanKind, n), root: make([]roots, n), barrier: make([]bool, n), escapes: make([]bool, n),
		exits: make([]bool, n), conts: make([]bool, n), varNaN: make([]nanKind, len(k.Vars)),
		varRoot: make([]roots, len(k.Vars)), atomic: make([]bool, len(k.Vars)),
		bindSigned: make([]bool, len(k.Bindings)), bindUnsigned: make([]bool, len(k.Bindings)),
		varSigned: make([]bool, len(k.Vars)), varUnsigned: make([]bool, len(k.Vars))}
	f.fences = findFences(k, &known.Facts{})
	if mode == ModeNative || mode == ModeGuard {
		f.fences = findFences(k, known.Of(k))
	}
	soft := mode == ModeSoft || mode == ModePlain
	for _, v := range k.Vars {
		f.varRoot[v.ID] = rootConst // the zero it starts with
		if v.Space == ir.Workgroup || v.Len > 1 {
			f.varRoot[v.ID] = rootUnknown
		}
	}
	// Values flow through variables in loops, so go round until nothing changes. Every step only moves up, three
	// kinds of NaN and a few roots for each variable, so this ends soon.
	for changed := true; changed; {
		changed = false
		k.Walk(func(i *ir.Inst) {
			if i.Type == ir.F32 {
				f.nan[i.ID], f.root[i.ID] = f.float(k, i, soft)
				if !f.fences.known.Float(i).NaN {
					f.nan[i.ID] = canonical
				}
			}
			if i.Op == ir.OpStore && i.Var != nil && i.Var.Type == ir.F32 {
				v, a := i.Var.ID, i.Args[1].ID
				nan, root := max(f.varNaN[v], f.nan[a]), f.varRoot[v]|f.root[a]
				if nan != f.varNaN[v] || root != f.varRoot[v] {
					f.varNaN[v], f.varRoot[v], changed = nan, root, true
				}
			}
		})
	}
	k.Walk(func(i *ir.Inst) {
		if i.Op != ir.OpAtomic {
			return
		}
		signed, unsigned := f.bindSigned, f.bindUnsigned
		at := i.Binding
		if i.Var != nil {
			f.atomic[i.Var.ID] = true
			signed, unsigned, at = f.varSigned, f.varUnsigned, i.Var.ID
		}
		switch i.Atomic {
		case ir.AtomicSMin, ir.AtomicSMax:
			signed[at] = true
		case ir.AtomicUMin, ir.AtomicUMax:
			unsigned[at] = true
		}
	})
	f.shape(k.Body, nil)
	return f
}

// float classifies one float value from its operands.
func (f *facts) float(k *ir.Kernel, i *ir.Inst, soft bool) (nanKind, roots) {
	native := loose
	if soft {
		native = canonical
	}
	switch i.Op {
	case ir.OpConst:
		if i.Bits&0x7fffffff > 0x7f800000 && i.Bits != ir.NaN {
			return exact, rootConst
		}
		return canonical, rootConst
	case ir.OpFAdd, ir.OpFSub:
		return native, rootSum
	case ir.OpFMul:
		return native, rootProduct
	case ir.OpFNeg, ir.OpFAbs:
		return exact, f.root[i.Args[0].ID]
	case ir.OpSelect:
		a, b := i.Args[1].ID, i.Args[2].ID
		return max(f.nan[a], f.nan[b]), f.root[a] | f.root[b]
	case ir.OpFMin, ir.OpFMax:
		return canonical, f.root[i.Args[0].ID] | f.root[i.Args[1].ID] | rootConst
	case ir.OpBitcast:
		return exact, rootUnknown
	case ir.OpLoad:
		switch {
		case i.Var != nil:
			return f.varNaN[i.Var.ID], f.varRoot[i.Var.ID] | rootConst
		case k.Bindings[i.Binding].Access == ir.ReadWrite || i.Binding > 50:
			return exact, rootUnknown
		}
		return exact, rootLoad<<i.Binding | rootConst
	}
	return canonical, rootOther
}

// shape finds which regions hold barriers and jumps that leave them. It returns whether the region r has a barrier
// and the targets its jumps go to; nil in the targets is a Return.
func (f *facts) shape(r ir.Region, into map[*ir.Inst]bool) (barrier bool) {
	for _, i := range r {
		switch i.Op {
		case ir.OpBarrier:
			barrier = true
		case ir.OpExit, ir.OpContinue:
			if i.Op == ir.OpExit {
				f.exits[i.Target.ID] = true
			} else {
				f.conts[i.Target.ID] = true
			}
			if into != nil {
				into[i.Target] = true
			}
		case ir.OpReturn:
			if into != nil {
				into[nil] = true
			}
		case ir.OpIf, ir.OpLoop, ir.OpBlock:
			inner := map[*ir.Inst]bool{}
			a := f.shape(i.Then, inner)
			b := f.shape(i.Else, inner)
			delete(inner, i)
			f.barrier[i.ID] = a || b
			f.escapes[i.ID] = len(inner) > 0
			barrier = barrier || a || b
			for t := range inner {
				if into != nil {
					into[t] = true
				}
			}
		}
	}
	return barrier
}
