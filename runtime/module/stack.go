package module

// The stack counter.
//
// Engines overflow at different depths: wazero v1.12.0's interpreter at 2,000 frames, its compiler when its stack, which
// doubles from 10 KiB, would have to grow beyond 50 MB, and what a frame takes there depends on the processor's
// registers. So every function that calls another takes units from a counter on entry and gives them back on every way
// out, and the module traps when the counter falls below zero, long before an engine does.
//
// A unit must therefore bound an engine's frame from above. wazero's compiler gives each value it ever spills a slot of
// its own, 8 or 16 bytes, so a frame grows with the values of a function, not only with its locals (measured: 40 bytes
// for an empty function that recurses, and 9 to 14 bytes for each i64, 14 to 25 for each v128 kept across the call).
// A frame costs 16 units, two for each parameter, local and result, and one for every four values that instructions
// make or joins of control flow merge, a v128 counted twice. That is at most 32 bytes a unit for values and at most 8
// for the rest: DefaultStack of 2^20 units stays below 32 MiB of native stack.
//
// A function that calls nothing takes nothing: at most one frame of such stands on top of the others.
const (
	// DefaultStack is the stack a guest has when Config says nothing, in stack units: some 40,000 frames of small
	// functions. More than 3*2^19 may overflow wazero's own stack first.
	DefaultStack = 1 << 20

	stackFrame  = 16
	stackValues = 4 // values a unit

	// Nested blocks over many locals make a compiler merge every local written inside at the end of every block and the
	// top of every loop, so a small body can cost much more than its size: 250,000 merges in 45 KB took wazero ten
	// seconds and 310 MB. The largest function of a Go program that prints has 4,700, its 1,800 functions together
	// 270,000.
	maxMerges       = 1 << 17 // of a function
	maxMergesModule = 1 << 22 // of a module

	// wazero's time grows with the square of a function's loops, and one within another costs it four times as much: 2,000
	// small ones took 2.5 seconds instead of 0.7. Of more than this many the rest yield inside.
	maxTight = 256
)
