package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/jobfile"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// demoResult is what demo prints with --json.
type demoResult struct {
	Seconds   float64         `json:"seconds"`
	Device    string          `json:"device"`
	Accuracy  float64         `json:"accuracy"` // of the result that was accepted
	Test      int             `json:"test_images"`
	Providers []*demoProvider `json:"providers"`
	Cheat     *demoCheat      `json:"cheat"`
}

type demoProvider struct {
	Name     string            `json:"name"`
	Account  msg.Account       `json:"account"`
	Result   msg.Hash          `json:"result"` // trace root
	Accuracy float64           `json:"accuracy"`
	Accepted bool              `json:"accepted"`
	Reason   string            `json:"reason"`
	Sampled  map[string]string `json:"sampled"` // intervals by validator
	Verdicts []msg.Verdict     `json:"verdicts"`
	Steps    uint64            `json:"steps"`
}

// demoCheat is what was planted and what was found.
type demoCheat struct {
	Provider string          `json:"provider"`
	Step     uint64          `json:"planted_step"`
	Bit      uint8           `json:"planted_bit"`
	Caught   bool            `json:"caught"`
	Found    *msg.Difference `json:"found,omitempty"`
	Proven   string          `json:"proven,omitempty"` // what the dispute was decided by
}

type demoOptions struct {
	job    string
	device deviceFlags
	args   []string
	seed   uint64
	honest bool
}

func newDemoCmd(g *globals) *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "see a network train, check and catch a cheat",
		Long: `Demo starts three providers, two validators and a consumer in this process, on loopback QUIC. The consumer has a
neural network trained on Fashion-MNIST by all three providers. One of them, picked by chance like the place, flips a
single bit in the output of a single kernel call. The validators replay a sample of each result, and the interval in
which the results part, and name step, host call, kernel and workgroup. A dispute, which the consumer referees, proves it.`,
		Annotations: exitStatus(exitInvalid, exitUnavailable, exitJobFailed, exitDiskFull),
		Example:     "  gwrun demo\n  gwrun demo --device gpu0 --json",
		Args:        exactArgs(),
		RunE:        func(cmd *cobra.Command, args []string) error { return demo(cmd.Context(), g, &o) },
	}
	o.device.add(cmd)
	f := cmd.Flags()
	f.StringVar(&o.job, "job", filepath.Join("examples", "fashion-mnist"), "the job folder")
	f.StringArrayVar(&o.args, "arg", nil, "an argument for the job, such as epochs=1; may be given again")
	f.Uint64Var(&o.seed, "seed", 0, "choose the cheat and the bit by this seed instead of chance")
	f.BoolVar(&o.honest, "honest", false, "let nobody cheat")
	return cmd
}

// prepareDemo reads a demo's job, with arguments in place of its own.
func prepareDemo(folder string, args []string) (*jobfile.Job, *runtime.Job, error) {
	described, err := jobfile.Open(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, &exitError{code: exitFailure, err: err, hint: "run it in gwrun's source folder, or name the job folder with --job"}
	}
	if err != nil {
		return nil, nil, err
	}
	for _, a := range args {
		described.SetArg(a)
	}
	job, err := described.Prepare()
	return described, job, err
}

// demoFollower shows submissions with the names of the nodes in place of their addresses and accounts.
func demoFollower(g *globals, net *devnet.Network) *follower {
	d := newFollower(g)
	d.name = net.Name
	var names []string
	for _, x := range append(slices.Concat(net.Providers, net.Validators), net.Consumer) {
		name := "the consumer"
		if x != net.Consumer {
			name = net.Name(net.Addr(x))
		}
		names = append(names, x.Account().String(), name, shorten(x.Account()), name)
	}
	d.spell = strings.NewReplacer(names...)
	return d
}

func demo(ctx context.Context, g *globals, o *demoOptions) error {
	began := time.Now()
	described, job, err := prepareDemo(o.job, o.args)
	if err != nil {
		return err
	}
	seed := o.seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	random := rand.New(rand.NewPCG(seed, 1))
	const providers, validators = 3, 2
	cheat := demoCheat{}
	cfg := devnet.Config{Providers: providers, Validators: validators}
	if !o.honest {
		i := random.IntN(providers)
		fault := plantFlip(random)
		cfg.Faults = map[int]*runtime.Fault{i: fault}
		cheat = demoCheat{Provider: fmt.Sprintf("provider-%d", i+1), Step: fault.Step, Bit: fault.Bit}
	}
	net, err := startDevnet(ctx, &o.device, cfg)
	if err != nil {
		return err
	}
	defer stopDevnet(g, net)
	g.logf("%d providers, %d validators and a consumer are up on loopback QUIC, computing on %s", providers, validators, o.device.id)
	if !o.honest {
		g.logf("one provider will flip one bit in one kernel's output; nobody is told which")
	}

	sampled := map[msg.Hash]map[string]string{}
	d := demoFollower(g, net)
	defer d.close()
	results, err := net.Consumer.Consumer.Submit(ctx, consumer.Request{Job: job, Require: described.Require, Peers: net.Peers(), Replicas: providers,
		Validators: validators, Deadline: time.Now().Add(time.Hour), Policy: msg.Policy{SamplePPM: 100_000, Window: 60}},
		func(e consumer.Event) {
			if e.Kind == "sample" {
				if sampled[e.Job] == nil {
					sampled[e.Job] = map[string]string{}
				}
				sampled[e.Job][net.Name(e.Provider)] = intervalList(e.Sample)
			}
			d.event(e)
		})
	d.close()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	// A rejected result is what the cheat is here for; anything else that went wrong has fewer results.
	if len(results) < providers {
		return netError(err)
	}
	res := demoResult{Device: o.device.id, Cheat: &cheat}
	for _, r := range results {
		p := &demoProvider{Name: net.Name(r.Addr), Account: r.Provider, Result: r.Receipt.Trace, Steps: r.Receipt.Steps,
			Sampled: sampled[r.Job], Verdicts: []msg.Verdict{}}
		if out := r.Outcome; out != nil {
			p.Accepted, p.Reason = out.Accepted, out.Reason
			p.Verdicts = out.Verdicts
			for _, v := range out.Verdicts {
				if p.Name == cheat.Provider && v.First != nil && v.First.Workgroup != nil {
					cheat.Caught, cheat.Found = true, v.First
				}
			}
			for _, x := range out.Rulings {
				if p.Name == cheat.Provider && x.Against(r.Provider) {
					cheat.Proven = x.Reason
				}
			}
		}
		metrics, err := accuracy(r, net.Consumer.Consumer)
		if err != nil {
			return err
		}
		p.Accuracy = metrics.Accuracy
		if p.Accepted {
			res.Accuracy, res.Test = metrics.Accuracy, metrics.Test
		}
		res.Providers = append(res.Providers, p)
	}
	sort.Slice(res.Providers, func(i, j int) bool { return res.Providers[i].Name < res.Providers[j].Name })
	res.Seconds = time.Since(began).Seconds()
	if o.honest {
		res.Cheat = nil
	}
	if err := g.print(res, res.text); err != nil {
		return err
	}
	return res.judge(o.honest)
}

