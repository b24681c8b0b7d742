package module

import "encoding/binary"

// Encode writes a module in the binary format. Decoding the result gives m again, up to byte offsets; numbers outside
// function bodies are written in their shortest form.
func Encode(m *Module) []byte {
	e := encoder{out: make([]byte, 0, m.Size+64)}
	e.out = append(e.out, "\x00asm\x01\x00\x00\x00"...)
	e.customs(m, 0)
	for _, id := range []byte{secType, secImport, secFunc, secTable, secMemory, secGlobal, secExport, secStart, secElem, secDataCount, secCode, secData} {
		if m.present(id) {
			e.body = e.body[:0]
			e.section(m, id)
			e.out = append(e.out, id)
			e.out = appendU32(e.out, uint32(len(e.body)))
			e.out = append(e.out, e.body...)
		}
		e.customs(m, id)
	}
	return e.out
}

type encoder struct {
	out, body []byte
}

func (e *encoder) u32(v int)     { e.body = appendU32(e.body, uint32(v)) }
func (e *encoder) idx(v uint32)  { e.body = appendU32(e.body, v) }
func (e *encoder) byte(b byte)   { e.body = append(e.body, b) }
func (e *encoder) name(s string) { e.u32(len(s)); e.body = append(e.body, s...) }
func (e *encoder) vals(ts []ValType) {
	e.u32(len(ts))
	for _, t := range ts {
		e.byte(byte(t))
	}
}

func (e *encoder) customs(m *Module, after byte) {
	for _, c := range m.Customs {
		if c.After != after {
			continue
		}
		e.body = e.body[:0]
		e.name(c.Name)
		e.body = append(e.body, c.Bytes...)
		e.out = append(e.out, secCustom)
		e.out = appendU32(e.out, uint32(len(e.body)))
		e.out = append(e.out, e.body...)
	}
}

func (e *encoder) limits(l Limit32) {
	if l.HasMax {
		e.byte(1)
		e.idx(l.Min)
		e.idx(l.Max)
		return
	}
	e.byte(0)
	e.idx(l.Min)
}

func (e *encoder) global(g GlobalType) {
	e.byte(byte(g.Type))
	if g.Mutable {
		e.byte(1)
	} else {
		e.byte(0)
	}
}

func (e *encoder) expr(c ConstExpr) {
	switch c.Op {
	case opI32Const:
		e.byte(byte(c.Op))
		e.body = appendSigned(e.body, int64(int32(c.Lo)))
	case opI64Const:
		e.byte(byte(c.Op))
		e.body = appendSigned(e.body, int64(c.Lo))
	case opF32Const:
		e.byte(byte(c.Op))
		e.body = binary.LittleEndian.AppendUint32(e.body, uint32(c.Lo))
	case opF64Const:
		e.byte(byte(c.Op))
		e.body = binary.LittleEndian.AppendUint64(e.body, c.Lo)
	case opV128Const:
		e.body = append(e.body, 0xfd, 0x0c)
		e.body = binary.LittleEndian.AppendUint64(e.body, c.Lo)
		e.body = binary.LittleEndian.AppendUint64(e.body, c.Hi)
	case opRefNull:
		e.byte(byte(c.Op))
		e.byte(byte(c.Type))
	default: // global.get, ref.func
		e.byte(byte(c.Op))
		e.idx(c.Index)
	}
	e.byte(byte(opEnd))
}

// section writes one section's contents.
func (e *encoder) section(m *Module, id byte) {
	switch id {
	case secType:
		e.u32(len(m.Types))
		for _, t := range m.Types {
			e.byte(0x60)
			e.vals(t.Params)
			e.vals(t.Results)
		}
	case secImport:
		e.u32(len(m.Imports))
		for i := range m.Imports {
			e.importEntry(&m.Imports[i])
		}
	case secFunc:
		e.u32(len(m.Funcs))
		for _, t := range m.Funcs {
			e.idx(t)
		}
	case secTable:
		e.u32(len(m.Tables))
		for _, t := range m.Tables {
			e.byte(byte(t.Type))
			e.limits(t.Size)
		}
	case secMemory:
		e.u32(1)
		e.limits(m.Memory.Size)
	case secGlobal:
		e.u32(len(m.Globals))
		for _, g := range m.Globals {
			e.global(g.GlobalType)
			e.expr(g.Init)
		}
	case secExport:
		e.u32(len(m.Exports))
		for _, x := range m.Exports {
			e.name(x.Name)
			e.byte(byte(x.Kind))
			e.idx(x.Index)
		}
	case secStart:
		e.idx(m.Start)
	case secElem:
		e.u32(len(m.Elems))
		for i := range m.Elems {
			e.elem(&m.Elems[i])
		}
	case secDataCount:
		e.idx(m.DataCount)
	case secCode:
		e.u32(len(m.Code))
		var head []byte
		for i := range m.Code {
			c := &m.Code[i]
			head = appendU32(head[:0], uint32(len(c.Locals)))
			for _, l := range c.Locals {
				head = append(appendU32(head, l.Count), byte(l.Type))
			}
			e.u32(len(head) + len(c.Body))
			e.body = append(append(e.body, head...), c.Body...)
		}
	default: // data
		e.u32(len(m.Data))
		for i := range m.Data {
			d := &m.Data[i]
			if d.Mode == Passive {
				e.byte(1)
			} else {
				e.byte(0)
				e.expr(d.Offset)
			}
			e.u32(len(d.Bytes))
			e.body = append(e.body, d.Bytes...)
		}
	}
}

func (e *encoder) importEntry(im *Import) {
	e.name(im.Module)
	e.name(im.Name)
	e.byte(byte(im.Kind))
	switch im.Kind {
	case ExternFunc:
		e.idx(im.Func)
	case ExternTable:
		e.byte(byte(im.Table.Type))
		e.limits(im.Table.Size)
	case ExternMemory:
		e.limits(im.Memory.Size)
	default:
		e.global(im.Global)
	}
}

func (e *encoder) elem(s *Elem) {
	flags := byte(0)
	if s.Exprs {
		flags = 4
	}
	explicit := s.Table != 0 || s.Type != FuncRef
	switch {
	case s.Mode == Passive:
		flags |= 1
	case s.Mode == Declarative:
		flags |= 3
	case explicit:
		flags |= 2
	}
	e.byte(flags)
	if s.Mode == Active {
		if explicit {
			e.idx(s.Table)
		}
		e.expr(s.Offset)
	}
	if flags&3 != 0 {
		if s.Exprs {
			e.byte(byte(s.Type))
		} else {
			e.byte(0)
		}
	}
	e.u32(len(s.Funcs))
	for _, f := range s.Funcs {
		switch {
		case !s.Exprs:
			e.idx(f)
		case f == NullFunc:
			e.expr(ConstExpr{Op: opRefNull, Type: s.Type})
		default:
			e.expr(ConstExpr{Op: opRefFunc, Index: f})
		}
	}
}
