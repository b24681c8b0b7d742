package binding

import (
	"encoding/binary"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental/table"
)

// callback is the guest's function to call and what to pass it.
type callback struct {
	Function uint32 `cbor:"1,keyasint"` // index in the table; 0 is none
	User1    uint32 `cbor:"2,keyasint"`
	User2    uint32 `cbor:"3,keyasint"`
	Mode     uint32 `cbor:"4,keyasint,omitempty"`
}

// eventKind says which callback type an event calls.
type eventKind uint8

const (
	evAdapter eventKind = 1 + iota
	evDevice
	evMap
	evWorkDone
	evScope
	evPipeline
	evCompilation
	evUncaptured
	evLost
)

// GasEvent is what each callback that waits costs when the host looks through them for those to call. It is one of the
// numbers of the gas table, as those of host.go.
const GasEvent = 10

// event is a callback that waits for ProcessEvents or WaitAny.
type event struct {
	Future   uint64    `cbor:"1,keyasint"` // 0 for uncaptured errors
	Kind     eventKind `cbor:"2,keyasint"`
	Callback callback  `cbor:"3,keyasint"`
	Status   uint32    `cbor:"4,keyasint"`
	Handle   uint32    `cbor:"5,keyasint,omitempty"` // result, or the buffer, shader module or device it is about
	Type     uint32    `cbor:"6,keyasint,omitempty"` // error type, or device lost reason
	Message  string    `cbor:"7,keyasint,omitempty"`
}

// Values of webgpu.h enums used by callbacks.
const (
	modeWaitAny     = 1
	modeSpontaneous = 3

	statusSuccess   = 1 // the same in every status enum
	statusCancelled = 2 // of every callback
	statusFailed    = 2 // WGPUStatus_Error
	statusError     = 3 // of maps, devices and error scopes
	mapAborted      = 4

	pipelineValidation = 3
	adapterError       = 4

	errorNone       = 1
	errorValidation = 2
	errorInternal   = 4

	lostDestroyed = 2
	lostCancelled = 3
	lostNeverMade = 4

	waitSuccess = 1
	waitTimeout = 2
	waitError   = 3
)

// callbackInfo reads one of the WGPU*CallbackInfo structures.
func (c *call) callbackInfo(ptr uint32) callback {
	return c.callbackFrom(c.record(ptr, 20))
}

func (c *call) callbackFrom(r record) callback {
	c.unchained("the callback info", r.u32(0))
	cb := callback{Function: r.u32(8), User1: r.u32(12), User2: r.u32(16), Mode: r.u32(4)}
	switch {
	case cb.Function == 0:
	case cb.Mode == 0:
		// webgpu.h has no such mode, wgpu-native ignores modes, and programs written for that leave it out.
		cb.Mode = modeSpontaneous
	case cb.Mode > modeSpontaneous:
		c.trap("callback mode 0x%x, wanted 1 (WaitAnyOnly), 2 (AllowProcessEvents) or 3 (AllowSpontaneous)", cb.Mode)
	}
	return cb
}

// later queues an event and returns its future.
func (c *call) later(e event) {
	c.h.state.LastFuture++
	e.Future = c.h.state.LastFuture
	c.queue(e)
	c.ret = e.Future
}

func (c *call) queue(e event) {
	if len(c.h.state.Events) >= maxEvents {
		c.trap("%d callbacks wait already, at most %d may", len(c.h.state.Events), maxEvents)
	}
	e.Message = cut(e.Message, maxMessage)
	c.h.state.Events = append(c.h.state.Events, e)
	if e.eager() {
		c.h.state.eager++
	}
	c.heavier(e.weight())
	if e.holds() {
		c.h.hold(e.Handle)
	}
}

// holds reports whether the event keeps its object alive until it fires.
func (e *event) holds() bool {
	return e.Kind == evMap || e.Kind == evCompilation || e.Kind == evUncaptured || e.Kind == evLost
}

// eager reports whether the callback may come at any time, and so comes as soon as it can: see settle.
func (e *event) eager() bool {
	return !e.taken() && e.Callback.Function != 0 && (e.Kind == evUncaptured || e.Callback.Mode == modeSpontaneous)
}

