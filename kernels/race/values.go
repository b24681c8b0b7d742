package race

import (
	"sort"

	"github.com/gwrun/gwrun/kernels/ir"
)

func (m *machine) result(i *ir.Inst) []uint32 {
	if m.vals[i.ID] == nil {
		m.vals[i.ID] = make([]uint32, m.n)
	}
	return m.vals[i.ID]
}

// value computes a pure operator, constant or input. The commonest integer operators have a loop of their own; ir.Eval
// does the rest.
func (m *machine) value(i *ir.Inst, act []uint16) {
	r := m.result(i)
	var a [3][]uint32
	for n, x := range i.Args {
		a[n] = m.vals[x.ID]
	}
	x, y := a[0], a[1]
	switch i.Op {
	case ir.OpConst:
		for _, l := range act {
			r[l] = i.Bits
		}
	case ir.OpInput:
		for _, l := range act {
			r[l] = m.input(i.Input, uint32(l))
		}
	case ir.OpBufferWords:
		for _, l := range act {
			r[l] = m.d.Words[i.Binding]
		}
	case ir.OpIAdd:
		for _, l := range act {
			r[l] = x[l] + y[l]
		}
	case ir.OpISub:
		for _, l := range act {
			r[l] = x[l] - y[l]
		}
	case ir.OpIMul:
		for _, l := range act {
			r[l] = x[l] * y[l]
		}
	case ir.OpAnd, ir.OpBAnd:
		for _, l := range act {
			r[l] = x[l] & y[l]
		}
	case ir.OpShl:
		for _, l := range act {
			r[l] = x[l] << (y[l] & 31)
		}
	case ir.OpShrU:
		for _, l := range act {
			r[l] = x[l] >> (y[l] & 31)
		}
	case ir.OpULt:
		for _, l := range act {
			r[l] = 0
			if x[l] < y[l] {
				r[l] = 1
			}
		}
	case ir.OpULe:
		for _, l := range act {
			r[l] = 0
			if x[l] <= y[l] {
				r[l] = 1
			}
		}
	default:
		var v [3]uint32
		for _, l := range act {
			for n := range i.Args {
				v[n] = a[n][l]
			}
			r[l] = ir.Eval(i.Op, v[0], v[1], v[2])
		}
	}
}

func (m *machine) input(in ir.Input, l uint32) uint32 {
	s := m.k.WorkgroupSize
	local := localID(s, l)
	switch {
	case in <= ir.LocalZ:
		return local[in-ir.LocalX]
	case in == ir.LocalIndex:
		return l
	case in <= ir.GlobalZ:
		a := in - ir.GlobalX
		return m.group[a]*s[a] + local[a]
	case in <= ir.GroupZ:
		return m.group[in-ir.GroupX]
	}
	return m.d.Workgroups[in-ir.NumGroupsX]
}

func localID(size [3]uint32, l uint32) [3]uint32 {
	return [3]uint32{l % size[0], l / size[0] % size[1], l / size[0] / size[1]}
}

// report notes a race; more than maxRaces pairs of places end the run.
func (m *machine) report(o *object, word uint32, first, second stamp) error {
	a, b := m.instOf(first), m.instOf(second)
	p := pair{a.Pos, b.Pos, o.id}
	if comparePos(a.Pos, b.Pos) > 0 { // the same places in the other order are the same race
		p.first, p.second = b.Pos, a.Pos
	}
	if r := m.found[p]; r != nil {
		r.Count++
		return nil
	}
	m.found[p] = &Race{Object: objectName(m.k, b), Word: word, First: m.side(a, first), Second: m.side(b, second), Count: 1}
	if len(m.found) >= maxRaces {
		m.cut = "so many races"
		return errCut
	}
	return nil
}

// instOf finds the instruction of a stamp.
func (m *machine) instOf(s stamp) *ir.Inst {
	id := int(s.inst >> 8)
	var find func(r ir.Region) *ir.Inst
	find = func(r ir.Region) *ir.Inst {
		n := sort.Search(len(r), func(n int) bool { return r[n].ID > id }) - 1
		i := r[n]
		switch {
		case i.ID == id:
			return i
		case len(i.Else) > 0 && i.Else[0].ID <= id:
			return find(i.Else)
		}
		return find(i.Then)
	}
	return find(m.k.Body)
}

func (m *machine) side(i *ir.Inst, s stamp) Access {
	n := sort.Search(len(m.starts), func(n int) bool { return m.starts[n] > s.era }) - 1
	x, y := uint64(m.d.Workgroups[0]), uint64(m.d.Workgroups[1])
	g := uint64(n)
	group := [3]uint32{uint32(g % x), uint32(g / x % y), uint32(g / x / y)}
	return Access{Pos: i.Pos, Kind: kindOf(i), Group: group, Local: localID(m.k.WorkgroupSize, s.local())}
}
