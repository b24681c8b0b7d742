package chain_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/gwrun/gwrun/host/settle/evm/chain"
)

// logging is a contract that logs the first word of what it is called with, as topic and as data.
var logging = common.FromHex("600f600c600039600f6000f3" + "60003560005260005160206000a100")

// deployed puts a contract on the chain.
func deployed(b *bench, c *chain.Client, code []byte) (at common.Address) {
	b.mine(func() {
		r, err := c.Send(context.Background(), chain.Move{What: "a contract", Data: code})
		if err != nil {
			b.t.Error(err)
			return
		}
		at = r.ContractAddress
	})
	return at
}

func word(n int) []byte { return common.BigToHash(big.NewInt(int64(n))).Bytes() }

// reader keeps what a follower told.
type reader struct {
	f    *chain.Follower
	have []types.Log
	undo int
}

func (r *reader) read(t *testing.T) {
	t.Helper()
	for {
		ch, err := r.f.Next(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if ch == nil {
			return
		}
		if ch.Undo {
			r.undo++
			r.have = slices.DeleteFunc(r.have, func(l types.Log) bool { return l.BlockNumber >= ch.From })
			continue
		}
		r.have = append(r.have, ch.Logs...)
	}
}

func (r *reader) said() (out []int64) {
	for _, l := range r.have {
		out = append(out, common.BytesToHash(l.Data).Big().Int64())
	}
	return out
}

func TestFollow(t *testing.T) {
	b, ctx := newBench(t), context.Background()
	c := b.dial(nil)
	at := deployed(b, c, logging)
	say := func(n int) {
		t.Helper()
		if _, err := c.Submit(ctx, chain.Move{What: "a word", To: &at, Data: word(n), Gas: 100_000}); err != nil {
			t.Fatal(err)
		}
		b.Commit()
	}
	r := &reader{f: c.Follow([]common.Address{at}, nil, chain.Cursor{})}
	want := []int64{}
	for n := range 6 {
		say(n)
		want = append(want, int64(n))
		if n%2 == 0 {
			r.read(t)
		}
	}
	r.read(t)
	if got := r.said(); !slices.Equal(got, want) || r.undo != 0 {
		t.Fatalf("said %v, want %v", got, want)
	}
	// A reorg of three blocks whose transactions come again, and a cursor that was kept on disk before it.
	kept, had := r.f.Cursor(), slices.Clone(r.have)
	if err := b.Reorg(3, false); err != nil {
		t.Fatal(err)
	}
	r.read(t)
	if got := r.said(); !slices.Equal(got, want) || r.undo != 1 {
		t.Errorf("after a reorg: said %v with %d undone, want %v and 1", got, r.undo, want)
	}
	again := &reader{f: c.Follow([]common.Address{at}, nil, kept), have: had}
	again.read(t)
	if got := again.said(); !slices.Equal(got, want) || again.undo != 1 {
		t.Errorf("after a restart and a reorg: said %v with %d undone, want %v and 1", got, again.undo, want)
	}
	for i := range r.have {
		if r.have[i].BlockHash != again.have[i].BlockHash {
			t.Errorf("event %d is of block %s and of block %s", i, r.have[i].BlockHash, again.have[i].BlockHash)
		}
	}
	// Only one topic.
	if one := (&reader{f: c.Follow([]common.Address{at}, [][]common.Hash{{common.BytesToHash(word(4))}}, chain.Cursor{})}); true {
		one.read(t)
		if got := one.said(); !slices.Equal(got, []int64{4}) {
			t.Errorf("of topic 4: %v", got)
		}
	}
}

// A server that allows few blocks at once, and one that gives what was not asked for.
func TestFollowServer(t *testing.T) {
	b, ctx := newBench(t), context.Background()
	c := b.dial(nil)
	at := deployed(b, c, logging)
	for n := range 20 {
		if _, err := c.Submit(ctx, chain.Move{What: "a word", To: &at, Data: word(n), Gas: 100_000}); err != nil {
			t.Fatal(err)
		}
		b.Commit()
	}
	number := func(p json.RawMessage, key string) uint64 {
		var q map[string]any
		if err := json.Unmarshal(p, &q); err != nil {
			t.Error(err)
		}
		n, err := strconv.ParseUint(strings.TrimPrefix(fmt.Sprint(q[key]), "0x"), 16, 64)
		if err != nil {
			t.Error(err)
		}
		return n
	}
	b.misbehave(func(method string, params []json.RawMessage, real func() []byte) []byte {
		if method == "eth_getLogs" && number(params[0], "toBlock")-number(params[0], "fromBlock") >= 3 {
			return []byte(`{"jsonrpc":"2.0","id":"?","error":{"code":-32005,"message":"query returned more than 10000 results"}}`)
		}
		return real()
	})
	r := &reader{f: c.Follow([]common.Address{at}, nil, chain.Cursor{})}
	r.read(t)
	if got := r.said(); len(got) != 20 || !slices.IsSorted(got) {
		t.Errorf("said %v, want 0 to 19", got)
	}
	for name, change := range map[string]func(string) string{
		"another contract": func(s string) string {
			return strings.ReplaceAll(s, strings.ToLower(at.Hex()), "0x"+strings.Repeat("1", 40))
		},
		"another block": func(s string) string { return strings.Replace(s, `"blockNumber":"0x`, `"blockNumber":"0xfff`, 1) },
		"removed":       func(s string) string { return strings.Replace(s, `"removed":false`, `"removed":true`, 1) },
		"out of order": func(s string) string {
			var a struct {
				ID     json.RawMessage   `json:"id"`
				Result []json.RawMessage `json:"result"`
			}
			if err := json.Unmarshal([]byte(s), &a); err != nil {
				t.Error(err)
			}
			a.Result = append(a.Result[:min(1, len(a.Result)):min(1, len(a.Result))], a.Result...)
			b, _ := json.Marshal(a.Result)
			return `{"jsonrpc":"2.0","id":` + string(a.ID) + `,"result":` + string(b) + `}`
		},
	} {
		b.misbehave(func(method string, _ []json.RawMessage, real func() []byte) []byte {
			if method != "eth_getLogs" {
				return real()
			}
			return []byte(change(string(real())))
		})
		f := c.Follow([]common.Address{at}, nil, chain.Cursor{})
		var err error
		for range 100 {
			var ch *chain.Change
			if ch, err = f.Next(ctx); err != nil || ch == nil {
				break
			}
		}
		if !errors.Is(err, chain.ErrServer) {
			t.Errorf("%s: %v, want that the server is broken", name, err)
		}
	}
}
