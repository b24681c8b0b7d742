package module

import (
	"fmt"
	"strings"
)

// PassVersion names what Instrument does to a module. Compiled modules are cached by (hash of the file, PassVersion,
// Config), and it changes with every change of the bytes Instrument writes.
const PassVersion = "gw-det-1/9"

// Names of what Instrument adds. A guest can neither use nor see any of it: its own indices end before.
const (
	ReservedPrefix = "gw:"
	GasExport      = "gw:gas"    // i64 global: gas left
	StackExport    = "gw:stack"  // i64 global: stack units left
	StopExport     = "gw:stop"   // i32 global: not zero makes a running guest trap soon; no part of the state
	markExport     = "gw:mark"   // i64 global: where the gas counter makes a guest yield next; no part of the state
	StartExport    = "gw:start"  // function [] -> []: the module's start function, where it has one
	RedropExport   = "gw:redrop" // function [] -> []: drops again the segments whose flags are set, where there are any
)

// Config is how a module is instrumented.
type Config struct {
	Gas       int64  // initial value of the gas counter; a host may set it later
	Stack     int64  // initial value of the stack counter, in stack units; default DefaultStack
	MemoryMax uint32 // maximum, in pages, given to a memory that declares none, but 2 GiB at most; 0 leaves it without
}

// GlobalRef is an exported global of the instrumented module that belongs to its state.
type GlobalRef struct {
	Export string  // "gw:g<index>"
	Index  uint32  // the guest's global index, imports included
	Type   ValType // a v128 (which Check refuses) shows only its low half through most engines' API
}

// DropRef is the flag of a segment the guest can drop: an i32 global, 1 once it was dropped by data.drop or elem.drop.
type DropRef struct {
	Export  string // "gw:d<segment>" for data, "gw:e<segment>" for elements
	Segment uint32
	Elem    bool
}

// Instrumented is a module ready for an engine.
//
// A host sets GasExport and StackExport before each call it makes into an idle instance, and reads gas after it. When a
// host function calls back into the guest, both counters simply run on; if that inner call traps and the host function
// goes on nevertheless, it must put StackExport back to what it was before the call.
//
// To restore a state: instantiate, write memory, set Globals and Drops, then call Redrop if it is not empty.
type Instrumented struct {
	Wasm    []byte
	Globals []GlobalRef // all mutable globals of the guest, by index
	Drops   []DropRef   // data segments by index, then element segments
	Start   string      // StartExport, or empty if there is no start function
	Redrop  string      // RedropExport, or empty if no segment can be dropped
}

// TrapReason is why an instrumented module hit an unreachable instruction.
type TrapReason uint8

const (
	TrapGuest         TrapReason = iota // the guest's own unreachable instruction
	TrapOutOfGas                        // the gas counter fell below zero
	TrapStackOverflow                   // the stack counter fell below zero
)

func (r TrapReason) String() string {
	return [...]string{"unreachable executed", "out of gas", "stack overflow"}[r%3]
}

// ReasonOf tells the reason of an unreachable trap from the counters after it. Other traps (division, bounds, conversion,
// indirect call) come from the engine by their own names. A guest may meet one, or its own unreachable instruction, when
// gas is below zero already and it has not been stopped yet: then an unreachable trap counts as out of gas, and any other
// by its name.
func ReasonOf(gas, stack int64) TrapReason {
	switch {
	case gas < 0:
		return TrapOutOfGas
	case stack < 0:
		return TrapStackOverflow
	}
	return TrapGuest
}

