package profile

import "github.com/gwrun/gwrun/kernels/ir"

// hoist moves what is the same in every turn of a loop out in front of it: pure operators, reads of memory that the
// kernel cannot write, and reads of private scalars that the loop does not write. Only what stands in the loop's own
// regions moves, not what an if inside it may skip. Every operator is total and every such read gives 0 where it is out
// of bounds, so that what moves may run in a loop that makes no turn.
//
// A read without an ok operand is only known to be in bounds where it stands: it moves if its address is a constant
// inside the buffer's least size.
func hoist(k *ir.Kernel) {
	h := &hoister{k: k, turn: map[*ir.Inst]bool{}}
	k.Body, _ = h.region(k.Body)
}

// maxHoisted bounds what one loop gives up, since each such value lives as long as the loop.
const maxHoisted = 64

type hoister struct {
	k    *ir.Kernel
	turn map[*ir.Inst]bool // computed in each turn of the loop being looked at
}

// region hoists out of the loops in r and returns the private scalars that r writes.
func (h *hoister) region(r ir.Region) (ir.Region, map[*ir.Var]bool) {
	var out ir.Region
	writes := map[*ir.Var]bool{}
	both := func(i *ir.Inst) map[*ir.Var]bool {
		var a, b map[*ir.Var]bool
		i.Then, a = h.region(i.Then)
		i.Else, b = h.region(i.Else)
		for v := range b {
			a[v] = true
		}
		for v := range a {
			writes[v] = true
		}
		return a
	}
	for _, i := range r {
		switch i.Op {
		case ir.OpStore, ir.OpZero:
			if i.Var != nil {
				writes[i.Var] = true
			}
		case ir.OpIf, ir.OpBlock:
			both(i)
		case ir.OpLoop:
			written := both(i)
			out = append(out, h.loop(i, written)...)
		}
		out = append(out, i)
	}
	return out, writes
}

// loop takes out of a loop, whose inner loops are done, what can stand in front of it.
func (h *hoister) loop(l *ir.Inst, written map[*ir.Var]bool) ir.Region {
	for _, r := range []ir.Region{l.Then, l.Else} {
		for _, i := range r {
			h.turn[i] = true
		}
	}
	var out ir.Region
	take := func(r ir.Region) ir.Region {
		var keep ir.Region
		for _, i := range r {
			if len(out) < maxHoisted && h.movable(i, written) {
				delete(h.turn, i)
				out = append(out, i)
			} else {
				keep = append(keep, i)
			}
		}
		return keep
	}
	l.Then = take(l.Then)
	l.Else = take(l.Else)
	for _, r := range []ir.Region{l.Then, l.Else} {
		for _, i := range r {
			delete(h.turn, i)
		}
	}
	return out
}

func (h *hoister) movable(i *ir.Inst, written map[*ir.Var]bool) bool {
	for _, a := range i.Args {
		if h.turn[a] {
			return false
		}
	}
	switch {
	case ir.IsPure(i.Op), i.Op == ir.OpBitcast:
		return true
	case i.Op != ir.OpLoad:
		return false
	case i.Var != nil:
		return i.Var.Space == ir.Private && i.Var.Len == 1 && !written[i.Var]
	}
	return h.k.Bindings[i.Binding].Access != ir.ReadWrite && (len(i.Args) > 1 || alwaysThere(h.k, i))
}

// alwaysThere reports whether a read of a buffer the kernel cannot write is at a constant address inside the buffer's
// least size.
func alwaysThere(k *ir.Kernel, i *ir.Inst) bool {
	if i.Op != ir.OpLoad || i.Var != nil {
		return false
	}
	b := &k.Bindings[i.Binding]
	return b.Access != ir.ReadWrite && i.Args[0].Op == ir.OpConst && uint64(i.Args[0].Bits) < b.MinBytes/4
}

// share replaces values that were computed before, where that is in scope, by the first of them: emission shares only
// within what it has open, and what left two loops may be the same.
func share(k *ir.Kernel) {
	s := &sharer{k: k, seen: map[shareKey]*ir.Inst{}, same: map[*ir.Inst]*ir.Inst{}}
	k.Body = s.region(k.Body)
}

type sharer struct {
	k    *ir.Kernel
	seen map[shareKey]*ir.Inst
	same map[*ir.Inst]*ir.Inst
}

// region does r. What is computed in it is not shared with the regions after it: a continue may have skipped it on the
// way to a loop's second region.
func (s *sharer) region(r ir.Region) ir.Region {
	var out ir.Region
	var added []shareKey
	for _, i := range r {
		for n, a := range i.Args {
			if b := s.same[a]; b != nil {
				i.Args[n] = b
			}
		}
		if k, ok := s.key(i); ok {
			if old := s.seen[k]; old != nil {
				s.same[i] = old
				continue
			}
			s.seen[k] = i
			added = append(added, k)
		}
		i.Then, i.Else = s.region(i.Then), s.region(i.Else)
		if b := s.same[i.BreakIf]; i.BreakIf != nil && b != nil {
			i.BreakIf = b
		}
		out = append(out, i)
	}
	for _, k := range added {
		delete(s.seen, k)
	}
	return out
}

func (s *sharer) key(i *ir.Inst) (shareKey, bool) {
	read := i.Op == ir.OpLoad && i.Var == nil && s.k.Bindings[i.Binding].Access != ir.ReadWrite
	if !read && !ir.IsPure(i.Op) && i.Op != ir.OpBitcast {
		return shareKey{}, false
	}
	k := shareKey{op: i.Op, t: i.Type, extra: i.Binding}
	for n, a := range i.Args {
		switch n {
		case 0:
			k.a = a
		case 1:
			k.b = a
		case 2:
			k.c = a
		}
	}
	return k, true
}
