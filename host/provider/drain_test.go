package provider

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/rpc"
)

const forever = time.Duration(math.MaxInt64)

// second is another job of the same consumer.
func (w *world) second() (other *world) {
	w.t.Helper()
	o := *w
	o.spec.Nonce = 2
	o.sign()
	return &o
}

// Draining, a provider takes nothing new and begins nothing, and lets what runs come to its end; what waits goes on at the next start.
func TestDrain(t *testing.T) {
	w := newWorld(t)
	gate := make(chan struct{})
	w.openDevice = func(ctx context.Context) (kernels.Device, error) {
		select {
		case <-gate:
		case <-ctx.Done():
		}
		return openCPU(ctx)
	}
	p := w.opened(w.config())
	o := w.second()
	if _, err := p.Start(t.Context(), w.signed); err != nil {
		t.Fatal(err)
	}
	w.until(p, rpc.StateRunning)
	if _, err := p.Start(t.Context(), o.signed); err != nil {
		t.Fatal(err)
	}
	o.until(p, rpc.StateQueued)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Drain(ctx, forever); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "1 jobs still run") {
		t.Fatalf("a drain that may not wait: %v", err)
	}
	third := w.second()
	third.spec.Nonce = 3
	third.sign()
	if _, err := p.Start(t.Context(), third.signed); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "draining") {
		t.Errorf("a job is given to it while it drains: %v", err)
	}
	if st, err := p.Start(t.Context(), w.signed); err != nil || st.State != rpc.StateRunning {
		t.Errorf("the job that it has: %s, %v", st.State, err)
	}

	rest := make(chan error, 1)
	go func() { rest <- p.Drain(t.Context(), forever) }()
	close(gate)
	if err := <-rest; err != nil {
		t.Fatal(err)
	}
	if st, err := p.Status(w.job); err != nil || st.State != rpc.StateDone {
		t.Errorf("the job that ran is %s after the drain (%v)", st.State, err)
	}
	if st, err := p.Status(o.job); err != nil || st.State != rpc.StateQueued {
		t.Errorf("the job that waited is %s after the drain (%v)", st.State, err)
	}
	if _, err := p.Records(w.job); err != nil {
		t.Errorf("a drained provider does not answer a validator: %v", err)
	}
	if c := p.Counts(); c.Taken != 2 || c.Ended[rpc.StateDone] != 1 || len(c.Ended) != 1 || c.Gas != w.want().Gas || c.GPUGas != w.want().GPUGas || c.Gas == 0 || c.GPUGas == 0 || c.Busy <= 0 {
		t.Errorf("counts %+v, want gas %d and %d", c, w.want().Gas, w.want().GPUGas)
	}
	if n := p.States(); n[rpc.StateDone] != 1 || n[rpc.StateQueued] != 1 {
		t.Errorf("states %v", n)
	}
	p.Close()
	p = w.opened(w.config())
	defer p.Close()
	if p.Draining() {
		t.Error("it drains after a restart")
	}
	o.receipt(p)
}

// held is a device whose dispatches wait after some.
type held struct {
	kernels.Device
	left *int
	gate chan struct{}
}

func (d held) Dispatch(ctx context.Context, list ...*kernels.Dispatch) (uint64, error) {
	if *d.left -= len(list); *d.left <= 0 {
		select {
		case <-d.gate:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return d.Device.Dispatch(ctx, list...)
}

// A job that does not end in time is stopped at a checkpoint, and comes to the same end later.
func TestDrainStopsAtACheckpoint(t *testing.T) {
	w := newWorld(t)
	left, gate := 15, make(chan struct{})
	w.openDevice = func(ctx context.Context) (kernels.Device, error) {
		d, err := openCPU(ctx)
		return held{d, &left, gate}, err
	}
	p := w.open(w.store)
	if _, err := p.Start(t.Context(), w.signed); err != nil {
		t.Fatal(err)
	}
	w.until(p, rpc.StateRunning)
	before, err := p.Status(w.job)
	if err != nil {
		t.Fatal(err)
	}
	rest := make(chan error, 1)
	go func() { rest <- p.Drain(t.Context(), 0) }()
	for hurry := false; !hurry; time.Sleep(time.Millisecond) {
		p.mu.Lock()
		hurry = p.drain.hurry
		p.mu.Unlock()
	}
	close(gate)
	if err := <-rest; err != nil {
		t.Fatal(err)
	}
	st, err := p.Status(w.job)
	if err != nil || st.State != rpc.StateRunning || st.Intervals <= before.Intervals || st.Intervals >= 6 {
		t.Fatalf("the job is %s with %d intervals of 6, before the drain it had %d (%v)", st.State, st.Intervals, before.Intervals, err)
	}
	p.Close()
	p = w.open(w.store)
	defer p.Close()
	if got, want := w.receipt(p), w.want(); got.Trace != want.Trace {
		t.Errorf("trace %v, want %v", got.Trace, want.Trace)
	}
	if st, err := p.Status(w.job); err != nil || st.Restarts != 1 {
		t.Errorf("%d restarts (%v), want 1", st.Restarts, err)
	}
}
