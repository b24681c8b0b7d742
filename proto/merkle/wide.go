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

// RoundConstants are those of SHA-256: the first 32 bits of the fractional parts of the cube roots of the first 64 primes
// (FIPS 180-4, section 4.2.2).
var RoundConstants = [64]uint32{
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
}
