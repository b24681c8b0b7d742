package consumer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// judge opens the beacon, has the validators check and settles.
func (c *Consumer) judge(ctx context.Context, r *run, nodes []*node, disputed []uint64, event func(Event)) error {
	job := r.res.Job
	if err := c.cfg.Settlement.Reveal(ctx, *r.res.Records.Reveal); err != nil {
		return err
	}
	if _, err := c.Peer(r.s).Reveal(ctx, *r.res.Records.Reveal); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c.cfg.Log.Warn("revealing the beacon to the provider", "job", job, "err", err)
	}
	if r.spec.Policy.Validators > 0 {
		c.validate(ctx, r, nodes, disputed, event)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := c.dispute(ctx, r, nodes, event); err != nil {
		return err
	}
	out, err := c.cfg.Settlement.Settle(ctx, job)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRejected, err)
	}
	r.res.Outcome = out
	if !out.Accepted {
		return errors.Join(fmt.Errorf("%w: %s", ErrRejected, out.Reason), c.close(r.s, job, "rejected", out.Reason))
	}
	return c.close(r.s, job, "accepted", out.Reason)
}

func intervals(runs []*run) (out [][]msg.Interval) {
	for _, r := range runs {
		if r != nil {
			out = append(out, r.said.Intervals)
		}
	}
	return out
}

// Disagreement gives the first interval in which the records of several runs of one program differ, in a list of one;
// nil if they are all equal.
func Disagreement(runs [][]msg.Interval) []uint64 {
	for i := uint64(0); ; i++ {
		here := 0
		for _, r := range runs {
			if i < uint64(len(r)) {
				here++
			}
		}
		switch {
		case here == 0:
			return nil
		case here < len(runs):
			return []uint64{max(i, 1) - 1} // one of them ended early
		}
		for _, r := range runs[1:] {
			if r[i] != runs[0][i] {
				return []uint64{i}
			}
		}
	}
}

// validate asks as many validators as the policy wants, the provider and this node's own key excepted, all at once.
func (c *Consumer) validate(ctx context.Context, r *run, nodes []*node, disputed []uint64, event func(Event)) {
	job, s := r.res.Job, r.s
	also := []uint64{}
	for _, i := range disputed {
		if i < uint64(len(r.said.Intervals)) {
			also = append(also, i)
		}
	}
	var able []*node
	for _, n := range nodes {
		if n.has("validator") && n.account != s.Provider && n.account != c.cfg.Identity.Account() {
			able = append(able, n)
		}
	}
	// Which of them is drawn follows from the beacon, like their samples.
	seed, err := c.cfg.Settlement.Seed(ctx, job)
	if err != nil {
		c.cfg.Log.Error("beacon", "job", job, "err", err)
		return
	}
	rank := settle.Draw(seed, r.spec, &r.said.Receipt)
	able = slices.DeleteFunc(able, func(n *node) bool { return !slices.Contains(rank, n.account) })
	sort.Slice(able, func(i, j int) bool { return slices.Index(rank, able[i].account) < slices.Index(rank, able[j].account) })
	if n := int(r.spec.Policy.Validators); len(able) > n {
		able = able[:n]
	}
	done := make(chan struct{})
	var invalid sync.Mutex
	for _, n := range able {
		go func() {
			defer func() { done <- struct{}{} }()
			err := n.Validate(ctx, rpc.ValidateRequest{Records: r.res.Records, Provider: s.Addr, Also: also}, func(e rpc.ValidateEvent) error {
				if len(e.Sample) > 0 {
					event(Event{Job: job, Provider: n.Addr, Kind: "sample", Sample: e.Sample, Text: n.account.String()})
				}
				if e.Verdict == nil {
					return nil
				}
				var v msg.Verdict
				if err := e.Verdict.OpenFrom(&v, n.account); err != nil {
					return err
				}
				if err := c.cfg.Settlement.Verdict(ctx, *e.Verdict); err != nil {
					return err
				}
				if v.Value == msg.Invalid {
					invalid.Lock()
					r.invalid = append(r.invalid, found{n, v.Interval})
					invalid.Unlock()
				}
				event(Event{Job: job, Provider: n.Addr, Kind: "verdict", Verdict: &v, Text: n.account.String()})
				return nil
			})
			if err != nil && ctx.Err() == nil {
				c.cfg.Log.Warn("validator", "address", n.Addr, "err", err)
				event(Event{Job: job, Provider: n.Addr, Kind: "verdict", Text: err.Error()})
			}
		}()
	}
	for range able {
		<-done
	}
}
