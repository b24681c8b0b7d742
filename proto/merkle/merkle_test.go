package merkle

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/gwrun/gwrun/proto/msg"
)

// definition is RFC 9162, section 2.1.1, word for word: split at the largest power of two below n.
func definition(leaves []msg.Hash) msg.Hash {
	switch n := len(leaves); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	default:
		k := 1
		for k*2 < n {
			k *= 2
		}
		l, r := definition(leaves[:k]), definition(leaves[k:])
		return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
	}
}

func leavesOf(n int) []msg.Hash {
	leaves := make([]msg.Hash, n)
	for i := range leaves {
		leaves[i] = Leaf(binary.LittleEndian.AppendUint32(nil, uint32(i)))
	}
	return leaves
}

func TestRootIsTheDefinition(t *testing.T) {
	for n := range 70 {
		leaves := leavesOf(n)
		want := definition(leaves)
		if got := Root(leaves); got != want {
			t.Errorf("%d leaves: root %v, want %v", n, got, want)
		}
		if got := NewTree(leaves).Root(); got != want {
			t.Errorf("%d leaves: tree root %v, want %v", n, got, want)
		}
		grown := NewTree(nil)
		for i, l := range leaves {
			grown.Append(l)
			if i%3 == 0 {
				grown.Root()
			}
		}
		if got := grown.Root(); got != want {
			t.Errorf("%d leaves appended: root %v, want %v", n, got, want)
		}
	}
	if got := Leaf([]byte("x")); got != sha256.Sum256([]byte("\x00x")) {
		t.Errorf("leaf %v", got)
	}
}

func TestUpdate(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n := 1 + r.IntN(100)
		leaves := leavesOf(n)
		tree := NewTree(leaves)
		for range r.IntN(20) {
			i := r.IntN(n)
			leaves[i] = Leaf([]byte{byte(r.IntN(256)), 7})
			tree.Update(i, leaves[i])
			if r.IntN(4) == 0 {
				tree.Root()
			}
		}
		if r.IntN(2) == 0 {
			more := leavesOf(r.IntN(40))
			leaves = append(leaves, more...)
			tree.Append(more...)
		}
		if got, want := tree.Root(), definition(leaves); got != want {
			t.Fatalf("%d leaves: root %v, want %v", n, got, want)
		}
	}
}

func TestRangeProofs(t *testing.T) {
	for n := 1; n <= 20; n++ {
		leaves := leavesOf(n)
		tree := NewTree(leaves)
		root := tree.Root()
		for lo := range n {
			for hi := lo + 1; hi <= n; hi++ {
				proof, err := tree.RangeProof(lo, hi)
				if err != nil {
					t.Fatal(err)
				}
				if err := VerifyRange(root, uint64(n), uint64(lo), leaves[lo:hi], proof); err != nil {
					t.Fatalf("leaves %d to %d of %d: %v", lo, hi, n, err)
				}
				// Anything else must be refused: a changed leaf, place, node, or a node more or less.
				bad := append([]msg.Hash(nil), leaves[lo:hi]...)
				bad[len(bad)/2][3] ^= 1
				refuse(t, VerifyRange(root, uint64(n), uint64(lo), bad, proof))
				if lo > 0 {
					refuse(t, VerifyRange(root, uint64(n), uint64(lo-1), leaves[lo:hi], proof))
				}
				refuse(t, VerifyRange(root, uint64(n), uint64(lo), leaves[lo:hi], append(proof[:len(proof):len(proof)], root)))
				if len(proof) > 0 {
					refuse(t, VerifyRange(root, uint64(n), uint64(lo), leaves[lo:hi], proof[1:]))
					proof[0][0] ^= 1
					refuse(t, VerifyRange(root, uint64(n), uint64(lo), leaves[lo:hi], proof))
				}
			}
		}
	}
	for _, r := range [][2]int{{-1, 1}, {0, 0}, {2, 1}, {0, 4}, {3, 4}} {
		if _, err := NewTree(leavesOf(3)).RangeProof(r[0], r[1]); err == nil {
			t.Errorf("leaves %v of 3 proven", r)
		}
	}
}

