// Package provider runs other people's jobs: it bids, runs what it was given up to a stated number of jobs at once, queues
// a stated number more, commits to the state after every interval as it goes, and answers for what it did.
//
// Everything acknowledged is on disk first. A provider killed at any moment takes up its jobs at their last checkpoint
// when it starts again, and comes to the same roots.
package provider

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"sort"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/checkpoint"
	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/market"
	"github.com/gwrun/gwrun/host/payment"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
)

// Config says how a provider works. Identity, Store, OpenDevice and Fetch are needed; zero values of the rest are the defaults.
type Config struct {
	Identity *identity.Identity
	Store    store.Store
	// OpenDevice opens the device a job runs on. Each job has its own.
	OpenDevice func(ctx context.Context) (kernels.Device, error)
	// Fetch brings blobs from a consumer that is connected into Store, pinned by owner.
	Fetch func(ctx context.Context, consumer msg.Account, owner string, blobs []msg.Blob) error
	// FetchPages brings pages of a state from a consumer that is connected, or from nodes at the addresses in sources, into Store,
	// pinned by owner. Without it jobs that go on from another provider's work are refused.
	FetchPages func(ctx context.Context, consumer msg.Account, sources []string, owner string, pages []msg.Hash) error
	// Device describes that device in bids.
	Device rpc.DeviceInfo
	// Market makes its prices and seals its bids. Default: it works for nothing.
	Market *market.Seller
	// Payee makes the terms of jobs that are paid, and keeps what consumers owe for them. Default: there is no market, it works for nothing.
	Payee *payment.Payee
	// Called hears of each tender that it is asked to bid on. It must not block.
	Called func(*market.Tender)
	// Region is the label that its operator gives it.
	Region string
	// Stake is what it has staked. Default: nothing.
	Stake func() msg.Amount
	// Benchmark is what was measured of its device, for as long as no job has shown it. Default: nothing was.
	Benchmark *rpc.Benchmark
	// MaxJobs run at once. Default 2.
	MaxJobs int
	// MaxQueue jobs wait beyond that; more are refused. Default 16. One consumer never gets all of it (mayHold).
	MaxQueue int
	// MaxIdle is how long a job waits for blobs that its consumer does not bring. Default 10 minutes.
	MaxIdle time.Duration
	// MaxWindow is the longest challenge window of a job: its states are kept for so long. Default 30 days.
	MaxWindow time.Duration
	// MaxMemory bounds a job's GPU buffers, WASM memory, outputs, log and shaders together, in bytes. Default 4 GiB. A run may
	// take some twice as much for a while, since what was committed is kept to be compared.
	MaxMemory uint64
	// MaxStep and MaxTime bound each step of a job, and the job's run altogether, by this machine's clock. A job that passes one
	// is given up as unavailable, which is no verdict about it. Defaults 6 and 48 hours; negative is no bound.
	MaxStep, MaxTime time.Duration
	// Keep is how long a finished job's states are kept beyond its challenge window. Default an hour.
	Keep time.Duration
	// Refuses says why no jobs of a consumer are taken, "" if there is no reason. Default: there is none.
	Refuses func(consumer msg.Account) string
	// Taken hears of a job that is given to this provider, each time it is, and of the announcements that come with it, Changed of one that has a receipt, when
	// it has and when the consumer's share of the beacon comes, Deceived of a share that is not what the consumer had committed itself to.
	// None of them may block.
	Taken    func(job msg.Hash, announcements []identity.Signed)
	Changed  func(job msg.Hash)
	Deceived func(job msg.Hash, spec, reveal identity.Signed)
	// Nonce chooses this provider's share of the beacon. Default: chance, as everybody should want it.
	Nonce func(*msg.JobSpec, *msg.Receipt) msg.Hash
	// Fault makes this provider lie, to test those who check it. Default none.
	Fault *runtime.Fault
	// Lies are more of that.
	Lies Lies
	// Log takes messages for the operator. Default none.
	Log *slog.Logger

	now func() time.Time // tests: the clock that journaled times are by
}

// Refusals, for callers that have to tell them apart.
var (
	ErrUnknown = errors.New("unknown job")
	ErrRefused = errors.New("refused")
)

