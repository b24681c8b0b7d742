package cpu

import (
	"slices"

	"github.com/gwrun/gwrun/kernels/ir"
)

// splitVars gives a private scalar that serves several purposes one after the other a name for each: stores and loads
// that never meet get variables of their own. What differs between invocations in one of them is then not taken to
// differ in all. The kernel is ours.
func splitVars(k *ir.Kernel) bool {
	control := 1
	k.Walk(func(i *ir.Inst) {
		if i.Op == ir.OpIf || i.Op == ir.OpLoop || i.Op == ir.OpBlock || i.Op == ir.OpExit || i.Op == ir.OpContinue {
			control++
		}
	})
	if control*len(k.Vars) > maxWebs {
		return false
	}
	w := &webs{of: map[*ir.Inst]int{}, exits: map[*ir.Inst][]values{}, again: map[*ir.Inst][]values{}}
	start := make(values, len(k.Vars))
	for n := range start {
		start[n] = w.node()
	}
	w.region(k.Body, start)
	names := map[int]*ir.Var{}
	first := map[*ir.Var]bool{}
	split := false
	k.Walk(func(i *ir.Inst) {
		n, ok := w.of[i]
		if !ok {
			return
		}
		root := w.find(n)
		v := names[root]
		if v == nil {
			v = i.Var
			if first[v] {
				c := *v
				v, split = &c, true
				k.Vars = append(k.Vars, v)
			}
			first[i.Var], names[root] = true, v
		}
		i.Var = v
	})
	k.Renumber()
	return split
}

const maxWebs = 1 << 21 // control instructions times variables

// values says, for each variable, which node its value comes from: a store, or a place where several may have been last.
type values []int

type webs struct {
	same   []int   // union-find
	from   [][]int // where control flow meets: the nodes there
	joined []bool  // somebody loads it, so all it comes from are one
	of     map[*ir.Inst]int
	exits  map[*ir.Inst][]values
	again  map[*ir.Inst][]values
}

func (w *webs) node(from ...int) int {
	w.same = append(w.same, len(w.same))
	w.from = append(w.from, from)
	w.joined = append(w.joined, false)
	return len(w.same) - 1
}

func (w *webs) find(n int) int {
	for w.same[n] != n {
		w.same[n] = w.same[w.same[n]]
		n = w.same[n]
	}
	return n
}

// join makes one of a node that is loaded and of all it comes from.
func (w *webs) join(n int) {
	work := []int{n}
	for len(work) > 0 {
		n := work[len(work)-1]
		work = work[:len(work)-1]
		if w.joined[n] {
			continue
		}
		w.joined[n] = true
		for _, f := range w.from[n] {
			w.same[w.find(f)] = w.find(n)
			work = append(work, f)
		}
	}
}

// meet is what holds where any of several ways may have been taken; nil if there is none.
func (w *webs) meet(ways ...values) values {
	ways = slices.DeleteFunc(ways, func(v values) bool { return v == nil })
	if len(ways) == 0 {
		return nil
	}
	out := slices.Clone(ways[0])
	for v := range out {
		var from []int
		for _, x := range ways {
			if !slices.Contains(from, x[v]) {
				from = append(from, x[v])
			}
		}
		if len(from) > 1 {
			out[v] = w.node(from...)
		}
	}
	return out
}

// region goes through a region and gives what holds at its end, nil if control does not get there.
func (w *webs) region(list ir.Region, now values) values {
	for _, i := range list {
		switch i.Op {
		case ir.OpLoad:
			if isRegister(i.Var) {
				w.of[i] = now[i.Var.ID]
				w.join(now[i.Var.ID])
			}
		case ir.OpStore, ir.OpZero:
			if !isRegister(i.Var) {
				continue
			}
			n := w.node()
			if len(i.Args) > 2 { // it may leave what was there
				n = w.node(now[i.Var.ID])
				w.join(n)
			}
			w.of[i], now[i.Var.ID] = n, n
		case ir.OpIf:
			now = w.meet(w.region(i.Then, slices.Clone(now)), w.region(i.Else, slices.Clone(now)))
		case ir.OpBlock:
			end := w.region(i.Then, now)
			now = w.meet(append(w.exits[i], end)...)
		case ir.OpLoop:
			top := slices.Clone(now)
			for v := range top {
				top[v] = w.node(now[v])
			}
			end := w.region(i.Then, slices.Clone(top))
			if end = w.meet(append(w.again[i], end)...); end != nil {
				end = w.region(i.Else, end)
			}
			for v := range end {
				w.from[top[v]] = append(w.from[top[v]], end[v])
				if w.joined[top[v]] {
					w.joined[top[v]] = false
					w.join(top[v])
				}
			}
			ways := w.exits[i]
			if i.BreakIf != nil {
				ways = append(ways, end)
			}
			now = w.meet(ways...)
		case ir.OpExit:
			w.exits[i.Target] = append(w.exits[i.Target], now)
			return nil
		case ir.OpContinue:
			w.again[i.Target] = append(w.again[i.Target], now)
			return nil
		case ir.OpReturn:
			return nil
		}
		if now == nil { // the rest is never reached
			return nil
		}
	}
	return now
}
