package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/interp"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/binding"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// Account is one party's account of an interval, step by step and point by point: what it says in a dispute. Nothing of it is kept
// while a job runs: an Account runs the interval again when it is asked. It is used by one goroutine at a time.
type Account struct {
	job   *Job
	from  *state.Snapshot
	prev  *msg.Interval
	index uint64
	opts  Options

	steps  []trace.StepPoint // [0] is before the interval; empty before the first question
	in     uint64            // the step that points is of
	points []trace.Point     // of one step, nil before the first question about it
	at     *moment           // the point looked at last
}

// moment is all that holds at one point.
type moment struct {
	step, place uint64
	heads       []trace.BufferHead
	buffers     map[uint32][]byte
	event       *dispatched // of the command that leads to it, nil if that is no dispatch
}

// dispatched is a dispatch with what it found in its bindings.
type dispatched struct {
	kernel   *ir.Kernel
	groups   [3]uint32
	gasLimit uint32
	handles  []uint32 // of the bindings' buffers
	offsets  []uint64
	before   [][]uint32
}

// NewAccount begins an account of interval index from the state before it (nil for the first), which the record prev commits to.
func NewAccount(job *Job, from *state.Snapshot, prev *msg.Interval, index uint64, opts Options) (*Account, error) {
	if missing := lacks(from, Claim{Record: msg.Interval{Index: index}, Prev: prev}); missing != "" {
		return nil, fmt.Errorf("runtime: an account of interval %d needs %s", index, missing)
	}
	if opts.Device == nil && opts.OpenDevice == nil {
		return nil, errors.New("runtime: an account needs a device")
	}
	opts.Detail, opts.From, opts.StopAfter, opts.OnLog, opts.OnProgress, opts.OnTrace = nil, nil, 0, nil, nil, nil
	return &Account{job: job, from: from, prev: prev, index: index, opts: opts}, nil
}

// session begins the interval, on a device of its own where the options say how to open one. A fault that they ask for is told each
// time anew.
func (a *Account) session(ctx context.Context, opts Options) (*session, func(), error) {
	if opts.Fault != nil {
		f := *opts.Fault
		opts.Fault = &f
	}
	done := func() {}
	if opts.Device == nil {
		d, err := opts.OpenDevice(ctx)
		if err != nil {
			return nil, nil, err
		}
		opts.Device, done = d, func() { d.Close() }
	}
	if opts.wrap != nil {
		opts.Device = opts.wrap(opts.Device)
	}
	s, err := newSession(ctx, a.job, a.from, opts)
	if err != nil {
		done()
		return nil, nil, err
	}
	s.host.Transcript.Reset()
	return s, func() { s.close(); done() }, nil
}

// Record is the record that the account makes for its interval.
func (a *Account) Record(ctx context.Context) (msg.Interval, error) {
	if err := a.walk(ctx); err != nil {
		return msg.Interval{}, err
	}
	e := a.steps[len(a.steps)-1]
	return msg.Interval{Index: a.index, LastStep: e.Step, State: e.State, Transcript: e.Transcript, Gas: e.Gas, GPUGas: e.GPUGas}, nil
}

// walk finds what held after each step.
func (a *Account) walk(ctx context.Context) error {
	if a.steps != nil {
		return nil
	}
	s, done, err := a.session(ctx, a.opts)
	if err != nil {
		return err
	}
	defer done()
	steps := []trace.StepPoint{trace.Begin(a.prev)}
	for s.status == "" && (s.step%a.job.Program.Interval != 0 || len(steps) == 1) {
		if err := s.advance(ctx); err != nil {
			return err
		}
		root, err := s.computeRoot()
		if err != nil {
			return err
		}
		steps = append(steps, trace.StepPoint{Step: s.step, State: root, Transcript: s.host.Transcript.Sum(), Gas: s.gasUsed(), GPUGas: s.gpuGasUsed()})
	}
	a.steps = steps
	return nil
}

// Step is the point after n steps of the interval, nil if it was over before.
func (a *Account) Step(ctx context.Context, n uint64) (*trace.StepPoint, error) {
	if err := a.walk(ctx); err != nil {
		return nil, err
	}
	if n >= uint64(len(a.steps)) {
		return nil, nil
	}
	p := a.steps[n]
	return &p, nil
}

