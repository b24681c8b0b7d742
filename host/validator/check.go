// Package validator replays a sample of other providers' work and says, signed, what it found: valid, invalid with the
// first difference, or unavailable with what was missing.
package validator

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/gwrun/gwrun/host/claim"
	"github.com/gwrun/gwrun/host/settle"
	"github.com/gwrun/gwrun/host/store"
	"github.com/gwrun/gwrun/kernels"
	"github.com/gwrun/gwrun/proto/identity"
	"github.com/gwrun/gwrun/proto/msg"
	"github.com/gwrun/gwrun/proto/rpc"
	"github.com/gwrun/gwrun/runtime"
	"github.com/gwrun/gwrun/runtime/state"
	"github.com/gwrun/gwrun/runtime/trace"
)

// Source is where a validator gets what it checks: the provider, seen through a connection.
type Source interface {
	// Fetch brings blobs into the store, pinned by owner.
	Fetch(ctx context.Context, into store.Store, owner string, blobs []msg.Blob) error
	// FetchPages brings pages into the store, pinned by owner.
	FetchPages(ctx context.Context, into store.Store, owner string, pages []msg.Hash) error
	// Manifest, Detail and Buffer are the provider's answers (package rpc).
	Manifest(ctx context.Context, ref rpc.StateRef) ([]byte, error)
	Detail(ctx context.Context, ref rpc.StateRef) ([]byte, error)
	Buffer(ctx context.Context, ref rpc.BufferRef) ([]byte, error)
}

// Config says how a validator works. Identity, Store and OpenDevice are needed.
type Config struct {
	Identity   *identity.Identity
	Store      store.Store
	OpenDevice func(ctx context.Context) (kernels.Device, error)
	// Device describes that device in verdicts.
	Device rpc.DeviceInfo
	// MaxMemory bounds what is fetched for one job, module and inputs together, in bytes. Default 4 GiB.
	MaxMemory uint64
	// Whole says for a provider whether all its intervals are to be replayed rather than the sample the job's policy asks
	// for. Default: never.
	Whole func(provider msg.Account) bool
	// MaxTime bounds the replay of one interval by this machine's clock; passing it is the verdict unavailable. Default 6 hours;
	// negative is no bound.
	MaxTime time.Duration
	// Keep is how long what was fetched to check a job is kept beyond its challenge window. Default settle.Grace.
	Keep time.Duration
	// MaxChecks is how many jobs are checked at once; others wait. Default 2.
	MaxChecks int
	// Lies make this validator misbehave, to test the others. Default none.
	Lies Lies
	// Log takes messages for the operator. Default none.
	Log *slog.Logger
}

// Validator checks jobs.
type Validator struct {
	cfg      Config
	verdicts store.Journal // of Findings, by receipt
	slots    chan struct{} // holds something for each check that runs

	challenging sync.Mutex
	challenges  store.Journal // of challenged, by receipt

	mu     sync.Mutex
	jobs   map[msg.Hash]*turn // those that are being checked
	counts Counts
}

