package claim

import (
	"errors"
	"fmt"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/trace"
)

// MaxEarlier is how often a job may have been moved.
const MaxEarlier = 64

// Prior checks the records that a job is to go on from, signed for the jobs in earlier, and gives them.
func Prior(spec *msg.JobSpec, signed, earlier []identity.Signed) (*Claims, error) {
	c := &Claims{Spec: *spec, Job: msg.HashOf(*spec)}
	if uint64(len(signed)) != c.Prior() {
		return nil, fmt.Errorf("%d interval records, the job goes on from %d", len(signed), c.Prior())
	}
	if err := c.commits(signed); err != nil {
		return nil, err
	}
	if err := c.openEarlier(earlier); err != nil {
		return nil, err
	}
	return c, c.prior()
}

// openEarlier opens the jobs that the prior intervals were signed for.
func (c *Claims) openEarlier(signed []identity.Signed) error {
	if len(signed) > MaxEarlier {
		return fmt.Errorf("%d earlier jobs, at most %d", len(signed), MaxEarlier)
	}
	for i, s := range signed {
		var spec msg.JobSpec
		who, err := s.Open(&spec)
		if err == nil && who != spec.Consumer {
			err = fmt.Errorf("it is for consumer %s and signed by %s", spec.Consumer, who)
		}
		if err != nil {
			return fmt.Errorf("earlier job %d: %w", i, err)
		}
		c.Earlier = append(c.Earlier, spec)
	}
	return nil
}

// prior checks that the records before the provider's own are those that the consumer signed, one after the other, and that whoever
// signed them was asked for just that: this program, from the state before. Otherwise a consumer could put together records that are all
// true, each of another run, and have their signers blamed for what does not fit.
func (c *Claims) prior() error {
	n := c.Prior()
	if n == 0 {
		if c.Spec.Prior != nil || len(c.Earlier) > 0 {
			return errors.New("the job goes on from nothing, and names earlier jobs")
		}
		return nil
	}
	if n > uint64(len(c.Intervals)) {
		return fmt.Errorf("%d interval records, the job goes on from %d", len(c.Intervals), n)
	}
	if got := trace.Root(c.Intervals[:n]); got != c.Spec.Prior.Trace {
		return fmt.Errorf("the first %d interval records have trace root %s, the job goes on from %s", n, got, c.Spec.Prior.Trace)
	}
	for i := range n {
		if text := c.fault(int(i), false); text != "" {
			return errors.New(text)
		}
	}
	if last := c.Under[n-1]; last != c.Spec.Prior.Job {
		return fmt.Errorf("interval %d is signed for job %s, the job goes on from job %s", n-1, last, c.Spec.Prior.Job)
	}
	program, at := msg.HashOf(c.Spec.Program), uint64(0)
	for k := range c.Earlier {
		e := &c.Earlier[k]
		job, from := msg.HashOf(*e), uint64(0)
		if e.Prior != nil {
			from = e.Prior.Intervals
		}
		switch {
		case msg.HashOf(e.Program) != program:
			return fmt.Errorf("earlier job %s is of program %s, wanted %s", job, msg.HashOf(e.Program), program)
		case from != at || e.Prior != nil && at == 0:
			return fmt.Errorf("earlier job %s goes on from %d intervals, its records from %d", job, from, at)
		case at > 0 && trace.Root(c.Intervals[:at]) != e.Prior.Trace:
			return fmt.Errorf("earlier job %s went on from other records than the %d before its own", job, at)
		}
		for at < n && c.Under[at] == job {
			if c.By[at] != c.By[from] {
				return fmt.Errorf("intervals %d and %d of job %s are signed by %s and %s", from, at, job, c.By[from], c.By[at])
			}
			at++
		}
		if at == from {
			return fmt.Errorf("earlier job %s has no interval among the first %d", job, n)
		}
	}
	if at != n {
		return fmt.Errorf("interval %d is signed for job %s, which is not among the earlier jobs", at, c.Under[at])
	}
	return nil
}
