package binding

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/trace"
)

const doubler = `
@group(0) @binding(0) var<storage, read_write> data: array<u32>;
@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&data)) { data[id.x] = data[id.x] * 2u; }
}`

// The header and the table must name the same functions with the same types.
func TestHeader(t *testing.T) {
	for file, mod := range map[string]string{"webgpu.h": "env", "gw.h": "gw"} {
		text, err := os.ReadFile("../../sdk/c/include/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if mod == "env" {
			more, err := os.ReadFile("../../sdk/c/include/wgpu.h")
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, more...)
		}
		decl := regexp.MustCompile(`(?m)^(?:WGPU_EXPORT|GW_IMPORT)\((\w+)\) (.*?)(\w+)\(([^)]*)\);$`)
		seen := map[string]bool{}
		letter := func(typ string) string {
			typ = strings.TrimSpace(typ)
			switch {
			case strings.Contains(typ, "*"):
				return "i"
			case typ == "uint64_t", typ == "WGPUBufferUsage", typ == "WGPUMapMode", typ == "WGPUFuture":
				return "l"
			case typ == "double":
				return "d"
			case typ == "void", typ == "":
				return ""
			}
			return "i" // enums, sizes, handles, and structures by value, which are pointers
		}
		for _, m := range decl.FindAllStringSubmatch(string(text), -1) {
			name := m[1]
			sig := ""
			if m[4] != "void" {
				for _, p := range strings.Split(m[4], ",") {
					p = strings.TrimSpace(p)
					sig += letter(p[:strings.LastIndexAny(p, " *")+1])
				}
			}
			if r := letter(m[2]); r != "" {
				sig += ":" + r
			}
			f := functions[mod][name]
			if f == nil {
				t.Errorf("%s declares %s, which is not offered", file, name)
			} else if f.sig != sig {
				t.Errorf("%s: %s has signature %q in the header, %q in the table", file, name, sig, f.sig)
			}
			seen[name] = true
		}
		for name := range functions[mod] {
			if !seen[name] {
				t.Errorf("%s does not declare %s", file, name)
			}
		}
	}
}

func TestDispatch(t *testing.T) {
	g := newGPU(t, nil)
	b := g.buffer("numbers", 40, usageStorage|usageCopyDst|usageCopySrc)
	g.do("wgpuQueueWriteBuffer", g.queue, b, 8, g.put([]byte{1, 0, 0, 0, 2, 0, 0, 0}), 8)
	p := g.pipeline(g.shader(doubler), 0, "main")
	l := g.do("wgpuComputePipelineGetBindGroupLayout", p, 0)
	group := g.group(l, bindingOf{n: 0, buffer: b})
	g.dispatch(p, 3, group)
	g.dispatch(p, 3, group)
	if got, want := words(g.contents(b, 40)), []uint32{0, 0, 4, 8, 0, 0, 0, 0, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("the buffer holds %v, want %v", got, want)
	}
	if g.h.GPUGas >= g.h.cfg.Limits.GPUGas {
		t.Error("two dispatches used no kernel gas")
	}
	if log := string(g.h.Log()); log != "" {
		t.Errorf("the log says %q", log)
	}
}

func TestIndirectAndDynamic(t *testing.T) {
	g := newGPU(t, nil)
	b := g.buffer("b", 1024, usageStorage|usageCopyDst|usageCopySrc)
	ind := g.buffer("ind", 16, usageIndirect|usageCopyDst)
	g.do("wgpuQueueWriteBuffer", g.queue, ind, 0, g.put(0, 1, 1, 1), 16)
	ones := bytes.Repeat([]byte{1, 0, 0, 0}, 256)
	g.do("wgpuQueueWriteBuffer", g.queue, b, 0, g.put(ones), 1024)
	layout := g.layout(layoutOf{n: 0, typ: typeStorage, dynamic: true})
	p := g.pipeline(g.shader(doubler), g.pipelineLayout(layout), "main")
	group := g.group(layout, bindingOf{n: 0, buffer: b, size: 256})
	e := g.do("wgpuDeviceCreateCommandEncoder", g.device, 0)
	pass := g.do("wgpuCommandEncoderBeginComputePass", e, 0)
	g.do("wgpuComputePassEncoderSetPipeline", pass, p)
	g.do("wgpuComputePassEncoderSetBindGroup", pass, 0, group, 1, g.put(512))
	g.do("wgpuComputePassEncoderDispatchWorkgroupsIndirect", pass, ind, 4)
	g.do("wgpuComputePassEncoderEnd", pass)
	g.finish(e)
	got := words(g.contents(b, 1024))
	for i, v := range got {
		want := uint32(1)
		if i >= 128 && i < 132 {
			want = 2
		}
		if v != want {
			t.Fatalf("word %d is %d, want %d: %v", i, v, want, got[120:140])
		}
	}
}

