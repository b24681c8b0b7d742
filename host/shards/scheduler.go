package shards

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
)

// Submitter is what a Scheduler asks of a consumer. *consumer.Consumer is one.
type Submitter interface {
	Submit(ctx context.Context, req consumer.Request, event func(consumer.Event)) ([]*consumer.Result, error)
	Resume(ctx context.Context, job msg.Hash, event func(consumer.Event)) (*consumer.Result, error)
	Find(job msg.Hash) (*consumer.Submission, *msg.JobSpec, error)
	Cancel(ctx context.Context, job msg.Hash) (rpc.JobStatus, error)
}

var _ Submitter = (*consumer.Consumer)(nil)

// Config says how a scheduler works. Consumer, Store and Info are needed; the store must be the consumer's.
type Config struct {
	Consumer Submitter
	Store    store.Store
	// Info asks a peer what it is: HOST:PORT or ACCOUNT@HOST:PORT.
	Info func(ctx context.Context, addr string) (rpc.NodeInfo, msg.Account, error)
}

// Scheduler gives the jobs of plans to providers.
type Scheduler struct {
	cfg  Config
	book *book
}

// New makes a scheduler.
func New(cfg Config) (*Scheduler, error) {
	if cfg.Consumer == nil || cfg.Store == nil || cfg.Info == nil {
		return nil, errors.New("shards: a scheduler needs a consumer, its store and a way to ask peers")
	}
	return &Scheduler{cfg, openBook(cfg.Store)}, nil
}

// Event is something a person following a plan wants to know.
type Event struct {
	Plan     msg.Hash
	Task     Task
	Provider string // address
	// Kind is "plan" (begun or gone on with), "peer" (one that does not answer), "issued", "again" (issued to one more), "status",
	// "lost", "back", "refused", "receipt", "verdict", "ruling", "rejected", "differ" (two results of one task), "dropped" or "done".
	Kind   string
	Text   string
	Job    msg.Hash
	Status *rpc.JobStatus // of "status"
	Done   *Done          // of "done"
}

// Rejected is a result that was not accepted.
type Rejected struct {
	Task     Task
	Job      msg.Hash
	Provider msg.Account
	Addr     string
	Reason   string
	Wrong    bool // it is false, and not just that something was not given in time
	Disputes []consumer.Disputed
}

// Result is what a plan came to. Rejected is since the last resumption.
type Result struct {
	Plan     msg.Hash
	Done     []Done // in the order of Spec.Tasks
	Outputs  []msg.Output
	Rejected []Rejected
	Dropped  []Dropped
	Seconds  float64 // since the last resumption
}

// Errors of a plan that callers tell apart; those of the consumer are wrapped too.
var (
	ErrNoProvider = errors.New("no provider is left")
	ErrDisagree   = errors.New("providers disagree")
	ErrOver       = errors.New("the plan is over")
)

// Submit runs a plan at the providers among the peers. Job and Replicas of the request do not count: every task is submitted alone.
// A plan that was interrupted and has the same conditions goes on where it was.
func (s *Scheduler) Submit(ctx context.Context, p *Plan, req consumer.Request, event func(Event)) (*Result, error) {
	met, err := s.meet(ctx, p.Hash, req.Peers, event)
	if err != nil {
		return nil, err
	}
	req.Policy.Validators = uint32(max(0, req.Validators))
	if req.Validators < 0 {
		req.Policy.Validators = uint32(min(2, len(met.validators)))
	}
	r, on, err := s.book.begin(ctx, p, planRecord{Spec: p.Spec, Require: req.Require, PriceCap: req.PriceCap, Policy: req.Policy, Peers: req.Peers,
		Begun: time.Now().Unix(), Dropped: []Dropped{}})
	if err != nil {
		return nil, err
	}
	text := "begun"
	if on {
		text = "goes on from " + time.Unix(r.Begun, 0).UTC().Format(time.RFC3339)
	}
	return s.run(ctx, p, r, met, req, text, event)
}

// Resume goes on with a plan from the journal. Peers of the request, if there are any, take the place of those the plan had; its
// Policy and what it requires stay.
func (s *Scheduler) Resume(ctx context.Context, plan msg.Hash, req consumer.Request, event func(Event)) (*Result, error) {
	p, r, err := s.book.find(plan)
	if err != nil {
		return nil, err
	}
	switch r.Over {
	case "done": // its results are here; nobody has to be asked
		return s.run(ctx, p, r, &met{}, req, "is done", event)
	case "failed":
		return nil, fmt.Errorf("%w: it failed: %s", ErrOver, r.Reason)
	}
	if len(req.Peers) > 0 {
		r.Peers = req.Peers
		if err := s.book.plans.Put(plan, *r); err != nil {
			return nil, err
		}
	}
	met, err := s.meet(ctx, plan, r.Peers, event)
	if err != nil {
		return nil, err
	}
	req.Require, req.PriceCap, req.Policy, req.Peers = r.Require, r.PriceCap, r.Policy, r.Peers
	return s.run(ctx, p, r, met, req, "goes on from "+time.Unix(r.Begun, 0).UTC().Format(time.RFC3339), event)
}

// Plan gives a plan from the journal, store.ErrNotFound if it has none of that hash.
func (s *Scheduler) Plan(plan msg.Hash) (*Plan, error) {
	p, _, err := s.book.find(plan)
	return p, err
}

// Open opens an output.
func (s *Scheduler) Open(b msg.Blob) (io.ReadCloser, error) { return store.Stream(s.cfg.Store, b) }

// met is who answered.
type met struct {
	providers  []*provider
	validators []string
}

// meet asks all peers at once what they are. Whoever is both is a provider here: it could not be kept from other providers' jobs else.
func (s *Scheduler) meet(ctx context.Context, plan msg.Hash, addrs []string, event func(Event)) (*met, error) {
	type answer struct {
		info    rpc.NodeInfo
		account msg.Account
		err     error
	}
	answers := make([]answer, len(addrs))
	var wg sync.WaitGroup
	for i, a := range addrs {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
			defer cancel()
			answers[i].info, answers[i].account, answers[i].err = s.cfg.Info(ctx, a)
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m := &met{}
	seen := map[msg.Account]bool{}
	var faults []error
	for i, a := range answers {
		if a.err != nil {
			faults = append(faults, a.err)
			if event != nil {
				event(Event{Plan: plan, Provider: addrs[i], Kind: "peer", Text: "no answer: " + a.err.Error()})
			}
			continue
		}
		if seen[a.account] {
			continue
		}
		seen[a.account] = true
		addr, _, err := peer.Parse(addrs[i])
		if err != nil {
			return nil, err
		}
		pinned := a.account.String() + "@" + addr
		switch {
		case slices.Contains(a.info.Roles, "provider"):
			p := &provider{account: a.account, addr: addr, pinned: pinned}
			if p.rate, err = s.book.speed(a.account); err != nil {
				return nil, err
			}
			m.providers = append(m.providers, p)
		case slices.Contains(a.info.Roles, "validator"):
			m.validators = append(m.validators, pinned)
		}
	}
	if len(seen) == 0 {
		return nil, fmt.Errorf("%w: %w", consumer.ErrNoPeer, errors.Join(faults...))
	}
	if len(m.providers) == 0 {
		return nil, fmt.Errorf("%w: none of the %d peers that answered is a provider", consumer.ErrNoBid, len(seen))
	}
	return m, nil
}
