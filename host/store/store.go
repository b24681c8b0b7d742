// Package store keeps a node's content and its job records.
//
// Content is named by its hash and never changes: blobs (a job's module, inputs, outputs) and pages (pieces of state, at most
// 64 KiB, by the many thousands). A blob of one chunk and a page are the same thing, because a tree of one leaf is that leaf.
// An owner, any string such as "provider/<job hash>", pins what it needs until it is released or, if an end was set for it,
// until then; what nobody pins is a cache that GC, or a store at its quota, may remove, oldest first. The journal holds small records about jobs.
//
// What a call has acknowledged survives a crash of the process or the machine; what it has not is invisible afterwards.
// Disk and Memory implement Store and pass one conformance suite. Both may be used by several goroutines at once.
package store

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/msg"
)

var (
	// ErrNotFound is wrapped by every error that means: not here.
	ErrNotFound = blobs.ErrNotFound
	// ErrCorrupt is wrapped where bytes read from disk do not hash to their name.
	ErrCorrupt = errors.New("corrupt on disk")
	// ErrFull is wrapped where the disk or the quota is full.
	ErrFull = errors.New("no space left")
	// ErrLocked is wrapped where another process uses the same directory.
	ErrLocked = errors.New("in use by another process")
	// ErrClosed is wrapped by calls after Close.
	ErrClosed = errors.New("store is closed")
)

// Reader reads a blob, verifying each byte.
type Reader = blobs.Reader

// Partial is a blob that is still arriving.
type Partial = blobs.Partial

// Blobs stores content of any length.
type Blobs interface {
	// Put stores all of r, pinned by owner. It reads r once and needs memory for one chunk.
	Put(ctx context.Context, owner string, r io.Reader) (msg.Blob, error)
	// Has says whether b is here, whole.
	Has(b msg.Blob) bool
	// Open opens b for reading. The content stays readable until the Reader is closed, even if it is removed meanwhile.
	Open(b msg.Blob) (Reader, error)
	// Begin takes up the partial blob b where it was left, or begins it.
	Begin(b msg.Blob) (Partial, error)
	// Pin keeps blobs from being removed until owner is released. It fails, pinning none, if one is not here.
	Pin(owner string, blobs ...msg.Blob) error
}

// Pages stores pieces of at most blobs.MaxPage bytes, named by merkle.Leaf.
type Pages interface {
	// PutPages stores pages, pinned by owner: all of them or, on an error, none. Pages that are here already cost a lookup.
	PutPages(owner string, pages [][]byte) ([]msg.Hash, error)
	// GetPage returns a page, verified. The caller must not change it.
	GetPage(h msg.Hash) ([]byte, error)
	// GetPages returns many pages, in order, for much less than a GetPage each. It fails if one is missing or damaged.
	GetPages(hashes []msg.Hash) ([][]byte, error)
	// PinPages pins pages that are here. It fails, pinning none, if one is not.
	PinPages(owner string, hashes []msg.Hash) error
	// MissingPages returns those of hashes that are not here, each once, in order.
	MissingPages(hashes []msg.Hash) []msg.Hash
}

// Journal holds records by job hash. Each role has its own, by name.
type Journal interface {
	// Put stores v (anything msg.Encode takes) durably under key, replacing what was there.
	Put(key msg.Hash, v any) error
	// Get decodes the record into v, or fails with ErrNotFound.
	Get(key msg.Hash, v any) error
	// Delete removes records, all or none. Removing what isn't there is no error.
	Delete(keys ...msg.Hash) error
	// Keys lists the records, ascending.
	Keys() ([]msg.Hash, error)
}

// Usage says what a store holds, in bytes of content.
type Usage struct {
	Blobs, Pages uint64 // how many; a blob of one chunk counts as a page
	Bytes        uint64
	Pinned       uint64 // of Bytes
	Arriving     uint64 // bytes beside them: being written, and left of fetches that broke off
	Quota        uint64 // 0: none
}

// Holding is what one owner pins. What several pin counts for each of them.
type Holding struct {
	Owner   string
	Until   time.Time // when its pins end; zero: not before it is released
	Objects uint64
	Bytes   uint64
}

func byOwner(a, b Holding) int { return strings.Compare(a.Owner, b.Owner) }

// Store is all of it.
type Store interface {
	Blobs
	Pages
	// Journal opens the journal of that name.
	Journal(name string) Journal
	// Release drops every pin of owner. Releasing an owner that has none is no error.
	Release(owner string) error
	// Expire sets when owner's pins end, those it has and those it adds: from then on they are as if it had been released. The
	// end outlives the process. A later call sets another one, the zero time none; an owner released begins without one.
	Expire(owner string, at time.Time) error
	// Owners lists those who have pins, sorted.
	Owners() ([]string, error)
	// Holdings says what each of them pins.
	Holdings() ([]Holding, error)
	// GC removes content nobody pins, oldest first, until at most keep bytes of it are left. It returns the bytes freed.
	GC(keep uint64) (freed uint64, err error)
	// Usage says what is stored.
	Usage() (Usage, error)
	Close() error
}

var (
	_ blobs.Source = Store(nil)
	_ blobs.Sink   = Store(nil)
	_ Store        = (*Disk)(nil)
	_ Store        = (*Memory)(nil)
)