// Errors go to the innermost scope, then to the callback, then to the log.
func TestErrorsFindTheirWay(t *testing.T) {
	g := newGPU(t, nil)
	bad := func() { g.buffer("bad", 4, 0) }
	var inner string
	outer := g.scoped(func() { inner = g.scoped(bad); g.scoped(func() {}) })
	if inner == "" || outer != "" {
		t.Errorf("inner scope %q, outer scope %q", inner, outer)
	}
	bad()
	if log := string(g.h.Log()); !strings.Contains(log, `uncaptured error: wgpuDeviceCreateBuffer: buffer "bad": its usage is 0`) {
		t.Errorf("log %q", log)
	}
	g.do("wgpuDevicePushErrorScope", g.device, 2) // out of memory: takes no validation error
	bad()
	g.do("wgpuDevicePopErrorScope", g.device, g.callback(five))
	if _, args := g.fire(g.instance); args[1] != errorNone {
		t.Errorf("a scope for memory took a validation error: %v", args)
	}
	g.do("wgpuDevicePopErrorScope", g.device, g.callback(five))
	if _, args := g.fire(g.instance); args[0] != statusError {
		t.Errorf("popping no scope gave %v", args)
	}
	// A device with a callback of its own.
	at := g.put(0, 0, uint32(strlen), 0, 0, 0, 0, 0, uint32(strlen), 0, 0, 0, 0, 0, 0, five, 33, 44)
	g.do("wgpuAdapterRequestDevice", g.adapter, at, g.callback(five))
	_, args := g.fire(g.instance)
	dev := args[1]
	was := g.u32(calledAt)
	g.do("wgpuDeviceCreateBuffer", uint64(dev), g.put(0, 0, uint32(strlen), 0, uint64(0), uint64(4), 0, 0))
	n, args := g.called(was)
	if n != 1 || args[1] != errorValidation || args[3] != 33 || args[4] != 44 || g.u32(uint64(args[0])) != dev {
		t.Errorf("uncaptured error: %d callbacks, the last got %v", n, args)
	}
}

func TestCompilationInfo(t *testing.T) {
	g := newGPU(t, nil)
	var m uint64
	g.scoped(func() { m = g.shader("fn f() {\n  let x = ;\n}") })
	g.do("wgpuShaderModuleGetCompilationInfo", m, g.callback(four))
	_, args := g.fire(g.instance)
	info := uint64(args[1])
	if args[0] != 1 || g.u32(info+4) != 1 {
		t.Fatalf("status %d, %d messages", args[0], g.u32(info+4))
	}
	at := uint64(g.u32(info + 8))
	if text, line := g.message(uint32(at)+4), g.u32(at+16); text == "" || line != 2 || g.u32(at+12) != 1 {
		t.Errorf("message %q at line %d, type %d", text, line, g.u32(at+12))
	}
}

func TestMapping(t *testing.T) {
	g := newGPU(t, nil)
	// Mapped at creation, written through a range and through WriteMappedRange.
	b := g.do("wgpuDeviceCreateBuffer", g.device, g.put(0, 0, uint32(strlen), 0, uint64(usageCopySrc), uint64(32), 1, 0))
	if s := g.do("wgpuBufferGetMapState", b); s != mapped {
		t.Errorf("map state %d", s)
	}
	r := g.do("wgpuBufferGetMappedRange", b, 8, 8)
	if r != allocAt {
		t.Fatalf("the range is at 0x%x", r)
	}
	g.mod.Memory().Write(uint32(r), []byte("abcdefgh"))
	if g.do("wgpuBufferGetMappedRange", b, 8, 4) != 0 {
		t.Error("overlapping ranges were given")
	}
	if s := g.do("wgpuBufferWriteMappedRange", b, 16, g.put([]byte("ijkl")), 4); s != statusSuccess {
		t.Errorf("writeMappedRange: status %d", s)
	}
	if g.do("wgpuBufferWriteMappedRange", b, 4, 0, 4) != 2 || g.do("wgpuBufferWriteMappedRange", b, 32, 0, 8) != 2 {
		t.Error("a bad range was written")
	}
	g.do("wgpuBufferUnmap", b)
	if got := string(g.contents(b, 32)); got != "\x00\x00\x00\x00\x00\x00\x00\x00abcdefghijkl\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" {
		t.Errorf("the buffer holds %q", got)
	}
	if g.do("wgpuBufferGetMappedRange", b, 8, 8) != 0 {
		t.Error("an unmapped buffer gave a range")
	}
	// Unmapped before the callback: aborted.
	m := g.buffer("m", 16, usageMapRead|usageCopyDst)
	g.do("wgpuBufferMapAsync", m, mapRead, 0, wholeMap, g.callback(four))
	if s := g.do("wgpuBufferGetMapState", m); s != pending {
		t.Errorf("map state %d", s)
	}
	g.do("wgpuBufferUnmap", m)
	if n, args := g.fire(g.instance); n != 1 || args[0] != mapAborted {
		t.Errorf("%d callbacks, the last got %v", n, args)
	}
	// Writing to or submitting a mapped buffer is an error; reading it is not.
	g.do("wgpuBufferMapAsync", m, mapRead, 0, wholeMap, g.callback(four))
	if msg := g.scoped(func() { g.do("wgpuQueueWriteBuffer", g.queue, m, 0, 0, 4) }); !strings.Contains(msg, "is mapped") {
		t.Errorf("writing a mapped buffer: %q", msg)
	}
	if r := g.do("wgpuBufferGetConstMappedRange", m, 0, 16); r != allocAt {
		t.Errorf("the range is at 0x%x", r)
	}
	// A range to write of a buffer mapped for reading is shown, as JavaScript does, and what is written there is lost.
	g.do("wgpuBufferUnmap", m)
	g.do("wgpuBufferMapAsync", m, mapRead, 0, wholeMap, g.callback(four))
	g.fire(g.instance)
	r = g.do("wgpuBufferGetMappedRange", m, 0, 16)
	g.do("wgpuBufferGetConstMappedRange", m, 0, 16)
	if n := len(g.h.objects[uint32(m)].Buffer.Ranges); n != 1 {
		t.Errorf("the same range asked for twice is shown at %d places", n)
	}
	g.mod.Memory().Write(uint32(r), []byte("abcdefgh"))
	g.do("wgpuBufferUnmap", m)
	g.do("wgpuBufferMapAsync", m, mapRead, 0, wholeMap, g.callback(four))
	g.fire(g.instance)
	if s := g.do("wgpuBufferReadMappedRange", m, 0, 0x90000, 16); r != allocAt || s != statusSuccess || g.u32(0x90000) != 0 {
		t.Errorf("a range at 0x%x, then status %d and bytes %q", r, s, g.bytes(0x90000, 16))
	}
}

