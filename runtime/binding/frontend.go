package binding

import (
	"errors"
	"fmt"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/profile"
)

// compiled is a checked WGSL module.
type compiled struct{ m *kernels.Module }

func compile(source string) (*compiled, error) {
	m, err := kernels.Compile(source)
	if err != nil {
		return nil, err
	}
	return &compiled{m}, nil
}

// kernel picks an entry point and fixes its overrides.
func (m *compiled) kernel(entry string, overrides map[string]float64) (*kernels.Kernel, error) {
	return m.m.Kernel(entry, overrides)
}

// only gives the entry point of a module that has just one, for a pipeline that names none.
func (m *compiled) only() (string, error) {
	es := m.m.Entries()
	if len(es) != 1 {
		return "", fmt.Errorf("no entry point is named, and the shader module has %d", len(es))
	}
	return es[0].Name, nil
}

// problemOf keeps a compiler's first message with its place.
func problemOf(err error) *compileProblem {
	p := &compileProblem{Message: cut(err.Error(), maxMessage)}
	var es profile.Errors
	if errors.As(err, &es) && len(es) > 0 {
		p.Line, p.Column = uint64(es[0].Line), uint64(es[0].Col)
		p.Message = cut(es[0].Msg, maxMessage)
	}
	return p
}
