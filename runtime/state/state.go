// Package state commits to the state of a job between two steps and carries it elsewhere.
//
// A state is a set of named sections of bytes: guest memory, globals, each GPU buffer, the host's objects, outputs, the
// log. A section is cut into pages of 4 KiB, hashed as the leaves of a Merkle tree; the leaves of the state's own tree
// are the heads of its sections (name, size, page root) in the order of their names. So one page can be proven against
// a state root, two states that differ little share most pages, and a Committer that remembers what it hashed last
// time pays only for what changed.
package state

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// PageSize is the length of every page of a section but its last.
const PageSize = 4096

// Bounds of a state that Assemble takes: a manifest has to fit a message.
const (
	MaxManifest = msg.MaxEncoded
	MaxSections = 1 << 17
	MaxName     = 300 // bytes of a section's name
)

// ErrState is wrapped by every refusal of a manifest, a page or an encoded snapshot.
var ErrState = errors.New("state refused")

// zeroPage is the leaf of a full page of zeros, which no store needs to keep.
var zeroPage = merkle.Leaf(make([]byte, PageSize))

// head is what the state's tree has as a leaf for a section.
type head struct {
	Name string   `cbor:"1,keyasint"`
	Size uint64   `cbor:"2,keyasint"`
	Root msg.Hash `cbor:"3,keyasint"`
}

func (h head) leaf() msg.Hash { return merkle.Leaf(msg.Encode(h)) }

// manifest is the encoded table of a state's pages.
type manifest struct {
	Version  uint      `cbor:"1,keyasint"`
	Sections []section `cbor:"2,keyasint"`
}

type section struct {
	Name   string `cbor:"1,keyasint"`
	Size   uint64 `cbor:"2,keyasint"`
	Leaves []byte `cbor:"3,keyasint"` // 32 bytes a page
}

func (s *section) hashes() []msg.Hash {
	hs := make([]msg.Hash, len(s.Leaves)/32)
	for i := range hs {
		copy(hs[i][:], s.Leaves[32*i:])
	}
	return hs
}

// part is a section of a Snapshot.
type part struct {
	name   string
	data   []byte
	leaves []msg.Hash
	root   msg.Hash
}

func (p *part) page(i int) []byte {
	return p.data[i*PageSize : min((i+1)*PageSize, len(p.data))]
}

// Snapshot is the whole state at one moment. It is immutable and may be used by several goroutines.
type Snapshot struct {
	parts []part // sorted by name
	root  msg.Hash
	pages map[msg.Hash]place
}

type place struct{ part, page int }

func newSnapshot(parts []part) *Snapshot {
	sort.Slice(parts, func(i, j int) bool { return parts[i].name < parts[j].name })
	s := &Snapshot{parts: parts, pages: map[msg.Hash]place{}}
	heads := make([]msg.Hash, len(parts))
	for i := range parts {
		p := &parts[i]
		heads[i] = head{p.name, uint64(len(p.data)), p.root}.leaf()
		for n, h := range p.leaves {
			if h != zeroPage {
				s.pages[h] = place{i, n}
			}
		}
	}
	s.root = merkle.Root(heads)
	return s
}

// Root is the state's root.
func (s *Snapshot) Root() msg.Hash { return s.root }

// Names lists the sections in order.
func (s *Snapshot) Names() []string {
	names := make([]string, len(s.parts))
	for i := range s.parts {
		names[i] = s.parts[i].name
	}
	return names
}

// Section gives a section's bytes, which must not be changed.
func (s *Snapshot) Section(name string) ([]byte, bool) {
	i, ok := slices.BinarySearchFunc(s.parts, name, func(p part, n string) int { return strings.Compare(p.name, n) })
	if !ok {
		return nil, false
	}
	return s.parts[i].data, true
}

// Size is the number of bytes in all sections together.
func (s *Snapshot) Size() uint64 {
	var n uint64
	for i := range s.parts {
		n += uint64(len(s.parts[i].data))
	}
	return n
}

// Manifest is the canonical table of pages. With the pages it names it gives the state back, see Assemble.
func (s *Snapshot) Manifest() []byte {
	m := manifest{Version: 1, Sections: make([]section, len(s.parts))}
	for i := range s.parts {
		p := &s.parts[i]
		leaves := make([]byte, 0, 32*len(p.leaves))
		for _, h := range p.leaves {
			leaves = append(leaves, h[:]...)
		}
		m.Sections[i] = section{p.name, uint64(len(p.data)), leaves}
	}
	return msg.Encode(m)
}

// Hashes lists the leaf hash of every page that has to be kept, each once, in the order of the manifest. A full page of
// zeros is not among them.
func (s *Snapshot) Hashes() []msg.Hash {
	var hs []msg.Hash
	seen := make(map[msg.Hash]bool, len(s.pages))
	for i := range s.parts {
		for _, h := range s.parts[i].leaves {
			if h != zeroPage && !seen[h] {
				seen[h] = true
				hs = append(hs, h)
			}
		}
	}
	return hs
}

