package webgpu

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// The protocol between a Device and its child process: frames over two pipes. A frame is a length (4 bytes, little
// endian, of what follows), a kind and a body of little-endian fields. Requests that can only fail with the device get
// no answer; a failure ends the child. The others get one, in order.

const (
	maxFrame = 8 << 20
	chunk    = 4 << 20 // data bytes in one frame, at most
	maxText  = 1 << 10 // bytes of an error text
	maxNames = 256     // bytes of a name
)

type kind uint8

const (
	reqList         kind = iota + 1 // -> adapters
	reqOpen                         // -> adapter, limits
	reqNewBuffer                    // -> nothing
	reqFreeBuffer                   // no answer
	reqWrite                        // no answer
	reqRead                         // -> data
	reqGather                       // -> data of several parts of buffers
	reqCopy                         // no answer
	reqNewPipeline                  // -> nothing
	reqFreePipeline                 // no answer
	reqDispatch                     // no answer: a fault in it is that of the next reqFinish
	reqFinish                       // -> gas cells of the dispatches since the last one
	numRequests
)

const (
	ansOK kind = iota + 0x80
	ansRefused
)

// answered reports whether a request of this kind gets an answer.
func (k kind) answered() bool {
	switch k {
	case reqFreeBuffer, reqWrite, reqCopy, reqFreePipeline, reqDispatch:
		return false
	}
	return true
}

var errFrame = errors.New("webgpu: malformed frame")

func writeFrame(w io.Writer, k kind, body []byte) error {
	if len(body)+1 > maxFrame {
		return fmt.Errorf("webgpu: frame of %d bytes, at most %d", len(body)+1, maxFrame)
	}
	head := make([]byte, 5, 5+min(len(body), chunk+64))
	binary.LittleEndian.PutUint32(head, uint32(len(body)+1))
	head[4] = byte(k)
	if len(body) <= chunk {
		_, err := w.Write(append(head, body...))
		return err
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := w.Write(body)
	return err
}

// readFrame reads one frame. At a clean end between frames it returns io.EOF.
func readFrame(r io.Reader) (kind, []byte, error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:4]); err != nil {
		return 0, nil, err
	}
	n := binary.LittleEndian.Uint32(head[:4])
	if n < 1 || n > maxFrame {
		return 0, nil, fmt.Errorf("%w: length %d, want 1 to %d", errFrame, n, maxFrame)
	}
	if _, err := io.ReadFull(r, head[4:]); err != nil {
		return 0, nil, noEOF(err)
	}
	// Grow with what arrives, so that a length alone takes no memory.
	body := make([]byte, 0, min(n-1, 64<<10))
	for uint32(len(body)) < n-1 {
		step := min(int(n-1)-len(body), max(len(body), 64<<10))
		at := len(body)
		body = append(body, make([]byte, step)...)
		if _, err := io.ReadFull(r, body[at:]); err != nil {
			return 0, nil, noEOF(err)
		}
	}
	return kind(head[4]), body, nil
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// fields reads a body; the first fault sticks.
type fields struct {
	b   []byte
	bad bool
}

func (f *fields) take(n int) []byte {
	if f.bad || n < 0 || n > len(f.b) {
		f.bad = true
		return nil
	}
	p := f.b[:n]
	f.b = f.b[n:]
	return p
}

func (f *fields) u32() uint32 {
	if p := f.take(4); p != nil {
		return binary.LittleEndian.Uint32(p)
	}
	return 0
}

func (f *fields) u64() uint64 {
	if p := f.take(8); p != nil {
		return binary.LittleEndian.Uint64(p)
	}
	return 0
}

func (f *fields) flag() bool {
	p := f.take(1)
	if p == nil || p[0] > 1 {
		f.bad = true
		return false
	}
	return p[0] == 1
}

func (f *fields) bytes(limit int) []byte {
	n := f.u32()
	if uint64(n) > uint64(limit) {
		f.bad = true
		return nil
	}
	return f.take(int(n))
}

func (f *fields) text(limit int) string { return string(f.bytes(limit)) }

// end checks that everything was read and nothing was missing.
func (f *fields) end() error {
	if f.bad || len(f.b) != 0 {
		return errFrame
	}
	return nil
}

func putU32(b []byte, v uint32) []byte { return binary.LittleEndian.AppendUint32(b, v) }
func putU64(b []byte, v uint64) []byte { return binary.LittleEndian.AppendUint64(b, v) }
func putFlag(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}
func putBytes(b, v []byte) []byte { return append(putU32(b, uint32(len(v))), v...) }
func putText(b []byte, v string, limit int) []byte {
	if len(v) > limit {
		v = v[:limit]
	}
	return append(putU32(b, uint32(len(v))), v...)
}

// adapter describes an adapter as the child sees it.
type adapter struct {
	Name, Driver, Backend, Kind string
	Vendor, Device              uint32
	MaxBuffer, MaxBinding       uint64
	MaxStorage                  uint32 // storage buffers in a shader
}

func (a *adapter) append(b []byte) []byte {
	b = putText(b, a.Name, maxNames)
	b = putText(b, a.Driver, maxNames)
	b = putText(b, a.Backend, maxNames)
	b = putText(b, a.Kind, maxNames)
	b = putU32(putU32(b, a.Vendor), a.Device)
	return putU32(putU64(putU64(b, a.MaxBuffer), a.MaxBinding), a.MaxStorage)
}

func (a *adapter) read(f *fields) {
	a.Name, a.Driver = f.text(maxNames), f.text(maxNames)
	a.Backend, a.Kind = f.text(maxNames), f.text(maxNames)
	a.Vendor, a.Device = f.u32(), f.u32()
	a.MaxBuffer, a.MaxBinding, a.MaxStorage = f.u64(), f.u64(), f.u32()
}

