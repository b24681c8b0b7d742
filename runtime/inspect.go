package runtime

import (
	"fmt"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/module"
)

// Inspection is what can be said of a module without running it.
type Inspection struct {
	Module msg.Blob
	// Problem is why no job can be made of the module under the limits given, empty if one can.
	Problem string
	// Stepped says that the host calls gw_step until it is done; otherwise the module runs once, from _start.
	Stepped bool
	Imports []InspectedImport
	Exports []InspectedExport
	// MinPages and MaxPages are the memory's; MaxPages is that of the limits where the module names none.
	MinPages, MaxPages uint32
	NoMaximum          bool
	Tables, TableElems int
	Globals, Mutable   int
	DataBytes          int
	Functions          []module.FunctionFacts
	Kernels            []FoundKernel
}

// InspectedImport is one import. Offered says that this gwrun has it, with that type.
type InspectedImport struct {
	Module, Name, Type string
	Offered            bool
}

// InspectedExport is one export: a function, with its type, a memory, a table or a global.
type InspectedExport struct {
	Name, Kind, Type string
}

// Inspect looks at a module, which may be one that no job can be made of. The error says why it is no WebAssembly module at all.
func Inspect(wasm []byte, lim msg.Limits) (*Inspection, error) {
	lim, err := limits(lim)
	if err != nil {
		return nil, err
	}
	m, err := module.Decode(wasm)
	if err != nil {
		return nil, err
	}
	in := &Inspection{Module: merkle.BlobOf(wasm), Tables: len(m.Tables), Globals: len(m.Globals)}
	if _, err := new(Loader).prepare(wasm, in.Module, lim); err != nil {
		in.Problem = err.Error()
	}
	_, in.Stepped = m.ExportedFunc(exportStep)
	for _, im := range m.Imports {
		x := InspectedImport{Module: im.Module, Name: im.Name, Type: im.Kind.String()}
		if im.Kind == module.ExternFunc {
			x.Type = m.Types[im.Func].String()
			want, ok := allowed(im.Module, im.Name)
			x.Offered = ok && m.Types[im.Func].Equal(want)
		}
		in.Imports = append(in.Imports, x)
	}
	for _, e := range m.Exports {
		x := InspectedExport{Name: e.Name, Kind: e.Kind.String()}
		if e.Kind == module.ExternFunc {
			t, _ := m.FuncType(e.Index)
			x.Type = t.String()
		}
		in.Exports = append(in.Exports, x)
	}
	if m.Memory != nil {
		s := m.Memory.Size
		in.MinPages, in.MaxPages, in.NoMaximum = s.Min, s.Max, !s.HasMax
		if !s.HasMax {
			in.MaxPages = lim.MemoryPages
		}
	}
	for _, t := range m.Tables {
		in.TableElems += int(t.Size.Min)
	}
	for _, g := range m.Globals {
		if g.Mutable {
			in.Mutable++
		}
	}
	if in.Functions, err = m.Survey(); err != nil {
		return nil, fmt.Errorf("module: %w", err)
	}
	var search kernelSearch
	for i := range m.Data {
		in.DataBytes += len(m.Data[i].Bytes)
		in.Kernels = append(in.Kernels, search.find(m.Data[i].Bytes)...)
	}
	return in, nil
}
