package peer

import (
	"errors"

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
