package node

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/discovery"
	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/proto/msg"
)

// registered is what is known of the market's registry.
type registered struct {
	mu   sync.Mutex
	all  []evm.Node
	at   map[msg.Account]string
	read time.Time
}

// fresh is how long the registry is not read again.
const fresh = 10 * time.Second

// registry gives what is known of the registry; it is read anew where that is old.
func (n *Node) registry(ctx context.Context) (all []evm.Node, at map[msg.Account]string, err error) {
	r := &n.registered
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at != nil && time.Since(r.read) < fresh {
		return r.all, r.at, nil
	}
	if all, err = n.chain.Nodes(ctx); err != nil {
		return nil, nil, err
	}
	at = map[msg.Account]string{}
	for _, x := range all {
		if where, _, err := peer.Parse(x.Endpoint); err == nil {
			at[x.Account] = where
		}
	}
	r.all, r.at, r.read = all, at, time.Now()
	return all, at, nil
}

// find says where an account is, by the registry.
func (n *Node) find(ctx context.Context, a msg.Account) (*peer.Peer, error) {
	_, at, err := n.registry(ctx)
	if err != nil {
		return nil, err
	}
	if where, ok := at[a]; ok {
		return n.Peer(where, &a), nil
	}
	return nil, fmt.Errorf("%s is not in the registry, or says nothing of where it is", a)
}

// register is the market's registry as a source of nodes.
type register struct{ n *Node }

// Providers lists those that may take jobs now.
func (r register) Providers(ctx context.Context) ([]discovery.Registered, error) {
	return r.list(ctx, evm.RoleProvider)
}

// Validators lists those that may judge now.
func (r register) Validators(ctx context.Context) ([]discovery.Registered, error) {
	return r.list(ctx, evm.RoleValidator)
}

func (r register) list(ctx context.Context, role uint8) ([]discovery.Registered, error) {
	all, _, err := r.n.registry(ctx)
	if err != nil {
		return nil, err
	}
	return offered(all, role, r.n.Account(), time.Now()), nil
}

// offered are those of a role that have something at stake, are not in jail and say where they are. Their order is by chance: whoever looks
// takes no more than so many, and nobody is to be among them for having come first.
func offered(all []evm.Node, role uint8, self msg.Account, now time.Time) []discovery.Registered {
	var out []discovery.Registered
	for _, x := range all {
		at, _, err := peer.Parse(x.Endpoint)
		if err != nil || x.Roles&role == 0 || x.Active.IsZero() || x.JailedUntil > now.Unix() || x.Account == self {
			continue
		}
		out = append(out, discovery.Registered{Account: x.Account, Addrs: []string{at}})
	}
	rand.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}
