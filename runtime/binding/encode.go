package binding

import (
	"fmt"
	"slices"
)

// encoder is a command encoder, pass a compute pass of it.
type encoder struct {
	Commands []command `cbor:"1,keyasint"`
	Pass     uint32    `cbor:"2,keyasint,omitempty"` // the pass that is open
	Ended    bool      `cbor:"3,keyasint,omitempty"`
	Problem  string    `cbor:"4,keyasint,omitempty"` // the first error, reported by Finish
	Depth    uint32    `cbor:"5,keyasint,omitempty"` // debug groups open
}

type pass struct {
	Encoder  uint32               `cbor:"1,keyasint"`
	Ended    bool                 `cbor:"2,keyasint,omitempty"`
	Pipeline uint32               `cbor:"3,keyasint,omitempty"`
	Groups   [maxBindGroups]bound `cbor:"4,keyasint"`
	Depth    uint32               `cbor:"5,keyasint,omitempty"`
}

// bound is a bind group as it is set in a pass.
type bound struct {
	Group   uint32   `cbor:"1,keyasint,omitempty"`
	Dynamic []uint32 `cbor:"2,keyasint,omitempty"`
}

type commandKind uint8

const (
	cmdDispatch commandKind = 1 + iota
	cmdIndirect
	cmdCopy
	cmdClear
)

// command is one recorded command.
type command struct {
	Kind       commandKind `cbor:"1,keyasint"`
	Pipeline   uint32      `cbor:"2,keyasint,omitempty"`
	Groups     []bound     `cbor:"3,keyasint,omitempty"`
	Workgroups [3]uint32   `cbor:"4,keyasint"`
	Buffer     uint32      `cbor:"5,keyasint,omitempty"` // destination, what is cleared, or the indirect buffer
	Offset     uint64      `cbor:"6,keyasint,omitempty"`
	From       uint32      `cbor:"7,keyasint,omitempty"`
	FromOffset uint64      `cbor:"8,keyasint,omitempty"`
	Size       uint64      `cbor:"9,keyasint,omitempty"`
}

// objects lists what a command refers to, once for each reference.
func (m *command) objects() []uint32 {
	out := []uint32{m.Pipeline, m.Buffer, m.From}
	for _, g := range m.Groups {
		out = append(out, g.Group)
	}
	return slices.DeleteFunc(out, func(h uint32) bool { return h == 0 })
}

func createEncoder(c *call) {
	dev := c.u32(0)
	_, ok := c.working(dev)
	o := &object{Kind: kindEncoder, Device: dev, Bad: !ok, Encoder: &encoder{}}
	if p := c.u32(1); p != 0 {
		r := c.record(p, 12)
		c.unchained("the command encoder descriptor", r.u32(0))
		o.Label = c.label(r.u32(4), r.u32(8))
	}
	c.ret = uint64(c.add(o))
}

// spoil notes an encoder's first error.
func (c *call) spoil(o *object, format string, args ...any) {
	if o.Encoder.Problem == "" {
		o.Encoder.Problem = cut(c.fn.name+": "+fmt.Sprintf(format, args...), maxMessage)
		o.w += len(o.Encoder.Problem)
		c.heavier(len(o.Encoder.Problem))
	}
}

// openEncoder finds an encoder that can take a command outside a pass; else there has been an error.
func (c *call) openEncoder() (*object, bool) {
	o := c.object(c.u32(0), kindEncoder)
	switch {
	case o.Encoder.Ended:
		c.deviceError(o.Device, errorValidation, c.h.name(c.u32(0))+" is finished")
		return o, false
	case o.Encoder.Pass != 0:
		c.spoil(o, "%s has a compute pass open", c.h.name(c.u32(0)))
		return o, false
	}
	return o, !o.Bad
}

func (c *call) record2(o *object, m command) {
	w := m.weight() // weighing the whole encoder each time would take too long
	o.w += w
	c.heavier(w)
	for _, child := range m.objects() {
		c.h.hold(child)
	}
	o.Encoder.Commands = append(o.Encoder.Commands, m)
}

// usable checks a buffer that a command names.
func (c *call) usable(o *object, handle uint32, usage uint64, what string) (*buffer, bool) {
	b := c.object(handle, kindBuffer)
	switch {
	case b.Bad:
		c.spoil(o, "%s is the result of a failed call", c.h.name(handle))
	case b.Device != o.Device:
		c.spoil(o, "%s belongs to another device", c.h.name(handle))
	case b.Buffer.Usage&usage == 0:
		c.spoil(o, "%s has usage 0x%x, which lacks %s", c.h.name(handle), b.Buffer.Usage, what)
	default:
		return b.Buffer, true
	}
	return nil, false
}

