package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/canary"
	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/shards"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
)

// submitResult is what submit prints with --json. With --replicas there is one of it for each, in Replicas.
type submitResult struct {
	Job        msg.Hash              `json:"job"`
	Program    msg.Hash              `json:"program"`
	Provider   msg.Account           `json:"provider"`
	Address    string                `json:"address"`
	Path       string                `json:"path,omitempty"` // "direct" or "relayed", where the provider is reached through a relay
	Status     msg.Status            `json:"status"`
	Failure    string                `json:"failure,omitempty"`
	Outputs    map[string]outputHash `json:"outputs"`
	TraceRoot  msg.Hash              `json:"trace_root"`
	StateRoot  msg.Hash              `json:"state_root"`
	Gas        uint64                `json:"gas"`
	GPUGas     uint64                `json:"gpu_gas"`
	Steps      uint64                `json:"steps"`
	Intervals  int                   `json:"intervals"`
	Accepted   bool                  `json:"accepted"`
	Reason     string                `json:"reason"`
	Verdicts   []msg.Verdict         `json:"verdicts"`
	Rulings    []ruling              `json:"rulings,omitempty"`
	Restarts   uint32                `json:"restarts"`
	Reconnects uint32                `json:"reconnects"`
	Replicas   []*submitResult       `json:"replicas,omitempty"`
	// Prior is how many of the intervals are the work of providers before this one, which Before lists.
	Prior  uint64        `json:"prior,omitempty"`
	Before []msg.Account `json:"before,omitempty"`
	Cost   *jobCost      `json:"cost,omitempty"` // where it is paid
}

type submitOptions struct {
	job        jobFlags
	node       nodeFlags
	shards     shardFlags
	buy        buyFlags
	peers      []string
	out        string
	receipt    string
	resume     string
	sample     float64
	validators int
	replicas   int
	deadline   time.Duration
	patience   time.Duration
	window     time.Duration
	canary     float64
	maxQueue   time.Duration
	maxSetup   time.Duration
	maxRun     time.Duration
	keepState  time.Duration
	reissue    time.Duration
	clock      time.Duration
}

