package shards_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gwrun/gwrun/host/consumer"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/shards"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

// town is a consumer's view of providers that behave as a test wants: they compute what they are given, take their time, lie, refuse
// or fall silent. It is in place of a network where a test is about who is given what.
type town struct {
	t         testing.TB
	store     store.Store
	providers []*worker
	// sampled says whether a validator finds a lie that it does not look for everywhere.
	sampled bool

	mu        sync.Mutex
	subs      map[msg.Hash]*consumer.Submission
	specs     map[msg.Hash]*msg.JobSpec
	cancelled map[msg.Hash]bool
	given     []string // "round 0, shard 1 to 2"
	whole     int      // submissions that were checked whole
}

type worker struct {
	number int
	pause  time.Duration                      // for each task
	act    func(w *worker, nth int) behaviour // nil is honest
	given  int
	gone   bool // it does not answer
}

type behaviour int

const (
	honest behaviour = iota
	lies
	hangs   // takes the task and is never heard of again; it answers still
	silent  // out of reach after it took the task
	away    // out of reach before
	refuses // no bid
	moves   // gives the job up
	blind   // nobody can check it
	dumb    // gives its receipt and then nothing that its validators want
)

func newTown(t testing.TB, n int) *town {
	w := &town{t: t, store: store.NewMemory(store.Options{}), subs: map[msg.Hash]*consumer.Submission{}, specs: map[msg.Hash]*msg.JobSpec{}, cancelled: map[msg.Hash]bool{}}
	for i := range n {
		w.providers = append(w.providers, &worker{number: i})
	}
	return w
}

func account(n int) msg.Account { return msg.Account{byte(n + 1)} }

func address(n int) string { return fmt.Sprintf("10.0.0.%d:1", n) }

func (w *town) peers() []string {
	out := []string{"10.0.1.1:1", "10.0.1.2:1"} // validators
	for i := range w.providers {
		out = append(out, address(i))
	}
	return out
}

func (w *town) info(_ context.Context, addr string) (rpc.NodeInfo, msg.Account, error) {
	for i := range w.providers {
		if addr == address(i) || addr == account(i).String()+"@"+address(i) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if w.providers[i].gone {
				return rpc.NodeInfo{}, msg.Account{}, errors.New("no answer")
			}
			return rpc.NodeInfo{Roles: []string{"provider"}}, account(i), nil
		}
	}
	if strings.HasPrefix(addr, "10.0.1.") {
		return rpc.NodeInfo{Roles: []string{"validator"}}, msg.Account{0xff, addr[7]}, nil
	}
	return rpc.NodeInfo{}, msg.Account{}, errors.New("nobody there")
}

func (w *town) scheduler() *shards.Scheduler {
	s, err := shards.New(shards.Config{Consumer: w, Store: w.store, Info: w.info})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *town) request() consumer.Request {
	return consumer.Request{Peers: w.peers(), Validators: -1, Deadline: time.Now().Add(time.Hour), Policy: msg.Policy{SamplePPM: 250_000, Window: 60}}
}

func (w *town) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.given = append(w.given, fmt.Sprintf(format, args...))
}

func (w *town) Submit(ctx context.Context, req consumer.Request, event func(consumer.Event)) ([]*consumer.Result, error) {
	var p *worker
	for i, x := range w.providers {
		if req.Peers[0] == account(i).String()+"@"+address(i) {
			p = x
		}
	}
	if p == nil || len(req.Peers) != 3 || req.Validators < 0 || req.Replicas > 1 {
		return nil, fmt.Errorf("a request for %v, want one provider, known, and two validators", req.Peers)
	}
	w.mu.Lock()
	p.given++
	b := honest
	if p.act != nil {
		b = p.act(p, p.given)
	}
	if req.Policy.SamplePPM == 1_000_000 {
		w.whole++
	}
	p.gone = b == away || b == silent
	w.mu.Unlock()
	switch b {
	case away:
		event(consumer.Event{Kind: "peers", Provider: req.Peers[0], Text: "no answer"})
		return nil, fmt.Errorf("%w: none of the 2 peers that answered is a provider", consumer.ErrNoBid)
	case refuses:
		return nil, fmt.Errorf("%w: queue: 16 jobs wait already", consumer.ErrNoBid)
	}
	var job msg.Hash
	rand.Read(job[:])
	w.mu.Lock()
	w.subs[job] = &consumer.Submission{Provider: account(p.number), Addr: address(p.number)}
	w.specs[job] = &msg.JobSpec{Program: req.Job.Program}
	w.mu.Unlock()
	w.note("%s to %d", strings.Join(req.Job.Program.Args, " "), p.number)
	event(consumer.Event{Kind: "chosen", Job: job, Provider: address(p.number)})
	res, err := w.work(ctx, p, b, job, req, event)
	if err == nil {
		w.over(job, "accepted")
	}
	if res == nil {
		return nil, err
	}
	return []*consumer.Result{res}, err
}

