package binding

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// world is a device with an object of each kind, all of them labelled, so that a message can be told word by word.
type world struct {
	*gpu
	a, b, uni, ind, mapR, mapW, bad uint64 // buffers
	module, auto, autoLayout        uint64
	one, oneLayout, pOne            uint64 // a bind group of one storage buffer, its layout and a pipeline with it
}

const adder = `
@group(0) @binding(0) var<storage, read_write> x: array<u32>;
@group(0) @binding(1) var<storage, read> y: array<u32>;
@group(0) @binding(2) var<uniform> z: vec4u;
@compute @workgroup_size(1) fn main() { x[0] = y[0] + z.x; }`

func newWorld(t *testing.T) *world {
	w := &world{gpu: newGPU(t, func(c *Config) { c.Limits.BufferBytes = 1 << 30 })}
	w.a = w.buffer("a", 1024, usageStorage|usageCopyDst|usageCopySrc)
	w.b = w.buffer("b", 512, usageStorage|usageCopyDst|usageCopySrc)
	w.uni = w.buffer("uni", 512, usageUniform|usageCopyDst)
	w.ind = w.buffer("ind", 32, usageIndirect|usageStorage)
	w.mapR = w.buffer("mapR", 64, usageMapRead|usageCopyDst)
	w.mapW = w.buffer("mapW", 64, usageMapWrite|usageCopySrc)
	w.module = w.labelled("shader", doubler)
	w.auto = w.pipe("auto", w.module, 0, "main")
	w.autoLayout = w.do("wgpuComputePipelineGetBindGroupLayout", w.auto, 0)
	w.setLabel("BindGroupLayout", w.autoLayout, "auto layout")
	w.oneLayout = w.bgl("layout", layoutOf{n: 0, typ: typeStorage})
	w.one = w.bg("group", w.oneLayout, bindingOf{n: 0, buffer: w.a})
	w.pOne = w.pipe("pipe", w.module, w.pl("pl", w.oneLayout), "main")
	if m := w.scoped(func() { w.bad = w.buffer("bad", 4, 0) }); m == "" {
		t.Fatal("a buffer without usage is no error")
	}
	return w
}

func (w *world) setLabel(kind string, handle uint64, label string) {
	at, n := w.text(label)
	w.do("wgpu"+kind+"SetLabel", handle, w.put(at, n))
}

func (w *world) labelled(label, source string) uint64 {
	at, n := w.text(source)
	chain := w.put(0, sTypeWGSL, at, n)
	lat, ln := w.text(label)
	return w.do("wgpuDeviceCreateShaderModule", w.device, w.put(uint32(chain), lat, ln))
}

// pipe makes a pipeline; constants are names, each with the value 1.
func (w *world) pipe(label string, shader, layout uint64, entry string, constants ...string) uint64 {
	return w.pipeWith(label, shader, layout, entry, 1, constants...)
}

func (w *world) pipeWith(label string, shader, layout uint64, entry string, value float64, constants ...string) uint64 {
	var vs []any
	for _, k := range constants {
		at, n := w.text(k)
		vs = append(vs, 0, at, n, 0, math.Float64bits(value))
	}
	cs := w.put(vs...)
	at, n := w.text(entry)
	lat, ln := w.text(label)
	return w.do("wgpuDeviceCreateComputePipeline", w.device, w.put(0, lat, ln, uint32(layout), 0, uint32(shader), at, n, len(constants), uint32(cs)))
}

