package chain_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/proto/identity"
)

func TestSend(t *testing.T) {
	b, ctx := newBench(t), context.Background()
	for _, c := range []*chain.Client{b.dial(nil), b.dial(func(c *chain.Config) { c.URL = b.WS() })} {
		before := b.balance(c, common.Address{0xaa, 1})
		b.mine(func() {
			r, err := c.Send(ctx, pay(1))
			if err != nil || r.Status != 1 {
				t.Errorf("receipt %+v (%v)", r, err)
			}
		})
		if n := b.balance(c, common.Address{0xaa, 1}) - before; n != 1 {
			t.Errorf("%d wei arrived, want 1", n)
		}
		c.Close()
	}
	reader := b.dial(func(c *chain.Config) { c.Key = nil })
	if _, err := reader.Send(ctx, pay(1)); !errors.Is(err, chain.ErrNoKey) {
		t.Errorf("sent without a key: %v", err)
	}
}

// Many at once, and another program that uses the same key: all that was reported done is done, once.
func TestManyAndAnotherProgram(t *testing.T) {
	b, ctx := newBench(t), context.Background()
	one := b.dial(nil)
	two := b.dial(func(c *chain.Config) { c.Sent = nil })
	var mu sync.Mutex
	done, replaced := 0, 0
	b.mine(func() {
		var all sync.WaitGroup
		for i := range 30 {
			c, to := one, byte(2)
			if i%3 == 0 {
				c, to = two, 7 // the same payment with the same nonce would be one transaction
			}
			all.Add(1)
			go func() {
				defer all.Done()
				_, err := c.Send(ctx, pay(to))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					done++
				case errors.Is(err, chain.ErrReplaced):
					replaced++
				default:
					t.Error(err)
				}
			}()
		}
		all.Wait()
	})
	if n := b.balance(one, common.Address{0xaa, 2}) + b.balance(one, common.Address{0xaa, 7}); int(n) != done || done+replaced != 30 || done < 20 {
		t.Errorf("%d wei arrived, %d were done and %d replaced of 30", n, done, replaced)
	}
}

// A transaction that nobody mines is offered with higher fees until it is.
func TestStuck(t *testing.T) {
	b, ctx := newBench(t), context.Background()
	now := time.Now()
	var mu sync.Mutex
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	c := b.dial(func(c *chain.Config) { c.Now, c.Patience = clock, time.Minute })
	w, err := c.Submit(ctx, pay(3))
	if err != nil {
		t.Fatal(err)
	}
	raised := func() uint64 {
		r := b.RPC()
		defer r.Close()
		var content json.RawMessage
		if err := r.Call(&content, "txpool_contentFrom", common.Address(b.key.Account())); err != nil {
			t.Fatal(err)
		}
		var of struct {
			Pending map[string]struct {
				MaxFeePerGas string `json:"maxFeePerGas"`
			} `json:"pending"`
		}
		if err := json.Unmarshal(content, &of); err != nil {
			t.Fatal(err)
		}
		for _, p := range of.Pending {
			if n, ok := new(big.Int).SetString(strings.TrimPrefix(p.MaxFeePerGas, "0x"), 16); ok {
				return n.Uint64()
			}
		}
		t.Fatalf("nothing waits: %s", content)
		return 0
	}
	first := raised()
	mu.Lock()
	now = now.Add(2 * time.Minute)
	mu.Unlock()
	for raised() < first+first/8 {
		time.Sleep(5 * time.Millisecond)
	}
	b.mine(func() {
		if r, err := w.Wait(ctx); err != nil || r.TxHash == w.Hash() {
			t.Errorf("receipt of %v, want of another variant than the first (%v)", r, err)
		}
	})
	if n := b.balance(c, common.Address{0xaa, 3}); n != 1 {
		t.Errorf("%d wei arrived, want 1", n)
	}
}

// Killed after it was sent; the pool forgot it meanwhile. The next process sends it again, and the reorg that takes it away changes nothing.
func TestRestartAndReorg(t *testing.T) {
	b, ctx := newBench(t), context.Background()
	c := b.dial(nil)
	if _, err := c.Submit(ctx, pay(4)); err != nil {
		t.Fatal(err)
	}
	c.Close()
	b.Commit() // it is in this block, which is then lost with it
	b.Commit()
	if err := b.Reorg(2, true); err != nil {
		t.Fatal(err)
	}
	again := b.dial(nil)
	if f := again.Flying(); len(f) != 1 || f[0] != "a payment" {
		t.Fatalf("on its way: %v, want the payment", f)
	}
	wait := func(what string, ok func() bool) {
		t.Helper()
		for !ok() {
			b.Commit()
			time.Sleep(5 * time.Millisecond)
		}
	}
	wait("sent again", func() bool { return b.balance(again, common.Address{0xaa, 4}) == 1 })
	wait("forgotten", func() bool { return len(again.Flying()) == 0 })
	if keys, err := b.sent.Keys(); err != nil || len(keys) != 0 {
		t.Errorf("%d are kept (%v)", len(keys), err)
	}
	// A reorg before it lies deep enough.
	deep := b.dial(func(c *chain.Config) { c.Confirmations = 5 })
	w, err := deep.Submit(ctx, pay(4))
	if err != nil {
		t.Fatal(err)
	}
	b.mine(func() { w.Wait(ctx) })
	for b.balance(again, common.Address{0xaa, 4}) != 2 {
		b.Commit()
	}
	if err := b.Reorg(3, true); err != nil {
		t.Fatal(err)
	}
	wait("sent again", func() bool { return len(deep.Flying()) == 0 })
	if n := b.balance(again, common.Address{0xaa, 4}); n != 2 {
		t.Errorf("%d wei arrived, want 2", n)
	}
}

