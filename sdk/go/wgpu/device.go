// Package wgpu is WebGPU for compute, safe and short: a device in one call, buffers, pipelines, dispatches, and reading
// back. A WebGPU error is logged and ends the job, except inside [Device.Catch].
//
// Offsets and sizes are bytes and, as WebGPU wants, multiples of 4. What is bound at an offset begins at a multiple of 256.
package wgpu

import (
	"errors"
	"runtime"
	"unsafe"

	"github.com/gwrun/gwrun/sdk/go/gw"
	"github.com/gwrun/gwrun/sdk/go/raw"
)

// Device is the device that everything runs on, with its queue.
type Device struct {
	instance raw.Instance
	device   raw.Device
	queue    raw.Queue
}

var opened *Device

// Open gives the job's device. The first call opens it.
func Open() *Device {
	if opened != nil {
		return opened
	}
	d := &Device{instance: raw.CreateInstance(nil)}

	adapter := d.wait(raw.InstanceRequestAdapter(d.instance, nil, &raw.RequestAdapterCallbackInfo{Mode: raw.CallbackModeWaitAnyOnly, Callback: raw.Take}))
	if raw.RequestAdapterStatus(adapter.Status) != raw.RequestAdapterStatusSuccess {
		gw.Fail("there is no adapter: " + text())
	}
	desc := raw.DeviceDescriptor{Label: raw.NoText, DefaultQueue: raw.QueueDescriptor{Label: raw.NoText},
		UncapturedErrorCallbackInfo: raw.UncapturedErrorCallbackInfo{Callback: raw.Take}}
	device := d.wait(raw.AdapterRequestDevice(raw.Adapter(adapter.Handle), &desc,
		&raw.RequestDeviceCallbackInfo{Mode: raw.CallbackModeWaitAnyOnly, Callback: raw.Take}))
	if raw.RequestDeviceStatus(device.Status) != raw.RequestDeviceStatusSuccess {
		gw.Fail("there is no device: " + text())
	}
	raw.AdapterRelease(raw.Adapter(adapter.Handle))
	d.device = raw.Device(device.Handle)
	d.queue = raw.DeviceGetQueue(d.device)
	opened = d
	return d
}

// Raw gives the device's and the queue's handles, for calls of package raw.
func (d *Device) Raw() (raw.Device, raw.Queue) { return d.device, d.queue }

// The last event taken, and its message.
var (
	event   raw.Event
	message [900]byte
)

func text() string { return string(message[:event.MessageLen]) }

func take(f raw.Future) bool {
	return raw.EventTake(uint64(f), &event, unsafe.Pointer(&message), uint32(len(message))) != 0
}

// wait takes the event of a future. Everything asked for is ready at once.
func (d *Device) wait(f raw.Future) raw.Event {
	if !take(f) {
		gw.Fail("a WebGPU call gave a future that has no event")
	}
	return event
}

// Check ends the job if there was a WebGPU error. The other functions call it where one may come up.
func (d *Device) Check() {
	for take(0) {
		switch raw.EventKind(event.Kind) {
		case raw.EventUncaptured:
			gw.Fail("WebGPU error: " + text())
		case raw.EventLost:
			gw.Fail("the device is lost: " + text())
		}
	}
}

// Catch calls f and gives the first validation error that its WebGPU calls made, instead of ending the job.
func (d *Device) Catch(f func()) error {
	d.Check()
	raw.DevicePushErrorScope(d.device, raw.ErrorFilterValidation)
	f()
	e := d.wait(raw.DevicePopErrorScope(d.device, &raw.PopErrorScopeCallbackInfo{Mode: raw.CallbackModeWaitAnyOnly, Callback: raw.Take}))
	if raw.ErrorType(e.Type) != raw.ErrorTypeNoError {
		return errors.New(text())
	}
	return nil
}

// Constant is the value of an override.
type Constant struct {
	Name  string
	Value float64
}

// Pipeline is an entry point of a WGSL text, ready to run. Its bindings are those of group 0.
type Pipeline struct {
	handle raw.ComputePipeline
	layout raw.BindGroupLayout
}

