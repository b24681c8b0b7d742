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
	f.Add(msg.Encode(rangeRequest{msg.Blob{Size: 1<<64 - 1}, 1<<64 - 2, 1<<64 - 1}))
	f.Add(msg.Encode(rangeRequest{msg.Blob{Size: MaxBlob}, 300, 200}))
	f.Add(msg.Encode(pagesRequest{[]msg.Hash{{1}}}))
	f.Add(msg.Encode(pagesRequest{make([]msg.Hash, maxPages+1)}))
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
		if msg.Decode(raw, &q) == nil && q.check() == nil {
			if n := merkle.Count(q.Blob.Size, merkle.ChunkSize); q.Lo >= q.Hi || q.Hi > n || q.Hi-q.Lo > maxRange || q.Blob.Size > MaxBlob {
				t.Fatalf("%+v taken", q)
			}
		}
		var h pagesRequest
		if msg.Decode(raw, &h) == nil && h.check() == nil && (len(h.Hashes) == 0 || len(h.Hashes) > maxPages) {
			t.Fatalf("%d pages taken", len(h.Hashes))
		}
	})
}

// FuzzCheckChunks holds it to this: whatever it is asked, it counts only chunks that hash to their leaves.
func FuzzCheckChunks(f *testing.F) {
	data := make([]byte, 3*merkle.ChunkSize+7)
	data[100_000] = 1
	b := merkle.BlobOf(data)
	leaves := merkle.Leaves(data, merkle.ChunkSize)
	f.Add(uint64(0), uint8(4), uint32(0), uint32(len(data)), uint32(1<<31))
	f.Add(uint64(1), uint8(2), uint32(merkle.ChunkSize), uint32(3*merkle.ChunkSize), uint32(100_000))
	f.Add(uint64(1<<64-1), uint8(1), uint32(0), uint32(0), uint32(0))
	f.Fuzz(func(t *testing.T, lo uint64, count uint8, from, to, flip uint32) {
		from, to = min(from, uint32(len(data))), min(to, uint32(len(data)))
		if from > to {
			from, to = to, from
		}
		hashes := make([]msg.Hash, count%6)
		for i := range hashes {
			if n := lo + uint64(i); n < uint64(len(leaves)) {
				hashes[i] = leaves[n]
			}
		}
		p := append([]byte(nil), data[from:to]...)
		if flip < uint32(len(p)) {
			p[flip] ^= 1
		}
		n, err := CheckChunks(b, lo, hashes, p)
		if n > len(hashes) || n < 0 || err == nil && n != len(hashes) {
			t.Fatalf("%d of %d chunks, %v", n, len(hashes), err)
		}
		for i := range n {
			if chunk := p[i*merkle.ChunkSize : min((i+1)*merkle.ChunkSize, len(p))]; merkle.Leaf(chunk) != hashes[i] {
				t.Fatalf("chunk %d of %d from %d on is taken", i, n, lo)
			}
		}
	})
}
