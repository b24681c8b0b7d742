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
	Seconds  float64       `json:"seconds"`
	Chain    string        `json:"chain"`
	Jobs     []demoJob     `json:"jobs"`
	Balances []demoBalance `json:"balances"`
	Supply   [2]msg.Amount `json:"supply"` // before and after
	Burnt    msg.Amount    `json:"burnt"`
	Cheat    string        `json:"cheat"`
	Lazy     string        `json:"lazy"`
}

type demoJob struct {
	Wanted    string     `json:"wanted"`
	Provider  string     `json:"provider"`
	Price     msg.Amount `json:"price"`
	Accepted  bool       `json:"accepted"`
	Reason    string     `json:"reason"`
	Validator []string   `json:"validators"`
}

type demoBalance struct {
	Name   string     `json:"name"`
	Part   string     `json:"part"`
	Before msg.Amount `json:"before"`
	After  msg.Amount `json:"after"`
	Jailed bool       `json:"jailed"`
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

const (
	demoCheatNode = "provider-1"
	demoLazyNode  = "validator-1"
)

// demoPrices are what the providers want for a training, in tokens. The cheat is the cheapest: it does not mean to do the work.
var demoPrices = []uint64{2, 3, 4, 5}

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
		workers := 1 + i/2 // the two that want more have the larger machines
		cfg.Devices[i] = func(context.Context) (kernels.Device, error) { return cpu.Open(cpu.Options{Workers: workers}) }
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
	r := &marketDemo{Chain: net.Ledger.Chain.URL(), Cheat: demoCheatNode, Lazy: demoLazyNode, Supply: [2]msg.Amount{supply}}
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
		d := newFollower(g)
		d.name = net.Name
		results, err := net.Consumer.Consumer.Submit(ctx, consumer.Request{Job: job, Require: described.Require, Peers: net.Peers(), Replicas: x.replicas, Prefer: x.prefer,
			Validators: x.validators, Deadline: time.Now().Add(time.Hour), Policy: msg.Policy{SamplePPM: sample, Window: 60, Clock: 20}}, d.event)
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
	if err := r.finish(ctx, net, before, o.limit); err != nil {
		return err
	}
	r.Seconds = time.Since(began).Seconds()
	if err := g.print(r, r.text); err != nil {
		return err
	}
	return r.judge()
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
func (r *marketDemo) finish(ctx context.Context, net *devnet.Network, before []devnet.Balance, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		if err := net.Ledger.Draw(ctx, net); err != nil {
			return err
		}
		after, supply, err := net.Ledger.Balances(ctx, net)
		if err != nil {
			return err
		}
		r.Supply[1], r.Burnt, r.Balances = supply, r.Supply[0].Sub(supply), nil
		convicted := 0
		for i, b := range after {
			r.Balances = append(r.Balances, demoBalance{Name: b.Name, Part: demoPart(b.Name), Before: before[i].Sum, After: b.Sum, Jailed: b.Jailed})
			if b.Jailed && (b.Name == r.Cheat || b.Name == r.Lazy) {
				convicted++
			}
		}
		if quiet := after[len(after)-1].Sum.IsZero() && r.paid(net); convicted == 2 && quiet {
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

func demoPart(name string) string {
	switch name {
	case demoCheatNode:
		return "flips a bit"
	case demoLazyNode:
		return "says valid without looking"
	}
	for i, p := range demoPrices {
		if name == fmt.Sprintf("provider-%d", i+1) {
			return fmt.Sprintf("wants %d a training", p)
		}
	}
	return ""
}

// judge makes a demonstration that did not show what it is to show an error.
func (r *marketDemo) judge() error {
	fail := func(format string, a ...any) error {
		return &exitError{code: exitInvalid, err: fmt.Errorf(format, a...)}
	}
	before, after := msg.Amount{}, msg.Amount{}
	for _, b := range r.Balances {
		before, after = before.Add(b.Before), after.Add(b.After)
		guilty := b.Name == r.Cheat || b.Name == r.Lazy
		if guilty && (!b.Jailed || b.After.Cmp(b.Before) >= 0) {
			return fail("%s was not convicted: it had %s and has %s", b.Name, b.Before, b.After)
		}
		if b.Name != "consumer" && !guilty && b.After.Cmp(b.Before) < 0 {
			return fail("%s is honest, and has %s of %s", b.Name, b.After, b.Before)
		}
	}
	if before != r.Supply[0] || after != r.Supply[1] {
		return fail("the balances come to %s before and %s after, the supply is %s and %s", before, after, r.Supply[0], r.Supply[1])
	}
	accepted := 0
	for _, j := range r.Jobs {
		if j.Accepted == (j.Provider == r.Cheat) {
			return fail("the job of %s: accepted is %v: %s", j.Provider, j.Accepted, j.Reason)
		}
		if j.Accepted {
			accepted++
		}
	}
	if accepted != 4 {
		return fail("%d trainings are accepted, want 4", accepted)
	}
	return nil
}

func (r *marketDemo) text(w io.Writer) {
	fmt.Fprintln(w)
	for _, j := range r.Jobs {
		verdict := "accepted"
		if !j.Accepted {
			verdict = "REJECTED"
		}
		fmt.Fprintf(w, "%-10s  %2s GWR  %s: %s\n", j.Provider, j.Price, verdict, j.Reason)
	}
	fmt.Fprintf(w, "\n%-18s  %-28s %26s %26s %26s\n", "", "", "before", "after", "change")
	for _, b := range r.Balances {
		note := b.Part
		if b.Jailed {
			note += ", slashed"
		}
		fmt.Fprintf(w, "%-18s  %-36s %18s %26s %26s\n", b.Name, note, b.Before, b.After, change(b.Before, b.After))
	}
	fmt.Fprintf(w, "%-18s  %-36s %18s %26s %26s\n", "burnt", "", "0", r.Burnt, change(msg.Amount{}, r.Burnt))
	before, after := msg.Amount{}, r.Burnt
	for _, b := range r.Balances {
		before, after = before.Add(b.Before), after.Add(b.After)
	}
	fmt.Fprintf(w, "%-18s  %-36s %18s %26s %26s\n", "sum", "", before, after, change(before, after))
	fmt.Fprintf(w, "\n%.1f s, with a chain at %s\n", r.Seconds, r.Chain)
}

// change is a difference with its sign.
func change(before, after msg.Amount) string {
	switch after.Cmp(before) {
	case 0:
		return "0"
	case 1:
		return "+" + after.Sub(before).String()
	}
	return "-" + before.Sub(after).String()
}
