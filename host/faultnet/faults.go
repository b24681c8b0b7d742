// Package faultnet is a bad network to test with. A Proxy stands in front of a node's UDP socket and loses, repeats, reorders, delays and
// damages the datagrams that pass it, each direction in its own way, as long as it is told to. What passes is QUIC, which has to cope.
package faultnet

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Faults say what happens to the datagrams of one direction. The zero value is a perfect link.
type Faults struct {
	// Loss, Duplicate, Reorder and Corrupt are shares of the datagrams, 0 to 1: lost, sent twice, sent later than those behind them, with
	// bits flipped.
	Loss, Duplicate, Reorder, Corrupt float64
	// Delay is how long each is on its way. Jitter is up to how much longer it may take; it keeps the order.
	Delay, Jitter time.Duration
	// Rate is how many bytes a second pass; 0 is no bound. What comes faster waits, as much as a quarter of a second lets pass or 64 KiB; more is lost.
	Rate int64
	// Cut loses everything: a partition, or half of one.
	Cut bool
}

// reorderBy is up to how much later than the others a reordered datagram comes. QUIC takes a datagram for lost that is an eighth of a round
// trip late, so this gives it spurious losses too.
const reorderBy = 20 * time.Millisecond

// Parse reads faults as a person writes them, such as "loss=0.05,reorder=0.1,delay=20ms". Rate is in bytes a second.
func Parse(text string) (Faults, error) {
	var f Faults
	shares := map[string]*float64{"loss": &f.Loss, "duplicate": &f.Duplicate, "reorder": &f.Reorder, "corrupt": &f.Corrupt}
	times := map[string]*time.Duration{"delay": &f.Delay, "jitter": &f.Jitter}
	seen := map[string]bool{}
	for _, part := range strings.Split(text, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if seen[key] {
			return Faults{}, fmt.Errorf("network faults: %s is there twice", key)
		}
		seen[key] = true
		share, length := shares[key], times[key]
		switch {
		case share != nil:
			p, err := strconv.ParseFloat(value, 64)
			if err != nil || math.IsNaN(p) || p < 0 || p > 1 {
				return Faults{}, fmt.Errorf("network faults: %s=%q, want a share from 0 to 1", key, value)
			}
			*share = p
		case length != nil:
			d, err := time.ParseDuration(value)
			if err != nil || d < 0 || d > time.Minute {
				return Faults{}, fmt.Errorf("network faults: %s=%q, want a time from 0s to 1m", key, value)
			}
			*length = d
		case key == "rate":
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil || n < 1000 {
				return Faults{}, fmt.Errorf("network faults: rate=%q, want bytes a second, at least 1000", value)
			}
			f.Rate = n
		default:
			return Faults{}, fmt.Errorf("network faults: %q, want loss, duplicate, reorder, corrupt, delay, jitter or rate, each with =VALUE", part)
		}
	}
	return f, nil
}

// String writes them as Parse reads them, and "cut" and "none".
func (f Faults) String() string {
	var parts []string
	for _, p := range []struct {
		key   string
		value float64
	}{{"loss", f.Loss}, {"duplicate", f.Duplicate}, {"reorder", f.Reorder}, {"corrupt", f.Corrupt}} {
		if p.value > 0 {
			parts = append(parts, p.key+"="+strconv.FormatFloat(p.value, 'g', -1, 64))
		}
	}
	if f.Delay > 0 {
		parts = append(parts, "delay="+f.Delay.String())
	}
	if f.Jitter > 0 {
		parts = append(parts, "jitter="+f.Jitter.String())
	}
	if f.Rate > 0 {
		parts = append(parts, fmt.Sprintf("rate=%d", f.Rate))
	}
	if f.Cut {
		parts = append(parts, "cut")
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ",")
}
