package race

import (
	"slices"

	"github.com/gwrun/gwrun/kernels/ir"
)

// Which accesses of two invocations of a workgroup may be done with no barrier between them: all invocations pass the
// same barriers, so two are between the same two barriers, or in the same stretch before the first. The stretch that
// begins at a barrier is everything that can be reached from there without passing another one.

// node is a point of the control flow: an access, a barrier, or a place where ways meet.
type node struct {
	inst  *ir.Inst // nil where ways meet
	loops []*ir.Inst
	next  []edge
}

type edge struct {
	to    int
	enter *ir.Inst // the loop that begins on the way
	again *ir.Inst // the loop whose next iteration begins on the way
}

type flow struct {
	k     *ir.Kernel
	nodes []node
	exits map[*ir.Inst]int // where an exit of a loop or block goes
	conts map[*ir.Inst]int
}

func newFlow(k *ir.Kernel) *flow {
	f := &flow{k: k, exits: map[*ir.Inst]int{}, conts: map[*ir.Inst]int{}}
	start := f.add(nil, nil)
	f.region(k.Body, start, nil)
	return f
}

func (f *flow) add(i *ir.Inst, loops []*ir.Inst) int {
	f.nodes = append(f.nodes, node{inst: i, loops: loops})
	return len(f.nodes) - 1
}

func (f *flow) link(from int, e edge) {
	if from >= 0 {
		f.nodes[from].next = append(f.nodes[from].next, e)
	}
}

// region adds what follows node at and gives the node at its end, -1 if control does not come there.
func (f *flow) region(r ir.Region, at int, loops []*ir.Inst) int {
	for _, i := range r {
		if at < 0 {
			return at
		}
		switch i.Op {
		case ir.OpLoad, ir.OpStore, ir.OpAtomic:
			if tracked(f.k, i) {
				n := f.add(i, loops)
				f.link(at, edge{to: n})
				at = n
			}
		case ir.OpBarrier:
			n := f.add(i, loops)
			f.link(at, edge{to: n})
			at = n
		case ir.OpIf:
			end := f.add(nil, loops)
			for _, side := range []ir.Region{i.Then, i.Else} {
				f.link(f.region(side, at, loops), edge{to: end})
			}
			at = end
		case ir.OpBlock:
			end := f.add(nil, loops)
			f.exits[i] = end
			f.link(f.region(i.Then, at, loops), edge{to: end})
			at = end
		case ir.OpLoop:
			inner := append(loops[:len(loops):len(loops)], i)
			head, cont, end := f.add(nil, inner), f.add(nil, inner), f.add(nil, loops)
			f.exits[i], f.conts[i] = end, cont
			f.link(at, edge{to: head, enter: i})
			f.link(f.region(i.Then, head, inner), edge{to: cont})
			last := f.region(i.Else, cont, inner)
			f.link(last, edge{to: head, again: i})
			if i.BreakIf != nil {
				f.link(last, edge{to: end})
			}
			at = end
		case ir.OpExit:
			f.link(at, edge{to: f.exits[i.Target]})
			return -1
		case ir.OpContinue:
			f.link(at, edge{to: f.conts[i.Target]})
			return -1
		case ir.OpReturn:
			return -1
		}
	}
	return at
}

// Where a stretch is in each of its loops: in the iteration that the barrier was in or the next one, in the first or
// second after the loop was entered, or anywhere.
const (
	inSame = '0'
	inNext = '1'
	first  = 'a'
	second = 'b'
	any    = '?'
)

// place is an access within a stretch: where it is in each of its node's loops.
type place struct {
	inst  *ir.Inst
	loops []*ir.Inst
	at    string
}

// maxPlaces bounds the work on one stretch.
const maxPlaces = 20_000

// stretches gives the accesses of every stretch. ok is false if there are too many.
func (f *flow) stretches() (all [][]place, ok bool) {
	starts := []int{0}
	for n := range f.nodes {
		if i := f.nodes[n].inst; i != nil && i.Op == ir.OpBarrier {
			starts = append(starts, n)
		}
	}
	for _, s := range starts {
		p, ok := f.stretch(s)
		if !ok {
			return nil, false
		}
		all = append(all, p)
	}
	return all, true
}

type point struct {
	node int
	at   string
}

func (f *flow) stretch(start int) (found []place, ok bool) {
	begin := make([]byte, len(f.nodes[start].loops))
	for n := range begin {
		begin[n] = inSame
	}
	work := []point{{start, string(begin)}}
	seen := map[point]bool{work[0]: true}
	for len(work) > 0 {
		p := work[len(work)-1]
		work = work[:len(work)-1]
		from := &f.nodes[p.node]
		for _, e := range from.next {
			to := &f.nodes[e.to]
			at := make([]byte, len(to.loops))
			for n, l := range to.loops {
				was := byte(first)
				if m := slices.Index(from.loops, l); m >= 0 && e.enter != l {
					was = p.at[m]
				}
				if e.again == l {
					switch was {
					case inSame:
						was = inNext
					case first:
						was = second
					default:
						was = any
					}
				}
				at[n] = was
			}
			q := point{e.to, string(at)}
			if seen[q] {
				continue
			}
			seen[q] = true
			if len(seen) > maxPlaces {
				return nil, false
			}
			if to.inst != nil {
				if to.inst.Op == ir.OpBarrier {
					continue
				}
				found = append(found, place{to.inst, to.loops, q.at})
			}
			work = append(work, q)
		}
	}
	return found, true
}

// relations says of two places in one stretch in which loops both are in the same iteration (next 0), or the second is
// one further or behind (next 1 or -1).
func relations(a, b *place) []relation {
	var rs []relation
	for n, l := range a.loops {
		m := slices.Index(b.loops, l)
		if m < 0 || a.at[n] == any || b.at[m] == any {
			continue
		}
		if x, y := a.at[n], b.at[m]; (x >= first) == (y >= first) {
			rs = append(rs, relation{l, int64(y) - int64(x)})
		}
	}
	return rs
}
