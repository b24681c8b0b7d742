package free

import (
	"context"
	"maps"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// together are moves that are written at their end, each job's record once. The settlement's mu is held meanwhile.
type together struct {
	s       *Settlement
	changed map[msg.Hash]record
	earned  []mark
}

func (t *together) put(g *game) error {
	t.changed[g.job] = g.record
	return nil
}

// Together makes moves that are acknowledged all at once, when it returns: those that a node hears of together cost it one record. Moves
// that failed are left out, the others stay.
func (s *Settlement) Together(f func(moves settle.Settlement) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := &together{s: s, changed: map[msg.Hash]record{}}
	err := f(t)
	for job := range maps.Keys(t.changed) {
		if err := s.jobs.Put(job, t.changed[job]); err != nil {
			return err
		}
	}
	if len(t.earned) > 0 && s.standing != nil {
		s.count(t.earned)
	}
	return err
}

// Open records a signed job and what its consumer and the provider that took it agreed on.
func (s *Settlement) Open(ctx context.Context, spec identity.Signed, agreement rpc.Agreement) error {
	return s.Together(func(t settle.Settlement) error { return t.Open(ctx, spec, agreement) })
}

// Commit records the provider's signed receipt.
func (s *Settlement) Commit(ctx context.Context, receipt identity.Signed) error {
	return s.Together(func(t settle.Settlement) error { return t.Commit(ctx, receipt) })
}

// Reveal opens the consumer's share of the beacon.
func (s *Settlement) Reveal(ctx context.Context, reveal identity.Signed) error {
	return s.Together(func(t settle.Settlement) error { return t.Reveal(ctx, reveal) })
}

// Seed gives the beacon of a job.
func (s *Settlement) Seed(ctx context.Context, job msg.Hash) (seed msg.Hash, err error) {
	err = s.Together(func(t settle.Settlement) (err error) { seed, err = t.Seed(ctx, job); return err })
	return seed, err
}

// Promise records a validator's commitment to its verdicts.
func (s *Settlement) Promise(ctx context.Context, promise identity.Signed) error {
	return s.Together(func(t settle.Settlement) error { return t.Promise(ctx, promise) })
}

// Opened records the verdicts that a validator had committed itself to.
func (s *Settlement) Opened(ctx context.Context, o rpc.Opened) error {
	return s.Together(func(t settle.Settlement) error { return t.Opened(ctx, o) })
}

// Rule records what was proven.
func (s *Settlement) Rule(ctx context.Context, ruling settle.Ruling) error {
	return s.Together(func(t settle.Settlement) error { return t.Rule(ctx, ruling) })
}

// Case gives the moves that were made about a job.
func (s *Settlement) Case(ctx context.Context, job msg.Hash) (c *settle.Case, err error) {
	err = s.Together(func(t settle.Settlement) (err error) { c, err = t.Case(ctx, job); return err })
	return c, err
}

// Settle says how a job ended, or with settle.ErrNotYet how it stands.
func (s *Settlement) Settle(ctx context.Context, job msg.Hash) (out *settle.Outcome, err error) {
	err = s.Together(func(t settle.Settlement) (err error) { out, err = t.Settle(ctx, job); return err })
	return out, err
}
