package peer

import (
	"context"
	"errors"
	"time"

	"github.com/gwrun/gwrun/proto/transport"
)

// OutOfReach reports whether err says that a peer could not be asked just now, rather than what it answered: it may be restarting, or the
// network between is cut. Asked later it may answer.
func OutOfReach(err error) bool {
	for _, reason := range []error{transport.ErrUnreachable, transport.ErrTimeout, transport.ErrClosed, transport.ErrCancelled, transport.ErrRefused} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return transport.HasCode(err, transport.Busy) || transport.HasCode(err, transport.RateLimited)
}

// broken reports whether a call failed with its connection, so that there may be a better one.
func broken(ctx context.Context, c *transport.Conn, err error) bool {
	if !errors.Is(err, transport.ErrUnreachable) && !errors.Is(err, transport.ErrClosed) {
		return false
	}
	select { // streams hear of it first
	case <-c.Context().Done():
		return ctx.Err() == nil
	case <-ctx.Done():
	case <-time.After(time.Second):
	}
	return false
}
