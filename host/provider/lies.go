package provider

import (
	"errors"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/trace"
)

// Lies are what a provider does otherwise than an honest one, to test those who check it. Nil functions are honest. Asked about the same
// thing again, each has to do the same again.
type Lies struct {
	// Load may change a job that was loaded from its blobs.
	Load func(*runtime.Job)
	// Run may change how a job is run, in whole or any part of it again. The function that it sets in Options.Fault is used alone.
	Run func(*runtime.Options)
	// Record may change the record of an interval before it is signed.
	Record func(*msg.Interval)
	// Result may change what a run came to before its outputs are stored and its receipt is signed. Records that it adds are signed too.
	Result func(*runtime.Result)
	// Account may change what is said in a dispute.
	Account func(c *dispute.Challenge, account dispute.Prover) dispute.Prover
}

// lie makes run options dishonest where they are to be.
func (p *Provider) lie(opts runtime.Options) runtime.Options {
	if p.cfg.Lies.Run != nil {
		p.cfg.Lies.Run(&opts)
	}
	return opts
}

// pretend makes a result dishonest where it is to be: its records are those that were committed, and the receipt fits them.
func (p *Provider) pretend(j *job, res *runtime.Result) error {
	l := &p.cfg.Lies
	if l.Record == nil && l.Result == nil {
		return nil
	}
	if l.Record != nil {
		for i := range res.Intervals {
			l.Record(&res.Intervals[i])
		}
	}
	done := len(res.Intervals)
	if done == 0 {
		return errors.New("no interval to lie about")
	}
	claim := func() {
		end, r := res.Intervals[len(res.Intervals)-1], &res.Receipt
		r.Trace, r.Intervals = trace.Root(res.Intervals), uint64(len(res.Intervals))
		r.State, r.Gas, r.GPUGas, r.Steps = end.State, end.Gas, end.GPUGas, end.LastStep
	}
	claim()
	if l.Result == nil {
		return nil
	}
	l.Result(res)
	if len(res.Intervals) == done {
		return nil
	}
	claim()
	var last intervalRecord
	if err := p.intervals.Get(intervalKey(j.hash, uint64(done-1)), &last); err != nil {
		return err
	}
	for _, rec := range res.Intervals[done:] {
		var err error
		if last.Commit, err = p.cfg.Identity.Sign(rpc.IntervalCommit{Job: j.hash, Record: rec}); err != nil {
			return err
		}
		if err := p.keep(j, rec.Index, last); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	j.rec.Done = uint64(len(res.Intervals))
	return p.save(j)
}
