package binding

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/trace"
)

// encoded is how an object was last encoded, with all that can change in an object of its kind.
type encoded struct {
	now   changing
	bytes []byte
}

// changing is what changes in objects that are otherwise as they were made.
type changing struct {
	ext, int, mapState, mode uint32
	offset, length, pending  uint64
	label                    string
	bad, destroyed           bool
}

// encode encodes an object with its handle. What most objects are made of never changes, so that their encoding is kept:
// a job has hundreds of objects and commits to them after every step.
func (h *Host) encode(handle uint32, o *object) []byte {
	now := changing{ext: o.Ext, int: o.Int, label: o.Label, bad: o.Bad}
	switch o.Kind {
	case kindDevice, kindEncoder, kindPass, kindCommands:
		return msg.Encode(entry{handle, *o})
	case kindBuffer:
		b := o.Buffer
		if len(b.Ranges) > 0 {
			return msg.Encode(entry{handle, *o})
		}
		now.mapState, now.mode, now.offset, now.length, now.pending, now.destroyed = b.Map, b.Mode, b.Offset, b.Length, b.Pending, b.Destroyed
	}
	if o.encoded == nil || o.encoded.now != now {
		o.encoded = &encoded{now, msg.Encode(entry{handle, *o})}
	}
	return o.encoded.bytes
}

// State encodes the host's objects. Buffers, shader texts, outputs and the log are apart.
func (h *Host) State() []byte {
	handles := make([]uint32, 0, len(h.objects))
	for handle := range h.objects {
		handles = append(handles, handle)
	}
	slices.Sort(handles)
	objects := make([]cbor.RawMessage, len(handles))
	for i, handle := range handles {
		objects[i] = h.encode(handle, h.objects[handle])
	}
	s := h.state
	return msg.Encode(struct {
		LastHandle uint32            `cbor:"1,keyasint"`
		LastFuture uint64            `cbor:"2,keyasint"`
		Objects    []cbor.RawMessage `cbor:"3,keyasint"`
		Events     []event           `cbor:"4,keyasint"`
		GPUGas     uint64            `cbor:"5,keyasint"`
		Clock      uint64            `cbor:"6,keyasint"`
		Random     uint64            `cbor:"7,keyasint"`
		Files      []file            `cbor:"8,keyasint,omitempty"`
		Refused    []string          `cbor:"9,keyasint,omitempty"`
	}{s.LastHandle, s.LastFuture, objects, s.Events, h.GPUGas, s.Clock, s.Random, s.Files, s.Refused})
}

// deviceBuffer is what a buffer object has on the device.
type deviceBuffer struct {
	b    kernels.Buffer
	size uint64
	// Bytes from lo on, up to hi, may have been written since the last commit.
	lo, hi uint64
	share  float64 // of its pages, what had changed when that was last looked at on the device
}

func (d *deviceBuffer) wrote(off, n uint64) {
	switch {
	case n == 0:
	case d.lo == d.hi:
		d.lo, d.hi = off, off+n
	default:
		d.lo, d.hi = min(d.lo, off), max(d.hi, off+n)
	}
}

// ErrState says that a state that was restored is none that a job can come to, although its hashes are right. Whoever
// committed to it is to blame.
var ErrState = errors.New("the state is not one of this job")

// forged ends the run at what can only come from such a state: it was checked when the guest asked for it.
func (c *call) forged(format string, args ...any) {
	c.fail(fmt.Errorf("%w: %s: %s", ErrState, c.fn.name, fmt.Sprintf(format, args...)))
}

// part is a buffer of which n bytes from off on are used.
func (c *call) part(handle uint32, off, n uint64) *deviceBuffer {
	d := c.h.bufs[handle]
	if d == nil || off%4 != 0 || n%4 != 0 || off > d.size || n > d.size-off {
		c.forged("%s has no bytes %d+%d", c.h.name(handle), off, n)
	}
	return d
}

// viewer is what a device may offer to show a buffer without copying it; the bytes are good until the next call.
type viewer interface {
	View(b kernels.Buffer) ([]byte, error)
}

// gatherer is what a device may offer to read parts of many buffers in one exchange.
type gatherer interface {
	Gather(list []kernels.Bound, p []byte) error
}

// Bytes gives what is bound: a view or a copy, good until the next call of the device.
func Bytes(dev kernels.Device, b kernels.Bound) ([]byte, error) {
	if v, ok := dev.(viewer); ok {
		all, err := v.View(b.Buffer)
		if err != nil {
			return nil, err
		}
		return all[b.Offset : b.Offset+b.Size], nil
	}
	data := make([]byte, b.Size)
	if len(data) == 0 {
		return data, nil
	}
	return data, dev.Read(b.Buffer, b.Offset, data)
}

// commitPage is what parts of buffers begin and end at for a commit.
const commitPage = 4096

