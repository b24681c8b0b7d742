package module

// GasTableID names the table below. A change of any number is a new table: gas is part of a job's result.
//
// # Table gt2
//
// One gas is about what a simple instruction costs on a compiling engine. Each instruction has a price, listed in
// plainOps and contextOps and returned by [GasCost]. On top of it:
//
//   - entering a function: [GasEntry], and one for every four locals beyond the parameters, which are zeroed;
//   - call, call_indirect: one for each parameter and result;
//   - br, br_if, br_table, return: one for each value carried;
//   - memory.copy, memory.fill, memory.init: one for every 16 bytes of the length, rounded down;
//   - table.copy, table.fill, table.init: one for every element;
//   - memory.grow: 4096 for every page asked for, nothing when more pages are asked for than any memory can have;
//   - table.grow: one for every element asked for, nothing above the most a table can have.
//
// # When it is paid
//
// A function is cut into segments, and a segment is paid in full when it is entered; the prices by length are paid right
// before the instruction. Instructions validation knows to be unreachable cost nothing. A new segment starts
//
//   - at the top of a loop's body,
//   - at either arm of an if, and behind a br_if: these belong to the segment before them,
//   - behind a block, loop or if that has a branch out of it (br, br_if, br_table, return to somewhere else than its own
//     end or inside): this belongs to the segment before the block. Behind any other block the segment before it goes
//     on, since it is reached whatever happens inside.
//
// Calls do not end a segment. Then, from the last segment to the first, payments move to the segment they belong to: of
// the two arms of an if what both cost, and of anything else what costs at most [GasAhead] altogether. So a guest may pay
// up to GasAhead for something it then jumps over, and small branches need no payment of their own.
//
// # When a guest stops
//
// A guest whose counter has fallen below zero traps at the next of these: the top of a loop, the entry of a function that
// calls others, an instruction with a price by length (before it runs), and the return to the host. Everything that
// repeats comes by one of them, so a guest gets at most what stands between two of them for nothing: code that runs
// through once. A host function refuses a counter below zero like one that is used up.
//
// What a host reads during a call is exact and includes the rest of the calling segment. After another trap it is what had
// been paid at the last loop top, call or return. All of this depends on the module alone, so gas is the same on every
// engine whenever a host looks at it.
const GasTableID = "gt2"

const (
	// GasEntry is the price of entering a function.
	GasEntry = 4

	// GasAhead is how much a segment may be charged for what it need not reach.
	GasAhead = 16

	gasLocalsShift = 2    // one gas for each four locals
	gasBytesShift  = 4    // one gas for each 16 bytes
	gasPage        = 4096 // one gas for each 16 bytes of a page
)

// GasCost is the price of an instruction in table gt2 by its opcode ([Opcode]), without the parts that depend on types
// and lengths. It is 0 for an opcode outside WebAssembly 2.0.
func GasCost(op Opcode) uint64 { return uint64(op.info().gas) }

// segment is a part of a function that is paid at once.
type segment struct {
	at     int // byte offset where it starts
	cost   uint64
	ahead  uint64 // part of cost for what need not be reached
	parent int32  // segment it belongs to, -1 for a function's first and the top of a loop
	other  int32  // of the then arm: the else arm, 0 if there is none
	arm    bool   // an else arm, which the then arm's turn moves
	tight  bool   // the top of a loop that holds neither a loop nor a call
}

func (a *analysis) charge(cost uint64) { a.segments[a.current].cost += cost }

// segment starts a segment that belongs to parent, and returns it.
func (a *analysis) segment(at int, parent int32) int32 {
	a.segments = append(a.segments, segment{at: at, parent: parent})
	a.current = int32(len(a.segments) - 1)
	return a.current
}

// settle moves payments to the segments they belong to. A segment stands behind its parent, so going from the last to
// the first meets each when nothing more can move to it.
func (a *analysis) settle() {
	for i := len(a.segments) - 1; i > 0; i-- {
		s := &a.segments[i]
		if s.parent < 0 || s.arm {
			continue
		}
		p := &a.segments[s.parent]
		if s.other == 0 {
			p.takeAhead(s)
			continue
		}
		t := &a.segments[s.other]
		both := min(s.cost, t.cost)
		p.cost += both
		p.ahead += max(s.ahead, t.ahead)
		s.cost -= both
		t.cost -= both
		if s.cost > 0 {
			p.takeAhead(s)
		} else {
			p.takeAhead(t)
		}
	}
}

// takeAhead moves the cost of s to p if it is small.
func (p *segment) takeAhead(s *segment) {
	if p.ahead+s.cost <= GasAhead {
		p.cost += s.cost
		p.ahead += s.cost
		s.cost = 0
	}
}
