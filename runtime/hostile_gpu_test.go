package runtime

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/gwrun/gwrun/proto/msg"
)

// gpuGuest builds a module that has a WebGPU device: where its memory holds handles, and what it calls.
type gpuGuest struct {
	m    crafted
	data []byte // at dataAt
}

const (
	handlesAt = 64 // instance, adapter, device, queue
	dataAt    = 4096
)

// call is a call of an import, which is added if it is new.
func (g *gpuGuest) call(name string) []byte {
	mod := "env"
	for i, im := range g.m.imports {
		if im == [2]string{mod, name} {
			return cat([]byte{iCall}, leb(uint64(i)))
		}
	}
	g.m.imports = append(g.m.imports, [2]string{mod, name})
	return cat([]byte{iCall}, leb(uint64(len(g.m.imports)-1)))
}

// put adds little-endian words to the data and gives an instruction that pushes their address.
func (g *gpuGuest) put(words ...uint32) []byte {
	for len(g.data)%8 != 0 {
		g.data = append(g.data, 0)
	}
	at := dataAt + len(g.data)
	for _, w := range words {
		g.data = binary.LittleEndian.AppendUint32(g.data, w)
	}
	return i32(int64(at))
}

// text adds bytes and gives their address and length.
func (g *gpuGuest) text(s string) (at, n uint32) {
	at = uint32(dataAt + len(g.data))
	g.data = append(g.data, s...)
	return at, uint32(len(s))
}

func (g *gpuGuest) handle(i int) []byte { return []byte{iConst, 0, iLoad, 2, byte(handlesAt + 4*i)} }

func (g *gpuGuest) keep(i int, value []byte) []byte {
	return cat([]byte{iConst, 0}, value, []byte{iStore, 2, byte(handlesAt + 4*i)})
}

// again is body without end.
func again(body ...[]byte) []byte {
	return cat([]byte{iLoop, empty}, cat(body...), []byte{iBr, 0, iEnd})
}

// guest makes the module: it opens a device, then does what body says.
func gpu(body func(g *gpuGuest) []byte) func(testing.TB) []byte {
	return func(t testing.TB) []byte {
		g := &gpuGuest{}
		g.m.pages = [2]uint64{64, 256}
		callback := func(entry uint32) []byte { return g.put(0, 2, entry, 0, 0) } // in ProcessEvents
		create, adapter, process, device, queue := g.call("wgpuCreateInstance"), g.call("wgpuInstanceRequestAdapter"), g.call("wgpuInstanceProcessEvents"),
			g.call("wgpuAdapterRequestDevice"), g.call("wgpuDeviceGetQueue")
		open := cat(g.keep(0, cat(i32(0), create)),
			g.handle(0), i32(0), callback(1), adapter, []byte{iDrop}, g.handle(0), process,
			g.handle(1), i32(0), callback(2), device, []byte{iDrop}, g.handle(0), process,
			g.keep(3, cat(g.handle(2), queue)))
		g.m.funcs = []fn{{typ: 1, locals: [][2]uint64{{4, tI32}}, body: cat(open, body(g), i32(0))}}
		// Callbacks with five parameters store the second as adapter or device; of two with four, one processes events again.
		five, four := uint64(2+len(g.m.imports)), uint64(3+len(g.m.imports))
		g.m.types = [][]byte{typeOf(times(5, tI32), nil), typeOf(times(4, tI32), nil)}
		for i := 1; i <= 2; i++ {
			g.m.funcs = append(g.m.funcs, fn{typ: five, body: g.keep(i, []byte{iGet, 1})})
		}
		work := g.call("wgpuQueueOnSubmittedWorkDone")
		more := cat(g.handle(3), callback(3), work, []byte{iDrop}, g.handle(0), process)
		if len(g.m.imports) != int(five)-2 {
			five, four = five+1, four+1
			g.m.funcs[1].typ, g.m.funcs[2].typ = five, five
		}
		g.m.funcs = append(g.m.funcs, fn{typ: four, body: more}, fn{typ: 1, body: i32(1024)}, fn{typ: four})
		g.m.exports = [][]byte{cat(str("gw_scratch"), []byte{0}, leb(uint64(len(g.m.imports)+4)))}
		first := uint64(len(g.m.imports) + 1)
		g.m.table = []byte{1, 0x70, 0, 5}
		g.m.elems = [][]byte{cat([]byte{0}, i32(1), []byte{iEnd}, vec(leb(first), leb(first+1), leb(first+2), leb(first+4)))}
		g.m.data = [][]byte{cat([]byte{0}, i32(dataAt), []byte{iEnd}, str(string(g.data)))}
		return g.m.encode(t)
	}
}