const maxAdapters = 64

func readAdapters(body []byte) ([]adapter, error) {
	f := &fields{b: body}
	n := f.u32()
	if n > maxAdapters {
		return nil, fmt.Errorf("%w: %d adapters", errFrame, n)
	}
	list := make([]adapter, n)
	for i := range list {
		list[i].read(f)
	}
	return list, f.end()
}

// request is a decoded request; which fields count depends on its kind.
type request struct {
	kind   kind
	id     uint32 // buffer, pipeline, or number of an adapter
	size   uint64 // NewBuffer; how much to Read or Copy
	off    uint64
	dst    uint32 // Copy
	dstOff uint64
	data   []byte // Write
	text   string // WGSL, or the name of the adapter to open
	write  []bool // NewPipeline: which bindings are writable
	groups [3]uint32
	meta   []byte // Dispatch; NewPipeline has its size in size
	bound  []boundRange
}

// boundRange is a part of a buffer as WebGPU binds it.
type boundRange struct {
	id        uint32
	off, size uint64
}

const (
	maxBindings = 64
	maxGather   = 1 << 12 // parts of buffers read at once
)

// gathered is how many bytes the parts of a Gather have together, if that is as much as one frame takes.
func gathered(list []boundRange) (n uint64, ok bool) {
	for _, b := range list {
		if b.off%4 != 0 || b.size%4 != 0 || b.off > math.MaxInt64 || b.size > chunk {
			return 0, false
		}
		n += b.size
	}
	return n, n <= chunk
}

func (r *request) encode() []byte {
	b := make([]byte, 0, 64+len(r.data)+len(r.text))
	switch r.kind {
	case reqOpen:
		b = putText(putU32(b, r.id), r.text, maxNames)
	case reqNewBuffer:
		b = putU64(putU32(b, r.id), r.size)
	case reqFreeBuffer, reqFreePipeline:
		b = putU32(b, r.id)
	case reqWrite:
		b = putBytes(putU64(putU32(b, r.id), r.off), r.data)
	case reqRead:
		b = putU64(putU64(putU32(b, r.id), r.off), r.size)
	case reqCopy:
		b = putU64(putU32(b, r.dst), r.dstOff)
		b = putU64(putU64(putU32(b, r.id), r.off), r.size)
	case reqNewPipeline:
		b = putU64(putU32(b, r.id), r.size)
		b = putText(b, r.text, maxFrame)
		b = putU32(b, uint32(len(r.write)))
		for _, w := range r.write {
			b = putFlag(b, w)
		}
	case reqGather:
		b = putRanges(b, r.bound)
	case reqDispatch:
		b = putU32(b, r.id)
		for _, g := range r.groups {
			b = putU32(b, g)
		}
		b = putRanges(putBytes(b, r.meta), r.bound)
	}
	return b
}

func putRanges(b []byte, list []boundRange) []byte {
	b = putU32(b, uint32(len(list)))
	for _, d := range list {
		b = putU64(putU64(putU32(b, d.id), d.off), d.size)
	}
	return b
}

func (f *fields) ranges(limit int) (list []boundRange) {
	n := f.u32()
	if uint64(n) > uint64(limit) {
		f.bad = true
		return nil
	}
	for range n {
		if f.bad {
			return nil
		}
		list = append(list, boundRange{f.u32(), f.u64(), f.u64()})
	}
	return list
}

// decodeRequest is strict: every field must be there, nothing may follow, and counts are bounded.
func decodeRequest(k kind, body []byte) (*request, error) {
	r := &request{kind: k}
	f := &fields{b: body}
	switch k {
	case reqList, reqFinish:
	case reqOpen:
		r.id, r.text = f.u32(), f.text(maxNames)
	case reqNewBuffer:
		r.id, r.size = f.u32(), f.u64()
	case reqFreeBuffer, reqFreePipeline:
		r.id = f.u32()
	case reqWrite:
		r.id, r.off, r.data = f.u32(), f.u64(), f.bytes(chunk)
		if len(r.data)%4 != 0 {
			f.bad = true
		}
	case reqRead:
		r.id, r.off, r.size = f.u32(), f.u64(), f.u64()
		if r.size > chunk {
			f.bad = true
		}
	case reqGather:
		r.bound = f.ranges(maxGather)
		if _, ok := gathered(r.bound); !ok {
			f.bad = true
		}
	case reqCopy:
		r.dst, r.dstOff = f.u32(), f.u64()
		r.id, r.off, r.size = f.u32(), f.u64(), f.u64()
	case reqNewPipeline:
		r.id, r.size, r.text = f.u32(), f.u64(), f.text(maxFrame)
		n := f.u32()
		if n > maxBindings || r.size > 1<<16 || r.size%16 != 0 {
			f.bad = true
			break
		}
		for range n {
			r.write = append(r.write, f.flag())
		}
	case reqDispatch:
		r.id = f.u32()
		for i := range r.groups {
			r.groups[i] = f.u32()
		}
		r.meta = f.bytes(1 << 16)
		r.bound = f.ranges(maxBindings)
	default:
		return nil, fmt.Errorf("%w: unknown request %d", errFrame, k)
	}
	if r.off%4 != 0 || r.dstOff%4 != 0 || r.off > math.MaxInt64 || r.dstOff > math.MaxInt64 || r.size > math.MaxInt64 {
		f.bad = true
	}
	if err := f.end(); err != nil {
		return nil, fmt.Errorf("%w: request %d", err, k)
	}
	return r, nil
}
