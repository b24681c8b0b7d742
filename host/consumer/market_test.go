package consumer_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/kernels/cpu"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

func tokens(t testing.TB, s string) msg.Amount {
	t.Helper()
	a, err := msg.ParseAmount(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// seller is a provider that works for a price. What it says can be changed on its way out; said counts what it was asked for.
func seller(t testing.TB, price string, tamper func(ctx context.Context, id *identity.Identity, m transport.Exchange) (any, error)) (p *member, said func(method string) int) {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	policy, err := market.ParsePolicy("fixed:" + price)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	count := map[string]int{}
	cfg := node.Config{Identity: id, Provider: true, Price: policy}
	cfg.Transport.Tamper = func(ctx context.Context, m transport.Exchange) (any, error) {
		if m.Request == nil {
			return m.Message, nil
		}
		mu.Lock()
		count[m.Method]++
		mu.Unlock()
		if tamper == nil {
			return m.Message, nil
		}
		return tamper(ctx, id, m)
	}
	return start(t, t.TempDir(), cfg), func(method string) int {
		mu.Lock()
		defer mu.Unlock()
		return count[method]
	}
}

// buy submits a job with a price cap and wants a result of one provider.
func buy(t *testing.T, c *member, req consumer.Request, of *member) *consumer.Submission {
	t.Helper()
	s := submit(t, c, req)
	got := s.wait()
	if s.err != nil {
		t.Fatal(s.err)
	}
	if got[0].Provider != of.Account() {
		t.Fatalf("the job went to %s, want %s", got[0].Provider, of.Account())
	}
	sub, _, err := c.Consumer.Find(got[0].Job)
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

// Where there is a price bids are sealed, the best one is taken and noted with the job, and what was paid is in the book.
func TestSealedBids(t *testing.T) {
	dear, _ := seller(t, "3", nil)
	cheap, asked := seller(t, "0.5", nil)
	middling, _ := seller(t, "2", nil)
	c := start(t, t.TempDir(), node.Config{})
	req := request(t, dear, cheap, middling)
	req.PriceCap = tokens(t, "2.5")
	if sub := buy(t, c, req, cheap); sub.Bid == nil || sub.Bid.Price != tokens(t, "0.5") {
		t.Errorf("bid %+v is noted, want the one for 0.5", sub.Bid)
	}
	if asked(rpc.MethodSeal) != 1 || asked(rpc.MethodUnseal) != 1 || asked(rpc.MethodOffer) != 0 {
		t.Errorf("%d sealed bids, %d opened, %d open ones; want 1, 1, 0", asked(rpc.MethodSeal), asked(rpc.MethodUnseal), asked(rpc.MethodOffer))
	}
	p := c.Market.Prices()
	if len(p) != 1 || p[0].Jobs != 1 || c.Market.Position(c.Account()).Spent != tokens(t, "0.5") {
		t.Errorf("prices %+v, position %+v", p, c.Market.Position(c.Account()))
	}
	req.Bidding = -1
	buy(t, c, req, cheap)
	if asked(rpc.MethodOffer) != 1 {
		t.Errorf("%d open bids, want 1", asked(rpc.MethodOffer))
	}
	if n := len(c.Market.Book().Listings); n != 3 {
		t.Errorf("%d listings are in the consumer's book, want 3", n)
	}
	if n := len(cheap.Market.Book().Tenders); n != 2 {
		t.Errorf("%d tenders are in the provider's book, want 2", n)
	}
	// The next job of the kind would have to be cheaper than anybody is.
	req.PriceCap = tokens(t, "0.499999999999999999")
	s := submit(t, c, req)
	s.wait()
	if !errors.Is(s.err, consumer.ErrNoBid) || !strings.Contains(s.err.Error(), "3 of 3: price, it wants") {
		t.Errorf("%v", s.err)
	}
}

// A bid that is not what was committed to is refused, and so is one that is never opened. Either is remembered.
func TestBrokenSeals(t *testing.T) {
	for name, tc := range map[string]struct {
		tamper func(context.Context, *identity.Identity, transport.Exchange) (any, error)
		word   float64
	}{
		"another bid": {func(_ context.Context, id *identity.Identity, m transport.Exchange) (any, error) {
			u, ok := m.Message.(rpc.Unsealed)
			if !ok {
				return m.Message, nil
			}
			var b rpc.Bid
			if _, err := u.Bid.Open(&b); err != nil {
				return nil, err
			}
			b.Price = msg.AmountOf(1)
			signed, err := id.Sign(b)
			return rpc.Unsealed{Bid: signed, Salt: u.Salt}, err
		}, 1 / 11.0},
		"none": {func(_ context.Context, _ *identity.Identity, m transport.Exchange) (any, error) {
			if _, ok := m.Message.(rpc.Unsealed); ok {
				return nil, transport.Errorf(transport.Forbidden, "I would rather not")
			}
			return m.Message, nil
		}, 1 / 2.0},
		"another's commitment": {func(_ context.Context, _ *identity.Identity, m transport.Exchange) (any, error) {
			if s, ok := m.Message.(rpc.Sealed); ok {
				stranger, err := identity.New()
				if err != nil {
					return nil, err
				}
				var c rpc.BidCommit
				if _, err := s.Commit.Open(&c); err != nil {
					return nil, err
				}
				signed, err := stranger.Sign(c)
				return rpc.Sealed{Commit: &signed}, err
			}
			return m.Message, nil
		}, 1},
		"an open bid": {func(_ context.Context, id *identity.Identity, m transport.Exchange) (any, error) {
			if _, ok := m.Message.(rpc.Sealed); ok {
				var spec msg.JobSpec
				if _, err := m.Request.(rpc.Offer).Spec.Open(&spec); err != nil {
					return nil, err
				}
				signed, err := id.Sign(rpc.Bid{Job: msg.HashOf(spec), Provider: id.Account(), Accept: true})
				return rpc.Sealed{Refusal: &signed}, err
			}
			return m.Message, nil
		}, 1},
		"nothing at all": {func(_ context.Context, _ *identity.Identity, m transport.Exchange) (any, error) {
			if _, ok := m.Message.(rpc.Sealed); ok {
				return rpc.Sealed{}, nil
			}
			return m.Message, nil
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			bad, _ := seller(t, "0.1", tc.tamper)
			good, _ := seller(t, "1", nil)
			c := start(t, t.TempDir(), node.Config{})
			req := request(t, bad, good)
			req.PriceCap, req.Bidding = tokens(t, "2"), 500*time.Millisecond
			buy(t, c, req, good)
			if w := c.Market.Truth.Word(bad.Account()); w != tc.word {
				t.Errorf("its word counts %g, want %g", w, tc.word)
			}
			if w := c.Market.Truth.Word(good.Account()); w != 1 {
				t.Errorf("the word of the honest one counts %g", w)
			}
		})
	}
}

// Who is silent is not waited for longer than the bidding lasts; who has committed itself opens then.
func TestSilentBidder(t *testing.T) {
	silent, _ := seller(t, "0.1", func(ctx context.Context, _ *identity.Identity, m transport.Exchange) (any, error) {
		if m.Method == rpc.MethodSeal {
			<-ctx.Done()
		}
		return m.Message, nil
	})
	good, _ := seller(t, "1", nil)
	c := start(t, t.TempDir(), node.Config{})
	req := request(t, silent, good)
	req.PriceCap, req.Bidding = tokens(t, "2"), 200*time.Millisecond
	buy(t, c, req, good)
	if w := c.Market.Truth.Word(silent.Account()); w != 1 {
		t.Errorf("who was silent is held to a word that it did not give: %g", w)
	}
}

// sleepy is a device that takes its time.
type sleepy struct {
	kernels.Device
	pause time.Duration
}

func (d sleepy) Dispatch(ctx context.Context, list ...*kernels.Dispatch) (uint64, error) {
	time.Sleep(d.pause * time.Duration(len(list)))
	return d.Device.Dispatch(ctx, list...)
}

// A provider that says it is a million times as fast as it is gets the first jobs of whoever wants speed, and then no more.
func TestBoastingProvider(t *testing.T) {
	honest := start(t, t.TempDir(), node.Config{Provider: true})
	measured(t, honest)
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	cfg := node.Config{Identity: id, Provider: true, OpenDevice: func(context.Context) (kernels.Device, error) {
		d, err := cpu.Open(cpu.Options{})
		return sleepy{d, 40 * time.Millisecond}, err // some 24 dispatches in all
	}}
	cfg.Transport.Tamper = func(_ context.Context, m transport.Exchange) (any, error) {
		signed, ok := m.Message.(identity.Signed)
		if m.Method != rpc.MethodOffer || m.Request == nil || !ok {
			return m.Message, nil
		}
		var b rpc.Bid
		if _, err := signed.Open(&b); err != nil {
			return nil, err
		}
		b.Speed, b.GPUSpeed = 1e16, 1e16
		return id.Sign(b)
	}
	boasting := start(t, t.TempDir(), cfg)
	c := start(t, t.TempDir(), node.Config{})
	var went []string
	for n := range 12 {
		req := request(t, boasting, honest)
		req.Prefer = market.BySpeed
		s := submit(t, c, req)
		got := s.wait()
		if s.err != nil {
			t.Fatal(s.err)
		}
		if got[0].Provider == honest.Account() {
			if n == 0 {
				t.Fatal("a boast had no effect before it was found out")
			}
			t.Logf("the boasting one had %d jobs; its claims count %.2g by now", n, c.Market.Truth.Factor(id.Account()))
			return
		}
		went = append(went, fmt.Sprintf("%.2g", c.Market.Truth.Factor(id.Account())))
	}
	t.Errorf("it had every job, while its claims counted %v", went)
}
