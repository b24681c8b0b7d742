package binding

import (
	"fmt"
	"math"
)

// Buffer usages of webgpu.h.
const (
	usageMapRead  = 0x1
	usageMapWrite = 0x2
	usageCopySrc  = 0x4
	usageCopyDst  = 0x8
	usageUniform  = 0x40
	usageStorage  = 0x80
	usageIndirect = 0x100
	usageAll      = 0x3ff

	mapRead  = 1
	mapWrite = 2

	unmapped = 1
	pending  = 2
	mapped   = 3
)

// buffer is a WebGPU buffer without its bytes, which are on the device.
type buffer struct {
	Size      uint64        `cbor:"1,keyasint"`
	Usage     uint64        `cbor:"2,keyasint"`
	Map       uint32        `cbor:"3,keyasint"` // unmapped, pending or mapped
	Mode      uint32        `cbor:"4,keyasint,omitempty"`
	Offset    uint64        `cbor:"5,keyasint,omitempty"` // of the mapped range
	Length    uint64        `cbor:"6,keyasint,omitempty"`
	Pending   uint64        `cbor:"7,keyasint,omitempty"` // future of the map that is pending
	Ranges    []mappedRange `cbor:"8,keyasint"`
	Destroyed bool          `cbor:"9,keyasint,omitempty"`
}

// mappedRange is a part of a mapped buffer that is shown in guest memory.
type mappedRange struct {
	Offset  uint64 `cbor:"1,keyasint"`
	Length  uint64 `cbor:"2,keyasint"`
	Address uint32 `cbor:"3,keyasint"`
	Const   bool   `cbor:"4,keyasint,omitempty"`
}

// paddedSize is a buffer's size on the device: a multiple of 4, at least 4.
func paddedSize(n uint64) uint64 { return max((n+3)&^3, 4) }

func createBuffer(c *call) {
	dev := c.u32(0)
	_, ok := c.working(dev)
	r := c.record(c.u32(1), 40)
	chain := c.chained("the buffer descriptor", r.u32(0))
	o := &object{Kind: kindBuffer, Label: c.label(r.u32(4), r.u32(8)), Device: dev}
	b := &buffer{Usage: r.u64(16), Size: r.u64(24), Map: unmapped}
	atCreation := r.u32(32) != 0
	name := c.newName(o)
	var problem string
	switch {
	case chain != nil:
		problem = name + ": " + chain.Error()
	case b.Usage == 0:
		problem = name + ": its usage is 0, at least one of WGPUBufferUsage's is wanted"
	case b.Usage&^uint64(usageAll) != 0:
		problem = fmt.Sprintf("%s: usage 0x%x has bits that are none of WGPUBufferUsage's, which are 0x%x", name, b.Usage, uint64(usageAll))
	case b.Usage&usageMapRead != 0 && b.Usage&^uint64(usageMapRead|usageCopyDst) != 0:
		problem = fmt.Sprintf("%s: usage 0x%x (%s): MapRead goes with CopyDst alone", name, b.Usage, usageNames(b.Usage))
	case b.Usage&usageMapWrite != 0 && b.Usage&^uint64(usageMapWrite|usageCopySrc) != 0:
		problem = fmt.Sprintf("%s: usage 0x%x (%s): MapWrite goes with CopySrc alone", name, b.Usage, usageNames(b.Usage))
	case b.Size > maxBufferSize:
		problem = fmt.Sprintf("%s: %d bytes, at most %d (maxBufferSize)", name, b.Size, uint64(maxBufferSize))
	case atCreation && b.Size%4 != 0:
		problem = fmt.Sprintf("%s: mapped at creation with %d bytes, a multiple of 4 wanted", name, b.Size)
	}
	if problem != "" || !ok {
		if ok {
			c.deviceError(dev, errorValidation, problem)
			if atCreation {
				c.ret = 0 // webgpu.h: NULL, because there is nothing to map
				return
			}
		}
		o.Bad = true
		o.Buffer = &buffer{Size: b.Size, Usage: b.Usage, Map: unmapped}
		c.ret = uint64(c.add(o))
		return
	}
	size := paddedSize(b.Size)
	if c.h.bufBytes+size > c.h.cfg.Limits.BufferBytes {
		c.limit("buffer_bytes", c.h.bufBytes+size, c.h.cfg.Limits.BufferBytes)
	}
	c.charge(size / GasDeviceUnit)
	db, err := c.h.cfg.Device.NewBuffer(size)
	if err != nil {
		c.fail(err)
	}
	if atCreation {
		b.Map, b.Mode, b.Length = mapped, mapWrite, b.Size
	}
	o.Buffer = b
	handle := c.add(o)
	c.h.bufBytes += size
	c.h.bufs[handle] = &deviceBuffer{b: db, size: size, hi: size}
	c.ret = uint64(handle)
}

