package binding

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/runtime/trace"
)

func (c *call) deviceOf(queue uint32) (dev uint32, ok bool) {
	q := c.object(queue, kindQueue)
	return q.Device, !c.h.objects[q.Device].Dev.Destroyed
}

func writeBufferData(c *call) {
	dev, ok := c.deviceOf(c.u32(0))
	handle, off, size := c.u32(1), c.u64(2), uint64(c.u32(4))
	o := c.object(handle, kindBuffer)
	data := c.read(c.u32(3), uint32(size))
	if !ok {
		return
	}
	b := o.Buffer
	name := c.h.name(handle)
	var problem string
	switch {
	case c.unusable(handle, dev) != "":
		problem = c.unusable(handle, dev)
	case b.Destroyed:
		problem = name + " is destroyed"
	case b.Map != unmapped:
		problem = name + " is mapped, or about to be: wgpuBufferUnmap comes first"
	case b.Usage&usageCopyDst == 0:
		problem = fmt.Sprintf("%s has usage 0x%x (%s), which lacks CopyDst", name, b.Usage, usageNames(b.Usage))
	case off%4 != 0 || size%4 != 0:
		problem = fmt.Sprintf("%s: bytes %d+%d: offset and size must be multiples of 4", name, off, size)
	case off > b.Size || size > b.Size-off:
		problem = fmt.Sprintf("%s: bytes %d+%d lie outside its %d bytes", name, off, size, b.Size)
	}
	if problem != "" {
		c.deviceError(dev, errorValidation, problem)
		return
	}
	c.writeBuffer(handle, off, data)
}

func onSubmittedWorkDone(c *call) {
	c.deviceOf(c.u32(0))
	cb := c.callbackInfo(c.u32(1))
	c.later(event{Kind: evWorkDone, Callback: cb, Status: statusSuccess})
}

func submit(c *call) {
	dev, ok := c.deviceOf(c.u32(0))
	var handles []uint32
	for _, r := range c.array("command buffers", c.u32(2), c.u32(1), 4) {
		handles = append(handles, r.u32(0))
	}
	problem := ""
	seen := map[uint32]bool{}
	for _, handle := range handles {
		o := c.object(handle, kindCommands)
		switch {
		case problem != "":
		case c.unusable(handle, dev) != "":
			problem = c.unusable(handle, dev)
		case seen[handle]:
			problem = c.h.name(handle) + " is there twice"
		case o.Used:
			problem = c.h.name(handle) + " was submitted already"
		default:
			if problem = c.buffersReady(o); problem != "" {
				problem = c.h.name(handle) + " uses " + problem
			}
		}
		seen[handle] = true
	}
	if !ok {
		return
	}
	if problem == "" {
		for _, handle := range handles {
			for i := range c.h.objects[handle].Commands {
				m := &c.h.objects[handle].Commands[i]
				c.run(m)
				if c.h.cfg.OnPoint != nil && m.Kind != cmdHeld {
					c.flush()
					c.commands++
					c.point(c.commands)
				}
			}
		}
		c.flush()
	} else {
		c.deviceError(dev, errorValidation, problem)
	}
	// A command buffer is used up by its submit, even by one that fails.
	for _, handle := range handles {
		o := c.h.objects[handle]
		o.Used = true
		commands := o.Commands
		o.Commands = nil
		c.weigh(o)
		for i := range commands {
			for _, child := range commands[i].objects() {
				c.h.drop(child)
			}
		}
	}
}

// buffersReady reports what keeps a command buffer from running: a buffer that is mapped or destroyed.
func (c *call) buffersReady(o *object) string {
	check := func(handle uint32) string {
		b := c.h.objects[handle]
		switch {
		case b.Buffer.Destroyed:
			return c.h.name(handle) + ", which is destroyed"
		case b.Buffer.Map != unmapped:
			return c.h.name(handle) + ", which is mapped, or about to be"
		}
		return ""
	}
	done := map[uint32]bool{}
	for i := range o.Commands {
		m := &o.Commands[i]
		for _, handle := range []uint32{m.Buffer, m.From} {
			if handle != 0 && !done[handle] {
				done[handle] = true
				if p := check(handle); p != "" {
					return p
				}
			}
		}
		for _, g := range m.Groups {
			if g.Group == 0 || done[g.Group] {
				continue
			}
			done[g.Group] = true
			for _, e := range c.h.objects[g.Group].Group.Entries {
				if p := check(e.Buffer); p != "" {
					return p
				}
			}
		}
	}
	return ""
}

var zeros [64 << 10]byte

