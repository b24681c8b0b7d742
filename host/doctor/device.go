package doctor

import (
	"context"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/probe"
)

// Device opens a device and runs the probe on it, now, whatever was found before.
func Device(id string, open func(ctx context.Context) (kernels.Device, error)) Look {
	const name = "device"
	return func(ctx context.Context) []Finding {
		d, err := open(ctx)
		if err != nil {
			return []Finding{bad(name, "gwrun devices lists what there is; --device cpu always works", "%s: %v", id, err)}
		}
		defer d.Close()
		i := d.Info()
		r, err := probe.Run(ctx, d)
		switch {
		case err != nil:
			return []Finding{bad(name, "look at the driver's log (dmesg); --device cpu always works", "%s (%s) opens, and fails in the probe: %v", i.ID, i.Name, err)}
		case !r.Passed:
			return []Finding{bad(name, "take another driver, or another --lowering; --device cpu always works", "%s (%s) is not exact: %s", i.ID, i.Name, r.FirstDifference)}
		}
		return []Finding{ok(name, "%s (%s) is exact: %d cases, digest %.12s", i.ID, i.Name, r.Cases, r.Digest)}
	}
}
