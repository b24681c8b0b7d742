package node

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
)

// duties are what a validator has said it will do and has not done: checks under way, and findings that it is bound to and nobody has asked for.
type duties struct {
	mu      sync.Mutex
	checks  int
	bound   map[msg.Hash]bool // whether findings are still to be told
	changed chan struct{}     // closed and replaced when there are fewer
}

func (d *duties) change(f func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f()
	if d.changed != nil {
		close(d.changed)
	}
	d.changed = make(chan struct{})
}

// check counts a check of a job; the function it gives ends it, and says whether this node is bound to a finding now.
func (d *duties) check(job msg.Hash) (end func(bound bool)) {
	d.change(func() { d.checks++ })
	return func(bound bool) {
		d.change(func() {
			d.checks--
			if _, known := d.bound[job]; bound && !known {
				d.set(job, true)
			}
		})
	}
}

// told is called when the findings on a job were asked for.
func (d *duties) told(job msg.Hash) { d.change(func() { d.set(job, false) }) }

// maxDuties bounds the jobs that are remembered.
const maxDuties = 4096

// set is called with mu held.
func (d *duties) set(job msg.Hash, bound bool) {
	if d.bound == nil || len(d.bound) >= maxDuties {
		d.bound = map[msg.Hash]bool{}
	}
	d.bound[job] = bound
}

// left counts what is to be done. Called with mu held.
func (d *duties) left() (checks, findings int) {
	for _, b := range d.bound {
		if b {
			findings++
		}
	}
	return d.checks, findings
}

// wait waits until there are none, or for the end of ctx.
func (d *duties) wait(ctx context.Context) error {
	for {
		d.mu.Lock()
		checks, bound := d.left()
		changed := d.changed
		d.mu.Unlock()
		if checks+bound == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%d checks run and %d findings are to be told: %w", checks, bound, ctx.Err())
		}
	}
}

// lately is how long before a drain a job may have ended for its consumer to be waited for.
const lately = time.Minute

// seen waits until the consumers of the jobs that are done since then are gone, or for the end of ctx: a job that is done is of no use before
// its outputs are fetched and its validators have seen what they were drawn for, and its consumer is connected for so long.
func (n *Node) seen(ctx context.Context, since time.Time) error {
	t := time.NewTicker(20 * time.Millisecond)
	defer t.Stop()
	for {
		here := map[msg.Account]bool{}
		for _, c := range n.Endpoint.Conns() {
			here[c.Peer()] = true
		}
		left := 0
		for _, who := range n.Provider.Done(since) {
			if here[who] {
				left++
			}
		}
		if left == 0 {
			return nil
		}
		select {
		case <-t.C:
		case <-ctx.Done():
			return fmt.Errorf("consumers of %d jobs that are done are connected: %w", left, ctx.Err())
		}
	}
}

// Drain brings the node to rest. Its provider takes no more jobs, and stops those that are not over after grace at their next checkpoint, for
// which it has as long again; then their consumers, and those of the last minute, have what is left of that to fetch what they need. Its
// validator goes on for as long as grace with what it was drawn for: a juror that goes away in between is missed. What is left then is said in
// the error; all of it is taken up at the next start. The end of ctx ends the waiting.
func (n *Node) Drain(ctx context.Context, grace time.Duration) error {
	n.draining.Store(true)
	var jobs, checks error
	var both sync.WaitGroup
	if n.Provider != nil {
		since, all := time.Now().Add(-lately), grace
		if running, _ := n.Provider.Load(); running > 0 {
			all = twice(grace)
		}
		both.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, all)
			defer cancel()
			if jobs = n.Provider.Drain(ctx, grace); jobs == nil {
				jobs = n.seen(ctx, since)
			}
		})
	}
	both.Go(func() {
		ctx, cancel := context.WithTimeout(ctx, grace)
		defer cancel()
		checks = n.duties.wait(ctx)
	})
	both.Wait()
	return errors.Join(jobs, checks)
}

// twice is 2d, or the longest there is.
func twice(d time.Duration) time.Duration { return max(d, d+d) }

// Draining says whether the node is coming to rest.
func (n *Node) Draining() bool { return n.draining.Load() }

// Disputes says how many disputes this node has begun to answer in since it started, and how many moves it made in them.
func (n *Node) Disputes() (disputes, moves uint64) { return n.seat.Counts() }
