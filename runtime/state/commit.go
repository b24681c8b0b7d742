package state

import (
	"bytes"
	"runtime"
	"slices"
	"sync"

	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
)

// Committer computes the root of a state again and again, paying for what changed since the last time. It keeps a copy
// of every page to see what that is, and hashes from the copies, while the job goes on if its caller so wishes.
//
// One goroutine at a time uses a Committer, and one at a time the Commit it made last. Its copies are shared with the
// snapshots it makes, and never written to after that.
type Committer struct {
	tracks map[string]*track
	round  uint64
	last   *Commit
}

// Commit is what a state was when it was committed to.
type Commit struct {
	once   sync.Once
	tracks []*track
	root   msg.Hash
}

// Root hashes what changed, the first time it is called, and gives the state's root.
func (c *Commit) Root() msg.Hash {
	c.once.Do(func() {
		c.root = hash(c.tracks)
		c.tracks = nil
	})
	return c.root
}

// track is what is remembered of a section.
type track struct {
	name  string
	size  int
	pages [][]byte // as last given; nil is a full page of zeros
	own   []bool   // pages that no snapshot has, which may be overwritten
	stale []int    // pages that are not hashed yet
	tree  *merkle.Tree
	head  msg.Hash // leaf in the state's tree
	round uint64   // when it was last seen
	part  *part    // what the last snapshot has of it, if it was not changed since
}

// NewCommitter starts with nothing remembered.
func NewCommitter() *Committer { return &Committer{tracks: map[string]*track{}} }

// Begin starts a commit: sections not given before Commit are gone. It waits for the root of the last one.
func (c *Committer) Begin() {
	if c.last != nil {
		c.last.Root()
	}
	c.round++
}

// Set gives a section's bytes as they are now.
func (c *Committer) Set(name string, data []byte) {
	t := c.tracks[name]
	if t == nil || len(data) < t.size {
		t = &track{name: name, tree: merkle.NewTree(nil)}
		c.tracks[name] = t
	}
	t.round = c.round
	t.change(len(data), 0, data)
}

// Grow is Set for a section that only ever had bytes added at its end.
func (c *Committer) Grow(name string, data []byte) {
	t := c.tracks[name]
	if t == nil || len(data) < t.size {
		c.Set(name, data)
		return
	}
	t.round = c.round
	if full := t.size &^ (PageSize - 1); full < len(data) {
		t.change(len(data), full, data[full:])
	}
}

