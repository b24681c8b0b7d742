package evm_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
)

// A stake is asked for once a block, and what was known of another block counts no more.
func TestStakesOfABlock(t *testing.T) {
	w, ctx := newWorld(t, 3), context.Background()
	a := w.market(w.people[1])
	who := w.people[1].Account()
	if _, err := a.AddStake(ctx, gwr("500")); err != nil {
		t.Fatal(err)
	}
	to, err := url.Parse(w.URL())
	if err != nil {
		t.Fatal(err)
	}
	var calls, heads atomic.Int64
	proxy := httputil.NewSingleHostReverseProxy(to)
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		calls.Add(int64(bytes.Count(body, []byte(`"eth_call"`))))
		heads.Add(int64(bytes.Count(body, []byte(`"eth_getBlockByNumber"`))))
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(rw, r)
	}))
	defer front.Close()
	ask := func(poll time.Duration) *evm.Contracts {
		c, err := chain.Dial(ctx, chain.Config{URL: front.URL, Poll: poll, Errors: evm.ABIs()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		m, err := evm.Connect(ctx, c, w.at, nil)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	slow, quick := ask(time.Hour), ask(time.Nanosecond)
	w.still()
	for _, m := range []*evm.Contracts{slow, quick} {
		calls.Store(0)
		heads.Store(0)
		for range 50 {
			if s, err := m.Stake(ctx, who); err != nil || s.Active != gwr("500") || s.Barred {
				t.Fatalf("stake %+v (%v), want 500", s, err)
			}
		}
		if n := calls.Load(); n != 2 {
			t.Errorf("%d questions to contracts about one stake in one block, want 2", n)
		}
		if n := heads.Load(); m == slow && n != 1 || m == quick && n != 50 {
			t.Errorf("asked %d times for the newest block", n)
		}
	}
	if _, err := quick.Stake(ctx, w.people[2].Account()); err != nil || calls.Load() != 3 {
		t.Errorf("%d questions about the stakes of two accounts in one block (%v), want 3", calls.Load(), err)
	}
	w.mine()
	if _, err := a.Unbond(ctx, gwr("100")); err != nil {
		t.Fatal(err)
	}
	if s, err := quick.Stake(ctx, who); err != nil || s.Active != gwr("400") {
		t.Errorf("stake %+v (%v) after a block in which it changed, want 400", s, err)
	}
	if s, err := slow.Stake(ctx, who); err != nil || s.Active != gwr("500") {
		t.Errorf("stake %+v (%v) of a block that is taken to be the newest, want 500", s, err)
	}
	if s, err := a.Stake(ctx, who); err != nil || s.Active != gwr("400") {
		t.Errorf("stake %+v (%v) after this account changed it, want 400", s, err)
	}
}
