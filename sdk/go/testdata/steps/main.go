//go:build wasip1

// Command steps uses what of Go could differ between two runs: the order of maps, goroutines, select, random numbers, the
// clock and the garbage collector. What it computes stays from one step to the next.
package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand"
	"runtime"
	"time"

	"github.com/gwrun/gwrun/sdk/go/gw"
	"github.com/gwrun/gwrun/sdk/go/tensor"
	"github.com/gwrun/gwrun/sdk/go/wgpu"
)

const source = `
@group(0) @binding(0) var<storage, read_write> data: array<u32>;
@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&data)) { data[id.x] = data[id.x] * 3u + id.x; }
}`

var (
	digest  [32]byte
	words   = map[string]int{}
	kept    [][]byte // lives on, among garbage
	tickets = make(chan int)
	buffer  *wgpu.Buffer
	triple  *wgpu.Pipeline
	group   *wgpu.Group
	carried *tensor.Tensor // is queued in one step and read in the next
)

func note(v any) { digest = sha256.Sum256(fmt.Append(digest[:], v)) }

func init() {
	d := wgpu.Open()
	buffer = d.NewBuffer("data", 64, wgpu.Storage)
	triple = d.NewPipeline(source, "main")
	group = d.NewGroup(triple, wgpu.Range{Buffer: buffer})
	carried = tensor.FromF32([]float32{1, 2}, 2)
	// A goroutine that goes on from step to step.
	go func() {
		for i := 0; ; i++ {
			tickets <- i * i
		}
	}()
}

//go:wasmexport gw_step
func step() int32 {
	n := gw.Step()
	for i := range 300 {
		words[fmt.Sprint("word ", n, " ", i)]++
		kept = append(kept, make([]byte, 2048))
	}
	if len(kept) > 2000 {
		kept = kept[1000:]
	}
	count := 0
	for w := range words {
		if count++; count > 10 {
			break
		}
		note(w)
	}
	for range 3 {
		note(<-tickets)
	}
	a, b := make(chan int, 1), make(chan int, 1)
	a <- 1
	b <- 2
	select {
	case v := <-a:
		note(v)
	case v := <-b:
		note(v)
	}
	note(rand.Int63())
	begin := time.Now()
	time.Sleep(time.Millisecond)
	note(begin.UnixNano())
	note(time.Since(begin))
	var m runtime.MemStats
	if n%4 == 0 {
		runtime.ReadMemStats(&m)
		note(m.NumGC)
		note(m.HeapAlloc)
	}
	d := wgpu.Open()
	c := d.Begin()
	c.Dispatch(triple, group, 4, 1, 1)
	c.Submit()
	for _, w := range wgpu.ReadWords[uint32](buffer, 0, 16) {
		note(w)
	}
	for _, v := range carried.F32() {
		note(v)
	}
	last := carried
	carried = tensor.Scale(last, 1.25)
	last.Release()
	gw.WriteOutput("digests", digest[:])
	gw.Progress(float64(n)/20, "step")
	if n < 20 {
		return gw.Again
	}
	gw.WriteOutput("collections", binary.LittleEndian.AppendUint32(nil, m.NumGC))
	gw.Logf("%d goroutines", runtime.NumGoroutine())
	return gw.Done
}

func main() {}