// Provider is a running provider.
type Provider struct {
	cfg       Config
	journal   store.Journal // of record, by job
	intervals store.Journal // of intervalRecord, by job and index
	logs      store.Journal // of rpc.JobLog, by job
	priors    store.Journal // of prior, by job
	speeds    store.Journal // of speed, one record

	mu      sync.Mutex
	jobs    map[msg.Hash]*job
	queue   []*job
	running int
	closed  bool
	drain   drain
	counts  Counts
	speed   speed
	full    bool      // the disk was
	tried   time.Time // when that was seen last
	ctx     context.Context
	stop    context.CancelFunc
	work    sync.WaitGroup

	room   sync.Mutex // held while looking for room on the disk
	usage  store.Usage
	looked time.Time // when that was
}

// record is what the journal has of a job.
type record struct {
	Spec     identity.Signed  `cbor:"1,keyasint"`
	State    rpc.JobState     `cbor:"2,keyasint"`
	Created  int64            `cbor:"3,keyasint"`
	Done     uint64           `cbor:"4,keyasint"` // intervals committed
	Receipt  *identity.Signed `cbor:"5,keyasint,omitempty"`
	Reveal   *identity.Signed `cbor:"6,keyasint,omitempty"` // the consumer's share of the beacon
	Error    string           `cbor:"7,keyasint"`
	Restarts uint32           `cbor:"8,keyasint"`
	Ended    int64            `cbor:"9,keyasint"`  // Unix seconds
	Began    int64            `cbor:"10,keyasint"` // when it first ran; 0 before
}

// intervalRecord is what the journal has of one interval: the signed commitment and where its state is.
type intervalRecord struct {
	Commit identity.Signed `cbor:"1,keyasint"`
	State  checkpoint.Ref  `cbor:"3,keyasint"`
}

// job is a job in memory.
type job struct {
	hash     msg.Hash
	spec     msg.JobSpec
	rec      record
	progress runtime.Progress
	counted  counted
	log      []byte
	prior    *prior // what it goes on from, nil if it begins at its beginning
	fetching bool
	note     string             // why it waits
	timer    *time.Timer        // for the next of its times (due)
	fault    *runtime.Fault     // its own copy of Config.Fault
	cancel   context.CancelFunc // set while it runs
	drop     context.CancelFunc // set while what it is made of is fetched
	changed  chan struct{}      // closed and replaced on every change
	// One replay at a time answers questions about a finished job.
	answer sync.Mutex
	ready  *runtime.Job // for answering; made on demand
}

// lie is a job's own copy of the fault: a run changes it.
func (c *Config) lie() *runtime.Fault {
	if c.Fault == nil {
		return nil
	}
	f := *c.Fault
	return &f
}

