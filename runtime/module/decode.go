package module

import (
	"fmt"
	"slices"
)

// What Decode itself refuses, whatever the caller's Limits: the limits web browsers agreed on (WebAssembly
// JavaScript Interface, "Implementation-defined Limits"), where they have one.
const (
	maxModuleBytes = 1 << 30
	maxTypes       = 1_000_000
	maxImports     = 100_000
	maxExports     = 100_000
	maxFuncs       = 1_000_000
	maxGlobals     = 1_000_000
	maxTables      = 100
	maxTableElems  = 10_000_000
	maxSegments    = 100_000
	maxParams      = 1_000
	maxResults     = 1_000
	maxBodyBytes   = 7_654_321
	maxLocals      = 50_000
	maxBrTable     = 65_520
	maxNesting     = 10_000
	maxNameBytes   = 100_000
	maxPages       = 65_536
)

const (
	secCustom = iota
	secType
	secImport
	secFunc
	secTable
	secMemory
	secGlobal
	secExport
	secStart
	secElem
	secCode
	secData
	secDataCount
)

var sectionNames = [...]string{"custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code", "data", "data count"}

// order gives each section id its place: data count stands between element and code.
var sectionOrder = [...]int{secCustom: 0, secType: 1, secImport: 2, secFunc: 3, secTable: 4, secMemory: 5, secGlobal: 6,
	secExport: 7, secStart: 8, secElem: 9, secDataCount: 10, secCode: 11, secData: 12}

// Decode parses and validates a module. It keeps slices of wasm (function bodies, data, custom sections), which must
// not change afterwards. Errors are of type [*Error].
func Decode(wasm []byte) (*Module, error) {
	if len(wasm) > maxModuleBytes {
		return nil, &Error{Kind: Limit, Section: "header", Func: -1, Msg: fmt.Sprintf("found a module of %d bytes, want at most %d", len(wasm), maxModuleBytes)}
	}
	r := &reader{b: wasm, end: len(wasm), section: "header", fn: -1}
	m := &Module{Size: len(wasm), dataDrops: map[uint32]bool{}, elemDrops: map[uint32]bool{}}
	if magic := r.bytes(4, "the magic number"); r.err == nil && string(magic) != "\x00asm" {
		r.fail(Malformed, 0, "found the bytes % x, want the magic number 00 61 73 6d", magic)
	}
	if v := r.fixed32("the version"); r.err == nil && v != 1 {
		if v == 0x1000d {
			r.fail(Malformed, 4, "found a component, want a core module of version 1")
		}
		r.fail(Malformed, 4, "found version %d, want version 1", v)
	}
	last, lastID := 0, byte(0)
	for r.err == nil && r.p < len(wasm) {
		r.section, r.end = "header", len(wasm)
		at := r.p
		id := r.byte("a section id")
		size := r.u32("the section's size")
		if r.err == nil && uint64(size) > uint64(r.left()) {
			r.fail(Malformed, at, "found a section of %d bytes with %d bytes left in the module", size, r.left())
		}
		if r.err == nil && int(id) >= len(sectionNames) {
			what := "which is unknown"
			if id == 13 {
				what = "tags, of the exception handling proposal"
			}
			r.fail(Malformed, at, "found section id %d, %s, want 0 to 12", id, what)
		}
		if r.err != nil {
			break
		}
		r.section, r.end = sectionNames[id], r.p+int(size)
		if id != secCustom {
			if sectionOrder[id] <= last {
				r.fail(Malformed, at, "found the %s section after the %s section, want each section once and in order", sectionNames[id], sectionNames[slices.Index(sectionOrder[:], last)])
				break
			}
			last = sectionOrder[id]
		}
		m.section(r, id, lastID)
		if id != secCustom && m.present(id) {
			lastID = id
		}
		if r.err == nil && r.left() > 0 {
			r.fail(Malformed, r.p, "found %d bytes after the section's contents, want none", r.left())
		}
	}
	if r.err == nil {
		m.finish(r)
	}
	if r.err != nil {
		if r.err.Func >= 0 && r.err.Name == "" {
			m.readNames()
			r.err.Name = m.givenName(uint32(r.err.Func))
		}
		return nil, r.err
	}
	return m, nil
}

