package consumer

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// taken is which providers a submission's replicas have been given to.
type taken struct {
	mu sync.Mutex
	by map[msg.Account]bool
}

func (t *taken) taken(a msg.Account) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.by[a]
}

func (t *taken) take(a msg.Account) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.by[a] {
		return false
	}
	t.by[a] = true
	return true
}

// place gives a job to a provider and sees it through to its receipt; if the provider is gone for good, to the next.
func (c *Consumer) place(ctx context.Context, req Request, nodes []*node, t *taken, event func(Event)) (*run, error) {
	for {
		s, spec, err := c.open(ctx, req)
		if err != nil {
			return nil, err
		}
		job := msg.HashOf(*spec)
		chosen, err := c.choose(ctx, s, job, nodes, t, event)
		if err != nil {
			return nil, errors.Join(err, c.close(s, job, "failed", err.Error()))
		}
		s.Provider, s.Addr = chosen.account, chosen.Addr
		if err := c.journal.Put(job, *s); err != nil {
			return nil, err
		}
		event(Event{Job: job, Provider: s.Addr, Kind: "chosen", Text: chosen.account.String()})
		r, err := c.see(ctx, s, spec, event)
		if (errors.Is(err, ErrGone) || errors.Is(err, ErrBroken)) && ctx.Err() == nil {
			event(Event{Job: job, Provider: s.Addr, Kind: "moved", Text: err.Error()})
			if err := c.close(s, job, "moved", err.Error()); err != nil {
				return nil, err
			}
			continue
		}
		return r, err
	}
}

// open makes, signs and keeps a job.
func (c *Consumer) open(ctx context.Context, req Request) (*Submission, *msg.JobSpec, error) {
	var random [40]byte
	if _, err := rand.Read(random[:]); err != nil {
		return nil, nil, err
	}
	s := &Submission{Secret: msg.Hash(random[:32]), Peers: req.Peers, Created: time.Now().Unix(), Intervals: []identity.Signed{}}
	spec := &msg.JobSpec{Version: 1, Program: req.Job.Program, Consumer: c.cfg.Identity.Account(), Require: req.Require,
		PriceCap: req.PriceCap, Deadline: req.Deadline.Unix(), Policy: req.Policy, Commitment: settle.Commitment(s.Secret),
		Nonce: binary.BigEndian.Uint64(random[32:])}
	var err error
	if s.Spec, err = c.cfg.Identity.Sign(*spec); err != nil {
		return nil, nil, err
	}
	job := msg.HashOf(*spec)
	put := func(want msg.Blob, data []byte) error {
		got, err := c.cfg.Store.Put(ctx, owner(job), bytes.NewReader(data))
		if err == nil && got != want {
			err = fmt.Errorf("stored as %s, wanted %s", got.Root, want.Root)
		}
		return err
	}
	if err := put(spec.Program.Module, req.Job.Module); err != nil {
		return nil, nil, err
	}
	for i, in := range req.Job.Inputs {
		if err := put(spec.Program.Inputs[i].Blob, in.Data); err != nil {
			return nil, nil, fmt.Errorf("input %q: %w", in.Name, err)
		}
	}
	return s, spec, c.journal.Put(job, *s)
}

const ownerPrefix = "consumer/"

func owner(job msg.Hash) string { return ownerPrefix + job.String() }

func (c *Consumer) close(s *Submission, job msg.Hash, over, reason string) error {
	s.Over, s.Reason = over, reason
	if err := c.journal.Put(job, *s); err != nil {
		return err
	}
	c.expire(s, job)
	return nil
}

// choose asks the providers for bids and takes the best: the cheapest, then the one that starts soonest.
func (c *Consumer) choose(ctx context.Context, s *Submission, job msg.Hash, nodes []*node, t *taken, event func(Event)) (*node, error) {
	type bid struct {
		n *node
		b rpc.Bid
	}
	var bids []bid
	var refusals []string
	providers := 0
	for _, n := range nodes {
		if !n.has("provider") {
			continue
		}
		providers++
		if t.taken(n.account) {
			refusals = append(refusals, n.Addr+": has been given the job already")
			continue
		}
		b, err := n.Offer(ctx, rpc.Offer{Spec: s.Spec}, job)
		switch {
		case err != nil:
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			refusals = append(refusals, fmt.Sprintf("%s: %v", n.Addr, err))
			event(Event{Job: job, Provider: n.Addr, Kind: "refusal", Text: err.Error()})
		case !b.Accept:
			refusals = append(refusals, fmt.Sprintf("%s: %s: %s", n.Addr, b.Rule, b.Reason))
			event(Event{Job: job, Provider: n.Addr, Kind: "refusal", Text: b.Rule + ": " + b.Reason})
		default:
			bids = append(bids, bid{n, b})
			event(Event{Job: job, Provider: n.Addr, Kind: "bid", Text: fmt.Sprintf("%s, %d jobs before it", b.Device, b.Start)})
		}
	}
	if len(bids) == 0 {
		switch {
		case providers == 0:
			return nil, fmt.Errorf("%w: none of the %d peers that answered is a provider", ErrNoBid, len(nodes))
		}
		return nil, fmt.Errorf("%w: %s", ErrNoBid, strings.Join(refusals, "; "))
	}
	sort.SliceStable(bids, func(i, j int) bool {
		a, b := bids[i].b, bids[j].b
		if a.Price != b.Price {
			return a.Price < b.Price
		}
		return a.Start < b.Start
	})
	for _, b := range bids {
		if t.take(b.n.account) {
			return b.n, nil
		}
	}
	return c.choose(ctx, s, job, nodes, t, event) // other replicas were quicker
}
