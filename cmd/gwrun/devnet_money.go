package main

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/proto/msg"
)

// devnetMoney are the flags of a devnet with a chain of its own.
type devnetMoney struct {
	chain  bool
	listen string
	period time.Duration
	price  string
	fund   []string
}

func (f *devnetMoney) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.BoolVar(&f.chain, "chain", false, "with an Ethereum chain of its own and the market's contracts on it, where every node has tokens and stake")
	fl.StringVar(&f.listen, "chain-listen", "", "loopback `ADDRESS` of the chain's JSON-RPC (default any free port)")
	fl.DurationVar(&f.period, "chain-period", time.Second, "time between two blocks, in whole seconds")
	fl.StringVar(&f.price, "price", "fixed:1", "the `POLICY` by which providers make their prices, with --chain: "+market.Policies)
	fl.StringSliceVar(&f.fund, "fund", nil, "`ACCOUNT,...` that have ether and tokens on the chain too: yours; host, validate and submit are those of their keys in the --home folder")
}

func (f *devnetMoney) apply(g *globals, cfg *devnet.Config) error {
	if !f.chain {
		return nil
	}
	if f.period < time.Second || f.period%time.Second != 0 {
		return usagef("--chain-period %s, want whole seconds, at least one", f.period)
	}
	p, err := market.ParsePolicy(f.price)
	if err != nil {
		return usagef("--price: %v", err)
	}
	cfg.Prices = map[int]market.Policy{}
	for i := range cfg.Providers {
		cfg.Prices[i] = p
	}
	cfg.Chain = &devnet.Money{Listen: f.listen, Period: f.period, Tell: func(s string) { g.logf("%s", s) }}
	for _, text := range f.fund {
		if slices.Contains(roles, text) {
			a, err := balanceOf(g, &keyFlags{role: text}, nil)
			if err != nil {
				return err
			}
			cfg.Chain.Fund = append(cfg.Chain.Fund, a)
			continue
		}
		a, err := msg.ParseAccount(text)
		if err != nil {
			return usagef("--fund: %v; or one of %s", err, strings.Join(roles, ", "))
		}
		cfg.Chain.Fund = append(cfg.Chain.Fund, a)
	}
	return nil
}
