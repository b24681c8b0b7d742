package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"

	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

const putPrefix = "put-"

// inPack says whether b is kept as a page.
func inPack(b msg.Blob) bool { return b.Size <= chunk }

func empty(b msg.Blob) bool { return b.Size == 0 && b.Root == merkle.Empty }

// firstChunk reads r up to one chunk. whole says that this is all of it.
func firstChunk(r io.Reader) (p []byte, whole bool, err error) {
	p = make([]byte, chunk+1)
	n, err := io.ReadFull(r, p)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return p[:n], true, nil
	}
	return p, false, err
}

// Put implements Blobs.
func (d *Disk) Put(ctx context.Context, owner string, r io.Reader) (msg.Blob, error) {
	if err := checkOwner(owner); err != nil {
		return msg.Blob{}, err
	}
	first, whole, err := firstChunk(r)
	if err != nil {
		return msg.Blob{}, fmt.Errorf("store: reading what to store: %w", err)
	}
	if len(first) == 0 {
		return msg.Blob{Root: merkle.Empty}, nil
	}
	if whole && len(first) <= chunk {
		hashes, err := d.PutPages(owner, [][]byte{first})
		if err != nil {
			return msg.Blob{}, err
		}
		return msg.Blob{Root: hashes[0], Size: uint64(len(first))}, nil
	}
	b, err := d.putFile(ctx, owner, io.MultiReader(newSlice(first), r))
	return b, wrap(d.dir, err)
}

func (d *Disk) putFile(ctx context.Context, owner string, r io.Reader) (b msg.Blob, err error) {
	f, err := os.CreateTemp(filepath.Join(d.dir, "partial"), putPrefix+"*")
	if err != nil {
		return b, err
	}
	var reserved uint64
	defer func() {
		d.unreserve(reserved)
		if err != nil {
			err = errors.Join(err, ignoreClosed(f.Close()), os.Remove(f.Name()))
		}
	}()
	buf := make([]byte, chunk)
	var leaves []msg.Hash
	for {
		if err := ctx.Err(); err != nil {
			return b, fmt.Errorf("store: %w", err)
		}
		n, err := io.ReadFull(r, buf)
		if err == io.EOF {
			break
		}
		last := err == io.ErrUnexpectedEOF
		if err != nil && !last {
			return b, fmt.Errorf("store: reading what to store: %w", err)
		}
		if b.Size+uint64(n) > blobs.MaxBlob {
			return b, fmt.Errorf("store: blob beyond %d bytes", uint64(blobs.MaxBlob))
		}
		if err := d.reserve(uint64(n)); err != nil {
			return b, err
		}
		reserved += uint64(n)
		if _, err := f.Write(buf[:n]); err != nil {
			return b, err
		}
		leaves = append(leaves, merkle.Leaf(buf[:n]))
		b.Size += uint64(n)
		if last {
			break
		}
	}
	b.Root = merkle.Root(leaves)
	if _, err := f.Write(flatten(leaves)); err != nil {
		return b, err
	}
	return b, d.finish(f, b, owner)
}

