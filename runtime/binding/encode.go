package binding

import (
	"errors"
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
	Idle    bool     `cbor:"3,keyasint,omitempty"` // no dispatch has had it yet
}

type commandKind uint8

const (
	cmdDispatch commandKind = 1 + iota
	cmdIndirect
	cmdCopy
	cmdClear
	cmdHeld // a bind group that was set for nothing
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
		o.Label = c.label(r.u32(4), r.u32(8))
		if err := c.chained("the descriptor", r.u32(0)); err != nil {
			o.Bad = true
			if ok {
				c.deviceError(dev, errorValidation, c.newName(o)+": "+err.Error())
			}
		}
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
		c.deviceError(o.Device, errorValidation, c.h.name(c.u32(0))+" is finished already")
		return o, false
	case o.Encoder.Pass != 0:
		c.spoil(o, "%s is still open, the encoder takes no commands before its end", c.h.name(o.Encoder.Pass))
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
	if problem := c.unusable(handle, o.Device); problem != "" {
		c.spoil(o, "%s", problem)
		return nil, false
	}
	if b.Buffer.Usage&usage == 0 {
		c.spoil(o, "%s has usage 0x%x (%s), which lacks %s", c.h.name(handle), b.Buffer.Usage, usageNames(b.Buffer.Usage), what)
		return nil, false
	}
	return b.Buffer, true
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
		c.spoil(o, "bytes %d+%d of %s to %d of %s: offsets and size must be multiples of 4", fromOff, size, c.h.name(from), toOff, c.h.name(to))
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
		c.spoil(o, "bytes %d+%d of %s: offset and size must be multiples of 4", off, size, c.h.name(c.u32(1)))
	case off > b.Size || size > b.Size-off:
		c.spoil(o, "bytes %d+%d lie outside the %d of %s", off, size, b.Size, c.h.name(c.u32(1)))
	default:
		c.record2(o, command{Kind: cmdClear, Buffer: c.u32(1), Offset: off, Size: size})
	}
}

func beginComputePass(c *call) {
	label := ""
	var err error
	if p := c.u32(1); p != 0 {
		r := c.record(p, 16)
		label = c.label(r.u32(4), r.u32(8))
		err = c.chained("the descriptor", r.u32(0))
		if r.u32(12) != 0 {
			err = first(err, errors.New("timestampWrites are given; they need the feature TimestampQuery, which is not available"))
		}
	}
	enc := c.u32(0)
	o, ok := c.openEncoder()
	if ok && err != nil {
		c.spoil(o, "%s: %v", c.newName(&object{Kind: kindPass, Label: label}), err)
	}
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
	switch {
	case enc.Encoder.Ended && !enc.Bad:
		c.deviceError(p.Device, errorValidation, c.h.name(c.u32(0))+": "+c.h.name(p.Pass.Encoder)+" is finished already")
		return p, enc, false
	case p.Bad:
		return p, enc, false
	case p.Pass.Ended:
		c.deviceError(p.Device, errorValidation, c.h.name(c.u32(0))+" has ended already")
		return p, enc, false
	}
	return p, enc, true
}

func setPipeline(c *call) {
	c.object(c.u32(1), kindPipeline)
	p, enc, ok := c.openPass()
	if !ok {
		return
	}
	if problem := c.unusable(c.u32(1), p.Device); problem != "" {
		c.spoil(enc, "%s", problem)
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
		c.spoil(enc, "group %d of %s: groups end at %d (maxBindGroups)", index, c.h.name(c.u32(0)), maxBindGroups-1)
		return
	}
	if g != nil {
		if problem := c.unusable(handle, p.Device); problem != "" {
			c.spoil(enc, "group %d: %s", index, problem)
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
			if d%offsetAlignment != 0 {
				c.spoil(enc, "group %d, binding %d of %s: dynamic offset %d is no multiple of %d (%s)",
					index, e.Binding, c.h.name(handle), d, offsetAlignment, alignmentName(le.Type))
				return
			}
			if e.Offset+d > b.Size || e.Size > b.Size-e.Offset-d {
				c.spoil(enc, "group %d, binding %d of %s: with dynamic offset %d bytes %d+%d lie outside the %d of %s",
					index, e.Binding, c.h.name(handle), d, e.Offset+d, e.Size, b.Size, c.h.name(e.Buffer))
				return
			}
		}
	} else if len(dynamic) > 0 {
		c.spoil(enc, "group %d: %d dynamic offsets for no bind group", index, len(dynamic))
		return
	}
	c.h.hold(handle)
	c.unset(p, enc, int(index))
	p.Pass.Groups[index] = bound{Group: handle, Dynamic: dynamic, Idle: handle != 0}
	c.weigh(p)
}

