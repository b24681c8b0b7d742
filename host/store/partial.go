package store

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// A partial blob's file has the form of a whole one. A chunk is here if it hashes to the leaf written for it, and only
// verified leaves are ever written: nothing else needs to survive a crash. A hole reads as a leaf of zeros, to which nothing
// hashes.

// arrivals tells which chunks of a blob are here.
type arrivals struct {
	blob msg.Blob
	mu   sync.Mutex
	have []bool
	n    uint64
}

// got marks n chunks from lo on as here, and says how many bytes of them were not before.
func (a *arrivals) got(lo uint64, n int) (fresh uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := lo; i < lo+uint64(n); i++ {
		if !a.have[i] {
			a.have[i] = true
			a.n++
			fresh += uint64(chunkLen(a.blob, i))
		}
	}
	return fresh
}

// lacks says how many bytes of n chunks from lo on are not here.
func (a *arrivals) lacks(lo uint64, n int) (bytes uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := lo; i < lo+uint64(n); i++ {
		if !a.have[i] {
			bytes += uint64(chunkLen(a.blob, i))
		}
	}
	return bytes
}

func (a *arrivals) complete() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if n := uint64(len(a.have)); a.n != n {
		return fmt.Errorf("store: blob %v is not whole: %d of %d chunks", a.blob.Root, a.n, n)
	}
	return nil
}

func (a *arrivals) Missing() [][2]uint64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	var ranges [][2]uint64
	for i := 0; i < len(a.have); i++ {
		if a.have[i] {
			continue
		}
		lo := i
		for i < len(a.have) && !a.have[i] {
			i++
		}
		ranges = append(ranges, [2]uint64{uint64(lo), uint64(i)})
	}
	return ranges
}

// check says how many of the chunks are what they should be, up to the first that is not, with the bytes of those.
func (a *arrivals) check(lo uint64, leaves []msg.Hash, data []byte) (n int, good []byte, err error) {
	if n, err = blobs.CheckChunks(a.blob, lo, leaves, data); err != nil {
		err = fmt.Errorf("store: %w", err)
	}
	return n, data[:min(n*chunk, len(data))], err
}

func checkBlob(b msg.Blob) error {
	if b.Size > blobs.MaxBlob {
		return fmt.Errorf("store: blob %v of %d bytes, at most %d wanted", b.Root, b.Size, uint64(blobs.MaxBlob))
	}
	return nil
}

type diskPartial struct {
	arrivals
	d        *Disk
	f        *os.File
	reserved uint64
	once     sync.Once
	gone     bool // committed or discarded

	unsynced uint64 // bytes written since the last sync began
	syncing  bool
	syncs    sync.WaitGroup
	syncErr  error // of any of them: the system tells of it once only
}

// syncEvery is how much of an arriving blob is written before it is synced, while more arrives: a power cut then costs little, and the
// commit has little left to wait for.
const syncEvery = 32 << 20

// wrote counts bytes written, and has them synced by and by.
func (p *diskPartial) wrote(n uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.unsynced += n
	if p.syncing || p.unsynced < syncEvery {
		return
	}
	p.unsynced, p.syncing = 0, true
	p.syncs.Go(func() {
		err := p.f.Sync()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.syncing = false
		p.syncErr = errors.Join(p.syncErr, err)
	})
}

// synced waits for the syncs under way, and says whether all of them went well.
func (p *diskPartial) synced() error {
	p.syncs.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.syncErr
}

// Begin implements Blobs.
func (d *Disk) Begin(b msg.Blob) (Partial, error) {
	if err := checkBlob(b); err != nil {
		return nil, err
	}
	if err := d.claim(b); err != nil {
		return nil, err
	}
	if d.quota > 0 && b.Size > d.quota {
		d.unclaim(b)
		return nil, tooLarge(b, d.quota)
	}
	if inPack(b) {
		return newSmallPartial(b, d.PutPages, func() { d.unclaim(b) }), nil
	}
	p, err := d.begin(b)
	if err != nil {
		d.unclaim(b)
		return nil, wrap(d.dir, err)
	}
	return p, nil
}

func (d *Disk) claim(b msg.Blob) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return fmt.Errorf("store: %w", ErrClosed)
	}
	if d.arriving[b.Root] {
		return fmt.Errorf("store: blob %v: %w", b.Root, blobs.ErrArriving)
	}
	d.arriving[b.Root] = true
	return nil
}

func (d *Disk) unclaim(b msg.Blob) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.arriving, b.Root)
}

func tooLarge(b msg.Blob, quota uint64) error {
	return fmt.Errorf("store: %w: blob %v of %d bytes, with a quota of %d: raise the quota", ErrFull, b.Root, b.Size, quota)
}

