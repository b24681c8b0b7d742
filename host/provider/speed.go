package provider

import (
	"errors"
	"math"
	"time"

	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/runtime"
)

// speed is what a provider has measured in its own jobs: sums in which each job counts for less with every one that follows (fade), so
// that their quotients follow the machine, and long jobs count for more than short ones.
type speed struct {
	Gas        float64 `cbor:"1,keyasint"` // of the modules
	Seconds    float64 `cbor:"2,keyasint"` // that it took, without the kernels
	GPUGas     float64 `cbor:"3,keyasint"`
	GPUSeconds float64 `cbor:"4,keyasint"` // in kernels
	Jobs       float64 `cbor:"5,keyasint"`
	Runs       float64 `cbor:"6,keyasint"` // seconds from a job's first step to its receipt
	Bytes      float64 `cbor:"7,keyasint"` // fetched
	Fetches    float64 `cbor:"8,keyasint"` // seconds that it took
}

const fade = 0.8

// ran takes in a job that is done: what the run used and how long the job took altogether.
func (s *speed) ran(gas, gpu uint64, t runtime.Timing, total time.Duration) {
	for _, v := range []*float64{&s.Gas, &s.Seconds, &s.GPUGas, &s.GPUSeconds, &s.Jobs, &s.Runs} {
		*v *= fade
	}
	s.Gas, s.Seconds = s.Gas+float64(gas), s.Seconds+max(0, t.Total-t.Kernels)
	s.GPUGas, s.GPUSeconds = s.GPUGas+float64(gpu), s.GPUSeconds+t.Kernels
	s.Jobs, s.Runs = s.Jobs+1, s.Runs+max(0, total.Seconds())
}

func (s *speed) fetched(bytes uint64, took time.Duration) {
	if bytes == 0 {
		return
	}
	s.Bytes, s.Fetches = s.Bytes*fade+float64(bytes), s.Fetches*fade+took.Seconds()
}

// rates are the gas a second of modules and of kernels, 0 where nothing was measured.
func (s *speed) rates() (wasm, gpu uint64) {
	rate := func(gas, seconds float64) uint64 {
		if gas <= 0 || seconds <= 0 {
			return 0
		}
		return uint64(max(1, min(gas/seconds, 1<<60)))
	}
	return rate(s.Gas, s.Seconds), rate(s.GPUGas, s.GPUSeconds)
}

// rates are what this provider has measured: in jobs or, as long as it did none of that kind, by the benchmark. Called with mu held.
func (p *Provider) rates() (wasm, gpu uint64) {
	wasm, gpu = p.speed.rates()
	if b := p.cfg.Benchmark; b != nil {
		if wasm == 0 {
			wasm = b.Module
		}
		if gpu == 0 {
			gpu = market.KernelSpeed(b)
		}
	}
	return wasm, gpu
}

// Speed is what it tells of itself in bids.
func (p *Provider) Speed() (wasm, gpu uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rates()
}

// running is how many seconds a job of so much gas is expected to take, 0 if that is not known.
func (s *speed) running(gas, gpu uint64) (seconds float64) {
	wasm, kernels := s.rates()
	if wasm > 0 {
		seconds += float64(gas) / float64(wasm)
	}
	if kernels > 0 {
		seconds += float64(gpu) / float64(kernels)
	}
	return seconds
}

// fetching is how many seconds so many bytes are expected to take, 0 if that is not known.
func (s *speed) fetching(bytes uint64) float64 {
	if s.Bytes <= 0 || s.Fetches <= 0 {
		return 0
	}
	return float64(bytes) * s.Fetches / s.Bytes
}

// wait is how many seconds are expected to pass before a job that comes now runs; 0 if one could at once, or nothing is known. Called
// with mu held.
func (p *Provider) wait() uint32 {
	if p.running < p.cfg.MaxJobs && len(p.queue) == 0 || p.speed.Jobs == 0 {
		return 0
	}
	mean, now := p.speed.Runs/p.speed.Jobs, p.cfg.now().Unix()
	work := mean * float64(len(p.queue))
	for _, j := range p.jobs {
		if j.cancel != nil && j.rec.Began != 0 {
			work += max(0, mean-float64(now-j.rec.Began))
		}
	}
	return uint32(min(math.Ceil(work/float64(p.cfg.MaxJobs)), math.MaxUint32))
}

func (p *Provider) loadSpeed() error {
	err := p.speeds.Get(msg.Hash{}, &p.speed)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// measured takes in a job that is done. Called with mu held.
func (p *Provider) measured(j *job, from *runtime.Checkpoint, r *runtime.Result) {
	var gas, gpu uint64
	if from != nil {
		last := from.Intervals[len(from.Intervals)-1]
		gas, gpu = last.Gas, last.GPUGas
	}
	p.speed.ran(r.Receipt.Gas-gas, r.Receipt.GPUGas-gpu, r.Timing, p.cfg.now().Sub(time.Unix(j.rec.Began, 0)))
	if err := p.speeds.Put(msg.Hash{}, p.speed); err != nil {
		p.cfg.Log.Error("writing the journal", "err", err)
	}
}
