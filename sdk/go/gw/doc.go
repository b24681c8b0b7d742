// Package gw is what a job needs besides WebGPU: inputs, outputs, arguments, log, progress and steps.
//
// Nothing here returns an error where a job could not go on: whoever asks for an input that is missing gets a line in the
// log that says so, and the job ends, which is a result too.
//
// # Steps
//
// A program with a main function is a single step. A job of several steps is built with -buildmode=c-shared and exports a
// function that is called until it returns [Done]:
//
//	//go:wasmexport gw_step
//	func step() int32 {
//		...
//		return gw.Again
//	}
//
//	func main() {} // needed, never called
//
// Between two steps the host may stop the job and go on elsewhere: variables, goroutines and buffers are all kept.
// Functions called init run at the beginning of the first step.
//
// # Determinism
//
// A job computes the same everywhere. The clock counts calls, random numbers (package math/rand, the order of a map's
// keys, select) follow from the seed in the job's description, and the garbage collector runs at the same moments.
package gw

// What gw_step returns: any other value says that the job failed.
const (
	Done  int32 = 0
	Again int32 = 1
)