func (w *town) over(job msg.Hash, how string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.subs[job].Over = how
}

func (w *town) work(ctx context.Context, p *worker, b behaviour, job msg.Hash, req consumer.Request, event func(consumer.Event)) (*consumer.Result, error) {
	switch b {
	case hangs, silent:
		if b == silent {
			event(consumer.Event{Kind: "lost", Job: job, Text: "timeout"})
		}
		<-ctx.Done()
		return nil, ctx.Err()
	case moves:
		event(consumer.Event{Kind: "moved", Job: job, Text: "the provider gave the job up"})
		return nil, fmt.Errorf("%w: has been given the job already", consumer.ErrNoBid)
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(p.pause):
	}
	d, err := openCPU(ctx)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	local, err := runtime.Run(ctx, req.Job, runtime.Options{Device: d})
	if err != nil {
		return nil, err
	}
	res := &consumer.Result{Job: job, Provider: account(p.number), Addr: address(p.number), Receipt: local.Receipt, Intervals: local.Intervals}
	res.Receipt.Job, res.Receipt.Provider = job, account(p.number)
	if b == lies {
		res.Receipt.Trace[0] ^= 1
		res.Receipt.Outputs = nil
		for _, o := range local.Outputs {
			o.Data[0] ^= 1
			blob, err := w.store.Put(ctx, "town", bytes.NewReader(o.Data))
			if err != nil {
				return nil, err
			}
			res.Receipt.Outputs = append(res.Receipt.Outputs, msg.Output{Name: o.Name, Blob: blob})
		}
	} else {
		for _, o := range local.Outputs {
			if _, err := w.store.Put(ctx, "town", bytes.NewReader(o.Data)); err != nil {
				return nil, err
			}
		}
	}
	event(consumer.Event{Kind: "status", Job: job, Status: &rpc.JobStatus{Gas: res.Receipt.Gas, GPUGas: res.Receipt.GPUGas}})
	event(consumer.Event{Kind: "receipt", Job: job, Text: res.Receipt.Trace.String()})
	if b == dumb {
		<-ctx.Done()
		return res, ctx.Err()
	}
	if b == blind {
		w.over(job, "rejected")
		res.Outcome = &settle.Outcome{Reason: "the window closed with 0 valid and 2 unavailable verdicts, 2 wanted"}
		return res, fmt.Errorf("%w: %s", consumer.ErrRejected, res.Outcome.Reason)
	}
	if b == lies && (!w.sampled || req.Policy.SamplePPM == 1_000_000) && req.Validators > 0 {
		w.over(job, "rejected")
		res.Outcome = &settle.Outcome{Guilty: &res.Provider, Reason: "proven wrong"}
		return res, fmt.Errorf("%w: proven wrong", consumer.ErrRejected)
	}
	res.Outcome = &settle.Outcome{Accepted: true}
	return res, nil
}

func (w *town) Find(job msg.Hash) (*consumer.Submission, *msg.JobSpec, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.subs[job]
	if s == nil {
		return nil, nil, store.ErrNotFound
	}
	c := *s
	return &c, w.specs[job], nil
}

func (w *town) Resume(ctx context.Context, job msg.Hash, event func(consumer.Event)) (*consumer.Result, error) {
	s, spec, err := w.Find(job)
	if err != nil {
		return nil, err
	}
	j, err := runtime.LoadJob(&spec.Program, func(b msg.Blob) ([]byte, error) { return store.ReadAll(w.store, b, b.Size) })
	if err != nil {
		return nil, err
	}
	w.note("%s goes on", strings.Join(spec.Program.Args, " "))
	res, err := w.work(ctx, w.providers[s.Provider[0]-1], honest, job, consumer.Request{Job: j, Validators: 2}, event)
	if err == nil {
		w.over(job, "accepted")
	}
	return res, err
}

func (w *town) Cancel(_ context.Context, job msg.Hash) (rpc.JobStatus, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cancelled[job] = true
	if w.subs[job].Over == "" {
		w.subs[job].Over = "cancelled"
	}
	return rpc.JobStatus{State: rpc.StateCancelled}, nil
}