// present reports whether Encode writes a section: not if it is empty.
func (m *Module) present(id byte) bool {
	switch id {
	case secType:
		return len(m.Types) > 0
	case secImport:
		return len(m.Imports) > 0
	case secFunc:
		return len(m.Funcs) > 0
	case secTable:
		return len(m.Tables) > 0
	case secMemory:
		return m.Memory != nil
	case secGlobal:
		return len(m.Globals) > 0
	case secExport:
		return len(m.Exports) > 0
	case secStart:
		return m.HasStart
	case secElem:
		return len(m.Elems) > 0
	case secDataCount:
		return m.HasCount
	case secCode:
		return len(m.Code) > 0
	}
	return len(m.Data) > 0
}

func (m *Module) section(r *reader, id, lastID byte) {
	switch id {
	case secCustom:
		name := r.name("a custom section's name")
		at := r.p
		b := r.bytes(uint32(r.left()), "a custom section")
		if r.err == nil {
			m.Customs = append(m.Customs, Custom{Name: name, Bytes: b, After: lastID, At: at})
			if name == "name" && m.names == nil && len(m.funcTypes) > 0 {
				m.readNames()
			}
		}
	case secType:
		m.typeSection(r)
	case secImport:
		m.importSection(r)
	case secFunc:
		n := r.count(maxFuncs, 1, "functions")
		m.Funcs = make([]uint32, 0, n)
		for range n {
			t := m.typeIndex(r)
			if r.err != nil {
				return
			}
			m.Funcs = append(m.Funcs, t)
			m.funcTypes = append(m.funcTypes, t)
		}
	case secTable:
		n := r.count(maxTables, 3, "tables")
		for range n {
			t := m.tableType(r)
			if r.err != nil {
				return
			}
			m.Tables = append(m.Tables, t)
			m.tables = append(m.tables, t)
		}
	case secMemory:
		n := r.count(maxPages, 2, "memories")
		for range n {
			mem := m.memoryType(r)
			if r.err == nil && len(m.memories) > 0 {
				r.fail(Refused, mem.At, "found a second memory (the multi-memory proposal), want at most one")
			}
			if r.err != nil {
				return
			}
			m.Memory = &mem
			m.memories = append(m.memories, mem)
		}
	case secGlobal:
		m.globalSection(r)
	case secExport:
		m.exportSection(r)
	case secStart:
		m.startAt = r.p
		m.Start, m.HasStart = r.u32("the start function"), true
		t, ok := m.FuncType(m.Start)
		if r.err == nil && !ok {
			r.fail(Invalid, m.startAt, "found start function %d, want one of the %d functions", m.Start, len(m.funcTypes))
		} else if r.err == nil && len(t.Params)+len(t.Results) > 0 {
			r.fail(Invalid, m.startAt, "found a start function of type %v, want [] -> []", t)
		}
	case secElem:
		m.elemSection(r)
	case secDataCount:
		m.DataCount, m.HasCount = r.u32("the number of data segments"), true
		if r.err == nil && m.DataCount > maxSegments {
			r.fail(Limit, r.p, "found %d data segments, want at most %d", m.DataCount, maxSegments)
		}
	case secCode:
		m.codeSection(r)
	case secData:
		m.dataSection(r)
	}
}

// finish checks what can only be known at the end of the module, then the function bodies.
func (m *Module) finish(r *reader) {
	r.end = len(r.b)
	if len(m.Code) != len(m.Funcs) {
		r.section = "code"
		r.fail(Malformed, r.p, "found %d function bodies, want %d as the function section declares", len(m.Code), len(m.Funcs))
		return
	}
	if m.HasCount && uint64(m.DataCount) != uint64(len(m.Data)) {
		r.section = "data"
		r.fail(Malformed, r.p, "found %d data segments, want %d as the data count section declares", len(m.Data), m.DataCount)
		return
	}
	if m.names == nil {
		m.readNames()
	}
	m.declare()
	v := newValidator(m, r)
	for i := range m.Code {
		if v.function(i, m.Code[i].At); r.err != nil {
			return
		}
	}
}

// declare marks the functions a ref.func in a body may name: those that occur outside bodies (core specification,
// validation of modules, "refs"). The start function does not count.
func (m *Module) declare() {
	m.declared = make([]bool, len(m.funcTypes))
	for _, e := range m.Exports {
		if e.Kind == ExternFunc {
			m.declared[e.Index] = true
		}
	}
	for i := range m.Elems {
		for _, f := range m.Elems[i].Funcs {
			if f != NullFunc {
				m.declared[f] = true
			}
		}
	}
	for _, g := range m.Globals {
		if g.Init.Op == opRefFunc {
			m.declared[g.Init.Index] = true
		}
	}
}