// Page gives the bytes of the page with this leaf hash: SHA256(0x00 || page). They must not be changed.
func (s *Snapshot) Page(h msg.Hash) ([]byte, bool) {
	if h == zeroPage {
		return make([]byte, PageSize), true
	}
	at, ok := s.pages[h]
	if !ok {
		return nil, false
	}
	return s.parts[at.part].page(at.page), true
}

// Prove gives page i of a section with its proof: the leaf against the section's root, and the section's head against
// the state root.
func (s *Snapshot) Prove(name string, i int) (*PageProof, error) {
	for n := range s.parts {
		p := &s.parts[n]
		if p.name != name {
			continue
		}
		if i < 0 || i >= len(p.leaves) {
			return nil, fmt.Errorf("state: page %d of section %q, which has %d", i, name, len(p.leaves))
		}
		inner, err := merkle.NewTree(p.leaves).Proof(i)
		if err != nil {
			return nil, err
		}
		heads := make([]msg.Hash, len(s.parts))
		for k := range s.parts {
			heads[k] = head{s.parts[k].name, uint64(len(s.parts[k].data)), s.parts[k].root}.leaf()
		}
		outer, err := merkle.NewTree(heads).Proof(n)
		if err != nil {
			return nil, err
		}
		return &PageProof{Name: name, Size: uint64(len(p.data)), Page: uint64(i), Data: p.page(i), Inner: inner,
			SectionRoot: p.root, Sections: uint64(len(heads)), Place: uint64(n), Outer: outer}, nil
	}
	return nil, fmt.Errorf("state: no section %q", name)
}

// PageProof is one page with all that ties it to a state root.
type PageProof struct {
	Name        string     `cbor:"1,keyasint"`
	Size        uint64     `cbor:"2,keyasint"` // of the section
	Page        uint64     `cbor:"3,keyasint"`
	Data        []byte     `cbor:"4,keyasint"`
	Inner       []msg.Hash `cbor:"5,keyasint"`
	SectionRoot msg.Hash   `cbor:"6,keyasint"`
	Sections    uint64     `cbor:"7,keyasint"`
	Place       uint64     `cbor:"8,keyasint"`
	Outer       []msg.Hash `cbor:"9,keyasint"`
}

// Verify checks the proof against a state root.
func (p *PageProof) Verify(root msg.Hash) error {
	n := merkle.Count(p.Size, PageSize)
	want := uint64(PageSize)
	if p.Page == n-1 && p.Size%PageSize != 0 {
		want = p.Size % PageSize
	}
	if p.Page >= n || uint64(len(p.Data)) != want {
		return fmt.Errorf("%w: page %d of %d bytes in section %q of %d bytes", ErrState, p.Page, len(p.Data), p.Name, p.Size)
	}
	if err := merkle.Verify(p.SectionRoot, n, p.Page, merkle.Leaf(p.Data), p.Inner); err != nil {
		return fmt.Errorf("%w: section %q: %w", ErrState, p.Name, err)
	}
	leaf := head{p.Name, p.Size, p.SectionRoot}.leaf()
	if err := merkle.Verify(root, p.Sections, p.Place, leaf, p.Outer); err != nil {
		return fmt.Errorf("%w: head of section %q: %w", ErrState, p.Name, err)
	}
	return nil
}

// parse reads a manifest and checks it against root; it trusts nothing in it.
func parse(b []byte, root msg.Hash) (*manifest, error) {
	var m manifest
	if err := msg.Decode(b, &m); err != nil {
		return nil, fmt.Errorf("%w: manifest: %w", ErrState, err)
	}
	if m.Version != 1 {
		return nil, fmt.Errorf("%w: manifest version %d, wanted 1", ErrState, m.Version)
	}
	if len(m.Sections) > MaxSections {
		return nil, fmt.Errorf("%w: %d sections, at most %d", ErrState, len(m.Sections), MaxSections)
	}
	heads := make([]msg.Hash, len(m.Sections))
	for i := range m.Sections {
		s := &m.Sections[i]
		switch {
		case len(s.Name) > MaxName:
			return nil, fmt.Errorf("%w: a section name of %d bytes, at most %d", ErrState, len(s.Name), MaxName)
		case i > 0 && m.Sections[i-1].Name >= s.Name:
			return nil, fmt.Errorf("%w: section %q stands after %q", ErrState, s.Name, m.Sections[i-1].Name)
		case len(s.Leaves)%32 != 0 || uint64(len(s.Leaves)/32) != merkle.Count(s.Size, PageSize):
			return nil, fmt.Errorf("%w: section %q: %d bytes of hashes for %d bytes", ErrState, s.Name, len(s.Leaves), s.Size)
		}
		heads[i] = head{s.Name, s.Size, merkle.Root(s.hashes())}.leaf()
	}
	if got := merkle.Root(heads); got != root {
		return nil, fmt.Errorf("%w: the manifest's root is %v, wanted %v", ErrState, got, root)
	}
	return &m, nil
}