func ignoreClosed(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

func flatten(hashes []msg.Hash) []byte {
	b := make([]byte, 0, len(hashes)*len(msg.Hash{}))
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	return b
}

// finish makes a complete file durable and visible. The file is closed if all goes well.
func (d *Disk) finish(f *os.File, b msg.Blob, owner string) error {
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	d.write.Lock()
	defer d.write.Unlock()
	if d.closed {
		return fmt.Errorf("store: %w", ErrClosed)
	}
	_, have, err := d.lookup(b.Root)
	if err != nil {
		return err
	}
	path := d.blobPath(b.Root)
	if have {
		// It arrived meanwhile. Its pin is all that is left to do.
		if err := os.Remove(f.Name()); err != nil {
			return err
		}
	} else {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.Rename(f.Name(), path); err != nil {
			return err
		}
		if err := errors.Join(syncDir(filepath.Dir(path)), syncDir(filepath.Join(d.dir, "blobs"))); err != nil {
			return err
		}
	}
	e := entry{inFile: true, size: b.Size}
	err = d.index.Update(func(tx *bolt.Tx) error {
		if !have {
			seq, err := nextSeq(tx)
			if err != nil {
				return err
			}
			e.seq = seq
			if err := tx.Bucket(bucketObjects).Put(b.Root[:], e.encode()); err != nil {
				return err
			}
		}
		return d.pin(tx, owner, []msg.Hash{b.Root})
	})
	if err == nil && !have {
		d.add(e, 1)
	}
	return err
}

// Has implements Blobs.
func (d *Disk) Has(b msg.Blob) bool {
	if empty(b) {
		return true
	}
	e, ok, err := d.lookup(b.Root)
	return err == nil && ok && e.size == b.Size && e.inFile == !inPack(b)
}

func notFound(b msg.Blob) error {
	return fmt.Errorf("store: blob %v of %d bytes: %w", b.Root, b.Size, ErrNotFound)
}

// Open implements Blobs.
func (d *Disk) Open(b msg.Blob) (Reader, error) {
	r, err := d.open(b)
	if errors.Is(err, ErrCorrupt) {
		d.forget(b.Root)
	}
	if err != nil {
		return nil, wrap(d.dir, err)
	}
	return r, nil
}

func nothing() error { return nil }

func (d *Disk) open(b msg.Blob) (Reader, error) {
	if empty(b) {
		return newReader(b, nil, newSlice(nil), nothing, nil), nil
	}
	if !d.Has(b) {
		return nil, notFound(b)
	}
	if inPack(b) {
		p, err := d.readPage(b.Root)
		if err != nil {
			return nil, err
		}
		return newReader(b, []msg.Hash{b.Root}, newSlice(p), nothing, func(error) {}), nil
	}
	f, err := os.Open(d.blobPath(b.Root))
	if errors.Is(err, fs.ErrNotExist) {
		if !d.Has(b) {
			return nil, notFound(b) // removed between the two looks
		}
		return nil, fmt.Errorf("blob %v: its file is gone: %w", b.Root, ErrCorrupt)
	}
	if err != nil {
		return nil, err
	}
	leaves, err := readLeaves(f, b)
	if err == nil && merkle.Root(leaves) != b.Root {
		err = fmt.Errorf("blob %v: its leaf hashes: %w", b.Root, ErrCorrupt)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return newReader(b, leaves, f, f.Close, func(error) { d.forget(b.Root) }), nil
}

// readLeaves reads the leaf hashes that follow a blob's data.
func readLeaves(f *os.File, b msg.Blob) ([]msg.Hash, error) {
	n := chunks(b)
	raw := make([]byte, n*uint64(len(msg.Hash{})))
	if _, err := f.ReadAt(raw, int64(b.Size)); err != nil {
		return nil, fmt.Errorf("blob %v: its leaf hashes: %v: %w", b.Root, err, ErrCorrupt)
	}
	leaves := make([]msg.Hash, n)
	for i := range leaves {
		leaves[i] = msg.Hash(raw[i*len(msg.Hash{}):])
	}
	return leaves, nil
}

// Pin implements Blobs.
func (d *Disk) Pin(owner string, list ...msg.Blob) error {
	if err := checkOwner(owner); err != nil {
		return err
	}
	d.write.Lock()
	defer d.write.Unlock()
	return wrap(d.dir, d.index.Update(func(tx *bolt.Tx) error {
		var hashes []msg.Hash
		for _, b := range list {
			if empty(b) {
				continue
			}
			e, ok, err := d.find(tx, b.Root)
			if err != nil {
				return err
			}
			if !ok || e.size != b.Size || e.inFile == inPack(b) {
				return fmt.Errorf("pinning: %w", notFound(b))
			}
			hashes = append(hashes, b.Root)
		}
		return d.pin(tx, owner, hashes)
	}))
}
