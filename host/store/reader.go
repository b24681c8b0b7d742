package store

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/gwrun/gwrun/proto/blobs"
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
			k, err = r.whole(i, p)
		} else {
			err = r.part(i, length, func(whole []byte) { copy(p[:k], whole[from:]) })
			if err != nil {
				k = 0
			}
		}
		n, p, off = n+k, p[k:], off+int64(k)
		if err != nil {
			return n, err
		}
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
		if _, err := r.whole(i, r.last); err != nil {
			r.last = r.last[:0]
			return err
		}
		r.at = i
	}
	use(r.last)
	return nil
}

// most is how many chunks are read at once: as many as package merkle hashes side by side.
const most = 16

// whole reads and checks whole chunks from i on, as many as fit into p, which has room for one, and most. It says how many bytes
// are good.
func (r *reader) whole(i uint64, p []byte) (n int, err error) {
	hi := i
	for length := 0; hi < i+most && hi < uint64(len(r.leaves)); hi++ {
		if length += chunkLen(r.blob, hi); length > len(p) {
			break
		}
		n = length
	}
	p = p[:n]
	if _, err := r.data.ReadAt(p, int64(i*chunk)); err != nil {
		return 0, fmt.Errorf("store: reading blob %v: %w", r.blob.Root, err)
	}
	good, err := blobs.CheckChunks(r.blob, i, r.leaves[i:hi], p)
	if err != nil {
		err = fmt.Errorf("store: %w: %w", err, ErrCorrupt)
		r.corrupt(err)
		return good * chunk, err
	}
	return n, nil
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

// Stream opens a blob to be read from its beginning to its end.
func Stream(s Blobs, b msg.Blob) (io.ReadCloser, error) {
	r, err := s.Open(b)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(r, 0, int64(b.Size)), r}, nil
}

// PutAll stores blobs that are in memory; the small ones are one write.
func PutAll(ctx context.Context, s Store, owner string, data ...[]byte) ([]msg.Blob, error) {
	list := make([]msg.Blob, len(data))
	var pages [][]byte
	var of []int
	for i, d := range data {
		if list[i].Size = uint64(len(d)); len(d) > 0 && inPack(list[i]) {
			pages, of = append(pages, d), append(of, i)
			continue
		}
		var err error
		if list[i], err = s.Put(ctx, owner, bytes.NewReader(d)); err != nil {
			return nil, err
		}
	}
	if len(pages) == 0 {
		return list, nil
	}
	hashes, err := s.PutPages(owner, pages)
	if err != nil {
		return nil, err
	}
	for k, i := range of {
		list[i].Root = hashes[k]
	}
	return list, nil
}
