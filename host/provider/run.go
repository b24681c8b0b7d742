package provider

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/gwrun/gwrun/host/checkpoint"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// maxLost is how many times in a row a job may lose its device before the provider gives it up.
const maxLost = 3

// schedule starts queued jobs while there is room. Called with mu held.
func (p *Provider) schedule() {
	for !p.closed && !p.drain.on && p.running < p.cfg.MaxJobs && len(p.queue) > 0 {
		j := p.next()
		ctx, cancel := context.WithCancel(p.ctx) // its times, and its deadline, end it too (up)
		j.cancel = cancel
		p.running++
		p.work.Go(func() {
			defer cancel()
			p.run(ctx, j)
			p.mu.Lock()
			defer p.mu.Unlock()
			p.running--
			j.cancel = nil
			p.schedule()
			p.rested()
		})
	}
}

// run works on a job until it is over or the provider stops.
func (p *Provider) run(ctx context.Context, j *job) {
	for lost := 0; ; {
		before := j.done(p)
		err := p.attempt(ctx, j)
		if err == nil {
			return
		}
		var gone *kernels.LostError
		if errors.As(err, &gone) && ctx.Err() == nil {
			if j.done(p) > before {
				lost = 0
			}
			if lost++; lost < maxLost {
				p.cfg.Log.Warn("device lost, going on from the last checkpoint", "job", j.hash, "err", err)
				continue
			}
		}
		if errors.Is(err, errParked) {
			p.cfg.Log.Info("job stopped at a checkpoint, it goes on at the next start", "job", j.hash, "intervals", j.done(p))
			return
		}
		if p.ctx.Err() != nil {
			return // a shutdown: the job stays as it is on disk and is taken up at the next start
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if j.rec.State.Over() { // cancelled, or past one of its times
			return
		}
		p.sawFull(err)
		p.cfg.Log.Error("job given up", "job", j.hash, "err", err)
		if err := p.over(j, rpc.StateBroken, err.Error()); err != nil {
			p.cfg.Log.Error("writing the journal", "job", j.hash, "err", err)
		}
		return
	}
}

func (j *job) done(p *Provider) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return j.rec.Done
}

// attempt runs a job from its last checkpoint to its end.
func (p *Provider) attempt(ctx context.Context, j *job) error {
	rj, err := p.load(j)
	if err != nil {
		return err
	}
	done := j.done(p)
	from, err := p.checkpoint(j, done)
	if err == nil && from != nil {
		if _, over := runtime.Ended(from.State); over {
			// Killed between the last interval and the receipt: that interval is done again, to the same record.
			from, err = p.checkpoint(j, done-1)
		}
	}
	if err != nil {
		return err
	}
	p.mu.Lock()
	if j.rec.State.Over() {
		p.mu.Unlock()
		return nil
	}
	if j.rec.Began == 0 {
		j.rec.Began = p.cfg.now().Unix()
	} else {
		j.rec.Restarts++
		p.cfg.Log.Info("going on from a checkpoint", "job", j.hash, "intervals", j.rec.Done)
	}
	j.rec.State = rpc.StateRunning
	j.log = nil
	if from != nil {
		last := from.Intervals[len(from.Intervals)-1]
		j.progress = runtime.Progress{Step: last.LastStep, Gas: last.Gas, GPUGas: last.GPUGas}
		j.counted = counted{gas: last.Gas, gpu: last.GPUGas}
	}
	err = p.save(j)
	p.arm(j)
	p.mu.Unlock()
	if err != nil {
		return err
	}
	dev, err := p.cfg.OpenDevice(ctx)
	if err != nil {
		return err
	}
	defer dev.Close()
	defer p.busy(j)()
	keep := &checkpoint.Keeper{Pages: p.cfg.Store, Owner: owner(j.hash)}
	res, err := runtime.Run(ctx, rj, p.lie(runtime.Options{Device: dev, From: from, Fault: j.fault, MaxStep: p.cfg.MaxStep, MaxTime: p.cfg.MaxTime,
		OnInterval: func(rec msg.Interval, take func() (*state.Snapshot, error)) error {
			return p.commit(j, keep, rec, take)
		},
		OnProgress: func(pr runtime.Progress) {
			p.mu.Lock()
			defer p.mu.Unlock()
			j.progress = pr // whoever watches looks at it now and then
			p.computed(j, pr.Gas, pr.GPUGas)
		},
		OnLog: func(_ string, text []byte) {
			p.mu.Lock()
			defer p.mu.Unlock()
			if uint64(len(j.log)+len(text)) <= j.spec.Program.Limits.LogBytes {
				j.log = append(j.log, text...)
			}
		}}))
	if err == nil {
		err = p.pretend(j, res)
	}
	if err != nil {
		return err
	}
	return p.finish(ctx, j, from, res)
}

