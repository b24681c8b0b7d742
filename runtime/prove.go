package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/kernels/ir/interp"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/runtime/binding"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// hearing is a device whose answers are kept, up to a point, for a Proof.
type hearing struct {
	kernels.Device
	keep  bool
	reads [][]byte
	gas   []uint64
	live  bool
	asked []kernels.Bound // what was read behind the point
	moved []change        // what was copied behind it
}

func (d *hearing) Read(b kernels.Buffer, off uint64, p []byte) error {
	err := d.Device.Read(b, off, p)
	switch {
	case err != nil:
	case d.live:
		d.asked = append(d.asked, kernels.Bound{Buffer: b, Offset: off, Size: uint64(len(p))})
	case d.keep:
		d.reads = append(d.reads, slices.Clone(p))
	}
	return err
}

func (d *hearing) Copy(dst kernels.Buffer, dstOff uint64, src kernels.Buffer, srcOff, n uint64) error {
	if d.live {
		d.moved = append(d.moved, change{Buffer: dst, off: dstOff, n: n, src: src, from: srcOff})
	}
	return d.Device.Copy(dst, dstOff, src, srcOff, n)
}

func (d *hearing) Dispatch(ctx context.Context, list ...*kernels.Dispatch) (uint64, error) {
	gas, err := d.Device.Dispatch(ctx, list...)
	if err == nil && d.keep && !d.live {
		d.gas = append(d.gas, gas)
	}
	return gas, err
}

