package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// byteUnits are what a number of bytes may be followed by, the longer names first where one ends with another.
var byteUnits = []struct {
	name string
	size float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
	{"k", 1e3}, {"K", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12},
	{"B", 1}, {"", 1},
}

// parseBytes reads a number of bytes as people write it: 1500, 20MB, 1.5GiB.
func parseBytes(s string) (uint64, error) {
	s = strings.TrimSpace(s)
	for _, u := range byteUnits {
		number, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		number = strings.TrimSpace(number)
		if n, err := strconv.ParseUint(number, 10, 64); err == nil && u.size == 1 {
			return n, nil // a float would round it
		}
		// Only digits and a point: ParseFloat would take inf, 1e9 and 0x2p3 too.
		f, err := strconv.ParseFloat(number, 64)
		if err != nil || strings.Trim(number, "0123456789.") != "" || f*u.size >= math.MaxUint64 {
			break
		}
		return uint64(f * u.size), nil
	}
	return 0, fmt.Errorf("%q: want bytes such as 1500, 20MB or 1.5GiB", s)
}

// byteFlag is a flag that takes a number of bytes.
type byteFlag uint64

func (b *byteFlag) Set(s string) error {
	n, err := parseBytes(s)
	*b = byteFlag(n)
	return err
}

func (b *byteFlag) String() string { return strconv.FormatUint(uint64(*b), 10) }
func (b *byteFlag) Type() string   { return "bytes" }

// slowestLink is the least bandwidth a node can be limited to: below it peers would give its transfers up.
const slowestLink = 64 << 10

// rateFlag is a flag that takes bytes a second; 0 is no bound.
type rateFlag int64

func (r *rateFlag) Set(s string) error {
	text := strings.TrimSpace(s)
	for _, per := range []string{"/s", "ps"} {
		if t, ok := strings.CutSuffix(text, per); ok {
			text = t
			break
		}
	}
	n, err := parseBytes(text)
	switch {
	case err != nil:
		return fmt.Errorf("%q: want bytes a second such as 500kB/s or 10MB/s", s)
	case n != 0 && n < slowestLink:
		return fmt.Errorf("%q: %d bytes a second; less than %d is too slow for anybody to wait for", s, n, slowestLink)
	case n > math.MaxInt64:
		return fmt.Errorf("%q is more than any network carries", s)
	}
	*r = rateFlag(n)
	return nil
}

func (r *rateFlag) String() string { return strconv.FormatInt(int64(*r), 10) }
func (r *rateFlag) Type() string   { return "rate" }

// byteText writes a number of bytes for people.
func byteText(n uint64) string {
	for _, u := range []struct {
		name string
		size float64
	}{{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3}} {
		if float64(n) >= u.size {
			return fmt.Sprintf("%.1f %s", float64(n)/u.size, u.name)
		}
	}
	return fmt.Sprintf("%d B", n)
}
