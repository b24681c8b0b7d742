// Package libm holds the correctly rounded binary32 functions of the CPU device as a WebAssembly module.
//
// The module imports nothing. For each of Names it exports a function of that name from f32 to f32 and one with a 4
// after its name from v128 to v128, which does the same to four lanes; and fma of three f32. Every NaN they return is
// 0x7fc00000. Its memory has one page of 64 KiB, tables and a stack, which it alone
// uses: an instance must not run on two threads at once.
//
// The C source is printed from the Go package kernels/f32 (src/libm_gen.c); src/build.sh compiles it with clang,
// and package inplace writes otherwise what wazero may compile wrongly.
package libm

import _ "embed"

//go:generate src/build.sh
//go:generate go run ../inplace/rewrite libm.wasm

// Wasm is the module.
//
//go:embed libm.wasm
var Wasm []byte

// Names lists the functions of one operand, as the module exports them.
var Names = []string{"exp", "exp2", "log", "log2", "sin", "cos", "tan", "tanh", "asin", "acos", "atan", "sinh", "cosh",
	"asinh", "acosh", "atanh", "invsqrt"}
