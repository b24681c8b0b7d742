// Package blobs moves content between peers: whole blobs in verified ranges, and single pages by hash.
//
// Nothing is believed because a peer sent it. A range comes with its leaf hashes and the proof that ties them to the blob's
// root, and each chunk is hashed against its leaf as it arrives, so a lie costs at most one chunk, is pinned on the peer that
// told it, and what was verified before is kept. Ranges of one blob may come from several peers.
package blobs

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// ErrNotFound is wrapped by every error that means: this content is not here.
var ErrNotFound = errors.New("not found")

// ErrArriving is wrapped by Sink.Begin where another fetch of the same blob is under way.
var ErrArriving = errors.New("is arriving already")

// MaxBlob is the longest blob, 64 GiB. Its leaf hashes take 32 MiB of memory while it is read.
const MaxBlob = 64 << 30

// MaxPage is the longest page, 64 KiB: a page is what a blob of one chunk is.
const MaxPage = 64 << 10

// batch is how many chunks are read, hashed, sent and written at once: as many as package merkle hashes side by side.
const batch = 16

// buffers are for batches.
var buffers = sync.Pool{New: func() any { return new([batch * merkle.ChunkSize]byte) }}

// Reader reads a blob. Every byte it gives was hashed against the blob's root on this read. It may be used by several
// goroutines at once. Read beyond the end gives io.EOF.
type Reader interface {
	io.ReaderAt
	io.Closer
	Blob() msg.Blob
	// Proof gives the hashes of chunks lo to hi-1, and the nodes that tie them to the root (merkle.VerifyRange).
	Proof(lo, hi uint64) (leaves, proof []msg.Hash, err error)
}

// Partial is a blob that is still arriving. What was written outlives Close and the process, until Commit or Discard.
type Partial interface {
	// Missing says which chunks are not here yet, as ranges [lo, hi) in ascending order.
	Missing() [][2]uint64
	// WriteChunks stores the chunks from lo on, which lie one after another in data; the caller has tied their leaves to the
	// root. It hashes each (CheckChunks): where one is not what it should be, it stores those before it and gives the *Mismatch.
	WriteChunks(lo uint64, leaves []msg.Hash, data []byte) error
	// Commit makes the blob, now complete, durable and visible, pinned by owner.
	Commit(owner string) error
	// Discard forgets what arrived.
	Discard() error
	// Close lets go of the partial blob without forgetting it.
	Close() error
}

// Mismatch is the error for a chunk that is not the one its leaf stands for.
type Mismatch struct {
	Blob      msg.Blob
	Chunk     uint64
	Got, Want msg.Hash
}

func (e *Mismatch) Error() string {
	return fmt.Sprintf("chunk %d of blob %v hashes to %v, wanted %v", e.Chunk, e.Blob.Root, e.Got, e.Want)
}

// CheckChunks says how many of b's chunks from lo on, one after another in data, hash to their leaves, up to the first that
// does not: then err is a *Mismatch. Any other error says that there cannot be such chunks.
func CheckChunks(b msg.Blob, lo uint64, leaves []msg.Hash, data []byte) (n int, err error) {
	count, hi := merkle.Count(b.Size, merkle.ChunkSize), lo+uint64(len(leaves))
	if lo > count || hi > count || hi < lo {
		return 0, fmt.Errorf("chunks %d to %d of blob %v, which has %d", lo, hi, b.Root, count)
	}
	if want := min(b.Size, hi*merkle.ChunkSize) - min(b.Size, lo*merkle.ChunkSize); uint64(len(data)) != want {
		return 0, fmt.Errorf("chunks %d to %d of blob %v have %d bytes, wanted %d", lo, hi, b.Root, len(data), want)
	}
	for i, got := range merkle.Leaves(data, merkle.ChunkSize) {
		if got != leaves[i] {
			return i, &Mismatch{Blob: b, Chunk: lo + uint64(i), Got: got, Want: leaves[i]}
		}
	}
	return len(leaves), nil
}

// Source is what a server takes content from. host/store has it.
type Source interface {
	// Open opens a blob for reading, or fails with ErrNotFound.
	Open(b msg.Blob) (Reader, error)
	// GetPage returns the page whose merkle.Leaf is h, or fails with ErrNotFound. The caller must not change it.
	GetPage(h msg.Hash) ([]byte, error)
}

// Sink is what a fetch puts content into. host/store has it.
type Sink interface {
	Has(b msg.Blob) bool
	// Begin takes up the partial blob b where it was left, or begins it. One at a time for each blob.
	Begin(b msg.Blob) (Partial, error)
	// Pin keeps blobs that are here from being removed, until owner is released.
	Pin(owner string, blobs ...msg.Blob) error
	// PutPages stores pages durably, pinned by owner, and returns their merkle.Leaf hashes.
	PutPages(owner string, pages [][]byte) ([]msg.Hash, error)
	// PinPages pins pages that are here, or fails with ErrNotFound, pinning none.
	PinPages(owner string, hashes []msg.Hash) error
	// MissingPages returns those of hashes that are not here, each once.
	MissingPages(hashes []msg.Hash) []msg.Hash
}
