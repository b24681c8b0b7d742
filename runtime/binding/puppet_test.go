package binding

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/msg"
)

// puppet is a guest whose every move the test makes: a module that imports all there is and exports each function again,
// with a memory, an allocator that always gives the same address, and callbacks that write what they were given to
// calledAt.
type puppet struct {
	t   testing.TB
	h   *Host
	mod api.Module
	gas api.MutableGlobal
	at  uint32 // next free byte for what a test puts into memory
}

const (
	puppetPages = 16
	scratchAt   = 1024
	allocAt     = 0x80000
	calledAt    = 4096 // count, then the arguments of the last callback
	freeAt      = 8192
	// Table entries: what webgpu.h's callbacks look like, and one that calls wgpuInstanceProcessEvents itself.
	four, five, nested = 1, 2, 3
)

func leb(v uint64) []byte { return binary.AppendUvarint(nil, v) }

func sleb(v int64) (out []byte) {
	for {
		b := byte(v & 0x7f)
		v >>= 7
		if v == 0 && b&0x40 == 0 || v == -1 && b&0x40 != 0 {
			return append(out, b)
		}
		out = append(out, b|0x80)
	}
}

func vec(items ...[]byte) []byte {
	out := leb(uint64(len(items)))
	for _, i := range items {
		out = append(out, i...)
	}
	return out
}

func str(s string) []byte { return append(leb(uint64(len(s))), s...) }

func cat(parts ...[]byte) (out []byte) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func sect(id byte, body []byte) []byte { return cat([]byte{id}, leb(uint64(len(body))), body) }

// puppetModule encodes the module (core specification, section 5).
func puppetModule(scratch, alloc bool) []byte {
	var names []string
	for m, fs := range functions {
		for n := range fs {
			names = append(names, m+"."+n)
		}
	}
	sort.Strings(names)
	var types, imports, funcs, exports, code [][]byte
	typ := func(params, results []api.ValueType) []byte {
		types = append(types, cat([]byte{0x60}, leb(uint64(len(params))), params, leb(uint64(len(results))), results))
		return leb(uint64(len(types) - 1))
	}
	body := func(b ...byte) { code = append(code, cat(leb(uint64(len(b)+2)), []byte{0}, b, []byte{0x0b})) }
	process := uint64(0)
	for i, n := range names {
		m, name, _ := strings.Cut(n, ".")
		f := functions[m][name]
		t := typ(f.params, f.results)
		imports = append(imports, cat(str(m), str(name), []byte{0}, t))
		funcs = append(funcs, t)
		var b []byte
		for p := range f.params {
			b = cat(b, []byte{0x20}, leb(uint64(p)))
		}
		body(cat(b, []byte{0x10}, leb(uint64(i)))...)
		exports = append(exports, cat(str(n), []byte{0}, leb(uint64(len(names)+i))))
		if name == "wgpuInstanceProcessEvents" {
			process = uint64(i)
		}
	}
	i32s := func(n int) []api.ValueType { return callbackTypes[n] }
	next := uint64(2 * len(names))
	first := next
	// Callbacks: count at calledAt, arguments behind it.
	for _, n := range []int{4, 5} {
		funcs = append(funcs, typ(i32s(n), nil))
		at := func(a uint64) []byte { return cat([]byte{0x41}, sleb(int64(a))) }
		b := cat(at(calledAt), at(calledAt), []byte{0x28, 2, 0, 0x41, 1, 0x6a, 0x36, 2, 0})
		for p := range n {
			b = cat(b, at(calledAt+4+4*uint64(p)), []byte{0x20, byte(p), 0x36, 2, 0})
		}
		body(b...)
		next++
	}
	funcs = append(funcs, typ(i32s(4), nil)) // nested: user data 1 is the instance
	body(cat([]byte{0x20, 2, 0x10}, leb(process))...)
	next++
	if scratch {
		funcs = append(funcs, typ(nil, i32s(1)))
		body(cat([]byte{0x41}, sleb(scratchAt))...)
		exports = append(exports, cat(str("gw_scratch"), []byte{0}, leb(next)))
		next++
	}
	if alloc {
		funcs = append(funcs, typ(i32s(1), i32s(1)), typ(i32s(1), nil))
		body(cat([]byte{0x41}, sleb(allocAt))...)
		body()
		exports = append(exports, cat(str("gw_alloc"), []byte{0}, leb(next)), cat(str("gw_free"), []byte{0}, leb(next+1)))
	}
	exports = append(exports, cat(str("memory"), []byte{2, 0}), cat(str("gas"), []byte{3, 0}))
	return cat([]byte("\x00asm\x01\x00\x00\x00"),
		sect(1, vec(types...)), sect(2, vec(imports...)), sect(3, vec(funcs...)),
		sect(4, vec([]byte{0x70, 0, 8})), sect(5, vec(cat([]byte{1}, leb(puppetPages), leb(puppetPages)))),
		sect(6, vec(cat([]byte{0x7e, 1, 0x42}, sleb(0), []byte{0x0b}))), sect(7, vec(exports...)),
		sect(9, vec(cat([]byte{0, 0x41, 1, 0x0b}, vec(leb(first), leb(first+1), leb(first+2))))),
		sect(10, vec(code...)))
}

