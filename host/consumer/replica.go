package consumer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime/trace"
)

// replica is one of the runs that a submission wants of its job, whoever does it in the end: providers come and go, the work that is
// known to be good stays.
type replica struct {
	c     *Consumer
	ctx   context.Context // of all its attempts
	stop  context.CancelFunc
	req   Request
	nodes []*node
	given *taken
	event func(Event)

	root  msg.Hash // the first job, zero before there is one
	tries []*attempt
	live  []*attempt
	ended chan *attempt
	work  sync.WaitGroup

	lies   []lie
	barren map[msg.Hash]int // how often a provider gave the job up where it had begun, by the trace root of what was before
	slow   time.Duration    // how long a provider is watched before it may be found slow; negative is for ever
}

// lie is a signed record that is known to be false.
type lie struct {
	interval uint64
	body     []byte
}

// attempt is one provider's work on a replica.
type attempt struct {
	c    *Consumer
	s    *Submission // guarded by mu while the attempt is live
	spec *msg.JobSpec
	job  msg.Hash
	bids []rival // of those that were not chosen

	mu     sync.Mutex
	pace   pace
	frozen uint64 // others go on from states before this interval
	work   sync.WaitGroup

	run *run
	err error
}

func (c *Consumer) replica(ctx context.Context, req Request, nodes []*node, given *taken, event func(Event)) *replica {
	r := &replica{c: c, req: req, nodes: nodes, given: given, event: event, ended: make(chan *attempt), barren: map[msg.Hash]int{}, slow: req.Reissue}
	if r.slow == 0 {
		r.slow = 30 * time.Second
	}
	r.ctx, r.stop = context.WithCancel(ctx)
	return r
}

// next gives the next run of the job that comes to a receipt. Where a provider is lost, gives the job up or is caught, another goes on
// from the last good state; where one is slow, another does so beside it. An error means that nobody is left.
func (r *replica) next() (*run, error) {
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	var last error
	for {
		if len(r.live) == 0 {
			if err := r.start(nil); err != nil {
				return nil, alone(last, err)
			}
		}
		select {
		case <-r.ctx.Done():
			return nil, r.ctx.Err()
		case a := <-r.ended:
			r.live = slices.DeleteFunc(r.live, func(b *attempt) bool { return a == b })
			switch {
			case a.err == nil:
				return a.run, nil
			case r.ctx.Err() != nil:
				return nil, r.ctx.Err()
			case lost(a.err):
				if err := r.lose(a); err != nil {
					return nil, err
				}
			case len(r.live) == 0:
				return nil, a.err
			}
			last = a.err
		case <-look.C:
			if err := r.reissue(); err != nil {
				return nil, err
			}
		}
	}
}

// close ends whatever is still going on. Where the replica is over its other jobs are not wanted any more, and their providers hear of it;
// where it was interrupted they stay as they are, to be resumed.
func (r *replica) close(over bool) {
	defer func() {
		for _, a := range r.tries {
			r.c.following.Delete(a.job)
		}
	}()
	r.stop()
	done := make(chan struct{})
	go func() {
		r.work.Wait()
		close(done)
	}()
	for open := true; open; {
		select {
		case <-r.ended: // nobody takes it any more
		case <-done:
			open = false
		}
	}
	if !over {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.ctx), 5*time.Second)
	defer cancel()
	for _, a := range r.live {
		if _, err := r.c.Peer(a.s).Cancel(ctx, a.job); err != nil {
			r.c.cfg.Log.Info("telling a provider that its work is not wanted any more", "job", a.job, "err", err)
		}
		r.c.remember(a.s.Provider)
		if err := r.c.close(a.s, a.job, "superseded", "another provider was first"); err != nil {
			r.c.cfg.Log.Error("writing the journal", "job", a.job, "err", err)
		}
	}
	r.release()
}

// lost says whether an attempt ended so that another provider is to be asked.
func lost(err error) bool {
	return errors.Is(err, ErrGone) || errors.Is(err, ErrBroken) || errors.Is(err, ErrRejected) && !errors.Is(err, ErrCancelled)
}

// lose notes that an attempt came to nothing.
func (r *replica) lose(a *attempt) error {
	r.event(Event{Job: a.job, Provider: a.s.Addr, Kind: "moved", Text: a.err.Error()})
	if !errors.Is(a.err, ErrGone) {
		a.lastState(r.ctx)
	}
	own := uint64(len(a.s.Intervals)) > a.first()
	if errors.Is(a.err, ErrBroken) && !own && a.first() > 0 {
		r.barren[a.spec.Prior.Trace]++
	}
	if errors.Is(a.err, ErrRejected) && own {
		// Its records contradict each other, or what it sent is not what it signed: none of them is worth anything.
		r.lies = append(r.lies, lie{a.first(), a.s.Intervals[a.first()].Body})
	}
	r.c.remember(a.s.Provider)
	return r.c.close(a.s, a.job, "moved", a.err.Error())
}

