package cpu

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/gwrun/gwrun/kernels"
	"github.com/tetratelabs/wazero/api"
)

// Options says how a Device runs. The zero value is the default.
type Options struct {
	// Workers is the number of goroutines that run workgroups; 0 means one for each processor Go may use.
	Workers int
	// HeapBytes bounds the memory of all buffers together; 0 means nearly 4 GiB, which is also the most there can be.
	HeapBytes uint64
	// Interpreter runs kernels on wazero's interpreter instead of its compiler: the same bits, very slowly.
	Interpreter bool

	vectors vectors // for tests
}

const maxWorkers = 256

// Viewer is implemented by devices whose buffers can be read in place. View gives the bytes of a buffer; they may only
// be read, and only until the next call on the Device.
type Viewer interface {
	View(b kernels.Buffer) ([]byte, error)
}

var _ interface {
	kernels.Device
	Viewer
} = (*Device)(nil)

// Device is the reference implementation of kernels.Device.
type Device struct {
	mu      sync.Mutex
	engine  *engine
	vectors vectors
	heap    *heap
	workers []worker
	params  span
	info    kernels.Info
	pipes   map[*pipeline]bool
	closed  bool
	lost    error
}

// worker is what one goroutine of a dispatch has of its own.
type worker struct {
	scratch span
	libm    map[*engine]api.Module
	stack   [numArgs]uint64
}

var (
	errClosed = errors.New("cpu: the device is closed")
	errBuffer = errors.New("cpu: the buffer is freed or of another device")
	errPipe   = errors.New("cpu: the pipeline is freed or of another device")
)

// Open makes a Device.
func Open(opts Options) (kernels.Device, error) {
	n := opts.Workers
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	e, err := openEngine(opts.Interpreter)
	if err != nil {
		return nil, err
	}
	limit := opts.HeapBytes
	if limit == 0 {
		limit = maxPages * pageSize
	}
	h, err := newHeap(context.Background(), e, limit)
	if err != nil {
		return nil, fmt.Errorf("cpu: %w", err)
	}
	d := &Device{engine: e, vectors: opts.vectors, heap: h, workers: make([]worker, min(n, maxWorkers)), pipes: map[*pipeline]bool{}}
	kind := "compiler"
	if opts.Interpreter {
		kind = "interpreter"
	}
	d.info = kernels.Info{ID: "cpu", Kind: "cpu", Name: runtime.GOARCH + " processor", Backend: "wazero",
		Driver: "wazero " + kind}
	return d, nil
}

// Info implements kernels.Device.
func (d *Device) Info() kernels.Info { return d.info }

// enter takes the lock and checks that the Device can be used; leave it by d.mu.Unlock.
func (d *Device) enter() error {
	d.mu.Lock()
	var err error
	switch {
	case d.closed:
		err = errClosed
	case d.lost != nil:
		err = d.lost
	}
	if err != nil {
		d.mu.Unlock()
	}
	return err
}

type buffer struct {
	d    *Device
	size uint64
	at   span
	gone bool
}

// Size implements kernels.Buffer.
func (b *buffer) Size() uint64 { return b.size }

// Free implements kernels.Buffer.
func (b *buffer) Free() {
	b.d.mu.Lock()
	defer b.d.mu.Unlock()
	if !b.gone {
		b.gone = true
		if !b.d.closed {
			b.d.heap.release(b.at)
		}
	}
}

// NewBuffer implements kernels.Device. It gives a *MemoryError if the heap is full.
func (d *Device) NewBuffer(size uint64) (kernels.Buffer, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	if size%4 != 0 {
		return nil, fmt.Errorf("cpu: buffer of %d bytes, want a multiple of 4", size)
	}
	at, err := d.heap.alloc(size)
	if err != nil {
		return nil, err
	}
	return &buffer{d: d, size: size, at: at}, nil
}

// span finds n bytes of a buffer from off.
func (d *Device) span(b kernels.Buffer, off, n uint64) ([]byte, error) {
	own, ok := b.(*buffer)
	switch {
	case !ok || own == nil || own.d != d || own.gone:
		return nil, errBuffer
	case off%4 != 0 || n%4 != 0:
		return nil, fmt.Errorf("cpu: offset %d and size %d must be multiples of 4", off, n)
	case off > own.size || n > own.size-off:
		return nil, fmt.Errorf("cpu: bytes %d+%d lie outside the buffer of %d", off, n, own.size)
	}
	at := own.at.off + off
	return d.heap.buf[at : at+n : at+n], nil
}

// Write implements kernels.Device.
func (d *Device) Write(b kernels.Buffer, off uint64, data []byte) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer d.mu.Unlock()
	s, err := d.span(b, off, uint64(len(data)))
	copy(s, data)
	return err
}

// Read implements kernels.Device.
func (d *Device) Read(b kernels.Buffer, off uint64, p []byte) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer d.mu.Unlock()
	s, err := d.span(b, off, uint64(len(p)))
	copy(p, s)
	return err
}

// View implements Viewer.
func (d *Device) View(b kernels.Buffer) ([]byte, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	var size uint64
	if own, ok := b.(*buffer); ok && own != nil {
		size = own.size
	}
	return d.span(b, 0, size)
}

