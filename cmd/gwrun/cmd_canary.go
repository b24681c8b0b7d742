package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/canary"
	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/msg"
)

// canaryResult is what canary prints with --json.
type canaryResult struct {
	Canaries []*canary.Report `json:"canaries"`
	Wrong    int              `json:"wrong_verdicts"`
	Evidence []string         `json:"evidence,omitempty"` // files, with --out
}

type canaryOptions struct {
	job        jobFlags
	node       nodeFlags
	peers      []string
	count      int
	sample     float64
	validators int
	clock      time.Duration
	window     time.Duration
	out        string
	seed       uint64
}

func newCanaryCmd(g *globals) *cobra.Command {
	var o canaryOptions
	cmd := &cobra.Command{
		Use:   "canary JOB",
		Short: "find out whether validators compute",
		Long: `Canary has validators judge results whose right verdicts it knows. It runs the job itself, on the CPU, in the place of a
provider with a key of its own, and lies about one interval in every second of them. To a validator it is a job like any other.
Who says valid of the lie, or invalid of the truth, did not compute: a replay proves it, to anybody, and this node's book has it.

The job has to be a small one, since it is run here.`,
		Annotations: exitStatus(exitInvalid, exitUnavailable, exitPeer, exitDiskFull, exitKey, exitVersion),
		Example: `  gwrun canary examples/saxpy --peers validator.example:4434,other.example:4434
  gwrun canary examples/kmeans/c --peers 127.0.0.1:4434 --count 10 --out proofs --json`,
		Args: exactArgs("JOB"),
		RunE: func(cmd *cobra.Command, args []string) error { return netError(runCanaries(cmd, g, &o, args[0])) },
	}
	o.job.add(cmd)
	o.node.add(cmd, "submit", ":0")
	f := cmd.Flags()
	f.StringSliceVar(&o.peers, "peers", nil, "addresses of validators, `HOST:PORT,...`; ACCOUNT@HOST:PORT takes nobody else there")
	f.IntVar(&o.count, "count", 2, "how many canaries")
	f.Float64Var(&o.sample, "sample", 0.25, "share of the intervals that each validator replays, 0 to 1, as gwrun submit has it")
	f.IntVar(&o.validators, "validators", -1, "validators that judge each (default as many as the peers have, at most 2)")
	f.DurationVar(&o.clock, "clock", time.Minute, "how long each party has for what it owes")
	f.DurationVar(&o.window, "window", time.Hour, "how long the results may be challenged")
	f.StringVar(&o.out, "out", "", "write the proofs against validators to files in this `DIR`, which is made")
	f.Uint64Var(&o.seed, "lies", 0, "choose the lies by this `SEED` instead of chance")
	return cmd
}

func runCanaries(cmd *cobra.Command, g *globals, o *canaryOptions, job string) error {
	ctx := cmd.Context()
	peers, err := peerAddrs(o.peers)
	if err != nil {
		return err
	}
	switch {
	case len(peers) == 0:
		return usagef("--peers is missing: the validators that are to be tried")
	case o.node.money.url() != "":
		return usagef("canaries are for networks without a chain (leave out --rpc and $%s): who plants a result there has nobody to pay", rpcVar)
	case o.sample < 0 || o.sample > 1:
		return usagef("--sample %g, want 0 to 1", o.sample)
	case o.count < 1:
		return usagef("--count %d, want at least 1", o.count)
	}
	described, err := o.job.open(cmd, job)
	if err != nil {
		return err
	}
	prepared, err := described.Prepare()
	if err != nil {
		return err
	}
	if o.out != "" {
		if err := os.MkdirAll(o.out, 0o755); err != nil {
			return err
		}
	}
	n, stop, err := o.node.start(g, node.Config{Transport: quick()})
	if err != nil {
		return err
	}
	defer stop()
	res := canaryResult{Canaries: []*canary.Report{}}
	for i := range o.count {
		c := canary.Config{Lie: i%2 == 0, Log: g.logger(slog.LevelWarn), Request: consumer.Request{Job: prepared, Peers: peers, Validators: o.validators,
			Deadline: time.Now().Add(time.Hour), Policy: msg.Policy{SamplePPM: uint32(o.sample * 1e6), Window: uint32(o.window / time.Second), Clock: uint32(o.clock / time.Second)}}}
		if o.seed != 0 {
			c.Seed = o.seed + uint64(i)
		}
		r, err := canary.Run(ctx, n, c)
		if err != nil {
			return err
		}
		g.logf("canary %d of %d: %s", i+1, o.count, canaryText(r))
		res.Canaries = append(res.Canaries, r)
		for k := range r.Verdicts {
			v := &r.Verdicts[k]
			if v.Right {
				continue
			}
			res.Wrong++
			if o.out != "" {
				path := filepath.Join(o.out, fmt.Sprintf("%s-%d.gwe", v.Validator, v.Interval))
				if err := jobfile.WriteFile(path, v.Evidence.Write); err != nil {
					return err
				}
				res.Evidence = append(res.Evidence, path)
			}
		}
	}
	err = g.print(res, func(w io.Writer) {
		for _, r := range res.Canaries {
			fmt.Fprintf(w, "job         %s, %s\n", r.Job, lieText(r))
			for _, v := range r.Verdicts {
				word := "right"
				if !v.Right {
					word = "WRONG, and proven so"
				}
				fmt.Fprintf(w, "verdict     %s (%s)\n", describeVerdict(&v.Verdict), word)
			}
			if len(r.Verdicts) == 0 {
				fmt.Fprintln(w, "verdict     none")
			}
		}
		for _, path := range res.Evidence {
			fmt.Fprintf(w, "evidence    %s (gwrun dispute verify %s)\n", path, path)
		}
	})
	if err == nil && res.Wrong > 0 {
		err = &exitError{code: exitInvalid, err: fmt.Errorf("%d verdicts were wrong", res.Wrong)}
	}
	return err
}

func lieText(r *canary.Report) string {
	if r.Lie == nil {
		return "all of it true"
	}
	return fmt.Sprintf("with a lie in interval %d", *r.Lie)
}

func canaryText(r *canary.Report) string {
	wrong := 0
	for _, v := range r.Verdicts {
		if !v.Right {
			wrong++
		}
	}
	return fmt.Sprintf("%s; %d verdicts, %d of them wrong", lieText(r), len(r.Verdicts), wrong)
}
