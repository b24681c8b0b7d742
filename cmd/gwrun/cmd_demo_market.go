package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/fault"
	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// marketDemo is what demo-market prints with --json.
type marketDemo struct {
	Seconds float64 `json:"seconds"`
	Chain   string  `json:"chain"`
	marketOutcome
}

type marketDemoOptions struct {
	job   string
	args  []string
	seed  uint64
	limit time.Duration
}

func newDemoMarketCmd(g *globals) *cobra.Command {
	var o marketDemoOptions
	cmd := &cobra.Command{
		Use:   "demo-market",
		Short: "see a market with its own chain: bids, payment, and what cheating costs",
		Long: `Demo-market starts four providers with different prices and speeds, three validators and a consumer in this process, on
loopback QUIC, and an Ethereum chain with the market's contracts on it. Everybody has tokens, and stake. The consumer buys trainings of a
neural network. The cheapest provider flips a bit; one of the validators says valid without looking. Both are found out, judged by a
committee on the chain, and slashed; the others are paid. In the end it shows what everybody had before and has after, down to the last
unit of the token.`,
		Annotations: exitStatus(exitInvalid, exitUnavailable, exitJobFailed, exitDiskFull),
		Example:     "  gwrun demo-market\n  gwrun demo-market --json",
		Args:        exactArgs(),
		RunE:        func(cmd *cobra.Command, args []string) error { return demoMarket(cmd.Context(), g, &o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.job, "job", filepath.Join("examples", "fashion-mnist"), "the job folder")
	f.StringArrayVar(&o.args, "arg", []string{"epochs=1"}, "an argument for the job; may be given again")
	f.Uint64Var(&o.seed, "seed", 0, "choose the bit that is flipped by this seed instead of chance")
	f.DurationVar(&o.limit, "limit", 10*time.Minute, "how long to wait for the chain's judgement")
	return cmd
}

// demoTrainings are accepted in the demonstration: of the first the validators that are left cannot agree.
const demoTrainings = 4

func demoMarket(ctx context.Context, g *globals, o *marketDemoOptions) error {
	began := time.Now()
	described, job, err := prepareDemo(o.job, o.args)
	if err != nil {
		return err
	}
	seed := o.seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	lazy, err := fault.Parse(fault.Validator, "always-valid")
	if err != nil {
		return err
	}
	cfg := devnet.Config{Providers: len(demoPrices), Validators: 3, Faults: map[int]*runtime.Fault{0: plantFlip(rand.New(rand.NewPCG(seed, 1)))},
		Plays: map[string]*fault.Play{demoLazyNode: lazy}, Prices: map[int]market.Policy{}, Devices: map[int]func(context.Context) (kernels.Device, error){},
		Chain: &devnet.Money{Tell: func(s string) { g.logf("%s", s) }}}
	for i, price := range demoPrices {
		p := market.Policy{}
		p.Kind, p.Fixed = market.Fixed, msg.AmountOf(1_000_000_000_000_000_000).Times(price)
		cfg.Prices[i] = p
		cfg.Devices[i] = func(context.Context) (kernels.Device, error) { return cpu.Open(cpu.Options{Workers: demoWorkers[i]}) }
	}
	net, err := startDevnet(ctx, &deviceFlags{id: "cpu"}, cfg)
	if err != nil {
		return err
	}
	defer stopDevnet(g, net)
	before, supply, err := net.Ledger.Balances(ctx, net)
	if err != nil {
		return err
	}
	g.logf("%d providers, 3 validators and a consumer are up; %s is a cheat, %s does not look at what it judges: nobody is told", len(demoPrices), demoCheatNode, demoLazyNode)
	r := &marketDemo{Chain: net.Ledger.Chain.URL(), marketOutcome: marketOutcome{Cheat: demoCheatNode, Lazy: demoLazyNode}}
	for _, x := range []struct {
		wanted     string
		validators int
		replicas   int
		prefer     market.Preference
	}{
		{"the cheapest, of which nobody knows anything: all three validators check all of it", 3, 1, market.ByPrice},
		{"three at once, to get to know them", 2, 3, market.ByPrice},
		{"the fastest", 2, 1, market.BySpeed},
	} {
		g.logf("a training is wanted from %s", x.wanted)
		sample := uint32(1_000_000)
		if x.validators == 2 {
			sample = 200_000
		}
		d := demoFollower(g, net)
		results, err := net.Consumer.Consumer.Submit(ctx, consumer.Request{Job: job, Require: described.Require, Peers: net.Peers(), Replicas: x.replicas, Prefer: x.prefer,
			Validators: x.validators, Deadline: time.Now().Add(time.Hour), Policy: msg.Policy{SamplePPM: sample, Window: 60, Clock: 20}}, func(e consumer.Event) {
			if s, _, err := net.Consumer.Consumer.Find(e.Job); e.Kind == "chosen" && err == nil && s.Bid != nil {
				e.Text = fmt.Sprintf("for %s GWR", s.Bid.Price)
			}
			d.event(e)
		})
		d.close()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if len(results) < x.replicas {
			return netError(err)
		}
		for _, res := range results {
			for _, t := range append(slices.Clone(res.Rejected), res) {
				r.Jobs = append(r.Jobs, demoJobOf(net, x.wanted, t))
			}
		}
	}
	g.logf("the chain judges; everybody redeems its vouchers")
	if err := r.finish(ctx, net, before, supply, o.limit); err != nil {
		return err
	}
	r.Seconds = time.Since(began).Seconds()
	err = g.print(r, func(w io.Writer) {
		r.text(w)
		fmt.Fprintf(w, "\n%.1f s, with a chain at %s\n", r.Seconds, r.Chain)
	})
	if err != nil {
		return err
	}
	return r.judge(demoTrainings)
}

func demoJobOf(net *devnet.Network, wanted string, r *consumer.Result) demoJob {
	j := demoJob{Wanted: wanted, Provider: net.Name(r.Addr), Validator: []string{}}
	if s, _, err := net.Consumer.Consumer.Find(r.Job); err == nil && s.Bid != nil {
		j.Price = s.Bid.Price
	}
	if r.Outcome == nil {
		return j
	}
	j.Accepted, j.Reason = r.Outcome.Accepted, r.Outcome.Reason
	for _, v := range net.Validators {
		if slices.ContainsFunc(r.Outcome.Verdicts, func(x msg.Verdict) bool { return x.Validator == v.Account() }) {
			j.Validator = append(j.Validator, net.Name(net.Addr(v)))
		}
	}
	return j
}

// finish waits until the guilty are convicted and nothing is held for a quarrel any more, and takes the balances.
func (r *marketDemo) finish(ctx context.Context, net *devnet.Network, before []devnet.Balance, had msg.Amount, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		if err := net.Ledger.Draw(ctx, net); err != nil {
			return err
		}
		after, has, err := net.Ledger.Balances(ctx, net)
		if err != nil {
			return err
		}
		r.take(before, after, had, has)
		if r.paid(net) && (r.judge(demoTrainings) == nil || r.trained(demoTrainings) != nil) {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil // the judgement says what is missing
		case <-time.After(time.Second):
		}
	}
}

// paid reports whether nothing is owed any more that will be paid.
func (r *marketDemo) paid(net *devnet.Network) bool {
	for _, x := range slices.Concat(net.Providers, net.Validators) {
		name := net.Name(net.Addr(x))
		for _, d := range x.Payee.Dues() {
			if name != r.Cheat && name != r.Lazy && (d.State == "" || d.State == "owed" || d.State == "escrow") {
				return false
			}
		}
	}
	return true
}
