package shards

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// Done is a task that is done, and who did it.
type Done struct {
	Task
	Program  msg.Hash
	Job      msg.Hash // that the provider was given; zero where there was none
	Provider msg.Account
	Addr     string
	Receipt  msg.Receipt
	Seconds  float64 // from when it was given to somebody to its receipt
	Issued   int     // to so many providers
}

// Outputs are the bytes of what a plan puts out, by name.
type Outputs []runtime.Output

// RunOptions say how Run runs a plan; nothing here changes its bits.
type RunOptions struct {
	// OpenDevice opens the device of one worker.
	OpenDevice func(ctx context.Context) (kernels.Device, error)
	// Workers is how many tasks run at once. Default 1.
	Workers int
	// OnDone hears of each task that is done, OnProgress and OnLog of those that run; from several goroutines.
	OnDone     func(Done)
	OnProgress func(Task, runtime.Progress)
	OnLog      func(t Task, stream string, text []byte)
}

// Run runs a plan on this machine.
func Run(ctx context.Context, p *Plan, opts RunOptions) ([]Done, Outputs, error) {
	l := &local{plan: p, opts: opts, data: map[msg.Blob][]byte{}, out: map[Task][]msg.Output{}}
	var all []Done
	for r := range int(p.Spec.Rounds) {
		done, err := l.set(ctx, p.Spec.round(r))
		all = append(all, done...)
		if err == nil && p.Spec.Reduce != nil {
			done, err = l.set(ctx, []Task{{r, ShardReduce}})
			all = append(all, done...)
		}
		if err != nil {
			return all, nil, err
		}
		l.forget(r)
	}
	var out Outputs
	for _, o := range p.results(l.outputs) {
		out = append(out, runtime.Output{Name: o.Name, Data: l.data[o.Blob]})
	}
	return all, out, nil
}

// local is a plan being run on this machine.
type local struct {
	plan *Plan
	opts RunOptions

	mu   sync.Mutex
	data map[msg.Blob][]byte // of what was put out
	out  map[Task][]msg.Output
}

func (l *local) outputs(t Task) []msg.Output {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out[t]
}

func (l *local) read(b msg.Blob) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	data, ok := l.data[b]
	if !ok {
		return nil, fmt.Errorf("blob %s is not there", b.Root)
	}
	return data, nil
}

// forget lets go of what nothing after a round's reduce needs.
func (l *local) forget(round int) {
	reduce := Task{round, ShardReduce}
	last, ok := l.out[reduce]
	if !ok {
		return
	}
	data := map[msg.Blob][]byte{}
	for _, o := range last {
		data[o.Blob] = l.data[o.Blob]
	}
	l.data, l.out = data, map[Task][]msg.Output{reduce: last}
}

// set runs tasks of which none needs another.
func (l *local) set(ctx context.Context, tasks []Task) ([]Done, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make([]Done, len(tasks))
	errs := make([]error, len(tasks))
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(max(l.opts.Workers, 1), len(tasks)) {
		wg.Go(func() {
			device, err := l.opts.OpenDevice(ctx)
			if err == nil {
				defer device.Close()
			}
			for i := range next {
				if errs[i] = err; err == nil {
					done[i], errs[i] = l.task(ctx, tasks[i], device)
				}
				if errs[i] != nil {
					cancel() // the others need not go on
				}
			}
		})
	}
	for i := range tasks {
		next <- i
	}
	close(next)
	wg.Wait()
	// The first by number that says what is wrong, and not only that another was wrong.
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return nil, err
		}
	}
	return done, errors.Join(errs...)
}

func (l *local) task(ctx context.Context, t Task, device kernels.Device) (Done, error) {
	if err := ctx.Err(); err != nil {
		return Done{}, err
	}
	began := time.Now()
	job, err := l.plan.job(t, l.outputs, l.read)
	if err != nil {
		return Done{}, err
	}
	opts := runtime.Options{Device: device}
	if l.opts.OnProgress != nil {
		opts.OnProgress = func(p runtime.Progress) { l.opts.OnProgress(t, p) }
	}
	if l.opts.OnLog != nil {
		opts.OnLog = func(stream string, text []byte) { l.opts.OnLog(t, stream, text) }
	}
	res, err := runtime.Run(ctx, job, opts)
	if err != nil {
		return Done{}, fmt.Errorf("%s: %w", t, err)
	}
	if res.Receipt.Status == msg.Failed {
		return Done{}, &FailedError{t, "the job failed: " + res.Receipt.Failure}
	}
	d := Done{Task: t, Program: job.Hash, Receipt: res.Receipt, Seconds: time.Since(began).Seconds(), Issued: 1}
	l.mu.Lock()
	l.out[t] = res.Receipt.Outputs
	for i, o := range res.Outputs {
		l.data[res.Receipt.Outputs[i].Blob] = o.Data
	}
	l.mu.Unlock()
	if l.opts.OnDone != nil {
		l.opts.OnDone(d)
	}
	return d, nil
}
