package fault

import (
	"context"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

const (
	floodWidth = 8 // challenges under way
	floodTime  = 20 * time.Second
	// Flooded is how many challenges a flood has at most.
	Flooded = 400
)

// flood has a juror challenge the provider about everything as soon as it hears of a receipt: each challenge is one that the provider would
// have to answer, and each is another. Else it does what it should, or disputes what is right before the consumer too.
func flood(p *Play, c *node.Config) error {
	id := c.Identity
	if p.When == "dispute" {
		challenges(p, c)
	}
	var mu sync.Mutex
	flooded := map[msg.Hash]bool{} // by receipt
	answers(c, rpc.MethodValidate, func(_ context.Context, m transport.Exchange) (any, error) {
		r, ok := m.Request.(rpc.ValidateRequest)
		var spec msg.JobSpec
		var receipt msg.Receipt
		if !ok || msg.Decode(r.Records.Spec.Body, &spec) != nil || msg.Decode(r.Records.Receipt.Body, &receipt) != nil {
			return m.Message, nil
		}
		mu.Lock()
		first := !flooded[msg.HashOf(receipt)]
		flooded[msg.HashOf(receipt)] = true
		mu.Unlock()
		if first {
			go p.challengeAll(id, r, &spec, &receipt)
		}
		return m.Message, nil
	})
	return nil
}

func (p *Play) challengeAll(id *identity.Identity, r rpc.ValidateRequest, spec *msg.JobSpec, receipt *msg.Receipt) {
	ctx, cancel := context.WithTimeout(context.Background(), floodTime)
	defer cancel()
	e, err := transport.Listen("127.0.0.1:0", id, nil, transport.Config{})
	if err != nil {
		return
	}
	defer e.Close(ctx)
	var records []msg.Interval
	for _, signed := range r.Records.Intervals {
		var ic rpc.IntervalCommit
		if msg.Decode(signed.Body, &ic) != nil {
			return
		}
		records = append(records, ic.Record)
	}
	next := make(chan int)
	var work sync.WaitGroup
	for range floodWidth {
		work.Go(func() {
			for n := range next {
				rec := records[n%len(records)]
				rec.GPUGas += uint64(n) + 1
				ch, err := id.Sign(dispute.Challenge{Version: 1, Job: receipt.Job, Receipt: msg.HashOf(*receipt), Provider: receipt.Provider, Challenger: id.Account(), Record: rec,
					Clock: spec.Policy.Clock, Referee: id.Account()})
				if err != nil {
					continue
				}
				conn, err := e.To(ctx, r.Provider, &receipt.Provider)
				if err != nil {
					continue
				}
				p.act()
				// Whatever it answers.
				_, _ = transport.Call[rpc.Dispute, identity.Signed](ctx, conn, rpc.MethodMove, rpc.Dispute{Challenge: ch, Moves: []identity.Signed{}, Absences: []identity.Signed{}})
			}
		})
	}
	for n := 0; n < Flooded && ctx.Err() == nil && len(records) > 0; n++ {
		next <- n
	}
	close(next)
	work.Wait()
}
