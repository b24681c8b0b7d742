// Package bench measures how fast a device is, in gas a second: that of modules on a standard module, that of kernels on standard kernels,
// one for each of the things that bound a kernel. The same gas is the same work everywhere, so the figures can be compared, and what a
// provider says of itself by them can be held against the jobs that it does (market.Truth).
package bench

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/lib"
	"github.com/gwrun/gwrun/kernels/lib/tune"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

//go:embed standard.wasm
var module []byte

// Class is a standard kernel.
type Class struct {
	Name   string
	Kernel string // of package lib
	Params map[string]uint32
	Bound  string // in words, what it is bound by
}

// Classes are the standard kernels of version 1.
var Classes = []Class{
	{"compute", "matmul_f32", map[string]uint32{"m": 256, "n": 256, "k": 256}, "arithmetic"},
	{"memory", "axpy", map[string]uint32{"n": 1 << 20, "a": 0x3f000000}, "memory"},
	{"reduce", "reduce_rows", map[string]uint32{"rows": 1 << 10, "n": 1 << 10, "total": 1 << 20, "divide": 0x3f800000}, "a chain of additions in each row"},
}

// Options say how long is measured.
type Options struct {
	// Time is for how long each figure is measured at least. Default a quarter of a second.
	Time time.Duration
	// now is the clock; tests have their own.
	now func() time.Time
}

// maxRuns bounds how often one thing is run, whatever the clock says.
const maxRuns = 10_000

// Measure measures a device that open opens. The result is still to be signed.
func Measure(ctx context.Context, open func(context.Context) (kernels.Device, error), account msg.Account, device rpc.DeviceInfo, o Options) (b *rpc.Benchmark, err error) {
	if o.Time <= 0 {
		o.Time = time.Second / 4
	}
	if o.now == nil {
		o.now = time.Now
	}
	b = &rpc.Benchmark{Version: 1, Account: account, Device: device, Semantics: kernels.SemanticsID, Gas: runtime.GasID, Measured: o.now().Unix(), Kernels: []rpc.KernelSpeed{}}
	dev, err := open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, dev.Close()) }()
	if b.Module, err = o.module(ctx, dev); err != nil {
		return nil, fmt.Errorf("the standard module: %w", err)
	}
	for _, c := range Classes {
		speed, err := o.kernel(ctx, dev, &c)
		if err != nil {
			return nil, fmt.Errorf("the standard kernel %s: %w", c.Kernel, err)
		}
		b.Kernels = append(b.Kernels, rpc.KernelSpeed{Class: c.Name, Speed: speed})
	}
	return b, nil
}

func rate(gas uint64, seconds float64) (uint64, error) {
	if !(seconds > 0) || gas == 0 {
		return 0, fmt.Errorf("%d gas in %g s: the clock stands still", gas, seconds)
	}
	return uint64(max(1, min(float64(gas)/seconds, 1<<60))), nil
}

// module runs the standard module with ever more rounds, until it takes long enough.
func (o *Options) module(ctx context.Context, dev kernels.Device) (uint64, error) {
	for rounds := uint64(1 << 14); ; rounds *= 4 {
		job, err := runtime.NewJob(module, nil, runtime.Spec{Seed: rounds, Interval: 16})
		if err != nil {
			return 0, err
		}
		r, err := runtime.Run(ctx, job, runtime.Options{Device: dev})
		if err != nil {
			return 0, err
		}
		if r.Receipt.Status != msg.Finished {
			return 0, fmt.Errorf("it %s: %s", r.Receipt.Status, r.Receipt.Failure)
		}
		if seconds := r.Timing.Total - r.Timing.Load; seconds >= o.Time.Seconds() || rounds >= 1<<28 {
			return rate(r.Receipt.Gas, seconds)
		}
	}
}

// kernel runs a standard kernel, once to make it ready and then for as long as is measured.
func (o *Options) kernel(ctx context.Context, dev kernels.Device, c *Class) (uint64, error) {
	op, err := lib.Get(c.Kernel)
	if err != nil {
		return 0, err
	}
	params := map[string]uint32{}
	for k, v := range op.Defaults {
		params[k] = v
	}
	for k, v := range c.Params {
		params[k] = v
	}
	job, err := tune.NewJob(dev, op, params, nil)
	if err != nil {
		return 0, err
	}
	defer job.Close()
	if err := job.Load(ctx, op.Tiles[0]); err != nil {
		return 0, err
	}
	// The first runs are slower: the cpu device begins long kernels in simple code, and drivers compile.
	for began, n := o.now(), 0; n < 2 || o.now().Sub(began) < o.Time/2 && n < maxRuns; n++ {
		if _, _, err := job.Run(ctx); err != nil {
			return 0, err
		}
	}
	var took time.Duration
	var gas uint64
	for n := 0; n < 3 || took < o.Time && n < maxRuns; n++ {
		t, g, err := job.Run(ctx)
		if err != nil {
			return 0, err
		}
		took, gas = took+t, gas+g
	}
	return rate(gas, took.Seconds())
}
