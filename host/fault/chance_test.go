package fault_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/devnet"
	"github.com/gwrun/gwrun/host/fault"
	"github.com/gwrun/gwrun/host/fault/scramble"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
)

var (
	scrambleSeeds = flag.Int("scrambles", 3, "networks that TestScramble plays for each role")
	scrambleFirst = flag.Uint64("scramble-seed", 3, "the first one's seed")
	barrage       = flag.Int("barrage", 1500, "requests that TestBarrage sends to each node")
)

// panics is a log that hears of handlers that panicked: the transport goes on behind them.
type panics struct {
	slog.Handler
	t testing.TB
}

func (p panics) Enabled(context.Context, slog.Level) bool { return true }

func (p panics) Handle(_ context.Context, r slog.Record) error {
	if r.Level < slog.LevelError {
		return nil
	}
	text := r.Message
	r.Attrs(func(a slog.Attr) bool {
		text += fmt.Sprintf(" %s=%v", a.Key, a.Value)
		return true
	})
	if strings.Contains(r.Message, "panicked") {
		p.t.Error(text)
	} else {
		p.t.Log(text)
	}
	return nil
}

func (p panics) WithAttrs([]slog.Attr) slog.Handler { return p }

func (p panics) WithGroup(string) slog.Handler { return p }

// Whoever says things by chance, in any role, brings nobody down and has nobody blamed but himself.
func TestScramble(t *testing.T) {
	var list []playing
	for i := range *scrambleSeeds {
		for _, who := range []string{"provider-1", "validator-1", "consumer"} {
			list = append(list, playing{who: who, plays: map[string]string{who: fmt.Sprintf("scramble,seed=%d", *scrambleFirst+uint64(i))}})
		}
	}
	together(t, list, func(_ int, tc playing) {
		t.Run(tc.who+" "+tc.plays[tc.who], func(t *testing.T) {
			role := map[string]fault.Role{"provider-1": fault.Provider, "validator-1": fault.Validator, "consumer": fault.Consumer}[tc.who]
			p := play(t, role, tc.plays[tc.who])
			n := network(t, devnet.Config{Providers: 2, Validators: 3, Plays: map[string]*fault.Play{tc.who: p}, Log: slog.New(panics{t: t})})
			for i := range 4 { // at the one provider, then at both
				c := &course{}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				req := consumer.Request{Job: job(t, "waves"), Validators: 2, Deadline: time.Now().Add(time.Hour), Peers: n.Peers(),
					Policy: msg.Policy{SamplePPM: 1_000_000, Window: 12, Clock: clock}}
				if i < 2 {
					req.Peers = slices.Delete(req.Peers, 1, 2)
				}
				c.results, c.err = n.Consumer.Consumer.Submit(ctx, req, c.hear)
				if errors.Is(ctx.Err(), context.DeadlineExceeded) {
					t.Logf("given up: %v", c.err)
				}
				cancel()
			}
			if p.Acted() == 0 && p.Seed%3 == 0 { // the others may have no occasion
				t.Error("nothing was changed")
			}
			blameless(t, n, tc.who)
		})
	})
}

// blameless checks that no honest node holds anything against another.
func blameless(t *testing.T, n *devnet.Network, bad ...string) {
	t.Helper()
	names := map[msg.Account]string{n.Consumer.Account(): "consumer"}
	nodes := []*node.Node{n.Consumer}
	for _, x := range slices.Concat(n.Providers, n.Validators) {
		names[x.Account()] = n.Name(x.Addr())
		nodes = append(nodes, x)
	}
	for _, x := range nodes {
		if slices.Contains(bad, names[x.Account()]) {
			continue
		}
		list, err := x.Settlement.Reputations()
		if err != nil {
			t.Error(err)
		}
		for _, r := range list {
			if r.Wrong > 0 && !slices.Contains(bad, names[r.Account]) {
				t.Errorf("%s holds %d lies against %s, which is honest", names[x.Account()], r.Wrong, names[r.Account])
			}
		}
	}
}

// Whoever sends every kind of request, changed by chance, brings no node down, be it a stranger, the jobs' consumer or one of their jurors: the next
// job is done as ever.
func TestBarrage(t *testing.T) {
	var mu sync.Mutex
	heard := map[string][]any{}           // by method
	methods := map[msg.Account][]string{} // that a node answers to
	// So that there are disputes, and witnesses' questions.
	cfg := devnet.Config{Providers: 3, Validators: 4, Plays: map[string]*fault.Play{
		"provider-1": play(t, fault.Provider, "flip,step=7"), "provider-2": play(t, fault.Provider, "withhold-manifest")}}
	ids := map[string]*identity.Identity{}
	for _, name := range []string{"consumer", "validator-1", "stranger"} {
		var err error
		if ids[name], err = identity.New(); err != nil {
			t.Fatal(err)
		}
	}
	cfg.Identities, cfg.Log = ids, slog.New(panics{t: t})
	cfg.Transport.Rate, cfg.Transport.Burst = 1_000_000, 1_000_000
	cfg.Transport.Tamper = func(_ context.Context, m transport.Exchange) (any, error) {
		if m.Request == nil {
			mu.Lock()
			defer mu.Unlock()
			heard[m.Method] = append(heard[m.Method], m.Message)
			if !slices.Contains(methods[m.Peer], m.Method) {
				methods[m.Peer] = append(methods[m.Peer], m.Method)
			}
		}
		return m.Message, nil
	}
	n := network(t, cfg)
	for i, lies := range []bool{true, true, false} {
		if c := submit(t, n, "waves", n.Providers[i], 2, 60); c.accepted() == lies {
			t.Fatalf("provider %d: accepted %v, %v", i, c.accepted(), c.err)
		}
	}
	mu.Lock()
	heard, methods = maps.Clone(heard), maps.Clone(methods)
	mu.Unlock()
	if len(heard) < 15 {
		t.Errorf("only %d methods were asked: %v", len(heard), slices.Sorted(maps.Keys(heard)))
	}
	var work sync.WaitGroup
	for i, id := range []*identity.Identity{ids["consumer"], ids["validator-1"], ids["stranger"]} {
		e, err := transport.Listen("127.0.0.1:0", id, nil, transport.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close(context.Background())
		for j, x := range slices.Concat(n.Providers, n.Validators, []*node.Node{n.Consumer}) {
			account := x.Account()
			if account == id.Account() || len(methods[account]) == 0 {
				continue
			}
			work.Go(func() {
				chance := rand.New(rand.NewPCG(*scrambleFirst, uint64(10*i+j)))
				for range *barrage / 3 {
					method := methods[account][chance.IntN(len(methods[account]))]
					m := heard[method][chance.IntN(len(heard[method]))]
					conn, err := e.To(t.Context(), x.Addr(), &account)
					if err != nil {
						t.Errorf("%s is out of reach: %v", n.Name(x.Addr()), err)
						return
					}
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					// Whatever it answers.
					_, _ = transport.Call[any, cbor.RawMessage](ctx, conn, method, scramble.Message(chance, id, m))
					cancel()
				}
			})
		}
	}
	work.Wait()
	// The consumer has said two things of one job; another goes on.
	after := &devnet.Network{Providers: n.Providers, Validators: n.Validators[:3], Consumer: n.Validators[3]}
	if c := submit(t, after, "waves", n.Providers[2], 2, 60); !c.accepted() {
		t.Errorf("after it a job fails: %v", c.err)
	}
	blameless(t, n, "provider-1", "provider-2", "consumer", "validator-1")
}
