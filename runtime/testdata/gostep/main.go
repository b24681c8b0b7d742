// A job in Go that is stepped: maps, goroutines and a heap that is collected, kept from one step to the next.
package main

import (
	"fmt"
	"runtime"
	"sort"
	"unsafe"
)

//go:wasmimport gw output_write
func outputWrite(name unsafe.Pointer, nameLen uint32, data unsafe.Pointer, size uint32)

func write(name, text string) {
	outputWrite(unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)), unsafe.Pointer(unsafe.StringData(text)), uint32(len(text)))
}

var (
	counts = map[string]int{}
	lines  = make(chan string, 4)
	kept   [][]byte
	steps  int
)

func init() {
	go func() { // lives as long as the job does, waiting between steps
		for line := range lines {
			counts[line]++
		}
	}()
}

//go:wasmexport gw_step
func step() int32 {
	steps++
	for i := range 50 {
		lines <- fmt.Sprint("line ", (i*i+steps)%7)
	}
	for len(lines) > 0 {
		runtime.Gosched()
	}
	kept = append(kept, make([]byte, 100_000))
	kept[len(kept)/2][steps] = byte(steps)
	if steps%3 == 0 {
		kept = kept[1:]
		runtime.GC()
	}
	var names []string
	for n := range counts {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		write("counts", fmt.Sprintf("%d %s %d\n", steps, n, counts[n]))
	}
	if steps < 10 {
		return 1
	}
	return 0
}

func main() {}