// settle calls the callbacks that may come at any time. It is the end of every function of webgpu.h, where nothing is
// half done; in one that a callback called, they wait for the outermost to end, so that a chain of callbacks does not nest.
func (c *call) settle() {
	if c.h.depth != 1 || c.h.state.eager == 0 {
		return
	}
	ret := c.ret
	for c.h.state.eager > 0 {
		c.fireWhere((*event).eager, 1)
	}
	c.ret = ret
}

// processEvents fires what was queued before it began, in order.
func processEvents(c *call) {
	c.object(c.u32(0), kindInstance)
	c.processAll()
}

// devicePoll is wgpu-native's: everything has always happened, so it is processEvents with a device.
func devicePoll(c *call) {
	c.object(c.u32(0), kindDevice)
	c.processAll()
	c.ret = 1 // nothing is still under way
}

func (c *call) processAll() {
	c.fireWhere(func(e *event) bool { return e.Kind == evUncaptured || e.Callback.Mode != modeWaitAny }, len(c.h.state.Events))
}

func waitAny(c *call) {
	c.object(c.u32(0), kindInstance)
	n, ptr := c.u32(1), c.u32(2)
	infos := c.array("futures", ptr, n, 16)
	want := map[uint64]bool{}
	for i := range infos {
		f := infos[i].u64(0)
		if f == 0 || f > c.h.state.LastFuture {
			c.ret = waitError
			return
		}
		want[f] = true
	}
	// Everything asked for is ready at once, so each future completes here or has completed before. The one that may never
	// come is the loss of a device.
	for _, o := range c.h.objects {
		if o.Dev != nil && !o.Dev.Destroyed {
			delete(want, o.Dev.LostFuture)
		}
	}
	for i := range infos {
		if want[infos[i].u64(0)] {
			c.write32(ptr+uint32(i)*16+8, 1)
		}
	}
	c.fireWhere(func(e *event) bool { return want[e.Future] }, len(c.h.state.Events))
	c.ret = waitSuccess
	if len(want) == 0 {
		c.ret = waitTimeout
	}
}

// cancel ends every callback that waits: with the last instance goes the only way to call them.
func (c *call) cancel() {
	for _, o := range c.h.objects {
		if o.Kind == kindInstance && o.Ext > 0 {
			return
		}
	}
	events := c.h.state.Events
	c.h.state.Events, c.h.state.eager = nil, 0
	for i := range events {
		e := &events[i]
		c.heavier(-e.weight())
		if e.Kind == evUncaptured {
			c.h.drop(e.Handle)
			continue
		}
		if !e.holds() {
			// The reference that was the callback's to give, unless the guest guessed the handle and gave it up already.
			if o := c.h.objects[e.Handle]; o != nil && o.Ext > 0 {
				o.Ext--
				c.h.collect(e.Handle, o)
			}
			e.Handle = 0
		}
		if e.Kind == evMap {
			if b := c.h.objects[e.Handle].Buffer; b.Map == pending && b.Pending == e.Future {
				b.Map, b.Mode, b.Offset, b.Length, b.Pending = unmapped, 0, 0, 0, 0
			}
		}
		e.Status, e.Message = statusCancelled, "the last instance was released"
		switch e.Kind {
		case evLost:
			e.Type = lostCancelled
		case evScope:
			e.Type = errorNone
		}
		if !e.taken() {
			c.fire(e)
		} else if e.holds() {
			c.h.drop(e.Handle)
		}
	}
}

// fireWhere takes the events for which pick holds, at most most of them, out of the queue and fires each. Those that
// gw.event_take is to give stay.
func (c *call) fireWhere(pick func(*event) bool, most int) {
	c.charge(uint64(len(c.h.state.Events)) * GasEvent)
	var now, rest []event
	for i := range c.h.state.Events {
		if e := c.h.state.Events[i]; len(now) < most && !e.taken() && pick(&e) {
			now = append(now, e)
			c.heavier(-e.weight())
			if e.eager() {
				c.h.state.eager--
			}
		} else {
			rest = append(rest, e)
		}
	}
	c.h.state.Events = rest
	for i := range now {
		c.fire(&now[i])
	}
}

var callbackTypes = [6][]api.ValueType{}

func init() {
	for n := range callbackTypes {
		for range n {
			callbackTypes[n] = append(callbackTypes[n], api.ValueTypeI32)
		}
	}
}

