package provider

import (
	"testing"
	"time"

	"github.com/gwrun/gwrun/proto/rpc"
)

// A watcher hears of the end of a job also where the job ends just when the watcher's next look is due.
func TestWatchHearsOfTheEnd(t *testing.T) {
	w := newWorld(t)
	p := w.open(w.store)
	defer p.Close()
	j := &job{hash: w.job, spec: w.spec, changed: make(chan struct{}), rec: record{Spec: w.signed, State: rpc.StateRunning}}
	p.mu.Lock()
	p.jobs[w.job] = j
	p.mu.Unlock()
	heard, over := make(chan rpc.JobState, 10), make(chan error, 1)
	go func() {
		over <- p.Watch(t.Context(), rpc.Watch{Job: w.job}, func(e rpc.JobEvent) error {
			heard <- e.Status.State
			return nil
		})
	}()
	if s := <-heard; s != rpc.StateRunning {
		t.Fatalf("heard of %v", s)
	}
	p.mu.Lock()
	time.Sleep(200 * time.Millisecond) // its look is due by now, and waits for the lock
	j.rec.State, j.rec.Ended = rpc.StateBroken, time.Now().Unix()
	if err := p.save(j); err != nil {
		t.Error(err)
	}
	p.mu.Unlock()
	if s := <-heard; s != rpc.StateBroken {
		t.Errorf("heard of %v, the job is broken", s)
	}
	if err := <-over; err != nil {
		t.Error(err)
	}
}