// Without an allocator ranges cannot be shown, and the trap says what to do.
func TestWithoutAllocator(t *testing.T) {
	g := open(puppetWith(t, true, false, nil))
	b := g.do("wgpuDeviceCreateBuffer", g.device, g.put(0, 0, uint32(strlen), 0, uint64(usageCopySrc), uint64(32), 1, 0))
	if _, trap := g.try("wgpuBufferGetMappedRange", b, 0, 8); !strings.Contains(trap, "wgpuBufferWriteMappedRange") {
		t.Errorf("trap %q", trap)
	}
	p := puppetWith(t, false, false, nil)
	i := p.do("wgpuCreateInstance", 0)
	p.do("wgpuInstanceRequestAdapter", i, 0, p.callback(five))
	if _, trap := p.try("wgpuInstanceProcessEvents", i); !strings.Contains(trap, "gw_scratch") {
		t.Errorf("trap %q", trap)
	}
	open(puppetWith(t, false, true, nil)) // gw_alloc does as well
}

func TestWaitAny(t *testing.T) {
	g := newGPU(t, nil)
	only := func() uint64 { return g.put(0, modeWaitAny, four, 1, 2) }
	f1 := g.do("wgpuQueueOnSubmittedWorkDone", g.queue, only())
	f2 := g.do("wgpuQueueOnSubmittedWorkDone", g.queue, only())
	if n, _ := g.fire(g.instance); n != 0 {
		t.Errorf("ProcessEvents fired %d callbacks of mode WaitAnyOnly", n)
	}
	at := g.put(f2, 0, 0)
	if s := g.do("wgpuInstanceWaitAny", g.instance, 1, at, 0); s != waitSuccess || g.u32(at+8) != 1 {
		t.Errorf("status %d, completed %d", s, g.u32(at+8))
	}
	was := g.u32(calledAt)
	at = g.put(f1, 0, 0, f2, 0, 0)
	if s := g.do("wgpuInstanceWaitAny", g.instance, 2, at, math.MaxUint64); s != waitSuccess || g.u32(calledAt)-was != 1 {
		t.Errorf("status %d, %d callbacks: one had fired before", s, g.u32(calledAt)-was)
	}
	if s := g.do("wgpuInstanceWaitAny", g.instance, 1, g.put(f2+100, 0, 0), 0); s != waitError {
		t.Errorf("a future that never was: status %d", s)
	}
	if s := g.do("wgpuInstanceWaitAny", g.instance, 0, 0, 0); s != waitTimeout {
		t.Errorf("no futures: status %d", s)
	}
}

func TestCallbacksNest(t *testing.T) {
	g := newGPU(t, nil)
	for range 40 {
		g.do("wgpuQueueOnSubmittedWorkDone", g.queue, g.put(0, 2, nested, uint32(g.instance), 0))
	}
	// Each callback's own ProcessEvents finds nothing new: what was queued before fires in the outer one.
	g.do("wgpuInstanceProcessEvents", g.instance)
	// A callback that isn't one.
	for _, i := range []uint64{7, 8, 1 << 31, five} {
		g.do("wgpuQueueOnSubmittedWorkDone", g.queue, g.put(0, 2, uint32(i), 0, 0))
		if _, trap := g.try("wgpuInstanceProcessEvents", g.instance); !strings.Contains(trap, "is no function") {
			t.Errorf("callback %d: trap %q", i, trap)
		}
	}
}

