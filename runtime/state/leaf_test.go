package state

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/gwrun/gwrun/proto/merkle"
)

// However many pages are hashed together, and whatever their lengths, each has its own leaf.
func TestLeaves(t *testing.T) {
	if !wide {
		t.Log("this processor hashes one page at a time")
	}
	r := rand.New(rand.NewPCG(15, 16))
	for n := range 70 {
		pages := make([][]byte, n)
		for i := range pages {
			switch r.IntN(12) {
			case 0:
			case 1:
				pages[i] = random(r, 1+r.IntN(PageSize))
			case 2:
				pages[i] = make([]byte, PageSize)
			default:
				pages[i] = random(r, PageSize)
			}
		}
		for i, got := range leavesOf(pages) {
			p := pages[i]
			if p == nil {
				p = zeros[:]
			}
			if want := merkle.Leaf(p); got != want {
				t.Fatalf("page %d of %d, %d bytes: %v, want %v", i, n, len(p), got, want)
			}
		}
	}
}

func BenchmarkLeaves(b *testing.B) {
	for _, n := range []int{1, 8, 16, 90, 16 << 10} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := rand.New(rand.NewPCG(17, 18))
			pages := make([][]byte, n)
			for i := range pages {
				pages[i] = random(r, PageSize)
			}
			b.SetBytes(int64(n) * PageSize)
			for b.Loop() {
				leavesOf(pages)
			}
		})
	}
}
