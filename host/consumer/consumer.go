// Package consumer submits jobs to strangers: it asks for bids, chooses, sees the job through whatever happens to the
// provider, has a sample of the work replayed by validators, and takes the result only if they agree with it.
//
// A submission is in the journal before anybody hears of it, so that one interrupted at any moment can be resumed.
package consumer

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/claim"
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
	// Clock is how long a party of a dispute may take for each move. Default 1 minute.
	Clock time.Duration
	// Patience is how long a provider may be out of reach before the job is given to another. Default 2 minutes.
	Patience time.Duration
	// Log takes messages for the operator. Default none.
	Log *slog.Logger
}

// Consumer submits jobs.
type Consumer struct {
	cfg     Config
	journal store.Journal // of Submission, by job
}

// New makes a consumer.
func New(cfg Config) (*Consumer, error) {
	if cfg.Identity == nil || cfg.Store == nil || cfg.Endpoint == nil || cfg.Settlement == nil {
		return nil, errors.New("consumer: needs an identity, a store, an endpoint and a settlement")
	}
	if cfg.Patience == 0 {
		cfg.Patience = 2 * time.Minute
	}
	if cfg.Clock < time.Second {
		cfg.Clock = time.Minute
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Consumer{cfg: cfg, journal: cfg.Store.Journal("consumer/jobs")}, nil
}

// Request is a job to submit.
type Request struct {
	Job      *runtime.Job
	Require  msg.Requirements
	PriceCap uint64
	Deadline time.Time
	Policy   msg.Policy
	// Validators is how many of them have to agree; -1 is as many as there are among the peers, at most 2. It becomes
	// part of Policy.
	Validators int
	// Replicas is how many providers run the job, each on its own. Default 1.
	Replicas int
	// Peers are addresses, HOST:PORT or ACCOUNT@HOST:PORT, of providers and validators in any order.
	Peers []string
}

// Submission is what the journal has of a job: enough to go on with it.
type Submission struct {
	Spec       identity.Signed   `cbor:"1,keyasint"`
	Secret     msg.Hash          `cbor:"2,keyasint"` // this side's share of the beacon, private until there is a receipt
	Provider   msg.Account       `cbor:"3,keyasint"`
	Addr       string            `cbor:"4,keyasint"` // the provider's; empty before one was chosen
	Peers      []string          `cbor:"5,keyasint"`
	Intervals  []identity.Signed `cbor:"6,keyasint"`
	Receipt    *identity.Signed  `cbor:"7,keyasint,omitempty"`
	Created    int64             `cbor:"8,keyasint"`
	Over       string            `cbor:"9,keyasint"` // "", "accepted", "rejected", "failed", "cancelled", "moved"
	Reason     string            `cbor:"10,keyasint"`
	Reconnects uint32            `cbor:"11,keyasint"`
}

// Event is something a person following a submission wants to know.
type Event struct {
	Job      msg.Hash
	Provider string // address
	Kind     string // "peers", "bid", "refusal", "chosen", "status", "lost", "back", "receipt", "sample", "verdict", "dispute", "ruling", "moved"
	Text     string
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
	// Disputes are those that were led to their end, with what anybody can find the same by.
	Disputes []Disputed `json:"-"`
}

// Errors of a submission that callers tell apart.
var (
	ErrNoBid    = errors.New("no provider took the job")
	ErrNoPeer   = errors.New("no peer could be reached")
	ErrRejected = errors.New("the result was not accepted")
	ErrGone     = errors.New("the provider cannot be reached any more")
	ErrBroken   = errors.New("the provider gave the job up")
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
			info, account, err := p.Info(ctx)
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
// disagree, the validators also replay the first interval in which they do. Results are in no order; the error is that of
// the first replica that has one. Where a replica ends with an error after a provider was chosen it stays in the journal:
// Resume goes on with it.
func (c *Consumer) Submit(ctx context.Context, req Request, event func(Event)) ([]*Result, error) {
	event = inTurn(event)
	nodes, err := c.meet(ctx, req.Peers, event)
	if err != nil {
		return nil, err
	}
	req.Policy.Validators = uint32(max(0, req.Validators))
	if req.Validators < 0 {
		for _, n := range nodes {
			if n.has("validator") && req.Policy.Validators < 2 {
				req.Policy.Validators++
			}
		}
	}
	n := max(1, req.Replicas)
	given := &taken{by: map[msg.Account]bool{}}
	runs := make([]*run, n)
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { runs[i], errs[i] = c.place(ctx, req, nodes, given, event) })
	}
	wg.Wait()
	disputed := Disagreement(intervals(runs))
	for i, r := range runs {
		if r == nil {
			continue
		}
		wg.Go(func() { errs[i] = errors.Join(errs[i], c.judge(ctx, r, nodes, disputed, event)) })
	}
	wg.Wait()
	var results []*Result
	for _, r := range runs {
		if r != nil {
			results = append(results, r.res)
		}
	}
	return results, errors.Join(errs...)
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

// run is one replica on its way.
type run struct {
	s    *Submission
	spec *msg.JobSpec
	res  *Result
	said *claim.Claims

	invalid []found // what validators found invalid
}

// found is an interval that a validator found invalid.
type found struct {
	by       *node
	interval uint64
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

func owner(job msg.Hash) string { return "consumer/" + job.String() }

func (c *Consumer) close(s *Submission, job msg.Hash, over, reason string) error {
	s.Over, s.Reason = over, reason
	return c.journal.Put(job, *s)
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
		b, err := n.Offer(ctx, s.Spec, job)
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

// Resume goes on with a submission from the journal.
func (c *Consumer) Resume(ctx context.Context, job msg.Hash, event func(Event)) (*Result, error) {
	event = inTurn(event)
	s, spec, err := c.Find(job)
	if err != nil {
		return nil, err
	}
	if s.Addr == "" || s.Over != "" {
		return nil, fmt.Errorf("job %s cannot be resumed: it was %s: %s", job, s.Over, s.Reason)
	}
	nodes, err := c.meet(ctx, s.Peers, event)
	if err != nil && !errors.Is(err, ErrNoPeer) {
		return nil, err
	}
	r, err := c.see(ctx, s, spec, event)
	if err != nil {
		return nil, err
	}
	return r.res, c.judge(ctx, r, nodes, nil, event)
}

// Find gives a submission from the journal.
func (c *Consumer) Find(job msg.Hash) (*Submission, *msg.JobSpec, error) {
	var s Submission
	if err := c.journal.Get(job, &s); err != nil {
		return nil, nil, fmt.Errorf("job %s: %w", job, err)
	}
	var spec msg.JobSpec
	if err := msg.Decode(s.Spec.Body, &spec); err != nil {
		return nil, nil, err
	}
	return &s, &spec, nil
}

// Jobs lists the submissions in the journal.
func (c *Consumer) Jobs() ([]msg.Hash, error) { return c.journal.Keys() }

// see follows a job from its start to its receipt and outputs.
func (c *Consumer) see(ctx context.Context, s *Submission, spec *msg.JobSpec, event func(Event)) (*run, error) {
	job := msg.HashOf(*spec)
	if err := c.cfg.Settlement.Open(ctx, s.Spec, s.Provider); err != nil {
		return nil, err
	}
	prov := c.Peer(s)
	res := &Result{Job: job, Provider: s.Provider, Addr: s.Addr}
	if s.Receipt == nil {
		if err := c.follow(ctx, s, job, prov, res, event); err != nil {
			return nil, err
		}
	}
	res.Reconnect = s.Reconnects
	res.Records = rpc.JobRecords{Spec: s.Spec, Receipt: *s.Receipt, Intervals: s.Intervals, Secret: &s.Secret}
	said, err := claim.Read(&res.Records)
	if err != nil {
		var lie *claim.Inconsistent
		if errors.As(err, &lie) {
			err = fmt.Errorf("%w: the provider's own records contradict each other: %s", ErrRejected, lie.Text)
			return nil, errors.Join(err, c.close(s, job, "rejected", lie.Text))
		}
		return nil, fmt.Errorf("the provider's records: %w", err)
	}
	res.Receipt, res.Intervals = said.Receipt, said.Intervals
	event(Event{Job: job, Provider: s.Addr, Kind: "receipt", Text: said.Receipt.Trace.String()})
	if err := c.cfg.Settlement.Commit(ctx, *s.Receipt); err != nil {
		return nil, err
	}
	blobs := make([]msg.Blob, len(said.Receipt.Outputs))
	left := spec.Program.Limits.OutputBytes
	for i, o := range said.Receipt.Outputs {
		if o.Blob.Size > left {
			err := fmt.Errorf("%w: the receipt promises more than the %d bytes of output the job may write", ErrRejected, spec.Program.Limits.OutputBytes)
			return nil, errors.Join(err, c.close(s, job, "rejected", "outputs past the job's limit"))
		}
		left -= o.Blob.Size
		blobs[i] = o.Blob
	}
	if err := prov.Fetch(ctx, c.cfg.Store, owner(job), blobs); err != nil {
		return nil, fmt.Errorf("fetching the outputs: %w", err)
	}
	return &run{s: s, spec: spec, res: res, said: said}, nil
}

// judge opens the beacon, has the validators check and settles.
func (c *Consumer) judge(ctx context.Context, r *run, nodes []*node, disputed []uint64, event func(Event)) error {
	job := r.res.Job
	if err := c.cfg.Settlement.Reveal(ctx, job, r.s.Secret); err != nil {
		return err
	}
	if _, err := c.Peer(r.s).Reveal(ctx, job, r.s.Secret); err != nil {
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

// follow starts the job and watches it until there is a receipt. A provider that falls silent is waited for and found
// again; what it had committed to before must still stand.
func (c *Consumer) follow(ctx context.Context, s *Submission, job msg.Hash, prov *peer.Peer, res *Result, event func(Event)) error {
	silent := time.Time{} // since when
	for {
		err := c.once(ctx, s, job, prov, res, event, func() {
			if !silent.IsZero() {
				silent = time.Time{}
				s.Reconnects++
				event(Event{Job: job, Provider: s.Addr, Kind: "back", Text: "the provider is back; the job goes on"})
			}
		})
		switch {
		case err == nil:
			return c.journal.Put(job, *s)
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrBroken), errors.Is(err, ErrRejected), transport.HasCode(err, transport.BadRequest):
			return err
		}
		if silent.IsZero() {
			silent = time.Now()
			event(Event{Job: job, Provider: s.Addr, Kind: "lost", Text: err.Error()})
		}
		if time.Since(silent) > c.cfg.Patience {
			return fmt.Errorf("%w: silent for %s: %w", ErrGone, time.Since(silent).Round(time.Second), err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// once is one connection's worth of following.
func (c *Consumer) once(ctx context.Context, s *Submission, job msg.Hash, prov *peer.Peer, res *Result, event func(Event), back func()) error {
	if _, err := prov.Start(ctx, s.Spec); err != nil {
		return err
	}
	back()
	var last rpc.JobStatus
	err := prov.Watch(ctx, rpc.Watch{Job: job, From: uint64(len(s.Intervals))}, func(e rpc.JobEvent) error {
		switch {
		case e.Interval != nil:
			var ic rpc.IntervalCommit
			if err := e.Interval.OpenFrom(&ic, s.Provider); err != nil {
				return err
			}
			if ic.Job != job || ic.Record.Index != uint64(len(s.Intervals)) {
				return fmt.Errorf("%w: interval %d of job %s came where %d was wanted", ErrRejected, ic.Record.Index, ic.Job, len(s.Intervals))
			}
			s.Intervals = append(s.Intervals, *e.Interval)
			return c.journal.Put(job, *s)
		case e.Receipt != nil:
			s.Receipt = e.Receipt
		case e.Status != nil:
			last = *e.Status
			res.Restarts = last.Restarts
			event(Event{Job: job, Provider: s.Addr, Kind: "status", Status: e.Status})
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case last.State == rpc.StateBroken:
		return fmt.Errorf("%w: %s", ErrBroken, last.Error)
	case last.State == rpc.StateCancelled:
		c.close(s, job, "cancelled", last.Error)
		return fmt.Errorf("%w: %s", ErrRejected, last.Error)
	case s.Receipt == nil:
		return errors.New("the provider ended the watch without a receipt")
	}
	return nil
}

// Output opens an output of a finished job.
func (c *Consumer) Output(o msg.Output) (io.ReadCloser, error) { return c.Open(o.Blob) }

// Open opens a blob of this node's store: an output, or the evidence of a dispute.
func (c *Consumer) Open(b msg.Blob) (io.ReadCloser, error) {
	r, err := c.cfg.Store.Open(b)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.NewSectionReader(r, 0, int64(b.Size)), r}, nil
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
	sort.Slice(able, func(i, j int) bool {
		return settle.Order(seed, able[i].account) < settle.Order(seed, able[j].account)
	})
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
