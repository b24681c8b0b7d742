package dispute

import (
	"context"
	"errors"

	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// partBytes is how much of a proof travels in one message.
const partBytes = 1 << 20

// Serve answers referees on m.
func (s *Seat) Serve(m *transport.Mux) {
	transport.Handle(m, rpc.MethodMove, func(ctx context.Context, _ msg.Account, r rpc.Dispute) (identity.Signed, error) {
		signed, err := s.Move(ctx, r)
		return signed, answer(err)
	})
	transport.HandleServer(m, rpc.MethodProof, func(ctx context.Context, _ msg.Account, r rpc.Dispute, send func(rpc.ProofPart) error) error {
		proof, err := s.Proof(ctx, r)
		if err != nil {
			return answer(err)
		}
		for b := msg.Encode(*proof); len(b) > 0; {
			n := min(len(b), partBytes)
			if err := send(rpc.ProofPart{Data: b[:n]}); err != nil {
				return err
			}
			b = b[n:]
		}
		return nil
	})
}

// answer makes an error one that the referee is told of, where it is the referee's business.
func answer(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrBusy):
		return transport.Errorf(transport.Busy, "%v", err)
	case errors.Is(err, ErrNotHere):
		return transport.Errorf(transport.NotFound, "%v", err)
	case errors.Is(err, ErrMove), errors.Is(err, identity.ErrSignature), errors.Is(err, msg.ErrDecode):
		return transport.Errorf(transport.BadRequest, "%v", err)
	}
	return err
}
