package state

import (
	"fmt"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// Head is a section as a leaf of the state's tree.
type Head = head

// Heads gives the sections' heads in order.
func (s *Snapshot) Heads() []Head {
	out := make([]Head, len(s.parts))
	for i, p := range s.parts {
		out[i] = Head{p.name, uint64(p.size), p.root}
	}
	return out
}

// RootOf is the root of a state with these sections, which are in order.
func RootOf(heads []Head) msg.Hash {
	leaves := make([]msg.Hash, len(heads))
	for i, h := range heads {
		leaves[i] = h.leaf()
	}
	return merkle.Root(leaves)
}

// HashesOf lists the leaf hash of every page of some sections that has to be kept, each once. A full page of zeros is not among them.
func (s *Snapshot) HashesOf(wanted func(section string) bool) []msg.Hash {
	var hashes []msg.Hash
	seen := map[msg.Hash]bool{zeroPage: true}
	for _, p := range s.parts {
		if !wanted(p.name) {
			continue
		}
		for _, h := range p.leaves {
			if !seen[h] {
				seen[h] = true
				hashes = append(hashes, h)
			}
		}
	}
	return hashes
}

// AssemblePart is Assemble for some sections: of the others, whose pages are not wanted, only the heads are right, and their bytes are
// zeros.
func AssemblePart(b []byte, root msg.Hash, wanted func(section string) bool, get func(msg.Hash) ([]byte, error)) (*Snapshot, error) {
	parts, err := parse(b, root)
	if err != nil {
		return nil, err
	}
	var some []*part
	for _, p := range parts {
		if wanted(p.name) {
			some = append(some, p)
			continue
		}
		p.flat, p.pages = make([]byte, p.size), make([][]byte, len(p.leaves))
	}
	err = fill(some, func(hashes []msg.Hash) ([][]byte, error) {
		pages := make([][]byte, len(hashes))
		for i, h := range hashes {
			page, err := get(h)
			if err != nil {
				return nil, fmt.Errorf("state: page %v: %w", h, err)
			}
			pages[i] = page
		}
		return pages, nil
	})
	if err != nil {
		return nil, err
	}
	return newSnapshot(parts), nil
}
