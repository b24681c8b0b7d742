package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/kernels/lower"
	"github.com/gwrun/gwrun/kernels/probe"
	"github.com/gwrun/gwrun/kernels/webgpu"
)

// deviceFlags say which device a verb runs kernels on.
type deviceFlags struct {
	id, lowering string
	// unproven lets --lowering choose one that the adapter does not pass the probe with.
	unproven bool
}

func (f *deviceFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.id, "device", "cpu", "device `ID`: cpu, gpu0, gpu1 ... as gwrun devices lists them, or auto for the best")
	cmd.Flags().StringVar(&f.lowering, "lowering", "", "how a GPU is made exact: native, native+guard or soft (default the fastest that passes the probe)")
}

var gpuID = regexp.MustCompile(`^gpu(0|[1-9][0-9]{0,3})$`)

// open opens the device. The caller closes it.
func (f *deviceFlags) open(ctx context.Context) (kernels.Device, error) {
	number := gpuID.FindStringSubmatch(f.id)
	switch {
	case f.id == "cpu":
		if f.lowering != "" {
			return nil, usagef("--lowering is for GPUs; the cpu device has none")
		}
		return cpu.Open(cpu.Options{})
	case f.id != "auto" && number == nil:
		return nil, usagef("--device %q: want cpu, gpu0, gpu1 ... or auto", f.id)
	}
	if f.lowering != "" {
		if _, err := lower.ParseMode(f.lowering); err != nil {
			return nil, usagef("--lowering: %v", err)
		}
	}
	infos, err := webgpu.List(ctx, webgpu.Options{})
	if err != nil {
		return nil, err
	}
	if f.id == "auto" {
		return f.openBest(ctx, infos)
	}
	n, _ := strconv.Atoi(number[1])
	if n >= len(infos) {
		err := fmt.Errorf("no device %s: %d GPUs were found", f.id, len(infos))
		if len(infos) == 0 {
			// Without cgo there is nothing to list; opening says so.
			if _, why := webgpu.Open(webgpu.Options{}); errors.Is(why, webgpu.ErrNoGPU) {
				err = fmt.Errorf("no device %s: %w", f.id, why)
			}
		}
		return nil, &exitError{code: exitUnavailable, err: err, hint: "gwrun devices lists what there is"}
	}
	return f.openGPU(ctx, n, infos[n])
}

// openBest opens the first GPU that is hardware and passes the probe, and otherwise the cpu device: software drivers are
// slower than that.
func (f *deviceFlags) openBest(ctx context.Context, infos []kernels.Info) (kernels.Device, error) {
	for n, info := range infos {
		if info.Kind != "discrete" && info.Kind != "integrated" {
			continue
		}
		if d, err := f.openGPU(ctx, n, info); err == nil {
			return d, nil
		} else if ctx.Err() != nil {
			return nil, err
		}
	}
	return cpu.Open(cpu.Options{})
}

// openGPU opens adapter n in the lowering that was asked for or that the probe finds.
func (f *deviceFlags) openGPU(ctx context.Context, n int, info kernels.Info) (kernels.Device, error) {
	open := opener(n, info)
	lowering := f.lowering
	if lowering == "" {
		v, err := probe.Choose(ctx, info, open, probe.Options{})
		if err != nil {
			return nil, err
		}
		if !v.Passed {
			return nil, refused(info, v.Reason)
		}
		return open(v.Lowering)
	}
	d, err := open(lowering)
	if err != nil || f.unproven {
		return d, err
	}
	r, err := probe.Run(ctx, d)
	if err == nil && !r.Passed {
		err = refused(info, lowering+": "+r.FirstDifference)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// opener opens adapter n in a lowering.
func opener(n int, info kernels.Info) func(string) (kernels.Device, error) {
	return func(lowering string) (kernels.Device, error) {
		mode, err := lower.ParseMode(lowering)
		if err != nil {
			return nil, err
		}
		return webgpu.Open(webgpu.Options{Adapter: n, Name: info.Name, Lowering: mode})
	}
}

func refused(info kernels.Info, reason string) error {
	return &exitError{code: exitUnavailable, err: fmt.Errorf("%s (%s) does not compute what kernels mean: %s", info.ID, info.Name, reason),
		hint: "the cpu device always does"}
}
