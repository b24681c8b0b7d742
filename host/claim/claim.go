// Package claim reads what a provider says it did: the signed job, the signed receipt and the signed records of every
// interval, checked against each other. Consumers and validators begin with it.
package claim

import (
	"fmt"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
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
	// By are the signers of the interval records: the provider, and of those before Spec.Prior.Intervals whoever computed them. Under are
	// the jobs that they signed them for.
	By    []msg.Account
	Under []msg.Hash
	// Earlier are those jobs, oldest first.
	Earlier []msg.JobSpec
	// Secret is the consumer's share of the beacon, nil before it was revealed.
	Secret *msg.Hash
}

// Prior is how many of the intervals the provider took over from somebody else.
func (c *Claims) Prior() uint64 {
	if c.Spec.Prior == nil {
		return 0
	}
	return c.Spec.Prior.Intervals
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
	if err := c.commits(r.Intervals); err != nil {
		return nil, err
	}
	if err := c.openEarlier(r.Earlier); err != nil {
		return nil, err
	}
	if r.Reveal != nil {
		secret, err := Secret(&c.Spec, r.Reveal)
		if err != nil {
			return nil, err
		}
		c.Secret = &secret
	}
	return c, c.sums()
}

// commits opens the signed interval records.
func (c *Claims) commits(signed []identity.Signed) error {
	for i, s := range signed {
		var ic rpc.IntervalCommit
		by, err := s.Open(&ic)
		if err != nil {
			return fmt.Errorf("interval %d: %w", i, err)
		}
		if own := uint64(i) >= c.Prior(); own && (by != c.Receipt.Provider || ic.Job != c.Job) {
			return fmt.Errorf("interval %d of job %s is signed by %s, for job %s; wanted %s, for %s", i, c.Job, by, ic.Job, c.Receipt.Provider, c.Job)
		}
		c.Intervals, c.By, c.Under = append(c.Intervals, ic.Record), append(c.By, by), append(c.Under, ic.Job)
	}
	return nil
}

// Secret opens the consumer's share of the beacon. A *FalseReveal error speaks against the consumer.
func Secret(spec *msg.JobSpec, signed *identity.Signed) (msg.Hash, error) {
	var r rpc.Reveal
	if err := signed.OpenFrom(&r, spec.Consumer); err != nil {
		return msg.Hash{}, fmt.Errorf("the consumer's share of the beacon: %w", err)
	}
	job := msg.HashOf(*spec)
	switch {
	case r.Job != job:
		return msg.Hash{}, fmt.Errorf("the consumer's share of the beacon is for job %s, wanted %s", r.Job, job)
	case settle.Commitment(r.Secret) != spec.Commitment:
		return msg.Hash{}, &FalseReveal{fmt.Sprintf("the consumer's share of the beacon, %s, does not open its commitment %s", r.Secret, spec.Commitment)}
	}
	return r.Secret, nil
}

// FalseReveal is a share of the beacon, signed by the consumer, that is not what it had committed to: proof enough against it.
type FalseReveal struct{ Text string }

func (e *FalseReveal) Error() string { return e.Text }

// sums checks that the receipt and the records say one thing.
func (c *Claims) sums() error {
	wrong := func(format string, a ...any) error { return &Inconsistent{fmt.Sprintf(format, a...)} }
	r := &c.Receipt
	if err := c.prior(); err != nil {
		return err
	}
	if n := uint64(len(c.Intervals)); n < r.Intervals {
		// The records may have been left out on the way: that is no proof against their signer.
		return fmt.Errorf("%d interval records, the receipt is over %d", n, r.Intervals)
	}
	if r.Intervals == 0 {
		return wrong("a receipt without any interval")
	}
	if n := uint64(len(c.Intervals)); n > r.Intervals {
		return fmt.Errorf("%d interval records, the receipt is over %d", n, r.Intervals)
	}
	if got := trace.Root(c.Intervals); got != r.Trace {
		for i, rec := range c.Intervals {
			if rec.Index != uint64(i) {
				// Anybody can turn records round, or give one twice: where the receipt does not say the same, that speaks against nobody.
				return fmt.Errorf("the record of interval %d stands where that of %d is wanted", rec.Index, i)
			}
		}
		return wrong("the %d interval records have trace root %s, the receipt says %s", len(c.Intervals), got, r.Trace)
	}
	for i := range c.Intervals {
		if text := c.fault(i, i == len(c.Intervals)-1); text != "" {
			return wrong("%s", text)
		}
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

// fault says what is wrong with a record by itself and after the one before, "" if nothing is.
func (c *Claims) fault(i int, last bool) string {
	k, rec := c.Spec.Program.Interval, c.Intervals[i]
	if rec.Index != uint64(i) || !last && rec.LastStep != uint64(i+1)*k || last && (rec.LastStep > uint64(i+1)*k || rec.LastStep <= uint64(i)*k) {
		return fmt.Sprintf("record %d is of interval %d and ends at step %d, with intervals of %d steps", i, rec.Index, rec.LastStep, k)
	}
	if i > 0 && (rec.Gas < c.Intervals[i-1].Gas || rec.GPUGas < c.Intervals[i-1].GPUGas) {
		return fmt.Sprintf("gas falls in record %d", i)
	}
	return ""
}