// fire calls the guest back.
func (c *call) fire(e *event) {
	h := c.h
	if e.holds() {
		defer h.drop(e.Handle)
	}
	cb := e.Callback
	if e.Kind == evMap {
		c.mapReady(e)
	}
	if cb.Function == 0 {
		return
	}
	if h.depth > maxNesting {
		c.trap("callbacks are nested %d deep, at most %d", h.depth, maxNesting)
	}
	s := c.borrow()
	defer s.giveBack()
	u1, u2 := uint64(cb.User1), uint64(cb.User2)
	switch e.Kind {
	case evAdapter, evDevice, evPipeline:
		c.invoke(cb.Function, uint64(e.Status), uint64(e.Handle), s.text(e.Message), u1, u2)
	case evMap, evWorkDone:
		c.invoke(cb.Function, uint64(e.Status), s.text(e.Message), u1, u2)
	case evScope:
		c.invoke(cb.Function, uint64(e.Status), uint64(e.Type), s.text(e.Message), u1, u2)
	case evUncaptured, evLost:
		dev := e.Handle
		if o := h.objects[dev]; o == nil || o.Ext == 0 {
			dev = 0 // the guest has released it
		}
		c.invoke(cb.Function, s.pointer(dev), uint64(e.Type), s.text(e.Message), u1, u2)
	case evCompilation:
		if e.Status != statusSuccess {
			c.invoke(cb.Function, uint64(e.Status), 0, u1, u2)
			return
		}
		c.invoke(cb.Function, uint64(e.Status), s.compilation(h.objects[e.Handle]), u1, u2)
	}
}

// invoke calls function index i of the guest's first table.
func (c *call) invoke(i uint32, args ...uint64) {
	f := c.lookup(i, len(args))
	if _, err := f.Call(c.ctx, args...); err != nil {
		panic(err) // the callback's trap is the guest's trap
	}
}

func (c *call) lookup(i uint32, params int) (f api.Function) {
	defer func() {
		if r := recover(); r != nil {
			c.trap("callback %d is no function of the guest's table that takes %d i32", i, params)
		}
	}()
	return table.LookupFunction(c.h.mod, 0, i, callbackTypes[params], nil)
}

// scratch is guest memory borrowed for a callback's message.
type scratch struct {
	c    *call
	base uint32
	used uint32
	size uint32
	old  []byte // what a callback further out had there
	free bool   // base came from the guest's allocator
}

// borrow asks the guest for memory: gw_scratch, or its allocator.
func (c *call) borrow() *scratch {
	s := &scratch{c: c, size: scratchBytes}
	if f := c.h.mod.ExportedFunction("gw_scratch"); f != nil && signature(f, 0, 1) {
		out, err := f.Call(c.ctx)
		if err != nil {
			panic(err)
		}
		s.base = uint32(out[0])
		if s.base == 0 || s.base%8 != 0 {
			c.trap("gw_scratch returned address 0x%x, wanted a multiple of 8 that is not 0", s.base)
		}
		s.old = append([]byte(nil), c.view(s.base, s.size)...)
		return s
	}
	s.base, s.free = c.alloc(s.size), true
	c.view(s.base, s.size)
	return s
}

func (s *scratch) giveBack() {
	if s.free {
		s.c.free(s.base)
		return
	}
	if s.c.h.depth > 1 {
		copy(s.c.view(s.base, s.size), s.old)
	}
}

// put copies b into the borrowed memory at the next multiple of 8.
func (s *scratch) put(b []byte) uint32 {
	s.used = (s.used + 7) &^ 7
	at := s.base + s.used
	s.c.write(at, b)
	s.used += uint32(len(b))
	return at
}

func (s *scratch) room() int { return int(s.size) - int((s.used+7)&^7) }

// text makes a WGPUStringView and gives its address.
func (s *scratch) text(m string) uint64 {
	m = cut(m, s.room()-8)
	at := s.base + (s.used+7)&^7
	var v [8]byte
	if m != "" {
		binary.LittleEndian.PutUint32(v[:], at+8)
	}
	binary.LittleEndian.PutUint32(v[4:], uint32(len(m)))
	return uint64(s.put(append(v[:], m...)))
}