func (m *Module) note(r *reader, at int, what string) {
	// One occurrence of each kind is enough for Check, which reports the first.
	for _, u := range m.features {
		if u.what == what {
			return
		}
	}
	m.features = append(m.features, use{what: what, sec: r.section, at: at, fn: r.fn})
}

func (m *Module) valType(r *reader, what string) ValType {
	at := r.p
	t := ValType(r.byte(what))
	if r.err == nil && !t.valid() {
		if t == 0x40 || t > I32 || t < 0x60 {
			r.fail(Malformed, at, "found 0x%02x, want %s (i32, i64, f32, f64, v128, funcref, externref)", byte(t), what)
		} else {
			r.fail(Refused, at, "found type 0x%02x (exceptions, garbage collection or typed function references), want %s (i32, i64, f32, f64, v128)", byte(t), what)
		}
	}
	if t.isRef() {
		m.note(r, at, "a value of reference type "+t.String())
	}
	return t
}

func (m *Module) typeSection(r *reader) {
	n := r.count(maxTypes, 3, "types")
	m.Types = make([]FuncType, 0, n)
	for range n {
		at := r.p
		if form := r.byte("a function type"); r.err == nil && form != 0x60 {
			if form == 0x4e || form == 0x50 || form == 0x4f || form == 0x5e || form == 0x5f {
				r.fail(Refused, at, "found type form 0x%02x of the garbage collection proposal, want a function type 0x60", form)
			}
			r.fail(Malformed, at, "found type form 0x%02x, want a function type 0x60", form)
		}
		var t FuncType
		t.Params = m.valTypes(r, maxParams, "parameters")
		t.Results = m.valTypes(r, maxResults, "results")
		if r.err != nil {
			return
		}
		m.Types = append(m.Types, t)
	}
}

func (m *Module) valTypes(r *reader, limit uint32, what string) []ValType {
	n := r.count(limit, 1, what)
	if n == 0 {
		return nil
	}
	ts := make([]ValType, n)
	for i := range ts {
		if ts[i] = m.valType(r, "a value type"); r.err != nil {
			return nil
		}
	}
	return ts
}

func (m *Module) typeIndex(r *reader) uint32 {
	at := r.p
	t := r.u32("a type index")
	if r.err == nil && uint64(t) >= uint64(len(m.Types)) {
		r.fail(Invalid, at, "found type index %d, want one of the %d types", t, len(m.Types))
	}
	return t
}

func (m *Module) importSection(r *reader) {
	n := r.count(maxImports, 4, "imports")
	m.Imports = make([]Import, 0, n)
	for range n {
		im := Import{At: r.p}
		im.Module = r.name("an import's module")
		im.Name = r.name("an import's name")
		at := r.p
		im.Kind = ExternKind(r.byte("an import's kind"))
		if r.err != nil {
			return
		}
		switch im.Kind {
		case ExternFunc:
			im.Func = m.typeIndex(r)
			m.funcTypes = append(m.funcTypes, im.Func)
			m.importFuncs++
		case ExternTable:
			im.Table = m.tableType(r)
			m.tables = append(m.tables, im.Table)
		case ExternMemory:
			im.Memory = m.memoryType(r)
			if r.err == nil && len(m.memories) > 0 {
				r.fail(Refused, at, "found a second memory (the multi-memory proposal), want at most one")
			}
			m.memories = append(m.memories, im.Memory)
		case ExternGlobal:
			im.Global = m.globalType(r)
			m.globals = append(m.globals, im.Global)
		default:
			if im.Kind == 4 {
				r.fail(Refused, at, "found an imported tag of the exception handling proposal, want a function, table, memory or global")
			}
			r.fail(Malformed, at, "found import kind %d, want 0 to 3", im.Kind)
		}
		if r.err != nil {
			return
		}
		m.Imports = append(m.Imports, im)
	}
	if len(m.tables) > maxTables {
		r.fail(Limit, r.p, "found %d imported tables, want at most %d", len(m.tables), maxTables)
	}
}