// Copy implements kernels.Device.
func (d *Device) Copy(dst kernels.Buffer, dstOff uint64, src kernels.Buffer, srcOff, n uint64) error {
	if err := d.enter(); err != nil {
		return err
	}
	defer d.mu.Unlock()
	to, err := d.span(dst, dstOff, n)
	if err != nil {
		return err
	}
	from, err := d.span(src, srcOff, n)
	if err != nil {
		return err
	}
	if dst == src && dstOff < srcOff+n && srcOff < dstOff+n {
		return fmt.Errorf("cpu: copy of %d bytes from %d to %d of the same buffer overlaps", n, srcOff, dstOff)
	}
	copy(to, from)
	return nil
}

// Close implements kernels.Device.
func (d *Device) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	for p := range d.pipes {
		p.close()
	}
	for n := range d.workers {
		for _, m := range d.workers[n].libm {
			_ = m.Close(context.Background()) // a module without files has nothing to fail on
		}
	}
	d.heap.close()
	return nil
}

// pipeline is a compiled kernel and its instances on the Device's heap, one for each worker that has run it.
type pipeline struct {
	d         *Device
	kernel    *kernels.Kernel
	engine    *engine // the Device's, or the interpreter for a kernel too large to compile
	prog      *program
	code      *compiled
	instances []instance
	better    <-chan upgrade // vector code that is being compiled, if any
	gone      bool
}

type instance struct {
	module api.Module
	run    api.Function
}

// Kernel implements kernels.Pipeline.
func (p *pipeline) Kernel() *kernels.Kernel { return p.kernel }

// Free implements kernels.Pipeline.
func (p *pipeline) Free() {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	if !p.gone && !p.d.closed {
		p.close()
		delete(p.d.pipes, p)
	}
}

func (p *pipeline) close() {
	p.gone = true
	p.abandon()
	p.drop()
}

// drop lets go of the code and its instances.
func (p *pipeline) drop() {
	for _, i := range p.instances {
		if i.module != nil {
			_ = i.module.Close(context.Background()) // as above
		}
	}
	clear(p.instances)
	p.engine.release(p.code)
}

// NewPipeline implements kernels.Device.
func (d *Device) NewPipeline(ctx context.Context, k *kernels.Kernel) (kernels.Pipeline, error) {
	if k == nil || k.IR == nil {
		return nil, errors.New("cpu: no kernel given")
	}
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := k.IR.Verify(); err != nil {
		return nil, fmt.Errorf("kernel %s: %w", k.Entry, err)
	}
	number(k.IR)
	prog, err := translate(k.IR, d.vectors)
	if err != nil {
		return nil, err
	}
	e := d.engine
	if prog.large {
		if e, err = openEngine(true); err != nil {
			return nil, err
		}
	}
	prog, better := d.start(prog)
	code, err := e.compile(ctx, prog.wasm)
	if err != nil {
		(&pipeline{engine: e, better: better}).abandon()
		return nil, fmt.Errorf("cpu: kernel %s: %w", k.Entry, err)
	}
	prog.wasm = nil // compiled: no longer needed
	p := &pipeline{d: d, kernel: k, engine: e, prog: prog, code: code, instances: make([]instance, len(d.workers)), better: better}
	d.pipes[p] = true
	return p, nil
}

// ready makes what a worker needs to run p: its instance and its scratch area.
func (d *Device) ready(ctx context.Context, p *pipeline, n int) error {
	w := &d.workers[n]
	if need := uint64(p.prog.scratch); w.scratch.size < need {
		s, err := d.heap.alloc(need)
		if err != nil {
			return err
		}
		if w.scratch.size > 0 {
			d.heap.release(w.scratch)
		}
		w.scratch = s
	}
	if p.prog.libm && w.libm[p.engine] == nil {
		m, err := p.engine.instantiate(ctx, p.engine.libm, nil)
		if err != nil {
			return err
		}
		if w.libm == nil {
			w.libm = map[*engine]api.Module{}
		}
		w.libm[p.engine] = m
	}
	if p.instances[n].module == nil {
		m, err := p.engine.instantiate(ctx, p.code.module, d.heap.resolve(w.libm[p.engine]))
		if err != nil {
			return err
		}
		p.instances[n] = instance{module: m, run: m.ExportedFunction(runName)}
	}
	return nil
}

// bind writes the parameters of a dispatch into the heap and returns their address.
func (d *Device) bind(x *kernels.Dispatch) (uint32, error) {
	need := paramSize(len(x.Bindings))
	if d.params.size < need {
		s, err := d.heap.alloc(need)
		if err != nil {
			return 0, err
		}
		if d.params.size > 0 {
			d.heap.release(d.params)
		}
		d.params = s
	}
	b := d.heap.bytes(d.params)
	for a, n := range x.Workgroups {
		binary.LittleEndian.PutUint32(b[paramGroups+4*a:], n)
	}
	binary.LittleEndian.PutUint64(b[paramGas:], uint64(x.GasLimit))
	for n, bound := range x.Bindings {
		own := bound.Buffer.(*buffer)
		binary.LittleEndian.PutUint32(b[paramBounds+8*n:], uint32(own.at.off+bound.Offset))
		binary.LittleEndian.PutUint32(b[paramBounds+8*n+4:], uint32(bound.Size/4))
	}
	return uint32(d.params.off), nil
}
