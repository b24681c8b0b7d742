package module

// Work says how hard a function is on a compiler. One that looks at the whole of a function takes time, and memory, that grow
// with products of what is in it, so that a body of 100 KB can keep it busy for minutes (wazero v1.12.0: 60,000 ifs, or 10,000
// memory.fill). These are bounds from above, found in one pass over the body.
//
// It is meant for an instrumented module, since the passes add blocks. The counts depend on the bytes alone: whether a
// module passes CheckWork is the same everywhere.
type Work struct {
	Bytes  int    // of the body
	Blocks uint64 // basic blocks
	// Chain is, for each of the blocks, how many dominate it, in all. A compiler finds dominators and loops by going up that
	// chain: 60,000 ifs in a row are a chain of as many.
	Chain uint64
	// Live is, for each block and each branch, how many locals and operands may be live there: what liveness, the values
	// merged where control flow joins, and register allocation take.
	Live uint64
	// Known is, for each block, how many memory accesses it must stand behind: wazero keeps, at the end of every block, a list
	// of the addresses that it has checked.
	Known uint64
	// Found is, for each read of a local and for each local at each branch, how many blocks with one way in stand in a row before it:
	// wazero goes back through them to the last write, each time.
	Found uint64
	Moved uint64 // operands that blocks, branches and calls take and give: a call of two bytes may have hundreds
	Loads uint64 // memory accesses
	Exits uint64 // other instructions that may trap by themselves, and the labels of br_table
}

// What the parts of Work take of wazero v1.12.0's compiler, fitted to some forty kinds of bodies made for one of them each,
// on one core of a machine of 2023.
const (
	nsByte  = 400
	nsBlock = 6000
	nsChain = 16
	nsLive  = 900
	nsKnown = 50
	nsFound = 25
	nsMoved = 1500
	nsLoad  = 10_000
	nsExit  = 10_000

	memByte  = 100
	memBlock = 4000
	memLive  = 64
	memKnown = 24
	memMoved = 500
	memLoad  = 6000
)

// Nanoseconds bounds the time a compiler takes for the function. What compilers make of real programs takes a third to a tenth.
func (w *Work) Nanoseconds() uint64 {
	return nsByte*uint64(w.Bytes) + nsBlock*w.Blocks + nsChain*w.Chain + nsLive*w.Live + nsKnown*w.Known + nsFound*w.Found + nsMoved*w.Moved + nsLoad*w.Loads + nsExit*w.Exits
}

// Memory bounds the bytes a compiler takes for the function.
func (w *Work) Memory() uint64 {
	return memByte*uint64(w.Bytes) + memBlock*w.Blocks + memLive*w.Live + memKnown*w.Known + memMoved*w.Moved + memLoad*(w.Loads+w.Exits)
}

// Work is that of the i-th function the module defines.
func (m *Module) Work(i int) Work { return m.works[i] }

// measure counts work while a body is validated.
type measure struct {
	w    Work
	here place
	open []opened
}

// place bounds what dominates the instruction at hand: blocks, and memory accesses; run is the blocks with one way in that
// stand before it in a row. All are dead where it cannot be reached.
type place struct{ depth, known, run uint64 }

func (p place) least(q place) place {
	return place{min(p.depth, q.depth), min(p.known, q.known), min(p.run, q.run)}
}

// opened is a block that is open: its beginning, the least of all branches to its end, and what comes there from the arm of an
// if that is not open.
type opened struct {
	entry, least, other place
	ways                int // branches to its end
	loop                bool
}

var dead = place{^uint64(0), ^uint64(0), ^uint64(0)}

// traps says whether an instruction without a memory argument may trap by itself.
func (op Opcode) traps() bool {
	const i32Div, i32Rem, i64Div, i64Rem, i32Trunc, i64Trunc = 0x6d, 0x70, 0x7f, 0x82, 0xa8, 0xae // the first or last of each
	return op >= i32Div && op <= i32Rem || op >= i64Div && op <= i64Rem || op >= i32Trunc && op < i32Trunc+4 ||
		op >= i64Trunc && op < i64Trunc+4
}

