// Package devnet is a whole network in one process: providers, validators and a consumer, each with its own key and store,
// talking QUIC over loopback. For trying things, for demonstrations and for tests.
package devnet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/gwrun/gwrun/host/fault"
	"github.com/gwrun/gwrun/host/faultnet"
	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
	"github.com/gwrun/gwrun/runtime"
)

// Config says what the network is made of.
type Config struct {
	Providers, Validators int
	// Dir is where the nodes keep their stores, one folder each. Default: a temporary folder, removed by Close.
	Dir string
	// OpenDevice and Device are what every provider and validator computes on.
	OpenDevice func(ctx context.Context) (kernels.Device, error)
	Device     rpc.DeviceInfo
	// Devices are what providers compute on instead, by index.
	Devices map[int]func(ctx context.Context) (kernels.Device, error)
	// Faults are lies, by the index of the provider that tells them.
	Faults map[int]*runtime.Fault
	// Plays are strategies by which nodes misbehave, by their names: "provider-1", "validator-1" and so on, "consumer".
	Plays map[string]*fault.Play
	// Identities are keys for some of the nodes of a network without a chain, by the nodes' names. Default: new ones.
	Identities map[string]*identity.Identity
	// Net is what happens to all that goes to a provider or validator and all that it sends, drawn from NetSeed. Nil: the nodes talk to
	// each other without anything between them.
	Net     *faultnet.Faults
	NetSeed uint64
	// Transport holds every node's limits. Default: package transport's.
	Transport transport.Config
	// Patience is how long the consumer waits for a provider that is out of reach. Default: package consumer's.
	Patience time.Duration
	// MaxJobs is how many jobs a provider runs at once. Default 1: the nodes share one machine.
	MaxJobs int
	// Prices are how providers make theirs, by index. Default: they work for nothing.
	Prices map[int]market.Policy
	// Chain is the money of a network with a chain of its own. Default: nobody pays anything.
	Chain *Money
	// Money is what a node of a name pays from and is paid with. Default: nobody pays anything.
	Money func(name string) node.Money
	// Find has the nodes find each other, as those of a real network do (package discovery).
	Find bool
	// Forgives has the consumer give jobs to providers too that were proven wrong.
	Forgives bool
	// Keep is how long finished jobs are kept beyond their challenge windows. Default: each role's own.
	Keep    time.Duration
	Version string
	Log     *slog.Logger
}

// Network is a running devnet.
type Network struct {
	Providers, Validators []*node.Node
	Consumer              *node.Node
	Ledger                *Ledger // nil without a chain
	Record                string  // with Find: what others begin with to find the nodes

	board    *fault.Board
	accounts map[string]msg.Account // by name, where somebody misbehaves

	fronts []*faultnet.Proxy
	links  map[*node.Node]*faultnet.Proxy
	nodes  []*node.Node
	stores []store.Store
	remove string
}

// Start starts every node.
func Start(cfg Config) (n *Network, err error) {
	n = &Network{}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close(context.Background()))
			n = nil
		}
	}()
	if cfg.Dir == "" {
		if cfg.Dir, err = os.MkdirTemp("", "gwrun-devnet-"); err != nil {
			return n, err
		}
		n.remove = cfg.Dir
	}
	if cfg.MaxJobs <= 0 {
		cfg.MaxJobs = 1
	}
	for name := range cfg.Plays {
		if !known(&cfg, name) {
			return n, fmt.Errorf("devnet: there is no node %q to misbehave", name)
		}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Chain != nil {
		if n.Ledger, err = newLedger(context.Background(), *cfg.Chain, cfg.Dir, names(&cfg)); err != nil {
			return n, err
		}
	}
	for i := range cfg.Providers {
		p, err := n.add(&cfg, fmt.Sprintf("provider-%d", i+1), node.Config{Provider: true, Fault: cfg.Faults[i], MaxJobs: cfg.MaxJobs, Price: cfg.Prices[i], OpenDevice: cfg.Devices[i]})
		if err != nil {
			return n, err
		}
		n.Providers = append(n.Providers, p)
	}
	for i := range cfg.Validators {
		v, err := n.add(&cfg, fmt.Sprintf("validator-%d", i+1), node.Config{Validator: true})
		if err != nil {
			return n, err
		}
		n.Validators = append(n.Validators, v)
	}
	if n.Consumer, err = n.add(&cfg, "consumer", node.Config{Forgives: cfg.Forgives}); err == nil && n.Ledger != nil {
		err = n.Ledger.join(context.Background(), n, cfg.Device.Kind)
	}
	return n, err
}

