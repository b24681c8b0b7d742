package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime/state"
)

// ask asks a party at all its addresses at the same time, at each again and again, until it was quiet for as long as its clock or all its
// time is over. Then the answer is nil.
func (w *Witness) ask(ctx context.Context, q *question) (*rpc.WitnessAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, q.longest)
	defer cancel()
	try := []func(alive func()) (*rpc.WitnessAnswer, error){}
	if q.Duty == rpc.DutyReveal {
		try = append(try, func(func()) (*rpc.WitnessAnswer, error) { return w.brought(q) })
	}
	for _, addr := range q.addrs {
		p := w.cfg.Reach(addr, q.Who)
		try = append(try, func(alive func()) (*rpc.WitnessAnswer, error) { return w.one(ctx, q, p, alive) })
	}
	answers, signs := make(chan *rpc.WitnessAnswer, len(try)), make(chan struct{}, 1)
	alive := func() {
		select {
		case signs <- struct{}{}:
		default:
		}
	}
	for _, f := range try {
		go func() {
			// One address that hangs does not keep another from being tried again.
			for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
				a, err := f(alive)
				if a != nil {
					answers <- a
					return
				}
				w.cfg.Log.Debug("witness: nothing yet", "who", q.Who, "duty", q.Duty, "job", q.claims.Job, "err", err)
				select {
				case <-ctx.Done():
					return
				case <-time.After(pause):
				}
			}
		}()
	}
	quiet := time.NewTimer(q.clock)
	defer quiet.Stop()
	for {
		select {
		case a := <-answers:
			return a, nil
		case <-signs:
			quiet.Reset(q.clock)
		case <-quiet.C:
			return nil, nil
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return nil, nil
			}
			return nil, ctx.Err()
		}
	}
}

// one asks a party at one address. What it gives counts where it is what it owes; what is no answer is as good as none.
func (w *Witness) one(ctx context.Context, q *question, p Party, alive func()) (*rpc.WitnessAnswer, error) {
	c := q.claims
	switch q.Duty {
	case rpc.DutyState:
		return w.state(ctx, q, p)
	case rpc.DutyPromise:
		return w.promise(ctx, q, p, alive)
	case rpc.DutyVerdict:
		o, err := p.Open(ctx, *q.Open)
		if err != nil {
			return nil, err
		}
		var said rpc.Opening
		if err := o.Opening.OpenFrom(&said, q.Who); err != nil {
			return nil, err
		}
		if said.Validator != q.Who || said.Job != c.Job || said.Receipt != q.about.Receipt || len(said.Verdicts) != len(o.Verdicts) {
			return nil, errors.New("it opens something else")
		}
		for i, signed := range o.Verdicts {
			var v msg.Verdict
			if err := signed.OpenFrom(&v, q.Who); err != nil {
				return nil, err
			}
			if msg.HashOf(v) != said.Verdicts[i] {
				return nil, errors.New("the verdicts are not those that it opens")
			}
		}
		return &rpc.WitnessAnswer{Opened: &o}, nil
	case rpc.DutyChallenge:
		signed, err := p.Challenge(ctx, *q.Challenge)
		if err != nil {
			return nil, err
		}
		var ch dispute.Challenge
		if err := signed.OpenFrom(&ch, q.Who); err != nil {
			return nil, err
		}
		g, err := dispute.BeginWith(c, signed)
		if err != nil {
			return nil, err
		}
		// It disputes a receipt once, and may have found more than one interval invalid: which one it disputes is its own affair.
		if ch := &g.Challenge; ch.Clock != q.Challenge.Clock || ch.Referee != q.Challenge.Referee {
			return nil, fmt.Errorf("it challenges before %s with a clock of %d seconds", ch.Referee, ch.Clock)
		}
		return &rpc.WitnessAnswer{Signed: &signed}, nil
	case rpc.DutyMove:
		signed, err := p.Move(ctx, *q.Dispute)
		if err != nil {
			return nil, err
		}
		// A copy of the game takes it: several addresses may answer.
		g, err := dispute.BeginWith(c, q.Dispute.Challenge)
		if err != nil {
			return nil, err
		}
		for _, m := range append(q.Dispute.Moves[:len(q.Dispute.Moves):len(q.Dispute.Moves)], signed) {
			if err := g.Play(m); err != nil {
				if _, no := dispute.Repeated(*q.Dispute, signed); no != nil {
					return nil, err
				}
				break // it shows that there is nothing to be answered
			}
		}
		return &rpc.WitnessAnswer{Signed: &signed}, nil
	}
	return nil, refused("duty %q is unknown", q.Duty)
}

// promise has a validator do its work and waits for its commitment.
func (w *Witness) promise(ctx context.Context, q *question, p Party, alive func()) (*rpc.WitnessAnswer, error) {
	var got *rpc.WitnessAnswer
	err := p.Validate(ctx, *q.Validate, func(e rpc.ValidateEvent) error {
		alive()
		if e.Promise == nil {
			return nil
		}
		var v rpc.VerdictCommit
		if err := e.Promise.OpenFrom(&v, q.Who); err != nil {
			return err
		}
		if v.Version != 1 || v.Validator != q.Who || v.Job != q.claims.Job || v.Receipt != q.about.Receipt {
			return errors.New("it promises something else")
		}
		got = &rpc.WitnessAnswer{Signed: e.Promise}
		return nil
	})
	if got != nil {
		return got, nil
	}
	if err == nil {
		err = errors.New("it ends without a promise")
	}
	return nil, err
}

// state fetches a state whole, and keeps it for whoever could not.
func (w *Witness) state(ctx context.Context, q *question, p Party) (*rpc.WitnessAnswer, error) {
	c, before := q.claims, q.Interval-1
	manifest, err := p.Manifest(ctx, rpc.StateRef{Job: c.Job, Interval: before})
	if err != nil {
		return nil, err
	}
	hashes, _, err := state.Pages(manifest, c.Intervals[before].State)
	if err != nil {
		return nil, err
	}
	owner := "witness/" + c.Job.String()
	if err := p.FetchPages(ctx, w.cfg.Store, owner, hashes); err != nil {
		return nil, err
	}
	b, err := w.cfg.Store.Put(ctx, owner, bytes.NewReader(manifest))
	if err != nil {
		return nil, err
	}
	if err := w.cfg.Store.Expire(owner, settle.Closes(&c.Spec, &c.Receipt).Add(settle.Grace)); err != nil {
		return nil, err
	}
	return &rpc.WitnessAnswer{State: &b}, nil
}