func newSubmitCmd(g *globals) *cobra.Command {
	var o submitOptions
	cmd := &cobra.Command{
		Use:   "submit JOB",
		Short: "run a job on somebody else's machine and have it checked",
		Long: `Submit offers a job to the providers among the peers, gives it to the best bidder, follows it to its end and has the
validators among the peers replay a sample of it. The sample is drawn after the provider has committed to its result,
from a number neither side could choose. The bytes are those that gwrun run gives.

Which of the validators judge is drawn like the sample, by the weight that each has in this node's book (gwrun reputation).
They are bound to what they find before any of them says it. All of a new provider's work is checked, a sample of it after ten
good results in a row. One of them that is silent is replaced, if others among the peers witness it: name some more than judge.

A provider that goes away is waited for; if it does not come back, gives the job up, takes longer than it may or is found
to have lied, another one goes on, from the last good state that was fetched meanwhile (--keep-state). One that is much
slower than another would be gets company: whoever is done first is taken (--reissue). Interrupted, submit leaves the job running: gwrun submit --resume JOBHASH goes on, and gwrun job lists it.

Without --peers it looks for providers and validators: in the registry of the market that --rpc and --contracts name, and, with
--discover or --bootstrap, among the nodes that pass each other's records on.

Bids are chosen by price, time and reputation (--prefer): where twice the price is asked, by price for 16 times the speed, by speed
for a fifth more of it. Where there is a price, bids are sealed until all are bound to theirs. A provider's speed counts as far
as its jobs here have shown it (gwrun market). If nobody takes the job, submit says how many providers each requirement ruled out, and what came nearest.

A job that is a set of shards, by [shards] in its job.toml or by --shards, is a plan of many jobs. They are spread over the
providers by how fast each was found to be; one that takes too long is given to another as well, and who gave a wrong
result or is gone gets nothing more. Interrupted, gwrun submit --resume PLANHASH goes on with it.`,
		Annotations: exitStatus(exitInvalid, exitUnavailable, exitJobFailed, exitPeer, exitDiskFull, exitKey, exitVersion),
		Example: `  gwrun submit examples/fashion-mnist --peers provider.example:4433,validator.example:4434 --out results
  gwrun submit job.wasm --input train=data/train.bin --peers 127.0.0.1:4433 --json
  gwrun submit examples/data-parallel --peers 127.0.0.1:4433,127.0.0.1:4434,127.0.0.1:4435 --out results
  gwrun submit job.wasm --shards 8 --peers 127.0.0.1:4433,127.0.0.1:4434
  gwrun submit examples/saxpy --bootstrap enr:-Ji4Q...
  gwrun submit examples/saxpy --rpc http://127.0.0.1:8545 --max-price 5
  gwrun submit --resume 5f0c...`,
		Args: func(cmd *cobra.Command, args []string) error {
			if o.resume != "" {
				return exactArgs()(cmd, args)
			}
			return exactArgs("JOB")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return netError(submit(cmd, g, &o, args))
		},
	}
	o.job.add(cmd)
	o.node.add(cmd, "submit", ":0")
	o.shards.add(cmd)
	o.buy.add(cmd)
	f := cmd.Flags()
	f.StringSliceVar(&o.peers, "peers", nil, "addresses of providers and validators, `HOST:PORT,...`; ACCOUNT@HOST:PORT takes nobody else there (default those of the market's registry)")
	f.StringVar(&o.out, "out", "", "write the outputs to files in this `DIR`, which is made")
	f.StringVar(&o.receipt, "receipt", "", "write the provider's receipt to `FILE`, for gwrun replay")
	f.StringVar(&o.resume, "resume", "", "go on with the submitted job, or plan, of this `HASH`")
	f.Float64Var(&o.sample, "sample", 0.25, "share of the intervals that each validator replays, 0 to 1; one at least")
	f.IntVar(&o.validators, "validators", -1, "validators whose agreement is needed (default as many as the peers have, at most 2)")
	f.IntVar(&o.replicas, "replicas", 1, "providers that run the job, each on its own; where they disagree the validators look")
	f.DurationVar(&o.deadline, "deadline", 24*time.Hour, "time the job may take")
	f.DurationVar(&o.patience, "patience", 2*time.Minute, "how long a provider may be out of reach before another gets the job")
	f.DurationVar(&o.window, "window", time.Hour, "how long the result may be challenged")
	f.Float64Var(&o.canary, "canary", 0, "chance that the validators are then tried with a canary of the same job, 0 to 1 (gwrun canary -h)")
	f.DurationVar(&o.maxQueue, "max-queue", 0, "time a provider may have until the job runs; 0 is no bound")
	f.DurationVar(&o.maxSetup, "max-setup", 0, "time it may have until the job's module and inputs are there; 0 is no bound")
	f.DurationVar(&o.maxRun, "max-run", 0, "time it may have from the first step to the result, its restarts included; 0 is no bound")
	f.DurationVar(&o.keepState, "keep-state", 10*time.Second, "how often the newest state is fetched, for another to go on from; 0 is never")
	f.DurationVar(&o.reissue, "reissue", 30*time.Second, "how long a provider is watched before a faster one may get the job too; 0 is never")
	f.DurationVar(&o.clock, "clock", time.Minute, "how long a validator or the provider may be silent when something is owed, before witnesses ask it and it is replaced or loses")
	return configured(g, cmd)
}

