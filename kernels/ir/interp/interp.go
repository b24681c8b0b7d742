// Package interp runs an ir.Kernel directly: the plain, slow twin of every printer.
//
// A workgroup runs in lockstep: each instruction is done for all active invocations before the next, with a mask for
// divergent control flow, so that a barrier needs nothing. It can report every write, which is how a dispute finds the
// workgroup that made a wrong word, and refuses nothing that Verify accepts.
package interp

import (
	"context"
	"errors"
	"fmt"

	"github.com/gwrun/gwrun/kernels/ir"
)

// ErrGas says that an invocation used more gas than the dispatch allows.
var ErrGas = errors.New("kernel ran out of gas")

// Dispatch is one run of a kernel over a grid of workgroups.
type Dispatch struct {
	Kernel     *ir.Kernel
	Buffers    [][]uint32 // one for each of Kernel.Bindings, in words; written in place
	Workgroups [3]uint32
	GasLimit   uint32 // for one invocation
	// OnWrite, if set, is called for every store and atomic that reaches a buffer, before it is done.
	OnWrite func(group [3]uint32, local int, binding int, word uint32, at ir.Pos)
	// OnRead likewise for loads.
	OnRead func(group [3]uint32, local int, binding int, word uint32, at ir.Pos)
	// OnValue, if set, is called for every value that an instruction gives to an invocation, with those of its operands.
	OnValue func(local int, i *ir.Inst, operands []uint32, value uint32)
}

// Run runs every workgroup in index order, x fastest, and returns the gas used.
func (d *Dispatch) Run(ctx context.Context) (uint64, error) {
	var gas uint64
	for z := range d.Workgroups[2] {
		for y := range d.Workgroups[1] {
			for x := range d.Workgroups[0] {
				g, err := d.RunGroup(ctx, [3]uint32{x, y, z})
				gas += g
				if err != nil {
					return gas, err
				}
			}
		}
	}
	return gas, nil
}

// RunGroup runs one workgroup.
func (d *Dispatch) RunGroup(ctx context.Context, group [3]uint32) (uint64, error) {
	k := d.Kernel
	if len(d.Buffers) != len(k.Bindings) {
		return 0, fmt.Errorf("interp: %d buffers bound, kernel %s wants %d", len(d.Buffers), k.Name, len(k.Bindings))
	}
	if k.NumInsts == 0 {
		k.Renumber() // a kernel that was numbered may be shared, and is only read
	}
	n := k.Invocations()
	m := &machine{d: d, ctx: ctx, group: group, n: n, gas: make([]uint32, n), vals: make([][]uint32, k.NumInsts),
		vars: make([][]uint32, len(k.Vars)), out: map[*ir.Inst][]bool{}, cont: map[*ir.Inst][]bool{}}
	for _, v := range k.Vars {
		if v.Space == ir.Workgroup {
			m.vars[v.ID] = make([]uint32, v.Len)
		} else {
			m.vars[v.ID] = make([]uint32, int(v.Len)*n)
		}
	}
	mask := make([]bool, n)
	for i := range mask {
		mask[i] = true
	}
	err := m.region(k.Body, mask)
	var total uint64
	for _, g := range m.gas {
		total += uint64(g)
	}
	return total, err
}

type machine struct {
	d     *Dispatch
	ctx   context.Context
	group [3]uint32
	n     int
	gas   []uint32
	vals  [][]uint32 // by instruction ID, one word an invocation
	vars  [][]uint32 // by variable ID; private ones have Len words an invocation
	// Invocations that left a loop or block, and that go on at a loop's continuing region.
	out, cont map[*ir.Inst][]bool
}

// region runs r for the invocations in mask and clears from mask those that left it by Exit, Continue or Return.
func (m *machine) region(r ir.Region, mask []bool) error {
	for _, i := range r {
		if !any(mask) {
			return nil
		}
		if err := m.inst(i, mask); err != nil {
			return err
		}
	}
	return nil
}

func any(mask []bool) bool {
	for _, b := range mask {
		if b {
			return true
		}
	}
	return false
}

func (m *machine) charge(i *ir.Inst, mask []bool) error {
	c := ir.Cost(i)
	if c == 0 {
		return nil
	}
	for l, on := range mask {
		if on {
			if m.gas[l] += c; m.gas[l] > m.d.GasLimit {
				return ErrGas
			}
		}
	}
	return nil
}

