package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/figures"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
	"github.com/gwrun/gwrun/runtime"
)

func newBenchCmd(g *globals) *cobra.Command {
	return newDeviceBench(g, group("bench", "measure how fast this machine is, or what a network takes", newBenchNetworkCmd(g)))
}

// benchResult is what bench network prints with --json.
type benchResult struct {
	*figures.Report
	Job           string           `json:"job"`
	Device        string           `json:"device"`
	ProviderCount int              `json:"provider_count"`
	Validators    int              `json:"validators"`
	Processes     *processesResult `json:"processes,omitempty"`
}

// processesResult is what the same jobs take as processes of gwrun run, one after another. All is extrapolated.
type processesResult struct {
	Jobs  int           `json:"jobs"`
	Times figures.Times `json:"job"`
	All   float64       `json:"all_jobs_seconds"`
}

type benchOptions struct {
	device    deviceFlags
	job       jobFlags
	cfg       devnet.Config
	jobs      int
	parallel  int
	sample    float64
	processes int
}

func newBenchNetworkCmd(g *globals) *cobra.Command {
	var o benchOptions
	cmd := &cobra.Command{
		Use:   "network JOB",
		Short: "submit a job many times to a network in this process",
		Long: `Network starts a devnet and submits a job to it many times, each with its own seed, as gwrun submit does: bids, the run, the
receipt, the sample, the verdicts. Each result has to be accepted and to be what the job gives when it is run plainly. It prints
how many jobs a second there were and how long one takes from submit to its result, beside the same jobs run one after another or
as many at once in this process, and some of them as processes of gwrun run. The nodes take requests as fast as they come, where
gwrun host takes 200 a second from one account, enough for some 40 jobs.`,
		Annotations: exitStatus(exitInvalid, exitUnavailable, exitDiskFull),
		Example:     "  gwrun bench network examples/saxpy --jobs 200\n  gwrun bench network examples/saxpy --providers 4 --parallel 4 --json",
		Args:        exactArgs("JOB"),
		RunE:        func(cmd *cobra.Command, args []string) error { return benchNetwork(cmd, g, &o, args[0]) },
	}
	o.device.add(cmd)
	o.job.add(cmd)
	f := cmd.Flags()
	f.IntVar(&o.jobs, "jobs", 1000, "how many jobs")
	f.IntVar(&o.parallel, "parallel", 1, "how many are under way at once, on the network and plainly")
	f.IntVar(&o.cfg.Providers, "providers", 4, "how many providers")
	f.IntVar(&o.cfg.Validators, "validators", 2, "how many validators; each result needs all of them, at most 2")
	f.Float64Var(&o.sample, "sample", 0.25, "share of the intervals that each validator replays, 0 to 1; one at least")
	f.IntVar(&o.processes, "processes", 20, "how many of the jobs are also run as processes of gwrun run")
	f.StringVar(&o.cfg.Dir, "data", "", "keep the stores in this `DIR` (default a temporary one)")
	return cmd
}

func benchNetwork(cmd *cobra.Command, g *globals, o *benchOptions, path string) error {
	switch {
	case o.jobs < 1 || o.jobs > 1_000_000:
		return usagef("--jobs %d, want 1 to 1000000", o.jobs)
	case o.parallel < 1 || o.parallel > 64:
		return usagef("--parallel %d, want 1 to 64", o.parallel)
	case o.cfg.Providers < 1 || o.cfg.Providers > 64 || o.cfg.Validators < 0 || o.cfg.Validators > 64:
		return usagef("want 1 to 64 --providers and 0 to 64 --validators")
	case o.sample < 0 || o.sample > 1:
		return usagef("--sample %g, want 0 to 1", o.sample)
	case o.processes < 0:
		return usagef("--processes %d, want 0 or more", o.processes)
	}
	ctx := cmd.Context()
	described, err := o.job.open(cmd, path)
	if err != nil {
		return err
	}
	first := described.Seed
	prepare := func(n int) (*runtime.Job, error) {
		described.Seed = first + uint64(n)
		return described.Prepare()
	}
	o.cfg.Log = g.logger(slog.LevelWarn)
	// One consumer asks for everything here, and what the machine can do is measured, not what a stranger may ask of it.
	o.cfg.Transport = transport.Config{Rate: 1e5, Burst: 1e5}
	net, err := startDevnet(ctx, &o.device, o.cfg)
	if err != nil {
		return err
	}
	defer stopDevnet(g, net)
	report, err := figures.Jobs(ctx, figures.Config{Consumer: net.Consumer.Consumer, Peers: net.Peers(), Job: prepare, Jobs: o.jobs, Parallel: o.parallel,
		Validators: min(2, o.cfg.Validators), Policy: msg.Policy{SamplePPM: uint32(o.sample * 1e6), Window: 60},
		Plain: func(ctx context.Context, job *runtime.Job) (*runtime.Result, error) {
			dev, err := o.device.open(ctx)
			if err != nil {
				return nil, err
			}
			defer dev.Close()
			return runtime.Run(ctx, job, runtime.Options{Device: dev})
		},
		Progress: func(done int) {
			if g.terminal() {
				fmt.Fprintf(g.stderr, "\r\x1b[K%d of %d jobs", done, o.jobs)
			}
		}})
	if g.terminal() {
		fmt.Fprint(g.stderr, "\r\x1b[K")
	}
	if err != nil {
		return netError(err)
	}
	res := benchResult{Report: report, Job: described.Name, Device: o.device.id, ProviderCount: o.cfg.Providers, Validators: o.cfg.Validators}
	byName := map[string]int{}
	for addr, n := range report.Providers {
		byName[net.Name(addr)] = n
	}
	report.Providers = byName
	if o.processes > 0 {
		if res.Processes, err = benchProcesses(ctx, o, path, first, prepare); err != nil {
			return err
		}
	}
	return g.print(res, res.text)
}

