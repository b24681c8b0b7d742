package store

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// newSlice reads from p.
func newSlice(p []byte) *bytes.Reader { return bytes.NewReader(p) }

// Memory is a Store that forgets everything when the process ends.
type Memory struct {
	quota uint64
	now   func() time.Time

	mu       sync.Mutex
	closed   bool
	seq      uint64
	objects  map[msg.Hash]held
	total    uint64
	pins     map[string]map[msg.Hash]bool
	ends     map[string]time.Time // by owner
	journals map[string]map[msg.Hash][]byte
	arriving map[msg.Hash]bool
}

type held struct {
	data []byte
	seq  uint64
}

// NewMemory makes an empty store.
func NewMemory(o Options) *Memory {
	return &Memory{quota: o.Quota, now: o.clock(), objects: map[msg.Hash]held{}, pins: map[string]map[msg.Hash]bool{}, ends: map[string]time.Time{},
		journals: map[string]map[msg.Hash][]byte{}, arriving: map[msg.Hash]bool{}}
}

func (m *Memory) open() error {
	if m.closed {
		return fmt.Errorf("store: %w", ErrClosed)
	}
	return nil
}

// put stores objects, all or none: copies, unless it is given the bytes for good. m.mu is held.
func (m *Memory) put(owner string, hashes []msg.Hash, data [][]byte, given bool) error {
	if err := m.open(); err != nil {
		return err
	}
	fresh := map[msg.Hash][]byte{}
	var order []msg.Hash
	var size uint64
	for i, h := range hashes {
		_, old := m.objects[h]
		if _, twice := fresh[h]; !old && !twice {
			fresh[h] = data[i]
			order = append(order, h)
			size += uint64(len(data[i]))
		}
	}
	if m.quota > 0 && m.total+size > m.quota {
		m.collect(m.total+size-m.quota, hashes)
		if m.total+size > m.quota {
			return fmt.Errorf("store: %w: %d more bytes, with %d of a quota of %d in use: release jobs or raise the quota", ErrFull, size, m.total, m.quota)
		}
	}
	for _, h := range order {
		m.seq++
		p := fresh[h]
		if !given {
			p = bytes.Clone(p)
		}
		m.objects[h] = held{p, m.seq}
	}
	m.total += size
	m.pin(owner, hashes)
	return nil
}

func (m *Memory) pin(owner string, hashes []msg.Hash) {
	if len(hashes) == 0 {
		return
	}
	m.expire()
	if m.pins[owner] == nil {
		m.pins[owner] = map[msg.Hash]bool{}
	}
	for _, h := range hashes {
		m.pins[owner][h] = true
	}
}

