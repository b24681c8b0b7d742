package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/ethereum/go-ethereum/common"
	"github.com/spf13/cobra"

	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// rpcVar is the environment variable of a chain's address: it may have a secret in it, which the list of processes would show.
const rpcVar = "GWRUN_RPC"

// contractsVar is that of the file that says where the market's contracts are.
const contractsVar = "GWRUN_CONTRACTS"

// contractsHelp is the text of the flag for it.
const contractsHelp = "`FILE` that says where the market's contracts are (default $" + contractsVar + ", then contracts.json in the --home folder)"

// chainFlags say where the chain is, and the market on it.
type chainFlags struct {
	rpc, contracts string
}

func (f *chainFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.rpc, "rpc", "", "`URL` of a server of the chain: http, https, ws, wss or the path of a socket (default $"+rpcVar+")")
	cmd.Flags().StringVar(&f.contracts, "contracts", "", contractsHelp)
}

// url is where the chain is, "" if nobody said so.
func (f *chainFlags) url() string {
	if f.rpc != "" {
		return f.rpc
	}
	return os.Getenv(rpcVar)
}

// contractsPath is the file that says where the market's contracts are.
func contractsPath(g *globals, file string) (string, error) {
	if file == "" {
		file = os.Getenv(contractsVar)
	}
	if file != "" {
		return file, nil
	}
	home, err := g.homeDir()
	return filepath.Join(home, "contracts.json"), err
}

// open connects to the market. id signs what is sent; nil where nothing will be.
func (f *chainFlags) open(ctx context.Context, g *globals, id *identity.Identity) (*evm.Contracts, func(), error) {
	return f.connect(ctx, g, id, nil)
}

// connect is open for a node, which keeps what it has sent for the next time.
func (f *chainFlags) connect(ctx context.Context, g *globals, id *identity.Identity, sent store.Journal) (*evm.Contracts, func(), error) {
	url := f.url()
	if url == "" {
		return nil, nil, usagef("--rpc is missing: the URL of a server of the chain, or $%s", rpcVar)
	}
	path, err := contractsPath(g, f.contracts)
	if err != nil {
		return nil, nil, err
	}
	at, err := evm.ReadAddresses(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil, &exitError{code: exitFailure, err: err, hint: "give --contracts FILE: whoever deployed the market has it"}
	}
	if err != nil {
		return nil, nil, err
	}
	c, err := chain.Dial(ctx, chain.Config{URL: url, ChainID: at.ChainID, Key: id, Sent: sent, Errors: evm.ABIs(), Log: g.logger(slog.LevelWarn)})
	if err != nil {
		return nil, nil, chainError(err)
	}
	m, err := evm.Connect(ctx, c, at, id)
	if err != nil {
		c.Close()
		return nil, nil, chainError(err)
	}
	return m, c.Close, nil
}

// chainError gives the errors of a chain their exit statuses.
func chainError(err error) error {
	var e *exitError
	code, hint := 0, ""
	switch {
	case err == nil || errors.As(err, &e):
		return err
	case errors.Is(err, chain.ErrUnreachable):
		code, hint = exitPeer, "is the URL right, and its server running?"
	case errors.Is(err, chain.ErrServer), errors.Is(err, chain.ErrBehind):
		code, hint = exitPeer, "try another server"
	case errors.Is(err, chain.ErrWrongChain):
		code, hint = exitFailure, "the contracts file and the URL have to be of one chain"
	case errors.Is(err, chain.ErrNoGas):
		code, hint = exitFailure, "send this account some of the chain's coin"
	default:
		return err
	}
	return &exitError{code: code, err: err, hint: hint}
}

// parsePayee reads an account that money is to go to. Upper and lower case have to be the account's checksum (EIP-55), unless it is all of one
// case: a digit that was typed wrong would send the money to nobody.
func parsePayee(text string) (msg.Account, error) {
	a, err := msg.ParseAccount(text)
	if err != nil {
		return a, usagef("%v", err)
	}
	digits := text[2:]
	if lower, upper := fmt.Sprintf("%x", a[:]), fmt.Sprintf("%X", a[:]); digits == lower || digits == upper || text == common.Address(a).Hex() {
		return a, nil
	}
	return a, usagef("account %s: the case of its letters is not its checksum, so a digit may be wrong; of these digits it would be %s", text, common.Address(a).Hex())
}

// sendable says why money must not go to an account.
func sendable(to, from msg.Account, at *evm.Addresses) error {
	if to == (msg.Account{}) {
		return usagef("%s is nobody's account: what goes there is lost", to)
	}
	if to == from {
		return usagef("%s is the account that it would come from", to)
	}
	for name, c := range at.Contract {
		if c.Address == to {
			return usagef("%s is the market's %s contract: what goes there is lost", to, name)
		}
	}
	return nil
}