// benchProcesses runs some of the jobs as a person does. What they are to come to is taken from a plain run in this process.
func benchProcesses(ctx context.Context, o *benchOptions, path string, seed uint64, prepare func(int) (*runtime.Job, error)) (*processesResult, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var times []time.Duration
	for n := range min(o.processes, o.jobs) {
		args := []string{"run", path, "--json", "--quiet", "--device", o.device.id, "--seed", strconv.FormatUint(seed+uint64(n), 10)}
		for flag, values := range map[string][]string{"--input": o.job.inputs, "--arg": o.job.args, "--limit": o.job.limits} {
			for _, v := range values {
				args = append(args, flag, v)
			}
		}
		if o.device.lowering != "" {
			args = append(args, "--lowering", o.device.lowering)
		}
		if o.job.interval > 0 {
			args = append(args, "--interval", strconv.FormatUint(o.job.interval, 10))
		}
		var out, complaint bytes.Buffer
		cmd := exec.CommandContext(ctx, self, args...)
		cmd.Stdout, cmd.Stderr = &out, &complaint
		began := time.Now()
		err := cmd.Run()
		times = append(times, time.Since(began))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var exit *exec.ExitError
		if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != exitJobFailed) {
			return nil, fmt.Errorf("gwrun run: %w: %s", err, bytes.TrimSpace(complaint.Bytes()))
		}
		var got runResult
		if err := json.Unmarshal(out.Bytes(), &got); err != nil {
			return nil, fmt.Errorf("gwrun run: %w", err)
		}
		job, err := prepare(n)
		if err != nil {
			return nil, err
		}
		if got.Job != job.Hash.String() {
			return nil, fmt.Errorf("gwrun run ran job %s, wanted %s", got.Job, job.Hash)
		}
	}
	r := &processesResult{Jobs: len(times), Times: figures.TimesOf(times)}
	r.All = r.Times.Mean / 1e3 * float64(o.jobs)
	return r, nil
}

func (r *benchResult) text(w io.Writer) {
	fmt.Fprintf(w, "%d jobs of %s on %s, %d at once; %d providers, %d validators\n", r.Jobs, r.Job, r.Device, r.Parallel, r.ProviderCount, r.Validators)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tmean ms\tp50\tp90\tp99\tmost\t")
	row := func(what string, x figures.Times) {
		fmt.Fprintf(t, "%s\t%.1f\t%.1f\t%.1f\t%.1f\t%.1f\t\n", what, x.Mean, x.P50, x.P90, x.P99, x.Max)
	}
	row("submit to a provider chosen", r.Chosen)
	row("submit to its receipt", r.Receipt)
	row("submit to the accepted result", r.Result)
	row("run in this process", r.Plain.Times)
	if p := r.Processes; p != nil {
		row(fmt.Sprintf("gwrun run, a process (%d of them)", p.Jobs), p.Times)
	}
	_ = t.Flush() // into a buffer
	fmt.Fprintf(w, "network  %.1f s, %.1f jobs/s, %.1f ms of a processor a job\n", r.Seconds, r.Rate, r.Processor)
	fmt.Fprintf(w, "plainly  %.1f s, %.1f jobs/s, %.1f ms: the network takes %.2f times as long\n", r.Plain.Seconds, r.Plain.Rate, r.Plain.Processor, r.Ratio)
	if r.Setbacks > 0 {
		fmt.Fprintf(w, "a peer did not answer, refused, was lost or gave up %d times\n", r.Setbacks)
	}
	if p := r.Processes; p != nil {
		fmt.Fprintf(w, "gwrun run, one after another: %.1f s, extrapolated from %d\n", p.All, p.Jobs)
	}
}
