package provider

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// priced is a provider with a policy, and what else is asked for in requirements.
func (w *world) priced(policy string) *Provider {
	w.t.Helper()
	p, err := market.ParsePolicy(policy)
	if err != nil {
		w.t.Fatal(err)
	}
	cfg := w.config()
	if cfg.Market, err = market.NewSeller(w.provider, p, nil, time.Now); err != nil {
		w.t.Fatal(err)
	}
	cfg.Region, cfg.Benchmark = "eu", &rpc.Benchmark{Version: 1, Module: 2e9, Kernels: []rpc.KernelSpeed{{Class: "compute", Speed: 8e9}}}
	cfg.Stake = func() msg.Amount { return msg.AmountOf(5) }
	return w.opened(cfg)
}

func (w *world) bid(p *Provider, gas, gpu uint64) (b rpc.Bid) {
	w.t.Helper()
	signed, err := p.Offer(context.Background(), w.offer(p, gas, gpu))
	if err != nil || signed.OpenFrom(&b, w.provider.Account()) != nil {
		w.t.Fatal(err)
	}
	return b
}

// Each requirement that is not met is named, with what there is and what is wanted, and the job is not taken without a bid either.
func TestMarketRequirements(t *testing.T) {
	w := newWorld(t)
	p := w.priced("fixed:3")
	defer p.Close()
	for rule, tc := range map[string]struct {
		met, failed msg.Requirements
		have, want  uint64
	}{
		"module_speed": {msg.Requirements{Speed: 2e9}, msg.Requirements{Speed: 2e9 + 1}, 2e9, 2e9 + 1},
		"kernel_speed": {msg.Requirements{GPUSpeed: 8e9}, msg.Requirements{GPUSpeed: 9e9}, 8e9, 9e9},
		"region":       {msg.Requirements{Region: "eu"}, msg.Requirements{Region: "us"}, 0, 0},
		"stake":        {msg.Requirements{Stake: msg.AmountOf(5)}, msg.Requirements{Stake: msg.AmountOf(6)}, 0, 0},
	} {
		w.spec.Require = tc.met
		w.sign()
		if b := w.bid(p, 1, 1); !b.Accept || b.Price.String() != "3" {
			t.Errorf("%s met: %+v", rule, b)
		}
		w.spec.Require = tc.failed
		w.sign()
		b := w.bid(p, 1, 1)
		if b.Accept || !b.Price.IsZero() || len(b.Fails) != 1 || b.Rule != rule || b.Fails[0].Have != tc.have || b.Fails[0].Want != tc.want {
			t.Errorf("%s failed: %+v", rule, b)
		}
		if _, err := p.Start(context.Background(), w.signed); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), rule) {
			t.Errorf("%s failed, and it is started: %v", rule, err)
		}
	}
}

// The benchmark is what a provider goes by until it has done a job of its own.
func TestBenchmarkStandsIn(t *testing.T) {
	w := newWorld(t)
	p := w.priced("device-second:1")
	defer p.Close()
	if b := w.bid(p, 4e9, 8e9); b.Speed != 2e9 || b.GPUSpeed != 8e9 || b.Price.String() != "3" {
		t.Errorf("before a job: %+v", b)
	}
	if _, err := p.Start(context.Background(), w.signed); err != nil {
		t.Fatal(err)
	}
	w.receipt(p)
	for range 1000 { // what was measured is written behind the receipt
		if wasm, gpu := p.Speed(); wasm != 2e9 && gpu != 8e9 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Error("after a job it still goes by the benchmark")
}

// A sealed tender gets a commitment, and an open refusal where there is nothing to hide. Neither can be asked for in the other's way.
func TestSealedOffers(t *testing.T) {
	w := newWorld(t)
	p := w.priced("fixed:3")
	defer p.Close()
	ctx := context.Background()
	call := func(bidding time.Duration) (rpc.Offer, *market.Tender) {
		tender, err := market.Call(w.consumer, w.job, 0, 0, []msg.Account{w.provider.Account()}, bidding, p.cfg.now())
		if err != nil {
			t.Fatal(err)
		}
		return rpc.Offer{Spec: w.signed, Tender: tender.Signed}, tender
	}
	sealed, tender := call(time.Second)
	open, _ := call(0)
	if _, err := p.Offer(ctx, sealed); !errors.Is(err, ErrRefused) {
		t.Errorf("an open bid on a sealed tender: %v", err)
	}
	if _, err := p.Seal(ctx, open); !errors.Is(err, ErrRefused) {
		t.Errorf("a sealed bid on an open tender: %v", err)
	}
	s, err := p.Seal(ctx, sealed)
	if err != nil || s.Commit == nil || s.Refusal != nil {
		t.Fatalf("%+v, %v", s, err)
	}
	commit, err := market.OpenCommit(*s.Commit, tender, nil)
	if err != nil {
		t.Fatal(err)
	}
	u, err := p.Unseal(ctx, w.consumer.Account(), rpc.Unseal{Tender: tender.Hash, Commits: []identity.Signed{*s.Commit}})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := market.OpenBid(tender, commit, &u); err != nil || !b.Accept || b.Price.String() != "3" {
		t.Errorf("%+v, %v", b, err)
	}
	if _, err := p.Unseal(ctx, w.provider.Account(), rpc.Unseal{Tender: tender.Hash, Commits: []identity.Signed{*s.Commit}}); !errors.Is(err, ErrRefused) {
		t.Errorf("opened for another: %v", err)
	}
	w.spec.Require.Region = "us"
	w.sign()
	sealed, _ = call(time.Second)
	s, err = p.Seal(ctx, sealed)
	var b rpc.Bid
	if err != nil || s.Commit != nil || s.Refusal == nil || s.Refusal.OpenFrom(&b, w.provider.Account()) != nil || b.Accept || b.Rule != "region" || !b.Price.IsZero() {
		t.Errorf("%+v, %+v, %v", s, b, err)
	}
	stale, _ := call(time.Second)
	p.cfg.now = func() time.Time { return time.Now().Add(24 * time.Hour) }
	if _, err := p.Seal(ctx, stale); !errors.Is(err, ErrRefused) || !errors.Is(err, market.ErrStale) {
		t.Errorf("a tender of yesterday: %v", err)
	}
}

// A policy that does not take a job says why; one in trouble does not tell strangers what it is.
func TestPriceRefusals(t *testing.T) {
	w := newWorld(t)
	for policy, want := range map[string]string{"program:/nonexistent": "this provider could not make a price", "program:/bin/echo {\"refuse\":\"nothing-on-Sundays\"}": "it is not taken: nothing-on-Sundays"} {
		p := w.priced(policy)
		if b := w.bid(p, 1, 1); b.Accept || b.Rule != "price" || b.Reason != want {
			t.Errorf("%s: %+v, want %q", policy, b, want)
		}
		p.Close()
	}
}