// New takes up the jobs in cfg.Store and starts working on them.
func New(cfg Config) (*Provider, error) {
	if cfg.Identity == nil || cfg.Store == nil || cfg.OpenDevice == nil || cfg.Fetch == nil {
		return nil, errors.New("provider: needs an identity, a store, a device and a way to fetch")
	}
	if cfg.MaxJobs <= 0 {
		cfg.MaxJobs = 2
	}
	if cfg.MaxQueue <= 0 {
		cfg.MaxQueue = 16
	}
	if cfg.MaxMemory == 0 {
		cfg.MaxMemory = 4 << 30
	}
	if cfg.MaxStep == 0 {
		cfg.MaxStep = 6 * time.Hour
	}
	if cfg.MaxTime == 0 {
		cfg.MaxTime = 48 * time.Hour
	}
	if cfg.Keep == 0 {
		cfg.Keep = time.Hour
	}
	if cfg.MaxIdle == 0 {
		cfg.MaxIdle = 10 * time.Minute
	}
	if cfg.MaxWindow == 0 {
		cfg.MaxWindow = 30 * 24 * time.Hour
	}
	if cfg.now == nil {
		cfg.now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Market == nil {
		var err error
		if cfg.Market, err = market.NewSeller(cfg.Identity, market.Policy{}, nil, cfg.now); err != nil {
			return nil, err
		}
	}
	p := &Provider{cfg: cfg, journal: cfg.Store.Journal("provider/jobs"), intervals: cfg.Store.Journal("provider/intervals"),
		logs: cfg.Store.Journal("provider/logs"), priors: cfg.Store.Journal("provider/prior"), speeds: cfg.Store.Journal("provider/speed"),
		jobs: map[msg.Hash]*job{}}
	p.ctx, p.stop = context.WithCancel(context.Background())
	keys, err := p.journal.Keys()
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		j := &job{hash: k, changed: make(chan struct{}), fault: cfg.lie()}
		if err := p.journal.Get(k, &j.rec); err != nil {
			return nil, fmt.Errorf("provider: job %s: %w", k, err)
		}
		if err := msg.Decode(j.rec.Spec.Body, &j.spec); err != nil {
			return nil, fmt.Errorf("provider: job %s: %w", k, err)
		}
		if j.prior, err = p.priorOf(j); err != nil {
			return nil, fmt.Errorf("provider: job %s: %w", k, err)
		}
		p.jobs[k] = j
		if j.rec.State.Over() {
			p.expire(j) // again: the journal's record and the store's are two writes
		}
		if s := j.rec.State; s == rpc.StateQueued || s == rpc.StateRunning {
			j.rec.State = rpc.StateQueued
			p.queue = append(p.queue, j)
		}
	}
	if err := errors.Join(p.dropOrphans(), p.loadSpeed(), p.dropDues()); err != nil {
		return nil, fmt.Errorf("provider: %w", err)
	}
	// The oldest first, as they stood before.
	sort.Slice(p.queue, func(a, b int) bool { return p.queue[a].rec.Created < p.queue[b].rec.Created })
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.queue) > 0 {
		cfg.Log.Info("taking up jobs from before", "jobs", len(p.queue))
	}
	for _, j := range p.jobs {
		p.arm(j)
	}
	p.schedule()
	p.work.Go(p.tidy)
	return p, nil
}

// Close stops the jobs that run, at their last checkpoint, and waits for them.
func (p *Provider) Close() {
	p.mu.Lock()
	p.closed = true
	for _, j := range p.jobs {
		p.disarm(j)
	}
	p.mu.Unlock()
	p.stop()
	p.work.Wait()
}

// tidy forgets jobs that nobody can ask about any more.
func (p *Provider) tidy() {
	t := time.NewTicker(time.Minute)
	defer t.Stop()
	for {
		p.sweep()
		select {
		case <-p.ctx.Done():
			return
		case <-t.C:
		}
	}
}

// sweep forgets what can be forgotten now. What a job needs of the store goes when nobody can question it any more; that there was the job
// is known for as long as its consumer could start it again: a second receipt of one job would be a proof against this provider.
func (p *Provider) sweep() {
	now := p.cfg.now()
	p.mu.Lock()
	var over []*job
	for _, j := range p.jobs {
		if j.rec.State.Over() && p.until(j).Before(now) && time.Unix(j.spec.Deadline, 0).Before(now) {
			over = append(over, j)
			delete(p.jobs, j.hash)
		}
	}
	p.mu.Unlock()
	for _, j := range over {
		if err := p.forget(j); err != nil {
			p.cfg.Log.Error("forgetting a job", "job", j.hash, "err", err)
		}
	}
}

func (p *Provider) forget(j *job) error {
	var own []msg.Hash
	for i := j.first(); i < j.rec.Done; i++ {
		own = append(own, intervalKey(j.hash, i))
	}
	if err := p.intervals.Delete(own...); err != nil {
		return err
	}
	for _, journal := range []store.Journal{p.logs, p.journal, p.priors} { // a prior without a job is dropped at the next start
		if err := journal.Delete(j.hash); err != nil {
			return err
		}
	}
	return p.cfg.Store.Release(owner(j.hash))
}

// MaxMemory is the most bytes that one job may use here.
func (p *Provider) MaxMemory() uint64 { return p.cfg.MaxMemory }

func owner(job msg.Hash) string { return "provider/" + job.String() }

func intervalKey(job msg.Hash, index uint64) msg.Hash {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], index)
	h := sha256.New()
	h.Write([]byte("interval\x00"))
	h.Write(job[:])
	h.Write(b[:])
	return msg.Hash(h.Sum(nil))
}

// touch tells watchers that j changed. Called with mu held.
func (j *job) touch() {
	close(j.changed)
	j.changed = make(chan struct{})
}

