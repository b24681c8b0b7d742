package race

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gwrun/gwrun/kernels/ir"
)

// ErrGas says that an invocation went on for longer than the gas of the dispatch allows.
var ErrGas = errors.New("an invocation passed its gas limit")

// Limits of one Run, where Dispatch says nothing else.
const (
	defaultShadow = 4 << 30
	maxRaces      = 32 // pairs of places in the text, not of accesses
)

// Dispatch is one run of a kernel for a Checker.
type Dispatch struct {
	Workgroups [3]uint32
	// Words is the length of each binding.
	Words []uint32
	// Content gives what a binding holds before the dispatch. It is asked for the bindings that Checker.Reads names, once
	// each; the Checker may change what it is given.
	Content func(binding int) ([]uint32, error)
	// GasLimit bounds one invocation; 0 is no bound.
	GasLimit uint32
	// MaxSteps ends the check early after about so many instructions of single invocations; 0 is no bound. MaxShadow
	// does when the shadow memory passes so many bytes; 0 is 4 GiB.
	MaxSteps  uint64
	MaxShadow int64
	// OnProgress, if not nil, is told now and then how many workgroups are done.
	OnProgress func(done, of uint64)
}

// Result is what a Run found.
type Result struct {
	Races []Race // at most one for each pair of places and object, in the order of the text
	// Checked of Workgroups were run. Where it is less, Cut says why.
	Checked, Workgroups uint64
	Cut                 string
}

// Checker finds the races of dispatches of one kernel. It is immutable; runs may go on side by side.
type Checker struct {
	k     *ir.Kernel
	slice *slice
	reads []int
}

// NewChecker prepares a kernel.
func NewChecker(k *ir.Kernel) *Checker { return newChecker(k, false) }

func newChecker(k *ir.Kernel, all bool) *Checker {
	if k.NumInsts == 0 {
		k.Renumber() // a kernel that was numbered may be shared, and is only read
	}
	c := &Checker{k: k, slice: newSlice(k, all)}
	for b := range k.Bindings {
		if c.slice.content[b] {
			c.reads = append(c.reads, b)
		}
	}
	return c
}

// Reads lists the bindings whose content decides where the kernel reads and writes. The result of Run depends on
// nothing but their content, the lengths of all bindings, and the grid.
func (c *Checker) Reads() []int { return c.reads }

// Run runs one dispatch: workgroups in index order.
func (c *Checker) Run(ctx context.Context, d *Dispatch) (*Result, error) {
	k := c.k
	if len(d.Words) != len(k.Bindings) {
		return nil, fmt.Errorf("race: %d bindings given, kernel %s has %d", len(d.Words), k.Name, len(k.Bindings))
	}
	m := &machine{Checker: c, ctx: ctx, d: d, n: k.Invocations(), content: make([][]uint32, len(k.Bindings)),
		objects: make([]*object, len(k.Bindings)+len(k.Vars)), vals: make([][]uint32, k.NumInsts), vars: make([][]uint32, len(k.Vars)),
		out: make([][]uint16, k.NumInsts), cont: make([][]uint16, k.NumInsts), loops: make([]uint32, k.Invocations()),
		found: map[pair]*Race{}, shadow: d.MaxShadow}
	if m.shadow == 0 {
		m.shadow = defaultShadow
	}
	for _, b := range c.reads {
		content, err := d.Content(b)
		if err != nil {
			return nil, err
		}
		if uint32(len(content)) != d.Words[b] {
			return nil, fmt.Errorf("race: binding %d has %d words, not the %d that were said", b, len(content), d.Words[b])
		}
		m.content[b] = content
	}
	for b := range k.Bindings {
		if k.Bindings[b].Access == ir.ReadWrite {
			m.objects[b] = &object{id: b, shared: true, words: d.Words[b]}
		}
	}
	for _, v := range k.Vars {
		if v.Space == ir.Workgroup {
			m.objects[len(k.Bindings)+v.ID] = &object{id: len(k.Bindings) + v.ID, words: v.Len}
		}
		if c.slice.content[len(k.Bindings)+v.ID] {
			n := int(v.Len)
			if v.Space == ir.Private {
				n *= m.n
			}
			m.vars[v.ID] = make([]uint32, n)
		}
	}
	return m.run()
}

// errCut ends a run at a limit.
var errCut = errors.New("cut short")

type pair struct {
	first, second ir.Pos
	object        int
}

