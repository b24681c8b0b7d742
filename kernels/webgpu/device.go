package webgpu

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/lower"
)

// device is a kernels.Device whose work is done in a child process.
type device struct {
	info    kernels.Info
	adapter adapter
	mode    lower.Mode

	mu        sync.Mutex
	child     *child
	closed    bool
	lastID    uint32
	buffers   map[*buffer]bool
	pipelines map[*pipeline]bool
}

// buffer is a part of the adapter's memory. It is allocated longer than size, so that a binding that starts anywhere
// in it can be given to WebGPU from a multiple of 256 and is never empty.
type buffer struct {
	d    *device
	id   uint32
	size uint64
}

const align = 256

func (b *buffer) Size() uint64 { return b.size }

func (b *buffer) Free() {
	b.d.mu.Lock()
	defer b.d.mu.Unlock()
	if b.d.buffers[b] {
		delete(b.d.buffers, b)
		if !b.d.closed {
			b.d.child.call(context.Background(), &request{kind: reqFreeBuffer, id: b.id})
		}
	}
}

// pipeline is a kernel compiled for the adapter, in one or two variants.
type pipeline struct {
	d      *device
	kernel *kernels.Kernel
	// Variants, by whether all bindings are declared writable, which WebGPU wants when a dispatch binds one buffer
	// both for reading and for writing. The second is made when first needed.
	variants [2]variant
	// slice is how many workgroups to send at once, so that no single submission runs long enough for a driver's
	// watchdog. It starts small and grows with the speed seen.
	slice uint64
}

type variant struct {
	id     uint32
	shader *lower.Shader
}

func (p *pipeline) Kernel() *kernels.Kernel { return p.kernel }

func (p *pipeline) Free() {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	if !p.d.pipelines[p] {
		return
	}
	delete(p.d.pipelines, p)
	for _, v := range p.variants {
		if v.shader != nil && !p.d.closed {
			p.d.child.call(context.Background(), &request{kind: reqFreePipeline, id: v.id})
		}
	}
}

func (d *device) Info() kernels.Info { return d.info }

// fault turns an error from the child into what callers of a Device expect.
func (d *device) fault(what string, err error) error {
	if errors.Is(err, errLost) {
		return &kernels.LostError{Device: d.info.ID, Reason: d.child.lost()}
	}
	return fmt.Errorf("device %s: %s: %w", d.info.ID, what, err)
}

var errClosed = errors.New("the device is closed")

func (d *device) call(ctx context.Context, what string, r *request) ([]byte, error) {
	if d.closed {
		return nil, d.fault(what, errClosed)
	}
	body, err := d.child.call(ctx, r)
	if err != nil {
		return nil, d.fault(what, err)
	}
	return body, nil
}