// save writes j's record. Called with mu held: the journal and memory change together.
func (p *Provider) save(j *job) error {
	if err := p.journal.Put(j.hash, j.rec); err != nil {
		return err
	}
	j.touch()
	if j.rec.Receipt != nil && p.cfg.Changed != nil {
		p.cfg.Changed(j.hash)
	}
	return nil
}

func (p *Provider) find(h msg.Hash) (*job, error) {
	if j := p.jobs[h]; j != nil {
		return j, nil
	}
	return nil, fmt.Errorf("%w %s", ErrUnknown, h)
}

// status is what the provider says of j. Called with mu held.
func (p *Provider) status(j *job) rpc.JobStatus {
	s := rpc.JobStatus{Job: j.hash, State: j.rec.State, Intervals: j.rec.Done, Error: j.rec.Error, Restarts: j.rec.Restarts,
		Consumer: j.spec.Consumer, Created: j.rec.Created, Step: j.progress.Step, Fraction: j.progress.Fraction,
		Message: j.progress.Message, Gas: j.progress.Gas, GPUGas: j.progress.GPUGas, Device: p.cfg.Device.ID}
	if !(s.Fraction >= 0 && s.Fraction <= 1) { // a guest may report anything, a NaN too
		s.Fraction = 0
	}
	if j.rec.State == rpc.StateWaiting {
		s.Missing, s.Message = p.missing(&j.spec.Program), j.note
	}
	return s
}

func (p *Provider) missing(program *msg.Program) []msg.Blob {
	var out []msg.Blob
	for _, b := range wants(program) {
		if !p.cfg.Store.Has(b) {
			out = append(out, b)
		}
	}
	return out
}

// wants lists the blobs a program is made of, each once.
func wants(program *msg.Program) []msg.Blob {
	out := []msg.Blob{program.Module}
	seen := map[msg.Blob]bool{program.Module: true}
	for _, in := range program.Inputs {
		if !seen[in.Blob] {
			seen[in.Blob] = true
			out = append(out, in.Blob)
		}
	}
	return out
}

// Load counts jobs: running and queued.
func (p *Provider) Load() (running, queued int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running, len(p.queue)
}

// Bounds are the most jobs that run at once and that wait.
func (p *Provider) Bounds() (jobs, queue uint32) {
	return uint32(p.cfg.MaxJobs), uint32(p.cfg.MaxQueue)
}

// Status says where a job is.
func (p *Provider) Status(hash msg.Hash) (rpc.JobStatus, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	j, err := p.find(hash)
	if err != nil {
		return rpc.JobStatus{}, err
	}
	return p.status(j), nil
}

// List gives the status of every job, oldest first; with checkable only those a validator can check.
func (p *Provider) List(checkable bool) rpc.JobList {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := rpc.JobList{Jobs: []rpc.JobStatus{}}
	for _, j := range p.jobs {
		if !checkable || j.rec.Receipt != nil && j.rec.Reveal != nil {
			list.Jobs = append(list.Jobs, p.status(j))
		}
	}
	sort.Slice(list.Jobs, func(a, b int) bool {
		x, y := list.Jobs[a], list.Jobs[b]
		if x.Created != y.Created {
			return x.Created < y.Created
		}
		return x.Job.String() < y.Job.String()
	})
	return list
}

// Cancel ends a job that is not over. Only its consumer or the provider itself may.
func (p *Provider) Cancel(who msg.Account, hash msg.Hash) (rpc.JobStatus, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	j, err := p.find(hash)
	if err != nil {
		return rpc.JobStatus{}, err
	}
	if who != j.spec.Consumer && who != p.cfg.Identity.Account() {
		return rpc.JobStatus{}, fmt.Errorf("%w: job %s belongs to %s, not to %s", ErrRefused, hash, j.spec.Consumer, who)
	}
	if j.rec.State.Over() {
		return p.status(j), nil
	}
	if err := p.over(j, rpc.StateCancelled, "cancelled by "+who.String()); err != nil {
		return rpc.JobStatus{}, err
	}
	return p.status(j), nil
}