func (w *world) bgl(label string, entries ...layoutOf) uint64 {
	var vs []any
	for _, e := range entries {
		dyn := 0
		if e.dynamic {
			dyn = 1
		}
		vs = append(vs, 0, e.n, uint64(stageCompute), 0, 0, 0, e.typ, dyn, 0, e.min, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	}
	return w.bglRaw(label, len(entries), w.put(vs...))
}

func (w *world) bglRaw(label string, n int, at uint64) uint64 {
	lat, ln := w.text(label)
	return w.do("wgpuDeviceCreateBindGroupLayout", w.device, w.put(0, lat, ln, n, uint32(at)))
}

// oneEntry makes a layout of one entry from its words.
func (w *world) oneEntry(visibility uint64, arraySize int, bufferType, sampler, texture, storageTexture uint32) {
	w.bglRaw("l", 1, w.put(0, 3, visibility, arraySize, 0, 0, bufferType, 0, 0, uint64(0), 0, sampler, 0, texture, 0, 0, 0, storageTexture, 0, 0))
}

func (w *world) pl(label string, layouts ...uint64) uint64 { return w.plWith(label, 0, layouts...) }

func (w *world) plWith(label string, immediates int, layouts ...uint64) uint64 {
	var vs []any
	for _, h := range layouts {
		vs = append(vs, uint32(h))
	}
	at := w.put(vs...)
	lat, ln := w.text(label)
	return w.do("wgpuDeviceCreatePipelineLayout", w.device, w.put(0, lat, ln, len(layouts), uint32(at), immediates))
}

func (w *world) bg(label string, layout uint64, entries ...bindingOf) uint64 {
	var vs []any
	for _, e := range entries {
		if e.size == 0 {
			e.size = wholeSize
		}
		vs = append(vs, 0, e.n, uint32(e.buffer), 0, e.offset, e.size, 0, 0)
	}
	at := w.put(vs...)
	lat, ln := w.text(label)
	return w.do("wgpuDeviceCreateBindGroup", w.device, w.put(0, lat, ln, uint32(layout), len(entries), uint32(at)))
}

// encode records with an encoder "enc" and finishes it to a command buffer "cmd".
func (w *world) encode(f func(e uint64)) uint64 {
	at, n := w.text("enc")
	e := w.do("wgpuDeviceCreateCommandEncoder", w.device, w.put(0, at, n))
	f(e)
	at, n = w.text("cmd")
	return w.do("wgpuCommandEncoderFinish", e, w.put(0, at, n))
}

// pass records with a compute pass "pass".
func (w *world) pass(f func(p uint64)) uint64 {
	return w.encode(func(e uint64) {
		p := w.begin(e)
		f(p)
		w.do("wgpuComputePassEncoderEnd", p)
	})
}

func (w *world) begin(e uint64) uint64 {
	at, n := w.text("pass")
	return w.do("wgpuCommandEncoderBeginComputePass", e, w.put(0, at, n, 0))
}

func (w *world) set(p, pipeline uint64, groups ...uint64) {
	w.do("wgpuComputePassEncoderSetPipeline", p, pipeline)
	for i, g := range groups {
		w.do("wgpuComputePassEncoderSetBindGroup", p, uint64(i), g, 0, 0)
	}
}

// run records one dispatch and submits it.
func (w *world) run(pipeline uint64, groups ...uint64) {
	w.submit(w.pass(func(p uint64) {
		w.set(p, pipeline, groups...)
		w.do("wgpuComputePassEncoderDispatchWorkgroups", p, 1, 1, 1)
	}))
}

func (w *world) submit(commands ...uint64) {
	var vs []any
	for _, c := range commands {
		vs = append(vs, uint32(c))
	}
	w.do("wgpuQueueSubmit", w.queue, uint64(len(commands)), w.put(vs...))
}

// chain makes a structure of Dawn's to chain.
func (w *world) chain() uint32 { return uint32(w.put(0, 0x50001)) }

func (w *world) copy(from, fromOff, to, toOff, n uint64) {
	w.encode(func(e uint64) { w.do("wgpuCommandEncoderCopyBufferToBuffer", e, from, fromOff, to, toOff, n) })
}

func (w *world) mapAsync(buffer, mode, off, size uint64) {
	w.do("wgpuBufferMapAsync", buffer, mode, off, size, w.callback(four))
}

func (w *world) write(buffer, off, n uint64) {
	w.do("wgpuQueueWriteBuffer", w.queue, buffer, off, freeAt, n)
}

// second makes another device.
func (w *world) second() *world {
	w.do("wgpuAdapterRequestDevice", w.adapter, 0, w.callback(five))
	_, args := w.fire(w.instance)
	g := *w.gpu
	g.device = uint64(args[1])
	g.queue = w.do("wgpuDeviceGetQueue", g.device)
	return &world{gpu: &g}
}

// Each row breaks one validation rule of the WebGPU specification (its section in front) and gives the whole message of the
// validation error, or keeps to the rule by a hair and gives none. A scope keeps the first error, so what follows from it doesn't show.
var rules = []struct {
	section, rule string
	do            func(w *world)
	want          string
}{
	// createBuffer
	{"createBuffer", "usage is not 0", func(w *world) { w.buffer("n", 4, 0) },
		`wgpuDeviceCreateBuffer: buffer "n": its usage is 0, at least one of WGPUBufferUsage's is wanted`},
	{"createBuffer", "usage has known bits alone", func(w *world) { w.buffer("n", 4, 0x400|usageStorage) },
		`wgpuDeviceCreateBuffer: buffer "n": usage 0x480 has bits that are none of WGPUBufferUsage's, which are 0x3ff`},
	{"createBuffer", "MapRead goes with CopyDst", func(w *world) { w.buffer("n", 4, usageMapRead|usageStorage) },
		`wgpuDeviceCreateBuffer: buffer "n": usage 0x81 (MapRead|Storage): MapRead goes with CopyDst alone`},
	{"createBuffer", "MapWrite goes with CopySrc", func(w *world) { w.buffer("n", 4, usageMapWrite|usageCopyDst) },
		`wgpuDeviceCreateBuffer: buffer "n": usage 0xa (MapWrite|CopyDst): MapWrite goes with CopySrc alone`},
	{"createBuffer", "MapRead with MapWrite", func(w *world) { w.buffer("n", 4, usageMapRead|usageMapWrite) },
		`wgpuDeviceCreateBuffer: buffer "n": usage 0x3 (MapRead|MapWrite): MapRead goes with CopyDst alone`},
	{"createBuffer", "maxBufferSize", func(w *world) { w.buffer("n", maxBufferSize+4, usageStorage) },
		`wgpuDeviceCreateBuffer: buffer "n": 268435460 bytes, at most 268435456 (maxBufferSize)`},
	{"createBuffer", "maxBufferSize kept", func(w *world) { w.do("wgpuBufferRelease", w.buffer("n", maxBufferSize, usageStorage)) }, ""},
	{"createBuffer", "mapped at creation in multiples of 4", func(w *world) {
		at, n := w.text("n")
		if h := w.do("wgpuDeviceCreateBuffer", w.device, w.put(0, at, n, 0, uint64(usageCopySrc), uint64(6), 1, 0)); h != 0 {
			w.t.Error("a buffer that cannot be mapped is not NULL")
		}
	}, `wgpuDeviceCreateBuffer: buffer "n": mapped at creation with 6 bytes, a multiple of 4 wanted`},
	{"createBuffer", "6 bytes not mapped", func(w *world) { w.buffer("n", 6, usageCopySrc) }, ""},
	{"createBuffer", "no chain", func(w *world) {
		at, n := w.text("n")
		w.do("wgpuDeviceCreateBuffer", w.device, w.put(uint32(w.put(0, 0x50001)), at, n, 0, uint64(usageCopySrc), uint64(4), 0, 0))
	}, `wgpuDeviceCreateBuffer: buffer "n": the buffer descriptor chains a structure of sType 0x50001, none is known there`},
	{"labels", "none: the number that the object has", func(w *world) { w.buffer("", 4, 0) },
		`wgpuDeviceCreateBuffer: unlabelled buffer 19: its usage is 0, at least one of WGPUBufferUsage's is wanted`},

	// mapAsync
	{"mapAsync", "the buffer is valid", func(w *world) { w.mapAsync(w.bad, mapRead, 0, 4) },
		`wgpuBufferMapAsync: buffer "bad" is invalid: the call that made it failed`},
	{"mapAsync", "unmapped: pending", func(w *world) { w.mapAsync(w.mapR, mapRead, 0, 4); w.mapAsync(w.mapR, mapRead, 0, 4) },
		`wgpuBufferMapAsync: buffer "mapR" is mapped already, or about to be: wgpuBufferUnmap comes first`},
	{"mapAsync", "unmapped: mapped", func(w *world) {
		w.mapAsync(w.mapR, mapRead, 0, 4)
		w.fire(w.instance)
		w.mapAsync(w.mapR, mapRead, 0, 4)
	}, `wgpuBufferMapAsync: buffer "mapR" is mapped already, or about to be: wgpuBufferUnmap comes first`},
	{"mapAsync", "not destroyed", func(w *world) { w.do("wgpuBufferDestroy", w.mapR); w.mapAsync(w.mapR, mapRead, 0, 4) },
		`wgpuBufferMapAsync: buffer "mapR" is destroyed`},
	{"mapAsync", "offset in multiples of 8", func(w *world) { w.mapAsync(w.mapR, mapRead, 4, 4) },
		`wgpuBufferMapAsync: buffer "mapR": offset 4 is no multiple of 8`},
	{"mapAsync", "size in multiples of 4", func(w *world) { w.mapAsync(w.mapR, mapRead, 0, 6) },
		`wgpuBufferMapAsync: buffer "mapR": size 6 is no multiple of 4`},
	{"mapAsync", "inside the buffer", func(w *world) { w.mapAsync(w.mapR, mapRead, 8, 60) },
		`wgpuBufferMapAsync: buffer "mapR": bytes 8+60 lie outside its 64 bytes`},
	{"mapAsync", "inside the buffer, to its end", func(w *world) { w.mapAsync(w.mapR, mapRead, 72, wholeMap) },
		`wgpuBufferMapAsync: buffer "mapR": bytes 72+0 lie outside its 64 bytes`},
	{"mapAsync", "inside the buffer, kept", func(w *world) { w.mapAsync(w.mapR, mapRead, 64, 0) }, ""},
	{"mapAsync", "one mode, not none", func(w *world) { w.mapAsync(w.mapR, 0, 0, 4) },
		`wgpuBufferMapAsync: buffer "mapR": map mode 0x0, wanted either Read (1) or Write (2)`},
	{"mapAsync", "one mode, not both", func(w *world) { w.mapAsync(w.mapR, 3, 0, 4) },
		`wgpuBufferMapAsync: buffer "mapR": map mode 0x3, wanted either Read (1) or Write (2)`},
	{"mapAsync", "Read needs MapRead", func(w *world) { w.mapAsync(w.mapW, mapRead, 0, 4) },
		`wgpuBufferMapAsync: buffer "mapW": map mode Read needs usage MapRead, the buffer has 0x6 (MapWrite|CopySrc)`},
	{"mapAsync", "Write needs MapWrite", func(w *world) { w.mapAsync(w.mapR, mapWrite, 0, 4) },
		`wgpuBufferMapAsync: buffer "mapR": map mode Write needs usage MapWrite, the buffer has 0x9 (MapRead|CopyDst)`},

	// createBindGroupLayout
	{"createBindGroupLayout", "bindings are unique", func(w *world) { w.bgl("l", layoutOf{n: 1, typ: typeStorage}, layoutOf{n: 1, typ: typeUniform}) },
		`wgpuDeviceCreateBindGroupLayout: bind group layout "l": binding 1 is given twice`},
	{"createBindGroupLayout", "maxBindingsPerBindGroup", func(w *world) { w.bgl("l", layoutOf{n: 1000, typ: typeStorage}) },
		`wgpuDeviceCreateBindGroupLayout: bind group layout "l": binding 1000: bindings end at 999 (maxBindingsPerBindGroup)`},
	{"createBindGroupLayout", "maxBindingsPerBindGroup kept", func(w *world) { w.bgl("l", layoutOf{n: 999, typ: typeStorage}) }, ""},
	{"createBindGroupLayout", "maxStorageBuffersPerShaderStage", func(w *world) { w.bgl("l", entries(9, typeStorage, false)...) },
		`wgpuDeviceCreateBindGroupLayout: bind group layout "l": 9 storage buffers in the compute stage, at most 8 (maxStorageBuffersPerShaderStage)`},
	{"createBindGroupLayout", "maxUniformBuffersPerShaderStage", func(w *world) { w.bgl("l", entries(13, typeUniform, false)...) },
		`wgpuDeviceCreateBindGroupLayout: bind group layout "l": 13 uniform buffers in the compute stage, at most 12 (maxUniformBuffersPerShaderStage)`},
	{"createBindGroupLayout", "maxDynamicStorageBuffersPerPipelineLayout", func(w *world) { w.bgl("l", entries(5, typeReadOnly, true)...) },
		`wgpuDeviceCreateBindGroupLayout: bind group layout "l": 5 storage buffers with dynamic offsets, at most 4 (maxDynamicStorageBuffersPerPipelineLayout)`},
	{"createBindGroupLayout", "maxDynamicUniformBuffersPerPipelineLayout", func(w *world) { w.bgl("l", entries(9, typeUniform, true)...) },
		`wgpuDeviceCreateBindGroupLayout: bind group layout "l": 9 uniform buffers with dynamic offsets, at most 8 (maxDynamicUniformBuffersPerPipelineLayout)`},
	{"createBindGroupLayout", "limits kept", func(w *world) {
		w.bgl("l", append(entries(8, typeStorage, false), layoutOf{n: 100, typ: typeUniform, dynamic: true})...)
	}, ""},
	{"createBindGroupLayout", "visibility has known bits alone", func(w *world) { w.oneEntry(8, 0, typeStorage, 0, 0, 0) },
		`wgpuDeviceCreateBindGroupLayout: bind group layout "l": binding 3: visibility 0x8 has bits that are none of WGPUShaderStage's`},
	{"createBindGroupLayout", "no writable storage in the vertex stage", func(w *world) { w.oneEntry(stageVertex, 0, typeStorage, 0, 0, 0) },
		`wgpuDeviceCreateBindGroupLayout: bind group layout "l": binding 3: visible to the vertex stage, which may read storage (ReadOnlyStorage) and not write it`},
	{"createBindGroupLayout", "read-only storage in the vertex stage", func(w *world) { w.oneEntry(stageVertex, 0, typeReadOnly, 0, 0, 0) }, ""},
	{"createBindGroupLayout", "one kind of binding, not none", func(w *world) { w.oneEntry(stageCompute, 0, typeNotUsed, 0, 0, 0) },
		`wgpuDeviceCreateBindGroupLayout: bind group layout "l": binding 3: no buffer, sampler or texture is described, exactly one is wanted`},
	{"createBindGroupLayout", "a known buffer type", func(w *world) { w.oneEntry(stageCompute, 0, 9, 0, 0, 0) },
		`wgpuDeviceCreateBindGroupLayout: bind group layout "l": binding 3: buffer type 0x9, wanted Uniform, Storage or ReadOnlyStorage`},
	{"createBindGroupLayout", "Undefined is Uniform", func(w *world) { w.oneEntry(stageCompute, 1, typeUndefined, 0, 0, 0) }, ""},
	{"createBindGroupLayout", "no sampler", func(w *world) { w.oneEntry(stageCompute, 0, 0, 2, 0, 0) },
		`wgpuDeviceCreateBindGroupLayout: bind group layout "l": binding 3: a sampler or texture, which a job cannot have`},
	{"createBindGroupLayout", "no texture", func(w *world) { w.oneEntry(stageCompute, 0, 0, 0, 2, 0) },
		`wgpuDeviceCreateBindGroupLayout: bind group layout "l": binding 3: a sampler or texture, which a job cannot have`},
	{"createBindGroupLayout", "no storage texture", func(w *world) { w.oneEntry(stageCompute, 0, 0, 0, 0, 2) },
		`wgpuDeviceCreateBindGroupLayout: bind group layout "l": binding 3: a sampler or texture, which a job cannot have`},
	{"createBindGroupLayout", "no binding arrays", func(w *world) { w.oneEntry(stageCompute, 2, typeStorage, 0, 0, 0) },
		`wgpuDeviceCreateBindGroupLayout: bind group layout "l": binding 3: an array of 2 bindings, which are not available`},
	{"createBindGroupLayout", "no chain", func(w *world) {
		w.bglRaw("l", 1, w.put(uint32(w.put(0, 13)), 3, uint64(4), 0, 0, 0, 3, 0, 0, uint64(0), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
	}, `wgpuDeviceCreateBindGroupLayout: bind group layout "l": binding 3: the entry chains a structure of sType 0xd, none is known there`},

	// createPipelineLayout
	{"createPipelineLayout", "layouts are valid", func(w *world) {
		var l uint64
		w.scoped(func() { l = w.bgl("bad layout", layoutOf{n: 1000, typ: typeStorage}) })
		w.pl("p", l)
	}, `wgpuDeviceCreatePipelineLayout: pipeline layout "p": group 0: bind group layout "bad layout" is invalid: the call that made it failed`},
	{"createPipelineLayout", "layouts are this device's", func(w *world) { w.pl("p", w.second().bgl("theirs")) },
		`wgpuDeviceCreatePipelineLayout: pipeline layout "p": group 0: bind group layout "theirs" belongs to another device`},
	{"createPipelineLayout", "not a pipeline's automatic layout", func(w *world) { w.pl("p", w.oneLayout, w.autoLayout) },
		`wgpuDeviceCreatePipelineLayout: pipeline layout "p": group 1: bind group layout "auto layout" is the automatic layout of compute pipeline "auto" and fits that alone`},
	{"createPipelineLayout", "maxBindGroups", func(w *world) { l := w.bgl("l"); w.pl("p", l, l, l, l, l) },
		`wgpuDeviceCreatePipelineLayout: pipeline layout "p": 5 bind groups, at most 4 (maxBindGroups)`},
	{"createPipelineLayout", "maxBindGroups kept, some NULL", func(w *world) { l := w.bgl("l"); w.pl("p", l, 0, l, 0) }, ""},
	{"createPipelineLayout", "binding slots over all groups", func(w *world) {
		l := w.bgl("l", entries(5, typeStorage, false)...)
		w.pl("p", l, l)
	}, `wgpuDeviceCreatePipelineLayout: pipeline layout "p": 10 storage buffers in the compute stage, at most 8 (maxStorageBuffersPerShaderStage)`},
	{"createPipelineLayout", "maxImmediateSize", func(w *world) { w.plWith("p", 4) },
		`wgpuDeviceCreatePipelineLayout: pipeline layout "p": 4 bytes of immediates, at most 0 (maxImmediateSize)`},

	// createBindGroup
	{"createBindGroup", "the layout is valid", func(w *world) {
		var l uint64
		w.scoped(func() { l = w.bgl("bad layout", layoutOf{n: 1000, typ: typeStorage}) })
		w.bg("g", l)
	}, `wgpuDeviceCreateBindGroup: bind group "g": bind group layout "bad layout" is invalid: the call that made it failed`},
	{"createBindGroup", "the layout is this device's", func(w *world) { w.bg("g", w.second().bgl("theirs")) },
		`wgpuDeviceCreateBindGroup: bind group "g": bind group layout "theirs" belongs to another device`},
	{"createBindGroup", "every binding of the layout", func(w *world) { w.bg("g", w.oneLayout) },
		`wgpuDeviceCreateBindGroup: bind group "g": binding 0 of bind group layout "layout" is missing`},
	{"createBindGroup", "no other binding", func(w *world) { w.bg("g", w.oneLayout, bindingOf{n: 0, buffer: w.a}, bindingOf{n: 7, buffer: w.a}) },
		`wgpuDeviceCreateBindGroup: bind group "g": binding 7: bind group layout "layout" has no such binding`},
	{"createBindGroup", "no binding twice", func(w *world) { w.bg("g", w.oneLayout, bindingOf{n: 0, buffer: w.a}, bindingOf{n: 0, buffer: w.b}) },
		`wgpuDeviceCreateBindGroup: bind group "g": binding 0 is given twice`},
	{"createBindGroup", "a resource in each entry", func(w *world) { w.bg("g", w.oneLayout, bindingOf{n: 0}) },
		`wgpuDeviceCreateBindGroup: bind group "g": binding 0: no buffer, sampler or texture view is given, exactly one is wanted`},
	{"createBindGroup", "the buffer is valid", func(w *world) { w.bg("g", w.oneLayout, bindingOf{n: 0, buffer: w.bad}) },
		`wgpuDeviceCreateBindGroup: bind group "g": binding 0: buffer "bad" is invalid: the call that made it failed`},
	{"createBindGroup", "the buffer is this device's", func(w *world) {
		w.bg("g", w.oneLayout, bindingOf{n: 0, buffer: w.second().buffer("theirs", 4, usageStorage)})
	}, `wgpuDeviceCreateBindGroup: bind group "g": binding 0: buffer "theirs" belongs to another device`},
	{"createBindGroup", "usage Storage", func(w *world) { w.bg("g", w.oneLayout, bindingOf{n: 0, buffer: w.uni}) },
		`wgpuDeviceCreateBindGroup: bind group "g": binding 0: buffer "uni" has usage 0x48 (CopyDst|Uniform), which lacks Storage`},
	{"createBindGroup", "usage Uniform", func(w *world) {
		w.bg("g", w.bgl("l", layoutOf{n: 0, typ: typeUniform}), bindingOf{n: 0, buffer: w.ind})
	},
		`wgpuDeviceCreateBindGroup: bind group "g": binding 0: buffer "ind" has usage 0x180 (Storage|Indirect), which lacks Uniform`},
	{"createBindGroup", "inside the buffer", func(w *world) { w.bg("g", w.oneLayout, bindingOf{n: 0, buffer: w.b, offset: 256, size: 260}) },
		`wgpuDeviceCreateBindGroup: bind group "g": binding 0: bytes 256+260 lie outside the 512 of buffer "b"`},
	{"createBindGroup", "some bytes", func(w *world) { w.bg("g", w.oneLayout, bindingOf{n: 0, buffer: w.b, offset: 512}) },
		`wgpuDeviceCreateBindGroup: bind group "g": binding 0: no bytes of buffer "b" are bound`},
	{"createBindGroup", "minStorageBufferOffsetAlignment", func(w *world) { w.bg("g", w.oneLayout, bindingOf{n: 0, buffer: w.b, offset: 128}) },
		`wgpuDeviceCreateBindGroup: bind group "g": binding 0: offset 128 in buffer "b" is no multiple of 256 (minStorageBufferOffsetAlignment)`},
	{"createBindGroup", "minUniformBufferOffsetAlignment", func(w *world) {
		w.bg("g", w.bgl("l", layoutOf{n: 0, typ: typeUniform}), bindingOf{n: 0, buffer: w.uni, offset: 16})
	}, `wgpuDeviceCreateBindGroup: bind group "g": binding 0: offset 16 in buffer "uni" is no multiple of 256 (minUniformBufferOffsetAlignment)`},
	{"createBindGroup", "maxUniformBufferBindingSize", func(w *world) {
		w.bg("g", w.bgl("l", layoutOf{n: 0, typ: typeUniform}), bindingOf{n: 0, buffer: w.buffer("big", maxUniformBinding+4, usageUniform)})
	}, `wgpuDeviceCreateBindGroup: bind group "g": binding 0: 65540 bytes of buffer "big", at most 65536 (maxUniformBufferBindingSize)`},
	{"createBindGroup", "maxStorageBufferBindingSize", func(w *world) {
		w.bg("g", w.oneLayout, bindingOf{n: 0, buffer: w.buffer("big", maxStorageBinding+4, usageStorage)})
	}, `wgpuDeviceCreateBindGroup: bind group "g": binding 0: 134217732 bytes of buffer "big", at most 134217728 (maxStorageBufferBindingSize)`},
	{"createBindGroup", "storage in multiples of 4", func(w *world) { w.bg("g", w.oneLayout, bindingOf{n: 0, buffer: w.b, size: 6}) },
		`wgpuDeviceCreateBindGroup: bind group "g": binding 0: 6 bytes of buffer "b", a multiple of 4 wanted`},
	{"createBindGroup", "uniform of 6 bytes", func(w *world) {
		w.bg("g", w.bgl("l", layoutOf{n: 0, typ: typeUniform}), bindingOf{n: 0, buffer: w.uni, size: 6})
	}, ""},
	{"createBindGroup", "minBindingSize", func(w *world) {
		w.bg("g", w.bgl("l", layoutOf{n: 0, typ: typeUniform, min: 600}), bindingOf{n: 0, buffer: w.uni})
	}, `wgpuDeviceCreateBindGroup: bind group "g": binding 0: 512 bytes of buffer "uni", at least 600 wanted (minBindingSize)`},
	{"createBindGroup", "a destroyed buffer may be bound", func(w *world) {
		w.do("wgpuBufferDestroy", w.b)
		w.bg("g", w.oneLayout, bindingOf{n: 0, buffer: w.b})
	}, ""},

	// createShaderModule, createComputePipeline
	{"createShaderModule", "WGSL is right", func(w *world) { w.labelled("s", "fn f( {") },
		`wgpuDeviceCreateShaderModule: shader module "s": 1:7: ...`},
	{"createShaderModule", "a source is chained", func(w *world) {
		at, n := w.text("s")
		w.do("wgpuDeviceCreateShaderModule", w.device, w.put(0, at, n))
	}, `wgpuDeviceCreateShaderModule: shader module "s": the descriptor chains no source, a WGPUShaderSourceWGSL is wanted`},
	{"createShaderModule", "not SPIR-V", func(w *world) {
		at, n := w.text("s")
		w.do("wgpuDeviceCreateShaderModule", w.device, w.put(uint32(w.put(0, sTypeSPIRV, 0, 0)), at, n))
	}, `wgpuDeviceCreateShaderModule: shader module "s": the descriptor chains SPIR-V, which is not available: a WGPUShaderSourceWGSL is wanted`},
	{"createShaderModule", "not another source", func(w *world) {
		at, n := w.text("s")
		w.do("wgpuDeviceCreateShaderModule", w.device, w.put(uint32(w.put(0, 0x60005, 0, 0)), at, n))
	}, `wgpuDeviceCreateShaderModule: shader module "s": the descriptor chains a structure of sType 0x60005, a WGPUShaderSourceWGSL (0x2) is wanted`},
	{"createShaderModule", "one source alone", func(w *world) {
		at, n := w.text(doubler)
		lat, ln := w.text("s")
		w.do("wgpuDeviceCreateShaderModule", w.device, w.put(uint32(w.put(uint32(w.put(0, sTypeWGSL, 0, 0)), sTypeWGSL, at, n)), lat, ln))
	}, `wgpuDeviceCreateShaderModule: shader module "s": the shader source chains a structure of sType 0x2, none is known there`},
	{"createComputePipeline", "the module is valid", func(w *world) {
		var m uint64
		w.scoped(func() { m = w.labelled("bad shader", "?") })
		w.pipe("p", m, 0, "main")
	}, `wgpuDeviceCreateComputePipeline: compute pipeline "p": shader module "bad shader" is invalid: it does not compile`},
	{"createComputePipeline", "the module is this device's", func(w *world) { w.pipe("p", w.second().labelled("theirs", doubler), 0, "main") },
		`wgpuDeviceCreateComputePipeline: compute pipeline "p": shader module "theirs" belongs to another device`},
	{"createComputePipeline", "the layout is valid", func(w *world) {
		var l uint64
		w.scoped(func() { l = w.plWith("bad pl", 4) })
		w.pipe("p", w.module, l, "main")
	}, `wgpuDeviceCreateComputePipeline: compute pipeline "p": pipeline layout "bad pl" is invalid: the call that made it failed`},
	{"createComputePipeline", "the layout is this device's", func(w *world) { w.pipe("p", w.module, w.second().pl("theirs"), "main") },
		`wgpuDeviceCreateComputePipeline: compute pipeline "p": pipeline layout "theirs" belongs to another device`},
	{"createComputePipeline", "the entry point exists", func(w *world) { w.pipe("p", w.module, 0, "nain") },
		`wgpuDeviceCreateComputePipeline: compute pipeline "p": 1:1: error: no entry point "nain"...`},
	{"createComputePipeline", "one entry point where none is named", func(w *world) {
		m := w.labelled("two", "@compute @workgroup_size(1) fn f() {} @compute @workgroup_size(1) fn g() {}")
		lat, ln := w.text("p")
		w.do("wgpuDeviceCreateComputePipeline", w.device, w.put(0, lat, ln, 0, 0, uint32(m), 0, uint32(strlen), 0, 0))
	}, `wgpuDeviceCreateComputePipeline: compute pipeline "p": no entry point is named, and the shader module has 2`},
	{"createComputePipeline", "constants exist", func(w *world) { w.pipe("p", w.module, 0, "main", "size") },
		`wgpuDeviceCreateComputePipeline: compute pipeline "p": 1:1: error: the module has no override "size"...`},
	{"createComputePipeline", "constants are given once", func(w *world) { w.pipe("p", w.labelled("s", overridden), 0, "main", "size", "size") },
		`wgpuDeviceCreateComputePipeline: compute pipeline "p": constant "size" is given twice`},
	{"createComputePipeline", "constants are finite", func(w *world) {
		w.pipeWith("p", w.labelled("s", overridden), 0, "main", math.Inf(1), "size")
	}, `wgpuDeviceCreateComputePipeline: compute pipeline "p": constant "size" is not finite`},
	{"createComputePipeline", "constants fit their type", func(w *world) {
		w.pipeWith("p", w.labelled("s", overridden), 0, "main", -1, "size")
	}, `wgpuDeviceCreateComputePipeline: compute pipeline "p": 1:10: error: override "size" of type u32 is given -1...`},
	{"createComputePipeline", "constants without a default are given", func(w *world) { w.pipe("p", w.labelled("s", overridden), 0, "main") },
		`wgpuDeviceCreateComputePipeline: compute pipeline "p": 1:10: error: override "size" has no default...`},
	{"createComputePipeline", "the layout has the group", func(w *world) { w.pipe("p", w.module, w.pl("empty"), "main") },
		`wgpuDeviceCreateComputePipeline: compute pipeline "p": binding 0.0 (data): pipeline layout "empty" has no group 0`},
	{"createComputePipeline", "the layout has the binding", func(w *world) { w.pipe("p", w.module, w.pl("pl2", w.bgl("l")), "main") },
		`wgpuDeviceCreateComputePipeline: compute pipeline "p": binding 0.0 (data): bind group layout "l" has no such binding`},
	{"createComputePipeline", "the binding's type", func(w *world) {
		w.pipe("p", w.module, w.pl("pl2", w.bgl("l", layoutOf{n: 0, typ: typeReadOnly})), "main")
	}, `wgpuDeviceCreateComputePipeline: compute pipeline "p": binding 0.0 (data): the shader has a storage buffer, bind group layout "l" has a read-only storage buffer`},
	{"createComputePipeline", "the binding's visibility", func(w *world) {
		w.oneEntry(stageFragment, 0, typeStorage, 0, 0, 0)
		l := w.bglRaw("l", 1, w.put(0, 0, uint64(stageFragment), 0, 0, 0, typeStorage, 0, 0, uint64(0), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
		w.pipe("p", w.module, w.pl("pl2", l), "main")
	}, `wgpuDeviceCreateComputePipeline: compute pipeline "p": binding 0.0 (data): bind group layout "l" does not show it to the compute stage`},
	{"createComputePipeline", "the binding's minBindingSize", func(w *world) {
		l := w.bgl("l", layoutOf{n: 0, typ: typeStorage}, layoutOf{n: 1, typ: typeReadOnly}, layoutOf{n: 2, typ: typeUniform, min: 8})
		w.pipe("p", w.labelled("s", adder), w.pl("pl2", l), "main")
	}, `wgpuDeviceCreateComputePipeline: compute pipeline "p": binding 0.2 (z): minBindingSize is 8 in bind group layout "l", the shader needs 16`},
	{"createComputePipeline", "maxComputeInvocationsPerWorkgroup", func(w *world) {
		w.pipeWith("p", w.labelled("s", "override n: u32; @compute @workgroup_size(16, n) fn main() {}"), 0, "main", 17, "n")
	}, `wgpuDeviceCreateComputePipeline: compute pipeline "p": ...`},
	{"createComputePipeline", "maxComputeWorkgroupSizeZ", func(w *world) {
		w.pipeWith("p", w.labelled("s", "override n: u32; @compute @workgroup_size(1, 1, n) fn main() {}"), 0, "main", 65, "n")
	}, `wgpuDeviceCreateComputePipeline: compute pipeline "p": ...`},
	{"createComputePipeline", "the largest workgroup", func(w *world) {
		w.pipeWith("p", w.labelled("s", "override n: u32; @compute @workgroup_size(2, 2, n) fn main() {}"), 0, "main", 64, "n")
	}, ""},
	{"createComputePipeline", "maxComputeWorkgroupStorageSize", func(w *world) {
		w.pipe("p", w.labelled("s", "var<workgroup> v: array<u32, 4097>; @compute @workgroup_size(1) fn main() { v[0] = 1u; }"), 0, "main")
	}, `wgpuDeviceCreateComputePipeline: compute pipeline "p": ...`},
	{"createComputePipeline", "the shader's groups end at maxBindGroups", func(w *world) {
		w.labelled("s", "@group(4) @binding(0) var<storage, read_write> x: u32; @compute @workgroup_size(1) fn main() { x = 1u; }")
	}, `wgpuDeviceCreateShaderModule: shader module "s": ...`},
	{"createComputePipeline", "the shader's bindings end at maxBindingsPerBindGroup", func(w *world) {
		w.labelled("s", "@group(0) @binding(1000) var<storage, read_write> x: u32; @compute @workgroup_size(1) fn main() { x = 1u; }")
	}, `wgpuDeviceCreateShaderModule: shader module "s": ...`},
	{"createComputePipeline", "automatic layouts keep the limits", func(w *world) {
		var b, f strings.Builder
		for i := range 9 {
			fmt.Fprintf(&b, "@group(%d) @binding(%d) var<storage, read_write> x%d: u32;\n", i%2, i, i)
			fmt.Fprintf(&f, "x%d = 1u; ", i)
		}
		w.pipe("p", w.labelled("s", b.String()+"@compute @workgroup_size(1) fn main() { "+f.String()+"}"), 0, "main")
	}, `wgpuDeviceCreateComputePipeline: compute pipeline "p": 9 storage buffers in the compute stage, at most 8 (maxStorageBuffersPerShaderStage)`},
	{"getBindGroupLayout", "the pipeline is valid", func(w *world) {
		var p uint64
		w.scoped(func() { p = w.pipe("bad pipe", w.module, 0, "nain") })
		w.do("wgpuComputePipelineGetBindGroupLayout", p, 0)
	}, `wgpuComputePipelineGetBindGroupLayout: unlabelled bind group layout 20: compute pipeline "bad pipe" is invalid: the call that made it failed`},
	{"getBindGroupLayout", "maxBindGroups", func(w *world) { w.do("wgpuComputePipelineGetBindGroupLayout", w.auto, 4) },
		`wgpuComputePipelineGetBindGroupLayout: unlabelled bind group layout 19: group 4 of compute pipeline "auto": groups end at 3 (maxBindGroups)`},
	{"getBindGroupLayout", "a group that is not used is empty", func(w *world) { w.bg("g", w.do("wgpuComputePipelineGetBindGroupLayout", w.auto, 3)) }, ""},

	// The encoder's states
	{"encoder state", "a command after finish", func(w *world) {
		e := w.do("wgpuDeviceCreateCommandEncoder", w.device, 0)
		w.setLabel("CommandEncoder", e, "enc")
		w.do("wgpuCommandEncoderFinish", e, 0)
		w.do("wgpuCommandEncoderClearBuffer", e, w.a, 0, 4)
	}, `wgpuCommandEncoderClearBuffer: command encoder "enc" is finished already`},
	{"encoder state", "a debug marker after finish", func(w *world) {
		e := w.do("wgpuDeviceCreateCommandEncoder", w.device, 0)
		w.setLabel("CommandEncoder", e, "enc")
		w.do("wgpuCommandEncoderFinish", e, 0)
		w.do("wgpuCommandEncoderInsertDebugMarker", e, w.put(0, 0))
	}, `wgpuCommandEncoderInsertDebugMarker: command encoder "enc" is finished already`},
	{"encoder state", "a pass after finish", func(w *world) {
		e := w.do("wgpuDeviceCreateCommandEncoder", w.device, 0)
		w.setLabel("CommandEncoder", e, "enc")
		w.do("wgpuCommandEncoderFinish", e, 0)
		w.begin(e)
	}, `wgpuCommandEncoderBeginComputePass: command encoder "enc" is finished already`},
	{"encoder state", "locked: a command while a pass is open", func(w *world) {
		w.encode(func(e uint64) {
			p := w.begin(e)
			w.do("wgpuCommandEncoderClearBuffer", e, w.a, 0, 4)
			w.do("wgpuComputePassEncoderEnd", p)
		})
	}, `wgpuCommandEncoderFinish: command encoder "enc": wgpuCommandEncoderClearBuffer: compute pass "pass" is still open, the encoder takes no commands before its end`},
	{"encoder state", "locked: a second pass", func(w *world) { w.encode(func(e uint64) { w.begin(e); w.begin(e) }) },
		`wgpuCommandEncoderFinish: command encoder "enc": wgpuCommandEncoderBeginComputePass: compute pass "pass" is still open, the encoder takes no commands before its end`},
	{"encoder state", "locked: finish", func(w *world) { w.encode(func(e uint64) { w.begin(e) }) },
		`wgpuCommandEncoderFinish: command encoder "enc": compute pass "pass" is still open`},
	{"encoder state", "a command of a pass that has ended", func(w *world) {
		w.pass(func(p uint64) {
			w.do("wgpuComputePassEncoderEnd", p)
			w.do("wgpuComputePassEncoderDispatchWorkgroups", p, 1, 1, 1)
		})
	}, `wgpuComputePassEncoderDispatchWorkgroups: compute pass "pass" has ended already`},
	{"encoder state", "a pass ended twice", func(w *world) { w.pass(func(p uint64) { w.do("wgpuComputePassEncoderEnd", p) }) },
		`wgpuComputePassEncoderEnd: compute pass "pass" has ended already`},
	{"encoder state", "a pass whose encoder is finished", func(w *world) {
		w.encode(func(e uint64) {
			p := w.begin(e)
			w.scoped(func() { w.do("wgpuCommandEncoderFinish", e, 0) })
			w.do("wgpuComputePassEncoderEnd", p)
		})
	}, `wgpuComputePassEncoderEnd: compute pass "pass": command encoder "enc" is finished already`},
	{"finish", "once", func(w *world) { w.encode(func(e uint64) { w.do("wgpuCommandEncoderFinish", e, 0) }) },
		`wgpuCommandEncoderFinish: command encoder "enc": it is finished already`},
	{"finish", "debug groups are closed", func(w *world) {
		w.encode(func(e uint64) {
			w.do("wgpuCommandEncoderPushDebugGroup", e, w.put(0, 0))
			w.do("wgpuCommandEncoderPushDebugGroup", e, w.put(0, 0))
			w.do("wgpuCommandEncoderPopDebugGroup", e)
		})
	}, `wgpuCommandEncoderFinish: command encoder "enc": 1 debug groups are still open`},
	{"popDebugGroup", "one is open", func(w *world) { w.encode(func(e uint64) { w.do("wgpuCommandEncoderPopDebugGroup", e) }) },
		`wgpuCommandEncoderFinish: command encoder "enc": wgpuCommandEncoderPopDebugGroup: command encoder "enc": no debug group is open`},
	{"popDebugGroup", "of a pass, one is open", func(w *world) { w.pass(func(p uint64) { w.do("wgpuComputePassEncoderPopDebugGroup", p) }) },
		`wgpuCommandEncoderFinish: command encoder "enc": wgpuComputePassEncoderPopDebugGroup: compute pass "pass": no debug group is open`},
	{"end", "debug groups are closed", func(w *world) {
		w.pass(func(p uint64) { w.do("wgpuComputePassEncoderPushDebugGroup", p, w.put(0, 0)) })
	},
		`wgpuCommandEncoderFinish: command encoder "enc": wgpuComputePassEncoderEnd: compute pass "pass": 1 debug groups are still open`},
	{"beginComputePass", "no timestamps", func(w *world) {
		w.encode(func(e uint64) {
			at, n := w.text("pass")
			w.do("wgpuComputePassEncoderEnd", w.do("wgpuCommandEncoderBeginComputePass", e, w.put(0, at, n, 8)))
		})
	}, `wgpuCommandEncoderFinish: command encoder "enc": wgpuCommandEncoderBeginComputePass: compute pass "pass": timestampWrites are given; they need the feature TimestampQuery, which is not available`},
	{"finish", "the first error is the one told", func(w *world) {
		w.encode(func(e uint64) {
			w.do("wgpuCommandEncoderClearBuffer", e, w.a, 2, 4)
			w.do("wgpuCommandEncoderPopDebugGroup", e)
		})
	}, `wgpuCommandEncoderFinish: command encoder "enc": wgpuCommandEncoderClearBuffer: bytes 2+4 of buffer "a": offset and size must be multiples of 4`},

	// Chains: none of these structures has one here.
	{"chain", "of a command encoder", func(w *world) {
		at, n := w.text("enc")
		w.do("wgpuDeviceCreateCommandEncoder", w.device, w.put(w.chain(), at, n))
	}, `wgpuDeviceCreateCommandEncoder: command encoder "enc": the descriptor chains a structure of sType 0x50001, none is known there`},
	{"chain", "of a compute pass", func(w *world) {
		w.encode(func(e uint64) {
			at, n := w.text("pass")
			w.do("wgpuComputePassEncoderEnd", w.do("wgpuCommandEncoderBeginComputePass", e, w.put(w.chain(), at, n, 0)))
		})
	}, `wgpuCommandEncoderFinish: command encoder "enc": wgpuCommandEncoderBeginComputePass: compute pass "pass": the descriptor chains a structure of sType 0x50001, none is known there`},
	{"chain", "of a command buffer", func(w *world) {
		w.encode(func(e uint64) {
			at, n := w.text("cmd")
			w.do("wgpuCommandEncoderFinish", e, w.put(w.chain(), at, n))
		})
	}, `wgpuCommandEncoderFinish: command encoder "enc": command buffer "cmd": the descriptor chains a structure of sType 0x50001, none is known there`},
	{"chain", "of a bind group layout", func(w *world) {
		at, n := w.text("l")
		w.do("wgpuDeviceCreateBindGroupLayout", w.device, w.put(w.chain(), at, n, 0, 0))
	}, `wgpuDeviceCreateBindGroupLayout: bind group layout "l": the descriptor chains a structure of sType 0x50001, none is known there`},
	{"chain", "of a pipeline layout", func(w *world) {
		at, n := w.text("p")
		w.do("wgpuDeviceCreatePipelineLayout", w.device, w.put(w.chain(), at, n, 0, 0, 0))
	}, `wgpuDeviceCreatePipelineLayout: pipeline layout "p": the descriptor chains a structure of sType 0x50001, none is known there`},
	{"chain", "of a bind group", func(w *world) {
		at, n := w.text("g")
		w.do("wgpuDeviceCreateBindGroup", w.device, w.put(w.chain(), at, n, uint32(w.oneLayout), 0, 0))
	}, `wgpuDeviceCreateBindGroup: bind group "g": the descriptor chains a structure of sType 0x50001, none is known there`},
	{"chain", "of a bind group's entry", func(w *world) {
		at, n := w.text("g")
		e := w.put(w.chain(), 0, uint32(w.a), 0, uint64(0), uint64(4), 0, 0)
		w.do("wgpuDeviceCreateBindGroup", w.device, w.put(0, at, n, uint32(w.oneLayout), 1, uint32(e)))
	}, `wgpuDeviceCreateBindGroup: bind group "g": binding 0: the entry chains a structure of sType 0x50001, none is known there`},
	{"chain", "of a compute pipeline", func(w *world) {
		at, n := w.text("main")
		lat, ln := w.text("p")
		w.do("wgpuDeviceCreateComputePipeline", w.device, w.put(w.chain(), lat, ln, 0, 0, uint32(w.module), at, n, 0, 0))
	}, `wgpuDeviceCreateComputePipeline: compute pipeline "p": the descriptor chains a structure of sType 0x50001, none is known there`},
	{"chain", "of a compute stage", func(w *world) {
		at, n := w.text("main")
		lat, ln := w.text("p")
		w.do("wgpuDeviceCreateComputePipeline", w.device, w.put(0, lat, ln, 0, w.chain(), uint32(w.module), at, n, 0, 0))
	}, `wgpuDeviceCreateComputePipeline: compute pipeline "p": the compute stage chains a structure of sType 0x50001, none is known there`},
	{"chain", "of a constant", func(w *world) {
		at, n := w.text("main")
		lat, ln := w.text("p")
		k := w.put(w.chain(), at, n, 0, math.Float64bits(1))
		w.do("wgpuDeviceCreateComputePipeline", w.device, w.put(0, lat, ln, 0, 0, uint32(w.module), at, n, 1, uint32(k)))
	}, `wgpuDeviceCreateComputePipeline: compute pipeline "p": a constant chains a structure of sType 0x50001, none is known there`},

	// copyBufferToBuffer, clearBuffer
	{"copyBufferToBuffer", "the source is valid", func(w *world) { w.copy(w.bad, 0, w.b, 0, 4) },
		inEncoder("CopyBufferToBuffer", `buffer "bad" is invalid: the call that made it failed`)},
	{"copyBufferToBuffer", "the destination is this device's", func(w *world) { w.copy(w.a, 0, w.second().buffer("theirs", 4, usageCopyDst), 0, 4) },
		inEncoder("CopyBufferToBuffer", `buffer "theirs" belongs to another device`)},
	{"copyBufferToBuffer", "CopySrc", func(w *world) { w.copy(w.uni, 0, w.b, 0, 4) },
		inEncoder("CopyBufferToBuffer", `buffer "uni" has usage 0x48 (CopyDst|Uniform), which lacks CopySrc`)},
	{"copyBufferToBuffer", "CopyDst", func(w *world) { w.copy(w.a, 0, w.ind, 0, 4) },
		inEncoder("CopyBufferToBuffer", `buffer "ind" has usage 0x180 (Storage|Indirect), which lacks CopyDst`)},
	{"copyBufferToBuffer", "size in multiples of 4", func(w *world) { w.copy(w.a, 0, w.b, 0, 6) },
		inEncoder("CopyBufferToBuffer", `bytes 0+6 of buffer "a" to 0 of buffer "b": offsets and size must be multiples of 4`)},
	{"copyBufferToBuffer", "source offset in multiples of 4", func(w *world) { w.copy(w.a, 2, w.b, 0, 4) },
		inEncoder("CopyBufferToBuffer", `bytes 2+4 of buffer "a" to 0 of buffer "b": offsets and size must be multiples of 4`)},
	{"copyBufferToBuffer", "destination offset in multiples of 4", func(w *world) { w.copy(w.a, 0, w.b, 1, 4) },
		inEncoder("CopyBufferToBuffer", `bytes 0+4 of buffer "a" to 1 of buffer "b": offsets and size must be multiples of 4`)},
	{"copyBufferToBuffer", "inside the source", func(w *world) { w.copy(w.a, 1020, w.b, 0, 8) },
		inEncoder("CopyBufferToBuffer", `bytes 1020+8 lie outside the 1024 of buffer "a"`)},
	{"copyBufferToBuffer", "inside the destination", func(w *world) { w.copy(w.a, 0, w.b, 508, 8) },
		inEncoder("CopyBufferToBuffer", `bytes 508+8 lie outside the 512 of buffer "b"`)},
	{"copyBufferToBuffer", "sizes near 2^64", func(w *world) { w.copy(w.a, 8, w.b, 8, math.MaxUint64-11) },
		inEncoder("CopyBufferToBuffer", `bytes 8+18446744073709551604 lie outside the 1024 of buffer "a"`)},
	{"copyBufferToBuffer", "two buffers", func(w *world) { w.copy(w.a, 0, w.a, 512, 4) },
		inEncoder("CopyBufferToBuffer", `buffer "a" is copied to itself`)},
	{"copyBufferToBuffer", "kept to the last byte, size left out", func(w *world) { w.copy(w.a, 512, w.b, 0, wholeSize) }, ""},
	{"clearBuffer", "the buffer is valid", func(w *world) {
		w.encode(func(e uint64) { w.do("wgpuCommandEncoderClearBuffer", e, w.bad, 0, 4) })
	}, inEncoder("ClearBuffer", `buffer "bad" is invalid: the call that made it failed`)},
	{"clearBuffer", "CopyDst", func(w *world) { w.encode(func(e uint64) { w.do("wgpuCommandEncoderClearBuffer", e, w.ind, 0, 4) }) },
		inEncoder("ClearBuffer", `buffer "ind" has usage 0x180 (Storage|Indirect), which lacks CopyDst`)},
	{"clearBuffer", "multiples of 4", func(w *world) { w.encode(func(e uint64) { w.do("wgpuCommandEncoderClearBuffer", e, w.a, 4, 6) }) },
		inEncoder("ClearBuffer", `bytes 4+6 of buffer "a": offset and size must be multiples of 4`)},
	{"clearBuffer", "inside the buffer", func(w *world) { w.encode(func(e uint64) { w.do("wgpuCommandEncoderClearBuffer", e, w.a, 1020, 8) }) },
		inEncoder("ClearBuffer", `bytes 1020+8 lie outside the 1024 of buffer "a"`)},
	{"clearBuffer", "kept", func(w *world) {
		w.submit(w.encode(func(e uint64) { w.do("wgpuCommandEncoderClearBuffer", e, w.a, 4, wholeSize) }))
	}, ""},

	// The compute pass
	{"setPipeline", "the pipeline is valid", func(w *world) {
		var p uint64
		w.scoped(func() { p = w.pipe("bad pipe", w.module, 0, "nain") })
		w.pass(func(pass uint64) { w.set(pass, p) })
	}, inPass("SetPipeline", `compute pipeline "bad pipe" is invalid: the call that made it failed`)},
	{"setPipeline", "the pipeline is this device's", func(w *world) {
		o := w.second()
		p := o.pipe("theirs", o.labelled("s", doubler), 0, "main")
		w.pass(func(pass uint64) { w.set(pass, p) })
	}, inPass("SetPipeline", `compute pipeline "theirs" belongs to another device`)},
	{"setBindGroup", "maxBindGroups", func(w *world) {
		w.pass(func(p uint64) { w.do("wgpuComputePassEncoderSetBindGroup", p, 4, w.one, 0, 0) })
	},
		inPass("SetBindGroup", `group 4 of compute pass "pass": groups end at 3 (maxBindGroups)`)},
	{"setBindGroup", "the group is valid", func(w *world) {
		var g uint64
		w.scoped(func() { g = w.bg("bad group", w.oneLayout) })
		w.pass(func(p uint64) { w.do("wgpuComputePassEncoderSetBindGroup", p, 0, g, 0, 0) })
	}, inPass("SetBindGroup", `group 0: bind group "bad group" is invalid: the call that made it failed`)},
	{"setBindGroup", "the group is this device's", func(w *world) {
		o := w.second()
		g := o.bg("theirs", o.bgl("l"))
		w.pass(func(p uint64) { w.do("wgpuComputePassEncoderSetBindGroup", p, 0, g, 0, 0) })
	}, inPass("SetBindGroup", `group 0: bind group "theirs" belongs to another device`)},
	{"setBindGroup", "as many dynamic offsets as there are bindings", func(w *world) {
		w.pass(func(p uint64) { w.do("wgpuComputePassEncoderSetBindGroup", p, 0, w.one, 1, w.put(0)) })
	}, inPass("SetBindGroup", `group 0: 1 dynamic offsets for bind group "group", which has 0 dynamic bindings`)},
	{"setBindGroup", "dynamic offsets for no group", func(w *world) {
		w.pass(func(p uint64) { w.do("wgpuComputePassEncoderSetBindGroup", p, 0, 0, 1, w.put(0)) })
	}, inPass("SetBindGroup", `group 0: 1 dynamic offsets for no bind group`)},
	{"setBindGroup", "dynamic offsets are aligned", func(w *world) { w.dynamic(typeStorage, 16) },
		inPass("SetBindGroup", `group 0, binding 0 of bind group "dyn": dynamic offset 16 is no multiple of 256 (minStorageBufferOffsetAlignment)`)},
	{"setBindGroup", "dynamic uniform offsets are aligned", func(w *world) { w.dynamic(typeUniform, 16) },
		inPass("SetBindGroup", `group 0, binding 0 of bind group "dyn": dynamic offset 16 is no multiple of 256 (minUniformBufferOffsetAlignment)`)},
	{"setBindGroup", "dynamic offsets stay inside", func(w *world) { w.dynamic(typeStorage, 512) },
		inPass("SetBindGroup", `group 0, binding 0 of bind group "dyn": with dynamic offset 512 bytes 512+256 lie outside the 512 of buffer "target"`)},
	{"setBindGroup", "dynamic offsets kept", func(w *world) { w.dynamic(typeStorage, 256) }, ""},
	{"dispatch", "a pipeline is set", func(w *world) {
		w.pass(func(p uint64) { w.do("wgpuComputePassEncoderDispatchWorkgroups", p, 1, 1, 1) })
	},
		inPass("DispatchWorkgroups", `compute pass "pass" has no pipeline set`)},
	{"dispatch", "its bind groups are set", func(w *world) { w.run(w.pOne) },
		inPass("DispatchWorkgroups", `compute pipeline "pipe" needs a bind group 0, none is set`)},
	{"dispatch", "its bind groups fit", func(w *world) {
		w.run(w.pOne, w.bg("other", w.bgl("l", layoutOf{n: 0, typ: typeStorage, min: 4}), bindingOf{n: 0, buffer: w.a}))
	}, inPass("DispatchWorkgroups", `bind group 0: bind group "other" was made with another layout than compute pipeline "pipe" has there`)},
	{"dispatch", "an automatic layout fits its pipeline alone", func(w *world) {
		w.run(w.pOne, w.bg("other", w.autoLayout, bindingOf{n: 0, buffer: w.a}))
	}, inPass("DispatchWorkgroups", `bind group 0: bind group "other" was made with another layout than compute pipeline "pipe" has there`)},
	{"dispatch", "an equal layout fits", func(w *world) {
		w.run(w.pOne, w.bg("other", w.bgl("l", layoutOf{n: 0, typ: typeStorage}), bindingOf{n: 0, buffer: w.a}))
	}, ""},
	{"dispatch", "a group nobody uses may have any layout", func(w *world) {
		p := w.pipe("p", w.labelled("s", "@compute @workgroup_size(1) fn main() {}"), w.pl("pl", w.bgl("empty")), "main")
		w.run(p, w.one)
	}, ""},
	{"dispatch", "enough bytes for the shader", func(w *world) { w.three(w.a, w.b, bindingOf{n: 2, buffer: w.uni, size: 8}) },
		inPass("DispatchWorkgroups", `binding 0.2 (z): 8 bytes of buffer "uni" are bound, the shader of compute pipeline "three" needs 16`)},
	{"dispatch", "usage scope: written and read", func(w *world) { w.three(w.a, w.a, bindingOf{n: 2, buffer: w.uni}) },
		inPass("DispatchWorkgroups", `buffer "a" is bound at 0.0 and 0.1 of compute pipeline "three", and only one of them is writable (usage scope)`)},
	{"dispatch", "usage scope: written and read, far apart", func(w *world) {
		l := w.bgl("l", layoutOf{n: 0, typ: typeStorage}, layoutOf{n: 1, typ: typeReadOnly}, layoutOf{n: 2, typ: typeUniform})
		w.run(w.pipe("three", w.labelled("s", adder), w.pl("pl3", l), "main"),
			w.bg("g", l, bindingOf{n: 0, buffer: w.a, size: 256}, bindingOf{n: 1, buffer: w.a, offset: 512}, bindingOf{n: 2, buffer: w.uni}))
	}, inPass("DispatchWorkgroups", `buffer "a" is bound at 0.0 and 0.1 of compute pipeline "three", and only one of them is writable (usage scope)`)},
	{"dispatch", "usage scope: read twice", func(w *world) { w.three(w.a, w.b, bindingOf{n: 2, buffer: w.uni}) }, ""},
	{"dispatch", "writable aliasing", func(w *world) { w.two(0, 260, 256) },
		inPass("DispatchWorkgroups", `buffer "a" is bound at 0.0 and 0.1 of compute pipeline "two", both are writable and their bytes overlap (writable aliasing)`)},
	{"dispatch", "writable, side by side", func(w *world) { w.two(0, 256, 256) }, ""},
	{"dispatch", "writable aliasing between groups", func(w *world) {
		m := w.labelled("s", `@group(0) @binding(0) var<storage, read_write> x: array<u32>; @group(1) @binding(0) var<storage, read_write> y: array<u32>;
@compute @workgroup_size(1) fn main() { x[0] = y[0]; }`)
		w.run(w.pipe("groups", m, w.pl("pl", w.oneLayout, w.oneLayout), "main"), w.one, w.one)
	}, inPass("DispatchWorkgroups", `buffer "a" is bound at 0.0 and 1.0 of compute pipeline "groups", both are writable and their bytes overlap (writable aliasing)`)},
	{"dispatch", "maxComputeWorkgroupsPerDimension", func(w *world) {
		w.pass(func(p uint64) {
			w.set(p, w.pOne, w.one)
			w.do("wgpuComputePassEncoderDispatchWorkgroups", p, 1, 65536, 1)
		})
	}, inPass("DispatchWorkgroups", `65536 workgroups in dimension y, at most 65535 (maxComputeWorkgroupsPerDimension)`)},
	{"dispatch", "no workgroups", func(w *world) {
		w.submit(w.pass(func(p uint64) {
			w.set(p, w.pOne, w.one)
			w.do("wgpuComputePassEncoderDispatchWorkgroups", p, 0, 65535, 65535)
		}))
	}, ""},
	{"dispatchIndirect", "the buffer is valid", func(w *world) { w.indirect(w.bad, 0) },
		inPass("DispatchWorkgroupsIndirect", `buffer "bad" is invalid: the call that made it failed`)},
	{"dispatchIndirect", "Indirect", func(w *world) { w.indirect(w.a, 0) },
		inPass("DispatchWorkgroupsIndirect", `buffer "a" has usage 0x8c (CopySrc|CopyDst|Storage), which lacks Indirect`)},
	{"dispatchIndirect", "offset in multiples of 4", func(w *world) { w.indirect(w.ind, 2) },
		inPass("DispatchWorkgroupsIndirect", `offset 2 in buffer "ind" is no multiple of 4`)},
	{"dispatchIndirect", "inside the buffer", func(w *world) { w.indirect(w.ind, 24) },
		inPass("DispatchWorkgroupsIndirect", `bytes 24+12 lie outside the 32 of buffer "ind"`)},
	{"dispatchIndirect", "usage scope", func(w *world) {
		w.pass(func(p uint64) {
			w.set(p, w.pOne, w.bg("g", w.oneLayout, bindingOf{n: 0, buffer: w.ind}))
			w.do("wgpuComputePassEncoderDispatchWorkgroupsIndirect", p, w.ind, 0)
		})
	}, inPass("DispatchWorkgroupsIndirect", `buffer "ind" is bound at the indirect buffer and 0.0 of compute pipeline "pipe", and only one of them is writable (usage scope)`)},
	{"dispatchIndirect", "kept", func(w *world) { w.indirect(w.ind, 20) }, ""},
	{"setImmediates", "multiples of 4", func(w *world) {
		w.pass(func(p uint64) { w.do("wgpuComputePassEncoderSetImmediates", p, 0, freeAt, 2) })
	},
		inPass("SetImmediates", `bytes 0+2 of compute pass "pass": offset and size must be multiples of 4`)},
	{"setImmediates", "maxImmediateSize", func(w *world) {
		w.pass(func(p uint64) { w.do("wgpuComputePassEncoderSetImmediates", p, 0, freeAt, 4) })
	},
		inPass("SetImmediates", `bytes 0+4 of compute pass "pass": at most 0 bytes of immediates (maxImmediateSize)`)},

	{"encoder state", "a command refused at once leaves the encoder as it was", func(w *world) {
		w.encode(func(e uint64) {
			p := w.begin(e)
			w.do("wgpuComputePassEncoderEnd", p)
			for name, args := range map[string][]uint64{"SetImmediates": {0, freeAt, 4}, "SetBindGroup": {9, 0, 0, 0}, "PopDebugGroup": nil, "DispatchWorkgroups": {1, 1, 1}} {
				if m := w.scoped(func() { w.do("wgpuComputePassEncoder"+name, append([]uint64{p}, args...)...) }); !strings.HasSuffix(m, `compute pass "pass" has ended already`) {
					w.t.Errorf("%s: %q", name, m)
				}
			}
		})
	}, ""},

	// The queue
	{"submit", "command buffers are valid", func(w *world) {
		var c uint64
		w.scoped(func() { c = w.encode(func(e uint64) { w.do("wgpuCommandEncoderPopDebugGroup", e) }) })
		w.submit(c)
	}, `wgpuQueueSubmit: command buffer "cmd" is invalid: the call that made it failed`},
	{"submit", "command buffers are this device's", func(w *world) { w.submit(w.second().encode(func(uint64) {})) },
		`wgpuQueueSubmit: command buffer "cmd" belongs to another device`},
	{"submit", "command buffers are unique", func(w *world) { c := w.encode(func(uint64) {}); w.submit(c, c) },
		`wgpuQueueSubmit: command buffer "cmd" is there twice`},
	{"submit", "command buffers are used once", func(w *world) { c := w.encode(func(uint64) {}); w.submit(c); w.submit(c) },
		`wgpuQueueSubmit: command buffer "cmd" was submitted already`},
	{"submit", "the first error is the one told", func(w *world) {
		c, d := w.encode(func(uint64) {}), w.second().encode(func(uint64) {})
		w.submit(c)
		w.submit(c, d, d)
	}, `wgpuQueueSubmit: command buffer "cmd" was submitted already`},
	{"submit", "a failed submit uses command buffers up", func(w *world) {
		c, d := w.encode(func(uint64) {}), w.encode(func(uint64) {})
		w.submit(c)
		w.scoped(func() { w.submit(d, c) })
		w.submit(d)
	}, `wgpuQueueSubmit: command buffer "cmd" was submitted already`},
	{"submit", "a copied buffer is not destroyed", func(w *world) {
		c := w.encode(func(e uint64) { w.do("wgpuCommandEncoderCopyBufferToBuffer", e, w.a, 0, w.b, 0, 4) })
		w.do("wgpuBufferDestroy", w.a)
		w.submit(c)
	}, `wgpuQueueSubmit: command buffer "cmd" uses buffer "a", which is destroyed`},
	{"submit", "a copied buffer is not mapped", func(w *world) {
		c := w.encode(func(e uint64) { w.do("wgpuCommandEncoderCopyBufferToBuffer", e, w.a, 0, w.mapR, 0, 4) })
		w.mapAsync(w.mapR, mapRead, 0, 64)
		w.submit(c)
	}, `wgpuQueueSubmit: command buffer "cmd" uses buffer "mapR", which is mapped, or about to be`},
	{"submit", "a bound buffer is not destroyed", func(w *world) {
		c := w.pass(func(p uint64) {
			w.set(p, w.pOne, w.one)
			w.do("wgpuComputePassEncoderDispatchWorkgroups", p, 1, 1, 1)
		})
		w.do("wgpuBufferDestroy", w.a)
		w.submit(c)
	}, `wgpuQueueSubmit: command buffer "cmd" uses buffer "a", which is destroyed`},
	{"submit", "a buffer of a group set for nothing is not destroyed", func(w *world) {
		c := w.pass(func(p uint64) { w.set(p, w.pOne, w.one) })
		w.do("wgpuBufferDestroy", w.a)
		w.submit(c)
	}, `wgpuQueueSubmit: command buffer "cmd" uses buffer "a", which is destroyed`},
	{"submit", "an indirect buffer is not destroyed", func(w *world) {
		c := w.indirect(w.ind, 0)
		w.do("wgpuBufferDestroy", w.ind)
		w.submit(c)
	}, `wgpuQueueSubmit: command buffer "cmd" uses buffer "ind", which is destroyed`},
	{"writeBuffer", "the buffer is valid", func(w *world) { w.write(w.bad, 0, 4) },
		`wgpuQueueWriteBuffer: buffer "bad" is invalid: the call that made it failed`},
	{"writeBuffer", "the buffer is this device's", func(w *world) { w.write(w.second().buffer("theirs", 4, usageCopyDst), 0, 4) },
		`wgpuQueueWriteBuffer: buffer "theirs" belongs to another device`},
	{"writeBuffer", "not destroyed", func(w *world) { w.do("wgpuBufferDestroy", w.a); w.write(w.a, 0, 4) },
		`wgpuQueueWriteBuffer: buffer "a" is destroyed`},
	{"writeBuffer", "not mapped", func(w *world) { w.mapAsync(w.mapR, mapRead, 0, 4); w.write(w.mapR, 0, 4) },
		`wgpuQueueWriteBuffer: buffer "mapR" is mapped, or about to be: wgpuBufferUnmap comes first`},
	{"writeBuffer", "CopyDst", func(w *world) { w.write(w.ind, 0, 4) },
		`wgpuQueueWriteBuffer: buffer "ind" has usage 0x180 (Storage|Indirect), which lacks CopyDst`},
	{"writeBuffer", "offset in multiples of 4", func(w *world) { w.write(w.a, 2, 4) },
		`wgpuQueueWriteBuffer: buffer "a": bytes 2+4: offset and size must be multiples of 4`},
	{"writeBuffer", "size in multiples of 4", func(w *world) { w.write(w.a, 0, 3) },
		`wgpuQueueWriteBuffer: buffer "a": bytes 0+3: offset and size must be multiples of 4`},
	{"writeBuffer", "inside the buffer", func(w *world) { w.write(w.a, 1020, 8) },
		`wgpuQueueWriteBuffer: buffer "a": bytes 1020+8 lie outside its 1024 bytes`},
	{"writeBuffer", "kept", func(w *world) { w.write(w.a, 1020, 4) }, ""},
	{"pushErrorScope", "a known filter", func(w *world) {
		w.do("wgpuDevicePushErrorScope", w.device, 9) // pushes nothing
	}, `wgpuDevicePushErrorScope: unlabelled device 3: error filter 0x9, wanted Validation (1), OutOfMemory (2) or Internal (3)`},
}

// overridden is a shader with an override that has no default.
const overridden = "override size: u32; @compute @workgroup_size(size) fn main() {}"

func inEncoder(function, problem string) string {
	return `wgpuCommandEncoderFinish: command encoder "enc": wgpuCommandEncoder` + function + ": " + problem
}

func inPass(function, problem string) string {
	return `wgpuCommandEncoderFinish: command encoder "enc": wgpuComputePassEncoder` + function + ": " + problem
}

func entries(n uint32, typ uint32, dynamic bool) (out []layoutOf) {
	for i := range n {
		out = append(out, layoutOf{n: i, typ: typ, dynamic: dynamic})
	}
	return out
}

// dynamic sets a group "dyn" of 256 bytes of a buffer "target" with a dynamic offset.
func (w *world) dynamic(typ uint32, offset uint32) {
	target := w.buffer("target", 512, usageStorage|usageUniform)
	g := w.bg("dyn", w.bgl("l", layoutOf{n: 0, typ: typ, dynamic: true}), bindingOf{n: 0, buffer: target, size: 256})
	w.pass(func(p uint64) { w.do("wgpuComputePassEncoderSetBindGroup", p, 0, g, 1, w.put(offset)) })
}

// three runs the shader of x (written), y (read) and z (uniform).
func (w *world) three(x, y uint64, z bindingOf) {
	l := w.bgl("l", layoutOf{n: 0, typ: typeStorage}, layoutOf{n: 1, typ: typeReadOnly}, layoutOf{n: 2, typ: typeUniform})
	w.run(w.pipe("three", w.labelled("s", adder), w.pl("pl3", l), "main"), w.bg("g", l, bindingOf{n: 0, buffer: x}, bindingOf{n: 1, buffer: y}, z))
}

// two binds two writable ranges of buffer a: size bytes from the first offset, and all from the second.
func (w *world) two(first, size, second uint64) {
	m := w.labelled("s", `@group(0) @binding(0) var<storage, read_write> x: array<u32>; @group(0) @binding(1) var<storage, read_write> y: array<u32>;
@compute @workgroup_size(1) fn main() { x[0] = y[0]; }`)
	l := w.bgl("l", layoutOf{n: 0, typ: typeStorage}, layoutOf{n: 1, typ: typeStorage})
	w.run(w.pipe("two", m, w.pl("pl2", l), "main"), w.bg("g", l, bindingOf{n: 0, buffer: w.a, offset: first, size: size}, bindingOf{n: 1, buffer: w.a, offset: second}))
}

func (w *world) indirect(buffer, offset uint64) uint64 {
	return w.pass(func(p uint64) {
		w.set(p, w.pOne, w.one)
		w.do("wgpuComputePassEncoderDispatchWorkgroupsIndirect", p, buffer, offset)
	})
}

func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rules {
		name := r.section + ": " + r.rule
		if seen[name] {
			t.Errorf("%s: two rows", name)
		}
		seen[name] = true
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			w := newWorld(t)
			got := w.scoped(func() { r.do(w) })
			begin, open := strings.CutSuffix(r.want, "...") // the rest are the compiler's words
			if got != r.want && !(open && strings.HasPrefix(got, begin)) {
				t.Errorf("%s:\n error %s\nwanted %s", name, got, r.want)
			}
		})
	}
}
