package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/proto/msg"
)

func newJobFundCmd(g *globals) *cobra.Command {
	return marketVerb{
		use: "fund TOKENS", short: "deposit tokens at the market, from which jobs are paid", args: []string{"TOKENS"},
		long: `Fund moves tokens from the key's account into its deposit at the market, in one transaction. Providers look at it before they take a
job, and vouchers and escrows draw on it.`,
		example: "  gwrun job fund 100 --role submit\n  gwrun job fund 12.5 --role submit --json",
		do: func(ctx context.Context, g *globals, m *evm.Contracts, me msg.Account, args []string) error {
			a, err := parseTokens(args[0])
			if err != nil {
				return err
			}
			d, err := m.Fund(ctx, a)
			if err != nil {
				return err
			}
			s, err := m.Account(ctx, me)
			if err != nil {
				return err
			}
			return printDone(g, me, d, "deposited %s GWR: the deposit of %s is %s GWR", a, me, s.Deposit)
		},
	}.cmd(g)
}

func newJobRefundCmd(g *globals) *cobra.Command {
	return marketVerb{
		use: "refund [TOKENS]", short: "take a deposit out: ask for it, and get it after the notice", args: []string{"TOKENS"}, optional: true,
		long: `Refund with an amount gives notice that so much of the deposit will be taken out. Vouchers and escrows still draw on it until then, but
providers no longer count on it. Refund without an amount pays out what the notice has run out for.`,
		example: "  gwrun job refund 50 --role submit\n  gwrun job refund --role submit",
		do: func(ctx context.Context, g *globals, m *evm.Contracts, me msg.Account, args []string) error {
			if len(args) == 0 {
				d, err := m.Refund(ctx)
				if err != nil {
					return err
				}
				return printDone(g, me, d, "paid out to %s what the notice had run out for", me)
			}
			a, err := parseTokens(args[0])
			if err != nil {
				return err
			}
			d, err := m.RequestRefund(ctx, a)
			if err != nil {
				return err
			}
			s, err := m.Account(ctx, me)
			if err != nil {
				return err
			}
			return printDone(g, me, d, "gave notice of %s GWR: gwrun job refund pays it out from %s on", s.Leaving, chainTime(s.LeavesAt))
		},
	}.cmd(g)
}
