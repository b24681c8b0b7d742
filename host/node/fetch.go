package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gwrun/gwrun/proto/blobs"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/transport"
)

// fetchPages brings pages from an account over the connections it made to this node and, where that does not give all of them, from the
// nodes at some addresses. Every page is checked against its hash, so it does not matter who they are.
func (n *Node) fetchPages(ctx context.Context, who msg.Account, sources []string, owner string, pages []msg.Hash) error {
	f := blobs.Fetcher{Blame: n.blame}
	var from []*transport.Conn
	for _, c := range n.Endpoint.Conns() {
		if c.Peer() == who {
			from = append(from, c)
		}
	}
	err := fmt.Errorf("%s is not connected", who)
	if len(from) > 0 {
		if err = f.FetchPages(ctx, n.cfg.Store, owner, pages, from...); err == nil || ctx.Err() != nil {
			return err
		}
	}
	for _, addr := range sources {
		dial, cancel := context.WithTimeout(ctx, 5*time.Second)
		c, lost := n.Endpoint.To(dial, addr, nil)
		cancel()
		if lost == nil {
			if lost = f.FetchPages(ctx, n.cfg.Store, owner, pages, c); lost == nil {
				return nil
			}
		}
		err = errors.Join(err, fmt.Errorf("%s: %w", addr, lost))
	}
	return err
}

// blame tells the operator of a peer that lied. That one is gone or lacks something is no news.
func (n *Node) blame(p *blobs.PeerError) {
	if errors.Is(p.Err, blobs.ErrLied) {
		n.cfg.Log.Warn("a peer sent content that does not verify; asking others", "peer", p.Peer, "err", p.Err)
	}
}