func (m *Module) tableType(r *reader) Table {
	t := Table{At: r.p}
	t.Type = ValType(r.byte("a table's element type"))
	if r.err == nil && !t.Type.isRef() {
		r.fail(Malformed, t.At, "found a table of 0x%02x, want funcref or externref", byte(t.Type))
	}
	if t.Type == ExternRef {
		m.note(r, t.At, "a table of externref")
	}
	t.Size = limits(r, "table")
	if r.err == nil && (t.Size.Min > maxTableElems) {
		r.fail(Limit, t.At, "found a table of %d elements, want at most %d", t.Size.Min, maxTableElems)
	}
	if r.err == nil && t.Size.HasMax && t.Size.Max < t.Size.Min {
		r.fail(Invalid, t.At, "found a table with minimum %d above its maximum %d", t.Size.Min, t.Size.Max)
	}
	return t
}

func (m *Module) memoryType(r *reader) Memory {
	mem := Memory{At: r.p}
	mem.Size = limits(r, "memory")
	s := mem.Size
	switch {
	case r.err != nil:
	case s.Min > maxPages || s.HasMax && s.Max > maxPages:
		r.fail(Invalid, mem.At, "found a memory of %d to %d pages, want at most %d", s.Min, s.Max, maxPages)
	case s.HasMax && s.Max < s.Min:
		r.fail(Invalid, mem.At, "found a memory with minimum %d above its maximum %d", s.Min, s.Max)
	}
	return mem
}

func limits(r *reader, what string) Limit32 {
	at := r.p
	flags := r.byte("the flags of a " + what + "'s limits")
	switch {
	case r.err != nil || flags <= 1:
	case flags <= 3:
		r.fail(Refused, at, "found a shared %s (the threads proposal), want flags 0 or 1", what)
	case flags <= 7:
		r.fail(Refused, at, "found a 64-bit %s (the memory64 proposal), want flags 0 or 1", what)
	default:
		r.fail(Malformed, at, "found limits flags 0x%02x, want 0 or 1", flags)
	}
	l := Limit32{HasMax: flags == 1}
	l.Min = r.u32("a minimum size")
	if l.HasMax {
		l.Max = r.u32("a maximum size")
	}
	return l
}

func (m *Module) globalType(r *reader) GlobalType {
	var g GlobalType
	g.Type = m.valType(r, "a global's type")
	at := r.p
	mut := r.byte("a global's mutability")
	if r.err == nil && mut > 1 {
		r.fail(Malformed, at, "found mutability 0x%02x, want 0 or 1", mut)
	}
	g.Mutable = mut == 1
	return g
}

func (m *Module) globalSection(r *reader) {
	n := r.count(maxGlobals, 4, "globals")
	m.Globals = make([]Global, 0, n)
	imported := len(m.globals)
	for range n {
		g := Global{At: r.p}
		g.GlobalType = m.globalType(r)
		g.Init = m.constExpr(r, g.Type, imported)
		if r.err != nil {
			return
		}
		m.Globals = append(m.Globals, g)
		m.globals = append(m.globals, g.GlobalType)
	}
}

// constExpr reads a constant expression of type want. Only the first imported globals may be read.
func (m *Module) constExpr(r *reader, want ValType, imported int) ConstExpr {
	c := ConstExpr{At: r.p}
	b := r.byte("a constant expression")
	c.Op = Opcode(b)
	switch c.Op {
	case opI32Const:
		c.Type, c.Lo = I32, uint64(uint32(r.signed(32, "an i32 constant")))
	case opI64Const:
		c.Type, c.Lo = I64, uint64(r.signed(64, "an i64 constant"))
	case opF32Const:
		c.Type, c.Lo = F32, uint64(r.fixed32("an f32 constant"))
	case opF64Const:
		c.Type, c.Lo = F64, r.fixed64("an f64 constant")
	case 0xfd:
		if sub := r.u32("an opcode"); r.err == nil && sub != 0x0c {
			r.fail(Invalid, c.At, "found %v, want a constant expression", Opcode(0xfd00|min(sub, 0xff)))
		}
		c.Op, c.Type = opV128Const, V128
		c.Lo, c.Hi = r.fixed64("a v128 constant"), r.fixed64("a v128 constant")
	case opGlobalGet:
		c.Index = r.u32("a global index")
		switch {
		case r.err != nil:
		case uint64(c.Index) >= uint64(imported):
			r.fail(Invalid, c.At, "found global.get %d in a constant expression, want one of the %d imported globals", c.Index, imported)
		case m.globals[c.Index].Mutable:
			r.fail(Invalid, c.At, "found global.get %d of a mutable global in a constant expression, want an immutable one", c.Index)
		default:
			c.Type = m.globals[c.Index].Type
		}
	case opRefNull:
		c.Type = m.refType(r)
	case opRefFunc:
		c.Type, c.Index = FuncRef, r.u32("a function index")
		if r.err == nil && uint64(c.Index) >= uint64(len(m.funcTypes)) {
			r.fail(Invalid, c.At, "found ref.func %d, want one of the %d functions", c.Index, len(m.funcTypes))
		}
	default:
		if r.err == nil {
			r.fail(Invalid, c.At, "found %v, want a constant expression: one constant, global.get, ref.null or ref.func", c.Op)
		}
	}
	if r.err == nil && c.Type != want {
		r.fail(Invalid, c.At, "found a constant expression of type %v, want %v", c.Type, want)
	}
	at := r.p
	if e := r.byte("the end of a constant expression"); r.err == nil && e != byte(opEnd) {
		r.fail(Invalid, at, "found %v after a constant, want end (extended constant expressions are refused)", Opcode(e))
	}
	return c
}

