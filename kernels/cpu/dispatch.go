package cpu

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
)

// number gives a kernel's instructions their IDs if its maker has not. A kernel may be in use by several devices, so
// one that has its numbers is not written to.
func number(k *ir.Kernel) {
	n, ok := 0, true
	k.Walk(func(i *ir.Inst) {
		ok = ok && i.ID == n
		n++
	})
	for i, v := range k.Vars {
		ok = ok && v.ID == i
	}
	if !ok || k.NumInsts != n {
		k.Renumber()
	}
}

// Dispatch implements kernels.Device. When ctx ends, it stops soon and gives ctx's error; the contents of the buffers
// it could write are then undefined.
func (d *Device) Dispatch(ctx context.Context, list ...*kernels.Dispatch) (gas uint64, err error) {
	for _, x := range list {
		n, err := d.dispatch(ctx, x, gas)
		gas += n
		if err != nil {
			return gas, err
		}
	}
	return gas, nil
}

// dispatch runs one; before is the gas of those before it in the same call.
func (d *Device) dispatch(ctx context.Context, x *kernels.Dispatch, before uint64) (uint64, error) {
	if err := d.enter(); err != nil {
		return 0, err
	}
	defer d.mu.Unlock()
	p, ok := x.Pipeline.(*pipeline)
	if !ok || p == nil || p.d != d || p.gone {
		return 0, errPipe
	}
	for _, b := range x.Bindings {
		if b.Buffer == nil {
			continue // CheckDispatch says which
		}
		if own, ok := b.Buffer.(*buffer); !ok || own == nil || own.d != d || own.gone {
			return 0, errBuffer
		}
	}
	if err := kernels.CheckDispatch(x); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	groups := uint64(x.Workgroups[0]) * uint64(x.Workgroups[1]) * uint64(x.Workgroups[2])
	if groups == 0 {
		return 0, nil
	}
	params, err := d.bind(x)
	if err != nil {
		return 0, err
	}
	p.take()
	workers := int(min(groups, uint64(len(d.workers))))
	for n := range workers {
		if err := d.ready(ctx, p, n); err != nil {
			return 0, err
		}
	}
	d.heap.setAbort(0)
	r := &running{d: d, p: p, grid: x.Workgroups, groups: groups, params: params, workers: uint64(workers), most: math.MaxUint64}
	if x.TotalGas > 0 {
		r.most = x.TotalGas - min(before, x.TotalGas)
	}
	stop := context.AfterFunc(ctx, func() {
		r.stopped.Store(true)
		r.flag.Lock()
		defer r.flag.Unlock()
		if !r.over {
			d.heap.setAbort(1)
		}
	})
	var wg sync.WaitGroup
	for n := 1; n < workers; n++ {
		wg.Go(func() { r.work(ctx, n) })
	}
	r.work(ctx, 0)
	wg.Wait()
	stop()
	r.flag.Lock()
	r.over = true
	r.flag.Unlock()
	switch {
	case r.outOfGas.Load():
		return 0, kernels.ErrGas
	case r.trap != nil:
		d.lost = &kernels.LostError{Device: d.info.ID, Reason: fmt.Sprintf("kernel %s: %v", p.kernel.Entry, r.trap)}
		return 0, d.lost
	case r.aborted.Load():
		return 0, ctx.Err()
	}
	return r.gas.Load(), nil
}

// running is a dispatch in progress.
type running struct {
	d       *Device
	p       *pipeline
	grid    [3]uint32
	groups  uint64
	params  uint32
	workers uint64
	most    uint64 // gas

	next     atomic.Uint64 // first workgroup nobody has taken
	gas      atomic.Uint64
	stopped  atomic.Bool // no new workgroups are to be taken
	aborted  atomic.Bool // some workgroup was not run to its end, or at all
	outOfGas atomic.Bool

	flag sync.Mutex
	over bool  // the heap's abort flag is no longer this dispatch's
	trap error // the first trap of a worker
}

const (
	chunkTime = time.Millisecond // what one call into a kernel should take
	maxChunk  = 1 << 16          // workgroups; bounds the gas sum of one call to 2^56
)

// work takes runs of workgroups until none is left.
func (r *running) work(ctx context.Context, n int) {
	w := &r.d.workers[n]
	run := r.p.instances[n].run
	chunk := uint64(1)
	for {
		first := r.next.Add(chunk) - chunk
		if first >= r.groups {
			return
		}
		if r.stopped.Load() {
			r.aborted.Store(true)
			return
		}
		count := min(chunk, r.groups-first)
		begin := time.Now()
		x, y := uint64(r.grid[0]), uint64(r.grid[1])
		w.stack = [numArgs]uint64{argParams: uint64(r.params), argScratch: w.scratch.off, argGroupX: first % x,
			argGroupY: first / x % y, argGroupZ: first / x / y, argCount: count}
		if err := run.CallWithStack(ctx, w.stack[:]); err != nil {
			r.flag.Lock()
			if r.trap == nil {
				r.trap = err
			}
			r.flag.Unlock()
			r.halt()
			return
		}
		switch gas := int64(w.stack[0]); {
		case gas == resultOutOfGas:
			r.outOfGas.Store(true)
			r.halt()
			return
		case gas == resultAborted:
			r.aborted.Store(true)
			return
		default:
			if r.gas.Add(uint64(gas)) > r.most {
				r.outOfGas.Store(true)
				r.halt()
				return
			}
		}
		// Only the cutting depends on the clock, never a result. The end of the grid is cut fine, so that workers
		// finish together.
		switch t := time.Since(begin); {
		case t < chunkTime/2:
			chunk *= 2
		case t > 2*chunkTime:
			chunk /= 2
		}
		left := r.groups - min(r.groups, r.next.Load())
		chunk = max(1, min(chunk, maxChunk, left/(2*r.workers)))
	}
}

// halt stops the other workers.
func (r *running) halt() {
	r.stopped.Store(true)
	r.d.heap.setAbort(1)
}
