package msg

import (
	"errors"
	"fmt"
	"math/big"
	"math/bits"
	"strings"
)

// Amount is a sum of money in the smallest unit of the token, of which 10^18 are one: a 128-bit number, big-endian, as contracts hold it.
type Amount [16]byte

// TokenDecimals is how many decimal places a token is divided into.
const TokenDecimals = 18

// ErrAmount is wrapped by every refusal of an amount.
var ErrAmount = errors.New("amount refused")

// AmountOf makes an amount of so many of the smallest unit.
func AmountOf(units uint64) (a Amount) {
	for i := range 8 {
		a[15-i] = byte(units >> (8 * i))
	}
	return a
}

// AmountOfBig makes one of a number of the smallest unit. One that is negative or has more than 128 bits is refused.
func AmountOfBig(n *big.Int) (a Amount, err error) {
	if n.Sign() < 0 || n.BitLen() > 128 {
		return a, fmt.Errorf("%w: %s of the smallest unit, wanted 0 to 2^128-1", ErrAmount, n)
	}
	n.FillBytes(a[:])
	return a, nil
}

// Big is the amount as a number of the smallest unit.
func (a Amount) Big() *big.Int { return new(big.Int).SetBytes(a[:]) }

// IsZero reports whether it is nothing.
func (a Amount) IsZero() bool { return a == Amount{} }

// Cmp is -1, 0 or 1 as a is less than, equal to or more than b.
func (a Amount) Cmp(b Amount) int { return strings.Compare(string(a[:]), string(b[:])) }

func (a Amount) halves() (hi, lo uint64) {
	for i := range 8 {
		hi, lo = hi<<8|uint64(a[i]), lo<<8|uint64(a[8+i])
	}
	return hi, lo
}

func ofHalves(hi, lo uint64) Amount {
	a := AmountOf(lo)
	for i := range 8 {
		a[7-i] = byte(hi >> (8 * i))
	}
	return a
}

// Add is a+b, the largest amount there is where that does not fit.
func (a Amount) Add(b Amount) Amount {
	ah, al := a.halves()
	bh, bl := b.halves()
	lo, carry := bits.Add64(al, bl, 0)
	hi, over := bits.Add64(ah, bh, carry)
	if over != 0 {
		return ofHalves(1<<64-1, 1<<64-1)
	}
	return ofHalves(hi, lo)
}

// Sub is a-b, nothing where b is more.
func (a Amount) Sub(b Amount) Amount {
	ah, al := a.halves()
	bh, bl := b.halves()
	lo, borrow := bits.Sub64(al, bl, 0)
	hi, under := bits.Sub64(ah, bh, borrow)
	if under != 0 {
		return Amount{}
	}
	return ofHalves(hi, lo)
}

// Times is n times a, the largest amount there is where that does not fit.
func (a Amount) Times(n uint64) Amount {
	hi, lo := a.halves()
	h1, l := bits.Mul64(lo, n)
	over, h2 := bits.Mul64(hi, n)
	h, carry := bits.Add64(h1, h2, 0)
	if over != 0 || carry != 0 {
		return ofHalves(1<<64-1, 1<<64-1)
	}
	return ofHalves(h, l)
}

// String is the amount in tokens, with as many decimal places as it needs: "1.5".
func (a Amount) String() string {
	s := a.Big().String()
	if len(s) <= TokenDecimals {
		s = strings.Repeat("0", TokenDecimals+1-len(s)) + s
	}
	whole, part := s[:len(s)-TokenDecimals], strings.TrimRight(s[len(s)-TokenDecimals:], "0")
	if part == "" {
		return whole
	}
	return whole + "." + part
}

// ParseAmount reads an amount in tokens: digits, and after a point up to 18 decimal places.
func ParseAmount(s string) (a Amount, err error) {
	whole, part, point := strings.Cut(s, ".")
	digits := whole + part
	if whole == "" || point && part == "" || len(part) > TokenDecimals || len(digits) > 60 || strings.Trim(digits, "0123456789") != "" {
		return a, fmt.Errorf("%w: %q, wanted a number of tokens such as 2 or 0.05, with at most %d decimal places", ErrAmount, abridged(s), TokenDecimals)
	}
	n, _ := new(big.Int).SetString(digits+strings.Repeat("0", TokenDecimals-len(part)), 10)
	if a, err = AmountOfBig(n); err != nil {
		return a, fmt.Errorf("%w: %q, more than there can be", ErrAmount, abridged(s))
	}
	return a, nil
}

// MarshalText gives JSON and TOML the form of String.
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what ParseAmount does.
func (a *Amount) UnmarshalText(text []byte) (err error) {
	*a, err = ParseAmount(string(text))
	return err
}
