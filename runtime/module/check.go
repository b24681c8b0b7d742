package module

import (
	"fmt"
	"strings"
)

// Limits bounds what a module may ask of the machine that compiles and runs it. A zero field means its default.
type Limits struct {
	ModuleBytes   int    // size of the file; default 64 MiB
	MemoryPages   uint32 // maximum of the memory, pages of 64 KiB; default 16384 (1 GiB), at most 32768 (2 GiB)
	Types         int    // default 10,000
	Imports       int    // default 1,000
	Functions     int    // functions the module defines; default 100,000
	FunctionBytes int    // size of one body; default 1 MiB
	Locals        int    // parameters and locals of one function; default 10,000
	LocalsTotal   int    // of all functions together; default 4,000,000
	Params        int    // of one function type; default 256
	Results       int    // of one function type; default 64
	Globals       int    // default 10,000
	Exports       int    // default 10,000
	Tables        int    // default 16
	TableElems    int    // size of all tables together, and elements of all segments; default 1,000,000
	Segments      int    // element and data segments together; default 100,000

	// ImplyMemoryMax accepts a memory without a maximum (Go's and wasm-ld's default output) as one with the maximum
	// MemoryPages. The caller must then set Config.MemoryMax to the same number.
	ImplyMemoryMax bool
}

// WorkLimits bounds what compiling a module may take. A zero field means its default.
type WorkLimits struct {
	Function uint64 // nanoseconds of one function ([Work.Nanoseconds]); default 8 s. Go's assembler has one of 0.7 s, most programs none of 0.1 s
	Module   uint64 // of all functions; default 40 s. Go's assembler, 8.3 MB, takes 20 s (in truth 3 to 5), hello world 6 s (1)
	Memory   uint64 // bytes of one function ([Work.Memory]); default 1 GiB. Go's assembler has one of 200 MB, most programs none of 40 MB
}

// CheckWork refuses a module that would keep a compiler busy for too long, or take too much of its memory. It is for what
// Instrument wrote, decoded again; from is the module it was written from, for the position in the error.
func (m *Module) CheckWork(from *Module, lim WorkLimits) error {
	if lim.Function == 0 {
		lim.Function = 8e9
	}
	if lim.Module == 0 {
		lim.Module = 40e9
	}
	if lim.Memory == 0 {
		lim.Memory = 1 << 30
	}
	total := uint64(0)
	for i := range m.works {
		w := &m.works[i]
		ns, mem := w.Nanoseconds(), w.Memory()
		total += ns
		if ns <= lim.Function && mem <= lim.Memory && total <= lim.Module {
			continue
		}
		at, fn := 0, -1
		if i < len(from.Code) {
			at, fn = from.Code[i].At, from.importFuncs+i
		}
		if total > lim.Module && ns <= lim.Function && mem <= lim.Memory {
			return from.errorAt(Limit, "code", at, fn, "found work for a compiler of up to %.1f s in all functions up to here, want at most %.1f s", float64(total)/1e9, float64(lim.Module)/1e9)
		}
		return from.errorAt(Limit, "code", at, fn, "found work for a compiler of up to %.1f s and %d MiB, want at most %.1f s and %d MiB: with what gwrun adds, the function has "+
			"%d basic blocks, which stand behind %d others and %d memory accesses in all, %d live values, and %d steps from reads of locals to their writes; it should be split into several",
			float64(ns)/1e9, mem>>20, float64(lim.Function)/1e9, lim.Memory>>20, w.Blocks, w.Chain, w.Known, w.Live, w.Found)
	}
	return nil
}

// safePages is the largest memory in which wazero v1.12.0 keeps a guest. Its amd64 compiler extends a constant address of 2^31
// or more by its sign where it has checked that address before, so that a second access to it, behind a call, goes up to
// 2 GiB below the memory. In a smaller one such an address fails the first check.
const safePages = 1 << 15

