package evm

import (
	"context"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
)

// Prune forgets jobs as the book does, and what the agent is done with. What the chain is still to be led to an end for stays, whatever the book
// forgets: all that it takes is kept with it.
func (s *Settlement) Prune(ctx context.Context, keep time.Duration) (int, error) {
	n, err := s.Settlement.Prune(ctx, keep)
	if err != nil {
		return n, err
	}
	now, err := s.now(ctx)
	if err != nil {
		return n, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, p := range s.live {
		t := &p.Agreement.Terms
		if end := max(t.Opens, t.Deadline) + uint64(t.Window) + uint64(max(0, keep)/time.Second); !p.Over || uint64(now.Unix()) <= end {
			continue
		}
		if err := s.pursuits.Delete(id); err != nil {
			return n, err
		}
		delete(s.live, id)
		s.clear(id)
	}
	for key, d := range s.duty {
		if !d.Over {
			continue
		}
		if err := s.duties.Delete(key); err != nil {
			return n, err
		}
		delete(s.duty, key)
		s.clear(key)
	}
	for key, d := range s.doubles {
		if !d.Over {
			continue
		}
		if err := s.twice.Delete(key); err != nil {
			return n, err
		}
		delete(s.doubles, key)
		s.clear(key)
	}
	return n, nil
}

// clear forgets what was remembered about trying something. Called with mu held.
func (s *Settlement) clear(key msg.Hash) {
	if t := s.tried[key]; t != nil && !t.busy {
		delete(s.tried, key)
	}
	delete(s.over, key)
}
