package devchain_test

import (
	"context"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"

	"github.com/gwrun/gwrun/host/settle/evm/devchain"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

var ether = big.NewInt(1e18)

func begin(t *testing.T, c devchain.Config) *devchain.Chain {
	t.Helper()
	chain, err := devchain.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { chain.Close() })
	return chain
}

func dial(t *testing.T, url string) *ethclient.Client {
	t.Helper()
	c, err := ethclient.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// pay sends one wei from id to an account of its own.
func pay(t *testing.T, c *ethclient.Client, chain *devchain.Chain, id *identity.Identity, nonce uint64) common.Hash {
	t.Helper()
	to := common.Address{byte(nonce + 1)}
	tx, err := types.SignNewTx(id.ECDSA(), types.LatestSignerForChainID(new(big.Int).SetUint64(chain.ID())), &types.DynamicFeeTx{Nonce: nonce, To: &to,
		Value: big.NewInt(1), Gas: 21000, GasTipCap: big.NewInt(1e6), GasFeeCap: big.NewInt(1e10)})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SendTransaction(context.Background(), tx); err != nil {
		t.Fatal(err)
	}
	return tx.Hash()
}

func TestChain(t *testing.T) {
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	ctx, dir := context.Background(), t.TempDir()
	conf := devchain.Config{Dir: dir, Alloc: map[msg.Account]*big.Int{id.Account(): ether}}
	chain := begin(t, conf)
	overHTTP, overWS := dial(t, chain.URL()), dial(t, chain.WS())
	if n, err := overHTTP.ChainID(ctx); err != nil || n.Uint64() != devchain.ChainID {
		t.Fatalf("chain id %v (%v), want %d", n, err, devchain.ChainID)
	}
	heads := make(chan *types.Header, 10)
	sub, err := overWS.SubscribeNewHead(ctx, heads)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Unsubscribe()

	tx := pay(t, overHTTP, chain, id, 0)
	chain.Commit()
	r, err := overHTTP.TransactionReceipt(ctx, tx)
	if err != nil || r.Status != 1 || r.BlockNumber.Uint64() != 1 {
		t.Fatalf("receipt %+v (%v)", r, err)
	}
	if h := <-heads; h.Number.Uint64() != 1 || h.Hash() != r.BlockHash {
		t.Errorf("head %d %s, want that of the receipt, %s", h.Number, h.Hash(), r.BlockHash)
	}
	// Each block has a random number of its own, and time goes by.
	seen := map[common.Hash]bool{}
	for range 3 {
		chain.Commit()
		h := <-heads
		if seen[h.MixDigest] || h.MixDigest == (common.Hash{}) {
			t.Errorf("prevrandao %s again", h.MixDigest)
		}
		seen[h.MixDigest] = true
	}
	_, before := chain.Head()
	if err := chain.Advance(100 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, now := chain.Head(); now.Sub(before) < 100*time.Hour {
		t.Errorf("the clock went from %s to %s, want 100 hours", before, now)
	}
	if resp, err := http.Post(chain.URL(), "application/json", strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"debug_setHead","params":["0x0"]}`)); err != nil {
		t.Error(err)
	} else {
		b := make([]byte, 1000)
		n, _ := resp.Body.Read(b)
		resp.Body.Close()
		if !strings.Contains(string(b[:n]), "does not exist") {
			t.Errorf("anybody can set the chain back: %s", b[:n])
		}
	}

	// What is kept goes on.
	number, _ := chain.Head()
	if err := chain.Close(); err != nil {
		t.Fatal(err)
	}
	conf.Alloc = nil
	again := begin(t, conf)
	if n, _ := again.Head(); n != number {
		t.Errorf("it goes on at block %d, want %d", n, number)
	}
	c := dial(t, again.URL())
	pay(t, c, again, id, 1)
	again.Commit()
	if n, err := c.NonceAt(ctx, common.Address(id.Account()), nil); err != nil || n != 2 {
		t.Errorf("nonce %d (%v), want 2", n, err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	conf.ChainID = 5
	if _, err := devchain.Start(conf); err == nil || !strings.Contains(err.Error(), "wanted 5") {
		t.Errorf("a chain with another id in this folder: %v", err)
	}
}

func TestReorg(t *testing.T) {
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	chain := begin(t, devchain.Config{Alloc: map[msg.Account]*big.Int{id.Account(): ether}})
	c := dial(t, chain.URL())
	var txs []common.Hash
	for n := range uint64(5) {
		txs = append(txs, pay(t, c, chain, id, n))
		chain.Commit()
	}
	at := func(n int64) common.Hash {
		h, err := c.HeaderByNumber(ctx, big.NewInt(n))
		if err != nil {
			t.Fatal(err)
		}
		return h.Hash()
	}
	two, three := at(2), at(3)
	if err := chain.Reorg(3, false); err != nil {
		t.Fatal(err)
	}
	if n, _ := chain.Head(); n != 6 || at(2) != two || at(3) == three {
		t.Errorf("head %d, block 2 the same: %v, block 3 the same: %v; want 6, true, false", n, at(2) == two, at(3) == three)
	}
	for i, tx := range txs {
		if r, err := c.TransactionReceipt(ctx, tx); err != nil || r.Status != 1 {
			t.Errorf("transaction %d is gone (%v), though it waited again", i, err)
		}
	}
	if err := chain.Reorg(4, true); err != nil {
		t.Fatal(err)
	}
	if n, err := c.NonceAt(ctx, common.Address(id.Account()), nil); err != nil || n != 2 {
		t.Errorf("nonce %d (%v) after a reorg that lost all from the third on, want 2", n, err)
	}
	if err := chain.Reorg(100, false); err == nil {
		t.Error("a reorg of more blocks than there are")
	}
}

func TestOnDemand(t *testing.T) {
	id, err := identity.New()
	if err != nil {
		t.Fatal(err)
	}
	chain := begin(t, devchain.Config{OnDemand: true, Alloc: map[msg.Account]*big.Int{id.Account(): ether}})
	c := dial(t, chain.WS())
	heads := make(chan *types.Header, 10)
	sub, err := c.SubscribeNewHead(context.Background(), heads)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Unsubscribe()
	tx := pay(t, c, chain, id, 0)
	<-heads
	if r, err := c.TransactionReceipt(context.Background(), tx); err != nil || r.Status != 1 {
		t.Errorf("receipt %+v (%v)", r, err)
	}
}

func TestConfig(t *testing.T) {
	for _, c := range []devchain.Config{{Listen: "0.0.0.0:0"}, {Listen: "192.0.2.1:1"}, {Listen: "x"}, {Listen: "127.0.0.1:70000"}, {Period: 1500 * time.Millisecond}, {Period: -time.Second}} {
		if chain, err := devchain.Start(c); err == nil {
			chain.Close()
			t.Errorf("%+v is taken", c)
		}
	}
}
