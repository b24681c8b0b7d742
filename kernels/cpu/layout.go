package cpu

import (
	"fmt"

	"github.com/gwrun/gwrun/kernels/ir"
)

// Fixed places at the start of every heap. Address 0 always holds zeros: a load whose ok operand is false reads there.
const (
	zeroAddr  = 0
	abortAddr = 64 // non-zero asks running kernels to stop
	heapStart = 128
)

// The parameters of a dispatch, as the kernel finds them in the heap.
const (
	paramGroups = 0  // three words: the grid
	paramGas    = 16 // eight bytes: the gas limit of an invocation
	paramBounds = 32 // two words a binding: address, length in words
)

func paramSize(bindings int) uint64 { return paramBounds + 8*uint64(bindings) }

// What run gives instead of gas.
const (
	resultOutOfGas = -1
	resultAborted  = -2
)

// maxScratch bounds the scratch area of one worker, in bytes.
const maxScratch = 64 << 20

// layout says where things are in a worker's scratch area, as byte offsets. Per-invocation words stand side by side
// for neighbouring invocations: a slot is n consecutive words. A private array keeps its elements for four
// neighbouring invocations together where the kernel has several invocations alive at once.
type layout struct {
	n         uint32   // invocations alive at once: of the workgroup with barriers, else one or four
	vars      []uint32 // arrays and workgroup variables, by variable ID
	arrays    uint32   // start of the private arrays
	arraysEnd uint32
	slots     uint32
	states    uint32
	left      uint32 // gas: see gen.startGas
	quadLeft  uint32
	groupZero uint32 // bytes from the start that a new workgroup finds zero
	size      uint32
}

func newLayout(p *plan, lanes uint32) (*layout, error) {
	l := &layout{n: lanes, vars: make([]uint32, len(p.k.Vars))}
	if p.split {
		l.n = (uint32(p.k.Invocations()) + 3) &^ 3
	}
	var off uint64
	put := func(bytes uint64) uint32 {
		at := off
		off = (off + bytes + 15) &^ 15
		return uint32(min(at, maxScratch))
	}
	for id, v := range p.k.Vars {
		if v.Space == ir.Workgroup {
			l.vars[id] = put(4 * uint64(v.Len))
		}
	}
	l.groupZero = uint32(min(off, maxScratch))
	l.arrays = l.groupZero
	for id, v := range p.k.Vars {
		if v.Space == ir.Private && v.Len > 1 {
			l.vars[id] = put(4 * uint64(v.Len) * uint64(l.n))
		}
	}
	l.arraysEnd = uint32(min(off, maxScratch))
	l.slots = put(4 * uint64(p.slots) * uint64(l.n))
	l.states = put(4 * uint64(l.n))
	if p.split {
		l.groupZero = uint32(min(off, maxScratch))
	}
	l.left = put(8 * uint64(l.n))
	l.quadLeft = put(2 * uint64(l.n))
	if off > maxScratch {
		return nil, fmt.Errorf("cpu: kernel %s needs %d bytes of scratch memory a workgroup, at most %d", p.k.Name, off,
			maxScratch)
	}
	l.size = uint32(off)
	return l, nil
}

func (l *layout) slot(n int32) uint32 { return l.slots + 4*uint32(n)*l.n }