// Instrument rewrites the module. The same module and Config give the same bytes. It works on every decoded module,
// also on ones that Check refuses, as long as no export uses ReservedPrefix.
func (m *Module) Instrument(cfg Config) (*Instrumented, error) {
	for _, e := range m.Exports {
		if strings.HasPrefix(e.Name, ReservedPrefix) {
			return nil, m.reserved(e)
		}
	}
	if cfg.Stack == 0 {
		cfg.Stack = DefaultStack
	}
	if cfg.Gas < 0 || cfg.Stack < 0 {
		return nil, fmt.Errorf("module: found gas %d and stack %d in the configuration, want both at least 0", cfg.Gas, cfg.Stack)
	}
	// The copy shares slices with m: everything below appends beyond their lengths, so their capacities are cut.
	out := *m
	out.Types = clip(m.Types)
	out.Globals = clip(m.Globals)
	out.Exports = clip(m.Exports)
	out.Funcs = clip(m.Funcs)
	out.Code = make([]Code, len(m.Code), len(m.Code)+1)
	out.Customs = nil
	if m.Memory != nil && !m.Memory.Size.HasMax && cfg.MemoryMax > 0 {
		mem := *m.Memory
		mem.Size.HasMax, mem.Size.Max = true, max(min(cfg.MemoryMax, safePages), mem.Size.Min)
		out.Memory = &mem
	}

	ins := &Instrumented{}
	w := &rewriter{
		m: m, out: &out,
		r:  &reader{section: "code", fn: -1},
		an: &analysis{},
	}
	for i, g := range m.globals {
		if g.Mutable {
			ins.Globals = append(ins.Globals, GlobalRef{fmt.Sprintf("gw:g%d", i), uint32(i), g.Type})
		}
	}
	for _, g := range ins.Globals {
		out.Exports = append(out.Exports, Export{Name: g.Export, Kind: ExternGlobal, Index: g.Index})
	}
	w.gas = w.addGlobal(GasExport, I64, uint64(cfg.Gas))
	w.stack = w.addGlobal(StackExport, I64, uint64(cfg.Stack))
	if err := w.functions(ins); err != nil {
		return nil, err
	}
	if m.HasStart {
		out.HasStart = false
		ins.Start = StartExport
		out.Exports = append(out.Exports, Export{Name: StartExport, Kind: ExternFunc, Index: m.Start})
	}
	w.doors()
	if names := m.encodeNames(); names != nil {
		out.Customs = []Custom{{Name: "name", Bytes: names, After: secData}}
	}
	ins.Wasm = Encode(&out)
	return ins, nil
}

func clip[T any](s []T) []T { return s[:len(s):len(s)] }

// addGlobal adds a mutable global, exports it and returns its index.
func (w *rewriter) addGlobal(export string, t ValType, bits uint64) uint32 {
	op := opI32Const
	if t == I64 {
		op = opI64Const
	}
	i := uint32(w.m.importedGlobals() + len(w.out.Globals))
	w.out.Globals = append(w.out.Globals, Global{GlobalType: GlobalType{t, true}, Init: ConstExpr{Op: op, Type: t, Lo: bits}})
	w.out.Exports = append(w.out.Exports, Export{Name: export, Kind: ExternGlobal, Index: i})
	return i
}

// addType returns the index of type t, added if the module lacks it.
func (w *rewriter) addType(t FuncType) uint32 {
	key := string(valBytes(t.Params)) + "\x00" + string(valBytes(t.Results))
	if w.types == nil {
		w.types = make(map[string]uint32, len(w.m.Types))
		for i := len(w.m.Types) - 1; i >= 0; i-- {
			u := w.m.Types[i]
			w.types[string(valBytes(u.Params))+"\x00"+string(valBytes(u.Results))] = uint32(i)
		}
	}
	i, ok := w.types[key]
	if !ok {
		i = uint32(len(w.out.Types))
		w.out.Types = append(w.out.Types, t)
		w.types[key] = i
	}
	return i
}

// encodeNames writes the function names the module gives, and nothing else, as a name section's contents.
func (m *Module) encodeNames() []byte {
	if len(m.names) == 0 {
		return nil
	}
	var e encoder
	e.u32(len(m.names))
	for i := range m.funcTypes {
		if name := m.names[uint32(i)]; name != "" {
			e.idx(uint32(i))
			e.name(name)
		}
	}
	section := appendU32([]byte{1}, uint32(len(e.body)))
	return append(section, e.body...)
}
