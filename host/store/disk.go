package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/gwrun/gwrun/proto/msg"
)

// What is in the directory:
//
//	index.db     where each object is, and who pins what; its lock keeps other processes out
//	jobs.db      the journals
//	packs/       pages, one after another; what lies beyond the length in the index was never acknowledged
//	blobs/ab/    blobs of more than one chunk, one file each: the data, then the leaf hashes
//	partial/     blobs that are still arriving, in the same form, with holes
//
// Nothing is visible before the index says so, and the index says so only after the bytes are on the disk.

const (
	formatVersion = 1
	maxOwner      = 256
)

// packMax is how long a pack grows; tests make it less.
var packMax int64 = 256 << 20

var (
	bucketMeta    = []byte("meta")    // "version" -> 1 byte; "seq" -> last number given, 8 bytes
	bucketObjects = []byte("objects") // hash -> entry
	bucketPacks   = []byte("packs")   // number, 4 bytes -> length, 8 bytes
	bucketPins    = []byte("pins")    // owner, 0, hash of the value -> hashes
	bucketEnds    = []byte("ends")    // owner -> when its pins end, Unix seconds, 8 bytes
)

// Options of a store. The zero value is the default of each.
type Options struct {
	// Quota is the most bytes of content. What nobody pins makes room for what is new. Default: none.
	Quota uint64

	now func() time.Time // tests: this node's clock
}

func (o Options) clock() func() time.Time {
	if o.now != nil {
		return o.now
	}
	return time.Now
}

// Disk is a Store in a directory.
type Disk struct {
	dir   string
	quota uint64
	now   func() time.Time
	index *bolt.DB
	jobs  *bolt.DB

	changes changes // to jobs

	// write orders the changes to the index and the packs; whoever holds it may wait for the disk.
	write   sync.Mutex
	lengths map[uint32]int64 // committed, of each pack; only for those who hold write

	// mu guards the rest, which changes under write too where it says so. It is held for moments only, except that readers
	// of packs share it while they read.
	mu       sync.RWMutex
	closed   bool                // under write
	packs    map[uint32]*os.File // under write
	total    uint64              // bytes of content
	count    [2]uint64           // pages, blobs
	reserved uint64              // bytes being written
	arriving map[msg.Hash]bool
	leftover map[msg.Blob]leftover // partial blobs that nobody has open
	left     uint64                // bytes of them
}

// entry says where an object is.
type entry struct {
	inFile bool
	seq    uint64 // order of arrival
	size   uint64
	pack   uint32 // pages only
	offset uint64
}

const entryLen = 1 + 8 + 8 + 4 + 8

func (e entry) encode() []byte {
	b := make([]byte, 1, entryLen)
	if e.inFile {
		b[0] = 1
	}
	b = binary.BigEndian.AppendUint64(b, e.seq)
	b = binary.BigEndian.AppendUint64(b, e.size)
	b = binary.BigEndian.AppendUint32(b, e.pack)
	return binary.BigEndian.AppendUint64(b, e.offset)
}

func decodeEntry(b []byte) (e entry, err error) {
	if len(b) != entryLen || b[0] > 1 {
		return e, fmt.Errorf("store: index: entry of %d bytes: %w", len(b), ErrCorrupt)
	}
	return entry{inFile: b[0] == 1, seq: binary.BigEndian.Uint64(b[1:]), size: binary.BigEndian.Uint64(b[9:]),
		pack: binary.BigEndian.Uint32(b[17:]), offset: binary.BigEndian.Uint64(b[21:])}, nil
}

// Open opens the store in dir, making it if there is none. Only one process can have it open.
func Open(dir string, o Options) (*Disk, error) {
	for _, sub := range []string{"", "packs", "blobs", "partial"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, wrap(dir, err)
		}
	}
	d := &Disk{dir: dir, quota: o.Quota, now: o.clock(), packs: map[uint32]*os.File{}, lengths: map[uint32]int64{}, arriving: map[msg.Hash]bool{}, leftover: map[msg.Blob]leftover{}}
	var err error
	if d.index, err = openDB(filepath.Join(dir, "index.db")); err != nil {
		return nil, wrap(dir, err)
	}
	if d.jobs, err = openDB(filepath.Join(dir, "jobs.db")); err == nil {
		err = d.load()
	}
	if err != nil {
		return nil, errors.Join(wrap(dir, err), d.release())
	}
	return d, nil
}

func openDB(path string) (*bolt.DB, error) {
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second, FreelistType: bolt.FreelistMapType, NoFreelistSync: true})
	if errors.Is(err, berrors.ErrTimeout) {
		return nil, ErrLocked
	}
	if errors.Is(err, berrors.ErrInvalid) || errors.Is(err, berrors.ErrChecksum) || errors.Is(err, berrors.ErrVersionMismatch) {
		return nil, fmt.Errorf("%s: %v: %w", filepath.Base(path), err, ErrCorrupt)
	}
	return db, err
}