// The server takes a transaction, and says that it did not.
func TestServerLosesAnswers(t *testing.T) {
	b, ctx := newBench(t), context.Background()
	c := b.dial(nil)
	lost := 0
	var mu sync.Mutex
	b.misbehave(func(method string, _ []json.RawMessage, real func() []byte) []byte {
		out := real()
		mu.Lock()
		defer mu.Unlock()
		if method == "eth_sendRawTransaction" && lost < 3 {
			lost++
			return nil
		}
		return out
	})
	b.mine(func() {
		if r, err := c.Send(ctx, pay(5)); err != nil || r.Status != 1 {
			t.Errorf("%+v %v", r, err)
		}
	})
	if n := b.balance(c, common.Address{0xaa, 5}); n != 1 {
		t.Errorf("%d wei arrived, want 1", n)
	}
}

func TestMoney(t *testing.T) {
	b, ctx := newBench(t), context.Background()
	poor, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	c := b.dial(func(c *chain.Config) { c.Key, c.Sent = poor, nil })
	m := pay(6)
	m.Gas = 21000
	if _, err := c.Send(ctx, m); !errors.Is(err, chain.ErrNoGas) || !strings.Contains(err.Error(), "21000 gas") {
		t.Errorf("no money: %v", err)
	}
	c = b.dial(func(c *chain.Config) { c.MaxFee = big.NewInt(1000) })
	if _, err := c.Send(ctx, pay(6)); !errors.Is(err, chain.ErrFee) {
		t.Errorf("too dear: %v", err)
	}
	c = b.dial(func(c *chain.Config) { c.MaxGas = 20000 })
	if _, err := c.Send(ctx, pay(6)); !errors.Is(err, chain.ErrTooMuchGas) {
		t.Errorf("too much gas: %v", err)
	}
	if n := b.called("eth_sendRawTransaction"); n != 0 {
		t.Errorf("%d were sent all the same", n)
	}
}

// reverting is a contract whose calls revert with what they were given: calldatacopy(0, 0, calldatasize), revert(0, calldatasize).
var reverting = common.FromHex("600a600c600039600a6000f3" + "3660008037366000fd00")

var refused = func() *abi.ABI {
	a, err := abi.JSON(strings.NewReader(`[{"type":"error","name":"TooLow","inputs":[{"name":"found","type":"uint256"},{"name":"wanted","type":"uint256"}]}]`))
	if err != nil {
		panic(err)
	}
	return &a
}()

func TestReverts(t *testing.T) {
	b, ctx := newBench(t), context.Background()
	c := b.dial(func(c *chain.Config) { c.Errors = []*abi.ABI{refused} })
	var at common.Address
	b.mine(func() {
		r, err := c.Send(ctx, chain.Move{What: "a contract", Data: reverting})
		if err != nil {
			t.Error(err)
			return
		}
		at = r.ContractAddress
	})
	e := refused.Errors["TooLow"]
	args, err := e.Inputs.Pack(big.NewInt(1), big.NewInt(2))
	if err != nil {
		t.Fatal(err)
	}
	data := append(e.ID[:4:4], args...)
	_, err = c.Call(ctx, "a question", at, data, nil)
	if r := chain.Reverted(err); r == nil || r.Name != "TooLow" || r.Text != "TooLow: found 1, wanted 2" || !strings.Contains(err.Error(), "a question") {
		t.Errorf("called: %v", err)
	}
	_, err = c.Send(ctx, chain.Move{What: "a move", To: &at, Data: data})
	if r := chain.Reverted(err); r == nil || r.Name != "TooLow" {
		t.Errorf("tried: %v", err)
	}
	b.mine(func() {
		r, err := c.Send(ctx, chain.Move{What: "a move", To: &at, Data: data, Gas: 100_000})
		if e := chain.Reverted(err); e == nil || e.Name != "TooLow" || r == nil || r.Status != types.ReceiptStatusFailed {
			t.Errorf("mined: %v", err)
		}
	})
}

func FuzzReason(f *testing.F) {
	e := refused.Errors["TooLow"]
	args, _ := e.Inputs.Pack(big.NewInt(1), big.NewInt(2))
	f.Add(append(e.ID[:4:4], args...))
	f.Add(e.ID[:4])
	f.Add([]byte{})
	f.Add(common.FromHex("08c379a0000000000000000000000000000000000000000000000000000000000000002000000000000000000000000000000000000000000000000000000000000000016100000000000000000000000000000000000000000000000000000000000000"))
	f.Add(common.FromHex("4e487b710000000000000000000000000000000000000000000000000000000000000011"))
	r := chain.NewReverts(refused)
	f.Fuzz(func(t *testing.T, data []byte) {
		got := r.Reason(data)
		if got.Text == "" || len(got.Error()) > 1000 || strings.ContainsFunc(got.Text, func(c rune) bool { return c < 32 }) {
			t.Errorf("reason of %x: %q", data, got.Text)
		}
	})
}
