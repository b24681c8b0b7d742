package devnet

import (
	"errors"

	"github.com/gwrun/gwrun/host/faultnet"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/host/store"
)

// front opens a proxy for a node to come, if the network is to have faults: others reach it there only. Nil if it is not.
func (n *Network) front(cfg *Config) (*faultnet.Proxy, error) {
	if cfg.Net == nil {
		return nil, nil
	}
	p, err := faultnet.Listen(faultnet.Config{Seed: cfg.NetSeed + uint64(len(n.fronts))})
	if err != nil {
		return nil, err
	}
	p.Set(*cfg.Net, *cfg.Net)
	n.fronts = append(n.fronts, p)
	return p, nil
}

// behind puts a node that listens behind its proxy.
func (n *Network) behind(p *faultnet.Proxy, started *node.Node) error {
	if p == nil {
		return nil
	}
	if n.links == nil {
		n.links = map[*node.Node]*faultnet.Proxy{}
	}
	n.links[started] = p
	return p.Point(started.Addr())
}

// Addr is where others reach a node of this network.
func (n *Network) Addr(of *node.Node) string {
	if p := n.links[of]; p != nil {
		return p.Addr()
	}
	return of.Addr()
}

// Link is the proxy before a node, nil in a network without faults. What goes through it may be changed at any time.
func (n *Network) Link(to *node.Node) *faultnet.Proxy { return n.links[to] }

func (n *Network) closeLinks() error {
	var errs []error
	for _, p := range n.fronts {
		errs = append(errs, p.Close())
	}
	return errors.Join(errs...)
}

// Stores are those of all nodes.
func (n *Network) Stores() []store.Store { return n.stores }
