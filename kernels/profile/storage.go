package profile

import (
	"fmt"

	"github.com/gwrun/gwrun/kernels/ir"
)

// storage is where a private or workgroup variable lives: a tree of IR variables. A part that is reached by a dynamic
// index has one subtree for all its elements, whose IR variables are that many times longer; any other part has a
// subtree for each element, so that its scalars become registers.
type storage struct {
	t    *typ
	n    int      // elements or members; the length of an override-sized array
	v    *ir.Var  // of a scalar
	flag bool     // v holds a bool as 0 or 1 in an integer
	one  *storage // of all elements
	kids []*storage
}

// dynamic says which kinds of composite in a variable are dynamically indexed.
type dynamic uint8

const (
	dynVec dynamic = 1 << iota
	dynMat
	dynArr
)

// maxScattered is the longest array that is kept as one variable an element.
const maxScattered = 16

func (m *emitter) newStorage(t *typ, s ir.Space, name string, d dynamic, times int) *storage {
	st := &storage{t: t, n: t.children()}
	if t.count != nil {
		st.n = int(m.overrideLen(t.count))
	}
	if n := uint64(times) * uint64(max(st.n, 1)); n > maxPrivateBytes {
		m.fail(m.pos, "variable %q is too large", name)
	}
	switch t.kind {
	case kVec:
		if d&dynVec != 0 {
			st.one = m.newStorage(t.elem, s, name, d, times*st.n)
			return st
		}
	case kMat:
		if d&dynMat != 0 {
			st.one = m.newStorage(t.column(), s, name, d, times*st.n)
			return st
		}
	case kArray:
		if d&dynArr != 0 || st.n > maxScattered || times > 1 {
			st.one = m.newStorage(t.elem, s, name, d, times*st.n)
			return st
		}
	case kStruct:
	default:
		it := irType(leafTypes(t, nil)[0])
		if it == ir.Bool && (times > 1 || s == ir.Workgroup) {
			it, st.flag = ir.I32, true
		}
		st.v = m.newVar(s, it, uint32(times), name)
		return st
	}
	for i := range st.n {
		part := fmt.Sprintf("%s.%d", name, i)
		switch t.kind {
		case kVec:
			part = name + "." + "xyzw"[i:i+1]
		case kStruct:
			part = name + "." + t.members[i].name
		}
		st.kids = append(st.kids, m.newStorage(t.child(i), s, part, d, times))
	}
	return st
}

type poolKey struct {
	t ir.Type
	n uint32
}

// newVar makes an IR variable, or takes a private one whose scope has ended.
func (m *emitter) newVar(s ir.Space, t ir.Type, n uint32, name string) *ir.Var {
	k := poolKey{t, n}
	if free := m.pool[k]; s == ir.Private && len(free) > 0 {
		v := free[len(free)-1]
		m.pool[k] = free[:len(free)-1]
		return v
	}
	v := &ir.Var{Name: name, Space: s, Type: t, Len: n}
	m.k.Vars = append(m.k.Vars, v)
	if s == ir.Private && n > 1 {
		if m.privateWords += uint64(n); m.privateWords > ir.MaxPrivateWords {
			m.fail(m.pos, "the kernel's arrays need more than %d bytes of private memory", maxPrivateBytes)
		}
	}
	if len(m.k.Vars) > maxVars {
		m.fail(m.pos, "the kernel needs more than %d variables after inlining", maxVars)
	}
	return v
}

// maxVars bounds the variables of a kernel; WebAssembly engines take 50,000 locals in a function.
const maxVars = 16384

// release gives the variables of a private storage back for reuse.
func (m *emitter) release(st *storage) {
	if st.v != nil {
		k := poolKey{st.v.Type, st.v.Len}
		m.pool[k] = append(m.pool[k], st.v)
	}
	if st.one != nil {
		m.release(st.one)
	}
	for _, k := range st.kids {
		m.release(k)
	}
}

// place is somewhere in memory that a reference leads to.
type place struct {
	t *typ
	// Private and workgroup memory: a subtree and the element of it.
	st  *storage
	idx *ir.Inst // nil for 0
	// A buffer: word off + base.
	binding int
	off     uint32
	base    *ir.Inst // nil for 0
	ok      *ir.Inst // nil if the place is known to exist
}

// member is a part of a place known by number.
func (m *emitter) member(p place, n int) place {
	q := p
	q.t = p.t.child(n)
	if p.st == nil {
		switch p.t.kind {
		case kStruct:
			q.off += uint32(p.t.members[n].offset / 4)
		default:
			q.off += uint32(n) * uint32(stepWords(p.t))
		}
		return q
	}
	if p.st.one == nil {
		q.st = p.st.kids[n]
		return q
	}
	q.st = p.st.one
	q.idx = m.flatIndex(p, m.b.int(uint32(n)))
	return q
}

// stepWords is the distance in words between the elements of a vector, matrix or array in a buffer.
func stepWords(t *typ) uint64 {
	if t.kind == kVec {
		return 1
	}
	return t.child(0).stride() / 4
}

func (m *emitter) flatIndex(p place, i *ir.Inst) *ir.Inst {
	if p.idx == nil {
		return i
	}
	return m.b.op(ir.OpIAdd, m.b.op(ir.OpIMul, p.idx, m.b.int(uint32(p.st.n))), i)
}

