package provider

import (
	"maps"
	"time"

	"github.com/gwrun/gwrun/proto/rpc"
)

// Counts are what a provider has done since it was made. They only grow.
type Counts struct {
	Taken       uint64
	Ended       map[rpc.JobState]uint64
	Gas, GPUGas uint64        // of jobs; what is run again to answer questions does not count
	Busy        time.Duration // that devices were open for jobs, each counting
}

// counted is what has been counted of a job that runs.
type counted struct {
	gas, gpu uint64
	since    time.Time // when its device was opened; zero: it has none
}

// Counts says what was done so far.
func (p *Provider) Counts() Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.counts
	c.Ended = maps.Clone(c.Ended)
	for _, j := range p.jobs {
		if !j.counted.since.IsZero() {
			c.Busy += time.Since(j.counted.since)
		}
	}
	return c
}

// States counts the jobs that are known by their states.
func (p *Provider) States() map[rpc.JobState]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := map[rpc.JobState]int{}
	for _, j := range p.jobs {
		n[j.rec.State]++
	}
	return n
}

// ended counts a job that is over. Called with mu held.
func (p *Provider) ended(s rpc.JobState) {
	if p.counts.Ended == nil {
		p.counts.Ended = map[rpc.JobState]uint64{}
	}
	p.counts.Ended[s]++
}

// computed counts what a job has used by now. Called with mu held.
func (p *Provider) computed(j *job, gas, gpu uint64) {
	c := &j.counted
	p.counts.Gas += max(gas, c.gas) - c.gas
	p.counts.GPUGas += max(gpu, c.gpu) - c.gpu
	c.gas, c.gpu = max(gas, c.gas), max(gpu, c.gpu)
}

// busy counts the time that a device is open for a job, from now until the function it gives is called.
func (p *Provider) busy(j *job) (end func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	j.counted.since = time.Now()
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.counts.Busy += time.Since(j.counted.since)
		j.counted.since = time.Time{}
	}
}
