package race

// The shadow memory: for each word and family of accesses, who came there last.

const (
	pageBits  = 9
	pageCells = 1 << pageBits
	cellBytes = 24
)

// stamp is one access. The era counts workgroups begun and barriers passed, so it tells both the workgroup and the stretch
// between two barriers; 0 is no access.
type stamp struct {
	era  uint32
	inst uint32 // ID of the instruction << 8 | local index
}

func (s stamp) local() uint32 { return s.inst & 0xff }

// cell is what is kept of one family of accesses to one word: enough to know of a pair, not who they all were.
type cell struct {
	last  stamp // the first access of the latest era that has one
	other stamp // another invocation's in the same era
	older stamp // one by another workgroup than last's
}

// object is the shadow of one binding or workgroup variable.
type object struct {
	id     int
	shared bool // by all workgroups
	pages  [numFamilies][]*[pageCells]cell
	words  uint32
	used   []family
}

// clash finds an access in c that is not ordered with one by local in the current era of a workgroup that began with
// era start.
func (c *cell) clash(era, start, local uint32, shared bool) (stamp, bool) {
	if c.last.era == 0 {
		return stamp{}, false
	}
	if c.last.era < start {
		return c.last, shared
	}
	if c.last.era == era {
		if c.last.local() != local {
			return c.last, true
		}
		if c.other.era == era {
			return c.other, true
		}
	}
	return c.older, shared && c.older.era != 0
}

// note records an access.
func (c *cell) note(s stamp, start uint32) {
	switch {
	case c.last.era == s.era:
		if c.last.local() != s.local() && c.other.era != s.era {
			c.other = s
		}
	case c.last.era != 0 && c.last.era < start:
		c.older, c.last = c.last, s
	default:
		c.last = s
	}
}

// cell finds the cell of a word, making its page if asked to; nil if there is none. grown is how many bytes were added.
func (o *object) cell(f family, word uint32, create bool) (c *cell, grown int64) {
	pages := o.pages[f]
	if pages == nil {
		if !create {
			return nil, 0
		}
		pages = make([]*[pageCells]cell, (uint64(o.words)+pageCells-1)>>pageBits)
		o.pages[f] = pages
		o.used = append(o.used, f)
		grown += int64(len(pages)) * 8
	}
	p := pages[word>>pageBits]
	if p == nil {
		if !create {
			return nil, 0
		}
		p = new([pageCells]cell)
		pages[word>>pageBits] = p
		grown += pageCells * cellBytes
	}
	return &p[word%pageCells], grown
}