func copyBufferToBuffer(c *call) {
	from, to := c.u32(1), c.u32(3)
	c.object(from, kindBuffer)
	c.object(to, kindBuffer)
	o, ok := c.openEncoder()
	if !ok {
		return
	}
	fromOff, toOff, size := c.u64(2), c.u64(4), c.u64(5)
	src, ok := c.usable(o, from, usageCopySrc, "CopySrc")
	if !ok {
		return
	}
	dst, ok := c.usable(o, to, usageCopyDst, "CopyDst")
	if !ok {
		return
	}
	if size == wholeSize && fromOff <= src.Size {
		size = src.Size - fromOff
	}
	switch {
	case from == to:
		c.spoil(o, "%s is copied to itself", c.h.name(from))
	case fromOff%4 != 0 || toOff%4 != 0 || size%4 != 0:
		c.spoil(o, "bytes %d+%d to %d: offsets and size must be multiples of 4", fromOff, size, toOff)
	case fromOff > src.Size || size > src.Size-fromOff:
		c.spoil(o, "bytes %d+%d lie outside the %d of %s", fromOff, size, src.Size, c.h.name(from))
	case toOff > dst.Size || size > dst.Size-toOff:
		c.spoil(o, "bytes %d+%d lie outside the %d of %s", toOff, size, dst.Size, c.h.name(to))
	default:
		c.record2(o, command{Kind: cmdCopy, Buffer: to, Offset: toOff, From: from, FromOffset: fromOff, Size: size})
	}
}

func clearBuffer(c *call) {
	c.object(c.u32(1), kindBuffer)
	o, ok := c.openEncoder()
	if !ok {
		return
	}
	off, size := c.u64(2), c.u64(3)
	b, ok := c.usable(o, c.u32(1), usageCopyDst, "CopyDst")
	if !ok {
		return
	}
	if size == wholeSize && off <= b.Size {
		size = b.Size - off
	}
	switch {
	case off%4 != 0 || size%4 != 0:
		c.spoil(o, "bytes %d+%d: offset and size must be multiples of 4", off, size)
	case off > b.Size || size > b.Size-off:
		c.spoil(o, "bytes %d+%d lie outside the %d of %s", off, size, b.Size, c.h.name(c.u32(1)))
	default:
		c.record2(o, command{Kind: cmdClear, Buffer: c.u32(1), Offset: off, Size: size})
	}
}

func beginComputePass(c *call) {
	label := ""
	if p := c.u32(1); p != 0 {
		r := c.record(p, 16)
		c.unchained("the compute pass descriptor", r.u32(0))
		label = c.label(r.u32(4), r.u32(8))
		if r.u32(12) != 0 {
			c.trap("timestamp writes are asked for; there are none")
		}
	}
	enc := c.u32(0)
	o, ok := c.openEncoder()
	n := &object{Kind: kindPass, Label: label, Device: o.Device, Bad: !ok, Pass: &pass{Encoder: enc, Ended: !ok}}
	handle := c.add(n)
	c.h.hold(enc)
	if ok {
		o.Encoder.Pass = handle
	}
	c.ret = uint64(handle)
}

// openPass finds a pass that can take a command.
func (c *call) openPass() (p *object, enc *object, ok bool) {
	p = c.object(c.u32(0), kindPass)
	enc = c.h.objects[p.Pass.Encoder]
	if p.Bad {
		return p, enc, false
	}
	if p.Pass.Ended {
		c.deviceError(p.Device, errorValidation, c.h.name(c.u32(0))+" has ended")
		return p, enc, false
	}
	return p, enc, true
}

func setPipeline(c *call) {
	o := c.object(c.u32(1), kindPipeline)
	p, enc, ok := c.openPass()
	if !ok {
		return
	}
	if o.Bad || o.Device != p.Device {
		c.spoil(enc, "%s is the result of a failed call, or of another device", c.h.name(c.u32(1)))
		return
	}
	c.h.hold(c.u32(1))
	c.h.drop(p.Pass.Pipeline)
	p.Pass.Pipeline = c.u32(1)
}