// Put implements Blobs.
func (m *Memory) Put(ctx context.Context, owner string, r io.Reader) (msg.Blob, error) {
	if err := checkOwner(owner); err != nil {
		return msg.Blob{}, err
	}
	data, err := io.ReadAll(io.LimitReader(r, blobs.MaxBlob+1))
	if err != nil {
		return msg.Blob{}, fmt.Errorf("store: reading what to store: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return msg.Blob{}, fmt.Errorf("store: %w", err)
	}
	b := merkle.BlobOf(data)
	if err := checkBlob(b); err != nil {
		return msg.Blob{}, err
	}
	if len(data) == 0 {
		return b, nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return b, m.put(owner, []msg.Hash{b.Root}, [][]byte{data}, true)
}

func (m *Memory) has(b msg.Blob) bool {
	o, ok := m.objects[b.Root]
	return empty(b) || ok && uint64(len(o.data)) == b.Size
}

// Has implements Blobs.
func (m *Memory) Has(b msg.Blob) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.has(b)
}

// Open implements Blobs.
func (m *Memory) Open(b msg.Blob) (Reader, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.open(); err != nil {
		return nil, err
	}
	if !m.has(b) {
		return nil, notFound(b)
	}
	data := m.objects[b.Root].data
	return newReader(b, merkle.Leaves(data, chunk), newSlice(data), nothing, func(error) {}), nil
}

// Begin implements Blobs.
func (m *Memory) Begin(b msg.Blob) (Partial, error) {
	if err := checkBlob(b); err != nil {
		return nil, err
	}
	if m.quota > 0 && b.Size > m.quota {
		return nil, tooLarge(b, m.quota)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.open(); err != nil {
		return nil, err
	}
	if m.arriving[b.Root] {
		return nil, fmt.Errorf("store: blob %v: %w", b.Root, blobs.ErrArriving)
	}
	m.arriving[b.Root] = true
	p := newSmallPartial(b, nil, func() {
		m.mu.Lock()
		delete(m.arriving, b.Root)
		m.mu.Unlock()
	})
	p.put = func(p *smallPartial, owner string) error {
		if len(p.data) == 0 {
			return nil
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		return m.put(owner, []msg.Hash{b.Root}, [][]byte{p.data}, true)
	}
	return p, nil
}

// Pin implements Blobs.
func (m *Memory) Pin(owner string, list ...msg.Blob) error {
	if err := checkOwner(owner); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var hashes []msg.Hash
	for _, b := range list {
		if !m.has(b) {
			return fmt.Errorf("pinning: %w", notFound(b))
		}
		if !empty(b) {
			hashes = append(hashes, b.Root)
		}
	}
	m.pin(owner, hashes)
	return m.open()
}

// PutPages implements Pages.
func (m *Memory) PutPages(owner string, pages [][]byte) ([]msg.Hash, error) {
	if err := checkOwner(owner); err != nil {
		return nil, err
	}
	hashes, err := hashPages(pages)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.put(owner, hashes, pages, false); err != nil {
		return nil, err
	}
	return hashes, nil
}

// page finds a page. m.mu is held.
func (m *Memory) page(h msg.Hash) ([]byte, bool) {
	o, ok := m.objects[h]
	return o.data, ok && len(o.data) <= blobs.MaxPage
}

// GetPage implements Pages.
func (m *Memory) GetPage(h msg.Hash) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.open(); err != nil {
		return nil, err
	}
	p, ok := m.page(h)
	if !ok {
		return nil, fmt.Errorf("store: page %v: %w", h, ErrNotFound)
	}
	return p, nil
}

// GetPages implements Pages.
func (m *Memory) GetPages(hashes []msg.Hash) ([][]byte, error) {
	pages := make([][]byte, len(hashes))
	for i, h := range hashes {
		var err error
		if pages[i], err = m.GetPage(h); err != nil {
			return nil, err
		}
	}
	return pages, nil
}

// PinPages implements Pages.
func (m *Memory) PinPages(owner string, hashes []msg.Hash) error {
	if err := checkOwner(owner); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, h := range hashes {
		if _, ok := m.page(h); !ok {
			return fmt.Errorf("store: pinning page %v: %w", h, ErrNotFound)
		}
	}
	m.pin(owner, hashes)
	return m.open()
}

// MissingPages implements Pages.
func (m *Memory) MissingPages(hashes []msg.Hash) []msg.Hash {
	m.mu.Lock()
	defer m.mu.Unlock()
	var missing []msg.Hash
	seen := map[msg.Hash]bool{}
	for _, h := range hashes {
		if _, ok := m.page(h); (!ok || m.closed) && !seen[h] {
			missing = append(missing, h)
		}
		seen[h] = true
	}
	return missing
}

// Release implements Store.
func (m *Memory) Release(owner string) error {
	if err := checkOwner(owner); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.pins, owner)
	delete(m.ends, owner)
	return m.open()
}

// Expire implements Store.
func (m *Memory) Expire(owner string, at time.Time) error {
	if err := checkOwner(owner); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire()
	if at.IsZero() {
		delete(m.ends, owner)
	} else {
		m.ends[owner] = time.Unix(wholeSeconds(at), 0)
	}
	return m.open()
}

// expire drops the pins of owners whose time is up. m.mu is held.
func (m *Memory) expire() {
	for owner, end := range m.ends {
		if !m.now().Before(end) {
			delete(m.pins, owner)
			delete(m.ends, owner)
		}
	}
}

// Owners implements Store.
func (m *Memory) Owners() ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire()
	return slices.Sorted(maps.Keys(m.pins)), m.open()
}

