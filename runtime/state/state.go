// Package state commits to the state of a job between two steps and carries it elsewhere.
//
// A state is a set of named sections of bytes: guest memory, globals, each GPU buffer, the host's objects, outputs, the
// log. A section is cut into pages of 4 KiB, hashed as the leaves of a Merkle tree; the leaves of the state's own tree
// are the heads of its sections (name, size, page root) in the order of their names. So one page can be proven against
// a state root, two states that differ little share most pages, and a Committer that remembers what it hashed last
// time pays only for what changed.
package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"

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

var (
	zeros    [PageSize]byte
	zeroPage = merkle.Leaf(zeros[:]) // the leaf of a full page of zeros, which no store needs to keep
)

// head is what the state's tree has as a leaf for a section.
type head struct {
	Name string   `cbor:"1,keyasint"`
	Size uint64   `cbor:"2,keyasint"`
	Root msg.Hash `cbor:"3,keyasint"`
}

// leaf is the leaf of msg.Encode(h), encoded here by hand: there is one for every section that changed, in every commit.
func (h head) leaf() msg.Hash {
	b := make([]byte, 0, len(h.Name)+64)
	b = append(b, 5<<5|3, 1) // a map of three
	b = appendHead(b, 3, uint64(len(h.Name)))
	b = append(b, h.Name...)
	b = appendHead(append(b, 2), 0, h.Size)
	b = append(b, 3, 2<<5|24, byte(len(h.Root)))
	return merkle.Leaf(append(b, h.Root[:]...))
}

// appendHead begins a CBOR item (RFC 8949, section 3).
func appendHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major<<5|byte(n))
	case n < 1<<8:
		return append(b, major<<5|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major<<5|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major<<5|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major<<5|27), n)
}

// part is a section of a Snapshot. Nothing in it ever changes, so snapshots share parts, and parts share pages.
type part struct {
	name   string
	size   int
	pages  [][]byte // nil is a full page of zeros
	flat   []byte   // all the bytes in one piece, if they lie so
	leaves []msg.Hash
	root   msg.Hash
}

func (p *part) page(i int) []byte {
	if b := p.pages[i]; b != nil {
		return b
	}
	return zeros[:]
}

func (p *part) head() msg.Hash { return head{p.name, uint64(p.size), p.root}.leaf() }

// Snapshot is the whole state at one moment. It is immutable and may be used by several goroutines.
type Snapshot struct {
	parts []*part // sorted by name
	root  msg.Hash

	indexed sync.Once
	index   map[msg.Hash][]byte // pages by leaf, those of zeros left out
}

func newSnapshot(parts []*part) *Snapshot {
	sort.Slice(parts, func(i, j int) bool { return parts[i].name < parts[j].name })
	s := &Snapshot{parts: parts}
	s.root = merkle.Root(s.heads())
	return s
}

func (s *Snapshot) heads() []msg.Hash {
	heads := make([]msg.Hash, len(s.parts))
	for i, p := range s.parts {
		heads[i] = p.head()
	}
	return heads
}

// Root is the state's root.
func (s *Snapshot) Root() msg.Hash { return s.root }

// Names lists the sections in order.
func (s *Snapshot) Names() []string {
	names := make([]string, len(s.parts))
	for i, p := range s.parts {
		names[i] = p.name
	}
	return names
}

func (s *Snapshot) find(name string) (int, bool) {
	return slices.BinarySearchFunc(s.parts, name, func(p *part, n string) int { return strings.Compare(p.name, n) })
}

// Section gives a section's bytes, which must not be changed.
func (s *Snapshot) Section(name string) ([]byte, bool) {
	i, ok := s.find(name)
	if !ok {
		return nil, false
	}
	p := s.parts[i]
	if p.flat != nil {
		return p.flat, true
	}
	b := make([]byte, 0, p.size)
	for n := range p.pages {
		b = append(b, p.page(n)...)
	}
	return b, true
}

// SectionSize is the number of bytes in a section, 0 if there is no such section.
func (s *Snapshot) SectionSize(name string) uint64 {
	if i, ok := s.find(name); ok {
		return uint64(s.parts[i].size)
	}
	return 0
}

// EachPage calls f for each page of a section, with nil for a full page of zeros.
func (s *Snapshot) EachPage(name string, f func(offset int, page []byte)) {
	if i, ok := s.find(name); ok {
		for n, b := range s.parts[i].pages {
			f(n*PageSize, b)
		}
	}
}

// Size is the number of bytes in all sections together.
func (s *Snapshot) Size() uint64 {
	var n uint64
	for _, p := range s.parts {
		n += uint64(p.size)
	}
	return n
}

// Hashes lists the leaf hash of every page that has to be kept, each once, in the order of the manifest. A full page of
// zeros is not among them.
func (s *Snapshot) Hashes() []msg.Hash { return s.Since(nil) }

// Since is Hashes without the pages that an earlier state has at the same place: all that is left to keep where that
// state's pages are kept already.
func (s *Snapshot) Since(earlier *Snapshot) []msg.Hash {
	var hs []msg.Hash
	seen := map[msg.Hash]bool{zeroPage: true}
	for _, p := range s.parts {
		var old []msg.Hash
		if earlier != nil {
			if i, ok := earlier.find(p.name); ok {
				if earlier.parts[i] == p {
					continue
				}
				old = earlier.parts[i].leaves
			}
		}
		for i, h := range p.leaves {
			if (i >= len(old) || old[i] != h) && !seen[h] {
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
		return zeros[:], true
	}
	s.indexed.Do(func() {
		s.index = map[msg.Hash][]byte{}
		for _, p := range s.parts {
			for n, h := range p.leaves {
				if h != zeroPage {
					s.index[h] = p.pages[n]
				}
			}
		}
	})
	page, ok := s.index[h]
	return page, ok
}

// Prove gives page i of a section with its proof: the leaf against the section's root, and the section's head against
// the state root.
func (s *Snapshot) Prove(name string, i int) (*PageProof, error) {
	n, ok := s.find(name)
	if !ok {
		return nil, fmt.Errorf("state: no section %q", name)
	}
	p := s.parts[n]
	if i < 0 || i >= len(p.leaves) {
		return nil, fmt.Errorf("state: page %d of section %q, which has %d", i, name, len(p.leaves))
	}
	inner, err := merkle.NewTree(p.leaves).Proof(i)
	if err != nil {
		return nil, err
	}
	heads := s.heads()
	outer, err := merkle.NewTree(heads).Proof(n)
	if err != nil {
		return nil, err
	}
	return &PageProof{Name: name, Size: uint64(p.size), Page: uint64(i), Data: p.page(i), Inner: inner,
		SectionRoot: p.root, Sections: uint64(len(heads)), Place: uint64(n), Outer: outer}, nil
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
