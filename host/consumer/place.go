package consumer

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// open makes, signs and keeps a job. It goes on from b, or begins at its beginning; root is the first of the jobs that it goes on from, zero
// if it is the first itself. Every job has a nonce, a secret and a commitment of its own: its sample has nothing to do with another's.
func (c *Consumer) open(ctx context.Context, req Request, b *base, root msg.Hash) (*Submission, *msg.JobSpec, error) {
	var random [40]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, nil, err
	}
	s := &Submission{Secret: msg.Hash(random[:32]), Peers: req.Peers, Created: time.Now().Unix(), Intervals: []identity.Signed{}, Keep: req.KeepState, Reissue: req.Reissue, Prefer: req.Prefer, Bidding: req.Bidding,
		Announcements: req.announcements}
	spec := &msg.JobSpec{Version: 1, Program: req.Job.Program, Consumer: c.cfg.Identity.Account(), Require: req.Require,
		PriceCap: req.PriceCap, Deadline: req.Deadline.Unix(), Policy: req.Policy, Commitment: settle.Commitment(s.Secret),
		Nonce: binary.BigEndian.Uint64(random[32:]), Times: req.Times}
	if c.cfg.Payer != nil {
		at := c.cfg.Payer.Market()
		spec.Market = &at
	}
	var err error
	if spec.Prior, err = b.prior(); err != nil {
		return nil, nil, err
	}
	if b != nil {
		s.Intervals, s.Earlier, s.Kept, s.Sources = b.intervals, b.earlier, b.kept, b.sources
	}
	if s.Spec, err = c.cfg.Identity.Sign(*spec); err != nil {
		return nil, nil, err
	}
	job := msg.HashOf(*spec)
	if s.Root = root; root == (msg.Hash{}) {
		s.Root = job
	}
	want, data := []msg.Blob{spec.Program.Module}, [][]byte{req.Job.Module}
	for i, in := range req.Job.Inputs {
		want, data = append(want, spec.Program.Inputs[i].Blob), append(data, in.Data)
	}
	got, err := store.PutAll(ctx, c.cfg.Store, owner(job), data...)
	if err != nil {
		return nil, nil, err
	}
	for i, b := range got {
		if b != want[i] {
			return nil, nil, fmt.Errorf("the module or an input is stored as %s, the job names %s", b.Root, want[i].Root)
		}
	}
	return s, spec, c.journal.write(job, s)
}

const ownerPrefix = "consumer/"

func owner(job msg.Hash) string { return ownerPrefix + job.String() }

// close ends a submission. The states that were kept of it are another matter: others may go on from them (replica.release).
func (c *Consumer) close(s *Submission, job msg.Hash, over, reason string) error {
	s.Over, s.Reason = over, reason
	if err := c.journal.write(job, s); err != nil {
		return err
	}
	c.expire(s, job)
	if over != "accepted" {
		c.bringShare(s, job)
	}
	return nil
}
