package main

import (
	"fmt"
	"math/big"
	"strings"
)

// decimals is how many decimal places tokens and the coins of EVM chains have.
const decimals = 18

// amount is a number of tokens or coins, exactly: it counts units of 10^-18. It is written as people write it, in JSON as a string, since a
// JSON number loses digits in most readers.
type amount struct{ units *big.Int }

// parseAmount reads 12, 0.5 or 1.000000000000000001. It rounds nothing: more places than there are is an error.
func parseAmount(s string) (amount, error) {
	text := strings.TrimSpace(s)
	whole, part, point := strings.Cut(text, ".")
	bad := func(why string) (amount, error) {
		return amount{}, fmt.Errorf("%q: %s; want an amount such as 12 or 0.5", s, why)
	}
	switch {
	case len(text) > 100:
		return amount{}, fmt.Errorf("amount of %d characters; want one such as 12 or 0.5", len(text))
	case strings.HasPrefix(text, "-"):
		return bad("less than nothing")
	case whole == "" || point && part == "" || strings.Trim(whole+part, "0123456789") != "":
		return bad("not a decimal number")
	case len(part) > decimals:
		return bad(fmt.Sprintf("%d decimal places, there are %d", len(part), decimals))
	}
	n, ok := new(big.Int).SetString(whole+part+strings.Repeat("0", decimals-len(part)), 10)
	if !ok || n.BitLen() > 256 {
		return bad("more than 256 bits hold")
	}
	return amount{n}, nil
}

// String writes all the digits there are and no others.
func (a amount) String() string {
	if a.units == nil {
		return "0"
	}
	digits := new(big.Int).Abs(a.units).String()
	if n := decimals + 1 - len(digits); n > 0 {
		digits = strings.Repeat("0", n) + digits
	}
	text := digits[:len(digits)-decimals]
	if part := strings.TrimRight(digits[len(digits)-decimals:], "0"); part != "" {
		text += "." + part
	}
	if a.units.Sign() < 0 { // a difference may be
		text = "-" + text
	}
	return text
}

// MarshalText implements encoding.TextMarshaler, so that JSON has a string.
func (a amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// Set and Type make it a flag.
func (a *amount) Set(s string) error {
	n, err := parseAmount(s)
	if err == nil {
		*a = n
	}
	return err
}

func (a *amount) Type() string { return "amount" }