// unset takes a bind group out of a pass. One that no dispatch had is noted, since its buffers must be there when the
// commands are submitted all the same.
func (c *call) unset(p, enc *object, index int) {
	g := p.Pass.Groups[index]
	p.Pass.Groups[index] = bound{}
	if g.Idle {
		c.record2(enc, command{Kind: cmdHeld, Groups: []bound{{Group: g.Group}}})
	}
	c.h.drop(g.Group)
}

// use is one binding of a dispatch as the usage-scope rules see it.
type use struct {
	at       string
	write    bool
	shown    bool // to the compute stage
	off, end uint64
}

// checkDispatch applies what WebGPU asks of the pass when a dispatch is recorded: a pipeline, a bind group that fits for
// each of its groups, enough bytes, and no buffer that is written and used in another way.
func (c *call) checkDispatch(p, enc *object, indirect uint32) ([]bound, bool) {
	h := c.h
	if p.Pass.Pipeline == 0 {
		c.spoil(enc, "%s has no pipeline set", h.name(c.u32(0)))
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
		if len(layout.Entries) == 0 {
			continue // as if there were no group
		}
		if g.Group == 0 {
			c.spoil(enc, "%s needs a bind group %d, none is set", h.name(p.Pass.Pipeline), i)
			return nil, false
		}
		group := h.objects[g.Group].Group
		if !h.objects[group.Layout].Layout.same(layout) {
			c.spoil(enc, "bind group %d: %s was made with another layout than %s has there", i, h.name(g.Group), h.name(p.Pass.Pipeline))
			return nil, false
		}
		groups[i] = bound{Group: g.Group, Dynamic: g.Dynamic}
		d := 0
		for k, le := range layout.Entries {
			e := group.Entries[k]
			off := e.Offset
			if le.Dynamic {
				off += uint64(g.Dynamic[d])
				d++
			}
			u := use{at: fmt.Sprintf("%d.%d", i, e.Binding), write: le.Type == typeStorage, shown: le.Visibility&stageCompute != 0, off: off, end: off + e.Size}
			for _, v := range uses[e.Buffer] {
				switch {
				case u.write != v.write:
					c.spoil(enc, "%s is bound at %s and %s of %s, and only one of them is writable (usage scope)", h.name(e.Buffer), v.at, u.at, h.name(p.Pass.Pipeline))
					return nil, false
				case u.write && u.shown && v.shown && u.off < v.end && v.off < u.end:
					c.spoil(enc, "%s is bound at %s and %s of %s, both are writable and their bytes overlap (writable aliasing)", h.name(e.Buffer), v.at, u.at, h.name(p.Pass.Pipeline))
					return nil, false
				}
			}
			uses[e.Buffer] = append(uses[e.Buffer], u)
		}
	}
	k := c.kernelOf(p.Pass.Pipeline)
	for _, b := range k.IR.Bindings {
		e := h.objects[groups[b.Group].Group].Group.find(b.Binding)
		if e.Size < b.MinBytes {
			c.spoil(enc, "binding %d.%d (%s): %d bytes of %s are bound, the shader of %s needs %d", b.Group, b.Binding, b.Name, e.Size, h.name(e.Buffer), h.name(p.Pass.Pipeline), b.MinBytes)
			return nil, false
		}
	}
	for i := range groups {
		if groups[i].Group != 0 {
			p.Pass.Groups[i].Idle = false
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
			c.spoil(enc, "%d workgroups in dimension %c, at most %d (maxComputeWorkgroupsPerDimension)", v, "xyz"[i], maxWorkgroupsPerDim)
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
	if off%4 != 0 {
		c.spoil(enc, "offset %d in %s is no multiple of 4", off, c.h.name(c.u32(1)))
		return
	}
	if off > b.Size || b.Size-off < 12 {
		c.spoil(enc, "bytes %d+12 lie outside the %d of %s", off, b.Size, c.h.name(c.u32(1)))
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
		c.spoil(enc, "%s: %d debug groups are still open", c.h.name(c.u32(0)), p.Pass.Depth)
	}
	enc.Encoder.Pass = 0
	c.h.drop(p.Pass.Pipeline)
	p.Pass.Pipeline = 0
	for i := range p.Pass.Groups {
		c.unset(p, enc, i)
	}
	c.weigh(p)
}

// open finds an encoder or a pass that can take a command, and the encoder that the command is for.
func (c *call) open(k kind) (o, enc *object, ok bool) {
	if k == kindPass {
		return c.openPass()
	}
	o, ok = c.openEncoder()
	return o, o, ok
}

func debugMarker(k kind) func(*call) {
	return func(c *call) {
		r := c.record(c.u32(1), 8)
		c.label(r.u32(0), r.u32(4))
		c.open(k)
	}
}

func debugGroup(k kind, by int) func(*call) {
	return func(c *call) {
		if by > 0 {
			r := c.record(c.u32(1), 8)
			c.label(r.u32(0), r.u32(4))
		}
		o, enc, ok := c.open(k)
		if !ok {
			return
		}
		depth := &enc.Encoder.Depth
		if k == kindPass {
			depth = &o.Pass.Depth
		}
		switch {
		case by > 0 && *depth >= 1<<20:
			c.trap("%s: %d debug groups are open already", c.h.name(c.u32(0)), *depth)
		case by > 0:
			*depth++
		case *depth == 0:
			c.spoil(enc, "%s: no debug group is open", c.h.name(c.u32(0)))
		default:
			*depth--
		}
	}
}

// setImmediates takes no data: the limit on it is 0.
func setImmediates(c *call) {
	_, enc, ok := c.openPass()
	off, size := c.u32(1), c.u32(3)
	c.read(c.u32(2), size)
	switch {
	case !ok:
	case off%4 != 0 || size%4 != 0:
		c.spoil(enc, "bytes %d+%d of %s: offset and size must be multiples of 4", off, size, c.h.name(c.u32(0)))
	case off != 0 || size != 0:
		c.spoil(enc, "bytes %d+%d of %s: at most 0 bytes of immediates (maxImmediateSize)", off, size, c.h.name(c.u32(0)))
	}
}

func finishEncoder(c *call) {
	enc := c.u32(0)
	o := c.object(enc, kindEncoder)
	n := &object{Kind: kindCommands, Device: o.Device}
	e := o.Encoder
	problem := e.Problem
	if p := c.u32(1); p != 0 {
		r := c.record(p, 12)
		n.Label = c.label(r.u32(4), r.u32(8))
		if err := c.chained("the descriptor", r.u32(0)); err != nil && problem == "" {
			problem = c.newName(n) + ": " + err.Error()
		}
	}
	switch {
	case e.Ended:
		problem = "it is finished already"
	case o.Bad:
		problem = "it is invalid, the call that made it failed"
	case problem == "" && e.Pass != 0:
		problem = c.h.name(e.Pass) + " is still open"
	case problem == "" && e.Depth != 0:
		problem = fmt.Sprintf("%d debug groups are still open", e.Depth)
	}
	commands := e.Commands
	again := e.Ended
	e.Ended, e.Commands, e.Pass = true, nil, 0
	c.weigh(o)
	if problem != "" {
		n.Bad = true
		c.deviceError(o.Device, errorValidation, c.h.name(enc)+": "+problem)
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
