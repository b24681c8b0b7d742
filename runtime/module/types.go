package module

import "strings"

// ValType is a value type, by its byte in the binary format.
type ValType byte

const (
	I32       ValType = 0x7f
	I64       ValType = 0x7e
	F32       ValType = 0x7d
	F64       ValType = 0x7c
	V128      ValType = 0x7b
	FuncRef   ValType = 0x70
	ExternRef ValType = 0x6f

	unknown ValType = 0 // the validation algorithm's bottom type
)

func (t ValType) String() string {
	switch t {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	case V128:
		return "v128"
	case FuncRef:
		return "funcref"
	case ExternRef:
		return "externref"
	}
	return "any"
}

func (t ValType) isRef() bool { return t == FuncRef || t == ExternRef }

func (t ValType) valid() bool {
	return t >= V128 && t <= I32 || t.isRef()
}

// FuncType is a function's parameters and results.
type FuncType struct {
	Params, Results []ValType
}

// Equal reports whether t and u are the same type.
func (t FuncType) Equal(u FuncType) bool {
	return string(valBytes(t.Params)) == string(valBytes(u.Params)) && string(valBytes(t.Results)) == string(valBytes(u.Results))
}

func (t FuncType) String() string { return typeList(t.Params) + " -> " + typeList(t.Results) }

func valBytes(ts []ValType) []byte {
	b := make([]byte, len(ts))
	for i, t := range ts {
		b[i] = byte(t)
	}
	return b
}

func typeList(ts []ValType) string {
	var s strings.Builder
	s.WriteByte('[')
	for i, t := range ts {
		if i > 0 {
			s.WriteByte(' ')
		}
		if i == 16 {
			s.WriteString("...")
			break
		}
		s.WriteString(t.String())
	}
	s.WriteByte(']')
	return s.String()
}

// ExternKind says what an import or export is.
type ExternKind byte

const (
	ExternFunc ExternKind = iota
	ExternTable
	ExternMemory
	ExternGlobal
)

func (k ExternKind) String() string {
	return [...]string{"function", "table", "memory", "global"}[k&3]
}

// Limit32 is a minimum and an optional maximum: pages of 64 KiB for a memory, elements for a table.
type Limit32 struct {
	Min, Max uint32
	HasMax   bool
}

// Table is a table's type.
type Table struct {
	Type ValType
	Size Limit32
	At   int // byte offset
}

// Memory is a linear memory's type, in pages of 64 KiB.
type Memory struct {
	Size Limit32
	At   int // byte offset
}

// GlobalType is a global's value type and mutability.
type GlobalType struct {
	Type    ValType
	Mutable bool
}

// Global is a global the module defines.
type Global struct {
	GlobalType
	Init ConstExpr
	At   int // byte offset
}

// ConstExpr is a constant expression: one constant, global.get, ref.null or ref.func.
type ConstExpr struct {
	Op     Opcode
	Type   ValType
	Index  uint32 // of global.get and ref.func
	Lo, Hi uint64 // bits of a constant; Hi only for v128
	At     int    // byte offset
}

// Import is one import; which of the type fields counts follows from Kind.
type Import struct {
	Module, Name string
	Kind         ExternKind
	Func         uint32 // type index
	Table        Table
	Memory       Memory
	Global       GlobalType
	At           int // byte offset
}

// Export is one export.
type Export struct {
	Name  string
	Kind  ExternKind
	Index uint32
	At    int // byte offset
}

// SegmentMode says when a segment is copied.
type SegmentMode uint8

const (
	Active      SegmentMode = iota // at instantiation
	Passive                        // by memory.init or table.init
	Declarative                    // never: it only declares functions for ref.func
)

// NullFunc stands for ref.null in Elem.Funcs.
const NullFunc = ^uint32(0)

// Elem is an element segment.
type Elem struct {
	Mode   SegmentMode
	Table  uint32
	Offset ConstExpr
	Type   ValType
	Funcs  []uint32 // function indices, NullFunc for null
	Exprs  bool     // encoded as expressions
	At     int      // byte offset
}

// Data is a data segment. Bytes shares memory with the decoded file.
type Data struct {
	Mode   SegmentMode // Active or Passive
	Offset ConstExpr
	Bytes  []byte
	At     int // byte offset
}

// Locals is a run of locals of one type.
type Locals struct {
	Count uint32
	Type  ValType
}

// Code is a function body. Body shares memory with the decoded file and includes the final end.
type Code struct {
	Locals []Locals
	Body   []byte
	At     int // byte offset of the first instruction
}

// Custom is a custom section. Bytes shares memory with the decoded file.
type Custom struct {
	Name  string
	Bytes []byte
	After byte // id of the last known section before it, 0 if none
	At    int  // byte offset of the contents after the name
}

// Module is a decoded and valid module. Index spaces start with the imports, as in the core specification.
type Module struct {
	Types     []FuncType
	Imports   []Import
	Funcs     []uint32 // type index of each function the module defines
	Tables    []Table
	Memory    *Memory // the memory the module defines, nil if none
	Globals   []Global
	Exports   []Export
	HasStart  bool
	Start     uint32 // function index, where HasStart
	Elems     []Elem
	HasCount  bool // a data count section is present
	DataCount uint32
	Data      []Data
	Code      []Code
	Customs   []Custom

	Size int // bytes of the encoded module

	startAt     int
	importFuncs int
	funcTypes   []uint32 // type index by function index
	tables      []Table
	memories    []Memory
	globals     []GlobalType
	declared    []bool // functions that ref.func may name
	names       map[uint32]string
	features    []use
	dataDrops   map[uint32]bool // segments some data.drop names
	elemDrops   map[uint32]bool
	works       []Work // of each function the module defines
}

// use is one occurrence of something Check refuses, found while validating.
type use struct {
	what string
	sec  string
	at   int
	fn   int
}

// NumFuncs is the number of functions, imports included.
func (m *Module) NumFuncs() int { return len(m.funcTypes) }

// NumImportedFuncs is the number of imported functions: indices below it are imports.
func (m *Module) NumImportedFuncs() int { return m.importFuncs }

// FuncType returns the type of function i (index space with imports) and whether there is such a function.
func (m *Module) FuncType(i uint32) (FuncType, bool) {
	if uint64(i) >= uint64(len(m.funcTypes)) {
		return FuncType{}, false
	}
	return m.Types[m.funcTypes[i]], true
}

// ExportedFunc returns the index of the function exported under name.
func (m *Module) ExportedFunc(name string) (uint32, bool) {
	for _, e := range m.Exports {
		if e.Kind == ExternFunc && e.Name == name {
			return e.Index, true
		}
	}
	return 0, false
}