func TestLimitsOfTheProgram(t *testing.T) {
	for _, tc := range []struct {
		name string
		set  func(*msg.Limits)
		do   func(g *gpu) string
	}{
		{"buffer_bytes", func(l *msg.Limits) { l.BufferBytes = 1000 }, func(g *gpu) string {
			g.buffer("a", 600, usageStorage)
			at, n := g.text("b")
			_, trap := g.try("wgpuDeviceCreateBuffer", g.device, g.put(0, at, n, 0, uint64(usageStorage), uint64(404), 0, 0))
			return trap
		}},
		{"handles", func(l *msg.Limits) { l.Handles = 10 }, func(g *gpu) string {
			for range 20 {
				if _, trap := g.try("wgpuDeviceCreateCommandEncoder", g.device, 0); trap != "" {
					return trap
				}
			}
			return ""
		}},
		{"shader_bytes", func(l *msg.Limits) { l.ShaderBytes = 300 }, func(g *gpu) string {
			m := g.shader(doubler)
			g.do("wgpuShaderModuleRelease", m)
			g.shader(doubler) // the first one's bytes are free again
			at, n := g.text(doubler)
			_, trap := g.try("wgpuDeviceCreateShaderModule", g.device, g.put(uint32(g.put(0, sTypeWGSL, at, n)), 0, uint32(strlen)))
			return trap
		}},
		{"output_bytes", func(l *msg.Limits) { l.OutputBytes = 10 }, func(g *gpu) string {
			g.do("gw.output_write", g.put([]byte("ab")), 1, 0, 6)
			g.do("gw.output_write", g.put([]byte("b")), 1, 0, 4)
			_, trap := g.try("gw.output_write", g.put([]byte("b")), 1, 0, 1)
			return trap
		}},
		{"log_bytes", func(l *msg.Limits) { l.LogBytes = 10 }, func(g *gpu) string {
			g.do("gw.log", g.put([]byte("123456789")), 9)
			_, trap := g.try("gw.log", 0, 0)
			return trap
		}},
		{"gas", func(l *msg.Limits) { l.Gas = 5000 }, func(g *gpu) string {
			for range 100 {
				if _, trap := g.try("gw.seed"); trap != "" {
					return trap
				}
			}
			return ""
		}},
	} {
		g := newGPU(t, func(c *Config) { tc.set(&c.Limits) })
		if trap := tc.do(g); !strings.HasPrefix(trap, "limit "+tc.name+":") {
			t.Errorf("%s: trap %q", tc.name, trap)
		}
	}
}

// What the host must remember is bounded as a whole, so that a state always fits its encoding.
func TestWeight(t *testing.T) {
	g := newGPU(t, nil)
	entries := make([]byte, 1000*88)
	for i := range 1000 {
		binary.LittleEndian.PutUint32(entries[88*i+4:], uint32(i))
		binary.LittleEndian.PutUint32(entries[88*i+28:], typeStorage) // shown to no stage, so no limit of WebGPU counts it
	}
	at := g.put(0, 0, uint32(strlen), 1000, uint32(g.put(entries)))
	for i := range 400 {
		_, trap := g.try("wgpuDeviceCreateBindGroupLayout", g.device, at)
		if trap == "" {
			continue
		}
		if !strings.Contains(trap, "to remember") || i < 200 {
			t.Errorf("layout %d: trap %q", i, trap)
		}
		if n := len(g.h.State()); n > msg.MaxEncoded {
			t.Errorf("the state has %d bytes", n)
		}
		return
	}
	t.Error("400,000 entries were remembered")
}

func TestKernelGas(t *testing.T) {
	for _, tc := range []struct{ gas, n uint64 }{{10, 1}, {60, 1}, {1 << 30, 65535}} {
		g := newGPU(t, func(c *Config) { c.Limits.GPUGas = tc.gas })
		b := g.buffer("b", 256, usageStorage)
		shader := doubler
		if tc.n > 1 {
			shader = strings.Replace(doubler, "data[id.x] = data[id.x] * 2u", "for (var i = 0u; i < 10000u; i++) { data[id.x] += i; }", 1)
		}
		p := g.pipeline(g.shader(shader), 0, "main")
		group := g.group(g.do("wgpuComputePipelineGetBindGroupLayout", p, 0), bindingOf{n: 0, buffer: b})
		e := g.do("wgpuDeviceCreateCommandEncoder", g.device, 0)
		pass := g.do("wgpuCommandEncoderBeginComputePass", e, 0)
		g.do("wgpuComputePassEncoderSetPipeline", pass, p)
		g.do("wgpuComputePassEncoderSetBindGroup", pass, 0, group, 0, 0)
		for range 1 + 1000*(tc.n/65535) {
			g.do("wgpuComputePassEncoderDispatchWorkgroups", pass, tc.n, tc.n, 1)
		}
		g.do("wgpuComputePassEncoderEnd", pass)
		c := g.do("wgpuCommandEncoderFinish", e, 0)
		if _, trap := g.try("wgpuQueueSubmit", g.queue, 1, g.put(uint32(c))); trap != OutOfGPUGas {
			t.Errorf("%d gas: trap %q, want %q", tc.gas, trap, OutOfGPUGas)
		}
	}
}