func (d *Disk) begin(b msg.Blob) (_ *diskPartial, err error) {
	was := d.takeUp(b)
	defer func() {
		if err != nil {
			d.leave(b, was, 0)
		}
	}()
	f, err := os.OpenFile(d.partialPath(b), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	p := &diskPartial{arrivals: arrivals{blob: b, have: make([]bool, chunks(b))}, d: d, f: f}
	defer func() {
		if err != nil {
			d.unreserve(p.reserved)
			err = errors.Join(err, f.Close())
		}
	}()
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	whole := int64(b.Size + chunks(b)*uint64(len(msg.Hash{})))
	if fi.Size() != whole {
		if err := errors.Join(f.Truncate(0), f.Truncate(whole)); err != nil {
			return nil, err
		}
		return p, nil
	}
	leaves, err := readLeaves(f, b)
	if err != nil {
		return nil, err
	}
	const window = 64 << 20 // read and hashed at once, on all processors
	buf := make([]byte, min(b.Size, window))
	for lo := uint64(0); lo < uint64(len(leaves)); lo += window / chunk {
		hi := min(lo+window/chunk, uint64(len(leaves)))
		if !slices.ContainsFunc(leaves[lo:hi], func(h msg.Hash) bool { return h != msg.Hash{} }) {
			continue
		}
		data := buf[:min(b.Size, hi*chunk)-lo*chunk]
		if _, err := f.ReadAt(data, int64(lo*chunk)); err != nil {
			return nil, err
		}
		for i, leaf := range merkle.Leaves(data, chunk) {
			if leaf != leaves[lo+uint64(i)] {
				continue
			}
			n := uint64(chunkLen(b, lo+uint64(i)))
			if err := d.reserve(n); err != nil {
				return nil, err
			}
			p.reserved += n
			p.got(lo+uint64(i), 1)
		}
	}
	return p, nil
}

func (p *diskPartial) WriteChunks(lo uint64, leaves []msg.Hash, data []byte) error {
	n, data, bad := p.check(lo, leaves, data)
	missing := p.lacks(lo, n)
	if missing == 0 {
		return bad
	}
	if err := p.d.reserve(missing); err != nil {
		return err
	}
	_, err := p.f.WriteAt(data, int64(lo)*chunk)
	if err == nil {
		_, err = p.f.WriteAt(flatten(leaves[:n]), int64(p.blob.Size)+int64(lo)*int64(len(msg.Hash{})))
	}
	if err != nil {
		p.d.unreserve(missing)
		return wrap(p.d.dir, err)
	}
	fresh := p.got(lo, n)
	p.d.unreserve(missing - fresh) // somebody else brought the rest meanwhile
	p.mu.Lock()
	p.reserved += fresh
	p.mu.Unlock()
	p.wrote(uint64(len(data)))
	return bad
}

func (p *diskPartial) Commit(owner string) error {
	if err := checkOwner(owner); err != nil {
		return err
	}
	if err := p.complete(); err != nil {
		return err
	}
	if err := p.synced(); err != nil {
		return wrap(p.d.dir, err)
	}
	leaves, err := readLeaves(p.f, p.blob)
	if err != nil {
		return wrap(p.d.dir, err)
	}
	if merkle.Root(leaves) != p.blob.Root {
		return errors.Join(fmt.Errorf("store: blob %v: its chunks make another: %w", p.blob.Root, ErrCorrupt), p.Discard())
	}
	if err := p.d.finish(p.f, p.blob, owner); err != nil {
		return wrap(p.d.dir, err)
	}
	p.gone = true
	return p.Close()
}

func (p *diskPartial) Discard() error {
	err := os.Remove(p.f.Name())
	p.gone = err == nil
	return wrap(p.d.dir, errors.Join(err, p.Close()))
}

func (p *diskPartial) Close() error {
	var err error
	p.once.Do(func() {
		p.syncs.Wait()
		err = ignoreClosed(p.f.Close())
		l := leftover{p.reserved, p.d.now()}
		if p.gone {
			l = leftover{}
		}
		p.d.leave(p.blob, l, p.reserved)
		p.d.unclaim(p.blob)
	})
	return wrap(p.d.dir, err)
}

// smallPartial is a partial blob in memory, for one of at most a chunk and for the memory store.
type smallPartial struct {
	arrivals
	data   []byte
	leaves []msg.Hash
	put    func(*smallPartial, string) error
	once   sync.Once
	done   func()
}

func newSmallPartial(b msg.Blob, putPages func(string, [][]byte) ([]msg.Hash, error), done func()) *smallPartial {
	n := chunks(b)
	return &smallPartial{
		arrivals: arrivals{blob: b, have: make([]bool, n)}, data: make([]byte, b.Size), leaves: make([]msg.Hash, n), done: done,
		put: func(p *smallPartial, owner string) error {
			if len(p.data) == 0 {
				return nil
			}
			_, err := putPages(owner, [][]byte{p.data})
			return err
		},
	}
}

func (p *smallPartial) WriteChunks(lo uint64, leaves []msg.Hash, data []byte) error {
	n, data, bad := p.check(lo, leaves, data)
	p.mu.Lock()
	if n > 0 {
		copy(p.data[lo*chunk:], data)
		copy(p.leaves[lo:], leaves[:n])
	}
	p.mu.Unlock()
	p.got(lo, n)
	return bad
}

func (p *smallPartial) Commit(owner string) error {
	if err := checkOwner(owner); err != nil {
		return err
	}
	if err := p.complete(); err != nil {
		return err
	}
	if merkle.Root(p.leaves) != p.blob.Root {
		return errors.Join(fmt.Errorf("store: blob %v: its chunks make another: %w", p.blob.Root, ErrCorrupt), p.Discard())
	}
	if err := p.put(p, owner); err != nil {
		return err
	}
	return p.Close()
}

func (p *smallPartial) Discard() error { return p.Close() }

func (p *smallPartial) Close() error {
	p.once.Do(p.done)
	return nil
}
