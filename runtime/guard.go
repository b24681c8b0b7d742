package runtime

import (
	"context"
	"fmt"
	"time"
)

// watch bounds the step at hand by the clock, as Options.MaxStep and MaxTime ask. That is the policy of whoever runs the job
// and no part of it: a run that is ended so gives an UnavailableError.
func (s *session) watch(ctx context.Context) (context.Context, context.CancelFunc) {
	limit, reason := s.opts.MaxStep, fmt.Sprintf("step %d took longer than the %v that this machine gives one", s.step, s.opts.MaxStep)
	if most := s.opts.MaxTime; most > 0 {
		if left := most - time.Since(s.opened); limit <= 0 || left < limit {
			limit, reason = max(left, 1), fmt.Sprintf("the job was not done after the %v that this machine gives one", most)
		}
	}
	if limit <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, limit, &UnavailableError{reason})
}
