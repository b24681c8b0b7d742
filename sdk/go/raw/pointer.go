// Package raw is what the host offers a job, as it stands: webgpu.h's compute part (import module env) and gw.h (import
// module gw), in Go's names. wgpuDeviceCreateBuffer is [DeviceCreateBuffer], WGPUBufferUsage_Storage is
// [BufferUsageStorage], gw_input_read is [InputRead]. The packages gw, wgpu and tensor are easier to use.
//
// It works only in a job (GOOS=wasip1 GOARCH=wasm). On other systems it compiles, so that editors, vet and documentation
// work, and every function panics.
//
// # Memory
//
// A structure's pointers are 32-bit addresses, of type [Pointer]. The garbage collector doesn't see them: what [Ptr] was
// given has to be kept alive with runtime.KeepAlive until the call that uses the address has returned.
//
// # Callbacks
//
// A Go function has no index in the module's table that the host could call. Give [Take] where a callback is wanted, and
// fetch what would have been its arguments with [EventTake].
package raw

import (
	"structs"
	"unsafe"
)

// Pointer is an address in the job's memory; 0 is none.
type Pointer uint32

// Callback is a function's index in the module's table; from Go it is 0 (none) or Take.
type Callback uint32

// Take in place of a callback says that its event waits for EventTake.
const Take Callback = 0xffffffff

// Future names an asynchronous operation (WGPUFuture).
type Future uint64

// Lengths that mean something else (WGPU_STRLEN, WGPU_WHOLE_MAP_SIZE, WGPU_WHOLE_SIZE), and limits left to the host.
const (
	Strlen            uint32 = 0xffffffff
	WholeMapSize      uint32 = 0xffffffff
	WholeSize         uint64 = 0xffffffffffffffff
	LimitU32Undefined uint32 = 0xffffffff
	LimitU64Undefined uint64 = 0xffffffffffffffff
)

// StringView is a piece of UTF-8 text (WGPUStringView).
type StringView struct {
	_      structs.HostLayout
	Data   Pointer
	Length uint32
}

// NoText is what stands where a label isn't given.
var NoText = StringView{Length: Strlen}

// The compiler doesn't know that never is false.
var (
	never  bool
	leaked unsafe.Pointer
)

func init() { never = leaked != nil }

// escape makes whatever p points to live on the heap, which doesn't move; a goroutine's stack does.
func escape(p unsafe.Pointer) {
	if never {
		leaked = p
	}
}

// Ptr is the address of what p points to.
func Ptr[T any](p *T) Pointer {
	escape(unsafe.Pointer(p))
	return Pointer(uintptr(unsafe.Pointer(p)))
}

// Array is the address of a slice's elements, 0 if it has none.
func Array[T any](s []T) Pointer { return Ptr(unsafe.SliceData(s)) }

// Text is a view of s.
func Text(s string) StringView {
	if s == "" {
		return StringView{}
	}
	return StringView{Data: Ptr(unsafe.StringData(s)), Length: uint32(len(s))}
}
