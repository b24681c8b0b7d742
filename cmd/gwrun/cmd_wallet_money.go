package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/proto/msg"
)

// balanceResult is what wallet balance prints.
type balanceResult struct {
	Account msg.Account `json:"account"`
	Chain   uint64      `json:"chain"`
	Coins   string      `json:"coins"` // the chain's own, which gas is paid in
	Tokens  msg.Amount  `json:"tokens"`
	Deposit msg.Amount  `json:"deposit"` // for jobs
	Earned  msg.Amount  `json:"earned"`  // and not collected
	Staked  msg.Amount  `json:"staked"`
}

func newWalletBalanceCmd(g *globals) *cobra.Command {
	var key keyFlags
	var f chainFlags
	cmd := &cobra.Command{
		Use:   "balance [ACCOUNT]",
		Short: "show what an account has",
		Long: `Balance shows what an account has on the chain: coins, which gas is paid in, tokens, and what of its tokens the market
holds: as a deposit for jobs, as earnings that were not collected, as stake. Without ACCOUNT it is that of the key file; no passphrase is
wanted.`,
		Annotations: exitStatus(exitPeer, exitKey),
		Example:     "  gwrun wallet balance --rpc http://127.0.0.1:8545\n  gwrun wallet balance --role host\n  gwrun wallet balance 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed --json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return exactArgs("ACCOUNT")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			who, err := balanceOf(g, &key, args)
			if err != nil {
				return err
			}
			m, close, err := f.open(cmd.Context(), g, nil)
			if err != nil {
				return err
			}
			defer close()
			a, err := m.Account(cmd.Context(), who)
			if err != nil {
				return chainError(err)
			}
			r := balanceResult{who, m.Chain().ChainID(), chain.Ether(a.Ether), a.Tokens, a.Deposit, a.Earned, a.Staked}
			return g.print(r, func(w io.Writer) {
				fmt.Fprintf(w, "account  %s\nchain    %d\ncoins    %s\ntokens   %s\ndeposit  %s\nearned   %s\nstaked   %s\n", r.Account, r.Chain, r.Coins, r.Tokens, r.Deposit, r.Earned, r.Staked)
			})
		},
	}
	key.add(cmd)
	f.add(cmd)
	return cmd
}

// balanceOf is the account named, or that which the key file says it is for.
func balanceOf(g *globals, key *keyFlags, args []string) (msg.Account, error) {
	if len(args) > 0 {
		return parsePayee(args[0])
	}
	path, err := key.path(g)
	if err != nil {
		return msg.Account{}, err
	}
	who, _, err := lookAt(path)
	if errors.Is(err, fs.ErrNotExist) {
		return who, key.noKey(g, path)
	}
	if err != nil {
		return who, &exitError{code: exitKey, err: fmt.Errorf("%s: %w", path, err)}
	}
	return who, nil
}

// sendResult is what wallet send prints.
type sendResult struct {
	From   msg.Account `json:"from"`
	To     msg.Account `json:"to"`
	Amount msg.Amount  `json:"amount"`
	Unit   string      `json:"unit"` // "tokens" or "coins"
	*evm.Done
}

func newWalletSendCmd(g *globals) *cobra.Command {
	var key keyFlags
	var f chainFlags
	var coins, yes bool
	cmd := &cobra.Command{
		Use:   "send ACCOUNT AMOUNT",
		Short: "send tokens or coins to an account",
		Long: `Send moves tokens, or with --coins the chain's own coins, from the key's account to another. On a terminal it shows what it is
about to do and asks; elsewhere it wants --yes. What is sent cannot be brought back.

ACCOUNT is checked: capital and small letters are its checksum (EIP-55), nobody's account and the market's contracts are refused. AMOUNT is
exact, with up to 18 decimal places. It ends when the transaction is in a block.`,
		Annotations: exitStatus(exitPeer, exitKey),
		Example: `  gwrun wallet send 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed 12.5
  gwrun wallet send --role host --coins --yes 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed 0.05 --json`,
		Args: exactArgs("ACCOUNT", "AMOUNT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := sendResult{Unit: "tokens"}
			if coins {
				r.Unit = "coins"
			}
			var err error
			if r.To, err = parsePayee(args[0]); err != nil {
				return err
			}
			if r.Amount, err = msg.ParseAmount(args[1]); err != nil {
				return usagef("%v", err)
			}
			if r.Amount.IsZero() {
				return usagef("an amount of 0: there is nothing to send")
			}
			id, err := key.load(g)
			if err != nil {
				return err
			}
			r.From = id.Account()
			m, close, err := f.open(cmd.Context(), g, id)
			if err != nil {
				return err
			}
			defer close()
			if err := sendable(r.To, r.From, m.Addresses()); err != nil {
				return err
			}
			if err := covered(cmd.Context(), m, &r); err != nil {
				return err
			}
			if !yes {
				if err := confirm(g, fmt.Sprintf("send %s %s from %s to %s on chain %d", r.Amount, r.Unit, r.From, r.To, m.Chain().ChainID())); err != nil {
					return err
				}
			}
			if coins {
				r.Done, err = m.SendEther(cmd.Context(), r.To, r.Amount.Big())
			} else {
				r.Done, err = m.SendTokens(cmd.Context(), r.To, r.Amount)
			}
			if err != nil {
				return chainError(err)
			}
			return g.print(r, func(w io.Writer) {
				fmt.Fprintf(w, "sent     %s %s\nto       %s\nblock    %d\ntx       0x%s\nfee      %s coins\n", r.Amount, r.Unit, r.To, r.Block, strings.TrimPrefix(r.Tx.String(), "0x"), chain.Ether(r.Fee))
			})
		},
	}
	key.add(cmd)
	f.add(cmd)
	cmd.Flags().BoolVar(&coins, "coins", false, "send the chain's own coins, not tokens")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

// covered says what is missing for a payment, before anything is sent. Gas comes on top; the chain knows how much.
func covered(ctx context.Context, m *evm.Contracts, r *sendResult) error {
	a, err := m.Account(ctx, r.From)
	if err != nil {
		return chainError(err)
	}
	switch {
	case r.Unit == "tokens" && a.Tokens.Cmp(r.Amount) < 0:
		return &exitError{code: exitFailure, err: fmt.Errorf("%s has %s tokens, wanted %s", r.From, a.Tokens, r.Amount), hint: "what is staked, deposited or earned has to be taken back first"}
	case r.Unit == "coins" && a.Ether.Cmp(r.Amount.Big()) <= 0:
		return fmt.Errorf("%s has %s coins, wanted %s and gas", r.From, chain.Ether(a.Ether), r.Amount)
	}
	return nil
}

// confirm asks whether to go on with what cannot be undone.
func confirm(g *globals, what string) error {
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return &exitError{code: exitUsage, err: fmt.Errorf("%s: nobody can be asked, standard input is not a terminal", what), hint: "give --yes"}
	}
	fmt.Fprintf(g.stderr, "%s? yes or no: ", what)
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(line) != "yes" {
		return errors.New("not sent: the answer was not yes")
	}
	return nil
}
