package evm_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/proto/msg"
)

// line is a party's connection to the chain, which can be cut at any call: before it arrives there, or before its answer is back. From then on
// nothing passes, as for a process that was killed.
type line struct {
	w      *world
	server *httptest.Server

	mu     sync.Mutex
	cut    func(method string) (before, after bool)
	dead   bool
	mute   bool // no transaction passes
	muted  int  // how many did not
	broken chan struct{}
}

func newLine(w *world) *line {
	l := &line{w: w}
	l.server = httptest.NewServer(http.HandlerFunc(l.serve))
	w.t.Cleanup(l.server.Close)
	return l
}

func (l *line) serve(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var call struct {
		Method string `json:"method"`
	}
	if err := json.Unmarshal(body, &call); err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	l.mu.Lock()
	before, after := false, false
	if l.cut != nil && !l.dead {
		before, after = l.cut(call.Method)
	}
	if before || after {
		l.dead = true
		close(l.broken)
	}
	dead := l.dead && !after
	if l.mute && call.Method == "eth_sendRawTransaction" {
		dead, l.muted = true, l.muted+1
	}
	l.mu.Unlock()
	if !dead {
		resp, err := http.Post(l.w.URL(), "application/json", bytes.NewReader(body))
		if err == nil {
			out, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if !after {
				rw.Header().Set("Content-Type", "application/json")
				rw.Write(out)
				return
			}
		}
	}
	http.Error(rw, "cut", http.StatusBadGateway)
}

// silence has no transaction pass from now on, or has them pass again.
func (l *line) silence(mute bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mute, l.muted = mute, 0
}

// tried says whether a transaction did not pass since.
func (l *line) tried() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.muted > 0
}

// arm has the line cut as f says.
func (l *line) arm(f func(method string) (before, after bool)) chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut, l.dead, l.broken = f, false, make(chan struct{})
	return l.broken
}

func (l *line) dial(p *party) *chain.Client {
	l.w.t.Helper()
	c, err := chain.Dial(context.Background(), chain.Config{URL: l.server.URL, Key: p.id, Sent: p.store.Journal("settle/evm/sent"), Errors: evm.ABIs(), Poll: 5 * time.Millisecond})
	if err != nil {
		l.w.t.Fatal(err)
	}
	l.w.t.Cleanup(c.Close)
	return c
}

var long = flag.Bool("long", false, "more places to be killed at, and reorgs that lose nothing")

// What is asked of the chain, how often a job of a party asks it, and how many of those are tried each as the place of a kill.
var kills = []struct {
	who    string
	method string
	places int
}{
	{"provider", "eth_sendRawTransaction", 4}, // open, commit, seal, settle
	{"juror", "eth_sendRawTransaction", 2},    // promise, verdict
	{"provider", "eth_getTransactionReceipt", 2},
	{"provider", "eth_call", 2},
	{"juror", "eth_getLogs", 2},
}

// Killed before or after any call to the chain and started again, provider and juror bring a job to the same end.
func TestKilled(t *testing.T) {
	w, ctx := newWorld(t, 5), context.Background()
	consumer, provider, validators := w.jury()
	cast := map[string]*party{"provider": provider, "juror": validators[0]}
	for _, p := range cast {
		p.stop()
		p.line = newLine(w)
		p.begin()
	}
	jobs := uint64(0)
	for _, k := range kills {
		if !*long && k.method != "eth_sendRawTransaction" {
			continue
		}
		p := cast[k.who]
		for place := range 2 * k.places {
			n := place/2 + 1
			broken := p.line.arm(func(method string) (before, after bool) {
				if method == k.method {
					n--
				}
				return n == 0 && place%2 == 0, n == 0 && place%2 == 1
			})
			d := w.agree(consumer, provider, validators, func(t *msg.Terms) { t.Saving = gwr("10").Add(msg.AmountOf(jobs)) })
			provider.book(d, true)
			if err := provider.Enforce(ctx, d.hash); err != nil {
				t.Fatal(err)
			}
			select {
			case <-broken:
			case <-time.After(2 * time.Minute):
				t.Fatalf("%s never makes its call %s number %d", k.who, k.method, place/2+1)
			}
			p.stop()
			p.line.arm(nil)
			p.begin()
			w.escrow(consumer, d, settle.EscrowPaid)
			jobs++
			if got := provider.has(); got.Earned != gwr("10").Times(jobs) || got.Staked != gwr("1000") || !got.Locked.IsZero() {
				t.Fatalf("%s killed at %s %d: provider %+v", k.who, k.method, place, got)
			}
			for _, v := range validators {
				if got := v.has(); got.Earned != gwr("1").Times(jobs) || got.Staked != gwr("500") {
					t.Fatalf("%s killed at %s %d: juror %+v", k.who, k.method, place, got)
				}
			}
		}
	}
	if got := consumer.has(); got.Deposit != gwr("1000").Sub(gwr("12").Times(jobs)) {
		t.Errorf("consumer %+v after %d jobs", got, jobs)
	}
}

// A reorg of three blocks after each step, with and without what was in them, changes nothing in how a job ends.
func TestReorged(t *testing.T) {
	for _, lost := range []bool{true, false} {
		if !lost && !*long {
			continue
		}
		w, ctx := newWorld(t, 5), context.Background()
		consumer, provider, validators := w.jury()
		jobs := uint64(0)
		for _, kind := range []string{"open", "commit", "seal", "promise", "verdict", "settle"} {
			d := w.agree(consumer, provider, validators, func(t *msg.Terms) { t.Saving = gwr("10").Add(msg.AmountOf(jobs)) })
			provider.book(d, true)
			if err := provider.Enforce(ctx, d.hash); err != nil {
				t.Fatal(err)
			}
			w.until(kind, func() bool { return w.reached(d, kind) })
			w.still()
			if err := w.Reorg(3, lost); err != nil {
				t.Fatal(err)
			}
			w.mine()
			w.escrow(consumer, d, settle.EscrowPaid)
			jobs++
			w.until("everybody paid", func() bool {
				p := provider.has()
				return p.Earned == gwr("10").Times(jobs) && p.Staked == gwr("1000") && p.Locked.IsZero() && consumer.has().Deposit == gwr("1000").Sub(gwr("12").Times(jobs))
			})
			for _, v := range validators {
				if got := v.has(); got.Earned != gwr("1").Times(jobs) || got.Staked != gwr("500") {
					t.Fatalf("reorg after %s: juror %+v", kind, got)
				}
			}
		}
		w.until("told of all", func() bool {
			provider.mu.Lock()
			defer provider.mu.Unlock()
			n := 0
			for _, x := range provider.paid {
				if x.Kind == "settled" {
					n++
				}
			}
			return uint64(n) == jobs
		})
		w.still()
	}
}
