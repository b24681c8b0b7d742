package merkle

import (
	"runtime"
	"sync"

	"github.com/gwrun/gwrun/proto/msg"
)

const (
	// lanes is how many leaves leaves16 hashes in the time of about six.
	lanes  = 16
	fewest = 6
	// shortest is the least data of a leaf that leaves16 takes.
	shortest = 63
)

// LeavesOf hashes many leaves: on all processors if they are large together, and sixteen at a time where the processor can
// and those of a length stand together.
func LeavesOf(data [][]byte) []msg.Hash {
	leaves := make([]msg.Hash, len(data))
	groups := (len(data) + lanes - 1) / lanes
	total := 0
	for _, p := range data {
		total += len(p)
	}
	inParallel(groups, total, func(lo, hi int) {
		for g := lo; g < hi; g++ {
			from, to := g*lanes, min((g+1)*lanes, len(data))
			leafGroup(data[from:to], leaves[from:to])
		}
	})
	return leaves
}

// leafGroup is LeavesOf for at most sixteen.
func leafGroup(data [][]byte, leaves []msg.Hash) {
	var batch [lanes][]byte
	var at [lanes]int
	n := 0
	if wide {
		for i, p := range data {
			if len(p) >= shortest && (n == 0 || len(p) == len(batch[0])) {
				batch[n], at[n] = p, i
				n++
			}
		}
	}
	done := [lanes]bool{}
	if n >= fewest {
		for k := n; k < lanes; k++ {
			batch[k] = batch[0]
		}
		var out [lanes]msg.Hash
		leaves16(&batch, &out)
		for k := range n {
			leaves[at[k]], done[at[k]] = out[k], true
		}
	}
	s := hashers.Get().(*hasher)
	for i, p := range data {
		if !done[i] {
			leaves[i] = s.leaf(p)
		}
	}
	hashers.Put(s)
}

// inParallel cuts 0 to n-1 into ranges and calls f for each, on all processors if there are so many bytes to hash that it
// is worth it.
func inParallel(n, bytes int, f func(lo, hi int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	const worthIt = 1 << 20 // below it, starting goroutines costs more than it saves
	if bytes < worthIt || workers < 2 {
		f(0, n)
		return
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { f(n*w/workers, n*(w+1)/workers) })
	}
	wg.Wait()
}
