package fault

import (
	"context"
	"math/rand/v2"
	"sync"

	"github.com/gwrun/gwrun/host/fault/scramble"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/transport"
)

var scrambles = Strategy{Name: "scramble", Text: "every 4th, 16th or 64th message (by the seed), asked or answered, has something in it changed by chance and is signed anew", Keys: []string{"seed"}, play: scrambled}

func scrambled(p *Play, c *node.Config) error {
	id := c.Identity
	var mu sync.Mutex
	chance := rand.New(rand.NewPCG(p.Seed, 1))
	odds := 4 << (2 * (p.Seed % 3)) // who is rarely wrong comes further
	tamper(c, func(_ context.Context, m transport.Exchange) (any, error) {
		mu.Lock()
		defer mu.Unlock()
		if chance.IntN(odds) > 0 {
			return m.Message, nil
		}
		p.act()
		return scramble.Message(chance, id, m.Message), nil
	})
	return nil
}