// maxGather bounds what is read from a device at once.
const maxGather = 4 << 20

// A Change is what may have changed in a buffer since the last commit.
type Change struct {
	Handle       uint32
	Size, Offset uint64
	Data         []byte // empty if nothing did
}

// Changes calls f for each buffer on the device. Data is good during the call, and begins and ends at multiples of 4096
// or at the buffer's end.
func (h *Host) Changes(f func(Change) error) error {
	return h.ChangesFrom(func(uint32, uint64) (msg.Hash, bool) { return msg.Hash{}, false }, f)
}

// ChangesFrom is Changes where known gives the leaf hash that a page of a buffer had at the last commit. It calls f more
// than once for a buffer that changed in several places.
func (h *Host) ChangesFrom(known func(handle uint32, page uint64) (msg.Hash, bool), f func(Change) error) error {
	var ask []Change
	var bound []kernels.Bound
	var total uint64
	flush := func() error {
		data, err := h.readAll(bound, total)
		if err != nil {
			return &DeviceError{err}
		}
		for i := range ask {
			n := bound[i].Size
			ask[i].Data, data = data[:n:n], data[n:]
			if err := f(ask[i]); err != nil {
				return err
			}
		}
		ask, bound, total = ask[:0], bound[:0], 0
		return nil
	}
	_, views := h.cfg.Device.(viewer)
	for handle, d := range h.bufs {
		now := Change{Handle: handle, Size: d.size}
		if d.lo == d.hi {
			if err := f(now); err != nil {
				return err
			}
			continue
		}
		now.Offset = d.lo &^ (commitPage - 1)
		b := kernels.Bound{Buffer: d.b, Offset: now.Offset, Size: min((d.hi+commitPage-1)&^(commitPage-1), d.size) - now.Offset}
		d.lo, d.hi = 0, 0
		if did, err := h.sifted(now, d, b.Size, known, f); err != nil {
			return err
		} else if did {
			continue
		}
		if views || b.Size >= maxGather {
			var err error
			if now.Data, err = h.readPart(d, b.Offset, b.Size); err != nil {
				return err
			}
			if err := f(now); err != nil {
				return err
			}
			continue
		}
		if total+b.Size > maxGather {
			if err := flush(); err != nil {
				return err
			}
		}
		ask, bound, total = append(ask, now), append(bound, b), total+b.Size
	}
	return flush()
}

// BufferBytes gives a buffer on the device: a view or a copy, good until the next call of the device.
func (h *Host) BufferBytes(handle uint32) ([]byte, error) {
	d := h.bufs[handle]
	if d == nil {
		return nil, &DeviceError{fmt.Errorf("there is no buffer %d on the device", handle)}
	}
	b, err := Bytes(h.cfg.Device, kernels.Bound{Buffer: d.b, Size: d.size})
	if err != nil {
		return nil, &DeviceError{err}
	}
	return b, nil
}

// HandleOf is the handle of a buffer on the device, 0 if it is none of the job's.
func (h *Host) HandleOf(b kernels.Buffer) uint32 {
	for handle, d := range h.bufs {
		if d.b == b {
			return handle
		}
	}
	return 0
}

// BufferOf is the buffer on the device that a handle has, nil if it has none.
func (h *Host) BufferOf(handle uint32) kernels.Buffer {
	if d := h.bufs[handle]; d != nil {
		return d.b
	}
	return nil
}

// Sizes lists the buffers on the device, without their roots, in the order of their handles.
func (h *Host) Sizes() []trace.BufferHead {
	var out []trace.BufferHead
	for _, handle := range slices.Sorted(maps.Keys(h.bufs)) {
		out = append(out, trace.BufferHead{Handle: handle, Size: h.bufs[handle].size})
	}
	return out
}

// Buffers calls f for each buffer on the device, in the order of their handles, with its bytes, good during the call.
func (h *Host) Buffers(f func(handle uint32, data []byte) error) error {
	for _, handle := range slices.Sorted(maps.Keys(h.bufs)) {
		data, err := h.BufferBytes(handle)
		if err != nil {
			return err
		}
		if err := f(handle, data); err != nil {
			return err
		}
	}
	return nil
}

// readAll reads parts of buffers, one after another.
func (h *Host) readAll(list []kernels.Bound, total uint64) ([]byte, error) {
	if len(list) == 0 {
		return nil, nil
	}
	if uint64(cap(h.gathered)) < total {
		h.gathered = make([]byte, total)
	}
	p := h.gathered[:total]
	if g, ok := h.cfg.Device.(gatherer); ok {
		return p, g.Gather(list, p)
	}
	rest := p
	for _, b := range list {
		if err := h.cfg.Device.Read(b.Buffer, b.Offset, rest[:b.Size]); err != nil {
			return nil, err
		}
		rest = rest[b.Size:]
	}
	return p, nil
}
