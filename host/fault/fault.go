// Package fault holds named ways to misbehave, for each role of a node. A node is honest unless it is told to play one of them; nothing
// else in gwrun knows that they exist. They are how a network is tried out against those who would cheat it, in tests and by hand
// (gwrun devnet --fault).
package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/msg"
)

// Role is what a node is when it plays a strategy.
type Role string

// The roles.
const (
	Provider  Role = "provider"
	Validator Role = "validator"
	Consumer  Role = "consumer"
)

// Strategy is a named way to misbehave.
type Strategy struct {
	Name string
	Role Role
	Text string // what it does, a line
	// Keys are the settings that it takes: "step", "interval", "level", "at", "delay", "friend", "seed".
	Keys []string
	// Levels and At are the values that those settings take; the first is the default.
	Levels []Level
	At     []string

	play func(p *Play, c *node.Config) error
}

// Play is a strategy with its settings.
type Play struct {
	*Strategy
	Step     uint64        // of the job, from 1
	Interval uint64        // from 0
	Level    Level         // of a dispute
	When     string        // at: the step of the protocol
	Delay    time.Duration // before each answer
	Friend   string        // another node, by its name in the network
	Seed     uint64        // of what is drawn by chance

	// Accounts finds a node by its name, and Board is what others are overheard to say. A devnet sets both.
	Accounts func(name string) msg.Account
	Board    *Board

	acted atomic.Uint64
}

// Acted is how often the node has misbehaved so far. A strategy that needs something of a job that it does not have never does.
func (p *Play) Acted() uint64 { return p.acted.Load() }

func (p *Play) act() { p.acted.Add(1) }

// Level is a part of a dispute at which a party can misbehave: one of the stages of its moves, or what is judged in the end.
type Level string

// Levels are all of them, in the order in which disputes go through them.
var Levels = func() []Level {
	out := []Level{challenging}
	for s := dispute.Steps; s < dispute.Leaf; s++ {
		out = append(out, level(s))
	}
	return append(out, proving)
}()

const (
	challenging Level = "challenge"
	proving     Level = "proof"
)

func level(s dispute.Stage) Level { return Level(strings.ReplaceAll(s.String(), " ", "-")) }

// Defaults of the settings: the lie is early in a job, but not in its first step, and behind its first state.
const (
	defaultStep     = 3
	defaultInterval = 1
	defaultDelay    = 500 * time.Millisecond
)

// Strategies lists those of a role, or of all roles for "".
func Strategies(role Role) []*Strategy {
	var out []*Strategy
	for i := range all {
		if s := &all[i]; role == "" || s.Role == role {
			out = append(out, s)
		}
	}
	return out
}

var all = slices.Concat(of(Provider, append(providers, scrambles)), of(Validator, append(validators, scrambles)), of(Consumer, append(consumers, scrambles)))

func of(role Role, list []Strategy) []Strategy {
	for i := range list {
		list[i].Role = role
	}
	return list
}

// Parse reads a strategy and its settings: NAME[,KEY=VALUE]...
func Parse(role Role, text string) (*Play, error) {
	parts := strings.Split(text, ",")
	p := &Play{Step: defaultStep, Interval: defaultInterval, Delay: defaultDelay, Friend: "provider-1"}
	var names []string
	for _, s := range Strategies(role) {
		names = append(names, s.Name)
		if s.Name == parts[0] {
			p.Strategy = s
		}
	}
	if p.Strategy == nil {
		return nil, fmt.Errorf("%q is no strategy of a %s; there are %s", parts[0], role, strings.Join(names, ", "))
	}
	if len(p.Levels) > 0 {
		p.Level = p.Levels[0]
	}
	if len(p.At) > 0 {
		p.When = p.At[0]
	}
	for _, part := range parts[1:] {
		key, value, ok := strings.Cut(part, "=")
		if !ok || !slices.Contains(p.Keys, key) {
			return nil, fmt.Errorf("%s: setting %s; it takes KEY=VALUE of %v", p.Name, part, p.Keys)
		}
		if err := p.set(key, value); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", p.Name, key, err)
		}
	}
	return p, nil
}

func (p *Play) set(key, value string) (err error) {
	switch key {
	case "step":
		if p.Step, err = strconv.ParseUint(value, 10, 32); err == nil && p.Step == 0 {
			err = fmt.Errorf("steps are counted from 1")
		}
	case "interval":
		p.Interval, err = strconv.ParseUint(value, 10, 32)
	case "delay":
		if p.Delay, err = time.ParseDuration(value); err == nil && (p.Delay < 0 || p.Delay > time.Hour) {
			err = fmt.Errorf("%v, wanted 0 to an hour", p.Delay)
		}
	case "friend":
		p.Friend = value
	case "seed":
		p.Seed, err = strconv.ParseUint(value, 10, 64)
	case "level":
		if p.Level = Level(value); !slices.Contains(p.Levels, p.Level) {
			err = fmt.Errorf("%q is none of %v", value, p.Levels)
		}
	case "at":
		if p.When = value; !slices.Contains(p.At, value) {
			err = fmt.Errorf("%q is none of %v", value, p.At)
		}
	}
	return err
}

// String is what Parse reads.
func (p *Play) String() string {
	out := p.Name
	for _, k := range p.Keys {
		switch k {
		case "step":
			out += fmt.Sprintf(",step=%d", p.Step)
		case "interval":
			out += fmt.Sprintf(",interval=%d", p.Interval)
		case "delay":
			out += fmt.Sprintf(",delay=%v", p.Delay)
		case "friend":
			out += fmt.Sprintf(",friend=%s", p.Friend)
		case "seed":
			out += fmt.Sprintf(",seed=%d", p.Seed)
		case "level":
			out += fmt.Sprintf(",level=%s", p.Level)
		case "at":
			out += fmt.Sprintf(",at=%s", p.When)
		}
	}
	return out
}

// Apply makes a node that is configured so play the strategy. The node's identity is in the configuration already.
func (p *Play) Apply(c *node.Config) error {
	if c.Identity == nil {
		return fmt.Errorf("%s: a node without a key", p.Name)
	}
	return p.play(p, c)
}
