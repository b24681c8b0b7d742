package cpu

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"sync/atomic"
	"unsafe"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

const pageSize = 65536

// space is the address space of a heap, reserved at once so that the memory never moves. wazero frees a memory's backing
// with the first instance that imported it, so Free does nothing and close gives the space back.
type space []byte

// Reallocate implements experimental.LinearMemory.
func (s space) Reallocate(size uint64) []byte {
	if size > uint64(len(s)) {
		return nil
	}
	return s[:size]
}

// Free implements experimental.LinearMemory.
func (s space) Free() {}

// reserveUpTo reserves n bytes, or fewer if the system refuses (a limit on address space, say), or nothing.
func reserveUpTo(n uint64) space {
	for ; canReserve && n >= 16*pageSize; n = n / 2 &^ (pageSize - 1) {
		if b, err := reserve(n); err == nil {
			return b
		}
	}
	return nil
}

// span is a range of heap bytes.
type span struct{ off, size uint64 }

// heap hands out ranges of a Device's memory. Sizes are rounded up to 64 bytes, and so are addresses.
type heap struct {
	space  space // nil where the system cannot reserve; then wazero copies the memory as it grows
	module api.Module
	buf    []byte // the memory as it is now
	free   []span // sorted by off, none touching another
	top    uint64 // everything from here on is free and zero
	limit  uint64
}

const spanAlign = 64

// MemoryError says that a Device's heap has no room for what was asked.
type MemoryError struct {
	Wanted uint64 // bytes asked for
	Limit  uint64 // bytes the heap may grow to
}

func (e *MemoryError) Error() string {
	return fmt.Sprintf("cpu: out of memory: %d bytes wanted, the heap may grow to %d", e.Wanted, e.Limit)
}

func newHeap(ctx context.Context, e *engine, limit uint64) (*heap, error) {
	if strconv.IntSize < 64 {
		limit = min(limit, 1<<30)
	}
	limit = min(max(limit, 16*pageSize), maxPages*pageSize) &^ (pageSize - 1)
	h := &heap{space: reserveUpTo(limit), top: heapStart, limit: limit}
	if h.space != nil {
		h.limit = uint64(len(h.space))
		ctx = experimental.WithMemoryAllocator(ctx,
			experimental.MemoryAllocatorFunc(func(uint64, uint64) experimental.LinearMemory { return h.space }))
	}
	m, err := e.instantiate(ctx, e.heap, nil)
	if err == nil {
		h.module = m
		h.buf, _ = m.Memory().Read(0, m.Memory().Size())
		// Let go of the allocator now (see space), so that growing always means taking more of the capacity.
		var first api.Module
		if first, err = e.instantiate(ctx, e.user, h.resolve(nil)); err == nil {
			err = first.Close(ctx)
		}
	}
	if err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

// resolve finds the modules a kernel imports: the heap and, if given, a worker's libm.
func (h *heap) resolve(libm api.Module) experimental.ImportResolver {
	return func(name string) api.Module {
		switch name {
		case heapModule:
			return h.module
		case libmModule:
			return libm
		}
		return nil
	}
}

func (h *heap) close() {
	if h.module != nil {
		_ = h.module.Close(context.Background()) // it has no code and no file to fail on
	}
	if h.space != nil {
		unreserve(h.space)
	}
	h.space, h.buf, h.module = nil, nil, nil
}

func (h *heap) grow(end uint64) bool {
	have := uint64(len(h.buf))
	if end <= have {
		return true
	}
	pages := (end+pageSize-1)/pageSize - have/pageSize
	mem := h.module.Memory()
	if _, ok := mem.Grow(uint32(pages)); !ok {
		return false
	}
	h.buf, _ = mem.Read(0, mem.Size())
	return true
}

// alloc gives size zero bytes.
func (h *heap) alloc(size uint64) (span, error) {
	if size > h.limit {
		return span{}, &MemoryError{size, h.limit}
	}
	s := span{size: max((size+spanAlign-1)&^(spanAlign-1), spanAlign)}
	// First fit keeps the top low.
	for n, f := range h.free {
		if f.size < s.size {
			continue
		}
		s.off = f.off
		if f.size == s.size {
			h.free = append(h.free[:n], h.free[n+1:]...)
		} else {
			h.free[n] = span{f.off + s.size, f.size - s.size}
		}
		clear(h.buf[s.off : s.off+s.size])
		return s, nil
	}
	s.off = h.top
	end := s.off + s.size
	if end > h.limit || !h.grow(end) {
		return span{}, &MemoryError{size, h.limit}
	}
	h.top = end
	return s, nil
}

// release takes a range back.
func (h *heap) release(s span) {
	n := sort.Search(len(h.free), func(n int) bool { return h.free[n].off > s.off })
	h.free = append(h.free, span{})
	copy(h.free[n+1:], h.free[n:])
	h.free[n] = s
	if n+1 < len(h.free) && s.off+s.size == h.free[n+1].off {
		h.free[n].size += h.free[n+1].size
		h.free = append(h.free[:n+1], h.free[n+2:]...)
	}
	if n > 0 && h.free[n-1].off+h.free[n-1].size == s.off {
		h.free[n-1].size += h.free[n].size
		h.free = append(h.free[:n], h.free[n+1:]...)
	}
}

func (h *heap) bytes(s span) []byte { return h.buf[s.off : s.off+s.size : s.off+s.size] }

// setAbort raises or lowers the flag that running kernels look at.
func (h *heap) setAbort(v uint32) {
	atomic.StoreUint32((*uint32)(unsafe.Pointer(&h.buf[abortAddr])), v)
}
