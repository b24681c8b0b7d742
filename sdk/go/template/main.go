//go:build wasip1

// Command jobname doubles the numbers of input x on the device, one half in each of two steps, and writes them as output y.
package main

import (
	"github.com/gwrun/gwrun/sdk/go/gw"
	"github.com/gwrun/gwrun/sdk/go/tensor"
)

// What is in variables, and on the device, is still there in the next step.
var (
	numbers []float32
	factor  float32
)

// gw_init runs once, before the first step.
//
//go:wasmexport gw_init
func start() {
	numbers = gw.OpenInput("x").Float32s()
	factor = gw.ArgF32("factor", 2, 0, 1000)
	if len(numbers) < 2 {
		gw.Failf("input x has %d numbers, want 2 or more", len(numbers))
	}
}

// gw_step is called until it returns gw.Done.
//
//go:wasmexport gw_step
func step() int32 {
	half := numbers[:len(numbers)/2]
	if gw.Step() == 2 {
		half = numbers[len(numbers)/2:]
	}
	tensor.Scope(func() []*tensor.Tensor {
		x := tensor.FromF32(half, len(half))
		y := tensor.Scale(x, factor)
		gw.WriteFloat32s("y", y.F32())
		return nil
	})
	gw.Logf("step %d: %d numbers", gw.Step(), len(half))
	gw.Progress(float64(gw.Step())/2, "doubling")
	if gw.Step() < 2 {
		return gw.Again
	}
	return gw.Done
}

func main() {} // needed, never called
