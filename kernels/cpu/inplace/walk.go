package inplace

import (
	"errors"
	"fmt"
)

// instr is an instruction of a function.
type instr struct {
	op    uint32
	code  []byte // opcode and immediates
	picks byte   // type of a select's operands; 0 where control does not get
}

type frame struct {
	height int
	result byte // 0: none
	dead   bool // what follows is not reached
}

// The locals a rewritten function gets, where it uses them.
const (
	slotVector = iota
	slotMask
	slotCond
	slotF32
	slotF32Other
	slotWide
	numSlots
)

var slotTypes = [numSlots]byte{tV128, tV128, tI32, tF32, tF32, tI64}

// function is one that is walked, and its new body.
type function struct {
	m       *module
	locals  []byte // types, parameters included
	decls   []byte // the runs of locals as they were, without their number
	runs    uint32
	stack   []byte
	frames  []frame
	before  [5]uint32 // the last opcodes
	out     []byte
	slots   [numSlots]uint32 // 1 more than their places
	extra   []byte
	changed bool
	err     error
}

type funcType struct{ params, results []byte }

// module is what the walk has to know.
type module struct {
	types   []funcType
	funcs   []uint32
	globals []byte
	imports int
	parts   [][]byte // sections as they were, or new
}

func (m *module) encode() []byte {
	out := []byte{0, 'a', 's', 'm', 1, 0, 0, 0}
	for _, p := range m.parts {
		out = append(out, p...)
	}
	return out
}

var errShort = errors.New("inplace: the module ends too early")

// reader takes bytes off a slice; what is not there is 0, and short.
type reader struct {
	b     []byte
	short bool
}

func (r *reader) byte() byte {
	b := r.take(1)
	if b == nil {
		return 0
	}
	return b[0]
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.b) {
		r.short, r.b = true, nil
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) u32() uint32 {
	var v uint64
	for shift := 0; shift < 35; shift += 7 {
		b := r.byte()
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			break
		}
	}
	return uint32(v)
}

func (r *reader) skipNumber() {
	for r.byte() >= 0x80 {
	}
}

// vec takes a number and as many bytes.
func (r *reader) vec() []byte { return r.take(int(r.u32())) }

// walk shows visit every instruction; what it writes are the new bodies.
func walk(wasm []byte, visit func(*function, *instr)) (*module, error) {
	r := &reader{b: wasm}
	r.take(8)
	m := &module{}
	for len(r.b) > 0 && !r.short {
		whole := r.b
		id := r.byte()
		s := &reader{b: r.vec()}
		if r.short {
			break
		}
		part := whole[:len(whole)-len(r.b)]
		if id == 10 {
			code, err := m.code(s, visit)
			if err != nil {
				return nil, err
			}
			part = append(appendU([]byte{10}, uint64(len(code))), code...)
		} else {
			m.section(id, s)
		}
		if s.short {
			break
		}
		m.parts = append(m.parts, part)
	}
	if r.short || len(r.b) > 0 {
		return nil, errShort
	}
	return m, nil
}

func (m *module) section(id byte, s *reader) {
	if id != 1 && id != 2 && id != 3 && id != 6 {
		return
	}
	for n := s.u32(); n > 0 && !s.short; n-- {
		switch id {
		case 1:
			s.byte()
			m.types = append(m.types, funcType{s.vec(), s.vec()})
		case 2:
			s.vec()
			s.vec()
			switch s.byte() {
			case 0:
				m.funcs = append(m.funcs, s.u32())
				m.imports++
			case 1:
				s.byte()
				s.limits()
			case 2:
				s.limits()
			default:
				m.globals = append(m.globals, s.byte())
				s.byte()
			}
		case 3:
			m.funcs = append(m.funcs, s.u32())
		case 6:
			m.globals = append(m.globals, s.byte())
			s.byte()
			for !s.short { // a constant expression
				in := instr{}
				if in.read(s) != nil || in.op == opEnd {
					break
				}
			}
		}
	}
}

func (r *reader) limits() {
	flags := r.byte()
	r.u32()
	if flags&1 != 0 {
		r.u32()
	}
}

