package provider

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

// open checks a signed job and gives its hash.
func open(signed identity.Signed) (msg.JobSpec, msg.Hash, error) {
	var spec msg.JobSpec
	who, err := signed.Open(&spec)
	if err != nil {
		return spec, msg.Hash{}, err
	}
	if who != spec.Consumer {
		return spec, msg.Hash{}, fmt.Errorf("%w: job for consumer %s is signed by %s", ErrRefused, spec.Consumer, who)
	}
	return spec, msg.HashOf(spec), nil
}

// called checks an offer.
func (p *Provider) called(o *rpc.Offer, sealed bool) (*msg.JobSpec, *market.Tender, error) {
	spec, hash, err := open(o.Spec)
	if err != nil {
		return nil, nil, err
	}
	t, err := market.OpenTender(o.Tender, hash, spec.Consumer, p.cfg.now())
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if t.Sealed() != sealed {
		return nil, nil, fmt.Errorf("%w: bids on a sealed tender are asked for by %s, on an open one by %s", ErrRefused, rpc.MethodSeal, rpc.MethodOffer)
	}
	if p.cfg.Called != nil {
		p.cfg.Called(t)
	}
	return &spec, t, nil
}

// Offer answers a consumer's offer with a signed open bid. A refusal is a bid too: it names every requirement that is not met, and why.
func (p *Provider) Offer(ctx context.Context, o rpc.Offer) (identity.Signed, error) {
	spec, t, err := p.called(&o, false)
	if err != nil {
		return identity.Signed{}, err
	}
	bid, err := p.bid(ctx, spec, t)
	if err != nil {
		return identity.Signed{}, err
	}
	return p.cfg.Identity.Sign(bid)
}

// errNo carries a refusal past Seller.Seal, which keeps bids only.
type errNo struct{ bid rpc.Bid }

func (errNo) Error() string { return "refused" }

