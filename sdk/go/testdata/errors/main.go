//go:build wasip1

// Command errors makes the mistake that its argument names.
package main

import (
	"fmt"
	"io"

	"github.com/gwrun/gwrun/sdk/go/gw"
	"github.com/gwrun/gwrun/sdk/go/lib"
	"github.com/gwrun/gwrun/sdk/go/raw"
	"github.com/gwrun/gwrun/sdk/go/tensor"
	"github.com/gwrun/gwrun/sdk/go/wgpu"
)

func main() {
	d := wgpu.Open()
	which := gw.ArgText("which", "none")
	gw.WriteOutput("which", []byte(which))
	switch which {
	case "none":
		good(d)
	case "usage":
		d.NewBuffer("weights", 4, 0)
	case "shader":
		d.NewPipeline("@compute @workgroup_size(1) fn main() { let x = ; }", "main")
	case "submit":
		b := d.NewBuffer("gone", 16, wgpu.Storage)
		c := d.Begin()
		c.Clear(b, 0, 16)
		raw.BufferDestroy(b.Raw())
		c.Submit()
	case "read":
		d.NewBuffer("short", 16, wgpu.Storage).Read(8, make([]byte, 12))
	case "input":
		gw.ReadInput("picture")
	case "range":
		gw.OpenInput("x").Range(3, 4)
	case "uneven":
		gw.OpenInput("x").Float32s()
	case "number":
		gw.ArgU32("k", 1, 1, 10)
	case "shape":
		tensor.MatMul(tensor.Zeros(2, 5), tensor.Zeros(3, 4))
	case "type":
		tensor.Scale(tensor.ZerosU32(3), 2)
	case "released":
		t := tensor.Zeros(3)
		t.Release()
		tensor.Scale(t, 2)
	case "bindings":
		tensor.Run(lib.Scale{N: 64, A: 2}, []*tensor.Tensor{tensor.Zeros(64)})
	case "panic":
		var list []int
		fmt.Println(list[len(which)])
	case "nil":
		var p *wgpu.Buffer
		fmt.Println(p.Size())
	case "deadlock":
		<-make(chan int)
	}
}

// good does what is allowed, and looks at what comes of it.
func good(d *wgpu.Device) {
	check := func(name string, ok bool) {
		if !ok {
			gw.Failf("%s is wrong", name)
		}
	}
	check("inputs", fmt.Sprint(gw.Inputs()) == "[x y]" && gw.HasInput("x") && !gw.HasInput("z"))
	in := gw.OpenInput("x")
	part := make([]byte, 4)
	n, err := in.ReadAt(part, 3)
	check("the end of an input", n == 2 && err == io.EOF && string(part[:n]) == "lo")
	text, err := io.ReadAll(io.NewSectionReader(in, 1, 3))
	check("a part of an input", err == nil && string(text) == "ell" && string(in.Bytes()) == "hello" && string(in.Range(5, 0)) == "")
	check("numbers", fmt.Sprint(gw.OpenInput("y").Float32s()) == "[1 -2]")
	check("arguments", fmt.Sprint(gw.Args()) == "[which=none k=7 rate=0.25 name=a=b]" && gw.ArgU32("k", 1, 0, 9) == 7 &&
		gw.ArgF32("rate", 1, 0, 1) == 0.25 && gw.ArgF32("other", 3, 0, 1) == 3 && gw.ArgText("name", "") == "a=b")
	check("seed and step", gw.Seed() == 1<<40+3 && gw.Step() == 1)

	err = d.Catch(func() { d.NewBuffer("weights", 4, 0) })
	check("a caught error", err != nil)
	gw.Log("caught: " + err.Error())
	check("what is no error", d.Catch(func() { d.NewBuffer("fine", 4, wgpu.Storage).Release() }) == nil)

	b := d.NewBuffer("b", 16, wgpu.Storage)
	wgpu.WriteWords(b, 4, []uint32{1, 2, 3})
	c := d.Begin()
	c.Copy(b, 0, b2(d, 9), 0, 4)
	c.Clear(b, 8, 4)
	c.Submit()
	check("a buffer", fmt.Sprint(wgpu.ReadWords[uint32](b, 0, 4)) == "[9 1 0 3]")

	// More dispatches than have room in one submit, each with parameters of its own, and tensors that live no longer.
	x := tensor.FromF32([]float32{1}, 1)
	for i := range 300 {
		tensor.Scope(func() []*tensor.Tensor {
			x = tensor.Axpy(float32(i%2), tensor.FromF32([]float32{1}, 1), x)
			return []*tensor.Tensor{x}
		})
	}
	check("300 sums, of 0 and 1 in turn", x.F32()[0] == 151)
	// A view that begins where nothing can be bound is read and written all the same.
	w := tensor.FromF32([]float32{1, 2, 3, 4, 5, 6}, 3, 2)
	tensor.SGD(w.Rows(1, 2), tensor.FromF32([]float32{1, 1}, 1, 2), tensor.Zeros(1, 2), 1, 0, 0)
	check("a step on a view", fmt.Sprint(w.F32()) == "[1 2 2 3 5 6]")

	// So are tensors that share a buffer: one in its own place, and rows from others.
	twice := func(from, to *tensor.Tensor) {
		tensor.Run(lib.Scale{N: 64, A: 2}, []*tensor.Tensor{from, to})
	}
	numbers := make([]float32, 3*64)
	for i := range numbers {
		numbers[i] = float32(i)
	}
	wide := tensor.FromF32(numbers, 3, 64)
	twice(wide.Rows(2, 3), wide.Rows(0, 1))
	twice(wide.Rows(1, 2), wide.Rows(1, 2))
	after := wide.F32()
	check("rows of one buffer", after[0] == 256 && after[63] == 382 && after[64] == 128 && after[127] == 254 && after[128] == 128)

	out := gw.CreateOutput("text")
	fmt.Fprintf(out, "%d ", 12)
	fmt.Fprint(out, "words")
	gw.CreateOutput("empty")
	gw.WriteFloat32s("numbers", []float32{1.5})
	gw.Progress(0.5, "half")
	gw.Logf("%d lines", 1)
}

func b2(d *wgpu.Device, v uint32) *wgpu.Buffer {
	b := d.NewBuffer("one", 4, wgpu.Storage)
	wgpu.WriteWords(b, 0, []uint32{v})
	return b
}
