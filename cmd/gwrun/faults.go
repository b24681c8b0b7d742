package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/fault"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/runtime"
)

// faultHelp is what --fault of devnet takes.
const faultHelp = "have a node misbehave: `NODE:STRATEGY[,KEY=VALUE]...`, NODE being provider-N or validator-N; may be given again; list shows the strategies"

// readFaults reads the --fault of devnet.
func readFaults(cfg *devnet.Config, texts []string) error {
	for _, text := range texts {
		name, what, ok := strings.Cut(text, ":")
		role, n, err := nodeName(name, cfg)
		if !ok || err != nil {
			return usagef("--fault %q: want NODE:STRATEGY, NODE being one of provider-1 to provider-%d, validator-1 to validator-%d", text, cfg.Providers, cfg.Validators)
		}
		if role == fault.Consumer {
			return usagef("--fault %s: nothing is submitted here; it is for gwrun submit --fault %s", text, what)
		}
		if flips(what) && role == fault.Provider {
			f, err := parseFault(what)
			if err != nil {
				return err
			}
			if cfg.Faults == nil {
				cfg.Faults = map[int]*runtime.Fault{}
			}
			cfg.Faults[n-1] = f
			continue
		}
		p, err := fault.Parse(role, what)
		if err != nil {
			return usagef("--fault %s: %v", name, err)
		}
		if cfg.Plays == nil {
			cfg.Plays = map[string]*fault.Play{}
		}
		cfg.Plays[fmt.Sprintf("%s-%d", role, n)] = p
	}
	return nil
}

// nodeName reads the name of a node of a devnet; a number alone is a provider.
func nodeName(name string, cfg *devnet.Config) (role fault.Role, n int, err error) {
	if name == string(fault.Consumer) {
		return fault.Consumer, 0, nil
	}
	kind, number, ok := strings.Cut(name, "-")
	if !ok {
		kind, number = string(fault.Provider), name
	}
	role = fault.Role(kind)
	most := map[fault.Role]int{fault.Provider: cfg.Providers, fault.Validator: cfg.Validators}[role]
	if _, err := fmt.Sscanf(number, "%d", &n); err != nil || n < 1 || n > most {
		return role, n, fmt.Errorf("no node %q", name)
	}
	return role, n, nil
}

// flips reports whether a fault is given as parseFault reads it: a bit of a dispatch.
func flips(text string) bool {
	first, _, ok := strings.Cut(text, ",")
	key, _, set := strings.Cut(first, "=")
	return (ok || set) && slices.Contains([]string{"step", "call", "skip", "offset", "bit", "binding"}, key)
}

// misbehave has a node of its own play what --fault says.
func misbehave(role fault.Role, text string, c *node.Config) error {
	if text == "" {
		return nil
	}
	if role == fault.Provider && flips(text) {
		var err error
		c.Fault, err = parseFault(text)
		return err
	}
	p, err := fault.Parse(role, text)
	if err != nil {
		return usagef("--fault: %v", err)
	}
	return p.Apply(c)
}

// strategyResult is a strategy as --fault list prints it.
type strategyResult struct {
	Role   fault.Role    `json:"role"`
	Name   string        `json:"name"`
	Text   string        `json:"text"`
	Keys   []string      `json:"keys"`
	Levels []fault.Level `json:"levels,omitempty"`
	At     []string      `json:"at,omitempty"`
}

// listFaults prints all strategies.
func listFaults(g *globals) error {
	var list []strategyResult
	for _, s := range fault.Strategies("") {
		list = append(list, strategyResult{s.Role, s.Name, s.Text, append([]string{}, s.Keys...), s.Levels, s.At})
	}
	return g.print(list, func(w io.Writer) {
		role := fault.Role("")
		for _, s := range list {
			if s.Role != role {
				role = s.Role
				fmt.Fprintf(w, "%ss\n", role)
			}
			fmt.Fprintf(w, "  %-20s %s\n", s.Name, s.Text)
			for _, k := range s.Keys {
				switch k {
				case "level":
					fmt.Fprintf(w, "  %-20s   level=%s\n", "", join(s.Levels))
				case "at":
					fmt.Fprintf(w, "  %-20s   at=%s\n", "", strings.Join(s.At, "|"))
				default:
					fmt.Fprintf(w, "  %-20s   %s=...\n", "", k)
				}
			}
		}
	})
}

func join(levels []fault.Level) string {
	var out []string
	for _, l := range levels {
		out = append(out, string(l))
	}
	return strings.Join(out, "|")
}