func (l Limits) withDefaults() Limits {
	set := func(p *int, d int) {
		if *p == 0 {
			*p = d
		}
	}
	set(&l.ModuleBytes, 64<<20)
	if l.MemoryPages == 0 {
		l.MemoryPages = 16384
	}
	l.MemoryPages = min(l.MemoryPages, safePages)
	set(&l.Types, 10_000)
	set(&l.Imports, 1_000)
	set(&l.Functions, 100_000)
	set(&l.FunctionBytes, 1<<20)
	set(&l.Locals, 10_000)
	set(&l.LocalsTotal, 4_000_000)
	set(&l.Params, 256)
	set(&l.Results, 64)
	set(&l.Globals, 10_000)
	set(&l.Exports, 10_000)
	set(&l.Tables, 16)
	set(&l.TableElems, 1_000_000)
	set(&l.Segments, 100_000)
	return l
}

// MemoryExport is the name a job exports its memory under.
const MemoryExport = "memory"

// Check applies the profile gw-det-1 (see the package's documentation) and the limits. allowed says which functions a
// module may import, and their types; nil allows none. Errors are of type [*Error] and name the first offence in a
// fixed order.
func (m *Module) Check(allowed func(module, name string) (FuncType, bool), lim Limits) error {
	lim = lim.withDefaults()
	if err := m.checkLimits(lim); err != nil {
		return err
	}
	if err := m.checkImports(allowed); err != nil {
		return err
	}
	if len(m.features) > 0 {
		u := m.features[0]
		return m.errorAt(Refused, u.sec, u.at, u.fn, "found %s, which the profile gw-det-1 leaves out", u.what)
	}
	if err := m.checkMemory(lim); err != nil {
		return err
	}
	if err := m.checkSegments(); err != nil {
		return err
	}
	for i, g := range m.Globals {
		if g.Mutable && g.Type == V128 {
			return m.errorAt(Refused, "global", g.At, -1, "found global %d, mutable and of type v128, which cannot be snapshotted, want it in memory", i)
		}
	}
	return m.checkExports()
}

func (m *Module) errorAt(kind Kind, section string, at, fn int, format string, args ...any) error {
	e := &Error{Kind: kind, Section: section, Offset: at, Func: fn, Msg: fmt.Sprintf(format, args...)}
	if fn >= 0 {
		e.Name = m.givenName(uint32(fn))
	}
	return e
}

func (m *Module) checkLimits(lim Limits) error {
	over := func(section string, at, fn, found, limit int, what string) error {
		if found <= limit {
			return nil
		}
		return m.errorAt(Limit, section, at, fn, "found %d %s, want at most %d", found, what, limit)
	}
	var elems uint64
	for _, t := range m.Tables {
		elems += uint64(t.Size.Min)
	}
	inSegments := 0
	for i := range m.Elems {
		inSegments += len(m.Elems[i].Funcs)
	}
	tableAt := 0
	if len(m.Tables) > 0 {
		tableAt = m.Tables[0].At
	}
	for _, c := range []struct {
		section   string
		at        int
		found, to int
		what      string
	}{
		{"header", 0, m.Size, lim.ModuleBytes, "bytes of module"},
		{"type", 0, len(m.Types), lim.Types, "types"},
		{"import", 0, len(m.Imports), lim.Imports, "imports"},
		{"function", 0, len(m.Funcs), lim.Functions, "functions"},
		{"table", tableAt, len(m.Tables), lim.Tables, "tables"},
		{"table", tableAt, int(min(elems, 1<<40)), lim.TableElems, "table elements"},
		{"element", 0, inSegments, lim.TableElems, "elements of segments"},
		{"global", 0, len(m.Globals), lim.Globals, "globals"},
		{"export", 0, len(m.Exports), lim.Exports, "exports"},
		{"data", 0, len(m.Data) + len(m.Elems), lim.Segments, "element and data segments"},
	} {
		if err := over(c.section, c.at, -1, c.found, c.to, c.what); err != nil {
			return err
		}
	}
	for i, t := range m.Types {
		if len(t.Params) > lim.Params || len(t.Results) > lim.Results {
			return m.errorAt(Limit, "type", 0, -1, "found type %d with %d parameters and %d results, want at most %d and %d", i, len(t.Params), len(t.Results), lim.Params, lim.Results)
		}
	}
	total := 0
	for i := range m.Code {
		c := &m.Code[i]
		fn := m.importFuncs + i
		if err := over("code", c.At, fn, len(c.Body), lim.FunctionBytes, "bytes of function body"); err != nil {
			return err
		}
		n := m.countLocals(i)
		if err := over("code", c.At, fn, n, lim.Locals, "parameters and locals"); err != nil {
			return err
		}
		total += n
		if err := over("code", c.At, fn, total, lim.LocalsTotal, "parameters and locals of all functions up to here"); err != nil {
			return err
		}
	}
	return nil
}

