package fault

import (
	"context"
	"strings"
	"sync"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/ir"
	"github.com/gwrun/gwrun/runtime"
)

// liar is a device that computes something else in one step of a job.
type liar struct {
	kernels.Device
	p  *Play
	at func() uint64
	// dispatch runs one dispatch of that step.
	dispatch func(ctx context.Context, d kernels.Device, x *kernels.Dispatch) (uint64, error)
	// done, if not nil, sees those of other steps.
	done func(d kernels.Device, step uint64, x *kernels.Dispatch) error
	// write, if not nil, may change what the step writes into a buffer.
	write func(data []byte) []byte
}

func (l *liar) Dispatch(ctx context.Context, list ...*kernels.Dispatch) (uint64, error) {
	now := l.at()
	if l.done == nil && now != l.p.Step {
		return l.Device.Dispatch(ctx, list...)
	}
	total := uint64(0)
	for _, x := range list {
		run := l.Device.Dispatch
		if now == l.p.Step && l.dispatch != nil {
			l.p.act()
			run = func(ctx context.Context, list ...*kernels.Dispatch) (uint64, error) {
				return l.dispatch(ctx, l.Device, list[0])
			}
		}
		gas, err := run(ctx, x)
		if err != nil {
			return total, err
		}
		total += gas
		if l.done != nil && now != l.p.Step {
			if err := l.done(l.Device, now, x); err != nil {
				return total, err
			}
		}
	}
	return total, nil
}

func (l *liar) Write(b kernels.Buffer, off uint64, data []byte) error {
	if l.write != nil && l.at() == l.p.Step {
		l.p.act()
		data = l.write(data)
	}
	return l.Device.Write(b, off, data)
}

// inStep is what a device does otherwise in a step.
type inStep struct {
	p    *Play
	make func(l *liar)
}

func (s *inStep) Around(d kernels.Device, at func() uint64) kernels.Device {
	l := &liar{Device: d, p: s.p, at: at}
	s.make(l)
	return l
}

func onDevice(p *Play, make func(l *liar)) *runtime.Fault {
	return &runtime.Fault{Device: &inStep{p, make}}
}

// flip flips one bit of what the first dispatch of a step leaves in the first buffer that it may write.
func flip(l *liar) {
	done := false
	l.dispatch = func(ctx context.Context, d kernels.Device, x *kernels.Dispatch) (uint64, error) {
		gas, err := d.Dispatch(ctx, x)
		if err != nil {
			return gas, err
		}
		return gas, writable(x, func(b kernels.Bound) error {
			if done || b.Size < 4 {
				return nil
			}
			done = true
			off := b.Offset + 800%b.Size&^3
			var word [4]byte
			if err := d.Read(b.Buffer, off, word[:]); err != nil {
				return err
			}
			word[0] ^= 1 << 5
			return d.Write(b.Buffer, off, word[:])
		})
	}
}

// skip leaves a step's dispatches out.
func skip(l *liar) {
	l.dispatch = func(context.Context, kernels.Device, *kernels.Dispatch) (uint64, error) { return 0, nil }
}

// wrongWrite changes a byte of what a step gives its kernels.
func wrongWrite(l *liar) {
	l.write = func(data []byte) []byte {
		data = append([]byte(nil), data...)
		if len(data) > 0 {
			data[len(data)-1] ^= 1
		}
		return data
	}
}

// swap runs another kernel: the one that its text gives with the first sum made a difference and without the constants that the job sets.
// A kernel without a sum is left out.
func swap(l *liar) {
	l.dispatch = func(ctx context.Context, d kernels.Device, x *kernels.Dispatch) (uint64, error) {
		k := x.Pipeline.Kernel()
		m, err := kernels.Compile(strings.Replace(k.Source, " + ", " - ", 1))
		if err != nil {
			return 0, nil
		}
		other, err := m.Kernel(k.Entry, nil)
		if err != nil || len(other.IR.Bindings) != len(k.IR.Bindings) {
			return 0, nil
		}
		p, err := d.NewPipeline(ctx, other)
		if err != nil {
			return 0, err
		}
		defer p.Free()
		y := *x
		y.Pipeline = p
		return d.Dispatch(ctx, &y)
	}
}

// memory is what a provider keeps of the first time that it ran each kernel.
type memory struct {
	mu   sync.Mutex
	kept map[string][][]byte // by kernel: what it left in its writable bindings
}

// stale gives as a step's results what the same kernels had left in an earlier step, of this job or of another.
func (m *memory) stale(l *liar) {
	l.done = func(d kernels.Device, step uint64, x *kernels.Dispatch) error {
		m.mu.Lock()
		defer m.mu.Unlock()
		key := x.Pipeline.Kernel().Entry
		if m.kept[key] != nil || step > l.p.Step {
			return nil
		}
		var out [][]byte
		err := writable(x, func(b kernels.Bound) error {
			data := make([]byte, b.Size)
			out = append(out, data)
			return d.Read(b.Buffer, b.Offset, data)
		})
		if m.kept == nil {
			m.kept = map[string][][]byte{}
		}
		m.kept[key] = out
		return err
	}
	l.dispatch = func(ctx context.Context, d kernels.Device, x *kernels.Dispatch) (uint64, error) {
		gas, err := d.Dispatch(ctx, x)
		if err != nil {
			return gas, err
		}
		m.mu.Lock()
		old := m.kept[x.Pipeline.Kernel().Entry]
		m.mu.Unlock()
		i := 0
		return gas, writable(x, func(b kernels.Bound) error {
			if i++; i > len(old) || uint64(len(old[i-1])) != b.Size {
				return nil
			}
			return d.Write(b.Buffer, b.Offset, old[i-1])
		})
	}
}

// writable calls f with the bindings that a dispatch may write.
func writable(x *kernels.Dispatch, f func(kernels.Bound) error) error {
	for i, b := range x.Pipeline.Kernel().IR.Bindings {
		if b.Access == ir.ReadWrite {
			if err := f(x.Bindings[i]); err != nil {
				return err
			}
		}
	}
	return nil
}
