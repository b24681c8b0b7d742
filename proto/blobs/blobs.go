// Package blobs moves content between peers: whole blobs in verified ranges, and single pages by hash.
//
// Nothing is believed because a peer sent it. A range comes with its leaf hashes and the proof that ties them to the blob's
// root, and each chunk is hashed against its leaf as it arrives, so a lie costs at most one chunk, is pinned on the peer that
// told it, and what was verified before is kept. Ranges of one blob may come from several peers.
package blobs

import (
	"errors"
	"io"

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
	// WriteChunk stores chunk i, whose hash is leaf; the caller has tied leaf to the root. It fails if data does not hash to it.
	WriteChunk(i uint64, leaf msg.Hash, data []byte) error
	// Commit makes the blob, now complete, durable and visible, pinned by owner.
	Commit(owner string) error
	// Discard forgets what arrived.
	Discard() error
	// Close lets go of the partial blob without forgetting it.
	Close() error
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
