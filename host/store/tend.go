package store

import (
	"context"
	"log/slog"
	"time"
)

// Tend collects at each tick, until ctx ends: of what nobody pins at most keep bytes stay, and pins whose time is up go. A node
// runs it beside its work, so that one without a quota does not grow without end.
func Tend(ctx context.Context, s Store, keep uint64, tick <-chan time.Time, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
		freed, err := s.GC(keep)
		if err != nil && ctx.Err() == nil {
			log.Error("removing content that nobody needs", "err", err)
		}
		if freed > 0 {
			log.Info("removed content that nobody needs", "bytes", freed)
		}
	}
}