func (g *gpuGuest) shader(source string) []byte {
	at, n := g.text(source)
	chain := g.put(0, 2, at, n)
	_ = chain
	where := uint32(dataAt + len(g.data) - 16)
	return cat(g.handle(2), g.put(where, 0, 1<<32-1), g.call("wgpuDeviceCreateShaderModule"))
}

// pipeline pushes a compute pipeline of a shader's entry main.
func (g *gpuGuest) pipeline(source string) []byte {
	at, n := g.text("main")
	desc := g.put(0, 0, 1<<32-1, 0, 0, 0, at, n, 0, 0)
	where := int64(dataAt + len(g.data) - 40)
	return cat(i32(where), g.shader(source), []byte{iStore, 2, 20}, g.handle(2), desc, g.call("wgpuDeviceCreateComputePipeline"))
}

// dispatch runs a pipeline without bindings on a grid.
func (g *gpuGuest) dispatch(source string, grid ...int64) []byte {
	return cat(
		g.pipeline(source), []byte{iSet, 0},
		g.handle(2), i32(0), g.call("wgpuDeviceCreateCommandEncoder"), []byte{iSet, 1},
		[]byte{iGet, 1}, i32(0), g.call("wgpuCommandEncoderBeginComputePass"), []byte{iSet, 2},
		[]byte{iGet, 2, iGet, 0}, g.call("wgpuComputePassEncoderSetPipeline"),
		[]byte{iGet, 2}, i32(grid[0]), i32(grid[1]), i32(grid[2]), g.call("wgpuComputePassEncoderDispatchWorkgroups"),
		[]byte{iGet, 2}, g.call("wgpuComputePassEncoderEnd"),
		i32(handlesAt+32), []byte{iGet, 1}, i32(0), g.call("wgpuCommandEncoderFinish"), []byte{iStore, 2, 0},
		g.handle(3), i32(1), i32(handlesAt+32), g.call("wgpuQueueSubmit"))
}

