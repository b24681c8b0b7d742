package provider

import (
	"fmt"
	"time"

	"github.com/gwrun/gwrun/proto/rpc"
)

// due gives when the next of a job's times is up, and what is said then; zero if none is left. All are counted from moments that are in
// the journal, so that a restart gives nobody more time. Called with mu held.
func (p *Provider) due(j *job) (at time.Time, reason string) {
	first := func(from int64, seconds uint32, format string) {
		t := time.Unix(from, 0).Add(time.Duration(seconds) * time.Second)
		if seconds > 0 && (at.IsZero() || t.Before(at)) {
			at, reason = t, fmt.Sprintf(format, seconds)
		}
	}
	t := j.spec.Times
	switch j.rec.State {
	case rpc.StateWaiting:
		first(j.rec.Created, t.Setup, "past its setup time: its blobs were not all here %d s after the start request")
		if !j.fetching {
			first(j.rec.Created, uint32(p.cfg.MaxIdle/time.Second), "its consumer did not bring its blobs within %d s")
		}
		fallthrough
	case rpc.StateQueued:
		if j.rec.Began == 0 {
			first(j.rec.Created, t.Queue, "past its queue time: it did not run %d s after the start request")
		}
		fallthrough
	case rpc.StateRunning:
		if j.rec.Began != 0 {
			first(j.rec.Began, t.Run, "past its run time: it was not done %d s after its first step")
		}
		if d := time.Unix(j.spec.Deadline, 0); at.IsZero() || d.Before(at) {
			at, reason = d, fmt.Sprintf("the deadline %s passed", d.UTC().Format(time.RFC3339))
		}
	}
	return at, reason
}

// arm has the job given back when its next time is up. Called with mu held, whenever its state changes.
func (p *Provider) arm(j *job) {
	p.disarm(j)
	at, _ := p.due(j)
	if at.IsZero() || p.closed {
		return
	}
	j.timer = time.AfterFunc(max(0, at.Sub(p.cfg.now())), func() { p.up(j) })
}

func (p *Provider) disarm(j *job) {
	if j.timer != nil {
		j.timer.Stop()
		j.timer = nil
	}
}

// up gives a job back whose time is up.
func (p *Provider) up(j *job) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, reason := p.due(j)
	if at.IsZero() || p.closed {
		return
	}
	if p.cfg.now().Before(at) {
		p.arm(j)
		return
	}
	p.cfg.Log.Warn("job given back", "job", j.hash, "reason", reason)
	if err := p.over(j, rpc.StateBroken, reason); err != nil {
		p.cfg.Log.Error("writing the journal", "job", j.hash, "err", err)
	}
}

// until is when nobody can question a job any more that is over.
func (p *Provider) until(j *job) time.Time {
	return time.Unix(j.rec.Ended+int64(j.spec.Policy.Window), 0).Add(p.cfg.Keep)
}

// expire sets the end of what is kept for a job that is over. Setting it again changes nothing. Called with mu held.
func (p *Provider) expire(j *job) {
	if err := p.cfg.Store.Expire(owner(j.hash), p.until(j)); err != nil {
		p.cfg.Log.Error("setting how long a job is kept", "job", j.hash, "err", err)
	}
}
