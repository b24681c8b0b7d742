package f32_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/kernels/cpu/libm"
	"github.com/gwrun/gwrun/kernels/ir"
)

// judges reports whether there is such an implementation of the operation.
func judges(who, name string) bool {
	switch who {
	case "cpu":
		return true
	case "libm":
		return slices.Contains(libm.Names, name)
	}
	return name != "quantizeToF16" // which is a sequence of others
}

// evaluate applies an implementation of the named operation to every word of in.
func (w *worker) evaluate(who, name string, in, out []uint32) (err error) {
	switch who {
	case "f32", "soft":
		for _, f := range unary {
			switch {
			case f.name != name:
			case who == "f32":
				for i, u := range in {
					out[i] = ir.Eval(f.op, u, 0, 0)
				}
			default:
				for i, u := range in {
					out[i] = f.soft(u)
				}
			}
		}
		return nil
	case "cpu":
		if w.device == nil {
			if w.device, err = openDevice(); err != nil {
				return err
			}
		}
		return w.device.evaluate(w.ctx, name, w.raw(in), out)
	case "libm":
		if w.loop == nil || w.loop.name != name {
			w.loop.close()
			if w.loop, err = newLoop(w.ctx, name); err != nil {
				return err
			}
		}
		return w.loop.evaluate(w.ctx, in, out)
	}
	return fmt.Errorf("nothing called %q to judge, want f32, soft, cpu or libm", who)
}

func (w *worker) close() {
	w.loop.close()
	if w.device != nil {
		w.device.d.Close()
	}
}

// onDevice is a kernel on the CPU device: whatever a job's kernel would run.
type onDevice struct {
	d       kernels.Device
	in, out kernels.Buffer
	name    string
	p       kernels.Pipeline
}

const group = 64

func openDevice() (*onDevice, error) {
	d, err := cpu.Open(cpu.Options{Workers: 1, HeapBytes: 64 << 20})
	if err != nil {
		return nil, err
	}
	o := &onDevice{d: d}
	if o.in, err = d.NewBuffer(4 * chunk); err != nil {
		return nil, err
	}
	if o.out, err = d.NewBuffer(4 * chunk); err != nil {
		return nil, err
	}
	return o, nil
}

// kernelOf is out[i] = f(in[i]).
func kernelOf(name string) (*kernels.Kernel, error) {
	if name == "quantizeToF16" {
		m, err := kernels.Compile(`@group(0) @binding(0) var<storage, read> src: array<f32>;
@group(0) @binding(1) var<storage, read_write> dst: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) { dst[id.x] = quantizeToF16(src[id.x]); }`)
		if err != nil {
			return nil, err
		}
		return m.Kernel("main", nil)
	}
	for _, f := range unary {
		if f.name == name {
			b := ir.NewBuilder(name, group, 1, 1)
			in, out := b.Bind("in", ir.Read, false), b.Bind("out", ir.ReadWrite, false)
			i := b.Input(ir.GlobalX)
			b.Store(out, i, b.Do(f.op, b.Load(in, ir.OperandTypes(f.op)[0], i, nil)), nil)
			return kernels.NewKernel(name, "", nil, b.Kernel()), nil
		}
	}
	return nil, fmt.Errorf("no operation %q", name)
}

func (o *onDevice) evaluate(ctx context.Context, name string, in []byte, out []uint32) error {
	if o.name != name {
		k, err := kernelOf(name)
		if err != nil {
			return err
		}
		if o.p != nil {
			o.p.Free()
		}
		if o.p, err = o.d.NewPipeline(ctx, k); err != nil {
			return err
		}
		o.name = name
	}
	if err := o.d.Write(o.in, 0, in); err != nil {
		return err
	}
	groups := uint32(len(out)+group-1) / group
	if _, err := o.d.Dispatch(ctx, &kernels.Dispatch{Pipeline: o.p, Workgroups: [3]uint32{groups, 1, 1}, GasLimit: 1 << 20,
		Bindings: []kernels.Bound{{Buffer: o.in, Size: o.in.Size()}, {Buffer: o.out, Size: o.out.Size()}}}); err != nil {
		return err
	}
	bytes, err := o.d.(cpu.Viewer).View(o.out)
	if err != nil {
		return err
	}
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(bytes[4*i:])
	}
	return nil
}

// inLibm is a function of libm for one operand, in a loop over memory.
type inLibm struct {
	name string
	r    wazero.Runtime
	run  api.Function
	mem  api.Memory
}

// loopOver is a module that imports the named function from f32 to f32 and applies it in place to the words of its memory
// from byte 0 to the byte count that run is given (not 0).
func loopOver(name string) []byte {
	section := func(id byte, body ...byte) []byte { return append([]byte{id, byte(len(body))}, body...) }
	imp := append([]byte{1, 4, 'l', 'i', 'b', 'm', byte(len(name))}, name...)
	code := []byte{1, 1, 0x7f, // one i32 local: the address
		0x03, 0x40, // loop
		0x20, 1, 0x20, 1, 0x2a, 2, 0, // address, f32.load address
		0x10, 0, 0x38, 2, 0, // call, f32.store
		0x20, 1, 0x41, 4, 0x6a, 0x22, 1, 0x20, 0, 0x49, 0x0d, 0, // address += 4; if it is below the count go on
		0x0b, 0x0b}
	out := []byte{0, 'a', 's', 'm', 1, 0, 0, 0}
	out = append(out, section(1, 2, 0x60, 1, 0x7d, 1, 0x7d, 0x60, 1, 0x7f, 0)...)
	out = append(out, section(2, append(imp, 0, 0)...)...)
	out = append(out, section(3, 1, 1)...)
	out = append(out, section(5, 1, 0, 64)...) // 64 pages: a chunk
	out = append(out, section(7, 2, 3, 'r', 'u', 'n', 0, 1, 3, 'm', 'e', 'm', 2, 0)...)
	return append(out, section(10, append([]byte{1, byte(len(code))}, code...)...)...)
}

func newLoop(ctx context.Context, name string) (*inLibm, error) {
	l := &inLibm{name: name, r: wazero.NewRuntime(ctx)}
	if _, err := l.r.InstantiateWithConfig(ctx, libm.Wasm, wazero.NewModuleConfig().WithName("libm")); err != nil {
		return nil, err
	}
	m, err := l.r.InstantiateWithConfig(ctx, loopOver(name), wazero.NewModuleConfig().WithName("loop"))
	if err != nil {
		return nil, err
	}
	l.run, l.mem = m.ExportedFunction("run"), m.Memory()
	return l, nil
}

func (l *inLibm) evaluate(ctx context.Context, in, out []uint32) error {
	mem, _ := l.mem.Read(0, uint32(4*len(in)))
	for i, u := range in {
		binary.LittleEndian.PutUint32(mem[4*i:], u)
	}
	if _, err := l.run.Call(ctx, uint64(4*len(in))); err != nil {
		return err
	}
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(mem[4*i:])
	}
	return nil
}

func (l *inLibm) close() {
	if l != nil {
		l.r.Close(context.Background())
	}
}
