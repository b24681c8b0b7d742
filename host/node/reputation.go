package node

import (
	"time"

	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/proto/msg"
)

// reputation is what this node's own book has of somebody. What cannot be read is as if it were unknown.
func (n *Node) reputation(role free.Role, a msg.Account) free.Reputation {
	r, err := n.Settlement.Reputation(role, a)
	if err != nil {
		n.cfg.Log.Error("reading a reputation", "account", a, "err", err)
	}
	return r
}

// trusted says whether a sample of a provider's work is enough.
func (n *Node) trusted(a msg.Account) bool {
	r := n.reputation(free.Provider, a)
	return r.Trusted()
}

// weight is what a validator weighs in the draw of this node's jobs.
func (n *Node) weight(a msg.Account) uint32 {
	r := n.reputation(free.Validator, a)
	if w := r.Weight(time.Now()); w == 0 || n.Payer == nil {
		return w
	}
	return n.stakeWeight(a)
}

// results is how many of a provider's results were good, and how many were not or did not come.
func (n *Node) results(a msg.Account) (good, bad uint64) {
	r := n.reputation(free.Provider, a)
	return r.Good, r.Wrong + r.Missed
}

// barred says until when a provider gets none of this node's jobs, by what was proven against it; zero where it gets them. Who merely missed
// something gets them: it may be the only one there is.
func (n *Node) barred(a msg.Account) time.Time {
	r := n.reputation(free.Provider, a)
	if n.cfg.Forgives || r.Wrong == 0 || !r.Barred(time.Now()) {
		return time.Time{}
	}
	return time.Unix(r.Until, 0)
}
