// Package module turns a job's .wasm file into a module that runs the same way everywhere.
//
// It works in three steps, each usable alone:
//
//   - [Decode] reads and fully validates a WebAssembly 2.0 module (the core specification's binary format and its
//     validation algorithm, appendix "Validation Algorithm"), in time and memory linear in its size.
//   - [Module.Check] applies the profile gw-det-1: what is valid WebAssembly but cannot be run deterministically,
//     metered, or snapshotted is refused by name and byte offset; so is what exceeds the caller's [Limits].
//   - [Module.Instrument] rewrites the module so that any conforming engine gives the same bits: float results
//     carry one NaN, instructions are paid from a gas counter, calls from a stack counter, and everything a host
//     needs to snapshot is reachable by export names that start with [ReservedPrefix].
//
// The package depends on no WebAssembly engine: it is a codec and a set of passes over bytes.
//
// # Profile gw-det-1
//
// Allowed: the MVP, mutable globals, sign extension, saturating float-to-int conversion, multiple values, bulk
// memory, fixed-width SIMD, and from reference types what compilers emit without being asked: several funcref
// tables, call_indirect on any of them, element segments in every encoding.
//
// Refused by Decode, as unknown to it, with the proposal's name: threads, relaxed SIMD, exceptions, tail calls,
// garbage collection, typed function references, multiple memories, memory64, extended constant expressions.
//
// Refused by Check: values of reference type (ref.null, ref.func, ref.is_null, table.get, table.set, externref,
// reference globals and parameters) and instructions that change a table (table.set, table.grow, table.fill,
// table.copy, table.init, elem.drop). The modules that clang 14 and Go's wasip1 port made in our tests have none
// of them, and without them a table is a constant of the module, so a state needs no tables.
// Also refused: imports of anything but functions, a memory that is missing, imported, shared, or not exported
// as "memory", a memory without a maximum (unless Limits.ImplyMemoryMax), mutable globals of type v128 (an
// engine's API shows 64 bits of them), and names that start with [ReservedPrefix].
//
// # Yielding
//
// Go cannot interrupt compiled code, so a guest that computed for a minute would hold up every garbage collection, and with
// it the node. At the top of each loop and the entry of each function that calls, gas is compared with a mark instead of
// with zero; past it the guest leaves the compiled code for a moment, about once a millisecond. That costs no gas and is
// invisible to it. The host stops a guest by StopExport.
//
// # Compiler bugs worked around
//
// wazero v1.12.0: i32.rem_u on arm64; select of f32, f64 and v128 on amd64; branches on an order of an integer and with
// zero on both; v128.bitselect, copysign, f64x2.replace_lane and some more on amd64 where their operands are spilled. All are
// written otherwise, on every machine. Memories above 2 GiB are refused because of another.
//
// # Start functions
//
// An engine runs a start function while it instantiates, before a host can set any counter. Instrument therefore
// removes the start section and exports the function as [StartExport]; the host calls it first, metered like
// every other call.
package module
