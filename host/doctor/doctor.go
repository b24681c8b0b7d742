// Package doctor looks at a machine as a node would use it, and says of each thing that it is well, or what to do about it.
package doctor

import (
	"context"
	"fmt"
	"time"
)

// State is what was found of a thing.
type State string

// The states.
const (
	OK        State = "ok"
	Bad       State = "bad"
	Unchecked State = "unchecked" // nobody said by what to check it; not a fault
)

// Finding is what was found of one thing.
type Finding struct {
	Name   string `json:"name"`
	State  State  `json:"state"`
	Text   string `json:"text"`
	Remedy string `json:"remedy,omitempty"` // what to do, where it is bad
}

func ok(name, format string, a ...any) Finding {
	return Finding{name, OK, fmt.Sprintf(format, a...), ""}
}

func bad(name, remedy, format string, a ...any) Finding {
	return Finding{name, Bad, fmt.Sprintf(format, a...), remedy}
}

func unchecked(name, format string, a ...any) Finding {
	return Finding{name, Unchecked, fmt.Sprintf(format, a...), ""}
}

// Look is one look at the machine. It may give several findings.
type Look func(ctx context.Context) []Finding

// Part is a look with the name of what it is at.
type Part struct {
	Name string
	Look Look
}

// patience bounds a look: a driver that hangs is a finding, too.
const patience = time.Minute

// Examine takes one look after the other, so that none is in another's way, and tells each finding as it comes.
func Examine(ctx context.Context, parts []Part, tell func(Finding)) (all []Finding, well bool) {
	well = true
	for _, p := range parts {
		for _, f := range p.look(ctx) {
			well = well && f.State != Bad
			all = append(all, f)
			tell(f)
		}
		if ctx.Err() != nil {
			return all, false
		}
	}
	return all, well
}

func (p *Part) look(ctx context.Context) []Finding {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	found := make(chan []Finding, 1)
	go func() { found <- p.Look(ctx) }()
	select {
	case f := <-found:
		return f
	case <-ctx.Done():
		return []Finding{bad(p.Name, "try gwrun doctor again; if it stays so, restart what is behind it (a driver, a disk)", "no answer within %s", patience)}
	}
}
