package consumer

import (
	"errors"
	"strings"
	"time"

	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
)

// expire ends what this side keeps for a submission that is over now, once nobody can question it any more.
func (c *Consumer) expire(s *Submission, job msg.Hash) {
	var spec msg.JobSpec
	if err := msg.Decode(s.Spec.Body, &spec); err != nil {
		c.cfg.Log.Error("reading a job of the journal", "job", job, "err", err)
		return
	}
	end := time.Now()
	if s.Receipt != nil || s.Over == "moved" { // whoever goes on with it needs its module and inputs
		end = end.Add(time.Duration(spec.Policy.Window)*time.Second + c.cfg.Keep)
	}
	if err := c.cfg.Store.Expire(owner(job), end); err != nil {
		c.cfg.Log.Error("setting how long a job is kept", "job", job, "err", err)
	}
}

// expireRest is for what a process that died left without an end: submissions whose end the journal knows, those that nobody was given, and
// what was stored for a job that never came into the journal.
func (c *Consumer) expireRest() error {
	all, err := c.cfg.Store.Holdings()
	if err != nil {
		return err
	}
	for _, h := range all {
		name, mine := strings.CutPrefix(h.Owner, ownerPrefix)
		name, _, state := strings.Cut(name, "/state/")
		job, err := msg.ParseHash(name)
		if !mine || err != nil || !h.Until.IsZero() {
			continue
		}
		if state {
			if err := c.releaseRest(job, h.Owner); err != nil {
				return err
			}
			continue
		}
		switch s, err := c.journal.head(job); {
		case errors.Is(err, store.ErrNotFound):
			if err := c.cfg.Store.Release(h.Owner); err != nil {
				return err
			}
		case err != nil:
			return err
		case s.Over != "" || s.Addr == "":
			c.expire(s, job)
		}
	}
	return nil
}
