package consumer

import (
	"context"
	"time"

	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// known is what a peer said of itself, and when.
type known struct {
	info    rpc.NodeInfo
	account msg.Account
	at      time.Time
}

// KnownFor is how long what a peer said of itself is taken to be true still. Each job asks all its peers, and each account has so many
// requests a second (transport.Config.Rate): of many small jobs a third would be this one. It may be wrong by then in no other way than it may
// be wrong as soon as it is said: a peer that goes away is out of reach or silent, and one that comes back as somebody else at the same
// address is not talked to, since connections are to accounts. What decides anything is asked for each job: the bid, and every signature.
const KnownFor = 500 * time.Millisecond

// info asks a peer what it is, or knows.
func (c *Consumer) info(ctx context.Context, text string, p *peer.Peer) (rpc.NodeInfo, msg.Account, error) {
	c.peers.Lock()
	k, ok := c.peers.known[text]
	c.peers.Unlock()
	if ok && time.Since(k.at) < KnownFor {
		p.Account = &k.account
		return k.info, k.account, nil
	}
	info, account, err := p.Info(ctx)
	if err != nil {
		return info, account, err
	}
	now := time.Now()
	c.peers.Lock()
	defer c.peers.Unlock()
	if c.peers.known == nil {
		c.peers.known = map[string]known{}
	}
	for text, k := range c.peers.known {
		if now.Sub(k.at) > KnownFor {
			delete(c.peers.known, text)
		}
	}
	c.peers.known[text] = known{info, account, now}
	return info, account, nil
}
