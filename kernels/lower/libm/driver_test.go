//go:build cgo && linux && (amd64 || arm64)

package libm

import (
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cogentcore/webgpu/wgpu"

	"github.com/gwrun/gwrun/kernels/f32/hard"
	"github.com/gwrun/gwrun/kernels/f32/soft"
)

// drivers are the software Vulkan drivers that Debian has: a GPU's own driver is tested by kernels/probe.
var drivers = []string{"/usr/share/vulkan/icd.d/lvp_icd.x86_64.json", "/usr/lib/chromium/vk_swiftshader_icd.json"}

// onDrivers has each function with its number of operands; the Go text it was printed from gives the wanted bits.
var onDrivers = []struct {
	name  string
	arity int
	want  func(a, b, c uint32) uint32
}{
	{"gw_add", 2, two(soft.Add)}, {"gw_sub", 2, two(soft.Sub)}, {"gw_mul", 2, two(soft.Mul)}, {"gw_div", 2, two(soft.Div)},
	{"gw_min", 2, two(soft.Min)}, {"gw_max", 2, two(soft.Max)}, {"gw_feq", 2, two(soft.FEq)}, {"gw_flt", 2, two(soft.FLt)},
	{"gw_fle", 2, two(soft.FLe)}, {"gw_fma", 3, soft.Fma},
	{"gw_sqrt", 1, one(soft.Sqrt)}, {"gw_floor", 1, one(soft.Floor)}, {"gw_ceil", 1, one(soft.Ceil)},
	{"gw_trunc", 1, one(soft.Trunc)}, {"gw_round", 1, one(soft.Round)}, {"gw_stof", 1, one(soft.SToF)},
	{"gw_utof", 1, one(soft.UToF)}, {"gw_ftos", 1, one(soft.FToS)}, {"gw_ftou", 1, one(soft.FToU)},
	{"gw_exp", 1, one(soft.Exp)}, {"gw_exp2", 1, one(soft.Exp2)}, {"gw_log", 1, one(soft.Log)}, {"gw_log2", 1, one(soft.Log2)},
	{"gw_sin", 1, one(soft.Sin)}, {"gw_cos", 1, one(soft.Cos)}, {"gw_tan", 1, one(soft.Tan)}, {"gw_tanh", 1, one(soft.Tanh)},
	{"gw_asin", 1, one(soft.Asin)}, {"gw_acos", 1, one(soft.Acos)}, {"gw_atan", 1, one(soft.Atan)}, {"gw_sinh", 1, one(soft.Sinh)},
	{"gw_cosh", 1, one(soft.Cosh)}, {"gw_asinh", 1, one(soft.Asinh)}, {"gw_acosh", 1, one(soft.Acosh)},
	{"gw_atanh", 1, one(soft.Atanh)}, {"gw_invsqrt", 1, one(soft.InvSqrt)},
}

func one(f func(uint32) uint32) func(a, b, c uint32) uint32 {
	return func(a, _, _ uint32) uint32 { return f(a) }
}

func two(f func(a, b uint32) uint32) func(a, b, c uint32) uint32 {
	return func(a, b, _ uint32) uint32 { return f(a, b) }
}

const samples = 1 << 15

// operands gives samples triples: the operands hardest to round, neighbours of powers of two, nearly cancelling pairs, and
// random patterns.
func operands() []uint32 {
	r := rand.New(rand.NewPCG(7, 7))
	out := make([]uint32, 0, 3*samples)
	for _, f := range onDrivers {
		for _, u := range hard.Inputs(strings.TrimPrefix(f.name, "gw_")) {
			out = append(out, u, r.Uint32(), r.Uint32())
		}
	}
	for i := uint32(0); len(out) < 3*samples; i++ {
		a := r.Uint32()
		switch i & 3 {
		case 0:
			a = (i>>2&511)<<23 + i>>11&7 - 3
		case 1:
			a = a&0x807fffff | (97+uint32(r.IntN(60)))<<23
		}
		b, c := r.Uint32(), r.Uint32()
		if i&4 != 0 {
			b = a ^ 1<<31 ^ r.Uint32()>>(8+r.IntN(24))
			c = soft.Mul(a, b) ^ 1<<31 ^ r.Uint32()>>(8+r.IntN(24))
		}
		out = append(out, a, b, c)
	}
	return out
}

