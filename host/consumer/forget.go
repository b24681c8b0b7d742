package consumer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/msg"
)

// A job's record is needed as long as somebody can ask about it: the provider may come back with it until its deadline, then the challenge
// window runs, and then disputes are led to their end (settle.Grace). What Config.Keep says comes on top. The evidence of what was proven
// stays for good.

// forgetAfter is when a job is not needed any more.
func (c *Consumer) forgetAfter(spec *msg.JobSpec) time.Time {
	return time.Unix(spec.Deadline+int64(spec.Policy.Window), 0).Add(settle.Grace + c.cfg.Keep)
}

// Prune forgets the submissions that nobody can ask about any more, all jobs of one together, and gives how many jobs that were.
func (c *Consumer) Prune(ctx context.Context) (forgotten int, err error) {
	jobs, err := c.Jobs()
	if err != nil {
		return 0, err
	}
	now := time.Now()
	of := map[msg.Hash][]msg.Hash{} // by their first
	needed := map[msg.Hash]bool{}
	var bad error
	for _, job := range jobs {
		s, err := c.journal.head(job)
		var spec msg.JobSpec
		if err == nil {
			err = msg.Decode(s.Spec.Body, &spec)
		}
		if err != nil {
			bad = errors.Join(bad, fmt.Errorf("job %s: %w", job, err)) // it stays, for somebody to look at
			continue
		}
		of[s.Root] = append(of[s.Root], job)
		if _, followed := c.following.Load(job); followed || !now.After(c.forgetAfter(&spec)) {
			needed[s.Root] = true
		}
	}
	for root, jobs := range of {
		for _, job := range jobs {
			if needed[root] || ctx.Err() != nil {
				break
			}
			if err := c.forget(job); err != nil {
				bad = errors.Join(bad, fmt.Errorf("job %s: %w", job, err))
				break
			}
			forgotten++
		}
	}
	return forgotten, errors.Join(bad, c.forgetDisputes(now), ctx.Err())
}

// forget drops a job, with what it still pins if nobody ever ended it.
func (c *Consumer) forget(job msg.Hash) error {
	s, err := c.journal.head(job)
	if err != nil {
		return err
	}
	for _, m := range s.Kept {
		if err := c.cfg.Store.Release(stateOwner(job, m)); err != nil {
			return err
		}
	}
	if err := c.cfg.Store.Release(owner(job)); err != nil {
		return err
	}
	return c.journal.drop(job)
}

// forgetDisputes drops what is left of disputes that were never led to their end.
func (c *Consumer) forgetDisputes(now time.Time) error {
	journal := c.cfg.Store.Journal("consumer/disputes")
	keys, err := journal.Keys()
	if err != nil {
		return err
	}
	var old []msg.Hash
	for _, k := range keys {
		var d disputeRecord
		if err := journal.Get(k, &d); err != nil {
			return err
		}
		var spec msg.JobSpec
		if d.Evidence.Records == nil || msg.Decode(d.Evidence.Records.Spec.Body, &spec) != nil || now.After(c.forgetAfter(&spec)) {
			old = append(old, k)
		}
	}
	return journal.Delete(old...)
}