func (c *call) run(m *command) {
	h := c.h
	switch m.Kind {
	case cmdDispatch:
	case cmdHeld:
		return
	default:
		c.flush()
	}
	switch m.Kind {
	case cmdCopy:
		c.charge(m.Size / GasDeviceUnit)
		if m.Size == 0 {
			return
		}
		d, from := c.part(m.Buffer, m.Offset, m.Size), c.part(m.From, m.FromOffset, m.Size)
		if d == from && m.Offset < m.FromOffset+m.Size && m.FromOffset < m.Offset+m.Size {
			c.forged("a copy within %s overlaps", h.name(m.Buffer))
		}
		d.wrote(m.Offset, m.Size)
		if err := h.cfg.Device.Copy(d.b, m.Offset, from.b, m.FromOffset, m.Size); err != nil {
			c.fail(err)
		}
	case cmdClear:
		c.charge(m.Size / GasDeviceUnit)
		c.part(m.Buffer, m.Offset, m.Size)
		for at := uint64(0); at < m.Size; at += uint64(len(zeros)) {
			c.writeBuffer(m.Buffer, m.Offset+at, zeros[:min(m.Size-at, uint64(len(zeros)))])
		}
	case cmdDispatch:
		c.dispatch(m, m.Workgroups)
	case cmdIndirect:
		var b [12]byte
		c.readBuffer(m.Buffer, m.Offset, b[:])
		var n [3]uint32
		for i := range n {
			n[i] = binary.LittleEndian.Uint32(b[4*i:])
			if n[i] > maxWorkgroupsPerDim {
				return // WebGPU: such a dispatch does nothing
			}
		}
		c.dispatch(m, n)
	}
}

// kernelOf is a pipeline's kernel, compiled again after a restore. It compiled when the pipeline was made.
func (c *call) kernelOf(pipeline uint32) *kernels.Kernel {
	h := c.h
	k := h.kernels[pipeline]
	if k == nil {
		var err error
		if k, err = h.kernel(h.objects[pipeline].Pipeline); err != nil {
			c.forged("%s: %v", h.name(pipeline), err)
		}
		h.kernels[pipeline] = k
	}
	return k
}

// maxPending bounds the dispatches given to the device in one call, and so what runs after one of them has passed the
// job's gas.
const maxPending = 64

// dispatch has one dispatch run on the device, together with those that follow it in the same submit. Nothing of that
// shows: the gas that a dispatch may use is less by what those before it used, and whether the job runs out of it is the
// same whenever that is subtracted.
func (c *call) dispatch(m *command, n [3]uint32) {
	h := c.h
	if h.gas.Get() < GasDispatch || len(c.pending) == maxPending {
		c.flush() // of two ways to end the job, the one that comes first
	}
	c.charge(GasDispatch)
	k := c.kernelOf(m.Pipeline)
	c.note(m, k, n)
	groups := uint64(n[0]) * uint64(n[1]) * uint64(n[2]) // at most 2^48
	if groups == 0 {
		c.count++
		return
	}
	// Every workgroup and invocation costs something before its first instruction.
	if per := WorkgroupGas(k.IR); groups > h.GPUGas/per {
		h.GPUGas = 0
		panic(&Trap{OutOfGPUGas})
	} else {
		h.GPUGas -= groups * per
	}
	d := &kernels.Dispatch{Workgroups: n, GasLimit: uint32(min(h.GPUGas, invocationGas)), TotalGas: max(h.GPUGas, 1)}
	names := make([]string, len(k.IR.Bindings))
	handles := make([]uint32, len(k.IR.Bindings))
	for i, b := range k.IR.Bindings {
		if int(b.Group) >= len(m.Groups) || m.Groups[b.Group].Group == 0 {
			c.forged("dispatch of %s: no bind group %d", k.Entry, b.Group)
		}
		g := m.Groups[b.Group]
		group := h.objects[g.Group].Group
		e := group.find(b.Binding)
		if e == nil {
			c.forged("dispatch of %s: no binding %d.%d", k.Entry, b.Group, b.Binding)
		}
		off := e.Offset + dynamicOffset(h.objects[group.Layout].Layout, g.Dynamic, b.Binding)
		db := c.part(e.Buffer, 0, 0)
		size := min((e.Size+3)&^3, db.size-min(off, db.size))
		d.Bindings = append(d.Bindings, kernels.Bound{Buffer: db.b, Offset: off, Size: size})
		handles[i] = e.Buffer
		names[i] = h.objects[e.Buffer].Label
		if names[i] == "" {
			names[i] = fmt.Sprintf("buffer %d", e.Buffer)
		}
		if b.Access == ir.ReadWrite {
			db.wrote(off, size)
		}
	}
	pipe := h.pipes[m.Pipeline]
	if pipe == nil {
		var err error
		if pipe, err = h.cfg.Device.NewPipeline(c.ctx, k); err != nil {
			c.fail(fmt.Errorf("%s: %w", h.name(m.Pipeline), err))
		}
		h.pipes[m.Pipeline] = pipe
	}
	d.Pipeline = pipe
	if err := kernels.CheckDispatch(d); err != nil {
		c.forged("%v", err)
	}
	ev := &DispatchEvent{Ctx: c.ctx, Device: h.cfg.Device, Kernel: k, Call: h.Calls, Index: c.count, Dispatch: d, Buffers: names, Handles: handles}
	if h.cfg.Before != nil {
		if err := h.cfg.Before(ev); err != nil {
			c.fail(err)
		}
	}
	c.pending = append(c.pending, d)
	before := h.GPUGas
	if h.cfg.Before != nil || h.cfg.After != nil || h.cfg.OnCall != nil || c.shown != nil {
		c.flush() // somebody looks at what each does
	}
	if c.shown != nil {
		c.showDispatch(ev, before-h.GPUGas)
	}
	if h.cfg.After != nil {
		if err := h.cfg.After(ev); err != nil {
			c.fail(err)
		}
	}
	if h.cfg.OnCall != nil {
		c.detail(ev)
	}
	c.count++
}

