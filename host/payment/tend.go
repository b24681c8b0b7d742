package payment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/msg"
)

// Run sees to what is owed until ctx ends: escrows are opened where that was said, what is not paid in time is taken to the chain, vouchers
// are redeemed.
func (p *Payee) Run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		if err := p.look(ctx); err != nil && ctx.Err() == nil {
			p.cfg.Log.Warn("what is owed", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// look does all that is due now.
func (p *Payee) look(ctx context.Context) error {
	p.mu.Lock()
	now := p.cfg.now().Unix()
	var late, courts, back, gone []msg.Hash
	for job, d := range p.all {
		clock := int64(max(1, d.Agreement.Terms.Clock))
		switch {
		case d.Juror:
		case d.State == Working && !d.Opens && unopened(&d.Agreement.Terms, now):
			gone = append(gone, job)
		case d.State == Owed && !d.Opens && now > d.Since+clock:
			late = append(late, job)
		case d.State == Courts, d.Opens && (d.State == Working || d.State == Owed):
			courts = append(courts, job)
		case d.Opens && d.State == Nothing && uint64(now) <= d.Agreement.Terms.Opens:
			back = append(back, job)
		}
	}
	p.mu.Unlock()
	var faults []error
	for _, job := range gone {
		faults = append(faults, p.move(job, Nothing, Working))
	}
	for _, job := range late {
		p.cfg.Log.Warn("a job was not paid in time: its escrow is opened", "job", job)
		if err := p.move(job, Courts, Owed); err != nil {
			faults = append(faults, err)
			continue
		}
		courts = append(courts, job)
	}
	for _, job := range courts {
		if err := p.court(ctx, job); err != nil {
			faults = append(faults, fmt.Errorf("job %s: %w", job, err))
		}
	}
	for _, job := range back {
		if err := p.giveBack(ctx, job); err != nil {
			faults = append(faults, fmt.Errorf("job %s: %w", job, err))
		}
	}
	if err := p.draw(ctx, false); err != nil {
		faults = append(faults, fmt.Errorf("redeeming vouchers: %w", err))
	}
	return errors.Join(faults...)
}

// court has the chain follow a job, and sees what became of it there.
func (p *Payee) court(ctx context.Context, job msg.Hash) error {
	p.mu.Lock()
	d := *p.all[job]
	told := p.enforced[job]
	p.mu.Unlock()
	if !told {
		err := p.cfg.Purse.Enforce(ctx, job)
		if errors.Is(err, settle.ErrUnknown) {
			return nil // the book does not have it yet
		}
		if err != nil {
			return err
		}
		p.mu.Lock()
		p.enforced[job] = true
		p.mu.Unlock()
	}
	e, err := p.cfg.Purse.Escrow(ctx, &d.Agreement.Terms)
	if err != nil || e == settle.EscrowOpen || e == settle.NoEscrow && !unopened(&d.Agreement.Terms, p.cfg.now().Unix()) {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	n := *p.all[job]
	if n.State == Paid || n.State == Nothing {
		return nil
	}
	if n.State, n.Since = Nothing, p.cfg.now().Unix(); e == settle.EscrowPaid {
		n.State, n.By = Paid, byEscrow
	}
	return p.put(job, n)
}

// unopened reports whether nobody can open the escrow any more, if nobody has: the market's clock may be a little behind this one.
func unopened(t *msg.Terms, now int64) bool { return uint64(max(0, now)) > t.Opens+15*60 }

// giveBack returns the escrow of a job for which nothing is owed.
func (p *Payee) giveBack(ctx context.Context, job msg.Hash) error {
	a, _ := p.Agreed(job)
	if e, err := p.cfg.Purse.Escrow(ctx, &a.Terms); err != nil || e != settle.EscrowOpen {
		return err
	}
	r := msg.Release{Terms: a.Terms.ID(p.Market())}
	sig, err := p.cfg.Identity.SignTyped(p.Market(), r)
	if err != nil {
		return err
	}
	return p.cfg.Purse.Release(ctx, job, r, sig, settle.Cheque{})
}

// Redeem draws on all vouchers now.
func (p *Payee) Redeem(ctx context.Context) error { return p.draw(ctx, true) }

// draw redeems vouchers when it is worth it, or their consumer's deposit runs short. A deposit of which nothing was left is not tried again and again:
// each time costs gas.
func (p *Payee) draw(ctx context.Context, all bool) error {
	p.redeem.Lock()
	defer p.redeem.Unlock()
	me := p.cfg.Identity.Account()
	var open []settle.Cheque
	was := map[msg.Account]msg.Amount{}
	sum, short := msg.Amount{}, false
	for _, c := range p.Cheques() {
		consumer := c.Voucher.Consumer
		drawn, err := p.cfg.Purse.Drawn(ctx, consumer, me)
		if err != nil {
			return err
		}
		worth := c.Voucher.Total.Sub(drawn)
		if worth.IsZero() {
			continue
		}
		deposit, err := p.cfg.Purse.Deposit(ctx, consumer)
		if err != nil {
			return err
		}
		tried, dry := p.dry[consumer]
		if dry && !all && deposit.IsZero() && p.cfg.now().Sub(tried) < p.cfg.RedeemEvery {
			continue
		}
		short = short || dry || deposit.Cmp(worth.Times(2)) < 0
		sum, open = sum.Add(worth), append(open, c)
		was[consumer] = drawn
	}
	if len(open) == 0 {
		return nil
	}
	p.mu.Lock()
	old := p.cfg.now().Sub(p.since) >= p.cfg.RedeemEvery
	p.mu.Unlock()
	enough := !p.cfg.RedeemAt.IsZero() && sum.Cmp(p.cfg.RedeemAt) >= 0
	if !all && !short && !old && !enough {
		return nil
	}
	if err := p.cfg.Purse.Redeem(ctx, open); err != nil {
		return err
	}
	p.mu.Lock()
	p.since = p.cfg.now()
	p.mu.Unlock()
	got := msg.Amount{}
	for _, c := range open {
		consumer := c.Voucher.Consumer
		drawn, err := p.cfg.Purse.Drawn(ctx, consumer, me)
		if err != nil {
			return err
		}
		got = got.Add(drawn.Sub(was[consumer]))
		if drawn != was[consumer] {
			delete(p.dry, consumer)
			continue
		}
		p.dry[consumer] = p.cfg.now()
		p.cfg.Log.Warn("a voucher is not covered: its consumer has no deposit any more", "consumer", consumer, "amount", c.Voucher.Total.Sub(drawn))
	}
	p.cfg.Log.Info("vouchers redeemed", "vouchers", len(open), "amount", got)
	return nil
}
