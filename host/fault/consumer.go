package fault

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/gwrun/gwrun/host/node"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
)

var consumers = []Strategy{
	{Name: "no-reveal", Text: "the share of the beacon is kept back once the result is there", play: noReveal},
	{Name: "false-reveal", Text: "another share of the beacon is revealed than was committed to", play: falseReveal},
	{Name: "false-silence", Text: "as the leader of disputes, one party is not asked for its first move (at=provider, at=challenger): it is said to be silent", Keys: []string{"at"},
		At: []string{"provider", "challenger"}, play: falseSilence},
	{Name: "deny", Text: "the provider is not told what validators found: there is no result, it is said", play: deny},
	{Name: "two-specs", Text: "another job is signed for some than for the others: the provider starts it (at=start), validators and witnesses are shown it (at=validate), or they are shown one that goes on from work that nobody did (at=prior)",
		Keys: []string{"at"}, At: []string{"start", "validate", "prior"}, play: twoSpecs},
	{Name: "steer", Text: "witnesses' words are made up by which other validators would have been drawn", play: steer},
}

// requests has f change what a node asks by some methods; what it answers stays as it is.
func requests(c *node.Config, f func(ctx context.Context, m transport.Exchange) (any, error), methods ...string) {
	tamper(c, func(ctx context.Context, m transport.Exchange) (any, error) {
		for _, x := range methods {
			if m.Method == x && m.Request == nil {
				return f(ctx, m)
			}
		}
		return m.Message, nil
	})
}

// errWithheld is as if the other side had refused, so that it is not asked again.
var errWithheld = transport.Errorf(transport.Forbidden, "it is not asked for")

// withheld does not ask.
func (p *Play) withheld(context.Context, transport.Exchange) (any, error) {
	p.act()
	return nil, errWithheld
}

func noReveal(p *Play, c *node.Config) error {
	requests(c, p.withheld, rpc.MethodReveal, rpc.MethodBring, rpc.MethodValidate, rpc.MethodWitness)
	return nil
}

func deny(p *Play, c *node.Config) error {
	requests(c, p.withheld, rpc.MethodJudged)
	return nil
}

func twoSpecs(p *Play, c *node.Config) error {
	id := c.Identity
	other := func(s identity.Signed) (identity.Signed, error) {
		p.act()
		x, err := resign(id, &s, func(spec *msg.JobSpec) {
			if p.When == "prior" {
				spec.Prior = &msg.Prior{Job: msg.Hash{1}, Intervals: 1, Trace: msg.Hash{2}}
			} else {
				spec.Nonce++
			}
		})
		return *x, err
	}
	methods := []string{rpc.MethodValidate, rpc.MethodWitness}
	if p.When == "start" {
		methods = []string{rpc.MethodStart}
	}
	requests(c, func(_ context.Context, m transport.Exchange) (_ any, err error) {
		switch r := m.Message.(type) {
		case rpc.Start:
			r.Spec, err = other(r.Spec)
			return r, err
		case rpc.ValidateRequest:
			r.Records.Spec, err = other(r.Records.Spec)
			return r, err
		case rpc.WitnessRequest:
			r.Records.Spec, err = other(r.Records.Spec)
			return r, err
		}
		return m.Message, nil
	}, methods...)
	return nil
}

func falseReveal(p *Play, c *node.Config) error {
	id := c.Identity
	var other msg.Hash
	rand.Read(other[:]) // it never fails
	change := func(s *identity.Signed) (*identity.Signed, error) {
		p.act()
		return resign(id, s, func(r *rpc.Reveal) { r.Secret = other })
	}
	requests(c, func(_ context.Context, m transport.Exchange) (any, error) {
		switch r := m.Message.(type) {
		case rpc.RevealRequest:
			s, err := change(&r.Reveal)
			if err == nil {
				r.Reveal = *s
			}
			return r, err
		case rpc.ValidateRequest:
			if r.Records.Reveal != nil {
				var err error
				r.Records.Reveal, err = change(r.Records.Reveal)
				return r, err
			}
		case rpc.WitnessRequest:
			if r.Records.Reveal != nil {
				var err error
				r.Records.Reveal, err = change(r.Records.Reveal)
				return r, err
			}
		}
		return m.Message, nil
	}, rpc.MethodReveal, rpc.MethodBring, rpc.MethodValidate, rpc.MethodWitness)
	return nil
}

func falseSilence(p *Play, c *node.Config) error {
	requests(c, func(ctx context.Context, m transport.Exchange) (any, error) {
		// The provider moves first.
		if r, ok := m.Message.(rpc.Dispute); !ok || len(r.Moves) != map[string]int{"provider": 0, "challenger": 1}[p.When] {
			return m.Message, nil
		}
		return p.withheld(ctx, m)
	}, rpc.MethodMove)
	return nil
}

func steer(p *Play, c *node.Config) error {
	id := c.Identity
	absent := func(records *rpc.JobRecords, to msg.Account) ([]identity.Signed, error) {
		var spec msg.JobSpec
		var receipt msg.Receipt
		if msg.Decode(records.Spec.Body, &spec) != nil || msg.Decode(records.Receipt.Body, &receipt) != nil {
			return nil, nil
		}
		p.act()
		out := []identity.Signed{}
		now := time.Now().Unix()
		for _, x := range spec.Policy.Candidates {
			if x.Account == to {
				continue
			}
			s, err := id.Sign(rpc.Absence{Version: 1, Job: receipt.Job, Receipt: msg.HashOf(receipt), Who: x.Account, Duty: rpc.DutyPromise, Since: now - 3600, Until: now})
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		}
		return out, nil
	}
	requests(c, func(_ context.Context, m transport.Exchange) (any, error) {
		r, ok := m.Message.(rpc.ValidateRequest)
		if !ok {
			return m.Message, nil
		}
		more, err := absent(&r.Records, m.Peer)
		r.Absences = append(append([]identity.Signed{}, r.Absences...), more...)
		return r, err
	}, rpc.MethodValidate)
	return nil
}
