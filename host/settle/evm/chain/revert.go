package chain

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/rpc"
)

// RevertError is a contract that said no.
type RevertError struct {
	Name string // the error's, as in the contract's source; empty where it gave no reason that is known
	Args []any  // its arguments, as package abi has them
	Text string // in words
	Data []byte
}

func (e *RevertError) Error() string { return "refused by the contract: " + e.Text }

// maxReason is how much of a reason is looked at: no contract of ours has longer ones.
const maxReason = 4 << 10

// Reverts knows the errors of contracts.
type Reverts struct{ by map[[4]byte]abi.Error }

// NewReverts knows those of these contracts.
func NewReverts(contracts ...*abi.ABI) *Reverts {
	r := &Reverts{by: map[[4]byte]abi.Error{}}
	for _, c := range contracts {
		for _, e := range c.Errors {
			r.by[[4]byte(e.ID[:4])] = e
		}
	}
	return r
}

// Decode makes a *RevertError of what a server answered, if that was a contract's no; anything else stays.
func (r *Reverts) Decode(err error) error {
	var with rpc.DataError
	if !errors.As(err, &with) {
		return err
	}
	if text, ok := with.ErrorData().(string); ok && strings.HasPrefix(text, "0x") && len(text) <= 2+2*maxReason {
		if data, bad := hex.DecodeString(text[2:]); bad == nil {
			return r.Reason(data)
		}
	}
	if strings.Contains(err.Error(), "execution reverted") {
		return &RevertError{Text: "without a reason"}
	}
	return err
}

// Reason decodes what a contract reverted with.
func (r *Reverts) Reason(data []byte) *RevertError {
	e := &RevertError{Data: data, Text: "without a reason"}
	if len(data) == 0 {
		return e
	}
	if len(data) <= maxReason {
		// Panic(uint256) and Error(string) are Solidity's own.
		if text, err := abi.UnpackRevert(data); err == nil {
			e.Name, e.Text = "Error", printable(text)
			return e
		}
		if len(data) >= 4 {
			if known, ok := r.by[[4]byte(data[:4])]; ok {
				if args, err := known.Inputs.Unpack(data[4:]); err == nil {
					e.Name, e.Args, e.Text = known.Name, args, words(&known, args)
					return e
				}
			}
		}
	}
	e.Text = fmt.Sprintf("with 0x%x, which is no error of the market's contracts", data[:min(len(data), 36)])
	return e
}

// words tells an error as its contract names it and what it is about: "FeeTooLow: found 1, wanted 2".
func words(e *abi.Error, args []any) string {
	var b strings.Builder
	b.WriteString(e.Name)
	for i, a := range args {
		sep := ", "
		if i == 0 {
			sep = ": "
		}
		name := e.Inputs[i].Name
		if name == "" {
			name = fmt.Sprint(i)
		}
		fmt.Fprintf(&b, "%s%s %s", sep, name, value(a))
	}
	return b.String()
}

func value(a any) string {
	switch v := a.(type) {
	case *big.Int:
		return v.String()
	case [32]byte:
		return "0x" + hex.EncodeToString(v[:])
	case []byte:
		return fmt.Sprintf("0x%x", v[:min(len(v), 64)])
	case string:
		return printable(v)
	case fmt.Stringer:
		return v.String()
	}
	return printable(fmt.Sprint(a))
}

// printable is a text of others that may be shown: short, and without what a terminal obeys.
func printable(s string) string {
	if len(s) > 200 {
		s = s[:200] + "…"
	}
	return strings.Map(func(r rune) rune {
		if r < 32 || r >= 127 && r < 160 {
			return '?'
		}
		return r
	}, s)
}

// Reverted finds the contract's no in an error, nil where there is none.
func Reverted(err error) *RevertError {
	var e *RevertError
	if errors.As(err, &e) {
		return e
	}
	return nil
}
