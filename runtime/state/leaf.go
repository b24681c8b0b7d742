package state

import (
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// fewest is how many pages are worth the time of sixteen.
const fewest = 6

// leavesOf gives the leaf hashes of pages; nil is a full page of zeros. Many are hashed on all processors, and sixteen at a
// time where the processor can.
func leavesOf(pages [][]byte) []msg.Hash {
	leaves := make([]msg.Hash, len(pages))
	groups := (len(pages) + lanes - 1) / lanes
	_ = each(groups, 1<<20/(lanes*PageSize), func(g int) error {
		lo := g * lanes
		hi := min(lo+lanes, len(pages))
		var batch [lanes][]byte
		var at [lanes]int
		n := 0
		for i := lo; i < hi; i++ {
			switch p := pages[i]; {
			case p == nil:
				leaves[i] = zeroPage
			case len(p) == PageSize && wide:
				batch[n], at[n] = p, i
				n++
			default:
				leaves[i] = merkle.Leaf(p)
			}
		}
		if n < fewest {
			for k := range n {
				leaves[at[k]] = merkle.Leaf(batch[k])
			}
			return nil
		}
		for k := n; k < lanes; k++ {
			batch[k] = batch[0]
		}
		var out [lanes]msg.Hash
		leaves16(&batch, &out)
		for k := range n {
			leaves[at[k]] = out[k]
		}
		return nil
	})
	return leaves
}
