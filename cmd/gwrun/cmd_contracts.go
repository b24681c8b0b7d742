package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

func newContractsCmd(g *globals) *cobra.Command {
	return group("contracts", "deploy, check and show a market's contracts", newContractsDeployCmd(g), newContractsVerifyCmd(g), newContractsShowCmd(g))
}

// dialChain connects to a chain on which there may be no market yet.
func dialChain(ctx context.Context, g *globals, f *chainFlags, id *identity.Identity, maxFee uint64) (*chain.Client, error) {
	if f.url() == "" {
		return nil, usagef("--rpc is missing: the URL of a server of the chain, or $%s", rpcVar)
	}
	cfg := chain.Config{URL: f.url(), Key: id, Errors: evm.ABIs(), Log: g.logger(slog.LevelInfo)}
	if maxFee > 0 {
		cfg.MaxFee = chain.GweiOf(maxFee)
	}
	c, err := chain.Dial(ctx, cfg)
	return c, chainError(err)
}

// deployGenesis is what the deployer of a development network has in the beginning where nothing else is said.
const deployGenesis = "100000000"

func newContractsDeployCmd(g *globals) *cobra.Command {
	var key keyFlags
	var at chainFlags
	var preset, params string
	var maxFee uint64
	cmd := &cobra.Command{
		Use: "deploy", Short: "put a market's contracts on a chain",
		Long: `Deploy makes the ten contracts of a market, one transaction each, and writes where they are to the --contracts file: everybody who takes part
needs it. Killed at any point, the same call goes on where it was. Nobody owns what was deployed: the numbers are governed by the token's
holders within bounds that are fixed now.

The preset devnet has windows of seconds, and gives all tokens to the deployer; mainnet has those of a network of money, and wants --params with
its genesis: who has how many tokens. A --params file is JSON over the preset; gwrun contracts show prints what a market was deployed with in the same form.`,
		Annotations: exitStatus(exitPeer, exitKey),
		Example: `  gwrun contracts deploy --rpc http://127.0.0.1:8545 --preset devnet --key deployer.json --contracts contracts.json
  gwrun contracts deploy --preset mainnet --params genesis.json --max-fee 30`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := evm.Preset(preset)
			if err != nil {
				return usagef("--preset: %v", err)
			}
			if params != "" {
				if err := evm.ReadParams(params, &p); err != nil {
					return err
				}
			}
			id, err := key.load(g)
			if err != nil {
				return err
			}
			if len(p.Genesis) == 0 {
				if preset == "mainnet" {
					return usagef("nobody has any tokens: --params FILE with genesis, such as {\"genesis\": {\"%s\": \"1000000\"}}", id.Account())
				}
				all, err := msg.ParseAmount(deployGenesis)
				if err != nil {
					return err
				}
				p.Genesis[id.Account()] = all
			}
			path, err := contractsPath(g, at.contracts)
			if err != nil {
				return err
			}
			c, err := dialChain(cmd.Context(), g, &at, id, maxFee)
			if err != nil {
				return err
			}
			defer c.Close()
			a, err := evm.Deploy(cmd.Context(), c, p, path, func(line string) { g.logf("%s", line) })
			if err != nil {
				return refused(err)
			}
			return showContracts(g, path, a)
		},
	}
	key.add(cmd)
	at.add(cmd)
	cmd.Flags().StringVar(&preset, "preset", "", "the numbers to begin with: `devnet` or mainnet")
	cmd.Flags().StringVar(&params, "params", "", "JSON `FILE` over the preset")
	cmd.Flags().Uint64Var(&maxFee, "max-fee", 0, "most `GWEI` to pay for a unit of gas (default 200)")
	return cmd
}

func newContractsVerifyCmd(g *globals) *cobra.Command {
	var at chainFlags
	cmd := &cobra.Command{
		Use: "verify", Short: "check that the contracts of a file are those of this program's sources",
		Long: `Verify looks up, for each contract of the --contracts file, the transaction that made it: it must have just the code that this gwrun was built
with and the numbers and addresses of the file, and be the one that follows for its address from the deployer's account. Run it before you
trust a file that somebody gave you.`,
		Annotations: exitStatus(exitInvalid, exitPeer),
		Example:     "  gwrun contracts verify --rpc https://rpc.example.org --contracts contracts.json",
		Args:        exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, a, err := readContracts(g, at.contracts)
			if err != nil {
				return err
			}
			c, err := dialChain(cmd.Context(), g, &at, nil, 0)
			if err != nil {
				return err
			}
			defer c.Close()
			if err := a.Verify(cmd.Context(), c); err != nil {
				if errors.Is(err, chain.ErrUnreachable) || errors.Is(err, chain.ErrWrongChain) {
					return chainError(err)
				}
				return &exitError{code: exitInvalid, err: err, hint: "do not use this market unless you know why"}
			}
			res := struct {
				File  string `json:"file"`
				Valid bool   `json:"valid"`
			}{path, true}
			return g.print(res, func(w io.Writer) {
				fmt.Fprintf(w, "%s: all ten contracts are on chain %d, of this program's code and the file's numbers\n", path, a.ChainID)
			})
		},
	}
	at.add(cmd)
	return cmd
}

func readContracts(g *globals, file string) (string, *evm.Addresses, error) {
	path, err := contractsPath(g, file)
	if err != nil {
		return "", nil, err
	}
	a, err := evm.ReadAddresses(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = &exitError{code: exitFailure, err: err, hint: "give --contracts FILE: whoever deployed the market has it"}
	}
	return path, a, err
}

func newContractsShowCmd(g *globals) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "show", Short: "print where a market's contracts are and what it was deployed with",
		Long:        "Show prints a --contracts file. It asks no chain: gwrun contracts verify does.",
		Annotations: exitStatus(),
		Example:     "  gwrun contracts show\n  gwrun contracts show --contracts contracts.json --json",
		Args:        exactArgs(),
		RunE: func(*cobra.Command, []string) error {
			path, a, err := readContracts(g, file)
			if err != nil {
				return err
			}
			return showContracts(g, path, a)
		},
	}
	cmd.Flags().StringVar(&file, "contracts", "", contractsHelp)
	return cmd
}

func showContracts(g *globals, path string, a *evm.Addresses) error {
	return g.print(a, func(w io.Writer) {
		fmt.Fprintf(w, "%s: chain %d, preset %s, deployed by %s from block %d on\n", path, a.ChainID, a.Params.Preset, a.Deployer, a.Block)
		for _, name := range evm.ContractNames() {
			fmt.Fprintf(w, "  %-10s  %s\n", name, a.Contract[name].Address)
		}
		fmt.Fprintf(w, "numbers, with the bounds that no vote can pass:\n")
		for _, name := range evm.ParameterNames() {
			n := a.Params.Numbers[name]
			fmt.Fprintf(w, "  %-18s  %d  (%d to %d)\n", name, n.Value, n.Min, n.Max)
		}
	})
}