// countLocals is the number of parameters and locals of the i-th function the module defines.
func (m *Module) countLocals(i int) int {
	n := len(m.Types[m.Funcs[i]].Params)
	for _, l := range m.Code[i].Locals {
		n += int(l.Count)
	}
	return n
}

func (m *Module) checkImports(allowed func(module, name string) (FuncType, bool)) error {
	for _, im := range m.Imports {
		if im.Kind != ExternFunc {
			return m.errorAt(Refused, "import", im.At, -1, "found an imported %v %q.%q, want imports of functions only", im.Kind, im.Module, im.Name)
		}
		var want FuncType
		ok := false
		if allowed != nil {
			want, ok = allowed(im.Module, im.Name)
		}
		if !ok {
			return m.errorAt(Refused, "import", im.At, -1, "found an import %q.%q, which this host does not offer", im.Module, im.Name)
		}
		if got := m.Types[im.Func]; !got.Equal(want) {
			return m.errorAt(Refused, "import", im.At, -1, "found an import %q.%q of type %v, want %v", im.Module, im.Name, got, want)
		}
	}
	return nil
}

func (m *Module) checkMemory(lim Limits) error {
	if m.Memory == nil {
		return m.errorAt(Refused, "memory", 0, -1, "found no memory, want one, exported as %q", MemoryExport)
	}
	s := m.Memory.Size
	switch {
	case s.Min > lim.MemoryPages:
		return m.errorAt(Limit, "memory", m.Memory.At, -1, "found a memory of at least %d pages, want at most %d", s.Min, lim.MemoryPages)
	case !s.HasMax && !lim.ImplyMemoryMax:
		return m.errorAt(Refused, "memory", m.Memory.At, -1, "found a memory without a maximum, want one of at most %d pages (wasm-ld: --max-memory=%d)", lim.MemoryPages, int64(lim.MemoryPages)<<16)
	case s.HasMax && s.Max > lim.MemoryPages:
		return m.errorAt(Limit, "memory", m.Memory.At, -1, "found a memory of up to %d pages, want at most %d", s.Max, lim.MemoryPages)
	}
	return nil
}

// checkSegments wants active segments inside their table or memory. Outside, the core specification traps during
// instantiation, and wazero passes over element segments silently; with constant offsets it can be told beforehand.
func (m *Module) checkSegments() error {
	for i := range m.Elems {
		if e := &m.Elems[i]; e.Mode == Active {
			size := m.tables[e.Table].Size.Min
			if e.Offset.Lo+uint64(len(e.Funcs)) > uint64(size) {
				return m.errorAt(Refused, "element", e.At, -1, "found element segment %d at %d with %d elements, want it within the %d of table %d", i, e.Offset.Lo, len(e.Funcs), size, e.Table)
			}
		}
	}
	for i := range m.Data {
		if d := &m.Data[i]; d.Mode == Active {
			size := uint64(m.Memory.Size.Min) << 16
			if d.Offset.Lo+uint64(len(d.Bytes)) > size {
				return m.errorAt(Refused, "data", d.At, -1, "found data segment %d at %d with %d bytes, want it within the %d bytes the memory starts with", i, d.Offset.Lo, len(d.Bytes), size)
			}
		}
	}
	return nil
}

func (m *Module) checkExports() error {
	memory := false
	for _, e := range m.Exports {
		if strings.HasPrefix(e.Name, ReservedPrefix) {
			return m.reserved(e)
		}
		if e.Name == MemoryExport {
			if e.Kind != ExternMemory {
				return m.errorAt(Refused, "export", e.At, -1, "found an export %q of a %v, want the memory", e.Name, e.Kind)
			}
			memory = true
		}
	}
	if !memory {
		return m.errorAt(Refused, "export", 0, -1, "found no export %q, want the memory under this name", MemoryExport)
	}
	return nil
}

func (m *Module) reserved(e Export) error {
	return m.errorAt(Refused, "export", e.At, -1, "found an export %q, want no name that starts with %q, which gwrun keeps for itself", e.Name, ReservedPrefix)
}
