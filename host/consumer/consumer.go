// Package consumer submits jobs to strangers: it asks for bids, chooses, sees the job through whatever happens to the
// provider, has a sample of the work replayed by validators, and takes the result only if they agree with it.
//
// A submission is in the journal before anybody hears of it, so that one interrupted at any moment can be resumed.
package consumer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/payment"
	"github.com/gwrun/gwrun/host/peer"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/proto/transport"
	"github.com/gwrun/gwrun/runtime"
)

// Config says how a consumer works. Identity, Store, Endpoint and Settlement are needed. The endpoint's peers must be able
// to fetch blobs from Store: providers do.
type Config struct {
	Identity   *identity.Identity
	Store      store.Store
	Endpoint   *transport.Endpoint
	Settlement settle.Settlement
	// Clock is the clock of policies that have none (msg.Policy.Clock). Default 1 minute.
	Clock time.Duration
	// Weight is what a validator that is named as a candidate weighs in the draw; with 0 it is not named. Default 1 for each.
	Weight func(validator msg.Account) uint32
	// Trusted says of a provider whether a sample of its work is enough; otherwise all of it is checked. Default: it is for each.
	Trusted func(provider msg.Account) bool
	// Reputation is how many results of a provider were found valid and invalid so far. Default: nothing is known of anybody.
	Reputation func(provider msg.Account) (valid, invalid uint64)
	// Barred says until when a provider gets no jobs, since something is proven against it; zero where it gets them. Default: all do.
	Barred func(provider msg.Account) time.Time
	// Payer pays for what is done. Default: nothing is paid.
	Payer *payment.Payer
	// Market is what this node knows of the market. Default: one of its own, over Store.
	Market *market.Market
	// Stake is what a provider has staked. Default: nothing.
	Stake func(provider msg.Account) msg.Amount
	// Patience is how long a provider may be out of reach before the job is given to another. Default 2 minutes.
	Patience time.Duration
	// Keep is how long what a submission needed and its outputs are kept beyond its challenge window. Default settle.Grace.
	Keep time.Duration
	// MaxReplay bounds the time for which this node runs an interval again itself, where nothing else decides who is wrong. Default 5
	// minutes.
	MaxReplay time.Duration
	// Log takes messages for the operator. Default none.
	Log *slog.Logger
}

// Consumer submits jobs.
type Consumer struct {
	cfg     Config
	journal journal
	books   sync.Mutex // what is remembered of providers
	// peers are those that said of late what they are, by how they are addressed.
	peers struct {
		sync.Mutex
		known map[string]known
	}
	// following are the jobs that somebody follows now.
	following sync.Map
	// background is what nobody waits for, but Close.
	background sync.WaitGroup
}