// reject notes which records of a run that was judged are false. It reports whether another provider is to go on.
func (r *replica) reject(x *run) bool {
	found := false
	out := x.res.Outcome
	if out == nil || out.Accepted {
		return false
	}
	lies := func(interval uint64) {
		if interval < uint64(len(x.s.Intervals)) {
			r.lies = append(r.lies, lie{interval, x.s.Intervals[interval].Body})
			found = true
		}
	}
	for _, v := range out.Verdicts {
		if v.Value == msg.Invalid && slices.Contains(out.Jury, v.Validator) { // one who was overruled is on it no more
			lies(v.Interval)
		}
	}
	for i := range out.Rulings {
		if x := &out.Rulings[i]; x.Void || x.Kind == settle.Dispute && x.Against(out.Provider) {
			lies(x.Interval)
		}
	}
	if !found && out.Guilty != nil {
		// It did not give what it owed: what it computed may be true, but there is nothing to show for it.
		if first := x.said.Prior(); first < uint64(len(x.s.Intervals)) {
			r.lies = append(r.lies, lie{first, x.s.Intervals[first].Body})
		}
		found = true
	}
	return found
}

// start gives the job to the best bidder. Where better is given, only to one it finds better.
func (r *replica) start(better func(rival) bool) error {
	r.req.Policy = r.c.weighed(r.req.Policy, r.req.Validators < 0)
	if p := &r.req.Policy; r.c.able(p, r.nodes) < int(p.Validators) {
		return fmt.Errorf("%w: %d have to agree, %d that were not found wrong are left", ErrFewValidators, p.Validators, r.c.able(p, r.nodes))
	}
	s, spec, err := r.c.open(r.ctx, r.req, r.base(), r.root)
	if err != nil {
		return err
	}
	a := &attempt{c: r.c, s: s, spec: spec, job: msg.HashOf(*spec)}
	chosen, err := r.choose(a, better)
	if err != nil {
		return errors.Join(err, r.c.close(s, a.job, "failed", err.Error()))
	}
	s.Provider, s.Addr = chosen.account, chosen.Addr
	if s.Agreement, err = r.c.agree(s.Bid); err != nil {
		return errors.Join(err, r.c.close(s, a.job, "failed", err.Error()))
	}
	if err := r.c.journal.write(a.job, s); err != nil {
		return err
	}
	r.event(Event{Job: a.job, Provider: s.Addr, Kind: "chosen", Text: chosen.account.String(), From: a.first()})
	for _, b := range r.tries {
		b.freeze(a.first())
	}
	r.follow(a)
	return nil
}

// follow sees an attempt through beside whatever else happens.
func (r *replica) follow(a *attempt) {
	if r.root == (msg.Hash{}) {
		r.root = a.s.Root
	}
	r.tries, r.live = append(r.tries, a), append(r.live, a)
	r.given.watch(a)
	r.c.following.Store(a.job, nil)
	r.work.Go(func() {
		a.run, a.err = a.see(r.ctx, r.event)
		r.ended <- a
	})
}

// base is what a job goes on from: records that nobody has found false, and the last state behind them that this consumer has whole.
type base struct {
	intervals []identity.Signed
	earlier   []identity.Signed
	kept      map[uint64]msg.Blob
	sources   []string
}

// base gives the furthest there is among all attempts, nil if the job has to begin at its beginning.
func (r *replica) base() *base {
	var best *base
	for _, a := range r.tries {
		a.mu.Lock()
		if b := r.within(a); b != nil && (best == nil || len(b.intervals) > len(best.intervals)) {
			best = b
		}
		a.mu.Unlock()
	}
	return best
}

func (r *replica) within(a *attempt) *base {
	n := uint64(len(a.s.Intervals))
	if a.s.Receipt != nil && n > 0 {
		n-- // in the state behind the last the job is over
	}
	for _, l := range r.lies {
		if l.interval < n && bytes.Equal(a.s.Intervals[l.interval].Body, l.body) {
			n = l.interval
		}
	}
	for ; n > 0; n-- {
		if _, ok := a.s.Kept[n-1]; !ok {
			continue
		}
		b := &base{intervals: slices.Clone(a.s.Intervals[:n]), kept: map[uint64]msg.Blob{}}
		if root, err := traceRoot(b.intervals); err != nil || r.barren[root] >= 2 {
			continue
		}
		for i, m := range a.s.Kept {
			if i < n {
				b.kept[i] = m
			}
		}
		b.earlier = slices.Clone(a.s.Earlier)
		if n > a.first() {
			b.earlier = append(b.earlier, a.s.Spec)
		} else if n < a.first() {
			b.earlier = until(b.earlier, n)
		}
		b.sources = append([]string{a.s.Addr}, a.s.Sources...)
		b.sources = b.sources[:min(len(b.sources), 3)]
		return b
	}
	return nil
}

// until gives those of a chain of jobs that have records among the first n.
func until(earlier []identity.Signed, n uint64) (out []identity.Signed) {
	for _, s := range earlier {
		var spec msg.JobSpec
		if msg.Decode(s.Body, &spec) != nil || spec.Prior != nil && spec.Prior.Intervals >= n {
			break
		}
		out = append(out, s)
	}
	return out
}

// prior is how a job spec names b.
func (b *base) prior() (*msg.Prior, error) {
	if b == nil {
		return nil, nil
	}
	root, err := traceRoot(b.intervals)
	if err != nil {
		return nil, err
	}
	var last rpc.IntervalCommit
	if err := msg.Decode(b.intervals[len(b.intervals)-1].Body, &last); err != nil {
		return nil, err
	}
	return &msg.Prior{Job: last.Job, Intervals: uint64(len(b.intervals)), Trace: root}, nil
}

func traceRoot(signed []identity.Signed) (msg.Hash, error) {
	records := make([]msg.Interval, len(signed))
	for i, s := range signed {
		var ic rpc.IntervalCommit
		if err := msg.Decode(s.Body, &ic); err != nil {
			return msg.Hash{}, err
		}
		records[i] = ic.Record
	}
	return trace.Root(records), nil
}
