package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/proto/msg"
)

// earningsResult is what earnings prints with --json.
type earningsResult struct {
	Account msg.Account `json:"account"`
	*evm.Income
	Paid *evm.Done `json:"paid_out,omitempty"`
}

func newEarningsCmd(g *globals) *cobra.Command {
	var collect bool
	return marketVerb{
		use: "earnings [ACCOUNT]", short: "show what the market paid an account, and pay it out", args: []string{"ACCOUNT"}, optional: true,
		long: `Earnings shows what an account (that of the key, unless another is named) was paid at the market, from the chain's events: by vouchers of which
consumers, by escrows and jurors' fees, what of it was paid out, and what was slashed. Vouchers that a node holds and has not redeemed yet
are not in it.`,
		example: "  gwrun earnings --role host\n  gwrun earnings --collect --role host\n  gwrun earnings --role validate --json",
		flags: func(cmd *cobra.Command) {
			cmd.Flags().BoolVar(&collect, "collect", false, "pay out to the key's account what it earned")
		},
		do: func(ctx context.Context, g *globals, m *evm.Contracts, me msg.Account, args []string) error {
			who, err := accountOr(args, me)
			if err != nil {
				return err
			}
			if collect && who != me {
				return usagef("--collect pays out to the key's account, %s", me)
			}
			r := earningsResult{Account: who}
			if collect {
				a, err := m.Account(ctx, who)
				if err != nil {
					return err
				}
				if a.Earned.IsZero() {
					return &exitError{code: exitFailure, err: fmt.Errorf("the market has nothing for %s now", who),
						hint: "a node redeems the vouchers that it was paid with every hour; with --redeem-every and --redeem-at, when you like"}
				}
				if r.Paid, err = m.Collect(ctx); err != nil {
					return err
				}
			}
			if r.Income, err = m.Income(ctx, who); err != nil {
				return err
			}
			return g.print(r, func(w io.Writer) {
				fmt.Fprintf(w, "%s\n  to collect   %s GWR\n  collected    %s GWR\n  by vouchers  %s GWR\n  by escrows   %s GWR\n", who, r.Earned, r.Collected, r.Vouchers, r.Escrows)
				for _, p := range r.From {
					fmt.Fprintf(w, "    %s  %s GWR\n", p.Consumer, p.Amount)
				}
				for _, end := range slices.Sorted(maps.Keys(r.Jobs)) {
					fmt.Fprintf(w, "  %-11s  %d jobs\n", end, r.Jobs[end])
				}
				if !r.Slashed.IsZero() {
					fmt.Fprintf(w, "  slashed      %s GWR\n", r.Slashed)
				}
			})
		},
	}.cmd(g)
}
