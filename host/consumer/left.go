package consumer

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// A provider that has a receipt and no share of the beacon has witnesses see whether the consumer brings it (rpc.DutyReveal). It may never
// have shown the receipt; so as long as there is none the consumer looks whether it was left with them, and it brings its share wherever a
// job ends, even one that it does not want any more.

// witnesses are those who would attest that this consumer did not bring its share.
func (s *Submission) witnesses(spec *msg.JobSpec, job msg.Hash) []msg.Account {
	about := rpc.Absence{Job: job, Who: spec.Consumer, Duty: rpc.DutyReveal}
	return settle.WitnessesOf(msg.Hash{}, spec, &msg.Receipt{Provider: s.Provider}, &about)
}

// at is how a candidate or the provider is reached, by its own announcement; nil if there is none.
func (c *Consumer) at(s *Submission, who msg.Account) *peer.Peer {
	for _, signed := range s.Announcements {
		var a rpc.Announcement
		if signed.OpenFrom(&a, who) == nil && len(a.Addrs) > 0 {
			return peer.New(c.cfg.Endpoint, a.Addrs[0], &who)
		}
	}
	return nil
}

// lookForReceipt looks with the witnesses for a receipt that the provider does not show, until there is one or ctx ends. It reports whether
// it found one, which is then the submission's.
func (a *attempt) lookForReceipt(ctx context.Context) bool {
	who := a.s.witnesses(a.spec, a.job)
	every := time.Duration(a.spec.Policy.Clock) * time.Second / 4
	if len(who) == 0 || every == 0 {
		return false
	}
	look := time.NewTicker(every)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-look.C:
		}
		found := make(chan *rpc.JobRecords, len(who))
		var asked sync.WaitGroup
		for _, w := range who {
			p := a.c.at(a.s, w)
			if p == nil {
				continue
			}
			asked.Go(func() {
				ctx, cancel := context.WithTimeout(ctx, every)
				defer cancel()
				records, err := p.Left(ctx, a.job)
				if err == nil && records != nil {
					err = a.left(records)
				}
				if err == nil && records != nil {
					found <- records
				} else if err != nil {
					a.c.cfg.Log.Debug("looking for a receipt with a witness", "job", a.job, "witness", w, "err", err)
				}
			})
		}
		asked.Wait()
		close(found)
		for r := range found {
			err := a.update(func() {
				if a.s.Receipt != nil {
					return // the provider showed it after all
				}
				// What it gave before stands: if it signed others since, the receipt contradicts these.
				a.s.Receipt, a.s.Intervals = &r.Receipt, append(a.s.Intervals, r.Intervals[min(len(a.s.Intervals), len(r.Intervals)):]...)
			})
			if err != nil {
				a.c.cfg.Log.Error("writing the journal", "job", a.job, "err", err)
				return false
			}
			return true
		}
	}
}

// left checks that records which a witness gives are this job's.
func (a *attempt) left(r *rpc.JobRecords) error {
	c, err := claim.Read(r)
	if c == nil {
		return err
	}
	// What contradicts itself in them speaks against the provider, which is found out like any other receipt of this kind.
	if c.Job != a.job || c.Receipt.Provider != a.s.Provider || c.Receipt.Job != a.job {
		return fmt.Errorf("a receipt of job %s by %s, wanted %s by %s", c.Receipt.Job, c.Receipt.Provider, a.job, a.s.Provider)
	}
	return nil
}

// bringShare brings the share of a job that is over to the witnesses, and remembers that it did once most of them have it.
func (c *Consumer) bringShare(s *Submission, job msg.Hash) {
	var spec msg.JobSpec
	if s.Brought || s.Addr == "" || msg.Decode(s.Spec.Body, &spec) != nil || spec.Deadline+int64(spec.Policy.Window) < time.Now().Unix() {
		return
	}
	who := s.witnesses(&spec, job)
	if len(who) == 0 {
		return
	}
	signed, err := c.cfg.Identity.Sign(rpc.Reveal{Job: job, Secret: s.Secret})
	if err != nil {
		c.cfg.Log.Error("signing the share of the beacon", "job", job, "err", err)
		return
	}
	over, reason := s.Over, s.Reason
	var to []*peer.Peer
	for _, w := range who {
		if p := c.at(s, w); p != nil {
			to = append(to, p)
		}
	}
	c.later(context.Background(), func(ctx context.Context) {
		var mu sync.Mutex
		var all sync.WaitGroup
		have := 0
		for _, p := range to {
			all.Go(func() {
				if err := p.Bring(ctx, signed); err != nil {
					c.cfg.Log.Debug("bringing the share of the beacon to a witness", "job", job, "witness", p.Addr, "err", err)
					return
				}
				mu.Lock()
				have++
				mu.Unlock()
			})
		}
		all.Wait()
		if have < settle.Majority(len(who)) {
			return
		}
		if now, err := c.journal.head(job); err == nil && now.Over == over && now.Reason == reason {
			now.Brought = true
			if err := c.journal.write(job, now); err != nil {
				c.cfg.Log.Error("writing the journal", "job", job, "err", err)
			}
		}
	})
}

// bringRest brings the shares that a process which died did not.
func (c *Consumer) bringRest() error {
	jobs, err := c.Jobs()
	if err != nil {
		return err
	}
	for _, job := range jobs {
		s, err := c.journal.head(job)
		if err != nil {
			return err
		}
		if s.Over != "" && s.Over != "accepted" {
			c.bringShare(s, job)
		}
	}
	return nil
}