func (x *measure) begin(body int) {
	x.w, x.here, x.open = Work{Bytes: body}, place{}, append(x.open[:0], opened{least: dead, other: dead})
}

// blocks adds n blocks that begin where the validator stands.
func (x *measure) blocks(v *validator, n uint64) {
	if x.here == dead {
		return
	}
	x.w.Blocks += n
	x.w.Live += n * uint64(int(v.nlocals)+len(v.vals))
	x.w.Known += n * x.here.known
	x.w.Chain += n * x.here.depth
}

// deeper goes on in a block that the one at hand dominates.
func (x *measure) deeper(n uint64) {
	if x.here != dead {
		x.here.depth += n
		x.here.run += n
	}
}

// called notes a call: wazero goes through its list of addresses, in about a nanosecond each.
func (x *measure) called() {
	if x.here != dead {
		x.w.Chain += x.here.known / 8
	}
}

// branch notes a branch to label l, which the validator may yet find to be none.
func (x *measure) branch(v *validator, l uint32) {
	if i := len(x.open) - 1 - int(l); i >= 0 && i < len(x.open) {
		o := &x.open[i]
		o.least = o.least.least(x.here)
		if x.here != dead {
			o.ways++
			x.w.Found += uint64(v.nlocals) * (x.here.run + 1)
		}
	}
}

// step looks at the instruction the validator is about to check.
func (x *measure) step(v *validator) {
	in := &v.in
	switch in.op {
	case opBlock:
		x.open = append(x.open, opened{entry: x.here, least: dead, other: dead})
	case opLoop:
		x.deeper(1)
		x.blocks(v, 1)
		if x.here != dead {
			x.here.run = 0 // a value is made for each local that is read in it
		}
		x.open = append(x.open, opened{entry: x.here, least: dead, other: dead, loop: true})
	case opIf:
		x.blocks(v, 2)
		x.open = append(x.open, opened{entry: x.here, least: dead, other: x.here})
		x.deeper(1)
	case opElse:
		o := &x.open[len(x.open)-1]
		o.other, x.here = x.here, o.entry
		x.deeper(1)
	case opEnd:
		o := x.open[len(x.open)-1]
		if len(x.open) > 1 {
			x.open = x.open[:len(x.open)-1]
		}
		ways := 0
		for _, way := range []place{x.here, o.other} {
			if way != dead {
				ways++
				x.w.Found += uint64(v.nlocals) * (way.run + 1)
			}
		}
		if !o.loop {
			ways += o.ways
			x.here = x.here.least(o.least)
		}
		x.here = x.here.least(o.other)
		if ways > 1 && x.here != dead {
			x.here.run = 0
		}
		x.deeper(1)
		x.blocks(v, 1)
	case opBr:
		x.blocks(v, 1)
		x.branch(v, in.idx)
		x.here = dead
	case opBrIf:
		x.branch(v, in.idx)
		x.blocks(v, 2) // what follows, and one on the edge
		x.deeper(1)
	case opBrTable:
		x.w.Exits += uint64(len(in.targets))
		x.blocks(v, uint64(len(in.targets)))
		for _, l := range in.targets {
			x.branch(v, l)
		}
		x.here = dead
	case opReturn, opUnreachable:
		x.blocks(v, 1)
		x.here = dead
	case opMemoryFill, opMemoryCopy, opMemoryInit: // wazero writes a loop for some of them
		x.blocks(v, 6)
		x.deeper(3)
		x.w.Exits++
	case opLocalGet:
		if x.here != dead {
			x.w.Found += x.here.run
		}
	case opCall, opMemoryGrow:
		x.called()
	case opCallIndirect:
		x.called()
		x.w.Exits++
	default:
		if x.here == dead {
			return
		}
		if i := in.op.info().imm; i == immMem || i == immMemLane {
			x.here.known++
			x.w.Loads++
		} else if in.op.traps() {
			x.w.Exits++
		}
	}
}