func TestOnDrivers(t *testing.T) {
	for _, icd := range drivers {
		if _, err := os.Stat(icd); err != nil {
			t.Logf("skipped: no Vulkan driver %s", icd)
			continue
		}
		t.Run(icd[strings.LastIndexByte(icd, '/')+1:], func(t *testing.T) {
			t.Setenv("VK_ICD_FILENAMES", icd)
			d := open(t)
			in := operands()
			for _, f := range onDrivers {
				got, err := d.run(f.name, f.arity, in)
				if err != nil {
					t.Errorf("%s: %v", f.name, err)
					continue
				}
				bad := 0
				for i, g := range got {
					a, b, c := in[3*i], in[3*i+1], in[3*i+2]
					if w := f.want(a, b, c); g != w {
						if bad++; bad <= 3 {
							t.Errorf("%s(%#x, %#x, %#x) = %#x, want %#x", f.name, a, b, c, g, w)
						}
					}
				}
				if bad > 0 {
					t.Errorf("%s: %d of %d wrong", f.name, bad, len(got))
				}
			}
		})
	}
}

var exhaustive = flag.Bool("exhaustive", false, "run TestExhaustive over all 2^32 inputs of each function of one operand")

// TestExhaustive compares the WGSL functions of one operand on the first driver with the Go text they were printed from, which
// kernels/f32 has such a test for, on all inputs.
func TestExhaustive(t *testing.T) {
	for _, f := range onDrivers {
		if f.arity != 1 {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			if !*exhaustive {
				t.Skip("skipped: needs -exhaustive (minutes for each function)")
			}
			if _, err := os.Stat(drivers[0]); err != nil {
				t.Skipf("skipped: no Vulkan driver %s", drivers[0])
			}
			t.Setenv("VK_ICD_FILENAMES", drivers[0])
			d := open(t)
			const n = 1 << 20
			in := make([]uint32, 3*n)
			start, bad := time.Now(), 0
			for base := uint64(0); base < 1<<32; base += n {
				for i := range uint64(n) {
					in[3*i] = uint32(base + i)
				}
				got, err := d.run(f.name, 1, in)
				if err != nil {
					t.Fatal(err)
				}
				for i, g := range got {
					if w := f.want(in[3*i], 0, 0); g != w {
						if bad++; bad <= 5 {
							t.Errorf("%s(%#x) = %#x, want %#x", f.name, in[3*i], g, w)
						}
					}
				}
			}
			fmt.Printf("exhaustive wgsl %-8s %d inputs, %d wrong, %.0f s\n", f.name, uint64(1<<32), bad, time.Since(start).Seconds())
		})
	}
}

// gpu is one open device.
type gpu struct {
	device *wgpu.Device
	queue  *wgpu.Queue
}

