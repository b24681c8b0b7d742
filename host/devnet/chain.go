package devnet

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"path/filepath"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/discovery"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/host/settle/evm/chain"
	"github.com/gwrun/gwrun/host/settle/evm/devchain"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
)

// Money says what a network with a chain of its own begins with.
type Money struct {
	// Listen is the loopback address of the chain's JSON-RPC. Default: any free port.
	Listen string
	// Period is the time between two blocks, in whole seconds. Default 1 s.
	Period time.Duration
	// Tokens is what each node has in the beginning, of which it stakes Stake, and the consumer deposits Deposit. Defaults 5000, 1000 and 1000.
	Tokens, Stake, Deposit msg.Amount
	// Credit is how much unpaid work providers do for one consumer (package payment). Default 100.
	Credit msg.Amount
	// RedeemEvery is how long vouchers are held. Default: package payment's.
	RedeemEvery time.Duration
	// Fund are accounts of others that have ether, and as many tokens as a node.
	Fund []msg.Account
	// Numbers changes governed numbers from those of the preset "devnet".
	Numbers map[string]uint64
	// Tell hears how far the network has come.
	Tell func(string)
}

// Ledger is a network's chain, with the contracts on it.
type Ledger struct {
	Chain     *devchain.Chain
	Addresses *evm.Addresses
	// Deployer has what nobody else was given.
	Deployer *identity.Identity

	cfg     Money
	file    string
	ids     map[string]*identity.Identity
	clients []*chain.Client
	at      map[msg.Account]*evm.Contracts
}

func tokens(n uint64) msg.Amount { return msg.AmountOf(1_000_000_000_000_000_000).Times(n) }

// newLedger starts a chain on which nodes of those names have tokens, and deploys the contracts.
func newLedger(ctx context.Context, cfg Money, dir string, names []string) (l *Ledger, err error) {
	for _, d := range []struct {
		at   *msg.Amount
		with uint64
	}{{&cfg.Tokens, 5000}, {&cfg.Stake, 1000}, {&cfg.Deposit, 1000}, {&cfg.Credit, 100}} {
		if d.at.IsZero() {
			*d.at = tokens(d.with)
		}
	}
	if cfg.Period == 0 {
		cfg.Period = time.Second
	}
	if cfg.Tell == nil {
		cfg.Tell = func(string) {}
	}
	l = &Ledger{cfg: cfg, ids: map[string]*identity.Identity{}, at: map[msg.Account]*evm.Contracts{}}
	params, err := evm.Preset("devnet")
	if err != nil {
		return nil, err
	}
	for name, v := range cfg.Numbers {
		n, ok := params.Numbers[name]
		if !ok || v < n.Min || v > n.Max {
			return nil, fmt.Errorf("devnet: the governed number %s cannot be %d", name, v)
		}
		n.Value = v
		params.Numbers[name] = n
	}
	ether := new(big.Int).Exp(big.NewInt(10), big.NewInt(20), nil) // 100
	alloc := map[msg.Account]*big.Int{}
	for _, name := range append([]string{""}, names...) {
		id, err := identity.New()
		if err != nil {
			return nil, err
		}
		alloc[id.Account()] = ether
		if name == "" {
			l.Deployer = id
			params.Genesis[id.Account()] = tokens(1_000_000)
			continue
		}
		l.ids[name], params.Genesis[id.Account()] = id, cfg.Tokens
	}
	for _, a := range cfg.Fund {
		alloc[a], params.Genesis[a] = ether, cfg.Tokens
	}
	l.Chain, err = devchain.Start(devchain.Config{Listen: cfg.Listen, Period: cfg.Period, Alloc: alloc})
	if err != nil {
		return nil, err
	}
	cfg.Tell("a chain is at " + l.Chain.URL() + "; the contracts are being deployed")
	c, err := l.client(ctx, l.Deployer, nil)
	if err == nil {
		defer l.hurry()()
		l.file = filepath.Join(dir, "contracts.json")
		l.Addresses, err = evm.Deploy(ctx, c, params, l.file, func(string) {})
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// client is an account's connection to the chain.
func (l *Ledger) client(ctx context.Context, id *identity.Identity, sent store.Journal) (*chain.Client, error) {
	c, err := chain.New(ctx, l.Chain.RPC(), chain.Config{Key: id, Sent: sent, Errors: evm.ABIs(), Poll: 100 * time.Millisecond})
	if err == nil {
		l.clients = append(l.clients, c)
	}
	return c, err
}

// money gives a node to come its account on the chain.
func (l *Ledger) money(ctx context.Context, c *node.Config) error {
	client, err := l.client(ctx, c.Identity, c.Store.Journal("settle/evm/sent"))
	if err != nil {
		return err
	}
	at, err := evm.Connect(ctx, client, l.Addresses, c.Identity)
	if err != nil {
		return err
	}
	l.at[c.Identity.Account()] = at
	c.Money.Market, c.Money.Credit, c.Money.RedeemEvery = at, l.cfg.Credit, l.cfg.RedeemEvery
	return nil
}

// File says where the contracts are.
func (l *Ledger) File() string { return l.file }

// At is the chain as a node's account sees it.
func (l *Ledger) At(n *node.Node) *evm.Contracts { return l.at[n.Account()] }

// join has every node stake, enter the registry and sit on the bench of committees, and the consumer deposit what it pays from, all at once.
func (l *Ledger) join(ctx context.Context, n *Network, device string) error {
	l.cfg.Tell("the nodes stake, and enter the registry")
	defer l.hurry()()
	var all sync.WaitGroup
	errs := make([]error, len(n.nodes))
	for i, x := range n.nodes {
		all.Go(func() {
			m := l.At(x)
			if x == n.Consumer {
				_, errs[i] = m.Fund(ctx, l.cfg.Deposit)
				return
			}
			roles := uint8(0)
			if x.Provider != nil {
				roles |= discovery.RoleProvider
			}
			if x.Validator != nil {
				roles |= discovery.RoleValidator
			}
			_, err := m.AddStake(ctx, l.cfg.Stake)
			if err == nil {
				_, err = m.Register(ctx, roles, device, n.Addr(x))
			}
			if err != nil {
				errs[i] = fmt.Errorf("%s: %w", n.Name(n.Addr(x)), err)
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, x := range n.nodes { // one after the other: each takes the next free seat
		if x != n.Consumer {
			if _, err := l.At(x).Enlist(ctx, 1); err != nil {
				return fmt.Errorf("%s: %w", n.Name(n.Addr(x)), err)
			}
		}
	}
	return nil
}

// hurry makes blocks as fast as they are needed while the network is set up. The chain's clock is ahead of this machine's afterwards, by as many
// seconds as there were blocks too many, and stays so.
func (l *Ledger) hurry() (stop func()) {
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			l.Chain.Commit()
			select {
			case <-done:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return func() { close(done); <-ended }
}

// Close stops the chain.
func (l *Ledger) Close() error {
	for _, c := range l.clients {
		c.Close()
	}
	return l.Chain.Close()
}