// Pages lists the pages that a manifest needs, after checking it against root: each hash once, with the length of its
// page. A full page of zeros is not among them.
func Pages(b []byte, root msg.Hash) (hashes []msg.Hash, sizes []int, err error) {
	m, err := parse(b, root)
	if err != nil {
		return nil, nil, err
	}
	seen := map[msg.Hash]bool{}
	for i := range m.Sections {
		s := &m.Sections[i]
		for n, h := range s.hashes() {
			if h != zeroPage && !seen[h] {
				seen[h] = true
				hashes = append(hashes, h)
				sizes = append(sizes, int(min(s.Size-uint64(n)*PageSize, PageSize)))
			}
		}
	}
	return hashes, sizes, nil
}

// Assemble puts a state together from its manifest and pages and checks everything against root. get returns the page
// with a given leaf hash; it is called once for each distinct page.
func Assemble(b []byte, root msg.Hash, get func(msg.Hash) ([]byte, error)) (*Snapshot, error) {
	m, err := parse(b, root)
	if err != nil {
		return nil, err
	}
	have := map[msg.Hash][]byte{}
	parts := make([]part, len(m.Sections))
	for i := range m.Sections {
		s := &m.Sections[i]
		leaves := s.hashes()
		// The size is bounded by the manifest's own length: 32 bytes of it stand for each page.
		data := make([]byte, s.Size)
		for n, h := range leaves {
			to := data[n*PageSize : min((n+1)*PageSize, len(data))]
			if h == zeroPage {
				if len(to) != PageSize {
					return nil, fmt.Errorf("%w: section %q, page %d: the last page is short, its hash is a full page's", ErrState, s.Name, n)
				}
				continue
			}
			page, ok := have[h]
			if !ok {
				if page, err = get(h); err != nil {
					return nil, fmt.Errorf("state: section %q, page %d (%v): %w", s.Name, n, h, err)
				}
				if got := merkle.Leaf(page); got != h {
					return nil, fmt.Errorf("%w: section %q, page %d: its hash is %v, wanted %v", ErrState, s.Name, n, got, h)
				}
			}
			if len(page) != len(to) {
				return nil, fmt.Errorf("%w: section %q, page %d has %d bytes, wanted %d", ErrState, s.Name, n, len(page), len(to))
			}
			copy(to, page)
			have[h] = to
		}
		parts[i] = part{s.Name, data, leaves, merkle.Root(leaves)}
	}
	return newSnapshot(parts), nil
}

var magic = []byte("gwrun state 1\n")

// Write writes the whole state as one stream: manifest, then its distinct pages.
func (s *Snapshot) Write(w io.Writer) error {
	m := s.Manifest()
	var n [8]byte
	for i := range n {
		n[i] = byte(uint64(len(m)) >> (8 * i))
	}
	for _, b := range [][]byte{magic, n[:], m} {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	for _, h := range s.Hashes() {
		page, _ := s.Page(h)
		if _, err := w.Write(page); err != nil {
			return err
		}
	}
	return nil
}

// Encode is Write to memory.
func (s *Snapshot) Encode() []byte {
	var b bytes.Buffer
	if err := s.Write(&b); err != nil {
		panic(err) // a bytes.Buffer takes everything
	}
	return b.Bytes()
}

// Read reads what Write wrote and checks it against root.
func Read(r io.Reader, root msg.Hash) (*Snapshot, error) {
	first := make([]byte, len(magic)+8)
	if _, err := io.ReadFull(r, first); err != nil {
		return nil, fmt.Errorf("%w: its beginning: %w", ErrState, err)
	}
	if !bytes.Equal(first[:len(magic)], magic) {
		return nil, fmt.Errorf("%w: it does not begin with %q", ErrState, magic)
	}
	var n uint64
	for i, c := range first[len(magic):] {
		n |= uint64(c) << (8 * i)
	}
	if n > MaxManifest {
		return nil, fmt.Errorf("%w: a manifest of %d bytes, at most %d", ErrState, n, MaxManifest)
	}
	var m bytes.Buffer
	if got, err := io.CopyN(&m, r, int64(n)); err != nil {
		return nil, fmt.Errorf("%w: a manifest of %d bytes, wanted %d", ErrState, got, n)
	}
	hashes, sizes, err := Pages(m.Bytes(), root)
	if err != nil {
		return nil, err
	}
	length := make(map[msg.Hash]int, len(hashes))
	for i, h := range hashes {
		length[h] = sizes[i]
	}
	return Assemble(m.Bytes(), root, func(h msg.Hash) ([]byte, error) {
		page := make([]byte, length[h])
		_, err := io.ReadFull(r, page)
		return page, err
	})
}

// Decode is Read from memory; bytes left over are refused.
func Decode(b []byte, root msg.Hash) (*Snapshot, error) {
	r := bytes.NewReader(b)
	s, err := Read(r, root)
	if err == nil && r.Len() != 0 {
		return nil, fmt.Errorf("%w: %d bytes after its end", ErrState, r.Len())
	}
	return s, err
}

// Digest is a plain hash of a section, for messages.
func (s *Snapshot) Digest(name string) (msg.Hash, bool) {
	b, ok := s.Section(name)
	return sha256.Sum256(b), ok
}
