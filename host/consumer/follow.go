package consumer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// see follows a job from its start to its receipt and outputs.
func (a *attempt) see(ctx context.Context, event func(Event)) (*run, error) {
	c, s, job := a.c, a.s, a.job
	if err := c.cfg.Settlement.Open(ctx, s.Spec, s.agreed(a.spec)); err != nil {
		return nil, err
	}
	prov := c.Peer(s)
	res := &Result{Job: job, Provider: s.Provider, Addr: s.Addr}
	if s.Receipt == nil {
		if err := a.follow(ctx, prov, res, event); err != nil {
			return nil, err
		}
	}
	res.Reconnect = s.Reconnects
	// The secret was never out before there was a receipt: signing it now is revealing it.
	reveal, err := c.cfg.Identity.Sign(rpc.Reveal{Job: job, Secret: s.Secret})
	if err != nil {
		return nil, err
	}
	res.Records = rpc.JobRecords{Spec: s.Spec, Receipt: *s.Receipt, Intervals: s.Intervals, Reveal: &reveal, Earlier: s.Earlier}
	said, err := claim.Read(&res.Records)
	if err != nil {
		var lie *claim.Inconsistent
		if errors.As(err, &lie) {
			return nil, c.inconsistent(ctx, s, job, res, lie, event)
		}
		return nil, fmt.Errorf("the provider's records: %w", err)
	}
	res.Receipt, res.Intervals = said.Receipt, said.Intervals
	event(Event{Job: job, Provider: s.Addr, Kind: "receipt", Text: said.Receipt.Trace.String()})
	if err := c.cfg.Settlement.Commit(ctx, *s.Receipt); err != nil {
		return nil, err
	}
	blobs := make([]msg.Blob, len(said.Receipt.Outputs))
	left := a.spec.Program.Limits.OutputBytes
	for i, o := range said.Receipt.Outputs {
		if o.Blob.Size > left {
			return nil, fmt.Errorf("%w: the receipt promises more than the %d bytes of output the job may write", ErrRejected, a.spec.Program.Limits.OutputBytes)
		}
		left -= o.Blob.Size
		blobs[i] = o.Blob
	}
	err = a.patiently(ctx, event, func(back func()) error {
		err := prov.Fetch(ctx, c.cfg.Store, owner(job), blobs)
		if err == nil {
			back()
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("fetching the outputs: %w", err)
	}
	x := &run{s: s, spec: a.spec, res: res, said: said, states: s.Kept}
	if res.Restarts == 0 && s.Reconnects == 0 { // else some of the time is not the device's
		a.mu.Lock()
		x.took = a.pace.elapsed(time.Now())
		x.gas, x.gpu = float64(said.Receipt.Gas)-float64(a.pace.gas[0]), float64(said.Receipt.GPUGas)-float64(a.pace.gpu[0])
		a.mu.Unlock()
	}
	return x, nil
}

// follow starts the job and watches it until there is a receipt. What was committed to before a provider fell silent must still stand when
// it is back.
func (a *attempt) follow(ctx context.Context, prov *peer.Peer, res *Result, event func(Event)) error {
	a.mu.Lock()
	a.pace.opened = time.Now()
	a.mu.Unlock()
	if every := a.s.Keep; every >= 0 {
		if every == 0 {
			every = 10 * time.Second
		}
		ctx, stop := context.WithCancel(ctx)
		a.work.Go(func() { a.keepStates(ctx, every) })
		defer a.work.Wait()
		defer stop()
	}
	watch, found := context.WithCancel(ctx)
	defer found()
	looking := make(chan bool, 1)
	go func() {
		ok := a.lookForReceipt(watch)
		if ok {
			found()
		}
		looking <- ok
	}()
	taken := false
	err := a.patiently(watch, event, func(back func()) error {
		err := a.once(watch, prov, res, event, func() { taken = true }, back)
		if !taken && transport.HasCode(err, transport.Forbidden) {
			err = fmt.Errorf("%w: %w", ErrBroken, err) // it bid, and does not take it after all
		}
		return err
	})
	found()
	if <-looking && ctx.Err() == nil {
		event(Event{Job: a.job, Provider: a.s.Addr, Kind: "witness", Text: "the provider left its receipt with a witness instead of showing it"})
		err = nil
	}
	if err != nil {
		return err
	}
	return a.update(func() { a.pace.ended = time.Now() })
}

// patiently tries something with a provider until it is done, or the provider has been silent for as long as this consumer waits.
func (a *attempt) patiently(ctx context.Context, event func(Event), try func(back func()) error) error {
	silent := time.Time{} // since when
	for {
		err := try(func() {
			if !silent.IsZero() {
				silent = time.Time{}
				a.mu.Lock()
				a.s.Reconnects++
				a.mu.Unlock()
				event(Event{Job: a.job, Provider: a.s.Addr, Kind: "back", Text: "the provider is back; the job goes on"})
			}
		})
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrBroken), errors.Is(err, ErrRejected), transport.HasCode(err, transport.BadRequest):
			return err
		}
		if silent.IsZero() {
			silent = time.Now()
			a.mu.Lock()
			a.pace.since = silent
			a.mu.Unlock()
			event(Event{Job: a.job, Provider: a.s.Addr, Kind: "lost", Text: err.Error()})
		}
		if time.Since(silent) > a.c.cfg.Patience {
			return fmt.Errorf("%w: silent for %s: %w", ErrGone, time.Since(silent).Round(time.Second), err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// update changes the submission, in memory and in the journal.
func (a *attempt) update(change func()) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
	return a.c.journal.write(a.job, a.s)
}

// committed takes in one more of the provider's records.
func (a *attempt) committed(signed identity.Signed) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.s.Intervals = append(a.s.Intervals, signed)
	return a.c.journal.writeIntervals(a.job, a.s)
}

// begin is what the provider is asked to start with.
func (a *attempt) begin() rpc.Start {
	r := rpc.Start{Spec: a.s.Spec, Announcements: a.s.Announcements, Agreement: a.s.Agreement}
	if n := a.first(); n > 0 {
		m := a.s.Kept[n-1]
		r.Prior, r.Earlier, r.Sources, r.State = a.s.Intervals[:n], a.s.Earlier, a.s.Sources, &m
	}
	return r
}

// once is one connection's worth of following.
func (a *attempt) once(ctx context.Context, prov *peer.Peer, res *Result, event func(Event), taken, back func()) error {
	s := a.s
	if _, err := prov.Start(ctx, a.begin()); err != nil {
		return err
	}
	taken()
	var last rpc.JobStatus
	err := prov.Watch(ctx, rpc.Watch{Job: a.job, From: uint64(len(s.Intervals))}, func(e rpc.JobEvent) error {
		back() // and not before: one that takes a job again and again and tells nothing of it is silent
		switch {
		case e.Interval != nil:
			var ic rpc.IntervalCommit
			if err := e.Interval.OpenFrom(&ic, s.Provider); err != nil {
				return fmt.Errorf("%w: interval %d: %w", ErrRejected, len(s.Intervals), err)
			}
			if ic.Job != a.job || ic.Record.Index != uint64(len(s.Intervals)) {
				return fmt.Errorf("%w: interval %d of job %s came where %d was wanted", ErrRejected, ic.Record.Index, ic.Job, len(s.Intervals))
			}
			return a.committed(*e.Interval)
		case e.Receipt != nil:
			a.mu.Lock()
			s.Receipt = e.Receipt
			a.mu.Unlock()
		case e.Status != nil:
			last = *e.Status
			res.Restarts = last.Restarts
			a.mu.Lock()
			a.pace.heard(time.Now(), e.Status)
			a.mu.Unlock()
			event(Event{Job: a.job, Provider: s.Addr, Kind: "status", Status: e.Status})
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case last.State == rpc.StateBroken:
		return fmt.Errorf("%w: %s", ErrBroken, last.Error)
	case last.State == rpc.StateCancelled && last.Error == "cancelled by "+a.c.cfg.Identity.Account().String():
		return errors.Join(fmt.Errorf("%w: %s", ErrCancelled, last.Error), a.c.close(s, a.job, "cancelled", last.Error))
	case last.State == rpc.StateCancelled:
		return fmt.Errorf("%w: %s", ErrBroken, last.Error)
	case s.Receipt == nil:
		return errors.New("the provider ended the watch without a receipt")
	}
	return nil
}