// element is a part of a place chosen by an index known at run time.
func (m *emitter) element(p place, i *ir.Inst) place {
	if i.Op == ir.OpConst && !p.t.isRuntime() {
		n := p.t.n
		if p.st != nil {
			n = p.st.n
		}
		if uint64(i.Bits) < uint64(n) {
			if p.t.count != nil {
				q := p
				q.t, q.st, q.idx = p.t.elem, p.st.one, m.flatIndex(p, i)
				if p.st.one == nil {
					q.st, q.idx = p.st.kids[i.Bits], p.idx
				}
				return q
			}
			return m.member(p, int(i.Bits))
		}
	}
	q := p
	q.t = p.t.elem
	if p.t.kind == kMat {
		q.t = p.t.column()
	}
	var limit *ir.Inst
	switch {
	case p.t.isRuntime():
		limit = m.b.words(p.binding, p.off, uint32(stepWords(p.t)))
	case p.st != nil:
		limit = m.b.int(uint32(p.st.n))
	default:
		limit = m.b.int(uint32(p.t.n))
	}
	inside := m.b.op(ir.OpULt, i, limit)
	if p.ok == nil {
		q.ok = inside
	} else {
		q.ok = m.b.op(ir.OpBAnd, p.ok, inside)
	}
	if q.ok.Op == ir.OpConst && q.ok.Bits == 1 {
		q.ok = p.ok
	}
	if p.st == nil {
		step := m.b.op(ir.OpIMul, i, m.b.int(uint32(stepWords(p.t))))
		if p.base != nil {
			step = m.b.op(ir.OpIAdd, p.base, step)
		}
		q.base = step
		return q
	}
	if p.st.one == nil {
		// Only an index that is a constant outside the array comes here: the element does not exist.
		q.st, q.ok = p.st.kids[0], m.b.bool(false)
		return q
	}
	q.st, q.idx = p.st.one, m.flatIndex(p, i)
	return q
}

// word is the address operand of an access to a scalar place.
func (m *emitter) word(p place) *ir.Inst {
	if p.st != nil {
		if p.idx == nil {
			return m.b.int(0)
		}
		return p.idx
	}
	if p.base == nil {
		return m.b.int(p.off)
	}
	return m.b.op(ir.OpIAdd, p.base, m.b.int(p.off))
}

// load reads all scalars of a place.
func (m *emitter) load(p place, out []*ir.Inst) []*ir.Inst {
	n := p.t.children()
	if n > 0 {
		for i := range n {
			out = m.load(m.member(p, i), out)
		}
		return out
	}
	t := irType(p.t)
	if p.ok != nil && p.ok.Op == ir.OpConst && p.ok.Bits == 0 {
		return append(out, m.b.constant(t, 0))
	}
	if p.st == nil {
		return append(out, m.loadBuffer(p, t))
	}
	v := p.st.v
	if v.Space == ir.Private && v.Len == 1 && p.ok == nil {
		return append(out, m.b.loadScalar(v))
	}
	x := m.b.add(&ir.Inst{Op: ir.OpLoad, Type: v.Type, Args: withOK([]*ir.Inst{m.word(p)}, p.ok), Var: v, Binding: -1})
	if p.st.flag {
		x = m.b.op(ir.OpINe, x, m.b.int(0))
	}
	return append(out, x)
}

// loadBuffer reads a word of a buffer. Equal reads of a buffer that the kernel cannot write are shared.
func (m *emitter) loadBuffer(p place, t ir.Type) *ir.Inst {
	at := m.word(p)
	load := func() *ir.Inst {
		return &ir.Inst{Op: ir.OpLoad, Type: t, Args: withOK([]*ir.Inst{at}, p.ok), Binding: p.binding}
	}
	if m.k.Bindings[p.binding].Access == ir.ReadWrite {
		return m.b.add(load())
	}
	return m.b.shareKeyed(shareKey{op: ir.OpLoad, t: t, a: at, b: p.ok, extra: p.binding}, load)
}

func withOK(args []*ir.Inst, ok *ir.Inst) []*ir.Inst {
	if ok != nil {
		args = append(args, ok)
	}
	return args
}

// store writes all scalars of a place and returns those that are left.
func (m *emitter) store(p place, x []*ir.Inst) []*ir.Inst {
	n := p.t.children()
	if n > 0 {
		for i := range n {
			x = m.store(m.member(p, i), x)
		}
		return x
	}
	v := x[0]
	if p.ok != nil && p.ok.Op == ir.OpConst && p.ok.Bits == 0 {
		return x[1:]
	}
	if p.st != nil {
		if p.st.flag {
			v = m.b.op(ir.OpBToI, v)
		}
		if p.st.v.Space == ir.Private && p.st.v.Len == 1 && p.ok == nil {
			m.b.storeScalar(p.st.v, v)
			return x[1:]
		}
		m.b.add(&ir.Inst{Op: ir.OpStore, Args: withOK([]*ir.Inst{m.word(p), v}, p.ok), Var: p.st.v, Binding: -1})
		m.b.forget(p.st.v)
		return x[1:]
	}
	m.b.add(&ir.Inst{Op: ir.OpStore, Args: withOK([]*ir.Inst{m.word(p), v}, p.ok), Binding: p.binding})
	return x[1:]
}

// zero sets a private storage to zero.
func (m *emitter) zero(st *storage) {
	if v := st.v; v != nil {
		if v.Len == 1 {
			m.b.storeScalar(v, m.b.constant(v.Type, 0))
		} else {
			m.b.add(&ir.Inst{Op: ir.OpZero, Var: v, Binding: -1})
		}
		return
	}
	if st.one != nil {
		m.zero(st.one)
	}
	for _, k := range st.kids {
		m.zero(k)
	}
}