// Seal answers an offer on a sealed tender with a commitment to a bid. A refusal is open.
func (p *Provider) Seal(ctx context.Context, o rpc.Offer) (rpc.Sealed, error) {
	spec, t, err := p.called(&o, true)
	if err != nil {
		return rpc.Sealed{}, err
	}
	commit, err := p.cfg.Market.Seal(ctx, t, func() (identity.Signed, error) {
		bid, err := p.bid(ctx, spec, t)
		switch {
		case err != nil:
			return identity.Signed{}, err
		case !bid.Accept:
			return identity.Signed{}, errNo{bid}
		}
		return p.cfg.Identity.Sign(bid)
	})
	var no errNo
	switch {
	case errors.As(err, &no):
		refusal, err := p.cfg.Identity.Sign(no.bid)
		return rpc.Sealed{Refusal: &refusal}, err
	case errors.Is(err, market.ErrFull):
		return rpc.Sealed{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return rpc.Sealed{Commit: &commit}, err
}

// Unseal opens a sealed bid.
func (p *Provider) Unseal(ctx context.Context, who msg.Account, r rpc.Unseal) (rpc.Unsealed, error) {
	u, err := p.cfg.Market.Unseal(ctx, who, r)
	if errors.Is(err, market.ErrStale) || errors.Is(err, market.ErrFalse) {
		err = fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return u, err
}

// bid makes the bid on a job, or a refusal.
func (p *Provider) bid(ctx context.Context, spec *msg.JobSpec, t *market.Tender) (rpc.Bid, error) {
	p.mu.Lock()
	bid := rpc.Bid{Job: t.Job, Provider: p.cfg.Identity.Account(), Device: p.cfg.Device.ID, Start: uint32(len(p.queue)), Wait: p.wait()}
	bid.Speed, bid.GPUSpeed = p.rates()
	known := p.jobs[t.Job] != nil
	p.mu.Unlock()
	if !known {
		bid.Fails = p.fails(spec, t.Gas, t.GPUGas)
	}
	if len(bid.Fails) == 0 {
		var err error
		bid.Price, err = p.cfg.Market.Price(ctx, market.Ask{Spec: spec, Job: t.Job, Gas: t.Gas, GPUGas: t.GPUGas, Speed: bid.Speed, GPUSpeed: bid.GPUSpeed, Wait: bid.Wait, Device: p.cfg.Device.Kind})
		var no *market.Refusal
		switch {
		case errors.As(err, &no):
			bid.Fails = []rpc.Fail{{Rule: "price", Reason: no.Reason}}
		case errors.Is(err, market.ErrFull):
			bid.Fails = []rpc.Fail{{Rule: "price", Reason: "this provider is asked for too many prices"}}
		case err != nil && ctx.Err() != nil:
			return bid, ctx.Err()
		case err != nil:
			p.cfg.Log.Error("making a price", "job", t.Job, "err", err)
			bid.Fails = []rpc.Fail{{Rule: "price", Reason: "this provider could not make a price"}}
		}
	}
	if len(bid.Fails) == 0 {
		if err := p.terms(ctx, spec, &bid); err != nil {
			p.cfg.Log.Error("making terms", "job", t.Job, "err", err)
			bid.Fails = []rpc.Fail{{Rule: "market", Reason: "this provider cannot see the market just now"}}
		}
	}
	if len(bid.Fails) > 0 {
		bid.Price, bid.Rule, bid.Reason = msg.Amount{}, bid.Fails[0].Rule, bid.Fails[0].Reason
	}
	bid.Accept = bid.Rule == ""
	return bid, nil
}

// fails says which requirements of a job this provider does not meet. gas and gpu are what the consumer expects the job to use, 0 if it
// does not know.
func (p *Provider) fails(spec *msg.JobSpec, gas, gpu uint64) (out []rpc.Fail) {
	pr, d := &spec.Program, p.cfg.Device
	// What a job is made of is held in memory while it runs, and so is what it puts out. Whoever asks chooses these numbers, so
	// sums must not wrap around.
	const plenty = 1 << 60
	memory, content := uint64(pr.Limits.MemoryPages)<<16, uint64(0)
	for _, n := range []uint64{pr.Limits.BufferBytes, pr.Limits.OutputBytes, pr.Limits.LogBytes, pr.Limits.ShaderBytes} {
		memory = min(memory+min(n, plenty), plenty)
	}
	for _, b := range wants(pr) {
		content = min(content+min(b.Size, plenty), plenty)
	}
	kind := "gpu"
	if d.Kind == "cpu" {
		kind = "cpu"
	}
	now := p.cfg.now()
	fail := func(bad bool, rule string, have, want uint64, format string, a ...any) {
		if bad {
			out = append(out, rpc.Fail{Rule: rule, Have: have, Want: want, Reason: fmt.Sprintf(format, a...)})
		}
	}
	fail(spec.Version != 1 || pr.Version != 1, "version", 0, 0, "job version %d.%d, this provider takes 1.1", spec.Version, pr.Version)
	fail(pr.Semantics != kernels.SemanticsID || pr.ABI != runtime.ABIID || pr.Gas != runtime.GasID, "version", 0, 0,
		"job is for %s/%s/%s, this provider runs %s/%s/%s", pr.Semantics, pr.ABI, pr.Gas, kernels.SemanticsID, runtime.ABIID, runtime.GasID)
	fail(p.Draining(), "draining", 0, 0, "this provider takes no more jobs: it is about to stop")
	fail(spec.Deadline < now.Unix(), "deadline", 0, 0, "deadline %s has passed", time.Unix(spec.Deadline, 0).UTC().Format(time.RFC3339))
	fail(memory > p.cfg.MaxMemory, "limits", p.cfg.MaxMemory, memory, "job may use %d MiB, this provider gives %d", memory>>20, p.cfg.MaxMemory>>20)
	fail(content > p.cfg.MaxMemory, "content", p.cfg.MaxMemory, content,
		"the job's module and inputs have %d MiB, this provider takes %d", content>>20, p.cfg.MaxMemory>>20)
	fail(spec.Require.Memory > p.cfg.MaxMemory, "memory", p.cfg.MaxMemory, spec.Require.Memory,
		"job wants %d MiB for buffers, this provider has %d", spec.Require.Memory>>20, p.cfg.MaxMemory>>20)
	fail(spec.Require.DeviceKind != "" && spec.Require.DeviceKind != kind && spec.Require.DeviceKind != d.Kind, "device_kind", 0, 0,
		"job wants a %s device, this provider has %s (%s)", spec.Require.DeviceKind, d.ID, d.Kind)
	fail(spec.Require.Probe != "" && spec.Require.Probe != d.Probe, "probe", 0, 0,
		"job wants probe digest %.16s, this provider's is %.16s", spec.Require.Probe, d.Probe)
	p.mu.Lock()
	speed, gpuSpeed := p.rates()
	p.mu.Unlock()
	fail(speed < spec.Require.Speed, "module_speed", speed, spec.Require.Speed, "job wants %d gas a second of its module, this provider has measured %d", spec.Require.Speed, speed)
	fail(gpuSpeed < spec.Require.GPUSpeed, "kernel_speed", gpuSpeed, spec.Require.GPUSpeed,
		"job wants %d gas a second of its kernels, this provider has measured %d", spec.Require.GPUSpeed, gpuSpeed)
	fail(spec.Require.Region != "" && spec.Require.Region != p.cfg.Region, "region", 0, 0, "job wants the region %q, this provider is in %q", spec.Require.Region, p.cfg.Region)
	if !spec.Require.Stake.IsZero() {
		var stake msg.Amount
		if p.cfg.Stake != nil {
			stake = p.cfg.Stake()
		}
		fail(stake.Cmp(spec.Require.Stake) < 0, "stake", 0, 0, "job wants %s staked, this provider has %s", spec.Require.Stake, stake)
	}
	if p.cfg.Refuses != nil {
		reason := p.cfg.Refuses(spec.Consumer)
		fail(reason != "", "reputation", 0, 0, "%s", reason)
	}
	fail(spec.Market != nil && p.cfg.Payee == nil, "market", 0, 0, "the job is paid in a market, this provider is in none")
	policy := settle.CheckPolicy(&spec.Policy)
	fail(policy != nil, "policy", 0, 0, "%v", policy)
	most := uint64(p.cfg.MaxWindow / time.Second)
	fail(uint64(spec.Policy.Window) > most, "window", most, uint64(spec.Policy.Window),
		"the job's challenge window is %d s, this provider keeps states for at most %d s", spec.Policy.Window, most)
	if spec.Prior != nil {
		fail(p.cfg.FetchPages == nil, "prior", 0, 0, "the job goes on from another provider's work, which this provider does not do")
		fail(spec.Prior.Intervals == 0 || spec.Prior.Intervals > maxPrior, "prior", maxPrior, spec.Prior.Intervals,
			"the job goes on from %d intervals, this provider takes 1 to %d", spec.Prior.Intervals, maxPrior)
	}
	out = append(out, p.late(spec, content, gas, gpu)...)
	if reason := p.noRoom(content); reason != "" {
		fail(true, "disk", 0, content, "%s", reason)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	held, all := p.held(spec.Consumer)
	fail(all >= p.cfg.MaxQueue, "queue", uint64(p.cfg.MaxQueue), uint64(all+1), "%d jobs wait already, at most %d may", all, p.cfg.MaxQueue)
	fail(all < p.cfg.MaxQueue && held >= p.mayHold(all), "share", uint64(p.mayHold(all)), uint64(held+1),
		"%d jobs of this consumer wait already, it may have %d of the %d places while %d jobs wait", held, p.mayHold(all), p.cfg.MaxQueue, all)
	return out
}

// late says which of the job's times this provider expects to pass, from what it has measured; what it cannot know it does not refuse.
func (p *Provider) late(spec *msg.JobSpec, content, gas, gpu uint64) (out []rpc.Fail) {
	p.mu.Lock()
	wait, s := p.wait(), p.speed
	p.mu.Unlock()
	check := func(rule string, expected float64, most uint32, what string) {
		if most > 0 && expected > float64(most) {
			out = append(out, rpc.Fail{Rule: rule, Have: uint64(min(math.Ceil(expected), 1<<40)), Want: uint64(most),
				Reason: fmt.Sprintf("%s would take about %.0f s here, the job allows %d", what, math.Ceil(expected), most)})
		}
	}
	setup := s.fetching(content)
	check("setup_time", setup, spec.Times.Setup, "fetching the job's module and inputs")
	check("queue_time", max(float64(wait), setup), spec.Times.Queue, "waiting for its turn")
	check("run_time", s.running(gas, gpu), spec.Times.Run, "running it")
	if left := spec.Deadline - p.cfg.now().Unix(); left > 0 {
		check("deadline", max(float64(wait), setup)+s.running(gas, gpu), uint32(min(left, math.MaxUint32)), "all of it")
	}
	return out
}

// maxPrior bounds the records that a job goes on from. With their signatures they have to fit a message, and memory while the job is known.
const maxPrior = 1 << 15

// checkPrior checks what a job is to go on from.
func (p *Provider) checkPrior(spec *msg.JobSpec, start *rpc.Start) (*prior, error) {
	if spec.Prior == nil {
		if len(start.Prior)+len(start.Earlier)+len(start.Sources) > 0 || start.State != nil {
			return nil, fmt.Errorf("%w (prior): records to go on from, for a job that begins at its beginning", ErrRefused)
		}
		return nil, nil
	}
	if len(start.Sources) > maxSources {
		return nil, fmt.Errorf("%w (prior): %d sources of the state, at most %d", ErrRefused, len(start.Sources), maxSources)
	}
	if start.State == nil {
		return nil, fmt.Errorf("%w (prior): the manifest of the state is not named", ErrRefused)
	}
	// Of a manifest 32 bytes stand for a page.
	if pages := start.State.Size / 32; start.State.Size > msg.MaxEncoded || pages > p.cfg.MaxMemory/pageSize {
		return nil, fmt.Errorf("%w (prior): a state whose table of pages has %d bytes, this provider takes at most %d MiB of state", ErrRefused,
			start.State.Size, p.cfg.MaxMemory>>20)
	}
	c, err := claim.Prior(spec, start.Prior, start.Earlier)
	if err != nil {
		return nil, fmt.Errorf("%w (prior): %w", ErrRefused, err)
	}
	return &prior{Commits: start.Prior, Earlier: start.Earlier, Sources: start.Sources, Manifest: *start.State, Root: c.Intervals[len(c.Intervals)-1].State}, nil
}
