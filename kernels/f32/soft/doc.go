// Package soft is binary32 arithmetic and functions on bit patterns in unsigned 32-bit integer operations only. Every
// function is the gw1 operator: correctly rounded to nearest even, subnormals and -0 kept, and a NaN result is always
// 0x7fc00000.
//
// This Go text is the source of two more: the generator in kernels/lower/libm/gen prints it, statement by statement, as
// WGSL for GPUs and as C for the CPU device, so that what is tested here on all inputs is what they run. For that reason
// only the part of Go is used that has the same meaning in all three: uint32, int32, bool and structs of them,
// variables of one assignment at a time, if, for, return, and shift counts that are constants below 32 or end in "& 31".
//
// # How a function is evaluated
//
// A value under way is a wide: 64 significant bits and an exponent. Products drop what stands below the last place, so a
// step's relative error is below 2^-60, a division's or a root's below 2^-58, and a whole function's below 2^-55. The result is
// rounded once from these 64 bits. That is right unless the true value lies within the error of the middle between two
// binary32 neighbours. Whether any does can only be found by trying, and the exhaustive test tries every operand
// (docs/NUMERICS-REPORT.md has the figures).
//
// Polynomials are interpolations at Chebyshev points, computed with 80 digits; each says its own error. The splitting
// of exponentials and logarithms by short tables is Tang's (ACM TOMS 15 and 16, 1989 and 1990), the reduction of large
// angles is that of Payne and Hanek (SIGNUM 18, 1983); Muller's Handbook of Floating-Point Arithmetic treats both.
package soft