// run goes to the step behind place step and through it, and calls each behind its points, which are counted from 1.
func (a *Account) run(ctx context.Context, step uint64, each func(s *session, place uint64, p trace.Point) error, before func(*binding.DispatchEvent) error) error {
	if err := a.walk(ctx); err != nil {
		return err
	}
	if step+1 >= uint64(len(a.steps)) {
		return fmt.Errorf("runtime: interval %d has %d steps, there is none behind step %d of it", a.index, len(a.steps)-1, step)
	}
	opts := a.opts
	inside := false
	trees := forest{}
	place := uint64(0)
	opts.point = func(s *session, call, command uint64) error {
		if !inside {
			return nil
		}
		place++
		if err := trees.update(s.host); err != nil {
			return err
		}
		return each(s, place, trace.Point{Call: call, Command: command, Transcript: s.host.Transcript.Sum(), Gas: s.gasUsed(), GPUGas: s.gpuGasUsed(), Buffers: trees.root()})
	}
	if before != nil {
		opts.before = func(_ uint64, e *binding.DispatchEvent) error {
			if !inside {
				return nil
			}
			return before(e)
		}
	}
	s, done, err := a.session(ctx, opts)
	if err != nil {
		return err
	}
	defer done()
	for range step {
		if err := s.advance(ctx); err != nil {
			return err
		}
	}
	inside = true
	err = s.advance(ctx)
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

func (a *Account) count(ctx context.Context, step uint64) error {
	if a.points != nil && a.in == step {
		return nil
	}
	points := []trace.Point{}
	err := a.run(ctx, step, func(_ *session, _ uint64, p trace.Point) error { points = append(points, p); return nil }, nil)
	if err != nil {
		return err
	}
	a.in, a.points, a.at = step, points, nil
	return nil
}

// Points is how many points the step behind place step has, its end included.
func (a *Account) Points(ctx context.Context, step uint64) (uint64, error) {
	if err := a.count(ctx, step); err != nil {
		return 0, err
	}
	return uint64(len(a.points)) + 1, nil
}

// Point is point n of that step, from 1 on; nil at its end.
func (a *Account) Point(ctx context.Context, step, n uint64) (*trace.Point, error) {
	if err := a.count(ctx, step); err != nil {
		return nil, err
	}
	if n == 0 || n > uint64(len(a.points)) {
		return nil, nil
	}
	p := a.points[n-1]
	return &p, nil
}

// look runs to a point and keeps what holds there.
func (a *Account) look(ctx context.Context, step, place uint64) (*moment, error) {
	if a.at != nil && a.at.step == step && a.at.place == place {
		return a.at, nil
	}
	m := &moment{step: step, place: place, buffers: map[uint32][]byte{}}
	var last *dispatched
	at := uint64(0)
	err := a.run(ctx, step, func(s *session, n uint64, p trace.Point) error {
		at = n
		if n != place {
			last = nil
			return nil
		}
		m.event = last
		err := s.host.Buffers(func(handle uint32, data []byte) error {
			m.buffers[handle] = slices.Clone(data)
			m.heads = append(m.heads, trace.BufferHead{Handle: handle, Size: uint64(len(data)), Root: merkle.PageRoot(data, trace.PageSize)})
			return nil
		})
		if err != nil {
			return err
		}
		return errStop
	}, func(e *binding.DispatchEvent) error {
		if at+1 != place {
			return nil
		}
		var err error
		last, err = taken(e)
		return err
	})
	if err != nil {
		return nil, err
	}
	if m.heads == nil && at < place {
		return nil, fmt.Errorf("runtime: the step has %d points, asked for %d", at, place)
	}
	a.at = m
	return m, nil
}

// taken keeps what a dispatch is about to find.
func taken(e *binding.DispatchEvent) (*dispatched, error) {
	d := &dispatched{kernel: e.Kernel.IR, groups: e.Dispatch.Workgroups, gasLimit: e.Dispatch.GasLimit}
	for i := range e.Kernel.IR.Bindings {
		b := e.Dispatch.Bindings[i]
		data, err := binding.Bytes(e.Device, b)
		if err != nil {
			return nil, err
		}
		d.before = append(d.before, words(data))
		d.handles = append(d.handles, e.Handles[i])
		d.offsets = append(d.offsets, b.Offset)
	}
	return d, nil
}

// Buffers are the heads of the buffers behind point n, in the order of their handles.
func (a *Account) Buffers(ctx context.Context, step, n uint64) ([]trace.BufferHead, error) {
	m, err := a.look(ctx, step, n)
	if err != nil {
		return nil, err
	}
	return m.heads, nil
}

// Buffer are the bytes of a buffer behind point n.
func (a *Account) Buffer(ctx context.Context, step, n uint64, handle uint32) ([]byte, error) {
	m, err := a.look(ctx, step, n)
	if err != nil {
		return nil, err
	}
	data, ok := m.buffers[handle]
	if !ok {
		return nil, fmt.Errorf("runtime: there is no buffer %d", handle)
	}
	return data, nil
}

// Writer is the workgroup that wrote a word of a buffer in the dispatch that leads to point n, nil if none did or it is none.
func (a *Account) Writer(ctx context.Context, step, n uint64, handle uint32, offset uint64) (*[3]uint32, error) {
	m, err := a.look(ctx, step, n)
	if err != nil || m.event == nil {
		return nil, err
	}
	e := m.event
	for i, b := range e.kernel.Bindings {
		at := offset - e.offsets[i] // wraps below it
		if e.handles[i] != handle || b.Access != ir.ReadWrite || at/4 >= uint64(len(e.before[i])) {
			continue
		}
		bufs := make([][]uint32, len(e.before))
		for k := range bufs {
			bufs[k] = slices.Clone(e.before[k])
		}
		g, _, err := writer(ctx, e.kernel, e.groups, e.gasLimit, bufs, i, uint32(at/4))
		return g, err
	}
	return nil, nil
}

// Gas is the kernel gas used after each workgroup of the dispatch that leads to point n, x counting first; empty if it is none.
func (a *Account) Gas(ctx context.Context, step, n uint64) ([]uint64, error) {
	if err := a.count(ctx, step); err != nil {
		return nil, err
	}
	used := a.steps[step].GPUGas
	if n > 1 {
		used = a.points[n-2].GPUGas
	}
	m, err := a.look(ctx, step, n)
	if err != nil || m.event == nil {
		return nil, err
	}
	e := m.event
	bufs := make([][]uint32, len(e.before))
	for k := range bufs {
		bufs[k] = slices.Clone(e.before[k])
	}
	d := &interp.Dispatch{Kernel: e.kernel, Buffers: bufs, Workgroups: e.groups, GasLimit: e.gasLimit}
	var out []uint64
	for z := range e.groups[2] {
		for y := range e.groups[1] {
			for x := range e.groups[0] {
				gas, err := d.RunGroup(ctx, [3]uint32{x, y, z})
				if err != nil {
					return nil, err
				}
				used += gas + binding.WorkgroupGas(e.kernel)
				out = append(out, used)
			}
		}
	}
	return out, nil
}

// forest is a tree for each device buffer, kept as the buffers are written.
type forest map[uint32]*tracked

type tracked struct {
	tree *merkle.Tree
	size uint64
	seen bool
}

// update takes in what was written since the last time.
func (f forest) update(h *binding.Host) error {
	for _, t := range f {
		t.seen = false
	}
	err := h.Changes(func(c binding.Change) error {
		t := f[c.Handle]
		if t == nil || t.size != c.Size {
			if uint64(len(c.Data)) != c.Size {
				var err error
				if c.Data, err = h.BufferBytes(c.Handle); err != nil {
					return err
				}
			}
			f[c.Handle] = &tracked{merkle.NewTree(merkle.Leaves(c.Data, trace.PageSize)), c.Size, true}
			return nil
		}
		t.seen = true
		for i, leaf := range merkle.Leaves(c.Data, trace.PageSize) {
			t.tree.Update(int(c.Offset/trace.PageSize)+i, leaf)
		}
		return nil
	})
	for handle, t := range f {
		if !t.seen {
			delete(f, handle)
		}
	}
	return err
}

// root commits to all of them.
func (f forest) root() msg.Hash {
	handles := make([]uint32, 0, len(f))
	for h := range f {
		handles = append(handles, h)
	}
	slices.Sort(handles)
	leaves := make([]msg.Hash, len(handles))
	for i, h := range handles {
		leaves[i] = trace.BufferHead{Handle: h, Size: f[h].size, Root: f[h].tree.Root()}.Leaf()
	}
	return trace.BuffersRoot(uint64(len(leaves)), merkle.Root(leaves))
}
