// Package merkle computes SHA-256 Merkle trees and checks proofs against their roots.
//
// A leaf is SHA256(0x00 || data) and an inner node SHA256(0x01 || left || right), so neither can pass for the other. A level
// with an odd number of nodes promotes its last one unchanged. That is the tree of RFC 9162, section 2.1.1; the empty tree's
// root is SHA256 of nothing. A root alone does not say how many leaves there are: whoever keeps a root keeps the count too
// (msg.Blob does, as its size), and every check here takes it.
package merkle

import (
	"crypto/sha256"
	"hash"
	"sync"

	"github.com/gwrun/gwrun/proto/msg"
)

// ChunkSize is the length of every leaf of a blob but the last, which holds what is left over.
const ChunkSize = 64 << 10

// Empty is the root of a tree without leaves.
var Empty = msg.Hash(sha256.Sum256(nil))

// A hasher keeps a digest and the bytes it is fed, because both escape through hash.Hash and would cost an allocation a node.
type hasher struct {
	h   hash.Hash
	tag [1]byte
	sum [32]byte
}

var hashers = sync.Pool{New: func() any { return &hasher{h: sha256.New()} }}

func (s *hasher) leaf(data []byte) msg.Hash {
	s.h.Reset()
	s.tag[0] = 0
	s.h.Write(s.tag[:])
	s.h.Write(data)
	return msg.Hash(s.h.Sum(s.sum[:0]))
}

// Leaf is the hash of one leaf.
func Leaf(data []byte) msg.Hash {
	s := hashers.Get().(*hasher)
	sum := s.leaf(data)
	hashers.Put(s)
	return sum
}

// Inner is the hash of the node above left and right.
func Inner(left, right msg.Hash) msg.Hash {
	var b [65]byte
	b[0] = 1
	copy(b[1:33], left[:])
	copy(b[33:], right[:])
	return sha256.Sum256(b[:])
}

// Root is the root over leaves, which are not changed.
func Root(leaves []msg.Hash) msg.Hash {
	switch len(leaves) {
	case 0:
		return Empty
	case 1:
		return leaves[0]
	}
	level := make([]msg.Hash, (len(leaves)+1)/2)
	fold(level, leaves)
	for len(level) > 1 {
		n := (len(level) + 1) / 2
		fold(level[:n], level) // in place: node i is written after nodes 2i and 2i+1 were read
		level = level[:n]
	}
	return level[0]
}

// fold writes the level above src to dst. dst may be the beginning of src.
func fold(dst, src []msg.Hash) {
	n := len(src) / 2
	for i := range n {
		dst[i] = Inner(src[2*i], src[2*i+1])
	}
	if len(src)%2 == 1 {
		dst[n] = src[len(src)-1]
	}
}

// Count is the number of leaves of size bytes cut every pageSize bytes.
func Count(size uint64, pageSize int) uint64 {
	p := uint64(pageSize)
	n := size / p
	if size%p != 0 {
		n++
	}
	return n
}

// Leaves hashes data cut every pageSize bytes; the last piece may be shorter. Large data is hashed on all processors.
// pageSize must be positive.
func Leaves(data []byte, pageSize int) []msg.Hash {
	n := int(Count(uint64(len(data)), pageSize))
	leaves := make([]msg.Hash, n)
	inParallel((n+lanes-1)/lanes, len(data), func(lo, hi int) {
		var pages [lanes][]byte
		for g := lo; g < hi; g++ {
			from, to := g*lanes, min((g+1)*lanes, n)
			for i := from; i < to; i++ {
				pages[i-from] = data[i*pageSize : min((i+1)*pageSize, len(data))]
			}
			leafGroup(pages[:to-from], leaves[from:to])
		}
	})
	return leaves
}

// PageRoot is the root over data cut every pageSize bytes.
func PageRoot(data []byte, pageSize int) msg.Hash { return Root(Leaves(data, pageSize)) }

// BlobOf names data: the root over its chunks, and its length.
func BlobOf(data []byte) msg.Blob {
	return msg.Blob{Root: PageRoot(data, ChunkSize), Size: uint64(len(data))}
}
