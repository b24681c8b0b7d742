package merkle

import (
	"fmt"

	"github.com/gwrun/gwrun/proto/msg"
)

// Partial is a tree of which only the root is known at first, then as much as was proven against it. Known leaves can be changed, and
// the root follows: so who holds a root and a few proven pages can say what the root is after those pages were written. A Partial
// is not for use by two goroutines at once.
type Partial struct {
	count uint64
	root  msg.Hash            // as it was at first: what is added is checked against it
	known map[node]msg.Hash   // of the tree as it was
	now   map[node]msg.Hash   // of them, those that have changed since
	data  map[uint64]struct{} // leaves that are known
}

// node is a place in the tree: a level, 0 for the leaves, and the number of the node in it.
type node struct {
	level int
	index uint64
}

// NewPartial begins with the root of a tree of count leaves.
func NewPartial(root msg.Hash, count uint64) *Partial {
	return &Partial{count: count, root: root, known: map[node]msg.Hash{}, now: map[node]msg.Hash{}, data: map[uint64]struct{}{}}
}

// Count is the number of leaves.
func (p *Partial) Count() uint64 { return p.count }

// Add makes leaf i known, as it was when the Partial began, with its proof (Tree.Proof).
func (p *Partial) Add(i uint64, leaf msg.Hash, proof []msg.Hash) error {
	if err := Verify(p.root, p.count, i, leaf, proof); err != nil {
		return err
	}
	p.data[i] = struct{}{}
	at, n := node{0, i}, p.count
	h := leaf
	p.known[at] = h
	for n > 1 {
		side := node{at.level, at.index ^ 1}
		switch {
		case side.index >= n: // promoted as it is
		case at.index%2 == 0:
			p.known[side] = proof[0]
			h, proof = Inner(h, proof[0]), proof[1:]
		default:
			p.known[side] = proof[0]
			h, proof = Inner(proof[0], h), proof[1:]
		}
		at, n = node{at.level + 1, at.index / 2}, n/2+n%2
		p.known[at] = h
	}
	return nil
}

func (p *Partial) at(x node) (msg.Hash, bool) {
	if h, ok := p.now[x]; ok {
		return h, true
	}
	h, ok := p.known[x]
	return h, ok
}

// Leaf gives leaf i as it is now, if it is known.
func (p *Partial) Leaf(i uint64) (msg.Hash, bool) {
	if _, ok := p.data[i]; !ok {
		return msg.Hash{}, false
	}
	return p.at(node{0, i})
}

// Set changes leaf i, which must be known.
func (p *Partial) Set(i uint64, leaf msg.Hash) error {
	if _, ok := p.data[i]; !ok {
		return fmt.Errorf("merkle: leaf %d of %d is not known, so it cannot be changed", i, p.count)
	}
	at, n := node{0, i}, p.count
	p.now[at] = leaf
	for n > 1 {
		h, _ := p.at(at)
		if side := (node{at.level, at.index ^ 1}); side.index < n {
			other, _ := p.at(side) // known with the leaf
			if at.index%2 == 0 {
				h = Inner(h, other)
			} else {
				h = Inner(other, h)
			}
		}
		at, n = node{at.level + 1, at.index / 2}, n/2+n%2
		p.now[at] = h
	}
	return nil
}

// Root is the root over the leaves as they are now.
func (p *Partial) Root() msg.Hash {
	top := 0
	for n := p.count; n > 1; n = n/2 + n%2 {
		top++
	}
	if h, ok := p.now[node{top, 0}]; ok {
		return h
	}
	return p.root
}