// Change says that in a section of so many bytes only those from offset on may have changed, and gives them. The offset
// is a multiple of PageSize, and data ends at one or at the section's end. It reports false if the section was not there at
// the last commit, or had another size: Set it then.
func (c *Committer) Change(name string, size, offset int, data []byte) bool {
	t := c.tracks[name]
	if t == nil || t.round+1 < c.round || t.size != size {
		return false
	}
	t.round = c.round
	t.change(size, offset, data)
	return true
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

// Leaf gives the leaf hash of a page at the last commit, for whoever finds out by himself what changed.
func (c *Committer) Leaf(name string, page int) (msg.Hash, bool) {
	t := c.tracks[name]
	if t == nil || t.round+1 < c.round || page >= t.tree.Len() {
		return msg.Hash{}, false
	}
	return t.tree.Leaf(page), true
}

// Commit ends what Begin began. What was given by Set and the like may be changed from now on.
func (c *Committer) Commit() *Commit {
	live := make([]*track, 0, len(c.tracks))
	for n, t := range c.tracks {
		if t.round != c.round {
			delete(c.tracks, n)
			continue
		}
		live = append(live, t)
	}
	c.last = &Commit{tracks: live}
	return c.last
}

// hash brings the trees up to date and gives the root over them.
func hash(tracks []*track) msg.Hash {
	type job struct {
		t    *track
		page int
	}
	var jobs []job
	for _, t := range tracks {
		for _, i := range t.stale {
			jobs = append(jobs, job{t, i})
		}
	}
	pages := make([][]byte, len(jobs))
	for i, j := range jobs {
		pages[i] = j.t.pages[j.page]
	}
	leaves := leavesOf(pages)
	for i, j := range jobs {
		if j.page < j.t.tree.Len() {
			j.t.tree.Update(j.page, leaves[i])
		} else {
			j.t.tree.Append(leaves[i]) // stale is ascending
		}
	}
	slices.SortFunc(tracks, func(a, b *track) int {
		if a.name < b.name {
			return -1
		}
		return 1
	})
	heads := make([]msg.Hash, len(tracks))
	for i, t := range tracks {
		if len(t.stale) > 0 || t.head == (msg.Hash{}) {
			t.head = head{t.name, uint64(t.size), t.tree.Root()}.leaf()
			t.stale = t.stale[:0]
		}
		heads[i] = t.head
	}
	return merkle.Root(heads)
}

// leavesOf gives the leaf hashes of pages; nil is a full page of zeros. Full pages are put together, because those of one
// length are hashed faster together.
func leavesOf(pages [][]byte) []msg.Hash {
	leaves := make([]msg.Hash, len(pages))
	full := make([][]byte, 0, len(pages))
	for i, p := range pages {
		switch {
		case p == nil:
			leaves[i] = zeroPage
		case len(p) == PageSize:
			full = append(full, p)
		default:
			leaves[i] = merkle.Leaf(p)
		}
	}
	hashed := merkle.LeavesOf(full)
	for i, p := range pages {
		if len(p) == PageSize {
			leaves[i], hashed = hashed[0], hashed[1:]
		}
	}
	return leaves
}

// Snapshot makes a snapshot of the state last committed to. It shares the pages that are the same with those before it.
func (c *Committer) Snapshot() *Snapshot {
	if c.last != nil {
		c.last.Root()
	}
	parts := make([]*part, 0, len(c.tracks))
	for _, t := range c.tracks {
		if t.part == nil {
			t.part = &part{name: t.name, size: t.size, pages: slices.Clone(t.pages), root: t.tree.Root(), leaves: make([]msg.Hash, t.tree.Len())}
			for i := range t.part.leaves {
				t.part.leaves[i] = t.tree.Leaf(i)
			}
			clear(t.own)
		}
		parts = append(parts, t.part)
	}
	return newSnapshot(parts)
}

// Load makes a Committer that remembers a snapshot's sections, so that the first commit after a restore is as cheap as
// any other.
func Load(s *Snapshot) *Committer {
	c := NewCommitter()
	for _, p := range s.parts {
		c.tracks[p.name] = &track{name: p.name, size: p.size, pages: slices.Clone(p.pages), own: make([]bool, len(p.pages)),
			tree: merkle.NewTree(p.leaves), head: p.head(), part: p}
	}
	return c
}

// change takes over bytes from offset on into a section that has size bytes now, at least as many as before. If it has
// more, data has all of the new ones.
func (t *track) change(size, offset int, data []byte) {
	n := int(merkle.Count(uint64(size), PageSize))
	if size != t.size {
		t.pages = append(t.pages, make([][]byte, n-len(t.pages))...)
		t.own = append(t.own, make([]bool, n-len(t.own))...)
		t.size, t.part = size, nil
	}
	first := offset / PageSize
	known := t.tree.Len()
	count := int(merkle.Count(uint64(len(data)), PageSize))
	scan := func(lo, hi int, stale []int) []int {
		for k := lo; k < hi; k++ {
			i, page := first+k, data[k*PageSize:min((k+1)*PageSize, len(data))]
			if i < known && t.same(i, page) {
				continue
			}
			t.keep(i, page)
			stale = append(stale, i)
		}
		return stale
	}
	workers := runtime.GOMAXPROCS(0)
	if len(data) < 1<<20 || workers < 2 {
		t.stale = scan(0, count, t.stale)
	} else {
		found := make([][]int, workers)
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() { found[w] = scan(count*w/workers, count*(w+1)/workers, nil) })
		}
		wg.Wait()
		for _, f := range found {
			t.stale = append(t.stale, f...)
		}
	}
	if len(t.stale) > 0 {
		t.part = nil
	}
}

// same says whether page i is still what it was.
func (t *track) same(i int, page []byte) bool {
	if p := t.pages[i]; p != nil {
		return bytes.Equal(p, page)
	}
	return bytes.Equal(page, zeros[:])
}

// keep takes a copy of page i.
func (t *track) keep(i int, page []byte) {
	switch {
	case page[0] == 0 && bytes.Equal(page, zeros[:]):
		t.pages[i], t.own[i] = nil, false
	case t.own[i] && len(t.pages[i]) == len(page):
		copy(t.pages[i], page)
	default:
		t.pages[i], t.own[i] = bytes.Clone(page), true
	}
}
