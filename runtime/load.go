package runtime

import (
	"fmt"

	"github.com/gwrun/gwrun/proto/msg"
)

// LoadJob makes a program ready to run from the blobs it names; read gives a blob's bytes, verified.
func LoadJob(program *msg.Program, read func(msg.Blob) ([]byte, error)) (*Job, error) {
	module, err := read(program.Module)
	if err != nil {
		return nil, fmt.Errorf("module: %w", err)
	}
	var inputs []Input
	for _, in := range program.Inputs {
		data, err := read(in.Blob)
		if err != nil {
			return nil, fmt.Errorf("input %q: %w", in.Name, err)
		}
		inputs = append(inputs, Input{Name: in.Name, Data: data})
	}
	j, err := NewJob(module, inputs, Spec{Args: program.Args, Seed: program.Seed, Limits: program.Limits, Interval: program.Interval})
	if err != nil {
		return nil, err
	}
	if want := msg.HashOf(*program); j.Hash != want {
		return nil, fmt.Errorf("the program that its blobs make is %s, wanted %s", j.Hash, want)
	}
	return j, nil
}