func (m *machine) inst(i *ir.Inst, mask []bool) error {
	if err := m.charge(i, mask); err != nil {
		return err
	}
	switch i.Op {
	case ir.OpIf:
		cond := m.vals[i.Args[0].ID]
		then, els := make([]bool, m.n), make([]bool, m.n)
		for l, on := range mask {
			then[l], els[l] = on && cond[l] != 0, on && cond[l] == 0
		}
		if err := m.region(i.Then, then); err != nil {
			return err
		}
		if err := m.region(i.Else, els); err != nil {
			return err
		}
		for l := range mask {
			mask[l] = then[l] || els[l]
		}
		return nil
	case ir.OpBlock:
		left := make([]bool, m.n)
		m.out[i] = left
		if err := m.region(i.Then, mask); err != nil {
			return err
		}
		for l := range mask {
			mask[l] = mask[l] || left[l]
		}
		return nil
	case ir.OpLoop:
		return m.loop(i, mask)
	case ir.OpExit:
		m.leave(m.out[i.Target], mask)
		return nil
	case ir.OpContinue:
		m.leave(m.cont[i.Target], mask)
		return nil
	case ir.OpReturn:
		m.leave(nil, mask)
		return nil
	case ir.OpBarrier:
		return nil
	}
	if i.Type != ir.Void && m.vals[i.ID] == nil {
		m.vals[i.ID] = make([]uint32, m.n)
	}
	for l, on := range mask {
		if on {
			m.lane(i, l)
			if m.d.OnValue != nil && i.Type != ir.Void {
				m.tell(i, l)
			}
		}
	}
	return nil
}

func (m *machine) tell(i *ir.Inst, l int) {
	var operands []uint32
	for _, a := range i.Args {
		operands = append(operands, m.vals[a.ID][l])
	}
	m.d.OnValue(l, i, operands, m.vals[i.ID][l])
}

func (m *machine) leave(to, mask []bool) {
	for l, on := range mask {
		if on && to != nil {
			to[l] = true
		}
		mask[l] = false
	}
}

func (m *machine) loop(i *ir.Inst, mask []bool) error {
	left := make([]bool, m.n)
	m.out[i] = left
	run := append([]bool(nil), mask...)
	for first := true; any(run); first = false {
		if err := m.ctx.Err(); err != nil {
			return err
		}
		if !first {
			if err := m.charge(i, run); err != nil {
				return err
			}
		}
		next := make([]bool, m.n)
		m.cont[i] = next
		if err := m.region(i.Then, run); err != nil {
			return err
		}
		for l := range run {
			run[l] = run[l] || next[l]
		}
		if err := m.region(i.Else, run); err != nil {
			return err
		}
		if i.BreakIf != nil {
			stop := m.vals[i.BreakIf.ID]
			for l, on := range run {
				if on && stop[l] != 0 {
					left[l], run[l] = true, false
				}
			}
		}
	}
	copy(mask, left)
	return nil
}

func (m *machine) lane(i *ir.Inst, l int) {
	arg := func(n int) uint32 { return m.vals[i.Args[n].ID][l] }
	switch i.Op {
	case ir.OpConst:
		m.vals[i.ID][l] = i.Bits
	case ir.OpInput:
		m.vals[i.ID][l] = m.input(i.Input, uint32(l))
	case ir.OpBufferWords:
		m.vals[i.ID][l] = uint32(len(m.d.Buffers[i.Binding]))
	case ir.OpZero:
		n := int(i.Var.Len)
		clear(m.vars[i.Var.ID][l*n : (l+1)*n])
	case ir.OpLoad:
		m.vals[i.ID][l] = 0
		if p := m.word(i, l, 1, m.d.OnRead); p != nil {
			m.vals[i.ID][l] = *p
		}
	case ir.OpStore:
		if p := m.word(i, l, 2, m.d.OnWrite); p != nil {
			*p = arg(1)
		}
	case ir.OpAtomic:
		if i.Atomic == ir.AtomicLoad {
			m.vals[i.ID][l] = 0
			if p := m.word(i, l, 1, m.d.OnRead); p != nil {
				m.vals[i.ID][l] = *p
			}
		} else if p := m.word(i, l, 2, m.d.OnWrite); p != nil {
			*p = ir.EvalAtomic(i.Atomic, *p, arg(1))
		}
	default:
		var a [3]uint32
		for n := range i.Args {
			a[n] = arg(n)
		}
		m.vals[i.ID][l] = ir.Eval(i.Op, a[0], a[1], a[2])
	}
}

// word finds the word an access goes to, or nil where its ok operand (at index nOK, if there) is false. An index past
// the end gives nil too: the front end promises there is none without ok, and this is the last line of defence.
func (m *machine) word(i *ir.Inst, l, nOK int, watch func([3]uint32, int, int, uint32, ir.Pos)) *uint32 {
	if len(i.Args) > nOK && m.vals[i.Args[nOK].ID][l] == 0 {
		return nil
	}
	at := m.vals[i.Args[0].ID][l]
	if i.Var != nil {
		if at >= i.Var.Len {
			return nil
		}
		if i.Var.Space == ir.Workgroup {
			return &m.vars[i.Var.ID][at]
		}
		return &m.vars[i.Var.ID][l*int(i.Var.Len)+int(at)]
	}
	buf := m.d.Buffers[i.Binding]
	if uint64(at) >= uint64(len(buf)) {
		return nil
	}
	if watch != nil {
		watch(m.group, l, i.Binding, at, i.Pos)
	}
	return &buf[at]
}

func (m *machine) input(in ir.Input, l uint32) uint32 {
	s := m.d.Kernel.WorkgroupSize
	local := [3]uint32{l % s[0], l / s[0] % s[1], l / s[0] / s[1]}
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
