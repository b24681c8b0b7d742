package fault

import (
	"sync"

	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/msg"
)

// withholding is a store that does not give everything it has.
type withholding struct {
	blobs.Source
	p    *Play
	page func(h msg.Hash) bool // whether it is withheld
	blob func(b msg.Blob) bool
}

func (w *withholding) GetPage(h msg.Hash) ([]byte, error) {
	if w.page != nil && w.page(h) {
		w.p.act()
		return nil, blobs.ErrNotFound
	}
	return w.Source.GetPage(h)
}

func (w *withholding) Open(b msg.Blob) (blobs.Reader, error) {
	if w.blob != nil && w.blob(b) {
		w.p.act()
		return nil, blobs.ErrNotFound
	}
	return w.Source.Open(b)
}

func (p *Play) withhold(c *node.Config, page func(msg.Hash) bool, blob func(msg.Blob) bool) {
	c.Lies.Content = func(s blobs.Source) blobs.Source { return &withholding{s, p, page, blob} }
}

// once picks the first that it is asked about and no other.
type once struct {
	mu     sync.Mutex
	picked *msg.Hash
}

func (o *once) is(h msg.Hash) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.picked == nil {
		o.picked = &h
	}
	return *o.picked == h
}

// set is a set of blobs that grows.
type set struct {
	mu sync.Mutex
	in map[msg.Blob]bool
}

func (s *set) add(b msg.Blob) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.in == nil {
		s.in = map[msg.Blob]bool{}
	}
	s.in[b] = true
}

func (s *set) has(b msg.Blob) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.in[b]
}
