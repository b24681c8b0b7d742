package fault

import (
	"context"
	"time"

	"github.com/gwrun/gwrun/host/dispute"
	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// The steps of the protocol at which a node can be silent or slow, by the method of the answer that is due then.
var methods = map[string]string{
	"info": rpc.MethodInfo, "offer": rpc.MethodOffer, "start": rpc.MethodStart, "watch": rpc.MethodWatch, "reveal": rpc.MethodReveal,
	"records": rpc.MethodRecords, "manifest": rpc.MethodManifest, "detail": rpc.MethodDetail, "buffer": rpc.MethodBuffer,
	"validate": rpc.MethodValidate, "promise": rpc.MethodPromise, "open": rpc.MethodVerdict, "witness": rpc.MethodWitness, "bring": rpc.MethodBring,
	string(challenging): rpc.MethodChallenge, "move": rpc.MethodMove, string(proving): rpc.MethodProof,
}

// tamper adds to what a node does with its messages.
func tamper(c *node.Config, f func(context.Context, transport.Exchange) (any, error)) {
	before := c.Transport.Tamper
	c.Transport.Tamper = func(ctx context.Context, m transport.Exchange) (any, error) {
		if before != nil {
			var err error
			if m.Message, err = before(ctx, m); err != nil {
				return nil, err
			}
		}
		return f(ctx, m)
	}
}

// answers has f change a node's answers to a method; what the node asks others stays as it is.
func answers(c *node.Config, method string, f func(ctx context.Context, m transport.Exchange) (any, error)) {
	tamper(c, func(ctx context.Context, m transport.Exchange) (any, error) {
		if m.Method != method || m.Request == nil {
			return m.Message, nil
		}
		return f(ctx, m)
	})
}

// silence never answers, for as long as the other side waits.
func (p *Play) silence(ctx context.Context, _ transport.Exchange) (any, error) {
	p.act()
	<-ctx.Done()
	return nil, ctx.Err()
}

// late answers after a while.
func (p *Play) late(ctx context.Context, m transport.Exchange) (any, error) {
	p.act()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(p.Delay):
		return m.Message, nil
	}
}

// atLevel has f change what a node says at one level of a dispute.
func atLevel(c *node.Config, l Level, f func(ctx context.Context, m transport.Exchange) (any, error)) {
	if method, ok := methods[string(l)]; ok {
		answers(c, method, f)
		return
	}
	answers(c, rpc.MethodMove, func(ctx context.Context, m transport.Exchange) (any, error) {
		if move := moved(m); move == nil || level(move.Stage) != l {
			return m.Message, nil
		}
		return f(ctx, m)
	})
}

// moved is the move in an answer, nil if there is none.
func moved(m transport.Exchange) *dispute.Move {
	signed, ok := m.Message.(identity.Signed)
	if !ok {
		return nil
	}
	move := new(dispute.Move)
	if msg.Decode(signed.Body, move) != nil {
		return nil
	}
	return move
}

// garble makes a move one that does not fit what was said before.
func (p *Play) garble(id *identity.Identity) func(context.Context, transport.Exchange) (any, error) {
	return func(_ context.Context, m transport.Exchange) (any, error) {
		p.act()
		move := moved(m)
		if move == nil {
			return rpc.ProofPart{Data: []byte{0xff}}, nil
		}
		switch {
		case len(move.Hashes) > 0:
			move.Hashes[len(move.Hashes)-1][7] ^= 1
		case len(move.Bodies) > 0 && len(move.Bodies[len(move.Bodies)-1]) > 0:
			b := move.Bodies[len(move.Bodies)-1]
			b[len(b)-1] ^= 1
		case move.Workgroup != nil:
			move.Workgroup[0] ^= 1 << 20
		default:
			move.Count += 1 << 50
		}
		return id.Sign(*move)
	}
}

// resign signs a message anew after f has changed it. What cannot be read stays as it is.
func resign[T any, P interface {
	*T
	msg.Hashed
}](id *identity.Identity, s *identity.Signed, f func(*T)) (*identity.Signed, error) {
	var v T
	if msg.Decode(s.Body, &v) != nil {
		return s, nil
	}
	f(&v)
	out, err := id.Sign(P(&v))
	return &out, err
}
