package devnet

import (
	"fmt"

	"github.com/gwrun/gwrun/host/fault"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/msg"
)

// misbehave has a node to come play what the network's configuration says of it. The others are overheard.
func (n *Network) misbehave(cfg *Config, name string, c *node.Config) error {
	if len(cfg.Plays) == 0 {
		return nil
	}
	if n.board == nil {
		n.board, n.accounts = fault.NewBoard(), map[string]msg.Account{}
	}
	n.accounts[name] = c.Identity.Account()
	p := cfg.Plays[name]
	if p == nil {
		fault.Overhear(c, n.board)
		return nil
	}
	p.Board, p.Accounts = n.board, func(name string) msg.Account { return n.accounts[name] }
	return p.Apply(c)
}

// known reports whether the network has a node of that name.
func known(cfg *Config, name string) bool {
	for role, most := range map[fault.Role]int{fault.Provider: cfg.Providers, fault.Validator: cfg.Validators} {
		for i := range most {
			if name == fmt.Sprintf("%s-%d", role, i+1) {
				return true
			}
		}
	}
	return name == string(fault.Consumer)
}
