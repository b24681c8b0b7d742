// Package validator replays a sample of other providers' work and says, signed, what it found: valid, invalid with the
// first difference, or unavailable with what was missing.
package validator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
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
	// Log takes messages for the operator. Default none.
	Log *slog.Logger
}

// Validator checks jobs.
type Validator struct {
	cfg      Config
	verdicts store.Journal // of Findings, by job
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
	return &Validator{cfg: cfg, verdicts: cfg.Store.Journal("validator/verdicts")}, nil
}

// Findings is what a validator knows of a job: kept as evidence.
type Findings struct {
	Records  rpc.JobRecords    `cbor:"1,keyasint"`
	Sample   []uint64          `cbor:"2,keyasint"`
	Verdicts []identity.Signed `cbor:"3,keyasint"`
	Checked  int64             `cbor:"4,keyasint"` // Unix seconds
	// States are the manifests of states that intervals found invalid began in, by the interval before: what a dispute starts from.
	States map[uint64]msg.Blob `cbor:"5,keyasint"`
}

// Found gives what was found about a job before, or store.ErrNotFound.
func (v *Validator) Found(job msg.Hash) (*Findings, error) {
	var f Findings
	if err := v.verdicts.Get(job, &f); err != nil {
		return nil, err
	}
	return &f, nil
}

// Check draws a sample of a finished job and replays it, and the intervals in also. event, if not nil, hears of each step
// as it happens. The findings are kept.
func (v *Validator) Check(ctx context.Context, src Source, records rpc.JobRecords, also []uint64, event func(rpc.ValidateEvent)) (*Findings, error) {
	if event == nil {
		event = func(rpc.ValidateEvent) {}
	}
	f := &Findings{Records: records, Checked: time.Now().Unix(), Verdicts: []identity.Signed{}, States: map[uint64]msg.Blob{}}
	c, err := claim.Read(&records)
	var lie *claim.Inconsistent
	if errors.As(err, &lie) {
		verdict := msg.Verdict{Value: msg.Invalid, First: &msg.Difference{What: "record", Claimed: lie.Text}}
		return f, v.conclude(f, c, verdict, event)
	}
	if err != nil {
		return nil, err
	}
	src = patiently(src, &c.Spec.Policy)
	defer v.expire(c)
	n := uint64(len(c.Intervals))
	if v.cfg.Whole != nil && v.cfg.Whole(c.Receipt.Provider) {
		for i := range n {
			f.Sample = append(f.Sample, i)
		}
	} else {
		if c.Secret == nil {
			return nil, fmt.Errorf("job %s: the consumer's share of the beacon is missing: no sample can be drawn", c.Job)
		}
		seed := settle.Beacon(c.Job, *c.Secret, c.Receipt.Nonce, c.Receipt.Trace)
		f.Sample = settle.Sample(seed, v.cfg.Identity.Account(), n, c.Spec.Policy.SamplePPM)
	}
	for _, i := range also {
		if i >= n {
			return nil, fmt.Errorf("job %s has %d intervals, there is no interval %d", c.Job, n, i)
		}
		f.Sample = append(f.Sample, i)
	}
	slices.Sort(f.Sample)
	f.Sample = slices.Compact(f.Sample)
	event(rpc.ValidateEvent{Sample: f.Sample})
	job, err := v.load(ctx, src, c)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		for _, i := range f.Sample {
			if err := v.conclude(f, c, v.missing(i, "the module or an input", err), event); err != nil {
				return nil, err
			}
		}
		return f, nil
	}
	for _, i := range f.Sample {
		verdict, manifest, err := v.interval(ctx, src, c, job, i)
		if err != nil {
			return nil, err
		}
		if verdict.Value == msg.Invalid && manifest != nil {
			if f.States[i-1], err = v.cfg.Store.Put(ctx, owner(c.Job), bytes.NewReader(manifest)); err != nil {
				return nil, err
			}
		}
		if err := v.conclude(f, c, *verdict, event); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// conclude signs a verdict, keeps it and tells of it.
func (v *Validator) conclude(f *Findings, c *claim.Claims, verdict msg.Verdict, event func(rpc.ValidateEvent)) error {
	verdict.Version, verdict.Job, verdict.Receipt = 1, c.Job, msg.HashOf(c.Receipt)
	verdict.Validator, verdict.Device = v.cfg.Identity.Account(), v.cfg.Device.Name
	signed, err := v.cfg.Identity.Sign(verdict)
	if err != nil {
		return err
	}
	f.Verdicts = append(f.Verdicts, signed)
	if err := v.verdicts.Put(c.Job, *f); err != nil {
		return err
	}
	v.cfg.Log.Debug("verdict", "job", c.Job, "interval", verdict.Interval, "verdict", verdict.Value)
	event(rpc.ValidateEvent{Verdict: &signed})
	return nil
}

func (v *Validator) missing(interval uint64, what string, err error) msg.Verdict {
	return msg.Verdict{Interval: interval, Value: msg.Unavailable,
		Missing: fmt.Sprintf("%s, asked for at %s: %v", what, time.Now().UTC().Format(time.RFC3339), err)}
}

func owner(job msg.Hash) string { return "validator/" + job.String() }

// expire ends what was fetched for a job once its challenge window is over. A check that is killed before is asked for again.
func (v *Validator) expire(c *claim.Claims) {
	end := time.Now().Add(time.Duration(c.Spec.Policy.Window)*time.Second + v.cfg.Keep)
	if err := v.cfg.Store.Expire(owner(c.Job), end); err != nil {
		v.cfg.Log.Error("setting how long a job is kept", "job", c.Job, "err", err)
	}
}

// load fetches a job's module and inputs.
func (v *Validator) load(ctx context.Context, src Source, c *claim.Claims) (*runtime.Job, error) {
	pr := &c.Spec.Program
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
	if err := src.Fetch(ctx, v.cfg.Store, owner(c.Job), blobs); err != nil {
		return nil, err
	}
	return runtime.LoadJob(pr, v.blob)
}

// state fetches the state after an interval and checks every page of it against the root in the interval's record. It gives the table
// of pages too.
func (v *Validator) state(ctx context.Context, src Source, c *claim.Claims, interval uint64) (*state.Snapshot, []byte, error) {
	manifest, err := src.Manifest(ctx, rpc.StateRef{Job: c.Job, Interval: interval})
	if err != nil {
		return nil, nil, err
	}
	root := c.Intervals[interval].State
	hashes, _, err := state.Pages(manifest, root)
	if err != nil {
		return nil, nil, err
	}
	if err := src.FetchPages(ctx, v.cfg.Store, owner(c.Job), hashes); err != nil {
		return nil, nil, err
	}
	snap, err := state.Assemble(manifest, root, v.cfg.Store.GetPage)
	return snap, manifest, err
}

// interval replays one interval. It gives the manifest of the state that it began in, nil for the first.
func (v *Validator) interval(ctx context.Context, src Source, c *claim.Claims, job *runtime.Job, i uint64) (_ *msg.Verdict, manifest []byte, _ error) {
	var from *state.Snapshot
	said := runtime.Claim{Record: c.Intervals[i]}
	if i > 0 {
		var err error
		if from, manifest, err = v.state(ctx, src, c, i-1); err != nil {
			if ctx.Err() != nil {
				return nil, nil, ctx.Err()
			}
			m := v.missing(i, fmt.Sprintf("the state after interval %d", i-1), err)
			return &m, nil, nil
		}
		said.Prev = &c.Intervals[i-1]
	}
	got, err := v.replay(ctx, job, from, said)
	var unable *runtime.UnavailableError
	if errors.As(err, &unable) {
		m := v.missing(i, "time or memory to replay the interval", err)
		return &m, nil, nil
	}
	if err != nil {
		return nil, nil, err
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
			finer, err := v.replay(ctx, job, from, said)
			if err != nil {
				return nil, nil, err
			}
			if finer.Value == msg.Invalid {
				got = finer
			}
		}
	}
	if got.Value == msg.Valid && i == uint64(len(c.Intervals))-1 {
		if d := outputs(got.State, c.Receipt.Outputs); d != nil {
			got.Value, got.First = msg.Invalid, d
		}
	}
	if got.First != nil {
		got.First.Interval = &i
	}
	return &msg.Verdict{Interval: i, Value: got.Value, First: got.First, Missing: got.Missing}, manifest, nil
}

