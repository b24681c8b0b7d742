package evm_test

import (
	"context"
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/host/settle/evm/devchain"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// world is a chain with the market's contracts, and people with money.
type world struct {
	*devchain.Chain
	t      testing.TB
	people []*identity.Identity // the first has deployed
	at     *evm.Addresses
	stop   func()
	pace   time.Duration // between two blocks
	reader *evm.Contracts
}

func gwr(s string) msg.Amount {
	a, err := msg.ParseAmount(s)
	if err != nil {
		panic(err)
	}
	return a
}

// newChain is a chain on which n people have ether, and the parameters by which they have tokens.
func newChain(t testing.TB, n int, c devchain.Config) (*devchain.Chain, []*identity.Identity, evm.Params) {
	t.Helper()
	p, err := evm.Preset("devnet")
	if err != nil {
		t.Fatal(err)
	}
	// The chain's clock runs hundreds of times faster than ours while blocks are made one behind the other: nobody may be late by that. Where a
	// clock is to run out, the test moves it.
	for name, seconds := range map[string]uint64{"MaxClock": 3600, "VerdictBound": 10800, "DisputeBound": 22000, "CommitteeCommit": 3600, "CommitteeReveal": 3600, "UnbondDelay": 4 * 86400} {
		n := p.Numbers[name]
		n.Value = seconds
		p.Numbers[name] = n
	}
	var people []*identity.Identity
	c.Alloc = map[msg.Account]*big.Int{}
	for range n {
		id, err := identity.New()
		if err != nil {
			t.Fatal(err)
		}
		people = append(people, id)
		c.Alloc[id.Account()] = new(big.Int).Mul(big.NewInt(1e18), big.NewInt(1000))
		p.Genesis[id.Account()] = gwr("100000")
	}
	ch, err := devchain.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ch.Close() })
	return ch, people, p
}

// newWorld deploys the contracts.
func newWorld(t testing.TB, n int) *world {
	t.Helper()
	ch, people, p := newChain(t, n, devchain.Config{})
	w := &world{Chain: ch, t: t, people: people}
	w.mine()
	t.Cleanup(func() { w.still() })
	c := w.dial(people[0], nil)
	var err error
	if w.at, err = evm.Deploy(context.Background(), c, p, filepath.Join(t.TempDir(), "addresses.json"), func(string) {}); err != nil {
		t.Fatal(err)
	}
	return w
}

// mine makes a block wherever there is something for it, until still.
func (w *world) mine() {
	if w.pace == 0 {
		w.pace = 5 * time.Millisecond
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			w.Commit()
			select {
			case <-ctx.Done():
			case <-time.After(w.pace):
			}
		}
	}()
	w.stop = func() { cancel(); <-done }
}

func (w *world) still() {
	if w.stop != nil {
		w.stop()
		w.stop = nil
	}
}

func (w *world) dial(id *identity.Identity, sent store.Journal) *chain.Client {
	w.t.Helper()
	c, err := chain.New(context.Background(), w.RPC(), chain.Config{Key: id, Sent: sent, Errors: evm.ABIs(), Poll: 5 * time.Millisecond})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(c.Close)
	return c
}

func (w *world) market(id *identity.Identity) *evm.Contracts {
	w.t.Helper()
	m, err := evm.Connect(context.Background(), w.dial(id, nil), w.at, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}