func (m *module) code(s *reader, visit func(*function, *instr)) ([]byte, error) {
	n := s.u32()
	out := appendU(nil, uint64(n))
	for i := range int(n) {
		body := s.vec()
		if s.short || m.imports+i >= len(m.funcs) || int(m.funcs[m.imports+i]) >= len(m.types) {
			return nil, errShort
		}
		f := &function{m: m}
		if err := f.walk(m.types[m.funcs[m.imports+i]], body, visit); err != nil {
			return nil, fmt.Errorf("inplace: function %d: %w", m.imports+i, err)
		}
		if f.changed {
			decls := appendU(nil, uint64(f.runs)+uint64(len(f.extra)))
			decls = append(decls, f.decls...)
			for _, t := range f.extra {
				decls = append(decls, 1, t)
			}
			body = append(decls, f.out...)
		}
		out = append(appendU(out, uint64(len(body))), body...)
	}
	return out, nil
}

const maxLocals = 50000

func (f *function) walk(t funcType, body []byte, visit func(*function, *instr)) error {
	r := &reader{b: body}
	f.locals = append(f.locals, t.params...)
	f.runs = r.u32()
	decls := r.b
	for n := f.runs; n > 0 && !r.short; n-- {
		count, t := r.u32(), r.byte()
		if int(count) > maxLocals-len(f.locals) {
			return fmt.Errorf("found %d locals and more, want at most %d", count, maxLocals)
		}
		for range count {
			f.locals = append(f.locals, t)
		}
	}
	f.decls = decls[:len(decls)-len(r.b)]
	result := byte(0)
	if len(t.results) > 0 {
		result = t.results[0]
	}
	f.frames = append(f.frames, frame{result: result})
	var in instr
	for len(f.frames) > 0 {
		if err := in.read(r); err != nil {
			return err
		}
		f.step(&in)
		if f.err == nil {
			visit(f, &in)
		}
		if f.err != nil {
			return f.err
		}
		copy(f.before[:], f.before[1:])
		f.before[4] = in.op
	}
	if len(r.b) > 0 {
		return errors.New("found more behind its end")
	}
	return nil
}

// read takes the next instruction off r.
func (in *instr) read(r *reader) error {
	whole := r.b
	in.picks = 0
	in.op = uint32(r.byte())
	if in.op >= 0xfc && in.op <= 0xfe {
		sub := r.u32()
		if sub > 0xff {
			return fmt.Errorf("found instruction %#x %#x, which is not known here", in.op, sub)
		}
		in.op = in.op<<8 | sub
	}
	switch in.op {
	case opUnreachable, opElse, opEnd, opReturn, opSelect:
	case opBlock, opLoop, opIf, opBr, opBrIf, opCall, opLocalGet, opLocalSet, opLocalTee, opGlobalGet, opGlobalSet, opI32Const, opI64Const:
		r.skipNumber()
	case opBrTable:
		for n := uint64(r.u32()) + 1; n > 0 && !r.short; n-- {
			r.skipNumber()
		}
	case opIndirect:
		r.skipNumber()
		r.skipNumber()
	case opF32Const:
		r.take(4)
	case opF64Const:
		r.take(8)
	default:
		s := signatureOf(in.op)
		if !s.known && !r.short {
			return fmt.Errorf("found instruction %#x, which is not known here", in.op)
		}
		switch s.imm {
		case immMem, immBoth:
			r.skipNumber()
			r.skipNumber()
			if s.imm == immBoth {
				r.byte()
			}
		case immLane:
			r.byte()
		case imm16:
			r.take(16)
		case immIndex:
			r.skipNumber()
		}
	}
	if r.short {
		return errors.New("found no end")
	}
	in.code = whole[:len(whole)-len(r.b)]
	return nil
}

// index is the first number behind an opcode of one byte.
func (in *instr) index() int { return int((&reader{b: in.code[1:]}).u32()) }

func (f *function) fail(err error) {
	if f.err == nil {
		f.err = err
	}
}

func (f *function) push(t byte) {
	if t != 0 {
		f.stack = append(f.stack, t)
	}
}

