package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/gwrun/gwrun/proto/msg"
)

// Usage implements Store.
func (d *Disk) Usage() (Usage, error) {
	d.mu.RLock()
	u := Usage{Pages: d.count[0], Blobs: d.count[1], Bytes: d.total, Arriving: d.reserved + d.left, Quota: d.quota}
	d.mu.RUnlock()
	var err error
	u.Pinned, err = d.held()
	return u, wrap(d.dir, err)
}

// held is how many bytes somebody pins.
func (d *Disk) held() (n uint64, _ error) {
	return n, d.index.View(func(tx *bolt.Tx) error {
		all, err := d.pinned(tx)
		if err != nil {
			return err
		}
		for h := range all {
			e, ok, err := d.find(tx, h)
			if err != nil {
				return err
			}
			if ok {
				n += e.size
			}
		}
		return nil
	})
}

// reserve takes n bytes of the quota for something being written.
func (d *Disk) reserve(n uint64) error {
	if ok, err := d.take(n); ok || err != nil {
		return err
	}
	d.write.Lock()
	defer d.write.Unlock()
	return wrap(d.dir, d.room(n, nil))
}

// take reserves n bytes if they are free.
func (d *Disk) take(n uint64) (ok bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return false, fmt.Errorf("store: %w", ErrClosed)
	}
	if d.quota > 0 && d.used()+n > d.quota {
		return false, nil
	}
	d.reserved += n
	return true, nil
}

// used is what counts against the quota: what is here, what is being written, and what arrived of blobs whose fetch broke off.
// d.mu is held.
func (d *Disk) used() uint64 { return d.total + d.reserved + d.left }

func (d *Disk) unreserve(n uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reserved -= n
}

// room is reserve, removing what nobody pins and keep does not name if it must, and then what is left of fetches that broke off.
// d.write is held.
func (d *Disk) room(n uint64, keep []msg.Hash) error {
	if ok, err := d.take(n); ok || err != nil {
		return err
	}
	used := func() uint64 {
		d.mu.RLock()
		defer d.mu.RUnlock()
		return d.used()
	}
	short := func() uint64 { return used() + n - min(used()+n, d.quota) }
	if err := d.expire(); err != nil {
		return err
	}
	// A sixteenth more than is needed, so that a store at its quota does not collect at every write.
	if _, err := d.collect(short()+d.quota/16, keep); err != nil {
		return err
	}
	if err := d.dropLeft(short()); err != nil {
		return err
	}
	if ok, err := d.take(n); ok || err != nil {
		return err
	}
	return fmt.Errorf("store: %w: %d more bytes, with %d of a quota of %d in use: release jobs or raise the quota", ErrFull, n, used(), d.quota)
}

// GC implements Store. It also removes partial blobs that nobody has touched for a week.
func (d *Disk) GC(keep uint64) (uint64, error) {
	d.write.Lock()
	defer d.write.Unlock()
	if d.closed {
		return 0, fmt.Errorf("store: %w", ErrClosed)
	}
	if err := d.expire(); err != nil {
		return 0, wrap(d.dir, err)
	}
	held, err := d.held()
	if err != nil {
		return 0, wrap(d.dir, err)
	}
	d.mu.RLock()
	loose := d.total - held
	d.mu.RUnlock()
	var freed uint64
	if loose > keep {
		freed, err = d.collect(loose-keep, nil)
	}
	return freed, wrap(d.dir, errors.Join(err, d.dropStale()))
}

// collect removes at least want bytes of what nobody pins and keep does not name, oldest first, or all there is of it.
// d.write is held.
func (d *Disk) collect(want uint64, keep []msg.Hash) (freed uint64, err error) {
	var loose []placed
	err = d.index.View(func(tx *bolt.Tx) error {
		held, err := d.pinned(tx)
		if err != nil {
			return err
		}
		for _, h := range keep {
			held[h] = struct{}{}
		}
		return tx.Bucket(bucketObjects).ForEach(func(k, v []byte) error {
			if _, ok := held[msg.Hash(k)]; ok {
				return nil
			}
			e, err := decodeEntry(v)
			loose = append(loose, placed{msg.Hash(k), e})
			return err
		})
	})
	if err != nil || len(loose) == 0 {
		return 0, err
	}
	slices.SortFunc(loose, func(a, b placed) int {
		if a.seq < b.seq {
			return -1
		}
		return 1
	})
	n := 0
	for n < len(loose) && freed < want {
		freed += loose[n].size
		n++
	}
	loose = loose[:n]
	err = d.index.Update(func(tx *bolt.Tx) error {
		for _, p := range loose {
			if err := tx.Bucket(bucketObjects).Delete(p.hash[:]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, p := range loose {
		d.add(p.entry, -1)
		if p.inFile {
			errs = append(errs, os.Remove(d.blobPath(p.hash)))
		}
	}
	errs = append(errs, d.compact())
	return freed, errors.Join(errs...)
}

// compact moves the pages out of packs that are mostly holes, and removes those packs. d.write is held.
func (d *Disk) compact() error {
	live := map[uint32]int64{}
	pages := map[uint32][]placed{}
	err := d.index.View(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketObjects).ForEach(func(k, v []byte) error {
			e, err := decodeEntry(v)
			if err == nil && !e.inFile {
				live[e.pack] += int64(e.size)
				pages[e.pack] = append(pages[e.pack], placed{msg.Hash(k), e})
			}
			return err
		})
	})
	if err != nil {
		return err
	}
	// What is to go is settled before anything moves: pages move to the last pack and to new ones behind it, and none of those may be
	// among it.
	for _, n := range slices.Collect(maps.Keys(d.lengths)) {
		if live[n] == 0 && d.lengths[n] > 0 {
			if err := d.dropPack(n, nil, nil); err != nil { // of the last one the next page begins anew
				return err
			}
		}
	}
	last, _ := d.lastPack()
	var sparse []uint32
	for n, length := range d.lengths {
		if n != last && live[n]*2 <= length {
			sparse = append(sparse, n)
		}
	}
	slices.Sort(sparse)
	for _, n := range sparse {
		moved := pages[n]
		slices.SortFunc(moved, func(a, b placed) int {
			if a.offset < b.offset {
				return -1
			}
			return 1
		})
		var readErr error
		placement, lengths, err := d.appendPages(len(moved), func(i int) (msg.Hash, []byte) {
			p, err := d.pageAt(moved[i].hash, moved[i].entry)
			readErr = errors.Join(readErr, err)
			return moved[i].hash, p
		})
		if err = errors.Join(err, readErr); err != nil {
			if errors.Is(err, ErrCorrupt) {
				continue // GetPage deals with the damaged page; the pack stays
			}
			return err
		}
		for i := range placement {
			placement[i].seq = moved[i].seq
		}
		if err := d.dropPack(n, placement, lengths); err != nil {
			return err
		}
	}
	return nil
}

// dropPack records where the pages of pack n have been moved to, and removes it. d.write is held.
func (d *Disk) dropPack(n uint32, placement []placed, lengths map[uint32]int64) error {
	err := d.index.Update(func(tx *bolt.Tx) error {
		if err := place(tx, placement, lengths, false); err != nil {
			return err
		}
		return tx.Bucket(bucketPacks).Delete(binary.BigEndian.AppendUint32(nil, n))
	})
	if err != nil {
		return err
	}
	for k, length := range lengths {
		d.lengths[k] = length
	}
	return d.removePack(n)
}
