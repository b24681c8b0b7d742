package merkle

import (
	"fmt"
	"slices"

	"github.com/gwrun/gwrun/proto/msg"
)

// Tree keeps every node, so that after a few leaves changed only the nodes above them are hashed again, and so that it can
// prove its leaves. Changes are gathered and hashed when a root or a proof is asked for. A Tree is not for use by two
// goroutines at once, not even by readers.
type Tree struct {
	levels [][]msg.Hash // levels[0] are the leaves; each above has half as many, rounded up
	dirty  []int        // leaves changed since the levels above them were hashed, unsorted, with duplicates
}

// NewTree makes a tree over a copy of leaves.
func NewTree(leaves []msg.Hash) *Tree {
	t := &Tree{levels: [][]msg.Hash{slices.Clone(leaves)}}
	for n := len(leaves); n > 1; {
		below := t.levels[len(t.levels)-1]
		n = (n + 1) / 2
		level := make([]msg.Hash, n)
		fold(level, below)
		t.levels = append(t.levels, level)
	}
	return t
}

// Len is the number of leaves.
func (t *Tree) Len() int { return len(t.levels[0]) }

// Leaf is leaf i.
func (t *Tree) Leaf(i int) msg.Hash { return t.levels[0][i] }

// Update sets leaf i, which must exist.
func (t *Tree) Update(i int, leaf msg.Hash) {
	if t.levels[0][i] == leaf {
		return
	}
	t.levels[0][i] = leaf
	t.dirty = append(t.dirty, i)
}

// Append adds leaves at the end.
func (t *Tree) Append(leaves ...msg.Hash) {
	for _, leaf := range leaves {
		t.dirty = append(t.dirty, len(t.levels[0]))
		t.levels[0] = append(t.levels[0], leaf)
	}
}

// Root is the root over the leaves as they are now.
func (t *Tree) Root() msg.Hash {
	t.hash()
	if t.Len() == 0 {
		return Empty
	}
	return t.levels[len(t.levels)-1][0]
}

func (t *Tree) hash() {
	if len(t.dirty) == 0 {
		return
	}
	slices.Sort(t.dirty)
	t.dirty = slices.Compact(t.dirty)
	for k := 0; len(t.levels[k]) > 1; k++ {
		below := t.levels[k]
		if k+1 == len(t.levels) {
			t.levels = append(t.levels, nil)
		}
		above := t.levels[k+1]
		// Growth makes the last node that was promoted a left child; its sibling is dirty, so its parent is hashed here.
		if n := (len(below) + 1) / 2; n > len(above) {
			above = append(above, make([]msg.Hash, n-len(above))...)
		}
		up := t.dirty[:0]
		for _, i := range t.dirty {
			p := i / 2
			if len(up) > 0 && up[len(up)-1] == p {
				continue
			}
			if 2*p+1 < len(below) {
				above[p] = Inner(below[2*p], below[2*p+1])
			} else {
				above[p] = below[2*p]
			}
			up = append(up, p)
		}
		t.levels[k+1] = above
		t.dirty = up
	}
	t.dirty = t.dirty[:0]
}

// Proof returns the nodes that, with leaf i, give the root. Verify checks it.
func (t *Tree) Proof(i int) ([]msg.Hash, error) { return t.RangeProof(i, i+1) }

// RangeProof returns the nodes that, with leaves lo to hi-1, give the root: going up, on each level the left neighbour of the
// range if the range begins at an odd place, then the right neighbour if it ends at one. At most two a level.
func (t *Tree) RangeProof(lo, hi int) ([]msg.Hash, error) {
	n := t.Len()
	if lo < 0 || hi <= lo || hi > n {
		return nil, fmt.Errorf("merkle: leaves %d to %d of a tree with %d", lo, hi, n)
	}
	t.hash()
	var proof []msg.Hash
	for k := 0; len(t.levels[k]) > 1; k++ {
		level := t.levels[k]
		if lo%2 == 1 {
			proof = append(proof, level[lo-1])
		}
		if hi%2 == 1 && hi < len(level) {
			proof = append(proof, level[hi])
		}
		lo, hi = lo/2, (hi+1)/2
	}
	return proof, nil
}