// machine runs a workgroup in lockstep, like kernels/ir/interp, but with each instruction's loop over invocations
// inside, and only what is in the slice.
type machine struct {
	*Checker
	ctx     context.Context
	d       *Dispatch
	n       int
	group   [3]uint32
	era     uint32   // of the current stretch
	start   uint32   // of the current workgroup
	starts  []uint32 // of all workgroups so far
	objects []*object
	content [][]uint32
	vals    [][]uint32
	vars    [][]uint32
	// Invocations that left a loop or block, and that go on at a loop's continuing region, by the ID of that.
	out, cont [][]uint16
	loops     []uint32 // iterations of each invocation: none costs less than one gas
	steps     uint64
	shadow    int64 // bytes left
	found     map[pair]*Race
	cut       string
}

func (m *machine) run() (*Result, error) {
	g := m.d.Workgroups
	res := &Result{Workgroups: uint64(g[0]) * uint64(g[1]) * uint64(g[2])}
	all := make([]uint16, m.n)
	for l := range all {
		all[l] = uint16(l)
	}
	err := m.groups(res, all)
	if errors.Is(err, errCut) {
		res.Cut, err = m.cut, nil
	}
	for _, r := range m.found {
		res.Races = append(res.Races, *r)
	}
	sortRaces(res.Races)
	return res, err
}

func (m *machine) groups(res *Result, all []uint16) error {
	told := uint64(0)
	g := m.d.Workgroups
	for z := range g[2] {
		for y := range g[1] {
			for x := range g[0] {
				if err := m.ctx.Err(); err != nil {
					return err
				}
				if err := m.runGroup([3]uint32{x, y, z}, append([]uint16(nil), all...)); err != nil {
					return err
				}
				res.Checked++
				if m.d.OnProgress != nil && m.steps > told+1<<24 {
					told = m.steps
					m.d.OnProgress(res.Checked, res.Workgroups)
				}
			}
		}
	}
	return nil
}

func (m *machine) runGroup(group [3]uint32, act []uint16) error {
	m.group = group
	if err := m.nextEra(); err != nil {
		return err
	}
	m.start = m.era
	m.starts = append(m.starts, m.era)
	for _, v := range m.vars {
		clear(v)
	}
	clear(m.loops)
	_, err := m.region(m.k.Body, act)
	return err
}

func (m *machine) nextEra() error {
	if m.era == math.MaxUint32 {
		m.cut = "more workgroups and barriers than can be counted"
		return errCut
	}
	m.era++
	return nil
}

// region runs r for the invocations act, in place, and returns those that come to its end.
func (m *machine) region(r ir.Region, act []uint16) ([]uint16, error) {
	var err error
	for _, i := range r {
		if len(act) == 0 {
			return act, nil
		}
		if m.slice.run[i.ID] {
			if act, err = m.inst(i, act); err != nil {
				return nil, err
			}
		}
	}
	return act, nil
}

func (m *machine) inst(i *ir.Inst, act []uint16) ([]uint16, error) {
	m.steps += uint64(len(act))
	if m.d.MaxSteps != 0 && m.steps > m.d.MaxSteps {
		m.cut = fmt.Sprintf("more than %d steps", m.d.MaxSteps)
		return nil, errCut
	}
	switch i.Op {
	case ir.OpIf:
		cond := m.vals[i.Args[0].ID]
		var then, els []uint16
		for _, l := range act {
			if cond[l] != 0 {
				then = append(then, l)
			} else {
				els = append(els, l)
			}
		}
		then, err := m.region(i.Then, then)
		if err != nil {
			return nil, err
		}
		if els, err = m.region(i.Else, els); err != nil {
			return nil, err
		}
		return merge(then, els), nil
	case ir.OpBlock:
		m.out[i.ID] = nil
		end, err := m.region(i.Then, act)
		return merge(end, m.out[i.ID]), err
	case ir.OpLoop:
		return m.loop(i, act)
	case ir.OpExit:
		m.out[i.Target.ID] = merge(m.out[i.Target.ID], act)
		return nil, nil
	case ir.OpContinue:
		m.cont[i.Target.ID] = merge(m.cont[i.Target.ID], act)
		return nil, nil
	case ir.OpReturn:
		return nil, nil
	case ir.OpBarrier:
		return act, m.nextEra()
	case ir.OpLoad, ir.OpStore, ir.OpAtomic:
		return act, m.access(i, act)
	case ir.OpZero:
		if v := m.vars[i.Var.ID]; v != nil {
			n := int(i.Var.Len)
			for _, l := range act {
				clear(v[int(l)*n : (int(l)+1)*n])
			}
		}
		return act, nil
	}
	m.value(i, act)
	return act, nil
}