// load reads what the index knows and removes what it does not.
func (d *Disk) load() error {
	err := d.index.Update(func(tx *bolt.Tx) error {
		for _, name := range [][]byte{bucketMeta, bucketObjects, bucketPacks, bucketPins, bucketEnds} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		meta := tx.Bucket(bucketMeta)
		if v := meta.Get([]byte("version")); v == nil {
			return meta.Put([]byte("version"), []byte{formatVersion})
		} else if len(v) != 1 || v[0] != formatVersion {
			return fmt.Errorf("format version %x, this program knows %d: use the program that made it, or another --data", v, formatVersion)
		}
		return nil
	})
	if err != nil {
		return err
	}
	files := map[string]bool{}
	err = d.index.View(func(tx *bolt.Tx) error {
		err := tx.Bucket(bucketPacks).ForEach(func(k, v []byte) error {
			if len(k) != 4 || len(v) != 8 {
				return fmt.Errorf("index: pack record: %w", ErrCorrupt)
			}
			d.lengths[binary.BigEndian.Uint32(k)] = int64(binary.BigEndian.Uint64(v))
			return nil
		})
		if err != nil {
			return err
		}
		return tx.Bucket(bucketObjects).ForEach(func(k, v []byte) error {
			e, err := decodeEntry(v)
			if err != nil || len(k) != len(msg.Hash{}) {
				return errors.Join(err, ErrCorrupt)
			}
			d.add(e, 1)
			if e.inFile {
				files[msg.Hash(k).String()] = true
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	for n, length := range d.lengths {
		f, err := os.OpenFile(d.packPath(n), os.O_RDWR, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue // its pages are found missing, one by one, as they are asked for
		}
		if err != nil {
			return err
		}
		d.packs[n] = f
		if fi, err := f.Stat(); err != nil {
			return err
		} else if fi.Size() > length {
			if err := f.Truncate(length); err != nil {
				return err
			}
		}
	}
	return d.sweep(files)
}

// sweep removes files that a crash left before they were acknowledged.
func (d *Disk) sweep(files map[string]bool) error {
	packs, err := os.ReadDir(filepath.Join(d.dir, "packs"))
	if err != nil {
		return err
	}
	for _, p := range packs {
		known := slices.ContainsFunc(packNumbers(d.packs), func(n uint32) bool { return p.Name() == filepath.Base(d.packPath(n)) })
		if !known {
			if err := os.Remove(filepath.Join(d.dir, "packs", p.Name())); err != nil {
				return err
			}
		}
	}
	err = filepath.WalkDir(filepath.Join(d.dir, "blobs"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || files[e.Name()] {
			return err
		}
		return os.Remove(path)
	})
	if err != nil {
		return err
	}
	return d.findLeft()
}

func packNumbers(packs map[uint32]*os.File) []uint32 {
	var ns []uint32
	for n := range packs {
		ns = append(ns, n)
	}
	return ns
}

func (d *Disk) packPath(n uint32) string {
	return filepath.Join(d.dir, "packs", fmt.Sprintf("%08x.pack", n))
}

func (d *Disk) blobPath(h msg.Hash) string {
	s := h.String()
	return filepath.Join(d.dir, "blobs", s[:2], s)
}

// add counts an object in or, with n -1, out.
func (d *Disk) add(e entry, n int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.total += uint64(n * int64(e.size))
	kind := 0
	if e.inFile {
		kind = 1
	}
	d.count[kind] += uint64(n)
}

// Close closes the store. Partial blobs must be closed before.
func (d *Disk) Close() error {
	d.write.Lock()
	defer d.write.Unlock()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	return wrap(d.dir, d.release())
}

func (d *Disk) release() error {
	var errs []error
	for _, db := range []*bolt.DB{d.index, d.jobs} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	for _, f := range d.packs {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// wrap says where an error was and, for one that a person can mend, how.
func wrap(dir string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrFull) || errors.Is(err, ErrNotFound) || errors.Is(err, ErrClosed) && strings.HasPrefix(err.Error(), "store: "):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return fmt.Errorf("store: %w on device, in %s: free space there or take a directory with more (%v)", ErrFull, dir, err)
	case errors.Is(err, ErrLocked):
		return fmt.Errorf("store: %s is %w: is another gwrun running? stop it or set another --data", dir, ErrLocked)
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return fmt.Errorf("store: %w", ErrClosed)
	}
	return fmt.Errorf("store: %s: %w", dir, err)
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // NTFS journals them
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func checkOwner(owner string) error {
	if owner == "" || len(owner) > maxOwner || strings.ContainsRune(owner, 0) {
		return fmt.Errorf("store: owner %.40q: wanted 1 to %d bytes, none of them zero", owner, maxOwner)
	}
	return nil
}

// find looks an object up.
func (d *Disk) find(tx *bolt.Tx, h msg.Hash) (e entry, ok bool, err error) {
	v := tx.Bucket(bucketObjects).Get(h[:])
	if v == nil {
		return e, false, nil
	}
	e, err = decodeEntry(v)
	return e, err == nil, err
}

// lookup is find in a transaction of its own.
func (d *Disk) lookup(h msg.Hash) (e entry, ok bool, err error) {
	err = d.index.View(func(tx *bolt.Tx) (err error) {
		e, ok, err = d.find(tx, h)
		return err
	})
	return e, ok, err
}

// nextSeq gives the next number of arrival.
func nextSeq(tx *bolt.Tx) (uint64, error) {
	return tx.Bucket(bucketObjects).NextSequence()
}

// forget drops an object found damaged, so that it can be stored or fetched anew. Pins stay and hold the new one.
func (d *Disk) forget(h msg.Hash) {
	d.write.Lock()
	defer d.write.Unlock()
	var e entry
	var ok bool
	err := d.index.Update(func(tx *bolt.Tx) (err error) {
		if e, ok, err = d.find(tx, h); !ok || err != nil {
			return err
		}
		return tx.Bucket(bucketObjects).Delete(h[:])
	})
	if err != nil || !ok {
		return // the damage will be met again
	}
	d.add(e, -1)
	if e.inFile {
		os.Remove(d.blobPath(h))
	}
}
