package race

import "github.com/gwrun/gwrun/kernels/ir"

// slice is the part of a kernel that decides where it reads and writes: the rest, most of the arithmetic of most
// kernels, is never run by a Checker.
type slice struct {
	k       *ir.Kernel
	values  []bool // by instruction ID: its value is needed
	run     []bool // by instruction ID: it is executed
	content []bool // by object: what it holds is needed. Objects are bindings, then variables
	changed bool
}

// objectOf numbers what an instruction accesses: bindings first, then variables.
func objectOf(k *ir.Kernel, i *ir.Inst) int {
	if i.Var != nil {
		return len(k.Bindings) + i.Var.ID
	}
	return i.Binding
}

// newSlice finds the slice of a kernel that is numbered. With all set, every instruction is in it.
func newSlice(k *ir.Kernel, all bool) *slice {
	s := &slice{k: k, values: make([]bool, k.NumInsts), run: make([]bool, k.NumInsts),
		content: make([]bool, len(k.Bindings)+len(k.Vars))}
	k.Walk(func(i *ir.Inst) {
		if all {
			s.run[i.ID], s.values[i.ID] = true, i.Type != ir.Void
			if i.Op == ir.OpLoad || i.Op == ir.OpStore || i.Op == ir.OpAtomic {
				s.content[objectOf(k, i)] = true
			}
		}
		// Whether two atomicStores race depends on their values, so what the place holds must be known.
		if i.Op == ir.OpAtomic && i.Atomic == ir.AtomicStore {
			s.content[objectOf(k, i)] = true
		}
	})
	for s.changed = true; s.changed; {
		s.changed = false
		s.region(k.Body)
	}
	return s
}

func (s *slice) set(b *bool) {
	if !*b {
		*b, s.changed = true, true
	}
}

func (s *slice) need(i *ir.Inst) {
	s.set(&s.values[i.ID])
	s.set(&s.run[i.ID])
}

// region marks what a region needs and reports whether anything in it is run.
func (s *slice) region(r ir.Region) bool {
	found := false
	for n := len(r) - 1; n >= 0; n-- {
		s.inst(r[n])
		found = found || s.run[r[n].ID] && !ir.IsPure(r[n].Op) && r[n].Op != ir.OpConst && r[n].Op != ir.OpInput && r[n].Op != ir.OpBufferWords
	}
	return found
}

func (s *slice) inst(i *ir.Inst) {
	switch i.Op {
	case ir.OpLoad, ir.OpStore, ir.OpAtomic:
		object := objectOf(s.k, i)
		writes := i.Op == ir.OpStore || i.Op == ir.OpAtomic && i.Atomic != ir.AtomicLoad
		if tracked(s.k, i) || s.values[i.ID] || writes && s.content[object] {
			s.set(&s.run[i.ID])
			s.need(i.Args[0])
			ok := 1
			if writes {
				ok = 2
				if s.content[object] {
					s.need(i.Args[1])
				}
			}
			if len(i.Args) > ok {
				s.need(i.Args[ok])
			}
			if s.values[i.ID] {
				s.set(&s.content[object])
			}
		}
	case ir.OpZero:
		if s.content[objectOf(s.k, i)] {
			s.set(&s.run[i.ID])
		}
	case ir.OpBarrier, ir.OpReturn:
		s.set(&s.run[i.ID])
	case ir.OpExit, ir.OpContinue:
		// A loop that is left out takes its exits with it.
		if s.run[i.Target.ID] {
			s.set(&s.run[i.ID])
		}
	case ir.OpIf:
		then, els := s.region(i.Then), s.region(i.Else)
		if then || els {
			s.set(&s.run[i.ID])
			s.need(i.Args[0])
		}
	case ir.OpLoop, ir.OpBlock:
		then, els := s.region(i.Then), s.region(i.Else)
		if then || els {
			s.set(&s.run[i.ID])
			if i.BreakIf != nil {
				s.need(i.BreakIf)
			}
		}
	default:
		if s.values[i.ID] {
			for _, a := range i.Args {
				s.need(a)
			}
		}
	}
}
