package module

// GasTableID names the table below. A change of any number is a new table: gas is part of a job's result.
//
// # Table gt1
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
// A function is cut into segments: straight runs that are entered only at their start. A new one starts where a
// loop, an arm of an if, the continuation of br_if, or the end of a block that is a branch target starts. Calls do
// not end a segment. A segment is paid in full when it is entered, the prices by length right before the
// instruction; where the counter falls below zero the module traps before the segment or the instruction runs. So
// what a host reads during a call includes the rest of the calling segment, and it is the same on every engine.
// Instructions validation knows to be unreachable cost nothing.
const GasTableID = "gt1"

const (
	// GasEntry is the price of entering a function.
	GasEntry = 4

	gasLocalsShift = 2    // one gas for each four locals
	gasBytesShift  = 4    // one gas for each 16 bytes
	gasPage        = 4096 // one gas for each 16 bytes of a page
)

// GasCost is the price of an instruction in table gt1 by its opcode ([Opcode]), without the parts that depend on types
// and lengths. It is 0 for an opcode outside WebAssembly 2.0.
func GasCost(op Opcode) uint64 { return uint64(op.info().gas) }
