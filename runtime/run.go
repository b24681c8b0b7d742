package runtime

import (
	"context"
	"fmt"
	"sort"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/merkle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// steps runs to the end of the interval at hand.
func (s *session) steps(ctx context.Context, index uint64) error {
	if s.detail != nil {
		s.detail.Begin(index)
	}
	s.host.Transcript.Reset()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.advance(ctx); err != nil {
			return err
		}
		if s.status != "" || s.step%s.job.Program.Interval == 0 {
			return nil
		}
	}
}

// seal ends an interval. Its record lacks the state's root, which s.commit will know.
func (s *session) seal(index uint64) (msg.Interval, error) {
	rec := msg.Interval{Index: index, LastStep: s.step, Transcript: s.host.Transcript.Sum(), Gas: s.gasUsed(), GPUGas: s.gpuGasUsed()}
	if s.detail != nil { // the last step was committed to
		return rec, s.detail.End()
	}
	return rec, s.takeState()
}

// interval runs to the end of the interval at hand and gives its record.
func (s *session) interval(ctx context.Context, index uint64) (msg.Interval, error) {
	if err := s.steps(ctx, index); err != nil {
		return msg.Interval{}, err
	}
	rec, err := s.seal(index)
	if err == nil {
		rec.State = s.commit.Root()
	}
	return rec, err
}

// Run steps a job to its end, or for Options.StopAfter intervals: then the receipt has no Status.
func Run(ctx context.Context, job *Job, opts Options) (*Result, error) {
	begin := time.Now()
	var from *state.Snapshot
	var records []msg.Interval
	if c := opts.From; c != nil {
		if err := checkCheckpoint(c); err != nil {
			return nil, err
		}
		from = c.State
		records = append(records, c.Intervals...)
	}
	s, err := newSession(ctx, job, from, opts)
	if err != nil {
		return nil, err
	}
	defer s.close()
	if n := len(records); n > 0 && (records[n-1].LastStep != s.step || records[n-1].Gas != s.gasUsed() || records[n-1].GPUGas != s.gpuGasUsed()) {
		return nil, fmt.Errorf("runtime: the checkpoint's last record is of step %d with gas %d and %d, its state of step %d with %d and %d",
			records[n-1].LastStep, records[n-1].Gas, records[n-1].GPUGas, s.step, s.gasUsed(), s.gpuGasUsed())
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	// While the guest is in one interval, the state after the one before is hashed and given to OnInterval.
	over := make(chan error, 1)
	over <- nil
	settle := func() error {
		begin := time.Now()
		defer func() { s.hashing += time.Since(begin) }()
		return <-over
	}
	first := uint64(len(records))
	for index := first; s.status == "" && (opts.StopAfter == 0 || index-first < opts.StopAfter); index++ {
		err := s.steps(ctx, index)
		if before := settle(); before != nil {
			return nil, before
		}
		if err != nil {
			return nil, err
		}
		rec, err := s.seal(index)
		if err != nil {
			return nil, err
		}
		finish := func() {
			rec.State = s.commit.Root()
			records = append(records, rec)
			var err error
			if opts.OnInterval != nil {
				if err = opts.OnInterval(rec, s.snapshot); err != nil {
					stop() // the guest goes no further
				}
			}
			over <- err
		}
		if s.detail != nil {
			finish() // every step is committed to, so the next one already would be in the way
		} else {
			go finish()
		}
	}
	if err := settle(); err != nil {
		return nil, err
	}
	return s.result(records, time.Since(begin)), nil
}

func checkCheckpoint(c *Checkpoint) error {
	n := len(c.Intervals)
	if c.State == nil || n == 0 {
		return fmt.Errorf("runtime: a checkpoint with %d records and state %t, wanted both", n, c.State != nil)
	}
	for i, r := range c.Intervals {
		if r.Index != uint64(i) {
			return fmt.Errorf("runtime: the checkpoint's record %d has index %d", i, r.Index)
		}
	}
	if got, want := c.State.Root(), c.Intervals[n-1].State; got != want {
		return fmt.Errorf("runtime: the checkpoint's state has root %v, its last record %v", got, want)
	}
	return nil
}

func (s *session) result(records []msg.Interval, total time.Duration) *Result {
	r := &Result{Intervals: records, Log: append([]byte(nil), s.host.Log()...)}
	outputs := []msg.Output{}
	for name, data := range s.host.Outputs() {
		r.Outputs = append(r.Outputs, Output{Name: name, Data: append([]byte(nil), data...)})
	}
	sort.Slice(r.Outputs, func(i, j int) bool { return r.Outputs[i].Name < r.Outputs[j].Name })
	for _, o := range r.Outputs {
		outputs = append(outputs, msg.Output{Name: o.Name, Blob: merkle.BlobOf(o.Data)})
	}
	r.Receipt = msg.Receipt{Version: 1, Job: s.job.Hash, Program: s.job.Hash, Semantics: kernels.SemanticsID, Status: s.status,
		Failure: s.failure, Trace: trace.Root(records), Intervals: uint64(len(records)), State: records[len(records)-1].State, Outputs: outputs, Gas: s.gasUsed(), GPUGas: s.gpuGasUsed(), Steps: s.step}
	st := s.host.Stats
	r.Timing = Timing{Total: total.Seconds(), Load: s.loading.Seconds(), Kernels: st.Kernels.Seconds(), Hashing: s.hashing.Seconds(),
		HostCalls: (st.HostCalls - st.Kernels).Seconds(), Dispatches: st.Dispatches, Calls: st.Calls}
	return r
}
