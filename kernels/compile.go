package kernels

import (
	"github.com/gwrun/gwrun/kernels/profile"
)

// Module is a WGSL text that has been checked. It is immutable: one Module may make kernels in several goroutines.
type Module struct {
	Source string
	mod    *profile.Module
}

// EntryInfo describes a compute shader of a module.
type EntryInfo = profile.EntryInfo

// OverrideInfo describes a constant of a module that Kernel can set.
type OverrideInfo = profile.OverrideInfo

// Compile parses and checks a WGSL text. Where it is not WGSL, or not within the profile, the error is of type
// profile.Errors and says each fault with its line and column.
func Compile(source string) (*Module, error) {
	m, err := profile.Check(source)
	if err != nil {
		return nil, err
	}
	return &Module{Source: source, mod: m}, nil
}

// Entries lists the compute shaders in the order of the text.
func (m *Module) Entries() []EntryInfo { return m.mod.Entries() }

// Overrides lists the overrides in the order of the text.
func (m *Module) Overrides() []OverrideInfo { return m.mod.Overrides() }

// Kernel makes the kernel of an entry point, with overrides given by name, or by number where the text says @id. It
// is an error to give one that does not exist, a value that its type cannot hold, or none to an override that the
// kernel needs and that has no default.
func (m *Module) Kernel(entry string, overrides map[string]float64) (*Kernel, error) {
	k, err := m.mod.Emit(entry, overrides)
	if err != nil {
		return nil, err
	}
	return NewKernel(entry, m.Source, overrides, k), nil
}
