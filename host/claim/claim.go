// Package claim reads what a provider says it did: the signed job, the signed receipt and the signed records of every
// interval, checked against each other. Consumers and validators begin with it.
package claim

import (
	"fmt"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime/trace"
)

// Claims is what a job's records say, after every signature and every sum in them was checked.
type Claims struct {
	Job       msg.Hash
	Spec      msg.JobSpec
	Receipt   msg.Receipt
	Intervals []msg.Interval
}

// Inconsistent is a fault in what a provider itself signed: proof enough against it.
type Inconsistent struct{ Text string }

func (e *Inconsistent) Error() string { return e.Text }

// Read checks a job's records. An *Inconsistent error speaks against the provider; any other means that the records say
// nothing, whoever sent them.
func Read(r *rpc.JobRecords) (*Claims, error) {
	c := &Claims{}
	consumer, err := r.Spec.Open(&c.Spec)
	if err != nil {
		return nil, fmt.Errorf("job: %w", err)
	}
	if consumer != c.Spec.Consumer {
		return nil, fmt.Errorf("job for consumer %s is signed by %s", c.Spec.Consumer, consumer)
	}
	c.Job = msg.HashOf(c.Spec)
	who, err := r.Receipt.Open(&c.Receipt)
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	if who != c.Receipt.Provider || c.Receipt.Job != c.Job {
		return nil, fmt.Errorf("receipt of job %s by %s is signed by %s, for job %s", c.Receipt.Job, c.Receipt.Provider, who, c.Job)
	}
	for i, signed := range r.Intervals {
		var ic rpc.IntervalCommit
		if err := signed.OpenFrom(&ic, who); err != nil {
			return nil, fmt.Errorf("interval %d: %w", i, err)
		}
		if ic.Job != c.Job {
			return nil, fmt.Errorf("interval %d is of job %s, wanted %s", i, ic.Job, c.Job)
		}
		c.Intervals = append(c.Intervals, ic.Record)
	}
	return c, c.sums()
}

// sums checks that the receipt and the records say one thing.
func (c *Claims) sums() error {
	wrong := func(format string, a ...any) error { return &Inconsistent{fmt.Sprintf(format, a...)} }
	r := &c.Receipt
	if got := trace.Root(c.Intervals); got != r.Trace {
		// The records may have been left out on the way: that is no proof against their signer.
		return fmt.Errorf("the %d interval records have trace root %s, the receipt says %s", len(c.Intervals), got, r.Trace)
	}
	k := c.Spec.Program.Interval
	for i, rec := range c.Intervals {
		last := i == len(c.Intervals)-1
		if rec.Index != uint64(i) || !last && rec.LastStep != uint64(i+1)*k || last && (rec.LastStep > uint64(i+1)*k || rec.LastStep < uint64(i)*k) {
			return wrong("record %d is of interval %d and ends at step %d, with intervals of %d steps", i, rec.Index, rec.LastStep, k)
		}
		if i > 0 && (rec.Gas < c.Intervals[i-1].Gas || rec.GPUGas < c.Intervals[i-1].GPUGas) {
			return wrong("gas falls in record %d", i)
		}
	}
	if len(c.Intervals) == 0 {
		return wrong("a receipt without any interval")
	}
	end := c.Intervals[len(c.Intervals)-1]
	switch {
	case r.Program != msg.HashOf(c.Spec.Program):
		return wrong("the receipt is for program %s, the job is %s", r.Program, msg.HashOf(c.Spec.Program))
	case r.Semantics != c.Spec.Program.Semantics:
		return wrong("the receipt is for semantics %q, the job for %q", r.Semantics, c.Spec.Program.Semantics)
	case r.State != end.State || r.Gas != end.Gas || r.GPUGas != end.GPUGas || r.Steps != end.LastStep:
		return wrong("the receipt and its last interval record differ")
	}
	return nil
}
