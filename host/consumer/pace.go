package consumer

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// pace is how an attempt gets on, as its provider's statuses tell. It is measured from the first status of a job that runs, and time in
// which the provider was silent does not count: that is waited for (Config.Patience).
type pace struct {
	began    time.Time // of the first status that said running; zero before
	silent   time.Duration
	since    time.Time // silent since; zero if it is not
	ended    time.Time // when there was a receipt
	fraction [2]float64
	gas, gpu [2]uint64 // at first and now
	waited   time.Duration
	opened   time.Time
}

// heard takes in a status.
func (p *pace) heard(now time.Time, s *rpc.JobStatus) {
	if !p.since.IsZero() {
		p.silent, p.since = p.silent+now.Sub(p.since), time.Time{}
	}
	if s.State != rpc.StateRunning {
		return
	}
	if p.began.IsZero() {
		p.began, p.silent = now, 0
		p.fraction[0], p.gas[0], p.gpu[0] = s.Fraction, s.Gas, s.GPUGas
		p.waited = now.Sub(p.opened)
	}
	p.fraction[1], p.gas[1], p.gpu[1] = s.Fraction, s.Gas, s.GPUGas
}

// elapsed is how long the provider has worked, in seconds.
func (p *pace) elapsed(now time.Time) float64 {
	if p.began.IsZero() || !p.since.IsZero() {
		return 0
	}
	if !p.ended.IsZero() {
		now = p.ended
	}
	return (now.Sub(p.began) - p.silent).Seconds()
}

func grown(v [2]uint64) float64 {
	if v[1] < v[0] {
		return 0
	}
	return float64(v[1] - v[0])
}

// rival is what another provider would do the job with: by its bid, or by what a replica of the same job does.
type rival struct {
	speed, gpu float64 // gas a second of the module and of kernels; 0 is not known
	wait       float64 // seconds until it would begin
}

// takes is how many seconds it would take over so much gas; 0 if that cannot be said.
func (r rival) takes(gas, gpu float64) float64 {
	if gas > 0 && r.speed == 0 || gpu > 0 && r.gpu == 0 {
		return 0
	}
	seconds := 0.0
	if gas > 0 {
		seconds += gas / r.speed
	}
	if gpu > 0 {
		seconds += gpu / r.gpu
	}
	return seconds
}

// When a provider counts as a straggler. What is known of a rival is a bid about other programs, or a replica's pace: good for a factor,
// not for percents. And work done twice costs a second provider's time. So the job has to be expected to end in less than half the time
// there, apart from what nobody measures (a connection, a module to be compiled): for that a third of the time is allowed for which a
// provider is watched at least, ten seconds of half a minute. A provider that is three times slower than the next shows soon; one that is
// a third slower never does.
const (
	muchLater = 2.0
	lookEvery = 100 * time.Millisecond
)

// later says whether a job, measured at one provider for elapsed seconds, would be done much sooner by r from the last state that was
// kept, behind which its provider has since used up redoGas and redoGPU.
func (p *pace) later(elapsed, overhead, redoGas, redoGPU float64, r rival) bool {
	gas, gpu := grown(p.gas), grown(p.gpu)
	there := r.takes(gas, gpu)
	if there <= 0 || elapsed <= 0 {
		return false
	}
	// How much is left? By the guest's own word if it reports its progress; else as much as was done: of a thing of which nothing is known
	// but how long it has lasted, that is the even bet.
	left := elapsed
	if did := p.fraction[1] - p.fraction[0]; did > 0.01 && p.fraction[1] < 1 {
		left = elapsed * (1 - p.fraction[1]) / did
	}
	redo := r.takes(redoGas, redoGPU)
	return left > muchLater*(left*there/elapsed+redo+r.wait)+overhead
}

// reissue gives the job to a second provider as well if the first is slow. Whoever is done first is taken.
func (r *replica) reissue() error {
	if r.slow < 0 || len(r.live) != 1 {
		return nil
	}
	a, now := r.live[0], time.Now()
	a.mu.Lock()
	p := a.pace
	elapsed := p.elapsed(now)
	if elapsed < r.slow.Seconds() {
		a.mu.Unlock()
		return nil
	}
	redoGas, redoGPU := r.behind(a)
	a.mu.Unlock()
	overhead := r.slow.Seconds() / 3
	sooner := func(x rival) bool { return p.later(elapsed, overhead, redoGas, redoGPU, x) }
	// Not a step in all that time: there is nothing to compare by. Somebody else may as well try. So may who has no figures yet, where
	// another replica shows how fast the job can be.
	still := grown(p.gas) == 0 && grown(p.gpu) == 0 && elapsed > 10*r.slow.Seconds()
	anybody := still || slices.ContainsFunc(r.given.others(a, now), sooner)
	if !anybody && !slices.ContainsFunc(a.bids, sooner) || !r.anyLeft() {
		return nil
	}
	better := func(x rival) bool { return still || sooner(x) || anybody && x.speed == 0 && x.gpu == 0 }
	r.slow *= 2 // whatever comes of it, the next look is a longer one
	text := fmt.Sprintf("slow: %.0f s for %.3g gas", elapsed, grown(p.gas)+grown(p.gpu))
	if p.fraction[1] > p.fraction[0] {
		text += fmt.Sprintf(", %.0f%% of the job", 100*(p.fraction[1]-p.fraction[0]))
	}
	r.event(Event{Job: a.job, Provider: a.s.Addr, Kind: "slow", Text: text})
	a.lastState(r.ctx)
	err := r.start(better)
	if r.ctx.Err() == nil && err != nil {
		r.c.cfg.Log.Info("a slow provider stays the only one", "job", a.job, "err", err)
		return nil
	}
	return err
}

// anyLeft says whether a provider is left that was not given the job.
func (r *replica) anyLeft() bool {
	return slices.ContainsFunc(r.nodes, func(n *node) bool { return n.has("provider") && !r.given.taken(n.account) })
}

// behind is the gas that the attempt's provider has used since the last state that was kept. Called with a.mu held.
func (r *replica) behind(a *attempt) (gas, gpu float64) {
	var at msg.Interval
	if b := r.within(a); b != nil {
		var ic rpc.IntervalCommit
		if msg.Decode(b.intervals[len(b.intervals)-1].Body, &ic) == nil {
			at = ic.Record
		}
	}
	return math.Max(0, float64(a.pace.gas[1])-float64(at.Gas)), math.Max(0, float64(a.pace.gpu[1])-float64(at.GPUGas))
}