// load makes the job's program ready from the blobs in the store.
func (p *Provider) load(j *job) (*runtime.Job, error) {
	job, err := runtime.LoadJob(&j.spec.Program, p.read)
	if err == nil && p.cfg.Lies.Load != nil {
		p.cfg.Lies.Load(job)
	}
	return job, err
}

func (p *Provider) read(b msg.Blob) ([]byte, error) {
	return store.ReadAll(p.cfg.Store, b, b.Size)
}

// commit makes an interval durable and tells whoever watches: state first, then the signed record, then the count that
// makes it the job's.
func (p *Provider) commit(j *job, keep *checkpoint.Keeper, rec msg.Interval, take func() (*state.Snapshot, error)) error {
	snap, err := take()
	if err != nil {
		return err
	}
	ref, err := keep.Keep(snap)
	if err != nil {
		return err
	}
	if p.cfg.Lies.Record != nil {
		p.cfg.Lies.Record(&rec)
	}
	signed, err := p.cfg.Identity.Sign(rpc.IntervalCommit{Job: j.hash, Record: rec})
	if err != nil {
		return err
	}
	if err := p.keep(j, rec.Index, intervalRecord{signed, ref}); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if j.rec.State.Over() {
		return context.Canceled
	}
	j.rec.Done = max(j.rec.Done, rec.Index+1)
	if err := p.save(j); err != nil || !p.drain.hurry {
		return err
	}
	return errParked
}

// keep puts an interval's record into the journal. One that is there stays: it may be out already, and two different ones for one interval
// would be a proof against this provider.
func (p *Provider) keep(j *job, index uint64, r intervalRecord) error {
	key := intervalKey(j.hash, index)
	var old intervalRecord
	switch err := p.intervals.Get(key, &old); {
	case errors.Is(err, store.ErrNotFound):
		return p.intervals.Put(key, r)
	case err != nil:
		return err
	case !bytes.Equal(old.Commit.Body, r.Commit.Body):
		return fmt.Errorf("interval %d came out different from what was committed to before: this machine or its device does not compute reliably", index)
	}
	return nil
}

// finish stores the outputs and signs the receipt.
func (p *Provider) finish(ctx context.Context, j *job, from *runtime.Checkpoint, res *runtime.Result) error {
	own := owner(j.hash)
	for i, out := range res.Outputs {
		b, err := p.cfg.Store.Put(ctx, own, bytes.NewReader(out.Data))
		if err != nil {
			return err
		}
		if b != res.Receipt.Outputs[i].Blob {
			return fmt.Errorf("output %q is stored as %s, its receipt says %s", out.Name, b.Root, res.Receipt.Outputs[i].Blob.Root)
		}
	}
	if err := p.logs.Put(j.hash, rpc.JobLog{Text: res.Log}); err != nil {
		return err
	}
	r := res.Receipt
	r.Job, r.Provider, r.Nonce, r.Device, r.Ended = j.hash, p.cfg.Identity.Account(), random(), p.cfg.Device.Kind, p.cfg.now().Unix()
	if p.cfg.Nonce != nil {
		r.Nonce = p.cfg.Nonce(&j.spec, &r)
	}
	signed, err := p.cfg.Identity.Sign(r)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if j.rec.State.Over() {
		return nil
	}
	j.rec.Receipt, j.rec.State, j.rec.Ended = &signed, rpc.StateDone, r.Ended
	j.log = nil
	p.cfg.Log.Info("job done", "job", j.hash, "status", r.Status, "steps", r.Steps, "trace", r.Trace)
	if err := p.save(j); err != nil {
		return err
	}
	p.ended(rpc.StateDone)
	p.computed(j, r.Gas, r.GPUGas)
	p.disarm(j)
	p.expire(j)
	p.measured(j, from, res)
	return nil
}

