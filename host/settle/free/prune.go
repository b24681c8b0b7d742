package free

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
)

// past is what is left of the jobs that were forgotten: what they showed of everybody.
type past struct {
	// Standing is the sum of all marks that were made before any of a job that is still known. A streak depends on their order, so the others
	// are kept one by one (Marks) until those before them are here too.
	Standing []Reputation `cbor:"1,keyasint"`
	Marks    []mark       `cbor:"2,keyasint"`
	// Jobs and Own are whose marks are among them by now, though their records may still be there: a node that is killed between writing this
	// and removing them counts them once.
	Jobs []msg.Hash `cbor:"3,keyasint"`
	Own  []msg.Hash `cbor:"4,keyasint"`
}

// pastKey is where the one record of a past is.
var pastKey msg.Hash

// pruned is how many jobs are forgotten at once.
const pruned = 256

// forOwn is how long it is known that this node counted a job that it looked at by itself. Looked at again later it counts again.
const forOwn = forLie

// ends is when nothing that is said about a job counts any more, and it cannot be begun again either.
func (g *game) ends() time.Time {
	end := time.Unix(g.spec.Deadline+int64(g.spec.Policy.Window), 0)
	if g.receipt != nil {
		if closes := settle.Closes(&g.spec, g.receipt); closes.After(end) {
			end = closes
		}
	}
	return end.Add(settle.Grace)
}

// earlier reads the past.
func (s *Settlement) earlier() (*past, error) {
	p := new(past)
	if err := s.past.Get(pastKey, p); err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return p, nil
}

// Prune forgets the jobs about which nothing can be said any more since keep ago, and remembers what they showed of everybody: reputations
// stay what they are. It gives how many it forgot.
func (s *Settlement) Prune(ctx context.Context, keep time.Duration) (forgotten int, _ error) {
	for ctx.Err() == nil {
		n, err := s.pruneSome(ctx, keep)
		forgotten += n
		if err != nil || n < pruned {
			return forgotten, err
		}
	}
	return forgotten, ctx.Err()
}

func (s *Settlement) pruneSome(ctx context.Context, keep time.Duration) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fold(); err != nil {
		return 0, err
	}
	p, err := s.earlier()
	if err != nil {
		return 0, err
	}
	if err := s.remove(p); err != nil {
		return 0, err
	}
	keys, err := s.jobs.Keys()
	if err != nil {
		return 0, err
	}
	now, horizon := s.now(), int64(math.MaxInt64) // of the marks of what is still known
	stays := func(marks []mark) {
		for _, m := range marks {
			horizon = min(horizon, m.At)
		}
	}
	t := &together{s: s, changed: map[msg.Hash]record{}}
	var bad error
	for _, job := range keys {
		g, err := t.load(job)
		if err != nil {
			bad = errors.Join(bad, fmt.Errorf("job %s: %w", job, err)) // it stays, for somebody to look at
			continue
		}
		if !now.After(g.ends().Add(keep)) || len(p.Jobs) == pruned {
			stays(g.Earned)
			continue
		}
		// Whoever began it may never have looked how it ended.
		if _, err := t.Settle(ctx, job); err != nil {
			stays(g.Earned)
			bad = errors.Join(bad, err)
			continue
		}
		if g, err = t.load(job); err != nil {
			return 0, err
		}
		p.Jobs, p.Marks = append(p.Jobs, job), append(p.Marks, g.Earned...)
	}
	if keys, err = s.own.Keys(); err != nil {
		return 0, err
	}
	for _, job := range keys {
		var marks []mark
		if err := s.own.Get(job, &marks); err != nil {
			return 0, err
		}
		if recent := slices.ContainsFunc(marks, func(m mark) bool { return !now.After(time.Unix(0, m.At).Add(forOwn)) }); recent || len(p.Own) == pruned {
			stays(marks)
			continue
		}
		p.Own, p.Marks = append(p.Own, job), append(p.Marks, marks...)
	}
	if len(p.Jobs) == 0 && len(p.Own) == 0 {
		return 0, bad
	}
	p.sum(horizon)
	if err := s.past.Put(pastKey, *p); err != nil {
		return 0, err
	}
	s.count(t.earned)
	n := len(p.Jobs)
	return n, errors.Join(bad, s.remove(p))
}

// sum adds the marks before a time to the sums.
func (p *past) sum(horizon int64) {
	slices.SortStableFunc(p.Marks, func(a, b mark) int { return cmp.Compare(a.At, b.At) })
	n := 0
	for n < len(p.Marks) && p.Marks[n].At < horizon {
		n++
	}
	sums := standings{}
	sums.begin(p.Standing)
	for _, m := range p.Marks[:n] {
		sums.add(m)
	}
	p.Standing, p.Marks = sums.list(), slices.Clone(p.Marks[n:])
}

// remove removes the records of jobs that are past. What leads to others goes last.
func (s *Settlement) remove(p *past) error {
	if len(p.Jobs) == 0 && len(p.Own) == 0 {
		return nil
	}
	var long []msg.Hash
	for _, job := range p.Jobs {
		var r record
		err := s.jobs.Get(job, &r)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		for _, o := range r.Opened {
			if o.Said == nil {
				long = append(long, openedKey(job, o.By))
			}
		}
	}
	if err := s.opened.Delete(long...); err != nil {
		return err
	}
	if err := s.jobs.Delete(p.Jobs...); err != nil {
		return err
	}
	if err := s.own.Delete(p.Own...); err != nil {
		return err
	}
	p.Jobs, p.Own = nil, nil
	return s.past.Put(pastKey, *p)
}