// New makes a consumer.
func New(cfg Config) (*Consumer, error) {
	if cfg.Identity == nil || cfg.Store == nil || cfg.Endpoint == nil || cfg.Settlement == nil {
		return nil, errors.New("consumer: needs an identity, a store, an endpoint and a settlement")
	}
	if cfg.Patience == 0 {
		cfg.Patience = 2 * time.Minute
	}
	if cfg.Keep == 0 {
		cfg.Keep = settle.Grace
	}
	if cfg.Clock < time.Second {
		cfg.Clock = time.Minute
	}
	if cfg.MaxReplay == 0 {
		cfg.MaxReplay = 5 * time.Minute
	}
	if cfg.Weight == nil {
		cfg.Weight = func(msg.Account) uint32 { return 1 }
	}
	if cfg.Trusted == nil {
		cfg.Trusted = func(msg.Account) bool { return true }
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Market == nil {
		var err error
		if cfg.Market, err = market.Open(cfg.Store, nil, nil, cfg.Log); err != nil {
			return nil, err
		}
	}
	c := &Consumer{cfg: cfg, journal: journal{cfg.Store.Journal("consumer/jobs"), cfg.Store.Journal("consumer/intervals")}}
	return c, errors.Join(c.expireRest(), c.bringRest())
}

// Request is a job to submit.
type Request struct {
	Job      *runtime.Job
	Require  msg.Requirements
	PriceCap msg.Amount
	Deadline time.Time
	Policy   msg.Policy
	// Validators is how many of them have to agree; -1 is as many as there are among the peers, at most 2. It becomes
	// part of Policy.
	Validators int
	// Replicas is how many providers run the job, each on its own. Default 1.
	Replicas int
	// Peers are addresses, HOST:PORT or ACCOUNT@HOST:PORT, of providers and validators in any order.
	Peers []string
	// Providers, if there are any, are the only ones that are offered the job; then Peers only check it.
	Providers []string
	// Times bound the parts of the time that a provider has; one that passes a part gives the job back and another goes on.
	Times msg.Times
	// KeepState is how often the newest committed state is fetched, for another provider to go on from. Default 10 s; negative is never:
	// then a job that is moved begins at its beginning.
	KeepState time.Duration
	// Reissue is how long a provider is watched before the job may be given to a faster one as well. Default 30 s; negative is never.
	Reissue time.Duration
	// Prefer is what bids are chosen by first. Default market.ByPrice.
	Prefer market.Preference
	// Bidding is how long providers may take to seal their bids; negative is open bids. Default: sealed where a job is paid or has a price
	// that it may not pass, and more than one provider is asked.
	Bidding time.Duration

	announcements []identity.Signed // of those peers
}

// Submission is what the journal has of a job: enough to go on with it.
type Submission struct {
	Spec       identity.Signed   `cbor:"1,keyasint"`
	Secret     msg.Hash          `cbor:"2,keyasint"` // this side's share of the beacon, private until there is a receipt
	Provider   msg.Account       `cbor:"3,keyasint"`
	Addr       string            `cbor:"4,keyasint"` // the provider's; empty before one was chosen
	Peers      []string          `cbor:"5,keyasint"`
	Intervals  []identity.Signed `cbor:"6,keyasint"` // in the journal in records of their own (journal.go)
	Receipt    *identity.Signed  `cbor:"7,keyasint,omitempty"`
	Created    int64             `cbor:"8,keyasint"`
	Over       string            `cbor:"9,keyasint"` // "", "accepted", "rejected", "failed", "cancelled", "moved", "superseded"
	Reason     string            `cbor:"10,keyasint"`
	Reconnects uint32            `cbor:"11,keyasint"`
	// Root is the first of the jobs that this one goes on from, itself if it is none's continuation; Earlier are those that the first of
	// Intervals were signed for, and Sources where their providers were.
	Root    msg.Hash          `cbor:"12,keyasint"`
	Earlier []identity.Signed `cbor:"13,keyasint,omitempty"`
	Sources []string          `cbor:"14,keyasint,omitempty"`
	// Kept are the manifests of the states that are here whole, by the interval that they are behind.
	Kept    map[uint64]msg.Blob `cbor:"15,keyasint,omitempty"`
	Keep    time.Duration       `cbor:"16,keyasint"` // Request.KeepState
	Reissue time.Duration       `cbor:"17,keyasint"` // Request.Reissue
	// Announcements are where the provider and the candidates said that they are (rpc.Announcement).
	Announcements []identity.Signed `cbor:"18,keyasint,omitempty"`
	// Brought says of a job that is over without having been judged that its witnesses have this side's share.
	Brought bool `cbor:"19,keyasint,omitempty"`
	// Bid is the provider's that was taken; Prefer and Bidding are the request's.
	Bid     *rpc.Bid          `cbor:"20,keyasint,omitempty"`
	Prefer  market.Preference `cbor:"21,keyasint,omitempty"`
	Bidding time.Duration     `cbor:"22,keyasint,omitempty"`
	// Agreement is what was agreed on with the provider; nil where nothing is paid.
	Agreement *rpc.Agreement `cbor:"23,keyasint,omitempty"`

	inline, written int // of Intervals: those in the submission's own record, and all that the journal has
}

// Event is something a person following a submission wants to know.
type Event struct {
	Job      msg.Hash
	Provider string // address
	Kind     string // "peers", "bid", "refusal", "chosen", "status", "lost", "back", "receipt", "sample", "promise", "verdict", "state", "witness", "dispute", "ruling", "moved", "slow"
	Text     string
	From     uint64 // of "chosen": the first interval that this provider computes itself
	Status   *rpc.JobStatus
	Verdict  *msg.Verdict
	Sample   []uint64
}

// Result is what a submission came to.
type Result struct {
	Job       msg.Hash        `json:"job"`
	Provider  msg.Account     `json:"provider"`
	Addr      string          `json:"address"`
	Receipt   msg.Receipt     `json:"receipt"`
	Outcome   *settle.Outcome `json:"outcome,omitempty"`
	Restarts  uint32          `json:"restarts"`   // times the provider went on from a checkpoint
	Reconnect uint32          `json:"reconnects"` // times this side lost it and found it again
	Intervals []msg.Interval  `json:"-"`
	Records   rpc.JobRecords  `json:"-"`
	// Opened is what validators said, each in its own signed words.
	Opened []rpc.Opened `json:"-"`
	// Disputes are what was proven against anybody, with what anybody can find the same by.
	Disputes []Disputed `json:"-"`
	// Rejected are the results before this one, of which something was found false: what was good of them was gone on from.
	Rejected []*Result `json:"-"`
}

// Errors of a submission that callers tell apart.
var (
	ErrNoBid    = errors.New("no provider took the job")
	ErrNoPeer   = errors.New("no peer could be reached")
	ErrRejected = errors.New("the result was not accepted")
	ErrGone     = errors.New("the provider cannot be reached any more")
	ErrBroken   = errors.New("the provider gave the job up")
	// ErrCancelled is that the consumer did so, here or elsewhere.
	ErrCancelled = fmt.Errorf("%w: it was cancelled", ErrRejected)
)

// node is a peer that answered.
type node struct {
	*peer.Peer
	account msg.Account
	info    rpc.NodeInfo
}

func (n *node) has(role string) bool {
	for _, r := range n.info.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// leave has a node not play a role here.
func (n *node) leave(role string) {
	n.info.Roles = slices.DeleteFunc(slices.Clone(n.info.Roles), func(r string) bool { return r == role })
}

// inTurn makes an event handler one that may be called from several goroutines, nil included.
func inTurn(event func(Event)) func(Event) {
	var mu sync.Mutex
	return func(e Event) {
		if event != nil {
			mu.Lock()
			defer mu.Unlock()
			event(e)
		}
	}
}

// meet asks every peer what it is, all at once.
func (c *Consumer) meet(ctx context.Context, addrs []string, event func(Event)) ([]*node, error) {
	type answer struct {
		n   *node
		err error
	}
	answers := make([]chan answer, len(addrs))
	for i, a := range addrs {
		answers[i] = make(chan answer, 1)
		go func() {
			ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
			defer cancel()
			addr, want, err := peer.Parse(a)
			if err != nil {
				answers[i] <- answer{err: err}
				return
			}
			p := peer.New(c.cfg.Endpoint, addr, want)
			info, account, err := c.info(ctx, a, p)
			if err == nil {
				if err := c.cfg.Market.Heard(account, info.Listing); err != nil {
					c.cfg.Log.Debug("a listing is not noted", "provider", account, "err", err)
				}
			}
			answers[i] <- answer{&node{p, account, info}, err}
		}()
	}
	var nodes []*node
	var faults []error
	for i := range addrs {
		a := <-answers[i]
		if a.err != nil {
			faults = append(faults, a.err)
			event(Event{Kind: "peers", Provider: addrs[i], Text: "no answer: " + a.err.Error()})
			continue
		}
		nodes = append(nodes, a.n)
	}
	if len(nodes) == 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%w: %w", ErrNoPeer, errors.Join(faults...))
	}
	return nodes, nil
}

// Submit runs a job on as many providers as the request has replicas and has each result checked by others. Where replicas
// disagree, the validators also replay the first interval in which they do. A provider that is lost, or whose result is found false, is
// replaced by another, which goes on from the last good state. Results are in no order; the error joins those of the replicas. Where a
// replica ends with an error after a provider was chosen it stays in the journal: Resume goes on with it.
func (c *Consumer) Submit(ctx context.Context, req Request, event func(Event)) ([]*Result, error) {
	event = inTurn(event)
	nodes, err := c.meet(ctx, req.Peers, event)
	if err != nil {
		return nil, err
	}
	if len(req.Providers) > 0 {
		for _, n := range nodes {
			n.leave("provider")
		}
		these, err := c.meet(ctx, req.Providers, event)
		if err != nil {
			return nil, err
		}
		for _, n := range these {
			n.leave("validator")
		}
		nodes = append(nodes, these...)
	}
	if nodes, err = c.enough(ctx, req, nodes, event); err != nil {
		return nil, err
	}
	req.Policy = c.policy(req, nodes)
	for _, n := range nodes {
		req.announcements = append(req.announcements, n.info.Announcement)
	}
	given := &taken{by: map[msg.Account]bool{}}
	replicas := make([]*replica, max(1, req.Replicas))
	for i := range replicas {
		replicas[i] = c.replica(ctx, req, nodes, given, event)
	}
	return c.conclude(ctx, replicas)
}

// conclude sees replicas through to results that are accepted, or that nobody can better.
func (c *Consumer) conclude(ctx context.Context, replicas []*replica) ([]*Result, error) {
	runs := make([]*run, len(replicas))
	errs := make([]error, len(replicas))
	var wg sync.WaitGroup
	for i, r := range replicas {
		wg.Go(func() { runs[i], errs[i] = r.next() })
	}
	wg.Wait()
	all := intervals(runs)
	results := make([]*Result, len(replicas))
	for i, r := range replicas {
		wg.Go(func() {
			defer func() { r.close(ctx.Err() == nil) }()
			if x := runs[i]; x != nil {
				results[i], errs[i] = r.judge(ctx, x, all)
			}
		})
	}
	wg.Wait()
	return slices.DeleteFunc(results, func(r *Result) bool { return r == nil }), errors.Join(errs...)
}

// judge has a run checked, and where something in it is found false the next one, and so on.
func (r *replica) judge(ctx context.Context, x *run, all [][]msg.Interval) (*Result, error) {
	var before []*Result
	for {
		err := r.c.judge(ctx, x, r.nodes, Disagreement(append(slices.Clone(all), x.said.Intervals)), r.event)
		x.res.Rejected = before
		if err == nil {
			r.c.learn(x)
		}
		if ctx.Err() != nil || !r.reject(x) {
			return x.res, err
		}
		r.event(Event{Job: x.res.Job, Provider: x.s.Addr, Kind: "moved", Text: x.s.Reason})
		next, nobody := r.next()
		if nobody != nil {
			return x.res, alone(err, nobody)
		}
		before, x = append(before, x.res), next
	}
}

// alone is an error of a job that nobody else takes up: what went wrong with it is the error, not that.
func alone(err, nobody error) error {
	if err == nil {
		return nobody
	}
	return fmt.Errorf("%w; nobody goes on with it: %v", err, nobody)
}

// policy completes a policy with the validators that answered: as candidates, never this node's own key.
func (c *Consumer) policy(req Request, nodes []*node) msg.Policy {
	p := req.Policy
	if p.Clock == 0 {
		p.Clock = uint32(c.cfg.Clock / time.Second)
	}
	p.Candidates = []msg.Candidate{}
	for _, n := range nodes {
		known := slices.ContainsFunc(p.Candidates, func(x msg.Candidate) bool { return x.Account == n.account })
		if !n.has("validator") || known || n.account == c.cfg.Identity.Account() || len(p.Candidates) == msg.MaxCandidates {
			continue
		}
		x := msg.Candidate{Account: n.account, Weight: c.cfg.Weight(n.account)}
		if len(n.info.Devices) > 0 {
			x.Device = n.info.Devices[0].Kind
		}
		if x.Weight == 0 {
			continue
		}
		p.Candidates = append(p.Candidates, x)
	}
	slices.SortFunc(p.Candidates, func(a, b msg.Candidate) int { return bytes.Compare(a.Account[:], b.Account[:]) })
	p.Validators = uint32(max(0, req.Validators))
	if req.Validators < 0 {
		p.Validators = uint32(min(2, c.able(&p, nodes)))
	}
	return p
}

// able is how many of a policy's candidates can judge, whoever gets the job: one of them may, where it is a provider too.
func (c *Consumer) able(p *msg.Policy, nodes []*node) int {
	for _, n := range nodes {
		if n.has("provider") && slices.ContainsFunc(p.Candidates, func(x msg.Candidate) bool { return x.Account == n.account }) {
			return len(p.Candidates) - 1
		}
	}
	return len(p.Candidates)
}

// weighed is a policy whose candidates weigh what they do by now: who was proven wrong about one job does not judge the next. auto says that
// as many are to judge as there are, at most as many as before.
func (c *Consumer) weighed(p msg.Policy, auto bool) msg.Policy {
	named := p.Candidates
	p.Candidates = []msg.Candidate{}
	for _, x := range named {
		if x.Weight = c.cfg.Weight(x.Account); x.Weight > 0 {
			p.Candidates = append(p.Candidates, x)
		}
	}
	if gone := len(named) - len(p.Candidates); auto && gone > 0 {
		p.Validators = min(p.Validators, uint32(len(p.Candidates)))
	}
	return p
}

// run is one replica on its way.
type run struct {
	s    *Submission
	spec *msg.JobSpec
	res  *Result
	said *claim.Claims
	// took is for how many seconds it was seen to run, over so much gas; 0 if that was not seen.
	took, gas, gpu float64

	// states are the manifests of the states that this consumer has whole, by the interval that they are behind: of this job and of those
	// that it goes on from.
	states map[uint64]msg.Blob
}

// Resume goes on with a submission from the journal: with the jobs of it that are under way, or with the next one where a provider was lost.
func (c *Consumer) Resume(ctx context.Context, job msg.Hash, event func(Event)) (*Result, error) {
	event = inTurn(event)
	s, spec, err := c.Find(job)
	if err != nil {
		return nil, err
	}
	tries, open, err := c.siblings(s.Root)
	if err != nil {
		return nil, err
	}
	moved := slices.ContainsFunc(tries, func(a *attempt) bool { return a.s.Over == "moved" })
	ended := slices.ContainsFunc(tries, func(a *attempt) bool { return a.s.Over == "accepted" || a.s.Over == "cancelled" })
	if ended || open == 0 && !moved {
		return nil, fmt.Errorf("job %s cannot be resumed: it was %s: %s", job, s.Over, s.Reason)
	}
	nodes, err := c.meet(ctx, s.Peers, event)
	if err != nil && !errors.Is(err, ErrNoPeer) {
		return nil, err
	}
	program, err := c.load(&spec.Program)
	if err != nil {
		return nil, err
	}
	req := Request{Job: program, Require: spec.Require, PriceCap: spec.PriceCap, Deadline: time.Unix(spec.Deadline, 0), Policy: spec.Policy,
		Peers: s.Peers, Times: spec.Times, KeepState: s.Keep, Reissue: s.Reissue, Prefer: s.Prefer, Bidding: s.Bidding, announcements: s.Announcements}
	r := c.replica(ctx, req, nodes, &taken{by: map[msg.Account]bool{}}, event)
	r.root = s.Root
	for _, a := range tries {
		r.given.take(a.s.Provider)
		if a.s.Over != "" {
			r.tries = append(r.tries, a)
			continue
		}
		if err := c.cfg.Store.Expire(owner(a.job), time.Time{}); err != nil {
			return nil, err
		}
		r.follow(a)
	}
	results, err := c.conclude(ctx, []*replica{r})
	if len(results) == 0 {
		return nil, err
	}
	return results[0], err
}

// siblings gives the jobs of one replica of a submission that went to a provider, and how many of them are under way.
func (c *Consumer) siblings(root msg.Hash) (all []*attempt, open int, _ error) {
	jobs, err := c.Jobs()
	if err != nil {
		return nil, 0, err
	}
	for _, job := range jobs {
		if s, err := c.journal.head(job); err != nil {
			return nil, 0, err
		} else if s.Root != root || s.Addr == "" {
			continue
		}
		s, spec, err := c.Find(job)
		if err != nil {
			return nil, 0, err
		}
		all = append(all, &attempt{c: c, s: s, spec: spec, job: job})
		if s.Over == "" {
			open++
		}
	}
	slices.SortFunc(all, func(a, b *attempt) int { return int(a.s.Created - b.s.Created) })
	return all, open, nil
}

func (c *Consumer) load(p *msg.Program) (*runtime.Job, error) {
	return runtime.LoadJob(p, func(b msg.Blob) ([]byte, error) { return store.ReadAll(c.cfg.Store, b, b.Size) })
}

// Find gives a submission from the journal.
func (c *Consumer) Find(job msg.Hash) (*Submission, *msg.JobSpec, error) {
	s, err := c.journal.load(job)
	if err != nil {
		return nil, nil, fmt.Errorf("job %s: %w", job, err)
	}
	var spec msg.JobSpec
	if err := msg.Decode(s.Spec.Body, &spec); err != nil {
		return nil, nil, err
	}
	return s, &spec, nil
}

// Jobs lists the submissions in the journal.
func (c *Consumer) Jobs() ([]msg.Hash, error) { return c.journal.jobs.Keys() }

// Output opens an output of a finished job.
func (c *Consumer) Output(o msg.Output) (io.ReadCloser, error) { return c.Open(o.Blob) }

// Open opens a blob of this node's store: an output, or the evidence of a dispute.
func (c *Consumer) Open(b msg.Blob) (io.ReadCloser, error) { return store.Stream(c.cfg.Store, b) }

// Cancel ends a job at its provider and in the journal.
func (c *Consumer) Cancel(ctx context.Context, job msg.Hash) (rpc.JobStatus, error) {
	s, _, err := c.Find(job)
	if err != nil {
		return rpc.JobStatus{}, err
	}
	if s.Addr == "" || s.Over != "" {
		return rpc.JobStatus{}, fmt.Errorf("job %s is over already: %s", job, s.Over)
	}
	st, err := c.Peer(s).Cancel(ctx, job)
	if err != nil {
		return st, err
	}
	return st, c.close(s, job, "cancelled", st.Error)
}

// Peer is the provider of a submission.
func (c *Consumer) Peer(s *Submission) *peer.Peer {
	return peer.New(c.cfg.Endpoint, s.Addr, &s.Provider)
}
