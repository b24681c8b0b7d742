package node

import (
	"errors"
	"fmt"

	"github.com/gwrun/gwrun/host/discovery"
	"github.com/gwrun/gwrun/proto/relay"
	"github.com/gwrun/gwrun/proto/transport"
)

// Network says how a node finds others and is found. The zero value is a node that knows of nobody but those it is told of, and can be reached
// where it listens.
type Network struct {
	// Find is whether the node takes part in finding nodes by discv5, from Bootstrap, records of others ("enr:...").
	Find      bool
	Bootstrap []string
	// Static are peers that are never forgotten, ACCOUNT@HOST:PORT.
	Static []string
	// Registered is whether the registry of the market that the node pays and is paid in is another source of nodes.
	Registered bool
	// NAT says how a port is opened at the router (discovery.ParseNAT). Default "none".
	NAT string
	// Relay makes the node pass packets for others that cannot be reached; nil for no.
	Relay *relay.ServerConfig
	// Via are relays that this node is to be reached through, HOST:PORT, or discovery.ViaAuto.
	Via []string
}

// wanted says whether there is anything to look for or to keep open.
func (w *Network) wanted() bool {
	return w.Find || len(w.Bootstrap)+len(w.Static)+len(w.Via) > 0 || w.Registered || w.NAT != "" && w.NAT != "none"
}

// answerNetwork has the node answer what others ask to find out where they are.
func (n *Node) answerNetwork(mux *transport.Mux) {
	discovery.Serve(mux, n.cfg.Identity)
	if w := &n.cfg.Network; w.Relay != nil {
		cfg := *w.Relay
		cfg.Log = n.cfg.Log
		n.Relay = relay.Serve(mux, cfg)
	}
}

// joinNetwork begins to look for others, once there is an endpoint.
func (n *Node) joinNetwork(mux *transport.Mux) (err error) {
	through := relay.NewClient(n.Endpoint, n.cfg.Log) // every node understands the addresses of relayed ones
	w := &n.cfg.Network
	if !w.wanted() {
		return nil
	}
	var registry discovery.Registry
	if w.Registered {
		if n.chain == nil {
			return errors.New("node: there is no registry without a market on a chain")
		}
		registry = register{n}
	}
	var roles uint64
	var device string
	for _, r := range []struct {
		is  bool
		bit uint64
	}{{n.cfg.Provider, discovery.RoleProvider}, {n.cfg.Validator, discovery.RoleValidator}, {w.Relay != nil, discovery.RoleRelay}} {
		if r.is {
			roles |= r.bit
		}
	}
	if n.cfg.Provider || n.cfg.Validator {
		device = n.cfg.Device.Kind
	}
	n.Discovery, err = discovery.Start(discovery.Config{Identity: n.cfg.Identity, Store: n.cfg.Store, Endpoint: n.Endpoint, Mux: mux, Relay: through,
		Find: w.Find || len(w.Bootstrap) > 0, Bootstrap: w.Bootstrap, Static: w.Static, Registry: registry, Roles: roles, Device: device,
		Fixed: n.cfg.Announce, NAT: w.NAT, Via: w.Via, Changed: n.moved, Log: n.cfg.Log})
	if err != nil {
		return fmt.Errorf("node: %w", err)
	}
	return nil
}

// moved has the announcement made anew when it is asked for next.
func (n *Node) moved() {
	n.announce.Lock()
	n.announce.until = n.announce.until.Add(-announced)
	n.announce.Unlock()
}
