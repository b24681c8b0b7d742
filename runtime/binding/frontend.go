package binding

import (
	"errors"

	"github.com/gwrun/gwrun/kernels"
)

// compiled is a checked WGSL module.
type compiled struct{ source string }

func compile(source string) (*compiled, error) {
	return &compiled{source}, nil
}

// kernel picks an entry point and fixes its overrides.
func (m *compiled) kernel(entry string, overrides map[string]float64) (*kernels.Kernel, error) {
	return nil, errors.New("no front end")
}

// only gives the entry point of a module that has just one.
func (m *compiled) only() (string, error) {
	return "", errors.New("no entry point is named")
}

func problemOf(err error) *compileProblem {
	return &compileProblem{Message: err.Error()}
}