// TestGasOfManyDispatches runs out of gas at every place in a submit of many dispatches. However they were given to the
// device, all at once or one by one for somebody who watches, the job ends the same way.
func TestGasOfManyDispatches(t *testing.T) {
	const dispatches = 2*maxPending + 3
	run := func(kernelGas, gas uint64, watched bool) (trap string, left, leftGas uint64, transcript msg.Hash) {
		g := newGPU(t, func(c *Config) {
			c.Limits.GPUGas = kernelGas
			if watched {
				c.After = func(*DispatchEvent) error { return nil }
			}
		})
		b := g.buffer("b", 256, usageStorage)
		p := g.pipeline(g.shader(doubler), 0, "main")
		group := g.group(g.do("wgpuComputePipelineGetBindGroupLayout", p, 0), bindingOf{n: 0, buffer: b})
		e := g.do("wgpuDeviceCreateCommandEncoder", g.device, 0)
		pass := g.do("wgpuCommandEncoderBeginComputePass", e, 0)
		g.do("wgpuComputePassEncoderSetPipeline", pass, p)
		g.do("wgpuComputePassEncoderSetBindGroup", pass, 0, group, 0, 0)
		for range dispatches {
			g.do("wgpuComputePassEncoderDispatchWorkgroups", pass, 1, 1, 1)
		}
		g.do("wgpuComputePassEncoderEnd", pass)
		c := g.do("wgpuCommandEncoderFinish", e, 0)
		at := g.put(uint32(c))
		if gas > 0 {
			g.h.gas.Set(gas)
		}
		_, trap = g.try("wgpuQueueSubmit", g.queue, 1, at)
		return trap, g.h.GPUGas, g.h.gas.Get(), g.h.Transcript.Sum()
	}
	const plenty = 1 << 30
	_, left, _, _ := run(plenty, 0, false)
	used := uint64(plenty - left)
	if used == 0 || used%dispatches != 0 {
		t.Fatalf("%d dispatches used %d gas", dispatches, used)
	}
	each := used / dispatches
	ends := map[string]int{}
	for _, kernelGas := range []uint64{0, 1, each - 1, each, each + 1, 5*each + each/2, maxPending * each, maxPending*each + 1, used - 1, used, used + 1} {
		for _, gas := range []uint64{0, 1 + 3*GasDispatch, GasDispatch * (maxPending + 1)} {
			trap, left, leftGas, transcript := run(kernelGas, gas, false)
			trap2, left2, leftGas2, transcript2 := run(kernelGas, gas, true)
			if trap != trap2 || left != left2 || transcript != transcript2 || trap == "" && leftGas != leftGas2 {
				t.Errorf("kernel gas %d, gas %d: trap %q, %d kernel gas left; watched: %q, %d", kernelGas, gas, trap, left, trap2, left2)
			}
			ends[trap]++
		}
	}
	if ends[""] == 0 || ends[OutOfGPUGas] == 0 || ends[OutOfGas] == 0 {
		t.Errorf("the ends met are %v, want each of three", ends)
	}
}

func TestGW(t *testing.T) {
	p := newPuppet(t, nil)
	if n := p.do("gw.input_count"); n != 2 {
		t.Errorf("%d inputs", n)
	}
	at := p.put(make([]byte, 16))
	if n := p.do("gw.input_read", 0, 1, at, 3); n != 3 || string(p.bytes(at, 4)) != "ell\x00" {
		t.Errorf("read %d bytes, %q", n, p.bytes(at, 4))
	}
	if n := p.do("gw.input_read", 0, 3, at, 9); n != 2 {
		t.Errorf("read %d bytes at the end", n)
	}
	if n := p.do("gw.input_read", 0, math.MaxUint64, at, 9); n != 0 {
		t.Errorf("read %d bytes past the end", n)
	}
	if i := p.do("gw.input_find", p.put([]byte("b")), 1); i != 1 {
		t.Errorf("input b is number %d", i)
	}
	if i := p.do("gw.input_find", p.put([]byte("c")), 1); uint32(i) != math.MaxUint32 {
		t.Errorf("input c is number %d", i)
	}
	for name, want := range map[string]string{"gw.input_len": "input 2, the job has 2", "gw.arg_len": "argument 2, the job has 2"} {
		if _, trap := p.try(name, 2); !strings.Contains(trap, want) {
			t.Errorf("%s: trap %q", name, trap)
		}
	}
	for _, name := range []string{"", strings.Repeat("x", 256), "a\x00b", "\xff"} {
		if _, trap := p.try("gw.output_write", p.put([]byte(name)), uint64(len(name)), 0, 0); !strings.Contains(trap, "an output's name") {
			t.Errorf("output %q: trap %q", name, trap)
		}
	}
	if s := p.do("gw.seed"); s != 42 {
		t.Errorf("seed %d", s)
	}
}

