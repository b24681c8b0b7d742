package merkle

import (
	"errors"
	"fmt"

	"github.com/gwrun/gwrun/proto/msg"
)

// ErrProof is wrapped by every refusal of a proof.
var ErrProof = errors.New("merkle: proof refused")

// MaxProof is the most nodes a proof can have.
const MaxProof = 2 * 64

// Verify checks that leaf is leaf i of the tree of n leaves with this root.
func Verify(root msg.Hash, n, i uint64, leaf msg.Hash, proof []msg.Hash) error {
	return VerifyRange(root, n, i, []msg.Hash{leaf}, proof)
}

// VerifyRange checks that leaves are the leaves from lo on of the tree of n leaves with this root. It hashes no more than
// twice the leaves and the proof together, so a hostile proof costs nothing. leaves are not changed.
func VerifyRange(root msg.Hash, n, lo uint64, leaves, proof []msg.Hash) error {
	if len(leaves) == 0 || lo >= n || uint64(len(leaves)) > n-lo {
		return fmt.Errorf("%w: %d leaves from %d on of a tree with %d", ErrProof, len(leaves), lo, n)
	}
	if len(proof) > MaxProof {
		return fmt.Errorf("%w: %d nodes, no tree needs more than %d", ErrProof, len(proof), MaxProof)
	}
	var one [3]msg.Hash // a single leaf needs no allocation
	level := one[:0]
	if len(leaves)+2 > len(one) {
		level = make([]msg.Hash, 0, len(leaves)+2)
	}
	level = append(level, leaves...)
	hi := lo + uint64(len(leaves))
	rest := proof
	next := func() (h msg.Hash, ok bool) {
		if len(rest) == 0 {
			return h, false
		}
		h, rest = rest[0], rest[1:]
		return h, true
	}
	for n > 1 {
		if lo%2 == 1 {
			h, ok := next()
			if !ok {
				return fmt.Errorf("%w: only %d nodes", ErrProof, len(proof))
			}
			level = append(level, msg.Hash{})
			copy(level[1:], level)
			level[0] = h
		}
		if hi%2 == 1 && hi < n {
			h, ok := next()
			if !ok {
				return fmt.Errorf("%w: only %d nodes", ErrProof, len(proof))
			}
			level = append(level, h)
		}
		// level now begins at an even place, and ends at one or at the end of the tree's level.
		k := (len(level) + 1) / 2
		fold(level[:k], level)
		level = level[:k]
		lo, hi = lo/2, hi/2+hi%2
		n = n/2 + n%2
	}
	if len(rest) != 0 {
		return fmt.Errorf("%w: %d nodes too many", ErrProof, len(rest))
	}
	if level[0] != root {
		return fmt.Errorf("%w: it gives root %v, wanted %v", ErrProof, level[0], root)
	}
	return nil
}