// merge joins two sets of invocations, each in order.
func merge(a, b []uint16) []uint16 {
	if len(a) == 0 {
		return append([]uint16(nil), b...)
	}
	if len(b) == 0 {
		return a
	}
	r := make([]uint16, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0] < b[0] {
			r, a = append(r, a[0]), a[1:]
		} else {
			r, b = append(r, b[0]), b[1:]
		}
	}
	return append(append(r, a...), b...)
}

func (m *machine) loop(i *ir.Inst, act []uint16) ([]uint16, error) {
	m.out[i.ID] = nil
	run := append([]uint16(nil), act...)
	for len(run) > 0 {
		if err := m.ctx.Err(); err != nil {
			return nil, err
		}
		for _, l := range run {
			if m.loops[l]++; m.d.GasLimit != 0 && m.loops[l] > m.d.GasLimit {
				return nil, ErrGas
			}
		}
		m.steps += uint64(len(run))
		m.cont[i.ID] = nil
		end, err := m.region(i.Then, run)
		if err != nil {
			return nil, err
		}
		if run, err = m.region(i.Else, merge(end, m.cont[i.ID])); err != nil {
			return nil, err
		}
		if i.BreakIf != nil {
			stop := m.vals[i.BreakIf.ID]
			var left, on []uint16
			for _, l := range run {
				if stop[l] != 0 {
					left = append(left, l)
				} else {
					on = append(on, l)
				}
			}
			m.out[i.ID] = merge(m.out[i.ID], left)
			run = on
		}
	}
	return m.out[i.ID], nil
}

// access does a load, store or atomic for the invocations act, and looks for races.
func (m *machine) access(i *ir.Inst, act []uint16) error {
	index := m.vals[i.Args[0].ID]
	nOK := 1
	if i.Op == ir.OpStore || i.Op == ir.OpAtomic && i.Atomic != ir.AtomicLoad {
		nOK = 2
	}
	var ok, value []uint32
	if len(i.Args) > nOK {
		ok = m.vals[i.Args[nOK].ID]
	}
	id := objectOf(m.k, i)
	hold := m.slice.content[id]
	if nOK == 2 && hold {
		value = m.vals[i.Args[1].ID]
	}
	var words []uint32
	length, step := uint32(0), 0
	if i.Var != nil {
		length, words = i.Var.Len, m.vars[i.Var.ID]
		if i.Var.Space == ir.Private {
			step = int(length)
		}
	} else {
		length, words = m.d.Words[i.Binding], m.content[i.Binding]
	}
	watch := m.objects[id]
	f := familyOf(i)
	var result []uint32
	if m.slice.values[i.ID] {
		result = m.result(i)
	}
	for _, l := range act {
		at := index[l]
		if ok != nil && ok[l] == 0 || at >= length {
			if result != nil {
				result[l] = 0
			}
			continue
		}
		if watch != nil {
			same := f == stores && words[at] == value[l]
			if err := m.look(watch, f, at, i, uint32(l), same); err != nil {
				return err
			}
		}
		if !hold {
			continue
		}
		p := &words[int(l)*step+int(at)]
		switch {
		case result != nil:
			result[l] = *p
		case i.Op == ir.OpStore:
			*p = value[l]
		case i.Op == ir.OpAtomic && nOK == 2:
			*p = ir.EvalAtomic(i.Atomic, *p, value[l])
		}
	}
	return nil
}

// look compares an access with what the shadow has of its word and adds it there.
func (m *machine) look(o *object, f family, word uint32, i *ir.Inst, l uint32, same bool) error {
	s := stamp{era: m.era, inst: uint32(i.ID)<<8 | l}
	for _, g := range o.used {
		if !conflict(f, g) || same && g == stores {
			continue
		}
		if c, _ := o.cell(g, word, false); c != nil {
			if first, yes := c.clash(m.era, m.start, l, o.shared); yes {
				if err := m.report(o, word, first, s); err != nil {
					return err
				}
			}
		}
	}
	c, grown := o.cell(f, word, true)
	c.note(s, m.start)
	if m.shadow -= grown; m.shadow < 0 {
		m.cut = "the shadow memory is full"
		return errCut
	}
	return nil
}
