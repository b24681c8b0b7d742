package binding

import (
	"fmt"

	"github.com/gwrun/gwrun/proto/msg"
)

type kind uint8

const (
	kindInstance kind = 1 + iota
	kindAdapter
	kindDevice
	kindQueue
	kindBuffer
	kindShader
	kindGroupLayout
	kindPipelineLayout
	kindPipeline
	kindGroup
	kindEncoder
	kindPass
	kindCommands
)

var kindNames = [...]string{"", "instance", "adapter", "device", "queue", "buffer", "shader module", "bind group layout",
	"pipeline layout", "compute pipeline", "bind group", "command encoder", "compute pass", "command buffer"}

func (k kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// object is one WebGPU object. It lives while the guest holds a reference (Ext) or another object does (Int).
type object struct {
	Kind   kind   `cbor:"1,keyasint"`
	Ext    uint32 `cbor:"2,keyasint"`
	Int    uint32 `cbor:"3,keyasint"`
	Label  string `cbor:"4,keyasint"`
	Bad    bool   `cbor:"5,keyasint,omitempty"` // made by a call that was an error
	Device uint32 `cbor:"6,keyasint,omitempty"` // the device that made it; for an adapter or device, nothing

	Dev      *device         `cbor:"7,keyasint,omitempty"`
	Buffer   *buffer         `cbor:"8,keyasint,omitempty"`
	Layout   *groupLayout    `cbor:"9,keyasint,omitempty"`
	Groups   []uint32        `cbor:"10,keyasint,omitempty"` // of a pipeline layout: bind group layouts
	Pipeline *pipeline       `cbor:"11,keyasint,omitempty"`
	Group    *group          `cbor:"12,keyasint,omitempty"`
	Encoder  *encoder        `cbor:"13,keyasint,omitempty"`
	Pass     *pass           `cbor:"14,keyasint,omitempty"`
	Commands []command       `cbor:"15,keyasint,omitempty"` // of a command buffer
	Used     bool            `cbor:"16,keyasint,omitempty"` // a command buffer that was submitted
	Source   []byte          `cbor:"-"`                     // of a shader module; a section of its own in the state
	Problem  *compileProblem `cbor:"17,keyasint,omitempty"` // what is wrong with a shader module

	w       int      // its weight when it was last weighed
	encoded *encoded // see State
}

// compileProblem is a compiler's message with its place.
type compileProblem struct {
	Line    uint64 `cbor:"1,keyasint"`
	Column  uint64 `cbor:"2,keyasint"`
	Message string `cbor:"3,keyasint"`
}

// add makes an object with one reference and gives its handle.
func (c *call) add(o *object) uint32 {
	h := c.h
	if uint64(len(h.objects))+1 > uint64(h.cfg.Limits.Handles) {
		c.limit("handles", uint64(len(h.objects))+1, uint64(h.cfg.Limits.Handles))
	}
	if h.state.LastHandle == 1<<32-1 {
		c.trap("handles are used up")
	}
	h.state.LastHandle++
	o.Ext = 1
	h.objects[h.state.LastHandle] = o
	c.weigh(o)
	if o.Device != 0 {
		h.hold(o.Device)
	}
	return h.state.LastHandle
}

// object finds a handle the guest passed.
func (c *call) object(handle uint32, k kind) *object {
	o := c.h.objects[handle]
	switch {
	case o == nil || o.Ext == 0:
		c.trap("%d is no handle of a %s", handle, k)
	case o.Kind != k:
		c.trap("%d is the handle of a %s, wanted a %s", handle, o.Kind, k)
	}
	return o
}

// name is how a message speaks of an object.
func (h *Host) name(handle uint32) string {
	o := h.objects[handle]
	if o == nil {
		return fmt.Sprintf("object %d", handle)
	}
	return o.name(handle)
}

func (o *object) name(handle uint32) string {
	if o.Label != "" {
		return o.Kind.String() + " " + quote(o.Label)
	}
	return fmt.Sprintf("unlabelled %s %d", o.Kind, handle)
}

// newName is the name of an object that is about to be added.
func (c *call) newName(o *object) string { return o.name(c.h.state.LastHandle + 1) }

// unusable says why an object cannot be used with a device, or nothing: it must be good and that device's.
func (c *call) unusable(handle, dev uint32) string {
	o := c.h.objects[handle]
	switch {
	case o.Bad:
		return c.h.name(handle) + " is invalid: the call that made it failed"
	case o.Device != dev:
		return c.h.name(handle) + " belongs to another device"
	}
	return ""
}

// hold and drop count the references objects have to each other.
func (h *Host) hold(handle uint32) {
	if o := h.objects[handle]; o != nil {
		o.Int++
	}
}

func (h *Host) drop(handle uint32) {
	if o := h.objects[handle]; o != nil && o.Int > 0 {
		o.Int--
		h.collect(handle, o)
	}
}

func (c *call) addRef(k kind) {
	o := c.object(c.u32(0), k)
	if o.Ext == 1<<32-1 {
		c.trap("too many references to %s", c.h.name(c.u32(0)))
	}
	o.Ext++
}

func (c *call) release(k kind) {
	o := c.object(c.u32(0), k)
	o.Ext--
	switch {
	case o.Ext > 0:
	case k == kindQueue:
		c.h.drop(o.Device) // see getQueue
	case k == kindDevice:
		c.loseDevice(c.u32(0), "was released")
	}
	if c.h.objects[c.u32(0)] == o { // freeing its buffers' views has run the guest
		c.h.collect(c.u32(0), o)
	}
	if o.Ext == 0 && k == kindInstance {
		c.cancel()
	}
}

// collect frees an object nobody refers to, and what only it referred to.
func (h *Host) collect(handle uint32, o *object) {
	if o.Ext != 0 || o.Int != 0 || o.Kind == kindQueue { // a queue goes with its device
		return
	}
	delete(h.objects, handle)
	switch o.Kind {
	case kindDevice:
		if q := h.objects[o.Dev.Queue]; q != nil {
			h.weight -= q.w
		}
		delete(h.objects, o.Dev.Queue)
	case kindBuffer:
		h.freeBuffer(handle)
	case kindShader:
		h.source -= uint64(len(o.Source))
		delete(h.modules, handle)
	case kindPipeline:
		if p := h.pipes[handle]; p != nil {
			p.Free()
		}
		delete(h.pipes, handle)
		delete(h.kernels, handle)
	}
	h.weight -= o.w
	for _, child := range o.children() {
		h.drop(child)
	}
	if o.Device != 0 {
		h.drop(o.Device)
	}
}

// children lists the objects that o holds, once for each reference.
func (o *object) children() []uint32 {
	var out []uint32
	add := func(hs ...uint32) {
		for _, h := range hs {
			if h != 0 {
				out = append(out, h)
			}
		}
	}
	add(o.Groups...)
	if p := o.Pipeline; p != nil {
		add(p.Shader)
		add(p.Groups...)
	}
	if g := o.Group; g != nil {
		add(g.Layout)
		for _, e := range g.Entries {
			add(e.Buffer)
		}
	}
	if e := o.Encoder; e != nil {
		for i := range e.Commands {
			add(e.Commands[i].objects()...)
		}
	}
	if p := o.Pass; p != nil {
		add(p.Encoder, p.Pipeline)
		for _, g := range p.Groups {
			add(g.Group)
		}
	}
	for i := range o.Commands {
		add(o.Commands[i].objects()...)
	}
	return out
}

// hostState is what of a Host is part of the job's state, besides buffers, shader texts, outputs and the log.
type hostState struct {
	LastHandle uint32  `cbor:"1,keyasint"`
	LastFuture uint64  `cbor:"2,keyasint"`
	Objects    []entry `cbor:"3,keyasint"` // sorted by handle; filled in by State
	Events     []event `cbor:"4,keyasint"`
	GPUGas     uint64  `cbor:"5,keyasint"` // left; filled in by State
	Clock      uint64  `cbor:"6,keyasint"` // WASI clock reads so far
	Random     uint64  `cbor:"7,keyasint"` // bytes of the random stream used
	// Files are the open ones, by number; Refused the WASI calls that were refused and said so in the log, sorted.
	Files   []file   `cbor:"8,keyasint,omitempty"`
	Refused []string `cbor:"9,keyasint,omitempty"`

	eager     int             // of Events, those that wait for no call
	rewritten map[string]bool // outputs, see Rewritten
}

type entry struct {
	Handle uint32 `cbor:"1,keyasint"`
	Object object `cbor:"2,keyasint"`
}

// Sources are the shader texts by handle, Outputs the outputs by name, Log what was logged. They must not be changed.
func (h *Host) Sources() map[uint32][]byte {
	out := map[uint32][]byte{}
	for handle, o := range h.objects {
		if o.Kind == kindShader {
			out[handle] = o.Source
		}
	}
	return out
}

func (h *Host) Outputs() map[string][]byte { return h.outputs }
func (h *Host) Log() []byte                { return h.log }

// Saved is a Host's part of a state.
type Saved struct {
	Objects []byte // what State gave
	Sources map[uint32][]byte
	Buffers map[uint32][]byte
	Outputs map[string][]byte
	Log     []byte
}

// Restore gives a new Host the state another had. What it is given was checked against a root, but a root only says
// who to blame: everything is checked again.
func (h *Host) Restore(s *Saved) error {
	if err := msg.Decode(s.Objects, &h.state); err != nil {
		return fmt.Errorf("host objects: %w", err)
	}
	if h.state.GPUGas > h.cfg.Limits.GPUGas {
		return fmt.Errorf("host objects: %d kernel gas left of %d", h.state.GPUGas, h.cfg.Limits.GPUGas)
	}
	h.GPUGas = h.state.GPUGas
	if uint64(len(h.state.Objects)) > uint64(h.cfg.Limits.Handles) || len(h.state.Events) > maxEvents {
		return fmt.Errorf("host objects: %d objects and %d events, more than a job may have", len(h.state.Objects), len(h.state.Events))
	}
	for i := range h.state.Objects {
		e := &h.state.Objects[i]
		if e.Handle == 0 || e.Handle > h.state.LastHandle || i > 0 && e.Handle <= h.state.Objects[i-1].Handle {
			return fmt.Errorf("host objects: handle %d out of order", e.Handle)
		}
		if e.Object.Kind == kindShader {
			e.Object.Source = s.Sources[e.Handle]
			h.source += uint64(len(e.Object.Source))
		}
		o := e.Object
		h.objects[e.Handle] = &o
	}
	h.state.Objects = nil
	if err := h.checkCounts(); err != nil {
		return fmt.Errorf("host objects: %w", err)
	}
	for handle, o := range h.objects {
		if err := h.checkObject(o); err != nil {
			return fmt.Errorf("host objects: %s: %w", h.name(handle), err)
		}
		o.w = o.weight()
		h.weight += o.w
	}
	for i := range h.state.Events {
		h.weight += h.state.Events[i].weight()
		if h.state.Events[i].eager() {
			h.state.eager++
		}
	}
	if !h.checkFiles() || len(h.state.Refused) > len(functions["wasi_snapshot_preview1"]) {
		return fmt.Errorf("host objects: %d open files, %d calls refused", len(h.state.Files), len(h.state.Refused))
	}
	for i := range h.state.Files {
		h.weight += h.state.Files[i].weight()
	}
	if h.weight > maxWeight {
		return fmt.Errorf("host objects: %d bytes to remember, at most %d", h.weight, maxWeight)
	}
	for handle, data := range s.Buffers {
		o := h.objects[handle]
		if o == nil || o.Kind != kindBuffer || o.Bad || o.Buffer.Destroyed || paddedSize(o.Buffer.Size) != uint64(len(data)) {
			return fmt.Errorf("host objects: %d bytes for %s", len(data), h.name(handle))
		}
	}
	for handle, o := range h.objects {
		if o.Kind != kindBuffer || o.Bad || o.Buffer.Destroyed {
			continue
		}
		data, ok := s.Buffers[handle]
		if !ok {
			return fmt.Errorf("host objects: no bytes for %s", h.name(handle))
		}
		d := &deviceBuffer{size: uint64(len(data))} // committed to already
		h.bufs[handle] = d
		h.bufBytes += d.size
		if h.bufBytes > h.cfg.Limits.BufferBytes {
			return fmt.Errorf("host objects: buffers of more than %d bytes", h.cfg.Limits.BufferBytes)
		}
		b, err := h.cfg.Device.NewBuffer(d.size)
		if err != nil {
			return &DeviceError{err}
		}
		d.b = b
		if err := h.cfg.Device.Write(b, 0, data); err != nil {
			return &DeviceError{err}
		}
	}
	for name, data := range s.Outputs {
		h.outputs[name] = append([]byte(nil), data...)
		h.outBytes += uint64(len(data))
	}
	h.log = append([]byte(nil), s.Log...)
	return nil
}

// checkCounts checks that the references objects have to each other were counted right, so that none goes too early.
func (h *Host) checkCounts() error {
	want := map[uint32]uint32{}
	for _, o := range h.objects {
		for _, child := range o.children() {
			want[child]++
		}
		if o.Device != 0 && (o.Kind != kindQueue || o.Ext > 0) {
			want[o.Device]++
		}
	}
	for i := range h.state.Events {
		if e := &h.state.Events[i]; e.holds() {
			want[e.Handle]++
		}
	}
	for handle := range want {
		if h.objects[handle] == nil {
			return fmt.Errorf("object %d is referred to and missing", handle)
		}
	}
	for handle, o := range h.objects {
		if o.Int != want[handle] {
			return fmt.Errorf("%s is referred to %d times, its count is %d", h.name(handle), want[handle], o.Int)
		}
		if o.Dev != nil {
			q := h.objects[o.Dev.Queue]
			if q == nil || q.Kind != kindQueue || q.Device != handle {
				return fmt.Errorf("%s has no queue", h.name(handle))
			}
		}
		if o.Kind == kindQueue {
			if d := h.objects[o.Device]; d == nil || d.Dev == nil || d.Dev.Queue != handle {
				return fmt.Errorf("%s belongs to no device", h.name(handle))
			}
		}
	}
	return nil
}

// checkObject checks that an object has the parts its kind needs and refers only to objects of the right kind.
func (h *Host) checkObject(o *object) error {
	is := func(k kind, handles ...uint32) error {
		for _, handle := range handles {
			if handle == 0 {
				continue
			}
			if t := h.objects[handle]; t == nil || t.Kind != k {
				return fmt.Errorf("refers to %d as a %s", handle, k)
			}
		}
		return nil
	}
	if o.Kind < kindInstance || o.Kind > kindCommands {
		return fmt.Errorf("kind %d", o.Kind)
	}
	if err := is(kindDevice, o.Device); err != nil {
		return err
	}
	if (o.Kind > kindDevice) != (o.Device != 0) {
		return fmt.Errorf("device %d", o.Device)
	}
	for _, part := range []struct {
		k     kind
		there bool
	}{
		{kindDevice, o.Dev != nil}, {kindBuffer, o.Buffer != nil}, {kindGroupLayout, o.Layout != nil}, {kindPipeline, o.Pipeline != nil},
		{kindGroup, o.Group != nil}, {kindEncoder, o.Encoder != nil}, {kindPass, o.Pass != nil},
	} {
		// What a failed call made may lack its part; every buffer, encoder and pass has one.
		is := o.Kind == part.k
		lack := o.Bad && (is && (part.k == kindGroupLayout || part.k == kindPipeline || part.k == kindGroup))
		if is != part.there && !lack {
			return fmt.Errorf("its parts do not fit its kind")
		}
	}
	if err := is(kindGroupLayout, o.Groups...); err != nil {
		return err
	}
	if b := o.Buffer; b != nil {
		if !o.Bad && b.Size > maxBufferSize || b.Map < unmapped || b.Map > mapped || b.Offset > b.Size || b.Length > b.Size-b.Offset {
			return fmt.Errorf("%d bytes, of them %d+%d mapped", b.Size, b.Offset, b.Length)
		}
		for _, r := range b.Ranges {
			if r.Offset < b.Offset || r.Offset > b.Offset+b.Length || r.Length > b.Offset+b.Length-r.Offset {
				return fmt.Errorf("shows bytes %d+%d, outside what is mapped", r.Offset, r.Length)
			}
		}
	}
	if o.Dev != nil {
		if err := is(kindQueue, o.Dev.Queue); err != nil {
			return err
		}
	}
	if p := o.Pipeline; p != nil {
		if err := is(kindShader, p.Shader); err != nil {
			return err
		}
		if err := is(kindGroupLayout, p.Groups...); err != nil {
			return err
		}
	}
	if g := o.Group; g != nil {
		if err := is(kindGroupLayout, g.Layout); err != nil {
			return err
		}
		for _, e := range g.Entries {
			if err := is(kindBuffer, e.Buffer); err != nil || e.Buffer == 0 {
				return fmt.Errorf("an entry's buffer is %d", e.Buffer)
			}
		}
	}
	var lists [][]command
	if o.Encoder != nil {
		lists = append(lists, o.Encoder.Commands)
	}
	lists = append(lists, o.Commands)
	if p := o.Pass; p != nil {
		if err := is(kindEncoder, p.Encoder); err != nil || p.Encoder == 0 {
			return fmt.Errorf("a pass of encoder %d", p.Encoder)
		}
		if err := is(kindPipeline, p.Pipeline); err != nil {
			return err
		}
		for _, g := range p.Groups {
			if err := is(kindGroup, g.Group); err != nil {
				return err
			}
		}
	}
	for _, list := range lists {
		for i := range list {
			m := &list[i]
			if err := is(kindPipeline, m.Pipeline); err != nil {
				return err
			}
			if err := is(kindBuffer, m.Buffer, m.From); err != nil {
				return err
			}
			for _, g := range m.Groups {
				if err := is(kindGroup, g.Group); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
