package state

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

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

// Manifest is the canonical table of pages. With the pages it names it gives the state back, see Assemble.
func (s *Snapshot) Manifest() []byte {
	m := manifest{Version: 1, Sections: make([]section, len(s.parts))}
	for i, p := range s.parts {
		leaves := make([]byte, 0, 32*len(p.leaves))
		for _, h := range p.leaves {
			leaves = append(leaves, h[:]...)
		}
		m.Sections[i] = section{p.name, uint64(p.size), leaves}
	}
	return msg.Encode(m)
}

// parse reads a manifest and checks it against root; it trusts nothing in it. The parts it gives have no pages yet.
func parse(b []byte, root msg.Hash) ([]*part, error) {
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
	parts := make([]*part, len(m.Sections))
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
		// The size is bounded by the manifest's own length: 32 bytes of it stand for each page.
		p := &part{name: s.Name, size: int(s.Size), leaves: s.hashes()}
		p.root = merkle.Root(p.leaves)
		parts[i], heads[i] = p, p.head()
	}
	if got := merkle.Root(heads); got != root {
		return nil, fmt.Errorf("%w: the manifest's root is %v, wanted %v", ErrState, got, root)
	}
	return parts, nil
}

// need is a page that has to be had from somewhere.
type need struct {
	part, page int
	size       int
}

// needs lists the distinct pages of parts that are not zero, and where each of the others stands first.
func needs(parts []*part) (hashes []msg.Hash, at []need, again map[need]int) {
	seen := map[msg.Hash]int{}
	again = map[need]int{}
	for i, p := range parts {
		for n, h := range p.leaves {
			if h == zeroPage {
				continue
			}
			here := need{i, n, min(p.size-n*PageSize, PageSize)}
			if first, ok := seen[h]; ok {
				again[here] = first
				continue
			}
			seen[h] = len(hashes)
			hashes = append(hashes, h)
			at = append(at, here)
		}
	}
	return hashes, at, again
}

// Pages lists the pages that a manifest needs, after checking it against root: each hash once, with the length of its
// page. A full page of zeros is not among them.
func Pages(b []byte, root msg.Hash) (hashes []msg.Hash, sizes []int, err error) {
	parts, err := parse(b, root)
	if err != nil {
		return nil, nil, err
	}
	hashes, at, _ := needs(parts)
	for _, n := range at {
		sizes = append(sizes, n.size)
	}
	return hashes, sizes, nil
}

// Assemble puts a state together from its manifest and pages and checks everything against root. get returns the page
// with a given leaf hash; it is called once for each distinct page, by several goroutines at once.
func Assemble(b []byte, root msg.Hash, get func(msg.Hash) ([]byte, error)) (*Snapshot, error) {
	return AssembleAll(b, root, func(hashes []msg.Hash) ([][]byte, error) {
		pages := make([][]byte, len(hashes))
		return pages, each(len(hashes), func(i int) (err error) {
			if pages[i], err = get(hashes[i]); err != nil {
				err = fmt.Errorf("state: page %v: %w", hashes[i], err)
			}
			return err
		})
	})
}

// AssembleAll is Assemble for where all pages can be had at once, in the order they are asked for.
func AssembleAll(b []byte, root msg.Hash, get func([]msg.Hash) ([][]byte, error)) (*Snapshot, error) {
	parts, err := parse(b, root)
	if err != nil {
		return nil, err
	}
	if err := fill(parts, get); err != nil {
		return nil, err
	}
	return newSnapshot(parts), nil
}

// fill gets the pages of parts and checks them against their leaves.
func fill(parts []*part, get func([]msg.Hash) ([][]byte, error)) error {
	for _, p := range parts {
		if n := len(p.leaves) - 1; n >= 0 && p.leaves[n] == zeroPage && p.size%PageSize != 0 {
			return fmt.Errorf("%w: section %q, page %d: the last page is short, its hash is a full page's", ErrState, p.name, n)
		}
	}
	hashes, at, again := needs(parts)
	for _, p := range parts {
		p.flat, p.pages = make([]byte, p.size), make([][]byte, len(p.leaves))
	}
	put := func(to need, page []byte) error {
		p := parts[to.part]
		if len(page) != to.size {
			return fmt.Errorf("%w: section %q, page %d has %d bytes, wanted %d", ErrState, p.name, to.page, len(page), to.size)
		}
		off := to.page * PageSize
		p.pages[to.page] = p.flat[off : off+to.size : off+to.size]
		copy(p.pages[to.page], page)
		return nil
	}
	pages, err := get(hashes)
	if err != nil {
		return err
	}
	if len(pages) != len(hashes) {
		return fmt.Errorf("%w: %d pages, wanted %d", ErrState, len(pages), len(hashes))
	}
	leaves := merkle.LeavesOf(pages)
	err = each(len(hashes), func(i int) error {
		if leaves[i] != hashes[i] {
			return fmt.Errorf("%w: section %q, page %d: its hash is %v, wanted %v", ErrState, parts[at[i].part].name, at[i].page, leaves[i], hashes[i])
		}
		return put(at[i], pages[i])
	})
	if err != nil {
		return err
	}
	for to, first := range again {
		if err := put(to, parts[at[first].part].pages[at[first].page]); err != nil {
			return err
		}
	}
	return nil
}

// each calls f for 0 to n-1, where there are many on all processors, and gives the error of the lowest number of those
// that had one.
func each(n int, f func(int) error) error {
	workers := runtime.GOMAXPROCS(0)
	const worthIt = 256 // pages: a mebibyte
	if n < worthIt || workers < 2 {
		for i := range n {
			if err := f(i); err != nil {
				return err
			}
		}
		return nil
	}
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := n * w / workers; i < n*(w+1)/workers && errs[w] == nil; i++ {
				errs[w] = f(i)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