// freeBuffer gives back what a collected buffer holds.
func (h *Host) freeBuffer(handle uint32) {
	if d := h.bufs[handle]; d != nil {
		h.bufBytes -= d.size
		d.b.Free()
		delete(h.bufs, handle)
	}
}

func (h *Host) destroyBuffer(handle uint32, o *object) {
	o.Buffer.Destroyed = true
	b := o.Buffer
	b.Map, b.Mode, b.Offset, b.Length, b.Pending, b.Ranges = unmapped, 0, 0, 0, 0, nil
	w := o.weight()
	h.weight += w - o.w
	o.w = w
	h.freeBuffer(handle)
}

func destroyBuffer(c *call) {
	o := c.object(c.u32(0), kindBuffer)
	if o.Bad {
		return
	}
	c.giveRanges(o)
	c.h.destroyBuffer(c.u32(0), o)
}

func getSize(c *call)  { c.ret = c.object(c.u32(0), kindBuffer).Buffer.Size }
func getUsage(c *call) { c.ret = c.object(c.u32(0), kindBuffer).Buffer.Usage }

func getMapState(c *call) { c.ret = uint64(c.object(c.u32(0), kindBuffer).Buffer.Map) }

const wholeMap = math.MaxUint32 // WGPU_WHOLE_MAP_SIZE

func mapAsync(c *call) {
	handle := c.u32(0)
	o := c.object(handle, kindBuffer)
	mode, off, size := c.u32(1), uint64(c.u32(2)), uint64(c.u32(3))
	cb := c.callbackInfo(c.u32(4))
	name := c.h.name(handle)
	var problem string
	b := o.Buffer
	if d := c.h.objects[o.Device]; d != nil && d.Dev.Destroyed {
		c.later(event{Kind: evMap, Callback: cb, Status: mapAborted, Handle: handle, Message: name + ": its device is lost"})
		return
	}
	if !o.Bad {
		if size == wholeMap {
			size = b.Size - min(off, b.Size)
		}
		switch {
		case b.Destroyed:
			problem = name + " is destroyed"
		case b.Map != unmapped:
			problem = name + " is mapped already, or about to be: wgpuBufferUnmap comes first"
		case mode != mapRead && mode != mapWrite:
			problem = fmt.Sprintf("%s: map mode 0x%x, wanted either Read (1) or Write (2)", name, mode)
		case mode == mapRead && b.Usage&usageMapRead == 0:
			problem = fmt.Sprintf("%s: map mode Read needs usage MapRead, the buffer has 0x%x (%s)", name, b.Usage, usageNames(b.Usage))
		case mode == mapWrite && b.Usage&usageMapWrite == 0:
			problem = fmt.Sprintf("%s: map mode Write needs usage MapWrite, the buffer has 0x%x (%s)", name, b.Usage, usageNames(b.Usage))
		case off%8 != 0:
			problem = fmt.Sprintf("%s: offset %d is no multiple of 8", name, off)
		case size%4 != 0:
			problem = fmt.Sprintf("%s: size %d is no multiple of 4", name, size)
		case off > b.Size || size > b.Size-off:
			problem = fmt.Sprintf("%s: bytes %d+%d lie outside its %d bytes", name, off, size, b.Size)
		}
	} else {
		problem = c.unusable(handle, o.Device)
	}
	e := event{Kind: evMap, Callback: cb, Status: statusSuccess, Handle: handle}
	if problem != "" {
		c.deviceError(o.Device, errorValidation, problem)
		e.Status, e.Message = statusError, problem
		c.later(e)
		return
	}
	c.later(e)
	b.Map, b.Mode, b.Offset, b.Length, b.Pending = pending, mode, off, size, c.ret
}

// mapReady makes a pending map a map, or finds that it was given up.
func (c *call) mapReady(e *event) {
	if e.Status != statusSuccess {
		return
	}
	o := c.h.objects[e.Handle]
	if o == nil || o.Buffer == nil || o.Buffer.Map != pending || o.Buffer.Pending != e.Future {
		e.Status, e.Message = mapAborted, "the buffer was unmapped or destroyed before it was mapped"
		return
	}
	o.Buffer.Map, o.Buffer.Pending = mapped, 0
}

