package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// held counts the jobs that wait, for blobs or for their turn: those of one consumer and all. Called with mu held.
func (p *Provider) held(consumer msg.Account) (own, all int) {
	for _, j := range p.jobs {
		if s := j.rec.State; s == rpc.StateWaiting || s == rpc.StateQueued {
			all++
			if j.spec.Consumer == consumer {
				own++
			}
		}
	}
	return own, all
}

// mayHold is how many waiting jobs one consumer may have while all wait: as many as there are places free, the dynamic threshold by which
// switches share a buffer (Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches", 1998). One consumer
// alone gets half of the queue, the next half of the rest, and so on: the next who comes finds a place, however many jobs the others send,
// and nothing is set aside for consumers that may never come. Called with mu held.
func (p *Provider) mayHold(all int) int {
	return max(1, p.cfg.MaxQueue-all)
}

// next takes the job whose turn it is out of the queue: the oldest of those whose consumer has the fewest jobs running. Called with mu held.
func (p *Provider) next() *job {
	running := map[msg.Account]int{}
	for _, j := range p.jobs {
		if j.cancel != nil {
			running[j.spec.Consumer]++
		}
	}
	best := 0
	for i, j := range p.queue {
		if running[j.spec.Consumer] < running[p.queue[best].spec.Consumer] {
			best = i
		}
	}
	j := p.queue[best]
	p.queue = slices.Delete(p.queue, best, best+1)
	return j
}

// Start takes a job that begins at its beginning. See Take.
func (p *Provider) Start(ctx context.Context, signed identity.Signed) (rpc.JobStatus, error) {
	return p.Take(ctx, rpc.Start{Spec: signed})
}

// Take takes a job. Repeating it changes nothing. A job whose blobs are not all here waits while they are fetched from
// the consumer over its own connection; where that breaks, the consumer connects and asks again.
func (p *Provider) Take(ctx context.Context, start rpc.Start) (_ rpc.JobStatus, err error) {
	spec, hash, err := open(start.Spec)
	if err != nil {
		return rpc.JobStatus{}, err
	}
	p.mu.Lock()
	j := p.jobs[hash]
	p.mu.Unlock()
	var pr *prior
	if j == nil {
		if fails := p.fails(&spec, 0, 0); len(fails) > 0 {
			return rpc.JobStatus{}, fmt.Errorf("%w (%s): %s", ErrRefused, fails[0].Rule, fails[0].Reason)
		}
		if pr, err = p.checkPrior(&spec, &start); err != nil {
			return rpc.JobStatus{}, err
		}
		if err := p.agree(ctx, &spec, &start); err != nil {
			return rpc.JobStatus{}, err
		}
		defer func() {
			if err != nil {
				p.untaken(hash)
			}
		}()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return rpc.JobStatus{}, fmt.Errorf("%w: this provider is shutting down", ErrRefused)
	}
	if j = p.jobs[hash]; j == nil {
		if p.drain.on {
			return rpc.JobStatus{}, fmt.Errorf("%w (draining): this provider takes no more jobs", ErrRefused)
		}
		if held, all := p.held(spec.Consumer); all >= p.cfg.MaxQueue || held >= p.mayHold(all) { // others were quicker
			return rpc.JobStatus{}, fmt.Errorf("%w (queue): %d jobs wait already, %d of them this consumer's", ErrRefused, all, held)
		}
		j = &job{hash: hash, spec: spec, prior: pr, changed: make(chan struct{}), fault: p.cfg.lie(),
			rec: record{Spec: start.Spec, State: rpc.StateWaiting, Created: p.cfg.now().Unix()}}
		if pr != nil {
			if err := p.priors.Put(hash, *pr); err != nil {
				return rpc.JobStatus{}, err
			}
		}
		if err := p.save(j); err != nil {
			return rpc.JobStatus{}, err
		}
		p.jobs[hash] = j
		p.arm(j)
		p.counts.Taken++
		p.cfg.Log.Info("job taken", "job", hash, "consumer", spec.Consumer, "intervals", j.first())
	}
	if p.cfg.Taken != nil && !j.rec.State.Over() {
		p.cfg.Taken(hash, start.Announcements)
	}
	if j.rec.State == rpc.StateWaiting {
		if len(p.missing(&spec.Program)) > 0 || j.prior != nil && j.prior.State == nil {
			p.bring(j)
		} else if err := p.enqueue(j); err != nil {
			return rpc.JobStatus{}, err
		}
	}
	return p.status(j), nil
}

