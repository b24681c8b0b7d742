package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/proto/msg"
)

func newStakeCmd(g *globals) *cobra.Command {
	return group("stake", "hold tokens at stake, by which providers and validators answer for what they say", newStakeAddCmd(g), newStakeRemoveCmd(g), newStakeStatusCmd(g))
}

// parseRoles reads a list of roles in the registry.
func parseRoles(text string) (roles uint8, err error) {
	for _, r := range strings.Split(text, ",") {
		switch strings.TrimSpace(r) {
		case "provider":
			roles |= evm.RoleProvider
		case "validator":
			roles |= evm.RoleValidator
		default:
			return 0, usagef("--roles: %q, want provider, validator or both", r)
		}
	}
	return roles, nil
}

func roleNames(roles uint8) string {
	var out []string
	if roles&evm.RoleProvider != 0 {
		out = append(out, "provider")
	}
	if roles&evm.RoleValidator != 0 {
		out = append(out, "validator")
	}
	return strings.Join(out, ",")
}

func newStakeAddCmd(g *globals) *cobra.Command {
	var roles, device, endpoint string
	var seats uint64
	return marketVerb{
		use: "add TOKENS", short: "stake tokens, and enter the registry", args: []string{"TOKENS"},
		long: `Add moves tokens from the key's account into stake, in one transaction. Stake answers for the account: a provider's jobs hold a
bond of it, a validator is drawn by its weight, and who is proven to have lied loses a part.

With --roles the account is entered in the registry too, where others find it: as provider, as validator (only those are drawn
to judge), or both; with an amount of 0 only that is changed. --seats takes seats on the bench that committees are drawn from, each for the least stake; whoever sits there has
to vote when it is drawn.`,
		example: `  gwrun stake add 500 --role host --roles provider --endpoint 203.0.113.7:4242
  gwrun stake add 1000 --role validate --roles validator --device cpu --endpoint 203.0.113.7:4243 --seats 2`,
		flags: func(cmd *cobra.Command) {
			cmd.Flags().StringVar(&roles, "roles", "", "enter the registry as `LIST` of provider, validator")
			cmd.Flags().StringVar(&device, "device", "", "`KIND` of device that the registry names, such as cpu")
			cmd.Flags().StringVar(&endpoint, "endpoint", "", "`HOST:PORT` where others reach this node")
			cmd.Flags().Uint64Var(&seats, "seats", 0, "how many seats to take for committees")
		},
		do: func(ctx context.Context, g *globals, m *evm.Contracts, me msg.Account, args []string) error {
			a, err := msg.ParseAmount(args[0])
			if err != nil || roles == "" || !a.IsZero() {
				if a, err = parseTokens(args[0]); err != nil {
					return err
				}
			}
			var as uint8
			if roles != "" {
				if as, err = parseRoles(roles); err != nil {
					return err
				}
			}
			if endpoint != "" {
				if err := checkReached("endpoint", endpoint); err != nil {
					return err
				}
			}
			if (device != "" || endpoint != "") && roles == "" {
				return usagef("--device and --endpoint are of the registry: give --roles too")
			}
			if len(device) > 8 {
				return usagef("--device %.20q: at most 8 bytes", device)
			}
			var d *evm.Done
			what := fmt.Sprintf("nothing staked of %s", me)
			if !a.IsZero() {
				if d, err = m.AddStake(ctx, a); err != nil {
					return err
				}
				what = fmt.Sprintf("staked %s GWR of %s", a, me)
			}
			if roles != "" {
				if d, err = m.Register(ctx, as, device, endpoint); err != nil {
					return fmt.Errorf("%s, but not registered: %w", what, err)
				}
				what += ", registered as " + roleNames(as)
			}
			if seats > 0 {
				if d, err = m.Enlist(ctx, seats); err != nil {
					return fmt.Errorf("%s, but no seat taken: %w", what, err)
				}
				what += fmt.Sprintf(", %d seats taken", seats)
			}
			return printDone(g, me, d, "%s", what)
		},
	}.cmd(g)
}

func newStakeRemoveCmd(g *globals) *cobra.Command {
	var cancel, leave bool
	return marketVerb{
		use: "remove [TOKENS]", short: "take stake out: ask for it, and get it after the delay", args: []string{"TOKENS"}, optional: true,
		long: `Remove with an amount asks for so much of the stake. It leaves after the unbonding delay, and can be slashed until then. Remove
without one pays out what has waited long enough. A second request has all that is asked for wait the whole delay again.`,
		example: `  gwrun stake remove 200 --role host
  gwrun stake remove --role host
  gwrun stake remove --cancel --role host`,
		flags: func(cmd *cobra.Command) {
			cmd.Flags().BoolVar(&cancel, "cancel", false, "stake again what was asked for")
			cmd.Flags().BoolVar(&leave, "unregister", false, "leave the registry too")
		},
		do: func(ctx context.Context, g *globals, m *evm.Contracts, me msg.Account, args []string) error {
			if cancel && len(args) > 0 {
				return usagef("--cancel takes no amount: everything that was asked for stays")
			}
			if leave {
				if _, err := m.Unregister(ctx); err != nil {
					return err
				}
			}
			switch {
			case cancel:
				d, err := m.CancelUnbond(ctx)
				if err != nil {
					return err
				}
				return printDone(g, me, d, "staked again what was to leave")
			case len(args) == 0:
				d, err := m.WithdrawStake(ctx)
				if err != nil {
					return err
				}
				return printDone(g, me, d, "paid out to %s what had waited long enough", me)
			}
			a, err := parseTokens(args[0])
			if err != nil {
				return err
			}
			d, err := m.Unbond(ctx, a)
			if err != nil {
				return err
			}
			s, err := m.Account(ctx, me)
			if err != nil {
				return err
			}
			return printDone(g, me, d, "asked for %s GWR: gwrun stake remove pays out %s from %s on", a, s.Unbonding, chainTime(s.UnbondsAt))
		},
	}.cmd(g)
}

func newStakeStatusCmd(g *globals) *cobra.Command {
	return marketVerb{
		use: "status [ACCOUNT]", short: "show what an account has at stake", args: []string{"ACCOUNT"}, optional: true,
		long:    "Status shows an account's stake (that of the key, unless another is named): what bonds hold of it, what is on its way out, and whether it may be drawn.",
		example: "  gwrun stake status --role host\n  gwrun stake status 0x00000000000000000000000000000000000000aa --json",
		do: func(ctx context.Context, g *globals, m *evm.Contracts, me msg.Account, args []string) error {
			who, err := accountOr(args, me)
			if err != nil {
				return err
			}
			a, err := m.Account(ctx, who)
			if err != nil {
				return err
			}
			return g.print(a, func(w io.Writer) {
				fmt.Fprintf(w, "%s\n  at stake   %s GWR", a.Account, a.Staked)
				if !a.Locked.IsZero() {
					fmt.Fprintf(w, ", %s of it held by bonds of open jobs", a.Locked)
				}
				if !a.Unbonding.IsZero() {
					fmt.Fprintf(w, ", %s of it leaving at %s", a.Unbonding, chainTime(a.UnbondsAt))
				}
				fmt.Fprintf(w, "\n  may judge  %v\n  seats      %d\n  tokens     %s GWR\n", a.MayJudge, a.Seats, a.Tokens)
				if a.JailedUntil > time.Now().Unix() {
					fmt.Fprintf(w, "  in jail until %s\n", chainTime(a.JailedUntil))
				}
			})
		},
	}.cmd(g)
}