func TestWASI(t *testing.T) {
	p := newPuppet(t, nil)
	w := func(name string, args ...uint64) uint64 { return p.do("wasi_snapshot_preview1."+name, args...) }
	at := p.put(make([]byte, 128))
	w("args_sizes_get", at, at+4)
	if p.u32(at) != 3 || p.u32(at+4) != 9 {
		t.Errorf("%d arguments in %d bytes", p.u32(at), p.u32(at+4))
	}
	w("args_get", at, at+16)
	if got := string(p.bytes(at+16, 9)); got != "job\x00-n\x003\x00" || p.u32(at+4) != uint32(at)+20 {
		t.Errorf("arguments %q", got)
	}
	w("random_get", at, 40)
	first := p.bytes(at, 40)
	if bytes.Equal(first[:8], first[32:]) {
		t.Error("the second block of random bytes is the first")
	}
	q := newPuppet(t, nil)
	q.at = p.at
	q.do("wasi_snapshot_preview1.random_get", at, 7)
	q.do("wasi_snapshot_preview1.random_get", at+7, 33)
	if !bytes.Equal(first, q.bytes(at, 40)) {
		t.Error("the random stream depends on how it is asked for")
	}
	w("clock_time_get", 0, 0, at)
	t1 := binary.LittleEndian.Uint64(p.bytes(at, 8))
	w("clock_time_get", 1, 0, at)
	if t2 := binary.LittleEndian.Uint64(p.bytes(at, 8)); t2 != t1+clockTick {
		t.Errorf("the clock went from %d to %d", t1, t2)
	}
	// Sleeping a second moves it by a second.
	sub := p.put(uint64(77), []byte{0, 0, 0, 0, 0, 0, 0, 0}, 0, 0, uint64(1e9), uint64(0), 0, 0)
	if e := w("poll_oneoff", sub, at, 1, at+64); e != 0 || p.u32(at+64) != 1 || p.u32(at) != 77 {
		t.Errorf("poll: error %d, %d events", e, p.u32(at+64))
	}
	w("clock_time_get", 0, 0, at)
	if t3 := binary.LittleEndian.Uint64(p.bytes(at, 8)); t3 < t1+1e9 {
		t.Errorf("after a second's sleep the clock went from %d to %d", t1, t3)
	}
	iov := p.put(uint32(p.put([]byte("out"))), 3)
	if e := w("fd_write", 1, iov, 1, at); e != 0 || p.u32(at) != 3 || string(p.h.Log()) != "out" {
		t.Errorf("fd_write: error %d, log %q", e, p.h.Log())
	}
	if _, trap := p.try("wasi_snapshot_preview1.proc_exit", 3); trap != "exit status 3" {
		t.Errorf("proc_exit: %q", trap)
	}
}

// What wazero leaves in the upper half of an i32 is not part of a call.
func TestUpperHalves(t *testing.T) {
	a, b := newPuppet(t, nil), newPuppet(t, nil)
	if x, y := a.do("gw.input_len", 0), b.do("gw.input_len", 5<<32); x != 5 || y != 5 {
		t.Errorf("lengths %d and %d, want 5", x, y)
	}
	if a.h.Transcript.Sum() != b.h.Transcript.Sum() {
		t.Error("the upper half of an i32 is in the transcript")
	}
}

// Everything a guest could see of a call is in the transcript, and which kernels a submit ran.
func TestTranscript(t *testing.T) {
	run := func(source string, workgroups, dataByte, at byte) [3]msg.Hash {
		var hashes []msg.Hash
		g := newGPU(t, func(c *Config) { c.OnCall = func(k trace.Call) { hashes = append(hashes, k.Hash) } })
		b := g.buffer("b", 64, usageStorage|usageCopyDst)
		p := g.pipeline(g.shader(source), 0, "main")
		group := g.group(g.do("wgpuComputePipelineGetBindGroupLayout", p, 0), bindingOf{n: 0, buffer: b})
		g.at = 50000 + 8*uint32(at)
		g.do("wgpuQueueWriteBuffer", g.queue, b, 0, g.put([]byte{dataByte, 0, 0, 0}), 4)
		write := hashes[len(hashes)-1]
		g.at = 60000
		e := g.do("wgpuDeviceCreateCommandEncoder", g.device, 0)
		pass := g.do("wgpuCommandEncoderBeginComputePass", e, 0)
		g.do("wgpuComputePassEncoderSetPipeline", pass, p)
		g.do("wgpuComputePassEncoderSetBindGroup", pass, 0, group, 0, 0)
		g.do("wgpuComputePassEncoderDispatchWorkgroups", pass, uint64(workgroups), 1, 1)
		g.do("wgpuComputePassEncoderEnd", pass)
		c := g.do("wgpuCommandEncoderFinish", e, 0)
		g.do("wgpuQueueSubmit", g.queue, 1, g.put(uint32(c)))
		return [3]msg.Hash{write, hashes[len(hashes)-1], g.h.Transcript.Sum()}
	}
	base := run(doubler, 1, 1, 0)
	if again := run(doubler, 1, 1, 0); again != base {
		t.Fatal("the same calls have different hashes")
	}
	for name, got := range map[string][3]msg.Hash{"bytes written": run(doubler, 1, 2, 0), "address": run(doubler, 1, 1, 1)} {
		if got[0] == base[0] || got[2] == base[2] {
			t.Errorf("%s: not in the transcript", name)
		}
		if got[1] != base[1] {
			t.Errorf("%s: changed another call's hash", name)
		}
	}
	for name, got := range map[string][3]msg.Hash{"kernel": run(doubler+"//", 1, 1, 0), "workgroups": run(doubler, 2, 1, 0)} {
		if got[1] == base[1] || got[0] != base[0] {
			t.Errorf("%s: not in the submit's hash", name)
		}
	}
}