// NewPipeline compiles a WGSL text. A mistake in it ends the job with its place in the log.
func (d *Device) NewPipeline(source, entry string, constants ...Constant) *Pipeline {
	wgsl := raw.ShaderSourceWGSL{Chain: raw.ChainedStruct{SType: raw.STypeShaderSourceWGSL}, Code: raw.Text(source)}
	module := raw.ShaderModuleDescriptor{NextInChain: raw.Ptr(&wgsl.Chain), Label: raw.Text(entry)}
	shader := raw.DeviceCreateShaderModule(d.device, &module)
	entries := make([]raw.ConstantEntry, len(constants))
	for i, c := range constants {
		entries[i] = raw.ConstantEntry{Key: raw.Text(c.Name), Value: c.Value}
	}
	desc := raw.ComputePipelineDescriptor{Label: raw.Text(entry), Compute: raw.ComputeState{Module: shader, EntryPoint: raw.Text(entry),
		ConstantCount: uint32(len(entries)), Constants: raw.Array(entries)}}
	p := &Pipeline{handle: raw.DeviceCreateComputePipeline(d.device, &desc)}
	runtime.KeepAlive(source)
	runtime.KeepAlive(entry)
	runtime.KeepAlive(&wgsl)
	runtime.KeepAlive(entries)
	runtime.KeepAlive(constants)
	raw.ShaderModuleRelease(shader)
	d.Check()
	p.layout = raw.ComputePipelineGetBindGroupLayout(p.handle, 0)
	d.Check()
	return p
}

// Release gives the pipeline up.
func (p *Pipeline) Release() {
	raw.ComputePipelineRelease(p.handle)
	raw.BindGroupLayoutRelease(p.layout)
}

// Range is size bytes of a buffer from an offset, for a binding. Size 0 is the rest of the buffer.
type Range struct {
	Buffer       *Buffer
	Offset, Size uint64
}

// Group is a bind group for group 0.
type Group struct{ handle raw.BindGroup }

// NewGroup binds ranges to bindings 0, 1, 2 ... of a pipeline; one without a buffer leaves its binding out.
func (d *Device) NewGroup(p *Pipeline, ranges ...Range) *Group {
	entries := make([]raw.BindGroupEntry, 0, len(ranges))
	for i, r := range ranges {
		if r.Buffer == nil {
			continue
		}
		size := r.Size
		if size == 0 {
			size = raw.WholeSize
		}
		entries = append(entries, raw.BindGroupEntry{Binding: uint32(i), Buffer: r.Buffer.handle, Offset: r.Offset, Size: size})
	}
	desc := raw.BindGroupDescriptor{Label: raw.NoText, Layout: p.layout, EntryCount: uint32(len(entries)), Entries: raw.Array(entries)}
	g := &Group{raw.DeviceCreateBindGroup(d.device, &desc)}
	runtime.KeepAlive(entries)
	d.Check()
	return g
}

// Release gives the group up.
func (g *Group) Release() { raw.BindGroupRelease(g.handle) }

// Commands is a list of commands that run in order when they are submitted.
type Commands struct {
	d       *Device
	encoder raw.CommandEncoder
	pass    raw.ComputePassEncoder
}

// Begin makes an empty list.
func (d *Device) Begin() *Commands {
	return &Commands{d: d, encoder: raw.DeviceCreateCommandEncoder(d.device, nil)}
}

// Dispatch adds a dispatch of workgroups in x, y and z.
func (c *Commands) Dispatch(p *Pipeline, g *Group, x, y, z uint32) {
	if c.pass == 0 {
		c.pass = raw.CommandEncoderBeginComputePass(c.encoder, nil)
	}
	raw.ComputePassEncoderSetPipeline(c.pass, p.handle)
	raw.ComputePassEncoderSetBindGroup(c.pass, 0, g.handle, 0, nil)
	raw.ComputePassEncoderDispatchWorkgroups(c.pass, x, y, z)
}

func (c *Commands) endPass() {
	if c.pass != 0 {
		raw.ComputePassEncoderEnd(c.pass)
		raw.ComputePassEncoderRelease(c.pass)
		c.pass = 0
	}
}

// Copy adds a copy of size bytes between two buffers.
func (c *Commands) Copy(to *Buffer, toOffset uint64, from *Buffer, fromOffset, size uint64) {
	c.endPass()
	raw.CommandEncoderCopyBufferToBuffer(c.encoder, from.handle, fromOffset, to.handle, toOffset, size)
}

// Clear adds the writing of size zeros.
func (c *Commands) Clear(b *Buffer, offset, size uint64) {
	c.endPass()
	raw.CommandEncoderClearBuffer(c.encoder, b.handle, offset, size)
}

// Submit runs the list, which is used up.
func (c *Commands) Submit() {
	c.endPass()
	commands := raw.CommandEncoderFinish(c.encoder, nil)
	raw.CommandEncoderRelease(c.encoder)
	raw.QueueSubmit(c.d.queue, 1, &commands)
	raw.CommandBufferRelease(commands)
	c.d.Check()
}
