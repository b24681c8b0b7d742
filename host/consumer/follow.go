package consumer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// see follows a job from its start to its receipt and outputs.
func (c *Consumer) see(ctx context.Context, s *Submission, spec *msg.JobSpec, event func(Event)) (*run, error) {
	job := msg.HashOf(*spec)
	if err := c.cfg.Settlement.Open(ctx, s.Spec, s.Provider); err != nil {
		return nil, err
	}
	prov := c.Peer(s)
	res := &Result{Job: job, Provider: s.Provider, Addr: s.Addr}
	if s.Receipt == nil {
		if err := c.follow(ctx, s, job, prov, res, event); err != nil {
			return nil, err
		}
	}
	res.Reconnect = s.Reconnects
	// The secret was never out before there was a receipt: signing it now is revealing it.
	reveal, err := c.cfg.Identity.Sign(rpc.Reveal{Job: job, Secret: s.Secret})
	if err != nil {
		return nil, err
	}
	res.Records = rpc.JobRecords{Spec: s.Spec, Receipt: *s.Receipt, Intervals: s.Intervals, Reveal: &reveal}
	said, err := claim.Read(&res.Records)
	if err != nil {
		var lie *claim.Inconsistent
		if errors.As(err, &lie) {
			err = fmt.Errorf("%w: the provider's own records contradict each other: %s", ErrRejected, lie.Text)
			return nil, errors.Join(err, c.close(s, job, "rejected", lie.Text))
		}
		return nil, fmt.Errorf("the provider's records: %w", err)
	}
	res.Receipt, res.Intervals = said.Receipt, said.Intervals
	event(Event{Job: job, Provider: s.Addr, Kind: "receipt", Text: said.Receipt.Trace.String()})
	if err := c.cfg.Settlement.Commit(ctx, *s.Receipt); err != nil {
		return nil, err
	}
	blobs := make([]msg.Blob, len(said.Receipt.Outputs))
	left := spec.Program.Limits.OutputBytes
	for i, o := range said.Receipt.Outputs {
		if o.Blob.Size > left {
			err := fmt.Errorf("%w: the receipt promises more than the %d bytes of output the job may write", ErrRejected, spec.Program.Limits.OutputBytes)
			return nil, errors.Join(err, c.close(s, job, "rejected", "outputs past the job's limit"))
		}
		left -= o.Blob.Size
		blobs[i] = o.Blob
	}
	if err := prov.Fetch(ctx, c.cfg.Store, owner(job), blobs); err != nil {
		return nil, fmt.Errorf("fetching the outputs: %w", err)
	}
	return &run{s: s, spec: spec, res: res, said: said}, nil
}

// follow starts the job and watches it until there is a receipt. A provider that falls silent is waited for and found
// again; what it had committed to before must still stand.
func (c *Consumer) follow(ctx context.Context, s *Submission, job msg.Hash, prov *peer.Peer, res *Result, event func(Event)) error {
	silent := time.Time{} // since when
	for {
		err := c.once(ctx, s, job, prov, res, event, func() {
			if !silent.IsZero() {
				silent = time.Time{}
				s.Reconnects++
				event(Event{Job: job, Provider: s.Addr, Kind: "back", Text: "the provider is back; the job goes on"})
			}
		})
		switch {
		case err == nil:
			return c.journal.Put(job, *s)
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrBroken), errors.Is(err, ErrRejected), transport.HasCode(err, transport.BadRequest):
			return err
		}
		if silent.IsZero() {
			silent = time.Now()
			event(Event{Job: job, Provider: s.Addr, Kind: "lost", Text: err.Error()})
		}
		if time.Since(silent) > c.cfg.Patience {
			return fmt.Errorf("%w: silent for %s: %w", ErrGone, time.Since(silent).Round(time.Second), err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// once is one connection's worth of following.
func (c *Consumer) once(ctx context.Context, s *Submission, job msg.Hash, prov *peer.Peer, res *Result, event func(Event), back func()) error {
	if _, err := prov.Start(ctx, rpc.Start{Spec: s.Spec}); err != nil {
		return err
	}
	back()
	var last rpc.JobStatus
	err := prov.Watch(ctx, rpc.Watch{Job: job, From: uint64(len(s.Intervals))}, func(e rpc.JobEvent) error {
		switch {
		case e.Interval != nil:
			var ic rpc.IntervalCommit
			if err := e.Interval.OpenFrom(&ic, s.Provider); err != nil {
				return err
			}
			if ic.Job != job || ic.Record.Index != uint64(len(s.Intervals)) {
				return fmt.Errorf("%w: interval %d of job %s came where %d was wanted", ErrRejected, ic.Record.Index, ic.Job, len(s.Intervals))
			}
			s.Intervals = append(s.Intervals, *e.Interval)
			return c.journal.Put(job, *s)
		case e.Receipt != nil:
			s.Receipt = e.Receipt
		case e.Status != nil:
			last = *e.Status
			res.Restarts = last.Restarts
			event(Event{Job: job, Provider: s.Addr, Kind: "status", Status: e.Status})
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case last.State == rpc.StateBroken:
		return fmt.Errorf("%w: %s", ErrBroken, last.Error)
	case last.State == rpc.StateCancelled:
		c.close(s, job, "cancelled", last.Error)
		return fmt.Errorf("%w: %s", ErrRejected, last.Error)
	case s.Receipt == nil:
		return errors.New("the provider ended the watch without a receipt")
	}
	return nil
}
