// Package cpu is the reference device: it translates a kernel to WebAssembly and runs that with wazero. It needs no
// GPU and no driver, and what it computes is what a kernel means (see package ir).
//
// # Memory
//
// A Device has one heap, a WebAssembly memory that every kernel module imports. Buffers, the parameters of the
// dispatch that is running and each worker's scratch area are ranges in it. The heap reserves its address space at
// once and grows as it is used; a range that is freed is used again.
//
// # A dispatch
//
// Workgroups are spread over workers, a goroutine each with its own instance of the kernel's module and its own
// scratch area (workgroup memory, private arrays, what lives across barriers). Within a workgroup the invocations run
// one after the other between barriers, in index order, or four at a time in the lanes of vector registers where that
// cannot be told from outside.
//
// # From IR to code
//
// reduce makes the kernel simpler first (loops unrolled, private arrays and variables split, values computed once, ranges
// of indices), with the original's gas kept beside it. plan finds what moves out of loops, which loops are counted, and
// what lives across barriers; classes what differs between neighbouring invocations. A span of 4, 8 or 16 of them is one
// to four vectors. A counted loop pays for many turns at once and, where the first and the last index of its accesses
// are in bounds, runs without checks. Long vector code is compiled in the background while scalar code already runs.
//
// At last package inplace writes otherwise what wazero may compile wrongly where operands are spilled.
//
// # Numbers
//
// WebAssembly's arithmetic is the kernel's arithmetic already, but for NaNs: their bits may differ between processors.
// The translator follows which values may hold such a NaN and puts 0x7fc00000 in its place where bits can be seen: at
// stores, bit casts and sign operations.
//
// # Gas
//
// Every invocation counts down from the limit in the code itself. The sum is exact and does not depend on the order
// or number of workers.
package cpu