// Reveal takes the consumer's share of the beacon, which makes the job checkable.
func (p *Provider) Reveal(signed identity.Signed) (rpc.JobStatus, error) {
	var r rpc.Reveal
	if _, err := signed.Open(&r); err != nil {
		return rpc.JobStatus{}, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	j, err := p.find(r.Job)
	if err != nil {
		return rpc.JobStatus{}, err
	}
	if _, err := claim.Secret(&j.spec, &signed); err != nil {
		var lie *claim.FalseReveal
		if errors.As(err, &lie) && j.rec.Receipt != nil && p.cfg.Deceived != nil {
			p.cfg.Deceived(r.Job, j.rec.Spec, signed)
		}
		return rpc.JobStatus{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	switch {
	case j.rec.Receipt == nil:
		return rpc.JobStatus{}, fmt.Errorf("%w: job %s has no receipt yet; the share is revealed after it", ErrRefused, r.Job)
	case j.rec.Reveal == nil:
		j.rec.Reveal = &signed
		if err := p.save(j); err != nil {
			j.rec.Reveal = nil
			return rpc.JobStatus{}, err
		}
	}
	return p.status(j), nil
}

// Logs gives what a job's guest has logged so far.
func (p *Provider) Logs(hash msg.Hash) (rpc.JobLog, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	j, err := p.find(hash)
	if err != nil {
		return rpc.JobLog{}, err
	}
	l := rpc.JobLog{Text: j.log}
	if j.log == nil {
		if err := p.logs.Get(hash, &l); err != nil && !errors.Is(err, store.ErrNotFound) {
			return rpc.JobLog{}, err
		}
	}
	return l, nil
}

// Watch sends events until the job is over: every interval from the given one on, the status as it changes, the receipt. The end is told
// at once, what comes before it at a pace that suits a watcher: a guest may report progress every microsecond.
func (p *Provider) Watch(ctx context.Context, w rpc.Watch, send func(rpc.JobEvent) error) error {
	next := w.From
	pace := time.NewTicker(50 * time.Millisecond)
	defer pace.Stop()
	for {
		p.mu.Lock()
		j, err := p.find(w.Job)
		if err != nil {
			p.mu.Unlock()
			return err
		}
		status, changed, receipt, done, told := p.status(j), j.changed, j.rec.Receipt, j.rec.Done, j.progress
		p.mu.Unlock()
		for ; next < done; next++ {
			signed, err := p.signed(j, next)
			if err != nil {
				return err
			}
			if err := send(rpc.JobEvent{Interval: &signed}); err != nil {
				return err
			}
		}
		if err := send(rpc.JobEvent{Status: &status}); err != nil {
			return err
		}
		if status.State.Over() {
			if receipt != nil {
				return send(rpc.JobEvent{Receipt: receipt})
			}
			return nil
		}
		for news, due := false, false; !due || !news; {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-p.ctx.Done():
				return fmt.Errorf("%w: this provider is shutting down; the job goes on when it is back", ErrRefused)
			case <-changed:
			case <-pace.C:
				due = true
			}
			p.mu.Lock()
			// Both may have happened: what changed is asked, not which was heard of.
			news = news || j.changed != changed || j.progress != told
			due = due || j.rec.State.Over()
			changed = j.changed
			p.mu.Unlock()
		}
	}
}

// Records gives all a validator needs to begin checking a finished job.
func (p *Provider) Records(hash msg.Hash) (rpc.JobRecords, error) {
	p.mu.Lock()
	j, err := p.find(hash)
	if err != nil {
		p.mu.Unlock()
		return rpc.JobRecords{}, err
	}
	rec := j.rec
	p.mu.Unlock()
	if rec.Receipt == nil {
		return rpc.JobRecords{}, fmt.Errorf("%w: job %s is %s and has no receipt", ErrRefused, hash, rec.State)
	}
	out := rpc.JobRecords{Spec: rec.Spec, Receipt: *rec.Receipt, Reveal: rec.Reveal, Intervals: []identity.Signed{}}
	if j.prior != nil {
		out.Earlier = j.prior.Earlier
	}
	for i := range rec.Done {
		signed, err := p.signed(j, i)
		if err != nil {
			return rpc.JobRecords{}, err
		}
		out.Intervals = append(out.Intervals, signed)
	}
	return out, nil
}

func random() (h msg.Hash) {
	if _, err := rand.Read(h[:]); err != nil {
		panic(err) // crypto/rand never fails on the systems Go supports
	}
	return h
}
