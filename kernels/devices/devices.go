// Package devices finds and opens the machine's devices by name: "cpu", which is always there, and "gpu0", "gpu1" ...
// for the adapters that WebGPU finds, each in the fastest lowering that passes kernels/probe.
package devices

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/kernels/lower"
	"github.com/gwrun/gwrun/kernels/probe"
	"github.com/gwrun/gwrun/kernels/webgpu"
)

// Options say how devices are looked for and opened. The zero value is the default.
type Options struct {
	CPU   cpu.Options
	GPU   webgpu.Options // Adapter, Name and Lowering are set here
	Probe probe.Options
	// Lowering, if set, is the one to use on GPUs: "native", "native+guard" or "soft". It must pass the probe all the
	// same.
	Lowering string
	// Unproven lets Open use the Lowering asked for even where the adapter does not pass the probe with it.
	Unproven bool
	// NoGPU looks for no adapters.
	NoGPU bool
	// Warn, if set, hears why List found no adapters where looking for them failed.
	Warn func(error)
}

// Errors of Open that callers tell apart.
var (
	ErrName    = errors.New("unknown device")
	ErrMissing = errors.New("no device")
	ErrRefused = errors.New("does not compute what kernels mean")
)

// Device is a device that was found.
type Device struct {
	ID      string // "cpu", "gpu0" ...
	Kind    string // "cpu", "discrete", "integrated", "virtual", "software"
	Name    string
	Backend string
	Driver  string
	// Lowering is what the device runs kernels in: "" on the cpu, and on an adapter that is refused.
	Lowering string
	Probe    probe.Verdict
}

// Usable reports whether Open opens the device.
func (d *Device) Usable() bool { return d.Probe.Passed }

// Recheck is the chance that a kept verdict on an adapter is found out anew.
const Recheck = 1. / 64

// List finds all devices, the cpu first. An adapter that is refused stands in the list with the reason in its Probe.
// An error from one adapter is such a reason; an error from List means that ctx is done or the cpu device is broken.
func List(ctx context.Context, o Options) ([]Device, error) {
	reference, err := probeCPU(ctx, o)
	if err != nil {
		return nil, err
	}
	list := []Device{*reference}
	adapters, err := adapters(ctx, o)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		// A driver that falls over while it is looked for leaves the cpu.
		adapters = nil
		if o.Warn != nil {
			o.Warn(err)
		}
	}
	for n, a := range adapters {
		v, err := verdict(ctx, n, a, o)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			v = &probe.Verdict{Reason: err.Error()}
		}
		list = append(list, describe(a, v))
	}
	return list, nil
}

func probeCPU(ctx context.Context, o Options) (*Device, error) {
	d, err := cpu.Open(o.CPU)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	r, err := probe.Run(ctx, d)
	if err != nil {
		return nil, err
	}
	out := describe(d.Info(), &probe.Verdict{Passed: r.Passed, Cases: r.Cases, Digest: r.Digest, Reason: r.FirstDifference})
	return &out, nil
}

func describe(i kernels.Info, v *probe.Verdict) Device {
	return Device{ID: i.ID, Kind: i.Kind, Name: i.Name, Backend: i.Backend, Driver: i.Driver, Lowering: v.Lowering, Probe: *v}
}

func adapters(ctx context.Context, o Options) ([]kernels.Info, error) {
	if o.NoGPU {
		return nil, nil
	}
	return webgpu.List(ctx, o.GPU)
}

// Open opens a device by its ID. "auto" or "" is the first adapter that is hardware and passes, or else the cpu.
func Open(ctx context.Context, id string, o Options) (kernels.Device, error) {
	switch id {
	case "cpu":
		return cpu.Open(o.CPU)
	case "", "auto":
		return openBest(ctx, o)
	}
	n, err := number(id)
	if err != nil {
		return nil, err
	}
	found, err := adapters(ctx, o)
	if err != nil {
		return nil, err
	}
	if n >= len(found) {
		if _, why := webgpu.Open(o.GPU); len(found) == 0 && errors.Is(why, webgpu.ErrNoGPU) {
			return nil, fmt.Errorf("%w %s: %w", ErrMissing, id, why) // a program built without cgo
		}
		return nil, fmt.Errorf("%w %s: %d GPUs were found", ErrMissing, id, len(found))
	}
	return openGPU(ctx, n, found[n], o)
}

// number is N of gpuN.
func number(id string) (int, error) {
	digits, ok := strings.CutPrefix(id, "gpu")
	n, err := strconv.ParseUint(digits, 10, 16)
	if !ok || err != nil || digits != strconv.FormatUint(n, 10) {
		return 0, fmt.Errorf("%w %q, want cpu, gpu0, gpu1 ... or auto", ErrName, id)
	}
	return int(n), nil
}

// openBest goes by the order of webgpu.List, which has the best first. A software rasteriser is no gain over the cpu
// device, and an adapter that fails, whatever the reason, is none either.
func openBest(ctx context.Context, o Options) (kernels.Device, error) {
	found, _ := adapters(ctx, o)
	for n, a := range found {
		if a.Kind == "software" || a.Backend == "gl" {
			continue
		}
		if d, err := openGPU(ctx, n, a, o); err == nil {
			return d, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return cpu.Open(o.CPU)
}

func openGPU(ctx context.Context, n int, a kernels.Info, o Options) (kernels.Device, error) {
	if o.Unproven && o.Lowering != "" {
		return opener(n, a, o)(o.Lowering)
	}
	v, err := verdict(ctx, n, a, o)
	if err != nil {
		return nil, err
	}
	if !v.Passed {
		return nil, fmt.Errorf("%s (%s) %w: %s", a.ID, a.Name, ErrRefused, v.Reason)
	}
	return opener(n, a, o)(v.Lowering)
}

// verdict finds out whether an adapter may be used and how.
func verdict(ctx context.Context, n int, a kernels.Info, o Options) (*probe.Verdict, error) {
	open := opener(n, a, o)
	if o.Lowering == "" {
		p := o.Probe
		if p.Recheck == 0 {
			p.Recheck = Recheck
		}
		return probe.Choose(ctx, a, open, p)
	}
	d, err := open(o.Lowering)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	r, err := probe.Run(ctx, d)
	if err != nil {
		return nil, err
	}
	v := &probe.Verdict{Passed: r.Passed, Cases: r.Cases, Digest: r.Digest}
	if r.Passed {
		v.Lowering = o.Lowering
	} else {
		v.Reason = o.Lowering + ": " + r.FirstDifference
	}
	return v, nil
}

func opener(n int, a kernels.Info, o Options) func(string) (kernels.Device, error) {
	return func(lowering string) (kernels.Device, error) {
		mode, err := lower.ParseMode(lowering)
		if err != nil {
			return nil, err
		}
		g := o.GPU
		g.Adapter, g.Name, g.Lowering = n, a.Name, mode
		return webgpu.Open(g)
	}
}