// Manifest gives the table of pages of the state after an interval.
func (p *Provider) Manifest(ref rpc.StateRef) (rpc.Manifest, error) {
	j, err := p.committed(ref)
	if err != nil {
		return rpc.Manifest{}, err
	}
	at, err := p.ref(j, ref.Interval)
	if err != nil {
		return rpc.Manifest{}, err
	}
	body, err := checkpoint.Manifest(p.cfg.Store, at)
	return rpc.Manifest{Body: body}, err
}

func (p *Provider) committed(ref rpc.StateRef) (*job, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	j, err := p.find(ref.Job)
	if err != nil {
		return nil, err
	}
	if ref.Interval >= j.rec.Done {
		return nil, fmt.Errorf("%w: job %s has %d intervals, there is no interval %d", ErrRefused, ref.Job, j.rec.Done, ref.Interval)
	}
	return j, nil
}

// Detail accounts for one interval of a job by running it again from the state before it, recording every call.
func (p *Provider) Detail(ctx context.Context, ref rpc.StateRef) (rpc.Detail, error) {
	var out rpc.Detail
	err := p.again(ctx, ref, func(rj *runtime.Job, from *runtime.Checkpoint, opts runtime.Options) error {
		opts.Detail, opts.StopAfter = new(trace.Recorder), 1
		if _, err := runtime.Run(ctx, rj, opts); err != nil {
			return err
		}
		d := opts.Detail.Interval(ref.Interval)
		if d == nil {
			return fmt.Errorf("interval %d left no detail", ref.Interval)
		}
		out.Body = d.Encode()
		return nil
	})
	return out, err
}

// Buffer gives the bytes of a written buffer after one dispatch.
func (p *Provider) Buffer(ctx context.Context, ref rpc.BufferRef) (rpc.BufferBytes, error) {
	var out rpc.BufferBytes
	err := p.again(ctx, rpc.StateRef{Job: ref.Job, Interval: ref.Interval}, func(rj *runtime.Job, from *runtime.Checkpoint, opts runtime.Options) (err error) {
		var at *state.Snapshot
		if from != nil {
			at = from.State
		}
		out.Data, err = runtime.BufferAfter(ctx, rj, at, ref.Step, ref.Call, ref.Binding, opts)
		return err
	})
	if err == nil && len(out.Data) > msg.MaxEncoded-1024 {
		err = fmt.Errorf("%w: buffer of %d bytes, a message takes %d", ErrRefused, len(out.Data), msg.MaxEncoded-1024)
	}
	return out, err
}

// again calls f with what it takes to run one interval of a job again. One question a job at a time: each costs what the
// interval cost.
func (p *Provider) again(ctx context.Context, ref rpc.StateRef, f func(*runtime.Job, *runtime.Checkpoint, runtime.Options) error) error {
	j, err := p.committed(ref)
	if err != nil {
		return err
	}
	j.answer.Lock()
	defer j.answer.Unlock()
	if j.ready == nil {
		if j.ready, err = p.load(j); err != nil {
			return err
		}
	}
	from, err := p.checkpoint(j, ref.Interval)
	if err != nil {
		return err
	}
	dev, err := p.cfg.OpenDevice(ctx)
	if err != nil {
		return err
	}
	defer dev.Close()
	return f(j.ready, from, p.lie(runtime.Options{Device: dev, From: from, Fault: j.fault, MaxStep: p.cfg.MaxStep, MaxTime: p.cfg.MaxTime}))
}
