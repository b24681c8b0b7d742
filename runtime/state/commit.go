package state

import (
	"bytes"
	"runtime"
	"sort"
	"sync"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// Mode says what a Committer may assume about a section from one commit to the next.
type Mode uint8

const (
	// Compared sections are kept as a copy and compared; only pages that changed are hashed.
	Compared Mode = iota
	// Rehashed sections are hashed as a whole, without a copy.
	Rehashed
	// Grown sections only ever have bytes added at their end.
	Grown
)

// Committer computes the root of a state again and again, paying for what changed since the last time.
type Committer struct {
	tracks map[string]*track
	round  uint64
}

// track is what is remembered of a section.
type track struct {
	mode   Mode
	size   int
	shadow []byte
	tree   *merkle.Tree
	head   msg.Hash // leaf in the state's tree
	round  uint64   // when it was last seen
}

// NewCommitter starts with nothing remembered.
func NewCommitter() *Committer { return &Committer{tracks: map[string]*track{}} }

// Begin starts a commit: sections not given by Set or Keep before Root are gone.
func (c *Committer) Begin() { c.round++ }

// Set gives a section's bytes as they are now.
func (c *Committer) Set(name string, mode Mode, data []byte) {
	t := c.tracks[name]
	if t == nil || t.mode != mode || len(data) < t.size {
		t = &track{mode: mode}
		c.tracks[name] = t
	}
	if t.update(data) || t.size != len(data) {
		t.size = len(data)
		t.head = head{name, uint64(t.size), t.tree.Root()}.leaf()
	}
	t.round = c.round
}

// Keep says that a section is as it was at the last commit. It reports false if there was none: Set it then.
func (c *Committer) Keep(name string) bool {
	t := c.tracks[name]
	if t == nil || t.round+1 < c.round {
		return false
	}
	t.round = c.round
	return true
}

// Root is the root over the sections given since Begin.
func (c *Committer) Root() msg.Hash {
	names := make([]string, 0, len(c.tracks))
	for n, t := range c.tracks {
		if t.round != c.round {
			delete(c.tracks, n)
			continue
		}
		names = append(names, n)
	}
	sort.Strings(names)
	heads := make([]msg.Hash, len(names))
	for i, n := range names {
		heads[i] = c.tracks[n].head
	}
	return merkle.Root(heads)
}

// Snapshot makes a snapshot of the state whose root was computed last. bytesOf gives a section's bytes, the same that
// were hashed; they are copied.
func (c *Committer) Snapshot(bytesOf func(name string) ([]byte, error)) (*Snapshot, error) {
	parts := make([]part, 0, len(c.tracks))
	for n, t := range c.tracks {
		data, err := bytesOf(n)
		if err != nil {
			return nil, err
		}
		p := part{name: n, data: bytes.Clone(data), root: t.tree.Root(), leaves: make([]msg.Hash, t.tree.Len())}
		for i := range p.leaves {
			p.leaves[i] = t.tree.Leaf(i)
		}
		parts = append(parts, p)
	}
	return newSnapshot(parts), nil
}

// Load makes a Committer that remembers a snapshot's sections, so that the first commit after a restore is as cheap as
// any other. Sections begin as Compared; one given in another mode is hashed anew.
func Load(s *Snapshot, mode func(name string) Mode) *Committer {
	c := NewCommitter()
	for i := range s.parts {
		p := &s.parts[i]
		t := &track{mode: mode(p.name), size: len(p.data), tree: merkle.NewTree(p.leaves)}
		if t.mode == Compared {
			t.shadow = bytes.Clone(p.data)
		}
		t.head = head{p.name, uint64(t.size), p.root}.leaf()
		c.tracks[p.name] = t
	}
	return c
}

// update brings the tree up to date with data, no shorter than before, and reports whether anything changed.
func (t *track) update(data []byte) bool {
	if t.tree == nil || t.mode == Rehashed {
		leaves := merkle.Leaves(data, PageSize)
		if t.tree == nil || t.tree.Len() != len(leaves) {
			t.tree = merkle.NewTree(leaves)
		} else {
			for i, h := range leaves {
				t.tree.Update(i, h)
			}
		}
		if t.mode == Compared {
			t.shadow = bytes.Clone(data)
		}
		return true
	}
	old := t.tree.Len()
	full := t.size / PageSize // pages that were full before
	changed := false
	if t.mode == Compared {
		pages := changedPages(t.shadow, data[:t.size])
		if len(data) > t.size {
			t.shadow = append(t.shadow, make([]byte, len(data)-t.size)...)
		}
		for _, i := range pages {
			page := data[i*PageSize : min((i+1)*PageSize, len(data))]
			copy(t.shadow[i*PageSize:], page)
			t.tree.Update(i, merkle.Leaf(page))
			changed = true
		}
	}
	if len(data) > t.size {
		tail := merkle.Leaves(data[full*PageSize:], PageSize)
		for i, h := range tail {
			if full+i < old {
				t.tree.Update(full+i, h)
			} else {
				t.tree.Append(h)
			}
		}
		if t.mode == Compared {
			copy(t.shadow[full*PageSize:], data[full*PageSize:])
		}
		changed = true
	}
	return changed
}

// changedPages lists the pages in which a and b, of one length, differ. Large ones are compared on all processors.
func changedPages(a, b []byte) []int {
	n := int(merkle.Count(uint64(len(b)), PageSize))
	scan := func(lo, hi int) (out []int) {
		const run = 16 // compare a run of pages at once; most are equal
		for i := lo; i < hi; i += run {
			end := min(i+run, hi)
			if bytes.Equal(a[i*PageSize:min(end*PageSize, len(a))], b[i*PageSize:min(end*PageSize, len(b))]) {
				continue
			}
			for k := i; k < end; k++ {
				if !bytes.Equal(a[k*PageSize:min((k+1)*PageSize, len(a))], b[k*PageSize:min((k+1)*PageSize, len(b))]) {
					out = append(out, k)
				}
			}
		}
		return out
	}
	workers := runtime.GOMAXPROCS(0)
	if len(b) < 4<<20 || workers < 2 {
		return scan(0, n)
	}
	found := make([][]int, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() { found[w] = scan(n*w/workers, n*(w+1)/workers) })
	}
	wg.Wait()
	var out []int
	for _, f := range found {
		out = append(out, f...)
	}
	return out
}
