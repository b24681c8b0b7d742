package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/proto/msg"
)

// marketVerb is a verb that acts at the market with a key.
type marketVerb struct {
	use, short, long, example string
	args                      []string
	optional                  bool // the arguments may be left out
	flags                     func(cmd *cobra.Command)
	do                        func(ctx context.Context, g *globals, m *evm.Contracts, me msg.Account, args []string) error
}

func (v marketVerb) cmd(g *globals) *cobra.Command {
	var key keyFlags
	var at chainFlags
	args := exactArgs(v.args...)
	if v.optional {
		args = cobra.MaximumNArgs(len(v.args))
	}
	cmd := &cobra.Command{Use: v.use, Short: v.short, Long: v.long, Example: v.example, Args: args, Annotations: exitStatus(exitPeer, exitKey),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := key.load(g)
			if err != nil {
				return err
			}
			m, done, err := at.open(cmd.Context(), g, id)
			if err != nil {
				return err
			}
			defer done()
			return refused(v.do(cmd.Context(), g, m, id.Account(), args))
		}}
	key.add(cmd)
	at.add(cmd)
	if v.flags != nil {
		v.flags(cmd)
	}
	return cmd
}

// hints say what to do where a contract refuses, by the name of its error.
var hints = map[string]string{
	"TooEarly":                          "it has to wait until the first time named, in Unix seconds; the second is the chain's clock now",
	"TooLittleFree":                     "bonds of open jobs and seats in committees hold the rest: gwrun stake status",
	"NothingGiven":                      "there is nothing to be moved: gwrun stake status, gwrun wallet balance",
	"NotEligible":                       "more stake is needed, or the account is in jail: gwrun stake status",
	"NotEnoughStake":                    "each seat takes the least stake: gwrun stake add",
	"TooLittleDeposit":                  "gwrun job fund",
	"StillStaked":                       "take the stake out first: gwrun stake remove",
	"GovernorInsufficientProposerVotes": "votes count from the block after gwrun gov delegate on; who has too few finds others to delegate to it",
}

// refused gives the errors of the chain their exit statuses, and contracts' a hint.
func refused(err error) error {
	if r := chain.Reverted(err); r != nil {
		return &exitError{code: exitFailure, err: err, hint: hints[r.Name]}
	}
	return chainError(err)
}

// doneResult is a transaction as verbs print it.
type doneResult struct {
	*evm.Done
	Account msg.Account `json:"account"`
	What    string      `json:"what"`
}

// printDone says what was done, and what it cost.
func printDone(g *globals, me msg.Account, d *evm.Done, format string, a ...any) error {
	r := doneResult{d, me, fmt.Sprintf(format, a...)}
	return g.print(r, func(w io.Writer) {
		fmt.Fprintf(w, "%s\n  in block %d, %d gas, %s ether, transaction 0x%s\n", r.What, d.Block, d.Gas, chain.Ether(d.Fee), d.Tx)
	})
}

// parseTokens reads an amount that is to be moved.
func parseTokens(text string) (msg.Amount, error) {
	a, err := msg.ParseAmount(text)
	if err == nil && a.IsZero() {
		err = fmt.Errorf("an amount of 0, want more")
	}
	if err != nil {
		return a, usagef("%v", err)
	}
	return a, nil
}

// chainTime writes a time of the chain.
func chainTime(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.RFC3339) }

// accountOr reads the account named, or takes the key's.
func accountOr(args []string, me msg.Account) (msg.Account, error) {
	if len(args) == 0 {
		return me, nil
	}
	a, err := msg.ParseAccount(args[0])
	if err != nil {
		return a, usagef("%v", err)
	}
	return a, nil
}
