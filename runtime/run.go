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

// interval runs to the end of the interval at hand and gives its record.
func (s *session) interval(ctx context.Context, index uint64) (msg.Interval, error) {
	if s.detail != nil {
		s.detail.Begin(index)
	}
	s.host.Transcript = trace.Start
	for {
		if err := ctx.Err(); err != nil {
			return msg.Interval{}, err
		}
		if err := s.advance(ctx); err != nil {
			return msg.Interval{}, err
		}
		if s.status != "" || s.step%s.job.Program.Interval == 0 {
			break
		}
	}
	if s.detail == nil { // else advance did it
		begin := time.Now()
		if err := s.computeRoot(); err != nil {
			return msg.Interval{}, err
		}
		s.hashing += time.Since(begin)
	} else if err := s.detail.End(); err != nil {
		return msg.Interval{}, err
	}
	return msg.Interval{Index: index, LastStep: s.step, State: s.root, Transcript: s.host.Transcript, Gas: s.gasUsed(), GPUGas: s.gpuGasUsed()}, nil
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
	for done := uint64(0); s.status == "" && (opts.StopAfter == 0 || done < opts.StopAfter); done++ {
		rec, err := s.interval(ctx, uint64(len(records)))
		if err != nil {
			return nil, err
		}
		records = append(records, rec)
		if opts.OnInterval != nil {
			if err := opts.OnInterval(rec, s.snapshot); err != nil {
				return nil, err
			}
		}
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
		Failure: s.failure, Trace: trace.Root(records), State: s.root, Outputs: outputs, Gas: s.gasUsed(), GPUGas: s.gpuGasUsed(), Steps: s.step}
	st := s.host.Stats
	r.Timing = Timing{Total: total.Seconds(), Load: s.loading.Seconds(), Kernels: st.Kernels.Seconds(), Hashing: s.hashing.Seconds(),
		HostCalls: (st.HostCalls - st.Kernels).Seconds(), Dispatches: st.Dispatches, Calls: st.Calls}
	return r
}
