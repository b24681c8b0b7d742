package payment

import (
	"context"
	"time"
)

// At has a payee take another time for now.
func (p *Payee) At(now time.Time) { p.cfg.now = func() time.Time { return now } }

// Look does all that is due now.
func (p *Payee) Look(ctx context.Context) error { return p.look(ctx) }