func (v *Validator) detail(ctx context.Context, src Source, c *claim.Claims, i uint64) (*trace.Detail, error) {
	b, err := src.Detail(ctx, rpc.StateRef{Job: c.Job, Interval: i})
	if err != nil {
		return nil, err
	}
	return trace.Decode(b)
}

// outputs compares what a receipt promises with what the final state holds.
func outputs(end *state.Snapshot, claimed []msg.Output) *msg.Difference {
	real := runtime.Outputs(end)
	for i := range max(len(real), len(claimed)) {
		var a, b string
		if i < len(claimed) {
			a = fmt.Sprintf("%s: %s, %d bytes", claimed[i].Name, claimed[i].Blob.Root, claimed[i].Blob.Size)
		}
		if i < len(real) {
			b = fmt.Sprintf("%s: %s, %d bytes", real[i].Name, real[i].Blob.Root, real[i].Blob.Size)
		}
		if a != b {
			return &msg.Difference{What: "output", Claimed: a, Computed: b}
		}
	}
	return nil
}

// replay runs on a device of its own; one that is lost is replaced once, the fault being nobody's.
func (v *Validator) replay(ctx context.Context, job *runtime.Job, from *state.Snapshot, said runtime.Claim) (*runtime.Verdict, error) {
	for try := 0; ; try++ {
		dev, err := v.cfg.OpenDevice(ctx)
		if err != nil {
			return nil, err
		}
		got, err := runtime.Replay(ctx, job, from, said, runtime.Options{Device: dev, MaxTime: v.cfg.MaxTime})
		dev.Close()
		var lost *kernels.LostError
		if errors.As(err, &lost) && try == 0 && ctx.Err() == nil {
			continue
		}
		return got, err
	}
}

// Opened gives the verdicts as messages.
func (f *Findings) Opened() []msg.Verdict {
	out := make([]msg.Verdict, 0, len(f.Verdicts))
	for _, signed := range f.Verdicts {
		var v msg.Verdict
		if msg.Decode(signed.Body, &v) == nil { // this node's own encoding
			out = append(out, v)
		}
	}
	return out
}
