package main

import (
	"math"
	"testing"
)

func TestParseBytes(t *testing.T) {
	for s, want := range map[string]uint64{
		"0": 0, "1500": 1500, "1500B": 1500, "20MB": 20e6, "20 MB": 20e6, "20M": 20e6, "1.5GiB": 3 << 29, "7k": 7000, "7K": 7000, "2KiB": 2048,
		"3TB": 3e12, "1TiB": 1 << 40, " 9 ": 9, "18446744073709551615": math.MaxUint64, ".5kB": 500,
	} {
		if n, err := parseBytes(s); err != nil || n != want {
			t.Errorf("%q: %d, %v, want %d", s, n, err, want)
		}
	}
	for _, s := range []string{"", "MB", "-1", "-1MB", "1e9", "inf", "NaN", "0x10", "1,5MB", "10MB/s", "10 bytes", "1_000", "20000000TB", "+5", "."} {
		if n, err := parseBytes(s); err == nil {
			t.Errorf("%q taken as %d", s, n)
		}
	}
}

func TestRateFlag(t *testing.T) {
	for s, want := range map[string]rateFlag{"0": 0, "10MB/s": 10e6, "10MBps": 10e6, "10MB": 10e6, "65536": 65536, "1 GiB/s": 1 << 30} {
		var r rateFlag
		if err := r.Set(s); err != nil || r != want {
			t.Errorf("%q: %d, %v, want %d", s, r, err, want)
		}
	}
	for _, s := range []string{"65535", "1kB/s", "-1", "10MB/s/s", "fast", "18446744073709551615", ""} {
		var r rateFlag
		if err := r.Set(s); err == nil || r != 0 {
			t.Errorf("%q taken as %d", s, r)
		}
	}
}

func FuzzParseBytes(f *testing.F) {
	for _, s := range []string{"1500", "1.5GiB", "10MB/s", "inf", "0x1p4", "99999999999999999999TB"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := parseBytes(s)
		if err != nil {
			return
		}
		again := byteFlag(n)
		if m, err := parseBytes(again.String()); err != nil || m != n {
			t.Fatalf("%q became %d, which became %d, %v", s, n, m, err)
		}
		var r rateFlag
		if r.Set(s) == nil && (uint64(r) != n || r < 0) {
			t.Fatalf("%q: %d as bytes, %d as a rate", s, n, r)
		}
		byteText(n)
	})
}
