package main

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/gwrun/gwrun/kernels/race"
)

// kernelCheck is what run --check saw of one kernel.
type kernelCheck struct {
	Kernel     string     `json:"kernel"`
	Hash       string     `json:"hash"`
	Verdict    string     `json:"verdict"` // of the proof for all dispatches
	Dispatches uint64     `json:"dispatches"`
	Proven     uint64     `json:"proven"`
	Checked    uint64     `json:"checked"`
	Partly     uint64     `json:"partly"`
	Unchecked  uint64     `json:"unchecked"`
	Cut        string     `json:"cut,omitempty"`
	Races      []raceLine `json:"races,omitempty"`
	source     string
}

func kernelChecks(w *race.Watch) []kernelCheck {
	var out []kernelCheck
	for _, r := range w.Reports() {
		out = append(out, kernelCheck{Kernel: r.Entry, Hash: hex.EncodeToString(r.Hash[:]), Verdict: string(r.Proof.Verdict),
			Dispatches: r.Dispatches, Proven: r.Proven, Checked: r.Checked, Partly: r.Partly, Unchecked: r.Unchecked, Cut: r.Cut,
			Races: linesOf(r.Races), source: r.Source})
	}
	return out
}

// text says how the dispatches of a kernel were looked at.
func (k *kernelCheck) text() string {
	var parts []string
	add := func(n uint64, how string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d of %d dispatches %s", n, k.Dispatches, how))
		}
	}
	add(k.Proven, "proven free of races")
	add(k.Checked, "run and watched")
	add(k.Partly, "watched in part ("+k.Cut+")")
	add(k.Unchecked, "not checked")
	switch n := len(k.Races); {
	case n == 1:
		parts = append(parts, "1 race")
	case n > 1:
		parts = append(parts, fmt.Sprintf("%d races", n))
	}
	return printable(k.Kernel) + ": " + strings.Join(parts, ", ")
}

// printChecks prints the races of all kernels and reports whether there were any.
func (g *globals) printChecks(all []kernelCheck) bool {
	found := false
	for _, k := range all {
		found = found || len(k.Races) > 0
		printRaces(g.stderr, "kernel "+printable(k.Kernel), k.source, k.Races)
	}
	return found
}

// tellChecks says now and then how far a long check is.
func tellChecks(g *globals) func(string, uint64, uint64) {
	told := time.Now()
	return func(entry string, done, of uint64) {
		if time.Since(told) > 5*time.Second {
			told = time.Now()
			g.logf("checking a dispatch of %s: %d of %d workgroups", printable(entry), done, of)
		}
	}
}
