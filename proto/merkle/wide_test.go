package merkle

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"crypto/sha256"
)

func noise(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// However many leaves are hashed together, and whatever their lengths, each is SHA256(0x00 || data).
func TestLeavesOf(t *testing.T) {
	if !wide {
		t.Log("this processor hashes one leaf at a time")
	}
	r := rand.New(rand.NewPCG(15, 16))
	check := func(data [][]byte) {
		t.Helper()
		for i, got := range LeavesOf(data) {
			if want := sha256.Sum256(append([]byte{0}, data[i]...)); got != want {
				t.Fatalf("leaf %d of %d, %d bytes: %v, want %x", i, len(data), len(data[i]), got, want)
			}
		}
	}
	// Every length around those where the padding takes another block.
	for size := range 300 {
		data := make([][]byte, 16)
		for i := range data {
			data[i] = noise(r, size)
		}
		check(data)
	}
	for n := range 70 {
		data := make([][]byte, n)
		for i := range data {
			data[i] = noise(r, 4096)
			if r.IntN(6) == 0 {
				data[i] = noise(r, r.IntN(9000))
			}
		}
		check(data)
	}
	big := make([][]byte, 1000) // on all processors
	for i := range big {
		big[i] = noise(r, 4096)
	}
	check(big)
}

func TestLeaves(t *testing.T) {
	r := rand.New(rand.NewPCG(19, 20))
	for _, pageSize := range []int{1, 62, 63, 64, 100, 4096, ChunkSize} {
		for _, n := range []int{0, 1, pageSize, 5*pageSize + 1, 16 * pageSize, 40*pageSize - 1} {
			data := noise(r, n)
			leaves := Leaves(data, pageSize)
			if len(leaves) != int(Count(uint64(n), pageSize)) {
				t.Fatalf("%d bytes cut every %d: %d leaves", n, pageSize, len(leaves))
			}
			for i, got := range leaves {
				if want := Leaf(data[i*pageSize : min((i+1)*pageSize, n)]); got != want {
					t.Fatalf("%d bytes cut every %d: leaf %d is %v, want %v", n, pageSize, i, got, want)
				}
			}
		}
	}
}

func BenchmarkLeavesOf(b *testing.B) {
	for _, n := range []int{1, 8, 16, 90, 16 << 10} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := rand.New(rand.NewPCG(17, 18))
			pages := make([][]byte, n)
			for i := range pages {
				pages[i] = noise(r, 4096)
			}
			b.SetBytes(int64(n) * 4096)
			for b.Loop() {
				LeavesOf(pages)
			}
		})
	}
}
