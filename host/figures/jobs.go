// Package figures measures what a network does with many small jobs: how many a second, how long each takes from submit to its
// result, and what the same jobs take where they are run plainly.
package figures

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// Config says what is measured. Consumer, Peers, Job and Plain are needed.
type Config struct {
	Consumer *consumer.Consumer
	// Peers are the addresses of the providers and validators.
	Peers []string
	// Job makes the n-th job, from 0 on. It is not part of what is measured.
	Job func(n int) (*runtime.Job, error)
	// Plain runs a job here, without any network.
	Plain func(ctx context.Context, job *runtime.Job) (*runtime.Result, error)
	// Jobs is how many there are. Default 1000.
	Jobs int
	// Parallel is how many are under way at once, on the network and plainly. Default 1.
	Parallel int
	// Validators have to agree with each result.
	Validators int
	// PriceCap, if it is not nothing, makes the bids sealed ones.
	PriceCap msg.Amount
	Policy   msg.Policy
	// Progress, if any, hears after each round how many jobs are done.
	Progress func(done int)
}

// Times sums up how long something took, in milliseconds.
type Times struct {
	Mean float64 `json:"mean_ms"`
	P50  float64 `json:"p50_ms"`
	P90  float64 `json:"p90_ms"`
	P99  float64 `json:"p99_ms"`
	Max  float64 `json:"max_ms"`
}

// Report is what came out. The seconds are those of the rounds of one kind together: plain rounds and those on the network take
// turns, so that what else the machine does touches both.
type Report struct {
	Jobs     int     `json:"jobs"`
	Parallel int     `json:"parallel"`
	Seconds  float64 `json:"seconds"`
	Rate     float64 `json:"jobs_per_second"`
	// Chosen, Receipt and Result are the times from submit to a provider being chosen, to its receipt, and to the accepted result.
	Chosen  Times `json:"submit_to_chosen"`
	Receipt Times `json:"submit_to_receipt"`
	Result  Times `json:"submit_to_result"`
	// Processor is what a job takes of this process's processors, in milliseconds: of all nodes where they are all in it. 0 is not known.
	Processor float64 `json:"processor_ms"`
	// Providers counts the jobs by the address of who ran them, Setbacks how often a peer did not answer, refused, was lost or gave up.
	Providers map[string]int `json:"providers"`
	Setbacks  int            `json:"setbacks"`
	Plain     struct {
		Seconds   float64 `json:"seconds"`
		Rate      float64 `json:"jobs_per_second"`
		Times     Times   `json:"job"`
		Processor float64 `json:"processor_ms"`
	} `json:"plain"`
	// Ratio is the seconds on the network over the plain ones.
	Ratio float64 `json:"ratio"`
}

// round is how many jobs are run in one turn of a kind.
const round = 50

// one is what is known of one job.
type one struct {
	want                             *runtime.Result
	plain, chosen, receipt, accepted time.Duration
	provider                         string
	setbacks                         int
}

