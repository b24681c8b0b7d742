package node

import (
	"context"
	"errors"
	"slices"

	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/settle/free"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/host/validator"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

// serveValidator answers what a validator is asked.
func (n *Node) serveValidator(mux *transport.Mux) {
	transport.HandleServer(mux, rpc.MethodValidate, n.validate)
	transport.Handle(mux, rpc.MethodPromise, func(_ context.Context, _ msg.Account, r rpc.JobRef) (identity.Signed, error) {
		signed, err := n.Validator.Promise(r.Job)
		return signed, refusal(err)
	})
	transport.Handle(mux, rpc.MethodVerdict, func(_ context.Context, _ msg.Account, r rpc.OpenRequest) (rpc.Opened, error) {
		o, err := n.Validator.Open(r)
		if err != nil {
			return rpc.Opened{}, refusal(err)
		}
		n.duties.told(r.Job)
		return *o, nil
	})
	transport.Handle(mux, rpc.MethodChallenge, func(ctx context.Context, _ msg.Account, r rpc.ChallengeRequest) (identity.Signed, error) {
		signed, err := n.Validator.Challenge(ctx, r)
		return signed, refusal(err)
	})
}

// refusal makes an error of a validator one that the peer is told of, where it is the peer's business.
func refusal(err error) error {
	switch {
	case errors.Is(err, validator.ErrNothing):
		return transport.Errorf(transport.NotFound, "%v", err)
	case errors.Is(err, validator.ErrNotBound):
		return transport.Errorf(transport.Busy, "%v", err)
	case errors.Is(err, validator.ErrRefused):
		return transport.Errorf(transport.Forbidden, "%v", err)
	case errors.Is(err, store.ErrFull):
		return transport.Errorf(transport.Busy, "this validator's disk is full")
	}
	return err
}

// maxSources is how many nodes beside the provider a validator looks for data at.
const maxSources = 8

// validate answers whoever wants a job checked that this node was drawn for: its consumer, or a witness that sees whether this node does
// what it owes. Nobody else may have it work.
func (n *Node) validate(ctx context.Context, who msg.Account, r rpc.ValidateRequest, send func(rpc.ValidateEvent) error) error {
	c, err := n.Validator.Drawn(&r.Records, r.Absences)
	if err != nil {
		return refusal(err)
	}
	seed := settle.Beacon(c.Job, *c.Secret, c.Receipt.Nonce, c.Receipt.Trace)
	about := rpc.Absence{Job: c.Job, Who: n.Account(), Duty: rpc.DutyPromise}
	if who != c.Spec.Consumer && !slices.Contains(settle.WitnessesOf(seed, &c.Spec, &c.Receipt, &about), who) {
		return transport.Errorf(transport.Forbidden, "%s is neither the consumer of job %s nor a witness", who, c.Job)
	}
	sources := []validator.Source{n.Peer(r.Provider, &c.Receipt.Provider)}
	for _, text := range r.Sources[:min(len(r.Sources), maxSources)] {
		if addr, account, err := peer.Parse(text); err == nil {
			sources = append(sources, n.Peer(addr, account))
		}
	}
	sources = append(sources, &caller{n, who})
	end := n.duties.check(c.Job)
	var sent error
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err = n.Validator.Judge(ctx, r, sources, func(e validator.Event) {
		if n.cfg.Checked != nil {
			n.cfg.Checked(ctx, n.Validator, c.Job, e)
		}
		if sent == nil {
			if sent = send(e.ValidateEvent); sent != nil {
				cancel()
			}
		}
	})
	end(err == nil && sent == nil)
	if err == nil {
		err = n.judged(c, r)
	}
	return errors.Join(refusal(err), sent)
}

// caller is a node that asked, as a source over the connection that it made.
type caller struct {
	n   *Node
	who msg.Account
}

func (c *caller) Fetch(ctx context.Context, _ store.Store, owner string, want []msg.Blob) error {
	return c.n.fetch(ctx, c.who, owner, want)
}

func (c *caller) FetchPages(ctx context.Context, _ store.Store, owner string, pages []msg.Hash) error {
	return c.n.fetchPages(ctx, c.who, nil, owner, pages)
}

var errNoProvider = errors.New("only the job's provider is asked that")

func (c *caller) Manifest(context.Context, rpc.StateRef) ([]byte, error) { return nil, errNoProvider }
func (c *caller) Detail(context.Context, rpc.StateRef) ([]byte, error)   { return nil, errNoProvider }
func (c *caller) Buffer(context.Context, rpc.BufferRef) ([]byte, error)  { return nil, errNoProvider }

// Check has this node's validator check a job for this node itself and remembers what it means for the provider's reputation.
func (n *Node) Check(ctx context.Context, p *peer.Peer, records rpc.JobRecords, also []uint64, event func(validator.Event)) (*validator.Findings, error) {
	if n.Validator == nil {
		return nil, errors.New("this node is no validator")
	}
	if _, _, err := n.Elsewhere(ctx, &records); err != nil {
		return nil, err
	}
	f, err := n.Validator.Check(ctx, p, records, also, event)
	if err != nil || len(f.Verdicts) == 0 {
		return f, err
	}
	verdicts := f.Opened()
	deed := free.Good
	for _, v := range verdicts {
		switch {
		case v.Value == msg.Invalid:
			deed = free.Wrong
		case v.Value == msg.Unavailable && deed == free.Good:
			deed = free.Unclear
		}
	}
	return f, n.Settlement.Judge(*p.Account, verdicts[0].Job, deed)
}
