package binding

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"testing"
)

// abused is a guest that does everything right, but for one call.
type abused struct {
	*gpu
	params []int // of the calls so far: how many arguments each has
	target int   // the call that is made wrongly, -1 for none
	which  int   // its argument, or -1 for the words its arguments point to
	seen   map[string]bool
	from   uint32 // where what is put into memory for the next call begins
}

var errEnough = errors.New("enough")

// do makes a call, right or wrong.
func (a *abused) do(name string, args ...uint64) uint64 {
	a.t.Helper()
	full := name
	if !strings.Contains(full, ".") {
		full = "env." + full
	}
	m, f, _ := strings.Cut(full, ".")
	if n := len(functions[m][f].params); n != len(args) {
		a.t.Fatalf("%s has %d arguments, %d are given", full, n, len(args))
	}
	from, to := a.from, a.at
	a.params = append(a.params, len(args))
	if len(a.params)-1 != a.target {
		if a.seen != nil {
			a.seen[full] = true
		}
		ret, trap := a.try(full, args...)
		if trap != "" && !strings.HasPrefix(trap, "exit status") {
			a.t.Fatalf("%s%v, which is right, traps: %s", full, args, trap)
		}
		a.from = a.at
		return ret
	}
	values := append([]uint64{uint64(from) + 1, uint64(from) + 2, uint64(allocAt) - 2}, nasty...)
	if a.which >= 0 {
		if a.which < len(args) {
			for _, v := range values {
				wrong := append([]uint64(nil), args...)
				wrong[a.which] = v
				a.try(full, wrong...)
			}
		}
	} else {
		mem := a.mod.Memory()
		for at := from &^ 3; at+4 <= to; at += 4 {
			right, _ := mem.ReadUint32Le(at)
			for _, v := range values {
				mem.WriteUint32Le(at, uint32(v))
				a.try(full, args...)
				if v>>32 != 0 && at%8 == 0 && at+8 <= to {
					next, _ := mem.ReadUint32Le(at + 4)
					mem.WriteUint64Le(at, v)
					a.try(full, args...)
					mem.WriteUint32Le(at+4, next)
				}
			}
			mem.WriteUint32Le(at, right)
		}
	}
	panic(errEnough)
}

