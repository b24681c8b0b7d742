// Package race finds the races of a kernel: places where its result would depend on the order in which a device runs
// the invocations of a dispatch.
//
// # What a race is in gw1
//
// Two accesses by different invocations of one dispatch to the same 32-bit word make a race unless
//
//   - both only read it, or
//   - both are atomic and commute: two atomicLoads, two operations of one kind (add and sub are one kind; and, or, xor,
//     and each of min and max for itself), or two atomicStores of the same value, or
//   - the two are in one workgroup and a barrier stands between them. The IR has one barrier for both of WGSL's, and
//     devices make it wait for workgroup and storage memory. Nothing orders two workgroups of a dispatch.
//
// So an atomicLoad of a word that another invocation adds to is a race (the sum so far depends on the order), and so are
// an atomicAdd and an atomicMax of one word: neither is a data race for WGSL, both change bits.
//
// Two plain writes of the same value are a race too. No device known would leave another value, but the memory
// models that drivers compile for (Vulkan's, and WGSL's after it) give the program no meaning, and so allow a compiler to
// write twice or to keep something else in the word for a while. An atomicStore says the same thing and is defined.
//
// Words of different bindings are different words: kernels.CheckDispatch refuses a dispatch that binds overlapping
// ranges of which one is writable.
//
// # How they are found
//
// Prove looks at a kernel once, for all dispatches: every index becomes a polynomial in the invocation's ids, loop
// counters and values that all invocations share, and for each two accesses that may meet it shows that they can only
// meet within one invocation. It is sound, not complete. Some proofs need something of the dispatch: that a grid is flat in a
// dimension the kernel does not look at, or that no index passes 2^32. Prove with the dispatch given settles those.
//
// A Checker runs a dispatch on an executor that remembers for each word who touched it last (as FastTrack does for
// threads: Flanagan and Freund, PLDI 2009; a barrier orders everything in a workgroup, so one counter takes the place of
// vector clocks). It computes only what indices and branches depend on; up to the first race that is the same in every
// order, so for the given buffers it finds a race exactly if there is one.
package race

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gwrun/gwrun/kernels/ir"
)

// Access is one side of a race.
type Access struct {
	Pos   ir.Pos
	Kind  string // "read", "write" or "atomic OP"
	Group [3]uint32
	Local [3]uint32
}

// Race is two accesses to one word that nothing orders.
type Race struct {
	Object string // "binding 0.1 (out)" or "workgroup variable tile"
	Word   uint32
	// First and Second are in the order the reference device comes to them.
	First, Second Access
	// Count is how many times these two places met, in this or other words.
	Count uint64
}

func (r *Race) String() string {
	return fmt.Sprintf("%s of word %d of %s at %d:%d by %s meets the %s at %d:%d by %s", r.Second.Kind, r.Word, r.Object,
		r.Second.Pos.Line, r.Second.Pos.Col, r.Second.who(), r.First.Kind, r.First.Pos.Line, r.First.Pos.Col, r.First.who())
}

func (a *Access) who() string {
	return fmt.Sprintf("invocation %s of workgroup %s", triple(a.Local), triple(a.Group))
}

func triple(t [3]uint32) string { return fmt.Sprintf("%d,%d,%d", t[0], t[1], t[2]) }

// sortRaces puts races in the order of their places in the text.
func sortRaces(races []Race) {
	slices.SortFunc(races, func(a, b Race) int {
		return cmp.Or(comparePos(a.Second.Pos, b.Second.Pos), comparePos(a.First.Pos, b.First.Pos), cmp.Compare(a.Object, b.Object))
	})
}

func comparePos(a, b ir.Pos) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
}

// family is a set of accesses that conflict with the same others.
type family uint8

const (
	reads family = iota
	writes
	stores    // atomicStore
	families0 // from here on one for each kind of atomic update
)

const numFamilies = int(families0) + int(ir.NumAtomicOps)

func familyOf(i *ir.Inst) family {
	switch {
	case i.Op == ir.OpLoad, i.Op == ir.OpAtomic && i.Atomic == ir.AtomicLoad:
		return reads
	case i.Op == ir.OpStore:
		return writes
	case i.Atomic == ir.AtomicStore:
		return stores
	case i.Atomic == ir.AtomicSub:
		return families0 + family(ir.AtomicAdd)
	}
	return families0 + family(i.Atomic)
}

// conflict says whether two accesses by different invocations depend on their order. Two atomicStores do if their values
// differ, which the caller looks at.
func conflict(a, b family) bool {
	return a != b || a == writes || a == stores
}

func kindOf(i *ir.Inst) string {
	switch i.Op {
	case ir.OpLoad:
		return "read"
	case ir.OpStore:
		return "write"
	}
	return "atomic " + i.Atomic.String()
}

// tracked says whether an instruction accesses memory that other invocations see and may write.
func tracked(k *ir.Kernel, i *ir.Inst) bool {
	switch i.Op {
	case ir.OpLoad, ir.OpStore, ir.OpAtomic:
		if i.Var != nil {
			return i.Var.Space == ir.Workgroup
		}
		return k.Bindings[i.Binding].Access == ir.ReadWrite
	}
	return false
}

// objectName names what an instruction accesses.
func objectName(k *ir.Kernel, i *ir.Inst) string {
	if i.Var != nil {
		return "workgroup variable " + i.Var.Name
	}
	b := &k.Bindings[i.Binding]
	return fmt.Sprintf("binding %d.%d (%s)", b.Group, b.Binding, b.Name)
}