// bringPause is how long after a failure blobs are asked for again.
const bringPause = 500 * time.Millisecond

// bringLater tries again: a consumer that lost its connection while it was asked has called Start on another one, perhaps, when it was still
// being asked, and does not do so twice. Called with mu held.
func (p *Provider) bringLater(j *job) {
	if p.closed {
		return
	}
	p.work.Go(func() {
		select {
		case <-p.ctx.Done():
			return
		case <-time.After(bringPause):
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if j.rec.State == rpc.StateWaiting && time.Now().Unix() < j.spec.Deadline {
			p.bring(j)
		}
	})
}

// bring fetches what a job is waiting for, then queues it. Called with mu held.
func (p *Provider) bring(j *job) {
	if j.fetching || p.closed {
		return
	}
	before := j.note
	j.fetching, j.note = true, ""
	ctx, cancel := context.WithDeadline(p.ctx, time.Unix(j.spec.Deadline, 0))
	j.drop = cancel
	lacking := uint64(0)
	for _, b := range p.missing(&j.spec.Program) {
		lacking += b.Size
	}
	p.work.Go(func() {
		defer cancel()
		begin := time.Now()
		err := p.cfg.Fetch(ctx, j.spec.Consumer, owner(j.hash), wants(&j.spec.Program))
		took := time.Since(begin)
		if err == nil && j.spec.Prior != nil {
			err = p.bringState(ctx, j)
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		j.fetching, j.drop = false, nil
		if err == nil {
			p.speed.fetched(lacking, took)
			err = p.enqueue(j)
		}
		switch {
		case err == nil || j.rec.State != rpc.StateWaiting:
		case errors.Is(err, errFalse):
			if err := p.over(j, rpc.StateBroken, err.Error()); err != nil {
				p.cfg.Log.Error("writing the journal", "job", j.hash, "err", err)
			}
		default:
			p.sawFull(err)
			if j.note = err.Error(); j.note != before {
				p.cfg.Log.Warn("waiting for the consumer to bring the job's blobs", "job", j.hash, "err", err)
				j.touch()
			}
			p.arm(j)
			p.bringLater(j)
		}
	})
}

// enqueue moves a job whose blobs are all here from waiting to queued. Called with mu held.
func (p *Provider) enqueue(j *job) error {
	if j.rec.State != rpc.StateWaiting {
		return nil
	}
	if err := p.cfg.Store.Pin(owner(j.hash), wants(&j.spec.Program)...); err != nil {
		return err
	}
	was := j.rec
	j.rec.State, j.rec.Done, j.note = rpc.StateQueued, j.first(), ""
	if err := p.save(j); err != nil {
		j.rec = was
		return err
	}
	p.queue = append(p.queue, j)
	p.arm(j)
	p.schedule()
	return nil
}

// over ends a job without a receipt. Called with mu held; where the journal cannot be written the job stays as it was.
func (p *Provider) over(j *job, s rpc.JobState, reason string) error {
	was := j.rec
	j.rec.State, j.rec.Ended, j.rec.Error = s, p.cfg.now().Unix(), reason
	if err := p.save(j); err != nil {
		j.rec = was
		return err
	}
	p.ended(s)
	p.nothing(j.hash)
	p.disarm(j)
	p.expire(j)
	p.queue = slices.DeleteFunc(p.queue, func(q *job) bool { return q == j })
	for _, stop := range []context.CancelFunc{j.cancel, j.drop} {
		if stop != nil {
			stop()
		}
	}
	return nil
}
