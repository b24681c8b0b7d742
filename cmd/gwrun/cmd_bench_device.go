package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/market/bench"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/rpc"
)

// benchTime is how long each figure is measured at least.
const benchTime = 500 * time.Millisecond

type deviceBenchOptions struct {
	node   nodeFlags
	device deviceFlags
	time   time.Duration
	dry    bool
}

// newDeviceBench makes gwrun bench itself, beside the verbs under it, measure a device.
func newDeviceBench(g *globals, cmd *cobra.Command) *cobra.Command {
	var o deviceBenchOptions
	cmd.Long = `Bench measures how fast a device of this machine is, in gas a second: that of modules on a standard module, that of kernels on three
standard kernels, which are bound by arithmetic, by memory and by a chain of additions. The result is signed with the node's key
and kept in its --data folder, from where gwrun host tells it to consumers, prices by it (--price device-second) and
promises by it, until it has done jobs. Consumers hold it against what those take: a provider that claims more than it does
is believed less.

Stop gwrun host before, it keeps the folder and the device busy; or give --dry-run, which keeps nothing.`
	cmd.Annotations = exitStatus(exitUnavailable, exitKey)
	cmd.Example = "  gwrun bench --device gpu0\n  gwrun bench --dry-run --json\n  gwrun bench network examples/saxpy"
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return unknownVerb(cmd, args[0])
		}
		return nil
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return benchDevice(cmd.Context(), g, &o) }
	o.device.add(cmd)
	o.node.role = "host"
	f := cmd.Flags()
	f.StringVar(&o.node.data, "data", "", "`DIR` of the node whose device it is (default host in the --home folder)")
	f.StringVar(&o.node.key.file, "key", "", "key `FILE` (default key.json in the --data folder, made if it is not there)")
	f.StringVar(&o.node.key.passphraseFile, "passphrase-file", "", "`FILE` whose first line is the key's passphrase (default $"+passphraseVar+", then the terminal; none for a key that is made)")
	f.DurationVar(&o.time, "time", benchTime, "how long each figure is measured at least")
	f.BoolVar(&o.dry, "dry-run", false, "keep nothing, and sign with no key")
	return cmd
}

func benchDevice(ctx context.Context, g *globals, o *deviceBenchOptions) error {
	if o.time < time.Millisecond || o.time > time.Minute {
		return usagef("--time %s, want 1ms to 1m", o.time)
	}
	var c node.Config
	if err := o.device.computes(ctx, &c); err != nil {
		return err
	}
	if o.dry {
		b, err := bench.Measure(ctx, c.OpenDevice, [20]byte{}, c.Device, bench.Options{Time: o.time})
		if err != nil {
			return err
		}
		return g.print(b, func(w io.Writer) { benchText(w, b) })
	}
	id, err := o.node.identity(g)
	if err != nil {
		return err
	}
	dir, err := o.node.dir(g)
	if err != nil {
		return err
	}
	s, err := store.Open(filepath.Join(dir, "store"), store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	c.Identity, c.Store = id, s
	b, err := measure(ctx, &c, o.time)
	if err != nil {
		return err
	}
	return g.print(b, func(w io.Writer) {
		fmt.Fprintf(w, "account  %s\nkept     in %s, for gwrun host\n", b.Account, dir)
		benchText(w, b)
	})
}

// measure finds out how fast the device of a node to come is, and keeps it signed.
func measure(ctx context.Context, c *node.Config, least time.Duration) (*rpc.Benchmark, error) {
	b, err := bench.Measure(ctx, c.OpenDevice, c.Identity.Account(), c.Device, bench.Options{Time: least})
	if err != nil {
		return nil, err
	}
	signed, err := c.Identity.Sign(*b)
	if err != nil {
		return nil, err
	}
	return b, market.SaveBenchmark(c.Store, signed)
}

// measureOnce has a provider whose prices go by its speed know that from its first job on. What it measured before holds.
func measureOnce(ctx context.Context, g *globals, c *node.Config) error {
	if !c.Price.BySpeed() {
		return nil
	}
	if b, err := market.LoadBenchmark(c.Store, c.Identity.Account()); err == nil && b != nil {
		return nil
	}
	g.logf("measuring %s, since prices go by its speed (gwrun bench)", c.Device.ID)
	_, err := measure(ctx, c, benchTime)
	return err
}

func benchText(w io.Writer, b *rpc.Benchmark) {
	fmt.Fprintf(w, "device   %s (%s)\n", b.Device.ID, printable(b.Device.Name))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "module\t%s\tgas a second of the standard module\n", speed(b.Module))
	for i, k := range b.Kernels {
		fmt.Fprintf(t, "%s\t%s\tkernel %s, bound by %s\n", k.Class, speed(k.Speed), bench.Classes[i].Kernel, bench.Classes[i].Bound)
	}
	fmt.Fprintf(t, "kernels\t%s\tas much gas of each\n", speed(market.KernelSpeed(b)))
	_ = t.Flush() // into a buffer
}
