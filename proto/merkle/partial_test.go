package merkle

import (
	"math/rand/v2"
	"testing"

	"github.com/gwrun/gwrun/proto/msg"
)

// TestPartial changes leaves of trees of which only those were proven, in any order of proving and changing, and compares the root
// with that of the whole tree.
func TestPartial(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		n := 1 + r.IntN(70)
		leaves := leavesOf(n)
		before := NewTree(leaves)
		now := NewTree(leaves)
		p := NewPartial(before.Root(), uint64(n))
		if p.Root() != before.Root() {
			t.Fatalf("%d leaves: begins with root %v", n, p.Root())
		}
		known := map[int]bool{}
		for range r.IntN(30) {
			i := r.IntN(n)
			if r.IntN(2) == 0 {
				proof, err := before.Proof(i)
				if err != nil {
					t.Fatal(err)
				}
				if err := p.Add(uint64(i), leaves[i], proof); err != nil {
					t.Fatal(err)
				}
				known[i] = true
			} else {
				leaf := Leaf([]byte{byte(r.IntN(256)), 9})
				if err := p.Set(uint64(i), leaf); (err == nil) != known[i] {
					t.Fatalf("changing leaf %d, known %v: %v", i, known[i], err)
				} else if err == nil {
					now.Update(i, leaf)
				}
			}
			if p.Root() != now.Root() {
				t.Fatalf("%d leaves, %v known: root %v, want %v", n, known, p.Root(), now.Root())
			}
		}
		for i := range n {
			got, ok := p.Leaf(uint64(i))
			if ok != known[i] || ok && got != now.Leaf(i) {
				t.Fatalf("leaf %d: %v, %v", i, got, ok)
			}
		}
	}
}

// TestPartialRefuses wants proofs against the root as it was, whatever has changed.
func TestPartialRefuses(t *testing.T) {
	leaves := leavesOf(9)
	tree := NewTree(leaves)
	p := NewPartial(tree.Root(), 9)
	proof, _ := tree.Proof(4)
	refuse(t, p.Add(5, leaves[4], proof))
	refuse(t, p.Add(4, leaves[5], proof))
	refuse(t, p.Add(9, leaves[4], proof))
	refuse(t, p.Add(4, leaves[4], proof[1:]))
	if err := p.Add(4, leaves[4], proof); err != nil {
		t.Fatal(err)
	}
	if err := p.Set(4, msg.Hash{1}); err != nil {
		t.Fatal(err)
	}
	tree.Update(4, msg.Hash{1})
	changed, _ := tree.Proof(6)
	refuse(t, p.Add(6, leaves[6], changed))
	if p.Set(8, msg.Hash{}) == nil || p.Set(99, msg.Hash{}) == nil {
		t.Error("a leaf that is not known was changed")
	}
	one := NewPartial(leaves[0], 1)
	if err := one.Add(0, leaves[0], nil); err != nil {
		t.Fatal(err)
	}
	if err := one.Set(0, leaves[1]); err != nil || one.Root() != leaves[1] {
		t.Errorf("a tree of one leaf: root %v, %v", one.Root(), err)
	}
}
