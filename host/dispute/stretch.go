package dispute

import (
	"fmt"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// party is an index: who of the two.
type party int

const (
	provider party = iota
	challenger
)

// stretch is a part of a sequence of values on whose first the parties agree and on whose last they do not.
type stretch struct {
	lo, hi uint64
	last   [2]msg.Hash // what each says of hi
	first  msg.Hash    // what both say of lo, if it was ever said
}

// places are where the next round asks for values: at most Fanout-1, between lo and hi.
func (s *stretch) places() []uint64 {
	n := s.hi - s.lo
	if n <= Fanout {
		out := make([]uint64, 0, n-1)
		for p := s.lo + 1; p < s.hi; p++ {
			out = append(out, p)
		}
		return out
	}
	out := make([]uint64, Fanout-1)
	// n/Fanout and what is left over apart, so that nothing overflows.
	q, r := n/Fanout, n%Fanout
	for i := range out {
		k := uint64(i + 1)
		out[i] = s.lo + k*q + k*r/Fanout
	}
	return out
}

// narrow keeps the first part in which the values part.
func (s *stretch) narrow(said [2][]msg.Hash) {
	for i, p := range s.places() {
		if said[provider][i] != said[challenger][i] {
			s.hi, s.last = p, [2]msg.Hash{said[provider][i], said[challenger][i]}
			break
		}
		s.lo, s.first = p, said[provider][i]
	}
}

// subtree is a node of two trees of one shape whose hashes differ.
type subtree struct {
	count uint64 // leaves of the whole tree
	level int    // 0 are the leaves
	index uint64
	hash  [2]msg.Hash
}

// newSubtree begins with the roots.
func newSubtree(count uint64, roots [2]msg.Hash) *subtree {
	t := &subtree{count: count, hash: roots}
	for n := count; n > 1; n = n/2 + n%2 {
		t.level++
	}
	return t
}

// fanoutLevels is how many levels of a tree one round goes down: 2^fanoutLevels = Fanout.
const fanoutLevels = 6

// children is the place of the nodes that the next round asks for: so many from first on, in that level.
func (t *subtree) children() (level int, first, n uint64) {
	down := min(t.level, fanoutLevels)
	level = t.level - down
	size := t.count
	for range level {
		size = size/2 + size%2
	}
	first = t.index << down
	return level, first, min(uint64(1)<<down, size-first)
}

// check refuses nodes that do not make up what the party said of the node above them.
func (t *subtree) check(who party, nodes []msg.Hash) error {
	if got := merkle.Root(nodes); got != t.hash[who] {
		return fmt.Errorf("%w: the nodes give %v, the party has said %v", ErrMove, got, t.hash[who])
	}
	return nil
}

// narrow goes to the first of the nodes that differs. The nodes were checked, so there is one.
func (t *subtree) narrow(said [2][]msg.Hash) {
	level, first, _ := t.children()
	for i := range said[provider] {
		if said[provider][i] != said[challenger][i] {
			t.level, t.index = level, first+uint64(i)
			t.hash = [2]msg.Hash{said[provider][i], said[challenger][i]}
			return
		}
	}
}
