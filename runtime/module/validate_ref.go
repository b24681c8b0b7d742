package module

// table returns the element type of table i.
func (v *validator) table(i uint32) ValType {
	if uint64(i) >= uint64(len(v.m.tables)) {
		v.fail("%v found table %d, want one of the %d tables", v.in.op, i, len(v.m.tables))
		return unknown
	}
	return v.m.tables[i].Type
}

func (v *validator) elem(i uint32) ValType {
	if uint64(i) >= uint64(len(v.m.Elems)) {
		v.fail("%v found element segment %d, want one of the %d segments", v.in.op, i, len(v.m.Elems))
		return unknown
	}
	return v.m.Elems[i].Type
}

// referenceOp validates what reference types and bulk memory brought for references and tables. All of it is valid
// WebAssembly 2.0; Check refuses it by the notes taken here.
func (v *validator) referenceOp() {
	in := &v.in
	v.charge(0)
	if in.op != opTableSize {
		v.note(in.op.String())
	}
	switch in.op {
	case opRefNull:
		v.push(in.typ)
	case opRefIsNull:
		if x := v.pop(unknown); v.r.err == nil && x.t != unknown && !x.t.isRef() {
			v.fail("ref.is_null found %v, want a reference", x.t)
		}
		v.push(I32)
	case opRefFunc:
		switch {
		case uint64(in.idx) >= uint64(len(v.m.funcTypes)):
			v.fail("found ref.func %d, want one of the %d functions", in.idx, len(v.m.funcTypes))
		case !v.m.declared[in.idx]:
			v.fail("found ref.func %d, which no export, global or element segment declares", in.idx)
		}
		v.push(FuncRef)
	case opTableGet:
		t := v.table(in.idx)
		v.pop(I32)
		v.push(t)
	case opTableSet:
		t := v.table(in.idx)
		v.pop(t)
		v.pop(I32)
	case opTableSize:
		v.table(in.idx)
		v.push(I32)
	case opTableGrow:
		t := v.table(in.idx)
		v.pop(I32)
		v.pop(t)
		v.push(I32)
	case opTableFill:
		t := v.table(in.idx)
		v.pop(I32)
		v.pop(t)
		v.pop(I32)
	case opTableCopy:
		if d, s := v.table(in.idx), v.table(in.idx2); v.r.err == nil && d != s {
			v.fail("table.copy found tables of %v and %v, want two of one type", d, s)
		}
		v.pop3()
	case opTableInit:
		if s, t := v.elem(in.idx), v.table(in.idx2); v.r.err == nil && s != t {
			v.fail("table.init found a segment of %v for a table of %v", s, t)
		}
		v.pop3()
	case opElemDrop:
		v.elem(in.idx)
		if v.an == nil && v.r.err == nil {
			v.m.elemDrops[in.idx] = true
		}
	}
}
