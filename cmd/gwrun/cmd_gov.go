package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/proto/msg"
)

func newGovCmd(g *globals) *cobra.Command {
	return group("gov", "propose and vote on the market's numbers", newGovStatusCmd(g), newGovDelegateCmd(g), newGovProposeCmd(g), newGovVoteCmd(g), newGovExecuteCmd(g))
}

func newGovDelegateCmd(g *globals) *cobra.Command {
	return marketVerb{
		use: "delegate [ACCOUNT]", short: "give the votes of this account's tokens to somebody, or to itself", args: []string{"ACCOUNT"}, optional: true,
		long: `Delegate says who votes with the tokens of the key's account. Tokens that nobody was given count for nothing: without an ACCOUNT they are
its own. Votes count from the next block on, and of each proposal those there were when its vote began.`,
		example: "  gwrun gov delegate\n  gwrun gov delegate 0x00000000000000000000000000000000000000aa",
		do: func(ctx context.Context, g *globals, m *evm.Contracts, me msg.Account, args []string) error {
			to, err := accountOr(args, me)
			if err != nil {
				return err
			}
			d, err := m.Delegate(ctx, to)
			if err != nil {
				return err
			}
			return printDone(g, me, d, "%s votes with the tokens of %s", to, me)
		},
	}.cmd(g)
}

func newGovProposeCmd(g *globals) *cobra.Command {
	var set []string
	var text string
	return marketVerb{
		use: "propose", short: "propose other numbers", args: nil,
		long: `Propose has a change of governed numbers voted on. They are set together, if the vote passes, after the timelock's delay (gwrun gov execute).
Sums of money are in 10^-9 of a token, times in seconds, shares in millionths (PPM) or ten-thousandths (BPS). No vote can pass their
bounds (gwrun contracts show). Numbers: ` + strings.Join(evm.ParameterNames(), ", ") + ".",
		example: "  gwrun gov propose --set MinStake=200000000000 --text 'a stake of 200 tokens'\n  gwrun gov propose --set MinWindow=120 --set MaxWindow=7200 --text 'longer windows'",
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringArrayVar(&set, "set", nil, "set `NAME=NUMBER`; may be given several times")
			cmd.Flags().StringVar(&text, "text", "", "what others are to know about it")
		},
		do: func(ctx context.Context, g *globals, m *evm.Contracts, me msg.Account, _ []string) error {
			numbers := map[string]uint64{}
			for _, s := range set {
				name, value, ok := strings.Cut(s, "=")
				n, err := strconv.ParseUint(value, 10, 64)
				if !ok || err != nil || !slices.Contains(evm.ParameterNames(), name) {
					return usagef("--set %q: want NAME=NUMBER with one of %s", s, strings.Join(evm.ParameterNames(), ", "))
				}
				if _, twice := numbers[name]; twice {
					return usagef("--set %s is given twice", name)
				}
				numbers[name] = n
			}
			if len(numbers) == 0 || text == "" {
				return usagef("--set and --text are needed: what is to change, and why")
			}
			d, id, err := m.Propose(ctx, numbers, text)
			if err != nil {
				return err
			}
			return printDone(g, me, d, "proposed: gwrun gov vote %s for", id[:min(len(id), 12)])
		},
	}.cmd(g)
}

// support is how votes are counted.
var support = map[string]uint8{"against": 0, "for": 1, "abstain": 2}