func refuse(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, ErrProof) {
		t.Fatalf("bad proof: got %v", err)
	}
}

func TestVerifyHugeCount(t *testing.T) {
	refuse(t, Verify(msg.Hash{}, 1<<64-1, 1<<64-2, msg.Hash{}, make([]msg.Hash, 64)))
	refuse(t, VerifyRange(msg.Hash{}, 1<<64-1, 1<<64-2, make([]msg.Hash, 2), nil))
	refuse(t, VerifyRange(msg.Hash{}, 3, 0, nil, nil))
}

func TestPageRoot(t *testing.T) {
	data := make([]byte, 3<<20+17)
	rand.NewChaCha8([32]byte{}).Read(data)
	for _, page := range []int{4096, ChunkSize, 5 << 20} {
		var leaves []msg.Hash
		for rest := data; len(rest) > 0; rest = rest[min(page, len(rest)):] {
			leaves = append(leaves, sha256.Sum256(append([]byte{0}, rest[:min(page, len(rest))]...)))
		}
		if got, want := PageRoot(data, page), definition(leaves); got != want {
			t.Errorf("pages of %d: root %v, want %v", page, got, want)
		}
	}
	if got := PageRoot(nil, 4096); got != Empty {
		t.Errorf("no data: root %v", got)
	}
	if b := BlobOf(data); b.Size != uint64(len(data)) || b.Root != PageRoot(data, 64<<10) {
		t.Errorf("blob %v", b)
	}
}

func TestAllocations(t *testing.T) {
	data := make([]byte, 4096)
	leaves := leavesOf(1000)
	tree := NewTree(leaves)
	tree.Update(3, leaves[4])
	tree.Root()
	i := 0
	for name, f := range map[string]func(){
		"leaf":   func() { Leaf(data) },
		"inner":  func() { Inner(leaves[0], leaves[1]) },
		"update": func() { i++; tree.Update(500, leaves[i%1000]); tree.Root() },
	} {
		if n := testing.AllocsPerRun(100, f); n > 0 {
			t.Errorf("%s allocates %v times", name, n)
		}
	}
	if n := testing.AllocsPerRun(10, func() { Root(leaves) }); n > 1 {
		t.Errorf("root over 1000 leaves allocates %v times", n)
	}
}

func BenchmarkPageRoot(b *testing.B) {
	data := make([]byte, 64<<20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		PageRoot(data, 4096)
	}
}

// FuzzVerifyRange holds the checker to the definition: what it accepts is exactly what a tree with that root contains.
func FuzzVerifyRange(f *testing.F) {
	f.Add(uint16(5), uint64(2), uint16(2), []byte{})
	f.Add(uint16(16), uint64(15), uint16(1), bytes.Repeat([]byte{1}, 64))
	f.Fuzz(func(t *testing.T, n uint16, lo uint64, count uint16, raw []byte) {
		leaves := leavesOf(int(n%300) + 1)
		tree := NewTree(leaves)
		k := int(count % 300)
		claim := make([]msg.Hash, k)
		for i := range claim {
			if j := lo + uint64(i); j < uint64(len(leaves)) {
				claim[i] = leaves[j]
			}
		}
		var proof []msg.Hash
		for ; len(raw) >= 32; raw = raw[32:] {
			proof = append(proof, msg.Hash(raw[:32]))
		}
		err := VerifyRange(tree.Root(), uint64(len(leaves)), lo, claim, proof)
		var want []msg.Hash
		var wantErr error
		if lo > 1<<20 {
			wantErr = ErrProof
		} else {
			want, wantErr = tree.RangeProof(int(lo), int(lo)+k)
		}
		same := wantErr == nil && len(want) == len(proof)
		for i := range want {
			same = same && want[i] == proof[i]
		}
		if (err == nil) != same {
			t.Fatalf("accepted %v, true proof %v", err == nil, same)
		}
		if wantErr == nil {
			if err := VerifyRange(tree.Root(), uint64(len(leaves)), lo, claim, want); err != nil {
				t.Fatal(err)
			}
		}
	})
}
