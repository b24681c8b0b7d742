package evm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/gwrun/gwrun/proto/msg"
)

// contractNames are the market's contracts in the order in which they are deployed: each knows the addresses of the others, which follow from the
// deployer's nonces.
var contractNames = []string{"token", "timelock", "governor", "parameters", "staking", "lottery", "market", "committee", "disputes", "bisection"}

// Addresses are where a market's contracts are: what a node needs to know besides a URL.
type Addresses struct {
	ChainID  uint64              `json:"chain_id"`
	Deployer msg.Account         `json:"deployer"`
	Nonce    uint64              `json:"nonce"` // of the first of its transactions
	Block    uint64              `json:"block"` // before the first contract: events are read from here on
	Contract map[string]Contract `json:"contracts"`
	Params   Params              `json:"params"`
	// Complete says that all of them are there; until then the file is what `contracts deploy` goes on from.
	Complete bool `json:"complete"`
}

// Contract is one of them.
type Contract struct {
	Address msg.Account `json:"address"`
	Tx      msg.Hash    `json:"tx"`        // that made it
	Code    msg.Hash    `json:"code_hash"` // Keccak-256 of the code at the address
}

// maxAddresses is how long an addresses file may be.
const maxAddresses = 1 << 20

// ReadAddresses reads an addresses file.
func ReadAddresses(path string) (*Addresses, error) {
	a, err := readAddresses(path)
	if err == nil && !a.Complete {
		return nil, fmt.Errorf("%s: the deployment is not complete: run gwrun contracts deploy again with this file", path)
	}
	return a, err
}

func readAddresses(path string) (*Addresses, error) {
	b, err := readFile(path, maxAddresses)
	if err != nil {
		return nil, err
	}
	a, err := parseAddresses(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

func parseAddresses(b []byte) (*Addresses, error) {
	a := new(Addresses)
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(a); err != nil {
		return nil, err
	}
	if a.ChainID == 0 {
		return nil, errors.New("chain id 0, wanted the chain's")
	}
	seen := map[msg.Account]string{}
	for name, c := range a.Contract {
		if !slices.Contains(contractNames, name) {
			return nil, fmt.Errorf("no contract is named %.40q", name)
		}
		if other, ok := seen[c.Address]; ok || c.Address == (msg.Account{}) {
			return nil, fmt.Errorf("the address of %s is %s, and that of %q too", name, c.Address, other)
		}
		seen[c.Address] = name
	}
	for _, name := range contractNames {
		if _, ok := a.Contract[name]; !ok {
			return nil, fmt.Errorf("contract %s is missing", name)
		}
	}
	return a, nil
}

// write keeps the file whole whatever happens meanwhile.
func (a *Addresses) write(path string) error {
	b, err := json.MarshalIndent(a, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	next := path + ".new"
	f, err := os.OpenFile(next, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(next))
	}
	if err := os.Rename(next, path); err != nil {
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// ContractNames are the names of a market's contracts, in the order in which they are deployed.
func ContractNames() []string { return slices.Clone(contractNames) }