// New makes a validator.
func New(cfg Config) (*Validator, error) {
	if cfg.Identity == nil || cfg.Store == nil || cfg.OpenDevice == nil {
		return nil, errors.New("validator: needs an identity, a store and a device")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.MaxMemory == 0 {
		cfg.MaxMemory = 4 << 30
	}
	if cfg.MaxTime == 0 {
		cfg.MaxTime = 6 * time.Hour
	}
	if cfg.Keep == 0 {
		cfg.Keep = settle.Grace
	}
	if cfg.MaxChecks <= 0 {
		cfg.MaxChecks = 2
	}
	v := &Validator{cfg: cfg, verdicts: cfg.Store.Journal("validator/findings"), challenges: cfg.Store.Journal("validator/challenges"),
		slots: make(chan struct{}, cfg.MaxChecks), jobs: map[msg.Hash]*turn{}}
	return v, v.tidy()
}

// Event is one step of a check as it happens.
type Event struct {
	rpc.ValidateEvent
	// Verdict is what was found of an interval. It stays here until its time has come (Open).
	Verdict *msg.Verdict
}

// Check replays a finished job for this node itself, whoever was drawn: a sample of it, or all of a provider that it does not trust
// (Config.Whole), and the intervals in also. event, if not nil, hears of each step. The findings are kept, and nobody is told of them.
func (v *Validator) Check(ctx context.Context, src Source, records rpc.JobRecords, also []uint64, event func(Event)) (*Findings, error) {
	c, err := claim.Read(&records)
	var lie *claim.Inconsistent
	if err != nil && !errors.As(err, &lie) {
		return nil, err
	}
	leave, err := v.enter(ctx, c.Job)
	if err != nil {
		return nil, err
	}
	defer leave()
	f, err := v.findings(&records, c)
	if err != nil {
		return nil, err
	}
	if f.Promise != nil {
		return f, nil // it was drawn, and is bound to what it found then
	}
	k := &check{v: v, c: c, f: f, final: true, event: event, saved: time.Now()}
	if lie != nil {
		// Not kept: the same receipt may come again with records that fit it, of which this would be false. The records prove it by themselves.
		k.f = &Findings{Records: records, Verdicts: []identity.Signed{}, States: map[uint64]msg.Blob{}, Checked: time.Now().Unix()}
		return k.f, k.conclude(msg.Verdict{Value: msg.Invalid, First: &msg.Difference{What: "record", Claimed: lie.Text}})
	}
	k.sources = []Source{patiently(src, &c.Spec.Policy)}
	if v.cfg.Whole != nil && v.cfg.Whole(c.Receipt.Provider) {
		for i := range uint64(len(c.Intervals)) {
			also = append(also[:len(also):len(also)], i)
		}
	} else if c.Secret == nil {
		return nil, fmt.Errorf("job %s: the consumer's share of the beacon is missing: no sample can be drawn", c.Job)
	}
	if err := k.sample(also); err != nil {
		return nil, err
	}
	if err := k.run(ctx); err != nil {
		return nil, err
	}
	if err := v.keep(f, c); err != nil {
		return nil, err
	}
	return f, v.expire(f, c)
}

// check is one on its way.
type check struct {
	v       *Validator
	c       *claim.Claims
	f       *Findings
	sources []Source            // the provider first
	states  map[uint64]msg.Blob // manifests that the others have
	final   bool                // what is missing is unavailable
	event   func(Event)
	saved   time.Time
	passing bool // not kept
}

func (k *check) tell(e Event) {
	if k.event != nil {
		k.event(e)
	}
}

// sample is what this validator draws, if there is a beacon, and what it was asked for.
func (k *check) sample(also []uint64) error {
	c, n := k.c, uint64(len(k.c.Intervals))
	for _, i := range also {
		if i >= n {
			return fmt.Errorf("%w: job %s has %d intervals, there is no interval %d", ErrRefused, c.Job, n, i)
		}
	}
	k.f.Sample = slices.Clone(also)
	if c.Secret != nil {
		k.f.Sample = append(k.f.Sample, settle.Sample(seed(c), k.v.cfg.Identity.Account(), n, c.Spec.Policy.SamplePPM)...)
	}
	slices.Sort(k.f.Sample)
	k.f.Sample = slices.Compact(k.f.Sample)
	return nil
}

// missed is wrapped where intervals could not be checked and more sources may be found.
type missed struct{ intervals []uint64 }

func (m *missed) Error() string {
	return fmt.Sprintf("the data of %d intervals could not be had", len(m.intervals))
}

// saving is how often the findings of a check that takes long are written: a kill loses no more than that, and none that anybody knows of.
const saving = 5 * time.Second

// run replays what is left of the sample.
func (k *check) run(ctx context.Context) error {
	v, f := k.v, k.f
	// What was unavailable before may be there now.
	f.Verdicts = slices.DeleteFunc(f.Verdicts, func(signed identity.Signed) bool {
		var old msg.Verdict
		return msg.Decode(signed.Body, &old) != nil || old.Value == msg.Unavailable
	})
	have := map[uint64]bool{}
	for _, old := range f.Opened() {
		have[old.Interval] = true
	}
	k.tell(Event{ValidateEvent: rpc.ValidateEvent{Sample: f.Sample, Checked: uint64(len(have))}})
	job, err := v.load(ctx, k)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	gone := &missed{}
	k.saved = time.Now()
	for todo := slices.Clone(f.Sample); len(todo) > 0; {
		i := todo[0]
		todo = todo[1:]
		if have[i] {
			continue
		}
		have[i] = true
		var verdict *msg.Verdict
		var manifest []byte
		before := false
		if job == nil {
			m := v.missing(i, "the module or an input", err)
			verdict = &m
		} else if verdict, manifest, before, err = k.interval(ctx, job, i); err != nil {
			return err
		}
		if before {
			todo = append([]uint64{i - 1}, todo...) // which is where it shows what is wrong
		}
		if verdict.Value == msg.Unavailable && !k.final && !before {
			gone.intervals = append(gone.intervals, i)
			k.tell(Event{ValidateEvent: rpc.ValidateEvent{Note: fmt.Sprintf("interval %d: %s", i, verdict.Missing)}})
			continue
		}
		if v.cfg.Lies.Verdict != nil {
			v.cfg.Lies.Verdict(k.c.Receipt.Provider, verdict)
		}
		if verdict.Value == msg.Invalid && manifest != nil {
			if f.States[i-1], err = v.cfg.Store.Put(ctx, owner(k.c.Job), bytes.NewReader(manifest)); err != nil {
				return err
			}
		}
		if err := k.conclude(*verdict); err != nil {
			return err
		}
	}
	slices.SortFunc(f.Verdicts, func(a, b identity.Signed) int { return cmp.Compare(intervalOf(a), intervalOf(b)) })
	if len(gone.intervals) > 0 {
		return errors.Join(gone, v.keep(f, k.c), v.expire(f, k.c))
	}
	return nil
}

// intervalOf is the interval of a verdict of this node's own.
func intervalOf(signed identity.Signed) uint64 {
	var v msg.Verdict
	if msg.Decode(signed.Body, &v) != nil {
		return 0
	}
	return v.Interval
}

// conclude signs a verdict and adds it to the findings.
func (k *check) conclude(verdict msg.Verdict) error {
	v := k.v
	verdict.Version, verdict.Job, verdict.Receipt = 1, k.c.Job, msg.HashOf(k.c.Receipt)
	verdict.Validator, verdict.Device = v.cfg.Identity.Account(), v.cfg.Device.Name
	signed, err := v.cfg.Identity.Sign(verdict)
	if err != nil {
		return err
	}
	k.f.Verdicts = append(k.f.Verdicts, signed)
	v.concluded(verdict.Value)
	if !k.passing && time.Since(k.saved) > saving {
		if err := v.keep(k.f, k.c); err != nil {
			return err
		}
		k.saved = time.Now()
	}
	v.cfg.Log.Debug("verdict", "job", k.c.Job, "interval", verdict.Interval, "verdict", verdict.Value)
	k.tell(Event{Verdict: &verdict, ValidateEvent: rpc.ValidateEvent{Checked: uint64(len(k.f.Verdicts))}})
	return nil
}

func (v *Validator) missing(interval uint64, what string, err error) msg.Verdict {
	return msg.Verdict{Interval: interval, Value: msg.Unavailable,
		Missing: fmt.Sprintf("%s, asked for at %s: %v", what, time.Now().UTC().Format(time.RFC3339), err)}
}

func owner(job msg.Hash) string { return "validator/" + job.String() }

// load fetches a job's module and inputs from the first source that has them.
func (v *Validator) load(ctx context.Context, k *check) (*runtime.Job, error) {
	pr := &k.c.Spec.Program
	blobs := []msg.Blob{pr.Module}
	for _, in := range pr.Inputs {
		blobs = append(blobs, in.Blob)
	}
	left := v.cfg.MaxMemory
	for _, b := range blobs {
		if b.Size > left {
			return nil, fmt.Errorf("the job's module and inputs are larger than the %d bytes this validator takes", v.cfg.MaxMemory)
		}
		left -= b.Size
	}
	if err := k.each(ctx, func(src Source) error { return src.Fetch(ctx, v.cfg.Store, owner(k.c.Job), blobs) }); err != nil {
		return nil, err
	}
	return runtime.LoadJob(pr, v.blob)
}

// each asks one source after the other until one gives what is asked for.
func (k *check) each(ctx context.Context, ask func(Source) error) error {
	var faults []error
	for _, src := range k.sources {
		err := ask(src)
		if err == nil || ctx.Err() != nil {
			return err
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// state fetches the state after an interval and checks every page of it against the root in the interval's record. It gives the table
// of pages too.
func (k *check) state(ctx context.Context, interval uint64) (snap *state.Snapshot, manifest []byte, _ error) {
	v, root := k.v, k.c.Intervals[interval].State
	err := k.each(ctx, func(src Source) (err error) {
		if b, ok := k.states[interval]; ok && src != k.sources[0] {
			if err := src.Fetch(ctx, v.cfg.Store, owner(k.c.Job), []msg.Blob{b}); err != nil {
				return err
			}
			manifest, err = v.blob(b)
		} else {
			manifest, err = src.Manifest(ctx, rpc.StateRef{Job: k.c.Job, Interval: interval})
		}
		if err != nil {
			return err
		}
		hashes, _, err := state.Pages(manifest, root)
		if err != nil {
			return err
		}
		if err := src.FetchPages(ctx, v.cfg.Store, owner(k.c.Job), hashes); err != nil {
			return err
		}
		snap, err = state.Assemble(manifest, root, v.cfg.Store.GetPage)
		return err
	})
	return snap, manifest, err
}

// interval replays one interval. It gives the manifest of the state that it began in, nil for the first.
// before says that it could not even be begun, since what the record before it commits to is nothing to go on from: the lie is in that one.
func (k *check) interval(ctx context.Context, job *runtime.Job, i uint64) (_ *msg.Verdict, manifest []byte, before bool, _ error) {
	v, c, src := k.v, k.c, k.sources[0]
	var from *state.Snapshot
	said := runtime.Claim{Record: c.Intervals[i]}
	if i > 0 {
		var err error
		from, manifest, err = k.state(ctx, i-1)
		if err != nil && i < c.Prior() && ctx.Err() == nil {
			from, manifest, err = k.reach(ctx, job, i-1)
		}
		if err != nil {
			if ctx.Err() != nil {
				return nil, nil, false, ctx.Err()
			}
			m := v.missing(i, fmt.Sprintf("the state after interval %d", i-1), err)
			return &m, nil, false, nil
		}
		said.Prev = &c.Intervals[i-1]
	}
	// Whatever keeps this machine from replaying it, even a fault of its own that the job was made to find, is no reason to say nothing: a
	// juror that is silent is to blame.
	unable := func(err error) (*msg.Verdict, []byte, bool, error) {
		if ctx.Err() != nil {
			return nil, nil, false, ctx.Err()
		}
		m := v.missing(i, "what it takes to replay the interval here", err)
		return &m, nil, false, nil
	}
	if from != nil {
		if status, over := runtime.Ended(from); over {
			return &msg.Verdict{Interval: i, Value: msg.Invalid, First: &msg.Difference{What: "record", Interval: &i, Claimed: "another interval",
				Computed: fmt.Sprintf("the job was over before it (%s)", status)}}, manifest, false, nil
		}
	}
	got, err := v.replay(ctx, job, from, said)
	if err != nil {
		return unable(err)
	}
	if got.Before {
		// What is wrong is in the interval before, where it can be proven; of this one nothing is known, and nothing could be disputed.
		verdict, _, _, err := unable(fmt.Errorf("it cannot be begun: %s, claimed %s", got.First.Computed, got.First.Claimed))
		return verdict, nil, true, err
	}
	if got.Value == msg.Invalid {
		// What is claimed is wrong. Now ask the provider for its own account of the interval, to say where.
		if d, err := v.detail(ctx, src, c, i); err != nil {
			v.cfg.Log.Warn("no detail from the provider", "job", c.Job, "interval", i, "err", err)
		} else {
			said.Detail = d
			said.Buffer = func(ctx context.Context, step, call uint64, binding string) ([]byte, error) {
				return src.Buffer(ctx, rpc.BufferRef{Job: c.Job, Interval: i, Step: step, Call: call, Binding: binding})
			}
			switch finer, err := v.replay(ctx, job, from, said); {
			case ctx.Err() != nil, errors.Is(err, runtime.ErrDevice): // this device computes otherwise than the definition: it found nothing
				return unable(err)
			case err != nil:
				v.cfg.Log.Warn("the provider's detail leads nowhere", "job", c.Job, "interval", i, "err", err)
			case finer.Value == msg.Invalid:
				got = finer
			}
		}
	}
	if got.Value == msg.Valid && i == uint64(len(c.Intervals))-1 {
		if d := runtime.CompareReceipt(got.State, &c.Receipt); d != nil {
			got.Value, got.First = msg.Invalid, d
		}
	}
	if got.First != nil {
		got.First.Interval = &i
	}
	return &msg.Verdict{Interval: i, Value: got.Value, First: got.First, Missing: got.Missing}, manifest, false, nil
}

func (v *Validator) detail(ctx context.Context, src Source, c *claim.Claims, i uint64) (*trace.Detail, error) {
	b, err := src.Detail(ctx, rpc.StateRef{Job: c.Job, Interval: i})
	if err != nil {
		return nil, err
	}
	return trace.Decode(b)
}

// replay runs on a device of its own; one that is lost is replaced once, the fault being nobody's.
func (v *Validator) replay(ctx context.Context, job *runtime.Job, from *state.Snapshot, said runtime.Claim) (*runtime.Verdict, error) {
	for try := 0; ; try++ {
		dev, err := v.cfg.OpenDevice(ctx)
		if err != nil {
			return nil, err
		}
		idle := v.busy()
		got, err := runtime.Replay(ctx, job, from, said, runtime.Options{Device: dev, MaxTime: v.cfg.MaxTime})
		dev.Close()
		idle()
		var lost *kernels.LostError
		if errors.As(err, &lost) && try == 0 && ctx.Err() == nil {
			continue
		}
		return got, err
	}
}
