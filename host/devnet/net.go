package devnet

import (
	"errors"

	"github.com/gwrun/gwrun/host/faultnet"
	"github.com/gwrun/gwrun/host/node"
)

// front puts a proxy before a node, if the network is to have faults: others reach it there only.
func (n *Network) front(cfg *Config, started *node.Node) error {
	if cfg.Net == nil {
		return nil
	}
	p, err := faultnet.Listen(faultnet.Config{Target: started.Addr(), Seed: cfg.NetSeed + uint64(len(n.links))})
	if err != nil {
		return err
	}
	p.Set(*cfg.Net, *cfg.Net)
	if n.links == nil {
		n.links = map[*node.Node]*faultnet.Proxy{}
	}
	n.links[started] = p
	return nil
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
	for _, p := range n.links {
		errs = append(errs, p.Close())
	}
	return errors.Join(errs...)
}