func open(t *testing.T) *gpu {
	instance := wgpu.CreateInstance(nil)
	t.Cleanup(instance.Release)
	var adapter *wgpu.Adapter
	for _, a := range instance.EnumerateAdapters(nil) {
		if info := a.GetInfo(); adapter == nil && info.BackendType == wgpu.BackendTypeVulkan {
			t.Logf("adapter %s, %s", info.Name, info.DriverDescription)
			adapter = a
		}
	}
	if adapter == nil {
		t.Skip("skipped: the driver offers no Vulkan adapter")
	}
	t.Cleanup(adapter.Release)
	device, err := adapter.RequestDevice(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(device.Release)
	return &gpu{device, device.GetQueue()}
}

// run applies the function to every triple of in.
func (d *gpu) run(name string, arity int, in []uint32) (out []uint32, err error) {
	args := []string{"a", "b", "c"}[:arity]
	src := Source(name) + fmt.Sprintf(`@group(0) @binding(0) var<storage, read> src: array<u32>;
@group(0) @binding(1) var<storage, read_write> dst: array<u32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3<u32>) {
 let i = id.x;
 let a = src[3u * i]; let b = src[3u * i + 1u]; let c = src[3u * i + 2u];
 dst[i] = %s(%s);
}
`, name, strings.Join(args, ", "))
	module, err := d.device.CreateShaderModule(&wgpu.ShaderModuleDescriptor{WGSLDescriptor: &wgpu.ShaderModuleWGSLDescriptor{Code: src}})
	if err != nil {
		return nil, err
	}
	defer module.Release()
	pipeline, err := d.device.CreateComputePipeline(&wgpu.ComputePipelineDescriptor{Compute: wgpu.ProgrammableStageDescriptor{Module: module, EntryPoint: "main"}})
	if err != nil {
		return nil, err
	}
	defer pipeline.Release()
	n := len(in) / 3
	buffer := func(usage wgpu.BufferUsage, size int) *wgpu.Buffer {
		if err != nil {
			return nil
		}
		var b *wgpu.Buffer
		b, err = d.device.CreateBuffer(&wgpu.BufferDescriptor{Size: uint64(size), Usage: usage})
		return b
	}
	src0 := buffer(wgpu.BufferUsageStorage|wgpu.BufferUsageCopyDst, 12*n)
	dst := buffer(wgpu.BufferUsageStorage|wgpu.BufferUsageCopySrc, 4*n)
	back := buffer(wgpu.BufferUsageMapRead|wgpu.BufferUsageCopyDst, 4*n)
	if err != nil {
		return nil, err
	}
	defer src0.Release()
	defer dst.Release()
	defer back.Release()
	if err := d.queue.WriteBuffer(src0, 0, wgpu.ToBytes(in)); err != nil {
		return nil, err
	}
	layout := pipeline.GetBindGroupLayout(0)
	defer layout.Release()
	group, err := d.device.CreateBindGroup(&wgpu.BindGroupDescriptor{Layout: layout, Entries: []wgpu.BindGroupEntry{
		{Binding: 0, Buffer: src0, Size: wgpu.WholeSize}, {Binding: 1, Buffer: dst, Size: wgpu.WholeSize}}})
	if err != nil {
		return nil, err
	}
	defer group.Release()
	encoder, err := d.device.CreateCommandEncoder(nil)
	if err != nil {
		return nil, err
	}
	defer encoder.Release()
	pass := encoder.BeginComputePass(nil)
	pass.SetPipeline(pipeline)
	pass.SetBindGroup(0, group, nil)
	pass.DispatchWorkgroups(uint32(n/64), 1, 1)
	if err := pass.End(); err != nil {
		return nil, err
	}
	pass.Release()
	if err := encoder.CopyBufferToBuffer(dst, 0, back, 0, uint64(4*n)); err != nil {
		return nil, err
	}
	commands, err := encoder.Finish(nil)
	if err != nil {
		return nil, err
	}
	d.queue.Submit(commands)
	mapped := false
	if err := back.MapAsync(wgpu.MapModeRead, 0, uint64(4*n), func(s wgpu.BufferMapAsyncStatus) { mapped = s == wgpu.BufferMapAsyncStatusSuccess }); err != nil {
		return nil, err
	}
	d.device.Poll(true, nil)
	if !mapped {
		return nil, fmt.Errorf("the result buffer was not mapped")
	}
	bytes := back.GetMappedRange(0, uint(4*n))
	for i := range n {
		out = append(out, binary.LittleEndian.Uint32(bytes[4*i:]))
	}
	return out, back.Unmap()
}