func newGovVoteCmd(g *globals) *cobra.Command {
	var reason string
	return marketVerb{
		use: "vote PROPOSAL for|against|abstain", short: "vote", args: []string{"PROPOSAL", "VOTE"},
		long:    "Vote casts the votes of the key's account on a proposal, which is named by the first digits of its number (gwrun gov status).",
		example: "  gwrun gov vote 81264512 for\n  gwrun gov vote 81264512 against --reason 'too short'",
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&reason, "reason", "", "why, for others to read")
		},
		do: func(ctx context.Context, g *globals, m *evm.Contracts, me msg.Account, args []string) error {
			n, ok := support[args[1]]
			if !ok {
				return usagef("vote %q, want for, against or abstain", args[1])
			}
			p, err := m.Proposal(ctx, args[0])
			if err != nil {
				return err
			}
			if p.State != "active" {
				return fmt.Errorf("proposal %s is %s, wanted active: its vote goes from %s to %s", shortID(p), p.State, chainTime(p.Begins.Unix()), chainTime(p.Ends.Unix()))
			}
			d, err := m.Vote(ctx, p, n, reason)
			if err != nil {
				return err
			}
			return printDone(g, me, d, "voted %s on %s", args[1], shortID(p))
		},
	}.cmd(g)
}

func shortID(p *evm.Proposal) string { return p.ID[:min(len(p.ID), 12)] }

func newGovExecuteCmd(g *globals) *cobra.Command {
	return marketVerb{
		use: "execute PROPOSAL", short: "bring a proposal that passed into effect", args: []string{"PROPOSAL"},
		long: `Execute takes the next step of a proposal that passed, as anybody may: first into the timelock's queue, then, when its delay is over, into
effect.`,
		example: "  gwrun gov execute 81264512",
		do: func(ctx context.Context, g *globals, m *evm.Contracts, me msg.Account, args []string) error {
			p, err := m.Proposal(ctx, args[0])
			if err != nil {
				return err
			}
			d, err := m.Carry(ctx, p)
			if err != nil {
				return err
			}
			if p, err = m.Proposal(ctx, p.ID); err != nil {
				return err
			}
			if p.Ready != nil {
				return printDone(g, me, d, "proposal %s is queued: gwrun gov execute brings it into effect from %s on", shortID(p), chainTime(p.Ready.Unix()))
			}
			return printDone(g, me, d, "proposal %s is %s", shortID(p), p.State)
		},
	}.cmd(g)
}

func newGovStatusCmd(g *globals) *cobra.Command {
	return marketVerb{
		use: "status [PROPOSAL]", short: "show what is voted on, and the account's votes", args: []string{"PROPOSAL"}, optional: true,
		long:    "Status lists the proposals, the newest first, or shows the one that is named by the first digits of its number.",
		example: "  gwrun gov status\n  gwrun gov status 81264512 --json",
		do: func(ctx context.Context, g *globals, m *evm.Contracts, me msg.Account, args []string) error {
			a, err := m.Account(ctx, me)
			if err != nil {
				return err
			}
			var all []evm.Proposal
			if len(args) == 1 {
				p, err := m.Proposal(ctx, args[0])
				if err != nil {
					return err
				}
				all = []evm.Proposal{*p}
			} else if all, err = m.Proposals(ctx); err != nil {
				return err
			}
			if all == nil {
				all = []evm.Proposal{}
			}
			res := struct {
				Account   msg.Account    `json:"account"`
				Votes     msg.Amount     `json:"votes"`
				Proposals []evm.Proposal `json:"proposals"`
			}{me, a.Votes, all}
			return g.print(res, func(w io.Writer) {
				fmt.Fprintf(w, "%s has %s votes\n", me, a.Votes)
				if len(all) == 0 {
					fmt.Fprintln(w, "there are no proposals")
				}
				for i := range all {
					p := &all[i]
					fmt.Fprintf(w, "%s  %-9s  for %s, against %s, abstain %s; vote from %s to %s\n", shortID(p), p.State, p.For, p.Against, p.Abstain, chainTime(p.Begins.Unix()), chainTime(p.Ends.Unix()))
					for _, c := range p.Calls {
						fmt.Fprintf(w, "    %s\n", printable(c))
					}
					if p.Text != "" {
						fmt.Fprintf(w, "    %s\n", printable(p.Text))
					}
				}
			})
		},
	}.cmd(g)
}