// A host that was restored has the same state and goes on in the same way.
func TestRestore(t *testing.T) {
	build := func() *gpu {
		g := newGPU(t, nil)
		b := g.buffer("numbers", 38, usageStorage|usageCopyDst|usageCopySrc)
		g.do("wgpuQueueWriteBuffer", g.queue, b, 0, g.put([]byte{1, 0, 0, 0, 2, 0, 0, 0}), 8)
		p := g.pipeline(g.shader(doubler), 0, "main")
		l := g.do("wgpuComputePipelineGetBindGroupLayout", p, 0)
		group := g.group(l, bindingOf{n: 0, buffer: b, size: 36})
		// Left in the middle: an encoder with a pass open, an unfired callback, an open error scope with an error in it.
		e := g.do("wgpuDeviceCreateCommandEncoder", g.device, 0)
		pass := g.do("wgpuCommandEncoderBeginComputePass", e, 0)
		g.do("wgpuComputePassEncoderSetPipeline", pass, p)
		g.do("wgpuComputePassEncoderSetBindGroup", pass, 0, group, 0, 0)
		g.do("wgpuComputePassEncoderDispatchWorkgroups", pass, 1, 1, 1)
		g.do("wgpuQueueOnSubmittedWorkDone", g.queue, g.callback(four))
		g.do("wgpuDevicePushErrorScope", g.device, 1)
		g.buffer("bad", 4, 0)
		g.do("wgpuShaderModuleRelease", 6) // the pipeline keeps it
		g.do("gw.output_write", g.put([]byte("o")), 1, g.put([]byte("data")), 4)
		g.do("gw.log", g.put([]byte("text")), 4)
		return g
	}
	g := build()
	saved := func(g *gpu) *Saved {
		s := &Saved{Objects: g.h.State(), Sources: g.h.Sources(), Buffers: map[uint32][]byte{}, Outputs: g.h.Outputs(), Log: g.h.Log()}
		for handle, d := range g.h.bufs {
			data, err := Bytes(g.h.cfg.Device, kernels.Bound{Buffer: d.b, Size: d.size})
			if err != nil {
				t.Fatal(err)
			}
			s.Buffers[handle] = bytes.Clone(data)
		}
		return s
	}
	s := saved(g)
	restored := newPuppet(t, nil)
	if err := restored.h.Restore(s); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(restored.h.State(), s.Objects) {
		t.Error("the restored host has another state")
	}
	r := &gpu{puppet: restored, instance: g.instance, adapter: g.adapter, device: g.device, queue: g.queue}
	for _, x := range []*gpu{g, r} {
		x.at = 100000
		if n, _ := x.fire(x.instance); n != 1 {
			t.Errorf("%d callbacks", n)
		}
		var pass, enc uint64
		for h, o := range x.h.objects {
			if o.Kind == kindPass {
				pass = uint64(h)
			}
			if o.Kind == kindEncoder {
				enc = uint64(h)
			}
		}
		x.do("wgpuComputePassEncoderDispatchWorkgroups", pass, 1, 1, 1)
		x.do("wgpuComputePassEncoderEnd", pass)
		x.finish(enc)
		x.do("wgpuDevicePopErrorScope", x.device, x.callback(five))
		if _, args := x.fire(x.instance); args[1] != errorValidation {
			t.Errorf("the error scope gave %v", args)
		}
	}
	a, b := saved(g), saved(r)
	if !bytes.Equal(a.Objects, b.Objects) || fmt.Sprint(a.Buffers) != fmt.Sprint(b.Buffers) {
		t.Error("the restored host went on otherwise")
	}
	if g.h.Transcript.Sum() == r.h.Transcript.Sum() {
		t.Error("the transcripts should differ: one began later")
	}
	var handles []int
	for h := range a.Buffers {
		handles = append(handles, int(h))
	}
	sort.Ints(handles)
	if got := words(a.Buffers[uint32(handles[0])]); got[0] != 4 || got[1] != 8 {
		t.Errorf("the buffer holds %v", got)
	}
}

