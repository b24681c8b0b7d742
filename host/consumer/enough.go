package consumer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/gwrun/gwrun/host/peer"
)

// ErrFewValidators is wrapped where the peers have fewer validators than have to agree: whatever the result, it could not be accepted.
var ErrFewValidators = errors.New("too few validators")

// missing are those of addrs that no node answered at.
func missing(addrs []string, nodes []*node) []string {
	var out []string
	for _, a := range addrs {
		at, _, err := peer.Parse(a)
		if err == nil && !slices.ContainsFunc(nodes, func(n *node) bool { return n.Addr == at }) {
			out = append(out, a)
		}
	}
	return out
}

// enough asks peers that did not answer again, until as many validators can be drawn as the request wants to agree. Nothing is begun before:
// candidates are fixed in the job, so one that answers later could not help any more.
func (c *Consumer) enough(ctx context.Context, req Request, nodes []*node, event func(Event)) ([]*node, error) {
	for end := time.Now().Add(c.cfg.Patience); ; {
		p := c.policy(req, nodes)
		able := c.able(&p, nodes)
		if able >= int(p.Validators) {
			return nodes, nil
		}
		silent := missing(req.Peers, nodes)
		if len(silent) == 0 || time.Now().After(end) {
			return nil, fmt.Errorf("%w: %d have to agree, of the %d peers that answered %d can be drawn; name more, or ask for fewer", ErrFewValidators, p.Validators,
				len(nodes), able)
		}
		event(Event{Kind: "peers", Text: fmt.Sprintf("%d validators have to agree and %d can be drawn: asking the %d silent peers again", p.Validators, able, len(silent))})
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(min(time.Second, c.cfg.Patience)):
		}
		more, err := c.meet(ctx, silent, event)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil {
			if len(req.Providers) > 0 {
				for _, n := range more {
					n.leave("provider")
				}
			}
			nodes = append(nodes, more...)
		}
	}
}
