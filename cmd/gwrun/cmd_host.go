package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// nodeResult is what host, validate and devnet print with --json once they are ready.
type nodeResult struct {
	Account msg.Account    `json:"account"`
	Address string         `json:"address"`
	Device  rpc.DeviceInfo `json:"device"`
	Data    string         `json:"data"`
	Record  string         `json:"record,omitempty"` // for others' --bootstrap
	HTTP    string         `json:"http,omitempty"`   // where --http is answered
}

func (r *nodeResult) text(w io.Writer) {
	fmt.Fprintf(w, "account  %s\naddress  %s\ndevice   %s (%s)\ndata     %s\n", r.Account, r.Address, r.Device.ID, printable(r.Device.Name), r.Data)
	if r.Record != "" {
		fmt.Fprintf(w, "record   %s\n", r.Record)
	}
	if r.HTTP != "" {
		fmt.Fprintf(w, "http     %s\n", r.HTTP)
	}
}

func newHostCmd(g *globals) *cobra.Command {
	var f nodeFlags
	var d deviceFlags
	var c node.Config
	var sell sellFlags
	var o operateFlags
	cmd := &cobra.Command{
		Use:   "host",
		Short: "be a provider: run other people's jobs",
		Long: `Host runs jobs for whoever submits them: as many at once as --jobs says, with a queue behind them. It commits to the
state of each job as it goes, keeps checkpoints, and answers validators. Stopped or killed at any moment, it goes on
with its jobs when it is started again.

However many jobs one consumer sends, others find a place in the queue, and a turn. A disk that is full takes no jobs until
there is room.

It works for nothing unless --price says what it wants: a price a job, for 10^9 gas, for a second of the device (by the speed that it
has measured, gwrun bench), or what a program of yours says, which reads the job as JSON and prints {"price": "0.05"} or
{"refuse": "why"}. Where prices go by its speed and that was never measured, it measures it first. With a price it needs a chain to be paid on (--rpc, --contracts) and stake there (gwrun stake).

Ready, it prints its account and address. Interrupted, it takes no more jobs, lets those that run come to their end for as long as
--drain-timeout says and then to their next checkpoint, stays for those who fetch and check what is done, and ends; interrupted
again it stops at once. What is not done goes on at the next start.

--config has it read its settings from a file, and --print-config writes one with all of them. --http tells how it is: metrics for
Prometheus, /livez, /readyz and, to this machine only, profiles. gwrun doctor looks whether this machine is fit for it.`,
		Annotations: exitStatus(exitUnavailable, exitDiskFull, exitKey),
		Example:     "  gwrun host --listen :4433\n  gwrun host --bootstrap enr:-Ji4Q...\n  gwrun host --listen 0.0.0.0:4433 --device gpu0 --jobs 4 --data /srv/gwrun\n  gwrun host --price device-second:0.0002 --price-floor 0.001 --region eu-west",
		Args:        exactArgs(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if c.MaxJobs < 1 || c.MaxQueue < 1 {
				return usagef("--jobs and --queue want at least 1")
			}
			if err := d.computes(cmd.Context(), &c); err != nil {
				return err
			}
			if err := sell.apply(&c); err != nil {
				return err
			}
			if c.Price.Paid() && f.money.url() == "" {
				g.logf("nobody pays what --price asks: no chain is named (--rpc, $%s), so it works for nothing, for those who do not pay", rpcVar)
			}
			c.Provider = true
			f.before = func(c *node.Config) error { return measureOnce(cmd.Context(), g, c) }
			return f.serve(cmd, g, &o, c)
		},
	}
	f.add(cmd, "host", ":4433")
	d.add(cmd)
	sell.add(cmd)
	o.add(cmd)
	fl := cmd.Flags()
	fl.IntVar(&c.MaxJobs, "jobs", 2, "jobs to run at once")
	fl.IntVar(&c.MaxQueue, "queue", 16, "jobs that may wait beyond that")
	fl.Uint64Var(&c.MaxMemory, "memory", 4<<30, "most `BYTES` one job may use for memory and buffers")
	fl.DurationVar(&c.MaxStep, "max-step", 6*time.Hour, "give a job up as unavailable when one step takes longer; negative is never")
	fl.DurationVar(&c.MaxTime, "max-time", 48*time.Hour, "the same for all of a job")
	fl.DurationVar(&c.MaxWindow, "max-window", 30*24*time.Hour, "longest challenge window of a job: its states are kept for so long")
	fl.DurationVar(&c.MaxIdle, "max-idle", 10*time.Minute, "how long a job may wait for blobs that its consumer does not bring")
	fl.StringVar(&c.Name, "name", "", "what to call this node")
	return configured(g, cmd)
}

// serve starts a node, says so and runs until the command is interrupted.
func (f *nodeFlags) serve(cmd *cobra.Command, g *globals, o *operateFlags, c node.Config) error {
	closeWeb, err := o.open(g, &f.logs)
	if err != nil {
		return err
	}
	defer closeWeb()
	n, stop, err := f.start(g, c)
	if err != nil {
		return netError(err)
	}
	defer stop()
	o.started(cmd.Context(), n, &c)
	dir, err := f.dir(g)
	if err != nil {
		return err
	}
	w, err := f.net.network(f.role)
	if err != nil {
		return err
	}
	r := nodeResult{n.Account(), n.Addr(), c.Device, dir, record(cmd.Context(), n, w), o.address()}
	if err := g.print(r, r.text); err != nil {
		return err
	}
	defer o.catch(cmd.Context())()
	<-cmd.Context().Done()
	o.rest(g, n)
	g.logf("stopping")
	return nil
}
