package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/devices"
	"github.com/gwrun/gwrun/kernels/lower"
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

// open opens the device. The caller closes it.
func (f *deviceFlags) open(ctx context.Context) (kernels.Device, error) {
	if f.lowering != "" {
		if f.id == "cpu" {
			return nil, usagef("--lowering is for GPUs; the cpu device has none")
		}
		if _, err := lower.ParseMode(f.lowering); err != nil {
			return nil, usagef("--lowering: %v", err)
		}
	}
	d, err := devices.Open(ctx, f.id, devices.Options{Lowering: f.lowering, Unproven: f.unproven})
	switch {
	case errors.Is(err, devices.ErrName):
		return nil, usagef("--device: %v", err)
	case errors.Is(err, devices.ErrMissing):
		return nil, &exitError{code: exitUnavailable, err: err, hint: "gwrun devices lists what there is"}
	case errors.Is(err, devices.ErrRefused):
		return nil, &exitError{code: exitUnavailable, err: err, hint: "the cpu device always does"}
	}
	return d, err
}
