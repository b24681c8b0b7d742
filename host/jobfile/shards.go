package jobfile

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/gwrun/gwrun/runtime"
)

// MaxShards and MaxRounds bound a set of shards. Inputs and outputs name a shard with three digits.
const (
	MaxShards = 1000
	MaxRounds = 100_000
)

// maxCarried bounds what carry and gather name, so that shard-000/NAME is an input's name still.
const maxCarried = 255 - len("shard-000/")

// Shards makes a job many: in each round Count jobs of its module, told their place by arguments, and then one of the module of
// Reduce, whose inputs are what they put out.
type Shards struct {
	Count, Rounds int
	// Carry names outputs of the reduce that are inputs of the next round's shards.
	Carry []string
	// Initial are the paths of files that take their place in the first round, by name. What has none is no input then.
	Initial map[string]string
	// Gather names the outputs of the shards that are reduced. None is all.
	Gather []string
	// Reduce is the job that joins what the shards of a round put out; nil is none. It has the shards' arguments before its own, their
	// seed and their requirements.
	Reduce *Job
}

// shardsDescription is the layout of [shards].
type shardsDescription struct {
	Count   count             `toml:"count"`
	Rounds  *count            `toml:"rounds"`
	Carry   []string          `toml:"carry"`
	Initial map[string]string `toml:"initial"`
	Gather  []string          `toml:"gather"`
	Reduce  *part             `toml:"reduce"`
}

// parse makes the section of a job that stands in folder.
func (d *shardsDescription) parse(job *Job, folder string) (*Shards, error) {
	if d.Count < 1 || d.Count > MaxShards {
		return nil, fmt.Errorf("shards.count is %d, want 1 to %d", d.Count, MaxShards)
	}
	s := &Shards{Count: int(d.Count), Rounds: 1, Carry: d.Carry, Gather: d.Gather, Initial: map[string]string{}}
	if d.Rounds != nil {
		if *d.Rounds < 1 || *d.Rounds > MaxRounds {
			return nil, fmt.Errorf("shards.rounds is %d, want 1 to %d", *d.Rounds, MaxRounds)
		}
		s.Rounds = int(*d.Rounds)
	}
	for name, path := range d.Initial {
		resolved, err := resolve(folder, path)
		if err != nil {
			return nil, fmt.Errorf("shards.initial: %q: %w", name, err)
		}
		s.Initial[name] = resolved
	}
	if r := d.Reduce; r != nil {
		var err error
		if s.Reduce, err = r.parse(folder); err != nil {
			return nil, fmt.Errorf("shards.reduce: %w", err)
		}
	}
	return s, s.check(job)
}

// check looks for what cannot be right whatever the modules do.
func (s *Shards) check(job *Job) error {
	if s.Reduce == nil && (s.Rounds > 1 || len(s.Carry) > 0 || len(s.Gather) > 0) {
		return errors.New("shards has rounds, carry or gather without a reduce: want [shards.reduce] with module = \"FILE.wasm\"")
	}
	for _, list := range []struct {
		what  string
		names []string
	}{{"carry", s.Carry}, {"gather", s.Gather}} {
		for i, n := range list.names {
			switch {
			case n == "" || len(n) > maxCarried || !utf8.ValidString(n):
				return fmt.Errorf("shards.%s: a name of %d bytes, want UTF-8 text of 1 to %d", list.what, len(n), maxCarried)
			case slices.Contains(list.names[:i], n):
				return fmt.Errorf("shards.%s names %q twice", list.what, n)
			}
		}
	}
	for _, n := range s.Carry {
		if _, ok := job.Inputs[n]; ok {
			return fmt.Errorf("input %q is carried from round to round: its file for the first round belongs into [shards.initial]", n)
		}
	}
	for n := range s.Initial {
		if !slices.Contains(s.Carry, n) {
			return fmt.Errorf("shards.initial has %q, which shards.carry does not name", n)
		}
	}
	return nil
}

// Split makes the job a set of count shards, whatever it was before.
func (j *Job) Split(count, rounds int) error {
	s := Shards{Rounds: 1}
	if j.Shards != nil {
		s = *j.Shards
	}
	if count != 0 {
		s.Count = count
	}
	if rounds != 0 {
		s.Rounds = rounds
	}
	if s.Count < 1 || s.Count > MaxShards {
		return fmt.Errorf("%d shards, want 1 to %d", s.Count, MaxShards)
	}
	if s.Rounds < 1 || s.Rounds > MaxRounds {
		return fmt.Errorf("%d rounds, want 1 to %d", s.Rounds, MaxRounds)
	}
	if err := s.check(j); err != nil {
		return err
	}
	j.Shards = &s
	return nil
}

// Read reads the files of the first round, sorted by name.
func (s *Shards) Read() ([]runtime.Input, error) {
	var inputs []runtime.Input
	for _, n := range slices.Sorted(maps.Keys(s.Initial)) {
		data, err := ReadFile(s.Initial[n], maxInput)
		if err != nil {
			return nil, fmt.Errorf("input %s of the first round: %w", n, err)
		}
		inputs = append(inputs, runtime.Input{Name: n, Data: data})
	}
	return inputs, nil
}