func (d *device) NewBuffer(size uint64) (kernels.Buffer, error) {
	if size%4 != 0 {
		return nil, fmt.Errorf("device %s: buffer of %d bytes, want a multiple of 4", d.info.ID, size)
	}
	if size > d.adapter.MaxBuffer-2*align {
		return nil, fmt.Errorf("device %s: buffer of %d bytes, the adapter allows %d", d.info.ID, size, d.adapter.MaxBuffer-2*align)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lastID++
	b := &buffer{d: d, id: d.lastID, size: size}
	if _, err := d.call(context.Background(), "new buffer", &request{kind: reqNewBuffer, id: b.id, size: padded(size)}); err != nil {
		return nil, err
	}
	d.buffers[b] = true
	return b, nil
}

// padded is how much is allocated for a buffer of size bytes.
func padded(size uint64) uint64 { return (size+align-1)&^(align-1) + align }

// own gives a buffer of this device, checked against a range of it.
func (d *device) own(b kernels.Buffer, off, n uint64) (*buffer, error) {
	own, ok := b.(*buffer)
	if !ok || own == nil || !d.buffers[own] {
		return nil, fmt.Errorf("device %s: the buffer is not this device's, or freed", d.info.ID)
	}
	if off%4 != 0 || n%4 != 0 {
		return nil, fmt.Errorf("device %s: offset %d and size %d must be multiples of 4", d.info.ID, off, n)
	}
	if off > own.size || n > own.size-off {
		return nil, fmt.Errorf("device %s: bytes %d+%d lie outside the buffer of %d", d.info.ID, off, n, own.size)
	}
	return own, nil
}

func (d *device) Write(b kernels.Buffer, off uint64, data []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	own, err := d.own(b, off, uint64(len(data)))
	if err != nil {
		return err
	}
	for len(data) > 0 {
		n := min(len(data), chunk)
		if _, err := d.call(context.Background(), "write", &request{kind: reqWrite, id: own.id, off: off, data: data[:n]}); err != nil {
			return err
		}
		data, off = data[n:], off+uint64(n)
	}
	return nil
}

func (d *device) Read(b kernels.Buffer, off uint64, p []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	own, err := d.own(b, off, uint64(len(p)))
	if err != nil {
		return err
	}
	for len(p) > 0 {
		n := min(len(p), chunk)
		body, err := d.call(context.Background(), "read", &request{kind: reqRead, id: own.id, off: off, size: uint64(n)})
		if err != nil {
			return err
		}
		if len(body) != n {
			d.child.giveUp("its answer made no sense")
			return d.fault("read", errLost)
		}
		copy(p, body)
		p, off = p[n:], off+uint64(n)
	}
	return nil
}

// Gather reads parts of buffers (offsets and sizes are multiples of 4) one behind the other into p, which is as long as
// they are together. It costs one exchange for each 4 MiB, where a Read costs one for each buffer.
func (d *device) Gather(list []kernels.Bound, p []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	r := &request{kind: reqGather}
	var n uint64
	flush := func() error {
		if n == 0 {
			return nil
		}
		body, err := d.call(context.Background(), "read", r)
		if err != nil {
			return err
		}
		if uint64(len(body)) != n {
			d.child.giveUp("its answer made no sense")
			return d.fault("read", errLost)
		}
		copy(p, body)
		p, n, r.bound = p[n:], 0, r.bound[:0]
		return nil
	}
	var total uint64
	for _, b := range list {
		total += b.Size
	}
	if total != uint64(len(p)) {
		return fmt.Errorf("device %s: parts of %d bytes to read into %d", d.info.ID, total, len(p))
	}
	for _, b := range list {
		own, err := d.own(b.Buffer, b.Offset, b.Size)
		if err != nil {
			return err
		}
		for off, left := b.Offset, b.Size; left > 0; {
			if n == chunk || len(r.bound) == maxGather {
				if err := flush(); err != nil {
					return err
				}
			}
			size := min(left, chunk-n)
			r.bound = append(r.bound, boundRange{own.id, off, size})
			n, off, left = n+size, off+size, left-size
		}
	}
	return flush()
}

func (d *device) Copy(dst kernels.Buffer, dstOff uint64, src kernels.Buffer, srcOff, n uint64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	to, err := d.own(dst, dstOff, n)
	if err != nil {
		return err
	}
	from, err := d.own(src, srcOff, n)
	if err != nil {
		return err
	}
	if to == from && srcOff < dstOff+n && dstOff < srcOff+n && n > 0 {
		return fmt.Errorf("device %s: copy of %d bytes from %d to %d of one buffer overlaps", d.info.ID, n, srcOff, dstOff)
	}
	if n == 0 {
		return nil
	}
	_, err = d.call(context.Background(), "copy", &request{kind: reqCopy, id: from.id, off: srcOff, dst: to.id, dstOff: dstOff, size: n})
	return err
}

func (d *device) NewPipeline(ctx context.Context, k *kernels.Kernel) (kernels.Pipeline, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if k == nil || k.IR == nil {
		return nil, fmt.Errorf("device %s: no kernel given", d.info.ID)
	}
	if n := len(k.IR.Bindings); n > maxBindings || uint32(n)+2 > d.adapter.MaxStorage {
		return nil, fmt.Errorf("device %s: kernel %s has %d bindings, the adapter allows %d", d.info.ID, k.Entry, n,
			min(maxBindings, max(d.adapter.MaxStorage, 2)-2))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	p := &pipeline{d: d, kernel: k, slice: max(1, 65536/uint64(max(1, k.IR.Invocations())))}
	if err := d.compile(ctx, p, 0); err != nil {
		return nil, err
	}
	d.pipelines[p] = true
	return p, nil
}

func (d *device) compile(ctx context.Context, p *pipeline, which int) error {
	s, err := lower.Print(p.kernel.IR, d.mode, lower.Options{AllWritable: which == 1,
		CountLoops: strings.Contains(d.adapter.Name, "llvmpipe")})
	if err != nil {
		return err
	}
	d.lastID++
	id := d.lastID
	_, err = d.call(ctx, "compile kernel "+p.kernel.Entry, &request{kind: reqNewPipeline, id: id, text: s.WGSL,
		write: s.Writable, size: uint64(s.MetaBytes)})
	if err != nil {
		return err
	}
	p.variants[which] = variant{id, s}
	return nil
}

// Dispatch sends dispatches in batches: one exchange with the device process for as many as are expected to take about
// a quarter of a second together. A dispatch that is expected to take longer is cut.
func (d *device) Dispatch(ctx context.Context, list ...*kernels.Dispatch) (uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := sending{d: d, ctx: ctx}
	for _, r := range list {
		if err := d.dispatch(&b, r); err != nil {
			var lost *kernels.LostError
			if errors.As(err, &lost) {
				return b.gas, err
			}
			// What was sent before came first, and so does what went wrong in it.
			if before := b.finish(); before != nil {
				return b.gas, before
			}
			return b.gas, err
		}
	}
	return b.gas, b.finish()
}

func (d *device) dispatch(b *sending, r *kernels.Dispatch) error {
	if err := b.ctx.Err(); err != nil {
		return err
	}
	p, ok := r.Pipeline.(*pipeline)
	if !ok || p == nil || !d.pipelines[p] {
		return fmt.Errorf("device %s: the pipeline is not this device's, or freed", d.info.ID)
	}
	if err := kernels.CheckDispatch(r); err != nil {
		return err
	}
	which, bound, ranges, err := d.bind(p, r)
	if err != nil {
		return err
	}
	if p.variants[which].shader == nil {
		if err := d.compile(b.ctx, p, which); err != nil {
			return err
		}
	}
	for s := range parts(r.Workgroups, func() uint64 { return p.slice }) {
		err := b.add(p, s.count(), &request{kind: reqDispatch, id: p.variants[which].id,
			groups: s.size, meta: lower.Meta(r.GasLimit, r.Workgroups, s.base, ranges), bound: bound})
		if err != nil {
			return err
		}
	}
	return nil
}

// sending is a batch on its way.
type sending struct {
	d     *device
	ctx   context.Context
	gas   uint64  // of the batches that are finished
	full  float64 // of what one exchange should take, the share that is used
	sent  []sent
	began time.Time
}

type sent struct {
	p *pipeline
	n uint64 // workgroups
}

// add sends a part of a dispatch, and finishes the batch before where both would be too much.
func (b *sending) add(p *pipeline, n uint64, r *request) error {
	share := float64(n) / float64(p.slice)
	if b.full > 0 && b.full+share > 1 {
		if err := b.finish(); err != nil {
			return err
		}
	}
	if err := b.ctx.Err(); err != nil {
		return err
	}
	if len(b.sent) == 0 {
		b.began = time.Now()
	}
	if _, err := b.d.call(b.ctx, "dispatch "+p.kernel.Entry, r); err != nil {
		return err
	}
	b.full += share
	b.sent = append(b.sent, sent{p, n})
	return nil
}

// finish waits for what was sent and reads its gas.
func (b *sending) finish() error {
	if len(b.sent) == 0 {
		return nil
	}
	done := b.sent
	b.sent, b.full = nil, 0
	name := "kernel " + done[0].p.kernel.Entry
	if len(done) > 1 {
		name = fmt.Sprintf("%d dispatches from kernel %s to kernel %s", len(done), done[0].p.kernel.Entry, done[len(done)-1].p.kernel.Entry)
	}
	body, err := b.d.call(b.ctx, "run "+name, &request{kind: reqFinish})
	if err != nil {
		return err
	}
	gas, trapped, err := lower.Gas(body)
	if errors.Is(err, lower.ErrLoopCut) {
		if b.ctx.Err() != nil {
			return b.ctx.Err()
		}
		return &kernels.LostError{Device: b.d.info.ID, Reason: fmt.Sprintf("%s: %v", name, err)}
	}
	if err != nil {
		b.d.child.giveUp("its answer made no sense: " + err.Error())
		return b.d.fault("dispatch", errLost)
	}
	b.gas += gas
	if trapped {
		return fmt.Errorf("%s: %w", name, kernels.ErrGas)
	}
	learn(done, time.Since(b.began))
	return nil
}

// learn adapts the number of workgroups sent at once to about a quarter of a second's worth. All that is known of a kernel
// in a batch is that it took no longer than the batch.
func learn(done []sent, took time.Duration) {
	const aim = 250 * time.Millisecond
	sum := map[*pipeline]uint64{}
	for _, s := range done {
		sum[s.p] += s.n
	}
	for p, n := range sum {
		could := uint64(float64(n) * float64(aim) / float64(max(took, time.Millisecond)))
		switch {
		case could > p.slice:
			p.slice = min(p.slice*4, could, 1<<40)
		case took > time.Second && len(sum) == 1:
			p.slice = max(1, could)
		case took > time.Second:
			p.slice = max(1, p.slice/4) // which of them it was will show
		}
	}
}

// bind works out what WebGPU binds for each of the kernel's bindings, where in that the kernel looks, and which variant
// of the pipeline allows it.
func (d *device) bind(p *pipeline, r *kernels.Dispatch) (which int, bound []boundRange, ranges []lower.Range, err error) {
	use := map[uint32][2]bool{}
	for i, b := range r.Bindings {
		own, err := d.own(b.Buffer, b.Offset, b.Size)
		if err != nil {
			return 0, nil, nil, err
		}
		off := b.Offset &^ (align - 1)
		g := boundRange{id: own.id, off: off, size: max(4, b.Offset-off+b.Size)}
		if g.size > d.adapter.MaxBinding {
			return 0, nil, nil, fmt.Errorf("device %s: %d bytes bound, the adapter allows %d", d.info.ID, b.Size, d.adapter.MaxBinding)
		}
		// A binding of no words is still looked at, at word 0, when the kernel reads out of bounds.
		if b.Size == 0 {
			g.size = b.Offset - off + 4
		}
		bound = append(bound, g)
		ranges = append(ranges, lower.Range{Offset: uint32((b.Offset - off) / 4), Len: uint32(b.Size / 4)})
		u := use[own.id]
		w := 0
		if p.variants[0].shader.Writable[i] {
			w = 1
		}
		u[w] = true
		use[own.id] = u
		if u[0] && u[1] {
			which = 1
		}
	}
	return which, bound, ranges, nil
}

// part is a box of workgroups of a grid.
type part struct{ base, size [3]uint32 }

func (p part) count() uint64 {
	return uint64(p.size[0]) * uint64(p.size[1]) * uint64(p.size[2])
}

// parts cuts a grid into boxes of about limit() workgroups each, in index order.
func parts(grid [3]uint32, limit func() uint64) func(yield func(part) bool) {
	return func(yield func(part) bool) {
		if grid[0] == 0 || grid[1] == 0 || grid[2] == 0 {
			return
		}
		row, layer := uint64(grid[0]), uint64(grid[0])*uint64(grid[1])
		var x, y, z uint32
		for z < grid[2] {
			n := limit()
			s := part{base: [3]uint32{x, y, z}, size: [3]uint32{1, 1, 1}}
			switch {
			case x == 0 && y == 0 && n >= layer:
				s.size = [3]uint32{grid[0], grid[1], uint32(min(n/layer, uint64(grid[2]-z)))}
				z += s.size[2]
			case x == 0 && n >= row:
				s.size[0], s.size[1] = grid[0], uint32(min(n/row, uint64(grid[1]-y)))
				y += s.size[1]
			default:
				s.size[0] = uint32(min(max(n, 1), uint64(grid[0]-x)))
				if x += s.size[0]; x == grid[0] {
					x, y = 0, y+1
				}
			}
			if y == grid[1] {
				y, z = 0, z+1
			}
			if !yield(s) {
				return
			}
		}
	}
}

func (d *device) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.closed = true
		d.child.stop()
		clear(d.buffers)
		clear(d.pipelines)
	}
	return nil
}
