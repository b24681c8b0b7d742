package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/gwrun/gwrun/host/payment"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// terms puts into a bid what the job is done for, or why it is not.
func (p *Provider) terms(ctx context.Context, spec *msg.JobSpec, bid *rpc.Bid) (err error) {
	if p.cfg.Payee == nil {
		return nil
	}
	bid.Terms, bid.Sig, bid.Fails, err = p.cfg.Payee.Bid(ctx, spec, bid.Price)
	return err
}

// agree keeps what was agreed on about a job that is to be taken.
func (p *Provider) agree(ctx context.Context, spec *msg.JobSpec, start *rpc.Start) error {
	if p.cfg.Payee == nil {
		return nil // fails has refused what is paid
	}
	err := p.cfg.Payee.Agree(ctx, spec, start.Agreement)
	if errors.Is(err, payment.ErrRefused) {
		err = fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return err
}

// nothing says that a job will not be paid for, since there is no result.
func (p *Provider) nothing(job msg.Hash) {
	if p.cfg.Payee == nil {
		return
	}
	if err := p.cfg.Payee.Over(job); err != nil {
		p.cfg.Log.Error("writing what is owed", "job", job, "err", err)
	}
}

// untaken says that a job that was agreed on is not taken after all.
func (p *Provider) untaken(job msg.Hash) {
	p.mu.Lock()
	_, taken := p.jobs[job]
	p.mu.Unlock()
	if !taken {
		p.nothing(job)
	}
}

// dropDues forgets to be owed for jobs that were agreed on and never taken, or given up: each is written before or after the job itself.
func (p *Provider) dropDues() error {
	if p.cfg.Payee == nil {
		return nil
	}
	var faults []error
	for _, d := range p.cfg.Payee.Dues() {
		j := p.jobs[d.Agreement.Terms.Job]
		if !d.Juror && d.State == payment.Working && (j == nil || j.rec.State.Over() && j.rec.Receipt == nil) {
			faults = append(faults, p.cfg.Payee.Over(d.Agreement.Terms.Job))
		}
	}
	return errors.Join(faults...)
}

// Spec gives a job as its consumer signed it.
func (p *Provider) Spec(hash msg.Hash) (identity.Signed, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	j, err := p.find(hash)
	if err != nil {
		return identity.Signed{}, err
	}
	return j.rec.Spec, nil
}
