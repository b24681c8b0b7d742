package consumer

import (
	"context"
	"slices"

	"github.com/gwrun/gwrun/host/payment"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// terms says what is wrong with the terms of a bid.
func (c *Consumer) terms(ctx context.Context, spec *msg.JobSpec, b *rpc.Bid) error {
	if c.cfg.Payer == nil {
		return nil
	}
	return c.cfg.Payer.Check(ctx, spec, b)
}

// agree signs what a provider bid, nil where nothing is paid.
func (c *Consumer) agree(b *rpc.Bid) (*rpc.Agreement, error) {
	if c.cfg.Payer == nil {
		return nil, nil
	}
	return c.cfg.Payer.Agree(b)
}

// agreed is what was agreed on about a job with its provider.
func (s *Submission) agreed(spec *msg.JobSpec) rpc.Agreement {
	if s.Agreement == nil {
		return rpc.Unpaid(spec, s.Provider)
	}
	return *s.Agreement
}

// pay has everybody paid who did what was asked of it, now that the job is over: the provider whose result is accepted, and each juror against
// whom nothing was proven, for what it had to replay, whatever it found. It is written before the job is closed, so that what is interrupted is
// done when the job is resumed. Whether it ever is nobody knows: so jurors that found all of it valid, of which nothing is left to be proven, are
// paid for a job that is not over too.
func (j *judging) pay(out *settle.Outcome, over bool) error {
	a := j.r.s.Agreement
	if a == nil || j.c.cfg.Payer == nil {
		return nil
	}
	receipt := msg.HashOf(j.r.said.Receipt)
	if out.Accepted {
		if err := j.c.cfg.Payer.Owe(&a.Terms, receipt, a.Terms.Provider, a.Terms.Price, j.r.s.Addr); err != nil {
			return err
		}
	}
	n := uint64(len(j.r.said.Intervals))
	for _, juror := range out.Jury {
		asked := slices.Concat(settle.Sample(j.seed, juror, n, j.r.spec.Policy.SamplePPM), j.also(juror, out.Jury))
		did, valid := uint64(0), map[uint64]bool{}
		for _, v := range out.Verdicts {
			if v.Validator == juror && slices.Contains(asked, v.Interval) {
				did++
				valid[v.Interval] = v.Value == msg.Valid
			}
		}
		guilty := slices.ContainsFunc(out.Rulings, func(r settle.Ruling) bool { return r.Against(juror) })
		open := slices.ContainsFunc(asked, func(i uint64) bool { return !valid[i] })
		if did == 0 || guilty || open && !over {
			continue
		}
		if err := j.c.cfg.Payer.Owe(&a.Terms, receipt, juror, payment.Earned(&a.Terms, did, n), j.addr(juror)); err != nil {
			return err
		}
	}
	return nil
}
