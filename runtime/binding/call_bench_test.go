package binding

import (
	"context"
	"encoding/binary"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/gwrun/gwrun/runtime/module"
)

// caller encodes a module that exports run(n, first): a loop that calls an import n times with the given arguments, the first
// of them, if it is an i32, being first.
func caller(f *function, args []uint64) []byte {
	i32 := []byte{api.ValueTypeI32}
	types := vec(
		cat([]byte{0x60}, leb(uint64(len(f.params))), f.params, leb(uint64(len(f.results))), f.results),
		cat([]byte{0x60}, leb(2), i32, i32, leb(0)))
	body := []byte{0, 0x03, 0x40} // no locals, loop
	for i, t := range f.params {
		switch {
		case i == 0 && t == api.ValueTypeI32:
			body = append(body, 0x20, 1)
		case t == api.ValueTypeI32:
			body = cat(body, []byte{0x41}, sleb(int64(int32(args[i]))))
		case t == api.ValueTypeI64:
			body = cat(body, []byte{0x42}, sleb(int64(args[i])))
		default:
			body = cat(body, []byte{0x44}, binary.LittleEndian.AppendUint64(nil, args[i]))
		}
	}
	body = append(body, 0x10, 0)
	if len(f.results) > 0 {
		body = append(body, 0x1a)
	}
	body = append(body, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x0b) // br_if while --n
	return cat([]byte("\x00asm\x01\x00\x00\x00"), sect(1, types), sect(2, vec(cat(str(f.module), str(f.name), []byte{0, 0}))),
		sect(3, vec(leb(1))), sect(5, vec(cat([]byte{1}, leb(puppetPages), leb(puppetPages)))),
		sect(7, vec(cat(str("run"), []byte{0, 1}), cat(str("memory"), []byte{2, 0}))),
		sect(10, vec(cat(leb(uint64(len(body))), body))))
}

// BenchmarkHostCall times a call of the host from an instrumented guest, everything included: wazero's way out and back, the
// arguments, gas, what the function does, and the transcript. "nothing" is a Go function that does nothing: wazero's part.
func BenchmarkHostCall(b *testing.B) {
	g := newGPU(b, nil)
	b1 := g.buffer("b", 4096, usageStorage|usageCopyDst)
	p := g.pipeline(g.shader(doubler), 0, "main")
	group := g.group(g.do("wgpuComputePipelineGetBindGroupLayout", p, 0), bindingOf{n: 0, buffer: b1})
	var e uint64 // the encoder of the open pass
	pass := func() uint64 {
		e = g.do("wgpuDeviceCreateCommandEncoder", g.device, 0)
		pass := g.do("wgpuCommandEncoderBeginComputePass", e, 0)
		g.do("wgpuComputePassEncoderSetPipeline", pass, p)
		g.do("wgpuComputePassEncoderSetBindGroup", pass, 0, group, 0, 0)
		return pass
	}
	open := pass() // its handle is replaced by those of later ones
	nothing := def("bench", "nothing", "i:i", func(*call) {})
	for _, c := range []struct {
		name string
		fn   *function
		args []uint64
		pass bool // each turn needs a fresh pass
	}{
		{"nothing", nothing, []uint64{1}, false},
		{"arg_count", functions["gw"]["arg_count"], nil, false},
		{"input_len", functions["gw"]["input_len"], []uint64{0}, false},
		{"input_read_5B", functions["gw"]["input_read"], []uint64{0, 0, 64, 16}, false},
		{"AddRef", functions["env"]["wgpuBufferAddRef"], []uint64{b1}, false},
		{"SetBindGroup", functions["env"]["wgpuComputePassEncoderSetBindGroup"], []uint64{open, 0, group, 0, 0}, true},
		{"DispatchWorkgroups", functions["env"]["wgpuComputePassEncoderDispatchWorkgroups"], []uint64{open, 1, 1, 1}, true},
		{"QueueWriteBuffer_64B", functions["env"]["wgpuQueueWriteBuffer"], []uint64{g.queue, b1, 0, 64, 64}, false},
	} {
		b.Run(c.name, func(b *testing.B) {
			ctx := context.Background()
			m, err := module.Decode(caller(c.fn, c.args))
			if err != nil {
				b.Fatal(err)
			}
			in, err := m.Instrument(module.Config{})
			if err != nil {
				b.Fatal(err)
			}
			rt := wazero.NewRuntime(ctx)
			defer rt.Close(ctx)
			if c.fn == nothing {
				_, err = rt.NewHostModuleBuilder("bench").NewFunctionBuilder().WithGoModuleFunction(
					api.GoModuleFunc(func(context.Context, api.Module, []uint64) {}), nothing.params, nothing.results).Export("nothing").Instantiate(ctx)
			} else {
				err = g.h.Instantiate(ctx, rt)
			}
			if err != nil {
				b.Fatal(err)
			}
			mod, err := rt.Instantiate(ctx, in.Wasm)
			if err != nil {
				b.Fatal(err)
			}
			gas := mod.ExportedGlobal(module.GasExport).(api.MutableGlobal)
			run := mod.ExportedFunction("run")
			const calls = 500 // few enough for a pass to hold
			best := time.Duration(1 << 62)
			first := uint64(0)
			if len(c.args) > 0 {
				first = c.args[0]
			}
			if c.pass {
				first = open
			}
			for b.Loop() {
				if c.pass {
					g.do("wgpuComputePassEncoderEnd", first)
					g.do("wgpuComputePassEncoderRelease", first)
					g.do("wgpuCommandEncoderRelease", e)
					first = pass()
					open = first
				}
				g.h.Attach(mod, gas)
				gas.Set(1 << 50)
				begin := time.Now()
				if _, err := run.Call(ctx, calls, first); err != nil {
					b.Fatal(err)
				}
				best = min(best, time.Since(begin))
				g.h.Attach(g.mod, g.gas)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(best.Nanoseconds())/calls, "ns/call")
		})
	}
}