// names are what the nodes of a network are called.
func names(cfg *Config) (out []string) {
	for i := range cfg.Providers {
		out = append(out, fmt.Sprintf("provider-%d", i+1))
	}
	for i := range cfg.Validators {
		out = append(out, fmt.Sprintf("validator-%d", i+1))
	}
	return append(out, "consumer")
}

func (n *Network) add(cfg *Config, name string, c node.Config) (*node.Node, error) {
	id, err := n.identity(cfg, name)
	if err != nil {
		return nil, err
	}
	s, err := store.Open(filepath.Join(cfg.Dir, name), store.Options{})
	if err != nil {
		return nil, err
	}
	n.stores = append(n.stores, s)
	c.Identity, c.Store, c.Name, c.Version = id, s, name, cfg.Version
	switch {
	case n.Ledger != nil:
		if err := n.Ledger.money(context.Background(), &c); err != nil {
			return nil, err
		}
	case cfg.Money != nil:
		c.Money = cfg.Money(name)
	}
	c.Transport, c.Keep, c.Patience = cfg.Transport, cfg.Keep, cfg.Patience
	var front *faultnet.Proxy
	if c.OpenDevice == nil {
		c.OpenDevice = cfg.OpenDevice
	}
	c.Device, c.Log = cfg.Device, cfg.Log.With("node", name)
	if err := n.misbehave(cfg, name, &c); err != nil {
		return nil, err
	}
	if c.Provider || c.Validator {
		if front, err = n.front(cfg); err != nil {
			return nil, err
		}
		if front != nil {
			c.Announce = []string{front.Addr()}
		}
	}
	if cfg.Find {
		if c.Network.Find = true; n.Record != "" {
			c.Network.Bootstrap = []string{n.Record}
		}
	}
	started, err := node.Start(c)
	if err != nil {
		return nil, err
	}
	n.nodes = append(n.nodes, started)
	if cfg.Find && n.Record == "" {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		n.Record = started.Discovery.WaitRecord(ctx)
		cancel()
	}
	return started, n.behind(front, started)
}

// identity is a node's to come: one that has money, where there is a chain.
func (n *Network) identity(cfg *Config, name string) (*identity.Identity, error) {
	if n.Ledger != nil {
		return n.Ledger.ids[name], nil
	}
	if id := cfg.Identities[name]; id != nil {
		return id, nil
	}
	return identity.New()
}

// Peers are the addresses of all providers and validators.
func (n *Network) Peers() []string {
	var out []string
	for _, p := range n.Providers {
		out = append(out, n.Addr(p))
	}
	for _, v := range n.Validators {
		out = append(out, n.Addr(v))
	}
	return out
}

// Name finds what a node is called, by its address.
func (n *Network) Name(addr string) string {
	for i, p := range n.Providers {
		if n.Addr(p) == addr {
			return fmt.Sprintf("provider-%d", i+1)
		}
	}
	for i, v := range n.Validators {
		if n.Addr(v) == addr {
			return fmt.Sprintf("validator-%d", i+1)
		}
	}
	return addr
}

// Close stops every node and removes what is temporary.
func (n *Network) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var errs []error
	for i := len(n.nodes) - 1; i >= 0; i-- { // the consumer first: it asks the others
		errs = append(errs, n.nodes[i].Close(ctx))
	}
	errs = append(errs, n.closeLinks())
	if n.Ledger != nil {
		errs = append(errs, n.Ledger.Close())
	}
	for _, s := range n.stores {
		errs = append(errs, s.Close())
	}
	if n.remove != "" {
		errs = append(errs, os.RemoveAll(n.remove))
	}
	return errors.Join(errs...)
}
