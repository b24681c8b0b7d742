package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// errParked ends a run behind a checkpoint: the job goes on from there at the next start.
var errParked = errors.New("stopped at a checkpoint")

// drain is a provider's coming to rest. It is under the provider's mu.
type drain struct {
	on    bool
	hurry bool          // jobs stop behind their next checkpoint
	rest  chan struct{} // closed when no job runs any more
}

// Drain brings the provider to rest: it takes no more jobs (its bids say "draining") and begins none of those that wait, which stay on disk
// for the next start. Drain returns when no job runs any more. Those that are not over after grace are stopped as soon as they have committed
// to their next interval, so that no work is lost. The end of ctx ends the waiting, with an error that says how many jobs run.
//
// Everything else is answered as before: whoever has a receipt of this provider's can check it.
func (p *Provider) Drain(ctx context.Context, grace time.Duration) error {
	p.mu.Lock()
	if !p.drain.on {
		p.drain.on, p.drain.rest = true, make(chan struct{})
		p.rested()
		p.cfg.Log.Info("draining: no more jobs are taken", "running", p.running, "waiting", len(p.queue))
	}
	rest := p.drain.rest
	p.mu.Unlock()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	for {
		select {
		case <-rest:
			return nil
		case <-timer.C:
			p.mu.Lock()
			p.drain.hurry = true
			n := p.running
			p.mu.Unlock()
			if n > 0 {
				p.cfg.Log.Info("draining: jobs are stopped at their next checkpoint", "running", n)
			}
		case <-ctx.Done():
			p.mu.Lock()
			n := p.running
			p.mu.Unlock()
			if n == 0 {
				return nil
			}
			return fmt.Errorf("%d jobs still run: %w", n, ctx.Err())
		}
	}
}

// Draining says whether the provider is taking no more jobs.
func (p *Provider) Draining() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.drain.on
}

// Done gives the consumer of each job that is done since then.
func (p *Provider) Done(since time.Time) (consumers []msg.Account) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, j := range p.jobs {
		if j.rec.State == rpc.StateDone && j.rec.Ended >= since.Unix() {
			consumers = append(consumers, j.spec.Consumer)
		}
	}
	return consumers
}

// rested tells whoever drains that no job runs any more. Called with mu held.
func (p *Provider) rested() {
	if p.drain.on && p.running == 0 {
		select {
		case <-p.drain.rest:
		default:
			close(p.drain.rest)
		}
	}
}
