package main

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"
)

func TestAmount(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "00": "0", "12": "12000000000000000000", "0.5": "500000000000000000", " 1.10 ": "1100000000000000000",
		"0.000000000000000001": "1", "1000000000.000000000000000001": "1000000000000000000000000001",
	} {
		a, err := parseAmount(text)
		if err != nil || a.units.String() != want {
			t.Errorf("%q is %v units (%v), want %s", text, a.units, err, want)
		}
	}
	for text, why := range map[string]string{
		"": "not a decimal", ".": "not a decimal", "1.": "not a decimal", ".5": "not a decimal", "1e3": "not a decimal", "0x10": "not a decimal",
		"1,5": "not a decimal", "1_000": "not a decimal", "+1": "not a decimal", "-1": "less than nothing", "1.2.3": "not a decimal", "١": "not a decimal",
		"0.0000000000000000001": "19 decimal places", "1.0000000000000000000": "19 decimal places", strings.Repeat("9", 61): "256 bits", strings.Repeat("1", 101): "101 characters",
	} {
		if a, err := parseAmount(text); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q gives %v, %v; want an error with %q", text, a, err, why)
		}
	}
	for units, want := range map[int64]string{0: "0", 1: "0.000000000000000001", -1: "-0.000000000000000001", 1e18: "1", -15e17: "-1.5", 1e18 + 10: "1.00000000000000001"} {
		if got := (amount{big.NewInt(units)}).String(); got != want {
			t.Errorf("%d units are written %s, want %s", units, got, want)
		}
	}
	if b, err := json.Marshal(struct{ A, B amount }{amount{big.NewInt(5e17)}, amount{}}); err != nil || string(b) != `{"A":"0.5","B":"0"}` {
		t.Errorf("as JSON %s, %v", b, err)
	}
}

// What is read is exactly the number that math/big reads, and is written so that it is read again.
func FuzzAmount(f *testing.F) {
	for _, s := range []string{"12", "0.5", "1.000000000000000001", "1e3", "-1", " 7 ", "115792089237316195423570985008687907853269984665640564039457.584007913129639936"} {
		f.Add(s)
	}
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(decimals), nil))
	f.Fuzz(func(t *testing.T, s string) {
		a, err := parseAmount(s)
		if err != nil {
			return
		}
		r, ok := new(big.Rat).SetString(strings.TrimSpace(s))
		if !ok || a.units.Sign() < 0 || a.units.BitLen() > 256 || r.Mul(r, scale).Cmp(new(big.Rat).SetInt(a.units)) != 0 {
			t.Fatalf("%q is read as %v units", s, a.units)
		}
		b, err := parseAmount(a.String())
		if err != nil || b.units.Cmp(a.units) != 0 || b.String() != a.String() {
			t.Fatalf("%q is written %q, which is read as %v (%v)", s, a, b, err)
		}
	})
}
