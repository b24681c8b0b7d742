package provider

import (
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/gwrun/gwrun/host/store"
)

// lookAgain is how long a full disk is believed to be full.
const lookAgain = 10 * time.Second

// sawFull remembers that the disk is full, if that is what an error says: no job is taken until there is room. Called with mu held.
func (p *Provider) sawFull(err error) {
	if errors.Is(err, store.ErrFull) {
		p.full, p.tried = true, p.cfg.now()
		p.cfg.Log.Error("the disk is full: no job is taken until there is room", "err", err)
	}
}

// noRoom says why a job whose module and inputs have so many bytes does not fit on the disk, "" if it does. Anybody may ask: the store is
// looked at now and then only.
func (p *Provider) noRoom(content uint64) string {
	p.room.Lock()
	defer p.room.Unlock()
	now := p.cfg.now()
	p.mu.Lock()
	look := p.full && now.Sub(p.tried) >= lookAgain
	p.mu.Unlock()
	if look {
		err := p.write()
		p.mu.Lock()
		p.full, p.tried = err != nil, now
		p.mu.Unlock()
	}
	p.mu.Lock()
	full := p.full
	p.mu.Unlock()
	if full {
		return "this provider's disk is full"
	}
	if u := &p.usage; p.looked.IsZero() || u.Quota > 0 && now.Sub(p.looked) >= lookAgain {
		var err error
		if *u, err = p.cfg.Store.Usage(); err != nil {
			return "this provider's disk cannot be read"
		}
		p.looked = now
	}
	if u := p.usage; u.Quota > 0 && (u.Pinned > u.Quota || content > u.Quota-u.Pinned) {
		return fmt.Sprintf("the job's module and inputs have %d bytes, this provider has room for %d", content, max(u.Quota, u.Pinned)-u.Pinned)
	}
	return ""
}

// write tries whether the store takes a page.
func (p *Provider) write() error {
	const own = "provider/room"
	page := make([]byte, 4096)
	rand.Read(page)
	_, err := p.cfg.Store.PutPages(own, [][]byte{page})
	return errors.Join(err, p.cfg.Store.Release(own))
}