// pointer stores a handle and gives its address.
func (s *scratch) pointer(handle uint32) uint64 {
	return uint64(s.put(binary.LittleEndian.AppendUint32(nil, handle)))
}

// compilation makes a WGPUCompilationInfo with the shader module's one message, if it has one.
func (s *scratch) compilation(o *object) uint64 {
	var p *compileProblem
	if o != nil {
		p = o.Problem
	}
	info := make([]byte, 12)
	if p == nil {
		return uint64(s.put(info))
	}
	const head = 16 + 48 // the info, padded, and one WGPUCompilationMessage
	text := cut(p.Message, s.room()-head)
	b := make([]byte, head, head+len(text))
	base := s.base + (s.used+7)&^7
	binary.LittleEndian.PutUint32(b[4:], 1)
	binary.LittleEndian.PutUint32(b[8:], base+16)
	m := b[16:]
	binary.LittleEndian.PutUint32(m[4:], base+head)
	binary.LittleEndian.PutUint32(m[8:], uint32(len(text)))
	binary.LittleEndian.PutUint32(m[12:], 1) // an error
	binary.LittleEndian.PutUint64(m[16:], p.Line)
	binary.LittleEndian.PutUint64(m[24:], p.Column)
	return uint64(s.put(append(b, text...)))
}

func signature(f api.Function, params, results int) bool {
	d := f.Definition()
	for _, t := range append(append([]api.ValueType(nil), d.ParamTypes()...), d.ResultTypes()...) {
		if t != api.ValueTypeI32 {
			return false
		}
	}
	return len(d.ParamTypes()) == params && len(d.ResultTypes()) == results
}

// alloc takes memory from the guest's allocator: gw_alloc or malloc.
func (c *call) alloc(n uint32) uint32 {
	for _, name := range []string{"gw_alloc", "malloc"} {
		f := c.h.mod.ExportedFunction(name)
		if f == nil {
			continue
		}
		if !signature(f, 1, 1) {
			c.trap("the guest's %s does not take and return one i32", name)
		}
		out, err := f.Call(c.ctx, uint64(n))
		if err != nil {
			panic(err)
		}
		at := uint32(out[0])
		if at == 0 {
			c.trap("the guest's %s had no %d bytes", name, n)
		}
		c.view(at, n)
		return at
	}
	c.trap("the module exports neither gw_scratch nor gw_alloc nor malloc, and memory of the guest is needed")
	return 0
}

// canAlloc reports whether the guest exports an allocator.
func (c *call) canAlloc() bool {
	return c.h.mod.ExportedFunction("gw_alloc") != nil || c.h.mod.ExportedFunction("malloc") != nil
}

func (c *call) free(at uint32) {
	name := "gw_free"
	if c.h.mod.ExportedFunction("gw_alloc") == nil {
		name = "free"
	}
	f := c.h.mod.ExportedFunction(name)
	if f == nil {
		return
	}
	if !signature(f, 1, 0) {
		c.trap("the guest's %s does not take one i32", name)
	}
	if _, err := f.Call(c.ctx, uint64(at)); err != nil {
		panic(err)
	}
}

// deviceError gives an error to the innermost scope that takes its type, else to the device's uncaptured-error
// callback, else to the log.
func (c *call) deviceError(dev uint32, typ uint32, message string) {
	o := c.h.objects[dev]
	message = cut(c.fn.name+": "+message, maxMessage)
	if o == nil || o.Dev == nil {
		c.logText("webgpu", message+"\n")
		return
	}
	if o.Dev.Destroyed {
		return // a lost device makes no errors
	}
	filter := typ - 1 // WGPUErrorFilter counts the same types from one lower
	for i := len(o.Dev.Scopes) - 1; i >= 0; i-- {
		s := &o.Dev.Scopes[i]
		if s.Filter != filter {
			continue
		}
		if s.Type == 0 {
			s.Type, s.Message = typ, message
			c.weigh(o)
		}
		return
	}
	if o.Dev.Uncaptured.Function != 0 {
		c.queue(event{Kind: evUncaptured, Callback: o.Dev.Uncaptured, Handle: dev, Type: typ, Message: message})
		return
	}
	c.logText("webgpu", "uncaptured error: "+message+"\n")
}
