package chain_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"

	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/host/settle/evm/devchain"
)

func TestDial(t *testing.T) {
	b, ctx := newBench(t), context.Background()
	b.dial(func(c *chain.Config) { c.ChainID = devchain.ChainID })
	if _, err := chain.Dial(ctx, chain.Config{URL: b.server.URL, ChainID: 1}); !errors.Is(err, chain.ErrWrongChain) {
		t.Errorf("another chain: %v", err)
	}
	ws := b.dial(func(c *chain.Config) { c.URL = b.WS() })
	if h, err := ws.Head(ctx); err != nil || h.Number.Sign() != 0 {
		t.Errorf("over WebSocket: head %v (%v)", h, err)
	}
	for _, url := range []string{"http://127.0.0.1:1/key-of-mine", "ws://127.0.0.1:1/key-of-mine", "/no/socket", "ftp://x"} {
		_, err := chain.Dial(ctx, chain.Config{URL: url})
		if !errors.Is(err, chain.ErrUnreachable) {
			t.Errorf("%s: %v, want unreachable", url, err)
		}
		if err != nil && strings.HasPrefix(err.Error(), "http://127.0.0.1:1/key") {
			t.Errorf("the key of a provider is told: %v", err)
		}
	}
}

// A server that lies in ways that can be seen.
func TestBrokenServer(t *testing.T) {
	ctx := context.Background()
	answer := func(result string) []byte { return []byte(`{"jsonrpc":"2.0","id":"?","result":` + result + `}`) }
	for name, c := range map[string]struct {
		twist func(method string, params []json.RawMessage, real func() []byte) []byte
		want  error
	}{
		"another hash": {func(method string, _ []json.RawMessage, real func() []byte) []byte {
			if method != "eth_getBlockByNumber" {
				return real()
			}
			return []byte(replaceHash(string(real())))
		}, chain.ErrServer},
		"another block": {func(method string, params []json.RawMessage, real func() []byte) []byte {
			if method == "eth_getBlockByNumber" && string(params[0]) == `"0x1"` {
				return answer("null")
			}
			return real()
		}, nil},
		"an endless answer": {func(method string, _ []json.RawMessage, real func() []byte) []byte {
			if method != "eth_getBlockByNumber" {
				return real()
			}
			return answer(`"` + strings.Repeat("a", 40<<20) + `"`)
		}, chain.ErrServer},
		"nonsense": {func(string, []json.RawMessage, func() []byte) []byte { return []byte("hello") }, chain.ErrUnreachable},
		"nothing":  {func(string, []json.RawMessage, func() []byte) []byte { return nil }, chain.ErrUnreachable},
		"an error": {func(string, []json.RawMessage, func() []byte) []byte {
			return []byte(`{"jsonrpc":"2.0","id":"?","error":{"code":-32000,"message":"I am tired"}}`)
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.Commit()
			client := b.dial(nil)
			b.misbehave(c.twist)
			_, err := client.Header(ctx, 1)
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
			b.misbehave(nil)
			if _, err := client.Header(ctx, 1); err != nil {
				t.Errorf("when it is well again: %v", err)
			}
		})
	}
	// One that goes back further than any reorg.
	b := newBench(t)
	for range 140 {
		b.Commit()
	}
	client := b.dial(nil)
	if _, err := client.Head(ctx); err != nil {
		t.Fatal(err)
	}
	b.misbehave(func(method string, params []json.RawMessage, real func() []byte) []byte {
		if method == "eth_getBlockByNumber" && string(params[0]) == `"latest"` {
			return block(t, b, "0x1")
		}
		return real()
	})
	if _, err := client.Head(ctx); !errors.Is(err, chain.ErrBehind) {
		t.Errorf("a head long ago: %v", err)
	}
}

func replaceHash(s string) string {
	i := strings.Index(s, `"hash":"0x`) + len(`"hash":"0x`)
	return s[:i] + strings.Repeat("7", 64) + s[i+64:]
}

func block(t *testing.T, b *bench, number string) []byte {
	t.Helper()
	var out json.RawMessage
	r := b.RPC()
	defer r.Close()
	if err := r.Call(&out, "eth_getBlockByNumber", number, false); err != nil {
		t.Fatal(err)
	}
	return []byte(`{"jsonrpc":"2.0","id":"?","result":` + string(out) + `}`)
}

func TestHeads(t *testing.T) {
	b := newBench(t)
	for name, c := range map[string]*chain.Client{"http": b.dial(nil), "ws": b.dial(func(c *chain.Config) { c.URL = b.WS() })} {
		ctx, cancel := context.WithCancel(context.Background())
		heads := c.Heads(ctx)
		for want := uint64(1); want < 4; want++ {
			b.Commit()
			n, _ := b.Head()
			for {
				<-heads
				h, err := c.Head(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if h.Number.Uint64() == n {
					break
				}
			}
		}
		cancel()
		for range heads { // ends
		}
		_ = name
	}
}

func TestCallOfNothing(t *testing.T) {
	b := newBench(t)
	if code, err := b.dial(nil).Code(context.Background(), common.Address{1, 2}); err != nil || len(code) != 0 {
		t.Errorf("code %x (%v)", code, err)
	}
}
