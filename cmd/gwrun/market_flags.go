package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/msg"
)

// amountFlag is a flag that takes an amount in tokens.
type amountFlag struct{ msg.Amount }

func (a *amountFlag) Set(s string) (err error) {
	a.Amount, err = msg.ParseAmount(s)
	return err
}

func (a *amountFlag) Type() string { return "tokens" }

// sellFlags are how a provider makes its prices.
type sellFlags struct {
	price          string
	floor, ceiling amountFlag
	timeout        time.Duration
	region         string
}

func (f *sellFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.price, "price", market.Free, "the `POLICY` by which prices are made: "+market.Policies)
	fl.Var(&f.floor, "price-floor", "least price of a job, in `TOKENS`, whatever --price says")
	fl.Var(&f.ceiling, "price-ceiling", "most, in `TOKENS`; 0 is no bound")
	fl.DurationVar(&f.timeout, "price-timeout", 500*time.Millisecond, "how long the program of --price program: may take before it is killed and the job refused")
	fl.StringVar(&f.region, "region", "", "a `LABEL` for where this node is, such as eu-west: consumers can ask for it")
}

func (f *sellFlags) apply(c *node.Config) error {
	p, err := market.ParsePolicy(f.price)
	if err != nil {
		return usagef("--price: %v", err)
	}
	p.Floor, p.Ceiling, p.Timeout = f.floor.Amount, f.ceiling.Amount, f.timeout
	if err := p.Check(); err != nil {
		return usagef("--price-floor and --price-ceiling: %v", err)
	}
	if f.timeout <= 0 || f.timeout > 10*time.Second {
		return usagef("--price-timeout %s, want more than 0 and at most 10s", f.timeout)
	}
	if len(f.region) > 64 {
		return usagef("--region: %d bytes, want at most 64", len(f.region))
	}
	c.Price, c.Region = p, f.region
	return nil
}

// buyFlags are what a consumer wants for its money.
type buyFlags struct {
	max           amountFlag
	prefer        string
	bidding       time.Duration
	open          bool
	kind, region  string
	probe         string
	memory        byteFlag
	speed, kernel uint64
	stake         amountFlag
}

func (f *buyFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.Var(&f.max, "max-price", "most, in `TOKENS`, that a provider may ask for the job: needed with a chain, no bound without")
	fl.StringVar(&f.prefer, "prefer", string(market.ByPrice), "what bids are chosen by first: price, speed or reputation")
	fl.DurationVar(&f.bidding, "bidding", 0, "how long providers may take to seal their bids (default 3s, where there is a price; sooner over once all have)")
	fl.BoolVar(&f.open, "open-bids", false, "take open bids at once, also where there is a price: for providers that you trust not to be played off against each other")
	fl.StringVar(&f.kind, "device-kind", "", "take only providers with this kind of device: cpu or gpu")
	fl.Var(&f.memory, "min-memory", "only those with so many `BYTES` for buffers")
	fl.Uint64Var(&f.speed, "min-speed", 0, "only those that do so much `GAS` of modules a second, as they measured and showed")
	fl.Uint64Var(&f.kernel, "min-kernel-speed", 0, "only those that do so much `GAS` of kernels a second")
	fl.StringVar(&f.probe, "probe", "", "only those whose device passed the conformance battery of this `DIGEST`")
	fl.StringVar(&f.region, "region", "", "only those with this `LABEL`")
	fl.Var(&f.stake, "min-stake", "only those that have so many `TOKENS` staked")
}

// apply fills in what was asked for; what was not stays as the job file has it.
func (f *buyFlags) apply(cmd *cobra.Command, req *consumer.Request) (err error) {
	if f.kind != "" && f.kind != "cpu" && f.kind != "gpu" {
		return usagef("--device-kind %q, want cpu or gpu", f.kind)
	}
	if req.Prefer, err = market.ParsePreference(f.prefer); err != nil {
		return usagef("--prefer: %v", err)
	}
	if f.bidding < 0 || f.bidding > market.MaxBidding {
		return usagef("--bidding %s, want 0 to %s", f.bidding, market.MaxBidding)
	}
	req.PriceCap, req.Bidding = f.max.Amount, f.bidding
	if f.open {
		req.Bidding = -1
	}
	r := &req.Require
	for flag, set := range map[string]func(){
		"device-kind": func() { r.DeviceKind = f.kind }, "min-memory": func() { r.Memory = uint64(f.memory) }, "min-speed": func() { r.Speed = f.speed },
		"min-kernel-speed": func() { r.GPUSpeed = f.kernel }, "probe": func() { r.Probe = f.probe }, "region": func() { r.Region = f.region },
		"min-stake": func() { r.Stake = f.stake.Amount }} {
		if cmd.Flags().Changed(flag) {
			set()
		}
	}
	return nil
}
