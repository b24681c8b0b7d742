package fault

import (
	"context"
	"slices"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/trace"
)

// forger says something else than what it computed, from one point of a job on, and stays with it: whatever it is asked fits what it has
// said before, as far as anything can.
type forger struct {
	dispute.Prover
	p *Play // whose Step is that of the job in which it begins to lie
	// change forges what holds behind a step, and of that what holds at a point too: all but the state. Nil changes nothing.
	change func(*trace.StepPoint)
	// inside forges points alone, not what holds behind the step.
	inside func(*trace.Point)
	// commands is that the step is forged from its first command to the device on; else from its first point.
	commands bool
	point    uint64 // the first that is forged, once it is known
	// more buffers than there are, or another word in the last of them.
	more, word bool
	// group is another workgroup than the one that wrote the word.
	group bool
	// unproven is a proof with something left out.
	unproven bool
}

// place is where the forged step begins: places are counted from the interval's beginning.
func (f *forger) place(ctx context.Context) (uint64, error) {
	begin, err := f.Prover.Step(ctx, 0)
	if err != nil || begin == nil || f.p.Step <= begin.Step {
		return 0, err // the interval is behind the lie
	}
	return f.p.Step - 1 - begin.Step, nil
}

// past reports whether a point is at the lie or behind it.
func (f *forger) past(ctx context.Context, step, n uint64) bool {
	at, err := f.place(ctx)
	if err != nil || step != at {
		return err == nil && step > at
	}
	for f.commands && f.point == 0 {
		count, err := f.Prover.Points(ctx, step)
		if err != nil {
			return false
		}
		for f.point = 1; f.point < count; f.point++ {
			if p, err := f.Prover.Point(ctx, step, f.point); err != nil || p == nil || p.Command > 0 {
				break
			}
		}
	}
	return n >= f.point
}

func (f *forger) Step(ctx context.Context, n uint64) (*trace.StepPoint, error) {
	s, err := f.Prover.Step(ctx, n)
	if s == nil || err != nil || n == 0 {
		return s, err
	}
	at, err := f.place(ctx)
	if err != nil || n <= at || f.change == nil {
		return s, err
	}
	f.p.act()
	f.change(s)
	return s, nil
}

func (f *forger) Point(ctx context.Context, step, n uint64) (*trace.Point, error) {
	p, err := f.Prover.Point(ctx, step, n)
	if p == nil || err != nil || !f.past(ctx, step, n) {
		return p, err
	}
	if f.change != nil {
		f.p.act()
		s := trace.StepPoint{Transcript: p.Transcript, Gas: p.Gas, GPUGas: p.GPUGas}
		f.change(&s)
		p.Transcript, p.Gas, p.GPUGas = s.Transcript, s.Gas, s.GPUGas
	}
	if f.inside != nil {
		f.p.act()
		f.inside(p)
	}
	if f.more || f.word {
		heads, err := f.Buffers(ctx, step, n)
		if err != nil {
			return nil, err
		}
		leaves := make([]msg.Hash, len(heads))
		for i := range heads {
			leaves[i] = heads[i].Leaf()
		}
		p.Buffers = trace.BuffersRoot(uint64(len(heads)), merkle.Root(leaves))
	}
	return p, nil
}

func (f *forger) Buffers(ctx context.Context, step, n uint64) ([]trace.BufferHead, error) {
	heads, err := f.Prover.Buffers(ctx, step, n)
	if err != nil || !f.past(ctx, step, n) {
		return heads, err
	}
	heads = slices.Clone(heads)
	if f.word && len(heads) > 0 {
		last := &heads[len(heads)-1]
		data, err := f.Buffer(ctx, step, n, last.Handle)
		if err != nil {
			return nil, err
		}
		last.Root = merkle.PageRoot(data, trace.PageSize)
	}
	if f.more {
		f.p.act()
		heads = append(heads, trace.BufferHead{Handle: 1 << 30, Size: 64, Root: merkle.PageRoot(make([]byte, 64), trace.PageSize)})
	}
	return heads, nil
}

func (f *forger) Buffer(ctx context.Context, step, n uint64, handle uint32) ([]byte, error) {
	data, err := f.Prover.Buffer(ctx, step, n, handle)
	if err != nil || !f.word || !f.past(ctx, step, n) || len(data) == 0 {
		return data, err
	}
	heads, err := f.Prover.Buffers(ctx, step, n)
	if err != nil || heads[len(heads)-1].Handle != handle {
		return data, err
	}
	f.p.act()
	data = slices.Clone(data)
	data[len(data)-1] ^= 0x10
	return data, nil
}

func (f *forger) Writer(ctx context.Context, step, n uint64, handle uint32, offset uint64) (*[3]uint32, error) {
	g, err := f.Prover.Writer(ctx, step, n, handle, offset)
	if err != nil || !f.group {
		return g, err
	}
	f.p.act()
	if g == nil {
		return &[3]uint32{}, nil
	}
	return &[3]uint32{g[0] + 1, g[1], g[2]}, nil
}

func (f *forger) Gas(ctx context.Context, step, n uint64) ([]uint64, error) {
	gas, err := f.Prover.Gas(ctx, step, n)
	if err != nil || f.change == nil || !f.past(ctx, step, n) {
		return gas, err
	}
	f.p.act()
	gas = slices.Clone(gas)
	for i := len(gas) / 2; i < len(gas); i++ {
		s := trace.StepPoint{GPUGas: gas[i]}
		f.change(&s)
		gas[i] = s.GPUGas
	}
	return gas, nil
}

func (f *forger) Prove(ctx context.Context, q *trace.Question) (*runtime.Proof, error) {
	proof, err := f.Prover.Prove(ctx, q)
	if err != nil || !f.unproven {
		return proof, err
	}
	f.p.act()
	return &runtime.Proof{}, nil
}
