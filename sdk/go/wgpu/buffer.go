package wgpu

import (
	"runtime"
	"unsafe"

	"github.com/gwrun/gwrun/sdk/go/gw"
	"github.com/gwrun/gwrun/sdk/go/raw"
)

// Storage is the usage of a buffer that kernels read and write, and that can be filled and read back.
const Storage = raw.BufferUsageStorage | raw.BufferUsageCopySrc | raw.BufferUsageCopyDst

// Buffer is memory of the device.
type Buffer struct {
	d      *Device
	handle raw.Buffer
	size   uint64
}

// NewBuffer makes a buffer of zeros.
func (d *Device) NewBuffer(label string, size uint64, usage raw.BufferUsage) *Buffer {
	desc := raw.BufferDescriptor{Label: raw.Text(label), Usage: usage, Size: size}
	b := &Buffer{d, raw.DeviceCreateBuffer(d.device, &desc), size}
	runtime.KeepAlive(label)
	d.Check()
	return b
}

// Size is how many bytes it has.
func (b *Buffer) Size() uint64 { return b.size }

// Raw gives the buffer's handle, for calls of package raw.
func (b *Buffer) Raw() raw.Buffer { return b.handle }

// Release gives the buffer up. It lives on until what was submitted and still needs it is done.
func (b *Buffer) Release() { raw.BufferRelease(b.handle) }

// Word is what buffers are made of, as far as this package's functions go.
type Word interface{ ~uint32 | ~int32 | ~float32 }

// Bytes gives the same memory as bytes, in the order that the device has (little-endian).
func Bytes[T Word](words []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), 4*len(words))
}

// Write puts bytes into the buffer, before anything that is submitted later.
func (b *Buffer) Write(offset uint64, data []byte) {
	raw.QueueWriteBuffer(b.d.queue, b.handle, offset, unsafe.Pointer(unsafe.SliceData(data)), uint32(len(data)))
	b.d.Check()
}

// WriteWords is Write for numbers.
func WriteWords[T Word](b *Buffer, offset uint64, words []T) { b.Write(offset, Bytes(words)) }

// Read fills p from the buffer, which has the usage CopySrc, after everything submitted so far.
func (b *Buffer) Read(offset uint64, p []byte) {
	if len(p) == 0 {
		return
	}
	d := b.d
	back := d.NewBuffer("readback", uint64(len(p)), raw.BufferUsageMapRead|raw.BufferUsageCopyDst)
	c := d.Begin()
	c.Copy(back, 0, b, offset, uint64(len(p)))
	c.Submit()
	e := d.wait(raw.BufferMapAsync(back.handle, raw.MapModeRead, 0, uint32(len(p)),
		&raw.BufferMapCallbackInfo{Mode: raw.CallbackModeWaitAnyOnly, Callback: raw.Take}))
	if raw.MapAsyncStatus(e.Status) != raw.MapAsyncStatusSuccess {
		gw.Fail("reading a buffer back failed: " + text())
	}
	if raw.BufferReadMappedRange(back.handle, 0, unsafe.Pointer(unsafe.SliceData(p)), uint32(len(p))) != raw.StatusSuccess {
		gw.Fail("reading a buffer back failed")
	}
	raw.BufferUnmap(back.handle)
	back.Release()
}

// ReadWords reads n numbers.
func ReadWords[T Word](b *Buffer, offset uint64, n int) []T {
	words := make([]T, n)
	b.Read(offset, Bytes(words))
	return words
}