func (m *Module) refType(r *reader) ValType {
	at := r.p
	t := ValType(r.byte("a reference type"))
	if r.err == nil && !t.isRef() {
		r.fail(Malformed, at, "found type 0x%02x, want funcref or externref", byte(t))
	}
	return t
}

func (m *Module) exportSection(r *reader) {
	n := r.count(maxExports, 3, "exports")
	m.Exports = make([]Export, 0, n)
	seen := make(map[string]bool, n)
	for range n {
		e := Export{At: r.p}
		e.Name = r.name("an export's name")
		at := r.p
		e.Kind = ExternKind(r.byte("an export's kind"))
		e.Index = r.u32("an export's index")
		if r.err != nil {
			return
		}
		var have int
		switch e.Kind {
		case ExternFunc:
			have = len(m.funcTypes)
		case ExternTable:
			have = len(m.tables)
		case ExternMemory:
			have = len(m.memories)
		case ExternGlobal:
			have = len(m.globals)
		default:
			r.fail(Malformed, at, "found export kind %d, want 0 to 3", e.Kind)
			return
		}
		if uint64(e.Index) >= uint64(have) {
			r.fail(Invalid, at, "found an export %q of %v %d, want an index below %d", e.Name, e.Kind, e.Index, have)
			return
		}
		if seen[e.Name] {
			r.fail(Invalid, e.At, "found a second export %q, want each name once", e.Name)
			return
		}
		seen[e.Name] = true
		m.Exports = append(m.Exports, e)
	}
}

func (m *Module) elemSection(r *reader) {
	n := r.count(maxSegments, 3, "element segments")
	m.Elems = make([]Elem, 0, n)
	for range n {
		e := Elem{At: r.p, Type: FuncRef}
		flags := r.u32("an element segment's flags")
		if r.err == nil && flags > 7 {
			r.fail(Malformed, e.At, "found element segment flags %d, want 0 to 7", flags)
		}
		e.Exprs = flags&4 != 0
		explicit := flags&3 != 0 // a kind or a type follows
		switch {
		case flags&1 == 0:
			if flags&2 != 0 {
				e.Table = r.u32("a table index")
			}
			if r.err == nil && uint64(e.Table) >= uint64(len(m.tables)) {
				r.fail(Invalid, e.At, "found an element segment for table %d, want one of the %d tables", e.Table, len(m.tables))
			}
			e.Offset = m.constExpr(r, I32, m.importedGlobals())
		case flags&2 == 0:
			e.Mode = Passive
		default:
			e.Mode = Declarative
		}
		at := r.p
		if explicit && e.Exprs {
			e.Type = m.refType(r)
			if e.Type == ExternRef {
				m.note(r, at, "an element segment of externref")
			}
		} else if explicit {
			if k := r.byte("an element kind"); r.err == nil && k != 0 {
				r.fail(Malformed, at, "found element kind 0x%02x, want 0x00 (functions)", k)
			}
		}
		if r.err == nil && e.Mode == Active && m.tables[e.Table].Type != e.Type {
			r.fail(Invalid, e.At, "found an element segment of %v for a table of %v", e.Type, m.tables[e.Table].Type)
		}
		m.elemInit(r, &e)
		if r.err != nil {
			return
		}
		m.Elems = append(m.Elems, e)
	}
}

