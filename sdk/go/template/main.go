//go:build wasip1

// Command jobname reads the numbers of input x, multiplies them by the argument factor on the device, and writes them to
// output y.
package main

import (
	"fmt"

	"github.com/gwrun/gwrun/sdk/go/gw"
	"github.com/gwrun/gwrun/sdk/go/tensor"
)

const stepNumbers = 512

// What lasts from one step to the next is variables and tensors.
var (
	x      *gw.Input
	n      int
	done   int
	factor float32
)

// start is called once, before the first step.
//
//go:wasmexport gw_init
func start() {
	x = gw.OpenInput("x")
	n = x.CountFloat32()
	factor = gw.ArgF32("factor", 2, 0, 1000)
}

// step is called until it returns gw.Done. Each step does a part of the work: here 512 numbers. The host may stop the job
// between two steps and go on elsewhere.
//
//go:wasmexport gw_step
func step() int32 {
	count := min(n-done, stepNumbers)
	if count > 0 {
		tensor.Scope(func() []*tensor.Tensor {
			t := tensor.FromF32(x.Float32Range(done, count), count)
			gw.WriteFloat32s("y", tensor.Scale(t, factor).F32())
			return nil // what was made is released
		})
	}
	done += count
	gw.Progress(float64(done)/float64(max(n, 1)), fmt.Sprintf("%d of %d numbers", done, n))
	if done < n {
		return gw.Again
	}
	return gw.Done
}

func main() {} // needed, never called
