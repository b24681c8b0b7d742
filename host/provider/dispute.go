package provider

import (
	"context"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
)

// Disputed gives this provider's own account of a disputed interval, made again from its checkpoint. An interval behind the job's last
// has none: there the provider says that the job was over, and its account is that of the last.
func (p *Provider) Disputed(ctx context.Context, c *dispute.Challenge) (dispute.Prover, error) {
	a, err := p.disputed(ctx, c)
	if err == nil && p.cfg.Lies.Account != nil {
		a = p.cfg.Lies.Account(c, a)
	}
	return a, err
}

func (p *Provider) disputed(ctx context.Context, c *dispute.Challenge) (dispute.Prover, error) {
	j, err := p.committed(rpc.StateRef{Job: c.Job})
	if err != nil {
		return nil, err
	}
	j.answer.Lock()
	defer j.answer.Unlock()
	if j.ready == nil {
		if j.ready, err = p.load(j); err != nil {
			return nil, err
		}
	}
	p.mu.Lock()
	done := j.rec.Done
	p.mu.Unlock()
	at, err := p.checkpoint(j, min(c.Record.Index, done))
	if err != nil {
		return nil, err
	}
	if c.Record.Index >= done {
		return dispute.WasOver{State: at.State, Last: at.Intervals[len(at.Intervals)-1]}, nil
	}
	var from *state.Snapshot
	var prev *msg.Interval
	if at != nil {
		from, prev = at.State, &at.Intervals[c.Record.Index-1]
	}
	return runtime.NewAccount(j.ready, from, prev, c.Record.Index, p.lie(runtime.Options{OpenDevice: p.cfg.OpenDevice, Fault: j.fault}))
}