// inMap checks a range against the mapped one and those shown in guest memory, and logs what is wrong: webgpu.h has no
// other way to say it. Offsets count from the buffer's beginning.
func (c *call) inMap(handle uint32, off, size uint64, write bool) (uint64, bool) {
	o := c.object(handle, kindBuffer)
	b := o.Buffer
	if size == wholeMap {
		size = b.Size - min(off, b.Size)
	}
	var problem string
	switch {
	case o.Bad:
		problem = "it is invalid, the call that made it failed"
	case b.Destroyed:
		problem = "it is destroyed"
	case b.Map == pending:
		problem = "it is not mapped yet, the callback of wgpuBufferMapAsync has not been called"
	case b.Map != mapped:
		problem = "it is not mapped"
	case write && b.Mode != mapWrite:
		problem = "it is mapped for reading, it cannot be written"
	case off%8 != 0:
		problem = fmt.Sprintf("offset %d is no multiple of 8", off)
	case size%4 != 0:
		problem = fmt.Sprintf("size %d is no multiple of 4", size)
	case off < b.Offset || off > b.Offset+b.Length || size > b.Offset+b.Length-off:
		problem = fmt.Sprintf("bytes %d+%d lie outside the mapped bytes %d+%d", off, size, b.Offset, b.Length)
	default:
		for _, r := range b.Ranges {
			// What is only read may be shown twice.
			if off < r.Offset+r.Length && r.Offset < off+size && (write || !r.Const) {
				problem = fmt.Sprintf("bytes %d+%d overlap %d+%d, which are in use already", off, size, r.Offset, r.Length)
				break
			}
		}
		if problem == "" {
			return size, true
		}
	}
	c.complain(c.h.name(handle) + ": " + problem)
	return 0, false
}

func getMappedRange(writable bool) func(*call) {
	return func(c *call) {
		handle := c.u32(0)
		o := c.object(handle, kindBuffer)
		b := o.Buffer
		// webgpu.h gives NULL for a range to write of a buffer mapped for reading. JavaScript and wgpu-native show it, and what is
		// written there is lost; programs count on that.
		writable := writable && b.Mode != mapRead
		off := uint64(c.u32(1))
		size, ok := c.inMap(handle, off, uint64(c.u32(2)), writable)
		if !ok || size == 0 {
			c.ret = 0
			return
		}
		for _, r := range b.Ranges {
			if !writable && r.Offset == off && r.Length == size {
				c.ret = uint64(r.Address)
				return
			}
		}
		if len(b.Ranges) >= maxEntries {
			c.trap("%s: %d ranges are shown already", c.h.name(handle), maxEntries)
		}
		if !c.canAlloc() {
			c.trap("%s: the module exports neither gw_alloc nor malloc to show the range in; use wgpuBufferReadMappedRange or wgpuBufferWriteMappedRange",
				c.h.name(handle))
		}
		at := c.alloc(uint32(size))
		data := make([]byte, size)
		c.readBuffer(handle, off, data)
		c.write(at, data)
		b.Ranges = append(b.Ranges, mappedRange{off, size, at, !writable})
		c.weigh(o)
		c.ret = uint64(at)
	}
}

// readBuffer and writeBuffer move bytes, multiples of 4, between a device buffer and the host.
func (c *call) readBuffer(handle uint32, off uint64, p []byte) {
	if len(p) == 0 {
		return
	}
	if err := c.h.cfg.Device.Read(c.part(handle, off, uint64(len(p))).b, off, p); err != nil {
		c.fail(err)
	}
}

func (c *call) writeBuffer(handle uint32, off uint64, p []byte) {
	if len(p) == 0 {
		return
	}
	d := c.part(handle, off, uint64(len(p)))
	d.wrote(off, uint64(len(p)))
	if err := c.h.cfg.Device.Write(d.b, off, p); err != nil {
		c.fail(err)
	}
}

func readMappedRange(c *call) {
	handle := c.u32(0)
	off := uint64(c.u32(1))
	size, ok := c.inMap(handle, off, uint64(c.u32(3)), false)
	if !ok {
		return
	}
	c.view(c.u32(2), uint32(size)) // refuse a bad address before doing the work
	data := make([]byte, size)
	c.readBuffer(handle, off, data)
	c.write(c.u32(2), data)
	c.ret = statusSuccess
}

func writeMappedRange(c *call) {
	handle := c.u32(0)
	off := uint64(c.u32(1))
	size, ok := c.inMap(handle, off, uint64(c.u32(3)), true)
	if !ok {
		return
	}
	c.writeBuffer(handle, off, c.read(c.u32(2), uint32(size)))
	c.ret = statusSuccess
}

// giveRanges frees the guest memory that shows ranges of the buffer.
func (c *call) giveRanges(o *object) {
	ranges := o.Buffer.Ranges
	o.Buffer.Ranges = nil
	c.weigh(o)
	for _, r := range ranges {
		c.free(r.Address)
	}
}

func unmap(c *call) {
	handle := c.u32(0)
	o := c.object(handle, kindBuffer)
	b := o.Buffer
	if o.Bad || b.Destroyed || b.Map == unmapped {
		return
	}
	if b.Map == mapped && b.Mode == mapWrite {
		for _, r := range b.Ranges {
			if !r.Const {
				c.writeBuffer(handle, r.Offset, c.read(r.Address, uint32(r.Length)))
			}
		}
	}
	b.Map, b.Mode, b.Offset, b.Length, b.Pending = unmapped, 0, 0, 0, 0
	c.giveRanges(o)
}