func setBindGroup(c *call) {
	index, handle := c.u32(1), c.u32(2)
	var dynamic []uint32
	for _, d := range c.array("dynamic offsets", c.u32(4), c.u32(3), 4) {
		dynamic = append(dynamic, d.u32(0))
	}
	var g *object
	if handle != 0 {
		g = c.object(handle, kindGroup)
	}
	p, enc, ok := c.openPass()
	if !ok {
		return
	}
	if index >= maxBindGroups {
		c.spoil(enc, "group %d, groups end at %d", index, maxBindGroups-1)
		return
	}
	if g != nil {
		if g.Bad || g.Device != p.Device {
			c.spoil(enc, "group %d: %s is the result of a failed call, or of another device", index, c.h.name(handle))
			return
		}
		layout := c.h.objects[g.Group.Layout].Layout
		if n := layout.dynamic(); n != len(dynamic) {
			c.spoil(enc, "group %d: %d dynamic offsets for %s, which has %d dynamic bindings", index, len(dynamic), c.h.name(handle), n)
			return
		}
		i := 0
		for k, le := range layout.Entries {
			if !le.Dynamic {
				continue
			}
			e := g.Group.Entries[k]
			d := uint64(dynamic[i])
			i++
			b := c.h.objects[e.Buffer].Buffer
			if d%offsetAlignment != 0 || e.Offset+d > b.Size || e.Size > b.Size-e.Offset-d {
				c.spoil(enc, "group %d, binding %d: dynamic offset %d, wanted a multiple of %d that keeps %d+%d bytes in the %d of %s",
					index, e.Binding, d, offsetAlignment, e.Offset, e.Size, b.Size, c.h.name(e.Buffer))
				return
			}
		}
	} else if len(dynamic) > 0 {
		c.spoil(enc, "group %d: %d dynamic offsets for no bind group", index, len(dynamic))
		return
	}
	c.h.hold(handle)
	c.h.drop(p.Pass.Groups[index].Group)
	p.Pass.Groups[index] = bound{handle, dynamic}
	c.weigh(p)
}

// use is one binding of a dispatch as the usage-scope rules see it.
type use struct {
	at       string
	write    bool
	off, end uint64
}

// checkDispatch applies what WebGPU asks of the pass when a dispatch is recorded: a pipeline, a bind group that fits for
// each of its groups, enough bytes, and no buffer that is written and used in another way.
func (c *call) checkDispatch(p, enc *object, indirect uint32) ([]bound, bool) {
	h := c.h
	if p.Pass.Pipeline == 0 {
		c.spoil(enc, "no pipeline is set")
		return nil, false
	}
	pl := h.objects[p.Pass.Pipeline].Pipeline
	uses := map[uint32][]use{}
	if indirect != 0 {
		uses[indirect] = append(uses[indirect], use{at: "the indirect buffer", end: 1})
	}
	groups := make([]bound, len(pl.Groups))
	for i, want := range pl.Groups {
		if want == 0 {
			continue
		}
		g := p.Pass.Groups[i]
		layout := h.objects[want].Layout
		if g.Group == 0 {
			if len(layout.Entries) == 0 {
				continue
			}
			c.spoil(enc, "%s needs a bind group %d, none is set", h.name(p.Pass.Pipeline), i)
			return nil, false
		}
		group := h.objects[g.Group].Group
		if !h.objects[group.Layout].Layout.same(layout) {
			c.spoil(enc, "bind group %d: %s was made with another layout than %s has there", i, h.name(g.Group), h.name(p.Pass.Pipeline))
			return nil, false
		}
		groups[i] = g
		d := 0
		for k, le := range layout.Entries {
			e := group.Entries[k]
			off := e.Offset
			if le.Dynamic {
				off += uint64(g.Dynamic[d])
				d++
			}
			u := use{at: fmt.Sprintf("%d.%d", i, e.Binding), write: le.Type == typeStorage, off: off, end: off + e.Size}
			for _, v := range uses[e.Buffer] {
				if u.write != v.write || u.write && u.off < v.end && v.off < u.end {
					c.spoil(enc, "%s is bound at %s and %s, and one of them is writable (usage scope)", h.name(e.Buffer), v.at, u.at)
					return nil, false
				}
			}
			uses[e.Buffer] = append(uses[e.Buffer], u)
		}
	}
	k, err := h.kernelOf(p.Pass.Pipeline)
	if err != nil {
		c.fail(fmt.Errorf("%s: %w", h.name(p.Pass.Pipeline), err)) // it compiled when it was made
	}
	for _, b := range k.IR.Bindings {
		e := h.objects[groups[b.Group].Group].Group.find(b.Binding)
		if e.Size < b.MinBytes {
			c.spoil(enc, "binding %d.%d (%s): %d bytes of %s are bound, the shader needs %d", b.Group, b.Binding, b.Name, e.Size, h.name(e.Buffer), b.MinBytes)
			return nil, false
		}
	}
	return groups, true
}

