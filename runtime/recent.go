package runtime

import (
	"slices"
	"sync"

	"github.com/gwrun/gwrun/proto/msg"
)

// Recent keeps modules that were made ready, for the next jobs with the same module and the same limits on memory and stack: those need
// not check, instrument and compile it again, which is most of what a small job takes. What was not asked for longest goes first.
type Recent struct {
	most int

	mu   sync.Mutex
	held int
	list []*prepared // the last asked for last
}

// NewRecent makes room for so many bytes of modules. What they are made into takes some ten times as much memory.
func NewRecent(bytes int) *Recent { return &Recent{most: bytes} }

// find gives the module of a key, nil if it is not there.
func (r *Recent) find(key msg.Hash) *prepared {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.list, func(p *prepared) bool { return p.key == key })
	if i < 0 {
		return nil
	}
	p := r.list[i]
	r.list = append(slices.Delete(r.list, i, i+1), p)
	return p
}

// keep adds a module, and gives what is to be used: of two jobs that make one ready at once, the first one's.
func (r *Recent) keep(p *prepared) *prepared {
	if r == nil || len(p.mod) > r.most {
		return p
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.IndexFunc(r.list, func(o *prepared) bool { return o.key == p.key }); i >= 0 {
		return r.list[i]
	}
	r.list = append(r.list, p)
	for r.held += len(p.mod); r.held > r.most; {
		r.held -= len(r.list[0].mod)
		r.list = slices.Delete(r.list, 0, 1) // the jobs that use it have it still
	}
	return p
}
