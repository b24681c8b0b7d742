package node

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/settle/evm"
	"github.com/gwrun/gwrun/proto/msg"
)

const (
	// judging is how often it is looked how accusations stand.
	judging = 2 * time.Second
	// unmade is how long an accusation may take to get onto the chain before nobody waits for it.
	unmade = 5 * time.Minute
)

// meetJudges connects to those who were drawn to judge what this node accuses others of: they fetch the evidence over connections that it made,
// and have no other way where it is in no registry, as a consumer, or behind a router.
func (n *Node) meetJudges(ctx context.Context) {
	tick := time.NewTicker(judging)
	defer tick.Stop()
	for {
		if len(n.chain.Accusing()) > 0 {
			all, err := n.chain.Accusations(ctx)
			if err != nil && ctx.Err() == nil {
				n.cfg.Log.Warn("how accusations stand", "err", err)
			}
			n.meet(ctx, all)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// meet connects to the committees of accusations.
func (n *Node) meet(ctx context.Context, all []evm.Accusation) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var work sync.WaitGroup
	defer work.Wait()
	var met []msg.Account
	for _, x := range all {
		for _, a := range x.Committee {
			if a == n.Account() || slices.Contains(met, a) {
				continue
			}
			met = append(met, a)
			work.Go(func() {
				p, err := n.find(ctx, a)
				if err == nil {
					_, _, err = p.Info(ctx)
				}
				if err != nil && ctx.Err() == nil {
					n.cfg.Log.Info("a judge of evidence is not reached", "judge", a, "job", x.Job, "err", err)
				}
			})
		}
	}
}

// Accusations are what this node accuses others of on the chain; none where there is no chain.
func (n *Node) Accusations(ctx context.Context) ([]evm.Accusation, error) {
	if n.chain == nil || !n.chain.Accuses() {
		return nil, nil
	}
	return n.chain.Accusations(ctx)
}

// AwaitRulings waits until all that this node accuses others of is ruled on the chain, as deep as is taken for lasting. Who leaves before has to
// come back: nobody else shows the evidence.
func (n *Node) AwaitRulings(ctx context.Context) error {
	if n.chain == nil || !n.chain.Accuses() {
		return nil
	}
	began, since := time.Now(), uint64(0)
	answered := began
	tick := time.NewTicker(judging)
	defer tick.Stop()
	for {
		open, head, err := n.unruled(ctx)
		if err != nil && (ctx.Err() != nil || time.Since(answered) > unmade) {
			return err
		}
		if err == nil {
			answered = time.Now()
		}
		for _, x := range open {
			if x.Number == 0 && time.Since(began) > unmade {
				return fmt.Errorf("%s is not accused about job %s after %s: %s", x.Accused, x.Job, unmade, x.Trouble)
			}
		}
		switch {
		case err != nil: // asked again
		case len(open) > 0:
			since = 0
		case since == 0:
			since = head
		case head >= since+n.chain.Chain().Confirmations():
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// unruled are the accusations that are not ruled at the chain's head, and its number.
func (n *Node) unruled(ctx context.Context) ([]evm.Accusation, uint64, error) {
	all, err := n.Accusations(ctx)
	if err != nil {
		return nil, 0, err
	}
	h, err := n.chain.Chain().Head(ctx)
	if err != nil {
		return nil, 0, err
	}
	return slices.DeleteFunc(all, func(x evm.Accusation) bool { return x.Ruled }), h.Number.Uint64(), nil
}
