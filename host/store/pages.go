package store

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// HashPages gives the names of pages.
func HashPages(pages [][]byte) []msg.Hash { return merkle.LeavesOf(pages) }

// hashPages hashes pages and refuses those that are too long.
func hashPages(pages [][]byte) ([]msg.Hash, error) {
	for _, p := range pages {
		if len(p) > blobs.MaxPage {
			return nil, fmt.Errorf("store: page of %d bytes, at most %d wanted", len(p), blobs.MaxPage)
		}
	}
	return HashPages(pages), nil
}

// PutPages implements Pages: one write to a pack and one transaction for all of them.
func (d *Disk) PutPages(owner string, pages [][]byte) ([]msg.Hash, error) {
	if err := checkOwner(owner); err != nil {
		return nil, err
	}
	hashes, err := hashPages(pages)
	if err != nil {
		return nil, err
	}
	d.write.Lock()
	defer d.write.Unlock()
	if err := d.putPages(owner, hashes, pages); err != nil {
		return nil, wrap(d.dir, err)
	}
	return hashes, nil
}

// placed is a page on its way into the index.
type placed struct {
	hash msg.Hash
	entry
}

func (d *Disk) putPages(owner string, hashes []msg.Hash, pages [][]byte) error {
	if d.closed {
		return fmt.Errorf("store: %w", ErrClosed)
	}
	if len(pages) == 0 {
		return nil
	}
	var fresh []int
	var size uint64
	seen := map[msg.Hash]bool{}
	err := d.index.View(func(tx *bolt.Tx) error {
		for i, h := range hashes {
			if seen[h] {
				continue
			}
			seen[h] = true
			_, ok, err := d.find(tx, h)
			if err != nil {
				return err
			}
			if !ok {
				fresh = append(fresh, i)
				size += uint64(len(pages[i]))
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	// Making room must not remove what this batch has just been told is here.
	if err := d.room(size, hashes); err != nil {
		return err
	}
	defer d.unreserve(size)
	placement, lengths, err := d.appendPages(len(fresh), func(i int) (msg.Hash, []byte) { return hashes[fresh[i]], pages[fresh[i]] })
	if err != nil {
		return err
	}
	err = d.index.Update(func(tx *bolt.Tx) error {
		if err := place(tx, placement, lengths, true); err != nil {
			return err
		}
		return d.pin(tx, owner, hashes)
	})
	if err != nil {
		return err
	}
	for _, p := range placement {
		d.add(p.entry, 1)
	}
	for n, length := range lengths {
		d.lengths[n] = length
	}
	return nil
}

// appendPages writes n pages behind what packs hold, and syncs. Nothing counts until place and d.lengths say so; what a
// failed attempt wrote is overwritten by the next. d.write is held.
func (d *Disk) appendPages(n int, page func(int) (msg.Hash, []byte)) (placement []placed, lengths map[uint32]int64, err error) {
	lengths = map[uint32]int64{}
	if n == 0 {
		return nil, lengths, nil
	}
	number, at := d.lastPack()
	var buf []byte
	var start int64
	flush := func() error {
		if len(buf) == 0 {
			return nil
		}
		f := d.packs[number]
		if _, err := f.WriteAt(buf, start); err != nil {
			return err
		}
		lengths[number] = at
		buf, start = buf[:0], at
		return nil
	}
	sync := func() error {
		if err := flush(); err != nil {
			return err
		}
		return d.packs[number].Sync()
	}
	if err := d.openPack(number); err != nil {
		return nil, nil, err
	}
	start = at
	for i := range n {
		h, p := page(i)
		if at > 0 && at+int64(len(p)) > packMax {
			if err := sync(); err != nil {
				return nil, nil, err
			}
			number, at, start = number+1, 0, 0
			if err := d.openPack(number); err != nil {
				return nil, nil, err
			}
		}
		placement = append(placement, placed{h, entry{size: uint64(len(p)), pack: number, offset: uint64(at)}})
		buf = append(buf, p...)
		at += int64(len(p))
		if len(buf) >= 4<<20 {
			if err := flush(); err != nil {
				return nil, nil, err
			}
		}
	}
	lengths[number] = at
	return placement, lengths, sync()
}

// lastPack is where the next page goes.
func (d *Disk) lastPack() (number uint32, at int64) {
	number = 1
	for n := range d.lengths {
		number = max(number, n)
	}
	if d.lengths[number] > 0 && d.packs[number] == nil {
		return number + 1, 0 // the file is gone, its number stays taken
	}
	return number, d.lengths[number]
}

func (d *Disk) openPack(n uint32) error {
	if d.packs[n] != nil {
		return nil
	}
	f, err := os.OpenFile(d.packPath(n), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := syncDir(filepath.Join(d.dir, "packs")); err != nil {
		return errors.Join(err, f.Close())
	}
	d.mu.Lock()
	d.packs[n] = f
	d.mu.Unlock()
	return nil
}

// place records pages in the index. New ones get their number of arrival, moved ones keep it.
func place(tx *bolt.Tx, placement []placed, lengths map[uint32]int64, fresh bool) error {
	objects := tx.Bucket(bucketObjects)
	for i := range placement {
		p := &placement[i]
		if fresh {
			seq, err := nextSeq(tx)
			if err != nil {
				return err
			}
			p.seq = seq
		}
		if err := objects.Put(p.hash[:], p.encode()); err != nil {
			return err
		}
	}
	for n, length := range lengths {
		k, v := binary.BigEndian.AppendUint32(nil, n), binary.BigEndian.AppendUint64(nil, uint64(length))
		if err := tx.Bucket(bucketPacks).Put(k, v); err != nil {
			return err
		}
	}
	return nil
}

// GetPage implements Pages.
func (d *Disk) GetPage(h msg.Hash) ([]byte, error) {
	p, err := d.readPage(h)
	if errors.Is(err, ErrCorrupt) {
		d.forget(h)
	}
	return p, wrap(d.dir, err)
}

func (d *Disk) readPage(h msg.Hash) ([]byte, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return nil, fmt.Errorf("store: %w", ErrClosed)
	}
	e, ok, err := d.lookup(h)
	if err != nil {
		return nil, err
	}
	if !ok || e.inFile {
		return nil, fmt.Errorf("store: page %v: %w", h, ErrNotFound)
	}
	return d.pageAt(h, e)
}

// pageAt reads a page from its pack. d.mu or d.write is held.
func (d *Disk) pageAt(h msg.Hash, e entry) ([]byte, error) {
	f := d.packs[e.pack]
	if f == nil || e.size > blobs.MaxPage {
		return nil, fmt.Errorf("page %v: its pack is gone: %w", h, ErrCorrupt)
	}
	p := make([]byte, e.size)
	if _, err := f.ReadAt(p, int64(e.offset)); err != nil {
		return nil, fmt.Errorf("page %v: %v: %w", h, err, ErrCorrupt)
	}
	if merkle.Leaf(p) != h {
		return nil, fmt.Errorf("page %v: %w", h, ErrCorrupt)
	}
	return p, nil
}

// maxRun is how much of a pack GetPages reads at once.
const maxRun = 1 << 20

// GetPages implements Pages. Pages that lie behind one another in a pack, as those do that came together, are read at once.
func (d *Disk) GetPages(hashes []msg.Hash) ([][]byte, error) {
	pages, err := d.readPages(hashes)
	if err != nil {
		return nil, wrap(d.dir, err)
	}
	for i, h := range merkle.LeavesOf(pages) {
		if h != hashes[i] {
			d.forget(hashes[i])
			return nil, wrap(d.dir, fmt.Errorf("page %v: %w", hashes[i], ErrCorrupt))
		}
	}
	return pages, nil
}

func (d *Disk) readPages(hashes []msg.Hash) ([][]byte, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return nil, fmt.Errorf("store: %w", ErrClosed)
	}
	at := make([]entry, len(hashes))
	order := make([]int, len(hashes))
	err := d.index.View(func(tx *bolt.Tx) error {
		for i, h := range hashes {
			e, ok, err := d.find(tx, h)
			if err != nil {
				return err
			}
			if !ok || e.inFile {
				return fmt.Errorf("store: page %v: %w", h, ErrNotFound)
			}
			if d.packs[e.pack] == nil || e.size > blobs.MaxPage {
				return fmt.Errorf("page %v: its pack is gone: %w", h, ErrCorrupt)
			}
			at[i], order[i] = e, i
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(at[a].pack, at[b].pack), cmp.Compare(at[a].offset, at[b].offset))
	})
	pages := make([][]byte, len(hashes))
	for len(order) > 0 {
		first := at[order[0]]
		n, end := 0, first.offset
		for n < len(order) {
			e := at[order[n]]
			if e.pack != first.pack || e.offset > end || e.offset+e.size-first.offset > maxRun {
				break // an offset below end is the same page again
			}
			end = max(end, e.offset+e.size)
			n++
		}
		run := make([]byte, end-first.offset)
		if _, err := d.packs[first.pack].ReadAt(run, int64(first.offset)); err != nil {
			return nil, fmt.Errorf("page %v: %v: %w", hashes[order[0]], err, ErrCorrupt)
		}
		for _, i := range order[:n] {
			from := at[i].offset - first.offset
			pages[i] = run[from : from+at[i].size : from+at[i].size]
		}
		order = order[n:]
	}
	return pages, nil
}

// PinPages implements Pages.
func (d *Disk) PinPages(owner string, hashes []msg.Hash) error {
	if err := checkOwner(owner); err != nil {
		return err
	}
	d.write.Lock()
	defer d.write.Unlock()
	return wrap(d.dir, d.index.Update(func(tx *bolt.Tx) error {
		for _, h := range hashes {
			if e, ok, err := d.find(tx, h); err != nil {
				return err
			} else if !ok || e.inFile {
				return fmt.Errorf("store: pinning page %v: %w", h, ErrNotFound)
			}
		}
		return d.pin(tx, owner, hashes)
	}))
}

// MissingPages implements Pages. Should the index be unreadable, everything is missing.
func (d *Disk) MissingPages(hashes []msg.Hash) []msg.Hash {
	var missing []msg.Hash
	seen := map[msg.Hash]bool{}
	look := func(tx *bolt.Tx) {
		for _, h := range hashes {
			if seen[h] {
				continue
			}
			seen[h] = true
			if tx != nil {
				if e, ok, err := d.find(tx, h); ok && err == nil && !e.inFile {
					continue
				}
			}
			missing = append(missing, h)
		}
	}
	if d.index.View(func(tx *bolt.Tx) error { look(tx); return nil }) != nil {
		look(nil)
	}
	return missing
}

// removePack deletes an empty or compacted pack's file. d.write is held.
func (d *Disk) removePack(n uint32) error {
	d.mu.Lock() // readers have finished with it
	f := d.packs[n]
	delete(d.packs, n)
	d.mu.Unlock()
	delete(d.lengths, n)
	var err error
	if f != nil {
		err = f.Close()
	}
	if e := os.Remove(d.packPath(n)); e != nil && !errors.Is(e, fs.ErrNotExist) {
		err = errors.Join(err, e)
	}
	return err
}
