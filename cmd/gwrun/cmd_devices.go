package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/kernels/devices"
)

// deviceResult is one device as devices lists it.
type deviceResult struct {
	ID       string      `json:"id"`
	Kind     string      `json:"kind"`
	Name     string      `json:"name"`
	Backend  string      `json:"backend"`
	Driver   string      `json:"driver"`
	Lowering string      `json:"lowering"` // "" on the cpu and where none passes
	Probe    probeResult `json:"probe"`
}

type probeResult struct {
	Passed bool   `json:"passed"`
	Cases  int    `json:"cases"`
	Digest string `json:"digest"`
	Reason string `json:"reason,omitempty"` // why lowerings were refused
}

func newDevicesCmd(g *globals) *cobra.Command {
	var again bool
	cmd := &cobra.Command{
		Use:   "devices",
		Short: "list the devices of this machine and probe them",
		Long: `Devices lists what kernels can run on here: the cpu device, and each GPU with the fastest lowering in which it
passes the probe, a battery of kernels whose outcome is known bit for bit. All that pass have the same digest. A GPU
that passes in none is refused, and the first thing it got wrong is printed. Of one that passes, what it got wrong in
faster lowerings is printed below the list.

The probe of a GPU takes a while the first time; its verdict is kept until the driver or gwrun changes.`,
		Annotations: exitStatus(exitUnavailable),
		Example:     "  gwrun devices\n  gwrun devices --again --json",
		Args:        exactArgs(),
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := probeDevices(cmd.Context(), g, again)
			if err != nil {
				return err
			}
			return g.print(list, func(w io.Writer) { printDevices(w, list) })
		},
	}
	cmd.Flags().BoolVar(&again, "again", false, "probe again, whatever was found before")
	return cmd
}

// probeDevices lists the cpu device first and then every GPU. A GPU whose driver fails is listed with the reason.
func probeDevices(ctx context.Context, g *globals, again bool) ([]deviceResult, error) {
	o := devices.Options{Warn: func(err error) { g.logf("no GPU can be listed: %v", err) }}
	if again {
		o.Probe.Recheck = 1
	}
	found, err := devices.List(ctx, o)
	if err != nil {
		return nil, err
	}
	list := make([]deviceResult, len(found))
	for i, d := range found {
		v := d.Probe
		list[i] = deviceResult{d.ID, d.Kind, d.Name, d.Backend, d.Driver, d.Lowering, probeResult{v.Passed, v.Cases, v.Digest, v.Reason}}
	}
	return list, nil
}

func printDevices(w io.Writer, list []deviceResult) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, d := range list {
		verdict := fmt.Sprintf("exact (%d cases, digest %.12s)", d.Probe.Cases, d.Probe.Digest)
		if !d.Probe.Passed {
			verdict = "refused: " + printable(d.Probe.Reason)
		}
		lowering := d.Lowering
		if lowering == "" {
			lowering = "-"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", d.ID, d.Kind, d.Backend, lowering, printable(d.Name), verdict)
	}
	t.Flush()
	for _, d := range list {
		if d.Probe.Passed && d.Probe.Reason != "" {
			fmt.Fprintf(w, "%s: not faster, since: %s\n", d.ID, printable(d.Probe.Reason))
		}
	}
}