// A state may come from somebody who made it up. What could not have become so is refused, with what is wrong.
func TestRestoreRefuses(t *testing.T) {
	g := newGPU(t, func(c *Config) { c.Limits.BufferBytes = 256 })
	b := uint32(g.buffer("numbers", 40, usageStorage|usageCopyDst|usageCopySrc))
	queue := uint32(g.queue)
	find := func(s *hostState, handle uint32) *object {
		for i := range s.Objects {
			if s.Objects[i].Handle == handle {
				return &s.Objects[i].Object
			}
		}
		t.Fatalf("no object %d", handle)
		return nil
	}
	for name, tc := range map[string]struct {
		change func(s *hostState)
		size   int
		want   string
	}{
		"as it is":           {func(*hostState) {}, 40, ""},
		"a map state":        {func(s *hostState) { find(s, b).Buffer.Map = 9 }, 40, "bytes, of them"},
		"no map state":       {func(s *hostState) { find(s, b).Buffer.Map = 0 }, 40, "bytes, of them"},
		"a map past the end": {func(s *hostState) { f := find(s, b).Buffer; f.Map, f.Offset, f.Length = mapped, 8, 40 }, 40, "bytes, of them 8+40 mapped"},
		"a range outside":    {func(s *hostState) { find(s, b).Buffer.Ranges = []mappedRange{{8, 8, 0, false}} }, 40, "outside what is mapped"},
		"a huge buffer":      {func(s *hostState) { find(s, b).Buffer.Size = maxBufferSize + 4 }, maxBufferSize + 4, "bytes"},
		"too many bytes":     {func(s *hostState) { find(s, b).Buffer.Size = 260 }, 260, "buffers of more than 256 bytes"},
		"too few bytes":      {func(*hostState) {}, 36, "36 bytes for"},
		"a queue of its own": {func(s *hostState) { find(s, queue).Device = b }, 40, ""},
		"a second queue": {func(s *hostState) {
			s.LastHandle++
			s.Objects = append(s.Objects, entry{s.LastHandle, object{Kind: kindQueue, Device: uint32(g.device)}})
		}, 40, "belongs to no device"},
		"another's reference": {func(s *hostState) { find(s, b).Device = queue }, 40, ""},
	} {
		var s hostState
		if err := msg.Decode(g.h.State(), &s); err != nil {
			t.Fatal(err)
		}
		tc.change(&s)
		p := newPuppet(t, func(c *Config) { c.Limits.BufferBytes = 256 })
		err := p.h.Restore(&Saved{Objects: msg.Encode(s), Buffers: map[uint32][]byte{b: make([]byte, tc.size)}})
		if (err == nil) != (name == "as it is") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Restoring must take any bytes without falling over, and what it takes must be whole.
func FuzzRestore(f *testing.F) {
	g := newGPU(f, nil)
	b := g.buffer("numbers", 40, usageStorage|usageCopyDst|usageCopySrc)
	p := g.pipeline(g.shader(doubler), 0, "main")
	l := g.do("wgpuComputePipelineGetBindGroupLayout", p, 0)
	g.group(l, bindingOf{n: 0, buffer: b})
	g.do("wgpuQueueOnSubmittedWorkDone", g.queue, g.callback(four))
	f.Add(g.h.State())
	f.Add([]byte{0xa0})
	sources := g.h.Sources()
	f.Fuzz(func(t *testing.T, objects []byte) {
		p := newPuppet(t, nil)
		if p.h.Restore(&Saved{Objects: objects, Sources: sources, Buffers: map[uint32][]byte{uint32(b): make([]byte, 40)}}) != nil {
			return
		}
		r := rng(uint64(len(objects)))
		p.abuse(&r, 50)
	})
}

func TestReleaseFreesEverything(t *testing.T) {
	g := newGPU(t, nil)
	b := g.buffer("b", 256, usageStorage)
	m := g.shader(doubler)
	p := g.pipeline(m, 0, "main")
	l := g.do("wgpuComputePipelineGetBindGroupLayout", p, 0)
	group := g.group(l, bindingOf{n: 0, buffer: b})
	g.dispatch(p, 1, group)
	g.do("wgpuQueueRelease", g.queue) // the device keeps its queue
	if q := g.do("wgpuDeviceGetQueue", g.device); q != g.queue {
		t.Errorf("the queue was %d and is %d", g.queue, q)
	}
	for name, h := range map[string]uint64{"ShaderModule": m, "BindGroupLayout": l, "ComputePipeline": p, "Buffer": b, "Device": g.device,
		"Adapter": g.adapter, "Instance": g.instance, "Queue": g.queue} {
		g.do("wgpu"+name+"AddRef", h)
		g.do("wgpu"+name+"Release", h)
		g.do("wgpu"+name+"Release", h)
	}
	if g.h.objects[uint32(b)] == nil {
		t.Error("the bind group's buffer is gone")
	}
	g.do("wgpuBindGroupRelease", group)
	if n := len(g.h.objects); n != 0 || g.h.bufBytes != 0 || g.h.source != 0 || g.h.weight != 0 || len(g.h.bufs)+len(g.h.pipes)+len(g.h.kernels)+len(g.h.modules) != 0 {
		t.Errorf("%d objects, %d bytes of buffers, %d of source, weight %d are left", n, g.h.bufBytes, g.h.source, g.h.weight)
	}
	if _, trap := g.try("wgpuBufferGetSize", b); !strings.Contains(trap, "is no handle") {
		t.Errorf("a released handle: trap %q", trap)
	}
}