// plantFlip chooses a bit of a training that a cheat is to flip: early enough to be inside any training, past the first steps; of a step's
// dispatches one whose every output lives on in the weights (a gradient that relu masks, or a bit below the rounding of a sum, would change
// nothing that lasts); a bit high enough to matter.
func plantFlip(random *rand.Rand) *runtime.Fault {
	lasting := []uint64{0, 2, 3, 9} // gather, the logits, their loss, the update of the weights
	return &runtime.Fault{Step: 10 + random.Uint64N(90), Any: true, Skip: lasting[random.IntN(len(lasting))],
		Offset: random.Uint64N(1 << 20), Bit: uint8(10 + random.IntN(12))}
}

// judge makes a demonstration that did not show what it is to show an error.
func (r *demoResult) judge(honest bool) error {
	results := map[msg.Hash]bool{}
	for _, p := range r.Providers {
		results[p.Result] = true
	}
	if !honest && len(results) == 1 {
		return &exitError{code: exitInvalid, err: errors.New("the flipped bit changed nothing that lasts: there is nothing to catch"), hint: "run it again, or with another --seed"}
	}
	for _, p := range r.Providers {
		guilty := !honest && p.Name == r.Cheat.Provider
		if p.Accepted == guilty {
			return &exitError{code: exitInvalid, err: fmt.Errorf("%s: accepted is %v, its honesty is %v (%s)", p.Name, p.Accepted, !guilty, p.Reason)}
		}
	}
	if !honest && !r.Cheat.Caught {
		return &exitError{code: exitInvalid, err: errors.New("the cheat was not caught to the workgroup")}
	}
	if !honest && r.Cheat.Proven == "" {
		return &exitError{code: exitInvalid, err: errors.New("the cheat was not proven wrong in a dispute")}
	}
	return nil
}

type metrics struct {
	Accuracy float64 `json:"accuracy"`
	Test     int     `json:"test_images"`
}

// accuracy reads what the job itself measured on the test images.
func accuracy(r *consumer.Result, c *consumer.Consumer) (m metrics, err error) {
	for _, o := range r.Receipt.Outputs {
		if o.Name != "metrics.json" {
			continue
		}
		f, err := c.Output(o)
		if err != nil {
			return m, err
		}
		defer f.Close()
		b, err := io.ReadAll(io.LimitReader(f, 1<<20))
		if err != nil {
			return m, err
		}
		return m, json.Unmarshal(b, &m)
	}
	return m, fmt.Errorf("the job at %s wrote no metrics.json (it %s: %s)", r.Addr, r.Receipt.Status, r.Receipt.Failure)
}

func (r *demoResult) text(w io.Writer) {
	fmt.Fprintf(w, "\naccuracy  %.1f%% on %d test images, computed by the job itself\n", 100*r.Accuracy, r.Test)
	fmt.Fprintf(w, "time      %.1f s on %s, for three trainings and their checks\n\n", r.Seconds, r.Device)
	for _, p := range r.Providers {
		verdict := "accepted"
		if !p.Accepted {
			verdict = "REJECTED"
		}
		fmt.Fprintf(w, "%s  result %s  accuracy %.1f%%  %s: %s\n", p.Name, shorten(p.Result), 100*p.Accuracy, verdict, p.Reason)
		names := make([]string, 0, len(p.Sampled))
		for n := range p.Sampled {
			names = append(names, n)
		}
		sort.Strings(names)
		for _, n := range names {
			fmt.Fprintf(w, "            %s replayed intervals %s\n", n, p.Sampled[n])
		}
	}
	if r.Cheat == nil {
		return
	}
	fmt.Fprintf(w, "\nplanted   %s flipped bit %d in one output of one kernel call of step %d\n", r.Cheat.Provider, r.Cheat.Bit, r.Cheat.Step)
	if r.Cheat.Caught {
		fmt.Fprintf(w, "caught    %s\n", describe(r.Cheat.Found))
		fmt.Fprintf(w, "proven    %s\n", r.Cheat.Proven)
	} else {
		fmt.Fprintln(w, "caught    no")
	}
}