func (m *Module) elemInit(r *reader, e *Elem) {
	size := 1
	if e.Exprs {
		size = 3
	}
	n := r.count(maxTableElems, size, "elements of a segment")
	e.Funcs = make([]uint32, n)
	for i := range e.Funcs {
		if r.err != nil {
			return
		}
		at := r.p
		if e.Exprs {
			c := m.constExpr(r, e.Type, m.importedGlobals())
			e.Funcs[i] = c.Index
			switch {
			case r.err != nil:
			case c.Op == opRefNull:
				e.Funcs[i] = NullFunc
			case c.Op == opGlobalGet:
				r.fail(Refused, at, "found global.get in an element segment, want ref.func or ref.null")
			}
			continue
		}
		f := r.u32("a function index")
		if r.err == nil && uint64(f) >= uint64(len(m.funcTypes)) {
			r.fail(Invalid, at, "found function %d in an element segment, want one of the %d functions", f, len(m.funcTypes))
		}
		e.Funcs[i] = f
	}
}

func (m *Module) importedGlobals() int { return len(m.globals) - len(m.Globals) }

func (m *Module) codeSection(r *reader) {
	n := r.count(maxFuncs, 3, "function bodies")
	if r.err == nil && n != len(m.Funcs) {
		r.fail(Malformed, r.p, "found %d function bodies, want %d as the function section declares", n, len(m.Funcs))
		return
	}
	m.Code = make([]Code, 0, n)
	section := r.end
	for i := range n {
		at := r.p
		size := r.u32("a function body's size")
		r.fn = m.importFuncs + i
		if r.err == nil && size > maxBodyBytes {
			r.fail(Limit, at, "found a function body of %d bytes, want at most %d", size, maxBodyBytes)
		}
		if r.err == nil && uint64(size) > uint64(r.left()) {
			r.fail(Malformed, at, "found a function body of %d bytes with %d bytes left in the section", size, r.left())
		}
		if r.err != nil {
			return
		}
		r.end = r.p + int(size)
		c := m.locals(r, m.Types[m.Funcs[i]])
		c.At = r.p
		c.Body = r.bytes(uint32(r.left()), "a function body")
		if r.err == nil && (len(c.Body) == 0 || c.Body[len(c.Body)-1] != byte(opEnd)) {
			r.fail(Malformed, r.p, "found a function body without end as its last byte")
		}
		if r.err != nil {
			return
		}
		r.end = section
		m.Code = append(m.Code, c)
	}
	r.fn = -1
}

// locals reads the declared locals, summing the counts before anything is allocated by them.
func (m *Module) locals(r *reader, t FuncType) Code {
	var c Code
	n := r.count(maxLocals, 2, "runs of locals")
	total := uint64(len(t.Params))
	c.Locals = make([]Locals, 0, n)
	for range n {
		at := r.p
		l := Locals{Count: r.u32("a number of locals")}
		l.Type = m.valType(r, "a local's type")
		if total += uint64(l.Count); r.err == nil && total > maxLocals {
			r.fail(Limit, at, "found %d parameters and locals, want at most %d", total, maxLocals)
		}
		if r.err != nil {
			return c
		}
		c.Locals = append(c.Locals, l)
	}
	return c
}

func (m *Module) dataSection(r *reader) {
	n := r.count(maxSegments, 2, "data segments")
	m.Data = make([]Data, 0, n)
	for range n {
		d := Data{At: r.p}
		flags := r.u32("a data segment's flags")
		if r.err == nil && flags > 2 {
			r.fail(Malformed, d.At, "found data segment flags %d, want 0 to 2", flags)
		}
		if flags == 2 {
			if i := r.u32("a memory index"); r.err == nil && i != 0 {
				r.fail(Invalid, d.At, "found a data segment for memory %d, want memory 0", i)
			}
		}
		if flags == 1 {
			d.Mode = Passive
		} else {
			if r.err == nil && len(m.memories) == 0 {
				r.fail(Invalid, d.At, "found an active data segment in a module without memory")
			}
			d.Offset = m.constExpr(r, I32, m.importedGlobals())
		}
		d.Bytes = r.bytes(r.u32("a data segment's size"), "a data segment")
		if r.err != nil {
			return
		}
		m.Data = append(m.Data, d)
	}
}
