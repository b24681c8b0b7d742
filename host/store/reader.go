package store

import (
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

const chunk = merkle.ChunkSize

// chunks is how many chunks a blob has.
func chunks(b msg.Blob) uint64 { return merkle.Count(b.Size, chunk) }

// chunkLen is the length of chunk i of b, which must have it.
func chunkLen(b msg.Blob, i uint64) int { return int(min(b.Size-i*chunk, chunk)) }

// reader is a Reader over data with known leaves. It hashes every chunk it reads.
type reader struct {
	blob    msg.Blob
	leaves  []msg.Hash
	data    io.ReaderAt
	close   func() error
	corrupt func(error) // told about data that does not hash to its leaf

	tree func() *merkle.Tree

	mu     sync.Mutex // guards the rest: proofs, and the last chunk that was read in part
	closed bool
	at     uint64
	last   []byte
}

func newReader(b msg.Blob, leaves []msg.Hash, data io.ReaderAt, closing func() error, corrupt func(error)) *reader {
	return &reader{blob: b, leaves: leaves, data: data, close: closing, corrupt: corrupt,
		tree: sync.OnceValue(func() *merkle.Tree { return merkle.NewTree(leaves) })}
}

func (r *reader) Blob() msg.Blob { return r.blob }

func (r *reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	return r.close()
}

func (r *reader) Proof(lo, hi uint64) (leaves, proof []msg.Hash, err error) {
	n := uint64(len(r.leaves))
	if lo >= hi || hi > n {
		return nil, nil, fmt.Errorf("store: chunks %d to %d of blob %v, which has %d", lo, hi, r.blob.Root, n)
	}
	r.mu.Lock()
	proof, err = r.tree().RangeProof(int(lo), int(hi))
	r.mu.Unlock()
	return slices.Clone(r.leaves[lo:hi]), proof, err
}

// ReadAt implements io.ReaderAt.
func (r *reader) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, fmt.Errorf("store: reading blob %v at %d", r.blob.Root, off)
	}
	for len(p) > 0 {
		if uint64(off) >= r.blob.Size {
			return n, io.EOF
		}
		i, from := uint64(off)/chunk, int(off%chunk)
		length := chunkLen(r.blob, i)
		k := min(len(p), length-from)
		if k == length {
			err = r.chunk(i, p[:k])
		} else {
			err = r.part(i, length, func(whole []byte) { copy(p[:k], whole[from:]) })
		}
		if err != nil {
			return n, err
		}
		n, p, off = n+k, p[k:], off+int64(k)
	}
	return n, nil
}

// part gives use the whole of chunk i, and remembers it for the next one who wants a part of it.
func (r *reader) part(i uint64, length int, use func([]byte)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at != i || len(r.last) == 0 {
		if cap(r.last) < length {
			r.last = make([]byte, length)
		}
		r.last = r.last[:length]
		if err := r.chunk(i, r.last); err != nil {
			r.last = r.last[:0]
			return err
		}
		r.at = i
	}
	use(r.last)
	return nil
}

// chunk reads and checks chunk i.
func (r *reader) chunk(i uint64, p []byte) error {
	if _, err := r.data.ReadAt(p, int64(i*chunk)); err != nil {
		return fmt.Errorf("store: reading blob %v: %w", r.blob.Root, err)
	}
	if got := merkle.Leaf(p); got != r.leaves[i] {
		err := fmt.Errorf("store: chunk %d of blob %v: %w", i, r.blob.Root, ErrCorrupt)
		r.corrupt(err)
		return err
	}
	return nil
}

// ReadAll reads a blob of at most limit bytes into memory.
func ReadAll(s Blobs, b msg.Blob, limit uint64) ([]byte, error) {
	if b.Size > limit {
		return nil, fmt.Errorf("store: blob %v has %d bytes, at most %d wanted", b.Root, b.Size, limit)
	}
	r, err := s.Open(b)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data := make([]byte, b.Size)
	if _, err := r.ReadAt(data, 0); err != nil && err != io.EOF {
		return nil, err
	}
	return data, nil
}
