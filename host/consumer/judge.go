package consumer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// judging is a result on its way to its outcome. All that has come of it is in the settlement: one that is interrupted goes on from there.
type judging struct {
	c     *Consumer
	r     *run
	nodes []*node
	event func(Event)
	seed  msg.Hash
	// disputed are intervals in which replicas of the job differ: whoever checks this one looks at them too.
	disputed []uint64
	// absences are the words of witnesses by which jurors were replaced.
	absences []identity.Signed

	mu sync.Mutex
	// stuck are jurors that nothing more can be had from now, and why; tried are the verdicts that were to be proven.
	stuck map[msg.Account]string
	tried map[doubt]bool
	// states and sources are where validators get what the provider did not give them.
	states  map[uint64]msg.Blob
	sources []string

	recovering sync.Mutex // held while what is missing is looked for
}

// doubt is a verdict on an interval.
type doubt struct {
	by       msg.Account
	interval uint64
}

// judge opens the beacon, has the jury check, and what it finds proven, and settles.
func (c *Consumer) judge(ctx context.Context, r *run, nodes []*node, disputed []uint64, event func(Event)) error {
	job := r.res.Job
	if err := c.cfg.Settlement.Reveal(ctx, *r.res.Records.Reveal); err != nil {
		return err
	}
	j := &judging{c: c, r: r, nodes: nodes, event: event, stuck: map[msg.Account]string{}, tried: map[doubt]bool{}, states: map[uint64]msg.Blob{}}
	maps.Copy(j.states, r.states)
	for _, i := range disputed {
		if i < uint64(len(r.said.Intervals)) {
			j.disputed = append(j.disputed, i)
		}
	}
	var err error
	if j.seed, err = c.cfg.Settlement.Seed(ctx, job); err != nil {
		return err
	}
	j.reveal(ctx)
	out, over, err := j.settle(ctx)
	if err != nil {
		return err
	}
	r.res.Outcome = out
	made, err := c.cfg.Settlement.Case(ctx, job)
	if err != nil {
		return err
	}
	r.res.Opened = made.Opened
	j.tellProvider(ctx, made)
	if err := j.pay(out, over); err != nil {
		return err
	}
	switch {
	case out.Accepted:
		return c.close(r.s, job, "accepted", out.Reason)
	case over:
		return errors.Join(fmt.Errorf("%w: %s", ErrRejected, out.Reason), c.close(r.s, job, "rejected", out.Reason))
	}
	c.expire(r.s, job)
	return fmt.Errorf("%w: %s; it may be resumed until %s", ErrRejected, j.explain(out), settle.Closes(r.spec, &r.said.Receipt).UTC().Format(time.RFC3339))
}

// explain says how a job stands, and why it goes no further.
func (j *judging) explain(out *settle.Outcome) string {
	text := out.Reason
	for _, a := range out.Jury {
		if why := j.stuck[a]; why != "" {
			text += "; " + a.String() + ": " + why
		}
	}
	return text
}

// settle has the jury do its work until there is an outcome, or nothing more can be done about it now: then over is false.
func (j *judging) settle(ctx context.Context) (out *settle.Outcome, over bool, err error) {
	if err := j.recall(ctx); err != nil {
		return nil, false, err
	}
	for {
		out, err := j.c.cfg.Settlement.Settle(ctx, j.r.res.Job)
		if err == nil || !errors.Is(err, settle.ErrNotYet) {
			return out, err == nil, err
		}
		moved, err := j.round(ctx, out.Jury)
		if ctx.Err() != nil {
			return nil, false, ctx.Err()
		}
		if err != nil || !moved {
			return out, false, err
		}
	}
}

// recall reads the words of witnesses back from the evidence that the rulings so far are by, and shows what was proven before.
func (j *judging) recall(ctx context.Context) error {
	made, err := j.c.cfg.Settlement.Case(ctx, j.r.res.Job)
	if err != nil {
		return err
	}
	for i := range made.Rulings {
		e, err := j.c.evidence(made.Rulings[i].Evidence)
		if err != nil {
			return fmt.Errorf("evidence of a ruling on job %s: %w", j.r.res.Job, err)
		}
		x := &made.Rulings[i] // made from what Verify said
		j.proven(&Disputed{Evidence: e, Blob: x.Evidence,
			Outcome: &dispute.Outcome{Kind: x.Kind, Job: x.Job, Provider: j.r.s.Provider, Interval: &x.Interval, Guilty: x.Guilty, Reason: x.Reason}})
	}
	return nil
}

// reveal brings the share of the beacon to the provider and to those who would witness that it was not.
func (j *judging) reveal(ctx context.Context) {
	signed := *j.r.res.Records.Reveal
	j.c.later(ctx, func(ctx context.Context) {
		if _, err := j.c.Peer(j.r.s).Reveal(ctx, signed); err != nil {
			j.c.cfg.Log.Warn("revealing the beacon to the provider", "job", j.r.res.Job, "err", err)
		}
	})
	about := rpc.Absence{Job: j.r.res.Job, Who: j.r.spec.Consumer, Duty: rpc.DutyReveal}
	for _, a := range settle.WitnessesOf(j.seed, j.r.spec, &j.r.said.Receipt, &about) {
		if p := j.peer(a); p != nil {
			j.c.later(ctx, func(ctx context.Context) {
				if err := p.Bring(ctx, signed); err != nil {
					j.c.cfg.Log.Debug("revealing the beacon to a witness", "job", j.r.res.Job, "witness", a, "err", err)
				}
			})
		}
	}
}

// tellProvider brings the provider what was found, for its own book.
func (j *judging) tellProvider(ctx context.Context, made *settle.Case) {
	if len(made.Promises) == 0 {
		return
	}
	j.c.later(ctx, func(ctx context.Context) {
		if err := j.c.Peer(j.r.s).Judged(ctx, rpc.Judged{Job: j.r.res.Job, Promises: made.Promises, Opened: made.Opened, Absences: j.absences}); err != nil {
			j.c.cfg.Log.Debug("telling the provider what was found", "job", j.r.res.Job, "err", err)
		}
	})
}

// later does something that nobody waits for, but Close.
func (c *Consumer) later(ctx context.Context, f func(ctx context.Context)) {
	c.background.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		f(ctx)
	})
}

// Close waits for what is still being told, until ctx ends.
func (c *Consumer) Close(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		c.background.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

func intervals(runs []*run) (out [][]msg.Interval) {
	for _, r := range runs {
		if r != nil {
			out = append(out, r.said.Intervals)
		}
	}
	return out
}

// Disagreement gives the first interval in which the records of several runs of one program differ, in a list of one;
// nil if they are all equal.
func Disagreement(runs [][]msg.Interval) []uint64 {
	for i := uint64(0); ; i++ {
		here := 0
		for _, r := range runs {
			if i < uint64(len(r)) {
				here++
			}
		}
		switch {
		case here == 0:
			return nil
		case here < len(runs):
			return []uint64{max(i, 1) - 1} // one of them ended early
		}
		for _, r := range runs[1:] {
			if r[i] != runs[0][i] {
				return []uint64{i}
			}
		}
	}
}