// everything calls every import, rightly.
func everything(a *abused) {
	text := func(s string) (at, n uint64) { x, y := a.text(s); return uint64(x), uint64(y) }
	null := []any{0, uint32(strlen)} // a WGPUStringView of nothing
	i, ad, dev, q := a.instance, a.adapter, a.device, a.queue
	space := func(n int) uint64 { return a.put(make([]byte, n)) }

	a.do("wgpuCreateInstance", 0)
	for _, f := range []string{"wgpuAdapterGetFeatures", "wgpuDeviceGetFeatures", "wgpuAdapterGetInfo", "wgpuAdapterGetLimits", "wgpuDeviceGetLimits", "wgpuDeviceGetAdapterInfo"} {
		h := ad
		if strings.Contains(f, "Device") {
			h = dev
		}
		a.do(f, h, space(256))
	}
	a.do("wgpuInstanceRequestAdapter", i, a.put(0, 0, 0, 0, 0, 0, 0), a.callback(five))
	a.do("wgpuAdapterRequestDevice", ad, 0, a.callback(five))
	a.do("wgpuInstanceProcessEvents", i)
	future := a.do("wgpuQueueOnSubmittedWorkDone", q, a.callback(four))
	a.do("wgpuInstanceWaitAny", i, 1, a.put(future, uint64(0)), 0)

	at, n := text("b")
	buf := a.do("wgpuDeviceCreateBuffer", dev, a.put(0, uint32(at), uint32(n), 0, uint64(usageStorage|usageCopyDst|usageCopySrc), uint64(256), 0, 0))
	back := a.do("wgpuDeviceCreateBuffer", dev, a.put(0, null[0], null[1], 0, uint64(usageMapRead|usageCopyDst), uint64(256), 0, 0))
	up := a.do("wgpuDeviceCreateBuffer", dev, a.put(0, null[0], null[1], 0, uint64(usageMapWrite|usageCopySrc), uint64(256), 1, 0))
	a.do("wgpuBufferGetMappedRange", up, 0, 256)
	a.do("wgpuBufferWriteMappedRange", up, 0, a.put(make([]byte, 64)), 64)
	a.do("wgpuBufferUnmap", up)
	a.do("wgpuQueueWriteBuffer", q, buf, 0, a.put(make([]byte, 64)), 64)

	at, n = text(doubler)
	sh := a.do("wgpuDeviceCreateShaderModule", dev, a.put(uint32(a.put(0, sTypeWGSL, uint32(at), uint32(n))), null[0], null[1]))
	a.do("wgpuShaderModuleGetCompilationInfo", sh, a.callback(four))
	layout := a.do("wgpuDeviceCreateBindGroupLayout", dev, func() uint64 {
		entries := a.put(0, 0, uint64(stageCompute), 0, 0, 0, 3, 0, 0, uint64(0), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		return a.put(0, null[0], null[1], 1, uint32(entries))
	}())
	_ = layout
	at, n = text("main")
	pipe := a.do("wgpuDeviceCreateComputePipeline", dev, a.put(0, null[0], null[1], 0, 0, uint32(sh), uint32(at), uint32(n), 0, 0))
	a.do("wgpuDeviceCreateComputePipelineAsync", dev, a.put(0, null[0], null[1], 0, 0, uint32(sh), uint32(at), uint32(n), 0, 0), a.callback(five))
	bgl := a.do("wgpuComputePipelineGetBindGroupLayout", pipe, 0)
	a.do("wgpuDeviceCreatePipelineLayout", dev, a.put(0, null[0], null[1], 1, uint32(a.put(uint32(bgl))), 0))
	group := a.do("wgpuDeviceCreateBindGroup", dev, func() uint64 {
		entries := a.put(0, 0, uint32(buf), 0, uint64(0), uint64(256), 0, 0)
		return a.put(0, null[0], null[1], uint32(bgl), 1, uint32(entries))
	}())
	enc := a.do("wgpuDeviceCreateCommandEncoder", dev, a.put(0, null[0], null[1]))
	at, n = text("marker")
	a.do("wgpuCommandEncoderPushDebugGroup", enc, a.put(uint32(at), uint32(n)))
	a.do("wgpuCommandEncoderInsertDebugMarker", enc, a.put(uint32(at), uint32(n)))
	a.do("wgpuCommandEncoderPopDebugGroup", enc)
	a.do("wgpuCommandEncoderClearBuffer", enc, buf, 0, 16)
	a.do("wgpuCommandEncoderCopyBufferToBuffer", enc, up, 0, buf, 0, 64)
	pass := a.do("wgpuCommandEncoderBeginComputePass", enc, a.put(0, null[0], null[1], 0))
	a.do("wgpuComputePassEncoderSetPipeline", pass, pipe)
	a.do("wgpuComputePassEncoderSetBindGroup", pass, 0, group, 0, 0)
	a.do("wgpuComputePassEncoderPushDebugGroup", pass, a.put(uint32(at), uint32(n)))
	a.do("wgpuComputePassEncoderInsertDebugMarker", pass, a.put(uint32(at), uint32(n)))
	a.do("wgpuComputePassEncoderPopDebugGroup", pass)
	a.do("wgpuComputePassEncoderDispatchWorkgroups", pass, 1, 1, 1)
	a.do("wgpuComputePassEncoderEnd", pass)
	a.do("wgpuCommandEncoderCopyBufferToBuffer", enc, buf, 0, back, 0, 256)
	cmds := a.do("wgpuCommandEncoderFinish", enc, a.put(0, null[0], null[1]))
	a.do("wgpuQueueSubmit", q, 1, a.put(uint32(cmds)))
	a.do("wgpuBufferMapAsync", back, mapRead, 0, 256, a.callback(four))
	a.do("wgpuInstanceProcessEvents", i)
	a.do("wgpuBufferReadMappedRange", back, 0, space(64), 64)
	a.do("wgpuBufferGetConstMappedRange", back, 0, 64)
	a.do("wgpuDevicePushErrorScope", dev, 1)
	a.do("wgpuDevicePopErrorScope", dev, a.callback(five))
	a.do("wgpuBufferSetLabel", buf, a.put(uint32(at), uint32(n)))
	a.do("wgpuQueueSetLabel", q, a.put(uint32(at), uint32(strlen)))
	for _, x := range []struct {
		kind   string
		handle uint64
	}{{"Adapter", ad}, {"BindGroup", group}, {"BindGroupLayout", bgl}, {"Buffer", buf}, {"CommandBuffer", cmds}, {"CommandEncoder", enc},
		{"ComputePassEncoder", pass}, {"ComputePipeline", pipe}, {"Device", dev}, {"Instance", i}, {"Queue", q}, {"ShaderModule", sh}} {
		kind, h := x.kind, x.handle
		a.do("wgpu"+kind+"AddRef", h)
		a.do("wgpu"+kind+"Release", h)
		if kind != "Adapter" && kind != "Instance" {
			a.do("wgpu"+kind+"SetLabel", h, a.put(uint32(at), uint32(n)))
		}
	}
	for _, f := range []string{"wgpuBufferGetMapState", "wgpuBufferGetSize", "wgpuBufferGetUsage", "wgpuBufferAddRef", "wgpuBufferRelease"} {
		a.do(f, buf)
	}

	// gw
	at, n = text("a")
	a.do("gw.input_find", at, n)
	a.do("gw.input_name_len", 0)
	a.do("gw.input_name", 0, space(16), 16)
	a.do("gw.input_len", 0)
	a.do("gw.input_read", 0, 1, space(16), 16)
	a.do("gw.arg_len", 0)
	a.do("gw.arg_read", 0, space(16), 16)
	a.do("gw.output_write", at, n, a.put(make([]byte, 32)), 32)
	a.do("gw.log", at, n)
	a.do("gw.progress", 0x3fe0000000000000, at, n)
	a.do("gw.event_take", 0, space(64), space(64), 64)

	// WASI
	const w = "wasi_snapshot_preview1."
	a.do(w+"args_sizes_get", space(4), space(4))
	a.do(w+"args_get", space(64), space(256))
	a.do(w+"environ_sizes_get", space(4), space(4))
	a.do(w+"environ_get", space(4), space(4))
	a.do(w+"clock_res_get", 1, space(8))
	a.do(w+"clock_time_get", 1, 0, space(8))
	a.do(w+"random_get", space(64), 64)
	a.do(w+"poll_oneoff", a.put(uint64(7), make([]byte, 40)), space(32), 1, space(4))
	a.do(w+"fd_prestat_get", 3, space(8))
	a.do(w+"fd_prestat_dir_name", 3, space(4), 1)
	at, n = text("dir/out.bin")
	fd := space(4)
	a.do(w+"path_create_directory", 3, at, 3)
	a.do(w+"path_open", 3, 0, at, n, openCreate, rightsAll, rightsAll, 0, fd)
	out := uint64(a.u32(fd))
	iov := func() uint64 { return a.put(uint32(a.put(make([]byte, 48))), 48) }
	a.do(w+"fd_write", out, iov(), 1, space(4))
	a.do(w+"fd_pwrite", out, iov(), 1, 100, space(4))
	a.do(w+"fd_seek", out, 8, 0, space(8))
	a.do(w+"fd_tell", out, space(8))
	a.do(w+"fd_filestat_set_size", out, 64)
	a.do(w+"fd_filestat_get", out, space(64))
	a.do(w+"fd_fdstat_get", out, space(24))
	a.do(w+"fd_fdstat_set_flags", out, 1)
	a.do(w+"fd_advise", out, 0, 10, 0)
	a.do(w+"fd_readdir", 3, space(256), 256, 0, space(4))
	a.do(w+"path_filestat_get", 3, 0, at, n, space(64))
	a.do(w+"path_readlink", 3, at, n, space(16), 16, space(4))
	at2, n2 := text("other")
	a.do(w+"path_rename", 3, at, n, 3, at2, n2)
	a.do(w+"fd_renumber", out, out)
	a.do(w+"fd_close", out)
	in, _ := text("a")
	a.do(w+"path_open", 3, 0, in, 1, 0, rightsAll, rightsAll, 0, fd)
	file := uint64(a.u32(fd))
	a.do(w+"fd_read", file, iov(), 1, space(4))
	a.do(w+"fd_pread", file, iov(), 1, 1, space(4))
	a.do(w+"fd_close", file)
	a.do(w+"path_unlink_file", 3, at2, n2)
	a.do(w+"fd_write", 1, iov(), 1, space(4))

	// And whatever else there is, in the order of names, with an address for each argument.
	for _, name := range allNames {
		if a.seen == nil || a.seen[name] || name == w+"proc_exit" {
			continue
		}
		m, f, _ := strings.Cut(name, ".")
		args := make([]uint64, len(functions[m][f].params))
		for k := range args {
			args[k] = space(64)
		}
		a.others(name, args)
	}
}

// others tries an import that everything has no right call for, each argument in turn.
func (a *abused) others(name string, args []uint64) {
	for k := range args {
		for _, v := range nasty {
			wrong := append([]uint64(nil), args...)
			wrong[k] = v
			a.try(name, wrong...)
		}
	}
}

// play runs everything in a world of its own, the call target made wrongly. It reports whether there was such a call.
func play(t *testing.T, target, which int, seen map[string]bool) (a *abused, reached bool) {
	a = &abused{target: target, which: which, seen: seen, gpu: newGPU(t, func(c *Config) {
		c.Limits.LogBytes, c.Limits.OutputBytes, c.Limits.Gas = 1<<20, 1<<20, 1<<40
	})}
	a.from = a.at
	defer func() {
		if e := recover(); e == errEnough {
			reached = true
		} else if e != nil {
			panic(fmt.Sprintf("call %d, argument %d: %v", target, which, e))
		}
	}()
	everything(a)
	return a, false
}

// Every argument of every import, and every word of every structure it is pointed to, is given every edge there is, the rest
// of the call and all before it being right. A host that panics, or takes memory for what a guest only claims, fails.
func TestEveryArgumentAbused(t *testing.T) {
	seen := map[string]bool{}
	a, _ := play(t, -1, 0, seen)
	debug.FreeOSMemory()
	before := highWater()
	tries := 0
	for target, params := range a.params {
		for which := -1; which < params; which++ {
			// A test of its own, at whose end its world goes.
			t.Run(fmt.Sprintf("%d/%d", target, which), func(t *testing.T) {
				if _, reached := play(t, target, which, nil); !reached {
					t.Error("the call was not made")
				}
			})
			tries++
		}
	}
	if after := highWater(); before > 0 && after-before > 200<<10 {
		t.Errorf("the host took %d MiB", (after-before)>>10)
	}
	for _, must := range []string{"env.wgpuQueueSubmit", "gw.output_write", "wasi_snapshot_preview1.fd_pwrite"} {
		if !seen[must] {
			t.Errorf("%s was never called", must)
		}
	}
	t.Logf("%d of %d imports called rightly, in %d calls; %d worlds", len(seen), len(allNames), len(a.params), tries)
}

// highWater is the most memory this process has had, in KiB, 0 where nobody says.
func highWater() int {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	n := 0
	if _, rest, ok := strings.Cut(string(b), "VmHWM:"); ok {
		fmt.Sscan(rest, &n)
	}
	return n
}

// Calls decoded from bytes: which import, and for each argument a small number, an address, an edge or any number.
func FuzzImports(f *testing.F) {
	for _, name := range []string{"wgpuDeviceCreateBuffer", "wgpuQueueSubmit", "wgpuInstanceWaitAny", "wgpuDeviceCreateShaderModule"} {
		for i, n := range allNames {
			if n == "env."+name {
				f.Add([]byte{byte(i), byte(i >> 8), 0, 3, 2, 1, 1, 0, 2, 3, 255, 255, 255, 255, 0, 0, 0, 0})
			}
		}
	}
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		g := newGPU(t, func(c *Config) { c.Limits.LogBytes, c.Limits.OutputBytes = 1<<20, 1<<20 })
		next := func(n int) uint64 {
			var w [8]byte
			copy(w[:n], b)
			b = b[min(n, len(b)):]
			return binary.LittleEndian.Uint64(w[:])
		}
		g.mod.Memory().Write(freeAt, b[:min(len(b), allocAt-freeAt)])
		for range 64 {
			if len(b) == 0 {
				break
			}
			name := allNames[int(next(2))%len(allNames)]
			m, fn, _ := strings.Cut(name, ".")
			var args []uint64
			for range functions[m][fn].params {
				switch next(1) % 4 {
				case 0:
					args = append(args, next(1))
				case 1:
					args = append(args, freeAt+next(2))
				case 2:
					args = append(args, nasty[int(next(1))%len(nasty)])
				default:
					args = append(args, next(8))
				}
			}
			if _, trap := g.try(name, args...); strings.HasPrefix(trap, "limit ") {
				break
			}
		}
	})
}
