package profile

import "github.com/gwrun/gwrun/kernels/ir"

// clean removes what has no effect: values nobody uses, writes to private variables nobody reads, and branches that
// hold nothing. Loops, barriers, atomics and writes to memory that others see stay.
func clean(k *ir.Kernel) {
	c := &cleaner{parent: map[*ir.Inst]*ir.Inst{}, live: map[*ir.Inst]bool{}, vars: map[*ir.Var]bool{}, writes: map[*ir.Var][]*ir.Inst{}}
	c.scan(k.Body, nil)
	for len(c.work) > 0 {
		i := c.work[len(c.work)-1]
		c.work = c.work[:len(c.work)-1]
		for _, a := range i.Args {
			c.mark(a)
		}
		if i.BreakIf != nil {
			c.mark(i.BreakIf)
		}
		if p := c.parent[i]; p != nil {
			c.mark(p)
		}
		if i.Op == ir.OpLoad && i.Var != nil && !c.vars[i.Var] {
			c.vars[i.Var] = true
			for _, w := range c.writes[i.Var] {
				c.mark(w)
			}
		}
	}
	k.Body = c.sweep(k.Body)
	used := map[*ir.Var]bool{}
	k.Walk(func(i *ir.Inst) {
		if i.Var != nil {
			used[i.Var] = true
		}
	})
	var vars []*ir.Var
	for _, v := range k.Vars {
		if used[v] {
			vars = append(vars, v)
		}
	}
	k.Vars = vars
}

type cleaner struct {
	parent map[*ir.Inst]*ir.Inst
	live   map[*ir.Inst]bool
	vars   map[*ir.Var]bool
	writes map[*ir.Var][]*ir.Inst // to private variables
	work   []*ir.Inst
}

func (c *cleaner) mark(i *ir.Inst) {
	if !c.live[i] {
		c.live[i] = true
		c.work = append(c.work, i)
	}
}

func (c *cleaner) scan(r ir.Region, parent *ir.Inst) {
	for _, i := range r {
		c.parent[i] = parent
		switch i.Op {
		case ir.OpStore, ir.OpZero:
			if i.Var != nil && i.Var.Space == ir.Private {
				c.writes[i.Var] = append(c.writes[i.Var], i)
				continue
			}
			c.mark(i)
		case ir.OpAtomic:
			if i.Atomic != ir.AtomicLoad {
				c.mark(i)
			}
		case ir.OpBarrier, ir.OpLoop, ir.OpExit, ir.OpContinue, ir.OpReturn:
			c.mark(i)
		}
		c.scan(i.Then, i)
		c.scan(i.Else, i)
	}
}

func (c *cleaner) sweep(r ir.Region) ir.Region {
	var out ir.Region
	for _, i := range r {
		if c.live[i] {
			i.Then, i.Else = c.sweep(i.Then), c.sweep(i.Else)
			out = append(out, i)
		}
	}
	return out
}