// flush runs the dispatches that wait and pays for them.
func (c *call) flush() {
	if len(c.pending) == 0 {
		return
	}
	h := c.h
	list := c.pending
	c.pending = nil
	begin := time.Now()
	gas, err := h.cfg.Device.Dispatch(c.ctx, list...)
	h.Stats.Kernels += time.Since(begin)
	h.Stats.Dispatches += uint64(len(list))
	switch {
	case errors.Is(err, kernels.ErrGas):
		// The same invocation passes the same limit everywhere, but how far the others came differs.
		h.GPUGas = 0
		panic(&Trap{OutOfGPUGas})
	case err != nil:
		c.fail(err)
	case gas > h.GPUGas:
		h.GPUGas = 0
		panic(&Trap{OutOfGPUGas})
	}
	h.GPUGas -= gas
}

// WorkgroupGas is kernel gas that a workgroup costs besides what its instructions cost.
func WorkgroupGas(k *ir.Kernel) uint64 {
	return uint64(k.Invocations())*GPUGasInvocation + GPUGasWorkgroup
}

func dynamicOffset(l *groupLayout, dynamic []uint32, binding uint32) uint64 {
	i := 0
	for _, e := range l.Entries {
		if !e.Dynamic {
			continue
		}
		if e.Binding == binding && i < len(dynamic) {
			return uint64(dynamic[i])
		}
		i++
	}
	return 0
}

// note adds a dispatch to the call's transcript entry: kernel, workgroups and what is bound.
func (c *call) note(m *command, k *kernels.Kernel, n [3]uint32) {
	b := append([]byte("dispatch\x00"), k.Hash[:]...)
	u := binary.LittleEndian.AppendUint64
	for _, v := range n {
		b = u(b, uint64(v))
	}
	for i, g := range m.Groups {
		if g.Group == 0 {
			continue
		}
		for _, e := range c.h.objects[g.Group].Group.Entries {
			b = u(u(u(u(u(b, uint64(i)), uint64(e.Binding)), uint64(e.Buffer)), e.Offset), e.Size)
		}
		for _, d := range g.Dynamic {
			b = u(b, uint64(d))
		}
	}
	c.extra.Write(b)
}

// detail records what a dispatch wrote.
func (c *call) detail(ev *DispatchEvent) {
	d := trace.Dispatch{Kernel: ev.Kernel.Hash, Entry: ev.Kernel.Entry, Workgroups: ev.Dispatch.Workgroups, Writes: []trace.Write{}}
	for i, b := range ev.Kernel.IR.Bindings {
		if b.Access != ir.ReadWrite {
			continue
		}
		bound := ev.Dispatch.Bindings[i]
		data, err := Bytes(ev.Device, bound)
		if err != nil {
			c.fail(err)
		}
		d.Writes = append(d.Writes, trace.Write{Binding: ev.Binding(i), Buffer: ev.Buffers[i], Offset: bound.Offset, Size: bound.Size,
			Root: merkle.PageRoot(data, trace.PageSize), Sums: trace.Sums(data)})
	}
	c.dispatches = append(c.dispatches, d)
}