func newPuppet(t testing.TB, change func(*Config)) *puppet { return puppetWith(t, true, true, change) }

func puppetWith(t testing.TB, scratch, alloc bool, change func(*Config)) *puppet {
	t.Helper()
	ctx := context.Background()
	dev, err := cpu.Open(cpu.Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	lim := msg.DefaultLimits()
	lim.Handles, lim.GPUGas = 1000, 1<<24
	cfg := Config{Limits: lim, Seed: 42, Args: []string{"-n", "3"}, Inputs: []Input{{"a", []byte("hello")}, {"b", nil}}, Device: dev}
	if change != nil {
		change(&cfg)
	}
	p := &puppet{t: t, h: New(cfg), at: freeAt}
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	t.Cleanup(func() {
		p.h.Close()
		rt.Close(ctx)
		dev.Close()
	})
	if err := p.h.Instantiate(ctx, rt); err != nil {
		t.Fatal(err)
	}
	if p.mod, err = rt.Instantiate(ctx, puppetModule(scratch, alloc)); err != nil {
		t.Fatal(err)
	}
	p.gas = p.mod.ExportedGlobal("gas").(api.MutableGlobal)
	p.gas.Set(cfg.Limits.Gas)
	p.h.Attach(p.mod, p.gas)
	return p
}

// try calls an import and gives its result, or the trap it ended in.
func (p *puppet) try(name string, args ...uint64) (ret uint64, trap string) {
	p.t.Helper()
	if !strings.Contains(name, ".") {
		name = "env." + name
	}
	p.h.Reset()
	f := p.mod.ExportedFunction(name)
	if f == nil {
		p.t.Fatalf("no import %s", name)
	}
	out, err := f.Call(context.Background(), args...)
	if err != nil {
		var tr *Trap
		var ex *Exit
		switch {
		case errors.As(err, &tr):
			return 0, tr.Reason
		case errors.As(err, &ex):
			return 0, ex.Error()
		}
		p.t.Fatalf("%s%v: %v", name, args, err)
	}
	if len(out) > 0 {
		ret = out[0]
	}
	return ret, ""
}

// do is try for calls that must not trap.
func (p *puppet) do(name string, args ...uint64) uint64 {
	p.t.Helper()
	ret, trap := p.try(name, args...)
	if trap != "" {
		p.t.Fatalf("%s%v trapped: %s", name, args, trap)
	}
	p.checkEncoding(name)
	return ret
}

// put copies values into guest memory (uint32, uint64, string, []byte) and gives their address.
func (p *puppet) put(values ...any) uint64 {
	p.at = (p.at + 7) &^ 7
	at := p.at
	for _, v := range values {
		switch v := v.(type) {
		case uint32:
			p.at = (p.at + 3) &^ 3
			p.mod.Memory().WriteUint32Le(p.at, v)
			p.at += 4
		case int:
			p.at = (p.at + 3) &^ 3
			p.mod.Memory().WriteUint32Le(p.at, uint32(v))
			p.at += 4
		case uint64:
			p.at = (p.at + 7) &^ 7
			p.mod.Memory().WriteUint64Le(p.at, v)
			p.at += 8
		case []byte:
			p.mod.Memory().Write(p.at, v)
			p.at += uint32(len(v))
		default:
			panic(fmt.Sprintf("%T", v))
		}
	}
	if p.at > allocAt-4096 {
		p.at = freeAt
	}
	return uint64(at)
}

func (p *puppet) text(s string) (uint32, uint32) { return uint32(p.put([]byte(s))), uint32(len(s)) }

func (p *puppet) u32(at uint64) uint32 {
	v, _ := p.mod.Memory().ReadUint32Le(uint32(at))
	return v
}

func (p *puppet) bytes(at uint64, n uint32) []byte {
	b, _ := p.mod.Memory().Read(uint32(at), n)
	return append([]byte(nil), b...)
}

// callback makes callback info that fires in ProcessEvents.
func (p *puppet) callback(table int) uint64 { return p.put(0, 2, table, 11, 22) }

// fire lets callbacks happen and gives how many there were and the last one's arguments.
func (p *puppet) fire(instance uint64) (n uint32, args [5]uint32) {
	p.t.Helper()
	was := p.u32(calledAt)
	p.do("wgpuInstanceProcessEvents", instance)
	return p.called(was)
}

// called gives how many callbacks there were since there had been was of them, and the last one's arguments.
func (p *puppet) called(was uint32) (n uint32, args [5]uint32) {
	for i := range args {
		args[i] = p.u32(calledAt + 4 + 4*uint64(i))
	}
	return p.u32(calledAt) - was, args
}

// message reads the WGPUStringView at an address.
func (p *puppet) message(view uint32) string {
	return string(p.bytes(uint64(p.u32(uint64(view))), p.u32(uint64(view)+4)))
}

// gpu is a device as most tests need it.
type gpu struct {
	*puppet
	instance, adapter, device, queue uint64
}

func newGPU(t testing.TB, change func(*Config)) *gpu {
	t.Helper()
	return open(newPuppet(t, change))
}

func open(p *puppet) *gpu {
	p.t.Helper()
	g := &gpu{puppet: p}
	g.instance = g.do("wgpuCreateInstance", 0)
	g.do("wgpuInstanceRequestAdapter", g.instance, 0, g.callback(five))
	_, args := g.fire(g.instance)
	if args[0] != statusSuccess || args[3] != 11 || args[4] != 22 {
		p.t.Fatalf("adapter callback got %v", args)
	}
	g.adapter = uint64(args[1])
	g.do("wgpuAdapterRequestDevice", g.adapter, 0, g.callback(five))
	_, args = g.fire(g.instance)
	if args[0] != statusSuccess {
		p.t.Fatalf("device callback got %v", args)
	}
	g.device = uint64(args[1])
	g.queue = g.do("wgpuDeviceGetQueue", g.device)
	return g
}

// scoped runs f inside an error scope and gives the error's message, or "".
func (g *gpu) scoped(f func()) string {
	g.t.Helper()
	g.do("wgpuDevicePushErrorScope", g.device, 1)
	f()
	g.do("wgpuDevicePopErrorScope", g.device, g.callback(five))
	n, args := g.fire(g.instance)
	if n < 1 || args[0] != statusSuccess {
		g.t.Fatalf("popErrorScope: %d callbacks, the last got %v", n, args)
	}
	if args[1] == errorNone {
		return ""
	}
	return g.message(args[2])
}

func (g *gpu) buffer(label string, size uint64, usage uint64) uint64 {
	at, n := g.text(label)
	return g.do("wgpuDeviceCreateBuffer", g.device, g.put(0, at, n, 0, usage, size, 0, 0))
}

func (g *gpu) shader(source string) uint64 {
	at, n := g.text(source)
	chain := g.put(0, sTypeWGSL, at, n)
	return g.do("wgpuDeviceCreateShaderModule", g.device, g.put(uint32(chain), 0, uint32(strlen)))
}

func (g *gpu) pipeline(shader, layout uint64, entry string) uint64 {
	at, n := g.text(entry)
	return g.do("wgpuDeviceCreateComputePipeline", g.device, g.put(0, 0, uint32(strlen), uint32(layout), 0, uint32(shader), at, n, 0, 0))
}

// binding is an entry of a bind group.
type bindingOf struct {
	n            uint32
	buffer       uint64
	offset, size uint64
}

func (g *gpu) group(layout uint64, entries ...bindingOf) uint64 {
	var vs []any
	for _, e := range entries {
		if e.size == 0 {
			e.size = wholeSize
		}
		vs = append(vs, 0, e.n, uint32(e.buffer), 0, e.offset, e.size, 0, 0)
	}
	at := g.put(vs...)
	return g.do("wgpuDeviceCreateBindGroup", g.device, g.put(0, 0, uint32(strlen), uint32(layout), len(entries), uint32(at)))
}

// entry is an entry of a bind group layout.
type layoutOf struct {
	n, typ  uint32
	dynamic bool
	min     uint64
}

func (g *gpu) layout(entries ...layoutOf) uint64 {
	var vs []any
	for _, e := range entries {
		dyn := 0
		if e.dynamic {
			dyn = 1
		}
		vs = append(vs, 0, e.n, uint64(stageCompute), 0, 0, 0, e.typ, dyn, 0, e.min, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	}
	at := g.put(vs...)
	return g.do("wgpuDeviceCreateBindGroupLayout", g.device, g.put(0, 0, uint32(strlen), len(entries), uint32(at)))
}

func (g *gpu) pipelineLayout(groups ...uint64) uint64 {
	var vs []any
	for _, h := range groups {
		vs = append(vs, uint32(h))
	}
	at := g.put(vs...)
	return g.do("wgpuDeviceCreatePipelineLayout", g.device, g.put(0, 0, uint32(strlen), len(groups), uint32(at), 0))
}

// dispatch records and submits one dispatch.
func (g *gpu) dispatch(pipeline uint64, n uint64, groups ...uint64) {
	g.t.Helper()
	e := g.do("wgpuDeviceCreateCommandEncoder", g.device, 0)
	pass := g.do("wgpuCommandEncoderBeginComputePass", e, 0)
	g.do("wgpuComputePassEncoderSetPipeline", pass, pipeline)
	for i, h := range groups {
		g.do("wgpuComputePassEncoderSetBindGroup", pass, uint64(i), h, 0, 0)
	}
	g.do("wgpuComputePassEncoderDispatchWorkgroups", pass, n, 1, 1)
	g.do("wgpuComputePassEncoderEnd", pass)
	g.do("wgpuComputePassEncoderRelease", pass)
	g.finish(e)
}

// finish finishes an encoder and submits it.
func (g *gpu) finish(encoder uint64) {
	g.t.Helper()
	c := g.do("wgpuCommandEncoderFinish", encoder, 0)
	g.do("wgpuCommandEncoderRelease", encoder)
	g.do("wgpuQueueSubmit", g.queue, 1, g.put(uint32(c)))
	g.do("wgpuCommandBufferRelease", c)
}

// contents reads a buffer back through a mapping.
func (g *gpu) contents(buffer uint64, size uint64) []byte {
	g.t.Helper()
	back := g.buffer("back", size, usageMapRead|usageCopyDst)
	e := g.do("wgpuDeviceCreateCommandEncoder", g.device, 0)
	g.do("wgpuCommandEncoderCopyBufferToBuffer", e, buffer, 0, back, 0, size)
	g.finish(e)
	g.do("wgpuBufferMapAsync", back, mapRead, 0, size, g.callback(four))
	if n, args := g.fire(g.instance); n != 1 || args[0] != statusSuccess {
		g.t.Fatalf("mapAsync: %d callbacks, the last got %v", n, args)
	}
	at := uint64(0x90000)
	if s := g.do("wgpuBufferReadMappedRange", back, 0, at, size); s != statusSuccess {
		g.t.Fatalf("readMappedRange: status %d", s)
	}
	g.do("wgpuBufferRelease", back)
	return g.bytes(at, uint32(size))
}

func words(b []byte) []uint32 {
	out := make([]uint32, len(b)/4)
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return out
}