// Jobs submits the jobs, each from the beginning as Submit does, and runs them plainly too. A job that is not accepted, or whose result
// is another than the plain one, is an error.
func Jobs(ctx context.Context, cfg Config) (*Report, error) {
	if cfg.Consumer == nil || cfg.Job == nil || cfg.Plain == nil {
		return nil, errors.New("figures: needs a consumer, jobs and a way to run them plainly")
	}
	if cfg.Jobs <= 0 {
		cfg.Jobs = 1000
	}
	cfg.Parallel = max(1, cfg.Parallel)
	r := &Report{Jobs: cfg.Jobs, Parallel: cfg.Parallel, Providers: map[string]int{}}
	all := make([]one, cfg.Jobs)
	size := max(round, 4*cfg.Parallel)
	var plain, network, plainWork, work time.Duration
	for first := 0; first < cfg.Jobs; first += size {
		batch := all[first:min(first+size, cfg.Jobs)]
		jobs := make([]*runtime.Job, len(batch))
		for i := range jobs {
			var err error
			if jobs[i], err = cfg.Job(first + i); err != nil {
				return nil, err
			}
		}
		began, before := time.Now(), processorTime()
		err := parallel(ctx, cfg.Parallel, len(batch), func(ctx context.Context, i int) (err error) {
			began := time.Now()
			batch[i].want, err = cfg.Plain(ctx, jobs[i])
			batch[i].plain = time.Since(began)
			return err
		})
		if err != nil {
			return nil, err
		}
		plain += time.Since(began)
		plainWork += processorTime() - before
		began, before = time.Now(), processorTime()
		err = parallel(ctx, cfg.Parallel, len(batch), func(ctx context.Context, i int) error {
			if err := cfg.submit(ctx, jobs[i], &batch[i]); err != nil {
				return fmt.Errorf("job %d: %w", first+i, err)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		network += time.Since(began)
		work += processorTime() - before
		for i := range batch {
			r.Providers[batch[i].provider]++
			r.Setbacks += batch[i].setbacks
			batch[i].want = nil // results of many jobs are much
		}
		if cfg.Progress != nil {
			cfg.Progress(first + len(batch))
		}
	}
	n := float64(cfg.Jobs)
	r.Seconds, r.Plain.Seconds = network.Seconds(), plain.Seconds()
	r.Rate, r.Plain.Rate, r.Ratio = n/r.Seconds, n/r.Plain.Seconds, r.Seconds/r.Plain.Seconds
	r.Processor, r.Plain.Processor = 1e3*work.Seconds()/n, 1e3*plainWork.Seconds()/n
	r.Chosen = timesOf(all, func(o *one) time.Duration { return o.chosen })
	r.Receipt = timesOf(all, func(o *one) time.Duration { return o.receipt })
	r.Result = timesOf(all, func(o *one) time.Duration { return o.accepted })
	r.Plain.Times = timesOf(all, func(o *one) time.Duration { return o.plain })
	return r, nil
}

// submit has one job done by the network and holds its result against the plain one.
func (c *Config) submit(ctx context.Context, job *runtime.Job, o *one) error {
	began := time.Now()
	results, err := c.Consumer.Submit(ctx, consumer.Request{Job: job, Peers: c.Peers, Validators: c.Validators, Policy: c.Policy, PriceCap: c.PriceCap,
		Deadline: began.Add(time.Hour)}, func(e consumer.Event) {
		switch e.Kind { // of a job that is given to another provider, the last time
		case "chosen":
			o.chosen, o.provider = time.Since(began), e.Provider
		case "receipt":
			o.receipt = time.Since(began)
		case "peers", "refusal", "lost", "moved":
			o.setbacks++
		}
	})
	o.accepted = time.Since(began)
	if err != nil {
		return err
	}
	return compare(&results[0].Receipt, o.want)
}

// compare says where a provider's receipt is not that of a plain run.
func compare(got *msg.Receipt, want *runtime.Result) error {
	w := &want.Receipt
	switch {
	case got.Status != w.Status || got.Failure != w.Failure:
		return fmt.Errorf("the provider's run %s %q, the plain one %s %q", got.Status, got.Failure, w.Status, w.Failure)
	case got.Trace != w.Trace || got.State != w.State:
		return fmt.Errorf("the provider's result has roots %v and %v, the plain one %v and %v", got.Trace, got.State, w.Trace, w.State)
	case !slices.Equal(got.Outputs, w.Outputs):
		return fmt.Errorf("the provider's outputs are %v, those of the plain run %v", got.Outputs, w.Outputs)
	}
	return nil
}

// parallel calls f for 0 to count-1, so many at once, until one fails.
func parallel(ctx context.Context, workers, count int, f func(context.Context, int) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers, count) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < count && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				if err := f(ctx, i); err != nil {
					stop(err) // the first is the cause
				}
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// TimesOf sums up times; there must be some.
func TimesOf(list []time.Duration) Times {
	list = slices.Sorted(slices.Values(list))
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }
	// The nearest rank: the least value that so large a share is not above.
	rank := func(share float64) float64 {
		return ms(list[max(0, int(math.Ceil(share*float64(len(list))))-1)])
	}
	var sum time.Duration
	for _, d := range list {
		sum += d
	}
	return Times{Mean: ms(sum / time.Duration(len(list))), P50: rank(0.5), P90: rank(0.9), P99: rank(0.99), Max: rank(1)}
}

func timesOf(all []one, what func(*one) time.Duration) Times {
	list := make([]time.Duration, len(all))
	for i := range all {
		list[i] = what(&all[i])
	}
	return TimesOf(list)
}