func gpuBombs() []bomb {
	buffer := func(size uint64, usage uint32) func(testing.TB) []byte {
		return gpu(func(g *gpuGuest) []byte {
			desc := g.put(0, 0, 1<<32-1, 0, usage, 0, uint32(size), uint32(size>>32), 0, 0)
			return again(g.handle(2), desc, g.call("wgpuDeviceCreateBuffer"), []byte{iDrop})
		})
	}
	const workgroup = "@compute @workgroup_size(1) fn main() {"
	return []bomb{
		{"instances", gpu(func(g *gpuGuest) []byte { return again(i32(0), g.call("wgpuCreateInstance"), []byte{iDrop}) }), msg.Limits{}, "limit handles", 16},
		{"encoders", gpu(func(g *gpuGuest) []byte {
			return again(g.handle(2), i32(0), g.call("wgpuDeviceCreateCommandEncoder"), []byte{iDrop})
		}), msg.Limits{}, "limit handles", 16},
		{"small buffers", buffer(16, 0x80), msg.Limits{}, "limit handles", 24},
		{"large buffers", buffer(1<<20, 0x80), msg.Limits{Gas: 1 << 28}, "limit", 40},
		{"buffers beyond everything", buffer(1<<63, 0x80), msg.Limits{Gas: 1 << 28}, "limit", 24},
		{"mapped buffers", gpu(func(g *gpuGuest) []byte {
			desc := g.put(0, 0, 1<<32-1, 0, 0x0a, 0, 1<<20, 0, 1, 0)
			return again(g.handle(2), desc, g.call("wgpuDeviceCreateBuffer"), []byte{iDrop})
		}), msg.Limits{Gas: 1 << 28}, "limit", 60},
		{"references", gpu(func(g *gpuGuest) []byte { return again(g.handle(2), g.call("wgpuDeviceAddRef")) }), msg.Limits{}, "limit gas", 16},
		{"error scopes", gpu(func(g *gpuGuest) []byte { return again(g.handle(2), i32(1), g.call("wgpuDevicePushErrorScope")) }), msg.Limits{}, "scopes", 16},
		{"commands", gpu(func(g *gpuGuest) []byte {
			desc := g.put(0, 0, 1<<32-1, 0, 0x8, 0, 256, 0, 0, 0)
			return cat(g.handle(2), desc, g.call("wgpuDeviceCreateBuffer"), []byte{iSet, 1}, g.handle(2), i32(0), g.call("wgpuDeviceCreateCommandEncoder"), []byte{iSet, 0},
				again([]byte{iGet, 0, iGet, 1, 0x42, 0, 0x42, 4}, g.call("wgpuCommandEncoderClearBuffer")))
		}), msg.Limits{Gas: 1 << 28}, "to remember", 150},
		{"callbacks that wait", gpu(func(g *gpuGuest) []byte {
			return again(g.handle(3), g.put(0, 2, 3, 0, 0), g.call("wgpuQueueOnSubmittedWorkDone"), []byte{iDrop})
		}), msg.Limits{Gas: 1 << 28}, "65536 callbacks wait already", 150},
		{"callbacks from callbacks", gpu(func(g *gpuGuest) []byte {
			return cat(g.handle(3), g.put(0, 2, 3, 0, 0), g.call("wgpuQueueOnSubmittedWorkDone"), []byte{iDrop}, g.handle(0), g.call("wgpuInstanceProcessEvents"))
		}), msg.Limits{}, "callbacks are nested 33 deep", 60},
		{"futures", gpu(func(g *gpuGuest) []byte {
			return again(g.handle(0), i32(-1), i32(0), []byte{0x42, 0}, g.call("wgpuInstanceWaitAny"), []byte{iDrop})
		}), msg.Limits{}, "futures", 16},
		{"a label at the end of memory", gpu(func(g *gpuGuest) []byte {
			const end = 64<<16 - 4
			return cat(i32(end), i32(0x61616161), []byte{iStore, 2, 0},
				again(g.handle(2), g.put(0, end, 1<<32-1), g.call("wgpuDeviceCreateCommandEncoder"), []byte{iDrop}))
		}), msg.Limits{}, "without a zero byte", 16},
		{"bytes to write", gpu(func(g *gpuGuest) []byte {
			desc := g.put(0, 0, 1<<32-1, 0, 0x8, 0, 256, 0, 0, 0)
			return cat(g.handle(2), desc, g.call("wgpuDeviceCreateBuffer"), []byte{iSet, 0},
				again(g.handle(3), []byte{iGet, 0, 0x42, 0}, i32(0), i32(-1), g.call("wgpuQueueWriteBuffer")))
		}), msg.Limits{}, "outside the memory", 16},
		{"shaders", gpu(func(g *gpuGuest) []byte { return again(g.shader(workgroup+"}"), []byte{iDrop}) }), msg.Limits{Gas: 1 << 28}, "limit", 60},
		{"a shader of 1 MB", gpu(func(g *gpuGuest) []byte { return cat(g.shader("//"+strings.Repeat("x", 1<<20)), []byte{iDrop}) }), msg.Limits{Gas: 1 << 30}, "limit shader_bytes", 16},
		{"a shader of 250 KB", gpu(func(g *gpuGuest) []byte {
			return cat(g.shader(workgroup+"var x = 1u;"+strings.Repeat("x=x*3u+1u;", 25_000)+"}"), []byte{iDrop})
		}), msg.Limits{Gas: 1 << 30}, "", 200},
		{"parentheses", gpu(func(g *gpuGuest) []byte {
			return cat(g.shader(workgroup+"let x = "+strings.Repeat("(", 100_000)+"1"+strings.Repeat(")", 100_000)+";}"), []byte{iDrop})
		}), msg.Limits{Gas: 1 << 30}, "", 60},
		{"nested loops of a shader", gpu(func(g *gpuGuest) []byte {
			return cat(g.shader(workgroup+strings.Repeat("loop {", 20_000)+strings.Repeat("break;}", 20_000)+"}"), []byte{iDrop})
		}), msg.Limits{Gas: 1 << 30}, "", 60},
		{"arrays of arrays", gpu(func(g *gpuGuest) []byte {
			s := "alias A0 = array<u32, 65535>;"
			for i := range 20 {
				s += strings.NewReplacer("A", "A"+string(rune('a'+i)), "B", map[bool]string{true: "A0", false: "A" + string(rune('a'+i-1))}[i == 0]).Replace("alias A = array<B, 65535>;")
			}
			return cat(g.shader(s+"var<private> p: At;"+workgroup+"_ = p[0][0][0];}"), []byte{iDrop})
		}), msg.Limits{Gas: 1 << 30}, "", 60},
		{"an endless kernel", gpu(func(g *gpuGuest) []byte {
			return g.dispatch("var<private> x: u32;"+workgroup+"loop { x = x + 1u; if x == 0u { break; } }}", 1, 1, 1)
		}), msg.Limits{GPUGas: 1 << 30}, "limit gpu_gas", 40},
		{"a huge grid", gpu(func(g *gpuGuest) []byte { return g.dispatch(workgroup+"}", 65535, 65535, 65535) }), msg.Limits{}, "limit gpu_gas", 40},
		{"a grid beyond everything", gpu(func(g *gpuGuest) []byte { return g.dispatch(workgroup+"}", -1, -1, -1) }), msg.Limits{}, "", 40},
	}
}
