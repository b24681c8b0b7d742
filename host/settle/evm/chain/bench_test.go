package chain_test

import (
	"context"
	"encoding/json"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/host/settle/evm/devchain"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// bench is a chain, a key with money on it, and a server before the chain that can be made to misbehave.
type bench struct {
	*devchain.Chain
	t      *testing.T
	key    *identity.Identity
	sent   store.Journal
	server *httptest.Server

	mu sync.Mutex
	// twist changes an answer, or gives it instead of the chain.
	twist func(method string, params []json.RawMessage, answer func() []byte) []byte
	calls map[string]int
}

func newBench(t *testing.T) *bench {
	t.Helper()
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	c, err := devchain.Start(devchain.Config{Alloc: map[msg.Account]*big.Int{id.Account(): new(big.Int).Mul(big.NewInt(1e18), big.NewInt(100))}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	s := store.NewMemory(store.Options{})
	b := &bench{Chain: c, t: t, key: id, sent: s.Journal("sent"), calls: map[string]int{}}
	b.server = httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(b.server.Close)
	return b
}

// serve passes calls on to the chain.
func (b *bench) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var call struct {
		ID     json.RawMessage   `json:"id"`
		Method string            `json:"method"`
		Params []json.RawMessage `json:"params"`
	}
	if err := json.Unmarshal(body, &call); err != nil {
		http.Error(w, err.Error(), 400)
		return
	}
	answer := func() []byte {
		resp, err := http.Post(b.URL(), "application/json", strings.NewReader(string(body)))
		if err != nil {
			return nil
		}
		defer resp.Body.Close()
		all, _ := io.ReadAll(resp.Body)
		return all
	}
	b.mu.Lock()
	b.calls[call.Method]++
	twist := b.twist
	b.mu.Unlock()
	out := []byte(nil)
	if twist != nil {
		out = twist(call.Method, call.Params, answer)
	} else {
		out = answer()
	}
	if out == nil {
		http.Error(w, "gone", http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write([]byte(strings.Replace(string(out), `"id":"?"`, `"id":`+string(call.ID), 1)))
}

func (b *bench) misbehave(f func(method string, params []json.RawMessage, answer func() []byte) []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.twist = f
}

func (b *bench) called(method string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls[method]
}

// dial connects through the server with the key.
func (b *bench) dial(change func(*chain.Config)) *chain.Client {
	b.t.Helper()
	cfg := chain.Config{URL: b.server.URL, Key: b.key, Sent: b.sent, Poll: 10 * time.Millisecond}
	if change != nil {
		change(&cfg)
	}
	c, err := chain.Dial(context.Background(), cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(c.Close)
	return c
}

// mine makes blocks until f is over.
func (b *bench) mine(f func()) {
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	for {
		select {
		case <-done:
			return
		case <-time.After(5 * time.Millisecond):
			b.Commit()
		}
	}
}

func (b *bench) balance(c *chain.Client, a common.Address) int64 {
	b.t.Helper()
	n, err := c.Balance(context.Background(), msg.Account(a))
	if err != nil {
		b.t.Fatal(err)
	}
	return n.Int64()
}

// pay is a move of one wei to an account.
func pay(to byte) chain.Move {
	return chain.Move{What: "a payment", To: &common.Address{0xaa, to}, Value: big.NewInt(1)}
}