// Prove gives what a judge needs to answer a question about this account's interval. What the account agrees on has to be true, as it is
// for a party that has said nothing but the truth.
func (a *Account) Prove(ctx context.Context, q *trace.Question) (*Proof, error) {
	if q.Kind == trace.KindClosed {
		return &Proof{}, nil
	}
	if err := a.walk(ctx); err != nil {
		return nil, err
	}
	proof := &Proof{}
	dev := &hearing{}
	opts := a.opts
	opts.wrap = func(d kernels.Device) kernels.Device { dev.Device = d; return dev }
	var at map[uint32][]byte // the buffers at the point
	keep := func(s *session) error {
		at = map[uint32][]byte{}
		dev.keep = false // looking is no part of the job
		err := s.host.Buffers(func(handle uint32, data []byte) error {
			at[handle] = slices.Clone(data)
			proof.Heads = append(proof.Heads, trace.BufferHead{Handle: handle, Size: uint64(len(data)), Root: merkle.PageRoot(data, trace.PageSize)})
			return nil
		})
		dev.live = true
		return err
	}
	inside := false
	opts.point = func(s *session, call, command uint64) error {
		switch {
		case !inside:
		case dev.live:
			return errStop
		case call == q.At.Call && command == q.At.Command:
			return keep(s)
		}
		return nil
	}
	var event *dispatched
	opts.before = func(_ uint64, e *binding.DispatchEvent) error {
		if !dev.live {
			return nil
		}
		asked := dev.asked
		var err error
		event, err = taken(e)
		dev.asked = asked
		if err == nil {
			err = errStop
		}
		return err
	}
	s, done, err := a.session(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer done()
	for s.step < q.Start.Step {
		if s.status != "" {
			return nil, fmt.Errorf("runtime: the job is over after step %d", s.step)
		}
		if err := s.advance(ctx); err != nil {
			return nil, err
		}
	}
	if s.step > 0 {
		if _, err := s.computeRoot(); err != nil {
			return nil, err
		}
		snap, err := s.snapshot()
		if err != nil {
			return nil, err
		}
		proof.state(snap, q)
	}
	if q.Kind == trace.KindEnded || q.Kind == trace.KindReceipt {
		return proof, nil
	}
	inside, dev.keep = true, true
	if q.At == nil {
		if err := keep(s); err != nil {
			return nil, err
		}
	}
	if err := s.advance(ctx); err != nil && !errors.Is(err, errStop) {
		return nil, err
	}
	if at == nil {
		return nil, fmt.Errorf("runtime: step %d never comes to host call %d, command %d", q.Start.Step+1, q.At.Call, q.At.Command)
	}
	proof.Reads, proof.Gas = dev.reads, dev.gas
	need := map[[2]uint64]bool{} // handle, page
	want := func(handle uint32, off, n uint64) {
		for p := off / trace.PageSize; n > 0 && p <= (off+n-1)/trace.PageSize; p++ {
			need[[2]uint64{uint64(handle), p}] = true
		}
	}
	for _, r := range dev.asked {
		want(s.host.HandleOf(r.Buffer), r.Offset, r.Size)
	}
	if event != nil {
		if err := event.pages(ctx, q, want); err != nil {
			return nil, err
		}
	}
	if q.Kind == trace.KindWord {
		handle, off := q.After[0].Handle, q.Page*trace.PageSize+q.Offset
		want(handle, off, 4)
		for _, c := range dev.moved {
			if s.host.HandleOf(c.Buffer) == handle && off >= c.off && off < c.off+c.n {
				want(s.host.HandleOf(c.src), c.from+off-c.off, 4)
			}
		}
	}
	return proof, proof.addPages(at, need)
}

// ProveState is a proof of no more than the state before the step that a question is about: enough for whether the job was over in it.
func ProveState(snap *state.Snapshot, q *trace.Question) *Proof {
	p := &Proof{}
	p.state(snap, q)
	return p
}

func (p *Proof) state(snap *state.Snapshot, q *trace.Question) {
	p.Manifest = snap.Manifest()
	for _, h := range snap.HashesOf(wanted(q)) {
		page, _ := snap.Page(h)
		p.Pages = append(p.Pages, page)
	}
}

// pages lists what of the buffers a dispatch, or the workgroups that the question is about, read.
func (e *dispatched) pages(ctx context.Context, q *trace.Question, want func(handle uint32, off, n uint64)) error {
	d := &interp.Dispatch{Kernel: e.kernel, Workgroups: e.groups, GasLimit: e.gasLimit}
	d.OnRead = func(_ [3]uint32, _, i int, word uint32, _ ir.Pos) { want(e.handles[i], e.offsets[i]+4*uint64(word), 4) }
	run := func(f func() (uint64, error)) error {
		d.Buffers = nil
		for _, b := range e.before {
			d.Buffers = append(d.Buffers, slices.Clone(b))
		}
		if _, err := f(); err != nil && !errors.Is(err, interp.ErrGas) {
			return err
		}
		return nil
	}
	one := func(g [3]uint32) error {
		if g[0] >= e.groups[0] || g[1] >= e.groups[1] || g[2] >= e.groups[2] {
			return nil
		}
		return run(func() (uint64, error) { return d.RunGroup(ctx, g) })
	}
	atomic := slices.ContainsFunc(e.kernel.Bindings, func(b ir.Binding) bool { return b.Atomic })
	switch {
	case q.Kind == trace.KindGuest || q.Kind == trace.KindWord && atomic:
		return run(func() (uint64, error) { return d.Run(ctx) })
	case q.Kind == trace.KindWorkgroup:
		x, y := uint64(e.groups[0]), uint64(e.groups[1])
		return one([3]uint32{uint32(q.Group % x), uint32(q.Group / x % y), uint32(q.Group / x / y)})
	case q.Kind == trace.KindWord:
		for _, g := range q.Groups {
			if g == nil {
				continue
			}
			if err := one(*g); err != nil {
				return err
			}
		}
	}
	return nil
}

// addPages adds pages of buffers with their proofs, in order.
func (p *Proof) addPages(at map[uint32][]byte, need map[[2]uint64]bool) error {
	keys := make([][2]uint64, 0, len(need))
	for k := range need {
		if _, ok := at[uint32(k[0])]; ok {
			keys = append(keys, k)
		}
	}
	sort.Slice(keys, func(i, j int) bool { return slices.Compare(keys[i][:], keys[j][:]) < 0 })
	trees := map[uint32]*merkle.Tree{}
	for _, k := range keys {
		handle, page := uint32(k[0]), k[1]
		data := at[handle]
		if page*trace.PageSize >= uint64(len(data)) {
			continue
		}
		if trees[handle] == nil {
			trees[handle] = merkle.NewTree(merkle.Leaves(data, trace.PageSize))
		}
		path, err := trees[handle].Proof(int(page))
		if err != nil {
			return err
		}
		from := page * trace.PageSize
		p.Buffers = append(p.Buffers, BufferPage{Handle: handle, Page: page, Data: data[from:min(from+trace.PageSize, uint64(len(data)))], Proof: path})
	}
	return nil
}