func (f *function) pop() byte {
	top := f.frames[len(f.frames)-1]
	if len(f.stack) > top.height {
		t := f.stack[len(f.stack)-1]
		f.stack = f.stack[:len(f.stack)-1]
		return t
	}
	if !top.dead {
		f.fail(errors.New("found nothing on the stack"))
	}
	return 0
}

func (f *function) drop(n int) {
	for range n {
		f.pop()
	}
}

// leave ends what is reached.
func (f *function) leave() {
	top := &f.frames[len(f.frames)-1]
	f.stack, top.dead = f.stack[:top.height], true
}

// typeAt is list[i].
func (f *function) typeAt(list []byte, i int) byte {
	if i >= len(list) {
		f.fail(fmt.Errorf("found index %d of %d", i, len(list)))
		return 0
	}
	return list[i]
}

func (f *function) call(t uint32) {
	if int(t) >= len(f.m.types) {
		f.fail(fmt.Errorf("found type %d of %d", t, len(f.m.types)))
		return
	}
	f.drop(len(f.m.types[t].params))
	f.stack = append(f.stack, f.m.types[t].results...)
}

// step follows what an instruction does to the stack.
func (f *function) step(in *instr) {
	switch in.op {
	case opUnreachable, opBr, opReturn:
		f.leave()
	case opBrTable:
		f.pop()
		f.leave()
	case opBrIf:
		f.pop()
	case opIf, opBlock, opLoop:
		if in.op == opIf {
			f.pop()
		}
		fr := frame{height: len(f.stack), result: in.code[1]}
		switch fr.result {
		case blockEmpty:
			fr.result = 0
		case tI32, tI64, tF32, tF64, tV128:
		default:
			f.fail(fmt.Errorf("found a block of type %#x, want none or a number's", fr.result))
		}
		f.frames = append(f.frames, fr)
	case opElse:
		top := &f.frames[len(f.frames)-1]
		f.stack, top.dead = f.stack[:top.height], false
	case opEnd:
		top := f.frames[len(f.frames)-1]
		f.frames = f.frames[:len(f.frames)-1]
		f.stack = f.stack[:top.height]
		f.push(top.result)
	case opCall:
		if i := in.index(); i < len(f.m.funcs) {
			f.call(f.m.funcs[i])
		} else {
			f.fail(fmt.Errorf("found a call of function %d of %d", i, len(f.m.funcs)))
		}
	case opIndirect:
		f.pop()
		f.call(uint32(in.index()))
	case opSelect:
		f.pop()
		b, a := f.pop(), f.pop()
		if in.picks = a; a == 0 {
			in.picks = b
		}
		f.push(in.picks)
	case opLocalGet:
		f.push(f.typeAt(f.locals, in.index()))
	case opGlobalGet:
		f.push(f.typeAt(f.m.globals, in.index()))
	case opLocalSet, opGlobalSet:
		f.pop()
	case opLocalTee:
		f.pop()
		f.push(f.typeAt(f.locals, in.index()))
	case opI32Const, opI64Const, opF32Const, opF64Const:
		f.push([...]byte{tI32, tI64, tF32, tF64}[in.op-opI32Const])
	default:
		s := signatureOf(in.op)
		f.drop(s.takes)
		f.push(s.leaves)
	}
}

// scratch gives a local of the function for a rewritten instruction.
func (f *function) scratch(slot int) uint32 {
	if f.slots[slot] == 0 {
		f.extra = append(f.extra, slotTypes[slot])
		f.slots[slot] = uint32(len(f.locals) + len(f.extra))
	}
	return f.slots[slot] - 1
}

func (f *function) op(ops ...uint32) {
	for _, op := range ops {
		if op > 0xff {
			f.out = appendU(append(f.out, byte(op>>8)), uint64(op&0xff))
		} else {
			f.out = append(f.out, byte(op))
		}
	}
}

func (f *function) local(op, index uint32) {
	f.op(op)
	f.out = appendU(f.out, uint64(index))
}

func appendU(b []byte, v uint64) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}