func submit(cmd *cobra.Command, g *globals, o *submitOptions, args []string) error {
	ctx := cmd.Context()
	peers, err := peerAddrs(o.peers)
	if err != nil {
		return err
	}
	req := consumer.Request{Peers: peers, Replicas: o.replicas, Validators: o.validators, Deadline: time.Now().Add(o.deadline),
		Policy: msg.Policy{SamplePPM: uint32(o.sample * 1e6), Window: uint32(o.window / time.Second), Clock: uint32(o.clock / time.Second)}}
	switch {
	case o.clock < time.Second || o.clock > 24*time.Hour:
		return usagef("--clock %s, want 1s to 24h", o.clock)
	case o.sample < 0 || o.sample > 1:
		return usagef("--sample %g, want 0 to 1", o.sample)
	case o.canary < 0 || o.canary > 1:
		return usagef("--canary %g, want 0 to 1", o.canary)
	case o.replicas < 1 || o.replicas > 64:
		return usagef("--replicas %d, want 1 to 64", o.replicas)
	case o.node.money.url() != "" && o.resume == "" && o.buy.max.IsZero():
		return usagef("--max-price is missing: the most, in tokens, that a provider may ask on the chain at --rpc")
	case o.node.money.url() != "" && o.canary > 0:
		return usagef("--canary is for networks without a chain: who plants a result there has nobody to pay")
	case o.receipt != "" && o.replicas > 1:
		return usagef("--receipt holds one run; leave out --replicas")
	}
	if err := o.times(&req); err != nil {
		return err
	}
	var resume msg.Hash
	var plan *shards.Plan
	if o.resume != "" {
		if resume, err = msg.ParseHash(o.resume); err != nil {
			return usagef("--resume: %v", err)
		}
	} else {
		if len(peers) == 0 && !o.node.net.find && len(o.node.net.bootstrap) == 0 && o.node.money.url() == "" {
			return usagef("--peers is missing: the address of a provider, and of a validator to check it; or --bootstrap, to find some; or --rpc, where a market's registry has them")
		}
		o.node.net.registered = len(peers) == 0
		// Everything that can be wrong with the job itself is found here, before anybody is asked.
		described, err := o.job.open(cmd, args[0])
		if err != nil {
			return err
		}
		if err := o.shards.apply(cmd, described); err != nil {
			return err
		}
		if described.Shards != nil {
			if err := single(cmd, "receipt", "replicas"); err != nil {
				return err
			}
			plan, err = shards.NewPlan(described)
		} else {
			req.Job, err = described.Prepare()
		}
		if err != nil {
			return err
		}
		req.Require = described.Require
		if err := o.buy.apply(cmd, &req); err != nil {
			return err
		}
	}
	n, stop, err := o.node.start(g, node.Config{Patience: o.patience, Transport: quick()})
	if err != nil {
		return err
	}
	defer stop()
	if err := o.shorten(cmd, n, &req); err != nil {
		return err
	}
	if n.Discovery != nil && o.resume == "" {
		req.Peers = findPeers(ctx, g, n, peers, o.validators)
		if len(req.Peers) == 0 && ctx.Err() == nil {
			return &exitError{code: exitPeer, err: errors.New("no provider and no validator was found"), hint: "gwrun netcheck --peers (or --bootstrap) says whether the network can be reached from here"}
		}
	}
	if o.resume != "" {
		if plan, err = n.Shards.Plan(resume); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	if plan != nil {
		return submitShards(ctx, g, o, n.Shards, plan, req)
	}
	d := newFollower(g)
	defer d.close()
	var results []*consumer.Result
	if o.resume != "" {
		var r *consumer.Result
		if r, err = n.Consumer.Resume(ctx, resume, d.event); r != nil {
			results = append(results, r)
		}
		if open, lost := n.Accusations(ctx); r == nil && (lost != nil || len(open) > 0) && !errors.Is(err, store.ErrNotFound) {
			g.logf("%v", err)
			return rulings(ctx, g, n, []msg.Hash{resume})
		}
		if r == nil && errors.Is(err, store.ErrNotFound) {
			err = &exitError{code: exitFailure, err: fmt.Errorf("no job and no plan %s was submitted from here", resume),
				hint: "gwrun job list has the jobs that were; --data and --key say from where"}
		}
	} else {
		results, err = n.Consumer.Submit(ctx, req, d.event)
	}
	d.close()
	if ctx.Err() != nil {
		for _, job := range d.jobs() {
			g.logf("job %s goes on at its provider; gwrun submit --resume %s follows it again", shorten(job), job)
		}
		return ctx.Err()
	}
	if len(results) > 0 {
		err = errors.Join(printSubmission(ctx, g, o, n, results), err)
	}
	err = errors.Join(err, keepEvidence(ctx, g, o, n, d.order), rulings(ctx, g, n, d.order))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if len(results) == 0 {
		return err
	}
	if o.resume == "" && rand.Float64() < o.canary {
		tryValidators(ctx, g, n, req, results)
	}
	return err
}

// cheap is the most gas that a job may take for submit to run it twice for a canary: a few seconds of a CPU.
const cheap = 20e9

// tryValidators has the validators of a submission judge a canary of the same job. What comes of it is in this node's book; it is no part of
// the submission's result.
func tryValidators(ctx context.Context, g *globals, n *node.Node, req consumer.Request, results []*consumer.Result) {
	if used := results[0].Receipt.Gas + results[0].Receipt.GPUGas; used > cheap {
		g.logf("no canary: the job takes %d gas, at most %d would be run here", used, uint64(cheap))
		return
	}
	r, err := canary.Run(ctx, n, canary.Config{Request: req, Lie: rand.IntN(2) == 0, MaxGas: cheap})
	if err != nil {
		g.logf("the canary came to nothing: %v", err)
		return
	}
	g.logf("canary: %s", canaryText(r))
}

// times fills in how long a provider may take, and what is done about one that takes too long.
func (o *submitOptions) times(r *consumer.Request) error {
	for _, t := range []struct {
		flag string
		d    time.Duration
		to   *uint32
	}{{"max-queue", o.maxQueue, &r.Times.Queue}, {"max-setup", o.maxSetup, &r.Times.Setup}, {"max-run", o.maxRun, &r.Times.Run}} {
		if t.d < 0 || t.d > math.MaxUint32*time.Second || t.d > 0 && t.d < time.Second {
			return usagef("--%s %s, want 0 or at least 1s", t.flag, t.d)
		}
		*t.to = uint32((t.d + time.Second - 1) / time.Second)
	}
	if o.keepState < 0 || o.reissue < 0 {
		return usagef("--keep-state and --reissue want 0 or more")
	}
	r.KeepState, r.Reissue = o.keepState, o.reissue
	if r.KeepState == 0 {
		r.KeepState = -1
	}
	if r.Reissue == 0 {
		r.Reissue = -1
	}
	return nil
}

func printSubmission(ctx context.Context, g *globals, o *submitOptions, n *node.Node, results []*consumer.Result) error {
	c := n.Consumer
	var out []*submitResult
	for i, r := range results {
		s, err := summarize(r, c)
		if err != nil {
			return err
		}
		s.Path = path(n, r)
		if s.Cost, err = costOf(n, r); err != nil {
			return err
		}
		out = append(out, s)
		dir := o.out
		if len(results) > 1 {
			dir = filepath.Join(o.out, fmt.Sprintf("replica-%d", i+1))
		}
		if o.out != "" {
			if err := saveOutputs(dir, r, c); err != nil {
				return err
			}
			for i, d := range r.Disputes {
				path := filepath.Join(dir, evidenceName(d.Blob.Root))
				if err := jobfile.WriteFile(path, d.Evidence.Write); err != nil {
					return err
				}
				s.Rulings[i].Evidence = path
			}
		}
	}
	if o.receipt != "" {
		var spec msg.JobSpec
		if err := msg.Decode(results[0].Records.Spec.Body, &spec); err != nil {
			return err
		}
		if err := jobfile.WriteReceipt(o.receipt, &jobfile.Receipt{Program: spec.Program, Receipt: results[0].Receipt, Intervals: results[0].Intervals}); err != nil {
			return err
		}
	}
	first := *out[0]
	if len(out) > 1 {
		first.Replicas = out
	}
	err := g.print(first, func(w io.Writer) {
		for _, s := range out {
			s.text(w)
		}
	})
	if err == nil && first.Status == msg.Failed {
		err = &exitError{code: exitJobFailed, err: fmt.Errorf("the job failed: %s", printable(first.Failure))}
	}
	return err
}

// summarize reads a result's outputs back to hash them the way gwrun run does.
func summarize(r *consumer.Result, c *consumer.Consumer) (*submitResult, error) {
	s := &submitResult{Job: r.Job, Program: r.Receipt.Program, Provider: r.Provider, Address: r.Addr, Status: r.Receipt.Status,
		Failure: r.Receipt.Failure, Outputs: map[string]outputHash{}, TraceRoot: r.Receipt.Trace, StateRoot: r.Receipt.State,
		Gas: r.Receipt.Gas, GPUGas: r.Receipt.GPUGas, Steps: r.Receipt.Steps, Intervals: len(r.Intervals),
		Verdicts: []msg.Verdict{}, Restarts: r.Restarts, Reconnects: r.Reconnect}
	if said, err := claim.Read(&r.Records); err == nil && said.Prior() > 0 {
		s.Prior, s.Before = said.Prior(), slices.Compact(said.By[:said.Prior()])
	}
	if r.Outcome != nil {
		s.Accepted, s.Reason = r.Outcome.Accepted, r.Outcome.Reason
		s.Verdicts = append(s.Verdicts, r.Outcome.Verdicts...)
	}
	for _, d := range r.Disputes {
		s.Rulings = append(s.Rulings, ruling{Outcome: d.Outcome})
	}
	for _, o := range r.Receipt.Outputs {
		f, err := c.Output(o)
		if err != nil {
			return nil, fmt.Errorf("output %q: %w", o.Name, err)
		}
		h := sha256.New()
		n, err := io.Copy(h, f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("output %q: %w", o.Name, err)
		}
		s.Outputs[o.Name] = outputHash{hex.EncodeToString(h.Sum(nil)), int(n)}
	}
	return s, nil
}

// ruling is how a dispute about a result ended.
type ruling struct {
	Outcome  *dispute.Outcome `json:"outcome"`
	Evidence string           `json:"evidence,omitempty"` // the file, with --out
}

func (r *ruling) against() string {
	var names []string
	for _, a := range r.Outcome.Guilty {
		switch a {
		case r.Outcome.Provider:
			names = append(names, "the provider")
		case r.Outcome.Challenger:
			names = append(names, "the challenger")
		default:
			names = append(names, a.String())
		}
	}
	switch len(names) {
	case 0:
		return "nobody is wrong"
	case 1:
		return names[0] + " is wrong"
	}
	return strings.Join(names, " and ") + " are wrong"
}

// evidenceName is the file that evidence is written to, beside a job's outputs: with an @, which no output's file has in its name (fileName).
func evidenceName(root msg.Hash) string { return "evidence@" + root.String()[:16] + ".gwe" }

// keepEvidence writes all that was proven about a submission's jobs to files, also about those that came to no result.
func keepEvidence(ctx context.Context, g *globals, o *submitOptions, n *node.Node, jobs []msg.Hash) error {
	dir := o.out
	if dir == "" {
		home, err := o.node.dir(g)
		if err != nil {
			return err
		}
		dir = filepath.Join(home, "evidence")
	}
	for _, job := range jobs {
		made, err := n.Settlement.Case(ctx, job)
		if errors.Is(err, settle.ErrUnknown) {
			continue
		}
		if err != nil {
			return err
		}
		for _, r := range made.Rulings {
			path := filepath.Join(dir, evidenceName(r.Evidence.Root))
			err := os.MkdirAll(dir, 0o755)
			if err == nil {
				err = jobfile.WriteFile(path, func(w io.Writer) error {
					f, err := n.Consumer.Open(r.Evidence)
					if err != nil {
						return err
					}
					defer f.Close()
					_, err = io.Copy(w, f)
					return err
				})
			}
			if err != nil {
				return fmt.Errorf("evidence about job %s: %w", shorten(job), err)
			}
			g.logf("evidence about job %s, by %s: gwrun dispute verify %s", shorten(job), r.Kind, path)
		}
	}
	return nil
}

func saveOutputs(dir string, r *consumer.Result, c *consumer.Consumer) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, o := range r.Receipt.Outputs {
		err := jobfile.WriteFile(filepath.Join(dir, fileName(o.Name)), func(w io.Writer) error {
			f, err := c.Output(o)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = io.Copy(w, f)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *submitResult) text(w io.Writer) {
	fmt.Fprintf(w, "job         %s\n", s.Job)
	fmt.Fprintf(w, "provider    %s at %s\n", s.Provider, printable(s.Address))
	if s.Path != "" {
		fmt.Fprintf(w, "path        %s\n", s.Path)
	}
	fmt.Fprintf(w, "status      %s after %d steps\n", s.Status, s.Steps)
	printRoots(w, s.Outputs, s.TraceRoot, s.StateRoot, s.Gas, s.GPUGas)
	if s.Restarts > 0 || s.Reconnects > 0 {
		fmt.Fprintf(w, "survived    the provider went on from a checkpoint %d times, was lost and found again %d times\n", s.Restarts, s.Reconnects)
	}
	if s.Prior > 0 {
		fmt.Fprintf(w, "continued   the first %d of %d intervals are the work of", s.Prior, s.Intervals)
		for _, a := range s.Before {
			fmt.Fprintf(w, " %s", a)
		}
		fmt.Fprintln(w)
	}
	for _, v := range s.Verdicts {
		fmt.Fprintf(w, "verdict     %s\n", describeVerdict(&v))
	}
	for _, r := range s.Rulings {
		fmt.Fprintf(w, "ruling      %s: %s\n", r.against(), printable(r.Outcome.Reason))
		if r.Evidence != "" {
			fmt.Fprintf(w, "evidence    %s (gwrun dispute verify %s)\n", r.Evidence, r.Evidence)
		}
	}
	word := "rejected"
	if s.Accepted {
		word = "accepted"
	}
	fmt.Fprintf(w, "%-11s %s\n", word, s.Reason)
	if s.Cost != nil {
		fmt.Fprintf(w, "cost        %s\n", s.Cost)
	}
}

// describeVerdict is a verdict in one line.
func describeVerdict(v *msg.Verdict) string {
	s := fmt.Sprintf("%s, interval %d, by %s", v.Value, v.Interval, shorten(v.Validator))
	switch {
	case v.First != nil:
		s += ": " + describe(v.First)
	case v.Missing != "":
		s += ": " + printable(v.Missing)
	}
	return s
}
