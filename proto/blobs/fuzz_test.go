package blobs

import (
	"testing"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

func FuzzAnswers(f *testing.F) {
	data := make([]byte, 3*merkle.ChunkSize+1)
	b := merkle.BlobOf(data)
	tree := merkle.NewTree(merkle.Leaves(data, merkle.ChunkSize))
	proof, err := tree.RangeProof(1, 2)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(msg.Encode(rangeAnswer{[]msg.Hash{tree.Leaf(1)}, proof}))
	f.Add(msg.Encode(pagesAnswer{[]int64{4096, sizeMissing, sizeLater}}))
	f.Add(msg.Encode(rangeRequest{b, 1, 2}))
	f.Add(msg.Encode(pagesRequest{[]msg.Hash{{1}}}))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var r rangeAnswer
		if msg.Decode(raw, &r) == nil && merkle.VerifyRange(b.Root, 4, 1, r.Leaves, r.Proof) == nil {
			for i, leaf := range r.Leaves {
				if leaf != tree.Leaf(1+i) {
					t.Fatalf("leaf %d is %v", 1+i, leaf)
				}
			}
		}
		var p pagesAnswer
		if msg.Decode(raw, &p) == nil && checkSizes(p.Sizes, 3) == nil {
			total := int64(0)
			for _, n := range p.Sizes {
				total += max(n, 0)
			}
			if total > maxBatch+MaxPage {
				t.Fatalf("%d bytes", total)
			}
		}
		var q rangeRequest
		msg.Decode(raw, &q)
		var h pagesRequest
		msg.Decode(raw, &h)
	})
}