func (g *group) find(binding uint32) *groupEntry {
	for i := range g.Entries {
		if g.Entries[i].Binding == binding {
			return &g.Entries[i]
		}
	}
	return nil
}

func dispatchWorkgroups(c *call) {
	p, enc, ok := c.openPass()
	if !ok {
		return
	}
	n := [3]uint32{c.u32(1), c.u32(2), c.u32(3)}
	for i, v := range n {
		if v > maxWorkgroupsPerDim {
			c.spoil(enc, "%d workgroups in dimension %d, at most %d (maxComputeWorkgroupsPerDimension)", v, i, maxWorkgroupsPerDim)
			return
		}
	}
	if groups, ok := c.checkDispatch(p, enc, 0); ok {
		c.record2(enc, command{Kind: cmdDispatch, Pipeline: p.Pass.Pipeline, Groups: groups, Workgroups: n})
	}
}

func dispatchIndirect(c *call) {
	c.object(c.u32(1), kindBuffer)
	p, enc, ok := c.openPass()
	if !ok {
		return
	}
	off := c.u64(2)
	b, ok := c.usable(enc, c.u32(1), usageIndirect, "Indirect")
	if !ok {
		return
	}
	if off%4 != 0 || off > b.Size || b.Size-off < 12 {
		c.spoil(enc, "offset %d: a multiple of 4 with 12 bytes after it in the %d of %s wanted", off, b.Size, c.h.name(c.u32(1)))
		return
	}
	if groups, ok := c.checkDispatch(p, enc, c.u32(1)); ok {
		c.record2(enc, command{Kind: cmdIndirect, Pipeline: p.Pass.Pipeline, Groups: groups, Buffer: c.u32(1), Offset: off})
	}
}

func endPass(c *call) {
	p, enc, ok := c.openPass()
	if !ok {
		return
	}
	p.Pass.Ended = true
	if p.Pass.Depth != 0 {
		c.spoil(enc, "%d debug groups are still open", p.Pass.Depth)
	}
	enc.Encoder.Pass = 0
	c.h.drop(p.Pass.Pipeline)
	p.Pass.Pipeline = 0
	for i := range p.Pass.Groups {
		c.h.drop(p.Pass.Groups[i].Group)
		p.Pass.Groups[i] = bound{}
	}
	c.weigh(p)
}

func debugMarker(k kind) func(*call) {
	return func(c *call) {
		c.object(c.u32(0), k)
		r := c.record(c.u32(1), 8)
		c.label(r.u32(0), r.u32(4))
	}
}

func debugGroup(k kind, by int) func(*call) {
	return func(c *call) {
		o := c.object(c.u32(0), k)
		if by > 0 {
			r := c.record(c.u32(1), 8)
			c.label(r.u32(0), r.u32(4))
		}
		enc := o
		var depth *uint32
		if k == kindPass {
			enc, depth = c.h.objects[o.Pass.Encoder], &o.Pass.Depth
		} else {
			depth = &o.Encoder.Depth
		}
		switch {
		case by > 0 && *depth < 1<<20:
			*depth++
		case by < 0 && *depth > 0:
			*depth--
		default:
			c.spoil(enc, "debug groups are not balanced")
		}
	}
}

func finishEncoder(c *call) {
	enc := c.u32(0)
	o := c.object(enc, kindEncoder)
	n := &object{Kind: kindCommands, Device: o.Device}
	if p := c.u32(1); p != 0 {
		r := c.record(p, 12)
		c.unchained("the command buffer descriptor", r.u32(0))
		n.Label = c.label(r.u32(4), r.u32(8))
	}
	e := o.Encoder
	problem := e.Problem
	switch {
	case e.Ended:
		problem = c.h.name(enc) + " is finished already"
	case e.Pass != 0:
		problem = c.h.name(enc) + " has a compute pass open"
	case problem == "" && e.Depth != 0:
		problem = fmt.Sprintf("%s: %d debug groups are still open", c.h.name(enc), e.Depth)
	}
	commands := e.Commands
	again := e.Ended
	e.Ended, e.Commands, e.Pass = true, nil, 0
	c.weigh(o)
	if problem != "" || o.Bad {
		n.Bad = true
		if !o.Bad {
			c.deviceError(o.Device, errorValidation, c.h.name(enc)+": "+problem)
		}
		if !again {
			for i := range commands {
				for _, child := range commands[i].objects() {
					c.h.drop(child)
				}
			}
		}
	} else {
		n.Commands = commands // and the references with them
	}
	c.ret = uint64(c.add(n))
}