// Holdings implements Store.
func (m *Memory) Holdings() ([]Holding, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire()
	var all []Holding
	for owner, pins := range m.pins {
		h := Holding{Owner: owner, Until: m.ends[owner]}
		for p := range pins {
			if o, ok := m.objects[p]; ok {
				h.Objects++
				h.Bytes += uint64(len(o.data))
			}
		}
		all = append(all, h)
	}
	slices.SortFunc(all, byOwner)
	return all, m.open()
}

// loose lists what nobody pins and keep does not name, oldest first. m.mu is held.
func (m *Memory) loose(keep []msg.Hash) []msg.Hash {
	m.expire()
	needed := map[msg.Hash]bool{}
	for _, h := range keep {
		needed[h] = true
	}
	for _, pins := range m.pins {
		maps.Copy(needed, pins)
	}
	var loose []msg.Hash
	for h := range m.objects {
		if !needed[h] {
			loose = append(loose, h)
		}
	}
	slices.SortFunc(loose, func(a, b msg.Hash) int {
		if m.objects[a].seq < m.objects[b].seq {
			return -1
		}
		return 1
	})
	return loose
}

func (m *Memory) collect(want uint64, keep []msg.Hash) (freed uint64) {
	for _, h := range m.loose(keep) {
		if freed >= want {
			break
		}
		freed += uint64(len(m.objects[h].data))
		delete(m.objects, h)
	}
	m.total -= freed
	return freed
}

// GC implements Store.
func (m *Memory) GC(keep uint64) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var loose uint64
	for _, h := range m.loose(nil) {
		loose += uint64(len(m.objects[h].data))
	}
	if loose <= keep {
		return 0, m.open()
	}
	return m.collect(loose-keep, nil), m.open()
}

// Usage implements Store.
func (m *Memory) Usage() (Usage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	u := Usage{Bytes: m.total, Pinned: m.total, Quota: m.quota}
	for _, o := range m.objects {
		if len(o.data) <= blobs.MaxPage {
			u.Pages++
		} else {
			u.Blobs++
		}
	}
	for _, h := range m.loose(nil) {
		u.Pinned -= uint64(len(m.objects[h].data))
	}
	return u, m.open()
}

// Close implements Store.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

type memoryJournal struct {
	m    *Memory
	name string
}

// Journal implements Store.
func (m *Memory) Journal(name string) Journal { return memoryJournal{m, name} }

func (j memoryJournal) Put(key msg.Hash, v any) error {
	value := msg.Encode(v)
	j.m.mu.Lock()
	defer j.m.mu.Unlock()
	if j.m.journals[j.name] == nil {
		j.m.journals[j.name] = map[msg.Hash][]byte{}
	}
	j.m.journals[j.name][key] = value
	return j.m.open()
}

func (j memoryJournal) Get(key msg.Hash, v any) error {
	j.m.mu.Lock()
	value, ok := j.m.journals[j.name][key]
	err := j.m.open()
	j.m.mu.Unlock()
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("store: journal %s: record %v: %w", j.name, key, ErrNotFound)
	}
	if err := msg.Decode(value, v); err != nil {
		return fmt.Errorf("store: journal %s: record %v: %w", j.name, key, err)
	}
	return nil
}

func (j memoryJournal) Delete(keys ...msg.Hash) error {
	j.m.mu.Lock()
	defer j.m.mu.Unlock()
	for _, key := range keys {
		delete(j.m.journals[j.name], key)
	}
	return j.m.open()
}

func (j memoryJournal) Keys() ([]msg.Hash, error) {
	j.m.mu.Lock()
	defer j.m.mu.Unlock()
	return slices.SortedFunc(maps.Keys(j.m.journals[j.name]), func(a, b msg.Hash) int { return bytes.Compare(a[:], b[:]) }), j.m.open()
}
